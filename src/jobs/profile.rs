//! Cluster profiles: what a site is, as data in `configs/clusters/<name>.toml`.
//!
//! A site's rules differ in a dozen values and in no line of code, so a new cluster is a new file.
//! Every mistake in a file is reported with its line. Start at [`Profile::load`].

mod reading;
mod text;

use crate::{JobsError, Resources};
use domain::Phrase;
use serde::{Deserialize, Serialize};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// The profile that exists without a file.
const LOCAL: &str = "local";

/// What starts workers at a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// The pool of processes on this machine.
    Local,
    /// Slurm.
    Slurm,
}

/// One sentence for lists, in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct About {
    /// English.
    pub en: String,
    /// Korean.
    pub ko: String,
}

impl From<&About> for Phrase {
    fn from(about: &About) -> Self {
        Self::new(about.en.as_str(), about.ko.as_str())
    }
}

/// A machine or cluster that jobs can be sent to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name: the file's name without `.toml`.
    pub name: String,
    /// What starts workers there.
    pub backend: Backend,
    /// What a list says of it.
    #[serde(default)]
    pub about: About,
    /// Name by which the scheduler knows the cluster; empty for the profile's own. Profiles of one
    /// cluster share the answer of its scheduler.
    #[serde(default)]
    pub cluster: String,
    /// Names of machines on which training is not allowed; `*` stands for any letters.
    #[serde(default)]
    pub login_hosts: Vec<String>,
    /// Whether every job needs an accelerator.
    #[serde(default)]
    pub requires_gpu: bool,
    /// Processors for each accelerator at most; 0 for no limit.
    #[serde(default)]
    pub max_cpus_per_gpu: u32,
    /// Memory for each accelerator at most, in MiB; 0 for no limit.
    #[serde(default)]
    pub max_memory_mib_per_gpu: u64,
    /// Price of one accelerator for one hour; 0 where nothing is charged or known.
    #[serde(default)]
    pub price_per_gpu_hour: f64,
    /// Currency of the price, e.g. `USD`.
    #[serde(default)]
    pub currency: String,
    /// What a job asks for unless the user says otherwise.
    #[serde(default)]
    pub resources: Resources,
}

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// How much.
    pub amount: f64,
    /// Of what.
    pub currency: String,
}

impl fmt::Display for Cost {
    /// Formats as `12.60 USD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} {}", self.amount, self.currency)
    }
}

impl Profile {
    /// Returns a profile that asks for nothing in particular.
    #[must_use]
    pub fn new(name: &str, backend: Backend) -> Self {
        Self {
            name: name.to_owned(),
            backend,
            about: About::default(),
            cluster: String::new(),
            login_hosts: Vec::new(),
            requires_gpu: false,
            max_cpus_per_gpu: 0,
            max_memory_mib_per_gpu: 0,
            price_per_gpu_hour: 0.0,
            currency: String::new(),
            resources: Resources::default(),
        }
    }

    /// Reads the profile `name` below the folder `configs`. `local` exists without a file.
    ///
    /// # Errors
    /// `NoSuchProfile` with those there are, `Profile` with every mistake in the file,
    /// or the operating system's error.
    pub fn load(configs: &Path, name: &str) -> Result<Self, JobsError> {
        let no_such = || JobsError::NoSuchProfile {
            asked: name.to_owned(),
            known: Self::names(configs),
        };
        if name.is_empty() || name.contains(['/', '\0']) || name.starts_with('.') {
            return Err(no_such());
        }
        let path = path_of(configs, name);
        let text = match fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound && name == LOCAL => {
                return Ok(Self::new(LOCAL, Backend::Local));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(no_such()),
            Err(error) => return Err(JobsError::io(path, "read the cluster profile")(error)),
        };
        let file = reading::File {
            path: &path.display().to_string(),
            name: Some(name),
            text: &text,
        };
        reading::read(&file).map_err(JobsError::Profile)
    }

    /// Returns the names of all profiles below `configs`, sorted; `local` is always among them.
    #[must_use]
    pub fn names(configs: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(configs.join("clusters"))
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name();
                let name = name.to_str()?.strip_suffix(".toml")?;
                (!name.is_empty() && !name.starts_with('.')).then(|| name.to_owned())
            })
            .chain([LOCAL.to_owned()])
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Returns every profile below `configs` by name, each as it could be read.
    #[must_use]
    pub fn list(configs: &Path) -> Vec<(String, Result<Self, JobsError>)> {
        Self::names(configs)
            .into_iter()
            .map(|name| {
                let profile = Self::load(configs, &name);
                (name, profile)
            })
            .collect()
    }

    /// Returns where the profile is kept below `configs`.
    #[must_use]
    pub fn path(&self, configs: &Path) -> PathBuf {
        path_of(configs, &self.name)
    }

    /// Returns the name by which the scheduler knows the cluster.
    #[must_use]
    pub fn cluster(&self) -> &str {
        if self.cluster.is_empty() {
            &self.name
        } else {
            &self.cluster
        }
    }

    /// Returns whether training is not allowed on the machine `host`.
    #[must_use]
    pub fn is_login_host(&self, host: &str) -> bool {
        let short = host.split('.').next().unwrap_or(host);
        self.login_hosts
            .iter()
            .any(|pattern| fits(pattern, host) || fits(pattern, short))
    }

    /// Returns what `gpu_seconds` seconds of one accelerator cost; `None` where no price is known.
    #[must_use]
    pub fn cost(&self, gpu_seconds: f64) -> Option<Cost> {
        (self.price_per_gpu_hour > 0.0).then(|| Cost {
            amount: gpu_seconds / 3_600.0 * self.price_per_gpu_hour,
            currency: self.currency.clone(),
        })
    }

    /// Returns the profile as a TOML file with comments, which [`load`](Self::load) reads back.
    #[must_use]
    pub fn render(&self) -> String {
        text::render(self)
    }
}

fn path_of(configs: &Path, name: &str) -> PathBuf {
    configs.join("clusters").join(format!("{name}.toml"))
}

/// Returns whether `text` fits `pattern`, in which `*` stands for any letters.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            let starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            starts.into_iter().any(|at| fits(after, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests;
