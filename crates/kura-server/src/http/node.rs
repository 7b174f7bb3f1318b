//! What a server tells this program's own commands, which show that they may read its disk.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use crate::usecases::Kura;

/// The rows that are in no table yet.
pub async fn hot(State(kura): State<Kura>, headers: HeaderMap) -> Response {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = shown.and_then(|shown| shown.strip_prefix("Bearer "));
    if token != Some(kura.node_token()) {
        let detail = "only commands of this node are told";
        return Problem::new(StatusCode::UNAUTHORIZED, detail).into_response();
    }
    match tokio::task::spawn_blocking(move || kura.hot_rows()).await {
        Ok(Ok(rows)) => rows.into_response(),
        Ok(Err(error)) => {
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
        }
        Err(_) => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "it panicked").into_response(),
    }
}
