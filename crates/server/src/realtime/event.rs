//! What goes over the wire, and who may see it.

use axum::extract::ws::Utf8Bytes;
use loa_channels::views::Channel;
use loa_customers::{CustomerView, LabelView};
use loa_inbox::views::{BulkJobView, ConversationView, MessageView};
use loa_kernel::{
    Action, Actor, ChannelId, ConversationId, LabelId, MemberId, MessageId, Object, SavedViewId,
};
use loa_outbound::ScheduledView;
use loa_store::conversations::Visibility;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::presence::ThreadPresence;
use crate::views::{MemberView, NotificationView};

/// One thing the server says. A frame holds one, or an array of them when several are due.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = RealtimeFrame)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "describes the wire; the server writes it piece by piece")]
pub enum Frame {
    /// The connection stands; events after `seq` follow.
    Hello {
        /// The number to resume from until the first event.
        seq: i64,
    },
    /// What was asked for is no longer kept: read everything again. Events after `seq` follow.
    TooOld {
        /// The number to resume from until the first event.
        seq: i64,
    },
    /// Something changed.
    Event {
        /// Its number; resume from here.
        seq: i64,
        /// What.
        #[serde(flatten)]
        change: Change,
    },
    /// Who is in which threads now. Has no number and is not repeated; after `hello` and `too_old` all that stands is
    /// told, so forget the rest then.
    Presence {
        /// Threads in which something changed, each with everybody who is in it.
        threads: Vec<ThreadPresence>,
    },
}

/// What a client may say, in one small text frame. What it cannot be heard with is passed over: too often, not
/// understood, or about a thread that the member may not see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RealtimeSaid)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Said {
    /// The member looks at this thread and at no other from here. It holds for 45 seconds: say it again every 15, and at
    /// once when something changes.
    Viewing {
        /// Which thread.
        conversation_id: ConversationId,
        /// They write in it. It holds for 6 seconds: say it again every 3.
        #[serde(default)]
        typing: bool,
    },
    /// The member looks at no thread from here.
    Away,
}

/// What changed, as it is now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = RealtimeChange)]
#[serde(tag = "kind", content = "data")]
#[allow(clippy::large_enum_variant, reason = "made, written and dropped; never kept in numbers")]
pub enum Change {
    /// A message is new or changed.
    #[serde(rename = "message.upserted")]
    MessageUpserted(MessageView),
    /// A message is gone.
    #[serde(rename = "message.removed")]
    MessageRemoved(RemovedMessage),
    /// A thread is new or changed.
    #[serde(rename = "conversation.upserted")]
    ConversationUpserted(ConversationView),
    /// A customer is new or changed.
    #[serde(rename = "customer.upserted")]
    CustomerUpserted(CustomerView),
    /// A channel is new or changed.
    #[serde(rename = "channel.upserted")]
    ChannelUpserted(Channel),
    /// A member is new or changed.
    #[serde(rename = "member.upserted")]
    MemberUpserted(MemberView),
    /// A label is new or changed.
    #[serde(rename = "label.upserted")]
    LabelUpserted(LabelView),
    /// A label is gone, from every customer too.
    #[serde(rename = "label.removed")]
    LabelRemoved(RemovedLabel),
    /// The fields of customers are others than they were: ask for them, and for what was shown by them.
    #[serde(rename = "fields.changed")]
    FieldsChanged(ChangedFields),
    /// A notice to the member who listens is new or was read.
    #[serde(rename = "notification.upserted")]
    NotificationUpserted(NotificationView),
    /// A message that is to be sent later is new or changed.
    #[serde(rename = "scheduled.upserted")]
    ScheduledUpserted(ScheduledView),
    /// A saved view is new, changed or gone: ask for the views.
    #[serde(rename = "saved_view.changed")]
    SavedViewChanged(ChangedView),
    /// What the member who listens does to many threads has moved on.
    #[serde(rename = "bulk_job.upserted")]
    BulkJobUpserted(BulkJobView),
}

/// The fields of customers are others than they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangedFields {}

/// A saved view that is new, changed or gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangedView {
    /// Its id.
    pub id: SavedViewId,
}

/// A message that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RemovedMessage {
    /// Its id.
    pub id: MessageId,
    /// The thread it was in.
    pub conversation_id: ConversationId,
}

/// A label that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RemovedLabel {
    /// Its id.
    pub id: LabelId,
}

/// Who may see an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Whoever sees this thread.
    Thread { channel: ChannelId, assignee: Option<MemberId> },
    /// Whoever sees all channels this customer has addresses on. (Who sees only some of them gets the customer by
    /// asking, with the other addresses left out.)
    Customer { channels: Vec<ChannelId> },
    /// Whoever sees this channel.
    Channel(ChannelId),
    /// Whoever sees members.
    Member(MemberId),
    /// Whoever sees labels.
    Labels,
    /// Whoever sees customers, of however few.
    Fields,
    /// Only this member.
    Only(MemberId),
    /// Whoever has shared views.
    Views,
}

/// An event, written.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub audience: Audience,
    /// As JSON.
    pub full: String,
    /// As JSON for those who do not see phone numbers whole; `None`: the same.
    pub masked: Option<String>,
}

impl Event {
    pub fn text(&self, masked: bool) -> &str {
        self.masked.as_deref().filter(|_| masked).unwrap_or(&self.full)
    }
}

/// Events that go out together, in order.
#[derive(Debug)]
pub(crate) struct Batch {
    pub events: Vec<Event>,
    /// The number of the last change in it, which may have no event.
    pub last_seq: i64,
    /// The whole batch as one frame, full and masked, for the many who see everything.
    pub frames: [Utf8Bytes; 2],
    /// Something in it is for one member only, so the whole is for nobody.
    pub private: bool,
}

