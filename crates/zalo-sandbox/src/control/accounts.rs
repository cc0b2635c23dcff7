//! Apps and Official Accounts.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use loa_kernel::{Problem, Timestamp};
use loa_rulebook::EditionChoice;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Body, Refused, check_id};
use crate::media::oa_avatar_path;
use crate::model::{App, Edition, Extra, Oa, Package, State as Data, Zca, absolute};
use crate::world::{Live, Shared, World};

/// Changes to an app; absent parts stay, or take a sensible value when the app is new.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AppChange {
    /// Its id; a random one when absent. Only when making one.
    pub id: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// App secret.
    pub secret: Option<String>,
    /// OA Secret Key.
    pub oa_secret_key: Option<String>,
    /// Saved callback of OAuth; empty accepts any.
    pub callback_url: Option<String>,
    /// Webhook; empty removes it. A new address switches the webhook on.
    pub webhook_url: Option<String>,
    /// Webhook on or off.
    pub webhook_enabled: Option<bool>,
    /// Events that are not ticked.
    pub events_off: Option<Vec<String>>,
    /// Active; otherwise calls get -209.
    pub active: Option<bool>,
    /// Removed; calls get -219.
    pub removed: Option<bool>,
    /// Requests a minute; 0 is no limit.
    pub rate_per_minute: Option<u32>,
}

impl AppChange {
    fn apply(self, app: &mut App) {
        let set = |to: &mut String, from: Option<String>| {
            if let Some(new) = from {
                *to = new;
            }
        };
        set(&mut app.name, self.name);
        set(&mut app.secret, self.secret);
        set(&mut app.oa_secret_key, self.oa_secret_key);
        set(&mut app.callback_url, self.callback_url);
        if let Some(url) = self.webhook_url {
            app.webhook_enabled = !url.is_empty();
            app.webhook_off_reason = None;
            app.webhook_url = Some(url).filter(|u| !u.is_empty());
        }
        if let Some(on) = self.webhook_enabled {
            app.webhook_enabled = on;
            app.webhook_off_reason = (!on).then(|| "switched off by hand".to_owned());
        }
        if let Some(off) = self.events_off {
            app.events_off = off.into_iter().collect();
        }
        app.active = self.active.unwrap_or(app.active);
        app.removed = self.removed.unwrap_or(app.removed);
        app.rate_per_minute = self.rate_per_minute.unwrap_or(app.rate_per_minute);
    }
}

/// Every app.
#[utoipa::path(get, path = "/apps", tag = "accounts", responses((status = 200, body = Vec<App>)))]
pub async fn apps(State(world): State<Shared>) -> Json<Vec<App>> {
    Json(world.state().apps().cloned().collect())
}

/// Make an app, or change the one with this id.
#[utoipa::path(post, path = "/apps", tag = "accounts", request_body = AppChange,
    responses((status = 201, body = App), (status = 200, body = App, description = "it was there already")))]
pub async fn put_app(
    State(world): State<Shared>,
    Body(change): Body<AppChange>,
) -> Result<(StatusCode, Json<App>), Refused> {
    let mut state = world.state();
    let (status, app) = make_app(&world, &mut state, change)?;
    Ok((status, Json(app)))
}

/// Makes or changes an app.
pub fn make_app(world: &World, state: &mut Data, change: AppChange) -> Result<(StatusCode, App), Problem> {
    let id = change.id.clone().unwrap_or_else(|| world.digits('2'));
    check_id(&id)?;
    let known = state.app(&id).is_some();
    if !known {
        state.put_app(App {
            name: format!("Ứng dụng {}", state.apps().count() + 1),
            secret: world.hex(20),
            oa_secret_key: world.hex(32),
            callback_url: String::new(),
            webhook_url: None,
            webhook_enabled: false,
            webhook_off_reason: None,
            events_off: Default::default(),
            active: true,
            removed: false,
            rate_per_minute: world.library.packages().requests_per_minute_per_app,
            created_at: world.now(),
            id: id.clone(),
        });
    }
    let app = state.app_mut(&id).ok_or_else(|| Problem::not_found("app"))?;
    change.apply(app);
    let app = app.clone();
    world.publish(Live::App(id));
    Ok((if known { StatusCode::OK } else { StatusCode::CREATED }, app))
}

