//! One handler per route: identity in, use case, JSON out.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use kura_core::identity::Identity;

use super::exposition;
use super::problem::Problem;
use crate::api;
use crate::usecases::Kura;

type Answer<T> = Result<Json<T>, Problem>;
type Body<T> = Result<Json<T>, JsonRejection>;
type Asked<T> = Result<Query<T>, QueryRejection>;

/// Whoever reaches loopback is the person at the machine, as long as there are no users.
pub fn identity() -> Identity {
    Identity::local()
}

fn health() -> Json<api::Health> {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Json(api::Health { status: "ok".to_owned(), version })
}

/// The process lives.
#[utoipa::path(get, path = "/health/livez", tag = "health", responses((status = 200, body = api::Health)))]
pub async fn livez() -> Json<api::Health> {
    health()
}

/// The lake can be read, and events are taken.
#[utoipa::path(get, path = "/health/readyz", tag = "health", responses(
    (status = 200, body = api::Health),
    (status = "default", description = "it cannot", body = Problem, content_type = "application/problem+json"),
))]
pub async fn readyz(State(kura): State<Kura>) -> Answer<api::Health> {
    kura.tables(&identity()).await?;
    match kura.is_ready() {
        true => Ok(health()),
        false => {
            let detail = "what the log held at the start cannot be searched yet";
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail))
        }
    }
}

/// Sizes of tables, quarantine and drift, for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "health", responses(
    (status = 200, body = String, content_type = "text/plain"),
    (status = "default", description = "an error", body = Problem, content_type = "application/problem+json"),
))]
pub async fn metrics(State(kura): State<Kura>) -> Result<impl IntoResponse, Problem> {
    let metrics = kura.metrics(&identity()).await?;
    Ok(([(header::CONTENT_TYPE, exposition::CONTENT_TYPE)], exposition::text(&metrics)))
}

/// The tables and views, with their columns.
#[utoipa::path(get, path = "/api/v1/tables", tag = "tables", responses(
    (status = 200, body = api::Tables),
    (status = "default", description = "an error", body = Problem, content_type = "application/problem+json"),
))]
pub async fn tables(State(kura): State<Kura>) -> Answer<api::Tables> {
    Ok(Json(kura.tables(&identity()).await?))
}

/// Where the rows of the tables come from.
#[utoipa::path(get, path = "/api/v1/sources", tag = "tables", params(api::SourcesRequest), responses(
    (status = 200, body = api::SourcesResponse),
    (status = "default", description = "an error", body = Problem, content_type = "application/problem+json"),
))]
pub async fn sources(
    State(kura): State<Kura>,
    asked: Asked<api::SourcesRequest>,
) -> Answer<api::SourcesResponse> {
    Ok(Json(kura.sources(&identity(), &asked?.0).await?))
}

/// The fields of records that have no column, or did not fit it.
#[utoipa::path(get, path = "/api/v1/sources/drift", tag = "tables", params(api::SourcesRequest), responses(
    (status = 200, body = api::DriftResponse),
    (status = "default", description = "an error", body = Problem, content_type = "application/problem+json"),
))]
pub async fn drift(
    State(kura): State<Kura>,
    asked: Asked<api::SourcesRequest>,
) -> Answer<api::DriftResponse> {
    Ok(Json(kura.drift(&identity(), &asked?.0).await?))
}

/// Runs one reading statement.
#[utoipa::path(post, path = "/api/v1/sql", tag = "query", request_body = api::SqlRequest, responses(
    (status = 200, body = api::SqlResponse),
    (status = "default", description = "an error", body = Problem, content_type = "application/problem+json"),
))]
pub async fn sql(
    State(kura): State<Kura>,
    body: Body<api::SqlRequest>,
) -> Answer<api::SqlResponse> {
    Ok(Json(kura.sql(&identity(), body?.0).await?))
}

/// Finds events, newest first.
#[utoipa::path(post, path = "/api/v1/search", tag = "query", request_body = api::SearchRequest, responses(
    (status = 200, body = api::SearchResponse),
    (status = "default", description = "an error", body = Problem, content_type = "application/problem+json"),
))]
pub async fn search(
    State(kura): State<Kura>,
    body: Body<api::SearchRequest>,
) -> Answer<api::SearchResponse> {
    Ok(Json(kura.search(&identity(), body?.0).await?))
}

/// Counts events by time.
#[utoipa::path(post, path = "/api/v1/histogram", tag = "query", request_body = api::HistogramRequest, responses(
    (status = 200, body = api::HistogramResponse),
    (status = "default", description = "an error", body = Problem, content_type = "application/problem+json"),
))]
pub async fn histogram(
    State(kura): State<Kura>,
    body: Body<api::HistogramRequest>,
) -> Answer<api::HistogramResponse> {
    Ok(Json(kura.histogram(&identity(), body?.0).await?))
}

/// The most frequent values of fields.
#[utoipa::path(post, path = "/api/v1/fields", tag = "query", request_body = api::FieldsRequest, responses(
    (status = 200, body = api::FieldsResponse),
    (status = "default", description = "an error", body = Problem, content_type = "application/problem+json"),
))]
pub async fn fields(
    State(kura): State<Kura>,
    body: Body<api::FieldsRequest>,
) -> Answer<api::FieldsResponse> {
    Ok(Json(kura.fields(&identity(), body?.0).await?))
}

/// The questions being answered.
#[utoipa::path(get, path = "/api/v1/queries", tag = "query", responses(
    (status = 200, body = api::RunningQueries),
))]
pub async fn queries(State(kura): State<Kura>) -> Answer<api::RunningQueries> {
    Ok(Json(kura.queries(&identity())?))
}

/// Cancels a question.
#[utoipa::path(delete, path = "/api/v1/queries/{query_id}", tag = "query",
    params(("query_id" = String, Path, description = "its name")),
    responses(
        (status = 204, description = "cancelled"),
        (status = "default", description = "an error", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn cancel(
    State(kura): State<Kura>,
    Path(query_id): Path<String>,
) -> Result<StatusCode, Problem> {
    kura.cancel(&identity(), &query_id)?;
    Ok(StatusCode::NO_CONTENT)
}
