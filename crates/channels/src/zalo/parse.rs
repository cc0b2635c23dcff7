//! The platform's events in Loa's words (platform reference §16).
//!
//! | Family | Becomes |
//! |---|---|
//! | `user_send_*` | message of the customer |
//! | `oa_send_*` | message of the account; typed by hand when it names an administrator |
//! | `anonymous_send_*`, `oa_send_anonymous_*` | the same, of a web chat visitor ([`ANONYMOUS`]) |
//! | `user_received_message`, `user_seen_message` | delivered, seen |
//! | `user_reacted_message`, `oa_reacted_message` | reaction |
//! | `follow`, `unfollow` | the same |
//! | `user_click_chatnow`, `widget_interaction_accepted`, calls | interaction |
//! | `user_submit_info` | shared profile |
//! | `user_asking_product` | message of the customer with the product as a link |
//! | tags, `update_user_info`, `user_withdraw`, `permission_revoked` | the same |
//! | groups, ZNS, templates, shop, extensions | other: known, of no use yet |

use loa_kernel::Timestamp;
use zalo::webhook::{
    Attachment as Wire, CallBody, CallStep, ContentKind, Event, EventKind, Message, Peek, SubmittedInfo,
    TagStep, TemplateEcho, UnknownReason,
};

use crate::{
    Attachment, Author, Inbound, InboundKind, InboundMessage, MessageKind, NotUnderstood, Peeked,
    SharedProfile,
};

/// What stands before the id of a web chat visitor, who is no user of the platform: their ids are of another
/// kind, and what is known about users cannot be asked about them (platform reference §4.2).
pub(super) const ANONYMOUS: &str = "anonymous:";

pub(super) fn peek(raw: &[u8]) -> Result<Peeked, NotUnderstood> {
    let not = |event_name: &str, reason: &str| NotUnderstood {
        event_name: event_name.to_owned(),
        reason: reason.to_owned(),
    };
    let peek = Peek::parse(raw).map_err(|e| not("", &e.to_string()))?;
    let Some(app) = peek.app_id else { return Err(not(&peek.event_name, "no app_id")) };
    let occurred_at = peek
        .timestamp
        .parse::<i64>()
        .map(Timestamp)
        .map_err(|_| not(&peek.event_name, "no timestamp in milliseconds"))?;
    // Who is the account depends on the direction; receipts are told both ways (§16.6).
    let from_account = peek.event_name.starts_with("oa_")
        || matches!(peek.event_name.as_str(), "user_received_message" | "user_seen_message");
    let (first, second) =
        if from_account { (peek.sender, peek.recipient) } else { (peek.recipient, peek.sender) };
    let mut accounts: Vec<String> = Vec::with_capacity(3);
    for id in [peek.oa_id, first, second].into_iter().flatten() {
        if !accounts.contains(&id) {
            accounts.push(id);
        }
    }
    if accounts.is_empty() {
        return Err(not(&peek.event_name, "names no account"));
    }
    Ok(Peeked { app, accounts, event_name: peek.event_name, occurred_at, signed_instant: peek.timestamp })
}

/// The event's own key. A body that is no event has been refused by [`peek`] before.
pub(super) fn key(raw: &[u8]) -> String {
    Event::parse(raw).map(|event| event.dedupe_key().to_owned()).unwrap_or_default()
}

pub(super) fn parse(account: &str, raw: &[u8]) -> Result<Inbound, NotUnderstood> {
    let event =
        Event::parse(raw).map_err(|e| NotUnderstood { event_name: String::new(), reason: e.to_string() })?;
    let not =
        |reason: &str| NotUnderstood { event_name: event.event_name.clone(), reason: reason.to_owned() };
    let Some(occurred_at) = event.timestamp.map(Timestamp) else { return Err(not("no timestamp")) };
    let user = event.user_of(account).map(str::to_owned);
    let (kind, user) = understand(&event, user).map_err(|reason| not(&reason))?;
    if user.is_none() && needs_user(&kind) {
        return Err(not("names no customer of this account"));
    }
    Ok(Inbound {
        kind,
        external_account: account.to_owned(),
        external_user: user,
        app_user_id: event.user_id_by_app.clone(),
        occurred_at,
        dedupe_key: event.dedupe_key().to_owned(),
    })
}

