//! The rules, one test each. A test names every offence it finds.

#![allow(clippy::unwrap_used, reason = "a test that cannot read the repository fails")]

use std::fs;
use std::path::Path;

use loa_tidy::{ARROWS, ENGINES, PURE, QUERIES, crates, dependencies, files, folder_of, root};

fn none(rule: &str, offences: Vec<String>) {
    assert!(offences.is_empty(), "{rule}:\n  {}", offences.join("\n  "));
}

/// Lines of Rust sources of the given crates that satisfy `bad`; comment lines do not count.
fn lines(which: impl Fn(&str) -> bool, sub: &[&str], bad: impl Fn(&str) -> bool) -> Vec<String> {
    let mut out = Vec::new();
    for krate in crates().into_iter().filter(|c| which(c)) {
        for folder in sub {
            for file in files(&root().join("crates").join(&krate).join(folder), &[".rs"]) {
                for (i, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
                    if !line.trim_start().starts_with("//") && bad(line) {
                        out.push(format!("{}:{}: {}", shown(&file), i + 1, line.trim()));
                    }
                }
            }
        }
    }
    out
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

#[test]
fn arrows_run_upward_only() {
    let mut offences = Vec::new();
    for krate in crates() {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == krate) else {
            offences.push(format!(
                "{krate}: a new crate needs its line in ARROWS and its reason in ARCHITECTURE.md"
            ));
            continue;
        };
        for dep in dependencies(&krate, &["dependencies", "build-dependencies"]) {
            if let Some(folder) = folder_of(&dep)
                && !allowed.contains(&folder)
            {
                offences.push(format!("{krate} -> {folder}"));
            }
        }
    }
    none("an arrow that is not in the plan", offences);
}

#[test]
fn arrows_have_no_circle() {
    // Each crate may only name crates that stand before it in the table.
    for (i, (krate, allowed)) in ARROWS.iter().enumerate() {
        for dep in *allowed {
            assert!(
                ARROWS[..i].iter().any(|(n, _)| n == dep) || *krate == "testkit",
                "{krate} -> {dep} points downward"
            );
        }
    }
}

#[test]
fn pure_crates_know_no_engine() {
    let offences = PURE
        .iter()
        .flat_map(|k| dependencies(k, &["dependencies"]).into_iter().map(move |d| (k, d)))
        .filter(|(_, d)| ENGINES.contains(&d.as_str()))
        .map(|(k, d)| format!("{k} -> {d}"))
        .collect();
    none("a pure crate with an effect", offences);
}

#[test]
fn only_store_writes_queries() {
    let mut offences: Vec<String> = crates()
        .into_iter()
        .filter(|k| !QUERIES.contains(&k.as_str()))
        .flat_map(|k| dependencies(&k, &["dependencies"]).into_iter().map(move |d| (k.clone(), d)))
        .filter(|(_, d)| d.starts_with("sea-") || d == "sqlx")
        .map(|(k, d)| format!("{k} -> {d}"))
        .collect();
    offences.extend(lines(
        |k| !QUERIES.contains(&k) && k != "tidy",
        &["src"],
        |l| l.contains("sea_orm::") || l.contains("sea_query::") || l.contains("sqlx::"),
    ));
    none("a query outside store", offences);
}

#[test]
fn nobody_outside_store_asks_which_database_it_is() {
    let offences = lines(
        |k| !["store", "testdb", "tidy"].contains(&k),
        &["src"],
        |l| {
            l.contains("DatabaseBackend")
                || l.contains("DbBackend")
                || l.contains("is_postgres")
                || l.contains("is_sqlite")
        },
    );
    none("a branch on the database", offences);
}

#[test]
fn only_channels_and_the_sandbox_know_the_wire() {
    let offences = crates()
        .into_iter()
        .filter(|k| !["channels", "zalo-sandbox", "testkit", "zalo"].contains(&k.as_str()))
        .filter(|k| dependencies(k, &["dependencies"]).contains(&"zalo".to_owned()))
        .collect();
    none("the platform's wire types outside channels", offences);
}

