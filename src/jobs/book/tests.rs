//! The book against launchers that say what a test wants.

use super::*;
use crate::{Attempt, End, JobSpec, Poll, Preview, Resources, Site};
use domain::{ManualClock, Problems, Streams};
use rstest::rstest;
use runs::{Home, Kind, NewRun, RunDir, Status};

const NOW: Nanos = Nanos(1_700_000_000_000_000_000);

/// A backend that answers with a fixed list, or not at all.
struct Fixed {
    name: &'static str,
    jobs: Option<Vec<JobView>>,
}

impl Launcher for Fixed {
    fn name(&self) -> &str {
        self.name
    }
    fn probe(&mut self) -> Result<Site, JobsError> {
        Ok(Site::default())
    }
    fn validate(&mut self, _: &JobSpec) -> Problems {
        Problems::new()
    }
    fn preview(&mut self, _: &JobSpec) -> Result<Preview, JobsError> {
        Err(JobsError::NoSuchJob(String::new()))
    }
    fn submit(&mut self, _: &JobSpec) -> Result<Vec<JobId>, JobsError> {
        Ok(Vec::new())
    }
    fn poll(&mut self) -> Result<Poll, JobsError> {
        let silent = || JobsError::Silent {
            program: "squeue".to_owned(),
            after: Duration::from_secs(20),
        };
        let jobs = self.jobs.clone().ok_or_else(silent)?;
        Ok(Poll {
            jobs,
            seen_at: NOW,
            problems: Vec::new(),
        })
    }
    fn signal(&mut self, id: &JobId, _: Signal) -> Result<(), JobsError> {
        Err(JobsError::NoSuchJob(id.to_string()))
    }
    fn history(&mut self, _: &[JobId]) -> Result<Vec<Attempt>, JobsError> {
        Ok(Vec::new())
    }
    fn throttle(&mut self, _: &JobId, _: u32) -> Result<(), JobsError> {
        Ok(())
    }
}

struct Desk {
    dir: tempfile::TempDir,
    clock: Arc<ManualClock>,
}

impl Desk {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            clock: Arc::new(ManualClock::at(NOW)),
        }
    }

    fn home(&self) -> Home {
        Home::at(self.dir.path().join("runs"))
    }

    fn run(&self, name: &str) -> RunDir {
        let new = NewRun {
            name,
            kind: Kind::Train,
            parent: None,
            settings: "",
            version: "test",
        };
        let mut rng = Streams::new(name.len() as u64).stream("run-id", 0);
        RunDir::create(&self.home(), &new, &*self.clock, &mut rng).unwrap()
    }

    fn book(&self, launchers: Vec<Fixed>) -> Book {
        let boxed = launchers
            .into_iter()
            .map(|one| Box::new(one) as Box<dyn Launcher>)
            .collect();
        Book::new(boxed, self.home(), self.clock.clone())
    }
}

fn view(id: &str, run: Option<&RunDir>, phase: Phase) -> JobView {
    JobView {
        id: JobId::new(id),
        run: run.map(|run| run.id().clone()),
        name: "mk:title".to_owned(),
        phase,
        reason: None,
        raw_reason: None,
        node: None,
        queue: "ckpt".to_owned(),
        starts: None,
        elapsed: Duration::ZERO,
        limit: None,
        restarts: 0,
        position: None,
        gpus: 0,
        cpus: 0,
    }
}

fn status(run: &RunDir, state: State, step: u64, silent: Duration) {
    let status = Status {
        state,
        step,
        segment: 1,
        at: Nanos(NOW.0 - silent.as_nanos() as i64),
        ..Status::default()
    };
    status.write(&run.layout().status()).unwrap();
}

#[test]
fn two_profiles_of_one_cluster_list_each_job_once() {
    let desk = Desk::new();
    let run = desk.run("a");
    let record = JobRecord {
        profile: "lab".to_owned(),
        ids: vec![JobId::new("7")],
        submitted: NOW,
        command: Vec::new(),
        resources: Resources::default(),
        letters: 0,
    };
    record.write(run.path()).unwrap();
    let jobs = vec![
        view("7", Some(&run), Phase::Running),
        view("8", None, Phase::Queued),
    ];
    let of = |name| Fixed {
        name,
        jobs: Some(jobs.clone()),
    };
    let listed = desk.book(vec![of("generic-slurm"), of("lab")]).list();
    let rows: Vec<(&str, &str)> = listed
        .jobs
        .iter()
        .map(|row| (row.view.id.as_str(), row.profile.as_str()))
        .collect();
    assert_eq!(rows, [("7", "lab"), ("8", "generic-slurm")]);
    // Where the other profile is not open, the job is not lost.
    let alone = desk.book(vec![of("generic-slurm")]).list();
    assert_eq!(alone.jobs.len(), 2);
}

