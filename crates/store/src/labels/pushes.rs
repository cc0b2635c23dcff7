//! Labels that are written back to the platform as tags (platform reference §10).
//!
//! A row an address and label says what is wished: written by the transaction that changes what the customer carries, the
//! newest wish in the place of an older one. A row is taken with a lease and one call is made for it; the call may be
//! repeated, so one with an unknown outcome simply is. A wish that changed while its call was under way stays due, and
//! waits until that call has ended. What the platform says about an address and tag is left out while our own wish is due, and
//! when it is older than our wish ([`super::platform::apply`]): the platform is about to hear the opposite, or what it says
//! is the late echo of an older wish.

use std::collections::{HashMap, HashSet};

use loa_kernel::{ChannelId, CustomerId, IdentityId, LabelId, Timestamp, WorkspaceId, clip};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use crate::channels::ChannelStatus;
use crate::entity::{channels, customer_identities, label_pushes, labels};
use crate::lease;
use crate::rows::{in_chunks, insert_rows};
use crate::words::words;
use crate::{Result, Store, Tx};

/// The longest reason that is kept, in characters.
const MAX_REASON_CHARS: usize = 300;

words! {
    /// How far a wish is.
    PushState {
        /// To be told to the platform.
        Due = "due",
        /// The platform has it. Kept for a while, so that late echoes of older wishes are known.
        Done = "done",
        /// The platform refused for good; a new wish, or asking again, makes it due.
        Failed = "failed",
    }
}

/// Is this label written back? Unless an administrator decided otherwise, it is when it came from the platform.
pub fn is_pushed(row: &labels::Model) -> bool {
    row.pushed.unwrap_or(row.created_by.is_none())
}

/// Write down that these are put on, or taken off, on every address of theirs, where their labels are written back.
pub(crate) async fn wish(
    tx: &Tx,
    ws: WorkspaceId,
    known: &[labels::Model],
    pairs: &[(CustomerId, LabelId)],
    on: bool,
    now: Timestamp,
) -> Result<()> {
    use label_pushes::Column as C;
    let tags: HashMap<LabelId, &str> =
        known.iter().filter(|row| is_pushed(row)).map(|row| (LabelId(row.id), row.name.as_str())).collect();
    let pairs: Vec<(CustomerId, LabelId)> =
        pairs.iter().filter(|(_, label)| tags.contains_key(label)).copied().collect();
    if pairs.is_empty() {
        return Ok(());
    }
    let people: Vec<CustomerId> =
        pairs.iter().map(|(customer, _)| *customer).collect::<HashSet<_>>().into_iter().collect();
    let mut addresses: HashMap<Uuid, Vec<(Uuid, Uuid)>> = HashMap::new();
    for part in in_chunks(tx, &people, 1) {
        use customer_identities::Column as I;
        let rows: Vec<(Uuid, Uuid, Uuid)> = customer_identities::Entity::find()
            .select_only()
            .columns([I::CustomerId, I::Id, I::ChannelId])
            .filter(I::WorkspaceId.eq(ws.0))
            .filter(I::CustomerId.is_in(part.iter().map(|id| id.0)))
            .into_tuple()
            .all(tx)
            .await?;
        for (customer, identity, channel) in rows {
            addresses.entry(customer).or_default().push((identity, channel));
        }
    }
    let mut rows = Vec::with_capacity(pairs.len());
    for (customer, label) in pairs {
        for (identity, channel) in addresses.get(&customer.0).into_iter().flatten() {
            rows.push(label_pushes::Model {
                workspace_id: ws.0,
                identity_id: *identity,
                label_id: label.0,
                customer_id: customer.0,
                channel_id: *channel,
                tag: tags.get(&label).copied().unwrap_or_default().to_owned(),
                wished: on,
                wished_at: now.0,
                state: PushState::Due.as_str().to_owned(),
                attempts: 0,
                reason: None,
                due_at: now.0,
                lease_until_at: None,
            });
        }
    }
    rows.sort_unstable_by_key(|row| (row.identity_id, row.label_id));
    // The lease stays: the call that is under way ends first.
    let newest = OnConflict::columns([C::WorkspaceId, C::IdentityId, C::LabelId])
        .update_columns([C::Tag, C::Wished, C::WishedAt, C::State, C::Attempts, C::Reason, C::DueAt])
        .to_owned();
    insert_rows::<label_pushes::Entity>(tx, rows, Some(newest)).await?;
    Ok(())
}

