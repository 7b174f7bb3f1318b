//! The tables of events, and how a workload finds a row in them.

mod access;
mod compute;
mod operations;
mod storage;

use crate::event::Event;

/// All tables.
pub const TABLES: &[&[Event]] =
    &[access::EVENTS, compute::EVENTS, operations::EVENTS, storage::EVENTS];

/// The row of `service:Name` or `service:Name#variant`.
pub fn find(key: &str) -> Option<Event> {
    let (service, name) = key.split_once(':')?;
    let (name, variant) = name.split_once('#').unwrap_or((name, ""));
    TABLES
        .iter()
        .flat_map(|table| table.iter())
        .find(|event| event.service == service && event.name == name && event.variant == variant)
        .copied()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::text::Text;

    fn all() -> impl Iterator<Item = &'static Event> {
        TABLES.iter().flat_map(|table| table.iter())
    }

    #[test]
    fn rows_are_found_by_their_key_and_no_two_share_one() {
        let mut keys = HashSet::new();
        for event in all() {
            assert!(keys.insert((event.service, event.name, event.variant)), "{event:?}");
        }
        assert!(keys.len() > 100 && find("kms:Decrypt#s3").is_some() && find("kms").is_none());
    }

    #[test]
    fn templates_are_json_and_their_holes_are_known() {
        for event in all() {
            for template in [event.request, event.response, event.extra, event.resources] {
                let text = format!("{:?}", Text::parse(template));
                assert!(!text.contains('<'), "unknown hole in {}: {text}", event.name);
                // A hole stands for a number or for text; 1 is good as either.
                let holes_filled = template.replace('<', "1").replace('>', "");
                let numbers_only: String = holes_filled
                    .split_inclusive(['"', ':', ',', '{', '}', '[', ']'])
                    .map(|part| match part.strip_suffix(['}', ',', ']']) {
                        Some(inner) if inner.starts_with('1') => part.replace(inner, "1"),
                        _ => part.to_owned(),
                    })
                    .collect();
                if !template.is_empty() {
                    serde_json::from_str::<serde_json::Value>(&numbers_only)
                        .unwrap_or_else(|error| panic!("{}: {error}: {template}", event.name));
                }
            }
        }
    }
}
