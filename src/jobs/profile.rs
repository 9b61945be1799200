//! Cluster profiles: what a site is, as data in `configs/clusters/<name>.toml`.
//!
//! A site's rules differ in a dozen values and in no line of code, so a new cluster is a new file.
//! Every mistake in a file is reported with its line. Start at [`Profile::load`].

mod text;

use crate::{JobsError, Resources};
use domain::{Phrase, Place, Problems};
use serde::{Deserialize, Serialize};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};
use toml::de::{DeTable, DeValue};

/// The profile that exists without a file.
const LOCAL: &str = "local";

/// A chain costs money at every link; more links than this are a slip of the pen.
const LONGEST_CHAIN: u32 = 100;

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
    /// Name of the host in the user's SSH configuration; empty for none.
    #[serde(default)]
    pub remote_host: String,
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
            remote_host: String::new(),
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
    /// `NoSuchProfile` with those there are, `Profile` with every mistake in the file, or the
    /// operating system's error.
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
        let shown = path.display().to_string();
        let profile = parse(&shown, &text).map_err(JobsError::Profile)?;
        if profile.name == name {
            Ok(profile)
        } else {
            let mut problems = Problems::new();
            let at = find(&text, &["name"]).unwrap_or(0);
            problems.error(
                place(&shown, &text, at),
                format!(
                    "the profile is called `{}`, its file {name}.toml",
                    profile.name
                ),
                "give both the same name",
            );
            Err(JobsError::Profile(problems))
        }
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

/// Reads a profile's text and checks its values.
fn parse(path: &str, text: &str) -> Result<Profile, Problems> {
    let mut problems = Problems::new();
    let (_, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        problems.error(
            place(path, text, at),
            error.message(),
            "write it as TOML: key = value",
        );
    }
    if problems.has_errors() {
        return Err(problems);
    }
    let mut readable = text.to_owned();
    let mut slips: Vec<(usize, String)> = Vec::new();
    let profile = loop {
        let error = match toml::from_str::<Profile>(&readable) {
            Ok(profile) => break Some(profile),
            Err(error) => error,
        };
        let span = error.span().unwrap_or(0..0);
        let message = error
            .message()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        if message.starts_with("missing field") {
            // A key that was blanked below is not missing.
            if slips.is_empty() {
                slips.push((0, message));
            }
            break None;
        }
        slips.push((span.start, message));
        // Without this slip the next one shows.
        if !blank(&mut readable, span) {
            break None;
        }
    };
    slips.sort();
    for (at, message) in slips {
        problems.error(
            place(path, text, at),
            message,
            "makook doctor --cluster writes a profile with every key explained",
        );
    }
    let Some(profile) = profile else {
        return Err(problems);
    };
    check(&profile, path, text, &mut problems);
    problems.into_result(profile).map(|(profile, _)| profile)
}

/// Blanks the lines of `span`; false when there is nothing left to blank.
fn blank(text: &mut String, span: std::ops::Range<usize>) -> bool {
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[span.end..]
        .find('\n')
        .map_or(text.len(), |at| span.end + at);
    let line = text[start..end].to_owned();
    let empty: String = line
        .chars()
        .map(|c| if c == '\n' { '\n' } else { ' ' })
        .collect();
    // Lengths in bytes must stay: the places of later slips are counted in the original.
    let padding = " ".repeat(line.len() - empty.len());
    text.replace_range(start..end, &(padding + &empty));
    !line.trim().is_empty()
}

/// Finds values that can be read but cannot be meant.
fn check(profile: &Profile, path: &str, text: &str, problems: &mut Problems) {
    let mut say = |keys: &[&str], message: String, hint: &str| {
        let at = find(text, keys).unwrap_or(0);
        problems.error(place(path, text, at), message, hint);
    };
    let wanted = &profile.resources;
    if profile.name.is_empty() {
        say(
            &["name"],
            "the name is empty".into(),
            "use the file's name without .toml",
        );
    }
    if !profile.price_per_gpu_hour.is_finite() || profile.price_per_gpu_hour < 0.0 {
        say(
            &["price_per_gpu_hour"],
            format!("{} is no price", profile.price_per_gpu_hour),
            "0 means that nothing is charged or known",
        );
    }
    if profile.price_per_gpu_hour > 0.0 && profile.currency.is_empty() {
        say(
            &["price_per_gpu_hour"],
            "the price has no currency".into(),
            "add e.g. currency = \"USD\"",
        );
    }
    if profile.requires_gpu && wanted.gpus == 0 {
        say(
            &["requires_gpu"],
            "every job needs a GPU here, but resources.gpus is 0".into(),
            "set resources.gpus = 1",
        );
    }
    let cpus = profile.max_cpus_per_gpu.saturating_mul(wanted.gpus.max(1));
    if cpus > 0 && wanted.cpus > cpus {
        say(
            &["resources", "cpus"],
            format!(
                "{} processors are more than the {cpus} allowed here",
                wanted.cpus
            ),
            "lower it, or raise max_cpus_per_gpu if the site allows more",
        );
    }
    let gpus = u64::from(wanted.gpus.max(1));
    let memory = profile.max_memory_mib_per_gpu.saturating_mul(gpus);
    if memory > 0 && wanted.memory_mib > memory {
        say(
            &["resources", "memory_mib"],
            format!(
                "{} MiB are more than the {memory} MiB allowed here",
                wanted.memory_mib
            ),
            "lower it, or raise max_memory_mib_per_gpu if the site allows more",
        );
    }
    if wanted.chain > LONGEST_CHAIN {
        say(
            &["resources", "chain"],
            format!("a chain of {} links is too long", wanted.chain),
            "100 at most; each link may cost money",
        );
    }
    let limit = wanted.time_limit_seconds;
    if limit > 0 && u64::from(wanted.warn_seconds) >= limit {
        say(
            &["resources", "warn_seconds"],
            format!(
                "a warning {} s before a limit of {limit} s comes before the start",
                wanted.warn_seconds
            ),
            "120 is usual",
        );
    }
    for option in &wanted.options {
        if !option.starts_with('-') || option.contains(char::is_control) {
            say(
                &["resources", "options"],
                format!("`{}` is no option of sbatch", option.escape_debug()),
                "write each as one text, e.g. \"--constraint=a40|l40s\"",
            );
        }
    }
    if wanted
        .setup
        .iter()
        .any(|line| line.contains(char::is_control))
    {
        say(
            &["resources", "setup"],
            "a setup command spans several lines".into(),
            "write one command a text",
        );
    }
}

/// Returns where the value of a key begins.
fn find(text: &str, keys: &[&str]) -> Option<usize> {
    let (table, _) = DeTable::parse_recoverable(text);
    let (last, tables) = keys.split_last()?;
    let mut table = table.get_ref();
    for key in tables {
        match table.get(*key)?.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => return None,
        }
    }
    Some(table.get(*last)?.span().start)
}

fn place(path: &str, text: &str, offset: usize) -> Place {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Place::File {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        col: before[line_start..].chars().count() + 1,
    }
}

#[cfg(test)]
mod tests;
