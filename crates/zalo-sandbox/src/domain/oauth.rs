//! Grants and tokens (platform reference §2).

use std::collections::BTreeSet;

use loa_kernel::Clock;
use zalo::oauth::{OAuthError, TokenRequest, TokenResponse, challenge_of};
use zalo::webhook::Body;

use super::pay::months_later;
use crate::model::{AccessToken, App, AuthCode, Grant, Permission, RefreshToken, State};
use crate::platform::platform;
use crate::webhook::events::NewEvent;
use crate::world::{Live, World};

fn refusal(number: i64, name: &str, reason: &str) -> Box<OAuthError> {
    Box::new(OAuthError {
        error_reason: Some(reason.to_owned()),
        ref_doc: Some(platform().oauth.ref_doc.clone()),
        ..OAuthError::new(number, name)
    })
}

impl World {
    /// Whether the consent page may be shown for these parameters.
    ///
    /// # Errors
    /// -14002 for an unknown or inactive app, -14003 for another redirect than the saved callback.
    pub fn check_consent(
        &self,
        state: &State,
        app_id: &str,
        redirect_uri: &str,
    ) -> Result<App, Box<OAuthError>> {
        let figures = &platform().oauth;
        let app = state.app(app_id).filter(|a| a.active && !a.removed).ok_or_else(|| {
            refusal(figures.invalid_app, "Invalid appId", "App is not active but user is not admin")
        })?;
        let exact = state.settings().exact_redirect && !app.callback_url.is_empty();
        let fits =
            if exact { redirect_uri == app.callback_url } else { url::Url::parse(redirect_uri).is_ok() };
        if fits {
            Ok(app.clone())
        } else {
            Err(refusal(figures.invalid_redirect, "Invalid redirect uri", ""))
        }
    }

    /// The OA's administrator consents: a grant with all permissions and an authorisation code.
    pub fn consent(&self, state: &mut State, app_id: &str, oa_id: &str, challenge: Option<String>) -> String {
        let now = self.clock.now();
        state.prune_tokens(now);
        self.grant(state, app_id, oa_id, &Permission::ALL);
        let code = AuthCode {
            code: self.hex(48),
            app_id: app_id.to_owned(),
            oa_id: oa_id.to_owned(),
            challenge: challenge.filter(|c| !c.is_empty()),
            expires_at: now.plus_secs(platform().oauth.code_seconds),
            used: false,
        };
        let text = code.code.clone();
        state.put_code(code);
        text
    }

    /// Gives or renews a grant.
    pub fn grant(&self, state: &mut State, app_id: &str, oa_id: &str, permissions: &[Permission]) {
        state.put_grant(Grant {
            app_id: app_id.to_owned(),
            oa_id: oa_id.to_owned(),
            permissions: permissions.iter().copied().collect::<BTreeSet<_>>(),
            revoked: false,
            granted_at: self.clock.now(),
        });
        self.publish(Live::Tokens);
    }

    /// The OA withdraws its grant: tokens die, and the app is told.
    pub fn revoke(&self, state: &mut State, app_id: &str, oa_id: &str) -> bool {
        if state.grant(app_id, oa_id).is_none_or(|g| g.revoked) {
            return false;
        }
        let now = self.clock.now();
        let body = Body {
            oa_id: Some(oa_id.to_owned()),
            event_name: "permission_revoked".to_owned(),
            ..Body::default()
        };
        // Told while the grant still stands: events flow only under a grant.
        let event = NewEvent { oa_id, contact: None, body, at: now, due_at: now, only_app: Some(app_id) };
        self.emit(state, event);
        if let Some(grant) = state.grant_mut(app_id, oa_id) {
            grant.revoked = true;
        }
        self.kill_tokens(state, app_id, oa_id, true);
        true
    }

