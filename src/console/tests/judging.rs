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
        "what helps: lower the learning rate",
        "rule kl_high",
        "Huang et al. 2022",
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
