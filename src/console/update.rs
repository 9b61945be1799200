//! Turns a message into a changed state and effects; the only place that does.
//!
//! Never reads files, clocks or the terminal. Start at [`update()`].

use crate::{
    accessible, actions,
    awaiting::Posted,
    charts::MOST_OVERLAYS,
    clipboard,
    hands::Order,
    launch::Launch,
    layer::Layer,
    log_pane,
    message::{Assignment, Effect, Errand, Message},
    mouse, press, resting,
    run_data::RunData,
    shelves,
    state::{Change, ReportPane, Screen, State, Tone},
    tour,
};
use domain::{Phrase, Text, phrase};
use runs::{Ack, RunId, Summary};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Takes `message` in at the steady time `now` and returns what is to be done.
pub fn update(state: &mut State, message: Message, now: Duration) -> Vec<Effect> {
    state.now = now;
    if state.toast.as_ref().is_some_and(|toast| toast.until <= now) {
        state.toast = None;
    }
    let mut effects = apply(state, message);
    resting::settle(state);
    actions::show_theme(state);
    tour::settle(state);
    follow_choice(state, &mut effects);
    effects.extend(actions::ask_columns(state));
    lay_over(state, &mut effects);
    state.charts.tell(state.data.as_deref(), now);
    lay_out_report(state);
    shelves::ask(state, &mut effects);
    ask_for_trades(state, &mut effects);
    log_pane::ask(state, &mut effects);
    effects
}

