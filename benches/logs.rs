//! A log of gigabytes in a console, painted: `cargo bench --profile release -p makook --bench logs`.
//!
//! Writes `MAKOOK_BENCH_LOG_GB` GiB (1 unless set, less where the disk is nearly full) of short
//! lines below the target's folder, opens a console of 200 by 60 on them, and removes them again.
//! More than 8 GiB go past 2²⁷ lines. What reading alone takes is `-p logbook --bench logs`.
//! Whatever does not come in time ends it with what was measured so far and code 1.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its figures and ends where it cannot be run"
)]

#[allow(dead_code, reason = "each user needs a part of it")]
mod live;
#[allow(dead_code, reason = "each user needs a part of it")]
mod table;
#[allow(dead_code, reason = "each user needs a part of it")]
mod watched;

use domain::Clock;
use live::Live;
use runs::Home;
use std::{
    error::Error,
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    time::Duration,
};
use table::{Table, at_least, exactly, milliseconds, share};
use watched::{Usage, Watched};

/// Bytes of each line but the first and the last.
const LINE: usize = 64;
/// Lines written at once.
const PIECE: u64 = 1 << 17;
/// Among so many lines is one warning.
const PER_WARNING: u64 = 50_000;
const FIRST: &str = "the very first line";
const LAST: &str = "the very last line";
const SWITCHES: usize = 40;
const APPENDS: u64 = 200;
/// Lines written while somebody follows, and how many at once.
const FLOOD: u64 = 1_000_000;
const BATCH: u64 = 1_000;
/// Between two of those: 200,000 lines a second.
const BEAT: Duration = Duration::from_millis(5);
/// Bytes that stay free on the disk.
const SPARE: u64 = 1 << 30;

const HOME: &[u8] = b"\x1b[H";
const END: &[u8] = b"\x1b[F";
const ESC: &[u8] = b"\x1b";

fn main() {
    let mut table = Table::new();
    let outcome = measured(&mut table);
    table.print();
    if let Err(error) = outcome {
        let _ = writeln!(io::stderr(), "logs: {error}");
        std::process::exit(1);
    }
}

/// A folder that is there for as long as this lives, empty at first.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-logs");
        // One that was killed has left its log.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn measured(table: &mut Table) -> Result<(), Box<dyn Error>> {
    let asked = std::env::var("MAKOOK_BENCH_LOG_GB").ok();
    let asked: u64 = asked.and_then(|text| text.parse().ok()).unwrap_or(1);
    let folder = Folder::new()?;
    let disk = rustix::fs::statvfs(&folder.0)?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let gibibytes = asked.min(free.saturating_sub(SPARE) >> 30);
    if gibibytes == 0 {
        let place = folder.0.display();
        return Err(format!("{place}: 2 GiB have to be free, {} MiB are", free >> 20).into());
    }
    if gibibytes < asked {
        println!("{asked} GiB were asked for; the disk has room for {gibibytes}");
    }
    let run = Live::begin(&Home::at(folder.0.join("logs/runs")), "logged");
    let path = run.run.path().join("log/0001.log");
    run.finish();
    let lines = write(&path, gibibytes << 30)?;
    let bytes = fs::metadata(&path)?.len();
    println!("{:.2} GB, {lines} lines", bytes as f64 / 1e9);
    let command = Watched::command(env!("CARGO_BIN_EXE_makook"), &folder.0);
    let mut visit = Visit {
        watched: Watched::open(command, 200, 60),
        path,
        bytes,
        lines,
        patience: Duration::from_secs(120 + 90 * gibibytes),
    };
    visit.until("the run", |watched| shows(watched, "logged-"))?;
    visit.watched.watch(Duration::from_secs(1));
    let before = visit.watched.usage();
    visit.tail(table)?;
    visit.counted(table, "lines counted, more than 2²⁷ from 9 GiB on")?;
    visit.ends(table)?;
    visit.appends(table)?;
    visit.searches(table)?;
    visit.flood(table)?;
    let growth = visit.watched.usage().peak.saturating_sub(before.memory);
    let growth = share(growth as f64 / 1e6, 64.0, "MB");
    table.row(7, "memory grown by all of that, at its most", &growth, "–");
    Ok(())
}

