//! What a worker uses of its machine, sampled every few seconds: `resources/<segment>.jsonl`.
//!
//! Owns the record, its file and its readers; the worker does the measuring. A figure that cannot
//! be had on a machine is `None`, never a made-up zero.

use crate::{
    Layout, RunDir, RunsError,
    layout::{segment_file, segments_in},
};
use domain::{
    Nanos,
    journal::{JournalReader, JournalWriter},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// Bytes looked at from the end of a file for its last record.
const LOOK_BACK: u64 = 64 * 1024;

/// What the worker and its machine used at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceRecord {
    /// Wall-clock time.
    pub t: Nanos,
    /// Processor time of the worker since the record before, in percent of one core: 800 is eight
    /// cores. `None` in the first record.
    pub cpu_percent: Option<f64>,
    /// Threads of the worker.
    pub threads: Option<u64>,
    /// Resident memory of the worker in MiB.
    pub rss_mib: Option<f64>,
    /// Load average of the machine over one minute.
    pub load: Option<f64>,
    /// Memory of the machine that can still be had, in MiB.
    pub available_mib: Option<f64>,
    /// Bytes that the worker has had read from storage since its start.
    pub read_bytes: Option<u64>,
    /// Bytes that the worker has had written to storage since its start.
    pub written_bytes: Option<u64>,
    /// Room left for this user on the run's file system, in MiB.
    pub free_mib: Option<f64>,
    /// The accelerators that the worker may use; empty without any.
    pub gpus: Vec<GpuRecord>,
}

/// What one accelerator did at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GpuRecord {
    /// Number on the machine.
    pub index: u32,
    /// Product name.
    pub name: String,
    /// Share of the last sample period in which it computed, in percent.
    pub utilisation_percent: Option<f64>,
    /// Memory in use, by anybody, in MiB.
    pub memory_used_mib: Option<f64>,
    /// Memory it has, in MiB.
    pub memory_total_mib: Option<f64>,
    /// Power drawn, in watts.
    pub power_watts: Option<f64>,
    /// Temperature in °C.
    pub celsius: Option<f64>,
}

/// Opens the journal of `segment`, which must not exist.
///
/// # Errors
/// The operating system's error.
pub fn open(layout: &Layout, segment: u32) -> Result<JournalWriter, RunsError> {
    let dir = layout.resources();
    fs::create_dir_all(&dir).map_err(RunsError::io(&dir, "create the directory"))?;
    let path = segment_file(&dir, segment);
    JournalWriter::create(&path).map_err(RunsError::io(path, "create the journal"))
}

/// Returns the newest record of the run; `None` before the first.
///
/// # Errors
/// The operating system's error.
pub fn latest(run: &RunDir) -> Result<Option<ResourceRecord>, RunsError> {
    let dir = run.layout().resources();
    for segment in segments_in(&dir, "jsonl").into_iter().rev() {
        let path = segment_file(&dir, segment);
        let last = last_record(&path).map_err(RunsError::io(&path, "read the resources"))?;
        if last.is_some() {
            return Ok(last);
        }
    }
    Ok(None)
}

/// Returns every record of the run, oldest first.
///
/// # Errors
/// The operating system's error.
pub fn all(run: &RunDir) -> Result<Vec<ResourceRecord>, RunsError> {
    let dir = run.layout().resources();
    let mut records = Vec::new();
    for segment in segments_in(&dir, "jsonl") {
        let path = segment_file(&dir, segment);
        let found: Vec<ResourceRecord> = JournalReader::new(&path)
            .read_new()
            .map_err(RunsError::io(&path, "read the resources"))?;
        records.extend(found);
    }
    Ok(records)
}

/// Returns the last whole line of `path` that is a record; `None` when there is none near its end
/// or no file.
pub(crate) fn last_record<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOOK_BACK)))?;
    let mut bytes = Vec::new();
    file.take(LOOK_BACK).read_to_end(&mut bytes)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
    Ok(bytes[..whole]
        .rsplit(|byte| *byte == b'\n')
        .find_map(|line| serde_json::from_slice(line).ok()))
}
