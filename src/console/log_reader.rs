//! The thread that reads logs: keeps the page, follows the file, counts its lines in between and
//! has it searched by a thread of its own.
//!
//! Reads nothing while no log is on screen. Polls, because network file systems do not tell of
//! other nodes' writes; where one does tell, a bell makes it quicker. Start at [`LogReader::run`].

use crate::{
    error::ConsoleError,
    log_line,
    log_news::{Held, LogFile, LogMiss, LogNews, LogPlace, LogRequest, LogSearch, Look, Wanted},
    message::Message,
    own_log, sources,
};
use domain::Clock;
use logbook::{Bell, Change, Direction, Lines, LogError, Outcome, Pager, Progress, search};
use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender},
    },
    thread,
    time::Duration,
};

/// Bytes counted before requests get their turn.
const COUNTED_AT_ONCE: u64 = 2 << 20;
/// Least time between two rings that are heard.
const RING: Duration = Duration::from_millis(15);
/// Least time between two words on how far a search is.
const PROGRESS: Duration = Duration::from_millis(250);
/// Polls without a change after which they become rarer.
const QUIET_POLLS: u32 = 20;
/// How much rarer.
const QUIET: u32 = 4;
/// Bytes of a line by which it is known again.
const SIGN: usize = 64;

/// Something for the thread to do.
#[derive(Debug)]
pub enum LogTask {
    /// The console asks.
    Asked(LogRequest),
    /// A file or a folder changed.
    Rang,
    /// A search is over.
    Searched {
        /// Which one.
        number: u64,
        /// How.
        outcome: Result<Outcome, LogError>,
    },
}

/// The reader.
#[derive(Debug)]
pub struct LogReader {
    /// Folder of the console's own log.
    pub own: PathBuf,
    /// How long a search takes.
    pub clock: Arc<dyn Clock>,
    /// Between two polls.
    pub refresh: Duration,
    /// To this thread, from those it starts.
    pub tasks: Sender<LogTask>,
    /// Who is told.
    pub out: Sender<Message>,
}

/// What the thread holds.
struct Desk {
    reader: LogReader,
    bell: Option<Arc<Bell>>,
    look: Option<Look>,
    pager: Option<Pager>,
    /// What the pager points out.
    pointed: Option<Wanted>,
    sent: Option<LogNews>,
    /// The log that the pager reads.
    opened: Option<LogPlace>,
    problem: Option<String>,
    quiet: u32,
    counting: bool,
    /// Whether the file's first page was told.
    painted: bool,
    searches: u64,
    searching: Option<Arc<AtomicBool>>,
}

/// Nobody is there to be told.
struct Gone;

impl LogReader {
    /// Reads until nobody asks or listens any more.
    ///
    /// # Errors
    /// The operating system's refusal of a thread.
    pub fn run(self, tasks: &Receiver<LogTask>) -> Result<(), ConsoleError> {
        let bell = Bell::new().map(Arc::new);
        if let Some(bell) = bell.clone() {
            let rings = self.tasks.clone();
            sources::spawn("log bell", self.out.clone(), move || {
                while bell.wait() && rings.send(LogTask::Rang).is_ok() {
                    // A flood of writes is one ring.
                    thread::sleep(RING);
                }
            })?;
        }
        let desk = Desk {
            reader: self,
            bell,
            look: None,
            pager: None,
            pointed: None,
            sent: None,
            opened: None,
            problem: None,
            quiet: 0,
            counting: false,
            painted: false,
            searches: 0,
            searching: None,
        };
        desk.serve(tasks)
    }
}

impl Desk {
    fn serve(mut self, tasks: &Receiver<LogTask>) -> Result<(), ConsoleError> {
        loop {
            let next = match self.wait() {
                None => tasks.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(wait) => tasks.recv_timeout(wait),
            };
            if matches!(next, Err(RecvTimeoutError::Disconnected)) {
                return Ok(());
            }
            let mut settled = 0;
            for task in next.into_iter().chain(tasks.try_iter()) {
                settled += usize::from(self.take(task)?);
            }
            if self.answer(settled).is_err() {
                return Ok(());
            }
        }
    }

