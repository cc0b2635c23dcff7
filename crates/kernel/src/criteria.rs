//! Which threads: words for lists, saved views and what is done to many at once.

use serde::{Deserialize, Serialize};

use crate::{ChannelId, LabelId, MemberId, Problem};

/// Whether a thread is being worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConversationStatus {
    /// Needs somebody.
    Open,
    /// Waits for the customer or for a colleague.
    Pending,
    /// Comes back later.
    Snoozed,
    /// Done.
    Closed,
}

impl ConversationStatus {
    /// The word as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Snoozed => "snoozed",
            Self::Closed => "closed",
        }
    }
}

/// Whose threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum AssigneeIs {
    /// Of the member who looks.
    Me,
    /// Of nobody.
    Nobody,
    /// Of anybody at all.
    Anyone,
    /// Of this member.
    Member {
        /// Which.
        member_id: MemberId,
    },
}

/// Conditions that a thread fulfils all of. Every condition says itself what it means: what is absent asks for nothing,
/// and an id that names nothing any more finds nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Criteria {
    /// One of these; never empty.
    pub statuses: Vec<ConversationStatus>,
    /// Whose; absent: whoever's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub assignee: Option<AssigneeIs>,
    /// On one of these channels; empty: on any.
    #[serde(default)]
    pub channels: Vec<ChannelId>,
    /// The customer carries one of these labels; empty: any or none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<LabelId>,
    /// With messages that nobody has read.
    #[serde(default)]
    pub unread: bool,
    /// The customer has waited for an answer for so many minutes or longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub waiting_minutes: Option<u32>,
    /// Free replies, or else sending at all, end within so many minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub closing_minutes: Option<u32>,
    /// Part of the customer's name, with or without diacritics, or of their phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub text: Option<String>,
}

impl Criteria {
    /// Threads with one of these statuses.
    pub fn of(statuses: &[ConversationStatus]) -> Self {
        Self {
            statuses: statuses.to_vec(),
            assignee: None,
            channels: Vec::new(),
            labels: Vec::new(),
            unread: false,
            waiting_minutes: None,
            closing_minutes: None,
            text: None,
        }
    }

    /// The same conditions in one form, or why they make no sense: `invalid_field` with the condition's name.
    /// Whether ids name something, only the database knows.
    pub fn checked(mut self) -> Result<Self, Problem> {
        if self.statuses.is_empty() {
            return Err(Problem::invalid("statuses", "empty"));
        }
        self.statuses.sort_unstable_by_key(|status| *status as u8);
        self.statuses.dedup();
        self.channels.sort_unstable();
        self.channels.dedup();
        if self.channels.len() > MAX_CHANNELS {
            return Err(Problem::invalid("channels", "too_many").param("max", MAX_CHANNELS));
        }
        self.labels.sort_unstable();
        self.labels.dedup();
        if self.labels.len() > MAX_LABELS {
            return Err(Problem::invalid("labels", "too_many").param("max", MAX_LABELS));
        }
        for (field, minutes) in
            [("waiting_minutes", self.waiting_minutes), ("closing_minutes", self.closing_minutes)]
        {
            if minutes.is_some_and(|n| n == 0 || n > MAX_MINUTES) {
                return Err(Problem::invalid(field, "out_of_range")
                    .param("min", 1)
                    .param("max", MAX_MINUTES));
            }
        }
        let closed = self.statuses == [ConversationStatus::Closed];
        if closed && self.waiting_minutes.is_some() {
            return Err(Problem::invalid("waiting_minutes", "not_of_closed"));
        }
        if closed && self.closing_minutes.is_some() {
            return Err(Problem::invalid("closing_minutes", "not_of_closed"));
        }
        // PostgreSQL stores no NUL character.
        self.text = self.text.map(|text| text.replace('\0', "").trim().to_owned()).filter(|t| !t.is_empty());
        if self.text.as_ref().is_some_and(|text| text.chars().count() > MAX_TEXT) {
            return Err(Problem::invalid("text", "too_long").param("max", MAX_TEXT));
        }
        Ok(self)
    }
}

