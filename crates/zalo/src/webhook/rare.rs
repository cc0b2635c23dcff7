//! Bodies of the families that have their own shapes: calls, extension, widget, shop, templates
//! (platform reference §16.6).

use crate::flex::words;
use serde::{Deserialize, Serialize};
use serde_json::Value;

words! {
    /// What a call event says.
    CallStep {
        /// The OA asked for consent to call.
        ConsentAsked = "oa_send_consent",
        /// The user answered that question.
        ConsentAnswered = "user_reply_consent",
        /// A call of the user ended.
        UserCalled = "user_call_oa",
        /// A call of the OA ended.
        OaCalled = "oa_call_user",
    }
}

/// Details of a call event; which ones depends on the step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallBody {
    /// Who, when known by phone.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Who, when known by id.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// `SENT` or `EXPIRED`.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub request_type: Option<String>,
    /// `ALLOW` or `USER_BLOCKED`.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub user_consent: Option<String>,
    /// Epoch milliseconds.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub create_time: Option<i64>,
    /// Epoch milliseconds.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub confirmed_time: Option<i64>,
    /// Epoch milliseconds; 0 is unlimited.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub expired_time: Option<i64>,
    /// Id of the call.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// `AUDIO` or `VIDEO`.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub call_type: Option<String>,
    /// Epoch milliseconds.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub init_time: Option<i64>,
    /// Milliseconds.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub call_duration: Option<i64>,
    /// Seconds.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub waiting_time: Option<i64>,
    /// Milliseconds.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub talk_time: Option<i64>,
    /// How the call ended; the numbers are documented nowhere.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub status_code: Option<i64>,
}

/// An extension (package, pack) was bought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionBody {
    /// Its id.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub extension_id: Option<String>,
    /// Its term.
    #[serde(default, deserialize_with = "crate::flex::lenient", skip_serializing_if = "Option::is_none")]
    pub extension_sub_info: Option<ExtensionTerm>,
}

/// Term of an extension.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionTerm {
    /// First day.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub valid_start_date: Option<String>,
    /// Last day.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub valid_through_date: Option<String>,
    /// Months.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub duration_month: Option<i64>,
}

/// `data` of a widget event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WidgetData {
    /// The user.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The business's own id.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub user_external_id: Option<String>,
    /// Page the widget is on.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Why the own id could not be stored.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

words! {
    /// What happened to a ZNS template, or to a customer's use of one.
    TemplateStep {
        /// Approved, rejected, locked ...
        Status = "change_template_status",
        /// Quality moved.
        Quality = "change_template_quality",
        /// The template's quota moved.
        Quota = "change_template_quota",
        /// The OA's daily quota moved.
        OaDailyQuota = "change_oa_daily_quota",
        /// Kinds of template open to the OA moved.
        OaTags = "change_oa_template_tags",
        /// A customer rated.
        Feedback = "user_feedback",
        /// A customer pressed a response button.
        ResponseButton = "user_click_response_button",
        /// A journey was acknowledged.
        JourneyAcknowledged = "event_journey_acknowledged",
        /// A journey timed out.
        JourneyTimedOut = "event_journey_time_out",
    }
}

/// A template event: the documented keys, and the whole body, because the rest is not documented.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateEvent {
    /// What happened.
    pub step: TemplateStep,
    /// The template, when the event is about one.
    pub template_id: Option<String>,
    /// Value before, of a status or quota.
    pub previous: Option<String>,
    /// Value after, of a status or quota.
    pub new: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The whole body.
    pub body: Value,
}

impl TemplateEvent {
    pub(super) fn read(step: TemplateStep, body: Value) -> Self {
        let text = |v: Option<&Value>| match v {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let change = [("status", "prev_status", "new_status"), ("quota", "prev_value", "new_value")]
            .into_iter()
            .chain([("quality", "prev_quality", "new_quality")])
            .find_map(|(key, before, after)| {
                body.get(key).map(|c| (text(c.get(before)), text(c.get(after))))
            });
        let (previous, new) = change.unwrap_or_default();
        Self {
            step,
            template_id: text(body.get("template_id")),
            previous,
            new,
            reason: text(body.get("reason")),
            body,
        }
    }
}
