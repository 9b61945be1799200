//! A line to a host that is lost: everything stays as it was, with its age, and one key asks again.

use super::{Place, screen};
use crate::{
    caps::Glyphs,
    chord::Chord,
    hands::{Line, LineState, LineTrouble},
    message::{Effect, Errand, Message},
    watcher::{Request, Watcher},
};
use crossterm::event::KeyCode;
use domain::{Clock, Lang, ManualClock, Phrase};
use rstest::rstest;
use runs::RunId;
use std::{
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

/// Which run was said to be on screen, and which beside it.
type Looked = (Option<RunId>, Vec<RunId>);

/// A line that is lost, and what it was asked to watch.
struct Lost {
    clock: Arc<ManualClock>,
    watched: Mutex<Vec<Looked>>,
}

impl Line for Lost {
    fn state(&self) -> LineState {
        LineState {
            host: "klone".to_owned(),
            heard: self.clock.now(),
            trouble: Some(LineTrouble {
                lost: true,
                why: Phrase::new("the network went away", "네트워크가 끊겼습니다"),
            }),
        }
    }

    fn watch(&self, run: Option<&RunId>, beside: &[RunId]) {
        let mut watched = self.watched.lock().unwrap();
        watched.push((run.cloned(), beside.to_vec()));
    }

    fn reconnect(&self) -> Result<(), Phrase> {
        Ok(())
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock) as Arc<dyn Clock>
    }
}

/// Everything that a watcher says half an hour after the line was lost.
fn heard(place: &Place, request: Request) -> (Vec<Message>, Vec<Looked>) {
    let line = Arc::new(Lost {
        clock: Arc::new(ManualClock::at(place.clock.now())),
        watched: Mutex::default(),
    });
    let clock = Arc::new(ManualClock::at(place.clock.now()));
    clock.advance(Duration::from_secs(1_800));
    let (out, inbox) = mpsc::channel();
    let (ask, requests) = mpsc::channel();
    let watcher = Watcher::new(
        place.home.clone(),
        clock,
        Duration::from_secs(3_600),
        Arc::default(),
        Some(Arc::clone(&line) as Arc<dyn Line>),
        out,
    );
    ask.send(request).unwrap();
    let watching = std::thread::spawn(move || watcher.run(&requests));
    let mut messages = Vec::new();
    while !matches!(messages.last(), Some(Message::Settled)) {
        messages.push(inbox.recv().unwrap());
    }
    drop(ask);
    watching.join().unwrap();
    let watched = line.watched.lock().unwrap().clone();
    (messages, watched)
}

#[rstest]
#[case(Lang::En, "line lost; everything is as of 30m", "Reconnect")]
#[case(Lang::Ko, "연결 끊김. 30m", "다시 연결")]
fn a_lost_line_says_the_age_and_the_key(
    #[case] lang: Lang,
    #[case] says: &str,
    #[case] action: &str,
) {
    let mut place = Place::new();
    let (run, _segment) = place.training("far");
    let watch = Request::Watch(Some((run.id().clone(), run.path().to_owned())));
    let (messages, watched) = heard(&place, watch);
    assert_eq!(watched, [(Some(run.id().clone()), Vec::new())]);
    let mut state = place.state(lang, (120, 40));
    for message in messages {
        super::update(&mut state, message, Duration::ZERO);
    }
    let text = screen(&state, Glyphs::Unicode);
    for part in [says, action, "F9", "klone"] {
        assert!(text.contains(part), "`{part}` is missing:\n{text}");
    }
    // Also where runs are marked, which the key compares otherwise.
    state.runs.marked.insert(run.id().clone());
    let effects = place.press(&mut state, &[Chord::key(KeyCode::F(9))]);
    assert_eq!(effects, [Effect::Run(Errand::Reconnect)]);
}

#[test]
fn without_a_line_there_is_nothing_to_reconnect() {
    let mut place = Place::new();
    place.run("here");
    let mut state = place.state(Lang::En, (120, 40));
    let effects = place.press(&mut state, &[Chord::key(KeyCode::F(9))]);
    assert_eq!(effects, []);
}

#[test]
fn a_host_is_asked_for_the_runs_that_are_laid_over() {
    let mut place = Place::new();
    let run = place.run("beside");
    let beside = vec![(run.id().clone(), run.path().to_owned())];
    let (_, watched) = heard(&place, Request::Overlay(beside));
    assert_eq!(watched, [(None, vec![run.id().clone()])]);
}
