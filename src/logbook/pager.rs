//! A log as a screen holds it: a page of lines that follows the end or stays where it was put.
//!
//! Reads only what is visible. Start at [`Pager::look`] and [`Pager::window`].

use crate::{
    Change, Direction, Index, Levels, Line, Lines, Log, LogError, Moment, Outcome, Step, Target,
    Window,
    lines::Shown,
    search::{Scanned, scan},
};
use std::{ops::ControlFlow, path::Path};

/// Bytes looked through for the lines of one page, when not every line is shown: an answer must
/// come soon. The next page goes on from there.
const PAGE_SCAN: u64 = 256 << 20;

/// Where the page lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the end.
    End,
    /// Held still.
    Held {
        /// Where the first line begins, or from where on lines are looked for.
        top: u64,
        /// Where the chosen line begins.
        cursor: u64,
    },
}

/// A log as a screen holds it.
#[derive(Debug)]
pub struct Pager {
    log: Log,
    index: Index,
    place: Place,
    levels: Levels,
    rows: usize,
    /// What is pointed out.
    wanted: Option<Target>,
    restarts: u64,
}

impl Pager {
    /// Opens `path`, which need not exist yet, at its end, in a page of `rows` lines.
    #[must_use]
    pub fn new(path: &Path, rows: usize) -> Self {
        Self {
            log: Log::new(path),
            index: Index::default(),
            place: Place::End,
            levels: Levels::All,
            rows: rows.max(1),
            wanted: None,
            restarts: 0,
        }
    }

