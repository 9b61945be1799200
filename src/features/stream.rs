//! The same rows as the batch form, one bar at a time.
//!
//! Rows equal the matrix bit for bit when both start at the same first bar: recursive indicators
//! (EMA, RSI, SAR, OBV, …) remember where they began. Nothing is recomputed over windows: every
//! TA-Lib function has a stream of its own. Start at [`FeatureStream`].

use crate::{
    error::FeatureError,
    evaluate::usable,
    registry::Outputs,
    set::FeatureSet,
    source::{BAR_COLUMNS, Source},
    source_stream::SourceStream,
    transform::Stage,
};
use domain::{BarsView, Nanos, Timeframe};
use std::collections::BTreeMap;

/// One closed candle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Open time.
    pub open_time: Nanos,
    /// First traded price.
    pub open: f64,
    /// Highest traded price.
    pub high: f64,
    /// Lowest traded price.
    pub low: f64,
    /// Last traded price.
    pub close: f64,
    /// Traded amount in base units.
    pub volume: f64,
}

impl Bar {
    /// Returns bar `index` of `bars`. `index` lies within `0..bars.len()`.
    #[must_use]
    pub fn of(bars: BarsView<'_>, index: usize) -> Self {
        Self {
            open_time: bars.open_time[index],
            open: bars.open[index],
            high: bars.high[index],
            low: bars.low[index],
            close: bars.close[index],
            volume: bars.volume[index],
        }
    }

    pub(crate) fn columns(&self) -> [f64; 5] {
        [self.open, self.high, self.low, self.close, self.volume]
    }
}

/// A feature set that is fed bar by bar.
#[derive(Debug)]
pub struct FeatureStream {
    /// One a distinct call: sources, then operands of transforms.
    nodes: Vec<SourceStream>,
    latest: Vec<Option<Outputs>>,
    columns: Vec<ColumnStream>,
    row: Vec<f32>,
    seen: usize,
    warmup: usize,
}

#[derive(Debug)]
struct ColumnStream {
    name: String,
    node: usize,
    output: usize,
    stages: Vec<(Stage, Option<usize>)>,
}

impl FeatureStream {
    /// Starts before the first bar of bars of `timeframe`.
    ///
    /// # Errors
    /// [`FeatureError::TaLib`] where TA-Lib refuses a combination of parameters.
    pub fn new(set: &FeatureSet, timeframe: Timeframe) -> Result<Self, FeatureError> {
        let mut nodes = Nodes {
            timeframe,
            places: BTreeMap::new(),
            streams: Vec::new(),
        };
        let mut columns = Vec::with_capacity(set.columns().len());
        for (feature, column) in set.features().iter().zip(set.columns()) {
            let stages = feature
                .transforms
                .iter()
                .map(|transform| {
                    let operand = transform.operand();
                    let node = operand.map(|source| nodes.place(&source)).transpose()?;
                    Ok((transform.stage(), node))
                })
                .collect::<Result<_, FeatureError>>()?;
            columns.push(ColumnStream {
                name: column.name.clone(),
                node: nodes.place(&feature.source)?,
                output: feature.source.output(),
                stages,
            });
        }
        Ok(Self {
            latest: vec![None; nodes.streams.len()],
            nodes: nodes.streams,
            row: vec![0.0; columns.len()],
            columns,
            seen: 0,
            warmup: set.warmup(),
        })
    }

    /// Takes the next closed bar; returns its row, `None` during the warm-up.
    ///
    /// A refused bar leaves the stream unusable: values may have advanced for some columns.
    ///
    /// # Errors
    /// [`FeatureError::BadBar`] (the stream then has not moved), [`FeatureError::NotFinite`].
    pub fn push(&mut self, bar: &Bar) -> Result<Option<&[f32]>, FeatureError> {
        self.check(bar)?;
        for (node, latest) in self.nodes.iter_mut().zip(&mut self.latest) {
            *latest = node.push(bar)?;
        }
        for (column, cell) in self.columns.iter_mut().zip(&mut self.row) {
            let Some(value) = column.push(bar.close, &self.latest) else {
                continue;
            };
            *cell = value as f32;
            if !cell.is_finite() {
                let (column, row) = (column.name.clone(), self.seen);
                return Err(FeatureError::NotFinite { column, row, value });
            }
        }
        self.seen += 1;
        Ok((self.seen > self.warmup).then_some(self.row.as_slice()))
    }

    /// Returns the number of bars taken.
    #[must_use]
    pub fn bars_seen(&self) -> usize {
        self.seen
    }

    fn check(&self, bar: &Bar) -> Result<(), FeatureError> {
        for (index, value) in bar.columns().into_iter().enumerate() {
            if !usable(index, value) {
                return Err(FeatureError::BadBar {
                    row: self.seen,
                    field: BAR_COLUMNS[index],
                    value,
                });
            }
        }
        Ok(())
    }
}

impl ColumnStream {
    fn push(&mut self, close: f64, latest: &[Option<Outputs>]) -> Option<f64> {
        let mut value = latest[self.node]?[self.output];
        for (stage, operand) in &mut self.stages {
            let divisor = match operand {
                Some(node) => latest[*node]?[0],
                None => close,
            };
            value = stage.push(value, close, divisor)?;
        }
        Some(value)
    }
}

/// Streams by the text of their call, so that a call shared by columns runs once.
struct Nodes {
    timeframe: Timeframe,
    places: BTreeMap<String, usize>,
    streams: Vec<SourceStream>,
}

impl Nodes {
    fn place(&mut self, source: &Source) -> Result<usize, FeatureError> {
        let key = match source {
            Source::Indicator(indicator) => indicator.call_text(),
            other => other.to_string(),
        };
        if let Some(place) = self.places.get(&key) {
            return Ok(*place);
        }
        self.streams
            .push(SourceStream::new(source, self.timeframe)?);
        self.places.insert(key, self.streams.len() - 1);
        Ok(self.streams.len() - 1)
    }
}
