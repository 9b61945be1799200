//! Everything the console knows at one moment.
//!
//! Owned by the drawing thread; changed only by [`crate::update()`] and by actions; drawn by
//! [`crate::view::view`], which changes nothing. Start at [`State`].

use crate::{
    areas::{self, Areas},
    awaiting::Awaiting,
    caps::Glyphs,
    charts::Charts,
    cursor::Cursor,
    form::Form,
    host::Host,
    job_list::JobList,
    layer::Layer,
    log_pane::LogPane,
    message::{Assignment, Effect, Errand, LineNews},
    run_data::RunData,
    run_list::RunList,
    saving::Exchange,
    side_by_side::SideBySide,
    trade_table::TradeTable,
};
use backtest::report::Report;
use domain::{Lang, Phrase, Text};
use report::sheet::Sheet;
use runs::{RunId, Summary};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// A screen. Those with a digit are in the header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// All runs and the chosen one at a glance.
    #[default]
    Dashboard,
    /// Settings for the next training.
    Config,
    /// Curves and events of one run.
    Run,
    /// Round trips of one run.
    Trades,
    /// The report of one run.
    Performance,
    /// All jobs of all backends.
    Jobs,
    /// The log of one run.
    Logs,
    /// Marked runs side by side.
    Compare,
}

impl Screen {
    /// The screens of the header, in the order of Tab.
    pub const NUMBERED: [Self; 7] = [
        Self::Dashboard,
        Self::Config,
        Self::Run,
        Self::Trades,
        Self::Performance,
        Self::Jobs,
        Self::Logs,
    ];

    /// Every screen.
    pub const ALL: [Self; 8] = [
        Self::Dashboard,
        Self::Config,
        Self::Run,
        Self::Trades,
        Self::Performance,
        Self::Jobs,
        Self::Logs,
        Self::Compare,
    ];

    /// Returns the word that files know it by.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dashboard => "dashboard",
            Self::Config => "config",
            Self::Run => "run",
            Self::Trades => "trades",
            Self::Performance => "report",
            Self::Jobs => "jobs",
            Self::Logs => "logs",
            Self::Compare => "compare",
        }
    }

    /// Returns the digit that goes there; `None` for one that an action opens.
    #[must_use]
    pub const fn digit(self) -> Option<char> {
        match self {
            Self::Dashboard => Some('1'),
            Self::Config => Some('2'),
            Self::Run => Some('3'),
            Self::Trades => Some('4'),
            Self::Performance => Some('5'),
            Self::Jobs => Some('7'),
            Self::Logs => Some('0'),
            Self::Compare => None,
        }
    }

    /// Returns its name.
    #[must_use]
    pub const fn title(self) -> Text {
        match self {
            Self::Dashboard => Text::new("Dashboard", "대시보드"),
            Self::Config => Text::new("Config", "설정"),
            Self::Run => Text::new("Run", "실행"),
            Self::Trades => Text::new("Trades", "거래"),
            Self::Performance => Text::new("Report", "보고서"),
            Self::Jobs => Text::new("Jobs", "작업"),
            Self::Logs => Text::new("Logs", "로그"),
            Self::Compare => Text::new("Compare", "비교"),
        }
    }
}

/// How a remark is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something went well.
    Good,
    /// Something did not.
    Bad,
}

/// A remark that goes away by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    /// What is said.
    pub says: Phrase,
    /// How it is meant.
    pub tone: Tone,
    /// Steady time at which it goes.
    pub until: Duration,
}

/// How long a remark stays.
pub const TOAST: Duration = Duration::from_secs(10);

/// A change that can be taken back.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A setting.
    Setting {
        /// Its key.
        path: &'static str,
        /// What was typed before; `None` for unchanged.
        before: Option<String>,
        /// What was typed then.
        after: Option<String>,
    },
    /// Settings that a measurement found, taken over together.
    Found(Vec<SettingChange>),
    /// The experiment file.
    Experiment {
        /// The file before.
        before: Option<PathBuf>,
        /// The file then.
        after: Option<PathBuf>,
    },
    /// The form was filled with what a run was made with.
    Taken {
        /// The form's parent before.
        before: Option<RunId>,
        /// Its parent then.
        after: Option<RunId>,
        /// What was changed.
        settings: Vec<SettingChange>,
    },
    /// The form was saved.
    Saved {
        /// The experiment file before.
        before: Option<PathBuf>,
        /// The experiment file then.
        after: Option<PathBuf>,
        /// Settings that went from the form into the file.
        settings: Vec<SettingChange>,
        /// What became of the file; `None` where that is no longer known.
        exchange: Option<Exchange>,
    },
    /// A run went to the trash.
    Removed(RunId),
    /// A chart was written into these files.
    Exported(Vec<PathBuf>),
}

