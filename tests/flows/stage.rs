//! A project with runs that the real writers wrote, for flows that need no worker.

use crate::{console::Screen, place::Place};
use domain::{Clock, ManualClock, Nanos, Phrase, StreamRng, SystemClock};
use runs::{
    EquityRecord, Event, Home, Kind, MetricRecord, NewRun, Outcome, Phase, RunDir, Scope, Segment,
    Side, State, Success, TradeRecord, Verdict,
};
use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

const SETTINGS: &str = "[agent]\nlearning_rate = 3e-4\n\n[train]\nseeds = [1, 2]\n";
/// Rows of the log of every run.
const LOG: &str = "INFO importing data\nWARN 3 gaps repaired\nERROR 학습 중단\n";

/// The project; runs that are at work stay so for as long as it lives.
pub struct Stage {
    pub place: Place,
    home: Home,
    clock: ManualClock,
    rng: StreamRng,
    at_work: Vec<Segment>,
}

impl Stage {
    /// Without a run.
    pub fn new() -> Self {
        let place = Place::new();
        let hour_ago = SystemClock::new().now().0 - 3_600_000_000_000;
        Self {
            home: Home::at(place.path().join("logs/runs")),
            place,
            clock: ManualClock::at(Nanos(hour_ago)),
            rng: StreamRng::seeded(1),
            at_work: Vec::new(),
        }
    }

    /// With `alpha`, which was judged, and after it `beta`, which is at work.
    pub fn lived_in() -> Self {
        let mut stage = Self::new();
        stage.judged("alpha");
        stage.training("beta");
        stage
    }

    pub fn open(&self, env: &[(&str, &str)]) -> Screen {
        Screen::open(&self.place, 100, 30, env)
    }

    /// Opens a console and waits until the runs are there.
    pub fn opened(&self, env: &[(&str, &str)]) -> Screen {
        let mut screen = self.open(env);
        screen.wait_for("beta");
        screen
    }

    /// Opens a console with `alpha` chosen.
    pub fn on_alpha(&self, env: &[(&str, &str)]) -> Screen {
        let mut screen = self.opened(env);
        screen.press(b"\x1b[B");
        screen.wait_until("alpha is chosen", |shown| chosen(shown).contains("alpha"));
        screen
    }

    /// The directories of all runs.
    pub fn runs(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.home.root()).unwrap().flatten();
        let mut dirs: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| path.join("run.toml").is_file())
            .collect();
        dirs.sort();
        dirs
    }

    fn begin(&mut self, name: &str) -> (RunDir, Segment) {
        let new = NewRun {
            name,
            kind: Kind::Train,
            parent: None,
            settings: SETTINGS,
            version: "0.1.0",
        };
        self.clock.advance(Duration::from_secs(60));
        let run = RunDir::create(&self.home, &new, &self.clock, &mut self.rng).unwrap();
        let now = SystemClock::new();
        let mut segment = Segment::begin(&run, None, &now).unwrap();
        for (seed, updates) in [(1, 50), (2, 20)] {
            train(&segment, seed, updates);
        }
        segment.status().edit(|status| {
            status.state = State::Running;
            status.phase = Some(Phase::Training { seed: 2 });
            (status.step, status.total_steps) = (140_000, 200_000);
            (status.seed_index, status.seed_count) = (2, 2);
        });
        segment.status().write_now(&now).unwrap();
        let best = Event::NewBest {
            metric: "valid/score".into(),
            value: 0.4312,
        };
        segment
            .journals()
            .event(now.now(), Some(90_000), best)
            .unwrap();
        let log = run.path().join("log");
        fs::create_dir_all(&log).unwrap();
        fs::write(log.join("0001.log"), LOG).unwrap();
        (run, segment)
    }

    /// Adds a run that is at work.
    pub fn training(&mut self, name: &str) -> RunDir {
        let (run, segment) = self.begin(name);
        self.at_work.push(segment);
        run
    }

    /// Adds a run that was judged.
    pub fn judged(&mut self, name: &str) -> RunDir {
        let (run, mut segment) = self.begin(name);
        segment.journals().equity(&equity(300)).unwrap();
        segment.journals().trades(&trades(25)).unwrap();
        let success = Success {
            at: SystemClock::new().now(),
            verdict: Some(Verdict {
                word: "no_edge".into(),
                says: Phrase::new("No edge after costs.", "비용을 빼면 우위가 없습니다."),
                positive: false,
            }),
            metrics: BTreeMap::from([("test/sharpe".into(), -0.21)]),
        };
        segment
            .finish(&Outcome::Done(success), &SystemClock::new())
            .unwrap();
        run
    }
}

/// The row that the cursor is on.
pub fn chosen(shown: &str) -> &str {
    let row = shown.lines().find(|line| line.starts_with("> "));
    row.unwrap_or_default()
}

/// The name of the screen, as the header has it.
pub fn header(shown: &str) -> &str {
    let inside = shown.lines().next().unwrap_or_default().split_once('[');
    let inside = inside.and_then(|(_, rest)| rest.split_once(']'));
    inside.map_or("", |(name, _)| name)
}

fn train(segment: &Segment, seed: u64, updates: u32) {
    let mut journals = segment.seed(seed, None).unwrap();
    for update in 1..=updates {
        let x = f64::from(update);
        let values = [
            ("rollout/episode_return", (x * 0.3).sin() + x * 0.04),
            ("valid/score", (x * 0.2).cos() * 0.3 - 1.0 / x),
            ("loss/entropy", 1.1 * (-x * 0.02).exp()),
            ("loss/approx_kl", 0.01 + 0.0002 * x),
            ("loss/clip_fraction", 0.1 + 0.001 * x),
            ("loss/explained_variance", 1.0 - 1.0 / x),
        ];
        let record = MetricRecord {
            step: u64::from(update) * 2_000,
            t: Nanos(i64::from(update)),
            k: values.map(|(name, value)| (name.to_owned(), value)).into(),
        };
        journals.metric(&record).unwrap();
    }
    journals.flush().unwrap();
}

fn equity(count: i64) -> Vec<EquityRecord> {
    let one = |bar: i64| EquityRecord {
        step: 100_000,
        scope: Scope::Test,
        t: Nanos::from_millis(1_690_000_000_000 + bar * 3_600_000),
        equity: 10_000.0 + 800.0 * (bar as f64 * 0.05).sin() - bar as f64,
        drawdown: 0.1,
        position: 1.0,
    };
    (0..count).map(one).collect()
}

fn trades(count: u32) -> Vec<TradeRecord> {
    let one = |n: u32| TradeRecord {
        step: 100_000,
        scope: Scope::Test,
        side: if n.is_multiple_of(3) {
            Side::Short
        } else {
            Side::Long
        },
        qty: 0.25,
        entry_bar: u64::from(n) * 10,
        entry_t: Nanos::from_millis(1_690_000_000_000 + i64::from(n) * 36_000_000),
        entry_price: 29_000.0 + f64::from(n),
        exit_bar: u64::from(n) * 10 + 7,
        exit_t: Nanos::from_millis(1_690_025_200_000 + i64::from(n) * 36_000_000),
        exit_price: 29_050.0 - f64::from(n) * 5.0,
        pnl: 12.0 - f64::from(n),
        fees: 1.45,
    };
    (0..count).map(one).collect()
}
