//! Where a column's numbers come from, resolved: names checked, parameters in range.
//!
//! Owns the canonical text of a source (its identity in names and hashes) and its warm-up. Never
//! touches a bar. Start at [`Source`].

use crate::{
    calendar::Calendar,
    catalogue::{Domain, Function, InputSlot},
    error::FeatureError,
};
use std::{fmt, sync::LazyLock};
use ta_lib::{Core, RetCode, abstract_api::ParamHolder};

/// TA-Lib's settings as they come: no unstable period, its own candlestick thresholds.
pub static CORE: LazyLock<Core> = LazyLock::new(Core::new);

/// The names of a bar's columns, in TA-Lib's order.
pub const BAR_COLUMNS: [&str; 5] = ["open", "high", "low", "close", "volume"];

/// Index of the close among [`BAR_COLUMNS`].
pub const CLOSE: usize = 3;
/// Index of the volume among [`BAR_COLUMNS`].
pub const VOLUME: usize = 4;

/// One series of numbers, one a bar.
#[derive(Clone, Debug)]
pub enum Source {
    /// A column of the bar, by index into [`BAR_COLUMNS`].
    Bar(usize),
    /// `ln(close[t] / close[t - lag])`.
    Returns { lag: usize },
    /// The bar's close time on a circle.
    Calendar(Calendar),
    /// One output of a TA-Lib function.
    Indicator(Indicator),
}

/// A TA-Lib function with its parameters and one of its outputs.
#[derive(Clone, Debug)]
pub struct Indicator {
    pub function: &'static Function,
    /// One a parameter, in TA-Lib's order.
    pub params: Vec<Number>,
    /// One a series input, in TA-Lib's order.
    pub inputs: Vec<Source>,
    /// Which output.
    pub output: usize,
}

/// A parameter's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    Integer(i32),
    Real(f64),
}

impl Source {
    /// Returns the first row with a value, counted from the first bar.
    ///
    /// # Errors
    /// [`FeatureError::TaLib`] where TA-Lib refuses a combination of parameters.
    pub fn first(&self) -> Result<usize, FeatureError> {
        match self {
            Self::Bar(_) | Self::Calendar(_) => Ok(0),
            Self::Returns { lag } => Ok(*lag),
            Self::Indicator(indicator) => Ok(indicator.start()? + indicator.lookback()?),
        }
    }

    /// Returns the place of this series among the outputs of its call.
    pub fn output(&self) -> usize {
        match self {
            Self::Indicator(indicator) => indicator.output,
            _ => 0,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bar(column) => f.write_str(BAR_COLUMNS[*column]),
            Self::Returns { lag } => write!(f, "returns({lag})"),
            Self::Calendar(calendar) => calendar.fmt(f),
            Self::Indicator(indicator) => {
                f.write_str(&indicator.call_text())?;
                match indicator.output_name() {
                    "" => Ok(()),
                    name => write!(f, ".{name}"),
                }
            }
        }
    }
}

impl Indicator {
    /// Returns the first row at which every input has a value.
    ///
    /// # Errors
    /// As [`Source::first`].
    pub fn start(&self) -> Result<usize, FeatureError> {
        self.inputs
            .iter()
            .try_fold(0, |start, input| Ok(start.max(input.first()?)))
    }

    /// Returns how many input values pass before the first output.
    ///
    /// # Errors
    /// [`FeatureError::TaLib`] where TA-Lib refuses a combination of parameters.
    pub fn lookback(&self) -> Result<usize, FeatureError> {
        let mut call = self.function.id.new_call(&CORE);
        self.bind(&mut call)
            .and_then(|()| call.lookback())
            .map_err(|code| self.refused(code))
    }

    /// Hands the parameters to a call.
    ///
    /// # Errors
    /// TA-Lib's code; cannot happen for parameters resolved from the same metadata.
    pub fn bind(&self, call: &mut ParamHolder<'_>) -> Result<(), RetCode> {
        for (index, param) in self.params.iter().enumerate() {
            match *param {
                Number::Integer(value) => call.set_opt_input(index, value)?,
                Number::Real(value) => call.set_opt_input(index, value)?,
            };
        }
        Ok(())
    }

    /// Returns the text of the call without the output: equal for columns that share one computation.
    pub fn call_text(&self) -> String {
        let mut args: Vec<String> = self
            .params
            .iter()
            .zip(&self.function.parameters)
            .map(|(value, parameter)| value.text(&parameter.domain))
            .collect();
        let series = self.function.inputs.iter().filter_map(|slot| match slot {
            InputSlot::Series { name, default } => Some((name, default)),
            InputSlot::Bar(_) => None,
        });
        for ((name, default), source) in series.zip(&self.inputs) {
            let text = source.to_string();
            if *default != Some(text.as_str()) {
                args.push(format!("{name}={text}"));
            }
        }
        if args.is_empty() {
            return self.function.name.to_owned();
        }
        format!("{}({})", self.function.name, args.join(", "))
    }

    /// Wraps TA-Lib's code with this call's text.
    pub fn refused(&self, code: RetCode) -> FeatureError {
        FeatureError::TaLib {
            column: self.call_text(),
            code,
        }
    }

    fn output_name(&self) -> &str {
        &self.function.outputs[self.output].name
    }
}

impl Number {
    fn text(self, domain: &Domain) -> String {
        match (self, domain) {
            (Self::Integer(number), Domain::Choice { values, .. }) => values
                .iter()
                .find(|(value, _)| *value == number)
                .map_or_else(|| number.to_string(), |(_, name)| (*name).to_owned()),
            (Self::Integer(number), _) => number.to_string(),
            (Self::Real(number), _) => number.to_string(),
        }
    }
}
