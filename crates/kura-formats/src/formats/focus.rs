//! Costs in the FinOps Open Cost and Usage Specification, with AWS' own columns.

use std::borrow::Cow;

use kura_core::table::column;

use super::billing::{convert_spelled, cost, text, time};
use super::converted::ConvertedFormat;
use super::delimited::not_an_event;
use super::{Decoded, Description, FlatCopy, Head};
use crate::columns::{Column, ColumnType, Role};
use crate::framing::Framing;

const NAME: &str = "focus";

pub const FORMAT: ConvertedFormat = ConvertedFormat {
    description: Description {
        name: Cow::Borrowed(NAME),
        title: "Costs in FOCUS, with AWS columns",
        about: include_str!("focus.md"),
        source: "https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-focus-1-0-aws-columns.html",
        sample: r#"{"AvailabilityZone":"eu-central-1a","BilledCost":0.{n},"BillingAccountId":"123456789012","BillingCurrency":"USD","BillingPeriodStart":"2026-11-01T00:00:00","ChargeCategory":"Usage","ChargeDescription":"m7g.large","ChargePeriodEnd":"2026-11-20T11:00:00","ChargePeriodStart":"2026-11-20T10:00:00","EffectiveCost":0.{n},"ProviderName":"AWS","RegionId":"eu-central-1","ResourceId":"i-{n}","ServiceName":"Amazon Elastic Compute Cloud","SubAccountId":"210987654321","Tags":{"team":"team{n}"},"x_Operation":"RunInstances","x_ServiceCode":"AmazonEC2","x_UsageType":"EUC1-BoxUsage:m7g.large"}"#,
        columns: Cow::Borrowed(COLUMNS),
        statistics: &[column::TIME, "chargeperiodstart", column::ACCOUNT, column::REGION],
        needles: &["resourceid", "servicename", column::ACCOUNT],
        distinct: &[],
        views: &[],
        examples: &[
            (
                "Effective cost by service",
                "SELECT servicename, sum(effectivecost) AS cost FROM focus GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
            ),
            (
                "Commitments that nobody used",
                "SELECT commitmentdiscountid, sum(effectivecost) AS unused FROM focus\nWHERE commitmentdiscountstatus = 'Unused' GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
            ),
        ],
        flat_copies: &[
            FlatCopy { path: &["subaccountid"], column: column::ACCOUNT },
            FlatCopy { path: &["regionid"], column: column::REGION },
        ],
    },
    columns: COLUMNS,
    framing: || Framing::Json { restart: None },
    key: |_| None,
    head,
    convert: |record, row| {
        convert_spelled(record, row, lower_case, |column| MAPS.contains(&column))?;
        match row.has("billedcost") || row.has("effectivecost") || row.has("chargeperiodstart") {
            true => Ok(Decoded::Row),
            false => not_an_event("no charge"),
        }
    },
};

const MAPS: [&str; 4] = ["tags", "x_costcategories", "skupricedetails", "x_discounts"];

fn lower_case(key: &str) -> Cow<'_, str> {
    match key.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(key.to_ascii_lowercase()),
        false => Cow::Borrowed(key),
    }
}

const fn map(name: &'static str, about: &'static str) -> Column {
    Column::new(name, "", ColumnType::Map, about)
}

/// Those of 1.0 and 1.2, and AWS' own.
const COLUMNS: &[Column] = &[
    text("availabilityzone", "The zone."),
    cost("billedcost", "What is on the invoice."),
    text("billingaccountid", "The account that is billed."),
    text("billingaccountname", "Its name."),
    text("billingaccounttype", "What kind of account that is."),
    text("billingcurrency", "The currency of the bill.").role(Role::Facet),
    time("billingperiodend", "When the billing period ends."),
    time("billingperiodstart", "When the billing period begins."),
    text("capacityreservationid", "The capacity reservation."),
    text("capacityreservationstatus", "Whether it was used."),
    text("chargecategory", "`Usage`, `Purchase`, `Tax`, `Credit` or `Adjustment`.")
        .role(Role::Facet),
    text("chargeclass", "`Correction` for what corrects an earlier period."),
    text("chargedescription", "What it is for, in words."),
    text("chargefrequency", "`One-Time`, `Recurring` or `Usage-Based`.").role(Role::Facet),
    time("chargeperiodend", "When the charge ends; not part of it."),
    time("chargeperiodstart", "When the charge begins; also `_time`.").role(Role::Time),
    text("commitmentdiscountcategory", "Whether one commits to `Usage` or to `Spend`."),
    text("commitmentdiscountid", "The reservation or Savings Plan.").role(Role::Facet),
    text("commitmentdiscountname", "Its name."),
    cost("commitmentdiscountquantity", "How much of it was used or bought."),
    text("commitmentdiscountstatus", "`Used` or `Unused`.").role(Role::Facet),
    text("commitmentdiscounttype", "The kind of commitment.").role(Role::Facet),
    text("commitmentdiscountunit", "The unit of its quantity."),
    cost("consumedquantity", "How much was used."),
    text("consumedunit", "The unit of that."),
    cost("contractedcost", "The cost at the negotiated price."),
    cost("contractedunitprice", "The negotiated price."),
    cost("effectivecost", "The cost after all discounts, with its part of what was paid before."),
    text("invoiceid", "The invoice."),
    text("invoiceissuername", "Who writes the invoice."),
    cost("listcost", "The cost at the public price."),
    cost("listunitprice", "The public price."),
    text("pricingcategory", "`Standard`, `Dynamic`, `Committed` or another.").role(Role::Facet),
    text("pricingcurrency", "The currency of the prices."),
    cost("pricingcurrencycontractedunitprice", "The negotiated price in that currency."),
    cost("pricingcurrencyeffectivecost", "The effective cost in that currency."),
    cost("pricingcurrencylistunitprice", "The public price in that currency."),
    cost("pricingquantity", "How much is priced."),
    text("pricingunit", "The unit of the price."),
    text("providername", "Who provides it.").role(Role::Facet),
    text("publishername", "Who made it.").role(Role::Facet),
    text("regionid", "The Region.").role(Role::Region),
    text("regionname", "The Region, by its name in words."),
    text("resourceid", "The resource.").role(Role::Resource),
    text("resourcename", "Its name."),
    text("resourcetype", "Its type.").role(Role::Facet),
    text("servicecategory", "The kind of service.").role(Role::Facet),
    text("servicename", "The service.").role(Role::Facet),
    text("servicesubcategory", "The kind of service, more closely."),
    text("skuid", "The product's SKU."),
    text("skumeter", "What is metered."),
    map("skupricedetails", "What the price depends on."),
    text("skupriceid", "The price, by its id."),
    text("subaccountid", "The account that used it.").role(Role::Account),
    text("subaccountname", "Its name.").role(Role::Facet),
    text("subaccounttype", "What kind of account that is."),
    map("tags", "Tags of the resource."),
    map("x_costcategories", "Cost categories and their values."),
    map("x_discounts", "Discounts by kind."),
    text("x_operation", "The operation that was paid for.").role(Role::Facet),
    text("x_servicecode", "AWS' code of the service.").role(Role::Facet),
    text("x_usagetype", "What was used.").role(Role::Facet),
];

fn head(head: &Head<'_>) -> bool {
    let has = |key: &str| head.entries.iter().any(|(known, _)| known.eq_ignore_ascii_case(key));
    let known =
        ["billedcost", "effectivecost", "chargeperiodstart", "chargecategory", "servicename"];
    known.iter().filter(|key| has(key)).count() >= 3
}

#[cfg(test)]
#[path = "focus_tests.rs"]
mod tests;
