//! One way to drive jobs, whichever backend they are on: the command line, as a person uses it.

use super::lab::{Lab, USER};
use crate::place::{SMALL, copy_tree, read_json, text};
use domain::{Clock, SystemClock};
use portable_pty::CommandBuilder;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// Generous: two cores, and a scheduler that looks every few seconds.
const PATIENCE: Duration = Duration::from_secs(180);

/// A training that goes on until it is stopped.
pub const ENDLESS: &[&str] = &[
    "train.total_steps=2000000000",
    "train.checkpoint_every_steps=65536",
    "train.validate_every_steps=1048576",
];

/// Where the jobs of a test run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The pool of this machine.
    Local,
    /// Slurm without accounting.
    Slurm,
    /// Slurm with accounting: `sacct`, accounts, QOS.
    Accounts,
}

/// A project of its own, and the jobs in it.
pub struct Driver {
    lab: Option<Arc<Lab>>,
    root: PathBuf,
    clock: SystemClock,
    small_disk: Option<PathBuf>,
    _scratch: Option<tempfile::TempDir>,
}

/// A run that was sent off.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Its directory.
    pub run: PathBuf,
    /// Its identifier.
    pub id: String,
    /// The job's name at its backend.
    pub job: String,
}

impl Driver {
    /// Opens a project on `backend`; prints why and returns `None` where that cannot run here.
    pub fn open(backend: Backend, test: &str) -> Option<Self> {
        match backend {
            Backend::Local => {
                let scratch = tempfile::tempdir().unwrap();
                let root = scratch.path().to_owned();
                Some(Self::prepared(None, root, Some(scratch)))
            }
            Backend::Slurm => Self::on(Lab::shared(false), test),
            Backend::Accounts => Self::on(Lab::shared(true), test),
        }
    }

