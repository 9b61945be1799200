//! A console in a pseudo-terminal that answers as terminals do, with the time of every byte.

use domain::{Clock, SystemClock};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::{
    fs,
    io::{Read, Write},
    num::NonZero,
    path::Path,
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

const IDLE: &[u8] = b"\x1b]7777;idle\x07";
const ASK: &[u8] = b"\x1b[5n";
const ALIVE: &[u8] = b"\x1b[0n";
/// Nothing that is waited for takes as long.
const PATIENCE: Duration = Duration::from_secs(60);

/// The console.
pub struct Watched {
    pub clock: Arc<SystemClock>,
    pub parser: vt100::Parser,
    pub child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Keys,
    arrivals: mpsc::Receiver<(Duration, Vec<u8>)>,
    last: Vec<u8>,
    /// Idle marks so far.
    pub marks: usize,
}

/// Where keys and the terminal's answers are written; so little that it never fills.
type Keys = Arc<Mutex<Box<dyn Write + Send>>>;

/// What came at once: when, and how many bytes.
pub type Arrival = (Duration, usize);

impl Watched {
    /// The command that opens the console of `program` on `project`.
    pub fn command(program: &str, project: &Path) -> CommandBuilder {
        let mut command = CommandBuilder::new(program);
        command.env_clear();
        command.cwd(project);
        command.env("HOME", project);
        command.env("PATH", std::env::var("PATH").unwrap_or_default());
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("MAKOOK_PROJECT", project);
        command
    }

    pub fn open(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let clock = Arc::new(SystemClock::new());
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys: Keys = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let (sender, arrivals) = mpsc::channel();
        let (now, answers) = (Arc::clone(&clock), Arc::clone(&keys));
        std::thread::spawn(move || {
            let (mut buffer, mut last) = ([0; 65_536], Vec::new());
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                let at = now.steady();
                let asked = occurrences(&mut last, &buffer[..read], ASK);
                if asked > 0 {
                    let _ = answers.lock().unwrap().write_all(&ALIVE.repeat(asked));
                }
                if sender.send((at, buffer[..read].to_vec())).is_err() {
                    return;
                }
            }
        });
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let sides = (NonZero::new(rows).unwrap(), NonZero::new(columns).unwrap());
        Self {
            clock,
            parser: vt100::Parser::new(sides.0, sides.1, 0),
            child,
            master: pair.master,
            keys,
            arrivals,
            last: Vec::new(),
            marks: 0,
        }
    }

    /// Takes in what comes within `patience`.
    pub fn next(&mut self, patience: Duration) -> Option<Arrival> {
        let (at, bytes) = self.arrivals.recv_timeout(patience).ok()?;
        self.marks += occurrences(&mut self.last, &bytes, IDLE);
        self.parser.process(&bytes);
        Some((at, bytes.len()))
    }

    /// Takes in output until the terminal is as `fits` wants it; returns when that was.
    pub fn until(&mut self, what: &str, fits: impl Fn(&Self) -> bool) -> Duration {
        self.until_within(PATIENCE, fits).unwrap_or_else(|| {
            panic!("{what} never came:\n{}", self.parser.screen().contents());
        })
    }

    /// The same for at most `patience`, however much else comes; `None` if it is not so by then or
    /// the console is gone.
    pub fn until_within(
        &mut self,
        patience: Duration,
        fits: impl Fn(&Self) -> bool,
    ) -> Option<Duration> {
        let mut at = self.clock.steady();
        let end = at + patience;
        while !fits(self) {
            at = self.next(end.saturating_sub(self.clock.steady()))?.0;
        }
        Some(at)
    }

    pub fn until_shown(&mut self, text: &str) -> Duration {
        self.until(text, |watched| {
            watched.parser.screen().contents().contains(text)
        })
    }

    /// Takes in everything that comes in the next `span`.
    pub fn watch(&mut self, span: Duration) -> Vec<Arrival> {
        let end = self.clock.steady() + span;
        let mut come = Vec::new();
        loop {
            let left = end.saturating_sub(self.clock.steady());
            if left.is_zero() {
                return come;
            }
            come.extend(self.next(left));
        }
    }

    pub fn press(&self, keys: &[u8]) -> Duration {
        let at = self.clock.steady();
        self.keys.lock().unwrap().write_all(keys).unwrap();
        at
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        let sides = (NonZero::new(rows).unwrap(), NonZero::new(columns).unwrap());
        self.parser.set_size(sides.0, sides.1);
        self.master.resize(size(columns, rows)).unwrap();
    }

    /// Returns what the process used so far.
    pub fn usage(&self) -> Usage {
        Usage::of(self.child.process_id().unwrap())
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Times that one of its threads was woken.
    pub wakeups: u64,
    /// On a processor.
    pub busy: Duration,
    /// Resident memory, bytes.
    pub memory: u64,
    /// The most that it ever was.
    pub peak: u64,
    /// The part of it that is no file's: what the program itself allocated.
    pub own: u64,
    /// Open file descriptors.
    pub descriptors: usize,
}

impl Usage {
    fn of(pid: u32) -> Self {
        let process = format!("/proc/{pid}");
        let text = |path: String| fs::read_to_string(path).unwrap_or_default();
        let field = |text: &str, name: &str| -> u64 {
            let line = text.lines().find(|line| line.starts_with(name));
            let value = line.and_then(|line| line.split_whitespace().nth(1));
            value.and_then(|value| value.parse().ok()).unwrap_or(0)
        };
        let status = text(format!("{process}/status"));
        let mut usage = Self {
            memory: field(&status, "VmRSS:") * 1_024,
            peak: field(&status, "VmHWM:") * 1_024,
            own: field(&status, "RssAnon:") * 1_024,
            descriptors: fs::read_dir(format!("{process}/fd")).map_or(0, Iterator::count),
            ..Self::default()
        };
        for task in fs::read_dir(format!("{process}/task"))
            .into_iter()
            .flatten()
            .flatten()
        {
            let task = task.path().display().to_string();
            let status = text(format!("{task}/status"));
            usage.wakeups += field(&status, "voluntary_ctxt_switches:");
            let schedule = text(format!("{task}/schedstat"));
            let nanos = schedule.split_whitespace().next().map(str::parse::<u64>);
            usage.busy += Duration::from_nanos(nanos.and_then(Result::ok).unwrap_or(0));
        }
        usage
    }
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}

/// Counts `wanted` in a stream that comes in parts; `last` keeps the end of the part before.
fn occurrences(last: &mut Vec<u8>, part: &[u8], wanted: &[u8]) -> usize {
    last.extend_from_slice(part);
    let found = last
        .windows(wanted.len())
        .filter(|window| *window == wanted);
    let count = found.count();
    last.drain(..last.len().saturating_sub(wanted.len() - 1));
    count
}
