//! The server: listens, gives each connection a thread, keeps one session a browser.
//!
//! Owns when a session starts, how long it is kept without a browser, and the end of all of them.
//! Start at [`Server::open`].

use crate::{
    ServeError,
    files::Files,
    gate::{Browser, Gate, cookie_name},
    limits::Limits,
    names::Names,
    program::{Program, Size},
    session::{Attachment, Session},
    visit,
};
use domain::{Clock, Lang};
use std::{
    collections::BTreeMap,
    fmt,
    fs::File,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// How a refused connection is answered without a thread; the kernel's buffer takes it at once.
const TOO_MANY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n";

/// What the person who started the server may want to know.
#[derive(Debug)]
pub enum Event {
    /// A browser was let in; the token is used up.
    Opened,
    /// A wrong token came.
    WrongToken {
        /// Wrong tokens left before the lock.
        left: u32,
    },
    /// Too many wrong tokens came: none is taken until there is a fresh one.
    LockedOut,
    /// A browser has a new console.
    Started,
    /// A console has ended with this exit code.
    Ended(u32),
    /// A console could not be started.
    NoConsole(ServeError),
}

/// What a server is to be.
pub struct Plan {
    /// Address and port to listen on; port 0 is any free one.
    pub bind: SocketAddr,
    /// This machine's name.
    pub machine: String,
    /// What each browser gets.
    pub program: Program,
    /// Language of the page.
    pub lang: Lang,
    /// Limits.
    pub limits: Limits,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Hears what happens; called from any thread.
    pub tell: Box<dyn Fn(Event) + Send + Sync>,
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("bind", &self.bind)
            .field("program", &self.program.path)
            .finish_non_exhaustive()
    }
}

/// What every connection's thread shares.
pub(crate) struct Inner {
    pub plan: Plan,
    pub names: Names,
    pub gate: Gate,
    pub files: Files,
    /// Name of the cookie: two servers on one host must not overwrite each other's.
    pub cookie: String,
    sessions: Mutex<BTreeMap<Browser, Session>>,
    visitors: Arc<AtomicUsize>,
    lines: Arc<AtomicUsize>,
    ending: AtomicBool,
    /// Given up at the end, so that there is a descriptor left to wake the listener by.
    spare: Mutex<Option<File>>,
    janitor: Sender<Chore>,
}

/// What the janitor is woken for.
enum Chore {
    /// A browser left or a console started.
    Look,
    /// The server ends.
    End,
}

/// A running server; dropping it ends it.
pub struct Server {
    inner: Arc<Inner>,
    address: SocketAddr,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Starts to listen.
    ///
    /// # Errors
    /// The address cannot be listened on, or the operating system refuses.
    pub fn open(plan: Plan) -> Result<Self, ServeError> {
        let refused = |error| ServeError::of_listening(plan.bind, error);
        let listener = TcpListener::bind(plan.bind).map_err(refused)?;
        let address = listener.local_addr()?;
        let (janitor, chores) = mpsc::channel();
        let inner = Arc::new(Inner {
            names: Names::of(plan.bind, &plan.machine),
            gate: Gate::default(),
            files: Files::new(plan.lang),
            cookie: cookie_name()?,
            sessions: Mutex::default(),
            visitors: Arc::default(),
            lines: Arc::default(),
            ending: AtomicBool::new(false),
            spare: Mutex::new(File::open("/dev/null").ok()),
            janitor,
            plan,
        });
        let (listens, cleans) = (Arc::clone(&inner), Arc::clone(&inner));
        let named = |name: &str| thread::Builder::new().name(name.to_owned());
        let listening = named("listener").spawn(move || listens.listen(&listener))?;
        let cleaning = named("janitor").spawn(move || cleans.clean(&chores))?;
        Ok(Self {
            inner,
            address,
            threads: Mutex::new(vec![listening, cleaning]),
        })
    }

    /// Returns the address with the port that it really has.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns a token that lets one browser in; it replaces the one before and opens the lock.
    ///
    /// # Errors
    /// The operating system has no randomness to give.
    pub fn fresh_token(&self) -> Result<String, ServeError> {
        Ok(self.inner.gate.fresh_token()?)
    }

