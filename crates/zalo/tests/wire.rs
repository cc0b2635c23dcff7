//! Requests and answers, byte for byte as the platform reference shows them.
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use zalo::ErrorCode;
use zalo::attach::{ActionPayload, ActionType, Button, DefaultAction, Element};
use zalo::conversation::HistoryMessage;
use zalo::message::*;
use zalo::oa::OaInfo;
use zalo::quota::*;
use zalo::user::*;

const USER: &str = "5120988712345678901";

#[test]
fn messages_as_documented() {
    let send =
        |message| serde_json::to_value(SendRequest::to_user(USER, message)).unwrap()["message"].clone();
    let media =
        |element: Value| json!({"type":"template","payload":{"template_type":"media","elements":[element]}});
    let element = Element {
        title: Some("Hỏi giá".into()),
        image_url: Some("https://shop.example/2.jpg".into()),
        default_action: Some(DefaultAction {
            kind: ActionType::QueryShow,
            url: None,
            payload: Some(ActionPayload::Text("#gia".into())),
        }),
        ..Element::default()
    };
    for (name, message, want, echo) in [
        ("text", OutMessage::text("Chào"), json!({"text":"Chào"}), "oa_send_text"),
        (
            "quote",
            OutMessage::text("Còn ạ").quoting("7c1b2f60aa91e3d45f02"),
            json!({"text":"Còn ạ","quote_message_id":"7c1b2f60aa91e3d45f02"}),
            "oa_send_text",
        ),
        (
            "image by address",
            OutMessage::image(MediaSource::Url("https://shop.example/a.jpg"), Some("Ảnh")),
            json!({"text":"Ảnh","attachment":media(json!({"media_type":"image","url":"https://shop.example/a.jpg"}))}),
            "oa_send_image",
        ),
        (
            "image by upload",
            OutMessage::image(MediaSource::AttachmentId("id1"), None),
            json!({"attachment":media(json!({"media_type":"image","attachment_id":"id1"}))}),
            "oa_send_image",
        ),
        (
            "gif",
            OutMessage::gif(MediaSource::AttachmentId("id1"), 500, 280, None),
            json!({"attachment":media(json!({"media_type":"gif","attachment_id":"id1","width":500,"height":280}))}),
            "oa_send_gif",
        ),
        (
            "sticker",
            OutMessage::sticker("st1"),
            json!({"attachment":media(json!({"media_type":"sticker","attachment_id":"st1"}))}),
            "oa_send_sticker",
        ),
        (
            "file",
            OutMessage::file("tok"),
            json!({"attachment":{"type":"file","payload":{"token":"tok"}}}),
            "oa_send_file",
        ),
        (
            "request_user_info",
            OutMessage::request_user_info("Shop Mận", "Cho xin", "https://shop.example/b.jpg"),
            json!({"attachment":{"type":"template","payload":{"template_type":"request_user_info","elements":[
                {"title":"Shop Mận","subtitle":"Cho xin","image_url":"https://shop.example/b.jpg"}]}}}),
            "oa_send_template",
        ),
        (
            "list",
            OutMessage::list(vec![element], vec![Button::phone("Gọi", "84900000000")]),
            json!({"attachment":{"type":"template","payload":{"template_type":"list",
                "elements":[{"title":"Hỏi giá","image_url":"https://shop.example/2.jpg",
                    "default_action":{"type":"oa.query.show","payload":"#gia"}}],
                "buttons":[{"title":"Gọi","type":"oa.open.phone","payload":{"phone_code":"84900000000"}}]}}}),
            "oa_send_list",
        ),
        (
            "buttons",
            OutMessage::buttons(
                "Cần gì?",
                vec![Button::open_url("Web", "https://shop.example"), Button::query("Tư vấn", "#tv")],
            ),
            json!({"text":"Cần gì?","attachment":{"type":"template","payload":{"buttons":[
                {"title":"Web","type":"oa.open.url","payload":{"url":"https://shop.example"}},
                {"title":"Tư vấn","type":"oa.query.show","payload":"#tv"}]}}}),
            "oa_send_text",
        ),
    ] {
        let wire = send(message.clone());
        assert_eq!(wire, want, "{name}");
        let read: OutMessage = serde_json::from_value(wire).unwrap();
        assert_eq!(read, message, "{name}");
        assert_eq!(read.check(&MessageLimits::default()).unwrap().echo_event(), echo, "{name}");
    }
    let reaction = SendRequest::reaction(USER, "m1", SenderAction::LOVE);
    assert_eq!(
        serde_json::to_value(&reaction).unwrap(),
        json!({"recipient":{"user_id":USER},"sender_action":{"react_icon":"/-heart","react_message_id":"m1"}})
    );
}

