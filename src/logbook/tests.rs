//! Logs against a plain reading of the same bytes, and what files do to their readers.

mod against_plain;
mod following;
mod patterns;
mod sparse;

use crate::{Level, Levels, Pager};
use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// A log in a folder of its own.
struct Place {
    _dir: TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            path: dir.path().join("a.log"),
            _dir: dir,
        }
    }

    fn of(bytes: &[u8]) -> Self {
        let place = Self::new();
        place.append(bytes);
        place
    }

    fn append(&self, bytes: &[u8]) {
        append(&self.path, bytes);
    }

    fn truncate(&self) {
        File::create(&self.path).unwrap();
    }

    /// A pager that has looked and counted everything.
    fn pager(&self, rows: usize) -> Pager {
        let mut pager = Pager::new(&self.path, rows);
        pager.look().unwrap();
        while pager.count_on(1 << 20).unwrap() {}
        pager
    }
}

fn append(path: &Path, bytes: &[u8]) {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.unwrap().write_all(bytes).unwrap();
}

/// A line as a plain reading has it: where it begins, its text, how loud it is.
#[derive(Clone, Debug, PartialEq)]
struct Plain {
    at: u64,
    text: String,
    level: Level,
}

/// Reads every line of `bytes` the slow way.
fn plain(bytes: &[u8]) -> Vec<Plain> {
    let mut lines = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let end = rest.iter().position(|byte| *byte == b'\n');
        let mut raw = &rest[..end.unwrap_or(rest.len())];
        while let Some((b'\r', before)) = raw.split_last() {
            raw = before;
        }
        let state = raw.rsplit(|byte| *byte == b'\r').next().unwrap();
        let level = Level::of(state);
        let mut state = state.to_vec();
        if end.is_none() {
            let last = last_character(&state);
            if matches!(std::str::from_utf8(last), Err(torn) if torn.error_len().is_none()) {
                state.truncate(state.len() - last.len());
            }
        }
        let text = String::from_utf8_lossy(&crate::shown::plain(&state)).into_owned();
        lines.push(Plain {
            at: at as u64,
            text,
            level,
        });
        at += end.unwrap_or(rest.len()) + 1;
    }
    lines
}

/// The bytes from the last beginning of a character on.
fn last_character(bytes: &[u8]) -> &[u8] {
    let from = bytes.len().saturating_sub(3);
    let begins = (from..bytes.len()).rfind(|at| bytes[*at] >= 0xc0);
    begins.map_or(&[], |at| &bytes[at..])
}

fn of_levels(lines: &[Plain], levels: Levels) -> Vec<Plain> {
    let of = |line: &&Plain| levels.has(line.level);
    lines.iter().filter(of).cloned().collect()
}

/// What a pager shows now.
fn shown(pager: &Pager) -> Vec<Plain> {
    let lines = pager.window().unwrap().lines.into_iter();
    let line = |line: crate::Line| Plain {
        at: line.at,
        text: line.text,
        level: line.level,
    };
    lines.map(line).collect()
}
