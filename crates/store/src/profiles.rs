//! Profiles of customers as the platform knows them: which are due to be read, and what was read.

use loa_kernel::{ChannelId, ConversationId, CustomerId, IdentityId, Timestamp, WorkspaceId, fold_vi};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use serde_json::Value;

use crate::changes::NewChange;
use crate::channels::{ChannelKind, ChannelStatus};
use crate::customers::told::{Told, learn};
use crate::dialect::skip_locked;
use crate::entity::{channels, conversations, customer_identities as identities, customers};
use crate::labels::platform::taggings;
use crate::rows::{Put, update_rows};
use crate::{Result, Store, Tx};

/// The facts with exactly these tags on, in the form in which events keep them (each with its instant, the newest
/// statement wins); `None` when that is so already.
fn tagged(facts: &Value, tags: &[String], now: Timestamp) -> Option<Value> {
    let mut facts = facts.clone();
    let known = facts.as_object_mut()?.entry("tags").or_insert_with(|| serde_json::json!({}));
    let known = known.as_object_mut()?;
    let is_on = |value: &Value| value.get("on").and_then(Value::as_bool) == Some(true);
    let is_newer = |value: &Value| value.get("at").and_then(Value::as_i64).is_some_and(|at| at > now.0);
    let mut changed = false;
    let mut say = |entry: &mut Value, on: bool| {
        if is_on(entry) != on && !is_newer(entry) {
            *entry = serde_json::json!({ "on": on, "at": now.0 });
            changed = true;
        }
    };
    for (name, entry) in known.iter_mut() {
        say(entry, tags.contains(name));
    }
    for tag in tags {
        say(known.entry(tag.as_str()).or_insert(Value::Null), true);
    }
    changed.then_some(facts)
}

/// An address whose profile is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueProfile {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The address.
    pub identity: IdentityId,
    /// Its account.
    pub channel: ChannelId,
    /// The platform's id of the customer.
    pub external_id: String,
    /// Until when it is the claimer's.
    pub until: Timestamp,
}

/// What the platform tells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct News {
    /// The name to show.
    pub display_name: Option<String>,
    /// Picture.
    pub avatar_url: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Follows the account.
    pub is_follower: Option<bool>,
    /// The customer's id as the application sees it.
    pub app_user_id: Option<String>,
    /// The account's tags on the customer, all of them; `None`: not told.
    pub tags: Option<Vec<String>>,
    /// What is told by field; `None`: not asked, or not told.
    pub told: Option<Told>,
    /// Everything, as JSON.
    pub raw: Value,
}

/// The key in the stored profile under which the name that was shown is kept, so that the next one can tell
/// whether a member has changed it since.
const SHOWN_NAME: &str = "_shown_name";
/// The key under which what was told by field is kept, so that the next time shows what has changed.
const TOLD: &str = "_told";

/// Take at most `limit` addresses of connected accounts whose profile is due, for all workspaces (one worker
/// serves them all). Until `until` they are due for nobody else.
pub async fn claim(store: &Store, limit: u64, until: Timestamp, now: Timestamp) -> Result<Vec<DueProfile>> {
    if due(limit, now).one(store.reader()).await?.is_none() {
        return Ok(Vec::new());
    }
    let tx = store.begin().await?;
    let mut select = due(limit, now);
    skip_locked(QueryTrait::query(&mut select));
    let rows = select.all(&tx).await?;
    let keys = rows.iter().map(|r| vec![r.workspace_id.into(), r.id.into(), until.0.into()]).collect();
    use identities::Column;
    update_rows::<identities::Entity>(
        &tx,
        &[Column::WorkspaceId, Column::Id],
        &[(Column::ProfileDueAt, Put::Set)],
        keys,
    )
    .await?;
    tx.commit().await?;
    Ok(rows
        .into_iter()
        .map(|row| DueProfile {
            workspace: WorkspaceId(row.workspace_id),
            identity: IdentityId(row.id),
            channel: ChannelId(row.channel_id),
            external_id: row.external_id,
            until,
        })
        .collect())
}

pub(crate) fn due(limit: u64, now: Timestamp) -> sea_orm::Select<identities::Entity> {
    let connected = channels::Entity::find()
        .select_only()
        .column(channels::Column::Id)
        .filter(channels::Column::Status.eq(ChannelStatus::Connected.as_str()))
        .into_query();
    identities::Entity::find()
        .filter(identities::Column::ProfileDueAt.lte(now.0))
        .filter(identities::Column::ChannelId.in_subquery(connected))
        .order_by_asc(identities::Column::ProfileDueAt)
        .limit(limit)
}

/// The profile of a customer on an account is to be read at `at`, unless it is due before; false when the
/// account does not know the customer.
pub async fn mark_due(
    tx: &Tx,
    ws: WorkspaceId,
    channel: ChannelId,
    external_id: &str,
    at: Timestamp,
) -> Result<bool> {
    use identities::Column;
    let (_, identity, _) = crate::intake::ids_of(ws, channel, external_id);
    let later =
        sea_orm::Condition::any().add(Column::ProfileDueAt.is_null()).add(Column::ProfileDueAt.gt(at.0));
    identities::Entity::update_many()
        .col_expr(Column::ProfileDueAt, sea_orm::sea_query::Expr::value(at.0))
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::Id.eq(identity.0))
        .filter(later)
        .exec(tx)
        .await?;
    Ok(identities::Entity::find_by_id((ws.0, identity.0)).one(tx).await?.is_some())
}

