//! Saving the form into experiment files: what is shown first, what is written, what comes back.

use super::{Place, form::set, key, screen, typed};
use crate::{
    caps::Glyphs,
    chord::Chord,
    memory::{Memory, Recall},
    message::{Effect, Errand, Message},
    saving::Target,
    state::State,
};
use config::LoadRequest;
use crossterm::event::KeyCode;
use domain::Lang;
use std::fs;

const ENTER: Chord = Chord::key(KeyCode::Enter);
const DOWN: Chord = Chord::key(KeyCode::Down);
const UNDO: Chord = Chord::ctrl('z');
const REDO: Chord = Chord::ctrl('y');

/// Answers what saving asks for, as the clerk does.
fn answer(place: &Place, state: &mut State, effects: Vec<Effect>) {
    let request = LoadRequest {
        dir: state.project.join("configs"),
        ..LoadRequest::default()
    };
    for effect in effects {
        let message = match effect {
            Effect::Run(Errand::Draft(saving)) => {
                let outcome = saving.draft(&request).map(Box::new);
                Message::Drafted { saving, outcome }
            }
            Effect::Run(Errand::Save { saving, draft }) => {
                draft.clone().write().unwrap();
                Message::Saved { saving, draft }
            }
            Effect::Run(Errand::Exchange(exchange)) => {
                exchange.make().unwrap();
                continue;
            }
            _ => continue,
        };
        place.tell(state, message);
    }
}

#[test]
fn saving_shows_the_changed_lines_keeps_comments_and_can_be_taken_back() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (100, 30));
    let file = state.project.join("configs/mine.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let before = "# mine\n[agent]\nclip_range = 0.2  # was 0.3\n";
    fs::write(&file, before).unwrap();
    crate::actions::choose_experiment(&mut state, Some(file.clone()));
    set(&place, &mut state, "agent.clip_range", "0.1");
    set(&place, &mut state, "agent.epochs", "7");
    let effects = place.press(&mut state, &[Chord::ctrl('o'), ENTER]);
    answer(&place, &mut state, effects);
    let seen = screen(&state, Glyphs::Unicode);
    for part in [
        "-   3  clip_range = 0.2  # was 0.3",
        "+   3  clip_range = 0.1  # was 0.3",
        "+   4  epochs = 7",
        "makook config set agent.clip_range=0.1 agent.epochs=7 --file",
        "configs/mine.toml",
        "[> Cancel <]",
    ] {
        assert!(seen.contains(part), "{part} is not in {seen}");
    }
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        before,
        "written before it was asked for"
    );
    let effects = place.press(&mut state, &[key(KeyCode::Right), ENTER]);
    answer(&place, &mut state, effects);
    let after = "# mine\n[agent]\nclip_range = 0.1  # was 0.3\nepochs = 7\n";
    assert_eq!(fs::read_to_string(&file).unwrap(), after);
    assert!(state.form.changes.is_empty());
    assert_eq!(state.form.experiment.as_ref(), Some(&file));
    let memory = Memory::of(&state);
    let sets = ["agent.clip_range=0.1", "agent.epochs=7"];
    for (chord, text) in [(UNDO, before), (REDO, after), (UNDO, before)] {
        let effects = place.press(&mut state, &[chord]);
        answer(&place, &mut state, effects);
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
    assert_eq!(state.form.sets(), sets);
    // What another program wrote meanwhile is never lost.
    fs::write(&file, "# theirs\n").unwrap();
    let effects = place.press(&mut state, &[REDO]);
    let [Effect::Run(Errand::Exchange(exchange)), ..] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert!(exchange.make().unwrap_err().en.contains("another program"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "# theirs\n");
    fs::write(&file, after).unwrap();
    // A console of later takes it back as well.
    let mut later = place.state(Lang::En, (100, 30));
    memory.recall(&mut later, Recall::All);
    let effects = place.press(&mut later, &[UNDO]);
    answer(&place, &mut later, effects);
    assert_eq!(later.form.sets(), sets);
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
}

#[test]
fn a_new_file_is_named_and_starts_as_a_copy() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (100, 30));
    set(&place, &mut state, "agent.epochs", "7");
    place.press(&mut state, &[Chord::ctrl('o')]);
    for bad in ["", "../x", "default", ".x", "a/b"] {
        place.press(&mut state, &[Chord::ctrl('u')]);
        place.press(&mut state, &typed(bad));
        assert!(place.press(&mut state, &[ENTER]).is_empty(), "{bad}");
    }
    place.press(&mut state, &[Chord::ctrl('u')]);
    place.press(&mut state, &typed("내 실험"));
    let effects = place.press(&mut state, &[ENTER]);
    answer(&place, &mut state, effects);
    let effects = place.press(&mut state, &[key(KeyCode::Right), ENTER]);
    answer(&place, &mut state, effects);
    let file = state.project.join("configs/내 실험.toml");
    assert_eq!(fs::read_to_string(&file).unwrap(), "[agent]\nepochs = 7\n");
    assert_eq!(state.form.experiment, Some(file.clone()));
    // Taken back it is gone, made again it is there.
    for (chord, there) in [(UNDO, false), (REDO, true)] {
        let effects = place.press(&mut state, &[chord]);
        answer(&place, &mut state, effects);
        assert_eq!(file.exists(), there);
    }
    // From a chosen file the new one is a copy.
    set(&place, &mut state, "agent.epochs", "9");
    place.press(&mut state, &[Chord::ctrl('o'), DOWN, ENTER]);
    place.press(&mut state, &typed("other"));
    let effects = place.press(&mut state, &[ENTER]);
    let copies = |effect: &Effect| matches!(effect, Effect::Run(Errand::Draft(saving)) if saving.target == Target::New { from: Some(file.clone()) });
    assert!(
        effects.iter().all(copies) && effects.len() == 1,
        "{effects:?}"
    );
}

#[test]
fn what_cannot_be_saved_says_why() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (100, 30));
    place.press(&mut state, &[Chord::char('2'), Chord::ctrl('o')]);
    assert!(state.layers.is_empty() && state.toast.is_some());
    set(&place, &mut state, "agent.gamma", "{0.9, 0.99}");
    place.press(&mut state, &[Chord::ctrl('o')]);
    assert!(state.layers.is_empty(), "a sweep alone fits no file");
    set(&place, &mut state, "agent.epochs", "7");
    state.read_only = true;
    place.press(&mut state, &[Chord::ctrl('o')]);
    assert!(state.layers.is_empty(), "read-only");
}
