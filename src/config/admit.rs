//! Decides whether a value fits a key, and says what is wrong if it does not.
//!
//! Owns every rule on a single value: kind, finiteness, range, choice, length. Rules between
//! settings are in [`crate::contradictions`]. Start at [`Key::admit`].

use crate::{
    key::{Choice, Key, Kind, Limit, Range, Repeats, Scalar, TextRule},
    suggest,
    value::{Value, plain},
};
use domain::{Phrase, Timeframe, phrase};

/// Largest whole number that a float holds exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Why a value was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong, with the offending value.
    pub message: Phrase,
    /// What to do next.
    pub hint: Phrase,
}

impl Key {
    /// Reads what a person typed (`0.2`, `1e6`, `long`, `64,64`, `[64, 64]`) as this key's value.
    ///
    /// # Errors
    /// The same wording as loading a file gives.
    pub fn parse(&self, typed: &str) -> Result<Value, Refusal> {
        self.admit(self.read(typed))
    }

    /// Reads `typed` as leniently as the key's kind allows, without judging it.
    pub(crate) fn read(&self, typed: &str) -> Value {
        match self.kind {
            Kind::One(scalar) => read_scalar(scalar, typed),
            Kind::List { of, .. } => read_list(of, typed),
        }
    }

    /// Returns `value` in the key's own kind (a whole float where an integer is due becomes one).
    ///
    /// # Errors
    /// What is wrong with it and what to do.
    pub(crate) fn admit(&self, value: Value) -> Result<Value, Refusal> {
        match self.kind {
            Kind::One(scalar) => self
                .admit_scalar(scalar, value.clone())
                .map_err(|what| self.object(&value, what)),
            Kind::List {
                of,
                at_least,
                repeats,
            } => {
                let Value::List(items) = value else {
                    return Err(self.object(&value, self.expected()));
                };
                self.admit_list(of, items, at_least, repeats)
            }
        }
    }

    fn admit_list(
        &self,
        of: Scalar,
        items: Vec<Value>,
        at_least: usize,
        repeats: Repeats,
    ) -> Result<Value, Refusal> {
        let whole = Value::List(items.clone());
        if items.len() < at_least {
            let what = phrase!(
                "must have at least {at_least} member(s)",
                "항목이 {at_least}개 이상 있어야 합니다",
            );
            return Err(self.object(&whole, what));
        }
        let mut admitted: Vec<Value> = Vec::with_capacity(items.len());
        for item in items {
            let member = self.admit_scalar(of, item.clone()).map_err(|what| {
                let what = Phrase {
                    en: format!("has the member {item}, which {}", what.en),
                    ko: format!("항목 {item}: {}", what.ko),
                };
                self.object(&whole, what)
            })?;
            if repeats == Repeats::Refused && admitted.contains(&member) {
                let what = phrase!("names {member} twice", "{member} 항목이 두 번 나옵니다");
                return Err(self.object(&whole, what));
            }
            admitted.push(member);
        }
        Ok(Value::List(admitted))
    }

    fn admit_scalar(&self, scalar: Scalar, value: Value) -> Result<Value, Phrase> {
        match (scalar, value) {
            (Scalar::Bool, Value::Bool(bool)) => Ok(Value::Bool(bool)),
            (Scalar::Int, Value::Int(int)) => {
                in_range(&self.range, int as f64).map(|()| Value::Int(int))
            }
            (Scalar::Int, Value::Float(float)) if float.is_finite() => whole(&self.range, float),
            (Scalar::Float, Value::Int(int)) => {
                in_range(&self.range, int as f64).map(|()| Value::Float(int as f64))
            }
            (Scalar::Float, Value::Float(float)) if float.is_finite() => {
                in_range(&self.range, float).map(|()| Value::Float(float))
            }
            (Scalar::Int | Scalar::Float, Value::Float(_)) => {
                Err(phrase!("must be a finite number", "유한한 수여야 합니다"))
            }
            (Scalar::Text(rule), Value::Text(text)) => {
                fits(rule, &text).map(|()| Value::Text(text))
            }
            (Scalar::Choice(choices), Value::Text(text)) => {
                chosen(choices, &text).map(|()| Value::Text(text))
            }
            (scalar, _) => Err(expected_scalar(scalar)),
        }
    }

    fn expected(&self) -> Phrase {
        match self.kind {
            Kind::One(scalar) => expected_scalar(scalar),
            Kind::List { .. } => phrase!("must be a list", "목록이어야 합니다"),
        }
    }

    /// Words an objection to a value that is not even a value, such as a table.
    pub(crate) fn object_to_table(&self) -> Refusal {
        let (path, Phrase { en, ko }) = (self.path, self.expected());
        Refusal {
            message: phrase!(
                "{path} {en}, not a table",
                "{path}: 표가 아니라 값이 와야 합니다. {ko}"
            ),
            hint: self.hint(None),
        }
    }

    fn object(&self, value: &Value, what: Phrase) -> Refusal {
        let (path, Phrase { en, ko }) = (self.path, what);
        Refusal {
            message: phrase!("{path} = {value} {en}", "{path} = {value}: {ko}"),
            hint: self.hint(Some(value)),
        }
    }

    fn hint(&self, value: Option<&Value>) -> Phrase {
        let path = self.path;
        if let (Kind::One(Scalar::Choice(choices)), Some(Value::Text(text))) = (self.kind, value) {
            let names = choices.iter().map(|choice| choice.name);
            if let Some(meant) = suggest::nearest(text, names) {
                return phrase!(
                    "did you mean {meant:?}? see makook config explain {path}",
                    "{meant:?}을(를) 뜻하셨나요? makook config explain {path} 참고",
                );
            }
        }
        match self.typical {
            Some((low, high)) => {
                let (low, high) = (plain(low), plain(high));
                phrase!(
                    "typical values are {low} to {high}; see makook config explain {path}",
                    "보통 {low}에서 {high} 사이입니다. makook config explain {path} 참고",
                )
            }
            None => phrase!(
                "see makook config explain {path}",
                "makook config explain {path} 참고",
            ),
        }
    }
}

