//! The stream as Server-Sent Events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use kura_query::TailRequest;
use serde_json::json;

use super::handlers::identity;
use super::problem::Problem;
use crate::api;
use crate::tail::{Follower, Heard};
use crate::usecases::Kura;

/// Whoever hears nothing for so long may think that the connection is gone.
const ALIVE: Duration = Duration::from_secs(15);

/// Follows a table: rows that the search finds, as they come.
///
/// Events: `rows` (with an id to resume from), `sampled` (only a share is sent from now on),
/// `gap` (the place to resume from is held no more), `refused` (it ends; not to be tried again).
#[utoipa::path(get, path = "/api/v1/tail", tag = "query", params(api::TailRequest), responses(
    (status = 200, description = "server-sent events", body = String, content_type = "text/event-stream"),
    (status = "default", description = "an error", body = Problem, content_type = "application/problem+json"),
))]
pub async fn tail(
    State(kura): State<Kura>,
    Query(asked): Query<api::TailRequest>,
    headers: HeaderMap,
) -> Response {
    let resumed = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let request = TailRequest {
        table: asked.table,
        query: asked.query.unwrap_or_default(),
        resume: resumed.or(asked.after),
    };
    let alive = KeepAlive::new().interval(ALIVE).text("alive");
    match kura.tail(&identity(), &request).await {
        Ok(follower) => {
            let ending = kura.ending();
            let events = stream::unfold(Some(follower), move |follower| {
                let ending = ending.clone();
                async move {
                    tokio::select! {
                        event = next(follower?) => Some(event),
                        () = ending.cancelled() => None,
                    }
                }
            });
            Sse::new(events).keep_alive(alive).into_response()
        }
        // An event source hears no status: the reason comes as an event.
        Err(error) => {
            let problem = Problem::from(error);
            let refused = event("refused", &json!(problem));
            Sse::new(stream::iter([Ok::<_, Infallible>(refused)])).into_response()
        }
    }
}

async fn next(mut follower: Follower) -> (Result<Event, Infallible>, Option<Follower>) {
    match follower.next().await {
        Ok(Heard::Rows { table, events, position }) => {
            let rows = event("rows", &json!({ "table": table, "events": events }));
            (Ok(rows.id(position)), Some(follower))
        }
        Ok(Heard::Sampled { rate, seen, sent }) => {
            let data = json!({ "rate": rate, "seen": seen, "sent": sent });
            (Ok(event("sampled", &data)), Some(follower))
        }
        Ok(Heard::Gap) => {
            let reason = "the place to go on from is held no more: search finds what came between";
            let data = json!({ "reason": reason, "skipped": null });
            (Ok(event("gap", &data)), Some(follower))
        }
        Err(error) => (Ok(event("refused", &json!(Problem::from(error)))), None),
    }
}

fn event(name: &'static str, data: &serde_json::Value) -> Event {
    Event::default().event(name).data(data.to_string())
}
