//! Gives the names in a feature spec their meaning, with every name and range checked.
//!
//! Owns look-up, defaults and "did you mean"; never computes. Start at [`resolve`].

use crate::{
    calendar::{Axis, Calendar, Cycle},
    catalogue::{Domain, Function, InputSlot, catalogue, function},
    error::FeatureError,
    grammar::{Argument, Call, Value, parse},
    lookup::{Lookup, same},
    source::{BAR_COLUMNS, Indicator, Number, Source},
    transform::{TRANSFORMS, Transform, TransformInfo},
};
use domain::{Phrase, Text, phrase};
use std::fmt;

/// One column: a source and what it goes through.
#[derive(Clone, Debug)]
pub struct Feature {
    pub source: Source,
    pub transforms: Vec<Transform>,
}

impl Feature {
    /// Returns whether the values are limited whatever the market does.
    pub fn bounded(&self) -> bool {
        match self.transforms.last() {
            Some(last) => last.bounds(),
            None => matches!(self.source, Source::Calendar(_)),
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)?;
        self.transforms
            .iter()
            .try_for_each(|transform| write!(f, " | {transform}"))
    }
}

/// The largest lag of `returns`.
const MAX_LAG: i32 = 100_000;

/// Reads one spec into its columns: one, or one an output where several are not chosen from.
///
/// # Errors
/// The first thing wrong with the text.
pub fn resolve(spec: &str) -> Result<Vec<Feature>, FeatureError> {
    let pipeline = parse(spec)?;
    let lookup = Lookup { spec };
    let transforms = pipeline
        .transforms
        .iter()
        .map(|call| lookup.transform(call))
        .collect::<Result<Vec<_>, _>>()?;
    let sources = lookup.sources(&pipeline.source)?;
    Ok(sources
        .into_iter()
        .map(|source| Feature {
            source,
            transforms: transforms.clone(),
        })
        .collect())
}

/// Reads a source alone; it has exactly one output.
///
/// # Errors
/// As [`resolve`], and when transforms follow or several outputs are left open.
pub fn resolve_source(spec: &str) -> Result<Source, FeatureError> {
    let pipeline = parse(spec)?;
    let lookup = Lookup { spec };
    if let Some(transform) = pipeline.transforms.first() {
        return Err(lookup.call_error(
            &transform.name,
            phrase!(
                "a series takes no transforms here",
                "여기의 계열에는 변환을 쓸 수 없습니다"
            ),
        ));
    }
    lookup.single(&pipeline.source)
}

const PARAMETER: Text = Text::new("parameter", "매개변수");

