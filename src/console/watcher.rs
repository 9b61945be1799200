//! Looks at run directories again and again and says what changed; the drawing thread never waits
//! for a file of a run. Points of long curves it reads from the scratch, which is on this machine.
//!
//! Polls, because network file systems do not tell of other nodes' writes. Sends only news, so an
//! idle console stays idle. Start at [`Watcher::run`].

use crate::{
    hands::Line,
    host::Host,
    message::{LineNews, Message},
    pulse::Pulse,
    run_data::{Reading, RunData},
    run_files::RunFiles,
    scratch::Scratch,
    spark::Spark,
};
use domain::{Clock, time::SECOND};
use runs::{Home, Roster, RunDir, RunId};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender},
    },
    time::Duration,
};

/// What the watcher is asked for.
#[derive(Debug)]
pub enum Request {
    /// Follow this run, or none.
    Watch(Option<(RunId, PathBuf)>),
    /// Follow these runs' curves too.
    Overlay(Vec<(RunId, PathBuf)>),
    /// Look now.
    Refresh,
}

/// Runs that get a sparkline, the newest ones.
const SPARKS: usize = 24;
/// Longest time that one long run is read before what is known of it is told.
const MOMENT: Duration = Duration::from_millis(150);
/// Runs that are not forgotten when others are watched.
const FORMER: usize = 2;
/// Least time between two looks at everything that is no curve: the list, the scores beside it, the
/// machine. Nobody reads figures that change faster.
const OVERVIEW: Duration = Duration::from_millis(400);

/// The watcher.
pub struct Watcher {
    root: PathBuf,
    roster: Roster,
    clock: Arc<dyn Clock>,
    refresh: Duration,
    out: Sender<Message>,
    /// The list was sent as it is now.
    is_listed: bool,
    /// Steady time from which the overview is looked at again.
    overview_due: Duration,
    host: Host,
    sparks: BTreeMap<RunId, Spark>,
    /// Runs whose scores are not read to their end yet.
    half_read: BTreeSet<RunId>,
    watched: Option<Watched>,
    /// Those watched before, the last one first: whoever comes back finds all of it read.
    former: VecDeque<Watched>,
    overlaid: Vec<Watched>,
    scratch: Arc<Scratch>,
    pulse: Arc<Pulse>,
    waiting: Option<Duration>,
    line: Option<Arc<dyn Line>>,
    line_news: Option<LineNews>,
}

impl std::fmt::Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watcher")
            .field("watched", &self.watched)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Watched {
    id: RunId,
    path: PathBuf,
    files: Option<RunFiles>,
    /// Steady time at which reading began, and the share that was read by then; while it goes on.
    began: Option<(Duration, f64)>,
}

/// Nobody is there to be told.
struct Gone;

impl Watcher {
    /// Starts with nothing seen; `pulse` tells how long the foreman waits, `line` how the line to
    /// the host stands whose runs these are.
    #[must_use]
    pub fn new(
        home: Home,
        clock: Arc<dyn Clock>,
        refresh: Duration,
        pulse: Arc<Pulse>,
        line: Option<Arc<dyn Line>>,
        out: Sender<Message>,
    ) -> Self {
        Self {
            root: home.root().to_owned(),
            roster: Roster::new(home),
            clock,
            refresh,
            out,
            is_listed: false,
            overview_due: Duration::ZERO,
            host: Host::default(),
            sparks: BTreeMap::new(),
            half_read: BTreeSet::new(),
            watched: None,
            former: VecDeque::new(),
            overlaid: Vec::new(),
            scratch: Arc::default(),
            pulse,
            waiting: None,
            line,
            line_news: None,
        }
    }

