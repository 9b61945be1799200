//! The console held against its budgets, in a pseudo-terminal of 200 by 60: `make bench-console`.
//!
//! Prints one table: the budget's number, what was measured, its bar, the figure, and what the
//! console that it is held against takes. Bytes and exactness are tests as well and named so. With
//! another busy program on the machine times are worse than they are; run it alone. The last line
//! tells how much other virtual machines took.

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
use portable_pty::CommandBuilder;
use runs::Home;
use std::{
    net::TcpListener,
    path::Path,
    process::Command,
    sync::mpsc::{self, RecvTimeoutError},
    time::Duration,
};
use table::{Table, milliseconds, share};
use watched::{Arrival, Usage, Watched};

const PROGRAM: &str = env!("CARGO_BIN_EXE_makook");
const SIZE: (u16, u16) = (200, 60);
/// Finished runs in the list.
const RUNS: usize = 200;
const STARTS: usize = 15;
const KEYS: usize = 400;
const LOG_LINES: u64 = 50_000;
const DOWN: &[u8] = b"\x1b[B";
const UP: &[u8] = b"\x1b[A";
const RIGHT: &[u8] = b"\x1b[C";
const LEFT: &[u8] = b"\x1b[D";

fn main() {
    let project = tempfile::tempdir().unwrap();
    let home = Home::at(project.path().join("logs/runs"));
    for number in 0..RUNS {
        finished(&home, &format!("run-{number}"));
    }
    let mut table = Table::new();
    let before = Processors::read();
    start(project.path(), &mut table);
    quiet(project.path(), &mut table);
    at_work(project.path(), &home, &mut table);
    over_ssh(project.path(), &mut table);
    let own = "the benches of -p console@0.1.0, below";
    table.refer(2, "update, view, diff and encode", "p99 ≤ 4 ms", own);
    table.refer(
        7,
        "10 GB log",
        "tail ≤ 50 ms",
        "MAKOOK_BENCH_LOG_GB=10 cargo bench --profile release -p makook --bench logs",
    );
    table.refer(
        8,
        "10 M trades",
        "filter ≤ 500 ms",
        &format!("{own}: trades"),
    );
    table.refer(
        9,
        "8 series × 10 M points",
        "≤ 4 ms",
        &format!("{own}: charts"),
    );
    let whole = "cargo test --release -p makook --test whole flows::";
    table.refer(10, "80×24; no panic 1×1 … 400×200", "held", whole);
    table.refer(11, "equal in tmux, screen, ssh", "held", whole);
    let inside = "cargo test --release -p console@0.1.0";
    table.refer(12, "Korean and English, nothing clipped", "held", inside);
    table.refer(13, "the terminal is given back", "held", whole);
    table.refer(
        14,
        "8 h soak",
        "≤ 2 MB growth",
        "MAKOOK_BENCH_SOAK=60 MAKOOK_BENCH_SOAK_SPEED=8 cargo bench --profile release --bench soak",
    );
    table.print();
    let others = Processors::read().stolen_since(&before) * 100.0;
    println!("\n{others:.1} % of the processors' time went to other machines on this hardware.");
}

/// Time of this machine's processors so far, in clock ticks.
struct Processors {
    all: u64,
    /// What a virtual machine wanted and did not get.
    stolen: u64,
}

impl Processors {
    fn read() -> Self {
        let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        let fields = line.split_whitespace().skip(1);
        let ticks: Vec<u64> = fields.take(8).flat_map(str::parse).collect();
        Self {
            all: ticks.iter().sum(),
            stolen: ticks.get(7).copied().unwrap_or(0),
        }
    }

    fn stolen_since(&self, before: &Self) -> f64 {
        (self.stolen - before.stolen) as f64 / (self.all - before.all).max(1) as f64
    }
}

fn finished(home: &Home, name: &str) {
    let mut live = Live::begin(home, name);
    for _ in 0..10 {
        live.tick();
    }
    live.finish();
}

fn marked(project: &Path) -> CommandBuilder {
    let mut command = Watched::command(PROGRAM, project);
    command.env("MAKOOK_TEST_IDLE", "1");
    command
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn at_share(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() - 1) * percent / 100]
}

fn start(project: &Path, table: &mut Table) {
    let (mut first, mut useful) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let mut watched = Watched::open(marked(project), SIZE.0, SIZE.1);
        first.push(watched.next(Duration::from_secs(60)).unwrap().0);
        useful.push(watched.until("a settled frame", |watched| watched.marks > 0));
    }
    let (first, useful) = (median(first), median(useful));
    table.row(
        1,
        "exec → first byte, median",
        &milliseconds(first, 10.0),
        "LEET 30 ms",
    );
    table.row(
        1,
        "exec → settled frame of 200 runs, median",
        &milliseconds(useful, 60.0),
        "LEET 0.5 s",
    );
}

