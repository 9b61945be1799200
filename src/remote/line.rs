//! A host as the console uses it: a line, a mirror that is kept fresh, and how the line stands.
//!
//! One thread asks the host what changed, one request at a time: every second while something
//! moves, down to every ten while nothing does, less often on a slow line. A line that is lost
//! stays lost, with everything shown as it was, until [`Line::reconnect`]: a login that fails
//! again and again gets an address blocked. Start at [`Line::open`].

use crate::{
    Address, Link, Mirror, RemoteError,
    attention::Attention,
    link::Reply,
    wire::{Answer, Ask, Changes, Place},
};
use domain::{Clock, Nanos, Phrase};
use runs::{Home, RunId};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

/// Pause between two looks while something moves.
const BUSY: Duration = Duration::from_secs(1);
/// Longest pause between two looks.
const IDLE: Duration = Duration::from_secs(10);
/// Bytes asked for before the line's speed is known.
const FIRST_BUDGET: u64 = 12 << 10;
/// How long one answer may keep the line busy, so that a command never waits long behind it.
const LONGEST_ANSWER: f64 = 2.5;
/// Bytes a second from which on sparklines are fetched as well.
const FAST: f64 = 100_000.0;
/// Runs that get a sparkline.
const GLANCES: usize = 24;
/// How often the list of copies is written while it changes.
const SAVE_EVERY: Duration = Duration::from_secs(30);
/// How long a quick request may take.
const QUICK: Duration = Duration::from_secs(45);
/// How long a scheduler's answer may take: its own limit and a slow line.
const SLOW: Duration = Duration::from_secs(120);

/// How the line stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It stands.
    Up,
    /// It stands, but the mirror cannot be kept fresh.
    Troubled {
        /// Why, with what to do.
        why: Phrase,
    },
    /// It is lost; everything shown is as old as the last hearing.
    Lost {
        /// Why, with what to do.
        why: Phrase,
    },
}

/// A line to a host and the mirror of its files.
#[derive(Debug)]
pub struct Line {
    address: Address,
    version: String,
    home: PathBuf,
    project: PathBuf,
    clock: Arc<dyn Clock>,
    attention: Arc<Attention>,
    mirror: Mutex<Mirror>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    link: Option<Arc<Link>>,
    place: Place,
    standing: Standing,
    /// Wall clock of the last answer.
    heard: Nanos,
    watch: (Option<RunId>, Vec<RunId>),
    /// A look is wanted at once.
    poked: bool,
    ends: bool,
    traffic: Traffic,
}

/// What crossed the line.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Traffic {
    /// Looks answered.
    pub looks: u64,
    /// Bytes received for them.
    pub bytes: u64,
    /// Bytes of file content in them, unpacked.
    pub content: u64,
}

/// Ends the thread that keeps the mirror fresh, when dropped.
#[derive(Debug)]
pub struct Keeper {
    line: Arc<Line>,
    thread: Option<JoinHandle<()>>,
}

/// What is carried from look to look.
struct Pace {
    budget: u64,
    /// Bytes a second, as measured.
    rate: Option<f64>,
    /// Shortest time that an answer took: the delay of the line.
    delay: Duration,
    pause: Duration,
    again: Vec<String>,
    saved: Duration,
}

impl Line {
    /// Logs in, brings the settings and the newest runs here, and keeps the rest coming.
    /// `hosts` is the folder of all mirrors.
    ///
    /// # Errors
    /// Why there is no line, or no place for the mirror.
    pub fn open(
        address: &Address,
        hosts: &Path,
        version: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<(Arc<Self>, Keeper), RemoteError> {
        let link = Arc::new(Link::open(address, version)?);
        let mut mirror = Mirror::open(hosts, &address.folder_name())?;
        let began = clock.steady();
        let place = begin(&link, &mut mirror)?;
        let delay = clock.steady().saturating_sub(began);
        let line = Arc::new(Self {
            address: address.clone(),
            version: version.to_owned(),
            home: mirror.home(),
            project: mirror.project(),
            attention: Arc::new(Attention::new(Arc::clone(&clock))),
            mirror: Mutex::new(mirror),
            state: Mutex::new(State {
                link: Some(link),
                place,
                standing: Standing::Up,
                heard: clock.now(),
                watch: (None, Vec::new()),
                poked: false,
                ends: false,
                traffic: Traffic::default(),
            }),
            changed: Condvar::new(),
            clock,
        });
        let mut pace = Pace::new(line.clock.steady(), delay);
        // Settings come first, so that the console opens with them.
        line.look(&mut pace)?;
        let keeping = Arc::clone(&line);
        let thread = thread::Builder::new()
            .name("mirror".to_owned())
            .spawn(move || keeping.keep(pace))
            .map_err(RemoteError::io(&line.home, "start a thread"))?;
        let keeper = Keeper {
            line: Arc::clone(&line),
            thread: Some(thread),
        };
        Ok((line, keeper))
    }

    /// Returns the run home to read.
    #[must_use]
    pub fn home(&self) -> Home {
        Home::at(&self.home)
    }

    /// Returns the project folder to read.
    #[must_use]
    pub fn project(&self) -> &Path {
        &self.project
    }

    /// Returns the host as the user named it.
    #[must_use]
    pub fn host(&self) -> &str {
        self.address.host()
    }

    /// Returns where the agent is.
    #[must_use]
    pub fn place(&self) -> Place {
        self.state().place.clone()
    }

    /// Returns the clock to judge the mirror by: it stands still while nothing is heard.
    #[must_use]
    pub fn attention(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.attention) as Arc<dyn Clock>
    }

