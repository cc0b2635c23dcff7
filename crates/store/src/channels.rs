//! Connected accounts of platforms, with the applications, connections in progress and tokens behind them.
//!
//! Numbers of quota have one writer: what the platform last said. What messages hold of it and have not
//! settled stands beside it (`quota_reserved`), never subtracted from it.

pub mod apps;
pub mod credentials;
pub mod oauth;

use loa_kernel::{AppId, ChannelId, MessageId, Timestamp, WorkspaceId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, UpdateMany,
};

use crate::entity::channels;
use crate::words::words;
use crate::{Result, StoreError, Tx};

words! {
    /// Which platform.
    ChannelKind {
        /// A Zalo Official Account.
        Zalo = "zalo",
    }
}

words! {
    /// Does it work?
    ChannelStatus {
        /// Yes.
        Connected = "connected",
        /// The platform no longer takes our tokens: an administrator must connect again.
        ReconnectRequired = "reconnect_required",
        /// Taken off by an administrator, or by the platform's side; history stays.
        Disconnected = "disconnected",
    }
}

words! {
    /// Can the account pay for messages?
    BillingState {
        /// Not known yet.
        Unknown = "unknown",
        /// It is linked with a paying account.
        Linked = "linked",
        /// It is not.
        NotLinked = "not_linked",
        /// It is, but there is no money on it.
        OutOfMoney = "out_of_money",
    }
}

/// A package of messages, as the platform last gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// In the whole period.
    pub total: i64,
    /// Left of it.
    pub remain: i64,
    /// When the platform said so.
    pub as_of: Timestamp,
    /// Until when, in the platform's own words.
    pub valid_through: Option<String>,
}

/// Whether one message may try to be paid although the account could not pay when it was last asked (features
/// reference §4.3, "Kiểm tra lại": no call tells the balance, so only a try shows it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trial {
    /// No.
    #[default]
    None,
    /// The next message may.
    Open,
    /// This message does; no other may.
    Held(MessageId),
}

/// A connected account.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its id.
    pub id: ChannelId,
    /// Which platform.
    pub kind: ChannelKind,
    /// The application it was connected through.
    pub app: AppId,
    /// The platform's id of the account.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// Its picture.
    pub avatar_url: Option<String>,
    /// Does it work?
    pub status: ChannelStatus,
    /// Why not, as a short stable word.
    pub status_reason: Option<String>,
    /// Edition of the messaging rules, or `auto`.
    pub edition: String,
    /// Name of the package the business has bought.
    pub package_name: Option<String>,
    /// Can it pay for messages?
    pub billing: BillingState,
    /// The package of messages; absent until the platform has told.
    pub quota: Option<Quota>,
    /// Reserved from the package and not yet settled.
    pub quota_reserved: i64,
    /// The platform was asked for its number in vain, the last time.
    pub quota_failed_at: Option<Timestamp>,
    /// May one message try to be paid?
    pub trial: Trial,
    /// What only its connector understands.
    pub settings: serde_json::Value,
    /// When it was first connected.
    pub created_at: Timestamp,
    /// When the row last changed.
    pub updated_at: Timestamp,
}

impl Channel {
    /// Is the package's number one that the platform could not confirm when it was last asked?
    pub fn quota_is_stale(&self) -> bool {
        match (&self.quota, self.quota_failed_at) {
            (Some(quota), Some(failed)) => failed > quota.as_of,
            _ => false,
        }
    }
}

/// An account that was just connected.
#[derive(Debug, Clone, PartialEq)]
pub struct NewChannel {
    /// Its id if it was never connected before.
    pub id: ChannelId,
    /// Which platform.
    pub kind: ChannelKind,
    /// The application it is connected through.
    pub app: AppId,
    /// The platform's id of the account.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// Its picture.
    pub avatar_url: Option<String>,
    /// Edition of the messaging rules if it was never connected before.
    pub edition: String,
    /// Name of the package.
    pub package_name: Option<String>,
}

/// What may be changed of a channel; `None` leaves it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChannelPatch {
    /// Its name.
    pub name: Option<String>,
    /// Its picture; `Some(None)` takes it away.
    pub avatar_url: Option<Option<String>>,
    /// Edition of the messaging rules, or `auto`.
    pub edition: Option<String>,
    /// Name of the package; `Some(None)` takes it away.
    pub package_name: Option<Option<String>>,
    /// What only its connector understands.
    pub settings: Option<serde_json::Value>,
}