#[test]
fn only_the_binaries_read_the_environment() {
    let offences = lines(
        |k| !["loa", "zalo-sandbox", "testdb", "testkit", "tidy"].contains(&k),
        &["src"],
        |l| l.contains("env::var") || l.contains("env::args"),
    );
    none("the environment read below the command line", offences);
    let sandbox = lines(|k| k == "zalo-sandbox", &["src"], |l| l.contains("env::var"));
    none(
        "the sandbox reads the environment outside its main",
        sandbox.into_iter().filter(|l| !l.contains("main.rs")).collect(),
    );
}

#[test]
fn a_capability_never_imports_another() {
    for (a, b) in [("inbox", "customers"), ("customers", "inbox")] {
        assert!(!dependencies(a, &["dependencies"]).contains(&format!("loa-{b}")), "{a} -> {b}");
    }
}

#[test]
fn crates_explain_themselves() {
    let mut offences = Vec::new();
    for krate in crates() {
        let src = root().join("crates").join(&krate).join("src");
        let file = if src.join("lib.rs").exists() { src.join("lib.rs") } else { src.join("main.rs") };
        let text = fs::read_to_string(&file).unwrap();
        let head: String = text.lines().take_while(|l| l.starts_with("//!")).collect::<Vec<_>>().join("\n");
        for part in ["Invariants", "How to add"] {
            if !head.contains(part) {
                offences.push(format!("{}: its head has no \"{part}\"", shown(&file)));
            }
        }
    }
    none("a crate opens with purpose, invariants and how to add one", offences);
}

#[test]
fn nothing_is_hidden_or_left_unfinished() {
    let words = ["#[ignore", "todo!(", "unimplemented!(", "FIXME", "XXX"];
    let mut offences = lines(|k| k != "tidy", &["src", "tests"], |l| words.iter().any(|w| l.contains(w)));
    for file in files(&root().join("web"), &[".ts", ".tsx"]) {
        for (i, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            if ["test.skip(", "it.skip(", "describe.skip(", ".only(", "test.fixme("]
                .iter()
                .any(|w| line.contains(w))
            {
                offences.push(format!("{}:{}: {}", shown(&file), i + 1, line.trim()));
            }
        }
    }
    none("hidden or unfinished work", offences);
}

#[test]
fn files_stay_readable() {
    let generated = |p: &Path| p.to_string_lossy().contains(".gen.");
    let mut offences = Vec::new();
    for file in files(&root().join("crates"), &[".rs"])
        .into_iter()
        .chain(files(&root().join("web"), &[".ts", ".tsx", ".css", ".mjs"]))
    {
        let n = fs::read_to_string(&file).unwrap().lines().count();
        if n > 700 && !generated(&file) {
            offences.push(format!("{}: {n} lines", shown(&file)));
        }
    }
    none("a file of more than 700 lines; look for the seam", offences);
}

#[test]
fn every_dependency_is_explained() {
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    let doc = fs::read_to_string(root().join("docs/dependencies.md")).unwrap_or_default();
    let offences = manifest["workspace"]["dependencies"]
        .as_table()
        .unwrap()
        .keys()
        .filter(|d| folder_of(d).is_none() && !doc.contains(&format!("`{d}`")))
        .cloned()
        .collect();
    none("a dependency without its reason in docs/dependencies.md", offences);
    let package: String = fs::read_to_string(root().join("web/package.json")).unwrap_or_default();
    let mut missing = Vec::new();
    let mut inside = false;
    for line in package.lines() {
        if line.contains("ependencies\"") {
            inside = true;
        } else if line.trim_start().starts_with('}') {
            inside = false;
        } else if inside
            && let Some(name) = line.split('"').nth(1)
            && !doc.contains(&format!("`{name}`"))
        {
            missing.push(name.to_owned());
        }
    }
    none("a web dependency without its reason in docs/dependencies.md", missing);
}
