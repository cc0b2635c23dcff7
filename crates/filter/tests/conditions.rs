//! What each operator means, what is refused, and how it is said.

use std::collections::HashMap;

use loa_filter::{
    Catalogue, Field, FieldKind, FilterError, Label, Language, Milli, Node, Op, Options, Reason, Record,
    Value, check, matches, sentence,
};
use loa_kernel::Timestamp;
use serde_json::{Value as Json, json};

/// 25 November 2026, 09:30 in Vietnam.
const NOW: Timestamp = Timestamp(1_795_573_800_000);
const DAY: i64 = 86_400_000;

fn label(vi: &str, en: &str) -> Label {
    Label { vi: vi.into(), en: en.into() }
}

fn catalogue() -> Catalogue {
    let options = |list: &[(&str, &str, &str)]| {
        Options::new(list.iter().map(|(id, vi, en)| ((*id).to_owned(), label(vi, en))).collect())
    };
    let genders = options(&[("male", "Nam", "Male"), ("female", "Nữ", "Female"), ("other", "Khác", "Other")]);
    let labels =
        options(&[("lbl_vip", "VIP", "VIP"), ("lbl_new", "Khách mới", "Khách mới"), ("lbl_old", "Cũ", "Cũ")]);
    Catalogue::new(vec![
        Field::plain("name", label("Tên", "Name"), FieldKind::Text),
        Field::plain("phone", label("Số điện thoại", "Phone"), FieldKind::Phone),
        Field::plain("email", label("E-mail", "E-mail"), FieldKind::Email),
        Field::plain("site", label("Trang web", "Web site"), FieldKind::Url),
        Field::plain("points", label("Điểm", "Points"), FieldKind::Number),
        Field::plain("born", label("Ngày sinh", "Birthday"), FieldKind::Datetime),
        Field::plain("vat", label("Xuất hoá đơn", "Wants an invoice"), FieldKind::Boolean),
        Field {
            keys: vec!["size".into(), "màu".into()],
            ..Field::plain("likes", label("Sở thích", "Likes"), FieldKind::Table)
        },
        Field {
            options: genders, ..Field::plain("gender", label("Giới tính", "Gender"), FieldKind::Choice)
        },
        Field { options: labels, ..Field::plain("labels", label("Nhãn", "Label"), FieldKind::Set) },
    ])
}

/// A record of owned values.
struct Person(HashMap<&'static str, Value<'static>>);

impl Record for Person {
    fn value(&self, field: &Field) -> Value<'_> {
        self.0.get(field.key.as_str()).cloned().unwrap_or(Value::Empty)
    }
}

fn person() -> Person {
    Person(HashMap::from([
        ("name", Value::Texts(vec!["nguyen thi dao"])),
        ("phone", Value::Texts(vec!["84912345678", "84283822123"])),
        ("points", Value::Number(Milli(1_000_500))),
        // 29 November 1990, midnight in Vietnam.
        ("born", Value::Time(Timestamp(659_811_600_000))),
        ("vat", Value::Truth(true)),
        ("likes", Value::Rows(vec![("size", "m"), ("màu", "do dam")])),
        ("gender", Value::Ids(vec!["female"])),
        ("labels", Value::Ids(vec!["lbl_vip", "lbl_new"])),
    ]))
}

fn holds(field: &str, op: Op, value: Json) -> [bool; 2] {
    let tree = Node::all(vec![Node::test(field, op, value.clone())]);
    let condition = check(&tree, &catalogue()).unwrap_or_else(|e| panic!("{field} {op:?} {value}: {e:?}"));
    [matches(&condition, &person(), NOW), matches(&condition, &Person(HashMap::new()), NOW)]
}

