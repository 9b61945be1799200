//! Exactly one supervisor a pool.
//!
//! `lock` decides, by flock; where the file system has no locks an abstract socket of this machine
//! does, which is enough because a pool belongs to one machine. Both vanish with the process.
//! `supervisor.json` only tells others that they need not start one.

use super::store::{self, Store};
use crate::JobsError;
use domain::{Nanos, lock::LockedFile};
use runs::{Owner, owner::Life};
use rustix::{
    fs::{FlockOperation, flock},
    io::Errno,
};
use std::{
    fs::{self, OpenOptions},
    io,
    os::{
        linux::net::SocketAddrExt,
        unix::{
            fs::MetadataExt,
            net::{SocketAddr, UnixListener},
        },
    },
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// Held by the supervisor for its life.
#[derive(Debug)]
pub(crate) struct Guard {
    card: PathBuf,
    me: Owner,
    dir: PathBuf,
    /// Device and inode of the directory.
    identity: (u64, u64),
    _hold: Hold,
}

#[derive(Debug)]
enum Hold {
    File { _lock: LockedFile },
    Socket { _name: UnixListener },
}

/// Looks at the lock this often while a former supervisor leaves.
const LOOKS: u32 = 250;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

impl Guard {
    /// Becomes the supervisor of the pool; `None` when another one is.
    pub fn take(store: &Store, now: Nanos) -> Result<Option<Self>, JobsError> {
        for _ in 0..LOOKS {
            if let Some(hold) = hold(store.dir())? {
                let guard = Self {
                    card: card(store.dir()),
                    me: Owner::myself(now),
                    dir: store.dir().to_owned(),
                    identity: identity(store.dir())?,
                    _hold: hold,
                };
                guard.announce()?;
                return Ok(Some(guard));
            }
            if is_supervised(store.dir()) {
                return Ok(None);
            }
            // Taken, but nobody says to be at work: it is leaving, or has not said so yet.
            thread::park_timeout(BETWEEN_LOOKS);
        }
        Ok(None)
    }

    /// Makes sure that the pool is still the one that is guarded: somebody may have removed it,
    /// and made another in its place.
    pub fn check(&self) -> Result<(), JobsError> {
        if identity(&self.dir)? == self.identity {
            return Ok(());
        }
        Err(JobsError::Corrupt {
            path: self.dir.clone(),
            what: "is not the pool that was supervised; somebody replaced it".to_owned(),
        })
    }

    /// Tells others that the pool is supervised.
    pub fn announce(&self) -> Result<(), JobsError> {
        store::replace(&self.card, &self.me, "say that the pool is supervised")
    }

    /// Tells others to start another supervisor if they have work from now on.
    pub fn withdraw(&self) -> Result<(), JobsError> {
        store::remove(&self.card, "say that the pool is not supervised any more")
    }
}

/// Returns whether a living process says that it supervises the pool in `dir`.
pub(crate) fn is_supervised(dir: &Path) -> bool {
    let owner: Option<Owner> = store::read(&card(dir), "a supervisor").ok().flatten();
    owner.is_some_and(|owner| owner.life() == Life::Alive)
}

fn identity(dir: &Path) -> Result<(u64, u64), JobsError> {
    let meta = fs::metadata(dir).map_err(JobsError::io(dir, "find the job pool again"))?;
    Ok((meta.dev(), meta.ino()))
}

fn card(dir: &Path) -> PathBuf {
    dir.join("supervisor.json")
}

fn hold(dir: &Path) -> Result<Option<Hold>, JobsError> {
    let path = dir.join("lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(JobsError::io(&path, "open the pool's lock"))?;
    loop {
        return match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Hold::File {
                _lock: LockedFile::new(file),
            })),
            Err(Errno::INTR) => continue,
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(Errno::NOSYS | Errno::OPNOTSUPP | Errno::NOLCK | Errno::INVAL) => {
                socket(dir).map_err(JobsError::io(path, "guard the pool by a socket"))
            }
            Err(error) => Err(JobsError::io(path, "lock the pool")(error.into())),
        };
    }
}

/// Takes the name of the directory among this machine's abstract sockets.
fn socket(dir: &Path) -> io::Result<Option<Hold>> {
    let meta = fs::metadata(dir)?;
    let name = format!("makook-pool-{}-{}", meta.dev(), meta.ino());
    let address = SocketAddr::from_abstract_name(name)?;
    match UnixListener::bind_addr(&address) {
        Ok(listener) => Ok(Some(Hold::Socket { _name: listener })),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(dir.path());
        assert!(!is_supervised(dir.path()));
        let first = Guard::take(&store, Nanos(0)).unwrap().unwrap();
        assert!(is_supervised(dir.path()));
        assert!(Guard::take(&store, Nanos(0)).unwrap().is_none());
        first.withdraw().unwrap();
        assert!(!is_supervised(dir.path()));
        drop(first);
        assert!(Guard::take(&store, Nanos(0)).unwrap().is_some());
    }

    #[test]
    fn a_socket_guards_where_there_are_no_locks() {
        let dir = tempfile::tempdir().unwrap();
        let first = socket(dir.path()).unwrap();
        assert!(first.is_some());
        assert!(socket(dir.path()).unwrap().is_none());
        drop(first);
        assert!(socket(dir.path()).unwrap().is_some());
    }
}
