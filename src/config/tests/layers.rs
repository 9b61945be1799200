//! Precedence, origins and the choice of the environment file.

use super::{bare, with_sets, write};
use crate::{Config, LoadRequest, keys::keys, load};
use domain::{Lang, Place};
use rstest::rstest;
use std::{collections::BTreeMap, path::Path};

const FILES: [(&str, &str); 4] = [
    (
        "configs/default.toml",
        "[agent]\nepochs = 11\ngamma = 0.91\n",
    ),
    ("configs/env/development.toml", "[agent]\nepochs = 12\n"),
    ("configs/env/staging.toml", "[agent]\nepochs = 13\n"),
    ("exp.toml", "[agent]\nepochs = 14\n"),
];

fn request(dir: &Path, present: &[&str], env: &[(&str, &str)], sets: &[&str]) -> LoadRequest {
    for (name, text) in FILES {
        if present.contains(&name) {
            write(dir, name, text);
        }
    }
    LoadRequest {
        dir: dir.join("configs"),
        experiment: present.contains(&"exp.toml").then(|| dir.join("exp.toml")),
        env: env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        sets: sets.iter().map(|set| (*set).to_owned()).collect(),
        ..LoadRequest::default()
    }
}

const DEFAULT: &str = "configs/default.toml";
const DEVELOPMENT: &str = "configs/env/development.toml";
const STAGING: &str = "configs/env/staging.toml";
const ENV: (&str, &str) = ("MAKOOK_AGENT__EPOCHS", "15");

#[rstest]
#[case::built_in(&[], &[], &[], 4, "built-in default")]
#[case::default_file(&[DEFAULT], &[], &[], 11, "configs/default.toml:2:1")]
#[case::environment_file(&[DEFAULT, DEVELOPMENT], &[], &[], 12, "configs/env/development.toml:2:1")]
#[case::chosen_environment(&[DEFAULT, DEVELOPMENT, STAGING], &[("MAKOOK_ENV", "staging")], &[], 13, "configs/env/staging.toml:2:1")]
#[case::long_name_chooses_too(&[STAGING], &[("MAKOOK_RUN__ENVIRONMENT", "staging")], &[], 13, "configs/env/staging.toml:2:1")]
#[case::flag_chooses_over_variable(&[DEVELOPMENT, STAGING], &[("MAKOOK_ENV", "staging")], &["run.environment=development"], 12, "configs/env/development.toml:2:1")]
#[case::experiment(&[DEFAULT, DEVELOPMENT, "exp.toml"], &[], &[], 14, "exp.toml:2:1")]
#[case::variable(&[DEFAULT, "exp.toml"], &[ENV], &[], 15, "environment variable MAKOOK_AGENT__EPOCHS")]
#[case::flag(&[DEFAULT, "exp.toml"], &[ENV], &["agent.epochs=16"], 16, "flag --set agent.epochs=16")]
#[case::last_flag(&[], &[ENV], &["agent.epochs=16", "agent.epochs = 17"], 17, "flag --set agent.epochs = 17")]
fn the_strongest_layer_decides(
    #[case] present: &[&str],
    #[case] env: &[(&str, &str)],
    #[case] sets: &[&str],
    #[case] epochs: usize,
    #[case] origin: &str,
) {
    let dir = tempfile::tempdir().unwrap();
    let resolved = load(&request(dir.path(), present, env, sets)).unwrap();
    assert_eq!(resolved.config.agent.epochs, epochs);
    let shown = resolved.origin("agent.epochs").unwrap().to_string();
    assert_eq!(
        shown.replace(&format!("{}/", dir.path().display()), ""),
        origin
    );
    if present.contains(&DEFAULT) {
        assert_eq!(resolved.config.agent.gamma.to_bits(), 0.91_f64.to_bits());
    }
}

#[test]
fn what_weaker_layers_said_is_kept_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let all = [DEFAULT, DEVELOPMENT, "exp.toml"];
    let resolved = load(&request(dir.path(), &all, &[ENV], &[])).unwrap();
    let setting = resolved.setting("agent.epochs").unwrap();
    let said: Vec<String> = setting
        .shadowed
        .iter()
        .map(|(_, value)| value.to_string())
        .collect();
    assert_eq!(said, ["4", "11", "12", "14"]);
    assert_eq!(setting.shadowed[0].0, Place::Default);
}

#[test]
fn without_layers_the_typed_defaults_come_out() {
    let resolved = load(&bare()).unwrap();
    assert_eq!(resolved.config, Config::default());
    assert_eq!(resolved.settings().len(), keys().count());
    assert!(resolved.warnings().is_empty(), "{}", resolved.warnings());
}

