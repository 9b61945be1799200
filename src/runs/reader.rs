//! Reads a run's records across segments, cheaply again and again.
//!
//! A worker that resumes from step s writes the steps after s anew in its own files, so whatever
//! earlier segments hold beyond s no longer counts. Torn last lines wait to be completed, lines
//! that are no record are counted, files and directories that vanish are empty.

use crate::{
    EquityRecord, EventRecord, Layout, MetricRecord, RunDir, RunsError, Track, TradeRecord,
    journals::{TrackStart, track_start},
    layout::{segment_file, segments_in},
    record::Stepped,
};
use domain::journal::JournalReader;
use serde::de::DeserializeOwned;
use std::{collections::BTreeMap, fs, path::PathBuf};

/// How much of what a reader returned earlier still counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// All of it.
    All,
    /// Records of steps below this one.
    Below(u64),
    /// None of it: the files were replaced or cut short.
    Nothing,
}

/// What changed since the last poll.
#[derive(Clone, Debug, PartialEq)]
pub struct Delta<T> {
    /// How much of what came earlier still counts; apply first.
    pub kept: Kept,
    /// Records to add.
    pub records: Vec<T>,
    /// Whether the next call brings more of what is there already.
    pub more: bool,
}

/// Bytes that are read at once: what is made of them takes a few times as much memory.
const PIECE: u64 = 1 << 18;

/// Follows one kind of record of one track over all its segments.
#[derive(Debug)]
pub struct Joined {
    layout: Layout,
    dir: PathBuf,
    /// Whether a later segment supersedes; history (events) is never superseded.
    supersedes: bool,
    parts: Vec<Part>,
    /// What was returned no longer counts, and nobody was told yet.
    anew: bool,
}

#[derive(Debug)]
struct Part {
    segment: u32,
    reader: JournalReader,
    /// The first step that this segment writes anew; `None` until known.
    floor: Option<u64>,
    returned: bool,
    /// Nothing more will come: a later segment exists and the file has stood still since.
    closed: bool,
}

impl Joined {
    fn new(layout: &Layout, dir: PathBuf, supersedes: bool) -> Self {
        Self {
            layout: layout.clone(),
            dir,
            supersedes,
            parts: Vec::new(),
            anew: false,
        }
    }

    /// Returns how many whole lines were not a record.
    #[must_use]
    pub fn bad_lines(&self) -> u64 {
        self.parts.iter().map(|part| part.reader.bad_lines).sum()
    }

    /// Returns how many bytes were read and how many there are.
    #[must_use]
    pub fn progress(&self) -> (u64, u64) {
        let of = |part: &Part| {
            let read = part.reader.offset();
            let there = fs::metadata(part.reader.path()).map_or(read, |meta| meta.len());
            (read, there.max(read))
        };
        let parts = self.parts.iter().map(of);
        parts.fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
    }

    /// Returns what changed since the last call, of a long file a piece.
    ///
    /// # Errors
    /// The operating system's error; what was returned earlier stays valid.
    pub fn poll<T: DeserializeOwned + Stepped>(&mut self) -> Result<Delta<T>, RunsError> {
        self.anew |= self.discover();
        let mut fresh: Vec<Vec<T>> = Vec::with_capacity(self.parts.len());
        let last = self.parts.len().saturating_sub(1);
        let mut more = false;
        for (index, part) in self.parts.iter_mut().enumerate() {
            // What comes later waits for what comes before.
            if part.closed || more {
                fresh.push(Vec::new());
                continue;
            }
            let records;
            (records, more) = match part.reader.read_some(PIECE) {
                Ok(read) => read,
                // What was read before it counts; the next call meets the error first.
                Err(_) if fresh.iter().any(|records| !records.is_empty()) => (Vec::new(), true),
                Err(error) => {
                    return Err(RunsError::io(part.reader.path(), "read records")(error));
                }
            };
            part.closed = index < last && records.is_empty() && !more;
            fresh.push(records);
        }
        let (kept, floors_disturb) = self.learn_floors(&fresh);
        if floors_disturb {
            self.parts.clear();
            self.anew = true;
            return self.poll();
        }
        Ok(Delta {
            kept: match std::mem::take(&mut self.anew) {
                true => Kept::Nothing,
                false => kept,
            },
            records: self.join(fresh),
            more,
        })
    }

