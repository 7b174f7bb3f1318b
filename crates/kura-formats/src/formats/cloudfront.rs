//! CloudFront standard logs: one line per request to a distribution.

use std::borrow::Cow;

use kura_core::table::column;
use kura_core::time::{MICROS_PER_SECOND, parse_day, parse_log_time};

use super::delimited::{Layout, Splitting, TimeForm, at_least, not_an_event};
use super::headed::{HeadedFormat, HeaderForm, Unheaded, w3c_fields};
use super::object_keys::{account_in_folders, object_name};
use super::{DAY, Description, FlatCopy, Head, KeyFacts, KeySays, Select, View};
use crate::columns::{Column, ColumnType, Role};
use crate::reject::Reject;

const NAME: &str = "cloudfront";

const LAYOUT: Layout = Layout {
    table: NAME,
    columns: COLUMNS,
    time: TimeForm::DateAnd("time"),
    splitting: Splitting::Tabs,
};

/// The oldest lines end with the query.
const FIELDS_MIN: usize = 12;
/// A line without a header has these, in the order of the columns.
const FIELDS: usize = 33;

/// The names of the first table that AWS's pages made of these logs.
const OLDER_NAMES: &str = "x_edge_location AS location, sc_bytes AS bytes, c_ip AS request_ip, \
    cs_method AS method, cs_host AS host, cs_uri_stem AS uri, sc_status AS status, \
    cs_referrer AS referrer, cs_user_agent AS user_agent, cs_uri_query AS query_string, \
    cs_cookie AS cookie, x_edge_result_type AS result_type, x_edge_request_id AS request_id, \
    x_host_header AS host_header, cs_protocol AS request_protocol, cs_bytes AS request_bytes, \
    x_forwarded_for AS xforwarded_for, x_edge_response_result_type AS response_result_type, \
    cs_protocol_version AS http_version, to_char(\"day\", '%Y/%m/%d') AS \"day\"";

pub const FORMAT: HeadedFormat = HeadedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "CloudFront standard logs",
        about: include_str!("cloudfront.md"),
        source: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html",
        sample: "2026-11-20\t21:57:56\tFRA6\t919468\t192.0.2.7\tGET\td111.cloudfront.net\t/page/{n}.html\t200\t-\tMozilla/5.0%20(Windows%20NT%2010.0)\ta=b\t-\tHit\tIQU6LXAGK43V5RF9B3VU{n}==\twww.example.com\thttps\t394\t0.002\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tHit\tHTTP/2.0\t-\t-\t11040\t0.001\tHit\ttext/html\t78\t-\t-",
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "date", "sc_status", "cs_host"],
        needles: &[column::ADDR, "cs_uri_stem", "x_host_header", "x_edge_detailed_result_type"],
        distinct: &["x_edge_request_id"],
        views: &[
            View { name: "cloudfront_standard_logs", select: DAY },
            View { name: "cloudfront_logs", select: Select::Added(OLDER_NAMES) },
        ],
        examples: &[
            (
                "Cache hits by hour",
                "SELECT date_trunc('hour', _time) AS hour, x_edge_result_type, count(*) AS requests\nFROM cloudfront GROUP BY 1, 2 ORDER BY 1, 3 DESC",
            ),
            (
                "Who takes the most bytes?",
                "SELECT c_ip, sum(sc_bytes) AS bytes FROM cloudfront GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
            ),
        ],
        flat_copies: &[
            FlatCopy { path: &["c_ip"], column: column::ADDR },
            FlatCopy { path: &["x_edge_request_id"], column: column::ID },
        ],
    },
    layout: LAYOUT,
    header: HeaderForm::W3c,
    unheaded: Unheaded { orders: || vec![(0..FIELDS).collect()], order_of },
    named: &["date", "time", "x-edge-location"],
    key,
    head,
};

/// `<distribution>.<YYYY-MM-DD-HH>.<unique>.gz`, in folders of whatever names; those of newer
/// deliveries may tell the account.
fn key(path: &str) -> Option<KeySays> {
    let mut parts = object_name(path).split('.');
    let (distribution, hour, unique) = (parts.next()?, parts.next()?, parts.next()?);
    let is_id = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let (day, hour) = hour.rsplit_once('-')?;
    let named = distribution.starts_with('E')
        && distribution.bytes().all(is_id)
        && (8..=16).contains(&unique.len())
        && unique.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let hours: i64 = hour.parse().ok().filter(|_| named && hour.len() == 2)?;
    let midnight = parse_log_time(&format!("{day}T00:00:00Z"))?;
    let time = Some(midnight + hours * 3_600 * MICROS_PER_SECOND);
    Some(KeySays::Records(KeyFacts { account: account_in_folders(path), region: None, time }))
}

fn head(head: &Head<'_>) -> bool {
    if head.is_object() {
        return false;
    }
    if !head.line.trim_start_matches('\u{feff}').starts_with('#') {
        return order_of(&head.fields(LAYOUT.splitting)).is_ok();
    }
    // Other logs have such headers, too.
    let is_own = |name: &str| name.starts_with("x-edge-") || name == "DistributionId";
    let mut lines = head.text.lines();
    let first = lines.find(|line| !line.starts_with('#') && !line.trim().is_empty());
    w3c_fields(head).any(is_own) || order_of(&LAYOUT.splitting.split(first.unwrap_or(""))).is_ok()
}