    /// Watches until nobody asks or listens any more.
    pub fn run(mut self, requests: &Receiver<Request>) {
        let mut open = 0_usize;
        let mut wait = Duration::ZERO;
        loop {
            match requests.recv_timeout(wait) {
                Ok(request) => {
                    open += 1;
                    self.take(request);
                    while let Ok(request) = requests.try_recv() {
                        open += 1;
                        self.take(request);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            match self.look() {
                // One old run or a moment of a long one at a time, so that requests never wait long.
                Ok(true) => wait = Duration::ZERO,
                Ok(false) => {
                    wait = self.pause();
                    for _ in 0..std::mem::take(&mut open) {
                        if self.out.send(Message::Settled).is_err() {
                            return;
                        }
                    }
                }
                Err(Gone) => return,
            }
        }
    }

    fn take(&mut self, request: Request) {
        match request {
            Request::Watch(run) => {
                let is_read = |watched: &Watched| watched.files.is_some();
                if let Some(watched) = self.watched.take().filter(is_read) {
                    self.former.push_front(watched);
                }
                self.watched = run.map(|run| self.known(run));
                self.former.truncate(FORMER);
                self.ask_for_files();
            }
            Request::Overlay(runs) => {
                let mut former = std::mem::take(&mut self.overlaid);
                let kept = |(id, path): (RunId, PathBuf)| {
                    let known = former.iter().position(|one| one.id == id);
                    known.map_or_else(|| Watched::new((id, path)), |at| former.swap_remove(at))
                };
                self.overlaid = runs.into_iter().map(kept).collect();
                self.ask_for_files();
            }
            Request::Refresh => {
                self.is_listed = false;
                self.overview_due = Duration::ZERO;
            }
        }
    }

    /// Returns a run as it was watched before, if it was.
    fn known(&mut self, run: (RunId, PathBuf)) -> Watched {
        let known = self
            .former
            .iter()
            .position(|one| one.id == run.0 && one.path == run.1);
        let known = known.and_then(|index| self.former.remove(index));
        let mut watched = known.unwrap_or_else(|| Watched::new(run));
        watched.began = None;
        if let Some(files) = &mut watched.files {
            files.tell_again();
        }
        watched
    }

    /// Has the files of what is looked at brought here, where they lie on a host.
    fn ask_for_files(&self) {
        if let Some(line) = &self.line {
            let beside: Vec<RunId> = self.overlaid.iter().map(|one| one.id.clone()).collect();
            line.watch(self.watched.as_ref().map(|one| &one.id), &beside);
        }
    }

    /// Returns how long nothing is looked at: twice as long where nothing is at work.
    fn pause(&self) -> Duration {
        match self.is_active() {
            true => self.refresh,
            false => self.refresh * 2,
        }
    }

    fn is_active(&self) -> bool {
        let mut listed = self.roster.runs().iter();
        listed.any(|run| run.state.is_active())
    }

    /// Looks at everything that is due; returns whether there is more to read right now.
    fn look(&mut self) -> Result<bool, Gone> {
        let now = self.clock.steady();
        let is_due = now >= self.overview_due;
        if is_due {
            self.overview_due = now + OVERVIEW;
            self.list()?;
            self.look_at_host()?;
        }
        self.look_at_line()?;
        let waiting = self.pulse.waiting(now);
        if waiting != self.waiting {
            self.waiting = waiting;
            self.send(Message::Waiting(waiting))?;
        }
        let is_behind = self.follow()?;
        if !is_due {
            return Ok(is_behind);
        }
        let more = self.next_spark()?;
        if more {
            self.overview_due = Duration::ZERO;
        }
        Ok(more || is_behind)
    }

    /// Says how this machine is when that changed; its figures say nothing about another host's.
    fn look_at_host(&mut self) -> Result<(), Gone> {
        if self.line.is_some() {
            return Ok(());
        }
        let is_first = self.host == Host::default();
        if is_first {
            self.host = Host::here();
        }
        let active = self.is_active();
        if self.host.look(active, &self.root) || is_first {
            self.send(Message::Host(self.host.clone()))?;
        }
        Ok(())
    }

    /// Says how the line stands when that changed; its age is news only while it is in trouble.
    fn look_at_line(&mut self) -> Result<(), Gone> {
        let Some(line) = &self.line else {
            return Ok(());
        };
        let state = line.state();
        let silent = self.clock.now().0.saturating_sub(state.heard.0);
        let seconds = u64::try_from(silent / SECOND).unwrap_or(0);
        let news = LineNews {
            silent: match (&state.trouble, seconds) {
                (None, _) => Duration::ZERO,
                (Some(_), 0..60) => Duration::from_secs(seconds / 5 * 5),
                (Some(_), _) => Duration::from_secs(seconds / 60 * 60),
            },
            host: state.host,
            trouble: state.trouble,
        };
        if self.line_news.as_ref() == Some(&news) {
            return Ok(());
        }
        self.line_news = Some(news.clone());
        self.send(Message::Line(news))
    }

    fn list(&mut self) -> Result<(), Gone> {
        let looked = match &self.line {
            // Heartbeats stand still with the line; that is no death.
            Some(line) => self.roster.look(&*line.clock()),
            None => self.roster.look(&*self.clock),
        };
        match looked {
            Ok(false) if self.is_listed => Ok(()),
            Ok(_) => {
                self.is_listed = true;
                self.send(Message::Roster(Ok(self.roster.runs().to_vec())))
            }
            Err(error) => {
                self.is_listed = false;
                self.send(Message::Roster(Err(error.says())))
            }
        }
    }

    /// Reads what was added to the runs that are looked at; returns whether there is more.
    fn follow(&mut self) -> Result<bool, Gone> {
        let until = self.clock.steady() + MOMENT;
        for one in self.watched.iter_mut().chain(&mut self.overlaid) {
            if let Some(news) = one.data_news(&self.scratch, &*self.clock, until) {
                self.out.send(news).map_err(|_| Gone)?;
            }
        }
        Ok(self
            .watched
            .iter()
            .chain(&self.overlaid)
            .any(Watched::is_behind))
    }

    /// Reads the scores of active runs and of one run that was not read yet; returns whether more
    /// of those are left.
    fn next_spark(&mut self) -> Result<bool, Gone> {
        let runs = self.roster.runs().iter();
        let newest: Vec<(RunId, PathBuf, bool)> = runs
            .take(SPARKS)
            .map(|run| (run.id.clone(), run.path.clone(), run.state.is_active()))
            .collect();
        let mut read_old = false;
        for (id, path, active) in newest {
            let known = self.sparks.contains_key(&id) && !self.half_read.contains(&id);
            if known && !active {
                continue;
            }
            if !active && read_old {
                return Ok(true);
            }
            read_old |= !active;
            let (clock, until) = (&*self.clock, self.clock.steady() + MOMENT);
            let spark = self.sparks.entry(id.clone()).or_default();
            let (values, more) = spark.poll(&path, || clock.steady() < until);
            match more {
                true => self.half_read.insert(id.clone()),
                false => self.half_read.remove(&id),
            };
            if let Some(values) = values {
                self.send(Message::Spark { run: id, values })?;
            }
            if more {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn send(&self, message: Message) -> Result<(), Gone> {
        self.out.send(message).map_err(|_| Gone)
    }
}

impl Watched {
    fn new((id, path): (RunId, PathBuf)) -> Self {
        Self {
            id,
            path,
            files: None,
            began: None,
        }
    }

    /// Reads until the steady time `until`, a piece at least; returns what is new.
    fn data_news(
        &mut self,
        scratch: &Arc<Scratch>,
        clock: &dyn Clock,
        until: Duration,
    ) -> Option<Message> {
        if self.files.is_none() {
            let run = RunDir::open_path(&self.path).ok()?;
            self.files = Some(RunFiles::new(run).on(scratch));
            self.began = Some((clock.steady(), 0.0));
        }
        let files = self.files.as_mut()?;
        let data = files.poll_while(|| clock.steady() < until);
        let reading = files.is_behind().then(|| {
            let (now, share) = (clock.steady(), files.share());
            let (began, first) = *self.began.get_or_insert((now, share));
            let pace = (1.0 - share) / (share - first).max(1e-3);
            Reading {
                share,
                left: (now - began).mul_f64(pace),
            }
        });
        self.began = reading.and(self.began);
        let data = RunData { reading, ..data? };
        Some(Message::Run(Arc::new(data)))
    }

    fn is_behind(&self) -> bool {
        self.began.is_some()
    }
}
