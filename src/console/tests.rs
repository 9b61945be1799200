//! Tests over whole screens and real run directories; those of a single part sit in its own file.

mod accessible;
mod actions;
mod alerting;
mod appearance;
mod bandwidth;
mod broken_settings;
mod chaos;
mod charting;
mod colours;
mod conversation;
mod corners;
mod damage;
mod fakes;
mod files;
mod form;
mod glancing;
mod handbook;
mod jobs;
mod journal;
mod judging;
mod keys;
mod korean;
mod launching;
mod line;
mod log_reader;
mod log_search;
mod logs;
mod marking;
mod odd_figures;
mod pictures;
mod practising;
mod promoting;
mod random;
mod remembering;
mod resting;
mod saving;
mod scenes;
mod scratch;
mod screens;
mod shelves;
mod silence;
mod sizes;
mod staging;
mod steering;
mod stray;
mod svg;
mod touring;
mod undoing;
mod using_shelves;
mod watching;
mod withdrawing;
mod works;

use self::{
    fakes::{destinations, preview, queue},
    files::answers,
};
use crate::{
    caps::{Caps, Depth, Glyphs},
    chord::Chord,
    host::Host,
    job_news::JobNews,
    message::{Effect, Message, SettingsNews},
    run_files::RunFiles,
    state::State,
    theme::Theme,
    update::update,
    view::view,
};
use ::jobs::{JobRow, Listing, Source};
use config::LoadRequest;
use crossterm::event::KeyCode;
use domain::{Clock, Lang, ManualClock, Nanos, Phrase, StreamRng};
use ratatui::{buffer::Buffer, layout::Rect};
use runs::{
    EquityRecord, Event, Home, Kind, MetricRecord, NewRun, Outcome, Phase, Roster, RunDir, Scope,
    Segment, Side, State as RunState, Success, TradeRecord, Verdict,
};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tempfile::TempDir;

/// The configuration that comes with makook.
fn shipped() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../configs")
}

/// The presets that come with makook, read once.
static PRESETS: OnceLock<Vec<config::Preset>> = OnceLock::new();

const SETTINGS: &str =
    "[agent]\nlearning_rate = 3e-4\n\n[train]\ntotal_steps = 100_000\nseeds = [1, 2]\n";