#[test]
fn operators_mean_what_they_say() {
    // Field, operator, value, whether it holds for the person, and for one of whom nothing is known.
    let table: &[(&str, Op, Json, bool, bool)] = &[
        ("name", Op::Is, json!("Nguyễn Thị Đào"), true, false),
        ("name", Op::Is, json!("Nguyễn Thị"), false, false),
        ("name", Op::IsNot, json!("NGUYEN THI DAO"), false, true),
        ("name", Op::In, json!(["Lan", "nguyen thi dao"]), true, false),
        ("name", Op::NotIn, json!(["Lan", "Huệ"]), true, true),
        ("name", Op::Contains, json!("thị đ"), true, false),
        ("name", Op::NotContains, json!("thi d"), false, true),
        ("name", Op::StartsWith, json!("Nguyên"), true, false),
        ("name", Op::StartsWith, json!("Thị"), false, false),
        ("name", Op::Empty, Json::Null, false, true),
        ("name", Op::NotEmpty, Json::Null, true, false),
        // Typed as people type them, any of several.
        ("phone", Op::Is, json!("0912 345 678"), true, false),
        ("phone", Op::Is, json!("+84 28 3822 123"), true, false),
        ("phone", Op::IsNot, json!("0283822123"), false, true),
        ("phone", Op::IsNot, json!("0283822124"), true, true),
        ("phone", Op::StartsWith, json!("091"), true, false),
        ("phone", Op::Contains, json!("345"), true, false),
        ("email", Op::Empty, Json::Null, true, true),
        ("email", Op::IsNot, json!("a@b.vn"), true, true),
        ("points", Op::Is, json!(1000.5), true, false),
        ("points", Op::IsNot, json!(1000.5), false, true),
        ("points", Op::IsNot, json!(1000), true, true),
        ("points", Op::Ge, json!(1000.5), true, false),
        ("points", Op::Gt, json!(1000.5), false, false),
        ("points", Op::Gt, json!(1000.499), true, false),
        ("points", Op::Le, json!(1000.5), true, false),
        ("points", Op::Lt, json!(1000.5), false, false),
        ("points", Op::Lt, json!(1000.501), true, false),
        ("points", Op::Between, json!([-5, 1000.5]), true, false),
        ("points", Op::Between, json!([1000.501, 2000]), false, false),
        ("born", Op::On, json!("1990-11-29"), true, false),
        ("born", Op::On, json!("1990-11-28"), false, false),
        ("born", Op::Before, json!("1990-11-29"), false, false),
        ("born", Op::Before, json!("1990-11-30"), true, false),
        ("born", Op::After, json!("1990-11-28"), true, false),
        ("born", Op::After, json!("1990-11-29"), false, false),
        ("born", Op::Between, json!(["1990-11-29", "1990-11-29"]), true, false),
        ("born", Op::InLast, json!(3650), false, false),
        ("born", Op::DayMonth, json!("11-29"), true, false),
        ("born", Op::DayMonth, json!(["12-20", "11-29"]), true, false),
        ("born", Op::DayMonth, json!(["12-20", "11-28"]), false, false),
        ("born", Op::DayMonthInNext, json!(5), true, false),
        ("born", Op::DayMonthInNext, json!(4), false, false),
        ("born", Op::DayMonthInNext, json!(366), true, false),
        ("vat", Op::Is, json!(true), true, false),
        ("vat", Op::Is, json!(false), false, false),
        ("vat", Op::Empty, Json::Null, false, true),
        ("likes", Op::RowIs, json!({"key": "màu", "value": "Đỏ đậm"}), true, false),
        ("likes", Op::RowIs, json!({"key": "size", "value": "Đỏ đậm"}), false, false),
        ("likes", Op::NotEmpty, Json::Null, true, false),
        ("gender", Op::Is, json!("female"), true, false),
        ("gender", Op::IsNot, json!("female"), false, true),
        ("gender", Op::In, json!(["male", "female"]), true, false),
        ("gender", Op::NotIn, json!(["male", "other"]), true, true),
        ("gender", Op::Empty, Json::Null, false, true),
        ("labels", Op::AnyOf, json!(["lbl_old", "lbl_new"]), true, false),
        ("labels", Op::AllOf, json!(["lbl_vip", "lbl_new"]), true, false),
        ("labels", Op::AllOf, json!(["lbl_vip", "lbl_old"]), false, false),
        ("labels", Op::NoneOf, json!(["lbl_old"]), true, true),
        ("labels", Op::NoneOf, json!(["lbl_vip"]), false, true),
        ("labels", Op::Empty, Json::Null, false, true),
    ];
    for (field, op, value, known, unknown) in table {
        assert_eq!(holds(field, *op, value.clone()), [*known, *unknown], "{field} {op:?} {value}");
    }
}

#[test]
fn days_around_today() {
    let at = |ms: i64| Person(HashMap::from([("born", Value::Time(Timestamp(ms)))]));
    // The start of today in Vietnam.
    let today = 1_795_539_600_000;
    for (op, days, instant, holds) in [
        (Op::InLast, 1, today, true),
        (Op::InLast, 1, today - 1, false),
        (Op::InLast, 1, today + DAY - 1, true),
        (Op::InLast, 1, today + DAY, false),
        (Op::InLast, 7, today - 6 * DAY, true),
        (Op::InLast, 7, today - 6 * DAY - 1, false),
        (Op::InNext, 1, today, true),
        (Op::InNext, 7, today + 7 * DAY - 1, true),
        (Op::InNext, 7, today + 7 * DAY, false),
        (Op::InNext, 7, today - 1, false),
    ] {
        let condition = check(&Node::test("born", op, json!(days)), &catalogue()).expect("a condition");
        assert_eq!(
            matches(&condition, &at(instant), NOW),
            holds,
            "{op:?} {days} {}",
            (instant - today) / 1000
        );
    }
}

