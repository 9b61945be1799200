//! Where in time bars carry marks, in few enough cells to draw.
//!
//! Written beside a data set by whoever imports it and read by whoever shows it; it holds positions
//! only, since what is missing and how often is the manifest's. Start at [`Timeline::of`].

use crate::{
    bars::{BarFlags, Bars},
    time::Nanos,
};
use serde::{Deserialize, Serialize};

/// The newest format that is read here and the one that is written.
const FORMAT: u32 = 1;
/// Cells of a timeline: more than a wide terminal has columns.
const CELLS: usize = 512;

/// Marks of one cell, one beside the other.
const FLAGGED: u8 = 1;
const MENDED: u8 = 1 << 1;

/// What stands in one stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// A bar without volume, between the steps or after a jump beyond the outlier rule.
    pub flagged: bool,
    /// A bar that a repair changed or made.
    pub mended: bool,
}

/// The marks of a data set over its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    format: u32,
    /// Hash of the bars that it is of.
    bars_hash: String,
    /// Open time of the first bar.
    from: Nanos,
    /// Open time of the last bar.
    to: Nanos,
    /// Marks of equally long stretches from the first bar to the last.
    cells: Vec<u8>,
}

impl Timeline {
    /// Name of the file beside a data set's manifest.
    pub const FILE: &'static str = "timeline.json";

    /// Returns where `bars`, whose hash is `bars_hash`, carry marks; `None` where there is no bar.
    #[must_use]
    pub fn of(bars: &Bars, bars_hash: &str) -> Option<Self> {
        let (from, to) = (*bars.open_time.first()?, *bars.open_time.last()?);
        let mut timeline = Self {
            format: FORMAT,
            bars_hash: bars_hash.to_owned(),
            from,
            to,
            cells: vec![0; CELLS.min(bars.len())],
        };
        let flagged = [BarFlags::ZERO_VOLUME, BarFlags::OUTLIER, BarFlags::OFF_GRID];
        let mended = [BarFlags::REPAIRED, BarFlags::SYNTHETIC];
        for (time, flags) in bars.open_time.iter().zip(&bars.flags) {
            let has = |marks: &[BarFlags]| marks.iter().any(|mark| flags.contains(*mark));
            let place = timeline.place(*time);
            if has(&mended) {
                timeline.cells[place] |= MENDED;
            } else if has(&flagged) {
                timeline.cells[place] |= FLAGGED;
            }
        }
        Some(timeline)
    }

    /// Returns the cell that holds `time`, which lies between the first bar and the last.
    fn place(&self, time: Nanos) -> usize {
        let span = i128::from(self.to.0 - self.from.0) + 1;
        let into = i128::from(time.0 - self.from.0).clamp(0, span - 1);
        usize::try_from(into * self.cells.len() as i128 / span).unwrap_or(0)
    }

    /// Returns the marks between `from` and `to`.
    #[must_use]
    pub fn between(&self, from: Nanos, to: Nanos) -> Marks {
        if to < self.from || from > self.to || self.cells.is_empty() {
            return Marks::default();
        }
        let stretch = self.place(from)..=self.place(to);
        let all = self.cells[stretch].iter().fold(0, |all, cell| all | cell);
        Marks {
            flagged: all & FLAGGED != 0,
            mended: all & MENDED != 0,
        }
    }

    /// Returns the content of the file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("numbers and texts have a JSON form")
    }

    /// Understands the content of the file; `None` where it is not of the bars with the hash
    /// `bars_hash`, or an older or a newer makook wrote it.
    #[must_use]
    pub fn parse(bytes: &[u8], bars_hash: &str) -> Option<Self> {
        let read: Self = serde_json::from_slice(bytes).ok()?;
        let fits = read.format == FORMAT && read.bars_hash == bars_hash && read.from <= read.to;
        fits.then_some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timeframe;

    fn bars(count: i64, marked: &[(i64, BarFlags)]) -> Bars {
        let mut bars = Bars::empty("X", Timeframe::HOUR);
        for hour in 0..count {
            bars.open_time.push(Nanos(hour * Timeframe::HOUR.nanos()));
            let flags = marked.iter().find(|(at, _)| *at == hour);
            bars.flags
                .push(flags.map_or(BarFlags::CLEAN, |(_, flags)| *flags));
        }
        bars
    }

    fn hours(from: i64, to: i64) -> (Nanos, Nanos) {
        let at = |hour: i64| Nanos(hour * Timeframe::HOUR.nanos());
        (at(from), at(to))
    }

    #[test]
    fn marks_are_found_where_they_stand_and_nowhere_else() {
        let marked = [(0, BarFlags::OUTLIER), (9_999, BarFlags::SYNTHETIC)];
        let timeline = Timeline::of(&bars(10_000, &marked), "h").unwrap();
        let between = |(from, to)| timeline.between(from, to);
        let flagged = Marks {
            flagged: true,
            mended: false,
        };
        let mended = Marks {
            flagged: false,
            mended: true,
        };
        assert_eq!(between(hours(0, 10)), flagged);
        assert_eq!(between(hours(9_990, 9_999)), mended);
        assert_eq!(between(hours(100, 9_900)), Marks::default());
        assert_eq!(between(hours(20_000, 30_000)), Marks::default());
        // A gap's own mark is the manifest's matter.
        let gap = Timeline::of(&bars(3, &[(1, BarFlags::AFTER_GAP)]), "h").unwrap();
        assert_eq!(
            gap.between(Nanos(i64::MIN), Nanos(i64::MAX)),
            Marks::default()
        );
        assert!(Timeline::of(&bars(0, &[]), "h").is_none());
    }

    #[test]
    fn only_the_timeline_of_the_same_bars_is_read() {
        let timeline = Timeline::of(&bars(5, &[(2, BarFlags::OFF_GRID)]), "h").unwrap();
        let bytes = timeline.bytes();
        assert_eq!(Timeline::parse(&bytes, "h"), Some(timeline));
        assert_eq!(Timeline::parse(&bytes, "another"), None);
        assert_eq!(Timeline::parse(b"{\"format\":2}", "h"), None);
    }
}
