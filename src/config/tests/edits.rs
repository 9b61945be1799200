//! Edits keep what they do not change, refuse what would break, and never half-write.

use super::{bare, write};
use crate::{Change, Key, Kind, LoadRequest, Scalar, Value, edit, keys::keys, layer::Layer};
use proptest::{prelude::*, sample::Index};
use rstest::rstest;
use std::fs;

const COMMENTED: &str = "\
# Experiment 12: wider clipping.   한글 설명
[agent]   # the learner
# was 0.2
clip_range = 0.3   # tried 0.25 too
gamma=0.99

[env]
positions = [
  -1.0, # short
  0.0,  # flat
  1.0,  # long
]
# fee_bps = 5   (hint)

[run] # last section
notes = 'kept'  # quoted
# end of file
";

fn edit_text(before: &str, changes: &[Change<'_>]) -> Result<String, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("exp.toml");
    fs::write(&path, before).unwrap();
    let outcome = edit(&bare(), &path, changes);
    let after = fs::read_to_string(&path).unwrap();
    assert_eq!(
        fs::read_dir(dir.path()).unwrap().count(),
        1,
        "a temporary file is left"
    );
    match outcome {
        Ok(_) => Ok(after),
        Err(problems) => {
            assert_eq!(after, before, "a refused edit wrote");
            Err(problems
                .to_string()
                .replace(&format!("{}/", dir.path().display()), ""))
        }
    }
}

fn set<'a>(path: &'a str, typed: &'a str) -> Change<'a> {
    Change::Set { path, typed }
}

#[rstest]
#[case::in_place(
    "[agent]\nclip_range = 0.3   # why\n",
    "agent.clip_range",
    "0.1",
    "[agent]\nclip_range = 0.1   # why\n"
)]
#[case::odd_spacing(
    "[agent]\n  gamma=0.9\n",
    "agent.gamma",
    "0.95",
    "[agent]\n  gamma=0.95\n"
)]
#[case::beside(
    "[agent]\ngamma = 0.9 # g\n\n[env]\n",
    "agent.epochs",
    "3",
    "[agent]\ngamma = 0.9 # g\nepochs = 3\n\n[env]\n"
)]
#[case::new_section(
    "# top\n[env]\n",
    "agent.epochs",
    "3",
    "# top\n[env]\n\n[agent]\nepochs = 3\n"
)]
#[case::empty_file("", "agent.epochs", "3", "[agent]\nepochs = 3\n")]
#[case::dotted(
    "agent.gamma = 0.9 # g\n",
    "agent.gamma",
    "0.8",
    "agent.gamma = 0.8 # g\n"
)]
#[case::inline(
    "agent = { gamma = 0.9 }\n",
    "agent.gamma",
    "0.8",
    "agent = { gamma = 0.8 }\n"
)]
#[case::inline_new(
    "agent = { gamma = 0.9 }\n",
    "agent.epochs",
    "3",
    "agent = { gamma = 0.9, epochs = 3 }\n"
)]
#[case::text_with_quotes("[run]\n", "run.notes", "say \"hi\"", "[run]\nnotes = 'say \"hi\"'\n")]
#[case::members_keep_comments(
    "[env]\npositions = [\n  -1.0, # short\n  0.0, # flat\n]\n",
    "env.positions",
    "-0.5,0",
    "[env]\npositions = [\n  -0.5, # short\n  0.0, # flat\n]\n"
)]
fn a_set_changes_its_value_and_nothing_else(
    #[case] before: &str,
    #[case] path: &str,
    #[case] typed: &str,
    #[case] after: &str,
) {
    assert_eq!(edit_text(before, &[set(path, typed)]).unwrap(), after);
}

#[rstest]
#[case::whole_line(
    "[agent]\ngamma = 0.9\nepochs = 3\n",
    "agent.gamma",
    "[agent]\nepochs = 3\n"
)]
#[case::comment_beside("[agent]\ngamma = 0.9  # why\n", "agent.gamma", "[agent]\n# why\n")]
#[case::comment_above("[agent]\n# above\ngamma = 0.9\n", "agent.gamma", "[agent]\n# above\n")]
#[case::windows(
    "[agent]\r\ngamma = 0.9\r\nepochs = 3\r\n",
    "agent.gamma",
    "[agent]\r\nepochs = 3\r\n"
)]
#[case::no_last_line_break("[agent]\ngamma = 0.9", "agent.gamma", "[agent]\n")]
#[case::inline(
    "agent = { gamma = 0.9, epochs = 3 }\n",
    "agent.gamma",
    "agent = { epochs = 3 }\n"
)]
#[case::dotted("agent.gamma = 0.9\n", "agent.gamma", "")]
#[case::many_lines(
    "[policy]\nhidden = [\n 64,\n 64,\n] # two\n",
    "policy.hidden",
    "[policy]\n# two\n"
)]
fn an_unset_cuts_its_line_and_keeps_comments(
    #[case] before: &str,
    #[case] path: &str,
    #[case] after: &str,
) {
    assert_eq!(edit_text(before, &[Change::Unset { path }]).unwrap(), after);
}

