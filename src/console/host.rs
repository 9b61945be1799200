//! This machine at a glance: processors, memory, accelerators.
//!
//! Reads `/proc` only. Rounded on purpose: a figure that flickers would repaint an idle screen.
//! Start at [`Host::here`].

use std::{fs, path::Path};

/// The machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// Name.
    pub name: String,
    /// Processors.
    pub cpus: usize,
    /// Busy processors, rounded; only while a run is active.
    pub busy: Option<u64>,
    /// Memory in GiB.
    pub memory_gib: u64,
    /// Used memory in GiB; only while a run is active.
    pub used_gib: Option<u64>,
    /// Accelerators by name.
    pub gpus: Vec<String>,
    /// GiB left on the disk of the runs; only where that is little.
    pub low_disk: Option<u64>,
}

impl Host {
    /// Returns what does not change while a program runs.
    #[must_use]
    pub fn here() -> Self {
        Self {
            name: text("/proc/sys/kernel/hostname").trim().to_owned(),
            cpus: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gib: gib(kib(&text("/proc/meminfo"), "MemTotal:")),
            gpus: gpus(Path::new("/proc/driver/nvidia/gpus")),
            ..Self::default()
        }
    }

    /// Reads how much of the machine is used, while that is `active`, and how much of the disk that
    /// holds `runs`; returns whether anything is otherwise than before.
    pub fn look(&mut self, active: bool, runs: &Path) -> bool {
        let before = (self.busy, self.used_gib, self.low_disk);
        self.busy = active.then(busy).flatten();
        self.used_gib = active.then(|| {
            let free = kib(&text("/proc/meminfo"), "MemAvailable:");
            self.memory_gib.saturating_sub(gib(free))
        });
        self.low_disk = room(runs).and_then(|(left, whole)| low(left, whole));
        before != (self.busy, self.used_gib, self.low_disk)
    }
}

fn text(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// Returns the processors that are busy, over the last minute.
fn busy() -> Option<u64> {
    let load = text("/proc/loadavg");
    let load: f64 = load.split(' ').next()?.parse().ok()?;
    Some(load.round() as u64)
}

/// Returns bytes left and bytes in all of the disk that holds `path`.
fn room(path: &Path) -> Option<(u64, u64)> {
    let room = rustix::fs::statvfs(path).ok()?;
    Some((room.f_bavail * room.f_frsize, room.f_blocks * room.f_frsize))
}

/// Returns the GiB left where they are little: under a twentieth of a disk, and under 20 GiB, which
/// hold many runs whatever the disk; or under 2 GiB, which a few checkpoints fill.
fn low(left: u64, whole: u64) -> Option<u64> {
    let gib = left >> 30;
    let little = gib < 2 || gib < 20 && left < whole / 20;
    little.then_some(gib)
}

fn gib(kib: u64) -> u64 {
    (kib + (1 << 19)) >> 20
}

fn kib(meminfo: &str, name: &str) -> u64 {
    let line = meminfo.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn gpus(root: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| fs::read_to_string(entry.path().join("information")).ok())
        .filter_map(|text| {
            let model = text.lines().find_map(|line| line.strip_prefix("Model:"))?;
            Some(model.trim().to_owned())
        })
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_nearly_full_by_its_share_and_by_what_runs_need() {
        let gib = |count: u64| count << 30;
        assert_eq!(low(gib(19), gib(1_000)), Some(19));
        assert_eq!(low(gib(1), gib(10)), Some(1));
        // Much is left, or the disk is small but half empty.
        assert_eq!(low(gib(40), gib(1_000)), None);
        assert_eq!(low(gib(5), gib(10)), None);
        assert!(room(Path::new("/no such place")).is_none());
        assert!(room(Path::new("/")).is_some());
    }

    #[test]
    fn memory_is_read_from_its_line() {
        let text = "MemTotal:       16384000 kB\nMemFree: 1 kB\nMemAvailable:    8192000 kB\n";
        assert_eq!(kib(text, "MemAvailable:"), 8_192_000);
        assert_eq!(gib(kib(text, "MemTotal:")), 16);
        assert_eq!(kib(text, "Swap:"), 0);
    }
}
