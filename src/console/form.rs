//! The settings as a form: values, where they come from, and what the user changed for the next
//! training.
//!
//! Owns the changes; every one of them is resolved by `config` itself, so problems read as on the
//! command line. Never writes a file. Start at [`Form`].

use crate::{against::Column, cursor::Cursor, fuzzy, message::SettingsNews};
use config::{
    Choice, Key, Kind, Preset, Refusal, Resolved, SECTIONS, Scalar, Section, Setting, Value,
};
use domain::{Phrase, Problems, phrase};
use runs::RunId;
use std::{collections::BTreeMap, path::PathBuf};

/// The form.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// Experiment files that can be chosen, absolute.
    pub experiments: Vec<PathBuf>,
    /// Sets of settings that can be laid over the form.
    pub presets: Vec<Preset>,
    /// The chosen one.
    pub experiment: Option<PathBuf>,
    /// Changed values by key, as typed.
    pub changes: BTreeMap<&'static str, String>,
    /// The settings as they last resolved without an error.
    pub resolved: Option<Resolved>,
    /// What is wrong with them now, warnings included.
    pub problems: Problems,
    /// Shows only keys that fit; empty for all.
    pub filter: String,
    /// Shows only keys that differ from the columns beside them.
    pub differing: bool,
    /// What the values are held against.
    pub columns: Vec<Column>,
    /// The run that the values were taken from.
    pub parent: Option<RunId>,
    /// The chosen row.
    pub cursor: Cursor,
}

/// One row of the form.
#[derive(Clone, Copy, Debug)]
pub enum Row {
    /// A section's heading.
    Heading(&'static Section),
    /// A setting.
    Field(&'static Key),
}

impl Form {
    /// Returns the rows that are shown.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for section in SECTIONS {
            let fits = |key: &&'static Key| {
                if self.differing && !self.differs(key) {
                    return false;
                }
                let texts = [key.path, key.label.en, key.label.ko];
                self.filter.is_empty() || fuzzy::best(&self.filter, texts).is_some()
            };
            let fields: Vec<Row> = section.keys.iter().filter(fits).map(Row::Field).collect();
            if !fields.is_empty() {
                rows.push(Row::Heading(section));
                rows.extend(fields);
            }
        }
        rows
    }

    /// Returns the key that the cursor is on; `None` on a heading.
    #[must_use]
    pub fn key(&self) -> Option<&'static Key> {
        match self.rows().get(self.cursor.at) {
            Some(Row::Field(key)) => Some(key),
            _ => None,
        }
    }

    /// Returns a setting as resolved.
    #[must_use]
    pub fn setting(&self, key: &Key) -> Option<&Setting> {
        self.resolved.as_ref()?.setting(key.path)
    }

    /// Returns the value shown for `key`: as changed, as resolved, or the built-in default.
    #[must_use]
    pub fn value(&self, key: &Key) -> Value {
        let changed = self.changes.get(key.path);
        let changed = changed.and_then(|typed| key.parse(typed).ok());
        changed
            .or_else(|| self.setting(key).map(|setting| setting.value.clone()))
            .unwrap_or_else(|| key.default_value())
    }

    /// Returns the value of `key` as the form shows it: a sweep as it was typed.
    #[must_use]
    pub fn shown(&self, key: &Key) -> String {
        let typed = self.changes.get(key.path);
        match typed.filter(|typed| config::is_sweep(key, typed)) {
            Some(typed) => typed.clone(),
            None => self.value(key).bare(),
        }
    }

    /// Returns whether `key` has another value in any column; without a column, in the defaults.
    #[must_use]
    pub fn differs(&self, key: &Key) -> bool {
        let own = self.shown(key);
        let other = |value: Option<Value>| value.is_some_and(|value| value.bare() != own);
        match self.columns[..] {
            [] => other(Some(key.default_value())),
            _ => self.columns.iter().any(|column| other(column.value(key))),
        }
    }

    /// Returns the run that the values come from, as long as any of them is left.
    #[must_use]
    pub fn origin(&self) -> Option<&RunId> {
        self.parent.as_ref().filter(|_| !self.changes.is_empty())
    }

    /// Returns how many jobs the sweeps among the changes make; 1 without any.
    #[must_use]
    pub fn jobs(&self) -> usize {
        jobs(&self.sets())
    }

    /// Returns the changes as `--set` takes them.
    #[must_use]
    pub fn sets(&self) -> Vec<String> {
        self.changes
            .iter()
            .map(|(path, value)| format!("{path}={value}"))
            .collect()
    }

    /// Changes or restores a value; returns what was there before.
    pub fn set(&mut self, path: &'static str, value: Option<String>) -> Option<String> {
        match value {
            Some(value) => self.changes.insert(path, value),
            None => self.changes.remove(path),
        }
    }

    /// Takes over what the settings resolve to.
    pub fn take(&mut self, news: SettingsNews) {
        self.experiments = news.experiments;
        self.presets = news.presets;
        match news.outcome {
            Ok(resolved) => {
                self.problems = resolved.warnings().clone();
                self.resolved = Some(resolved);
            }
            Err(problems) => self.problems = problems,
        }
    }
}

