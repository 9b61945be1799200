//! Every TA-Lib function with its inputs, parameters, ranges and outputs, under readable names.
//!
//! Owns the translation of TA-Lib's metadata (`optInFastK_Period`) into the names users write
//! (`fast_k_period`); never computes. One table serves parsing, help and forms. Start at
//! [`catalogue`].
//!
//! Defaults are those of `ta-lib` 0.8.3. They equal the C library's 0.8.1 except for `PERCENTILE`
//! (nearest rank in both), whose window is 100 bars here and 30 there.

use domain::{Phrase, Text, phrase};
use serde::Serialize;
use std::sync::OnceLock;
use ta_lib::abstract_api::{
    FuncFlags, FuncId, FuncInfo, Group, InputType, OptInputInfo, OptInputType, OutputType, funcs,
};

/// One TA-Lib function as a user sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Function {
    /// TA-Lib's handle.
    #[serde(skip)]
    pub id: FuncId,
    /// Upper-case name, e.g. `RSI`.
    pub name: &'static str,
    /// TA-Lib's group, e.g. `Momentum Indicators`; see [`group_title`] for both languages.
    pub group: &'static str,
    /// One line from TA-Lib on what it computes (English only, as TA-Lib has it).
    pub hint: &'static str,
    /// What it reads, in call order.
    pub inputs: Vec<InputSlot>,
    /// What can be tuned, in call order; positional arguments follow this order.
    pub parameters: Vec<Parameter>,
    /// What it gives, in call order.
    pub outputs: Vec<Output>,
    /// Values depend on the first bar for ever (OBV, SAR, …): take differences of the unbounded ones.
    pub path_dependent: bool,
    /// Ordinary input can give NaN or an infinity (`ACOS` of 2, `LN` of 0).
    pub may_be_undefined: bool,
}

/// One input of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InputSlot {
    /// Fixed columns of the bar, as indices of open, high, low, close, volume.
    Bar(Vec<usize>),
    /// Any series, chosen by `name = …`.
    Series {
        /// Argument name: `input`, `input0`, `input1`, `periods`.
        name: String,
        /// Column used when the argument is left out; `None` where it must be given.
        default: Option<&'static str>,
    },
}

/// One tunable parameter.
#[derive(Clone, Debug, Serialize)]
pub struct Parameter {
    /// Name as written in a spec, e.g. `time_period`. `timeperiod` is read as the same.
    pub name: String,
    /// TA-Lib's label, e.g. `Time Period`.
    pub label: &'static str,
    /// TA-Lib's line on what it does.
    pub hint: &'static str,
    /// What values it takes.
    pub domain: Domain,
}

/// The values a parameter takes.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Domain {
    /// Whole numbers `min..=max`.
    Integer {
        /// Smallest value.
        min: i32,
        /// Largest value.
        max: i32,
        /// Value when left out.
        default: i32,
        /// A sweep worth trying: start, end, step.
        suggested: (i32, i32, i32),
    },
    /// Real numbers `min..=max`.
    Real {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
        /// Value when left out.
        default: f64,
        /// A sweep worth trying: start, end, step.
        suggested: (f64, f64, f64),
    },
    /// One of a list, by name or number.
    Choice {
        /// Number and name of each.
        values: Vec<(i32, &'static str)>,
        /// Number used when left out.
        default: i32,
    },
}

/// TA-Lib writes "no bound" as ±3e37.
const UNBOUNDED: f64 = 3e37;

impl Domain {
    /// Returns the range and the default in words, e.g. `an integer in 2..=100000 (default 14)`.
    #[must_use]
    pub fn words(&self) -> Phrase {
        match self {
            Self::Integer {
                min, max, default, ..
            } => phrase!(
                "an integer in {min}..={max} (default {default})",
                "{min}..={max} 정수(기본값 {default})"
            ),
            Self::Real {
                min, max, default, ..
            } => match (*min <= -UNBOUNDED, *max >= UNBOUNDED) {
                (true, true) => phrase!("a number (default {default})", "수(기본값 {default})"),
                (false, true) => phrase!(
                    "a number of at least {min} (default {default})",
                    "{min} 이상의 수(기본값 {default})"
                ),
                _ => phrase!(
                    "a number in {min}..={max} (default {default})",
                    "{min}..={max}의 수(기본값 {default})"
                ),
            },
            Self::Choice { values, default } => {
                let names: Vec<&str> = values.iter().map(|(_, name)| *name).collect();
                let default = values.iter().find(|(number, _)| number == default);
                let (names, default) = (names.join(", "), default.map_or("", |(_, name)| name));
                phrase!(
                    "one of {names} (default {default})",
                    "{names} 가운데 하나(기본값 {default})"
                )
            }
        }
    }
}

/// One output of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Output {
    /// Name as written after the dot, e.g. `macd_hist`; empty where there is only one.
    pub name: String,
    /// Whole-numbered (candlestick patterns, trend signs, indices).
    pub integer: bool,
}

/// Returns every function, ordered by name.
#[must_use]
pub fn catalogue() -> &'static [Function] {
    static CATALOGUE: OnceLock<Vec<Function>> = OnceLock::new();
    CATALOGUE.get_or_init(|| funcs().map(translate).collect())
}

/// Returns the function called `name`, in any case.
#[must_use]
pub fn function(name: &str) -> Option<&'static Function> {
    catalogue()
        .iter()
        .find(|function| function.name.eq_ignore_ascii_case(name))
}

