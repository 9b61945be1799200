//! `makook jobs …`: jobs listed, sent, steered and explained, whatever their backend.

use super::{
    backends,
    context::Context,
    failure::Failure,
    job_args::{JobArgs, JobsVerb, ListArgs, LogsArgs, SubmitArgs, ThrottleArgs},
    output, sending,
};
use domain::{Clock, Exit, Lang, SystemClock, phrase};
use jobs::{Badge, Book, JobId, JobRow, Listing, Phase, Signal};
use runs::{Command, LogTail, Mailbox, RunDir, RunId};
use serde_json::json;
use std::{sync::Arc, time::Duration};

/// Runs one of the verbs.
///
/// # Errors
/// No such job, or the backend's refusal.
pub fn run(verb: &JobsVerb, context: &Context) -> Result<Exit, Failure> {
    match verb {
        JobsVerb::List(args) => list(args, context),
        JobsVerb::Show(args) => super::job_card::show(args, context),
        JobsVerb::Submit(args) => submit(args, context),
        JobsVerb::Save(args) => save(args, context),
        JobsVerb::Stop(args) => signal(args, Signal::Stop, context),
        JobsVerb::Cancel(args) => signal(args, Signal::Kill, context),
        JobsVerb::Requeue(args) => signal(args, Signal::Requeue, context),
        JobsVerb::Logs(args) => logs(args, context),
        JobsVerb::Explain(args) => super::job_card::explain(args, context),
        JobsVerb::Throttle(args) => throttle(args, context),
    }
}

/// Opens the book of all jobs.
pub fn open_book(context: &Context) -> Book {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    backends::book(&context.around, &clock, context.lang)
}

fn list(args: &ListArgs, context: &Context) -> Result<Exit, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let mut book = match &args.on {
        None => open_book(context),
        Some(name) => {
            let one = backends::open(name, &context.around, &clock)?;
            Book::new(vec![one], context.around.home.clone(), clock)
        }
    };
    let mut listing = book.list();
    if args.live {
        listing.jobs.retain(|row| !row.view.phase.is_over());
    }
    if args.json {
        output::print_json(&listing)?;
        return Ok(Exit::Done);
    }
    for source in &listing.sources {
        for problem in &source.problems {
            eprintln!("{}: {}", source.profile, problem.get(context.lang));
        }
    }
    if listing.jobs.is_empty() {
        eprintln!(
            "{}",
            context.say(
                "no jobs; `makook train` starts one",
                "작업이 없습니다. `makook train`으로 시작하세요",
            )
        );
        return Ok(Exit::Done);
    }
    output::print(&table(&listing, context.lang))?;
    Ok(Exit::Done)
}

fn table(listing: &Listing, lang: Lang) -> String {
    let head = match lang {
        Lang::En => [
            "job", "on", "state", "run", "progress", "left", "time", "node", "why",
        ],
        Lang::Ko => [
            "작업",
            "보낸 곳",
            "상태",
            "실행",
            "진행",
            "남음",
            "시간",
            "노드",
            "이유",
        ],
    };
    let rows: Vec<Vec<String>> = listing.jobs.iter().map(|row| cells(row, lang)).collect();
    output::table(&head, &rows)
}

fn cells(row: &JobRow, lang: Lang) -> Vec<String> {
    let dash = || "–".to_owned();
    let view = &row.view;
    let mut state = view.phase.label().get(lang).to_owned();
    for badge in &row.badges {
        state.push(' ');
        state.push_str(&badge_text(*badge, view.restarts, lang));
    }
    vec![
        view.id.to_string(),
        row.profile.clone(),
        state,
        view.run
            .as_ref()
            .map_or_else(|| row.title.clone(), RunId::to_string),
        row.progress
            .map_or_else(dash, |share| format!("{:.0}%", share * 100.0)),
        row.eta_seconds.map_or_else(dash, output::duration),
        match view.elapsed {
            Duration::ZERO => dash(),
            elapsed => output::duration(elapsed.as_secs_f64()),
        },
        view.node.clone().unwrap_or_else(dash),
        view.reason
            .as_ref()
            .map_or_else(String::new, |reason| reason.get(lang).to_owned()),
    ]
}