    /// Returns how long to wait for a task; `None` while nothing is on screen.
    fn wait(&self) -> Option<Duration> {
        self.look.as_ref()?;
        Some(match (self.counting, self.quiet) {
            (true, _) => Duration::ZERO,
            (false, 0..QUIET_POLLS) => self.reader.refresh,
            (false, _) => self.reader.refresh * QUIET,
        })
    }

    /// Takes one task; returns whether a request is answered by what follows.
    fn take(&mut self, task: LogTask) -> Result<bool, ConsoleError> {
        let request = match task {
            LogTask::Rang => {
                self.quiet = 0;
                return Ok(false);
            }
            LogTask::Searched { number, outcome } => {
                self.searched(number, outcome);
                return Ok(true);
            }
            LogTask::Asked(request) => request,
        };
        match request {
            LogRequest::Look(look) => self.open(look),
            LogRequest::List(run) => {
                let files = logs_of(&run);
                let _ = self.reader.out.send(Message::LogFiles { run, files });
            }
            LogRequest::Cancel => self.cancel(),
            LogRequest::Find(wanted, direction) => return self.find(&wanted, direction),
            movement => {
                let moved = self.pager.as_mut().map(|pager| walk(pager, &movement));
                match moved {
                    Some(Ok(Some(miss))) => {
                        let _ = self.reader.out.send(Message::LogMissed(miss));
                    }
                    Some(Err(error)) => self.problem = Some(error.to_string()),
                    Some(Ok(None)) | None => {}
                }
            }
        }
        Ok(true)
    }

    fn open(&mut self, look: Option<Look>) {
        let place = |look: &Option<Look>| look.as_ref().map(|look| look.place.clone());
        if look.is_some() && place(&look) != place(&self.look) {
            // Going away and coming back to the same log keeps its page.
            if self.opened != place(&look) {
                self.cancel();
                self.pager = None;
                self.opened = place(&look);
            }
            // Whoever was elsewhere may have forgotten it.
            self.sent = None;
        }
        if look.is_none() {
            self.cancel();
        }
        self.look = look;
        self.quiet = 0;
        self.follow_file();
    }

    /// Opens the file that is to be shown, where it is another one than before.
    fn follow_file(&mut self) {
        let Some(look) = &self.look else {
            if let Some(bell) = &self.bell {
                bell.watch(&[]);
            }
            return;
        };
        let path = self.file_of(&look.place);
        let other = |pager: &Pager| Some(pager.path()) != path.as_deref();
        if self.pager.as_ref().is_none_or(other) {
            self.pager = path.as_deref().map(|path| Pager::new(path, look.rows));
            self.pointed = None;
            self.counting = self.pager.is_some();
            self.painted = false;
            self.problem = None;
        }
        if let Some(bell) = &self.bell {
            let folder = match &look.place {
                LogPlace::Run { path, .. } => runs::Layout::new(path).logs(),
                LogPlace::Own => self.reader.own.clone(),
            };
            let file = path.unwrap_or_else(|| folder.clone());
            bell.watch(&[&file, &folder]);
        }
    }

    fn file_of(&self, place: &LogPlace) -> Option<PathBuf> {
        match place {
            LogPlace::Run { path, file: None } => newest_log(path),
            LogPlace::Run {
                path,
                file: Some(name),
            } => Some(runs::Layout::new(path).logs().join(name)),
            LogPlace::Own => own_log::newest(&self.reader.own),
        }
    }

