//! The platform's history in Loa's words (platform reference §11). Its kinds have other names than in webhooks, and it
//! tells less: not who of the account wrote, no quotes, no reactions, no receipts.

use loa_kernel::Timestamp;
use serde_json::Value;
use zalo::conversation::HistoryMessage;

use crate::{
    Attachment, Author, Card, ChatPage, InboundMessage, MessageKind, PastMessage, PastPage, TapAction,
};

/// A page of the list of threads. A page that is not full is the last.
pub(super) fn chats(page: &[HistoryMessage], asked: i64) -> ChatPage {
    let users = page.iter().filter_map(|m| m.user_id().map(str::to_owned)).collect();
    ChatPage { users, read: page.len(), is_last: (page.len() as i64) < asked }
}

/// A page of the thread with `user`. A page that is not full is the last.
pub(super) fn page(user: &str, page: Vec<HistoryMessage>, asked: i64) -> PastPage {
    let (read, is_last) = (page.len(), (page.len() as i64) < asked);
    // A message without an instant or an id has no place in a thread.
    let usable = page.into_iter().filter(|m| m.time > 0 && !m.message_id.is_empty());
    let messages = usable.map(|m| past(user, m)).collect();
    PastPage { messages, read, is_last }
}

pub(super) fn kind(m: &HistoryMessage) -> MessageKind {
    match m.kind.to_ascii_lowercase().as_str() {
        "text" => MessageKind::Text,
        "photo" | "image" => MessageKind::Image,
        "gif" => MessageKind::Gif,
        "file" => MessageKind::File,
        "sticker" => MessageKind::Sticker,
        "link" => MessageKind::Link,
        "links" | "list" => MessageKind::List,
        "location" => MessageKind::Location,
        "voice" | "audio" => MessageKind::Audio,
        "video" => MessageKind::Video,
        _ => MessageKind::Unsupported,
    }
}

fn past(user: &str, m: HistoryMessage) -> PastMessage {
    let kind = kind(&m);
    let media = || Attachment {
        url: m.url.clone(),
        thumbnail_url: m.thumb.clone(),
        description: m.description.clone(),
        ..Attachment::of(kind)
    };
    let attachment = match kind {
        MessageKind::Text => None,
        MessageKind::File => {
            // The file's name is told as its description.
            Some(Attachment { name: m.description.clone(), description: None, ..media() })
        }
        MessageKind::Link => Some(Attachment { name: m.description.clone(), description: None, ..media() }),
        MessageKind::Location => {
            let place = m.location.as_ref().and_then(|value| degrees(&json(value)));
            let (latitude, longitude) = place.unzip();
            Some(Attachment { latitude, longitude, ..Attachment::of(kind) })
        }
        MessageKind::List => {
            let cards = m.links.as_ref().map(|value| cards(&json(value))).unwrap_or_default();
            Some(Attachment { cards, ..Attachment::of(kind) })
        }
        // Of a kind that is not known the platform's own word is kept.
        MessageKind::Unsupported => Some(Attachment { kind: m.kind.clone(), url: m.url.clone(), ..media() }),
        _ => Some(media()),
    };
    let author = if m.from_oa { Author::Platform { admin_id: None } } else { Author::Customer };
    PastMessage {
        user: user.to_owned(),
        at: Timestamp(m.time),
        message: InboundMessage {
            platform_id: m.message_id,
            kind,
            text: m.text.filter(|text| !text.is_empty()),
            attachments: attachment.into_iter().collect(),
            quoted_platform_id: None,
            author,
        },
    }
}

/// JSON, which comes as a text at times.
fn json(value: &Value) -> Value {
    match value {
        Value::String(text) => serde_json::from_str(text).unwrap_or(Value::Null),
        other => other.clone(),
    }
}

fn degrees(place: &Value) -> Option<(f64, f64)> {
    let number = |key: &str| match &place[key] {
        Value::String(text) => text.trim().parse::<f64>().ok(),
        other => other.as_f64(),
    };
    let (latitude, longitude) = (number("latitude")?, number("longitude")?);
    (latitude.abs() <= 90.0 && longitude.abs() <= 180.0).then_some((latitude, longitude))
}

