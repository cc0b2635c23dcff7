//! Prints `docs/refusals.md`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a tool of the repository")]

fn main() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let texts = |language: &str| {
        let path = root.join("web/src/i18n").join(format!("{language}.json"));
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    print!("{}", loa_outbound::refusals_markdown(&loa_channels::zalo::codes(), &texts("vi"), &texts("en")));
}
