//! One line to a host: an `ssh` process with makook's agent at its other end.
//!
//! Any thread may ask; each waits for its own answer, and answers come in any order. A line that
//! broke stays broken: a new one is made when a person says so. Start at [`Link::open`].

use crate::{
    Address, RemoteError,
    address::Attendance,
    frame::{self, Frame},
    wire::{Answer, Ask, FORMAT, Greeting},
};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdin, ChildStdout, Stdio},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread,
    time::Duration,
};

/// How long a login may take before it counts as silent.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long ssh's last words are waited for after it ended.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// Text before the agent's greeting that is overlooked: login scripts like to talk.
const LONGEST_CHATTER: u64 = 64 << 10;
/// What is kept of ssh's standard error.
const KEPT_WORDS: usize = 8 << 10;

/// An answer with the content of files.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The answer.
    pub answer: Answer,
    /// Content of files.
    pub content: Vec<u8>,
    /// Bytes it took on the line.
    pub bytes: u64,
}

/// A line to a host.
#[derive(Debug)]
pub struct Link {
    address: Address,
    shared: Arc<Shared>,
    next: AtomicU64,
    /// Kept so that dropping the line ends it.
    child: Arc<Mutex<Child>>,
}

#[derive(Debug)]
struct Shared {
    /// `None` once the line is lost.
    input: Mutex<Option<ChildStdin>>,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    senders: BTreeMap<u64, Sender<Frame>>,
    /// Why the line is lost.
    lost: Option<String>,
}

impl Link {
    /// Logs in and waits for the agent's greeting. `version` is this makook's.
    ///
    /// # Errors
    /// Why there is no line, by cause. Nothing is tried a second time.
    pub fn open(address: &Address, version: &str) -> Result<Self, RemoteError> {
        let mut child = address
            .command(&["agent".to_owned()], Attendance::Nobody)?
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(RemoteError::NoSsh)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(errors)) = pipes else {
            return Err(RemoteError::NoSsh(std::io::Error::other("no pipes")));
        };
        let last_words = collect_words(errors);
        let (tell, told) = mpsc::channel();
        let child = Arc::new(Mutex::new(child));
        let shared = Arc::new(Shared {
            input: Mutex::new(Some(input)),
            waiting: Mutex::new(Waiting::default()),
        });
        let (listening, ends) = (Arc::clone(&shared), Arc::clone(&child));
        thread::spawn(move || listen(output, &tell, &listening, &last_words, &ends));
        let host = address.host();
        let heard = told.recv_timeout(PATIENCE);
        let link = Self {
            address: address.clone(),
            shared,
            next: AtomicU64::new(1),
            child,
        };
        match heard {
            Ok(Beginning::Greeting(greeting)) if greeting.format == FORMAT => Ok(link),
            Ok(Beginning::Greeting(greeting)) => Err(RemoteError::OtherVersion {
                host: host.to_owned(),
                theirs: format!("{} (line format {})", greeting.version, greeting.format),
                ours: format!("{version} (line format {FORMAT})"),
            }),
            Ok(Beginning::End { code, words }) => {
                Err(RemoteError::of_ssh(host, address.program(), code, &words))
            }
            Err(_) => Err(RemoteError::Silent {
                host: host.to_owned(),
                seconds: PATIENCE.as_secs(),
            }),
        }
    }

    /// Returns whether the line still stands, as far as known here.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.shared.waiting().lost.is_none()
    }

    /// Asks and waits for the answer; `patience` of `None` waits as long as the line stands.
    ///
    /// # Errors
    /// `Lost`, `Silent`, or the host's refusal.
    pub fn ask(&self, ask: &Ask, patience: Option<Duration>) -> Result<Reply, RemoteError> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (tell, told) = mpsc::channel();
        {
            let mut waiting = self.shared.waiting();
            if let Some(said) = &waiting.lost {
                return Err(self.lost(said.clone()));
            }
            waiting.senders.insert(id, tell);
        }
        self.send(id, ask)?;
        let frame = match patience {
            None => told.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(patience) => told.recv_timeout(patience),
        };
        match frame {
            Ok(frame) => self.read(frame),
            Err(RecvTimeoutError::Timeout) => {
                self.shared.waiting().senders.remove(&id);
                Err(RemoteError::Silent {
                    host: self.address.host().to_owned(),
                    seconds: patience.unwrap_or_default().as_secs(),
                })
            }
            Err(RecvTimeoutError::Disconnected) => {
                let said = self.shared.waiting().lost.clone();
                Err(self.lost(said.unwrap_or_default()))
            }
        }
    }

    /// Cuts the line: who waits for an answer is told that it is lost.
    pub fn cut(&self) {
        // The agent ends at the end of its input; a line that hangs is cut off.
        let _ = child_of(&self.child).kill();
        self.shared.lose("closed here".to_owned());
        *self.shared.input() = None;
    }

    fn send(&self, id: u64, ask: &Ask) -> Result<(), RemoteError> {
        let mut input = self.shared.input();
        let sent = match input.as_mut() {
            Some(pipe) => frame::write(pipe, id, ask, &[]),
            None => Err(std::io::ErrorKind::BrokenPipe.into()),
        };
        sent.map_err(|error| {
            *input = None;
            let mut waiting = self.shared.waiting();
            waiting.senders.remove(&id);
            let said = waiting.lost.clone();
            self.lost(said.unwrap_or_else(|| error.to_string()))
        })
    }

    fn read(&self, frame: Frame) -> Result<Reply, RemoteError> {
        let answer = frame
            .parse::<Answer>()
            .map_err(|error| RemoteError::Untrusted {
                host: self.address.host().to_owned(),
                what: error.to_string(),
            })?;
        match answer {
            Answer::No(why) => Err(RemoteError::Refused(why)),
            answer => Ok(Reply {
                answer,
                content: frame.content,
                bytes: frame.bytes,
            }),
        }
    }

    fn lost(&self, said: String) -> RemoteError {
        RemoteError::Lost {
            host: self.address.host().to_owned(),
            said,
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.cut();
    }
}

