//! From the text of a messaging book to [`MessagingRules`]: keys, ranges, contradictions.

use std::collections::BTreeMap;

use crate::reader::Section;
use crate::{
    AnswerRules, AttachmentLimits, ConsultationRules, KindLimits, Limits, MessageKind, MessagingRules,
    OpenedBy, PaidRules, ReplyCounterInAnswers, ReplyRules, TemplateLimits, WelcomeRules,
};

/// Ten years of hours or days: beyond it a number is a slip of the pen.
const MAX_HOURS: u32 = 87_600;
const MAX_DAYS: u32 = 3_650;

const OPENERS: &[(&str, OpenedBy)] =
    &[("message", OpenedBy::Message), ("interaction", OpenedBy::Interaction)];

/// Read the book. `None` when something is wrong; what, is noted in the section's reader.
pub(crate) fn messaging(mut root: Section<'_, '_>) -> Option<MessagingRules> {
    root.text("kind");
    let edition = root.text("edition");
    if let Some(name) = &edition
        && !is_edition_name(name)
    {
        root.fault("edition", "expected lower-case letters, digits and hyphens, not `auto`");
    }
    let title = root.text("title");
    let effective_from = root.date("effective_from");
    let effective_until = root.maybe_date("effective_until");
    if let (Some(from), Some(Some(until))) = (&effective_from, &effective_until)
        && until <= from
    {
        root.fault("effective_until", "must be after effective_from");
    }

    let reply = root.section("reply").and_then(reply);
    let consultation = root.section("consultation").and_then(consultation);
    let welcome = if root.has("welcome") {
        root.maybe_section("welcome").and_then(welcome).map(Some)
    } else {
        root.maybe_section("welcome");
        Some(None)
    };
    let paid = root.section("paid").and_then(paid);
    let answers = root.section("answers").and_then(answers);
    let limits = root.section("limits").and_then(limits);

    if let (Some(reply), Some(consultation)) = (&reply, &consultation)
        && let Some(days) = consultation.allowed_until_days
        && reply.window_hours > days * 24
    {
        root.fault(
            "reply",
            format!(
                "the free window of {} h is longer than the permission of {days} days",
                reply.window_hours
            ),
        );
    }
    if let (Some(reply), Some(answers)) = (&reply, &answers)
        && reply.free_count.is_none()
        && answers.reply_counter == ReplyCounterInAnswers::CountsDown
    {
        root.fault("answers", "reply_counter counts down, but reply.free_count is unlimited");
    }
    root.finish();

    Some(MessagingRules {
        edition: edition?,
        title: title?,
        effective_from: effective_from?,
        effective_until: effective_until?,
        reply: reply?,
        consultation: consultation?,
        welcome: welcome?,
        paid: paid?,
        answers: answers?,
        limits: limits?,
    })
}

