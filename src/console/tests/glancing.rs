//! Pictures that are drawn from memory first and exactly once the file was read.

use super::{Place, key, screen, typed};
use crate::{
    State,
    backlog::{self, Backlog, Lack},
    caps::Glyphs,
    chunk::{CHUNK, PART},
    dots::Dots,
    message::Message,
    run_data::{Curve, RunData},
    scratch::Scratch,
    series::{Axis, Series, Summary, Visible},
};
use crossterm::event::KeyCode;
use domain::Lang;
use proptest::prelude::*;
use ratatui::layout::Rect;
use std::sync::{Arc, mpsc};

/// A walk whose steps are `apart` at most.
fn walk(series: &mut Series, points: usize, seed: u64, apart: u64) {
    let (mut noise, mut step, mut value) = (seed, 0_u64, 0.0);
    for _ in 0..points {
        // Xorshift64 (Marsaglia 2003).
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        step += 1 + (noise >> 7) % apart;
        value += (noise >> 11) as f64 / (1_u64 << 52) as f64 - 1.0;
        let value = if noise % 97 == 0 { f64::NAN } else { value };
        series.push_at(step as f64, step as f64 / 3.0, value);
    }
}

fn away(points: usize, seed: u64, apart: u64) -> Series {
    let mut series = Series::on(&Arc::new(Scratch::default()));
    walk(&mut series, points, seed, apart);
    series
}

fn window(series: &Series, axis: Axis, middle: f64, half: f64) -> (f64, f64) {
    let whole = series.x(axis, series.len() - 1);
    let at = |share: f64| whole * share.clamp(0.0, 1.0);
    (at(middle - half), at(middle + half))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Each edge is off by less than a part, so a rough column holds nothing that is not in the
    /// exact ones around it, and nothing of the window is left out.
    #[test]
    fn a_rough_column_is_off_by_a_part_at_most(
        points in 20_000..60_000_usize,
        seed in 1..u64::MAX,
        apart in prop_oneof![Just(1_u64), Just(5_u64)],
        middle in 0.0..1.0_f64,
        half in 0.1..1.0_f64,
        axis in prop_oneof![Just(Axis::EnvSteps), Just(Axis::Time), Just(Axis::Updates)],
    ) {
        let series = away(points, seed, apart);
        let look = window(&series, axis, middle, half);
        let (rough, is_exact) = series.glance(axis, look, 60, 0);
        // Few points a column are read at once.
        let exact = series.visible(axis, look, 60);
        prop_assert!(!is_exact || rough == exact);
        let count = |shown: &Visible| shown.columns.iter().map(|column| column.count).sum::<usize>();
        prop_assert_eq!(count(&rough), count(&exact));
        let mut passed = (0, 0);
        let first = series.position(axis, look.0);
        for (near, column) in rough.columns.iter().zip(&exact.columns) {
            passed = (passed.0 + near.count, passed.1 + column.count);
            prop_assert!(passed.0.abs_diff(passed.1) <= slack(apart), "{passed:?}");
            let (from, to) = (first + passed.1 - column.count, first + passed.1);
            let around = series.summary(from.saturating_sub(slack(apart))..to + slack(apart));
            prop_assert!(near.count == 0 || around.span.with(near.span) == around.span);
        }
    }
}

/// How many points an edge may be off: to the nearest part and, where steps are uneven, by what a
/// chunk strays from even.
fn slack(apart: u64) -> usize {
    PART + if apart > 1 { CHUNK / 4 } else { 0 }
}

#[test]
fn nothing_is_read_for_a_rough_picture_and_all_of_it_for_few_points() {
    let file = tempfile::tempfile().unwrap();
    let scratch = Arc::new(Scratch::over(file.try_clone().unwrap()));
    let mut series = Series::on(&scratch);
    walk(&mut series, 100_000, 7, 1);
    // Whatever is read from here on is a gap.
    file.set_len(0).unwrap();
    let whole = (0.0, 200_000.0);
    let has_gaps = |columns: &[Summary]| columns.iter().any(|column| column.first.is_nan());
    let (rough, is_exact) = series.glance(Axis::EnvSteps, whole, 300, 48);
    assert!(!is_exact && !has_gaps(&rough.columns[..149]));
    let (few, is_exact) = series.glance(Axis::EnvSteps, (500.0, 2_500.0), 300, 48);
    assert!(is_exact && has_gaps(&few.columns));
    // Few columns are looked for at once, however much each holds.
    let (wide, is_exact) = series.glance(Axis::EnvSteps, whole, 48, 48);
    assert!(is_exact && has_gaps(&wide.columns));
}

