//! Results as a person or a program wants them.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use anyhow::Context;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::json::LineDelimitedWriter;
use arrow::util::pretty::pretty_format_batches;

use crate::cli::OutputFormat;
use crate::exit::UsageError;
use crate::terminal::{printable, stdout_is_terminal};

/// Rows whose widths are measured together: a table of more is printed in parts.
const TABLE_ROWS: usize = 1_000;

/// Takes batches as they come and writes them in one form.
pub struct ResultWriter {
    schema: SchemaRef,
    sink: Sink,
}

enum Sink {
    Table { waiting: Vec<RecordBatch>, rows: usize, parts: usize },
    Json { first: bool },
    Jsonl,
    Csv { delimiter: u8, header: bool },
    Parquet(Box<parquet::arrow::ArrowWriter<BufWriter<io::Stdout>>>),
    Arrow(Box<arrow::ipc::writer::StreamWriter<BufWriter<io::Stdout>>>),
}

impl ResultWriter {
    pub fn new(schema: SchemaRef, form: Option<OutputFormat>) -> anyhow::Result<Self> {
        let form = form.unwrap_or(match stdout_is_terminal() {
            true => OutputFormat::Table,
            false => OutputFormat::Jsonl,
        });
        let binary = matches!(form, OutputFormat::Parquet | OutputFormat::Arrow);
        if binary && stdout_is_terminal() {
            return Err(
                UsageError("this form is binary; send it to a file with `>`".to_owned()).into()
            );
        }
        let stdout = || BufWriter::new(io::stdout());
        let sink = match form {
            OutputFormat::Table => Sink::Table { waiting: Vec::new(), rows: 0, parts: 0 },
            OutputFormat::Json => Sink::Json { first: true },
            OutputFormat::Jsonl => Sink::Jsonl,
            OutputFormat::Csv => Sink::Csv { delimiter: b',', header: true },
            OutputFormat::Tsv => Sink::Csv { delimiter: b'\t', header: true },
            OutputFormat::Parquet => {
                let writer = parquet::arrow::ArrowWriter::try_new(stdout(), schema.clone(), None)?;
                Sink::Parquet(Box::new(writer))
            }
            OutputFormat::Arrow => {
                let writer = arrow::ipc::writer::StreamWriter::try_new(stdout(), &schema)?;
                Sink::Arrow(Box::new(writer))
            }
        };
        Ok(ResultWriter { schema, sink })
    }

    pub fn write(&mut self, batch: &RecordBatch) -> anyhow::Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        match &mut self.sink {
            Sink::Table { waiting, rows, .. } => {
                waiting.push(batch.clone());
                *rows += batch.num_rows();
                if *rows >= TABLE_ROWS {
                    self.flush_table()?;
                }
                Ok(())
            }
            Sink::Json { first } => write_json(batch, first),
            Sink::Jsonl => print(&json_lines(batch)?),
            Sink::Csv { delimiter, header } => {
                let header = std::mem::take(header);
                print(&csv(batch, *delimiter, header)?)
            }
            Sink::Parquet(writer) => Ok(writer.write(batch)?),
            Sink::Arrow(writer) => Ok(writer.write(batch)?),
        }
    }

    pub fn finish(mut self) -> anyhow::Result<()> {
        if let Sink::Table { parts, waiting, .. } = &mut self.sink {
            if *parts == 0 && waiting.is_empty() {
                waiting.push(RecordBatch::new_empty(self.schema.clone()));
            }
            return self.flush_table();
        }
        match self.sink {
            Sink::Json { first } => print(if first { b"[]\n" } else { b"\n]\n" }),
            Sink::Csv { delimiter, header: true } => {
                print(&csv(&RecordBatch::new_empty(self.schema), delimiter, true)?)
            }
            Sink::Parquet(writer) => writer.into_inner()?.flush().context("writing to stdout"),
            Sink::Arrow(mut writer) => {
                writer.finish()?;
                writer.get_mut().flush().context("writing to stdout")
            }
            Sink::Table { .. } | Sink::Jsonl | Sink::Csv { .. } => Ok(()),
        }
    }

    fn flush_table(&mut self) -> anyhow::Result<()> {
        let Sink::Table { waiting, rows, parts } = &mut self.sink else { return Ok(()) };
        if waiting.is_empty() {
            return Ok(());
        }
        let text = pretty_format_batches(waiting)?.to_string();
        waiting.clear();
        *rows = 0;
        *parts += 1;
        print((printable(&text) + "\n").as_bytes())
    }
}

/// Writes one batch that is there already.
pub fn write_batch(batch: &RecordBatch, form: Option<OutputFormat>) -> anyhow::Result<()> {
    let mut writer = ResultWriter::new(batch.schema(), form)?;
    writer.write(batch)?;
    writer.finish()
}

/// Writes text, and a newline behind it.
pub fn write_line(text: &str) -> anyhow::Result<()> {
    print(format!("{text}\n").as_bytes())
}

/// A reader that went away (`| head`) ends the program quietly, as others do.
fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).context("writing to stdout")
}

fn json_lines(batch: &RecordBatch) -> anyhow::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut writer = LineDelimitedWriter::new(&mut out);
    writer.write(batch)?;
    writer.finish()?;
    Ok(out)
}

fn write_json(batch: &RecordBatch, first: &mut bool) -> anyhow::Result<()> {
    let lines = json_lines(batch)?;
    let mut out = Vec::with_capacity(lines.len() + 16);
    for line in lines.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
        out.extend_from_slice(if std::mem::take(first) { b"[\n" } else { b",\n" });
        out.extend_from_slice(line);
    }
    print(&out)
}

fn csv(batch: &RecordBatch, delimiter: u8, header: bool) -> anyhow::Result<Vec<u8>> {
    let mut out = Vec::new();
    let flat = flat(batch)?;
    let mut writer = arrow::csv::WriterBuilder::new()
        .with_delimiter(delimiter)
        .with_header(header)
        .build(&mut out);
    writer.write(&flat)?;
    drop(writer);
    Ok(out)
}

/// Structs, lists and maps as JSON text; text that a spreadsheet would run as a formula gets
/// an apostrophe before it.
fn flat(batch: &RecordBatch) -> anyhow::Result<RecordBatch> {
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let column = match column.data_type() {
            DataType::Struct(_) | DataType::List(_) | DataType::Map(..) => as_json(field, column)?,
            DataType::Utf8 => defused(column.as_string::<i32>()),
            _ => column.clone(),
        };
        fields.push(Field::new(field.name(), column.data_type().clone(), true));
        columns.push(column);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

fn as_json(field: &Field, column: &ArrayRef) -> anyhow::Result<ArrayRef> {
    let schema = Schema::new(vec![Field::new("v", field.data_type().clone(), true)]);
    let one = RecordBatch::try_new(Arc::new(schema), vec![column.clone()])?;
    let lines = json_lines(&one)?;
    let text = |line: &[u8]| -> Option<String> {
        let mut row: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(line).ok()?;
        row.remove("v").map(|value| value.to_string())
    };
    let texts = lines.split(|&b| b == b'\n').take(column.len()).map(text);
    Ok(Arc::new(texts.collect::<StringArray>()))
}

fn defused(texts: &StringArray) -> ArrayRef {
    let formula = |text: &str| text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let defused = texts
        .iter()
        .map(|text| text.map(|t| if formula(t) { format!("'{t}") } else { t.to_owned() }));
    Arc::new(defused.collect::<StringArray>())
}
