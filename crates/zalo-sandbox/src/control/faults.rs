//! The faults dial.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use loa_kernel::Problem;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Body, Refused};
use crate::model::{ApiFault, Dice, Fault, FaultKind};
use crate::world::{Live, Shared};

/// Faults that are on.
#[utoipa::path(get, path = "/faults", tag = "faults", responses((status = 200, body = Vec<Fault>)))]
pub async fn faults(State(world): State<Shared>) -> Json<Vec<Fault>> {
    Json(world.state().faults().cloned().collect())
}

/// A fault to switch on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFault {
    /// What happens, for example `{"api": {"do": "html", "status": 502}}` or `{"webhook": {"do": "drop"}}`.
    fault: FaultKind,
    /// How often: `{"next": 3}` or `{"probability": 0.2}`; the next one when absent.
    #[serde(default)]
    when: Option<Dice>,
    /// Calls: only paths that begin so. Events: only names that begin so.
    #[serde(default)]
    path: Option<String>,
    /// Only for this OA.
    #[serde(default)]
    oa_id: Option<String>,
}

/// Switch a fault on.
#[utoipa::path(post, path = "/faults", tag = "faults", request_body = NewFault,
    responses((status = 201, body = Fault)))]
pub async fn add_fault(
    State(world): State<Shared>,
    Body(new): Body<NewFault>,
) -> Result<(StatusCode, Json<Fault>), Refused> {
    let when = new.when.unwrap_or(Dice::Next(1));
    if let Dice::Probability(p) = when
        && !(0.0..=1.0).contains(&p)
    {
        return Err(Problem::invalid("when", "probability_0_to_1").into());
    }
    if let FaultKind::Api(ApiFault::Html { status } | ApiFault::HtmlAfter { status }) = &new.fault
        && !(500..600).contains(status)
    {
        return Err(Problem::invalid("status", "500_to_599").into());
    }
    let path = new.path.filter(|p| !p.is_empty());
    let oa_id = new.oa_id.filter(|p| !p.is_empty());
    let mut fault = Fault { id: 0, fault: new.fault, when, path, oa_id, hits: 0 };
    fault.id = world.state().push_fault(fault.clone());
    world.publish(Live::Faults);
    Ok((StatusCode::CREATED, Json(fault)))
}

/// Switch a fault off.
#[utoipa::path(delete, path = "/faults/{id}", tag = "faults", params(("id" = u64, Path)),
    responses((status = 204)))]
pub async fn remove_fault(State(world): State<Shared>, Path(id): Path<u64>) -> Result<StatusCode, Refused> {
    if !world.state().remove_fault(id) {
        return Err(Problem::not_found("fault").into());
    }
    world.publish(Live::Faults);
    Ok(StatusCode::NO_CONTENT)
}

/// Switch every fault off.
#[utoipa::path(delete, path = "/faults", tag = "faults", responses((status = 204)))]
pub async fn clear_faults(State(world): State<Shared>) -> StatusCode {
    let mut state = world.state();
    let ids: Vec<u64> = state.faults().map(|f| f.id).collect();
    for id in ids {
        state.remove_fault(id);
    }
    drop(state);
    world.publish(Live::Faults);
    StatusCode::NO_CONTENT
}
