//! What a message is found by, pure: its words, who wrote it, where, and what it holds; as terms of the index, and
//! exactly, because two terms may share a number.

use std::collections::BTreeSet;

use loa_kernel::{ChannelId, ConversationId, FoldedWord, MemberId, words_vi};
use loa_store::entity::messages;

use super::query::Thing;

/// Lengths at which beginnings of words are terms. A longer beginning is looked for by the next shorter one, and then
/// looked at.
const LENGTHS: [usize; 12] = [2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32];
/// Most words of a message that are found; enough for the longest text the platform takes.
const MAX_WORDS: usize = 2_000;

/// A message's texts and marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its text, then what its attachments are called.
    pub parts: Vec<String>,
    marks: BTreeSet<Mark>,
}

/// Something that a message has or has not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// It is a message.
    Any,
    /// It runs on this channel.
    Channel(ChannelId),
    /// This member wrote it.
    Member(MemberId),
    /// The customer of this thread wrote it.
    Customer(ConversationId),
    /// It stands in this thread.
    Thread(ConversationId),
    /// It holds such a thing: a word of [`Thing`].
    Holds(&'static str),
}

impl Document {
    /// Of a row; `None` when it is nothing to be found: a line about something that happened.
    pub fn of(row: &messages::Model) -> Option<Self> {
        if row.kind == "event" {
            return None;
        }
        let mut parts: Vec<String> = row.text.iter().map(|text| without_mentions(text)).collect();
        let mut marks = BTreeSet::from([
            Mark::Any,
            Mark::Channel(ChannelId(row.channel_id)),
            Mark::Thread(ConversationId(row.conversation_id)),
        ]);
        let mut holds = |kind: &str| {
            if let Some(thing) = Thing::ALL.iter().find(|thing| thing.as_str() == kind) {
                marks.insert(Mark::Holds(thing.as_str()));
            }
        };
        holds(&row.kind);
        for attachment in row.attachments.as_array().into_iter().flatten() {
            let field = |name: &str| attachment.get(name).and_then(|value| value.as_str());
            if let Some(kind) = field("kind") {
                holds(kind);
            }
            for name in ["name", "description", "phone"] {
                if let Some(text) =
                    field(name).filter(|text| !text.is_empty() && row.text.as_deref() != Some(*text))
                {
                    parts.push(text.to_owned());
                }
            }
        }
        if parts.iter().any(|text| ["http://", "https://", "www."].iter().any(|sign| text.contains(sign))) {
            holds(Thing::Link.as_str());
        }
        if let Some(member) = row.member_id {
            marks.insert(Mark::Member(MemberId(member)));
        }
        if row.author == "customer" {
            marks.insert(Mark::Customer(ConversationId(row.conversation_id)));
        }
        Some(Self { parts, marks })
    }

    /// Its terms.
    pub fn terms(&self) -> BTreeSet<u32> {
        let mut terms: BTreeSet<u32> = self.marks.iter().map(Mark::term).collect();
        for part in &self.parts {
            let words = words_vi(part);
            let mut last: Option<&str> = None;
            for FoldedWord { folded, .. } in words.iter().take(MAX_WORDS) {
                beginnings(folded, |beginning| {
                    terms.insert(word_term(beginning));
                });
                if let Some(last) = last {
                    terms.insert(pair_term(last, folded));
                }
                last = Some(folded);
            }
        }
        terms
    }

    /// Has it one of these?
    pub fn has_any(&self, marks: &[Mark]) -> bool {
        marks.iter().any(|mark| self.marks.contains(mark))
    }
}

/// The text of a note without the ids of the members in it (`@[mem_…]`), which nobody reads.
fn without_mentions(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("@[mem_") {
        let Some(end) = rest[at..].find(']') else { break };
        out.push_str(&rest[..at]);
        out.push('@');
        rest = &rest[at + end + 1..];
    }
    out.push_str(rest);
    out
}

