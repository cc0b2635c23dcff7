//! What a message may be (platform reference §3, §12), in both editions.

use loa_rulebook::{ActionFacts, ButtonFacts, CardFacts, Library, MessageFacts, MessageKind, TemplateFacts};

const MB: u64 = 1024 * 1024;

fn check(rows: &[(&str, MessageFacts, &str)]) {
    for rules in Library::embedded().editions() {
        for (name, message, want) in rows {
            let found = match rules.limits.check(message) {
                Ok(()) => "ok".to_owned(),
                Err(problem) => serde_json::to_string(&problem).expect("json"),
            };
            assert_eq!(found, *want, "{}: {name}", rules.edition);
        }
    }
}

fn file(kind: MessageKind, bytes: u64, media_type: &str) -> MessageFacts {
    MessageFacts::attached(kind, "", bytes, media_type)
}

#[test]
fn rows() {
    use MessageKind::{File, Gif, Image};
    let empty = r#"{"code":"empty_message"}"#;
    let long =
        |length, max| format!(r#"{{"code":"text_too_long","params":{{"length":{length},"max":{max}}}}}"#);
    let large = |size, max| format!(r#"{{"code":"file_too_large","params":{{"max":{max},"size":{size}}}}}"#);
    let not = |allowed| format!(r#"{{"code":"unsupported_file","params":{{"allowed":"{allowed}"}}}}"#);
    check(&[
        ("one letter", MessageFacts::text("a"), "ok"),
        ("2,000 letters with marks", MessageFacts::text(&"ễ".repeat(2000)), "ok"),
        ("2,001", MessageFacts::text(&"ễ".repeat(2001)), &long(2001, 2000)),
        ("nothing", MessageFacts::text(""), empty),
        ("blanks only", MessageFacts::text(" \n\t"), empty),
        ("text with a file", file(MessageKind::Text, 1, "image/png"), &not("")),
        ("a sticker", MessageFacts::sticker(), "ok"),
        ("a sticker with text", MessageFacts { text_chars: 1, ..MessageFacts::sticker() }, &long(1, 0)),
        ("a picture of 1 MB", file(Image, MB, "image/jpeg"), "ok"),
        ("a picture of 1 MB and a byte", file(Image, MB + 1, "image/png"), &large(MB + 1, MB)),
        ("a picture without a file", MessageFacts { kind: Image, ..MessageFacts::text("x") }, empty),
        ("a picture of no bytes", file(Image, 0, "image/png"), empty),
        ("a caption of 2,000", MessageFacts::attached(Image, &"x".repeat(2000), 9, "image/png"), "ok"),
        (
            "a caption of 2,001",
            MessageFacts::attached(Image, &"x".repeat(2001), 9, "image/png"),
            &long(2001, 2000),
        ),
        ("a webp picture", file(Image, 9, "image/webp"), &not("jpg, png")),
        ("a gif as picture", file(Image, 9, "image/gif"), &not("jpg, png")),
        ("a gif of 5 MB", file(Gif, 5 * MB, "image/gif"), "ok"),
        ("a gif of more", file(Gif, 5 * MB + 1, "image/gif"), &large(5 * MB + 1, 5 * MB)),
        ("a document of 5 MB", file(File, 5 * MB, "application/pdf"), "ok"),
        ("a document of more", file(File, 5 * MB + 1, "application/pdf"), &large(5 * MB + 1, 5 * MB)),
        ("a table with parameters", file(File, 9, "Text/CSV; charset=utf-8"), "ok"),
        ("a document with text", MessageFacts::attached(File, "x", 9, "text/csv"), &long(1, 0)),
        ("an archive", file(File, 9, "application/zip"), &not("pdf, doc, docx, csv")),
        ("wrong type before size", file(File, 99 * MB, "video/mp4"), &not("pdf, doc, docx, csv")),
    ]);
}

fn card(title: usize, subtitle: usize, pictured: bool) -> CardFacts {
    CardFacts { title_chars: title, subtitle_chars: subtitle, pictured, action: ActionFacts::default() }
}

fn button(title: usize, query: usize, sms: usize) -> ButtonFacts {
    ButtonFacts { title_chars: title, action: ActionFacts { query_chars: query, sms_chars: sms } }
}

fn template(
    kind: MessageKind,
    text: usize,
    cards: Vec<CardFacts>,
    buttons: Vec<ButtonFacts>,
) -> MessageFacts {
    MessageFacts {
        kind,
        text_chars: text,
        attachment: None,
        template: Some(TemplateFacts { cards, buttons }),
    }
}

#[test]
fn cards_and_buttons() {
    use MessageKind::{Buttons, List, RequestInfo};
    let required = |field: &str| {
        format!(r#"{{"code":"invalid_field","params":{{"field":"{field}","reason":"required"}}}}"#)
    };
    let length = |field: &str, length: usize, max: usize| {
        format!(
            r#"{{"code":"invalid_field","params":{{"field":"{field}","length":{length},"max":{max},"reason":"length"}}}}"#
        )
    };
    let count = |field: &str, bound: &str, n: usize, reason: &str| {
        format!(
            r#"{{"code":"invalid_field","params":{{"field":"{field}","{bound}":{n},"reason":"{reason}"}}}}"#
        )
    };
    let empty = r#"{"code":"empty_message"}"#;
    let list = |cards| template(List, 0, cards, Vec::new());
    let buttons = |text, buttons| template(Buttons, text, Vec::new(), buttons);
    let ask = |cards| template(RequestInfo, 0, cards, Vec::new());
    check(&[
        ("a list of one", list(vec![card(1, 1, false)]), "ok"),
        ("a list of five at the borders", list(vec![card(100, 500, true); 5]), "ok"),
        ("a list of six", list(vec![card(1, 1, false); 6]), &count("cards", "max", 5, "too_many")),
        ("a list of none", list(Vec::new()), &count("cards", "min", 1, "too_few")),
        ("a long title", list(vec![card(101, 1, false)]), &length("cards[0].title", 101, 100)),
        ("a long second line", list(vec![card(1, 501, false)]), &length("cards[0].subtitle", 501, 500)),
        ("the first without a second line", list(vec![card(1, 0, false)]), &required("cards[0].subtitle")),
        ("the second without one", list(vec![card(1, 1, false), card(1, 0, false)]), "ok"),
        ("without a title", list(vec![card(1, 1, false), card(0, 1, false)]), &required("cards[1].title")),
        (
            "a list with a text",
            template(List, 1, vec![card(1, 1, false)], Vec::new()),
            r#"{"code":"text_too_long","params":{"length":1,"max":0}}"#,
        ),
        ("five buttons", buttons(2000, vec![button(100, 1000, 0); 5]), "ok"),
        ("six buttons", buttons(1, vec![button(1, 1, 0); 6]), &count("buttons", "max", 5, "too_many")),
        ("no button", buttons(1, Vec::new()), &count("buttons", "min", 1, "too_few")),
        ("buttons without a text", buttons(0, vec![button(1, 1, 0)]), empty),
        ("a long query", buttons(1, vec![button(1, 1001, 0)]), &length("buttons[0].action", 1001, 1000)),
        ("a long SMS", buttons(1, vec![button(1, 0, 161)]), &length("buttons[0].action", 161, 160)),
        (
            "buttons with a card",
            template(Buttons, 1, vec![card(1, 1, false)], vec![button(1, 1, 0)]),
            &count("cards", "max", 0, "too_many"),
        ),
        ("a question", ask(vec![card(100, 500, true)]), "ok"),
        ("a question without a picture", ask(vec![card(1, 1, false)]), &required("cards[0].image_url")),
        ("two questions", ask(vec![card(1, 1, true); 2]), &count("cards", "max", 1, "too_many")),
        ("a list that has none", MessageFacts { template: None, ..list(Vec::new()) }, empty),
        (
            "a text that has cards",
            MessageFacts { template: Some(TemplateFacts::default()), ..MessageFacts::text("x") },
            r#"{"code":"invalid_field","params":{"field":"template","reason":"kind"}}"#,
        ),
    ]);
}

#[test]
fn a_media_type_tells_the_kind() {
    let library = Library::embedded();
    for rules in library.editions() {
        for (media_type, want) in [
            ("image/png", Some(MessageKind::Image)),
            ("IMAGE/JPEG", Some(MessageKind::Image)),
            ("image/gif", Some(MessageKind::Gif)),
            ("text/csv; charset=utf-8", Some(MessageKind::File)),
            ("application/zip", None),
            ("", None),
        ] {
            assert_eq!(rules.limits.kind_of(media_type), want, "{media_type}");
        }
    }
}
