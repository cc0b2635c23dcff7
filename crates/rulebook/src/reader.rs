//! Reading a book's text with a line for everything that is wrong.
//!
//! serde would stop at the first fault of a file; an operator who edits a book wants to see all of them. So
//! the parsed document is read by hand: every getter notes what it does not like and goes on, and
//! [`Section::finish`] refuses the keys that nobody asked for and the numbers that have no source.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};

use jiff::civil::Date;
use loa_kernel::Timestamp;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One fault of a book.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{file}:{line}: {}{reason}", if key.is_empty() { String::new() } else { format!("{key}: ") })]
pub struct RuleError {
    /// Name of the file as it was given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Dotted path of the key; empty when the text is not TOML.
    pub key: String,
    /// What is wrong, in English: it is for operators.
    pub reason: String,
}

/// The faults of one text, collected while it is read.
pub(crate) struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    faults: RefCell<Vec<RuleError>>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, faults: RefCell::new(Vec::new()) }
    }

    /// Parse the text; syntax faults are noted. What could be parsed is given even so.
    pub(crate) fn parse(&self) -> (Spanned<DeTable<'a>>, bool) {
        let (document, faults) = DeTable::parse_recoverable(self.text);
        let clean = faults.is_empty();
        for fault in faults {
            self.fault(&fault.span().unwrap_or(0..0), "", fault.message());
        }
        (document, clean)
    }

    pub(crate) fn fault(&self, at: &Range<usize>, key: &str, reason: impl Into<String>) {
        let start = at.start.min(self.text.len());
        let line = 1 + self.text.as_bytes()[..start].iter().filter(|b| **b == b'\n').count();
        let fault =
            RuleError { file: self.file.to_owned(), line, key: key.to_owned(), reason: reason.into() };
        self.faults.borrow_mut().push(fault);
    }

    /// Note a fault of a top-level key that is known to be there.
    pub(crate) fn fault_at_key(&self, key: &str, reason: impl Into<String>) {
        let (document, _) = DeTable::parse_recoverable(self.text);
        let span = document.get_ref().get(key).map_or(0..0, Spanned::span);
        self.fault(&span, key, reason);
    }

    pub(crate) fn into_faults(self) -> Vec<RuleError> {
        let mut faults = self.faults.into_inner();
        faults.sort();
        faults
    }
}

/// One table of a book.
pub(crate) struct Section<'r, 'a> {
    reader: &'r Reader<'a>,
    path: String,
    table: &'r DeTable<'a>,
    span: Range<usize>,
    asked: Vec<&'static str>,
    numbers: Vec<&'static str>,
}

impl<'r, 'a> Section<'r, 'a> {
    pub(crate) fn root(reader: &'r Reader<'a>, document: &'r Spanned<DeTable<'a>>) -> Self {
        Self::new(reader, String::new(), document.get_ref(), document.span())
    }

    fn new(reader: &'r Reader<'a>, path: String, table: &'r DeTable<'a>, span: Range<usize>) -> Self {
        Self { reader, path, table, span, asked: Vec::new(), numbers: Vec::new() }
    }