impl Mark {
    /// Its term.
    pub fn term(&self) -> u32 {
        match self {
            Self::Any => number(b'a', &[]),
            Self::Channel(id) => number(b'c', &[id.0.as_bytes()]),
            Self::Member(id) => number(b'm', &[id.0.as_bytes()]),
            Self::Customer(id) => number(b'u', &[id.0.as_bytes()]),
            Self::Thread(id) => number(b't', &[id.0.as_bytes()]),
            Self::Holds(kind) => number(b'h', &[kind.as_bytes()]),
        }
    }
}

/// Words that a text must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wording {
    /// A word that begins like this; of one letter: that word.
    Begins(String),
    /// These words one after the other.
    Phrase(Vec<String>),
}

impl Wording {
    /// Terms that every text with it has.
    pub fn terms(&self) -> Vec<u32> {
        match self {
            Self::Begins(word) => vec![word_term(longest_beginning(word))],
            Self::Phrase(words) if words.len() == 1 => vec![word_term(longest_beginning(&words[0]))],
            Self::Phrase(words) => words.windows(2).map(|pair| pair_term(&pair[0], &pair[1])).collect(),
        }
    }

    /// Which of these words fulfil it: by number, in order.
    pub fn hits(&self, words: &[FoldedWord]) -> Vec<usize> {
        match self {
            Self::Begins(beginning) => {
                let single = beginning.chars().count() == 1;
                let fits = |word: &&FoldedWord| {
                    if single { word.folded == *beginning } else { word.folded.starts_with(beginning) }
                };
                (0..words.len()).filter(|i| fits(&&words[*i])).collect()
            }
            Self::Phrase(phrase) => words
                .windows(phrase.len().max(1))
                .enumerate()
                .filter(|(_, run)| run.iter().map(|word| &word.folded).eq(phrase))
                .flat_map(|(at, _)| at..at + phrase.len())
                .collect(),
        }
    }
}

/// The beginnings of a word that are terms; a word of one letter is its own.
fn beginnings(word: &str, mut each: impl FnMut(&str)) {
    let mut ends = word.char_indices().map(|(at, c)| at + c.len_utf8());
    let Some(first) = ends.next() else { return };
    if first == word.len() {
        return each(word);
    }
    for (length, end) in (2..).zip(ends) {
        if length > LENGTHS[LENGTHS.len() - 1] {
            return;
        }
        if LENGTHS.contains(&length) {
            each(&word[..end]);
        }
    }
}

fn longest_beginning(word: &str) -> &str {
    let mut longest = 0;
    beginnings(word, |beginning| longest = beginning.len());
    &word[..longest]
}

fn word_term(beginning: &str) -> u32 {
    number(b'w', &[beginning.as_bytes()])
}

fn pair_term(first: &str, second: &str) -> u32 {
    number(b'p', &[first.as_bytes(), b" ", second.as_bytes()])
}

/// FNV-1a, folded to 32 bits. It is stored: it must stay the same from version to version.
fn number(kind: u8, parts: &[&[u8]]) -> u32 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in [kind].iter().chain(parts.iter().copied().flatten()) {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    (hash ^ (hash >> 32)) as u32
}

#[cfg(test)]
pub(super) mod tests {
    use loa_kernel::{MessageId, Timestamp};
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    /// A message of the customer.
    pub fn row(kind: &str, text: Option<&str>, attachments: Value) -> messages::Model {
        messages::Model {
            workspace_id: Uuid::from_u128(1),
            id: MessageId::derived(Timestamp(1_768_446_000_000), &[b"m"]).0,
            conversation_id: Uuid::from_u128(2),
            channel_id: Uuid::from_u128(3),
            direction: "in".into(),
            author: "customer".into(),
            by_person: None,
            member_id: None,
            kind: kind.into(),
            text: text.map(Into::into),
            attachments,
            platform_id: None,
            client_id: None,
            quoted_platform_id: None,
            reactions: json!([]),
            status: "received".into(),
            error_code: None,
            error_text: None,
            problem: None,
            decision: None,
            sent_at: 0,
            created_at: 0,
            updated_at: 0,
        }
    }

