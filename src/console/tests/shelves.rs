//! The shelves of market data and models as scenes: files of every kind, whole and broken.

use super::{Place, answers, key};
use crate::{
    chord::Chord,
    importing::{ImportNews, ImportOrder, Stage},
    message::{Effect, LineNews, Message},
    state::State,
    update::update,
};
use crossterm::event::KeyCode;
use domain::{BarFlags, Bars, Lang, Nanos, Phrase, Timeframe, Timeline};
use runs::{Track, checkpoints::FileSum, promotion};
use serde_json::json;
use std::{fs, path::Path, time::Duration};

const HOUR: i64 = 3_600_000_000_000;
const FROM: i64 = 1_503_302_400_000_000_000;
pub(super) const BARS: i64 = 55_861;

/// Runs the errands among `effects` and tells of what comes back, until nothing does.
fn done(place: &Place, state: &mut State, effects: Vec<Effect>) {
    let mut effects = effects;
    while !effects.is_empty() {
        let errands = effects.into_iter().filter_map(|effect| match effect {
            Effect::Run(errand) => Some(errand),
            _ => None,
        });
        let heard = answers(place, errands.collect());
        let told = heard.into_iter().map(|message| place.tell(state, message));
        effects = told.flatten().collect();
    }
}

pub(super) fn go(place: &Place, state: &mut State, keys: &[Chord]) {
    let effects = place.press(state, keys);
    done(place, state, effects);
}

pub(super) fn project(place: &Place) -> &Path {
    place.home.root().parent().unwrap()
}

fn manifest(name: &str, bars_hash: &str) -> serde_json::Value {
    let at = |hour: i64| FROM + hour * HOUR;
    let gap = |after: i64, missing: i64| json!({ "after": at(after), "until": at(after + missing + 1), "missing": missing });
    json!({
        "format": 1, "name": name, "symbol": "BTCUSDT", "timeframe": "1h",
        "prices": "candle", "has_volume": true,
        "source": { "path": format!("data/sample/{name}.parquet"), "hash": "46a0a8d1da669b16",
                    "bytes": 2_345_678, "rows_read": BARS, "rows_without_price": 0 },
        "bars_file": "bars.parquet", "bars_file_hash": "b", "bars_hash": bars_hash,
        "coverage": { "bars": BARS, "from": FROM, "to": at(BARS), "gaps": 3, "missing_bars": 3_511 },
        "gaps": [gap(4_000, 10), gap(20_000, 3_500), gap(50_000, 1)],
        "flags": { "after_gap": 3, "zero_volume": 7, "outlier": 2 },
        "found": { "gap": 3, "zero_volume": 7, "outlier": 2, "of_a_later_makook": 1 },
        "repairs": [{ "fault": "duplicate_identical", "policy": "keep_first", "count": 4 }],
        "spec": {}, "importer": "makook 0.1.0", "imported_at": FROM + 60_000 * HOUR,
    })
}

/// A store with a whole set, one of an older makook, a damaged one, one of a newer makook and one
/// that was broken off; and two files that were not imported.
fn fill_store(place: &Place) {
    let store = project(place).join("data/store");
    let write = |name: &str, file: &str, bytes: &[u8]| {
        let folder = store.join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(file), bytes).unwrap();
    };
    let of = |name: &str| manifest(name, "cafe0123456789ab").to_string();
    write("btcusdt-1h", "manifest.json", of("btcusdt-1h").as_bytes());
    let mut bars = Bars::empty("BTCUSDT", Timeframe::HOUR);
    for hour in (0..BARS).step_by(50).chain([BARS]) {
        bars.open_time.push(Nanos(FROM + hour * HOUR));
        bars.flags.push(match hour {
            9_000 => BarFlags::OUTLIER,
            40_000 => BarFlags::REPAIRED,
            _ => BarFlags::CLEAN,
        });
    }
    let timeline = Timeline::of(&bars, "cafe0123456789ab").unwrap();
    write("btcusdt-1h", Timeline::FILE, &timeline.bytes());
    write("old-import", "manifest.json", of("old-import").as_bytes());
    write("damaged", "manifest.json", b"{\"format\":1}");
    write("from-later", "manifest.json", b"{\"format\":9}");
    write("broken-off", "bars.1.tmp", b"");
    let sample = project(place).join("data/sample");
    fs::create_dir_all(&sample).unwrap();
    fs::write(sample.join("shipped.csv.gz"), b"12345").unwrap();
    fs::write(project(place).join("data/mine.csv"), b"time,close\n").unwrap();
    fs::write(project(place).join("data/notes.txt"), b"no data").unwrap();
}

pub(super) fn data(place: &Place, state: &mut State) {
    fill_store(place);
    go(place, state, &[Chord::char('8')]);
    go(place, state, &[key(KeyCode::Down)]);
}

pub(super) fn old_data(place: &Place, state: &mut State) {
    data(place, state);
    go(place, state, &[key(KeyCode::Home), key(KeyCode::Down)]);
    go(place, state, &[key(KeyCode::Down); 3]);
}

pub(super) fn loose_file(place: &Place, state: &mut State) {
    data(place, state);
    go(place, state, &[key(KeyCode::End)]);
}

pub(super) fn import_asked(place: &Place, state: &mut State) {
    loose_file(place, state);
    go(place, state, &[key(KeyCode::Up), Chord::f(2)]);
    go(place, state, &[key(KeyCode::Enter), key(KeyCode::Enter)]);
}

