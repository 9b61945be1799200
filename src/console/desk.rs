//! The loop that owns the state: takes messages, runs effects, draws.
//!
//! Blocks until something comes; draws at once after a key and at most thirty times a second for
//! data. Start at [`Desk::work`].

use crate::{
    accessible::account::Account,
    canvas::Canvas,
    caps::Caps,
    clipboard::{self, Between},
    error::ConsoleError,
    log_reader::LogTask,
    memory::Memory,
    message::{Assignment, Effect, Errand, Message},
    state::State,
    terminal::{self, Terminal},
    theme::Theme,
    update::update,
    view::view,
    watcher::Request,
};
use domain::Clock;
use ratatui::{buffer::Buffer, layout::Rect};
use std::{
    io::Write,
    ops::ControlFlow,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender},
    },
    time::Duration,
};

/// Least time between two frames that only bring data.
const FRAME: Duration = Duration::from_millis(33);
/// Written after a settled frame for tests; terminals ignore it.
const IDLE: &[u8] = b"\x1b]7777;idle\x07";

/// What tests are told when nothing is left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdleMark {
    /// Nothing.
    Silent,
    /// That it is so.
    Written,
    /// The loop panics instead, so that they see what becomes of the terminal.
    Panic,
}

/// The loop and everything it owns.
#[derive(Debug)]
pub struct Desk {
    /// The state.
    pub state: State,
    /// The terminal.
    pub terminal: Terminal,
    /// What it can show.
    pub caps: Caps,
    /// What stands between us and the terminal's clipboard.
    pub between: Between,
    /// Steady time.
    pub clock: Arc<dyn Clock>,
    /// To the thread that follows files.
    pub watcher: Sender<Request>,
    /// To the thread that runs errands.
    pub clerk: Sender<Errand>,
    /// To the foreman's thread, which may be silent for half a minute.
    pub office: Sender<Assignment>,
    /// To the thread that writes down what is remembered.
    pub keeper: Sender<Memory>,
    /// To the thread that reads logs.
    pub logs: Sender<LogTask>,
    /// Whether tests are told of idleness.
    pub idle_mark: IdleMark,
    /// What was told last, where the console is heard rather than seen.
    pub told: Option<Account>,
}

/// What the loop keeps besides the state.
#[derive(Default)]
struct Progress {
    canvas: Canvas,
    /// Requests that no worker has answered yet.
    open: usize,
    /// Something may look different.
    dirty: bool,
    /// A person waits for it.
    urgent: bool,
    /// Something was done since the last idle mark.
    unmarked: bool,
    drawn_at: Option<Duration>,
    /// Somebody did something since the view was remembered.
    touched: bool,
    /// Somebody did something at all.
    used: bool,
}

impl Desk {
    /// Works until the user quits, the terminal goes away or the program is asked to end; then
    /// hands the view over to be written down.
    ///
    /// # Errors
    /// The terminal's refusal, or a worker thread that panicked.
    pub fn work(mut self, inbox: &Receiver<Message>) -> Result<(), ConsoleError> {
        let mut progress = Progress::default();
        let ended = self.serve(inbox, &mut progress);
        // A console that was only looked at leaves the view of another alone.
        if progress.used || progress.touched {
            let _ = self.keeper.send(Memory::of(&self.state));
        }
        ended
    }

    fn serve(
        &mut self,
        inbox: &Receiver<Message>,
        progress: &mut Progress,
    ) -> Result<(), ConsoleError> {
        let opening = self.state.opening();
        let first = self.watcher.send(Request::Refresh);
        progress.open += usize::from(first.is_ok());
        if self.run_effects(opening, progress).is_break() {
            return Ok(());
        }
        self.draw(progress)?;
        loop {
            let Some(message) = self.next(inbox, progress) else {
                return Ok(());
            };
            if self.take(message, progress)?.is_break() {
                return Ok(());
            }
            while let Ok(message) = inbox.try_recv() {
                if self.take(message, progress)?.is_break() {
                    return Ok(());
                }
            }
            if std::mem::take(&mut progress.touched) {
                progress.used = true;
                let _ = self.keeper.send(Memory::of(&self.state));
            }
            let now = self.clock.steady();
            let due = progress
                .drawn_at
                .is_none_or(|at| now.saturating_sub(at) >= FRAME);
            if progress.dirty && (progress.urgent || due) {
                self.draw(progress)?;
            }
            self.mark_idle(progress)?;
        }
    }

    /// Waits for the next message, or until something is due; `None` when nobody is left.
    fn next(&self, inbox: &Receiver<Message>, progress: &Progress) -> Option<Message> {
        let now = self.clock.steady();
        let frame = progress
            .drawn_at
            .filter(|_| progress.dirty)
            .map(|at| at + FRAME);
        let toast = self.state.toast.as_ref().map(|toast| toast.until);
        let legends = self.state.charts.due();
        let Some(due) = [frame, toast, legends].into_iter().flatten().min() else {
            return inbox.recv().ok();
        };
        match inbox.recv_timeout(due.saturating_sub(now)) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => Some(Message::Tick),
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }

