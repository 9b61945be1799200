//! Where a run was sent, what it uses there, and what its starts cost; read beside its curves.
//!
//! Start at [`Placement::poll`].

use domain::Phrase;
use jobs::{JobRecord, book};
use runs::{
    GpuRecord, ResourceRecord, RunDir, resources,
    segments::{self, Account},
};
use std::{path::Path, time::SystemTime};

/// What is known of a run's place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// Where it was sent and with which command; `None` when nobody sent it.
    pub record: Option<JobRecord>,
    /// Why that cannot be read.
    pub problem: Option<Phrase>,
    /// What the worker used lately.
    pub used: Option<ResourceRecord>,
    /// What its starts cost together.
    pub account: Account,
}

/// Follows a run's place.
#[derive(Debug, Default)]
pub struct Placement {
    place: Place,
    /// When `job.json` changed last.
    changed: Option<SystemTime>,
    /// Starts, and whether the last one was over, when the account was drawn up.
    counted: (usize, bool),
}

impl Placement {
    /// Returns what is known.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Looks again; returns whether anything visible changed.
    pub fn poll(&mut self, run: &RunDir) -> bool {
        let before = self.place.clone();
        self.read_record(run.path());
        let used = resources::latest(run).ok().flatten();
        self.place.used = used.map(rounded);
        let starts = run.segments().len();
        let ended = ["done.json", "failed.json"];
        let over = ended.iter().any(|name| run.path().join(name).exists());
        if (starts, over) != self.counted {
            self.counted = (starts, over);
            self.place.account = segments::account(&segments::history(run));
        }
        self.place != before
    }

    fn read_record(&mut self, run: &Path) {
        let meta = std::fs::metadata(run.join("job.json"));
        let changed = meta.and_then(|meta| meta.modified()).ok();
        if changed == self.changed {
            return;
        }
        self.changed = changed;
        (self.place.record, self.place.problem) = match JobRecord::read(run) {
            Ok(record) => (record, None),
            Err(error) => (None, Some(book::said(&error))),
        };
    }
}

/// Rounds to what is shown, so that a figure that flickers below that is no news.
fn rounded(record: ResourceRecord) -> ResourceRecord {
    let to = |step: f64| move |value: f64| (value / step).round() * step;
    ResourceRecord {
        t: domain::Nanos::default(),
        cpu_percent: record.cpu_percent.map(to(5.0)),
        threads: record.threads,
        rss_mib: record.rss_mib.map(to(16.0)),
        load: record.load.map(to(0.5)),
        available_mib: record.available_mib.map(to(512.0)),
        free_mib: record.free_mib.map(to(1024.0)),
        gpus: record.gpus.into_iter().map(rounded_gpu).collect(),
        ..ResourceRecord::default()
    }
}

fn rounded_gpu(gpu: GpuRecord) -> GpuRecord {
    let to = |step: f64| move |value: f64| (value / step).round() * step;
    GpuRecord {
        utilisation_percent: gpu.utilisation_percent.map(to(5.0)),
        memory_used_mib: gpu.memory_used_mib.map(to(128.0)),
        power_watts: gpu.power_watts.map(to(10.0)),
        celsius: gpu.celsius.map(to(1.0)),
        ..gpu
    }
}
