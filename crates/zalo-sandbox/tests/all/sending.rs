//! Who pays for what, and what is refused (platform reference §3, §5, §6).

use serde_json::{Value, json};

use crate::bed::{APP, Bed, HOUR, OA};

#[tokio::test]
async fn eight_free_replies_then_the_package_then_money() {
    let bed = Bed::new().await;
    bed.change_oa(json!({"package": {"total": 2}, "zca": {"balance_vnd": 100}})).await;
    bed.follows().await;
    bed.says("Còn hàng không shop?").await;
    for left in (0..8).rev() {
        let (error, quota) = bed.text("Dạ còn ạ").await;
        let want = json!({"quota_type": "reply", "remain": left.to_string(), "total": "8"});
        assert_eq!((error, quota), (0, want));
    }
    for left in (0..2).rev() {
        let (error, quota) = bed.text("tin tư vấn").await;
        let want = json!({"quota_type": "sub_quota", "remain": left.to_string(), "total": "2", "expired_date": "31/12/2024"});
        assert_eq!((error, quota), (0, want));
    }
    // 55 đ each: 100 đ pay for one.
    assert_eq!(bed.text("trả tiền").await, (0, Value::Null));
    assert_eq!(bed.text("hết tiền").await.0, -321);
    bed.change_oa(json!({"zca": {"linked": false}})).await;
    assert_eq!(bed.text("chưa liên kết").await.0, -320);

    let ledger = bed.ledger().await;
    assert_eq!(ledger.len(), 12, "one by the customer, eleven accepted sends");
    assert_eq!((&ledger[11]["payer"], &ledger[11]["cost_vnd"]), (&json!("charged"), &json!(55)));

    // The customer writes: the counter is set again, not added to.
    bed.says("Alo").await;
    bed.says("Alo").await;
    assert_eq!(bed.text("Dạ").await.1["remain"], "7");
}

#[tokio::test]
async fn packs_pay_before_money_bonus_first() {
    let bed = Bed::new().await;
    let until = crate::bed::START.plus_days(30).as_ms();
    bed.change_oa(json!({"package": {"total": 0}, "extra": [
        {"total": 1, "valid_until_at": until}, {"total": 1, "reward": true, "valid_until_at": until}]}))
        .await;
    bed.follows().await;
    bed.says("x").await;
    bed.later(48 * HOUR + 1).await;
    assert_eq!(bed.text("1").await.1["quota_type"], "reward_quota");
    assert_eq!(
        bed.text("2").await.1,
        json!({"quota_type": "purchase_quota", "owner_type": "OA", "owner_id": OA})
    );
    assert_eq!(bed.text("3").await.0, -320);
}

#[tokio::test]
async fn windows_of_48_hours_and_7_days() {
    let bed = Bed::new().await;
    assert_eq!(bed.text("never met").await.0, -232);
    bed.says("x").await;
    bed.later(48 * HOUR).await;
    assert_eq!(bed.text("last free instant").await.1["quota_type"], "reply");
    bed.advance(1).await;
    assert_eq!(bed.text("not a follower").await.0, -213);
    bed.follows().await;
    assert_eq!(bed.text("package pays").await.1["quota_type"], "sub_quota");
    bed.later(5 * 24 * HOUR - 1).await;
    assert_eq!(bed.text("still permitted").await.0, 0);
    bed.advance(1).await;
    assert_eq!(bed.text("7 days are over").await.0, -230);
    // Zalo's own tool still may.
    assert_eq!(bed.tool("Dạ shop đây ạ").await["payer"], "sub_quota");
}

#[tokio::test]
async fn the_sync_example_of_the_seed() {
    let bed = Bed::new().await;
    bed.change_oa(json!({"package": {"total": 1000, "used": 36}})).await;
    bed.follows().await;
    bed.says("x").await;
    bed.later(48 * HOUR + 1).await;
    assert_eq!(bed.text("37").await.1["remain"], "963", "37/1000");
    for text in ["38", "39", "40"] {
        bed.tool(text).await;
    }
    assert_eq!(bed.text("41").await.1["remain"], "959", "41/1000");
    let assets = bed
        .post(
            "/v3.0/oa/quota/message",
            json!({"quota_owner": "OA", "product_type": "cs", "quota_type": "sub_quota"}),
        )
        .await;
    assert_eq!((&assets["data"][0]["remain"], &assets["data"][0]["total"]), (&json!(959), &json!(1000)));
    assert_eq!(
        bed.post("/v2.0/oa/quota/message", json!({})).await["data"],
        json!({"type": "active", "remain": 959, "total": 1000})
    );
}

