//! Every rule on a recorded curve that must trigger it and on one that must not.
//!
//! The curves are those of real trainings (values rounded to four digits), except where a training
//! refuses to record such a thing: those take a real curve and change the one thing.

use super::*;
use domain::Lang;
use rstest::rstest;
use runs::{MetricRecord, reader::Kept};
use std::collections::{BTreeMap, BTreeSet};

const PLAN: Limits = Limits {
    planned: 300_000.0,
    target_kl: 0.03,
    max_grad_norm: 0.5,
    epochs: 4.0,
};

fn records(name: &str) -> Vec<MetricRecord> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/health");
    let text = std::fs::read_to_string(folder.join(format!("{name}.jsonl"))).unwrap();
    let parse = |line: &str| serde_json::from_str(line).unwrap();
    text.lines().map(parse).collect()
}

fn track(records: &[MetricRecord], limits: Limits) -> Recorded {
    let mut track = Recorded::new(Some(1), limits);
    track.take(Kept::All, records);
    track
}

/// The training of that name, under the settings it ran with.
fn recorded(name: &str) -> Recorded {
    let limits = match name {
        "kl_high" | "clip_high" => Limits {
            target_kl: 0.0,
            ..PLAN
        },
        "gradient_clipped" => Limits {
            max_grad_norm: 0.001,
            ..PLAN
        },
        _ => PLAN,
    };
    let planned = match name {
        "clip_high" => 150_000.0,
        "overfit" => 1_000_000.0,
        "slowed" => 900_000.0,
        _ => PLAN.planned,
    };
    let mut track = track(&records(name), Limits { planned, ..limits });
    track.tested = match name {
        "healthy" => Some((5_976, 428)),
        "flat" => Some((5_976, 0)),
        _ => None,
    };
    track
}

/// The healthy training with one curve changed from its 60th update on; one that was not recorded
/// begins there.
fn changed(key: &str, change: fn(f64) -> f64) -> Recorded {
    let mut records = records("healthy");
    for record in &mut records[60..] {
        let value = record.k.entry(key.to_owned()).or_insert(0.0);
        *value = change(*value);
    }
    track(&records, PLAN)
}

fn rules(track: &Recorded) -> BTreeSet<&'static str> {
    let findings = examine(&[track]);
    findings.into_iter().map(|finding| finding.rule).collect()
}

#[rstest]
#[case::kl("kl_high", "kl_high", "epochs_cut")]
#[case::epochs("epochs_cut", "epochs_cut", "kl_high")]
#[case::clipping("clip_high", "clip_high", "healthy")]
#[case::no_clipping("clip_zero", "clip_zero", "healthy")]
#[case::early_collapse("entropy_collapsed", "entropy_collapsed", "clip_zero")]
#[case::random("entropy_flat", "cold", "flat")]
#[case::value("value_useless", "clip_zero", "healthy")]
#[case::gradient("gradient_clipped", "gradient_clipped", "healthy")]
#[case::overfit("overfit", "overfit", "healthy")]
#[case::flat("always_flat", "flat", "in_position")]
#[case::in_position("always_in_position", "in_position", "healthy")]
#[case::no_trades("no_trades", "flat", "healthy")]
#[case::slow("slowed", "slowed", "healthy")]
#[case::ruin("ruined", "cold", "clip_zero")]
fn a_rule_sees_what_it_is_for_and_nothing_else(
    #[case] rule: &str,
    #[case] must: &str,
    #[case] must_not: &str,
) {
    let (seen, unseen) = (rules(&recorded(must)), rules(&recorded(must_not)));
    assert!(seen.contains(rule), "{must}: {seen:?}");
    assert!(!unseen.contains(rule), "{must_not}: {unseen:?}");
}

#[test]
fn an_exploding_value_loss_is_seen_and_one_that_doubles_is_not() {
    let exploding = rules(&changed("loss/value", |value| value * 50.0));
    assert!(exploding.contains("value_exploding"), "{exploding:?}");
    let doubled = rules(&changed("loss/value", |value| value * 2.0));
    assert!(!doubled.contains("value_exploding"), "{doubled:?}");
}

#[rstest]
#[case("loss/value")]
#[case("loss/policy")]
#[case("loss/entropy")]
#[case("loss/grad_norm")]
#[case("loss/approx_kl")]
fn a_loss_that_is_no_number_is_seen_and_an_odd_validation_is_not(#[case] key: &str) {
    for odd in [|_: f64| f64::NAN, |_: f64| f64::INFINITY] {
        let lost = rules(&changed(key, odd));
        assert!(lost.contains("not_a_number"), "{lost:?}");
    }
    let odd = rules(&changed("valid/score", |_| f64::NAN));
    assert!(!odd.contains("not_a_number"), "{odd:?}");
}

/// A training of `count` updates whose one curve is `value` all along.
fn constant(count: u64, key: &str, value: f64) -> Recorded {
    let record = |update: u64| MetricRecord {
        step: update * 1_000,
        t: domain::Nanos(1),
        k: BTreeMap::from([(key.to_owned(), value)]),
    };
    let all: Vec<MetricRecord> = (0..count).map(record).collect();
    track(&all, PLAN)
}

