//! The list of runs: which are shown, which one is chosen, which are marked.
//!
//! The chosen run is remembered by its identifier, so that a run that appears or vanishes never
//! moves the choice to another. Start at [`RunList`].

use crate::{
    cursor::{Cursor, Step},
    fuzzy,
};
use domain::Phrase;
use runs::{RunId, Summary};
use std::collections::{BTreeMap, BTreeSet};

/// The list.
#[derive(Clone, Debug, Default)]
pub struct RunList {
    /// All runs, newest first.
    pub all: Vec<Summary>,
    /// Whether the home was looked at yet.
    pub loaded: bool,
    /// Why there is no list.
    pub problem: Option<Phrase>,
    /// Shows only runs that fit; empty for all.
    pub filter: String,
    /// Marked for comparison.
    pub marked: BTreeSet<RunId>,
    /// Validation scores over time.
    pub sparks: BTreeMap<RunId, Vec<f64>>,
    /// The chosen run.
    pub chosen: Option<RunId>,
    /// A run that was just started: the choice waits for it, since a list from a host comes later.
    awaited: Option<RunId>,
    cursor: Cursor,
}

impl RunList {
    /// Starts with no runs known and `chosen` to be shown once they are.
    #[must_use]
    pub fn asked_for(chosen: Option<RunId>) -> Self {
        Self {
            chosen,
            ..Self::default()
        }
    }

    /// Returns the runs that are shown.
    #[must_use]
    pub fn shown(&self) -> Vec<&Summary> {
        let fits = |run: &&Summary| {
            let texts = [run.id.as_str(), run.name.as_str(), run.state.word()];
            self.filter.is_empty() || fuzzy::best(&self.filter, texts).is_some()
        };
        self.all.iter().filter(fits).collect()
    }

    /// Returns the chosen run.
    #[must_use]
    pub fn chosen(&self) -> Option<&Summary> {
        self.find(self.chosen.as_ref()?)
    }

    /// Returns the run `id`.
    #[must_use]
    pub fn find(&self, id: &RunId) -> Option<&Summary> {
        self.all.iter().find(|run| run.id == *id)
    }

    /// Returns the cursor.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Puts the cursor where it was in an earlier use; the chosen run counts more.
    pub fn recall_cursor(&mut self, cursor: Cursor) {
        self.cursor = cursor;
    }

    /// Returns the place of the chosen run and the visible rows of `page`.
    #[must_use]
    pub fn window(&self, page: usize) -> (usize, std::ops::Range<usize>) {
        let count = self.shown().len();
        (self.cursor.at, self.cursor.window(count, page))
    }

    /// Takes a new list over; the choice stays where it is, or goes to the nearest row left.
    pub fn replace(&mut self, all: Vec<Summary>, page: usize) {
        let known: BTreeSet<&RunId> = all.iter().map(|run| &run.id).collect();
        self.marked.retain(|id| known.contains(id));
        self.sparks.retain(|id, _| known.contains(id));
        // Once it is listed, or another was gone to, it is a run as any other.
        let is_chosen = self.awaited == self.chosen;
        self.awaited.take_if(|id| !is_chosen || known.contains(id));
        self.all = all;
        self.loaded = true;
        self.problem = None;
        self.settle(page);
    }

    /// Moves the choice.
    pub fn go(&mut self, step: Step, page: usize) {
        let mut cursor = self.cursor;
        let shown = self.shown();
        cursor.go(step, shown.len(), page);
        self.chosen = shown.get(cursor.at).map(|run| run.id.clone());
        self.cursor = cursor;
    }

    /// Chooses `id`, whether it is listed yet or not.
    pub fn choose(&mut self, id: RunId, page: usize) {
        self.chosen = Some(id);
        self.settle(page);
    }

    /// Chooses `id`, which was just started, and every run is shown; until it is listed no other is
    /// chosen by itself.
    pub fn await_run(&mut self, id: RunId) {
        self.filter.clear();
        self.awaited = Some(id.clone());
        self.chosen = Some(id);
    }

    /// Returns whether the chosen run was just started and is not listed yet.
    #[must_use]
    pub fn awaits(&self) -> bool {
        self.awaited.is_some() && self.awaited == self.chosen && self.chosen().is_none()
    }

    /// Shows only runs that fit `filter`.
    pub fn filter_by(&mut self, filter: String, page: usize) {
        self.filter = filter;
        self.settle(page);
    }

    /// Marks the chosen run or takes its mark away, and moves on.
    pub fn toggle_mark(&mut self, page: usize) {
        if let Some(id) = self.chosen().map(|run| run.id.clone()) {
            if !self.marked.remove(&id) {
                self.marked.insert(id);
            }
            self.go(Step::Down, page);
        }
    }

    /// Puts the cursor on the chosen run, or the choice on the cursor's row.
    fn settle(&mut self, page: usize) {
        let ids: Vec<RunId> = self.shown().iter().map(|run| run.id.clone()).collect();
        let place = ids.iter().position(|id| Some(id) == self.chosen.as_ref());
        match place {
            Some(at) => self.cursor.set(at, ids.len(), page),
            None => {
                self.cursor.set(self.cursor.at, ids.len(), page);
                // Until the first list is here, a run asked for on the command line is kept.
                if self.loaded && !self.awaits() {
                    self.chosen = ids.get(self.cursor.at).cloned();
                }
            }
        }
    }
}
