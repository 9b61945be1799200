//! What the console remembers between uses: after a dropped line the same view is back, with every
//! unsaved edit.
//!
//! A small JSON file a user, replaced whole; of two consoles the last writer's is kept. A file that
//! is damaged, newer or another program's is left out, never guessed at. Start at [`Memory::of`].

use crate::{
    against,
    cursor::Cursor,
    deed::{Deed, known_key},
    diary,
    dots::Form,
    job_list::JobName,
    log_news::Held,
    log_pane::{Source, Syntax},
    look::Kept,
    marks::Marking,
    practice::Practice,
    series::Axis,
    smoothing::Smoothing,
    state::{Change, Screen, State},
};
use domain::Phrase;
use logbook::{Case, Levels};
use report::trades::{Column, Order};
use runs::RunId;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

/// What the file calls itself.
const FORMAT: &str = "makook-console-1";
/// A file is a few kilobytes; anything larger is none.
const LARGEST: u64 = 16 << 20;
/// Changes that can still be taken back in a later use.
const CHANGES: usize = 10_000;
/// Latest changes that keep the text of a saved file; the file of a view stays small.
const TEXTS: usize = 100;

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    format: String,
    screen: String,
    former: Vec<String>,
    run: Option<RunId>,
    job: Option<JobName>,
    run_filter: String,
    job_filter: String,
    setting_filter: String,
    log_search: String,
    log_exact: bool,
    log_expression: bool,
    log_levels: String,
    /// Which log, by its word.
    log: String,
    log_marks: BTreeSet<u64>,
    log_shift: usize,
    marked_runs: BTreeSet<RunId>,
    marked_jobs: BTreeSet<JobName>,
    chart: usize,
    zoomed: bool,
    axis: String,
    smoothing: String,
    drawing: String,
    marking: String,
    runs_at: Cursor,
    jobs_at: Cursor,
    form_at: Cursor,
    events_at: Cursor,
    trades_at: Cursor,
    trade_filter: String,
    /// Column, and whether the smallest comes first.
    trade_sort: Option<(String, bool)>,
    report_at: Cursor,
    compared_at: Cursor,
    /// The line at which a log was held still, and what its first bytes come to.
    log_line: Option<(u64, u64)>,
    experiment: Option<PathBuf>,
    changes: BTreeMap<String, String>,
    against: Vec<String>,
    differing: bool,
    parent: Option<RunId>,
    attended: BTreeSet<String>,
    done: Vec<Deed>,
    undone: Vec<Deed>,
    look: Kept,
    uses: Practice,
}

/// How much of an earlier use is taken up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recall {
    /// Everything.
    All,
    /// Everything but screen and choice, since a run was asked for.
    KeepChoice,
}

impl Memory {
    /// Returns what is to be remembered of `state`.
    #[must_use]
    pub fn of(state: &State) -> Self {
        let deeds = |changes: &[Change]| {
            let forgotten = changes.len().saturating_sub(CHANGES);
            let bare = changes.len().saturating_sub(TEXTS);
            let deed = |(at, change): (usize, &Change)| match Deed::of(change) {
                Deed::Saved {
                    before,
                    after,
                    changes,
                    ..
                } if at < bare => Deed::Saved {
                    before,
                    after,
                    changes,
                    exchange: None,
                },
                deed => deed,
            };
            let all = changes.iter().enumerate();
            all.skip(forgotten).map(deed).collect()
        };
        let typed = state.form.changes.iter();
        Self {
            format: FORMAT.to_owned(),
            screen: state.screen.word().to_owned(),
            former: state
                .former
                .iter()
                .map(|one| one.word().to_owned())
                .collect(),
            run: state.runs.chosen.clone(),
            job: state.jobs.chosen.clone(),
            run_filter: state.runs.filter.clone(),
            job_filter: state.jobs.filter.clone(),
            setting_filter: state.form.filter.clone(),
            log_search: state.log.wanted.clone(),
            log_exact: state.log.case == Case::Exact,
            log_expression: state.log.syntax == Syntax::Expression,
            log_levels: state.log.levels.word().to_owned(),
            log: state.log.source.word().to_owned(),
            log_marks: state.log.marks.clone(),
            log_shift: state.log.shift,
            marked_runs: state.runs.marked.clone(),
            marked_jobs: state.jobs.marked.clone(),
            chart: state.chart,
            zoomed: state.zoomed,
            axis: state.charts.axis.word().to_owned(),
            smoothing: state.charts.smoothing.word().to_owned(),
            drawing: state.charts.form.word().to_owned(),
            marking: state.charts.marking.word().to_owned(),
            runs_at: state.runs.cursor(),
            jobs_at: state.jobs.cursor(),
            form_at: state.form.cursor,
            events_at: state.events,
            trades_at: state.trades.cursor,
            trade_filter: state.trades.filter().to_owned(),
            trade_sort: state
                .trades
                .sort()
                .map(|(column, order)| (column.name().to_owned(), order == Order::Rising)),
            report_at: state.report.cursor,
            compared_at: state.compared,
            log_line: state.log.held().map(|held| (held.at, held.sign)),
            experiment: state.form.experiment.clone(),
            changes: typed
                .map(|(path, value)| ((*path).to_owned(), value.clone()))
                .collect(),
            against: state
                .form
                .columns
                .iter()
                .map(against::Column::word)
                .collect(),
            differing: state.form.differing,
            parent: state.form.parent.clone(),
            attended: state.attended.clone(),
            done: deeds(&state.done),
            undone: deeds(&state.undone),
            look: state.look.kept(),
            uses: state.practice.clone(),
        }
    }

