//! Whatever the number of consoles, the scheduler is asked seldom, and a long list stays a list.

use super::driver::{Backend, Driver};
use domain::{Clock, SystemClock};
use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

/// Seconds between two questions in the quiet state.
const EVERY: u64 = 10;

/// Three who list jobs without a pause, a thousand jobs: one question each ten seconds in all.
#[test]
fn three_consoles_ask_no_more_than_one() {
    let test = "jobs::polling::three_consoles_ask_no_more_than_one";
    let Some(driver) = Driver::open(Backend::Slurm, test) else {
        return;
    };
    // Other people's jobs in the list too: these are not makook's.
    let submit = [
        "--parsable",
        "--hold",
        "--array=0-999",
        "--chdir=/tmp",
        "-o",
        "/dev/null",
        "--wrap=true",
    ];
    let mut sbatch = driver
        .lab()
        .as_user(std::path::Path::new("sbatch"), driver.root());
    let output = sbatch.args(submit).output().unwrap();
    assert!(output.status.success(), "{}", crate::place::text(&output));
    let array = String::from_utf8_lossy(&output.stdout).trim().to_owned();

    let log = driver.root().join("asked");
    let path = counting(&driver, &log);
    let clock = SystemClock::new();
    let started = clock.steady();
    let watched = Duration::from_secs(3 * EVERY + EVERY / 2);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while clock.steady().saturating_sub(started) < watched {
                    let mut command = driver.command(&["jobs", "list", "--on", "lab", "--json"]);
                    let output = command.env("PATH", &path).output().unwrap();
                    let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
                    let rows = list["jobs"].as_array().unwrap().len();
                    assert!(rows >= 1_000, "{rows} rows: {}", list["sources"]);
                }
            });
        }
    });
    let seconds = clock.steady().saturating_sub(started).as_secs();
    let asked = fs::read_to_string(&log).unwrap();
    let calls = asked.lines().filter(|line| *line == "squeue").count();
    driver.lab().root("scancel", &[&array]);
    let allowed = usize::try_from(seconds / EVERY + 1).unwrap();
    assert!(calls >= 2, "it was not even asked again: {asked}");
    assert!(
        calls <= allowed,
        "{calls} questions in {seconds} s, {allowed} allowed: {asked}"
    );
}

/// Returns a search path on which the scheduler's programs are written down before they run.
fn counting(driver: &Driver, log: &std::path::Path) -> String {
    let usual = std::env::var("PATH").unwrap();
    let folder = driver.root().join("counted");
    fs::create_dir(&folder).unwrap();
    for program in ["squeue", "sacct", "scontrol", "sinfo"] {
        let real = std::env::split_paths(&usual)
            .map(|dir| dir.join(program))
            .find(|p| p.is_file());
        let script = format!(
            "#!/bin/sh\necho {program} >>'{}'\nexec '{}' \"$@\"\n",
            log.display(),
            real.unwrap().display()
        );
        let path = folder.join(program);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::write(log, "").unwrap();
    driver.own(log);
    format!("{}:{usual}", folder.display())
}
