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

/// Something that looks like an e-mail address; whether it is one, only a letter to it would show.
pub(crate) fn email(text: &str) -> Result<String, Problem> {
    let text = required_text("email", text, 254)?;
    let fits = text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && !host.contains('@')
            && host.contains('.')
            && !host.starts_with('.')
            && !host.ends_with('.')
    });
    if !fits || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Problem::invalid("email", "not_an_email"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_look_like_emails() {
        for (text, fits) in [
            (" an@example.vn ", true),
            ("an+shop@mail.example.vn", true),
            ("an", false),
            ("an@", false),
            ("@example.vn", false),
            ("an@example", false),
            ("an@a@b.vn", false),
            ("an nguyen@example.vn", false),
            ("an@.vn", false),
        ] {
            assert_eq!(email(text).is_ok(), fits, "{text}");
        }
    }
}
