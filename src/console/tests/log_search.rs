//! Looking for something in a log: what is asked for, what is refused, what is found, and that a
//! search ends when it is told to.

use super::{
    Place, key,
    log_reader::{Reading, look, numbered, text},
    logs::{asked, opened},
    screen, typed,
};
use crate::{
    caps::Glyphs,
    chord::Chord,
    layer::Layer,
    log_news::{Held, LogMiss, LogRequest, LogSearch, Wanted},
    log_pane::Syntax,
    message::{Effect, Message},
    state::{Screen, State},
};
use crossterm::event::KeyCode;
use domain::{Clock, Lang, Nanos};
use logbook::{Case, Direction, Levels, Outcome, Step};
use rstest::rstest;
use std::{
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver, Sender},
    },
    time::Duration,
};

/// The search that is asked for.
fn sought(effects: Vec<Effect>) -> Vec<LogRequest> {
    let is_search = |request: &LogRequest| matches!(request, LogRequest::Find(..));
    asked(effects).into_iter().filter(is_search).collect()
}

/// What the line that is typed is refused for.
fn refused(state: &State) -> Option<&str> {
    match state.layers.last() {
        Some(Layer::Entry(entry)) => entry.refusal.as_deref(),
        _ => None,
    }
}

#[test]
fn a_text_is_looked_for_and_esc_stops_looking() {
    let mut place = Place::new();
    let mut state = opened(&mut place);
    place.press(&mut state, &[Chord::ctrl('x'), Chord::ctrl('f')]);
    place.press(&mut state, &typed("Gap"));
    let effects = place.press(&mut state, &[key(KeyCode::Enter)]);
    let wanted = Wanted::Text("Gap".into(), Case::Exact);
    let requests = asked(effects);
    assert_eq!(
        requests[0],
        LogRequest::Find(wanted.clone(), Direction::Forward)
    );
    // What is looked for is pointed out from now on.
    let pointed = |request: &LogRequest| match request {
        LogRequest::Look(Some(look)) => look.wanted.clone(),
        _ => None,
    };
    assert_eq!(pointed(&requests[1]), Some(wanted));
    let left = Duration::from_secs(3);
    let running = LogSearch::Running { percent: 12, left };
    place.tell(&mut state, Message::LogSearch(running));
    assert!(screen(&state, Glyphs::Unicode).contains("12%"));
    let effects = place.press(&mut state, &[key(KeyCode::Esc)]);
    assert_eq!(asked(effects), [LogRequest::Cancel]);
    assert_eq!(state.screen, Screen::Logs);
    place.tell(
        &mut state,
        Message::LogSearch(LogSearch::Ended(Outcome::Nowhere)),
    );
    assert!(super::said(&state).contains("no such line"));
    place.tell(&mut state, Message::LogMissed(LogMiss::Moment));
    assert!(super::said(&state).contains("time"));
}

#[test]
fn tab_takes_what_is_typed_as_an_expression_and_back() {
    let mut place = Place::new();
    let mut state = opened(&mut place);
    place.press(&mut state, &[Chord::ctrl('f')]);
    place.press(&mut state, &typed("gap(s"));
    assert!(screen(&state, Glyphs::Ascii).contains("as it is written"));
    place.press(&mut state, &[key(KeyCode::Tab)]);
    assert!(screen(&state, Glyphs::Ascii).contains("as a regular expression"));
    // A bad one stays until it is mended, or is text after all.
    let effects = place.press(&mut state, &[key(KeyCode::Enter)]);
    assert_eq!(asked(effects), []);
    let says = "character 4: this ( is not closed";
    assert!(refused(&state).unwrap().starts_with(says));
    place.press(&mut state, &typed(")?"));
    assert_eq!(refused(&state), None);
    let effects = place.press(&mut state, &[key(KeyCode::Enter)]);
    let wanted = Wanted::Pattern("gap(s)?".into(), Case::Ignored);
    let find = LogRequest::Find(wanted, Direction::Forward);
    assert_eq!(sought(effects), [find]);
    assert!(screen(&state, Glyphs::Ascii).contains("gap(s)? (regular expression)"));
    place.press(&mut state, &[Chord::ctrl('f'), key(KeyCode::Tab)]);
    let effects = place.press(&mut state, &[key(KeyCode::Enter)]);
    let wanted = Wanted::Text("gap(s)?".into(), Case::Ignored);
    let find = LogRequest::Find(wanted, Direction::Forward);
    assert_eq!(sought(effects), [find]);
}

#[test]
fn a_key_takes_what_is_looked_for_as_an_expression_and_says_what_is_wrong() {
    let mut place = Place::new();
    let mut state = opened(&mut place);
    state.lang = Lang::Ko;
    state.log.wanted = "[12".into();
    place.press(&mut state, &[Chord::char('^')]);
    assert_eq!(state.log.syntax, Syntax::Expression);
    let said = |state: &State| state.toast.as_ref().unwrap().says.ko.clone();
    assert!(
        said(&state).starts_with("1번째 글자: 괄호 ["),
        "{}",
        said(&state)
    );
    state.toast = None;
    let effects = place.press(&mut state, &[Chord::f(3)]);
    assert_eq!(sought(effects), []);
    assert!(said(&state).starts_with("1번째 글자"));
    place.press(&mut state, &[Chord::char('^')]);
    let effects = place.press(&mut state, &[Chord::f(3)]);
    assert_eq!(sought(effects).len(), 1);
}

