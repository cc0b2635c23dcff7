//! The table of OA error codes (platform reference §17.1 and §17.2). The texts are the platform's own,
//! spelling mistakes included: an emulator must say them, a client must recognise them.
//!
//! ZNS by phone has a different scale (§17.3) that reuses some of these numbers; it is not in this table.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What may help after a rejection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryClass {
    /// The same request never succeeds; it has to change.
    Never,
    /// Refresh the access token, then repeat once.
    RefreshToken,
    /// Repeat later without a change: next minute, day or period.
    Later,
    /// Somebody has to do something first: top up, re-consent, upgrade, or the customer must write.
    UserAction,
}

/// A code of the `error` field. 0 is success, failures are negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ErrorCode(pub i32);

/// Which minute bucket a `-32` speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateScope {
    /// The application's bucket.
    App,
    /// The OA's bucket, whose size depends on its package.
    Oa,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorRow {
    /// The number.
    pub code: ErrorCode,
    /// Stable name, snake_case, for logs and translation keys.
    pub name: &'static str,
    /// Literal texts of the platform, the usual one first. `<field>` stands for a field's name.
    pub messages: &'static [&'static str],
    /// What it means, in our words.
    pub meaning: &'static str,
    /// What may help.
    pub retry: RetryClass,
    /// Only in older tables: a client should know it, an emulator should not send it.
    pub retired: bool,
}

