//! The worker's hand on `status.json`: what it says, and the beat that shows it is alive.

use crate::{RunsError, Status};
use domain::Clock;
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How often a status is written at most, unless something changed that people wait for.
const BEAT: Duration = Duration::from_secs(1);

/// Writes `status.json`; clones share one status, so that any thread may beat.
#[derive(Clone, Debug)]
pub struct StatusWriter {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    status: Status,
    /// Steady time of the last write.
    written: Duration,
    urgent: bool,
    /// The worker has said its last word.
    closed: bool,
}

impl StatusWriter {
    pub(crate) fn new(path: PathBuf, status: Status) -> Self {
        Self {
            shared: Arc::new(Mutex::new(Shared {
                path,
                status,
                written: Duration::ZERO,
                urgent: true,
                closed: false,
            })),
        }
    }

    /// Changes the status in memory; the next [`beat`](Self::beat) writes it.
    pub fn edit(&self, change: impl FnOnce(&mut Status)) {
        let mut shared = self.lock();
        if shared.closed {
            return;
        }
        let before = (shared.status.state, shared.status.phase);
        change(&mut shared.status);
        shared.urgent |= before != (shared.status.state, shared.status.phase);
    }

    /// Returns a copy of the status as it is in memory.
    #[must_use]
    pub fn get(&self) -> Status {
        self.lock().status.clone()
    }

    /// Writes the status if the last write is a second old or the state or phase changed. Call
    /// it at least every few seconds: this is the heartbeat.
    ///
    /// # Errors
    /// The operating system's error; the former status then stays.
    pub fn beat(&self, clock: &dyn Clock) -> Result<(), RunsError> {
        let mut shared = self.lock();
        if shared.urgent || clock.steady().saturating_sub(shared.written) >= BEAT {
            shared.write(clock)?;
        }
        Ok(())
    }

    /// Writes the status now.
    ///
    /// # Errors
    /// The operating system's error; the former status then stays.
    pub fn write_now(&self, clock: &dyn Clock) -> Result<(), RunsError> {
        self.lock().write(clock)
    }

    /// Says the last word: whatever another thread edits or writes after it has no effect.
    pub(crate) fn close(
        &self,
        clock: &dyn Clock,
        change: impl FnOnce(&mut Status),
    ) -> Result<(), RunsError> {
        let mut shared = self.lock();
        change(&mut shared.status);
        let written = shared.write(clock);
        shared.closed = true;
        written
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // A panic while holding the lock leaves a plain value behind, never a broken one.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn write(&mut self, clock: &dyn Clock) -> Result<(), RunsError> {
        if self.closed {
            return Ok(());
        }
        self.status.beat += 1;
        self.status.at = clock.now();
        self.status.write(&self.path)?;
        self.written = clock.steady();
        self.urgent = false;
        Ok(())
    }
}
