//! The routes of "Xóa quan tâm".

use axum::extract::State;
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiPath, ApiResult};
use loa_kernel::{Actor, ChannelId, CustomerId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{Customers, FollowOffer, FollowRemoved};

/// All routes. Everything needs a signed-in member.
pub(crate) fn router() -> OpenApiRouter<Customers> {
    OpenApiRouter::new().routes(routes!(offers, remove))
}

/// What ending a follow would do.
#[derive(Debug, Serialize, ToSchema)]
struct FollowOffers {
    /// One for each channel of the customer.
    items: Vec<FollowOffer>,
}

/// Whose follow to end.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FollowRemovalWish {
    /// On which channel.
    channel_id: ChannelId,
    /// Made by you; the same one is done once.
    #[schema(value_type = String, format = "uuid")]
    id: Uuid,
}

/// What ending a customer's follow would do.
#[utoipa::path(get, path = "/api/customers/{id}/remove-follow", tag = "customers",
    operation_id = "get_follow_offers", params(("id" = CustomerId, Path)),
    responses((status = 200, body = FollowOffers)))]
async fn offers(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<CustomerId>,
) -> ApiResult<Json<FollowOffers>> {
    Ok(Json(FollowOffers { items: customers.follow_offers(&actor, id).await? }))
}

/// End a customer's follow ("Xóa quan tâm"). The customer stays; they can follow again.
#[utoipa::path(post, path = "/api/customers/{id}/remove-follow", tag = "customers",
    operation_id = "remove_follow", params(("id" = CustomerId, Path)), request_body = FollowRemovalWish,
    responses((status = 200, body = FollowRemoved)))]
async fn remove(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<CustomerId>,
    ApiJson(wish): ApiJson<FollowRemovalWish>,
) -> ApiResult<Json<FollowRemoved>> {
    Ok(Json(customers.remove_follow(&actor, id, wish.channel_id, wish.id).await?))
}