/// The table at the top of this file. Answers what happened, and to whom.
fn understand(event: &Event, user: Option<String>) -> Result<(InboundKind, Option<String>), String> {
    let other = || InboundKind::Other { event_name: event.event_name.clone() };
    let interaction = || InboundKind::Interaction { event_name: event.event_name.clone() };
    let visitor = |id: &Option<String>| id.as_ref().map(|id| format!("{ANONYMOUS}{id}"));
    let kind = match &event.kind {
        EventKind::UserMessage(m) => InboundKind::Message(message(m, Author::Customer)),
        EventKind::OaMessage { message: m, admin_id } => {
            InboundKind::Message(message(m, Author::Platform { admin_id: admin_id.clone() }))
        }
        EventKind::AnonymousMessage(m) => {
            return Ok((InboundKind::Message(message(m, Author::Customer)), visitor(&user)));
        }
        EventKind::OaAnonymousMessage { message: m, admin_id } => {
            let author = Author::Platform { admin_id: admin_id.clone() };
            return Ok((InboundKind::Message(message(m, author)), visitor(&user)));
        }
        EventKind::Received(r) => InboundKind::Delivered { platform_ids: r.msg_ids.clone() },
        EventKind::Seen(r) => InboundKind::Seen { platform_ids: r.msg_ids.clone() },
        EventKind::UserReaction(r) => {
            InboundKind::Reaction { platform_id: r.msg_id.clone(), icon: r.icon.clone(), by_customer: true }
        }
        EventKind::OaReaction(r) => {
            InboundKind::Reaction { platform_id: r.msg_id.clone(), icon: r.icon.clone(), by_customer: false }
        }
        EventKind::Follow { source } => InboundKind::Follow { source: source.clone() },
        EventKind::Unfollow { .. } => InboundKind::Unfollow,
        EventKind::ClickChatNow => interaction(),
        EventKind::SubmitInfo(info) => InboundKind::ProfileShared(shared(info)),
        EventKind::AskingProduct { product, message: m } => {
            let mut asked = message(m, Author::Customer);
            asked.attachments.push(Attachment {
                url: product.url.clone(),
                thumbnail_url: product.thumbnail.clone(),
                name: product.title.clone(),
                description: product.description.clone(),
                ..Attachment::of(MessageKind::Link)
            });
            InboundKind::Message(asked)
        }
        EventKind::Tag { step, name, user_ids } => {
            let change = InboundKind::TagChanged {
                tag: name.clone(),
                added: *step == TagStep::Added,
                external_users: user_ids.clone(),
            };
            return Ok((change, None));
        }
        EventKind::UserDataChanged { .. } if user.is_some() => InboundKind::ProfileChanged,
        EventKind::UserWithdrew if user.is_some() => InboundKind::UserWithdrew,
        EventKind::PermissionRevoked => return Ok((InboundKind::PermissionRevoked, None)),
        EventKind::WidgetAccepted(_) if user.is_some() => interaction(),
        EventKind::Call { step, call } if user.is_some() && is_answered(step, call) => interaction(),
        EventKind::UserDataChanged { .. }
        | EventKind::UserWithdrew
        | EventKind::WidgetAccepted(_)
        | EventKind::WidgetSyncFailed(_)
        | EventKind::Call { .. }
        | EventKind::ZnsReceived(_)
        | EventKind::ExtensionPurchased(_)
        | EventKind::ShopOrder(_)
        | EventKind::Group { .. }
        | EventKind::GroupMessage { .. }
        | EventKind::Template(_) => return Ok((other(), None)),
        EventKind::Unknown(unknown) => match &unknown.reason {
            UnknownReason::NotListed => {
                return Ok((InboundKind::Unknown { event_name: event.event_name.clone() }, None));
            }
            UnknownReason::Shape(problem) => return Err(problem.clone()),
        },
    };
    Ok((kind, user))
}

