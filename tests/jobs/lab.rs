//! A real Slurm cluster for a test: brought up by `tests/lab/slurm-up.sh`, gone with its owner.
//!
//! The script ends the cluster also when the test process is killed. Labs have a directory and
//! ports of their own, so any number of tests may hold one.

use domain::{Clock, SystemClock};
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

/// The ordinary user whose jobs these are.
pub const USER: &str = "netid";

/// How makook knows the lab, as a person would write it down.
pub const PROFILE: &str = r#"
name = "lab"
backend = "slurm"

[resources]
partition = "compute"
cpus = 1
time_limit_seconds = 3600
requeue = true
warn_seconds = 60
"#;

/// The code with which the scripts say that a lab cannot run here.
const CANNOT: i32 = 77;

/// How a cluster differs from the usual one; times in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Knobs {
    /// With MariaDB and slurmdbd: `sacct`, accounts, QOS.
    pub accounts: bool,
    /// Warning time before a preemption on `ckpt`.
    pub grace: u32,
    /// Between SIGTERM and SIGKILL.
    pub kill_wait: u32,
    /// A requeued job waits one second longer than this; Slurm takes 5 at least.
    pub cred_expire: u32,
    /// Silence after which a node counts as dead.
    pub node_timeout: u32,
    /// How long the controller remembers ended jobs.
    pub min_job_age: u32,
    /// Tasks that an array has at most.
    pub max_array: u32,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            accounts: false,
            grace: 5,
            kill_wait: 10,
            cred_expire: 5,
            node_timeout: 30,
            min_job_age: 300,
            max_array: 1_001,
        }
    }
}

/// A cluster that runs.
#[derive(Debug)]
pub struct Lab {
    dir: PathBuf,
    port: u16,
    knobs: Knobs,
    nodes: [Mutex<()>; 2],
}