    fn begins(word: &str) -> Wording {
        Wording::Begins(word.into())
    }

    fn phrase(text: &str) -> Wording {
        Wording::Phrase(text.split(' ').map(Into::into).collect())
    }

    #[test]
    fn words_are_found_by_beginning_and_phrases_in_order() {
        for (text, wording, hits) in [
            ("Chào anh Đức, đơn DH20241125001 tới chưa?", begins("chao"), vec![0]),
            ("Chào anh Đức, đơn DH20241125001 tới chưa?", begins("ch"), vec![0, 6]),
            ("Chào anh Đức, đơn DH20241125001 tới chưa?", begins("d"), vec![]),
            ("Chào anh Đức, đơn DH20241125001 tới chưa?", begins("dh202411250"), vec![4]),
            ("vitamin Đ", begins("d"), vec![1]),
            ("còn hàng không còn hàng", phrase("con hang"), vec![0, 1, 3, 4]),
            ("hàng còn", phrase("con hang"), vec![]),
            ("hàng hoá", phrase("han"), vec![]),
            ("hàng hoá", phrase("hang"), vec![0]),
            ("một hai ba", phrase("mot hai ba"), vec![0, 1, 2]),
        ] {
            let words = words_vi(text);
            assert_eq!(wording.hits(&words), hits, "{text} {wording:?}");
            if !hits.is_empty() {
                let terms = Document::of(&row("text", Some(text), json!([]))).unwrap().terms();
                assert!(wording.terms().iter().all(|term| terms.contains(term)), "{text} {wording:?}");
            }
        }
    }

    #[test]
    fn marks_say_what_a_message_holds() {
        let holds = |kind, text, attachments| {
            let doc = Document::of(&row(kind, text, attachments)).unwrap();
            let things = Thing::ALL.iter().filter(|t| doc.has_any(&[Mark::Holds(t.as_str())]));
            things.map(|t| t.as_str()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(holds("text", Some("a"), json!([])), "");
        assert_eq!(holds("text", Some("xem https://loa.vn"), json!([])), "link");
        assert_eq!(holds("image", None, json!([{ "kind": "image", "name": "hoá đơn.png" }])), "image");
        assert_eq!(holds("business_card", None, json!([])), "business_card");
        assert!(Document::of(&row("event", Some("follow"), json!([]))).is_none());
        let note = Document::of(&row("note", Some("nhờ @[mem_01] gọi lại @[mem_"), json!([]))).unwrap();
        assert_eq!(note.parts, ["nhờ @ gọi lại @[mem_"]);
        let doc =
            Document::of(&row("file", None, json!([{ "kind": "file", "name": "Hợp đồng.pdf" }]))).unwrap();
        assert_eq!(doc.parts, ["Hợp đồng.pdf"]);
        assert!(doc.terms().contains(&begins("hop").terms()[0]));
        let channel = Mark::Channel(ChannelId(Uuid::from_u128(3)));
        assert!(doc.has_any(&[channel]) && !doc.has_any(&[Mark::Member(MemberId(Uuid::nil()))]));
    }

    #[test]
    fn terms_stay_what_they_are() {
        // Stored in every index there is.
        assert_eq!((word_term("chao"), Mark::Any.term()), (3_148_593_318, 694_300_864));
    }

    proptest! {
        /// Whatever is found by reading is found by the index.
        #[test]
        fn a_hit_has_its_terms(text in "([a-dđ]{1,9}[ ,.]?){0,12}", wanted in "[a-dđ]{1,9}( [a-d]{1,3}){0,2}") {
            let doc = Document::of(&row("text", Some(&text), json!([]))).unwrap();
            let terms = doc.terms();
            let words = words_vi(&text);
            let folded: Vec<String> = words_vi(&wanted).into_iter().map(|w| w.folded).collect();
            for wording in [Wording::Begins(folded[0].clone()), Wording::Phrase(folded)] {
                if !wording.hits(&words).is_empty() {
                    prop_assert!(wording.terms().iter().all(|term| terms.contains(term)));
                }
            }
        }
    }
}
