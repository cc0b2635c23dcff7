//! Messages with cards and buttons: lists, texts with buttons, requests for contact data.
//!
//! The same words describe what a member writes, what is stored with the message, and what the browser shows.

use loa_kernel::{Problem, normalise_phone};
use loa_rulebook::{ActionFacts, ButtonFacts, CardFacts, TemplateFacts};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Attachment, MessageKind};

/// Which of the kinds with cards or buttons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TemplateKind {
    /// Cards under each other.
    List,
    /// A text with buttons; the text is the message's.
    Buttons,
    /// A question for contact data.
    RequestInfo,
}

impl From<TemplateKind> for MessageKind {
    fn from(kind: TemplateKind) -> Self {
        match kind {
            TemplateKind::List => Self::List,
            TemplateKind::Buttons => Self::Buttons,
            TemplateKind::RequestInfo => Self::RequestInfo,
        }
    }
}

/// What a tap does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TapAction {
    /// Opens an address.
    OpenUrl {
        /// The address.
        url: String,
    },
    /// Says a text in the customer's name; it counts as the customer's message.
    Say {
        /// The text.
        text: String,
    },
    /// The same, not shown in the customer's own chat.
    SayHidden {
        /// The text.
        text: String,
    },
    /// Begins an SMS.
    Sms {
        /// To which number: digits with the country code.
        phone: String,
        /// Its text.
        content: String,
    },
    /// Dials.
    Call {
        /// Which number: digits with the country code.
        phone: String,
    },
}

/// A card.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Card {
    /// Its title.
    pub title: String,
    /// Second line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// Address of its picture; the platform fetches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// What a tap does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<TapAction>,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Button {
    /// Its label.
    pub title: String,
    /// What a tap does.
    pub action: TapAction,
}

/// Cards and buttons of one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Template {
    /// Which kind.
    pub kind: TemplateKind,
    /// The cards; of a request for contact data the one question.
    #[serde(default)]
    pub cards: Vec<Card>,
    /// The buttons.
    #[serde(default)]
    pub buttons: Vec<Button>,
}

impl Template {
    /// The same in the form in which it is kept and sent: without blanks around texts and empty parts, numbers in one
    /// form. Lengths are the rule book's matter ([`Template::facts`]).
    ///
    /// # Errors
    /// `invalid_field` with the place: `address` for what is no http address, `phone` for what is no number, `required`
    /// for an action without its text.
    pub fn cleaned(&self) -> Result<Self, Problem> {
        let cards = self.cards.iter().enumerate().map(|(at, card)| {
            let place = |name: &str| format!("cards[{at}].{name}");
            let image_url = some(card.image_url.as_deref()).map(|url| address(&place("image_url"), &url));
            Ok(Card {
                title: clean(&card.title),
                subtitle: some(card.subtitle.as_deref()),
                image_url: image_url.transpose()?,
                action: card.action.as_ref().map(|a| a.cleaned(&place("action"))).transpose()?,
            })
        });
        let cards: Vec<Card> = cards.collect::<Result<_, Problem>>()?;
        let buttons = self.buttons.iter().enumerate().map(|(at, button)| {
            let action = button.action.cleaned(&format!("buttons[{at}].action"))?;
            Ok(Button { title: clean(&button.title), action })
        });
        Ok(Self { kind: self.kind, cards, buttons: buttons.collect::<Result<_, Problem>>()? })
    }

    /// What limits look at. Pure.
    pub fn facts(&self) -> TemplateFacts {
        facts(&self.cards, &self.buttons)
    }

    /// As it is stored with its message.
    pub fn attachment(self) -> Attachment {
        Attachment { cards: self.cards, buttons: self.buttons, ..Attachment::of(self.kind.into()) }
    }

    /// What stands for the message where one line must do: its first title. A text with buttons has its own text.
    pub fn summary(&self) -> Option<String> {
        self.cards.first().map(|card| card.title.clone())
    }
}

/// What limits look at in these cards and buttons. Pure.
pub fn facts(cards: &[Card], buttons: &[Button]) -> TemplateFacts {
    let count = |text: &str| text.chars().count();
    TemplateFacts {
        cards: cards
            .iter()
            .map(|card| CardFacts {
                title_chars: count(&card.title),
                subtitle_chars: card.subtitle.as_deref().map_or(0, count),
                pictured: card.image_url.is_some(),
                action: card.action.as_ref().map(TapAction::facts).unwrap_or_default(),
            })
            .collect(),
        buttons: buttons
            .iter()
            .map(|button| ButtonFacts { title_chars: count(&button.title), action: button.action.facts() })
            .collect(),
    }
}