    fn take(
        &mut self,
        message: Message,
        progress: &mut Progress,
    ) -> Result<ControlFlow<()>, ConsoleError> {
        let message = match message {
            Message::Broken(what) => {
                tracing::error!("a thread broke: {what}");
                return Err(ConsoleError::Broken(what));
            }
            Message::Suspend => {
                self.suspend(progress)?;
                return Ok(ControlFlow::Continue(()));
            }
            message => message,
        };
        match &message {
            // A key was pressed for it, which painted nothing yet.
            Message::Log(news) if news.is_answer => {
                progress.urgent = true;
                progress.dirty = true;
            }
            Message::Settled => progress.open = progress.open.saturating_sub(1),
            Message::Press(_)
            | Message::Typed(_)
            | Message::Paste(_)
            | Message::Mouse(_)
            | Message::Resize(..) => {
                progress.urgent = true;
                progress.dirty = true;
                progress.touched = true;
            }
            Message::Launched(_)
            | Message::Removed(_)
            | Message::Saved { .. }
            | Message::Exported(_)
            | Message::RunSettings { .. } => {
                progress.dirty = true;
                progress.touched = true;
            }
            _ => progress.dirty = true,
        }
        progress.unmarked = true;
        log(&self.state, &message);
        let effects = update(&mut self.state, message, self.clock.steady());
        // After each message: what one of them said, the next may have taken back.
        self.tell()?;
        Ok(self.run_effects(effects, progress))
    }

    fn run_effects(&mut self, effects: Vec<Effect>, progress: &mut Progress) -> ControlFlow<()> {
        for effect in effects {
            let sent = match effect {
                Effect::Quit => return ControlFlow::Break(()),
                Effect::Repaint => {
                    progress.canvas.forget();
                    progress.dirty = true;
                    false
                }
                Effect::Mouse(on) => {
                    // A terminal that refuses will be noticed by the next frame.
                    let _ = self.terminal.mouse(on);
                    false
                }
                Effect::Copy(text) => {
                    // A screen reader would read the sequence out; the copy in a file remains.
                    let bytes = clipboard::sequence(&text, self.between);
                    if let (Some(bytes), None) = (bytes, &self.told) {
                        let _ = self.terminal.write_all(&bytes);
                    }
                    false
                }
                Effect::Refresh => {
                    let _ = self.office.send(Assignment::Look);
                    self.watcher.send(Request::Refresh).is_ok()
                }
                // Nobody waits for the backends: they may be silent for half a minute.
                Effect::Assign(assignment) => {
                    let _ = self.office.send(assignment);
                    false
                }
                Effect::Watch(run) => self.watcher.send(Request::Watch(run)).is_ok(),
                Effect::Overlay(runs) => self.watcher.send(Request::Overlay(runs)).is_ok(),
                Effect::Log(request) => self.logs.send(LogTask::Asked(request)).is_ok(),
                Effect::Run(errand) => self.clerk.send(errand).is_ok(),
            };
            progress.open += usize::from(sent);
        }
        ControlFlow::Continue(())
    }

    /// Adds lines for whatever is new, where the console is heard rather than seen.
    fn tell(&mut self) -> Result<(), ConsoleError> {
        let Some(told) = &mut self.told else {
            return Ok(());
        };
        let account = Account::of(&self.state);
        let mut text = account.news(told, self.state.lang).join("\n");
        *told = account;
        if text.is_empty() {
            return Ok(());
        }
        text.push('\n');
        let written = self.terminal.write_all(text.as_bytes());
        written.map_err(ConsoleError::terminal("be written to"))
    }

    fn draw(&mut self, progress: &mut Progress) -> Result<(), ConsoleError> {
        if self.told.is_some() {
            (progress.dirty, progress.urgent) = (false, false);
            return self.tell();
        }
        let area = Rect::new(0, 0, self.state.size.0, self.state.size.1);
        let mut buffer = Buffer::empty(area);
        let lang = self.state.lang;
        let theme = Theme::new(self.state.look.theme.get(), self.caps.depth);
        let caret = view(&self.state, &self.caps, &theme, lang, area, &mut buffer);
        progress
            .canvas
            .show(&mut self.terminal, buffer, caret)
            .map_err(ConsoleError::terminal("be drawn on"))?;
        (progress.dirty, progress.urgent) = (false, false);
        progress.drawn_at = Some(self.clock.steady());
        Ok(())
    }

    fn mark_idle(&mut self, progress: &mut Progress) -> Result<(), ConsoleError> {
        let settled = progress.open == 0 && !progress.dirty && progress.unmarked;
        if settled && self.idle_mark == IdleMark::Written {
            self.terminal
                .write_all(IDLE)
                .map_err(ConsoleError::terminal("be drawn on"))?;
        }
        assert!(
            !settled || self.idle_mark != IdleMark::Panic,
            "MAKOOK_TEST_PANIC asks for a panic"
        );
        progress.unmarked &= !settled;
        Ok(())
    }

    /// Gives the terminal back, stops, and comes back when the shell lets us.
    fn suspend(&mut self, progress: &mut Progress) -> Result<(), ConsoleError> {
        terminal::leave();
        let stopped = signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP);
        stopped.map_err(ConsoleError::terminal("be suspended"))?;
        self.terminal.enter_again()?;
        if self.told.is_none() {
            self.state.size = Terminal::size();
        }
        progress.canvas.forget();
        self.draw(progress)
    }
}

/// Writes down what went wrong, and what came of what was asked for.
fn log(state: &State, message: &Message) {
    match message {
        Message::Failed(says) => tracing::warn!("{}", says.en),
        Message::Refused { why, .. } => tracing::warn!("a launch was refused: {}", why.en),
        Message::Launched(run) => tracing::info!("training {run} started"),
        Message::Roster(Err(problem)) if state.runs.problem.as_ref() != Some(problem) => {
            tracing::warn!("the runs cannot be listed: {problem}");
        }
        Message::Jobs(Err(problem)) if state.jobs.problem.as_ref() != Some(problem) => {
            tracing::warn!("the jobs cannot be listed: {}", problem.en);
        }
        Message::Line(news)
            if state.line.as_ref().map(|line| &line.trouble) != Some(&news.trouble) =>
        {
            match &news.trouble {
                Some(trouble) => tracing::warn!("{}: {}", news.host, trouble.why.en),
                None => tracing::info!("{}: the line is up", news.host),
            }
        }
        _ => {}
    }
}