/// Connect an account, or connect it again: the same account keeps its id, history and edition.
///
/// Errors: `Unique("channels_external")` when the account belongs to another workspace.
pub async fn connect(tx: &Tx, ws: WorkspaceId, new: &NewChannel, now: Timestamp) -> Result<Channel> {
    match find_by_external(tx, new.kind, &new.external_id).await? {
        Some(old) if old.workspace == ws => {
            change(ws, old.id, now)
                .col_expr(channels::Column::AppId, Expr::value(new.app.0))
                .col_expr(channels::Column::Name, Expr::value(new.name.clone()))
                .col_expr(channels::Column::AvatarUrl, Expr::value(new.avatar_url.clone()))
                .col_expr(channels::Column::PackageName, Expr::value(new.package_name.clone()))
                .col_expr(channels::Column::Status, Expr::value(ChannelStatus::Connected.as_str()))
                .col_expr(channels::Column::StatusReason, Expr::value(None::<String>))
                .col_expr(channels::Column::StatusChangedAt, Expr::value(now.0))
                .exec(tx)
                .await?;
            must_get(tx, ws, old.id).await
        }
        Some(_) => Err(StoreError::Unique { constraint: "channels_external".into() }),
        None => {
            channels::Model {
                workspace_id: ws.0,
                id: new.id.0,
                kind: new.kind.as_str().to_owned(),
                app_id: new.app.0,
                external_id: new.external_id.clone(),
                name: new.name.clone(),
                avatar_url: new.avatar_url.clone(),
                status: ChannelStatus::Connected.as_str().to_owned(),
                status_reason: None,
                status_changed_at: Some(now.0),
                edition: new.edition.clone(),
                package_name: new.package_name.clone(),
                billing_state: BillingState::Unknown.as_str().to_owned(),
                quota_total: None,
                quota_remain: None,
                quota_as_of_at: None,
                quota_valid_through: None,
                quota_reserved: 0,
                quota_failed_at: None,
                trial_opened_at: None,
                trial_message_id: None,
                settings: serde_json::json!({}),
                created_at: now.0,
                updated_at: now.0,
            }
            .into_active_model()
            .insert(tx)
            .await?;
            must_get(tx, ws, new.id).await
        }
    }
}

/// One by id.
pub async fn get(conn: &impl ConnectionTrait, ws: WorkspaceId, id: ChannelId) -> Result<Option<Channel>> {
    channels::Entity::find_by_id((ws.0, id.0)).one(conn).await?.map(from_row).transpose()
}

async fn must_get(conn: &impl ConnectionTrait, ws: WorkspaceId, id: ChannelId) -> Result<Channel> {
    get(conn, ws, id).await?.ok_or(StoreError::NotFound("channel"))
}

/// All of a workspace, oldest first, disconnected ones included.
pub async fn list(conn: &impl ConnectionTrait, ws: WorkspaceId) -> Result<Vec<Channel>> {
    channels::Entity::find()
        .filter(channels::Column::WorkspaceId.eq(ws.0))
        .order_by_asc(channels::Column::CreatedAt)
        .order_by_asc(channels::Column::Id)
        .all(conn)
        .await?
        .into_iter()
        .map(from_row)
        .collect()
}

/// All that are connected. Crosses workspaces: one worker keeps the quotas of all fresh.
pub async fn list_connected(conn: &impl ConnectionTrait) -> Result<Vec<Channel>> {
    channels::Entity::find()
        .filter(channels::Column::Status.eq(ChannelStatus::Connected.as_str()))
        .order_by_asc(channels::Column::WorkspaceId)
        .order_by_asc(channels::Column::Id)
        .all(conn)
        .await?
        .into_iter()
        .map(from_row)
        .collect()
}

/// The channel of a platform account. Crosses workspaces: an event names only the account, and no two
/// workspaces have the same one.
pub async fn find_by_external(
    conn: &impl ConnectionTrait,
    kind: ChannelKind,
    external_id: &str,
) -> Result<Option<Channel>> {
    channels::Entity::find()
        .filter(channels::Column::Kind.eq(kind.as_str()))
        .filter(channels::Column::ExternalId.eq(external_id))
        .one(conn)
        .await?
        .map(from_row)
        .transpose()
}

