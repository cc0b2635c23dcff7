//! People, their addresses on channels, and the facts about an address that the rule book asks for.

pub mod contacts;
pub mod details;
pub mod events;
pub mod fields;
pub mod groups;
pub mod imports;
pub mod merge;
pub mod records;
pub mod select;
pub mod told;

use std::collections::{HashMap, HashSet};

use loa_kernel::{CustomerId, IdentityId, Timestamp, WorkspaceId, fold_vi, words_vi};
use loa_rulebook::{ChannelFacts, EditionChoice, Library, PlatformReply, RecipientFacts, ReplyLeft, decide};
use sea_orm::sea_query::{Condition, Expr, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::conversations::Visibility;
use crate::entity::{conversations, customer_identities, customers};
use crate::rows::{in_chunks, rows_of_keys};
use crate::search::{Found, PHONE_DIGITS, People};
use crate::{Result, StoreError, Tx};

/// The digits of a number that somebody types who knows all of it.
const WHOLE_NUMBER_DIGITS: usize = 9;

/// What customers are looked for by: words of the name by their beginnings, without diacritics, or a part of the phone
/// number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    names: Vec<String>,
    phone: Option<String>,
}

impl Search {
    /// From what was typed; `None` when that is blank. Who does not see phone numbers whole (`unmasked` false)
    /// finds one only by typing all of it; otherwise they could find it out digit by digit.
    pub fn new(typed: &str, unmasked: bool) -> Option<Self> {
        let names = words_vi(typed).into_iter().map(|word| word.folded).collect();
        let phone = phone_part(typed).filter(|digits| unmasked || digits.len() >= WHOLE_NUMBER_DIGITS);
        let blank = typed.chars().all(|c| c.is_whitespace() || c == '\0');
        (!blank).then_some(Self { names, phone })
    }

    /// Does it find this customer? Pure.
    pub fn finds(&self, row: &customers::Model) -> bool {
        let by_phone = match (&self.phone, &row.phone) {
            (Some(digits), Some(phone)) => phone.contains(digits),
            _ => false,
        };
        by_phone
            || (!self.names.is_empty() && {
                let words = words_vi(&row.display_name);
                self.names.iter().all(|name| words.iter().any(|word| word.folded.starts_with(name)))
            })
    }

    /// Customers that the index knows.
    pub async fn find(&self, conn: &impl ConnectionTrait, ws: WorkspaceId) -> Result<Found> {
        self.people().find(conn, ws).await
    }

    pub(crate) fn people(&self) -> People<'_> {
        People { names: &self.names, phone: self.phone.as_deref() }
    }
}

/// The digits of a part of a Vietnamese phone number, without the trunk 0 or the country code, which are written
/// either way; `None` when `text` has anything but digits and the usual marks, or too few digits.
pub fn phone_part(text: &str) -> Option<String> {
    if !text.chars().all(|c| c.is_ascii_digit() || " +.-()".contains(c)) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let international = text.trim_start().starts_with('+');
    let bare = match digits.strip_prefix("84") {
        Some(rest) if international || digits.len() >= 11 => rest,
        _ => digits.strip_prefix('0').unwrap_or(&digits),
    };
    (bare.len() >= PHONE_DIGITS).then(|| bare.to_owned())
}

/// A place in the list: after the customer with this folded name and id.
pub type Position = (String, CustomerId);

/// At most `limit` customers by folded name, that `search` finds. Of a search that finds thousands, some.
///
/// A customer is seen by whoever sees one of the channels they have an address on; with
/// [`Visibility::only_assignee`] by whoever has one of their threads.
pub async fn list(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    visibility: &Visibility,
    search: Option<&Search>,
    after: Option<&Position>,
    limit: u64,
) -> Result<Vec<customers::Model>> {
    use customers::Column;
    let select =
        customers::Entity::find().filter(Column::WorkspaceId.eq(ws.0)).filter(visible(ws, visibility));
    if let Some(search) = search {
        let (Found::Few(ids) | Found::Many(ids)) = search.find(conn, ws).await?;
        let mut rows = Vec::new();
        for ids in in_chunks(conn, &ids, 100) {
            let these = select.clone().filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
            rows.extend(these.all(conn).await?);
        }
        // Ordered here and not by the database, whose order depends on its collation, so that pages fit together.
        let place = |row: &customers::Model| (row.name_folded.clone(), CustomerId(row.id));
        rows.retain(|row| search.finds(row) && after.is_none_or(|after| place(row) > *after));
        rows.sort_by_cached_key(place);
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        return Ok(rows);
    }
    let mut select = select;
    if let Some((name, id)) = after {
        select = select.filter(
            Condition::all()
                .add(Column::NameFolded.gte(name.as_str()))
                .add(Condition::any().add(Column::NameFolded.gt(name.as_str())).add(Column::Id.gt(id.0))),
        );
    }
    Ok(select.order_by_asc(Column::NameFolded).order_by_asc(Column::Id).limit(limit).all(conn).await?)
}

