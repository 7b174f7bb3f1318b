//! From the log to the raw archive: what came, as it came, in gzip, one JSON line a record.
//!
//! All inputs' objects are cut at one place of the log, and the cursor file says where. An
//! object is named after its first record: one that was written when the process died is
//! written again under the same name, so that nothing is archived twice.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use chrono::DateTime;
use flate2::Compression;
use flate2::write::GzEncoder;
use kura_core::causes::WithCauses;
use kura_core::time::{MICROS_PER_SECOND, Micros, rfc3339};
use kura_store::wal::{Reader, StoredDelivery};
use kura_store::{Lake, StoreError};
use object_store::ObjectStoreExt;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::retention::Done;
use super::{Aside, Read};

/// Between two looks at the log.
const LOOK: Duration = Duration::from_millis(500);
/// Between two attempts to write to a store that refuses.
const AGAIN: Duration = Duration::from_secs(2);

/// `[raw]`: whether and how streams are archived.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawSettings {
    /// Of every input that `inputs` does not name.
    pub default: RawMode,
    pub inputs: BTreeMap<String, RawMode>,
    /// The folder of an object: `{input}`, and `{yyyy}`, `{MM}`, `{dd}`, `{HH}` of the arrival.
    pub key: String,
    /// An object is ended at so many bytes of gzip,
    pub object_bytes: usize,
    /// or after so many seconds.
    pub seconds: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawMode {
    AsReceived,
    Off,
}

impl Default for RawSettings {
    fn default() -> Self {
        RawSettings {
            default: RawMode::AsReceived,
            inputs: BTreeMap::new(),
            key: "raw/{input}/{yyyy}/{MM}/{dd}/{HH}/".to_owned(),
            object_bytes: 16 << 20,
            seconds: 300,
        }
    }
}

impl RawSettings {
    /// # Errors
    /// What in it cannot be, in a line for a person.
    pub fn check(&self) -> Result<(), String> {
        let folder = self.key.strip_prefix("raw/").unwrap_or_default();
        let names = folder.split('/').all(|part| part != "." && part != "..");
        match !folder.is_empty() && names && folder.ends_with('/') {
            true => Ok(()),
            false => Err(format!("`{}`: begin it with `raw/` and end it with `/`", self.key)),
        }
    }

    fn keeps(&self, input: &str) -> bool {
        *self.inputs.get(input).unwrap_or(&self.default) == RawMode::AsReceived
    }

    pub(super) fn keeps_any(&self) -> bool {
        let on = |mode: &RawMode| *mode == RawMode::AsReceived;
        on(&self.default) || self.inputs.values().any(on)
    }

    fn folder(&self, input: &str, arrival: Micros) -> String {
        let time = DateTime::from_timestamp_micros(arrival).unwrap_or_default();
        let parts = [("{yyyy}", "%Y"), ("{MM}", "%m"), ("{dd}", "%d"), ("{HH}", "%H")];
        let key = self.key.replace("{input}", input);
        parts
            .iter()
            .fold(key, |key, (name, form)| key.replace(name, &time.format(form).to_string()))
    }
}

/// `_kura/raw/<node>.json`: how far the archive is.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Archived {
    next: u64,
}

/// A record, as a line of the archive.
#[derive(Serialize)]
struct Line<'a> {
    sequence: u64,
    stream: &'a str,
    arrival: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    /// As it came; bytes that are no text are told by the character for that.
    record: &'a str,
}

pub struct Archiving {
    lake: Lake,
    settings: RawSettings,
    reader: Reader,
    done: Done,
    next: u64,
    open: BTreeMap<String, Object>,
    /// When the first record that is not archived yet was read.
    since: Option<Micros>,
    /// Lines of a delivery on their way into gzip, which takes the pieces of a line badly: each
    /// costs it more than its bytes.
    lines: Vec<u8>,
}

/// An object that is being written, in memory.
struct Object {
    path: String,
    content: GzEncoder<Vec<u8>>,
}

