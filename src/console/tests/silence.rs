//! A scheduler that says nothing holds up its own thread and nobody else; one that says nothing
//! new makes nobody draw.

use super::{
    Place,
    fakes::{CLOSED, Files, Puppet, job, queue},
    key, screen,
};
use crate::{
    caps::Glyphs,
    clerk::Clerk,
    diary::Diary,
    hands::Order,
    job_list::JobName,
    message::{Assignment, Errand, Message},
    office::Office,
    pulse::Pulse,
    watcher::{Request, Watcher},
};
use crossterm::event::KeyCode;
use domain::{Clock, Lang, ManualClock, Nanos, Phrase};
use jobs::{JobId, JobRow, Listing, Signal, Source};
use runs::Command;
use std::{
    collections::BTreeMap,
    fs,
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};

const START: Nanos = Nanos(1_706_745_599_000_000_000);

/// A foreman at work whose backend answers when told.
struct Stage {
    clock: Arc<ManualClock>,
    pulse: Arc<Pulse>,
    asked: mpsc::Receiver<()>,
    answers: mpsc::Sender<Result<Listing, Phrase>>,
    assignments: mpsc::Sender<Assignment>,
    inbox: mpsc::Receiver<Message>,
    out: mpsc::Sender<Message>,
    thread: JoinHandle<()>,
}

impl Stage {
    fn set(place: &Place) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let (asking, asked) = mpsc::channel();
        let (answers, answered) = mpsc::channel();
        let (assignments, received) = mpsc::channel();
        let (out, inbox) = mpsc::channel();
        let pulse = Arc::new(Pulse::default());
        fs::create_dir_all(place.home.root()).unwrap();
        let office = Office {
            foreman: Box::new(Puppet {
                asked: asking,
                answers: answered,
            }),
            diary: Diary::of(place.home.root(), &BTreeMap::new(), clock.clone()),
            clock: clock.clone(),
            pulse: pulse.clone(),
            out: out.clone(),
        };
        Self {
            clock,
            pulse,
            asked,
            answers,
            assignments,
            inbox,
            out,
            thread: std::thread::spawn(move || office.run(&received)),
        }
    }

    /// Waits until the backend is asked for the list, then has it answer.
    fn answer(&self, jobs: Vec<JobRow>) {
        self.asked.recv().unwrap();
        let source = Source {
            profile: "klone".into(),
            seen_at: self.clock.now(),
            problems: Vec::new(),
        };
        let listing = Listing {
            jobs,
            sources: vec![source],
        };
        self.answers.send(Ok(listing)).unwrap();
    }

    /// Ends the foreman and returns everything that was said.
    fn end(self) -> Vec<Message> {
        drop((self.assignments, self.answers));
        self.thread.join().unwrap();
        drop(self.out);
        self.inbox.into_iter().collect()
    }
}

fn listings(heard: &[Message]) -> usize {
    let listing = |message: &&Message| matches!(message, Message::Jobs(_));
    heard.iter().filter(listing).count()
}

