//! The command line as scripts use it: verbs, JSON, exit codes, both languages.

use crate::place::{Place, text};
use rstest::rstest;

#[rstest]
#[case(&["--help"], "makook demo")]
#[case(&["train", "--help"], "--detach")]
#[case(&["config", "explain", "--help"], "raising and lowering")]
#[case(&["--version"], "makook 0.1.0")]
fn help_teaches(#[case] arguments: &[&str], #[case] expected: &str) {
    let place = Place::new();
    let output = place.run(arguments);
    assert!(text(&output).contains(expected), "{}", text(&output));
}

#[rstest]
#[case(&["runs", "show", "nothing"], 2, "no run matches")]
#[case(&["runs", "health", "nothing"], 2, "no run matches")]
#[case(&["runs", "trades", "--filter", "pnl<"], 2, "but the filter ends here")]
#[case(&["runs", "trades", "--sort", "colour"], 2, "exit_time, side, pnl")]
#[case(&["runs", "chart", "nothing", "--metric", "loss/entropy"], 2, "no run matches")]
#[case(&["train", "missing.toml"], 2, "missing.toml")]
#[case(&["train", "--set", "agent.lerning_rate=1"], 2, "agent.learning_rate")]
#[case(&["train", "--set", "agent.clip_range=-1"], 2, "agent.clip_range")]
#[case(&["train", "--preset", "carefull"], 2, "did you mean careful?")]
#[case(&["train", "--set", "agent.gamma={0.9,1.5}"], 2, "agent.gamma = 1.5 must be in [0, 1]")]
#[case(&["train", "--set", "agent.gamma={0.9..0.99}"], 2, "how many values")]
#[case(&["train", "--parent", "nothing"], 2, "no run matches")]
#[case(&["frobnicate"], 2, "frobnicate")]
#[case(&["resume"], 2, "no run matches")]
#[case(&["config", "explain", "agent.klip_range"], 2, "agent.clip_range")]
#[case(&["models", "show", "nothing"], 2, "no run matches")]
#[case(&["models", "export", "a/b/c"], 2, "there is no model")]
#[case(&["models", "demote", "nobody"], 2, "no model has the name")]
#[case(&["data", "describe", "nothing"], 2, "nothing")]
#[case(&["data", "import", "missing.csv"], 2, "missing.csv")]
fn wrong_usage_says_what_and_ends_with_its_code(
    #[case] arguments: &[&str],
    #[case] code: i32,
    #[case] expected: &str,
) {
    let place = Place::new();
    let output = place.run(arguments);
    assert_eq!(output.status.code(), Some(code), "{}", text(&output));
    assert!(text(&output).contains(expected), "{}", text(&output));
}

#[test]
fn lists_are_json_where_asked() {
    let place = Place::new();
    assert_eq!(
        place.json(&["runs", "list", "--json"]),
        serde_json::json!([])
    );
    assert_eq!(
        place.json(&["data", "list", "--json"]),
        serde_json::json!([])
    );
    assert_eq!(
        place.json(&["models", "list", "--json"]),
        serde_json::json!({ "models": [], "names": [] })
    );
    let shown = place.json(&["config", "show", "--json"]);
    assert!(shown["rows"].as_array().unwrap().len() > 80);
    assert_eq!(place.json(&["config", "schema"])["type"], "object");
    assert!(
        place
            .json(&["features", "--json"])
            .as_array()
            .unwrap()
            .len()
            > 200
    );
}

#[test]
fn presets_are_listed_and_laid_below_what_is_set_by_hand() {
    let place = Place::new();
    let listed = place.json(&["config", "presets", "--json"]);
    let listed = listed.as_array().unwrap();
    assert!(listed.len() >= 5 && listed[0]["purpose"]["ko"].is_string());
    let shown = place.json(&[
        "config",
        "show",
        "--preset",
        "careful",
        "--set",
        "agent.clip_range=0.3",
        "--json",
    ]);
    let value = |path: &str| {
        let mut rows = shown["rows"].as_array().unwrap().iter();
        rows.find(|row| row["path"] == path).unwrap()["value"].clone()
    };
    assert_eq!(value("agent.clip_range"), 0.3);
    assert_eq!(value("train.stop_kl"), 1.0);
}

