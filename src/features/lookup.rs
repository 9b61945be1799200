//! Finds names and values for the spec resolver, and says what was meant where they are wrong.
//!
//! Owns name matching, ranges and "did you mean"; knows no function or transform. Start at
//! [`Lookup`].

use crate::{
    catalogue::Domain,
    error::FeatureError,
    grammar::{Call, Value},
    source::Number,
};
use domain::{Phrase, Text, phrase};

/// Looks up on behalf of one spec, whose text every error carries.
#[derive(Debug)]
pub struct Lookup<'a> {
    pub spec: &'a str,
}

impl Lookup<'_> {
    pub fn number(
        &self,
        owner: &str,
        parameter: &str,
        domain: &Domain,
        value: &Value,
    ) -> Result<Number, FeatureError> {
        let out_of_range = || FeatureError::Range {
            spec: self.spec.to_owned(),
            owner: owner.to_owned(),
            parameter: parameter.to_owned(),
            value: value.text().to_owned(),
            range: Box::new(domain.words()),
        };
        match (domain, value) {
            (Domain::Integer { min, max, .. }, Value::Number(number, _)) => {
                let inside =
                    number.fract() == 0.0 && (f64::from(*min)..=f64::from(*max)).contains(number);
                inside
                    .then_some(Number::Integer(*number as i32))
                    .ok_or_else(out_of_range)
            }
            (Domain::Real { min, max, .. }, Value::Number(number, _)) => (*min..=*max)
                .contains(number)
                .then_some(Number::Real(*number))
                .ok_or_else(out_of_range),
            (Domain::Choice { values, .. }, Value::Number(number, _)) => values
                .iter()
                .find(|(value, _)| f64::from(*value).total_cmp(number).is_eq())
                .map(|(value, _)| Number::Integer(*value))
                .ok_or_else(out_of_range),
            (Domain::Choice { values, .. }, Value::Call(word)) => values
                .iter()
                .find(|(_, name)| name.eq_ignore_ascii_case(&word.name))
                .map(|(value, _)| Number::Integer(*value))
                .ok_or_else(out_of_range),
            (_, Value::Call(_)) => Err(out_of_range()),
        }
    }

    /// Returns the indices of the outputs that `call` asks for: the named one, or all.
    pub fn outputs(&self, call: &Call, names: &[&str]) -> Result<Vec<usize>, FeatureError> {
        match &call.output {
            None => Ok((0..names.len()).collect()),
            Some(wanted) => match names.iter().position(|name| same(name, wanted)) {
                Some(index) => Ok(vec![index]),
                None if names == [""] => Err(self.call_error(
                    &call.name,
                    phrase!(
                        "has one output; drop `.{wanted}`",
                        "출력이 하나입니다. `.{wanted}`을(를) 지우세요"
                    ),
                )),
                None => Err(self.unknown(
                    Phrase::same(&call.name),
                    Text::new("output", "출력"),
                    wanted,
                    names,
                )),
            },
        }
    }

    pub fn no_arguments(&self, call: &Call) -> Result<(), FeatureError> {
        match call.args.first() {
            None => Ok(()),
            Some(_) => Err(self.call_error(
                &call.name,
                phrase!("takes no parameters", "매개변수가 없습니다"),
            )),
        }
    }

    pub fn set_once<T>(
        &self,
        owner: &str,
        parameter: &str,
        place: &mut Option<T>,
        value: T,
    ) -> Result<(), FeatureError> {
        match place.replace(value) {
            None => Ok(()),
            Some(_) => Err(self.call_error(
                owner,
                phrase!(
                    "{parameter} is given twice",
                    "{parameter}이(가) 두 번 나옵니다"
                ),
            )),
        }
    }

    pub fn unknown(&self, owner: Phrase, kind: Text, name: &str, known: &[&str]) -> FeatureError {
        FeatureError::UnknownName {
            spec: self.spec.to_owned(),
            owner: Box::new(owner),
            kind,
            name: name.to_owned(),
            hint: Box::new(suggestion(name, known)),
        }
    }

    pub fn call_error(&self, owner: &str, what: Phrase) -> FeatureError {
        FeatureError::Call {
            spec: self.spec.to_owned(),
            owner: owner.to_owned(),
            what,
        }
    }
}

/// Compares names without case and underscores, so that `timeperiod` finds `time_period`.
pub fn same(known: &str, written: &str) -> bool {
    plain(known) == plain(written)
}

fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| *c != '_')
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Likeness (Jaro–Winkler) from which a name is worth suggesting.
const ALIKE: f64 = 0.75;

fn suggestion(name: &str, known: &[&str]) -> Phrase {
    let likeness = |candidate: &&str| strsim::jaro_winkler(&plain(candidate), &plain(name));
    let best = known
        .iter()
        .map(|candidate| (likeness(candidate), *candidate))
        .fold(
            (0.0, ""),
            |best, next| if next.0 > best.0 { next } else { best },
        );
    if best.0 >= ALIKE {
        let best = best.1;
        return phrase!("did you mean `{best}`?", "`{best}`을(를) 뜻하셨나요?");
    }
    match known.len() {
        0 => phrase!("it takes none", "하나도 받지 않습니다"),
        1..=16 => {
            let known = known.join(", ");
            phrase!("known: {known}", "있는 것: {known}")
        }
        count => phrase!(
            "nothing similar is among the {count} known names",
            "아는 이름 {count}개 가운데 비슷한 것이 없습니다"
        ),
    }
}
