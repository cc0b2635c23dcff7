//! Events of the past: what an app would have been told about seeded messages, had it listened then.

use loa_kernel::Timestamp;
use zalo::webhook::{Body, MessageBody, Party};

use super::events::message_event;
use crate::world::World;

/// An event that was never delivered.
#[derive(Debug, Clone)]
pub struct PastEvent {
    /// The OA it happened to.
    pub oa_id: String,
    /// When it happened.
    pub at: Timestamp,
    /// The exact text an app would get.
    pub body: String,
}

impl World {
    /// Events of every seeded message that `app_id` would have been told, oldest first: the message, and for one of the
    /// OA's also that it was seen. For whoever wants a history without waiting for it.
    pub fn past_events(&self, app_id: &str) -> Vec<PastEvent> {
        let state = self.state();
        let mut events = Vec::new();
        for message in state.ledger_after(0).filter(|m| m.seeded) {
            let Some(contact) = state.contact(&message.oa_id, &message.user_id) else { continue };
            let person = state.person(&contact.person_id);
            let mut push = |mut body: Body, at: Timestamp| {
                body.app_id = Some(app_id.to_owned());
                body.timestamp = Some(at.as_ms());
                body.user_id_by_app = person.map(|p| p.id_by_app(app_id));
                if let Ok(body) = serde_json::to_string(&body) {
                    events.push(PastEvent { oa_id: message.oa_id.clone(), at, body });
                }
            };
            push(message_event(message, contact, self.base()), message.at);
            if let Some(seen_at) = message.seen_at {
                let seen = Body {
                    sender: Some(Party::new(&message.oa_id)),
                    recipient: Some(Party::new(&contact.user_id)),
                    event_name: "user_seen_message".to_owned(),
                    message: Some(MessageBody {
                        msg_ids: vec![message.id.clone()],
                        ..MessageBody::default()
                    }),
                    ..Body::default()
                };
                push(seen, seen_at);
            }
        }
        events.sort_by_key(|e| e.at);
        events
    }
}
