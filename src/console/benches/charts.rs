//! How long a chart of eight curves of ten million points takes: `cargo bench -p console --bench
//! charts`.
//!
//! The first picture, a key of zoom or pan, the whole range anew, another size, any window, a point
//! more of every curve: each with its picture, and where that is rough at first, how long it takes
//! to read it and to draw the exact one. The bar is 4 ms a frame at any zoom. Evenly spaced
//! steps are one case, uneven ones, which have to be searched, the other; the points lie in a file,
//! as they do for whoever looks at a run, or in memory, as they do where no file can be had.

mod stage;

use console::{
    State,
    backlog::{self, Backlog},
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
use std::{
    error::Error,
    io,
    path::Path,
    sync::{Arc, mpsc},
    time::Duration,
};

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
        let scratch = Arc::new(match away {
            true => Scratch::default(),
            false => Scratch::within("/dev/null/none".into()),
        });
        let empty = Series::on(&scratch);
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
            if away { scratch.reach() } else { 0 } as f64 / 1e6
        );
        measure(state, &run, &clock, curves, what)?;
    }
    Ok(())
}

/// A console, its screen, and whoever reads what was drawn roughly.
struct Seat<'a> {
    state: State,
    screen: Screen,
    backlog: Backlog,
    clock: &'a SystemClock,
}

/// What one kind of look took.
#[derive(Default)]
struct Looks {
    /// The change and its picture, which is rough where many columns have to be looked for.
    first: Vec<Duration>,
    /// Until all of a rough one was read, by a thread of its own.
    read: Vec<Duration>,
    /// The exact picture in its place.
    second: Vec<Duration>,
}

impl Seat<'_> {
    /// Changes something, draws, has read what is rough, and draws again.
    fn look(&mut self, looks: &mut Looks, change: impl FnOnce(&mut State)) {
        looks.first.push(timed(self.clock, || {
            change(&mut self.state);
            self.screen.show(&self.state);
        }));
        let rough = self.backlog.take();
        if rough.is_empty() {
            return;
        }
        let (ask, pictures) = mpsc::channel();
        let (out, told) = mpsc::channel();
        let _ = ask.send(rough);
        drop(ask);
        let read = timed(self.clock, || backlog::work(&pictures, &out));
        looks.read.push(read);
        looks.second.push(timed(self.clock, || {
            for message in told.try_iter() {
                update(&mut self.state, message, self.clock.steady());
            }
            self.screen.show(&self.state);
        }));
    }
}

impl Looks {
    fn tell(mut self, what: &str) -> io::Result<()> {
        tell(what, &mut self.first)?;
        if self.read.is_empty() {
            return Ok(());
        }
        tell("    rough ones: read beside", &mut self.read)?;
        tell("    rough ones: the exact picture", &mut self.second)
    }
}

fn measure(
    state: State,
    run: &RunDir,
    clock: &SystemClock,
    mut curves: Vec<Series>,
    what: &str,
) -> io::Result<()> {
    let backlog = Backlog::default();
    let mut seat = Seat {
        state,
        screen: Screen::new(),
        backlog: backlog.clone(),
        clock,
    };
    seat.state.charts.backlog = Some(backlog);
    let press = |state: &mut State, code| stage::press(state, Chord::key(code), clock);
    let key = |c: char| move |state: &mut State| press(state, KeyCode::Char(c));
    let mut looks = Looks::default();
    let first = news(run, &curves);
    seat.look(&mut looks, |state| {
        update(state, first, clock.steady());
    });
    looks.tell(&format!("{what}, the first of all pictures"))?;
    press(&mut seat.state, KeyCode::Enter);
    let mut looks = Looks::default();
    for keys in [
        ",",
        "+++++++++++++++++++++++",
        ">>>>><<<<<",
        "-----------------------",
    ] {
        for c in keys.chars() {
            seat.look(&mut looks, key(c));
        }
    }
    looks.tell(&format!("{what}, a key of zoom or pan and its picture"))?;
    let (mut aside, mut looks) = (Looks::default(), Looks::default());
    for _ in 0..50 {
        seat.look(&mut aside, key('+'));
        seat.look(&mut looks, key('-'));
    }
    looks.tell(&format!("{what}, the whole range anew and its picture"))?;
    let mut noise = 1_u64;
    let mut share = || {
        // Xorshift64 (Marsaglia 2003).
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        (noise >> 11) as f64 / (1_u64 << 53) as f64
    };
    let resize = |columns| {
        move |state: &mut State| {
            update(state, Message::Resize(columns, SIZE.1), clock.steady());
        }
    };
    let mut looks = Looks::default();
    for _ in 0..200 {
        seat.look(&mut looks, resize(SIZE.0 - (share() * 80.0) as u16));
    }
    looks.tell(&format!("{what}, another size and its picture"))?;
    resize(SIZE.0)(&mut seat.state);
    let mut looks = Looks::default();
    let mut elsewhere = vec![0_u8; FAR];
    for round in 0..50 {
        // Nothing of the curves is left in the processor's caches.
        elsewhere
            .iter_mut()
            .for_each(|byte| *byte = byte.wrapping_add(round));
        seat.look(&mut looks, resize(SIZE.0 - u16::from(round % 2)));
    }
    drop(elsewhere);
    resize(SIZE.0)(&mut seat.state);
    looks.tell(&format!("{what}, another size after a long absence"))?;
    let end = POINTS as f64 * 4.0;
    let mut looks = Looks::default();
    for _ in 0..500 {
        let (middle, half) = (share() * end, share().powi(4) * end / 2.0);
        let window = ((middle - half).max(0.0), (middle + half).min(end));
        seat.look(&mut looks, |state| {
            let data = state.data.clone();
            let look = |charts: &mut Charts| charts.window = Some(window);
            state.charts.change(data.as_deref(), clock.steady(), look);
        });
    }
    looks.tell(&format!("{what}, any window and its picture"))?;
    seat.state.charts.window = None;
    seat.screen.show(&seat.state);
    let (mut aside, mut looks) = (Looks::default(), Looks::default());
    for n in 0..51 {
        for curve in &mut curves {
            curve.push((POINTS + n) as f64 * 4.0, Nanos(0), 1.0);
        }
        let news = news(run, &curves);
        // The first draws the whole range anew.
        let looks = if n == 0 { &mut aside } else { &mut looks };
        seat.look(looks, |state| {
            update(state, news, clock.steady());
        });
    }
    looks.tell(&format!("{what}, a point more of each and its picture"))
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