impl Change {
    /// Returns whether taking it back or making it again touches a file.
    #[must_use]
    pub fn touches_files(&self) -> bool {
        match self {
            Self::Removed(_) | Self::Exported(_) => true,
            Self::Saved { exchange, .. } => exchange.is_some(),
            _ => false,
        }
    }

    /// Words it for the journal.
    #[must_use]
    pub fn words(&self) -> String {
        let paths = |settings: &[SettingChange]| {
            let set = |(path, _, after): &SettingChange| match after {
                Some(after) => format!("{path}={after}"),
                None => format!("{path} restored"),
            };
            settings.iter().map(set).collect::<Vec<_>>().join(" ")
        };
        let run = |run: &Option<RunId>| run.as_ref().map(ToString::to_string).unwrap_or_default();
        match self {
            Self::Setting {
                path,
                before,
                after,
            } => format!("set {}", paths(&[(path, before.clone(), after.clone())])),
            Self::Found(settings) => format!("set {}", paths(settings)),
            Self::Experiment { after, .. } => match after {
                Some(file) => format!("choose experiment {}", file.display()),
                None => "choose no experiment".to_owned(),
            },
            Self::Taken {
                after, settings, ..
            } => format!("take settings of {}: {}", run(after), paths(settings)),
            Self::Saved { after, .. } => {
                let file = after.as_deref().unwrap_or(Path::new(""));
                format!("save to {}", file.display())
            }
            Self::Removed(run) => format!("remove {run}"),
            Self::Exported(files) => format!("export {} files", files.len()),
        }
    }
}

/// A changed setting: its key, what was typed before and what after; `None` for unchanged.
pub type SettingChange = (&'static str, Option<String>, Option<String>);

/// The report on screen.
#[derive(Clone, Debug, Default)]
pub struct ReportPane {
    /// The run it belongs to.
    pub run: Option<RunId>,
    /// The data, why there is none, or `None` while it is being read.
    pub body: Option<Result<Arc<Report>, Phrase>>,
    /// The report as lines of the screen, laid out whenever it, the language or the width changes.
    pub lines: Vec<String>,
    /// For what they were laid out.
    pub laid_out: Option<Layout>,
    /// First visible line.
    pub cursor: Cursor,
    /// Every evaluated window, the held-out one last.
    pub sheets: Arc<Vec<Sheet>>,
    /// The chosen window, counted from the last.
    pub window: usize,
    /// Whether the whole report is shown rather than one window's pictures.
    pub is_whole: bool,
}

impl ReportPane {
    /// Returns the chosen window; `None` while nothing was evaluated.
    #[must_use]
    pub fn sheet(&self) -> Option<&Sheet> {
        let last = self.sheets.len().checked_sub(1)?;
        self.sheets.get(last.saturating_sub(self.window))
    }

    /// Starts again with nothing read, looked at as before.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self {
            window: self.window,
            is_whole: self.is_whole,
            ..Self::default()
        }
    }
}

/// What a report was laid out for: language, columns and rows, window, whole or not.
pub type Layout = (Lang, (u16, u16), usize, bool);

/// Everything the console knows.
#[derive(Debug)]
pub struct State {
    /// Language of every text.
    pub lang: Lang,
    /// Whether actions that touch a job or a file are left out.
    pub read_only: bool,
    /// Folder with `configs/`.
    pub project: PathBuf,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Which characters the terminal has; reports are laid out with them.
    pub glyphs: Glyphs,
    /// Steady time of the last message.
    pub now: Duration,
    /// The screen shown.
    pub screen: Screen,
    /// Where Esc goes back to.
    pub former: Vec<Screen>,
    /// What lies over the screen, the topmost last.
    pub layers: Vec<Layer>,
    /// All runs.
    pub runs: RunList,
    /// All jobs.
    pub jobs: JobList,
    /// What the files of the chosen run hold.
    pub data: Option<Arc<RunData>>,
    /// How the charts are looked at.
    pub charts: Charts,
    /// The chosen chart.
    pub chart: usize,
    /// Whether the chosen chart fills the screen.
    pub zoomed: bool,
    /// The chosen event, counted from the newest.
    pub events: Cursor,
    /// The table of round trips.
    pub trades: TradeTable,
    /// The report.
    pub report: ReportPane,
    /// The log.
    pub log: LogPane,
    /// The settings.
    pub form: Form,
    /// Runs side by side.
    pub comparison: Option<Arc<SideBySide>>,
    /// First visible line of the comparison.
    pub compared: Cursor,
    /// The machine.
    pub host: Host,
    /// How the line to the host stands; `None` on this machine.
    pub line: Option<LineNews>,
    /// What just happened.
    pub toast: Option<Toast>,
    /// Commands that workers have not answered yet.
    pub awaiting: Awaiting,
    /// Changes that can be taken back, the latest last.
    pub done: Vec<Change>,
    /// Changes taken back, the latest last.
    pub undone: Vec<Change>,
    /// The run that the workers follow.
    pub watched: Option<RunId>,
    /// The runs that the watcher reads to be laid over it.
    pub overlaid: Vec<RunId>,
}