/// Writes a log of about `length` bytes; returns how many lines it has.
fn write(path: &Path, length: u64) -> io::Result<u64> {
    let mut piece = Vec::new();
    for n in 0..PIECE {
        let level = if n % PER_WARNING == 7 { "WARN" } else { "INFO" };
        let text = format!("2026-11-26T14:30:05Z  {level} learn: update {n:06} ");
        piece.extend_from_slice(format!("{text:.<width$}\n", width = LINE - 1).as_bytes());
    }
    let count = length.div_ceil(piece.len() as u64);
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    writeln!(file, "{FIRST}")?;
    for _ in 0..count {
        file.write_all(&piece)?;
    }
    writeln!(file, "{LAST}")?;
    // What is still on its way to the disk would hold up everything else.
    file.into_inner()?.sync_all()?;
    Ok(count * PIECE + 2)
}

/// A console that looks at a log.
struct Visit {
    watched: Watched,
    path: PathBuf,
    bytes: u64,
    /// Lines that it has.
    lines: u64,
    /// Nothing takes as long.
    patience: Duration,
}

impl Visit {
    fn until(&mut self, what: &str, fits: impl Fn(&Watched) -> bool) -> Result<Duration, String> {
        let came = self.watched.until_within(self.patience, fits);
        came.ok_or_else(|| {
            let (patience, screen) = (self.patience, self.watched.parser.screen().contents());
            format!("{what} did not come within {patience:?}:\n{screen}")
        })
    }

    /// Returns how long it takes from `keys` until `text` is painted and `former` is not there any
    /// more: a frame comes in several pieces.
    fn painted(&mut self, keys: &[u8], text: &str, former: &str) -> Result<Duration, String> {
        let pressed = self.watched.press(keys);
        let at = self.until(text, |watched| {
            shows(watched, text) && !shows(watched, former)
        })?;
        Ok(at.saturating_sub(pressed))
    }

    /// From another screen to the end, first at once and then while lines are counted.
    fn tail(&mut self, table: &mut Table) -> Result<(), String> {
        let mut times = Vec::new();
        for _ in 0..SWITCHES {
            times.push(self.painted(b"0", LAST, FIRST)?);
            self.watched.press(b"1");
            self.until("the dashboard", |watched| !shows(watched, LAST))?;
            self.watched.watch(Duration::from_millis(30));
        }
        let first = milliseconds(times[0], 50.0);
        table.row(7, "key → tail painted, opened first", &first, "–");
        row(
            table,
            "key → tail painted, from another screen",
            &mut times,
            50.0,
        );
        self.painted(b"0", LAST, FIRST).map(drop)
    }

    /// Whether the last line has the number that it has to have.
    fn counted(&mut self, table: &mut Table, what: &str) -> Result<(), String> {
        let began = self.watched.clock.steady();
        let lines = self.lines;
        let right = |watched: &Watched| place(watched) == Some((lines, lines));
        let came = self.watched.until_within(self.patience, right);
        let found = place(&self.watched).map(|(_, count)| count);
        table.row(7, what, &exactly(found, lines), "–");
        let Some(came) = came else {
            return Err(format!("{what}: {found:?} of {lines}"));
        };
        let took = came.saturating_sub(began).as_secs_f64();
        println!("{what}: after {took:.2} s");
        Ok(())
    }

    /// From the first line to the end.
    fn ends(&mut self, table: &mut Table) -> Result<(), String> {
        let mut times = Vec::new();
        let mut back = Vec::new();
        for _ in 0..SWITCHES {
            back.push(self.painted(HOME, FIRST, LAST)?);
            times.push(self.painted(END, LAST, FIRST)?);
            self.watched.watch(Duration::from_millis(10));
        }
        row(table, "End → tail painted", &mut times, 50.0);
        row(table, "Home → first page painted", &mut back, 50.0);
        Ok(())
    }

    fn appends(&mut self, table: &mut Table) -> Result<(), Box<dyn Error>> {
        let mut log = OpenOptions::new().append(true).open(&self.path)?;
        let mut times = Vec::new();
        for round in 1..=APPENDS {
            // Not in step with anything that the console does at intervals.
            self.watched
                .watch(Duration::from_millis(40 + round * 7 % 23));
            let text = format!("append {round:03} of {APPENDS}");
            let written = self.watched.clock.steady();
            log.write_all(format!("{text}\n").as_bytes())?;
            let at = self.until(&text, |watched| shows(watched, &text))?;
            times.push(at.saturating_sub(written));
        }
        self.lines += APPENDS;
        row(table, "append → painted", &mut times, 60.0);
        self.counted(table, "lines counted after that")?;
        Ok(())
    }

