//! Cost and Usage Reports of the first kind.

use std::borrow::Cow;

use kura_core::table::column;

use super::billing::{
    MANIFEST, convert_spelled, is_manifest, is_period, line_item_columns, snake_case,
};
use super::converted::ConvertedFormat;
use super::delimited::not_an_event;
use super::{Decoded, Description, FlatCopy, Head, KeyFacts, KeySays};
use crate::columns::Column;
use crate::framing::Framing;

const NAME: &str = "cur";

pub const FORMAT: ConvertedFormat = ConvertedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Cost and Usage Reports",
        about: include_str!("cur.md"),
        source: "https://docs.aws.amazon.com/cur/latest/userguide/data-dictionary.html",
        sample: r#"{"identity/LineItemId":"a{n}","identity/TimeInterval":"2026-11-20T10:00:00Z/2026-11-20T11:00:00Z","bill/PayerAccountId":123456789012,"bill/BillingPeriodStartDate":"2026-11-01T00:00:00Z","lineItem/UsageAccountId":210987654321,"lineItem/LineItemType":"Usage","lineItem/UsageStartDate":"2026-11-20T10:00:00Z","lineItem/UsageEndDate":"2026-11-20T11:00:00Z","lineItem/ProductCode":"AmazonEC2","lineItem/UsageType":"EUC1-BoxUsage:m7g.large","lineItem/Operation":"RunInstances","lineItem/ResourceId":"i-{n}","lineItem/UsageAmount":1,"lineItem/UnblendedCost":0.{n},"product/regionCode":"eu-central-1","resourceTags/user:Team":"team{n}"}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "line_item_usage_start_date", column::ACCOUNT, column::REGION],
        needles: &["line_item_resource_id", "line_item_product_code", column::ACCOUNT],
        distinct: &["identity_line_item_id"],
        views: &[],
        examples: &[
            (
                "Cost by product",
                "SELECT line_item_product_code, sum(line_item_unblended_cost) AS cost FROM cur GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
            ),
            (
                "Cost by day and account",
                "SELECT date_trunc('day', _time) AS \"date\", _account, sum(line_item_unblended_cost) AS cost FROM cur\nWHERE line_item_line_item_type = 'Usage' GROUP BY 1, 2 ORDER BY 1, 3 DESC",
            ),
        ],
        flat_copies: &[
            FlatCopy { path: &["line_item_usage_account_id"], column: column::ACCOUNT },
            FlatCopy { path: &["product_region_code"], column: column::REGION },
        ],
    },
    columns: COLUMNS,
    framing: || Framing::Json { restart: None },
    key,
    head,
    convert: |record, row| {
        convert_spelled(record, row, snake_case, |_| false)?;
        match row.has("line_item_line_item_type") || row.has("line_item_usage_start_date") {
            true => Ok(Decoded::Row),
            false => not_an_event("no line item"),
        }
    },
};

const COLUMNS: &[Column] = line_item_columns!(
    [],
    [
        text("product_product_name", "The product's name.").role(Role::Facet),
        text("product_region", "The Region, by older reports."),
        cost("discount_total_discount", "All discounts of the line."),
        cost("discount_bundled_discount", "The discount for using products together."),
    ]
);

/// `…/<report>/20261101-20261201/…/<report>-1.csv.gz`, or
/// `…/<report>/year=2026/month=11/<report>-1.snappy.parquet`.
fn key(path: &str) -> Option<KeySays> {
    if is_manifest(path) {
        return Some(MANIFEST);
    }
    let parts: Vec<&str> = path.split('/').collect();
    let (name, folders) = parts.split_last()?;
    let is_data = [".csv.gz", ".csv.zip", ".parquet", ".csv"].iter().any(|end| name.ends_with(end));
    let period = folders.iter().position(|part| is_period(part));
    let year = folders
        .windows(2)
        .position(|pair| pair[0].starts_with("year=") && pair[1].starts_with("month="));
    let report = folders.get(period.or(year)?.checked_sub(1)?)?;
    let number = name.strip_prefix(report)?.strip_prefix('-')?;
    let is_numbered = number.starts_with(|c: char| c.is_ascii_digit());
    (is_data && is_numbered).then(|| KeySays::Records(KeyFacts::default()))
}

fn head(head: &Head<'_>) -> bool {
    // Spelled in one way or the other, most keys differ in their first letter.
    let begins = |known: &str, key: &str| {
        let first = known.bytes().find(u8::is_ascii_alphanumeric);
        first.map(|first| first.to_ascii_lowercase()) == key.bytes().next()
    };
    let has = |key: &str| {
        head.entries.iter().any(|(known, _)| begins(known, key) && snake_case(known) == key)
    };
    has("line_item_usage_start_date")
        && (has("identity_line_item_id") || has("line_item_line_item_type"))
}

#[cfg(test)]
#[path = "cur_tests.rs"]
mod tests;