macro_rules! table {
    ($($const:ident $code:literal $name:literal $retry:ident [$($message:literal),+] $meaning:literal $($retired:ident)?;)+) => {
        impl ErrorCode {
            $(#[doc = $meaning] pub const $const: ErrorCode = ErrorCode($code);)+
        }

        /// Every known code.
        pub const TABLE: &[ErrorRow] = &[$(ErrorRow {
            code: ErrorCode($code),
            name: $name,
            messages: &[$($message),+],
            meaning: $meaning,
            retry: RetryClass::$retry,
            retired: table!(@retired $($retired)?),
        }),+];
    };
    (@retired) => { false };
    (@retired retired) => { true };
}

table! {
    RATE_LIMIT -32 "rate_limit" Later ["Your application reached limit call api", "Your OA reached limit call api"] "Too many requests in this minute, of the app or of the OA.";
    ATTACHMENT_EXPIRED -100 "attachment_expired" Never ["attachment_id was expired"] "The upload is older than 7 days: upload again.";
    SEND_FAILED -200 "send_failed" Later ["Send message failed"] "Generic send failure.";
    INVALID_PARAMETER -201 "invalid_parameter" Never ["<field> is invalid!"] "A parameter is bad or missing; the text names it.";
    OA_DISABLED -204 "oa_disabled" Never ["Offical Account is disable"] "The OA is deleted or disabled.";
    OA_NOT_FOUND -205 "oa_not_found" Never ["Offical Account is not exist"] "No such OA.";
    APP_NOT_ACTIVE -209 "app_not_active" Never ["Not supported this api"] "The app is not activated.";
    LIMIT_EXCEEDED -210 "limit_exceeded" Never ["Parameter exceeds allowable limit"] "Too long, too many, or an offset or count too large.";
    OUT_OF_QUOTA -211 "out_of_quota" Later ["Out of quota"] "The OA's allowance for this feature is spent until the next period.";
    API_NOT_REGISTERED -212 "api_not_registered" Never ["App has not registed this api"] "The product or permission is not registered for the app.";
    NOT_FOLLOWER -213 "not_follower" UserAction ["User has not followed OA"] "This needs a follower.";
    ARTICLE_PROCESSING -214 "article_processing" Later ["Article is being processed"] "Article asked for too early.";
    TOKEN_INVALID -216 "token_invalid" RefreshToken ["Access token is invalid"] "The access token is unknown, malformed, or has expired.";
    INVITATION_BLOCKED -217 "invitation_blocked" Never ["User has blocked invitation from OA"] "The user refuses invitations.";
    OUT_OF_RECEIVE_QUOTA -218 "out_of_receive_quota" Later ["Out of quota receive"] "This user's receiving limit for the kind is reached.";
    APP_REMOVED -219 "app_removed" Never ["App is removed or disabled"] "The app is gone.";
    TOKEN_EXPIRED -220 "token_expired" RefreshToken ["access_token is expired or removed"] "The access token has expired or was replaced.";
    OA_NOT_VERIFIED -221 "oa_not_verified" UserAction ["The OA needs to be verified to use this feature"] "The OA is not verified.";
    OA_NOT_AUTHORIZED -223 "oa_not_authorized" UserAction ["Official Account has not authorized this API", "Your OA has reach the limit quota create article"] "The grant lacks the permission: consent again. (A second text means the article allowance is spent.)";
    PACKAGE_TOO_LOW -224 "package_too_low" UserAction ["The OA needs to upgrade OA Tier Package to use this feature"] "The OA's package is missing, too low, or expired.";
    USER_INACTIVE -227 "user_inactive" Never ["User is banned or has been inactive for more than 45 days"] "The user is banned or idle.";
    WINDOW_CLOSED -230 "window_closed" UserAction ["User has not interacted with the OA in the past 7 days"] "The consultation window is closed until the user interacts again.";
    NO_INTERACTION -232 "no_interaction" UserAction ["User has not interacted with the OA, or the last interaction has expired"] "The user never interacted, or too long ago.";
    MESSAGE_TYPE_INVALID -233 "message_type_invalid" Never ["message type is invalid or not support"] "Unknown kind of message.";
    NIGHT -234 "night" Later ["This message cannot be sent at night (10:00PM - 6:00AM)"] "Not at night: from 06:00 again.";
    OA_TYPE_NOT_SUPPORTED -235 "oa_type_not_supported" Never ["This API does not support this type of OA"] "Not for this type of OA.";
    GROUP_DISABLED -237 "group_disabled" UserAction ["The group is disabled"] "The group's asset has lapsed.";
    ASSET_DISABLED -238 "asset_disabled" Never ["asset_id is already used", "asset_id is disabled"] "The asset is used or disabled.";
    V2_CLOSED -240 "v2_closed" Never ["MessageV2 API has been shut down, please switch to MessageV3"] "The old send is closed.";
    ASSET_USED -241 "asset_used" Never ["asset_id is already used"] "The package's free asset is used already.";
    PROOF_INVALID -242 "proof_invalid" Never ["Invalid appsecret_proof provided in the API argument"] "Wrong `appsecret_proof`.";
    USER_RESTRICTED -244 "user_restricted" Never ["User has restricted this message type from your OA"] "The user blocked the OA or this kind of message.";
    CONTENT_POLICY -248 "content_policy" Never ["Violates our platform standards"] "The content violates the platform's standards.";
    TEMPLATE_NOT_BY_UID -249 "template_not_by_uid" Never ["Template does not support send via UID"] "The template cannot be sent by user id.";
    ZCA_NOT_LINKED -320 "zca_not_linked" UserAction ["Your app needs to connect with Zalo Cloud Account to use paid features"] "Free allowance spent and no Zalo Cloud Account linked to the app.";
    ZCA_OUT_OF_MONEY -321 "zca_out_of_money" UserAction ["Zalo Cloud Account associated with this app is out of money or unable to be charged"] "The Zalo Cloud Account cannot be charged.";
    OA_NOT_IN_GROUP -403 "oa_not_in_group" Never ["OA is not in group"] "The OA is not a member of the group.";
    FORM_NOT_FOUND -1340 "form_not_found" Never ["Cannot find this form"] "No such advertising form.";
    FORM_NO_ACCESS -1341 "form_no_access" Never ["Official Account has no access to this form"] "The OA may not read this form.";

    OLD_INVALID_MAC -202 "old_invalid_mac" Never ["Invalid mac"] "Signing of the first version." retired;
    OLD_NOT_THIRD_PARTY -207 "old_not_third_party" Never ["Official Account is not registered as 3rd party"] "The OA is not registered as a third party." retired;
    OLD_NO_SECRET -208 "old_no_secret" Never ["Official Account does not have secret key"] "The OA has no secret key." retired;
    OLD_INVALID_APP -215 "old_invalid_app" Never ["App id is invalid"] "Unknown app id." retired;
    OLD_USER_INACTIVE -222 "old_user_inactive" Never ["User blocked or inactive"] "User blocked or idle for more than 45 days; now -227." retired;
    OLD_REPLY_EXPIRED -305 "old_reply_expired" UserAction ["Official Account can not reply after 48h"] "Old reply send: 48 hours are over." retired;
    OLD_REPLY_SPENT -311 "old_reply_spent" UserAction ["Out of reply quota"] "Old reply send: the 8 replies are used." retired;
}

impl ErrorCode {
    /// Success.
    pub const SUCCESS: ErrorCode = ErrorCode(0);

    /// The row of this code, when the table knows it.
    #[must_use]
    pub fn known(self) -> Option<&'static ErrorRow> {
        TABLE.iter().find(|row| row.code == self)
    }

    /// Stable name; `unknown` for a code outside the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.known().map_or("unknown", |row| row.name)
    }

    /// The platform's usual text for this code; empty for a code outside the table. For -201 use
    /// [`invalid_field`].
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::SUCCESS => "Success",
            _ => self.known().map_or("", |row| row.messages[0]),
        }
    }

    /// What may help, judged by the code alone. An unknown code is [`RetryClass::Never`]: repeating what
    /// nobody understands is how messages are sent twice.
    #[must_use]
    pub fn retry(self) -> RetryClass {
        self.known().map_or(RetryClass::Never, |row| row.retry)
    }

    /// What may help, judged by code and text: -223 means two things.
    #[must_use]
    pub fn retry_for(self, message: &str) -> RetryClass {
        if self == Self::OA_NOT_AUTHORIZED && message.contains("limit quota") {
            return RetryClass::Later;
        }
        self.retry()
    }

    /// Which bucket is full, for -32. The text decides; when it does not tell, the OA's, which is smaller.
    #[must_use]
    pub fn rate_scope(self, message: &str) -> Option<RateScope> {
        (self == Self::RATE_LIMIT).then(|| {
            if message.to_ascii_lowercase().contains("application") { RateScope::App } else { RateScope::Oa }
        })
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.name())
    }
}