/// Returns the mark of a job that deserves a look.
#[must_use]
pub fn badge_text(badge: Badge, restarts: u32, lang: Lang) -> String {
    match (badge, lang) {
        (Badge::Stalled, Lang::En) => "STALLED".into(),
        (Badge::Stalled, Lang::Ko) => "멈춤".into(),
        (Badge::NoStep, Lang::En) => "NO-STEP".into(),
        (Badge::NoStep, Lang::Ko) => "첫 스텝 없음".into(),
        (Badge::Died, Lang::En) => "DIED".into(),
        (Badge::Died, Lang::Ko) => "죽음".into(),
        (Badge::Restarted, _) => format!("×{restarts}"),
    }
}

fn submit(args: &SubmitArgs, context: &Context) -> Result<Exit, Failure> {
    let runs: Result<Vec<RunDir>, _> = args
        .runs
        .iter()
        .map(|asked| context.around.home.open(asked))
        .collect();
    let runs = runs?;
    for run in &runs {
        refuse_unless_startable(run, context)?;
    }
    let mut parcel = sending::pack(&runs, &args.sending, args.at_most, context)?;
    if args.sending.dry_run {
        sending::show(&parcel.preview()?, args.json)?;
        return Ok(Exit::Done);
    }
    let (ids, warnings) = parcel.send().map_err(|unsent| unsent.why)?;
    sending::warn(&warnings, context.lang);
    let profile = parcel.launcher.name().to_owned();
    if args.json {
        output::print_json(&json!({ "profile": profile, "jobs": ids }))?;
    } else {
        for (run, id) in runs.iter().zip(&ids) {
            output::print(&format!("{id}  {}\n", run.id()))?;
        }
    }
    Ok(Exit::Done)
}

/// A run that has ended well, or is being worked on by somebody else, is not sent again.
fn refuse_unless_startable(run: &RunDir, context: &Context) -> Result<(), Failure> {
    let seen = runs::observe(run.path(), &context.clock, runs::observe::STALENESS);
    if seen.is_resumable() {
        return Ok(());
    }
    Err(Failure::usage(
        super::train::state_of(run, seen.state),
        phrase!(
            "only a queued, interrupted, failed or crashed run can be sent",
            "대기 중이거나 중단되었거나 실패한 실행만 보낼 수 있습니다"
        ),
    ))
}

/// Returns the run directory of a job.
///
/// # Errors
/// A job that works on no run of this home.
pub fn run_of(asked: &str, book: &mut Book, context: &Context) -> Result<RunDir, Failure> {
    if let Ok(run) = context.around.home.open(asked) {
        return Ok(run);
    }
    let listing = book.list();
    let row = listing
        .jobs
        .iter()
        .find(|row| row.view.id.as_str() == asked);
    match row.and_then(|row| row.view.run.as_ref()) {
        Some(id) => Ok(context.around.home.open(id.as_str())?),
        None => Err(jobs::JobsError::NoSuchJob(asked.to_owned()).into()),
    }
}

fn save(args: &JobArgs, context: &Context) -> Result<Exit, Failure> {
    let run = run_of(&args.job, &mut open_book(context), context)?;
    let mailbox = Mailbox::of(run.layout());
    let number = mailbox.post(
        &Command::Checkpoint,
        "makook jobs save",
        context.clock.now(),
    )?;
    told(
        args.json,
        &json!({ "run": run.id(), "command": number }),
        run.id().as_str(),
        context.say(
            "asked to save and go on",
            "저장하고 계속하도록 요청했습니다",
        ),
    )
}