fn apply(state: &mut State, message: Message) -> Vec<Effect> {
    let mut looks = Vec::new();
    match message {
        Message::Press(chord) => return press::press(state, chord),
        Message::Typed(text) => return accessible::command::take(state, &text),
        Message::Paste(text) => return press::paste(state, &text),
        Message::Mouse(mouse) => return mouse::take(state, mouse),
        Message::Resize(columns, rows) => state.size = (columns, rows),
        Message::Roster(Ok(runs)) => {
            let ended = |state: &State| state.run().map(|run| run.state);
            let before = ended(state);
            let page = state.run_page();
            let moved = runs_moved(&state.runs.all, &runs);
            for run in &runs {
                state.unlisted.remove(&run.id);
            }
            state.runs.replace(runs, page);
            tour::greet(state);
            if moved {
                state.look_at_shelves_again();
                looks.push(Effect::Assign(Assignment::Look));
            }
            if before.is_some() && before != ended(state) {
                state.report = state.report.anew();
            }
        }
        Message::Roster(Err(problem)) => {
            state.runs.loaded = true;
            state.runs.problem = Some(problem);
        }
        Message::Spark { run, values } => {
            state.runs.sparks.insert(run, values);
        }
        Message::Run(data) => take_data(state, data),
        Message::Smoothed { name, smoothed } => {
            if let Some(data) = state.data.clone() {
                state.charts.smoothed(name, *smoothed, &data, state.now);
            }
        }
        Message::Log(news) => state.log.take(news),
        Message::LogSearch(search) => actions::take_search(state, search),
        Message::LogMissed(miss) => actions::missed(state, miss),
        Message::LogFiles { run, files } => actions::take_files(state, &run, &files),
        Message::Host(host) => state.host = host,
        Message::Line(news) => state.line = Some(news),
        Message::Settings(news) => {
            state.form.take(*news);
        }
        Message::Report {
            run,
            outcome,
            sheets,
        } => {
            if state.report.run.as_ref() == Some(&run) {
                state.report.sheets = sheets;
                state.report.body = Some(outcome);
                state.report.laid_out = None;
            }
        }
        Message::Sifted { question, picked } => state.trades.take(question, picked),
        Message::Compared(comparison) => state.comparison = Some(comparison),
        Message::Jobs(Ok(news)) => {
            let page = state.job_page();
            state.jobs.replace(news, page);
        }
        Message::Jobs(Err(problem)) => {
            state.jobs.loaded = true;
            state.jobs.problem = Some(problem);
        }
        Message::Waiting(waiting) => state.jobs.waiting = waiting,
        Message::Destinations(destinations) => state.jobs.destinations = destinations,
        Message::Previewed { order, outcome } => {
            if let Some(launch) = launch_dialog(state) {
                launch.take(&order, outcome);
            }
        }
        Message::Refused { order, why } => return refused(state, order, why),
        Message::Throttled { job, at_most } => {
            state.jobs.allow(&job, at_most);
            let array = job.array().unwrap_or(job.id.as_str());
            let says = Phrase::new(
                format!("at most {at_most} tasks of {array} run at the same time"),
                format!("{array}: 동시에 최대 {at_most}개까지 실행됩니다"),
            );
            state.say(Tone::Good, says);
            return vec![Effect::Refresh];
        }
        Message::Script { run, outcome } => actions::show_script(state, &run, outcome),
        Message::RunSettings {
            run,
            wanted,
            outcome,
        } => return actions::take_settings(state, &run, wanted, outcome),
        Message::Drafted { saving, outcome } => actions::offer_save(state, saving, outcome),
        Message::Saved { saving, draft } => return actions::saved(state, &saving, &draft),
        Message::Calibrated(Ok(measured)) => actions::offer_found(state, &measured),
        Message::Calibrated(Err(why)) => state.say(Tone::Bad, why),
        Message::Posted(posted) => {
            let Posted {
                number, command, ..
            } = &posted;
            let says = domain::phrase!(
                "command {number} sent: {command}; waiting for the worker's answer",
                "명령 {number} 보냄: {command}. 작업자의 응답을 기다립니다"
            );
            state.say(Tone::Good, says);
            state.awaiting.add(posted);
            hear_answers(state);
            return vec![Effect::Refresh];
        }
        Message::Went(says) => {
            state.look_at_shelves_again();
            state.say(Tone::Good, says);
            return vec![Effect::Refresh];
        }
        Message::Failed(says) => state.say(Tone::Bad, says),
        Message::Launched(runs) => return launched(state, runs),
        Message::Withdrawn(runs) => return actions::withdrawn(state, &runs),
        Message::Removed(run) => {
            state.done.push(Change::Removed(run.clone()));
            let says = Phrase::new(
                format!("{run} is in the trash; Ctrl-Z brings it back"),
                format!("{run}: 휴지통으로 옮겼습니다. Ctrl-Z로 되살립니다"),
            );
            state.say(Tone::Good, says);
            return vec![Effect::Refresh];
        }
        Message::Exported(files) => exported(state, files),
        Message::Kept {
            what,
            bytes,
            outcome,
        } => copied(state, what, bytes, outcome),
        Message::Data(news) => {
            let page = state.data_page();
            state.data_list.replace(news, page);
        }
        Message::Models(news) => {
            let page = state.model_page();
            state.model_list.replace(news, page);
        }
        Message::Import(news) => shelves::take_import(state, news),
        Message::Named { name, before, now } => shelves::named(state, name, before, now.as_ref()),
        Message::Quit => return vec![Effect::Quit],
        Message::Settled
        | Message::ColumnsRead
        | Message::Taken(_)
        | Message::Alive
        | Message::Tick
        | Message::Suspend
        | Message::Broken(_) => {}
    }
    looks
}

fn exported(state: &mut State, files: Vec<PathBuf>) {
    let name = |file: &PathBuf| Some(file.file_name()?.to_string_lossy().into_owned());
    let names: Vec<String> = files.iter().filter_map(name).collect();
    let folder = files.first().and_then(|file| file.parent());
    let (names, folder) = (names.join(" "), folder.unwrap_or(Path::new("")).display());
    let says = domain::phrase!(
        "{names} written; Ctrl-Z takes them away. In {folder}",
        "{names} 저장함. Ctrl-Z로 지웁니다. 위치: {folder}"
    );
    state.done.push(Change::Exported(files));
    state.say(Tone::Good, says);
}

