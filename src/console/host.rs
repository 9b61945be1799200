//! This machine at a glance: processors, memory, accelerators.
//!
//! Reads `/proc` only. Rounded on purpose: a figure that flickers would repaint an idle screen.
//! Start at [`Host::read`].

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
}

impl Host {
    /// Reads the machine; `active` adds the figures that move.
    #[must_use]
    pub fn read(active: bool) -> Self {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let memory = text("/proc/meminfo");
        let (total, free) = (kib(&memory, "MemTotal:"), kib(&memory, "MemAvailable:"));
        let load = text("/proc/loadavg");
        let load: Option<f64> = load.split(' ').next().and_then(|word| word.parse().ok());
        Self {
            name: text("/proc/sys/kernel/hostname").trim().to_owned(),
            cpus: std::thread::available_parallelism().map_or(1, usize::from),
            busy: load.filter(|_| active).map(|load| load.round() as u64),
            memory_gib: gib(total),
            used_gib: active.then(|| gib(total.saturating_sub(free))),
            gpus: gpus(Path::new("/proc/driver/nvidia/gpus")),
        }
    }
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
    fn memory_is_read_from_its_line() {
        let text = "MemTotal:       16384000 kB\nMemFree: 1 kB\nMemAvailable:    8192000 kB\n";
        assert_eq!(kib(text, "MemAvailable:"), 8_192_000);
        assert_eq!(gib(kib(text, "MemTotal:")), 16);
        assert_eq!(kib(text, "Swap:"), 0);
    }
}
