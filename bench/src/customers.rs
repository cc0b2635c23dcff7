//! Filters over 1,000,000 customers with twenty filled fields and three labels each: how long a count and a first page take,
//! beside the same filter as SQL (features reference §6; `docs/benchmarks.md`).

use std::time::Instant;

use hdrhistogram::Histogram;
use loa_filter::{Catalogue, DateFormat, Field, FieldKind, Known, Label, Node, Options, check};
use loa_kernel::{CustomerId, FieldId, LabelColour, LabelId, LabelKind, Timestamp, fold_vi};
use loa_store::Store;
use loa_store::customers::details::{self, Details};
use loa_store::customers::fields::{self, CustomerField, Privacy};
use loa_store::customers::records::key;
use loa_store::customers::select;
use loa_store::entity::{conversations, customer_identities, customer_labels, customers};
use loa_store::labels::{self, NewLabel};
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use crate::Bench;
use crate::floor::rows_for;
use crate::http::{Connection, request};
use crate::report::{Row, ms};
use crate::search::{mixed, name, syllable};
use crate::world::World;

const QUESTIONS: usize = 300;
/// Questions to the database itself, which takes its time.
const FLOORS: usize = 15;
const LABELS: u64 = 30;
const LABELS_EACH: u64 = 3;
/// Ten texts, seven numbers, two instants and a truth.
const KINDS: [(FieldKind, u64); 4] =
    [(FieldKind::Text, 10), (FieldKind::Number, 7), (FieldKind::Datetime, 2), (FieldKind::Boolean, 1)];
/// Different texts of a field.
const WORDS: u64 = 500;
/// The day before which everything happened: 25 November 2026.
const NOW: i64 = 1_795_539_600_000;
const DAY: i64 = 86_400_000;

/// A field of the bench: the `n`-th of its kind.
fn field(kind: FieldKind, n: u64) -> CustomerField {
    let key = format!("{kind:?}_{n}").to_lowercase();
    CustomerField {
        id: FieldId::derived(Timestamp::EPOCH, &[key.as_bytes()]),
        label: key.clone(),
        key,
        kind,
        help: None,
        keys: Vec::new(),
        format: DateFormat::default(),
        privacy: Privacy::Open,
        mask: None,
        position: 0,
        created_by: None,
        created_at: Timestamp::EPOCH,
    }
}

fn all_fields() -> Vec<CustomerField> {
    KINDS.iter().flat_map(|(kind, count)| (0..*count).map(|n| field(*kind, n))).collect()
}

fn label(n: u64) -> LabelId {
    LabelId::derived(Timestamp::EPOCH, &[b"label", &n.to_be_bytes()])
}

/// What customer `k` has in the `at`-th field.
fn value(k: u64, at: u64, kind: FieldKind) -> Known {
    let draw = mixed(k.wrapping_mul(31).wrapping_add(at));
    match kind {
        FieldKind::Text => {
            let text = format!("{} {}", syllable(draw % WORDS), syllable(draw / WORDS % 40));
            Known { fact: fold_vi(&text).into(), written: Some(text.into()) }
        }
        FieldKind::Number => Known { fact: ((draw % 10_000) as i64 * 1000).into(), written: None },
        FieldKind::Datetime => Known { fact: (NOW - (draw % 730) as i64 * DAY).into(), written: None },
        _ => Known { fact: draw.is_multiple_of(3).into(), written: None },
    }
}

/// The i-th filter: five conditions of four kinds, now and then with "or".
fn filter(i: usize) -> Value {
    let draw = |n: u64| mixed(i as u64 * 64 + n);
    let of = |kind: FieldKind, n: u64| field(kind, n).id.to_string();
    let labels = [label(draw(0) % LABELS), label(draw(1) % LABELS)];
    let labelled = json!({ "field": key::LABELS, "op": "any_of", "value": labels });
    let text = json!({ "field": of(FieldKind::Text, draw(2) % 10), "op": "contains", "value": syllable(draw(3) % 40) });
    let number = json!({ "field": of(FieldKind::Number, draw(4) % 7), "op": "ge", "value": draw(5) % 6000 });
    let time = json!({ "field": of(FieldKind::Datetime, draw(6) % 2), "op": "in_last", "value": 30 + draw(7) % 600 });
    let truth = json!({ "field": of(FieldKind::Boolean, 0), "op": "is", "value": draw(8) % 2 == 0 });
    match i % 3 {
        0 => json!({ "all": [labelled, text, number, time, truth] }),
        1 => json!({ "all": [{ "any": [labelled, text] }, number, time, truth] }),
        _ => json!({ "any": [{ "all": [labelled, number] }, { "all": [text, time, truth] }] }),
    }
}

