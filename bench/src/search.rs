//! Search in 5,000,000 messages and among 1,000,000 customers, through the API.
//!
//! Words follow the law of natural texts: the n-th most frequent one is n times as rare as the first. Names are put
//! together as Vietnamese ones are, so that two fifths of all customers share a family name.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use loa_inbox::search::terms::Wording;
use loa_kernel::{fold_vi, words_vi};
use loa_store::Store;
use loa_store::entity::{conversations, customer_identities, customers, messages};
use loa_store::search::{self as index, Wanted};
use sea_orm::{EntityTrait, IntoActiveModel, PaginatorTrait};

use crate::Bench;
use crate::floor::rows_for;
use crate::http::{Connection, request};
use crate::report::{Row, ms};
use crate::world::{World, get_json};

const PER_CUSTOMER: u64 = 5;
const REQUESTS: usize = 400;
/// A kind that is this slow has shown it with fewer requests.
const LONGEST: Duration = Duration::from_secs(60);
/// The index has this long to read everything.
const INDEXING: Duration = Duration::from_secs(7_200);
/// Distinct syllables; Vietnamese has some 7,000, of which half are common.
const SYLLABLES: u64 = 4_000;
const START: i64 = 1_700_000_000_000;

const FAMILIES: [(&str, u64); 8] = [
    ("Nguyễn", 38),
    ("Trần", 49),
    ("Lê", 59),
    ("Phạm", 66),
    ("Hoàng", 71),
    ("Vũ", 75),
    ("Đặng", 78),
    ("Bùi", 80),
];
const MIDDLES: [&str; 6] = ["Thị", "Văn", "Ngọc", "Minh", "Thanh", "Đức"];

/// Stands in one of 100,000 messages.
const RARE: &str = "zxhiem";

/// The i-th query, as it is typed.
type QueryOf = Box<dyn Fn(usize) -> String>;