/// One customer, when `visibility` shows them.
pub async fn get(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    visibility: &Visibility,
    id: CustomerId,
) -> Result<Option<customers::Model>> {
    Ok(customers::Entity::find_by_id((ws.0, id.0)).filter(visible(ws, visibility)).one(conn).await?)
}

/// Those of these customers whom `visibility` shows.
pub async fn seen(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    visibility: &Visibility,
    rows: &[customers::Model],
) -> Result<std::collections::HashSet<uuid::Uuid>> {
    let ids: Vec<uuid::Uuid> = rows.iter().map(|row| row.id).collect();
    let mut seen = std::collections::HashSet::new();
    for part in in_chunks(conn, &ids, 100) {
        let part = customers::Entity::find()
            .select_only()
            .column(customers::Column::Id)
            .filter(customers::Column::WorkspaceId.eq(ws.0))
            .filter(customers::Column::Id.is_in(part.iter().copied()))
            .filter(visible(ws, visibility));
        seen.extend(part.into_tuple::<uuid::Uuid>().all(conn).await?);
    }
    Ok(seen)
}

fn visible(ws: WorkspaceId, visibility: &Visibility) -> Condition {
    let mut all = Condition::all();
    if let Some(channels) = &visibility.channels {
        let theirs = Query::select()
            .column(customer_identities::Column::CustomerId)
            .from(customer_identities::Entity)
            .and_where(customer_identities::Column::WorkspaceId.eq(ws.0))
            .and_where(customer_identities::Column::ChannelId.is_in(channels.iter().map(|id| id.0)))
            .to_owned();
        all = all.add(customers::Column::Id.in_subquery(theirs));
    }
    if let Some(member) = visibility.only_assignee {
        let theirs = Query::select()
            .column(conversations::Column::CustomerId)
            .from(conversations::Entity)
            .and_where(conversations::Column::WorkspaceId.eq(ws.0))
            .and_where(conversations::Column::AssigneeId.eq(member.0))
            .to_owned();
        all = all.add(customers::Column::Id.in_subquery(theirs));
    }
    all
}

/// The customers with these ids, in no order, whoever asks.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    ids: &[CustomerId],
) -> Result<Vec<customers::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(customers::Entity::find()
        .filter(customers::Column::WorkspaceId.eq(ws.0))
        .filter(customers::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(conn)
        .await?)
}

/// Those of these customers who are there, in the order of their ids. Nobody else changes them until the transaction ends.
pub async fn locked(tx: &Tx, ws: WorkspaceId, ids: &[CustomerId]) -> Result<Vec<CustomerId>> {
    let mut there = Vec::with_capacity(ids.len());
    for part in in_chunks(tx, ids, 1) {
        let rows: Vec<uuid::Uuid> = customers::Entity::find()
            .select_only()
            .column(customers::Column::Id)
            .filter(customers::Column::WorkspaceId.eq(ws.0))
            .filter(customers::Column::Id.is_in(part.iter().map(|id| id.0)))
            .order_by_asc(customers::Column::Id)
            .lock_exclusive()
            .into_tuple()
            .all(tx)
            .await?;
        there.extend(rows.into_iter().map(CustomerId));
    }
    Ok(there)
}

