//! What is found to be wrong before anything is sent, and what a site says of itself.

use super::Lab;
use crate::{JobsError, Launcher};
use domain::Clock;
use rstest::rstest;
use std::fs;

const RUN: &str = "20240131-235959-ppo-1a2b";

fn site(lab: &Lab) {
    for (name, text) in [
        ("config.txt", include_str!("../fixtures/config.txt")),
        ("partitions.txt", include_str!("../fixtures/partitions.txt")),
        ("sinfo.txt", include_str!("../fixtures/sinfo.txt")),
        ("sacctmgr.txt", include_str!("../fixtures/assoc.txt")),
    ] {
        lab.says(name, text);
    }
}

#[rstest]
#[case(
    "partition = 'nope'",
    "lab: resources.partition  there is no partition nope"
)]
#[case(
    "partition = 'compute'\ngpus = 1",
    "lab: resources.gpus  partition compute has no GPUs"
)]
#[case(
    "partition = 'ckpt'\ngpus = 1\ngpu_type = 'h200'",
    "lab: resources.gpu_type  partition ckpt has no GPU of type h200"
)]
#[case(
    "account = 'rich'",
    "lab: resources.account  you may not use the account rich"
)]
#[case(
    "account = 'stf'\nqos = 'urgent'",
    "lab: resources.qos  this account may not use the quality of service urgent"
)]
#[case(
    "gpus = 1\ncpus = 9\npartition = 'ckpt'",
    "lab: resources.cpus  9 processors are too many for 1 GPUs"
)]
#[case(
    "gpus = 2\nmemory_mib = 500000\npartition = 'ckpt'",
    "lab: resources.memory_mib  500000 MiB of memory are too much for 2 GPUs"
)]
#[case(
    "time_limit_seconds = 60\nwarn_seconds = 120",
    "lab: resources.warn_seconds  the warning would come before the start"
)]
#[case("", "lab: sbatch  sbatch: the scheduler's own words")]
fn mistakes_are_found_before(#[case] resources: &str, #[case] expected: &str) {
    let lab = Lab::new();
    site(&lab);
    lab.fails(
        "sbatch-test",
        Some("sbatch: error: the scheduler's own words"),
    );
    let mut slurm = lab.slurm();
    slurm.profile.max_cpus_per_gpu = 8;
    slurm.profile.max_memory_mib_per_gpu = 204_800;
    let mut spec = lab.spec(&[RUN]);
    spec.resources = toml::from_str(resources).unwrap();
    let problems = slurm.validate(&spec);
    let errors: Vec<String> = problems
        .iter()
        .filter(|one| one.severity == domain::Severity::Error)
        .map(ToString::to_string)
        .collect();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(errors[0].starts_with(expected), "{}", errors[0]);
    assert!(errors[0].contains("\n  hint: "));
}

#[test]
fn a_sound_request_passes_and_a_local_path_is_warned_of() {
    let lab = Lab::new();
    site(&lab);
    let mut slurm = lab.slurm();
    let mut spec = lab.spec(&[RUN]);
    spec.resources = toml::from_str("partition = 'ckpt-all'\ngpus = 1\ngpu_type = 'a40'").unwrap();
    spec.project = "/tmp/x".into();
    let problems = slurm.validate(&spec);
    assert!(!problems.has_errors(), "{problems}");
    assert!(problems.to_string().contains("own disk"), "{problems}");
    slurm.profile.requires_gpu = true;
    spec.resources.gpus = 0;
    assert!(
        slurm
            .validate(&spec)
            .to_string()
            .contains("at least one GPU")
    );
}

#[test]
fn a_site_becomes_a_profile() {
    let lab = Lab::new();
    site(&lab);
    let site = lab.slurm().probe().unwrap();
    assert_eq!(
        (site.name.as_str(), site.scheduler.as_str()),
        ("lab", "slurm 22.05.8")
    );
    assert_eq!(site.kill_wait_seconds, Some(10));
    assert_eq!(site.max_array, Some(1_001));
    assert!(site.keeps_history && site.unknown.is_empty(), "{site:?}");
    let profile = crate::slurm::learn(&site);
    assert_eq!(profile.resources.partition.as_deref(), Some("compute"));
    assert_eq!(profile.resources.account.as_deref(), Some("stf"));
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("clusters")).unwrap();
    fs::write(profile.path(dir.path()), profile.render()).unwrap();
    assert_eq!(crate::Profile::load(dir.path(), "lab").unwrap(), profile);
}

