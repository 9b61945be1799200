//! How long a thousand jobs take on the drawing thread: `cargo bench -p console --bench jobs`.
//!
//! A new list is taken over, the screen drawn; a key pressed, the screen drawn; a filter typed. The
//! bar is 5 ms for a list with its picture.

mod stage;

use console::{State, chord::Chord, job_news::JobNews, message::Message, update};
use crossterm::event::KeyCode;
use domain::{Clock, Lang, Nanos, Phrase, SystemClock};
use jobs::{Badge, JobId, JobRow, JobView, Listing, Phase, Source};
use stage::{SIZE, draw, tell, timed};
use std::{io, path::Path, time::Duration};

const JOBS: usize = 1_000;
const ROUNDS: usize = 200;

fn main() -> io::Result<()> {
    let clock = SystemClock::new();
    let mut state = State::new(Path::new("."), Lang::Ko, SIZE, None);
    update(&mut state, Message::Press(Chord::char('7')), clock.steady());
    let mut lists: Vec<JobNews> = (0..ROUNDS).map(news).collect();
    let mut times = Vec::new();
    while let Some(list) = lists.pop() {
        times.push(timed(&clock, || {
            update(&mut state, Message::Jobs(Ok(list)), clock.steady());
            draw(&state);
        }));
    }
    tell(
        &format!("{JOBS} jobs, a new list and its picture"),
        &mut times,
    )?;
    let press = |state: &mut State, code: KeyCode| {
        let chord = Chord::key(code);
        update(state, Message::Press(chord), clock.steady());
    };
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            timed(&clock, || {
                press(&mut state, KeyCode::Down);
                draw(&state);
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
                draw(&state);
            })
        })
        .collect();
    tell(
        &format!("{JOBS} jobs, a letter of the filter and its picture"),
        &mut times,
    )
}

/// A list in which every job moved on a little since the one before.
fn news(round: usize) -> JobNews {
    let jobs = (0..JOBS).map(|n| row(n, round)).collect();
    let sources = vec![Source {
        profile: "klone".into(),
        seen_at: Nanos(1),
        problems: Vec::new(),
    }];
    JobNews::of(Listing { jobs, sources }, Nanos(2))
}

fn row(n: usize, round: usize) -> JobRow {
    let waits = n >= JOBS / 2;
    let why = Phrase::new("your limit of jobs is reached", "작업 수 한도에 닿았습니다");
    JobRow {
        profile: "klone".into(),
        view: JobView {
            id: JobId::new(format!("259_{n}")),
            run: None,
            name: format!("비트코인 실험 {n}"),
            phase: if waits { Phase::Queued } else { Phase::Running },
            reason: waits.then_some(why),
            raw_reason: waits.then(|| "QOSMaxJobsPerUserLimit".to_owned()),
            node: (!waits).then(|| format!("g{:04}", 3_000 + n)),
            queue: "ckpt-all".into(),
            starts: None,
            elapsed: Duration::from_secs((round * 60 + n) as u64),
            limit: Some(Duration::from_secs(8 * 3_600)),
            restarts: (n % 3) as u32,
            position: None,
            gpus: 1,
            cpus: 8,
        },
        title: format!("비트코인 실험 {n}"),
        state: Some(runs::State::Running),
        progress: Some(0.5),
        eta_seconds: Some(3_600.0),
        badges: if n.is_multiple_of(7) {
            vec![Badge::Stalled]
        } else {
            Vec::new()
        },
    }
}
