//! Why a tree is not understood.

use loa_kernel::Problem;

/// Where and why. The place is a path into the tree: `filter/all/1/any/0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// The place.
    pub at: String,
    /// The reason.
    pub reason: Reason,
}

/// The closed list of reasons. The texts stand in the web app's `errors.filter` catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Neither a group nor a test, or both.
    NotOneThing,
    /// A group inside another is empty.
    EmptyGroup,
    /// Groups stand too deep in each other.
    TooDeep,
    /// Too many tests.
    TooManyTests,
    /// There is no such field, or not any more.
    UnknownField,
    /// The field's kind has no such operator.
    WrongOperator,
    /// The value does not have the operator's form.
    WrongValue,
    /// Blank.
    Blank,
    /// Longer than a text may be.
    TooLong,
    /// A list is empty or too long.
    WrongCount,
    /// There is no such option, or not any more.
    UnknownOption,
    /// The table has no such key.
    UnknownKey,
    /// The first of two lies after the second.
    Reversed,
    /// Less or more than is allowed.
    OutOfRange,
}

impl Reason {
    /// Every reason.
    pub const ALL: &'static [Self] = &[
        Self::NotOneThing,
        Self::EmptyGroup,
        Self::TooDeep,
        Self::TooManyTests,
        Self::UnknownField,
        Self::WrongOperator,
        Self::WrongValue,
        Self::Blank,
        Self::TooLong,
        Self::WrongCount,
        Self::UnknownOption,
        Self::UnknownKey,
        Self::Reversed,
        Self::OutOfRange,
    ];

    /// The word as it travels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotOneThing => "filter_not_one_thing",
            Self::EmptyGroup => "filter_empty_group",
            Self::TooDeep => "filter_too_deep",
            Self::TooManyTests => "filter_too_many_tests",
            Self::UnknownField => "filter_unknown_field",
            Self::WrongOperator => "filter_wrong_operator",
            Self::WrongValue => "filter_wrong_value",
            Self::Blank => "filter_blank",
            Self::TooLong => "filter_too_long",
            Self::WrongCount => "filter_wrong_count",
            Self::UnknownOption => "filter_unknown_option",
            Self::UnknownKey => "filter_unknown_key",
            Self::Reversed => "filter_reversed",
            Self::OutOfRange => "filter_out_of_range",
        }
    }
}

impl From<FilterError> for Problem {
    fn from(error: FilterError) -> Self {
        Self::invalid(&error.at, error.reason.as_str())
    }
}
