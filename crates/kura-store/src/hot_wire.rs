//! Hot rows for another process of this node: what a server holds, for a command that reads the
//! lake beside it.
//!
//! A line of JSON (the stream's name in the tables' logs), then for each piece of rows its
//! length (u64) and an Arrow IPC stream whose schema says the table and the number of the batch
//! that has the rows, or will have them.

use std::collections::HashMap;
use std::io::{Cursor as Bytes, Read};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use kura_core::table::{Rows, TableSpec};

use crate::error::{Result, StoreError};
use crate::hot::{Chunk, HotView};
use crate::wal::Cursor;

const TABLE: &str = "kura.table";
const BATCH: &str = "kura.batch";

/// Hot rows as they were read.
#[derive(Debug)]
pub struct Received {
    pub application: String,
    /// With the batch of each.
    pub chunks: Vec<(Chunk, i64)>,
    pub specs: Vec<TableSpec>,
}

/// # Errors
/// If rows cannot be written.
pub fn write(view: &HotView, application: &str) -> Result<Vec<u8>> {
    let mut out = application.as_bytes().to_vec();
    out.push(b'\n');
    for chunk in view.chunks() {
        for rows in &chunk.rows {
            let batch = view.batch_of(chunk).to_string();
            let said = [(TABLE, rows.table.to_string()), (BATCH, batch)];
            let mut said: HashMap<String, String> =
                said.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            let schema = rows.batch.schema();
            said.extend(schema.metadata().clone());
            let schema = Schema::new_with_metadata(schema.fields().clone(), said);
            let piece = stream_of(&rows.batch, &schema)?;
            out.extend_from_slice(&(piece.len() as u64).to_le_bytes());
            out.extend_from_slice(&piece);
        }
    }
    Ok(out)
}

fn stream_of(batch: &RecordBatch, schema: &Schema) -> std::result::Result<Vec<u8>, ArrowError> {
    let batch = RecordBatch::try_new(Arc::new(schema.clone()), batch.columns().to_vec())?;
    let mut writer = StreamWriter::try_new(Vec::new(), schema)?;
    writer.write(&batch)?;
    writer.into_inner()
}

/// # Errors
/// If it is not what [`write`] makes.
pub fn read(bytes: &[u8]) -> Result<Received> {
    let damaged = |what: &str| StoreError::damaged("hot rows", what);
    let head = memchr::memchr(b'\n', bytes).ok_or_else(|| damaged("no head"))?;
    let application = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let mut rest = Bytes::new(&bytes[head + 1..]);
    let (mut chunks, mut specs) = (Vec::new(), HashMap::new());
    let mut length = [0; 8];
    while rest.read_exact(&mut length).is_ok() {
        let mut piece = Vec::new();
        rest.by_ref()
            .take(u64::from_le_bytes(length))
            .read_to_end(&mut piece)
            .map_err(|e| damaged(&e.to_string()))?;
        let reader = StreamReader::try_new(Bytes::new(piece), None)?;
        let schema: SchemaRef = reader.schema();
        let said = |key: &str| schema.metadata().get(key).cloned().unwrap_or_default();
        let table: Arc<str> = said(TABLE).into();
        let batch = said(BATCH).parse().map_err(|_| damaged("no batch"))?;
        specs.entry(table.clone()).or_insert_with(|| spec(&table, &schema));
        for rows in reader {
            let rows = Rows { table: table.clone(), batch: rows?, content: Vec::new() };
            chunks.push((Chunk::new(vec![rows], 0, Cursor::default(), 0), batch));
        }
    }
    Ok(Received { application, chunks, specs: specs.into_values().collect() })
}

/// For readers: a table that is not in the lake yet has columns, and nothing else to know.
fn spec(table: &Arc<str>, schema: &Schema) -> TableSpec {
    TableSpec {
        name: table.clone(),
        schema: Arc::new(Schema::new(schema.fields().clone())),
        statistics: Vec::new(),
        needles: Vec::new(),
        distinct: Vec::new(),
    }
}