fn in_range(range: &Range, number: f64) -> Result<(), Phrase> {
    if range.contains(number) {
        return Ok(());
    }
    Err(match (range.min, range.max) {
        (Some(Limit { at, exclusive }), None) => {
            let at = plain(at);
            if exclusive {
                phrase!("must be above {at}", "{at}보다 커야 합니다")
            } else {
                phrase!("must be at least {at}", "{at} 이상이어야 합니다")
            }
        }
        (None, Some(Limit { at, exclusive })) => {
            let at = plain(at);
            if exclusive {
                phrase!("must be below {at}", "{at}보다 작아야 합니다")
            } else {
                phrase!("must be at most {at}", "{at} 이하여야 합니다")
            }
        }
        _ => phrase!("must be in {range}", "{range} 안에 있어야 합니다"),
    })
}

/// Takes `1e6` or `128.0` where a whole number is due.
fn whole(range: &Range, float: f64) -> Result<Value, Phrase> {
    in_range(range, float)?;
    if float.fract() != 0.0 {
        return Err(phrase!("must be a whole number", "정수여야 합니다"));
    }
    if float.abs() > EXACT {
        return Err(phrase!("is too large", "너무 큽니다"));
    }
    Ok(Value::Int(float as i64))
}

/// Longer names of a run fit no list.
const LONGEST_TITLE: usize = 120;

fn fits(rule: TextRule, text: &str) -> Result<(), Phrase> {
    match rule {
        TextRule::Free => Ok(()),
        TextRule::Filled if !text.trim().is_empty() => Ok(()),
        TextRule::Filled => Err(phrase!("must not be empty", "비어 있으면 안 됩니다")),
        TextRule::Title
            if text.contains(char::is_control) || text.chars().count() > LONGEST_TITLE =>
        {
            Err(phrase!(
                "must be one line of at most {LONGEST_TITLE} characters",
                "{LONGEST_TITLE}자 이하의 한 줄이어야 합니다"
            ))
        }
        TextRule::Title => fits(TextRule::Filled, text),
        TextRule::Slug if is_slug(text) => Ok(()),
        TextRule::Slug => Err(phrase!(
            "may hold only letters, digits, -, _ and . and must start with a letter or digit",
            "글자, 숫자, -, _, .만 쓸 수 있고 글자나 숫자로 시작해야 합니다",
        )),
        TextRule::Timeframe => text.parse::<Timeframe>().map(|_| ()).map_err(|_| {
            phrase!(
                "is not a bar length such as 1m, 15m, 1h, 4h, 1d or 1w",
                "1m, 15m, 1h, 4h, 1d, 1w 같은 봉 길이가 아닙니다",
            )
        }),
        TextRule::Date if text.is_empty() || is_date(text) => Ok(()),
        TextRule::Date => Err(phrase!(
            "is not a day such as 2021-01-31",
            "2021-01-31 같은 날짜가 아닙니다",
        )),
    }
}

fn is_slug(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_alphanumeric)
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text
            .parse::<toml_edit::Datetime>()
            .is_ok_and(|day| day.date.is_some())
}

fn chosen(choices: &[Choice], text: &str) -> Result<(), Phrase> {
    if choices.iter().any(|choice| choice.name == text) {
        return Ok(());
    }
    let names: Vec<&str> = choices.iter().map(|choice| choice.name).collect();
    let names = names.join(", ");
    Err(phrase!(
        "must be one of {names}",
        "{names} 가운데 하나여야 합니다"
    ))
}

fn expected_scalar(scalar: Scalar) -> Phrase {
    match scalar {
        Scalar::Bool => phrase!("must be true or false", "true 또는 false여야 합니다"),
        Scalar::Int => phrase!("must be a whole number", "정수여야 합니다"),
        Scalar::Float => phrase!("must be a number", "수여야 합니다"),
        Scalar::Text(_) => phrase!("must be a text in quotes", "따옴표로 묶은 글이어야 합니다"),
        Scalar::Choice(choices) => match chosen(choices, "") {
            Ok(()) => phrase!("must be a text in quotes", "따옴표로 묶은 글이어야 합니다"),
            Err(names) => names,
        },
    }
}

fn read_scalar(scalar: Scalar, typed: &str) -> Value {
    let typed = typed.trim();
    let quoted = typed.starts_with(['"', '\'']);
    match scalar {
        Scalar::Text(_) | Scalar::Choice(_) if !quoted => Value::Text(typed.to_owned()),
        _ => crate::layer::parse_value(typed).unwrap_or_else(|| Value::Text(typed.to_owned())),
    }
}

fn read_list(of: Scalar, typed: &str) -> Value {
    let typed = typed.trim();
    if let Some(list @ Value::List(_)) = crate::layer::parse_value(typed) {
        return list;
    }
    let inner = typed
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let members = split_outside_brackets(inner.unwrap_or(typed));
    Value::List(
        members
            .into_iter()
            .map(|member| read_scalar(of, member))
            .collect(),
    )
}

/// Splits `RSI(14), MACD(12, 26)` at the commas that are not within brackets.
fn split_outside_brackets(text: &str) -> Vec<&str> {
    let mut members = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                members.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    members.push(&text[start..]);
    members.retain(|member| !member.trim().is_empty());
    members
}
