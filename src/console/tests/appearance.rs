//! Themes, the mouse and copying, over whole screens.

use super::{Place, key, queue, scenes};
use crate::{
    caps::{Caps, Depth, Glyphs},
    chord::Chord,
    clipboard,
    job_list::JobName,
    layer::{Button, Layer},
    message::{Effect, Errand, Message},
    mouse::{Gesture, Mouse, Spot, spot},
    panes::Pane,
    state::{Screen, State, Tone},
    theme::Theme,
    view,
};
use config::keys::Theme as Choice;
use crossterm::event::{KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use domain::{Lang, Phrase};
use ratatui::{buffer::Buffer, layout::Rect};
use rstest::rstest;

fn scene(name: &str, size: (u16, u16)) -> (Place, State) {
    let place = scenes::place();
    let one = scenes::SCENES.iter().find(|one| one.0 == name).unwrap();
    let state = scenes::scene(&place, one, Lang::En, size);
    (place, state)
}

/// What the desk would draw.
fn coloured(state: &State) -> Buffer {
    let caps = Caps {
        depth: Depth::True,
        glyphs: Glyphs::Unicode,
    };
    let theme = Theme::new(state.look.theme.get(), caps.depth);
    let area = Rect::new(0, 0, state.size.0, state.size.1);
    let mut buffer = Buffer::empty(area);
    view::view(state, &caps, &theme, state.lang, area, &mut buffer);
    buffer
}

#[test]
fn a_theme_is_seen_while_it_is_chosen_and_given_back_by_escape() {
    let (place, mut state) = scene("run", (120, 40));
    let before = coloured(&state);
    place.press(
        &mut state,
        &[Chord::shift(KeyCode::F(12)), key(KeyCode::Down)],
    );
    assert_eq!(state.look.theme.get(), Choice::Light);
    let shown = coloured(&state);
    let recoloured = |x, y| before[(x, y)].fg != shown[(x, y)].fg;
    assert!(
        (0..40).any(|y| recoloured(0, y)),
        "the screen below the list is repainted"
    );
    place.press(&mut state, &[key(KeyCode::Esc)]);
    assert_eq!(state.look.theme.get(), Choice::Dark);
    assert_eq!(coloured(&state), before);

    place.press(
        &mut state,
        &[
            Chord::shift(KeyCode::F(12)),
            key(KeyCode::End),
            key(KeyCode::Enter),
        ],
    );
    assert_eq!(state.look.theme.get(), Choice::BlueYellow);
    assert!(state.layers.is_empty());
    assert!(state.toast.unwrap().says.en.contains("blue-yellow"));
}

#[test]
fn the_mouse_is_given_back_to_the_terminal_when_asked() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (80, 24));
    let toggle = Chord::shift(KeyCode::F(11));
    assert_eq!(place.press(&mut state, &[toggle]), [Effect::Mouse(false)]);
    assert_eq!(place.press(&mut state, &[toggle]), [Effect::Mouse(true)]);
}

#[rstest]
#[case("dashboard", "20", 14)]
#[case("config-help", "agent.minibatch_size=", 21)]
#[case("jobs", "", 1)]
#[case("logs", "[12, 12, 12", 15)]
#[case("trades", "{\"step\":", 60)]
#[case("stop", "makook", 10)]
#[case("launch-script", "sbatch", 10)]
#[case("jobs-script", "#!", 20)]
fn what_is_chosen_is_copied(#[case] name: &str, #[case] begins: &str, #[case] least: usize) {
    let (place, mut state) = scene(name, (120, 40));
    for copies in [Chord::char('y'), Chord::char('ㅛ'), key(KeyCode::Insert)] {
        let layers = state.layers.len();
        let effects = place.press(&mut state, &[copies]);
        let [
            Effect::Copy(text),
            Effect::Run(Errand::KeepCopy { text: kept, .. }),
        ] = &effects[..]
        else {
            panic!("{name}: {effects:?}");
        };
        assert_eq!(text, kept);
        assert!(
            text.starts_with(begins) && text.len() >= least,
            "{name}: {text}"
        );
        assert_eq!(state.layers.len(), layers, "the dialog stays");
    }
}

#[test]
fn the_folder_of_the_run_is_copied_where_one_run_is_shown() {
    let (place, mut state) = scene("run", (80, 24));
    let path = state.run().unwrap().path.display().to_string();
    let effects = place.press(&mut state, &[Chord::char('y')]);
    assert_eq!(effects[0], Effect::Copy(path));
}