#[test]
fn groups_stand_in_each_other() {
    let vip = || Node::test("labels", Op::AnyOf, json!(["lbl_vip"]));
    let old = || Node::test("labels", Op::AnyOf, json!(["lbl_old"]));
    for (tree, holds) in [
        (Node::everybody(), true),
        (Node::all(vec![vip(), old()]), false),
        (Node::any(vec![vip(), old()]), true),
        (Node::all(vec![vip(), Node::any(vec![old(), vip()])]), true),
        (Node::any(vec![old(), Node::all(vec![vip(), old()])]), false),
        (vip(), true),
    ] {
        let condition = check(&tree, &catalogue()).expect("a condition");
        assert_eq!(matches(&condition, &person(), NOW), holds, "{tree:?}");
    }
}

#[test]
fn what_is_not_understood_is_refused_at_its_place() {
    let test = |field: &str, op: Op, value: Json| Node::all(vec![Node::test(field, op, value)]);
    let deep = (0..4).fold(Node::test("vat", Op::Is, json!(true)), |node, _| Node::all(vec![node]));
    let many = Node::any(vec![Node::test("vat", Op::Is, json!(true)); 51]);
    let both = Node { all: Some(vec![]), ..Node::test("vat", Op::Is, json!(true)) };
    let first = "filter/all/0";
    for (tree, at, reason) in [
        (Node::default(), "filter", Reason::NotOneThing),
        (both, "filter", Reason::NotOneThing),
        (Node { op: None, ..Node::test("vat", Op::Is, json!(true)) }, "filter", Reason::NotOneThing),
        (Node { field: None, ..Node::test("vat", Op::Is, json!(true)) }, "filter", Reason::NotOneThing),
        (Node::any(vec![]), "filter", Reason::EmptyGroup),
        (Node::all(vec![Node::all(vec![])]), first, Reason::EmptyGroup),
        (Node::all(vec![deep]), "filter/all/0/all/0/all/0/all/0", Reason::TooDeep),
        (many, "filter/any/50", Reason::TooManyTests),
        (test("shoe", Op::Is, json!("x")), first, Reason::UnknownField),
        (test("points", Op::Contains, json!("1")), first, Reason::WrongOperator),
        (test("name", Op::Ge, json!(1)), first, Reason::WrongOperator),
        (test("points", Op::Ge, json!("1000")), first, Reason::WrongValue),
        (test("points", Op::Ge, Json::Null), first, Reason::WrongValue),
        (test("points", Op::Is, json!(0.1234)), first, Reason::OutOfRange),
        (test("points", Op::Is, json!(1e15)), first, Reason::OutOfRange),
        (test("points", Op::Between, json!([2, 1])), first, Reason::Reversed),
        (test("points", Op::Between, json!([2])), first, Reason::WrongCount),
        (test("points", Op::Between, json!(2)), first, Reason::WrongValue),
        (test("name", Op::Is, json!("  ")), first, Reason::Blank),
        (test("name", Op::Is, json!(7)), first, Reason::WrongValue),
        (test("name", Op::Is, json!("x".repeat(256))), first, Reason::TooLong),
        (test("name", Op::In, json!([])), first, Reason::WrongCount),
        (test("name", Op::In, json!(vec!["x"; 201])), first, Reason::WrongCount),
        (test("name", Op::In, json!("x")), first, Reason::WrongValue),
        (test("name", Op::Empty, json!(true)), first, Reason::WrongValue),
        (test("born", Op::On, json!("29/11/1990")), first, Reason::WrongValue),
        (test("born", Op::On, json!("1990-02-30")), first, Reason::WrongValue),
        (test("born", Op::On, json!("1850-01-01")), first, Reason::OutOfRange),
        (test("born", Op::Between, json!(["1990-02-02", "1990-02-01"])), first, Reason::Reversed),
        (test("born", Op::InLast, json!(0)), first, Reason::OutOfRange),
        (test("born", Op::InLast, json!(3651)), first, Reason::OutOfRange),
        (test("born", Op::InLast, json!("7")), first, Reason::WrongValue),
        (test("born", Op::DayMonthInNext, json!(367)), first, Reason::OutOfRange),
        (test("born", Op::DayMonth, json!("02-30")), first, Reason::WrongValue),
        (test("vat", Op::Is, json!("yes")), first, Reason::WrongValue),
        (test("gender", Op::Is, json!("cat")), first, Reason::UnknownOption),
        (test("gender", Op::In, json!("male")), first, Reason::WrongValue),
        (test("labels", Op::AnyOf, json!(["lbl_gone"])), first, Reason::UnknownOption),
        (test("likes", Op::RowIs, json!({"key": "giày", "value": "x"})), first, Reason::UnknownKey),
        (test("likes", Op::RowIs, json!({"key": "size"})), first, Reason::WrongValue),
        (test("likes", Op::RowIs, json!({"key": "size", "value": " "})), first, Reason::Blank),
    ] {
        assert_eq!(check(&tree, &catalogue()), Err(FilterError { at: at.into(), reason }), "{tree:?}");
    }
}

