//! A training that writes as a worker does, without learning anything: for benches and tests.

use domain::{Clock, Nanos, StreamRng, SystemClock};
use runs::{
    Home, Journals, Kind, MetricRecord, NewRun, Outcome, Phase, RunDir, Segment, State, Success,
};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
};

/// Environment steps between two records.
const STRIDE: u64 = 4_096;
const PLANNED: u64 = 2_000_000_000;
const SEEDS: u64 = 2;

/// The training; it is at work for as long as it lives.
pub struct Live {
    pub run: RunDir,
    segment: Segment,
    journals: Vec<Journals>,
    log: File,
    clock: SystemClock,
    updates: u64,
    noise: u64,
    lines: u64,
}

impl Live {
    /// Begins a run of `name` with two seeds.
    pub fn begin(home: &Home, name: &str) -> Self {
        let clock = SystemClock::new();
        let new = NewRun {
            name,
            kind: Kind::Train,
            parent: None,
            settings: "[train]\nseeds = [1, 2]\n",
            version: "0.1.0",
        };
        let mut rng = StreamRng::seeded(clock.now().0.unsigned_abs());
        let run = RunDir::create(home, &new, &clock, &mut rng).unwrap();
        let segment = Segment::begin(&run, None, &clock).unwrap();
        let journals = (1..=SEEDS).map(|seed| segment.seed(seed, None).unwrap());
        let journals = journals.collect();
        let folder = run.path().join("log");
        fs::create_dir_all(&folder).unwrap();
        let log = File::create(folder.join("0001.log")).unwrap();
        let mut live = Self {
            run,
            segment,
            journals,
            log,
            clock,
            updates: 0,
            noise: 1,
            lines: 0,
        };
        live.tick();
        live
    }

    /// A number in `[-1, 1)` (Vigna's xorshift64*).
    fn noise(&mut self) -> f64 {
        self.noise ^= self.noise >> 12;
        self.noise ^= self.noise << 25;
        self.noise ^= self.noise >> 27;
        let bits = self.noise.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11;
        bits as f64 / (1_u64 << 52) as f64 - 1.0
    }

    /// Goes on by one record of four figures for each seed.
    pub fn tick(&mut self) {
        self.updates += 1;
        let at = self.updates as f64;
        for seed in 0..SEEDS {
            let noise = self.noise();
            let figures = [
                ("rollout/episode_return", at.sqrt() * 0.1 + noise),
                ("valid/score", (at * 0.003).sin() + noise * 0.2),
                ("loss/entropy", 1.1 * (-at * 0.0004).exp() + noise * 0.01),
                ("loss/approx_kl", 0.02 + noise * 0.01),
            ];
            let figures = figures.map(|(name, value)| (name.to_owned(), value));
            let record = MetricRecord {
                step: self.updates * STRIDE,
                t: Nanos(self.clock.now().0),
                k: figures.into(),
            };
            let journals = &mut self.journals[seed as usize];
            journals.metric(&record).unwrap();
            journals.flush().unwrap();
        }
        let step = self.updates * STRIDE;
        self.segment.status().edit(|status| {
            status.state = State::Running;
            status.phase = Some(Phase::Training { seed: 2 });
            (status.step, status.total_steps) = (step, PLANNED);
            (status.seed_index, status.seed_count) = (2, 2);
        });
        self.segment.status().write_now(&self.clock).unwrap();
    }

    /// Ends it well.
    pub fn finish(self) {
        let success = Success {
            at: self.clock.now(),
            verdict: None,
            metrics: BTreeMap::new(),
        };
        let done = Outcome::Done(success);
        self.segment.finish(&done, &self.clock).unwrap();
    }

    /// Writes `count` lines into its log.
    pub fn say(&mut self, count: u64) -> io::Result<()> {
        let mut lines = String::new();
        for _ in 0..count {
            self.lines += 1;
            let line = self.lines;
            lines.push_str(&format!(
                "2026-01-01T00:00:00Z INFO update {line} took 12 ms\n"
            ));
        }
        self.log.write_all(lines.as_bytes())
    }
}
