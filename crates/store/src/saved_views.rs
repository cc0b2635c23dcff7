//! Lists that members keep under a name, for themselves or for everybody: of threads, of customers.
//!
//! Whose a view is, whether it is shared, and where a member has it, is the same for all lists and stands here once; what a
//! view shows is the list's own business ([`Kept`]).

use loa_kernel::{Criteria, MemberId, Problem, SavedViewId, Timestamp, ViewSort, WorkspaceId};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use serde_json::Value;

use crate::entity::{saved_view_places, saved_views};
use crate::rows::insert_rows;
use crate::{Result, StoreError, Tx};

/// The longest name, in characters.
pub const MAX_NAME_CHARS: usize = 60;

/// What a view of one kind of list keeps.
pub trait Kept: Sized + Send + Sync {
    /// The list, as it stands in the rows; `None`: threads.
    const LIST: Option<&'static str>;

    /// As it is stored: conditions, and a word for the order.
    fn write(&self) -> Result<(Value, String)>;

    /// From what is stored.
    fn read(conditions: Value, order: String) -> Result<Self>;
}

/// A view of threads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadList {
    /// What its threads fulfil.
    pub criteria: Criteria,
    /// In which order they stand.
    pub sort: ViewSort,
}

impl Kept for ThreadList {
    const LIST: Option<&'static str> = None;

    fn write(&self) -> Result<(Value, String)> {
        let criteria = serde_json::to_value(&self.criteria);
        let criteria = criteria.map_err(|e| StoreError::Other(format!("conditions of a view: {e}")))?;
        Ok((criteria, self.sort.as_str().to_owned()))
    }

    fn read(conditions: Value, order: String) -> Result<Self> {
        let unreadable = |place: &'static str| move |e: serde_json::Error| StoreError::unreadable(place, e);
        Ok(Self {
            criteria: serde_json::from_value(conditions).map_err(unreadable("saved_views.criteria"))?,
            sort: serde_json::from_value(order.into()).map_err(unreadable("saved_views.sort"))?,
        })
    }
}

/// A view of customers: how the list looks, as the list itself writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerList(pub Value);

impl Kept for CustomerList {
    const LIST: Option<&'static str> = Some("customers");

    fn write(&self) -> Result<(Value, String)> {
        Ok((self.0.clone(), String::new()))
    }

    fn read(conditions: Value, _order: String) -> Result<Self> {
        Ok(Self(conditions))
    }
}

/// A list under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView<K = ThreadList> {
    /// Its id.
    pub id: SavedViewId,
    /// Whose it is.
    pub owner: MemberId,
    /// As members read it.
    pub name: String,
    /// What it shows.
    pub kept: K,
    /// For everybody who sees such lists, not only for its owner.
    pub shared: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A view as one member has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedView<K = ThreadList> {
    /// The view.
    pub view: SavedView<K>,
    /// The member always sees it in the column.
    pub pinned: bool,
}

/// Make one. Errors: `Unique("saved_views_pkey")` when the id is taken.
pub async fn create<K: Kept>(tx: &Tx, ws: WorkspaceId, view: &SavedView<K>) -> Result<()> {
    let (conditions, order) = view.kept.write()?;
    saved_views::Model {
        workspace_id: ws.0,
        id: view.id.0,
        owner_id: view.owner.0,
        name: view.name.clone(),
        criteria: conditions,
        sort: order,
        shared: view.shared,
        was_shared: view.shared,
        created_at: view.created_at.0,
        updated_at: view.updated_at.0,
        deleted_at: None,
        list: K::LIST.map(str::to_owned),
    }
    .into_active_model()
    .insert(tx)
    .await?;
    Ok(())
}

/// Write name, conditions, order and whether it is shared; false when there is none.
pub async fn update<K: Kept>(tx: &Tx, ws: WorkspaceId, view: &SavedView<K>) -> Result<bool> {
    use saved_views::Column as C;
    let (conditions, order) = view.kept.write()?;
    let mut update = saved_views::Entity::update_many()
        .col_expr(C::Name, Expr::value(view.name.as_str()))
        .col_expr(C::Criteria, Expr::value(conditions))
        .col_expr(C::Sort, Expr::value(order))
        .col_expr(C::Shared, Expr::value(view.shared))
        .col_expr(C::UpdatedAt, Expr::value(view.updated_at.0));
    if view.shared {
        update = update.col_expr(C::WasShared, Expr::value(true));
    }
    let done = update
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::Id.eq(view.id.0))
        .filter(Expr::cust("deleted_at IS NULL"))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Remove one; false when there is none. [`audience`] still knows it.
pub async fn delete(tx: &Tx, ws: WorkspaceId, id: SavedViewId, now: Timestamp) -> Result<bool> {
    use saved_views::Column as C;
    let done = saved_views::Entity::update_many()
        .col_expr(C::DeletedAt, Expr::value(now.0))
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::Id.eq(id.0))
        .filter(Expr::cust("deleted_at IS NULL"))
        .exec(tx)
        .await?;
    saved_view_places::Entity::delete_many()
        .filter(saved_view_places::Column::WorkspaceId.eq(ws.0))
        .filter(saved_view_places::Column::ViewId.eq(id.0))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// One that `member` has: theirs, or shared.
pub async fn get<K: Kept>(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    member: MemberId,
    id: SavedViewId,
) -> Result<Option<SavedView<K>>> {
    let found = kept::<K>(ws, member).filter(saved_views::Column::Id.eq(id.0)).one(conn).await?;
    found.map(from_row).transpose()
}

