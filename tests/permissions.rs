//! What the operating system refuses: each verb names the path and what to do about it.
//!
//! Permissions do not hold root, so that root runs the programs as another user.

use crate::place::{Place, text};
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
};

/// Ends in being somebody else, whom every file of root's is closed to.
const SOMEBODY: [&str; 6] = [
    "--reuid",
    "65534",
    "--regid",
    "65534",
    "--clear-groups",
    "--",
];

/// Runs makook with `arguments` as a user whom permissions hold; `None`, with a line that says why,
/// where there is no such user or `needed` cannot be started by one.
fn run(test: &str, place: &Place, needed: &str, arguments: &[&str], home: &Path) -> Option<Output> {
    let mut plain = place.command(arguments);
    plain.env("MAKOOK_HOME", home);
    if !rustix::process::geteuid().is_root() {
        return Some(plain.output().unwrap());
    }
    let started = Command::new("setpriv")
        .args(SOMEBODY)
        .args([needed, "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !started.is_ok_and(|status| status.success()) {
        println!(
            "SKIPPED: permissions::{test}: setpriv of util-linux is missing, or another user cannot \
             start {needed}"
        );
        return None;
    }
    mode(place.path(), 0o755);
    let mut command = Command::new("setpriv");
    command
        .args(SOMEBODY)
        .arg(plain.get_program())
        .args(plain.get_args())
        .current_dir(place.path())
        .env_clear()
        .stdin(Stdio::null());
    for (name, value) in plain.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    Some(command.output().unwrap())
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_home_without_permission_is_told_with_its_owner_in_mind() {
    let place = Place::new();
    let home = place.path().join("closed");
    fs::create_dir(&home).unwrap();
    mode(&home, 0o555);
    let test = "a_home_without_permission_is_told_with_its_owner_in_mind";
    let program = env!("CARGO_BIN_EXE_makook");
    let arguments = place.training(&["train"], &[]);
    let Some(output) = run(test, &place, program, &arguments, &home) else {
        return;
    };
    let said = text(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("check the owner and mode"), "{said}");
    assert_eq!(fs::read_dir(&home).unwrap().count(), 0, "nothing is left");
    let doctor = run(test, &place, program, &["doctor"], &home).unwrap();
    let said = text(&doctor);
    assert_eq!(doctor.status.code(), Some(3), "{said}");
    assert!(said.contains("FAIL  run directory"), "{said}");
}

#[test]
fn a_source_that_may_not_be_read_is_named() {
    let place = Place::new();
    let source = place.path().join("closed.csv");
    fs::write(&source, "timestamp,open,high,low,close,volume\n").unwrap();
    mode(&source, 0o000);
    let test = "a_source_that_may_not_be_read_is_named";
    let worker = env!("CARGO_BIN_EXE_makook-worker");
    let arguments = ["data", "import", "closed.csv"];
    let Some(output) = run(test, &place, worker, &arguments, place.path()) else {
        return;
    };
    let said = text(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    for expected in ["closed.csv", "check the permissions of the file"] {
        assert!(said.contains(expected), "{expected} is missing in\n{said}");
    }
}
