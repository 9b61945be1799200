//! The terminal console: what runs, how it learns, what came of it, and what to do next.
//!
//! Owns screens, actions, keys, wording and colours. Starts no worker itself (that is the
//! [`Foreman`]'s), touches no run directory itself (that is the [`Hands`]'), computes nothing about
//! learning or trading, and keeps nothing but the view that is not in the run directories: it may
//! be killed at any time. Start at [`run`]; then [`message`] and [`update()`] for what happens,
//! [`view`] for what is seen, [`actions`] for what can be done.

// What the user can do and what it changes.
pub mod action;
pub mod actions;
pub mod chord;
pub mod keymap;
pub mod layer;
pub mod message;
pub mod mouse;
mod press;
mod search;
mod shelves;
pub mod state;
mod stray;
pub mod update;

// Parts of the state.
pub mod against;
pub mod alerts;
pub mod awaiting;
pub mod backlog;
pub mod better;
mod block;
pub mod change;
pub mod charts;
mod chunk;
pub mod column;
pub mod cursor;
pub mod data_list;
pub mod data_sets;
pub mod explanation;
pub mod extent;
pub mod form;
pub mod host;
pub mod importing;
pub mod job_list;
pub mod job_news;
pub mod launch;
pub mod line_edit;
pub mod log_line;
pub mod log_news;
pub mod log_pane;
pub mod look;
pub mod marks;
pub mod metric;
pub mod model_list;
mod original;
pub mod practice;
pub mod promotion;
pub mod pyramid;
mod reading;
pub mod resting;
pub mod run_data;
pub mod run_list;
pub mod saving;
pub mod scratch;
pub mod screen;
pub mod seen;
pub mod series;
pub mod side_by_side;
pub mod smoothing;
mod tail;
pub mod text_edit;
pub mod tour;
pub mod trade_table;

// What is seen, or heard.
pub mod accessible;
pub mod areas;
pub mod caps;
pub mod cells;
pub mod colour;
pub mod dots;
pub mod fuzzy;
pub mod number;
pub mod panes;
pub mod theme;
pub mod view;
pub mod words;

// What does the work.
pub mod calibration;
pub mod canvas;
pub mod clerk;
pub mod clipboard;
mod deed;
mod desk;
pub mod diary;
pub mod encode;
pub mod error;
pub mod exporting;
pub mod hands;
mod keeper;
pub mod keyboard;
pub mod log_reader;
pub mod memory;
pub mod office;
pub mod own_log;
pub mod pace;
mod painter;
pub mod placement;
pub mod pulse;
pub mod run_files;
mod scroll;
mod sources;
mod spark;
mod terminal;
pub mod watcher;

#[cfg(test)]
mod tests;

pub use error::ConsoleError;
pub use hands::{Foreman, Hands, Line};
pub use state::State;
pub use update::update;

use backlog::Backlog;
use caps::Caps;
use clerk::Clerk;
use clipboard::Between;
use config::LoadRequest;
use desk::{Desk, IdleMark};
use diary::Diary;
use domain::{Clock, Lang, Place};
use log_reader::LogReader;
use look::{Look, Preference, Said};
use memory::{Memory, Recall};
use office::Office;
use pace::Pace;
use painter::Painter;
use pulse::Pulse;
use state::Tone;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, mpsc},
    time::Duration,
};
use terminal::Terminal;
use watcher::Watcher;

/// How long the end waits for the view to be written down.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// One use of the console.
pub struct Session {
    /// Where the runs live.
    pub home: runs::Home,
    /// Folder with `configs/`.
    pub project: PathBuf,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// Language of the interface, unless another was chosen before.
    pub lang: Lang,
    /// Who says so.
    pub lang_said: Said,
    /// The run to open first: identifier, unique beginning, name, `latest` or path.
    pub open: Option<String>,
    /// Wall-clock and steady time.
    pub clock: Arc<dyn Clock>,
    /// Touches run directories.
    pub hands: Box<dyn Hands>,
    /// Starts, lists and ends jobs.
    pub foreman: Box<dyn Foreman>,
    /// The line to the host whose runs these are; `None` for this machine's own.
    pub line: Option<Arc<dyn Line>>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("home", &self.home)
            .finish_non_exhaustive()
    }
}

