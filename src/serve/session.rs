//! One program in a pseudo-terminal, kept whether or not a browser shows it.
//!
//! Knows what its screen looks like, so that a browser that comes back sees the same. Memory is
//! bounded: while a browser shows it, the program waits when the browser is slow; without one, its
//! output changes the remembered screen and is forgotten. Start at [`Session::start`] and
//! [`Session::attach`].

use crate::{ServeError, limits::Limits, sequence::Cutter};
use domain::Clock;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process_group};
use std::{
    collections::{BTreeMap, VecDeque},
    ffi::OsString,
    fmt,
    io::{Read, Write},
    num::NonZero,
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// Bytes that are read from the program, and sent to the browser, at once.
const PART: usize = 32 << 10;
/// After the program's end, how long its last output is waited for while another process of its
/// keeps the terminal open.
const LAST_OUTPUT: Duration = Duration::from_secs(1);

/// What runs in the terminal.
#[derive(Clone, Debug)]
pub struct Program {
    /// The program.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Its whole environment.
    pub env: BTreeMap<String, String>,
    /// Its working folder.
    pub folder: PathBuf,
}

/// Columns and rows of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    columns: u16,
    rows: u16,
}

impl Size {
    /// Returns the nearest size that a terminal can have here: 2×2 to 500×300.
    #[must_use]
    pub fn near(columns: u16, rows: u16) -> Self {
        Self {
            columns: columns.clamp(2, 500),
            rows: rows.clamp(2, 300),
        }
    }

    fn sides(self) -> (NonZero<u16>, NonZero<u16>) {
        let side = |side| NonZero::new(side).unwrap_or(NonZero::<u16>::MIN);
        (side(self.rows), side(self.columns))
    }

    fn of_pty(self) -> PtySize {
        PtySize {
            rows: self.rows,
            cols: self.columns,
            pixel_width: 0,
            pixel_height: 0,
        }
    }
}

/// What a shown session has for its browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Bytes for the terminal.
    Output(Vec<u8>),
    /// The program has ended with this exit code, and everything was shown.
    Ended(u32),
    /// Another tab shows it now.
    Taken,
    /// The server ends.
    Closing,
    /// Nothing for a while.
    Quiet,
}

/// The program does not read what is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overfull;

/// A running program with its terminal.
#[derive(Clone)]
pub struct Session {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    clock: Arc<dyn Clock>,
    limits: Limits,
    group: Option<Pid>,
}

struct State {
    /// What the screen looks like.
    screen: vt100::Parser,
    master: Box<dyn MasterPty + Send>,
    /// Which attachment shows it.
    shown_by: Option<u64>,
    attachments: u64,
    /// When the last browser left.
    alone_since: Duration,
    output: VecDeque<u8>,
    /// Bytes sent and not confirmed.
    unconfirmed: usize,
    typed: VecDeque<u8>,
    code: Option<u32>,
    /// Nothing comes from the terminal any more.
    dry: bool,
    closing: bool,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("group", &self.shared.group)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Starts `program` in a new terminal; `ended` hears its exit code.
    ///
    /// # Errors
    /// No terminal, no program, no thread.
    pub fn start(
        program: &Program,
        size: Size,
        limits: Limits,
        clock: Arc<dyn Clock>,
        ended: impl FnOnce(u32) + Send + 'static,
    ) -> Result<Self, ServeError> {
        let no_console = |error: &dyn fmt::Display| ServeError::NoConsole(error.to_string());
        let pair = native_pty_system()
            .openpty(size.of_pty())
            .map_err(|error| no_console(&error))?;
        let mut command = CommandBuilder::new(&program.path);
        command.args(&program.arguments);
        command.env_clear();
        program
            .env
            .iter()
            .for_each(|(name, value)| command.env(name, value));
        command.cwd(&program.folder);
        let reader = pair.master.try_clone_reader();
        let reader = reader.map_err(|error| no_console(&error))?;
        let writer = pair.master.take_writer();
        let writer = writer.map_err(|error| no_console(&error))?;
        let child = pair.slave.spawn_command(command);
        let child = child.map_err(|error| no_console(&error))?;
        // Only the program may hold this end: its end is the terminal's.
        drop(pair.slave);
        let (rows, columns) = size.sides();
        let pid = child.process_id().and_then(|pid| i32::try_from(pid).ok());
        let session = Self {
            shared: Arc::new(Shared {
                state: Mutex::new(State {
                    screen: vt100::Parser::new(rows, columns, 0),
                    master: pair.master,
                    shown_by: None,
                    attachments: 0,
                    alone_since: clock.steady(),
                    output: VecDeque::new(),
                    unconfirmed: 0,
                    typed: VecDeque::new(),
                    code: None,
                    dry: false,
                    closing: false,
                }),
                changed: Condvar::new(),
                clock,
                limits,
                group: pid.and_then(Pid::from_raw),
            }),
        };
        let threads = [Arc::clone(&session.shared), Arc::clone(&session.shared)];
        let [reads, types] = threads;
        let waits = Arc::clone(&session.shared);
        let named = |name: &str| thread::Builder::new().name(name.to_owned());
        named("terminal out").spawn(move || reads.read_output(reader))?;
        named("terminal in").spawn(move || types.type_in(writer))?;
        named("terminal end").spawn(move || ended(waits.wait_for_the_end(child)))?;
        Ok(session)
    }

