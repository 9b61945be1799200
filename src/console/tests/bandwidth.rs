//! What live charts cost on the line: bytes of the real difference of successive frames, counted.

use super::{Place, fakes::queue, key};
use crate::{
    canvas::Canvas,
    caps::{Caps, Depth, Glyphs},
    chord::Chord,
    message::Message,
    metric::METRICS,
    run_data::{Curve, RunData},
    series::Series,
    state::{Screen, State},
    theme::Theme,
    update::update,
    view::view,
};
use crossterm::event::KeyCode;
use domain::{Lang, Nanos};
use ratatui::{buffer::Buffer, layout::Rect};
use rstest::rstest;
use std::{sync::Arc, time::Duration};

/// Frames a second.
const RATE: usize = 10;
/// Environment steps between two records.
const STRIDE: f64 = 4_096.0;
const CHARTS: usize = 4;
const SEEDS: u64 = 2;

/// A training seen live: every tenth of a second one record more of every seed.
struct Training {
    state: State,
    curves: Vec<Vec<Series>>,
    canvas: Canvas,
    noise: u64,
    updates: usize,
    planned: f64,
    began: Duration,
}

impl Training {
    fn begin(place: &mut Place, planned: f64) -> Self {
        let (_run, segment) = place.training("live");
        std::mem::forget(segment);
        let mut state = place.state(Lang::Ko, (200, 60));
        place.press(&mut state, &[Chord::char('3')]);
        Self {
            began: state.now,
            state,
            curves: vec![vec![Series::default(); SEEDS as usize]; CHARTS],
            canvas: Canvas::default(),
            noise: 1,
            updates: 0,
            planned,
        }
    }

    /// A number in `[-1, 1)` (Vigna's xorshift64*).
    fn noise(&mut self) -> f64 {
        self.noise ^= self.noise >> 12;
        self.noise ^= self.noise << 25;
        self.noise ^= self.noise >> 27;
        let bits = self.noise.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11;
        bits as f64 / (1_u64 << 52) as f64 - 1.0
    }

    /// Goes on by one record and draws; returns the bytes that it took.
    fn frame(&mut self) -> usize {
        self.updates += 1;
        let at = self.updates as f64;
        for chart in 0..CHARTS {
            for seed in 0..SEEDS as usize {
                let noise = self.noise();
                let value = match chart {
                    0 => at.sqrt() * 0.1 + noise + seed as f64 * 0.3,
                    1 => (at * 0.003).sin() + noise * 0.2,
                    2 => 1.1 * (-at * 0.0004).exp() + noise * 0.01,
                    _ => 0.02 + noise * 0.01,
                };
                let now = Nanos(self.updates as i64 * 100_000_000);
                self.curves[chart][seed].push(at * STRIDE, now, value);
            }
        }
        let run = self.state.watched.clone().unwrap();
        let mut data = RunData::empty(run);
        data.planned = self.planned;
        for (curves, series) in data.curves.iter_mut().zip(&self.curves) {
            let one =
                |(seed, series): (usize, &Series)| Curve::new(Some(seed as u64), series.clone());
            *curves = series.iter().enumerate().map(one).collect();
        }
        let mut runs = self.state.runs.all.clone();
        runs[0].step = (at * STRIDE) as u64;
        let passed = Duration::from_millis(self.updates as u64 * 1_000 / RATE as u64);
        let now = self.began + passed;
        update(&mut self.state, Message::Roster(Ok(runs)), now);
        update(&mut self.state, Message::Run(Arc::new(data)), now);
        self.draw()
    }

    fn draw(&mut self) -> usize {
        let caps = Caps {
            depth: Depth::Indexed,
            glyphs: Glyphs::Unicode,
        };
        let theme = Theme::new(config::keys::Theme::Dark, caps.depth);
        let area = Rect::new(0, 0, self.state.size.0, self.state.size.1);
        let mut buffer = Buffer::empty(area);
        view(&self.state, &caps, &theme, Lang::Ko, area, &mut buffer);
        self.canvas.show(&mut Vec::new(), buffer, None).unwrap()
    }

    /// Returns the bytes of every frame of `seconds`, the first whole painting left out.
    fn watch(&mut self, seconds: usize) -> Vec<usize> {
        self.frame();
        (0..seconds * RATE).map(|_| self.frame()).collect()
    }
}

/// The most bytes of any second, whenever it begins.
fn worst_second(frames: &[usize]) -> usize {
    frames
        .windows(RATE)
        .map(|second| second.iter().sum())
        .max()
        .unwrap_or(0)
}

fn mean(frames: &[usize]) -> usize {
    frames.iter().sum::<usize>() * RATE / frames.len()
}

#[test]
fn four_charts_of_two_lines_at_ten_frames_a_second_are_cheap() {
    for planned in [0.0, 5_000.0 * STRIDE] {
        let mut training = Training::begin(&mut Place::new(), planned);
        assert!(METRICS.len() >= CHARTS);
        let frames = training.watch(90);
        let (mean, worst) = (mean(&frames), worst_second(&frames));
        assert!(
            mean <= 4_096,
            "{mean} bytes a second with {planned} planned"
        );
        assert!(
            worst <= 24 * 1_024,
            "{worst} bytes in a second with {planned} planned"
        );
    }
}

