//! Market data: from the files people have to bars that can be trusted, and the windows cut from
//! them.
//!
//! Owns reading (CSV, Parquet), checking, named repairs, the store of Parquet files with their
//! manifests, time splits, and the memory-mapped cache of feature matrices. It is the only crate
//! that names polars. It never repairs anything that was not asked for, and never guesses where two
//! readings are possible: it says so and stops. Start at [`import()`].

pub mod repair;
pub mod spec;

mod error;
mod fault;
mod import;
mod report;

mod bars_file;
mod basis;
mod civil;
mod columns;
mod csv;
mod header;
mod headerless;
mod instant;
mod layout;
mod lines;
mod number;
mod parquet;
mod source;
mod symbol;

mod envelope;
mod findings;
mod grid;
mod marks;
mod order;
mod table;

mod cache;
mod manifest;
mod mapped;
mod split;
mod store;

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod property;
#[cfg(test)]
mod tests;

pub use cache::{Matrix, MatrixCache, Origin};
pub use error::{DataError, Doing};
pub use fault::Fault;
pub use import::{Progress, Stage, check, import};
pub use manifest::{
    Coverage, FlagCounts, Gap, MANIFEST_FORMAT, Manifest, PriceKind, Repair, Source,
};
pub use mapped::MappedMatrix;
pub use report::{CheckReport, ImportReport};
pub use spec::{Detect, ImportSpec, RepairPolicy};
pub use split::{Cut, Fold, Split, SplitSpec, Window, walk_forward};
pub use store::{Store, StoreEntry, quiet};
