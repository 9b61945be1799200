//! What the watching thread tells of runs: the list, sparklines, curves as far as they are read.

use super::{Place, files::append, screen, train_seed, typed};
use crate::{
    caps::Glyphs,
    message::Message,
    run_data::RunData,
    run_files::RunFiles,
    watcher::{Request, Watcher},
};
use domain::{Clock, Lang, ManualClock, Nanos};
use runs::{RunDir, RunId, Segment};
use std::{
    fs,
    sync::{Arc, mpsc},
    time::Duration,
};

/// Everything that a watcher says until its requests are answered.
fn watched(place: &Place, requests: Vec<Request>) -> Vec<Message> {
    watched_by_turns(place, vec![requests], still(), |_| {})
}

fn still() -> Arc<dyn Clock> {
    Arc::new(ManualClock::at(Nanos::from_millis(1_706_745_599_000)))
}

/// The same for requests of which some wait until the others are answered and `between` is done.
fn watched_by_turns(
    place: &Place,
    turns: Vec<Vec<Request>>,
    clock: Arc<dyn Clock>,
    between: impl Fn(usize),
) -> Vec<Message> {
    let (out, inbox) = mpsc::channel();
    let (ask, asked) = mpsc::channel();
    let watcher = Watcher::new(
        place.home.clone(),
        clock,
        Duration::from_secs(3_600),
        Arc::default(),
        None,
        out,
    );
    let thread = std::thread::spawn(move || watcher.run(&asked));
    let mut heard = Vec::new();
    for (turn, requests) in turns.into_iter().enumerate() {
        let mut open = requests.len();
        let send = |request| ask.send(request).unwrap();
        requests.into_iter().for_each(send);
        while open > 0 {
            let message = inbox.recv().unwrap();
            open -= usize::from(matches!(message, Message::Settled));
            heard.push(message);
        }
        between(turn);
    }
    drop(ask);
    thread.join().unwrap();
    heard
}

#[test]
fn the_watcher_tells_of_list_sparklines_and_run() {
    let mut place = Place::new();
    let old = place.judged("old");
    let run = place.run("new");
    let segment = Segment::begin(&run, None, &place.clock).unwrap();
    train_seed(&segment, 3, 10);
    let watch = Request::Watch(Some((run.id().clone(), run.path().to_owned())));
    let heard = watched(&place, vec![Request::Refresh, watch]);
    assert!(
        heard
            .iter()
            .any(|m| matches!(m, Message::Roster(Ok(runs)) if runs.len() == 2))
    );
    let sparked = |id| {
        heard
            .iter()
            .any(|m| matches!(m, Message::Spark { run, values } if run == id && !values.is_empty()))
    };
    assert!(sparked(run.id()) && sparked(old.id()));
    assert!(
        heard
            .iter()
            .any(|m| matches!(m, Message::Run(data) if data.run == *run.id()))
    );
}

/// A long training is not read again by whoever had a look at another run.
#[test]
fn who_comes_back_to_a_run_finds_it_read() {
    let mut place = Place::new();
    let runs = ["one", "two", "three", "four"].map(|name| place.judged(name));
    let known = |run: &RunDir| (run.id().clone(), run.path().to_owned());
    let turn = |run: usize| vec![Request::Watch(Some(known(&runs[run])))];
    let turns = vec![turn(0), turn(1), turn(2), turn(0), turn(3), turn(1)];
    let heard = watched_by_turns(&place, turns, still(), |done| {
        // From here on there is nothing to be read again of these two.
        if done == 2 {
            for run in &runs[..2] {
                fs::remove_dir_all(run.path().join("seeds")).unwrap();
            }
        }
    });
    let told = heard.iter().filter_map(|message| match message {
        Message::Run(data) => Some((&data.run, points(data))),
        _ => None,
    });
    let told: Vec<(&RunId, usize)> = told.collect();
    let all = told[0].1;
    assert!(all > 10, "{all}");
    let expected = [(0, all), (1, all), (2, all), (0, all), (3, all), (1, 0)];
    assert_eq!(told, expected.map(|(run, points)| (runs[run].id(), points)));
}

/// A clock of which each look takes a tenth of a second.
#[derive(Debug)]
struct Slow(ManualClock);

impl Clock for Slow {
    fn now(&self) -> Nanos {
        self.0.now()
    }

    fn steady(&self) -> Duration {
        self.0.advance(Duration::from_millis(100));
        self.0.steady()
    }
}

