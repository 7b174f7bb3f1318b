//! The page, out of the binary.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

/// Everything that is no API route: a file of the page, or the page itself, whose own
/// routes are in the URL.
pub async fn page(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/').to_owned();
    if path.starts_with("api/") || path.starts_with("health/") {
        return Problem::new(StatusCode::NOT_FOUND, format!("no `/{path}` here")).into_response();
    }
    embedded::file(&path)
}

#[cfg(feature = "page")]
mod embedded {
    use axum::http::{StatusCode, header};
    use axum::response::{IntoResponse, Response};
    use rust_embed::RustEmbed;

    use crate::http::problem::Problem;

    #[derive(RustEmbed)]
    #[folder = "$KURA_PAGE_DIST"]
    struct Dist;

    pub fn file(path: &str) -> Response {
        let hashed = path.starts_with("assets/");
        let found = Dist::get(path).map(|file| (file, path));
        let Some((file, name)) =
            found.or_else(|| Some((Dist::get("index.html").filter(|_| !hashed)?, "index.html")))
        else {
            return Problem::new(StatusCode::NOT_FOUND, format!("no `/{path}` here"))
                .into_response();
        };
        // Names of assets change with their content; the page itself is asked for anew.
        let caching = if hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
        let headers =
            [(header::CONTENT_TYPE, content_type(name)), (header::CACHE_CONTROL, caching)];
        (headers, file.data).into_response()
    }

    fn content_type(name: &str) -> &'static str {
        match name.rsplit('.').next() {
            Some("html") => "text/html; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            Some("png") => "image/png",
            Some("ico") => "image/x-icon",
            Some("json" | "webmanifest") => "application/json",
            Some("woff2") => "font/woff2",
            _ => "application/octet-stream",
        }
    }
}

#[cfg(not(feature = "page"))]
mod embedded {
    use axum::http::StatusCode;
    use axum::response::{IntoResponse, Response};

    use crate::http::problem::Problem;

    pub fn file(_path: &str) -> Response {
        let detail = "this Kura was built without its page; the API is below /api/v1";
        Problem::new(StatusCode::NOT_FOUND, detail).into_response()
    }
}
