//! What Loa asks of the platform, as calls.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::http::HeaderMap;
use loa_kernel::{AppId, ChannelId, Timestamp};
use loa_store::Secret;
use moka::future::Cache;
use url::Url;
use zalo::client::{Access, AppCredentials, NotSentCause};
use zalo::conversation::HistoryMessage;
use zalo::custom::CustomInfoQuery;
use zalo::field::FieldQuery;
use zalo::limit::{Limiter, RateLimits};
use zalo::message::{MediaSource, OutMessage, QuotaBlock, QuotaType, SendData, SendRequest, SenderAction};
use zalo::oauth::{OAuthError, Pkce, TokenResponse};
use zalo::quota::{Asset, ProductType, QuotaOwner};
use zalo::upload::Upload;
use zalo::{Answer, Endpoints, Outcome, Rejection, ZaloClient};

use super::{gif, history, parse, people, refusal::refusal};
use crate::{
    Account, AccountReport, AppKeys, CallError, ChannelKind, ChatPage, Connector, FollowRemoval, Grant,
    GrantOutcome, Inbound, MessageKind, NotUnderstood, Outgoing, OutgoingBody, OutgoingFile, PastPage,
    Peeked, PeoplePage, PeopleQuery, PlatformField, PlatformValues, PoolReport, Profile, QuotaReport,
    ReactionIcon, RecipientReport, Refusal, SendOutcome, SentMessage,
};

/// Uploads live 7 days on the platform (platform reference §12); ours are forgotten a day before.
const UPLOADS_REMEMBERED: Duration = Duration::from_secs(6 * 24 * 3600);
const UPLOADS_REMEMBERED_MOST: u64 = 10_000;
/// A refresh token lives three months (platform reference §2.5). The answer does not say, so the shortest
/// three months are taken. Only shown and warned about, never relied on.
const REFRESH_TOKEN_SECS: i64 = 89 * 24 * 3600;
/// Messages a page of history, the platform's most (platform reference §11).
const HISTORY_PAGE: i64 = 10;
/// How long a call waits for room in the minute's bucket before it is put off.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long nothing is called after the platform's -32; its window is one minute (platform reference §18).
const PAUSE: Duration = Duration::from_secs(5);
/// How far back a reconciliation looks at most.
const HISTORY_PAGES: i64 = 20;

/// Where the platform is and how it is called.
#[derive(Debug, Clone)]
pub struct ZaloSettings {
    /// The platform's hosts: the official ones, or an emulator.
    pub endpoints: Endpoints,
    /// After this an answer is given up and the outcome is unknown.
    pub timeout: Duration,
    /// Calls a minute.
    pub limits: RateLimits,
    /// Path of a call that ends a person's follow. The platform publishes none (platform reference §8.6), so there is
    /// none unless the operator names one; the sandbox has one.
    pub remove_follower_path: Option<String>,
}

impl Default for ZaloSettings {
    fn default() -> Self {
        Self {
            endpoints: Endpoints::official(),
            timeout: ZaloClient::DEFAULT_TIMEOUT,
            limits: RateLimits::default(),
            remove_follower_path: None,
        }
    }
}

impl ZaloSettings {
    /// The usual settings with the platform at these addresses.
    pub fn at(openapi: Url, oauth: Url) -> Self {
        Self { endpoints: Endpoints { openapi, oauth }, ..Self::default() }
    }
}

/// The connector of Zalo.
pub struct ZaloConnector {
    client: ZaloClient,
    limits: RateLimits,
    remove_follower_path: Option<String>,
    /// One limiter an application.
    limiters: Mutex<HashMap<AppId, Arc<Limiter>>>,
    uploads: Cache<(ChannelId, String), String>,
}

impl ZaloConnector {
    /// Over a connection pool made from [`ZaloClient::http_builder`] (which never repeats a request).
    pub fn new(http: reqwest::Client, settings: ZaloSettings) -> Self {
        let uploads =
            Cache::builder().max_capacity(UPLOADS_REMEMBERED_MOST).time_to_live(UPLOADS_REMEMBERED).build();
        Self {
            client: ZaloClient::new(http, settings.endpoints).with_timeout(settings.timeout),
            limits: settings.limits,
            remove_follower_path: settings.remove_follower_path,
            limiters: Mutex::default(),
            uploads,
        }
    }

