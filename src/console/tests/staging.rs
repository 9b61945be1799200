//! What several scenes begin with.

use super::{
    Place, answers,
    fakes::{destinations, preview, queue},
    key, typed,
};
use crate::{
    chord::Chord,
    hands::Order,
    message::{Errand, Message},
    state::State,
};
use backtest::report::Report;
use crossterm::event::KeyCode;
use runs::{EquityRecord, Scope};
use std::{fs, path::Path};

/// Goes to the form, with the cursor on `path` and no filter.
pub(super) fn setting(place: &Place, state: &mut State, path: &str) {
    let keys = [Chord::char('2'), Chord::ctrl('f'), Chord::ctrl('u')];
    place.press(state, &keys);
    place.press(state, &typed(path));
    place.press(state, &[key(KeyCode::Enter)]);
}

/// Types `text` for the setting `path`.
pub(super) fn typed_for(place: &Place, state: &mut State, path: &str, text: &str) {
    setting(place, state, path);
    place.press(state, &[key(KeyCode::Enter), Chord::ctrl('u')]);
    place.press(state, &typed(text));
    place.press(state, &[key(KeyCode::Enter)]);
}

/// Gives the chosen run a report whose bars are those of its trades.
pub(super) fn prices_around_the_trades(place: &Place, state: &mut State) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../report/fixtures/report.json");
    let mut report: Report = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let count = state.trades.len();
    let entries = (0..count).filter_map(|row| state.trades.row(row));
    let first = entries.map(|trade| trade.entry_t.0).min().unwrap();
    let bar = 3_600 * domain::time::SECOND;
    for (at, time) in (-40_i64..).zip(&mut report.curves.time) {
        *time = domain::Nanos(first + at * bar);
    }
    let candles = &mut report.curves.candles;
    for column in [
        &mut candles.open,
        &mut candles.high,
        &mut candles.low,
        &mut candles.close,
    ] {
        // As dear as the trades say, and as calm.
        column
            .iter_mut()
            .for_each(|price| *price = 29_000.0 + (*price - 23_000.0) / 20.0);
    }
    let news = Message::Report {
        run: state.run().unwrap().id.clone(),
        outcome: Ok(report.into()),
        sheets: Vec::new().into(),
    };
    place.tell(state, news);
}

/// Reads what the chosen run's evaluation left, without a report.
pub(super) fn unjudged(place: &Place, state: &mut State) {
    let run = state.run().unwrap();
    let (run, path) = (run.id.clone(), run.path.clone());
    for message in answers(place, vec![Errand::Report { run, path }]) {
        place.tell(state, message);
    }
}

/// Has the chosen run judged by the report of a real one.
pub(super) fn performance(place: &Place, state: &mut State) {
    let report = Path::new(env!("CARGO_MANIFEST_DIR")).join("../report/fixtures/report.json");
    let run = state.run().unwrap().path.clone();
    let folder = run.join("report");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(&report, folder.join("report.json")).unwrap();
    unjudged(place, state);
    fs::remove_dir_all(&folder).unwrap();
}

/// The same with the equity curve that the report is about.
pub(super) fn performance_of_its_own(place: &Place, state: &mut State) {
    let report = Path::new(env!("CARGO_MANIFEST_DIR")).join("../report/fixtures/report.json");
    let report: Report = serde_json::from_slice(&fs::read(report).unwrap()).unwrap();
    let values = &report.curves.seeds[report.chosen].values;
    let points = report.curves.time.iter().zip(values);
    let lines = points.map(|(t, equity)| {
        let record = EquityRecord {
            step: 100_000,
            scope: Scope::Test,
            t: *t,
            equity: *equity,
            drawdown: 0.0,
            position: 0.0,
        };
        format!("{}\n", serde_json::to_string(&record).unwrap())
    });
    let file = state.run().unwrap().path.join("equity/0001.jsonl");
    let former = fs::read(&file).unwrap();
    fs::write(&file, lines.collect::<String>()).unwrap();
    performance(place, state);
    fs::write(&file, former).unwrap();
}

/// Goes to the jobs, of which the first works on the run that trains.
pub(super) fn jobs(place: &Place, state: &mut State) {
    let run = state.runs.chosen.clone();
    place.list(state, queue(run.as_ref()));
    place.press(state, &[Chord::char('7')]);
    place.read_chosen(state);
}

/// Goes to what would be sent to the cluster.
pub(super) fn launch(place: &Place, state: &mut State) {
    place.tell(state, Message::Destinations(destinations()));
    let keys = [
        Chord::char('2'),
        Chord::f(8),
        key(KeyCode::Down),
        key(KeyCode::Enter),
    ];
    place.press(state, &keys);
    let order = Order {
        on: Some("klone".into()),
        ..Order::default()
    };
    let outcome = Ok(preview());
    place.tell(state, Message::Previewed { order, outcome });
}
