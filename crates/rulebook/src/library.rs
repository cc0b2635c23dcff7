//! All books together: loading, the choice of an edition.

use std::str::FromStr;

use loa_kernel::{Problem, Timestamp};
use serde::{Deserialize, Serialize};

use crate::book::{is_edition_name, messaging};
use crate::lists::{Lists, lists};
use crate::packages::packages;
use crate::people::people;
use crate::reader::{Reader, RuleError, Section};
use crate::stickers::{Sticker, stickers};
use crate::{
    ChannelFacts, Decision, MessageFacts, MessagingRules, Packages, PeopleRules, RecipientFacts, decide,
};

/// The edition of an account for which nobody chose one: the one that the product's own description follows
/// (seed 000).
pub const DEFAULT_EDITION: &str = "messaging-2024-11";

/// The books of this version, by file name.
const EMBEDDED: &[(&str, &str)] = &[
    ("messaging-2024-11.toml", include_str!("../../../rules/messaging-2024-11.toml")),
    ("messaging-2026-01.toml", include_str!("../../../rules/messaging-2026-01.toml")),
    ("lists.toml", include_str!("../../../rules/lists.toml")),
    ("packages.toml", include_str!("../../../rules/packages.toml")),
    ("people.toml", include_str!("../../../rules/people.toml")),
    ("stickers.toml", include_str!("../../../rules/stickers.toml")),
];

/// Which edition holds for an account: one by name, or whatever is in force.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum EditionChoice {
    /// This one, whatever the date.
    Fixed(String),
    /// The one in force at the time of asking. Written "auto".
    Auto,
}

impl Default for EditionChoice {
    fn default() -> Self {
        Self::Fixed(DEFAULT_EDITION.to_owned())
    }
}

impl std::fmt::Display for EditionChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Fixed(edition) => edition,
            Self::Auto => "auto",
        })
    }
}

impl FromStr for EditionChoice {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        match text {
            "auto" => Ok(Self::Auto),
            name if is_edition_name(name) => Ok(Self::Fixed(name.to_owned())),
            _ => Err(Problem::invalid("edition", "not_an_edition")),
        }
    }
}

impl TryFrom<String> for EditionChoice {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        text.parse()
    }
}

impl From<EditionChoice> for String {
    fn from(choice: EditionChoice) -> Self {
        choice.to_string()
    }
}

/// Every loaded book. Consistent by construction: there is no other way to make one than [`load`](Self::load).
#[derive(Debug, Clone)]
pub struct Library {
    /// By date; never empty.
    messaging: Vec<MessagingRules>,
    packages: Packages,
    people: PeopleRules,
    lists: Lists,
    stickers: Vec<Sticker>,
}

impl Library {
    /// The books of this version.
    ///
    /// # Panics
    /// If an embedded book is faulty; a test of this crate sees to it that none is.
    pub fn embedded() -> Self {
        match Self::load(EMBEDDED) {
            Ok(library) => library,
            Err(faults) => panic!("the embedded rule books are faulty: {}", describe(&faults)),
        }
    }

