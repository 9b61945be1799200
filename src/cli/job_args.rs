//! The flags of `makook jobs …`.

use super::args::SendingArgs;
use clap::{Args, Subcommand};

/// `makook jobs …`.
#[derive(Debug, Subcommand)]
pub enum JobsVerb {
    /// List jobs: running, waiting, ended a short while ago.
    List(ListArgs),
    /// Show one job: its run, command, starts, lost work and cost.
    Show(JobArgs),
    /// Send queued or interrupted runs off; several become one array.
    Submit(SubmitArgs),
    /// Ask a job to save now and go on.
    Save(JobArgs),
    /// Save and end a job; its run can be resumed.
    Stop(JobArgs),
    /// End a job for good; a scheduler does not start it again.
    Cancel(JobArgs),
    /// Save a job and send it back to the queue.
    Requeue(JobArgs),
    /// Print the last lines that a job wrote.
    Logs(LogsArgs),
    /// Say in plain words why a job waits or how it ended, and what usually helps.
    Explain(JobArgs),
    /// Let at most N tasks of an array run at the same time.
    Throttle(ThrottleArgs),
}

/// `makook jobs list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Ask this profile only (default: every one in use).
    #[arg(long, value_name = "PROFILE")]
    pub on: Option<String>,
    /// Leave out jobs that ended.
    #[arg(long)]
    pub live: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// A job and `--json`.
#[derive(Debug, Args)]
pub struct JobArgs {
    /// Job: its number, or its run's identifier, unique beginning, name or `latest`.
    #[arg(default_value = "latest")]
    pub job: String,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `makook jobs submit`.
#[derive(Debug, Args)]
pub struct SubmitArgs {
    /// Runs: identifiers, unique beginnings, names or paths.
    #[arg(required = true)]
    pub runs: Vec<String>,
    /// Where and how they are sent.
    #[command(flatten)]
    pub sending: SendingArgs,
    /// At most this many at the same time.
    #[arg(long, value_name = "N")]
    pub at_most: Option<u32>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `makook jobs logs`.
#[derive(Debug, Args)]
pub struct LogsArgs {
    /// Job: its number, or its run's identifier, unique beginning, name or `latest`.
    #[arg(default_value = "latest")]
    pub job: String,
    /// Lines to begin with.
    #[arg(short = 'n', long, default_value_t = 20)]
    pub lines: usize,
    /// Go on until the job ends or Ctrl-C.
    #[arg(short, long)]
    pub follow: bool,
    /// Print a JSON object for each line.
    #[arg(long)]
    pub json: bool,
}

/// `makook jobs throttle`.
#[derive(Debug, Args)]
pub struct ThrottleArgs {
    /// Job: any task of the array.
    pub job: String,
    /// Tasks at the same time.
    pub at_most: u32,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
