//! Several values for one setting: `{1e-4..1e-3 log 5}`, `{0.9, 0.99}`, `{1..4 4}`.
//!
//! Owns the syntax and what it multiplies out to; each value is held to the same rules and worded
//! the same as a single one. Start at [`sweep`] for one setting and at [`combinations`] for all.

use crate::{
    admit::Refusal,
    key::{Key, Kind, Scalar},
    keys,
    load::{LoadRequest, load},
    resolved::Resolved,
    value::Value,
};
use domain::{Phrase, Place, Problem, Problems, phrase};

/// Jobs that one set of sweeps may make at most.
pub const MOST_JOBS: usize = 256;
/// Digits that values between the ends of a range keep.
const DIGITS: usize = 6;

/// One job of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Combination {
    /// `section.key=value` each, without any sweep.
    pub sets: Vec<String>,
    /// What tells it from the others, as `name=value`; empty where nothing is swept.
    pub label: String,
}

/// Returns whether `typed` is meant as several values of `key`.
#[must_use]
pub fn is_sweep(key: &Key, typed: &str) -> bool {
    let takes = matches!(
        key.kind,
        Kind::One(Scalar::Int | Scalar::Float | Scalar::Bool | Scalar::Choice(_))
    );
    takes && typed.trim_start().starts_with('{')
}

/// Returns the values that `typed` names for `key`, in order; `None` where it is no sweep.
///
/// # Errors
/// What is wrong with the syntax, or with the first value that does not fit the key.
pub fn sweep(key: &Key, typed: &str) -> Option<Result<Vec<Value>, Refusal>> {
    is_sweep(key, typed).then(|| values(key, typed.trim()))
}

fn values(key: &Key, typed: &str) -> Result<Vec<Value>, Refusal> {
    let refuse = |what: Phrase| refusal(key, typed, &what);
    let inner = typed
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let Some(inner) = inner else {
        return Err(refuse(phrase!("has no closing }}", "닫는 }}가 없습니다")));
    };
    let members = match inner.split_once("..") {
        Some((low, rest)) => range(key, low, rest).map_err(refuse)?,
        None => inner
            .split(',')
            .map(|member| member.trim().to_owned())
            .collect(),
    };
    if members.len() > MOST_JOBS {
        let count = members.len();
        return Err(refuse(phrase!(
            "names {count} values, more than {MOST_JOBS}",
            "값이 {count}개입니다. {MOST_JOBS}개까지 쓸 수 있습니다"
        )));
    }
    let mut values = Vec::with_capacity(members.len());
    for member in members {
        if member.is_empty() {
            return Err(refuse(phrase!("has an empty member", "빈 항목이 있습니다")));
        }
        let value = key.parse(&member)?;
        if values.contains(&value) {
            return Err(refuse(phrase!(
                "names {value} twice",
                "{value} 항목이 두 번 나옵니다"
            )));
        }
        values.push(value);
    }
    Ok(values)
}

fn refusal(key: &Key, typed: &str, what: &Phrase) -> Refusal {
    let (path, Phrase { en, ko }) = (key.path, what);
    Refusal {
        message: phrase!("{path} = {typed} {en}", "{path} = {typed}: {ko}"),
        hint: phrase!(
            "several values are written {{1e-4..1e-3 log 5}}, {{1..9 5}} or {{a, b, c}}",
            "여러 값은 {{1e-4..1e-3 log 5}}, {{1..9 5}}, {{a, b, c}}처럼 적습니다",
        ),
    }
}

/// Returns the members of `low..high log count` or `low..high count`, ends included.
fn range(key: &Key, low: &str, rest: &str) -> Result<Vec<String>, Phrase> {
    let Kind::One(scalar @ (Scalar::Int | Scalar::Float)) = key.kind else {
        return Err(phrase!(
            "is a range, which only numbers have",
            "범위는 숫자 설정에만 쓸 수 있습니다"
        ));
    };
    let words: Vec<&str> = rest.split_whitespace().collect();
    let (high, log, count) = match words[..] {
        [high, "log", count] => (high, true, count),
        [high, "lin", count] | [high, count] => (high, false, count),
        _ => {
            return Err(phrase!(
                "does not say how many values",
                "값을 몇 개로 나눌지 적지 않았습니다"
            ));
        }
    };
    let number = |text: &str| {
        let parsed = text.trim().replace('_', "").parse::<f64>().ok();
        let not_one = || {
            phrase!(
                "holds {text}, which is no number",
                "{text}은(는) 숫자가 아닙니다"
            )
        };
        parsed
            .filter(|number| number.is_finite())
            .ok_or_else(not_one)
    };
    let (from, to) = (number(low)?, number(high)?);
    let count = count
        .parse::<usize>()
        .ok()
        .filter(|count| (2..=MOST_JOBS).contains(count));
    let Some(count) = count else {
        return Err(phrase!(
            "must name 2 to {MOST_JOBS} values",
            "값은 2개에서 {MOST_JOBS}개까지 쓸 수 있습니다"
        ));
    };
    if log && (from <= 0.0 || to <= 0.0) {
        return Err(phrase!(
            "must lie above 0 to be divided by ratio (log)",
            "비율(log)로 나누려면 양 끝이 0보다 커야 합니다"
        ));
    }
    let ends = [low.trim(), high.trim()];
    Ok((0..count)
        .map(|index| {
            // The ends are what was typed, to the digit.
            if index == 0 || index + 1 == count {
                return ends[usize::from(index > 0)].to_owned();
            }
            let share = index as f64 / (count - 1) as f64;
            let between = match log {
                true => from * (to / from).powf(share),
                false => from + (to - from) * share,
            };
            match scalar {
                Scalar::Int => format!("{}", between.round()),
                _ => format!("{between:.*e}", DIGITS - 1),
            }
        })
        .collect())
}