    /// Shows the session to a browser of this size, which takes it from any other; the first news
    /// paints the screen.
    #[must_use]
    pub fn attach(&self, size: Size) -> Attachment {
        let mut state = self.shared.state();
        state.attachments += 1;
        let number = state.attachments;
        state.shown_by = Some(number);
        state.unconfirmed = 0;
        state.resize(size);
        state.output = painting(state.screen.screen()).into();
        drop(state);
        self.shared.changed.notify_all();
        Attachment {
            shared: Arc::clone(&self.shared),
            number,
        }
    }

    /// Returns whether the program has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.shared.state().is_over()
    }

    /// Returns how long no browser has shown it; `None` while one does.
    #[must_use]
    pub fn alone_for(&self) -> Option<Duration> {
        let state = self.shared.state();
        let now = self.shared.clock.steady();
        let alone = state.shown_by.is_none();
        alone.then(|| now.saturating_sub(state.alone_since))
    }

    /// Asks the program to end as a closed terminal does, and whoever shows it to leave.
    pub fn hang_up(&self) {
        let mut state = self.shared.state();
        state.closing = true;
        self.shared.signal(&state, Signal::HUP);
        drop(state);
        self.shared.changed.notify_all();
    }

    /// Waits until the program has ended after [`Self::hang_up`]; kills it when it takes too long.
    pub fn bury(&self) {
        let patience = self.shared.limits.goodbye;
        let state = self.shared.state();
        let waited = self
            .shared
            .changed
            .wait_timeout_while(state, patience, |state| state.code.is_none());
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        self.shared.signal(&state, Signal::KILL);
    }
}

/// A session as one browser shows it; dropping it leaves the session to itself.
pub struct Attachment {
    shared: Arc<Shared>,
    number: u64,
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl Attachment {
    /// Waits for news, at most for `patience`; output only while the window is open.
    #[must_use]
    pub fn wait(&self, patience: Duration) -> News {
        let window = self.shared.limits.window;
        let quiet = |state: &mut State| {
            state.shown_by == Some(self.number)
                && !state.closing
                && (state.output.is_empty() || state.unconfirmed >= window)
                && !(state.is_over() && state.output.is_empty())
        };
        let state = self.shared.state();
        let waited = self
            .shared
            .changed
            .wait_timeout_while(state, patience, quiet);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.shown_by != Some(self.number) {
            return News::Taken;
        }
        if !state.output.is_empty() && state.unconfirmed < window {
            let most = PART.min(state.output.len());
            let part: Vec<u8> = state.output.drain(..most).collect();
            state.unconfirmed += part.len();
            drop(state);
            self.shared.changed.notify_all();
            return News::Output(part);
        }
        match state.code {
            _ if state.closing => News::Closing,
            Some(code) if state.is_over() && state.output.is_empty() => News::Ended(code),
            _ => News::Quiet,
        }
    }

    /// Notes that the browser has shown `bytes` more.
    pub fn confirm(&self, bytes: usize) {
        let mut state = self.shared.state();
        if state.shown_by == Some(self.number) {
            state.unconfirmed = state.unconfirmed.saturating_sub(bytes);
            drop(state);
            self.shared.changed.notify_all();
        }
    }

    /// Hands typed bytes to the program.
    ///
    /// # Errors
    /// The program has not read for so long that no more is kept for it.
    pub fn type_in(&self, bytes: &[u8]) -> Result<(), Overfull> {
        let mut state = self.shared.state();
        if state.shown_by != Some(self.number) {
            return Ok(());
        }
        if state.typed.len() + bytes.len() > self.shared.limits.typed {
            return Err(Overfull);
        }
        state.typed.extend(bytes);
        drop(state);
        self.shared.changed.notify_all();
        Ok(())
    }

    /// Gives the terminal another size.
    pub fn resize(&self, size: Size) {
        let mut state = self.shared.state();
        if state.shown_by == Some(self.number) {
            state.resize(size);
        }
    }
}

impl Attachment {
    /// Leaves the session to itself: no more news comes, and what it writes is no longer kept.
    pub fn leave(&self) {
        let mut state = self.shared.state();
        if state.shown_by == Some(self.number) {
            state.shown_by = None;
            state.output.clear();
            state.alone_since = self.shared.clock.steady();
        }
        drop(state);
        self.shared.changed.notify_all();
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        self.leave();
    }
}

impl State {
    fn is_over(&self) -> bool {
        self.code.is_some() && self.dry
    }

