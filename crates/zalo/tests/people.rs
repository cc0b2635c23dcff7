//! Users, fields of the OA's own and tags: bodies as the platform reference shows them, and the calls that carry them.
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::Uri;
use axum::routing::any;
use axum::{Json, Router};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use zalo::client::{Access, Endpoints, Outcome, ZaloClient};
use zalo::custom::*;
use zalo::date::Day;
use zalo::field::*;
use zalo::user::*;

const USER: &str = "5120988712345678901";

fn round_trip<T: Serialize + DeserializeOwned>(name: &str, wire: Value) -> T {
    let read: T = serde_json::from_value(wire.clone()).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(serde_json::to_value(&read).unwrap(), wire, "{name}");
    read
}

#[test]
fn bodies_as_documented() {
    let detail: UserDetail = round_trip(
        "detail (§8.1)",
        json!({ "user_id": USER, "user_id_by_app": "6120988712345678902", "user_external_id": "",
            "display_name": "Nguyễn An", "user_alias": "An – Q1", "is_sensitive": false,
            "user_last_interaction_date": "06/09/2025", "user_is_follower": true, "avatar": "https://s120/a",
            "avatars": { "120": "https://a", "240": "https://b" }, "dynamic_param": "",
            "tags_and_notes_info": { "notes": ["khách quen"], "tag_names": ["VIP"] },
            "shared_info": { "name": "An", "phone": "84900000000", "address": "12 Lê Lợi", "city": "Hồ Chí Minh", "district": "Quận 1" } }),
    );
    assert_eq!(detail.shared_info.unwrap().district.as_deref(), Some("Quận 1"));
    let list: UserListQuery = round_trip(
        "list (§8.2)",
        json!({ "offset": 0, "count": 50, "tag_name": "VIP", "last_interaction_period": "L7D", "is_follower": "true" }),
    );
    assert_eq!(list.is_follower, Some(true));
    round_trip::<UserUpdate>(
        "update (§8.3)",
        json!({ "user_id": USER, "user_alias": "An – Q1", "user_external_id": "CRM-1001",
            "shared_info": { "name": "An", "phone": "84900000000", "address": "12 Lê Lợi", "city_id": 4, "district_id": 10, "user_dob": "31/12/1999" } }),
    );
    round_trip::<CustomInfoQuery>(
        "values asked (§9.1)",
        json!({ "user_id": USER, "fields_to_export": ["name", "phone", "orderInfo_table"] }),
    );
    let values: CustomInfo = round_trip(
        "values told (§9.1)",
        json!({ "user_id": USER, "name": "An", "phone": "84900000000", "user_dob": "31/12/1999", "gender": "Nam",
            "full_address": { "user_city": "Hồ Chí Minh", "user_ward": "Bến Nghé", "user_address": "12 Lê Lợi" },
            "user_external_id": "CRM-1001", "dynamic_param": "",
            "custom_info": { "isVip_boolean": "true", "points_number": "2500", "order_table": { "code": "DH1", "amount": "100000" } } }),
    );
    let table = BTreeMap::from([("amount".into(), "100000".into()), ("code".into(), "DH1".into())]);
    assert_eq!(values.custom_info.unwrap()["order_table"], CustomValue::Table(table));
    round_trip::<CustomInfoUpdate>(
        "values written (§9.2)",
        json!({ "user_id": USER, "name": "An", "phone": "84900000000", "user_dob": "31/12/1999", "gender": "Nam",
            "full_address": { "user_city_id": "79", "user_ward_id": "27343", "user_address": "12 Lê Lợi" },
            "user_external_id": "CRM-1001",
            "custom_info": { "isVip_boolean": "true", "points_number": "2500", "order_table": { "code": "DH1", "amount": "100000" } } }),
    );
    let plain: FieldDefinition = round_trip(
        "definition (§9.3, provisional)",
        json!({ "key": "isVip_boolean", "name": "Khách VIP", "description": "", "data_type": "boolean" }),
    );
    assert_eq!(plain.data_type, DataType::Boolean);
    round_trip::<FieldQuery>(
        "definitions asked (§9.3)",
        json!({ "field_type": "oa_custom", "fields_to_get": ["isVip_boolean"] }),
    );
    assert_eq!(
        serde_json::to_value(FieldKey::custom("isVip_boolean")).unwrap(),
        json!({ "key": "isVip_boolean", "field_type": "oa_custom" })
    );
}