#[test]
fn a_sweep_would_be_sent_as_one_array_and_leaves_nothing_behind() {
    let place = Place::new();
    let arguments = [
        "train",
        "--set",
        "agent.gamma={0.9,0.99}",
        "--on",
        "generic-slurm",
        "--dry-run",
    ];
    let output = place.run(&arguments);
    let shown = text(&output);
    assert!(shown.contains("#SBATCH --array=0-1"), "{shown}");
    assert_eq!(
        place.json(&["runs", "list", "--json"]),
        serde_json::json!([])
    );
}

#[test]
fn a_setting_is_changed_without_losing_comments() {
    let place = Place::new();
    let file = place.path().join("mine.toml");
    std::fs::write(&file, "# mine\n[agent]\nclip_range = 0.2 # usual\n").unwrap();
    place.ok(
        0,
        &[
            "config",
            "set",
            "agent.clip_range=0.1",
            "--file",
            "mine.toml",
        ],
    );
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text, "# mine\n[agent]\nclip_range = 0.1 # usual\n");
    let again = ["config", "set", "agent.clip_range=0.1", "--json"];
    let edit = place.json(&[&again[..], &["--file", "mine.toml"]].concat());
    assert_eq!(edit["changed"], false);
    let refused = place.run(&[
        "config",
        "set",
        "agent.clip_range=7000",
        "--file",
        "mine.toml",
    ]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn every_layer_is_named_as_origin() {
    let place = Place::new();
    std::fs::write(place.path().join("x.toml"), "[agent]\ngamma = 0.9\n").unwrap();
    let mut command = place.command(&[
        "config",
        "show",
        "x.toml",
        "--changed",
        "--set",
        "agent.epochs=3",
    ]);
    let output = command.env("MAKOOK_AGENT__HORIZON", "64").output().unwrap();
    let shown = text(&output);
    assert!(shown.contains("x.toml:2:1"), "{shown}");
    assert!(shown.contains("MAKOOK_AGENT__HORIZON"), "{shown}");
    assert!(shown.contains("agent.epochs"), "{shown}");
}

#[test]
fn korean_is_spoken_where_asked() {
    let place = Place::new();
    let explained = place.ok(
        0,
        &["--lang", "ko", "config", "explain", "agent.clip_range"],
    );
    assert!(
        explained.chars().any(|c| ('가'..='힣').contains(&c)),
        "{explained}"
    );
    let output = place.run(&["--lang", "ko", "runs", "show", "nothing"]);
    assert!(text(&output).contains("도움말"), "{}", text(&output));
}

#[test]
fn doctor_names_a_missing_worker_and_ends_with_three() {
    let place = Place::new();
    let mut command = place.command(&["doctor"]);
    let output = command
        .env("MAKOOK_WORKER", "/nowhere/makook-worker")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output));
    assert!(text(&output).contains("make build"));
    let whole = place.json(&["doctor", "--json"]);
    let ids: Vec<&str> = whole
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["id"].as_str().unwrap())
        .collect();
    for id in [
        "worker",
        "libtorch",
        "cpu",
        "gpu",
        "disk",
        "write_access",
        "terminal",
        "locale",
        "slurm",
    ] {
        assert!(ids.contains(&id), "{ids:?}");
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let place = Place::new();
    let mut command = place.command(&["config", "schema"]);
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_variable_that_is_no_text_does_not_end_the_program() {
    use std::os::unix::ffi::OsStrExt;
    let place = Place::new();
    let mut command = place.command(&["runs", "list", "--json"]);
    command.env("STRANGE", std::ffi::OsStr::from_bytes(b"\xff\xfe"));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
}