/// A number that follows from `n` alone, evenly spread.
pub fn mixed(n: u64) -> u64 {
    let mut x = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The n-th syllable, the most frequent first.
pub fn syllable(n: u64) -> String {
    const FIRST: [&str; 20] = [
        "ch", "t", "kh", "ng", "b", "m", "h", "l", "nh", "th", "đ", "v", "tr", "ph", "s", "x", "g", "r", "c",
        "qu",
    ];
    const MIDDLE: [&str; 16] =
        ["a", "ô", "ê", "iê", "ươ", "o", "â", "i", "u", "ă", "uô", "ơ", "e", "y", "oa", "ư"];
    const LAST: [&str; 13] = ["o", "ng", "n", "t", "i", "c", "m", "", "nh", "p", "ch", "y", "u"];
    let (a, b, c) = (n % 20, n / 20 % 16, n / 320 % 13);
    format!("{}{}{}", FIRST[a as usize], MIDDLE[b as usize], LAST[c as usize])
}

/// A rank from 0 by the law: `e^(u·ln N)` for an even `u` is as good as a table here.
fn rank(seed: u64) -> u64 {
    let even = (mixed(seed) >> 11) as f64 / (1_u64 << 53) as f64;
    ((SYLLABLES as f64).powf(even) as u64).saturating_sub(1).min(SYLLABLES - 1)
}

fn text(n: u64) -> String {
    let words = 5 + mixed(n) % 14;
    let mut said: Vec<String> = (0..words).map(|w| syllable(rank(n * 32 + w))).collect();
    // Once in 100,000 messages, and an order's number in every tenth.
    if n.is_multiple_of(100_000) {
        said.push(RARE.into());
    }
    if n.is_multiple_of(10) {
        said.push(format!("DH{n:09}"));
    }
    said.join(" ")
}

/// The name of customer `k`.
pub fn name(k: u64) -> String {
    let draw = mixed(k ^ 0xabcd) % 80;
    let family = FAMILIES.iter().find(|(_, upto)| draw < *upto).map_or("Ngô", |(family, _)| family);
    let middle = MIDDLES[(mixed(k ^ 0x77) % 6) as usize];
    let mut given = syllable(rank(k.wrapping_mul(7) ^ 0x1234));
    if let Some(first) = given.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    format!("{family} {middle} {given}")
}

/// Measure on each database.
pub async fn run(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for engine in bench.engines() {
        let people = bench.scaled(1_000_000);
        let said = people * PER_CUSTOMER;
        let world = World::make(&bench.loa, &engine, 4).await?;
        fill(&world, people).await?;
        world.settle().await?;
        let product = world.start(&bench.loa).await?;
        let mut connection = Connection::open(product.port).await?;
        let engine = engine.name();
        let begun = Instant::now();
        indexed(&mut connection, &world).await?;
        let took = begun.elapsed().as_secs_f64();
        world.settle().await?;
        rows.push(Row {
            what: format!("{engine}: reading {said} messages and {people} customers into the index"),
            result: format!("{:.0} s, {:.0} messages/s", took, said as f64 / took),
            floor: String::new(),
            ratio: String::new(),
            goal: String::new(),
            met: None,
        });
        let store = world.store().await?;
        let newest = said - 1;
        let deep = deep(&mut connection, &world, &syllable(0)).await?;
        let kinds: Vec<(&str, QueryOf, &str)> = vec![
            ("a common word", Box::new(|i| syllable(i as u64 % 20)), ""),
            ("a common word, page 20", Box::new(|_| syllable(0)), &deep),
            ("a word of the middle", Box::new(|i| syllable(200 + i as u64 * 7 % 400)), ""),
            ("a rare word", Box::new(|_| RARE.into()), ""),
            (
                "an order's number",
                Box::new(move |i| format!("DH{:09}", mixed(i as u64) % newest / 10 * 10)),
                "",
            ),
            ("a word that is not there", Box::new(|i| format!("qqz{i}")), ""),
            ("a beginning of two letters", Box::new(|i| ["ch", "kh", "ng", "th", "tr"][i % 5].into()), ""),
            (
                "two common words",
                Box::new(|i| format!("{} {}", syllable(i as u64 % 9), syllable(9 + i as u64 % 7))),
                "",
            ),
            ("a common and a rare word", Box::new(|i| format!("{} {RARE}", syllable(i as u64 % 9))), ""),
            (
                "two words of the middle",
                Box::new(|i| format!("{} {}", syllable(100 + i as u64 % 50), syllable(160 + i as u64 % 70))),
                "",
            ),
            (
                "a phrase",
                Box::new(move |i| {
                    // Two neighbours out of some message.
                    let text = text(mixed(i as u64) % newest);
                    let two: Vec<&str> = text.split(' ').take(2).collect();
                    format!("\"{}\"", two.join(" "))
                }),
                "",
            ),
            (
                "a word on one channel before a day",
                Box::new(|i| format!("{} in:\"OA 1\" before:2024-06-01", syllable(i as u64 % 40))),
                "",
            ),
        ];
        for (what, query, after) in kinds {
            let floor = bare(&store, &world, &query).await?;
            let path = move |i: usize| format!("/api/search?limit=30&q={}{after}", url(&query(i)));
            rows.push(
                measure(&mut connection, &world, &format!("{engine}: {what}"), 100, path, Some(floor))
                    .await?,
            );
        }
        let given = move |i: usize| url(&syllable(rank((i as u64).wrapping_mul(7) ^ 0x1234)));
        let names: Vec<(&str, QueryOf)> = vec![
            ("a family name", Box::new(|i| url(FAMILIES[i % 8].0))),
            ("a given name", Box::new(given)),
            ("family and given name", Box::new(move |i| format!("{}+{}", url(FAMILIES[i % 8].0), given(i)))),
            ("a whole name", Box::new(move |i| url(&name(mixed(i as u64) % people)))),
            ("a beginning of two letters", Box::new(|i| ["ng", "tr", "th", "ho"][i % 4].into())),
        ];
        for (what, q) in names {
            for list in ["customers", "conversations"] {
                let q = |i: usize| format!("/api/{list}?limit=50&q={}", q(i));
                let what = format!("{engine}: {list} by {what}");
                rows.push(measure(&mut connection, &world, &what, 50, q, None).await?);
            }
        }
        store.close().await?;
    }
    Ok(rows)
}

async fn measure(
    connection: &mut Connection,
    world: &World,
    what: &str,
    goal: u64,
    path: impl Fn(usize) -> String,
    floor: Option<u64>,
) -> anyhow::Result<Row> {
    let mut histogram = Histogram::<u64>::new_with_bounds(1, 60_000_000, 3)?;
    let mut found = 0;
    let begun = Instant::now();
    for i in (0..REQUESTS).take_while(|_| begun.elapsed() < LONGEST) {
        let asked = Instant::now();
        let (status, body) =
            connection.call(&request("GET", &path(i), std::slice::from_ref(&world.cookie), b"")).await?;
        histogram.record(asked.elapsed().as_micros() as u64)?;
        anyhow::ensure!(status == 200, "{} answered {status}: {}", path(i), String::from_utf8_lossy(&body));
        let answer: serde_json::Value = serde_json::from_slice(&body)?;
        found += answer["items"].as_array().map_or(0, Vec::len);
    }
    let average = found as f64 / histogram.len() as f64;
    let row = Row::answers(format!("{what} ({average:.0} found)"), &histogram, goal);
    let Some(floor) = floor else { return Ok(row) };
    let ratio = format!("{:.1}×", histogram.value_at_quantile(0.5) as f64 / floor as f64);
    Ok(Row { floor: ms(floor), ratio, ..row })
}

/// The floor: the bare question to the index, with the words of the query and nothing around it; microseconds, median.
async fn bare(store: &Store, world: &World, query: &QueryOf) -> anyhow::Result<u64> {
    let mut histogram = Histogram::<u64>::new_with_bounds(1, 60_000_000, 3)?;
    for i in 0..50 {
        let words = words_vi(&query(i).replace("in:\"OA 1\" before:2024-06-01", ""));
        let all = words.into_iter().flat_map(|word| Wording::Begins(word.folded).terms());
        let wanted = Wanted { all: all.map(|term| vec![term]).collect(), limit: 31, ..Wanted::default() };
        let asked = Instant::now();
        index::slots(store.reader(), world.workspace, &wanted).await?;
        histogram.record(asked.elapsed().as_micros() as u64)?;
    }
    Ok(histogram.value_at_quantile(0.5))
}

async fn deep(connection: &mut Connection, world: &World, word: &str) -> anyhow::Result<String> {
    let mut cursor = String::new();
    for _ in 0..20 {
        let path = format!("/api/search?limit=30&q={}{cursor}", url(word));
        match get_json(connection, &path, &world.cookie).await?["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    Ok(cursor)
}

/// Wait until everything is in the index.
async fn indexed(connection: &mut Connection, world: &World) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let answer = get_json(connection, &format!("/api/search?q={RARE}"), &world.cookie).await?;
        if answer["indexing"] == false {
            return Ok(());
        }
        anyhow::ensure!(begun.elapsed() < INDEXING, "the index is not ready after {INDEXING:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

fn url(text: &str) -> String {
    let byte = |b: u8| match b {
        b' ' => "+".to_owned(),
        b if b.is_ascii_alphanumeric() => (b as char).to_string(),
        b => format!("%{b:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// Fill the database by sets, as fast as the machine writes. Each customer writes now and then over two years.
async fn fill(world: &World, people: u64) -> anyhow::Result<()> {
    let store = world.store().await?;
    const SET: u64 = 500;
    let spread = 730 * 86_400_000 / people.max(1);
    for at in 0..PER_CUSTOMER {
        let mut k = 0;
        while k < people {
            let tx = store.begin().await?;
            // Twenty sets a transaction: what is measured is reading, so the filling need not be durable often.
            for _ in 0..20 {
                let (mut c, mut i, mut v, mut m) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
                for k in k..(k + SET).min(people) {
                    let n = at * people + k;
                    let instant =
                        START + (k * spread / PER_CUSTOMER + at * people * spread / PER_CUSTOMER) as i64;
                    let mut rows = rows_for(world, k, n, instant);
                    rows.message.text = Some(text(n));
                    m.push(rows.message.into_active_model());
                    if at == PER_CUSTOMER - 1 {
                        rows.customer.display_name = name(k);
                        rows.customer.name_folded = fold_vi(&rows.customer.display_name);
                        c.push(rows.customer.into_active_model());
                        i.push(rows.identity.into_active_model());
                        v.push(rows.conversation.into_active_model());
                    }
                }
                if m.is_empty() {
                    break;
                }
                messages::Entity::insert_many(m).exec_without_returning(&tx).await?;
                if !c.is_empty() {
                    customers::Entity::insert_many(c).exec_without_returning(&tx).await?;
                    customer_identities::Entity::insert_many(i).exec_without_returning(&tx).await?;
                    conversations::Entity::insert_many(v).exec_without_returning(&tx).await?;
                }
                k += SET;
            }
            tx.commit().await?;
        }
    }
    let there = messages::Entity::find().count(store.reader()).await?;
    anyhow::ensure!(there == people * PER_CUSTOMER, "{there} messages");
    Ok(store.close().await?)
}