#[test]
fn keys_posts_and_the_run_list_are_answered_while_the_scheduler_is_silent() {
    let mut place = Place::new();
    let run = place.judged("one");
    let stage = Stage::set(&place);
    stage.asked.recv().unwrap();
    // From here on the foreman hangs in its call.
    for _ in 0..3 {
        stage.assignments.send(Assignment::Look).unwrap();
    }
    let (clerk, errands) = mpsc::channel();
    let working = Clerk {
        home: place.home.clone(),
        origins: BTreeMap::new(),
        project: place.home.root().to_owned(),
        env: BTreeMap::new(),
        lang: Lang::En,
        clock: stage.clock.clone(),
        hands: Box::new(Files(place.home.clone())),
        line: None,
        diary: Diary::of(place.home.root(), &BTreeMap::new(), stage.clock.clone()),
        out: stage.out.clone(),
    };
    let post = Errand::Post {
        path: run.path().to_owned(),
        command: Command::Stop,
    };
    clerk.send(post).unwrap();
    drop(clerk);
    working.run(&errands);
    stage.clock.advance(Duration::from_secs(20));
    let (ask, requests) = mpsc::channel();
    let watcher = Watcher::new(
        place.home.clone(),
        stage.clock.clone(),
        Duration::from_secs(3_600),
        stage.pulse.clone(),
        None,
        stage.out.clone(),
    );
    let watching = std::thread::spawn(move || watcher.run(&requests));
    ask.send(Request::Refresh).unwrap();
    let mut state = place.state(Lang::En, (80, 24));
    let (mut posted, mut listed) = (false, false);
    while !(posted && listed && state.jobs.waiting.is_some()) {
        let message = stage.inbox.recv().unwrap();
        posted |= matches!(message, Message::Posted(_));
        listed |= matches!(&message, Message::Roster(Ok(runs)) if runs.len() == 1);
        assert!(
            !matches!(message, Message::Jobs(_)),
            "the scheduler is silent"
        );
        place.tell(&mut state, message);
        place.press(&mut state, &[key(KeyCode::Char('7')), key(KeyCode::Down)]);
    }
    let seen = screen(&state, Glyphs::Unicode);
    assert!(seen.contains("no answer for 0:20"), "{seen}");
    drop(ask);
    watching.join().unwrap();
    stage.end();
}

#[test]
fn nothing_new_is_never_told() {
    let place = Place::new();
    let stage = Stage::set(&place);
    // Those that run: the time until a start moves by itself.
    let jobs = || queue(None)[..3].to_vec();
    let look = || stage.assignments.send(Assignment::Look).unwrap();
    stage.answer(jobs());
    // The same again, by a backend that answered anew; then with figures below what is shown.
    look();
    stage.answer(jobs());
    stage.clock.advance(Duration::from_secs(3));
    look();
    let mut later = jobs();
    later[1].view.elapsed += Duration::from_secs(3);
    later[1].progress = Some(0.7004);
    later[1].eta_seconds = Some(5_023.0);
    stage.answer(later);
    look();
    let mut other = jobs();
    other[1].progress = Some(0.71);
    stage.answer(other);
    // The answer before is taken in once the next call begins.
    stage.asked.recv().unwrap();
    let heard = stage.end();
    // The last listing is the empty one of the backend that went away.
    assert_eq!(listings(&heard), 3, "{heard:?}");
}

#[test]
fn what_is_asked_is_done_and_written_down() {
    let place = Place::new();
    let stage = Stage::set(&place);
    let name = |id: &str| JobName {
        profile: "klone".into(),
        id: JobId::new(id),
    };
    let order = |on: &str| Order {
        sets: vec!["a.b=1".into()],
        on: Some(on.into()),
        script: Some("x".into()),
        ..Order::default()
    };
    for assignment in [
        Assignment::Train(order("klone")),
        Assignment::Train(order(CLOSED)),
        Assignment::Signal {
            jobs: vec![name("1"), name(CLOSED), name("3")],
            signal: Signal::Kill,
        },
        Assignment::Throttle {
            job: name("259_1"),
            at_most: 4,
        },
    ] {
        stage.assignments.send(assignment).unwrap();
    }
    stage.answer(vec![job("1", None, "one")]);
    stage.answer(Vec::new());
    let heard = stage.end();
    let refused = |message: &&Message| matches!(message, Message::Refused { order, .. } if order.script.is_some());
    assert_eq!(heard.iter().filter(refused).count(), 1, "{heard:?}");
    let partly = |message: &Message| matches!(message, Message::Failed(why) if why.en.starts_with("2 of 3 were asked; closed"));
    assert!(heard.iter().any(partly), "{heard:?}");
    assert!(
        heard
            .iter()
            .any(|message| matches!(message, Message::Launched(_)))
    );
    assert!(
        heard
            .iter()
            .any(|message| matches!(message, Message::Throttled { at_most: 4, .. }))
    );
    let diary = fs::read_to_string(place.home.root().join("console.jsonl")).unwrap();
    for line in [
        "train  a.b=1 on klone, script edited",
        "cancel 3",
        "throttle 259_1 4",
    ] {
        assert!(diary.contains(line), "{line} is not in {diary}");
    }
}
