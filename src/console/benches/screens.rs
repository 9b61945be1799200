//! How long every screen takes at 200x60: `cargo bench -p console --bench screens`.
//!
//! A key is taken in, with the details that follow it, the screen drawn, compared with what the terminal shows and encoded: the bar is
//! 4 ms. Then the screen is gone to from another one, which changes all of it: the bar is 8 ms. There
//! are 200 runs, 1,000 jobs, a training of two seeds with 5,000 records each, and a judged run.

#[path = "stage/jobs.rs"]
mod cluster;
mod stage;

use backtest::report::Report;
use config::LoadRequest;
use console::{
    State,
    chord::Chord,
    log_news::{LogNews, LogPlace},
    message::{Message, SettingsNews},
    run_files::RunFiles,
    update,
};
use crossterm::event::KeyCode;
use domain::{Clock, Lang, Nanos, StreamRng, SystemClock};
use logbook::{Line, Window};
use runs::{
    EquityRecord, Event, Home, Kind, MetricRecord, NewRun, Roster, RunDir, RunsError, Scope,
    Segment, Side, TradeRecord,
};
use stage::{SIZE, Screen, tell, timed};
use std::{collections::BTreeMap, error::Error, fs, path::Path, sync::Arc};

const RUNS: usize = 200;
const RECORDS: u64 = 5_000;
const ROUNDS: usize = 300;

/// A screen: its name, the keys that lead there, and two keys that are pressed there in turn.
type Scene = (&'static str, &'static [Chord], [Chord; 2]);

const DOWN: Chord = Chord::key(KeyCode::Down);
const UP: Chord = Chord::key(KeyCode::Up);

const SCENES: &[Scene] = &[
    ("dashboard", &[Chord::char('1')], [DOWN, UP]),
    ("config", &[Chord::char('2')], [DOWN, UP]),
    (
        "run",
        &[Chord::char('3')],
        [Chord::char(','), Chord::char('.')],
    ),
    (
        "run, zoomed in and out",
        &[Chord::char('3')],
        [Chord::char('+'), Chord::char('-')],
    ),
    ("trades", &[Chord::char('4')], [DOWN, UP]),
    ("performance", &[Chord::char('5')], [DOWN, UP]),
    ("jobs", &[Chord::char('7')], [DOWN, UP]),
    ("logs", &[Chord::char('0')], [UP, DOWN]),
    ("help", &[Chord::char('3'), Chord::f(1)], [DOWN, UP]),
    (
        "palette",
        &[Chord::char('1'), Chord::ctrl('p')],
        [Chord::char('a'), Chord::key(KeyCode::Backspace)],
    ),
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let clock = SystemClock::new();
    let mut state = filled(folder.path(), &clock)?;
    let mut screen = Screen::new();
    let press = |state: &mut State, chord: Chord| stage::press(state, chord, &clock);
    for (name, there, keys) in SCENES {
        let home = match there[0] == Chord::char('2') {
            true => Chord::char('4'),
            false => Chord::char('2'),
        };
        let mut going = Vec::new();
        for _ in 0..ROUNDS {
            state.layers.clear();
            press(&mut state, home);
            screen.show(&state);
            let (last, before) = there.split_last().unwrap_or((&home, &[]));
            before.iter().for_each(|chord| press(&mut state, *chord));
            going.push(timed(&clock, || {
                press(&mut state, *last);
                screen.show(&state);
            }));
        }
        let mut times = Vec::new();
        for round in 0..ROUNDS {
            times.push(timed(&clock, || {
                press(&mut state, keys[round % 2]);
                screen.show(&state);
            }));
        }
        tell(&format!("{name}: a key"), &mut times)?;
        tell(&format!("{name}: the whole screen"), &mut going)?;
        let mut anew = Vec::new();
        for _ in 0..ROUNDS {
            screen.canvas.forget();
            anew.push(timed(&clock, || screen.show(&state)));
        }
        tell(&format!("{name}: every cell anew"), &mut anew)?;
    }
    Ok(())
}

