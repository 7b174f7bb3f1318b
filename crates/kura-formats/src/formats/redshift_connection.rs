//! Redshift's audit log of connections: who logged in, from where, and who could not.

use std::borrow::Cow;

use chrono::NaiveDateTime;
use kura_core::table::column;
use kura_core::time::{Micros, parse_log_time};

use super::delimited::{Field, Layout, OrderedFormat, Splitting, TimeForm, at_least, not_an_event};
use super::object_keys::{named, object_name};
use super::{Description, FlatCopy, KeyFacts, KeySays};
use crate::columns::{Column, ColumnType, Role};
use crate::reject::Reject;

const NAME: &str = "redshift_connection";

const LAYOUT: Layout = Layout {
    table: NAME,
    columns: COLUMNS,
    time: TimeForm::Own(record_time),
    splitting: Splitting::Bars,
};

/// The oldest lines end with the duration.
const FIELDS_MIN: usize = 9;

pub const FORMAT: OrderedFormat = OrderedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Redshift connection logs",
        about: include_str!("redshift_connection.md"),
        source: "https://docs.aws.amazon.com/redshift/latest/mgmt/db-auditing.html",
        sample: "authenticated                                     |Fri, 20 Nov 2026 18:01:22:{n}|::ffff:192.0.2.{n}                               |50{n}                           |10737{n}|dev                                               |analyst                                           |password                        |0|TLSv1.2                                           |ECDHE-RSA-AES256-SHA384                                                                                                         |0||||||||",
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, column::ACCOUNT, column::REGION, column::PRINCIPAL],
        needles: &[column::ADDR, column::PRINCIPAL, "iamauthguid", "sessionid"],
        distinct: &["recordtime"],
        views: &[],
        examples: &[
            (
                "Who could not log in?",
                "SELECT username, remotehost, count(*) AS attempts FROM redshift_connection\nWHERE event = 'authentication failure' GROUP BY 1, 2 ORDER BY 3 DESC",
            ),
            (
                "The longest sessions",
                "SELECT username, dbname, duration / 1000000 AS seconds FROM redshift_connection\nWHERE event = 'disconnecting session' ORDER BY 3 DESC LIMIT 20",
            ),
        ],
        flat_copies: &[
            FlatCopy { path: &["remotehost"], column: column::ADDR },
            FlatCopy { path: &["username"], column: column::PRINCIPAL },
        ],
    },
    layout: LAYOUT,
    fields: FIELDS,
    check,
    key: |path| key_of(path, "connectionlog"),
};

/// `<account>_redshift_<region>_<cluster>_<kind>_<time>`.
pub(super) fn key_of(path: &str, kind: &str) -> Option<KeySays> {
    let (account, rest) = named(object_name(path), "redshift")?;
    let (region, rest) = rest.split_once('_')?;
    let (_, time) = rest.split_once(&format!("_{kind}_"))?;
    let time = time.get(..16).and_then(|minute| parse_log_time(&format!("{minute}:00Z")));
    let (account, region) = (Some(account), Some(region.to_owned()));
    Some(KeySays::Records(KeyFacts { account, region, time }))
}

/// `Wed, 21 Oct 2020 18:01:22:345`: UTC, milliseconds last.
pub(super) fn record_time(text: &str) -> Option<Micros> {
    let (_, date) = text.split_once(", ")?;
    let (seconds, millis) = date.rsplit_once(':')?;
    let seconds = NaiveDateTime::parse_from_str(seconds, "%d %b %Y %H:%M:%S").ok()?;
    let millis = millis.parse::<u16>().ok().filter(|millis| *millis < 1_000)?;
    Some(seconds.and_utc().timestamp_micros() + i64::from(millis) * 1_000)
}

fn check(_line: &str, fields: &[&str]) -> Result<bool, Reject> {
    at_least(FIELDS_MIN, fields)?;
    match record_time(fields[1]) {
        Some(_) => Ok(true),
        None => not_an_event(format!("`{}` is no time", fields[1])),
    }
}

/// AWS's fields, in their order.
const COLUMNS: &[Column] = &[
    text("event", "What happened: `authenticated`, `disconnecting session` and so on.")
        .role(Role::Facet),
    text("recordtime", "When, UTC, as written; also `_time`.").role(Role::Time),
    text("remotehost", "Where from: an address, or `[local]`.").role(Role::Address),
    text("remoteport", "From which port."),
    long("pid", "The process that serves the session."),
    text("dbname", "The database.").role(Role::Resource),
    text("username", "The user; `IAM:` or `IAMA:` in front says how it logged in.")
        .role(Role::Principal),
    text("authmethod", "How it proved itself.").role(Role::Facet),
    long("duration", "How long the connection lasted, in microseconds."),
    text("sslversion", "The version of TLS.").role(Role::Facet),
    text("sslcipher", "The cipher."),
    long("mtu", "The largest packet."),
    text("sslcompression", "How TLS compresses."),
    text("sslexpansion", "How TLS expands."),
    text("iamauthguid", "The id of the request to IAM, as in CloudTrail."),
    text("application_name", "The program, as it calls itself.").role(Role::Facet),
    text("os_version", "The client's operating system."),
    text("driver_version", "The version of the ODBC or JDBC driver.").role(Role::Facet),
    text("plugin_name", "The plugin that logged in."),
    text("protocol_version", "The version of the driver's protocol."),
    text("sessionid", "The session."),
    text("compression", "How the connection is compressed."),
];

const FIELDS: &[Field] = &[
    Field::Column("event"),
    Field::Column("recordtime"),
    Field::Column("remotehost"),
    Field::Column("remoteport"),
    Field::Column("pid"),
    Field::Column("dbname"),
    Field::Column("username"),
    Field::Column("authmethod"),
    Field::Column("duration"),
    Field::Column("sslversion"),
    Field::Column("sslcipher"),
    Field::Column("mtu"),
    Field::Column("sslcompression"),
    Field::Column("sslexpansion"),
    Field::Column("iamauthguid"),
    Field::Column("application_name"),
    Field::Column("os_version"),
    Field::Column("driver_version"),
    Field::Column("plugin_name"),
    Field::Column("protocol_version"),
    Field::Column("sessionid"),
    Field::Column("compression"),
];

const fn text(name: &'static str, about: &'static str) -> Column {
    Column::text(name, "", about)
}

const fn long(name: &'static str, about: &'static str) -> Column {
    Column::new(name, "", ColumnType::Long, about)
}

#[cfg(test)]
#[path = "redshift_connection_tests.rs"]
mod tests;
