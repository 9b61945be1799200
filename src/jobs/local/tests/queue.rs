//! Several jobs: places, GPUs, arrays, submitters at the same time.

use super::*;
use crate::{JobsError, Signal};
use std::sync::Barrier;

#[test]
fn places_and_priorities_decide_who_starts() {
    let mut place = Place::new();
    place.settings.slots = 1;
    let runs: Vec<RunRef> = ["a", "b", "c"].map(|name| place.run(name)).into();
    let first = place.submit(&runs[0]);
    let last = place.submit(&runs[1]);
    let urgent = place.submit_with(
        &runs[2],
        Resources {
            priority: 3,
            ..Resources::default()
        },
    );
    let _watch = place.supervisor();
    ready(&runs[2], 1);
    let view = place.view(&last);
    assert_eq!((view.phase, view.position), (Phase::Queued, Some(2)));
    let reason = place.view(&first).reason.unwrap();
    assert_eq!(reason.en, "waits for a free place: 1 of 1 in use");
    assert_eq!(reason.ko, "빈 자리를 기다리는 중: 1곳 중 1곳 사용 중");
    finish(&runs[2], 0);
    ready(&runs[0], 1);
    assert_eq!(lines(&runs[1], "ready"), [""; 0]);
    finish(&runs[0], 0);
    ready(&runs[1], 1);
    finish(&runs[1], 0);
    for id in [first, urgent, last] {
        place.wait_end(&id, End::Completed);
    }
}

#[test]
fn a_supervisor_follows_the_places_of_whoever_looked_last() {
    let mut place = Place::new();
    place.settings.slots = 1;
    let _watch = place.supervisor();
    let runs = ["a", "b"].map(|name| place.run(name));
    let [first, second] = [place.submit(&runs[0]), place.submit(&runs[1])];
    ready(&runs[0], 1);
    place.wait_for(&second, Phase::Queued);
    place.settings.slots = 2;
    place.wait_for(&second, Phase::Running);
    for (run, id) in [(&runs[0], first), (&runs[1], second)] {
        finish(run, 0);
        place.wait_end(&id, End::Completed);
    }
}

#[test]
fn a_supervisor_that_keeps_its_places_does_not_follow() {
    let mut place = Place::new();
    (place.settings.slots, place.settings.keeps_slots) = (1, true);
    let _watch = place.supervisor();
    place.settings.slots = 2;
    let runs = ["a", "b"].map(|name| place.run(name));
    let [first, second] = [place.submit(&runs[0]), place.submit(&runs[1])];
    ready(&runs[0], 1);
    finish(&runs[0], 0);
    ready(&runs[1], 1);
    finish(&runs[1], 0);
    let jobs = place.jobs();
    let begun = |id: &JobId| {
        let of = |job: &&Job| job.number().id() == *id;
        jobs.iter().find(of).unwrap().starts[0].clone()
    };
    place.wait_end(&second, End::Completed);
    assert!(begun(&first).ended.unwrap() <= begun(&second).at);
}

#[test]
fn each_gpu_goes_to_one_job() {
    let mut place = Place::new();
    place.settings.slots = 8;
    place.settings.gpus = vec!["4".into(), "7".into()];
    let runs: Vec<RunRef> = ["a", "b", "c", "d"].map(|name| place.run(name)).into();
    let gpu = Resources {
        gpus: 1,
        ..Resources::default()
    };
    let ids: Vec<JobId> = runs[..3]
        .iter()
        .map(|run| place.submit_with(run, gpu.clone()))
        .collect();
    let plain = place.submit(&runs[3]);
    let _watch = place.supervisor();
    for at in [0, 1, 3] {
        ready(&runs[at], 1);
    }
    let got = |at: usize, index: usize| {
        let line = lines(&runs[at], "ready").remove(index);
        line.split(' ').nth(2).unwrap().to_owned()
    };
    assert_eq!([got(0, 0), got(1, 0)], ["gpus=4", "gpus=7"]);
    // Who asks for none sees none.
    assert_eq!(got(3, 0), "gpus=");
    assert_eq!((place.view(&ids[0]).gpus, place.view(&plain).gpus), (1, 0));
    let reason = place.view(&ids[2]).reason.unwrap();
    assert_eq!(reason.en, "waits for a GPU: needs 1, 0 of 2 free");
    finish(&runs[1], 0);
    ready(&runs[2], 1);
    assert_eq!(got(2, 0), "gpus=7");
}

