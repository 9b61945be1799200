//! What comes in and what goes out: messages change the state, effects leave it.
//!
//! [`crate::update()`] is the only place that turns one into the other. Start at [`Message`].

use crate::{
    against::{Values, Wanted},
    awaiting::Posted,
    calibration::Calibration,
    charts::CurveName,
    chord::Chord,
    data_sets::DataNews,
    exporting::ChartExport,
    hands::{Destination, LineTrouble, Order},
    host::Host,
    importing::{ImportNews, ImportOrder},
    job_list::JobName,
    job_news::JobNews,
    log_news::{LogFile, LogMiss, LogNews, LogRequest, LogSearch},
    model_list::ModelNews,
    mouse::Mouse,
    promotion::Promotion,
    run_data::RunData,
    saving::{Exchange, Saving},
    side_by_side::SideBySide,
    smoothing::Smoothed,
    trade_table::Question,
};
use backtest::report::Report;
use config::{Draft, Resolved};
use domain::{Phrase, Problems, Text};
use jobs::{Preview, Signal};
use report::{sheet::Sheet, trades::Picked};
use runs::{Command, Model, ModelId, Pointer, RunId, Summary, model_export::Form};
use std::{io, path::PathBuf, sync::Arc, time::Duration};

/// Something that happened outside the state.
#[derive(Debug)]
pub enum Message {
    /// A key was pressed.
    Press(Chord),
    /// A line was typed, where the console is heard rather than seen.
    Typed(String),
    /// Text was pasted.
    Paste(String),
    /// The mouse did something.
    Mouse(Mouse),
    /// The terminal has another size, columns and rows.
    Resize(u16, u16),
    /// The list of runs, newest first, or why there is none.
    Roster(Result<Vec<Summary>, Phrase>),
    /// A run's validation scores over time, for its sparkline.
    Spark {
        /// The run.
        run: RunId,
        /// Scores in order.
        values: Vec<f64>,
    },
    /// What the watched run's files hold now.
    Run(Arc<RunData>),
    /// Columns that were drawn roughly are known.
    ColumnsRead,
    /// A curve was smoothed.
    Smoothed {
        /// Which.
        name: CurveName,
        /// Its twin.
        smoothed: Box<Smoothed>,
    },
    /// What is visible of a log.
    Log(LogNews),
    /// How a search of the log stands.
    LogSearch(LogSearch),
    /// Something of the log that could not be gone to.
    LogMissed(LogMiss),
    /// The logs of the run in this directory.
    LogFiles {
        /// The run's directory.
        run: PathBuf,
        /// The logs, by name.
        files: Vec<LogFile>,
    },
    /// The machine.
    Host(Host),
    /// How the line to the host stands.
    Line(LineNews),
    /// Settings as they resolve now.
    Settings(Box<SettingsNews>),
    /// A run's report, or why there is none.
    Report {
        /// The run.
        run: RunId,
        /// The data, or why there is none.
        outcome: Result<Arc<Report>, Phrase>,
        /// Every evaluated window, the held-out one last.
        sheets: Arc<Vec<Sheet>>,
    },
    /// The rows of a table that were asked for.
    Sifted {
        /// What was asked.
        question: Question,
        /// Which rows.
        picked: Picked,
    },
    /// Runs side by side.
    Compared(Arc<SideBySide>),
    /// All jobs of all backends, or why they cannot be listed.
    Jobs(Result<JobNews, Phrase>),
    /// For how long the backends have been keeping the foreman waiting; `None` when they do not.
    Waiting(Option<Duration>),
    /// Where jobs can be sent.
    Destinations(Vec<Destination>),
    /// What an order would send, or every reason why it would be refused.
    Previewed {
        /// The order.
        order: Order,
        /// The command and the script.
        outcome: Result<Preview, Phrase>,
    },
    /// A launch was refused; the order is given back, so that nothing typed is lost.
    Refused {
        /// The order.
        order: Order,
        /// Why.
        why: Phrase,
    },
    /// An array may run this many tasks at the same time from now on.
    Throttled {
        /// A task of the array.
        job: JobName,
        /// How many.
        at_most: u32,
    },
    /// The script that was sent for a run, or why there is none.
    Script {
        /// The run.
        run: RunId,
        /// Its text.
        outcome: Result<String, Phrase>,
    },
    /// What a run was made with.
    RunSettings {
        /// The run.
        run: RunId,
        /// What they were asked for.
        wanted: Wanted,
        /// Every setting, or why they cannot be read.
        outcome: Result<Values, Phrase>,
    },
    /// What saving the form would write, or everything that is wrong with it.
    Drafted {
        /// What was asked.
        saving: Saving,
        /// The file's text before and after.
        outcome: Result<Box<Draft>, Problems>,
    },
    /// The form was saved.
    Saved {
        /// What was saved where.
        saving: Saving,
        /// What was written.
        draft: Box<Draft>,
    },
    /// What the newest measurement found, or why there is none.
    Calibrated(Result<Calibration, Phrase>),
    /// A command lies in a worker's mailbox.
    Posted(Posted),
    /// An errand ended well.
    Went(Phrase),
    /// An errand failed.
    Failed(Phrase),
    /// A training was started under this identifier.
    Launched(Vec<RunId>),
    /// Trainings were taken back before they began.
    Withdrawn(Vec<RunId>),
    /// A run was moved to the trash.
    Removed(RunId),
    /// Charts or a model were written into these files.
    Exported(Vec<PathBuf>),
    /// What was copied lies in this file too, or why it does not.
    Kept {
        /// What was copied.
        what: Text,
        /// Its length in bytes.
        bytes: usize,
        /// The file.
        outcome: Result<PathBuf, Phrase>,
    },
    /// Market data on the shelf, or why it cannot be listed.
    Data(Result<DataNews, Phrase>),
    /// Models of all runs, or why they cannot be listed.
    Models(Result<ModelNews, Phrase>),
    /// How an import goes.
    Import(ImportNews),
    /// A name of models points elsewhere.
    Named {
        /// The name.
        name: String,
        /// What it pointed to before.
        before: Option<Pointer>,
        /// What it points to now.
        now: Option<ModelId>,
    },
    /// A worker thread answered one request.
    Settled,
    /// The operating system took the next frame, or refused it.
    Taken(io::Result<()>),
    /// The terminal has shown what it was sent before it was last asked.
    Alive,
    /// Time has passed; toasts may end.
    Tick,
    /// The program is asked to end.
    Quit,
    /// The program is asked to stop for a while (SIGTSTP).
    Suspend,
    /// A worker thread panicked.
    Broken(String),
}

