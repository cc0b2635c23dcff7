//! The OA itself (platform reference §13.2).

use axum::response::Response;
use zalo::error::ErrorCode;
use zalo::message::Refusal;
use zalo::oa::OaInfo;

use super::call::{Call, payload};
use crate::domain::pay::{day, last_day};
use crate::media::{oa_avatar_path, oa_cover_path};
use crate::model::{Permission, absolute};

/// The type of a business account.
const BUSINESS: i64 = 2;

/// `GET /v2.0/oa/getoa`.
pub async fn oa(call: Call) -> Response {
    call.answer(Permission::OaInfo, |world, state, caller| {
        let now = world.now();
        if let Some(oa) = state.oa_mut(&caller.oa_id) {
            oa.roll_period(now);
        }
        let oa = state.oa(&caller.oa_id).ok_or_else(|| Refusal::of(ErrorCode::OA_NOT_FOUND))?;
        let followers = state.contacts_of(&oa.id).filter(|c| c.follower).count();
        payload(&OaInfo {
            oa_id: oa.id.clone(),
            name: Some(oa.name.clone()),
            description: Some(oa.description.clone()),
            oa_alias: Some(oa.alias.clone()),
            is_verified: Some(oa.verified),
            oa_type: Some(BUSINESS),
            cate_name: Some(oa.category.clone()),
            num_follower: i64::try_from(followers).ok(),
            avatar: Some(absolute(world.base(), &oa_avatar_path(&oa.id))),
            cover: Some(absolute(world.base(), &oa_cover_path(&oa.id))),
            package_name: Some(oa.package.name.clone()),
            package_valid_through_date: Some(last_day(oa.package.period_end_at)),
            package_auto_renew_date: oa.package.auto_renew.then(|| day(oa.package.period_end_at)),
            linked_zca: oa.zca.as_ref().map(|z| z.id.clone()),
        })
    })
}