/// Shows the console until the user quits or the program is asked to end (SIGTERM, SIGHUP,
/// SIGINT). The terminal is given back on every way out.
///
/// With `MAKOOK_TEST_IDLE` set, `OSC 7777;idle BEL` is written whenever nothing is left to do. With
/// `MAKOOK_TEST_PANIC=loop` the loop panics at the first such moment, with `=thread` a thread beside
/// it does at once. With `ACCESSIBLE` set, lines are written for a screen reader instead.
///
/// # Errors
/// No terminal, no such run to open, or a terminal that refuses.
pub fn run(session: Session) -> Result<(), ConsoleError> {
    let Session {
        home,
        project,
        env,
        lang,
        lang_said,
        open,
        clock,
        hands,
        foreman,
        line,
    } = session;
    let open = open.map(|asked| home.open(&asked)).transpose()?;
    // First of all, so that something happens at once.
    let aloud = accessible::is_asked(&env);
    let terminal = match aloud {
        true => Terminal::plain()?,
        false => Terminal::enter()?,
    };
    let (look, places) = console_settings(&project, &env);
    let caps = Caps::detect(&env, &look);
    let between = Between::of(&env);
    let panics = env.get("MAKOOK_TEST_PANIC").cloned().unwrap_or_default();
    let idle_mark = match env.contains_key("MAKOOK_TEST_IDLE") {
        _ if panics == "loop" => IdleMark::Panic,
        true => IdleMark::Written,
        false => IdleMark::Silent,
    };
    // A dumb terminal would print the question.
    let dumb = |term: &String| term.is_empty() || term == "dumb";
    let pace = match env.get("TERM").is_none_or(dumb) {
        true => Pace::unasking(),
        false => Pace::default(),
    };
    let open = open.map(|run| run.id().clone());
    let recall = match open {
        Some(_) => Recall::KeepChoice,
        None => Recall::All,
    };
    let size = match aloud {
        true => accessible::SIZE,
        false => Terminal::size(),
    };
    let mut state = State::new(&project, lang, size, open);
    state.dialogue = aloud.then(accessible::Dialogue::default);
    state.now = clock.steady();
    state.read_only = look.read_only;
    state.glyphs = caps.glyphs;
    // Lines are no picture: nobody would take what it lacks.
    state.charts.backlog = (!aloud).then(Backlog::default);
    let language = Preference::of(lang, lang_said);
    let place = |path: &str| places.get(path).cloned().unwrap_or(Place::Default);
    state.look = Look::of(&look, language, &place);
    let kept_at = memory::path(home.root(), &env);
    match Memory::read(&kept_at) {
        Ok(Some(memory)) => memory.recall(&mut state, recall),
        Ok(None) => state.greets = look.tour && !aloud && recall == Recall::All,
        Err(why) => state.say(Tone::Bad, why),
    }
    if let Some(says) = state.look.keys.remark() {
        state.say(Tone::Bad, says);
    }

    let own_log = own_log::folder(home.root());
    let _logging = own_log::start(&own_log, &env);
    tracing::info!("the console opens on {}", home.root().display());

    let (out, inbox) = mpsc::channel();
    let signals = sources::signals(out.clone())?;
    let (watcher, requests) = mpsc::channel();
    let refresh = Duration::from_millis(look.refresh);
    let diary = Diary::of(home.root(), &env, Arc::clone(&clock));
    let pulse = Arc::new(Pulse::default());
    let watching = Watcher::new(
        home.clone(),
        Arc::clone(&clock),
        refresh,
        Arc::clone(&pulse),
        line.clone(),
        out.clone(),
    );
    sources::spawn("watcher", out.clone(), move || watching.run(&requests))?;
    let (logs, log_tasks) = mpsc::channel();
    let reading = LogReader {
        own: own_log,
        clock: Arc::clone(&clock),
        refresh,
        tasks: logs.clone(),
        out: out.clone(),
    };
    let refused = out.clone();
    sources::spawn("logs", out.clone(), move || {
        if let Err(error) = reading.run(&log_tasks) {
            let _ = refused.send(message::Message::Broken(error.to_string()));
        }
    })?;
    let (clerk, errands) = mpsc::channel();
    let working = Clerk {
        home,
        project,
        env,
        lang: state.lang,
        clock: Arc::clone(&clock),
        hands,
        line,
        diary: diary.clone(),
        origins: BTreeMap::new(),
        out: out.clone(),
    };
    sources::spawn("clerk", out.clone(), move || working.run(&errands))?;
    let (lacks, pictures) = mpsc::channel();
    let told = out.clone();
    sources::spawn("backlog", out.clone(), move || {
        backlog::work(&pictures, &told);
    })?;
    let (office, assignments) = mpsc::channel();
    let managing = Office {
        foreman,
        diary,
        clock: Arc::clone(&clock),
        pulse,
        out: out.clone(),
    };
    sources::spawn("foreman", out.clone(), move || managing.run(&assignments))?;
    let (keeper, memories) = mpsc::channel();
    let (kept, all_kept) = mpsc::channel();
    let refused = out.clone();
    sources::spawn("keeper", out.clone(), move || {
        let refused = |why| drop(refused.send(message::Message::Failed(why)));
        keeper::keep(&kept_at, keeper::PAUSE, &memories, refused, &kept);
    })?;
    if panics == "thread" {
        let panic = || panic!("MAKOOK_TEST_PANIC asks for a panic");
        sources::spawn("panic", out.clone(), panic)?;
    }
    let painter = Painter::start(terminal.brush()?, out.clone())?;
    match aloud {
        true => sources::lines(out)?,
        false => sources::keys(out)?,
    }
    let desk = Desk {
        state,
        terminal,
        caps,
        between,
        clock,
        watcher,
        clerk,
        office,
        keeper,
        logs,
        lacks,
        pace,
        painter,
        idle_mark,
        told: aloud.then(accessible::account::Account::default),
    };
    let ended = desk.work(&inbox);
    // A file system that hangs must not keep the console open.
    let _ = all_kept.recv_timeout(LAST_WORDS);
    signals.close();
    tracing::info!("the console closes");
    ended
}

/// Returns how the console is to look, and where each of these settings was written; broken
/// settings must not keep it from opening.
fn console_settings(
    project: &std::path::Path,
    env: &BTreeMap<String, String>,
) -> (config::keys::Console, BTreeMap<&'static str, Place>) {
    let request = LoadRequest {
        dir: project.join("configs"),
        env: env.clone(),
        ..LoadRequest::default()
    };
    // With settings that cannot be read, whoever asked for read-only still gets that.
    let asked = env.get("MAKOOK_CONSOLE__READ_ONLY");
    match config::load(&request) {
        Ok(resolved) => {
            let settings = resolved.settings().iter();
            let ours = settings.filter(|setting| setting.key.section() == "console");
            let places = ours.map(|setting| (setting.key.path, setting.origin.clone()));
            let places = places.collect();
            (resolved.config.console, places)
        }
        Err(_) => {
            let console = config::keys::Console {
                read_only: asked.is_some_and(|value| value.trim() == "true"),
                ..config::keys::Console::default()
            };
            (console, BTreeMap::new())
        }
    }
}
