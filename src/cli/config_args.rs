//! The command line of `makook config` as a type.

use super::args::{JsonArgs, SettingArgs};
use clap::Subcommand;
use std::path::PathBuf;

/// `makook config …`.
#[derive(Debug, Subcommand)]
pub enum ConfigVerb {
    /// Print every setting with where it came from.
    Show {
        /// Settings.
        #[command(flatten)]
        settings: SettingArgs,
        /// Only what differs from the built-in defaults.
        #[arg(long)]
        changed: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Explain one key: meaning, unit, range, what raising and lowering it does.
    Explain {
        /// Key, e.g. agent.learning_rate; a section lists its keys.
        key: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Change one key in a file, keeping its comments.
    Set {
        /// Assignments, e.g. agent.learning_rate=1e-4.
        #[arg(required = true, value_name = "SECTION.KEY=VALUE")]
        assignments: Vec<String>,
        /// File to change (created if missing).
        #[arg(long, value_name = "FILE", default_value = "configs/default.toml")]
        file: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write what a run was made with into an experiment file.
    Promote {
        /// Run: identifier, unique beginning, `latest`, or path.
        run: String,
        /// File to change (created if missing).
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Compare two experiment files as resolved.
    Diff {
        /// First file.
        left: PathBuf,
        /// Second file.
        right: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the presets, what each is for and what it sets.
    Presets(JsonArgs),
    /// Print the JSON Schema of all settings.
    Schema,
    /// Check files and say every problem at once.
    Validate {
        /// Settings.
        #[command(flatten)]
        settings: SettingArgs,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}
