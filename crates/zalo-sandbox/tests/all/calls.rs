//! Uploads, history, users, tags, the OA itself.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::bed::{APP, Bed, HOUR, OA, PERSON};

async fn upload(bed: &Bed, kind: &str, name: &str, bytes: Vec<u8>) -> Value {
    let form = Form::new().part("file", Part::bytes(bytes).file_name(name.to_owned()));
    let request =
        bed.http.post(bed.url(&format!("/v2.0/oa/upload/{kind}"))).header("access_token", bed.token());
    request.multipart(form).send().await.unwrap().json().await.unwrap()
}

fn filled(head: &[u8], size: usize) -> Vec<u8> {
    let mut bytes = head.to_vec();
    bytes.resize(size, b' ');
    bytes
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const MB: usize = 1024 * 1024;

#[tokio::test]
async fn uploads_are_checked_by_content_and_size() {
    let bed = Bed::new().await;
    for (kind, name, bytes, want) in [
        ("image", "a.png", filled(PNG, 1000), 0),
        ("image", "a.png", filled(PNG, MB), 0),
        ("image", "a.png", filled(PNG, MB + 1), -210),
        ("image", "a.png", b"MZ not a picture".to_vec(), -201),
        ("image", "a.gif", b"GIF89a..".to_vec(), -201),
        ("gif", "a.gif", filled(b"GIF89a", 3 * MB), 0),
        ("gif", "a.gif", filled(b"GIF89a", 5 * MB + 1), -210),
        ("file", "a.pdf", filled(b"%PDF-1.7", 1000), 0),
        ("file", "a.csv", b"a,b\n1,2\n".to_vec(), 0),
        ("file", "a.docx", filled(b"PK\x03\x04", 1000), 0),
        ("file", "a.zip", filled(b"PK\x03\x04", 1000), -201),
        ("file", "a.pdf", filled(b"%PDF-1.7", 5 * MB + 1), -210),
    ] {
        let answer = upload(&bed, kind, name, bytes.clone()).await;
        assert_eq!(answer["error"], want, "{kind} {name} {} bytes: {answer}", bytes.len());
    }
}

#[tokio::test]
async fn an_upload_can_be_sent_for_seven_days_and_fetched() {
    let bed = Bed::new().await;
    let file = upload(&bed, "file", "báo giá.pdf", filled(b"%PDF-1.7", 1000)).await;
    let image = upload(&bed, "image", "a.png", filled(PNG, 500)).await;
    let (token, id) = (&file["data"]["token"], &image["data"]["attachment_id"]);
    assert!(token.as_str().unwrap().len() >= 150, "{file}");
    bed.says("x").await;
    let file = json!({"attachment": {"type": "file", "payload": {"token": token}}});
    let image = json!({"text": "mẫu", "attachment": {"type": "template", "payload": {"template_type": "media",
        "elements": [{"media_type": "image", "attachment_id": id, "url": ""}]}}});
    assert_eq!(bed.send(file.clone()).await["error"], 0);
    assert_eq!(bed.send(image.clone()).await["error"], 0);
    let thread = bed.get(&format!("/oas/{OA}/users/{}/messages", bed.user)).await;
    let sent = &thread["items"][1]["attachments"][0];
    assert_eq!(
        (&sent["name"], &sent["size"], &sent["extension"]),
        (&json!("báo giá.pdf"), &json!(1000), &json!("pdf"))
    );
    let fetched = bed.http.get(sent["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(fetched.headers()["content-type"], "application/pdf");
    assert_eq!(fetched.bytes().await.unwrap().len(), 1000);

    bed.later(7 * 24 * HOUR).await;
    bed.says("x").await;
    assert_eq!(bed.send(file).await, json!({"error": -100, "message": "attachment_id was expired"}));
    assert_eq!(bed.send(image).await["error"], -100);
}

#[tokio::test]
async fn history_is_newest_first_and_pages() {
    let bed = Bed::new().await;
    for n in 0..12 {
        bed.says(&format!("tin {n}")).await;
        bed.advance(1000).await;
    }
    bed.text("trả lời").await;
    let page =
        bed.data("/v2.0/oa/conversation", json!({"user_id": bed.user, "offset": 0, "count": 10})).await;
    let items = page["data"].as_array().unwrap();
    assert_eq!(items.len(), 10);
    assert_eq!(
        (&items[0]["message"], &items[0]["src"], &items[0]["type"]),
        (&json!("trả lời"), &json!(0), &json!("text"))
    );
    assert_eq!(
        (&items[1]["message"], &items[1]["src"], &items[1]["from_display_name"]),
        (&json!("tin 11"), &json!(1), &json!("Nguyễn An"))
    );
    let rest =
        bed.data("/v2.0/oa/conversation", json!({"user_id": bed.user, "offset": 10, "count": 10})).await;
    assert_eq!(rest["data"].as_array().unwrap().len(), 3);
    assert_eq!(
        bed.data("/v2.0/oa/conversation", json!({"user_id": bed.user, "offset": 0, "count": 11})).await["error"],
        -210
    );
    let recent = bed.data("/v2.0/oa/listrecentchat", json!({"offset": 0, "count": 5})).await;
    assert_eq!(recent["data"].as_array().unwrap().len(), 1);
    assert_eq!(recent["data"][0]["message"], "trả lời");
}

#[tokio::test]
async fn users_tags_and_the_oa() {
    let bed = Bed::new().await;
    let detail = async || bed.data("/v3.0/oa/user/detail", json!({"user_id": bed.user})).await;
    assert_eq!(detail().await["error"], -213, "no relation yet");
    bed.does("follow", json!({})).await;
    bed.does("info", json!({"name": "An", "phone": "84900000000", "city": "Hồ Chí Minh"})).await;
    let tag = json!({"user_id": bed.user, "tag_name": "VIP"});
    assert_eq!(
        bed.post("/v2.0/oa/tag/tagfollower", tag.clone()).await,
        json!({"error": 0, "message": "Success"})
    );
    let user = detail().await["data"].clone();
    assert_eq!((&user["display_name"], &user["user_is_follower"]), (&json!("Nguyễn An"), &json!(true)));
    assert_eq!(user["user_last_interaction_date"], "02/12/2024");
    assert_eq!(user["tags_and_notes_info"]["tag_names"], json!(["VIP"]));
    assert_eq!(user["shared_info"]["phone"], "84900000000");
    let avatar = bed.http.get(user["avatar"].as_str().unwrap()).send().await.unwrap();
    assert!(avatar.text().await.unwrap().contains("<svg"));

    let list = async |filter: Value| {
        let mut ask = json!({"offset": 0, "count": 50});
        ask.as_object_mut().unwrap().extend(filter.as_object().unwrap().clone());
        bed.data("/v3.0/oa/user/getlist", ask).await
    };
    assert_eq!(
        list(json!({"tag_name": "VIP", "is_follower": "true", "last_interaction_period": "TODAY"})).await["data"]
            ["total"],
        1
    );
    assert_eq!(list(json!({"last_interaction_period": "YESTERDAY"})).await["data"]["total"], 0);
    assert_eq!(list(json!({"last_interaction_period": "2024_12_01:2024_12_02"})).await["data"]["total"], 1);
    assert_eq!(list(json!({"is_follower": false})).await["data"]["total"], 0);
    assert_eq!(list(json!({"count": 51})).await["error"], -210);
    assert_eq!(list(json!({"last_interaction_period": "soon"})).await["error"], -201);

    let tags = async || bed.data("/v2.0/oa/tag/gettagsofoa", json!({})).await["data"].clone();
    assert_eq!(tags().await, json!(["VIP"]));
    bed.post("/v2.0/oa/tag/rmfollowerfromtag", tag).await;
    bed.post("/v2.0/oa/tag/rmtag", json!({"tag_name": "VIP"})).await;
    assert_eq!(tags().await, json!([]));

    bed.change_oa(json!({"zca": {"balance_vnd": 5}})).await;
    let oa = bed.data("/v2.0/oa/getoa", json!({})).await["data"].clone();
    assert_eq!((&oa["oaid"], &oa["oa_id"], &oa["num_follower"]), (&json!(OA), &json!(OA), &json!(1)));
    assert_eq!(
        (&oa["package_name"], &oa["package_valid_through_date"]),
        (&json!("Nâng cao"), &json!("31/12/2024"))
    );
    assert!(oa["linked_ZCA"].is_string());

    // Ids are scoped: another OA sees the same person under another id.
    bed.control("POST", "/oas", json!({"id": "3330000000000000002"})).await;
    let other = bed.get(&format!("/oas/3330000000000000002/users/{PERSON}")).await;
    assert_ne!(other["user_id"], bed.user.as_str());
}

#[tokio::test]
async fn reactions_reach_the_message() {
    let bed = Bed::new().await;
    let said = bed.says("x").await;
    let react = async |icon: &str, id: &Value| {
        let action = json!({"react_icon": icon, "react_message_id": id});
        bed.post("/v2.0/oa/message", json!({"recipient": {"user_id": bed.user}, "sender_action": action}))
            .await["error"]
            .as_i64()
            .unwrap()
    };
    assert_eq!(react("/-heart", &said["id"]).await, 0);
    assert_eq!(react("/-nothing", &said["id"]).await, -201);
    assert_eq!(react("/-heart", &json!("nowhere")).await, -201);
    let thread = bed.get(&format!("/oas/{OA}/users/{}/messages", bed.user)).await;
    assert_eq!(thread["items"][0]["reactions"], json!([{"icon": "/-heart", "by_oa": true}]));
    for _ in 0..49 {
        assert_eq!(react("/-strong", &said["id"]).await, 0);
    }
    assert_eq!(react("/-strong", &said["id"]).await, -210, "50 a message");
    assert_eq!(react("/-remove", &said["id"]).await, 0);
}

#[tokio::test]
async fn seeding_makes_history_and_no_events() {
    let (receiver, url) = crate::bed::Receiver::start().await;
    let bed = Bed::with(crate::bed::config(), Some(&url)).await;
    let made = bed
        .control(
            "POST",
            "/seed/generate",
            json!({"seed": 3, "oa_ids": [OA], "users": 20, "messages": 100, "app_id": APP}),
        )
        .await;
    let threads = made["threads"].as_array().unwrap();
    assert_eq!(threads.len(), 20);
    assert_eq!(threads.iter().map(|t| t["messages"].as_array().unwrap().len()).sum::<usize>(), 100);
    let thread = threads.iter().find(|t| t["messages"].as_array().unwrap().len() >= 3).unwrap();
    let history = bed
        .data("/v2.0/oa/conversation", json!({"user_id": thread["user_id"], "offset": 0, "count": 1}))
        .await;
    let last = thread["messages"].as_array().unwrap().last().unwrap();
    assert_eq!(history["data"][0]["message_id"], last["id"]);
    assert!(bed.get("/webhooks").await.as_array().unwrap().is_empty());
    assert!(receiver.all().is_empty());
    assert!(bed.ledger().await.is_empty(), "the ledger shows seeded history only when asked");

    let exact = json!({"users": [{"id": "77", "name": "Hoa", "threads": [{"oa_id": OA, "follower": true, "messages": [
        {"at": crate::bed::START.plus_hours(-2).as_ms(), "by": "user", "text": "Chào"},
        {"at": crate::bed::START.plus_hours(-1).as_ms(), "by": "oa", "text": "Dạ", "app_id": APP}]}]}]});
    bed.control("POST", "/seed", exact).await;
    let contact = bed.get(&format!("/oas/{OA}/users/77")).await;
    assert_eq!((&contact["reply"]["remain"], &contact["follower"]), (&json!(7), &json!(true)));
}

#[tokio::test]
async fn pages_and_documentation_are_served() {
    let bed = Bed::new().await;
    for (path, holds) in [
        ("/", "phone.js"),
        ("/control", "control.js"),
        ("/_pages/phone.js", "phone-input"),
        ("/_sandbox/api/openapi.json", "/_sandbox/api/oas/{oa}/users/{user}/messages"),
        ("/_sandbox/docs/", "swagger"),
    ] {
        let answer = bed.http.get(bed.url(path)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert!(answer.text().await.unwrap().contains(holds), "{path}");
    }
}
