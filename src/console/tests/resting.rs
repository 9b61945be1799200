//! What follows the cursor follows once it rests; until then an arrow costs next to nothing, and
//! whatever acts means the row under the cursor.

use super::{
    Place, answers,
    bandwidth::{busy, painted},
    key, screen, shelves, staging, typed,
};
use crate::{
    canvas::Canvas,
    caps::Glyphs,
    chord::Chord,
    layer::Layer,
    message::{Effect, Errand, Message},
    mouse::{Gesture, Mouse},
    resting::{READING, REST},
    search::{Hit, hits},
    state::{Screen, State},
    update::update,
};
use crossterm::event::KeyCode;
use domain::Lang;
use logbook::Levels;
use rstest::rstest;

const DOWN: Chord = Chord::key(KeyCode::Down);
const UP: Chord = Chord::key(KeyCode::Up);
const ENTER: Chord = Chord::key(KeyCode::Enter);

/// Goes to a list.
type Opening = fn(&Place, &mut State);

fn dashboard(_: &Place, _: &mut State) {}

fn config(place: &Place, state: &mut State) {
    place.press(state, &[Chord::char('2')]);
}

fn trades(place: &Place, state: &mut State) {
    place.press(state, &[DOWN, Chord::char('4')]);
    place.read_chosen(state);
    staging::prices_around_the_trades(place, state);
    place.press(state, &[key(KeyCode::End)]);
}

fn compare(place: &Place, state: &mut State) {
    let mark = Chord::char(' ');
    place.press(state, &[mark, mark, Chord::f(9)]);
    let runs = state.runs.all.iter().take(2);
    let paths = runs.map(|run| run.path.clone()).collect();
    for message in answers(place, vec![Errand::Compare(paths)]) {
        place.tell(state, message);
    }
}

fn events(place: &Place, state: &mut State) {
    place.press(state, &[Chord::char('3')]);
    place.read_chosen(state);
}

fn help(place: &Place, state: &mut State) {
    place.press(state, &[Chord::f(1)]);
}

fn palette(place: &Place, state: &mut State) {
    place.press(state, &[Chord::ctrl('p')]);
}

fn palette_of_runs(place: &Place, state: &mut State) {
    place.press(state, &[Chord::ctrl('p')]);
    place.press(state, &typed("run-1"));
}

fn needs(place: &Place, state: &mut State) {
    place.press(state, &[Chord::f(3)]);
}

fn choices(place: &Place, state: &mut State) {
    staging::setting(place, state, "console.theme");
    place.press(state, &[ENTER]);
}

fn theme(place: &Place, state: &mut State) {
    let theme = crate::action::named("app.theme").unwrap();
    place.press(state, &theme.keys[..1]);
}

fn targets(place: &Place, state: &mut State) {
    let destinations = super::fakes::destinations();
    place.tell(state, Message::Destinations(destinations));
    place.press(state, &[Chord::char('2'), Chord::f(8)]);
}

/// Every list but those of texts that scroll: logs, reports and pages. With details there is a pane
/// or a line that says more about the chosen row.
#[rstest]
#[case::runs(dashboard, DOWN, true)]
#[case::settings(config, DOWN, true)]
#[case::trades(trades, UP, true)]
#[case::jobs(staging::jobs, DOWN, true)]
#[case::data(shelves::data, DOWN, true)]
#[case::models(shelves::models, DOWN, true)]
#[case::compared(compare, DOWN, false)]
#[case::events(events, DOWN, false)]
#[case::help(help, DOWN, true)]
#[case::palette(palette, DOWN, true)]
#[case::palette_of_runs(palette_of_runs, DOWN, true)]
#[case::needs(needs, DOWN, true)]
#[case::choices(choices, DOWN, true)]
#[case::theme(theme, DOWN, true)]
#[case::targets(targets, DOWN, false)]
fn an_arrow_is_cheap_and_the_details_follow_once(
    #[case] open: Opening,
    #[case] arrow: Chord,
    #[case] has_details: bool,
    #[values(Lang::En, Lang::Ko)] lang: Lang,
) {
    let place = &mut Place::new();
    let mut state = busy(place, lang);
    open(place, &mut state);
    let mut canvas = Canvas::default();
    painted(&state, &mut canvas);
    for press in 0..6 {
        place.tell(&mut state, Message::Press(arrow));
        let bytes = painted(&state, &mut canvas);
        assert!(bytes <= 300, "{bytes} bytes for press {press}");
        assert_eq!(state.resting.due().is_some(), has_details && bytes > 0);
        place.rest(&mut state);
        place.read_chosen(&mut state);
        let followed = painted(&state, &mut canvas);
        assert_eq!(followed > 0, has_details && bytes > 0, "press {press}");
        // Nothing is left to follow.
        assert_eq!(state.resting.due(), None);
        place.tell(&mut state, Message::Tick);
        assert_eq!(painted(&state, &mut canvas), 0);
    }
}