    fn limiter(&self, account: &Account) -> Arc<Limiter> {
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        limiters.entry(account.app).or_insert_with(|| Arc::new(Limiter::new(self.limits))).clone()
    }

    /// Wait for room in the minute's buckets; why not, when it would take too long.
    async fn room(&self, account: &Account) -> Result<(), String> {
        let limiter = self.limiter(account);
        // Told with every call, so that a change of package counts from the next one on.
        limiter.set_oa(&account.external_id, account.calls_per_minute.unwrap_or(self.limits.oa_per_minute));
        limiter.acquire(&account.external_id, PATIENCE).await.map_err(|busy| busy.to_string())
    }

    /// Make a call when there is room, and keep quiet for a while when the platform says there was none.
    async fn call<T>(&self, account: &Account, call: impl Future<Output = Answer<T>>) -> Outcome<T> {
        if let Err(busy) = self.room(account).await {
            return Outcome::NotSent(NotSentCause::Connect(busy));
        }
        let outcome = call.await.outcome;
        if let Outcome::Rejected(r) = &outcome
            && let Some(scope) = r.rate_scope()
        {
            self.limiter(account).pause(scope, &account.external_id, PAUSE);
        }
        outcome
    }

    /// A connection pool that never repeats a request, for [`ZaloConnector::new`].
    pub fn http() -> Result<reqwest::Client, reqwest::Error> {
        ZaloClient::http_builder().build()
    }

    /// The platform's id of a file, uploading it unless that was done lately. `fresh` uploads in any case.
    async fn uploaded(
        &self,
        account: &Account,
        kind: MessageKind,
        file: &OutgoingFile,
        fresh: bool,
    ) -> Result<String, SendOutcome> {
        let key = (account.channel, format!("{kind}:{}", file.sha256));
        if fresh {
            self.uploads.invalidate(&key).await;
        } else if let Some(id) = self.uploads.get(&key).await {
            return Ok(id);
        }
        let upload = Upload {
            file_name: file.name.clone(),
            content_type: file.media_type.clone(),
            bytes: file.bytes.clone(),
        };
        let access = access(account);
        let outcome = match kind {
            MessageKind::Image => self
                .call(account, self.client.upload_image(&access, &upload))
                .await
                .map(|id| id.attachment_id),
            MessageKind::Gif => {
                self.call(account, self.client.upload_gif(&access, &upload)).await.map(|id| id.attachment_id)
            }
            _ => self.call(account, self.client.upload_file(&access, &upload)).await.map(|token| token.token),
        };
        match outcome {
            Outcome::Accepted(id) => {
                self.uploads.insert(key, id.clone()).await;
                Ok(id)
            }
            Outcome::Rejected(r) => Err(rejected(&r)),
            Outcome::NotSent(cause) => Err(not_sent(cause)),
            // Nothing was said to the customer yet; a second upload does no harm.
            Outcome::Unknown(cause) => Err(SendOutcome::NotSent { reason: format!("upload: {cause}") }),
        }
    }

    async fn wire(
        &self,
        account: &Account,
        message: &Outgoing,
        fresh: bool,
    ) -> Result<OutMessage, SendOutcome> {
        let wire = match &message.body {
            OutgoingBody::Text(text) => OutMessage::text(text.clone()),
            OutgoingBody::Sticker { id } => OutMessage::sticker(id),
            OutgoingBody::Template { text, template } => super::template::wire(text, template),
            OutgoingBody::Media { kind, caption, file } => {
                let id = self.uploaded(account, *kind, file, fresh).await?;
                let source = MediaSource::AttachmentId(&id);
                match kind {
                    MessageKind::Image => OutMessage::image(source, caption.as_deref()),
                    MessageKind::Gif => {
                        let Some((width, height)) = gif::size(&file.bytes) else {
                            return Err(own_refusal("the file is no GIF with a size"));
                        };
                        OutMessage::gif(source, width, height, caption.as_deref())
                    }
                    _ => OutMessage::file(id),
                }
            }
        };
        Ok(match &message.quoted_platform_id {
            Some(quoted) => wire.quoting(quoted.clone()),
            None => wire,
        })
    }

