//! One call of an app: who calls, with what, and how it is answered.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::PoisonError;

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;
use zalo::error::ErrorCode;
use zalo::message::Refusal;
use zalo::{Envelope, paths};

use super::MAX_BODY;
use crate::model::{Permission, State};
use crate::rate::Standing;
use crate::world::{Shared, World};

/// A call, read whole.
pub struct Call {
    /// The sandbox.
    pub world: Shared,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its address.
    pub uri: Uri,
    /// Its body.
    pub body: Bytes,
}

/// Who calls: an app in the name of an OA.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The app.
    pub app_id: String,
    /// The OA.
    pub oa_id: String,
}

impl FromRequest<Shared> for Call {
    type Rejection = Infallible;

    async fn from_request(request: Request, world: &Shared) -> Result<Self, Infallible> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, MAX_BODY).await.unwrap_or_default();
        Ok(Self { world: world.clone(), headers: parts.headers, uri: parts.uri, body })
    }
}

/// The access token: a header; very old clients put it into the query.
pub fn access_token<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    headers.get(paths::ACCESS_TOKEN).and_then(|v| v.to_str().ok()).or_else(|| {
        // Tokens need no percent-decoding.
        uri.query()?.split('&').find_map(|pair| pair.strip_prefix("access_token="))
    })
}

impl Call {
    /// Checks what comes before the call itself, runs it under the state's lock, and wraps its answer.
    /// `None` answers without `data`.
    pub fn answer(
        &self,
        permission: Permission,
        run: impl FnOnce(&World, &mut State, &Caller) -> Result<Option<Value>, Refusal>,
    ) -> Response {
        let mut standing = None;
        let mut state = self.world.state();
        let outcome = self
            .authorise(&mut state, permission, &mut standing)
            .and_then(|caller| run(&self.world, &mut state, &caller));
        drop(state);
        let envelope = match outcome {
            Ok(Some(data)) => Envelope::success(data),
            Ok(None) => Envelope::done(),
            Err(refusal) => Envelope::failure(refusal.code, refusal.message),
        };
        let mut response = axum::Json(envelope).into_response();
        if let Some(standing) = standing {
            response.extensions_mut().insert(standing);
        }
        response
    }

    fn authorise(
        &self,
        state: &mut State,
        permission: Permission,
        standing: &mut Option<Standing>,
    ) -> Result<Caller, Refusal> {
        let now = self.world.now();
        let sent = access_token(&self.headers, &self.uri).unwrap_or_default();
        let Some(token) = state.access(sent).cloned() else {
            return Err(Refusal::of(ErrorCode::TOKEN_INVALID));
        };
        let app = state.app(&token.app_id).cloned();
        let oa_limit = state.oa(&token.oa_id).and_then(|oa| oa.rate_per_minute);
        *standing = Some(self.take_rate(
            &token.app_id,
            &token.oa_id,
            app.as_ref().map(|a| a.rate_per_minute),
            oa_limit,
        )?);

        if token.removed || now >= token.expires_at {
            return Err(Refusal::of(ErrorCode::TOKEN_EXPIRED));
        }
        if let (Some(proof), Some(app)) = (self.headers.get(paths::APPSECRET_PROOF), &app)
            && proof.as_bytes() != zalo::signature::appsecret_proof(&app.secret, sent).as_bytes()
        {
            return Err(Refusal::of(ErrorCode::PROOF_INVALID));
        }
        match &app {
            None => return Err(Refusal::of(ErrorCode::APP_REMOVED)),
            Some(app) if app.removed => return Err(Refusal::of(ErrorCode::APP_REMOVED)),
            Some(app) if !app.active => return Err(Refusal::of(ErrorCode::APP_NOT_ACTIVE)),
            Some(_) => {}
        }
        let oa = state.oa(&token.oa_id).ok_or_else(|| Refusal::of(ErrorCode::OA_NOT_FOUND))?;
        if oa.disabled {
            return Err(Refusal::of(ErrorCode::OA_DISABLED));
        }
        let grant = state.grant(&token.app_id, &token.oa_id).filter(|g| !g.revoked);
        if grant.is_none_or(|g| !g.permissions.contains(&permission)) {
            return Err(Refusal::of(ErrorCode::OA_NOT_AUTHORIZED));
        }
        if permission == Permission::Send && !oa.verified {
            return Err(Refusal::of(ErrorCode::OA_NOT_VERIFIED));
        }
        // The OA's information stays readable: its package name is how a client learns what is wrong.
        if permission != Permission::OaInfo && oa.package.refuses_api(now) {
            return Err(Refusal::of(ErrorCode::PACKAGE_TOO_LOW));
        }
        Ok(Caller { app_id: token.app_id, oa_id: token.oa_id })
    }

