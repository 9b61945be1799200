//! The form: help, presets, and what it is held against.

use super::{Place, key, screen, shipped, typed};
use crate::{
    against::{Values, Wanted},
    caps::Glyphs,
    cells,
    chord::Chord,
    explanation,
    memory::{Memory, Recall},
    message::{Effect, Errand, Message, SettingsNews},
    state::State,
};
use config::{LoadRequest, Resolved};
use crossterm::event::KeyCode;
use domain::Lang;
use std::fs;

const ENTER: Chord = Chord::key(KeyCode::Enter);
const DOWN: Chord = Chord::key(KeyCode::Down);
const UNDO: Chord = Chord::ctrl('z');

/// Goes to the form and to the setting `path`.
pub fn at(place: &Place, state: &mut State, path: &str) {
    place.press(state, &[Chord::char('2'), Chord::ctrl('f')]);
    place.press(state, &[Chord::ctrl('u')]);
    place.press(state, &typed(path));
    place.press(state, &[ENTER]);
    assert_eq!(state.form.key().map(|key| key.path), Some(path));
}

/// Types `text` for the setting `path`.
pub fn set(place: &Place, state: &mut State, path: &str, text: &str) -> Vec<Effect> {
    at(place, state, path);
    place.press(state, &[ENTER, Chord::ctrl('u')]);
    place.press(state, &typed(text));
    place.press(state, &[ENTER])
}

#[test]
fn the_help_of_every_setting_is_whole_beside_and_below_the_form() {
    let place = Place::new();
    for lang in [Lang::En, Lang::Ko] {
        let state = place.state(lang, (80, 24));
        for key in config::keys::keys() {
            let lines = explanation::lines(&state, key, lang);
            let told =
                |word: domain::Text| lines.iter().any(|(_, l)| l.starts_with(word.get(lang)));
            assert_eq!(
                told(crate::words::RAISING),
                key.effect.is_some(),
                "{}",
                key.path
            );
            assert!(lines[0].1 == key.help.get(lang), "{}", key.path);
            // What it is and what moving it does is never below the edge, at 80 by 24 either.
            let first = 1 + 2 * usize::from(key.effect.is_some());
            let rows: usize = lines[..first]
                .iter()
                .map(|(_, line)| cells::wrap(&cells::clean(line), 80).len())
                .sum();
            assert!(rows <= 6, "{}: {rows} rows", key.path);
        }
    }
}

#[test]
fn a_page_explains_the_chosen_setting_with_the_places_of_its_value() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (80, 24));
    let project = state.project.clone();
    fs::create_dir_all(project.join("configs")).unwrap();
    fs::write(
        project.join("configs/default.toml"),
        "[agent]\ngamma = 0.9\n",
    )
    .unwrap();
    let file = project.join("configs/mine.toml");
    fs::write(&file, "[agent]\ngamma = 0.95\n").unwrap();
    let request = LoadRequest {
        dir: project.join("configs"),
        experiment: Some(file),
        ..LoadRequest::default()
    };
    let news = SettingsNews {
        experiments: Vec::new(),
        presets: Vec::new(),
        outcome: config::load(&request),
    };
    place.tell(&mut state, Message::Settings(Box::new(news)));
    at(&place, &mut state, "agent.gamma");
    place.press(&mut state, &[Chord::ctrl('e')]);
    let seen = screen(&state, Glyphs::Unicode);
    for part in [
        "raising it: Looks further ahead",
        "lowering it: Looks at the next few bars",
        "typical 0.9 .. 0.999",
        "from: configs/mine.toml:2",
        "instead of 0.9: configs/default.toml:2",
    ] {
        assert!(seen.contains(part), "{part} is not in {seen}");
    }
}

#[test]
fn a_preset_is_told_laid_over_the_form_and_taken_back_as_one() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (100, 30));
    set(&place, &mut state, "agent.epochs", "7");
    place.press(&mut state, &[Chord::f(2)]);
    let seen = screen(&state, Glyphs::Unicode);
    for part in [
        "First try",
        "Careful",
        "Continuous actions",
        "within a minute or two",
    ] {
        assert!(seen.contains(part), "{part} is not in {seen}");
    }
    let effects = place.press(&mut state, &[DOWN, DOWN, ENTER]);
    let [Effect::Run(Errand::Settings { sets, .. })] = &effects[..] else {
        panic!("{effects:?}");
    };
    for set in [
        "agent.epochs=7",
        "agent.clip_range=0.1",
        "train.stop_kl=1.0",
    ] {
        assert!(sets.contains(&set.to_owned()), "{set} is not in {sets:?}");
    }
    // The same again changes nothing.
    place.press(&mut state, &[Chord::f(2)]);
    assert!(screen(&state, Glyphs::Unicode).contains("First try"));
    place.press(&mut state, &[DOWN, DOWN, ENTER]);
    place.press(&mut state, &[UNDO]);
    assert_eq!(state.form.sets(), ["agent.epochs=7"]);
    place.press(&mut state, &[Chord::ctrl('y')]);
    assert!(
        state
            .form
            .sets()
            .contains(&"agent.clip_range=0.1".to_owned())
    );
}

