//! Cards and buttons in the platform's form (platform reference §3.6 to §3.8).

use zalo::attach::{ActionPayload, ActionType, Button as WireButton, DefaultAction, Element};
use zalo::message::OutMessage;

use crate::{Button, Card, TapAction, Template, TemplateKind};

/// The message. What a kind does not have was refused by the rule book before.
pub(super) fn wire(text: &str, template: &Template) -> OutMessage {
    let mut elements = template.cards.iter().map(element);
    let buttons = template.buttons.iter().map(button).collect();
    match template.kind {
        TemplateKind::List => OutMessage::list(elements.collect(), buttons),
        TemplateKind::Buttons => OutMessage::buttons(text, buttons),
        TemplateKind::RequestInfo => OutMessage::request_info(elements.next().unwrap_or_default()),
    }
}

fn element(card: &Card) -> Element {
    Element {
        title: Some(card.title.clone()),
        subtitle: card.subtitle.clone(),
        image_url: card.image_url.clone(),
        default_action: card.action.as_ref().map(|action| match action {
            // The link is a direct key here, unlike in a button.
            TapAction::OpenUrl { url } => {
                DefaultAction { kind: ActionType::OpenUrl, url: Some(url.clone()), payload: None }
            }
            other => {
                let (kind, payload) = tap(other);
                DefaultAction { kind, url: None, payload: Some(payload) }
            }
        }),
        ..Element::default()
    }
}

fn button(button: &Button) -> WireButton {
    let (kind, payload) = tap(&button.action);
    WireButton { title: button.title.clone(), kind, payload: Some(payload) }
}

fn tap(action: &TapAction) -> (ActionType, ActionPayload) {
    let object = |url: Option<&String>, content: Option<&String>, phone: Option<&String>| {
        ActionPayload::Object { url: url.cloned(), content: content.cloned(), phone_code: phone.cloned() }
    };
    match action {
        TapAction::OpenUrl { url } => (ActionType::OpenUrl, object(Some(url), None, None)),
        TapAction::Say { text } => (ActionType::QueryShow, ActionPayload::Text(text.clone())),
        TapAction::SayHidden { text } => (ActionType::QueryHide, ActionPayload::Text(text.clone())),
        TapAction::Sms { phone, content } => (ActionType::OpenSms, object(None, Some(content), Some(phone))),
        TapAction::Call { phone } => (ActionType::OpenPhone, object(None, None, Some(phone))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_what_the_reference_shows() {
        let url = "https://shop.example".to_owned();
        let say = TapAction::Say { text: "#gia".into() };
        let card = |title: &str, action| Card {
            title: title.into(),
            subtitle: Some("Giảm 20 %".into()),
            image_url: None,
            action: Some(action),
        };
        let list = Template {
            kind: TemplateKind::List,
            cards: vec![
                card("Khuyến mãi", TapAction::OpenUrl { url: url.clone() }),
                card("Hỏi giá", say.clone()),
            ],
            buttons: vec![Button {
                title: "Gọi".into(),
                action: TapAction::Call { phone: "84900000000".into() },
            }],
        };
        assert_eq!(
            serde_json::to_value(wire("", &list)).unwrap(),
            json!({"attachment": {"type": "template", "payload": {
                "template_type": "list",
                "elements": [
                    {"title": "Khuyến mãi", "subtitle": "Giảm 20 %",
                     "default_action": {"type": "oa.open.url", "url": "https://shop.example"}},
                    {"title": "Hỏi giá", "subtitle": "Giảm 20 %",
                     "default_action": {"type": "oa.query.show", "payload": "#gia"}}
                ],
                "buttons": [{"title": "Gọi", "type": "oa.open.phone", "payload": {"phone_code": "84900000000"}}]
            }}})
        );
        let sms = TapAction::Sms { phone: "84900000000".into(), content: "DK".into() };
        let hidden = TapAction::SayHidden { text: "#im".into() };
        let buttons = [("Xem web", TapAction::OpenUrl { url }), ("SMS", sms), ("Ẩn", hidden)];
        let buttons = buttons.map(|(title, action)| Button { title: title.into(), action }).to_vec();
        let buttons = Template { kind: TemplateKind::Buttons, cards: Vec::new(), buttons };
        assert_eq!(
            serde_json::to_value(wire("Cần gì ạ?", &buttons)).unwrap(),
            json!({"text": "Cần gì ạ?", "attachment": {"type": "template", "payload": {"buttons": [
                {"title": "Xem web", "type": "oa.open.url", "payload": {"url": "https://shop.example"}},
                {"title": "SMS", "type": "oa.open.sms", "payload": {"content": "DK", "phone_code": "84900000000"}},
                {"title": "Ẩn", "type": "oa.query.hide", "payload": "#im"}
            ]}}})
        );
        let ask =
            Template { kind: TemplateKind::RequestInfo, cards: vec![card("Shop", say)], buttons: Vec::new() };
        let wire = serde_json::to_value(wire("", &ask)).unwrap();
        assert_eq!(wire["attachment"]["payload"]["template_type"], "request_user_info");
        assert_eq!(wire["attachment"]["payload"]["elements"][0]["title"], "Shop");
    }
}
