//! Setting up the application, connecting accounts, taking them off.

use loa_kernel::{Action, Actor, AuditId, ChannelId, Code, Object, Problem, Timestamp};
use loa_rulebook::{DEFAULT_EDITION, EditionChoice};
use loa_store::audit::{self, AuditEntry};
use loa_store::changes::{self, NewChange};
use loa_store::channels::{self as rows, ChannelPatch, ChannelStatus, NewChannel, apps, credentials, oauth};
use loa_store::{Secret, Tx, conversations};
use loa_stream::Topic;
use serde_json::json;

use crate::tokens::tokens_of;
use crate::{Account, AppKeys, CallError, ChannelKind, Channels, GrantOutcome, views};

const KIND: ChannelKind = ChannelKind::Zalo;
/// Longest app id and secret that are taken; real ones are far shorter.
const APP_ID_MAX: usize = 32;
const SECRET_MAX: usize = 256;
const NAME_MAX: usize = 200;
/// When the rules change, threads whose customer was silent for longer keep their borders: all of them are over.
const SILENT_DAYS: i64 = 30;

/// What comes back with the browser from the platform's consent page.
#[derive(Debug, Clone, Default)]
pub struct ConsentAnswer {
    /// The code to exchange.
    pub code: Option<String>,
    /// The account that consented.
    pub oa_id: Option<String>,
    /// What we sent along.
    pub state: Option<String>,
    /// The platform's number when it refused.
    pub error: Option<String>,
}

impl Channels {
    /// All channels that the actor sees.
    pub async fn list(&self, actor: &Actor) -> Result<Vec<views::Channel>, Problem> {
        actor.require(Object::Channel, Action::View)?;
        let mut all = views::all(self.store.reader(), actor.workspace).await?;
        all.retain(|channel| actor.sees_channel(channel.id));
        Ok(all)
    }

    /// One channel.
    pub async fn get(&self, actor: &Actor, id: ChannelId) -> Result<views::Channel, Problem> {
        actor.require(Object::Channel, Action::View)?;
        self.visible(actor, id).await?;
        self.view(actor, id).await
    }

    /// Change name or edition of the rules. An edition that no rule book has is `invalid_field`.
    pub async fn edit(
        &self,
        actor: &Actor,
        id: ChannelId,
        edition: Option<String>,
        name: Option<String>,
    ) -> Result<views::Channel, Problem> {
        actor.require(Object::Channel, Action::Edit)?;
        let old = self.visible(actor, id).await?;
        if let Some(edition) = &edition {
            self.check_edition(edition)?;
        }
        let name = name.map(|name| name.trim().to_owned());
        if name.as_ref().is_some_and(|name| name.is_empty() || name.chars().count() > NAME_MAX) {
            return Err(Problem::invalid("name", "length"));
        }
        let detail = json!({
            "edition": { "from": old.edition, "to": edition },
            "name": { "from": old.name, "to": name },
        });
        let now = self.now();
        let tx = self.store.begin().await?;
        let patch = ChannelPatch { edition, name, ..ChannelPatch::default() };
        let new = rows::update(&tx, actor.workspace, id, &patch, now).await?;
        if new.edition != old.edition {
            let rules = self.rules.resolve(&new.edition.parse()?, now);
            // Beyond what any border reaches.
            let days = rules.consultation.allowed_until_days.map_or(SILENT_DAYS, i64::from);
            let since = now.plus_days(-days.max(SILENT_DAYS));
            conversations::reset_borders(&tx, actor.workspace, id, rules, since).await?;
        }
        self.note(&tx, actor, "channel.edited", id, detail, now).await?;
        self.commit(tx, actor, id, now).await?;
        self.view(actor, id).await
    }

    /// Take the account off: tokens are forgotten, nothing can be sent, history stays.
    pub async fn disconnect(&self, actor: &Actor, id: ChannelId) -> Result<views::Channel, Problem> {
        actor.require(Object::Channel, Action::Configure)?;
        let old = self.visible(actor, id).await?;
        let now = self.now();
        let tx = self.store.begin().await?;
        rows::disconnect(&tx, actor.workspace, id, Some("by_member"), now).await?;
        self.note(&tx, actor, "channel.disconnected", id, json!({ "name": old.name }), now).await?;
        self.commit(tx, actor, id, now).await?;
        self.view(actor, id).await
    }

