//! What a process costs and holds, from /proc and the lake's folder, at once and over time.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::node::Node;
use super::senders::Spread;
use crate::repo;

/// Of /proc/PID/stat, whatever the kernel counts in.
const TICKS_PER_SECOND: f64 = 100.0;
const FLOOR_APPENDS: u64 = 200;
const FLOOR_BYTES: usize = 300 << 10;

/// CPU seconds by the names of a process' threads.
#[derive(Clone, Default)]
pub struct Cpu(BTreeMap<String, f64>);

impl Cpu {
    pub fn of(process: u32) -> Cpu {
        let mut threads = BTreeMap::new();
        let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten();
        let stats =
            tasks.flatten().filter_map(|task| fs::read_to_string(task.path().join("stat")).ok());
        for stat in stats {
            if let Some((name, seconds)) = thread_seconds(&stat) {
                *threads.entry(name).or_default() += seconds;
            }
        }
        // Of threads that ended, too.
        let whole = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let whole = thread_seconds(&whole).map_or(0.0, |(_, seconds)| seconds);
        let rest = whole - threads.values().sum::<f64>();
        threads.insert("ended".to_owned(), rest.max(0.0));
        Cpu(threads)
    }

    pub fn since(&self, before: &Cpu) -> Cpu {
        let spent = |(name, now): (&String, &f64)| {
            (name.clone(), (now - before.0.get(name).unwrap_or(&0.0)).max(0.0))
        };
        Cpu(self.0.iter().map(spent).collect())
    }

    pub fn seconds(&self) -> f64 {
        self.0.values().sum()
    }

    /// The threads that took the most, as shares.
    pub fn shares(&self) -> String {
        let mut threads: Vec<_> = self.0.iter().filter(|(_, s)| **s > 0.0).collect();
        threads.sort_by(|a, b| b.1.total_cmp(a.1));
        let share =
            |(name, s): &(&String, &f64)| format!("{name} {:.0} %", *s / self.seconds() * 100.0);
        threads.iter().take(5).map(share).collect::<Vec<_>>().join(", ")
    }
}

/// Name, and seconds in user and kernel mode.
fn thread_seconds(stat: &str) -> Option<(String, f64)> {
    let (head, rest) = stat.rsplit_once(") ")?;
    let name = head.split_once('(')?.1;
    let mut fields = rest.split(' ').skip(11).map(str::parse::<f64>);
    let ticks = fields.next()?.ok()? + fields.next()?.ok()?;
    Some((name.to_owned(), ticks / TICKS_PER_SECOND))
}

/// What is held at a moment.
#[derive(Clone, Copy)]
pub struct Sample {
    pub seconds: f64,
    pub memory_bytes: u64,
    pub wal_bytes: u64,
    /// In the tables' folders, those merged away among them.
    pub files: usize,
}

/// Looks every so often while something runs; `told` hears of each look.
pub fn while_running<T>(
    node: &Node,
    every: Duration,
    told: impl Fn(&Sample) + Send + Sync,
    run: impl FnOnce() -> T,
) -> (T, Vec<Sample>) {
    let start = Instant::now();
    let (stop, stopped) = channel::<()>();
    thread::scope(|scope| {
        let looking = scope.spawn(move || {
            let mut samples = Vec::new();
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(every) {
                let sample = look(node, start);
                told(&sample);
                samples.push(sample);
            }
            samples
        });
        let ran = run();
        drop(stop);
        (ran, looking.join().unwrap_or_default())
    })
}

fn look(node: &Node, start: Instant) -> Sample {
    let bytes_of = |file: &std::path::PathBuf| fs::metadata(file).map_or(0, |file| file.len());
    Sample {
        seconds: start.elapsed().as_secs_f64(),
        memory_bytes: memory_bytes(node.process(), "VmRSS:"),
        // Files come and go while one looks: what is gone is none.
        wal_bytes: repo::walk(&node.lake.join("_kura/node/wal"))
            .unwrap_or_default()
            .iter()
            .map(bytes_of)
            .sum(),
        files: data_files(&node.lake),
    }
}

pub fn data_files(lake: &Path) -> usize {
    let files = repo::walk(&lake.join("tables")).unwrap_or_default();
    let is_log = |file: &Path| file.components().any(|part| part.as_os_str() == "_delta_log");
    files.iter().filter(|f| f.extension().is_some_and(|e| e == "parquet") && !is_log(f)).count()
}

/// `VmRSS:` is what a process holds now, `VmHWM:` the most that it ever did.
pub fn memory_bytes(process: u32, line: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|each| each.strip_prefix(line));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}

/// How long an append of a chunk's size and its sync take on this disk, with nobody beside.
pub fn floor(folder: &Path) -> Result<Spread> {
    let path = folder.join("floor");
    let file = File::create_new(&path).context("a file to sync")?;
    (&file).write_all(b"begun")?;
    file.sync_all()?;
    let bytes = vec![0x5a; FLOOR_BYTES];
    let mut times = Vec::new();
    for at in 0..FLOOR_APPENDS {
        let start = Instant::now();
        file.write_all_at(&bytes, at * FLOOR_BYTES as u64)?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    fs::remove_file(&path)?;
    times.sort_unstable();
    Ok(Spread::of(&times))
}

/// MiB of memory per minute, by least squares over the later half.
pub fn slope(samples: &[Sample]) -> f64 {
    let later = &samples[samples.len() / 2..];
    let count = later.len() as f64;
    let x = |sample: &Sample| sample.seconds / 60.0;
    let y = |sample: &Sample| sample.memory_bytes as f64 / f64::from(1 << 20);
    let (mean_x, mean_y) =
        (later.iter().map(x).sum::<f64>() / count, later.iter().map(y).sum::<f64>() / count);
    let above: f64 = later.iter().map(|s| (x(s) - mean_x) * (y(s) - mean_y)).sum();
    let below: f64 = later.iter().map(|s| (x(s) - mean_x).powi(2)).sum();
    above / below
}

#[cfg(test)]
mod tests {
    use super::{Sample, slope, thread_seconds};

    #[test]
    fn reads_what_a_thread_spent() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 64 100 0 0 0 250 50 0 0 20 0 1 0 5";
        assert_eq!(thread_seconds(stat), Some(("a (b) c".to_owned(), 3.0)));
        assert_eq!(thread_seconds(""), None);
    }

    #[test]
    fn a_slope_is_that_of_the_later_half() {
        let sample = |at: u64, mib: u64| Sample {
            seconds: at as f64 * 60.0,
            memory_bytes: mib << 20,
            wal_bytes: 0,
            files: 0,
        };
        let samples = [sample(0, 1), sample(1, 99), sample(2, 10), sample(3, 12), sample(4, 14)];
        assert!((slope(&samples) - 2.0).abs() < 1.5, "{}", slope(&samples));
        assert!((slope(&samples[2..]) - 2.0).abs() < 1e-6);
    }
}