#[test]
fn a_curve_in_memory_is_never_rough() {
    // As many points as a comparison of runs draws anew with every frame.
    let mut series = Series::default();
    walk(&mut series, 3_200, 5, 3);
    let whole = (0.0, series.x(Axis::EnvSteps, 3_199));
    let (shown, is_exact) = series.glance(Axis::EnvSteps, whole, 100, 0);
    let exact = series.visible(Axis::EnvSteps, whole, 100);
    let spans = |shown: &Visible| {
        shown
            .columns
            .iter()
            .map(|column| column.span)
            .collect::<Vec<_>>()
    };
    assert!(is_exact && spans(&shown) == spans(&exact));
}

#[test]
fn columns_without_points_are_none_to_be_looked_for() {
    let series = away(30_000, 3, 1);
    // Of three hundred columns eleven hold points.
    let (shown, is_exact) = series.glance(Axis::EnvSteps, (0.0, 900_000.0), 300, 48);
    assert!(is_exact);
    assert_eq!(shown.columns.iter().filter(|one| one.count > 0).count(), 11);
}

/// Three seeds whose curves lie in a file, on a console that keeps a backlog.
fn shown(place: &mut Place) -> (State, Backlog) {
    let run = place.run("long");
    let mut state = place.state(Lang::En, (120, 40));
    let backlog = Backlog::default();
    state.charts.backlog = Some(backlog.clone());
    let mut data = RunData::empty(run.id().clone());
    let curve = |seed| Curve::new(Some(seed), away(60_000, seed, 1));
    data.curves[0] = (1..=3).map(curve).collect();
    place.tell(&mut state, Message::Run(Arc::new(data)));
    place.press(&mut state, &typed("3"));
    place.press(&mut state, &[key(KeyCode::Enter)]);
    (state, backlog)
}

#[test]
fn a_picture_of_many_long_curves_is_rough_and_then_exact() {
    let mut place = Place::new();
    let (mut state, backlog) = shown(&mut place);
    let rough = screen(&state, Glyphs::Unicode);
    let left = backlog.take();
    assert_eq!(left.rough(), 3, "{rough}");
    let told = made_good([left]);
    assert!(matches!(told[..], [Message::ColumnsRead, Message::Settled]));
    for message in told {
        place.tell(&mut state, message);
    }
    let exact = screen(&state, Glyphs::Unicode);
    assert!(backlog.take().is_empty(), "all of it was read");
    // What nobody reads for is exact at once.
    let mut other = Place::new();
    let (mut alone, _) = shown(&mut other);
    alone.charts.backlog = None;
    assert!(exact == screen(&alone, Glyphs::Unicode));
    assert!(rough != exact, "these curves are not rough enough to tell");
}

#[test]
fn of_several_pictures_the_last_is_read_and_all_are_answered() {
    let mut place = Place::new();
    let (mut state, backlog) = shown(&mut place);
    let zoomed = [(); 3].map(|()| {
        place.press(&mut state, &typed("+"));
        screen(&state, Glyphs::Unicode);
        let left = backlog.take();
        assert_eq!(left.rough(), 3);
        left
    });
    let told = made_good(zoomed);
    let settled = told.iter().filter(|one| matches!(one, Message::Settled));
    assert_eq!(settled.count(), 3);
    screen(&state, Glyphs::Unicode);
    assert!(backlog.take().is_empty());
}

#[test]
fn one_or_two_curves_are_exact_at_once() {
    let mut place = Place::new();
    let (mut state, backlog) = shown(&mut place);
    let mut data = (**state.data.as_ref().unwrap()).clone();
    data.curves[0].truncate(2);
    place.tell(&mut state, Message::Run(Arc::new(data)));
    drop(backlog.take());
    screen(&state, Glyphs::Unicode);
    assert!(backlog.take().is_empty());
}

/// A rough picture is no other: most of its dots are those of the exact one.
#[test]
fn a_rough_picture_looks_like_the_exact_one() {
    // Parts narrower than columns, and wider ones; the last chunk with and without points behind it.
    for points in [400_000, 30_000, 30 * CHUNK, 3 * CHUNK * 100] {
        for apart in [1, 5] {
            resemble(&away(points, 11, apart));
        }
    }
}

