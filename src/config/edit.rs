//! `makook config set` and `unset`: changes to a settings file that keep its comments.
//!
//! Owns the edit as text: what is not changed stays as it was typed, byte for byte. Nothing is
//! written unless every change fits and the settings as a whole get no new error. Start at
//! [`edit`].

use crate::{
    admit::Refusal,
    key::Key,
    keys,
    layer::{self, Layer},
    lines::{self, LineChange},
    load::{LoadRequest, load_with},
    value::Value,
};
use domain::{Place, Problem, Problems, Severity, durable, phrase};
use serde::Serialize;
use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};
use toml_edit::{Array, Document, DocumentMut, InlineTable, Item, Table};

/// One change to a settings file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// Sets a key to what a person typed.
    Set {
        /// `section.name`.
        path: &'a str,
        /// As [`Key::parse`] reads it.
        typed: &'a str,
    },
    /// Removes a key, so that a weaker layer decides again.
    Unset {
        /// `section.name`.
        path: &'a str,
    },
}

/// What an edit did.
#[derive(Clone, Debug, Serialize)]
pub struct Edit {
    /// The file.
    pub file: PathBuf,
    /// Whether the file is new.
    pub created: bool,
    /// Whether its text changed at all.
    pub changed: bool,
    /// What is odd or was wrong before; nothing of it is this edit's doing, except warnings.
    pub remaining: Problems,
}

/// Changes to a file, worked out and not written yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The file.
    pub file: PathBuf,
    /// Its text as it is.
    pub before: String,
    /// Its text as it would be.
    pub after: String,
    /// Whether the file would be new.
    pub created: bool,
    /// See [`Edit::remaining`].
    pub remaining: Problems,
}