impl State {
    /// Starts on the dashboard of a terminal of `size`, or on the run `open`.
    #[must_use]
    pub fn new(project: &Path, lang: Lang, size: (u16, u16), open: Option<RunId>) -> Self {
        let screen = match open {
            Some(_) => Screen::Run,
            None => Screen::Dashboard,
        };
        Self {
            lang,
            read_only: false,
            project: project.to_owned(),
            size,
            glyphs: Glyphs::Unicode,
            now: Duration::ZERO,
            screen,
            former: match screen {
                Screen::Dashboard => Vec::new(),
                _ => vec![Screen::Dashboard],
            },
            layers: Vec::new(),
            runs: RunList::asked_for(open),
            jobs: JobList::default(),
            data: None,
            charts: Charts::default(),
            chart: 0,
            zoomed: false,
            events: Cursor::default(),
            trades: TradeTable::default(),
            report: ReportPane::default(),
            log: LogPane::default(),
            form: Form::default(),
            comparison: None,
            compared: Cursor::default(),
            host: Host::default(),
            line: None,
            toast: None,
            awaiting: Awaiting::default(),
            done: Vec::new(),
            undone: Vec::new(),
            watched: None,
            overlaid: Vec::new(),
        }
    }

    /// Returns what has to be asked for at the start.
    #[must_use]
    pub fn opening(&self) -> Vec<Effect> {
        let destinations = Effect::Assign(Assignment::Destinations);
        vec![self.resolve_settings(), destinations]
    }

    /// Returns the effect that resolves the settings as they are chosen now.
    #[must_use]
    pub fn resolve_settings(&self) -> Effect {
        self.resolve(None)
    }

    /// The same after something was done to them, which is written down.
    #[must_use]
    pub fn resolve_after(&self, did: String) -> Effect {
        self.resolve(Some(did))
    }

    fn resolve(&self, did: Option<String>) -> Effect {
        Effect::Run(Errand::Settings {
            experiment: self.form.experiment.clone(),
            sets: self.form.sets(),
            did,
        })
    }

    /// Takes a change of the form in and returns what follows from it: the settings resolve to
    /// something else, and it is written down.
    pub fn change(&mut self, change: Change) -> Vec<Effect> {
        let resolve = self.resolve_after(change.words());
        self.undone.clear();
        self.done.push(change);
        vec![resolve]
    }

    /// Returns the run in question: the chosen one, and on the screen of jobs the chosen job's.
    #[must_use]
    pub fn run(&self) -> Option<&Summary> {
        match self.screen {
            Screen::Jobs => self.runs.find(self.jobs.chosen()?.row.view.run.as_ref()?),
            _ => self.runs.chosen(),
        }
    }

    /// Returns the data of the run in question, once they are here.
    #[must_use]
    pub fn data(&self) -> Option<&RunData> {
        let run = self.run().map(|run| &run.id);
        self.data.as_deref().filter(|data| Some(&data.run) == run)
    }

    /// Returns the parts of the screen.
    #[must_use]
    pub fn areas(&self) -> Areas {
        Areas::of(self.size.0, self.size.1)
    }

    /// Returns the rows of the run list.
    #[must_use]
    pub fn run_page(&self) -> usize {
        areas::dashboard_page(self.areas().body)
    }

    /// Returns the rows of the job list.
    #[must_use]
    pub fn job_page(&self) -> usize {
        areas::jobs_page(self.areas().body, self.jobs.notices())
    }

    /// Goes to `screen`; Esc comes back.
    pub fn go(&mut self, screen: Screen) {
        if self.screen != screen {
            if let (Screen::Jobs, Some(run)) = (screen, self.runs.chosen.clone()) {
                let page = self.job_page();
                self.jobs.choose_run(&run, page);
            }
            self.former.retain(|former| *former != screen);
            self.former.push(self.screen);
            self.screen = screen;
            self.zoomed = false;
        }
    }

    /// Says something for a while.
    pub fn say(&mut self, tone: Tone, says: impl Into<Phrase>) {
        self.toast = Some(Toast {
            says: says.into(),
            tone,
            until: self.now + TOAST,
        });
    }
}
