//! The HTTP face: routes, limits, security headers, the page.

mod exposition;
mod guard;
mod handlers;
mod node;
mod ingest;
mod page;
mod problem;
mod tail;

use std::future::Future;
use std::time::Duration;

use axum::Router;
use axum::http::HeaderName;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::usecases::Kura;

/// Statements and searches are small; nothing else comes in.
const BODY_BYTES_MAX: usize = 1 << 20;
/// After a signal, answers under way get this long.
const DRAIN: Duration = Duration::from_secs(5);

const INGEST: &str = "/api/v1/ingest/{stream}";

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[derive(Debug, thiserror::Error)]
#[error("serving on {address}")]
pub struct ServeError {
    address: String,
    source: std::io::Error,
}

#[derive(OpenApi)]
#[openapi(info(
    title = "Kura",
    description = "SQL, search and tables of a Kura lake. Errors are `application/problem+json` (RFC 9457).",
    license(name = "Apache-2.0", identifier = "Apache-2.0")
))]
struct ApiDocument;

fn api_routes() -> OpenApiRouter<Kura> {
    OpenApiRouter::with_openapi(ApiDocument::openapi())
        .routes(routes!(handlers::livez))
        .routes(routes!(handlers::readyz))
        .routes(routes!(handlers::metrics))
        .routes(routes!(handlers::tables))
        .routes(routes!(handlers::sources))
        .routes(routes!(handlers::drift))
        .routes(routes!(handlers::sql))
        .routes(routes!(handlers::search))
        .routes(routes!(handlers::histogram))
        .routes(routes!(handlers::fields))
        .routes(routes!(handlers::queries))
        .routes(routes!(handlers::cancel))
        .routes(routes!(tail::tail))
}

/// Their bodies are larger, pages of other sites may send them, and what they take is theirs to
/// limit.
fn intake_routes() -> OpenApiRouter<Kura> {
    OpenApiRouter::new()
        .routes(routes!(ingest::ingest))
        .route(INGEST, axum::routing::options(ingest::preflight))
}

/// The API's description, as the file in `docs/` has it.
#[must_use]
pub fn openapi() -> String {
    let (_, mut document) = api_routes().merge(intake_routes()).split_for_parts();
    // The version of the program is not a version of the API.
    document.info.version = "1".to_owned();
    document.to_pretty_json().unwrap_or_default() + "\n"
}

pub fn router(kura: Kura) -> Router {
    let (routes, _) = api_routes().split_for_parts();
    let (intake, _) = intake_routes().split_for_parts();
    let description = openapi();
    let described = axum::routing::get(move || {
        let description = description.clone();
        async move { ([("content-type", "application/json")], description) }
    });
    routes
        .route("/api/v1/openapi.json", described)
        // For this program's own commands: not part of the API.
        .route("/api/v1/node/hot", axum::routing::get(node::hot))
        .fallback(page::page)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(CatchPanicLayer::custom(problem::after_panic))
        .layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX))
        .merge(intake.layer(CatchPanicLayer::custom(problem::after_panic)))
        .layer(axum::middleware::from_fn(guard::guard))
        .layer(CompressionLayer::new())
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .with_state(kura)
}

/// Serves until `stop`; then answers under way are finished, for a while.
pub async fn serve(
    kura: Kura,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let address = listener.local_addr().map_or_else(|_| "?".to_owned(), |a| a.to_string());
    let stopping = tokio_util::sync::CancellationToken::new();
    let (signal, ending) = (stopping.clone(), kura.ending());
    let graceful = async move {
        stop.await;
        ending.cancel();
        signal.cancel();
    };
    let server = axum::serve(listener, router(kura)).with_graceful_shutdown(graceful);
    let drained = async move {
        stopping.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        served = server => served.map_err(|source| ServeError { address, source }),
        () = drained => Ok(()),
    }
}