impl TapAction {
    fn facts(&self) -> ActionFacts {
        let count = |text: &str| text.chars().count();
        match self {
            Self::Say { text } | Self::SayHidden { text } => {
                ActionFacts { query_chars: count(text), sms_chars: 0 }
            }
            Self::Sms { content, .. } => ActionFacts { query_chars: 0, sms_chars: count(content) },
            Self::OpenUrl { .. } | Self::Call { .. } => ActionFacts::default(),
        }
    }

    fn cleaned(&self, place: &str) -> Result<Self, Problem> {
        let needed = |text: &str| some(Some(text)).ok_or_else(|| Problem::invalid(place, "required"));
        let number = |typed: &str| normalise_phone(typed).map_err(|_| Problem::invalid(place, "phone"));
        Ok(match self {
            Self::OpenUrl { url } => Self::OpenUrl { url: address(place, url.trim())? },
            Self::Say { text } => Self::Say { text: needed(text)? },
            Self::SayHidden { text } => Self::SayHidden { text: needed(text)? },
            Self::Sms { phone, content } => Self::Sms { phone: number(phone)?, content: needed(content)? },
            Self::Call { phone } => Self::Call { phone: number(phone)? },
        })
    }
}

fn clean(text: &str) -> String {
    text.replace('\0', "").trim().to_owned()
}

fn some(text: Option<&str>) -> Option<String> {
    text.map(clean).filter(|text| !text.is_empty())
}

/// Longest address that is taken; browsers take no longer ones either.
const ADDRESS_MAX: usize = 2048;

fn address(place: &str, text: &str) -> Result<String, Problem> {
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.host().is_some();
    let fits = text.len() <= ADDRESS_MAX && Url::parse(text).is_ok_and(|url| is_web(&url));
    if fits { Ok(text.to_owned()) } else { Err(Problem::invalid(place, "address")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn button(action: TapAction) -> Template {
        let buttons = vec![Button { title: " Gọi\0 ".into(), action }];
        Template { kind: TemplateKind::Buttons, cards: Vec::new(), buttons }
    }

    #[test]
    fn actions_are_cleaned_or_refused_with_their_place() {
        let open = |url: &str| TapAction::OpenUrl { url: url.into() };
        let call = |phone: &str| TapAction::Call { phone: phone.into() };
        let say = |text: &str| TapAction::Say { text: text.into() };
        let long = format!("https://a.vn/{}", "x".repeat(ADDRESS_MAX));
        for (action, want) in [
            (open(" https://shop.example/a?b=c "), Ok(open("https://shop.example/a?b=c"))),
            (open("shop.example"), Err("address")),
            (open("javascript:alert(1)"), Err("address")),
            (open("https://"), Err("address")),
            (open(&long), Err("address")),
            (call("0912 345 678"), Ok(call("84912345678"))),
            (call("gọi tôi"), Err("phone")),
            (say(" #gia "), Ok(say("#gia"))),
            (say(" \0 "), Err("required")),
        ] {
            let found = button(action.clone()).cleaned();
            match want {
                Ok(action) => {
                    let want = Button { title: "Gọi".into(), action };
                    assert_eq!(found.unwrap().buttons, [want]);
                }
                Err(reason) => {
                    let problem = found.unwrap_err();
                    assert_eq!(problem.params["reason"], reason, "{action:?}");
                    assert_eq!(problem.params["field"], "buttons[0].action");
                }
            }
        }
    }

    #[test]
    fn it_is_stored_and_read_again() {
        let card = Card { title: "Hỏi giá".into(), subtitle: Some(" ".into()), ..Card::default() };
        let list = Template { kind: TemplateKind::List, cards: vec![card], buttons: Vec::new() };
        let list = list.cleaned().unwrap();
        assert_eq!((list.summary().as_deref(), &list.cards[0].subtitle), (Some("Hỏi giá"), &None));
        let json = serde_json::to_value(list.clone().attachment()).unwrap();
        assert_eq!(json, serde_json::json!({"kind": "list", "cards": [{"title": "Hỏi giá"}]}));
        let read: Attachment = serde_json::from_value(json).unwrap();
        assert_eq!(read.cards, list.cards);
        assert_eq!(list.facts().cards[0].title_chars, 7);
    }
}