/// Those of these customers whom `visibility` shows.
pub(crate) async fn seen_of(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    visibility: &Visibility,
    ids: &[CustomerId],
) -> Result<HashSet<CustomerId>> {
    if *visibility == Visibility::default() {
        return Ok(ids.iter().copied().collect());
    }
    let mut seen = HashSet::new();
    for part in in_chunks(conn, ids, 100) {
        let rows: Vec<uuid::Uuid> = customers::Entity::find()
            .select_only()
            .column(customers::Column::Id)
            .filter(customers::Column::WorkspaceId.eq(ws.0))
            .filter(customers::Column::Id.is_in(part.iter().map(|id| id.0)))
            .filter(visible(ws, visibility))
            .into_tuple()
            .all(conn)
            .await?;
        seen.extend(rows.into_iter().map(CustomerId));
    }
    Ok(seen)
}

/// The names of those of these customers whom `visibility` shows.
pub async fn names(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    visibility: &Visibility,
    ids: &[CustomerId],
) -> Result<HashMap<CustomerId, String>> {
    let seen: Vec<CustomerId> = seen_of(conn, ws, visibility, ids).await?.into_iter().collect();
    let rows = by_ids(conn, ws, &seen).await?;
    Ok(rows.into_iter().map(|row| (CustomerId(row.id), row.display_name)).collect())
}

/// What a member changes about a customer. `Some(None)` empties a field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edit {
    /// The new name; not blank.
    pub display_name: Option<String>,
    /// The new phone number.
    pub phone: Option<Option<String>>,
    /// The new note.
    pub note: Option<Option<String>>,
}

/// Change one customer; false when there is none. The caller appends the change.
pub async fn edit(tx: &Tx, ws: WorkspaceId, id: CustomerId, edit: Edit, now: Timestamp) -> Result<bool> {
    use customers::Column;
    let mut update = customers::Entity::update_many()
        .col_expr(Column::UpdatedAt, Expr::value(now.0))
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::Id.eq(id.0));
    if let Some(name) = edit.display_name {
        update = update
            .col_expr(Column::NameFolded, Expr::value(fold_vi(&name)))
            .col_expr(Column::DisplayName, Expr::value(name));
    }
    if let Some(phone) = edit.phone {
        update = update.col_expr(Column::Phone, Expr::value(phone));
    }
    if let Some(note) = edit.note {
        update = update.col_expr(Column::Note, Expr::value(note));
    }
    Ok(update.exec(tx).await?.rows_affected > 0)
}

/// The customers with these phone numbers, in no order; at most 1,000 a number.
pub async fn with_phones(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    phones: &[String],
) -> Result<Vec<customers::Model>> {
    let keys: Vec<sea_orm::Value> = phones.iter().map(|phone| phone.as_str().into()).collect();
    rows_of_keys::<customers::Entity>(conn, ws, customers::Column::Phone, &keys).await
}

/// The addresses of these customers, by time of creation.
pub async fn identities_of(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    customers: &[CustomerId],
) -> Result<Vec<customer_identities::Model>> {
    if customers.is_empty() {
        return Ok(Vec::new());
    }
    Ok(customer_identities::Entity::find()
        .filter(customer_identities::Column::WorkspaceId.eq(ws.0))
        .filter(customer_identities::Column::CustomerId.is_in(customers.iter().map(|id| id.0)))
        .order_by_asc(customer_identities::Column::CreatedAt)
        .order_by_asc(customer_identities::Column::Id)
        .all(conn)
        .await?)
}

/// The addresses with these ids, in no order.
pub async fn identities(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    ids: &[IdentityId],
) -> Result<Vec<customer_identities::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(customer_identities::Entity::find()
        .filter(customer_identities::Column::WorkspaceId.eq(ws.0))
        .filter(customer_identities::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(conn)
        .await?)
}

/// When the account ended this customer's follow, as long as that stands: they do not follow as far as is known, and no
/// follow came after it. Pure. Nothing has to be written when they come back: events are taken in whatever order they
/// arrive, and each says its instant.
pub fn follow_removed_at(identity: &customer_identities::Model) -> Option<Timestamp> {
    let removed = identity.follow_removed_at.filter(|_| identity.is_follower == Some(false))?;
    let followed = identity.facts.pointer("/follow/at").and_then(serde_json::Value::as_i64);
    followed.is_none_or(|at| at <= removed).then_some(Timestamp(removed))
}

