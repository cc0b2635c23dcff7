//! The piece of a message that shows why it was found, pure.

use loa_kernel::{FoldedWord, words_vi};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::terms::{Document, Wording};

/// Characters of a snippet.
const LENGTH: usize = 160;
/// Of them before the first hit, when the text is longer.
const BEFORE: usize = 40;

/// A run of a snippet's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SnippetPiece)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// It is what was looked for.
    pub hit: bool,
}

/// The words of each text of a message, once for looking and for showing.
pub struct Reading<'a> {
    parts: Vec<(&'a str, Vec<FoldedWord>)>,
}

impl<'a> Reading<'a> {
    /// Of a message.
    pub fn of(document: &'a Document) -> Self {
        Self { parts: document.parts.iter().map(|text| (text.as_str(), words_vi(text))).collect() }
    }

    /// Does every wording stand in one of the texts?
    pub fn has_all(&self, wordings: &[Wording]) -> bool {
        wordings.iter().all(|wording| self.parts.iter().any(|(_, words)| !wording.hits(words).is_empty()))
    }

    /// A piece of the first text that has a hit, else of the first; empty when there is no text.
    pub fn snippet(&self, wordings: &[Wording]) -> Vec<Piece> {
        let hits = |words: &[FoldedWord]| {
            let mut hits: Vec<usize> = wordings.iter().flat_map(|wording| wording.hits(words)).collect();
            hits.sort_unstable();
            hits.dedup();
            hits
        };
        let shown = self.parts.iter().map(|(text, words)| (*text, words, hits(words)));
        let Some((text, words, hits)) = shown
            .clone()
            .find(|(_, _, hits)| !hits.is_empty())
            .or_else(|| self.parts.first().map(|(text, words)| (*text, words, Vec::new())))
        else {
            return Vec::new();
        };
        let ranges: Vec<_> = hits.iter().map(|i| words[*i].range.clone()).collect();
        cut(text, &ranges)
    }
}

fn cut(text: &str, hits: &[std::ops::Range<usize>]) -> Vec<Piece> {
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let length = starts.len() - 1;
    let first = hits.first().map_or(0, |hit| starts.partition_point(|at| *at < hit.start));
    let (mut from, mut to) = (0, length);
    if length > LENGTH {
        from = first.saturating_sub(BEFORE).min(length - LENGTH);
        to = from + LENGTH;
        // Not in the middle of a word, unless the word is endless.
        let is_blank = |at: usize| text[starts[at]..].starts_with(char::is_whitespace);
        if from > 0 {
            from = (from..first).find(|at| is_blank(*at)).unwrap_or(from);
        }
        if to < length {
            to = (to - BEFORE..to).rev().find(|at| is_blank(*at)).unwrap_or(to);
        }
    }
    let (from, to) = (starts[from], starts[to]);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut push = |text: String, hit: bool| match pieces.last_mut() {
        Some(last) if last.hit == hit => last.text.push_str(&text),
        _ if text.is_empty() => {}
        _ => pieces.push(Piece { text, hit }),
    };
    let flat = |range: std::ops::Range<usize>| -> String {
        text[range].chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    };
    if from > 0 {
        push("…".into(), false);
    }
    let mut at = from;
    for hit in hits {
        let (start, end) = (hit.start.clamp(at, to), hit.end.clamp(at, to));
        if start < end {
            push(flat(at..start), false);
            push(flat(start..end), true);
            at = end;
        }
    }
    push(flat(at..to), false);
    if to < text.len() {
        push("…".into(), false);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::terms::tests::row;
    use super::*;

    fn shown(text: &str, wordings: &[Wording]) -> String {
        let document = Document::of(&row("text", Some(text), json!([]))).unwrap();
        let pieces = Reading::of(&document).snippet(wordings);
        pieces.iter().map(|p| if p.hit { format!("[{}]", p.text) } else { p.text.clone() }).collect()
    }

    fn begins(word: &str) -> Wording {
        Wording::Begins(word.into())
    }

    #[test]
    fn hits_are_marked_and_long_texts_cut_around_the_first() {
        assert_eq!(shown("Chào\nNguyễn!", &[begins("nguy")]), "Chào [Nguyễn]!");
        assert_eq!(shown("Chào", &[]), "Chào");
        assert_eq!(
            shown("còn hàng ạ", &[Wording::Phrase(vec!["con".into(), "hang".into()])]),
            "[còn] [hàng] ạ"
        );
        let long = format!("{} giày đỏ {}", "ạ ".repeat(200), "và ".repeat(200));
        let snippet = shown(&long, &[begins("giay")]);
        assert!(snippet.starts_with("… ạ") && snippet.ends_with("và…"), "{snippet}");
        assert!(snippet.contains("[giày] đỏ") && snippet.chars().count() < LENGTH + 6, "{snippet}");
        let attached = row("file", Some("xem"), json!([{ "kind": "file", "name": "Bảng giá.pdf" }]));
        let document = Document::of(&attached).unwrap();
        assert_eq!(Reading::of(&document).snippet(&[begins("gia")])[1].text, "giá");
        assert!(Reading::of(&document).has_all(&[begins("xem"), begins("gia")]));
        assert!(!Reading::of(&document).has_all(&[begins("xem"), begins("giay")]));
    }

    proptest! {
        #[test]
        fn cutting_never_panics_and_keeps_the_order(text in "(\\PC|[a-c ]|\n){0,400}", word in "[a-c]{1,2}") {
            let whole = shown(&text, &[begins(&word)]);
            prop_assert!(whole.chars().count() <= 3 * text.chars().count() + 2);
        }
    }
}
