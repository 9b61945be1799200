//! Lines through a program that stands for `ssh`, so that each way to fail can be had at will.

use crate::{Address, Ask, Link, RemoteError};
use rstest::rstest;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Writes an ssh that answers `-G` as a fresh installation does and else runs `script`.
fn ssh(dir: &Path, script: &str) -> PathBuf {
    let path = dir.join("ssh");
    let text = format!(
        "#!/bin/sh\nif [ \"$1\" = -G ]; then echo 'controlmaster false'; exit 0; fi\n\
         echo \"$@\" >>'{}'\n{script}\n",
        dir.join("calls").display()
    );
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn open(script: &str) -> (Result<Link, RemoteError>, String) {
    let dir = tempfile::tempdir().unwrap();
    let address = Address::new("klone", &dir.path().join("cache")).unwrap();
    let link = Link::open(&address.with_ssh(&ssh(dir.path(), script)), "0.1.0");
    (link, fs::read_to_string(dir.path().join("calls")).unwrap())
}

#[rstest]
#[case(
    "echo 'me@klone: Permission denied (keyboard-interactive).' >&2; exit 255",
    "wants a login"
)]
#[case(
    "echo 'Host key verification failed.' >&2; exit 255",
    "cannot be trusted yet"
)]
#[case(
    "echo 'ssh: Could not resolve hostname klone' >&2; exit 255",
    "cannot be reached"
)]
#[case(
    "echo 'bash: makook: command not found' >&2; exit 127",
    "there is no program `makook`"
)]
#[case(
    "echo Welcome; echo 'error: unrecognized subcommand' >&2; exit 2",
    "no agent answered"
)]
#[case(
    "echo '{\"makook-agent\":99,\"version\":\"9.9.9\"}'; cat >/dev/null",
    "makook on klone is 9.9.9 (line format 99), here it is 0.1.0 (line format 2)"
)]
fn every_way_to_fail_is_said_once_and_not_retried(#[case] script: &str, #[case] expected: &str) {
    let (link, calls) = open(script);
    let error = link.unwrap_err();
    assert!(error.to_string().contains(expected), "{error}");
    assert!(!error.hint().ko.is_empty());
    assert_eq!(calls.lines().count(), 1, "{calls}");
}

#[test]
fn ssh_is_told_not_to_ask_and_to_share_the_connection() {
    let (_, calls) = open("exit 255");
    for option in [
        "BatchMode=yes",
        "ServerAliveInterval=15",
        "ControlMaster=auto",
        "ControlPersist=600",
        "/cache/ssh-%C",
        "-T -- klone makook agent",
    ] {
        assert!(calls.contains(option), "{option} is missing: {calls}");
    }
}

#[test]
fn sharing_that_the_user_configured_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ssh");
    let calls = dir.path().join("calls");
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = -G ]; then echo 'controlpath ~/.ssh/cm'; echo 'serveraliveinterval 7'; exit 0; fi\n\
         echo \"$@\" >'{}'; exit 255\n",
        calls.display()
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let address = Address::new("klone", dir.path()).unwrap().with_ssh(&path);
    assert!(Link::open(&address, "0.1.0").is_err());
    let calls = fs::read_to_string(calls).unwrap();
    assert!(calls.contains("BatchMode=yes"));
    assert!(
        !calls.contains("Control") && !calls.contains("ServerAlive"),
        "{calls}"
    );
}

#[test]
fn an_ssh_that_is_not_there_is_said() {
    let address = Address::new("klone", Path::new("/nowhere")).unwrap();
    let error = Link::open(&address.with_ssh(Path::new("/nowhere/ssh")), "0.1.0").unwrap_err();
    assert!(matches!(error, RemoteError::NoSsh(_)), "{error}");
}

#[test]
fn a_line_that_ends_tells_everybody_who_waits() {
    let (link, _) = open(
        "echo '{\"makook-agent\":2,\"version\":\"0.1.0\"}'; read line; echo 'the network went away' >&2; exit 255",
    );
    let link = link.unwrap();
    assert!(link.stands());
    let error = link.ask(&Ask::Jobs, None).unwrap_err();
    assert!(
        matches!(&error, RemoteError::Lost { said, .. } if said == "the network went away"),
        "{error}"
    );
    assert!(!link.stands());
    assert!(link.ask(&Ask::Jobs, None).unwrap_err().is_loss());
}

#[test]
fn an_answer_cut_in_half_is_a_lost_line() {
    let (link, _) = open(
        "echo '{\"makook-agent\":2,\"version\":\"0.1.0\"}'; read line; printf '{\"id\":1,\"bytes\":900,\"packed\":false}\\nhalf'",
    );
    let error = link.unwrap().ask(&Ask::Jobs, None).unwrap_err();
    assert!(error.is_loss(), "{error}");
}
