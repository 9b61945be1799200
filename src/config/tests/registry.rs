//! What every row of the registry must hold.

use crate::{
    Config, Key, Kind, Repeats, SECTIONS, Scalar, Value, find,
    keys::{EnvKind, keys},
};
use domain::{Lang, Text};
use std::collections::BTreeSet;

fn has_hangul(text: &str) -> bool {
    text.chars().any(|c| ('\u{ac00}'..='\u{d7a3}').contains(&c))
}

fn scalar(key: &Key) -> Scalar {
    match key.kind {
        Kind::One(scalar) | Kind::List { of: scalar, .. } => scalar,
    }
}

fn texts(key: &'static Key) -> Vec<Text> {
    let mut texts = vec![key.label, key.help];
    texts.extend(
        key.effect
            .iter()
            .flat_map(|effect| [effect.raising, effect.lowering]),
    );
    if let Scalar::Choice(choices) = scalar(key) {
        texts.extend(choices.iter().map(|choice| choice.help));
    }
    texts
}

#[test]
fn defaults_are_admitted_unchanged() {
    for key in keys() {
        let default = key.default_value();
        assert_eq!(key.admit(default.clone()), Ok(default), "{}", key.path);
    }
}

#[test]
fn typed_defaults_and_rows_agree() {
    let typed = serde_json::to_value(Config::default()).unwrap();
    for key in keys() {
        let row = serde_json::to_value(key.default_value()).unwrap();
        assert_eq!(typed[key.section()][key.name()], row, "{}", key.path);
    }
    let fields: usize = typed
        .as_object()
        .unwrap()
        .values()
        .map(|section| section.as_object().unwrap().len())
        .sum();
    assert_eq!(fields, keys().count());
}

#[test]
fn paths_are_unique_and_found() {
    let paths: BTreeSet<&str> = keys().map(|key| key.path).collect();
    assert_eq!(paths.len(), keys().count());
    for key in keys() {
        assert_eq!(find(key.path).unwrap().path, key.path);
        assert!(SECTIONS.iter().any(|section| section.name == key.section()));
    }
}

#[test]
fn typical_values_lie_within_the_range() {
    for key in keys() {
        if let Some((low, high)) = key.typical {
            assert!(low < high, "{}", key.path);
            assert!(
                key.range.contains(low) && key.range.contains(high),
                "{}",
                key.path
            );
        }
    }
}

#[test]
fn single_numbers_are_fully_described() {
    for key in keys() {
        let number = matches!(key.kind, Kind::One(Scalar::Int | Scalar::Float));
        assert_eq!(key.effect.is_some(), number, "{}: effect", key.path);
        if number {
            assert!(key.typical.is_some(), "{}: typical range", key.path);
            assert!(key.range.min.is_some(), "{}: lower limit", key.path);
            let least = if key.log_scale { 1.0 } else { 0.0 };
            assert!(key.step > least, "{}: step", key.path);
        }
    }
}

#[test]
fn every_text_exists_in_both_languages() {
    for key in keys() {
        for text in texts(key) {
            assert!(!text.get(Lang::En).trim().is_empty(), "{}", key.path);
            assert!(
                !text
                    .get(Lang::En)
                    .chars()
                    .any(|c| has_hangul(&c.to_string())),
                "{}",
                key.path
            );
            assert!(!text.get(Lang::Ko).trim().is_empty(), "{}", key.path);
        }
        assert!(has_hangul(key.help.ko), "{}", key.path);
        // A name that Korean practitioners write in Latin letters stays as it is.
        let name_is_international = key.label.ko == key.label.en;
        assert!(
            has_hangul(key.label.ko) || name_is_international,
            "{}",
            key.path
        );
        for text in texts(key).into_iter().skip(1) {
            assert!(has_hangul(text.ko), "{}: {}", key.path, text.ko);
        }
        assert_eq!(
            key.unit.en.is_empty(),
            key.unit.ko.is_empty(),
            "{}",
            key.path
        );
    }
    for section in SECTIONS {
        assert!(has_hangul(section.label.ko), "{}", section.name);
    }
}

#[test]
fn numbers_just_outside_the_range_are_refused() {
    for key in keys() {
        let Kind::One(Scalar::Float) = key.kind else {
            continue;
        };
        for (limit, outward) in [(key.range.min, -1.0), (key.range.max, 1.0)] {
            let Some(limit) = limit else { continue };
            let outside = limit.at + outward * 1e-9 * limit.at.abs().max(1.0);
            assert!(
                key.admit(Value::Float(outside)).is_err(),
                "{} = {outside}",
                key.path
            );
            let at_limit = key.admit(Value::Float(limit.at));
            assert_eq!(
                at_limit.is_err(),
                limit.exclusive,
                "{} = {}",
                key.path,
                limit.at
            );
        }
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(
                key.admit(Value::Float(odd)).is_err(),
                "{} = {odd}",
                key.path
            );
        }
    }
}

#[test]
fn every_choice_reaches_the_typed_form() {
    for key in keys() {
        let Scalar::Choice(choices) = scalar(key) else {
            continue;
        };
        for choice in choices {
            let text = Value::Text(choice.name.to_owned());
            let value = match key.kind {
                Kind::One(_) => text,
                Kind::List {
                    repeats: Repeats::Refused | Repeats::Allowed,
                    ..
                } => Value::List(vec![text]),
            };
            let value = serde_json::to_value(&value).unwrap();
            let mut typed = serde_json::to_value(Config::default()).unwrap();
            typed[key.section()][key.name()] = value;
            let typed: Result<Config, _> = serde_json::from_value(typed);
            assert!(typed.is_ok(), "{} = {}: {typed:?}", key.path, choice.name);
        }
    }
}

#[test]
fn control_tasks_are_no_markets() {
    assert!(EnvKind::Trading.is_market() && EnvKind::Noise.is_market());
    assert!(!EnvKind::Cartpole.is_market());
}