impl Lab {
    /// Brings a cluster up; `Err` says why it cannot run here.
    pub fn open(knobs: Knobs) -> Result<Arc<Self>, String> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let process = std::process::id();
        let lab = Self {
            // Short: the path of a socket in it may have 107 bytes.
            dir: std::env::temp_dir().join(format!("makook-lab-{process}-{number}")),
            port: free_ports(process.wrapping_mul(13).wrapping_add(number)),
            knobs,
            nodes: Default::default(),
        };
        lab.up()?;
        lab.install()?;
        Ok(Arc::new(lab))
    }

    /// Returns the cluster that tests share which do not disturb each other; it stays up until
    /// the test process ends.
    pub fn shared(accounts: bool) -> Result<Arc<Self>, String> {
        static PLAIN: OnceLock<Result<Arc<Lab>, String>> = OnceLock::new();
        static ACCOUNTS: OnceLock<Result<Arc<Lab>, String>> = OnceLock::new();
        let place = if accounts { &ACCOUNTS } else { &PLAIN };
        place
            .get_or_init(|| {
                Self::open(Knobs {
                    accounts,
                    ..Knobs::default()
                })
            })
            .clone()
    }

    /// Starts what does not run.
    pub fn up(&self) -> Result<(), String> {
        let knobs = &self.knobs;
        let mut command = self.script("slurm-up.sh");
        if knobs.accounts {
            command.arg("--acct");
        }
        let output = command
            .env("SLURM_LAB_GRACE", knobs.grace.to_string())
            .env("SLURM_LAB_KILLWAIT", knobs.kill_wait.to_string())
            .env("SLURM_LAB_CRED_EXPIRE", knobs.cred_expire.to_string())
            .env("SLURM_LAB_NODE_TIMEOUT", knobs.node_timeout.to_string())
            .env("SLURM_LAB_MINJOBAGE", knobs.min_job_age.to_string())
            .env("SLURM_LAB_MAXARRAY", knobs.max_array.to_string())
            .env("SLURM_LAB_OWNER", std::process::id().to_string())
            .output()
            .map_err(|error| format!("bash: {error}"))?;
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        match output.status.code() {
            Some(0) => Ok(()),
            Some(CANNOT) => {
                let _ = fs::remove_dir_all(&self.dir);
                Err(said)
            }
            // A cluster that should come up and does not is a fault, not a reason to skip.
            code => panic!("the lab did not come up ({code:?}): {said}"),
        }
    }

    /// Puts the programs where the user may read them.
    fn install(&self) -> Result<(), String> {
        let bin = self.dir.join("bin");
        // The worker looks for libtorch beside the folder that it lies in.
        let lib = self.dir.join("lib");
        fs::create_dir_all(&bin).unwrap();
        fs::create_dir_all(&lib).unwrap();
        place(Path::new(env!("CARGO_BIN_EXE_makook")), &bin.join("makook"));
        let worker = Path::new(env!("CARGO_BIN_EXE_makook-worker"));
        place(worker, &self.worker());
        let libtorch = Path::new(env!("CARGO_MANIFEST_DIR")).join(".libtorch/lib");
        for entry in fs::read_dir(&libtorch).into_iter().flatten().flatten() {
            if let Ok(real) = entry.path().canonicalize() {
                place(&real, &lib.join(entry.file_name()));
            }
        }
        let starts = self
            .as_user(&self.worker(), &self.home())
            .arg("--version")
            .output();
        match starts {
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
            Err(error) => Err(format!("setpriv: {error}")),
        }
    }

    /// Returns the user's project storage.
    pub fn home(&self) -> PathBuf {
        self.dir.join("gscratch/stf").join(USER)
    }

    /// Returns the lab's directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns the console program that the user may run.
    pub fn makook(&self) -> PathBuf {
        self.dir.join("bin/makook")
    }

    /// Returns the worker program that the user may run.
    pub fn worker(&self) -> PathBuf {
        self.dir.join("bin/makook-worker")
    }

    fn configuration(&self) -> PathBuf {
        self.dir.join("etc/slurm.conf")
    }

    /// Returns a command of the ordinary user, started in `folder`.
    pub fn as_user(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid", USER, "--regid", USER, "--init-groups", "--"])
            .arg(program)
            .current_dir(folder)
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap_or_default())
            .env("HOME", self.home())
            .env("USER", USER)
            .env("LANG", "C.UTF-8")
            .env("SLURM_CONF", self.configuration())
            .stdin(Stdio::null());
        command
    }

    /// Runs a program of Slurm as root and returns its standard output.
    pub fn root(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.ask(program, arguments);
        assert!(
            output.status.success(),
            "{program} {arguments:?}: {}",
            crate::place::text(&output)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs a program of Slurm as root.
    pub fn ask(&self, program: &str, arguments: &[&str]) -> Output {
        Command::new(program)
            .args(arguments)
            .env("SLURM_CONF", self.configuration())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// Submits a job of the owners of the GPU nodes that takes `node` whole for `seconds`.
    pub fn owner_takes(&self, node: &str, seconds: u32) -> String {
        let sleep = format!("--wrap=sleep {seconds}");
        let node = format!("--nodelist={node}");
        let wanted = ["--parsable", "-p", "gpu-a40", "--gpus=a40:2", "-c", "8"];
        let mut arguments = wanted.to_vec();
        let account = ["-A", "stf"];
        if self.knobs.accounts {
            arguments.extend(account);
        }
        arguments.extend([&node, "-o", "/dev/null", "--chdir=/tmp", &sleep]);
        self.root("sbatch", &arguments).trim().to_owned()
    }

    /// Lets a job that was sent back to the queue start in two seconds instead of some more. Not
    /// at once: a node refuses to start a job in the second in which it ended it.
    pub fn hasten(&self, job: &str) {
        let waiting = Command::new("squeue")
            .args(["-h", "-t", "pending", "-j", job, "-o", "%r %S"])
            .env("SLURM_CONF", self.configuration())
            .env("SLURM_TIME_FORMAT", "%s")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&waiting.stdout).into_owned();
        let begins = said.trim().strip_prefix("BeginTime ");
        let Some(begins) = begins.and_then(|seconds| seconds.parse::<i64>().ok()) else {
            return;
        };
        let now = SystemClock::new().now().0 / domain::time::SECOND;
        if begins > now + 3 {
            let job = format!("jobid={job}");
            self.ask("scontrol", &["update", &job, "starttime=now+2"]);
        }
    }

    /// Keeps a GPU node to the one who asks, as long as the guard lives: tests that push each other
    /// out would not know by whom.
    pub fn keep(&self, node: &str) -> MutexGuard<'_, ()> {
        let index = usize::from(node == "g3002");
        self.nodes[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the process of a daemon, e.g. `slurmctld` or `slurmd.g3001`.
    pub fn daemon(&self, name: &str) -> u32 {
        let path = self.dir.join("run").join(format!("{name}.pid"));
        let text = fs::read_to_string(&path).unwrap();
        text.trim().parse().unwrap()
    }

    /// Sends a signal to a daemon.
    pub fn signal(&self, name: &str, signal: &str) {
        send(signal, self.daemon(name));
    }

    /// Waits until what the controller knows now is on its disk: killed right after a job's start,
    /// it would come back without having heard of that.
    pub fn wait_saved(&self) {
        let written = |path: PathBuf| fs::metadata(path).and_then(|meta| meta.modified()).ok();
        let mark = self.dir.join("run/mark");
        fs::write(&mark, "").unwrap();
        // Any change makes it save, seconds later.
        let change = ["-H", "-p", "compute", "--chdir=/tmp", "--wrap=true"];
        self.root("sbatch", &change);
        crate::place::wait_until("the controller saved its jobs", || {
            written(self.dir.join("state/job_state")) > written(mark.clone())
        });
    }

    fn script(&self, name: &str) -> Command {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/lab")
            .join(name);
        let mut command = Command::new("bash");
        command
            .arg(path)
            .env("SLURM_LAB", &self.dir)
            .env("SLURM_LAB_PORT", self.port.to_string())
            .env("SLURM_LAB_USER", USER)
            .stdin(Stdio::null());
        command
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.script("slurm-down.sh").arg("--purge").output();
    }
}

/// Sends `signal` to the process `pid`.
pub fn send(signal: &str, pid: u32) {
    let status = Command::new("kill")
        .args([signal, &pid.to_string()])
        .status();
    assert!(status.unwrap().success(), "kill {signal} {pid}");
}

/// Links `from` at `to`, or copies it where that is another disk.
fn place(from: &Path, to: &Path) {
    if fs::hard_link(from, to).is_err() {
        fs::copy(from, to).unwrap();
    }
}

/// Returns the first of a block of ports of which the ones that a lab uses are free.
fn free_ports(seed: u32) -> u16 {
    const USED: [u16; 6] = [6, 17, 19, 101, 102, 103];
    const BLOCKS: u32 = 110;
    let free = |port: u16| TcpListener::bind(("0.0.0.0", port)).is_ok();
    (0..BLOCKS)
        .filter_map(|turn| u16::try_from(20_000 + (seed + turn) % BLOCKS * 104).ok())
        .find(|first| USED.iter().all(|offset| free(first + offset)))
        .expect("a machine has a hundred free ports below the ephemeral ones")
}