/// Can it name an edition?
pub(crate) fn is_edition_name(name: &str) -> bool {
    name != "auto"
        && !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn reply(mut section: Section<'_, '_>) -> Option<ReplyRules> {
    let window_hours = section.number("window_hours", 1..=MAX_HOURS);
    let opened_by = section.word("opened_by", OPENERS);
    let free_count = section.number_or("free_count", 1..=1_000_000, "unlimited");
    let counter_set_by = match free_count {
        Some(None) if section.has("counter_set_by") => {
            section.fault("counter_set_by", "free_count is unlimited, so there is no counter to set");
            section.word("counter_set_by", OPENERS);
            None
        }
        Some(None) => Some(None),
        _ => section.word("counter_set_by", OPENERS).map(Some),
    };
    if opened_by == Some(OpenedBy::Message) && counter_set_by == Some(Some(OpenedBy::Interaction)) {
        section.fault("counter_set_by", "sets the counter of a window that it does not open");
    }
    section.finish();
    Some(ReplyRules {
        window_hours: window_hours?,
        opened_by: opened_by?,
        free_count: free_count?,
        counter_set_by: counter_set_by?,
    })
}

fn consultation(mut section: Section<'_, '_>) -> Option<ConsultationRules> {
    let allowed_until_days = section.number_or("allowed_until_days", 1..=MAX_DAYS, "unlimited");
    let requires_follow = section.flag("requires_follow");
    section.finish();
    Some(ConsultationRules { allowed_until_days: allowed_until_days?, requires_follow: requires_follow? })
}

fn welcome(mut section: Section<'_, '_>) -> Option<WelcomeRules> {
    let free_count = section.number("free_count", 1..=1_000_000);
    section.finish();
    Some(WelcomeRules { free_count: free_count? })
}

fn paid(mut section: Section<'_, '_>) -> Option<PaidRules> {
    let price_vnd = section.number("price_vnd", 0..=10_000_000);
    section.finish();
    Some(PaidRules { price_vnd: price_vnd? })
}

fn answers(mut section: Section<'_, '_>) -> Option<AnswerRules> {
    let frozen = section.word("reply_counter", &[("counts_down", false), ("frozen", true)]);
    let reply_counter = match frozen {
        Some(true) => section.number("frozen_at", 0..=1_000_000).map(ReplyCounterInAnswers::Frozen),
        Some(false) if section.has("frozen_at") => {
            section.fault("frozen_at", "reply_counter counts down, so nothing is frozen");
            section.number("frozen_at", 0..=1_000_000u32);
            None
        }
        Some(false) => Some(ReplyCounterInAnswers::CountsDown),
        None => None,
    };
    let dropped_from = section.maybe_date("dropped_from");
    section.finish();
    Some(AnswerRules { reply_counter: reply_counter?, dropped_from: dropped_from? })
}

fn limits(mut section: Section<'_, '_>) -> Option<Limits> {
    let mut kinds = BTreeMap::new();
    let mut complete = true;
    let mut types: Vec<(String, MessageKind)> = Vec::new();
    for kind in MessageKind::ALL {
        let Some(limits) = section.section(kind.as_str()).and_then(|s| kind_limits(*kind, s)) else {
            complete = false;
            continue;
        };
        for media_type in limits.attachment.iter().flat_map(|a| &a.media_types) {
            if let Some((_, other)) = types.iter().find(|(t, _)| t == media_type) {
                section.fault(kind.as_str(), format!("{media_type} stands in `{}` too", other.as_str()));
                complete = false;
            }
            types.push((media_type.clone(), *kind));
        }
        kinds.insert(*kind, limits);
    }
    let reactions_per_message = section.number("reactions_per_message", 1..=1_000_000);
    section.finish();
    complete.then_some(Limits { kinds, reactions_per_message: reactions_per_message? })
}

fn kind_limits(kind: MessageKind, mut section: Section<'_, '_>) -> Option<KindLimits> {
    let least = u32::from(matches!(kind, MessageKind::Text | MessageKind::Buttons));
    let text_max = section.number("text_max", least..=1_000_000);
    let attachment = match kind {
        MessageKind::Text
        | MessageKind::Sticker
        | MessageKind::List
        | MessageKind::Buttons
        | MessageKind::RequestInfo => Some(None),
        MessageKind::Image | MessageKind::Gif | MessageKind::File => attachment(&mut section).map(Some),
    };
    let template = if kind.is_template() { template(&mut section).map(Some) } else { Some(None) };
    section.finish();
    Some(KindLimits { text_max: text_max?, attachment: attachment?, template: template? })
}

fn template(section: &mut Section<'_, '_>) -> Option<TemplateLimits> {
    let cards_min = section.number("cards_min", 0..=1_000);
    let cards_max = section.number("cards_max", 0..=1_000);
    let title_max = section.number("title_max", 1..=1_000_000);
    let subtitle_max = section.number("subtitle_max", 0..=1_000_000);
    let first_needs_subtitle = section.flag("first_needs_subtitle");
    let first_needs_picture = section.flag("first_needs_picture");
    let buttons_min = section.number("buttons_min", 0..=1_000);
    let buttons_max = section.number("buttons_max", 0..=1_000);
    let query_max = section.number("query_max", 1..=1_000_000);
    let sms_max = section.number("sms_max", 1..=1_000_000);
    for (least, most, key) in [(cards_min, cards_max, "cards_max"), (buttons_min, buttons_max, "buttons_max")]
    {
        if least.zip(most).is_some_and(|(least, most)| least > most) {
            section.fault(key, "less than the least");
        }
    }
    Some(TemplateLimits {
        cards_min: cards_min?,
        cards_max: cards_max?,
        title_max: title_max?,
        subtitle_max: subtitle_max?,
        first_needs_subtitle: first_needs_subtitle?,
        first_needs_picture: first_needs_picture?,
        buttons_min: buttons_min?,
        buttons_max: buttons_max?,
        query_max: query_max?,
        sms_max: sms_max?,
    })
}

fn attachment(section: &mut Section<'_, '_>) -> Option<AttachmentLimits> {
    let max_bytes = section.number("max_bytes", 1..=1_u64 << 40);
    let extensions = section.texts("extensions");
    let media_types = section.texts("media_types");
    for media_type in media_types.iter().flatten() {
        if media_type.chars().any(|c| c.is_ascii_uppercase() || c == ';') || !media_type.contains('/') {
            section.fault(
                "media_types",
                format!("\"{media_type}\" is not a lower-case media type without parameters"),
            );
        }
    }
    let uploads_per_month = section.number("uploads_per_month", 1..=u32::MAX);
    let upload_kept_days = section.number("upload_kept_days", 1..=MAX_DAYS);
    Some(AttachmentLimits {
        max_bytes: max_bytes?,
        extensions: extensions?,
        media_types: media_types?,
        uploads_per_month: uploads_per_month?,
        upload_kept_days: upload_kept_days?,
    })
}
