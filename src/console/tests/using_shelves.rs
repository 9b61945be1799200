//! The shelves of market data and models as a person uses them, without a letter.

use super::{
    Place, answers,
    fakes::CLOSED,
    key, screen,
    shelves::{
        BARS, compared, data, elsewhere, go, import_asked, import_failed, models, order, project,
        promoting,
    },
};
use crate::{
    action,
    caps::Glyphs,
    chord::Chord,
    data_sets::Stretch,
    importing::{ImportNews, Stage},
    layer::Layer,
    message::{Effect, Errand, Message},
    model_list::ModelNews,
    state::State,
};
use crossterm::event::KeyCode;
use domain::Lang;
use runs::{Mark, ModelId, promotion};
use std::fs;

/// A place with what the scenes have, and a state of it.
fn stage() -> (Place, State) {
    let place = super::scenes::place();
    let state = place.state(Lang::En, (120, 40));
    (place, state)
}

#[test]
fn every_set_is_listed_and_what_cannot_be_read_says_why() {
    let (place, _) = stage();
    // Wide enough for whole reasons.
    let mut state = place.state(Lang::En, (200, 60));
    data(&place, &mut state);
    let seen = screen(&state, Glyphs::Ascii);
    for part in [
        "btcusdt-1h",
        "old-import",
        "the manifest is damaged",
        "format 9",
        "an import was broken off",
        "data/mine.csv",
        "data/sample/shipped.csv.gz",
    ] {
        assert!(seen.contains(part), "{part}\n{seen}");
    }
    assert!(!seen.contains("notes.txt"), "{seen}");
}

#[test]
fn a_timeline_shows_gaps_marks_and_nothing_where_nothing_is() {
    let (place, mut state) = stage();
    data(&place, &mut state);
    let set = |name: &str| {
        let sets = state.data_list.news.sets.iter();
        let mut found = sets.filter(|set| set.name == name);
        found.next().unwrap().facts.clone().unwrap()
    };
    let cells = set("btcusdt-1h").stretches(100);
    let at = |hour: i64| cells[usize::try_from(hour * 100 / BARS).unwrap()];
    assert_eq!(at(21_500), Stretch::Gap);
    assert_eq!(at(4_005), Stretch::Part);
    assert_eq!(at(9_000), Stretch::Flagged);
    assert_eq!(at(40_000), Stretch::Mended);
    assert_eq!(at(30_000), Stretch::Full);
    let odd = cells.iter().filter(|cell| **cell != Stretch::Full).count();
    assert!(odd <= 18, "{cells:?}");
    // Without a timeline gaps are known and marks are not.
    let old = set("old-import").stretches(100);
    assert!(old.contains(&Stretch::Gap) && !old.contains(&Stretch::Flagged));
    assert!(screen(&state, Glyphs::Ascii).contains("odd"));
    for width in [0, 1, 7, 400] {
        assert_eq!(set("btcusdt-1h").stretches(width).len(), width);
    }
}

#[test]
fn a_file_is_imported_with_arrows_and_enter_alone() {
    let (place, mut state) = stage();
    import_asked(&place, &mut state);
    let seen = screen(&state, Glyphs::Ascii);
    let command = "makook data import data/mine.csv --name mine";
    assert!(seen.contains(command), "{seen}");
    // The harmless button is chosen.
    let nothing = place.press(&mut state, &[key(KeyCode::Enter)]);
    assert!(nothing.is_empty() && state.layers.is_empty());
    let keys = [Chord::f(2), key(KeyCode::Enter), key(KeyCode::Enter)];
    place.press(&mut state, &keys);
    let effects = place.press(&mut state, &[key(KeyCode::Right), key(KeyCode::Enter)]);
    let [Effect::Run(Errand::Import(order))] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!((order.name.as_str(), order.replace), ("mine", false));
    let heard = answers(&place, vec![Errand::Import(order.clone())]);
    let news: Vec<&ImportNews> = heard
        .iter()
        .filter_map(|message| match message {
            Message::Import(news) => Some(news),
            _ => None,
        })
        .collect();
    assert!(matches!(news[0], ImportNews::Begun(_)), "{news:?}");
    assert!(matches!(news[1], ImportNews::At(Stage::Reading, 50)));
    assert!(matches!(news[2], ImportNews::Ended(Ok(_))));
    let journal = fs::read_to_string(place.home.root().join("console.jsonl")).unwrap();
    assert!(
        journal.contains("import data/mine.csv as mine"),
        "{journal}"
    );
    let mut asked = Vec::new();
    for message in heard {
        asked.extend(place.tell(&mut state, message));
    }
    assert!(state.data_list.importing.is_none());
    let says = super::said(&state);
    assert!(says.contains("mine imported"), "{says}");
    let again = |effect: &Effect| matches!(effect, Effect::Run(Errand::Data(_)));
    assert!(asked.iter().any(again), "the shelf is looked at again");
}