fn resemble(series: &Series) {
    let end = series.x(Axis::EnvSteps, series.len() - 1);
    let dots = |shown: &Visible| {
        let mut dots = Dots::new(150, 20);
        dots.envelope(shown, (-400.0, 400.0), 0);
        dots
    };
    let (rough, is_exact) = series.glance(Axis::EnvSteps, (0.0, end), 300, 48);
    assert!(!is_exact);
    let (rough, exact) = (
        dots(&rough),
        dots(&series.visible(Axis::EnvSteps, (0.0, end), 300)),
    );
    let cells = Rect::new(0, 0, 150, 20).positions();
    let at = |dots: &Dots, x: u16, y: u16| dots.is_set(usize::from(x), usize::from(y));
    let (mut set, mut same) = (0, 0);
    for place in cells {
        let (a, b) = (at(&rough, place.x, place.y), at(&exact, place.x, place.y));
        set += usize::from(a || b);
        same += usize::from(a && b);
    }
    let points = series.len();
    assert!(
        set > 150 && same * 10 >= set * 9,
        "{same} of {set}, {points}"
    );
}

/// Has made good what these pictures lack, as long as nobody draws another; returns what is told.
fn made_good(pictures: impl IntoIterator<Item = Lack>) -> Vec<Message> {
    let (ask, asked) = mpsc::channel();
    let (out, told) = mpsc::channel();
    for picture in pictures {
        ask.send(picture).unwrap();
    }
    drop(ask);
    backlog::work(&asked, &out);
    told.try_iter().collect()
}

fn is_smoothed(message: &Message) -> bool {
    matches!(message, Message::Smoothed { .. })
}

/// Has done what the picture drawn last lacks; returns how many curves were smoothed.
fn catch_up(place: &Place, state: &mut State, backlog: &Backlog) -> usize {
    let told = made_good([backlog.take()]);
    let count = told.iter().filter(|one| is_smoothed(one)).count();
    for message in told {
        place.tell(state, message);
    }
    count
}

#[test]
fn long_curves_are_smoothed_beside_and_as_if_at_once() {
    let mut place = Place::new();
    let (mut state, backlog) = shown(&mut place);
    catch_up(&place, &mut state, &backlog);
    let raw = screen(&state, Glyphs::Unicode);
    place.press(&mut state, &typed("s"));
    let waiting = screen(&state, Glyphs::Unicode);
    let plot = |screen: &str| {
        screen
            .lines()
            .skip(5)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        plot(&waiting)[..30],
        plot(&raw)[..30],
        "the raw curves stand meanwhile"
    );
    assert_eq!(catch_up(&place, &mut state, &backlog), 3);
    // What grows is followed at once.
    let mut data = (**state.data.as_ref().unwrap()).clone();
    data.curves[0]
        .iter_mut()
        .for_each(|curve| walk(&mut curve.series, 9, 5, 1));
    place.tell(&mut state, Message::Run(Arc::new(data.clone())));
    screen(&state, Glyphs::Unicode);
    catch_up(&place, &mut state, &backlog);
    let smooth = screen(&state, Glyphs::Unicode);
    let mut other = Place::new();
    let (mut alone, _) = shown(&mut other);
    alone.charts.backlog = None;
    place.tell(&mut alone, Message::Run(Arc::new(data)));
    other.press(&mut alone, &typed("s"));
    assert_eq!(plot(&smooth), plot(&screen(&alone, Glyphs::Unicode)));
    assert_ne!(plot(&smooth), plot(&raw));
}

#[test]
fn only_the_strength_that_is_wanted_last_comes() {
    let mut place = Place::new();
    let (mut state, backlog) = shown(&mut place);
    let pressed = [(); 3].map(|()| {
        place.press(&mut state, &typed("s"));
        backlog.take()
    });
    let strengths = made_good(pressed)
        .into_iter()
        .filter_map(|message| match message {
            Message::Smoothed { name, smoothed } => Some((name, *smoothed)),
            _ => None,
        });
    let found: Vec<_> = strengths.collect();
    assert_eq!(found.len(), 3);
    let wanted = state.charts.smoothing;
    assert!(
        found
            .iter()
            .all(|(_, smoothed)| smoothed.strength() == wanted)
    );
    // Several presses between two pictures.
    place.press(&mut state, &typed("ssss"));
    let again = made_good([backlog.take()]);
    assert_eq!(again.iter().filter(|one| is_smoothed(one)).count(), 3);
    assert!(state.charts.is_smoothing());
    // Those of before are no more wanted.
    for (name, smoothed) in found {
        place.tell(
            &mut state,
            Message::Smoothed {
                name,
                smoothed: Box::new(smoothed),
            },
        );
    }
    let data = state.data.clone().unwrap();
    let lines = state.charts.lines(&data, 0);
    assert!(lines.iter().all(|line| line.smooth.is_none()));
}
