//! What the tables of costs have in common: rows that came as CSV or Parquet under names that
//! AWS spells in two ways, and the columns of line items.

use std::borrow::Cow;

use super::converted::Row;
use super::{Decoded, KeySays, RawRecord};
use crate::columns::{Column, ColumnType};
use crate::extra::Path;
use crate::json::{Cursor, Kind, kind_of, unquote};
use crate::reject::{Reason, Reject};

/// `identity/LineItemId` as Athena's tables spell it: `identity_line_item_id`.
pub fn snake_case(key: &str) -> Cow<'_, str> {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if key.bytes().all(is_plain) {
        return Cow::Borrowed(key);
    }
    let mut name = String::with_capacity(key.len() + 8);
    for character in key.chars() {
        let is_word = character.is_ascii_alphanumeric();
        let begins = character.is_ascii_uppercase() || !is_word;
        if begins && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        name.extend(is_word.then(|| character.to_ascii_lowercase()));
    }
    Cow::Owned(name)
}

/// Puts the values of an object into the columns that their keys are spelled like. In CSV a
/// map is a text that holds an object.
pub fn convert_spelled(
    record: RawRecord<'_>,
    row: &mut Row<'_>,
    spelled: fn(&str) -> Cow<'_, str>,
    is_map: fn(&str) -> bool,
) -> Result<Decoded, Reject> {
    let broken = |error: crate::json::JsonError| Reject::new(Reason::BrokenJson, error.to_string());
    let mut cursor = Cursor::new(record.text()?);
    let mut more = cursor.enter_object().map_err(broken)?;
    while more {
        let key = cursor.key().map_err(broken)?;
        let value = cursor.value().map_err(broken)?;
        let (path, column) = (Path::new(&key), spelled(&key));
        match kind_of(value) {
            Kind::Null => {}
            Kind::String if value == "\"\"" => {}
            Kind::String if is_map(&column) && is_object(&unquote(value)) => {
                row.put_json(&column, &path, &unquote(value))?;
            }
            _ => row.put_json(&column, &path, value)?,
        }
        more = cursor.comma_or(b'}', "expected `,` or `}`").map_err(broken)?;
    }
    cursor.end().map_err(broken)?;
    Ok(Decoded::Row)
}

fn is_object(text: &str) -> bool {
    let mut cursor = Cursor::new(text);
    cursor.kind() == Kind::Object && cursor.value().and_then(|_| cursor.end()).is_ok()
}

/// What lies beside the data of reports and exports.
pub fn is_manifest(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_of_period =
        path.split('/').any(|part| is_period(part) || part.starts_with("BILLING_PERIOD="));
    (is_of_period && (name.ends_with("-Manifest.json") || name.ends_with("-create-table.sql")))
        || path.contains("/cost_and_usage_data_status/")
}

/// `20261101-20261201`.
pub fn is_period(part: &str) -> bool {
    let is_day = |text: &str| text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    part.split_once('-').is_some_and(|(from, to)| is_day(from) && is_day(to))
}

pub const MANIFEST: KeySays = KeySays::Nothing("a manifest of a cost report");

pub(super) const fn text(name: &'static str, about: &'static str) -> Column {
    Column::text(name, "", about)
}

pub(super) const fn cost(name: &'static str, about: &'static str) -> Column {
    Column::new(name, "", ColumnType::Double, about)
}

pub(super) const fn time(name: &'static str, about: &'static str) -> Column {
    Column::new(name, "", ColumnType::Timestamp, about)
}

