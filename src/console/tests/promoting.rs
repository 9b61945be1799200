//! Promoting a run: which one is offered, what is shown first, what is written, what comes back.

use super::{Place, files::answers, form::set, key, screen};
use crate::{
    better::{better, letter},
    caps::Glyphs,
    chord::Chord,
    layer::Layer,
    message::{Effect, Errand},
    state::{Screen, State},
};
use config::LoadRequest;
use crossterm::event::KeyCode;
use domain::{Lang, Phrase};
use runs::{Comparison, Kind, NewRun, RunDir, SettingRow, Summary, Verdict};
use std::fs;

const ENTER: Chord = Chord::key(KeyCode::Enter);
const PROMOTE: Chord = Chord::f(2);

/// The errands among `effects`, answered by a real clerk until nothing is left to do.
fn serve(place: &Place, state: &mut State, effects: Vec<Effect>) {
    let mut left = effects;
    while !left.is_empty() {
        let errands: Vec<Errand> = left
            .drain(..)
            .filter_map(|effect| match effect {
                Effect::Run(errand) => Some(errand),
                _ => None,
            })
            .collect();
        if errands.is_empty() {
            break;
        }
        for message in answers(place, errands) {
            left.extend(place.tell(state, message));
        }
    }
}

/// A run made with every key, two of them its own.
fn made(place: &mut Place, name: &str) -> RunDir {
    let request = LoadRequest {
        dir: "no-such-folder".into(),
        sets: vec!["agent.gamma=0.9".into(), "train.seeds=[1, 2]".into()],
        ..LoadRequest::default()
    };
    let settings = config::load(&request).unwrap().to_run_toml();
    let new = NewRun {
        name,
        kind: Kind::Train,
        parent: None,
        settings: &settings,
        version: "0.1.0",
    };
    RunDir::create(&place.home, &new, &place.clock, &mut place.rng).unwrap()
}

/// A finished run of this verdict and these figures.
fn judged(like: &Summary, word: Option<&str>, figures: &[(&str, f64)]) -> Summary {
    let mut run = like.clone();
    run.verdict = word.map(|word| Verdict {
        word: word.to_owned(),
        says: Phrase::default(),
        positive: word == "edge",
    });
    run.last = figures
        .iter()
        .map(|(key, value)| ((*key).to_owned(), *value))
        .collect();
    run
}

/// `runs` beside one another, without a difference in their settings.
fn beside(runs: &[Summary]) -> Comparison {
    Comparison {
        runs: runs.to_vec(),
        settings: Vec::new(),
        figures: Vec::new(),
        problems: Vec::new(),
    }
}

#[test]
fn held_out_time_alone_decides_which_run_is_better() {
    let mut place = Place::new();
    place.judged("one");
    let like = place.state(Lang::En, (80, 24)).runs.all[0].clone();
    let run = |word, figures: &[(&str, f64)]| judged(&like, word, figures);
    let weak = run(Some("weak"), &[("test/sharpe", 0.1)]);
    let none = run(Some("no_edge"), &[("test/sharpe", 3.0)]);
    let worse = run(Some("no_edge"), &[("test/sharpe", -0.5)]);
    let broken = run(Some("no_edge"), &[("test/sharpe", f64::NAN)]);
    let invalid = run(Some("invalid"), &[("test/sharpe", 9.0)]);
    let unjudged = run(None, &[("valid/score", 9.0)]);
    let control = run(None, &[("test/return", 200.0)]);
    let at = |runs: &[&Summary]| {
        let runs: Vec<Summary> = runs.iter().map(|run| (*run).clone()).collect();
        better(&beside(&runs)).map(|better| better.at)
    };
    // The verdict counts before any figure, and validation counts for nothing.
    assert_eq!(at(&[&none, &weak, &unjudged]), Some(1));
    assert_eq!(at(&[&worse, &none]), Some(1));
    assert_eq!(at(&[&broken, &worse]), Some(1));
    assert_eq!(at(&[&unjudged, &invalid, &worse]), Some(2));
    assert_eq!(at(&[&control]), Some(0));
    assert_eq!(at(&[&unjudged, &invalid]), None);
    assert_eq!(at(&[]), None);
    let says = better(&beside(&[worse.clone(), none.clone()]))
        .unwrap()
        .says;
    assert!(says.en.contains("B is the better one on held-out time"));
    assert!(says.en.ends_with("none shows an edge"), "{says:?}");
    assert!(says.ko.contains("시험 구간"), "{says:?}");
    let equal = better(&beside(&[none.clone(), none.clone()])).unwrap();
    assert!(equal.at == 0 && equal.says.en.starts_with("A and B are equal"));
    let alone = better(&beside(&[unjudged, worse.clone()])).unwrap();
    assert!(alone.says.en.starts_with("only B was judged"), "{alone:?}");
    // Judged on other data or at other costs, figures do not compare.
    let mut other = beside(&[worse, none]);
    let row = |key: &str| SettingRow {
        key: key.to_owned(),
        values: vec![Some("0.0".to_owned()), Some("10.0".to_owned())],
    };
    other.settings = vec![row("agent.gamma")];
    assert!(!better(&other).unwrap().says.en.contains("do not compare"));
    other.settings.push(row("env.fee_bps"));
    let says = better(&other).unwrap().says;
    assert!(says.en.contains("differ in env.fee_bps"), "{says:?}");
    assert_eq!([letter(0), letter(25), letter(26)], ['A', 'Z', 'A']);
}

