//! One browser's connection.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use loa_http::{ApiQuery, ApiResult, SiteGuard, same_site};
use loa_kernel::{Action, ChannelId, Code, ConversationId, MemberId, Object, Problem};
use loa_store::{conversations, sessions};
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use utoipa::IntoParams;

use super::event::{Audience, Batch, Frame, Said, Sight, frame};
use super::hub::{Hub, Resume};
use super::presence::Allowance;
use super::room::{Seat, Told};
use crate::auth::Current;
use crate::state::AppState;

/// Reasons for closing, beside those of RFC 6455; 4000 and above are the application's.
mod close {
    /// The program stops.
    pub const GOING_AWAY: u16 = 1001;
    /// A fault of ours.
    pub const INTERNAL: u16 = 1011;
    /// The session has ended: sign in again.
    pub const SIGNED_OUT: u16 = 4401;
    /// Too slow: connect again with `since`.
    pub const SLOW: u16 = 4408;
    /// What was asked for went away meanwhile: connect again with `since`.
    pub const AGAIN: u16 = 4410;
}

/// What a client says is short.
const MAX_INCOMING_BYTES: usize = 4 * 1024;
/// Waiting batches that go out as one frame at most.
const BATCHES_PER_FRAME: usize = 64;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RealtimeParams {
    /// Resume after this number; without it the stream begins now.
    since: Option<i64>,
}

/// A WebSocket on which the server tells what changed. The first frame is `hello` or `too_old`. A frame is one
/// `RealtimeFrame` or an array of them. Closed with 4401 when the session ends, 4408 when the client is too slow and
/// 4410 when it should connect again; after the last two, resume with `since`. What the client may say is `RealtimeSaid`.
#[utoipa::path(get, path = "/api/realtime", tag = "realtime", operation_id = "realtime",
    params(RealtimeParams),
    responses((status = 101, description = "The connection stands; what is then sent is this.", body = Frame)))]
