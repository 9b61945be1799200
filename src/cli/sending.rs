//! Sends runs off: finds the profile, puts together what they need, shows or submits it.

use super::{
    args::{SendingArgs, SettingArgs},
    backends,
    context::Context,
    failure::Failure,
    output, train,
};
use config::{Resolved, keys::Device};
use domain::{Clock, Lang, Problems, SystemClock, phrase};
use jobs::{JobId, JobRecord, JobSpec, Launcher, Preview, Resources, RunRef, profile::Backend};
use runs::{Home, RunDir, RunId};
use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

/// Names and beginnings of variables that a worker needs to find its libraries and settings.
const HANDED_ON: &[&str] = &[
    "PATH",
    "HOME",
    "LANG",
    "LC_",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "LIBTORCH",
    "MAKOOK_",
    "OMP_",
    "CUDA_",
    "NVIDIA_",
    "RAYON_",
    "RUST_",
];

/// What a cluster gives each job itself: those of the shell that sends it would name other GPUs,
/// another disk or another pool.
const GIVEN_THERE: &[&str] = &[
    "CUDA_VISIBLE_DEVICES",
    "NVIDIA_VISIBLE_DEVICES",
    "TMPDIR",
    "MAKOOK_JOB",
    "MAKOOK_RESTART",
    "MAKOOK_POOL",
];

/// Runs ready to be sent.
pub struct Parcel {
    /// Where to.
    pub launcher: Box<dyn Launcher>,
    /// What.
    pub spec: JobSpec,
}

/// Puts together what it takes to send `runs` off.
///
/// # Errors
/// No such profile, no worker, settings that cannot be read.
pub fn pack(
    runs: &[RunDir],
    sending: &SendingArgs,
    at_most: Option<u32>,
    context: &Context,
) -> Result<Parcel, Failure> {
    let around = &context.around;
    let first = runs.first().ok_or_else(|| {
        Failure::usage(
            phrase!("no run to send", "보낼 실행이 없습니다"),
            phrase!(
                "name one; see `makook runs list`",
                "실행을 지정하세요. `makook runs list`로 볼 수 있습니다"
            ),
        )
    })?;
    let settings = settings_of(first)?;
    let before = JobRecord::read(first.path())?.map(|record| record.profile);
    let name = sending
        .on
        .clone()
        .or(before)
        .unwrap_or(settings.config.jobs.on.clone());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let launcher = backends::open(&name, around, &clock)?;
    let profile = backends::profile(&name, around)?;
    let mut resources = profile.resources.clone().with(&settings.config.jobs);
    if name == backends::LOCAL {
        share_gpus(&mut resources, &settings, context);
    }
    let worker = around.worker.clone().ok_or_else(no_worker)?;
    let script = match &sending.script {
        Some(path) => Some(std::fs::read_to_string(path).map(|script| adopt(&script, runs)).map_err(|error| {
            let shown = path.display();
            Failure::usage(
                phrase!(
                    "{shown}: {error}",
                    "{shown} 파일을 읽을 수 없습니다: {error}"
                ),
                phrase!(
                    "name a script that can be read; `--dry-run` prints one to start from",
                    "읽을 수 있는 스크립트를 지정하세요. `--dry-run`이 기본 스크립트를 보여 줍니다"
                ),
            )
        })?),
        None => None,
    };
    let refs: Vec<RunRef> = runs.iter().map(reference).collect();
    let spec = JobSpec {
        runs: refs,
        worker: absolute(worker),
        project: absolute(around.project.clone()),
        env: handed_on(&around.env, profile.backend),
        resources,
        at_most,
        script,
    };
    Ok(Parcel { launcher, spec })
}

impl Parcel {
    /// Returns what would be sent, exactly.
    ///
    /// # Errors
    /// A run directory that cannot be read.
    pub fn preview(&mut self) -> Result<Preview, Failure> {
        Ok(self.launcher.preview(&self.spec)?)
    }

