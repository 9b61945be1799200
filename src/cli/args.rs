//! The command line as a type: verbs, flags, help.
//!
//! Data goes to standard output, everything else to standard error; `--json` exists on every verb
//! that prints data.

pub use super::{
    chart::ChartArgs, config_args::ConfigVerb, data_args::DataVerb, job_args::JobsVerb,
    model_args::ModelsVerb,
};
use clap::{Args, Parser, Subcommand};
use std::{net::IpAddr, path::PathBuf};

/// Terminal console for reinforcement-learning trading. Without a verb it opens the console.
#[derive(Debug, Parser)]
#[command(name = "makook", version, about, propagate_version = true, after_help = AFTER)]
pub struct Cli {
    /// What to do; nothing opens the console.
    #[command(subcommand)]
    pub verb: Option<Verb>,
    /// Language of messages: en or ko (default: MAKOOK_LANG, console.language, the locale).
    #[arg(long, global = true, value_name = "LANG", value_parser = ["en", "ko"])]
    pub lang: Option<String>,
    /// Work on this host over your own ssh: the console here, any verb there.
    #[arg(long, global = true, value_name = "HOST", allow_hyphen_values = true)]
    pub host: Option<String>,
    /// The makook program on that host (default: MAKOOK_HOST_PROGRAM, else `makook`).
    #[arg(long, global = true, value_name = "PATH")]
    pub host_program: Option<String>,
    /// The project folder on that host (default: MAKOOK_HOST_PROJECT, else found there).
    #[arg(long, global = true, value_name = "PATH")]
    pub host_project: Option<String>,
    /// Speak in plain lines for a screen reader and take typed commands (also: ACCESSIBLE=1).
    #[arg(long)]
    pub accessible: bool,
}

const AFTER: &str = "\
Start here:
  makook demo                      train and judge an agent on the shipped real data
  makook                           open the console
  makook train configs/demo.toml   train from an experiment file
  makook runs list                 what ran, what runs
  makook report latest             read a result
  makook --host hyak               the same console for a host that ssh knows
  makook serve                     the same console in a browser

Exit codes: 0 done · 1 ran, negative verdict · 2 usage or config · 3 environment lacks something ·
4 interrupted, `makook resume` continues.
Environment: MAKOOK_HOME (where runs live), MAKOOK_LANG, MAKOOK_ENV, MAKOOK_<SECTION>__<KEY>.";

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Open the console (also: `makook` alone).
    Console,
    /// Import the shipped sample, train, judge, and show the result.
    Demo(DemoArgs),
    /// Train and judge an agent; follows it until it ends.
    Train(TrainArgs),
    /// Judge a finished run's agents again, with other costs or windows.
    Evaluate(EvaluateArgs),
    /// Continue an interrupted or crashed run from its last checkpoint.
    Resume(ResumeArgs),
    /// Ask a running training to save and stop.
    Stop(RunArgs),
    /// Show a run's result: tables and charts here, or one HTML file.
    Report(ReportArgs),
    /// List, show, follow, compare and remove runs.
    #[command(subcommand)]
    Runs(RunsVerb),
    /// List, submit, steer and explain jobs, on this machine and on clusters.
    #[command(subcommand)]
    Jobs(JobsVerb),
    /// Measure which settings make training fastest on this machine.
    Calibrate(CalibrateArgs),
    /// Show, explain, change and check settings.
    #[command(subcommand)]
    Config(ConfigVerb),
    /// Import, list, describe and check market data.
    #[command(subcommand)]
    Data(DataVerb),
    /// List, show, export and name the models that runs left.
    #[command(subcommand)]
    Models(ModelsVerb),
    /// List every indicator with its parameters, or prove a set free of leaks.
    Features(FeaturesArgs),
    /// Look at this machine: what is there, what is missing, what that means.
    Doctor(DoctorArgs),
    /// Show the console in a browser: a page on this machine, to be forwarded over ssh.
    Serve(ServeArgs),
    /// Serve a console elsewhere; started by `makook --host`.
    #[command(hide = true)]
    Agent,
    /// Supervise the local job pool; started by itself while there is work.
    #[command(hide = true)]
    Pool(PoolArgs),
}