pub(super) fn order(name: &str) -> ImportOrder {
    ImportOrder {
        source: "data/mine.csv".into(),
        name: name.into(),
        symbol: None,
        repairs: Vec::new(),
        replace: false,
        lang: Lang::En,
    }
}

pub(super) fn importing(place: &Place, state: &mut State) {
    data(place, state);
    place.tell(state, Message::Import(ImportNews::Begun(order("mine"))));
    place.tell(state, Message::Import(ImportNews::At(Stage::Checking, 0)));
    let later = state.now + Duration::from_secs(8);
    let news = ImportNews::At(Stage::Checking, 40);
    update(state, Message::Import(news), later);
}

pub(super) fn import_failed(place: &Place, state: &mut State) {
    data(place, state);
    place.tell(state, Message::Import(ImportNews::Begun(order("mine"))));
    let why = Phrase::same(
        "makook: data/mine.csv:7: `x` is no number\n  hint: correct the row, or leave such rows \
         out with the repair bad_rows=drop",
    );
    place.tell(state, Message::Import(ImportNews::Ended(Err(why))));
}

pub(super) fn no_data(place: &Place, state: &mut State) {
    place.press(state, &[Chord::char('8')]);
    place.tell(state, Message::Data(Ok(Default::default())));
}

/// Gives the two runs of the scenes checkpoints, of which one is half written.
fn fill_runs(place: &Place, state: &State) {
    let write = |path: &Path, bytes: &[u8]| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    let checkpoint = |run: &Path, seed: u64, step: u64, score: Option<f64>| {
        let folder = runs::Layout::of(run, Track::Seed(seed)).checkpoints();
        let (dir, weights) = (folder.join(step.to_string()), vec![7_u8; 35_400]);
        let sum = FileSum::of(&weights).blake3;
        write(&dir.join("policy.safetensors"), &weights);
        let files = json!({ "policy.safetensors": { "bytes": weights.len(), "blake3": sum } });
        let manifest = json!({ "format": 1, "step": step, "score": score, "files": files });
        write(&dir.join("manifest.json"), manifest.to_string().as_bytes());
        write(&folder.join("LATEST"), step.to_string().as_bytes());
        folder
    };
    let mark = |folder: &Path, step: u64| {
        let best = json!({ "step": step, "score": 0.5 });
        write(&folder.join("BEST"), best.to_string().as_bytes());
    };
    let (training, judged) = (&state.runs.all[0].path, &state.runs.all[1].path);
    for (seed, score) in [(1, Some(0.4312)), (2, Some(-0.071))] {
        let folder = checkpoint(judged, seed, 90_000, score);
        mark(&folder, 90_000);
        checkpoint(judged, seed, 100_000, None);
    }
    let recipe = json!({ "columns": ["ret(1)", "rsi(14)"], "scaler": {} });
    write(
        &judged.join("export/features.json"),
        recipe.to_string().as_bytes(),
    );
    let folder = checkpoint(training, 1, 70_000, Some(0.2));
    mark(&folder, 70_000);
    let folder = checkpoint(training, 2, 20_000, None);
    fs::remove_file(folder.join("20000/manifest.json")).unwrap();
    let best = find(place, &state.runs.all[1].id.to_string(), "1/best");
    let clock = &place.clock;
    promotion::promote(&place.home, &best, "btc-hourly", "tuner", clock).unwrap();
}

fn find(place: &Place, run: &str, rest: &str) -> runs::Model {
    runs::models::find(&place.home, &format!("{run}/{rest}")).unwrap()
}

pub(super) fn models(place: &Place, state: &mut State) {
    fill_runs(place, state);
    go(place, state, &[Chord::char('9')]);
    go(place, state, &[key(KeyCode::Down); 3]);
}

pub(super) fn broken_model(place: &Place, state: &mut State) {
    models(place, state);
    go(place, state, &[key(KeyCode::Up)]);
}

pub(super) fn compared(place: &Place, state: &mut State) {
    models(place, state);
    let mark = Chord::char(' ');
    go(place, state, &[mark, key(KeyCode::Down), mark, Chord::f(3)]);
}

pub(super) fn promoting(place: &Place, state: &mut State) {
    models(place, state);
    go(
        place,
        state,
        &[key(KeyCode::Down), Chord::f(2), key(KeyCode::Enter)],
    );
}

pub(super) fn export_asked(place: &Place, state: &mut State) {
    models(place, state);
    go(
        place,
        state,
        &[key(KeyCode::Down), Chord::ctrl('e'), key(KeyCode::Down)],
    );
}

pub(super) fn exporting(place: &Place, state: &mut State) {
    export_asked(place, state);
    go(place, state, &[key(KeyCode::Enter)]);
}

pub(super) fn no_models(place: &Place, state: &mut State) {
    place.press(state, &[Chord::char('9')]);
    place.tell(state, Message::Models(Ok(Default::default())));
}

pub(super) fn elsewhere(place: &Place, state: &mut State) {
    let line = LineNews {
        host: "klone".into(),
        trouble: None,
        silent: Duration::ZERO,
    };
    place.tell(state, Message::Line(line));
    let effects = place.press(state, &[Chord::char('9')]);
    assert!(effects.is_empty(), "what lies on a host is not asked for");
}