/// Measure on each database.
pub async fn run(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for engine in bench.engines() {
        let people = bench.scaled(1_000_000);
        let world = World::make(&bench.loa, &engine, 4).await?;
        fill(&world, people).await?;
        world.settle().await?;
        let product = world.start(&bench.loa).await?;
        let mut connection = Connection::open(product.port).await?;
        let engine = engine.name();
        let begun = Instant::now();
        ask(&mut connection, &world, &json!({ "limit": 0 })).await?;
        rows.push(Row {
            what: format!("{engine}: reading {people} customers into memory, at the first question"),
            result: format!("{:.1} s", begun.elapsed().as_secs_f64()),
            floor: String::new(),
            ratio: String::new(),
            goal: String::new(),
            met: None,
        });
        let store = world.store().await?;
        let floor = floor(&store, &world).await?;
        let counted = |i: usize| json!({ "filter": filter(i), "limit": 0 });
        let what = format!("{engine}: count of a filter of five conditions");
        rows.push(measure(&mut connection, &world, &what, 200, counted, Some(floor)).await?);
        let paged = |i: usize| json!({ "filter": filter(i), "limit": 50 });
        let what = format!("{engine}: first page of 50 of the same");
        rows.push(measure(&mut connection, &world, &what, 100, paged, Some(floor)).await?);
        let named = move |i: usize| json!({ "q": name(mixed(i as u64) % people), "limit": 50 });
        let what = format!("{engine}: by a whole name");
        rows.push(measure(&mut connection, &world, &what, 50, named, None).await?);
        let family = |i: usize| json!({ "q": (["nguyễn", "trần", "lê thị"][i % 3]), "limit": 50 });
        let what = format!("{engine}: by a common name");
        rows.push(measure(&mut connection, &world, &what, 50, family, None).await?);
        let phoned = move |i: usize| json!({ "q": phone(mixed(i as u64) % people), "limit": 50 });
        let what = format!("{engine}: by a phone number");
        rows.push(measure(&mut connection, &world, &what, 50, phoned, None).await?);
        store.close().await?;
    }
    Ok(rows)
}

async fn ask(connection: &mut Connection, world: &World, query: &Value) -> anyhow::Result<Value> {
    let headers = [world.cookie.clone(), "content-type: application/json".into(), "x-loa: 1".into()];
    let body = query.to_string();
    let (status, answer) =
        connection.call(&request("POST", "/api/customers/query", &headers, body.as_bytes())).await?;
    anyhow::ensure!(status == 200, "{body} answered {status}: {}", String::from_utf8_lossy(&answer));
    Ok(serde_json::from_slice(&answer)?)
}

async fn measure(
    connection: &mut Connection,
    world: &World,
    what: &str,
    goal: u64,
    query: impl Fn(usize) -> Value,
    floor: Option<u64>,
) -> anyhow::Result<Row> {
    let mut histogram = Histogram::<u64>::new_with_bounds(1, 60_000_000, 3)?;
    let mut found = 0;
    for i in 0..QUESTIONS {
        let query = query(i);
        let asked = Instant::now();
        let answer = ask(connection, world, &query).await?;
        histogram.record(asked.elapsed().as_micros() as u64)?;
        found += answer["total"].as_u64().unwrap_or(0);
    }
    let row = Row::answers(format!("{what} ({} found)", found / QUESTIONS as u64), &histogram, goal);
    let Some(floor) = floor else { return Ok(row) };
    let ratio = format!("{:.3}×", histogram.value_at_quantile(0.5) as f64 / floor as f64);
    Ok(Row { floor: format!("{} as SQL", ms(floor)), ratio, ..row })
}

