//! How long a chart of eight curves of ten million points takes: `cargo bench -p console --bench
//! charts`.
//!
//! The first picture, a key of zoom or pan, the whole range anew, another size, any window, a point
//! more of every curve: each with its picture. The bar is 4 ms a frame at any zoom. Evenly spaced
//! steps are one case, uneven ones, which have to be searched, the other; the points lie in a file,
//! as they do for whoever looks at a run, or in memory, as they do where no file can be had.

mod stage;

use console::{
    State,
    charts::Charts,
    chord::Chord,
    message::Message,
    run_data::{Curve, RunData},
    scratch::Scratch,
    series::Series,
    update,
};
use crossterm::event::KeyCode;
use domain::{Clock, Lang, Nanos, StreamRng, SystemClock};
use runs::{Home, Kind, NewRun, Roster, RunDir};
use stage::{SIZE, Screen, tell, timed};
use std::{error::Error, io, path::Path, sync::Arc};

const CURVES: u64 = 8;
const POINTS: u64 = 10_000_000;
/// Bytes that no cache holds.
const FAR: usize = 256 << 20;

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
    let cases = [
        (0, "even steps", true),
        (3, "uneven steps", true),
        (0, "even steps", false),
        (3, "uneven steps", false),
    ];
    for (uneven, what, away) in cases {
        let scratch = Arc::new(Scratch::default());
        let empty = match away {
            true => Series::on(&scratch),
            false => Series::default(),
        };
        let place = if away { "in a file" } else { "in memory" };
        let what = &format!("{CURVES} curves of {POINTS} points {place}, {what}");
        let mut state = State::new(Path::new("."), Lang::En, SIZE, Some(run.id().clone()));
        let listed = Roster::new(home.clone()).refresh(&clock)?;
        update(&mut state, Message::Roster(Ok(listed)), clock.steady());
        let curves: Vec<Series> = (0..CURVES)
            .map(|seed| curve(empty.clone(), seed, uneven))
            .collect();
        let memory: usize = curves.iter().map(Series::memory).sum();
        eprintln!(
            "{what}: {:.1} MB of memory, {:.1} MB of file",
            memory as f64 / 1e6,
            scratch.reach() as f64 / 1e6
        );
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
    let mut screen = Screen::new();
    let first = news(run, &curves);
    let mut times = vec![timed(clock, || {
        update(state, first, clock.steady());
        screen.show(state);
    })];
    tell(&format!("{what}, the first of all pictures"), &mut times)?;
    let press = |state: &mut State, code: KeyCode| stage::press(state, Chord::key(code), clock);
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
                screen.show(state);
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
        screen.show(state);
        anew.push(timed(clock, || {
            press(state, KeyCode::Char('-'));
            screen.show(state);
        }));
    }
    tell(
        &format!("{what}, the whole range anew and its picture"),
        &mut anew,
    )?;
    let mut noise = 1_u64;
    let mut share = || {
        // Xorshift64 (Marsaglia 2003).
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        (noise >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut resizing = Vec::new();
    for _ in 0..200 {
        let columns = SIZE.0 - (share() * 80.0) as u16;
        resizing.push(timed(clock, || {
            update(state, Message::Resize(columns, SIZE.1), clock.steady());
            screen.show(state);
        }));
    }
    tell(
        &format!("{what}, another size and its picture"),
        &mut resizing,
    )?;
    update(state, Message::Resize(SIZE.0, SIZE.1), clock.steady());
    let mut cold = Vec::new();
    let mut elsewhere = vec![0_u8; FAR];
    for round in 0..50 {
        // Nothing of the curves is left in the processor's caches.
        elsewhere
            .iter_mut()
            .for_each(|byte| *byte = byte.wrapping_add(round));
        let columns = SIZE.0 - u16::from(round % 2);
        cold.push(timed(clock, || {
            update(state, Message::Resize(columns, SIZE.1), clock.steady());
            screen.show(state);
        }));
    }
    drop(elsewhere);
    update(state, Message::Resize(SIZE.0, SIZE.1), clock.steady());
    tell(
        &format!("{what}, another size after a long absence"),
        &mut cold,
    )?;
    let end = POINTS as f64 * 4.0;
    let mut jumping = Vec::new();
    for _ in 0..500 {
        let (middle, half) = (share() * end, share().powi(4) * end / 2.0);
        let window = ((middle - half).max(0.0), (middle + half).min(end));
        jumping.push(timed(clock, || {
            let data = state.data.clone();
            let look = |charts: &mut Charts| charts.window = Some(window);
            state.charts.change(data.as_deref(), clock.steady(), look);
            screen.show(state);
        }));
    }
    tell(&format!("{what}, any window and its picture"), &mut jumping)?;
    state.charts.window = None;
    let mut growing = Vec::new();
    for n in 0..50 {
        for curve in &mut curves {
            curve.push((POINTS + n) as f64 * 4.0, Nanos(0), 1.0);
        }
        let news = news(run, &curves);
        growing.push(timed(clock, || {
            update(state, news, clock.steady());
            screen.show(state);
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

fn curve(mut series: Series, seed: u64, uneven: u64) -> Series {
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
