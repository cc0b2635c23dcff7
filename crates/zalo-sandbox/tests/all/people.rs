//! Lists of people, fields of the OA's own, their values, and the follow that an OA ends.

use serde_json::{Value, json};
use zalo_sandbox::Config;

use crate::bed::{APP, Bed, HOUR, OA, PERSON, Receiver, config};

const GET: &str = "/v3.0/oa/userfield/get";
const CREATE: &str = "/v3.0/oa/userfield/create";
const UPDATE: &str = "/v3.0/oa/userfield/update";
const DELETE: &str = "/v3.0/oa/userfield/delete";
const READ: &str = "/v3.0/oa/user/detail/custominfo";
const WRITE: &str = "/v3.0/oa/user/update/custominfo";
const LIST: &str = "/v3.0/oa/user/getlist";

fn field(key: &str, data_type: &str) -> Value {
    let mut field =
        json!({"key": key, "name": format!("Trường {key}"), "description": "", "data_type": data_type});
    if data_type == "table" {
        field["keys"] = json!(["code", "amount"]);
    }
    field
}

async fn premium() -> Bed {
    let bed = Bed::new().await;
    bed.change_oa(json!({"package": {"name": "Premium"}})).await;
    bed
}

/// What the platform answered, as `0` or `-201 key is invalid!`.
fn said(answer: &Value) -> String {
    match answer["error"].as_i64() {
        Some(0) => "0".to_owned(),
        Some(code) => format!("{code} {}", answer["message"].as_str().unwrap_or_default()),
        None => panic!("{answer}"),
    }
}