/// One app.
#[utoipa::path(get, path = "/apps/{app}", tag = "accounts", params(("app" = String, Path)),
    responses((status = 200, body = App)))]
pub async fn app(State(world): State<Shared>, Path(id): Path<String>) -> Result<Json<App>, Refused> {
    Ok(Json(world.state().app(&id).cloned().ok_or_else(|| Problem::not_found("app"))?))
}

/// Change an app.
#[utoipa::path(patch, path = "/apps/{app}", tag = "accounts", params(("app" = String, Path)),
    request_body = AppChange, responses((status = 200, body = App)))]
pub async fn change_app(
    State(world): State<Shared>,
    Path(id): Path<String>,
    Body(change): Body<AppChange>,
) -> Result<Json<App>, Refused> {
    let mut state = world.state();
    let app = state.app_mut(&id).ok_or_else(|| Problem::not_found("app"))?;
    change.apply(app);
    let app = app.clone();
    drop(state);
    world.publish(Live::App(id));
    world.wake.notify_one();
    Ok(Json(app))
}

/// Changes to a package.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PackageChange {
    /// Vietnamese or English name; a name that the rule books know brings its allowance.
    pub name: Option<String>,
    /// Consultation messages a period.
    pub total: Option<u64>,
    /// Used in this period.
    pub used: Option<u64>,
    /// End of the period.
    pub period_end_at: Option<Timestamp>,
    /// Renews itself.
    pub auto_renew: Option<bool>,
    /// Allows the API.
    pub api_access: Option<bool>,
}

/// Changes to the Zalo Cloud Account.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ZcaChange {
    /// Linked; false unlinks it.
    pub linked: Option<bool>,
    /// Money in it, đồng. Setting it links an account.
    pub balance_vnd: Option<i64>,
}

/// A bought or bonus pack.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExtra {
    /// A bonus instead of bought.
    #[serde(default)]
    pub reward: bool,
    /// Belongs to the app.
    #[serde(default)]
    pub owned_by_app: bool,
    /// Size.
    pub total: u64,
    /// Left; all when absent.
    #[serde(default)]
    pub remain: Option<u64>,
    /// End of its life.
    pub valid_until_at: Timestamp,
}

/// Changes to an OA; absent parts stay, or take a sensible value when the OA is new.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OaChange {
    /// Its id; a random one when absent. Only when making one.
    pub id: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// What it says about itself.
    pub description: Option<String>,
    /// Short name.
    pub alias: Option<String>,
    /// Line of business.
    pub category: Option<String>,
    /// Hue of its picture.
    pub hue: Option<u16>,
    /// Verified.
    pub verified: Option<bool>,
    /// Disabled.
    pub disabled: Option<bool>,
    /// Edition of the messaging rules, or `auto`.
    pub edition: Option<String>,
    /// Package.
    pub package: Option<PackageChange>,
    /// Packs; replaces all.
    pub extra: Option<Vec<NewExtra>>,
    /// Zalo Cloud Account.
    pub zca: Option<ZcaChange>,
    /// Requests a minute; 0 removes the OA's own limit.
    pub rate_per_minute: Option<u32>,
    /// Administrator in Zalo's own tool.
    pub admin_id: Option<String>,
}