fn signal(args: &JobArgs, signal: Signal, context: &Context) -> Result<Exit, Failure> {
    let mut book = open_book(context);
    let (profile, id) = book.find(&args.job)?;
    book.signal(&profile, &id, signal)?;
    let says = match signal {
        Signal::Stop => context.say(
            "asked to save and stop; `makook resume` continues it",
            "저장하고 멈추도록 요청했습니다. `makook resume`으로 이어서 할 수 있습니다",
        ),
        Signal::Requeue => context.say(
            "asked to save and go back to the queue",
            "저장하고 대기열로 돌아가도록 요청했습니다",
        ),
        Signal::Kill => context.say("cancelled", "취소했습니다"),
    };
    done(args.json, &profile, &id, says)
}

fn throttle(args: &ThrottleArgs, context: &Context) -> Result<Exit, Failure> {
    let mut book = open_book(context);
    let (profile, id) = book.find(&args.job)?;
    book.launcher(&profile)?.throttle(&id, args.at_most)?;
    let says = match context.lang {
        Lang::En => format!("at most {} at the same time", args.at_most),
        Lang::Ko => format!("동시에 최대 {}개", args.at_most),
    };
    done(args.json, &profile, &id, &says)
}

fn done(json: bool, profile: &str, id: &JobId, says: &str) -> Result<Exit, Failure> {
    told(
        json,
        &json!({ "profile": profile, "job": id }),
        id.as_str(),
        says,
    )
}

fn told(json: bool, value: &serde_json::Value, who: &str, says: &str) -> Result<Exit, Failure> {
    if json {
        output::print_json(value)?;
    } else {
        eprintln!("{who}: {says}");
    }
    Ok(Exit::Done)
}

fn logs(args: &LogsArgs, context: &Context) -> Result<Exit, Failure> {
    let mut book = open_book(context);
    let run = run_of(&args.job, &mut book, context)?;
    let newest = run.logs().pop();
    let dir = run.layout().logs();
    let printed = || {
        let entries = std::fs::read_dir(&dir).into_iter().flatten().flatten();
        let mut streams: Vec<_> = entries
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|kind| kind == "out"))
            .collect();
        streams.sort();
        streams.pop()
    };
    let Some(path) = newest.or_else(printed) else {
        let job = &args.job;
        return Err(Failure::usage(
            phrase!(
                "job {job} has written nothing yet",
                "작업 {job}은(는) 아직 쓴 것이 없습니다"
            ),
            phrase!(
                "it waits for a place; `makook jobs explain {job}` says why",
                "자리를 기다리고 있습니다. `makook jobs explain {job}`(으)로 이유를 볼 수 있습니다"
            ),
        ));
    };
    let mut log = LogTail::open(&path, args.lines)?;
    loop {
        let found = log.poll()?;
        for line in &found.lines {
            match args.json {
                true => output::print_json_line(&json!({ "line": line.text }))?,
                false => output::print(&format!("{}\n", line.text))?,
            }
        }
        if found.more {
            continue;
        }
        let seen = runs::observe(run.path(), &context.clock, runs::observe::STALENESS);
        if !args.follow || !seen.state.is_active() || context.stop.was_asked() {
            return Ok(Exit::Done);
        }
        context.stop.wait(Duration::from_millis(200));
    }
}

/// Returns the row of a job among all of them.
///
/// # Errors
/// `NoSuchJob`.
pub fn row_of(asked: &str, book: &mut Book) -> Result<JobRow, Failure> {
    let (profile, id) = book.find(asked)?;
    let listing = book.list();
    let found = listing
        .jobs
        .into_iter()
        .find(|row| row.profile == profile && row.view.id == id);
    found.ok_or_else(|| jobs::JobsError::NoSuchJob(asked.to_owned()).into())
}

/// Returns whether a phase is one that somebody waits in.
#[must_use]
pub fn waits(phase: Phase) -> bool {
    matches!(phase, Phase::Queued | Phase::Requeued { .. })
}
