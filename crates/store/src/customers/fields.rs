//! The fields of customers that a business made itself (seed 002, "Trường thông tin khách hàng").
//!
//! A field that is removed is gone for everybody at once; its row stays, without its key, until [`empty`] has taken its values
//! from every customer.

use loa_filter::{DateFormat, FieldKind};
use loa_kernel::{CustomerId, FieldId, MemberId, Timestamp, WorkspaceId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::details::stored_key;
use crate::entity::{customer_details, customer_fields as rows, workspaces};
use crate::rows::{Put, update_rows};
use crate::words::words;
use crate::{Result, Store, StoreError, Tx};

words! {
    /// Who sees the values of a field.
    Privacy {
        /// Everybody who sees the customer.
        Open = "open",
        /// Whole for those who see personal data whole; masked for others.
        Masked = "masked",
        /// Only those who see personal data whole; for others there is no such field.
        Hidden = "hidden",
    }
}

/// A field.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerField {
    /// Its id; values and filters name it.
    pub id: FieldId,
    /// Its name for programs; unique, never changes.
    pub key: String,
    /// Its name for people.
    pub label: String,
    /// What it holds; never changes.
    pub kind: FieldKind,
    /// What stands in it, for who fills it in.
    pub help: Option<String>,
    /// Of a table: its keys in order; they are added, never removed.
    pub keys: Vec<String>,
    /// Of instants: how they are shown.
    pub format: DateFormat,
    /// Who sees it.
    pub privacy: Privacy,
    /// How it is masked; what it says is the caller's.
    pub mask: Option<Json>,
    /// Place in the list, the smallest first.
    pub position: i64,
    /// Who made it; `None`: it came from a platform.
    pub created_by: Option<MemberId>,
    /// When it was made.
    pub created_at: Timestamp,
}

fn word<T: serde::Serialize>(value: &T) -> Result<String> {
    match serde_json::to_value(value) {
        Ok(Json::String(word)) => Ok(word),
        other => Err(StoreError::Other(format!("no word: {other:?}"))),
    }
}

fn from_row(row: rows::Model) -> Result<CustomerField> {
    let unreadable = |_| StoreError::unreadable("customer_fields", &row.key);
    Ok(CustomerField {
        id: FieldId(row.id),
        kind: serde_json::from_value(row.kind.clone().into()).map_err(unreadable)?,
        keys: serde_json::from_value(row.keys.clone()).map_err(unreadable)?,
        format: row.format.as_deref().and_then(DateFormat::named).unwrap_or_default(),
        privacy: row.pii.parse()?,
        key: row.key,
        label: row.label,
        help: row.help,
        mask: row.mask,
        position: row.position,
        created_by: row.created_by.map(MemberId),
        created_at: Timestamp(row.created_at),
    })
}

/// All of them in their order.
pub async fn list(conn: &impl ConnectionTrait, ws: WorkspaceId) -> Result<Vec<CustomerField>> {
    let found = rows::Entity::find()
        .filter(rows::Column::WorkspaceId.eq(ws.0))
        .filter(rows::Column::RemovedAt.is_null())
        .order_by_asc(rows::Column::Position)
        .order_by_asc(rows::Column::Id)
        .all(conn)
        .await?;
    found.into_iter().map(from_row).collect()
}

/// All of them, and nobody else makes or changes one before this transaction ends.
pub async fn locked(tx: &Tx, ws: WorkspaceId) -> Result<Vec<CustomerField>> {
    workspaces::Entity::find_by_id(ws.0).lock_exclusive().one(tx).await?;
    list(tx, ws).await
}

/// Make one. Errors: `Unique("customer_fields_key")` when the key is taken, `Unique("customer_fields_pkey")` when the id is,
/// or when it ends like another's.
pub async fn create(tx: &Tx, ws: WorkspaceId, field: &CustomerField) -> Result<()> {
    let ids: Vec<Uuid> = rows::Entity::find()
        .select_only()
        .column(rows::Column::Id)
        .filter(rows::Column::WorkspaceId.eq(ws.0))
        .into_tuple()
        .all(tx)
        .await?;
    let key = field.id.to_string();
    if ids.into_iter().any(|id| stored_key(&FieldId(id).to_string()) == stored_key(&key)) {
        return Err(StoreError::Unique { constraint: "customer_fields_pkey".to_owned() });
    }
    rows::Model {
        workspace_id: ws.0,
        id: field.id.0,
        key: field.key.clone(),
        label: field.label.clone(),
        kind: word(&field.kind)?,
        help: field.help.clone(),
        keys: json!(field.keys),
        format: Some(field.format.as_str().to_owned()),
        pii: field.privacy.as_str().to_owned(),
        mask: field.mask.clone(),
        position: field.position,
        created_by: field.created_by.map(|member| member.0),
        created_at: field.created_at.0,
        updated_at: field.created_at.0,
        removed_at: None,
        emptied_to: None,
    }
    .into_active_model()
    .insert(tx)
    .await?;
    Ok(())
}