    /// Looks at the file, counts on, and tells what changed; `settled` requests wait for it.
    fn answer(&mut self, settled: usize) -> Result<(), Gone> {
        self.follow_file();
        let news = self.news();
        if let Some(mut news) = news {
            let former = self.sent.as_ref();
            news.is_answer = former.is_some_and(|former| former.is_answer);
            if former != Some(&news) {
                news.is_answer = settled > 0;
                self.sent = Some(news.clone());
                self.reader.out.send(Message::Log(news)).map_err(|_| Gone)?;
            }
        }
        for _ in 0..settled {
            self.reader.out.send(Message::Settled).map_err(|_| Gone)?;
        }
        Ok(())
    }

    fn news(&mut self) -> Option<LogNews> {
        let look = self.look.clone()?;
        let mut news = LogNews {
            place: Some(look.place.clone()),
            ..LogNews::default()
        };
        if self.pager.is_some() {
            match self.read(&look) {
                Ok(page) => news = page,
                Err(error) => {
                    self.counting = false;
                    self.problem = Some(error.to_string());
                }
            }
        }
        news.problem = self.problem.take();
        Some(news)
    }

    fn read(&mut self, look: &Look) -> Result<LogNews, LogError> {
        let Some(pager) = &mut self.pager else {
            return Ok(LogNews::default());
        };
        match pager.look()? {
            Change::Nothing | Change::Missing => self.quiet = self.quiet.saturating_add(1),
            Change::Grew | Change::Restarted => self.quiet = 0,
        }
        // The first page comes before any counting; what little a log grows by is counted at once.
        let uncounted = pager.lines().length() - pager.lines().index.counted();
        let mut more = uncounted > 0;
        if self.painted || uncounted <= COUNTED_AT_ONCE {
            more = pager.count_on(COUNTED_AT_ONCE)?;
        }
        self.counting = more;
        self.painted = true;
        pager.show(look.rows, look.levels)?;
        if self.pointed != look.wanted {
            pager.point_out(look.wanted.as_ref().and_then(Wanted::target));
            self.pointed = look.wanted.clone();
        }
        let mut window = pager.window()?;
        for line in &mut window.lines {
            log_line::cut(line, look.shift, look.columns);
        }
        let chosen = window.cursor.map(|at| window.lines[at].at);
        let name = pager.path().file_name().unwrap_or_default();
        Ok(LogNews {
            place: Some(look.place.clone()),
            name: name.to_string_lossy().into_owned(),
            sign: chosen.map_or(Ok(0), |at| sign(pager.lines(), at))?,
            counted: pager.lines().index.counted(),
            window,
            ..LogNews::default()
        })
    }

    fn cancel(&mut self) {
        if let Some(searching) = self.searching.take() {
            searching.store(true, Ordering::Relaxed);
        }
    }

