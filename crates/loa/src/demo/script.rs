//! The demo's people and what they said, made from `demo/*.toml` and a seed: the same every time but for the
//! instants, which lie in the last weeks.

use std::collections::BTreeMap;

use anyhow::Context;
use loa_kernel::{SeededRandom, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

const CUSTOMERS: usize = 300;
/// About how many messages all customers' talks have together.
const MESSAGES: usize = 2_000;
const DAYS: u64 = 26;
const MINUTE: i64 = 60_000;

/// The accounts and what is said in them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// The accounts.
    #[serde(rename = "account")]
    pub accounts: Vec<Account>,
}

/// One account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// What it says about itself.
    pub description: String,
    /// The package it bought.
    pub package: String,
    /// Consultation messages a month.
    pub quota_total: u64,
    /// Used of them.
    pub quota_used: u64,
    dialogue: Vec<Dialogue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dialogue {
    lines: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    family: Vec<String>,
    middle: Vec<String>,
    given: Vec<String>,
    long: Vec<String>,
}

/// Read the script that is part of the program.
pub fn load() -> anyhow::Result<Script> {
    toml::from_str(include_str!("../../demo/dialogues.toml")).context("demo/dialogues.toml")
}

/// The platform's id of the `i`-th account.
pub fn oa_id(i: usize) -> String {
    format!("{}", 3_330_000_000_000_000_001u64 + i as u64)
}

/// The body for the sandbox's seed call: app, accounts, people, talks that end before `now`.
pub fn seed(script: &Script, app: &Value, with_past: bool, now: Timestamp) -> anyhow::Result<Value> {
    let names: Names = toml::from_str(include_str!("../../demo/names.toml")).context("demo/names.toml")?;
    let dice = SeededRandom::new(2024);
    let oas: Vec<Value> = script.accounts.iter().enumerate().map(|(i, a)| account(i, a)).collect();
    let mut users = Vec::new();
    let mut written = 0;
    for n in 0..if with_past { CUSTOMERS } else { 0 } {
        let at = usize::try_from(dice.below(100))?;
        // Seven of ten write to the shop, the others to the clinic.
        let oa = if at < 70 { 0 } else { 1 };
        let (name, given) = name(&names, &dice, n);
        let talks = talks(written, n);
        let dialogues = &script.accounts[oa].dialogue;
        let mut messages = Vec::new();
        let mut end = when(&dice, n, now);
        for _ in 0..talks {
            let dialogue = &dialogues[usize::try_from(dice.below(dialogues.len() as u64))?];
            let talk = talk(dialogue, &given, &dice, end);
            let first = talk.first().and_then(|m| m["at"].as_i64()).unwrap_or(end.as_ms());
            messages.splice(0..0, talk);
            end = Timestamp(first).plus_ms(-i64::try_from(1 + dice.below(4 * 24 * 60))? * MINUTE);
        }
        written += messages.len();
        users.push(json!({
            "name": name,
            "threads": [{"oa_id": oa_id(oa), "follower": dice.below(10) < 8, "messages": messages}],
        }));
    }
    Ok(json!({"apps": [app], "oas": oas, "users": users}))
}

fn account(i: usize, a: &Account) -> Value {
    json!({
        "id": oa_id(i),
        "name": a.name,
        "description": a.description,
        "edition": "messaging-2024-11",
        "hue": if i.is_multiple_of(2) { 24 } else { 190 },
        "package": {"name": a.package, "total": a.quota_total, "used": a.quota_used},
        "zca": {"linked": i.is_multiple_of(2), "balance_vnd": 500_000},
    })
}

/// How many talks the `n`-th customer had, so that all together come to about [`MESSAGES`].
fn talks(written: usize, n: usize) -> usize {
    let left = MESSAGES.saturating_sub(written);
    let each = left as f64 / (CUSTOMERS - n) as f64;
    // A talk has five messages on average.
    (each / 5.0).round().clamp(1.0, 4.0) as usize
}

