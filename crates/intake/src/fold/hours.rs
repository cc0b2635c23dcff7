//! Customers who write while the shop is closed: each asks for one automatic reply a time of closure.

use loa_hours::{Calendar, Plan};
use loa_kernel::{ConversationId, Timestamp};
use loa_store::auto_replies::NewAutoReply;

use super::Event;
use super::world::World;

/// The customer wrote at `at`. When the shop was closed then and still is, an automatic reply is due; whether it goes
/// is decided later. An old message that comes late, after the next opening or from an import, asks for none.
pub(super) fn outside(world: &mut World<'_>, event: &Event, conversation: ConversationId, at: Timestamp) {
    let now = world.now;
    let Some(closed) = world.calendar(event.workspace, event.channel).and_then(|c| c.closed(at)) else {
        return;
    };
    let Some(opens_at) = closed.until.filter(|until| *until > now) else { return };
    world.answer_outside(NewAutoReply {
        workspace: event.workspace,
        conversation,
        channel: event.channel,
        closed_since: closed.since.unwrap_or_default(),
        message_at: at,
        opens_at,
    });
}

/// The calendar of a stored plan; a plan that is not one closes nothing.
pub(super) fn calendar(plan: &serde_json::Value) -> Option<Calendar> {
    let plan: Plan = serde_json::from_value(plan.clone()).ok()?;
    Calendar::new(&plan).ok()
}