    /// Returns what is worth a warning.
    ///
    /// # Errors
    /// Every reason why it would be refused.
    pub fn check(&mut self) -> Result<Problems, Failure> {
        let ((), warnings) = self.launcher.validate(&self.spec).into_result(())?;
        Ok(warnings)
    }

    /// Submits it; returns the job of each run, with what is worth a warning.
    ///
    /// # Errors
    /// Every reason why it was refused.
    pub fn send(&mut self) -> Result<(Vec<JobId>, Problems), Unsent> {
        let warnings = self.check()?;
        match self.launcher.submit(&self.spec) {
            Ok(jobs) => Ok((jobs, warnings)),
            Err(error) => Err(Unsent {
                perhaps: error.is_transient(),
                why: error.into(),
            }),
        }
    }
}

/// Why runs were not sent.
#[derive(Debug)]
pub struct Unsent {
    /// What the backend says.
    pub why: Failure,
    /// Whether it fell silent half-way: the job may exist all the same.
    pub perhaps: bool,
}

impl From<Failure> for Unsent {
    fn from(why: Failure) -> Self {
        Self {
            why,
            perhaps: false,
        }
    }
}

impl Unsent {
    /// Removes `runs`, which were made to be sent: nobody asked for runs that wait for ever. They
    /// stay where their jobs may exist, and the failure then says how to find out.
    #[must_use]
    pub fn take_back(self, runs: &[RunDir]) -> Failure {
        let Self { mut why, perhaps } = self;
        if !perhaps {
            discard(runs);
            return why;
        }
        let ids: Vec<&str> = runs.iter().map(|run| run.id().as_str()).collect();
        let ids = ids.join(" ");
        why.hint = phrase!(
            "what was made is kept: `makook jobs submit {ids}` finds its jobs or sends it",
            "만든 실행은 남겨 두었습니다. `makook jobs submit {ids}`이(가) 작업을 찾거나 다시 보냅니다"
        );
        why
    }
}

/// Returns an edited script with the runs that it was shown for replaced by `runs`, in the order in
/// which it names them.
#[must_use]
pub fn adopt(script: &str, runs: &[RunDir]) -> String {
    let Some(root) = runs.first().and_then(|run| run.path().parent()) else {
        return script.to_owned();
    };
    let before = format!("{}/", root.display());
    let mut shown: Vec<RunId> = Vec::new();
    for (at, _) in script.match_indices(&before) {
        let rest = &script[at + before.len()..];
        let end = rest.find(|c: char| c != '-' && !c.is_alphanumeric());
        if let Ok(id) = rest[..end.unwrap_or(rest.len())].parse::<RunId>()
            && !shown.contains(&id)
        {
            shown.push(id);
        }
    }
    let pairs = shown.iter().zip(runs);
    pairs.fold(script.to_owned(), |script, (id, run)| {
        script.replace(id.as_str(), run.id().as_str())
    })
}

/// Returns what sending a training of `asked` would send, exactly; a sweep goes as one array. The
/// runs are made where no list shows them, and are gone afterwards.
///
/// # Errors
/// Every problem of the settings, no such profile, no worker.
pub fn rehearse(
    asked: &SettingArgs,
    sending: &SendingArgs,
    context: &Context,
) -> Result<(Preview, Problems), Failure> {
    let root = context.around.home.root();
    std::fs::create_dir_all(root)?;
    // One for each look: several consoles may look at the same time.
    let hidden = tempfile::Builder::new()
        .prefix(".rehearsal-")
        .tempdir_in(root)?;
    let home = Home::at(hidden.path());
    let runs = train::create_each(&home, asked, None, context);
    let shown = runs.and_then(|runs| {
        let mut parcel = pack(&runs, sending, None, context)?;
        let problems = parcel.launcher.validate(&parcel.spec);
        Ok((parcel.preview()?, problems))
    });
    let (preview, problems) = shown?;
    let within = format!("{}/", hidden.path().display());
    let visible = |text: String| text.replace(&within, &format!("{}/", root.display()));
    let preview = Preview {
        command: preview.command.into_iter().map(visible).collect(),
        script: preview.script.map(visible),
    };
    Ok((preview, problems))
}

