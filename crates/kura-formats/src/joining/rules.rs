//! What may be held back, for how long, and which lines belong together: `[joining]`.

use regex::Regex;
use serde::Deserialize;

use super::languages::Language;

/// Settings of a [`super::Joiner`].
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JoinRules {
    /// Longest record that is put together.
    pub record_bytes_max: usize,
    /// Most that is held back in all.
    pub held_bytes_max: usize,
    /// Most parts, or lines, that are held back of one container.
    pub parts_max: usize,
    /// Most containers of which something is held back.
    pub containers_max: usize,
    /// How long parts of a line wait for the next one.
    pub parts_seconds: u64,
    /// How long lines of an event wait for the next one.
    pub multiline_seconds: u64,
    /// Languages whose traces are put together.
    pub multiline: Vec<Language>,
    /// Rules of one's own.
    pub rule: Vec<OwnRule>,
}

impl Default for JoinRules {
    fn default() -> Self {
        JoinRules {
            // 64 parts of Docker's.
            record_bytes_max: 1 << 20,
            held_bytes_max: 32 << 20,
            // A stack that overflowed has 1,024 frames, and each of its causes as many.
            parts_max: 4096,
            containers_max: 10_000,
            parts_seconds: 5,
            multiline_seconds: 1,
            multiline: Vec::new(),
            rule: Vec::new(),
        }
    }
}

/// Which lines belong together, in somebody's own words.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "RuleSection")]
pub struct OwnRule {
    /// A first line. Without it any line may be one.
    pub begins: Option<Regex>,
    /// A line that goes on. Without it every line does that is not a first one.
    pub continues: Option<Regex>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleSection {
    begins: Option<String>,
    continues: Option<String>,
}

impl TryFrom<RuleSection> for OwnRule {
    type Error = String;

    fn try_from(section: RuleSection) -> Result<Self, String> {
        if section.begins.is_none() && section.continues.is_none() {
            return Err("a rule needs `begins`, `continues`, or both".to_owned());
        }
        let regex = |name: &str, text: Option<String>| {
            let compiled = text.map(|text| Regex::new(&text)).transpose();
            compiled.map_err(|error| format!("`{name}` is no regular expression: {error}"))
        };
        Ok(OwnRule {
            begins: regex("begins", section.begins)?,
            continues: regex("continues", section.continues)?,
        })
    }
}