fn copied(state: &mut State, what: Text, bytes: usize, outcome: Result<PathBuf, Phrase>) {
    let Text { en, ko } = what;
    let fits = bytes <= clipboard::LONGEST;
    let says = match (fits, outcome) {
        (true, Ok(file)) => {
            let file = file.display();
            phrase!(
                "copied: {en}; if the terminal takes no copies, it is in {file}",
                "복사했습니다: {ko}. 터미널이 복사를 받지 않으면 {file}에 있습니다"
            )
        }
        (false, Ok(file)) => {
            let file = file.display();
            phrase!(
                "too long for a terminal's clipboard ({bytes} bytes): {en} is in {file}",
                "터미널 클립보드에 넣기에는 깁니다({bytes}바이트). {ko}: {file}에 저장했습니다"
            )
        }
        (true, Err(why)) => {
            let (why_en, why_ko) = (why.en, why.ko);
            phrase!(
                "copied: {en}; not kept in a file: {why_en}",
                "복사했습니다: {ko}. 파일에는 저장하지 못했습니다: {why_ko}"
            )
        }
        (false, Err(why)) => {
            let (why_en, why_ko) = (why.en, why.ko);
            let says = phrase!(
                "{en} was not copied: too long for a terminal's clipboard, and {why_en}",
                "{ko}: 복사하지 못했습니다. 클립보드에 넣기에는 길고 파일에도 저장하지 못했습니다: {why_ko}"
            );
            state.say(Tone::Bad, says);
            return;
        }
    };
    state.say(Tone::Good, says);
}

/// Returns whether a run came, went or changed its state: its job did then as well.
fn runs_moved(before: &[Summary], after: &[Summary]) -> bool {
    let differs = |(a, b): (&Summary, &Summary)| a.id != b.id || a.state != b.state;
    before.len() != after.len() || before.iter().zip(after).any(differs)
}

/// Takes in that the oldest order was answered.
fn answered(state: &mut State) {
    if !state.sending.is_empty() {
        state.sending.remove(0);
    }
}

/// Of a sweep the first run is shown; the others are in the lists beside it.
fn launched(state: &mut State, runs: Vec<RunId>) -> Vec<Effect> {
    answered(state);
    let Some(id) = runs.first().cloned() else {
        return Vec::new();
    };
    // Whoever has begun something else meanwhile is not torn away from it.
    if state.layers.is_empty() {
        state.runs.await_run(id.clone());
        state.go(Screen::Run);
    }
    state.undone.clear();
    let unlisted = runs.iter().filter(|run| state.runs.find(run).is_none());
    state.unlisted.extend(unlisted.cloned());
    state.done.push(Change::Launched(runs));
    state.say(
        Tone::Good,
        Phrase::new(
            format!("training {id} started"),
            format!("학습 {id} 시작됨"),
        ),
    );
    vec![Effect::Refresh]
}

fn launch_dialog(state: &mut State) -> Option<&mut Launch> {
    state.layers.iter_mut().find_map(|layer| match layer {
        Layer::Launch(launch) => Some(&mut **launch),
        _ => None,
    })
}

/// Opens the dialog again, below whatever was begun meanwhile, with everything as it was sent.
fn refused(state: &mut State, order: Order, why: Phrase) -> Vec<Effect> {
    answered(state);
    state.say(Tone::Bad, why.clone());
    if launch_dialog(state).is_some() {
        return Vec::new();
    }
    let launch = Launch::refused(order, why, &state.jobs.destinations);
    let asks = launch.ask();
    state.layers.insert(0, Layer::Launch(Box::new(launch)));
    vec![asks]
}

fn take_data(state: &mut State, data: Arc<RunData>) {
    if state.watched.as_ref() != Some(&data.run) {
        if state.overlaid.contains(&data.run) {
            state.charts.overlays.insert(data.run.clone(), data);
            if let Some(own) = &state.data {
                state.charts.take(own, state.now);
            }
        }
        return;
    }
    // What the former run left on screen is painted over at once.
    if state.resting.is_reading() {
        state.resting.catch_up();
        forget_places(state);
        forget_read(state);
    }
    state.charts.take(&data, state.now);
    // The chosen event stays the same one when newer ones come.
    let former = state.data.as_ref().map(|former| former.events.len());
    if let (1.., Some(former)) = (state.events.at, former) {
        let grown = state.events.at + data.events.len().saturating_sub(former);
        state.events.set(grown, data.events.len(), 1);
    }
    state.data = Some(data);
    hear_answers(state);
}

