//! From the value of a column to what Elastic writes for it.

use std::net::IpAddr;

use kura_core::time::{MICROS_PER_SECOND, Micros, parse_any_time, rfc3339};
use serde_json::Value;

type Step = fn(Value) -> Option<Value>;

/// By name.
const STEPS: &[(&str, Step)] = &[
    // A number, or a boolean, as text; and back.
    ("text", |value| Some(Value::String(plain(&value)))),
    ("number", |value| {
        serde_json::from_str::<serde_json::Number>(&plain(&value)).ok().map(Value::Number)
    }),
    ("boolean", |value| plain(&value).parse().ok().map(Value::Bool)),
    ("yes_no", |value| Some(Value::Bool(plain(&value) == "Yes"))),
    ("lower", |value| Some(plain(&value).to_lowercase().into())),
    // Instants, of which Elastic keeps milliseconds.
    ("time", |value| parse_any_time(&plain(&value)).map(instant)),
    ("seconds", |value| Some(instant(value.as_i64()?.checked_mul(MICROS_PER_SECOND)?))),
    ("ms_to_ns", |value| {
        plain(&value).parse::<i64>().ok()?.checked_mul(1_000_000).map(Value::from)
    }),
    ("ms_of_float_to_ns", |value| Some(((value.as_f64()? * 1e6).round() as i64).into())),
    ("seconds_to_ns", |value| Some(((value.as_f64()? * 1e9).round() as i64).into())),
    ("without_utc", |value| Some(plain(&value).trim_end_matches(" UTC").into())),
    // Lists in columns of JSON are text.
    ("lists", |value| match value.as_str().filter(|text| text.starts_with('[')) {
        Some(text) => Some(serde_json::from_str(text).unwrap_or_else(|_| value.clone())),
        None => Some(value),
    }),
    ("in_list", |value| Some(vec![value].into())),
    // `HTTP/1.1`, `TLSv1.2`
    ("after_slash", |value| after(&value, "/")),
    ("after_v", |value| after(&plain(&value).to_lowercase().into(), "v")),
    // `GET /path?query HTTP/1.1`
    ("word1", |value| word(&value, 0)),
    ("word2", |value| word(&value, 1)),
    ("word3", |value| word(&value, 2)),
    ("before_question", |value| plain(&value).split('?').next().map(Value::from)),
    ("after_question", |value| after(&value, "?")),
    // `[Fri Nov 20 10:00:00 2026] [core:notice] [pid 7] what is said`
    ("after_brackets", |value| {
        let mut text = plain(&value);
        while let Some((_, rest)) = text.strip_prefix('[').and_then(|text| text.split_once("] ")) {
            text = rest.to_owned();
        }
        Some(text.into())
    }),
    // `192.0.2.1, 10.0.0.1`
    ("list", |value| Some(list(&value).into())),
    ("first_public", |value| {
        let addresses = list(&value);
        let public = addresses.iter().find(|address| is_public(address));
        public.or(addresses.first()).cloned().map(Value::from)
    }),
];

/// What Elastic writes where there is nothing; it stands last.
const DEFAULTS: &[(&str, &str)] = &[("dash", "-"), ("unknown", "unknown")];
/// How two values are the same; it stands last.
const WAYS: &[(&str, Same)] = &[
    // Lines without a zone, or without a year, for which Elastic assumed one.
    ("time_or_clock", |theirs, ours| {
        is_one_instant(theirs, ours) || clock(theirs).is_some_and(|it| Some(it) == clock(ours))
    }),
    // Where a zone has a name, Elastic takes it for a place's, with summer time.
    ("time_or_summer", |theirs, ours| {
        let hour = MICROS_PER_SECOND * 3_600;
        let summer = time(theirs).and_then(|theirs| theirs.checked_add(hour)).map(instant);
        is_one_instant(theirs, ours) || summer.is_some() && summer == time(ours).map(instant)
    }),
    // Elastic counts with 32 bits.
    ("about", |theirs, ours| match (theirs.as_f64(), ours.as_f64()) {
        (Some(theirs), Some(ours)) => (theirs - ours).abs() <= ours.abs() * 1e-6,
        _ => false,
    }),
    ("as_text", |theirs, ours| plain(theirs) == plain(ours)),
    ("trimmed", |theirs, ours| plain(theirs).trim() == plain(ours).trim()),
    // `[MY-010055] [Server] what is said`, and what stands in further lines.
    ("said", |theirs, ours| {
        let (theirs, ours) = (plain(theirs), plain(ours));
        !theirs.is_empty() && (theirs.ends_with(&ours) || ours.starts_with(&format!("{theirs}\n")))
    }),
    // `launchd[1] (a service)`
    ("before_bracket", |theirs, ours| {
        plain(theirs).split('[').next() == Some(plain(ours).as_str())
    }),
    ("ocsf", |theirs, ours| loose(theirs) == loose(ours) || is_one_instant(theirs, ours)),
];