/// Raw curves stay behind the smoothed ones: twice the lines, so a little more than the bar.
#[test]
fn smoothed_charts_cost_little_more() {
    let place = &mut Place::new();
    let mut training = Training::begin(place, 0.0);
    training.frame();
    place.press(&mut training.state, &[Chord::ctrl('e'), Chord::ctrl('e')]);
    let frames = training.watch(60);
    let (mean, worst) = (mean(&frames), worst_second(&frames));
    assert!(mean <= 5 * 1_024 && worst <= 28 * 1_024, "{mean} {worst}");
}

/// The counter is no idle one: a window that slides with the newest record costs far more.
#[test]
fn charts_that_slide_would_be_over_the_bound() {
    let mut training = Training::begin(&mut Place::new(), 0.0);
    training.watch(30);
    let frames: Vec<usize> = (0..10 * RATE)
        .map(|_| {
            let end = training.updates as f64 * STRIDE;
            training.state.charts.window = Some((end - 200.0 * STRIDE, end));
            training.frame()
        })
        .collect();
    assert!(mean(&frames) > 16 * 1_024, "{}", mean(&frames));
}

#[test]
fn moving_the_cursor_repaints_little() {
    let place = &mut Place::new();
    let mut training = Training::begin(place, 0.0);
    training.watch(60);
    place.press(&mut training.state, &[Chord::char(',')]);
    training.draw();
    place.press(&mut training.state, &[key(KeyCode::Char(','))]);
    let bytes = training.draw();
    assert!(bytes > 0 && bytes <= 2_048, "{bytes}");
}

#[test]
fn legends_change_twice_a_second_and_end_up_to_date() {
    let mut training = Training::begin(&mut Place::new(), 0.0);
    let legend = |training: &Training| {
        let data = training.state.data.clone().unwrap();
        let lines = training.state.charts.lines(&data, 0);
        training.state.charts.legend(0, 0, &lines[0])
    };
    let mut changes = 0;
    let mut before = None;
    for _ in 0..3 * RATE {
        training.frame();
        changes += usize::from(legend(&training) != before);
        before = legend(&training);
    }
    assert!((5..=7).contains(&changes), "{changes}");
    training.frame();
    // The console is woken when they are due, not by the next record.
    let due = training.state.charts.due().unwrap();
    update(&mut training.state, Message::Tick, due);
    assert_eq!(legend(&training), training.curves[0][0].last());
    assert_eq!(training.state.charts.due(), None);
}

/// Successive frames of `state`; returns the bytes of the next one.
pub(super) fn painted(state: &State, canvas: &mut Canvas) -> usize {
    let caps = Caps {
        depth: Depth::Indexed,
        glyphs: Glyphs::Unicode,
    };
    let theme = Theme::new(state.look.theme.get(), caps.depth);
    let area = Rect::new(0, 0, state.size.0, state.size.1);
    let mut buffer = Buffer::empty(area);
    let caret = view(state, &caps, &theme, state.lang, area, &mut buffer);
    canvas.show(&mut Vec::new(), buffer, caret).unwrap()
}

/// Twenty judged runs, one that is at work, and jobs, at 200 by 60.
pub(super) fn busy(place: &mut Place, lang: Lang) -> State {
    for number in 0..20 {
        place.judged(&format!("run-{number}"));
    }
    let (_run, segment) = place.training("live");
    std::mem::forget(segment);
    let mut state = place.state(lang, (200, 60));
    place.list(&mut state, queue(None));
    state
}

#[rstest]
fn no_switch_of_screens_is_expensive(#[values(Lang::En, Lang::Ko)] lang: Lang) {
    let place = &mut Place::new();
    let mut state = busy(place, lang);
    let mut canvas = Canvas::default();
    for from in Screen::NUMBERED {
        for to in Screen::NUMBERED {
            state.go(from);
            place.press(&mut state, &[]);
            place.read_chosen(&mut state);
            painted(&state, &mut canvas);
            state.go(to);
            place.read_chosen(&mut state);
            let bytes = painted(&state, &mut canvas);
            assert!(bytes <= 24 * 1_024, "{bytes} bytes from {from:?} to {to:?}");
            assert!(bytes > 0 || from == to);
        }
    }
}

#[test]
fn what_changes_nothing_costs_nothing() {
    let place = &mut Place::new();
    let mut state = busy(place, Lang::Ko);
    let mut canvas = Canvas::default();
    for screen in Screen::NUMBERED {
        state.go(screen);
        place.read_chosen(&mut state);
        painted(&state, &mut canvas);
        place.tell(&mut state, Message::Tick);
        assert_eq!(painted(&state, &mut canvas), 0, "{screen:?}");
    }
}