#[test]
fn what_comes_loosely_typed_is_read() {
    let values: CustomInfo = serde_json::from_value(json!({
        "user_id": 5120988712345678901_u64, "phone": 84900000000_u64, "full_address": "12 Lê Lợi", "news": 1,
        "custom_info": { "a": true, "b": 2500, "c": 1.5, "d": null, "t": { "x": 1, "y": null } },
    }))
    .unwrap();
    assert_eq!((values.user_id.as_deref(), values.phone.as_deref()), (Some(USER), Some("84900000000")));
    assert_eq!(values.full_address, None, "another shape spoils nothing");
    let told = serde_json::to_value(values.custom_info).unwrap();
    assert_eq!(told, json!({ "a": "true", "b": "2500", "c": "1.5", "t": { "x": "1" } }));
    for wrong in [json!({ "a": [1] }), json!({ "a": { "b": { "c": 1 } } })] {
        assert!(serde_json::from_value::<CustomInfo>(json!({ "custom_info": wrong })).is_err(), "{wrong}");
    }
    // Definitions, as a bare list or in an object; types and makers that nobody knows yet.
    let field = json!({ "key": "k", "data_type": "COLOUR", "field_type": "SYSTEM", "keys": null });
    for wire in [json!([field]), json!({ "fields": [field] })] {
        let list: FieldList = serde_json::from_value(wire).unwrap();
        assert_eq!(list.fields[0].data_type, DataType::Other("COLOUR".into()));
        assert_eq!(list.fields[0].field_type, Some(FieldType::System));
    }
    for known in DataType::ALL {
        assert_eq!(DataType::from(known.as_str().to_uppercase().as_str()), known);
    }
}

#[test]
fn periods() {
    let day = |year, month, day| Day { year, month, day };
    let range = Period::Range(day(2026, 1, 5), day(2026, 11, 30));
    for (text, want) in [
        ("TODAY", Some(Period::Today)),
        ("YESTERDAY", Some(Period::Yesterday)),
        ("L7D", Some(Period::Last7Days)),
        ("L30D", Some(Period::Last30Days)),
        ("2026_01_05:2026_11_30", Some(range)),
        ("2026_01_05:2026_01_05", Some(Period::Range(day(2026, 1, 5), day(2026, 1, 5)))),
        ("today", None),
        ("L8D", None),
        ("2026_11_30:2026_01_05", None),
        ("2026_02_30:2026_03_01", None),
        ("2026-01-05:2026-11-30", None),
        ("2026_01_05", None),
        ("", None),
    ] {
        let read = text.parse::<Period>().ok();
        assert_eq!(read, want, "{text}");
        assert_eq!(read.map(|p| p.to_string()).as_deref(), want.map(|_| text));
    }
}

type Log = Arc<Mutex<Vec<(String, Value)>>>;

