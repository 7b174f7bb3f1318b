//! One life of a node after the other, by a seed: its steps, and what goes wrong meanwhile.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use flate2::read::GzDecoder;
use kura_core::clock::{Clock, FixedClock};
use kura_core::disk::{Disk, Faults, SimulatedDisk};
use kura_core::intake::{Delivery, Intake, RawRecords, Refused, Taken};
use kura_core::memory::MemoryPlan;
use kura_core::size::{ByteSize, MIB};
use kura_core::storage::{SimulatedStore, StoreFault, StoreFaults};
use kura_core::time::{MICROS_PER_DAY, MICROS_PER_SECOND, parse_log_time};
use kura_formats::known_table;
use kura_store::compact::compact;
use kura_store::upkeep::Upkeep;
use kura_store::wal::WalOptions;
use kura_store::{Lake, Location, StoreError, TableSnapshot};
use object_store::ObjectStoreExt;
use object_store::path::Path as ObjectPath;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use url::Url;

use super::model::{Files, Look, Model, Number, Sent, look, numbers};
use crate::pipeline::Work;
use crate::streams::{Parts, StreamError, StreamOptions};

/// Steps told of a life that went wrong.
const TOLD_MAX: usize = 200;

pub struct World {
    random: ChaCha8Rng,
    told: VecDeque<String>,
    folder: tempfile::TempDir,
    disk: SimulatedDisk,
    store: SimulatedStore,
    clock: Arc<FixedClock>,
    options: StreamOptions,
    model: Model,
    files: Files,
    next_number: Number,
    /// So many of a hundred records are JSON; most others are lines of text.
    plain: u32,
    /// Parts of lines whose rest is to come: the container, and how many there were.
    lines: Vec<(u64, u32)>,
}

