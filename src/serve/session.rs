//! One program in a pseudo-terminal, kept whether or not a browser shows it.
//!
//! Knows what its screen looks like, so that a browser that comes back sees the same. Memory is
//! bounded: while a browser shows it, the program waits when the browser is slow; without one, its
//! output changes the remembered screen and is forgotten. Start at [`Session::start`] and
//! [`Session::attach`].

mod attachment;

pub use attachment::{Attachment, News, Overfull};

use crate::{
    ServeError,
    limits::Limits,
    program::{Program, Size},
    sequence::Cutter,
};
use domain::Clock;
use portable_pty::{Child, MasterPty, native_pty_system};
use rustix::process::{Pid, Signal, kill_process_group};
use std::{
    collections::VecDeque,
    fmt,
    io::{Read, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// Bytes that are read from the program, and sent to the browser, at once.
const PART: usize = 32 << 10;
/// After the program's end, how long its last output is waited for while another process of its
/// keeps the terminal open.
const LAST_OUTPUT: Duration = Duration::from_secs(1);

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
        let reader = pair.master.try_clone_reader();
        let reader = reader.map_err(|error| no_console(&error))?;
        let writer = pair.master.take_writer();
        let writer = writer.map_err(|error| no_console(&error))?;
        let child = pair.slave.spawn_command(program.command());
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
        Attachment::new(Arc::clone(&self.shared), number)
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
