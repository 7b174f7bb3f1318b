//! CloudFront real-time logs: one line per request, without a header.

use std::borrow::Cow;
use std::net::IpAddr;

use kura_core::table::column;

use super::delimited::{Layout, Splitting, TimeForm, at_least, not_an_event};
use super::headed::{HeadedFormat, HeaderForm, Unheaded};
use super::{DAY, Description, FlatCopy, Head, View};
use crate::columns::{Column, ColumnType, Role};
use crate::reject::Reject;

const NAME: &str = "cloudfrontrealtime";

const LAYOUT: Layout =
    Layout { table: NAME, columns: COLUMNS, time: TimeForm::Any, splitting: Splitting::Tabs };

/// The first lines of this kind ended with the count of headers, and had no `s-ip`.
const FIELDS_MIN: usize = 40;
/// Where the server's address stands, if the line has it.
const SERVER: usize = 2;

pub const FORMAT: HeadedFormat = HeadedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "CloudFront real-time logs",
        about: include_str!("cloudfrontrealtime.md"),
        source: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/real-time-logs.html",
        sample: "1795211876.{n}\t192.0.2.{n}\t198.51.100.9\t0.001\t200\t{n}\tGET\thttps\twww.example.com\t/page/{n}.html\t394\tFRA6-P1\tIQU6LXAGK43V5RF9B3VU{n}==\td111.cloudfront.net\t0.002\tHTTP/2.0\tIPv4\tMozilla/5.0%20(X11)\t-\t-\ta=b\tHit\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tHit\t-\t-\ttext/html\t78\t-\t-\t11{n}\tHit\tDE\tgzip,%20br\t*/*\t*\tHost:www.example.com%0A\tHost%0A\t1\tE3HXCM7PFRG6HT\td111.cloudfront.net\t-\t-\t64500",
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "timestamp", "sc_status", "cs_host"],
        needles: &[column::ADDR, "cs_uri_stem", "x_host_header", "x_edge_detailed_result_type"],
        distinct: &["timestamp", "x_edge_request_id"],
        views: &[View { name: "cloudfront_real_time_logs", select: DAY }],
        examples: &[
            (
                "Errors by minute",
                "SELECT date_trunc('minute', _time) AS minute, sc_status, count(*) AS requests\nFROM cloudfrontrealtime WHERE sc_status >= 500 GROUP BY 1, 2 ORDER BY 1",
            ),
            (
                "Where is the origin slow?",
                "SELECT cache_behavior_path_pattern, avg(origin_fbl) AS seconds, count(*) AS requests\nFROM cloudfrontrealtime WHERE origin_fbl IS NOT NULL GROUP BY 1 ORDER BY 2 DESC",
            ),
        ],
        flat_copies: &[
            FlatCopy { path: &["c_ip"], column: column::ADDR },
            FlatCopy { path: &["x_edge_request_id"], column: column::ID },
        ],
    },
    layout: LAYOUT,
    header: HeaderForm::W3c,
    unheaded: Unheaded { orders, order_of },
    named: &["timestamp", "c-ip", "x-edge-location"],
    // A stream's reader names its objects as it likes.
    key: |_| None,
    head,
};

fn head(head: &Head<'_>) -> bool {
    !head.is_object() && order_of(&head.fields(LAYOUT.splitting)).is_ok()
}

/// With the server's address, and without.
fn orders() -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..COLUMNS.len()).collect();
    let without = all.iter().copied().filter(|&at| at != SERVER).collect();
    vec![all, without]
}

/// A line of all fields, told by what stands where: one of chosen fields would end up in the
/// wrong columns.
fn order_of(fields: &[&str]) -> Result<usize, Reject> {
    at_least(FIELDS_MIN, fields)?;
    let is_address = |at: usize| fields[at].parse::<IpAddr>().is_ok();
    let lacks_server = !is_address(SERVER);
    let fits = SHAPE.iter().all(|&(column, fits)| {
        let at = if lacks_server && column > SERVER { column - 1 } else { column };
        fields.get(at).is_none_or(|field| *field == "-" || fits(field))
    });
    match fits && is_address(1) {
        true => Ok(usize::from(lacks_server)),
        false => not_an_event("not a line of all fields in their order".to_owned()),
    }
}

type Fits = fn(&str) -> bool;

/// Columns whose values look like no other's.
const SHAPE: &[(usize, Fits)] = &[
    (0, |time| time.parse::<f64>().is_ok_and(|time| time > 0.0)),
    (4, |status| status.len() == 3 && status.parse::<u16>().is_ok()),
    (7, |protocol| ["http", "https", "ws", "wss"].contains(&protocol)),
    (16, |version| version.starts_with("IPv")),
    (32, |port| port.parse::<u16>().is_ok()),
    (40, |headers| headers.parse::<u32>().is_ok()),
    (43, |seconds| seconds.contains('.')),
    (45, |system| system.parse::<u32>().is_ok()),
];

