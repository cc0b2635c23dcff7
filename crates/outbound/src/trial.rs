//! One try after money ran out: who takes it, and what becomes of it.
//!
//! Nothing tells the balance of a Zalo Cloud Account but a send (features reference §4.8), so somebody who has topped it
//! up presses "Kiểm tra lại". That opens a try: the next message that would have to be paid takes it, and until that one
//! is settled every other is refused as before. A charged answer shows that the account pays again; a refusal about
//! money ends the try; when the message was not refused about money, or never sent, the try is open again.
//!
//! All of it happens while the account's row is locked.

use loa_kernel::{MessageId, Timestamp};
use loa_rulebook::{Decision, ReasonCode};
use loa_store::Tx;
use loa_store::changes::NewChange;
use loa_store::entity::channels;
use loa_store::outbound::{self as rows, Thread};

use crate::retry::Halt;

/// A message that may go only as the try takes it. Answers the change to tell, if it did so now.
pub(crate) async fn hold_trial(
    tx: &Tx,
    thread: &Thread,
    message: MessageId,
    decision: &Decision,
    now: Timestamp,
) -> Result<Option<NewChange>, Halt> {
    if !decision.is_allowed() || !decision.has(ReasonCode::ZcaTrial) {
        return Ok(None);
    }
    let mut new = thread.channel.clone();
    new.trial_message_id = Some(message.0);
    save(tx, thread, new, now).await
}

/// A message that held the try will not be sent: the next one may. Answers the change to tell, if it held it.
pub(crate) async fn give_trial_back(
    tx: &Tx,
    thread: &Thread,
    message: MessageId,
    now: Timestamp,
) -> Result<Option<NewChange>, Halt> {
    let mut new = thread.channel.clone();
    if !reopen_trial(&mut new, message) {
        return Ok(None);
    }
    save(tx, thread, new, now).await
}

/// The same on the row; false when the message did not hold it.
pub(crate) fn reopen_trial(channel: &mut channels::Model, message: MessageId) -> bool {
    let held = channel.trial_message_id == Some(message.0);
    if held {
        channel.trial_message_id = None;
    }
    held
}

/// There is no try any more.
pub(crate) fn end_trial(channel: &mut channels::Model) {
    channel.trial_opened_at = None;
    channel.trial_message_id = None;
}

async fn save(
    tx: &Tx,
    thread: &Thread,
    mut new: channels::Model,
    now: Timestamp,
) -> Result<Option<NewChange>, Halt> {
    if new == thread.channel {
        return Ok(None);
    }
    new.updated_at = now.0;
    rows::save_channel(tx, &thread.channel, &new).await?;
    Ok(Some(NewChange::channel(thread.channel_id())))
}