/// The runs that were asked to be followed.
fn watches(effects: &[Effect]) -> usize {
    let watch = |effect: &&Effect| matches!(effect, Effect::Watch(_));
    effects.iter().filter(watch).count()
}

#[test]
fn a_held_arrow_reads_no_run_that_it_passes() {
    let place = &mut Place::new();
    let mut state = busy(place, Lang::En);
    let shown = state.run().unwrap().id.clone();
    for _ in 0..10 {
        let effects = place.tell(&mut state, Message::Press(DOWN));
        assert_eq!(watches(&effects), 0);
        assert_eq!(state.run().unwrap().id, shown, "the details stay");
        assert!(state.data().is_some());
    }
    assert_ne!(state.runs.chosen, Some(shown.clone()));
    // It has not rested yet.
    let due = state.resting.due().unwrap();
    let just_before = due - std::time::Duration::from_millis(1);
    assert_eq!(watches(&update(&mut state, Message::Tick, just_before)), 0);
    let rested = update(&mut state, Message::Tick, due);
    assert_eq!(watches(&rested), 1);
    assert_eq!(state.watched, state.runs.chosen);
    // The former's stay until the files are here, and are then painted over once.
    assert_eq!(state.run().unwrap().id, shown);
    assert!(state.data().is_some());
    let chosen = state.runs.chosen().unwrap().path.clone();
    let run = runs::RunDir::open_path(&chosen).unwrap();
    let data = crate::run_files::RunFiles::new(run).poll().unwrap();
    update(&mut state, Message::Run(std::sync::Arc::new(data)), due);
    assert_eq!(state.run().map(|run| &run.id), state.runs.chosen.as_ref());
    assert!(state.data().is_some() && state.resting.due().is_none());
}

#[test]
fn files_that_do_not_come_are_not_waited_for() {
    let place = &mut Place::new();
    let mut state = busy(place, Lang::En);
    place.tell(&mut state, Message::Press(DOWN));
    let rests = state.resting.due().unwrap();
    assert_eq!(rests, state.now + REST);
    update(&mut state, Message::Tick, rests);
    let due = state.resting.due().unwrap();
    assert_eq!(due, rests + READING);
    update(&mut state, Message::Tick, due);
    assert_eq!(state.resting.due(), None);
    assert_eq!(state.run().map(|run| &run.id), state.runs.chosen.as_ref());
    assert!(state.data().is_none() && state.data.is_none());
}

#[test]
fn back_on_the_row_of_the_details_nothing_is_to_follow() {
    let place = &mut Place::new();
    let mut state = busy(place, Lang::En);
    place.tell(&mut state, Message::Press(DOWN));
    assert!(state.resting.due().is_some());
    let effects = place.tell(&mut state, Message::Press(UP));
    assert_eq!((state.resting.due(), watches(&effects)), (None, 0));
    assert!(state.data().is_some(), "what was read is still there");
}

