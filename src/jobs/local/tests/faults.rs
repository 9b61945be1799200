//! What may go wrong around the pool: full disks, wrong wishes, login nodes, damaged files.

use super::*;
use crate::{JobRecord, JobsError};
use domain::Severity;
use std::{io, process::Command};

#[test]
fn a_login_node_is_refused() {
    let mut place = Place::new();
    place.settings.on_login_node = true;
    let run = place.run("a");
    let error = place.pool().submit(&place.spec(&[&run])).unwrap_err();
    assert!(matches!(error, JobsError::LoginNode { .. }), "{error}");
    assert!(error.hint().ko.contains("--on"));
    assert!(place.pool().probe().unwrap().on_login_node);
    assert!(!place.settings.dir.exists());
    assert_eq!(JobRecord::read(&run.dir).unwrap(), None);
}

#[test]
fn everything_that_speaks_against_a_submission_is_said() {
    let place = Place::new();
    let run = place.run("a");
    let mut spec = place.spec(&[&run]);
    assert!(place.pool().validate(&spec).is_empty());
    spec.worker = place.project.join("no worker");
    spec.project = place.project.join("없는 폴더");
    spec.resources.gpus = 1;
    spec.resources.cpus = 100_000;
    spec.resources.memory_mib = 1 << 40;
    spec.resources.partition = Some("ckpt".into());
    let missing = place.project.join("no run");
    spec.runs[0].dir = missing;
    let problems = place.pool().validate(&spec);
    let errors = problems.iter().filter(|p| p.severity == Severity::Error);
    assert_eq!(errors.count(), 6, "{problems}");
    assert_eq!(problems.iter().count(), 7, "{problems}");
    let error = place.pool().submit(&spec).unwrap_err();
    assert!(matches!(error, JobsError::Refused { .. }), "{error}");
    assert!(!place.settings.dir.exists());
}

