//! What the reading threads make of real, odd and vanishing files.

use super::Place;
use super::fakes::Files;
use crate::{
    against::Wanted,
    clerk::Clerk,
    diary::Diary,
    message::{Errand, Message},
    metric,
    run_files::RunFiles,
    series::Axis,
};
use domain::{Lang, ManualClock, Nanos, time::SECOND};
use runs::{Command, EquityRecord, Layout, Mailbox, Scope, Segment};
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, mpsc},
};

pub(super) fn append(path: &Path, text: &str) {
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
