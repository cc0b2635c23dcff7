//! Imports of customers from files: the job, its batches and what became of its rows.
//!
//! A job is due work: [`claim`] takes one, [`apply`] does a batch of its rows, and the cursor stands in the same
//! transaction. A program that dies repeats one batch, of which nothing was kept. Whom a row creates has an id that follows
//! from import and row ([`created_id`]).
//!
//! A dry run is the same code ([`apply`] with `write` false): it decides and counts, and writes no customer.

mod apply;

use loa_kernel::{CustomerId, CustomerImportId, MemberId, Timestamp, WorkspaceId};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use serde::{Deserialize, Serialize};

pub use crate::entity::customer_import_rows::Model as ImportRow;
pub use crate::entity::customer_imports::Model as CustomerImport;
pub use apply::{Given, Line, MatchBy, Policy, Why, apply};

use crate::dialect::skip_locked;
use crate::entity::{customer_import_rows, customer_imports};
use crate::rows::insert_rows;
use crate::words::words;
use crate::{Result, Store, StoreError, Tx};

words! {
    /// Where an import stands.
    ImportState {
        /// Its file is there; nothing is done with it yet.
        Draft = "draft",
        /// Its rows are looked at, and no customer is changed.
        Checking = "checking",
        /// What would happen is known.
        Checked = "checked",
        /// It goes on by itself.
        Running = "running",
        /// A member holds it.
        Paused = "paused",
        /// Every row was dealt with.
        Done = "done",
        /// A member ended it. What was brought in until then stays.
        Canceled = "canceled",
        /// It cannot go on. What was brought in until then stays.
        Failed = "failed",
    }
}

words! {
    /// What became of a row.
    RowOutcome {
        /// A customer was made of it.
        Created = "created",
        /// It changed a customer.
        Updated = "updated",
        /// It says what is known.
        Unchanged = "unchanged",
        /// It was passed over, and says why.
        Skipped = "skipped",
    }
}

/// How many rows came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportCounts {
    /// Customers that were made.
    pub created: u64,
    /// Customers that were changed.
    pub updated: u64,
    /// Rows that say what is known.
    pub unchanged: u64,
    /// Rows that were passed over.
    pub skipped: u64,
}

impl CustomerImport {
    /// Where it stands.
    pub fn state(&self) -> Result<ImportState> {
        self.state.parse()
    }

    /// How many rows came to what so far.
    pub fn counted(&self) -> Result<ImportCounts> {
        serde_json::from_value(self.counts.clone())
            .map_err(|error| StoreError::unreadable("customer_imports.counts", error))
    }

    /// Its id.
    pub fn import_id(&self) -> CustomerImportId {
        CustomerImportId(self.id)
    }

    /// Its workspace.
    pub fn workspace(&self) -> WorkspaceId {
        WorkspaceId(self.workspace_id)
    }

    /// Who uploaded it.
    pub fn member(&self) -> MemberId {
        MemberId(self.member_id)
    }

    /// Begin anew at the first row, in this state.
    pub fn restart(&mut self, state: ImportState) {
        state.as_str().clone_into(&mut self.state);
        self.row_at = 0;
        self.counts = serde_json::json!(ImportCounts::default());
        (self.failure, self.finished_at) = (None, None);
        (self.lease_until_at, self.lease_owner) = (None, None);
    }
}

/// Whom a row of an import creates: the same one each time. A thousand rows share a millisecond, so that the ids of a file
/// ascend with its rows and stand together in the database.
pub fn created_id(import: CustomerImportId, created_at: Timestamp, row: i64) -> CustomerId {
    let at = Timestamp(created_at.0 + row / 1_000);
    CustomerId::derived(at, &[import.0.as_bytes(), &row.to_be_bytes()])
}

/// Keep a new one. Errors: `Unique("customer_imports_pkey")` when its id is known.
pub async fn insert(tx: &Tx, row: CustomerImport) -> Result<()> {
    insert_rows::<customer_imports::Entity>(tx, [row], None).await?;
    Ok(())
}