/// Returns a group's title in both languages; TA-Lib's own where we have none.
#[must_use]
pub fn group_title(group: &'static str) -> Text {
    match group {
        "Cycle Indicators" => Text::new("Cycle", "주기"),
        "Math Operators" => Text::new("Math operators", "수학 연산"),
        "Math Transform" => Text::new("Math transforms", "수학 변환"),
        "Momentum Indicators" => Text::new("Momentum", "모멘텀"),
        "Overlap Studies" => Text::new("Trend and overlays", "추세·오버레이"),
        "Pattern Recognition" => Text::new("Candlestick patterns", "캔들 패턴"),
        "Price Transform" => Text::new("Price transforms", "가격 변환"),
        "Statistic Functions" => Text::new("Statistics", "통계"),
        "Volatility Indicators" => Text::new("Volatility", "변동성"),
        "Volume Indicators" => Text::new("Volume", "거래량"),
        other => Text::new(other, other),
    }
}

fn translate(info: &'static FuncInfo) -> Function {
    let series = info
        .inputs
        .iter()
        .filter(|input| input.kind == InputType::Real)
        .count();
    let inputs = info.inputs.iter().map(|input| match input.kind {
        InputType::Price => InputSlot::Bar(
            (0..5)
                .filter(|bit| input.flags.bits() & (1 << bit) != 0)
                .collect(),
        ),
        InputType::Real | InputType::Integer => {
            let name = snake(input.param_name.trim_start_matches("in")).replace("real", "input");
            let default = default_series(&name, series);
            InputSlot::Series { name, default }
        }
    });
    Function {
        id: info.id,
        name: info.name,
        group: group_of(info.group),
        hint: info.hint,
        inputs: inputs.collect(),
        parameters: info.opt_inputs.iter().map(parameter).collect(),
        outputs: info
            .outputs
            .iter()
            .map(|output| Output {
                name: output_name(output.param_name),
                integer: output.kind == OutputType::Integer,
            })
            .collect(),
        path_dependent: info.flags.contains(FuncFlags::PATH_DEPENDENT),
        may_be_undefined: info.flags.contains(FuncFlags::NAN_INF_OUTPUT),
    }
}

fn group_of(group: Group) -> &'static str {
    group.as_str()
}

/// The columns TA-Lib's own abstract layer assumes: close, or high and low for a pair.
fn default_series(name: &str, series: usize) -> Option<&'static str> {
    match (name, series) {
        ("periods", _) => None,
        ("input0", _) => Some("high"),
        ("input1", _) => Some("low"),
        _ => Some("close"),
    }
}

fn parameter(info: &'static OptInputInfo) -> Parameter {
    let domain = match info.kind {
        OptInputType::IntegerRange {
            min,
            max,
            default,
            suggested,
        } => Domain::Integer {
            min,
            max,
            default,
            suggested,
        },
        OptInputType::RealRange {
            min,
            max,
            default,
            suggested,
            ..
        } => Domain::Real {
            min,
            max,
            default,
            suggested,
        },
        OptInputType::IntegerList { values, default } => Domain::Choice {
            values: values
                .iter()
                .map(|(number, name)| (*number as i32, *name))
                .collect(),
            default: default as i32,
        },
        OptInputType::RealList { values, default } => Domain::Choice {
            values: values
                .iter()
                .map(|(number, name)| (*number as i32, *name))
                .collect(),
            default: default as i32,
        },
    };
    Parameter {
        name: snake(info.param_name.trim_start_matches("optIn")),
        label: info.display_name,
        hint: info.hint,
        domain,
    }
}

fn output_name(param_name: &str) -> String {
    let bare = param_name.trim_start_matches("out");
    let bare = bare
        .strip_prefix("Real")
        .or_else(|| bare.strip_prefix("Integer"))
        .unwrap_or(bare);
    snake(bare)
}

/// Writes TA-Lib's camel case in snake case: `FastK_Period` → `fast_k_period`.
fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (index, &char) in chars.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| chars[before]);
        let after = chars.get(index + 1);
        let starts_word = char.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase))
            });
        if starts_word {
            out.push('_');
        }
        out.push(char.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::collections::BTreeSet;

    #[rstest]
    #[case("TimePeriod", "time_period")]
    #[case("FastK_Period", "fast_k_period")]
    #[case("SlowD_MAType", "slow_d_ma_type")]
    #[case("NbDevUp", "nb_dev_up")]
    #[case("ROC1Period", "roc1_period")]
    #[case("MACDHist", "macd_hist")]
    #[case("SenkouBPeriod", "senkou_b_period")]
    fn camel_case_becomes_snake_case(#[case] camel: &str, #[case] expected: &str) {
        assert_eq!(snake(camel), expected);
    }

    #[test]
    fn every_function_is_listed_with_distinct_names() {
        assert_eq!(catalogue().len(), 237);
        for function in catalogue() {
            let parameters: BTreeSet<_> = function.parameters.iter().map(|p| &p.name).collect();
            assert_eq!(
                parameters.len(),
                function.parameters.len(),
                "{}",
                function.name
            );
            let outputs: BTreeSet<_> = function.outputs.iter().map(|o| &o.name).collect();
            assert_eq!(outputs.len(), function.outputs.len(), "{}", function.name);
            assert!(function.outputs.len() == 1 || !outputs.contains(&String::new()));
            assert_ne!(group_title(function.group).ko, function.group);
        }
    }
}
