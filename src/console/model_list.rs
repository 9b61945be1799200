//! The list of models: which are shown, in what order, which one is chosen, which are marked.
//!
//! A model is remembered by its name among all, so that a list that changes never moves the choice
//! to another. What is shown is worked out when list, filter or order change, never while drawing.
//! Start at [`ModelList`].

use crate::{
    cursor::{Cursor, Step},
    fuzzy,
};
use domain::{Phrase, Text};
use runs::{Model, ModelId, Passport, Pointer, Promotion};
use std::{cmp::Ordering, collections::BTreeSet, ops::Range};

/// Everything that is known of models.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelNews {
    /// Models of all runs, newest run first.
    pub models: Vec<Model>,
    /// Names that people gave.
    pub names: Vec<Promotion>,
}

/// What models are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortBy {
    /// Validation score.
    Score,
    /// Sharpe ratio of the judgement.
    Sharpe,
    /// Environment steps.
    Step,
    /// Length of the files.
    Size,
}

impl SortBy {
    /// Every one, in the order of the key that turns them.
    pub const ALL: [Self; 4] = [Self::Score, Self::Sharpe, Self::Step, Self::Size];

    /// Returns the word for it.
    #[must_use]
    pub const fn label(self) -> Text {
        match self {
            Self::Score => Text::new("score", "점수"),
            Self::Sharpe => Text::new("Sharpe", "샤프"),
            Self::Step => Text::new("step", "스텝"),
            Self::Size => Text::new("size", "크기"),
        }
    }

    /// Returns the figure; `None` where there is none, NaN included.
    #[must_use]
    pub fn of(self, passport: &Passport) -> Option<f64> {
        let figure = match self {
            Self::Score => passport.score,
            Self::Sharpe => sharpe(passport),
            Self::Step => Some(passport.step as f64),
            Self::Size => Some(passport.bytes() as f64),
        };
        figure.filter(|figure| !figure.is_nan())
    }
}

/// Returns the Sharpe ratio of the judgement on this checkpoint.
#[must_use]
pub fn sharpe(passport: &Passport) -> Option<f64> {
    let figure = passport.origin.figures.get("test/sharpe").copied();
    figure.filter(|_| passport.judged)
}

/// The list.
#[derive(Clone, Debug, Default)]
pub struct ModelList {
    /// Every model.
    pub all: Vec<Model>,
    /// Names that people gave.
    pub names: Vec<Promotion>,
    /// Whether the runs were looked through yet.
    pub loaded: bool,
    /// Why there is no list.
    pub problem: Option<Phrase>,
    /// Whether it was asked for since it may have changed.
    pub asked: bool,
    /// Shows only models that fit; empty for all.
    pub filter: String,
    /// What it is sorted by; `None` for the newest run first.
    pub sort: Option<SortBy>,
    /// Whether the order is turned round.
    pub reversed: bool,
    /// Marked for comparison.
    pub marked: BTreeSet<ModelId>,
    chosen: Option<ModelId>,
    /// Places in `all` of what is shown.
    shown: Vec<usize>,
    cursor: Cursor,
}

impl ModelList {
    /// Returns how many models are shown.
    #[must_use]
    pub fn count(&self) -> usize {
        self.shown.len()
    }

    /// Returns the shown models of `rows` with whether each is the chosen one.
    pub fn rows(&self, rows: Range<usize>) -> impl Iterator<Item = (&Model, bool)> {
        let at = self.cursor.at;
        let places = self.shown.get(rows.clone()).unwrap_or_default();
        let numbered = rows.zip(places);
        numbered.map(move |(row, place)| (&self.all[*place], row == at))
    }

    /// Returns the place of the chosen model and the visible rows of `page`.
    #[must_use]
    pub fn window(&self, page: usize) -> (usize, Range<usize>) {
        (self.cursor.at, self.cursor.window(self.count(), page))
    }

    /// Returns the chosen model.
    #[must_use]
    pub fn chosen(&self) -> Option<&Model> {
        Some(&self.all[*self.shown.get(self.cursor.at)?])
    }

    /// Returns the model `id`.
    #[must_use]
    pub fn find(&self, id: &ModelId) -> Option<&Model> {
        self.all.iter().find(|model| model.id == *id)
    }

    /// Returns the marked models that are there, in the order of the list.
    #[must_use]
    pub fn marked(&self) -> Vec<&Model> {
        let marked = |model: &&Model| self.marked.contains(&model.id);
        self.all.iter().filter(marked).collect()
    }