pub(crate) async fn connect(
    State(state): State<AppState>,
    Extension(current): Extension<Current>,
    ApiQuery(params): ApiQuery<RealtimeParams>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> ApiResult<Response> {
    same_site(&SiteGuard { public_origin: state.config.public_url.clone() }, &headers)?;
    let upgrade = upgrade.map_err(|e| {
        Problem::new(Code::UnsupportedMedia).param("expected", "websocket").detail(e.body_text())
    })?;
    let answer = upgrade.max_message_size(MAX_INCOMING_BYTES).on_upgrade(move |socket| async move {
        metrics::gauge!("loa_realtime_sockets").increment(1.0);
        let _here = state.channels.online().enter(current.signed_in.member.workspace);
        let (sink, stream) = socket.split();
        let mut socket = Socket::new(state, current, sink);
        let code = socket.run(stream, params.since).await.err();
        if let Some(code) = code {
            socket.close(code).await;
        }
        metrics::gauge!("loa_realtime_sockets").decrement(1.0);
    });
    Ok(answer.into_response())
}

struct Socket {
    state: AppState,
    current: Current,
    sight: Sight,
    sink: SplitSink<WebSocket, Message>,
    seat: Seat,
    allowance: Allowance,
    /// The thread that is looked at, and its channel, once it was found that the member sees it.
    viewing: Option<(ConversationId, ChannelId)>,
}

/// `Err` holds the code to close with; `Ok` means that the client is gone.
type Ended = Result<(), u16>;

impl Socket {
    fn new(state: AppState, current: Current, sink: SplitSink<WebSocket, Message>) -> Self {
        let seat = state.rooms.enter(current.signed_in.member.workspace);
        let (sight, allowance) = (Sight::of(&current.actor()), Allowance::full(state.now()));
        Self { state, current, sight, sink, seat, allowance, viewing: None }
    }

    fn hub(&self) -> &Hub {
        &self.state.hub
    }

    async fn run(&mut self, mut incoming: SplitStream<WebSocket>, since: Option<i64>) -> Ended {
        let workspace = self.current.signed_in.member.workspace;
        let joined = self.hub().join(workspace).await.map_err(internal)?;
        let mut events = joined.events;
        match since {
            None => self.say(&Frame::Hello { seq: joined.position }).await?,
            Some(since) => {
                match self.hub().resume(workspace, since, joined.position).await.map_err(internal)? {
                    Resume::TooOld => self.say(&Frame::TooOld { seq: joined.position }).await?,
                    Resume::Read => {
                        self.say(&Frame::Hello { seq: since }).await?;
                        let mut after = since;
                        while after < joined.position {
                            let batch = self.hub().between(workspace, after, joined.position).await;
                            let batch = batch.map_err(|p| {
                                if p.code == Code::TooOld { close::AGAIN } else { internal(p) }
                            })?;
                            after = batch.last_seq;
                            self.pass_on(&[Arc::new(batch)]).await?;
                        }
                    }
                }
            }
        }
        let standing = self.seat.standing().await.map_err(internal)?;
        self.pass_presence(&standing).await?;
        // Agents arrive together, in the morning and after a restart; their look-ups must not stay together.
        let [share] = self.state.ids.bytes::<1>();
        let every = self.hub().config().heartbeat;
        let first = tokio::time::Instant::now() + every * (u32::from(share) + 1) / 256;
        let mut heartbeat = tokio::time::interval_at(first, every);
        heartbeat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut pongs_missed = 0;
        let stop = self.hub().stop().clone();
        loop {
            tokio::select! {
                received = events.recv() => {
                    let batches = drain(received, &mut events)?;
                    self.pass_on(&batches).await?;
                    let me = self.current.signed_in.member.id;
                    if batches.iter().any(|batch| batch.members().any(|member| member == me)) {
                        self.look_up().await?;
                    }
                }
                message = incoming.next() => match message {
                    None | Some(Err(_) | Ok(Message::Close(_))) => return Ok(()),
                    // Anything the client says shows that it lives.
                    Some(Ok(message)) => {
                        pongs_missed = 0;
                        if let Message::Text(text) = message {
                            self.hear(&text).await;
                        }
                    }
                },
                told = self.seat.told.recv() => match told {
                    Ok(told) => self.pass_presence(&told).await?,
                    Err(RecvError::Lagged(_)) => {
                        let standing = self.seat.standing().await.map_err(internal)?;
                        self.pass_presence(&standing).await?;
                    }
                    Err(RecvError::Closed) => return Err(close::GOING_AWAY),
                },
                _ = heartbeat.tick() => {
                    if pongs_missed >= 2 {
                        return Ok(());
                    }
                    pongs_missed += 1;
                    self.write(Message::Ping(Default::default())).await?;
                    self.look_up().await?;
                }
                () = stop.cancelled() => return Err(close::GOING_AWAY),
            }
        }
    }

    /// Is the session still there, and what may its member do now?
    async fn look_up(&mut self) -> Ended {
        let (db, now) = (self.state.store.reader(), self.state.now());
        match sessions::find_by_token(db, self.current.token_hash, now).await {
            Ok(Some(signed_in)) => {
                self.current.signed_in = signed_in;
                self.sight = Sight::of(&self.current.actor());
                // Whether they still see the thread that they look at is asked when they next say so.
                self.viewing = None;
                Ok(())
            }
            Ok(None) => Err(close::SIGNED_OUT),
            Err(error) => Err(internal(error.into())),
        }
    }

    /// What the client says. Nothing that it says can do more than pass by.
    async fn hear(&mut self, text: &str) {
        let now = self.state.now();
        if !self.allowance.take(now) {
            return passed_over("too_often");
        }
        let member = self.current.signed_in.member.id;
        match serde_json::from_str(text) {
            Ok(Said::Viewing { conversation_id, typing }) => {
                if self.viewing.is_none_or(|(viewed, _)| viewed != conversation_id) {
                    self.viewing = self.seen(conversation_id).await;
                }
                let Some(thread) = self.viewing else {
                    self.seat.leave();
                    return passed_over("not_visible");
                };
                let typing = typing && self.current.actor().can(Object::Conversation, Action::Send);
                self.seat.view(member, thread, typing, now);
            }
            Ok(Said::Away) => {
                self.viewing = None;
                self.seat.leave();
            }
            Err(_) => passed_over("not_understood"),
        }
    }

    /// The thread with its channel, when the member sees it.
    async fn seen(&self, id: ConversationId) -> Option<(ConversationId, ChannelId)> {
        let workspace = self.current.signed_in.member.workspace;
        let row = conversations::get(self.state.store.reader(), workspace, id).await.ok()??;
        let channel = ChannelId(row.channel_id);
        let audience = Audience::Thread { channel, assignee: row.assignee_id.map(MemberId) };
        self.sight.shows(&audience).then_some((id, channel))
    }

    async fn pass_presence(&mut self, told: &Told) -> Ended {
        match told.frame(&self.sight).map_err(internal)? {
            Some(text) => self.write(Message::Text(text)).await,
            None => Ok(()),
        }
    }

    async fn pass_on(&mut self, batches: &[Arc<Batch>]) -> Ended {
        let masked = self.sight.masked;
        let text = match batches {
            [one] if self.sight.everything && !one.private => one.frames[usize::from(masked)].clone(),
            many => frame(
                many.iter()
                    .flat_map(|batch| &batch.events)
                    .filter(|event| self.sight.shows(&event.audience))
                    .map(|event| event.text(masked)),
            ),
        };
        if text.is_empty() {
            return Ok(());
        }
        self.write(Message::Text(text)).await
    }

    async fn say(&mut self, frame: &Frame) -> Ended {
        let text = serde_json::to_string(frame).map_err(|e| internal(Problem::internal(e)))?;
        self.write(Message::Text(Utf8Bytes::from(text))).await
    }

    /// A reader that does not take a frame in time is slow; one whose connection broke is gone, which the next read
    /// tells.
    async fn write(&mut self, message: Message) -> Ended {
        let limit = self.hub().config().write_timeout;
        match tokio::time::timeout(limit, self.sink.send(message)).await {
            Ok(Ok(()) | Err(_)) => Ok(()),
            Err(_) => Err(close::SLOW),
        }
    }

    async fn close(&mut self, code: u16) {
        metrics::counter!("loa_realtime_closed_total", "code" => code.to_string()).increment(1);
        let frame = CloseFrame { code, reason: Utf8Bytes::default() };
        let _ = self.write(Message::Close(Some(frame))).await;
    }
}

/// What was received with everything that waits behind it, so that a reader who is behind gets few large frames.
fn drain(
    first: Result<Arc<Batch>, RecvError>,
    events: &mut Receiver<Arc<Batch>>,
) -> Result<Vec<Arc<Batch>>, u16> {
    let mut batches = match first {
        Ok(batch) => vec![batch],
        Err(RecvError::Lagged(_)) => return Err(close::SLOW),
        // The feed ended only because the program stops.
        Err(RecvError::Closed) => return Err(close::GOING_AWAY),
    };
    while batches.len() < BATCHES_PER_FRAME {
        match events.try_recv() {
            Ok(batch) => batches.push(batch),
            Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            Err(TryRecvError::Lagged(_)) => return Err(close::SLOW),
        }
    }
    Ok(batches)
}

fn passed_over(why: &'static str) {
    metrics::counter!("loa_realtime_passed_over_total", "why" => why).increment(1);
}

fn internal(problem: Problem) -> u16 {
    tracing::error!(%problem, "a live connection ended by our fault");
    close::INTERNAL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_is_behind_gets_much_at_once_and_who_is_too_far_behind_is_let_go() {
        let (sender, mut receiver) = tokio::sync::broadcast::channel(4);
        let send = |seq| sender.send(Arc::new(Batch::new(Vec::new(), seq))).unwrap();
        let seqs = |batches: Vec<Arc<Batch>>| batches.iter().map(|b| b.last_seq).collect::<Vec<_>>();
        (1..=3).for_each(|seq| _ = send(seq));
        let first = receiver.recv().await;
        assert_eq!(drain(first, &mut receiver).map(seqs), Ok(vec![1, 2, 3]));
        (4..=9).for_each(|seq| _ = send(seq));
        let first = receiver.recv().await;
        assert_eq!(drain(first, &mut receiver).map(seqs), Err(close::SLOW));
        drop(sender);
        while receiver.recv().await.is_ok() {}
        let first = receiver.recv().await;
        assert_eq!(drain(first, &mut receiver).map(seqs), Err(close::GOING_AWAY));
    }
}
