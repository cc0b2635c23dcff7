//! What used an account's quota, by day: our own messages by class and member, and what others took.
//!
//! The daily numbers are written in the transaction that settles a message or hears the platform's number, and stay
//! when reservations are forgotten. A day is one in Vietnam, like every calendar rule of the platform.
//!
//! How "outside" is found ([`heard`]): since the account's period was first seen, the platform's number must be
//! explained by where it stood then, by what our messages took since, and by what others took. What is left over,
//! less our messages under way (the platform may have counted them already), was taken by others. It is therefore
//! never too much, and at most late by one number.
//!
//! Rows of an account are written only while its row in `channels` is locked.

use loa_kernel::{ChannelId, MemberId, Timestamp, WorkspaceId};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set};
use uuid::Uuid;

use crate::entity::{messages, quota_days, quota_ledgers, quota_levels, reservations};
use crate::outbound::Pool;
use crate::rows::in_chunks;
use crate::{Result, Tx};

/// The class under which stands what was sent outside Loa.
pub const OUTSIDE: &str = "outside";

/// Our answers may overtake each other: a number that is smaller than what is explained by no more than this is
/// late, and by more is of a new period.
const OVERTAKEN: i64 = 64;

/// The day in Vietnam of an instant, as it is stored: `2026-01-15`.
pub fn day_of(at: Timestamp) -> String {
    at.vietnam_date().to_string()
}

/// A message of ours went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// What paid.
    pub pool: Pool,
    /// Who sent; `None`: nobody, it went out by itself.
    pub member: Option<MemberId>,
    /// How many messages.
    pub messages: i64,
    /// What it cost, in whole đồng.
    pub cost_vnd: i64,
    /// When.
    pub at: Timestamp,
}

/// Count a message of ours on its day. What the package paid is also known to explain the platform's number.
pub async fn spent(tx: &Tx, ws: WorkspaceId, channel: ChannelId, spent: Spent) -> Result<()> {
    let who = spent.member.map_or(Uuid::nil(), |id| id.0);
    let (n, cost) = (spent.messages, spent.cost_vnd);
    add_to_day(tx, ws, channel, &day_of(spent.at), spent.pool.as_str(), who, n, cost).await?;
    if spent.pool == Pool::Package {
        use quota_ledgers::Column;
        quota_ledgers::Entity::update_many()
            .col_expr(Column::Ours, Expr::col(Column::Ours).add(n))
            .filter(Column::WorkspaceId.eq(ws.0))
            .filter(Column::ChannelId.eq(channel.0))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// The platform's number of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// Used in the period.
    pub used: i64,
    /// Of how many.
    pub total: i64,
    /// The period, in the platform's own words.
    pub valid_through: Option<String>,
    /// Ours that are under way: they may or may not be in it.
    pub under_way: i64,
}

/// The platform told its number at `now`; our messages that it counts for certain are [`spent`] already. Answers how
/// many messages were found to have been sent outside.
pub async fn heard(
    tx: &Tx,
    ws: WorkspaceId,
    channel: ChannelId,
    number: &Number,
    now: Timestamp,
) -> Result<i64> {
    let known = quota_ledgers::Entity::find_by_id((ws.0, channel.0)).one(tx).await?;
    let day = day_of(now);
    keep_level(tx, ws, channel, &day, number, now).await?;
    let (ledger, outside) = ledger_after(known.as_ref(), number, now);
    let row = quota_ledgers::ActiveModel {
        workspace_id: Set(ws.0),
        channel_id: Set(channel.0),
        base_used: Set(ledger.base_used),
        total: Set(ledger.total),
        valid_through: Set(ledger.valid_through),
        ours: Set(ledger.ours),
        outside: Set(ledger.outside),
        seen_at: Set(now.0),
    };
    use quota_ledgers::Column as L;
    quota_ledgers::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([L::WorkspaceId, L::ChannelId])
                .update_columns([L::BaseUsed, L::Total, L::ValidThrough, L::Ours, L::Outside, L::SeenAt])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    if outside > 0 {
        add_to_day(tx, ws, channel, &day, OUTSIDE, Uuid::nil(), outside, 0).await?;
    }
    Ok(outside)
}

/// What explains the platform's numbers of one period.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ledger {
    base_used: i64,
    total: i64,
    valid_through: Option<String>,
    ours: i64,
    outside: i64,
}

