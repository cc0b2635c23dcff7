//! A tree as it travels and is kept.

use serde::{Deserialize, Serialize};

/// Either a group (`all` or `any`) or one test (`field`, `op` and what the operator takes as `value`). Nothing by itself
/// is guaranteed: [`crate::check`] says whether it means something.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = FilterNode))]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// All of these hold. Empty at the root: everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(no_recursion, nullable = false))]
    pub all: Option<Vec<Self>>,
    /// At least one of these holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(no_recursion, nullable = false))]
    pub any: Option<Vec<Self>>,
    /// Key of the field that is tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub field: Option<String>,
    /// How.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub op: Option<Op>,
    /// Against what; its form depends on the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = serde_json::Value, nullable = false))]
    pub value: Option<serde_json::Value>,
}

impl Node {
    /// Holds for everybody.
    pub fn everybody() -> Self {
        Self::all(Vec::new())
    }

    /// All of these.
    pub fn all(nodes: Vec<Self>) -> Self {
        Self { all: Some(nodes), ..Self::default() }
    }

    /// At least one of these.
    pub fn any(nodes: Vec<Self>) -> Self {
        Self { any: Some(nodes), ..Self::default() }
    }

    /// One test; `null` for an operator that takes nothing.
    pub fn test(field: &str, op: Op, value: serde_json::Value) -> Self {
        let value = (!value.is_null()).then_some(value);
        Self { field: Some(field.to_owned()), op: Some(op), value, ..Self::default() }
    }
}

/// What is asked of a field. Which field has which comes with the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = FilterOp))]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Is this: a text, a number, `true` or `false`, the id of an option.
    Is,
    /// Is not this, or nothing is known.
    IsNot,
    /// Is one of these: a list.
    In,
    /// Is none of these, or nothing is known.
    NotIn,
    /// Has this in it.
    Contains,
    /// Does not have this in it, or nothing is known.
    NotContains,
    /// Begins with this.
    StartsWith,
    /// Less than this number.
    Lt,
    /// This number or less.
    Le,
    /// More than this number.
    Gt,
    /// This number or more.
    Ge,
    /// From the first to the second of two, both included: numbers, or days as `YYYY-MM-DD`.
    Between,
    /// On this day, `YYYY-MM-DD`.
    On,
    /// Before this day.
    Before,
    /// After this day.
    After,
    /// Today or one of the days before it; so many days altogether.
    InLast,
    /// Today or one of the days after it; so many days altogether.
    InNext,
    /// On this day of any year, `MM-DD`, or between two of them, over the end of the year if need be.
    DayMonth,
    /// On a day of any year that comes today or in the days after it; so many days altogether.
    DayMonthInNext,
    /// Has at least one of these.
    AnyOf,
    /// Has all of these.
    AllOf,
    /// Has none of these.
    NoneOf,
    /// A row of the table has this: `{"key", "value"}`.
    RowIs,
    /// Nothing is known.
    Empty,
    /// Something is known.
    NotEmpty,
}

impl Op {
    /// Every operator.
    pub const ALL: &'static [Self] = &[
        Self::Is,
        Self::IsNot,
        Self::In,
        Self::NotIn,
        Self::Contains,
        Self::NotContains,
        Self::StartsWith,
        Self::Lt,
        Self::Le,
        Self::Gt,
        Self::Ge,
        Self::Between,
        Self::On,
        Self::Before,
        Self::After,
        Self::InLast,
        Self::InNext,
        Self::DayMonth,
        Self::DayMonthInNext,
        Self::AnyOf,
        Self::AllOf,
        Self::NoneOf,
        Self::RowIs,
        Self::Empty,
        Self::NotEmpty,
    ];
}