#[tokio::test]
async fn calls_go_where_the_reference_says() {
    async fn answer(State(log): State<Log>, uri: Uri, RawQuery(query): RawQuery, body: Bytes) -> Json<Value> {
        let data = query.unwrap_or_default();
        let data = url::form_urlencoded::parse(data.as_bytes()).find(|(key, _)| key == "data");
        let (how, sent) = match (&data, body.is_empty()) {
            (Some((_, data)), true) => ("GET data", serde_json::from_str(data).unwrap()),
            (None, true) => ("GET", Value::Null),
            _ => ("POST", serde_json::from_slice(&body).unwrap()),
        };
        log.lock().unwrap().push((format!("{how} {}", uri.path()), sent));
        let data = match uri.path() {
            "/v3.0/oa/user/detail/custominfo" => json!({ "user_id": USER, "custom_info": {} }),
            "/v3.0/oa/userfield/get" => json!([]),
            "/v2.0/oa/tag/gettagsofoa" => json!(["VIP", "Q1"]),
            // Write-only calls answer without payload.
            _ => return Json(json!({ "error": 0, "message": "Success" })),
        };
        Json(json!({ "data": data, "error": 0, "message": "Success" }))
    }
    let log = Log::default();
    let router = Router::new().fallback(any(answer)).with_state(log.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    // Another test of this program may have been first.
    drop(rustls::crypto::ring::default_provider().install_default());
    let http = ZaloClient::http_builder().build().unwrap();
    let client = ZaloClient::new(http, Endpoints::one_host(base.parse().unwrap()));
    let access = Access::new("AT-invented");
    let done = Outcome::Accepted(());
    let field = FieldDefinition {
        key: "vip".into(),
        name: Some("VIP".into()),
        description: None,
        data_type: DataType::Boolean,
        field_type: None,
        format: None,
        keys: Vec::new(),
    };
    let update = UserUpdate { user_id: USER.into(), user_alias: Some("An".into()), ..UserUpdate::default() };
    assert_eq!(client.user_update(&access, &update).await.outcome, done);
    assert_eq!(client.user_forget(&access, USER).await.outcome, done);
    let query = CustomInfoQuery { user_id: USER.into(), ..CustomInfoQuery::default() };
    assert!(client.user_values(&access, &query).await.outcome.accepted().is_some());
    let write =
        CustomInfoUpdate { user_id: USER.into(), name: Some("An".into()), ..CustomInfoUpdate::default() };
    assert_eq!(client.user_values_update(&access, &write).await.outcome, done);
    assert!(client.fields(&access, &FieldQuery::default()).await.outcome.accepted().is_some());
    assert_eq!(client.field_create(&access, &field).await.outcome, done);
    assert_eq!(client.field_update(&access, &field).await.outcome, done);
    assert_eq!(client.field_delete(&access, "vip").await.outcome, done);
    assert_eq!(client.tag_user(&access, USER, "VIP").await.outcome, done);
    assert_eq!(client.untag_user(&access, USER, "VIP").await.outcome, done);
    assert_eq!(client.tag_remove(&access, "VIP").await.outcome, done);
    assert_eq!(client.tags(&access).await.outcome, Outcome::Accepted(vec!["VIP".into(), "Q1".into()]));
    assert_eq!(client.remove_follower(&access, "/of/our/choice", USER).await.outcome, done);
    let definition = json!({ "key": "vip", "name": "VIP", "data_type": "boolean" });
    let want = [
        ("POST /v3.0/oa/user/update", json!({ "user_id": USER, "user_alias": "An" })),
        ("POST /v2.0/oa/deletefollowerinfo", json!({ "user_id": USER })),
        ("GET data /v3.0/oa/user/detail/custominfo", json!({ "user_id": USER })),
        ("POST /v3.0/oa/user/update/custominfo", json!({ "user_id": USER, "name": "An" })),
        ("GET data /v3.0/oa/userfield/get", json!({})),
        ("POST /v3.0/oa/userfield/create", definition.clone()),
        ("POST /v3.0/oa/userfield/update", definition),
        ("POST /v3.0/oa/userfield/delete", json!({ "key": "vip", "field_type": "oa_custom" })),
        ("POST /v2.0/oa/tag/tagfollower", json!({ "user_id": USER, "tag_name": "VIP" })),
        ("POST /v2.0/oa/tag/rmfollowerfromtag", json!({ "user_id": USER, "tag_name": "VIP" })),
        ("POST /v2.0/oa/tag/rmtag", json!({ "tag_name": "VIP" })),
        ("GET /v2.0/oa/tag/gettagsofoa", Value::Null),
        ("POST /of/our/choice", json!({ "user_id": USER })),
    ];
    let want: Vec<_> = want.into_iter().map(|(call, body)| (call.to_owned(), body)).collect();
    assert_eq!(*log.lock().unwrap(), want);
}