#[test]
fn where_something_is_typed_the_letter_is_typed() {
    let (place, mut state) = scene("jobs-cancel", (120, 40));
    let Some(Layer::Confirm(confirm)) = state.layers.last() else {
        panic!("no question");
    };
    let before = confirm.typed.text().to_owned();
    assert!(place.press(&mut state, &[Chord::char('y')]).is_empty());
    let Some(Layer::Confirm(confirm)) = state.layers.last() else {
        panic!("no question");
    };
    assert_eq!(confirm.typed.text(), before + "y");
    let effects = place.press(&mut state, &[key(KeyCode::Insert)]);
    assert!(matches!(effects[0], Effect::Copy(_)), "{effects:?}");
}

#[test]
fn a_console_that_only_looks_writes_no_file_and_nothing_chosen_is_said() {
    let (place, mut state) = scene("dashboard", (80, 24));
    state.read_only = true;
    let effects = place.press(&mut state, &[Chord::char('y')]);
    assert!(matches!(effects[..], [Effect::Copy(_)]), "{effects:?}");
    let place = Place::new();
    let mut empty = place.state(Lang::En, (80, 24));
    assert!(place.press(&mut empty, &[Chord::char('y')]).is_empty());
    assert_eq!(empty.toast.unwrap().tone, Tone::Bad);
}

#[test]
fn it_says_where_a_copy_is_and_what_was_too_long() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (80, 24));
    let mut said = |bytes, outcome| {
        let what = crate::words::RUN;
        place.tell(
            &mut state,
            Message::Kept {
                what,
                bytes,
                outcome,
            },
        );
        let toast = state.toast.take().unwrap();
        (toast.tone, toast.says.en)
    };
    let (good, bad) = (Tone::Good, Tone::Bad);
    let long = clipboard::LONGEST + 1;
    let why = || Err(Phrase::same("disk full"));
    let (tone, says) = said(10, Ok("logs/console/clipboard.txt".into()));
    assert!(
        tone == good && says.contains("copied") && says.contains("clipboard.txt"),
        "{says}"
    );
    let (tone, says) = said(long, Ok("clipboard.txt".into()));
    assert!(tone == good && says.contains("74995 bytes"), "{says}");
    let (tone, says) = said(10, why());
    assert!(tone == good && says.contains("disk full"), "{says}");
    let (tone, says) = said(long, why());
    assert!(tone == bad && says.contains("not copied"), "{says}");
}

fn mouse(place: &Place, state: &mut State, gesture: Gesture, at: (u16, u16)) -> Vec<Effect> {
    place.tell(state, Message::Mouse(Mouse { gesture, at }))
}

fn click(place: &Place, state: &mut State, at: (u16, u16)) -> Vec<Effect> {
    let effects = mouse(place, state, Gesture::Press, at);
    mouse(place, state, Gesture::Release, at);
    effects
}

/// Returns where `text` is on the screen.
fn seen_at(state: &State, text: &str) -> (u16, u16) {
    let seen = super::screen(state, Glyphs::Unicode);
    let rows: Vec<&str> = seen.lines().collect();
    let found = rows.iter().enumerate().find_map(|(y, row)| {
        let at = row.find(text)?;
        Some((crate::cells::width(&row[..at]), y))
    });
    let (x, y) = found.unwrap_or_else(|| panic!("`{text}` is not on the screen:\n{seen}"));
    (u16::try_from(x).unwrap(), u16::try_from(y).unwrap())
}

#[test]
fn names_in_the_header_and_keys_in_the_footer_are_clicked() {
    let (place, mut state) = scene("dashboard", (120, 40));
    for (text, screen) in [
        ("2 Config", Screen::Config),
        ("3 Run", Screen::Run),
        ("0 Logs", Screen::Logs),
    ] {
        let at = seen_at(&state, text);
        click(&place, &mut state, at);
        assert_eq!(state.screen, screen);
    }
    let at = seen_at(&state, "F1 Help");
    click(&place, &mut state, at);
    assert!(matches!(state.layers.last(), Some(Layer::Help(_))));
    // What lies below a layer cannot be reached.
    click(&place, &mut state, (10, 0));
    assert_eq!((state.screen, state.layers.len()), (Screen::Logs, 1));
}

