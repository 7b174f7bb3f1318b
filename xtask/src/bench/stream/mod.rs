//! `cargo xtask bench stream`: what `kura serve` takes over Fluentd's forward protocol, and how
//! soon; generator and Kura share the machine.
//!
//! 1. the floor: appends of a chunk's size, each synced, with nobody beside
//! 2. as much as is acknowledged, for 15 seconds
//! 3. the same for `--seconds`, held back where more than 300,000 events are not searchable yet,
//!    with batches and compaction: what can be kept up
//! 4. half of that, each chunk at its time: how late acks are
//! 5. the same load, and single events in it: how long after its ack each is found
//! 6. for `--soak` seconds the same load: whether memory and files grow
//!
//! Records are of 300 bytes, chunks of a thousand. Each of 2 and 3 begins with an empty lake.

mod chunks;
mod node;
mod senders;
mod watch;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::Arguments;
use super::import::program;
use crate::repo;
use chunks::{Chunk, RECORDS};
use node::Node;
use senders::{Load, Outcome, Pace, Sent, Spread, send};
use watch::{Cpu, Sample};

const MEMORY: &str = "512MiB";
const FASTEST_LASTS: Duration = Duration::from_secs(15);
const PACED_LASTS: Duration = Duration::from_secs(20);
/// Acknowledged and not searchable yet: with more of them the load waits. Without such a limit
/// what is acknowledged would only show how fast the log grows.
const AHEAD_EVENTS: u64 = 300_000;
const FOLLOW_LOOK: Duration = Duration::from_millis(500);
const SOAK_LOOK: Duration = Duration::from_secs(10);
/// What was acknowledged must be found at all after so long.
const CATCH_UP_LIMIT: Duration = Duration::from_secs(180);
const FOUND_LIMIT: Duration = Duration::from_secs(15);
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(5);
/// Each takes some milliseconds of a core.
const BETWEEN_COUNTS: Duration = Duration::from_millis(250);
/// Not a multiple of anything that Kura waits for.
const BETWEEN_MARKERS: Duration = Duration::from_millis(237);
const COUNT: &str = "SELECT count(*) FROM jsonlog";
const MIB: f64 = 1_048_576.0;

struct Bench<'a> {
    kura: PathBuf,
    target: PathBuf,
    arguments: &'a Arguments,
}

/// A load, and what Kura and the generator spent on it.
struct Measured {
    outcome: Outcome,
    kura: Cpu,
    generator: f64,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let root = repo::root();
    let target = repo::target(&root)?;
    let kura = program(&root, &target, arguments)?;
    let bench = Bench { kura, target, arguments };
    let done = bench.run();
    repo::scratch(&bench.target, "bench-stream")?;
    done
}

