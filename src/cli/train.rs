//! `makook train`, `resume`, `evaluate`: writes the run directory, starts the worker, follows it.

use super::{
    args::{EvaluateArgs, ResumeArgs, SendingArgs, SettingArgs, TrainArgs},
    backends,
    context::Context,
    failure::Failure,
    follow::{Work, follow},
    output,
    sending::{self, Unsent},
    settings,
};
use config::{LoadRequest, Resolved};
use domain::{Clock, Exit, Lang, Phrase, StreamRng, Streams, phrase};
use runs::{Home, Kind, NewRun, RunDir, RunId, State};
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
    if args.sending.dry_run {
        let (preview, problems) = sending::rehearse(&asked, &args.sending, context)?;
        sending::warn(&problems, context.lang);
        sending::show(&preview, args.json)?;
        return Ok(Exit::Done);
    }
    let home = &context.around.home;
    let parent = args.parent.as_ref().map(|run| home.open(run));
    let parent = parent.transpose()?.map(|run| run.id().clone());
    match create_each(home, &asked, parent.as_ref(), context)?.as_slice() {
        [run] => start(run, Origin::New, &args.sending, args.json, context),
        runs => send_all(runs, &args.sending, args.json, context),
    }
}

/// Sends the runs of a sweep off as one array. Nobody can follow several at once, so it returns
/// their names at once.
fn send_all(
    runs: &[RunDir],
    asked: &SendingArgs,
    json: bool,
    context: &Context,
) -> Result<Exit, Failure> {
    let sent = sending::pack(runs, asked, None, context)
        .map_err(Unsent::from)
        .and_then(|mut parcel| Ok((parcel.send()?, parcel)));
    let ((ids, warnings), parcel) = sent.map_err(|unsent| unsent.take_back(runs))?;
    sending::warn(&warnings, context.lang);
    let profile = parcel.launcher.name();
    if json {
        let names: Vec<_> = runs.iter().map(RunDir::id).collect();
        output::print_json(&json!({ "runs": names, "profile": profile, "jobs": ids }))?;
        return Ok(Exit::Done);
    }
    for (run, id) in runs.iter().zip(&ids) {
        output::print(&format!("{id}  {}\n", run.id()))?;
    }
    let count = runs.len();
    eprintln!(
        "{}",
        match context.lang {
            Lang::En => format!("{count} trainings sent; `makook jobs list` shows them"),
            Lang::Ko => format!("학습 {count}개를 보냈습니다. `makook jobs list`로 볼 수 있습니다"),
        }
    );
    Ok(Exit::Done)
}

/// Where a run comes from that is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Made just now; it goes again when it cannot be sent.
    New,
    /// There before.
    Former,
}

/// Creates a queued run from `asked`.
///
/// # Errors
/// Every problem of the settings at once, or a home that cannot be written.
pub fn create(asked: &SettingArgs, context: &Context) -> Result<RunDir, Failure> {
    let resolved = settings::load(asked, context)?;
    create_from(&context.around.home, &resolved, "", None, context)
}

/// Creates a queued run in `home` for each combination of the sweeps in `asked`; without a sweep
/// one. Everything is checked before the first is made.
///
/// # Errors
/// As [`create`]; no run is left then.
pub fn create_each(
    home: &Home,
    asked: &SettingArgs,
    parent: Option<&RunId>,
    context: &Context,
) -> Result<Vec<RunDir>, Failure> {
    let all = settings::load_each(asked, context)?;
    let mut runs = Vec::with_capacity(all.len());
    for (combination, resolved) in &all {
        match create_from(home, resolved, &combination.label, parent, context) {
            Ok(run) => runs.push(run),
            Err(failure) => {
                sending::discard(&runs);
                return Err(failure);
            }
        }
    }
    Ok(runs)
}

/// Longest name of a run; more would be no title.
const LONGEST_NAME: usize = 120;

/// Creates a queued run of `resolved`; `label` tells it from others of its sweep.
fn create_from(
    home: &Home,
    resolved: &Resolved,
    label: &str,
    parent: Option<&RunId>,
    context: &Context,
) -> Result<RunDir, Failure> {
    let name = match resolved.config.run.name.trim() {
        "" => resolved.config.env.kind.to_string(),
        name => name.to_owned(),
    };
    let name = format!("{name} {label}");
    let name: String = name.trim().chars().take(LONGEST_NAME).collect();
    let settings = resolved.to_run_toml();
    let new = NewRun {
        name: &name,
        kind: Kind::Train,
        parent,
        settings: &settings,
        version: env!("CARGO_PKG_VERSION"),
    };
    Ok(RunDir::create(
        home,
        &new,
        &context.clock,
        &mut id_rng(context),
    )?)
}

