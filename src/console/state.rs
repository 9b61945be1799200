//! Everything the console knows at one moment.
//!
//! Owned by the drawing thread; changed only by [`crate::update()`] and by actions; drawn by
//! [`crate::view::view`], which changes nothing. Start at [`State`].

use crate::{
    accessible::Dialogue,
    action::Action,
    alerts::alerts,
    areas::{self, Areas, Dashboard},
    awaiting::Awaiting,
    caps::Glyphs,
    charts::Charts,
    cursor::Cursor,
    data_list::DataList,
    form::Form,
    host::Host,
    job_list::JobList,
    layer::Layer,
    log_pane::LogPane,
    look::{Look, Preference, Said},
    message::{Assignment, Effect, Errand, LineNews},
    model_list::ModelList,
    panes::Pane,
    practice::Practice,
    resting::Resting,
    run_data::RunData,
    run_list::RunList,
    side_by_side::SideBySide,
    tour::Tour,
    trade_table::TradeTable,
};
pub use crate::{
    change::{Change, SettingChange},
    screen::Screen,
};
use backtest::report::Report;
use domain::{Lang, Phrase};
use report::sheet::Sheet;
use runs::RunId;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

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
    /// How it looks and answers.
    pub look: Look,
    /// The border that is being dragged.
    pub dragged: Option<Pane>,
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
    /// Market data.
    pub data_list: DataList,
    /// All models.
    pub model_list: ModelList,
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
    /// What needed a person once and was gone to.
    pub attended: BTreeSet<String>,
    /// Whether the details follow the cursor.
    pub resting: Resting,
    /// The run that log, events and trades are where they are of.
    pub places_of: Option<RunId>,
    /// Runs that were started here and that no list has had so far.
    pub unlisted: BTreeSet<RunId>,
    /// Trainings that are being sent: how many changes could be taken back when each was.
    pub sending: Vec<usize>,
    /// Changes that can be taken back, the latest last.
    pub done: Vec<Change>,
    /// Changes taken back, the latest last.
    pub undone: Vec<Change>,
    /// What was not done often yet.
    pub practice: Practice,
    /// The action that is explained, since it is one of its first uses.
    pub lesson: Option<&'static Action>,
    /// What was asked and answered last, where the console is heard rather than seen.
    pub dialogue: Option<Dialogue>,
    /// The step of the tour that waits for its key.
    pub tour: Option<Tour>,
    /// Whether the tour begins by itself once it is known that there are no runs.
    pub greets: bool,
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
            look: Look {
                language: Preference::of(lang, Said::ByNobody),
                ..Look::default()
            },
            dragged: None,
            now: Duration::ZERO,
            screen,
            former: match screen {
                Screen::Dashboard => Vec::new(),
                _ => vec![Screen::Dashboard],
            },
            layers: Vec::new(),
            runs: RunList::asked_for(open),
            jobs: JobList::default(),
            data_list: DataList::default(),
            model_list: ModelList::default(),
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
            attended: BTreeSet::new(),
            resting: Resting::default(),
            places_of: None,
            unlisted: BTreeSet::new(),
            sending: Vec::new(),
            done: Vec::new(),
            undone: Vec::new(),
            practice: Practice::default(),
            lesson: None,
            dialogue: None,
            tour: None,
            greets: false,
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

    /// Returns the parts of the screen.
    #[must_use]
    pub fn areas(&self) -> Areas {
        Areas::of(self.size.0, self.size.1)
    }

    /// Returns the parts of the dashboard when `alerts` things need a person.
    #[must_use]
    pub fn dashboard(&self, alerts: usize) -> Dashboard {
        let body = self.areas().body;
        let (runs, detail) = self.look.panes.divide(Pane::Dashboard, body);
        let (list, alerts) = areas::needs(runs, alerts);
        let strip = areas::strip(body).1;
        Dashboard {
            list,
            alerts,
            detail,
            strip,
        }
    }

    /// Returns the rows of the run list.
    #[must_use]
    pub fn run_page(&self) -> usize {
        areas::page_below_heads(self.dashboard(alerts(self).len()).list)
    }

    /// Returns the rows of the job list.
    #[must_use]
    pub fn job_page(&self) -> usize {
        let (list, _) = self.look.panes.divide(Pane::Jobs, self.areas().body);
        areas::jobs_page(list, self.jobs.notices())
    }

    /// Returns the rows of the form.
    #[must_use]
    pub fn form_page(&self) -> usize {
        let (form, _) = self.look.panes.divide(Pane::Config, self.areas().body);
        areas::page_below_heads(form)
    }

    /// Returns the rows of the shelf of market data.
    #[must_use]
    pub fn data_page(&self) -> usize {
        let above = usize::from(self.data_list.importing.is_some());
        areas::shelf_page(self.areas().body, above)
    }

    /// Returns the rows of the list of models.
    #[must_use]
    pub fn model_page(&self) -> usize {
        areas::shelf_page(self.areas().body, self.model_list.notices())
    }

    /// Goes to `screen`; Esc comes back.
    pub fn go(&mut self, screen: Screen) {
        if self.screen != screen {
            if let (Screen::Jobs, Some(run)) = (screen, self.runs.chosen.clone()) {
                let page = self.job_page();
                self.jobs.choose_run(&run, page);
            }
            self.look_at_shelves_again();
            self.former.retain(|former| *former != screen);
            self.former.push(self.screen);
            self.screen = screen;
            self.zoomed = false;
        }
    }

    /// Has market data and models read again once they are shown.
    pub fn look_at_shelves_again(&mut self) {
        (self.data_list.asked, self.model_list.asked) = (false, false);
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