impl OaChange {
    fn apply(self, world: &World, oa: &mut Oa) -> Result<(), Problem> {
        let set = |to: &mut String, from: Option<String>| {
            if let Some(new) = from {
                *to = new;
            }
        };
        if let Some(edition) = self.edition {
            let known =
                edition == EditionChoice::Auto.to_string() || world.library.messaging(&edition).is_some();
            if !known {
                return Err(Problem::invalid("edition", "unknown"));
            }
            oa.edition = Edition(edition);
        }
        set(&mut oa.name, self.name);
        set(&mut oa.description, self.description);
        set(&mut oa.alias, self.alias);
        set(&mut oa.category, self.category);
        set(&mut oa.admin_id, self.admin_id);
        oa.hue = self.hue.map_or(oa.hue, |h| h % 360);
        oa.verified = self.verified.unwrap_or(oa.verified);
        oa.disabled = self.disabled.unwrap_or(oa.disabled);
        if let Some(limit) = self.rate_per_minute {
            oa.rate_per_minute = (limit > 0).then_some(limit);
        }
        if let Some(p) = self.package {
            if let Some(name) = p.name {
                if let Some(known) = world.library.packages().find(&name, world.now()) {
                    oa.package.total = known.consultations_per_month.unwrap_or(oa.package.total);
                    oa.package.api_access = known.openapi.unwrap_or(true);
                    oa.rate_per_minute = known.requests_per_minute.filter(|n| *n > 0);
                }
                oa.package.name = name;
            }
            oa.package.total = p.total.unwrap_or(oa.package.total);
            oa.package.used = p.used.unwrap_or(oa.package.used).min(oa.package.total);
            oa.package.period_end_at = p.period_end_at.unwrap_or(oa.package.period_end_at);
            oa.package.auto_renew = p.auto_renew.unwrap_or(oa.package.auto_renew);
            oa.package.api_access = p.api_access.unwrap_or(oa.package.api_access);
        }
        if let Some(extra) = self.extra {
            oa.extra = extra
                .into_iter()
                .map(|e| Extra {
                    asset_id: world.hex(20),
                    reward: e.reward,
                    owned_by_app: e.owned_by_app,
                    total: e.total,
                    remain: e.remain.unwrap_or(e.total),
                    valid_until_at: e.valid_until_at,
                })
                .collect();
        }
        if let Some(change) = self.zca {
            let linked = change.linked.unwrap_or(change.balance_vnd.is_some() || oa.zca.is_some());
            let old = oa.zca.take();
            oa.zca = linked.then(|| {
                let mut zca =
                    old.unwrap_or_else(|| Zca { id: format!("ZCA-{}", world.hex(8)), balance_vnd: 0 });
                zca.balance_vnd = change.balance_vnd.unwrap_or(zca.balance_vnd);
                zca
            });
        }
        Ok(())
    }
}

/// An OA with what is counted.
#[derive(Serialize, ToSchema)]
pub struct OaView {
    /// The OA.
    #[serde(flatten)]
    pub oa: Oa,
    /// Its picture.
    pub avatar: String,
    /// Followers.
    pub followers: usize,
    /// Contacts.
    pub contacts: usize,
    /// Apps that have its grant.
    pub granted_to: Vec<String>,
}

fn view(world: &World, state: &Data, oa: &Oa) -> OaView {
    let granted = state.grants().filter(|g| g.oa_id == oa.id && !g.revoked);
    OaView {
        avatar: absolute(world.base(), &oa_avatar_path(&oa.id)),
        followers: state.contacts_of(&oa.id).filter(|c| c.follower).count(),
        contacts: state.contacts_of(&oa.id).count(),
        granted_to: granted.map(|g| g.app_id.clone()).collect(),
        oa: oa.clone(),
    }
}

/// Every OA.
#[utoipa::path(get, path = "/oas", tag = "accounts", responses((status = 200, body = Vec<OaView>)))]
pub async fn oas(State(world): State<Shared>) -> Json<Vec<OaView>> {
    let mut state = world.state();
    let ids: Vec<String> = state.oas().map(|o| o.id.clone()).collect();
    for id in ids {
        roll(&world, &mut state, &id);
    }
    let mut oas: Vec<&Oa> = state.oas().collect();
    oas.sort_by_key(|oa| (oa.created_at, oa.id.clone()));
    Json(oas.into_iter().map(|oa| view(&world, &state, oa)).collect())
}

