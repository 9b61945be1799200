//! The lab itself: it mends what was killed, stops only what it started, and says why it cannot.

use super::lab::{Knobs, Lab};
use std::{fs, path::Path, process::Command};

const TEST: &str = "jobs::scripts::a_lab_mends_whatever_was_killed";

#[test]
fn a_lab_mends_whatever_was_killed() {
    let lab = match Lab::open(Knobs::default()) {
        Ok(lab) => lab,
        Err(why) => return println!("SKIPPED: {TEST}: {why}"),
    };
    let daemons = [
        "slurmctld",
        "munged",
        "slurmd.n3001",
        "slurmd.g3001",
        "slurmd.g3002",
    ];
    let before: Vec<u32> = daemons.iter().map(|name| lab.daemon(name)).collect();
    for (turn, victims) in [&daemons[..1], &daemons[1..3], &daemons].iter().enumerate() {
        for name in *victims {
            lab.signal(name, "-KILL");
        }
        lab.up().unwrap_or_else(|why| panic!("turn {turn}: {why}"));
        let nodes = lab.root("sinfo", &["-h", "-N", "-t", "idle", "-o", "%N"]);
        assert!(
            ["n3001", "g3001", "g3002"]
                .iter()
                .all(|node| nodes.contains(node)),
            "{nodes}"
        );
    }
    let after: Vec<u32> = daemons.iter().map(|name| lab.daemon(name)).collect();
    assert!(
        before
            .iter()
            .zip(&after)
            .all(|(before, after)| before != after)
    );
    lab.root(
        "sbatch",
        &["-W", "--chdir=/tmp", "-o", "/dev/null", "--wrap=true"],
    );
    let dir = lab.dir().to_owned();
    drop(lab);
    assert!(!dir.exists(), "{} is still there", dir.display());
    assert!(
        !after.iter().any(|pid| super::driver::is_alive(*pid)),
        "{after:?} still run"
    );
}

/// A pid file that names somebody else's process must not end it.
#[test]
fn a_stale_pid_file_harms_nobody() {
    let scratch = tempfile::tempdir().unwrap();
    fs::create_dir_all(scratch.path().join("run")).unwrap();
    let own = std::process::id();
    for name in ["slurmctld", "munged", "slurmd.n3001", "mariadbd", "watch"] {
        fs::write(
            scratch.path().join(format!("run/{name}.pid")),
            own.to_string(),
        )
        .unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/slurm-down.sh");
    let output = Command::new("bash")
        .arg(script)
        .arg("--keep-jobs")
        .env("SLURM_LAB", scratch.path())
        .output()
        .unwrap();
    assert!(output.status.success());
    assert!(output.stdout.is_empty(), "{}", crate::place::text(&output));
}

/// Where a program is missing, one line says which, with the code that means "cannot".
#[test]
fn what_is_missing_is_said_in_one_line() {
    let scratch = tempfile::tempdir().unwrap();
    let bare = scratch.path().join("bin");
    fs::create_dir(&bare).unwrap();
    for program in ["bash", "dirname", "id", "awk"] {
        let found = ["/usr/bin", "/bin"]
            .iter()
            .map(|dir| Path::new(dir).join(program));
        let found = found.into_iter().find(|path| path.exists()).unwrap();
        std::os::unix::fs::symlink(found, bare.join(program)).unwrap();
    }
    for script in ["slurm-up.sh", "packages.sh"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/lab")
            .join(script);
        let output = Command::new(bare.join("bash"))
            .arg(path)
            .env_clear()
            .env("PATH", &bare)
            .env("SLURM_LAB", scratch.path().join("lab"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(77), "{script}: {said}");
        assert_eq!(said.trim().lines().count(), 1, "{said}");
        assert!(said.starts_with("lab: cannot run here: "), "{said}");
        assert!(!scratch.path().join("lab").exists());
    }
}
