//! A worker may die at any byte: whatever file is cut wherever, readers say so or show what is
//! left, and never make anything up.

use super::{Place, metric};
use crate::{
    Command, EventRecord, Mailbox, MetricRecord, Outcome, RunDir, RunReader, State, Success, Track,
    compare, list, observe, observe::STALENESS,
};
use domain::Nanos;
use proptest::{prelude::*, test_runner::TestRunner};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A run with two segments, a seed, events, commands and an outcome.
fn rich(place: &mut Place) -> RunDir {
    let run = place.run("x");
    Mailbox::of(run.layout())
        .post(&Command::Pause, "me", Nanos(0))
        .unwrap();
    for (resumed_from, steps) in [(None, [10, 20, 30]), (Some(20), [30, 40, 50])] {
        let mut segment = crate::Segment::begin(&run, resumed_from, &place.clock).unwrap();
        let mut journals = segment.seed(7, resumed_from).unwrap();
        for step in steps {
            journals.metric(&metric(step, f64::INFINITY)).unwrap();
            segment.journals().metric(&metric(step, 0.5)).unwrap();
        }
        segment.commands(&place.clock).unwrap();
        if resumed_from.is_some() {
            drop(journals);
            let done = Outcome::Done(Success::default());
            segment.finish(&done, &place.clock).unwrap();
            break;
        }
    }
    run
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Everything that a reader shows of the run.
fn shown(run: &RunDir) -> (Vec<MetricRecord>, Vec<EventRecord>) {
    let mut reader = RunReader::new(run);
    reader.poll().unwrap();
    let mut metrics = Vec::new();
    let mut events = Vec::new();
    for (_, track) in reader.tracks() {
        metrics.extend(track.metrics.records().iter().cloned());
        events.extend(track.events.records().iter().cloned());
    }
    (metrics, events)
}

/// Every record that was ever written, superseded ones too.
fn written(run: &RunDir) -> (Vec<MetricRecord>, Vec<EventRecord>) {
    let mut metrics = Vec::new();
    let mut events = Vec::new();
    for track in [Track::Run, Track::Seed(7)] {
        let layout = run.track(track);
        for segment in [1, 2] {
            let read = |dir: PathBuf| {
                fs::read_to_string(crate::layout::segment_file(&dir, segment)).unwrap_or_default()
            };
            metrics.extend(
                read(layout.metrics())
                    .lines()
                    .map(|l| serde_json::from_str(l).unwrap()),
            );
            events.extend(
                read(layout.events())
                    .lines()
                    .map(|l| serde_json::from_str(l).unwrap()),
            );
        }
    }
    (metrics, events)
}

#[test]
fn a_file_cut_anywhere_invents_nothing() {
    let mut place = Place::new();
    let run = rich(&mut place);
    let all = written(&run);
    let every = files(run.path());
    let cuts = (0..every.len(), 0.0..1.0_f64);
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(600)
    };
    let checked = TestRunner::new(config).run(&cuts, |(which, share)| {
        let path = &every[which];
        let bytes = fs::read(path)?;
        let keep = (bytes.len() as f64 * share) as usize;
        fs::write(path, &bytes[..keep])?;
        let verdict = nothing_is_invented(&place, &run, path, &all);
        fs::write(path, bytes)?;
        verdict
    });
    checked.unwrap();
}

fn nothing_is_invented(
    place: &Place,
    run: &RunDir,
    cut: &Path,
    all: &(Vec<MetricRecord>, Vec<EventRecord>),
) -> Result<(), TestCaseError> {
    let (metrics, events) = shown(run);
    prop_assert!(metrics.iter().all(|record| all.0.contains(record)));
    prop_assert!(events.iter().all(|record| all.1.contains(record)));
    let seen = observe(run.path(), &place.clock, STALENESS);
    let outcome_cut = cut.ends_with("done.json");
    prop_assert_eq!(seen.state == State::Done, !outcome_cut);
    prop_assert_eq!(list(&place.home, &place.clock)?.len(), 1);
    if let Ok(again) = RunDir::open_path(run.path()) {
        prop_assert_eq!(again.manifest(), run.manifest());
        let settings_cut = cut.ends_with("run.toml");
        prop_assert_eq!(again.settings().is_err(), settings_cut);
        let compared = compare(&[again], &place.clock);
        prop_assert_eq!(compared.problems.is_empty(), !settings_cut);
    }
    Ok(())
}
