//! Taking due rows for a while: whoever dies with them lets go of them when the lease runs out.

use loa_kernel::Timestamp;
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{EntityTrait, QueryTrait, Select, Value};

use crate::dialect::skip_locked;
use crate::rows::{Put, update_rows};
use crate::{Result, Store};

/// Nobody holds the row at `now`.
pub(crate) fn is_free<C: sea_orm::ColumnTrait>(lease: C, now: Timestamp) -> Condition {
    Condition::any().add(lease.is_null()).add(Expr::col(lease).lt(now.0))
}

/// Take the rows of `due` until `until`. They are answered as they were before.
pub(crate) async fn claim<E>(
    store: &Store,
    due: Select<E>,
    keys: &[E::Column],
    lease: E::Column,
    until: Timestamp,
    key: fn(&E::Model) -> Vec<Value>,
) -> Result<Vec<E::Model>>
where
    E: EntityTrait,
    E::Model: Send + Sync,
{
    // Most looks find nothing: do not take the one writer of SQLite for them.
    if due.clone().one(store.reader()).await?.is_none() {
        return Ok(Vec::new());
    }
    let tx = store.begin().await?;
    let mut due = due;
    skip_locked(QueryTrait::query(&mut due));
    let rows = due.all(&tx).await?;
    let values = rows
        .iter()
        .map(|row| {
            let mut values = key(row);
            values.push(until.0.into());
            values
        })
        .collect();
    update_rows::<E>(&tx, keys, &[(lease, Put::Set)], values).await?;
    tx.commit().await?;
    Ok(rows)
}