#[test]
fn the_reader_searches_and_goes_there() {
    let reading = Reading::of(&numbered(3_000));
    reading.page(|news| news.window.count == Some(3_000));
    let wanted = |text: &str| Wanted::Text(text.into(), Case::Ignored);
    let find = |text: &str| LogRequest::Find(wanted(text), Direction::Forward);
    let page = reading.answer(find("LINE 1234")).unwrap();
    assert_eq!(page.window.number, Some(1_234));
    assert!(page.is_answer && !page.window.follows);
    assert_eq!(reading.answer(find("nowhere")), None, "the page stays");
    let page = reading.answer(LogRequest::GoToNumber(7)).unwrap();
    assert_eq!(page.window.number, Some(7));
    let held = Held {
        at: page.window.lines[page.window.cursor.unwrap()].at,
        sign: page.sign,
    };
    let page = reading.answer(LogRequest::Step(Step::End)).unwrap();
    assert!(page.window.follows);
    let page = reading.answer(LogRequest::Hold(held)).unwrap();
    assert_eq!(page.window.number, Some(7));
    // A line that is not what it was is not held at.
    let page = reading.answer(LogRequest::Step(Step::End)).unwrap();
    let other = Held { sign: 1, ..held };
    assert_eq!(reading.answer(LogRequest::Hold(other)), None, "{page:?}");
    reading.end();
}

#[rstest]
#[case(Wanted::Pattern("LINE 1?23$".into(), Case::Ignored), 123, ("line 123", "ne 123"))]
#[case(Wanted::Text("E 77".into(), Case::Ignored), 77, ("e 77", "e 77"))]
fn the_reader_points_out_what_is_wanted(
    #[case] wanted: Wanted,
    #[case] number: u64,
    #[case] (hit, shifted): (&str, &str),
) {
    let reading = Reading::of(&numbered(200));
    reading.page(|news| news.window.count == Some(200));
    reading.answer(LogRequest::GoToNumber(30));
    reading.answer(LogRequest::Find(wanted.clone(), Direction::Forward));
    let page = reading.page(|news| news.window.number == Some(number));
    let hits = |news: &crate::log_news::LogNews| {
        let lines = news.window.lines.iter();
        let texts = lines.flat_map(|line| line.hits.iter().map(|hit| &line.text[hit.clone()]));
        texts.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(hits(&page), [""; 0], "nothing was to be pointed out");
    let run = reading.log.parent().unwrap().parent().unwrap().to_owned();
    let mut look = look(&run, Levels::All);
    look.wanted = Some(wanted);
    let page = reading
        .answer(LogRequest::Look(Some(look.clone())))
        .unwrap();
    assert_eq!(hits(&page), [hit]);
    // Where the line is shifted, the rest of it.
    look.shift = 2;
    let page = reading
        .answer(LogRequest::Look(Some(look.clone())))
        .unwrap();
    assert_eq!(hits(&page), [shifted]);
    look.wanted = None;
    let page = reading.answer(LogRequest::Look(Some(look))).unwrap();
    assert_eq!(hits(&page), [""; 0]);
    assert_eq!(text(&page).len(), 5);
    reading.end();
}

/// A clock that whoever asks it has to wait for.
#[derive(Debug)]
struct Gate {
    asked: Mutex<Sender<()>>,
    opened: Mutex<Receiver<()>>,
}

impl Gate {
    /// Returns it, whom it tells that somebody asks, and who lets that one go on.
    fn new() -> (Arc<Self>, Receiver<()>, Sender<()>) {
        let (asked, asks) = mpsc::channel();
        let (open, opened) = mpsc::channel();
        let gate = Self {
            asked: Mutex::new(asked),
            opened: Mutex::new(opened),
        };
        (Arc::new(gate), asks, open)
    }
}

impl Clock for Gate {
    fn now(&self) -> Nanos {
        Nanos(0)
    }

    fn steady(&self) -> Duration {
        let _ = self.asked.lock().unwrap().send(());
        // Once nobody opens it any more it stays open.
        let _ = self.opened.lock().unwrap().recv();
        Duration::ZERO
    }
}

/// A log of several pieces, so that a search asks the time several times.
fn long() -> String {
    format!("{}the last line\n", numbered(100_000))
}

fn find(text: &str) -> LogRequest {
    LogRequest::Find(Wanted::Text(text.into(), Case::Ignored), Direction::Forward)
}

/// Waits for word of how a search ended.
fn ended(reading: &Reading) -> Outcome {
    loop {
        if let Message::LogSearch(LogSearch::Ended(outcome)) = reading.hear() {
            return outcome;
        }
    }
}

#[test]
fn a_search_that_is_cancelled_looks_no_further() {
    let (gate, asks, open) = Gate::new();
    let reading = Reading::timed_by(&long(), gate);
    reading.page(|news| news.window.count == Some(100_001));
    reading.ask(find("nowhere"));
    asks.recv().unwrap();
    open.send(()).unwrap();
    // It has looked through its first piece and asks again; now it is told to stop.
    asks.recv().unwrap();
    reading.answer(LogRequest::Cancel);
    open.send(()).unwrap();
    assert!(matches!(ended(&reading), Outcome::Stopped { .. }));
    assert!(asks.try_recv().is_err(), "it went on");
    // One that is not goes on to the end.
    reading.ask(find("nowhere"));
    drop(open);
    assert_eq!(ended(&reading), Outcome::Nowhere);
    assert!(asks.try_iter().count() > 3);
    reading.end();
}

#[test]
fn a_search_in_place_of_another_is_the_one_that_counts() {
    let (gate, asks, open) = Gate::new();
    let reading = Reading::timed_by(&long(), gate);
    reading.page(|news| news.window.count == Some(100_001));
    reading.answer(LogRequest::Step(Step::First));
    reading.ask(find("line 99999"));
    asks.recv().unwrap();
    reading.ask(find("the last"));
    asks.recv().unwrap();
    drop(open);
    let page = reading.page(|news| news.is_answer && news.window.number != Some(1));
    assert_eq!(page.window.number, Some(100_001));
    reading.end();
}