/// Returns how many jobs the sweeps among `sets` make; 1 without any, also where one is wrong.
#[must_use]
pub fn jobs(sets: &[String]) -> usize {
    let swept = sets
        .iter()
        .filter_map(|set| set.split_once('='))
        .any(|(path, typed)| config::find(path).is_some_and(|key| config::is_sweep(key, typed)));
    match swept {
        true => config::combinations(sets).map_or(1, |all| all.len()),
        false => 1,
    }
}

/// Says whether `typed` fits `key` as one value or as a sweep.
///
/// # Errors
/// The wording of the command line.
pub fn check(key: &Key, typed: &str) -> Result<(), Refusal> {
    match config::sweep(key, typed) {
        Some(values) => values.map(drop),
        None => key.parse(typed).map(drop),
    }
}

/// Lists the values that `typed` sweeps over; `None` where it is no sweep or a wrong one.
#[must_use]
pub fn sweep_words(key: &Key, typed: Option<&String>) -> Option<Phrase> {
    let values = config::sweep(key, typed?)?.ok()?;
    let list: Vec<String> = values.iter().map(Value::bare).collect();
    let (count, list) = (list.len(), list.join(", "));
    Some(phrase!("{count} values: {list}", "값 {count}개: {list}"))
}

/// Returns a sweep over the usual values of `key`; `None` where there are none or only one.
#[must_use]
pub fn sweep_example(key: &Key) -> Option<String> {
    const VALUES: f64 = 5.0;
    let (low, high) = key.typical?;
    let count = match key.kind {
        Kind::One(Scalar::Int) => (high - low + 1.0).min(VALUES),
        Kind::One(Scalar::Float) => VALUES,
        _ => return None,
    };
    let log = if key.log_scale && low > 0.0 {
        " log"
    } else {
        ""
    };
    (count >= 2.0).then(|| format!("{{{low}..{high}{log} {count}}}"))
}

/// Returns the choices of a key; empty for other kinds.
#[must_use]
pub fn choices(key: &Key) -> &'static [Choice] {
    match key.kind {
        Kind::One(Scalar::Choice(choices)) => choices,
        _ => &[],
    }
}

/// Returns `value` moved by `steps` key presses, as typed text; `None` where there is no such
/// step.
#[must_use]
pub fn stepped(key: &Key, value: &Value, steps: i32) -> Option<String> {
    let next = match (key.kind, value) {
        (Kind::One(Scalar::Bool), Value::Bool(on)) => Value::Bool(!on),
        (Kind::One(Scalar::Choice(choices)), Value::Text(name)) => {
            let at = choices.iter().position(|choice| choice.name == name)? as i32;
            let next = (at + steps.signum()).rem_euclid(choices.len() as i32);
            Value::Text(choices[next as usize].name.to_owned())
        }
        (Kind::One(Scalar::Int), Value::Int(int)) => {
            let moved = moved(key, *int as f64, steps).round();
            let least = int.saturating_add(i64::from(steps.signum()));
            Value::Int(if steps > 0 {
                least.max(moved as i64)
            } else {
                least.min(moved as i64)
            })
        }
        (Kind::One(Scalar::Float), Value::Float(float)) => {
            Value::Float(rounded(moved(key, *float, steps)))
        }
        _ => return None,
    };
    let typed = next.bare();
    key.parse(&typed).ok().map(|_| typed)
}

fn moved(key: &Key, number: f64, steps: i32) -> f64 {
    if !key.log_scale {
        return number + key.step * f64::from(steps);
    }
    match key.typical {
        Some((low, _)) if number <= 0.0 && steps > 0 => low,
        _ => number * key.step.powi(steps),
    }
}

/// Cuts the digits that only binary fractions have.
fn rounded(number: f64) -> f64 {
    format!("{number:.9e}").parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("agent.clip_range", "0.2", 1, Some("0.22"))]
    #[case("agent.clip_range", "0.02", -1, None)]
    #[case("agent.learning_rate", "0.0003", 1, Some("0.0006"))]
    #[case("agent.learning_rate", "0.0003", -10, Some("2.9296875e-7"))]
    #[case("agent.epochs", "4", 1, Some("5"))]
    #[case("agent.epochs", "1", -1, None)]
    #[case("console.theme", "dark", 1, Some("light"))]
    #[case("console.theme", "dark", -1, Some("blue-yellow"))]
    #[case("console.read_only", "false", 1, Some("true"))]
    #[case("train.seeds", "[1, 2]", 1, None)]
    fn steps_follow_the_registry(
        #[case] path: &str,
        #[case] from: &str,
        #[case] steps: i32,
        #[case] expected: Option<&str>,
    ) {
        let key = config::find(path).unwrap();
        let value = key.parse(from).unwrap();
        assert_eq!(stepped(key, &value, steps).as_deref(), expected);
    }

    #[test]
    fn every_example_of_a_sweep_is_one() {
        let mut shown = 0;
        for key in config::keys::keys() {
            let Some(example) = sweep_example(key) else {
                continue;
            };
            let values = config::sweep(key, &example);
            assert!(
                matches!(&values, Some(Ok(values)) if values.len() >= 2),
                "{} = {example}: {values:?}",
                key.path
            );
            shown += 1;
        }
        assert!(shown > 40, "{shown} examples are few");
    }

    #[test]
    fn every_key_is_a_row() {
        let fields = Form::default()
            .rows()
            .iter()
            .filter(|r| matches!(r, Row::Field(_)))
            .count();
        assert_eq!(fields, config::keys::keys().count());
    }
}
