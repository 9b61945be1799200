//! What the reading threads make of real, odd and vanishing files.

use super::fakes::Files;
use super::{Place, screen, train_seed, typed};
use crate::{
    against::Wanted,
    caps::Glyphs,
    clerk::Clerk,
    diary::Diary,
    message::{Errand, Message},
    metric,
    run_data::RunData,
    run_files::RunFiles,
    series::Axis,
    watcher::{Request, Watcher},
};
use domain::{Clock, Lang, ManualClock, Nanos, time::SECOND};
use runs::{Command, EquityRecord, Layout, Mailbox, RunDir, RunId, Scope, Segment};
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, mpsc},
    time::Duration,
};

fn append(path: &Path, text: &str) {
    let mut all = fs::read_to_string(path).unwrap_or_default();
    all.push_str(text);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, all).unwrap();
}

#[test]
fn odd_metrics_are_gaps_and_nothing_breaks() {
    let mut place = Place::new();
    let run = place.run("odd");
    let metrics = run.path().join("seeds/1/metrics/0001.jsonl");
    append(
        &metrics,
        "{\"step\":1,\"t\":1,\"k\":{\"valid/score\":null}}\n",
    );
    append(
        &metrics,
        "{\"step\":1,\"t\":1,\"k\":{\"valid/score\":1e300}}\n",
    );
    append(
        &metrics,
        "{\"step\":1,\"t\":1,\"k\":{\"valid/score\":\"-inf\"}}\n",
    );
    append(
        &metrics,
        "nonsense\n{\"step\":2,\"t\":1,\"k\":{\"valid/score\":0.5}}\n{\"step\":3,",
    );
    let mut files = RunFiles::new(run);
    let data = files.poll().unwrap();
    let curve = &data.curves[metric::of_key("valid/score").unwrap()][0];
    assert_eq!(curve.series.len(), 4);
    assert_eq!(curve.last(), Some(0.5));
    assert_eq!(data.bad_lines, 1);
    assert!(files.poll().is_none(), "nothing new is no news");
    // By a clock that was set back meanwhile.
    append(&metrics, "\"t\":-9,\"k\":{\"valid/score\":0.75}}\n");
    let data = files.poll().unwrap();
    let curve = &data.curves[1][0];
    assert_eq!(curve.last(), Some(0.75));
    assert_eq!(curve.series.len(), 5);
    let times = curve.series.points(Axis::Time).map(|point| point.0);
    assert!(times.collect::<Vec<f64>>().is_sorted());
}

#[test]
fn a_run_that_vanishes_while_watched_does_no_harm() {
    let mut place = Place::new();
    let (run, segment) = place.training("doomed");
    drop(segment);
    let mut files = RunFiles::new(run.clone());
    assert!(files.poll().is_some());
    fs::remove_dir_all(run.path()).unwrap();
    for _ in 0..3 {
        files.poll();
    }
    let mut state = place.state(Lang::En, (80, 24));
    place.look(&mut state);
    assert!(state.run().is_none());
}

#[test]
fn the_latest_evaluation_counts_and_the_held_out_one_most() {
    let mut place = Place::new();
    let run = place.judged("one");
    let data = RunFiles::new(run).poll().unwrap();
    assert!(data.evaluation.held_out);
    assert_eq!(data.evaluation.trades.len(), 25);
    assert_eq!(data.evaluation.equity.len(), 300);
    assert!(data.evaluation.max_drawdown().unwrap() < -0.05);
    assert!((data.planned - 100_000.0).abs() < 1e-9);
}

#[test]
fn the_deepest_fall_is_dated_on_every_point_not_on_those_drawn() {
    let mut place = Place::new();
    let run = place.run("long");
    // Thinning keeps one of a stretch of peaks, seldom the last before the fall.
    let equity = |n: i64| match n {
        0..3_003 => 100.0 + n as f64,
        3_003..3_010 => 3_000.0 - n as f64 / 10.0,
        _ => 4_000.0 + n as f64,
    };
    let mut peak: f64 = 0.0;
    let records = (0..9_000).map(|n| {
        peak = peak.max(equity(n));
        let record = EquityRecord {
            step: 1,
            scope: Scope::Test,
            t: Nanos(n * SECOND),
            equity: equity(n),
            drawdown: 1.0 - equity(n) / peak,
            position: 0.0,
        };
        serde_json::to_string(&record).unwrap() + "\n"
    });
    let lines: String = records.collect();
    append(&run.path().join("equity/0001.jsonl"), &lines);
    let evaluation = RunFiles::new(run).poll().unwrap().evaluation;
    assert!(evaluation.drawdown.len() < 4_000);
    let worst = evaluation.worst.unwrap();
    let seconds = |n: i64| Nanos(n * SECOND);
    assert_eq!(
        (worst.start, worst.trough),
        (seconds(3_002), seconds(3_009))
    );
    assert_eq!(worst.recovery, Some(seconds(3_010)));
}

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