impl Shared {
    fn input(&self) -> MutexGuard<'_, Option<ChildStdin>> {
        self.input.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells everybody who waits, and everybody who will ask, that the line is lost.
    fn lose(&self, said: String) {
        let mut waiting = self.waiting();
        waiting.lost.get_or_insert(said);
        waiting.senders.clear();
    }
}

fn child_of(child: &Mutex<Child>) -> MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What comes first on a line.
enum Beginning {
    Greeting(Greeting),
    End { code: Option<i32>, words: String },
}

/// Reads answers until the line ends.
fn listen(
    output: ChildStdout,
    tell: &Sender<Beginning>,
    shared: &Shared,
    last_words: &Receiver<String>,
    child: &Mutex<Child>,
) {
    let mut output = BufReader::new(output);
    let greeted = match greeting(&mut output) {
        Some(greeting) => tell.send(Beginning::Greeting(greeting)).is_ok(),
        None => false,
    };
    let broken = greeted.then(|| hand_out(&mut output, shared)).flatten();
    *shared.input() = None;
    let words = last_words.recv_timeout(LAST_WORDS).unwrap_or_default();
    let mut child = child_of(child);
    let _ = child.kill();
    let code = child.wait().ok().and_then(|status| status.code());
    drop(child);
    let said = words.lines().map(str::trim).rfind(|line| !line.is_empty());
    let said = said.map(str::to_owned).or(broken);
    shared.lose(said.unwrap_or_else(|| "the connection ended".to_owned()));
    if !greeted {
        let _ = tell.send(Beginning::End { code, words });
    }
}

/// Hands answers to who waits for them until the line ends; returns what broke it, if anything.
fn hand_out(output: &mut impl BufRead, shared: &Shared) -> Option<String> {
    loop {
        match frame::read(output) {
            Ok(Some(frame)) => {
                let waits = shared.waiting().senders.remove(&frame.id);
                if let Some(waits) = waits {
                    // Who waited may have lost patience meanwhile.
                    let _ = waits.send(frame);
                }
            }
            Ok(None) => return None,
            Err(error) => return Some(error.to_string()),
        }
    }
}

/// Skips what a login script prints and returns the agent's greeting; `None` if there is none.
fn greeting(output: &mut impl BufRead) -> Option<Greeting> {
    let mut left = LONGEST_CHATTER;
    loop {
        let mut line = Vec::new();
        let read = output
            .by_ref()
            .take(left)
            .read_until(b'\n', &mut line)
            .ok()?;
        if read == 0 || !line.ends_with(b"\n") {
            return None;
        }
        if let Ok(greeting) = serde_json::from_slice(&line) {
            return Some(greeting);
        }
        left = left.saturating_sub(read as u64);
    }
}

/// Reads ssh's standard error to its end and hands over the last of it.
fn collect_words(mut errors: impl Read + Send + 'static) -> Receiver<String> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        let mut buffer = [0; 4_096];
        while let Ok(read @ 1..) = errors.read(&mut buffer) {
            kept.extend_from_slice(&buffer[..read]);
            let superfluous = kept.len().saturating_sub(KEPT_WORDS);
            kept.drain(..superfluous);
        }
        let _ = tell.send(String::from_utf8_lossy(&kept).into_owned());
    });
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_talkative_login_is_overlooked() {
        let text = b"Welcome!\n{\"not\":\"it\"}\n{\"makook-agent\":1,\"version\":\"0.1.0\"}\nrest";
        let found = greeting(&mut text.as_slice()).unwrap();
        assert_eq!((found.format, found.version.as_str()), (1, "0.1.0"));
    }

    #[test]
    fn endless_chatter_is_no_greeting() {
        let text = "still loading\n".repeat(10_000);
        assert_eq!(greeting(&mut text.as_bytes()), None);
        assert_eq!(greeting(&mut b"{\"makook-agent\":1".as_slice()), None);
    }
}