type Same = fn(&Value, &Value) -> bool;

#[derive(Clone)]
pub struct Steps {
    steps: Vec<Step>,
    same: Same,
    default: Option<&'static str>,
}

impl Steps {
    pub fn parse(names: &str) -> Self {
        let names: Vec<&str> = names.split_whitespace().collect();
        let is_time = names.iter().any(|name| ["time", "seconds"].contains(name));
        let mut parsed = Steps {
            steps: Vec::new(),
            same: if is_time { is_one_instant } else { is_same },
            default: None,
        };
        for name in names {
            if let Some((_, default)) = DEFAULTS.iter().find(|(known, _)| *known == name) {
                parsed.default = Some(default);
            } else if let Some((_, same)) = WAYS.iter().find(|(known, _)| *known == name) {
                parsed.same = *same;
            } else {
                let known = STEPS.iter().find(|(known, _)| *known == name);
                parsed.steps.push(known.unwrap_or_else(|| panic!("`{name}` is no step")).1);
            }
        }
        parsed
    }

    pub fn apply(&self, ours: Option<Value>) -> Option<Value> {
        let ours =
            ours.and_then(|ours| self.steps.iter().try_fold(ours, |value, step| step(value)));
        ours.or_else(|| self.default.map(Value::from))
    }

    pub fn are_same(&self, theirs: &Value, ours: &Value) -> bool {
        (self.same)(theirs, ours)
    }
}

/// Numbers are the same however they are written; nothing else is.
fn is_same(theirs: &Value, ours: &Value) -> bool {
    match (theirs, ours) {
        (Value::Number(theirs), Value::Number(ours)) => theirs.as_f64() == ours.as_f64(),
        _ => theirs == ours,
    }
}

fn is_one_instant(theirs: &Value, ours: &Value) -> bool {
    time(theirs).is_some_and(|theirs| time(ours).map(instant) == Some(instant(theirs)))
}

fn time(value: &Value) -> Option<Micros> {
    parse_any_time(&plain(value))
}

/// As text, also in lists, with the dashes that ECS writes into MAC addresses.
fn loose(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(loose).collect(),
        other => plain(other).replace(':', "-").into(),
    }
}

/// Month, day and time, as they are written.
fn clock(value: &Value) -> Option<String> {
    plain(value).get("2026-".len().."2026-11-20T10:00:00".len()).map(str::to_owned)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn instant(time: Micros) -> Value {
    rfc3339(time - time.rem_euclid(1_000)).into()
}

fn after(value: &Value, mark: &str) -> Option<Value> {
    plain(value).split_once(mark).map(|(_, rest)| rest.into())
}

fn word(value: &Value, at: usize) -> Option<Value> {
    plain(value).split(' ').nth(at).map(Value::from)
}

fn list(value: &Value) -> Vec<String> {
    plain(value).split(',').map(|item| item.trim().to_owned()).collect()
}

fn is_public(address: &str) -> bool {
    match address.parse() {
        Ok(IpAddr::V4(address)) => !address.is_private() && !address.is_loopback(),
        Ok(IpAddr::V6(address)) => !address.is_loopback() && !address.is_unique_local(),
        Err(_) => false,
    }
}
