//! A place to run makook in: a project folder of its own, a home of its own, no inherited settings.

use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

/// A scratch project with the repository's configs.
pub struct Place {
    dir: tempfile::TempDir,
}

/// Settings of a training that takes about a second.
pub const SMALL: &[&str] = &[
    "env.kind=sine",
    "env.sizing=units",
    "env.reward=pnl",
    "env.spread_bps=0",
    "env.slippage=none",
    "env.synthetic_bars=3000",
    "env.episode_length=128",
    "train.seeds=[3]",
    "train.n_envs=16",
    "agent.horizon=32",
    "agent.minibatch_size=128",
    "train.total_steps=16384",
    "train.validate_every_steps=4096",
    "train.checkpoint_every_steps=2048",
    "evaluate.bootstrap_samples=200",
    "policy.hidden=[16]",
];

/// What is set for the whole project.
const DEFAULTS: &str = "configs/default.toml";

impl Place {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
        copy_tree(&configs, &dir.path().join("configs"));
        let place = Self { dir };
        // Whoever tests the console has seen it before.
        let seen = format!("{}\n[console]\ntour = false\n", place.defaults());
        std::fs::write(place.path().join(DEFAULTS), seen).unwrap();
        place
    }

    /// A place where the console was never used.
    pub fn unused() -> Self {
        let place = Self::new();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join(DEFAULTS);
        std::fs::copy(shipped, place.path().join(DEFAULTS)).unwrap();
        place
    }

    fn defaults(&self) -> String {
        std::fs::read_to_string(self.path().join(DEFAULTS)).unwrap()
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_makook"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap_or_default())
            .env("HOME", self.path())
            .env("LANG", "C.UTF-8")
            .env("MAKOOK_PROJECT", self.path())
            .env("MAKOOK_WORKER", env!("CARGO_BIN_EXE_makook-worker"))
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs and returns standard output; the exit code must be `code`.
    pub fn ok(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}\n{}",
            text(&output)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.ok(0, arguments)).unwrap()
    }

    /// Arguments of a small training with further settings.
    pub fn training<'a>(&self, verb: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
        let mut arguments = verb.to_vec();
        for setting in SMALL.iter().chain(more) {
            arguments.extend(["--set", setting]);
        }
        arguments
    }

    /// Trains to the end and returns the run's directory.
    pub fn train(&self, more: &[&str]) -> PathBuf {
        let output = self.run(&self.training(&["train"], more));
        let code = output.status.code();
        assert!(matches!(code, Some(0 | 1)), "{code:?}\n{}", text(&output));
        self.latest()
    }

    /// Starts a training in the background.
    pub fn start(&self, more: &[&str]) -> Child {
        let mut command = self.command(&self.training(&["train"], more));
        command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    pub fn latest(&self) -> PathBuf {
        PathBuf::from(self.ok(0, &["runs", "path", "latest"]).trim())
    }
}

/// Returns both streams of `output` as one text.
pub fn text(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}

/// Waits until `condition` holds; panics after two minutes of a busy machine.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    // The programs under test are other processes: looking again is the only way to wait for them.
    for _ in 0..12_000 {
        if condition() {
            return;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(10));
    }
    panic!("never happened: {what}");
}

/// Reads the JSON file at `path`.
pub fn read_json(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap()
}

/// Returns every metric line of a seed without what depends on time, in order of segments.
pub fn metrics(run: &Path, seed: u64) -> Vec<(u64, Value)> {
    let dir = run.join("seeds").join(seed.to_string()).join("metrics");
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut joined: Vec<(u64, Value)> = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        let mut first = true;
        for line in text
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        {
            let step = line["step"].as_u64().unwrap();
            if first {
                joined.retain(|(before, _)| *before < step);
                first = false;
            }
            let mut values = line["k"].clone();
            values
                .as_object_mut()
                .unwrap()
                .retain(|key, _| !key.starts_with("perf/"));
            joined.push((step, values));
        }
    }
    joined
}

pub fn weights_hash(run: &Path, seed: u64) -> String {
    let trained = read_json(
        &run.join("seeds")
            .join(seed.to_string())
            .join("trained.json"),
    );
    trained["weights_hash"].as_str().unwrap().to_owned()
}

pub fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