#[tokio::test]
async fn the_counter_of_one_customer_is_not_anothers() {
    let bed = Bed::new().await;
    bed.control("POST", "/users", json!({"id": "9990000000000000002", "name": "Trần Bình"})).await;
    bed.says("x").await;
    bed.control("POST", &format!("/oas/{OA}/users/9990000000000000002/messages"), json!({"text": "y"})).await;
    for _ in 0..3 {
        bed.text("a").await;
    }
    let quota = bed.post("/v3.0/oa/quota/message", json!({"user_id": bed.user})).await;
    assert_eq!(quota["data"]["cs_reply"], json!({"remain": 5, "total": 8}));
    assert_eq!(quota["data"]["last_interaction"], crate::bed::START.as_ms().to_string());
    let other = bed.get(&format!("/oas/{OA}/users/9990000000000000002")).await;
    assert_eq!(other["reply"]["remain"], 8);
}

#[tokio::test]
async fn a_new_period_fills_the_package_again() {
    let bed = Bed::new().await;
    bed.change_oa(
        json!({"package": {"used": 1000, "period_end_at": crate::bed::START.plus_days(3).as_ms()}}),
    )
    .await;
    bed.follows().await;
    bed.says("x").await;
    bed.later(49 * HOUR).await;
    assert_eq!(bed.text("spent").await.0, -320);
    bed.advance(24 * HOUR).await;
    assert_eq!(bed.text("new period").await.1["remain"], "999");
    // What is set in a period that has begun unnoticed stays set in it.
    bed.advance(40 * 24 * HOUR).await;
    bed.change_oa(json!({"package": {"used": 1000}})).await;
    assert_eq!(bed.get(&format!("/oas/{OA}")).await["package"]["used"], 1000);
    bed.change_oa(json!({"package": {"auto_renew": false}})).await;
    bed.says("x").await;
    bed.later(40 * 24 * HOUR).await;
    assert_eq!(bed.text("lapsed").await.0, -224);
}

#[tokio::test]
async fn the_edition_of_2026_counts_nothing() {
    let bed = Bed::new().await;
    bed.change_oa(json!({"edition": "messaging-2026-01"})).await;
    let at = |date: &str| date.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    bed.control("POST", "/clock", json!({"set": at("2026-02-01T03:00:00Z")})).await;
    bed.new_token().await;
    bed.says("x").await;
    for _ in 0..12 {
        assert_eq!(bed.text("free").await.1, json!({"quota_type": "reply", "remain": "8", "total": "8"}));
    }
    bed.control("POST", "/clock", json!({"set": at("2026-03-02T03:00:00Z")})).await;
    bed.new_token().await;
    bed.says("x").await;
    assert_eq!(bed.text("free").await.1, json!({"quota_type": "reply"}), "both keys are dropped");
    let (status, _) =
        bed.try_control("PATCH", &format!("/oas/{OA}"), json!({"edition": "messaging-1999"})).await;
    assert_eq!(status, 422);
}

#[tokio::test]
async fn welcome_messages_to_a_follower_who_never_interacted() {
    let bed = Bed::new().await;
    bed.control("PATCH", &format!("/oas/{OA}/users/{}", bed.user), json!({"follower": true})).await;
    let (error, quota) = bed.text("Chào mừng").await;
    // The edition says whether there are welcome messages; the sandbox must follow it either way.
    match quota["quota_type"].as_str() {
        Some("welcome_msg") => {
            assert_eq!((quota["remain"].as_str(), quota["total"].as_str()), (Some("2"), Some("3")))
        }
        _ => assert_eq!(error, -232),
    }
    bed.change_oa(json!({"edition": "messaging-2026-01"})).await;
    let contact =
        bed.control("PATCH", &format!("/oas/{OA}/users/{}", bed.user), json!({"welcome_used": 0})).await;
    assert_eq!(contact["welcome_used"], 0);
    assert_eq!(
        bed.text("Chào mừng").await.1,
        json!({"quota_type": "welcome_msg", "remain": "2", "total": "3"})
    );
}

