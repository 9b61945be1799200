//! One layer of settings as it was written: a file, the environment or the command line.
//!
//! Owns reading TOML with the position of every key, and naming what is no setting at all. Knows
//! nothing of precedence ([`crate::load`]). Start at [`Layer::from_toml`].

use crate::{
    admit::Refusal,
    key::Key,
    keys,
    preset::{self, Preset},
    suggest,
    syntax::{self, Readable, line, place},
    value::Value,
};
use domain::{Place, Problems, phrase};
use std::{collections::BTreeMap, ops::Range};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// Environment variables with a name of their own, and the keys they set.
const SHORT_NAMES: [(&str, &str); 1] = [("MAKOOK_ENV", "run.environment")];

/// What one source says about one key; the value fits the key.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub key: &'static Key,
    pub value: Value,
    pub place: Place,
}

/// What one source says, in its own order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layer {
    pub entries: Vec<Entry>,
    /// Keys that were named with a value that does not fit.
    pub broken: Vec<&'static Key>,
    /// Whether parts of the source could not be read at all.
    pub torn: bool,
}

impl Layer {
    /// Reads a TOML file's bytes; `path` is the file as the user named it.
    pub fn from_toml(path: &str, bytes: &[u8], findings: &mut Problems) -> Self {
        let mut layer = Self::default();
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = &bytes[..error.valid_up_to()];
                let valid = std::str::from_utf8(valid).expect("valid up to here, says the error");
                findings.error(
                    place(path, valid, valid.len()),
                    phrase!("the file is not UTF-8 text", "UTF-8 글이 아닌 파일입니다"),
                    phrase!("save it as UTF-8", "UTF-8로 저장하세요"),
                );
                layer.torn = true;
                return layer;
            }
        };
        let Readable {
            text: readable,
            torn_lines,
        } = syntax::read(path, text, findings);
        layer.torn = !torn_lines.is_empty();
        let source = Source {
            path,
            text,
            torn_lines,
        };
        let (table, _) = DeTable::parse_recoverable(&readable);
        layer.take_document(table.get_ref(), &source, findings);
        layer.entries.sort_by_key(|entry| line_of(&entry.place));
        layer
    }

    /// Reads `MAKOOK_SECTION__KEY` variables and the short name; other variables are not ours.
    pub fn from_env(variables: &BTreeMap<String, String>, findings: &mut Problems) -> Self {
        let mut layer = Self::default();
        for (name, typed) in variables {
            let place = Place::Env(name.clone());
            if let Some((_, path)) = SHORT_NAMES.iter().find(|(short, _)| short == name) {
                layer.take_typed(path, typed, place, findings);
            } else if let Some((section, key)) = name
                .strip_prefix("MAKOOK_")
                .and_then(|rest| rest.split_once("__"))
            {
                let path = format!("{section}.{key}").to_ascii_lowercase();
                layer.take_typed(&path, typed, place, findings);
            }
        }
        layer.refuse_disagreement(findings);
        layer
    }

    /// Takes over a preset, whose values fit their keys already.
    pub fn from_preset(preset: &Preset) -> Self {
        let place = Place::Flag(format!("--preset {}", preset.name));
        let entries = preset.settings.iter().map(|one| Entry {
            key: one.key,
            value: one.value.clone(),
            place: place.clone(),
        });
        Self {
            entries: entries.collect(),
            ..Self::default()
        }
    }

    /// Reads `section.key=value` arguments; of several for one key the last counts.
    pub fn from_sets(sets: &[String], findings: &mut Problems) -> Self {
        let mut layer = Self::default();
        for set in sets {
            let place = Place::Flag(format!("--set {set}"));
            match set.split_once('=') {
                Some((path, typed)) => layer.take_typed(path.trim(), typed, place, findings),
                None => findings.error(
                    place,
                    phrase!("{set:?} has no =", "{set:?}에 =가 없습니다"),
                    phrase!(
                        "write --set section.key=value, e.g. --set agent.clip_range=0.2",
                        "--set 섹션.키=값 형식으로 쓰세요(예: --set agent.clip_range=0.2)",
                    ),
                ),
            }
        }
        layer
    }

    /// Returns the last entry of a path.
    pub fn last(&self, path: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .rev()
            .find(|entry| entry.key.path == path)
    }

    fn take_typed(&mut self, path: &str, typed: &str, place: Place, findings: &mut Problems) {
        match keys::find(path) {
            Some(key) => self.take(key, key.read(typed), place, findings),
            None => unknown_key(path, place, findings),
        }
    }

    fn take(&mut self, key: &'static Key, value: Value, place: Place, findings: &mut Problems) {
        match key.admit(value) {
            Ok(value) => self.entries.push(Entry { key, value, place }),
            Err(objection) => {
                self.broken.push(key);
                findings.error(place, objection.message, objection.hint);
            }
        }
    }

    fn take_document(&mut self, root: &DeTable<'_>, source: &Source<'_>, findings: &mut Problems) {
        for (name, item) in root {
            let at = name.span();
            let name = name.get_ref().as_ref();
            if source.is_torn(&at) {
                continue;
            }
            let known = keys::SECTIONS.iter().any(|section| section.name == name);
            match item.get_ref() {
                DeValue::Table(table) if known => {
                    self.take_section(name, table, source, findings);
                }
                // What a preset is for; a preset is read like any other settings file.
                DeValue::Table(_) if name == preset::HEADING => {}
                DeValue::Table(_) => unknown_section(name, source.place(&at), findings),
                _ if known => findings.error(
                    source.place(&at),
                    phrase!(
                        "{name} is a section, not a value",
                        "{name}은(는) 값이 아니라 섹션입니다"
                    ),
                    phrase!(
                        "write [{name}] on a line of its own",
                        "[{name}]을(를) 한 줄에 따로 쓰세요"
                    ),
                ),
                _ => unknown_key(name, source.place(&at), findings),
            }
        }
    }

    fn take_section(
        &mut self,
        section: &str,
        table: &DeTable<'_>,
        source: &Source<'_>,
        findings: &mut Problems,
    ) {
        for (name, item) in table {
            let at = name.span();
            if source.is_torn(&(at.start..item.span().end)) {
                continue;
            }
            let place = source.place(&at);
            let path = format!("{section}.{}", name.get_ref());
            match (keys::find(&path), value_of(item)) {
                (None, _) => unknown_key(&path, place, findings),
                (Some(key), Some(value)) => self.take(key, value, place, findings),
                (Some(key), None) => {
                    self.broken.push(key);
                    let Refusal { message, hint } = key.object_to_table();
                    findings.error(place, message, hint);
                }
            }
        }
    }

    /// A short name and its long name in one environment must not say different things.
    fn refuse_disagreement(&mut self, findings: &mut Problems) {
        for (short, path) in SHORT_NAMES {
            let said: Vec<&Entry> = self
                .entries
                .iter()
                .filter(|entry| entry.key.path == path)
                .collect();
            if let [first, second] = said[..]
                && first.value != second.value
            {
                let (one, other) = (&first.value, &second.value);
                let long = first.key.env_name();
                findings.error(
                    Place::Env(short.to_owned()),
                    phrase!(
                        "{short} and {long} set {path} to {one} and {other}",
                        "{short}와(과) {long}이(가) {path}을(를) 서로 다르게({one}, {other}) 정합니다",
                    ),
                    phrase!("unset one of them", "둘 중 하나를 지우세요"),
                );
            }
        }
    }
}

