//! How fast the console program is there: `cargo bench --profile release --bench start`.
//!
//! Both figures are what a person waits for: from starting the program to the end of `--version`,
//! and to a first screen on which nothing is left to do, in a pseudo-terminal. The best of five.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its figures and ends where it cannot be run"
)]

use domain::{Clock, SystemClock};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::{
    io::Read,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_makook");
/// What the console writes, when asked to, once nothing is left to do.
const IDLE: &[u8] = b"\x1b]7777;idle\x07";
const ROUNDS: usize = 5;

fn main() {
    let home = tempfile::tempdir().unwrap();
    let best = |time: fn(&Path) -> Duration| {
        let rounds = (0..ROUNDS).map(|_| time(home.path()));
        rounds.min().unwrap_or_default().as_secs_f64() * 1e3
    };
    println!("makook --version: {:.1} ms", best(version));
    println!("first frame of the console: {:.1} ms", best(first_frame));
}

fn version(home: &Path) -> Duration {
    let clock = SystemClock::new();
    let started = clock.steady();
    let mut command = Command::new(PROGRAM);
    let command = command.arg("--version").env("HOME", home);
    let ended = command.stdout(Stdio::null()).status().unwrap();
    assert!(ended.success());
    clock.steady().saturating_sub(started)
}

fn first_frame(home: &Path) -> Duration {
    let size = PtySize {
        rows: 40,
        cols: 120,
        pixel_width: 0,
        pixel_height: 0,
    };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut command = CommandBuilder::new(PROGRAM);
    command.env_clear();
    command.cwd(home);
    command.env("HOME", home);
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.env("MAKOOK_PROJECT", home);
    command.env("MAKOOK_TEST_IDLE", "1");
    let clock = SystemClock::new();
    let started = clock.steady();
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let (mut seen, mut buffer) = (Vec::new(), [0; 65_536]);
    while !seen.windows(IDLE.len()).any(|window| window == IDLE) {
        let read = reader.read(&mut buffer).unwrap();
        assert_ne!(read, 0, "the console ended early");
        seen.extend_from_slice(&buffer[..read]);
    }
    let took = clock.steady().saturating_sub(started);
    child.kill().unwrap();
    child.wait().unwrap();
    took
}
