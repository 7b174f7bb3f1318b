//! `SIGKILL` at random moments while events come: whatever was acknowledged is there once, and
//! nothing that was never sent. Senders have a key for each delivery and send it again until it
//! is acknowledged, as Fluent Bit does, and as whoever uses `Idempotency-Key` can.
//!
//! `cargo xtask torture` runs the same for longer, against an optimised build.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use crate::forward_wire::{Forward, Packer};
use crate::http::Http;
use crate::node::{Node, Settings};
use crate::program::{ok, text};

const KILLS: u64 = 8;
const EVENTS: u64 = 20_000;
const SEED: u64 = 0x6b75_7261;
/// Events in a delivery.
const DELIVERY: u64 = 20;
const FORWARD_SENDERS: usize = 4;
const HTTP_SENDERS: usize = 2;
/// Within it there is a flush, and a look at whether files are to be merged.
const LIFE: Duration = Duration::from_millis(2_500);
/// Within it the log is opened, and what is in it decoded.
const BIRTH: Duration = Duration::from_millis(400);
/// Files in the table before: with those that come, there are enough to be merged.
const FILES_BEFORE: u64 = 7;
const COUNTS: &str = "select count(*), count(distinct cast(json_get_text(record, 'n') as bigint)), \
    min(cast(json_get_text(record, 'n') as bigint)), max(cast(json_get_text(record, 'n') as bigint)) \
    from jsonlog where message = 'a number'";

fn asked_for(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().expect("a number"))
}

/// What senders and the one who kills know of each other.
struct Course {
    state: Mutex<State>,
    changed: Condvar,
    deliveries: u64,
    /// Times that something was sent again.
    again: AtomicU64,
}

#[derive(Default)]
struct State {
    is_up: bool,
    /// Deliveries that were begun, that may be begun, that were acknowledged.
    begun: u64,
    allowed: u64,
    acknowledged: u64,
}

