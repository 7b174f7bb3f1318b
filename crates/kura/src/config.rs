//! `kura.toml`: what a person says once and not at each command.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use kura_formats::formats::FieldSection;
use kura_formats::formats::own::OwnFormat;
use kura_formats::joining::JoinRules;
use kura_formats::{Catalogue, Format, check_found_name};
use kura_ingest::inputs::forward;
use kura_ingest::inputs::http::HttpSettings;
use kura_ingest::streams::RawSettings;
use kura_store::upkeep::Retention;
use serde::Deserialize;

/// Read where the person stands, if it is there and no other is named.
const FILE: &str = "kura.toml";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Formats of one's own, by the names of their tables.
    #[serde(default)]
    formats: BTreeMap<String, OwnFormat>,
    /// Fields that were chosen for logs which do not name them, by the names of their tables.
    #[serde(default)]
    fields: BTreeMap<String, Vec<FieldSection>>,
    #[serde(default)]
    pub inputs: Inputs,
    #[serde(default)]
    pub stream: Stream,
    /// Whether and how what comes by stream is archived as it came.
    #[serde(default)]
    pub raw: RawSettings,
    /// How long tables keep their rows.
    #[serde(default)]
    pub retention: Retention,
    /// How records that came in pieces are put together.
    #[serde(default)]
    pub joining: JoinRules,
}

/// `[inputs.NAME]`: ways in by stream.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    #[serde(default)]
    pub http: HttpSettings,
    /// Not there, nothing listens.
    pub forward: Option<forward::Settings>,
}

/// `[stream]`: what comes by stream, on its way to the tables.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// Rows become files after so many seconds.
    flush_seconds: Option<u64>,
    /// Bytes of the log on disk; over it senders wait.
    wal_bytes_max: Option<u64>,
}

/// A configuration that cannot be: exit code 78.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: {why}", file.display())]
pub struct ConfigError {
    file: PathBuf,
    why: String,
}

impl Config {
    /// What the file says; nothing, if none is named and none is there.
    ///
    /// # Errors
    /// If the file named is not there, or what it says cannot be.
    pub fn read(file: Option<&Path>) -> Result<Config, ConfigError> {
        let path = file.unwrap_or(Path::new(FILE));
        let wrong = |why: String| ConfigError { file: path.to_owned(), why };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Config::default());
            }
            Err(error) => return Err(wrong(error.to_string())),
        };
        let config: Config = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        config.inputs.http.check().map_err(|why| wrong(format!("[inputs.http]: {why}")))?;
        config.raw.check().map_err(|why| wrong(format!("[raw]: {why}")))?;
        if let Some(forward) = &config.inputs.forward {
            check_forward(forward).map_err(|why| wrong(format!("[inputs.forward]: {why}")))?;
        }
        config.build_catalogue().map_err(wrong)?;
        Ok(config)
    }

    /// The catalogue of formats with those of the file.
    ///
    /// # Errors
    /// See [`Config::read`].
    pub fn catalogue(file: Option<&Path>) -> Result<Catalogue, ConfigError> {
        let wrong = |why| ConfigError { file: file.unwrap_or(Path::new(FILE)).to_owned(), why };
        Config::read(file)?.build_catalogue().map_err(wrong)
    }

    fn build_catalogue(&self) -> Result<Catalogue, String> {
        let own = self.formats.iter().map(|(name, section)| {
            check_found_name(name)?;
            section.build(name).map_err(|error| format!("[formats.{name}]: {error}"))
        });
        let mut catalogue = Catalogue::with(own.collect::<Result<Vec<Arc<dyn Format>>, _>>()?);
        for (name, lists) in &self.fields {
            let added = catalogue.add_fields(name, lists);
            added.map_err(|why| format!("[[fields.{name}]]: {why}"))?;
        }
        Ok(catalogue)
    }
}

/// Whoever reaches the port may send: beyond this machine, only with a key.
fn check_forward(settings: &forward::Settings) -> Result<(), String> {
    let listen = &settings.listen;
    let address: SocketAddr =
        listen.parse().map_err(|_| format!("`{listen}` is no address and port"))?;
    match address.ip().is_loopback() || settings.shared_key.is_some() {
        true => settings.check().map_err(|error| error.to_string()),
        false => Err(format!("`{listen}` is reached from elsewhere: it needs a `shared_key`")),
    }
}

impl Stream {
    pub fn flush_age(&self, otherwise: Duration) -> Duration {
        self.flush_seconds.map_or(otherwise, Duration::from_secs)
    }

    pub fn wal_bytes_max(&self, otherwise: u64) -> u64 {
        self.wal_bytes_max.unwrap_or(otherwise)
    }
}

#[cfg(test)]
mod tests {
    use kura_ingest::inputs::Input;

    use super::*;

    /// An input has a section, and the section an input: the suite of their promises goes over
    /// these.
    #[test]
    fn every_section_is_an_input_and_has_an_example_that_loads() {
        let error = toml::from_str::<Config>("[inputs.none]").expect_err("no such input");
        let mut known: Vec<&str> = error.message().split('`').skip(1).step_by(2).skip(1).collect();
        known.sort_unstable();
        assert_eq!(known, Input::ALL.map(Input::name), "{}", error.message());
        for input in known {
            let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/inputs");
            let example = examples.join(format!("{input}.toml"));
            Config::read(Some(&example)).expect("an example");
            let text = std::fs::read_to_string(&example).expect("text");
            assert!(text.contains(&format!("inputs.{input}")), "{text}");
        }
    }
}
