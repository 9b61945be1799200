//! The screen of logs: what its keys ask for.

use super::{Place, fakes::log_page, key, screen, typed};
use crate::{
    areas,
    caps::{Caps, Depth, Glyphs},
    chord::Chord,
    layer::Layer,
    log_news::{LogFile, LogPlace, LogRequest, Look, Wanted},
    log_pane::Source,
    message::{Effect, Message},
    mouse::{Gesture, Mouse},
    state::{Screen, State},
    theme::Theme,
    view::view,
};
use crossterm::event::KeyCode;
use domain::Lang;
use logbook::{Colour, Direction, Ink, Level, Levels, Line, Moment, Step};
use ratatui::{
    buffer::{Buffer, Cell},
    layout::Rect,
    style::{Color, Modifier},
};
use rstest::rstest;

/// A console on the screen of logs, with a page of the newest run.
pub(super) fn opened(place: &mut Place) -> State {
    place.judged("one");
    let mut state = place.state(Lang::En, (100, 30));
    place.press(&mut state, &[Chord::char('0')]);
    let page = log_page(&state);
    place.tell(&mut state, Message::Log(page));
    state
}

/// What a key asks of the reader.
pub(super) fn asked(effects: Vec<Effect>) -> Vec<LogRequest> {
    let request = |effect| match effect {
        Effect::Log(request) => Some(request),
        _ => None,
    };
    effects.into_iter().filter_map(request).collect()
}

#[rstest]
#[case(key(KeyCode::Up), LogRequest::Step(Step::Up))]
#[case(key(KeyCode::Home), LogRequest::Step(Step::First))]
#[case(key(KeyCode::End), LogRequest::Step(Step::End))]
#[case(Chord::f(2), LogRequest::ToggleFollow)]
#[case(Chord::f(3), LogRequest::Find(Wanted::Problem, Direction::Forward))]
#[case(
    Chord::shift(KeyCode::F(3)),
    LogRequest::Find(Wanted::Problem, Direction::Backward)
)]
#[case(
    Chord::ctrl('u'),
    LogRequest::Find(Wanted::Problem, Direction::Backward)
)]
#[case(
    Chord::char('.'),
    LogRequest::Find(Wanted::Problem, Direction::Forward)
)]
#[case(
    Chord::char(','),
    LogRequest::Find(Wanted::Problem, Direction::Backward)
)]
fn a_key_asks_the_reader(#[case] pressed: Chord, #[case] request: LogRequest) {
    let mut place = Place::new();
    let mut state = opened(&mut place);
    let effects = place.press(&mut state, &[pressed]);
    assert_eq!(asked(effects), [request]);
}

#[test]
fn nothing_is_read_while_no_log_is_on_screen() {
    let mut place = Place::new();
    place.judged("one");
    let mut state = place.state(Lang::En, (100, 30));
    for screen in ['1', '2', '3', '4', '5', '7'] {
        let effects = place.press(&mut state, &[Chord::char(screen)]);
        assert_eq!(asked(effects), []);
    }
    let effects = place.press(&mut state, &[Chord::char('0')]);
    let path = state.run().unwrap().path.clone();
    let look = Look {
        place: LogPlace::Run { path, file: None },
        rows: 26,
        columns: 98,
        shift: 0,
        levels: Levels::All,
        wanted: None,
    };
    assert_eq!(asked(effects), [LogRequest::Look(Some(look))]);
    let effects = place.press(&mut state, &[Chord::char('1')]);
    assert_eq!(asked(effects), [LogRequest::Look(None)]);
}

#[test]
fn levels_width_and_shift_are_asked_for_as_they_change() {
    let mut place = Place::new();
    let mut state = opened(&mut place);
    let look = |effects| match &asked(effects)[..] {
        [LogRequest::Look(Some(look))] => look.clone(),
        other => panic!("{other:?}"),
    };
    let errors = place.press(&mut state, &[Chord::ctrl('e')]);
    assert_eq!(look(errors).levels, Levels::Warnings);
    let shifted = place.press(&mut state, &[key(KeyCode::Right)]);
    assert_eq!(look(shifted).shift, 20);
    let narrow = place.tell(&mut state, Message::Resize(80, 24));
    assert_eq!(look(narrow).columns, 78);
    // Esc shows all lines again before it goes anywhere.
    let all = place.press(&mut state, &[key(KeyCode::Esc)]);
    assert_eq!(look(all).levels, Levels::All);
    assert_eq!(state.screen, Screen::Logs);
}

#[rstest]
#[case("14:30", LogRequest::GoToMoment(Moment::At([14, 30, 0])))]
#[case("2024-01-31", LogRequest::GoToMoment(Moment::On([2024, 1, 31, 0, 0, 0])))]
#[case("3", LogRequest::GoToNumber(3))]
#[case("50%", LogRequest::Go(461_000))]
fn a_typed_place_is_gone_to(#[case] text: &str, #[case] request: LogRequest) {
    let mut place = Place::new();
    let mut state = opened(&mut place);
    place.press(&mut state, &[Chord::ctrl('g')]);
    place.press(&mut state, &typed(text));
    let effects = place.press(&mut state, &[key(KeyCode::Enter)]);
    assert_eq!(asked(effects), [request]);
    assert!(state.layers.is_empty());
}

#[rstest]
#[case("noon")]
#[case("0")]
#[case("101%")]
#[case("")]
fn what_is_no_place_is_refused(#[case] text: &str) {
    let mut place = Place::new();
    let mut state = opened(&mut place);
    place.press(&mut state, &[Chord::ctrl('g')]);
    place.press(&mut state, &typed(text));
    let effects = place.press(&mut state, &[key(KeyCode::Enter)]);
    assert_eq!(asked(effects), []);
    let refused = matches!(state.layers.last(), Some(Layer::Entry(e)) if e.refusal.is_some());
    assert!(refused, "{:?}", state.layers);
}

