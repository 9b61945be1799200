//! The loop that owns the state: takes messages, runs effects, draws.
//!
//! Blocks until something comes; draws at once after a key and at most thirty times a second for
//! data, less often where the terminal or the line is slower ([`Pace`]). Never waits for the
//! terminal ([`Painter`]). Start at [`Desk::work`].

use crate::{
    accessible::account::Account,
    backlog::{Backlog, Lack},
    canvas::Canvas,
    caps::Caps,
    clipboard::{self, Between},
    error::ConsoleError,
    log_reader::LogTask,
    memory::Memory,
    message::{Assignment, Effect, Errand, Message},
    pace::{ASK, Pace},
    painter::Painter,
    state::State,
    terminal::{self, Terminal},
    theme::Theme,
    update::update,
    view::view,
    watcher::Request,
};
use domain::Clock;
use ratatui::layout::Rect;
use std::{
    ops::ControlFlow,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender},
    },
    time::Duration,
};

/// How long the terminal may take to show the last frames before it is given back.
const LAST_FRAMES: Duration = Duration::from_millis(500);
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
    /// To the thread that makes good what a picture lacks.
    pub lacks: Sender<Lack>,
    /// How fast frames may follow each other.
    pub pace: Pace,
    /// What writes on the terminal.
    pub painter: Painter,
    /// Whether tests are told of idleness.
    pub idle_mark: IdleMark,
    /// What was told last, where the console is heard rather than seen.
    pub told: Option<Account>,
}