impl Bench<'_> {
    fn run(&self) -> Result<()> {
        let bytes = Chunk::new(0).json_bytes as u64 / RECORDS;
        println!(
            "chunks of {RECORDS} records of {bytes} bytes as JSON, {} connections, {} chunks of each under way, `--memory {}`\n",
            self.arguments.connections,
            self.arguments.window,
            self.memory()
        );
        println!("| | |\n|---|---:|");
        tell_spread("an append of 300 KiB and its sync alone, ms", watch::floor(&self.folder()?)?);
        self.fastest()?;
        let (node, sent, rate) = self.sustained()?;
        self.half(&node, &sent, rate / 2.0)?;
        self.found(&node, &sent, rate / 2.0)?;
        if self.arguments.soak > 0 {
            self.soak(&node, &sent, rate / 2.0)?;
        }
        let peak = watch::memory_bytes(node.process(), "VmHWM:") as f64 / MIB;
        tell("peak memory of all of it, MiB", format!("{peak:.0}"));
        Ok(())
    }

    fn memory(&self) -> &str {
        self.arguments.memory.as_deref().unwrap_or(MEMORY)
    }

    fn folder(&self) -> Result<PathBuf> {
        repo::scratch(&self.target, "bench-stream")
    }

    fn start(&self) -> Result<Node> {
        Node::start(&self.kura, &self.folder()?, self.memory())
    }

    fn load(&self, node: &Node, pace: Pace, lasts: Duration) -> Load {
        Load { address: node.forward, connections: self.arguments.connections, pace, lasts }
    }

    fn as_fast_as_possible(&self, node: &Node, lasts: Duration) -> Load {
        self.load(node, Pace::Window(self.arguments.window), lasts)
    }

    fn paced(&self, node: &Node, events_per_second: f64, lasts: Duration) -> Load {
        let every = Duration::from_secs_f64(RECORDS as f64 / events_per_second);
        self.load(node, Pace::Every(every), lasts)
    }

    fn fastest(&self) -> Result<()> {
        let node = self.start()?;
        let load = self.as_fast_as_possible(&node, FASTEST_LASTS);
        let measured = measure(&node, &load, &Sent::default()).context("the highest rate")?;
        let Measured { outcome, kura, generator } = measured;
        tell("highest rate to the acknowledgement, events/s", grouped(outcome.rate()));
        let spent = format!("{:.1} / {generator:.1}", kura.seconds());
        tell("CPU seconds of Kura / of the generator meanwhile", spent);
        tell("events per CPU second of Kura", grouped(outcome.events as f64 / kura.seconds()));
        tell("by Kura's threads", kura.shares());
        tell_spread("acknowledged after, ms", outcome.latencies());
        Ok(())
    }

    /// Returns the events a second that were acknowledged and found, the time of finding them
    /// included.
    fn sustained(&self) -> Result<(Node, Sent, f64)> {
        let (node, sent) = (self.start()?, Sent::default());
        let load = self.as_fast_as_possible(&node, Duration::from_secs(self.arguments.seconds));
        sent.allow(AHEAD_EVENTS);
        let follow = |_: &Sample| {
            // The table comes with its first rows.
            let found = node.number(COUNT).unwrap_or(0);
            sent.allow(found + AHEAD_EVENTS);
        };
        let before = Cpu::of(node.process());
        let start = Instant::now();
        let run = || -> Result<_> {
            let measured = measure(&node, &load, &sent)?;
            Ok((measured, wait_for_all(&node, sent.acknowledged())?))
        };
        let (ran, samples) = watch::while_running(&node, FOLLOW_LOOK, follow, run);
        let (measured, ()) = ran.context("the sustained rate")?;
        let seconds = start.elapsed().as_secs_f64();
        sent.allow(u64::MAX);
        let cpu = Cpu::of(node.process()).since(&before);
        let Measured { outcome, .. } = measured;
        let rate = outcome.events as f64 / seconds;
        tell(
            &format!("acknowledged for {} s, events/s", self.arguments.seconds),
            grouped(outcome.rate()),
        );
        tell(
            "all of them searchable after the last ack, s",
            format!("{:.1}", seconds - outcome.seconds),
        );
        tell("sustained rate, to being searchable, events/s", grouped(rate));
        tell("events per CPU second of Kura", grouped(outcome.events as f64 / cpu.seconds()));
        tell("by Kura's threads", cpu.shares());
        tell("log at its largest, MiB", most(&samples, |sample| sample.wal_bytes as f64 / MIB));
        tell("log over time, MiB", over_time(&samples, |sample| sample.wal_bytes as f64 / MIB));
        tell("memory at its most, MiB", most(&samples, |sample| sample.memory_bytes as f64 / MIB));
        tell(
            "memory over time, MiB",
            over_time(&samples, |sample| sample.memory_bytes as f64 / MIB),
        );
        tell("files at the end", files(&node)?);
        Ok((node, sent, rate))
    }

    fn half(&self, node: &Node, sent: &Sent, rate: f64) -> Result<()> {
        let load = self.paced(node, rate, PACED_LASTS);
        let measured = measure(node, &load, sent).context("half of the sustained rate")?;
        let Measured { outcome, kura, .. } = measured;
        tell("at half of that, events/s", grouped(outcome.rate()));
        tell_spread("acknowledged after it was due, ms", outcome.latencies());
        tell("cores that Kura takes", format!("{:.2}", kura.seconds() / outcome.seconds));
        Ok(())
    }

    /// Of single events among others.
    fn found(&self, node: &Node, sent: &Sent, rate: f64) -> Result<()> {
        let load = self.paced(node, rate, PACED_LASTS);
        let (loaded, markers) = std::thread::scope(|scope| {
            let loading = scope.spawn(|| send(&load, sent));
            let markers = find_markers(node, sent, PACED_LASTS);
            (loading.join().unwrap_or_else(|_| bail!("it panicked")), markers)
        });
        loaded.context("the load around single events")?;
        let (found, questions) = markers?;
        tell_spread(
            &format!("found by SQL after the ack ({} events), ms", found.len()),
            Spread::of(&found),
        );
        tell_spread("a question for one meanwhile, ms", Spread::of(&questions));
        wait_for_all(node, sent.acknowledged())
    }

    fn soak(&self, node: &Node, sent: &Sent, rate: f64) -> Result<()> {
        let load = self.paced(node, rate, Duration::from_secs(self.arguments.soak));
        let told = |s: &Sample| {
            let (memory, log) = (s.memory_bytes as f64 / MIB, s.wal_bytes as f64 / MIB);
            eprintln!(
                "{:.0} s: {memory:.0} MiB of memory, log of {log:.0} MiB, {} files",
                s.seconds, s.files
            );
        };
        let run = || send(&load, sent);
        let (outcome, samples) = watch::while_running(node, SOAK_LOOK, told, run);
        let outcome = outcome.context("the soak")?;
        tell(&format!("soak of {} s, events/s", self.arguments.soak), grouped(outcome.rate()));
        tell_spread("acknowledged after it was due, ms", outcome.latencies());
        tell("memory over time, MiB", over_time(&samples, |s| s.memory_bytes as f64 / MIB));
        tell(
            "memory grows in its later half by, MiB a minute",
            format!("{:.1}", watch::slope(&samples)),
        );
        tell("files in the folders over time", over_time(&samples, |s| s.files as f64));
        tell("files at the end", files(node)?);
        Ok(())
    }
}