#[test]
fn what_a_site_does_not_say_is_listed() {
    let lab = Lab::new();
    lab.says("config.txt", "ClusterName = lab\n");
    lab.fails(
        "sacctmgr",
        Some("You are not running a supported accounting_storage plugin"),
    );
    let site = lab.slurm().probe().unwrap();
    assert!(!site.keeps_history);
    let unknown: Vec<&str> = site.unknown.iter().map(|one| one.en.as_str()).collect();
    assert_eq!(unknown.len(), 6, "{unknown:#?}");
    assert!(
        unknown[2].contains("supported accounting_storage"),
        "{unknown:#?}"
    );
    assert!(lab.clock.now() >= super::START);
}

/// Returns what is said against `resources` at a site whose answers were changed.
fn said_against(resources: &str, change: impl FnOnce(&Lab)) -> String {
    let lab = Lab::new();
    site(&lab);
    change(&lab);
    let mut spec = lab.spec(&[RUN]);
    spec.resources = toml::from_str(resources).unwrap();
    lab.slurm().validate(&spec).to_string()
}

#[test]
fn more_time_than_the_partition_allows_is_refused() {
    let limited = include_str!("../fixtures/partitions.txt")
        .replace("MaxTime=UNLIMITED", "MaxTime=1-02:00:00");
    let against = |seconds: u64| {
        let resources = format!("partition = 'ckpt'\ngpus = 1\ntime_limit_seconds = {seconds}");
        said_against(&resources, |lab| lab.says("partitions.txt", &limited))
    };
    let said = against(93_601);
    assert!(
        said.contains("partition ckpt lets jobs run for 1-02:00:00 at most"),
        "{said}"
    );
    assert!(!against(93_600).contains("lets jobs run"));
}

#[rstest]
#[case::as_many_as_it_has("3", 3, None)]
#[case::one_too_many("3", 4, Some("4 trainings are more than the 3 tasks"))]
#[case::one_is_no_array("0", 1, None)]
#[case::none_at_all("0", 2, Some("takes no job arrays"))]
#[case::nobody_says("(null)", 4, None)]
fn an_array_has_at_most_as_many_tasks_as_the_site_allows(
    #[case] most: &str,
    #[case] runs: usize,
    #[case] refusal: Option<&str>,
) {
    let lab = Lab::new();
    site(&lab);
    let config = include_str!("../fixtures/config.txt");
    let line = "MaxArraySize            = 1001";
    assert!(config.contains(line));
    lab.says(
        "config.txt",
        &config.replace(line, &format!("MaxArraySize = {most}")),
    );
    let ids: Vec<String> = (0..runs)
        .map(|n| format!("20260101-120000-run-{n:04x}"))
        .collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let problems = lab.slurm().validate(&lab.spec(&ids));
    let said = problems.to_string();
    match refusal {
        Some(refusal) => assert!(said.contains(refusal), "{said}"),
        None => assert!(!said.contains("array"), "{said}"),
    }
}

#[test]
fn a_slurm_that_is_too_old_is_named() {
    let of = |version: &str| {
        let config = include_str!("../fixtures/config.txt").replace("22.05.8", version);
        said_against("", |lab| lab.says("config.txt", &config))
    };
    let said = of("19.05.7");
    assert!(
        said.contains("slurm 19.05.7 is older than slurm 20.02"),
        "{said}"
    );
    for version in ["20.02.0", "22.05.8", "25.11.0-rc1", "unknown"] {
        assert!(!of(version).contains("older"), "{version}");
    }
}

#[test]
fn who_has_no_account_is_warned() {
    let said = said_against("", |lab| {
        lab.says("sacctmgr.txt", "");
        let config = include_str!("../fixtures/config.txt");
        let lines = config.lines().map(|line| match line.split_once('=') {
            Some((key, _)) if key.trim() == "AccountingStorageType" => {
                "AccountingStorageType = accounting_storage/slurmdbd".to_owned()
            }
            _ => line.to_owned(),
        });
        lab.says("config.txt", &lines.collect::<Vec<_>>().join("\n"));
    });
    assert!(said.contains("no account of yours is known here"), "{said}");
}

#[test]
fn a_full_quota_is_a_full_disk() {
    let quota = std::io::Error::from_raw_os_error(rustix::io::Errno::DQUOT.raw_os_error());
    let error = JobsError::io("/home/netid/.cache/submit.lock", "lock")(quota);
    assert!(error.hint().en.contains("free some space"), "{error}");
    assert!(error.hint().en.contains("XDG_CACHE_HOME"), "{error}");
}
