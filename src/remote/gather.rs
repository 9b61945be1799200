//! The host's side of the mirror: what changed in the run home and the project's `configs/`.
//!
//! A client never names a file to open. It names runs, and says what it has; which files there
//! are is found by walking two folders without following links, so nothing outside them can be
//! reached. Small files of all runs come whole; what a run appends comes from where the client
//! stands, for the runs it looks at. Runs that have ended are looked at rarely: the file systems
//! of clusters are slow to tell. Start at [`Gatherer::sync`].

use crate::{
    scope::{self, Found, Scope},
    wire::{Changes, Held, Nature, Part},
};
use domain::{Clock, Nanos};
use runs::RunId;
use rustix::fs::OFlags;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, Metadata, OpenOptions},
    io,
    os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

/// How often a run with an outcome is looked at.
const ENDED: Duration = Duration::from_secs(60);
/// How often a run in which nothing moves is looked at.
const STILL: Duration = Duration::from_secs(8);
/// How long nothing must have moved for that.
const CALM: Duration = Duration::from_secs(120);
/// How often `configs/` is looked at.
const CONFIGS: Duration = Duration::from_secs(5);
/// Most bytes of one answer, whatever is asked for.
const LARGEST_ANSWER: u64 = 1 << 20;
/// A log that is longer begins this far from its end.
const LOG_TAIL: u64 = 256 << 10;

/// Finds what changed since it last told.
#[derive(Debug)]
pub struct Gatherer {
    home: PathBuf,
    project: PathBuf,
    known: BTreeMap<String, Known>,
    looked: BTreeMap<(RunId, Scope), Looked>,
    configs_looked: Option<Duration>,
}

/// What the other side has of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    token: String,
    upto: u64,
}

/// When a run was looked at, in steady time. Each scope has its own: the last metrics come with
/// the outcome, and must not be missed because the outcome was seen.
#[derive(Clone, Copy, Debug)]
struct Looked {
    at: Duration,
    moved: Duration,
    ended: bool,
}

/// One answer in the making.
struct Parcel {
    changes: Changes,
    content: Vec<u8>,
    room: u64,
}

impl Gatherer {
    /// Gathers from the run home `home` and from `configs/` of `project`.
    #[must_use]
    pub fn new(home: &Path, project: &Path) -> Self {
        Self {
            home: home.to_owned(),
            project: project.to_owned(),
            known: BTreeMap::new(),
            looked: BTreeMap::new(),
            configs_looked: None,
        }
    }

    /// Notes what the other side has; what it does not have will be sent.
    pub fn begin(&mut self, have: Vec<Held>) {
        self.looked.clear();
        self.configs_looked = None;
        self.known = have
            .into_iter()
            .map(|held| {
                let known = Known {
                    token: held.token,
                    upto: held.upto,
                };
                (held.path, known)
            })
            .collect();
    }

    /// Returns what changed and the content of its parts, `budget` bytes at most. `watch` is
    /// gathered with everything that can be shown, `glance` with metrics, `again` anew.
    ///
    /// # Errors
    /// The operating system's error of listing the run home; nothing counts as told then.
    pub fn sync(
        &mut self,
        watch: Option<&RunId>,
        glance: &[RunId],
        budget: u64,
        again: &[String],
        clock: &dyn Clock,
    ) -> io::Result<(Changes, Vec<u8>)> {
        for path in again {
            self.known.remove(path);
            if let Some(id) = run_of(path) {
                self.looked.retain(|(looked, _), _| *looked != id);
            } else {
                self.configs_looked = None;
            }
        }
        let ids = list(&self.home)?;
        let mut parcel = Parcel {
            changes: Changes {
                now: clock.now(),
                ..Changes::default()
            },
            content: Vec::new(),
            room: budget.clamp(4 << 10, LARGEST_ANSWER),
        };
        self.forget_removed(&ids, &mut parcel);
        let steady = clock.steady();
        if let Some(id) = watch.filter(|id| ids.contains(*id)) {
            self.look(id, Scope::Small, steady, &mut parcel);
        }
        self.look_at_configs(steady, &mut parcel);
        if let Some(id) = watch.filter(|id| ids.contains(*id)) {
            self.look(id, Scope::Full, steady, &mut parcel);
        }
        // The newest first: they are what is seen.
        for id in ids.iter().rev().filter(|id| Some(*id) != watch) {
            self.look(id, Scope::Small, steady, &mut parcel);
        }
        for id in glance
            .iter()
            .filter(|id| Some(*id) != watch && ids.contains(*id))
        {
            self.look(id, Scope::Metrics, steady, &mut parcel);
        }
        Ok((parcel.changes, parcel.content))
    }