#[test]
fn an_import_that_fails_is_told_in_the_words_of_the_command() {
    let (place, mut state) = stage();
    import_failed(&place, &mut state);
    let seen = screen(&state, Glyphs::Ascii);
    assert!(
        seen.contains("`x` is no number") && seen.contains("bad_rows=drop"),
        "{seen}"
    );
    // One that never starts ends as well.
    let heard = answers(&place, vec![Errand::Import(order(CLOSED))]);
    for message in heard {
        place.tell(&mut state, message);
    }
    assert!(state.data_list.importing.is_none());
}

#[test]
fn a_set_is_used_next_and_that_is_taken_back() {
    let (place, mut state) = stage();
    data(&place, &mut state);
    go(&place, &mut state, &[key(KeyCode::Up)]);
    let before = state.form.changes.clone();
    let named = |state: &State| state.data_set().map(|set| set.name.clone());
    while named(&state).as_deref() != Some("old-import") {
        go(&place, &mut state, &[key(KeyCode::Down)]);
    }
    place.press(&mut state, &[Chord::ctrl('t')]);
    assert_eq!(state.form.changes["data.set"], "old-import");
    place.press(&mut state, &[Chord::ctrl('z')]);
    assert_eq!(state.form.changes, before);
}

#[test]
fn a_set_that_is_imported_again_keeps_its_instrument() {
    let (place, mut state) = stage();
    data(&place, &mut state);
    for (name, symbol) in [("btcusdt-1h", "BTCUSDT"), ("another", "")] {
        crate::actions::import_named(&mut state, "data/mine.csv".into(), name.into());
        let Some(Layer::Entry(entry)) = state.layers.pop() else {
            panic!("nothing is asked");
        };
        assert_eq!(entry.line.text(), symbol, "{name}");
    }
}

#[test]
fn a_path_is_completed_by_what_the_known_files_have_in_common() {
    let (place, mut state) = stage();
    data(&place, &mut state);
    let complete = |typed: &str| crate::actions::complete_file(&state, typed);
    assert_eq!(complete("data/m").as_deref(), Some("data/mine.csv"));
    assert_eq!(complete("data/mine.csv"), None);
    assert_eq!(complete("data/nothing"), None);
    assert!(crate::actions::refuse_set_name("../up").is_some());
    assert!(crate::actions::refuse_set_name("mine-1h").is_none());
}

#[test]
fn a_model_is_exported_and_the_copy_taken_away_again() {
    let (place, mut state) = stage();
    models(&place, &mut state);
    go(&place, &mut state, &[key(KeyCode::Up); 9]);
    let run = &state.runs.all[0].id;
    let exports = project(&place).join("exports").join(run.as_str());
    let folder = exports.join("model-seed1-best-70000");
    let file = exports.join("model-seed1-best-70000.tar.gz");
    let (enter, down) = (key(KeyCode::Enter), key(KeyCode::Down));
    for (wanted, there) in [
        (vec![], folder.join("policy.safetensors")),
        (vec![down], file.clone()),
    ] {
        go(&place, &mut state, &[Chord::ctrl('e')]);
        go(&place, &mut state, &wanted);
        go(&place, &mut state, &[enter]);
        let seen = screen(&state, Glyphs::Ascii);
        assert!(seen.contains("makook models export"), "{seen}");
        assert_eq!(seen.contains("--archive"), there == file, "{seen}");
        // Cancel is chosen.
        go(&place, &mut state, &[key(KeyCode::Right), enter]);
        assert!(there.is_file(), "{:?}", state.toast);
        go(&place, &mut state, &[Chord::ctrl('z')]);
        assert!(!there.exists() && !folder.exists());
    }
}