    /// Puts `state` back to where it was. Settings that this makook does not have are left out.
    pub fn recall(self, state: &mut State, recall: Recall) {
        if recall == Recall::All {
            let screen = |word: &String| screen_of(word);
            state.screen = screen(&self.screen).unwrap_or_default();
            state.former = self.former.iter().filter_map(screen).collect();
            state.former.retain(|former| *former != state.screen);
            state.runs.chosen = self.run;
            state.jobs.chosen = self.job;
            state.runs.filter = self.run_filter;
            state.chart = self.chart % crate::metric::METRICS.len();
            state.zoomed = self.zoomed && state.screen == Screen::Run;
            state.events = self.events_at;
            state.trades.cursor = self.trades_at;
            state.report.cursor = self.report_at;
            state.log.source = Source::of(&self.log);
            state.log.levels = of_word(&Levels::ALL, Levels::word, &self.log_levels);
            state.log.marks = self.log_marks;
            state.log.shift = self.log_shift;
            let held = self.log_line.map(|(at, sign)| Held { at, sign });
            state.log.hold_at(held);
        }
        state.look.recall(self.look);
        state.lang = state.look.language.get();
        let charts = &mut state.charts;
        charts.axis = of_word(&Axis::ALL, Axis::word, &self.axis);
        charts.smoothing = of_word(&Smoothing::ALL, Smoothing::word, &self.smoothing);
        charts.form = of_word(&Form::ALL, Form::word, &self.drawing);
        charts.marking = of_word(&Marking::ALL, Marking::word, &self.marking);
        state.jobs.filter = self.job_filter;
        recall_trades(state, &self.trade_filter, self.trade_sort);
        state.form.filter = self.setting_filter;
        state.log.wanted = self.log_search;
        state.log.syntax = Syntax::of(self.log_expression);
        state.log.case = match self.log_exact {
            true => Case::Exact,
            false => Case::Ignored,
        };
        state.runs.marked = self.marked_runs;
        state.jobs.marked = self.marked_jobs;
        state.runs.recall_cursor(self.runs_at);
        state.jobs.recall_cursor(self.jobs_at);
        state.form.cursor = self.form_at;
        state.compared = self.compared_at;
        state.form.experiment = self.experiment;
        let columns = self.against.iter();
        state.form.columns = columns
            .filter_map(|word| against::Column::of(word))
            .collect();
        state.form.differing = self.differing;
        state.form.parent = self.parent;
        let known = |(path, value): (String, String)| Some((known_key(&path)?, value));
        state.form.changes = self.changes.into_iter().filter_map(known).collect();
        state.attended = self.attended;
        state.done = self.done.into_iter().filter_map(Deed::change).collect();
        state.undone = self.undone.into_iter().filter_map(Deed::change).collect();
        state.practice = self.uses;
        // Their data are gone; what they were about is on the screen before.
        if state.screen == Screen::Compare {
            state.screen = Screen::Dashboard;
        }
    }

    /// Returns the bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads the file at `path`; `None` where there is none.
    ///
    /// # Errors
    /// Why what is there is not taken up.
    pub fn read(path: &Path) -> Result<Option<Self>, Phrase> {
        let bytes = match fs::metadata(path) {
            Ok(meta) if meta.len() <= LARGEST => fs::read(path),
            Ok(_) => Err(io::Error::other("too large")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => Err(error),
        };
        let parsed = bytes.and_then(|bytes| Ok(serde_json::from_slice::<Self>(&bytes)?));
        match parsed {
            Ok(memory) if memory.format == FORMAT => Ok(Some(memory)),
            Ok(_) => Err(Phrase::new(
                "the former view is left out: another version wrote it",
                "이전 화면을 불러오지 않았습니다. 다른 버전이 저장했습니다",
            )),
            Err(error) => Err(Phrase::new(
                format!("the former view is left out: {error}"),
                format!("이전 화면을 불러오지 못했습니다: {error}"),
            )),
        }
    }
}

/// A filter or a column that this makook does not know is left out.
fn recall_trades(state: &mut State, filter: &str, sort: Option<(String, bool)>) {
    let place = state.trades.cursor;
    let _ = state.trades.filter_by(filter);
    let sort = sort.and_then(|(name, rising)| {
        let order = if rising {
            Order::Rising
        } else {
            Order::Falling
        };
        Some((Column::named(&name)?, order))
    });
    state.trades.sort_by(sort);
    state.trades.cursor = place;
}

/// Returns the one of `all` that `word` names, else the usual one.
fn of_word<T: Copy + Default>(all: &[T], name: fn(T) -> &'static str, word: &str) -> T {
    let found = all.iter().find(|one| name(**one) == word);
    found.copied().unwrap_or_default()
}

fn screen_of(word: &str) -> Option<Screen> {
    Screen::ALL.into_iter().find(|screen| screen.word() == word)
}

/// Returns the file of `env`'s user beside the home at `root`. It does not depend on the terminal
/// or on which login node answered; `MAKOOK_SESSION` keeps two views apart.
#[must_use]
pub fn path(root: &Path, env: &BTreeMap<String, String>) -> PathBuf {
    let safe = |text: &str| -> String {
        let kept = |c: char| match c {
            '-' | '_' | '.' => c,
            c if c.is_alphanumeric() => c,
            _ => '-',
        };
        text.chars().take(60).map(kept).collect()
    };
    let user = diary::user(env).unwrap_or("user");
    let named = env.get("MAKOOK_SESSION").filter(|name| !name.is_empty());
    let session = named.map_or("console", String::as_str);
    let parent = root.parent().unwrap_or(root);
    let name = format!("{}@{}.json", safe(user), safe(session));
    parent.join("console").join(name)
}
