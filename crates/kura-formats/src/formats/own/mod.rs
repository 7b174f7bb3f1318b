//! People's own formats: a section in `kura.toml` each, and no Rust.
//!
//! The table is described like one whose columns were found: what the columns' names do not
//! tell is kept as their metadata, so that it is read without the section.

use std::collections::BTreeMap;
use std::sync::Arc;

use kura_core::table::{TableSpec, column};
use regex::Regex;
use serde::Deserialize;

use super::found::{self, Found};
use super::key_glob::KeyGlob;
use super::object_keys::is_account;
use super::written_time::WrittenTime;
use super::{Decoder, Description, Format, Head, HeadSays, KeyFacts, KeySays};
use crate::columns::{Column, ColumnType, Role};
use crate::framing::Framing;

mod decoder;
mod taking;

use decoder::{Fixed, OwnDecoder};
use taking::Taking;

/// One or several texts.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Texts {
    One(String),
    Several(Vec<String>),
}

/// What the section of a format says. Its name is the table's.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnFormat {
    /// Which objects hold it; without it only `--format` says so.
    #[serde(rename = "match", default)]
    pub matches: Matches,
    /// Regular expressions whose named groups are columns, tried in their order.
    pub regex: Option<Texts>,
    /// The same in Grok: `%{IP:client} %{NUMBER:bytes}`.
    pub grok: Option<Texts>,
    /// What stands between the fields of a line; `columns` names them.
    pub delimiter: Option<String>,
    /// Records are JSON objects; `columns` names the keys that have a column.
    #[serde(default)]
    pub json: bool,
    #[serde(default)]
    pub columns: Vec<String>,
    /// What the first line of a record looks like, where records have several lines.
    pub begins: Option<String>,
    /// What ends a record, if not a line feed.
    pub ends: Option<String>,
    /// What a record looks like that is none: a comment, a header.
    pub skip: Option<String>,
    /// Types of columns that are not text.
    #[serde(default)]
    pub types: BTreeMap<String, TypeWord>,
    pub time: Option<Time>,
    /// A column; an account or a Region may also stand here itself.
    pub account: Option<String>,
    pub region: Option<String>,
    pub principal: Option<String>,
    pub address: Option<String>,
    pub id: Option<String>,
    pub source: Option<String>,
    pub stream: Option<String>,
    #[serde(default)]
    pub resources: Vec<String>,
    /// Columns of text that are looked up by value: they are indexed.
    #[serde(default)]
    pub needles: Vec<String>,
    /// Columns with few values, good to group by.
    #[serde(default)]
    pub facets: Vec<String>,
}