#[test]
fn a_model_gets_a_name_and_gives_it_back() {
    let (place, mut state) = stage();
    promoting(&place, &mut state);
    let seen = screen(&state, Glyphs::Ascii);
    assert!(seen.contains("makook models promote"), "{seen}");
    go(
        &place,
        &mut state,
        &[key(KeyCode::Right), key(KeyCode::Enter)],
    );
    let chosen = state.model_list.chosen().unwrap().id.clone();
    let slug = chosen.run.slug().to_owned();
    let points = |name: &str| promotion::resolve(&place.home, name).map(|model| model.id);
    assert_eq!(points(&slug).unwrap(), chosen);
    let named = |state: &State| {
        let models = &state.model_list;
        models.names_of(models.chosen().unwrap()).count()
    };
    assert_eq!(named(&state), 1, "{:?}", state.toast);
    go(&place, &mut state, &[Chord::ctrl('z')]);
    assert!(points(&slug).is_err());
    assert_eq!(named(&state), 0);
    // Of a name that two consoles gave, the history tells.
    let [.., last] = &promotion::list(&place.home).unwrap()[..] else {
        panic!("no name is kept");
    };
    assert_eq!(last.history.len(), 2);
}

#[test]
fn models_that_vanish_or_have_no_score_do_no_harm() {
    let (place, mut state) = stage();
    models(&place, &mut state);
    let scores = |state: &State| -> Vec<Option<f64>> {
        let all = state.model_list.rows(0..state.model_list.count());
        all.map(|(model, _)| model.passport.as_ref().and_then(|one| one.score))
            .collect()
    };
    go(&place, &mut state, &[key(KeyCode::Right)]);
    let falling = scores(&state);
    assert_eq!(falling[..3], [Some(0.4312), Some(0.2), Some(0.2)]);
    go(&place, &mut state, &[Chord::char('-')]);
    let rising = scores(&state);
    assert_eq!(rising[0], Some(-0.071));
    assert!(
        rising.iter().rev().take(3).all(Option::is_none),
        "{rising:?}"
    );
    go(&place, &mut state, &[Chord::char(' ')]);
    fs::remove_dir_all(place.home.run(&state.runs.all[1].id)).unwrap();
    place.look(&mut state);
    go(&place, &mut state, &[Chord::f(5)]);
    assert_eq!(state.model_list.count(), 3);
    assert!(state.model_list.marked.is_empty());
    let seen = screen(&state, Glyphs::Ascii);
    assert!(
        seen.contains("! btc-hourly: the checkpoint is gone"),
        "{seen}"
    );
    place.tell(&mut state, Message::Models(Ok(ModelNews::default())));
    assert!(state.model_list.chosen().is_none());
    assert!(screen(&state, Glyphs::Ascii).contains("No models yet"));
}

#[test]
fn marked_models_are_told_apart_by_what_differs() {
    let (place, mut state) = stage();
    compared(&place, &mut state);
    let Some(Layer::Page(page)) = state.layers.last() else {
        panic!("nothing is compared");
    };
    let text = page.lines.join("\n");
    for part in ["seed", "validation score", "0.4312"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(
        !text.contains("algorithm"),
        "what is the same is left out:\n{text}"
    );
}

#[test]
fn a_filter_finds_models_by_name_and_esc_shows_all() {
    let (place, mut state) = stage();
    models(&place, &mut state);
    let all = state.model_list.count();
    go(&place, &mut state, &[Chord::ctrl('f')]);
    go(&place, &mut state, &super::typed("btc-hourly"));
    go(&place, &mut state, &[key(KeyCode::Enter)]);
    let found: Vec<ModelId> = state
        .model_list
        .rows(0..1)
        .map(|(model, _)| model.id.clone())
        .collect();
    assert!(found.len() == 1 && found[0].mark == Mark::Best, "{found:?}");
    go(&place, &mut state, &[key(KeyCode::Esc)]);
    assert_eq!(state.model_list.count(), all);
}

#[test]
fn what_lies_on_a_host_is_named_and_nothing_is_done_to_it() {
    let (place, mut state) = stage();
    elsewhere(&place, &mut state);
    let seen = screen(&state, Glyphs::Ascii);
    assert!(seen.contains("makook --host klone models list"), "{seen}");
    for id in ["models.export", "models.promote", "data.import"] {
        let action = action::named(id).unwrap();
        assert!(
            (action.enabled)(&state)
                .unwrap_err()
                .en
                .contains("lie on the host")
        );
    }
    let effects = place.press(&mut state, &[Chord::char('8'), Chord::f(2)]);
    assert!(effects.is_empty() && state.layers.is_empty());
    assert!(screen(&state, Glyphs::Ascii).contains("makook --host klone data list"));
}