/// Everything that a long evening of work leaves behind.
fn filled(folder: &Path, clock: &SystemClock) -> Result<State, Box<dyn Error>> {
    let home = Home::at(folder.join("runs"));
    let mut rng = StreamRng::seeded(1);
    let mut last = None;
    for n in 0..RUNS {
        let new = NewRun {
            name: &format!("run {n}"),
            kind: Kind::Train,
            parent: None,
            settings: "[train]\ntotal_steps = 10_000_000\n",
            version: "0",
        };
        last = Some(RunDir::create(&home, &new, clock, &mut rng)?);
    }
    let run = last.ok_or("there is a run")?;
    let _segment = recorded(&run, clock)?;
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut state = State::new(&project, Lang::Ko, SIZE, Some(run.id().clone()));
    let mut take = |message: Message| update(&mut state, message, clock.steady());
    take(Message::Roster(Ok(Roster::new(home).refresh(clock)?)));
    take(Message::Jobs(Ok(cluster::news(1_000, 0))));
    let request = LoadRequest {
        dir: project.join("configs"),
        ..LoadRequest::default()
    };
    take(Message::Settings(Box::new(SettingsNews {
        experiments: Vec::new(),
        presets: Vec::new(),
        outcome: config::load(&request),
    })));
    if let Some(data) = RunFiles::new(run.clone()).poll() {
        take(Message::Run(Arc::new(data)));
    }
    let lines = (0..u64::from(SIZE.1)).map(|n| Line {
        at: n * 60,
        text: format!("2024-01-31 INFO step {n} of the training 학습"),
        ..Line::default()
    });
    // A page is taken in only while that log is looked at.
    take(Message::Press(Chord::char('0')));
    take(Message::Log(LogNews {
        place: Some(LogPlace::Run {
            path: run.path().to_owned(),
            file: None,
        }),
        name: "0001.log".into(),
        window: Window {
            lines: lines.collect(),
            cursor: Some(0),
            ..Window::default()
        },
        ..LogNews::default()
    }));
    take(Message::Press(Chord::char('5')));
    let report = fs::read(project.join("src/report/fixtures/report.json"))?;
    let report: Report = serde_json::from_slice(&report)?;
    take(Message::Report {
        run: run.id().clone(),
        outcome: Ok(Arc::new(report)),
        sheets: Vec::new().into(),
    });
    Ok(state)
}

/// Writes what two seeds and an evaluation leave.
fn recorded(run: &RunDir, clock: &SystemClock) -> Result<Segment, RunsError> {
    let mut segment = Segment::begin(run, None, clock)?;
    for seed in [1, 2] {
        let mut journals = segment.seed(seed, None)?;
        for n in 1..=RECORDS {
            let x = n as f64;
            let k = [
                ("rollout/episode_return", (x * 0.01).sin() + x * 1e-4),
                ("valid/score", (x * 0.003).cos()),
                ("loss/entropy", (-x * 2e-4).exp()),
                ("loss/approx_kl", 0.01 + x * 1e-6),
                ("loss/clip_fraction", 0.1 + x * 1e-5),
                ("loss/explained_variance", 1.0 - 1.0 / x),
            ];
            let (step, t) = (n * 2_000, Nanos(n as i64 * 1_000_000_000));
            let k: BTreeMap<String, f64> = k.map(|(key, value)| (key.to_owned(), value)).into();
            journals.metric(&MetricRecord { step, t, k })?;
            if n % 250 == 0 {
                let event = Event::SettingChanged {
                    key: "agent.learning_rate".into(),
                    from: "0.0003".into(),
                    to: "0.0001".into(),
                };
                journals.event(t, Some(step), event)?;
            }
        }
        journals.flush()?;
    }
    let equity: Vec<EquityRecord> = (0..3_000)
        .map(|bar| EquityRecord {
            step: 1,
            scope: Scope::Test,
            t: Nanos(1_690_000_000_000_000_000 + bar * 3_600_000_000_000),
            equity: 1e4 + (bar as f64 * 0.01).sin() * 800.0,
            drawdown: (bar as f64 * 0.01).cos().abs() * 0.2,
            position: 1.0,
        })
        .collect();
    let trades: Vec<TradeRecord> = (0..2_000).map(trade).collect();
    segment.journals().equity(&equity)?;
    segment.journals().trades(&trades)?;
    segment.journals().flush()?;
    Ok(segment)
}

fn trade(n: u64) -> TradeRecord {
    TradeRecord {
        step: 1,
        scope: Scope::Test,
        side: Side::Long,
        qty: 0.25,
        entry_bar: n,
        entry_t: Nanos(1_690_000_000_000_000_000 + n as i64 * 3_600_000_000_000),
        entry_price: 29_000.0,
        exit_bar: n + 1,
        exit_t: Nanos(1_690_003_600_000_000_000 + n as i64 * 3_600_000_000_000),
        exit_price: 29_050.0,
        pnl: 12.0 - (n % 25) as f64,
        fees: 1.45,
    }
}