/// Both must match, where both are given.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matches {
    /// A glob of the object's key or path, from any folder on: `shop/**/*.log`.
    pub key: Option<String>,
    /// A regular expression of the first line.
    pub line: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Time {
    pub column: String,
    /// In the letters of `strftime`; several are tried in their order. Without it, RFC 3339 or
    /// seconds, milliseconds and so on since 1970.
    pub format: Option<Texts>,
    /// Of times that do not say it: `+09:00`. Else UTC.
    pub zone: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TypeWord {
    Text,
    Int,
    #[serde(alias = "bigint")]
    Long,
    Double,
    Boolean,
    Timestamp,
    Date,
    Json,
}

/// Why a section is no format.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OwnError(String);

type Result<T> = std::result::Result<T, OwnError>;

fn wrong<T>(why: impl Into<String>) -> Result<T> {
    Err(OwnError(why.into()))
}

impl Texts {
    fn list(&self) -> Vec<String> {
        match self {
            Texts::One(text) => vec![text.clone()],
            Texts::Several(texts) => texts.clone(),
        }
    }
}

impl TypeWord {
    fn column_type(self) -> ColumnType {
        match self {
            TypeWord::Text => ColumnType::Text,
            TypeWord::Int => ColumnType::Int,
            TypeWord::Long => ColumnType::Long,
            TypeWord::Double => ColumnType::Double,
            TypeWord::Boolean => ColumnType::Boolean,
            TypeWord::Timestamp => ColumnType::Timestamp,
            TypeWord::Date => ColumnType::Date,
            TypeWord::Json => ColumnType::Json,
        }
    }
}

impl OwnFormat {
    /// The format that the section with this name describes.
    ///
    /// # Errors
    /// What in it cannot be, in a line for a person.
    pub fn build(&self, name: &str) -> Result<Arc<dyn Format>> {
        let taking = Arc::new(Taking::of(self)?);
        let keys = match taking.names() {
            Some(names) => names,
            None => self.columns.clone(),
        };
        let columns = self.typed_columns(&keys)?;
        for name in self.named_columns() {
            if !columns.iter().any(|column| column.key == *name) {
                return wrong(format!("no column `{name}`; there are: {}", keys.join(", ")));
            }
        }
        for needle in &self.needles {
            let is_text = |column: &&Column| matches!(column.ty, ColumnType::Text);
            if !columns.iter().filter(is_text).any(|column| column.key == *needle) {
                return wrong(format!("`{needle}` is no column of text: only those are indexed"));
            }
        }
        let (zone, time) = self.written_time()?;
        let account = self.fixed(self.account.as_ref(), &keys, is_account)?;
        let region = self.fixed(self.region.as_ref(), &keys, is_region)?;
        let filled = [(&account, column::ACCOUNT), (&region, column::REGION)];
        let filled = filled.into_iter().filter(|(said, _)| said.is_some()).map(|(_, name)| name);
        let mut found = Found::of_columns(name, columns);
        found.is_own = true;
        found.add_needles(&self.needles, &filled.collect::<Vec<_>>());
        Ok(Arc::new(Own {
            fixed: Arc::new(Fixed {
                taking,
                time,
                zone,
                account,
                region,
                skip: self.skip.as_deref().map(regex).transpose()?,
            }),
            framing: self.framing()?,
            key: self.matches.key.as_deref().map(KeyGlob::new).transpose().map_err(OwnError)?,
            line: self.matches.line.as_deref().map(regex).transpose()?,
            found,
        }))
    }

    fn typed_columns(&self, keys: &[String]) -> Result<Vec<Column>> {
        let mut columns: Vec<Column> = Vec::new();
        for key in keys {
            let name = found::column_name(key);
            let Some(name) = name.filter(|name| !columns.iter().any(|c| c.name == *name)) else {
                return wrong(format!("`{key}` is no name for a column, or there twice"));
            };
            let ty = self.types.get(key).map_or(ColumnType::Text, |word| word.column_type());
            let role = self.role(key);
            columns.push(Column {
                name: name.into(),
                key: key.clone().into(),
                ty,
                role,
                about: "",
            });
        }
        match columns.is_empty() {
            true => wrong("no columns: `columns`, or groups with names, say them"),
            false => Ok(columns),
        }
    }

    fn role(&self, key: &str) -> Role {
        let is = |name: &Option<String>| name.as_deref() == Some(key);
        let is_in = |names: &[String]| names.iter().any(|name| name == key);
        match () {
            () if self.time.as_ref().is_some_and(|time| time.column == key) => Role::Time,
            () if is(&self.account) => Role::Account,
            () if is(&self.region) => Role::Region,
            () if is(&self.principal) => Role::Principal,
            () if is(&self.address) => Role::Address,
            () if is(&self.id) => Role::Id,
            () if is(&self.source) => Role::Source,
            () if is(&self.stream) => Role::Stream,
            () if is_in(&self.resources) => Role::Resource,
            () if is_in(&self.facets) => Role::Facet,
            () => Role::None,
        }
    }

    /// Every column that is named outside their list.
    fn named_columns(&self) -> Vec<&String> {
        let roles = [&self.principal, &self.address, &self.id, &self.source, &self.stream];
        let time = self.time.as_ref().map(|time| &time.column);
        let lists = self.resources.iter().chain(&self.facets).chain(&self.needles);
        roles.into_iter().flatten().chain(time).chain(lists).chain(self.types.keys()).collect()
    }

    /// What stands there itself and names no column.
    fn fixed(
        &self,
        said: Option<&String>,
        keys: &[String],
        is_value: fn(&str) -> bool,
    ) -> Result<Option<String>> {
        match said.filter(|said| !keys.contains(said)) {
            None => Ok(None),
            Some(said) if is_value(said) => Ok(Some(said.clone())),
            Some(said) => wrong(format!("`{said}` is neither a column nor stands for itself")),
        }
    }

    fn framing(&self) -> Result<Framing> {
        match (&self.begins, &self.ends) {
            (Some(_), Some(_)) => wrong("`begins` or `ends`, not both"),
            (Some(_), None) | (None, Some(_)) if self.json => {
                wrong("JSON objects end by themselves: neither `begins` nor `ends`")
            }
            (Some(begins), None) => match regex::bytes::Regex::new(begins) {
                Ok(begins) => Ok(Framing::Blocks(begins)),
                Err(error) => wrong(format!("`begins`: {error}")),
            },
            (None, Some(ends)) if ends.is_empty() => wrong("`ends` is empty"),
            (None, Some(ends)) => Ok(Framing::EndingWith(ends.as_bytes().into())),
            (None, None) if self.json => Ok(Framing::Json { restart: None }),
            (None, None) => Ok(Framing::Lines),
        }
    }

    /// Seconds east of UTC that times are in which do not say it, and their forms.
    fn written_time(&self) -> Result<(i64, WrittenTime)> {
        let Some(time) = &self.time else { return Ok((0, WrittenTime::Any)) };
        let forms = match &time.format {
            None => WrittenTime::Any,
            Some(forms) => WrittenTime::Forms(
                forms.list().into_iter().map(Into::into).collect::<Vec<_>>().into(),
            ),
        };
        let Some(zone) = &time.zone else { return Ok((0, forms)) };
        let says_zone = |form: &String| ["%z", "%:z", "%s", "%+"].iter().any(|z| form.contains(z));
        if time.format.as_ref().is_none_or(|forms| forms.list().iter().any(says_zone)) {
            return wrong("`zone` is for a `format` that has none");
        }
        match zone.parse::<chrono::FixedOffset>() {
            Ok(offset) => Ok((offset.local_minus_utc().into(), forms)),
            Err(_) => wrong(format!("zone `{zone}`: write it as `+09:00`")),
        }
    }
}

fn regex(pattern: &str) -> Result<Regex> {
    Regex::new(pattern).map_err(|error| OwnError(format!("`{pattern}`: {error}")))
}

/// `ap-northeast-1`
fn is_region(text: &str) -> bool {
    text.matches('-').count() >= 2 && text.ends_with(|c: char| c.is_ascii_digit())
}

/// A person's own format, ready to be read.
#[derive(Debug)]
struct Own {
    found: Found,
    fixed: Arc<Fixed>,
    framing: Framing,
    key: Option<KeyGlob>,
    line: Option<Regex>,
}

impl Own {
    fn has_key(&self, path: &str) -> bool {
        self.key.as_ref().is_some_and(|key| key.is_match(path))
    }
}

impl Format for Own {
    fn description(&self) -> &Description {
        self.found.description()
    }

    fn table(&self) -> TableSpec {
        self.found.table()
    }

    fn recognise_key(&self, path: &str) -> Option<KeySays> {
        let says = self.line.is_none() && self.has_key(path);
        says.then(|| KeySays::Records(KeyFacts::default()))
    }

    fn recognise_head(&self, head: &Head<'_>) -> Option<HeadSays> {
        let line = self.line.as_ref()?.is_match(head.line);
        (line && (self.key.is_none() || self.has_key(head.path))).then_some(HeadSays::Records)
    }

    fn framing(&self) -> Framing {
        self.framing.clone()
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        Box::new(OwnDecoder::new(&self.found, self.fixed.clone()))
    }
}

#[cfg(test)]
#[path = "own_tests.rs"]
mod tests;
