//! The committed description is the one the program serves.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

use std::path::Path;

/// Writes what it should be beside the build's other results, so that a difference can be looked at and taken over.
#[test]
fn the_committed_description_is_current() {
    let current = serde_json::to_string_pretty(&loa_server::openapi()).unwrap() + "\n";
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/loa.json");
    let found = std::fs::read_to_string(&committed).unwrap_or_default();
    if found != current {
        let wanted = Path::new(env!("CARGO_TARGET_TMPDIR")).join("loa.json");
        std::fs::write(&wanted, &current).unwrap();
        panic!(
            "openapi/loa.json is not what the program serves; `make codegen` writes it (what it should be lies in {})",
            wanted.display()
        );
    }
}

/// Clients are generated from it, so every operation has a name of its own and says how it refuses.
#[test]
fn operations_are_named_and_refuse_alike() {
    let api = serde_json::to_value(loa_server::openapi()).unwrap();
    let mut names = std::collections::BTreeSet::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap_or_default();
            assert!(!name.is_empty() && names.insert(name.to_owned()), "{method} {path}: {name:?}");
            assert!(operation["responses"]["default"].is_object(), "{method} {path}");
            assert!(!operation["tags"].as_array().unwrap().is_empty(), "{method} {path}");
        }
    }
    // Whatever is referred to is there.
    let text = api.to_string();
    let schemas = api["components"]["schemas"].as_object().unwrap();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name} is referred to and not described");
    }
}
