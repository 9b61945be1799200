//! The charts of the run screen by keys: cursor, zoom, smoothing, axis, form, overlays, export.

use super::{Place, key, screen};
use crate::{
    caps::Glyphs,
    chord::Chord,
    dots::Form,
    message::{Effect, Errand, Message},
    run_data::{Reading, RunData},
    series::Axis,
    smoothing::Smoothing,
    state::{Change, State},
};
use crossterm::event::KeyCode;
use domain::{Lang, Phrase};
use runs::RunDir;
use std::{fs, sync::Arc, time::Duration};

fn looking(place: &Place) -> State {
    let mut state = place.state(Lang::En, (120, 40));
    place.press(&mut state, &[Chord::char('3')]);
    state
}

fn trained(place: &mut Place, name: &str) -> RunDir {
    let (run, segment) = place.training(name);
    // The worker's hold must outlive the test: a run that was let go of looks crashed.
    std::mem::forget(segment);
    run
}

#[test]
fn one_cursor_goes_through_all_charts_and_the_legends_tell_its_values() {
    let mut place = Place::new();
    trained(&mut place, "one");
    let mut state = looking(&place);
    assert_eq!(state.charts.domain(), Some((0.0, 100_000.0)));
    place.press(&mut state, &[Chord::char(',')]);
    assert_eq!(state.charts.cursor, Some(100_000.0));
    for _ in 0..40 {
        place.press(&mut state, &[Chord::shift(KeyCode::Left)]);
    }
    let seen = screen(&state, Glyphs::Unicode);
    assert_eq!(seen.matches("@20k").count(), 6, "{seen}");
    // The clip fraction at 20,000 steps, not the latest one.
    let told = |value: &str| seen.contains(&format!("a:#1 {value}"));
    assert!(told("0.1100") && !told("0.1500"), "{seen}");
    place.press(&mut state, &[Chord::char('.'), key(KeyCode::Esc)]);
    assert_eq!(state.charts.cursor, None);
    assert!(screen(&state, Glyphs::Unicode).contains("a:#1 0.1500"));
}

#[test]
fn zoom_goes_around_the_cursor_and_escape_gives_the_whole_back() {
    let mut place = Place::new();
    trained(&mut place, "one");
    let mut state = looking(&place);
    let keys = [Chord::char(','), Chord::char('+'), Chord::char('+')];
    place.press(&mut state, &keys);
    assert_eq!(state.charts.window, Some((75_000.0, 100_000.0)));
    place.press(&mut state, &[Chord::char('<')]);
    assert_eq!(state.charts.window, Some((68_750.0, 93_750.0)));
    place.press(
        &mut state,
        &[Chord::char('>'), Chord::char('>'), Chord::char('>')],
    );
    assert_eq!(state.charts.window, Some((75_000.0, 100_000.0)));
    // The cursor takes the window with it.
    place.press(&mut state, &[Chord::char(','); 60]);
    let (from, to) = state.charts.window.unwrap();
    let cursor = state.charts.cursor.unwrap();
    assert!(
        from <= cursor && cursor <= to && to < 90_000.0,
        "{from} {cursor} {to}"
    );
    place.press(&mut state, &[key(KeyCode::Esc), key(KeyCode::Esc)]);
    assert_eq!((state.charts.cursor, state.charts.window), (None, None));
    assert_eq!(state.screen, crate::state::Screen::Run);
    place.press(&mut state, &[Chord::char('+'), key(KeyCode::Backspace)]);
    assert_eq!(state.charts.window, None);
    place.press(
        &mut state,
        &[Chord::char('+'), Chord::char('-'), Chord::char('-')],
    );
    assert_eq!(state.charts.window, None);
}

#[test]
fn zooming_without_end_stays_drawable() {
    let mut place = Place::new();
    trained(&mut place, "one");
    let mut state = looking(&place);
    for _ in 0..200 {
        place.press(&mut state, &[Chord::char('+')]);
    }
    let (from, to) = state.charts.window.unwrap();
    assert!(to > from);
    screen(&state, Glyphs::Unicode);
}

