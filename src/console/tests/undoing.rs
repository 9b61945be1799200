//! Any number of changes to the form, taken back and done again, also by a console of later.

use super::{Place, typed};
use crate::{
    actions,
    against::Wanted,
    chord::Chord,
    form::stepped,
    memory::{Memory, Recall},
    message::Message,
    saving::{Saving, Source, Target},
    state::State,
};
use config::Draft;
use crossterm::event::KeyCode;
use domain::{Lang, Problems, StreamRng};
use std::{collections::BTreeMap, path::PathBuf};

/// Everything of the form that a change may touch.
type Held = (Option<PathBuf>, BTreeMap<&'static str, String>);

fn held(state: &State) -> Held {
    (state.form.experiment.clone(), state.form.changes.clone())
}

/// Does something to the form that is no undo.
fn change(place: &Place, state: &mut State, rng: &mut StreamRng) {
    let keys: Vec<_> = config::keys::keys().collect();
    let key = keys[rng.below(keys.len() as u64) as usize];
    match rng.below(20) {
        0 => {
            let path = state.project.join(format!("configs/{}.toml", rng.below(3)));
            actions::choose_experiment(state, (rng.below(4) > 0).then_some(path));
        }
        1 => {
            let presets = state.form.presets.len() as u64;
            let name = state.form.presets[rng.below(presets) as usize].name.clone();
            actions::use_preset(state, &name);
        }
        2 => {
            let values = BTreeMap::from([(key.path, key.default_value())]);
            let run = "20240131-235959-x-1a2b".parse().unwrap();
            let (wanted, outcome) = (Wanted::Taken, Ok(values));
            let told = Message::RunSettings {
                run,
                wanted,
                outcome,
            };
            place.tell(state, told);
        }
        3 => {
            let changes = state.form.changes.iter().take(3);
            let saving = Saving {
                file: state.project.join("configs/saved.toml"),
                target: Target::Existing,
                changes: changes
                    .map(|(path, typed)| (*path, typed.clone()))
                    .collect(),
                source: match rng.below(2) {
                    0 => Source::Run("20240131-235959-x-1a2b".parse().unwrap()),
                    _ => Source::Form,
                },
            };
            let draft = Draft {
                file: saving.file.clone(),
                before: String::new(),
                after: "[agent]\n".to_owned(),
                created: true,
                remaining: Problems::new(),
            };
            let draft = Box::new(draft);
            place.tell(state, Message::Saved { saving, draft });
        }
        4..8 => {
            actions::change_setting(state, key, None);
        }
        _ => {
            let steps = rng.below(5) as i32 - 2;
            let value = state.form.value(key);
            if let Some(typed) = stepped(key, &value, steps) {
                actions::change_setting(state, key, Some(typed));
            }
        }
    }
}

#[test]
fn ten_thousand_changes_are_taken_back_one_by_one() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (80, 24));
    place.press(&mut state, &[Chord::char('2')]);
    let (undo, redo) = (Chord::ctrl('z'), Chord::ctrl('y'));
    let mut rng = StreamRng::seeded(7);
    let first = held(&state);
    let (mut past, mut future): (Vec<Held>, Vec<Held>) = (Vec::new(), Vec::new());
    for step in 0..10_000 {
        let before = held(&state);
        match rng.below(4) {
            0 => {
                place.press(&mut state, &[undo]);
                if let Some(former) = past.pop() {
                    assert_eq!(held(&state), former, "step {step}");
                    future.push(before);
                }
            }
            1 => {
                place.press(&mut state, &[redo]);
                if let Some(later) = future.pop() {
                    assert_eq!(held(&state), later, "step {step}");
                    past.push(before);
                }
            }
            _ => {
                let count = state.done.len();
                change(&place, &mut state, &mut rng);
                if state.done.len() > count {
                    past.push(before);
                    future.clear();
                }
            }
        }
        assert_eq!(state.done.len(), past.len(), "step {step}");
    }
    assert!(past.len() > 1_000, "{} changes are few", past.len());
    let mut later = place.state(Lang::En, (80, 24));
    let bytes = Memory::of(&state).bytes();
    let memory: Memory = serde_json::from_slice(&bytes).unwrap();
    memory.recall(&mut later, Recall::All);
    assert_eq!(held(&later), held(&state));
    for former in past.into_iter().rev() {
        place.press(&mut later, &[undo]);
        assert_eq!(held(&later), former);
    }
    assert_eq!(held(&later), first);
    assert!(later.done.is_empty());
}

#[test]
fn space_switches_what_is_on_or_off_and_nothing_else() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (80, 24));
    let find = [Chord::char('2'), Chord::ctrl('f')];
    let enter = Chord::key(KeyCode::Enter);
    place.press(&mut state, &find);
    place.press(&mut state, &typed("agent.normalise_rewards"));
    place.press(&mut state, &[enter, Chord::char(' ')]);
    assert_eq!(state.form.sets(), ["agent.normalise_rewards=false"]);
    place.press(&mut state, &[Chord::ctrl('f'), Chord::ctrl('u')]);
    place.press(&mut state, &typed("agent.gamma"));
    place.press(&mut state, &[enter, Chord::char(' ')]);
    assert_eq!(state.form.sets(), ["agent.normalise_rewards=false"]);
    assert!(state.toast.is_some());
}

#[test]
fn the_form_is_searched_by_initial_consonants() {
    let place = Place::new();
    let mut state = place.state(Lang::Ko, (80, 24));
    for (query, found) in [("ㅎㅅㄹ", "agent.learning_rate"), ("ㅎㅇㅇ", "agent.gamma")] {
        place.press(&mut state, &[Chord::char('2'), Chord::ctrl('f')]);
        place.press(&mut state, &[Chord::ctrl('u')]);
        place.press(&mut state, &typed(query));
        place.press(&mut state, &[Chord::key(KeyCode::Enter)]);
        let rows = state.form.rows();
        let has = rows
            .iter()
            .any(|row| matches!(row, crate::form::Row::Field(key) if key.path == found));
        assert!(has && rows.len() < 30, "{query}: {} rows", rows.len());
    }
}