#[test]
fn a_click_chooses_a_row_and_another_opens_it() {
    let (place, mut state) = scene("dashboard", (120, 40));
    let other = state.runs.all[1].id.clone();
    let at = seen_at(&state, &other.as_str()[..20]);
    click(&place, &mut state, at);
    assert_eq!(
        (state.screen, state.runs.chosen.clone()),
        (Screen::Dashboard, Some(other))
    );
    click(&place, &mut state, at);
    assert_eq!(state.screen, Screen::Performance);
}

#[test]
fn rows_of_every_list_are_where_they_are_seen() {
    for (name, text) in [
        ("config", "Repair"),
        ("jobs", "big net"),
        ("trades", "2023-"),
        ("data", "old-import"),
        ("models", "ppo-btc-bf42"),
    ] {
        let (place, mut state) = scene(name, (120, 40));
        let at = seen_at(&state, text);
        let found = spot(&state, at);
        assert!(matches!(found, Some(Spot::Row(_))), "{name}: {found:?}");
        click(&place, &mut state, at);
        let found = spot(&state, at);
        assert!(matches!(found, Some(Spot::Row(0))), "{name}: {found:?}");
        let row = super::screen(&state, Glyphs::Unicode);
        let row = row.lines().nth(usize::from(at.1)).unwrap();
        assert!(row.starts_with('>'), "{name}: {row}");
    }
}

#[test]
fn a_click_chooses_a_chart_and_another_enlarges_it() {
    let (place, mut state) = scene("run", (120, 40));
    let at = seen_at(&state, "Validation");
    click(&place, &mut state, at);
    assert!(!state.zoomed && state.chart == 1, "{}", state.chart);
    click(&place, &mut state, at);
    assert!(state.zoomed);
}

#[test]
fn the_wheel_scrolls_what_is_under_it() {
    let (place, mut state) = scene("config", (120, 40));
    let before = state.form.cursor.at;
    mouse(&place, &mut state, Gesture::WheelDown, (10, 10));
    assert_eq!(state.form.cursor.at, before + 3);
    mouse(&place, &mut state, Gesture::WheelUp, (10, 10));
    assert_eq!(state.form.cursor.at, before);

    let (place, mut state) = scene("run", (120, 40));
    let at = seen_at(&state, "Validation");
    mouse(&place, &mut state, Gesture::WheelUp, at);
    assert!(state.charts.window.is_some() && state.chart == 1);

    // In a line that is typed the arrows would change the value.
    let (place, mut state) = scene("config-edit", (120, 40));
    let seen = super::screen(&state, Glyphs::Ascii);
    mouse(&place, &mut state, Gesture::WheelDown, (60, 20));
    assert_eq!(super::screen(&state, Glyphs::Ascii), seen);
    // In a question they would choose the other button.
    let (place, mut state) = scene("stop", (120, 40));
    mouse(&place, &mut state, Gesture::WheelDown, (60, 20));
    let Some(Layer::Confirm(confirm)) = state.layers.last() else {
        panic!("no question");
    };
    assert_eq!(confirm.button, Button::Cancel);
}

#[test]
fn a_question_takes_two_clicks_and_a_list_as_many() {
    let (place, mut state) = scene("stop", (120, 40));
    let at = seen_at(&state, "Do it");
    assert!(
        click(&place, &mut state, at).is_empty(),
        "the first one only chooses"
    );
    assert_eq!(state.layers.len(), 1);
    assert!(matches!(
        click(&place, &mut state, at)[..],
        [Effect::Run(Errand::Post { .. })]
    ));

    let (place, mut state) = scene("presets", (120, 40));
    let at = seen_at(&state, "Long GPU");
    click(&place, &mut state, at);
    assert!(matches!(spot(&state, at), Some(Spot::Row(0))));
    click(&place, &mut state, at);
    assert!(state.layers.is_empty());
}

