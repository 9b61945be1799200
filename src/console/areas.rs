//! Where things lie on the screen, as pure arithmetic that drawing and scrolling share.
//!
//! Works for any size, one cell included. Start at [`Areas::of`].

use ratatui::layout::Rect;

/// The parts that every screen has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Areas {
    /// Name of the program and of the screens.
    pub header: Rect,
    /// The screen itself.
    pub body: Rect,
    /// What just happened.
    pub status: Rect,
    /// What can be done here.
    pub footer: Rect,
}

impl Areas {
    /// Divides a terminal of `columns` × `rows`; the body is the last to go.
    #[must_use]
    pub fn of(columns: u16, rows: u16) -> Self {
        let bar = |y: u16, height: u16| Rect::new(0, y, columns, height);
        let header = u16::from(rows >= 3);
        let footer = u16::from(rows >= 4);
        let status = u16::from(rows >= 6);
        let body = rows - header - footer - status;
        Self {
            header: bar(0, header),
            body: bar(header, body),
            status: bar(header + body, status),
            footer: bar(header + body + status, footer),
        }
    }
}

/// Splits off the upper `height` rows.
#[must_use]
pub fn above(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    let upper = Rect { height, ..area };
    let lower = Rect {
        y: area.y + height,
        height: area.height - height,
        ..area
    };
    (upper, lower)
}

/// Splits off the `width` columns at the left.
#[must_use]
pub fn beside(area: Rect, width: u16) -> (Rect, Rect) {
    let width = width.min(area.width);
    let left = Rect { width, ..area };
    let right = Rect {
        x: area.x + width,
        width: area.width - width,
        ..area
    };
    (left, right)
}

/// Splits off the `width` columns at the left, of which the last stays empty.
#[must_use]
pub fn apart(area: Rect, width: u16) -> (Rect, Rect) {
    let (left, right) = beside(area, width);
    let left = Rect {
        width: left.width.saturating_sub(1),
        ..left
    };
    (left, right)
}

/// Returns `area` without its first row, which holds a panel's title.
#[must_use]
pub fn below_title(area: Rect) -> Rect {
    above(area, 1).1
}

/// The parts of the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dashboard {
    /// The list of runs.
    pub list: Rect,
    /// What needs a person.
    pub alerts: Rect,
    /// The chosen run.
    pub detail: Rect,
    /// What jobs and machines do.
    pub strip: Rect,
}

/// Divides the dashboard into what lies above, and the strip of jobs and machines where there is room.
#[must_use]
pub fn strip(body: Rect) -> (Rect, Rect) {
    let strip = match body.height {
        0..8 => 0,
        8..16 => 1,
        _ => 2,
    };
    above(body, body.height - strip)
}

/// Divides the dashboard into runs with what needs a person, and the chosen run.
#[must_use]
pub fn dashboard(body: Rect) -> (Rect, Rect) {
    let rest = strip(body).0;
    if rest.width >= 150 {
        return apart(rest, rest.width * 3 / 5);
    }
    let detail = match rest.height {
        0..10 => 0,
        10..16 => 4,
        height => (height * 2 / 5).max(9),
    };
    above(rest, rest.height - detail)
}

/// Divides the dashboard's pane of runs into the list and the `alerts` things that need a person;
/// as many as there is room for stand below the list, and a list is never without rows for them.
#[must_use]
pub fn needs(pane: Rect, alerts: usize) -> (Rect, Rect) {
    let room = pane.height.saturating_sub(6) / 2;
    let wanted = u16::try_from(alerts).unwrap_or(u16::MAX).saturating_add(1);
    let height = match alerts {
        // Where there is room for it, that nothing needs anybody is worth a row.
        0 if pane.height >= 20 => 1,
        0 => 0,
        _ => wanted.min(room.max(3)).min(pane.height.saturating_sub(6)),
    };
    above(pane, pane.height - height)
}

/// Divides the screen of jobs into the list and the chosen job.
#[must_use]
pub fn jobs(body: Rect) -> (Rect, Rect) {
    if body.width >= 170 {
        return apart(body, body.width * 5 / 8);
    }
    let detail = match body.height {
        0..10 => 0,
        10..16 => 4,
        height => (height * 2 / 5).max(8),
    };
    above(body, body.height - detail)
}

/// Rows of the `list` of jobs: without title, ages, `notices` and column heads.
#[must_use]
pub fn jobs_page(list: Rect, notices: usize) -> usize {
    usize::from(list.height).saturating_sub(3 + notices)
}

/// Divides a shelf, of market data or of models, into the list and what is chosen.
#[must_use]
pub fn shelf(body: Rect) -> (Rect, Rect) {
    if body.width >= 170 {
        return apart(body, body.width * 5 / 8);
    }
    let detail = match body.height {
        0..10 => 0,
        10..16 => 4,
        height => (height / 2).max(9),
    };
    above(body, body.height - detail)
}

