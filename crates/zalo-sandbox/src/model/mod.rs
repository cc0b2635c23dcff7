//! What the sandbox knows: plain data, no effects. [`State`] holds it all behind one lock.

mod account;
mod fault;
mod field;
mod log;
mod message;
mod person;
mod state;

pub use account::{
    AccessToken, App, AuthCode, Edition, Extra, Grant, Oa, Package, Permission, RefreshToken, Settings,
    Upload, UploadSort, Zca,
};
pub use fault::{ApiFault, Dice, Fault, FaultKind, WebhookFault};
pub use field::{CustomField, FieldValue};
pub use log::{Attempt, Delivery, DeliveryState, Lane, RequestLog};
pub use message::{Action, Attachment, Author, Entry, Kind, Message, Payer, Reaction, absolute};
pub use person::{Contact, Person, Shared};
pub use state::{Meta, State, ThreadKey};
