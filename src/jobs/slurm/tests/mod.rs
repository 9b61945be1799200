//! The backend against recorded answers and a scheduler that a script stands for.

mod reading;
mod sending;
mod sharing;

use super::{Slurm, SlurmSettings};
use crate::{
    JobSpec, Resources, RunRef,
    profile::{Backend, Profile},
};
use domain::{ManualClock, Nanos};
use runs::{Home, RunId};
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempDir;

/// When the tests begin.
const START: Nanos = Nanos(1_795_630_000_000_000_000);

/// A folder with the scheduler's programs, their answers, runs and a cache.
struct Lab {
    dir: TempDir,
    clock: Arc<ManualClock>,
}

impl Lab {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("slurm/fixtures/scheduler.sh");
        for folder in ["bin", "fake", "cache", "runs"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
        }
        for program in [
            "squeue", "sbatch", "scancel", "scontrol", "sacct", "sinfo", "sacctmgr",
        ] {
            symlink(&script, dir.path().join("bin").join(program)).unwrap();
        }
        // Nothing else is found, so that a real scheduler on this machine is never asked.
        symlink("/bin/cat", dir.path().join("bin/cat")).unwrap();
        let lab = Self {
            dir,
            clock: Arc::new(ManualClock::at(START)),
        };
        lab.says("next", "100\n");
        lab
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Lets a program answer `text`.
    fn says(&self, name: &str, text: &str) {
        fs::write(self.path("fake").join(name), text).unwrap();
    }

    /// Lets a program fail with `words`, or work again.
    fn fails(&self, name: &str, words: Option<&str>) {
        for (ending, text) in [("err", words), ("rc", words.map(|_| "1"))] {
            let path = self.path("fake").join(format!("{name}.{ending}"));
            match text {
                Some(text) => fs::write(path, text).unwrap(),
                None => fs::remove_file(path).unwrap(),
            }
        }
    }

    /// Returns the calls of `program` so far.
    fn calls(&self, program: &str) -> Vec<String> {
        let all = fs::read_to_string(self.path("fake/calls")).unwrap_or_default();
        let of_program = |line: &&str| line.split(' ').next() == Some(program);
        all.lines().filter(of_program).map(str::to_owned).collect()
    }

    fn slurm(&self) -> Slurm {
        self.slurm_of("runs")
    }

    /// Returns the backend as a project sees it that keeps its runs in `home`.
    fn slurm_of(&self, home: &str) -> Slurm {
        let env = BTreeMap::from([
            ("PATH".to_owned(), self.path("bin").display().to_string()),
            ("FAKE".to_owned(), self.path("fake").display().to_string()),
        ]);
        let settings = SlurmSettings {
            home: Home::at(self.path(home)),
            cache: self.path("cache"),
            env,
            host: "klone-login01".into(),
            user: "netid".into(),
        };
        Slurm::new(
            Profile::new("lab", Backend::Slurm),
            settings,
            Arc::<ManualClock>::clone(&self.clock),
        )
    }

    fn run(&self, id: &str) -> RunRef {
        let dir = self.path("runs").join(id);
        fs::create_dir_all(&dir).unwrap();
        RunRef {
            id: id.parse().unwrap(),
            dir,
        }
    }

    fn spec(&self, ids: &[&str]) -> JobSpec {
        JobSpec {
            runs: ids.iter().map(|id| self.run(id)).collect(),
            worker: "/opt/makook-worker".into(),
            project: "/opt".into(),
            env: BTreeMap::new(),
            resources: Resources::default(),
            at_most: None,
            script: None,
        }
    }
}

/// One job as the scheduler lists it.
#[derive(Clone)]
struct Listed<'a> {
    job: &'a str,
    array: &'a str,
    task: &'a str,
    state: &'a str,
    reason: &'a str,
    restarts: &'a str,
    comment: &'a str,
}

impl<'a> Listed<'a> {
    fn new(job: &'a str, state: &'a str, comment: &'a str) -> Self {
        Self {
            job,
            array: job,
            task: "N/A",
            state,
            reason: "None",
            restarts: "0",
            comment,
        }
    }
}

fn listing(jobs: &[Listed<'_>]) -> String {
    jobs.iter()
        .map(|of| {
            let fields = [
                of.job,
                of.array,
                of.task,
                of.state,
                of.reason,
                "g3001",
                "1:00",
                "8:00:00",
                "1795630060",
                of.restarts,
                of.comment,
                "mk:x",
                "normal",
                "ckpt-all",
                "4",
                "cpu=4,gres/gpu=1",
                "0",
            ];
            format!("{}\u{1e}\n", fields.join("\u{1f}"))
        })
        .collect()
}

fn run_id(id: &str) -> RunId {
    id.parse().unwrap()
}