/// What is wished about these customers, and since when; what is not told yet, since for ever.
pub(crate) async fn wished(
    tx: &Tx,
    ws: WorkspaceId,
    customers: &[CustomerId],
) -> Result<HashMap<(CustomerId, LabelId), Timestamp>> {
    use label_pushes::Column as C;
    let mut found: HashMap<(CustomerId, LabelId), Timestamp> = HashMap::new();
    for part in in_chunks(tx, customers, 2) {
        let rows: Vec<(Uuid, Uuid, String, i64)> = label_pushes::Entity::find()
            .select_only()
            .columns([C::CustomerId, C::LabelId, C::State, C::WishedAt])
            .filter(C::WorkspaceId.eq(ws.0))
            .filter(C::CustomerId.is_in(part.iter().map(|id| id.0)))
            // Literally as the partial index has it; below too.
            .filter(Expr::cust("state IN ('due', 'done')"))
            .into_tuple()
            .all(tx)
            .await?;
        for (customer, label, state, at) in rows {
            let since = if state == PushState::Due.as_str() { Timestamp(i64::MAX) } else { Timestamp(at) };
            let have = found.entry((CustomerId(customer), LabelId(label))).or_insert(since);
            *have = since.max(*have);
        }
    }
    Ok(found)
}

/// Forget wishes that the platform has had since before `before`, at most `limit` in this call. Answers how many.
pub async fn prune(tx: &Tx, ws: WorkspaceId, before: Timestamp, limit: u64) -> Result<u64> {
    use label_pushes::Column as C;
    let old = label_pushes::Entity::find()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(Expr::cust("state = 'done'"))
        .filter(C::WishedAt.lt(before.0))
        .order_by_asc(C::WishedAt)
        .limit(limit)
        .all(tx)
        .await?;
    for row in &old {
        label_pushes::Entity::delete_by_id((row.workspace_id, row.identity_id, row.label_id))
            .exec(tx)
            .await?;
    }
    Ok(old.len() as u64)
}

/// A wish, taken to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuePush {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The account.
    pub channel: ChannelId,
    /// The address.
    pub identity: IdentityId,
    /// Whose.
    pub customer: CustomerId,
    /// The platform's id of the address; `None`: it is gone.
    pub external_id: Option<String>,
    /// The label.
    pub label: LabelId,
    /// The tag.
    pub tag: String,
    /// It is to be there.
    pub wished: bool,
    /// Calls that failed since it was wished.
    pub attempts: u32,
    wished_at: i64,
}

/// Take at most `limit` wishes of connected accounts, the oldest first; until `until` nobody else gets them. Crosses
/// workspaces: one worker serves all.
pub async fn claim(store: &Store, limit: u64, until: Timestamp, now: Timestamp) -> Result<Vec<DuePush>> {
    use label_pushes::Column as C;
    let keys = [C::WorkspaceId, C::IdentityId, C::LabelId];
    let key = |row: &label_pushes::Model| {
        vec![row.workspace_id.into(), row.identity_id.into(), row.label_id.into()]
    };
    let rows = lease::claim(store, due(limit, now), &keys, C::LeaseUntilAt, until, key).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.identity_id).collect();
    let mut names: HashMap<Uuid, String> = HashMap::new();
    for part in in_chunks(store.reader(), &ids, 1) {
        use customer_identities::Column as I;
        let found: Vec<(Uuid, String)> = customer_identities::Entity::find()
            .select_only()
            .columns([I::Id, I::ExternalId])
            .filter(I::Id.is_in(part.iter().copied()))
            .into_tuple()
            .all(store.reader())
            .await?;
        names.extend(found);
    }
    let push = |row: label_pushes::Model| DuePush {
        workspace: WorkspaceId(row.workspace_id),
        channel: ChannelId(row.channel_id),
        identity: IdentityId(row.identity_id),
        customer: CustomerId(row.customer_id),
        external_id: names.remove(&row.identity_id).inspect(|name| {
            // Two labels of one address.
            names.insert(row.identity_id, name.clone());
        }),
        label: LabelId(row.label_id),
        tag: row.tag,
        wished: row.wished,
        attempts: u32::try_from(row.attempts).unwrap_or(0),
        wished_at: row.wished_at,
    };
    Ok(rows.into_iter().map(push).collect())
}

pub(crate) fn due(limit: u64, now: Timestamp) -> Select<label_pushes::Entity> {
    use label_pushes::Column as C;
    let connected = channels::Entity::find()
        .select_only()
        .column(channels::Column::Id)
        .filter(channels::Column::Status.eq(ChannelStatus::Connected.as_str()))
        .into_query();
    label_pushes::Entity::find()
        // Literally as the partial index has it.
        .filter(Expr::cust("state = 'due'"))
        .filter(C::DueAt.lte(now.0))
        .filter(lease::is_free(C::LeaseUntilAt, now))
        .filter(C::ChannelId.in_subquery(connected))
        .order_by_asc(C::DueAt)
        .limit(limit)
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// The platform has it.
    Done,
    /// To be tried again at this time.
    Again(Timestamp, String),
    /// Refused for good.
    Failed(String),
}