/// How the line to the host stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineNews {
    /// The host, as the user named it.
    pub host: String,
    /// What is wrong with the line.
    pub trouble: Option<LineTrouble>,
    /// How long the host has not been heard, rounded; zero without trouble.
    pub silent: Duration,
}

/// Settings as they resolve now.
#[derive(Clone, Debug)]
pub struct SettingsNews {
    /// Experiment files that can be chosen, relative to the project.
    pub experiments: Vec<PathBuf>,
    /// Presets that can be laid over them.
    pub presets: Vec<config::Preset>,
    /// The settings, or every problem; of a sweep, those of its first job.
    pub outcome: Result<Resolved, Problems>,
}

/// Something to do outside the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Follow this run's files, or none.
    Watch(Option<(RunId, PathBuf)>),
    /// Read these runs' curves too.
    Overlay(Vec<(RunId, PathBuf)>),
    /// Look at everything now.
    Refresh,
    /// Do something with files.
    Run(Errand),
    /// Do something with jobs; may take half a minute.
    Assign(Assignment),
    /// Read a log.
    Log(LogRequest),
    /// Paint every cell anew.
    Repaint,
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Put a text into the terminal's clipboard.
    Copy(String),
    /// End the program.
    Quit,
}

/// Something to ask of the backends, off the drawing thread and off the clerk's.
#[derive(Clone, Debug, PartialEq)]
pub enum Assignment {
    /// List the jobs now.
    Look,
    /// Say where jobs can be sent.
    Destinations,
    /// Say what an order would send.
    Preview(Order),
    /// Start a training.
    Train(Order),
    /// Continue a run where it was before.
    Resume(RunId),
    /// Take trainings back that have not begun.
    Withdraw {
        /// Their runs.
        runs: Vec<RunId>,
        /// Those of their jobs that waited when it was asked for.
        jobs: Vec<JobName>,
    },
    /// Ask something of jobs.
    Signal {
        /// The jobs.
        jobs: Vec<JobName>,
        /// What is asked.
        signal: Signal,
    },
    /// Let an array run this many tasks at the same time.
    Throttle {
        /// A task of the array.
        job: JobName,
        /// How many.
        at_most: u32,
    },
}

