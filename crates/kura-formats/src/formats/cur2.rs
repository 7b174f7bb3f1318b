//! Cost and Usage Reports 2.0, as data exports write them.

use std::borrow::Cow;

use kura_core::table::column;

use super::billing::{MANIFEST, convert_spelled, is_manifest, line_item_columns, snake_case};
use super::converted::ConvertedFormat;
use super::delimited::not_an_event;
use super::{Decoded, Description, FlatCopy, Head};
use crate::columns::{Column, ColumnType};
use crate::framing::Framing;

const NAME: &str = "cur2";

pub const FORMAT: ConvertedFormat = ConvertedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Cost and Usage Reports 2.0",
        about: include_str!("cur2.md"),
        source: "https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2.html",
        sample: r#"{"bill_bill_type":"Anniversary","bill_billing_entity":"AWS","bill_billing_period_start_date":"2026-11-01T00:00:00","bill_payer_account_id":"123456789012","bill_payer_account_name":"payer","cost_category":{},"discount":{},"identity_line_item_id":"a{n}","line_item_line_item_type":"Usage","line_item_operation":"RunInstances","line_item_product_code":"AmazonEC2","line_item_resource_id":"i-{n}","line_item_unblended_cost":0.{n},"line_item_usage_account_id":"210987654321","line_item_usage_account_name":"orders","line_item_usage_amount":1.0,"line_item_usage_start_date":"2026-11-20T10:00:00","line_item_usage_type":"EUC1-BoxUsage:m7g.large","product":{"product_name":"Amazon Elastic Compute Cloud"},"product_region_code":"eu-central-1","resource_tags":{"user_team":"team{n}"}}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "line_item_usage_start_date", column::ACCOUNT, column::REGION],
        needles: &["line_item_resource_id", "line_item_product_code", column::ACCOUNT],
        distinct: &["identity_line_item_id"],
        views: &[],
        examples: &[
            (
                "Cost by account and product",
                "SELECT line_item_usage_account_name, line_item_product_code, sum(line_item_unblended_cost) AS cost FROM cur2 GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20",
            ),
            (
                "Savings Plans: what the use they cover costs",
                "SELECT savings_plan_savings_plan_a_r_n, sum(savings_plan_savings_plan_effective_cost) AS cost FROM cur2\nWHERE line_item_line_item_type = 'SavingsPlanCoveredUsage' GROUP BY 1 ORDER BY 2 DESC",
            ),
        ],
        flat_copies: &[
            FlatCopy { path: &["line_item_usage_account_id"], column: column::ACCOUNT },
            FlatCopy { path: &["product_region_code"], column: column::REGION },
        ],
    },
    columns: COLUMNS,
    framing: || Framing::Json { restart: None },
    key: |path| is_manifest(path).then_some(MANIFEST),
    head,
    convert: |record, row| {
        convert_spelled(record, row, snake_case, |column| MAPS.contains(&column))?;
        let is_line = |name: &str| row.has(name);
        match KEYS.iter().any(|name| is_line(name)) {
            true => Ok(Decoded::Row),
            false => not_an_event("no line item"),
        }
    },
};

const MAPS: [&str; 5] = ["product", "resource_tags", "cost_category", "discount", "tags"];

/// An export may be a query: one of these it will have chosen.
const KEYS: [&str; 5] = [
    "line_item_usage_start_date",
    "identity_line_item_id",
    "line_item_line_item_type",
    "line_item_unblended_cost",
    "line_item_usage_account_id",
];

const COLUMNS: &[Column] = line_item_columns!(
    [
        text("bill_payer_account_name", "The name of the account that pays."),
        text("line_item_usage_account_name", "The name of the account that used it.")
            .role(Role::Facet),
        Column::new("product", "", ColumnType::Map, "What else is known of the product."),
        Column::new("resource_tags", "", ColumnType::Map, "Tags of the resource."),
        Column::new("cost_category", "", ColumnType::Map, "Cost categories and their values."),
        Column::new("discount", "", ColumnType::Map, "Discounts by kind."),
        Column::new("tags", "", ColumnType::Map, "Tags of resources, accounts and users together."),
    ],
    [
        cost("discount_total_discount", "All discounts of the line."),
        cost("discount_bundled_discount", "The discount for using products together."),
        text("line_item_iam_principal", "Who made the request, where exports say so."),
        text("capacity_reservation_capacity_reservation_arn", "The capacity reservation."),
        text("capacity_reservation_capacity_reservation_status", "Whether it was used."),
        text("capacity_reservation_capacity_reservation_type", "The kind of capacity reservation."),
    ]
);

/// Athena spells the older reports the same way, but has no maps and no names of accounts.
fn head(head: &Head<'_>) -> bool {
    let known = KEYS.iter().filter(|key| head.has(key)).count();
    let own = ["product", "resource_tags", "cost_category", "discount"];
    let is_own = own.iter().any(|key| head.has(key))
        || head.has("line_item_usage_account_name")
        || head.has("bill_payer_account_name");
    let has_product = head.entries.iter().any(|(key, _)| key == "product_product_name");
    known >= 2 && is_own && !has_product
}

#[cfg(test)]
#[path = "cur2_tests.rs"]
mod tests;
