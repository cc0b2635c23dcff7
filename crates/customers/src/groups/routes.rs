//! The routes of the two phone groups.

use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiPath, ApiQuery, ApiResult, form_problem, page_limit};
use loa_kernel::{Action, Actor, Code, GroupUploadId, Object, Page, PhoneGroup, Problem, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::report::{FileFormat, FileLanguage};
use super::{GroupNumber, MAX_FILE_BYTES, PhoneGroupView, PhoneUpload, Source, UploadMode, UploadReport};
use crate::Customers;

/// Both groups.
#[derive(Serialize, ToSchema)]
struct PhoneGroups {
    /// "Ưu tiên", then "Hạn chế".
    items: Vec<PhoneGroupView>,
}

/// Reports.
#[derive(Serialize, ToSchema)]
struct UploadReports {
    /// The newest first.
    items: Vec<UploadReport>,
}

pub(crate) fn router() -> OpenApiRouter<Customers> {
    // A form has some hundred bytes around its file.
    let upload_limit = DefaultBodyLimit::max(MAX_FILE_BYTES + 64 * 1024);
    let uploads = OpenApiRouter::new().routes(routes!(upload, uploads)).layer(upload_limit);
    OpenApiRouter::new()
        .merge(uploads)
        .routes(routes!(groups))
        .routes(routes!(numbers, empty))
        .routes(routes!(remove))
        .routes(routes!(report))
        .routes(routes!(file))
}

/// The two phone groups in numbers.
#[utoipa::path(get, path = "/api/customers/groups", tag = "customers", operation_id = "list_phone_groups",
    responses((status = 200, body = PhoneGroups)))]
async fn groups(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<PhoneGroups>> {
    Ok(Json(PhoneGroups { items: customers.phone_groups(&actor).await? }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NumberParams {
    /// A part of a number if you see numbers whole, otherwise all of one.
    q: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// At most so many; 1 to 100, usually 50.
    limit: Option<u32>,
}

/// Numbers of a group, in their order.
#[utoipa::path(get, path = "/api/customers/groups/{group}/numbers", tag = "customers",
    operation_id = "list_group_numbers", params(("group" = PhoneGroup, Path), NumberParams),
    responses((status = 200, body = Page<GroupNumber>)))]
async fn numbers(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(group): ApiPath<PhoneGroup>,
    ApiQuery(params): ApiQuery<NumberParams>,
) -> ApiResult<Json<Page<GroupNumber>>> {
    let limit = page_limit(params.limit, 50);
    let page =
        customers.group_numbers(&actor, group, params.q.as_deref(), params.cursor.as_deref(), limit).await?;
    Ok(Json(page))
}

/// How many numbers were taken out.
#[derive(Serialize, ToSchema)]
struct Emptied {
    /// So many.
    removed: u64,
}

/// Take everything out of a group, and the numbers out of its reports.
#[utoipa::path(delete, path = "/api/customers/groups/{group}/numbers", tag = "customers",
    operation_id = "empty_group", params(("group" = PhoneGroup, Path)),
    responses((status = 200, body = Emptied)))]
async fn empty(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(group): ApiPath<PhoneGroup>,
) -> ApiResult<Json<Emptied>> {
    Ok(Json(Emptied { removed: customers.empty_group(&actor, group).await? }))
}

/// A number, in the body and not in the path, which others log.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OneNumber {
    /// The number, in any of its forms.
    phone: String,
}

/// Take one number out of a group.
#[utoipa::path(post, path = "/api/customers/groups/{group}/numbers/remove", tag = "customers",
    operation_id = "remove_group_number", params(("group" = PhoneGroup, Path)), request_body = OneNumber,
    responses((status = 204)))]
async fn remove(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(group): ApiPath<PhoneGroup>,
    ApiJson(input): ApiJson<OneNumber>,
) -> ApiResult<StatusCode> {
    customers.remove_group_number(&actor, group, &input.phone).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A form with numbers. Either `file` or `numbers` is there.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the form; the parts are read as they stream in")]
struct PhoneUploadForm {
    /// The upload's id, made by you; the same id again answers the same report. Absent: nothing is changed, and the report
    /// says what would happen.
    id: Option<GroupUploadId>,
    /// What happens to the numbers that are there; usually `add`.
    mode: Option<UploadMode>,
    /// Until when the numbers count, in milliseconds; absent: for ever.
    expires_at: Option<Timestamp>,
    /// CSV or XLSX; at most 10 MiB and 100,000 numbers.
    #[schema(value_type = Option<String>, format = Binary)]
    file: Option<Vec<u8>>,
    /// Numbers with line ends, commas, semicolons or tabs between them.
    numbers: Option<String>,
}

/// Put numbers into a group, or say what would happen.
#[utoipa::path(post, path = "/api/customers/groups/{group}/uploads", tag = "customers",
    operation_id = "upload_group_numbers", params(("group" = PhoneGroup, Path)),
    request_body(content = PhoneUploadForm, content_type = "multipart/form-data"),
    responses((status = 200, description = "What would happen, or the report of a known upload", body = UploadReport),
        (status = 201, body = UploadReport)))]
