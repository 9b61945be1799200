//! Import of one-minute bars from CSV: rows a second a core, and peak memory.
//!
//! `cargo bench -p data --bench import`; `MAKOOK_BENCH_ROWS` changes the 10 million rows. The import
//! runs in a process of its own, so that its peak memory is its own; polars' CSV reader, reading
//! the same file into columns and nothing more, stands beside it.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use data::{ImportSpec, Store, import, quiet};
use domain::{Clock, StreamRng, SystemClock};
use polars::prelude::*;
use std::{
    env,
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
    process::Command,
};

const DEFAULT_ROWS: u64 = 10_000_000;
/// Ticks a second of the CPU times in /proc.
const TICKS: f64 = 100.0;
/// Time and five values of eight bytes.
const COLUMN_BYTES: u64 = 6 * 8;

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("measure-import") => measure("import", || import_once(Path::new(&args[1]))),
        Some("measure-polars") => measure("polars reads", || polars_once(Path::new(&args[1]))),
        _ => compare(),
    }
}

fn compare() {
    let rows = env::var("MAKOOK_BENCH_ROWS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(DEFAULT_ROWS);
    let dir = tempfile::tempdir().expect("a temporary directory can be made");
    let csv = dir.path().join("minutes.csv");
    generate(&csv, rows);
    let bytes = fs::metadata(&csv).map_or(0, |meta| meta.len());
    println!(
        "{rows} rows, {:.0} MB of CSV, {:.0} MB of columns",
        bytes as f64 / 1e6,
        (rows * COLUMN_BYTES) as f64 / 1e6
    );
    let program = env::current_exe().expect("a running program has a path");
    for what in ["measure-import", "measure-polars"] {
        let status = Command::new(&program)
            .arg(what)
            .arg(&csv)
            .env("MAKOOK_BENCH_ROWS", rows.to_string())
            .status();
        assert!(status.is_ok_and(|status| status.success()), "{what} failed");
    }
}

/// Writes a random walk of one-minute candles as exchanges export them.
fn generate(path: &Path, rows: u64) {
    let mut out =
        BufWriter::with_capacity(1 << 20, File::create(path).expect("the CSV can be made"));
    let mut rng = StreamRng::seeded(1);
    let mut price = 4_000_000_i64;
    let mut line = String::new();
    out.write_all(b"timestamp,open,high,low,close,volume\n")
        .expect("the CSV can be written");
    for row in 0..rows {
        let open = price;
        price = (price + rng.below(2_001) as i64 - 1_000).max(10_000);
        let high = open.max(price) + rng.below(500) as i64;
        let low = open.min(price) - rng.below(500) as i64;
        let volume = rng.below(10_000_000) + 1;
        let cents = |value: i64| (value / 100, value % 100);
        let [(o, oc), (h, hc), (l, lc), (c, cc)] = [open, high, low, price].map(cents);
        line.clear();
        use std::fmt::Write as _;
        let time = 1_000_000_000_000 + row * 60_000;
        let _ = writeln!(
            line,
            "{time},{o}.{oc:02},{h}.{hc:02},{l}.{lc:02},{c}.{cc:02},{}.{:05}",
            volume / 100_000,
            volume % 100_000
        );
        out.write_all(line.as_bytes())
            .expect("the CSV can be written");
    }
    out.flush().expect("the CSV can be written");
}

fn import_once(csv: &Path) -> u64 {
    let data = csv.with_file_name("data");
    let store = Store::at(&data);
    let spec = ImportSpec::named("minutes");
    let report = import(csv, &spec, &store, &SystemClock::new(), &mut quiet)
        .unwrap_or_else(|error| panic!("the generated file is clean: {error}"));
    report.manifest.coverage.bars
}

fn polars_once(csv: &Path) -> u64 {
    let file = File::open(csv).expect("the CSV is there");
    let frame = CsvReader::new(file).finish().expect("the CSV is clean");
    frame.height() as u64
}

fn measure(name: &str, work: impl FnOnce() -> u64) {
    let clock = SystemClock::new();
    let rows = work() as f64;
    let wall = clock.steady().as_secs_f64();
    let cpu = cpu_seconds();
    let peak = peak_bytes() as f64;
    println!(
        "{name:<13} {wall:6.2} s wall, {cpu:6.2} s CPU, {:5.2} M rows/s wall, {:5.2} M rows/s a core, peak {:5.0} MB = {:.2} × the columns",
        rows / wall / 1e6,
        rows / cpu / 1e6,
        peak / 1e6,
        peak / (rows * COLUMN_BYTES as f64)
    );
}

/// Returns user and system time of this process and its threads.
fn cpu_seconds() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit(") ").next().unwrap_or_default();
    let fields: Vec<f64> = after_name
        .split(' ')
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse().ok())
        .collect();
    fields.iter().sum::<f64>() / TICKS
}

/// Returns the most memory that this process held at once.
fn peak_bytes() -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    text.lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok())
        .map_or(0, |kilobytes| kilobytes * 1024)
}
