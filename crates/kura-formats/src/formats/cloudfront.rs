//! CloudFront standard logs: one line per request to a distribution.

use std::borrow::Cow;

use kura_core::table::column;
use kura_core::time::{MICROS_PER_SECOND, parse_day, parse_log_time};

use super::delimited::{
    DelimitedDecoder, Layout, Lines, Place, Splitting, TimeForm, at_least, not_an_event,
};
use super::{DAY, Decoder, Description, FlatCopy, Format, Head, HeadSays, KeyFacts, KeySays, View};
use crate::columns::{Column, ColumnType, Role};
use crate::framing::Framing;
use crate::reject::Reject;

#[derive(Debug)]
pub struct CloudFront;

const NAME: &str = "cloudfront";

const LAYOUT: Layout = Layout {
    table: NAME,
    columns: COLUMNS,
    time: TimeForm::DateAnd("time"),
    splitting: Splitting::Tabs,
};

/// The oldest lines end with the query.
const FIELDS_MIN: usize = 12;

static DESCRIPTION: Description = Description {
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
        View { name: "cloudfront_logs", select: DAY },
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
};

impl Format for CloudFront {
    fn description(&self) -> &Description {
        &DESCRIPTION
    }

    /// `<distribution>.<YYYY-MM-DD-HH>.<unique>.gz`, under any prefix.
    fn recognise_key(&self, path: &str) -> Option<KeySays> {
        let mut parts = path.rsplit(['/', '\\']).next()?.split('.');
        let (distribution, hour, unique) = (parts.next()?, parts.next()?, parts.next()?);
        let is_id = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let (day, hour) = hour.rsplit_once('-')?;
        let named = distribution.starts_with('E')
            && distribution.bytes().all(is_id)
            && unique.len() == 8
            && unique.bytes().all(|byte| byte.is_ascii_hexdigit());
        let hours: i64 = hour.parse().ok().filter(|_| named && hour.len() == 2)?;
        let midnight = parse_log_time(&format!("{day}T00:00:00Z"))?;
        let time = Some(midnight + hours * 3_600 * MICROS_PER_SECOND);
        Some(KeySays::Records(KeyFacts { time, ..KeyFacts::default() }))
    }

    fn recognise_head(&self, head: &Head<'_>) -> Option<HeadSays> {
        // Other logs begin with `#Version`, too.
        let is_header = |line: &&str| line.starts_with('#') || line.trim().is_empty();
        let header = head.text.lines().take_while(is_header);
        let named = header.map(str::trim).any(|line| line.contains(" x-edge-location "));
        let first = head.text.lines().find(|line| !is_header(line)).unwrap_or("");
        (named || check(&LAYOUT.splitting.split(first)).is_ok()).then_some(HeadSays::Records)
    }

    fn framing(&self) -> Framing {
        Framing::Lines
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        Box::new(DelimitedDecoder::new(LAYOUT, CloudFrontLines { header: default_header() }))
    }
}

/// Athena's columns, in the order of the fields.
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
];

/// Fields come in the order that the object's header gives.
#[derive(Debug)]
struct CloudFrontLines {
    header: Vec<Place>,
}

fn default_header() -> Vec<Place> {
    (0..COLUMNS.len()).map(Place::Column).collect()
}

fn place_of(field: &str) -> Place {
    let at = COLUMNS.iter().position(|column| column.key == field);
    at.map_or_else(|| Place::Other(field.to_owned()), Place::Column)
}

impl Lines for CloudFrontLines {
    fn begin(&mut self) {
        self.header = default_header();
    }

    fn places(&mut self, line: &str, fields: &[&str]) -> Result<Option<&[Place]>, Reject> {
        if line.starts_with('#') {
            if let Some(names) = line.strip_prefix("#Fields:") {
                self.header = names.split_ascii_whitespace().map(place_of).collect();
            }
            return Ok(None);
        }
        check(fields).map(|()| Some(&self.header[..]))
    }
}

fn check(fields: &[&str]) -> Result<(), Reject> {
    match fields.first() {
        Some(date) if parse_day(date).is_some() => at_least(FIELDS_MIN, fields),
        first => not_an_event(format!("`{}` is no date", first.unwrap_or(&""))),
    }
}

#[cfg(test)]
#[path = "cloudfront_tests.rs"]
mod tests;
