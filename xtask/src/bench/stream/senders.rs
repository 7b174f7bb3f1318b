//! Senders: connections that send chunks, as fast as they are acknowledged or when each is due,
//! and time their acks.
//!
//! A connection has two threads: one writes, one reads acks. Between them is a queue of chunks
//! that are not acknowledged; its length is the window.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::chunks::{ACK_BYTES, Chunk, RECORDS};

/// Whoever says nothing for so long is not waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// Chunks of an open loop that wait for their acks; more are not sent before.
const OPEN_WINDOW: usize = 10_000;
/// Whoever may not send looks so often whether it may.
const BETWEEN_LOOKS: Duration = Duration::from_millis(2);

#[derive(Clone, Copy)]
pub enum Pace {
    /// So many chunks of a connection are under way.
    Window(usize),
    /// One is due after each such time, whatever became of those before.
    Every(Duration),
}

#[derive(Clone, Copy)]
pub struct Load {
    pub address: SocketAddr,
    pub connections: usize,
    pub pace: Pace,
    pub lasts: Duration,
}

/// Numbers of chunks, and what is acknowledged so far, over all loads of a Kura.
pub struct Sent {
    chunks: AtomicU64,
    events: AtomicU64,
    /// No more events than these are sent for now.
    allowed: AtomicU64,
}

impl Default for Sent {
    fn default() -> Self {
        let allowed = AtomicU64::new(u64::MAX);
        Sent { chunks: AtomicU64::default(), events: AtomicU64::default(), allowed }
    }
}

impl Sent {
    pub fn allow(&self, events: u64) {
        self.allowed.store(events, Ordering::Relaxed);
    }

    fn is_allowed(&self) -> bool {
        let sent = self.chunks.load(Ordering::Relaxed) * RECORDS;
        sent < self.allowed.load(Ordering::Relaxed)
    }

    pub fn acknowledged(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }
}

/// What became of a load.
#[derive(Default)]
pub struct Outcome {
    pub events: u64,
    /// Up to the last ack.
    pub seconds: f64,
    /// From when each chunk was due (or began to be sent) to its ack, ascending.
    latencies: Vec<Duration>,
}

struct Waiting {
    due: Instant,
    ack: [u8; ACK_BYTES],
}

impl Outcome {
    pub fn rate(&self) -> f64 {
        self.events as f64 / self.seconds
    }

    pub fn latencies(&self) -> Spread {
        Spread::of(&self.latencies)
    }
}

/// Of times, in milliseconds.
#[derive(Clone, Copy)]
pub struct Spread {
    pub p50: f64,
    pub p99: f64,
    pub max: f64,
}

impl Spread {
    /// Of times in ascending order.
    pub fn of(times: &[Duration]) -> Spread {
        let at = |share: f64| {
            let place = (times.len() as f64 * share) as usize;
            let time = times.get(place.min(times.len().saturating_sub(1)));
            time.map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
        };
        Spread { p50: at(0.5), p99: at(0.99), max: at(1.0) }
    }
}

/// Runs a load to its end, and waits for its last ack.
pub fn send(load: &Load, sent: &Sent) -> Result<Outcome> {
    let streams: Vec<TcpStream> =
        (0..load.connections).map(|_| connect(load.address)).collect::<Result<_>>()?;
    let chunks: Vec<Chunk> = (0..load.connections as u64).map(|at| Chunk::new(at << 32)).collect();
    let start = Instant::now();
    let ends: Vec<Result<Outcome>> = thread::scope(|scope| {
        let threads = streams.into_iter().zip(chunks).enumerate();
        let threads = threads.map(|(at, (stream, chunk))| {
            scope.spawn(move || connection(load, at, stream, chunk, start, sent))
        });
        let threads: Vec<_> = threads.collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| bail!("it panicked")))
            .collect()
    });
    let mut all = Outcome::default();
    for end in ends {
        let mut end = end.context("a sender")?;
        all.events += end.events;
        all.seconds = all.seconds.max(end.seconds);
        all.latencies.append(&mut end.latencies);
    }
    all.latencies.sort_unstable();
    Ok(all)
}

pub fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE).context("connecting")?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Sends one chunk and waits for its ack; when that came.
pub fn send_one(stream: &mut TcpStream, chunk: &mut Chunk, sent: &Sent) -> Result<Instant> {
    let number = sent.chunks.fetch_add(1, Ordering::Relaxed);
    stream.write_all(chunk.numbered(number)).context("sending")?;
    let came = read_ack(stream, &chunk.ack())?;
    sent.events.fetch_add(1, Ordering::Relaxed);
    Ok(came)
}

fn connection(
    load: &Load,
    at: usize,
    mut stream: TcpStream,
    chunk: Chunk,
    start: Instant,
    sent: &Sent,
) -> Result<Outcome> {
    let window = match load.pace {
        // The reader holds one more.
        Pace::Window(window) => window.saturating_sub(1),
        Pace::Every(_) => OPEN_WINDOW,
    };
    let (queue, waiting) = sync_channel(window);
    let acks = stream.try_clone().context("a connection's other half")?;
    thread::scope(|scope| {
        let reader = scope.spawn(move || read_acks(acks, &waiting, start, sent));
        let written = write(load, at, &mut stream, chunk, start, &queue, sent);
        drop(queue);
        let read = reader.join().unwrap_or_else(|_| bail!("it panicked"))?;
        written.map(|()| read)
    })
}

fn write(
    load: &Load,
    at: usize,
    stream: &mut TcpStream,
    mut chunk: Chunk,
    start: Instant,
    queue: &SyncSender<Waiting>,
    sent: &Sent,
) -> Result<()> {
    for round in 0.. {
        let due = match load.pace {
            Pace::Window(_) => Instant::now(),
            Pace::Every(time) => {
                let number = round * load.connections + at;
                start + time.mul_f64(number as f64)
            }
        };
        if due >= start + load.lasts || start.elapsed() >= load.lasts {
            break;
        }
        thread::sleep(due.saturating_duration_since(Instant::now()));
        while !sent.is_allowed() && start.elapsed() < load.lasts {
            thread::sleep(BETWEEN_LOOKS);
        }
        let number = sent.chunks.fetch_add(1, Ordering::Relaxed);
        let bytes = chunk.numbered(number);
        stream.write_all(bytes).context("sending")?;
        // Nobody reads acks any more: the reader says why.
        if queue.send(Waiting { due, ack: chunk.ack() }).is_err() {
            break;
        }
    }
    Ok(())
}

fn read_acks(
    mut stream: TcpStream,
    waiting: &Receiver<Waiting>,
    start: Instant,
    sent: &Sent,
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    for next in waiting {
        let came = read_ack(&mut stream, &next.ack)?;
        outcome.events += RECORDS;
        outcome.seconds = (came - start).as_secs_f64();
        outcome.latencies.push(came - next.due);
        sent.events.fetch_add(RECORDS, Ordering::Relaxed);
    }
    Ok(outcome)
}

fn read_ack(stream: &mut TcpStream, expected: &[u8]) -> Result<Instant> {
    let mut ack = [0; ACK_BYTES];
    stream.read_exact(&mut ack).context("Kura closed the connection, or acknowledged nothing")?;
    if ack != *expected {
        bail!("this is not the ack of the chunk: {ack:x?}");
    }
    Ok(Instant::now())
}
