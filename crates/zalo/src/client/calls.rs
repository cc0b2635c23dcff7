//! The calls, one method each. Each says its section of the platform reference.

use super::outcome::{Answer, Meta, Outcome};
use super::send::{Exchange, secret, unreadable};
use super::{Access, AppCredentials, ZaloClient, endpoint};
use crate::conversation::{ConversationQuery, HistoryMessage, RecentChatQuery};
use crate::message::{ReactData, SendData, SendRequest};
use crate::oa::OaInfo;
use crate::oauth::{OAuthError, TokenRequest, TokenResponse, parse_token_answer};
use crate::paths;
use crate::quota::{Asset, ProductType, QuotaOwner, QuotaRequest, UserQuota};
use crate::upload::{AttachmentId, FileToken, Upload, UploadKind};
use serde::Serialize;
use serde::de::DeserializeOwned;

impl ZaloClient {
    /// Trades an authorisation code for tokens (§2.4). `verifier` belongs to the challenge of the consent
    /// address.
    pub async fn exchange_code(
        &self,
        app: &AppCredentials,
        code: &str,
        verifier: Option<&str>,
    ) -> Answer<TokenResponse, OAuthError> {
        self.token(app, &TokenRequest::exchange(&app.app_id, code, verifier)).await
    }

    /// Trades a refresh token for a new pair (§2.5). The old one is dead after success, and after an unknown
    /// outcome it may be.
    pub async fn refresh(
        &self,
        app: &AppCredentials,
        refresh_token: &str,
    ) -> Answer<TokenResponse, OAuthError> {
        self.token(app, &TokenRequest::refresh(&app.app_id, refresh_token)).await
    }

    async fn token(&self, app: &AppCredentials, form: &TokenRequest) -> Answer<TokenResponse, OAuthError> {
        let key = match secret(&app.app_secret) {
            Ok(key) => key,
            Err(cause) => return Answer { outcome: Outcome::NotSent(cause), meta: Meta::default() },
        };
        let url = endpoint(&self.endpoints.oauth, paths::TOKEN);
        let (exchange, meta) =
            self.exchange(self.http.post(url).header(paths::SECRET_KEY, key).form(form)).await;
        let outcome = match exchange {
            // Unlike an OA call, an explained refusal counts under any status but 5xx: it names its cause,
            // and refusals were seen with several statuses.
            Exchange::Reply(reply) if reply.status >= 500 => {
                Outcome::Unknown(super::UnknownCause::ServerError(reply.status))
            }
            Exchange::Reply(reply) => match parse_token_answer(&reply.body) {
                Ok(Ok(tokens)) => Outcome::Accepted(tokens),
                Ok(Err(refusal)) => Outcome::Rejected(refusal),
                Err(problem) => Outcome::Unknown(unreadable(problem, reply.status)),
            },
            Exchange::NotSent(cause) => Outcome::NotSent(cause),
            Exchange::Unknown(cause) => Outcome::Unknown(cause),
        };
        Answer { outcome, meta }
    }

    /// Sends a consultation message (§3). **Not idempotent**: an unknown outcome must be reconciled.
    pub async fn send_cs(&self, access: &Access, request: &SendRequest) -> Answer<SendData> {
        self.post(access, paths::MESSAGE_CS, request).await
    }

    /// Sends a reaction (§4.1); made by [`SendRequest::reaction`].
    pub async fn react(&self, access: &Access, request: &SendRequest) -> Answer<Option<ReactData>> {
        let url = endpoint(&self.endpoints.openapi, paths::MESSAGE_V2);
        self.call_optional(access, self.http.post(url).json(request)).await
    }

    /// Uploads an image (§12).
    pub async fn upload_image(&self, access: &Access, upload: &Upload) -> Answer<AttachmentId> {
        self.upload(access, UploadKind::Image, upload).await
    }

    /// Uploads a GIF (§12).
    pub async fn upload_gif(&self, access: &Access, upload: &Upload) -> Answer<AttachmentId> {
        self.upload(access, UploadKind::Gif, upload).await
    }

    /// Uploads a file (§12).
    pub async fn upload_file(&self, access: &Access, upload: &Upload) -> Answer<FileToken> {
        self.upload(access, UploadKind::File, upload).await
    }

    async fn upload<T: DeserializeOwned>(
        &self,
        access: &Access,
        kind: UploadKind,
        upload: &Upload,
    ) -> Answer<T> {
        let length = upload.bytes.len() as u64;
        let part = reqwest::multipart::Part::stream_with_length(upload.bytes.clone(), length)
            .file_name(upload.file_name.clone())
            .mime_str(&upload.content_type);
        let part = match part {
            Ok(part) => part,
            Err(e) => {
                let cause = super::NotSentCause::Invalid(e.to_string());
                return Answer { outcome: Outcome::NotSent(cause), meta: Meta::default() };
            }
        };
        let form = reqwest::multipart::Form::new().part("file", part);
        let url = endpoint(&self.endpoints.openapi, kind.path());
        self.call(access, self.http.post(url).multipart(form)).await
    }

    /// What an OA or app has left (§7.3 b).
    pub async fn quota_assets(
        &self,
        access: &Access,
        owner: QuotaOwner,
        product: Option<ProductType>,
        kind: Option<crate::message::QuotaType>,
    ) -> Answer<Vec<Asset>> {
        self.post(access, paths::QUOTA, &QuotaRequest::assets(owner, product, kind)).await
    }

    /// What one user may still get (§7.3 a).
    pub async fn quota_user(&self, access: &Access, user_id: &str) -> Answer<UserQuota> {
        self.post(access, paths::QUOTA, &QuotaRequest::user(user_id)).await
    }

    /// The OA itself (§13.2).
    pub async fn oa_info(&self, access: &Access) -> Answer<OaInfo> {
        let url = endpoint(&self.endpoints.openapi, paths::OA_INFO);
        self.call(access, self.http.get(url)).await
    }

    /// Messages of one conversation (§11); `count` at most 10.
    pub async fn conversation(
        &self,
        access: &Access,
        user_id: &str,
        offset: i64,
        count: i64,
    ) -> Answer<Vec<HistoryMessage>> {
        let query = ConversationQuery { user_id: user_id.into(), offset, count };
        self.get(access, paths::CONVERSATION, &query).await
    }

    /// Last message of the latest conversations (§11); `count` at most 10.
    pub async fn list_recent_chat(
        &self,
        access: &Access,
        offset: i64,
        count: i64,
    ) -> Answer<Vec<HistoryMessage>> {
        self.get(access, paths::LIST_RECENT_CHAT, &RecentChatQuery { offset, count }).await
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        access: &Access,
        path: &str,
        body: &impl Serialize,
    ) -> Answer<T> {
        let url = endpoint(&self.endpoints.openapi, path);
        self.call(access, self.http.post(url).json(body)).await
    }

    /// These reads take one parameter, `data`, that is a JSON object (§1.4).
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        access: &Access,
        path: &str,
        query: &impl Serialize,
    ) -> Answer<T> {
        let data = match serde_json::to_string(query) {
            Ok(data) => data,
            Err(e) => {
                let cause = super::NotSentCause::Invalid(e.to_string());
                return Answer { outcome: Outcome::NotSent(cause), meta: Meta::default() };
            }
        };
        let mut url = endpoint(&self.endpoints.openapi, path);
        url.query_pairs_mut().append_pair("data", &data);
        self.call(access, self.http.get(url)).await
    }
}