    /// Tells of runs that are no longer there.
    fn forget_removed(&mut self, ids: &BTreeSet<RunId>, parcel: &mut Parcel) {
        let gone: BTreeSet<RunId> = self
            .known
            .keys()
            .filter_map(|path| run_of(path))
            .filter(|id| !ids.contains(id))
            .collect();
        for id in gone {
            let folder = format!("{}{id}", scope::RUNS);
            self.known
                .retain(|path, _| run_of(path).as_ref() != Some(&id));
            parcel.changes.gone.push(folder);
        }
        self.looked.retain(|(id, _), _| ids.contains(id));
    }

    fn look(&mut self, id: &RunId, scope: Scope, now: Duration, parcel: &mut Parcel) {
        if parcel.room == 0 {
            parcel.changes.more = true;
            return;
        }
        let key = (id.clone(), scope);
        let former = self.looked.get(&key).copied();
        if let Some(former) = former {
            let every = match former {
                _ if scope == Scope::Full => Duration::ZERO,
                Looked { ended: true, .. } => ENDED,
                Looked { at, moved, .. } if at.saturating_sub(moved) >= CALM => STILL,
                _ => Duration::ZERO,
            };
            if now.saturating_sub(former.at) < every {
                return;
            }
        }
        let dir = self.home.join(id.as_str());
        let prefix = format!("{}{id}/", scope::RUNS);
        let found = scope::files(&dir, &prefix, scope);
        let ended = found.iter().any(|file| file.name() == "done.json");
        let before = parcel.changes.parts.len() + parcel.changes.gone.len();
        let whole = self.take(&prefix, scope, &found, parcel);
        let moved = parcel.changes.parts.len() + parcel.changes.gone.len() > before;
        if !whole {
            // Looked at again at once: there is more.
            self.looked.remove(&key);
            return;
        }
        let looked = Looked {
            at: now,
            moved: match former {
                Some(former) if !moved => former.moved,
                _ => now,
            },
            ended,
        };
        self.looked.insert(key, looked);
    }

    fn look_at_configs(&mut self, now: Duration, parcel: &mut Parcel) {
        if parcel.room == 0 {
            parcel.changes.more = true;
            return;
        }
        let recent = |at: Duration| now.saturating_sub(at) < CONFIGS;
        if self.configs_looked.is_some_and(recent) {
            return;
        }
        let mut whole = true;
        for (prefix, folder) in scope::OF_PROJECT {
            let found = scope::files(&self.project.join(folder), prefix, Scope::Full);
            whole &= self.take(prefix, Scope::Full, &found, parcel);
        }
        self.configs_looked = whole.then_some(now);
    }

    /// Takes in what is new among the files `found` below `prefix`; returns whether all of it
    /// found room.
    fn take(&mut self, prefix: &str, scope: Scope, found: &[Found], parcel: &mut Parcel) -> bool {
        let here: BTreeSet<&str> = found.iter().map(|file| file.path.as_str()).collect();
        let vanished: Vec<String> = self
            .known
            .range(prefix.to_owned()..)
            .take_while(|(path, _)| path.starts_with(prefix))
            .map(|(path, _)| path)
            .filter(|path| !here.contains(path.as_str()) && scope.covers(&path[prefix.len()..]))
            .cloned()
            .collect();
        for path in vanished {
            self.known.remove(&path);
            parcel.changes.gone.push(path);
        }
        let mut whole = true;
        for file in found {
            // A file that cannot be read now is tried again at the next look.
            whole &= self.take_file(file, parcel).unwrap_or(true);
        }
        parcel.changes.more |= !whole;
        whole
    }

