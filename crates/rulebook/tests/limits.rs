//! What a message may be (platform reference §3, §12), in both editions.

use loa_rulebook::{Library, MessageFacts, MessageKind};

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