/// The same filters as SQL, counted by the database; microseconds, median.
async fn floor(store: &Store, world: &World) -> anyhow::Result<u64> {
    let plain = |key: &str, kind: FieldKind| Field::plain(key, Label::same(key), kind);
    let options = (0..LABELS).map(|n| (label(n).to_string(), Label::same("")));
    let mut known: Vec<Field> =
        all_fields().iter().map(|field| plain(&field.id.to_string(), field.kind)).collect();
    known.push(Field { options: Options::new(options.collect()), ..plain(key::LABELS, FieldKind::Set) });
    let catalogue = Catalogue::new(known);
    let mut histogram = Histogram::<u64>::new_with_bounds(1, 600_000_000, 3)?;
    for i in 0..FLOORS {
        let tree: Node = serde_json::from_value(filter(i))?;
        let condition = check(&tree, &catalogue).map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let asked = Instant::now();
        select::count(store.reader(), world.workspace, &condition, Timestamp(NOW)).await?;
        histogram.record(asked.elapsed().as_micros() as u64)?;
    }
    Ok(histogram.value_at_quantile(0.5))
}

fn phone(k: u64) -> String {
    format!("849{:08}", k * 97 % 100_000_000)
}

/// Fill the database by sets, as fast as the machine writes.
async fn fill(world: &World, people: u64) -> anyhow::Result<()> {
    let store = world.store().await?;
    let tx = store.begin().await?;
    for field in all_fields() {
        fields::create(&tx, world.workspace, &field).await?;
    }
    for n in 0..LABELS {
        let new = NewLabel {
            id: label(n),
            name: format!("Nhãn {n}"),
            colour: LabelColour::Teal,
            kind: LabelKind::Normal,
            created_by: None,
        };
        labels::create(&tx, world.workspace, &new, Timestamp::EPOCH).await?;
    }
    tx.commit().await?;
    let fields = all_fields();
    let keys: Vec<(String, FieldKind)> = fields.iter().map(|f| (f.id.to_string(), f.kind)).collect();
    const SET: u64 = 500;
    let mut from = 0;
    while from < people {
        let tx = store.begin().await?;
        for _ in 0..20 {
            let (mut c, mut i, mut v, mut l, mut d) =
                (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
            for k in from..(from + SET).min(people) {
                let mut rows = rows_for(world, k, k, NOW - (mixed(k) % 730) as i64 * DAY);
                rows.customer.display_name = name(k);
                rows.customer.name_folded = fold_vi(&rows.customer.display_name);
                rows.customer.phone = Some(phone(k));
                let customer = rows.customer.id;
                for n in 0..LABELS_EACH {
                    let row = customer_labels::Model {
                        workspace_id: world.workspace.0,
                        customer_id: customer,
                        // Each of its own third, so that no customer has one twice.
                        label_id: label(n * LABELS / LABELS_EACH + mixed(k * 7 + n) % (LABELS / LABELS_EACH))
                            .0,
                        member_id: None,
                        created_at: 0,
                    };
                    l.push(row.into_active_model());
                }
                let mut known = Details::default();
                for (at, (key, kind)) in keys.iter().enumerate() {
                    known.set(key, Some(value(k, at as u64, *kind)));
                }
                d.push((CustomerId(customer), known));
                c.push(rows.customer.into_active_model());
                i.push(rows.identity.into_active_model());
                v.push(rows.conversation.into_active_model());
            }
            if c.is_empty() {
                break;
            }
            customers::Entity::insert_many(c).exec_without_returning(&tx).await?;
            customer_identities::Entity::insert_many(i).exec_without_returning(&tx).await?;
            conversations::Entity::insert_many(v).exec_without_returning(&tx).await?;
            customer_labels::Entity::insert_many(l).exec_without_returning(&tx).await?;
            details::put(&tx, world.workspace, d, Timestamp::EPOCH).await?;
            from += SET;
        }
        tx.commit().await?;
    }
    Ok(store.close().await?)
}