    /// Iterates over the names that point to `model` as it is now.
    pub fn names_of<'a>(&'a self, model: &'a Model) -> impl Iterator<Item = &'a Promotion> {
        let hash = model.passport.as_ref().map(|passport| &passport.hash);
        let points_here = move |to: &Pointer| to.model == model.id && Some(&to.hash) == hash;
        let names = self.names.iter();
        names.filter(move |name| name.pointer().is_some_and(points_here))
    }

    /// Iterates over the names that something is wrong with.
    pub fn doubtful(&self) -> impl Iterator<Item = (&Promotion, &Phrase)> {
        let names = self.names.iter();
        names.filter_map(|name| Some((name, name.problem.as_ref()?)))
    }

    /// Returns how many rows tell what is wrong with names.
    #[must_use]
    pub fn notices(&self) -> usize {
        const MOST: usize = 2;
        self.doubtful().take(MOST).count()
    }

    /// Takes a new list over; the choice stays where it is, or goes to the nearest row left.
    pub fn replace(&mut self, news: Result<ModelNews, Phrase>, page: usize) {
        self.loaded = true;
        let (news, problem) = match news {
            Ok(news) => (news, None),
            Err(why) => (ModelNews::default(), Some(why)),
        };
        (self.all, self.names, self.problem) = (news.models, news.names, problem);
        let known: BTreeSet<&ModelId> = self.all.iter().map(|model| &model.id).collect();
        self.marked.retain(|id| known.contains(id));
        self.sift(page);
    }

    /// Moves the choice.
    pub fn go(&mut self, step: Step, page: usize) {
        self.cursor.go(step, self.count(), page);
        self.remember();
    }

    /// Shows only models that fit `filter`.
    pub fn filter_by(&mut self, filter: String, page: usize) {
        self.filter = filter;
        self.sift(page);
    }

    /// Sorts by what is `steps` further, the newest first included.
    pub fn turn_sort(&mut self, steps: usize, page: usize) {
        let place = |by: SortBy| SortBy::ALL.iter().position(|one| *one == by);
        let at = self.sort.and_then(place).map_or(0, |at| at + 1);
        let next = (at + steps) % (SortBy::ALL.len() + 1);
        self.sort = next.checked_sub(1).map(|at| SortBy::ALL[at]);
        self.sift(page);
    }

    /// Turns the order round.
    pub fn reverse(&mut self, page: usize) {
        self.reversed = !self.reversed;
        self.sift(page);
    }

    /// Marks the chosen model or takes its mark away, and moves on.
    pub fn toggle_mark(&mut self, page: usize) {
        if let Some(id) = self.chosen().map(|model| model.id.clone()) {
            if !self.marked.remove(&id) {
                self.marked.insert(id);
            }
            self.go(Step::Down, page);
        }
    }

    fn fits(&self, model: &Model) -> bool {
        if self.filter.is_empty() {
            return true;
        }
        let id = model.id.to_string();
        let origin = model.passport.as_ref().map(|passport| &passport.origin);
        let mut texts = vec![id.as_str()];
        texts.extend(self.names_of(model).map(|name| name.name.as_str()));
        if let Some(origin) = origin {
            texts.extend([origin.name.as_str(), &origin.data.set, &origin.data.symbol]);
            texts.extend(origin.verdict.iter().map(|verdict| verdict.word.as_str()));
        }
        fuzzy::best(&self.filter, texts).is_some()
    }

    fn sift(&mut self, page: usize) {
        let places = 0..self.all.len();
        let mut shown: Vec<usize> = places.filter(|at| self.fits(&self.all[*at])).collect();
        if let Some(by) = self.sort {
            let figure = |at: &usize| by.of(self.all[*at].passport.as_ref()?);
            // Whatever has no figure comes last, either way round.
            shown.sort_by(|a, b| match (figure(a), figure(b)) {
                (Some(a), Some(b)) if self.reversed => a.total_cmp(&b),
                (Some(a), Some(b)) => b.total_cmp(&a),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => Ordering::Equal,
            });
        } else if self.reversed {
            shown.reverse();
        }
        let same = |at: &usize| Some(&self.all[*at].id) == self.chosen.as_ref();
        let row = shown.iter().position(same).unwrap_or(self.cursor.at);
        self.shown = shown;
        self.cursor.set(row, self.shown.len(), page);
        self.remember();
    }

    fn remember(&mut self) {
        // Until the first list is here, whatever was chosen stays.
        if self.loaded {
            self.chosen = self.chosen().map(|model| model.id.clone());
        }
    }
}