/// One import.
pub async fn get(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    id: CustomerImportId,
) -> Result<Option<CustomerImport>> {
    Ok(customer_imports::Entity::find_by_id((ws.0, id.0)).one(conn).await?)
}

/// One import, and nobody else changes it before this transaction ends.
pub async fn locked(tx: &Tx, ws: WorkspaceId, id: CustomerImportId) -> Result<Option<CustomerImport>> {
    Ok(customer_imports::Entity::find_by_id((ws.0, id.0)).lock_exclusive().one(tx).await?)
}

/// The newest imports of a workspace.
pub async fn newest(conn: &impl ConnectionTrait, ws: WorkspaceId, limit: u64) -> Result<Vec<CustomerImport>> {
    use customer_imports::Column as C;
    Ok(customer_imports::Entity::find()
        .filter(C::WorkspaceId.eq(ws.0))
        .order_by_desc(C::CreatedAt)
        .order_by_desc(C::Id)
        .limit(limit)
        .all(conn)
        .await?)
}

/// Write an import that was locked.
pub async fn save(tx: &Tx, row: &CustomerImport, now: Timestamp) -> Result<()> {
    let row = CustomerImport { updated_at: now.0, ..row.clone() };
    row.into_active_model().reset_all().update(tx).await?;
    Ok(())
}

/// Take one import that is due, of any workspace: first the one that `owner` has, whose file is open. It is `owner`'s until
/// `until`.
pub async fn claim(
    store: &Store,
    owner: &str,
    until: Timestamp,
    now: Timestamp,
) -> Result<Option<CustomerImport>> {
    use customer_imports::Column as C;
    let mut due = due().filter(C::LeaseOwner.eq(owner));
    if due.clone().one(store.reader()).await?.is_none() {
        let free = Condition::any().add(C::LeaseUntilAt.is_null()).add(C::LeaseUntilAt.lte(now.0));
        due = self::due().filter(free);
        if due.clone().one(store.reader()).await?.is_none() {
            return Ok(None);
        }
    }
    let tx = store.begin().await?;
    skip_locked(QueryTrait::query(&mut due));
    let Some(mut row) = due.one(&tx).await? else { return Ok(None) };
    row.lease_until_at = Some(until.0);
    row.lease_owner = Some(owner.to_owned());
    save(&tx, &row, now).await?;
    tx.commit().await?;
    Ok(Some(row))
}

fn due() -> sea_orm::Select<customer_imports::Entity> {
    customer_imports::Entity::find()
        .filter(Expr::cust("state IN ('checking', 'running')"))
        .order_by_asc(customer_imports::Column::UpdatedAt)
        .limit(1)
}

/// The import that `owner` claimed, locked; `None` when it is no longer theirs, stands elsewhere, or was begun anew.
pub async fn lock_mine(tx: &Tx, claimed: &CustomerImport, owner: &str) -> Result<Option<CustomerImport>> {
    let row = locked(tx, claimed.workspace(), claimed.import_id()).await?;
    let same = |row: &CustomerImport| {
        row.state == claimed.state
            && row.row_at == claimed.row_at
            && row.plan == claimed.plan
            && row.lease_owner.as_deref() == Some(owner)
    };
    Ok(row.filter(same))
}

/// At most `limit` stretches of rows behind a row, in their order.
pub async fn rows(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    id: CustomerImportId,
    after: i64,
    limit: u64,
) -> Result<Vec<ImportRow>> {
    use customer_import_rows::Column as C;
    Ok(customer_import_rows::Entity::find()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::ImportId.eq(id.0))
        .filter(C::Row.gt(after))
        .order_by_asc(C::Row)
        .limit(limit)
        .all(conn)
        .await?)
}

/// Forget what became of the rows, before they are looked at anew.
pub async fn forget_rows(tx: &Tx, ws: WorkspaceId, id: CustomerImportId) -> Result<()> {
    use customer_import_rows::Column as C;
    customer_import_rows::Entity::delete_many()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::ImportId.eq(id.0))
        .exec(tx)
        .await?;
    Ok(())
}