    async fn send_once(&self, account: &Account, message: &Outgoing, fresh: bool) -> SendOutcome {
        let wire = match self.wire(account, message, fresh).await {
            Ok(wire) => wire,
            Err(outcome) => return outcome,
        };
        let request = SendRequest::to_user(&message.recipient, wire);
        match self.call(account, self.client.send_cs(&access(account), &request)).await {
            Outcome::Accepted(data) => accepted(data),
            Outcome::Rejected(r) => rejected(&r),
            Outcome::NotSent(cause) => not_sent(cause),
            Outcome::Unknown(cause) => SendOutcome::Unknown { reason: cause.to_string() },
        }
    }

    async fn assets(&self, account: &Account) -> Result<Vec<Asset>, CallError> {
        let access = access(account);
        let call = self.client.quota_assets(&access, QuotaOwner::Oa, Some(ProductType::Cs), None);
        answered(self.call(account, call).await)
    }
}

#[async_trait]
impl Connector for ZaloConnector {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Zalo
    }

    fn peek(&self, raw: &[u8]) -> Result<Peeked, NotUnderstood> {
        parse::peek(raw)
    }

    fn is_genuine(&self, headers: &HeaderMap, raw: &[u8], peeked: &Peeked, key: &Secret) -> bool {
        let Some(header) = headers.get(zalo::paths::EVENT_SIGNATURE).and_then(|v| v.to_str().ok()) else {
            return false;
        };
        zalo::signature::verify(header, &peeked.app, raw, &peeked.signed_instant, key.expose())
    }

    fn key(&self, raw: &[u8]) -> String {
        parse::key(raw)
    }

    fn parse(&self, account: &str, raw: &[u8]) -> Result<Inbound, NotUnderstood> {
        parse::parse(account, raw)
    }

    fn consent_url(&self, app: &AppKeys, redirect: &str, challenge: &str, state: &str) -> String {
        let base = &self.client.endpoints().oauth;
        zalo::oauth::permission_url(base, &app.external_id, redirect, Some(challenge), Some(state)).into()
    }

    fn pkce(&self, random: [u8; 32]) -> (Secret, String) {
        let pair = Pkce::from_random_bytes(random);
        (Secret::new(pair.verifier), pair.challenge)
    }

    async fn exchange(&self, app: &AppKeys, code: &str, verifier: &Secret) -> GrantOutcome {
        granted(self.client.exchange_code(&credentials(app), code, Some(verifier.expose())).await)
    }

    async fn renew(&self, app: &AppKeys, refresh_token: &Secret) -> GrantOutcome {
        granted(self.client.refresh(&credentials(app), refresh_token.expose()).await)
    }

    async fn send(&self, account: &Account, message: &Outgoing) -> SendOutcome {
        if message.recipient.starts_with(parse::ANONYMOUS) {
            return own_refusal("visitors of the web chat cannot be answered from here yet");
        }
        match self.send_once(account, message, false).await {
            // The upload is gone; nothing was sent, so doing it again is safe.
            SendOutcome::Rejected { refusal: Refusal::UploadExpired, .. } => {
                self.send_once(account, message, true).await
            }
            outcome => outcome,
        }
    }

    async fn react(
        &self,
        account: &Account,
        user: &str,
        platform_id: &str,
        icon: Option<ReactionIcon>,
    ) -> Result<String, CallError> {
        let token = icon.map_or(SenderAction::REMOVE, token_of);
        let request = SendRequest::reaction(user, platform_id, token);
        let (access, client) = (access(account), &self.client);
        answered(self.call(account, client.react(&access, &request)).await)?;
        Ok(if icon.is_some() { token.to_owned() } else { String::new() })
    }

    async fn recent(
        &self,
        account: &Account,
        user: &str,
        since: Timestamp,
    ) -> Result<Vec<SentMessage>, CallError> {
        let mut sent = Vec::new();
        for page in 0..HISTORY_PAGES {
            let offset = page * HISTORY_PAGE;
            let access = access(account);
            let call = self.client.conversation(&access, user, offset, HISTORY_PAGE);
            let messages = answered(self.call(account, call).await)?;
            // The order is not promised, so a page ends the search only when all of it is older.
            let is_last = messages.is_empty() || messages.iter().all(|m| m.time < since.as_ms());
            sent.extend(
                messages.into_iter().filter(|m| m.from_oa && m.time >= since.as_ms()).map(sent_message),
            );
            if is_last {
                break;
            }
        }
        sent.sort_by_key(|m: &SentMessage| std::cmp::Reverse(m.sent_at));
        sent.dedup_by(|a, b| a.platform_id == b.platform_id);
        Ok(sent)
    }

    async fn chats(&self, account: &Account, offset: i64) -> Result<ChatPage, CallError> {
        let access = access(account);
        let call = self.client.list_recent_chat(&access, offset, HISTORY_PAGE);
        Ok(history::chats(&answered(self.call(account, call).await)?, HISTORY_PAGE))
    }

    async fn past(&self, account: &Account, user: &str, offset: i64) -> Result<PastPage, CallError> {
        if user.starts_with(parse::ANONYMOUS) {
            return Err(own_no("visitors of the web chat have no history"));
        }
        let access = access(account);
        let call = self.client.conversation(&access, user, offset, HISTORY_PAGE);
        Ok(history::page(user, answered(self.call(account, call).await)?, HISTORY_PAGE))
    }

    async fn account(&self, account: &Account) -> Result<AccountReport, CallError> {
        let info = answered(self.call(account, self.client.oa_info(&access(account))).await)?;
        let assets = self.assets(account).await?;
        let package = assets.iter().find(|a| a.quota_type == QuotaType::Sub && is_cs(a));
        let extra = assets
            .iter()
            .filter(|a| is_cs(a) && matches!(a.quota_type, QuotaType::Purchase | QuotaType::Reward))
            .filter_map(|a| u64::try_from(a.remain?).ok())
            .sum();
        Ok(AccountReport {
            external_id: info.oa_id,
            name: info.name.unwrap_or_default(),
            avatar_url: info.avatar,
            package_name: info.package_name,
            billing_linked: info.linked_zca.map(|id| !id.is_empty()),
            quota: package.and_then(|a| pool(a.remain, a.total)),
            quota_valid_through: package.and_then(|a| a.valid_through.clone()),
            extra_remain: Some(extra),
        })
    }

    async fn recipient(&self, account: &Account, user: &str) -> Result<RecipientReport, CallError> {
        let quota = answered(self.call(account, self.client.quota_user(&access(account), user)).await)?;
        Ok(RecipientReport {
            last_interaction_at: quota.last_interaction.filter(|t| *t > 0).map(Timestamp),
            reply: quota.cs_reply.and_then(|c| pool(Some(c.remain), Some(c.total))),
        })
    }

    async fn tag(&self, account: &Account, user: &str, tag: &str, on: bool) -> Result<(), CallError> {
        known_user(user)?;
        let access = access(account);
        let answer = async {
            match on {
                true => self.client.tag_user(&access, user, tag).await,
                false => self.client.untag_user(&access, user, tag).await,
            }
        };
        answered(self.call(account, answer).await)?;
        Ok(())
    }

    async fn profile(&self, account: &Account, user: &str) -> Result<Profile, CallError> {
        known_user(user)?;
        let detail = answered(self.call(account, self.client.user_detail(&access(account), user)).await)?;
        let raw = serde_json::to_value(&detail).unwrap_or_default();
        let some = |text: Option<String>| text.filter(|t| !t.trim().is_empty());
        let largest = detail.avatars.and_then(|sizes| {
            sizes.into_iter().max_by_key(|(size, _)| size.parse::<u32>().unwrap_or(0)).map(|(_, url)| url)
        });
        Ok(Profile {
            display_name: some(detail.user_alias).or(some(detail.display_name)),
            avatar_url: some(largest).or(some(detail.avatar)),
            phone: some(detail.shared_info.and_then(|s| s.phone)),
            is_follower: detail.user_is_follower,
            app_user_id: some(detail.user_id_by_app),
            tags: detail.tags_and_notes_info.map(|info| info.tag_names),
            raw,
        })
    }

    async fn fields(&self, account: &Account) -> Result<Vec<PlatformField>, CallError> {
        let (access, all) = (access(account), FieldQuery::default());
        let list = answered(self.call(account, self.client.fields(&access, &all)).await)?;
        Ok(list.fields.into_iter().filter_map(people::field).collect())
    }

    async fn create_field(&self, account: &Account, field: &PlatformField) -> Result<(), CallError> {
        let (access, wire) = (access(account), people::definition(field));
        answered(self.call(account, self.client.field_create(&access, &wire)).await)
    }

    async fn update_field(&self, account: &Account, field: &PlatformField) -> Result<(), CallError> {
        let (access, wire) = (access(account), people::definition(field));
        answered(self.call(account, self.client.field_update(&access, &wire)).await)
    }

    async fn delete_field(&self, account: &Account, key: &str) -> Result<(), CallError> {
        answered(self.call(account, self.client.field_delete(&access(account), key)).await)
    }

    async fn values(&self, account: &Account, external_user: &str) -> Result<PlatformValues, CallError> {
        known_user(external_user)?;
        let (access, query) =
            (access(account), CustomInfoQuery { user_id: external_user.to_owned(), ..Default::default() });
        answered(self.call(account, self.client.user_values(&access, &query)).await).map(people::values)
    }

    async fn put_values(
        &self,
        account: &Account,
        external_user: &str,
        values: &PlatformValues,
    ) -> Result<(), CallError> {
        known_user(external_user)?;
        let update = people::update(external_user, values).map_err(|message| own_no(&message))?;
        answered(self.call(account, self.client.user_values_update(&access(account), &update)).await)
    }

    async fn people(&self, account: &Account, query: &PeopleQuery) -> Result<PeoplePage, CallError> {
        let (access, query) = (access(account), people::list_query(query));
        answered(self.call(account, self.client.user_list(&access, &query)).await).map(people::page)
    }

    fn removes_followers(&self) -> bool {
        self.remove_follower_path.is_some()
    }

    async fn remove_follower(&self, account: &Account, external_user: &str) -> FollowRemoval {
        let Some(path) = &self.remove_follower_path else { return FollowRemoval::NotOffered };
        let access = access(account);
        let call = self.client.remove_follower(&access, path, external_user);
        match self.call(account, call).await {
            Outcome::Accepted(()) => FollowRemoval::Done,
            Outcome::Rejected(r) => FollowRemoval::Rejected {
                refusal: refusal(r.code, &r.message),
                code: r.code.0,
                message: r.message,
            },
            Outcome::NotSent(cause) => FollowRemoval::NotSent { reason: cause.to_string() },
            Outcome::Unknown(cause) => FollowRemoval::Unknown { reason: cause.to_string() },
        }
    }
}