#[test]
fn refusals_of_shape() {
    let media =
        |e: Value| json!({"attachment":{"type":"template","payload":{"template_type":"media","elements":e}}});
    let buttons = |n: usize| {
        let button = json!({"title":"a","type":"oa.query.show","payload":"#a"});
        json!({"text":"a","attachment":{"type":"template","payload":{"buttons":vec![button; n]}}})
    };
    for (message, want) in [
        (json!({"text":"a"}), Ok(())),
        (json!({"text":"ế".repeat(2000)}), Ok(())),
        (json!({"text":"ế".repeat(2001)}), Err((-210, "Parameter exceeds allowable limit"))),
        (json!({"text":""}), Err((-201, "text is invalid!"))),
        (json!({}), Err((-201, "text is invalid!"))),
        (json!({"text":"a","quote_message_id":""}), Ok(())),
        (media(json!([])), Err((-201, "elements is invalid!"))),
        (media(json!([{"media_type":"image","url":""}])), Err((-201, "url is invalid!"))),
        // What the PHP SDK sends: a size for a still picture and an empty address beside the id.
        (
            media(json!([{"media_type":"image","url":"","attachment_id":"x","width":500,"height":280}])),
            Ok(()),
        ),
        (
            media(json!([{"media_type":"image","url":"u"},{"media_type":"image","url":"u"}])),
            Err((-210, "Parameter exceeds allowable limit")),
        ),
        (media(json!([{"media_type":"gif","url":"u"}])), Err((-201, "width is invalid!"))),
        (media(json!([{"media_type":"gif","url":"u","width":"5","height":"6"}])), Ok(())),
        (media(json!([{"media_type":"sticker","url":"u"}])), Err((-201, "attachment_id is invalid!"))),
        (
            media(json!([{"media_type":"hologram","url":"u"}])),
            Err((-233, "message type is invalid or not support")),
        ),
        (media(json!([{"url":"u"}])), Err((-201, "media_type is invalid!"))),
        (json!({"attachment":{"type":"file","payload":{}}}), Err((-201, "token is invalid!"))),
        (json!({"attachment":{"type":"file"}}), Err((-201, "token is invalid!"))),
        (
            json!({"attachment":{"type":"cube","payload":{}}}),
            Err((-233, "message type is invalid or not support")),
        ),
        (buttons(5), Ok(())),
        (buttons(6), Err((-210, "Parameter exceeds allowable limit"))),
        (buttons(0), Err((-201, "buttons is invalid!"))),
    ] {
        let read: OutMessage = serde_json::from_value(message.clone()).unwrap();
        let got = read.check(&MessageLimits::default()).map(|_| ());
        assert_eq!(
            got,
            want.map_err(|(code, text)| Refusal { code: ErrorCode(code), message: text.to_owned() }),
            "{message}"
        );
    }
}

