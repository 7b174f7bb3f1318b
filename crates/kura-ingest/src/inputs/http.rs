//! Events over HTTP: who may send them, and from where. The face that speaks HTTP asks this.
//!
//! A browser key is public by nature: whoever reads a page has it. It only writes, to the
//! streams that it names, for pages of the origins that it names.

use serde::Deserialize;

/// `[inputs.http]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSettings {
    #[serde(default)]
    pub browser_key: Vec<BrowserKey>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrowserKey {
    pub key: String,
    /// `https://www.example.com`, as browsers send it.
    pub origins: Vec<String>,
    pub streams: Vec<String>,
}

const KEY_CHARACTERS_MIN: usize = 16;

impl HttpSettings {
    /// # Errors
    /// What in it cannot be, in a line for a person.
    pub fn check(&self) -> Result<(), String> {
        for key in &self.browser_key {
            if key.key.chars().count() < KEY_CHARACTERS_MIN {
                return Err(format!("a browser key has at least {KEY_CHARACTERS_MIN} characters"));
            }
            let is_origin = |origin: &&String| {
                let rest = origin.strip_prefix("https://").or(origin.strip_prefix("http://"));
                !rest.is_some_and(|host| !host.is_empty() && !host.contains('/'))
            };
            if let Some(wrong) = key.origins.iter().find(is_origin) {
                return Err(format!(
                    "`{wrong}` is no origin: write it as `https://www.example.com`"
                ));
            }
            if key.origins.is_empty() || key.streams.is_empty() {
                return Err("a browser key names its `origins` and `streams`".to_owned());
            }
        }
        Ok(())
    }

    /// Whether a page of this origin may ask at all.
    #[must_use]
    pub fn knows_origin(&self, origin: &str) -> bool {
        self.browser_key.iter().any(|key| key.origins.iter().any(|known| known == origin))
    }

    /// Whether this key may write to the stream, for a page of this origin.
    #[must_use]
    pub fn may_write(&self, key: &str, origin: Option<&str>, stream: &str) -> bool {
        self.browser_key.iter().any(|known| {
            known.key == key
                && origin.is_some_and(|origin| known.origins.iter().any(|o| o == origin))
                && known.streams.iter().any(|s| s == stream)
        })
    }
}