/// AWS's fields in their order, named as in Athena's table.
const COLUMNS: &[Column] = &[
    text("timestamp", "When the request ended, in seconds since 1970; also `_time`.")
        .role(Role::Time),
    text("c_ip", "Who asked.").role(Role::Address),
    text("s_ip", "The server at the edge that answered."),
    double("time_to_first_byte", "Seconds to the answer's first byte, at the server."),
    Column::new("sc_status", "", ColumnType::Int, "The status; 000 is a client that went away.")
        .role(Role::Facet),
    long("sc_bytes", "Bytes of the answer, headers included."),
    text("cs_method", "The method.").role(Role::Facet),
    text("cs_protocol", "`http`, `https`, `ws`, `wss`."),
    text("cs_host", "The host that was asked for.").role(Role::Resource),
    text("cs_uri_stem", "The path."),
    long("cs_bytes", "Bytes of the request, headers included."),
    text("x_edge_location", "The edge location that served it.").role(Role::Facet),
    text("x_edge_request_id", "CloudFront's id of the request; also `_id`.").role(Role::Id),
    text("x_host_header", "The distribution's own domain.").role(Role::Facet),
    double("time_taken", "Seconds from the request's first byte to the answer's last."),
    text("cs_protocol_version", "The version of HTTP."),
    text("c_ip_version", "`IPv4` or `IPv6`."),
    text("cs_user_agent", "The program that asked, URL-encoded.").role(Role::Facet),
    text("cs_referer", "The page that led there."),
    text("cs_cookie", "The cookies."),
    text("cs_uri_query", "The query."),
    text("x_edge_response_result_type", "As `x_edge_result_type`, before it was answered."),
    text("x_forwarded_for", "Proxies before."),
    text("ssl_protocol", "The version of TLS.").role(Role::Facet),
    text("ssl_cipher", "The cipher."),
    text("x_edge_result_type", "`Hit`, `Miss`, `Error` and so on, once it was answered.")
        .role(Role::Facet),
    text("fle_encrypted_fields", "How many fields were encrypted."),
    text("fle_status", "How encrypting fields went."),
    text("sc_content_type", "The answer's type."),
    long("sc_content_len", "The answer's length."),
    text("sc_range_start", "The first byte of a range asked for."),
    text("sc_range_end", "The last byte of a range asked for."),
    long("c_port", "From which port."),
    text("x_edge_detailed_result_type", "What went wrong, in more detail.").role(Role::Facet),
    text("c_country", "The country of the address.").role(Role::Facet),
    text("cs_accept_encoding", "The encodings that the client accepts."),
    text("cs_accept", "The types that the client accepts."),
    text("cache_behavior_path_pattern", "The path pattern of the cache behaviour that applied."),
    text("cs_headers", "The request's headers, names and values, URL-encoded."),
    text("cs_header_names", "Their names alone."),
    long("cs_headers_count", "How many there are."),
    text("primary_distribution_id", "The main distribution, for a staging one."),
    text("primary_distribution_dns_name", "Its domain."),
    double("origin_fbl", "Seconds until the origin sent its first byte."),
    double("origin_lbl", "Seconds until the origin sent its last byte."),
    long("asn", "The autonomous system of the address."),
    text("cmcd_encoded_bitrate", "From media players (CMCD): the bitrate of what was asked for."),
    text("cmcd_buffer_length", "CMCD: how much lies in the player's buffer."),
    text("cmcd_buffer_starvation", "CMCD: whether the buffer ran dry."),
    text("cmcd_content_id", "CMCD: what is played."),
    text("cmcd_object_duration", "CMCD: how long the object plays."),
    text("cmcd_deadline", "CMCD: when it is needed."),
    text("cmcd_measured_throughput", "CMCD: the throughput that the player measured."),
    text("cmcd_next_object_request", "CMCD: what it will ask for next."),
    text("cmcd_next_range_request", "CMCD: which range of it."),
    text("cmcd_object_type", "CMCD: audio, video, captions and so on."),
    text("cmcd_playback_rate", "CMCD: how fast it plays."),
    text("cmcd_requested_maximum_throughput", "CMCD: the throughput it would like at most."),
    text("cmcd_streaming_format", "CMCD: DASH, HLS and so on."),
    text("cmcd_session_id", "CMCD: the player's session."),
    text("cmcd_stream_type", "CMCD: live or on demand."),
    text("cmcd_startup", "CMCD: whether it is needed to begin."),
    text("cmcd_top_bitrate", "CMCD: the highest bitrate there is."),
    text("cmcd_version", "CMCD: its version."),
    text("r_host", "The origin's domain."),
    text("sr_reason", "Why that origin was chosen."),
    text("x_edge_mqcs", "CMCD: how good the picture was, as a score."),
    text("distribution_tenant_id", "The tenant, for a distribution that has several."),
    text("connection_id", "The connection, where clients show certificates."),
];

const fn text(name: &'static str, about: &'static str) -> Column {
    Column::text(name, "", about)
}

const fn long(name: &'static str, about: &'static str) -> Column {
    Column::new(name, "", ColumnType::Long, about)
}

const fn double(name: &'static str, about: &'static str) -> Column {
    Column::new(name, "", ColumnType::Double, about)
}

#[cfg(test)]
#[path = "cloudfrontrealtime_tests.rs"]
mod tests;
