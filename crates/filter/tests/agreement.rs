//! Columns choose exactly what the condition holds for, and pages of them fit together.

use loa_filter::testing::{Draw, NOW, OwnedRecord, catalogue};
use loa_filter::{Columns, Place, Sort, check, matches};

#[test]
fn columns_choose_what_memory_says() {
    let fields = catalogue();
    for seed in 0..40 {
        let draw = Draw::new(seed);
        let mut columns = Columns::new(fields.iter().cloned().collect());
        let mut records: Vec<(u128, OwnedRecord)> = Vec::new();
        // Records come, change and go; places are used again.
        for step in 0..150u128 {
            match draw.below(6) {
                0 if !records.is_empty() => {
                    let (id, _) = records.swap_remove(draw.below(records.len()));
                    columns.remove(id);
                }
                1 if !records.is_empty() => {
                    let at = draw.below(records.len());
                    records[at].1 = draw.record(&fields);
                    columns.put(records[at].0, &records[at].1);
                }
                _ => {
                    records.push((step, draw.record(&fields)));
                    columns.put(step, &records[records.len() - 1].1);
                }
            }
        }
        assert_eq!(columns.len(), records.len());
        for _ in 0..150 {
            let tree = draw.tree(&fields, 4);
            let condition = check(&tree, &fields).unwrap_or_else(|e| panic!("seed {seed}: {tree:?}: {e:?}"));
            let mut chosen: Vec<u128> = columns.ids(&columns.select(&condition, NOW)).collect();
            let holds = |(id, record): &(u128, OwnedRecord)| matches(&condition, record, NOW).then_some(*id);
            let mut expected: Vec<u128> = records.iter().filter_map(holds).collect();
            chosen.sort_unstable();
            expected.sort_unstable();
            assert_eq!(chosen, expected, "seed {seed}: {tree:?}");
        }
    }
}

#[test]
fn pages_fit_together() {
    let fields = catalogue();
    for seed in 0..40 {
        let draw = Draw::new(seed);
        let mut columns = Columns::new(fields.iter().cloned().collect());
        for id in 0..97 {
            columns.put(id, &draw.record(&fields));
        }
        let everybody =
            columns.select(&check(&loa_filter::Node::everybody(), &fields).expect("a condition"), NOW);
        for field in ["text", "number", "datetime", "phone", "set"] {
            for descending in [false, true] {
                let sort = Sort { field: field.into(), descending };
                let whole = columns.page(&everybody, &sort, None, 1_000);
                assert_eq!(whole.len(), 97);
                let mut pages: Vec<Place> = Vec::new();
                loop {
                    let page = columns.page(&everybody, &sort, pages.last(), 10);
                    if page.is_empty() {
                        break;
                    }
                    pages.extend(page);
                }
                assert_eq!(pages, whole, "seed {seed}, {sort:?}");
                // Unknown values stand last, and the others in their order.
                let known: Vec<_> =
                    whole.iter().filter_map(|p| serde_json::to_value(&p.value).ok()).collect();
                let first_unknown = known.iter().position(serde_json::Value::is_null).unwrap_or(known.len());
                assert!(known[first_unknown..].iter().all(serde_json::Value::is_null), "{sort:?}");
                for pair in known[..first_unknown].windows(2) {
                    let ordered = match (pair[0].as_i64(), pair[1].as_i64()) {
                        (Some(a), Some(b)) => a <= b,
                        _ => pair[0].as_str() <= pair[1].as_str(),
                    };
                    assert!(ordered != descending || pair[0] == pair[1], "{sort:?}: {pair:?}");
                }
            }
        }
    }
}
