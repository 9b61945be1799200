//! Several runs side by side: which settings differ, and what came out.

use crate::{RunDir, RunsError, Summary, roster::summary};
use domain::{Clock, Phrase};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Runs side by side; every row has one value a run, in the order asked for.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The runs.
    pub runs: Vec<Summary>,
    /// Settings that differ, by key.
    pub settings: Vec<SettingRow>,
    /// Figures of any of them, by key.
    pub figures: Vec<FigureRow>,
    /// What could not be read, each with why.
    pub problems: Vec<Phrase>,
}

/// A setting that is not the same everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SettingRow {
    /// Key, e.g. `train.learning_rate`.
    pub key: String,
    /// Value in each run as TOML writes it; `None` where the run has no such key.
    pub values: Vec<Option<String>>,
}

/// A figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FigureRow {
    /// Key, e.g. `test/sharpe`.
    pub key: String,
    /// Value in each run; `None` where the run has none.
    pub values: Vec<Option<f64>>,
}

/// Compares `runs`. A run whose settings cannot be read is compared by its figures alone.
#[must_use]
pub fn compare(runs: &[RunDir], clock: &dyn Clock) -> Comparison {
    let mut problems = Vec::new();
    let settings: Vec<BTreeMap<String, String>> = runs
        .iter()
        .map(|run| {
            flat_settings(run).unwrap_or_else(|error| {
                problems.push(error.says());
                BTreeMap::new()
            })
        })
        .collect();
    let runs: Vec<Summary> = runs.iter().map(|run| summary(run, clock)).collect();
    let figures: Vec<&BTreeMap<String, f64>> = runs.iter().map(|run| &run.last).collect();
    let figures = keys(figures.iter().copied())
        .map(|key| FigureRow {
            values: figures.iter().map(|of| of.get(&key).copied()).collect(),
            key,
        })
        .collect();
    let settings = keys(settings.iter())
        .map(|key| SettingRow {
            values: settings.iter().map(|of| of.get(&key).cloned()).collect(),
            key,
        })
        .filter(|row| row.values.windows(2).any(|pair| pair[0] != pair[1]))
        .collect();
    Comparison {
        runs,
        settings,
        figures,
        problems,
    }
}

/// Returns a run's settings by dotted key, each value as TOML writes it.
///
/// # Errors
/// `Corrupt` when the settings are no TOML any more, or the operating system's error.
pub fn flat_settings(run: &RunDir) -> Result<BTreeMap<String, String>, RunsError> {
    let text = run.settings()?;
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| RunsError::Corrupt {
            path: run.layout().settings(),
            what: {
                let error = error.message();
                domain::phrase!(
                    "the settings are not TOML: {error}",
                    "설정이 TOML이 아닙니다: {error}"
                )
            },
        })?;
    let mut flat = BTreeMap::new();
    flatten("", &table, &mut flat);
    Ok(flat)
}

fn flatten(prefix: &str, table: &toml::Table, flat: &mut BTreeMap<String, String>) {
    for (key, value) in table {
        let path = if prefix.is_empty() {
            key.clone()
        } else {
            format!("{prefix}.{key}")
        };
        match value {
            toml::Value::Table(inner) => flatten(&path, inner, flat),
            value => {
                flat.insert(path, value.to_string());
            }
        }
    }
}

fn keys<'a, V: 'a>(
    maps: impl Iterator<Item = &'a BTreeMap<String, V>>,
) -> impl Iterator<Item = String> {
    maps.flat_map(|map| map.keys().cloned())
        .collect::<BTreeSet<String>>()
        .into_iter()
}
