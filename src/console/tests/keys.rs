//! Keys that are not the usual ones: given by the settings or changed in the help.

use super::{Place, key, typed};
use crate::{
    action::{self, named},
    actions::all,
    caps::Glyphs,
    chord::Chord,
    keymap::Keymap,
    layer::Layer,
    look::{Choice, Look, Preference, Said},
    memory::{Memory, Recall},
    message::{Effect, Errand},
    state::{Screen, State, Tone},
};
use config::keys::Console;
use crossterm::event::KeyCode;
use domain::{Lang, Place as Where, Severity};
use rstest::rstest;
use std::collections::BTreeMap;

fn keymap(entries: &[&str]) -> Keymap {
    let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
    Keymap::of(&entries, &Where::Default)
}

fn keys(keymap: &Keymap, id: &str) -> String {
    crate::keymap::written(keymap.keys(named(id).unwrap()))
}

#[test]
fn without_entries_every_key_is_the_usual_one() {
    let keymap = Keymap::default();
    for action in all() {
        assert_eq!(keymap.keys(action), action.keys);
    }
    assert!(keymap.problems().is_empty() && keymap.remark().is_none());
}

#[test]
fn a_given_key_is_shown_first_and_the_usual_ones_stay() {
    let keymap = keymap(&["run.mark=m ctrl-w", "log.next=Ctrl-W"]);
    assert!(keymap.problems().is_empty(), "{}", keymap.problems());
    assert_eq!(keys(&keymap, "run.mark"), "m Ctrl-W Space");
    // The other is on another screen.
    assert_eq!(keys(&keymap, "log.next"), "Ctrl-W F3 n");
    assert_eq!(keys(&keymap, "run.open"), "Enter");
}

#[test]
fn the_examples_of_the_help_are_good_ones() {
    let help = config::find("console.keys").unwrap().help;
    let examples = ["run.mark=m", "app.refresh=ctrl-w shift-f5"];
    for example in examples {
        assert!(help.en.contains(example) && help.ko.contains(example));
    }
    assert!(keymap(&examples).problems().is_empty());
}

#[test]
fn two_actions_can_swap_their_keys() {
    let keymap = keymap(&["app.refresh=ctrl-z", "app.undo=f5"]);
    assert!(keymap.problems().is_empty(), "{}", keymap.problems());
    assert_eq!(keys(&keymap, "app.refresh"), "Ctrl-Z");
    assert_eq!(keys(&keymap, "app.undo"), "F5");
}

#[rstest]
#[case::no_form("run.mark", "is not ACTION=KEY")]
#[case::no_action("run.fly=m", "there is no action `run.fly`")]
#[case::no_key("run.mark=", "names no key")]
#[case::unknown_key("run.mark=hyper-x", "no such key")]
#[case::alt("run.mark=alt-x", "Alt belongs to terminals")]
#[case::shifted("run.mark=shift-k", "write the character itself")]
#[case::taken("run.mark=f8", "belongs to \"Start training\"")]
#[case::taken_everywhere("run.mark=f5", "(app.refresh); give that another key first")]
#[case::escape("run.mark=esc", "does the same everywhere")]
#[case::enter("run.mark=enter", "does the same everywhere")]
#[case::arrow("run.mark=down", "does the same everywhere")]
#[case::way_out("run.mark=f10", "help and the way out")]
#[case::interrupt("run.mark=ctrl-c", "Ctrl-C always quits")]
#[case::tab("run.mark=ctrl-i", "terminals send another key")]
fn what_cannot_be_is_told_and_left_out(#[case] entry: &str, #[case] says: &str) {
    let keymap = keymap(&[entry]);
    let problems = keymap.problems().to_string();
    assert!(problems.contains(says), "{problems}");
    assert!(
        keymap
            .problems()
            .iter()
            .all(|one| one.severity == Severity::Warning)
    );
    assert_eq!(keys(&keymap, "run.mark"), "Space");
    let ko = keymap.remark().unwrap().ko;
    assert!(ko.chars().any(|c| ('가'..='힣').contains(&c)), "{ko}");
}

#[rstest]
#[case("run.mark=ctrl-a", "tmux and screen take this key")]
#[case("run.mark=ctrl-b", "tmux and screen take this key")]
#[case("run.mark=ctrl-s", "some terminals stop")]
fn what_may_never_arrive_is_warned_of_and_given(#[case] entry: &str, #[case] says: &str) {
    let keymap = keymap(&[entry]);
    assert!(keymap.problems().to_string().contains(says));
    assert_eq!(keymap.keys(named("run.mark").unwrap()).len(), 2);
}