#[test]
fn every_operator_of_every_kind_is_read_and_said() {
    let value = |kind: FieldKind, op: Op| match (kind, op) {
        (_, Op::Empty | Op::NotEmpty) => Json::Null,
        (FieldKind::Number, Op::Between) => json!([1000, 2500.5]),
        (FieldKind::Number, _) => json!(1000.5),
        (FieldKind::Datetime, Op::Between) => json!(["2026-01-01", "2026-12-31"]),
        (FieldKind::Datetime, Op::On | Op::Before | Op::After) => json!("2026-11-25"),
        (FieldKind::Datetime, Op::DayMonth) => json!(["12-20", "01-05"]),
        (FieldKind::Datetime, _) => json!(7),
        (FieldKind::Boolean, _) => json!(true),
        (FieldKind::Table, _) => json!({"key": "màu", "value": "Đỏ"}),
        (FieldKind::Choice, Op::In | Op::NotIn) => json!(["male", "female"]),
        (FieldKind::Choice, _) => json!("female"),
        (FieldKind::Set, _) => json!(["lbl_vip", "lbl_new"]),
        (_, Op::In | Op::NotIn) => json!(["Một", "Hai"]),
        _ => json!("Một"),
    };
    let mut said = String::new();
    for field in catalogue().iter() {
        for op in field.kind.ops() {
            let tree = Node::test(&field.key, *op, value(field.kind, *op));
            let condition = check(&tree, &catalogue()).unwrap_or_else(|e| panic!("{tree:?}: {e:?}"));
            let [vi, en] = [Language::Vi, Language::En].map(|language| sentence(&condition, language));
            assert!(!vi.contains(['{', '}']) && !en.contains(['{', '}']), "{vi} / {en}");
            said.push_str(&format!("{vi}\n{en}\n"));
        }
    }
    // Read by people when it changes: what it should say cannot be computed.
    for (line, kept) in said.lines().zip(include_str!("sentences.txt").lines()) {
        assert_eq!(line, kept, "in:\n{said}");
    }
    assert_eq!(said.lines().count(), include_str!("sentences.txt").lines().count(), "{said}");
}

#[test]
fn groups_are_said_with_brackets_where_they_are_needed() {
    let vip = || Node::test("labels", Op::AnyOf, json!(["lbl_vip"]));
    let female = || Node::test("gender", Op::Is, json!("female"));
    let rich = || Node::test("points", Op::Ge, json!(1000));
    for (tree, vi, en) in [
        (Node::everybody(), "Tất cả khách hàng", "All customers"),
        (
            Node::all(vec![female(), Node::any(vec![vip(), rich()])]),
            "Giới tính là “Nữ” và (Nhãn có “VIP” hoặc Điểm từ 1.000 trở lên)",
            "Gender is “Female” and (Label has “VIP” or Points is 1,000 or more)",
        ),
        (
            Node::all(vec![Node::any(vec![vip(), rich()])]),
            "Nhãn có “VIP” hoặc Điểm từ 1.000 trở lên",
            "Label has “VIP” or Points is 1,000 or more",
        ),
        (
            Node::any(vec![vip(), Node::all(vec![rich()])]),
            "Nhãn có “VIP” hoặc Điểm từ 1.000 trở lên",
            "Label has “VIP” or Points is 1,000 or more",
        ),
    ] {
        let condition = check(&tree, &catalogue()).expect("a condition");
        assert_eq!(sentence(&condition, Language::Vi), vi);
        assert_eq!(sentence(&condition, Language::En), en);
    }
}

#[test]
fn a_tree_travels_as_it_is_written() {
    let text = json!({"all": [{"field": "gender", "op": "is", "value": "female"},
        {"any": [{"field": "vat", "op": "not_empty"}, {"field": "points", "op": "ge", "value": 1000}]}]});
    let tree: Node = serde_json::from_value(text.clone()).expect("a tree");
    assert_eq!(serde_json::to_value(&tree).expect("a value"), text);
    let wrong = json!({"all": [], "filed": "gender"});
    assert!(serde_json::from_value::<Node>(wrong).is_err());
}
