//! One start of the worker on a run: takes it, runs its job, leaves an outcome behind.
//!
//! `done.json` or `failed.json` decide; a signal leaves neither and the run can be resumed. A
//! panic becomes a failure with its message, so that nobody has to guess.

use super::{
    desk::{Desk, Open},
    ending::{self, Post},
    error::JobError,
    log, market, pipeline, plan,
    preemption::{self, Allocation},
    resources::Sampler,
    signals::{Second, Signals},
};
use config::{Config, Resolved};
use domain::{Clock, Exit, Lang, SystemClock, Text, phrase};
use jobs::JobRecord;
use runs::{
    Kind, Launch, Outcome, Provenance, RunDir, RunsError, Segment, Status, Track, segments,
};
use std::{
    any::Any,
    collections::BTreeMap,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// How long a scheduler's job waits for the former holder of its run to be gone.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often it looks.
const LOOK: Duration = Duration::from_secs(2);

/// `makook-worker run <dir>`; `env` is the process's environment.
#[must_use]
pub fn run(dir: &Path, env: &BTreeMap<String, String>) -> Exit {
    // Outlive the terminal and the SSH line; fails harmlessly where the worker leads already.
    let _ = rustix::process::setsid();
    start(dir, env).unwrap_or_else(|error| {
        eprintln!("makook-worker: {}", error.render(Lang::En));
        error.exit()
    })
}

fn start(dir: &Path, env: &BTreeMap<String, String>) -> Result<Exit, JobError> {
    let allocation = Allocation::from_env(env);
    let second = match allocation {
        Some(_) => Second::MeansNothing,
        None => Second::EndsAtOnce,
    };
    let signals = Signals::listen(second).map_err(|error| JobError::io(dir, error))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let run = RunDir::open_path(dir)?;
    let record = JobRecord::read(run.path()).unwrap_or_else(|error| {
        eprintln!("makook-worker: {error}");
        None
    });
    let launch = preemption::launch(env, allocation.as_ref(), record.as_ref());
    if let Some((exit, why)) = over(&run, &launch) {
        eprintln!("makook-worker: run {}: {why}", run.id());
        return Ok(exit);
    }
    let config = match settings(&run) {
        Ok(config) => config,
        Err(error) => {
            // Whoever looks at the run finds out why it never starts.
            let begun = Segment::begin_under(&run, resumed_from(&run), &*clock, &launch);
            if let Ok(segment) = begun {
                ending::fail(segment, &error, &*clock)?;
            }
            return Err(error);
        }
    };
    let post = Post {
        allocation,
        launch,
        checkpoint_every_seconds: config.train.checkpoint_every_seconds,
    };
    let Some(mut segment) = begin(&run, &post, &*clock, &signals)? else {
        return Ok(Exit::Interrupted);
    };
    let log = log::start(&run.layout().log(segment.number()));
    let mut earlier = segments::history(&run);
    earlier.pop();
    let every = post.checkpoint_every_seconds;
    if let Some((says, hint)) = preemption::storm(&earlier, &post.launch, every) {
        return ending::give_up(segment, &post, says, hint, &*clock);
    }
    segment.describe(provenance(&run, &config, &post))?;
    let sampler = Sampler::start(
        &run,
        segment.number(),
        segment.status(),
        env,
        Arc::clone(&clock),
    );
    let open = Open {
        segment,
        sampler,
        log: Some(log),
    };
    let desk = Desk::new(open, clock, signals);
    // Other threads are computing: no destructor may run under them.
    let end = |exit: Exit| signal_hook::low_level::exit(i32::from(exit.code()));
    ending::watch(desk.clone(), post.clone(), end);
    let project = project(&run);
    let job = || match run.manifest().kind {
        Kind::Evaluate => pipeline::judge_again(&desk, &config, &project, &parent(&run)?),
        _ => pipeline::run(&desk, &config, &project),
    };
    let worked = catch_unwind(AssertUnwindSafe(job))
        .unwrap_or_else(|panic| Err(JobError::Panic(panic_text(&*panic))));
    ending::finish(&desk, &post, worked)
}

/// Returns how and why a start has nothing to do: the run is done, or was withdrawn from this job.
fn over(run: &RunDir, launch: &Launch) -> Option<(Exit, &'static str)> {
    let outcome = Outcome::read(run.layout()).ok().flatten();
    let status = Status::read(&run.layout().status()).ok().flatten();
    let withdrawn = status.is_some_and(|status| launch.is_withdrawn(&status));
    match outcome {
        Some(Outcome::Done(success)) => {
            let negative = success.verdict.is_some_and(|verdict| !verdict.positive);
            let exit = if negative { Exit::Negative } else { Exit::Done };
            Some((exit, "already done"))
        }
        Some(Outcome::Failed(failure))
            if failure.cancelled && (withdrawn || launch.restart > 0) =>
        {
            Some((
                Exit::Done,
                "was cancelled; `makook resume` takes it up again",
            ))
        }
        _ if withdrawn => Some((Exit::Done, "was ended; `makook resume` takes it up again")),
        _ => None,
    }
}

/// Takes the run; `None` when a signal came before it was free. Only a scheduler's job waits: it
/// has no one to tell, and the holder is most often its own former start.
fn begin(
    run: &RunDir,
    post: &Post,
    clock: &dyn Clock,
    signals: &Signals,
) -> Result<Option<Segment>, JobError> {
    let since = clock.steady();
    loop {
        match Segment::begin_under(run, resumed_from(run), clock, &post.launch) {
            Ok(segment) => return Ok(Some(segment)),
            Err(busy @ RunsError::Busy { .. }) => {
                let Some(allocation) = &post.allocation else {
                    return Err(busy.into());
                };
                if signals.received().is_some() {
                    if preemption::wants_requeue(run, allocation) {
                        ending::back_to_queue(run, allocation, signals, clock);
                    }
                    return Ok(None);
                }
                if clock.steady().saturating_sub(since) >= PATIENCE {
                    return Err(busy.into());
                }
                signals.wait(LOOK);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
        .to_owned()
}

/// Returns the run whose agents are judged: it lies beside this one.
fn parent(run: &RunDir) -> Result<RunDir, JobError> {
    let missing = || {
        let id = run.id();
        RunsError::Invalid {
            what: phrase!(
                "run {id} names no run to judge",
                "실행 {id}에 판정할 실행이 적혀 있지 않습니다"
            ),
            hint: Text::new(
                "start the judgement anew with `makook evaluate RUN`",
                "`makook evaluate 실행`으로 판정을 새로 시작하세요",
            ),
        }
    };
    let id = run.manifest().parent.as_ref().ok_or_else(missing)?;
    let home = run.path().parent().unwrap_or(Path::new("."));
    Ok(RunDir::open_path(&home.join(id.as_str()))?)
}

fn settings(run: &RunDir) -> Result<Config, JobError> {
    let text = run.settings()?;
    let path = run.layout().settings().display().to_string();
    let resolved = Resolved::from_run_toml(&path, text.as_bytes());
    let refused = |problems| {
        let made = run.manifest().version.clone();
        match made == env!("CARGO_PKG_VERSION") {
            true => JobError::Settings(problems),
            false => JobError::Version { made, problems },
        }
    };
    Ok(resolved.map_err(refused)?.config)
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

fn provenance(run: &RunDir, config: &Config, post: &Post) -> Provenance {
    let program = std::env::current_exe()
        .ok()
        .and_then(|path| fs::read(path).ok());
    let mut notes = BTreeMap::from([
        ("libtorch".to_owned(), "2.11.0".to_owned()),
        ("makook".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
    ]);
    if !post.launch.job.is_empty() {
        notes.insert("job".to_owned(), post.launch.job.clone());
        notes.insert("restart".to_owned(), post.launch.restart.to_string());
    }
    Provenance {
        code_revision: env!("MAKOOK_REVISION").to_owned(),
        binary_hash: program.map_or_else(String::new, |bytes| {
            blake3::hash(&bytes).to_hex().to_string()
        }),
        device: device(run, config),
        threads: market::thread_count(config).get(),
        // Added once the data is read.
        data_hashes: BTreeMap::new(),
        seeds: config.train.seeds.clone(),
        notes,
    }
}

/// Returns where the run computes, `cpu` or `cuda:0`; the setting where that cannot be told.
fn device(run: &RunDir, config: &Config) -> String {
    if run.manifest().kind == Kind::Evaluate {
        return "cpu".to_owned();
    }
    let spec = plan::ppo(config, 0);
    match learn::device::choose(spec.device, spec.backend) {
        Ok(chosen) => chosen.backend.label(),
        Err(_) => config.train.device.to_string(),
    }
}
