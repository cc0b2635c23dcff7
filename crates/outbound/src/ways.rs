//! What is possible while the composer is closed, the cheapest first, and where its links lead.

use loa_rulebook::{ComposerState, MessagingRules, OpenedBy};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Addresses of the platform's own pages. Pages move, so they are settings; one that is absent has no link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Links {
    /// What messages cost: "Tìm hiểu thêm".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub pricing: Option<String>,
    /// Where money is added: "Nạp tiền" and "Tại đây".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub top_up: Option<String>,
    /// Where template messages are sent from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub templates: Option<String>,
}

impl Default for Links {
    fn default() -> Self {
        Self {
            // Named by the platform's own refusal -224 as `zalo.cloud/oa/pricing`, which leads here since Zalo Cloud
            // became Zalo Business Solutions.
            pricing: Some("https://zalo.solutions/oa/pricing".into()),
            // Seed 000: "Liên kết dẫn đến trang bảng giá của Zalo".
            top_up: Some("https://zalo.solutions/oa/pricing".into()),
            // The ZBS Account, formerly the Zalo Cloud Account (ZNS reference §1).
            templates: Some("https://account.zalo.solutions".into()),
        }
    }
}

/// A way to reach a customer whose composer is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Way {
    /// The customer writes: the composer opens at once.
    CustomerWrites {
        /// Replies are free for so many hours from then.
        free_hours: u32,
    },
    /// The customer writes or interacts in another way: the composer opens at once.
    CustomerInteracts {
        /// Replies are free for so many hours from then.
        free_hours: u32,
    },
    /// A template message to the customer's telephone number. It costs money, and is sent from the platform's own page.
    Template,
}

/// What is possible in this state by these rules, the cheapest first. Empty where text may be sent, where money or the
/// account is what is missing, and where somebody else answers.
pub fn ways(state: ComposerState, rules: &MessagingRules) -> Vec<Way> {
    let free_hours = rules.reply.window_hours;
    match state {
        ComposerState::WindowClosed => {
            let free = match rules.reply.opened_by {
                OpenedBy::Message => Way::CustomerWrites { free_hours },
                OpenedBy::Interaction => Way::CustomerInteracts { free_hours },
            };
            vec![free, Way::Template]
        }
        // A follow or another touch does not lift a block; a message does.
        ComposerState::Blocked => vec![Way::CustomerWrites { free_hours }],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loa_rulebook::Library;

    #[test]
    fn a_way_is_offered_exactly_where_only_the_customer_can_open() {
        let library = Library::embedded();
        for (edition, first) in [
            ("messaging-2024-11", Way::CustomerWrites { free_hours: 48 }),
            ("messaging-2026-01", Way::CustomerInteracts { free_hours: 48 }),
        ] {
            let rules = library.messaging(edition).unwrap();
            for &state in ComposerState::ALL {
                let got = ways(state, rules);
                let want = match state {
                    ComposerState::WindowClosed => vec![first, Way::Template],
                    ComposerState::Blocked => vec![Way::CustomerWrites { free_hours: 48 }],
                    _ => vec![],
                };
                assert_eq!(got, want, "{state} in {edition}");
                assert!(got.is_empty() || !state.accepts());
            }
        }
    }
}
