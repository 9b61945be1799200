//! What was measured once need not be measured again: `data/cache/calibration/ledger.jsonl`.
//!
//! A probe counts again only on the same machine, with the same program and the same work. Several
//! calibrations may append at once: one line is one write.

use super::{error::JobError, plan};
use config::Config;
use domain::{Nanos, Streams, journal::JournalReader};
use learn::EnvFamily;
use serde::{Deserialize, Serialize};
use sim::Shard;
use std::{
    fmt,
    fs::{self, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// One point of the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// `train.n_envs`.
    pub n_envs: usize,
    /// `agent.horizon`.
    pub horizon: usize,
    /// `agent.minibatch_size`.
    pub minibatch_size: usize,
    /// `train.threads`, resolved.
    pub threads: usize,
}

/// A move along one coordinate; `None` beyond its end.
type Step = fn(Point, bool) -> Option<Point>;

impl Point {
    /// The moves of the search, the most promising coordinate first.
    pub const STEPS: [Step; 3] = [
        |at, up| {
            let n_envs = scaled(at.n_envs, up)?;
            Some(Self { n_envs, ..at })
        },
        |at, up| {
            let minibatch_size = scaled(at.minibatch_size, up)?;
            Some(Self {
                minibatch_size,
                ..at
            })
        },
        |at, up| {
            let horizon = scaled(at.horizon, up)?;
            Some(Self { horizon, ..at })
        },
    ];

    /// Returns the samples of one update.
    #[must_use]
    pub fn batch(&self) -> usize {
        self.n_envs.saturating_mul(self.horizon)
    }

    /// Returns whether a training at this point learns the same as at `other`.
    #[must_use]
    pub fn learns_as(&self, other: Self) -> bool {
        let threads = self.threads;
        *self == Self { threads, ..other }
    }

    /// Returns the settings, as given to `--set`.
    #[must_use]
    pub fn sets(&self) -> Vec<String> {
        vec![
            format!("train.n_envs={}", self.n_envs),
            format!("agent.horizon={}", self.horizon),
            format!("agent.minibatch_size={}", self.minibatch_size),
            format!("train.threads={}", self.threads),
        ]
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "n_envs {}, horizon {}, minibatch {}, threads {}",
            self.n_envs, self.horizon, self.minibatch_size, self.threads
        )
    }
}

fn scaled(value: usize, up: bool) -> Option<usize> {
    if up {
        value.checked_mul(2)
    } else {
        Some(value / 2).filter(|half| *half > 0)
    }
}

/// What a figure depends on beside the point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BenchKey {
    /// Host name.
    pub machine: String,
    /// Processor, as it names itself, with the cores that this process may use.
    pub cpu: String,
    /// Where the learner runs.
    pub device: String,
    /// BLAKE3 of the worker program, in hexadecimal.
    pub program: String,
    /// Environment, observation, actions, network and epochs.
    pub shape: String,
}

/// Where and on what is measured.
#[derive(Clone, Debug)]
pub struct Bench {
    /// What a figure depends on beside the point.
    pub key: BenchKey,
    /// Values of one observation.
    pub obs_dim: usize,
    /// Memory that can be had, in bytes.
    pub available_bytes: f64,
    cores: usize,
}

impl Bench {
    /// Describes this machine and the work that `config` asks for.
    ///
    /// # Errors
    /// An environment or a device that refuses.
    pub fn describe(config: &Config, family: &EnvFamily<'_>) -> Result<Self, JobError> {
        let spec = plan::ppo(config, 0);
        let chosen = learn::device::choose(spec.device, spec.backend)?;
        let (obs_dim, actions) = shape_of(family)?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpuinfo
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
            .map_or("unknown", |(_, model)| model.trim());
        let program = std::env::current_exe().and_then(fs::read);
        let key = BenchKey {
            machine: rustix::system::uname()
                .nodename()
                .to_string_lossy()
                .into_owned(),
            cpu: format!("{model}, {cores} cores"),
            device: format!("{:?}", chosen.backend),
            program: program.map_or_else(
                |_| String::new(),
                |bytes| blake3::hash(&bytes).to_hex().to_string(),
            ),
            shape: format!(
                "{:?}, {obs_dim} observed, {actions}, {:?} {:?}, {} epochs",
                config.env.kind, spec.hidden, spec.activation, spec.epochs
            ),
        };
        Ok(Self {
            key,
            obs_dim,
            available_bytes: available_bytes(),
            cores,
        })
    }

    /// Returns the numbers of threads worth trying: powers of two and all cores.
    #[must_use]
    pub fn thread_counts(&self) -> Vec<usize> {
        let mut counts: Vec<usize> = (0..)
            .map(|power| 1 << power)
            .take_while(|count| *count < self.cores)
            .collect();
        counts.push(self.cores);
        counts
    }
}

