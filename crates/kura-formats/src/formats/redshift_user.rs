//! Redshift's audit log of users: which database users were made, changed and dropped.

use std::borrow::Cow;

use kura_core::table::column;

use super::Description;
use super::delimited::{Field, Layout, OrderedFormat, Splitting, TimeForm, at_least, not_an_event};
use super::redshift_connection::{key_of, record_time};
use crate::columns::{Column, ColumnType, Role};
use crate::reject::Reject;

const NAME: &str = "redshift_user";

const LAYOUT: Layout = Layout {
    table: NAME,
    columns: COLUMNS,
    time: TimeForm::Own(record_time),
    splitting: Splitting::Bars,
};

pub const FORMAT: OrderedFormat = OrderedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Redshift user logs",
        about: include_str!("redshift_user.md"),
        source: "https://docs.aws.amazon.com/redshift/latest/mgmt/db-auditing.html",
        sample: "{n}|analyst{n}                                        |                                                  |create    |0|0|0|                        |10737{n}|44{n}|Fri, 20 Nov 2026 18:01:22:{n}",
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, column::ACCOUNT, column::REGION],
        needles: &["username"],
        distinct: &["recordtime"],
        views: &[],
        examples: &[
            (
                "Who became a superuser?",
                "SELECT recordtime, username, action FROM redshift_user WHERE usesuper = 1 ORDER BY _time",
            ),
            (
                "Users made and dropped by day",
                "SELECT \"day\", action, count(*) AS users FROM redshift_user GROUP BY 1, 2 ORDER BY 1",
            ),
        ],
        flat_copies: &[],
    },
    layout: LAYOUT,
    fields: FIELDS,
    check,
    key: |path| key_of(path, "userlog"),
};

fn check(_line: &str, fields: &[&str]) -> Result<bool, Reject> {
    at_least(FIELDS.len(), fields)?;
    let is_time = record_time(fields[FIELDS.len() - 1]).is_some();
    match is_time && fields[0].parse::<i64>().is_ok() {
        true => Ok(true),
        false => not_an_event("no user id and time where they belong".to_owned()),
    }
}

/// AWS's fields, in their order.
const COLUMNS: &[Column] = &[
    Column::new("userid", "", ColumnType::Long, "The user, by number."),
    Column::text("username", "", "The user that was changed.").role(Role::Resource),
    Column::text("oldusername", "", "Its name before, if it was renamed.").role(Role::Resource),
    Column::text("action", "", "`create`, `alter`, `drop` or `rename`.").role(Role::Facet),
    Column::new("usecreatedb", "", ColumnType::Int, "1 if it may create databases.")
        .role(Role::Facet),
    Column::new("usesuper", "", ColumnType::Int, "1 if it is a superuser.").role(Role::Facet),
    Column::new("usecatupd", "", ColumnType::Int, "1 if it may change the catalogs."),
    Column::text("valuntil", "", "Until when its password is good."),
    Column::new("pid", "", ColumnType::Long, "The process that did it."),
    Column::new("xid", "", ColumnType::Long, "The transaction that did it."),
    Column::text("recordtime", "", "When, UTC, as written; also `_time`.").role(Role::Time),
];

const FIELDS: &[Field] = &[
    Field::Column("userid"),
    Field::Column("username"),
    Field::Column("oldusername"),
    Field::Column("action"),
    Field::Column("usecreatedb"),
    Field::Column("usesuper"),
    Field::Column("usecatupd"),
    Field::Column("valuntil"),
    Field::Column("pid"),
    Field::Column("xid"),
    Field::Column("recordtime"),
];

#[cfg(test)]
#[path = "redshift_user_tests.rs"]
mod tests;
