//! Judging a run by keys: its health, its trades, its performance.

use super::{Place, answers, key, screen, typed};
use crate::{
    caps::Glyphs,
    chord::Chord,
    layer::Layer,
    message::{Effect, Errand, Message},
    run_data::{RunData, Trades},
    state::State,
};
use crossterm::event::KeyCode;
use domain::Lang;
use std::sync::Arc;

/// The round trips of a judged run on screen.
fn trades(place: &mut Place, lang: Lang) -> State {
    place.judged("one");
    let mut state = place.state(lang, (120, 40));
    place.press(&mut state, &[Chord::char('4')]);
    state
}

#[test]
fn the_health_page_names_rule_numbers_remedy_and_source() {
    let mut place = Place::new();
    let (_run, _segment) = place.training("one");
    let mut state = place.state(Lang::En, (120, 40));
    place.press(&mut state, &[Chord::char('3'), Chord::f(3)]);
    let Some(Layer::Page(page)) = state.layers.last() else {
        panic!("no page");
    };
    let text = page.lines.join("\n");
    for part in [
        "KL 0.1",
        "0.040",
        "what helps  lower the learning rate",
        "rule        kl_high",
        "shows on    Approx. KL #1",
        "Spinning Up",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    place.press(&mut state, &[key(KeyCode::Esc)]);
    assert!(state.layers.is_empty());
}

#[test]
fn a_filter_narrows_while_it_is_typed_and_escape_shows_all_again() {
    let mut place = Place::new();
    let mut state = trades(&mut place, Lang::En);
    assert_eq!((state.trades.len(), state.trades.all()), (25, 25));
    place.press(&mut state, &[Chord::ctrl('f')]);
    place.press(&mut state, &typed("pnl<0 and si"));
    assert!(screen(&state, Glyphs::Ascii).contains("next: side"));
    place.press(&mut state, &[key(KeyCode::Enter)]);
    assert_eq!(state.layers.len(), 1, "half a filter is not taken");
    assert!(screen(&state, Glyphs::Ascii).contains("there is no column"));
    assert_eq!(state.trades.len(), 12, "the last whole filter holds");
    place.press(&mut state, &[key(KeyCode::Tab)]);
    place.press(&mut state, &typed("=long"));
    let shown = state.trades.len();
    assert!((1..25).contains(&shown), "{shown}");
    place.press(&mut state, &[key(KeyCode::Enter)]);
    assert!(state.layers.is_empty());
    assert_eq!(state.trades.filter(), "pnl<0 and side=long");
    let seen = screen(&state, Glyphs::Unicode);
    assert!(seen.contains(&format!("trades {shown}/25")), "{seen}");
    assert!(seen.contains("wins 0.0%"), "{seen}");
    place.press(&mut state, &[key(KeyCode::Esc)]);
    assert_eq!((state.trades.len(), state.trades.filter()), (25, ""));
}

#[test]
fn a_filter_that_is_not_understood_stays_open_with_a_caret_below_the_place() {
    let mut place = Place::new();
    let mut state = trades(&mut place, Lang::Ko);
    place.press(&mut state, &[Chord::ctrl('f')]);
    place.press(&mut state, &typed("pnl<0 and sied=long"));
    place.press(&mut state, &[key(KeyCode::Enter)]);
    assert_eq!(state.layers.len(), 1);
    assert_eq!(state.trades.filter(), "pnl<0", "the last whole one holds");
    let seen = screen(&state, Glyphs::Unicode);
    let lines: Vec<&str> = seen.lines().collect();
    let row = lines.iter().position(|line| line.contains("sied")).unwrap();
    let column = |line: &str, what: &str| crate::cells::width(&line[..line.find(what).unwrap()]);
    assert_eq!(column(lines[row + 1], "^"), column(lines[row], "sied"));
    assert!(lines[row + 2].contains("side"), "{seen}");
}

#[test]
fn a_large_table_is_looked_through_by_the_clerk() {
    let mut place = Place::new();
    let mut state = trades(&mut place, Lang::En);
    let data = state.data.clone().unwrap();
    let many: Vec<_> = data
        .evaluation
        .trades
        .iter()
        .copied()
        .cycle()
        .take(200_000)
        .collect();
    let mut evaluation = data.evaluation.clone();
    evaluation.trades = Trades::from(many);
    let large = RunData {
        evaluation,
        ..(*data).clone()
    };
    let effects = place.tell(&mut state, Message::Run(Arc::new(large)));
    let [Effect::Run(Errand::Sift(question))] = &effects[..] else {
        panic!("{} effects", effects.len());
    };
    assert!(state.trades.is_busy());
    assert_eq!(state.trades.len(), 25, "the former rows stay until then");
    let heard = answers(&place, vec![Errand::Sift(question.clone())]);
    for message in heard {
        place.tell(&mut state, message);
    }
    assert_eq!(
        (state.trades.len(), state.trades.is_busy()),
        (200_000, false)
    );
}

#[test]
fn columns_are_sorted_by_with_arrows_and_turned_with_space() {
    let mut place = Place::new();
    let mut state = trades(&mut place, Lang::En);
    let pnl = |state: &State, at| state.trades.row(at).unwrap().pnl;
    assert_eq!(
        pnl(&state, 0).to_bits(),
        (-12.0_f64).to_bits(),
        "the newest first"
    );
    place.press(&mut state, &[key(KeyCode::Right); 3]);
    assert!(screen(&state, Glyphs::Ascii).contains("profit v"));
    assert!(pnl(&state, 0) > pnl(&state, 1));
    place.press(&mut state, &[Chord::char(' ')]);
    assert!(screen(&state, Glyphs::Ascii).contains("profit ^"));
    assert!(pnl(&state, 0) < pnl(&state, 1));
    place.press(&mut state, &[key(KeyCode::Left); 3]);
    assert_eq!(state.trades.sort(), None);
}

#[test]
fn performance_shows_pictures_figures_and_conventions_and_the_whole_report_on_demand() {
    let mut place = Place::new();
    place.judged("one");
    let mut state = place.state(Lang::En, (120, 40));
    place.press(&mut state, &[Chord::char('5')]);
    super::scenes::performance(&place, &mut state);
    let seen = screen(&state, Glyphs::Unicode);
    for part in [
        "Window [test]",
        "No edge: -42.5 %",
        "8760 periods a year, risk-free 0%, fee 10 bps a side",
        "Drawdown  -",
        "buy and hold",
        "Sharpe a year over 30 bars",
        "annual return",
    ] {
        assert!(seen.contains(part), "{part} is missing in\n{seen}");
    }
    let reason = crate::action::named("report.window").unwrap();
    assert!((reason.enabled)(&state).is_err(), "one window alone");
    place.press(&mut state, &[key(KeyCode::End)]);
    let end = screen(&state, Glyphs::Unicode);
    assert!(
        end.contains("ddof 1"),
        "conventions stand at the end\n{end}"
    );
    place.press(&mut state, &[key(KeyCode::Enter)]);
    let whole = screen(&state, Glyphs::Unicode);
    assert!(whole.contains("NO EDGE"), "{whole}");
}

#[test]
fn every_recorded_window_can_be_looked_at_the_held_out_one_first() {
    let mut place = Place::new();
    let run = place.judged("one");
    let folder = run.path().join("equity");
    let text = std::fs::read_to_string(folder.join("0001.jsonl")).unwrap();
    let valid = text.replace("\"test\"", "\"valid\"");
    std::fs::write(folder.join("0001.jsonl"), format!("{valid}{text}")).unwrap();
    let mut state = place.state(Lang::Ko, (80, 24));
    place.press(&mut state, &[Chord::char('5')]);
    super::scenes::performance(&place, &mut state);
    let windows = |state: &State| screen(state, Glyphs::Unicode);
    assert!(
        windows(&state).contains("검증 [시험]"),
        "{}",
        windows(&state)
    );
    place.press(&mut state, &[key(KeyCode::Right)]);
    assert!(
        windows(&state).contains("[검증] 시험"),
        "{}",
        windows(&state)
    );
    let says_verdict = |seen: &str| seen.contains("우위");
    let seen = windows(&state);
    assert!(
        seen.contains("표본 내 구간: 학습이나 선택에") && !says_verdict(&seen),
        "the verdict is the test's\n{seen}"
    );
    assert!(
        !windows(&state).contains("매수 후 보유"),
        "baselines are the test's"
    );
    place.press(&mut state, &[key(KeyCode::Left)]);
    let seen = windows(&state);
    assert!(seen.contains("검증 [시험]"));
    assert!(!seen.contains("표본 내") && says_verdict(&seen), "{seen}");
}

#[test]
fn marked_runs_lie_over_each_other_beside_what_differs() {
    let mut place = Place::new();
    place.judged("one");
    let (_run, _segment) = place.training("two");
    let mut state = place.state(Lang::En, (120, 40));
    let mark = Chord::char(' ');
    let effects = place.press(&mut state, &[mark, mark, Chord::f(9)]);
    let [.., Effect::Run(Errand::Compare(paths))] = &effects[..] else {
        panic!("{effects:?}");
    };
    for message in answers(&place, vec![Errand::Compare(paths.clone())]) {
        place.tell(&mut state, message);
    }
    let seen = screen(&state, Glyphs::Unicode);
    for part in [
        "> Rollout return",
        " B ",
        "Validation score",
        "A 1-000159-two",
        "Outcomes",
        "no edge",
    ] {
        assert!(seen.contains(part), "{part} is missing in\n{seen}");
    }
    assert!(!seen.contains("no_edge"), "{seen}");
    place.press(&mut state, &[key(KeyCode::Right)]);
    let next = screen(&state, Glyphs::Unicode);
    assert!(next.contains("> Validation score"), "{next}");
}
