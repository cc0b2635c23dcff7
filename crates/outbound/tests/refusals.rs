//! The table of refusals for people is the one that is committed, and it is whole.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};

use loa_channels::zalo::codes;
use loa_outbound::{Act, consequence, refusals_markdown};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn texts(language: &str) -> Value {
    let path = root().join("web/src/i18n").join(format!("{language}.json"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_committed_table_is_up_to_date() {
    let made = refusals_markdown(&codes(), &texts("vi"), &texts("en"));
    let committed = fs::read_to_string(root().join("docs/refusals.md")).unwrap_or_default();
    assert!(made == committed, "docs/refusals.md is old: run `make codegen`");
}

#[test]
fn every_number_has_a_text_in_both_languages_and_a_remedy() {
    for language in ["vi", "en"] {
        let texts = texts(language);
        for code in codes() {
            let follows = consequence(code.meaning);
            let text = texts["refusals"][follows.reason].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{language}: {} {}", code.code, follows.reason);
            assert!(!follows.act.doc().is_empty());
        }
    }
    // The design-relevant numbers of the platform reference, §17.4, all have a reading of their own.
    for number in [-320, -321, -230, -232, -213, -244, -224, -32, -220, -216, -212, -223, -211, -218] {
        let code = codes().into_iter().find(|code| code.code == number).unwrap();
        assert_ne!(consequence(code.meaning).act, Act::ReadIt, "{number}");
    }
}