    /// Ends the access tokens of a grant, and the refresh tokens too when wanted.
    pub fn kill_tokens(&self, state: &mut State, app_id: &str, oa_id: &str, refresh_too: bool) {
        let of_grant = |a: &str, o: &str| a == app_id && o == oa_id;
        let access: Vec<String> = state
            .access_tokens()
            .filter(|t| of_grant(&t.app_id, &t.oa_id))
            .map(|t| t.token.clone())
            .collect();
        for token in access {
            if let Some(t) = state.access_mut(&token) {
                t.removed = true;
            }
        }
        if refresh_too {
            let refresh: Vec<String> = state
                .refresh_tokens()
                .filter(|t| of_grant(&t.app_id, &t.oa_id))
                .map(|t| t.token.clone())
                .collect();
            for token in refresh {
                if let Some(t) = state.refresh_mut(&token) {
                    t.used = true;
                }
            }
        }
        self.publish(Live::Tokens);
    }

    /// A new pair of tokens for a grant.
    pub fn issue(&self, state: &mut State, app_id: &str, oa_id: &str) -> TokenResponse {
        let now = self.clock.now();
        let figures = &platform().oauth;
        let access_token = format!("AT{}", self.hex(64));
        let refresh_token = format!("RT{}", self.hex(64));
        state.put_access(AccessToken {
            token: access_token.clone(),
            app_id: app_id.to_owned(),
            oa_id: oa_id.to_owned(),
            issued_at: now,
            expires_at: now.plus_secs(figures.access_seconds),
            removed: false,
        });
        state.put_refresh(RefreshToken {
            token: refresh_token.clone(),
            app_id: app_id.to_owned(),
            oa_id: oa_id.to_owned(),
            access_token: access_token.clone(),
            issued_at: now,
            expires_at: months_later(now, figures.refresh_months),
            used: false,
        });
        self.publish(Live::Tokens);
        TokenResponse { access_token, refresh_token, expires_in: figures.access_seconds }
    }

    /// The token endpoint: exchange or refresh, whole or not at all.
    ///
    /// # Errors
    /// The refusal of platform reference §2.7.
    pub fn token(
        &self,
        state: &mut State,
        secret: &str,
        ask: &TokenRequest,
    ) -> Result<TokenResponse, Box<OAuthError>> {
        let figures = &platform().oauth;
        let now = self.clock.now();
        let app = state.app(&ask.app_id).filter(|a| !a.removed && a.active);
        let app = app.ok_or_else(|| refusal(figures.invalid_app, "Invalid appId", ""))?;
        if !bool::from(subtle::ConstantTimeEq::ct_eq(app.secret.as_bytes(), secret.as_bytes())) {
            return Err(refusal(figures.invalid_secret, "Invalid secret key", ""));
        }
        let answer = match ask.grant_type.as_str() {
            TokenRequest::AUTHORIZATION_CODE => {
                let invalid = || refusal(figures.invalid_code, "Invalid authorization code", "");
                let code = ask.code.as_deref().unwrap_or_default();
                let found =
                    state.code(code).filter(|c| c.app_id == ask.app_id && !c.used && now < c.expires_at);
                let found = found.ok_or_else(invalid)?.clone();
                if let Some(challenge) = &found.challenge {
                    let verifier = ask.code_verifier.as_deref().unwrap_or_default();
                    if challenge_of(verifier) != *challenge {
                        return Err(refusal(figures.invalid_verifier, "Invalid code verifier", ""));
                    }
                }
                if let Some(code) = state.code_mut(code) {
                    code.used = true;
                }
                self.issue(state, &found.app_id, &found.oa_id)
            }
            TokenRequest::REFRESH_TOKEN => {
                let invalid = || refusal(figures.invalid_refresh, "Invalid refresh token", "");
                let token = ask.refresh_token.as_deref().unwrap_or_default();
                let found =
                    state.refresh(token).filter(|t| t.app_id == ask.app_id && !t.used && now < t.expires_at);
                let found = found.ok_or_else(invalid)?.clone();
                if let Some(token) = state.refresh_mut(token) {
                    token.used = true;
                }
                if state.settings().refresh_kills_access_token
                    && let Some(old) = state.access_mut(&found.access_token)
                {
                    old.removed = true;
                }
                self.issue(state, &found.app_id, &found.oa_id)
            }
            _ => return Err(refusal(figures.invalid_code, "Invalid grant type", "")),
        };
        Ok(answer)
    }
}