async fn keys(bed: &Bed, ask: Value) -> Vec<String> {
    let answer = bed.data(GET, ask).await;
    let fields = answer["data"]["fields"].as_array().unwrap_or_else(|| panic!("{answer}")).clone();
    fields.iter().map(|f| f["key"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_package_has_ten_fields_of_a_type_and_five_tables() {
    let bed = premium().await;
    for data_type in ["text", "boolean", "number", "datetime", "email", "phone", "url"] {
        for n in 0..10 {
            let answer = bed.post(CREATE, field(&format!("f{n}_{data_type}"), data_type)).await;
            assert_eq!(said(&answer), "0", "{data_type} {n}");
        }
        let answer = bed.post(CREATE, field(&format!("f10_{data_type}"), data_type)).await;
        assert_eq!(answer["error"], -210, "the eleventh {data_type}: {answer}");
    }
    for n in 0..5 {
        assert_eq!(said(&bed.post(CREATE, field(&format!("t{n}_table"), "table")).await), "0");
    }
    assert_eq!(bed.post(CREATE, field("t5_table", "table")).await["error"], -210);
    assert_eq!(keys(&bed, json!({"field_type": "oa_custom"})).await.len(), 75);
    assert_eq!(
        keys(&bed, json!({"field_type": "system"})).await,
        ["name", "phone", "user_dob", "gender", "full_address", "user_external_id", "dynamic_param"]
    );
    assert_eq!(
        keys(&bed, json!({"fields_to_get": ["phone", "f3_text", "nope"]})).await,
        ["phone", "f3_text"]
    );
    // Room again.
    let gone = json!({"key": "f3_text", "field_type": "oa_custom"});
    assert_eq!(said(&bed.post(DELETE, gone.clone()).await), "0");
    assert_eq!(said(&bed.post(DELETE, gone).await), "-201 key is invalid!");
    assert_eq!(said(&bed.post(CREATE, field("f10_text", "text")).await), "0");
}

#[tokio::test]
async fn which_fields_there_may_be_depends_on_the_package() {
    let bed = Bed::new().await;
    let low = "-224 The OA needs to upgrade OA Tier Package to use this feature";
    for (package, text, table) in [
        ("Cơ bản", low, low),
        ("Dùng thử", "0", low),
        ("Nâng cao", "0", low),
        ("Premium", "0", "0"),
        // What it has was never published; the sandbox is not stricter than the platform may be.
        ("Tăng trưởng", "0", "0"),
    ] {
        bed.change_oa(json!({"package": {"name": package, "api_access": true}})).await;
        bed.control("PUT", &format!("/oas/{OA}/fields"), json!([])).await;
        assert_eq!(said(&bed.post(CREATE, field("a", "text")).await), text, "{package}");
        assert_eq!(said(&bed.post(CREATE, field("b", "table")).await), table, "{package}");
    }
    // After a downgrade what is there stays readable, and nothing of it can be written.
    bed.says("x").await;
    bed.change_oa(json!({"package": {"name": "Premium"}})).await;
    bed.control("PUT", &format!("/oas/{OA}/fields"), json!([field("a", "text"), field("b", "table")])).await;
    let write = |custom: Value| json!({"user_id": bed.user, "custom_info": custom});
    assert_eq!(said(&bed.post(WRITE, write(json!({"a": "1", "b": {"code": "2"}}))).await), "0");
    bed.change_oa(json!({"package": {"name": "Nâng cao"}})).await;
    assert_eq!(said(&bed.post(WRITE, write(json!({"b": {"code": "3"}}))).await), low);
    assert_eq!(said(&bed.post(UPDATE, field("b", "table")).await), low);
    assert_eq!(said(&bed.post(WRITE, write(json!({"a": "3"}))).await), "0");
    bed.change_oa(json!({"package": {"name": "Cơ bản", "api_access": true}})).await;
    assert_eq!(said(&bed.post(WRITE, write(json!({"a": "4"}))).await), low);
    let read = bed.data(READ, json!({"user_id": bed.user})).await;
    assert_eq!(read["data"]["custom_info"], json!({"a": "3", "b": {"code": "2"}}));
}

#[tokio::test]
async fn a_definition_keeps_its_key_its_type_and_the_keys_of_a_table() {
    let bed = premium().await;
    let with = |mut field: Value, key: &str, value: Value| {
        field[key] = value;
        field
    };
    let bad = |what: &str| format!("-201 {what} is invalid!");
    let text = field("a", "text");
    for (given, want) in [
        (text.clone(), "0".to_owned()),
        (text.clone(), bad("key")),
        (field("phone", "text"), bad("key")),
        (field("1a", "text"), bad("key")),
        (field("a b", "text"), bad("key")),
        (field("colour", "colour"), bad("data_type")),
        (with(field("b", "text"), "name", json!(" ")), bad("name")),
        (with(field("b", "text"), "keys", json!(["x"])), bad("keys")),
        (with(field("b", "text"), "format", json!("dd/MM/yyyy")), bad("format")),
        (with(field("b", "datetime"), "format", json!("yyyy")), bad("format")),
        (with(field("b", "datetime"), "format", json!("dd-MM-yyyy HH:mm:ss")), "0".to_owned()),
        (with(field("t", "table"), "keys", json!([])), bad("keys")),
        (with(field("t", "table"), "keys", json!(["x", "x"])), bad("keys")),
        (field("t", "table"), "0".to_owned()),
    ] {
        assert_eq!(said(&bed.post(CREATE, given.clone()).await), want, "{given}");
    }
    let many = with(field("t2", "table"), "keys", json!(["1", "2", "3", "4", "5", "6"]));
    assert_eq!(bed.post(CREATE, many).await["error"], -210);
    assert_eq!(bed.post(CREATE, field(&"k".repeat(65), "text")).await["error"], -210);
    for (given, want) in [
        (field("zz", "text"), bad("key")),
        (field("a", "number"), bad("data_type")),
        (with(text.clone(), "name", json!("Ghi chú")), "0".to_owned()),
        (with(field("t", "table"), "keys", json!(["code"])), bad("keys")),
        (with(field("t", "table"), "keys", json!(["code", "total"])), bad("keys")),
        (with(field("t", "table"), "keys", json!(["code", "amount", "day"])), "0".to_owned()),
    ] {
        assert_eq!(said(&bed.post(UPDATE, given.clone()).await), want, "{given}");
    }
    let six = with(field("t", "table"), "keys", json!(["code", "amount", "day", "4", "5", "6"]));
    assert_eq!(bed.post(UPDATE, six).await["error"], -210);
    let told = bed.data(GET, json!({"fields_to_get": ["a", "t", "b"]})).await;
    assert_eq!(
        told["data"]["fields"],
        json!([
            {"key": "a", "name": "Ghi chú", "description": "", "data_type": "text", "field_type": "oa_custom"},
            {"key": "b", "name": "Trường b", "description": "", "data_type": "datetime", "field_type": "oa_custom",
             "format": "dd-MM-yyyy HH:mm:ss"},
            {"key": "t", "name": "Trường t", "description": "", "data_type": "table", "field_type": "oa_custom",
             "keys": ["code", "amount", "day"]},
        ])
    );
    // Only the OA's own can go.
    for (gone, want) in [
        (json!({"key": "phone", "field_type": "system"}), bad("field_type")),
        (json!({"key": "a"}), bad("field_type")),
        (json!({"key": "phone", "field_type": "oa_custom"}), bad("key")),
    ] {
        assert_eq!(said(&bed.post(DELETE, gone.clone()).await), want, "{gone}");
    }
}

#[tokio::test]
async fn values_are_checked_by_type_and_come_back_as_texts() {
    let bed = premium().await;
    bed.says("x").await;
    let types = ["boolean", "number", "text", "datetime", "email", "phone", "url", "table"];
    let mut fields: Vec<Value> =
        types.iter().map(|t| field(if *t == "phone" { "tel" } else { t }, t)).collect();
    let mut long = field("when", "datetime");
    long["format"] = json!("yyyy-MM-ddTHH:mm:ss");
    fields.push(long);
    bed.control("PUT", &format!("/oas/{OA}/fields"), json!(fields)).await;
    let write = async |custom: Value| {
        let answer = bed.post(WRITE, json!({"user_id": bed.user, "custom_info": custom})).await;
        let read = bed.data(READ, json!({"user_id": bed.user})).await;
        (said(&answer), read["data"]["custom_info"].clone())
    };
    let kept = |key: &str, given: Value, want: Value| (json!({ key: given }), Some((key.to_owned(), want)));
    let no = |key: &str, given: Value| (json!({ key: given }), None::<(String, Value)>);
    for (given, want) in [
        kept("boolean", json!(true), json!("true")),
        kept("boolean", json!("false"), json!("false")),
        no("boolean", json!("có")),
        no("boolean", json!(1)),
        kept("number", json!(2500), json!("2500")),
        kept("number", json!("-1.125"), json!("-1.125")),
        no("number", json!("1.1255")),
        no("number", json!("1,5")),
        no("number", json!("1e3")),
        kept("text", json!("ộ".repeat(255)), json!("ộ".repeat(255))),
        kept("datetime", json!("31/12/1999"), json!("31/12/1999")),
        kept("datetime", json!("31/12/1999 23:59:59"), json!("31/12/1999")),
        kept("datetime", json!("31-12-1999"), json!("31/12/1999")),
        kept("datetime", json!("31-12-1999 01:02:03"), json!("31/12/1999")),
        kept("datetime", json!("1999-12-31"), json!("31/12/1999")),
        // Epoch seconds, in Vietnam's time.
        kept("datetime", json!(946_663_200), json!("01/01/2000")),
        kept("when", json!("1999-12-31T01:02:03"), json!("1999-12-31T01:02:03")),
        kept("when", json!("31/12/1999"), json!("1999-12-31T00:00:00")),
        no("datetime", json!("31/13/1999")),
        no("datetime", json!("mai")),
        kept("email", json!("an@shop.vn"), json!("an@shop.vn")),
        no("email", json!("an@shop")),
        no("email", json!("an shop.vn")),
        kept("tel", json!(84_900_000_000_i64), json!("84900000000")),
        no("tel", json!("0900000000")),
        no("tel", json!("+84900000000")),
        kept("url", json!("https://shop.vn/a?b=1"), json!("https://shop.vn/a?b=1")),
        kept("url", json!("http://x"), json!("http://x")),
        no("url", json!("shop.vn")),
        kept("table", json!({"code": "DH1", "amount": 100_000}), json!({"code": "DH1", "amount": "100000"})),
        // Cells that are not named stay.
        kept("table", json!({"amount": "5"}), json!({"code": "DH1", "amount": "5"})),
        no("table", json!({"colour": "đỏ"})),
        no("table", json!("DH1")),
        no("text", json!({"a": "b"})),
        no("unknown", json!("x")),
    ] {
        let (answer, read) = write(given.clone()).await;
        match want {
            Some((key, want)) => assert_eq!((answer.as_str(), &read[&key]), ("0", &want), "{given}"),
            None => {
                let key = given.as_object().unwrap().keys().next().unwrap();
                assert_eq!(answer, format!("-201 {key} is invalid!"), "{given}");
            }
        }
    }
    assert_eq!(write(json!({"text": "ộ".repeat(256)})).await.0.split(' ').next(), Some("-210"));
    // All or nothing.
    let (_, before) = write(json!({"text": "trước"})).await;
    let (answer, after) = write(json!({"text": "sau", "number": "x"})).await;
    assert_eq!((answer.as_str(), after), ("-201 number is invalid!", before));
    // Empty takes away.
    let (answer, read) = write(json!({"text": "", "table": ""})).await;
    assert_eq!((answer.as_str(), &read["text"], &read["table"]), ("0", &Value::Null, &Value::Null));
    // A field takes its values with it.
    bed.post(DELETE, json!({"key": "url", "field_type": "oa_custom"})).await;
    assert_eq!(write(json!({})).await.1["url"], Value::Null);
}

#[tokio::test]
async fn system_values_are_written_and_only_what_is_asked_for_is_told() {
    let bed = premium().await;
    let read = async |ask: Value| bed.data(READ, ask).await;
    assert_eq!(said(&read(json!({"user_id": bed.user})).await), "-213 User has not followed OA");
    assert_eq!(said(&read(json!({"user_id": "1"})).await), "-201 user_id is invalid!");
    bed.says("x").await;
    let write = async |mut change: Value| {
        change["user_id"] = bed.user.clone().into();
        said(&bed.post(WRITE, change).await)
    };
    for (change, want) in [
        (json!({"phone": "0900"}), "phone"),
        (json!({"gender": "nam"}), "gender"),
        (json!({"user_dob": "31/12/1969"}), "user_dob"),
        (json!({"user_dob": "1999-12-31"}), "user_dob"),
        (json!({"full_address": {"user_city_id": "03"}}), "user_city_id"),
        (json!({"full_address": {"user_ward_id": "Bến Nghé"}}), "user_ward_id"),
    ] {
        assert_eq!(write(change.clone()).await, format!("-201 {want} is invalid!"), "{change}");
    }
    let all = json!({"name": "An", "phone": "84900000000", "user_dob": "01/01/1970", "gender": "Nữ",
        "full_address": {"user_city_id": "79", "user_ward_id": "27343", "user_address": "12 Lê Lợi"},
        "user_external_id": "CRM-1001"});
    assert_eq!(write(all).await, "0");
    bed.does("visit", json!({"param": "qr-quay-3"})).await;
    let told = json!({"user_id": bed.user, "name": "An", "phone": "84900000000", "user_dob": "01/01/1970",
        "gender": "Nữ", "user_external_id": "CRM-1001", "dynamic_param": "qr-quay-3", "custom_info": {},
        "full_address": {"user_city": "Hồ Chí Minh", "user_ward": "27343", "user_address": "12 Lê Lợi"}});
    assert_eq!(read(json!({"user_id": bed.user})).await["data"], told);
    let some = read(json!({"user_id": bed.user, "fields_to_export": ["phone", "full_address"]})).await;
    let want = json!({"user_id": bed.user, "phone": "84900000000", "full_address": told["full_address"],
        "custom_info": {}});
    assert_eq!(some["data"], want);
    let odd = read(json!({"user_id": bed.user, "fields_to_export": ["phone", "no"]})).await;
    assert_eq!(said(&odd), "-201 fields_to_export is invalid!");
    // Another permission group than that of users.
    bed.control("PUT", &format!("/oas/{OA}/grants/{APP}"), json!({"permissions": ["user_info"]})).await;
    bed.use_token(
        &bed.control("PUT", &format!("/oas/{OA}/grants/{APP}"), json!({"permissions": ["user_info"]})).await,
    );
    assert_eq!(read(json!({"user_id": bed.user})).await["error"], -223);
    assert_eq!(bed.data(GET, json!({})).await["error"], -223);
    assert_eq!(bed.data("/v3.0/oa/user/detail", json!({"user_id": bed.user})).await["error"], 0);
}

#[tokio::test]
async fn a_user_is_updated_and_forgotten() {
    let bed = Bed::new().await;
    bed.says("x").await;
    bed.follows().await;
    let update = async |mut change: Value| {
        change["user_id"] = bed.user.clone().into();
        said(&bed.post("/v3.0/oa/user/update", change).await)
    };
    let shared = json!({"name": "An", "phone": "84900000000", "address": "12 Lê Lợi", "city_id": 1, "user_dob": "31/12/1999"});
    assert_eq!(
        update(json!({"shared_info": shared, "user_alias": "An Q1", "user_external_id": "C1"})).await,
        "0"
    );
    for (change, want) in [
        (json!({"shared_info": {"user_dob": "1/1/1960"}}), "-201 user_dob is invalid!"),
        (json!({"shared_info": {"phone": "09"}}), "-201 phone is invalid!"),
    ] {
        assert_eq!(update(change.clone()).await, want, "{change}");
    }
    let detail =
        async || bed.data("/v3.0/oa/user/detail", json!({"user_id": bed.user})).await["data"].clone();
    let told = detail().await;
    assert_eq!((&told["user_alias"], &told["user_external_id"]), (&json!("An Q1"), &json!("C1")));
    assert_eq!(
        (&told["shared_info"]["city"], &told["shared_info"]["user_dob"]),
        (&json!("Hà Nội"), &json!("31/12/1999"))
    );
    let forget = bed.post("/v2.0/oa/deletefollowerinfo", json!({"user_id": bed.user})).await;
    assert_eq!(said(&forget), "0");
    let told = detail().await;
    assert_eq!((&told["user_alias"], &told["user_external_id"]), (&json!("Nguyễn An"), &json!("")));
    assert_eq!((&told["shared_info"], &told["user_is_follower"]), (&json!({}), &json!(true)));
}

#[tokio::test]
async fn twenty_five_thousand_people_are_reached_by_periods() {
    let bed = Bed::new().await;
    let made = bed.control("POST", "/seed/people", json!({"oa_id": OA, "users": 25_000, "days": 40})).await;
    assert_eq!(made["users"], 25_000);
    let followers = made["followers"].as_i64().unwrap();
    assert!((14_000..16_000).contains(&followers), "{followers}");
    let list = async |ask: Value| bed.data(LIST, ask).await;
    let total = async |mut ask: Value| {
        ask["offset"] = 0.into();
        ask["count"] = 1.into();
        let answer = list(ask).await;
        answer["data"]["total"].as_i64().unwrap_or_else(|| panic!("{answer}"))
    };
    assert_eq!(total(json!({})).await, 25_000);
    assert_eq!(total(json!({"is_follower": "true"})).await, followers);
    assert_eq!(total(json!({"is_follower": false})).await, 25_000 - followers);
    // The requested count comes back; the last page that can be asked for.
    let last = list(json!({"offset": 9951, "count": 50})).await;
    assert_eq!((&last["data"]["count"], last["data"]["users"].as_array().unwrap().len()), (&json!(50), 50));
    let end = list(json!({"offset": 0, "count": 50, "tag_name": "VIP"})).await;
    assert_eq!(end["data"], json!({"total": 0, "count": 50, "offset": 0, "users": []}));
    for (ask, want) in [
        (json!({"offset": 9952, "count": 1}), -210),
        (json!({"offset": 0, "count": 51}), -210),
        (json!({"offset": 0, "count": 0}), -201),
        (json!({"offset": -1, "count": 1}), -201),
        (json!({"offset": 0, "count": 1, "last_interaction_period": "L8D"}), -201),
        (json!({"offset": 0, "count": 1, "last_interaction_period": "2024_12_02:2024_12_01"}), -201),
    ] {
        assert_eq!(list(ask.clone()).await["error"], want, "{ask}");
    }
    // Slices of five days, each short enough, hold everybody once.
    let mut all = std::collections::HashSet::new();
    // The sandbox stands at 2024-12-02; day 0 of the slices is 2024-10-23, forty days before.
    for (first, last) in [
        ("2024_10_20", "2024_10_27"),
        ("2024_10_28", "2024_11_08"),
        ("2024_11_09", "2024_11_20"),
        ("2024_11_21", "2024_12_02"),
    ] {
        let period = format!("{first}:{last}");
        let size = total(json!({"last_interaction_period": period})).await;
        assert!(size < 10_000, "{period}: {size}");
        for offset in (0..size).step_by(50) {
            let page = list(json!({"offset": offset, "count": 50, "last_interaction_period": period})).await;
            for user in page["data"]["users"].as_array().unwrap() {
                assert!(all.insert(user["user_id"].as_str().unwrap().to_owned()), "{user} twice");
            }
        }
    }
    assert_eq!(all.len(), 25_000);
}

#[tokio::test]
async fn periods_are_days_of_vietnam() {
    let bed = Bed::new().await;
    // The clock stands at 10:00; the customer writes, and days go by.
    bed.says("x").await;
    let fits = async |period: &str| {
        let ask = json!({"offset": 0, "count": 1, "last_interaction_period": period});
        bed.data(LIST, ask).await["data"]["total"] == 1
    };
    let expect = async |want: [bool; 4], when: &str| {
        let mut found = [false; 4];
        for (n, period) in ["TODAY", "YESTERDAY", "L7D", "L30D"].iter().enumerate() {
            found[n] = fits(period).await;
        }
        assert_eq!(found, want, "{when}");
    };
    expect([true, false, true, true], "the same day").await;
    bed.later(14 * HOUR - 1).await;
    expect([true, false, true, true], "a moment before midnight").await;
    bed.later(1).await;
    expect([false, true, true, true], "midnight").await;
    bed.later(24 * HOUR).await;
    expect([false, false, true, true], "two days later").await;
    bed.later(10 * 24 * HOUR).await;
    expect([false, false, false, true], "twelve days later").await;
    bed.later(30 * 24 * HOUR).await;
    expect([false; 4], "forty days later").await;
    assert!(fits("2024_12_02:2024_12_02").await);
    assert!(!fits("2024_12_03:2024_12_31").await);
    // Tags filter too.
    bed.post("/v2.0/oa/tag/tagfollower", json!({"user_id": bed.user, "tag_name": "VIP"})).await;
    let ask = json!({"offset": 0, "count": 50, "tag_name": "VIP"});
    assert_eq!(bed.data(LIST, ask).await["data"]["users"], json!([{"user_id": bed.user}]));
}

#[tokio::test]
async fn changes_are_told_by_signed_events() {
    let (receiver, url) = Receiver::start().await;
    let bed = Bed::with(config(), Some(&url)).await;
    bed.control("PUT", &format!("/oas/{OA}/fields"), json!([field("vip", "boolean")])).await;
    bed.says("x").await;
    bed.follows().await;
    let person = format!("/oas/{OA}/users/{PERSON}");
    // Silent: only the control interface knows.
    bed.control(
        "PATCH",
        &person,
        json!({"custom": {"vip": true}, "shared": {"phone": "84900000000"}, "tags": ["VIP"]}),
    )
    .await;
    bed.does("visit", json!({"param": "qr-3"})).await;
    bed.post(WRITE, json!({"user_id": bed.user, "custom_info": {"vip": "false"}})).await;
    bed.does("details", json!({"alias": "An", "custom": {"vip": null}})).await;
    bed.post("/v3.0/oa/user/update", json!({"user_id": bed.user, "user_alias": "An Q1"})).await;
    bed.post("/v2.0/oa/deletefollowerinfo", json!({"user_id": bed.user})).await;
    bed.post("/_sandbox/oa/removefollower", json!({"user_id": bed.user})).await;
    let got = receiver.wait(7).await;
    assert!(got.iter().all(|g| g.signed_with("oa-secret")));
    let told: Vec<String> = got
        .iter()
        .map(|g| match g.json()["data"]["method"].as_str() {
            Some(method) => format!("{} {method}", g.event()),
            None => g.event(),
        })
        .collect();
    assert_eq!(
        told,
        [
            "user_send_text",
            "update_user_info dynamic_url",
            "update_user_info update_custom_info",
            "update_user_info console",
            "update_user_info update_info",
            "update_user_info delete_info",
            "unfollow"
        ]
    );
    let visit = got[1].json();
    assert_eq!((&visit["user_id"], &visit["data"]["dynamic_param"]), (&json!(bed.user), &json!("qr-3")));
    // Both switches off: only what is documented.
    let mut settings = bed.get("/settings").await;
    settings["update_events"] = false.into();
    settings["removal_posts_unfollow"] = false.into();
    bed.control("PUT", "/settings", settings).await;
    bed.post("/v3.0/oa/user/update", json!({"user_id": bed.user, "user_alias": "B"})).await;
    bed.follows().await;
    bed.does("remove-follow", json!({})).await;
    bed.does("visit", json!({"param": "qr-4"})).await;
    assert_eq!(receiver.wait(8).await[7].json()["data"]["dynamic_param"], "qr-4");
}

#[tokio::test]
async fn an_oa_removes_a_follower_at_a_path_of_our_choice() {
    let path = "/v3.0/oa/user/unfollow";
    let bed = Bed::with(Config { remove_follower_path: path.to_owned(), ..config() }, None).await;
    let remove = async || said(&bed.post(path, json!({"user_id": bed.user})).await);
    assert_eq!(remove().await, "-213 User has not followed OA");
    bed.says("x").await;
    bed.follows().await;
    assert_eq!(remove().await, "0");
    let contact = bed.get(&format!("/oas/{OA}/users/{PERSON}")).await;
    assert_eq!(contact["follower"], false);
    assert_eq!(remove().await, "-213 User has not followed OA");
    let (status, again) =
        bed.try_control("POST", &format!("/oas/{OA}/users/{PERSON}/remove-follow"), json!({})).await;
    assert_eq!((status, &again["params"]["reason"]), (409, &json!("not_a_follower")));
    // The customer may follow again.
    bed.does("follow", json!({})).await;
    assert_eq!(bed.get(&format!("/oas/{OA}/users/{PERSON}")).await["follower"], true);
}

#[tokio::test]
async fn fields_and_values_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let kept = || Config { data: Some(folder.path().to_owned()), ..config() };
    let bed = Bed::with(kept(), None).await;
    bed.says("x").await;
    bed.post(CREATE, field("vip", "boolean")).await;
    bed.post(WRITE, json!({"user_id": bed.user, "custom_info": {"vip": "true"}, "gender": "Nam"})).await;
    let bed = bed.restarted(kept()).await;
    let told = bed.data(READ, json!({"user_id": bed.user})).await["data"].clone();
    assert_eq!((&told["custom_info"]["vip"], &told["gender"]), (&json!("true"), &json!("Nam")));
    assert_eq!(keys(&bed, json!({"field_type": "oa_custom"})).await, ["vip"]);
}