/// From a start to a crash.
struct Life {
    runtime: Runtime,
    lake: Lake,
    parts: Parts,
    /// Objects of the archive that are ended, and not written yet.
    ended: Option<Vec<(String, Vec<u8>)>>,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let memory = MemoryPlan::new(Some(ByteSize(64 * MIB)));
        let wal = WalOptions { room_wait: Duration::ZERO, ..WalOptions::default() };
        let start = parse_log_time("2026-11-20T23:59:00Z").expect("a time");
        World {
            random: ChaCha8Rng::seed_from_u64(seed),
            told: VecDeque::new(),
            folder: tempfile::tempdir().expect("a temporary folder"),
            disk: SimulatedDisk::default(),
            store: SimulatedStore::default(),
            clock: Arc::new(FixedClock::at(start)),
            options: StreamOptions { wal, ..StreamOptions::new(Work::new(memory)) },
            model: Model::default(),
            files: Files::default(),
            next_number: 0,
            plain: [0, 60, 100][usize::try_from(seed % 3).expect("small")],
            lines: Vec::new(),
        }
    }

    /// The steps so far.
    pub fn told(&self) -> String {
        self.told.iter().fold(String::new(), |mut all, step| {
            let _ = write!(all, "\n  {step}");
            all
        })
    }

    fn tell(&mut self, step: String) {
        self.told.push_back(step);
        if self.told.len() > TOLD_MAX {
            self.told.pop_front();
        }
    }

    pub fn live(&mut self) {
        for _ in 0..self.random.random_range(1..4) {
            self.store.set_turns(self.random.random_range(0..4));
            if self.random.random_bool(0.2) {
                self.store_faults();
            }
            if let Some(mut life) = self.start() {
                for _ in 0..self.random.random_range(1..16) {
                    self.step(&mut life);
                }
            }
            self.crash();
        }
        self.store.set_faults(None);
        let life = self.start().expect("where nothing is wrong it starts");
        self.end(life);
    }

    fn start(&mut self) -> Option<Life> {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.max_blocking_threads(1).enable_time().build().expect("a runtime");
        let opened = runtime.block_on(self.open());
        match opened {
            Ok((lake, parts)) => {
                self.tell(format!("started: {:?}", parts.replay));
                Some(Life { runtime, lake, parts, ended: None })
            }
            Err(error) => {
                self.tell(format!("not started: {error:?}"));
                None
            }
        }
    }

    async fn open(&self) -> Result<(Lake, Parts), StreamError> {
        let location = Location {
            store: Arc::new(self.store.clone()),
            prefix: ObjectPath::default(),
            url: Url::parse("memory:///").expect("a place"),
            data: self.folder.path().to_owned(),
            name: "simulated".to_owned(),
        };
        let lake = Lake::open_or_create(location, self.clock.clone()).await?;
        let parts = Parts::open(&lake, &self.options, Arc::new(self.disk.clone())).await?;
        Ok((lake, parts))
    }

    /// Power and process go; of what was not synced some is kept.
    fn crash(&mut self) {
        let kept = self.random.random_range(0..=100);
        self.tell(format!("crash; {kept} % of what was not synced is kept"));
        let random = &mut self.random;
        self.disk.crash(|| random.random_range(0..100) < kept);
        self.store.set_faults(None);
        self.model.crashed();
        if self.random.random_bool(0.1) {
            self.tell("the ledger is gone".to_owned());
            for file in ["meta.sqlite", "meta.sqlite-wal", "meta.sqlite-shm"] {
                // It may not be there yet.
                let _ = std::fs::remove_file(self.folder.path().join(file));
            }
        }
    }

    fn step(&mut self, life: &mut Life) {
        match self.random.random_range(0..100) {
            0..30 => self.deliver(life),
            30..55 => self.decode(life),
            55..72 => self.flush(life),
            72..75 => self.fold(life),
            75..80 => self.upkeep(life),
            80..86 => self.archive(life),
            86..90 => self.pass_time(),
            90..95 => self.disk_faults(),
            _ => self.store_faults(),
        }
        // What is not wanted any more is deleted, sooner or later.
        if self.random.random_bool(0.7) {
            life.parts.writing.run_waiting();
        }
    }

    fn disk_faults(&mut self) {
        let random = &mut self.random;
        let faults = Faults {
            operations_left: random.random_bool(0.3).then(|| random.random_range(0..10)),
            room: random.random_bool(0.3).then(|| random.random_range(0..600)),
            sync_fails: random.random_bool(0.3),
        };
        self.tell(format!("the disk: {faults:?}"));
        self.disk.set_faults(faults);
    }

    fn store_faults(&mut self) {
        let random = &mut self.random;
        let all = [
            StoreFault::WriteRefused,
            StoreFault::Unreachable,
            StoreFault::AnswerLost,
            StoreFault::TriedTwice,
        ];
        let faults = StoreFaults {
            after: random.random_range(0..12),
            lasts: if random.random_bool(0.3) { u32::MAX } else { random.random_range(1..4) },
            fault: all[random.random_range(0..all.len())],
        };
        let faults = random.random_bool(0.8).then_some(faults);
        self.tell(format!("the store: {faults:?}"));
        self.store.set_faults(faults);
    }

    fn pass_time(&mut self) {
        let random = &mut self.random;
        let micros = match random.random_range(0..10) {
            0 => MICROS_PER_DAY,
            _ => random.random_range(0..10) * MICROS_PER_SECOND,
        };
        self.clock.set(self.clock.now() + micros);
        self.tell(format!("{} s pass", micros / MICROS_PER_SECOND));
    }

    fn deliver(&mut self, life: &mut Life) {
        let which: Vec<usize> =
            (0..self.random.random_range(1..4)).map(|_| self.next_sent()).collect();
        let which: BTreeSet<usize> = which.into_iter().collect();
        let mut taking = JoinSet::new();
        for which in which {
            let (wal, delivery) = (life.parts.wal.clone(), self.model.sent[which].delivery.clone());
            taking
                .spawn_on(async move { (which, wal.take(delivery).await) }, life.runtime.handle());
        }
        let writing = &mut life.parts.writing;
        let answers: Vec<(usize, Result<Taken, Refused>)> = life.runtime.block_on(async {
            let mut answers = Vec::new();
            while !taking.is_empty() {
                tokio::task::yield_now().await;
                writing.run_waiting();
                while let Some(answer) = taking.try_join_next() {
                    answers.push(answer.expect("an answer"));
                }
            }
            answers
        });
        for (which, answer) in answers {
            let sent = &self.model.sent[which];
            self.tell(format!("{:?} {:?}: {answer:?}", sent.delivery.key, sent.numbers));
            if let Ok(taken) = answer {
                self.model.answered(which, taken);
            }
        }
    }

    /// One that has a key is sent again, or something new.
    fn next_sent(&mut self) -> usize {
        let sent = self.model.sent.iter().enumerate();
        let keyed: Vec<usize> =
            sent.filter(|(_, sent)| sent.delivery.key.is_some()).map(|(which, _)| which).collect();
        if !keyed.is_empty() && self.random.random_bool(0.3) {
            return keyed[self.random.random_range(0..keyed.len())];
        }
        let is_parts = self.random.random_bool(0.25);
        let mut records = RawRecords::default();
        let mut all = Vec::new();
        for _ in 0..self.random.random_range(1..5) {
            let record = if is_parts { self.part() } else { self.record() };
            all.extend(numbers(&record));
            records.push(&record, None);
        }
        let key = self.random.random_bool(0.5).then(|| format!("key-{}", self.model.sent.len()));
        let delivery = Delivery {
            input: if self.random.random_bool(0.5) { "http" } else { "forward" }.to_owned(),
            stream: "app".to_owned(),
            key,
            arrival: self.clock.now(),
            records,
        };
        self.model.sent.push(Sent { delivery, numbers: all, is_acknowledged: false, is_parts });
        self.model.sent.len() - 1
    }

    fn number(&mut self) -> Number {
        self.next_number += 1;
        self.next_number
    }

    fn record(&mut self) -> Vec<u8> {
        let number = self.number();
        // Each table that is written costs time: of most worlds one has all.
        match self.random.random_range(0..100) {
            place if place < self.plain => {
                format!(r#"{{"level":"info","message":"of ~{number}~"}}"#).into_bytes()
            }
            ..98 => format!("a line about ~{number}~").into_bytes(),
            _ => [format!("~{number}~").as_bytes(), b"\xff\xfe\0"].concat(),
        }
    }

    /// Of a line that a container runtime cut.
    fn part(&mut self) -> Vec<u8> {
        if self.lines.is_empty() || self.random.random_bool(0.3) {
            let id = self.number();
            self.lines.push((id, 0));
        }
        let which = self.random.random_range(0..self.lines.len());
        let number = self.number();
        let (id, ordinal) = &mut self.lines[which];
        *ordinal += 1;
        let is_last = self.random.random_bool(0.4);
        let part = format!(
            r#"{{"container_id":"c{id}","container_name":"/web","source":"stdout","log":"~{number}~","partial_message":"true","partial_id":"p{id}","partial_ordinal":"{ordinal}","partial_last":"{is_last}"}}"#
        );
        let told = format!("{number} is part {ordinal} of line {id}, the last: {is_last}");
        self.tell(told);
        if is_last {
            self.lines.swap_remove(which);
        }
        part.into_bytes()
    }

    fn decode(&mut self, life: &mut Life) {
        let end = *life.parts.wal.synced().borrow();
        let decoding = &mut life.parts.decoding;
        let read = decoding.read_some(end);
        life.runtime.block_on(decoding.hand_on());
        self.tell(format!("decoded up to {end}"));
        read.expect("the disk can be read");
        self.model.decoded();
        self.ask(life);
    }

    /// A batch, while questions are asked, and sometimes files merged.
    fn flush(&mut self, life: &mut Life) {
        let Life { runtime, lake, parts, .. } = life;
        let merges = self.random.random_bool(0.15);
        let (made, asked, merged) = runtime.block_on(async {
            tokio::join!(
                parts.flushing.attempt(),
                questions(lake, &self.store, &mut self.model, &mut self.files, 2),
                async {
                    match merges {
                        true => merge_all(lake, self.options.work.memory).await,
                        false => Ok(()),
                    }
                },
            )
        });
        self.tell(format!("a batch: {made:?}; asked: {asked:?}; merged ({merges}): {merged:?}"));
        self.ask(life);
    }

    fn upkeep(&mut self, life: &mut Life) {
        let spec_of = |table: &TableSnapshot| known_table(&table.name, &table.schema).spec;
        let memory = self.options.work.memory;
        let merges = self.random.random_bool(0.5);
        let mut upkeep = Upkeep::new(life.lake.clone(), memory, spec_of);
        let (kept, asked) = life.runtime.block_on(async {
            tokio::join!(
                async {
                    match merges {
                        true => merge_all(&life.lake, memory).await,
                        false => upkeep.round(&|_| ()).await,
                    }
                },
                questions(&life.lake, &self.store, &mut self.model, &mut self.files, 2),
            )
        });
        self.tell(format!("upkeep: {kept:?}; asked: {asked:?}"));
        self.ask(life);
    }

    fn fold(&mut self, life: &mut Life) {
        let left = self.random.random_range(0..3);
        let Life { runtime, parts, .. } = life;
        let folded = runtime.block_on(parts.flushing.writer.fold(left));
        self.tell(format!("folded but for {left}: {folded:?}"));
    }

    fn archive(&mut self, life: &mut Life) {
        let end = *life.parts.wal.synced().borrow();
        let archiving = life.parts.archiving.as_mut().expect("streams are archived");
        let ended = life.ended.take().unwrap_or_else(|| {
            archiving.read_some(end).expect("the disk can be read");
            archiving.end_objects().expect("in memory")
        });
        let put = life.runtime.block_on(archiving.put(&ended));
        self.tell(format!("archived up to {end}: {put:?}"));
        life.ended = put.is_err().then_some(ended);
    }

    /// A question that nothing comes between, now and then.
    fn ask(&mut self, life: &Life) {
        if self.random.random_bool(0.5) {
            return;
        }
        let asked = questions(&life.lake, &self.store, &mut self.model, &mut self.files, 1);
        let asked = life.runtime.block_on(asked);
        if let Err(error) = asked {
            self.tell(format!("asked: {error}"));
        }
    }

    /// Nothing goes wrong any more: everything drains.
    fn end(&mut self, mut life: Life) {
        self.tell("the end".to_owned());
        self.decode(&mut life);
        self.clock.set(self.clock.now() + 60 * MICROS_PER_SECOND);
        self.decode(&mut life);
        self.flush(&mut life);
        let Life { runtime, lake, .. } = &life;
        runtime.block_on(merge_all(lake, self.options.work.memory)).expect("merged");
        let healthy = self.store.healthy();
        let seen = runtime.block_on(look(lake, &healthy, &mut self.files)).expect("an answer");
        self.model.check(&self.model.acknowledged(), &seen);
        assert!(seen.hot.is_empty() && *lake.hot().bytes().borrow() == 0, "{seen:?}");
        // What an earlier fold left is gone then.
        self.fold(&mut life);
        self.check_batches(&life, &seen);
        self.archive(&mut life);
        self.archive(&mut life);
        self.check_archive(&life);
        life.parts.writing.run_waiting();
        let segments = self.disk.list(&self.folder.path().join("wal")).expect("a folder");
        assert!(segments.len() <= 1, "tables and archive have what is in {segments:?}");
    }

    /// Each record that was acknowledged is archived, and none twice.
    fn check_archive(&mut self, life: &Life) {
        let (mut sequences, mut archived) = (BTreeSet::new(), BTreeSet::new());
        for (path, content) in self.objects(life, "raw") {
            let mut text = String::new();
            GzDecoder::new(&content[..]).read_to_string(&mut text).expect("gzip");
            for line in text.lines() {
                let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
                let sequence = line["sequence"].as_u64().expect("a number");
                assert!(sequences.insert(sequence), "{path}: {sequence} is archived twice");
                archived.extend(numbers(line["record"].as_str().expect("text").as_bytes()));
            }
        }
        let missing: Vec<Number> =
            self.model.acknowledged().difference(&archived).copied().collect();
        assert!(missing.is_empty(), "{missing:?} are not archived");
    }

    /// What the batches say adds up, and is what the tables have.
    fn check_batches(&mut self, life: &Life, seen: &Look) {
        let (mut stored, mut set_aside) = (0, 0);
        for (path, content) in self.objects(life, "_kura/batches") {
            let batch: serde_json::Value = match path.ends_with(".zst") {
                true => {
                    let json = zstd::decode_all(&content[..]).expect("a fold");
                    serde_json::from_slice(&json).expect("JSON")
                }
                false => serde_json::from_slice(&content).expect("JSON"),
            };
            assert_ne!(batch["state"], "open", "{path}");
            let count = |name: &str| batch["counts"][name].as_u64().expect("a count");
            let sum = count("stored") + count("duplicates") + count("quarantined");
            assert_eq!(count("records"), sum, "{path}: {batch}");
            stored += count("stored");
            set_aside += count("quarantined");
        }
        assert_eq!((stored + set_aside, set_aside), (seen.rows, seen.set_aside));
    }

    fn objects(&self, life: &Life, folder: &str) -> Vec<(String, Vec<u8>)> {
        let (healthy, folder) = (self.store.healthy(), life.lake.location().path(folder));
        life.runtime.block_on(async {
            let mut all = Vec::new();
            let mut folders = vec![folder];
            while let Some(folder) = folders.pop() {
                let listed = healthy.list_with_delimiter(Some(&folder)).await.expect("a list");
                folders.extend(listed.common_prefixes);
                for object in listed.objects {
                    let found = healthy.get(&object.location).await.expect("there");
                    let content = found.bytes().await.expect("there").to_vec();
                    all.push((object.location.to_string(), content));
                }
            }
            all
        })
    }
}

/// Asks again and again, and checks what is answered.
async fn questions(
    lake: &Lake,
    store: &SimulatedStore,
    model: &mut Model,
    files: &mut Files,
    times: usize,
) -> Result<(), StoreError> {
    for _ in 0..times {
        let expected = model.expected();
        let seen = look(lake, &store.healthy(), files).await?;
        model.check(&expected, &seen);
    }
    Ok(())
}

async fn merge_all(lake: &Lake, memory: MemoryPlan) -> Result<(), StoreError> {
    for name in lake.tables().await? {
        match lake.snapshot(&name).await {
            Ok(table) => {
                compact(lake, &known_table(&name, &table.schema).spec, memory).await?;
            }
            Err(StoreError::NoTable(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