enum Step {
    Set(&'static Key, Value),
    Unset(&'static Key),
}

/// Makes all `changes` to `file` in one atomic step.
///
/// The file is checked as the layer that it is in `request` (the defaults, an environment file or
/// the experiment), or else as its experiment. A missing file is created.
///
/// # Errors
/// Unknown keys, values that don't fit, a file that cannot be read or written, and every error
/// that the settings have after the change and did not have before. The file is then unchanged.
pub fn edit(request: &LoadRequest, file: &Path, changes: &[Change<'_>]) -> Result<Edit, Problems> {
    draft(request, file, changes)?.write()
}

/// Works all `changes` to `file` out without writing anything, so that they can be shown first.
///
/// # Errors
/// As [`edit`], but for what only writing finds out.
pub fn draft(
    request: &LoadRequest,
    file: &Path,
    changes: &[Change<'_>],
) -> Result<Draft, Problems> {
    let mut findings = Problems::new();
    let (before, created) = read_text(file, &mut findings);
    let start = before.clone();
    work_out(request, file, [before, start], created, changes, findings)
}

/// As [`draft`], for a new file that starts as a copy of `from`, comments and all, or empty.
///
/// # Errors
/// As [`draft`], and `file` exists already or `from` cannot be read.
pub fn draft_copy(
    request: &LoadRequest,
    from: Option<&Path>,
    file: &Path,
    changes: &[Change<'_>],
) -> Result<Draft, Problems> {
    let mut findings = Problems::new();
    if file.symlink_metadata().is_ok() {
        findings.error(
            Place::Path(file.display().to_string()),
            phrase!("exists already", "이미 있는 파일입니다"),
            phrase!("choose another name", "다른 이름을 고르세요"),
        );
    }
    let start = from.map(|from| read_text(from, &mut findings).0);
    let texts = [String::new(), start.unwrap_or_default()];
    work_out(request, file, texts, true, changes, findings)
}

/// Works `changes` to the text `start` out; `before` is what the file holds now.
fn work_out(
    request: &LoadRequest,
    file: &Path,
    [before, start]: [String; 2],
    created: bool,
    changes: &[Change<'_>],
    mut findings: Problems,
) -> Result<Draft, Problems> {
    let steps = steps(changes, &mut findings);
    let mut known = Problems::new();
    if Layer::from_toml(&file.display().to_string(), start.as_bytes(), &mut known).torn {
        findings.append(known);
    }
    if findings.has_errors() {
        return Err(findings);
    }
    let mut after = start;
    for step in &steps {
        match step {
            Step::Set(key, value) => set_in(&mut after, key, value, file, &mut findings),
            Step::Unset(key) => unset_in(&mut after, key, file, &mut findings),
        }
    }
    if findings.has_errors() {
        return Err(findings);
    }
    let remaining = check(request, file, &after)?;
    Ok(Draft {
        file: file.to_owned(),
        before,
        after,
        created,
        remaining,
    })
}

impl Draft {
    /// Returns the lines that differ, in the order of the file.
    #[must_use]
    pub fn changed_lines(&self) -> Vec<LineChange> {
        lines::changed(&self.before, &self.after)
    }

    /// Writes it in one atomic step.
    ///
    /// # Errors
    /// The file is not what it was when this was worked out, or cannot be written; it is then
    /// unchanged.
    pub fn write(self) -> Result<Edit, Problems> {
        let mut findings = Problems::new();
        let place = || Place::Path(self.file.display().to_string());
        let (now, missing) = read_text(&self.file, &mut findings);
        if (&now, missing) != (&self.before, self.created) && !findings.has_errors() {
            findings.error(
                place(),
                phrase!(
                    "another program has changed it meanwhile",
                    "그사이 다른 프로그램이 파일을 바꿨습니다"
                ),
                phrase!(
                    "look at the change again; nothing was written",
                    "바뀐 내용을 다시 확인하세요. 쓴 것은 없습니다"
                ),
            );
        }
        let changed = self.after != self.before || self.created;
        if changed
            && !findings.has_errors()
            && let Err(error) = write(&self.file, &self.after)
        {
            findings.error(
                place(),
                phrase!("cannot be written: {error}", "쓸 수 없습니다: {error}"),
                phrase!(
                    "check the folder, its free space and your permission; nothing was changed",
                    "폴더와 남은 공간, 쓰기 권한을 확인하세요. 바뀐 것은 없습니다",
                ),
            );
        }
        if findings.has_errors() {
            return Err(findings);
        }
        Ok(Edit {
            file: self.file,
            created: self.created,
            changed,
            remaining: self.remaining,
        })
    }
}

fn steps(changes: &[Change<'_>], findings: &mut Problems) -> Vec<Step> {
    let mut steps = Vec::new();
    for change in changes {
        let (Change::Set { path, .. } | Change::Unset { path }) = *change;
        let place = match *change {
            Change::Set { path, typed } => Place::Flag(format!("{path}={typed}")),
            Change::Unset { path } => Place::Flag(path.to_owned()),
        };
        let Some(key) = keys::find(path) else {
            layer::unknown_key(path, place, findings);
            continue;
        };
        match *change {
            Change::Unset { .. } => steps.push(Step::Unset(key)),
            Change::Set { typed, .. } => match key.admit(key.read(typed)) {
                Ok(value) => steps.push(Step::Set(key, value)),
                Err(Refusal { message, hint }) => findings.error(place, message, hint),
            },
        }
    }
    steps
}

/// Returns the file's text and whether there is no file yet.
fn read_text(file: &Path, findings: &mut Problems) -> (String, bool) {
    match fs::read_to_string(file) {
        Ok(text) => (text, false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => (String::new(), true),
        Err(error) => {
            findings.error(
                Place::Path(file.display().to_string()),
                phrase!("cannot be read: {error}", "읽을 수 없습니다: {error}"),
                phrase!(
                    "check that it is a UTF-8 text file and that you may read it",
                    "UTF-8 글 파일이 맞는지, 읽기 권한이 있는지 확인하세요",
                ),
            );
            (String::new(), false)
        }
    }
}

/// Says what is wrong with a file that cannot be edited before it is mended.
fn refuse_file(file: &Path, text: &str, findings: &mut Problems) {
    Layer::from_toml(&file.display().to_string(), text.as_bytes(), findings);
}

fn set_in(text: &mut String, key: &Key, value: &Value, file: &Path, findings: &mut Problems) {
    let Ok(mut document) = text.parse::<DocumentMut>() else {
        refuse_file(file, text, findings);
        return;
    };
    let root = document.as_table_mut();
    let section = root
        .entry(key.section())
        .or_insert_with(|| Item::Table(Table::new()));
    let new: toml_edit::Value = value
        .to_string()
        .parse()
        .expect("a value is written as TOML");
    if let Some(old) = section.get_mut(key.name()).and_then(Item::as_value_mut) {
        replace_value(old, new);
    } else if let Some(table) = section.as_inline_table_mut() {
        push_inline(table, key.name(), new);
    } else if let Some(table) = section.as_table_mut() {
        table.insert(key.name(), Item::Value(new));
    } else {
        refuse_file(file, text, findings);
        return;
    }
    *text = document.to_string();
}

/// Adds a member to `{ a = 1 }`; the blank before the closing brace stays there.
fn push_inline(table: &mut InlineTable, name: &str, mut new: toml_edit::Value) {
    if let Some((_, last)) = table.iter_mut().last() {
        new.decor_mut().set_prefix(" ");
        new.decor_mut()
            .set_suffix(last.decor().suffix().cloned().unwrap_or_default());
        last.decor_mut().set_suffix("");
    }
    table.insert(name, new);
}

/// Puts `new` in the place of `old` and keeps the comments around and within it.
fn replace_value(old: &mut toml_edit::Value, new: toml_edit::Value) {
    if let (Some(list), Some(items)) = (old.as_array_mut(), new.as_array()) {
        replace_members(list, items);
        return;
    }
    let decor = old.decor().clone();
    *old = new;
    *old.decor_mut() = decor;
}

fn replace_members(list: &mut Array, items: &Array) {
    let mut orphaned = String::new();
    while list.len() > items.len() {
        let last = list.remove(list.len() - 1);
        let decor = last.decor();
        let around = |raw: Option<&toml_edit::RawString>| {
            raw.and_then(toml_edit::RawString::as_str)
                .unwrap_or("")
                .to_owned()
        };
        orphaned = around(decor.prefix()) + &around(decor.suffix()) + &orphaned;
    }
    for (index, item) in items.iter().enumerate() {
        if index < list.len() {
            list.replace(index, item.clone());
        } else {
            list.push(item.clone());
        }
    }
    if orphaned.contains('#') {
        let trailing = list.trailing().as_str().unwrap_or("").to_owned();
        list.set_trailing(orphaned + &trailing);
    }
}

/// Cuts the key's line out of the text; comments beside it and above it stay.
fn unset_in(text: &mut String, key: &Key, file: &Path, findings: &mut Problems) {
    let Ok(document) = Document::parse(text.clone()) else {
        refuse_file(file, text, findings);
        return;
    };
    let section = document.get(key.section());
    let item = section.and_then(|section| section.get(key.name()));
    let Some(span) = item.and_then(Item::span) else {
        let path = key.path;
        findings.error(
            Place::Path(file.display().to_string()),
            phrase!("{path} is not set here", "{path}은(는) 여기에 없습니다"),
            phrase!(
                "makook config explain {path} shows where its value comes from",
                "makook config explain {path}(으)로 값이 어디에서 오는지 볼 수 있습니다",
            ),
        );
        return;
    };
    if section.is_some_and(Item::is_inline_table) {
        let mut document: DocumentMut = text.parse().expect("it has just been parsed");
        if let Some(table) = document[key.section()].as_inline_table_mut() {
            table.remove(key.name());
        }
        *text = document.to_string();
        return;
    }
    let start = text[..span.start]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let rest = &text[span.end..];
    let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let line_break = ["\r\n", "\n"]
        .into_iter()
        .find(|end| rest[blank..].starts_with(end))
        .map_or(0, str::len);
    text.replace_range(start..span.end + blank + line_break, "");
}

/// Loads everything with and without the change and returns what is left to remark.
fn check(request: &LoadRequest, file: &Path, after: &str) -> Result<Problems, Problems> {
    let mut request = request.clone();
    let subject = subject(&mut request, file);
    let known: Vec<Problem> = match load_with(&request, &|path| fs::read(path)) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().cloned().collect(),
    };
    let outcome = load_with(&request, &|path| {
        if path == subject {
            Ok(after.as_bytes().to_vec())
        } else {
            fs::read(path)
        }
    });
    let problems = match outcome {
        Ok(resolved) => return Ok(resolved.warnings().clone()),
        Err(problems) => problems,
    };
    // Lines move with an edit, so a problem is known again by its words.
    let is_new = |problem: &&Problem| {
        problem.severity == Severity::Error
            && known.iter().all(|one| one.message != problem.message)
    };
    if problems.iter().any(|problem| is_new(&problem)) {
        Err(problems)
    } else {
        Ok(problems)
    }
}

/// Makes `file` a layer of the request and returns the path under which the loader reads it.
fn subject(request: &mut LoadRequest, file: &Path) -> PathBuf {
    let default = request.dir.join("default.toml");
    if is_same(file, &default) {
        return default;
    }
    let env = request.dir.join("env");
    let parent = file.parent().unwrap_or(Path::new(""));
    if let (true, Some(name)) = (
        is_same(parent, &env),
        file.file_stem().and_then(OsStr::to_str),
    ) {
        request.sets.push(format!("run.environment={name}"));
        return env.join(format!("{name}.toml"));
    }
    request.experiment = Some(file.to_owned());
    file.to_owned()
}

fn is_same(left: &Path, right: &Path) -> bool {
    let absolute = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    absolute(left) == absolute(right)
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    if fs::metadata(file).is_ok_and(|meta| meta.permissions().readonly()) {
        return Err(io::Error::from(io::ErrorKind::PermissionDenied));
    }
    // A link stays a link: what it points to is replaced.
    let target = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    if let Some(parent) = target
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        fs::create_dir_all(parent)?;
    }
    durable::replace(&target, text.as_bytes())
}