fn since(watched: &Watched, before: Usage, span: Duration) -> (f64, f64) {
    let after = watched.usage();
    let wakeups = (after.wakeups - before.wakeups) as f64 / span.as_secs_f64();
    let busy = (after.busy - before.busy).as_secs_f64() / span.as_secs_f64();
    (wakeups, busy * 100.0)
}

fn total(come: &[Arrival]) -> usize {
    come.iter().map(|(_, bytes)| bytes).sum()
}

/// With nothing at work: idleness, bytes of keys, latency, changes of size, memory.
fn quiet(project: &Path, table: &mut Table) {
    let mut watched = Watched::open(marked(project), SIZE.0, SIZE.1);
    watched.until("a settled frame", |watched| watched.marks > 0);
    watched.watch(Duration::from_secs(3));
    let (before, span) = (watched.usage(), Duration::from_secs(20));
    let come = watched.watch(span);
    let (wakeups, busy) = since(&watched, before, span);
    let bytes = total(&come) as f64 / span.as_secs_f64();
    table.row(
        3,
        "idle, bytes a second",
        &share(bytes, 0.0, "B/s"),
        "btop 13 KB/s",
    );
    table.row(
        3,
        "idle, wakeups a second",
        &share(wakeups, 2.0, "/s"),
        "LEET 313/s",
    );
    table.row(3, "idle, share of a core", &share(busy, 0.1, "%"), "–");

    let mut most = 0;
    for digit in ["2", "3", "4", "5", "7", "0", "1"] {
        watched.press(digit.as_bytes());
        most = most.max(total(&watched.watch(Duration::from_millis(400))));
    }
    table.row(
        5,
        "most expensive screen switch (also a test)",
        &share(most as f64, 24_576.0, "B"),
        "–",
    );
    let (mut most, mut followed) = (0, 0);
    for key in [DOWN, DOWN, UP] {
        watched.press(key);
        // The details are not due yet.
        most = most.max(total(&watched.watch(Duration::from_millis(50))));
        followed = followed.max(total(&watched.watch(Duration::from_millis(400))));
    }
    table.row(
        5,
        "arrow key in the list of runs (of every list: a test)",
        &share(most as f64, 300.0, "B"),
        "btop 26.6 KB",
    );
    table.row(
        5,
        "figures and charts of the other run, once the cursor rests",
        &share(followed as f64, 24_576.0, "B"),
        "–",
    );

    for (screen, what) in [(b"1", "list of runs"), (b"2", "settings")] {
        watched.press(screen);
        watched.watch(Duration::from_millis(500));
        let mut times: Vec<Duration> = (0..KEYS)
            .map(|press| painted(&mut watched, if press % 8 < 4 { DOWN } else { UP }))
            .collect();
        let (p50, p99) = (at_share(&mut times, 50), at_share(&mut times, 99));
        let what = format!("key → painted, quiet, {what}");
        for (share, time, others) in [
            ("p50", milliseconds(p50, 1.0), "LEET 23 ms"),
            ("p99", milliseconds(p99, 5.0), "turm 0.63 ms"),
        ] {
            table.row(6, &format!("{what}, {share}"), &time, others);
        }
    }

    let (_never, pause) = mpsc::channel::<()>();
    for step in 0..50_u16 {
        watched.resize(80 + step * 7 % 120, 24 + step * 5 % 40);
        let _ = pause.recv_timeout(Duration::from_millis(20));
    }
    let marks = watched.marks;
    watched.resize(SIZE.0, SIZE.1);
    let resized = watched.clock.steady();
    let settled = watched.until("a settled frame", |watched| watched.marks > marks);
    let rest = watched.watch(Duration::from_millis(500));
    let settled = rest.last().map_or(settled, |(at, _)| *at);
    table.row(
        10,
        "50 resizes in a second, until settled",
        &milliseconds(settled.saturating_sub(resized), 50.0),
        "–",
    );
}

/// Returns how long a key takes until a frame ends.
fn painted(watched: &mut Watched, key: &[u8]) -> Duration {
    while watched.next(Duration::from_millis(2)).is_some() {}
    let pressed = watched.press(key);
    let (at, _) = watched.next(Duration::from_secs(60)).unwrap();
    at.saturating_sub(pressed)
}

