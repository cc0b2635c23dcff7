//! Takes what customers had in a field that was removed.

use std::sync::Arc;

use async_trait::async_trait;
use loa_channels::reconcile::DueWork;
use loa_kernel::{Clock, Problem};
use loa_store::Store;
use loa_store::customers::fields;

/// Customers of one transaction.
const AT_ONCE: u64 = 500;

/// Empties removed fields, some customers at a time.
pub struct FieldWork {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl FieldWork {
    /// For all workspaces.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }
}

#[async_trait]
impl DueWork for FieldWork {
    fn name(&self) -> &'static str {
        "removed_fields"
    }

    async fn run_batch(&self, _limit: usize) -> Result<usize, Problem> {
        Ok(usize::from(fields::empty(&self.store, AT_ONCE, self.clock.now()).await?))
    }
}
