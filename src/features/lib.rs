//! Turns candles into the matrix that an agent observes.
//!
//! Owns the feature spec a user writes, all of TA-Lib under its own names, the transforms that make
//! a column free of scale, the scalers, and the proof that no row knows the future. Never reads a
//! file and never sees a market. Batch and streaming give the same bits.
//!
//! Start at [`FeatureSet`], then [`compute`] and [`FeatureStream`]; [`prove`] holds both to account.

mod batch;
mod calendar;
mod catalogue;
mod default_set;
mod error;
mod evaluate;
mod grammar;
mod leak;
mod lookup;
mod matrix;
mod mutation;
mod normal;
mod registry;
mod rolling;
mod scaler;
mod set;
mod source;
mod source_stream;
mod spec;
mod stream;
mod transform;

pub use batch::compute;
pub use catalogue::{
    Domain, Function, InputSlot, Output, Parameter, catalogue, function, group_title,
};
pub use default_set::{DEFAULT_SET, DefaultFeature, Theme, default_specs};
pub use error::FeatureError;
pub use evaluate::{Series, series};
pub use leak::{Leak, LeakReport, Probes, prove};
pub use matrix::Matrix;
pub use mutation::Mutation;
pub use scaler::{ColumnScale, Scaler, ScalerKind, ScalerSpec};
pub use set::{CODE_VERSION, Column, FeatureSet, SpecProblem, bars_hash};
pub use stream::{Bar, FeatureStream};
pub use transform::{TRANSFORMS, TransformInfo};
