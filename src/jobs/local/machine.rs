//! What this machine is: processors, memory, load, GPUs, and whether training is allowed on it.

use std::{collections::BTreeMap, fs, path::Path, thread::available_parallelism};

/// The machine at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Machine {
    /// Processors that this process may use.
    pub cpus: usize,
    /// Memory, in MiB.
    pub memory_mib: u64,
    /// Memory that new programs can have without swapping, in MiB.
    pub available_mib: u64,
    /// Average number of running threads over the last minute.
    pub load: f64,
}

impl Machine {
    /// Reads it from `/proc`. What cannot be read counts as nothing left, so that nothing is
    /// started on a guess.
    #[must_use]
    pub fn read() -> Self {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let memory = text("/proc/meminfo");
        Self {
            cpus: available_parallelism().map_or(1, usize::from),
            memory_mib: mib(&memory, "MemTotal:"),
            available_mib: mib(&memory, "MemAvailable:"),
            load: load(&text("/proc/loadavg")),
        }
    }
}

fn mib(meminfo: &str, field: &str) -> u64 {
    let line = meminfo.lines().find_map(|line| line.strip_prefix(field));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

fn load(loadavg: &str) -> f64 {
    let first = loadavg.split_whitespace().next();
    first
        .and_then(|text| text.parse().ok())
        .unwrap_or(f64::INFINITY)
}

/// Returns the models of the machine's NVIDIA GPUs, each with how many there are; empty without
/// their driver.
#[must_use]
pub fn gpu_models() -> Vec<(String, u32)> {
    models_in(Path::new("/proc/driver/nvidia/gpus"))
}

fn models_in(dir: &Path) -> Vec<(String, u32)> {
    let mut models: BTreeMap<String, u32> = BTreeMap::new();
    for card in fs::read_dir(dir).into_iter().flatten().flatten() {
        let text = fs::read_to_string(card.path().join("information")).unwrap_or_default();
        let model = text.lines().find_map(|line| line.strip_prefix("Model:"));
        *models
            .entry(model.unwrap_or("NVIDIA").trim().to_owned())
            .or_default() += 1;
    }
    models.into_iter().collect()
}

/// Returns the GPUs that this process may give out, as `CUDA_VISIBLE_DEVICES` names them: that
/// variable itself, else Slurm's `SLURM_JOB_GPUS`, else, outside of Slurm, all of this machine.
///
/// Within an allocation CUDA may count from 0 again, so its own variable goes first.
#[must_use]
pub fn gpus_of(env: &BTreeMap<String, String>) -> Vec<String> {
    gpus_among(env, Path::new("/proc/driver/nvidia/gpus"))
}

fn gpus_among(env: &BTreeMap<String, String>, cards: &Path) -> Vec<String> {
    let named = ["CUDA_VISIBLE_DEVICES", "SLURM_JOB_GPUS"];
    let list = named.iter().find_map(|name| env.get(*name));
    if list.is_none() && !env.contains_key("SLURM_JOB_ID") {
        let count = fs::read_dir(cards).into_iter().flatten().count();
        return (0..count).map(|index| index.to_string()).collect();
    }
    let mut gpus = Vec::new();
    for item in list.map_or("", String::as_str).split(',').map(str::trim) {
        match range(item) {
            Some(range) => gpus.extend(range.map(|index| index.to_string())),
            // CUDA stops at the first device that is none.
            None if matches!(item, "" | "-1" | "NoDevFiles" | "none") => break,
            None => gpus.push(item.to_owned()),
        }
    }
    gpus
}

/// Reads `0-3`.
fn range(item: &str) -> Option<std::ops::RangeInclusive<u32>> {
    let (first, last) = item.split_once('-')?;
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last && last - first < 1024).then_some(first..=last)
}

/// Returns whether `host` is a cluster's login node: it matches one of `patterns` (`*` stands for
/// any characters), or `sbatch` is in `PATH`, Slurm is configured, and this is not inside a job.
#[must_use]
pub fn login_node(env: &BTreeMap<String, String>, host: &str, patterns: &[String]) -> bool {
    submits_to_slurm(env, Path::new("/etc/slurm/slurm.conf"))
        || patterns.iter().any(|pattern| fits(pattern, host))
}

fn submits_to_slurm(env: &BTreeMap<String, String>, conf: &Path) -> bool {
    let is_set = |name: &str| env.get(name).is_some_and(|value| !value.is_empty());
    if is_set("SLURM_JOB_ID") || !(is_set("SLURM_CONF") || conf.exists()) {
        return false;
    }
    let path = env.get("PATH").map_or("", String::as_str);
    path.split(':')
        .filter(|folder| !folder.is_empty())
        .any(|folder| Path::new(folder).join("sbatch").is_file())
}