#[tokio::test]
async fn refusals_and_their_order() {
    let bed = Bed::new().await;
    let long = "a".repeat(2001);
    let media = |element: Value| json!({"attachment": {"type": "template", "payload": {"template_type": "media", "elements": [element]}}});
    for (message, want) in [
        (json!({}), -201),
        (json!({"text": ""}), -201),
        (json!({"text": long}), -210),
        (json!({"attachment": {"type": "video", "payload": {}}}), -233),
        (media(json!({"media_type": "image"})), -201),
        (media(json!({"media_type": "image", "attachment_id": "unknown"})), -201),
        (media(json!({"media_type": "gif", "url": "https://shop.example/a.gif"})), -201),
        // Everything fits: only now the user is looked at.
        (json!({"text": "a".repeat(2000)}), -232),
        (
            media(
                json!({"media_type": "image", "url": "https://shop.example/a.jpg", "width": 500, "height": 280}),
            ),
            -232,
        ),
    ] {
        let answer = bed.send(message.clone()).await;
        assert_eq!(answer["error"], want, "{message} {answer}");
        assert!(answer.get("data").is_none());
    }
    let stranger = bed
        .post(
            "/v3.0/oa/message/cs",
            json!({"recipient": {"user_id": "5000000000000000000"}, "message": {"text": "x"}}),
        )
        .await;
    assert_eq!(stranger, json!({"error": -201, "message": "user_id is invalid!"}));
    let old = bed
        .post("/v2.0/oa/message", json!({"recipient": {"user_id": bed.user}, "message": {"text": "x"}}))
        .await;
    assert_eq!(old["error"], -240);

    // From the weakest to the strongest: each new trouble hides the former.
    let user = format!("/oas/{OA}/users/{}", bed.user);
    bed.follows().await;
    bed.says("x").await;
    bed.change_oa(json!({"package": {"total": 0}})).await;
    bed.control("PATCH", &user, json!({"replies_used": 8})).await;
    let code = async || bed.text("x").await.0;
    assert_eq!(code().await, -320);
    bed.does("block", json!({"blocked": true})).await;
    assert_eq!(code().await, -244);
    bed.control("PATCH", &user, json!({"banned": true})).await;
    assert_eq!(code().await, -227);
    bed.change_oa(json!({"package": {"api_access": false}})).await;
    assert_eq!(code().await, -224);
    bed.change_oa(json!({"verified": false})).await;
    assert_eq!(code().await, -221);
    bed.change_oa(json!({"disabled": true})).await;
    assert_eq!(code().await, -204);
    bed.control("PATCH", &format!("/apps/{APP}"), json!({"active": false})).await;
    assert_eq!(code().await, -209);
    bed.control("PATCH", &format!("/apps/{APP}"), json!({"removed": true})).await;
    assert_eq!(code().await, -219);
    bed.control("POST", &format!("/oas/{OA}/grants/{APP}/expire"), json!({})).await;
    assert_eq!(code().await, -220);
    bed.change_oa(json!({"rate_per_minute": 1})).await;
    // The clock stands, so the minute's one request is spent by the first.
    assert_eq!((code().await, code().await), (-220, -32));
    bed.use_token(&json!({"access_token": "nobody's"}));
    assert_eq!(bed.text("x").await.0, -216);
    assert_eq!(bed.ledger().await.len(), 1, "nothing but the customer's message was kept");
}

