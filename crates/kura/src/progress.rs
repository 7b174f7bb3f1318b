//! The progress of an import: a bar on a terminal, notes as lines.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use kura_ingest::{Note, NoteKind, Progress};
use tokio_util::sync::CancellationToken;

use crate::terminal::{printable, stderr_is_terminal};

/// Notes shown as they come; the rest is counted at the end.
const NOTES_SHOWN: u64 = 20;

pub struct Bar {
    bar: ProgressBar,
    records: Arc<AtomicU64>,
    notes: AtomicU64,
    /// Objects with nothing to import, by what they are: how many, and the first.
    nothing: Mutex<BTreeMap<String, (u64, String)>>,
}

impl Bar {
    pub fn new() -> Self {
        let target = match stderr_is_terminal() {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        Bar {
            bar: ProgressBar::with_draw_target(None, target),
            records: Arc::default(),
            notes: AtomicU64::new(0),
            nothing: Mutex::default(),
        }
    }

    /// Takes the bar away and says what held nothing to import.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
        let nothing = self.nothing.lock().unwrap_or_else(PoisonError::into_inner);
        for (what, (objects, first)) in nothing.iter() {
            let others = match objects {
                1 => String::new(),
                more => format!(" and {} more", more - 1),
            };
            eprintln!("{}", printable(&format!("nothing to import ({what}): {first}{others}")));
        }
    }

    /// Notes that were not shown.
    pub fn notes_hidden(&self) -> u64 {
        self.notes.load(Ordering::Relaxed).saturating_sub(NOTES_SHOWN)
    }
}

impl Progress for Bar {
    fn begin(&self, _objects: u64, bytes: u64) {
        let records = self.records.clone();
        let show = move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
            let _ = write!(out, "{}", HumanCount(records.load(Ordering::Relaxed)));
        };
        let template =
            "{bar:30} {bytes}/{total_bytes}  {records} records  {bytes_per_sec}  {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style.with_key("records", show));
        }
        self.bar.set_length(bytes);
        self.bar.enable_steady_tick(Duration::from_millis(200));
    }

    fn bytes(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    fn records(&self, records: u64) {
        self.records.fetch_add(records, Ordering::Relaxed);
    }

    fn note(&self, note: &Note) {
        if note.kind == NoteKind::Nothing {
            let mut nothing = self.nothing.lock().unwrap_or_else(PoisonError::into_inner);
            nothing.entry(note.detail.clone()).or_insert((0, note.object.clone())).0 += 1;
            return;
        }
        if self.notes.fetch_add(1, Ordering::Relaxed) >= NOTES_SHOWN {
            return;
        }
        let word = match note.kind {
            NoteKind::Nothing | NoteKind::Unreadable => "failed",
            NoteKind::Corrupt => "broken off",
            NoteKind::Quarantined => "quarantine",
        };
        let line = printable(&format!("{word}: {}: {}", note.object, note.detail));
        self.bar.suspend(|| eprintln!("{line}"));
    }
}

/// Runs to its end; Ctrl-C asks it to end early.
pub async fn interruptible<T>(cancel: CancellationToken, work: impl Future<Output = T>) -> T {
    let interrupt = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            cancel.cancel();
        }
    });
    let outcome = work.await;
    interrupt.abort();
    outcome
}
