//! Samples what the worker uses of its machine into `resources/<segment>.jsonl`, and keeps the
//! heart beating where the job has no steady beat of its own.
//!
//! A thread of its own that touches nothing of the job: it draws no random number and takes no
//! lock that the job holds for long, so results do not depend on it. A figure that a machine does
//! not give (no `/proc/self/io`, no NVIDIA driver) is left out. A training beats itself, once an
//! update, so that one that hangs is seen to; an import or a test of minutes does not.

use domain::{Clock, journal::JournalWriter};
use nvml_wrapper::{Device, Nvml, enum_wrappers::device::TemperatureSensor};
use runs::{GpuRecord, Phase, ResourceRecord, RunDir, StatusWriter, resources};
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::JoinHandle,
    time::Duration,
};

/// When the first sample is taken, so that short runs have one too.
const FIRST: Duration = Duration::from_secs(1);
/// How often a sample is taken.
const PERIOD: Duration = Duration::from_secs(5);
/// How often samples reach the disk: shared file systems punish small writes.
const FLUSH: Duration = Duration::from_secs(10);

const MIB: f64 = 1024.0 * 1024.0;

/// The sampling thread; dropping it writes what waits and ends it.
#[derive(Debug)]
pub struct Sampler {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sampler {
    /// Starts sampling for `segment` of `run` and beating for `status`; `env` says which
    /// accelerators are ours. Without a file to sample into it only beats: a job must not fail for
    /// want of a chart.
    #[must_use]
    pub fn start(
        run: &RunDir,
        segment: u32,
        status: StatusWriter,
        env: &BTreeMap<String, String>,
        clock: Arc<dyn Clock>,
    ) -> Option<Self> {
        let (stop, stopped) = mpsc::channel();
        let dir = run.path().to_owned();
        let visible = env.get("CUDA_VISIBLE_DEVICES").cloned();
        let mut journal = match resources::open(run.layout(), segment) {
            Ok(journal) => Some(journal),
            Err(error) => {
                tracing::warn!("resources are not sampled: {error}");
                None
            }
        };
        let sampling = move || {
            let mut probe = Probe::new(dir, visible.as_deref(), Arc::clone(&clock));
            let (mut pause, mut flushed) = (FIRST, Duration::ZERO);
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(pause) {
                pause = PERIOD;
                if !matches!(status.get().phase, Some(Phase::Training { .. })) {
                    // A full disk is told by what the job itself fails to write.
                    let _ = status.beat(&*clock);
                }
                if let Some(journal) = &mut journal {
                    flushed = probe.note(journal, flushed);
                }
            }
        };
        match std::thread::Builder::new()
            .name("resources".into())
            .spawn(sampling)
        {
            Ok(thread) => Some(Self {
                stop: Some(stop),
                thread: Some(thread),
            }),
            Err(error) => {
                tracing::warn!("neither resources nor a steady heartbeat: {error}");
                None
            }
        }
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Measures; keeps what a difference needs.
struct Probe {
    run: PathBuf,
    clock: Arc<dyn Clock>,
    /// Clock ticks a second of the kernel's process times.
    ticks: f64,
    /// Processor time so far and when it was read.
    before: Option<(f64, Duration)>,
    nvml: Option<Nvml>,
    visible: Vec<Visible>,
}

/// One entry of `CUDA_VISIBLE_DEVICES`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Visible {
    Index(u32),
    Uuid(String),
}

impl Probe {
    fn new(run: PathBuf, visible: Option<&str>, clock: Arc<dyn Clock>) -> Self {
        // The driver alone brings only the numbered name; the other is part of its SDK.
        let nvml = ["libnvidia-ml.so.1", "libnvidia-ml.so"]
            .iter()
            .find_map(|name| Nvml::builder().lib_path(OsStr::new(name)).init().ok());
        let visible = match (&nvml, visible) {
            (Some(nvml), None) => (0..nvml.device_count().unwrap_or(0))
                .map(Visible::Index)
                .collect(),
            (_, list) => visible_devices(list.unwrap_or_default()),
        };
        Self {
            run,
            clock,
            ticks: ticks_per_second(),
            before: None,
            nvml,
            visible,
        }
    }

    /// Takes a sample; returns when the journal last reached the disk.
    fn note(&mut self, journal: &mut JournalWriter, flushed: Duration) -> Duration {
        let record = self.sample();
        let now = self.clock.steady();
        let pushed = journal.push(&record);
        let due = now.saturating_sub(flushed) >= FLUSH || flushed.is_zero();
        match pushed.and_then(|()| if due { journal.flush() } else { Ok(()) }) {
            Ok(()) if due => now,
            Ok(()) => flushed,
            Err(error) => {
                tracing::warn!("a sample of resources is lost: {error}");
                flushed
            }
        }
    }

    fn sample(&mut self) -> ResourceRecord {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let io = fs::read_to_string("/proc/self/io").unwrap_or_default();
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        ResourceRecord {
            t: self.clock.now(),
            cpu_percent: self.cpu_percent(),
            threads: field(&status, "Threads:").map(|count| count as u64),
            rss_mib: field(&status, "VmRSS:").map(|kib| kib / 1024.0),
            load: load.split(' ').next().and_then(|word| word.parse().ok()),
            available_mib: field(&memory, "MemAvailable:").map(|kib| kib / 1024.0),
            read_bytes: field(&io, "read_bytes:").map(|bytes| bytes as u64),
            written_bytes: field(&io, "write_bytes:").map(|bytes| bytes as u64),
            free_mib: free_mib(&self.run),
            gpus: self.gpus(),
        }
    }