/// Keys that do something, and what they do it to.
#[rstest]
#[case::copied(Chord::char('y'))]
#[case::asked(Chord::key(KeyCode::Delete))]
#[case::opened(ENTER)]
#[case::elsewhere(Chord::char('0'))]
#[case::unknown(Chord::f(4))]
fn any_other_key_means_the_row_under_the_cursor(#[case] other: Chord) {
    let place = &mut Place::new();
    let mut state = busy(place, Lang::En);
    for _ in 0..3 {
        place.tell(&mut state, Message::Press(DOWN));
    }
    let chosen = state.runs.chosen.clone().unwrap();
    let effects = place.tell(&mut state, Message::Press(other));
    assert_eq!(state.resting.due(), None);
    assert_eq!(state.run().unwrap().id, chosen);
    assert_eq!(watches(&effects), 1);
    let copies = effects.iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text.as_str()),
        _ => None,
    });
    if other == Chord::char('y') {
        assert_eq!(copies, Some(chosen.as_str()));
    }
    if let Some(Layer::Confirm(confirm)) = state.layers.last() {
        assert!(confirm.plan.command.contains(chosen.as_str()));
    }
}

#[test]
fn a_click_on_a_row_shows_it_at_once_and_the_wheel_lets_it_rest() {
    let place = &mut Place::new();
    let mut state = busy(place, Lang::En);
    let other = state.runs.all[4].id.clone();
    let seen = screen(&state, Glyphs::Unicode);
    let row = |row: &str| row.contains(other.as_str());
    let y = u16::try_from(seen.lines().position(row).unwrap()).unwrap();
    let mut mouse = |gesture| {
        let at = (6, y);
        let effects = place.tell(&mut state, Message::Mouse(Mouse { gesture, at }));
        let shown = state.run().unwrap().id.clone();
        (watches(&effects), shown, state.resting.due().is_some())
    };
    assert_eq!(mouse(Gesture::Press), (1, other.clone(), false));
    assert_eq!(mouse(Gesture::WheelDown), (0, other, true));
}

#[test]
fn a_pane_is_called_by_what_it_shows() {
    let place = &mut Place::new();
    let mut state = busy(place, Lang::En);
    config(place, &mut state);
    place.press(&mut state, &[DOWN]);
    let former = state.form.key().unwrap();
    place.tell(&mut state, Message::Press(DOWN));
    let next = state.form.key().unwrap();
    let title = |state: &State, path: &str| screen(state, Glyphs::Unicode).contains(path);
    assert!(title(&state, former.path) && !title(&state, next.path));
    assert_eq!(state.key().map(|key| key.path), Some(former.path));
    place.rest(&mut state);
    assert!(title(&state, next.path) && !title(&state, former.path));
    // A change is made to what is under the cursor, whatever is shown.
    place.tell(&mut state, Message::Press(DOWN));
    let third = state.form.key().unwrap();
    place.tell(&mut state, Message::Press(Chord::key(KeyCode::Right)));
    let changed: Vec<_> = state.form.changes.keys().copied().collect();
    assert!(changed.is_empty() || changed == [third.path]);
    assert_eq!(state.key().map(|key| key.path), Some(third.path));
}

#[test]
fn what_vanishes_or_is_left_has_no_details() {
    let place = &mut Place::new();
    let mut state = busy(place, Lang::En);
    staging::jobs(place, &mut state);
    let former = state.job().unwrap().name();
    place.tell(&mut state, Message::Press(DOWN));
    assert_eq!(state.job().unwrap().name(), former);
    let mut jobs = super::fakes::queue(None);
    jobs.retain(|job| job.view.id != former.id);
    place.list(&mut state, jobs);
    let chosen = state.jobs.chosen().unwrap().name();
    assert_eq!(state.job().unwrap().name(), chosen);
    // A screen that comes by itself begins with its own.
    place.tell(&mut state, Message::Press(DOWN));
    assert!(state.resting.due().is_some());
    let started = state.runs.all[1].id.clone();
    place.tell(&mut state, Message::Launched(vec![started.clone()]));
    assert_eq!((state.screen, state.resting.due()), (Screen::Run, None));
    assert_eq!(state.run().unwrap().id, started);
}

#[test]
fn the_first_opening_waits_for_nothing() {
    let place = &mut Place::new();
    let mut state = busy(place, Lang::En);
    for screen in Screen::NUMBERED {
        let digit = Chord::char(screen.digit().unwrap());
        place.tell(&mut state, Message::Press(digit));
        assert_eq!((state.screen, state.resting.due()), (screen, None));
    }
}