/// `--json` alone.
#[derive(Debug, Args)]
pub struct JsonArgs {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Settings that every verb with a configuration takes.
#[derive(Clone, Debug, Default, Args)]
pub struct SettingArgs {
    /// Experiment file (TOML) laid over configs/default.toml.
    #[arg(value_name = "FILE")]
    pub experiment: Option<PathBuf>,
    /// Lay this preset over the file, e.g. careful; `makook config presets` lists them.
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,
    /// Change one setting, e.g. --set agent.learning_rate=1e-4 (repeatable).
    #[arg(long, value_name = "SECTION.KEY=VALUE")]
    pub set: Vec<String>,
}

/// `makook demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Change one setting (repeatable).
    #[arg(long, value_name = "SECTION.KEY=VALUE")]
    pub set: Vec<String>,
    /// Do not offer to open the console at the end.
    #[arg(long)]
    pub no_console: bool,
    /// Print JSON lines instead of progress.
    #[arg(long)]
    pub json: bool,
}

/// `makook train`.
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// Settings.
    #[command(flatten)]
    pub settings: SettingArgs,
    /// Name of the run (default: run.name).
    #[arg(long)]
    pub name: Option<String>,
    /// Run that the settings come from; it is noted as the parent.
    #[arg(long, value_name = "RUN")]
    pub parent: Option<String>,
    /// Where and how it is sent.
    #[command(flatten)]
    pub sending: SendingArgs,
    /// Print JSON lines instead of progress.
    #[arg(long)]
    pub json: bool,
}

/// Where and how a run is sent.
#[derive(Clone, Debug, Default, Args)]
pub struct SendingArgs {
    /// Send it through this profile, e.g. local or klone (default: jobs.on).
    #[arg(long, value_name = "PROFILE")]
    pub on: Option<String>,
    /// Start it and return its identifier at once.
    #[arg(long)]
    pub detach: bool,
    /// Show the exact command and script, and send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Send this script instead of the generated one (Slurm).
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
}

/// `makook evaluate`.
#[derive(Debug, Args)]
pub struct EvaluateArgs {
    /// Run: identifier, unique beginning, `latest`, or path.
    #[arg(default_value = "latest")]
    pub run: String,
    /// Change a setting of evaluate, data or the costs for this judgement (repeatable).
    #[arg(long, value_name = "SECTION.KEY=VALUE")]
    pub set: Vec<String>,
    /// Print the report data as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `makook resume`.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// Run: identifier, unique beginning, `latest`, or path.
    #[arg(default_value = "latest")]
    pub run: String,
    /// Where and how it is sent (default: where it was before).
    #[command(flatten)]
    pub sending: SendingArgs,
    /// Print JSON lines instead of progress.
    #[arg(long)]
    pub json: bool,
}

/// `makook doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Look at the cluster instead: partitions, accounts, limits, preemption.
    #[arg(long)]
    pub cluster: bool,
    /// Write what was learnt as this profile into configs/clusters.
    #[arg(long, value_name = "PROFILE", requires = "cluster")]
    pub write: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `makook calibrate`.
