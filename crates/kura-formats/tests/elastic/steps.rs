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
    // `HTTP/1.1`, `TLSv1.2`
    ("after_slash", |value| after(&value, "/")),
    ("after_v", |value| after(&plain(&value).to_lowercase().into(), "v")),
    // `GET /path?query HTTP/1.1`
    ("word1", |value| word(&value, 0)),
    ("word2", |value| word(&value, 1)),
    ("word3", |value| word(&value, 2)),
    ("before_question", |value| plain(&value).split('?').next().map(Value::from)),
    ("after_question", |value| after(&value, "?")),
    // `192.0.2.1, 10.0.0.1`
    ("list", |value| Some(list(&value).into())),
    ("first_public", |value| {
        let addresses = list(&value);
        let public = addresses.iter().find(|address| is_public(address));
        public.or(addresses.first()).cloned().map(Value::from)
    }),
];

/// What Elastic writes where there is nothing; it stands last.
const DASH: &str = "dash";

#[derive(Clone)]
pub struct Steps {
    steps: Vec<Step>,
    of_time: bool,
    dash: bool,
}

impl Steps {
    pub fn parse(names: &str) -> Self {
        let names: Vec<&str> = names.split_whitespace().collect();
        let step = |name: &&str| {
            let known = STEPS.iter().find(|(known, _)| known == name);
            known.unwrap_or_else(|| panic!("`{name}` is no step")).1
        };
        Steps {
            steps: names.iter().filter(|name| **name != DASH).map(step).collect(),
            of_time: names.iter().any(|name| ["time", "seconds"].contains(name)),
            dash: names.contains(&DASH),
        }
    }

    pub fn apply(&self, ours: Option<Value>) -> Option<Value> {
        let ours =
            ours.and_then(|ours| self.steps.iter().try_fold(ours, |value, step| step(value)));
        ours.or_else(|| self.dash.then(|| "-".into()))
    }

    /// Their value, to be compared with ours.
    pub fn theirs(&self, value: &Value) -> Value {
        let time = parse_any_time(&plain(value)).filter(|_| self.of_time);
        time.map_or_else(|| value.clone(), instant)
    }
}

/// Numbers are the same however they are written; nothing else is.
pub fn same(theirs: &Value, ours: &Value) -> bool {
    match (theirs, ours) {
        (Value::Number(theirs), Value::Number(ours)) => theirs.as_f64() == ours.as_f64(),
        _ => theirs == ours,
    }
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