#[test]
fn a_promoted_run_becomes_a_file_that_the_form_starts_from() {
    let mut place = Place::new();
    let run = made(&mut place, "my run");
    let mut state = place.state(Lang::En, (100, 30));
    set(&place, &mut state, "agent.epochs", "7");
    let file = state.project.join("configs/my-run.toml");
    let before = state.form.sets();
    let effects = place.press(&mut state, &[Chord::char('1'), PROMOTE]);
    serve(&place, &mut state, effects);
    assert!(!file.exists(), "written before it was asked for");
    let seen = screen(&state, Glyphs::Unicode);
    for part in [
        "gamma = 0.9",
        "seeds = [1, 2]",
        &format!("makook config promote {}", run.id()),
        "1 unsaved changes are laid aside",
        "[> Cancel <]",
    ] {
        assert!(seen.contains(part), "{part} is not in {seen}");
    }
    assert!(!seen.contains("not looked at"), "nothing was compared");
    let effects = place.press(&mut state, &[key(KeyCode::Right), ENTER]);
    serve(&place, &mut state, effects);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with(&format!("# The settings of run {}", run.id())));
    assert!(
        text.ends_with("[agent]\ngamma = 0.9\n\n[train]\nseeds = [1, 2]\n"),
        "{text}"
    );
    assert_eq!(state.form.experiment, Some(file.clone()));
    assert!(state.form.changes.is_empty());
    let journal = fs::read_to_string(place.home.root().join("console.jsonl")).unwrap();
    assert!(journal.contains(&format!("promote {} to my-run.toml", run.id())));
    // Form and file go back to what they were, and come again.
    let effects = place.press(&mut state, &[Chord::ctrl('z')]);
    serve(&place, &mut state, effects);
    assert_eq!(
        (state.form.experiment.clone(), state.form.sets()),
        (None, before)
    );
    assert!(!file.exists());
    let effects = place.press(&mut state, &[Chord::ctrl('y')]);
    serve(&place, &mut state, effects);
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    // A second time the name is taken.
    let effects = place.press(&mut state, &[PROMOTE]);
    serve(&place, &mut state, effects);
    let seen = screen(&state, Glyphs::Unicode);
    assert!(seen.contains("configs/my-run-2.toml"), "{seen}");
}

#[test]
fn the_file_on_the_form_can_be_changed_instead() {
    let mut place = Place::new();
    made(&mut place, "one");
    let mut state = place.state(Lang::En, (100, 30));
    let file = state.project.join("configs/mine.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "# mine\n[agent]\nepochs = 9  # many\n").unwrap();
    crate::actions::choose_experiment(&mut state, Some(file.clone()));
    let effects = place.press(&mut state, &[PROMOTE, key(KeyCode::Down), ENTER]);
    serve(&place, &mut state, effects);
    let effects = place.press(&mut state, &[key(KeyCode::Right), ENTER]);
    serve(&place, &mut state, effects);
    let text = fs::read_to_string(&file).unwrap();
    let after = "# mine\n[agent]\nepochs = 4  # many\ngamma = 0.9\n\n[train]\nseeds = [1, 2]\n";
    assert_eq!(text, after);
}

#[test]
fn the_comparison_offers_the_better_run_and_says_why() {
    for lang in [Lang::En, Lang::Ko] {
        let mut place = Place::new();
        place.judged("old");
        let (_run, _segment) = place.training("new");
        let mut state = place.state(lang, (80, 24));
        let mark = Chord::char(' ');
        let effects = place.press(&mut state, &[mark, mark, Chord::f(9)]);
        place.press(&mut state, &[PROMOTE]);
        assert!(state.layers.is_empty(), "nothing is read yet");
        serve(&place, &mut state, effects);
        let seen = screen(&state, Glyphs::Unicode);
        let says = match lang {
            Lang::En => "only B was judged on held-out time",
            Lang::Ko => "시험 구간에서 판정된 실행은 B뿐입니다",
        };
        assert!(seen.contains(says), "{seen}");
        place.press(&mut state, &[ENTER]);
        let Some(Layer::Pick(pick)) = state.layers.last() else {
            panic!("{:?}", state.layers);
        };
        assert_eq!((pick.items.len(), pick.cursor.at), (2, 1));
        let effects = place.press(&mut state, &[ENTER]);
        let [Effect::Run(Errand::PromoteSettings(promotion))] = &effects[..] else {
            panic!("{effects:?}");
        };
        assert_eq!(state.runs.find(&promotion.run).unwrap().name, "old");
        assert_eq!(state.screen, Screen::Compare);
        // What was chosen by held-out time is not tested by it any more.
        serve(&place, &mut state, effects);
        let Some(Layer::Confirm(confirm)) = state.layers.last() else {
            panic!("{:?}", state.layers);
        };
        let consequence = &confirm.plan.consequence;
        let warns = consequence.en.contains("on time that was not looked at");
        assert!(warns && consequence.ko.contains("아직 보지 않은 구간"));
    }
}

#[test]
fn nothing_is_promoted_where_nothing_may_be_written() {
    let mut place = Place::new();
    place.judged("one");
    let mut state = place.state(Lang::En, (80, 24));
    state.read_only = true;
    assert!(place.press(&mut state, &[PROMOTE]).is_empty() && state.layers.is_empty());
    let empty = Place::new();
    let mut state = empty.state(Lang::En, (80, 24));
    assert!(empty.press(&mut state, &[PROMOTE]).is_empty() && state.layers.is_empty());
    assert!(state.toast.is_some(), "it says why");
}
