//! `SIGKILL` at random points of imports and compactions: begun again, they end with the
//! tables and the counts of an import that was not killed.

use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::batches::{Batches, batches};
use crate::program::{DEMO, kura, ok, text};

/// Kills in a test run; `KURA_KILLS` asks for more.
const KILLS: u32 = 12;

fn import(lake: &Path) -> Child {
    let bucket = DEMO.bucket();
    start(lake, &["import", text(&bucket)])
}

fn compact(lake: &Path) -> Child {
    start(lake, &["compact"])
}

/// With as little memory as there may be: runs are short and batches many.
fn start(lake: &Path, args: &[&str]) -> Child {
    kura()
        .args(["--lake", text(lake), "--memory", "64MiB"])
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("kura runs")
}

/// Ends the child after `patience` unless it ends before: `true` if it was killed.
fn kill_after(mut child: Child, patience: Duration) -> bool {
    let pid = child.id();
    let (done, waits) = mpsc::channel();
    let waiter = std::thread::spawn(move || {
        let status = child.wait().expect("a child");
        let _ = done.send(());
        status
    });
    let killed = waits.recv_timeout(patience).is_err();
    if killed {
        let kill = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status();
        assert!(kill.is_ok(), "kill is there");
    }
    let status = waiter.join().expect("no panic");
    killed && !status.success()
}

/// Every row, and what all batches came to.
fn contents(lake: &Path) -> (String, Vec<u64>) {
    let mut rows = String::new();
    for (table, time) in [("cloudtrail", "eventtime"), ("vpcflow", "start"), ("alb", "time")] {
        let statement =
            format!("select _id, _origin, day, {time} from {table} order by _id, _origin");
        rows += &ok(&["--lake", text(lake), "sql", &statement, "-o", "csv"]).stdout;
    }
    (rows, batch_totals(lake))
}

fn batch_totals(lake: &Path) -> Vec<u64> {
    let fields = ["objects", "records", "stored", "duplicates", "conflicting", "quarantined"];
    let mut totals = vec![0; fields.len()];
    for Batches { counts, .. } in batches(lake) {
        for (total, field) in totals.iter_mut().zip(fields) {
            *total += counts[field].as_u64().expect("a number");
        }
    }
    totals
}

/// A sequence that is the same in every run: xorshift.
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

#[test]
fn what_is_killed_anywhere_ends_as_what_was_not() {
    let wanted = std::env::var("KURA_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(KILLS);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let reference = folder.path().join("reference");
    let started = std::time::Instant::now();
    assert!(import(&reference).wait().expect("a child").success());
    let whole = u64::try_from(started.elapsed().as_micros()).expect("not that long");
    let expected = contents(&reference);
    let started = std::time::Instant::now();
    assert!(compact(&reference).wait().expect("a child").success());
    let merging = u64::try_from(started.elapsed().as_micros()).expect("not that long");
    assert_eq!(contents(&reference), expected, "compaction changes no row");

    let (mut kills, mut lakes, mut state) = (0, 0, 0x6b75_7261);
    while kills < wanted {
        let lake = folder.path().join(format!("lake-{lakes}"));
        lakes += 1;
        assert!(lakes < 20 * wanted, "the import ends before it can be killed");
        while kills < wanted {
            let patience = Duration::from_micros(random(&mut state) % whole);
            if !kill_after(import(&lake), patience) {
                break;
            }
            kills += 1;
        }
        assert!(import(&lake).wait().expect("a child").success());
        assert_eq!(contents(&lake), expected, "after {kills} kills");
        let patience = Duration::from_micros(random(&mut state) % merging);
        kills += u32::from(kill_after(compact(&lake), patience));
        assert_eq!(contents(&lake), expected, "a compaction killed, after {kills} kills");
        assert!(compact(&lake).wait().expect("a child").success());
        assert_eq!(contents(&lake), expected, "compacted, after {kills} kills");
        std::fs::remove_dir_all(&lake).expect("to disk");
    }
    eprintln!("{kills} kills over {lakes} lakes");
}