#[rstest]
#[case("agent.learning_rate=1e-3", "agent.learning_rate", "0.001")]
#[case("train.total_steps=5e6", "train.total_steps", "5_000_000")]
#[case("env.reward=pnl", "env.reward", "'pnl'")]
#[case("env.reward=\"pnl\"", "env.reward", "'pnl'")]
#[case("policy.hidden=256,256", "policy.hidden", "[256, 256]")]
#[case("policy.hidden=[256, 256]", "policy.hidden", "[256, 256]")]
#[case(
    "evaluate.baselines=[buy_and_hold, flat]",
    "evaluate.baselines",
    "['buy_and_hold', 'flat']"
)]
#[case(
    "features.columns=RSI(time_period=7),MACD(12, 26)",
    "features.columns",
    "['RSI(time_period=7)', 'MACD(12, 26)']"
)]
#[case(
    "data.repair=duplicates=keep_last,unordered=sort",
    "data.repair",
    "['duplicates=keep_last', 'unordered=sort']"
)]
#[case("run.notes=a = b", "run.notes", "'a = b'")]
#[case("evaluate.baselines=", "evaluate.baselines", "[]")]
fn typed_values_are_read_leniently(#[case] set: &str, #[case] path: &str, #[case] expected: &str) {
    let resolved = with_sets(&[set]).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(
        resolved.get(path).unwrap().to_string().replace('"', "'"),
        expected
    );
}

#[test]
fn problems_of_all_layers_come_at_once_in_the_order_of_layers() {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        "configs/default.toml",
        "[agent]\nclip_range = 1.4\n",
    );
    write(
        dir.path(),
        "configs/env/development.toml",
        "[agnt]\nepochs = 3\n",
    );
    write(
        dir.path(),
        "exp.toml",
        "[env]\nfee_bps = \"ten\"\nwindw = 3\n[agent\n",
    );
    let request = LoadRequest {
        dir: dir.path().join("configs"),
        experiment: Some(dir.path().join("exp.toml")),
        env: BTreeMap::from([
            ("MAKOOK_AGENT__GAMMA".to_owned(), "2".to_owned()),
            ("MAKOOK_LOG".to_owned(), "debug".to_owned()),
            ("PATH".to_owned(), "/bin".to_owned()),
        ]),
        sets: vec!["agent.lr=1".to_owned(), "nonsense".to_owned()],
        ..LoadRequest::default()
    };
    let problems = load(&request).unwrap_err().to_string();
    let problems = problems.replace(&format!("{}/", dir.path().display()), "");
    let lines: Vec<&str> = problems
        .lines()
        .filter(|line| !line.starts_with("  hint"))
        .collect();
    let expected = [
        "configs/default.toml:2:1  agent.clip_range = 1.4 must be in (0, 1)",
        "configs/env/development.toml:1:2  [agnt] is not a section",
        "exp.toml:2:1  env.fee_bps = \"ten\" must be a number",
        "exp.toml:3:1  `env.windw` is not a setting",
        "exp.toml:4:7  syntax: unclosed table, expected `]`",
        "environment variable MAKOOK_AGENT__GAMMA  agent.gamma = 2 must be in [0, 1]",
        "flag --set agent.lr=1  `agent.lr` is not a setting",
        "flag --set nonsense  \"nonsense\" has no =",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn an_environment_file_cannot_choose_the_environment() {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        "env/development.toml",
        "[run]\nenvironment = \"staging\"\n",
    );
    let request = LoadRequest {
        dir: dir.path().to_owned(),
        ..bare()
    };
    let problems = load(&request).unwrap_err().to_string();
    assert!(
        problems.contains("development.toml:2:1  an environment file cannot choose"),
        "{problems}"
    );
}

#[test]
fn disagreeing_variables_are_refused_and_agreeing_ones_are_not() {
    let request = |long: &str| LoadRequest {
        env: BTreeMap::from([
            ("MAKOOK_ENV".to_owned(), "staging".to_owned()),
            ("MAKOOK_RUN__ENVIRONMENT".to_owned(), long.to_owned()),
        ]),
        ..bare()
    };
    let problems = load(&request("development")).unwrap_err().to_string();
    assert!(
        problems.contains("MAKOOK_ENV and MAKOOK_RUN__ENVIRONMENT set"),
        "{problems}"
    );
    assert!(load(&request("staging")).is_ok());
}

#[test]
fn a_missing_experiment_names_its_likely_neighbour() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "momentum.toml", "");
    let request = LoadRequest {
        experiment: Some(dir.path().join("momentun.toml")),
        ..bare()
    };
    let problems = load(&request).unwrap_err().to_string();
    assert!(problems.contains("there is no such file"), "{problems}");
    assert!(problems.contains("momentum.toml?"), "{problems}");
}

#[test]
fn a_folder_in_the_place_of_a_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("default.toml")).unwrap();
    let request = LoadRequest {
        dir: dir.path().to_owned(),
        ..bare()
    };
    let problems = load(&request).unwrap_err().to_string();
    assert!(
        problems.contains("default.toml  cannot be read:"),
        "{problems}"
    );
}

#[test]
fn text_that_is_not_utf8_is_placed() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = b"[run]\nnotes = \"caf\xe9\"\n";
    std::fs::write(dir.path().join("default.toml"), bytes).unwrap();
    let request = LoadRequest {
        dir: dir.path().to_owned(),
        ..bare()
    };
    let problems = load(&request).unwrap_err().to_string();
    assert!(
        problems.contains("default.toml:2:13  the file is not UTF-8 text"),
        "{problems}"
    );
}

#[test]
fn problems_speak_the_readers_language() {
    let request = LoadRequest {
        sets: vec!["agent.clip_range=1.4".to_owned()],
        ..bare()
    };
    let problems = load(&request).unwrap_err().render(Lang::Ko);
    assert!(problems.contains("(0, 1) 안에 있어야 합니다"), "{problems}");
    assert!(problems.contains("보통 0.1에서 0.3 사이"), "{problems}");
}
