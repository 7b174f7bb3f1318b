//! Records of a person's own format in, rows out.

use std::sync::Arc;

use arrow::error::ArrowError;
use kura_core::origin::ObjectFacts;
use kura_core::table::Rows;
use kura_core::time::{MICROS_PER_SECOND, Micros, time_of_number};
use regex::Regex;

use super::taking::Taking;
use crate::columns::{Columns, Role};
use crate::extra::Path;
use crate::formats::found::Found;
use crate::formats::table_rows::TableRows;
use crate::formats::written_time::WrittenTime;
use crate::formats::{Decoded, Decoder, Format, RawRecord};
use crate::json::{Cursor, quoted};
use crate::reject::{Reason, Reject};
use crate::rows::content_hash;

/// What all decoders of a format share.
#[derive(Debug)]
pub struct Fixed {
    pub taking: Arc<Taking>,
    pub time: WrittenTime,
    /// Seconds east of UTC that times are in which do not say it.
    pub zone: i64,
    pub account: Option<String>,
    pub region: Option<String>,
    pub skip: Option<Regex>,
}

pub struct OwnDecoder {
    fixed: Arc<Fixed>,
    columns: Columns,
    rows: TableRows,
}

impl OwnDecoder {
    pub fn new(found: &Found, fixed: Arc<Fixed>) -> Self {
        let columns = found.description().columns.clone();
        let rows = TableRows::new(found.name(), found.schema(), columns.clone());
        OwnDecoder { fixed, columns, rows }
    }

    /// On an error nothing of the row is kept.
    fn read(&mut self, row: usize, text: &str) -> Result<(), Reject> {
        let fields = &mut self.rows.fields;
        fields.extra.clear();
        if matches!(*self.fixed.taking, Taking::Json) {
            let mut cursor = Cursor::new(text);
            let read = fields.parts.read(row, &mut cursor, None, &mut fields.extra);
            return read.and_then(|()| cursor.end()).map_err(|error| {
                fields.parts.truncate(row);
                Reject::new(Reason::BrokenJson, error.to_string())
            });
        }
        let columns = &self.columns;
        let taken = self.fixed.taking.take(text, &mut |name, value| {
            if value.is_empty() || value == "-" {
                return;
            }
            let at = columns.iter().position(|column| column.key == name);
            if !at.is_some_and(|at| fields.parts.put_plain(row, at, value)) {
                fields.extra.add(&Path::new(name), &quoted(value));
            }
        });
        if !taken {
            fields.parts.truncate(row);
            let detail = "not as the format's section says records are";
            return Err(Reject::new(Reason::NotAnEvent, detail));
        }
        Ok(())
    }

    fn time(&self, row: usize, arrival: Micros) -> Option<Micros> {
        let cell = self.rows.fields.cells(Role::Time).next()?;
        match cell.text(row) {
            Some(text) => {
                let time = self.fixed.time.parse(text, arrival)?;
                Some(time - self.fixed.zone * MICROS_PER_SECOND)
            }
            None => {
                let whole = || cell.whole(row).map(|number| number as f64);
                cell.number(row).or_else(whole).and_then(time_of_number)
            }
        }
    }
}

impl Decoder for OwnDecoder {
    fn decode(&mut self, record: RawRecord<'_>, facts: &ObjectFacts) -> Result<Decoded, Reject> {
        let text = record.text()?;
        if self.fixed.skip.as_ref().is_some_and(|skip| skip.is_match(text)) {
            return Ok(Decoded::Nothing);
        }
        let row = self.rows.rows();
        self.read(row, text)?;
        let time = self.time(row, facts.arrival);
        let is_json = matches!(*self.fixed.taking, Taking::Json);
        let content = content_hash(text, !is_json || record.compact);
        let origin = record.origin(facts, None);
        match (&self.fixed.account, &self.fixed.region) {
            (None, None) => self.rows.close(time, origin, facts, content),
            (account, region) => {
                let mut said = facts.clone();
                said.account = account.clone().or(said.account);
                said.region = region.clone().or(said.region);
                self.rows.close(time, origin, &said, content);
            }
        }
        Ok(Decoded::Row)
    }

    fn rows(&self) -> usize {
        self.rows.rows()
    }

    fn bytes(&self) -> usize {
        self.rows.bytes()
    }

    fn finish(&mut self) -> Result<Rows, ArrowError> {
        self.rows.finish()
    }
}