async fn upload(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(group): ApiPath<PhoneGroup>,
    form: Result<Multipart, MultipartRejection>,
) -> ApiResult<(StatusCode, Json<UploadReport>)> {
    // Before a body is read that nobody may send.
    actor.require(Object::Customer, Action::Configure)?;
    let Ok(form) = form else {
        return Err(Problem::new(Code::UnsupportedMedia).param("expected", "multipart/form-data").into());
    };
    let (is_new, report) = customers.upload_phones(&actor, group, read_form(form).await?).await?;
    Ok((if is_new { StatusCode::CREATED } else { StatusCode::OK }, Json(report)))
}

async fn read_form(mut form: Multipart) -> Result<PhoneUpload, Problem> {
    let (mut id, mut mode, mut expires_at, mut source) = (None, UploadMode::Add, None, None);
    let wrong = form_problem(MAX_FILE_BYTES);
    while let Some(field) = form.next_field().await.map_err(&wrong)? {
        match field.name().unwrap_or_default() {
            "id" => {
                let text = field.text().await.map_err(&wrong)?;
                id = Some(text.parse().map_err(|_| Problem::invalid("id", "unknown_value"))?);
            }
            "mode" => mode = field.text().await.map_err(&wrong)?.parse()?,
            "expires_at" => {
                let text = field.text().await.map_err(&wrong)?;
                let at = text.parse().map_err(|_| Problem::invalid("expires_at", "unknown_value"))?;
                expires_at = Some(Timestamp(at));
            }
            "file" => {
                let name = field.file_name().unwrap_or_default().to_owned();
                let bytes = field.bytes().await.map_err(&wrong)?.to_vec();
                source = Some(Source::File { name, bytes });
            }
            "numbers" => source = Some(Source::Text(field.text().await.map_err(&wrong)?)),
            _ => {}
        }
    }
    let source = source.ok_or_else(|| Problem::invalid("file", "missing"))?;
    Ok(PhoneUpload { id, mode, expires_at, source })
}

/// The newest reports of a group, without their rows.
#[utoipa::path(get, path = "/api/customers/groups/{group}/uploads", tag = "customers",
    operation_id = "list_group_uploads", params(("group" = PhoneGroup, Path)),
    responses((status = 200, body = UploadReports)))]
async fn uploads(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(group): ApiPath<PhoneGroup>,
) -> ApiResult<Json<UploadReports>> {
    Ok(Json(UploadReports { items: customers.group_uploads(&actor, group).await? }))
}

/// The report of an upload.
#[utoipa::path(get, path = "/api/customers/groups/{group}/uploads/{id}", tag = "customers",
    operation_id = "get_group_upload", params(("group" = PhoneGroup, Path), ("id" = GroupUploadId, Path)),
    responses((status = 200, body = UploadReport)))]
async fn report(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath((group, id)): ApiPath<(PhoneGroup, GroupUploadId)>,
) -> ApiResult<Json<UploadReport>> {
    Ok(Json(customers.group_upload(&actor, group, id).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FileParams {
    /// Usually CSV.
    #[serde(default)]
    #[param(inline)]
    format: FileFormat,
    /// Usually Vietnamese.
    #[serde(default)]
    #[param(inline)]
    language: FileLanguage,
}

/// All rows of a report that need a look, as a file.
#[utoipa::path(get, path = "/api/customers/groups/{group}/uploads/{id}/file", tag = "customers",
    operation_id = "get_group_upload_file",
    params(("group" = PhoneGroup, Path), ("id" = GroupUploadId, Path), FileParams),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
async fn file(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath((group, id)): ApiPath<(PhoneGroup, GroupUploadId)>,
    ApiQuery(params): ApiQuery<FileParams>,
) -> ApiResult<Response> {
    let made = customers.group_upload_file(&actor, group, id, params.format, params.language).await?;
    let headers = [
        (header::CONTENT_TYPE, made.media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", made.name)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, made.bytes).into_response())
}