impl Course {
    fn new(deliveries: u64) -> Self {
        let (state, changed, again) = Default::default();
        Course { state, changed, deliveries, again }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    fn wait(&self, until: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let state = self.changed.wait_while(self.lock(), |state| !until(state));
        state.unwrap_or_else(PoisonError::into_inner)
    }

    /// The next delivery to send; `None` after the last.
    fn next(&self) -> Option<u64> {
        let mut state = self.wait(|s| s.begun < s.allowed || s.begun == self.deliveries);
        let next = (state.begun < self.deliveries).then_some(state.begun);
        state.begun += u64::from(next.is_some());
        next
    }

    /// Sends one delivery after the other, each until it is acknowledged, over connections that
    /// are made anew when they break.
    fn send_all<C>(
        &self,
        connect: impl Fn() -> io::Result<C>,
        send: impl Fn(&mut C, u64) -> io::Result<()>,
    ) {
        let mut kept = None;
        while let Some(delivery) = self.next() {
            loop {
                drop(self.wait(|state| state.is_up));
                let sent = match kept.take() {
                    Some(connection) => Ok(connection),
                    None => connect(),
                };
                let sent = sent.and_then(|mut connection| {
                    send(&mut connection, delivery).map(|()| connection)
                });
                if let Ok(connection) = sent {
                    kept = Some(connection);
                    break;
                }
                self.again.fetch_add(1, Ordering::Relaxed);
            }
            self.change(|state| state.acknowledged += 1);
        }
    }
}

fn numbers(delivery: u64) -> std::ops::Range<u64> {
    delivery * DELIVERY..(delivery + 1) * DELIVERY
}

/// In one message, with the delivery's number for its chunk.
fn send_forward(connection: &mut Forward, delivery: u64) -> io::Result<()> {
    let mut entries = Packer::default();
    for n in numbers(delivery) {
        let seconds = 1_795_219_200 + u32::try_from(n % 86_400).expect("small");
        entries = entries.array(2).time(seconds, 1_000).map(3);
        entries = entries.text("level").text("info").text("message").text("a number");
        entries = entries.text("n").number(n as i64);
    }
    let chunk = format!("delivery {delivery}");
    let message = Packer::default().array(3).text("numbers").bytes(&entries.0);
    let message = message.map(1).text("chunk").text(&chunk);
    connection.send(&message.0)?;
    connection.acknowledged(&chunk)
}

fn send_http(client: &mut Http, delivery: u64) -> io::Result<()> {
    let line = |n| {
        format!(
            "{{\"time\":\"2026-11-21T00:00:00Z\",\"level\":\"info\",\"message\":\"a number\",\"n\":{n}}}\n"
        )
    };
    let body: String = numbers(delivery).map(line).collect();
    let key = delivery.to_string();
    let headers = [("Idempotency-Key", key.as_str()), ("Content-Type", "application/x-ndjson")];
    let answer = client.request("POST", "/api/v1/ingest/numbers", &headers, body.as_bytes())?;
    match answer.status {
        200 => Ok(()),
        429 | 503 => Err(io::ErrorKind::ResourceBusy.into()),
        status => panic!("{status}: {}", answer.body),
    }
}

/// A sequence that is the same for a seed: xorshift.
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// What was done to the server.
#[derive(Debug, Default)]
struct Done {
    /// Killed while senders sent, some time after, and before it took anything.
    among_deliveries: u64,
    within_a_life: u64,
    at_birth: u64,
    /// Asked to end, among deliveries, and not killed.
    asked: u64,
    merges: u64,
}

/// Kills it once: among deliveries, at whatever comes after them (a flush, a merge, nothing), or
/// in a start, in turn, at a moment that is drawn; now and then it is only asked to end. Starts
/// it again.
fn kill_once(node: &mut Node, course: &Course, kill: u64, seed: &mut u64, done: &mut Done) {
    let patience = |most: Duration, dice: u64| {
        Duration::from_micros(dice % u64::try_from(most.as_micros()).expect("short"))
    };
    match kill % 4 {
        0 | 3 => {
            let more = random(seed) % 40;
            let wanted = course.lock().acknowledged + more;
            drop(course.wait(|s| s.acknowledged >= wanted.min(s.allowed)));
        }
        1 => {
            done.merges += node.listen_for(patience(LIFE, random(seed)), "small files are one now");
            done.within_a_life += 1;
        }
        _ => {
            course.change(|state| state.is_up = false);
            node.kill();
            node.spawn();
            node.listen_for(patience(BIRTH, random(seed)), "");
            done.at_birth += 1;
        }
    }
    done.merges += node.listen_for(Duration::ZERO, "small files are one now");
    course.change(|state| state.is_up = false);
    match kill % 4 {
        3 => {
            node.terminate();
            done.asked += 1;
        }
        kind => {
            assert!(node.kill(), "it ended by itself");
            done.among_deliveries += u64::from(kind == 0);
        }
    }
    node.start_again();
    course.change(|state| state.is_up = true);
}

/// A small file of the table that events go to.
fn import_one(folder: &Path, n: u64) {
    let line = format!(
        "{{\"time\":\"2026-11-21T00:00:00Z\",\"level\":\"info\",\"message\":\"before {n}\"}}\n"
    );
    let file = folder.join("before.jsonl");
    std::fs::write(&file, line).expect("to disk");
    ok(&["--lake", text(&folder.join("lake")), "import", text(&file)]);
}

#[test]
fn what_was_acknowledged_survives_kills() {
    let kills = asked_for("KURA_TORTURE_KILLS").unwrap_or(KILLS);
    let deliveries = asked_for("KURA_TORTURE_EVENTS").unwrap_or(EVENTS).div_ceil(DELIVERY);
    let seed = asked_for("KURA_TORTURE_SEED").unwrap_or(SEED).max(1);
    let program = std::env::var_os("KURA_TORTURE_PROGRAM").map(Into::into);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let settings = Settings { flush_seconds: 1, upkeep: 1, program, ..Settings::default() };
    (0..FILES_BEFORE).for_each(|n| import_one(folder.path(), n));
    let mut node = Node::start(folder.path(), settings);
    let (http, forward) = (node.http.clone(), node.forward.clone());
    let course = Course::new(deliveries);
    course.change(|state| state.is_up = true);
    let (mut state, mut done) = (seed, Done::default());
    std::thread::scope(|scope| {
        for _ in 0..FORWARD_SENDERS {
            scope.spawn(|| course.send_all(|| Forward::open(&forward), send_forward));
        }
        for _ in 0..HTTP_SENDERS {
            scope.spawn(|| course.send_all(|| Ok(Http::new(&http)), send_http));
        }
        // Every life has its share of the deliveries.
        for kill in 1..=kills {
            course.change(|s| s.allowed = deliveries * kill / (kills + 1));
            kill_once(&mut node, &course, kill, &mut state, &mut done);
            if kill % 20 == 0 {
                let acknowledged = course.lock().acknowledged * DELIVERY;
                eprintln!("{kill} kills, {acknowledged} events acknowledged");
            }
        }
        course.change(|s| s.allowed = deliveries);
    });
    let events = deliveries * DELIVERY;
    let expected = json!([events, events, 0, events - 1]);
    node.until(COUNTS, &expected);
    node.until_files_below("jsonlog", FILES_BEFORE + 1);
    done.merges += node.listen_for(Duration::ZERO, "small files are one now");
    node.terminate();
    let totals = node.batch_totals();
    let again = course.again.load(Ordering::Relaxed);
    eprintln!(
        "seed {seed}: {kills} kills ({done:?}), {deliveries} deliveries, {again} sent again; \
         in batches: {totals:?}"
    );
    assert_eq!((totals["stored"], totals["quarantined"]), (events + FILES_BEFORE, 0));
    node.start_again();
    assert_eq!(node.sql(COUNTS), [expected], "from the tables alone");
    let others =
        "select count(*), count(distinct message) from jsonlog where message <> 'a number'";
    assert_eq!(node.sql(others), [json!([FILES_BEFORE, FILES_BEFORE])]);
}

/// Whoever sends to another server when one is down: each of the two has all that it
/// acknowledged, once it is up again.
#[test]
fn two_servers_lose_nothing_that_either_acknowledged() {
    const DELIVERIES: u64 = 200;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let settings = Settings { flush_seconds: 1, upkeep: 1, ..Settings::default() };
    let mut nodes =
        ["one", "two"].map(|name| Node::start(&folder.path().join(name), settings.clone()));
    let addresses = [0, 1].map(|at: usize| nodes[at].forward.clone());
    let acknowledged: [Mutex<Vec<u64>>; 2] = Default::default();
    let course = Course::new(DELIVERIES);
    let send = &|from: usize| {
        let mut at = from;
        let mut kept = None;
        while let Some(delivery) = course.next() {
            loop {
                let connection = match kept.take() {
                    Some(connection) => Ok(connection),
                    None => Forward::open(&addresses[at]),
                };
                let sent = connection.and_then(|mut connection| {
                    send_forward(&mut connection, delivery).map(|()| connection)
                });
                if let Ok(connection) = sent {
                    kept = Some(connection);
                    break;
                }
                at = 1 - at;
            }
            acknowledged[at].lock().expect("no panic").extend(numbers(delivery));
            course.change(|state| state.acknowledged += 1);
        }
    };
    std::thread::scope(|scope| {
        (0..4).for_each(|sender| drop(scope.spawn(move || send(sender % 2))));
        for (round, at) in [0, 1, 0].into_iter().enumerate() {
            let share = DELIVERIES * (round as u64 + 1) / 4;
            course.change(|state| state.allowed = share + 10);
            drop(course.wait(|state| state.acknowledged >= share));
            assert!(nodes[at].kill());
            course.change(|state| state.allowed = share + 20);
            drop(course.wait(|state| state.acknowledged >= share + 20));
            nodes[at].start_again();
        }
        course.change(|state| state.allowed = DELIVERIES);
    });
    let mut everywhere = std::collections::BTreeSet::new();
    for (node, acknowledged) in nodes.iter_mut().zip(&acknowledged) {
        let acknowledged = acknowledged.lock().expect("no panic");
        assert!(!acknowledged.is_empty(), "both were sent to");
        // Once it ended, all that it ever took is in its tables.
        node.terminate();
        node.batch_totals();
        node.start_again();
        let rows = node.sql("select cast(json_get_text(record, 'n') as bigint) from jsonlog");
        let mut there: Vec<u64> = rows.iter().filter_map(|row: &Value| row[0].as_u64()).collect();
        there.sort_unstable();
        assert!(there.is_sorted_by(|a, b| a < b), "a number is there twice");
        let lost: Vec<_> =
            acknowledged.iter().filter(|n| there.binary_search(n).is_err()).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        everywhere.extend(there);
    }
    assert!(everywhere.into_iter().eq(0..DELIVERIES * DELIVERY), "all that was sent, and no more");
}