/// Rows of a shelf's list: its area without title, column heads and `lines` of other things.
#[must_use]
pub fn shelf_page(body: Rect, lines: usize) -> usize {
    page_below_heads(shelf(body).0).saturating_sub(lines)
}

/// Divides the settings screen into the form and what is known of the chosen key.
#[must_use]
pub fn settings(body: Rect) -> (Rect, Rect) {
    if body.width >= 120 {
        return apart(body, body.width * 3 / 5);
    }
    let help = match body.height {
        0..12 => 0,
        height => (height / 3).clamp(5, 9),
    };
    above(body, body.height - help)
}

/// Divides the comparison into the table and the curves, which lie beside it where there is room.
#[must_use]
pub fn compare(body: Rect) -> (Rect, Rect) {
    if body.width >= 110 {
        return apart(body, body.width / 2);
    }
    let curves = match body.height {
        0..14 => 0,
        height => (height * 2 / 5).min(12),
    };
    let (upper, lower) = above(body, curves);
    (lower, upper)
}

/// The parts of the performance screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Performance {
    /// Windows, verdict and conventions.
    pub head: Rect,
    /// Pictures.
    pub pictures: Rect,
    /// Figures, which scroll.
    pub figures: Rect,
}

/// Divides the performance screen; the figures are beside the pictures where there is room.
#[must_use]
pub fn performance(body: Rect) -> Performance {
    let (head, rest) = above(body, 3);
    let (pictures, figures) = if rest.width >= 110 {
        apart(rest, rest.width / 2)
    } else {
        above(rest, rest.height / 2)
    };
    Performance {
        head,
        pictures,
        figures,
    }
}

/// Divides `area` into `across` columns of `down` rows each without rest, row by row.
pub fn tiles(area: Rect, across: u16, down: u16) -> impl Iterator<Item = Rect> {
    let places = (0..down).flat_map(move |row| (0..across).map(move |column| (row, column)));
    places.map(move |(row, column)| {
        let (top, bottom) = (area.height * row / down, area.height * (row + 1) / down);
        let left = area.width * column / across;
        let right = area.width * (column + 1) / across;
        Rect::new(area.x + left, area.y + top, right - left, bottom - top)
    })
}

/// Rows of a list that has a title and column heads above it.
#[must_use]
pub fn page_below_heads(area: Rect) -> usize {
    usize::from(area.height.saturating_sub(2))
}

/// Rows of a text that has a title above it.
#[must_use]
pub fn page_below_title(area: Rect) -> usize {
    usize::from(area.height.saturating_sub(1))
}

/// Returns the area of a layer of at most `width` × `height` in the middle of `screen`.
#[must_use]
pub fn centred(screen: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(screen.width), height.min(screen.height));
    Rect::new(
        screen.x + (screen.width - width) / 2,
        screen.y + (screen.height - height) / 2,
        width,
        height,
    )
}

/// Returns the area of help and palette.
#[must_use]
pub fn finder(columns: u16, rows: u16) -> Rect {
    let screen = Rect::new(0, 0, columns, rows);
    centred(screen, 100, rows.saturating_sub(4).max(6))
}

/// Rows of the list in help and palette: below title and query, above the line of hints.
#[must_use]
pub fn finder_page(columns: u16, rows: u16) -> usize {
    usize::from(finder(columns, rows).height.saturating_sub(5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_an_area_row_by_row() {
        let area = Rect::new(3, 5, 10, 7);
        let all: Vec<Rect> = tiles(area, 3, 2).collect();
        assert_eq!(all[0], Rect::new(3, 5, 3, 3));
        assert_eq!(all[4], Rect::new(6, 8, 3, 4));
        assert_eq!(all.iter().map(|tile| tile.area()).sum::<u32>(), area.area());
        assert_eq!(all[5].right(), area.right());
        assert_eq!(all[5].bottom(), area.bottom());
    }

    #[test]
    fn every_size_is_divided_without_rest() {
        for columns in [0, 1, 79, 80, 200, 400] {
            for rows in 0..120 {
                let areas = Areas::of(columns, rows);
                let parts = [areas.header, areas.body, areas.status, areas.footer];
                assert_eq!(parts.iter().map(|part| part.height).sum::<u16>(), rows);
                for alerts in [0, 1, 9, 10_000] {
                    let (pane, detail) = dashboard(areas.body);
                    let ((list, alerts), strip) = (needs(pane, alerts), strip(areas.body).1);
                    let parts = Dashboard {
                        list,
                        alerts,
                        detail,
                        strip,
                    };
                    let all = [parts.list, parts.alerts, parts.detail, parts.strip];
                    let inside = |part: &Rect| part.right() <= columns && part.bottom() <= rows;
                    assert!(all.iter().all(inside), "{parts:?}");
                    let overlap = |a: Rect, b: Rect| a.intersects(b) && !a.is_empty();
                    assert!(!overlap(parts.list, parts.alerts), "{parts:?}");
                    assert!(
                        parts.list.height >= parts.alerts.height || rows < 20,
                        "{parts:?}"
                    );
                }
            }
        }
    }
}
