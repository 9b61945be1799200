//! Tests that need a whole run directory; those of a single part sit in its own file.

mod creating;
mod holding;
mod listing;
mod logs;
mod mailbox;
mod models;
mod observing;
mod reading;
mod segments;
mod torn;

use crate::{Home, Kind, MetricRecord, NewRun, Owner, RunDir, Segment, Status};
use domain::{ManualClock, Nanos, StreamRng};
use std::{collections::BTreeMap, fs};
use tempfile::TempDir;

const SETTINGS: &str = "[train]\nlearning_rate = 3e-4 # built-in default\nsteps = 1000\n";

/// A home in a temporary directory, with a clock that stands at 2024-01-31.
struct Place {
    _dir: TempDir,
    home: Home,
    clock: ManualClock,
    rng: StreamRng,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            home: Home::at(dir.path().join("runs")),
            _dir: dir,
            clock: ManualClock::at(Nanos::from_millis(1_706_745_599_000)),
            rng: StreamRng::seeded(1),
        }
    }

    fn run(&mut self, name: &str) -> RunDir {
        self.run_with(name, SETTINGS)
    }

    fn run_with(&mut self, name: &str, settings: &str) -> RunDir {
        let new = NewRun {
            name,
            kind: Kind::Train,
            parent: None,
            settings,
            version: "0.1.0",
        };
        RunDir::create(&self.home, &new, &self.clock, &mut self.rng).unwrap()
    }

    fn begin(&self, run: &RunDir) -> Segment {
        Segment::begin(run, None, &self.clock).unwrap()
    }
}

fn metric(step: u64, value: f64) -> MetricRecord {
    MetricRecord {
        step,
        t: Nanos(i64::try_from(step).unwrap()),
        k: BTreeMap::from([("loss/policy".to_owned(), value)]),
    }
}

/// Makes it look as if the newest worker had been another process.
fn pretend_owner(run: &RunDir, change: impl FnOnce(&mut Owner)) {
    let segment = *run.segments().last().unwrap();
    let path = run.layout().claim(segment);
    let mut owner: Owner = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut owner);
    fs::write(&path, serde_json::to_vec(&owner).unwrap()).unwrap();
}

/// Makes the status an old file on its disk.
fn grow_old(run: &RunDir) {
    let status = fs::File::options()
        .write(true)
        .open(run.layout().status())
        .unwrap();
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1);
    status.set_modified(long_ago).unwrap();
}

fn died(owner: &mut Owner) {
    owner.start_ticks += 1;
}

fn elsewhere(owner: &mut Owner) {
    owner.boot = "another machine".to_owned();
    owner.host = "g3001".to_owned();
}

/// Writes a status as the newest worker would.
fn say(run: &RunDir, change: impl FnOnce(&mut Status)) {
    let path = run.layout().status();
    let mut status = Status::read(&path).unwrap().unwrap();
    change(&mut status);
    status.write(&path).unwrap();
}