/// A home with runs made by the real writers, at a clock that stands still.
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
        let new = NewRun {
            name,
            kind: Kind::Train,
            parent: None,
            settings: SETTINGS,
            version: "0.1.0",
        };
        self.clock.advance(Duration::from_secs(60));
        RunDir::create(&self.home, &new, &self.clock, &mut self.rng).unwrap()
    }

    /// A run in the middle of its second seed.
    fn training(&mut self, name: &str) -> (RunDir, Segment) {
        let run = self.run(name);
        let mut segment = Segment::begin(&run, None, &self.clock).unwrap();
        train_seed(&segment, 1, 50);
        train_seed(&segment, 2, 20);
        segment.status().edit(|status| {
            status.state = RunState::Running;
            status.phase = Some(Phase::Training { seed: 2 });
            (status.step, status.total_steps) = (140_000, 200_000);
            (status.rate, status.eta_seconds) = (51_234.0, Some(71.0));
            (status.seed_index, status.seed_count) = (2, 2);
        });
        segment.status().write_now(&self.clock).unwrap();
        let now = self.clock.now();
        let event = Event::NewBest {
            metric: "valid/score".into(),
            value: 0.4312,
        };
        segment.journals().event(now, Some(90_000), event).unwrap();
        let says = Phrase::new("KL is far above its target", "KL이 목표보다 훨씬 큽니다");
        segment
            .journals()
            .event(now, Some(91_000), Event::Warning { says })
            .unwrap();
        (run, segment)
    }

    /// A run that was judged.
    fn judged(&mut self, name: &str) -> RunDir {
        let (run, mut segment) = self.training(name);
        let (equity, trades) = (equity(300), trades(25));
        segment.journals().equity(&equity).unwrap();
        segment.journals().trades(&trades).unwrap();
        let success = Success {
            at: self.clock.now(),
            verdict: Some(Verdict {
                word: "no_edge".into(),
                says: Phrase::new(
                    "No edge after costs on held-out time.",
                    "시험 구간에서 비용을 빼면 우위가 없습니다.",
                ),
                positive: false,
            }),
            metrics: BTreeMap::from([("test/sharpe".into(), -0.21), ("test/return".into(), -0.04)]),
        };
        segment
            .finish(&Outcome::Done(success), &self.clock)
            .unwrap();
        run
    }

    /// The state after everything was read once, with nothing chosen by hand.
    fn state(&self, lang: Lang, size: (u16, u16)) -> State {
        let project = self.home.root().parent().unwrap();
        let mut state = State::new(project, lang, size, None);
        let host = Host {
            name: "node".into(),
            cpus: 8,
            busy: Some(2),
            memory_gib: 64,
            used_gib: Some(12),
            gpus: Vec::new(),
            low_disk: None,
        };
        self.tell(&mut state, Message::Host(host));
        self.look(&mut state);
        let ids: Vec<_> = state.runs.all.iter().map(|run| run.id.clone()).collect();
        for run in ids {
            let values = (0..40)
                .map(|n| f64::from(n * 7 % 11) + f64::from(n))
                .collect();
            self.tell(&mut state, Message::Spark { run, values });
        }
        let request = LoadRequest {
            dir: project.join("configs"),
            ..LoadRequest::default()
        };
        let news = SettingsNews {
            experiments: vec![project.join("configs/demo.toml")],
            presets: PRESETS
                .get_or_init(|| config::presets(&shipped()).0)
                .clone(),
            outcome: config::load(&request),
        };
        self.tell(&mut state, Message::Settings(Box::new(news)));
        state
    }

    /// Tells of `jobs`, which a cluster answered with a while ago and the local pool just now.
    fn list(&self, state: &mut State, jobs: Vec<JobRow>) {
        let now = self.clock.now();
        let source = |profile: &str, age: i64| Source {
            profile: profile.into(),
            seen_at: Nanos(now.0 - age * 1_000_000_000),
            problems: Vec::new(),
        };
        let sources = vec![source("local", 0), source("klone", 23)];
        let news = JobNews::of(Listing { jobs, sources }, now);
        self.tell(state, Message::Jobs(Ok(news)));
    }

    /// Reads the list and the chosen run.
    fn look(&self, state: &mut State) {
        let runs = Roster::new(self.home.clone()).refresh(&self.clock).unwrap();
        self.tell(state, Message::Roster(Ok(runs)));
        self.read_chosen(state);
    }

    fn read_chosen(&self, state: &mut State) {
        let Some(path) = state.run().map(|run| run.path.clone()) else {
            return;
        };
        if let Some(data) = RunDir::open_path(&path)
            .ok()
            .and_then(|run| RunFiles::new(run).poll())
        {
            self.tell(state, Message::Run(Arc::new(data)));
        }
    }

    /// Reads the runs that are laid over the chosen one.
    fn read_overlaid(&self, state: &mut State) {
        for id in state.overlaid.clone() {
            let run = RunDir::open_path(&self.home.run(&id)).unwrap();
            if let Some(data) = RunFiles::new(run).poll() {
                self.tell(state, Message::Run(Arc::new(data)));
            }
        }
    }

    fn tell(&self, state: &mut State, message: Message) -> Vec<Effect> {
        update(state, message, self.clock.steady())
    }

    /// Presses `keys` in a row, then lets the cursor rest.
    fn press(&self, state: &mut State, keys: &[Chord]) -> Vec<Effect> {
        let presses = keys.iter().map(|key| Message::Press(*key));
        let mut effects: Vec<Effect> = presses.flat_map(|key| self.tell(state, key)).collect();
        effects.extend(self.rest(state));
        effects
    }

    /// Lets the cursor rest until the details have followed, whether their files are here or not.
    fn rest(&self, state: &mut State) -> Vec<Effect> {
        let mut effects = Vec::new();
        while let Some(due) = state.resting.due() {
            effects.extend(update(state, Message::Tick, due));
        }
        effects
    }
}