#[test]
fn marks_are_set_and_walked() {
    let mut place = Place::new();
    let mut state = opened(&mut place);
    assert_eq!(asked(place.press(&mut state, &[Chord::char(']')])), []);
    // What is marked stays in sight.
    let effects = place.press(&mut state, &[Chord::char(' ')]);
    assert_eq!(asked(effects), [LogRequest::ToggleFollow]);
    let effects = place.press(&mut state, &[Chord::char('[')]);
    assert_eq!(asked(effects), [LogRequest::Go(150)]);
    assert!(
        screen(&state, Glyphs::Ascii)
            .lines()
            .any(|line| line.starts_with(" *[12"))
    );
}

#[rstest]
#[case::first(0, &[LogRequest::Choose(0)])]
#[case::last(3, &[LogRequest::Choose(150)])]
#[case::below_all_lines(4, &[])]
fn a_click_chooses_the_line_that_is_seen_there(#[case] row: u16, #[case] requests: &[LogRequest]) {
    let mut place = Place::new();
    let mut state = opened(&mut place);
    let body = state.areas().body;
    let at = (body.x + 30, areas::below_title(body).y + row);
    let gesture = Gesture::Press;
    let effects = place.tell(&mut state, Message::Mouse(Mouse { gesture, at }));
    assert_eq!(asked(effects), requests);
}

#[test]
fn another_log_is_picked_from_a_list() {
    let mut place = Place::new();
    let mut state = opened(&mut place);
    let run = state.run().unwrap().path.clone();
    let effects = place.press(&mut state, &[key(KeyCode::Enter)]);
    assert_eq!(asked(effects), [LogRequest::List(run.clone())]);
    let files = vec![LogFile {
        name: "worker.out".into(),
        length: 3,
    }];
    let listed = || Message::LogFiles {
        run: run.clone(),
        files: files.clone(),
    };
    place.tell(&mut state, listed());
    let effects = place.press(&mut state, &[key(KeyCode::Down), key(KeyCode::Enter)]);
    assert_eq!(state.log.source, Source::Named("worker.out".into()));
    assert!(matches!(&asked(effects)[..], [LogRequest::Look(Some(_))]));
    place.tell(&mut state, listed());
    let effects = place.press(&mut state, &[key(KeyCode::End), key(KeyCode::Enter)]);
    assert!(matches!(
        &asked(effects)[..],
        [LogRequest::Look(Some(Look {
            place: LogPlace::Own,
            ..
        }))]
    ));
}

/// What is drawn where `text` begins, with `depth` colours.
fn drawn(state: &State, depth: Depth, text: &str) -> Cell {
    let caps = Caps {
        depth,
        glyphs: Glyphs::Ascii,
    };
    let theme = Theme::new(state.look.theme.get(), depth);
    let area = Rect::new(0, 0, state.size.0, state.size.1);
    let mut buffer = Buffer::empty(area);
    view(state, &caps, &theme, state.lang, area, &mut buffer);
    let row = |y: u16| (0..area.width).map(move |x| (x, y));
    let line = |y: u16| row(y).map(|at| buffer[at].symbol()).collect::<String>();
    let mut places = (0..area.height).filter_map(|y| Some((line(y).find(text)?, y)));
    let (x, y) = places.next().unwrap();
    buffer[(u16::try_from(x).unwrap(), y)].clone()
}

/// A console on a page of one line, which is loud, with the word `red` in red.
fn coloured(place: &mut Place, hits: &[&str]) -> State {
    let mut state = opened(place);
    let mut page = log_page(&state);
    let text = "WARN plain red";
    let place_of = |word: &str| {
        let at = text.find(word).unwrap();
        at..at + word.len()
    };
    let red = Ink {
        front: Some(Colour::Indexed(1)),
        ..Ink::default()
    };
    page.window.cursor = Some(0);
    page.window.lines = vec![Line {
        text: text.into(),
        level: Level::Warning,
        inks: vec![(place_of("red"), red)],
        hits: hits.iter().map(|hit| place_of(hit)).collect(),
        ..Line::default()
    }];
    place.tell(&mut state, Message::Log(page));
    state
}

#[test]
fn a_line_has_its_own_colours_or_those_of_its_level() {
    let mut place = Place::new();
    let mut state = coloured(&mut place, &[]);
    assert_eq!(drawn(&state, Depth::Basic, "red").fg, Color::LightRed);
    assert_eq!(drawn(&state, Depth::Basic, "plain").fg, Color::Reset);
    assert_eq!(drawn(&state, Depth::Mono, "red").fg, Color::Reset);
    let mut page = state.log.page().clone();
    page.window.lines[0].inks.clear();
    place.tell(&mut state, Message::Log(page));
    assert_eq!(drawn(&state, Depth::Basic, "plain").fg, Color::Yellow);
}

#[test]
fn what_was_found_stands_out_from_any_colour() {
    let mut place = Place::new();
    let state = coloured(&mut place, &["red", "lain"]);
    for depth in [Depth::Mono, Depth::Basic, Depth::True] {
        for (word, is_found) in [("red", true), ("lain", true), ("WARN", false)] {
            let modifier = drawn(&state, depth, word).modifier;
            let found = Modifier::REVERSED | Modifier::UNDERLINED;
            assert_eq!(modifier.contains(found), is_found, "{word}");
        }
    }
}
