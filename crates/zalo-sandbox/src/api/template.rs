//! What the platform refuses in cards and buttons beyond their lengths (platform reference §3.6 to §3.8).
//! **Unsure**: which code a missing part gets is inferred from the table of codes, not observed.

use loa_rulebook::TemplateLimits;
use zalo::attach::{ActionPayload, ActionType, Button, Element};
use zalo::error::ErrorCode;
use zalo::message::Refusal;

/// Cards of a list, or the one question of a request for contact data.
pub fn check_elements(elements: &[Element], limits: &TemplateLimits) -> Result<(), Refusal> {
    if elements.len() < limits.cards_min as usize {
        return Err(Refusal::field("elements"));
    }
    if elements.len() > limits.cards_max as usize {
        return Err(Refusal::of(ErrorCode::LIMIT_EXCEEDED));
    }
    for (at, element) in elements.iter().enumerate() {
        let filled = |text: &Option<String>| text.as_deref().is_some_and(|t| !t.trim().is_empty());
        if !filled(&element.title) {
            return Err(Refusal::field("title"));
        }
        if at == 0 && limits.first_needs_subtitle && !filled(&element.subtitle) {
            return Err(Refusal::field("subtitle"));
        }
        if at == 0 && limits.first_needs_picture && !filled(&element.image_url) {
            return Err(Refusal::field("image_url"));
        }
        if element.image_url.as_deref().is_some_and(|url| !url.is_empty() && !is_address(url)) {
            return Err(Refusal::field("image_url"));
        }
        if let Some(action) = &element.default_action {
            check_action(&action.kind, action.payload.as_ref(), action.url.as_deref(), limits)?;
        }
    }
    Ok(())
}

/// Buttons under a message.
pub fn check_buttons(buttons: &[Button], limits: &TemplateLimits) -> Result<(), Refusal> {
    if buttons.len() < limits.buttons_min as usize {
        return Err(Refusal::field("buttons"));
    }
    if buttons.len() > limits.buttons_max as usize {
        return Err(Refusal::of(ErrorCode::LIMIT_EXCEEDED));
    }
    buttons.iter().try_for_each(|button| {
        if button.title.trim().is_empty() {
            return Err(Refusal::field("title"));
        }
        check_action(&button.kind, button.payload.as_ref(), None, limits)
    })
}

fn check_action(
    kind: &ActionType,
    payload: Option<&ActionPayload>,
    direct: Option<&str>,
    limits: &TemplateLimits,
) -> Result<(), Refusal> {
    let (text, url, content, phone) = match payload {
        Some(ActionPayload::Text(text)) => (Some(text.as_str()), None, None, None),
        Some(ActionPayload::Object { url, content, phone_code }) => {
            (None, url.as_deref(), content.as_deref(), phone_code.as_deref())
        }
        None => (None, None, None, None),
    };
    let filled = |text: Option<&str>| text.is_some_and(|t| !t.trim().is_empty());
    let is_long = |text: Option<&str>, most: u32| text.is_some_and(|t| t.chars().count() > most as usize);
    let is_phone =
        |text: Option<&str>| text.is_some_and(|t| t.len() >= 8 && t.bytes().all(|b| b.is_ascii_digit()));
    let sound = match kind {
        ActionType::OpenUrl => direct.or(url).is_some_and(is_address),
        ActionType::QueryShow | ActionType::QueryHide => filled(text),
        ActionType::OpenSms => is_phone(phone) && filled(content),
        ActionType::OpenPhone => is_phone(phone),
        ActionType::Other(_) => return Err(Refusal::field("type")),
    };
    if !sound {
        return Err(Refusal::field("payload"));
    }
    if is_long(text, limits.query_max) || is_long(content, limits.sms_max) {
        return Err(Refusal::of(ErrorCode::LIMIT_EXCEEDED));
    }
    Ok(())
}

fn is_address(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}