    fn searches(&mut self, table: &mut Table) -> Result<(), String> {
        let speed = |took: Duration, bytes: u64| {
            at_least(bytes as f64 / 1e9 / took.as_secs_f64(), 1.0, "GB/s")
        };
        let last = format!("append {APPENDS} of {APPENDS}");
        self.painted(HOME, FIRST, &last)?;
        let keys = format!("/APPEND {APPENDS}\r");
        let took = self.painted(keys.as_bytes(), &last, FIRST)?;
        let what = "search through all of it, found at the end, painted";
        table.row(7, what, &speed(took, self.bytes), "–");
        self.cancelled(table)?;
        self.painted(END, &last, FIRST)?;
        let took = self.painted(b"/no line has this\r", "no such line", "Esc stops")?;
        let what = "search through all of it, not found, painted";
        table.row(7, what, &speed(took, self.bytes), "–");
        Ok(())
    }

    /// How soon a search is stopped, and whether it is.
    fn cancelled(&mut self, table: &mut Table) -> Result<(), String> {
        let what = "Esc → a search is stopped, painted";
        self.watched.press(b"/stopped before that\r");
        let running = |watched: &Watched| shows(watched, "Esc stops");
        self.until("a search", |watched| {
            running(watched) || shows(watched, "no such line")
        })?;
        if !running(&self.watched) {
            table.refer(
                7,
                what,
                "≤ 100 ms",
                "it ended before; a larger log is needed",
            );
            return Ok(());
        }
        let pressed = self.watched.press(ESC);
        let at = self.until("the end of a search", |watched| !running(watched))?;
        let figure = milliseconds(at.saturating_sub(pressed), 100.0);
        table.row(7, what, &figure, "–");
        self.watched.watch(Duration::from_millis(500));
        let (before, span) = (self.watched.usage(), Duration::from_secs(1));
        self.watched.watch(span);
        let busy = busy(before, self.watched.usage(), span);
        let figure = share(busy, 10.0, "%");
        table.row(7, "share of a core once it is stopped", &figure, "–");
        Ok(())
    }

    /// Follows while 200,000 lines a second are written.
    fn flood(&mut self, table: &mut Table) -> Result<(), Box<dyn Error>> {
        self.watched.press(END);
        let mut log = OpenOptions::new().append(true).open(&self.path)?;
        let began = self.watched.clock.steady();
        for batch in 0..FLOOD / BATCH {
            let line = |n: u64| format!("2026-11-26T14:30:05Z  INFO flood: {batch} {n}\n");
            log.write_all((0..BATCH).map(line).collect::<String>().as_bytes())?;
            let due = BEAT * u32::try_from(batch + 1)?;
            let now = self.watched.clock.steady();
            self.watched.watch((began + due).saturating_sub(now));
        }
        let took = self.watched.clock.steady().saturating_sub(began);
        self.lines += FLOOD;
        let thousands = FLOOD as f64 / took.as_secs_f64() / 1e3;
        let what = format!("{thousands:.0},000 lines/s for 5 s: lines counted");
        Ok(self.counted(table, &what)?)
    }
}

fn shows(watched: &Watched, text: &str) -> bool {
    watched.parser.screen().contents().contains(text)
}

/// Returns the number of the chosen line and of all, which stand at the right of the title.
fn place(watched: &Watched) -> Option<(u64, u64)> {
    let contents = watched.parser.screen().contents();
    contents.lines().find_map(|line| {
        let (number, count) = line.split_whitespace().next_back()?.split_once('/')?;
        Some((number.parse().ok()?, count.parse().ok()?))
    })
}

fn busy(before: Usage, after: Usage, span: Duration) -> f64 {
    (after.busy.saturating_sub(before.busy)).as_secs_f64() / span.as_secs_f64() * 100.0
}

fn row(table: &mut Table, what: &str, times: &mut [Duration], bar: f64) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    let what = format!("{what}, p99 (p50 {:.1} ms)", at(50).as_secs_f64() * 1e3);
    table.row(7, &what, &milliseconds(at(99), bar), "–");
}
