//! The console in a pseudo-terminal, decoded as a terminal would show it.
//!
//! Waits for the console's own idle marker, never for time.

use crate::place::Place;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rstest::rstest;
use std::{
    io::{Read, Write},
    num::NonZero,
    sync::mpsc,
};
use vt100::{MouseProtocolEncoding, MouseProtocolMode};

const IDLE: &[u8] = b"\x1b]7777;idle\x07";
/// What a terminal is asked after a frame, and what it says then (DSR 5).
pub const ASK: &[u8] = b"\x1b[5n";
pub const ALIVE: &[u8] = b"\x1b[0n";

/// A console in a pseudo-terminal.
pub struct Screen {
    parser: vt100::Parser,
    bytes: mpsc::Receiver<Vec<u8>>,
    pending: Vec<u8>,
    /// The console has settled with this screen, and nothing was done to it since.
    settled: bool,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    /// The terminal's settings (what `stty -g` says) before the console came.
    found: String,
    /// Whether this terminal answers when it is asked for its status.
    answers: bool,
    /// Bytes that came, and status requests among them.
    pub received: usize,
    pub asked: usize,
    last: Vec<u8>,
}

impl Screen {
    pub fn open(place: &Place, columns: u16, rows: u16, env: &[(&str, &str)]) -> Self {
        Self::of(Self::command(place, env), columns, rows)
    }

    /// The command that opens a console in `place`; an empty value of `env` takes the variable
    /// away.
    pub fn command(place: &Place, env: &[(&str, &str)]) -> CommandBuilder {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_makook"));
        command.env_clear();
        command.cwd(place.path());
        command.env("HOME", place.path());
        command.env("PATH", std::env::var("PATH").unwrap_or_default());
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("MAKOOK_PROJECT", place.path());
        command.env("MAKOOK_WORKER", env!("CARGO_BIN_EXE_makook-worker"));
        command.env("MAKOOK_TEST_IDLE", "1");
        for (name, value) in env {
            match value.is_empty() {
                true => command.env_remove(name),
                false => command.env(name, value),
            }
        }
        command
    }

