//! Failed sign-ins, counted by e-mail and by address. No function here takes a workspace: nobody is signed
//! in yet. How many are too many is the server's decision; here they are only counted.

use loa_kernel::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::entity::sign_in_failures as failures;
use crate::{Result, StoreError, Tx};

/// What is counted for one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInFailures {
    /// Failures since the last success or pause.
    pub failures: u32,
    /// The last one.
    pub last_at: Timestamp,
    /// No attempt counts before this instant.
    pub blocked_until: Option<Timestamp>,
}

/// The key of an e-mail.
pub fn email_key(email: &str) -> String {
    format!("email:{}", crate::members::fold_email(email))
}

/// The key of an address.
pub fn ip_key(ip: &str) -> String {
    format!("ip:{ip}")
}

/// What is counted for a key, if anything.
pub async fn get(conn: &impl ConnectionTrait, key: &str) -> Result<Option<SignInFailures>> {
    Ok(failures::Entity::find_by_id(key.to_owned()).one(conn).await?.map(|row| SignInFailures {
        failures: u32::try_from(row.failures).unwrap_or(0),
        last_at: Timestamp(row.last_at),
        blocked_until: row.blocked_until_at.map(Timestamp),
    }))
}

/// Count one more failure and answer how many there are now; failures whose last one lies before
/// `forget_before` count no longer. One statement, so that attempts at the same time all count.
pub async fn record(tx: &Tx, key: &str, now: Timestamp, forget_before: Timestamp) -> Result<u32> {
    let old = |column: failures::Column| Expr::col((failures::Entity, column));
    let mut conflict = OnConflict::column(failures::Column::Key);
    conflict
        .value(
            failures::Column::Failures,
            Expr::case(old(failures::Column::LastAt).lt(forget_before.0), 1)
                .finally(old(failures::Column::Failures).add(1)),
        )
        .update_column(failures::Column::LastAt);
    let insert = Query::insert()
        .into_table(failures::Entity)
        .columns([failures::Column::Key, failures::Column::Failures, failures::Column::LastAt])
        .values([key.into(), 1.into(), now.0.into()])
        .map_err(|e| StoreError::Other(e.to_string()))?
        .on_conflict(conflict)
        .returning_col(failures::Column::Failures)
        .to_owned();
    let row = tx.query_one(&insert).await?.ok_or(StoreError::NotFound("sign-in failure"))?;
    let count: i32 = row.try_get_by_index(0)?;
    Ok(u32::try_from(count).unwrap_or(0))
}

/// Let no attempt count before `until`.
pub async fn block(tx: &Tx, key: &str, until: Timestamp) -> Result<()> {
    failures::Entity::update_many()
        .filter(failures::Column::Key.eq(key))
        .col_expr(failures::Column::BlockedUntilAt, Expr::value(until.0))
        .exec(tx)
        .await?;
    Ok(())
}

/// Forget the failures of a key, after a success.
pub async fn clear(tx: &Tx, key: &str) -> Result<()> {
    failures::Entity::delete_by_id(key.to_owned()).exec(tx).await?;
    Ok(())
}

/// Forget keys whose last failure lies before `before`.
pub async fn prune(tx: &Tx, before: Timestamp) -> Result<u64> {
    let done = failures::Entity::delete_many().filter(failures::Column::LastAt.lt(before.0)).exec(tx).await?;
    Ok(done.rows_affected)
}
