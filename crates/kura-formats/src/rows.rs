//! Kura's own columns under construction, and the rows of a table put together from them
//! and the record's own.

use std::cell::LazyCell;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::datatypes::{DataType, Date32Type, SchemaRef, TimestampMicrosecondType};
use arrow::error::ArrowError;
use kura_core::origin::{ObjectFacts, Origin, PlaceId, place_id};
use kura_core::table::fingerprint;
use kura_core::time::{Micros, partition_day};

use crate::texts::{Numbers, Texts};

/// What a decoder found in one record for the columns that every table has.
#[derive(Debug, Default)]
pub struct Needles<'a> {
    pub time: Option<Micros>,
    pub account: Option<&'a str>,
    pub region: Option<&'a str>,
    pub principal: Option<&'a str>,
    pub accesskey: Option<&'a str>,
    pub addr: Option<&'a str>,
    pub resource: Option<&'a str>,
    /// The record's own id.
    pub id: Option<&'a str>,
}

/// The columns that every table has.
#[derive(Debug, Default)]
pub struct KuraCells {
    time: Numbers<TimestampMicrosecondType>,
    account: Texts,
    region: Texts,
    principal: Texts,
    accesskey: Texts,
    addr: Texts,
    resource: Texts,
    id: Texts,
    origin: Texts,
    extra: Texts,
    ingested: Numbers<TimestampMicrosecondType>,
    day: Numbers<Date32Type>,
    rows: usize,
}

impl KuraCells {
    pub fn append(
        &mut self,
        needles: &Needles<'_>,
        origin: Origin<'_>,
        facts: &ObjectFacts,
        extra: Option<&str>,
    ) {
        let row = self.rows;
        let time = needles.time.or(facts.time).unwrap_or(facts.arrival);
        self.time.put(row, time);
        self.day.put(row, partition_day(time, facts.arrival));
        self.account.put_option(row, needles.account.or(facts.account.as_deref()));
        self.region.put_option(row, needles.region.or(facts.region.as_deref()));
        self.principal.put_option(row, needles.principal);
        self.accesskey.put_option(row, needles.accesskey);
        self.addr.put_option(row, needles.addr);
        self.resource.put_option(row, needles.resource.filter(|r| !r.is_empty()));
        self.put_origin(row, origin);
        match needles.id.or(facts.envelope.id.as_deref()) {
            Some(id) => self.id.put(row, id),
            None => {
                let origin = self.origin.text(row).unwrap_or_default();
                self.id.put(row, place_id(origin, &mut PlaceId::default()));
            }
        }
        self.extra.put_option(row, extra);
        self.ingested.put(row, facts.arrival);
        self.rows += 1;
    }

    /// As [`Origin`] displays itself, without a text in between.
    fn put_origin(&mut self, row: usize, origin: Origin<'_>) {
        let mut digits = [0; 20];
        let number = decimal(origin.number, &mut digits);
        match origin.wrapper {
            None => self.origin.put_all(row, &[origin.uri, "#", number, origin.way]),
            Some(wrapper) => {
                let parts = [origin.uri, "#", number, origin.way, "|", wrapper];
                self.origin.put_all(row, &parts);
            }
        }
    }

    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes held, near enough to bound memory by.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let texts = [
            &self.account,
            &self.region,
            &self.principal,
            &self.accesskey,
            &self.addr,
            &self.resource,
            &self.id,
            &self.origin,
            &self.extra,
        ];
        texts.iter().map(|texts| texts.bytes()).sum::<usize>() + 20 * self.rows
    }

    /// The rows, with the record's own columns between time and the rest.
    pub fn finish(
        &mut self,
        schema: SchemaRef,
        native: Vec<ArrayRef>,
    ) -> Result<RecordBatch, ArrowError> {
        let rows = std::mem::take(&mut self.rows);
        let mut columns: Vec<ArrayRef> =
            vec![Arc::new(self.time.finish(rows)?.with_timezone("UTC"))];
        columns.extend(native);
        let texts = [
            &mut self.account,
            &mut self.region,
            &mut self.principal,
            &mut self.accesskey,
            &mut self.addr,
            &mut self.resource,
            &mut self.id,
            &mut self.origin,
            &mut self.extra,
        ];
        let nulls = LazyCell::new(|| new_null_array(&DataType::Utf8, rows));
        for text in texts {
            columns.push(match text.rows() {
                0 => nulls.clone(),
                _ => Arc::new(text.finish(rows)?),
            });
        }
        columns.push(Arc::new(self.ingested.finish(rows)?.with_timezone("UTC")));
        columns.push(Arc::new(self.day.finish(rows)?));
        RecordBatch::try_new(schema, columns)
    }
}

fn decimal(mut number: u64, digits: &mut [u8; 20]) -> &str {
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    std::str::from_utf8(&digits[at..]).unwrap_or("")
}

/// The hash two copies of one record share, however they were spaced.
#[must_use]
pub fn content_hash(text: &str, compact: bool) -> u64 {
    if compact {
        return fingerprint(text.as_bytes());
    }
    let mut packed = Vec::with_capacity(text.len());
    let (mut in_string, mut escaped) = (false, false);
    for &byte in text.as_bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b' ' | b'\t' | b'\n' | b'\r' if !in_string => continue,
            _ => {}
        }
        packed.push(byte);
    }
    fingerprint(&packed)
}