#[test]
fn a_run_that_is_done_or_held_elsewhere_is_refused() {
    let place = Place::new();
    let (done, held) = (place.run("a"), place.run("b"));
    fs::write(done.dir.join("done.json"), "{}").unwrap();
    let dir = RunDir::open_path(&held.dir).unwrap();
    let _segment = runs::Segment::begin(&dir, None, &*place.clock).unwrap();
    for (run, words) in [(&done, "already done"), (&held, "a worker is on the run")] {
        let error = place.pool().submit(&place.spec(&[run])).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn a_worker_that_cannot_be_started_fails_with_the_reason() {
    let place = Place::new();
    let run = place.run("a");
    let mut spec = place.spec(&[&run]);
    spec.worker = place.project.join("not-executable");
    fs::write(&spec.worker, "x").unwrap();
    let id = place.pool().submit(&spec).unwrap().remove(0);
    let _watch = place.supervisor();
    let view = place.wait_end(&id, End::Failed);
    let reason = view.reason.unwrap();
    assert!(
        reason.en.starts_with("the worker could not be started"),
        "{reason}"
    );
    assert!(reason.ko.starts_with("작업자를 시작하지 못했습니다"));
}

#[test]
fn a_pool_that_is_a_file_is_a_clear_error() {
    let place = Place::new();
    let run = place.run("a");
    fs::create_dir_all(place.settings.dir.parent().unwrap()).unwrap();
    fs::write(&place.settings.dir, "x").unwrap();
    let error = place.pool().submit(&place.spec(&[&run])).unwrap_err();
    assert!(matches!(error, JobsError::Io { .. }), "{error}");
    assert_eq!(JobRecord::read(&run.dir).unwrap(), None);
    let error = place.pool().poll().unwrap_err();
    assert!(matches!(error, JobsError::Io { .. }), "{error}");
}

/// Not a test of its own: submits with the run and pool of [`a_full_disk_leaves_no_half_job`] in a
/// process that may write only a few bytes a file.
#[test]
#[ignore = "runs only as another test's process"]
fn submitter_on_a_full_disk() {
    let Some(folder) = std::env::var_os("TEST_FULL") else {
        return;
    };
    let folder = PathBuf::from(folder);
    let mut runs = Vec::new();
    for entry in fs::read_dir(folder.join("logs/runs")).unwrap() {
        let dir = entry.unwrap().path();
        let id = RunDir::open_path(&dir).unwrap().id().clone();
        runs.push(RunRef { id, dir });
    }
    // SIGXFSZ would end the process instead of failing the write; signal-hook's handler does not.
    let noticed = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::clone(&noticed)).unwrap();
    let home = Home::at(folder.join("logs/runs"));
    let settings = PoolSettings::new(super::super::dir_of(&home, "test host"), "test host");
    let spec = JobSpec {
        runs,
        worker: folder.join("worker"),
        project: folder.clone(),
        env: BTreeMap::from([("LONG".to_owned(), "x".repeat(4096))]),
        resources: Resources::default(),
        at_most: None,
        script: None,
    };
    let limit = rustix::process::Rlimit {
        current: Some(2048),
        maximum: None,
    };
    rustix::process::setrlimit(rustix::process::Resource::Fsize, limit).unwrap();
    let error = Pool::open(settings, Arc::new(SystemClock::new()))
        .submit(&spec)
        .unwrap_err();
    let JobsError::Io { source, doing, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(source.kind(), io::ErrorKind::FileTooLarge);
    assert_eq!(*doing, "write the queue entry");
    assert!(noticed.load(Ordering::SeqCst));
}

#[test]
fn a_full_disk_leaves_no_half_job() {
    let place = Place::new();
    fs::copy(&place.worker, place.project.join("worker")).unwrap();
    for count in [1, 3] {
        let run = place.run("a 한글");
        (count > 1).then(|| (place.run("b"), place.run("c")));
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture"])
            .arg("local::tests::faults::submitter_on_a_full_disk")
            .env("TEST_FULL", &place.project)
            .output()
            .unwrap();
        assert!(status.status.success(), "{status:?}");
        let said = String::from_utf8_lossy(&status.stdout).into_owned();
        assert!(said.contains("1 passed"), "{said}");
        assert_eq!(place.store().queued().unwrap(), []);
        assert_eq!(
            fs::read_dir(place.settings.dir.join("queue"))
                .unwrap()
                .count(),
            0
        );
        assert_eq!(JobRecord::read(&run.dir).unwrap(), None);
        assert_eq!(place.pool().poll().unwrap().jobs, []);
    }
    // With space again, the same runs go through.
    let run = place.run("d");
    let id = place.submit(&run);
    let _watch = place.supervisor();
    ready(&run, 1);
    place.wait_for(&id, Phase::Running);
}

#[test]
fn a_submission_that_fails_half_way_is_taken_back() {
    let place = Place::new();
    let (first, second) = (place.run("a"), place.run("b"));
    let former = JobRecord {
        profile: "klone".into(),
        ids: vec![JobId::new("259")],
        submitted: place.clock.now(),
        command: Vec::new(),
        resources: Resources::default(),
        letters: 0,
    };
    former.write(&first.dir).unwrap();
    fs::create_dir_all(second.dir.join("job.json/in the way")).unwrap();
    let spec = place.spec(&[&first, &second]);
    let error = place.pool().submit(&spec).unwrap_err();
    assert!(matches!(error, JobsError::Io { .. }), "{error}");
    assert_eq!(place.pool().poll().unwrap().jobs, []);
    assert_eq!(place.store().queued().unwrap(), []);
    assert_eq!(JobRecord::read(&first.dir).unwrap(), Some(former));
    fs::remove_dir_all(second.dir.join("job.json")).unwrap();
    let ids = place.pool().submit(&spec).unwrap();
    assert_eq!(
        ids.iter().map(JobId::as_str).collect::<Vec<_>>(),
        ["l-000001_0", "l-000001_1"]
    );
    let _watch = place.supervisor();
    ready(&first, 1);
    ready(&second, 1);
}

#[test]
fn damaged_files_are_reported_and_hold_up_nobody() {
    let place = Place::new();
    let (good, bad) = (place.run("a"), place.run("b"));
    let damaged = place.submit(&bad);
    let path = place
        .settings
        .dir
        .join("queue")
        .join(format!("{damaged}.json"));
    fs::write(&path, "{ \"id\": ").unwrap();
    fs::write(place.settings.dir.join("asks/000001.json"), "?").unwrap();
    let id = place.submit(&good);
    let poll = place.pool().poll().unwrap();
    assert_eq!(poll.problems.len(), 1);
    assert!(
        poll.problems[0].en.contains("is not a job of the pool"),
        "{:?}",
        poll.problems
    );
    let watch = place.supervisor();
    ready(&good, 1);
    finish(&good, 0);
    assert_eq!(watch.join(), crate::local::Close::Idle);
    let poll = place.pool().poll().unwrap();
    assert_eq!(poll.jobs.len(), 1);
    assert_eq!(poll.jobs[0].id, id);
    assert_eq!(
        fs::read_dir(place.settings.dir.join("asks"))
            .unwrap()
            .count(),
        0
    );
}

#[test]
fn a_supervisor_that_does_not_start_is_told() {
    let mut place = Place::new();
    place.settings.supervisor = vec![place.project.join("missing").into()];
    let run = place.run("a");
    let id = place.submit(&run);
    let poll = place.pool().poll().unwrap();
    assert_eq!(poll.jobs[0].id, id);
    assert!(
        poll.problems[0].en.contains("start the pool's supervisor"),
        "{:?}",
        poll.problems
    );
}

#[test]
fn a_look_that_fails_shows_the_earlier_answer() {
    let place = Place::new();
    let run = place.run("a");
    let id = place.submit(&run);
    let mut pool = place.pool();
    pool.poll().unwrap();
    fs::rename(
        place.settings.dir.join("queue"),
        place.settings.dir.join("away"),
    )
    .unwrap();
    fs::write(place.settings.dir.join("queue"), "x").unwrap();
    let poll = pool.poll().unwrap();
    assert_eq!((poll.jobs[0].id.clone(), poll.problems.len()), (id, 1));
}

#[test]
fn the_machine_is_described() {
    let mut place = Place::new();
    place.settings.gpus = vec!["0".into(), "1".into()];
    let site = place.pool().probe().unwrap();
    assert_eq!(
        (site.name.as_str(), site.scheduler.as_str()),
        ("test host", "")
    );
    assert!(site.cpus >= 1 && site.memory_mib > 0 && site.keeps_history);
    assert_eq!(
        (site.partitions.len(), site.partitions[0].nodes),
        (1, (1, 1))
    );
    assert_eq!(
        (site.partitions[0].gpus[0].1, site.partitions[0].gpus[0].2),
        (2, 0)
    );
}