/// Change what people set; answers the channel as it then is. Errors: `NotFound("channel")`.
pub async fn update(
    tx: &Tx,
    ws: WorkspaceId,
    id: ChannelId,
    patch: &ChannelPatch,
    now: Timestamp,
) -> Result<Channel> {
    let mut update = change(ws, id, now);
    if let Some(name) = &patch.name {
        update = update.col_expr(channels::Column::Name, Expr::value(name.clone()));
    }
    if let Some(avatar_url) = &patch.avatar_url {
        update = update.col_expr(channels::Column::AvatarUrl, Expr::value(avatar_url.clone()));
    }
    if let Some(edition) = &patch.edition {
        update = update.col_expr(channels::Column::Edition, Expr::value(edition.clone()));
    }
    if let Some(package_name) = &patch.package_name {
        update = update.col_expr(channels::Column::PackageName, Expr::value(package_name.clone()));
    }
    if let Some(settings) = &patch.settings {
        update = update.col_expr(channels::Column::Settings, Expr::value(settings.clone()));
    }
    update.exec(tx).await?;
    must_get(tx, ws, id).await
}

/// Say whether it works, as of `now`; false when there is no such channel, it was so already (then nobody
/// needs to be told again), or something newer is known.
pub async fn set_status(
    tx: &Tx,
    ws: WorkspaceId,
    id: ChannelId,
    status: ChannelStatus,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<bool> {
    let differs = Condition::any().add(channels::Column::Status.ne(status.as_str())).add(match reason {
        Some(reason) => Condition::any()
            .add(channels::Column::StatusReason.is_null())
            .add(channels::Column::StatusReason.ne(reason)),
        None => Condition::all().add(channels::Column::StatusReason.is_not_null()),
    });
    let done = change(ws, id, now)
        .col_expr(channels::Column::Status, Expr::value(status.as_str()))
        .col_expr(channels::Column::StatusReason, Expr::value(reason))
        .col_expr(channels::Column::StatusChangedAt, Expr::value(now.0))
        .filter(differs)
        .filter(
            Condition::any()
                .add(channels::Column::StatusChangedAt.is_null())
                .add(channels::Column::StatusChangedAt.lte(now.0)),
        )
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// It works after all, if it had to be connected again for one of these reasons. True when that was so.
pub async fn heal(tx: &Tx, ws: WorkspaceId, id: ChannelId, reasons: &[&str], now: Timestamp) -> Result<bool> {
    let done = change(ws, id, now)
        .col_expr(channels::Column::Status, Expr::value(ChannelStatus::Connected.as_str()))
        .col_expr(channels::Column::StatusReason, Expr::value(None::<String>))
        .col_expr(channels::Column::StatusChangedAt, Expr::value(now.0))
        .filter(channels::Column::Status.eq(ChannelStatus::ReconnectRequired.as_str()))
        .filter(channels::Column::StatusReason.is_in(reasons.iter().copied()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Take it off: no more sending, tokens forgotten, history kept. False when there is no such channel.
pub async fn disconnect(
    tx: &Tx,
    ws: WorkspaceId,
    id: ChannelId,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<bool> {
    credentials::delete(tx, ws, id).await?;
    set_status(tx, ws, id, ChannelStatus::Disconnected, reason, now).await?;
    Ok(get(tx, ws, id).await?.is_some())
}

/// Say whether it can pay; true when that is news.
pub async fn set_billing(
    tx: &Tx,
    ws: WorkspaceId,
    id: ChannelId,
    billing: BillingState,
    now: Timestamp,
) -> Result<bool> {
    let done = change(ws, id, now)
        .col_expr(channels::Column::BillingState, Expr::value(billing.as_str()))
        .filter(channels::Column::BillingState.ne(billing.as_str()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Keep what the platform said about the package, unless something newer is known; true when it was kept.
pub async fn set_quota(
    tx: &Tx,
    ws: WorkspaceId,
    id: ChannelId,
    quota: &Quota,
    now: Timestamp,
) -> Result<bool> {
    let done = change(ws, id, now)
        .col_expr(channels::Column::QuotaTotal, Expr::value(quota.total))
        .col_expr(channels::Column::QuotaRemain, Expr::value(quota.remain))
        .col_expr(channels::Column::QuotaAsOfAt, Expr::value(quota.as_of.0))
        .col_expr(channels::Column::QuotaValidThrough, Expr::value(quota.valid_through.clone()))
        .filter(
            Condition::any()
                .add(channels::Column::QuotaAsOfAt.is_null())
                .add(channels::Column::QuotaAsOfAt.lte(quota.as_of.0)),
        )
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// The platform was asked for its number in vain; true when nobody knew that yet.
pub async fn quota_failed(tx: &Tx, ws: WorkspaceId, id: ChannelId, now: Timestamp) -> Result<bool> {
    let before = get(tx, ws, id).await?;
    let done =
        change(ws, id, now).col_expr(channels::Column::QuotaFailedAt, Expr::value(now.0)).exec(tx).await?;
    Ok(done.rows_affected > 0 && before.is_some_and(|channel| !channel.quota_is_stale()))
}

/// Let one message try to be paid. A try that is under way stays the only one. True when it was opened.
pub async fn open_trial(tx: &Tx, ws: WorkspaceId, id: ChannelId, now: Timestamp) -> Result<bool> {
    use crate::entity::deliveries;
    let found = channels::Entity::find_by_id((ws.0, id.0)).lock_exclusive().one(tx).await?;
    let Some(row) = found else { return Ok(false) };
    if let Some(message) = row.trial_message_id {
        let delivery = deliveries::Entity::find_by_id((ws.0, message)).one(tx).await?;
        if delivery.is_some_and(|d| d.state != "done") {
            return Ok(false);
        }
    }
    let done = change(ws, id, now)
        .col_expr(channels::Column::TrialOpenedAt, Expr::value(now.0))
        .col_expr(channels::Column::TrialMessageId, Expr::value(None::<uuid::Uuid>))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Change by `delta` what messages hold of the package. Errors: `NotFound("channel")`.
pub async fn add_quota_reserved(
    tx: &Tx,
    ws: WorkspaceId,
    id: ChannelId,
    delta: i64,
    now: Timestamp,
) -> Result<()> {
    let column = channels::Column::QuotaReserved;
    let done = change(ws, id, now).col_expr(column, Expr::col(column).add(delta)).exec(tx).await?;
    if done.rows_affected == 0 { Err(StoreError::NotFound("channel")) } else { Ok(()) }
}

fn change(ws: WorkspaceId, id: ChannelId, now: Timestamp) -> UpdateMany<channels::Entity> {
    channels::Entity::update_many()
        .filter(channels::Column::WorkspaceId.eq(ws.0))
        .filter(channels::Column::Id.eq(id.0))
        .col_expr(channels::Column::UpdatedAt, Expr::value(now.0))
}

/// The one place where a row becomes a channel.
pub(crate) fn from_row(row: channels::Model) -> Result<Channel> {
    let quota = match (row.quota_total, row.quota_remain, row.quota_as_of_at) {
        (Some(total), Some(remain), Some(as_of)) => {
            Some(Quota { total, remain, as_of: Timestamp(as_of), valid_through: row.quota_valid_through })
        }
        _ => None,
    };
    Ok(Channel {
        workspace: WorkspaceId(row.workspace_id),
        id: ChannelId(row.id),
        kind: row.kind.parse()?,
        app: AppId(row.app_id),
        external_id: row.external_id,
        name: row.name,
        avatar_url: row.avatar_url,
        status: row.status.parse()?,
        status_reason: row.status_reason,
        edition: row.edition,
        package_name: row.package_name,
        billing: row.billing_state.parse()?,
        quota,
        quota_reserved: row.quota_reserved,
        quota_failed_at: row.quota_failed_at.map(Timestamp),
        trial: match (row.trial_opened_at, row.trial_message_id) {
            (None, _) => Trial::None,
            (Some(_), None) => Trial::Open,
            (Some(_), Some(id)) => Trial::Held(MessageId(id)),
        },
        settings: row.settings,
        created_at: Timestamp(row.created_at),
        updated_at: Timestamp(row.updated_at),
    })
}