#[tokio::test]
async fn cards_and_buttons_are_checked_as_the_reference_says() {
    let bed = Bed::new().await;
    bed.says("x").await;
    let template = |payload: Value| json!({"attachment": {"type": "template", "payload": payload}});
    let card = |over: Value| {
        let mut card = json!({"title": "Khuyến mãi", "subtitle": "Giảm 20 %", "image_url": "https://shop.example/1.jpg"});
        card.as_object_mut().unwrap().extend(over.as_object().unwrap().clone());
        card
    };
    let list = |card: Value| template(json!({"template_type": "list", "elements": [card]}));
    let ask = |card: Value| template(json!({"template_type": "request_user_info", "elements": [card]}));
    let buttons = |text: &str, button: Value| {
        let mut message = template(json!({"buttons": [button]}));
        message["text"] = text.into();
        message
    };
    let button = |kind: &str, payload: Value| json!({"title": "Bấm", "type": kind, "payload": payload});
    let action = |kind: &str, more: Value| {
        let mut action = json!({"type": kind});
        action.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        card(json!({"default_action": action}))
    };
    let phone = json!({"phone_code": "84900000000"});
    for (name, message, want) in [
        ("a list", list(card(json!({}))), 0),
        ("a list with a link", list(action("oa.open.url", json!({"url": "https://shop.example"}))), 0),
        ("a list with a query", list(action("oa.query.show", json!({"payload": "#gia"}))), 0),
        ("a list with a link that is none", list(action("oa.open.url", json!({"url": "shop"}))), -201),
        ("a list without a title", list(card(json!({"title": ""}))), -201),
        ("a list without the first second line", list(card(json!({"subtitle": ""}))), -201),
        ("a list with a long title", list(card(json!({"title": "a".repeat(101)}))), -210),
        ("a list with a long second line", list(card(json!({"subtitle": "a".repeat(501)}))), -210),
        (
            "a list of six",
            template(json!({"template_type": "list", "elements": vec![card(json!({})); 6]})),
            -210,
        ),
        ("a question", ask(card(json!({}))), 0),
        ("a question without a picture", ask(card(json!({"image_url": ""}))), -201),
        ("no question", template(json!({"template_type": "request_user_info", "elements": []})), -201),
        (
            "two questions",
            template(json!({"template_type": "request_user_info", "elements": vec![card(json!({})); 2]})),
            -210,
        ),
        (
            "a text with a link",
            buttons("Chọn", button("oa.open.url", json!({"url": "https://shop.example"}))),
            0,
        ),
        ("a text with a number", buttons("Chọn", button("oa.open.phone", phone.clone())), 0),
        ("a text with no number", buttons("Chọn", button("oa.open.phone", json!({}))), -201),
        (
            "a text with an SMS",
            buttons("Chọn", button("oa.open.sms", json!({"content": "DK", "phone_code": "84900000000"}))),
            0,
        ),
        ("a text with an SMS of nothing", buttons("Chọn", button("oa.open.sms", phone)), -201),
        (
            "a text with a long SMS",
            buttons(
                "Chọn",
                button("oa.open.sms", json!({"content": "a".repeat(161), "phone_code": "84900000000"})),
            ),
            -210,
        ),
        ("a text with a long query", buttons("Chọn", button("oa.query.hide", json!("a".repeat(1001)))), -210),
        ("a text with an unknown action", buttons("Chọn", button("oa.fly", json!("x"))), -201),
        ("buttons without a text", buttons("", button("oa.query.show", json!("x"))), -201),
        (
            "buttons with a long label",
            buttons("x", json!({"title": "a".repeat(101), "type": "oa.query.show", "payload": "x"})),
            -210,
        ),
        (
            "an unknown template",
            template(json!({"template_type": "carousel", "elements": [card(json!({}))]})),
            -233,
        ),
    ] {
        // Not the counter is looked at here.
        bed.control("PATCH", &format!("/oas/{OA}/users/{}", bed.user), json!({"replies_used": 0})).await;
        assert_eq!(bed.send(message).await["error"], want, "{name}");
    }
    let kept: Vec<Value> = bed.ledger().await.into_iter().skip(1).map(|m| m["kind"].clone()).collect();
    assert_eq!(kept, ["list", "list", "list", "request_info", "buttons", "buttons", "buttons"]);
}

#[tokio::test]
async fn the_minute_has_a_limit_and_answers_show_it() {
    let bed = Bed::new().await;
    bed.change_oa(json!({"rate_per_minute": 2})).await;
    let call = async || {
        let answer = bed.post_raw("/v2.0/oa/quota/message", json!({})).await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        let rate = (header("x-ratelimit-limit"), header("x-ratelimit-remain"));
        (rate, answer.json::<Value>().await.unwrap())
    };
    assert_eq!(call().await.0, ("2".into(), "1".into()));
    assert_eq!(call().await.0, ("2".into(), "0".into()));
    let (_, refused) = call().await;
    assert_eq!(refused, json!({"error": -32, "message": "Your OA reached limit call api"}));
    bed.advance(60_000).await;
    assert_eq!(call().await.1["error"], 0);
}

#[tokio::test]
async fn counters_as_numbers_and_text_json_are_switches() {
    let bed = Bed::new().await;
    bed.says("x").await;
    bed.control("PUT", "/settings", json!({"quota_numbers": true, "text_json": true})).await;
    let answer = bed
        .post_raw(
            "/v3.0/oa/message/cs",
            json!({"recipient": {"user_id": bed.user}, "message": {"text": "a"}}),
        )
        .await
        .unwrap();
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/json"));
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["data"]["quota"], json!({"quota_type": "reply", "remain": 7, "total": 8}));
}