/// What the loop keeps besides the state.
#[derive(Default)]
struct Progress {
    canvas: Canvas,
    pace: Pace,
    /// Requests that no worker has answered yet.
    open: usize,
    /// Something may look different.
    dirty: bool,
    /// A person waits for it.
    urgent: bool,
    /// Something was done since the last idle mark.
    unmarked: bool,
    /// Idle marks and told lines that the painter has not written yet.
    marks: usize,
    /// What goes to the terminal before the next frame.
    ahead: Vec<u8>,
    /// The program is to stop for a while.
    stops: bool,
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
        let mut progress = Progress {
            pace: std::mem::take(&mut self.pace),
            ..Progress::default()
        };
        let ended = self.serve(inbox, &mut progress);
        // A console that was only looked at leaves the view of another alone.
        if progress.used || progress.touched {
            self.remember();
        }
        if ended.is_ok() {
            self.come_to_rest(inbox, &mut progress);
        }
        ended
    }

    fn serve(
        &mut self,
        inbox: &Receiver<Message>,
        progress: &mut Progress,
    ) -> Result<(), ConsoleError> {
        progress
            .ahead
            .extend(self.terminal.mouse(self.state.look.mouse.get()));
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
            if std::mem::take(&mut progress.stops) {
                self.remember_what_was_done(progress);
                for message in self.suspend(inbox, progress)? {
                    if self.take(message, progress)?.is_break() {
                        return Ok(());
                    }
                }
            }
            let due = progress.pace.due(progress.urgent);
            if progress.dirty && due.is_some_and(|due| self.clock.steady() >= due) {
                self.draw(progress)?;
            }
            // Whoever pressed a key waits for the frame, and for nothing else.
            self.remember_what_was_done(progress);
            self.mark_idle(progress);
        }
    }

    /// Waits for the next message, or until something is due; `None` when nobody is left.
    fn next(&self, inbox: &Receiver<Message>, progress: &Progress) -> Option<Message> {
        let now = self.clock.steady();
        let frame = progress.pace.due(progress.urgent);
        let frame = frame.filter(|_| progress.dirty);
        let toast = self.state.toast.as_ref().map(|toast| toast.until);
        let legends = self.state.charts.due();
        let details = self.state.resting.due();
        let Some(due) = [frame, toast, legends, details].into_iter().flatten().min() else {
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
                progress.stops = true;
                return Ok(ControlFlow::Continue(()));
            }
            // Lines have no size.
            Message::Resize(..) if self.told.is_some() => return Ok(ControlFlow::Continue(())),
            Message::Alive => {
                progress.pace.answered(self.clock.steady());
                return Ok(ControlFlow::Continue(()));
            }
            Message::Taken(taken) => {
                taken.map_err(ConsoleError::terminal("be drawn on"))?;
                progress.took(self.clock.steady());
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
            | Message::Withdrawn(_)
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
        self.tell(progress);
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
                    progress.ahead.extend(self.terminal.mouse(on));
                    progress.dirty = true;
                    false
                }
                Effect::Copy(text) => {
                    // A screen reader would read the sequence out; the copy in a file remains.
                    let bytes = clipboard::sequence(&text, self.between);
                    if let (Some(bytes), None) = (bytes, &self.told) {
                        progress.ahead.extend(bytes);
                        progress.dirty = true;
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

    fn remember_what_was_done(&self, progress: &mut Progress) {
        if std::mem::take(&mut progress.touched) {
            progress.used = true;
            self.remember();
        }
    }

    /// Has the view written down; a console that only looks leaves no trace of it.
    fn remember(&self) {
        if !self.state.read_only {
            let _ = self.keeper.send(Memory::of(&self.state));
        }
    }

    /// Adds lines for whatever is new, where the console is heard rather than seen.
    fn tell(&mut self, progress: &mut Progress) {
        let Some(told) = &mut self.told else {
            return;
        };
        let account = Account::of(&self.state);
        let mut text = account.news(told, self.state.lang).join("\n");
        *told = account;
        if !text.is_empty() {
            text.push('\n');
            progress.marks += 1;
            self.painter.send(text.into_bytes());
        }
    }

    fn draw(&mut self, progress: &mut Progress) -> Result<(), ConsoleError> {
        if self.told.is_some() {
            (progress.dirty, progress.urgent) = (false, false);
            self.tell(progress);
            return Ok(());
        }
        let area = Rect::new(0, 0, self.state.size.0, self.state.size.1);
        let mut buffer = progress.canvas.blank(area);
        let lang = self.state.lang;
        let theme = Theme::new(self.state.look.theme.get(), self.caps.depth);
        let caret = view(&self.state, &self.caps, &theme, lang, area, &mut buffer);
        let backlog = self.state.charts.backlog.as_ref();
        let lack = backlog.map(Backlog::take).unwrap_or_default();
        if !lack.is_empty() {
            progress.open += usize::from(self.lacks.send(lack).is_ok());
        }
        let mut frame = std::mem::take(&mut progress.ahead);
        progress
            .canvas
            .show(&mut frame, buffer, caret)
            .map_err(ConsoleError::terminal("be drawn on"))?;
        (progress.dirty, progress.urgent) = (false, false);
        if frame.is_empty() {
            return Ok(());
        }
        let at_once = progress.marks == 0 && progress.pace.has_room(frame.len());
        if progress.pace.send(frame.len(), self.clock.steady()) {
            frame.extend_from_slice(ASK);
        }
        let written = match at_once {
            true => self.painter.write_now(&frame),
            false => Ok(false),
        };
        match written.map_err(ConsoleError::terminal("be drawn on"))? {
            true => progress.took(self.clock.steady()),
            false => self.painter.send(frame),
        }
        Ok(())
    }

    fn mark_idle(&mut self, progress: &mut Progress) {
        let rests = self.state.resting.due().is_none();
        let idle = progress.open == 0 && !progress.dirty && progress.pace.is_clear() && rests;
        let settled = idle && progress.unmarked;
        if settled && self.idle_mark == IdleMark::Written {
            progress.marks += 1;
            self.painter.send(IDLE.to_vec());
        }
        assert!(
            !settled || self.idle_mark != IdleMark::Panic,
            "MAKOOK_TEST_PANIC asks for a panic"
        );
        progress.unmarked &= !settled;
    }

    /// Waits a little until everything that was sent is shown, so that no answer of the terminal
    /// arrives when another program reads it; returns what else came meanwhile.
    fn come_to_rest(&self, inbox: &Receiver<Message>, progress: &mut Progress) -> Vec<Message> {
        let end = self.clock.steady() + LAST_FRAMES;
        let mut others = Vec::new();
        while !progress.pace.is_clear() || progress.marks > 0 {
            let now = self.clock.steady();
            match inbox.recv_timeout(end.saturating_sub(now)) {
                Ok(Message::Alive) => progress.pace.answered(now),
                Ok(Message::Taken(_)) => progress.took(now),
                Ok(other) => others.push(other),
                Err(_) => break,
            }
        }
        others
    }

    /// Gives the terminal back, stops, and comes back when the shell lets us; returns what came
    /// meanwhile.
    fn suspend(
        &mut self,
        inbox: &Receiver<Message>,
        progress: &mut Progress,
    ) -> Result<Vec<Message>, ConsoleError> {
        let others = self.come_to_rest(inbox, progress);
        terminal::leave();
        let stopped = signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP);
        stopped.map_err(ConsoleError::terminal("be suspended"))?;
        self.terminal.enter_again()?;
        if self.told.is_none() {
            self.state.size = Terminal::size();
        }
        progress.canvas.forget();
        self.draw(progress)?;
        Ok(others)
    }
}

impl Progress {
    /// The painter has written the next frame or mark; marks are written when no frame is.
    fn took(&mut self, now: Duration) {
        match self.marks {
            0 => self.pace.taken(now),
            _ => self.marks -= 1,
        }
    }
}

/// Writes down what went wrong, and what came of what was asked for.
fn log(state: &State, message: &Message) {
    match message {
        Message::Failed(says) => tracing::warn!("{}", says.en),
        Message::Refused { why, .. } => tracing::warn!("a launch was refused: {}", why.en),
        Message::Launched(runs) => {
            for run in runs {
                tracing::info!("training {run} started");
            }
        }
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
