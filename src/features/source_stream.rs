//! One source, bar by bar.
//!
//! Collects bars until TA-Lib's stream can open, then steps it; gives the bits of the batch form.

use crate::{
    calendar::Calendar,
    catalogue::InputSlot,
    error::FeatureError,
    registry::{Outputs, Step, open},
    rolling::Delay,
    source::{BAR_COLUMNS, CLOSE, CORE, Indicator, Source},
    stream::Bar,
};
use domain::Timeframe;
use std::fmt;

/// A source with what it remembers.
#[derive(Debug)]
pub enum SourceStream {
    Bar(usize),
    Returns(Delay),
    Calendar(Calendar, Timeframe),
    Indicator(Box<IndicatorStream>),
}

impl SourceStream {
    /// Starts before the first bar.
    ///
    /// # Errors
    /// [`FeatureError::TaLib`] where TA-Lib refuses a combination of parameters.
    pub fn new(source: &Source, timeframe: Timeframe) -> Result<Self, FeatureError> {
        Ok(match source {
            Source::Bar(column) => Self::Bar(*column),
            Source::Returns { lag } => Self::Returns(Delay::new(*lag)),
            Source::Calendar(calendar) => Self::Calendar(*calendar, timeframe),
            Source::Indicator(indicator) => {
                Self::Indicator(Box::new(IndicatorStream::new(indicator, timeframe)?))
            }
        })
    }

    /// Takes the next bar; returns every output of the source, `None` while it warms up.
    ///
    /// # Errors
    /// An input of an indicator that is not finite, or TA-Lib's refusal.
    pub fn push(&mut self, bar: &Bar) -> Result<Option<Outputs>, FeatureError> {
        let value = match self {
            Self::Bar(column) => Some(bar.columns()[*column]),
            Self::Returns(delay) => {
                let close = bar.columns()[CLOSE];
                delay.push(close).map(|before| (close / before).ln())
            }
            Self::Calendar(calendar, timeframe) => Some(calendar.value(bar.open_time, *timeframe)),
            Self::Indicator(indicator) => return indicator.push(bar),
        };
        Ok(value.map(|value| [value, 0.0, 0.0, 0.0]))
    }
}

/// A TA-Lib function with its own streams as inputs.
pub struct IndicatorStream {
    indicator: Indicator,
    inputs: Vec<SourceStream>,
    lookback: usize,
    state: State,
    /// The inputs of the current bar, flat: series and bar columns in the order of the slots.
    current: Vec<f64>,
    row: usize,
}

enum State {
    /// What came so far, one series a flat input.
    Collecting(Vec<Vec<f64>>),
    Open(Step),
}

impl IndicatorStream {
    fn new(indicator: &Indicator, timeframe: Timeframe) -> Result<Self, FeatureError> {
        let inputs = indicator
            .inputs
            .iter()
            .map(|input| SourceStream::new(input, timeframe))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            inputs,
            lookback: indicator.lookback()?,
            state: State::Collecting(vec![Vec::new(); flat_width(indicator)]),
            current: Vec::new(),
            indicator: indicator.clone(),
            row: 0,
        })
    }

    fn push(&mut self, bar: &Bar) -> Result<Option<Outputs>, FeatureError> {
        let complete = self.gather(bar)?;
        self.row += 1;
        if !complete {
            return Ok(None);
        }
        match &mut self.state {
            State::Open(step) => step(&self.current)
                .map(Some)
                .map_err(|code| self.indicator.refused(code)),
            State::Collecting(history) => {
                for (series, value) in history.iter_mut().zip(&self.current) {
                    series.push(*value);
                }
                if history
                    .first()
                    .is_none_or(|series| series.len() <= self.lookback)
                {
                    return Ok(None);
                }
                let function = self.indicator.function.id;
                let (step, last) = open(&CORE, function, history, &self.indicator.params)
                    .map_err(|code| self.indicator.refused(code))?;
                self.state = State::Open(step);
                Ok(Some(last))
            }
        }
    }

    /// Fills `current`; returns whether every input has a value.
    fn gather(&mut self, bar: &Bar) -> Result<bool, FeatureError> {
        self.current.clear();
        let columns = bar.columns();
        let mut complete = true;
        let mut inputs = self.inputs.iter_mut().zip(&self.indicator.inputs);
        for slot in &self.indicator.function.inputs {
            match slot {
                InputSlot::Bar(wanted) => {
                    self.current
                        .extend(wanted.iter().map(|index| columns[*index]));
                }
                InputSlot::Series { .. } => {
                    let (stream, source) = inputs.next().expect("one input a series slot");
                    let value = stream.push(bar)?.map(|outputs| outputs[source.output()]);
                    if let Some(value) = value
                        && !value.is_finite()
                    {
                        let (column, row) = (source.to_string(), self.row);
                        return Err(FeatureError::NotFinite { column, row, value });
                    }
                    complete &= value.is_some();
                    self.current.push(value.unwrap_or(0.0));
                }
            }
        }
        Ok(complete)
    }
}

fn flat_width(indicator: &Indicator) -> usize {
    let width = |slot: &InputSlot| match slot {
        InputSlot::Bar(columns) => columns.len().min(BAR_COLUMNS.len()),
        InputSlot::Series { .. } => 1,
    };
    indicator.function.inputs.iter().map(width).sum()
}

impl fmt::Debug for IndicatorStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IndicatorStream")
            .field("call", &self.indicator.call_text())
            .field("open", &matches!(self.state, State::Open(_)))
            .finish_non_exhaustive()
    }
}