/// Returns whether `text` is what `pattern` describes.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(head) else {
        return false;
    };
    loop {
        if fits(rest, text) {
            return true;
        }
        let mut characters = text.chars();
        if characters.next().is_none() {
            return false;
        }
        text = characters.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn this_machine_can_be_read() {
        let machine = Machine::read();
        assert!(machine.cpus >= 1 && machine.memory_mib > 0);
        assert!((1..=machine.memory_mib).contains(&machine.available_mib));
        assert!(machine.load.is_finite());
    }

    #[rstest]
    #[case(&[], &[])]
    #[case(&[("CUDA_VISIBLE_DEVICES", "0,1"), ("SLURM_JOB_GPUS", "4,5")], &["0", "1"])]
    #[case(&[("SLURM_JOB_GPUS", "4,6-7")], &["4", "6", "7"])]
    #[case(&[("CUDA_VISIBLE_DEVICES", ""), ("SLURM_JOB_GPUS", "4")], &[])]
    #[case(&[("CUDA_VISIBLE_DEVICES", "-1")], &[])]
    #[case(&[("CUDA_VISIBLE_DEVICES", "1,-1,2")], &["1"])]
    #[case(&[("CUDA_VISIBLE_DEVICES", "GPU-8932f937-d72c")], &["GPU-8932f937-d72c"])]
    fn granted_gpus_are_read(#[case] pairs: &[(&str, &str)], #[case] expected: &[&str]) {
        assert_eq!(gpus_among(&env(pairs), Path::new("/nowhere")), expected);
    }

    #[test]
    fn without_a_word_a_workstation_gives_out_all_its_gpus() {
        let cards = tempfile::tempdir().unwrap();
        for card in ["0000:01:00.0", "0000:02:00.0"] {
            fs::create_dir(cards.path().join(card)).unwrap();
        }
        let gpus = |pairs| gpus_among(&env(pairs), cards.path());
        assert_eq!(gpus(&[]), ["0", "1"]);
        assert_eq!(gpus(&[("CUDA_VISIBLE_DEVICES", "1")]), ["1"]);
        // A job that asked for none sees the machine's cards and may not touch them.
        assert!(gpus(&[("SLURM_JOB_ID", "259")]).is_empty());
    }

    #[rstest]
    #[case("klone-login*", "klone-login01", true)]
    #[case("*login*.hyak.uw.edu", "klone-login03.hyak.uw.edu", true)]
    #[case("klone-login*", "n3001", false)]
    #[case("login", "login", true)]
    #[case("login", "login2", false)]
    #[case("*", "anything", true)]
    #[case("a*b", "acb", true)]
    #[case("a*b", "abc", false)]
    fn login_nodes_are_known_by_name(
        #[case] pattern: &str,
        #[case] host: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(login_node(&env(&[]), host, &[pattern.to_owned()]), expected);
    }

    #[rstest]
    #[case::login_node(true, &[("SLURM_CONF", "x")], true)]
    #[case::configured_for_everybody(true, &[], true)]
    #[case::within_a_job(true, &[("SLURM_CONF", "x"), ("SLURM_JOB_ID", "259")], false)]
    #[case::no_sbatch(false, &[("SLURM_CONF", "x")], false)]
    fn login_nodes_are_known_by_slurm(
        #[case] has_sbatch: bool,
        #[case] pairs: &[(&str, &str)],
        #[case] expected: bool,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let conf = dir.path().join("slurm.conf");
        fs::write(&conf, "").unwrap();
        if has_sbatch {
            fs::write(dir.path().join("sbatch"), "").unwrap();
        }
        let mut env = env(pairs);
        env.insert(
            "PATH".to_owned(),
            format!("/nowhere:{}", dir.path().display()),
        );
        assert_eq!(submits_to_slurm(&env, &conf), expected);
        let unconfigured = dir.path().join("missing.conf");
        let configured = pairs.iter().any(|(name, _)| *name == "SLURM_CONF");
        assert_eq!(
            submits_to_slurm(&env, &unconfigured),
            expected && configured
        );
    }

    #[test]
    fn cards_are_counted_by_model() {
        let dir = tempfile::tempdir().unwrap();
        for (slot, model) in [
            ("a", "NVIDIA A40"),
            ("b", "NVIDIA A40"),
            ("c", "NVIDIA L40S"),
        ] {
            let card = dir.path().join(slot);
            fs::create_dir(&card).unwrap();
            fs::write(
                card.join("information"),
                format!("Model: \t\t {model}\nIRQ: 1\n"),
            )
            .unwrap();
        }
        let expected = [("NVIDIA A40".to_owned(), 2), ("NVIDIA L40S".to_owned(), 1)];
        assert_eq!(models_in(dir.path()), expected);
        assert_eq!(models_in(&dir.path().join("none")), []);
    }
}
