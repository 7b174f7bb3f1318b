//! What every request passes: whom it names as its host, and which headers go out.
//!
//! While Kura listens on loopback without users, a page of another site must not reach it
//! through the person's browser: a request names a loopback host, or it is refused (a name
//! that was made to resolve to 127.0.0.1 is another host), and one that a browser sends for
//! another origin is refused, too.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

pub async fn guard(request: Request, next: Next) -> Response {
    let id = text(request.headers(), "x-request-id").unwrap_or_default().to_owned();
    let mut response = match foreign(request.headers(), request.uri()) {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    with_request_id(response, id)
}

/// Problems say in their body by which id they are known.
fn with_request_id(mut response: Response, request_id: String) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Arc<Problem>>() else {
        return response;
    };
    let Some(mut problem) = Arc::into_inner(problem) else { return response };
    problem.request_id = request_id;
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    *response.body_mut() = Body::from(body);
    response
}

fn foreign(headers: &HeaderMap, uri: &Uri) -> Option<Problem> {
    let host = uri.host().or_else(|| text(headers, "host")).unwrap_or_default();
    if !is_loopback(host) {
        let detail = "Kura answers on loopback only; this request names another host";
        return Some(Problem::new(StatusCode::MISDIRECTED_REQUEST, detail));
    }
    // Pages of other sites may send events, if they have a key: their handler looks.
    if uri.path().starts_with("/api/v1/ingest/") {
        return None;
    }
    let site = text(headers, "sec-fetch-site").unwrap_or("none");
    if !matches!(site, "none" | "same-origin")
        && text(headers, "sec-fetch-mode") != Some("navigate")
    {
        return Some(Problem::new(StatusCode::FORBIDDEN, "this request comes from another site"));
    }
    None
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// A host as the header has it, with or without a port.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None if host.matches(':').count() > 1 => host,
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_loopback_names_are_hosts() {
        for (host, expected) in [
            ("localhost:0", true),
            ("LOCALHOST", true),
            ("127.0.0.1:0", true),
            ("[::1]:0", true),
            ("::1", true),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("10.0.0.1", false),
            ("", false),
        ] {
            assert_eq!(is_loopback(host), expected, "{host}");
        }
    }
}
