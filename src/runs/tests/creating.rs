//! How runs come into being, are opened and are found by name.

use super::{Place, SETTINGS};
use crate::{Home, Kind, NewRun, RunDir, RunsError, State, Status};
use rstest::rstest;
use std::{collections::BTreeMap, fs, path::Path};

#[test]
fn a_new_run_is_whole_and_queued() {
    let mut place = Place::new();
    let run = place.run("PPO 비트코인");
    let again = place.home.open(run.id().as_str()).unwrap();
    assert_eq!(again, run);
    assert_eq!(again.manifest().name, "PPO 비트코인");
    assert_eq!(again.settings().unwrap(), SETTINGS);
    let status = Status::read(&run.layout().status()).unwrap().unwrap();
    assert_eq!(status.state, State::Queued);
    let text = fs::read_to_string(run.layout().settings()).unwrap();
    let whole: toml::Table = text.parse().unwrap();
    assert_eq!(whole["train"]["steps"].as_integer(), Some(1000));
}

#[test]
fn runs_of_the_same_second_and_name_are_kept_apart() {
    let mut place = Place::new();
    let ids: std::collections::BTreeSet<_> =
        (0..20).map(|_| place.run("same").id().clone()).collect();
    assert_eq!(ids.len(), 20);
}

#[rstest]
#[case("not = = toml", "the settings are not TOML")]
#[case("[manifest]\nformat = 9\n", "keeps for itself")]
fn settings_that_make_no_run_are_refused_and_leave_nothing(
    #[case] settings: &str,
    #[case] says: &str,
) {
    let mut place = Place::new();
    let new = NewRun {
        name: "x",
        kind: Kind::Train,
        parent: None,
        settings,
        version: "0.1.0",
    };
    let error = RunDir::create(&place.home, &new, &place.clock, &mut place.rng).unwrap_err();
    assert!(error.to_string().contains(says), "{error}");
    assert!(place.home.ids().unwrap().is_empty());
}

#[rstest]
#[case::missing(None, "run.toml is missing")]
#[case::empty(Some(""), "the line that ends the manifest is missing")]
#[case::no_manifest(Some("# ---- settings as resolved ----\n"), "has no manifest")]
#[case::newer(
    Some("[manifest]\nformat = 7\nteleport = true\n# ---- settings as resolved ----\n"),
    "has run format 7, but this makook reads only up to 1"
)]
#[case::binary(Some("\u{0}\u{1}"), "the line that ends the manifest is missing")]
fn half_written_and_newer_runs_are_named(#[case] text: Option<&str>, #[case] says: &str) {
    let mut place = Place::new();
    let run = place.run("x");
    match text {
        Some(text) => fs::write(run.layout().settings(), text).unwrap(),
        None => fs::remove_file(run.layout().settings()).unwrap(),
    }
    let error = RunDir::open_path(run.path()).unwrap_err();
    assert!(error.to_string().contains(says), "{error}");
    assert!(!error.hint().ko.is_empty());
}

#[test]
fn settings_edited_afterwards_are_noticed() {
    let mut place = Place::new();
    let run = place.run("x");
    let path = run.layout().settings();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("3e-4", "3e-3")).unwrap();
    let error = run.settings().unwrap_err();
    assert!(error.to_string().contains("were changed"), "{error}");
}

#[test]
fn runs_are_found_by_any_name_a_user_has_for_them() {
    let mut place = Place::new();
    let old = place.run("alpha");
    place.clock.advance(std::time::Duration::from_secs(3600));
    let new = place.run("beta");
    let id = new.id().as_str();
    let path = new.path().to_str().unwrap();
    for asked in [id, &id[..17], "beta", &id[id.len() - 4..], "latest", path] {
        assert_eq!(place.home.open(asked).unwrap().id(), new.id(), "{asked}");
    }
    assert_eq!(place.home.open("alpha").unwrap().id(), old.id());
}

#[test]
fn a_wrong_or_vague_name_gets_help() {
    let mut place = Place::new();
    let first = place.run("alpha").id().to_string();
    place.run("alpha");
    let error = place.home.open("alhpa").unwrap_err();
    assert!(error.to_string().contains("did you mean"), "{error}");
    let error = place.home.open("alpha").unwrap_err();
    assert!(error.to_string().contains(&first), "{error}");
    assert!(matches!(error, RunsError::Ambiguous { matches, .. } if matches.len() == 2));
    for asked in ["", "no/such/dir", "zzz"] {
        let error = place.home.open(asked).unwrap_err();
        let helped = matches!(
            error,
            RunsError::NotFound { .. } | RunsError::Ambiguous { .. }
        );
        assert!(helped, "{asked}: {error}");
    }
}

#[test]
fn a_half_written_run_is_nobodys_latest() {
    let mut place = Place::new();
    let whole = place.run("whole");
    place.clock.advance(std::time::Duration::from_secs(1));
    let torn = place.run("torn");
    fs::remove_file(torn.layout().settings()).unwrap();
    assert_eq!(place.home.open("latest").unwrap().id(), whole.id());
}

#[rstest]
#[case(None, "project/logs/runs")]
#[case(Some(""), "project/logs/runs")]
#[case(Some("/scratch/me"), "/scratch/me/runs")]
#[case(Some("inside"), "project/inside/runs")]
fn the_environment_may_move_the_home(#[case] home: Option<&str>, #[case] expected: &str) {
    let env: BTreeMap<String, String> = home
        .map(|home| ("MAKOOK_HOME".to_owned(), home.to_owned()))
        .into_iter()
        .collect();
    assert_eq!(
        Home::locate(Path::new("project"), &env).root(),
        Path::new(expected)
    );
}