    /// Adds readers for new segments. Returns whether all had to begin anew, because a file was
    /// cut short or an earlier segment turned up late.
    fn discover(&mut self) -> bool {
        let cut_short = self.parts.iter().any(|part| {
            fs::metadata(part.reader.path()).is_ok_and(|meta| meta.len() < part.reader.offset())
        });
        let known = self.parts.last().map_or(0, |part| part.segment);
        let mut segments = segments_in(&self.dir, "jsonl");
        let late = segments
            .iter()
            .any(|n| *n < known && self.parts.iter().all(|part| part.segment != *n));
        let begin_anew = (cut_short || late) && self.parts.iter().any(|part| part.returned);
        if cut_short || late {
            self.parts.clear();
        } else {
            segments.retain(|segment| *segment > known);
        }
        let dir = &self.dir;
        self.parts.extend(segments.into_iter().map(|segment| Part {
            segment,
            reader: JournalReader::new(&segment_file(dir, segment)),
            floor: None,
            returned: false,
            closed: false,
        }));
        begin_anew
    }

    /// Finds where each segment takes over, from its note or else from its first record. Returns
    /// what earlier polls' records are still worth, and whether only a fresh start can tell.
    fn learn_floors<T: Stepped>(&mut self, fresh: &[Vec<T>]) -> (Kept, bool) {
        if !self.supersedes {
            return (Kept::All, false);
        }
        let mut lowest: Option<(usize, u64)> = None;
        for (index, (part, records)) in self.parts.iter_mut().zip(fresh).enumerate() {
            if part.floor.is_none() {
                part.floor = noted_floor(&self.layout, part.segment)
                    .or_else(|| records.first().map(Stepped::step));
                if let (Some(floor), 1..) = (part.floor, index) {
                    let (first, low) = lowest.unwrap_or((index, floor));
                    lowest = Some((first, low.min(floor)));
                }
            }
        }
        let Some((first, floor)) = lowest else {
            return (Kept::All, false);
        };
        let disturbed = self.parts[first..].iter().any(|part| part.returned);
        let returned = self.parts.iter().any(|part| part.returned);
        let kept = if returned {
            Kept::Below(floor)
        } else {
            Kept::All
        };
        (kept, disturbed)
    }

    fn join<T: Stepped>(&mut self, fresh: Vec<Vec<T>>) -> Vec<T> {
        let mut joined = Vec::new();
        let mut ceiling = u64::MAX;
        let mut ceilings = vec![u64::MAX; self.parts.len()];
        for (index, part) in self.parts.iter().enumerate().rev() {
            ceilings[index] = ceiling;
            ceiling = ceiling.min(part.floor.unwrap_or(u64::MAX));
        }
        for ((part, records), ceiling) in self.parts.iter_mut().zip(fresh).zip(ceilings) {
            part.returned |= !records.is_empty();
            let counts =
                |record: &T| !self.supersedes || record.step() < ceiling || ceiling == u64::MAX;
            joined.extend(records.into_iter().filter(counts));
        }
        joined
    }
}

fn noted_floor(layout: &Layout, segment: u32) -> Option<u64> {
    let bytes = fs::read(track_start(layout, segment)).ok()?;
    let start: TrackStart = serde_json::from_slice(&bytes).ok()?;
    Some(start.resumed_from.saturating_add(1))
}

/// A joined sequence kept in memory.
#[derive(Debug)]
pub struct Series<T> {
    joined: Joined,
    records: Vec<T>,
    version: u64,
}

impl<T: DeserializeOwned + Stepped> Series<T> {
    fn new(joined: Joined) -> Self {
        Self {
            joined,
            records: Vec::new(),
            version: 0,
        }
    }

    /// Returns the records that count, in order.
    #[must_use]
    pub fn records(&self) -> &[T] {
        &self.records
    }

    /// Returns a number that grows whenever the records change.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Returns how many whole lines were not a record.
    #[must_use]
    pub fn bad_lines(&self) -> u64 {
        self.joined.bad_lines()
    }

