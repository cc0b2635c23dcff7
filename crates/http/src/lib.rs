//! Glue between axum and Loa's words: how a request is read, how a problem is answered, and which requests
//! are refused because another site made them.
//!
//! Invariants:
//! - Every refusal leaves as `{code, params}` with the code's own status. No rejection text of the framework
//!   reaches a client.
//! - The detail of a problem is logged and never sent. A fault of ours is answered with a reference under
//!   which the operator finds it in the log.
//! - A call that changes something is answered only when the header `x-loa: 1` is there, and when the
//!   browser does not say that another site made the call.
//!
//! How to add a route: write the handler with [`ApiJson`], [`ApiPath`], [`ApiQuery`] and
//! `axum::Extension<loa_kernel::Actor>`, answer `Result<_, ApiError>` (alias [`ApiResult`]), annotate it with
//! `#[utoipa::path]` giving the full path, and register it in the capability's
//! `router() -> OpenApiRouter<State>`. Refusals need no annotation: the composed document gives every
//! operation the same `Problem` answer.

mod errors;
mod extract;
mod origin;

pub use errors::{ApiError, ApiResult, RequestId, answer_problems};
pub use extract::{ApiJson, ApiPath, ApiQuery, MAX_JSON_BYTES, MAX_PAGE, form_problem, page_limit};
pub use origin::{SiteGuard, require_same_site, same_site};