/// Where the archive of this node is.
pub async fn archived(lake: &Lake, node: &str) -> Result<u64, StoreError> {
    let path = lake.location().path(&cursor_path(node));
    match lake.location().store.get(&path).await {
        Ok(found) => {
            let archived: Option<Archived> = serde_json::from_slice(&found.bytes().await?).ok();
            Ok(archived.unwrap_or_default().next)
        }
        Err(object_store::Error::NotFound { .. }) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

fn cursor_path(node: &str) -> String {
    format!("_kura/raw/{node}.json")
}

impl Archiving {
    /// `None` if nothing is to be archived.
    pub fn new(
        lake: &Lake,
        settings: &RawSettings,
        reader: Reader,
        next: u64,
        done: Done,
    ) -> Option<Self> {
        settings.keeps_any().then(|| Archiving {
            lake: lake.clone(),
            settings: settings.clone(),
            reader,
            done,
            next,
            open: BTreeMap::new(),
            since: None,
            lines: Vec::new(),
        })
    }

    /// Archives until it is stopped and nothing is left in the log.
    pub async fn run(
        mut self,
        thread: Aside,
        mut synced: watch::Receiver<u64>,
        stop: CancellationToken,
    ) {
        loop {
            let is_last = stop.is_cancelled();
            let end = *synced.borrow_and_update();
            loop {
                let reading = thread.run(self, move |this| this.read_some(end));
                let Some((this, read)) = reading.await else { return };
                self = this;
                match read {
                    Ok(Read::All) => break,
                    Ok(Read::Some) => self.cut().await,
                    Err(error) => {
                        tracing::error!(%error, "the log cannot be read; it is tried again");
                        tokio::time::sleep(AGAIN).await;
                    }
                }
            }
            let now = self.lake.clock().now();
            let age = self.since.map_or(0, |since| (now - since) / MICROS_PER_SECOND);
            if is_last || age >= self.settings.seconds.cast_signed() {
                self.cut().await;
            }
            if is_last {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Reads what is in the log, up to an object of it.
    pub(super) fn read_some(&mut self, end: u64) -> io::Result<Read> {
        while let Some(stored) = self.reader.read()? {
            self.add(&stored)?;
            self.next = stored.first + stored.delivery.records.len() as u64;
            let largest = self.open.values().map(|object| object.content.get_ref().len()).max();
            if largest.unwrap_or(0) >= self.settings.object_bytes {
                return Ok(Read::Some);
            }
        }
        self.next = self.next.max(end);
        Ok(Read::All)
    }

    fn add(&mut self, stored: &StoredDelivery) -> io::Result<()> {
        let delivery = &stored.delivery;
        if !self.settings.keeps(&delivery.input) {
            return Ok(());
        }
        self.since.get_or_insert_with(|| self.lake.clock().now());
        let object = self.open.entry(delivery.input.clone()).or_insert_with(|| {
            let folder = self.settings.folder(&delivery.input, delivery.arrival);
            let path = format!("{folder}{}-{:020}.jsonl.gz", self.lake.node_name(), stored.first);
            Object { path, content: GzEncoder::new(Vec::new(), Compression::fast()) }
        });
        let arrival = &rfc3339(delivery.arrival);
        self.lines.clear();
        for (sequence, record) in (stored.first..).zip(delivery.records.iter()) {
            let line = Line {
                sequence,
                stream: &delivery.stream,
                arrival,
                time: record.time.map(rfc3339),
                key: delivery.key.as_deref(),
                record: &String::from_utf8_lossy(record.bytes),
            };
            serde_json::to_writer(&mut self.lines, &line)?;
            self.lines.push(b'\n');
        }
        object.content.write_all(&self.lines)
    }

    /// Writes what is open, however often it takes, and says how far the archive is.
    async fn cut(&mut self) {
        let Ok(objects) = self.end_objects() else { return };
        while let Err(error) = self.put(&objects).await {
            tracing::warn!(
                error = %WithCauses(&error),
                "the raw archive cannot be written; it is tried again"
            );
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// What is open, by path.
    pub(super) fn end_objects(&mut self) -> io::Result<Vec<(String, Vec<u8>)>> {
        self.since = None;
        let open = std::mem::take(&mut self.open).into_values();
        open.map(|object| Ok((object.path, object.content.finish()?))).collect()
    }

    pub(super) async fn put(&self, objects: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        let location = self.lake.location();
        for (path, content) in objects {
            location.store.put(&location.path(path), content.clone().into()).await?;
        }
        let cursor = location.path(&cursor_path(&self.lake.node_name()));
        let archived = serde_json::to_vec(&Archived { next: self.next });
        let archived = archived.map_err(|error| StoreError::damaged(&cursor, error))?;
        location.store.put(&cursor, archived.into()).await?;
        self.done.set(self.next);
        Ok(())
    }
}
