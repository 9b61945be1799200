//! What is back after the line was cut: the view, and every edit.

use super::{
    Place,
    fakes::{log_page, queue},
    key, typed,
};
use crate::{
    chord::Chord,
    dots::Form,
    keeper::keep,
    log_news::{Held, LogRequest},
    look::{Preference, Said},
    memory::{Memory, Recall, path},
    message::{Effect, Message},
    series::Axis,
    smoothing::Smoothing,
    state::{Screen, State},
};
use crossterm::event::KeyCode;
use domain::Lang;
use logbook::Levels;
use std::{collections::BTreeMap, fs, sync::mpsc, time::Duration};

/// Uses the console for a while, ending on the screen of jobs.
fn used(place: &Place, state: &mut State) {
    place.press(
        state,
        &[Chord::char(' '), Chord::char('2'), Chord::ctrl('f')],
    );
    place.press(state, &typed("clip_range"));
    place.press(
        state,
        &[
            key(KeyCode::Enter),
            key(KeyCode::Right),
            key(KeyCode::Right),
        ],
    );
    place.press(state, &[Chord::ctrl('z'), Chord::char('7')]);
    place.press(state, &[Chord::ctrl('f')]);
    place.press(state, &typed("ppo"));
    place.press(
        state,
        &[key(KeyCode::Enter), key(KeyCode::Down), Chord::char(' ')],
    );
}

/// A console of later, which was told what the one before remembered.
fn later(place: &Place, memory: Memory, recall: Recall) -> State {
    let project = place.home.root().parent().unwrap();
    let mut state = State::new(project, Lang::En, (100, 30), None);
    memory.recall(&mut state, recall);
    place.look(&mut state);
    place.list(&mut state, queue(None));
    state
}

#[test]
fn the_same_view_is_back_with_every_edit() {
    let mut place = Place::new();
    place.judged("one");
    place.judged("two");
    let mut state = place.state(Lang::En, (100, 30));
    place.list(&mut state, queue(None));
    used(&place, &mut state);
    let memory = Memory::of(&state);
    let read: Memory = serde_json::from_slice(&memory.bytes()).unwrap();
    assert_eq!(read, memory);
    let mut back = later(&place, read, Recall::All);
    assert_eq!(back.screen, Screen::Jobs);
    assert_eq!(back.jobs.filter, "ppo");
    assert_eq!(back.jobs.chosen, state.jobs.chosen);
    assert_eq!(back.jobs.window(10), state.jobs.window(10));
    assert_eq!(back.jobs.marked, state.jobs.marked);
    assert_eq!(back.runs.marked, state.runs.marked);
    assert_eq!(back.runs.chosen, state.runs.chosen);
    assert_eq!(back.form.sets(), ["agent.clip_range=0.22"]);
    assert_eq!(Memory::of(&back), Memory::of(&state));
    // Undo and redo go on where they were.
    place.press(&mut back, &[Chord::ctrl('y')]);
    assert_eq!(back.form.sets(), ["agent.clip_range=0.24"]);
    place.press(&mut back, &[Chord::ctrl('z'), Chord::ctrl('z')]);
    assert!(back.form.changes.is_empty());
}

#[test]
fn charts_are_looked_at_as_before() {
    let mut place = Place::new();
    place.judged("one");
    let mut state = place.state(Lang::En, (100, 30));
    let keys = [
        Chord::char('3'),
        Chord::ctrl('x'),
        Chord::ctrl('e'),
        Chord::ctrl('d'),
    ];
    place.press(&mut state, &keys);
    let back = later(&place, Memory::of(&state), Recall::All);
    assert_eq!(back.charts.axis, Axis::Time);
    assert_eq!(back.charts.smoothing, Smoothing::Light);
    assert_eq!(back.charts.form, Form::Block);
}

#[test]
fn the_language_chosen_here_is_spoken_again() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (100, 30));
    place.press(&mut state, &[Chord::f(12)]);
    let toast = state.toast.as_ref().unwrap();
    assert!(toast.says.ko.contains("한국어로 표시하고 기억합니다"));
    assert_eq!(
        later(&place, Memory::of(&state), Recall::KeepChoice).lang,
        Lang::Ko
    );
    place.press(&mut state, &[Chord::f(12)]);
    assert_eq!(
        later(&place, Memory::of(&state), Recall::All).lang,
        Lang::En
    );
    // A start that asks for a language says that the choice will not outlast it.
    state.look.language = Preference::of(Lang::En, Said::ByStart);
    place.press(&mut state, &[Chord::f(12)]);
    let toast = state.toast.as_ref().unwrap();
    assert!(toast.says.ko.contains("닫을 때까지"), "{}", toast.says.ko);
    assert!(toast.says.ko.contains("환경 변수"), "{}", toast.says.ko);
    assert_eq!(
        later(&place, Memory::of(&state), Recall::All).lang,
        Lang::En
    );
}

#[test]
fn a_run_that_was_asked_for_is_shown_but_no_edit_is_lost() {
    let mut place = Place::new();
    place.judged("one");
    let mut state = place.state(Lang::En, (100, 30));
    place.list(&mut state, queue(None));
    used(&place, &mut state);
    let back = later(&place, Memory::of(&state), Recall::KeepChoice);
    assert_eq!(back.screen, Screen::Dashboard);
    assert_eq!(back.form.sets(), ["agent.clip_range=0.22"]);
}

