//! Quota calls (platform reference §7).

use axum::response::Response;
use zalo::error::ErrorCode;
use zalo::message::{QuotaType, Refusal};
use zalo::quota::{
    Asset, Counter, OldQuota, ProductType, PromotionCounter, QuotaOwner, QuotaRequest, UserQuota,
};

use super::call::{Call, payload};
use crate::domain::pay::{last_day, number};
use crate::model::Permission;
use crate::platform::platform;

/// `POST /v3.0/oa/quota/message`: about a user, or about assets; the key in the body decides.
pub async fn current(call: Call) -> Response {
    call.answer(Permission::Send, |world, state, caller| {
        let ask: QuotaRequest = call.json()?;
        let now = world.now();
        let oa = state.oa_mut(&caller.oa_id).ok_or_else(|| Refusal::of(ErrorCode::OA_NOT_FOUND))?;
        oa.roll_period(now);
        let oa = oa.clone();
        if let Some(user_id) = &ask.user_id {
            let contact = state.contact(&caller.oa_id, user_id).ok_or_else(|| Refusal::field("user_id"))?;
            let rules = oa.edition.rules(&world.library, now);
            let left = rules.reply_left(&contact.facts(), now);
            let cs_reply = rules.reply_in_answer(left.as_ref(), now);
            let promotion = &platform().promotion;
            return payload(&UserQuota {
                last_interaction: contact.last_interaction_at.map(|at| at.as_ms()),
                cs_reply: cs_reply
                    .map(|(remain, total)| Counter { remain: remain.into(), total: total.into() }),
                promotion: Some(PromotionCounter {
                    daily_remain: Some(promotion.daily),
                    daily_total: Some(promotion.daily),
                    monthly_remain: Some(promotion.monthly),
                    monthly_total: Some(promotion.monthly),
                }),
            });
        }
        // One Python client writes `App`.
        let owner = ask.quota_owner.as_ref().map(|o| o.as_str().to_ascii_uppercase());
        let by_app = match owner.as_deref() {
            Some(o) if o == QuotaOwner::Oa.as_str() => false,
            Some(o) if o == QuotaOwner::App.as_str() => true,
            _ => return Err(Refusal::field("quota_owner")),
        };
        let asset = |id: &str, quota_type, until, total, remain| Asset {
            asset_id: Some(id.to_owned()),
            product_type: ProductType::Cs,
            quota_type,
            valid_through: Some(last_day(until)),
            total: Some(number(total)),
            remain: Some(number(remain)),
        };
        let mut assets = Vec::new();
        let lapsed = !oa.package.auto_renew && now >= oa.package.period_end_at;
        if !by_app && oa.package.total > 0 && !lapsed {
            let p = &oa.package;
            assets.push(asset(&p.asset_id, QuotaType::Sub, p.period_end_at, p.total, p.remain()));
        }
        for pack in oa.live_packs(now).filter(|e| e.owned_by_app == by_app) {
            let kind = if pack.reward { QuotaType::Reward } else { QuotaType::Purchase };
            assets.push(asset(&pack.asset_id, kind, pack.valid_until_at, pack.total, pack.remain));
        }
        assets.retain(|a| ask.product_type.as_ref().is_none_or(|t| *t == a.product_type));
        assets.retain(|a| ask.quota_type.as_ref().is_none_or(|t| *t == a.quota_type));
        payload(&assets)
    })
}

/// `POST /v2.0/oa/quota/message`: the old form.
pub async fn old(call: Call) -> Response {
    call.answer(Permission::Send, |world, state, caller| {
        let ask: QuotaRequest = call.json()?;
        let now = world.now();
        let oa = state.oa_mut(&caller.oa_id).ok_or_else(|| Refusal::of(ErrorCode::OA_NOT_FOUND))?;
        oa.roll_period(now);
        let oa = oa.clone();
        let quota = |kind: &str, remain, total| {
            payload(&OldQuota { kind: kind.to_owned(), remain: Some(remain), total: Some(total) })
        };
        if let Some(message_id) = &ask.message_id {
            let message = state.message(message_id).filter(|m| m.oa_id == caller.oa_id && !m.author.is_oa());
            let message = message.ok_or_else(|| Refusal::field("message_id"))?;
            let contact = state
                .contact(&message.oa_id, &message.user_id)
                .ok_or_else(|| Refusal::field("message_id"))?;
            let rules = oa.edition.rules(&world.library, now);
            let left = rules.reply_left(&contact.facts(), now);
            let (remain, total) = rules.reply_in_answer(left.as_ref(), now).unwrap_or_default();
            return quota("reply", remain.into(), total.into());
        }
        if ask.user_id.is_some() {
            let monthly = platform().promotion.monthly;
            return quota("promotion", monthly, monthly);
        }
        quota("active", number(oa.package.remain()), number(oa.package.total))
    })
}
