//! Lines: a real sshd, slow ones, and terminals that take their time. No frame waits in line.
//!
//! What needs an sshd is skipped, with a line that says so, where none can be run
//! (tests/lab/ssh-up.sh).

#[allow(dead_code, reason = "each user needs a part of it")]
#[path = "../../benches/live/mod.rs"]
mod live;
#[path = "../../benches/slow_line/mod.rs"]
mod slow_line;

use super::{
    multiplexers::{still, walk_both},
    stage::{Stage, header},
};
use crate::{
    console::{ALIVE, Screen},
    host::{Far, HOST},
};
use live::Live;
use portable_pty::CommandBuilder;
use rstest::rstest;
use runs::Home;
use slow_line::SlowLine;
use std::{
    sync::mpsc::{self, RecvTimeoutError},
    time::Duration,
};

const TAB: &[u8] = b"\t";
/// Switches the language: what is shown then was never shown before.
const F12: &[u8] = b"\x1b[24~";
const KOREAN: &str = "대시보드";
/// Presses while something else is on its way.
const TIMES: usize = 40;

/// A console on the host, seen through `ssh -tt` with further `options`.
fn through_ssh(far: &Far, stage: &Stage, options: &[String], env: &[(&str, &str)]) -> Screen {
    let mut there = String::new();
    let console = Screen::command(&stage.place, env);
    for (name, value) in console.iter_full_env_as_str() {
        there.push_str(&format!("{name}='{value}' "));
    }
    there.push_str(env!("CARGO_BIN_EXE_makook"));
    let mut command = CommandBuilder::new(far.bin().join("ssh"));
    command.args(options);
    command.args(["-tt", HOST, &there]);
    command.env("TERM", "xterm-256color");
    Screen::of(command, 100, 30)
}

#[rstest]
fn every_screen_is_the_same_through_a_real_sshd(#[values("en", "ko")] lang: &str) {
    let Some(far) = Far::up("every_screen_is_the_same_through_a_real_sshd") else {
        return;
    };
    let stage = still();
    let env = |session| [("MAKOOK_LANG", lang), ("MAKOOK_SESSION", session)];
    let mut direct = stage.open(&env("direct"));
    let mut other = through_ssh(&far, &stage, &[], &env("ssh")).answering();
    walk_both(&mut direct, &mut other);
    direct.quit();
    other.press(b"\x1b[21~");
    other.end();
}

/// Presses `times` keys, one by one, as fast as a held key repeats.
fn hold(screen: &mut Screen, key: &[u8], times: usize) {
    let (_never, pause) = mpsc::channel::<()>();
    for _ in 0..times {
        screen.press(key);
        let waited = pause.recv_timeout(Duration::from_millis(30));
        assert_eq!(waited, Err(RecvTimeoutError::Timeout));
    }
}

/// The terminal takes a frame and shows it late: what is pressed meanwhile is one frame.
#[test]
fn keys_while_a_frame_is_on_its_way_are_one_frame() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]).answering();
    screen.press(b"0");
    screen.wait_until("the log", |shown| header(shown) == "0 Logs");
    let mut screen = screen.silent();
    let before = screen.asked;
    // Longer than what keys may overtake.
    screen.press(b"3");
    screen.wait_for_asked(before + 1);
    hold(&mut screen, TAB, TIMES);
    screen.press(F12);
    screen.press(ALIVE);
    screen.wait_for_asked(before + 2);
    let mut screen = screen.answering_from(before + 1);
    screen.wait_for(KOREAN);
    let frames = screen.asked - before;
    assert!(frames <= 6, "{frames} frames for {TIMES} keys");
    screen.quit();
}

/// The count is no idle one: a terminal that cannot be asked gets a frame a key.
#[test]
fn without_answers_there_would_be_a_frame_a_key() {
    let stage = Stage::lived_in();
    let mut screen = stage.opened(&[]);
    let before = screen.received;
    screen.press(b"3");
    screen.wait_until("the run", |shown| header(shown) == "3 Run");
    let one = screen.received - before;
    hold(&mut screen, TAB, TIMES);
    screen.press(F12);
    screen.wait_for(KOREAN);
    let all = screen.received - before;
    assert!(all > 10 * one, "{all} {one}");
    screen.quit();
}

/// 150 ms each way at 50 kbit/s, a training at ten records a second, and a person in a hurry.
#[test]
fn a_slow_line_is_never_behind() {
    let Some(far) = Far::up("a_slow_line_is_never_behind") else {
        return;
    };
    let stage = Stage::lived_in();
    let home = Home::at(stage.place.path().join("logs/runs"));
    let mut live = Live::begin(&home, "live");
    let (stop, stopped) = mpsc::channel::<()>();
    let writer = std::thread::spawn(move || {
        while stopped.recv_timeout(Duration::from_millis(100)) == Err(RecvTimeoutError::Timeout) {
            live.tick();
        }
    });
    let line = SlowLine::to(&far.port, Duration::from_millis(150), 50_000 / 8);
    let options = [
        "-oHostName=127.0.0.1".to_owned(),
        format!("-oPort={}", line.port()),
        format!("-oHostKeyAlias=[127.0.0.1]:{}", far.port),
        "-oControlMaster=no".to_owned(),
        "-oControlPath=none".to_owned(),
    ];
    let refresh = [("MAKOOK_CONSOLE__REFRESH", "100")];
    let mut screen = through_ssh(&far, &stage, &options, &refresh).answering();
    screen.wait_for_terminal("the runs", |terminal| terminal.contents().contains("live-"));
    screen.press(b"3");
    screen.wait_for_terminal("curves", |terminal| {
        terminal.contents().contains("Approx. KL")
    });
    let (asked, received) = (screen.asked, screen.received);
    hold(&mut screen, TAB, TIMES);
    screen.press(F12);
    screen.wait_for_terminal("the last key", |terminal| {
        terminal.contents().contains(KOREAN)
    });
    let (frames, bytes) = (screen.asked - asked, screen.received - received);
    // Each of the 41 keys changes the whole screen: 41 frames would be more than
    // a hundred kilobytes, twenty seconds of this line.
    assert!(frames <= 12, "{frames} frames");
    assert!(bytes <= 64 * 1_024, "{bytes} bytes");
    let most = line.most_waiting();
    assert!(most <= 32 * 1_024, "{most} bytes waited in line");
    screen.press(b"\x1b[21~");
    screen.end();
    drop(stop);
    writer.join().unwrap();
}