    /// Returns the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.log.path()
    }

    /// Returns its bytes and what is known of them.
    #[must_use]
    pub fn lines(&self) -> Lines<'_> {
        Lines {
            log: self.log.snapshot(),
            index: &self.index,
        }
    }

    /// Looks whether the file changed. One that was replaced or written anew is shown from its end.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn look(&mut self) -> Result<Change, LogError> {
        let change = self.log.look()?;
        if change == Change::Restarted {
            self.index = Index::default();
            self.place = Place::End;
            self.restarts += 1;
        }
        Ok(change)
    }

    /// Counts the lines of up to `most` further bytes; returns whether there is more to count.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn count_on(&mut self, most: u64) -> Result<bool, LogError> {
        self.index.extend(self.log.snapshot(), most)
    }

    /// Shows pages of `rows` lines of `levels`; the chosen line stays, or the nearest one before.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn show(&mut self, rows: usize, levels: Levels) -> Result<(), LogError> {
        self.rows = rows.max(1);
        if self.levels != levels {
            self.levels = levels;
            if let Place::Held { cursor, .. } = self.place {
                self.go(cursor)?;
            }
        }
        Ok(())
    }

    /// Points out in pages where that stands which is `wanted`.
    pub fn point_out(&mut self, wanted: Option<Target>) {
        self.wanted = wanted;
    }

    /// Holds still where the page is, with the line of it chosen that begins at `offset`; a line
    /// that is not on the page is not gone to.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn choose(&mut self, offset: u64) -> Result<(), LogError> {
        let (starts, _) = self.page()?;
        if let (Some(top), true) = (starts.first(), starts.contains(&offset)) {
            self.place = Place::Held {
                top: *top,
                cursor: offset,
            };
        }
        Ok(())
    }

    /// Returns where the chosen line begins.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn cursor(&self) -> Result<u64, LogError> {
        match self.place {
            Place::Held { cursor, .. } => Ok(cursor),
            Place::End => {
                let length = self.lines().length();
                Ok(self.before(length)?.line().unwrap_or(length))
            }
        }
    }

    /// Holds still with the line at `offset` chosen, a third of the page below the top; when it is
    /// not one of those shown, the nearest before it.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn go(&mut self, offset: u64) -> Result<(), LogError> {
        let lines = self.lines();
        let Some(last) = lines.length().checked_sub(1) else {
            return Ok(());
        };
        let start = lines.start_of(offset.min(last))?;
        let cursor = match self.shows(start)? {
            true => start,
            false => match self.before(start)?.line() {
                Some(before) => before,
                None => self.after(start)?.line().unwrap_or(start),
            },
        };
        let mut top = cursor;
        for _ in 0..self.rows / 3 {
            match self.before(top)?.line() {
                Some(before) => top = before,
                None => break,
            }
        }
        self.place = Place::Held { top, cursor };
        Ok(())
    }

    /// Goes to line `number`, counted from 1; returns whether it is known where that is.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn go_to_number(&mut self, number: u64) -> Result<bool, LogError> {
        let start = self.lines().start_of_number(number.saturating_sub(1))?;
        start.map_or(Ok(false), |start| self.go(start).map(|()| true))
    }

    /// Goes to the first line written at `moment` or later; returns whether lines say when they
    /// were written.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn go_to_moment(&mut self, moment: Moment) -> Result<bool, LogError> {
        let start = moment.find(self.lines())?;
        start.map_or(Ok(false), |start| self.go(start).map(|()| true))
    }

    /// Follows the end, or holds still there.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn toggle_follow(&mut self) -> Result<(), LogError> {
        match self.place {
            Place::End => self.hold(),
            Place::Held { .. } => {
                self.place = Place::End;
                Ok(())
            }
        }
    }

    /// Moves; at the last line, one further on follows the end.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn step(&mut self, step: Step) -> Result<(), LogError> {
        if step == Step::End {
            self.place = Place::End;
            return Ok(());
        }
        let followed = self.place == Place::End;
        if followed && matches!(step, Step::Down | Step::PageDown) {
            return Ok(());
        }
        self.hold()?;
        let Place::Held { top, cursor } = self.place else {
            return Ok(());
        };
        let (top, cursor) = match step {
            Step::Up => match self.before(cursor)? {
                Near::Line(up) => (top.min(up), up),
                // The next time it goes on from there.
                Near::Unknown(at) => (at, at),
                Near::Nothing => (top, cursor),
            },
            Step::Down => match self.after(cursor)? {
                Near::Line(down) => (self.lowered(top, down)?, down),
                Near::Unknown(at) => (at, at),
                Near::Nothing => return self.step(Step::End),
            },
            Step::PageUp => self.paged_up(top, cursor)?,
            Step::PageDown => match self.paged_down(top, cursor)? {
                None => return self.step(Step::End),
                Some(places) => places,
            },
            Step::First | Step::End => {
                let first = match self.from(0)? {
                    Near::Line(at) | Near::Unknown(at) => at,
                    Near::Nothing => 0,
                };
                (first, first)
            }
        };
        self.place = Place::Held { top, cursor };
        Ok(())
    }

    /// Returns the page as it is now.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn window(&self) -> Result<Window, LogError> {
        let (starts, is_partial) = self.page()?;
        let lines = self.lines();
        let shown = |at: &u64| {
            let Shown {
                text,
                inks,
                hidden,
                level,
            } = lines.shown(*at, lines.end_of(*at)?)?;
            let wanted = self.wanted.as_ref();
            Ok(Line {
                at: *at,
                hits: wanted.map_or_else(Vec::new, |wanted| wanted.hits(&text)),
                text,
                inks,
                hidden,
                level,
            })
        };
        let cursor = match self.place {
            Place::End => starts.len().checked_sub(1),
            Place::Held { cursor, .. } => {
                let at = starts.iter().rposition(|at| *at <= cursor);
                at.or((!starts.is_empty()).then_some(0))
            }
        };
        let chosen = cursor.map(|at| starts[at]);
        let number = chosen.map(|at| lines.number_of(at)).transpose()?.flatten();
        Ok(Window {
            lines: starts.iter().map(shown).collect::<Result<_, LogError>>()?,
            cursor,
            follows: self.place == Place::End,
            number: number.map(|number| number + 1),
            count: lines.count()?,
            length: lines.length(),
            is_partial,
            restarts: self.restarts,
        })
    }

    /// Returns where the visible lines begin, and whether those before were not looked for.
    fn page(&self) -> Result<(Vec<u64>, bool), LogError> {
        let mut starts = Vec::new();
        let mut above = self.lines().length();
        let mut is_partial = false;
        if let Place::Held { top, .. } = self.place {
            above = top;
            let mut next = self.from(top)?;
            while let (Near::Line(at), true) = (next, starts.len() < self.rows) {
                starts.push(at);
                next = self.after(at)?;
            }
            is_partial = starts.len() < self.rows && matches!(next, Near::Unknown(_));
        }
        // Where the log ends within the page, what is before fills it.
        let mut missing = Vec::new();
        while starts.len() + missing.len() < self.rows {
            match self.before(above)? {
                Near::Line(at) => {
                    missing.push(at);
                    above = at;
                }
                Near::Unknown(_) => {
                    is_partial = true;
                    break;
                }
                Near::Nothing => break,
            }
        }
        missing.reverse();
        missing.extend(starts);
        Ok((missing, is_partial))
    }

    /// Holds the page still where it is.
    fn hold(&mut self) -> Result<(), LogError> {
        if self.place == Place::End {
            let (starts, _) = self.page()?;
            if let (Some(top), Some(cursor)) = (starts.first(), starts.last()) {
                let (top, cursor) = (*top, *cursor);
                self.place = Place::Held { top, cursor };
            }
        }
        Ok(())
    }

    /// Returns the top from which the line at `cursor`, further on, is visible.
    fn lowered(&self, top: u64, cursor: u64) -> Result<u64, LogError> {
        let (starts, _) = self.page()?;
        if starts.contains(&cursor) {
            return Ok(top);
        }
        Ok(starts.get(1).copied().unwrap_or(cursor))
    }

    fn paged_up(&self, top: u64, cursor: u64) -> Result<(u64, u64), LogError> {
        let (starts, _) = self.page()?;
        let row = starts.iter().rposition(|at| *at <= cursor).unwrap_or(0);
        let mut above = starts.first().copied().unwrap_or(top);
        let mut gone = Vec::new();
        while gone.len() < self.rows {
            match self.before(above)? {
                Near::Line(at) => {
                    gone.push(at);
                    above = at;
                }
                Near::Unknown(at) => {
                    above = at;
                    break;
                }
                Near::Nothing => break,
            }
        }
        // The row stays unless the first line is reached.
        let cursor = match gone.len() == self.rows {
            true => gone[self.rows - 1 - row.min(self.rows - 1)],
            false => gone.last().copied().unwrap_or(above),
        };
        Ok((above, cursor))
    }

    /// Returns `None` when the last line was chosen already.
    fn paged_down(&self, top: u64, cursor: u64) -> Result<Option<(u64, u64)>, LogError> {
        let (starts, _) = self.page()?;
        let mut top = starts.first().copied().unwrap_or(top);
        let mut moved = cursor;
        for _ in 0..self.rows {
            moved = match self.after(moved)? {
                Near::Line(down) => down,
                Near::Unknown(at) => return Ok(Some((at, at))),
                Near::Nothing => break,
            };
            top = self.after(top)?.line().unwrap_or(top);
        }
        Ok((moved > cursor).then_some((top, moved)))
    }

    /// Returns whether the line that begins at `start` is one of those shown.
    fn shows(&self, start: u64) -> Result<bool, LogError> {
        if self.levels == Levels::All {
            return Ok(true);
        }
        let lines = self.lines();
        let level = lines.shown(start, lines.end_of(start)?)?.level;
        Ok(self.levels.has(level))
    }

    /// Looks for the line that is shown after the one at `start`.
    fn after(&self, start: u64) -> Result<Near, LogError> {
        let lines = self.lines();
        let Some(next) = lines.next(start)? else {
            return Ok(Near::Nothing);
        };
        if self.levels == Levels::All {
            return Ok(Near::Line(next));
        }
        let range = (next, lines.length());
        let outcome = scan(lines, &self.target(), range, Direction::Forward, &mut soon)?;
        Ok(outcome.into())
    }

    /// Looks for the line that is shown before `start`, which is a line's beginning or the end.
    fn before(&self, start: u64) -> Result<Near, LogError> {
        let lines = self.lines();
        if self.levels == Levels::All {
            let before = lines.previous(start)?;
            return Ok(before.map_or(Near::Nothing, Near::Line));
        }
        let range = (0, start);
        let outcome = scan(lines, &self.target(), range, Direction::Backward, &mut soon)?;
        Ok(outcome.into())
    }

    /// Looks for the first line that is shown from the one at `start` on.
    fn from(&self, start: u64) -> Result<Near, LogError> {
        if start < self.lines().length() && self.shows(start)? {
            Ok(Near::Line(start))
        } else {
            self.after(start)
        }
    }

    fn target(&self) -> Target {
        Target::Levels(self.levels)
    }
}

/// What is before or after a line.
#[derive(Clone, Copy)]
enum Near {
    /// A line that begins there.
    Line(u64),
    /// None up to there; further on nobody looked.
    Unknown(u64),
    /// None.
    Nothing,
}

impl Near {
    fn line(self) -> Option<u64> {
        match self {
            Self::Line(at) => Some(at),
            Self::Unknown(_) | Self::Nothing => None,
        }
    }
}

impl From<Outcome> for Near {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Found { at, .. } => Self::Line(at),
            Outcome::Stopped { at } => Self::Unknown(at),
            Outcome::Nowhere => Self::Nothing,
        }
    }
}

fn soon(scanned: Scanned) -> ControlFlow<()> {
    if scanned.read < PAGE_SCAN {
        ControlFlow::Continue(())
    } else {
        ControlFlow::Break(())
    }
}