#[test]
fn every_shipped_preset_can_be_picked() {
    let place = Place::new();
    let count = config::presets(&shipped()).0.len();
    for index in 0..count {
        let mut state = place.state(Lang::Ko, (80, 24));
        place.press(&mut state, &[Chord::char('2'), Chord::f(2)]);
        place.press(&mut state, &vec![DOWN; index]);
        let effects = place.press(&mut state, &[ENTER]);
        assert_eq!(effects.len(), 1, "preset {index}");
        assert_eq!(state.done.len(), 1);
    }
}

fn made_with(sets: &[&str]) -> Values {
    let request = LoadRequest {
        dir: "no-such-folder".into(),
        sets: sets.iter().map(|set| (*set).to_owned()).collect(),
        ..LoadRequest::default()
    };
    let resolved: Resolved = config::load(&request).unwrap();
    let settings = resolved.settings().iter();
    settings
        .map(|one| (one.key.path, one.value.clone()))
        .collect()
}

#[test]
fn the_form_is_held_against_defaults_and_runs() {
    let mut place = Place::new();
    place.judged("one");
    let mut state = place.state(Lang::En, (80, 24));
    let run = state.runs.chosen().unwrap().id.clone();
    set(&place, &mut state, "agent.epochs", "7");
    place.press(&mut state, &[key(KeyCode::Esc), Chord::ctrl('d'), ENTER]);
    place.press(&mut state, &[Chord::ctrl('n')]);
    let shown = |state: &State| -> Vec<&'static str> {
        let rows = state.form.rows();
        rows.iter()
            .filter_map(|row| match row {
                crate::form::Row::Field(key) => Some(key.path),
                crate::form::Row::Heading(_) => None,
            })
            .collect()
    };
    assert_eq!(shown(&state), ["agent.epochs"]);
    // Against the chosen run.
    let effects = place.press(&mut state, &[Chord::ctrl('d'), DOWN, ENTER]);
    let asked = effects.iter().any(|effect| {
        matches!(effect, Effect::Run(Errand::RunSettings { run: of, wanted: Wanted::Beside, .. }) if *of == run)
    });
    assert!(asked, "{effects:?}");
    let outcome = Ok(made_with(&["agent.gamma=0.9", "agent.epochs=7"]));
    let wanted = Wanted::Beside;
    place.tell(
        &mut state,
        Message::RunSettings {
            run,
            wanted,
            outcome,
        },
    );
    assert_eq!(shown(&state), ["agent.gamma"]);
    let seen = screen(&state, Glyphs::Unicode);
    assert!(
        seen.lines()
            .any(|line| line.contains("0.99") && line.ends_with(" 0.9")),
        "{seen}"
    );
    // A later console asks again and shows the same.
    let mut later = place.state(Lang::En, (80, 24));
    Memory::of(&state).recall(&mut later, Recall::All);
    assert_eq!(later.form.columns.len(), 1);
    assert!(later.form.differing);
    place.press(&mut state, &[key(KeyCode::Esc)]);
    assert!(!state.form.differing);
    place.press(&mut state, &[Chord::ctrl('d'), key(KeyCode::End), ENTER]);
    assert!(state.form.columns.is_empty());
}

#[test]
fn marked_runs_stand_side_by_side() {
    let mut place = Place::new();
    place.judged("one");
    place.judged("two");
    let mut state = place.state(Lang::En, (200, 60));
    let marks = [Chord::char(' '), Chord::char(' ')];
    place.press(&mut state, &marks);
    place.press(
        &mut state,
        &[Chord::char('2'), Chord::ctrl('d'), key(KeyCode::End)],
    );
    let effects = place.press(&mut state, &[ENTER]);
    assert_eq!(state.form.columns.len(), 2);
    assert_eq!(effects.len(), 2, "each is asked for once: {effects:?}");
    assert!(place.press(&mut state, &[DOWN]).is_empty());
    let seen = screen(&state, Glyphs::Unicode);
    assert!(seen.contains(" one") && seen.contains(" two"), "{seen}");
}

#[test]
fn a_run_s_settings_fill_the_form_as_one_change() {
    let mut place = Place::new();
    place.judged("one");
    let mut state = place.state(Lang::En, (100, 30));
    let effects = place.press(&mut state, &[Chord::char('2'), Chord::ctrl('t')]);
    let Some(Effect::Run(Errand::RunSettings { run, wanted, .. })) = effects.first().cloned()
    else {
        panic!("{effects:?}");
    };
    let outcome = Ok(made_with(&["agent.gamma=0.9", "console.theme=light"]));
    let parent = run.clone();
    place.tell(
        &mut state,
        Message::RunSettings {
            run,
            wanted,
            outcome,
        },
    );
    assert_eq!(state.form.sets(), ["agent.gamma=0.9"]);
    assert_eq!(state.form.parent, Some(parent.clone()));
    // A training of these settings names the run as its parent.
    let ordered = |state: &State| match state.layers.last() {
        Some(crate::layer::Layer::Launch(launch)) => launch.order.parent.clone(),
        _ => panic!("no dialog"),
    };
    place.press(&mut state, &[Chord::f(8)]);
    assert_eq!(ordered(&state), Some(parent));
    place.press(&mut state, &[key(KeyCode::Esc), UNDO]);
    assert!(state.form.changes.is_empty() && state.form.parent.is_none());
    place.press(&mut state, &[Chord::f(8)]);
    assert_eq!(ordered(&state), None);
}
