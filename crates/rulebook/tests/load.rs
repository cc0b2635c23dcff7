//! Books that are refused, and what is said about them; editions and packages that are found.

mod common;

use common::text_of;
use loa_kernel::Timestamp;
use loa_rulebook::{Class, EditionChoice, Library, ReplyLeft};

const OLD: &str = "messaging-2024-11.toml";
const NEW: &str = "messaging-2026-01.toml";
const PACKAGES: &str = "packages.toml";
const PEOPLE: &str = "people.toml";

/// Replace texts in one embedded book and compare every fault with `line: key: reason`. A line is given as
/// the text that stands in it (first place), so that comments in the books may move.
fn check(name: &str, file: &str, changes: &[(&str, &str)], want: &[(&str, &str)]) {
    let mut text = text_of(file).to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{name}: `{from}` is not in {file}");
        text = text.replacen(from, to, 1);
    }
    let faults = Library::load_over_embedded(&[(file, &text)]).err().unwrap_or_default();
    let found: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let mut wanted: Vec<(usize, String)> = want
        .iter()
        .map(|(mark, rest)| {
            let line =
                1 + text.lines().position(|l| l.contains(mark)).unwrap_or_else(|| panic!("{name}: {mark}"));
            (line, format!("{file}:{line}: {rest}"))
        })
        .collect();
    wanted.sort();
    let wanted: Vec<String> = wanted.into_iter().map(|(_, text)| text).collect();
    assert_eq!(found, wanted, "{name}");
}

