//! Figures that no chart expects: gaps, infinities, the largest numbers, steps that go back, clocks
//! that jump, equity at and below zero. Everything is drawn on every screen, in every manner.

use super::{Place, drawn, equity, screen, trades};
use crate::{
    caps::Glyphs,
    chord::Chord,
    metric::METRICS,
    state::{Screen, State},
};
use crossterm::event::KeyCode;
use domain::{Lang, Nanos, StreamRng};
use runs::{EquityRecord, MetricRecord, RunDir, TradeRecord};
use std::{collections::BTreeMap, fs, io::Write, path::Path};

const ODD: [f64; 12] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    1e300,
    -1e300,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    5e-324,
    -0.0,
    0.0,
    1.0,
];

fn write_lines<T: serde::Serialize>(path: &Path, records: &[T]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .unwrap();
    for record in records {
        let line = serde_json::to_string(record).unwrap();
        writeln!(file, "{line}").unwrap();
    }
}

/// Records in which everything may be odd at once.
fn odd_metrics(rng: &mut StreamRng, count: u64) -> Vec<MetricRecord> {
    let steps = [0, 1, 7, 1_000, 999, u64::MAX, 1 << 53, 12];
    let times = [0, -9, i64::MAX, i64::MIN, 1_706_745_599_000_000_000, 5];
    let mut pick = |count: usize| rng.below(count as u64) as usize;
    (0..count)
        .map(|_| {
            let keys = METRICS.iter().flat_map(|metric| metric.keys);
            let k: BTreeMap<String, f64> = keys
                .map(|key| ((*key).to_owned(), ODD[pick(ODD.len())]))
                .collect();
            MetricRecord {
                step: steps[pick(steps.len())],
                t: Nanos(times[pick(times.len())]),
                k,
            }
        })
        .collect()
}

fn odd_equity(rng: &mut StreamRng) -> Vec<EquityRecord> {
    let mut odd = |value: f64| match rng.below(3) {
        0 => ODD[rng.below(ODD.len() as u64) as usize],
        1 => -value,
        _ => value,
    };
    let points = equity(60).into_iter();
    points
        .map(|one| EquityRecord {
            equity: odd(one.equity),
            drawdown: odd(one.drawdown),
            position: odd(one.position),
            ..one
        })
        .collect()
}

fn odd_trades(rng: &mut StreamRng) -> Vec<TradeRecord> {
    let mut odd = |value: f64| match rng.below(2) {
        0 => ODD[rng.below(ODD.len() as u64) as usize],
        _ => value,
    };
    let rows = trades(40).into_iter();
    rows.map(|one| TradeRecord {
        qty: odd(one.qty),
        pnl: odd(one.pnl),
        fees: odd(one.fees),
        entry_price: odd(one.entry_price),
        exit_price: odd(one.exit_price),
        // It may end before it began.
        exit_t: Nanos(if odd(0.0) == 0.0 { 0 } else { i64::MAX }),
        ..one
    })
    .collect()
}

fn odd_run(place: &mut Place, name: &str, seed: u64) -> RunDir {
    let mut rng = StreamRng::seeded(seed);
    let run = place.judged(name);
    for seed in 1..=3 {
        let path = run.path().join(format!("seeds/{seed}/metrics/0001.jsonl"));
        write_lines(&path, &odd_metrics(&mut rng, 40));
    }
    let (equity, trades) = (odd_equity(&mut rng), odd_trades(&mut rng));
    write_lines(&run.path().join("equity/0001.jsonl"), &equity);
    write_lines(&run.path().join("trades/0001.jsonl"), &trades);
    run
}

/// Shows everything in every manner.
fn walk(place: &Place, state: &mut State) {
    let manners = [
        Chord::ctrl('x'),
        Chord::ctrl('x'),
        Chord::ctrl('x'),
        Chord::ctrl('e'),
        Chord::char('+'),
        Chord::char('.'),
        Chord::char('>'),
        Chord::char('-'),
        Chord::char('<'),
        Chord::char(','),
        Chord::ctrl('d'),
        Chord::key(KeyCode::Enter),
        Chord::key(KeyCode::Right),
        Chord::ctrl('d'),
        Chord::key(KeyCode::End),
    ];
    for one in Screen::ALL {
        state.screen = one;
        state.layers.clear();
        place.read_chosen(state);
        drawn(state, Glyphs::Unicode);
        for key in manners {
            place.press(state, &[key]);
            drawn(state, Glyphs::Unicode);
        }
        place.press(state, &[Chord::key(KeyCode::Esc); 3]);
        drawn(state, Glyphs::Ascii);
    }
}

#[test]
fn odd_figures_are_drawn_without_harm() {
    for seed in 0..if cfg!(debug_assertions) { 2 } else { 12 } {
        let mut place = Place::new();
        odd_run(&mut place, "one", seed);
        odd_run(&mut place, "two", seed + 100);
        let size = [(80, 24), (200, 60), (41, 13)][seed as usize % 3];
        let mut state = place.state(Lang::Ko, size);
        state.runs.marked = state.runs.all.iter().map(|run| run.id.clone()).collect();
        walk(&place, &mut state);
        place.read_overlaid(&mut state);
        walk(&place, &mut state);
        // What is odd is not mixed up with what cannot be read.
        let data = state.data().unwrap();
        assert_eq!((data.bad_lines, data.problem.clone()), (0, None));
    }
}

#[test]
fn figures_of_all_kinds_are_worded() {
    let mut place = Place::new();
    odd_run(&mut place, "one", 7);
    let mut state = place.state(Lang::En, (200, 60));
    for one in Screen::ALL {
        state.screen = one;
        place.read_chosen(&mut state);
        let seen = screen(&state, Glyphs::Ascii);
        for word in ["NaN%", "-NaN", "NaNs", "-0 ", "-0.0%"] {
            assert!(!seen.contains(word), "{one:?} says {word}\n{seen}");
        }
    }
}