/// All that `member` has, in their own order; those that they never placed stand last, the oldest first.
pub async fn list<K: Kept>(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    member: MemberId,
) -> Result<Vec<PlacedView<K>>> {
    use saved_views::Column as C;
    let rows = kept::<K>(ws, member).order_by_asc(C::CreatedAt).order_by_asc(C::Id).all(conn).await?;
    let places = saved_view_places::Entity::find()
        .filter(saved_view_places::Column::WorkspaceId.eq(ws.0))
        .filter(saved_view_places::Column::MemberId.eq(member.0))
        .all(conn)
        .await?;
    let mut placed = Vec::with_capacity(rows.len());
    for row in rows {
        let place = places.iter().find(|place| place.view_id == row.id);
        let position = place.map_or(i32::MAX, |place| place.position);
        // A new view is pinned: whoever made it wants to see it, and whoever shared it wants it to be seen.
        let pinned = place.is_none_or(|place| place.pinned);
        placed.push((position, PlacedView { view: from_row(row)?, pinned }));
    }
    placed.sort_by_key(|(position, _)| *position);
    Ok(placed.into_iter().map(|(_, view)| view).collect())
}

/// How many views of this list `member` has made.
pub async fn count_of<K: Kept>(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    member: MemberId,
) -> Result<u64> {
    use saved_views::Column as C;
    let own = saved_views::Entity::find()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::OwnerId.eq(member.0))
        .filter(of_list::<K>())
        .filter(Expr::cust("deleted_at IS NULL"));
    Ok(own.count(conn).await?)
}

/// A name as it is kept: one line, without what PostgreSQL does not store. Errors: `invalid_field` when it is blank or longer
/// than [`MAX_NAME_CHARS`].
pub fn clean_name(name: &str) -> std::result::Result<String, Problem> {
    let name = loa_kernel::one_line(name);
    if name.is_empty() {
        return Err(Problem::invalid("name", "empty"));
    }
    if name.chars().count() > MAX_NAME_CHARS {
        return Err(Problem::invalid("name", "too_long").param("max", MAX_NAME_CHARS));
    }
    Ok(name)
}

/// Put the views of `member` into this order, over an older one; their views of other lists stay where they are. Ids that
/// name none of theirs, or one again, are left out; views that are not named stand last.
pub async fn place<K: Kept>(
    tx: &Tx,
    ws: WorkspaceId,
    member: MemberId,
    order: &[(SavedViewId, bool)],
) -> Result<()> {
    let these = saved_views::Entity::find()
        .select_only()
        .column(saved_views::Column::Id)
        .filter(saved_views::Column::WorkspaceId.eq(ws.0))
        .filter(of_list::<K>());
    saved_view_places::Entity::delete_many()
        .filter(saved_view_places::Column::WorkspaceId.eq(ws.0))
        .filter(saved_view_places::Column::MemberId.eq(member.0))
        .filter(saved_view_places::Column::ViewId.in_subquery(these.into_query()))
        .exec(tx)
        .await?;
    let have: Vec<uuid::Uuid> =
        kept::<K>(ws, member).select_only().column(saved_views::Column::Id).into_tuple().all(tx).await?;
    let mut placed: Vec<(SavedViewId, bool)> = Vec::with_capacity(have.len());
    for (id, pinned) in order {
        if have.contains(&id.0) && !placed.iter().any(|(other, _)| other == id) {
            placed.push((*id, *pinned));
        }
    }
    let rows: Vec<saved_view_places::Model> = placed
        .iter()
        .zip(0..)
        .map(|((view, pinned), position)| saved_view_places::Model {
            workspace_id: ws.0,
            member_id: member.0,
            view_id: view.0,
            position,
            pinned: *pinned,
        })
        .collect();
    insert_rows::<saved_view_places::Entity>(tx, rows, None).await?;
    Ok(())
}

/// Whom a change of these views concerns: everybody (`None`), or only the owner. Views that are gone are among them.
pub async fn audience(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    ids: &[SavedViewId],
) -> Result<Vec<(SavedViewId, Option<MemberId>)>> {
    use saved_views::Column as C;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(uuid::Uuid, uuid::Uuid, bool)> = saved_views::Entity::find()
        .select_only()
        .columns([C::Id, C::OwnerId, C::WasShared])
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::Id.is_in(ids.iter().map(|id| id.0)))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, owner, shared)| (SavedViewId(id), (!shared).then_some(MemberId(owner))))
        .collect())
}

/// Forget views that were removed before `before`, at most `limit` in this call. Answers how many.
pub async fn prune(tx: &Tx, ws: WorkspaceId, before: Timestamp, limit: u64) -> Result<u64> {
    use saved_views::Column as C;
    let old = saved_views::Entity::find()
        .select_only()
        .column(C::Id)
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::DeletedAt.lt(before.0))
        .limit(limit);
    let done = saved_views::Entity::delete_many()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::Id.in_subquery(old.into_query()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

fn of_list<K: Kept>() -> Condition {
    let column = saved_views::Column::List;
    Condition::all().add(K::LIST.map_or_else(|| column.is_null(), |list| column.eq(list)))
}

fn kept<K: Kept>(ws: WorkspaceId, member: MemberId) -> sea_orm::Select<saved_views::Entity> {
    use saved_views::Column as C;
    saved_views::Entity::find()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(of_list::<K>())
        .filter(Expr::cust("deleted_at IS NULL"))
        .filter(Condition::any().add(C::OwnerId.eq(member.0)).add(C::Shared.eq(true)))
}

fn from_row<K: Kept>(row: saved_views::Model) -> Result<SavedView<K>> {
    Ok(SavedView {
        id: SavedViewId(row.id),
        owner: MemberId(row.owner_id),
        name: row.name,
        kept: K::read(row.criteria, row.sort)?,
        shared: row.shared,
        created_at: Timestamp(row.created_at),
        updated_at: Timestamp(row.updated_at),
    })
}
