//! A checked list of features: its columns, its warm-up and its identity.
//!
//! Owns the cache key: spec, code version and bars decide it, nothing else. Start at
//! [`FeatureSet::parse`].

use crate::{
    default_set::default_specs,
    error::FeatureError,
    spec::{Feature, resolve},
};
use domain::BarsView;
use std::collections::BTreeSet;

/// Raise this whenever the same spec and bars may give other numbers: cached matrices then expire.
/// The TA-Lib release belongs to it.
pub const CODE_VERSION: &str = "1/ta-lib-0.8.3";

/// What is wrong with one entry of a list of specs.
#[derive(Clone, Debug, PartialEq)]
pub struct SpecProblem {
    /// Index in the list, from 0.
    pub index: usize,
    /// What is wrong.
    pub error: FeatureError,
}

/// One column of the matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Canonical text, every parameter spelled out, e.g. `RSI(14) | unit(0, 100)`.
    pub name: String,
    /// First row with a value.
    pub first: usize,
    /// Limited whatever the market does; may be left unscaled.
    pub bounded: bool,
}

/// A checked, ordered list of features.
#[derive(Clone, Debug)]
pub struct FeatureSet {
    features: Vec<Feature>,
    columns: Vec<Column>,
}

impl FeatureSet {
    /// Reads specs as users write them, e.g. `"RSI(time_period=14) | unit(0, 100)"`.
    ///
    /// # Errors
    /// Every problem of every entry, in order.
    pub fn parse<S: AsRef<str>>(specs: &[S]) -> Result<Self, Vec<SpecProblem>> {
        let mut set = Self {
            features: Vec::new(),
            columns: Vec::new(),
        };
        let mut problems = Vec::new();
        let mut names = BTreeSet::new();
        for (index, spec) in specs.iter().enumerate() {
            let spec = spec.as_ref();
            match resolve(spec).and_then(|features| set.add(spec, features, &mut names)) {
                Ok(()) => {}
                Err(error) => problems.push(SpecProblem { index, error }),
            }
        }
        if specs.is_empty() {
            problems.push(SpecProblem {
                index: 0,
                error: FeatureError::Empty,
            });
        }
        if problems.is_empty() {
            Ok(set)
        } else {
            Err(problems)
        }
    }

    /// Returns the default set: 44 indicators, returns at five lags, time of day and week.
    #[must_use]
    pub fn standard() -> Self {
        Self::parse(&default_specs()).expect("the default set is tested to parse")
    }

    fn add(
        &mut self,
        spec: &str,
        features: Vec<Feature>,
        names: &mut BTreeSet<String>,
    ) -> Result<(), FeatureError> {
        for feature in features {
            let column = Column {
                name: feature.to_string(),
                first: first_row(&feature)?,
                bounded: feature.bounded(),
            };
            if !names.insert(column.name.clone()) {
                return Err(FeatureError::Duplicate {
                    spec: spec.to_owned(),
                    column: column.name,
                });
            }
            self.columns.push(column);
            self.features.push(feature);
        }
        Ok(())
    }

    /// Returns the columns in the order of the matrix.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Returns the first row at which every column has a value; known from the spec alone.
    #[must_use]
    pub fn warmup(&self) -> usize {
        self.columns
            .iter()
            .map(|column| column.first)
            .max()
            .unwrap_or(0)
    }

    /// Returns the name of the column that warms up longest.
    #[must_use]
    pub fn slowest(&self) -> &str {
        let warmup = self.warmup();
        self.columns
            .iter()
            .find(|column| column.first == warmup)
            .map_or("", |c| &c.name)
    }

    /// Returns the key under which the unscaled matrix over bars of this content may be cached.
    #[must_use]
    pub fn cache_key(&self, bars: &blake3::Hash) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for part in
            std::iter::once(CODE_VERSION).chain(self.columns.iter().map(|c| c.name.as_str()))
        {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.update(bars.as_bytes());
        hasher.finalize()
    }

    pub(crate) fn features(&self) -> &[Feature] {
        &self.features
    }
}

/// Returns the hash of everything in `bars` that a feature can read.
#[must_use]
pub fn bars_hash(bars: BarsView<'_>) -> blake3::Hash {
    const CHUNK: usize = 8_192;
    let mut hasher = blake3::Hasher::new();
    hasher.update(&bars.timeframe.nanos().to_le_bytes());
    hasher.update(&(bars.len() as u64).to_le_bytes());
    let mut bytes = Vec::with_capacity(CHUNK * 8);
    let mut feed = |words: &mut dyn Iterator<Item = [u8; 8]>| {
        bytes.clear();
        bytes.extend(words.flatten());
        hasher.update(&bytes);
    };
    for chunk in bars.open_time.chunks(CHUNK) {
        feed(&mut chunk.iter().map(|time| time.0.to_le_bytes()));
    }
    for column in [bars.open, bars.high, bars.low, bars.close, bars.volume] {
        for chunk in column.chunks(CHUNK) {
            feed(&mut chunk.iter().map(|value| value.to_bits().to_le_bytes()));
        }
    }
    hasher.finalize()
}

fn first_row(feature: &Feature) -> Result<usize, FeatureError> {
    feature
        .transforms
        .iter()
        .try_fold(feature.source.first()?, |first, transform| {
            let operand = transform
                .operand()
                .map_or(Ok(0), |operand| operand.first())?;
            Ok(first.max(operand) + transform.delay())
        })
}
