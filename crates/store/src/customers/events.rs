//! What happened to customers beside their messages: fields that were filled in, imports, merges (features reference §2.8).
//! Rows are only added, and go with their customer.

use loa_kernel::{CustomerEventId, CustomerId, MemberId, Timestamp, WorkspaceId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value as Json;

use crate::entity::customer_events as rows;
use crate::rows::insert_rows;
use crate::words::words;
use crate::{Result, Tx};

words! {
    /// What happened.
    EventKind {
        /// Fields were filled in, changed or emptied. Detail: by key of the field, `from` and `to` as values are shown.
        FieldsChanged = "fields_changed",
        /// A file told of them. Detail: `import`, `row`, and `created`; of who was there, `fields` as above.
        Imported = "imported",
        /// Another customer was merged into this one. Detail: `merge`, and of the other `other` (id) and `name`.
        Merged = "merged",
        /// A merge was undone: told of both. Detail: `merge`, and of the one they were merged with `other` and `name`.
        MergeUndone = "merge_undone",
    }
}

/// Something that happened to a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerEvent {
    /// Its id.
    pub id: CustomerEventId,
    /// To whom.
    pub customer: CustomerId,
    /// What.
    pub kind: EventKind,
    /// When.
    pub at: Timestamp,
    /// Who did it; `None`: nobody here.
    pub member: Option<MemberId>,
    /// What the kind says about itself.
    pub detail: Json,
}

/// Write them down; one that stands there already stays.
pub async fn append(tx: &Tx, ws: WorkspaceId, events: impl IntoIterator<Item = CustomerEvent>) -> Result<()> {
    let events = events.into_iter().map(|event| rows::Model {
        workspace_id: ws.0,
        id: event.id.0,
        customer_id: event.customer.0,
        kind: event.kind.as_str().to_owned(),
        at: event.at.0,
        member_id: event.member.map(|member| member.0),
        detail: event.detail,
    });
    insert_rows::<rows::Entity>(tx, events, Some(OnConflict::new().do_nothing().to_owned())).await?;
    Ok(())
}

/// At most `limit` of a customer, the newest first, before a place.
pub async fn list(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    customer: CustomerId,
    before: Option<(Timestamp, CustomerEventId)>,
    limit: u64,
) -> Result<Vec<CustomerEvent>> {
    use rows::Column as C;
    let mut select =
        rows::Entity::find().filter(C::WorkspaceId.eq(ws.0)).filter(C::CustomerId.eq(customer.0));
    if let Some((at, id)) = before {
        let same = sea_orm::Condition::all().add(C::At.eq(at.0)).add(C::Id.lt(id.0));
        select = select.filter(sea_orm::Condition::any().add(C::At.lt(at.0)).add(same));
    }
    let found = select.order_by_desc(C::At).order_by_desc(C::Id).limit(limit).all(conn).await?;
    found
        .into_iter()
        .map(|row| {
            Ok(CustomerEvent {
                id: CustomerEventId(row.id),
                customer: CustomerId(row.customer_id),
                kind: row.kind.parse()?,
                at: Timestamp(row.at),
                member: row.member_id.map(MemberId),
                detail: row.detail,
            })
        })
        .collect()
}