/// The ledger after a number, and what is newly known to have been sent outside. Pure.
fn ledger_after(known: Option<&quota_ledgers::Model>, number: &Number, now: Timestamp) -> (Ledger, i64) {
    let anew = Ledger {
        base_used: number.used,
        total: number.total,
        valid_through: number.valid_through.clone(),
        ours: 0,
        outside: 0,
    };
    let Some(known) = known else { return (anew, 0) };
    let explained = known.base_used + known.ours + known.outside;
    let other_words = known.valid_through.is_some()
        && number.valid_through.is_some()
        && known.valid_through != number.valid_through;
    let other_month = Timestamp(known.seen_at).vietnam_month_start() != now.vietnam_month_start();
    let fell = number.used < known.base_used
        || explained - number.used > OVERTAKEN
        || (other_month && number.used < explained);
    if other_words || known.total != number.total || fell {
        return (anew, 0);
    }
    let outside = Ord::max(number.used - explained - number.under_way, 0);
    let ledger = Ledger {
        base_used: known.base_used,
        total: known.total,
        valid_through: number.valid_through.clone().or_else(|| known.valid_through.clone()),
        ours: known.ours,
        outside: known.outside + outside,
    };
    (ledger, outside)
}

/// Count messages whose reservations an echo is about to settle, with the member who wrote each.
pub(crate) async fn spent_by_echo(tx: &Tx, ws: WorkspaceId, channel: ChannelId, ids: &[Uuid]) -> Result<()> {
    for part in in_chunks(tx, ids, 4) {
        let held = reservations::Entity::find()
            .filter(reservations::Column::WorkspaceId.eq(ws.0))
            .filter(reservations::Column::State.eq("pending"))
            .filter(reservations::Column::Id.is_in(part.iter().copied()))
            .order_by_asc(reservations::Column::Id)
            .all(tx)
            .await?;
        let wrote = messages::Entity::find()
            .filter(messages::Column::WorkspaceId.eq(ws.0))
            .filter(messages::Column::Id.is_in(held.iter().map(|r| r.id)))
            .all(tx)
            .await?;
        for row in held {
            let message = wrote.iter().find(|m| m.id == row.id);
            let Some(message) = message else { continue };
            let one = Spent {
                pool: row.pool.parse()?,
                member: message.member_id.map(MemberId),
                messages: row.amount,
                // As it was decided: the echo does not tell what it cost.
                cost_vnd: message
                    .decision
                    .as_ref()
                    .and_then(|d| d.get("cost_vnd"))
                    .and_then(serde_json::Value::as_i64)
                    .unwrap_or(0),
                at: Timestamp(message.sent_at),
            };
            spent(tx, ws, channel, one).await?;
        }
    }
    Ok(())
}

/// One entry of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `2026-01-15`.
    pub day: String,
    /// A pool's word, or [`OUTSIDE`].
    pub class: String,
    /// Who sent; `None`: nobody of ours.
    pub member: Option<MemberId>,
    /// How many messages.
    pub messages: i64,
    /// What they cost, in whole đồng.
    pub cost_vnd: i64,
}

/// The last number that the platform told on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// `2026-01-15`.
    pub day: String,
    /// Used in its period.
    pub used: i64,
    /// Of how many.
    pub total: i64,
    /// When it was told.
    pub as_of: Timestamp,
}

/// Entries and levels of an account from the first to the last day, both included, by day.
pub async fn history(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    channel: ChannelId,
    first: &str,
    last: &str,
) -> Result<(Vec<Entry>, Vec<Level>)> {
    use quota_days::Column as D;
    let entries = quota_days::Entity::find()
        .filter(D::WorkspaceId.eq(ws.0))
        .filter(D::ChannelId.eq(channel.0))
        .filter(D::Day.gte(first))
        .filter(D::Day.lte(last))
        .order_by_asc(D::Day)
        .order_by_asc(D::Class)
        .order_by_asc(D::MemberId)
        .all(conn)
        .await?;
    use quota_levels::Column as V;
    let levels = quota_levels::Entity::find()
        .filter(V::WorkspaceId.eq(ws.0))
        .filter(V::ChannelId.eq(channel.0))
        .filter(V::Day.gte(first))
        .filter(V::Day.lte(last))
        .order_by_asc(V::Day)
        .all(conn)
        .await?;
    let entries = entries
        .into_iter()
        .map(|row| Entry {
            day: row.day,
            class: row.class,
            member: (!row.member_id.is_nil()).then_some(MemberId(row.member_id)),
            messages: row.messages,
            cost_vnd: row.cost_vnd,
        })
        .collect();
    let levels = levels
        .into_iter()
        .map(|row| Level { day: row.day, used: row.used, total: row.total, as_of: Timestamp(row.as_of_at) })
        .collect();
    Ok((entries, levels))
}