#[derive(Debug, Args)]
pub struct CalibrateArgs {
    /// Settings to start from.
    #[command(flatten)]
    pub settings: SettingArgs,
    /// Seconds to spend.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub budget: u64,
    /// Measure again what the ledger already knows.
    #[arg(long)]
    pub fresh: bool,
    /// Measure also where this looks like a cluster's login node.
    #[arg(long)]
    pub here: bool,
    /// Write what was found into this experiment file.
    #[arg(long, value_name = "FILE")]
    pub apply: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// A run and `--json`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Run: identifier, unique beginning, `latest`, or path.
    #[arg(default_value = "latest")]
    pub run: String,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `makook report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Run: identifier, unique beginning, `latest`, or path.
    #[arg(default_value = "latest")]
    pub run: String,
    /// Write the HTML page here (default: the run's report/index.html).
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Print the report data as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `makook runs …`.
#[derive(Debug, Subcommand)]
pub enum RunsVerb {
    /// List runs, newest first.
    List(JsonArgs),
    /// Show one run: state, progress, settings that differ from the defaults, outcome.
    Show(RunArgs),
    /// Print the last lines of a run's log.
    Tail(TailArgs),
    /// Put runs side by side: settings that differ, and outcomes.
    Compare(CompareArgs),
    /// Move runs to the trash, from which they vanish after seven days.
    Rm(RmArgs),
    /// Print a run's directory.
    Path(RunArgs),
    /// Say what looks wrong with a training, by which rule, and what usually helps.
    Health(RunArgs),
    /// Print a run's round trips: filtered, sorted, with totals.
    Trades(TradesArgs),
    /// Draw curves of a run here, or write them as a picture or as data.
    Chart(ChartArgs),
}

/// `makook runs trades`.
#[derive(Debug, Args)]
pub struct TradesArgs {
    /// Run: identifier, unique beginning, `latest`, or path.
    #[arg(default_value = "latest")]
    pub run: String,
    /// Condition, e.g. 'pnl<0 and side=long and bars>20'.
    #[arg(long, value_name = "CONDITION")]
    pub filter: Option<String>,
    /// Column to sort by (default: the newest exit first).
    #[arg(long, value_name = "COLUMN")]
    pub sort: Option<String>,
    /// The smallest of the sorted column first, not the largest.
    #[arg(long, requires = "sort")]
    pub rising: bool,
    /// Rows at most; the totals are those of all that fit.
    #[arg(long, value_name = "ROWS")]
    pub limit: Option<usize>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `makook runs tail`.
#[derive(Debug, Args)]
pub struct TailArgs {
    /// Run: identifier, unique beginning, `latest`, or path.
    #[arg(default_value = "latest")]
    pub run: String,
    /// Lines to begin with.
    #[arg(short = 'n', long, default_value_t = 20)]
    pub lines: usize,
    /// Go on until the run ends or Ctrl-C.
    #[arg(short, long)]
    pub follow: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `makook runs compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// Runs, at least two.
    #[arg(required = true, num_args = 2..)]
    pub runs: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `makook runs rm`.
#[derive(Debug, Args)]
pub struct RmArgs {
    /// Runs.
    #[arg(required = true)]
    pub runs: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `makook features`.
#[derive(Debug, Args)]
pub struct FeaturesArgs {
    /// Show functions whose name, group or description holds this.
    pub search: Option<String>,
    /// Prove the configured set free of leaks on the configured data.
    #[arg(long)]
    pub prove: bool,
    /// Change one setting (repeatable).
    #[arg(long, value_name = "SECTION.KEY=VALUE")]
    pub set: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `makook pool`.
#[derive(Debug, Args)]
pub struct PoolArgs {
    /// The pool's directory (default: the one beside the runs).
    pub dir: Option<PathBuf>,
    /// Stay when nothing waits or runs, as a service does.
    #[arg(long)]
    pub stay: bool,
    /// Jobs at the same time (0: 2 to 8, by load; default: jobs.slots, also when that changes).
    #[arg(long)]
    pub slots: Option<usize>,
    /// GPUs to give out, as CUDA_VISIBLE_DEVICES names them, e.g. 0,1.
    #[arg(long, value_delimiter = ',')]
    pub gpus: Vec<String>,
}

/// `makook serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Port to listen on (0: any free one).
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Address to listen on; anything but this machine itself is asked about twice.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub bind: IpAddr,
    /// Leave out every action that touches a job or a file.
    #[arg(long)]
    pub readonly: bool,
    /// Print the link and what happens as JSON lines.
    #[arg(long)]
    pub json: bool,
}