#[rstest]
#[case("dashboard", Pane::Dashboard, (80, 24))]
#[case("dashboard", Pane::Dashboard, (200, 60))]
#[case("config", Pane::Config, (120, 40))]
#[case("jobs", Pane::Jobs, (80, 40))]
#[case("compare", Pane::Compare, (120, 40))]
fn a_border_is_dragged_and_stays(#[case] name: &str, #[case] pane: Pane, #[case] size: (u16, u16)) {
    let (place, mut state) = scene(name, size);
    let body = state.areas().body;
    let border = state.look.panes.border(pane, body);
    let from = (border.x, border.y);
    let to = match border.width {
        1 => (border.x - 7, border.y + 3),
        _ => (border.x + 2, border.y - 3),
    };
    let before = super::screen(&state, Glyphs::Unicode);
    mouse(&place, &mut state, Gesture::Press, from);
    mouse(&place, &mut state, Gesture::Drag, to);
    mouse(&place, &mut state, Gesture::Release, to);
    let moved = state.look.panes.border(pane, body);
    match border.width {
        1 => assert_eq!(moved.x, to.0),
        _ => assert_eq!(moved.y, to.1),
    }
    assert_ne!(super::screen(&state, Glyphs::Unicode), before);
    // Once released, it stays.
    mouse(&place, &mut state, Gesture::Drag, from);
    assert_eq!(state.look.panes.border(pane, body), moved);
    let kept = state.look.kept();
    let mut again = place.state(Lang::En, size);
    again.look.recall(kept);
    assert_eq!(again.look.panes.border(pane, body), moved);
}

#[test]
fn a_border_is_moved_by_keys_as_well() {
    let ctrl = |code| Chord {
        code,
        ctrl: true,
        shift: false,
    };
    for (size, there, back) in [
        ((200, 60), KeyCode::Right, KeyCode::Left),
        ((80, 40), KeyCode::Down, KeyCode::Up),
    ] {
        let (place, mut state) = scene("dashboard", size);
        let body = state.areas().body;
        let usual = state.look.panes.border(Pane::Dashboard, body);
        place.press(&mut state, &[ctrl(there), ctrl(there)]);
        let moved = state.look.panes.border(Pane::Dashboard, body);
        assert_eq!(
            (moved.x - usual.x, moved.y - usual.y),
            match there {
                KeyCode::Right => (4, 0),
                _ => (0, 2),
            }
        );
        place.press(&mut state, &[ctrl(back), ctrl(back)]);
        assert_eq!(state.look.panes.border(Pane::Dashboard, body), usual);
    }
    let (place, mut state) = scene("dashboard", (80, 9));
    place.press(&mut state, &[ctrl(KeyCode::Right)]);
    assert_eq!(state.toast.unwrap().tone, Tone::Bad);
}

#[test]
fn only_buttons_of_the_left_hand_are_heard() {
    let event = |kind| MouseEvent {
        kind,
        column: 3,
        row: 4,
        modifiers: KeyModifiers::NONE,
    };
    let heard = Mouse::of(&event(MouseEventKind::Down(MouseButton::Left)));
    assert_eq!(
        heard.map(|mouse| (mouse.gesture, mouse.at)),
        Some((Gesture::Press, (3, 4)))
    );
    for kind in [
        MouseEventKind::Moved,
        MouseEventKind::Down(MouseButton::Right),
        MouseEventKind::Drag(MouseButton::Middle),
        MouseEventKind::ScrollLeft,
    ] {
        assert_eq!(Mouse::of(&event(kind)), None);
    }
}

#[test]
fn no_place_of_any_scene_at_any_size_breaks_a_click() {
    let place = scenes::place();
    let gestures = [
        Gesture::Press,
        Gesture::Drag,
        Gesture::WheelDown,
        Gesture::Release,
    ];
    for one in scenes::SCENES {
        for size in [(1, 1), (80, 24)] {
            let mut state = scenes::scene(&place, one, Lang::Ko, size);
            for at in [
                (size.0 / 2, size.1 / 2),
                (size.0 - 1, size.1 - 1),
                (500, 500),
            ] {
                for gesture in gestures {
                    mouse(&place, &mut state, gesture, at);
                }
            }
        }
    }
}

#[test]
fn jobs_are_copied_by_the_identifier_that_the_scheduler_knows() {
    let mut place = Place::new();
    place.judged("one");
    let mut state = place.state(Lang::En, (80, 24));
    place.list(&mut state, queue(None));
    place.press(&mut state, &[Chord::char('7')]);
    let JobName { id, .. } = state.jobs.chosen.clone().unwrap();
    let effects = place.press(&mut state, &[Chord::char('y')]);
    assert_eq!(effects[0], Effect::Copy(id.to_string()));
}