/// A place among `--set` arguments, its setting, and the values that it takes.
type Swept = (usize, &'static Key, Vec<Value>);

/// Returns the value lists of `sets` that are sweeps, each beside its place among them. Of several
/// for one key the last counts.
fn swept(sets: &[String]) -> Result<Vec<Swept>, Problems> {
    let mut findings = Problems::new();
    let mut lists = Vec::new();
    for (index, key, typed) in sets.iter().enumerate().filter_map(|(index, set)| {
        let (path, typed) = set.split_once('=')?;
        Some((index, keys::find(path.trim())?, typed))
    }) {
        match sweep(key, typed) {
            Some(Ok(values)) => lists.push((index, key, values)),
            Some(Err(refusal)) => {
                let place = Place::Flag(format!("--set {}", sets[index]));
                findings.error(place, refusal.message, refusal.hint);
            }
            None => {}
        }
    }
    if findings.has_errors() {
        Err(findings)
    } else {
        Ok(lists)
    }
}

/// Multiplies every sweep among `sets` out: one combination for each job, the first sweep varying
/// slowest. Without a sweep there is one combination, `sets` itself.
///
/// # Errors
/// Everything that is wrong with the sweeps, or more than [`MOST_JOBS`] jobs.
pub fn combinations(sets: &[String]) -> Result<Vec<Combination>, Problems> {
    let lists = swept(sets)?;
    let count = lists.iter().try_fold(1_usize, |count, (.., values)| {
        count.checked_mul(values.len())
    });
    if count.is_none_or(|count| count > MOST_JOBS) {
        let each: Vec<String> = lists
            .iter()
            .map(|(_, key, values)| format!("{} {}", key.path, values.len()))
            .collect();
        let each = each.join(" × ");
        let mut findings = Problems::new();
        findings.error(
            Place::Flag("--set".to_owned()),
            phrase!(
                "the sweeps make more than {MOST_JOBS} jobs: {each}",
                "스윕이 작업을 {MOST_JOBS}개보다 많이 만듭니다: {each}"
            ),
            phrase!("name fewer values", "값의 수를 줄이세요"),
        );
        return Err(findings);
    }
    let mut all = vec![Combination {
        sets: sets.to_vec(),
        label: String::new(),
    }];
    for (index, key, values) in lists {
        let with = |combination: &Combination, value: &Value| {
            let (mut sets, value) = (combination.sets.clone(), value.bare());
            sets[index] = format!("{}={value}", key.path);
            let label = format!("{} {}={value}", combination.label, key.name());
            Combination {
                sets,
                label: label.trim_start().to_owned(),
            }
        };
        all = all
            .iter()
            .flat_map(|one| values.iter().map(|value| with(one, value)))
            .collect();
    }
    Ok(all)
}

/// Resolves every combination of the sweeps in `request`.
///
/// # Errors
/// Every problem of any combination, each once.
pub fn load_each(request: &LoadRequest) -> Result<Vec<(Combination, Resolved)>, Problems> {
    let mut loaded = Vec::new();
    let mut told: Vec<Problem> = Vec::new();
    let mut findings = Problems::new();
    for combination in combinations(&request.sets)? {
        let outcome = load(&LoadRequest {
            sets: combination.sets.clone(),
            ..request.clone()
        });
        match outcome {
            Ok(resolved) => loaded.push((combination, resolved)),
            Err(problems) => {
                for problem in problems.iter() {
                    if told.iter().all(|known| known.message != problem.message) {
                        told.push(problem.clone());
                    }
                }
            }
        }
    }
    if told.is_empty() {
        return Ok(loaded);
    }
    for problem in told {
        findings.add(problem);
    }
    Err(findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn told(path: &str, typed: &str) -> String {
        let key = keys::find(path).unwrap();
        match sweep(key, typed) {
            None => "no sweep".to_owned(),
            Some(Ok(values)) => {
                let values: Vec<String> = values.iter().map(Value::bare).collect();
                values.join(" ")
            }
            Some(Err(refusal)) => {
                assert!(!refusal.message.ko.is_empty() && !refusal.hint.ko.is_empty());
                refusal.message.en
            }
        }
    }

    #[rstest]
    #[case(
        "agent.learning_rate",
        "{1e-4..1e-3 log 3}",
        "0.0001 0.000316228 0.001"
    )]
    #[case("agent.gamma", "{0.9..0.99 4}", "0.9 0.93 0.96 0.99")]
    #[case("agent.gamma", " { 0.9 , 0.99 } ", "0.9 0.99")]
    #[case("agent.epochs", "{1..9 lin 5}", "1 3 5 7 9")]
    #[case("agent.horizon", "{32..2_048 log 4}", "32 128 512 2048")]
    #[case("agent.normalise_rewards", "{true,false}", "true false")]
    #[case("env.reward", "{pnl, log_equity}", "pnl log_equity")]
    #[case("agent.gamma", "0.9", "no sweep")]
    #[case("run.notes", "{a,b}", "no sweep")]
    #[case("policy.hidden", "{1,2}", "no sweep")]
    fn values_are_named(#[case] path: &str, #[case] typed: &str, #[case] expected: &str) {
        assert_eq!(told(path, typed), expected);
    }

    #[rstest]
    #[case("agent.gamma", "{0.9, 1.5}", "agent.gamma = 1.5 must be in [0, 1]")]
    #[case(
        "agent.epochs",
        "{1, 1.5}",
        "agent.epochs = 1.5 must be a whole number"
    )]
    #[case("agent.gamma", "{0.9", "agent.gamma = {0.9 has no closing }")]
    #[case("agent.gamma", "{}", "agent.gamma = {} has an empty member")]
    #[case("agent.gamma", "{0.9,0.9}", "agent.gamma = {0.9,0.9} names 0.9 twice")]
    #[case("agent.epochs", "{1..2 5}", "agent.epochs = {1..2 5} names 1 twice")]
    #[case(
        "agent.gamma",
        "{0.1..0.9}",
        "agent.gamma = {0.1..0.9} does not say how many values"
    )]
    #[case("agent.gamma", "{0..0.9 log 3}", "must lie above 0")]
    #[case("agent.gamma", "{0.1..0.9 1}", "must name 2 to 256 values")]
    #[case("agent.gamma", "{0.1..nan 3}", "which is no number")]
    #[case("env.reward", "{a..b 3}", "which only numbers have")]
    fn wrong_sweeps_say_why(#[case] path: &str, #[case] typed: &str, #[case] expected: &str) {
        let said = told(path, typed);
        assert!(said.contains(expected), "{said}");
    }

    #[test]
    fn a_wrong_value_is_worded_as_a_single_one() {
        let key = keys::find("agent.gamma").unwrap();
        let single = key.parse("1.5").unwrap_err();
        assert_eq!(sweep(key, "{0.5,1.5}"), Some(Err(single)));
    }

    fn sets(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn sweeps_multiply_and_the_first_varies_slowest() {
        let asked = sets(&["agent.gamma={0.9,0.99}", "run.name=x", "agent.epochs={2,4}"]);
        let all = combinations(&asked).unwrap();
        assert_eq!(all.len(), 4);
        assert_eq!(
            all[1].sets,
            ["agent.gamma=0.9", "run.name=x", "agent.epochs=4"]
        );
        assert_eq!(all[2].label, "gamma=0.99 epochs=2");
        let plain = sets(&["agent.gamma=0.9"]);
        let one = combinations(&plain).unwrap();
        assert_eq!(
            (one.len(), &one[0].sets, one[0].label.as_str()),
            (1, &plain, "")
        );
    }

    #[test]
    fn too_many_jobs_are_refused_before_any_is_made() {
        let many = sets(&["agent.gamma={0.1..0.9 100}", "agent.epochs={1,2,3}"]);
        let said = combinations(&many).unwrap_err().to_string();
        assert!(said.contains("agent.gamma 100 × agent.epochs 3"), "{said}");
        let refused = combinations(&sets(&["agent.gamma={2,3}", "agent.epochs={0,1}"]));
        assert_eq!(refused.unwrap_err().iter().count(), 2);
    }

    #[test]
    fn every_combination_is_held_to_the_rules_between_settings() {
        let request = |size: &str| LoadRequest {
            dir: "no-such-folder".into(),
            sets: sets(&[size, "agent.gamma={0.9,0.99}"]),
            ..LoadRequest::default()
        };
        let loaded = load_each(&request("agent.minibatch_size={1024,4096}")).unwrap();
        assert_eq!(loaded.len(), 4);
        assert_eq!(loaded[3].1.config.agent.minibatch_size, 4_096);
        let problems = load_each(&request("agent.minibatch_size={4096,32768}")).unwrap_err();
        assert_eq!(problems.iter().count(), 1, "{problems}");
        assert!(problems.to_string().contains("32768"), "{problems}");
    }
}
