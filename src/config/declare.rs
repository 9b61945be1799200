//! How a row of the registry is written: `section!` and `choice!`, and the builder of a row's
//! measurable half.
//!
//! Owns the grammar of declarations; what a row becomes is in [`crate::key`]. Start at `section!`.

use crate::key::{Apply, Choice, Effect, Kind, Limit, Range, Repeats, Scalar, TextRule};
use domain::Text;

/// The measurable half of a declaration; built in constant context by the rows of the registry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub kind: Kind,
    pub unit: Text,
    pub range: Range,
    pub log_scale: bool,
    pub step: f64,
    pub typical: Option<(f64, f64)>,
    pub apply: Apply,
}

impl Shape {
    const fn of(kind: Kind) -> Self {
        Self {
            kind,
            unit: Text::new("", ""),
            range: Range {
                min: None,
                max: None,
            },
            log_scale: false,
            step: 1.0,
            typical: None,
            apply: Apply::Restart,
        }
    }

    pub const fn bool() -> Self {
        Self::of(Kind::One(Scalar::Bool))
    }

    pub const fn int() -> Self {
        Self::of(Kind::One(Scalar::Int))
    }

    pub const fn float() -> Self {
        Self::of(Kind::One(Scalar::Float)).step(0.01)
    }

    pub const fn text(rule: TextRule) -> Self {
        Self::of(Kind::One(Scalar::Text(rule)))
    }

    pub const fn choice(choices: &'static [Choice]) -> Self {
        Self::of(Kind::One(Scalar::Choice(choices)))
    }

    pub const fn list(of: Scalar, at_least: usize, repeats: Repeats) -> Self {
        Self::of(Kind::List {
            of,
            at_least,
            repeats,
        })
    }

    pub const fn unit(mut self, unit: Text) -> Self {
        self.unit = unit;
        self
    }

    pub const fn at_least(mut self, at: f64) -> Self {
        self.range.min = Some(Limit {
            at,
            exclusive: false,
        });
        self
    }

    pub const fn above(mut self, at: f64) -> Self {
        self.range.min = Some(Limit {
            at,
            exclusive: true,
        });
        self
    }

    pub const fn at_most(mut self, at: f64) -> Self {
        self.range.max = Some(Limit {
            at,
            exclusive: false,
        });
        self
    }

    pub const fn below(mut self, at: f64) -> Self {
        self.range.max = Some(Limit {
            at,
            exclusive: true,
        });
        self
    }

    pub const fn step(mut self, step: f64) -> Self {
        self.step = step;
        self
    }

    /// Steps multiply by `factor`.
    pub const fn log(mut self, factor: f64) -> Self {
        self.log_scale = true;
        self.step = factor;
        self
    }

    pub const fn typical(mut self, low: f64, high: f64) -> Self {
        self.typical = Some((low, high));
        self
    }

    pub const fn live(mut self) -> Self {
        self.apply = Apply::Live;
        self
    }
}

/// The units that the registry's numbers are counted in.
pub(crate) mod unit {
    use domain::Text;

    pub const BARS: Text = Text::new("bars", "봉");
    pub const BPS: Text = Text::new("bps", "bps");
    pub const CHECKPOINTS: Text = Text::new("checkpoints", "개");
    pub const DAYS: Text = Text::new("days", "일");
    pub const ENVS: Text = Text::new("environments", "개 환경");
    pub const FRACTION: Text = Text::new("fraction", "비율");
    pub const GIB: Text = Text::new("GiB", "GiB");
    pub const HOURS: Text = Text::new("h", "시간");
    pub const JOBS: Text = Text::new("jobs", "개");
    pub const MILLISECONDS: Text = Text::new("ms", "ms");
    pub const MONEY: Text = Text::new("quote currency", "결제 통화");
    pub const PASSES: Text = Text::new("passes", "회");
    pub const SAMPLES: Text = Text::new("samples", "표본");
    pub const SECONDS: Text = Text::new("s", "초");
    pub const STEPS: Text = Text::new("steps", "스텝");
    pub const THREADS: Text = Text::new("threads", "스레드");
    pub const TRIALS: Text = Text::new("trials", "회 시도");
    pub const YEARLY: Text = Text::new("a year", "연간");
}

/// Declares a choice: an enum, its names in files, and what each name means.
macro_rules! choice {
    (
        $(#[$meta:meta])*
        $name:ident {
            $( $variant:ident $text:literal: $en:literal / $ko:literal, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[derive(serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $( #[doc = $en] #[serde(rename = $text)] $variant, )*
        }

        impl $name {
            /// Every choice with its name and meaning, in reading order.
            pub const CHOICES: &'static [$crate::key::Choice] = &[
                $( $crate::key::Choice {
                    name: $text,
                    help: domain::Text::new($en, $ko),
                }, )*
            ];

            /// Returns the name as written in a file.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $( Self::$variant => $text, )*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl From<$name> for $crate::value::Value {
            fn from(choice: $name) -> Self {
                Self::Text(choice.name().to_owned())
            }
        }
    };
}
pub(crate) use choice;

/// Declares a section: the typed struct, its defaults, and its rows of the registry.
macro_rules! section {
    (
        $(#[$meta:meta])*
        $name:ident $section:literal: $title:literal / $title_ko:literal {
            $(
                $field:ident: $type:ty = $default:expr => $shape:expr, {
                    label: $label:literal / $label_ko:literal,
                    help: $help:literal / $help_ko:literal,
                    $(
                        raising: $raising:literal / $raising_ko:literal,
                        lowering: $lowering:literal / $lowering_ko:literal,
                    )?
                }
            )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $( #[doc = $help] pub $field: $type, )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: $default, )* }
            }
        }

        impl $name {
            /// The section's rows of the registry.
            pub const SECTION: $crate::key::Section = $crate::key::Section {
                name: $section,
                label: domain::Text::new($title, $title_ko),
                keys: &[$(
                    $crate::key::Key::declare(
                        concat!($section, ".", stringify!($field)),
                        $shape,
                        || {
                            let value: $type = $default;
                            $crate::value::Value::from(value)
                        },
                        [
                            domain::Text::new($label, $label_ko),
                            domain::Text::new($help, $help_ko),
                        ],
                        $crate::declare::effect(&[$(
                            domain::Text::new($raising, $raising_ko),
                            domain::Text::new($lowering, $lowering_ko),
                        )?]),
                    ),
                )*],
            };
        }
    };
}
pub(crate) use section;

/// Returns the effect that a row declares: nothing, or what raising and then lowering does.
pub(crate) const fn effect(declared: &[Text]) -> Option<Effect> {
    match declared {
        [raising, lowering] => Some(Effect {
            raising: *raising,
            lowering: *lowering,
        }),
        _ => None,
    }
}
