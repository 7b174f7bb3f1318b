//! What senders may hold Kura to, and what is seen of it in tables and hot rows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use kura_core::intake::{Delivery, Taken};
use kura_store::{Lake, StoreError};
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// Each record, and each part of one, has a number of its own: `~17~`.
pub type Number = u64;

pub fn numbers(text: &[u8]) -> Vec<Number> {
    let text = String::from_utf8_lossy(text);
    text.split('~').skip(1).step_by(2).filter_map(|number| number.parse().ok()).collect()
}

/// How often a number is seen.
pub type Seen = BTreeMap<Number, usize>;

pub struct Sent {
    pub delivery: Delivery,
    pub numbers: Vec<Number>,
    pub is_acknowledged: bool,
    /// Parts are seen once the rest has come, or was waited for in vain.
    pub is_parts: bool,
}

#[derive(Default)]
pub struct Model {
    pub sent: Vec<Sent>,
    /// What was seen, and what must be since it was decoded, is seen from then on.
    searchable: BTreeSet<Number>,
    /// Seen in a table: a crash changes nothing about it.
    stored: BTreeSet<Number>,
}

impl Model {
    pub fn answered(&mut self, which: usize, taken: Taken) {
        let sent = &mut self.sent[which];
        assert!(
            taken == Taken::Known || !(sent.is_acknowledged && sent.delivery.key.is_some()),
            "{:?} was acknowledged, and its key is not known",
            sent.delivery.key
        );
        sent.is_acknowledged = true;
    }

    /// All of the log is decoded.
    pub fn decoded(&mut self) {
        let whole = self.sent.iter().filter(|sent| sent.is_acknowledged && !sent.is_parts);
        self.searchable.extend(whole.flat_map(|sent| &sent.numbers));
    }

    pub fn crashed(&mut self) {
        self.searchable = self.stored.clone();
    }

    /// What a question that is asked now must find.
    pub fn expected(&self) -> BTreeSet<Number> {
        self.searchable.clone()
    }

    /// What a question found that was asked when `expected` was to be found.
    pub fn check(&mut self, expected: &BTreeSet<Number>, look: &Look) {
        let sent: BTreeSet<Number> =
            self.sent.iter().flat_map(|sent| &sent.numbers).copied().collect();
        let all = look.all();
        let missing: Vec<_> = expected.iter().filter(|number| !all.contains_key(number)).collect();
        assert!(missing.is_empty(), "{missing:?} are not found any more");
        let twice: Vec<_> = all.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "{twice:?} are found more than once: {look:?}");
        let strange: Vec<_> = all.keys().filter(|number| !sent.contains(number)).collect();
        assert!(strange.is_empty(), "{strange:?} were never sent");
        self.searchable.extend(all.keys());
        self.stored.extend(look.tables.keys());
    }

    pub fn acknowledged(&self) -> BTreeSet<Number> {
        let acknowledged = self.sent.iter().filter(|sent| sent.is_acknowledged);
        acknowledged.flat_map(|sent| &sent.numbers).copied().collect()
    }
}

/// What a question sees.
#[derive(Debug, Default)]
pub struct Look {
    pub tables: Seen,
    pub hot: Seen,
    /// Rows in tables, and those of them that were set aside.
    pub rows: u64,
    pub set_aside: u64,
    pub files: usize,
}

impl Look {
    fn all(&self) -> Seen {
        let mut all = self.tables.clone();
        self.hot.iter().for_each(|(number, times)| *all.entry(*number).or_default() += times);
        all
    }
}

/// Files never change: what is in one is known for ever.
pub type Files = HashMap<String, (Vec<Number>, u64)>;

/// Looks at everything as a question does: hot rows first, and each table's version then.
pub async fn look(
    lake: &Lake,
    healthy: &Arc<dyn ObjectStore>,
    known: &mut Files,
) -> Result<Look, StoreError> {
    let hot = lake.hot().view();
    let mut names = lake.tables().await?;
    names.extend(hot.tables().map(|spec| spec.name.to_string()));
    names.sort();
    names.dedup();
    let mut look = Look::default();
    for name in names {
        let mut flushed = 0;
        match lake.snapshot(&name).await {
            Ok(snapshot) => {
                flushed = snapshot.flushed;
                for file in &snapshot.files {
                    if !known.contains_key(&file.name) {
                        let found = healthy.get(&file.path).await?.bytes().await?;
                        known.insert(file.name.clone(), read(found));
                    }
                    let (numbers, rows) = &known[&file.name];
                    numbers.iter().for_each(|number| *look.tables.entry(*number).or_default() += 1);
                    look.rows += rows;
                    look.set_aside += if name == "quarantine" { *rows } else { 0 };
                    look.files += 1;
                }
            }
            Err(StoreError::NoTable(_)) => {}
            Err(error) => return Err(error),
        }
        for rows in hot.rows(&name, flushed) {
            add(rows, &mut |number| *look.hot.entry(number).or_default() += 1);
        }
    }
    Ok(look)
}

fn read(file: bytes::Bytes) -> (Vec<Number>, u64) {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("a data file");
    let (mut numbers, mut rows) = (Vec::new(), 0);
    for batch in reader.build().expect("a data file") {
        let batch = batch.expect("rows");
        rows += batch.num_rows() as u64;
        add(&batch, &mut |number| numbers.push(number));
    }
    (numbers, rows)
}

/// The numbers that lie in the rows.
fn add(rows: &RecordBatch, found: &mut impl FnMut(Number)) {
    if let Some(messages) = rows.column_by_name("message") {
        let messages = messages.as_string::<i32>();
        let texts = messages.iter().flatten();
        texts.flat_map(|text| numbers(text.as_bytes())).for_each(&mut *found);
    }
    if let Some(bytes) = rows.column_by_name("bytes").and_then(|bytes| bytes.as_binary_opt::<i32>())
    {
        bytes.iter().flatten().flat_map(numbers).for_each(&mut *found);
    }
}