/// Removes runs that were never sent.
pub fn discard(runs: &[RunDir]) {
    for run in runs {
        let _ = std::fs::remove_dir_all(run.path());
    }
}

/// Prints `warnings` to standard error in `lang`.
pub fn warn(warnings: &Problems, lang: Lang) {
    if !warnings.is_empty() {
        eprintln!("{}", warnings.render(lang));
    }
}

/// Prints what would be sent.
///
/// # Errors
/// A closed standard output.
pub fn show(preview: &Preview, json: bool) -> Result<(), Failure> {
    if json {
        return output::print_json(preview);
    }
    let mut text = format!("{}\n", preview.command.join(" "));
    if let Some(script) = &preview.script {
        text.push_str(&format!("\n{script}"));
    }
    output::print(&text)
}

/// Returns the settings that a run was made with.
///
/// # Errors
/// A `run.toml` that cannot be read.
pub fn settings_of(run: &RunDir) -> Result<Resolved, Failure> {
    let text = run.settings()?;
    let path = run.layout().settings().display().to_string();
    Ok(Resolved::from_run_toml(&path, text.as_bytes())?)
}

/// A training that may use a GPU gets one where this machine has some to share out.
fn share_gpus(resources: &mut Resources, settings: &Resolved, context: &Context) {
    let wants = settings.config.train.device != Device::Cpu && resources.gpus == 0;
    let pool = backends::pool_settings(&context.around);
    if wants && pool.is_ok_and(|pool| !pool.gpus.is_empty()) {
        resources.gpus = 1;
    }
}

fn reference(run: &RunDir) -> RunRef {
    RunRef {
        id: run.id().clone(),
        dir: absolute(run.path().to_owned()),
    }
}

fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// Returns the variables of `env` that a job takes along to `backend`.
fn handed_on(env: &BTreeMap<String, String>, backend: Backend) -> BTreeMap<String, String> {
    let wanted = |name: &str| {
        let mut known = HANDED_ON.iter();
        known.any(|known| name == *known || (known.ends_with('_') && name.starts_with(known)))
            && !(backend == Backend::Slurm && GIVEN_THERE.contains(&name))
    };
    let found = env.iter().filter(|(name, _)| wanted(name));
    found
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn no_worker() -> Failure {
    Failure::environment(
        phrase!(
            "makook-worker is not beside makook",
            "makook 옆에 makook-worker가 없습니다"
        ),
        phrase!(
            "build it with `make build`, or name it in MAKOOK_WORKER",
            "`make build`로 빌드하거나 MAKOOK_WORKER에 경로를 지정하세요"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_s_own_variables_are_not_overruled() {
        let pairs = [
            ("CUDA_VISIBLE_DEVICES", "2"),
            ("MAKOOK_JOB", "l-000001"),
            ("MAKOOK_HOME", "/disk"),
            ("TMPDIR", "/tmp/me"),
            ("LD_LIBRARY_PATH", "/lib"),
            ("SSH_AUTH_SOCK", "/socket"),
        ];
        let env = pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        let names = |backend| handed_on(&env, backend).into_keys().collect::<Vec<_>>();
        assert_eq!(names(Backend::Slurm), ["LD_LIBRARY_PATH", "MAKOOK_HOME"]);
        let local = names(Backend::Local);
        assert!(
            local.contains(&"CUDA_VISIBLE_DEVICES".to_owned()),
            "{local:?}"
        );
        assert!(!local.contains(&"SSH_AUTH_SOCK".to_owned()), "{local:?}");
    }
}