fn cards(links: &Value) -> Vec<Card> {
    let text = |entry: &Value, keys: [&str; 2]| {
        let found = keys.iter().find_map(|key| entry[*key].as_str()).filter(|text| !text.is_empty());
        found.map(str::to_owned)
    };
    let entries = links.as_array().into_iter().flatten();
    entries
        .map(|entry| Card {
            title: text(entry, ["title", "name"]).unwrap_or_default(),
            subtitle: text(entry, ["description", "subtitle"]),
            image_url: text(entry, ["thumb", "image_url"]),
            action: text(entry, ["url", "href"]).map(|url| TapAction::OpenUrl { url }),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(body: Value) -> InboundMessage {
        let mut whole = json!({"message_id": "m", "src": 1, "time": 1_790_000_000_123_i64, "from_id": "5"});
        whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        let message: HistoryMessage = serde_json::from_value(whole).unwrap();
        page("5", vec![message], 10).messages.remove(0).message
    }

    #[test]
    fn every_kind_of_the_history_is_read() {
        let file = told(json!({"type": "file", "url": "https://f/x.pdf", "description": "báo giá.pdf"}));
        assert_eq!(
            (file.kind, file.attachments[0].name.as_deref()),
            (MessageKind::File, Some("báo giá.pdf"))
        );
        for place in [
            json!({"latitude": 10.5, "longitude": "106.7"}),
            json!("{\"latitude\":\"10.5\",\"longitude\":106.7}"),
        ] {
            let place = told(json!({"type": "location", "location": place}));
            assert_eq!(
                (place.attachments[0].latitude, place.attachments[0].longitude),
                (Some(10.5), Some(106.7))
            );
        }
        let far = told(json!({"type": "location", "location": {"latitude": 95, "longitude": 1}}));
        assert_eq!((far.kind, far.attachments[0].latitude), (MessageKind::Location, None));
        let links = json!("[{\"title\":\"Khuyến mãi\",\"description\":\"Giảm\",\"thumb\":\"https://t\"}]");
        let list = told(json!({"type": "links", "links": links}));
        assert_eq!(list.attachments[0].cards[0].title, "Khuyến mãi");
        for (word, kind) in [
            ("photo", MessageKind::Image),
            ("GIF", MessageKind::Gif),
            ("voice", MessageKind::Audio),
            ("sticker", MessageKind::Sticker),
            ("link", MessageKind::Link),
            ("hologram", MessageKind::Unsupported),
        ] {
            let message = told(json!({"type": word, "url": "https://x"}));
            assert_eq!(
                (message.kind, message.attachments[0].url.as_deref()),
                (kind, Some("https://x")),
                "{word}"
            );
            assert_eq!(message.author, Author::Customer);
        }
        let text = told(json!({"type": "text", "message": "Chào shop", "src": 0}));
        assert_eq!(text.text.as_deref(), Some("Chào shop"));
        assert_eq!(text.author, Author::Platform { admin_id: None });
        assert!(text.attachments.is_empty());
    }

    #[test]
    fn pages_end_when_they_are_not_full() {
        let one = |id: &str, time: i64, src: i64| {
            serde_json::from_value::<HistoryMessage>(
                json!({"message_id": id, "time": time, "src": src, "from_id": "3", "to_id": "5", "type": "text", "message": "x"}),
            )
            .unwrap()
        };
        let list = chats(&[one("a", 1, 0), one("b", 2, 1)], 2);
        assert_eq!((list.users, list.read, list.is_last), (vec!["5".to_owned(), "3".to_owned()], 2, false));
        assert!(chats(&[one("a", 1, 0)], 2).is_last && chats(&[], 2).is_last);
        // What has no place in a thread is left out, but counted.
        let page = page("5", vec![one("a", 1, 0), one("", 2, 0), one("c", 0, 0)], 3);
        assert_eq!((page.messages.len(), page.read, page.is_last), (1, 3, false));
    }
}