#[test]
fn faulty_books_are_refused_with_line_and_reason() {
    check("sound", OLD, &[], &[]);
    check(
        "unknown key",
        OLD,
        &[("free_count = 8 ", "free_cuont = 8 ")],
        &[
            ("[reply]", "reply.free_count: missing"),
            (
                "free_cuont",
                "reply.free_cuont: unknown key, expected `window_hours`, `opened_by`, `free_count`, \
                 `counter_set_by` or `source`",
            ),
            ("free_count = \"seed", "reply.source.free_count: there is no such number in this section"),
        ],
    );
    check(
        "unknown section",
        OLD,
        &[("[paid]", "[bribes]\nx = 1\n[paid]")],
        &[(
            "[bribes]",
            "bribes: unknown key, expected `kind`, `edition`, `title`, `effective_from`, `effective_until`, `reply`, \
             `consultation`, `welcome`, `paid`, `answers`, `limits` or `source`",
        )],
    );
    check(
        "no replies",
        OLD,
        &[("free_count = 8 ", "free_count = 0 ")],
        &[("free_count = 0", "reply.free_count: 0 is not between 1 and 1000000")],
    );
    check(
        "wrong type",
        OLD,
        &[("free_count = 8 ", "free_count = 8.5 ")],
        &[("free_count = 8.5", "reply.free_count: expected a whole number, found float")],
    );
    check(
        "wrong word",
        OLD,
        &[("free_count = 8 ", "free_count = \"many\" ")],
        &[
            ("free_count = \"many\"", "reply.free_count: expected a number or \"unlimited\""),
            ("free_count = \"seed", "reply.source.free_count: there is no such number in this section"),
        ],
    );
    check(
        "unlimited, with a counter",
        OLD,
        &[("free_count = 8 ", "free_count = \"unlimited\" ")],
        &[("counter_set_by", "reply.counter_set_by: free_count is unlimited, so there is no counter to set")],
    );
    check(
        "unlimited, and counted down in answers",
        NEW,
        &[
            ("reply_counter = \"frozen\"\nfrozen_at = 8", "reply_counter = \"counts_down\""),
            ("frozen_at = \"", "# \""),
        ],
        &[("[answers]", "answers: reply_counter counts down, but reply.free_count is unlimited")],
    );
    check(
        "frozen although it counts down",
        OLD,
        &[("[limits]", "frozen_at = 8\nsource = { frozen_at = \"x\" }\n[limits]")],
        &[("frozen_at", "answers.frozen_at: reply_counter counts down, so nothing is frozen")],
    );
    check(
        "the counter is set by what does not open the window",
        OLD,
        &[("counter_set_by = \"message\"", "counter_set_by = \"interaction\"")],
        &[("counter_set_by", "reply.counter_set_by: sets the counter of a window that it does not open")],
    );
    check(
        "window longer than permission",
        OLD,
        &[("window_hours = 48", "window_hours = 169")],
        &[("[reply]", "reply: the free window of 169 h is longer than the permission of 7 days")],
    );
    check("window as long as permission", OLD, &[("window_hours = 48", "window_hours = 168")], &[]);
    check(
        "negative price",
        OLD,
        &[("price_vnd = 55", "price_vnd = -55")],
        &[("price_vnd = -55", "paid.price_vnd: -55 is not between 0 and 10000000")],
    );
    check(
        "no bytes",
        OLD,
        &[("max_bytes = 1_048_576", "max_bytes = 0")],
        &[("max_bytes = 0", "limits.image.max_bytes: 0 is not between 1 and 1099511627776")],
    );
    check(
        "no types",
        OLD,
        &[("media_types = [\"image/gif\"]", "media_types = []")],
        &[("media_types = []", "limits.gif.media_types: empty")],
    );
    check(
        "a type of two kinds",
        OLD,
        &[("media_types = [\"image/gif\"]", "media_types = [\"image/png\"]")],
        &[("[limits.gif]", "limits.gif: image/png stands in `image` too")],
    );
    check(
        "a kind is missing",
        OLD,
        &[("[limits.sticker]", "[limits.stick]"), ("[limits.sticker.source]", "[limits.stick.source]")],
        &[
            ("[limits]", "limits.sticker: missing"),
            (
                "[limits.stick]",
                "limits.stick: unknown key, expected `text`, `image`, `gif`, `file`, `sticker`, `list`, \
             `buttons`, `request_info`, `reactions_per_message` or `source`",
            ),
        ],
    );
    check(
        "a number without a source",
        OLD,
        &[("price_vnd = \"", "# \"")],
        &[("price_vnd = 55", "paid.price_vnd: the number has no note in `source`")],
    );
    check(
        "an edition called auto",
        OLD,
        &[("\"messaging-2024-11\"", "\"auto\"")],
        &[("edition = \"auto\"", "edition: expected lower-case letters, digits and hyphens, not `auto`")],
    );
    check(
        "ends before it begins",
        NEW,
        &[("# no effective_until", "effective_until = 2025-12-31 #")],
        &[("effective_until = 2025", "effective_until: must be after effective_from")],
    );
    check(
        "a time instead of a date",
        NEW,
        &[("effective_from = 2026-01-01", "effective_from = 2026-01-01T00:00:00Z")],
        &[("effective_from", "effective_from: expected a date like 2024-11-01, found datetime")],
    );
    check(
        "overlap",
        NEW,
        &[("effective_from = 2026-01-01", "effective_from = 2025-12-31")],
        &[(
            "effective_from",
            "effective_from: \"messaging-2024-11\" is still in force at this date (its effective_until)",
        )],
    );
    check(
        "gap",
        NEW,
        &[("effective_from = 2026-01-01", "effective_from = 2026-01-02")],
        &[(
            "effective_from",
            "effective_from: between the end of \"messaging-2024-11\" and this date no edition is in force",
        )],
    );
    check(
        "the same name twice",
        NEW,
        &[("\"messaging-2026-01\"", "\"messaging-2024-11\"")],
        &[("edition = ", "edition: \"messaging-2024-11\" stands in another book too")],
    );
    check(
        "no kind",
        OLD,
        &[("kind = \"messaging\"", "kind = \"zns\"")],
        &[("kind = ", "kind: expected `messaging`, `packages`, `people`, `lists` or `stickers`")],
    );
    check(
        "packages: requests without OpenAPI",
        PACKAGES,
        &[("requests_per_minute = 0", "requests_per_minute = 5")],
        &[(
            "requests_per_minute = 5",
            "lineup[1].package[0].requests_per_minute: must be 0 in a package without OpenAPI",
        )],
    );
    check(
        "packages: a gap",
        PACKAGES,
        &[("effective_from = 2026-06-01", "effective_from = 2026-06-02")],
        &[(
            "effective_from = 2026-06-02",
            "lineup[1].effective_from: must be the effective_until of the line-up before it, \"2022-06\"",
        )],
    );
    check(
        "packages: twice",
        PACKAGES,
        &[("key = \"trial\"", "key = \"basic\" # second")],
        &[("# second", "lineup[0].package[1].key: \"basic\" stands twice in this line-up")],
    );
    check(
        "packages: neither yes nor no",
        PACKAGES,
        &[("custom_fields = false", "custom_fields = \"perhaps\"")],
        &[(
            "custom_fields = \"perhaps\"",
            "lineup[0].package[0].custom_fields: expected true, false or \"unknown\"",
        )],
    );
    check(
        "packages: tables without fields",
        PACKAGES,
        &[("table_fields = false", "table_fields = true")],
        &[(
            "table_fields = true",
            "lineup[0].package[0].table_fields: there is no table in a package without custom_fields",
        )],
    );
    check(
        "people: a format that is none",
        PEOPLE,
        &[("\"dd-MM-yyyy\"", "\"dd-MM-jjjj\"")],
        &[("datetime_formats = ", "fields.datetime_formats: \"dd-MM-jjjj\" is not a format")],
    );
    check(
        "people: no fields at all",
        PEOPLE,
        &[("per_type = 10", "per_type = 0")],
        &[("per_type = 0", "fields.per_type: 0 is not between 1 and 10000")],
    );
    check(
        "all faults are told, not only the first",
        OLD,
        &[
            ("window_hours = 48", "window_hours = 0"),
            ("requires_follow = true", "requires_follow = \"yes\""),
            ("price_vnd = 55", "price_vnd = -1"),
            ("reactions_per_message = 50", "reactions_per_message = 0"),
        ],
        &[
            ("window_hours = 0", "reply.window_hours: 0 is not between 1 and 87600"),
            ("requires_follow", "consultation.requires_follow: expected true or false, found string"),
            ("price_vnd = -1", "paid.price_vnd: -1 is not between 0 and 10000000"),
            ("reactions_per_message = 0", "limits.reactions_per_message: 0 is not between 1 and 1000000"),
        ],
    );
}