impl Lookup<'_> {
    fn sources(&self, call: &Call) -> Result<Vec<Source>, FeatureError> {
        let name = call.name.as_str();
        if let Some(column) = BAR_COLUMNS.iter().position(|column| *column == name) {
            self.no_arguments(call)?;
            self.outputs(call, &[""])?;
            return Ok(vec![Source::Bar(column)]);
        }
        match name {
            "returns" => {
                self.outputs(call, &[""])?;
                Ok(vec![Source::Returns {
                    lag: self.lag(call)?,
                }])
            }
            "time_of_day" | "day_of_week" => {
                self.no_arguments(call)?;
                let cycle = if name == "time_of_day" {
                    Cycle::Day
                } else {
                    Cycle::Week
                };
                let chosen = self.outputs(call, &["sin", "cos"])?;
                let axes = [Axis::Sin, Axis::Cos];
                Ok(chosen
                    .into_iter()
                    .map(|index| {
                        Source::Calendar(Calendar {
                            cycle,
                            axis: axes[index],
                        })
                    })
                    .collect())
            }
            _ => match function(name) {
                Some(function) => self.indicators(call, function),
                None => Err(self.unknown(
                    phrase!("the catalogue", "목록"),
                    Text::new("feature", "특징"),
                    name,
                    &source_names(),
                )),
            },
        }
    }

    fn single(&self, call: &Call) -> Result<Source, FeatureError> {
        let mut sources = self.sources(call)?;
        match sources.pop() {
            Some(source) if sources.is_empty() => Ok(source),
            last => {
                let names: Vec<String> = sources
                    .iter()
                    .chain(&last)
                    .map(ToString::to_string)
                    .collect();
                let names = names.join(", ");
                let what = phrase!(
                    "has several outputs; choose one of {names}",
                    "출력이 여럿입니다. 하나를 고르세요: {names}"
                );
                Err(self.call_error(&call.name, what))
            }
        }
    }

    fn indicators(
        &self,
        call: &Call,
        function: &'static Function,
    ) -> Result<Vec<Source>, FeatureError> {
        let mut params: Vec<Option<Number>> = vec![None; function.parameters.len()];
        let slots: Vec<(&str, Option<&str>)> = function
            .inputs
            .iter()
            .filter_map(|slot| match slot {
                InputSlot::Series { name, default } => Some((name.as_str(), *default)),
                InputSlot::Bar(_) => None,
            })
            .collect();
        let mut inputs: Vec<Option<Source>> = vec![None; slots.len()];
        for (position, argument) in call.args.iter().enumerate() {
            let named = argument.name.as_deref();
            let input = named.and_then(|name| slots.iter().position(|(slot, _)| same(slot, name)));
            if let (Some(index), Some(name)) = (input, named) {
                let source = match &argument.value {
                    Value::Call(call) => self.single(call)?,
                    Value::Number(..) => {
                        let what = phrase!(
                            "{name} must be a series, e.g. {name}=close",
                            "{name}은(는) 계열이어야 합니다. 예: {name}=close"
                        );
                        return Err(self.call_error(function.name, what));
                    }
                };
                self.set_once(function.name, name, &mut inputs[index], source)?;
                continue;
            }
            let index = self.parameter_index(function, &slots, argument, position)?;
            let parameter = &function.parameters[index];
            let number = self.number(
                function.name,
                &parameter.name,
                &parameter.domain,
                &argument.value,
            )?;
            self.set_once(function.name, &parameter.name, &mut params[index], number)?;
        }
        let params: Vec<Number> = params
            .into_iter()
            .zip(&function.parameters)
            .map(|(given, parameter)| given.unwrap_or_else(|| default_of(&parameter.domain)))
            .collect();
        let inputs = inputs
            .into_iter()
            .zip(&slots)
            .map(|(given, (name, default))| match (given, default) {
                (Some(source), _) => Ok(source),
                (None, Some(column)) => Ok(Source::Bar(
                    BAR_COLUMNS
                        .iter()
                        .position(|c| c == column)
                        .unwrap_or_default(),
                )),
                (None, None) => {
                    let what = phrase!(
                        "needs {name}=…, e.g. {name}=HT_DCPERIOD",
                        "{name}=…이(가) 필요합니다. 예: {name}=HT_DCPERIOD"
                    );
                    Err(self.call_error(function.name, what))
                }
            })
            .collect::<Result<Vec<_>, _>>()?;
        let names: Vec<&str> = function.outputs.iter().map(|o| o.name.as_str()).collect();
        let chosen = self.outputs(call, &names)?;
        let indicator = Indicator {
            function,
            params,
            inputs,
            output: 0,
        };
        indicator.lookback()?;
        Ok(chosen
            .into_iter()
            .map(|output| {
                Source::Indicator(Indicator {
                    output,
                    ..indicator.clone()
                })
            })
            .collect())
    }

    fn parameter_index(
        &self,
        function: &Function,
        slots: &[(&str, Option<&str>)],
        argument: &Argument,
        position: usize,
    ) -> Result<usize, FeatureError> {
        let parameters = &function.parameters;
        match &argument.name {
            Some(name) => parameters
                .iter()
                .position(|p| same(&p.name, name))
                .ok_or_else(|| {
                    let known: Vec<&str> = parameters
                        .iter()
                        .map(|p| p.name.as_str())
                        .chain(slots.iter().map(|(slot, _)| *slot))
                        .collect();
                    self.unknown(Phrase::same(function.name), PARAMETER, name, &known)
                }),
            None if position < parameters.len() => Ok(position),
            None => {
                let (count, value) = (parameters.len(), argument.value.text());
                let what = phrase!(
                    "takes {count} parameters in order; `{value}` is one too many (series are named: input=volume)",
                    "순서대로 매개변수 {count}개를 받습니다. `{value}`은(는) 하나 더 많습니다(계열은 이름을 붙입니다: input=volume)"
                );
                Err(self.call_error(function.name, what))
            }
        }
    }

    fn transform(&self, call: &Call) -> Result<Transform, FeatureError> {
        let Some(info) = TRANSFORMS.iter().find(|info| info.name == call.name) else {
            let names: Vec<&str> = TRANSFORMS.iter().map(|info| info.name).collect();
            return Err(self.unknown(
                phrase!("the list of transforms", "변환 목록"),
                Text::new("transform", "변환"),
                &call.name,
                &names,
            ));
        };
        self.outputs(call, &[""])?;
        let values = self.transform_values(call, info)?;
        let transform = info.build(&values);
        match transform {
            Transform::Unit { low, high } | Transform::Clip { low, high } if low >= high => {
                Err(FeatureError::Range {
                    spec: self.spec.to_owned(),
                    owner: info.name.to_owned(),
                    parameter: "high".to_owned(),
                    value: high.to_string(),
                    range: Box::new(phrase!("greater than low = {low}", "low = {low}보다 큰 수")),
                })
            }
            _ => Ok(transform),
        }
    }

    fn transform_values(
        &self,
        call: &Call,
        info: &TransformInfo,
    ) -> Result<Vec<f64>, FeatureError> {
        let mut values: Vec<Option<f64>> = vec![None; info.parameters.len()];
        for (position, argument) in call.args.iter().enumerate() {
            let index = match &argument.name {
                Some(name) => info
                    .parameters
                    .iter()
                    .position(|p| same(p.name, name))
                    .ok_or_else(|| {
                        let known: Vec<&str> = info.parameters.iter().map(|p| p.name).collect();
                        self.unknown(Phrase::same(info.name), PARAMETER, name, &known)
                    })?,
                None if position < values.len() => position,
                None => {
                    let count = values.len();
                    let what = phrase!("takes {count} parameters", "매개변수 {count}개를 받습니다");
                    return Err(self.call_error(info.name, what));
                }
            };
            let parameter = &info.parameters[index];
            let suggested = (0.0, 0.0, 0.0);
            let (min, max, default) = (parameter.min, parameter.max, parameter.default);
            let domain = if parameter.integer {
                let (min, max, default) = (min as i32, max as i32, default as i32);
                Domain::Integer {
                    min,
                    max,
                    default,
                    suggested: (min, max, 1),
                }
            } else {
                Domain::Real {
                    min,
                    max,
                    default,
                    suggested,
                }
            };
            let value = match self.number(info.name, parameter.name, &domain, &argument.value)? {
                Number::Integer(value) => f64::from(value),
                Number::Real(value) => value,
            };
            self.set_once(info.name, parameter.name, &mut values[index], value)?;
        }
        Ok(values
            .into_iter()
            .zip(info.parameters)
            .map(|(given, parameter)| given.unwrap_or(parameter.default))
            .collect())
    }

    fn lag(&self, call: &Call) -> Result<usize, FeatureError> {
        let domain = Domain::Integer {
            min: 1,
            max: MAX_LAG,
            default: 1,
            suggested: (1, 48, 1),
        };
        match call.args.as_slice() {
            [] => Ok(1),
            [Argument { name, value }] if name.as_deref().is_none_or(|name| name == "lag") => {
                match self.number("returns", "lag", &domain, value)? {
                    Number::Integer(lag) => Ok(lag as usize),
                    Number::Real(_) => Ok(1),
                }
            }
            _ => Err(self.call_error(
                "returns",
                phrase!(
                    "takes one parameter, e.g. returns(lag=1)",
                    "매개변수 하나를 받습니다. 예: returns(lag=1)"
                ),
            )),
        }
    }
}

fn default_of(domain: &Domain) -> Number {
    match domain {
        Domain::Integer { default, .. } | Domain::Choice { default, .. } => {
            Number::Integer(*default)
        }
        Domain::Real { default, .. } => Number::Real(*default),
    }
}

fn source_names() -> Vec<&'static str> {
    let ours = ["returns", "time_of_day", "day_of_week"];
    catalogue()
        .iter()
        .map(|f| f.name)
        .chain(BAR_COLUMNS)
        .chain(ours)
        .collect()
}
