//! What is known of one setting: its kind, range, unit, default and what a person is told of it.
//!
//! Owns the vocabulary of the registry; the rows themselves are in [`crate::keys`], and whether a
//! value fits is decided in [`crate::admit`]. Start at [`Key`].

use crate::{
    declare::Shape,
    value::{Value, plain},
};
use domain::Text;
use std::fmt;

/// One setting. Declared once; help, validation, forms, schema and documents derive from it.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// `section.name`, e.g. `agent.clip_range`.
    pub path: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// Unit of its numbers; both wordings are empty where there is none.
    pub unit: Text,
    /// Where its numbers must lie; of a list, every member.
    pub range: Range,
    /// Whether steps multiply: the step is then a factor above one.
    pub log_scale: bool,
    /// How far one key press moves a number: added, or multiplied on a log scale.
    pub step: f64,
    /// Where values that work usually lie, both ends included.
    pub typical: Option<(f64, f64)>,
    /// Whether a running job takes a new value over.
    pub apply: Apply,
    /// Short name.
    pub label: Text,
    /// What it is, in a sentence or two.
    pub help: Text,
    /// What moving a number does; every single number has it.
    pub effect: Option<Effect>,
    built_in: fn() -> Value,
}

impl Key {
    /// Returns the built-in default.
    #[must_use]
    pub fn default_value(&self) -> Value {
        (self.built_in)()
    }

    /// Returns the part of the path before the dot.
    #[must_use]
    pub fn section(&self) -> &'static str {
        self.path.split_once('.').map_or("", |(section, _)| section)
    }

    /// Returns the part of the path after the dot.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.path
            .split_once('.')
            .map_or(self.path, |(_, name)| name)
    }

    /// Returns the environment variable that sets it, e.g. `MAKOOK_AGENT__CLIP_RANGE`.
    #[must_use]
    pub fn env_name(&self) -> String {
        let (section, name) = (self.section(), self.name());
        format!("MAKOOK_{section}__{name}").to_ascii_uppercase()
    }

    pub(crate) const fn declare(
        path: &'static str,
        shape: Shape,
        built_in: fn() -> Value,
        [label, help]: [Text; 2],
        effect: Option<Effect>,
    ) -> Self {
        Self {
            path,
            kind: shape.kind,
            unit: shape.unit,
            range: shape.range,
            log_scale: shape.log_scale,
            step: shape.step,
            typical: shape.typical,
            apply: shape.apply,
            label,
            help,
            effect,
            built_in,
        }
    }
}

/// What raising and lowering a number does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// What a higher value does.
    pub raising: Text,
    /// What a lower value does.
    pub lowering: Text,
}

/// What values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A single value.
    One(Scalar),
    /// A list of values.
    List {
        /// What each member is.
        of: Scalar,
        /// Fewest members.
        at_least: usize,
        /// Whether members may repeat.
        repeats: Repeats,
    },
}

/// Whether a list may hold the same member twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// It may.
    Allowed,
    /// It may not.
    Refused,
}

/// What a single value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A finite real number.
    Float,
    /// A text.
    Text(TextRule),
    /// One of a fixed set of names.
    Choice(&'static [Choice]),
}

/// What a text must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextRule {
    /// Anything, also nothing.
    Free,
    /// At least one character that is not blank.
    Filled,
    /// One line that is not blank, in any script.
    Title,
    /// Letters, digits, `-`, `_` and `.`; it becomes part of a file name. May be empty.
    Slug,
    /// A bar length such as `15m` or `1h`.
    Timeframe,
    /// A day such as `2021-01-31`, or nothing.
    Date,
}

/// One name of a choice and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// As written in a file.
    pub name: &'static str,
    /// What choosing it means.
    pub help: Text,
}

/// Whether a running job takes a new value over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apply {
    /// Only the next run sees it.
    Restart,
    /// A running job takes it over between two updates.
    Live,
}

/// Where a number must lie.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Range {
    /// Lower limit.
    pub min: Option<Limit>,
    /// Upper limit.
    pub max: Option<Limit>,
}

/// One end of a [`Range`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// The number.
    pub at: f64,
    /// Whether the number itself lies outside.
    pub exclusive: bool,
}

impl Range {
    /// Returns whether `number` lies inside; a NaN never does.
    #[must_use]
    pub fn contains(&self, number: f64) -> bool {
        let above = self
            .min
            .is_none_or(|limit| number > limit.at || (!limit.exclusive && number >= limit.at));
        let below = self
            .max
            .is_none_or(|limit| number < limit.at || (!limit.exclusive && number <= limit.at));
        above && below && !number.is_nan()
    }
}

impl fmt::Display for Range {
    /// Formats as `(0, 1)`, `[1, 64]`, `[0, ∞)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.min {
            None => f.write_str("(-∞")?,
            Some(Limit {
                at,
                exclusive: true,
            }) => write!(f, "({}", plain(at))?,
            Some(Limit { at, .. }) => write!(f, "[{}", plain(at))?,
        }
        match self.max {
            None => f.write_str(", ∞)"),
            Some(Limit {
                at,
                exclusive: true,
            }) => write!(f, ", {})", plain(at)),
            Some(Limit { at, .. }) => write!(f, ", {}]", plain(at)),
        }
    }
}

/// A group of settings.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// As written in a file: `[agent]`.
    pub name: &'static str,
    /// Short name.
    pub label: Text,
    /// Its settings, in reading order.
    pub keys: &'static [Key],
}
