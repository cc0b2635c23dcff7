//! The rules of the house, executable. `cargo test -p loa-tidy` fails when an arrow points the wrong way or
//! a "never" of ARCHITECTURE.md is broken.
//!
//! Invariants:
//! - An edge between crates that is not in [`ARROWS`] does not exist.
//! - A pure crate never depends on an engine ([`ENGINES`]).
//! - A rule is checked on every file that git would keep, not on a hand-kept list.
//!
//! How to add a rule: one test in `tests/house.rs` that collects all offences before it fails, so that one
//! run names them all. How to add a crate: one line in [`ARROWS`] with the crates it may name.

use std::fs;
use std::path::{Path, PathBuf};

/// Who may depend on whom (folder names under `crates/`, normal and build dependencies).
/// `kernel <- rulebook, filter, sheet, hours, zalo <- store, stream <- channels <- inbox, customers <- intake, outbound <- server <- loa`;
/// `http` is the axum glue that every router shares and stands below `channels`.
pub const ARROWS: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("tidy", &[]),
    ("rulebook", &["kernel"]),
    ("zalo", &[]),
    ("http", &["kernel"]),
    ("hours", &["kernel"]),
    ("filter", &["kernel"]),
    ("sheet", &[]),
    ("store", &["kernel", "rulebook", "filter"]),
    ("stream", &["kernel"]),
    ("testdb", &["kernel", "store"]),
    ("zalo-sandbox", &["kernel", "rulebook", "zalo"]),
    ("channels", &["kernel", "rulebook", "zalo", "http", "store", "stream"]),
    ("inbox", &["kernel", "rulebook", "hours", "http", "store", "stream", "channels"]),
    ("customers", &["kernel", "rulebook", "filter", "sheet", "http", "store", "stream", "channels"]),
    ("intake", &["kernel", "rulebook", "hours", "http", "store", "stream", "channels", "inbox", "customers"]),
    (
        "outbound",
        &["kernel", "rulebook", "hours", "http", "store", "stream", "channels", "inbox", "customers"],
    ),
    (
        "server",
        &[
            "kernel",
            "rulebook",
            "http",
            "store",
            "stream",
            "channels",
            "inbox",
            "customers",
            "intake",
            "outbound",
        ],
    ),
    (
        "loa",
        &[
            "kernel",
            "rulebook",
            "http",
            "store",
            "stream",
            "channels",
            "inbox",
            "customers",
            "intake",
            "outbound",
            "server",
            "zalo-sandbox",
        ],
    ),
    (
        "testkit",
        &[
            "kernel",
            "rulebook",
            "store",
            "stream",
            "channels",
            "inbox",
            "customers",
            "intake",
            "outbound",
            "server",
            "testdb",
            "zalo",
            "zalo-sandbox",
        ],
    ),
];

/// Crates without effects: no engine, no clock, no randomness.
pub const PURE: &[&str] = &["kernel", "rulebook", "filter", "sheet", "hours"];

/// Dependencies that mean effects.
pub const ENGINES: &[&str] = &[
    "tokio",
    "sqlx",
    "sea-orm",
    "sea-orm-migration",
    "reqwest",
    "axum",
    "tower",
    "getrandom",
    "rand",
    "redb",
    "object_store",
    "governor",
    "futures",
    "tracing",
];

/// Crates that may write queries: the store, the event log's own file, and the test databases.
pub const QUERIES: &[&str] = &["store", "stream", "testdb"];

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").components().collect()
}

/// Every file below `folder` with one of the endings, build output and packages left out; sorted.
pub fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(dir) = waiting.pop() {
        for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !["target", "node_modules", "dist", ".git", "test-results", "playwright-report"]
                    .contains(&name.as_str())
                {
                    waiting.push(path);
                }
            } else if endings.iter().any(|e| name.ends_with(e)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The folder names of all crates.
pub fn crates() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join("crates"))
        .into_iter()
        .flatten()
        .flatten()
        .filter(|e| e.path().join("Cargo.toml").exists())
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The names in the given tables of a crate's manifest.
pub fn dependencies(krate: &str, tables: &[&str]) -> Vec<String> {
    let path = root().join("crates").join(krate).join("Cargo.toml");
    let manifest: toml::Table = fs::read_to_string(&path)
        .ok()
        .and_then(|t| t.parse().ok())
        .unwrap_or_else(|| panic!("{}: not TOML", path.display()));
    tables
        .iter()
        .filter_map(|t| manifest.get(*t)?.as_table())
        .flat_map(|t| t.keys().cloned().collect::<Vec<_>>())
        .collect()
}

/// The folder of a crate of ours, from its package name.
pub fn folder_of(package: &str) -> Option<&str> {
    let folder = package.strip_prefix("loa-").unwrap_or(package);
    ARROWS.iter().map(|(f, _)| *f).find(|f| *f == folder)
}