    fn cpu_percent(&mut self) -> Option<f64> {
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        let used = processor_ticks(&stat)? / self.ticks;
        let now = self.clock.steady();
        let (before, since) = self.before.replace((used, now))?;
        let seconds = now.saturating_sub(since).as_secs_f64();
        (seconds > 0.0).then(|| 100.0 * (used - before).max(0.0) / seconds)
    }

    fn gpus(&self) -> Vec<GpuRecord> {
        let Some(nvml) = &self.nvml else {
            return Vec::new();
        };
        let device = |visible: &Visible| match visible {
            Visible::Index(index) => nvml.device_by_index(*index).ok(),
            Visible::Uuid(uuid) => nvml.device_by_uuid(uuid.as_str()).ok(),
        };
        self.visible
            .iter()
            .filter_map(device)
            .map(|device| gpu(&device))
            .collect()
    }
}

fn gpu(device: &Device<'_>) -> GpuRecord {
    let memory = device.memory_info().ok();
    GpuRecord {
        index: device.index().unwrap_or_default(),
        name: device.name().unwrap_or_default(),
        utilisation_percent: device
            .utilization_rates()
            .ok()
            .map(|rates| f64::from(rates.gpu)),
        memory_used_mib: memory.as_ref().map(|memory| memory.used as f64 / MIB),
        memory_total_mib: memory.as_ref().map(|memory| memory.total as f64 / MIB),
        power_watts: device
            .power_usage()
            .ok()
            .map(|milliwatts| f64::from(milliwatts) / 1000.0),
        celsius: device
            .temperature(TemperatureSensor::Gpu)
            .ok()
            .map(f64::from),
    }
}

/// Reads `CUDA_VISIBLE_DEVICES`: numbers or `GPU-…` names, up to the first that is neither, as the
/// driver does.
fn visible_devices(list: &str) -> Vec<Visible> {
    list.split(',')
        .map(str::trim)
        .map_while(|entry| match entry.parse() {
            Ok(index) => Some(Visible::Index(index)),
            Err(_) if entry.starts_with("GPU-") => Some(Visible::Uuid(entry.to_owned())),
            Err(_) => None,
        })
        .collect()
}

/// Returns the number after `name` at the start of a line.
fn field(text: &str, name: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// Returns user and system time in ticks from `/proc/self/stat`.
fn processor_ticks(stat: &str) -> Option<f64> {
    // The command name is in parentheses and may hold anything; proc(5): fields 14 and 15.
    let mut fields = stat.get(stat.rfind(')')? + 1..)?.split_ascii_whitespace();
    let user: f64 = fields.nth(11)?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// Returns the kernel's ticks a second from the auxiliary vector; 100 where it does not tell,
/// which is what every common Linux has.
fn ticks_per_second() -> f64 {
    const AT_CLKTCK: u64 = 17;
    let vector = fs::read("/proc/self/auxv").unwrap_or_default();
    let word = |bytes: &[u8]| u64::from_ne_bytes(bytes.try_into().unwrap_or_default());
    vector
        .chunks_exact(16)
        .map(|pair| (word(&pair[..8]), word(&pair[8..])))
        .find(|(kind, _)| *kind == AT_CLKTCK)
        .map_or(100.0, |(_, ticks)| ticks as f64)
}

fn free_mib(path: &Path) -> Option<f64> {
    let room = rustix::fs::statvfs(path).ok()?;
    Some(room.f_bavail as f64 * room.f_frsize as f64 / MIB)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::SystemClock;

    #[test]
    fn a_sample_of_this_process_has_every_figure_of_the_machine() {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let mut probe = Probe::new(PathBuf::from("."), Some(""), clock);
        assert_eq!(probe.sample().cpu_percent, None);
        let before = probe.before.unwrap();
        // Enough work for the kernel to count a tick.
        let mut sum = 0_u64;
        while probe.cpu_percent().unwrap() <= 0.0 {
            sum = (0..1_000_000).fold(sum, |sum, n| std::hint::black_box(sum ^ n));
        }
        let record = probe.sample();
        assert!(probe.before.unwrap() > before);
        assert!(record.rss_mib.unwrap() > 1.0 && record.threads.unwrap() >= 1);
        assert!(record.available_mib.unwrap() > 1.0 && record.free_mib.unwrap() > 1.0);
        assert!(record.load.unwrap() >= 0.0);
        assert!(record.gpus.is_empty(), "none is visible");
    }

    #[test]
    fn visible_devices_end_at_the_first_that_is_none() {
        assert_eq!(
            visible_devices("3, GPU-ab,-1,2"),
            [Visible::Index(3), Visible::Uuid("GPU-ab".to_owned())]
        );
        assert!(visible_devices("").is_empty());
        assert!(visible_devices("NoDevFiles").is_empty());
    }

    #[test]
    fn processor_time_is_found_behind_any_command_name() {
        let stat = "7 (a) b (c) S 1 1 1 0 -1 0 0 0 0 0 250 50 0 0";
        assert_eq!(processor_ticks(stat).map(f64::round), Some(300.0));
        assert_eq!(processor_ticks("7 (torn"), None);
    }
}