    /// Returns how the line stands and when the host was last heard, by the clock here.
    #[must_use]
    pub fn standing(&self) -> (Standing, Nanos) {
        let state = self.state();
        (state.standing.clone(), state.heard)
    }

    /// Returns what crossed the line so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.state().traffic
    }

    /// Says which run is on screen: all that can be shown of it is brought here first, then the
    /// metrics of the runs `beside` it.
    pub fn watch(&self, run: Option<RunId>, beside: Vec<RunId>) {
        let (mut state, wanted) = (self.state(), (run, beside));
        if state.watch != wanted {
            state.watch = wanted;
            state.poked = true;
            self.changed.notify_all();
        }
    }

    /// Has the mirror looked after now.
    pub fn poke(&self) {
        self.state().poked = true;
        self.changed.notify_all();
    }

    /// Makes a new line if the old one is lost. May take as long as a login.
    ///
    /// # Errors
    /// Why there is still no line; the mirror stays as it is.
    pub fn reconnect(&self) -> Result<(), RemoteError> {
        if self.state().link.is_some() {
            return Ok(());
        }
        let renewed = Link::open(&self.address, &self.version).and_then(|link| {
            let place = begin(&link, &mut self.mirror())?;
            Ok((Arc::new(link), place))
        });
        let mut state = self.state();
        match renewed {
            Ok((link, place)) => {
                state.link = Some(link);
                state.place = place;
                state.standing = Standing::Up;
                state.poked = true;
                self.changed.notify_all();
                Ok(())
            }
            Err(error) => {
                state.standing = Standing::Lost { why: error.said() };
                Err(error)
            }
        }
    }

    /// Asks the host for something and waits for the answer. The mirror is looked after at once
    /// when something was done.
    ///
    /// # Errors
    /// `Lost` while there is no line: if it broke during the request, whether it was carried out
    /// shows after reconnecting. `Silent`; the host's refusal.
    pub fn ask(&self, ask: &Ask) -> Result<Answer, RemoteError> {
        let link = self.link()?;
        let patience = if ask.is_slow() { SLOW } else { QUICK };
        let asked = link.ask(ask, Some(patience));
        if let Err(error) = &asked {
            self.note_loss(&link, error);
        }
        if !ask.only_looks() {
            self.poke();
        }
        asked.map(|reply| reply.answer)
    }

    fn link(&self) -> Result<Arc<Link>, RemoteError> {
        let state = self.state();
        state.link.clone().ok_or_else(|| RemoteError::Lost {
            host: self.host().to_owned(),
            said: match &state.standing {
                Standing::Lost { .. } => "not reconnected yet".to_owned(),
                Standing::Up | Standing::Troubled { .. } => "closed here".to_owned(),
            },
        })
    }

    /// Lets go of a line that is lost; whoever notices first says so.
    fn note_loss(&self, link: &Arc<Link>, error: &RemoteError) {
        let broken = error.is_loss() || matches!(error, RemoteError::Untrusted { .. });
        let mut state = self.state();
        let current = state
            .link
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, link));
        if broken && current {
            link.cut();
            state.link = None;
            state.standing = Standing::Lost { why: error.said() };
            self.changed.notify_all();
        }
    }

    /// Keeps the mirror fresh until told to end.
    fn keep(&self, mut pace: Pace) {
        loop {
            if !self.wait(&pace) {
                return;
            }
            // A look without a line, or one that fails, is followed by another wait; a host that
            // cannot list its runs at the moment is asked again at leisure.
            if self.look(&mut pace).is_err() {
                pace.pause = IDLE;
            }
        }
    }

    /// Waits until a look is due; returns whether there will be another.
    fn wait(&self, pace: &Pace) -> bool {
        let mut state = self.state();
        let mut left = pace.pause;
        loop {
            if state.ends {
                return false;
            }
            let up = state.link.is_some();
            if up && (left.is_zero() || std::mem::take(&mut state.poked)) {
                return true;
            }
            let before = self.clock.steady();
            // Without a line nothing is due until somebody reconnects.
            let most = if up { left } else { Duration::from_secs(3_600) };
            let waited = self.changed.wait_timeout(state, most);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if up {
                let passed = self.clock.steady().saturating_sub(before);
                left = left.saturating_sub(passed);
            }
        }
    }

    /// Looks once and takes in what changed.
    fn look(&self, pace: &mut Pace) -> Result<(), RemoteError> {
        let link = self.link()?;
        let began = self.clock.steady();
        let asked = self
            .request(&link, pace)
            .and_then(|reply| self.take(&reply, pace));
        let (changed, more, bytes) = asked.inspect_err(|error| {
            self.note_loss(&link, error);
            let mut state = self.state();
            if state.link.is_some() {
                state.standing = Standing::Troubled { why: error.said() };
            }
        })?;
        let now = self.clock.steady();
        let took = now.saturating_sub(began);
        pace.learn(bytes, took);
        pace.pause = match (more, changed) {
            (true, _) => Duration::ZERO,
            (false, true) => BUSY.max(took * 2).min(IDLE),
            (false, false) => (pace.pause * 2).clamp(BUSY.max(took * 2).min(IDLE), IDLE),
        };
        if now.saturating_sub(pace.saved) >= SAVE_EVERY {
            pace.saved = now;
            self.mirror().save()?;
        }
        Ok(())
    }

    fn request(&self, link: &Link, pace: &mut Pace) -> Result<Reply, RemoteError> {
        let (watch, mut glance) = self.state().watch.clone();
        if pace.rate.is_some_and(|rate| rate >= FAST) {
            let newest = self.newest().into_iter();
            glance.extend(newest.filter(|id| !glance.contains(id)).collect::<Vec<_>>());
        }
        let ask = Ask::Sync {
            watch,
            glance,
            budget: pace.budget,
            again: std::mem::take(&mut pace.again),
        };
        link.ask(&ask, None)
    }

    /// Takes in an answer; returns whether anything changed, whether there is more, and how many
    /// bytes it took on the line.
    fn take(&self, reply: &Reply, pace: &mut Pace) -> Result<(bool, bool, u64), RemoteError> {
        let Answer::Changes(changes) = &reply.answer else {
            return Err(RemoteError::Untrusted {
                host: self.host().to_owned(),
                what: "an answer to another question".to_owned(),
            });
        };
        let Changes { more, .. } = *changes;
        let now = self.clock.now();
        let taken = self
            .mirror()
            .take(self.host(), changes, &reply.content, now);
        let taken = taken.inspect_err(|_| {
            // A full disk here must not leave gaps: all of it once more, when there is room.
            pace.again = changes.parts.iter().map(|part| part.path.clone()).collect();
        })?;
        let more = more || !taken.again.is_empty();
        pace.again = taken.again;
        if !more {
            self.attention.hear();
        }
        let mut state = self.state();
        state.heard = now;
        if state.link.is_some() {
            state.standing = Standing::Up;
        }
        state.traffic.looks += 1;
        state.traffic.bytes += reply.bytes;
        state.traffic.content += reply.content.len() as u64;
        Ok((taken.changed > 0, more, reply.bytes))
    }

    fn newest(&self) -> Vec<RunId> {
        let mut ids = self.home().ids().unwrap_or_default();
        ids.split_off(ids.len().saturating_sub(GLANCES))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mirror(&self) -> MutexGuard<'_, Mirror> {
        self.mirror.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pace {
    fn new(now: Duration, delay: Duration) -> Self {
        Self {
            budget: FIRST_BUDGET,
            rate: None,
            delay,
            pause: Duration::ZERO,
            again: Vec::new(),
            saved: now,
        }
    }

    /// Learns from an answer of `bytes` on the line that took `took`.
    fn learn(&mut self, bytes: u64, took: Duration) {
        self.delay = self.delay.min(took);
        // A short answer tells about the delay, not about the speed.
        if bytes >= 3 << 10 {
            let busy = took.saturating_sub(self.delay);
            let rate = bytes as f64 / busy.as_secs_f64().max(0.001);
            self.rate = Some(rate);
            self.budget = ((rate * LONGEST_ANSWER) as u64).clamp(4 << 10, 1 << 20);
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let mut state = self.line.state();
        state.ends = true;
        let link = state.link.take();
        drop(state);
        self.line.changed.notify_all();
        // A look may be waiting for an answer.
        if let Some(link) = link {
            link.cut();
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let _ = self.line.mirror().save();
    }
}

fn begin(link: &Link, mirror: &mut Mirror) -> Result<Place, RemoteError> {
    let mut begun = link.ask(
        &Ask::Begin {
            have: mirror.have(),
        },
        Some(QUICK),
    )?;
    loop {
        let Answer::Begun(place) = begun.answer else {
            return Err(RemoteError::Refused(Phrase::new(
                "the agent did not say where it is",
                "에이전트가 자신의 위치를 알리지 않았습니다",
            )));
        };
        if !mirror.stand_for(&place)? {
            return Ok(place);
        }
        // The copies were of another folder and are gone: the agent has to know.
        begun = link.ask(&Ask::Begin { have: Vec::new() }, Some(QUICK))?;
    }
}
