//! The value of one setting, free of any file format.
//!
//! Owns how a value is written as TOML text; never decides whether a value is allowed
//! ([`crate::Key::admit`] does). Start at [`Value`].

use serde::{Deserialize, Serialize};
use std::fmt;

/// The value of one setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A real number.
    Float(f64),
    /// A text or the name of a choice.
    Text(String),
    /// An ordered list.
    List(Vec<Value>),
}

impl Value {
    /// Returns a number as a float, whichever of the two number kinds it is.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Int(int) => Some(*int as f64),
            Self::Float(float) => Some(*float),
            _ => None,
        }
    }

    /// Returns the text of a text or choice.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the value as a person would type it: TOML, but a text without its quotes.
    #[must_use]
    pub fn bare(&self) -> String {
        match self {
            Self::Text(text) if !text.is_empty() => text.clone(),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Value {
    /// Formats as a TOML value that reads back as the same value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(bool) => write!(f, "{bool}"),
            Self::Int(int) => f.write_str(&grouped(*int)),
            Self::Float(float) => f.write_str(&real(*float)),
            Self::Text(text) => write!(f, "{}", toml_edit::Value::from(text.as_str())),
            Self::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{item}")?;
                }
                f.write_str("]")
            }
        }
    }
}

/// Writes a number for a sentence: `0.2`, `1e-5`, `16_777_216`.
pub(crate) fn plain(number: f64) -> String {
    let is_whole = number.fract() == 0.0 && number.abs() < 1e15;
    if is_whole {
        grouped(number as i64)
    } else if number.abs() < 1e-3 || number.abs() >= 1e15 {
        format!("{number:e}")
    } else {
        number.to_string()
    }
}

/// Writes a float so that TOML reads the same bits, with `nan` and `inf` as TOML spells them.
fn real(float: f64) -> String {
    if float.is_nan() {
        "nan".to_owned()
    } else {
        format!("{float:?}")
    }
}

/// Writes `2000000` as `2_000_000`; numbers of up to four digits stay as they are.
fn grouped(int: i64) -> String {
    let digits = int.unsigned_abs().to_string();
    if digits.len() <= 4 {
        return int.to_string();
    }
    let mut text = String::from(if int < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

impl From<bool> for Value {
    fn from(bool: bool) -> Self {
        Self::Bool(bool)
    }
}

impl From<u64> for Value {
    fn from(int: u64) -> Self {
        Self::Int(i64::try_from(int).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Value {
    fn from(int: usize) -> Self {
        Self::from(int as u64)
    }
}

impl From<f64> for Value {
    fn from(float: f64) -> Self {
        Self::Float(float)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Value::Int(9999), "9999")]
    #[case(Value::Int(10_000), "10_000")]
    #[case(Value::Int(-2_000_000), "-2_000_000")]
    #[case(Value::Float(1.0), "1.0")]
    #[case(Value::Float(1e-5), "1e-5")]
    #[case(Value::Float(0.1), "0.1")]
    #[case(Value::Text("a \"b\"".to_owned()), "'a \"b\"'")]
    #[case(Value::from(vec![64_usize, 64]), "[64, 64]")]
    fn values_are_written_as_toml(#[case] value: Value, #[case] expected: &str) {
        assert_eq!(value.to_string(), expected);
    }
}
