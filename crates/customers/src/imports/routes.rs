//! The routes of imports.

use std::fs::File;

use axum::body::Body;
use axum::extract::multipart::{Field, Multipart, MultipartRejection};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiPath, ApiQuery, ApiResult, form_problem};
use loa_kernel::{Action, Actor, Code, CustomerImportId, Object, Problem};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::read::nameless;
use super::{CustomerImportView, ImportPlan, ImportStep, UploadedFile};
use crate::Customers;
use crate::groups::{FileFormat, FileLanguage};

/// Imports.
#[derive(Serialize, ToSchema)]
struct CustomerImports {
    /// The newest first.
    items: Vec<CustomerImportView>,
}

pub(crate) fn router() -> OpenApiRouter<Customers> {
    // The file is counted while it streams in: its limit is the operator's.
    let uploads = OpenApiRouter::new().routes(routes!(upload, list)).layer(DefaultBodyLimit::disable());
    OpenApiRouter::new()
        .merge(uploads)
        .routes(routes!(get, step))
        .routes(routes!(check))
        .routes(routes!(run))
        .routes(routes!(file))
}

/// A form with a file of customers.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the form; the parts are read as they stream in")]
struct CustomerImportForm {
    /// The import's id, made by you; it stands before the file. The same id again answers the same import.
    id: CustomerImportId,
    /// CSV or XLSX.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Upload a file of customers. Nothing is done with it yet.
#[utoipa::path(post, path = "/api/customers/imports", tag = "customers", operation_id = "upload_customer_import",
    request_body(content = CustomerImportForm, content_type = "multipart/form-data"),
    responses((status = 200, description = "This import was known", body = CustomerImportView),
        (status = 201, body = CustomerImportView)))]
async fn upload(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    form: Result<Multipart, MultipartRejection>,
) -> ApiResult<(StatusCode, Json<CustomerImportView>)> {
    // Before a body is read that nobody may send.
    actor.require(Object::Customer, Action::Import)?;
    let Ok(form) = form else {
        return Err(Problem::new(Code::UnsupportedMedia).param("expected", "multipart/form-data").into());
    };
    let uploaded = read_form(form, customers.import_bytes).await?;
    let (is_new, view) = customers.upload_import(&actor, uploaded).await?;
    Ok((if is_new { StatusCode::CREATED } else { StatusCode::OK }, Json(view)))
}

async fn read_form(mut form: Multipart, max: u64) -> Result<UploadedFile, Problem> {
    let wrong = form_problem(usize::try_from(max).unwrap_or(usize::MAX));
    let mut id: Option<CustomerImportId> = None;
    while let Some(mut field) = form.next_field().await.map_err(&wrong)? {
        match field.name().unwrap_or_default() {
            "id" => {
                let text = field.text().await.map_err(&wrong)?;
                id = Some(text.parse().map_err(|_| Problem::invalid("id", "unknown_value"))?);
            }
            "file" => {
                let id = id.ok_or_else(|| Problem::invalid("id", "missing"))?;
                let name = field.file_name().unwrap_or_default().to_owned();
                let (file, size, sha256) = received(&mut field, max).await?;
                return Ok(UploadedFile { id, name, size, sha256, file });
            }
            _ => {}
        }
    }
    Err(Problem::invalid("file", "missing"))
}

/// The bytes of a part in a file without a name, how many, and their hash.
async fn received(field: &mut Field<'_>, max: u64) -> Result<(File, u64, String), Problem> {
    let wrong = form_problem(usize::try_from(max).unwrap_or(usize::MAX));
    let mut into = tokio::fs::File::from_std(nameless()?);
    let (mut size, mut hash) = (0_u64, Sha256::new());
    while let Some(piece) = field.chunk().await.map_err(&wrong)? {
        size += piece.len() as u64;
        if size > max {
            return Err(Problem::new(Code::BodyTooLarge).param("max_bytes", max));
        }
        hash.update(&piece);
        into.write_all(&piece).await.map_err(Problem::internal)?;
    }
    into.flush().await.map_err(Problem::internal)?;
    let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((into.into_std().await, size, sha256))
}

/// The newest imports.
#[utoipa::path(get, path = "/api/customers/imports", tag = "customers", operation_id = "list_customer_imports",
    responses((status = 200, body = CustomerImports)))]
async fn list(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<CustomerImports>> {
    Ok(Json(CustomerImports { items: customers.imports(&actor).await? }))
}

/// One import.
#[utoipa::path(get, path = "/api/customers/imports/{id}", tag = "customers", operation_id = "get_customer_import",
    params(("id" = CustomerImportId, Path)), responses((status = 200, body = CustomerImportView)))]
async fn get(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<CustomerImportId>,
) -> ApiResult<Json<CustomerImportView>> {
    Ok(Json(customers.import(&actor, id).await?))
}

/// What is done with an import that is under way.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StepInput {
    /// Hold it, go on, or end it.
    action: ImportStep,
}

/// Hold an import, go on with it, or end it.
#[utoipa::path(patch, path = "/api/customers/imports/{id}", tag = "customers", operation_id = "step_customer_import",
    params(("id" = CustomerImportId, Path)), request_body = StepInput,
    responses((status = 200, body = CustomerImportView)))]
async fn step(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<CustomerImportId>,
    ApiJson(input): ApiJson<StepInput>,
) -> ApiResult<Json<CustomerImportView>> {
    Ok(Json(customers.step_import(&actor, id, input.action).await?))
}

/// Look at all rows and say what would happen. No customer is changed.
#[utoipa::path(post, path = "/api/customers/imports/{id}/check", tag = "customers",
    operation_id = "check_customer_import", params(("id" = CustomerImportId, Path)), request_body = ImportPlan,
    responses((status = 200, body = CustomerImportView)))]
async fn check(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<CustomerImportId>,
    ApiJson(plan): ApiJson<ImportPlan>,
) -> ApiResult<Json<CustomerImportView>> {
    Ok(Json(customers.begin_import(&actor, id, &plan, false).await?))
}

/// Bring the rows in.
#[utoipa::path(post, path = "/api/customers/imports/{id}/run", tag = "customers",
    operation_id = "run_customer_import", params(("id" = CustomerImportId, Path)), request_body = ImportPlan,
    responses((status = 200, body = CustomerImportView)))]
async fn run(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<CustomerImportId>,
    ApiJson(plan): ApiJson<ImportPlan>,
) -> ApiResult<Json<CustomerImportView>> {
    Ok(Json(customers.begin_import(&actor, id, &plan, true).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReportParams {
    /// Usually CSV.
    #[serde(default)]
    #[param(inline)]
    format: FileFormat,
    /// Usually Vietnamese.
    #[serde(default)]
    #[param(inline)]
    language: FileLanguage,
}

/// What became of every row, as a file.
#[utoipa::path(get, path = "/api/customers/imports/{id}/file", tag = "customers",
    operation_id = "get_customer_import_file", params(("id" = CustomerImportId, Path), ReportParams),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
async fn file(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<CustomerImportId>,
    ApiQuery(params): ApiQuery<ReportParams>,
) -> ApiResult<Response> {
    let made = customers.import_report(&actor, id, params.format, params.language).await?;
    let headers = [
        (header::CONTENT_TYPE, made.media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", made.name)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(made.file)));
    Ok((headers, body).into_response())
}