#[test]
fn scroll_positions_survive_the_first_look_at_the_files() {
    let mut place = Place::new();
    place.judged("one");
    let mut state = place.state(Lang::En, (100, 30));
    place.press(&mut state, &[Chord::char('4')]);
    place.press(&mut state, &[key(KeyCode::Down); 9]);
    place.press(&mut state, &[Chord::char('0')]);
    let mut news = log_page(&state);
    news.window.follows = false;
    news.window.cursor = Some(1);
    place.tell(&mut state, Message::Log(news));
    place.press(
        &mut state,
        &[Chord::char(' '), Chord::ctrl('e'), Chord::ctrl('x')],
    );
    let mut back = later(&place, Memory::of(&state), Recall::All);
    // The console that was told nothing about its log yet still remembers.
    assert_eq!(back.log.held(), state.log.held());
    assert_eq!(back.log.marks, state.log.marks);
    assert_eq!(back.log.marks.len(), 1);
    assert_eq!(back.log.levels, Levels::Warnings);
    let held = Held { at: 48, sign: 7 };
    let effects = place.press(&mut back, &[Chord::char('1'), Chord::char('0')]);
    assert!(
        effects.contains(&Effect::Log(LogRequest::Hold(held))),
        "{effects:?}"
    );
    place.read_chosen(&mut back);
    assert_eq!(back.trades.cursor.at, 9);
}

#[test]
fn filter_and_order_of_the_trades_are_back() {
    let mut place = Place::new();
    place.judged("one");
    let mut state = place.state(Lang::En, (100, 30));
    place.press(&mut state, &[Chord::char('4'), Chord::ctrl('f')]);
    place.press(&mut state, &typed("side=long"));
    let keys = [
        KeyCode::Enter,
        KeyCode::Right,
        KeyCode::Right,
        KeyCode::Right,
    ];
    place.press(&mut state, &keys.map(key));
    place.press(&mut state, &[Chord::char(' ')]);
    let back = later(&place, Memory::of(&state), Recall::All);
    assert_eq!(back.trades.filter(), "side=long");
    assert_eq!(back.trades.sort(), state.trades.sort());
    assert!(back.trades.sort().is_some());
    assert_eq!(back.trades.len(), state.trades.len());
}

#[test]
fn what_is_damaged_foreign_or_newer_is_left_out_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.json");
    assert_eq!(Memory::read(&file), Ok(None));
    for text in [
        "",
        "{\"format\":\"makook-cons",
        "[]",
        "{\"format\":\"makook-console-2\"}",
        "{}",
    ] {
        fs::write(&file, text).unwrap();
        let refused = Memory::read(&file).unwrap_err();
        assert!(!refused.en.is_empty() && !refused.ko.is_empty(), "{text}");
    }
    let unknown = "{\"format\":\"makook-console-1\",\"later\":1,\"screen\":\"nowhere\",\
        \"changes\":{\"no.such\":\"1\",\"agent.epochs\":\"5\"},\
        \"done\":[{\"kind\":\"settings\",\"changes\":[[\"no.such\",null,\"1\"]]}]}";
    fs::write(&file, unknown).unwrap();
    let memory = Memory::read(&file).unwrap().unwrap();
    let place = Place::new();
    let state = later(&place, memory, Recall::All);
    assert_eq!(state.screen, Screen::Dashboard);
    assert_eq!(state.form.sets(), ["agent.epochs=5"]);
    assert!(state.done.is_empty());
}

#[test]
fn the_last_view_is_written_whole_when_the_console_ends() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("console/me@console.json");
    let place = Place::new();
    let mut state = place.state(Lang::En, (80, 24));
    let (sender, memories) = mpsc::channel();
    for screen in ['2', '3', '4'] {
        place.press(&mut state, &[Chord::char(screen)]);
        sender.send(Memory::of(&state)).unwrap();
    }
    drop(sender);
    let (done, ended) = mpsc::channel();
    keep(
        &file,
        Duration::from_secs(3_600),
        &memories,
        |why| panic!("{why}"),
        &done,
    );
    assert_eq!(ended.recv(), Ok(()));
    assert_eq!(Memory::read(&file), Ok(Some(Memory::of(&state))));
    assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn a_pause_in_use_is_enough_to_be_remembered() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("me@console.json");
    let place = Place::new();
    let state = place.state(Lang::En, (80, 24));
    let (sender, memories) = mpsc::channel();
    let (done, ended) = mpsc::channel();
    let at = file.clone();
    let keeper = std::thread::spawn(move || {
        keep(&at, Duration::ZERO, &memories, |why| panic!("{why}"), &done);
    });
    sender.send(Memory::of(&state)).unwrap();
    // While the sender lives nothing but the pause can have written it.
    while Memory::read(&file) != Ok(Some(Memory::of(&state))) {
        std::thread::yield_now();
    }
    drop(sender);
    keeper.join().unwrap();
    assert_eq!(ended.recv(), Ok(()));
}

#[test]
fn the_file_depends_on_user_and_session_but_not_on_the_terminal() {
    let root = std::path::Path::new("/x/logs/runs");
    let named = |pairs: &[(&str, &str)]| {
        let env: BTreeMap<String, String> = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        path(root, &env).display().to_string()
    };
    let plain = named(&[("USER", "민수"), ("SSH_TTY", "/dev/pts/3")]);
    assert_eq!(plain, "/x/logs/console/민수@console.json");
    let odd = named(&[("USER", "../a b"), ("MAKOOK_SESSION", "two")]);
    assert_eq!(odd, "/x/logs/console/..-a-b@two.json");
}
