//! The platform's error numbers in Loa's words (platform reference §17.1 and §17.4).

use zalo::ErrorCode;

use crate::{PlatformCode, Refusal};

/// What a refusal means. A number that nobody knows is [`Refusal::Other`]: nothing is repeated, nothing is
/// concluded about customer or account.
pub(super) fn refusal(code: ErrorCode, message: &str) -> Refusal {
    match code {
        ErrorCode::RATE_LIMIT => Refusal::RateLimited,
        ErrorCode::ATTACHMENT_EXPIRED => Refusal::UploadExpired,
        ErrorCode::SEND_FAILED => Refusal::Temporary,
        ErrorCode::INVALID_PARAMETER | ErrorCode::LIMIT_EXCEEDED => Refusal::Parameter,
        ErrorCode::OA_DISABLED
        | ErrorCode::OA_NOT_FOUND
        | ErrorCode::APP_NOT_ACTIVE
        | ErrorCode::API_NOT_REGISTERED
        | ErrorCode::APP_REMOVED
        | ErrorCode::PROOF_INVALID => Refusal::Reconnect,
        // The same number says that the allowance for articles is spent.
        ErrorCode::OA_NOT_AUTHORIZED if message.contains("limit quota") => Refusal::QuotaExhausted,
        ErrorCode::OA_NOT_AUTHORIZED => Refusal::Reconnect,
        ErrorCode::OUT_OF_QUOTA | ErrorCode::OUT_OF_RECEIVE_QUOTA => Refusal::QuotaExhausted,
        ErrorCode::NOT_FOLLOWER => Refusal::NotFollower,
        ErrorCode::TOKEN_INVALID | ErrorCode::TOKEN_EXPIRED => Refusal::Token,
        ErrorCode::INVITATION_BLOCKED | ErrorCode::USER_RESTRICTED => Refusal::Blocked,
        ErrorCode::OA_NOT_VERIFIED | ErrorCode::PACKAGE_TOO_LOW | ErrorCode::OA_TYPE_NOT_SUPPORTED => {
            Refusal::NotEntitled
        }
        ErrorCode::USER_INACTIVE | ErrorCode::OLD_USER_INACTIVE => Refusal::Unreachable,
        ErrorCode::NIGHT => Refusal::Night,
        ErrorCode::WINDOW_CLOSED | ErrorCode::NO_INTERACTION => Refusal::WindowClosed,
        ErrorCode::MESSAGE_TYPE_INVALID | ErrorCode::TEMPLATE_NOT_BY_UID => Refusal::Parameter,
        ErrorCode::CONTENT_POLICY => Refusal::Content,
        ErrorCode::ZCA_NOT_LINKED => Refusal::BillingNotLinked,
        ErrorCode::ZCA_OUT_OF_MONEY => Refusal::BillingOutOfMoney,
        _ => Refusal::Other,
    }
}

/// Every number that the platform is known to answer with, with its own words and what it means here.
pub fn codes() -> Vec<PlatformCode> {
    let of = |row: &'static zalo::ErrorRow| {
        row.messages.iter().map(|text| PlatformCode {
            code: row.code.0,
            message: text,
            meaning: refusal(row.code, text),
            retired: row.retired,
        })
    };
    let mut all: Vec<PlatformCode> = zalo::error::TABLE.iter().flat_map(of).collect();
    // Texts of one number that mean the same are one.
    all.dedup_by(|next, first| next.code == first.code && next.meaning == first.meaning);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_that_matters_has_its_meaning() {
        for (code, want) in [
            (-32, Refusal::RateLimited),
            (-100, Refusal::UploadExpired),
            (-200, Refusal::Temporary),
            (-201, Refusal::Parameter),
            (-204, Refusal::Reconnect),
            (-205, Refusal::Reconnect),
            (-209, Refusal::Reconnect),
            (-210, Refusal::Parameter),
            (-211, Refusal::QuotaExhausted),
            (-212, Refusal::Reconnect),
            (-213, Refusal::NotFollower),
            (-216, Refusal::Token),
            (-217, Refusal::Blocked),
            (-218, Refusal::QuotaExhausted),
            (-219, Refusal::Reconnect),
            (-220, Refusal::Token),
            (-221, Refusal::NotEntitled),
            (-223, Refusal::Reconnect),
            (-224, Refusal::NotEntitled),
            (-227, Refusal::Unreachable),
            (-230, Refusal::WindowClosed),
            (-232, Refusal::WindowClosed),
            (-233, Refusal::Parameter),
            (-222, Refusal::Unreachable),
            (-234, Refusal::Night),
            (-235, Refusal::NotEntitled),
            (-242, Refusal::Reconnect),
            (-244, Refusal::Blocked),
            (-248, Refusal::Content),
            (-249, Refusal::Parameter),
            (-320, Refusal::BillingNotLinked),
            (-321, Refusal::BillingOutOfMoney),
            (-99_999, Refusal::Other),
        ] {
            assert_eq!(refusal(ErrorCode(code), ErrorCode(code).message()), want, "{code}");
        }
        // Every number has a line, and every text of a number.
        let known = codes();
        for row in zalo::error::TABLE {
            assert!(known.iter().any(|code| code.code == row.code.0), "{}", row.code);
        }
        assert_eq!(known.iter().filter(|code| code.code == -223).count(), 2, "it means two things");
        let spent = "Your OA has reach the limit quota create article";
        assert_eq!(refusal(ErrorCode(-223), spent), Refusal::QuotaExhausted);
    }
}