#[test]
fn every_form_draws_the_same_curves() {
    let mut place = Place::new();
    trained(&mut place, "one");
    let mut state = looking(&place);
    let drawn = |state: &State| {
        let seen = screen(state, Glyphs::Unicode);
        seen.chars()
            .any(|c| ('\u{2801}'..='\u{28ff}').contains(&c) && c != '\u{2824}')
    };
    assert!(drawn(&state));
    place.press(&mut state, &[Chord::ctrl('d')]);
    assert_eq!(state.charts.form, Form::Block);
    assert!(!drawn(&state));
    assert!(screen(&state, Glyphs::Unicode).contains('\u{2597}'));
    place.press(&mut state, &[Chord::char('d')]);
    assert!(!drawn(&state) && state.charts.form == Form::Ascii);
    place.press(&mut state, &[Chord::char('d')]);
    assert!(drawn(&state));
}

#[test]
fn smoothing_keeps_the_raw_curve_and_tells_the_smoothed_value() {
    let mut place = Place::new();
    trained(&mut place, "one");
    let mut state = looking(&place);
    place.press(&mut state, &[Chord::char('s'), Chord::ctrl('e')]);
    assert_eq!(state.charts.smoothing, Smoothing::Medium);
    let seen = screen(&state, Glyphs::Unicode);
    assert!(
        seen.contains("smoothed 0.90") && !seen.contains("a:#1 0.1500"),
        "{seen}"
    );
    let data = state.data.clone().unwrap();
    let lines = state.charts.lines(&data, 3);
    let smooth = lines[0].smooth.unwrap();
    assert_eq!(smooth.len(), lines[0].raw.len());
    // While zoomed in, what is smoothed is in view too.
    place.press(
        &mut state,
        &[Chord::char(','), Chord::char('+'), Chord::char('+')],
    );
    let data = state.data.clone().unwrap();
    let lines = state.charts.lines(&data, 3);
    let window = state.charts.window.unwrap();
    let (low, _) = lines[0]
        .smooth
        .unwrap()
        .within(Axis::EnvSteps, window)
        .span
        .range()
        .unwrap();
    assert!(state.charts.extents[3].y().unwrap().0 <= low);
    place.press(&mut state, &[key(KeyCode::Esc), key(KeyCode::Esc)]);
    let data = state.data.clone().unwrap();
    let lines = state.charts.lines(&data, 3);
    let smooth = lines[0].smooth.unwrap();
    // The gap of the seventh record is one in both.
    assert!(lines[0].raw.value(6).is_nan() && smooth.value(6).is_nan());
    place.press(&mut state, &[Chord::char('s'); 3]);
    assert!(screen(&state, Glyphs::Unicode).contains("a:#1 0.1500"));
}

#[test]
fn the_axis_is_steps_time_or_updates() {
    let mut place = Place::new();
    trained(&mut place, "one");
    let mut state = looking(&place);
    for (axis, word) in [
        (Axis::Time, "elapsed"),
        (Axis::Updates, "updates"),
        (Axis::EnvSteps, "steps"),
    ] {
        place.press(&mut state, &[Chord::ctrl('x')]);
        assert_eq!(state.charts.axis, axis);
        let seen = screen(&state, Glyphs::Unicode);
        assert!(seen.contains(word), "{word}\n{seen}");
    }
    place.press(&mut state, &[Chord::ctrl('x'), Chord::ctrl('x')]);
    assert_eq!(state.charts.domain(), Some((0.0, 50.0)));
}

#[test]
fn without_colours_letters_tell_lines_apart() {
    let mut place = Place::new();
    trained(&mut place, "one");
    let state = looking(&place);
    let seen = screen(&state, Glyphs::Ascii);
    let title = seen
        .lines()
        .position(|line| line.contains("a:#1 1.712 b:#2"))
        .unwrap();
    let below: String = seen
        .lines()
        .skip(title + 1)
        .take(11)
        .map(|line| &line[..39])
        .collect();
    assert!(below.contains('a') && below.contains('b'), "{seen}");
}

