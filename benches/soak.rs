//! The console beside a live training for long: `cargo bench --profile release --bench soak`.
//!
//! Four charts of two series at ten records a second and a hundred log lines a second, for
//! `MAKOOK_BENCH_SOAK` minutes (1 unless set), with a person who goes through the screens now and
//! then. Prints memory, all of it and what the program itself allocated, and descriptors each
//! minute, growth since every screen was seen once, and the slopes of the second half, extrapolated
//! to eight hours with their standard errors. With `MAKOOK_BENCH_SOAK_SPEED=8` the training writes
//! eight times as much from minute 0 on, so that an hour leaves behind what eight hours would.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its figures and ends where it cannot be run"
)]

#[allow(dead_code, reason = "each user needs a part of it")]
mod live;
#[allow(dead_code, reason = "each user needs a part of it")]
mod watched;

use domain::{Clock, SystemClock};
use live::Live;
use runs::Home;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    time::Duration,
};
use watched::{Usage, Watched};

const MINUTE: Duration = Duration::from_secs(60);
const HOURS: f64 = 8.0;
/// Between two records, and how many make an hour.
const BEAT: Duration = Duration::from_millis(100);
const RECORDS_AN_HOUR: f64 = 36_000.0;

/// Part of a process's memory, in bytes.
type Part = fn(&Usage) -> u64;

fn main() {
    let minutes = asked("MAKOOK_BENCH_SOAK");
    let speed = asked("MAKOOK_BENCH_SOAK_SPEED");
    let project = tempfile::tempdir().unwrap();
    let home = Home::at(project.path().join("logs/runs"));
    let mut live = Live::begin(&home, "soak");
    let (stop, stopped) = mpsc::channel::<()>();
    let (pace, written) = (Arc::new(AtomicU64::new(1)), Arc::new(AtomicU64::new(0)));
    let (each, count) = (Arc::clone(&pace), Arc::clone(&written));
    let writer = std::thread::spawn(move || {
        let clock = SystemClock::new();
        let mut next = clock.steady();
        let is_over = |next: Duration| {
            let left = next.saturating_sub(clock.steady());
            stopped.recv_timeout(left) != Err(mpsc::RecvTimeoutError::Timeout)
        };
        while !is_over(next) {
            next += BEAT;
            let records = each.load(Ordering::Relaxed);
            (0..records).for_each(|_| live.tick());
            live.say(10 * records).unwrap();
            count.fetch_add(records, Ordering::Relaxed);
        }
    });
    let hours = || written.load(Ordering::Relaxed) as f64 / RECORDS_AN_HOUR;
    let mut command = Watched::command(env!("CARGO_BIN_EXE_makook"), project.path());
    command.env("MAKOOK_CONSOLE__REFRESH", "100");
    let mut watched = Watched::open(command, 200, 60);
    watched.until_shown("soak-");
    watched.press(b"3");
    watched.until_shown("Approx. KL");
    // The program's own pages come in with the screens that need them.
    visit(&mut watched);
    visit(&mut watched);
    let start = watched.usage();
    let begun = hours();
    told(0, 0.0, &start, 0.0);
    pace.store(speed, Ordering::Relaxed);
    let mut samples = Vec::new();
    for minute in 1..=minutes as usize {
        let visiting = visit(&mut watched);
        let quiet = watched.watch(MINUTE - visiting);
        let bytes: usize = quiet.iter().map(|(_, n)| n).sum();
        let usage = watched.usage();
        let (trained, rate) = (
            hours() - begun,
            bytes as f64 / (MINUTE - visiting).as_secs_f64(),
        );
        told(minute, trained, &usage, rate);
        samples.push((trained, usage));
    }
    drop(stop);
    writer.join().unwrap();
    let later = &samples[samples.len() / 2..];
    let descriptors = later.iter().map(|(_, usage)| usage.descriptors);
    let (least, most) = (descriptors.clone().min(), descriptors.max());
    println!("descriptors in the second half: {least:?} to {most:?}");
    let parts: [(&str, Part); 2] = [
        ("resident", |usage| usage.memory),
        ("own", |usage| usage.own),
    ];
    for (what, of) in parts {
        let megabytes = |usage: &Usage| of(usage) as f64 / 1e6;
        let end = samples.last().map_or(&start, |(_, usage)| usage);
        let grown = megabytes(end) - megabytes(&start);
        println!("{what}: {grown:+.2} MB since every screen was seen");
        let later: Vec<(f64, f64)> = later
            .iter()
            .map(|(trained, usage)| (*trained, megabytes(usage)))
            .collect();
        let Some((slope, error)) = slope(&later) else {
            println!("{what}: too short for a slope");
            continue;
        };
        println!(
            "{what}, second half: {:.2} ± {:.2} MB in {HOURS} h of training (two standard errors)",
            slope * HOURS,
            2.0 * error * HOURS
        );
    }
}

/// Returns the number in a variable of the environment; 1 where there is none.
fn asked(variable: &str) -> u64 {
    let asked = std::env::var(variable).ok();
    let number = asked.map_or(1, |text| text.parse().expect("a whole number"));
    assert!(number > 0, "{variable} is at least 1");
    number
}

/// Goes through the screens and back to the charts; returns how long that takes.
fn visit(watched: &mut Watched) -> Duration {
    let screens = [
        &b"1"[..],
        b"0",
        b"7",
        b"2",
        b"4",
        b"5",
        b"6",
        b"8",
        b"9",
        b"3",
    ];
    for keys in screens {
        watched.press(keys);
        watched.watch(Duration::from_secs(1));
    }
    Duration::from_secs(screens.len() as u64)
}

fn told(minute: usize, trained: f64, usage: &Usage, bytes: f64) {
    println!(
        "minute {minute}, {trained:.2} h of training: {:.2} MB resident, {:.2} MB own, {} descriptors, {:.1} KB/s",
        usage.memory as f64 / 1e6,
        usage.own as f64 / 1e6,
        usage.descriptors,
        bytes / 1e3
    );
}

/// Returns slope of memory over time and its standard error, by least squares.
fn slope(samples: &[(f64, f64)]) -> Option<(f64, f64)> {
    let count = samples.len() as f64;
    if samples.len() < 4 {
        return None;
    }
    let mean = |of: fn(&(f64, f64)) -> f64| samples.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|sample| sample.0), mean(|sample| sample.1));
    let spread: f64 = samples.iter().map(|sample| (sample.0 - x).powi(2)).sum();
    let joint = samples.iter().map(|sample| (sample.0 - x) * (sample.1 - y));
    let slope = joint.sum::<f64>() / spread;
    let rest = samples
        .iter()
        .map(|sample| (sample.1 - y - slope * (sample.0 - x)).powi(2));
    Some((slope, (rest.sum::<f64>() / (count - 2.0) / spread).sqrt()))
}