/// When the last talk ended: a few just now, most in the last days, the rest over the weeks.
fn when(dice: &SeededRandom, n: usize, now: Timestamp) -> Timestamp {
    let minutes = match n % 10 {
        0 => 2 + dice.below(90),
        1..=4 => 90 + dice.below(2 * 24 * 60),
        _ => 2 * 24 * 60 + dice.below((DAYS - 2) * 24 * 60),
    };
    now.plus_ms(-(minutes as i64) * MINUTE)
}

fn name(names: &Names, dice: &SeededRandom, n: usize) -> (String, String) {
    let pick = |list: &[String]| list[dice.below(list.len() as u64) as usize].clone();
    let given = pick(&names.given);
    if n % 60 == 59 {
        return (names.long[(n / 60) % names.long.len()].clone(), "mình".into());
    }
    (format!("{} {} {given}", pick(&names.family), pick(&names.middle)), given)
}

fn talk(dialogue: &Dialogue, given: &str, dice: &SeededRandom, end: Timestamp) -> Vec<Value> {
    // Some talks break off: the customer wrote last and waits.
    let lines = match dice.below(6) {
        0 => dialogue.lines.iter().rposition(|l| l.starts_with("k:")).map_or(dialogue.lines.len(), |i| i + 1),
        _ => dialogue.lines.len(),
    };
    let mut at = end;
    let mut out: Vec<Value> = dialogue.lines[..lines]
        .iter()
        .rev()
        .map(|line| {
            let (who, what) = line.split_once(": ").unwrap_or(("k", line));
            let mut message = content(what, given, dice);
            message.insert("at".into(), at.as_ms().into());
            let by_shop = who == "s";
            message.insert("by".into(), if by_shop { "tool" } else { "user" }.into());
            at = at.plus_ms(-(20_000 + dice.below(5 * 60_000) as i64));
            Value::Object(message.into_iter().collect())
        })
        .collect();
    out.reverse();
    out
}

fn content(what: &str, given: &str, dice: &SeededRandom) -> BTreeMap<String, Value> {
    let pairs: Vec<(&str, Value)> = match what {
        "<image>" => vec![("kind", "image".into()), ("photo", dice.below(1000).into())],
        "<sticker>" => vec![("kind", "sticker".into()), ("sticker_id", "bfe458bf64fa8da4d4eb".into())],
        "<location>" => {
            vec![("kind", "location".into()), ("latitude", 10.7769.into()), ("longitude", 106.7009.into())]
        }
        "<file>" => vec![
            ("kind", "file".into()),
            ("url", "https://example.com/so-do-doi-be-trap.csv".into()),
            ("name", "Số đo đội bê tráp.csv".into()),
            ("size", 18_432.into()),
        ],
        text => vec![("text", text.replace("{ten}", given).into())],
    };
    pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_makes_a_believable_past() {
        let script = load().unwrap();
        assert_eq!(script.accounts.len(), 2);
        let now = Timestamp::from_ms(1_790_000_000_000);
        let seed = seed(&script, &json!({"id": "1"}), true, now).unwrap();
        let users = seed["users"].as_array().unwrap();
        assert_eq!(users.len(), CUSTOMERS);
        let messages: Vec<&Value> =
            users.iter().flat_map(|u| u["threads"][0]["messages"].as_array().unwrap()).collect();
        assert!((1_800..2_300).contains(&messages.len()), "{} messages", messages.len());
        for user in users {
            let times: Vec<i64> = user["threads"][0]["messages"]
                .as_array()
                .unwrap()
                .iter()
                .map(|m| m["at"].as_i64().unwrap())
                .collect();
            assert!(times.is_sorted(), "a talk goes forward");
            assert!(times.iter().all(|t| *t < now.as_ms()));
        }
        let again = super::seed(&script, &json!({"id": "1"}), true, now).unwrap();
        assert_eq!(seed, again, "the same seed tells the same story");
    }
}