#[test]
fn two_entries_cannot_give_one_key_on_one_screen() {
    let keymap = keymap(&["run.mark=m", "run.filter=m", "log.find=m", "run.mark=u"]);
    let problems: Vec<String> = keymap.problems().iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(
        problems
            .iter()
            .any(|one| one.contains("run.filter=m: the key belongs to \"Mark\""))
    );
    assert!(problems.iter().any(|one| one.contains("given twice")));
    assert_eq!(keys(&keymap, "run.mark"), "m Space");
    assert_eq!(keys(&keymap, "log.find"), "m Ctrl-F /");
    assert!(keymap.remark().unwrap().en.contains("and 1 more"));
}

#[test]
fn every_action_keeps_a_key_without_a_letter_whatever_single_key_another_is_given() {
    let free = keymap(&["run.mark=f5"]);
    assert!(!free.problems().is_empty());
    for action in all() {
        let keymap = keymap(&[&format!("{}=ctrl-shift-f20", action.id)]);
        assert!(keymap.problems().is_empty(), "{}", keymap.problems());
        for other in all() {
            assert!(
                keymap.keys(other).iter().any(|key| !key.is_letter()),
                "{}",
                other.id
            );
        }
    }
}

/// What a console remembers that was given `changes` over `entries`.
fn kept(entries: &[&str], changes: &[(&str, Chord)]) -> BTreeMap<String, Choice<String>> {
    let mut keymap = keymap(entries);
    for (id, key) in changes {
        keymap.give(named(id).unwrap(), Some(*key)).unwrap();
    }
    keymap.kept()
}

#[test]
fn keys_of_the_start_and_of_settings_edited_since_count_more_than_those_remembered() {
    let m = Chord::char('m');
    let recalled = |entries: &[&str], place: Where, kept: BTreeMap<_, _>| {
        let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
        let mut keymap = Keymap::of(&entries, &place);
        keymap.recall(kept);
        keymap
    };
    let file = || Where::Path("configs/default.toml".into());
    let start = || Where::Env("MAKOOK_CONSOLE__KEYS".into());
    let shown = |keymap: &Keymap| keymap.shown(named("run.mark").unwrap());
    let over_none = || kept(&[], &[("run.mark", m)]);
    assert_eq!(shown(&recalled(&[], Where::Default, over_none())), "m");
    assert_eq!(shown(&recalled(&["log.next=m"], file(), over_none())), "m");
    assert_eq!(
        shown(&recalled(&["run.mark=f11"], file(), over_none())),
        "F11"
    );
    // A choice made over an entry holds as long as that entry does.
    let over_file = || kept(&["run.mark=f11"], &[("run.mark", m)]);
    assert_eq!(
        shown(&recalled(&["run.mark=f11"], file(), over_file())),
        "m"
    );
    assert_eq!(
        shown(&recalled(&["run.mark=shift-f5"], file(), over_file())),
        "Shift-F5"
    );
    // What this start says is for this start: the memory stays.
    for kept in [over_none(), over_file()] {
        let other = recalled(&["run.mark=f11"], start(), kept.clone());
        assert_eq!(shown(&other), "F11");
        assert_eq!(other.kept(), kept);
    }
    assert_eq!(shown(&recalled(&["log.next=m"], start(), over_none())), "m");
}

/// Answers what saving asks for, as the clerk does; returns what it wrote.
fn carry_out(place: &Place, state: &mut State, effects: Vec<Effect>) {
    for message in super::answers(place, errands(effects)) {
        let more = place.tell(state, message);
        carry_out(place, state, more);
    }
}

fn errands(effects: Vec<Effect>) -> Vec<Errand> {
    let saves = |effect| match effect {
        Effect::Run(Errand::Settings { .. }) => None,
        Effect::Run(errand) => Some(errand),
        _ => None,
    };
    effects.into_iter().filter_map(saves).collect()
}