/// Reads one TOML value; `None` if it is no value or holds a table.
pub(crate) fn parse_value(text: &str) -> Option<Value> {
    value_of(&DeValue::parse(text).ok()?)
}

struct Source<'a> {
    path: &'a str,
    text: &'a str,
    torn_lines: Vec<usize>,
}

impl Source<'_> {
    fn place(&self, at: &Range<usize>) -> Place {
        place(self.path, self.text, at.start)
    }

    /// What touches a line with a syntax error may be half of something.
    fn is_torn(&self, at: &Range<usize>) -> bool {
        let (first, last) = (line(self.text, at.start), line(self.text, at.end));
        self.torn_lines
            .iter()
            .any(|torn| (first..=last).contains(torn))
    }
}

fn line_of(place: &Place) -> Option<usize> {
    match place {
        Place::File { line, .. } => Some(*line),
        _ => None,
    }
}

fn value_of(item: &Spanned<DeValue<'_>>) -> Option<Value> {
    Some(match item.get_ref() {
        DeValue::Boolean(bool) => Value::Bool(*bool),
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Datetime(day) => Value::Text(day.to_string()),
        DeValue::Float(float) => Value::Float(float.as_str().parse().ok()?),
        DeValue::Integer(int) => match i64::from_str_radix(int.as_str(), int.radix()) {
            Ok(int) => Value::Int(int),
            // Beyond 64 bits: as a float it meets the range check and is named there.
            Err(_) => Value::Float(int.as_str().parse().ok()?),
        },
        DeValue::Array(items) => {
            Value::List(items.iter().map(value_of).collect::<Option<Vec<_>>>()?)
        }
        DeValue::Table(_) => return None,
    })
}

fn unknown_section(name: &str, place: Place, findings: &mut Problems) {
    let message = phrase!(
        "[{name}] is not a section",
        "[{name}](이)라는 섹션은 없습니다"
    );
    let hint = match suggest::section_like(name) {
        Some(meant) => phrase!("did you mean [{meant}]?", "[{meant}]을(를) 뜻하셨나요?"),
        None => {
            let names: Vec<&str> = keys::SECTIONS.iter().map(|section| section.name).collect();
            let names = names.join(", ");
            phrase!("the sections are {names}", "섹션은 {names}입니다")
        }
    };
    findings.error(place, message, hint);
}

pub(crate) fn unknown_key(path: &str, place: Place, findings: &mut Problems) {
    let message = phrase!(
        "`{path}` is not a setting",
        "`{path}`(이)라는 설정은 없습니다"
    );
    let meant = suggest::keys_like(path).join(" / ");
    let hint = if meant.is_empty() {
        phrase!(
            "makook config show lists every setting",
            "makook config show로 모든 설정을 볼 수 있습니다",
        )
    } else {
        phrase!("did you mean {meant}?", "{meant}을(를) 뜻하셨나요?")
    };
    findings.error(place, message, hint);
}