    /// Ends every console and the server; returns when they have ended.
    pub fn end(&self) {
        if self.inner.ending.swap(true, Ordering::SeqCst) {
            return;
        }
        // Wakes the listener, which waits for a connection.
        drop(self.inner.spare.lock().map(|mut spare| spare.take()));
        let _ = TcpStream::connect(reachable(self.address));
        let _ = self.inner.janitor.send(Chore::End);
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        for thread in threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// One of a limited number of places, given back when dropped.
pub(crate) struct Seat(Arc<AtomicUsize>);

impl Seat {
    fn take(taken: &Arc<AtomicUsize>, most: usize) -> Option<Self> {
        let seat = Self(Arc::clone(taken));
        // Dropping the seat gives back what was counted too much.
        (taken.fetch_add(1, Ordering::SeqCst) < most).then_some(seat)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Inner {
    /// Returns a place for one more shown console; `None` while all are taken.
    pub(crate) fn place_for_a_line(&self) -> Option<Seat> {
        Seat::take(&self.lines, self.plan.limits.lines)
    }

    /// Shows `browser` its console, a new one where it has none that runs.
    pub(crate) fn attach(
        self: &Arc<Self>,
        browser: Browser,
        size: Size,
    ) -> Result<Attachment, ServeError> {
        let mut sessions = self.sessions();
        if self.ending.load(Ordering::SeqCst) {
            return Err(ServeError::NoConsole("the server ends".to_owned()));
        }
        if let Some(session) = sessions.get(&browser).filter(|one| !one.has_ended()) {
            return Ok(session.attach(size));
        }
        let plan = &self.plan;
        let hears = Arc::clone(self);
        let session = Session::start(
            &plan.program,
            size,
            plan.limits,
            Arc::clone(&plan.clock),
            move |code| (hears.plan.tell)(Event::Ended(code)),
        )?;
        let attachment = session.attach(size);
        sessions.insert(browser, session);
        drop(sessions);
        (plan.tell)(Event::Started);
        Ok(attachment)
    }

    /// Notes that a browser has left its console.
    pub(crate) fn left(&self) {
        // The janitor may be gone: then all consoles are.
        let _ = self.janitor.send(Chore::Look);
    }

    fn sessions(&self) -> MutexGuard<'_, BTreeMap<Browser, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listen(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            if self.ending.load(Ordering::SeqCst) {
                return;
            }
            match stream {
                Ok(stream) => self.give_a_thread(stream),
                // Out of file descriptors, most likely: give those that are open time to end.
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    fn give_a_thread(self: &Arc<Self>, stream: TcpStream) {
        let Some(seat) = Seat::take(&self.visitors, self.plan.limits.visitors) else {
            let _ = stream.set_nonblocking(true);
            let _ = std::io::Write::write(&mut &stream, TOO_MANY);
            return;
        };
        let server = Arc::clone(self);
        let visit = move || {
            // How a visitor leaves is the visitor's business.
            let _ = visit::receive(&stream, &server, seat);
        };
        let _ = thread::Builder::new()
            .name("visitor".to_owned())
            .spawn(visit);
    }

    /// Ends consoles that no browser has shown for too long, and at the end all of them.
    fn clean(&self, chores: &Receiver<Chore>) {
        let keep = self.plan.limits.keep;
        loop {
            let mut sessions = self.sessions();
            sessions.retain(|_, session| !session.has_ended());
            let all = std::mem::take(&mut *sessions);
            let over = |session: &Session| session.alone_for().is_some_and(|time| time >= keep);
            let (over, kept) = all.into_iter().partition(|(_, session)| over(session));
            *sessions = kept;
            let alone = sessions.values().filter_map(Session::alone_for).max();
            let next = alone.map_or(keep, |longest| keep.saturating_sub(longest));
            drop(sessions);
            end_all(&over);
            let wait = next.max(Duration::from_millis(1));
            match chores.recv_timeout(wait) {
                Ok(Chore::Look) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Chore::End) | Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let rest = std::mem::take(&mut *self.sessions());
        end_all(&rest);
    }
}

fn end_all(sessions: &BTreeMap<Browser, Session>) {
    sessions.values().for_each(Session::hang_up);
    sessions.values().for_each(Session::bury);
}

/// Returns where a server bound to `address` can be reached from this machine.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
