//! What clients get to see of the two phone groups.

use loa_kernel::{CustomerId, GroupUploadId, MemberId, PhoneGroup, Problem, Timestamp};
use loa_store::customers::groups::{RowKind, Upload, UploadRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A group in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PhoneGroupView {
    /// The group.
    pub group: PhoneGroup,
    /// Numbers in it.
    pub numbers: u64,
    /// Of these, how many end some day.
    pub expiring: u64,
    /// Customers who are shown it now.
    pub customers: u64,
}

/// A number of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupNumber {
    /// The number; masked unless you may see it whole.
    pub phone: String,
    /// Until when it counts; absent: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub expires_at: Option<Timestamp>,
    /// Since when it is in the group.
    pub created_at: Timestamp,
    /// It stands in the other group too; "Hạn chế" wins.
    pub in_both: bool,
    /// Customers with this number, of those that you see.
    pub customers: Vec<GroupCustomer>,
}

/// A customer with a number of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupCustomer {
    /// Their id.
    pub id: CustomerId,
    /// Their name.
    pub display_name: String,
}

/// What happens to the numbers that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UploadMode {
    /// They stay.
    Add,
    /// Those that are not uploaded go.
    Replace,
}

impl UploadMode {
    /// As it is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Replace => "replace",
        }
    }
}

impl std::str::FromStr for UploadMode {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        match text {
            "add" => Ok(Self::Add),
            "replace" => Ok(Self::Replace),
            _ => Err(Problem::invalid("mode", "unknown_value")),
        }
    }
}

/// An upload in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UploadCounts {
    /// Rows with something in them.
    pub rows: u64,
    /// Numbers that are in the group after it.
    pub accepted: u64,
    /// Of these, how many were in it before.
    pub already: u64,
    /// Numbers that go out of the group.
    pub removed: u64,
    /// Rows with a number that stands further above.
    pub doubled: u64,
    /// Rows without a number.
    pub bad: u64,
    /// Numbers that are in the other group too.
    pub conflicts: u64,
    /// Customers who have one of the numbers now.
    pub recognised: u64,
}

/// Why a row needs a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UploadRemark {
    /// No phone number.
    Bad,
    /// A number that stands further above.
    Double,
    /// A number that is in the other group too; "Hạn chế" wins.
    Conflict,
}

/// A row that needs a look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UploadRowView {
    /// Its number as the spreadsheet shows it; of pasted numbers, the how-manieth it is.
    pub row: u64,
    /// Why.
    pub kind: UploadRemark,
    /// What stands there; masked unless you may see numbers whole.
    pub value: String,
    /// Why it is bad, as a reason of `invalid_field`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<String>,
    /// Where the number of a double stands first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub first_row: Option<u64>,
}

/// What came of an upload, or would come of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UploadReport {
    /// Its id; absent: nothing was changed, this is what would happen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub id: Option<GroupUploadId>,
    /// The group.
    pub group: PhoneGroup,
    /// What happened to the numbers that were there.
    pub mode: UploadMode,
    /// The file's name; absent: pasted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub file_name: Option<String>,
    /// Until when its numbers count; absent: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub expires_at: Option<Timestamp>,
    /// In numbers.
    pub counts: UploadCounts,
    /// The first rows of each kind that need a look; all of them are in the file of the report.
    pub rows: Vec<UploadRowView>,
    /// Who uploaded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub member_id: Option<MemberId>,
    /// When.
    pub created_at: Timestamp,
}

impl UploadReport {
    pub(super) fn new(row: &Upload, rows: &[UploadRow], unmasked: bool) -> Result<Self, Problem> {
        Ok(Self {
            id: Some(GroupUploadId(row.id)),
            group: row.group.parse()?,
            mode: row.mode.parse()?,
            file_name: row.name.clone(),
            expires_at: row.expires_at.map(Timestamp),
            counts: serde_json::from_value(row.counts.clone()).map_err(Problem::internal)?,
            rows: rows.iter().map(|row| UploadRowView::new(row, unmasked)).collect::<Result<_, _>>()?,
            member_id: row.member_id.map(MemberId),
            created_at: Timestamp(row.created_at),
        })
    }
}

impl UploadRowView {
    pub(super) fn new(row: &UploadRow, unmasked: bool) -> Result<Self, Problem> {
        let kind = match row.kind.parse::<RowKind>() {
            Ok(RowKind::Bad) => UploadRemark::Bad,
            Ok(RowKind::Double) => UploadRemark::Double,
            Ok(RowKind::Conflict) => UploadRemark::Conflict,
            Err(_) => return Err(Problem::internal(format_args!("kind of row {:?}", row.kind))),
        };
        let number = |n: i64| u64::try_from(n).unwrap_or(0);
        Ok(Self {
            row: number(row.row),
            kind,
            value: if unmasked { row.value.clone() } else { crate::phone::mask(&row.value) },
            reason: row.reason.clone(),
            first_row: row.first_row.map(number),
        })
    }
}
