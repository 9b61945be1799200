//! How large the two panes of a screen are, once the border between them was dragged.
//!
//! Owns the shares and which border is where; the usual division is that of [`crate::areas`]. Works
//! for any size. Start at [`Panes::divide`].

use crate::{areas, state::Screen};
use ratatui::layout::Rect;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A screen of two panes with a border that can be dragged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pane {
    /// Runs and the chosen one.
    Dashboard,
    /// The form and its help.
    Config,
    /// Jobs and the chosen one.
    Jobs,
    /// The table and the curves.
    Compare,
}

/// Shares of the first pane in thousandths; none as usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Share {
    /// Where the panes are side by side.
    across: Option<u16>,
    /// Where they are on top of each other.
    down: Option<u16>,
}

/// The sizes of all panes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Panes(BTreeMap<Pane, Share>);

/// Least columns and rows of a pane that was dragged.
const LEAST: (u16, u16) = (20, 4);

impl Pane {
    /// Returns the panes of `screen`; `None` where it has none that can be dragged.
    #[must_use]
    pub const fn of(screen: Screen) -> Option<Self> {
        Some(match screen {
            Screen::Dashboard => Self::Dashboard,
            Screen::Config => Self::Config,
            Screen::Jobs => Self::Jobs,
            Screen::Compare => Self::Compare,
            _ => return None,
        })
    }

    const fn usual(self) -> fn(Rect) -> (Rect, Rect) {
        match self {
            Self::Dashboard => areas::dashboard,
            Self::Config => areas::settings,
            Self::Jobs => areas::jobs,
            Self::Compare => areas::compare,
        }
    }
}

impl Panes {
    /// Divides `body` into the two panes of `pane`, of which the second may be empty.
    #[must_use]
    pub fn divide(&self, pane: Pane, body: Rect) -> (Rect, Rect) {
        let (one, other) = pane.usual()(body);
        let share = self.0.get(&pane).copied().unwrap_or_default();
        if one.is_empty() || other.is_empty() {
            return (one, other);
        }
        let all = one.union(other);
        let moved = |share: u16, whole: u16, least: u16| {
            let wanted = (u32::from(share) * u32::from(whole) + 500) / 1000;
            let wanted = u16::try_from(wanted).unwrap_or(whole);
            let most = whole.saturating_sub(least).max(1);
            wanted.clamp(least.min(most), most)
        };
        let (first, second) = match (one.y == other.y, share) {
            (
                true,
                Share {
                    across: Some(share),
                    ..
                },
            ) => areas::apart(all, moved(share, all.width, LEAST.0)),
            (
                false,
                Share {
                    down: Some(share), ..
                },
            ) => areas::above(all, moved(share, all.height, LEAST.1)),
            _ => return (one, other),
        };
        match (one.x, one.y) <= (other.x, other.y) {
            true => (first, second),
            false => (second, first),
        }
    }

    /// Returns the cells of the border between the panes; empty where there is only one.
    #[must_use]
    pub fn border(&self, pane: Pane, body: Rect) -> Rect {
        let (one, other) = self.divide(pane, body);
        if one.is_empty() || other.is_empty() {
            return Rect::ZERO;
        }
        if one.y == other.y {
            let right = if one.x < other.x { other } else { one };
            return Rect::new(right.x.saturating_sub(1), right.y, 1, right.height);
        }
        let lower = if one.y < other.y { other } else { one };
        Rect { height: 1, ..lower }
    }

    /// Drags the border between the panes to the cell `at`.
    pub fn drag(&mut self, pane: Pane, body: Rect, at: (u16, u16)) {
        let (one, other) = self.divide(pane, body);
        if one.is_empty() || other.is_empty() {
            return;
        }
        let all = one.union(other);
        let part = |at: u16, from: u16, whole: u16| {
            let cells = u32::from(at.saturating_sub(from).min(whole));
            let share = (cells * 1000 + u32::from(whole) / 2) / u32::from(whole);
            Some(u16::try_from(share).unwrap_or(1000))
        };
        let share = self.0.entry(pane).or_default();
        match one.y == other.y {
            true => share.across = part(at.0.saturating_add(1), all.x, all.width),
            false => share.down = part(at.1, all.y, all.height),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Pane; 4] = [Pane::Dashboard, Pane::Config, Pane::Jobs, Pane::Compare];

    #[test]
    fn a_border_goes_where_it_is_dragged() {
        for pane in ALL {
            for (columns, rows) in [(80, 40), (200, 60), (400, 200)] {
                let body = Rect::new(0, 1, columns, rows);
                for at in [(40, 12), (61, 20), (columns - 30, rows - 8)] {
                    let mut panes = Panes::default();
                    panes.drag(pane, body, at);
                    let border = panes.border(pane, body);
                    let shown = if border.width == 1 {
                        border.x == at.0
                    } else {
                        border.y == at.1
                    };
                    assert!(shown, "{pane:?} {columns}x{rows} {at:?}: {border:?}");
                }
            }
        }
    }

    #[test]
    fn no_size_and_no_drag_leaves_the_screen() {
        for pane in ALL {
            for columns in [0, 1, 19, 80, 119, 120, 200, 400] {
                for rows in [0, 1, 7, 15, 24, 60] {
                    let body = Rect::new(0, 1, columns, rows);
                    for at in [(0, 0), (columns, rows), (u16::MAX, u16::MAX), (33, 9)] {
                        let mut panes = Panes::default();
                        let usual = panes.divide(pane, body);
                        panes.drag(pane, body, at);
                        let (one, other) = panes.divide(pane, body);
                        for part in [one, other] {
                            assert!(part.right() <= body.right() && part.bottom() <= body.bottom());
                        }
                        assert!(one.intersection(other).is_empty());
                        assert_eq!(other.is_empty(), usual.1.is_empty());
                    }
                }
            }
        }
    }
}