fn train_seed(segment: &Segment, seed: u64, updates: u32) {
    let mut journals = segment.seed(seed, None).unwrap();
    for update in 1..=updates {
        let x = f64::from(update);
        let k = BTreeMap::from([
            (
                "rollout/episode_return".to_owned(),
                (x * 0.3 + seed as f64).sin() + x * 0.04,
            ),
            ("valid/score".to_owned(), (x * 0.2).cos() * 0.3 - 1.0 / x),
            ("loss/entropy".to_owned(), 1.1 * (-x * 0.02).exp()),
            (
                "loss/approx_kl".to_owned(),
                if update == 7 {
                    f64::NAN
                } else {
                    0.01 + 0.002 * x
                },
            ),
            ("loss/clip_fraction".to_owned(), 0.1 + 0.001 * x),
            ("loss/explained_variance".to_owned(), 1.0 - 1.0 / x),
        ]);
        let step = u64::from(update) * 2_000;
        journals
            .metric(&MetricRecord {
                step,
                t: Nanos(i64::from(update)),
                k,
            })
            .unwrap();
    }
    journals.flush().unwrap();
}

fn equity(count: i64) -> Vec<EquityRecord> {
    let mut peak = f64::MIN;
    (0..count)
        .map(|bar| {
            let value = 10_000.0 + 800.0 * (bar as f64 * 0.05).sin() - bar as f64;
            peak = peak.max(value);
            EquityRecord {
                step: 100_000,
                scope: Scope::Test,
                t: Nanos::from_millis(1_690_000_000_000 + bar * 3_600_000),
                equity: value,
                drawdown: 1.0 - value / peak,
                position: 1.0,
            }
        })
        .collect()
}

fn trades(count: u32) -> Vec<TradeRecord> {
    (0..count)
        .map(|n| TradeRecord {
            step: 100_000,
            scope: Scope::Test,
            side: if n % 3 == 0 { Side::Short } else { Side::Long },
            qty: 0.25,
            entry_bar: u64::from(n) * 10,
            entry_t: Nanos::from_millis(1_690_000_000_000 + i64::from(n) * 36_000_000),
            entry_price: 29_000.0 + f64::from(n),
            exit_bar: u64::from(n) * 10 + 7,
            exit_t: Nanos::from_millis(1_690_025_200_000 + i64::from(n) * 36_000_000),
            exit_price: 29_050.0 - f64::from(n) * 5.0,
            pnl: 12.0 - f64::from(n),
            fees: 1.45,
        })
        .collect()
}

fn key(code: KeyCode) -> Chord {
    Chord::key(code)
}

/// Returns what is said at the foot of the screen, in English.
fn said(state: &State) -> &str {
    &state.toast.as_ref().unwrap().says.en
}

fn typed(text: &str) -> Vec<Chord> {
    text.chars().map(Chord::char).collect()
}

fn caps(glyphs: Glyphs) -> Caps {
    Caps {
        depth: Depth::Mono,
        glyphs,
    }
}

fn drawn(state: &State, glyphs: Glyphs) -> Buffer {
    drawn_with(state, caps(glyphs)).0
}

/// The cells, and where the caret is.
fn drawn_with(state: &State, caps: Caps) -> (Buffer, Option<(u16, u16)>) {
    let theme = Theme::new(config::keys::Theme::Dark, caps.depth);
    let area = Rect::new(0, 0, state.size.0, state.size.1);
    let mut buffer = Buffer::empty(area);
    let caret = view(state, &caps, &theme, state.lang, area, &mut buffer);
    (buffer, caret)
}

/// The screen as text, one line a row, without trailing blanks.
fn screen(state: &State, glyphs: Glyphs) -> String {
    let buffer = drawn(state, glyphs);
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut hidden = 0;
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if hidden == 0 {
                line.push_str(symbol);
                hidden = crate::cells::width(symbol).saturating_sub(1);
            } else {
                hidden -= 1;
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