pub(super) fn answers(place: &Place, errands: Vec<Errand>) -> Vec<Message> {
    let (out, inbox) = mpsc::channel();
    let (ask, asked) = mpsc::channel();
    let clock = Arc::new(ManualClock::at(Nanos(5)));
    let clerk = Clerk {
        home: place.home.clone(),
        origins: BTreeMap::new(),
        project: place.home.root().parent().unwrap().to_owned(),
        env: BTreeMap::new(),
        lang: Lang::En,
        clock: clock.clone(),
        hands: Box::new(Files(place.home.clone())),
        line: None,
        diary: Diary::of(place.home.root(), &BTreeMap::new(), clock),
        out,
    };
    errands
        .into_iter()
        .for_each(|errand| ask.send(errand).unwrap());
    drop(ask);
    clerk.run(&asked);
    inbox
        .into_iter()
        .filter(|message| !matches!(message, Message::Settled))
        .collect()
}

#[test]
fn a_posted_command_lies_in_the_mailbox_and_in_the_journal() {
    let mut place = Place::new();
    let run = place.run("one");
    let errand = Errand::Post {
        path: run.path().to_owned(),
        command: Command::Checkpoint,
    };
    let heard = answers(&place, vec![errand]);
    let posted = |m: &Message| matches!(m, Message::Posted(posted) if posted.run == *run.id() && posted.number == 1);
    assert!(heard.len() == 1 && posted(&heard[0]), "{heard:?}");
    let received = Mailbox::of(&Layout::new(run.path())).take_new(0).unwrap();
    assert_eq!(received[0].command, Ok(Command::Checkpoint));
    let journal = fs::read_to_string(place.home.root().join("console.jsonl")).unwrap();
    assert!(journal.contains("post checkpoint to"), "{journal}");
}

#[test]
fn what_a_run_was_made_with_is_read_whole() {
    let mut place = Place::new();
    let run = place.run("one");
    let asked = |path: &Path| Errand::RunSettings {
        run: run.id().clone(),
        path: path.to_owned(),
        wanted: Wanted::Beside,
    };
    let heard = answers(
        &place,
        vec![asked(run.path()), asked(Path::new("no-such-run"))],
    );
    let [
        Message::RunSettings {
            outcome: Ok(values),
            ..
        },
        Message::RunSettings {
            outcome: Err(why), ..
        },
    ] = &heard[..]
    else {
        panic!("{heard:?}");
    };
    assert_eq!(values["train.total_steps"].bare(), "100_000");
    assert!(!why.en.is_empty() && !why.ko.is_empty());
}

#[test]
fn removing_and_restoring_move_the_directory() {
    let mut place = Place::new();
    let run = place.judged("one");
    let remove = Errand::Remove {
        run: run.id().clone(),
        path: run.path().to_owned(),
    };
    answers(&place, vec![remove]);
    assert!(!run.path().exists());
    answers(&place, vec![Errand::Restore(run.id().clone())]);
    assert!(run.path().exists());
}

#[test]
fn the_script_that_was_sent_is_shown_and_its_absence_explained() {
    let mut place = Place::new();
    let run = place.run("one");
    let asked = || Errand::Script {
        run: run.id().clone(),
        path: run.path().to_owned(),
    };
    let heard = answers(&place, vec![asked()]);
    let without = |m: &Message| matches!(m, Message::Script { outcome: Err(why), .. } if why.en.contains("no script"));
    assert!(without(&heard[0]), "{heard:?}");
    fs::write(run.path().join("launch.sbatch"), "#!/bin/bash\nexec a\n").unwrap();
    let heard = answers(&place, vec![asked()]);
    let with = |m: &Message| matches!(m, Message::Script { outcome: Ok(text), .. } if text.ends_with("exec a\n"));
    assert!(with(&heard[0]), "{heard:?}");
}

#[test]
fn what_a_run_uses_and_how_it_was_sent_is_read_beside_its_curves() {
    let mut place = Place::new();
    let run = place.run("one");
    let _segment = Segment::begin(&run, None, &place.clock).unwrap();
    let mut files = RunFiles::new(run.clone());
    let data = files.poll().unwrap();
    assert!(data.place.record.is_none() && data.place.used.is_none());
    let record = super::fakes::record();
    record.write(run.path()).unwrap();
    let sampled = run.path().join("resources/0001.jsonl");
    append(
        &sampled,
        "{\"t\":1,\"cpu_percent\":381.0,\"later\":[]}\n{\"t\":2,\"cpu_per",
    );
    let data = files.poll().unwrap();
    assert_eq!(data.place.record, Some(record));
    assert_eq!(data.place.used.unwrap().cpu_percent, Some(380.0));
    assert_eq!(data.place.account.segments, 1);
    assert!(files.poll().is_none(), "nothing new is no news");
    append(&sampled, "cent\":382.0}\n");
    assert!(files.poll().is_none(), "what looks the same is no news");
    fs::write(run.path().join("job.json"), "{").unwrap();
    let data = files.poll().unwrap();
    assert!(data.place.problem.is_some(), "a damaged record says so");
}

#[test]
fn a_run_without_a_report_says_when_there_will_be_one() {
    let mut place = Place::new();
    let run = place.run("one");
    let report = Errand::Report {
        run: run.id().clone(),
        path: run.path().to_owned(),
    };
    let heard = answers(&place, vec![report]);
    let [
        Message::Report {
            outcome: Err(why), ..
        },
    ] = &heard[..]
    else {
        panic!("{heard:?}");
    };
    assert!(why.en.contains("No report yet"));
}