#[test]
fn a_contradiction_of_two_books_is_told_at_the_later_one() {
    let text = text_of(OLD).replace("effective_until", "# effective_until");
    let faults = Library::load_over_embedded(&[(OLD, &text)]).unwrap_err();
    let line = 1 + text_of(NEW).lines().position(|l| l.starts_with("effective_from")).unwrap();
    let found: Vec<_> = faults.iter().map(ToString::to_string).collect();
    let reason = "\"messaging-2024-11\" is still in force at this date (its effective_until)";
    assert_eq!(found, [format!("{NEW}:{line}: effective_from: {reason}")]);
}

#[test]
fn a_text_that_is_not_toml_is_refused_at_its_line() {
    let faults =
        Library::load_over_embedded(&[(OLD, "kind = \"messaging\"\nedition = \n[reply\n")]).unwrap_err();
    assert!(faults.iter().all(|f| f.file == OLD), "{faults:?}");
    assert_eq!(faults.first().map(|f| f.line), Some(2), "{faults:?}");
    assert!(faults.iter().any(|f| f.line == 3), "{faults:?}");
    assert!(faults.iter().all(|f| !f.reason.is_empty()), "{faults:?}");
}

#[test]
fn books_of_every_kind_are_needed() {
    let faults = Library::load(&[]).unwrap_err();
    let found: Vec<_> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "(books):1: kind: there is no book with kind = \"lists\"",
            "(books):1: kind: there is no book with kind = \"messaging\"",
            "(books):1: kind: there is no book with kind = \"packages\"",
            "(books):1: kind: there is no book with kind = \"people\"",
        ]
    );
    let twice = Library::load_over_embedded(&[("more.toml", text_of(PACKAGES))]).unwrap_err();
    assert_eq!(twice[0].to_string(), "more.toml:1: kind: packages.toml holds packages too");
    let twice = Library::load_over_embedded(&[("more.toml", text_of(PEOPLE))]).unwrap_err();
    assert_eq!(twice[0].to_string(), "more.toml:1: kind: people.toml holds people too");
    assert_eq!(Library::embedded().lists().labelled_at_once, 100);
    let bare = "kind = \"lists\"\nlabelled_at_once = 100\n";
    let faults = Library::load_over_embedded(&[("lists.toml", bare)]).unwrap_err();
    assert_eq!(faults[0].to_string(), "lists.toml:2: labelled_at_once: the number has no note in `source`");
}

