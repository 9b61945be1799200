//! The append-only files of one track in one segment.
//!
//! A file appears with its first record: a run of many seeds and restarts would otherwise leave
//! thousands of empty ones on a file system that counts them.

use crate::{
    EquityRecord, Event, EventRecord, Layout, MetricRecord, RunsError, TradeRecord,
    layout::segment_file,
};
use domain::{Clock, Nanos, durable, journal::JournalWriter};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long records wait at most while the worker ticks.
const FLUSH_EVERY: Duration = Duration::from_secs(2);

/// Where a track continues from in one segment: `seeds/<seed>/meta/<segment>.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TrackStart {
    /// Records of earlier segments beyond this training step no longer count.
    pub resumed_from: u64,
}

/// Writers of one track's metrics, trades, equity and events. Records wait in memory until
/// [`flush`](Self::flush) or until enough have gathered.
#[derive(Debug)]
pub struct Journals {
    metrics: Journal,
    trades: Journal,
    equity: Journal,
    events: Journal,
    /// Steady time of the last flush.
    flushed: Duration,
}

impl Journals {
    /// Opens the journals of a track. `resumed_from` is the training step of the checkpoint that
    /// it continues from, `None` for a fresh start.
    pub(crate) fn open(
        layout: &Layout,
        segment: u32,
        resumed_from: Option<u64>,
    ) -> Result<Self, RunsError> {
        let start = track_start(layout, segment);
        if let Some(resumed_from) = resumed_from {
            let bytes = serde_json::to_vec(&TrackStart { resumed_from })
                .map_err(|error| RunsError::bug(&error))?;
            create_parent(&start)?;
            durable::publish_once(&start, &bytes)
                .map_err(RunsError::io(&start, "note the start"))?;
        }
        Ok(Self {
            metrics: Journal::new(segment_file(&layout.metrics(), segment)),
            trades: Journal::new(segment_file(&layout.trades(), segment)),
            equity: Journal::new(segment_file(&layout.equity(), segment)),
            events: Journal::new(segment_file(&layout.events(), segment)),
            flushed: Duration::ZERO,
        })
    }

    /// Adds one record of metrics.
    ///
    /// # Errors
    /// The operating system's error; the record then waits for the next flush.
    pub fn metric(&mut self, record: &MetricRecord) -> Result<(), RunsError> {
        self.metrics.push(record)
    }

    /// Adds round trips.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn trades(&mut self, records: &[TradeRecord]) -> Result<(), RunsError> {
        records
            .iter()
            .try_for_each(|record| self.trades.push(record))
    }

    /// Adds points of an equity curve.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn equity(&mut self, records: &[EquityRecord]) -> Result<(), RunsError> {
        records
            .iter()
            .try_for_each(|record| self.equity.push(record))
    }

    /// Adds what happened, and writes it at once: events are few and people wait for them.
    ///
    /// # Errors
    /// The operating system's error.
    pub fn event(&mut self, t: Nanos, step: Option<u64>, event: Event) -> Result<(), RunsError> {
        self.events.push(&EventRecord { t, step, event })?;
        self.events.flush()
    }

    /// Writes everything that waits if the last time was two seconds ago.
    ///
    /// # Errors
    /// The operating system's error; what was not written keeps waiting.
    pub fn tick(&mut self, clock: &dyn Clock) -> Result<(), RunsError> {
        let now = clock.steady();
        if now.saturating_sub(self.flushed) >= FLUSH_EVERY {
            self.flushed = now;
            self.flush()?;
        }
        Ok(())
    }

    /// Writes everything that waits. The worker calls it every few seconds and before it saves a
    /// checkpoint.
    ///
    /// # Errors
    /// The operating system's error; what was not written keeps waiting.
    pub fn flush(&mut self) -> Result<(), RunsError> {
        // Every file gets its chance, whichever fails first.
        let results = [
            self.metrics.flush(),
            self.trades.flush(),
            self.equity.flush(),
            self.events.flush(),
        ];
        results.into_iter().collect()
    }
}

/// Returns where the start of a track in `segment` is noted.
pub(crate) fn track_start(layout: &Layout, segment: u32) -> PathBuf {
    layout
        .root()
        .join("meta")
        .join(format!("{segment:04}.start.json"))
}

/// A file that is created with its first record.
#[derive(Debug)]
struct Journal {
    path: PathBuf,
    writer: Option<JournalWriter>,
}

/// Pending bytes beyond which a push writes by itself.
const ENOUGH: usize = 1 << 18;

impl Journal {
    fn new(path: PathBuf) -> Self {
        Self { path, writer: None }
    }

    fn push(&mut self, record: &impl Serialize) -> Result<(), RunsError> {
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => {
                create_parent(&self.path)?;
                let writer = JournalWriter::create(&self.path)
                    .map_err(RunsError::io(&self.path, "create the journal"))?;
                none.insert(writer)
            }
        };
        writer
            .push(record)
            .map_err(RunsError::io(&self.path, "append a record"))?;
        if writer.pending_bytes() > ENOUGH {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), RunsError> {
        match &mut self.writer {
            Some(writer) => writer
                .flush()
                .map_err(RunsError::io(&self.path, "append records")),
            None => Ok(()),
        }
    }
}

fn create_parent(path: &Path) -> Result<(), RunsError> {
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent).map_err(RunsError::io(parent, "create the directory"))
}