/// Starts a new package period when one has begun.
fn roll(world: &World, state: &mut Data, id: &str) {
    let now = world.now();
    if state.oa(id).is_some_and(|oa| oa.package.auto_renew && now >= oa.package.period_end_at)
        && let Some(oa) = state.oa_mut(id)
    {
        oa.roll_period(now);
    }
}

/// Make an OA, or change the one with this id.
#[utoipa::path(post, path = "/oas", tag = "accounts", request_body = OaChange,
    responses((status = 201, body = OaView), (status = 200, body = OaView, description = "it was there already")))]
pub async fn put_oa(
    State(world): State<Shared>,
    Body(change): Body<OaChange>,
) -> Result<(StatusCode, Json<OaView>), Refused> {
    let mut state = world.state();
    let (status, oa) = make_oa(&world, &mut state, change)?;
    Ok((status, Json(view(&world, &state, &oa))))
}

/// Makes or changes an OA.
pub fn make_oa(world: &World, state: &mut Data, change: OaChange) -> Result<(StatusCode, Oa), Problem> {
    let id = change.id.clone().unwrap_or_else(|| world.digits('3'));
    check_id(&id)?;
    let now = world.now();
    let known = state.oa(&id).is_some();
    let mut oa = match state.oa(&id) {
        Some(oa) => oa.clone(),
        None => {
            let number = state.oas().count() + 1;
            // The package of the product's own documents; `package.name` chooses another.
            let package = world.library.packages().find("advanced", now);
            Oa {
                name: format!("Cửa hàng {number}"),
                description: String::new(),
                alias: format!("shop{number}"),
                category: "Bán lẻ".to_owned(),
                hue: u16::try_from(world.below(360)).unwrap_or_default(),
                verified: true,
                disabled: false,
                edition: Edition(EditionChoice::default().to_string()),
                package: Package {
                    name: package.map_or_else(|| "Nâng cao".to_owned(), |p| p.name_vi.clone()),
                    asset_id: world.hex(20),
                    total: package.and_then(|p| p.consultations_per_month).unwrap_or_default(),
                    used: 0,
                    period_end_at: now.vietnam_next_month_start(),
                    auto_renew: true,
                    api_access: true,
                },
                extra: Vec::new(),
                zca: None,
                rate_per_minute: None,
                admin_id: world.digits('7'),
                tags: Default::default(),
                fields: Vec::new(),
                uploads: (now.vietnam_month_start(), [0; 3]),
                created_at: now,
                id: id.clone(),
            }
        }
    };
    // A new period begins with the clock; what is set is meant for the one that runs.
    oa.roll_period(now);
    change.apply(world, &mut oa)?;
    state.put_oa(oa.clone());
    world.publish(Live::Oa(id));
    Ok((if known { StatusCode::OK } else { StatusCode::CREATED }, oa))
}

/// One OA.
#[utoipa::path(get, path = "/oas/{oa}", tag = "accounts", params(("oa" = String, Path)),
    responses((status = 200, body = OaView)))]
pub async fn oa(State(world): State<Shared>, Path(id): Path<String>) -> Result<Json<OaView>, Refused> {
    let mut state = world.state();
    roll(&world, &mut state, &id);
    let oa = state.oa(&id).ok_or_else(|| Problem::not_found("oa"))?;
    Ok(Json(view(&world, &state, oa)))
}

/// Change an OA: package, used quota, period, packs, Zalo Cloud Account, edition …
#[utoipa::path(patch, path = "/oas/{oa}", tag = "accounts", params(("oa" = String, Path)),
    request_body = OaChange, responses((status = 200, body = OaView)))]
pub async fn change_oa(
    State(world): State<Shared>,
    Path(id): Path<String>,
    Body(change): Body<OaChange>,
) -> Result<Json<OaView>, Refused> {
    let mut state = world.state();
    if state.oa(&id).is_none() {
        return Err(Problem::not_found("oa").into());
    }
    let change = OaChange { id: Some(id), ..change };
    let (_, oa) = make_oa(&world, &mut state, change)?;
    Ok(Json(view(&world, &state, &oa)))
}
