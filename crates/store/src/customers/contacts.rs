//! Further phone numbers of customers. The first one stands in their row; a merge keeps the second one here.

use std::collections::HashMap;

use loa_kernel::{ContactId, CustomerId, Timestamp, WorkspaceId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::Result;
use crate::entity::customer_contacts as rows;
use crate::rows::in_chunks;
use crate::words::words;

words! {
    /// What it is.
    ContactKind {
        /// A phone number, as `loa_kernel::normalise_phone` writes it.
        Phone = "phone",
    }
}

/// Something that a customer is reached by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// What it is.
    pub kind: ContactKind,
    /// Normalised.
    pub value: String,
    /// Since when it is known.
    pub created_at: Timestamp,
}

/// What these customers are reached by, the oldest first; who has nothing is not in it.
pub async fn of_customers(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    customers: &[CustomerId],
) -> Result<HashMap<CustomerId, Vec<Contact>>> {
    use rows::Column as C;
    let mut found: HashMap<CustomerId, Vec<Contact>> = HashMap::new();
    for part in in_chunks(conn, customers, 1) {
        let rows = rows::Entity::find()
            .filter(C::WorkspaceId.eq(ws.0))
            .filter(C::CustomerId.is_in(part.iter().map(|id| id.0)))
            .order_by_asc(C::CreatedAt)
            .order_by_asc(C::Id)
            .all(conn)
            .await?;
        for row in rows {
            let contact = Contact {
                id: ContactId(row.id),
                kind: row.kind.parse()?,
                value: row.value,
                created_at: Timestamp(row.created_at),
            };
            found.entry(CustomerId(row.customer_id)).or_default().push(contact);
        }
    }
    Ok(found)
}
