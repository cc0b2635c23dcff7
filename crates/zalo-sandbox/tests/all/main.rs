//! The sandbox from outside: real HTTP on a free port, a clock that stands still, no sleeping.

mod bed;
mod calls;
mod faults;
mod oauth;
mod restart;
mod sending;
mod webhooks;
