//! Errors as `application/problem+json` (RFC 9457): the one place that knows status codes.

use std::any::Any;

use axum::Json;
use axum::extract::Request;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kura_core::causes::WithCauses;
use kura_query::ErrorKind;
use serde::Serialize;
use utoipa::ToSchema;

use crate::usecases::UseCaseError;

/// What went wrong, for people (`detail`, `hint`) and programs (`status`, `title`).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    /// The `x-request-id` of the answer.
    pub request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Problem {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Problem {
            kind: "about:blank".to_owned(),
            title: status.canonical_reason().unwrap_or("error").to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            request_id: String::new(),
            hint: None,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self)).into_response();
        let json = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        // The request id is known further out: the guard writes it in.
        response.extensions_mut().insert(std::sync::Arc::new(self));
        response
    }
}

impl From<UseCaseError> for Problem {
    fn from(error: UseCaseError) -> Self {
        let status = match &error {
            UseCaseError::Query(query) => match query.kind() {
                ErrorKind::Statement => StatusCode::BAD_REQUEST,
                ErrorKind::NotAllowed => StatusCode::FORBIDDEN,
                ErrorKind::Timeout => StatusCode::GATEWAY_TIMEOUT,
                ErrorKind::Cancelled => StatusCode::CONFLICT,
                ErrorKind::Resources => StatusCode::INSUFFICIENT_STORAGE,
                ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            },
            UseCaseError::Time(_) | UseCaseError::BadRequest(_) => StatusCode::BAD_REQUEST,
            UseCaseError::Busy(_) => StatusCode::TOO_MANY_REQUESTS,
            UseCaseError::NoQuery(_) => StatusCode::NOT_FOUND,
            UseCaseError::Rows(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if status.is_server_error() {
            tracing::error!(error = %WithCauses(&error), "a question failed");
        }
        let mut problem = Problem::new(status, WithCauses(&error).to_string());
        if let UseCaseError::Query(query) = &error {
            problem.hint = query.hint().map(str::to_owned);
        }
        problem
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Problem::new(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Problem::new(rejection.status(), rejection.body_text())
    }
}

pub async fn method_not_allowed(request: Request) -> Problem {
    let detail = format!("`{}` does not take {}", request.uri().path(), request.method());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}

/// A panic is a defect of Kura's: it is told as one and ends one answer, not the server.
#[allow(clippy::needless_pass_by_value)]
pub fn after_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let what = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    tracing::error!(what, "an answer panicked");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "a defect in Kura").into_response()
}