#[test]
fn changed_keys_are_saved_into_the_settings_and_taken_back_with_them() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (100, 30));
    let save = [Chord::shift(KeyCode::F(9))];
    place.press(&mut state, &save);
    assert!(super::said(&state).contains("no key was changed"));
    let file = state.project.join("configs/default.toml");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let before =
        "# ours\n[console]\nkeys = [\n  \"run.fly=x\", # some day\n  \"run.mark=f11\", # easy\n]\n";
    std::fs::write(&file, before).unwrap();
    let entries = ["run.fly=x".to_owned(), "run.mark=f11".to_owned()];
    let at = Where::File {
        path: file.display().to_string(),
        line: 3,
        col: 8,
    };
    state.look.keys = Keymap::of(&entries, &at);
    let (mark, next) = (named("run.mark").unwrap(), named("log.next").unwrap());
    state.look.keys.give(mark, Some(Chord::char('m'))).unwrap();
    state.look.keys.give(next, Some(Chord::ctrl('w'))).unwrap();
    let chosen = state.look.keys.kept();
    let effects = place.press(&mut state, &save);
    carry_out(&place, &mut state, effects);
    let seen = super::screen(&state, Glyphs::Unicode);
    for part in [
        "run.mark=m",
        "Save keys",
        "configs/default.toml",
        "[> Cancel <]",
    ] {
        assert!(seen.contains(part), "{part} is not in {seen}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    let effects = place.press(&mut state, &[key(KeyCode::Right), key(KeyCode::Enter)]);
    carry_out(&place, &mut state, effects);
    let after = std::fs::read_to_string(&file).unwrap();
    for part in [
        "# ours",
        "\"run.fly=x\", # some day",
        "\"run.mark=m\"",
        "# easy",
        "\"log.next=Ctrl-W\"",
    ] {
        assert!(after.contains(part), "{part} is not in {after}");
    }
    assert!(!state.look.keys.is_changed() && state.form.experiment.is_none());
    assert_eq!(state.look.keys.shown(mark), "m");
    // They are the settings' now: whoever edits those is heard.
    assert!(state.look.keys.kept().is_empty());
    let bytes = Memory::of(&state).bytes();
    let mut later = place.state(Lang::En, (100, 30));
    serde_json::from_slice::<Memory>(&bytes)
        .unwrap()
        .recall(&mut later, Recall::All);
    for state in [&mut state, &mut later] {
        let (undo, redo) = (Chord::ctrl('z'), Chord::ctrl('y'));
        for (chord, text, kept) in [
            (undo, before, true),
            (redo, &after, false),
            (undo, before, true),
        ] {
            let effects = place.press(state, &[chord]);
            carry_out(&place, state, effects);
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
            assert_eq!(state.look.keys.is_changed(), kept);
            assert_eq!(state.look.keys.shown(mark), "m");
        }
        assert_eq!(state.look.keys.kept(), chosen);
        let effects = place.press(state, &[redo]);
        carry_out(&place, state, effects);
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), after);
}

#[test]
fn a_key_changed_while_others_are_saved_is_kept() {
    let place = Place::new();
    let mut state = place.state(Lang::En, (100, 30));
    let (mark, next) = (named("run.mark").unwrap(), named("log.next").unwrap());
    state.look.keys.give(mark, Some(Chord::char('m'))).unwrap();
    let effects = place.press(&mut state, &[Chord::shift(KeyCode::F(9))]);
    carry_out(&place, &mut state, effects);
    let effects = place.press(&mut state, &[key(KeyCode::Right), key(KeyCode::Enter)]);
    state.look.keys.give(mark, Some(Chord::f(11))).unwrap();
    state.look.keys.give(next, Some(Chord::ctrl('w'))).unwrap();
    carry_out(&place, &mut state, effects);
    let text = std::fs::read_to_string(state.project.join("configs/default.toml")).unwrap();
    assert!(text.contains("run.mark=m") && !text.contains("log.next"));
    let later = kept(
        &["run.mark=m"],
        &[("run.mark", Chord::f(11)), ("log.next", Chord::ctrl('w'))],
    );
    assert_eq!(state.look.keys.kept(), later);
    assert_eq!(state.look.keys.shown(mark), "F11");
}

#[test]
fn keys_that_the_start_gives_are_not_saved() {
    let place = Place::new();
    let mut state = with(&place, Lang::En, &["run.mark=m"]);
    let mark = named("run.mark").unwrap();
    state.look.keys.give(mark, Some(Chord::f(11))).unwrap();
    assert!(
        place
            .press(&mut state, &[Chord::shift(KeyCode::F(9))])
            .is_empty()
    );
    let toast = state.toast.unwrap();
    assert!(
        toast.says.en.contains("MAKOOK_CONSOLE__KEYS"),
        "{}",
        toast.says
    );
}

fn with(place: &Place, lang: Lang, entries: &[&str]) -> State {
    let mut state = place.state(lang, (80, 24));
    let console = Console {
        keys: entries.iter().map(|entry| (*entry).to_owned()).collect(),
        ..Console::default()
    };
    let language = Preference::of(lang, Said::ByNobody);
    let place = |_: &str| Where::Env("MAKOOK_CONSOLE__KEYS".into());
    state.look = Look::of(&console, language, &place);
    state
}

