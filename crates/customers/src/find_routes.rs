//! The routes of filters over customers.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use loa_filter::{Field, FieldKind, Node, Op};
use loa_http::{ApiJson, ApiResult};
use loa_kernel::Actor;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{CustomerLayout, CustomerPage, CustomerQuery, Customers, FilterSentence};

/// All routes. Everything needs a signed-in member.
pub(crate) fn router() -> OpenApiRouter<Customers> {
    OpenApiRouter::new().routes(routes!(query)).routes(routes!(fields)).routes(routes!(say)).routes(routes!(
        layout,
        keep_layout,
        forget_layout
    ))
}

/// Customers who fulfil a filter, and how many there are.
#[utoipa::path(post, path = "/api/customers/query", tag = "customers", operation_id = "query_customers",
    request_body = CustomerQuery, responses((status = 200, body = CustomerPage)))]
async fn query(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiJson(query): ApiJson<CustomerQuery>,
) -> ApiResult<Json<CustomerPage>> {
    Ok(Json(customers.find(&actor, &query).await?))
}

/// A name in both languages.
#[derive(Debug, Serialize, ToSchema)]
struct FilterLabel {
    /// In Vietnamese.
    vi: String,
    /// In English.
    en: String,
}

impl From<&loa_filter::Label> for FilterLabel {
    fn from(label: &loa_filter::Label) -> Self {
        Self { vi: label.vi.clone(), en: label.en.clone() }
    }
}

/// An option of a choice or a set.
#[derive(Debug, Serialize, ToSchema)]
struct FilterOption {
    /// Its id.
    id: String,
    /// What it is called.
    label: FilterLabel,
}

/// A field that may be asked about.
#[derive(Debug, Serialize, ToSchema)]
struct FilterField {
    /// Its name in filters.
    key: String,
    /// What it is called.
    label: FilterLabel,
    /// What it holds.
    kind: FieldKind,
    /// What may be asked of it.
    ops: Vec<Op>,
    /// Of a choice or a set: what may stand in it.
    options: Vec<FilterOption>,
    /// Of a table: its keys.
    keys: Vec<String>,
}

impl From<&Field> for FilterField {
    fn from(field: &Field) -> Self {
        let options =
            field.options.iter().map(|(id, label)| FilterOption { id: id.clone(), label: label.into() });
        Self {
            key: field.key.clone(),
            label: (&field.label).into(),
            kind: field.kind,
            ops: field.kind.ops().to_vec(),
            options: options.collect(),
            keys: field.keys.clone(),
        }
    }
}

/// The fields that may be asked about.
#[derive(Debug, Serialize, ToSchema)]
struct FilterFields {
    /// In the order in which they are offered.
    items: Vec<FilterField>,
}

/// The fields that you may ask about.
#[utoipa::path(get, path = "/api/customers/filter-fields", tag = "customers", operation_id = "list_filter_fields",
    responses((status = 200, body = FilterFields)))]
async fn fields(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<FilterFields>> {
    let catalogue = customers.filter_fields(&actor).await?;
    Ok(Json(FilterFields { items: catalogue.iter().map(FilterField::from).collect() }))
}

/// What a filter says, in both languages.
#[utoipa::path(post, path = "/api/customers/filter-sentence", tag = "customers", operation_id = "say_filter",
    request_body = Node, responses((status = 200, body = FilterSentence)))]
async fn say(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiJson(filter): ApiJson<Node>,
) -> ApiResult<Json<FilterSentence>> {
    Ok(Json(customers.filter_sentence(&actor, &filter).await?))
}

/// How you want the list of customers to look.
#[utoipa::path(get, path = "/api/customers/layout", tag = "customers", operation_id = "get_customer_layout",
    responses((status = 200, body = CustomerLayout)))]
async fn layout(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<CustomerLayout>> {
    Ok(Json(customers.layout(&actor).await?))
}

/// Keep how the list looks, for you alone.
#[utoipa::path(put, path = "/api/customers/layout", tag = "customers", operation_id = "keep_customer_layout",
    request_body = CustomerLayout, responses((status = 204)))]
async fn keep_layout(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiJson(layout): ApiJson<CustomerLayout>,
) -> ApiResult<StatusCode> {
    customers.keep_layout(&actor, &layout).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Back to how the list looks for everybody.
#[utoipa::path(delete, path = "/api/customers/layout", tag = "customers", operation_id = "forget_customer_layout",
    responses((status = 204)))]
async fn forget_layout(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<StatusCode> {
    customers.forget_layout(&actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