    fn take_rate(
        &self,
        app_id: &str,
        oa_id: &str,
        app_limit: Option<u32>,
        oa_limit: Option<u32>,
    ) -> Result<Standing, Refusal> {
        let now = self.world.now();
        let full = |message: &str| Refusal { code: ErrorCode::RATE_LIMIT, message: message.to_owned() };
        let mut buckets = self.world.rate.lock().unwrap_or_else(PoisonError::into_inner);
        let of_app = buckets
            .take(&format!("app/{app_id}"), app_limit.unwrap_or_default(), now)
            .map_err(|_| full("Your application reached limit call api"))?;
        match oa_limit {
            None => Ok(of_app),
            Some(limit) => {
                let key = format!("oa/{app_id}/{oa_id}");
                buckets.take(&key, limit, now).map_err(|_| full("Your OA reached limit call api"))
            }
        }
    }

    /// The JSON body.
    ///
    /// # Errors
    /// -201 with the field that is missing or wrong.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let body: &[u8] = if self.body.trim_ascii().is_empty() { b"{}" } else { &self.body };
        serde_json::from_slice(body).map_err(|e| field_of(&e, "body"))
    }

    /// The `data` parameter of a GET (platform reference §1.4); plain parameters too unless strict.
    ///
    /// # Errors
    /// -201 with the field.
    pub fn data<T: DeserializeOwned>(&self, state: &State) -> Result<T, Refusal> {
        let query = self.uri.query().unwrap_or_default();
        let mut pairs: HashMap<String, String> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        match pairs.remove("data") {
            Some(data) => serde_json::from_str(&data).map_err(|e| field_of(&e, "data")),
            None if state.settings().strict_data_parameter => Err(Refusal::field("data")),
            None => {
                let plain = Value::Object(pairs.into_iter().map(|(k, v)| (k, Value::String(v))).collect());
                serde_json::from_value(plain).map_err(|e| field_of(&e, "data"))
            }
        }
    }
}

/// -201 for what serde did not like: the field it names, or `whole`.
fn field_of(error: &serde_json::Error, whole: &str) -> Refusal {
    let text = error.to_string();
    let named = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    Refusal::field(named.unwrap_or(whole))
}

/// An answer's payload as JSON.
pub fn payload<T: serde::Serialize>(data: &T) -> Result<Option<Value>, Refusal> {
    serde_json::to_value(data).map(Some).map_err(|_| Refusal::of(ErrorCode::SEND_FAILED))
}

/// A page request: `count` within 1 and `most`, `offset` not negative.
///
/// # Errors
/// -201 or -210.
pub fn page(offset: i64, count: i64, most: i64) -> Result<(usize, usize), Refusal> {
    if count > most {
        return Err(Refusal::of(ErrorCode::LIMIT_EXCEEDED));
    }
    let count = usize::try_from(count).ok().filter(|n| *n > 0).ok_or_else(|| Refusal::field("count"))?;
    let offset = usize::try_from(offset).map_err(|_| Refusal::field("offset"))?;
    Ok((offset, count))
}