/// A call of the customer is an interaction; a call of ours only when it was taken (§6.2).
fn is_answered(step: &CallStep, call: &CallBody) -> bool {
    match step {
        CallStep::UserCalled => true,
        CallStep::OaCalled => {
            call.talk_time.is_some_and(|t| t > 0) || call.call_duration.is_some_and(|t| t > 0)
        }
        _ => false,
    }
}

fn needs_user(kind: &InboundKind) -> bool {
    !matches!(
        kind,
        InboundKind::TagChanged { .. }
            | InboundKind::PermissionRevoked
            | InboundKind::Other { .. }
            | InboundKind::Unknown { .. }
            // The messages themselves say whose thread it is.
            | InboundKind::Delivered { .. }
            | InboundKind::Seen { .. }
            | InboundKind::Reaction { .. }
    )
}

fn message(m: &Message, author: Author) -> InboundMessage {
    let attachments: Vec<Attachment> = m.attachments.iter().filter_map(attachment).collect();
    let template = m.attachments.iter().find_map(|a| match a {
        Wire::Template(echo) => Some(echo),
        _ => None,
    });
    let kind = match &m.kind {
        // Buttons are echoed as text with a template beside it.
        ContentKind::Text if template.is_some() => MessageKind::Buttons,
        ContentKind::Text => MessageKind::Text,
        ContentKind::Image => MessageKind::Image,
        ContentKind::Gif => MessageKind::Gif,
        ContentKind::Link => MessageKind::Link,
        ContentKind::Audio => MessageKind::Audio,
        ContentKind::Video => MessageKind::Video,
        ContentKind::Sticker => MessageKind::Sticker,
        ContentKind::Location => MessageKind::Location,
        ContentKind::BusinessCard => MessageKind::BusinessCard,
        ContentKind::File => MessageKind::File,
        ContentKind::List => MessageKind::List,
        // The one consultation message whose echo has this name asks for contact data (§3.6).
        ContentKind::Template => MessageKind::RequestInfo,
        ContentKind::Other(_) => MessageKind::Unsupported,
    };
    let text = m.text.clone().filter(|t| !t.is_empty());
    InboundMessage {
        platform_id: m.msg_id.clone(),
        kind,
        text: text.or_else(|| template.and_then(|t| t.text.clone().or_else(|| lines_of(t)))),
        attachments,
        quoted_platform_id: m.quote_msg_id.clone().filter(|id| !id.is_empty()),
        author,
    }
}

/// A list in the form of older samples: titles and subtitles, a line each (§16.5).
fn lines_of(echo: &TemplateEcho) -> Option<String> {
    let elements = echo.elements.as_ref()?.as_array()?;
    let lines: Vec<&str> = elements
        .iter()
        .flat_map(|e| [e.get("title"), e.get("subtitle")])
        .filter_map(|text| text?.as_str())
        .filter(|text| !text.trim().is_empty())
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn attachment(wire: &Wire) -> Option<Attachment> {
    let media = |kind, m: &zalo::webhook::Media| Attachment {
        url: m.url.clone(),
        thumbnail_url: m.thumbnail.clone(),
        name: m.title.clone(),
        description: m.description.clone(),
        ..Attachment::of(kind)
    };
    Some(match wire {
        Wire::Image(m) => media(MessageKind::Image, m),
        Wire::Gif(m) => media(MessageKind::Gif, m),
        Wire::Link(m) => media(MessageKind::Link, m),
        Wire::Audio(m) => media(MessageKind::Audio, m),
        Wire::Video(m) => media(MessageKind::Video, m),
        Wire::BusinessCard(card) => Attachment {
            name: card.caption.clone().or_else(|| card.media.title.clone()),
            phone: Some(card.phone.clone()),
            ..media(MessageKind::BusinessCard, &card.media)
        },
        Wire::Sticker { id, url } => Attachment {
            sticker_id: Some(id.clone()),
            url: url.clone(),
            ..Attachment::of(MessageKind::Sticker)
        },
        Wire::Location { .. } => {
            let (latitude, longitude) = wire.coordinates().unzip();
            Attachment { latitude, longitude, ..Attachment::of(MessageKind::Location) }
        }
        Wire::File(file) => Attachment {
            url: file.url.clone(),
            name: file.name.clone(),
            size: file.size.and_then(|n| u64::try_from(n).ok()),
            media_type: file.extension.as_deref().and_then(media_type).map(str::to_owned),
            ..Attachment::of(MessageKind::File)
        },
        Wire::Template(echo) => {
            let url = echo.link_url.clone()?;
            Attachment { url: Some(url), description: echo.text.clone(), ..Attachment::of(MessageKind::Link) }
        }
        Wire::Other { kind, .. } => Attachment { kind: kind.clone(), ..Attachment::default() },
    })
}

/// Media type of the endings that the platform takes and gives (§12, §16.5).
fn media_type(extension: &str) -> Option<&'static str> {
    Some(match extension.trim_start_matches('.').to_ascii_lowercase().as_str() {
        "pdf" => "application/pdf",
        "doc" => "application/msword",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xls" => "application/vnd.ms-excel",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "csv" => "text/csv",
        "txt" => "text/plain",
        "zip" => "application/zip",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "mp4" => "video/mp4",
        _ => return None,
    })
}

