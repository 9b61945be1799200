//! Presets: sets of settings for a purpose, one file each in `configs/presets/`.
//!
//! Owns the heading `[preset]` that tells a preset from any other settings file: its place in the
//! list, its title and what it is for, in both languages. The rest of the file is settings as
//! everywhere. Start at [`presets`].

use crate::{key::Key, layer::Layer, suggest, value::Value};
use domain::{Phrase, Place, Problems, phrase};
use serde::{Deserialize, Serialize, Serializer};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The heading's name; no section of settings may be called so.
pub(crate) const HEADING: &str = "preset";

/// A set of settings for a purpose.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preset {
    /// As it is asked for: the file's name without its ending.
    pub name: String,
    /// What it is called.
    pub title: Phrase,
    /// What it is for, in a sentence.
    pub purpose: Phrase,
    /// What it sets, in the order of its file.
    pub settings: Vec<PresetSetting>,
    #[serde(skip)]
    order: i64,
}

/// One setting of a [`Preset`].
#[derive(Clone, Debug, Serialize)]
pub struct PresetSetting {
    /// The setting.
    #[serde(serialize_with = "path_of", rename = "path")]
    pub key: &'static Key,
    /// Its value; fits the key.
    pub value: Value,
}

impl PartialEq for PresetSetting {
    fn eq(&self, other: &Self) -> bool {
        self.key.path == other.key.path && self.value == other.value
    }
}

#[derive(Deserialize)]
struct Document {
    preset: Heading,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Heading {
    order: i64,
    title: Phrase,
    purpose: Phrase,
}

impl Preset {
    /// Returns what it sets as `--set` takes it.
    #[must_use]
    pub fn sets(&self) -> Vec<String> {
        let set = |one: &PresetSetting| format!("{}={}", one.key.path, one.value.bare());
        self.settings.iter().map(set).collect()
    }
}

/// Returns the presets of the configuration folder `dir` in their order, and what is wrong with
/// those that are left out. Without a folder there are none.
#[must_use]
pub fn presets(dir: &Path) -> (Vec<Preset>, Problems) {
    let mut findings = Problems::new();
    let mut found: Vec<Preset> = files(dir)
        .iter()
        .filter_map(|path| read(path, &mut findings))
        .collect();
    found.sort_by(|one, other| (one.order, &one.name).cmp(&(other.order, &other.name)));
    (found, findings)
}

/// Returns the preset `name` of the configuration folder `dir`.
///
/// # Errors
/// There is none of that name, or everything that is wrong with it.
pub fn preset(dir: &Path, name: &str) -> Result<Preset, Problems> {
    let files = files(dir);
    let names: Vec<&str> = files.iter().filter_map(|path| name_of(path)).collect();
    let mut findings = Problems::new();
    let known = files.iter().find(|path| name_of(path) == Some(name));
    if let Some(path) = known {
        return read(path, &mut findings).ok_or(findings);
    }
    let hint = match suggest::nearest(name, names.iter().copied()) {
        Some(meant) => phrase!("did you mean {meant}?", "{meant}을(를) 뜻하셨나요?"),
        None if names.is_empty() => {
            let folder = dir.join("presets");
            let folder = folder.display();
            phrase!("{folder} holds none", "{folder}에 프리셋이 없습니다")
        }
        None => {
            let names = names.join(", ");
            phrase!("there are {names}", "있는 프리셋: {names}")
        }
    };
    findings.error(
        Place::Flag(format!("--preset {name}")),
        phrase!(
            "there is no preset of that name",
            "그런 이름의 프리셋이 없습니다"
        ),
        hint,
    );
    Err(findings)
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(dir.join("presets"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "toml"))
        .collect();
    found.sort();
    found
}

fn name_of(path: &Path) -> Option<&str> {
    path.file_stem().and_then(|stem| stem.to_str())
}

/// Reads one file; one with an error is left out, so that half of a preset is never taken for all.
fn read(path: &Path, findings: &mut Problems) -> Option<Preset> {
    let shown = path.display().to_string();
    let mut own = Problems::new();
    let bytes = fs::read(path).unwrap_or_else(|error: io::Error| {
        own.error(
            Place::Path(shown.clone()),
            phrase!("cannot be read: {error}", "읽을 수 없습니다: {error}"),
            phrase!("check your permission", "읽기 권한을 확인하세요"),
        );
        Vec::new()
    });
    let layer = Layer::from_toml(&shown, &bytes, &mut own);
    let heading = std::str::from_utf8(&bytes)
        .ok()
        .filter(|_| !own.has_errors())
        .and_then(|text| heading(&shown, text, &mut own));
    let preset = heading.filter(|_| !own.has_errors()).and_then(|heading| {
        Some(Preset {
            name: name_of(path)?.to_owned(),
            title: heading.title,
            purpose: heading.purpose,
            settings: layer
                .entries
                .into_iter()
                .map(|entry| PresetSetting {
                    key: entry.key,
                    value: entry.value,
                })
                .collect(),
            order: heading.order,
        })
    });
    findings.append(own);
    preset
}

fn heading(path: &str, text: &str, findings: &mut Problems) -> Option<Heading> {
    match toml::from_str::<Document>(text) {
        Ok(document) => Some(document.preset),
        Err(error) => {
            let what = error.message();
            findings.error(
                Place::Path(path.to_owned()),
                phrase!(
                    "the [preset] heading is not complete: {what}",
                    "[preset] 머리말이 온전하지 않습니다: {what}"
                ),
                phrase!(
                    "it needs order, title and purpose, the last two as {{ en = \"…\", ko = \"…\" }}",
                    "order, title, purpose가 필요합니다. 뒤의 둘은 {{ en = \"…\", ko = \"…\" }}로 적습니다",
                ),
            );
            None
        }
    }
}

fn path_of<S: Serializer>(key: &&'static Key, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(key.path)
}
