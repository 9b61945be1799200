//! The terminal console: what runs, how it learns, what came of it, and what to do next.
//!
//! Owns screens, actions, keys, wording and colours. Starts no worker itself (that is the
//! [`Launcher`]'s), computes nothing about learning or trading, and keeps nothing that is not in
//! the run directories: it may be killed at any time. Start at [`run`]; then [`message`] and
//! [`update()`] for what happens, [`view`] for what is seen, [`actions`] for what can be done.

// What the user can do and what it changes.
pub mod action;
pub mod actions;
pub mod chord;
pub mod layer;
pub mod message;
mod press;
mod search;
pub mod state;
pub mod update;

// Parts of the state.
pub mod cursor;
pub mod extent;
pub mod form;
pub mod host;
pub mod line_edit;
pub mod log_pane;
pub mod metric;
pub mod run_data;
pub mod run_list;

// What is seen.
pub mod areas;
pub mod caps;
pub mod cells;
pub mod dots;
pub mod fuzzy;
pub mod number;
pub mod theme;
pub mod view;
pub mod words;

// What does the work.
pub mod canvas;
pub mod clerk;
mod desk;
pub mod error;
pub mod hands;
pub mod launcher;
pub mod run_files;
mod sources;
mod terminal;
pub mod watcher;

#[cfg(test)]
mod tests;

pub use error::ConsoleError;
pub use launcher::Launcher;
pub use state::State;
pub use update::update;

use caps::Caps;
use clerk::Clerk;
use config::LoadRequest;
use desk::{Desk, IdleMark};
use domain::{Clock, Lang};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, mpsc},
    time::Duration,
};
use terminal::Terminal;
use theme::Theme;
use watcher::Watcher;

/// One use of the console.
pub struct Session {
    /// Where the runs live.
    pub home: runs::Home,
    /// Folder with `configs/`.
    pub project: PathBuf,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// Language of the interface.
    pub lang: Lang,
    /// The run to open first: identifier, unique beginning, name, `latest` or path.
    pub open: Option<String>,
    /// Wall-clock and steady time.
    pub clock: Arc<dyn Clock>,
    /// Starts workers.
    pub launcher: Box<dyn Launcher>,
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
/// With `MAKOOK_TEST_IDLE` set, `OSC 7777;idle BEL` is written whenever nothing is left to do.
///
/// # Errors
/// No terminal, no such run to open, or a terminal that refuses.
pub fn run(session: Session) -> Result<(), ConsoleError> {
    let Session {
        home,
        project,
        env,
        lang,
        open,
        clock,
        launcher,
    } = session;
    let open = open.map(|asked| home.open(&asked)).transpose()?;
    let look = console_settings(&project, &env);
    let caps = Caps::detect(&env, &look);
    let idle_mark = match env.contains_key("MAKOOK_TEST_IDLE") {
        true => IdleMark::Written,
        false => IdleMark::Silent,
    };
    let terminal = Terminal::enter()?;
    let open = open.map(|run| run.id().clone());
    let mut state = State::new(&project, lang, Terminal::size(), open);
    state.read_only = look.read_only;
    state.glyphs = caps.glyphs;

    let (out, inbox) = mpsc::channel();
    let signals = sources::signals(out.clone())?;
    let (watcher, requests) = mpsc::channel();
    let refresh = Duration::from_millis(look.refresh);
    let watching = Watcher::new(home.clone(), Arc::clone(&clock), refresh, out.clone());
    sources::spawn("watcher", out.clone(), move || watching.run(&requests))?;
    let (clerk, errands) = mpsc::channel();
    let working = Clerk {
        home,
        project,
        env,
        lang,
        clock: Arc::clone(&clock),
        launcher,
        out: out.clone(),
    };
    sources::spawn("clerk", out.clone(), move || working.run(&errands))?;
    sources::keys(out)?;
    let desk = Desk {
        state,
        terminal,
        caps,
        theme: Theme::new(look.theme, caps.depth),
        clock,
        watcher,
        clerk,
        idle_mark,
    };
    let ended = desk.work(&inbox);
    signals.close();
    ended
}

/// Returns how the console is to look; broken settings must not keep it from opening.
fn console_settings(
    project: &std::path::Path,
    env: &BTreeMap<String, String>,
) -> config::keys::Console {
    let request = LoadRequest {
        dir: project.join("configs"),
        env: env.clone(),
        ..LoadRequest::default()
    };
    config::load(&request)
        .map(|resolved| resolved.config.console)
        .unwrap_or_default()
}
