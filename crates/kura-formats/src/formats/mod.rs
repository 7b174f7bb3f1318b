//! The log formats, in one slice. A new one is a file here and a line in [`ALL`].

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use arrow::error::ArrowError;
use kura_core::origin::{ObjectFacts, Origin};
use kura_core::table::{Rows, TableSpec, names};
use kura_core::time::Micros;

use crate::columns::{Columns, log_schema};
use crate::framing::Framing;
use crate::reject::{Reason, Reject};
use delimited::Splitting;

mod views;
mod ocsf_views;
mod table_rows;
mod named_records;
mod delimited;
mod key_glob;
mod field_list;
mod headed;
mod json_records;
pub mod own;
mod written_time;
mod text_pattern;
mod places;
mod pattern;
mod converted;
mod aliases;
mod object_keys;
mod rds_keys;
#[cfg(test)]
mod shown;

mod alb;
mod awsconfig;
mod albconn;
mod billing;
mod apigateway;
mod apigateway_execution;
mod cloudfront;
mod cloudfrontrealtime;
mod cloudtrail;
mod cloudtrail_digests;
mod cloudtrail_insights;
mod eksaudit;
mod cur;
mod cur2;
mod elb;
mod focus;
mod found;
mod globalaccelerator;
mod guardduty;
mod guardduty_scans;
mod inspector;
mod macie;
mod iis;
mod networkfirewall;
mod nlb;
mod redshift_connection;
mod redshift_user;
mod journald;
mod jsonlog;
mod logfmt;
mod ocsf;
mod lambda;
mod msk;
mod mysql_audit;
mod mysql_error;
mod mysql_slow;
mod mysql_general;
mod postgresql;
mod redshift_useractivity;
mod resolver;
mod route53;
mod s3access;
mod securityhub;
mod verifiedaccess;
mod syslog;
mod textlog;
mod vpcflow;
mod waf;
mod webaccess;
mod windows;
mod windows_xml;

pub use cloudtrail::CloudTrail;
pub use field_list::FieldSection;
pub use found::{FOUND_COLUMNS_MAX, Finder, Found, is_own};
pub use views::{Select, View};

use views::DAY;

/// Every format, in the order recognition asks them.
pub static ALL: LazyLock<Vec<Arc<dyn Format>>> = LazyLock::new(|| {
    vec![
        Arc::new(CloudTrail),
        Arc::new(cloudtrail_insights::FORMAT),
        Arc::new(cloudtrail_digests::FORMAT),
        Arc::new(vpcflow::FORMAT),
        Arc::new(globalaccelerator::FORMAT),
        Arc::new(alb::FORMAT),
        Arc::new(albconn::FORMAT),
        Arc::new(nlb::FORMAT),
        Arc::new(elb::FORMAT),
        Arc::new(s3access::FORMAT),
        Arc::new(cloudfront::FORMAT),
        Arc::new(cloudfrontrealtime::FORMAT),
        Arc::new(iis::FORMAT),
        Arc::new(waf::FORMAT),
        Arc::new(guardduty::FORMAT),
        Arc::new(guardduty_scans::FORMAT),
        Arc::new(securityhub::FORMAT),
        Arc::new(awsconfig::FORMAT),
        Arc::new(eksaudit::FORMAT),
        Arc::new(inspector::FORMAT),
        Arc::new(macie::FORMAT),
        Arc::new(verifiedaccess::FORMAT),
        Arc::new(networkfirewall::FORMAT),
        Arc::new(resolver::FORMAT),
        Arc::new(route53::FORMAT),
        Arc::new(redshift_connection::FORMAT),
        Arc::new(redshift_user::FORMAT),
        postgresql::format(),
        mysql_error::format(),
        mysql_slow::format(),
        mysql_audit::format(),
        mysql_general::format(),
        lambda::format(),
        apigateway::format(),
        apigateway_execution::format(),
        msk::format(),
        redshift_useractivity::format(),
        Arc::new(webaccess::FORMAT),
        Arc::new(syslog::FORMAT),
        Arc::new(journald::FORMAT),
        Arc::new(windows::FORMAT),
        Arc::new(cur2::FORMAT),
        Arc::new(cur::FORMAT),
        Arc::new(focus::FORMAT),
        Arc::new(ocsf::FORMAT),
        Arc::new(logfmt::FORMAT),
        Arc::new(jsonlog::FORMAT),
        textlog::format(),
    ]
});

/// The formats of JSON and of text that are of no kind of their own.
pub const JSON_LOG: &str = "jsonlog";
pub const TEXT_LOG: &str = "textlog";

