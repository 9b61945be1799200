//! The copy of a host's files that the console reads as if it were there.
//!
//! Replaced files appear whole, growing ones grow; one that was cut short or made anew there is
//! made anew here, so that whoever follows it notices. Modification times are shifted by the
//! difference of the clocks, because an age is read from them. The host is not trusted to name
//! places outside. One console at a time: a second one gets a mirror of its own.

use crate::{
    RemoteError,
    address::private_folder,
    ledger::{Entry, Ledger},
    scope,
    wire::{Changes, Held, Nature, Part, Place},
};
use domain::{Nanos, durable, lock::LockedFile};
use runs::RunId;
use rustix::fs::{FlockOperation, flock};
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::{Component, Path, PathBuf},
    time::{Duration, SystemTime},
};

/// Consoles of one host at the same time.
const MOST_CONSOLES: u32 = 16;
/// Largest file collected in memory before it is whole.
const LARGEST_WHOLE: usize = 64 << 20;

/// The copies of one host's files.
#[derive(Debug)]
pub struct Mirror {
    root: PathBuf,
    ledger: Ledger,
    unsaved: bool,
    /// Replaced files of which more parts follow.
    partial: BTreeMap<String, (String, Vec<u8>)>,
    _lock: LockedFile,
}

/// What taking in changes came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Files that changed here, gone ones included.
    pub changed: usize,
    /// Files that could not be continued and are wanted anew.
    pub again: Vec<String>,
}