    /// Takes in what is new of one file; returns whether all of it found room.
    fn take_file(&mut self, found: &Found, parcel: &mut Parcel) -> io::Result<bool> {
        // Stat before open: almost every file is as it was.
        let seen = fs::symlink_metadata(&found.disk)?;
        if !seen.is_file() || self.is_told(found, &seen) {
            return Ok(true);
        }
        if parcel.room == 0 {
            return Ok(false);
        }
        let file = open_no_link(&found.disk)?;
        let meta = file.metadata()?;
        if !meta.is_file() {
            return Ok(true);
        }
        let token = token_of(&meta, found.grows);
        let known = self.known.get(&found.path);
        let same = known.filter(|known| known.token == token && known.upto <= meta.len());
        let start = match same {
            Some(known) => known.upto,
            None if found.is_log() => start_of_tail(&file, meta.len())?,
            None => 0,
        };
        let wanted = (meta.len() - start).min(parcel.room);
        let mut bytes = vec![0; usize::try_from(wanted).unwrap_or(usize::MAX)];
        let read = read_at_most(&file, &mut bytes, start)?;
        bytes.truncate(read);
        let upto = start + read as u64;
        let ends = upto >= meta.len();
        if !found.grows && (read as u64) < wanted {
            // Cut short while it was read; it will have another name at the next look.
            self.known.remove(&found.path);
            return Ok(true);
        }
        parcel.room = parcel.room.saturating_sub(read as u64);
        parcel.changes.parts.push(Part {
            path: found.path.clone(),
            token: token.clone(),
            offset: start,
            len: read as u64,
            changed: changed(&meta),
            nature: match (found.grows, ends) {
                (true, _) => Nature::Grown,
                (false, true) => Nature::ReplacedEnd,
                (false, false) => Nature::Replaced,
            },
        });
        parcel.content.append(&mut bytes);
        self.known.insert(found.path.clone(), Known { token, upto });
        Ok(ends)
    }

    fn is_told(&self, found: &Found, meta: &Metadata) -> bool {
        self.known.get(&found.path).is_some_and(|known| {
            known.upto == meta.len() && known.token == token_of(meta, found.grows)
        })
    }
}

/// Names a file's content (replaced files) or the file itself (growing ones).
fn token_of(meta: &Metadata, grows: bool) -> String {
    if grows {
        // Inodes are used again; the time of birth, where there is one, is not.
        let born = meta.created().ok();
        let born = born.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        return format!("{:x}.{:x}", meta.ino(), born.unwrap_or_default().as_nanos());
    }
    let (seconds, nanos) = (meta.mtime(), meta.mtime_nsec());
    format!("{:x}.{seconds:x}.{nanos:x}.{:x}", meta.len(), meta.ino())
}

fn changed(meta: &Metadata) -> Nanos {
    Nanos(
        meta.mtime()
            .saturating_mul(domain::time::SECOND)
            .saturating_add(meta.mtime_nsec()),
    )
}

fn run_of(path: &str) -> Option<RunId> {
    path.strip_prefix(scope::RUNS)?
        .split('/')
        .next()?
        .parse()
        .ok()
}

fn list(home: &Path) -> io::Result<BTreeSet<RunId>> {
    let entries = match fs::read_dir(home) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(error),
    };
    let mut ids = BTreeSet::new();
    for entry in entries {
        // A listing that breaks off must not look like runs that are gone.
        let entry = entry?;
        if let Some(id) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
            && entry.file_type()?.is_dir()
        {
            ids.insert(id);
        }
    }
    Ok(ids)
}

fn open_no_link(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

/// Returns where the last part of a long log begins: after a line's end.
fn start_of_tail(file: &File, length: u64) -> io::Result<u64> {
    let start = match length.checked_sub(LOG_TAIL) {
        None | Some(0) => return Ok(0),
        Some(start) => start,
    };
    let mut bytes = vec![0; 64 << 10];
    let read = read_at_most(file, &mut bytes, start)?;
    let newline = bytes[..read].iter().position(|byte| *byte == b'\n');
    Ok(start + newline.map_or(0, |at| at as u64 + 1))
}

fn read_at_most(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
