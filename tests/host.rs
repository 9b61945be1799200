//! `makook --host` against a real sshd: the console's files and jobs over one line, lines that
//! break, verbs that run there.
//!
//! Skipped, with a line that says so, where no sshd can be run (tests/lab/ssh-up.sh).

use crate::place::{Place, SMALL, text, wait_until};
use domain::{Clock, SystemClock};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use remote::{Address, Answer, Ask, Line, Order, Standing};
use rstest::rstest;
use runs::{Command as Post, RunId};
use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Arc, mpsc},
    time::Duration,
};

pub const HOST: &str = "klone-login";
/// Nothing that is waited for takes as long.
const PATIENCE: Duration = Duration::from_secs(90);

/// A machine behind a real sshd that is this one, with a project of its own.
pub struct Far {
    pub place: Place,
    dir: tempfile::TempDir,
    pub port: String,
}

impl Far {
    /// Brings it up; `None`, with a line that says why, where that is not possible.
    pub fn up(test: &str) -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/ssh-up.sh");
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port().to_string();
        drop(free);
        let far = Self {
            place: Place::new(),
            dir: tempfile::tempdir().unwrap(),
            port,
        };
        let why = match far.script(&script) {
            Ok(output) if output.status.success() => None,
            Ok(output) => Some(text(&output).trim().to_owned()),
            Err(error) => Some(format!("{}: {error}", script.display())),
        };
        if let Some(why) = why {
            println!("SKIPPED: host::{test}: {why}");
            return None;
        }
        far.write_programs();
        Some(far)
    }

    fn script(&self, script: &Path) -> std::io::Result<Output> {
        Command::new(script)
            .env("SSH_LAB", self.dir.path().join("lab"))
            .env("SSH_LAB_PORT", &self.port)
            // The worker's libraries are this user's to read.
            .env("SSH_LAB_USER", "root")
            .output()
    }

    /// An ssh that knows the lab and writes down each login, and the program there.
    fn write_programs(&self) {
        let lab = self.dir.path().join("lab");
        let ssh = format!(
            "#!/bin/sh\n[ \"$1\" = -G ] || echo $$ >>'{}'\nexec /usr/bin/ssh -F '{}' \"$@\"\n",
            self.logins().display(),
            lab.join("config").display()
        );
        let there = format!(
            "#!/bin/sh\nexport HOME='{0}' MAKOOK_PROJECT='{0}' MAKOOK_WORKER='{1}'\nunset SLURM_CONF\nexec '{2}' \"$@\"\n",
            self.place.path().display(),
            env!("CARGO_BIN_EXE_makook-worker"),
            env!("CARGO_BIN_EXE_makook"),
        );
        fs::create_dir(self.bin()).unwrap();
        for (name, script) in [("ssh", ssh), ("makook-there", there)] {
            let path = self.bin().join(name);
            fs::write(&path, script).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    pub fn bin(&self) -> PathBuf {
        self.dir.path().join("bin")
    }

    pub fn program(&self) -> String {
        self.bin().join("makook-there").display().to_string()
    }

    fn logins(&self) -> PathBuf {
        self.dir.path().join("logins")
    }

    /// Process ids of every ssh that logged in, oldest first.
    fn pids(&self) -> Vec<String> {
        let text = fs::read_to_string(self.logins()).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn cut_line(&self) {
        let pid = self.pids().pop().unwrap();
        let killed = Command::new("kill").args(["-9", &pid]).status().unwrap();
        assert!(killed.success());
    }

    /// Runs `makook` here with `arguments`.
    fn makook(&self, arguments: &[&str]) -> Output {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = self.place.command(arguments);
        command
            .env("PATH", format!("{}:{path}", self.bin().display()))
            .env("MAKOOK_HOST_PROGRAM", self.program())
            .env("HOME", self.dir.path())
            .env_remove("MAKOOK_PROJECT")
            .current_dir(self.dir.path());
        command.output().unwrap()
    }

    fn line(&self) -> (Arc<Line>, remote::line::Keeper) {
        let cache = self.dir.path().join("cache");
        let address = Address::new(HOST, &cache)
            .unwrap()
            .with_ssh(&self.bin().join("ssh"))
            .with_program(&self.program());
        let clock = Arc::new(SystemClock::new());
        Line::open(&address, &cache.join("hosts"), "0.1.0", clock).unwrap()
    }

    fn run_there(&self, run: &RunId) -> PathBuf {
        self.place.path().join("logs/runs").join(run.as_str())
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        // A test that failed leaves its training behind.
        for run in fs::read_dir(self.place.path().join("logs/runs"))
            .into_iter()
            .flatten()
            .flatten()
        {
            let claim = content(&run.path().join("meta/0001.claim.json"));
            let claim: serde_json::Value = serde_json::from_str(&claim).unwrap_or_default();
            let over = ["done.json", "failed.json"].map(|name| run.path().join(name).exists());
            if let (Some(pid), [false, false]) = (claim["pid"].as_u64(), over) {
                let _ = Command::new("kill").arg(pid.to_string()).output();
            }
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/ssh-down.sh");
        let _ = self.script(&script);
    }
}

fn beat(run: &Path) -> u64 {
    let status = fs::read(run.join("status.json")).unwrap_or_default();
    let status: serde_json::Value = serde_json::from_slice(&status).unwrap_or_default();
    status["beat"].as_u64().unwrap_or(0)
}

pub fn content(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn state_here(line: &Line, run: &RunId) -> runs::State {
    let dir = line.home().run(run);
    runs::observe(&dir, &*line.attention(), runs::observe::STALENESS).state
}

#[test]
fn a_training_there_is_followed_steered_and_outlives_the_line() {
    let Some(far) = Far::up("a_training_there_is_followed_steered_and_outlives_the_line") else {
        return;
    };
    let (line, keeper) = far.line();
    assert!(line.project().join("configs/default.toml").is_file());
    let mut sets: Vec<String> = SMALL.iter().map(|set| (*set).to_owned()).collect();
    sets.extend(["train.total_steps=2000000000", "run.name=far"].map(str::to_owned));
    let order = Order {
        sets,
        ..Order::default()
    };
    let Answer::Started(runs) = line.ask(&Ask::Train { order }).unwrap() else {
        panic!("no run was started");
    };
    let [run] = &runs[..] else {
        panic!("{runs:?} is not one run");
    };
    let run = run.clone();
    wait_until("the training runs, seen from here", || {
        state_here(&line, &run) == runs::State::Running
    });
    let Answer::Jobs(listing) = line.ask(&Ask::Jobs).unwrap() else {
        panic!("no jobs were listed");
    };
    assert!(
        listing
            .jobs
            .iter()
            .any(|job| job.view.run.as_ref() == Some(&run))
    );

    // Its log and its metrics come here and grow.
    line.watch(Some(run.clone()), Vec::new());
    let here = line.home().run(&run);
    let metrics = here.join("seeds/3/metrics/0001.jsonl");
    wait_until("metrics are here", || !content(&metrics).is_empty());
    wait_until("the log is here", || {
        !content(&here.join("log/0001.log")).is_empty()
    });
    let before = content(&metrics).len();
    wait_until("metrics grow", || content(&metrics).len() > before);

    // A command is posted there and its answer comes back.
    let post = Ask::Post {
        run: run.clone(),
        command: Post::Checkpoint,
    };
    assert_eq!(line.ask(&post).unwrap(), Answer::Posted(1));
    let events = here.join("events/0001.jsonl");
    wait_until("the command is answered", || {
        content(&events).contains("command_acknowledged")
    });

    // The line is cut: everything stays, the training goes on, nobody logs in again.
    far.cut_line();
    wait_until("the loss is noticed", || {
        matches!(line.standing().0, Standing::Lost { .. })
    });
    let logins = far.pids().len();
    let there = far.run_there(&run);
    let at_loss = beat(&there);
    wait_until("the training goes on", || beat(&there) > at_loss + 3);
    assert_eq!(state_here(&line, &run), runs::State::Running);
    assert!(line.ask(&Ask::Jobs).unwrap_err().is_loss());
    assert_eq!(far.pids().len(), logins, "somebody logged in by itself");

    line.reconnect().unwrap();
    assert_eq!(far.pids().len(), logins + 1);
    wait_until("the mirror catches up", || beat(&here) > at_loss + 3);
    let stop = Ask::Post {
        run: run.clone(),
        command: Post::Stop,
    };
    line.ask(&stop).unwrap();
    wait_until("it stopped, seen from here", || {
        state_here(&line, &run) == runs::State::Interrupted
    });
    for path in [
        "run.toml",
        "seeds/3/metrics/0001.jsonl",
        "events/0001.jsonl",
    ] {
        wait_until("both sides agree", || {
            let (far, near) = (content(&there.join(path)), content(&here.join(path)));
            !far.is_empty() && far == near
        });
    }
    drop(keeper);

    // A console opened later begins where this one ended.
    let (line, _keeper) = far.line();
    wait_until("it is still listed", || {
        state_here(&line, &run) == runs::State::Interrupted
    });
    line.ask(&Ask::Remove { run: run.clone() }).unwrap();
    wait_until("it is gone here as well", || {
        !line.home().run(&run).exists()
    });
    line.ask(&Ask::Restore { run: run.clone() }).unwrap();
    wait_until("it is back", || {
        line.home().run(&run).join("run.toml").exists()
    });
}

#[test]
fn a_verb_runs_there_with_its_streams_and_exit_code() {
    let Some(far) = Far::up("a_verb_runs_there_with_its_streams_and_exit_code") else {
        return;
    };
    let run = far.place.train(&["run.name=there"]);
    let name = run.file_name().unwrap().to_string_lossy().into_owned();
    let listed = far.makook(&["--host", HOST, "runs", "list", "--json"]);
    assert_eq!(listed.status.code(), Some(0), "{}", text(&listed));
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed[0]["id"], name.as_str());

    let odd = "없는 'run' \"x\" $(reboot) ; *";
    let refused = far.makook(&["runs", "show", odd, "--host", HOST]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(refused.stdout.is_empty());
    assert!(text(&refused).contains(odd), "{}", text(&refused));

    let korean = far.makook(&["--lang", "ko", "--host", HOST, "runs", "show", "nope"]);
    assert!(text(&korean).contains("도움말"), "{}", text(&korean));
}

#[rstest]
#[case::wrong_name(&["--host", "nowhere.invalid"], 3, "nowhere.invalid cannot be reached")]
#[case::no_login(&["--host", "nobody@klone-login"], 3, "run `ssh nobody@klone-login` in another terminal")]
#[case::wrong_program(&["--host", "klone-login", "--host-program", "/nowhere/makook"], 3, "no program `/nowhere/makook`")]
#[case::no_agent(&["--host", "klone-login", "--host-program", "/bin/false"], 3, "no agent answered")]
#[case::option_as_name(&["--host", "-oProxyCommand=false"], 2, "not the name of a host")]
#[case::program_without_host(&["--host-program", "x"], 2, "need --host")]
fn what_cannot_work_is_said_once(
    #[case] arguments: &[&str],
    #[case] code: i32,
    #[case] says: &str,
) {
    let Some(far) = Far::up("what_cannot_work_is_said_once") else {
        return;
    };
    let output = far.makook(arguments);
    assert_eq!(output.status.code(), Some(code), "{}", text(&output));
    assert!(text(&output).contains(says), "{}", text(&output));
    assert!(far.pids().len() <= 1, "it was tried again");
}

#[test]
fn the_console_shows_the_host_and_survives_the_line() {
    let Some(far) = Far::up("the_console_shows_the_host_and_survives_the_line") else {
        return;
    };
    far.place.train(&["run.name=faraway"]);
    let mut screen = Screen::open(&far);
    screen.wait_for("faraway");
    screen.wait_for(HOST);
    far.cut_line();
    let lost = screen.wait_for("line lost");
    assert!(lost.contains("faraway") && lost.contains("F9"), "{lost}");
    assert_eq!(far.pids().len(), 1);
    screen.press(b"\x1b[20~");
    screen.wait_for("the line stands again");
    assert_eq!(far.pids().len(), 2);
    screen.press(b"\x1b[21~");
    screen.wait_for_end();
}

/// The console of the host in a pseudo-terminal.
pub struct Screen {
    parser: vt100::Parser,
    bytes: mpsc::Receiver<Vec<u8>>,
    writer: Box<dyn Write + Send>,
    pub child: Box<dyn portable_pty::Child + Send + Sync>,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Screen {
    pub fn open(far: &Far) -> Self {
        let words = ["--host", HOST, "--host-program", &far.program()].map(str::to_owned);
        Self::run(far, env!("CARGO_BIN_EXE_makook"), &words)
    }

    /// Runs `program` with `words` in a terminal of 140 by 40.
    pub fn run(far: &Far, program: &str, words: &[String]) -> Self {
        let size = PtySize {
            rows: 40,
            cols: 140,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = CommandBuilder::new(program);
        command.args(words);
        command.env_clear();
        command.cwd(far.dir.path());
        command.env("HOME", far.dir.path());
        command.env("PATH", format!("{}:{path}", far.bin().display()));
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, bytes) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 65_536];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        let sides = [40, 140].map(|side| std::num::NonZero::new(side).unwrap());
        Self {
            parser: vt100::Parser::new(sides[0], sides[1], 0),
            bytes,
            writer,
            child,
            _master: pair.master,
        }
    }

    pub fn wait_for(&mut self, wanted: &str) -> String {
        let clock = SystemClock::new();
        loop {
            let shown = self.parser.screen().contents();
            if shown.contains(wanted) {
                return shown;
            }
            // A live run never falls silent.
            let left = PATIENCE.saturating_sub(clock.steady());
            match self.bytes.recv_timeout(left) {
                Ok(more) => self.parser.process(&more),
                Err(_) => panic!("`{wanted}` never came:\n{shown}"),
            }
        }
    }

    pub fn press(&mut self, keys: &[u8]) {
        self.writer.write_all(keys).unwrap();
        self.writer.flush().unwrap();
    }

    pub fn wait_for_end(mut self) {
        while self.bytes.recv_timeout(Duration::from_secs(60)).is_ok() {}
        assert_eq!(self.child.wait().unwrap().exit_code(), 0);
    }
}
