//! The append-only journal of everything that changed something: a job, a file or the form;
//! `console.jsonl` in the home.
//!
//! Start at [`Diary::note`].

use domain::Clock;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The journal.
#[derive(Clone, Debug)]
pub struct Diary {
    path: PathBuf,
    by: String,
    clock: Arc<dyn Clock>,
}

/// One line.
#[derive(Serialize)]
struct Entry<'a> {
    t: i64,
    by: &'a str,
    did: &'a str,
    failed: Option<&'a str>,
}

impl Diary {
    /// Returns the journal of the home at `root`, written in the name of `env`'s user.
    #[must_use]
    pub fn of(root: &Path, env: &BTreeMap<String, String>, clock: Arc<dyn Clock>) -> Self {
        Self {
            path: root.join("console.jsonl"),
            by: user(env).unwrap_or("console").to_owned(),
            clock,
        }
    }

    /// Adds a line; a home that cannot be written has none.
    pub fn note(&self, did: &str, failed: Option<&str>) {
        match failed {
            None => tracing::info!("{did}"),
            Some(why) => tracing::warn!("{did}: {why}"),
        }
        let entry = Entry {
            t: self.clock.now().0,
            by: &self.by,
            did,
            failed,
        };
        if let Ok(mut line) = serde_json::to_vec(&entry) {
            line.push(b'\n');
            // Settings are changed before there is a first run.
            let _ = self.path.parent().map(fs::create_dir_all);
            let file = OpenOptions::new()
                .create(true)
                .append(true)
                .open(&self.path);
            let _ = file.and_then(|mut file| file.write_all(&line));
        }
    }
}

/// Returns the name of the user that `env` belongs to.
#[must_use]
pub fn user(env: &BTreeMap<String, String>) -> Option<&str> {
    let named = |name: &str| env.get(name).map(String::as_str);
    let names = ["USER", "LOGNAME"];
    let mut found = names.into_iter().filter_map(named);
    found.find(|name| !name.is_empty())
}