#[test]
fn typing_in_a_finder_lets_nothing_rest() {
    let place = &mut Place::new();
    let mut state = busy(place, Lang::En);
    help(place, &mut state);
    place.tell(&mut state, Message::Press(DOWN));
    assert_eq!((state.item(1), state.resting.due().is_some()), (0, true));
    place.tell(&mut state, Message::Press(Chord::char('s')));
    assert_eq!((state.item(0), state.resting.due()), (0, None));
    place.tell(&mut state, Message::Press(DOWN));
    assert!(state.resting.due().is_some());
    place.tell(&mut state, Message::Press(Chord::key(KeyCode::Esc)));
    assert_eq!(state.resting.due(), None);
}

/// At the edge of the window the terminal moves the list itself.
#[rstest]
#[case::settings(config, (200, 60), 70, 300)]
#[case::settings_on_a_small_screen(config, (80, 24), 70, 300)]
#[case::trades(trades, (200, 24), 24, 300)]
#[case::runs(dashboard, (200, 24), 20, 480)]
fn an_arrow_that_scrolls_a_list_is_hardly_dearer(
    #[case] open: Opening,
    #[case] (columns, rows): (u16, u16),
    #[case] presses: usize,
    #[case] bar: usize,
    #[values(Lang::En, Lang::Ko)] lang: Lang,
) {
    let place = &mut Place::new();
    let mut state = busy(place, lang);
    place.tell(&mut state, Message::Resize(columns, rows));
    open(place, &mut state);
    place.press(&mut state, &[key(KeyCode::Home)]);
    let mut canvas = Canvas::default();
    painted(&state, &mut canvas);
    for press in 0..presses {
        place.tell(&mut state, Message::Press(DOWN));
        let bytes = painted(&state, &mut canvas);
        assert!(bytes <= bar, "{bytes} bytes for press {press}");
    }
}

#[test]
fn a_list_that_another_one_opens_begins_with_its_own() {
    let place = &mut Place::new();
    let mut state = busy(place, Lang::En);
    place.press(&mut state, &[Chord::f(1)]);
    let hits = hits(&state, state.layers.last().unwrap());
    let theme = |hit: &Hit| matches!(hit, Hit::Action(action) if action.id == "app.theme");
    let at = hits.iter().position(theme).unwrap();
    assert!(at > 0);
    place.press(&mut state, &vec![DOWN; at]);
    place.tell(&mut state, Message::Press(ENTER));
    assert!(matches!(state.layers.last(), Some(Layer::Pick(_))));
    assert_eq!(state.resting.due(), None);
}

#[test]
fn places_in_a_log_are_no_others_though_nothing_was_read_of_its_run() {
    let place = &mut Place::new();
    let mut state = busy(place, Lang::En);
    for _ in 0..3 {
        state.log.levels = Levels::Errors;
        // Its files never come.
        place.press(&mut state, &[DOWN]);
        assert_eq!(state.log.levels, Levels::All);
    }
}

#[test]
fn a_line_more_of_a_log_moves_the_others() {
    let place = &mut Place::new();
    let mut state = busy(place, Lang::Ko);
    place.press(&mut state, &[Chord::char('0')]);
    let mut canvas = Canvas::default();
    let mut news = super::fakes::log_page(&state);
    for last in 60..70_u64 {
        let line = |number: u64| logbook::Line {
            at: number * 80,
            level: logbook::Level::Info,
            text: format!(
                "2024-01-31T23:58:{:02}Z INFO train: step {number} 갱신",
                number % 60
            ),
            hidden: 0,
            hits: Vec::new(),
            inks: Vec::new(),
        };
        news.window.lines = (last - 55..last).map(line).collect();
        news.window.cursor = Some(54);
        (news.window.number, news.window.count) = (Some(last), Some(last));
        place.tell(&mut state, Message::Log(news.clone()));
        let bytes = painted(&state, &mut canvas);
        assert!(bytes > 0 && (last == 60 || bytes <= 300), "{bytes} bytes");
    }
}
