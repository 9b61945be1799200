//! show, explain, diff, schema, validate.

use super::{bare, with_sets};
use crate::{
    Kind, Scalar, Which, diff, explain,
    keys::{SECTIONS, keys},
    load, schema, show, validate,
};
use domain::Lang;
use rstest::rstest;

#[test]
fn a_listing_shows_values_with_their_origins() {
    let resolved = with_sets(&["agent.epochs=7"]).unwrap();
    let changed = show(&resolved, Which::Changed, Lang::En);
    assert_eq!(changed.rows.len(), 1);
    assert_eq!(
        changed.render(Lang::En).trim_end(),
        format!("[agent]\n* {:<44}  # --set agent.epochs=7", "epochs = 7"),
    );
    assert_eq!(
        show(&resolved, Which::All, Lang::En).rows.len(),
        keys().count()
    );
    let section = show(&resolved, Which::Under("policy"), Lang::Ko);
    assert!(
        section
            .rows
            .iter()
            .all(|row| row.path.starts_with("policy."))
    );
    assert!(section.render(Lang::Ko).contains("# 기본값"));
    let json = serde_json::to_value(&changed).unwrap();
    assert_eq!(json["rows"][0]["value"], 7);
    assert_eq!(json["rows"][0]["origin"]["flag"], "--set agent.epochs=7");
}

#[test]
fn an_explanation_has_everything_in_both_languages() {
    let resolved = with_sets(&["agent.clip_range=0.1"]).unwrap();
    let explanation = explain("agent.clip_range", Some(&resolved)).unwrap();
    let text = explanation.render(Lang::En);
    for part in [
        "agent.clip_range  Clip range",
        "클립 범위",
        "default: 0.2",
        "allowed: (0, 1)",
        "typical: 0.1 to 0.3",
        "raising it: Bigger policy changes",
        "at once, also in a running job",
        "MAKOOK_AGENT__CLIP_RANGE",
        "value:   0.2  # built-in default",
        "value: → 0.1  # --set agent.clip_range=0.1",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert!(explanation.render(Lang::Ko).contains("허용 범위: (0, 1)"));
}

#[test]
fn every_key_can_be_explained() {
    for key in keys() {
        let explanation = explain(key.path, None).unwrap();
        assert!(
            explanation.render(Lang::Ko).lines().count() >= 6,
            "{}",
            key.path
        );
        assert!(serde_json::to_value(&explanation).is_ok());
    }
}

#[rstest]
#[case("train.clip_range", "agent.clip_range")]
#[case("agent.lr", "agent.learning_rate")]
#[case("agent", "makook config show agent")]
fn an_unknown_path_gets_a_suggestion(#[case] path: &str, #[case] expected: &str) {
    let refusal = explain(path, None).unwrap_err();
    assert!(refusal.hint.en.contains(expected), "{}", refusal.hint);
}

#[test]
fn differences_are_of_meaning_not_of_spelling() {
    let left = with_sets(&["train.total_steps=1e6", "agent.gamma=1"]).unwrap();
    let right = with_sets(&[
        "train.total_steps=1000000",
        "agent.gamma=1.0",
        "env.fee_bps=5",
    ])
    .unwrap();
    let difference = diff(&left, &right, Lang::En);
    assert_eq!(difference.rows.len(), 1);
    let expected =
        "env.fee_bps  Taker fee\n- 10.0  # built-in default\n+ 5.0  # --set env.fee_bps=5\n";
    assert_eq!(difference.render(Lang::En), expected);
    assert_eq!(
        diff(&left, &left, Lang::En).render(Lang::En),
        "no difference\n"
    );
}

#[test]
fn the_schema_has_every_key_with_its_bounds() {
    let schema = schema();
    for section in SECTIONS {
        for key in section.keys {
            let body = &schema["properties"][section.name]["properties"][key.name()];
            let expected = match key.kind {
                Kind::List { .. } => "array",
                Kind::One(Scalar::Bool) => "boolean",
                Kind::One(Scalar::Int) => "integer",
                Kind::One(Scalar::Float) => "number",
                Kind::One(_) => "string",
            };
            assert_eq!(body["type"], expected, "{}", key.path);
            assert_eq!(body["x-makook-help"]["ko"], key.help.ko);
        }
    }
    let clip = &schema["properties"]["agent"]["properties"]["clip_range"];
    assert_eq!(clip["exclusiveMinimum"], 0.0);
    assert_eq!(clip["exclusiveMaximum"], 1.0);
    let reward = &schema["properties"]["env"]["properties"]["reward"];
    assert_eq!(reward["enum"][0], "log_equity");
}

#[test]
fn a_validation_counts_what_it_found() {
    let mut request = bare();
    assert!(validate(&request).ok);
    request.sets = vec!["agent.gamma=2".to_owned(), "train.threads=500".to_owned()];
    let validation = validate(&request);
    assert!(!validation.ok);
    assert_eq!((validation.errors, validation.warnings), (1, 1));
    assert!(
        validation
            .render(Lang::En)
            .ends_with("1 error(s), 1 warning(s)\n")
    );
    assert!(load(&request).is_err());
}
