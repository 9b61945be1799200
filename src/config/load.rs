//! From layers to settings: built-in defaults, `default.toml`, `env/<environment>.toml`, the
//! experiment file, environment variables, `--preset`, `--set`; the later wins.
//!
//! Owns precedence and the choice of the environment file. Reads files and nothing else: the
//! environment's variables are an argument. Start at [`load`].

use crate::{
    contradictions,
    keys::{self, Environment},
    layer::{Entry, Layer},
    preset::Preset,
    resolved::{self, Resolved, Setting},
    suggest,
};
use domain::{Place, Problems, phrase};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// What to load.
#[derive(Clone, Debug)]
pub struct LoadRequest {
    /// Folder with `default.toml` and `env/`; either may be missing.
    pub dir: PathBuf,
    /// The experiment's file; must exist.
    pub experiment: Option<PathBuf>,
    /// Environment variables; those not starting with `MAKOOK_` are ignored.
    pub env: BTreeMap<String, String>,
    /// A preset that was asked for; stronger than variables, weaker than `sets`.
    pub preset: Option<Preset>,
    /// `section.key=value`, as given to `--set`.
    pub sets: Vec<String>,
}

impl LoadRequest {
    /// Returns everything that was asked for on the command line, as `--set` takes it.
    #[must_use]
    pub fn flags(&self) -> Vec<String> {
        let preset = self.preset.iter().flat_map(Preset::sets);
        preset.chain(self.sets.iter().cloned()).collect()
    }
}

impl Default for LoadRequest {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("configs"),
            experiment: None,
            env: BTreeMap::new(),
            preset: None,
            sets: Vec::new(),
        }
    }
}

/// Resolves every setting.
///
/// # Errors
/// Every problem of every layer at once, in the order of layers and lines; warnings among them.
pub fn load(request: &LoadRequest) -> Result<Resolved, Problems> {
    load_with(request, &|path| fs::read(path))
}

/// As [`load`], with the files read by `read`.
pub(crate) fn load_with(
    request: &LoadRequest,
    read: &dyn Fn(&Path) -> io::Result<Vec<u8>>,
) -> Result<Resolved, Problems> {
    let mut findings = Problems::new();
    let default_path = request.dir.join("default.toml");
    let defaults = optional_file(&default_path, read, &mut findings);

    // The environment file lies under the layers that choose it, so its findings come in between.
    let mut later = Problems::new();
    let experiment = match &request.experiment {
        Some(path) => experiment_file(path, &request.dir, read, &mut later),
        None => Layer::default(),
    };
    let variables = Layer::from_env(&request.env, &mut later);
    let sets = Layer::from_sets(&request.sets, &mut later);

    let preset = request.preset.as_ref().map(Layer::from_preset);
    let preset = preset.unwrap_or_default();

    let chosen = environment([&sets, &preset, &variables, &experiment, &defaults]);
    let env_path = request.dir.join("env").join(format!("{chosen}.toml"));
    let environment = optional_file(&env_path, read, &mut findings);
    refuse_self_choice(&environment, &mut findings);
    findings.append(later);

    resolve(
        [defaults, environment, experiment, variables, preset, sets],
        findings,
    )
}

/// Lays `layers` over the built-in defaults, the weakest first, and checks the whole.
pub(crate) fn resolve<const N: usize>(
    layers: [Layer; N],
    mut findings: Problems,
) -> Result<Resolved, Problems> {
    let torn = layers.iter().any(|layer| layer.torn);
    let mut settings: Vec<Setting> = keys::keys().map(Setting::built_in).collect();
    let mut broken = Vec::new();
    for (index, layer) in layers.into_iter().enumerate() {
        broken.extend(layer.broken);
        for Entry { key, value, place } in layer.entries {
            if let Some(setting) = settings.iter_mut().find(|one| one.key.path == key.path) {
                setting.overlay(value, place, index + 1);
            }
        }
    }
    let config = resolved::typed(&settings);
    // Half a file would only seem to contradict itself.
    if !torn {
        contradictions::check(&config, &settings, &broken, &mut findings);
    }
    let (config, warnings) = findings.in_file_order().into_result(config)?;
    Ok(Resolved::new(config, settings, warnings))
}

/// Returns the environment that the strongest layer names, or the built-in one.
fn environment(strongest_first: [&Layer; 5]) -> String {
    strongest_first
        .into_iter()
        .find_map(|layer| layer.last("run.environment"))
        .and_then(|entry| entry.value.text())
        .unwrap_or(Environment::Development.name())
        .to_owned()
}

fn refuse_self_choice(layer: &Layer, findings: &mut Problems) {
    if let Some(entry) = layer.last("run.environment") {
        findings.error(
            entry.place.clone(),
            phrase!(
                "an environment file cannot choose the environment",
                "환경 설정 파일은 환경을 고를 수 없습니다",
            ),
            phrase!(
                "remove run.environment here; set it in default.toml, the experiment or MAKOOK_ENV",
                "여기서 run.environment를 지우고 default.toml, 실험 파일 또는 MAKOOK_ENV에서 정하세요",
            ),
        );
    }
}

fn optional_file(
    path: &Path,
    read: &dyn Fn(&Path) -> io::Result<Vec<u8>>,
    findings: &mut Problems,
) -> Layer {
    match read(path) {
        Ok(bytes) => Layer::from_toml(&path.display().to_string(), &bytes, findings),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Layer::default(),
        Err(error) => unreadable(path, &error, findings),
    }
}

fn experiment_file(
    path: &Path,
    dir: &Path,
    read: &dyn Fn(&Path) -> io::Result<Vec<u8>>,
    findings: &mut Problems,
) -> Layer {
    match read(path) {
        Ok(bytes) => Layer::from_toml(&path.display().to_string(), &bytes, findings),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let beside = path
                .parent()
                .filter(|parent| !parent.as_os_str().is_empty());
            let known = toml_files(beside.unwrap_or(Path::new(".")), dir);
            let name = path.display().to_string();
            let hint = match suggest::nearest(&name, known.iter().map(String::as_str)) {
                Some(meant) => phrase!("did you mean {meant}?", "{meant}을(를) 뜻하셨나요?"),
                None => phrase!(
                    "check the path; makook config set makes a new file",
                    "경로를 확인하세요. makook config set으로 새 파일을 만들 수 있습니다",
                ),
            };
            findings.error(
                Place::Path(name),
                phrase!("there is no such file", "그런 파일이 없습니다"),
                hint,
            );
            Layer {
                torn: true,
                ..Layer::default()
            }
        }
        Err(error) => unreadable(path, &error, findings),
    }
}

fn unreadable(path: &Path, error: &io::Error, findings: &mut Problems) -> Layer {
    findings.error(
        Place::Path(path.display().to_string()),
        phrase!("cannot be read: {error}", "읽을 수 없습니다: {error}"),
        phrase!(
            "check that it is a file and that you may read it",
            "파일이 맞는지, 읽기 권한이 있는지 확인하세요",
        ),
    );
    Layer {
        torn: true,
        ..Layer::default()
    }
}

/// Returns the TOML files of both folders, sorted.
fn toml_files(beside: &Path, dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = [beside, dir]
        .into_iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .map(|path| path.display().to_string())
        .collect();
    names.sort();
    names.dedup();
    names
}
