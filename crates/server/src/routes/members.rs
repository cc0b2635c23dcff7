//! Members: colleagues, and oneself.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiPath, ApiResult};
use loa_kernel::{Action, Actor, Code, MemberId, Object, Page, Problem, Role, normalise_email};
use loa_store::members::{self, Member, MemberPatch, MemberStatus};
use loa_store::{Secret, StoreError, Tx, sessions};
use loa_stream::Topic;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{note, required_text, told};
use crate::auth::{Current, check_new_password};
use crate::state::AppState;
use crate::views::{Locale, MemberView, StatusView};

/// All members, the first one first. They are few, so there is one page.
#[utoipa::path(get, path = "/api/members", tag = "members", operation_id = "list_members",
    responses((status = 200, body = Page<MemberView>)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<Page<MemberView>>> {
    actor.require(Object::Member, Action::View)?;
    let all = members::list(state.store.reader(), actor.workspace).await?;
    Ok(Json(Page { items: all.iter().map(MemberView::from).collect(), next: None }))
}

/// A new colleague.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMember {
    /// E-mail address to sign in with.
    email: String,
    /// As colleagues will see them.
    display_name: String,
    /// Preset of grants.
    role: Role,
    /// Their first password, at least 10 characters; they should change it.
    password: String,
    /// Their language; the workspace's when absent.
    #[schema(nullable = false)]
    locale: Option<Locale>,
}

/// Add a colleague.
#[utoipa::path(post, path = "/api/members", tag = "members", operation_id = "add_member",
    request_body = NewMember, responses((status = 201, body = MemberView)))]
pub(crate) async fn add(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(current): Extension<Current>,
    ApiJson(input): ApiJson<NewMember>,
) -> ApiResult<(StatusCode, Json<MemberView>)> {
    actor.require(Object::Member, Action::Create)?;
    let email = normalise_email(&input.email)?;
    let display_name = required_text("display_name", &input.display_name, 100)?;
    check_new_password(&input.password, &[&email, &display_name])?;
    let hash = state.sign_in.passwords().hash(&input.password).await?;
    let now = state.now();
    let locale = input.locale.map_or(current.signed_in.workspace.locale, |locale| locale.as_str().to_owned());
    let member = Member {
        workspace: actor.workspace,
        id: state.ids.next(),
        email,
        display_name,
        role: input.role,
        status: MemberStatus::Active,
        locale,
        created_at: now,
        updated_at: now,
    };
    let tx = state.store.begin().await?;
    members::create(&tx, &member, &hash).await.map_err(|error| match error {
        StoreError::Unique { .. } => Problem::new(Code::Conflict).param("reason", "email_taken"),
        other => other.into(),
    })?;
    let detail = serde_json::json!({ "role": member.role });
    note(&tx, &state.ids, actor.workspace, Some(actor.member), "member.added", member.id, detail).await?;
    told(&tx, &actor, member.id, now).await?;
    tx.commit().await?;
    state.signals.notify(Topic::ChangesIn(actor.workspace));
    Ok((StatusCode::CREATED, Json(MemberView::from(&member))))
}

/// What may be changed of a colleague; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditMember {
    /// Preset of grants.
    #[schema(nullable = false)]
    role: Option<Role>,
    /// May they sign in? Disabling signs them out everywhere.
    #[schema(nullable = false)]
    status: Option<StatusView>,
    /// As colleagues see them.
    #[schema(nullable = false)]
    display_name: Option<String>,
    /// A new password, at least 10 characters; signs them out everywhere.
    #[schema(nullable = false)]
    password: Option<String>,
}

/// Change a colleague. The last administrator can be neither disabled nor demoted.
#[utoipa::path(patch, path = "/api/members/{id}", tag = "members", operation_id = "edit_member",
    params(("id" = MemberId, Path)), request_body = EditMember, responses((status = 200, body = MemberView)))]
