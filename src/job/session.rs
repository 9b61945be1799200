//! One start of the worker on a run: takes it, runs its job, leaves an outcome behind.
//!
//! `done.json` or `failed.json` decide; a signal leaves neither and the run can be resumed. A
//! panic becomes a failure with its message, so that nobody has to guess.

use super::{
    desk::Desk,
    error::JobError,
    log, market,
    pipeline::{self, Ended},
    signals::Signals,
};
use config::{Config, Resolved};
use domain::{Clock, Exit, Lang, Phrase, SystemClock};
use runs::{Failure, Kind, Outcome, Provenance, RunDir, RunsError, Segment, State, Track};
use std::{
    any::Any,
    collections::BTreeMap,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
};

/// `makook-worker run <dir>`.
#[must_use]
pub fn run(dir: &Path) -> Exit {
    // Outlive the terminal and the SSH line; fails harmlessly where the worker leads already.
    let _ = rustix::process::setsid();
    start(dir).unwrap_or_else(|error| {
        eprintln!("makook-worker: {error}\n  hint: {}", error.hint().en);
        error.exit()
    })
}

fn start(dir: &Path) -> Result<Exit, JobError> {
    let signals = Signals::listen().map_err(|error| JobError::io(dir, error))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let run = RunDir::open_path(dir)?;
    let config = settings(&run)?;
    let segment = Segment::begin(&run, resumed_from(&run), &*clock)?;
    let _log = log::start(&run.layout().log(segment.number()));
    segment.describe(&provenance(&config))?;
    let desk = Desk::new(segment, clock, signals);
    let project = project(&run);
    let job = || match run.manifest().kind {
        Kind::Evaluate => pipeline::judge_again(&desk, &config, &project, &parent(&run)?),
        _ => pipeline::run(&desk, &config, &project),
    };
    let worked = catch_unwind(AssertUnwindSafe(job))
        .unwrap_or_else(|panic| Err(JobError::Panic(panic_text(&*panic))));
    finish(desk, worked)
}

fn finish(desk: Desk, worked: Result<Ended, JobError>) -> Result<Exit, JobError> {
    let clock = Arc::clone(&desk.clock);
    let now = desk.now();
    let segment = desk
        .close()
        .expect("everything that held the desk has ended with the job");
    match worked {
        Ok(Ended::Done(success)) => {
            let negative = success
                .verdict
                .as_ref()
                .is_some_and(|verdict| !verdict.positive);
            segment.finish(&Outcome::Done(*success), &*clock)?;
            Ok(if negative { Exit::Negative } else { Exit::Done })
        }
        Ok(Ended::Stopped) => {
            let reason = Phrase::new("stopped on command, saved", "명령으로 멈추고 저장함");
            segment.suspend(State::Interrupted, reason, &*clock)?;
            Ok(Exit::Interrupted)
        }
        Ok(Ended::Cancelled) => {
            let failure = Failure {
                at: now,
                segment: segment.number(),
                says: Phrase::new("cancelled on command", "명령으로 취소함"),
                hint: Phrase::new(
                    "`makook resume` takes it up again",
                    "`makook resume`으로 다시 시작할 수 있습니다",
                ),
                causes: Vec::new(),
            };
            segment.finish(&Outcome::Failed(failure), &*clock)?;
            Ok(Exit::Interrupted)
        }
        Err(error) => {
            tracing::error!("{error}");
            let failure = Failure {
                at: now,
                segment: segment.number(),
                says: Phrase::new(error.to_string(), error.to_string()),
                hint: error.hint(),
                causes: causes(&error),
            };
            segment.finish(&Outcome::Failed(failure), &*clock)?;
            Err(error)
        }
    }
}

fn causes(error: &dyn std::error::Error) -> Vec<String> {
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
        .to_owned()
}

/// Returns the run whose agents are judged: it lies beside this one.
fn parent(run: &RunDir) -> Result<RunDir, JobError> {
    let missing = || RunsError::Invalid(format!("run {} names no run to judge", run.id()));
    let id = run.manifest().parent.as_ref().ok_or_else(missing)?;
    let home = run.path().parent().unwrap_or(Path::new("."));
    Ok(RunDir::open_path(&home.join(id.as_str()))?)
}

fn settings(run: &RunDir) -> Result<Config, JobError> {
    let text = run.settings()?;
    let path = run.layout().settings().display().to_string();
    let resolved = Resolved::from_run_toml(&path, text.as_bytes(), Lang::En);
    Ok(resolved.map_err(JobError::Settings)?.config)
}

/// Returns the steps that checkpoints of all seeds hold; `None` before the first checkpoint.
fn resumed_from(run: &RunDir) -> Option<u64> {
    let steps: Vec<u64> = run
        .seeds()
        .into_iter()
        .filter_map(|seed| {
            let layout = run.track(Track::Seed(seed));
            learn::CheckpointArchive::new(&layout.checkpoints())
                .latest()
                .ok()
                .flatten()
        })
        .collect();
    (!steps.is_empty()).then(|| steps.iter().sum())
}

/// Relative paths in settings start at the project that the run was made in: the folder with
/// `configs/`, from here upwards; the launcher starts the worker there.
fn project(run: &RunDir) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let marked = |path: &&Path| path.join("configs").join("default.toml").is_file();
    let found = here
        .ancestors()
        .find(marked)
        .or_else(|| run.path().ancestors().find(marked));
    found.map_or(here.clone(), Path::to_path_buf)
}

fn provenance(config: &Config) -> Provenance {
    let program = std::env::current_exe()
        .ok()
        .and_then(|path| fs::read(path).ok());
    Provenance {
        code_revision: env!("CARGO_PKG_VERSION").to_owned(),
        binary_hash: program.map_or_else(String::new, |bytes| {
            blake3::hash(&bytes).to_hex().to_string()
        }),
        device: config.train.device.to_string(),
        threads: market::thread_count(config).get(),
        data_hashes: BTreeMap::new(),
        seeds: config.train.seeds.clone(),
        notes: BTreeMap::from([("libtorch".to_owned(), "2.11.0".to_owned())]),
    }
}