#[test]
fn recipients() {
    for (recipient, want) in [
        (json!({"user_id":"5"}), Ok(RecipientForm::User("5"))),
        (json!({"user_id":5}), Ok(RecipientForm::User("5"))),
        (json!({"message_id":"m"}), Ok(RecipientForm::Message("m"))),
        (json!({"group_id":"g"}), Ok(RecipientForm::Group("g"))),
        (
            json!({"anonymous_id":"a","conversation_id":"c"}),
            Ok(RecipientForm::Anonymous { anonymous_id: "a", conversation_id: "c" }),
        ),
        (json!({"anonymous_id":"a"}), Err(Refusal::field("conversation_id"))),
        (json!({"user_id":""}), Err(Refusal::field("user_id"))),
        (json!({}), Err(Refusal::field("user_id"))),
    ] {
        let read: Recipient = serde_json::from_value(recipient.clone()).unwrap();
        assert_eq!(read.form(), want, "{recipient}");
    }
    // An id longer than an integer would arrive rounded: refused rather than sent to somebody else.
    assert!(serde_json::from_str::<Recipient>(r#"{"user_id":51209887123456789011}"#).is_err());
}

/// Reads every sample, writes the first one back.
fn samples<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(samples: &[Value]) -> T {
    let read: Vec<T> = samples.iter().map(|s| serde_json::from_value(s.clone()).unwrap()).collect();
    for (one, sample) in read.iter().zip(samples) {
        assert_eq!(*one, read[0], "{sample}");
    }
    assert_eq!(serde_json::to_value(&read[0]).unwrap(), samples[0], "writes as documented");
    read.into_iter().next().unwrap()
}

#[test]
fn answers_as_documented() {
    let sent: SendData = samples(&[
        json!({"message_id":"7c","user_id":USER,"sent_time":"1790000000123","quota":{"quota_type":"reply","remain":"8","total":"8"}}),
        json!({"message_id":"7c","user_id":5120988712345678901u64,"sent_time":1790000000123u64,"quota":{"quota_type":"reply","remain":8,"total":"8","new":1}}),
    ]);
    assert_eq!(sent.quota, Some(QuotaBlock::counted(QuotaType::Reply, 8, 8)));
    let bare: SendData = samples(&[
        json!({"message_id":"7c"}),
        json!({"message_id":"7c","quota":{},"sent_time":""}),
        json!({"message_id":"7c","quota":null}),
    ]);
    assert_eq!(bare.quota, None);
    let block: QuotaBlock = samples(&[
        json!({"quota_type":"sub_quota","remain":"1963","total":"2000","expired_date":"21/10/2025"}),
    ]);
    assert_eq!(block.quota_type, QuotaType::Sub);
    let block: QuotaBlock =
        samples(&[json!({"quota_type":"purchase_quota","owner_type":"OA","owner_id":"3330000000000000001"})]);
    assert_eq!(block.quota_type, QuotaType::Purchase);
    let block: QuotaBlock = samples(&[json!({"quota_type":"zbs"})]);
    assert_eq!(block.quota_type, QuotaType::Other("zbs".into()));

    let user: UserQuota = samples(&[
        json!({"last_interaction":"1790000000000","cs_reply":{"remain":8,"total":8},"promotion":{"daily_remain":1,"daily_total":1,"monthly_remain":4,"monthly_total":4}}),
        json!({"last_interaction":1790000000000u64,"cs_reply":{"remain":"8","total":"8"},"promotion":{"daily_remain":"1","daily_total":1,"monthly_remain":4,"monthly_total":4}}),
    ]);
    assert_eq!(user.cs_reply, Some(Counter { remain: 8, total: 8 }));
    assert_eq!(serde_json::from_value::<UserQuota>(json!({"last_interaction":"1"})).unwrap().cs_reply, None);

    let assets: Vec<Asset> = samples(&[
        json!([{"asset_id":"5e","product_type":"cs","quota_type":"sub_quota","valid_through":"21/10/2025","total":2000,"remain":1963}]),
    ]);
    assert_eq!((assets[0].total, assets[0].remain), (Some(2000), Some(1963)));
    let ask: QuotaRequest = samples(&[
        json!({"quota_owner":"OA","product_type":"cs","quota_type":"sub_quota"}),
        json!({"quota_owner":"oa","product_type":"cs","quota_type":"sub_quota"}),
    ]);
    assert_eq!(ask.quota_owner, Some(QuotaOwner::Oa));

    let oa: OaInfo = samples(&[
        json!({"oaid":"333","oa_id":"333","name":"Shop","is_verified":true,"oa_type":2,"num_follower":1200,"linked_ZCA":"ZCA-1","linked_zca":"ZCA-1"}),
        json!({"oaid":333,"name":"Shop","is_verified":"true","oa_type":"2","num_follower":"1200","linked_ZCA":"ZCA-1"}),
        json!({"oa_id":"333","name":"Shop","is_verified":1,"oa_type":2,"num_follower":1200,"linked_zca":"ZCA-1"}),
    ]);
    assert_eq!((oa.oa_id.as_str(), oa.linked_zca.as_deref()), ("333", Some("ZCA-1")));

    let detail: UserDetail = samples(&[
        json!({"user_id":USER,"user_id_by_app":"612","user_external_id":"","display_name":"Nguyễn An","user_alias":"An","is_sensitive":false,
            "user_last_interaction_date":"06/09/2025","user_is_follower":true,"avatar":"https://a","avatars":{"120":"https://b"},"dynamic_param":"",
            "tags_and_notes_info":{"notes":["khách quen"],"tag_names":["VIP"]},
            "shared_info":{"name":"An","phone":"84900000000","address":"12 Lê Lợi","city":"Hồ Chí Minh","district":"Quận 1"}}),
    ]);
    assert_eq!(detail.user_is_follower, Some(true));
    let odd = json!({"user_id":1,"shared_info":"84900000000","avatars":[],"tags_and_notes_info":null});
    assert_eq!(
        serde_json::from_value::<UserDetail>(odd).unwrap(),
        UserDetail { user_id: "1".into(), ..UserDetail::default() }
    );

    let list: UserList = samples(&[
        json!({"total":2,"count":50,"offset":0,"users":[{"user_id":"1"},{"user_id":"2"}]}),
        json!({"total":"2","count":"50","offset":"0","users":[{"user_id":1},{"user_id":2}]}),
    ]);
    assert_eq!(list.users.len(), 2);
    let query: UserListQuery = samples(&[
        json!({"offset":0,"count":50,"tag_name":"VIP","last_interaction_period":"L7D","is_follower":"true"}),
        json!({"offset":0,"count":50,"tag_name":"VIP","last_interaction_period":"L7D","is_follower":true}),
    ]);
    assert_eq!(query.is_follower, Some(true));

    let history: HistoryMessage = samples(&[
        json!({"message_id":"7c","src":0,"time":1790000000123u64,"type":"text","message":"Chào","from_id":"333","to_id":USER}),
        json!({"msg_id":"7c","src":"0","time":"1790000000123","type":"text","message":"Chào","from_id":333,"to_id":USER,"x":1}),
    ]);
    assert!(history.from_oa);
    assert_eq!(history.user_id(), Some(USER));
}
