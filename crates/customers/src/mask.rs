//! How a value is shown to those who may not see it whole (features reference §2.4: four ways of masking).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What stands for a character that is not shown. It is in no phone number, number or date, so that a mask never comes back
/// as a value.
pub const DOT: char = '•';
/// What stands for a whole value; the same for every length, so that not even that is told.
const WHOLE: &str = "•••••";
/// The most characters a mask counts.
pub(crate) const MAX_COUNT: u8 = 50;

/// Which characters are not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(tag = "style", rename_all = "snake_case", deny_unknown_fields)]
pub enum Mask {
    /// None is.
    #[default]
    All,
    /// The first ones are not.
    First {
        /// How many.
        count: u8,
    },
    /// The last ones are not.
    Last {
        /// How many.
        count: u8,
    },
    /// Some behind the first ones are not.
    After {
        /// How many are shown first.
        skip: u8,
        /// How many are not.
        count: u8,
    },
}

impl Mask {
    /// Are its numbers such that it hides something, and can be read?
    pub(crate) fn is_sane(self) -> bool {
        match self {
            Self::All => true,
            Self::First { count } | Self::Last { count } => (1..=MAX_COUNT).contains(&count),
            Self::After { skip, count } => skip <= MAX_COUNT && (1..=MAX_COUNT).contains(&count),
        }
    }

    /// The text with what is not shown as dots. A text so short that everything or nothing would be hidden is hidden whole.
    pub fn apply(self, text: &str) -> String {
        let chars: Vec<char> = text.chars().collect();
        let length = chars.len();
        let hidden = match self {
            Self::All => 0..length,
            Self::First { count } => 0..usize::from(count).min(length),
            Self::Last { count } => length.saturating_sub(usize::from(count))..length,
            Self::After { skip, count } => {
                let from = usize::from(skip).min(length);
                from..(from + usize::from(count)).min(length)
            }
        };
        if hidden.is_empty() || hidden.len() == length {
            return WHOLE.to_owned();
        }
        chars.iter().enumerate().map(|(at, c)| if hidden.contains(&at) { DOT } else { *c }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_ways_of_masking() {
        for (mask, text, shown) in [
            (Mask::All, "12 Lê Lợi", WHOLE),
            (Mask::First { count: 3 }, "079123456", "•••123456"),
            (Mask::Last { count: 4 }, "079123456", "07912••••"),
            (Mask::After { skip: 2, count: 3 }, "079123456", "07•••3456"),
            (Mask::First { count: 20 }, "079", WHOLE),
            (Mask::After { skip: 20, count: 3 }, "079", WHOLE),
            (Mask::Last { count: 1 }, "Đ", WHOLE),
            (Mask::All, "", WHOLE),
        ] {
            assert_eq!(mask.apply(text), shown, "{mask:?} {text}");
        }
        assert!(!Mask::First { count: 0 }.is_sane() && !Mask::Last { count: 51 }.is_sane());
        assert!(Mask::After { skip: 0, count: 1 }.is_sane() && Mask::All.is_sane());
    }
}