/// Visitors of the web chat have no profile and no values.
fn known_user(user: &str) -> Result<(), CallError> {
    if user.starts_with(parse::ANONYMOUS) {
        return Err(own_no("visitors of the web chat have no profile"));
    }
    Ok(())
}

/// A refusal of ours, in the form of the platform's: code 0.
fn own_no(message: &str) -> CallError {
    CallError::Rejected { code: 0, message: message.to_owned(), refusal: Refusal::Parameter }
}

/// The platform's word for a reaction (platform reference §4.1).
fn token_of(icon: ReactionIcon) -> &'static str {
    match icon {
        ReactionIcon::Like => SenderAction::LIKE,
        ReactionIcon::Love => SenderAction::LOVE,
        ReactionIcon::Laugh => ":>",
        ReactionIcon::Wow => ":o",
        ReactionIcon::Cry => ":-((",
        ReactionIcon::Angry => ":-h",
    }
}

fn access(account: &Account) -> Access {
    Access::new(account.access_token.expose())
}

fn credentials(app: &AppKeys) -> AppCredentials {
    AppCredentials { app_id: app.external_id.clone(), app_secret: app.app_secret.expose().to_owned() }
}

fn is_cs(asset: &Asset) -> bool {
    asset.product_type == ProductType::Cs
}