#[test]
fn an_array_keeps_its_limit_and_takes_another_while_it_runs() {
    let mut place = Place::new();
    place.settings.slots = 8;
    let runs: Vec<RunRef> = ["a", "b", "c", "d"].map(|name| place.run(name)).into();
    let spec = JobSpec {
        at_most: Some(1),
        ..place.spec(&runs.iter().collect::<Vec<_>>())
    };
    let ids = place.pool().submit(&spec).unwrap();
    let names: Vec<&str> = ids.iter().map(JobId::as_str).collect();
    assert_eq!(
        names,
        ["l-000001_0", "l-000001_1", "l-000001_2", "l-000001_3"]
    );
    let _watch = place.supervisor();
    ready(&runs[0], 1);
    let reason = place.view(&ids[1]).reason.unwrap();
    assert_eq!(
        reason.en,
        "waits for others of its array: at most 1 at the same time"
    );
    assert_eq!(lines(&runs[1], "ready"), [""; 0]);
    place.pool().throttle(&ids[3], 3).unwrap();
    ready(&runs[1], 1);
    ready(&runs[2], 1);
    assert_eq!(place.view(&ids[3]).phase, Phase::Queued);
    // The array's own name stands for all of them.
    place
        .pool()
        .signal(&JobId::new("l-000001"), Signal::Kill)
        .unwrap();
    for id in &ids {
        place.wait_end(id, End::Cancelled);
    }
    assert_eq!(lines(&runs[3], "ready"), [""; 0]);
}

#[test]
fn submitting_twice_returns_the_job_that_exists() {
    let place = Place::new();
    let (run, other) = (place.run("a"), place.run("b"));
    let id = place.submit(&run);
    assert_eq!(place.submit(&run), id);
    let watch = place.supervisor();
    ready(&run, 1);
    assert_eq!(place.submit(&run), id);
    // Also as a part of a larger submission.
    let ids = place.pool().submit(&place.spec(&[&other, &run])).unwrap();
    assert_eq!(ids[1], id);
    ready(&other, 1);
    finish(&run, 0);
    place.wait_end(&id, End::Completed);
    assert_eq!(place.submit(&run), id);
    drop(watch);
    assert_eq!(lines(&run, "ready").len(), 1);
}

#[test]
fn many_submitters_at_once_give_one_job_a_run() {
    let place = Place::new();
    let runs: Vec<RunRef> = ["a", "b", "c"].map(|name| place.run(name)).into();
    let barrier = Barrier::new(8);
    let ids: Vec<Vec<JobId>> = thread::scope(|scope| {
        let submit = || {
            let mut pool = place.pool();
            barrier.wait();
            let ids = runs
                .iter()
                .map(|run| pool.submit(&place.spec(&[run])).unwrap().remove(0));
            ids.collect()
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(submit)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(ids.iter().all(|each| *each == ids[0]), "{ids:?}");
    assert_eq!(place.pool().poll().unwrap().jobs.len(), 3);
    let names: Vec<String> = place
        .store()
        .queued()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut expected: Vec<String> = ids[0].iter().map(ToString::to_string).collect();
    expected.sort();
    assert_eq!(names, expected);
}

#[test]
fn a_submission_that_was_cut_off_is_finished_by_the_next() {
    let place = Place::new();
    let run = place.run("a");
    let store = place.store();
    store.create().unwrap();
    // As left behind by a process that was killed between its claim and its queue entry.
    let batch = store.take_number().unwrap();
    let number = crate::local::number::Number { batch, task: None };
    assert!(store.claim(&run.id, 1, number).unwrap());
    assert_eq!(place.pool().poll().unwrap().jobs, []);
    assert_eq!(place.submit(&run), number.id());
    let _watch = place.supervisor();
    ready(&run, 1);
}

#[test]
fn an_array_that_is_not_complete_does_not_count() {
    let place = Place::new();
    let (first, second) = (place.run("a"), place.run("b"));
    let ids = place
        .pool()
        .submit(&place.spec(&[&first, &second]))
        .unwrap();
    // As left behind by a process that was killed before the last step.
    fs::remove_file(place.settings.dir.join("arrays/000001.json")).unwrap();
    assert_eq!(place.pool().poll().unwrap().jobs, []);
    let watch = place.supervisor();
    assert_eq!(watch.join(), crate::local::Close::Idle);
    assert_eq!(lines(&first, "ready"), [""; 0]);
    assert_eq!(
        place
            .pool()
            .submit(&place.spec(&[&first, &second]))
            .unwrap(),
        ids
    );
    let _watch = place.supervisor();
    ready(&first, 1);
    ready(&second, 1);
}

#[test]
fn unknown_jobs_are_refused() {
    let place = Place::new();
    let id = place.submit(&place.run("a"));
    let mut pool = place.pool();
    for name in ["l-000099", "259_3", "../jobs/l-000001", ""] {
        let name = JobId::new(name);
        let error = pool.signal(&name, Signal::Stop).unwrap_err();
        assert!(matches!(error, JobsError::NoSuchJob(_)), "{error}");
        assert!(pool.history(&[name]).is_err());
    }
    let error = pool.throttle(&id, 2).unwrap_err();
    assert!(matches!(error, JobsError::NotAnArray(_)), "{error}");
}
