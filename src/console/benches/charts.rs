//! How long a chart of eight curves of ten million points takes: `cargo bench -p console --bench
//! charts`.
//!
//! A key changes the zoom, the screen is drawn; then a point comes to every curve and the screen is
//! drawn. The bar is 4 ms a frame at any zoom. Evenly spaced steps are one case, uneven ones, which
//! have to be searched in memory, the other.

mod stage;

use console::{
    State,
    chord::Chord,
    message::Message,
    run_data::{Curve, RunData},
    series::Series,
    update,
};
use crossterm::event::KeyCode;
use domain::{Clock, Lang, Nanos, StreamRng, SystemClock};
use runs::{Home, Kind, NewRun, Roster, RunDir};
use stage::{SIZE, draw, tell, timed};
use std::{error::Error, io, path::Path, sync::Arc};

const CURVES: u64 = 8;
const POINTS: u64 = 10_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let clock = SystemClock::new();
    let home = Home::at(folder.path().join("runs"));
    let new = NewRun {
        name: "bench",
        kind: Kind::Train,
        parent: None,
        settings: "",
        version: "0",
    };
    let run = RunDir::create(&home, &new, &clock, &mut StreamRng::seeded(1))?;
    for (uneven, what) in [(0, "even steps"), (3, "uneven steps")] {
        let what = &format!("{CURVES} curves of {POINTS} points, {what}");
        let mut state = State::new(Path::new("."), Lang::En, SIZE, Some(run.id().clone()));
        let listed = Roster::new(home.clone()).refresh(&clock)?;
        update(&mut state, Message::Roster(Ok(listed)), clock.steady());
        let curves: Vec<Series> = (0..CURVES).map(|seed| curve(seed, uneven)).collect();
        measure(&mut state, &run, &clock, curves, what)?;
    }
    Ok(())
}

fn measure(
    state: &mut State,
    run: &RunDir,
    clock: &SystemClock,
    mut curves: Vec<Series>,
    what: &str,
) -> io::Result<()> {
    update(state, news(run, &curves), clock.steady());
    let press = |state: &mut State, code: KeyCode| {
        update(state, Message::Press(Chord::key(code)), clock.steady());
    };
    press(state, KeyCode::Enter);
    let mut zooming = Vec::new();
    for key in [
        ",",
        "+++++++++++++++++++++++",
        ">>>>><<<<<",
        "-----------------------",
    ] {
        for c in key.chars() {
            zooming.push(timed(clock, || {
                press(state, KeyCode::Char(c));
                draw(state);
            }));
        }
    }
    tell(
        &format!("{what}, a key of zoom or pan and its picture"),
        &mut zooming,
    )?;
    let mut anew = Vec::new();
    for _ in 0..50 {
        press(state, KeyCode::Char('+'));
        draw(state);
        anew.push(timed(clock, || {
            press(state, KeyCode::Char('-'));
            draw(state);
        }));
    }
    tell(
        &format!("{what}, the whole range anew and its picture"),
        &mut anew,
    )?;
    let mut growing = Vec::new();
    for n in 0..50 {
        for curve in &mut curves {
            curve.push((POINTS + n) as f64 * 4.0, Nanos(0), 1.0);
        }
        let news = news(run, &curves);
        growing.push(timed(clock, || {
            update(state, news, clock.steady());
            draw(state);
        }));
    }
    tell(
        &format!("{what}, a point more of each and its picture"),
        &mut growing,
    )
}

fn news(run: &RunDir, curves: &[Series]) -> Message {
    let mut data = RunData::empty(run.id().clone());
    let one = |(seed, series): (u64, &Series)| Curve::new(Some(seed), series.clone());
    data.curves[0] = (0..).zip(curves).map(one).collect();
    Message::Run(Arc::new(data))
}

fn curve(seed: u64, uneven: u64) -> Series {
    let mut series = Series::default();
    let mut state = seed + 1;
    let mut value = 0.0;
    for n in 0..POINTS {
        // Xorshift64 (Marsaglia 2003).
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        value += (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0;
        let step = n * 4 + state % (uneven + 1);
        series.push(step as f64, Nanos((n * 1_000_000) as i64), value);
    }
    series
}
