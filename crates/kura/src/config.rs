//! `kura.toml`: what a person says once and not at each command.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kura_formats::formats::FieldSection;
use kura_formats::formats::own::OwnFormat;
use kura_formats::{Catalogue, Format, check_found_name};
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
}

/// A configuration that cannot be: exit code 78.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: {why}", file.display())]
pub struct ConfigError {
    file: PathBuf,
    why: String,
}

impl Config {
    /// The catalogue of formats with those of the file.
    ///
    /// # Errors
    /// If the file named is not there, or what it says cannot be.
    pub fn catalogue(file: Option<&Path>) -> Result<Catalogue, ConfigError> {
        let path = file.unwrap_or(Path::new(FILE));
        let wrong = |why: String| ConfigError { file: path.to_owned(), why };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Catalogue::default());
            }
            Err(error) => return Err(wrong(error.to_string())),
        };
        let config: Config = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let own = config.formats.iter().map(|(name, section)| {
            check_found_name(name).map_err(wrong)?;
            section.build(name).map_err(|error| wrong(format!("[formats.{name}]: {error}")))
        });
        let mut catalogue = Catalogue::with(own.collect::<Result<Vec<Arc<dyn Format>>, _>>()?);
        for (name, lists) in &config.fields {
            let added = catalogue.add_fields(name, lists);
            added.map_err(|why| wrong(format!("[[fields.{name}]]: {why}")))?;
        }
        Ok(catalogue)
    }
}