#[rstest]
#[case::unknown("", "agent.lr", "1", "did you mean agent.learning_rate?")]
#[case::out_of_range(
    "",
    "agent.clip_range",
    "1.4",
    "agent.clip_range = 1.4 must be in (0, 1)"
)]
#[case::contradiction(
    "",
    "env.kind",
    "pendulum",
    "env.actions = discrete does not fit env.kind = pendulum"
)]
#[case::torn("[agent\n", "agent.gamma", "0.9", "exp.toml:1:7  syntax:")]
#[case::section_is_a_value(
    "agent = 3\n",
    "agent.gamma",
    "0.9",
    "exp.toml:1:1  agent is a section, not a value"
)]
fn a_set_that_would_break_is_refused(
    #[case] before: &str,
    #[case] path: &str,
    #[case] typed: &str,
    #[case] expected: &str,
) {
    let problems = edit_text(before, &[set(path, typed)]).unwrap_err();
    assert!(problems.contains(expected), "{problems}");
}

#[test]
fn unsetting_what_is_not_there_is_refused() {
    let problems = edit_text(
        "[agent]\n",
        &[Change::Unset {
            path: "agent.gamma",
        }],
    )
    .unwrap_err();
    assert!(
        problems.contains("exp.toml  agent.gamma is not set here"),
        "{problems}"
    );
}

#[test]
fn settings_that_only_fit_together_are_set_together() {
    let changes = [
        set("env.kind", "pendulum"),
        set("env.actions", "continuous"),
    ];
    let after = edit_text("", &changes).unwrap();
    assert_eq!(
        after,
        "[env]\nkind = \"pendulum\"\nactions = \"continuous\"\n"
    );
}

#[test]
fn a_broken_file_can_be_mended_step_by_step() {
    let before = "[agent]\nclip_range = 7\ngamma = 7\n";
    let after = edit_text(before, &[set("agent.gamma", "0.9")]).unwrap();
    assert_eq!(after, "[agent]\nclip_range = 7\ngamma = 0.9\n");
    assert!(edit_text(before, &[set("env.kind", "pendulum")]).is_err());
}

#[test]
fn the_defaults_and_an_environment_file_are_checked_as_what_they_are() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "default.toml", "[agent]\nhorizon = 8\n");
    write(dir.path(), "env/staging.toml", "");
    let request = LoadRequest {
        dir: dir.path().to_owned(),
        ..bare()
    };
    let staging = dir.path().join("env/staging.toml");
    let problems = edit(&request, &staging, &[set("agent.minibatch_size", "2048")]).unwrap_err();
    assert!(
        problems.to_string().contains("more than a rollout holds"),
        "{problems}"
    );
    let default = dir.path().join("default.toml");
    let done = edit(
        &request,
        &default,
        &[
            set("agent.horizon", "16"),
            set("agent.minibatch_size", "2048"),
        ],
    );
    assert!(done.is_ok(), "{done:?}");
}

#[test]
fn a_new_file_in_a_new_folder_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mine/first.toml");
    let outcome = edit(&bare(), &path, &[set("agent.epochs", "3")]).unwrap();
    assert!(outcome.created && outcome.changed);
    assert_eq!(fs::read_to_string(&path).unwrap(), "[agent]\nepochs = 3\n");
    assert!(
        !edit(&bare(), &path, &[set("agent.epochs", "3")])
            .unwrap()
            .changed
    );
}

#[test]
fn a_write_protected_file_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("exp.toml");
    fs::write(&path, "[agent]\n").unwrap();
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let problems = edit(&bare(), &path, &[set("agent.epochs", "3")]).unwrap_err();
    assert!(
        problems.to_string().contains("cannot be written"),
        "{problems}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "[agent]\n");
}

#[test]
fn a_link_stays_a_link() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "real/exp.toml", "[agent]\n");
    let link = dir.path().join("exp.toml");
    std::os::unix::fs::symlink("real/exp.toml", &link).unwrap();
    edit(&bare(), &link, &[set("agent.epochs", "3")]).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let real = fs::read_to_string(dir.path().join("real/exp.toml")).unwrap();
    assert_eq!(real, "[agent]\nepochs = 3\n");
}

/// Returns values that the key takes: its default, its limits, its typical ends, its choices.
fn samples(key: &Key) -> Vec<String> {
    let mut candidates = vec![key.default_value()];
    let ends = key.typical.into_iter().flat_map(|(low, high)| [low, high]);
    let limits = [key.range.min, key.range.max]
        .into_iter()
        .flatten()
        .map(|limit| limit.at);
    let numbers: Vec<Value> = ends.chain(limits).map(Value::Float).collect();
    match key.kind {
        Kind::One(Scalar::Bool) => candidates.extend([Value::Bool(true), Value::Bool(false)]),
        Kind::One(Scalar::Choice(choices)) => candidates.extend(
            choices
                .iter()
                .map(|choice| Value::Text(choice.name.to_owned())),
        ),
        Kind::One(Scalar::Text(_)) => candidates.extend([
            Value::Text("2020-02-29".to_owned()),
            Value::Text("15m".to_owned()),
            Value::Text("# no 'comment' \"at\" all \\".to_owned()),
        ]),
        Kind::One(_) => candidates.extend(numbers),
        Kind::List { .. } => {
            candidates.extend((0..=numbers.len()).map(|n| Value::List(numbers[..n].to_vec())));
        }
    }
    candidates
        .into_iter()
        .filter(|value| key.admit(value.clone()).is_ok())
        .map(|value| value.to_string())
        .collect()
}

