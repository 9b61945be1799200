//! The worker's command line; people use `makook`, which hands on.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Trains, judges and reads market data for makook.
#[derive(Debug, Parser)]
#[command(name = "makook-worker", version = concat!(env!("CARGO_PKG_VERSION"), ", libtorch 2.11.0"), about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Start or continue the job of a run directory.
    Run {
        /// Run directory.
        dir: PathBuf,
    },
    /// Market data.
    #[command(subcommand)]
    Data(DataVerb),
    /// Indicators and the leak prover.
    Features(FeaturesArgs),
    /// Measure which numbers of environments, steps and threads train fastest here.
    Calibrate(CalibrateArgs),
}

/// `calibrate …`.
#[derive(Debug, Args)]
pub struct CalibrateArgs {
    /// Project folder with `configs/` and `data/`.
    #[arg(long, default_value = ".")]
    pub dir: PathBuf,
    /// Experiment file.
    #[arg(long)]
    pub experiment: Option<PathBuf>,
    /// Change a setting (repeatable).
    #[arg(long)]
    pub set: Vec<String>,
    /// Where the result goes, as JSON.
    #[arg(long)]
    pub out: PathBuf,
    /// Seconds that measuring may take.
    #[arg(long, default_value_t = 60)]
    pub budget: u64,
    /// Measure again what the ledger knows.
    #[arg(long)]
    pub fresh: bool,
    /// Language of the progress: en or ko.
    #[arg(long, default_value = "en")]
    pub lang: String,
}

/// Language and form of the output.
#[derive(Debug, Args)]
pub struct OutputArgs {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Language: en or ko.
    #[arg(long, default_value = "en")]
    pub lang: String,
}

/// `data …`.
#[derive(Debug, Subcommand)]
pub enum DataVerb {
    /// Read a file into the store.
    Import(ImportArgs),
    /// List the sets.
    List {
        /// Output.
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Describe one set.
    Describe {
        /// Name in the store.
        name: String,
        /// Output.
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Check one set again.
    Validate {
        /// Name in the store.
        name: String,
        /// Output.
        #[command(flatten)]
        output: OutputArgs,
    },
}

/// `data import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// CSV (also gzip) or Parquet file.
    pub source: PathBuf,
    /// Name in the store.
    #[arg(long)]
    pub name: Option<String>,
    /// Symbol.
    #[arg(long)]
    pub symbol: Option<String>,
    /// Bar length.
    #[arg(long)]
    pub timeframe: Option<String>,
    /// Order of day, month and year.
    #[arg(long, value_parser = ["ymd", "dmy", "mdy"])]
    pub date_order: Option<String>,
    /// Unit of numeric times.
    #[arg(long, value_parser = ["s", "ms", "us", "ns"])]
    pub epoch: Option<String>,
    /// `fault=policy` (repeatable).
    #[arg(long)]
    pub repair: Vec<String>,
    /// `column=header` (repeatable).
    #[arg(long)]
    pub column: Vec<String>,
    /// Replace a set of that name.
    #[arg(long)]
    pub replace: bool,
    /// Print how far it is as JSON lines to standard error.
    #[arg(long)]
    pub progress: bool,
    /// Output.
    #[command(flatten)]
    pub output: OutputArgs,
}

impl DataVerb {
    /// Returns the language that the caller asked for.
    #[must_use]
    pub fn lang(&self) -> domain::Lang {
        let (Self::Import(ImportArgs { output, .. })
        | Self::List { output }
        | Self::Describe { output, .. }
        | Self::Validate { output, .. }) = self;
        domain::Lang::from_locale(&output.lang)
    }
}

/// `features …`.
#[derive(Debug, Args)]
pub struct FeaturesArgs {
    /// Show functions whose name, group or description holds this.
    pub search: Option<String>,
    /// Prove the configured set free of leaks.
    #[arg(long)]
    pub prove: bool,
    /// Change a setting (repeatable).
    #[arg(long)]
    pub set: Vec<String>,
    /// Output.
    #[command(flatten)]
    pub output: OutputArgs,
}
