//! The newest measurement of how fast settings train on this machine.
//!
//! Reads `data/cache/calibration/*.json` of the project; `makook calibrate` writes them. Start at [`newest`].

use domain::Phrase;
use serde::Deserialize;
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Settings that change what is learnt, not only how fast.
const LEARNING: [&str; 3] = ["train.n_envs", "agent.horizon", "agent.minibatch_size"];
/// A result is a few hundred bytes; anything larger is none.
const LARGEST: u64 = 1 << 20;

/// What a measurement found.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Calibration {
    /// `section.key=value` each: the fastest settings found.
    pub sets: Vec<String>,
    /// Environment steps per second with them.
    pub steps_per_second: Option<f64>,
    /// How many times faster than before.
    pub speedup: Option<f64>,
    /// The fastest settings that leave learning as it was.
    pub threads_only: Option<Found>,
}

/// One set of settings.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Found {
    /// `section.key=value` each.
    pub sets: Vec<String>,
    /// Environment steps per second with them.
    pub steps_per_second: Option<f64>,
    /// How many times faster than before.
    pub speedup: Option<f64>,
}

impl Calibration {
    /// Returns everything it found, the fastest first; what sets nothing is left out.
    #[must_use]
    pub fn found(&self) -> Vec<Found> {
        let whole = Found {
            sets: self.sets.clone(),
            steps_per_second: self.steps_per_second,
            speedup: self.speedup,
        };
        let all = [Some(whole), self.threads_only.clone()];
        let all = all.into_iter().flatten();
        all.filter(|found| !found.sets.is_empty()).collect()
    }
}

impl Found {
    /// Returns the settings that change what is learnt.
    #[must_use]
    pub fn learning(&self) -> Vec<&str> {
        let keys = self.sets.iter().filter_map(|set| set.split_once('='));
        let keys = keys.map(|(key, _)| key.trim());
        keys.filter(|key| LEARNING.contains(key)).collect()
    }
}

/// Reads the newest measurement in `dir`.
///
/// # Errors
/// There is none, or it cannot be read; with what to do.
pub fn newest(dir: &Path) -> Result<Calibration, Phrase> {
    let path = newest_file(dir).ok_or_else(|| {
        Phrase::new(
            "nothing was measured here yet; `makook calibrate` measures it",
            "아직 측정한 결과가 없습니다. `makook calibrate`로 측정하세요",
        )
    })?;
    let damaged = |what: String| {
        Phrase::new(
            format!("{}: {what}; measure again", path.display()),
            format!("{}: {what}. 다시 측정하세요", path.display()),
        )
    };
    let bytes = read(&path).map_err(|error| damaged(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.len() > LARGEST {
        return Err(io::Error::other("is too large for a measurement"));
    }
    fs::read(path)
}

fn newest_file(dir: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(dir).ok()?.flatten();
    let files = entries.filter_map(|entry| {
        let path = entry.path();
        let is_json = path.extension().is_some_and(|kind| kind == "json");
        let modified = entry.metadata().and_then(|meta| meta.modified());
        is_json.then(|| (modified.unwrap_or(SystemTime::UNIX_EPOCH), path))
    });
    files.max().map(|(_, path)| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_result_counts_and_the_safe_half_is_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        assert!(
            newest(dir.path())
                .unwrap_err()
                .en
                .contains("nothing was measured")
        );
        let old = dir.path().join("b.json");
        fs::write(&old, r#"{"sets":["train.threads=1"]}"#).unwrap();
        let past = SystemTime::UNIX_EPOCH;
        fs::File::options()
            .write(true)
            .open(&old)
            .unwrap()
            .set_modified(past)
            .unwrap();
        let text = r#"{"sets":["train.n_envs=256","train.threads=4"],"speedup":2.5,
            "steps_per_second":51000.0,"baseline":20400.0,"later":{"x":1},
            "threads_only":{"sets":["train.threads=4"],"speedup":1.2}}"#;
        fs::write(dir.path().join("a.json"), text).unwrap();
        let found = newest(dir.path()).unwrap().found();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].learning(), ["train.n_envs"]);
        assert!(found[1].learning().is_empty());
    }

    #[test]
    fn a_damaged_result_is_an_error_with_a_remedy() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.json"), "{\"sets\": [").unwrap();
        assert!(newest(dir.path()).unwrap_err().ko.contains("다시 측정"));
    }
}