/// The profile could not be read: it is due again at `again`, or no more. Leaves alone what was made due anew
/// meanwhile.
pub async fn put_off(tx: &Tx, claimed: &DueProfile, again: Option<Timestamp>) -> Result<()> {
    use identities::Column;
    identities::Entity::update_many()
        .col_expr(Column::ProfileDueAt, sea_orm::sea_query::Expr::value(again.map(|t| t.0)))
        .filter(Column::WorkspaceId.eq(claimed.workspace.0))
        .filter(Column::Id.eq(claimed.identity.0))
        .filter(Column::ProfileDueAt.eq(claimed.until.0))
        .exec(tx)
        .await?;
    Ok(())
}

/// Write down a profile; answers what changed, for [`crate::changes::append`].
///
/// A name that a member has given stays; so does a phone number. Whether the customer follows is taken unless
/// an event has said something newer.
pub async fn write(tx: &Tx, claimed: &DueProfile, news: &News, now: Timestamp) -> Result<Vec<NewChange>> {
    let ws = claimed.workspace;
    let found = identities::Entity::find_by_id((ws.0, claimed.identity.0)).lock_exclusive().one(tx).await?;
    let Some(identity) = found else { return Ok(Vec::new()) };
    let customer =
        customers::Entity::find_by_id((ws.0, identity.customer_id)).lock_exclusive().one(tx).await?;
    let Some(customer) = customer else { return Ok(Vec::new()) };

    let shown = identity.profile.get(SHOWN_NAME).and_then(Value::as_str).map(str::to_owned);
    let placeholder = crate::intake::placeholder_name(ChannelKind::Zalo.as_str(), &identity.external_id);
    let is_ours = customer.display_name == placeholder || shown.as_deref() == Some(&customer.display_name);
    let name = news.display_name.clone().filter(|name| is_ours && *name != customer.display_name);
    let phone = news.phone.clone().filter(|_| customer.phone.is_none());
    let avatar = news.avatar_url.clone().filter(|url| customer.avatar_url.as_ref() != Some(url));
    let follows = news.is_follower.filter(|follows| {
        identity.is_follower != Some(*follows) && identity.follow_changed_at.is_none_or(|at| at <= now.0)
    });

    // What is kept beside it needs a place, whatever the platform told.
    let mut profile = if news.raw.is_object() { news.raw.clone() } else { serde_json::json!({}) };
    if let (Some(map), Some(name)) = (profile.as_object_mut(), news.display_name.as_ref().or(shown.as_ref()))
    {
        map.insert(SHOWN_NAME.to_owned(), name.as_str().into());
    }
    let (customer_id, identity_id) = (CustomerId(customer.id), claimed.identity);
    let told_before = identity.profile.get(TOLD);
    let learned = match &news.told {
        Some(told) => {
            let (keep, changed) = learn(tx, ws, customer_id, identity_id, told, told_before, now).await?;
            if let Some(map) = profile.as_object_mut() {
                map.insert(TOLD.to_owned(), keep);
            }
            changed
        }
        None => {
            if let (Some(map), Some(before)) = (profile.as_object_mut(), told_before) {
                map.insert(TOLD.to_owned(), before.clone());
            }
            false
        }
    };
    let facts = news.tags.as_ref().and_then(|tags| tagged(&identity.facts, tags, now));
    let channel = ChannelId(identity.channel_id);
    let said = facts.as_ref().map(|after| taggings(customer_id, Some(&identity.facts), after));
    let still_ours = identity.profile_due_at == Some(claimed.until.0);
    let mut row = identity.into_active_model();
    row.profile = Set(profile);
    row.profile_fetched_at = Set(Some(now.0));
    if still_ours {
        row.profile_due_at = Set(None);
    }
    if let Some(app_user) = &news.app_user_id {
        row.app_user_id = Set(Some(app_user.clone()));
    }
    if follows.is_some() {
        row.is_follower = Set(follows);
        row.follow_changed_at = Set(Some(now.0));
    }
    let retagged = facts.is_some();
    if let Some(facts) = facts {
        row.facts = Set(facts);
    }
    row.updated_at = Set(now.0);
    row.update(tx).await?;

    let renamed = name.is_some() || phone.is_some() || avatar.is_some();
    if renamed {
        let mut row = customer.into_active_model();
        if let Some(name) = name {
            row.name_folded = Set(fold_vi(&name));
            row.display_name = Set(name);
        }
        if phone.is_some() {
            row.phone = Set(phone);
        }
        if avatar.is_some() {
            row.avatar_url = Set(avatar);
        }
        row.updated_at = Set(now.0);
        row.update(tx).await?;
    }
    if !renamed && follows.is_none() && !retagged && !learned {
        return Ok(Vec::new());
    }
    // The thread shows name, picture and whether the customer follows.
    let thread = conversations::Entity::find()
        .filter(conversations::Column::WorkspaceId.eq(ws.0))
        .filter(conversations::Column::IdentityId.eq(claimed.identity.0))
        .one(tx)
        .await?;
    // The account's tags are labels of the customer.
    let mut changed = crate::labels::platform::apply(tx, ws, &said.unwrap_or_default(), now).await?;
    changed.push(NewChange::customer(customer_id));
    changed.extend(thread.map(|t| NewChange::conversation(ConversationId(t.id), channel)));
    Ok(changed)
}