    /// Opens a project in `lab`; prints why and returns `None` where there is none.
    pub fn on(lab: Result<Arc<Lab>, String>, test: &str) -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let lab = match lab {
            Ok(lab) => lab,
            Err(why) => {
                println!("SKIPPED: {test}: {why}");
                return None;
            }
        };
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let root = lab.home().join(format!("project-{number}"));
        Some(Self::prepared(Some(lab), root, None))
    }

    fn prepared(lab: Option<Arc<Lab>>, root: PathBuf, scratch: Option<tempfile::TempDir>) -> Self {
        let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
        copy_tree(&configs, &root.join("configs"));
        let driver = Self {
            lab,
            root,
            clock: SystemClock::new(),
            small_disk: None,
            _scratch: scratch,
        };
        fs::create_dir_all(driver.root.join("configs/clusters")).unwrap();
        let profile = driver.root.join("configs/clusters/lab.toml");
        fs::write(profile, super::lab::PROFILE).unwrap();
        driver.own(&driver.root);
        driver
    }

    /// Gives `path` to the user of the cluster.
    pub fn own(&self, path: &Path) {
        if self.lab.is_some() {
            let owner = format!("{USER}:{USER}");
            let status = Command::new("chown")
                .arg("-R")
                .arg(owner)
                .arg(path)
                .status();
            assert!(status.unwrap().success());
        }
    }

    /// Puts a disk of 8 MiB at `path`; `false` where that is not allowed.
    pub fn mounts_small_disk(&mut self, path: &Path) -> bool {
        fs::create_dir_all(path).unwrap();
        let mount = ["-t", "tmpfs", "-o", "size=8m", "makook-test"];
        let output = Command::new("mount").args(mount).arg(path).output();
        let mounted = output.is_ok_and(|output| output.status.success());
        if mounted {
            self.small_disk = Some(path.to_owned());
            self.own(path);
        }
        mounted
    }

    /// Returns the profile that jobs go through.
    pub fn profile(&self) -> &'static str {
        if self.lab.is_some() { "lab" } else { "local" }
    }

    /// Returns the project's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the cluster.
    pub fn lab(&self) -> &Lab {
        self.lab
            .as_ref()
            .expect("only tests on a cluster ask for it")
    }

    /// Returns whether this is a cluster.
    pub fn is_cluster(&self) -> bool {
        self.lab.is_some()
    }

    /// Returns a command of the user.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = match &self.lab {
            Some(lab) => {
                let mut command = lab.as_user(&lab.makook(), &self.root);
                command.env("MAKOOK_WORKER", lab.worker());
                command
            }
            None => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_makook"));
                command
                    .current_dir(&self.root)
                    .env_clear()
                    .env("PATH", std::env::var("PATH").unwrap_or_default())
                    .env("LANG", "C.UTF-8")
                    .env("USER", "tuner")
                    .env("MAKOOK_WORKER", env!("CARGO_BIN_EXE_makook-worker"))
                    .stdin(Stdio::null());
                command
            }
        };
        command
            .args(arguments)
            .env("HOME", &self.root)
            .env("MAKOOK_PROJECT", &self.root);
        command
    }

    /// Returns a command of the user that opens the console in a terminal.
    pub fn console(&self) -> CommandBuilder {
        let command = self.command(&[]);
        let mut console = CommandBuilder::new(command.get_program());
        console.args(command.get_args());
        console.env_clear();
        console.cwd(&self.root);
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                console.env(name, value);
            }
        }
        console.env("TERM", "xterm-256color");
        console.env("MAKOOK_TEST_IDLE", "1");
        console
    }

    /// Runs a command.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that must end well and returns its standard output.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{arguments:?}\n{}",
            text(&output)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs a command that must end well and print JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let out = self.ok(arguments);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{out}"))
    }

    /// Returns the arguments that send a small training off.
    pub fn sending<'a>(&self, name: &'a str, settings: &[&'a str]) -> Vec<&'a str> {
        let mut arguments = vec!["train", "--on", self.profile(), "--name", name];
        // One thread and one processor each: several jobs share a small machine.
        let small = ["train.threads=1", "jobs.cpus=1"];
        for setting in SMALL.iter().chain(&small).chain(settings) {
            arguments.extend(["--set", setting]);
        }
        arguments
    }

    /// Sends a small training with further `settings` off.
    pub fn send(&self, name: &str, settings: &[&str]) -> Sent {
        let mut arguments = self.sending(name, settings);
        arguments.extend(["--detach", "--json"]);
        let sent = self.json(&arguments);
        let word = |key: &str| {
            let word = sent[key].as_str();
            word.unwrap_or_else(|| panic!("no `{key}` in {sent}"))
                .to_owned()
        };
        Sent {
            run: PathBuf::from(word("path")),
            id: word("run"),
            job: word("job"),
        }
    }

    /// Sends an interrupted run off again and returns its new job.
    pub fn resume(&self, sent: &Sent) -> Sent {
        let again = self.json(&["resume", &sent.id, "--detach", "--json"]);
        Sent {
            job: again["job"].as_str().unwrap().to_owned(),
            ..sent.clone()
        }
    }

    /// Asks something of a job by a verb of `makook jobs`.
    pub fn ask(&self, verb: &str, sent: &Sent) {
        self.ok(&["jobs", verb, &sent.id]);
    }

    /// Returns all jobs of this project.
    pub fn list(&self) -> Value {
        self.json(&["jobs", "list", "--json"])
    }

    /// Returns the rows of a run in the list of jobs.
    pub fn rows(&self, sent: &Sent) -> Vec<Value> {
        let list = self.list();
        let rows = list["jobs"]
            .as_array()
            .unwrap_or_else(|| panic!("no jobs in {list}"));
        let of_run = |row: &&Value| row["run"] == sent.id.as_str();
        rows.iter().filter(of_run).cloned().collect()
    }

    /// Returns the phase of a job in one word: `queued`, `running`, `cancelled`, …; `absent` when
    /// it is not in the list.
    pub fn phase(&self, sent: &Sent) -> String {
        let rows = self.rows(sent);
        let row = rows.iter().find(|row| row["id"] == sent.job.as_str());
        row.map_or_else(|| "absent".to_owned(), phase_of)
    }

    /// Returns the state of a run in one word.
    pub fn state(&self, sent: &Sent) -> String {
        let shown = self.json(&["runs", "show", &sent.id, "--json"]);
        shown["summary"]["state"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Waits until `condition` holds for `sent`; what it looks like instead is in the panic.
    pub fn wait(&self, what: &str, sent: &Sent, mut condition: impl FnMut() -> bool) {
        let started = self.clock.steady();
        while !condition() {
            let waited = self.clock.steady().saturating_sub(started);
            assert!(
                waited < PATIENCE,
                "never happened: {what}\n{}",
                self.scene(sent)
            );
            std::thread::park_timeout(Duration::from_millis(60));
        }
    }

    /// Waits until the job is in one of the phases.
    pub fn wait_phase(&self, sent: &Sent, phases: &[&str]) {
        let what = format!("the job is {}", phases.join(" or "));
        self.wait(&what, sent, || phases.contains(&self.phase(sent).as_str()));
    }

    /// Waits until the run trains and has `at_least` checkpoints.
    pub fn wait_checkpoints(&self, sent: &Sent, at_least: usize) {
        let what = format!("it has saved {at_least} checkpoints");
        self.wait(&what, sent, || {
            events(sent, "checkpoint_saved").len() >= at_least
        });
    }

    /// Waits until the run was started `number` times.
    pub fn wait_segment(&self, sent: &Sent, number: usize) {
        let what = format!("start {number} took the run");
        self.wait(&what, sent, || {
            if number > 1
                && let Some(lab) = &self.lab
            {
                lab.hasten(&sent.job);
            }
            segments(sent) >= number
        });
    }

    /// Everything that helps to understand why a run is not where it should be.
    fn scene(&self, sent: &Sent) -> String {
        let mut scene = String::new();
        let mut add = |title: &str, content: &str| {
            let start = content.len().saturating_sub(3_000);
            let tail = content.get(start..).unwrap_or(content);
            scene.push_str(&format!("--- {title}\n{tail}\n"));
        };
        add("jobs list", &text(&self.run(&["jobs", "list"])));
        add("runs show", &text(&self.run(&["runs", "show", &sent.id])));
        for folder in ["events", "log", "seeds/3/events"] {
            let entries = fs::read_dir(sent.run.join(folder))
                .into_iter()
                .flatten()
                .flatten();
            let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
            files.sort();
            for file in files {
                let content = fs::read(&file).unwrap_or_default();
                add(
                    &file.display().to_string(),
                    &String::from_utf8_lossy(&content),
                );
            }
        }
        if let Some(lab) = &self.lab {
            add("squeue", &text(&lab.ask("squeue", &["-a"])));
            add(
                "jobs",
                &text(&lab.ask("scontrol", &["-o", "show", "job", &sent.job])),
            );
        }
        scene
    }
}

impl Drop for Driver {
    /// Ends what still runs: the cluster and the machine are shared with other tests.
    fn drop(&mut self) {
        self.end_jobs();
        if let Some(path) = &self.small_disk {
            let _ = Command::new("umount").arg("-l").arg(path).output();
        }
    }
}

impl Driver {
    fn end_jobs(&self) {
        let home = self.root.join("logs/runs");
        for entry in fs::read_dir(home).into_iter().flatten().flatten() {
            let run = entry.path();
            let Ok(record) = fs::read(run.join("job.json")) else {
                continue;
            };
            if run.join("done.json").exists() {
                continue;
            }
            let record: Value = serde_json::from_slice(&record).unwrap_or_default();
            let ids = record["ids"].as_array().cloned().unwrap_or_default();
            let ids = ids.iter().filter_map(Value::as_str);
            match &self.lab {
                Some(lab) => {
                    let _ = lab.ask("scancel", &ids.collect::<Vec<_>>());
                }
                None => {
                    let _ = self.run(&["jobs", "cancel", &entry.file_name().to_string_lossy()]);
                    end_worker(&run);
                }
            }
        }
    }
}

/// Ends a worker that still works on `run`: its folder is about to vanish, and a supervisor with it.
fn end_worker(run: &Path) {
    let claims = fs::read_dir(run.join("meta"))
        .into_iter()
        .flatten()
        .flatten();
    for claim in claims.filter(|entry| entry.file_name().to_string_lossy().ends_with("claim.json"))
    {
        let claim: Value =
            serde_json::from_slice(&fs::read(claim.path()).unwrap_or_default()).unwrap_or_default();
        let pid = claim["pid"].as_u64().unwrap_or(0);
        let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        if String::from_utf8_lossy(&command).contains(&*run.to_string_lossy()) {
            let _ = Command::new("kill")
                .args(["-KILL", &pid.to_string()])
                .status();
        }
    }
}

/// Returns the phase of a row in one word.
pub fn phase_of(row: &Value) -> String {
    let end = row["phase"]["end"].as_str();
    end.or(row["phase"]["name"].as_str())
        .unwrap_or_default()
        .to_owned()
}

/// Returns how many workers took the run so far.
pub fn segments(sent: &Sent) -> usize {
    let entries = fs::read_dir(sent.run.join("meta"))
        .into_iter()
        .flatten()
        .flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().ends_with(".claim.json"))
        .count()
}

/// Returns the process that took the run last.
pub fn worker_of(sent: &Sent) -> u32 {
    let claim = sent
        .run
        .join(format!("meta/{:04}.claim.json", segments(sent)));
    let pid = read_json(&claim)["pid"].as_u64().unwrap();
    u32::try_from(pid).unwrap()
}

/// Returns whether the process `pid` runs; one that ended but was not reaped does not.
pub fn is_alive(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat
        .rsplit_once(") ")
        .and_then(|(_, rest)| rest.chars().next());
    state.is_some_and(|state| state != 'Z' && state != 'X')
}

/// Returns every event of a kind, of the run and its seed, in order of starts.
pub fn events(sent: &Sent, kind: &str) -> Vec<Value> {
    let mut files = Vec::new();
    for folder in ["events", "seeds/3/events"] {
        let entries = fs::read_dir(sent.run.join(folder))
            .into_iter()
            .flatten()
            .flatten();
        files.extend(entries.map(|entry| entry.path()));
    }
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap_or_default();
        let lines = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        found.extend(lines.filter(|event| event["kind"] == kind));
    }
    found
}

/// Returns the step that start `number` continued from; `None` for a fresh start.
pub fn resumed_from(sent: &Sent, number: usize) -> Option<u64> {
    let starts = events(sent, "segment_started");
    let start = starts.iter().find(|start| start["segment"] == number)?;
    start["resumed_from"].as_u64()
}
