//! Wake-ups without data.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use loa_kernel::WorkspaceId;
use tokio::sync::watch;

/// What woke up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Changes were committed in this workspace; the realtime hub reads them.
    ChangesIn(WorkspaceId),
    /// A message became due for sending, or for a look at what became of it.
    Deliveries,
    /// An automatic reply, or a message that was to be sent later, became due.
    Scheduled,
    /// A profile became due to be fetched from the platform.
    Profiles,
    /// Something to be done to many threads at once became due.
    Bulk,
    /// Labels are to be written back to a platform.
    Tags,
    /// An import of history became due.
    Imports,
    /// An import of customers from a file became due.
    CustomerImports,
    /// A channel was connected, disconnected or lost its permission.
    Channels,
}

/// In-process wake-ups. Clone it freely; all clones are one.
///
/// Signals say "look again", never what to see. Between processes nothing is carried: every listener also
/// looks by itself now and then.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    topics: Arc<Mutex<HashMap<Topic, watch::Sender<()>>>>,
}

impl Signals {
    /// No listeners yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Wake everybody who listens to `topic`. Call it after the commit, never before.
    pub fn notify(&self, topic: Topic) {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = topics.get(&topic) {
            if sender.receiver_count() == 0 {
                topics.remove(&topic); // the last listener left; workspaces come and go
            } else {
                sender.send_replace(());
            }
        }
    }

    /// Listen to `topic`. What happened before is not told: subscribe first, look at the state then.
    pub fn subscribe(&self, topic: Topic) -> Wakeup {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        Wakeup(topics.entry(topic).or_insert_with(|| watch::Sender::new(())).subscribe())
    }
}

/// One listener. Several notifications between two looks become one.
#[derive(Debug, Clone)]
pub struct Wakeup(pub(crate) watch::Receiver<()>);

impl Wakeup {
    /// Wait until something was notified since the last call (or since subscribing). Returns at once when it
    /// was. Safe to cancel. When the notifier is gone for good it never returns: select it with a stop signal
    /// or a tick.
    pub async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LONG: Duration = Duration::from_secs(5);

    async fn woken(wakeup: &mut Wakeup) -> bool {
        tokio::time::timeout(LONG, wakeup.changed()).await.is_ok()
    }

    #[tokio::test]
    async fn nothing_is_lost_between_subscribing_and_waiting() {
        let signals = Signals::new();
        let mut wakeup = signals.subscribe(Topic::Deliveries);
        signals.notify(Topic::Deliveries);
        signals.notify(Topic::Deliveries);
        assert!(woken(&mut wakeup).await);
        assert!(!wakeup.0.has_changed().unwrap(), "two notifications are one wake-up");
    }

    #[tokio::test]
    async fn topics_are_apart_and_every_listener_wakes() {
        let signals = Signals::new();
        let [a, b] = [1, 2].map(|n| Topic::ChangesIn(WorkspaceId(uuid::Uuid::from_u128(n))));
        let (mut a1, mut a2, b1) = (signals.subscribe(a), signals.clone().subscribe(a), signals.subscribe(b));
        signals.notify(a);
        assert!(woken(&mut a1).await && woken(&mut a2).await);
        assert!(!b1.0.has_changed().unwrap());
    }

    #[tokio::test]
    async fn topics_without_listeners_are_forgotten() {
        let signals = Signals::new();
        drop(signals.subscribe(Topic::Profiles));
        signals.notify(Topic::Profiles);
        assert!(signals.topics.lock().unwrap().is_empty());
        let mut again = signals.subscribe(Topic::Profiles);
        signals.notify(Topic::Profiles);
        assert!(woken(&mut again).await);
    }
}
