//! The agent's loop: reads requests, answers them, ends when the line does.
//!
//! Three threads beside the reader: one for files, which is quick, one for jobs, whose scheduler
//! may be silent for half a minute, and none of them waits for the other. When the line ends,
//! what was asked is still done if it does something, so that a submission is never cut in half;
//! what only looks is dropped.

use crate::{
    frame,
    gather::Gatherer,
    wire::{Answer, Ask, FORMAT, Greeting, Place},
};
use domain::{Clock, Phrase};
use std::{
    io::{self, BufRead, Write},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread,
};

/// Does what a request asks for.
pub type Doing = Box<dyn FnMut(Ask) -> Result<Answer, Phrase> + Send>;

/// What the agent works with.
pub struct Crew {
    /// Where it is.
    pub place: Place,
    /// Version of this makook.
    pub version: String,
    /// Reads the files.
    pub gatherer: Gatherer,
    /// Posts, removes, restores.
    pub hands: Doing,
    /// Everything about jobs.
    pub foreman: Doing,
    /// The machine's clock.
    pub clock: Arc<dyn Clock>,
    /// Called at every request: who hears nothing for long may end the program.
    pub heard: Box<dyn Fn() + Send>,
}

impl std::fmt::Debug for Crew {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Crew")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

type Request = (u64, Ask);

/// Where answers go; silent once the line is gone.
struct Mouth<W> {
    out: Mutex<W>,
    gone: AtomicBool,
}

/// Serves requests from `input` until it ends, then finishes what was begun.
///
/// # Errors
/// Input that is no request; the operating system's error of reading.
pub fn serve<W: Write + Send + 'static>(
    mut input: impl BufRead,
    out: W,
    crew: Crew,
) -> io::Result<()> {
    let Crew {
        place,
        version,
        gatherer,
        hands,
        foreman,
        clock,
        heard,
    } = crew;
    let mouth = Arc::new(Mouth {
        out: Mutex::new(out),
        gone: AtomicBool::new(false),
    });
    mouth.greet(&version)?;
    let files = Files {
        place,
        gatherer,
        hands,
        clock,
    };
    let (to_files, of_files) = mpsc::channel();
    let (to_jobs, of_jobs) = mpsc::channel();
    let speaks = Arc::clone(&mouth);
    let filing = thread::Builder::new()
        .name("files".to_owned())
        .spawn(move || files.work(&of_files, &speaks))?;
    let speaks = Arc::clone(&mouth);
    let jobbing = thread::Builder::new()
        .name("jobs".to_owned())
        .spawn(move || work(&of_jobs, &speaks, foreman))?;
    let read = hear(&mut input, &to_files, &to_jobs, &*heard);
    mouth.gone.store(true, Ordering::SeqCst);
    drop((to_files, to_jobs));
    for thread in [filing, jobbing] {
        thread
            .join()
            .map_err(|_| io::Error::other("a thread of the agent panicked"))?;
    }
    read
}

fn hear(
    input: &mut impl BufRead,
    to_files: &Sender<Request>,
    to_jobs: &Sender<Request>,
    heard: &dyn Fn(),
) -> io::Result<()> {
    loop {
        let frame = match frame::read(input) {
            Ok(Some(frame)) => frame,
            Ok(None) => return Ok(()),
            // The line was cut within a request: nobody is left to be told.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        };
        heard();
        let ask: Ask = frame.parse()?;
        let queue = if ask.is_slow() { to_jobs } else { to_files };
        if queue.send((frame.id, ask)).is_err() {
            return Err(io::Error::other("a thread of the agent ended early"));
        }
    }
}

fn work<W: Write>(requests: &Receiver<Request>, mouth: &Mouth<W>, mut doing: Doing) {
    for (id, ask) in requests {
        if mouth.is_gone() && ask.only_looks() {
            continue;
        }
        mouth.say(id, &doing(ask).unwrap_or_else(Answer::No), &[]);
    }
}

struct Files {
    place: Place,
    gatherer: Gatherer,
    hands: Doing,
    clock: Arc<dyn Clock>,
}

impl Files {
    fn work<W: Write>(mut self, requests: &Receiver<Request>, mouth: &Mouth<W>) {
        for (id, ask) in requests {
            if mouth.is_gone() && ask.only_looks() {
                continue;
            }
            let (answer, content) = self.answer(ask);
            mouth.say(id, &answer, &content);
        }
    }

    fn answer(&mut self, ask: Ask) -> (Answer, Vec<u8>) {
        match ask {
            Ask::Begin { have } => {
                self.gatherer.begin(have);
                (Answer::Begun(self.place.clone()), Vec::new())
            }
            Ask::Sync {
                watch,
                glance,
                budget,
                again,
            } => {
                let gathered =
                    self.gatherer
                        .sync(watch.as_ref(), &glance, budget, &again, &*self.clock);
                match gathered {
                    Ok((changes, content)) => (Answer::Changes(changes), content),
                    Err(error) => (Answer::No(unlistable(&self.place.home, &error)), Vec::new()),
                }
            }
            other => {
                let done = (self.hands)(other);
                (done.unwrap_or_else(Answer::No), Vec::new())
            }
        }
    }
}

fn unlistable(home: &str, error: &io::Error) -> Phrase {
    Phrase::new(
        format!("{home}: cannot list the runs: {error}"),
        format!("{home}: 실행 목록을 읽을 수 없습니다: {error}"),
    )
}

impl<W: Write> Mouth<W> {
    fn greet(&self, version: &str) -> io::Result<()> {
        let greeting = Greeting {
            format: FORMAT,
            version: version.to_owned(),
        };
        let mut line = serde_json::to_vec(&greeting)?;
        line.push(b'\n');
        let mut out = self.lock();
        out.write_all(&line)?;
        out.flush()
    }

    fn say(&self, id: u64, answer: &Answer, content: &[u8]) {
        let said = frame::write(&mut *self.lock(), id, answer, content);
        if said.is_err() {
            self.gone.store(true, Ordering::SeqCst);
        }
    }

    fn is_gone(&self) -> bool {
        self.gone.load(Ordering::SeqCst)
    }

    fn lock(&self) -> MutexGuard<'_, W> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
