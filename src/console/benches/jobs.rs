//! How long a thousand jobs take on the drawing thread: `cargo bench -p console --bench jobs`.
//!
//! A new list is taken over, the screen drawn; a key pressed, the screen drawn; a filter typed. The
//! bar is 5 ms for a list with its picture.

#[path = "stage/jobs.rs"]
mod cluster;
mod stage;

use cluster::news;
use console::{State, chord::Chord, job_news::JobNews, message::Message, update};
use crossterm::event::KeyCode;
use domain::{Clock, Lang, SystemClock};
use stage::{SIZE, Screen, tell, timed};
use std::{io, path::Path, time::Duration};

const JOBS: usize = 1_000;
const ROUNDS: usize = 200;

fn main() -> io::Result<()> {
    let clock = SystemClock::new();
    let mut state = State::new(Path::new("."), Lang::Ko, SIZE, None);
    update(&mut state, Message::Press(Chord::char('7')), clock.steady());
    let mut screen = Screen::new();
    let mut lists: Vec<JobNews> = (0..ROUNDS).map(|round| news(JOBS, round)).collect();
    let mut times = Vec::new();
    while let Some(list) = lists.pop() {
        times.push(timed(&clock, || {
            update(&mut state, Message::Jobs(Ok(list)), clock.steady());
            screen.show(&state);
        }));
    }
    tell(
        &format!("{JOBS} jobs, a new list and its picture"),
        &mut times,
    )?;
    let press = |state: &mut State, code: KeyCode| {
        stage::press(state, Chord::key(code), &clock);
    };
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            timed(&clock, || {
                press(&mut state, KeyCode::Down);
                screen.show(&state);
            })
        })
        .collect();
    tell(
        &format!("{JOBS} jobs, an arrow key and its picture"),
        &mut times,
    )?;
    press(&mut state, KeyCode::Char('/'));
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|round| {
            let code = match round % 2 {
                0 => KeyCode::Char('q'),
                _ => KeyCode::Backspace,
            };
            timed(&clock, || {
                press(&mut state, code);
                screen.show(&state);
            })
        })
        .collect();
    tell(
        &format!("{JOBS} jobs, a letter of the filter and its picture"),
        &mut times,
    )
}