fn pool(remain: Option<i64>, total: Option<i64>) -> Option<PoolReport> {
    Some(PoolReport { remain: u64::try_from(remain?).ok()?, total: u64::try_from(total?).ok()? })
}

fn accepted(data: SendData) -> SendOutcome {
    SendOutcome::Accepted {
        platform_id: data.message_id,
        // The platform always tells; an answer without it must not undo that the message is sent.
        sent_at: data.sent_time.map(Timestamp),
        quota: quota(data.quota),
    }
}

/// The quota block of platform reference §5.
fn quota(block: Option<QuotaBlock>) -> QuotaReport {
    let Some(block) = block else { return QuotaReport::Charged };
    let counter = pool(block.remain, block.total);
    match block.quota_type {
        QuotaType::Reply => QuotaReport::Reply(counter),
        QuotaType::Welcome => QuotaReport::Welcome(counter),
        QuotaType::Sub => QuotaReport::Package { pool: counter, valid_through: block.expired_date },
        QuotaType::Purchase | QuotaType::Reward => QuotaReport::Extra,
        QuotaType::Other(word) => QuotaReport::Other(word),
    }
}

fn rejected(r: &Rejection) -> SendOutcome {
    SendOutcome::Rejected { code: r.code.0, message: r.message.clone(), refusal: refusal(r.code, &r.message) }
}

