//! An object opened: the text that its records stand in, whatever they lie in.
//!
//! Compressed bytes are inflated. Tables in Parquet, and in CSV with a header, are read as JSON
//! lines, an object a row: recognition and decoders know nothing of them.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use arrow::json::WriterBuilder;
use arrow::json::writer::LineDelimited;
use kura_core::inflate::{InflateError, InflateLimits, Inflated};
use kura_formats::csv::{self, CsvLines};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;

/// Rows of Parquet that are turned into text at a time.
const BATCH_ROWS: usize = 512;
const READ_BYTES: usize = 64 << 10;
/// A row of CSV has at most so many bytes.
const ROW_BYTES_MAX: usize = 16 << 20;
const PARQUET_MAGIC: &[u8] = b"PAR1";

/// The plain bytes of an object.
pub struct Content {
    kind: Kind,
    /// Text that was made and not read yet, from here on.
    made: Vec<u8>,
    at: usize,
    bytes_left: u64,
}

enum Kind {
    Text { inflated: Inflated, first: Vec<u8> },
    Csv { inflated: Inflated, lines: CsvLines, buffer: Vec<u8>, ended: bool },
    Parquet(ParquetRecordBatchReader),
}

impl Content {
    /// Opens the file, whose size as it lies is `size`. `told` hears how much of it was read.
    ///
    /// # Errors
    /// If it cannot be read, or is not what it claims to be.
    pub fn open(
        path: &Path,
        size: u64,
        limits: InflateLimits,
        told: impl Fn(u64) + Send + 'static,
    ) -> Result<Self, InflateError> {
        let mut file = File::open(path).map_err(InflateError::Unreadable)?;
        let bytes_left = limits.bytes_max;
        let with = |kind| Content { kind, made: Vec::new(), at: 0, bytes_left };
        if is_parquet(&mut file).map_err(InflateError::Unreadable)? {
            told(size);
            return Ok(with(Kind::Parquet(open_parquet(file)?)));
        }
        let mut inflated = Inflated::open(Told { file, told }, size, limits)?;
        let mut first = vec![0; READ_BYTES];
        let read = inflated.read(&mut first)?;
        first.truncate(read);
        match csv::recognise(&path.to_string_lossy(), &first) {
            None => Ok(with(Kind::Text { inflated, first })),
            Some(delimiter) => {
                let mut lines = CsvLines::new(delimiter, ROW_BYTES_MAX);
                let mut made = Vec::new();
                lines.feed(&first, &mut made);
                let buffer = first;
                Ok(Content { made, ..with(Kind::Csv { inflated, lines, buffer, ended: false }) })
            }
        }
    }

    /// Whether its text was made of the rows of a table.
    #[must_use]
    pub fn is_table(&self) -> bool {
        !matches!(self.kind, Kind::Text { .. })
    }

    /// Reads some bytes into `buffer`; 0 is the end.
    ///
    /// # Errors
    /// As [`Inflated::read`].
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, InflateError> {
        if let Kind::Text { inflated, first } = &mut self.kind {
            return match first.is_empty() {
                true => inflated.read(buffer),
                false => Ok(take_first(first, buffer)),
            };
        }
        while self.at == self.made.len() {
            self.made.clear();
            self.at = 0;
            if !self.make()? {
                return Ok(0);
            }
        }
        let read = buffer.len().min(self.made.len() - self.at);
        buffer[..read].copy_from_slice(&self.made[self.at..self.at + read]);
        self.at += read;
        self.bytes_left = self.bytes_left.checked_sub(read as u64).ok_or_else(|| {
            InflateError::Corrupt("becomes more text than an object may".to_owned())
        })?;
        Ok(read)
    }

    /// Makes more text; `false` at the end.
    fn make(&mut self) -> Result<bool, InflateError> {
        match &mut self.kind {
            Kind::Text { .. } => Ok(false),
            Kind::Csv { ended: true, .. } => Ok(false),
            Kind::Csv { inflated, lines, buffer, ended } => {
                buffer.resize(READ_BYTES, 0);
                let read = inflated.read(buffer)?;
                *ended = read == 0;
                lines.feed(&buffer[..read], &mut self.made);
                Ok(true)
            }
            Kind::Parquet(reader) => {
                let made = &mut self.made;
                unpanicked(|| match reader.next() {
                    None => Ok(false),
                    Some(batch) => batch.and_then(|batch| write_lines(made, &batch)).map(|()| true),
                })?
                .map_err(|error| InflateError::Corrupt(format!("Parquet: {error}")))
            }
        }
    }
}

fn take_first(first: &mut Vec<u8>, buffer: &mut [u8]) -> usize {
    let read = buffer.len().min(first.len());
    buffer[..read].copy_from_slice(&first[..read]);
    first.drain(..read);
    read
}

fn is_parquet(file: &mut File) -> io::Result<bool> {
    let mut magic = Vec::new();
    file.by_ref().take(PARQUET_MAGIC.len() as u64).read_to_end(&mut magic)?;
    file.rewind()?;
    Ok(magic == PARQUET_MAGIC)
}

fn open_parquet(file: File) -> Result<ParquetRecordBatchReader, InflateError> {
    let reader = unpanicked(|| {
        let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
        builder.with_batch_size(BATCH_ROWS).build()
    })?;
    reader.map_err(|error| match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => InflateError::Unreadable(*error),
            Err(error) => InflateError::Corrupt(format!("Parquet: {error}")),
        },
        error => InflateError::Corrupt(error.to_string()),
    })
}

/// The library checks much of what a file says of itself, and not all.
fn unpanicked<T>(read: impl FnOnce() -> T) -> Result<T, InflateError> {
    catch_unwind(AssertUnwindSafe(read))
        .map_err(|_| InflateError::Corrupt("Parquet: damaged beyond what can be read".to_owned()))
}

/// Nulls are left out.
fn write_lines(out: &mut Vec<u8>, batch: &RecordBatch) -> Result<(), ArrowError> {
    let mut writer = WriterBuilder::new().with_explicit_nulls(false).build::<_, LineDelimited>(out);
    writer.write(batch)?;
    writer.finish()
}

/// A file that tells how far it was read.
struct Told<F> {
    file: File,
    told: F,
}

impl<F: Fn(u64)> Read for Told<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        (self.told)(read as u64);
        Ok(read)
    }
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
