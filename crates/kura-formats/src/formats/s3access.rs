//! S3 server access logs: one line per request to a bucket.

use std::borrow::Cow;

use kura_core::table::column;

use super::delimited::{Field, Layout, OrderedFormat, Splitting, TimeForm, at_least, clf_time_at};
use super::{DAY, Description, FlatCopy, View};
use crate::columns::{Column, ColumnType, Role};
use crate::reject::Reject;

const NAME: &str = "s3access";

const LAYOUT: Layout = Layout {
    table: NAME,
    columns: COLUMNS,
    time: TimeForm::Clf,
    splitting: Splitting::BlanksAndBrackets,
};

/// The oldest lines end with the version's id.
const FIELDS_MIN: usize = 18;

pub const FORMAT: OrderedFormat = OrderedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "S3 server access logs",
        about: include_str!("s3access.md"),
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html",
        sample: r#"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be logs-bucket [20/Nov/2026:09:00:38 +0000] 192.0.2.3 arn:aws:sts::123456789012:assumed-role/ops/me 3E57{n} REST.GET.OBJECT daily/{n}.csv "GET /logs-bucket/daily/{n}.csv HTTP/1.1" 200 - 113 2048 7 6 "-" "aws-cli/2.15" - s9lzHYrFp76ZVxRcpX9= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader logs-bucket.s3.us-west-1.amazonaws.com TLSv1.2 - -"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "bucket_name", column::PRINCIPAL, "operation"],
        needles: &[column::ADDR, column::PRINCIPAL, "key", "requestid", "errorcode"],
        distinct: &["requestid", "hostid"],
        views: &[
            View { name: "s3_access_logs", select: DAY },
            View { name: "mybucket_logs", select: DAY },
        ],
        examples: &[
            (
                "Who deleted this object?",
                "SELECT requestdatetime, requester, remoteip, operation FROM s3access\nWHERE key = 'reports/2026.csv' AND operation LIKE '%DELETE%' ORDER BY _time",
            ),
            (
                "Requests without signature, by bucket",
                "SELECT bucket_name, operation, count(*) AS requests FROM s3access\nWHERE requester IS NULL GROUP BY 1, 2 ORDER BY 3 DESC",
            ),
        ],
        flat_copies: &[
            FlatCopy { path: &["remoteip"], column: column::ADDR },
            FlatCopy { path: &["requester"], column: column::PRINCIPAL },
        ],
    },
    layout: LAYOUT,
    fields: FIELDS,
    check,
    // Names are `prefix2026-11-20-10-00-00-UNIQUE`, under any prefix: that says too little.
    key: |_| None,
};

fn check(_line: &str, fields: &[&str]) -> Result<bool, Reject> {
    at_least(FIELDS_MIN, fields)?;
    clf_time_at(2, fields).map(|()| true)
}

/// Athena's columns.
const COLUMNS: &[Column] = &[
    Column::text("bucketowner", "", "The canonical id of the bucket's owner."),
    Column::text("bucket_name", "", "The bucket.").role(Role::Resource),
    Column::text("requestdatetime", "", "When the request came, as written; also `_time`.")
        .role(Role::Time),
    Column::text("remoteip", "", "Where it came from.").role(Role::Address),
    Column::text("requester", "", "Who asked: a canonical id, an ARN, or nothing if unsigned.")
        .role(Role::Principal),
    Column::text("requestid", "", "S3's id of the request."),
    Column::text("operation", "", "`REST.GET.OBJECT`, `BATCH.DELETE.OBJECT` and so on.")
        .role(Role::Facet),
    Column::text("key", "", "The object, URL-encoded as written.").role(Role::Resource),
    Column::text("request_uri", "", "The request's line."),
    Column::text("httpstatus", "", "The status.").role(Role::Facet),
    Column::text("errorcode", "", "S3's error, if it refused.").role(Role::Facet),
    Column::new("bytessent", "", ColumnType::Long, "Bytes of the answer."),
    Column::new("objectsize", "", ColumnType::Long, "Bytes of the object."),
    Column::text("totaltime", "", "Milliseconds that the request took."),
    Column::text("turnaroundtime", "", "Milliseconds that S3 worked on it."),
    Column::text("referrer", "", "The page that led there."),
    Column::text("useragent", "", "The program that asked.").role(Role::Facet),
    Column::text("versionid", "", "The object's version."),
    Column::text("hostid", "", "`x-amz-id-2`."),
    Column::text("sigv", "", "The version of the signature.").role(Role::Facet),
    Column::text("ciphersuite", "", "The cipher."),
    Column::text("authtype", "", "How it was signed: in a header or in the URL."),
    Column::text("endpoint", "", "The endpoint asked."),
    Column::text("tlsversion", "", "The version of TLS.").role(Role::Facet),
    Column::text("accesspointarn", "", "The access point it came through."),
    Column::text("aclrequired", "", "`Yes` if an access control list decided."),
];

/// The fields of a line, in their order.
const FIELDS: &[Field] = &[
    Field::Column("bucketowner"),
    Field::Column("bucket_name"),
    Field::Column("requestdatetime"),
    Field::Column("remoteip"),
    Field::Column("requester"),
    Field::Column("requestid"),
    Field::Column("operation"),
    Field::Column("key"),
    Field::Column("request_uri"),
    Field::Column("httpstatus"),
    Field::Column("errorcode"),
    Field::Column("bytessent"),
    Field::Column("objectsize"),
    Field::Column("totaltime"),
    Field::Column("turnaroundtime"),
    Field::Column("referrer"),
    Field::Column("useragent"),
    Field::Column("versionid"),
    Field::Column("hostid"),
    Field::Column("sigv"),
    Field::Column("ciphersuite"),
    Field::Column("authtype"),
    Field::Column("endpoint"),
    Field::Column("tlsversion"),
    Field::Column("accesspointarn"),
    Field::Column("aclrequired"),
];

#[cfg(test)]
#[path = "s3access_tests.rs"]
mod tests;