/// Write down what became of the call for a wish. A wish that is newer by now stays due. True when something is to be told
/// to members: a refusal, or the end of one.
pub async fn settle(tx: &Tx, push: &DuePush, pushed: &Pushed) -> Result<bool> {
    use label_pushes::Column as C;
    let this = |push: &DuePush| {
        sea_orm::Condition::all()
            .add(C::WorkspaceId.eq(push.workspace.0))
            .add(C::IdentityId.eq(push.identity.0))
            .add(C::LabelId.eq(push.label.0))
    };
    let same = |push: &DuePush| this(push).add(C::WishedAt.eq(push.wished_at)).add(C::Wished.eq(push.wished));
    // Whatever is wished now may be told now.
    label_pushes::Entity::update_many()
        .col_expr(C::LeaseUntilAt, Expr::value(None::<i64>))
        .filter(this(push))
        .exec(tx)
        .await?;
    let told = match pushed {
        Pushed::Done => {
            label_pushes::Entity::update_many()
                .col_expr(C::State, Expr::value(PushState::Done.as_str()))
                .col_expr(C::Reason, Expr::value(None::<String>))
                .filter(same(push))
                .exec(tx)
                .await?;
            false
        }
        Pushed::Again(at, reason) => {
            label_pushes::Entity::update_many()
                .col_expr(C::Attempts, Expr::value(i32::try_from(push.attempts + 1).unwrap_or(i32::MAX)))
                .col_expr(C::Reason, Expr::value(clip(reason, MAX_REASON_CHARS)))
                .col_expr(C::DueAt, Expr::value(at.0))
                .filter(same(push))
                .exec(tx)
                .await?;
            false
        }
        Pushed::Failed(reason) => {
            let failed = label_pushes::Entity::update_many()
                .col_expr(C::State, Expr::value(PushState::Failed.as_str()))
                .col_expr(C::Reason, Expr::value(clip(reason, MAX_REASON_CHARS)))
                .filter(same(push))
                .exec(tx)
                .await?;
            failed.rows_affected > 0
        }
    };
    Ok(told)
}

/// A wish that the platform refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedPush {
    /// Whose.
    pub customer: CustomerId,
    /// On which account.
    pub channel: ChannelId,
    /// Which label.
    pub label: LabelId,
    /// It was to be there.
    pub wished: bool,
    /// The platform's words.
    pub reason: String,
}

/// What the platform refused about these customers.
pub async fn failed_of(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    customers: &[CustomerId],
) -> Result<Vec<FailedPush>> {
    use label_pushes::Column as C;
    let mut failed = Vec::new();
    for part in in_chunks(conn, customers, 2) {
        let rows = label_pushes::Entity::find()
            .filter(C::WorkspaceId.eq(ws.0))
            .filter(C::CustomerId.is_in(part.iter().map(|id| id.0)))
            .filter(Expr::cust("state = 'failed'"))
            .all(conn)
            .await?;
        failed.extend(rows.into_iter().map(|row| FailedPush {
            customer: CustomerId(row.customer_id),
            channel: ChannelId(row.channel_id),
            label: LabelId(row.label_id),
            wished: row.wished,
            reason: row.reason.unwrap_or_default(),
        }));
    }
    // Not by the database, which would then go along the key of the whole workspace.
    failed.sort_unstable_by_key(|failed| (failed.customer, failed.channel, failed.label));
    Ok(failed)
}

/// How many wishes of each label were refused; labels without any are not in it.
pub async fn failed_counts(conn: &impl ConnectionTrait, ws: WorkspaceId) -> Result<HashMap<LabelId, u64>> {
    use label_pushes::Column as C;
    let rows: Vec<(Uuid, i64)> = label_pushes::Entity::find()
        .select_only()
        .column(C::LabelId)
        .column_as(Expr::cust("COUNT(*)"), "n")
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(Expr::cust("state = 'failed'"))
        .group_by(C::LabelId)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|(id, n)| (LabelId(id), u64::try_from(n).unwrap_or(0))).collect())
}

/// Tell the platform again what it refused about a label. Answers how many wishes.
pub async fn again(tx: &Tx, ws: WorkspaceId, label: LabelId, now: Timestamp) -> Result<u64> {
    use label_pushes::Column as C;
    let done = label_pushes::Entity::update_many()
        .col_expr(C::State, Expr::value(PushState::Due.as_str()))
        .col_expr(C::Attempts, Expr::value(0))
        .col_expr(C::DueAt, Expr::value(now.0))
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::LabelId.eq(label.0))
        .filter(Expr::cust("state = 'failed'"))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Nothing more is to be told about a label.
pub async fn forget(tx: &Tx, ws: WorkspaceId, label: LabelId) -> Result<()> {
    use label_pushes::Column as C;
    label_pushes::Entity::delete_many()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::LabelId.eq(label.0))
        .exec(tx)
        .await?;
    Ok(())
}
