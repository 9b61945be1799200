//! The flags of `makook models …`.

use super::args::JsonArgs;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `makook models …`.
#[derive(Debug, Subcommand)]
pub enum ModelsVerb {
    /// List every run's best and last model of each seed, newest run first.
    List(JsonArgs),
    /// Show a model's passport: what it was made of, what came of it, where its files lie.
    Show(ModelArgs),
    /// Copy a model into a folder with passport, settings and checksums.
    Export(ExportArgs),
    /// Give a model a name, by which others find it; a name given again points elsewhere.
    Promote(PromoteArgs),
    /// Take a name away from its model; the model stays, and so does the name's history.
    Demote(DemoteArgs),
}

/// A model and `--json`.
#[derive(Debug, Args)]
pub struct ModelArgs {
    /// Model: its name, or RUN, RUN/SEED, RUN/SEED/best or RUN/SEED/last.
    pub model: String,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `makook models export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Model: its name, or RUN, RUN/SEED, RUN/SEED/best or RUN/SEED/last.
    pub model: String,
    /// Folder that takes the export, or a new file that ends in .tar.gz or .tgz (default:
    /// exports/RUN beside the runs).
    #[arg(long, value_name = "PLACE")]
    pub to: Option<PathBuf>,
    /// Write one .tar.gz instead of a folder; the same model gives the same bytes.
    #[arg(long)]
    pub archive: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `makook models promote`.
#[derive(Debug, Args)]
pub struct PromoteArgs {
    /// Model: its name, or RUN, RUN/SEED, RUN/SEED/best or RUN/SEED/last.
    pub model: String,
    /// The name that it gets, e.g. btc-hourly.
    pub name: String,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `makook models demote`.
#[derive(Debug, Args)]
pub struct DemoteArgs {
    /// The name to take away.
    pub name: String,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
