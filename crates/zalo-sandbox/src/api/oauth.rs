//! The consent page and the token endpoint (platform reference §2).

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use zalo::oauth::{OAuthError, TokenRequest};
use zalo::paths;

use super::call::Call;
use crate::media::oa_avatar_path;
use crate::world::Shared;

/// Query of the consent page. `sandbox_auto_oa` is the sandbox's own: consent at once, for tests.
#[derive(Debug, Deserialize)]
pub struct Consent {
    app_id: String,
    redirect_uri: String,
    #[serde(default)]
    code_challenge: Option<String>,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    sandbox_auto_oa: Option<String>,
    #[serde(default)]
    oa_id: Option<String>,
}

/// `GET /v4/oa/permission`.
pub async fn permission(State(world): State<Shared>, Query(ask): Query<Consent>) -> Response {
    if let Some(oa_id) = ask.sandbox_auto_oa.clone() {
        return allow(&world, &ask, &oa_id);
    }
    let (app, oas) = {
        let state = world.state();
        match world.check_consent(&state, &ask.app_id, &ask.redirect_uri) {
            Err(e) => return error_page(&e),
            Ok(app) => (app, state.oas().cloned().collect::<Vec<_>>()),
        }
    };
    let hidden: String = [
        ("app_id", Some(&ask.app_id)),
        ("redirect_uri", Some(&ask.redirect_uri)),
        ("code_challenge", ask.code_challenge.as_ref()),
        ("state", ask.state.as_ref()),
    ]
    .into_iter()
    .filter_map(|(name, value)| value.map(|v| (name, v)))
    .map(|(name, value)| format!(r#"<input type="hidden" name="{name}" value="{}">"#, escape(value)))
    .collect();
    let list: String = oas
        .iter()
        .enumerate()
        .map(|(i, oa)| {
            format!(
                r#"<label class="oa"><input type="radio" name="oa_id" value="{id}" data-testid="consent-oa"{checked}>
<img src="{avatar}" alt=""><span><b>{name}</b><small>{id} · {package}</small></span></label>"#,
                id = escape(&oa.id),
                checked = if i == 0 { " checked" } else { "" },
                avatar = oa_avatar_path(&oa.id),
                name = escape(&oa.name),
                package = escape(&oa.package.name),
            )
        })
        .collect();
    let body = if oas.is_empty() {
        "<p>Chưa có Official Account nào trong sandbox.</p>".to_owned()
    } else {
        format!(
            r#"<form method="post" action="/_sandbox/consent">{hidden}{list}
<button type="submit" data-testid="consent-allow">Cho phép</button></form>"#
        )
    };
    page(&format!(
        "<p class=\"who\">Ứng dụng</p><h1>{}</h1><p>muốn gửi tin, đọc tin nhắn và thông tin người dùng \
         thay mặt Official Account mà bạn chọn.</p>{body}",
        escape(&app.name)
    ))
}

/// The button of the consent page.
pub async fn consent(State(world): State<Shared>, Form(ask): Form<Consent>) -> Response {
    let oa_id = ask.oa_id.clone().unwrap_or_default();
    allow(&world, &ask, &oa_id)
}

fn allow(world: &Shared, ask: &Consent, oa_id: &str) -> Response {
    let mut state = world.state();
    if let Err(e) = world.check_consent(&state, &ask.app_id, &ask.redirect_uri) {
        return error_page(&e);
    }
    let Ok(mut url) = url::Url::parse(&ask.redirect_uri) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    if state.oa(oa_id).is_none() {
        return (StatusCode::NOT_FOUND, "no such OA").into_response();
    }
    let code = world.consent(&mut state, &ask.app_id, oa_id, ask.code_challenge.clone());
    {
        let mut query = url.query_pairs_mut();
        query.append_pair("code", &code).append_pair("oa_id", oa_id);
        if let Some(state) = &ask.state {
            query.append_pair("state", state);
        }
        if let Some(challenge) = &ask.code_challenge {
            query.append_pair("code_challenge", challenge);
        }
    }
    Redirect::to(url.as_str()).into_response()
}

/// `POST /v4/oa/access_token`.
pub async fn token(call: Call) -> Response {
    let secret = call.headers.get(paths::SECRET_KEY).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let pairs = url::form_urlencoded::parse(&call.body).into_owned();
    let form = serde_json::Value::Object(pairs.map(|(k, v)| (k, serde_json::Value::String(v))).collect());
    let mut state = call.world.state();
    let outcome = match serde_json::from_value::<TokenRequest>(form) {
        Ok(ask) => call.world.token(&mut state, secret, &ask),
        Err(_) => {
            let figures = &crate::platform::platform().oauth;
            Err(Box::new(OAuthError::new(figures.invalid_code, "Invalid request")))
        }
    };
    match outcome {
        Ok(tokens) => axum::Json(tokens).into_response(),
        Err(mut refusal) => {
            if state.settings().oauth_errors_without_number {
                refusal.error = None;
            }
            axum::Json(refusal).into_response()
        }
    }
}

fn error_page(e: &OAuthError) -> Response {
    let text = format!(
        "<h1>{} {}</h1><p>{}</p>",
        e.error.unwrap_or_default(),
        escape(e.error_name.as_deref().unwrap_or_default()),
        escape(e.error_reason.as_deref().unwrap_or_default())
    );
    page(&text)
}

fn page(content: &str) -> Response {
    let html = include_str!("../../pages/consent.html").replace("{{content}}", content);
    ([(header::CACHE_CONTROL, "no-store")], Html(html)).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