/// What the rule book needs to know about an address. Pure.
pub fn recipient_facts(identity: &customer_identities::Model) -> RecipientFacts {
    let count = |n: i32| u32::try_from(n).unwrap_or(0);
    RecipientFacts {
        follower: identity.is_follower,
        blocked: identity.is_blocked,
        last_message_at: identity.last_message_at.map(Timestamp),
        last_interaction_at: identity.last_interaction_at.map(Timestamp),
        replies_used: count(identity.replies_used),
        replies_reserved: count(identity.replies_reserved),
        welcome_used: count(identity.welcome_used),
        platform_reply: match (
            identity.platform_reply_remain,
            identity.platform_reply_total,
            identity.platform_as_of_at,
        ) {
            (Some(remain), Some(total), Some(as_of)) => {
                Some(PlatformReply { remain: count(remain), total: count(total), as_of: Timestamp(as_of) })
            }
            _ => None,
        },
        window_refused_at: identity.window_refused_at.map(Timestamp),
        follow_removed_at: follow_removed_at(identity),
    }
}

/// Free replies left for an address, by the `edition` its channel follows; `None` when no free window is open.
/// Pure. Pools and money do not matter for what is free, and a disconnected account still shows what is left.
pub fn reply_left(
    identity: &customer_identities::Model,
    edition: &str,
    rules: &Library,
    now: Timestamp,
) -> Result<Option<ReplyLeft>> {
    let choice: EditionChoice = edition
        .parse()
        .map_err(|e| StoreError::unreadable("channels.edition", format_args!("{edition:?}: {e}")))?;
    let facts = ChannelFacts { connected: true, ..ChannelFacts::default() };
    Ok(decide(rules.resolve(&choice, now), &facts, &recipient_facts(identity), None, now).reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_phone_number_is_known() {
        for (text, part) in [
            ("0912 345 678", Some("912345678")),
            ("+84 912.345.678", Some("912345678")),
            ("84912345678", Some("912345678")),
            ("345", Some("345")),
            ("0345", Some("345")),
            ("842", Some("842")),
            ("12", None),
            ("", None),
            ("Lan 345", None),
            ("24h", None),
        ] {
            assert_eq!(phone_part(text).as_deref(), part, "{text}");
        }
    }

    #[test]
    fn an_ended_follow_stands_until_they_follow_again() {
        let identity = |follows: Option<bool>, removed: Option<i64>, followed: Option<i64>| {
            let facts = followed
                .map_or_else(|| serde_json::json!({}), |at| serde_json::json!({ "follow": { "at": at } }));
            customer_identities::Model {
                workspace_id: Default::default(),
                id: Default::default(),
                customer_id: Default::default(),
                channel_id: Default::default(),
                external_id: "u".into(),
                app_user_id: None,
                is_follower: follows,
                follow_changed_at: None,
                is_blocked: false,
                blocked_changed_at: None,
                profile: serde_json::json!({}),
                facts,
                last_message_at: None,
                last_interaction_at: None,
                window_started_at: None,
                replies_used: 0,
                replies_reserved: 0,
                welcome_used: 0,
                platform_reply_remain: None,
                platform_reply_total: None,
                platform_as_of_at: None,
                window_refused_at: None,
                follow_removed_at: removed,
                follow_removed_by: None,
                profile_fetched_at: None,
                profile_due_at: None,
                created_at: 0,
                updated_at: 0,
            }
        };
        for (follows, removed, followed, want) in [
            (Some(false), None, None, None),
            (Some(false), Some(5), None, Some(5)),
            // Whenever they followed before it.
            (Some(false), Some(5), Some(4), Some(5)),
            // Followed again, and left by themselves.
            (Some(false), Some(5), Some(6), None),
            (Some(true), Some(5), Some(6), None),
            // The platform says they follow: it was not done there, or undone. Or the outcome is not known.
            (Some(true), Some(5), None, None),
            (None, Some(5), None, None),
        ] {
            let row = identity(follows, removed, followed);
            assert_eq!(follow_removed_at(&row), want.map(Timestamp), "{follows:?} {removed:?} {followed:?}");
            assert_eq!(recipient_facts(&row).follow_removed_at, want.map(Timestamp));
        }
    }

    #[test]
    fn masked_numbers_are_found_only_whole() {
        assert_eq!(Search::new(" \0 ", true), None);
        for (typed, unmasked, phone) in
            [("345", true, Some("345")), ("345", false, None), ("0912345678", false, Some("912345678"))]
        {
            assert_eq!(Search::new(typed, unmasked).unwrap().phone.as_deref(), phone, "{typed}");
        }
    }
}