/// Sends `run` off and follows it unless asked not to.
///
/// # Errors
/// What kept it from being sent, or ended the run.
pub fn start(
    run: &RunDir,
    origin: Origin,
    asked: &SendingArgs,
    json: bool,
    context: &Context,
) -> Result<Exit, Failure> {
    let before = runs::observe(run.path(), &context.clock, runs::observe::STALENESS)
        .status
        .segment;
    if asked.dry_run {
        let mut parcel = sending::pack(std::slice::from_ref(run), asked, None, context)?;
        sending::show(&parcel.preview()?, json)?;
        return Ok(Exit::Done);
    }
    let sent = sending::pack(std::slice::from_ref(run), asked, None, context)
        .map_err(Unsent::from)
        .and_then(|mut parcel| Ok((parcel.send()?, parcel)));
    let ((ids, warnings), parcel) = match (sent, origin) {
        (Ok(sent), _) => sent,
        (Err(unsent), Origin::New) => return Err(unsent.take_back(std::slice::from_ref(run))),
        (Err(unsent), Origin::Former) => return Err(unsent.why),
    };
    sending::warn(&warnings, context.lang);
    let profile = parcel.launcher.name().to_owned();
    let id = ids
        .into_iter()
        .next()
        .expect("a submission returns a name for each run");
    if asked.detach {
        if json {
            output::print_json(&json!({
                "run": run.id(), "path": run.path(), "profile": profile, "job": id,
            }))?;
        } else {
            output::print(&format!("{}\n", run.id()))?;
        }
        return Ok(Exit::Done);
    }
    if !json {
        eprintln!("{} {}", context.say("run", "실행"), run.path().display());
        if profile != backends::LOCAL {
            eprintln!("{} {id} ({profile})", context.say("job", "작업"));
        }
    }
    let work = Work {
        launcher: parcel.launcher,
        id,
        before,
    };
    follow(run, Some(work), json, context)
}

/// `makook resume`.
///
/// # Errors
/// A run that has ended well or is being worked on; else what ended the run.
pub fn resume(args: &ResumeArgs, context: &Context) -> Result<Exit, Failure> {
    let run = context.around.home.open(&args.run)?;
    let seen = runs::observe(run.path(), &context.clock, runs::observe::STALENESS);
    if !seen.is_resumable() {
        return Err(Failure::usage(
            state_of(&run, seen.state),
            phrase!(
                "only an interrupted, failed or crashed run can be continued; `makook train` starts a new one",
                "중단되었거나 실패한 실행만 이어서 할 수 있습니다. `makook train`으로 새로 시작하세요"
            ),
        ));
    }
    start(&run, Origin::Former, &args.sending, args.json, context)
}

/// Says which state `run` is in.
pub fn state_of(run: &RunDir, state: State) -> Phrase {
    let (id, domain::Text { en, ko }) = (run.id(), state.label());
    phrase!("run {id} is {en}", "실행 {id}의 상태: {ko}")
}

/// What trading costs: the settings of `env` that a judgement may change. The others made the agent
/// what it is.
const COSTS: [&str; 11] = [
    "env.fee_bps",
    "env.maker_fee_bps",
    "env.spread_bps",
    "env.slippage",
    "env.slippage_bps",
    "env.slippage_max_share",
    "env.borrow_bps_per_day",
    "env.funding_bps_per_day",
    "env.min_notional",
    "env.lot",
    "env.tick",
];

/// Refuses assignments that would judge another agent than the one that was trained.
fn refuse_other_settings(sets: &[String]) -> Result<(), Failure> {
    let keys = sets.iter().filter_map(|set| set.split_once('='));
    let other: Vec<&str> = keys
        .map(|(key, _)| key.trim())
        .filter(|key| !key.starts_with("evaluate.") && !key.starts_with("data."))
        .filter(|key| !COSTS.contains(key))
        .collect();
    if other.is_empty() {
        return Ok(());
    }
    let (other, costs) = (other.join(", "), COSTS.join(", "));
    Err(Failure::usage(
        phrase!(
            "a judgement cannot change {other}",
            "판정에서는 {other}을(를) 바꿀 수 없습니다"
        ),
        phrase!(
            "evaluate.*, data.* and the costs can be changed ({costs}); for anything else train anew with `makook train`",
            "바꿀 수 있는 것은 evaluate.*, data.*, 비용입니다({costs}). 다른 설정은 `makook train`으로 새로 학습하세요"
        ),
    ))
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
        ..LoadRequest::default()
    };
    let settings = config::load(&request)?.to_run_toml();
    refuse_other_settings(&args.set)?;
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
    let exit = start(
        &run,
        Origin::New,
        &SendingArgs::default(),
        args.json,
        context,
    )?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cost_is_a_setting() {
        assert!(COSTS.iter().all(|key| config::find(key).is_some()));
    }

    #[test]
    fn a_judgement_changes_windows_data_and_costs_alone() {
        let sets =
            |keys: &[&str]| -> Vec<String> { keys.iter().map(|key| format!("{key}=1")).collect() };
        let fine = ["evaluate.trials", "data.end", "env.fee_bps", " env.lot "];
        assert!(refuse_other_settings(&sets(&fine)).is_ok());
        let refused = refuse_other_settings(&sets(&["env.window", "env.tick", "agent.gamma"]));
        let Failure {
            exit,
            message,
            hint,
        } = refused.unwrap_err();
        assert_eq!(exit, Exit::Usage);
        assert!(
            message.en.contains("env.window, agent.gamma"),
            "{message:?}"
        );
        assert!(hint.en.contains("evaluate.*") && hint.en.contains("env.fee_bps"));
    }
}