    /// Starts `command`, which opens a console.
    pub fn of(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let found = settings(&*pair.master);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, bytes) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 65_536];
            while let Ok(read) = reader.read(&mut buffer) {
                if read == 0 || sender.send(buffer[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        let sides = (NonZero::new(rows).unwrap(), NonZero::new(columns).unwrap());
        let parser = vt100::Parser::new(sides.0, sides.1, 0);
        Self {
            parser,
            bytes,
            pending: Vec::new(),
            settled: false,
            writer,
            child,
            master: pair.master,
            found,
            answers: false,
            received: 0,
            asked: 0,
            last: Vec::new(),
        }
    }

    /// From now on this terminal answers when it is asked for its status.
    pub fn answering(self) -> Self {
        self.answering_from(0)
    }

    /// The same where the first `answered` requests have been answered.
    pub fn answering_from(mut self, answered: usize) -> Self {
        self.answers = true;
        self.press(&ALIVE.repeat(self.asked - answered));
        self
    }

    /// From now on it does not.
    pub fn silent(mut self) -> Self {
        self.answers = false;
        self
    }

    /// Takes in output until the terminal was asked `times` times in all.
    pub fn wait_for_asked(&mut self, times: usize) {
        while self.asked < times {
            assert!(
                self.arrive().is_ok(),
                "asked {} of {times} times",
                self.asked
            );
        }
    }

    /// Takes in what came next; `None` when nothing does for a minute or ever will.
    fn arrive(&mut self) -> Result<(), mpsc::RecvTimeoutError> {
        let more = self
            .bytes
            .recv_timeout(std::time::Duration::from_secs(60))?;
        self.received += more.len();
        // A request may be torn in two.
        self.last.extend_from_slice(&more);
        let asked = self.last.windows(ASK.len()).filter(|part| *part == ASK);
        let asked = asked.count();
        self.last
            .drain(..self.last.len().saturating_sub(ASK.len() - 1));
        self.asked += asked;
        if self.answers {
            self.press(&ALIVE.repeat(asked));
        }
        self.pending.extend(more);
        Ok(())
    }

    /// Takes in output until the console has settled with `text` on the screen.
    pub fn wait_for(&mut self, text: &str) -> String {
        self.wait_until(text, |shown| shown.contains(text))
    }

    /// Takes in output until the console has settled without `text` on the screen.
    pub fn wait_without(&mut self, text: &str) -> String {
        self.wait_until(&format!("no {text}"), |shown| !shown.contains(text))
    }

    /// Takes in output until the console has settled with a screen that `fits`, which it may have.
    pub fn wait_until(&mut self, what: &str, fits: impl Fn(&str) -> bool) -> String {
        let shown = self.parser.screen().contents();
        if self.settled && fits(&shown) {
            return shown;
        }
        loop {
            while let Some(at) = find(&self.pending, IDLE) {
                let settled: Vec<u8> = self.pending.drain(..at + IDLE.len()).collect();
                self.parser.process(&settled);
                self.settled = true;
                let shown = self.parser.screen().contents();
                if fits(&shown) {
                    return shown;
                }
            }
            if self.arrive().is_err() {
                panic!("`{what}` never came:\n{}", self.parser.screen().contents());
            }
        }
    }

    /// Returns whether clicks, the wheel and drags are asked for, and never mere motion.
    pub fn hears_the_mouse(&self) -> bool {
        let screen = self.parser.screen();
        match screen.mouse_protocol_mode() {
            MouseProtocolMode::None => false,
            MouseProtocolMode::ButtonMotion => {
                assert_eq!(screen.mouse_protocol_encoding(), MouseProtocolEncoding::Sgr);
                true
            }
            other => panic!("the mouse is heard as {other:?}"),
        }
    }

    /// Takes in output, settled or not, until the terminal itself is as `fits` wants it.
    pub fn wait_for_terminal(&mut self, what: &str, fits: impl Fn(&vt100::Screen) -> bool) {
        loop {
            let come = std::mem::take(&mut self.pending);
            self.parser.process(&come);
            self.settled = false;
            if fits(self.parser.screen()) {
                return;
            }
            if self.arrive().is_err() {
                panic!("`{what}` never came:\n{}", self.parser.screen().contents());
            }
        }
    }

    /// The terminal as it stands.
    pub fn terminal(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.settled = false;
        let sides = (NonZero::new(rows).unwrap(), NonZero::new(columns).unwrap());
        self.parser.set_size(sides.0, sides.1);
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        self.master.resize(size).unwrap();
    }

    pub fn pid(&self) -> String {
        self.child.process_id().unwrap().to_string()
    }

    /// Sends a signal by its name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let sent = std::process::Command::new("kill")
            .args([&format!("-{name}"), &self.pid()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Ends it as a person does.
    pub fn quit(mut self) {
        self.press(b"\x1b[21~");
        assert_eq!(self.end().0, 0);
    }

    /// Takes the terminal away.
    pub fn hang_up(self) -> Box<dyn Child + Send + Sync> {
        self.child
    }

    pub fn press(&mut self, keys: &[u8]) {
        self.settled = false;
        self.writer.write_all(keys).unwrap();
        self.writer.flush().unwrap();
    }

    /// Takes in everything until the program has ended; the terminal must be as it was found.
    /// Returns the exit code and what is left on the screen.
    pub fn end(mut self) -> (u32, vt100::Parser) {
        loop {
            match self.arrive() {
                Ok(()) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    let _ = self.child.kill();
                    panic!("it did not end:\n{}", self.parser.screen().contents());
                }
            }
        }
        self.parser.process(&self.pending);
        let code = self.child.wait().unwrap().exit_code();
        let screen = self.parser.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
        assert!(!self.hears_the_mouse());
        assert_eq!(settings(&*self.master), self.found);
        (code, self.parser)
    }
}

/// Returns line settings, flags and control characters of a terminal.
fn settings(terminal: &dyn MasterPty) -> String {
    format!("{:?}", terminal.get_termios().unwrap())
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[rstest]
#[case(80, 24)]
#[case(200, 60)]
fn it_opens_and_gives_the_terminal_back(#[case] columns: u16, #[case] rows: u16) {
    let place = Place::new();
    let mut screen = Screen::open(&place, columns, rows, &[]);
    screen.wait_for("makook");
    let shown = screen.parser.screen();
    assert!(shown.alternate_screen() && shown.hide_cursor());
    assert_ne!(settings(&*screen.master), screen.found);
    screen.press(b"\x1b[21~");
    assert_eq!(screen.end().0, 0);
}

#[rstest]
#[case::of_the_loop("loop", 101)]
#[case::of_a_thread("thread", 3)]
fn a_panic_gives_the_terminal_back_before_it_is_printed(#[case] whose: &str, #[case] code: u32) {
    let place = Place::new();
    let screen = Screen::open(&place, 120, 40, &[("MAKOOK_TEST_PANIC", whose)]);
    let (ended, parser) = screen.end();
    let left = parser.screen().contents();
    assert!(left.contains("asks for a panic"), "{left}");
    assert_eq!(ended, code, "{left}");
}

#[test]
fn a_finished_run_is_listed_opened_and_left_again() {
    let place = Place::new();
    let run = place.train(&["run.name=shown"]);
    let mut screen = Screen::open(&place, 120, 40, &[]);
    screen.wait_for("shown");
    // A key that means nothing here changes nothing.
    screen.press(b"Z");
    screen.press(b"3");
    screen.wait_for("Rollout return");
    // Back to the list before leaving: an Esc glued to the next key would be read as Alt.
    screen.press(b"1");
    screen.wait_for("Space Mark");
    screen.press(b"\x1b[21~");
    let (code, _) = screen.end();
    assert_eq!(code, 0);
    assert!(run.join("done.json").exists());
}

#[test]
fn it_speaks_korean_in_80_columns() {
    let place = Place::new();
    let mut screen = Screen::open(&place, 80, 24, &[("MAKOOK_LANG", "ko")]);
    let shown = screen.wait_for("makook");
    assert!(shown.chars().any(|c| ('가'..='힣').contains(&c)), "{shown}");
    screen.press(b"\x1b[21~");
    assert_eq!(screen.end().0, 0);
}

#[test]
fn a_terminal_that_asks_it_to_end_gets_its_screen_back() {
    let place = Place::new();
    let mut screen = Screen::open(&place, 80, 24, &[]);
    screen.wait_for("makook");
    screen.signal("TERM");
    screen.end();
}

#[test]
fn without_a_terminal_it_says_so() {
    let place = Place::new();
    let output = place.run(&[]);
    assert_eq!(
        output.status.code(),
        Some(3),
        "{}",
        crate::place::text(&output)
    );
    assert!(crate::place::text(&output).contains("needs a terminal"));
}
