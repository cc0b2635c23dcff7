//! Who is online.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use loa_kernel::WorkspaceId;

/// How many live connections each workspace has in this process. Clone it freely; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Online(Arc<Mutex<HashMap<WorkspaceId, usize>>>);

impl Online {
    /// Somebody is online until the answer is dropped.
    #[must_use = "nobody is online any more once it is dropped"]
    pub fn enter(&self, workspace: WorkspaceId) -> Presence {
        *self.lock().entry(workspace).or_default() += 1;
        Presence { online: self.clone(), workspace }
    }

    /// Is anybody of this workspace online?
    pub fn is_anybody(&self, workspace: WorkspaceId) -> bool {
        self.lock().contains_key(&workspace)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<WorkspaceId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One live connection.
#[derive(Debug)]
pub struct Presence {
    online: Online,
    workspace: WorkspaceId,
}

impl Drop for Presence {
    fn drop(&mut self) {
        let mut all = self.online.lock();
        if let Some(n) = all.get_mut(&self.workspace) {
            *n -= 1;
            if *n == 0 {
                all.remove(&self.workspace);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_to_leave_leaves_nobody() {
        let online = Online::default();
        let [a, b] = [1, 2].map(|n| WorkspaceId(uuid::Uuid::from_u128(n)));
        let (first, second) = (online.enter(a), online.clone().enter(a));
        assert!(online.is_anybody(a) && !online.is_anybody(b));
        drop(first);
        assert!(online.is_anybody(a));
        drop(second);
        assert!(!online.is_anybody(a));
        assert!(online.lock().is_empty());
    }
}
