//! Where platforms deliver their events.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::HeaderMap;
use bytes::Bytes;
use loa_channels::{ChannelKind, Channels};
use loa_http::ApiResult;
use loa_kernel::{Clock, Code, Problem};
use loa_stream::{Appended, EventLog, EventRecord, LogError, partition_of};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Largest body that is read. The platform's events are a few kilobytes.
const MAX_BODY_BYTES: usize = 1 << 20;

/// What the webhook needs. Clone it freely: one pointer, because every request clones its state several times.
#[derive(Clone)]
pub struct Webhooks(Arc<Parts>);

struct Parts {
    channels: Channels,
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
}

impl Webhooks {
    /// A webhook that keeps genuine events in `log`.
    pub fn new(channels: Channels, log: Arc<dyn EventLog>, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Parts { channels, log, clock }))
    }

    /// Check `raw` and keep it. Nothing is stored unless it is genuine, recent, and about an account of ours.
    ///
    /// An account that was disconnected here, or whose token is dead, is still ours: its events are kept. The
    /// history stays whole when it is connected again, and a refusal would count as a failed delivery, after a few
    /// of which the platform switches the webhook off for *all* accounts of the application (platform reference
    /// §16.2).
    async fn take(&self, kind: ChannelKind, headers: &HeaderMap, raw: Bytes) -> Result<Appended, Problem> {
        let verified = self.0.channels.verify(kind, headers, &raw).await?;
        // A body that says who it is for but no more is kept too, and shown to the operator; its own bytes name it.
        let key = if verified.key.is_empty() {
            format!("sha256:{}", hex::encode(Sha256::digest(&raw)))
        } else {
            verified.key
        };
        let event = EventRecord {
            partition: partition_of(verified.channel),
            key,
            workspace: verified.workspace,
            channel: verified.channel,
            received_at: self.0.clock.now(),
            body: raw,
        };
        self.0.log.append(event).await.map_err(|error| match error {
            LogError::Overloaded | LogError::Closed => {
                Problem::new(Code::Overloaded).param("retry_after", 1).detail(error)
            }
            other => Problem::internal(other),
        })
    }
}

/// The routes of intake. Platforms call them, so nobody is signed in: the signature is the proof.
pub fn public_router() -> OpenApiRouter<Webhooks> {
    OpenApiRouter::new().routes(routes!(zalo_webhook)).layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Receipt {
    /// Kept.
    Stored,
    /// Kept already.
    Duplicate,
}

/// The answer to an event that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct WebhookAnswer {
    /// What became of it.
    status: Receipt,
}

/// Events of Zalo, for all applications and accounts. The body is checked byte for byte against the signature.
#[utoipa::path(post, path = "/webhooks/zalo", tag = "webhooks", operation_id = "zalo_webhook",
    request_body(content = String, content_type = "application/json"),
    responses((status = 200, body = WebhookAnswer)))]
async fn zalo_webhook(
    State(webhooks): State<Webhooks>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<Json<WebhookAnswer>> {
    let begun = Instant::now();
    let result = match body {
        Ok(raw) => webhooks.take(ChannelKind::Zalo, &headers, raw).await,
        Err(BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_))) => {
            Err(Problem::new(Code::BodyTooLarge).param("max_bytes", MAX_BODY_BYTES))
        }
        Err(other) => Err(Problem::new(Code::MalformedBody).param("at", "body").detail(other.body_text())),
    };
    metrics::histogram!("loa_webhook_seconds").record(begun.elapsed().as_secs_f64());
    let status = match result {
        Ok(Appended::Stored { .. }) => Receipt::Stored,
        Ok(Appended::Duplicate) => Receipt::Duplicate,
        Err(problem) => {
            metrics::counter!("loa_webhook_rejected_total", "reason" => problem.code.as_str()).increment(1);
            return Err(problem.into());
        }
    };
    metrics::counter!("loa_webhook_accepted_total").increment(1);
    Ok(Json(WebhookAnswer { status }))
}
