//! Presence of whole workspaces: takes what connections say, tells those who may know, a few times a second at most.
//!
//! It lives in memory and in this process alone: what another process hears is not known here. Whoever makes it reach
//! further replaces [`Rooms`]; nothing else knows where presence lies.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use loa_kernel::{ChannelId, Clock, ConversationId, MemberId, Problem, Timestamp, WorkspaceId};
use loa_store::{Store, conversations};
use tokio::sync::Notify;
use tokio::sync::broadcast::{Receiver, Sender, channel};
use tokio_util::sync::CancellationToken;

use super::event::{Audience, Frame, Sight};
use super::presence::{Connection, Leases, ThreadPresence};

/// What happens within so long is told together: with 500 people, one frame instead of hundreds.
const TOGETHER: Duration = Duration::from_millis(200);
/// How often leases that ended are looked for.
const TICK: Duration = Duration::from_secs(1);
/// Frames a slow reader may be behind; one that is further behind is told anew what stands.
const BUFFER: usize = 32;

/// Who is where, in every workspace that has listeners. Clone it freely; all clones are one.
#[derive(Clone)]
pub(crate) struct Rooms(Arc<Shared>);

struct Shared {
    store: Store,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
    connections: AtomicU64,
    rooms: Mutex<HashMap<WorkspaceId, Arc<Room>>>,
}

struct Room {
    leases: Mutex<Leases>,
    moved: Notify,
    sender: Sender<Arc<Told>>,
}

impl Room {
    fn leases<T>(&self, f: impl FnOnce(&mut Leases) -> T) -> T {
        f(&mut self.leases.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What is told at once.
#[derive(Debug)]
pub(super) struct Told {
    threads: Vec<(Audience, ThreadPresence)>,
    /// All of it, for the many who see every thread.
    whole: Utf8Bytes,
}

impl Told {
    fn new(threads: Vec<(Audience, ThreadPresence)>) -> Result<Self, Problem> {
        let whole = written(threads.iter().map(|(_, thread)| thread.clone()).collect())?;
        Ok(Self { threads, whole })
    }

    /// The frame for somebody with this sight; `None`: nothing in it is for them.
    pub fn frame(&self, sight: &Sight) -> Result<Option<Utf8Bytes>, Problem> {
        if sight.everything && !self.threads.is_empty() {
            return Ok(Some(self.whole.clone()));
        }
        let seen = self.threads.iter().filter(|(audience, _)| sight.shows(audience));
        let seen: Vec<ThreadPresence> = seen.map(|(_, thread)| thread.clone()).collect();
        if seen.is_empty() { Ok(None) } else { written(seen).map(Some) }
    }
}

fn written(threads: Vec<ThreadPresence>) -> Result<Utf8Bytes, Problem> {
    serde_json::to_string(&Frame::Presence { threads }).map(Utf8Bytes::from).map_err(Problem::internal)
}

/// One connection's place. Dropping it leaves.
pub(super) struct Seat {
    rooms: Rooms,
    workspace: WorkspaceId,
    room: Arc<Room>,
    connection: Connection,
    pub told: Receiver<Arc<Told>>,
}

impl Rooms {
    pub(crate) fn new(store: Store, clock: Arc<dyn Clock>, stop: CancellationToken) -> Self {
        let (connections, rooms) = (AtomicU64::new(0), Mutex::default());
        Self(Arc::new(Shared { store, clock, stop, connections, rooms }))
    }

    /// Take a place; it listens from now on.
    pub(super) fn enter(&self, workspace: WorkspaceId) -> Seat {
        let connection = self.0.connections.fetch_add(1, Ordering::Relaxed);
        let mut begun = None;
        let (room, told) = self.with_rooms(|rooms| {
            let room = rooms.entry(workspace).or_insert_with(|| {
                let room = Arc::new(Room {
                    leases: Mutex::default(),
                    moved: Notify::new(),
                    sender: channel(BUFFER).0,
                });
                begun = Some(room.clone());
                room
            });
            (room.clone(), room.sender.subscribe())
        });
        if let Some(room) = begun {
            tokio::spawn(self.clone().run(workspace, room));
        }
        Seat { rooms: self.clone(), workspace, room, connection, told }
    }

    /// Tell what changes until nobody listens or the program stops.
    async fn run(self, workspace: WorkspaceId, room: Arc<Room>) {
        loop {
            tokio::select! {
                () = room.moved.notified() => tokio::time::sleep(TOGETHER).await,
                () = tokio::time::sleep(TICK) => {}
                () = self.0.stop.cancelled() => return,
            }
            let changed = room.leases(|leases| leases.changed(self.0.clock.now()));
            match self.addressed(workspace, changed).await {
                Ok(told) if told.threads.is_empty() => {}
                Ok(told) => _ = room.sender.send(Arc::new(told)),
                // Who is in the thread is told again when it changes, and to whoever connects.
                Err(problem) => tracing::warn!(%workspace, %problem, "presence could not be told"),
            }
            if self.end_if_idle(workspace, &room) {
                return;
            }
        }
    }

    /// With who may know of it: whoever sees the thread now.
    async fn addressed(
        &self,
        workspace: WorkspaceId,
        threads: Vec<(ChannelId, ThreadPresence)>,
    ) -> Result<Told, Problem> {
        let ids: Vec<ConversationId> = threads.iter().map(|(_, thread)| thread.conversation_id).collect();
        let assignees = conversations::assignees(self.0.store.reader(), workspace, &ids).await?;
        let assignees: HashMap<ConversationId, Option<MemberId>> = assignees.into_iter().collect();
        let addressed = threads.into_iter().filter_map(|(channel, thread)| {
            let assignee = *assignees.get(&thread.conversation_id)?;
            Some((Audience::Thread { channel, assignee }, thread))
        });
        Told::new(addressed.collect())
    }

    /// Forget a room that nobody listens to. Entering holds the same lock, so nobody enters a room that ends.
    fn end_if_idle(&self, workspace: WorkspaceId, room: &Arc<Room>) -> bool {
        self.with_rooms(|rooms| {
            let idle = room.sender.receiver_count() == 0 && room.leases(|leases| leases.is_empty());
            if idle {
                rooms.remove(&workspace);
            }
            idle
        })
    }

    fn with_rooms<T>(&self, f: impl FnOnce(&mut HashMap<WorkspaceId, Arc<Room>>) -> T) -> T {
        f(&mut self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Seat {
    /// The member looks at this thread, and at no other from here.
    pub fn view(&self, member: MemberId, thread: (ConversationId, ChannelId), typing: bool, now: Timestamp) {
        self.room.leases(|leases| leases.view(self.connection, member, thread, typing, now));
        self.room.moved.notify_one();
    }

    /// The member looks at nothing from here.
    pub fn leave(&self) {
        self.room.leases(|leases| leases.leave(self.connection));
        self.room.moved.notify_one();
    }

    /// All that stands, for a connection that is new or was too slow.
    pub async fn standing(&self) -> Result<Told, Problem> {
        let threads = self.room.leases(|leases| leases.standing());
        self.rooms.addressed(self.workspace, threads).await
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.leave();
    }
}