#[test]
fn a_long_run_is_shown_while_it_is_read() {
    let mut place = Place::new();
    let run = place.run("long");
    let segment = Segment::begin(&run, None, &place.clock).unwrap();
    for seed in [1, 2] {
        train_seed(&segment, seed, 6_000);
    }
    let known = (run.id().clone(), run.path().to_owned());
    let requests = vec![Request::Refresh, Request::Watch(Some(known))];
    let clock = Arc::new(Slow(ManualClock::at(place.clock.now())));
    let heard = watched_by_turns(&place, vec![requests], clock, |_| {});
    let told = heard.iter().filter_map(|message| match message {
        Message::Run(data) => Some(data),
        _ => None,
    });
    let told: Vec<&Arc<RunData>> = told.collect();
    assert!(told.len() > 2, "{}", told.len());
    let shares = told
        .iter()
        .map(|data| data.reading.map_or(1.0, |reading| reading.share));
    let shares: Vec<f64> = shares.collect();
    assert!(shares.is_sorted_by(|a, b| a < b), "{shares:?}");
    assert!(told.iter().map(|data| points(data)).is_sorted());
    let last = told[told.len() - 1];
    assert_eq!((last.reading, points(last)), (None, 2 * 6_000 * 6));
    let first = told[0].reading.unwrap();
    assert!(
        first.share > 0.0 && first.left > Duration::ZERO,
        "{first:?}"
    );
    // The scores beside the list come in the end as well, all of them.
    let scores = heard.iter().filter_map(|message| match message {
        Message::Spark { values, .. } => Some(values.len()),
        _ => None,
    });
    let scores: Vec<usize> = scores.collect();
    assert!(
        scores.len() > 1 && scores[scores.len() - 1] > 256,
        "{scores:?}"
    );
    let mut state = place.state(Lang::En, (120, 40));
    place.tell(&mut state, Message::Run(Arc::clone(told[0])));
    place.press(&mut state, &typed("3"));
    let seen = screen(&state, Glyphs::Unicode);
    assert!(
        seen.contains("reading ") && seen.contains("%  left "),
        "{seen}"
    );
    place.tell(&mut state, Message::Run(Arc::clone(last)));
    assert!(!screen(&state, Glyphs::Unicode).contains("reading"));
}

/// The last piece of the file is a line that is still being written.
#[test]
fn that_a_run_is_read_is_told_even_if_the_last_piece_held_nothing() {
    let mut place = Place::new();
    let run = place.run("long");
    let segment = Segment::begin(&run, None, &place.clock).unwrap();
    train_seed(&segment, 1, 4_000);
    let torn = format!("{{\"step\":{}", "1".repeat(600_000));
    append(&run.path().join("seeds/1/metrics/0001.jsonl"), &torn);
    let mut files = RunFiles::new(run);
    let mut told = Vec::new();
    loop {
        let data = files.poll_while(|| false);
        told.push((data.as_ref().map(points), files.is_behind()));
        if !files.is_behind() {
            break;
        }
    }
    let all = Some(4_000 * 6);
    assert_eq!(
        told[told.len() - 2..],
        [(all, true), (all, false)],
        "{told:?}"
    );
    assert_eq!(files.poll_while(|| false), None);
}

fn points(data: &RunData) -> usize {
    let curves = data.curves.iter().flatten();
    curves.map(|curve| curve.series.len()).sum()
}

#[test]
fn the_watcher_reads_the_curves_of_runs_that_are_laid_over() {
    let mut place = Place::new();
    let (one, two) = (place.judged("one"), place.judged("two"));
    let known = |run: &RunDir| (run.id().clone(), run.path().to_owned());
    let requests = vec![
        Request::Watch(Some(known(&one))),
        Request::Overlay(vec![known(&two)]),
    ];
    let heard = watched(&place, requests);
    for run in [&one, &two] {
        let told = |m: &&Message| matches!(m, Message::Run(data) if data.run == *run.id());
        assert_eq!(heard.iter().filter(told).count(), 1, "{}", run.id());
    }
}

#[test]
fn a_home_that_does_not_exist_is_an_empty_list() {
    let place = Place::new();
    let heard = watched(&place, vec![Request::Refresh]);
    assert!(
        heard
            .iter()
            .any(|m| matches!(m, Message::Roster(Ok(runs)) if runs.is_empty()))
    );
}