    /// Note a fault of `key`, at the key if it is there, else at the section.
    pub(crate) fn fault(&self, key: &str, reason: impl Into<String>) {
        let span = self.table.get(key).map_or(self.span.clone(), Spanned::span);
        self.reader.fault(&span, &self.path_of(key), reason);
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn path_of(&self, key: &str) -> String {
        match (self.path.is_empty(), key.is_empty()) {
            (true, _) => key.to_owned(),
            (false, true) => self.path.clone(),
            (false, false) => format!("{}.{key}", self.path),
        }
    }

    fn get(&mut self, key: &'static str) -> Option<&'r Spanned<DeValue<'a>>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.table.get(key)
    }

    fn need(&mut self, key: &'static str) -> Option<&'r Spanned<DeValue<'a>>> {
        let value = self.get(key);
        if value.is_none() {
            self.fault(key, "missing");
        }
        value
    }

    fn wrong<T>(&self, key: &str, value: &DeValue<'_>, wanted: &str) -> Option<T> {
        self.fault(key, format!("expected {wanted}, found {}", value.type_str()));
        None
    }

    pub(crate) fn text(&mut self, key: &'static str) -> Option<String> {
        let value = self.need(key)?;
        match value.get_ref().as_str() {
            Some("") => {
                self.fault(key, "empty");
                None
            }
            Some(text) => Some(text.to_owned()),
            None => self.wrong(key, value.get_ref(), "a text"),
        }
    }

    pub(crate) fn flag(&mut self, key: &'static str) -> Option<bool> {
        let value = self.need(key)?;
        value.get_ref().as_bool().or_else(|| self.wrong(key, value.get_ref(), "true or false"))
    }

    /// `true`, `false` or `word`, which is `None` inside. Wants a source like a number: whether a package has
    /// something is such a figure too.
    pub(crate) fn flag_or(&mut self, key: &'static str, word: &str) -> Option<Option<bool>> {
        let value = self.need(key)?;
        self.numbers.push(key);
        match (value.get_ref().as_bool(), value.get_ref().as_str()) {
            (Some(flag), _) => Some(Some(flag)),
            (None, Some(text)) if text == word => Some(None),
            _ => {
                self.fault(key, format!("expected true, false or \"{word}\""));
                None
            }
        }
    }

    /// One of the words, or a fault that lists them.
    pub(crate) fn word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let value = self.need(key)?;
        let found = value.get_ref().as_str().and_then(|text| words.iter().find(|(word, _)| *word == text));
        if found.is_none() {
            self.fault(key, format!("expected {}", list(words.iter().map(|(word, _)| *word))));
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// A whole number inside `range`.
    pub(crate) fn number<T>(&mut self, key: &'static str, range: RangeInclusive<T>) -> Option<T>
    where
        T: TryFrom<i64> + PartialOrd + std::fmt::Display,
    {
        let value = self.need(key)?;
        self.as_number(key, value.get_ref(), range)
    }

    /// A whole number inside `range`, or `word`, which is `None` inside.
    pub(crate) fn number_or<T>(
        &mut self,
        key: &'static str,
        range: RangeInclusive<T>,
        word: &str,
    ) -> Option<Option<T>>
    where
        T: TryFrom<i64> + PartialOrd + std::fmt::Display,
    {
        let value = self.need(key)?;
        match value.get_ref().as_str() {
            Some(text) if text == word => {
                // "unlimited" and "unknown" are statements about a number and want a source like one.
                self.numbers.push(key);
                Some(None)
            }
            Some(_) => {
                self.fault(key, format!("expected a number or \"{word}\""));
                None
            }
            None => self.as_number(key, value.get_ref(), range).map(Some),
        }
    }

    fn as_number<T>(&mut self, key: &'static str, value: &DeValue<'_>, range: RangeInclusive<T>) -> Option<T>
    where
        T: TryFrom<i64> + PartialOrd + std::fmt::Display,
    {
        self.numbers.push(key);
        let Some(integer) = value.as_integer() else { return self.wrong(key, value, "a whole number") };
        let number =
            i64::from_str_radix(integer.as_str(), integer.radix()).ok().and_then(|n| T::try_from(n).ok());
        match number {
            Some(number) if range.contains(&number) => Some(number),
            _ => {
                self.fault(key, format!("{integer} is not between {} and {}", range.start(), range.end()));
                None
            }
        }
    }

    /// A date, as the midnight in Vietnam at which it begins.
    pub(crate) fn date(&mut self, key: &'static str) -> Option<Timestamp> {
        let value = self.need(key)?;
        self.as_date(key, value)
    }

    /// Outer `None`: there, but wrong.
    pub(crate) fn maybe_date(&mut self, key: &'static str) -> Option<Option<Timestamp>> {
        match self.get(key) {
            None => Some(None),
            Some(value) => self.as_date(key, value).map(Some),
        }
    }

    fn as_date(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Timestamp> {
        let date = value
            .get_ref()
            .as_datetime()
            .filter(|d| d.time.is_none() && d.offset.is_none())
            .and_then(|d| d.to_string().parse::<Date>().ok());
        match date {
            Some(date) => Some(Timestamp::from_vietnam_date(date)),
            None => self.wrong(key, value.get_ref(), "a date like 2024-11-01"),
        }
    }

    /// A list of texts, at least one, none twice.
    pub(crate) fn texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        let value = self.need(key)?;
        let Some(array) = value.get_ref().as_array() else {
            return self.wrong(key, value.get_ref(), "a list of texts");
        };
        let mut texts = Vec::new();
        for item in array.iter() {
            match item.get_ref().as_str() {
                Some("") => self.fault(key, "an item is empty"),
                Some(text) if texts.iter().any(|t| t == text) => {
                    self.fault(key, format!("\"{text}\" stands twice"))
                }
                Some(text) => texts.push(text.to_owned()),
                None => self.fault(key, format!("expected texts, found {}", item.get_ref().type_str())),
            }
        }
        if array.is_empty() {
            self.fault(key, "empty");
        }
        (texts.len() == array.len() && !texts.is_empty()).then_some(texts)
    }

    pub(crate) fn section(&mut self, key: &'static str) -> Option<Section<'r, 'a>> {
        self.need(key)?;
        self.maybe_section(key)
    }

    pub(crate) fn maybe_section(&mut self, key: &'static str) -> Option<Section<'r, 'a>> {
        let value = self.get(key)?;
        match value.get_ref().as_table() {
            Some(table) => Some(Section::new(self.reader, self.path_of(key), table, value.span())),
            None => self.wrong(key, value.get_ref(), "a section"),
        }
    }

    /// The tables of `[[key]]`, at least one.
    pub(crate) fn sections(&mut self, key: &'static str) -> Vec<Section<'r, 'a>> {
        let Some(value) = self.need(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            self.fault(key, format!("expected sections [[{key}]], found {}", value.get_ref().type_str()));
            return Vec::new();
        };
        if array.is_empty() {
            self.fault(key, "empty");
        }
        let mut sections = Vec::new();
        for (nth, item) in array.iter().enumerate() {
            let path = format!("{}[{nth}]", self.path_of(key));
            match item.get_ref().as_table() {
                Some(table) => sections.push(Section::new(self.reader, path, table, item.span())),
                None => self.reader.fault(&item.span(), &path, "expected a section"),
            }
        }
        sections
    }

    /// Refuse what nobody asked for, and numbers without a source. A section with numbers has
    /// `source = { key = "where the number comes from", … }`.
    pub(crate) fn finish(mut self) {
        let mut sources = BTreeMap::new();
        if let Some(value) = self.get("source") {
            match value.get_ref().as_table() {
                None => self.fault("source", "expected a section with one text a number"),
                Some(table) => {
                    for (key, note) in table {
                        let path = self.path_of(&format!("source.{}", key.get_ref()));
                        if !self.numbers.iter().any(|n| *n == key.get_ref().as_ref()) {
                            self.reader.fault(&key.span(), &path, "there is no such number in this section");
                        } else if note.get_ref().as_str().is_none_or(|text| text.trim().is_empty()) {
                            self.reader.fault(&note.span(), &path, "expected a text");
                        }
                        sources.insert(key.get_ref().as_ref(), ());
                    }
                }
            }
        }
        for key in &self.numbers {
            if !sources.contains_key(key) {
                self.fault(key, "the number has no note in `source`");
            }
        }
        for key in self.table.keys() {
            if !self.asked.iter().any(|asked| *asked == key.get_ref().as_ref()) {
                let known = list(self.asked.iter().copied());
                let reason = format!("unknown key, expected {known}");
                self.reader.fault(&key.span(), &self.path_of(key.get_ref()), reason);
            }
        }
    }
}

/// `a`, `b` or `c`.
fn list<'t>(words: impl Iterator<Item = &'t str>) -> String {
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "nothing".to_owned(),
    }
}