#[test]
fn footer_help_and_keys_go_by_the_keys_in_force() {
    let mut place = Place::new();
    place.judged("one");
    let mut state = with(&place, Lang::En, &["run.mark=m", "app.palette=f11"]);
    assert!(super::screen(&state, Glyphs::Unicode).contains("m Mark"));
    place.press(&mut state, &[Chord::char('ㅡ')]);
    assert_eq!(state.runs.marked.len(), 1, "a Korean keyboard's m");
    place.press(&mut state, &[Chord::char(' ')]);
    assert!(state.runs.marked.is_empty(), "the usual key still works");
    place.press(&mut state, &[Chord::f(1)]);
    place.press(&mut state, &typed("mark"));
    assert!(super::screen(&state, Glyphs::Unicode).contains("m Space"));
    place.press(&mut state, &[key(KeyCode::Esc), Chord::f(11)]);
    assert!(matches!(state.layers.last(), Some(Layer::Palette(_))));
}

#[test]
fn the_help_lists_what_is_wrong_with_the_keys_first() {
    let place = Place::new();
    let mut state = with(&place, Lang::Ko, &["run.fly=m"]);
    place.press(&mut state, &[Chord::f(1)]);
    let seen = super::screen(&state, Glyphs::Unicode);
    assert!(
        seen.contains("! 환경 변수 MAKOOK_CONSOLE__KEYS: `run.fly` 동작은"),
        "{seen}"
    );
    place.press(&mut state, &[key(KeyCode::Enter)]);
    assert_eq!(state.layers.len(), 1, "there is nothing to do with it");
}

/// Opens the help on the action of this title.
fn help_on(place: &Place, state: &mut State, title: &str) {
    place.press(state, &[Chord::f(1)]);
    place.press(state, &typed(title));
}

#[test]
fn the_help_changes_a_key_which_undo_takes_back_and_memory_keeps() {
    let mut place = Place::new();
    place.judged("one");
    let mut state = place.state(Lang::En, (80, 24));
    help_on(&place, &mut state, "mark for");
    place.press(&mut state, &[key(KeyCode::Esc)]);
    help_on(&place, &mut state, "run.mark");
    place.press(&mut state, &[Chord::f(2)]);
    assert!(super::screen(&state, Glyphs::Ascii).contains("Press the key"));
    place.press(&mut state, &[Chord::char('m')]);
    assert!(matches!(state.layers.last(), Some(Layer::Help(_))));
    let mark = named("run.mark").unwrap();
    assert_eq!(
        state.look.keys.keys(mark),
        [Chord::char('m'), Chord::char(' ')]
    );

    let kept = serde_json::to_vec(&Memory::of(&state)).unwrap();
    let kept: Memory = serde_json::from_slice(&kept).unwrap();
    let mut again = place.state(Lang::En, (80, 24));
    kept.recall(&mut again, Recall::All);
    assert_eq!(again.look.keys.shown(mark), "m");
    place.press(&mut again, &[Chord::ctrl('z')]);
    assert_eq!(again.look.keys.shown(mark), "Space");
    place.press(&mut again, &[Chord::ctrl('y')]);
    assert_eq!(again.look.keys.shown(mark), "m");

    place.press(&mut state, &[Chord::f(3)]);
    assert_eq!(state.look.keys.keys(mark), mark.keys);
}

#[test]
fn a_key_that_is_taken_is_refused_with_the_reason() {
    let mut place = Place::new();
    place.judged("one");
    let mut state = place.state(Lang::En, (80, 24));
    help_on(&place, &mut state, "run.mark");
    place.press(&mut state, &[Chord::f(2), Chord::f(5)]);
    let seen = super::screen(&state, Glyphs::Unicode);
    assert!(
        seen.contains("! F5: the key belongs to \"Look again\""),
        "{seen}"
    );
    place.press(&mut state, &[key(KeyCode::Enter)]);
    let seen = super::screen(&state, Glyphs::Unicode);
    assert!(
        seen.contains("! Enter: the key does the same everywhere"),
        "{seen}"
    );
    place.press(&mut state, &[key(KeyCode::Esc), key(KeyCode::Esc)]);
    assert!(state.layers.is_empty());
    assert_eq!(state.look.keys.shown(named("run.mark").unwrap()), "Space");
    assert!(state.done.is_empty());
}

#[test]
fn escape_and_interrupt_work_whatever_the_settings_say() {
    let place = Place::new();
    let mut state = with(&place, Lang::En, &["app.refresh=esc", "run.mark=ctrl-c"]);
    state.screen = Screen::Logs;
    assert_eq!(
        action::of_chord(&state, key(KeyCode::Esc)).unwrap().id,
        "app.back"
    );
    let quits = place.press(&mut state, &[Chord::ctrl('c')]);
    assert_eq!(quits, [crate::message::Effect::Quit]);
    assert!(state.toast.is_none_or(|toast| toast.tone == Tone::Good));
}
