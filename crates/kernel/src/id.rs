//! Typed ids: a UUIDv7 inside, a readable prefix outside.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::{Timestamp, random::derived};

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {prefix}_<32 hex digits>")]
pub struct BadId {
    /// The prefix that was expected.
    pub prefix: &'static str,
}

macro_rules! typed_id {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            /// What stands before the underscore outside the program.
            pub const PREFIX: &'static str = $prefix;

            /// The same id every time for the same parts; `at` orders it in time. Two different names
            /// never share an id because the prefix is hashed too.
            pub fn derived(at: Timestamp, parts: &[&[u8]]) -> Self {
                let mut all: Vec<&[u8]> = Vec::with_capacity(parts.len() + 1);
                all.push($prefix.as_bytes());
                all.extend_from_slice(parts);
                Self(derived(at, &all))
            }

            /// The instant in the id: when it was made, or the instant it was derived for.
            pub fn timestamp(self) -> Timestamp {
                let b = self.0.as_bytes();
                Timestamp(i64::from_be_bytes([0, 0, b[0], b[1], b[2], b[3], b[4], b[5]]))
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self { Self(id) }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Self { id.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(s: &str) -> Result<Self, BadId> {
                let bad = BadId { prefix: $prefix };
                let hex = s.strip_prefix(concat!($prefix, "_")).ok_or(bad.clone())?;
                if hex.len() != 32 { return Err(bad); }
                Uuid::try_parse(hex).map(Self).map_err(|_| bad)
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.collect_str(self) }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let s = std::borrow::Cow::<'de, str>::deserialize(d)?;
                s.parse().map_err(serde::de::Error::custom)
            }
        }
        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> { stringify!($name).into() }
        }
        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^", $prefix, "_[0-9a-f]{32}$")))
                    .into()
            }
        }
    )*};
}

typed_id! {
    /// Import of history.
    ImportId = "imp";
    /// One business that runs Loa. Every row belongs to one.
    WorkspaceId = "ws";
    /// A person who signs in.
    MemberId = "mem";
    /// A signed-in browser.
    SessionId = "ses";
    /// A connected account of a platform, for example one Official Account.
    ChannelId = "ch";
    /// An application registered with a platform, through which channels are connected.
    AppId = "app";
    /// A person who writes to the business.
    CustomerId = "cus";
    /// One address of a customer on one channel.
    IdentityId = "idn";
    /// The thread of one identity on one channel.
    ConversationId = "cnv";
    /// One message, either way.
    MessageId = "msg";
    /// One stored file.
    FileId = "fil";
    /// One event as the platform delivered it.
    EventId = "evt";
    /// One reservation of quota.
    ReservationId = "rsv";
    /// One entry of the audit log.
    AuditId = "aud";
    /// One notice to a member.
    NotificationId = "ntf";
    /// One saved view.
    SavedViewId = "viw";
    /// One thing done to many threads.
    BulkJobId = "blk";
    /// A label that customers carry.
    LabelId = "lbl";
    /// A text that is written once and sent often.
    CannedReplyId = "crp";
    /// Several actions under one name.
    MacroId = "mac";
    /// One message that is to be sent later.
    ScheduledId = "sch";
    /// A field of customers that a business made itself.
    FieldId = "fld";
    /// Something that happened to a customer.
    CustomerEventId = "cev";
    /// Phone numbers that were put into a group at once.
    GroupUploadId = "gup";
    /// Customers that come from a file.
    CustomerImportId = "cim";
    /// Two customers that were made one.
    MergeId = "mrg";
    /// A further phone number of a customer.
    ContactId = "cct";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips_and_names_its_kind() {
        let id = MessageId::derived(Timestamp(1_700_000_000_000), &[b"oa", b"m1"]);
        let text = id.to_string();
        assert!(text.starts_with("msg_"), "{text}");
        assert_eq!(text.parse::<MessageId>().unwrap(), id);
        assert!(text.parse::<ConversationId>().is_err());
        assert_eq!(id.timestamp(), Timestamp(1_700_000_000_000));
        assert_eq!(serde_json::from_str::<MessageId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
    }

    #[test]
    fn derived_ids_depend_on_every_part_and_its_border() {
        let at = Timestamp(1);
        let ids = [
            MessageId::derived(at, &[b"ab", b"c"]),
            MessageId::derived(at, &[b"a", b"bc"]),
            MessageId::derived(at, &[b"abc"]),
            MessageId::derived(Timestamp(2), &[b"abc"]),
        ];
        for (i, a) in ids.iter().enumerate() {
            assert_eq!(ids.iter().filter(|b| *b == a).count(), 1, "id {i} repeats");
        }
    }

    #[test]
    fn wrong_texts_are_refused() {
        for bad in [
            "",
            "msg_",
            "msg_123",
            "cnv_0190000000007000800000000000000a",
            "msg_0190000000007000800000000000000g",
            "msg_01900000-0000-7000-8000-00000000000a",
        ] {
            assert!(bad.parse::<MessageId>().is_err(), "{bad}");
        }
    }
}