/// A refusal of ours, in the form of the platform's: code 0.
fn own_refusal(message: &str) -> SendOutcome {
    SendOutcome::Rejected { code: 0, message: message.to_owned(), refusal: Refusal::Parameter }
}

fn not_sent(cause: NotSentCause) -> SendOutcome {
    match cause {
        NotSentCause::Connect(_) => SendOutcome::NotSent { reason: cause.to_string() },
        // The same request can never be built.
        NotSentCause::Invalid(_) => own_refusal(&cause.to_string()),
    }
}

fn answered<T>(outcome: Outcome<T>) -> Result<T, CallError> {
    match outcome {
        Outcome::Accepted(value) => Ok(value),
        Outcome::Rejected(r) => Err(CallError::Rejected {
            refusal: refusal(r.code, &r.message),
            code: r.code.0,
            message: r.message,
        }),
        Outcome::NotSent(cause) => Err(CallError::Unreachable(cause.to_string())),
        Outcome::Unknown(cause) => Err(CallError::Unreachable(cause.to_string())),
    }
}

fn granted(answer: Answer<TokenResponse, OAuthError>) -> GrantOutcome {
    match answer.outcome {
        Outcome::Accepted(tokens) => GrantOutcome::Granted(Grant {
            access_token: Secret::new(tokens.access_token),
            refresh_token: Secret::new(tokens.refresh_token),
            access_secs: tokens.expires_in,
            refresh_secs: REFRESH_TOKEN_SECS,
        }),
        // Too many calls: the token is as good as before.
        Outcome::Rejected(e) if e.error == Some(i64::from(zalo::ErrorCode::RATE_LIMIT.0)) => {
            GrantOutcome::NotSent { reason: e.to_string() }
        }
        Outcome::Rejected(e) => GrantOutcome::Refused { code: e.error, message: e.text().to_owned() },
        Outcome::NotSent(NotSentCause::Invalid(why)) => GrantOutcome::Refused { code: None, message: why },
        Outcome::NotSent(cause) => GrantOutcome::NotSent { reason: cause.to_string() },
        Outcome::Unknown(cause) => GrantOutcome::Unknown { reason: cause.to_string() },
    }
}

fn sent_message(m: HistoryMessage) -> SentMessage {
    SentMessage {
        kind: history::kind(&m),
        platform_id: m.message_id,
        text: m.text.filter(|t| !t.is_empty()),
        sent_at: Timestamp(m.time),
    }
}