/// Something to do with files, off the drawing thread.
#[derive(Clone, Debug, PartialEq)]
pub enum Errand {
    /// Post a command to a run's worker.
    Post {
        /// The run's directory.
        path: PathBuf,
        /// The command.
        command: Command,
    },
    /// Move a run to the trash.
    Remove {
        /// The run.
        run: RunId,
        /// Its directory.
        path: PathBuf,
    },
    /// Bring a run back from the trash.
    Restore(RunId),
    /// Make a new line to the host.
    Reconnect,
    /// Resolve the settings.
    Settings {
        /// Experiment file, absolute.
        experiment: Option<PathBuf>,
        /// `section.key=value` each.
        sets: Vec<String>,
        /// The change that led to them, to be written down.
        did: Option<String>,
    },
    /// Read a run's report.
    Report {
        /// The run.
        run: RunId,
        /// Its directory.
        path: PathBuf,
    },
    /// Read the script that was sent for a run.
    Script {
        /// The run.
        run: RunId,
        /// Its directory.
        path: PathBuf,
    },
    /// Read the newest measurement of the folder.
    Calibration(PathBuf),
    /// Put runs side by side.
    Compare(Vec<PathBuf>),
    /// Read what a run was made with.
    RunSettings {
        /// The run.
        run: RunId,
        /// Its directory.
        path: PathBuf,
        /// What for.
        wanted: Wanted,
    },
    /// Work out what saving the form would write.
    Draft(Saving),
    /// Work out what promoting a run would write.
    PromoteSettings(Promotion),
    /// Save the form.
    Save {
        /// What is saved where.
        saving: Saving,
        /// What was shown.
        draft: Box<Draft>,
    },
    /// Take a save back, or make it again.
    Exchange(Exchange),
    /// Look through a table of round trips.
    Sift(Question),
    /// Write down what was copied.
    KeepCopy {
        /// What it is.
        what: Text,
        /// The text.
        text: String,
    },
    /// Write charts and their data.
    Export(Vec<ChartExport>),
    /// Take exported files away again.
    TakeAway(Vec<PathBuf>),
    /// Look at the market data below this folder of the project.
    Data(PathBuf),
    /// List the models of all runs.
    Models,
    /// Import a file.
    Import(ImportOrder),
    /// Copy a model out of its run.
    ExportModel {
        /// The model.
        model: Box<Model>,
        /// As a folder or as one file.
        form: Form,
    },
    /// Give a model a name.
    Promote {
        /// The model.
        model: Box<Model>,
        /// The name.
        name: String,
    },
    /// Take a name away from its model.
    Demote(String),
    /// Have a name point to what it pointed to before.
    PointBack {
        /// The name.
        name: String,
        /// What it pointed to; `None` for nothing.
        to: Option<Pointer>,
    },
}