fn order_of(fields: &[&str]) -> Result<usize, Reject> {
    match fields.first() {
        Some(date) if parse_day(date).is_some() => at_least(FIELDS_MIN, fields).map(|()| 0),
        first => not_an_event(format!("`{}` is no date", first.unwrap_or(&""))),
    }
}

/// Athena's columns, in the order of the fields; then those that a log may add.
const COLUMNS: &[Column] = &[
    Column::new("date", "date", ColumnType::Date, "The day the request ended, UTC.")
        .role(Role::Time),
    Column::text(
        "time",
        "time",
        "The time of day the request ended, UTC; with `date` it is `_time`.",
    ),
    Column::text("x_edge_location", "x-edge-location", "The edge location that served it.")
        .role(Role::Facet),
    Column::new("sc_bytes", "sc-bytes", ColumnType::Long, "Bytes of the answer, headers included."),
    Column::text("c_ip", "c-ip", "Who asked.").role(Role::Address),
    Column::text("cs_method", "cs-method", "The method.").role(Role::Facet),
    Column::text("cs_host", "cs(Host)", "The distribution's own domain.").role(Role::Resource),
    Column::text("cs_uri_stem", "cs-uri-stem", "The path."),
    Column::new(
        "sc_status",
        "sc-status",
        ColumnType::Int,
        "The status; 000 is a client that went away.",
    )
    .role(Role::Facet),
    Column::text("cs_referrer", "cs(Referer)", "The page that led there."),
    Column::text("cs_user_agent", "cs(User-Agent)", "The program that asked, URL-encoded.")
        .role(Role::Facet),
    Column::text("cs_uri_query", "cs-uri-query", "The query."),
    Column::text("cs_cookie", "cs(Cookie)", "The cookies, if they are logged."),
    Column::text(
        "x_edge_result_type",
        "x-edge-result-type",
        "`Hit`, `RefreshHit`, `Miss`, `Error` and so on, once it was answered.",
    )
    .role(Role::Facet),
    Column::text(
        "x_edge_request_id",
        "x-edge-request-id",
        "CloudFront's id of the request; also `_id`.",
    )
    .role(Role::Id),
    Column::text("x_host_header", "x-host-header", "The host that was asked for.")
        .role(Role::Facet),
    Column::text("cs_protocol", "cs-protocol", "`http`, `https`, `ws`, `wss`."),
    Column::new(
        "cs_bytes",
        "cs-bytes",
        ColumnType::Long,
        "Bytes of the request, headers included.",
    ),
    Column::new(
        "time_taken",
        "time-taken",
        ColumnType::Double,
        "Seconds from the request's first byte to the answer's last.",
    ),
    Column::text("x_forwarded_for", "x-forwarded-for", "Proxies before."),
    Column::text("ssl_protocol", "ssl-protocol", "The version of TLS.").role(Role::Facet),
    Column::text("ssl_cipher", "ssl-cipher", "The cipher."),
    Column::text(
        "x_edge_response_result_type",
        "x-edge-response-result-type",
        "As `x_edge_result_type`, before it was answered.",
    ),
    Column::text("cs_protocol_version", "cs-protocol-version", "The version of HTTP."),
    Column::text("fle_status", "fle-status", "How encrypting fields went."),
    Column::new(
        "fle_encrypted_fields",
        "fle-encrypted-fields",
        ColumnType::Int,
        "How many fields were encrypted.",
    ),
    Column::new("c_port", "c-port", ColumnType::Int, "From which port."),
    Column::new(
        "time_to_first_byte",
        "time-to-first-byte",
        ColumnType::Double,
        "Seconds to the answer's first byte.",
    ),
    Column::text(
        "x_edge_detailed_result_type",
        "x-edge-detailed-result-type",
        "What went wrong, in more detail.",
    )
    .role(Role::Facet),
    Column::text("sc_content_type", "sc-content-type", "The answer's type."),
    Column::new("sc_content_len", "sc-content-len", ColumnType::Long, "The answer's length."),
    Column::new(
        "sc_range_start",
        "sc-range-start",
        ColumnType::Long,
        "The first byte of a range asked for.",
    ),
    Column::new(
        "sc_range_end",
        "sc-range-end",
        ColumnType::Long,
        "The last byte of a range asked for.",
    ),
    Column::text(
        "timestamp",
        "",
        "When the request ended, in seconds since 1970, if it is logged.",
    )
    .role(Role::Time),
    Column::new(
        "timestamp_ms",
        "timestamp(ms)",
        ColumnType::Long,
        "The same in milliseconds, if it is logged.",
    )
    .role(Role::Time),
    Column::text("distributionid", "DistributionId", "The distribution, if it is logged.")
        .role(Role::Resource),
    Column::text("c_country", "c-country", "The country of the address, if it is logged.")
        .role(Role::Facet),
    Column::text(
        "cache_behavior_path_pattern",
        "cache-behavior-path-pattern",
        "The path pattern of the cache behaviour that applied, if it is logged.",
    ),
    Column::new(
        "origin_fbl",
        "origin-fbl",
        ColumnType::Double,
        "Seconds until the origin sent its first byte, if it is logged.",
    ),
    Column::new(
        "origin_lbl",
        "origin-lbl",
        ColumnType::Double,
        "Seconds until the origin sent its last byte, if it is logged.",
    ),
    Column::new(
        "asn",
        "",
        ColumnType::Long,
        "The autonomous system of the address, if it is logged.",
    ),
];

#[cfg(test)]
#[path = "cloudfront_tests.rs"]
mod tests;