    fn resize(&mut self, size: Size) {
        let (rows, columns) = size.sides();
        self.screen.screen_mut().set_size(rows, columns);
        // A terminal that is gone has no size; its end is noticed elsewhere.
        let _ = self.master.resize(size.of_pty());
    }
}

/// Returns what makes a terminal look like `screen`: reset, which of the two screens, contents,
/// cursor and modes.
pub(crate) fn painting(screen: &vt100::Screen) -> Vec<u8> {
    let mut bytes = b"\x1bc".to_vec();
    if screen.alternate_screen() {
        bytes.extend(b"\x1b[?1049h");
    }
    bytes.extend(screen.state_formatted().as_bytes());
    bytes
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        condition: impl FnMut(&mut State) -> bool,
    ) -> MutexGuard<'a, State> {
        let waited = self.changed.wait_while(state, condition);
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    /// Signals the program's process group unless the program is known to have ended.
    fn signal(&self, state: &State, signal: Signal) {
        if let (Some(group), None) = (self.group, state.code) {
            // It may have ended this moment.
            let _ = kill_process_group(group, signal);
        }
    }

    fn read_output(&self, mut reader: Box<dyn Read + Send>) {
        let mut cutter = Cutter::default();
        let mut part = vec![0; PART];
        while let Ok(read @ 1..) = reader.read(&mut part) {
            let bytes = cutter.push(&part[..read]);
            // Here the program is made to wait: what it writes stays in the terminal.
            let full = |state: &mut State| {
                state.shown_by.is_some() && !state.closing && state.output.len() >= PART
            };
            let mut state = self.wait(self.state(), full);
            state.screen.process(&bytes);
            if state.shown_by.is_some() {
                state.output.extend(bytes);
            }
            drop(state);
            self.changed.notify_all();
        }
        self.state().dry = true;
        self.changed.notify_all();
    }

    fn type_in(&self, mut writer: Box<dyn Write + Send>) {
        loop {
            let mut state = self.wait(self.state(), |state| {
                state.typed.is_empty() && state.code.is_none()
            });
            if state.code.is_some() {
                return;
            }
            let bytes: Vec<u8> = state.typed.drain(..).collect();
            drop(state);
            if writer.write_all(&bytes).is_err() {
                return;
            }
        }
    }

    fn wait_for_the_end(&self, mut child: Box<dyn Child + Send + Sync>) -> u32 {
        let code = child.wait().map_or(1, |status| status.exit_code());
        let mut state = self.state();
        state.code = Some(code);
        self.changed.notify_all();
        // A process that the program left behind may keep the terminal open for ever.
        while !state.dry {
            let waited = self
                .changed
                .wait_timeout_while(state, LAST_OUTPUT, |state| !state.dry);
            let (woken, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = woken;
            let slow_browser = state.shown_by.is_some() && state.output.len() >= PART;
            state.dry |= timeout.timed_out() && !slow_browser;
        }
        drop(state);
        self.changed.notify_all();
        code
    }
}
