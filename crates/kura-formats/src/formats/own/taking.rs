//! How a record of a person's own format is taken apart.

use csv_core::{ReadRecordResult, ReaderBuilder};
use grok::Grok;
use regex::Regex;

use super::{OwnError, OwnFormat, Result, wrong};

/// The four styles.
pub enum Taking {
    Regex(Vec<Regex>),
    Grok(Vec<GrokPattern>),
    Delimited { delimiter: u8, columns: Vec<String> },
    Json,
}

pub struct GrokPattern {
    pattern: grok::Pattern,
    names: Vec<String>,
}

/// A field is at most so long; one with a quote that never closes is refused.
const FIELDS_MAX: usize = 1_000;

impl std::fmt::Debug for Taking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Taking::Regex(_) => "Regex",
            Taking::Grok(_) => "Grok",
            Taking::Delimited { .. } => "Delimited",
            Taking::Json => "Json",
        })
    }
}

impl Taking {
    pub fn of(said: &OwnFormat) -> Result<Self> {
        match (&said.regex, &said.grok, &said.delimiter, said.json) {
            (Some(patterns), None, None, false) => {
                let patterns = patterns.list();
                Ok(Taking::Regex(patterns.iter().map(|p| super::regex(p)).collect::<Result<_>>()?))
            }
            (None, Some(patterns), None, false) => {
                let patterns = patterns.list();
                Ok(Taking::Grok(patterns.iter().map(|p| grok(p)).collect::<Result<_>>()?))
            }
            (None, None, Some(delimiter), false) => match delimiter.as_bytes() {
                [delimiter] => {
                    let columns = said.columns.clone();
                    Ok(Taking::Delimited { delimiter: *delimiter, columns })
                }
                _ => wrong(format!("delimiter `{delimiter}`: one ASCII character")),
            },
            (None, None, None, true) => Ok(Taking::Json),
            _ => wrong("one of `regex`, `grok`, `delimiter` or `json = true` says how it is read"),
        }
    }

    /// The names of what is taken out, in their order, if they are not the section's `columns`.
    pub fn names(&self) -> Option<Vec<String>> {
        let all: Vec<String> = match self {
            Taking::Regex(patterns) => {
                let names = patterns.iter().flat_map(|pattern| pattern.capture_names().flatten());
                names.map(str::to_owned).collect()
            }
            Taking::Grok(patterns) => {
                patterns.iter().flat_map(|pattern| pattern.names.iter().cloned()).collect()
            }
            Taking::Delimited { .. } | Taking::Json => return None,
        };
        let mut distinct: Vec<String> = Vec::new();
        for name in all {
            if !distinct.contains(&name) {
                distinct.push(name);
            }
        }
        Some(distinct)
    }

    /// Calls `put` with each name and value of the record; `false` if it is none.
    pub fn take(&self, text: &str, put: &mut dyn FnMut(&str, &str)) -> bool {
        match self {
            Taking::Regex(patterns) => patterns.iter().any(|pattern| {
                let Some(captures) = pattern.captures(text) else { return false };
                for name in pattern.capture_names().flatten() {
                    if let Some(value) = captures.name(name) {
                        put(name, value.as_str());
                    }
                }
                true
            }),
            Taking::Grok(patterns) => patterns.iter().any(|pattern| {
                let Some(matches) = pattern.pattern.match_against(text) else { return false };
                for name in &pattern.names {
                    if let Some(value) = matches.get(name) {
                        put(name, value);
                    }
                }
                true
            }),
            Taking::Delimited { delimiter, columns } => take_fields(text, *delimiter, columns, put),
            Taking::Json => false,
        }
    }
}

fn grok(pattern: &str) -> Result<GrokPattern> {
    let compiled = Grok::with_default_patterns().compile(pattern, true);
    let compiled = compiled.map_err(|error| OwnError(format!("`{pattern}`: {error}")))?;
    let mut names: Vec<(usize, String)> = compiled
        .capture_names()
        .map(|name| (pattern.find(&format!(":{name}")).unwrap_or(usize::MAX), name.to_owned()))
        .collect();
    names.sort();
    let names = names.into_iter().map(|(_, name)| name).collect();
    Ok(GrokPattern { pattern: compiled, names })
}

/// Fields may stand in quotes (RFC 4180). Those beyond the columns have a number for a name.
fn take_fields(
    text: &str,
    delimiter: u8,
    columns: &[String],
    put: &mut dyn FnMut(&str, &str),
) -> bool {
    let mut reader = ReaderBuilder::new().delimiter(delimiter).build();
    let mut fields = vec![0; text.len() + 1];
    let mut ends = vec![0; text.bytes().filter(|byte| *byte == delimiter).count() + 2];
    let (mut result, taken, mut written, mut ended) =
        reader.read_record(text.as_bytes(), &mut fields, &mut ends);
    if result == ReadRecordResult::InputEmpty && taken == text.len() {
        let rest = reader.read_record(b"", &mut fields[written..], &mut ends[ended..]);
        (result, written, ended) = (rest.0, written + rest.2, ended + rest.3);
    }
    if result != ReadRecordResult::Record || ended > FIELDS_MAX || written > fields.len() {
        return false;
    }
    let mut start = 0;
    for (at, &end) in ends[..ended].iter().enumerate() {
        let value = std::str::from_utf8(&fields[start..end]).unwrap_or_default();
        match columns.get(at) {
            Some(name) => put(name, value),
            None => put(&format!("field_{}", at + 1), value),
        }
        start = end;
    }
    ended >= columns.len().min(2)
}
