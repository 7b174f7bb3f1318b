//! Kura's own columns under construction, and the rows of a table put together from them
//! and the record's own.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Builder, RecordBatch, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use kura_core::origin::{ObjectFacts, Origin};
use kura_core::table::fingerprint;
use kura_core::time::{Micros, partition_day};

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
#[derive(Debug)]
pub struct KuraCells {
    time: TimestampMicrosecondBuilder,
    account: StringBuilder,
    region: StringBuilder,
    principal: StringBuilder,
    accesskey: StringBuilder,
    addr: StringBuilder,
    resource: StringBuilder,
    id: StringBuilder,
    origin: StringBuilder,
    extra: StringBuilder,
    ingested: TimestampMicrosecondBuilder,
    day: Date32Builder,
    rows: usize,
}

fn utc() -> TimestampMicrosecondBuilder {
    TimestampMicrosecondBuilder::new().with_timezone("UTC")
}

impl Default for KuraCells {
    fn default() -> Self {
        KuraCells {
            time: utc(),
            account: StringBuilder::new(),
            region: StringBuilder::new(),
            principal: StringBuilder::new(),
            accesskey: StringBuilder::new(),
            addr: StringBuilder::new(),
            resource: StringBuilder::new(),
            id: StringBuilder::new(),
            origin: StringBuilder::new(),
            extra: StringBuilder::new(),
            ingested: utc(),
            day: Date32Builder::new(),
            rows: 0,
        }
    }
}

impl KuraCells {
    pub fn append(
        &mut self,
        needles: &Needles<'_>,
        origin: Origin<'_>,
        facts: &ObjectFacts,
        extra: Option<String>,
    ) {
        let time = needles.time.or(facts.time).unwrap_or(facts.arrival);
        let origin = origin.to_string();
        self.time.append_value(time);
        self.day.append_value(partition_day(time, facts.arrival));
        self.account.append_option(needles.account.or(facts.account.as_deref()));
        self.region.append_option(needles.region.or(facts.region.as_deref()));
        self.principal.append_option(needles.principal);
        self.accesskey.append_option(needles.accesskey);
        self.addr.append_option(needles.addr);
        self.resource.append_option(needles.resource.filter(|r| !r.is_empty()));
        match needles.id {
            Some(id) => self.id.append_value(id),
            None => self.id.append_value(position_id(&origin)),
        }
        self.origin.append_value(origin);
        self.extra.append_option(extra);
        self.ingested.append_value(facts.arrival);
        self.rows += 1;
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
        texts.iter().map(|t| t.values_slice().len() + 4 * (self.rows + 1)).sum::<usize>()
            + 20 * self.rows
    }

    /// The rows, with the record's own columns between time and the rest.
    pub fn finish(
        &mut self,
        schema: SchemaRef,
        native: Vec<ArrayRef>,
    ) -> Result<RecordBatch, ArrowError> {
        self.rows = 0;
        let mut columns: Vec<ArrayRef> = vec![Arc::new(self.time.finish())];
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
        columns.extend(texts.into_iter().map(|t| Arc::new(t.finish()) as ArrayRef));
        columns.push(Arc::new(self.ingested.finish()));
        columns.push(Arc::new(self.day.finish()));
        RecordBatch::try_new(schema, columns)
    }
}

/// The id of a record that has none of its own: a hash of where it lay.
#[must_use]
pub fn position_id(origin: &str) -> String {
    format!("at-{:016x}", fingerprint(origin.as_bytes()))
}