#[rstest]
#[case("loss/clip_fraction", 0.0, "clip_zero")]
#[case("loss/grad_norm", 7.0, "gradient_clipped")]
fn what_is_no_number_is_neither_zero_nor_large(
    #[case] key: &str,
    #[case] value: f64,
    #[case] rule: &str,
) {
    assert!(rules(&constant(30, key, value)).contains(rule));
    for odd in [f64::NAN, f64::INFINITY] {
        assert!(!rules(&constant(30, key, odd)).contains(rule), "{odd}");
    }
}

#[test]
fn a_clip_fraction_of_zero_says_how_much_was_looked_at() {
    let mut few = constant(25, "loss/clip_fraction", 0.0);
    for planned in [PLAN.planned, 0.0] {
        few.limits.planned = planned;
        let because = &examine(&[&few])[0].because;
        assert!(because.en.contains("all 25 updates"), "{}", because.en);
        assert!(because.ko.contains("25번"), "{}", because.ko);
    }
}

#[test]
fn a_healthy_training_has_no_findings() {
    assert_eq!(rules(&recorded("healthy")), BTreeSet::new());
}

#[test]
fn a_density_is_held_against_its_fall_not_against_a_share() {
    let narrow = |records: &mut Vec<MetricRecord>, fall: f64| {
        for (n, record) in records.iter_mut().enumerate() {
            let share = (n as f64 / 15.0).min(1.0);
            record.k.insert("loss/entropy".into(), 1.4 - fall * share);
        }
    };
    let mut collapsed = records("healthy");
    narrow(&mut collapsed, 4.0);
    assert!(rules(&track(&collapsed, PLAN)).contains("entropy_collapsed"));
    let mut ordinary = records("healthy");
    narrow(&mut ordinary, 2.0);
    assert!(!rules(&track(&ordinary, PLAN)).contains("entropy_collapsed"));
}

#[test]
fn nothing_is_said_before_there_is_enough_to_see() {
    let first = &records("kl_high")[..8];
    assert_eq!(rules(&track(first, PLAN)), BTreeSet::new());
    assert!(examine(&[&Recorded::default()]).is_empty());
    assert!(examine(&[]).is_empty());
}

#[test]
fn seeds_of_one_finding_are_listed_together_and_the_worst_comes_first() {
    let mut second = recorded("cold");
    second.seed = Some(2);
    let findings = examine(&[&recorded("cold"), &second]);
    assert_eq!(findings[0].rule, "ruined");
    assert_eq!(findings[0].seeds, [1, 2]);
    assert!(findings.is_sorted_by_key(|finding| std::cmp::Reverse(finding.gravity)));
}

#[test]
fn a_resumed_training_forgets_what_was_superseded() {
    let all = records("slowed");
    let mut resumed = Recorded::new(None, PLAN);
    resumed.take(Kept::All, &all);
    let floor = all[50].step;
    resumed.take(Kept::Below(floor), &[]);
    assert!(!rules(&resumed).contains("slowed"));
    resumed.take(Kept::Nothing, &[]);
    assert!(examine(&[&resumed]).is_empty());
}

/// A training of `count` updates in which nothing is ever clipped, but for one update.
fn long(count: u64, odd: impl Fn(u64) -> f64) -> Recorded {
    let record = |update: u64| MetricRecord {
        step: update,
        t: domain::Nanos(1),
        k: BTreeMap::from([
            ("loss/clip_fraction".to_owned(), odd(update)),
            (
                "loss/value".to_owned(),
                if update == 77 { f64::NAN } else { 1.0 },
            ),
            (
                "perf/steps_per_second".to_owned(),
                if update < count - 20 { 1e5 } else { 1e4 },
            ),
        ]),
    };
    let all: Vec<MetricRecord> = (0..count).map(record).collect();
    let limits = Limits {
        planned: count as f64,
        ..PLAN
    };
    track(&all, limits)
}

#[test]
fn a_long_training_is_thinned_without_losing_what_matters() {
    let never = long(100_000, |_| 0.0);
    let seen = rules(&never);
    for rule in ["clip_zero", "not_a_number", "slowed"] {
        assert!(seen.contains(rule), "{rule}: {seen:?}");
    }
    let once = long(100_000, |update| if update == 1_234 { 0.1 } else { 0.0 });
    assert!(!rules(&once).contains("clip_zero"));
    assert!(never.curve("loss/clip_fraction").len() < 1_024);
}

#[test]
fn limits_are_read_as_toml_writes_them() {
    let settings = BTreeMap::from([
        ("train.total_steps".to_owned(), "1_000_000".to_owned()),
        ("agent.target_kl".to_owned(), "0.03".to_owned()),
        ("agent.epochs".to_owned(), "\"many\"".to_owned()),
    ]);
    let limits = Limits::of(&settings);
    let expected = Limits {
        planned: 1e6,
        target_kl: 0.03,
        ..Limits::default()
    };
    assert_eq!(limits, expected);
}

#[test]
fn every_rule_has_a_name_of_its_own_and_words_for_all_it_says() {
    let names: BTreeSet<_> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(names.len(), RULES.len());
    for rule in RULES {
        for text in [rule.says, rule.helps, rule.source] {
            assert_ne!(text.get(Lang::En), text.get(Lang::Ko), "{}", rule.id);
        }
    }
}

#[test]
fn a_finding_is_plain_json() {
    let finding = &examine(&[&changed("loss/value", |_| f64::NAN)])[0];
    let json = serde_json::to_value(finding).unwrap();
    assert_eq!(json["rule"], "not_a_number");
    assert_eq!(json["gravity"], "alert");
    assert!(json["value"].is_null() && json["says"]["ko"].is_string());
}
