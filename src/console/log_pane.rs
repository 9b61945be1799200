//! How the log on screen is looked at: which one, which lines, where, marked and looked for.
//!
//! Holds the visible lines only; [`crate::log_reader`] holds the place and reads. Start at
//! [`LogPane`].

use crate::{
    log_news::{Held, LogNews, LogPlace, LogRequest, LogSearch, Look, Wanted},
    message::Effect,
    state::{Screen, State},
};
use logbook::{Case, Direction, Levels};
use std::collections::BTreeSet;

/// Cells of the marks in front of each line.
pub const GUTTER: usize = 2;
/// Cells by which a long line can be shifted.
const FURTHEST: usize = logbook::shown::LONGEST;
/// Marks kept.
const MARKS: usize = 1_000;

/// Which log is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// The newest of the chosen run.
    #[default]
    Newest,
    /// One of the chosen run's, by its name.
    Named(String),
    /// The console's own.
    Own,
}

/// The word of the console's own log; no file can be called so.
const OWN: &str = "/";

impl Source {
    /// Returns the word that files and lists know it by.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Newest => "",
            Self::Named(name) => name,
            Self::Own => OWN,
        }
    }

    /// Returns the one of that word.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word {
            "" => Self::Newest,
            OWN => Self::Own,
            name => Self::Named(name.to_owned()),
        }
    }
}

/// How what is looked for is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Syntax {
    /// As it is.
    #[default]
    Plain,
    /// As a regular expression.
    Expression,
}

impl Syntax {
    /// Returns the one that is an expression or not.
    #[must_use]
    pub const fn of(is_expression: bool) -> Self {
        match is_expression {
            true => Self::Expression,
            false => Self::Plain,
        }
    }

    /// Returns the other one.
    #[must_use]
    pub const fn turned(self) -> Self {
        match self {
            Self::Plain => Self::Expression,
            Self::Expression => Self::Plain,
        }
    }
}

/// The log on screen.
#[derive(Clone, Debug, Default)]
pub struct LogPane {
    /// Which log.
    pub source: Source,
    /// Which lines.
    pub levels: Levels,
    /// What is looked for; empty for warnings and errors.
    pub wanted: String,
    /// Whether capitals count in that.
    pub case: Case,
    /// How it is written.
    pub syntax: Syntax,
    /// Cells by which the text is shifted to the left.
    pub shift: usize,
    /// Where marked lines begin.
    pub marks: BTreeSet<u64>,
    /// How the search stands that goes on.
    pub search: Option<LogSearch>,
    news: LogNews,
    asked: Option<Look>,
    /// The line to hold still at once the log is open, from an earlier use.
    awaited: Option<Held>,
}

impl LogPane {
    /// Starts again with another run, looked for as before.
    #[must_use]
    pub fn anew(&self) -> Self {
        match self.source {
            Source::Own => self.clone(),
            _ => Self {
                wanted: self.wanted.clone(),
                case: self.case,
                syntax: self.syntax,
                asked: self.asked.clone(),
                ..Self::default()
            },
        }
    }

    /// Shows another log.
    pub fn choose(&mut self, source: Source) {
        if self.source != source {
            let own = Self {
                source: Source::Newest,
                ..self.clone()
            };
            *self = Self {
                source,
                ..own.anew()
            };
        }
    }

    /// Takes a page over, if it is of the log that was asked for. Marks of a file that is gone go.
    pub fn take(&mut self, news: LogNews) {
        let asked = self.asked.as_ref().map(|look| &look.place);
        if asked != news.place.as_ref() {
            return;
        }
        let former = (&self.news.name, self.news.window.restarts);
        if !self.news.name.is_empty() && former != (&news.name, news.window.restarts) {
            self.marks.clear();
        }
        if !news.name.is_empty() {
            self.awaited = None;
        }
        self.news = news;
    }

    /// Returns the page.
    #[must_use]
    pub fn page(&self) -> &LogNews {
        &self.news
    }

    /// Returns where the chosen line begins.
    #[must_use]
    pub fn cursor(&self) -> Option<u64> {
        let window = &self.news.window;
        window.lines.get(window.cursor?).map(|line| line.at)
    }

    /// Returns the line that is held still at, or that will be.
    #[must_use]
    pub fn held(&self) -> Option<Held> {
        let at = self.cursor().filter(|_| !self.news.window.follows);
        let sign = self.news.sign;
        at.map(|at| Held { at, sign }).or(self.awaited)
    }

    /// Holds still at `line` once the log is open; follows where it is not there any more.
    pub fn hold_at(&mut self, line: Option<Held>) {
        self.awaited = line;
    }

    /// Marks the chosen line, or takes its mark away.
    pub fn toggle_mark(&mut self) {
        if let Some(at) = self.cursor()
            && !self.marks.remove(&at)
            && self.marks.len() < MARKS
        {
            self.marks.insert(at);
        }
    }