/// The columns of line items in reports of both kinds, between those of one kind alone.
macro_rules! line_item_columns {
    ([$($first:expr),* $(,)?], [$($last:expr),* $(,)?]) => {{
        use $crate::columns::Role;
        use $crate::formats::billing::{cost, text, time};
        &[
            text("identity_line_item_id", "The line's id, unique only within one file of one delivery."),
            text("identity_time_interval", "The hour, day or month that the line is about."),
            $($first,)*
            text("bill_bill_type", "`Anniversary`, `Purchase` or `Refund`.").role(Role::Facet),
            text("bill_billing_entity", "AWS, or AWS Marketplace.").role(Role::Facet),
            time("bill_billing_period_end_date", "When the month ends."),
            time("bill_billing_period_start_date", "When the month begins."),
            text("bill_invoice_id", "The invoice; empty until the month is closed."),
            text("bill_invoicing_entity", "Who writes the invoice."),
            text("bill_payer_account_id", "The account that pays.").role(Role::Facet),
            text("line_item_availability_zone", "The zone it was used in."),
            cost("line_item_blended_cost", "The cost at the organisation's mean rate."),
            text("line_item_blended_rate", "The organisation's mean rate."),
            text("line_item_currency_code", "The currency of all costs.").role(Role::Facet),
            text("line_item_legal_entity", "The seller."),
            text("line_item_line_item_description", "What the line is for, in words."),
            text("line_item_line_item_type", "`Usage`, `Tax`, `Credit`, `Refund`, `Fee`, `SavingsPlanCoveredUsage` and so on.").role(Role::Facet),
            cost("line_item_net_unblended_cost", "The cost after discounts."),
            text("line_item_net_unblended_rate", "The rate after discounts."),
            cost("line_item_normalization_factor", "How large the instance is, for sizes that a reservation may share."),
            cost("line_item_normalized_usage_amount", "The amount times that factor."),
            text("line_item_operation", "The operation that was paid for.").role(Role::Facet),
            text("line_item_product_code", "The product.").role(Role::Facet),
            text("line_item_resource_id", "The resource, if the report has them.").role(Role::Resource),
            text("line_item_tax_type", "The kind of tax."),
            cost("line_item_unblended_cost", "The cost: rate times amount."),
            text("line_item_unblended_rate", "The account's own rate."),
            text("line_item_usage_account_id", "The account that used it.").role(Role::Account),
            cost("line_item_usage_amount", "How much was used."),
            time("line_item_usage_end_date", "When the use ends; not part of it."),
            time("line_item_usage_start_date", "When the use begins; also `_time`.").role(Role::Time),
            text("line_item_usage_type", "What was used.").role(Role::Facet),
            text("pricing_currency", "The currency of the prices."),
            text("pricing_lease_contract_length", "How long one reserves for."),
            text("pricing_offering_class", "`standard` or `convertible`."),
            cost("pricing_public_on_demand_cost", "The cost at the public on-demand rate."),
            text("pricing_public_on_demand_rate", "The public on-demand rate."),
            text("pricing_purchase_option", "How a reservation is paid: all, part or nothing at once."),
            text("pricing_rate_code", "The price, by its code."),
            text("pricing_rate_id", "The rate, by its id."),
            text("pricing_term", "`OnDemand`, `Reserved` or `Spot`.").role(Role::Facet),
            text("pricing_unit", "The unit of the amount."),
            text("product_comment", "A comment on the product."),
            text("product_fee_code", "The fee, by its code."),
            text("product_fee_description", "What the fee is for."),
            text("product_from_location", "Where data were moved from."),
            text("product_from_location_type", "What kind of place that is."),
            text("product_from_region_code", "The Region that data were moved from."),
            text("product_instance_family", "The family of instances."),
            text("product_instance_type", "The type of instance.").role(Role::Facet),
            text("product_instancesku", "The instance's SKU."),
            text("product_location", "The Region, by its name in words."),
            text("product_location_type", "What kind of place that is."),
            text("product_operation", "The operation, by the price list."),
            text("product_pricing_unit", "The smallest unit that is charged."),
            text("product_product_family", "The kind of product.").role(Role::Facet),
            text("product_region_code", "The Region.").role(Role::Region),
            text("product_servicecode", "The service.").role(Role::Facet),
            text("product_sku", "The product's SKU."),
            text("product_to_location", "Where data were moved to."),
            text("product_to_location_type", "What kind of place that is."),
            text("product_to_region_code", "The Region that data were moved to."),
            text("product_usagetype", "The kind of use, by the price list."),
            cost("reservation_amortized_upfront_cost_for_usage", "This use's part of what was paid at once."),
            cost("reservation_amortized_upfront_fee_for_billing_period", "The month's part of what was paid at once."),
            text("reservation_availability_zone", "The reservation's zone."),
            cost("reservation_effective_cost", "What the use costs, with its part of the reservation."),
            text("reservation_end_time", "When the reservation ends."),
            text("reservation_modification_status", "Whether the reservation was changed."),
            cost("reservation_net_amortized_upfront_cost_for_usage", "This use's part of what was paid at once, after discounts."),
            cost("reservation_net_amortized_upfront_fee_for_billing_period", "The month's part of it, after discounts."),
            cost("reservation_net_effective_cost", "The effective cost after discounts."),
            cost("reservation_net_recurring_fee_for_usage", "This use's part of the hourly fee, after discounts."),
            cost("reservation_net_unused_amortized_upfront_fee_for_billing_period", "The unused part of what was paid at once, after discounts."),
            cost("reservation_net_unused_recurring_fee", "The unused part of the hourly fee, after discounts."),
            cost("reservation_net_upfront_value", "What was paid at once, after discounts."),
            text("reservation_normalized_units_per_reservation", "Normalised units of one reservation."),
            text("reservation_number_of_reservations", "How many reservations the line covers."),
            cost("reservation_recurring_fee_for_usage", "This use's part of the hourly fee."),
            text("reservation_reservation_a_r_n", "The reservation.").role(Role::Facet),
            text("reservation_start_time", "When the reservation begins."),
            text("reservation_subscription_id", "The reservation's number."),
            text("reservation_total_reserved_normalized_units", "Normalised units of all reservations."),
            text("reservation_total_reserved_units", "Units of all reservations."),
            text("reservation_units_per_reservation", "Units of one reservation."),
            cost("reservation_unused_amortized_upfront_fee_for_billing_period", "The unused part of what was paid at once."),
            cost("reservation_unused_normalized_unit_quantity", "Normalised units that were not used."),
            cost("reservation_unused_quantity", "Hours that were not used."),
            cost("reservation_unused_recurring_fee", "The unused part of the hourly fee."),
            cost("reservation_upfront_value", "What was paid at once."),
            cost("savings_plan_amortized_upfront_commitment_for_billing_period", "The month's part of what was paid at once."),
            text("savings_plan_end_time", "When the plan ends."),
            text("savings_plan_instance_type_family", "The family of instances that the plan covers."),
            cost("savings_plan_net_amortized_upfront_commitment_for_billing_period", "The same after discounts."),
            cost("savings_plan_net_recurring_commitment_for_billing_period", "The month's fee after discounts."),
            cost("savings_plan_net_savings_plan_effective_cost", "The effective cost after discounts."),
            text("savings_plan_offering_type", "The kind of plan."),
            text("savings_plan_payment_option", "How the plan is paid: all, part or nothing at once."),
            text("savings_plan_purchase_term", "How long the plan holds."),
            cost("savings_plan_recurring_commitment_for_billing_period", "The month's fee."),
            text("savings_plan_region", "The Region that the plan covers."),
            text("savings_plan_savings_plan_a_r_n", "The plan.").role(Role::Facet),
            cost("savings_plan_savings_plan_effective_cost", "This use's part of the plan's cost."),
            cost("savings_plan_savings_plan_rate", "The plan's rate for this use."),
            text("savings_plan_start_time", "When the plan begins."),
            cost("savings_plan_total_commitment_to_date", "What was committed to so far in the month."),
            cost("savings_plan_used_commitment", "What of it was used."),
            cost("split_line_item_actual_usage", "What the container used."),
            cost("split_line_item_net_split_cost", "The container's share after discounts."),
            cost("split_line_item_net_unused_cost", "Its share of what was unused, after discounts."),
            text("split_line_item_parent_resource_id", "The instance that the container ran on."),
            cost("split_line_item_public_on_demand_split_cost", "Its share at the public on-demand rate."),
            cost("split_line_item_public_on_demand_unused_cost", "Its share of what was unused, at that rate."),
            cost("split_line_item_reserved_usage", "What the container reserved."),
            cost("split_line_item_split_cost", "The container's share of the instance's cost."),
            cost("split_line_item_split_usage", "The greater of what it used and reserved."),
            cost("split_line_item_split_usage_ratio", "Its share of the instance."),
            cost("split_line_item_unused_cost", "Its share of the cost of what was unused."),
            $($last,)*
        ]
    }};
}
pub(super) use line_item_columns;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled_as_in_athena() {
        for (key, expected) in [
            ("identity/LineItemId", "identity_line_item_id"),
            ("lineItem/UsageStartDate", "line_item_usage_start_date"),
            ("product/regionCode", "product_region_code"),
            ("savingsPlan/SavingsPlanARN", "savings_plan_savings_plan_a_r_n"),
            ("resourceTags/user:Cost-Center", "resource_tags_user_cost_center"),
            ("identity_line_item_id", "identity_line_item_id"),
            ("é", "_"),
        ] {
            assert_eq!(snake_case(key).trim_matches('_'), expected.trim_matches('_'), "{key}");
        }
    }

    #[test]
    fn manifests_are_no_reports() {
        assert!(is_manifest("p/r/20261101-20261201/r-Manifest.json"));
        assert!(is_manifest("p/e/metadata/BILLING_PERIOD=2026-11/e-Manifest.json"));
        assert!(is_manifest("p/r/r/cost_and_usage_data_status/cost_and_usage_data_status.parquet"));
        assert!(!is_manifest("p/app-Manifest.json"));
    }
}