#[test]
fn marked_runs_are_laid_over_the_chosen_one_and_named() {
    let mut place = Place::new();
    let first = trained(&mut place, "first");
    let second = trained(&mut place, "second");
    let mut state = place.state(Lang::En, (200, 60));
    place.press(
        &mut state,
        &[Chord::char(' '), Chord::char(' '), key(KeyCode::Home)],
    );
    let effects = place.press(&mut state, &[Chord::char('3')]);
    let asked = vec![(first.id().clone(), first.path().to_owned())];
    assert!(effects.contains(&Effect::Overlay(asked)), "{effects:?}");
    // The chosen run itself is not laid over itself.
    assert_eq!(state.watched.as_ref(), Some(second.id()));
    place.read_chosen(&mut state);
    place.read_overlaid(&mut state);
    let data = state.data.clone().unwrap();
    let lines = state.charts.lines(&data, 1);
    let places: Vec<usize> = lines.iter().map(|line| line.place).collect();
    assert_eq!(places, [0, 0, 1, 1]);
    let seen = screen(&state, Glyphs::Unicode);
    let end = |run: &RunDir| run.id().as_str()[run.id().as_str().len() - 4..].to_owned();
    assert!(seen.contains(&format!("first {}", end(&first))), "{seen}");
    assert!(seen.contains(&format!("second {}", end(&second))), "{seen}");
    assert!(seen.contains("runs laid over 1"), "{seen}");
    // Its values are told at once.
    assert!(
        seen.contains(&format!("b:first {} 1.7", end(&first))),
        "{seen}"
    );
    // Chosen elsewhere, it is shown as the chosen run.
    place.press(&mut state, &[Chord::char('1'), key(KeyCode::Down)]);
    assert_eq!(state.watched.as_ref(), Some(first.id()));
    place.read_chosen(&mut state);
    assert_eq!(state.data.as_ref().unwrap().run, *first.id());
    place.press(&mut state, &[key(KeyCode::Home), Chord::char('3')]);
    place.read_chosen(&mut state);
    place.read_overlaid(&mut state);
    // A mark taken away takes the curves away.
    let keys = [
        Chord::char('1'),
        key(KeyCode::Down),
        Chord::char(' '),
        key(KeyCode::Home),
    ];
    place.press(&mut state, &keys);
    let effects = place.press(&mut state, &[Chord::char('3')]);
    assert!(
        effects.contains(&Effect::Overlay(Vec::new())),
        "{effects:?}"
    );
    assert!(state.charts.overlays.is_empty());
}

#[test]
fn how_far_a_run_that_is_laid_over_is_read_and_what_cannot_be_is_told_by_its_name() {
    let mut place = Place::new();
    let first = trained(&mut place, "first");
    trained(&mut place, "second");
    let mut state = place.state(Lang::En, (200, 60));
    let marks = [Chord::char(' '), Chord::char(' '), key(KeyCode::Home)];
    place.press(&mut state, &marks);
    place.press(&mut state, &[Chord::char('3')]);
    place.read_chosen(&mut state);
    place.read_overlaid(&mut state);
    let name = &first.id().as_str()[first.id().as_str().len() - 4..];
    let whole = state.charts.overlays[first.id()].clone();
    let mut seen_with = |reading: Option<Reading>, problem: Option<Phrase>| {
        let data = RunData {
            reading,
            problem,
            ..(*whole).clone()
        };
        place.tell(&mut state, Message::Run(Arc::new(data)));
        screen(&state, Glyphs::Unicode)
    };
    let reading = Reading {
        share: 0.25,
        left: Duration::from_secs(75),
    };
    let seen = seen_with(Some(reading), None);
    let says = format!("first {name}: reading 25.0%  left 1m15s");
    assert!(seen.contains(&says), "{seen}");
    let seen = seen_with(None, Some(Phrase::new("disk on fire", "디스크 화재")));
    assert!(
        seen.contains(&format!("first {name}: ! disk on fire")),
        "{seen}"
    );
    let seen = seen_with(None, None);
    assert!(!seen.contains(&format!("first {name}: ")), "{seen}");
    // Elsewhere it is not drawn, and no later news of it comes.
    seen_with(Some(reading), None);
    place.press(&mut state, &[Chord::char('1')]);
    let seen = screen(&state, Glyphs::Unicode);
    assert!(!seen.contains(&format!("first {name}: ")), "{seen}");
}