/// One measurement: a line of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Where and on what.
    #[serde(flatten)]
    pub bench: BenchKey,
    /// The point.
    #[serde(flatten)]
    pub point: Point,
    /// Environment steps a second, learning included.
    pub steps_per_second: f64,
    /// Updates measured, warm-up not counted.
    pub updates: u64,
    /// Seconds measured.
    pub seconds: f64,
    /// When.
    pub at: Nanos,
    /// Whether an earlier calibration measured it.
    #[serde(default)]
    pub reused: bool,
}

/// The ledger, as far as it concerns one bench.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    known: Vec<Probe>,
}

impl Ledger {
    /// Opens the ledger of the project `dir`; `fresh` forgets what earlier calibrations measured.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn open(dir: &Path, bench: &Bench, fresh: bool) -> Result<Self, JobError> {
        let folder = dir.join("data").join("cache").join("calibration");
        fs::create_dir_all(&folder).map_err(|error| JobError::io(&folder, error))?;
        let path = folder.join("ledger.jsonl");
        let mut known: Vec<Probe> = JournalReader::new(&path)
            .read_new()
            .map_err(|error| JobError::io(&path, error))?;
        known.retain(|probe| !fresh && probe.bench == bench.key);
        Ok(Self { path, known })
    }

    /// Returns the latest figure of `point`.
    #[must_use]
    pub fn find(&self, point: Point) -> Option<Probe> {
        let probe = self.known.iter().rev().find(|probe| probe.point == point)?;
        Some(Probe {
            reused: true,
            ..probe.clone()
        })
    }

    /// Appends `probe`.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn add(&self, probe: &Probe) -> Result<(), JobError> {
        let io = |error| JobError::io(&self.path, error);
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(&self.path)
            .map_err(io)?;
        let mut line = Vec::new();
        // A line that a kill cut off must not swallow this one.
        if file.seek(SeekFrom::End(-1)).is_ok() {
            let mut last = [0];
            file.read_exact(&mut last).map_err(io)?;
            if last != *b"\n" {
                line.push(b'\n');
            }
        }
        serde_json::to_writer(&mut line, probe).map_err(|error| io(error.into()))?;
        line.push(b'\n');
        file.write_all(&line).map_err(io)
    }
}

/// Reads how much memory can be had, in bytes.
fn available_bytes() -> f64 {
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kib.map_or(f64::INFINITY, |kib| kib * 1024.0)
}

/// Returns the observation size and the action space of the environments of `family`.
fn shape_of(family: &EnvFamily<'_>) -> Result<(usize, String), JobError> {
    let env = family(Shard::whole(1), Streams::new(0))?;
    Ok((env.obs_dim(), format!("{:?}", env.action_space())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bench(machine: &str) -> Bench {
        Bench {
            key: BenchKey {
                machine: machine.to_owned(),
                cpu: "x".to_owned(),
                device: "Fused".to_owned(),
                program: "p".to_owned(),
                shape: "s".to_owned(),
            },
            obs_dim: 4,
            available_bytes: 1e9,
            cores: 6,
        }
    }

    fn probe(bench: &Bench, n_envs: usize, speed: f64) -> Probe {
        Probe {
            bench: bench.key.clone(),
            point: Point {
                n_envs,
                horizon: 2,
                minibatch_size: 2,
                threads: 1,
            },
            steps_per_second: speed,
            updates: 2,
            seconds: 1.5,
            at: Nanos(1),
            reused: false,
        }
    }

    #[test]
    fn a_figure_counts_again_on_the_same_bench_alone_and_survives_a_torn_line() {
        let dir = tempfile::tempdir().unwrap();
        let (here, there) = (bench("here"), bench("there"));
        let ledger = Ledger::open(dir.path(), &here, false).unwrap();
        let torn = dir.path().join("data/cache/calibration/ledger.jsonl");
        fs::write(&torn, "{\"machine\":\"he").unwrap();
        ledger.add(&probe(&here, 8, 100.0)).unwrap();
        ledger.add(&probe(&here, 8, 120.0)).unwrap();
        let again = Ledger::open(dir.path(), &here, false).unwrap();
        let found = again.find(probe(&here, 8, 0.0).point).unwrap();
        assert!(found.reused && (found.steps_per_second - 120.0).abs() < 1e-9);
        assert!(again.find(probe(&here, 16, 0.0).point).is_none());
        for (other, fresh) in [(&there, false), (&here, true)] {
            let ledger = Ledger::open(dir.path(), other, fresh).unwrap();
            assert!(ledger.find(probe(&here, 8, 0.0).point).is_none());
        }
    }

    #[test]
    fn only_threads_leave_learning_as_it_is() {
        let base = probe(&bench("x"), 8, 0.0).point;
        assert!(Point { threads: 9, ..base }.learns_as(base));
        for step in Point::STEPS {
            assert!(!step(base, true).unwrap().learns_as(base));
        }
        let smallest = Point { horizon: 1, ..base };
        assert_eq!(Point::STEPS[2](smallest, false), None);
        assert_eq!(bench("x").thread_counts(), [1, 2, 4, 6]);
    }
}