    /// Takes in what was added to the files.
    ///
    /// # Errors
    /// The operating system's error; what was taken in stays valid.
    pub fn poll(&mut self) -> Result<(), RunsError> {
        loop {
            let delta = self.joined.poll::<T>()?;
            let before = self.records.len();
            match delta.kept {
                Kept::All => {}
                Kept::Below(floor) => self.records.retain(|record| record.step() < floor),
                Kept::Nothing => self.records.clear(),
            }
            if self.records.len() != before || !delta.records.is_empty() {
                self.version += 1;
            }
            self.records.extend(delta.records);
            if !delta.more {
                return Ok(());
            }
        }
    }
}

/// Everything recorded of one track.
#[derive(Debug)]
pub struct TrackReader {
    /// Metrics of training and validation.
    pub metrics: Series<MetricRecord>,
    /// Equity points of evaluations.
    pub equity: Series<EquityRecord>,
    /// Round trips of evaluations.
    pub trades: Series<TradeRecord>,
    /// What happened.
    pub events: Series<EventRecord>,
}

impl TrackReader {
    /// Starts at the beginning of the track at `layout`, which need not exist yet.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        Self {
            metrics: Series::new(metrics(layout)),
            equity: Series::new(Joined::new(layout, layout.equity(), true)),
            trades: Series::new(Joined::new(layout, layout.trades(), true)),
            events: Series::new(Joined::new(layout, layout.events(), false)),
        }
    }

    /// Takes in what was added to all four.
    ///
    /// # Errors
    /// The first operating-system error; the others are still taken in.
    pub fn poll(&mut self) -> Result<(), RunsError> {
        let results = [
            self.metrics.poll(),
            self.equity.poll(),
            self.trades.poll(),
            self.events.poll(),
        ];
        results.into_iter().collect()
    }

    /// Returns how many whole lines were not a record.
    #[must_use]
    pub fn bad_lines(&self) -> u64 {
        self.metrics.bad_lines()
            + self.equity.bad_lines()
            + self.trades.bad_lines()
            + self.events.bad_lines()
    }
}

/// Everything recorded of a run: the run as a whole and each of its seeds.
#[derive(Debug)]
pub struct RunReader {
    run: RunDir,
    tracks: BTreeMap<Track, TrackReader>,
}

impl RunReader {
    /// Starts with nothing read.
    #[must_use]
    pub fn new(run: &RunDir) -> Self {
        Self {
            run: run.clone(),
            tracks: BTreeMap::new(),
        }
    }

    /// Returns the run.
    #[must_use]
    pub fn run(&self) -> &RunDir {
        &self.run
    }

    /// Takes in what was added, new seeds included.
    ///
    /// # Errors
    /// The first operating-system error; the other tracks are still taken in.
    pub fn poll(&mut self) -> Result<(), RunsError> {
        let seeds = self.run.seeds().into_iter().map(Track::Seed);
        for track in std::iter::once(Track::Run).chain(seeds) {
            self.tracks
                .entry(track)
                .or_insert_with(|| TrackReader::new(&self.run.track(track)));
        }
        let results: Vec<_> = self.tracks.values_mut().map(TrackReader::poll).collect();
        results.into_iter().collect()
    }

    /// Returns the tracks seen so far, the run itself first.
    pub fn tracks(&self) -> impl Iterator<Item = (Track, &TrackReader)> {
        self.tracks.iter().map(|(track, reader)| (*track, reader))
    }

    /// Returns one track, once it was seen.
    #[must_use]
    pub fn track(&self, track: Track) -> Option<&TrackReader> {
        self.tracks.get(&track)
    }
}

/// Follows a track's metrics without keeping them, for readers with columns of their own.
#[must_use]
pub fn metrics(layout: &Layout) -> Joined {
    Joined::new(layout, layout.metrics(), true)
}

/// Returns a track's whole history.
pub(crate) fn events(layout: &Layout) -> Result<Vec<EventRecord>, RunsError> {
    let mut events = Series::new(Joined::new(layout, layout.events(), false));
    events.poll()?;
    Ok(events.records)
}