/// Tells what the worker of the watched run has answered meanwhile.
fn hear_answers(state: &mut State) {
    let Some(data) = state.data.clone() else {
        return;
    };
    for (posted, ack) in state.awaiting.answered(&data.run, &data.events) {
        let command = posted.command;
        match ack {
            Ack::Accepted => {
                let says = domain::phrase!(
                    "the worker answered: {command} accepted",
                    "작업자 응답: {command} 적용됨"
                );
                state.say(Tone::Good, says);
            }
            Ack::Refused {
                reason: Phrase { en, ko },
            } => {
                let says = domain::phrase!(
                    "the worker refused {command}: {en}",
                    "작업자가 {command} 명령을 거절했습니다: {ko}"
                );
                state.say(Tone::Bad, says);
            }
        }
    }
}

/// Lays the report out again when it, the language or the width changed; drawing it anew for
/// every key would take longer than a frame may.
fn lay_out_report(state: &mut State) {
    let pane = &state.report;
    let wanted = (state.lang, state.size, pane.window, pane.is_whole);
    if state.screen == Screen::Performance && state.report.laid_out != Some(wanted) {
        state.report.lines = crate::view::performance::lines(state);
        state.report.laid_out = Some(wanted);
    }
}

/// Has the table of trades show what is asked of it.
fn ask_for_trades(state: &mut State, effects: &mut Vec<Effect>) {
    let trades = state.data().map(|data| data.evaluation.trades.clone());
    if let Some(question) = trades.and_then(|trades| state.trades.refresh(&trades)) {
        effects.push(Effect::Run(Errand::Sift(question)));
    }
}

/// Has the marked runs read while the charts show them over the chosen one.
fn lay_over(state: &mut State, effects: &mut Vec<Effect>) {
    if state.screen != Screen::Run {
        return;
    }
    let marked = |run: &&Summary| {
        state.runs.marked.contains(&run.id) && state.watched.as_ref() != Some(&run.id)
    };
    let wanted: Vec<&Summary> = state
        .runs
        .all
        .iter()
        .filter(marked)
        .take(MOST_OVERLAYS)
        .collect();
    let ids: Vec<_> = wanted.iter().map(|run| run.id.clone()).collect();
    if ids == state.overlaid {
        return;
    }
    let wanted = wanted.iter().map(|run| (run.id.clone(), run.path.clone()));
    effects.push(Effect::Overlay(wanted.collect()));
    state.overlaid = ids;
    let overlaid = state.overlaid.clone();
    let data = state.data.clone();
    state.charts.change(data.as_deref(), state.now, |charts| {
        charts.keep_overlays(&overlaid);
    });
}

/// Forgets where in the former run's log, events and trades one was. The places of an earlier use
/// stay for the first run that is followed.
fn forget_places(state: &mut State) {
    let former = std::mem::replace(&mut state.places_of, state.watched.clone());
    if former.is_some() && former != state.places_of {
        state.log = state.log.anew();
        state.events = Default::default();
        state.trades.forget_rows();
    }
}

/// Forgets what was read of the former run.
fn forget_read(state: &mut State) {
    state.data = None;
    state.charts.begin();
}

/// Has the workers follow the chosen run, and asks for what its screen needs.
fn follow_choice(state: &mut State, effects: &mut Vec<Effect>) {
    let known = state.run_to_read();
    let known = known.map(|run| (run.id.clone(), run.path.clone()));
    let id = known.as_ref().map(|(id, _)| id.clone());
    let is_next = id != state.watched;
    if is_next {
        state.watched = id;
        effects.push(Effect::Watch(known.clone()));
    }
    let read = state.data.as_ref().map(|data| &data.run);
    let is_left = read.is_some() && read != state.watched.as_ref();
    // What was read of a run stays as long as its details do.
    if state.resting.due().is_none() {
        forget_places(state);
        if is_next || is_left {
            forget_read(state);
        }
    }
    if let (Screen::Performance | Screen::Trades, Some((run, path))) = (state.screen, known)
        && state.report.run.as_ref() != Some(&run)
    {
        let cursor = match state.report.run {
            None => state.report.cursor,
            Some(_) => Default::default(),
        };
        state.report = ReportPane {
            run: Some(run.clone()),
            cursor,
            ..state.report.anew()
        };
        effects.push(Effect::Run(Errand::Report { run, path }));
    }
}
