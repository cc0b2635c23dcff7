//! Messages that thank or say yes and ask for nothing.

use std::sync::LazyLock;

use crate::fold_vi;

/// The phrases, as data.
const DATA: &str = include_str!("../data/courtesy.txt");
/// A longer message says more than thank you, whatever its words.
const MOST_WORDS: usize = 12;
/// The longest phrase, in words.
const PHRASE_WORDS: usize = 4;

/// Phrases that make a message a courtesy, and words that may stand around them.
struct Phrases {
    core: Vec<String>,
    filler: Vec<String>,
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut phrases = Phrases { core: Vec::new(), filler: Vec::new() };
    let mut in_core = true;
    for line in DATA.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line {
            "[core]" => in_core = true,
            "[filler]" => in_core = false,
            phrase if in_core => phrases.core.push(squeezed(phrase)),
            word => phrases.filler.push(squeezed(word)),
        }
    }
    phrases
});

/// Does this message of a customer only thank, agree or say good-bye: "Dạ em cảm ơn ạ", "okeee", "👍", a sticker?
///
/// `kind` is the stored word of the message's kind. Compared without diacritics and case, letters in a row once. A
/// question mark, a digit or any word that is not on the list makes it more than that. Pure.
pub fn is_courtesy(kind: &str, text: Option<&str>) -> bool {
    match (kind, text) {
        ("sticker", _) => true,
        ("text", Some(text)) => is_courtesy_text(text),
        _ => false,
    }
}

fn is_courtesy_text(text: &str) -> bool {
    let folded = fold_vi(text);
    if folded.is_empty() || folded.contains(['?', '？']) {
        return false;
    }
    let apart: String = folded.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let words: Vec<String> = apart.split_whitespace().map(squeezed).collect();
    // Pictures of faces, hands and hearts.
    if words.is_empty() {
        return true;
    }
    words.len() <= MOST_WORDS && consists_of_phrases(&words)
}

/// Can the words be cut into phrases, at least one of them a core phrase? Tries every cut, the state of each place
/// being whether it can be reached without and with a core phrase.
fn consists_of_phrases(words: &[String]) -> bool {
    let mut reached = vec![[false; 2]; words.len() + 1];
    reached[0][0] = true;
    for from in 0..words.len() {
        for to in from + 1..=words.len().min(from + PHRASE_WORDS) {
            let phrase = words[from..to].join(" ");
            let core = PHRASES.core.contains(&phrase);
            let filler = PHRASES.filler.contains(&phrase);
            for had_core in [false, true] {
                if reached[from][usize::from(had_core)] && (core || filler) {
                    reached[to][usize::from(had_core || core)] = true;
                }
            }
        }
    }
    reached[words.len()][1]
}

/// Letters in a row once.
fn squeezed(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        if !out.ends_with(c) {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thanks_are_told_from_questions() {
        for (text, expected) in [
            ("cảm ơn", true),
            ("Cảm ơn shop nhiều ạ!", true),
            ("Dạ em cảm ơn chị nha ❤️", true),
            ("CÁM ƠN", true),
            ("ok", true),
            ("Okeeee", true),
            ("ok anh", true),
            ("dạ vâng", true),
            ("Dạ vâng ạ", true),
            ("vângggg", true),
            ("thanks shop", true),
            ("Thank you so much", true),
            ("tks b", true),
            ("👍", true),
            ("🥰🥰🥰", true),
            (":)", true),
            ("ừm", true),
            ("được rồi ạ, cảm ơn shop", true),
            ("", false),
            ("   ", false),
            ("shop ơi", false),
            ("em", false),
            ("ok?", false),
            ("cảm ơn nhưng cho em hỏi giá", false),
            ("cảm ơn, ship cho em 2 cái", false),
            ("vâng em lấy màu đỏ", false),
            ("ok chị gửi stk đi", false),
            ("không cảm ơn", false),
            ("bao giờ có hàng", false),
            ("ok ok ok ok ok ok ok ok ok ok ok ok ok", false),
            ("10", false),
        ] {
            assert_eq!(is_courtesy("text", Some(text)), expected, "{text}");
        }
        for (kind, text, expected) in [
            ("sticker", None, true),
            ("image", None, false),
            ("image", Some("cảm ơn"), false),
            ("text", None, false),
            ("request_info", Some("ok"), false),
        ] {
            assert_eq!(is_courtesy(kind, text), expected, "{kind} {text:?}");
        }
    }

    #[test]
    fn the_list_is_as_it_is_compared() {
        for phrase in PHRASES.core.iter().chain(&PHRASES.filler) {
            assert_eq!(*phrase, squeezed(&fold_vi(phrase)), "{phrase}");
            assert!(phrase.split(' ').count() <= PHRASE_WORDS, "{phrase}");
        }
        assert!(PHRASES.core.len() > 20 && PHRASES.filler.len() > 10);
    }
}
