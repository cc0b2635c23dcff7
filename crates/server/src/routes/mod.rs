//! The server's own routes: set-up, sessions, members, notices, operator.

pub(crate) mod members;
pub(crate) mod notifications;
pub(crate) mod operator;
pub(crate) mod session;
pub(crate) mod setup;

use loa_kernel::{Actor, Ids, MemberId, Problem, Timestamp, WorkspaceId};
use loa_store::Tx;
use loa_store::audit::{self, AuditEntry};
use loa_store::changes::{self, NewChange};

/// Note in the audit log what was done to a member.
pub(crate) async fn note(
    tx: &Tx,
    ids: &Ids,
    workspace: WorkspaceId,
    actor: Option<MemberId>,
    action: &str,
    member: MemberId,
    detail: serde_json::Value,
) -> Result<(), Problem> {
    let entry = AuditEntry {
        id: ids.next(),
        at: ids.clock().now(),
        actor,
        action: action.to_owned(),
        object: "member".to_owned(),
        object_id: member.to_string(),
        detail,
    };
    audit::append(tx, workspace, &entry).await?;
    Ok(())
}

/// Tell that a member changed; their open sockets look up their session then. Last statement of a transaction.
pub(crate) async fn told(tx: &Tx, actor: &Actor, member: MemberId, now: Timestamp) -> Result<(), Problem> {
    changes::append(tx, actor.workspace, &[NewChange::member(member)], now).await?;
    Ok(())
}

/// A text a member typed, without blanks around, within `max` characters and not empty.
pub(crate) fn required_text(field: &str, text: &str, max: usize) -> Result<String, Problem> {
    // PostgreSQL stores no NUL character.
    let text = text.replace('\0', "").trim().to_owned();
    if text.is_empty() {
        return Err(Problem::invalid(field, "empty"));
    }
    if text.chars().count() > max {
        return Err(Problem::invalid(field, "too_long").param("max", max));
    }
    Ok(text)
}