impl Mirror {
    /// Opens the mirror named `name` below `hosts`, or a further one while others use it.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn open(hosts: &Path, name: &str) -> Result<Self, RemoteError> {
        for number in 1..=MOST_CONSOLES {
            let name = match number {
                1 => name.to_owned(),
                further => format!("{name}~{further}"),
            };
            let root = hosts.join(name);
            let refused = |error| RemoteError::io(&root, "make the mirror")(error);
            private_folder(&root).map_err(refused)?;
            let lock = File::create(root.join("lock")).map_err(refused)?;
            match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(rustix::io::Errno::WOULDBLOCK) => continue,
                Err(error) => return Err(refused(error.into())),
            }
            let mirror = Self {
                ledger: Ledger::read(&root.join("ledger.json"), &root),
                root,
                unsaved: false,
                partial: BTreeMap::new(),
                _lock: LockedFile::new(lock),
            };
            for folder in [mirror.home(), mirror.project().join("configs")] {
                fs::create_dir_all(&folder).map_err(RemoteError::io(folder, "make the mirror"))?;
            }
            return Ok(mirror);
        }
        Err(RemoteError::io(hosts, "make the mirror")(io::Error::other(
            "too many consoles of this host",
        )))
    }

    /// Returns the folder that stands for the run home there.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.root.join("runs")
    }

    /// Returns the folder that stands for the project there.
    #[must_use]
    pub fn project(&self) -> PathBuf {
        self.root.join("project")
    }

    /// Returns what is here.
    #[must_use]
    pub fn have(&self) -> Vec<Held> {
        self.ledger.have()
    }

    /// Notes what the copies are of. Copies of another place go; returns whether there were any.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn stand_for(&mut self, place: &Place) -> Result<bool, RemoteError> {
        self.partial.clear();
        let origin = (place.home.clone(), place.project.clone());
        if self.ledger.origin == origin {
            return Ok(false);
        }
        let had = !self.ledger.files.is_empty();
        for path in self.ledger.files.keys() {
            if let Some(copy) = place_of(&self.root, path) {
                remove(&copy)?;
            }
        }
        for entry in fs::read_dir(self.home()).into_iter().flatten().flatten() {
            if is_run(&entry.file_name().to_string_lossy()) {
                remove(&entry.path())?;
            }
        }
        self.ledger.files.clear();
        self.ledger.origin = origin;
        self.unsaved = true;
        Ok(had)
    }

    /// Takes in `changes` with their content; `now` is the wall clock here.
    ///
    /// # Errors
    /// `Untrusted` for names outside the mirror, nothing is written then; else the operating
    /// system's error, what was written until then stays.
    pub fn take(
        &mut self,
        host: &str,
        changes: &Changes,
        content: &[u8],
        now: Nanos,
    ) -> Result<Taken, RemoteError> {
        self.admit(host, changes, content)?;
        let mut taken = Taken::default();
        let shift = now.0.saturating_sub(changes.now.0);
        for path in &changes.gone {
            self.forget(path)?;
            taken.changed += 1;
        }
        let mut start = 0;
        for part in &changes.parts {
            let end = start + part.len as usize;
            let changed = Nanos(part.changed.0.saturating_add(shift).min(now.0));
            if self.take_part(part, &content[start..end], changed)? {
                taken.changed += 1;
            } else {
                taken.again.push(part.path.clone());
                self.ledger.files.remove(&part.path);
                self.partial.remove(&part.path);
            }
            start = end;
        }
        self.unsaved |= taken.changed > 0;
        Ok(taken)
    }

    /// Writes the list of copies if it changed.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn save(&mut self) -> Result<(), RemoteError> {
        if std::mem::take(&mut self.unsaved) {
            self.ledger.write(&self.root.join("ledger.json"))?;
        }
        Ok(())
    }

    fn admit(&self, host: &str, changes: &Changes, content: &[u8]) -> Result<(), RemoteError> {
        let untrusted = |what: String| RemoteError::Untrusted {
            host: host.to_owned(),
            what,
        };
        let parts = changes.parts.iter().map(|part| &part.path);
        for path in parts.chain(&changes.gone) {
            if place_of(&self.root, path).is_none() {
                return Err(untrusted(format!("the path `{}`", path.escape_debug())));
            }
        }
        let mut total = 0_u64;
        for part in &changes.parts {
            total = total.saturating_add(part.len);
        }
        if total != content.len() as u64 {
            return Err(untrusted("content of the wrong length".to_owned()));
        }
        Ok(())
    }

    /// Returns whether the part could be joined to what is here.
    fn take_part(
        &mut self,
        part: &Part,
        bytes: &[u8],
        changed: Nanos,
    ) -> Result<bool, RemoteError> {
        let Some(copy) = place_of(&self.root, &part.path) else {
            return Ok(false);
        };
        if let Some(folder) = copy.parent() {
            fs::create_dir_all(folder).map_err(RemoteError::io(folder, "make the mirror"))?;
        }
        let refused = |error| RemoteError::io(&copy, "write the mirror")(error);
        let base = match part.nature {
            Nature::Grown => match self.grow(part, &copy, bytes).map_err(refused)? {
                Some(base) => base,
                None => return Ok(false),
            },
            Nature::Replaced | Nature::ReplacedEnd => {
                let Some(whole) = self.collect(part, bytes) else {
                    return Ok(false);
                };
                if part.nature == Nature::Replaced {
                    return Ok(true);
                }
                durable::replace(&copy, &whole).map_err(refused)?;
                self.partial.remove(&part.path);
                0
            }
        };
        let entry = Entry {
            token: part.token.clone(),
            upto: part.offset + part.len,
            base,
        };
        self.ledger.files.insert(part.path.clone(), entry);
        set_changed(&copy, changed).map_err(refused)?;
        Ok(true)
    }

    /// Returns the replaced file as far as it is there; `None` when this part does not follow.
    fn collect(&mut self, part: &Part, bytes: &[u8]) -> Option<Vec<u8>> {
        let known = self.partial.entry(part.path.clone()).or_default();
        if part.offset == 0 {
            *known = (part.token.clone(), Vec::new());
        }
        let follows = known.0 == part.token && known.1.len() as u64 == part.offset;
        if !follows || known.1.len() + bytes.len() > LARGEST_WHOLE {
            return None;
        }
        known.1.extend_from_slice(bytes);
        match part.nature {
            Nature::ReplacedEnd => Some(std::mem::take(&mut known.1)),
            _ => Some(Vec::new()),
        }
    }

    /// Adds to a growing file and returns where the copy begins in the file there; `None` when
    /// this part does not follow what is here.
    fn grow(&self, part: &Part, copy: &Path, bytes: &[u8]) -> io::Result<Option<u64>> {
        let known = self.ledger.files.get(&part.path);
        let Some(entry) =
            known.filter(|entry| entry.token == part.token && entry.upto == part.offset)
        else {
            // A new file under the old name: whoever follows the old one sees that it is another.
            // The copy of a long log begins near its end.
            let another = known.is_none_or(|entry| entry.token != part.token);
            let is_start = part.offset == 0 || (another && !part.path.ends_with(".jsonl"));
            if is_start {
                durable::replace(copy, bytes)?;
            }
            return Ok(is_start.then_some(part.offset));
        };
        let file = OpenOptions::new().write(true).open(copy);
        let file = match file {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if file.metadata()?.len() < entry.here() {
            return Ok(None);
        }
        // Longer than the list says after a kill: the bytes are the same, written again.
        file.write_all_at(bytes, entry.here())?;
        Ok(Some(entry.base))
    }

    fn forget(&mut self, path: &str) -> Result<(), RemoteError> {
        let Some(copy) = place_of(&self.root, path) else {
            return Ok(());
        };
        remove(&copy)?;
        let below = format!("{path}/");
        self.ledger
            .files
            .retain(|known, _| known != path && !known.starts_with(&below));
        self.partial
            .retain(|known, _| known != path && !known.starts_with(&below));
        Ok(())
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        // Without it the next line fetches a little more.
        let _ = self.save();
    }
}

/// Returns where the copy of `path` lies; `None` for a name that has no place in a mirror.
pub(crate) fn place_of(root: &Path, path: &str) -> Option<PathBuf> {
    let inner = Path::new(path);
    let plain = inner
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let tidy = !path.contains(['\0', '\\']) && !path.contains("//") && !path.ends_with('/');
    if !plain
        || !tidy
        || path
            .split('/')
            .any(|name| name.starts_with('.') || name.is_empty())
    {
        return None;
    }
    if let Some(below) = path.strip_prefix(scope::RUNS) {
        return is_run(below.split('/').next()?).then(|| root.join(inner));
    }
    let project = root.join("project");
    scope::OF_PROJECT
        .into_iter()
        .find_map(|(prefix, folder)| Some(project.join(folder).join(path.strip_prefix(prefix)?)))
}

fn is_run(name: &str) -> bool {
    name.parse::<RunId>().is_ok()
}

fn remove(path: &Path) -> Result<(), RemoteError> {
    let removed = match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(RemoteError::io(path, "remove from the mirror")(error))
        }
        _ => Ok(()),
    }
}

fn set_changed(path: &Path, at: Nanos) -> io::Result<()> {
    let since = Duration::from_nanos(u64::try_from(at.0).unwrap_or(0));
    let file = OpenOptions::new().append(true).open(path)?;
    file.set_modified(SystemTime::UNIX_EPOCH + since)
}
