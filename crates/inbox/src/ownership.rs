//! What is either one member's own or everybody's: canned replies and macros.

use loa_kernel::{Action, Actor, Code, Object, Problem};

/// May they do this to one of everybody's, or to one of their own (`personal`)?
pub fn may(actor: &Actor, object: Object, action: Action, personal: bool) -> bool {
    actor.can_all(object, action) || personal && actor.can(object, action)
}

/// Refuse with `forbidden` unless [`may`].
pub fn require(actor: &Actor, object: Object, action: Action, personal: bool) -> Result<(), Problem> {
    if may(actor, object, action, personal) {
        return Ok(());
    }
    Err(Problem::new(Code::Forbidden).param("object", object.as_str()).param("action", action.as_str()))
}
