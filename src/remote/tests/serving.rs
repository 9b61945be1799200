//! The agent's loop: answers in any order, and an end that finishes what was begun.

use crate::{
    Answer, Ask, Gatherer, Order, Place, frame,
    serve::{Crew, Doing, serve},
    wire::{FORMAT, Greeting},
};
use domain::{Phrase, SystemClock};
use runs::{Command, RunId};
use std::{
    io::{BufRead, BufReader, PipeReader, PipeWriter, Write, pipe},
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
};

struct Agent {
    ask: Option<PipeWriter>,
    answers: BufReader<PipeReader>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
    _dir: tempfile::TempDir,
}

impl Agent {
    fn start(foreman: Doing) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (requests, ask) = pipe().unwrap();
        let (answers, out) = pipe().unwrap();
        let crew = Crew {
            place: Place {
                host: "h".to_owned(),
                home: String::new(),
                project: String::new(),
            },
            version: "0.1.0".to_owned(),
            gatherer: Gatherer::new(&dir.path().join("runs"), dir.path()),
            hands: Box::new(|ask| match ask {
                Ask::Post { .. } => Ok(Answer::Posted(7)),
                _ => Err(Phrase::new("no", "아니요")),
            }),
            foreman,
            clock: Arc::new(SystemClock::new()),
            heard: Box::new(|| {}),
        };
        let thread = thread::spawn(move || serve(BufReader::new(requests), out, crew));
        let mut answers = BufReader::new(answers);
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        let greeting: Greeting = serde_json::from_str(&line).unwrap();
        assert_eq!(
            (greeting.format, greeting.version.as_str()),
            (FORMAT, "0.1.0")
        );
        Self {
            ask: Some(ask),
            answers,
            thread: Some(thread),
            _dir: dir,
        }
    }

    fn ask(&mut self, id: u64, ask: &Ask) {
        frame::write(self.ask.as_mut().unwrap(), id, ask, &[]).unwrap();
    }

    fn hear(&mut self) -> (u64, Answer) {
        let frame = frame::read(&mut self.answers).unwrap().unwrap();
        (frame.id, frame.parse().unwrap())
    }

    fn end(&mut self) -> std::io::Result<()> {
        self.ask = None;
        self.thread.take().unwrap().join().unwrap()
    }
}

fn sync() -> Ask {
    Ask::Sync {
        watch: None,
        glance: Vec::new(),
        budget: 1 << 16,
        again: Vec::new(),
    }
}

fn post() -> Ask {
    Ask::Post {
        run: run(),
        command: Command::Pause,
    }
}

fn run() -> RunId {
    "20240131-235959-x-1a2b".parse().unwrap()
}

#[test]
fn a_silent_scheduler_holds_up_neither_files_nor_posts() {
    let (release, held) = mpsc::channel::<()>();
    let mut agent = Agent::start(Box::new(move |_| {
        held.recv().unwrap();
        Ok(Answer::Started(Vec::new()))
    }));
    agent.ask(
        1,
        &Ask::Train {
            order: Order::default(),
        },
    );
    agent.ask(2, &sync());
    agent.ask(3, &post());
    assert!(matches!(agent.hear(), (2, Answer::Changes(_))));
    assert_eq!(agent.hear(), (3, Answer::Posted(7)));
    release.send(()).unwrap();
    assert_eq!(agent.hear(), (1, Answer::Started(Vec::new())));
    agent.end().unwrap();
}

#[test]
fn what_was_asked_is_done_though_the_line_ends() {
    let (tell, told) = mpsc::channel();
    let (release, held) = mpsc::channel::<()>();
    let mut agent = Agent::start(Box::new(move |ask| {
        if ask == (Ask::Resume { run: run() }) {
            held.recv().unwrap();
        }
        tell.send(ask).unwrap();
        Ok(Answer::Done)
    }));
    agent.ask(1, &Ask::Resume { run: run() });
    agent.ask(2, &Ask::Jobs);
    agent.ask(
        3,
        &Ask::Train {
            order: Order::default(),
        },
    );
    // Answered by the other thread: all three were received.
    agent.ask(4, &sync());
    assert_eq!(agent.hear().0, 4);
    agent.ask = None;
    release.send(()).unwrap();
    assert_eq!(told.recv().unwrap(), Ask::Resume { run: run() });
    let rest: Vec<Ask> = told.iter().collect();
    assert_eq!(
        rest.last(),
        Some(&Ask::Train {
            order: Order::default()
        })
    );
    agent.end().unwrap();
}

#[test]
fn a_request_cut_in_half_is_none() {
    let mut agent = Agent::start(Box::new(|_| panic!("nothing was asked")));
    let mut bytes = Vec::new();
    frame::write(
        &mut bytes,
        1,
        &Ask::Train {
            order: Order::default(),
        },
        &[],
    )
    .unwrap();
    agent
        .ask
        .as_mut()
        .unwrap()
        .write_all(&bytes[..bytes.len() - 1])
        .unwrap();
    agent.end().unwrap();
}

#[test]
fn what_is_no_request_ends_the_agent_with_a_reason() {
    let mut agent = Agent::start(Box::new(|_| panic!("nothing was asked")));
    agent
        .ask
        .as_mut()
        .unwrap()
        .write_all(b"GET / HTTP/1.1\r\n\r\n")
        .unwrap();
    let error = agent.end().unwrap_err();
    assert!(error.to_string().contains("GET /"), "{error}");
}

#[test]
fn refusals_come_in_both_languages() {
    let mut agent = Agent::start(Box::new(|_| {
        Err(Phrase::new("no place", "자리가 없습니다"))
    }));
    agent.ask(1, &Ask::Remove { run: run() });
    assert_eq!(agent.hear(), (1, Answer::No(Phrase::new("no", "아니요"))));
    agent.ask(2, &Ask::Jobs);
    let no = Answer::No(Phrase::new("no place", "자리가 없습니다"));
    assert_eq!(agent.hear(), (2, no));
    agent.end().unwrap();
}