fn measure(node: &Node, load: &Load, sent: &Sent) -> Result<Measured> {
    let own = std::process::id();
    let (kura, generator) = (Cpu::of(node.process()), Cpu::of(own));
    let outcome = send(load, sent)?;
    let kura = Cpu::of(node.process()).since(&kura);
    Ok(Measured { outcome, kura, generator: Cpu::of(own).seconds() - generator.seconds() })
}

fn wait_for_all(node: &Node, events: u64) -> Result<()> {
    let start = Instant::now();
    loop {
        let found = node.number(COUNT)?;
        if found == events {
            return Ok(());
        }
        if found > events || start.elapsed() > CATCH_UP_LIMIT {
            bail!("{events} events were acknowledged, and {found} are found");
        }
        std::thread::sleep(BETWEEN_COUNTS);
    }
}

/// Sends single events, and asks for each until it is found: how long that takes after its ack,
/// and how long each question.
fn find_markers(
    node: &Node,
    sent: &Sent,
    lasts: Duration,
) -> Result<(Vec<Duration>, Vec<Duration>)> {
    let mut stream = senders::connect(node.forward)?;
    let (mut found, mut questions) = (Vec::new(), Vec::new());
    let start = Instant::now();
    while start.elapsed() < lasts {
        let request = format!("marker-{}", found.len());
        let statement = format!("{COUNT} WHERE request_id = '{request}'");
        let acknowledged = senders::send_one(&mut stream, &mut Chunk::marker(&request), sent)?;
        loop {
            let asked = Instant::now();
            let is_found = node.number(&statement)? > 0;
            questions.push(asked.elapsed());
            if is_found {
                break;
            }
            if acknowledged.elapsed() > FOUND_LIMIT {
                bail!("`{request}` was acknowledged and is not found");
            }
            std::thread::sleep(BETWEEN_QUESTIONS);
        }
        found.push(acknowledged.elapsed());
        std::thread::sleep(BETWEEN_MARKERS);
    }
    found.sort_unstable();
    questions.sort_unstable();
    Ok((found, questions))
}

fn files(node: &Node) -> Result<String> {
    let tables = node.files()?.into_iter().map(|(table, files)| format!("{table} {files}"));
    let tables = tables.collect::<Vec<_>>().join(", ");
    Ok(format!("{tables}; {} in the folders", watch::data_files(&node.lake)))
}

fn tell(what: &str, figure: impl AsRef<str>) {
    println!("| {what} | {} |", figure.as_ref());
}

fn tell_spread(what: &str, Spread { p50, p99, max }: Spread) {
    println!("| {what}: p50 / p99 / max | {p50:.1} / {p99:.1} / {max:.1} |");
}

fn most(samples: &[Sample], value: impl Fn(&Sample) -> f64) -> String {
    format!("{:.0}", samples.iter().map(value).fold(0.0, f64::max))
}

/// Ten values, evenly.
fn over_time(samples: &[Sample], value: impl Fn(&Sample) -> f64) -> String {
    let step = samples.len().div_ceil(10).max(1);
    let picked = samples.iter().skip(step - 1).step_by(step);
    picked.map(|sample| format!("{:.0}", value(sample))).collect::<Vec<_>>().join(" ")
}

/// `1,234,567`.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let (mut out, length) = (String::new(), digits.len());
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (length - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn numbers_have_commas() {
        let shown = [1.4, 999.0, 1000.0, 1_234_567.0].map(grouped);
        assert_eq!(shown, ["1", "999", "1,000", "1,234,567"]);
    }
}
