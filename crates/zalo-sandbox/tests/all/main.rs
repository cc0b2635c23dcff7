//! The sandbox from outside: real HTTP on a free port, a clock that stands still, no sleeping.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod bed;
mod calls;
mod faults;
mod oauth;
mod people;
mod restart;
mod sending;
mod webhooks;