/// The text of -201 for a field.
#[must_use]
pub fn invalid_field(field: &str) -> String {
    format!("{field} is invalid!")
}

/// The field that a text of -201 names.
#[must_use]
pub fn field_of(message: &str) -> Option<&str> {
    message.strip_suffix(" is invalid!").filter(|field| !field.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_table_is_sound() {
        let codes: HashSet<i32> = TABLE.iter().map(|row| row.code.0).collect();
        let names: HashSet<&str> = TABLE.iter().map(|row| row.name).collect();
        assert_eq!(codes.len(), TABLE.len(), "a code twice");
        assert_eq!(names.len(), TABLE.len(), "a name twice");
        assert!(TABLE.iter().all(|row| row.code.0 < 0 && !row.messages.is_empty()));
        // Every code of §17.1, so that a lost row shows.
        let current = [
            -32, -100, -200, -201, -204, -205, -209, -210, -211, -212, -213, -214, -216, -217, -218, -219,
            -220, -221, -223, -224, -227, -230, -232, -233, -234, -235, -237, -238, -240, -241, -242, -244,
            -248, -249, -320, -321, -403, -1340, -1341,
        ];
        let ours: HashSet<i32> = TABLE.iter().filter(|row| !row.retired).map(|row| row.code.0).collect();
        assert_eq!(ours, current.into_iter().collect());
    }

    #[test]
    fn remedies() {
        use RetryClass::*;
        for (code, message, want) in [
            (-32, "", Later),
            (-201, "x is invalid!", Never),
            (-216, "Access token has expired", RefreshToken),
            (-220, "", RefreshToken),
            (-223, "Official Account has not authorized this API", UserAction),
            (-223, "Your OA has reach the limit quota create article", Later),
            (-230, "", UserAction),
            (-234, "", Later),
            (-320, "", UserAction),
            (-321, "", UserAction),
            (-99999, "", Never),
        ] {
            assert_eq!(ErrorCode(code).retry_for(message), want, "{code} {message}");
        }
        let scope = |m: &str| ErrorCode::RATE_LIMIT.rate_scope(m);
        assert_eq!(scope("Your application reached limit call api"), Some(RateScope::App));
        assert_eq!(scope("Your OA reached limit call api"), Some(RateScope::Oa));
        assert_eq!(ErrorCode::SEND_FAILED.rate_scope("Your OA reached limit call api"), None);
        assert_eq!(field_of(&invalid_field("user_id")), Some("user_id"));
        assert_eq!(field_of("Out of quota"), None);
    }
}