    /// Starts a search in place of the one that goes on; returns whether there is nothing to look
    /// through.
    fn find(&mut self, wanted: &Wanted, direction: Direction) -> Result<bool, ConsoleError> {
        self.cancel();
        let Some(pager) = &self.pager else {
            return Ok(true);
        };
        let (Some(target), Ok(from)) = (wanted.target(), pager.cursor()) else {
            return Ok(true);
        };
        let (log, index) = (pager.lines().log.clone(), pager.lines().index.clone());
        let stop = Arc::new(AtomicBool::new(false));
        self.searching = Some(Arc::clone(&stop));
        self.searches += 1;
        let number = self.searches;
        let (tasks, out) = (self.reader.tasks.clone(), self.reader.out.clone());
        let clock = Arc::clone(&self.reader.clock);
        sources::spawn("log search", self.reader.out.clone(), move || {
            let began = clock.steady();
            let mut told = began;
            let hears = |progress: Progress| {
                let now = clock.steady();
                if now.saturating_sub(told) >= PROGRESS {
                    told = now;
                    let running = running(progress, now.saturating_sub(began));
                    let _ = out.send(Message::LogSearch(running));
                }
                match stop.load(Ordering::Relaxed) {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            };
            let (log, index) = (&log, &index);
            let outcome = search(Lines { log, index }, &target, from, direction, hears);
            let _ = tasks.send(LogTask::Searched { number, outcome });
        })?;
        Ok(false)
    }

    fn searched(&mut self, number: u64, outcome: Result<Outcome, LogError>) {
        let is_current = number == self.searches && self.searching.take().is_some();
        if !is_current {
            // Its last word on how far it is may have come after it was told to stop.
            if self.searching.is_none() {
                let stopped = LogSearch::Ended(Outcome::Stopped { at: 0 });
                let _ = self.reader.out.send(Message::LogSearch(stopped));
            }
            return;
        }
        let went = outcome.and_then(|outcome| {
            if let (Outcome::Found { at, .. }, Some(pager)) = (outcome, &mut self.pager) {
                pager.go(at)?;
            }
            Ok(outcome)
        });
        match went {
            Ok(outcome) => {
                let ended = Message::LogSearch(LogSearch::Ended(outcome));
                let _ = self.reader.out.send(ended);
            }
            Err(error) => self.problem = Some(error.to_string()),
        }
    }
}

/// Moves the page; returns what was not there.
fn walk(pager: &mut Pager, movement: &LogRequest) -> Result<Option<LogMiss>, LogError> {
    let mut missed = None;
    pager.look()?;
    match *movement {
        LogRequest::Step(step) => pager.step(step)?,
        LogRequest::ToggleFollow => pager.toggle_follow()?,
        LogRequest::Go(at) => pager.go(at)?,
        LogRequest::Choose(at) => pager.choose(at)?,
        LogRequest::GoToNumber(number) => {
            missed = (!pager.go_to_number(number)?).then_some(LogMiss::Number);
        }
        LogRequest::GoToMoment(moment) => {
            missed = (!pager.go_to_moment(moment)?).then_some(LogMiss::Moment);
        }
        LogRequest::Hold(Held { at, sign: known }) => {
            let is_there = at < pager.lines().length() && pager.lines().start_of(at)? == at;
            if is_there && sign(pager.lines(), at)? == known {
                pager.go(at)?;
            }
        }
        LogRequest::Look(_) | LogRequest::Find(..) | LogRequest::Cancel | LogRequest::List(_) => {}
    }
    Ok(missed)
}

fn running(progress: Progress, elapsed: Duration) -> LogSearch {
    let Progress { done, total } = progress;
    let share = done as f64 / total.max(1) as f64;
    let left = elapsed.as_secs_f64() * (1.0 / share.max(1e-6) - 1.0);
    LogSearch::Running {
        percent: (share * 100.0) as u64,
        left: Duration::from_secs(left.max(0.0) as u64 + 1),
    }
}

/// Returns what the first bytes of the line at `at` come to (FNV-1a, 64 bits).
fn sign(lines: Lines<'_>, at: u64) -> Result<u64, LogError> {
    let mut bytes = Vec::new();
    lines.log.read(at, SIGN, &mut bytes)?;
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or(&[]);
    let mix = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    Ok(line.iter().fold(0xcbf2_9ce4_8422_2325, mix))
}

/// Returns the newest segment's log, else what the worker printed before it had one.
fn newest_log(run: &Path) -> Option<PathBuf> {
    let layout = runs::Layout::new(run);
    let segments = runs::layout::segments_in(&layout.logs(), "log");
    let newest = segments.last().map(|segment| layout.log(*segment));
    let printed = || Some(layout.logs().join("worker.out")).filter(|path| path.is_file());
    newest.or_else(printed)
}

/// Returns the logs of a run, by name.
fn logs_of(run: &Path) -> Vec<LogFile> {
    let entries = fs::read_dir(runs::Layout::new(run).logs());
    let file = |entry: fs::DirEntry| {
        let meta = entry.metadata().ok().filter(fs::Metadata::is_file)?;
        Some(LogFile {
            name: entry.file_name().into_string().ok()?,
            length: meta.len(),
        })
    };
    let mut files: Vec<LogFile> = entries
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(file)
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}
