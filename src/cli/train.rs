//! `makook train`, `resume`, `evaluate`: writes the run directory, starts the worker, follows it.

use super::{
    args::{EvaluateArgs, ResumeArgs, SettingArgs, TrainArgs},
    context::Context,
    failure::Failure,
    follow::follow,
    launch, output, settings,
};
use config::{LoadRequest, Resolved};
use domain::{Clock, Exit, StreamRng, Streams};
use runs::{Kind, NewRun, RunDir};
use serde_json::json;

/// `makook train`.
///
/// # Errors
/// Wrong settings, nothing started; else what ended the run.
pub fn train(args: &TrainArgs, context: &Context) -> Result<Exit, Failure> {
    let mut asked = args.settings.clone();
    if let Some(name) = &args.name {
        asked.set.push(format!("run.name={name}"));
    }
    let run = create(&asked, context)?;
    start(&run, args.detach, args.json, context)
}

/// Creates a queued run from `asked`.
///
/// # Errors
/// Every problem of the settings at once, or a home that cannot be written.
pub fn create(asked: &SettingArgs, context: &Context) -> Result<RunDir, Failure> {
    let resolved = settings::load(asked, context)?;
    create_resolved(&resolved, context)
}

fn create_resolved(resolved: &Resolved, context: &Context) -> Result<RunDir, Failure> {
    let name = match resolved.config.run.name.trim() {
        "" => resolved.config.env.kind.to_string(),
        name => name.to_owned(),
    };
    let settings = resolved.to_run_toml();
    let new = NewRun {
        name: &name,
        kind: Kind::Train,
        parent: None,
        settings: &settings,
        version: env!("CARGO_PKG_VERSION"),
    };
    Ok(RunDir::create(
        &context.around.home,
        &new,
        &context.clock,
        &mut id_rng(context),
    )?)
}

/// Starts the worker on `run` and follows it unless `detach`.
///
/// # Errors
/// What ended the run.
pub fn start(run: &RunDir, detach: bool, json: bool, context: &Context) -> Result<Exit, Failure> {
    let child = launch::start(&context.around, run.path())?;
    if detach {
        if json {
            output::print_json(&json!({ "run": run.id(), "path": run.path() }))?;
        } else {
            output::print(&format!("{}\n", run.id()))?;
        }
        return Ok(Exit::Done);
    }
    if !json {
        eprintln!("{} {}", context.say("run", "실행"), run.path().display());
    }
    follow(run, Some(child), json, context)
}

/// `makook resume`.
///
/// # Errors
/// A run that has ended well or is being worked on; else what ended the run.
pub fn resume(args: &ResumeArgs, context: &Context) -> Result<Exit, Failure> {
    let run = context.around.home.open(&args.run)?;
    let seen = runs::observe(run.path(), &context.clock, runs::observe::STALENESS);
    if !seen.is_resumable() {
        let word = seen.state.word();
        return Err(Failure::usage(
            format!("run {} is {word}", run.id()),
            "only an interrupted, failed or crashed run can be continued",
            "중단되었거나 실패한 실행만 이어서 할 수 있습니다",
        ));
    }
    start(&run, args.detach, args.json, context)
}

/// `makook evaluate`: a run of its own that judges another run's agents, perhaps at other costs.
///
/// # Errors
/// No such run, wrong settings; else what ended the judgement.
pub fn evaluate(args: &EvaluateArgs, context: &Context) -> Result<Exit, Failure> {
    let judged = context.around.home.open(&args.run)?;
    // The run's own settings are complete, so that they alone decide what --set leaves open.
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("run.toml");
    std::fs::write(&file, judged.settings()?)?;
    let request = LoadRequest {
        dir: dir.path().to_owned(),
        experiment: Some(file),
        sets: args.set.clone(),
        lang: context.lang,
        ..LoadRequest::default()
    };
    let settings = config::load(&request)?.to_run_toml();
    let new = NewRun {
        name: &format!("{}-evaluate", judged.manifest().name),
        kind: Kind::Evaluate,
        parent: Some(judged.id()),
        settings: &settings,
        version: env!("CARGO_PKG_VERSION"),
    };
    let run = RunDir::create(
        &context.around.home,
        &new,
        &context.clock,
        &mut id_rng(context),
    )?;
    let exit = start(&run, false, args.json, context)?;
    if matches!(exit, Exit::Done | Exit::Negative) {
        super::report::show(&run, args.json, context)?;
    }
    Ok(exit)
}

/// The identifier only has to differ from others; a run's own seeds are in its settings.
fn id_rng(context: &Context) -> StreamRng {
    let now = context.clock.now().0 as u64;
    Streams::new(now ^ u64::from(std::process::id())).stream("run-id", 0)
}

/// Returns the meaning of a worker's exit code.
#[must_use]
pub fn exit_of(code: u8) -> Exit {
    match code {
        0 => Exit::Done,
        1 => Exit::Negative,
        2 => Exit::Usage,
        4 => Exit::Interrupted,
        _ => Exit::Environment,
    }
}