fn shared(info: &SubmittedInfo) -> SharedProfile {
    let parts = [info.street(), info.ward_name(), info.district.as_deref(), info.city_name()];
    let address: Vec<&str> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    SharedProfile {
        name: info.name.clone().filter(|n| !n.is_empty()),
        phone: info.phone.clone().filter(|n| !n.is_empty()),
        address: (!address.is_empty()).then(|| address.join(", ")),
        raw: serde_json::to_value(info).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use zalo::corpus::{OA_ID, all};

    use super::*;

    /// The word for what an event became.
    fn word(kind: &InboundKind) -> String {
        match kind {
            InboundKind::Message(m) => {
                let by = match &m.author {
                    Author::Customer => "customer",
                    Author::Platform { admin_id: Some(_) } => "person",
                    Author::Platform { admin_id: None } => "application",
                };
                format!("{by}:{}", m.kind)
            }
            InboundKind::Delivered { .. } => "delivered".into(),
            InboundKind::Seen { .. } => "seen".into(),
            InboundKind::Reaction { by_customer, .. } => format!("reaction:{by_customer}"),
            InboundKind::Follow { .. } => "follow".into(),
            InboundKind::Unfollow => "unfollow".into(),
            InboundKind::Interaction { .. } => "interaction".into(),
            InboundKind::ProfileShared(_) => "shared".into(),
            InboundKind::TagChanged { added, .. } => format!("tag:{added}"),
            InboundKind::ProfileChanged => "profile".into(),
            InboundKind::PermissionRevoked => "revoked".into(),
            InboundKind::UserWithdrew => "withdrew".into(),
            InboundKind::Other { .. } => "other".into(),
            InboundKind::Unknown { .. } => "unknown".into(),
        }
    }

    #[test]
    fn every_body_of_the_corpus_becomes_the_right_thing() {
        assert!(all().len() >= 60, "{} bodies", all().len());
        for (name, raw, label) in all() {
            let family = label.split('/').next().unwrap_or_default();
            let peeked = peek(raw);
            let parsed = parse(OA_ID, raw);
            let Ok(inbound) = &parsed else {
                // Known names with broken bodies go to the operator.
                assert_eq!(family, "unknown", "{name}: {parsed:?}");
                continue;
            };
            let peeked = peeked.unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(peeked.accounts.iter().any(|a| a == OA_ID), "{name}: {:?}", peeked.accounts);
            assert_eq!(peeked.occurred_at, inbound.occurred_at, "{name}");
            assert_eq!(key(raw), inbound.dedupe_key, "{name}");
            let found = word(&inbound.kind);
            let fits = match family {
                "user_message" | "anonymous_message" | "asking_product" => found.starts_with("customer:"),
                "oa_message" | "oa_anonymous_message" => {
                    found.starts_with("person:") || found.starts_with("application:")
                }
                "received" => found == "delivered",
                "user_reaction" => found == "reaction:true",
                "oa_reaction" => found == "reaction:false",
                "click_chatnow" => found == "interaction",
                "submit_info" => found == "shared",
                "tag" => found.starts_with("tag:"),
                "user_data" => found == "profile" || found == "withdrew",
                "lifecycle" => found == "revoked" || found == "other",
                "widget" | "call" => found == "interaction" || found == "other",
                "zns_received" | "shop" | "group" | "group_message" | "template" => found == "other",
                same => found == same,
            };
            assert!(fits, "{name}: {label} became {found}");
            let visitor = inbound.external_user.as_deref().is_some_and(|u| u.starts_with(ANONYMOUS));
            assert_eq!(visitor, family.contains("anonymous"), "{name}");
            assert_ne!(inbound.external_user.as_deref(), Some(OA_ID), "{name}");
        }
    }

    #[test]
    fn details_of_attachments_arrive() {
        let body = |kind: &str, attachment: &str| {
            format!(
                r#"{{"app_id":"1","sender":{{"id":"5"}},"recipient":{{"id":"3"}},"event_name":"user_send_{kind}",
                "message":{{"msg_id":"m","attachments":[{attachment}]}},"timestamp":"1790000000123"}}"#
            )
        };
        let first = |kind: &str, attachment: &str| {
            let inbound = parse("3", body(kind, attachment).as_bytes()).unwrap();
            assert_eq!(inbound.external_user.as_deref(), Some("5"));
            let InboundKind::Message(message) = inbound.kind else { panic!("a message") };
            (message.kind, message.attachments.into_iter().next().unwrap())
        };
        let (kind, file) = first(
            "file",
            r#"{"type":"file","payload":{"url":"https://f/x.pdf","name":"báo giá.pdf","size":"20480","type":"pdf"}}"#,
        );
        assert_eq!(kind, MessageKind::File);
        assert_eq!((file.size, file.name.as_deref()), (Some(20480), Some("báo giá.pdf")));
        assert_eq!(file.media_type.as_deref(), Some("application/pdf"));
        let (_, place) = first(
            "location",
            r#"{"type":"location","payload":{"coordinates":{"latitude":"10.5","longitude":"106.7"}}}"#,
        );
        assert_eq!((place.latitude, place.longitude), (Some(10.5), Some(106.7)));
        let (kind, card) = first(
            "business_card",
            r#"{"type":"link","payload":{"url":"u","description":"{\"phone\":\"0900\",\"caption\":\"An\"}"}}"#,
        );
        assert_eq!(
            (kind, card.phone.as_deref(), card.name.as_deref()),
            (MessageKind::BusinessCard, Some("0900"), Some("An"))
        );
    }

    #[test]
    fn receipts_are_understood_whichever_side_is_named_first() {
        for (sender, recipient) in [("3", "5"), ("5", "3")] {
            let raw = format!(
                r#"{{"app_id":"1","sender":{{"id":"{sender}"}},"recipient":{{"id":"{recipient}"}},
                "event_name":"user_seen_message","message":{{"msg_ids":["m"]}},"timestamp":"1790000000123"}}"#
            );
            assert!(peek(raw.as_bytes()).unwrap().accounts.contains(&"3".to_owned()));
            let inbound = parse("3", raw.as_bytes()).unwrap();
            assert_eq!(inbound.external_user.as_deref(), Some("5"));
            assert_eq!(inbound.kind, InboundKind::Seen { platform_ids: vec!["m".into()] });
        }
    }

    #[test]
    fn bodies_without_a_header_are_not_understood() {
        for raw in [
            "",
            "{",
            "[]",
            "{}",
            r#"{"event_name":"follow"}"#,
            r#"{"event_name":"follow","app_id":"1"}"#,
            r#"{"event_name":"follow","app_id":"1","timestamp":"soon","oa_id":"3"}"#,
            r#"{"event_name":"follow","app_id":"1","timestamp":"1"}"#,
        ] {
            assert!(peek(raw.as_bytes()).is_err(), "{raw}");
        }
    }
}
