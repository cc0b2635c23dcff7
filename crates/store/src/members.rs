//! People who sign in.

use loa_kernel::{MemberId, Role, Timestamp, WorkspaceId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::entity::members;
use crate::words::words;
use crate::{Result, Secret, StoreError, Tx};

words! {
    /// May they sign in?
    MemberStatus {
        /// Yes.
        Active = "active",
        /// No; what they wrote stays.
        Disabled = "disabled",
    }
}

/// A person who signs in; without the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Their workspace.
    pub workspace: WorkspaceId,
    /// Their id.
    pub id: MemberId,
    /// As it was typed.
    pub email: String,
    /// As colleagues see them.
    pub display_name: String,
    /// Their preset of grants.
    pub role: Role,
    /// May they sign in?
    pub status: MemberStatus,
    /// Their language: `vi` or `en`.
    pub locale: String,
    /// When they were added.
    pub created_at: Timestamp,
    /// When the row last changed.
    pub updated_at: Timestamp,
}

/// What may be changed of a member; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct MemberPatch {
    /// As colleagues see them.
    pub display_name: Option<String>,
    /// Their preset of grants.
    pub role: Option<Role>,
    /// May they sign in?
    pub status: Option<MemberStatus>,
    /// Their language.
    pub locale: Option<String>,
    /// A new password hash (Argon2 in PHC form).
    pub password_hash: Option<Secret>,
}

/// E-mail addresses as they are compared: without blanks around, in lower case. (Strictly the part before
/// the @ may distinguish case; no provider that people use does.)
pub fn fold_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Add one. Errors: `Unique("members_email")` when the e-mail is taken in the workspace.
pub async fn create(tx: &Tx, new: &Member, password_hash: &Secret) -> Result<()> {
    members::Model {
        workspace_id: new.workspace.0,
        id: new.id.0,
        email: new.email.trim().to_owned(),
        email_folded: fold_email(&new.email),
        display_name: new.display_name.clone(),
        password_hash: password_hash.expose().to_owned(),
        role: new.role.as_str().to_owned(),
        status: new.status.as_str().to_owned(),
        locale: new.locale.clone(),
        created_at: new.created_at.0,
        updated_at: new.updated_at.0,
    }
    .into_active_model()
    .insert(tx)
    .await?;
    Ok(())
}

/// One by id.
pub async fn get(conn: &impl ConnectionTrait, ws: WorkspaceId, id: MemberId) -> Result<Option<Member>> {
    members::Entity::find_by_id((ws.0, id.0)).one(conn).await?.map(from_row).transpose()
}

/// The password hash of one member.
pub async fn password_hash(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    id: MemberId,
) -> Result<Option<Secret>> {
    let hash: Option<String> = members::Entity::find_by_id((ws.0, id.0))
        .select_only()
        .column(members::Column::PasswordHash)
        .into_tuple()
        .one(conn)
        .await?;
    Ok(hash.map(Secret::from))
}

/// Who signs in with this e-mail, with their password hash; one a workspace, oldest first, disabled ones
/// included. Crosses workspaces: before sign-in nobody has one.
pub async fn find_by_email(conn: &impl ConnectionTrait, email: &str) -> Result<Vec<(Member, Secret)>> {
    members::Entity::find()
        .filter(members::Column::EmailFolded.eq(fold_email(email)))
        .order_by_asc(members::Column::CreatedAt)
        .order_by_asc(members::Column::Id)
        .all(conn)
        .await?
        .into_iter()
        .map(|mut row| {
            let hash = Secret::new(std::mem::take(&mut row.password_hash));
            Ok((from_row(row)?, hash))
        })
        .collect()
}

/// All of a workspace, oldest first.
pub async fn list(conn: &impl ConnectionTrait, ws: WorkspaceId) -> Result<Vec<Member>> {
    members::Entity::find()
        .filter(members::Column::WorkspaceId.eq(ws.0))
        .order_by_asc(members::Column::CreatedAt)
        .order_by_asc(members::Column::Id)
        .all(conn)
        .await?
        .into_iter()
        .map(from_row)
        .collect()
}

/// Those of the given ids that exist, in no order.
pub async fn get_many(conn: &impl ConnectionTrait, ws: WorkspaceId, ids: &[MemberId]) -> Result<Vec<Member>> {
    let mut out = Vec::with_capacity(ids.len());
    for ids in crate::rows::in_chunks(conn, ids, 1) {
        let rows = members::Entity::find()
            .filter(members::Column::WorkspaceId.eq(ws.0))
            .filter(members::Column::Id.is_in(ids.iter().map(|id| id.0)))
            .all(conn)
            .await?;
        for row in rows {
            out.push(from_row(row)?);
        }
    }
    Ok(out)
}

/// Change one and answer it as it then is. Errors: `NotFound("member")`.
pub async fn update(
    tx: &Tx,
    ws: WorkspaceId,
    id: MemberId,
    patch: &MemberPatch,
    now: Timestamp,
) -> Result<Member> {
    let mut change = members::Entity::update_many()
        .filter(members::Column::WorkspaceId.eq(ws.0))
        .filter(members::Column::Id.eq(id.0))
        .col_expr(members::Column::UpdatedAt, Expr::value(now.0));
    let texts = [
        (members::Column::DisplayName, patch.display_name.as_deref()),
        (members::Column::Role, patch.role.map(Role::as_str)),
        (members::Column::Status, patch.status.map(MemberStatus::as_str)),
        (members::Column::Locale, patch.locale.as_deref()),
        (members::Column::PasswordHash, patch.password_hash.as_ref().map(Secret::expose)),
    ];
    for (column, text) in texts {
        if let Some(text) = text {
            change = change.col_expr(column, Expr::value(text));
        }
    }
    change.exec(tx).await?;
    get(tx, ws, id).await?.ok_or(StoreError::NotFound("member"))
}

/// How many administrators can sign in. Locks them until the end of the transaction (PostgreSQL), so that two
/// administrators who demote each other at once cannot both find the other still there.
pub async fn lock_active_admins(tx: &Tx, ws: WorkspaceId) -> Result<Vec<MemberId>> {
    let ids: Vec<uuid::Uuid> = members::Entity::find()
        .select_only()
        .column(members::Column::Id)
        .filter(members::Column::WorkspaceId.eq(ws.0))
        .filter(members::Column::Role.eq(Role::Admin.as_str()))
        .filter(members::Column::Status.eq(MemberStatus::Active.as_str()))
        .order_by_asc(members::Column::Id)
        .lock_exclusive()
        .into_tuple()
        .all(tx)
        .await?;
    Ok(ids.into_iter().map(MemberId).collect())
}

/// How many members there are at all. Crosses workspaces: set-up is open only while there is none.
pub async fn count_all(conn: &impl ConnectionTrait) -> Result<u64> {
    Ok(members::Entity::find().count(conn).await?)
}

pub(crate) fn from_row(row: members::Model) -> Result<Member> {
    Ok(Member {
        workspace: WorkspaceId(row.workspace_id),
        id: MemberId(row.id),
        email: row.email,
        display_name: row.display_name,
        role: row.role.parse().map_err(|e| StoreError::unreadable("members.role", e))?,
        status: row.status.parse()?,
        locale: row.locale,
        created_at: Timestamp(row.created_at),
        updated_at: Timestamp(row.updated_at),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_compare_without_case_and_blanks() {
        assert_eq!(fold_email(" An.Nguyen@Example.VN "), "an.nguyen@example.vn");
    }
}