/// With one training at ten records a second, then with its log as well.
fn at_work(project: &Path, home: &Home, table: &mut Table) {
    let mut live = Live::begin(home, "live");
    // A minute of it has been.
    for _ in 0..600 {
        live.tick();
    }
    let (load, loads) = mpsc::channel::<u64>();
    let writer = std::thread::spawn(move || {
        let mut lines = 0;
        loop {
            match loads.recv_timeout(Duration::from_millis(100)) {
                Ok(more) => lines = more,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            live.tick();
            live.say(lines / 10).unwrap();
        }
    });
    let mut command = Watched::command(PROGRAM, project);
    command.env("MAKOOK_CONSOLE__REFRESH", "100");
    command.env("MAKOOK_SESSION", "live");
    let mut watched = Watched::open(command, SIZE.0, SIZE.1);
    watched.until_shown("live-");
    watched.press(b"3");
    watched.until_shown("Approx. KL");
    watched.watch(Duration::from_secs(5));
    let (before, span) = (watched.usage(), Duration::from_secs(30));
    let come = watched.watch(span);
    let (_, busy) = since(&watched, before, span);
    let mean = total(&come) as f64 / span.as_secs_f64();
    let what = "4 charts × 2 series at 10 Hz";
    table.row(
        4,
        &format!("{what}, mean (also a test)"),
        &share(mean, 4_096.0, "B/s"),
        "LEET 8.0 KB/s",
    );
    table.row(
        4,
        &format!("{what}, worst second (also a test)"),
        &share(worst_second(&come) as f64, 24_576.0, "B"),
        "–",
    );
    table.row(
        4,
        &format!("{what}, share of a core"),
        &share(busy, 3.0, "%"),
        "LEET 21 %",
    );
    load.send(LOG_LINES).unwrap();
    watched.watch(Duration::from_secs(2));
    let mut times = chosen_charts(&mut watched);
    let p99 = at_share(&mut times, 99);
    table.row(
        6,
        "key → painted, the same and 50,000 log lines a second, p99",
        &milliseconds(p99, 16.0),
        "–",
    );
    let memory = watched.usage().memory as f64 / 1e6;
    table.row(
        14,
        "memory, 200 runs listed and one live (bar e)",
        &share(memory, 40.0, "MB"),
        "lnav 181 MB, turm 719 MB",
    );
    drop(load);
    writer.join().unwrap();
}

fn worst_second(come: &[Arrival]) -> usize {
    let within = |start: &Arrival| {
        let second = come
            .iter()
            .filter(move |(at, _)| *at >= start.0 && *at < start.0 + Duration::from_secs(1));
        second.map(|(_, bytes)| bytes).sum()
    };
    come.iter().map(within).max().unwrap_or(0)
}

/// Goes to the next chart and back; the mark before its title tells when that is painted.
fn chosen_charts(watched: &mut Watched) -> Vec<Duration> {
    let mark = |watched: &Watched| {
        let screen = watched.parser.screen();
        let cells = (3..SIZE.1).flat_map(|row| (0..SIZE.0).map(move |column| (row, column)));
        let is_mark = |place: &(u16, u16)| {
            let cell = screen.cell(place.0, place.1);
            let next = screen.cell(place.0, place.1 + 2);
            cell.is_some_and(|cell| cell.contents() == ">")
                && next.is_some_and(|cell| !cell.contents().trim().is_empty())
        };
        cells.into_iter().find(is_mark)
    };
    let home = mark(watched).expect("a chart is chosen");
    watched.press(RIGHT);
    watched.until("the next chart", |watched| {
        mark(watched).is_some_and(|at| at != home)
    });
    let other = mark(watched).expect("a chart is chosen");
    let mut times = Vec::new();
    for press in 0..KEYS {
        let (key, place) = if press % 2 == 0 {
            (LEFT, home)
        } else {
            (RIGHT, other)
        };
        let pressed = watched.press(key);
        let at = watched.until("the mark", |watched| {
            let cell = watched.parser.screen().cell(place.0, place.1);
            cell.is_some_and(|cell| cell.contents() == ">")
        });
        times.push(at.saturating_sub(pressed));
        watched.watch(Duration::from_millis(13));
    }
    times
}

/// Through a real sshd on this machine.
fn over_ssh(project: &Path, table: &mut Table) {
    let what = "key → painted over SSH on loopback, median (bar b)";
    let lab = project.join("ssh");
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab");
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port().to_string();
    drop(free);
    let script = |name: &str| {
        Command::new(scripts.join(name))
            .env("SSH_LAB", &lab)
            .env("SSH_LAB_PORT", &port)
            .env("SSH_LAB_USER", "root")
            .output()
    };
    if !script("ssh-up.sh").is_ok_and(|output| output.status.success()) {
        table.refer(
            6,
            what,
            "≤ 10 ms",
            "no sshd can be run here (tests/lab/ssh-up.sh)",
        );
        return;
    }
    let shown = project.display();
    let mut command = CommandBuilder::new("ssh");
    command.arg("-F");
    command.arg(lab.join("config"));
    command.args(["-tt", "klone-login"]);
    command.arg(format!(
        "HOME='{shown}' MAKOOK_PROJECT='{shown}' LANG=C.UTF-8 {PROGRAM}"
    ));
    command.env("TERM", "xterm-256color");
    let mut watched = Watched::open(command, SIZE.0, SIZE.1);
    watched.until_shown("F10");
    watched.press(b"2");
    watched.watch(Duration::from_secs(1));
    let times = (0..KEYS).map(|press| painted(&mut watched, if press % 8 < 4 { DOWN } else { UP }));
    let p50 = median(times.collect());
    table.row(6, what, &milliseconds(p50, 10.0), "–");
    drop(watched);
    let _ = script("ssh-down.sh");
}
