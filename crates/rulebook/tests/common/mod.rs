//! What several test files use. Instants are offsets from [`T0`].
#![allow(dead_code)]

use loa_kernel::Timestamp;
use loa_rulebook::{Decision, Library, MessagingRules};

/// 2025-06-12T07:20:00Z, inside the first edition.
pub const T0: Timestamp = Timestamp::from_ms(1_749_712_800_000);
pub const HOUR: i64 = 3_600_000;

pub fn at(offset_ms: i64) -> Timestamp {
    T0.plus_ms(offset_ms)
}

/// "48h", "48h+1ms", "2h-1ms".
pub fn offset(text: &str) -> i64 {
    let cut = text.find(['+', '-']).unwrap_or(text.len());
    let (hours, rest) = text.split_at(cut);
    let hours: i64 = hours.strip_suffix('h').expect(text).parse().expect(text);
    let ms: i64 = if rest.is_empty() { 0 } else { rest.strip_suffix("ms").expect(text).parse().expect(text) };
    hours * HOUR + ms
}

/// The reverse of [`offset`].
pub fn show(instant: Timestamp) -> String {
    let ms = instant.since(T0);
    match (ms.div_euclid(HOUR), ms.rem_euclid(HOUR)) {
        (hours, 0) => format!("{hours}h"),
        (hours, rest) if rest > HOUR / 2 => format!("{}h-{}ms", hours + 1, HOUR - rest),
        (hours, rest) => format!("{hours}h+{rest}ms"),
    }
}

/// A decision in one line.
pub fn line(decision: &Decision) -> String {
    let class = decision.class.map_or("deny".to_owned(), |c| format!("{c} {}", decision.cost_vnd));
    let reply = decision.reply.map_or("-".to_owned(), |r| {
        let counter = match (r.remain, r.total) {
            (Some(remain), Some(total)) => format!("{remain}/{total} "),
            (None, None) => String::new(),
            odd => panic!("half a counter: {odd:?}"),
        };
        format!("{counter}until {}", show(r.until))
    });
    let package = decision.package.map_or("-".to_owned(), |p| format!("{}/{}", p.used, p.total));
    let reasons: Vec<_> = decision.reasons.iter().map(|r| r.code.as_str()).collect();
    let changes = decision.changes_at.map_or("-".to_owned(), show);
    let allowed = decision.allowed_at.map_or(String::new(), |a| format!(" | allowed {}", show(a)));
    format!("{class} | {reply} | {package} | {} | changes {changes}{allowed}", reasons.join(" "))
}

/// The embedded text of a book.
pub fn text_of(file: &str) -> &'static str {
    Library::embedded_files().iter().find(|(name, _)| *name == file).expect("embedded").1
}

/// A small edition for walks: 2 replies in 2 hours, permission for 1 day, followers only, 2 greetings.
pub fn small_book() -> MessagingRules {
    let text = text_of("messaging-2024-11.toml")
        .replace("window_hours = 48", "window_hours = 2")
        .replace("free_count = 8 ", "free_count = 2 ")
        .replace("allowed_until_days = 7 ", "allowed_until_days = 1 ")
        + "\n[welcome]\nfree_count = 2\nsource = { free_count = \"test\" }\n";
    let library = Library::load_over_embedded(&[("messaging-2024-11.toml", &text)]).expect("a sound book");
    let rules = library.messaging("messaging-2024-11").expect("there").clone();
    assert_eq!((rules.reply.window_hours, rules.reply.free_count), (2, Some(2)));
    assert_eq!(
        (rules.consultation.allowed_until_days, rules.welcome.map(|w| w.free_count)),
        (Some(1), Some(2))
    );
    rules
}