/// The format whose table has this name.
#[must_use]
pub fn by_name(name: &str) -> Option<Arc<dyn Format>> {
    ALL.iter().find(|format| format.name() == name).cloned()
}

/// What is to be said of a log format: everything but how its bytes are read.
#[derive(Debug, Clone)]
pub struct Description {
    /// The table's name, and the format's.
    pub name: Cow<'static, str>,
    /// As people call it.
    pub title: &'static str,
    /// What it records and its traps, in Markdown, for the reference page.
    pub about: &'static str,
    /// Where AWS documents it.
    pub source: &'static str,
    /// A record as it is written; `{n}` stands for a number from 100 to 254, another in each.
    pub sample: &'static str,
    /// The record's own columns.
    pub columns: Columns,
    /// See [`TableSpec`], for this and the next two.
    pub statistics: &'static [&'static str],
    pub needles: &'static [&'static str],
    pub distinct: &'static [&'static str],
    /// Views over the table, with the names that AWS gives such tables.
    pub views: &'static [View],
    /// Example statements for the reference page: title and SQL.
    pub examples: &'static [(&'static str, &'static str)],
    /// Nested parts that have a flat copy: `useridentity.arn` is `_principal`, wherever it
    /// is not null.
    pub flat_copies: &'static [FlatCopy],
}

/// A log format: its description, how its objects are recognised, and a maker of decoders.
pub trait Format: Send + Sync + fmt::Debug {
    fn description(&self) -> &Description;

    fn name(&self) -> &str {
        &self.description().name
    }

    fn table(&self) -> TableSpec {
        let said = self.description();
        TableSpec {
            name: said.name.as_ref().into(),
            schema: log_schema(&said.columns),
            statistics: names(said.statistics),
            needles: names(said.needles),
            distinct: names(said.distinct),
        }
    }

    /// What an object with this path is, if the path alone says so.
    fn recognise_key(&self, path: &str) -> Option<KeySays>;
    /// Whether an object that begins like this holds records of this format, or akin to it.
    fn recognise_head(&self, head: &Head<'_>) -> Option<HeadSays>;
    /// Whether these bytes show that the object holds records of this format, though the first
    /// of them is broken.
    fn is_marked(&self, _head: &[u8]) -> bool {
        false
    }
    /// Whether it takes whatever is JSON, or text: what is of a kind of its own is not this.
    fn is_general(&self) -> bool {
        [JSON_LOG, TEXT_LOG].contains(&self.name())
    }
    /// How its records follow one another in an object.
    fn framing(&self) -> Framing;
    fn decoder(&self) -> Box<dyn Decoder>;
    /// The same format, whose lines without a header may have the fields of these lists;
    /// `None` if its fields always stand where they stand.
    ///
    /// # Errors
    /// What in a list cannot be.
    fn with_fields(&self, _lists: &[FieldSection]) -> Result<Option<Arc<dyn Format>>, String> {
        Ok(None)
    }
}

/// A part of a struct and the flat column that equals it wherever the part is not null.
#[derive(Debug, Clone, Copy)]
pub struct FlatCopy {
    /// `useridentity`, `arn`.
    pub path: &'static [&'static str],
    pub column: &'static str,
}

/// What an object's key says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySays {
    /// Records of this format.
    Records(KeyFacts),
    /// Something of the family that has no rows, by name.
    Nothing(&'static str),
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyFacts {
    pub account: Option<String>,
    pub region: Option<String>,
    pub time: Option<Micros>,
}

/// What a line is split into.
type Fields<'a> = Rc<[&'a str]>;

/// The beginning of an object: its first line, and its first record where that is JSON.
#[derive(Debug, Default)]
pub struct Head<'a> {
    /// All of it that is text.
    pub text: &'a str,
    /// The first line that is not blank, as far as the head goes.
    pub line: &'a str,
    /// The keys of the first record, with their values where those were complete.
    pub entries: Vec<(Cow<'a, str>, Option<&'a str>)>,
    /// A bit for each of them: most keys that are asked for are not there.
    pub(crate) keys: KeyBits,
    /// The object's path, where it is known.
    pub path: &'a str,
    /// It breaks off before its end.
    pub cut: bool,
    /// The key of the list that the first record lies in, if an object is around it.
    pub list: Option<&'static str>,
    /// What the first line is split into, for those who ask the same.
    pub(crate) split: RefCell<Vec<(Splitting, Fields<'a>)>>,
}

/// Of some keys the bits of their lengths and first bytes.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct KeyBits(u64);

impl KeyBits {
    pub(crate) fn add(&mut self, key: &str) {
        self.0 |= Self::bit(key);
    }