pub(crate) async fn edit(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(current): Extension<Current>,
    ApiPath(id): ApiPath<MemberId>,
    ApiJson(input): ApiJson<EditMember>,
) -> ApiResult<Json<MemberView>> {
    actor.require(Object::Member, Action::Edit)?;
    let before = members::get(state.store.reader(), actor.workspace, id)
        .await?
        .ok_or_else(|| Problem::not_found("member"))?;
    let display_name =
        input.display_name.map(|name| required_text("display_name", &name, 100)).transpose()?;
    let password_hash = match &input.password {
        None => None,
        Some(password) => {
            check_new_password(password, &[&before.email, &before.display_name])?;
            Some(state.sign_in.passwords().hash(password).await?)
        }
    };
    let patch = MemberPatch {
        display_name,
        role: input.role,
        status: input.status.map(MemberStatus::from),
        locale: None,
        password_hash,
    };
    let now = state.now();
    let tx = state.store.begin().await?;
    keep_an_admin(&tx, &actor, id, &patch).await?;
    let member = members::update(&tx, actor.workspace, id, &patch, now).await?;
    if patch.password_hash.is_some() || member.status == MemberStatus::Disabled {
        // Whoever sets their own password here stays signed in where they are.
        let keep = (id == actor.member).then_some(current.signed_in.session.id);
        sessions::delete_of_member(&tx, actor.workspace, id, keep).await?;
    }
    let detail = serde_json::json!({
        "role": patch.role,
        "status": input.status,
        "display_name": patch.display_name.is_some(),
        "password": patch.password_hash.is_some(),
    });
    note(&tx, &state.ids, actor.workspace, Some(actor.member), "member.edited", id, detail).await?;
    told(&tx, &actor, id, now).await?;
    tx.commit().await?;
    state.signals.notify(Topic::ChangesIn(actor.workspace));
    Ok(Json(MemberView::from(&member)))
}

/// Refuse what would leave the workspace without anybody who can run it.
async fn keep_an_admin(tx: &Tx, actor: &Actor, id: MemberId, patch: &MemberPatch) -> Result<(), Problem> {
    let leaves = patch.role.is_some_and(|role| role != Role::Admin)
        || patch.status.is_some_and(|status| status != MemberStatus::Active);
    if leaves && members::lock_active_admins(tx, actor.workspace).await? == [id] {
        return Err(Problem::new(Code::LastAdmin));
    }
    Ok(())
}

/// What members change of themselves; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditMe {
    /// As colleagues see you.
    #[schema(nullable = false)]
    display_name: Option<String>,
    /// Language of the interface.
    #[schema(nullable = false)]
    locale: Option<Locale>,
}

/// Change your own name or language.
#[utoipa::path(patch, path = "/api/me", tag = "members", operation_id = "edit_me",
    request_body = EditMe, responses((status = 200, body = MemberView)))]
pub(crate) async fn edit_me(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    ApiJson(input): ApiJson<EditMe>,
) -> ApiResult<Json<MemberView>> {
    let patch = MemberPatch {
        display_name: input.display_name.map(|name| required_text("display_name", &name, 100)).transpose()?,
        locale: input.locale.map(|locale| locale.as_str().to_owned()),
        ..MemberPatch::default()
    };
    let now = state.now();
    let tx = state.store.begin().await?;
    let member = members::update(&tx, actor.workspace, actor.member, &patch, now).await?;
    told(&tx, &actor, actor.member, now).await?;
    tx.commit().await?;
    state.signals.notify(Topic::ChangesIn(actor.workspace));
    Ok(Json(MemberView::from(&member)))
}

/// The old password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// The password of now.
    current: String,
    /// The new one, at least 10 characters.
    new: String,
}

/// Change your own password. Signs you out everywhere else.
#[utoipa::path(post, path = "/api/me/password", tag = "members", operation_id = "change_password",
    request_body = NewPassword, responses((status = 204)))]
pub(crate) async fn change_password(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(current): Extension<Current>,
    ApiJson(input): ApiJson<NewPassword>,
) -> ApiResult<StatusCode> {
    let member = &current.signed_in.member;
    check_new_password(&input.new, &[&member.email, &member.display_name])?;
    state.sign_in.confirm(member, &input.current).await?;
    let hash: Secret = state.sign_in.passwords().hash(&input.new).await?;
    let now = state.now();
    let tx = state.store.begin().await?;
    let patch = MemberPatch { password_hash: Some(hash), ..MemberPatch::default() };
    members::update(&tx, actor.workspace, actor.member, &patch, now).await?;
    let keep = Some(current.signed_in.session.id);
    sessions::delete_of_member(&tx, actor.workspace, actor.member, keep).await?;
    let detail = serde_json::json!({});
    note(
        &tx,
        &state.ids,
        actor.workspace,
        Some(actor.member),
        "member.password_changed",
        actor.member,
        detail,
    )
    .await?;
    told(&tx, &actor, actor.member, now).await?;
    tx.commit().await?;
    state.signals.notify(Topic::ChangesIn(actor.workspace));
    Ok(StatusCode::NO_CONTENT)
}