/// Write down what may change about a field: everything but its id, key and kind, and who made it.
pub async fn save(tx: &Tx, ws: WorkspaceId, field: &CustomerField, now: Timestamp) -> Result<bool> {
    use rows::Column as C;
    let done = rows::Entity::update_many()
        .col_expr(C::Label, Expr::value(field.label.as_str()))
        .col_expr(C::Help, Expr::value(field.help.clone()))
        .col_expr(C::Keys, Expr::value(json!(field.keys)))
        .col_expr(C::Format, Expr::value(field.format.as_str()))
        .col_expr(C::Pii, Expr::value(field.privacy.as_str()))
        .col_expr(C::Mask, Expr::value(field.mask.clone()))
        .col_expr(C::UpdatedAt, Expr::value(now.0))
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::Id.eq(field.id.0))
        .filter(C::RemovedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Put the fields into this order.
pub async fn reorder(tx: &Tx, ws: WorkspaceId, order: &[FieldId], now: Timestamp) -> Result<()> {
    use rows::Column as C;
    let places = order.iter().zip(0_i64..);
    let values = places.map(|(id, at)| vec![ws.0.into(), id.0.into(), at.into(), now.0.into()]).collect();
    let puts = [(C::Position, Put::Set), (C::UpdatedAt, Put::Set)];
    update_rows::<rows::Entity>(tx, &[C::WorkspaceId, C::Id], &puts, values).await?;
    Ok(())
}

/// A field is gone; false when there is none. Its key is free at once.
pub async fn remove(tx: &Tx, ws: WorkspaceId, id: FieldId, now: Timestamp) -> Result<bool> {
    use rows::Column as C;
    let done = rows::Entity::update_many()
        .col_expr(C::RemovedAt, Expr::value(now.0))
        .col_expr(C::Key, Expr::value(format!("~{id}")))
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::Id.eq(id.0))
        .filter(C::RemovedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Whoever was filling in a field when it was removed has ended by then. Milliseconds.
const WRITERS_ARE_DONE_MS: i64 = 60_000;

/// Take the values of a removed field from the next `limit` customers, for all workspaces (one worker serves them all).
/// Answers whether there may be more to do.
pub async fn empty(store: &Store, limit: u64, now: Timestamp) -> Result<bool> {
    let removed = rows::Entity::find()
        .filter(Expr::cust("removed_at IS NOT NULL"))
        .filter(rows::Column::RemovedAt.lte(now.0 - WRITERS_ARE_DONE_MS))
        .order_by_asc(rows::Column::RemovedAt)
        .one(store.reader())
        .await?;
    let Some(field) = removed else { return Ok(false) };
    let tx = store.begin().await?;
    // Somebody else may have emptied it meanwhile.
    let key = (field.workspace_id, field.id);
    let Some(field) = rows::Entity::find_by_id(key).lock_exclusive().one(&tx).await? else { return Ok(true) };
    let ws = WorkspaceId(field.workspace_id);
    let mut customers = customer_details::Entity::find()
        .select_only()
        .column(customer_details::Column::CustomerId)
        .filter(customer_details::Column::WorkspaceId.eq(ws.0));
    if let Some(after) = field.emptied_to {
        customers = customers.filter(customer_details::Column::CustomerId.gt(after));
    }
    let next: Vec<Uuid> = customers
        .order_by_asc(customer_details::Column::CustomerId)
        .limit(limit)
        .into_tuple()
        .all(&tx)
        .await?;
    let Some(last) = next.last().copied() else {
        rows::Entity::delete_by_id(key).exec(&tx).await?;
        tx.commit().await?;
        return Ok(true);
    };
    let ids: Vec<CustomerId> = next.into_iter().map(CustomerId).collect();
    let value_key = FieldId(field.id).to_string();
    let mut emptied = Vec::new();
    for (customer, mut details) in super::details::locked(&tx, ws, &ids).await? {
        if details.set(&value_key, None).is_some() {
            emptied.push((customer, details));
        }
    }
    super::details::put(&tx, ws, emptied, now).await?;
    rows::Entity::update_many()
        .col_expr(rows::Column::EmptiedTo, Expr::value(last))
        .filter(rows::Column::WorkspaceId.eq(ws.0))
        .filter(rows::Column::Id.eq(field.id))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(true)
}
