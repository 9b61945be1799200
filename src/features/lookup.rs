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
            range: domain.to_string(),
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
                None if names == [""] => {
                    Err(self.call_error(&call.name, &format!("has one output; drop `.{wanted}`")))
                }
                None => Err(self.unknown(&call.name, "output", wanted, names)),
            },
        }
    }

    pub fn no_arguments(&self, call: &Call) -> Result<(), FeatureError> {
        match call.args.first() {
            None => Ok(()),
            Some(_) => Err(self.call_error(&call.name, "takes no parameters")),
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
            Some(_) => Err(self.call_error(owner, &format!("{parameter} is given twice"))),
        }
    }

    pub fn unknown(
        &self,
        owner: &str,
        kind: &'static str,
        name: &str,
        known: &[&str],
    ) -> FeatureError {
        FeatureError::UnknownName {
            spec: self.spec.to_owned(),
            owner: owner.to_owned(),
            kind,
            name: name.to_owned(),
            hint: suggestion(name, known),
        }
    }

    pub fn call_error(&self, owner: &str, what: &str) -> FeatureError {
        FeatureError::Call {
            spec: self.spec.to_owned(),
            owner: owner.to_owned(),
            what: what.to_owned(),
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

fn suggestion(name: &str, known: &[&str]) -> String {
    let likeness = |candidate: &&str| strsim::jaro_winkler(&plain(candidate), &plain(name));
    let best = known
        .iter()
        .map(|candidate| (likeness(candidate), *candidate))
        .fold(
            (0.0, ""),
            |best, next| if next.0 > best.0 { next } else { best },
        );
    if best.0 >= ALIKE {
        return format!("did you mean `{}`?", best.1);
    }
    match known.len() {
        0 => "it takes none".to_owned(),
        1..=16 => format!("known: {}", known.join(", ")),
        count => format!("nothing similar is among the {count} known names"),
    }
}