    fn may_have(self, key: &str) -> bool {
        self.0 & Self::bit(key) != 0
    }

    fn bit(key: &str) -> u64 {
        let first = key.as_bytes().first().map_or(0, |&byte| usize::from(byte));
        1 << ((first * 7 + key.len()) % 64)
    }
}

impl<'a> Head<'a> {
    /// The fields of the first line. Many formats ask for the same ones.
    fn fields(&self, splitting: Splitting) -> Fields<'a> {
        let mut split = self.split.borrow_mut();
        let known = split.iter().find(|(known, _)| *known == splitting);
        if let Some((_, fields)) = known {
            return fields.clone();
        }
        let fields: Fields<'a> = splitting.split(self.line).into();
        split.push((splitting, fields.clone()));
        fields
    }

    /// The first line begins an object that has keys: no format of lines has such a one.
    #[must_use]
    pub fn is_object(&self) -> bool {
        !self.entries.is_empty() && self.line.starts_with('{')
    }

    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.keys.may_have(key) && self.entries.iter().any(|(k, _)| k == key)
    }

    #[must_use]
    pub fn value(&self, key: &str) -> Option<&str> {
        let mut entries = self.entries.iter().filter(|_| self.keys.may_have(key));
        entries.find(|(k, _)| k == key)?.1
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadSays {
    Records,
    Nothing(&'static str),
}

/// One record on its way into a decoder.
#[derive(Debug, Clone, Copy)]
pub struct RawRecord<'a> {
    pub bytes: &'a [u8],
    /// Its number in the object, from 1.
    pub number: u64,
    /// No white space stands between its tokens.
    pub compact: bool,
}

/// What came of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decoded {
    Row,
    /// The record is an envelope with so many in it, and each is a row.
    Rows(u64),
    /// Not a record: a header, or a line that a service wrote to try the bucket.
    Nothing,
}

impl Decoded {
    #[must_use]
    pub fn rows(self) -> u64 {
        match self {
            Decoded::Row => 1,
            Decoded::Rows(rows) => rows,
            Decoded::Nothing => 0,
        }
    }
}

/// Records in, rows out. One decoder per table and thread.
pub trait Decoder: Send {
    /// An object begins: what was learnt of the one before (its header) no longer holds.
    fn begin(&mut self) {}
    /// Reads records of an array from the beginning of `text` on, as rows, for as long as
    /// they are whole and nothing is odd about them; `number` is that of the first. Returns
    /// the bytes and records read: what comes next is framed first.
    fn decode_ahead(&mut self, _text: &str, _number: u64, _facts: &ObjectFacts) -> (usize, u64) {
        (0, 0)
    }
    /// Adds the record as a row, or says why not, having added nothing.
    fn decode(&mut self, record: RawRecord<'_>, facts: &ObjectFacts) -> Result<Decoded, Reject>;
    /// Rows held.
    fn rows(&self) -> usize;
    /// Bytes held, near enough to bound memory by.
    fn bytes(&self) -> usize;
    /// The rows held; the decoder is then empty.
    fn finish(&mut self) -> Result<Rows, ArrowError>;
}

impl<'a> RawRecord<'a> {
    /// Its text, checked to be UTF-8.
    pub fn text(&self) -> Result<&'a str, Reject> {
        simdutf8::compat::from_utf8(self.bytes).map_err(|error| {
            let detail = format!("byte {} is not UTF-8", error.valid_up_to());
            Reject::new(Reason::InvalidUtf8, detail)
        })
    }

    #[must_use]
    pub fn origin(&self, facts: &'a ObjectFacts, wrapper: Option<&'static str>) -> Origin<'a> {
        Origin { uri: &facts.uri, number: self.number, way: &facts.envelope.way, wrapper }
    }
}

#[cfg(test)]
mod bad_input_tests;

#[cfg(test)]
mod tests {
    use super::*;

    /// Names in a format's tables are its own columns' or Kura's.
    #[test]
    fn every_name_that_a_format_gives_is_a_column() {
        for format in ALL.iter() {
            let spec = format.table();
            let known = |name: &str| spec.schema.column_with_name(name).is_some();
            assert_eq!(*spec.name, *format.name());
            for name in spec.statistics.iter().chain(&spec.needles).chain(&spec.distinct) {
                assert!(known(name), "{}: {name}", format.name());
            }
            for copy in format.description().flat_copies {
                assert!(known(copy.column) && known(copy.path[0]), "{}: {copy:?}", format.name());
            }
            let columns = &format.description().columns;
            let mut names: Vec<&str> = columns.iter().map(|c| c.name.as_ref()).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), columns.len(), "{}: a name twice", format.name());
        }
    }
}