    /// The embedded texts by file name, e.g. to write them out for an operator who wants to change one.
    pub fn embedded_files() -> &'static [(&'static str, &'static str)] {
        EMBEDDED
    }

    /// The embedded books, with `files` in place of those of the same name and beside the others.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_over_embedded(files: &[(&str, &str)]) -> Result<Self, Vec<RuleError>> {
        let kept = EMBEDDED.iter().filter(|(name, _)| files.iter().all(|(given, _)| given != name));
        let all: Vec<_> = kept.chain(files).copied().collect();
        Self::load(&all)
    }

    /// Books from their texts: pairs of file name and TOML. Exactly one must be `kind = "packages"` and one
    /// `kind = "people"` and one `kind = "lists"`, any number may be `kind = "stickers"`, the others `kind = "messaging"` with
    /// dates that follow each other without gap or overlap.
    ///
    /// # Errors
    /// Every fault of every file: not TOML, unknown or missing key, value out of range, number without a
    /// source, contradiction inside a book or between two.
    pub fn load(files: &[(&str, &str)]) -> Result<Self, Vec<RuleError>> {
        let mut faults = Vec::new();
        let mut editions: Vec<(MessagingRules, Reader<'_>)> = Vec::new();
        let mut found_packages: Option<(&str, Packages)> = None;
        let mut found_people: Option<(&str, PeopleRules)> = None;
        let mut found_lists: Option<(&str, Lists)> = None;
        let mut found_stickers: Vec<Sticker> = Vec::new();
        let mut unread = false;
        for (file, text) in files {
            let reader = Reader::new(file, text);
            let (document, clean) = reader.parse();
            let root = Section::root(&reader, &document);
            match document.get_ref().get("kind").and_then(|kind| kind.get_ref().as_str()) {
                // A text with a syntax fault lacks whatever stood behind it; more faults would mislead.
                _ if !clean => unread = true,
                Some("messaging") => match messaging(root) {
                    Some(rules) => {
                        editions.push((rules, reader));
                        continue;
                    }
                    None => unread = true,
                },
                Some("packages") => match (&found_packages, packages(root)) {
                    (Some((other, _)), _) => {
                        reader.fault(&(0..0), "kind", format!("{other} holds packages too"))
                    }
                    (None, Some(read)) => found_packages = Some((file, read)),
                    (None, None) => unread = true,
                },
                Some("people") => match (&found_people, people(root)) {
                    (Some((other, _)), _) => {
                        reader.fault(&(0..0), "kind", format!("{other} holds people too"))
                    }
                    (None, Some(read)) => found_people = Some((file, read)),
                    (None, None) => unread = true,
                },
                Some("lists") => match (&found_lists, lists(root)) {
                    (Some((other, _)), _) => {
                        reader.fault(&(0..0), "kind", format!("{other} holds limits of lists too"))
                    }
                    (None, Some(read)) => found_lists = Some((file, read)),
                    (None, None) => unread = true,
                },
                Some("stickers") => match stickers(root) {
                    Some(read) => found_stickers.extend(read),
                    None => unread = true,
                },
                _ => {
                    unread = true;
                    root.fault("kind", "expected `messaging`, `packages`, `people`, `lists` or `stickers`");
                }
            }
            faults.extend(reader.into_faults());
        }
        editions.sort_by_key(|(rules, _)| rules.effective_from);
        // A book that could not be read may be the one that is missing here.
        if !unread {
            check_dates(&editions);
        }
        let mut messaging = Vec::new();
        for (rules, reader) in editions {
            faults.extend(reader.into_faults());
            messaging.push(rules);
        }
        let missing = |what: &str| RuleError {
            file: "(books)".to_owned(),
            line: 1,
            key: "kind".to_owned(),
            reason: format!("there is no book with kind = \"{what}\""),
        };
        if !unread && messaging.is_empty() {
            faults.push(missing("messaging"));
        }
        if !unread && found_packages.is_none() {
            faults.push(missing("packages"));
        }
        if !unread && found_people.is_none() {
            faults.push(missing("people"));
        }
        if !unread && found_lists.is_none() {
            faults.push(missing("lists"));
        }
        match (found_packages, found_people, found_lists) {
            (Some((_, packages)), Some((_, people)), Some((_, lists))) if faults.is_empty() => {
                Ok(Self { messaging, packages, people, lists, stickers: found_stickers })
            }
            _ => {
                faults.sort();
                Err(faults)
            }
        }
    }

    /// Limits of the platform's page of customers.
    pub fn lists(&self) -> Lists {
        self.lists
    }

    /// Stickers that are offered, in the order of the books.
    pub fn stickers(&self) -> &[Sticker] {
        &self.stickers
    }

    /// The edition of this name.
    pub fn messaging(&self, edition: &str) -> Option<&MessagingRules> {
        self.messaging.iter().find(|rules| rules.edition == edition)
    }

    /// Every edition, oldest first.
    pub fn editions(&self) -> &[MessagingRules] {
        &self.messaging
    }

    /// The rules that hold by this choice. A name that no book has counts as `auto`, so that an account
    /// whose book was taken away follows the rules in force; refuse such names where they are entered.
    /// Before the first edition the first holds, after the last the last.
    pub fn resolve(&self, choice: &EditionChoice, now: Timestamp) -> &MessagingRules {
        let fixed = match choice {
            EditionChoice::Fixed(edition) => self.messaging(edition),
            EditionChoice::Auto => None,
        };
        fixed.unwrap_or_else(|| {
            let begun = self.messaging.iter().rposition(|rules| rules.effective_from <= now);
            &self.messaging[begun.unwrap_or(0)]
        })
    }

    /// The first instant after `now` at which [`resolve`](Self::resolve) gives another edition.
    pub fn next_switch(&self, choice: &EditionChoice, now: Timestamp) -> Option<Timestamp> {
        let edition = &self.resolve(choice, now).edition;
        let starts = self.messaging.iter().map(|rules| rules.effective_from).filter(|from| *from > now);
        starts.into_iter().find(|from| self.resolve(choice, *from).edition != *edition)
    }

    /// [`decide`] by the edition of `choice`. The change of edition counts as a change of the answer.
    pub fn decide(
        &self,
        choice: &EditionChoice,
        channel: &ChannelFacts,
        recipient: &RecipientFacts,
        message: Option<&MessageFacts>,
        now: Timestamp,
    ) -> Decision {
        let mut decision = decide(self.resolve(choice, now), channel, recipient, message, now);
        if let Some(switch) = self.next_switch(choice, now) {
            let beyond = |at: Option<Timestamp>| at.is_none_or(|at| at >= switch);
            if beyond(decision.changes_at) {
                decision.changes_at = Some(switch);
            }
            if !decision.is_allowed() && beyond(decision.allowed_at) {
                let after = self.decide(choice, channel, recipient, message, switch);
                decision.allowed_at = if after.is_allowed() { Some(switch) } else { after.allowed_at };
            }
        }
        decision
    }

    /// Limits of what the platform keeps of an OA's people.
    pub fn people(&self) -> &PeopleRules {
        &self.people
    }

    /// The packages.
    pub fn packages(&self) -> &Packages {
        &self.packages
    }
}

/// Editions, by date, must differ in name and follow each other without gap or overlap.
fn check_dates(editions: &[(MessagingRules, Reader<'_>)]) {
    for (nth, (rules, reader)) in editions.iter().enumerate() {
        if editions[..nth].iter().any(|(other, _)| other.edition == rules.edition) {
            reader.fault_at_key("edition", format!("\"{}\" stands in another book too", rules.edition));
        }
        let Some((before, _)) = nth.checked_sub(1).map(|n| &editions[n]) else { continue };
        match before.effective_until {
            Some(until) if until == rules.effective_from => {}
            Some(until) if until < rules.effective_from => reader.fault_at_key(
                "effective_from",
                format!("between the end of \"{}\" and this date no edition is in force", before.edition),
            ),
            _ => reader.fault_at_key(
                "effective_from",
                format!("\"{}\" is still in force at this date (its effective_until)", before.edition),
            ),
        }
    }
}

fn describe(faults: &[RuleError]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
