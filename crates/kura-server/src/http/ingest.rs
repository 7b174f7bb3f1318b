//! Events sent over HTTP, by programs and by pages of other sites.

use axum::Json;
use axum::body::{Body, HttpBody};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kura_core::intake::{Refused, Taken};
use kura_ingest::inputs::body::{BodyError, BodyKind};
use serde::Deserialize;

use super::problem::Problem;
use crate::api;
use crate::intake::{HttpIntake, SendError, Sender, Sent};
use crate::usecases::Kura;

/// How long a browser may remember what it was allowed.
const PREFLIGHT_SECONDS: &str = "7200";
/// Who is told to try again, waits so long.
const RETRY_SECONDS: &str = "1";
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

#[derive(Debug, Deserialize)]
pub struct Asked {
    /// A browser key.
    key: Option<String>,
}

/// Keeps events: a JSON object or a list of them (`application/json`), or a line each. The
/// answer comes once they are on disk.
#[utoipa::path(post, path = "/api/v1/ingest/{stream}", tag = "ingest", params(
    ("stream" = String, Path, description = "what sends them; part of `_origin`"),
    ("key" = Option<String>, Query, description = "a browser key, for pages of other sites"),
    ("idempotency-key" = Option<String>, Header, description = "events of a key that was taken are not kept again"),
), request_body(content = String, content_type = "text/plain"), responses(
    (status = 200, body = api::IngestResponse),
    (status = 429, description = "no room now: try again", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "an error; nothing was kept", body = Problem, content_type = "application/problem+json"),
))]
pub async fn ingest(
    State(kura): State<Kura>,
    Path(stream): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(intake) = kura.intake() else { return not_ready().into_response() };
    let origin = text(&headers, &header::ORIGIN).map(str::to_owned);
    let answer = match keep(intake, asked.key, stream, &headers, body).await {
        Ok(taken) => Json(taken).into_response(),
        Err(error) => {
            intake.count(&error);
            refused(&error)
        }
    };
    with_origin(answer, intake, origin.as_deref())
}

async fn keep(
    intake: &HttpIntake,
    key: Option<String>,
    stream: String,
    headers: &HeaderMap,
    body: Body,
) -> Result<api::IngestResponse, SendError> {
    let sender = sender(key, headers)?;
    let encoding = text(headers, &header::CONTENT_ENCODING).unwrap_or("identity");
    if !["identity", "gzip", "zstd"].contains(&encoding) {
        return Err(SendError::Encoding(encoding.to_owned()));
    }
    let _under_way = intake.begin()?;
    let declared_bytes = body.size_hint().lower();
    let mut held = intake.hold();
    let body = intake.read(&mut held, declared_bytes, body.into_data_stream()).await?;
    let sent = Sent {
        stream,
        body,
        kind: BodyKind::of(text(headers, &header::CONTENT_TYPE).unwrap_or_default()),
        is_compressed: encoding != "identity",
        idempotency_key: text(headers, &IDEMPOTENCY_KEY).map(str::to_owned),
    };
    let (records, taken) = intake.send(&mut held, &sender, sent).await?;
    let status = match taken {
        Taken::Stored => api::IngestStatus::Stored,
        Taken::Known => api::IngestStatus::Known,
    };
    Ok(api::IngestResponse { records, status })
}

/// What a browser asks before it sends a page's events.
pub async fn preflight(State(kura): State<Kura>, headers: HeaderMap) -> Response {
    let origin = text(&headers, &header::ORIGIN);
    let Some(intake) = kura.intake() else { return not_ready().into_response() };
    let response = StatusCode::NO_CONTENT.into_response();
    let mut response = with_origin(response, intake, origin);
    if response.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        let allowed = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
            (
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                "content-type, content-encoding, idempotency-key",
            ),
            (header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS),
        ];
        for (name, value) in allowed {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

/// A page of another site needs a key; who sends none is at the machine.
fn sender(key: Option<String>, headers: &HeaderMap) -> Result<Sender, SendError> {
    let origin = text(headers, &header::ORIGIN).map(str::to_owned);
    let site = text(headers, &HeaderName::from_static("sec-fetch-site"));
    let is_foreign = site.map_or(origin.is_some(), |site| !["same-origin", "none"].contains(&site));
    match key {
        Some(key) => Ok(Sender::Page { origin, key }),
        None if is_foreign => Err(SendError::NoKey),
        None => Ok(Sender::Local),
    }
}

fn with_origin(mut response: Response, intake: &HttpIntake, origin: Option<&str>) -> Response {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
    let known = origin.filter(|origin| intake.knows_origin(origin));
    if let Some(origin) = known.and_then(|origin| HeaderValue::from_str(origin).ok()) {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let yes = HeaderValue::from_static("true");
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
    }
    response
}

fn not_ready() -> Problem {
    let detail = "events are not taken yet, or no more: the lake's log is not open";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
}

fn refused(error: &SendError) -> Response {
    let status = match error {
        SendError::NoKey | SendError::NotAllowed => StatusCode::FORBIDDEN,
        SendError::BadRequest(_)
        | SendError::Broken(_)
        | SendError::Body(BodyError::Invalid(_)) => StatusCode::BAD_REQUEST,
        SendError::Encoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        SendError::Stalled => StatusCode::REQUEST_TIMEOUT,
        SendError::Body(BodyError::TooLarge(_)) | SendError::Refused(Refused::TooLarge(_)) => {
            StatusCode::PAYLOAD_TOO_LARGE
        }
        SendError::Refused(Refused::Busy) | SendError::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
        SendError::Refused(Refused::Closing | Refused::Failed(_)) | SendError::Ended => {
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    let mut response = Problem::new(status, error.to_string()).into_response();
    if [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&status) {
        let retry = HeaderValue::from_static(RETRY_SECONDS);
        response.headers_mut().insert(header::RETRY_AFTER, retry);
    }
    response
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}