    /// The application, without its secrets. `not_found` until it is set up.
    pub async fn app(&self, actor: &Actor) -> Result<views::ZaloApp, Problem> {
        actor.require(Object::Channel, Action::Configure)?;
        let app = self.current_app(actor).await?.ok_or_else(|| Problem::not_found("app"))?;
        Ok(self.app_view(&app))
    }

    /// Set up the application, or change it. Absent secrets stay as they are; for another `app_id` both are
    /// needed, because the old ones belong to the old application.
    pub async fn save_app(
        &self,
        actor: &Actor,
        app_id: &str,
        app_secret: Option<Secret>,
        oa_secret_key: Option<Secret>,
    ) -> Result<views::ZaloApp, Problem> {
        actor.require(Object::Channel, Action::Configure)?;
        let app_id = app_id.trim();
        if app_id.is_empty() || app_id.len() > APP_ID_MAX || !app_id.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Problem::invalid("app_id", "digits"));
        }
        let app_secret = clean_secret("app_secret", app_secret)?;
        let oa_secret_key = clean_secret("oa_secret_key", oa_secret_key)?;
        let now = self.now();
        let old = self.current_app(actor).await?;
        let same = old.as_ref().filter(|old| old.external_id == app_id);
        let needed = |field: &str, given: Option<Secret>, kept: Option<Secret>| {
            given.or(kept).ok_or_else(|| Problem::invalid(field, "missing"))
        };
        let app = apps::App {
            workspace: actor.workspace,
            id: old.as_ref().map_or_else(|| self.ids.next(), |old| old.id),
            kind: KIND,
            external_id: app_id.to_owned(),
            app_secret: Some(needed("app_secret", app_secret, same.and_then(|a| a.app_secret.clone()))?),
            oa_secret_key: Some(needed(
                "oa_secret_key",
                oa_secret_key,
                same.and_then(|a| a.oa_secret_key.clone()),
            )?),
            settings: old.as_ref().map_or_else(|| json!({}), |old| old.settings.clone()),
            created_at: old.as_ref().map_or(now, |old| old.created_at),
            updated_at: now,
        };
        let tx = self.store.begin().await?;
        apps::save(&tx, &self.vault, &app).await.map_err(|e| {
            if e.is_unique("platform_apps_external") {
                Problem::new(Code::Conflict).param("reason", "app_of_another_workspace")
            } else {
                e.into()
            }
        })?;
        let entry = AuditEntry {
            id: self.ids.next::<AuditId>(),
            at: now,
            actor: Some(actor.member),
            action: "app.saved".to_owned(),
            object: "app".to_owned(),
            object_id: app.id.to_string(),
            detail: json!({ "app_id": app_id }),
        };
        audit::append(&tx, actor.workspace, &entry).await?;
        tx.commit().await?;
        self.registry.forget();
        Ok(self.app_view(&app))
    }

    /// Begin connecting an account: the address of the platform's consent page.
    pub async fn begin_connect(&self, actor: &Actor) -> Result<String, Problem> {
        actor.require(Object::Channel, Action::Configure)?;
        let (app, keys) = self.keys(actor).await?;
        let connector = self.connectors.get(KIND)?;
        let (verifier, challenge) = connector.pkce(self.ids.bytes::<32>());
        let state: String = self.ids.bytes::<24>().iter().map(|b| format!("{b:02x}")).collect();
        let now = self.now();
        let tx = self.store.begin().await?;
        // Whoever starts one also clears what others left behind.
        oauth::prune(&tx, now).await?;
        let started = oauth::OauthState {
            workspace: actor.workspace,
            state: state.clone(),
            app: app.id,
            member: actor.member,
            verifier,
            created_at: now,
            expires_at: now.plus_ms(self.settings.connect_within_ms),
        };
        oauth::start(&tx, &self.vault, &started).await?;
        tx.commit().await?;
        Ok(connector.consent_url(&keys, &self.callback_url(), &challenge, &state))
    }

    /// Finish connecting. The answer counts once, for the member who started it, and in time; else
    /// `state_expired`. What the platform refuses is `connect_failed`.
    pub async fn finish_connect(&self, actor: &Actor, answer: ConsentAnswer) -> Result<ChannelId, Problem> {
        actor.require(Object::Channel, Action::Configure)?;
        let expired = || Problem::new(Code::StateExpired);
        let state = answer.state.ok_or_else(expired)?;
        let tx = self.store.begin().await?;
        let started = oauth::take(&tx, &self.vault, actor.workspace, &state, self.now()).await?;
        tx.commit().await?;
        let started = started.filter(|s| s.member == actor.member).ok_or_else(expired)?;
        let refused = |code: Option<String>, message: &str| {
            Problem::new(Code::ConnectFailed).param("platform_code", code).param("platform_message", message)
        };
        let (Some(code), Some(oa_id)) = (answer.code, answer.oa_id) else {
            return Err(refused(answer.error, "the account did not consent"));
        };
        let (app, keys) = self.keys(actor).await?;
        if app.id != started.app {
            return Err(expired());
        }
        let connector = self.connectors.get(KIND)?.clone();
        let grant = match connector.exchange(&keys, &code, &started.verifier).await {
            GrantOutcome::Granted(grant) => grant,
            GrantOutcome::Refused { code, message } => {
                return Err(refused(code.map(|c| c.to_string()), &message));
            }
            GrantOutcome::NotSent { reason } | GrantOutcome::Unknown { reason } => {
                return Err(Problem::new(Code::PlatformUnavailable).detail(reason));
            }
        };
        // Who are we now? The id in the address may be forged; the token's own account counts.
        let account = Account {
            workspace: actor.workspace,
            channel: self.ids.next(),
            app: app.id,
            external_id: oa_id.clone(),
            access_token: grant.access_token.clone(),
            generation: 1,
            // The package is what is asked for now.
            calls_per_minute: None,
        };
        let report = connector.account(&account).await.map_err(|e| match e {
            CallError::Rejected { code, message, .. } => refused(Some(code.to_string()), &message),
            CallError::Unreachable(reason) => Problem::new(Code::PlatformUnavailable).detail(reason),
        })?;
        if report.external_id != oa_id {
            return Err(refused(None, "the token belongs to another account").detail(&report.external_id));
        }
        let now = self.now();
        let new = NewChannel {
            id: account.channel,
            kind: KIND,
            app: app.id,
            external_id: report.external_id.clone(),
            name: report.name.clone(),
            avatar_url: report.avatar_url.clone(),
            edition: DEFAULT_EDITION.to_owned(),
            package_name: report.package_name.clone(),
        };
        let tx = self.store.begin().await?;
        let channel = rows::connect(&tx, actor.workspace, &new, now).await.map_err(|e| {
            if e.is_unique("channels_external") {
                Problem::new(Code::Conflict).param("reason", "account_of_another_workspace")
            } else {
                e.into()
            }
        })?;
        let tokens = tokens_of(&grant, now);
        credentials::store(&tx, &self.vault, actor.workspace, channel.id, &tokens).await?;
        crate::sync::apply(&tx, &channel, &report, true, now).await?;
        let detail = json!({ "external_id": channel.external_id, "name": channel.name });
        self.note(&tx, actor, "channel.connected", channel.id, detail, now).await?;
        if self.settings.import_on_connect
            && !loa_store::imports::is_there(&tx, actor.workspace, channel.id).await?
        {
            self.begin_import(&tx, actor, channel.id, None, now).await?;
        }
        self.commit(tx, actor, channel.id, now).await?;
        // What waited for the account may go now.
        self.signals.notify(Topic::Deliveries);
        self.signals.notify(Topic::Profiles);
        self.signals.notify(Topic::Imports);
        Ok(channel.id)
    }

    /// Ask the platform for name, package, billing and quota again. An account that could not pay may try once after it.
    pub async fn refresh(&self, actor: &Actor, id: ChannelId) -> Result<views::Channel, Problem> {
        actor.require(Object::Channel, Action::View)?;
        let channel = self.visible(actor, id).await?;
        self.recheck(&channel).await?;
        self.view(actor, id).await
    }

    /// The same for a caller who has asked whether the actor may.
    pub async fn recheck(&self, channel: &rows::Channel) -> Result<(), Problem> {
        if channel.status != ChannelStatus::Connected {
            return Err(Problem::new(Code::ChannelDisconnected).param("channel_id", channel.id.to_string()));
        }
        self.refresh_account(channel, true).await.map_err(|e| match e {
            CallError::Rejected { code, message, .. } => Problem::new(Code::PlatformRefused)
                .param("platform_code", code)
                .param("platform_message", message),
            CallError::Unreachable(reason) => Problem::new(Code::PlatformUnavailable).detail(reason),
        })
    }

    /// Where the browser goes after connecting.
    pub fn after_connect(&self, outcome: &Result<ChannelId, Problem>) -> String {
        match outcome {
            Ok(channel) => format!("{}?connected={channel}", self.settings.settings_path),
            Err(problem) => format!("{}?error={}", self.settings.settings_path, problem.code),
        }
    }

    /// The callback address that the platform must know.
    pub fn callback_url(&self) -> String {
        self.outside("/api/channels/zalo/callback")
    }

    /// The webhook address that the platform must know.
    pub fn webhook_url(&self) -> String {
        self.outside("/webhooks/zalo")
    }

    fn outside(&self, path: &str) -> String {
        format!("{}{path}", self.settings.public_url.as_str().trim_end_matches('/'))
    }

    pub(crate) async fn visible(&self, actor: &Actor, id: ChannelId) -> Result<rows::Channel, Problem> {
        let found = rows::get(self.store.reader(), actor.workspace, id).await?;
        found.filter(|c| actor.sees_channel(c.id)).ok_or_else(|| Problem::not_found("channel"))
    }

    pub(crate) async fn view(&self, actor: &Actor, id: ChannelId) -> Result<views::Channel, Problem> {
        let found = views::by_ids(self.store.reader(), actor.workspace, &[id]).await?;
        found.into_iter().next().ok_or_else(|| Problem::not_found("channel"))
    }

    async fn current_app(&self, actor: &Actor) -> Result<Option<apps::App>, Problem> {
        let apps = apps::list(self.store.reader(), &self.vault, actor.workspace, KIND).await?;
        Ok(apps.into_iter().next())
    }

    async fn keys(&self, actor: &Actor) -> Result<(apps::App, AppKeys), Problem> {
        let app = self.current_app(actor).await?.ok_or_else(|| Problem::not_found("app"))?;
        let Some(app_secret) = app.app_secret.clone() else { return Err(Problem::not_found("app_secret")) };
        let keys = AppKeys { external_id: app.external_id.clone(), app_secret };
        Ok((app, keys))
    }

    fn app_view(&self, app: &apps::App) -> views::ZaloApp {
        views::ZaloApp {
            app_id: app.external_id.clone(),
            has_app_secret: app.app_secret.is_some(),
            has_oa_secret_key: app.oa_secret_key.is_some(),
            webhook_url: self.webhook_url(),
            callback_url: self.callback_url(),
        }
    }

    fn check_edition(&self, edition: &str) -> Result<(), Problem> {
        match edition.parse::<EditionChoice>() {
            Ok(EditionChoice::Auto) => Ok(()),
            Ok(EditionChoice::Fixed(name)) if self.rules.messaging(&name).is_some() => Ok(()),
            _ => Err(Problem::invalid("edition", "unknown_value")),
        }
    }

    pub(crate) async fn note(
        &self,
        tx: &Tx,
        actor: &Actor,
        action: &str,
        channel: ChannelId,
        detail: serde_json::Value,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let entry = AuditEntry {
            id: self.ids.next::<AuditId>(),
            at: now,
            actor: Some(actor.member),
            action: action.to_owned(),
            object: "channel".to_owned(),
            object_id: channel.to_string(),
            detail,
        };
        Ok(audit::append(tx, actor.workspace, &entry).await?)
    }

    pub(crate) async fn commit(
        &self,
        tx: Tx,
        actor: &Actor,
        channel: ChannelId,
        now: Timestamp,
    ) -> Result<(), Problem> {
        changes::append(&tx, actor.workspace, &[NewChange::channel(channel)], now).await?;
        tx.commit().await?;
        self.registry.forget();
        self.signals.notify(Topic::ChangesIn(actor.workspace));
        self.signals.notify(Topic::Channels);
        Ok(())
    }
}

/// A secret as it was pasted: without blanks around it, not empty, not absurdly long, printable.
fn clean_secret(field: &str, secret: Option<Secret>) -> Result<Option<Secret>, Problem> {
    let Some(secret) = secret else { return Ok(None) };
    let text = secret.expose().trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > SECRET_MAX || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Problem::invalid(field, "characters"));
    }
    Ok(Some(Secret::new(text)))
}