#[test]
fn an_edition_is_found_by_name_or_by_date() {
    let library = Library::embedded();
    let switch = Timestamp::from_vietnam_date(jiff::civil::date(2026, 1, 1));
    let first = Timestamp::from_vietnam_date(jiff::civil::date(2024, 11, 1));
    let rows = [
        ("messaging-2024-11", switch.plus_days(100), "messaging-2024-11", None),
        ("messaging-2026-01", switch.plus_days(-1000), "messaging-2026-01", None),
        ("auto", first.plus_days(-1000), "messaging-2024-11", Some(switch)),
        ("auto", first, "messaging-2024-11", Some(switch)),
        ("auto", switch.plus_ms(-1), "messaging-2024-11", Some(switch)),
        ("auto", switch, "messaging-2026-01", None),
        ("auto", switch.plus_days(10_000), "messaging-2026-01", None),
        ("messaging-1999-01", switch, "messaging-2026-01", None),
        ("messaging-1999-01", first, "messaging-2024-11", Some(switch)),
    ];
    for (choice, now, edition, next) in rows {
        let choice: EditionChoice = choice.parse().unwrap();
        assert_eq!(library.resolve(&choice, now).edition, edition, "{choice} {now}");
        assert_eq!(library.next_switch(&choice, now), next, "{choice} {now}");
        assert_eq!(serde_json::to_value(&choice).unwrap(), choice.to_string());
        assert_eq!(serde_json::from_value::<EditionChoice>(choice.to_string().into()).unwrap(), choice);
    }
    assert_eq!(EditionChoice::default().to_string(), "messaging-2024-11");
    assert!(library.messaging(&EditionChoice::default().to_string()).is_some());
    for wrong in ["", "Auto", "messaging 2024", "../x"] {
        assert_eq!(wrong.parse::<EditionChoice>().unwrap_err().code.as_str(), "invalid_field", "{wrong}");
    }
}

#[test]
fn packages_are_found_by_name_and_date() {
    let library = Library::embedded();
    let packages = library.packages();
    assert_eq!(packages.requests_per_minute_per_app, 4000);
    let old = Timestamp::from_vietnam_date(jiff::civil::date(2025, 1, 1));
    let new = Timestamp::from_vietnam_date(jiff::civil::date(2026, 6, 1));
    let rows = [
        ("Nâng cao", old, Some(("advanced", Some(2000), None))),
        ("gói nâng cao", old, Some(("advanced", Some(2000), None))),
        ("Premium", old, Some(("premium", Some(9000), None))),
        ("Tăng trưởng", old, None),
        ("Tăng trưởng", new, Some(("growth", Some(500), Some(100)))),
        ("comprehensive", new, Some(("comprehensive", Some(2000), Some(2000)))),
        ("Nâng cao", new, Some(("advanced", Some(2000), None))), // runs on
        ("Cơ bản", new, Some(("basic", Some(0), Some(0)))),
        ("Cơ bản", new.plus_ms(-1), Some(("basic", Some(0), None))),
        ("Siêu cấp", new, None),
    ];
    for (name, now, want) in rows {
        let found = packages
            .find(name, now)
            .map(|p| (p.key.as_str(), p.consultations_per_month, p.requests_per_minute));
        assert_eq!(found, want, "{name} {now}");
    }
    assert_eq!(packages.lineup(new).map(|l| l.id.as_str()), Some("2026-06"));
    assert_eq!(packages.lineup(Timestamp::EPOCH).map(|l| l.id.as_str()), Some("2022-06"));
}