#[test]
fn a_read_only_console_writes_no_chart() {
    let mut place = Place::new();
    trained(&mut place, "one");
    let mut state = looking(&place);
    state.read_only = true;
    for chord in [Chord::ctrl('o'), Chord::char('#')] {
        assert_eq!(place.press(&mut state, &[chord]), [], "{chord:?}");
    }
    // Nor does it take away what was written before.
    state.done.push(Change::Exported(vec!["a.svg".into()]));
    assert_eq!(place.press(&mut state, &[Chord::ctrl('z')]), []);
    assert_eq!(state.done.len(), 1);
}

#[test]
fn a_chart_is_written_as_picture_and_data_and_taken_away_again() {
    let mut place = Place::new();
    let run = trained(&mut place, "one");
    let mut state = looking(&place);
    let effects = place.press(&mut state, &[key(KeyCode::Right), Chord::ctrl('o')]);
    let [Effect::Run(Errand::Export(charts))] = &effects[..] else {
        panic!("{effects:?}");
    };
    let chart = &charts[0];
    let elsewhere = place.home.root().join("elsewhere");
    let folders = [run.path().join("exports"), elsewhere.clone()];
    let files = chart.write(&folders).unwrap();
    let names: Vec<_> = files.iter().map(|file| file.file_name().unwrap()).collect();
    assert_eq!(
        names,
        ["valid-score.svg", "valid-score.csv", "valid-score.json"]
    );
    let table = fs::read_to_string(&files[1]).unwrap();
    assert_eq!(table.lines().count(), 1 + 50 + 20);
    assert!(table.starts_with("series,env_steps,value\n"), "{table}");
    assert!(
        fs::read_to_string(&files[0])
            .unwrap()
            .starts_with("<svg xmlns")
    );
    let again = chart.write(&folders).unwrap();
    assert!(again[0].ends_with("exports/valid-score-2.svg"), "{again:?}");
    // A folder that cannot be written gives way to the next.
    fs::write(place.home.root().join("file"), "").unwrap();
    let refused = place.home.root().join("file/exports");
    let there = chart.write(&[refused.clone(), elsewhere.clone()]).unwrap();
    assert!(there[0].starts_with(&elsewhere));
    assert!(
        chart
            .write(&[refused])
            .unwrap_err()
            .en
            .contains("MAKOOK_HOME")
    );
    place.tell(&mut state, Message::Exported(files.clone()));
    let says = super::said(&state);
    assert!(
        says.starts_with("valid-score.svg valid-score.csv valid-score.json written"),
        "{says}"
    );
    assert!(says.ends_with("exports"), "{says}");
    let effects = place.press(&mut state, &[Chord::ctrl('z')]);
    assert_eq!(effects, [Effect::Run(Errand::TakeAway(files.clone()))]);
    crate::exporting::take_away(&files).unwrap();
    crate::exporting::take_away(&files).unwrap();
    assert!(files.iter().all(|file| !file.exists()));
}

#[test]
fn equity_and_drawdown_are_written_once_there_is_an_evaluation() {
    let mut place = Place::new();
    place.judged("one");
    let mut state = looking(&place);
    let effects = place.press(&mut state, &[Chord::char('#')]);
    let [Effect::Run(Errand::Export(charts))] = &effects[..] else {
        panic!("{effects:?}");
    };
    let folder = place.home.root().join("elsewhere");
    let write = |chart: &crate::exporting::ChartExport| chart.write(std::slice::from_ref(&folder));
    let files: Vec<_> = charts
        .iter()
        .flat_map(|chart| write(chart).unwrap())
        .collect();
    assert_eq!(files.len(), 6);
    let table = fs::read_to_string(folder.join("equity.csv")).unwrap();
    assert_eq!(table.lines().count(), 301);
    assert!(table.contains("\n,1690000000000000000,10000\n"), "{table}");
    trained(&mut place, "two");
    let mut state = looking(&place);
    assert!(place.press(&mut state, &[Chord::char('#')]).is_empty());
}

#[test]
fn without_curves_the_keys_say_why() {
    let mut place = Place::new();
    place.run("empty");
    let mut state = looking(&place);
    for chord in [
        Chord::char('+'),
        Chord::char('.'),
        Chord::ctrl('e'),
        Chord::ctrl('o'),
    ] {
        state.toast = None;
        assert!(place.press(&mut state, &[chord]).is_empty());
        assert!(super::said(&state).contains("no curves yet"));
    }
}
