//! A run directory alone is enough to reproduce its run.

use super::{bare, with_sets};
use crate::{LoadRequest, Resolved, load};

#[test]
fn every_setting_comes_back_bit_for_bit() {
    let sets = [
        "agent.learning_rate=0.00012345678901234567",
        "agent.adam_eps=1e-12",
        "env.positions=-1,-0.3333333333333333,0,1",
        "run.notes='''quote \" and\nline break, \t tab, 한글, \\ end'''",
        "data.start=2019-01-01",
        "train.seeds=7,11,9007199254740993",
    ];
    let resolved = with_sets(&sets).unwrap();
    let text = resolved.to_run_toml();
    let again = Resolved::from_run_toml("run.toml", text.as_bytes()).unwrap();
    assert_eq!(again.config, resolved.config);
    assert!(again.warnings().is_empty(), "{}", again.warnings());
    assert_eq!(again.config.train.seeds[2], 9_007_199_254_740_993);
    for (left, right) in resolved.settings().iter().zip(again.settings()) {
        assert_eq!(left.value, right.value, "{}", left.key.path);
    }
}

#[test]
fn each_line_names_its_origin_and_no_flag_can_break_out_of_the_comment() {
    let notes = "run.notes=first\nclip_range = 9";
    let request = LoadRequest {
        sets: vec!["agent.epochs=7".to_owned(), notes.to_owned()],
        ..bare()
    };
    let text = load(&request).unwrap().to_run_toml();
    assert!(
        text.contains("epochs = 7  # flag --set agent.epochs=7\n"),
        "{text}"
    );
    assert!(
        text.contains("clip_range = 0.2  # built-in default\n"),
        "{text}"
    );
    let again = Resolved::from_run_toml("run.toml", text.as_bytes()).unwrap();
    assert_eq!(again.config.run.notes, "first\nclip_range = 9");
}

#[test]
fn a_missing_key_is_warned_of_and_an_unknown_one_refused() {
    let text = load(&bare()).unwrap().to_run_toml();
    let older: String = text
        .lines()
        .filter(|line| !line.starts_with("target_kl"))
        .map(|line| format!("{line}\n"))
        .collect();
    let again = Resolved::from_run_toml("run.toml", older.as_bytes()).unwrap();
    let warnings = again.warnings().to_string();
    assert!(
        warnings.contains("agent.target_kl is missing"),
        "{warnings}"
    );
    assert_eq!(again.warnings().iter().count(), 1);

    let newer = text.replace("[agent]\n", "[agent]\nquantum = 1\n");
    let problems = Resolved::from_run_toml("run.toml", newer.as_bytes()).unwrap_err();
    assert!(
        problems
            .to_string()
            .contains("`agent.quantum` is not a setting"),
        "{problems}"
    );
}