fn comments(text: &str) -> Vec<&str> {
    let marks = [
        "# Experiment 12: wider clipping.   한글 설명",
        "# the learner",
        "# was 0.2",
        "# tried 0.25 too",
        "# short",
        "# flat",
        "# long",
        "# fee_bps = 5   (hint)",
        "# last section",
        "# quoted",
        "# end of file",
    ];
    marks
        .into_iter()
        .filter(|mark| text.contains(mark))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_sets_keeps_comments_and_reads_back(
        picks in prop::collection::vec((any::<Index>(), any::<Index>()), 1..10),
    ) {
        let all: Vec<&Key> = keys().collect();
        let mut text = COMMENTED.to_owned();
        for (key, value) in picks {
            let key = key.get(&all);
            let samples = samples(key);
            let typed = value.get(&samples);
            if let Ok(after) = edit_text(&text, &[set(key.path, typed)]) {
                let layer = Layer::from_toml("exp.toml", after.as_bytes(), &mut domain::Problems::new());
                prop_assert!(!layer.torn, "{after}");
                let read = layer.last(key.path).map(|entry| entry.value.clone());
                prop_assert_eq!(read, key.admit(key.read(typed)).ok(), "{}", after);
                prop_assert_eq!(comments(&after), comments(COMMENTED), "{} = {}\n{}", key.path, typed, after);
                text = after;
            }
        }
    }

    #[test]
    fn setting_and_unsetting_a_new_key_gives_the_text_back(key in any::<Index>()) {
        let all: Vec<&Key> = keys()
            .filter(|key| ["agent", "env", "run"].contains(&key.section()))
            .filter(|key| !COMMENTED.contains(&format!("{} =", key.name())) && key.path != "agent.gamma")
            .collect();
        let key = key.get(&all);
        let typed = key.default_value().to_string();
        let after = edit_text(COMMENTED, &[set(key.path, &typed)]).map_err(TestCaseError::fail)?;
        let back = edit_text(&after, &[Change::Unset { path: key.path }]).map_err(TestCaseError::fail)?;
        prop_assert_eq!(back, COMMENTED);
    }
}

#[test]
fn the_fixture_of_the_property_is_itself_valid() {
    let outcome = edit_text(COMMENTED, &[set("agent.gamma", "0.99")]);
    assert_eq!(outcome.as_deref(), Ok(COMMENTED));
    assert_eq!(comments(COMMENTED).len(), COMMENTED.matches('#').count());
}

#[test]
fn a_draft_shows_what_it_would_write_and_writes_only_that() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("exp.toml");
    fs::write(&path, COMMENTED).unwrap();
    let changes = [set("agent.clip_range", "0.1"), set("agent.epochs", "3")];
    let draft = crate::draft(&bare(), &path, &changes).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), COMMENTED);
    let shown: Vec<(usize, String)> = draft
        .changed_lines()
        .into_iter()
        .map(|line| (line.number, line.text))
        .collect();
    let expected = [
        (4, "clip_range = 0.3   # tried 0.25 too"),
        (4, "clip_range = 0.1   # tried 0.25 too"),
        (6, "epochs = 3"),
    ];
    assert_eq!(shown, expected.map(|(line, text)| (line, text.to_owned())));
    let after = draft.after.clone();
    let stale = draft.clone();
    assert!(draft.write().unwrap().changed);
    assert_eq!(fs::read_to_string(&path).unwrap(), after);
    let refused = stale.write().unwrap_err().to_string();
    assert!(refused.contains("changed it meanwhile"), "{refused}");
    assert_eq!(fs::read_to_string(&path).unwrap(), after);
}

#[test]
fn a_copy_keeps_the_comments_and_never_replaces_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("a.toml"), dir.path().join("b.toml"));
    fs::write(&from, COMMENTED).unwrap();
    let changes = [set("agent.gamma", "0.9")];
    let copy = || crate::draft_copy(&bare(), Some(&from), &to, &changes);
    assert!(copy().unwrap().write().unwrap().created);
    let written = fs::read_to_string(&to).unwrap();
    assert_eq!(written, COMMENTED.replace("gamma=0.99", "gamma=0.9"));
    assert_eq!(fs::read_to_string(&from).unwrap(), COMMENTED);
    let refused = copy().unwrap_err().to_string();
    assert!(refused.contains("exists already"), "{refused}");
    let fresh = dir.path().join("c.toml");
    let draft = crate::draft_copy(&bare(), None, &fresh, &changes).unwrap();
    assert_eq!(draft.after, "[agent]\ngamma = 0.9\n");
}
