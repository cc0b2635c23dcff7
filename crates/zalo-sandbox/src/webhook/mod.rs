//! Events to apps: what they look like ([`events`]), in which order they go ([`Queue`]), and the delivery
//! itself ([`engine`]).
//!
//! Invariants:
//! - Events of one user to one app are tried in the order in which they happened, one at a time. Redeliveries
//!   and faults leave that order: the platform promises none.
//! - The signature is made over the exact bytes that are posted.
//! - An event that was accepted here is posted until it is answered with 200, given up by the ladder, or
//!   dropped by a fault; also across a restart.

pub mod engine;
pub mod events;
pub mod past;
mod queue;

pub use events::DYNAMIC_URL;
pub use queue::Queue;