/// The most channels one list of conditions names.
const MAX_CHANNELS: usize = 50;
/// The most labels one list of conditions names.
const MAX_LABELS: usize = 50;
/// The longest span, thirty days: beyond it every window has closed and every wait is forgotten.
const MAX_MINUTES: u32 = 30 * 24 * 60;
/// The longest text, in characters.
const MAX_TEXT: usize = 100;

/// In which order threads are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ViewSort {
    /// The latest message first.
    #[default]
    Latest,
    /// What closes next first; only threads of which something is still open.
    Closing,
    /// Who has waited longest first; only threads in which somebody waits.
    Waiting,
}

impl ViewSort {
    /// The word as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Latest => "latest",
            Self::Closing => "closing",
            Self::Waiting => "waiting",
        }
    }
}

/// What is done to many threads, or to many customers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum BulkAction {
    /// Give them to a member.
    Assign {
        /// To whom; null takes them from everybody.
        #[cfg_attr(feature = "openapi", schema(required))]
        assignee_id: Option<MemberId>,
    },
    /// Set the status.
    Status {
        /// The new one.
        status: ConversationStatus,
    },
    /// Everything in them is read.
    Read,
    /// Put labels on customers and take labels off. Of threads it is their customers that are meant.
    Label {
        /// To be carried. A process label takes the place of another one.
        #[serde(default)]
        add: Vec<LabelId>,
        /// Not to be carried.
        #[serde(default)]
        remove: Vec<LabelId>,
    },
}

impl BulkAction {
    /// Is it done to customers rather than to threads?
    pub const fn is_about_customers(&self) -> bool {
        matches!(self, Self::Label { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_that_make_no_sense_are_named() {
        use ConversationStatus::{Closed, Open, Pending};
        let of = |change: fn(&mut Criteria)| {
            let mut criteria = Criteria::of(&[Open]);
            change(&mut criteria);
            criteria.checked().map_err(|p| {
                let word = |name: &str| p.params[name].as_str().unwrap_or_default().to_owned();
                (word("field"), word("reason"))
            })
        };
        type Case = (fn(&mut Criteria), &'static str, &'static str);
        let cases: [Case; 8] = [
            (|c| c.statuses.clear(), "statuses", "empty"),
            (|c| c.waiting_minutes = Some(0), "waiting_minutes", "out_of_range"),
            (|c| c.closing_minutes = Some(43_201), "closing_minutes", "out_of_range"),
            (
                |c| (c.statuses, c.waiting_minutes) = (vec![Closed], Some(5)),
                "waiting_minutes",
                "not_of_closed",
            ),
            (
                |c| (c.statuses, c.closing_minutes) = (vec![Closed], Some(5)),
                "closing_minutes",
                "not_of_closed",
            ),
            (|c| c.text = Some("đ".repeat(101)), "text", "too_long"),
            (
                |c| c.channels = (0..51).map(|n| ChannelId(uuid::Uuid::from_u128(n))).collect(),
                "channels",
                "too_many",
            ),
            (
                |c| c.labels = (0..51).map(|n| LabelId(uuid::Uuid::from_u128(n))).collect(),
                "labels",
                "too_many",
            ),
        ];
        for (change, field, reason) in cases {
            assert_eq!(of(change), Err((field.to_owned(), reason.to_owned())));
        }
        let tidy = of(|c| {
            c.statuses = vec![Closed, Pending, Open, Open];
            c.text = Some("  \0 ".into());
        })
        .unwrap();
        assert_eq!(tidy.statuses, [Open, Pending, Closed]);
        assert_eq!(tidy.text, None);
    }

    #[test]
    fn what_is_stored_is_read_again_and_nothing_else() {
        let criteria = Criteria {
            assignee: Some(AssigneeIs::Me),
            unread: true,
            ..Criteria::of(&[ConversationStatus::Open])
        };
        let json = serde_json::to_value(&criteria).unwrap();
        assert_eq!(
            json,
            serde_json::json!({ "statuses": ["open"], "assignee": { "is": "me" }, "channels": [], "unread": true })
        );
        assert_eq!(serde_json::from_value::<Criteria>(json.clone()).unwrap(), criteria);
        // A condition that this program does not know must not fall away: that would widen the view.
        let mut more = json;
        more["label"] = "vip".into();
        assert!(serde_json::from_value::<Criteria>(more).is_err());
    }
}
