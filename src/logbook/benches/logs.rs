//! How a large log is read: `cargo bench -p logbook`.
//!
//! Writes a log of `MAKOOK_BENCH_LOG_GB` GiB (1 unless said) below the target's folder, removes it
//! again, and says beside each figure the bar it is held to.

use domain::{Clock, SystemClock};
use logbook::{
    Bell, Case, Change, Direction, Levels, Needle, Outcome, Pager, Pattern, Step, Target, search,
};
use std::{
    fs::{self, File, OpenOptions},
    hint::black_box,
    io::{self, BufWriter, Write},
    ops::ControlFlow,
    path::Path,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

static CLOCK: LazyLock<SystemClock> = LazyLock::new(SystemClock::new);

fn now() -> Duration {
    CLOCK.steady()
}

const ROWS: usize = 60;
const ROUNDS: usize = 200;
/// Lines written while somebody follows.
const FLOOD: u64 = 1_000_000;

fn main() {
    if let Err(error) = run() {
        let _ = writeln!(io::stderr(), "logs: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let asked = std::env::var("MAKOOK_BENCH_LOG_GB");
    let gibibytes: u64 = asked.ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join("bench.log");
    fs::create_dir_all(folder)?;
    let lines = write(&path, gibibytes << 30)?;
    let outcome = read(&path, lines);
    fs::remove_file(&path)?;
    outcome
}

fn say(what: &str, figure: &str, bar: &str) -> io::Result<()> {
    writeln!(io::stderr(), "{what:<44} {figure:>22}   {bar}")
}

/// Writes a log of about `length` bytes; returns how many lines it has.
fn write(path: &Path, length: u64) -> io::Result<u64> {
    let mut piece = Vec::new();
    let mut in_piece = 0;
    while piece.len() < 8 << 20 {
        let n = in_piece;
        let level = if n % 50_000 == 7 { "WARN" } else { "INFO" };
        writeln!(
            piece,
            "2026-11-26T14:30:05.{n:06}Z  {level} learn: update {n} step {} loss {:.5}",
            n * 2_048,
            1.0 / (n + 1) as f64
        )?;
        in_piece += 1;
    }
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let count = length.div_ceil(piece.len() as u64);
    for _ in 0..count {
        file.write_all(&piece)?;
    }
    file.write_all(b"the very last line\n")?;
    file.flush()?;
    Ok(count * in_piece + 1)
}

fn read(path: &Path, lines: u64) -> Result<(), Box<dyn std::error::Error>> {
    let bytes = fs::metadata(path)?.len();
    let gigabytes = bytes as f64 / 1e9;
    say(
        "the log",
        &format!("{gigabytes:.1} GB"),
        &format!("{lines} lines"),
    )?;
    let before = resident()?;
    let mut peak = before;

    let mut times = rounds(ROUNDS, |_| {
        let mut pager = Pager::new(path, ROWS);
        pager.look()?;
        Ok(black_box(pager.window()?).lines.len())
    })?;
    say(
        "its tail, opened and read",
        &spread(&mut times),
        "bar 50 ms warm, painted",
    )?;

    let mut pager = Pager::new(path, ROWS);
    pager.look()?;
    let began = now();
    let mut slices = Vec::new();
    loop {
        let slice = now();
        let more = pager.count_on(2 << 20)?;
        slices.push(now() - slice);
        if !more {
            break;
        }
    }
    let rate = gigabytes / (now() - began).as_secs_f64();
    peak = peak.max(resident()?);
    say("its index", &format!("{rate:.2} GB/s"), "in the background")?;
    say("a key waits for a slice of it", &spread(&mut slices), "")?;
    let index = pager.lines().index.memory() as f64 / 1e6;
    say("memory of the index", &format!("{index:.3} MB"), "")?;
    let counted = pager.window()?.count;
    say(
        "lines counted",
        &format!("{counted:?}"),
        if counted == Some(lines) {
            "right"
        } else {
            "WRONG"
        },
    )?;

    let mut times = rounds(ROUNDS, |round| {
        let number = 1 + lines / ROUNDS as u64 * round as u64;
        pager.go_to_number(number)?;
        Ok(usize::from(pager.window()?.number == Some(number)))
    })?;
    say(
        "any line by its number, and its page",
        &spread(&mut times),
        "",
    )?;
    let mut times = rounds(ROUNDS, |_| {
        pager.step(Step::PageUp)?;
        Ok(black_box(pager.window()?).lines.len())
    })?;
    say("a page up", &spread(&mut times), "")?;
    pager.show(ROWS, Levels::Warnings)?;
    let mut times = rounds(20, |_| {
        pager.step(Step::PageUp)?;
        Ok(black_box(pager.window()?).lines.len())
    })?;
    say("a page up of warnings alone", &spread(&mut times), "")?;
    pager.show(ROWS, Levels::All)?;

    for (what, wanted, case) in [
        ("search, capitals count", "the very last LINE", Case::Exact),
        (
            "search, capitals do not count",
            "the very last LINEX",
            Case::Ignored,
        ),
        (
            "search, capitals do not count, frequent",
            "loss 0.5x",
            Case::Ignored,
        ),
    ] {
        let target = Target::Text(Needle::new(wanted, case));
        for direction in [Direction::Forward, Direction::Backward] {
            let began = now();
            let go = |_| ControlFlow::Continue(());
            let outcome = search(pager.lines(), &target, 0, direction, go)?;
            assert_eq!(outcome, Outcome::Nowhere);
            let rate = gigabytes / (now() - began).as_secs_f64();
            peak = peak.max(resident()?);
            say(
                &format!("{what} ({direction:?})"),
                &format!("{rate:.2} GB/s"),
                "bar 1 GB/s warm",
            )?;
        }
    }
    for (what, text) in [
        ("expression with a fixed part", r"the very last [a-z]+X"),
        ("expression of choices", r"(error|fatal): [0-9]+"),
        ("expression without one", r"loss [5-9]\.[0-9]+$"),
    ] {
        let pattern = Pattern::new(text, Case::Exact)?;
        let target = Target::Pattern(pattern);
        let began = now();
        let go = |_| ControlFlow::Continue(());
        let outcome = search(pager.lines(), &target, 0, Direction::Forward, go)?;
        assert_eq!(outcome, Outcome::Nowhere);
        let rate = gigabytes / (now() - began).as_secs_f64();
        peak = peak.max(resident()?);
        say(&format!("{what} {text}"), &format!("{rate:.2} GB/s"), "")?;
    }
    follow(path, &mut pager)?;
    flood(path, &mut pager, lines)?;
    peak = peak.max(resident()?);
    let growth = peak.saturating_sub(before) as f64 / 1e6;
    say(
        "memory grown by all of that",
        &format!("{growth:.1} MB"),
        "bar 64 MB",
    )?;
    Ok(())
}

/// How long it takes from a line's end on the disk until it stands in a page.
fn follow(path: &Path, pager: &mut Pager) -> Result<(), Box<dyn std::error::Error>> {
    pager.step(Step::End)?;
    let mut log = OpenOptions::new().append(true).open(path)?;
    let bell = Bell::new().ok_or("no bell")?;
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        bell.watch(&[path]);
        let line = format!("appended {round}\n");
        let began = now();
        log.write_all(line.as_bytes())?;
        bell.wait();
        while pager.look()? != Change::Grew {}
        pager.count_on(16 << 20)?;
        let window = pager.window()?;
        times.push(now() - began);
        let last = window.lines.last().map(|line| line.text.as_str());
        assert_eq!(last, Some(line.trim_end()));
    }
    let bar = "bar 60 ms, painted (bell 15 and frame 33 apart)";
    Ok(say("a line appended is read", &spread(&mut times), bar)?)
}

/// Whether every line is counted while 200,000 a second are written.
fn flood(path: &Path, pager: &mut Pager, lines: u64) -> Result<(), Box<dyn std::error::Error>> {
    let goal = lines + ROUNDS as u64 + FLOOD;
    let ended = Arc::new(AtomicBool::new(false));
    let (ends, to) = (Arc::clone(&ended), path.to_owned());
    let writer = thread::spawn(move || -> io::Result<Duration> {
        let mut log = OpenOptions::new().append(true).open(to)?;
        let began = now();
        for batch in 0..FLOOD / 1_000 {
            let text: String = (0..1_000).map(|n| format!("flood {batch} {n}\n")).collect();
            log.write_all(text.as_bytes())?;
            // 1,000 lines each 5 ms are 200,000 a second.
            let due = Duration::from_millis(5 * (batch + 1));
            thread::sleep(due.saturating_sub(now() - began));
        }
        ends.store(true, Ordering::SeqCst);
        Ok(now() - began)
    });
    let mut pages = 0;
    loop {
        let last = ended.load(Ordering::SeqCst);
        pager.look()?;
        while pager.count_on(16 << 20)? {}
        black_box(pager.window()?);
        pages += 1;
        if last {
            break;
        }
        thread::sleep(Duration::from_millis(15));
    }
    let took = writer.join().map_err(|_| "the writer panicked")??;
    let rate = FLOOD as f64 / took.as_secs_f64();
    let found = pager.window()?.count;
    let bar = if found == Some(goal) {
        "no line lost"
    } else {
        "LINES LOST"
    };
    say(
        &format!("followed, {pages} pages"),
        &format!("{rate:.0} lines/s"),
        bar,
    )?;
    Ok(())
}

/// Bytes of memory that this process holds.
fn resident() -> io::Result<u64> {
    let text = fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    Ok(kib.unwrap_or(0) << 10)
}

fn rounds(
    count: usize,
    mut work: impl FnMut(usize) -> Result<usize, logbook::LogError>,
) -> Result<Vec<Duration>, logbook::LogError> {
    let timed = |round| {
        let began = now();
        work(round)?;
        Ok(now() - began)
    };
    (0..count).map(timed).collect()
}

fn spread(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let millis = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e3;
    format!("p50 {:.2}, p99 {:.2} ms", millis(50), millis(99))
}
