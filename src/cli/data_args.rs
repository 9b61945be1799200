//! The flags of `makook data …`.

use super::args::JsonArgs;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `makook data …`; the worker does the work.
#[derive(Debug, Subcommand)]
pub enum DataVerb {
    /// Read a CSV or Parquet file into the store, with every fault reported.
    Import(ImportArgs),
    /// List the data sets.
    List(JsonArgs),
    /// Describe one data set: range, gaps, flags, origin.
    Describe(SetArgs),
    /// Check a stored data set against its manifest again.
    Validate(SetArgs),
}

/// `makook data import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// CSV (also gzip) or Parquet file.
    pub source: PathBuf,
    /// Name in the store (default: the file's name).
    #[arg(long)]
    pub name: Option<String>,
    /// Symbol; needed where the file holds several.
    #[arg(long)]
    pub symbol: Option<String>,
    /// Bar length such as 1h (default: found from the data).
    #[arg(long)]
    pub timeframe: Option<String>,
    /// Order of day, month and year in dates such as 01/02/2024 (default: found from the data).
    #[arg(long, value_parser = ["ymd", "dmy", "mdy"])]
    pub date_order: Option<String>,
    /// Unit of numeric times since 1970 (default: found from their size).
    #[arg(long, value_parser = ["s", "ms", "us", "ns"])]
    pub epoch: Option<String>,
    /// Name a repair, e.g. duplicates=keep_last, unordered=sort, bad_rows=drop (repeatable).
    #[arg(long, value_name = "FAULT=POLICY")]
    pub repair: Vec<String>,
    /// Name a column, e.g. time=Date (repeatable).
    #[arg(long, value_name = "COLUMN=HEADER")]
    pub column: Vec<String>,
    /// Replace a data set of that name.
    #[arg(long)]
    pub replace: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// A data set and `--json`.
#[derive(Debug, Args)]
pub struct SetArgs {
    /// Name in the store.
    pub name: String,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
