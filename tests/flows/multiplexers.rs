//! The same screens in tmux and in GNU screen as directly, cell by cell.
//!
//! Skipped, with a line that says so, where they are not installed (tests/lab/packages.sh).

use super::stage::{Stage, header};
use crate::console::Screen;
use portable_pty::CommandBuilder;
use rstest::rstest;
use std::{fs, process::Command};

/// Every screen with a digit.
const DIGITS: [&str; 7] = ["2", "3", "4", "5", "7", "0", "1"];
/// Name of the server's socket, in a folder of its own.
const SOCKET: &str = "flows";

/// What is on the terminal: rows without trailing blanks, and without what the machine does.
pub fn cells(terminal: &vt100::Screen) -> String {
    let rows = terminal.contents();
    let rows = rows.lines().map(|row| match row.contains("GiB") {
        true => row.replace(|c: char| c.is_ascii_digit(), "0"),
        false => row.to_owned(),
    });
    let rows = rows.map(|row| row.trim_end().to_owned());
    rows.collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

/// Runs whose screens do not change by themselves.
pub fn still() -> Stage {
    let mut stage = Stage::new();
    stage.judged("alpha");
    stage.judged("beta");
    stage
}

/// Walks both consoles through every screen and compares what is on them.
pub fn walk_both(direct: &mut Screen, other: &mut Screen) {
    // The jobs are asked for beside everything else.
    let asked = |shown: &str| !shown.contains("asking") && !shown.contains("묻는 중");
    direct.wait_until("the first screen", |shown| {
        shown.contains("beta") && asked(shown)
    });
    other.wait_for_terminal("the first screen", |terminal| {
        terminal.contents().contains("beta")
    });
    for digit in DIGITS {
        direct.press(digit.as_bytes());
        direct.wait_until(digit, |shown| header(shown).starts_with(digit));
        let expected = cells(direct.terminal());
        other.press(digit.as_bytes());
        let what = format!("screen {digit} as it is directly:\n{expected}\n");
        other.wait_for_terminal(&what, |terminal| cells(terminal) == expected);
    }
}

/// A multiplexer, and how it is told to run a console.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Multiplexer {
    Tmux,
    Screen,
}

impl Multiplexer {
    const fn program(self) -> &'static str {
        match self {
            Self::Tmux => "tmux",
            Self::Screen => "screen",
        }
    }

    fn is_there(self) -> bool {
        let version = match self {
            Self::Tmux => "-V",
            Self::Screen => "--version",
        };
        // GNU screen's exit code for its version is not zero.
        Command::new(self.program()).arg(version).output().is_ok()
    }

    /// The command that runs a console inside, with nothing of its own on the terminal.
    fn command(self, stage: &Stage, env: &[(&str, &str)]) -> CommandBuilder {
        let folder = stage.place.path().join("sockets");
        fs::create_dir_all(&folder).unwrap();
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(&folder, private).unwrap();
        let settings = folder.join("settings");
        let lines = match self {
            Self::Tmux => "set -g status off\nset -g default-terminal tmux-256color\n",
            Self::Screen => "startup_message off\ndefutf8 on\nterm screen-256color\n",
        };
        fs::write(&settings, lines).unwrap();
        let console = Screen::command(&stage.place, env);
        let mut command = CommandBuilder::new(self.program());
        match self {
            Self::Tmux => command.args(["-u", "-L", SOCKET, "-f"]),
            Self::Screen => command.args(["-U", "-S", SOCKET, "-c"]),
        }
        command.arg(&settings);
        if self == Self::Tmux {
            command.arg("new-session");
        }
        command.arg(env!("CARGO_BIN_EXE_makook"));
        command.env_clear();
        for (name, value) in console.iter_full_env_as_str() {
            command.env(name, value);
        }
        command.env("TMUX_TMPDIR", &folder);
        command.env("SCREENDIR", &folder);
        command.cwd(stage.place.path());
        command
    }
}

#[rstest]
fn every_screen_is_the_same_inside(
    #[values(Multiplexer::Tmux, Multiplexer::Screen)] inside: Multiplexer,
    #[values("en", "ko")] lang: &str,
    #[values((80, 24), (132, 43))] size: (u16, u16),
) {
    if !inside.is_there() {
        let program = inside.program();
        println!(
            "SKIPPED: flows::multiplexers::every_screen_is_the_same_inside: {program} is not \
             installed (tests/lab/packages.sh installs it)"
        );
        return;
    }
    let stage = still();
    let env = |session| [("MAKOOK_LANG", lang), ("MAKOOK_SESSION", session)];
    let mut direct = Screen::open(&stage.place, size.0, size.1, &env("direct"));
    let command = inside.command(&stage, &env("inside"));
    let mut other = Screen::of(command, size.0, size.1);
    walk_both(&mut direct, &mut other);
    direct.quit();
    other.press(b"\x1b[21~");
    other.end();
}