impl Batch {
    pub fn new(events: Vec<Event>, last_seq: i64) -> Self {
        let frames = [false, true].map(|masked| frame(events.iter().map(|event| event.text(masked))));
        let private = events.iter().any(|event| matches!(event.audience, Audience::Only(_)));
        Self { events, last_seq, frames, private }
    }

    /// Members that changed in it.
    pub fn members(&self) -> impl Iterator<Item = MemberId> {
        self.events.iter().filter_map(|event| match event.audience {
            Audience::Member(id) => Some(id),
            _ => None,
        })
    }
}

/// One event as it is, several as an array, none as nothing.
pub(crate) fn frame<'a>(events: impl Iterator<Item = &'a str>) -> Utf8Bytes {
    let events: Vec<&str> = events.collect();
    match events.as_slice() {
        [] => Utf8Bytes::default(),
        [one] => Utf8Bytes::from(*one),
        many => Utf8Bytes::from(format!("[{}]", many.join(","))),
    }
}

/// What a socket's member sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sight {
    me: MemberId,
    threads: Option<Visibility>,
    customers: Option<Visibility>,
    channels: Option<Visibility>,
    members: bool,
    views: bool,
    labels: bool,
    pub masked: bool,
    /// They see everything, so whole frames can be passed on.
    pub everything: bool,
}

impl Sight {
    pub fn of(actor: &Actor) -> Self {
        let view = |object| Visibility::of(actor, object, Action::View).ok();
        let (threads, customers, channels) =
            (view(Object::Conversation), view(Object::Customer), view(Object::Channel));
        let members = actor.can(Object::Member, Action::View);
        let views = actor.can(Object::SavedView, Action::View);
        let labels = actor.can(Object::Label, Action::View);
        let all = Some(Visibility::default());
        let everything = threads == all && customers == all && channels == all && members && views && labels;
        let masked = !actor.can(Object::Customer, Action::ViewUnmasked);
        Self { me: actor.member, threads, customers, channels, members, views, labels, masked, everything }
    }

    pub fn shows(&self, audience: &Audience) -> bool {
        match audience {
            Audience::Thread { channel, assignee } => {
                self.threads.as_ref().is_some_and(|v| v.shows(*channel, *assignee))
            }
            Audience::Customer { channels } => self.customers.as_ref().is_some_and(|v| {
                v.only_assignee.is_none() && channels.iter().all(|channel| v.shows(*channel, None))
            }),
            Audience::Channel(channel) => self
                .channels
                .as_ref()
                .is_some_and(|v| v.channels.as_ref().is_none_or(|c| c.contains(channel))),
            Audience::Member(_) => self.members,
            Audience::Labels => self.labels,
            Audience::Fields => self.customers.is_some(),
            Audience::Only(member) => *member == self.me,
            Audience::Views => self.views,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loa_kernel::{Grant, Role, Scope, WorkspaceId};
    use uuid::Uuid;

    fn id<T: From<Uuid>>(n: u8) -> T {
        T::from(Uuid::from_bytes([n; 16]))
    }

    #[test]
    fn everybody_sees_their_part() {
        let me: MemberId = id(9);
        let (a, b): (ChannelId, ChannelId) = (id(1), id(2));
        let manager = Actor::with_role(id::<WorkspaceId>(0), me, Role::Manager);
        let of_a = Actor { channels: Some(vec![a]), ..manager.clone() };
        let own = Grant { object: Object::Conversation, action: Action::View, scope: Scope::Own };
        let own_threads = Actor { grants: vec![own], ..manager.clone() };
        let nobody = Actor { grants: vec![], ..manager.clone() };
        for (audience, expected) in [
            (Audience::Thread { channel: a, assignee: None }, [true, true, false, false]),
            (Audience::Thread { channel: b, assignee: Some(me) }, [true, false, true, false]),
            (Audience::Customer { channels: vec![a] }, [true, true, false, false]),
            (Audience::Customer { channels: vec![a, b] }, [true, false, false, false]),
            (Audience::Channel(b), [true, false, false, false]),
            (Audience::Member(id(3)), [true, true, false, false]),
            (Audience::Labels, [true, true, false, false]),
            (Audience::Fields, [true, true, false, false]),
            (Audience::Only(me), [true, true, true, true]),
            (Audience::Only(id(3)), [false, false, false, false]),
            (Audience::Views, [true, true, false, false]),
        ] {
            let seen =
                [&manager, &of_a, &own_threads, &nobody].map(|actor| Sight::of(actor).shows(&audience));
            assert_eq!(seen, expected, "{audience:?}");
        }
        assert!(Sight::of(&manager).everything && !Sight::of(&of_a).everything);
    }

    #[test]
    fn what_is_for_one_goes_to_nobody_as_a_whole() {
        let event = |audience| Event { audience, full: "{}".into(), masked: None };
        assert!(!Batch::new(vec![event(Audience::Channel(id(1)))], 1).private);
        assert!(Batch::new(vec![event(Audience::Channel(id(1))), event(Audience::Only(id(9)))], 2).private);
    }

    #[test]
    fn frames_hold_one_or_an_array() {
        for (events, text) in [(vec![], ""), (vec!["{}"], "{}"), (vec!["1", "2"], "[1,2]")] {
            assert_eq!(frame(events.into_iter()).as_str(), text);
        }
    }

    #[test]
    fn the_wire_is_flat() {
        let change = Change::MessageRemoved(RemovedMessage { id: id(1), conversation_id: id(2) });
        let json = serde_json::to_value(Frame::Event { seq: 7, change }).unwrap();
        assert_eq!(json["type"], "event");
        assert_eq!(json["kind"], "message.removed");
        assert_eq!(json["seq"], 7);
        assert!(json["data"]["id"].as_str().unwrap().starts_with("msg_"));
    }
}
