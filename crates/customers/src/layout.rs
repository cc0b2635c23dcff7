//! "Áp dụng cho lần sau": how a member wants the list of customers to look (seed 002; features reference §6.3).

use loa_filter::{Catalogue, Node, Sort, check};
use loa_kernel::{Action, Actor, Object, Problem};
use loa_store::conversations::Visibility;
use loa_store::layouts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Customers;
use crate::capabilities::Capability;
use crate::catalogue::{all_fields, for_actor};

/// The name under which it is kept.
const LIST: &str = "customers";
/// The four columns that everybody begins with, in their order: Thao tác, Tên người dùng, Nhân viên CSKH, Nhãn quy trình.
pub const DEFAULT_COLUMNS: [&str; 4] = ["actions", "name", "assignees", "process_labels"];
/// So many columns a list has at most.
const MAX_COLUMNS: usize = 100;
/// Widths that are kept, in pixels.
const WIDTHS: std::ops::RangeInclusive<u16> = 60..=800;

/// How the list looks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerLayout {
    /// Which columns, in order.
    pub columns: Vec<LayoutColumn>,
    /// The conditions.
    pub filter: Node,
    /// The order; absent: the newest interaction first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub sort: Option<Sort>,
}

/// A column of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LayoutColumn {
    /// Its name: `actions`, `process_labels`, or the key of a field.
    pub key: String,
    /// Its width in pixels; absent: as it comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub width: Option<u16>,
}

impl Default for CustomerLayout {
    fn default() -> Self {
        let column = |key: &str| LayoutColumn { key: key.to_owned(), width: None };
        Self { columns: DEFAULT_COLUMNS.map(column).to_vec(), filter: Node::everybody(), sort: None }
    }
}

impl CustomerLayout {
    /// Is it understood as a whole by whoever may ask about these fields? Errors: `invalid_field` with the place.
    pub(crate) fn checked(&self, catalogue: &Catalogue) -> Result<(), Problem> {
        if !(1..=MAX_COLUMNS).contains(&self.columns.len()) {
            return Err(Problem::invalid("columns", "wrong_count").param("max", MAX_COLUMNS));
        }
        for (at, column) in self.columns.iter().enumerate() {
            let doubled = self.columns[..at].iter().any(|other| other.key == column.key);
            if doubled || column.key.is_empty() || column.key.len() > 100 {
                return Err(Problem::invalid(&format!("columns/{at}"), "unknown_value"));
            }
            if column.width.is_some_and(|width| !WIDTHS.contains(&width)) {
                return Err(Problem::invalid(&format!("columns/{at}/width"), "out_of_range"));
            }
        }
        check(&self.filter, catalogue)?;
        crate::find::checked_sort(self.sort.as_ref(), catalogue)?;
        Ok(())
    }
}

impl Customers {
    /// What the member kept, or how the list looks for everybody. What was kept stays as it was even if a field in it is
    /// gone: the list then says so.
    pub async fn layout(&self, actor: &Actor) -> Result<CustomerLayout, Problem> {
        Visibility::of(actor, Object::Customer, Action::Browse)?;
        let kept = layouts::get(self.store.reader(), actor.workspace, actor.member, LIST).await?;
        let read = |kept| serde_json::from_value(kept).map_err(Problem::internal);
        kept.map_or_else(|| Ok(CustomerLayout::default()), read)
    }

    /// Keep how the list looks, for this member alone. Errors: `package_required` for columns beyond the four when no
    /// account's package has more.
    pub async fn keep_layout(&self, actor: &Actor, layout: &CustomerLayout) -> Result<(), Problem> {
        Visibility::of(actor, Object::Customer, Action::Browse)?;
        let own = layout.columns.iter().any(|column| !DEFAULT_COLUMNS.contains(&column.key.as_str()));
        if own {
            self.capabilities(actor).await?.require(Capability::ListColumns)?;
        }
        let fields = all_fields(self.store.reader(), actor.workspace).await?;
        layout.checked(&for_actor(&fields, actor))?;
        let kept = serde_json::to_value(layout).map_err(Problem::internal)?;
        let tx = self.store.begin().await?;
        let now = self.ids.clock().now();
        layouts::put(&tx, actor.workspace, actor.member, LIST, kept, now).await?;
        Ok(tx.commit().await?)
    }

    /// Back to how the list looks for everybody.
    pub async fn forget_layout(&self, actor: &Actor) -> Result<(), Problem> {
        Visibility::of(actor, Object::Customer, Action::Browse)?;
        let tx = self.store.begin().await?;
        layouts::remove(&tx, actor.workspace, actor.member, LIST).await?;
        Ok(tx.commit().await?)
    }
}