#[test]
fn live_jobs_come_first_and_a_silent_backend_costs_only_its_own_rows() {
    let desk = Desk::new();
    let ended = Phase::Ended {
        end: End::Completed,
    };
    let jobs = vec![
        view("3", None, ended),
        view("2", None, Phase::Queued),
        view("1", None, Phase::Running),
    ];
    let mut book = desk.book(vec![
        Fixed {
            name: "klone",
            jobs: None,
        },
        Fixed {
            name: "local",
            jobs: Some(jobs),
        },
    ]);
    let listing = book.list();
    let ids: Vec<&str> = listing
        .jobs
        .iter()
        .map(|row| row.view.id.as_str())
        .collect();
    assert_eq!(ids, ["1", "2", "3"]);
    assert_eq!(listing.sources[0].problems.len(), 1);
    assert!(listing.sources[0].problems[0].ko.contains("확인"));
    assert!(listing.sources[1].problems.is_empty());
}

#[rstest]
// A worker that was heard of a minute ago is not stalled; one silent for sixteen minutes is.
#[case(State::Running, 10, 60, Phase::Running, 0, &[])]
#[case(State::Running, 10, 960, Phase::Running, 0, &[Badge::Stalled])]
// Twenty minutes without a first step, and the negative control with one.
#[case(State::Running, 0, 1, Phase::Running, 1_260, &[Badge::NoStep])]
#[case(State::Running, 1, 1, Phase::Running, 1_260, &[])]
// The scheduler's word for a good end counts for nothing without the run's own.
#[case(State::Interrupted, 9, 1, Phase::Ended { end: End::Completed }, 0, &[Badge::Died])]
#[case(State::Interrupted, 9, 1, Phase::Ended { end: End::Cancelled }, 0, &[])]
#[case(State::Interrupted, 9, 1, Phase::Lost, 0, &[Badge::Died])]
fn badges_follow_from_the_run_not_from_the_scheduler(
    #[case] state: State,
    #[case] step: u64,
    #[case] silent_seconds: u64,
    #[case] phase: Phase,
    #[case] elapsed_seconds: u64,
    #[case] expected: &[Badge],
) {
    let desk = Desk::new();
    let run = desk.run("one");
    status(&run, state, step, Duration::from_secs(silent_seconds));
    let job = JobView {
        elapsed: Duration::from_secs(elapsed_seconds),
        ..view("7", Some(&run), phase)
    };
    let summary = Summary {
        state,
        ..runs::roster::summary(&run, &*desk.clock)
    };
    let row = row("local", job, Some(&summary), NOW);
    assert_eq!(row.badges, expected);
    assert_eq!(row.title, "one");
}

#[test]
fn a_job_is_found_by_its_number_its_run_and_after_its_backend_forgot_it() {
    let desk = Desk::new();
    let run = desk.run("found");
    let record = JobRecord {
        profile: "klone".to_owned(),
        ids: vec![JobId::new("41"), JobId::new("42")],
        submitted: NOW,
        command: vec!["sbatch".to_owned()],
        resources: Resources::default(),
        letters: 0,
    };
    record.write(run.path()).unwrap();
    let jobs = vec![view("41", Some(&run), Phase::Running)];
    let mut book = desk.book(vec![Fixed {
        name: "klone",
        jobs: Some(jobs),
    }]);
    let found = |book: &mut Book, asked: &str| book.find(asked).unwrap().1.to_string();
    assert_eq!(found(&mut book, "41"), "41");
    assert_eq!(found(&mut book, "found"), "41");
    assert_eq!(found(&mut book, "latest"), "41");
    let mut empty = desk.book(vec![Fixed {
        name: "klone",
        jobs: Some(Vec::new()),
    }]);
    assert_eq!(found(&mut empty, "found"), "42");
    let error = empty.find("999").unwrap_err();
    assert!(matches!(error, JobsError::NoSuchJob(_)), "{error}");
}

#[test]
fn records_are_read_again_only_when_they_change() {
    let desk = Desk::new();
    let run = desk.run("kept");
    let mut book = desk.book(Vec::new());
    assert!(book.used_profiles().is_empty());
    let record = JobRecord {
        profile: "klone".to_owned(),
        ids: vec![JobId::new("1")],
        submitted: NOW,
        command: Vec::new(),
        resources: Resources::default(),
        letters: 0,
    };
    record.write(run.path()).unwrap();
    assert!(book.used_profiles().contains("klone"));
    std::fs::write(run.path().join("job.json"), "torn {").unwrap();
    assert!(matches!(
        JobRecord::read(run.path()),
        Err(JobsError::Corrupt { .. })
    ));
}