    /// Returns the nearest marked line in `direction`, around the end.
    #[must_use]
    pub fn nearest_mark(&self, direction: Direction) -> Option<u64> {
        let at = self.cursor().unwrap_or(0);
        let found = match direction {
            Direction::Forward => self.marks.range(at + 1..).next().or(self.marks.first()),
            Direction::Backward => self.marks.range(..at).next_back().or(self.marks.last()),
        };
        found.copied()
    }

    /// Shifts the text by `cells` to the left, or back.
    pub fn shift_by(&mut self, cells: isize) {
        self.shift = self.shift.saturating_add_signed(cells).min(FURTHEST);
    }

    /// Returns what is looked for.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        let (text, case) = (self.wanted.clone(), self.case);
        match self.syntax {
            _ if text.is_empty() => Wanted::Problem,
            Syntax::Plain => Wanted::Text(text, case),
            Syntax::Expression => Wanted::Pattern(text, case),
        }
    }
}

/// Has the log read as it is looked at now, and only while it is.
pub fn ask(state: &mut State, effects: &mut Vec<Effect>) {
    let look = match state.screen {
        Screen::Logs => look(state),
        _ => None,
    };
    if look == state.log.asked {
        return;
    }
    let place = |look: &Option<Look>| look.as_ref().map(|look| look.place.clone());
    if look.is_some() && place(&look) != place(&state.log.asked) {
        state.log.search = None;
    }
    state.log.asked = look.clone();
    let opens = look.is_some();
    effects.push(Effect::Log(LogRequest::Look(look)));
    if let Some(held) = state.log.awaited.filter(|_| opens) {
        effects.push(Effect::Log(LogRequest::Hold(held)));
    }
}

fn look(state: &State) -> Option<Look> {
    let of_run = |file| {
        let path = state.run()?.path.clone();
        Some(LogPlace::Run { path, file })
    };
    let place = match &state.log.source {
        Source::Newest => of_run(None)?,
        Source::Named(name) => of_run(Some(name.clone()))?,
        Source::Own => LogPlace::Own,
    };
    let body = state.areas().body;
    Some(Look {
        place,
        rows: crate::areas::page_below_title(body),
        columns: usize::from(body.width).saturating_sub(GUTTER),
        shift: state.log.shift,
        levels: state.log.levels,
        wanted: Some(state.log.wanted()).filter(|wanted| *wanted != Wanted::Problem),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use logbook::{Line, Window};

    fn pane(cursor: usize) -> LogPane {
        let line = |at: u64| Line {
            at: at * 10,
            ..Line::default()
        };
        let mut pane = LogPane::default();
        pane.take(LogNews {
            name: "0001.log".into(),
            window: Window {
                lines: (0..5).map(line).collect(),
                cursor: Some(cursor),
                ..Window::default()
            },
            sign: 7,
            ..LogNews::default()
        });
        pane
    }

    #[test]
    fn marks_are_set_taken_away_and_walked_around_the_end() {
        let mut pane = pane(2);
        assert_eq!(pane.nearest_mark(Direction::Forward), None);
        pane.toggle_mark();
        assert_eq!(pane.marks, BTreeSet::from([20]));
        assert_eq!(pane.nearest_mark(Direction::Forward), Some(20));
        pane.marks.extend([10, 40]);
        assert_eq!(pane.nearest_mark(Direction::Forward), Some(40));
        assert_eq!(pane.nearest_mark(Direction::Backward), Some(10));
        pane.toggle_mark();
        assert_eq!(pane.marks, BTreeSet::from([10, 40]));
    }

    #[test]
    fn marks_go_with_their_file() {
        let mut pane = pane(2);
        pane.toggle_mark();
        let mut news = pane.page().clone();
        news.window.length = 99;
        pane.take(news.clone());
        assert!(!pane.marks.is_empty());
        news.window.restarts = 1;
        pane.take(news);
        assert!(pane.marks.is_empty());
    }

    #[test]
    fn the_page_of_another_log_is_left_out() {
        let mut pane = pane(2);
        let news = LogNews {
            place: Some(LogPlace::Own),
            ..LogNews::default()
        };
        pane.take(news);
        assert_eq!(pane.page().name, "0001.log");
        assert_eq!(pane.held(), Some(Held { at: 20, sign: 7 }));
    }

    #[test]
    fn another_log_is_looked_for_as_before_but_not_marked() {
        let mut pane = pane(2);
        pane.wanted = "loss".into();
        pane.toggle_mark();
        pane.choose(Source::Own);
        assert_eq!((pane.wanted.as_str(), pane.marks.len()), ("loss", 0));
        assert_eq!(pane.anew().source, Source::Own);
        pane.choose(Source::Named("worker.out".into()));
        assert_eq!(pane.anew().source, Source::Newest);
    }
}