#[test]
fn capabilities_follow_the_package_and_are_not_guessed() {
    let packages = Library::embedded().packages().clone();
    let now = Timestamp::from_vietnam_date(jiff::civil::date(2026, 7, 1));
    let (yes, no) = (Some(true), Some(false));
    let rows = [
        ("basic", [no, no, no, no, no]),
        ("Gói Dùng thử", [yes, no, yes, yes, None]),
        ("Nâng cao", [yes, no, yes, yes, no]),
        ("premium", [yes, yes, yes, yes, yes]),
        ("Tăng trưởng", [None; 5]),
        ("Siêu cấp", [None; 5]),
    ];
    for (name, want) in rows {
        let c = packages.capabilities(name, now);
        let found = [c.custom_fields, c.table_fields, c.list_columns, c.bulk_labels, c.chatbot_conditions];
        assert_eq!(found, want, "{name}");
    }
}

#[test]
fn limits_of_people_are_those_of_the_reference() {
    let library = Library::embedded();
    let people = library.people();
    assert_eq!((people.fields.per_type, people.fields.tables, people.fields.table_keys), (10, 5, 5));
    assert_eq!((people.fields.text_max, people.fields.number_decimals), (255, 3));
    assert_eq!(people.fields.born_from, jiff::civil::date(1970, 1, 1));
    let at = jiff::civil::date(2026, 1, 31).at(7, 5, 9, 0);
    let written: Vec<String> = people.fields.datetime_formats.iter().map(|format| format.write(at)).collect();
    assert_eq!(
        written,
        [
            "31/01/2026",
            "31/01/2026 07:05:09",
            "31-01-2026",
            "31-01-2026 07:05:09",
            "2026-01-31",
            "2026-01-31T07:05:09",
        ]
    );
    let midnight = jiff::civil::date(2026, 1, 31).at(0, 0, 0, 0);
    for (format, text) in people.fields.datetime_formats.iter().zip(&written) {
        let want = if format.name.contains("HH") { at } else { midnight };
        assert_eq!(format.read(text), Some(want), "{}", format.name);
        assert_eq!(people.fields.read_datetime(text), Some(want), "{}", format.name);
    }
    // Seconds since 1970, in Vietnam.
    assert_eq!(people.fields.read_datetime("1769817909"), Some(at));
    for wrong in ["", "31/13/2026", "2026/01/31", "31/01/26x", "hôm nay", "99999999999999999999"] {
        assert_eq!(people.fields.read_datetime(wrong), None, "{wrong}");
    }
    assert_eq!(people.list.reach(), 10_000);
}

#[test]
fn classes_and_quota_blocks_fit_each_other() {
    for class in Class::ALL {
        assert_eq!(Class::from_quota_type(class.quota_type()), Some(*class));
    }
    assert_eq!(Class::from_quota_type(Some("reward_quota")), Some(Class::Extra));
    assert_eq!(Class::from_quota_type(Some("moon_quota")), None);
    assert!(Class::ALL.is_sorted(), "the order is the order of payment");
}

#[test]
fn answers_show_the_counter_of_their_edition() {
    let library = Library::embedded();
    let old = library.messaging("messaging-2024-11").unwrap();
    let new = library.messaging("messaging-2026-01").unwrap();
    let march = Timestamp::from_vietnam_date(jiff::civil::date(2026, 3, 1));
    let counted = ReplyLeft { remain: Some(5), total: Some(8), until: march };
    let free = ReplyLeft { remain: None, total: None, until: march };
    assert_eq!(old.reply_in_answer(Some(&counted), march), Some((5, 8)));
    assert_eq!(old.reply_in_answer(None, march), Some((0, 0)));
    assert_eq!(new.reply_in_answer(Some(&free), march.plus_ms(-1)), Some((8, 8)));
    assert_eq!(new.reply_in_answer(Some(&free), march), None);
}
