//! The shelf of market data: data sets first, then files that could be imported.
//!
//! What is chosen is remembered by name, so that a set that appears or vanishes never moves the
//! choice to another. Start at [`DataList`].

use crate::{
    cursor::{Cursor, Step},
    data_sets::{DataNews, DataSet, LooseFile},
    importing::{ImportOrder, Importing},
};
use domain::Phrase;

/// The shelf.
#[derive(Clone, Debug, Default)]
pub struct DataList {
    /// What lies on it.
    pub news: DataNews,
    /// Whether it was looked at yet.
    pub loaded: bool,
    /// Why there is no list.
    pub problem: Option<Phrase>,
    /// Whether what lies there was asked for since it may have changed.
    pub asked: bool,
    /// The import at work.
    pub importing: Option<Importing>,
    /// What was imported last, to begin the next import with.
    pub last: Option<ImportOrder>,
    /// The chosen row: a set's name or a file's path.
    chosen: Option<String>,
    cursor: Cursor,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub enum Row<'a> {
    /// A data set.
    Set(&'a DataSet),
    /// A file that could be one.
    File(&'a LooseFile),
}

impl Row<'_> {
    /// Returns the set's name or the file's path.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Set(set) => set.name.clone(),
            Self::File(file) => file.path.display().to_string(),
        }
    }
}

impl DataList {
    /// Returns how many rows there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.news.sets.len() + self.news.files.len()
    }

    /// Returns row `place`.
    #[must_use]
    pub fn row(&self, place: usize) -> Option<Row<'_>> {
        let sets = &self.news.sets;
        match place.checked_sub(sets.len()) {
            None => Some(Row::Set(&sets[place])),
            Some(file) => self.news.files.get(file).map(Row::File),
        }
    }

    /// Returns the chosen row.
    #[must_use]
    pub fn chosen(&self) -> Option<Row<'_>> {
        self.row(self.cursor.at)
    }

    /// Returns the row of this [`key`](Row::key).
    #[must_use]
    pub fn find(&self, key: &str) -> Option<Row<'_>> {
        let mut rows = (0..self.count()).filter_map(|at| self.row(at));
        rows.find(|row| row.key() == key)
    }

    /// Returns the place of the chosen row and the visible rows of `page`.
    #[must_use]
    pub fn window(&self, page: usize) -> (usize, std::ops::Range<usize>) {
        (self.cursor.at, self.cursor.window(self.count(), page))
    }

    /// Takes over what lies there; the choice stays where it is, or goes to the nearest row left.
    pub fn replace(&mut self, news: Result<DataNews, Phrase>, page: usize) {
        self.loaded = true;
        match news {
            Ok(news) => (self.news, self.problem) = (news, None),
            Err(why) => (self.news, self.problem) = (DataNews::default(), Some(why)),
        }
        let rows = 0..self.count();
        let keys: Vec<String> = rows.filter_map(|at| Some(self.row(at)?.key())).collect();
        let same = |key: &String| Some(key) == self.chosen.as_ref();
        let at = keys.iter().position(same).unwrap_or(self.cursor.at);
        self.cursor.set(at, self.count(), page);
        self.remember();
    }

    /// Chooses the data set `name` once it is there.
    pub fn choose(&mut self, name: &str) {
        self.chosen = Some(name.to_owned());
    }

    /// Moves the choice.
    pub fn go(&mut self, step: Step, page: usize) {
        self.cursor.go(step, self.count(), page);
        self.remember();
    }

    fn remember(&mut self) {
        self.chosen = self.chosen().map(|row| row.key());
    }
}
