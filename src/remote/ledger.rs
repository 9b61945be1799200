//! What of a host is in the mirror, kept beside it so that a new line begins where the last ended.
//!
//! May be older than the files, never newer: it is written after them. What it says is checked
//! against the files before it is believed.

use crate::{RemoteError, scope, wire::Held};
use domain::durable;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, io, path::Path};

/// Format of the file; another one is started anew.
const FORMAT: u32 = 1;

/// What is known of one file here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The host's name for it.
    pub token: String,
    /// Bytes here, counted from the beginning of the file there.
    pub upto: u64,
    /// Where the copy begins in the file there; above 0 for the end of a long log.
    pub base: u64,
}

impl Entry {
    /// Returns how long the copy is.
    #[must_use]
    pub fn here(&self) -> u64 {
        self.upto.saturating_sub(self.base)
    }
}

/// The list of copies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    format: u32,
    /// Run home and project folder there that the copies are of.
    pub origin: (String, String),
    /// Copies by path.
    pub files: BTreeMap<String, Entry>,
}

impl Ledger {
    /// Reads the list at `path` and keeps what the files below `root` agree with. A list that is
    /// missing or broken is empty: everything is fetched again.
    #[must_use]
    pub fn read(path: &Path, root: &Path) -> Self {
        let bytes = fs::read(path).unwrap_or_default();
        let read: Self = serde_json::from_slice(&bytes).unwrap_or_default();
        if read.format != FORMAT {
            return Self::default();
        }
        let mut ledger = read;
        ledger.files.retain(|path, entry| {
            let length = crate::mirror::place_of(root, path)
                .and_then(|place| fs::metadata(place).ok())
                .map(|meta| meta.len());
            let grows = scope::grows(path);
            match length {
                Some(length) if grows => length >= entry.here(),
                Some(length) => length == entry.here(),
                None => false,
            }
        });
        ledger
    }

    /// Returns what the host has to know.
    #[must_use]
    pub fn have(&self) -> Vec<Held> {
        let held = |(path, entry): (&String, &Entry)| Held {
            path: path.clone(),
            token: entry.token.clone(),
            upto: entry.upto,
        };
        self.files.iter().map(held).collect()
    }

    /// Replaces the list at `path`.
    ///
    /// # Errors
    /// The operating system's error; the former list then stays.
    pub fn write(&mut self, path: &Path) -> Result<(), RemoteError> {
        self.format = FORMAT;
        let bytes = serde_json::to_vec(self).map_err(io::Error::other);
        bytes
            .and_then(|bytes| durable::replace(path, &bytes))
            .map_err(RemoteError::io(path, "write the list of copies"))
    }
}
