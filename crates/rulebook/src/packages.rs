//! The platform's packages, dated: what an account of each may do.

use loa_kernel::{Timestamp, fold_vi};

use crate::reader::Section;

/// What an account of a package may do beside sending. `None`: not published, which is neither yes nor no; who
/// gates something by it lets the platform decide, and shows its refusal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PackageCapabilities {
    /// Fields of the OA's own on customers (`rules/people.toml` says how many).
    pub custom_fields: Option<bool>,
    /// Such fields of type table.
    pub table_fields: Option<bool>,
    /// Choosing the columns of the list of customers.
    pub list_columns: Option<bool>,
    /// Labels for many customers at once.
    pub bulk_labels: Option<bool>,
    /// A step of the chatbot that asks a field.
    pub chatbot_conditions: Option<bool>,
}

/// One package of a line-up. `None` figures are not published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Short stable name: "advanced".
    pub key: String,
    /// As the platform calls it: "Nâng cao".
    pub name_vi: String,
    /// In English.
    pub name_en: String,
    /// Consultation messages of a period outside the free window; `Some(0)`: none.
    pub consultations_per_month: Option<u64>,
    /// Whether the account may be used through the OpenAPI.
    pub openapi: Option<bool>,
    /// Requests a minute for one account; `Some(0)` without OpenAPI.
    pub requests_per_minute: Option<u32>,
    /// What else it allows.
    pub capabilities: PackageCapabilities,
}

/// What was sold in a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageLineup {
    /// Its name: "2022-06".
    pub id: String,
    /// First instant of the sale.
    pub effective_from: Timestamp,
    /// First instant after it; `None`: until further notice.
    pub effective_until: Option<Timestamp>,
    /// Smallest first.
    pub packages: Vec<Package>,
}

/// Every line-up, oldest first, and what holds for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packages {
    /// Never empty.
    pub lineups: Vec<PackageLineup>,
    /// Requests a minute for one app over all its accounts.
    pub requests_per_minute_per_app: u32,
}

impl Packages {
    /// What is sold at `now`; before the first line-up the first.
    pub fn lineup(&self, now: Timestamp) -> Option<&PackageLineup> {
        self.lineups.iter().rev().find(|l| l.effective_from <= now).or(self.lineups.first())
    }

    /// The package of this name: its key or either name, letter case, diacritics and a leading "Gói" aside.
    /// What is sold at `now` comes first, then older line-ups, whose packages run on until they end.
    pub fn find(&self, name: &str, now: Timestamp) -> Option<&Package> {
        let folded = fold_vi(name);
        let wanted = folded.strip_prefix("goi ").unwrap_or(&folded);
        let fits = |p: &&Package| [&p.key, &p.name_vi, &p.name_en].into_iter().any(|n| fold_vi(n) == wanted);
        self.lineups
            .iter()
            .rev()
            .filter(|l| l.effective_from <= now)
            .find_map(|l| l.packages.iter().find(fits))
    }

    /// What the package of this name allows, found as by [`find`](Self::find). Of a name that no line-up has,
    /// nothing is known.
    pub fn capabilities(&self, name: &str, now: Timestamp) -> PackageCapabilities {
        self.find(name, now).map(|package| package.capabilities).unwrap_or_default()
    }
}

/// Read the book. `None` when something is wrong; what, is noted in the section's reader.
pub(crate) fn packages(mut root: Section<'_, '_>) -> Option<Packages> {
    root.text("kind");
    let per_app = root.number("requests_per_minute_per_app", 1..=10_000_000);
    let mut lineups: Vec<PackageLineup> = Vec::new();
    let mut complete = true;
    for section in root.sections("lineup") {
        let Some(read) = lineup(section, lineups.last()) else {
            complete = false;
            continue;
        };
        lineups.push(read);
    }
    root.finish();
    complete.then_some(Packages { lineups, requests_per_minute_per_app: per_app? })
}

fn lineup(mut section: Section<'_, '_>, before: Option<&PackageLineup>) -> Option<PackageLineup> {
    let id = section.text("id");
    let from: Option<Timestamp> = section.date("effective_from");
    let until = section.maybe_date("effective_until");
    if let (Some(from), Some(Some(until))) = (&from, &until)
        && until <= from
    {
        section.fault("effective_until", "must be after effective_from");
    }
    if let (Some(before), Some(from)) = (before, &from)
        && before.effective_until != Some(*from)
    {
        section.fault(
            "effective_from",
            format!("must be the effective_until of the line-up before it, \"{}\"", before.id),
        );
    }
    let mut packages: Vec<Package> = Vec::new();
    let mut complete = true;
    for mut item in section.sections("package") {
        let key = item.text("key");
        if let Some(key) = &key
            && packages.iter().any(|p| p.key == *key)
        {
            item.fault("key", format!("\"{}\" stands twice in this line-up", key));
        }
        match package(item, key) {
            Some(package) => packages.push(package),
            None => complete = false,
        }
    }
    section.finish();
    let read = PackageLineup { id: id?, effective_from: from?, effective_until: until?, packages };
    complete.then_some(read)
}

fn package(mut section: Section<'_, '_>, key: Option<String>) -> Option<Package> {
    let name_vi = section.text("name_vi");
    let name_en = section.text("name_en");
    let consultations = section.number_or("consultations_per_month", 0..=1_000_000_000, "unknown");
    let openapi = section.word("openapi", &[("yes", Some(true)), ("no", Some(false)), ("unknown", None)]);
    let requests = section.number_or("requests_per_minute", 0..=10_000_000, "unknown");
    match (openapi, requests) {
        (Some(Some(false)), Some(n)) if n != Some(0) => {
            section.fault("requests_per_minute", "must be 0 in a package without OpenAPI");
        }
        (Some(Some(true)), Some(Some(0))) => {
            section.fault("requests_per_minute", "0 contradicts openapi = \"yes\"");
        }
        _ => {}
    }
    let capabilities = capabilities(&mut section);
    section.finish();
    Some(Package {
        key: key?,
        name_vi: name_vi?,
        name_en: name_en?,
        consultations_per_month: consultations?,
        openapi: openapi?,
        requests_per_minute: requests?,
        capabilities: capabilities?,
    })
}

fn capabilities(section: &mut Section<'_, '_>) -> Option<PackageCapabilities> {
    let custom_fields = section.flag_or("custom_fields", "unknown");
    let table_fields = section.flag_or("table_fields", "unknown");
    let list_columns = section.flag_or("list_columns", "unknown");
    let bulk_labels = section.flag_or("bulk_labels", "unknown");
    let chatbot_conditions = section.flag_or("chatbot_conditions", "unknown");
    if custom_fields == Some(Some(false)) && table_fields == Some(Some(true)) {
        section.fault("table_fields", "there is no table in a package without custom_fields");
    }
    Some(PackageCapabilities {
        custom_fields: custom_fields?,
        table_fields: table_fields?,
        list_columns: list_columns?,
        bulk_labels: bulk_labels?,
        chatbot_conditions: chatbot_conditions?,
    })
}