#[allow(clippy::too_many_arguments, reason = "the columns of one row, used twice")]
async fn add_to_day(
    tx: &Tx,
    ws: WorkspaceId,
    channel: ChannelId,
    day: &str,
    class: &str,
    who: Uuid,
    n: i64,
    cost_vnd: i64,
) -> Result<()> {
    use quota_days::{Column, Entity};
    let row = quota_days::ActiveModel {
        workspace_id: Set(ws.0),
        channel_id: Set(channel.0),
        day: Set(day.to_owned()),
        class: Set(class.to_owned()),
        member_id: Set(who),
        messages: Set(n),
        cost_vnd: Set(cost_vnd),
    };
    let more = |column: Column, n: i64| Expr::col((Entity, column)).add(n);
    Entity::insert(row)
        .on_conflict(
            OnConflict::columns([
                Column::WorkspaceId,
                Column::ChannelId,
                Column::Day,
                Column::Class,
                Column::MemberId,
            ])
            .value(Column::Messages, more(Column::Messages, n))
            .value(Column::CostVnd, more(Column::CostVnd, cost_vnd))
            .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

async fn keep_level(
    tx: &Tx,
    ws: WorkspaceId,
    channel: ChannelId,
    day: &str,
    number: &Number,
    now: Timestamp,
) -> Result<()> {
    use quota_levels::Column;
    let row = quota_levels::ActiveModel {
        workspace_id: Set(ws.0),
        channel_id: Set(channel.0),
        day: Set(day.to_owned()),
        used: Set(number.used),
        total: Set(number.total),
        as_of_at: Set(now.0),
    };
    quota_levels::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::WorkspaceId, Column::ChannelId, Column::Day])
                .update_columns([Column::Used, Column::Total, Column::AsOfAt])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(1_768_446_000_000);

    fn number(used: i64, under_way: i64) -> Number {
        Number { used, total: 1000, valid_through: Some("31/01/2026".into()), under_way }
    }

    fn known(base_used: i64, ours: i64, outside: i64) -> quota_ledgers::Model {
        quota_ledgers::Model {
            workspace_id: Uuid::nil(),
            channel_id: Uuid::nil(),
            base_used,
            total: 1000,
            valid_through: Some("31/01/2026".into()),
            ours,
            outside,
            seen_at: NOON.0,
        }
    }

    #[test]
    fn what_nobody_of_ours_took_was_taken_outside() {
        for (what, known, number, outside, base) in [
            ("the first number explains itself", None, number(37, 0), 0, 37),
            ("seed 000: 37, three elsewhere, one of ours: 41", Some(known(37, 1, 0)), number(41, 0), 3, 37),
            ("our own send alone", Some(known(37, 1, 0)), number(38, 0), 0, 37),
            ("a read, nothing of ours since", Some(known(37, 1, 0)), number(40, 0), 2, 37),
            ("what is known already is not told again", Some(known(37, 1, 3)), number(41, 0), 0, 37),
            ("one under way may be in it", Some(known(37, 1, 0)), number(39, 1), 0, 37),
            ("more than is under way cannot", Some(known(37, 1, 0)), number(42, 1), 3, 37),
            ("answers overtook each other", Some(known(37, 3, 0)), number(38, 0), 0, 37),
            ("less than at first: a new period", Some(known(37, 1, 0)), number(2, 0), 0, 2),
            ("much less than explained: a new period", Some(known(0, 900, 0)), number(5, 0), 0, 5),
        ] {
            let (ledger, found) = ledger_after(known.as_ref(), &number, NOON);
            assert_eq!((found, ledger.base_used), (outside, base), "{what}");
        }
    }

    #[test]
    fn a_new_period_begins_anew() {
        let other = Number { valid_through: Some("28/02/2026".into()), ..number(50, 0) };
        assert_eq!(ledger_after(Some(&known(37, 1, 0)), &other, NOON).1, 0);
        let bought = Number { total: 2000, ..number(50, 0) };
        assert_eq!(ledger_after(Some(&known(37, 1, 0)), &bought, NOON).1, 0);
        let next_month = NOON.plus_days(30);
        let silent = Number { valid_through: None, ..number(39, 0) };
        assert_eq!(ledger_after(Some(&known(37, 5, 0)), &silent, next_month).0.base_used, 39);
        // The platform does not always say the period: the one that is known stays.
        let (ledger, outside) = ledger_after(Some(&known(37, 1, 0)), &silent, NOON);
        assert_eq!((ledger.valid_through.as_deref(), outside), (Some("31/01/2026"), 1));
    }

    #[test]
    fn a_day_is_one_in_vietnam() {
        for (ms, day) in [
            // 2026-01-15T16:59:59.999Z and one millisecond later.
            (1_768_496_399_999, "2026-01-15"),
            (1_768_496_400_000, "2026-01-16"),
        ] {
            assert_eq!(day_of(Timestamp(ms)), day);
        }
    }
}
