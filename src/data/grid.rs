//! The regular steps that bars stand on: how long a bar is, which bars stand between the steps,
//! and which are missing.

use crate::{
    fault::Fault,
    findings::Findings,
    manifest::Gap,
    spec::{Calendar, Detect, GapPolicy, GridPolicy, ImportSpec, RepairPolicy, Stamp},
    table::{NO_ROW, Rows, Table},
};
use domain::{BarFlags, Nanos, Timeframe, phrase};
use std::collections::BTreeMap;

/// Steps looked at to find the most frequent one.
const SAMPLE: usize = 100_000;
/// Share of bars off the grid above which there is no grid.
const IRREGULAR: f64 = 0.2;
/// A close stamped up to this much before the full step belongs to the step (Binance: 1 ms).
const CLOSE_SLACK: i64 = 1_000_000;

/// The steps that a market's bars stand on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid {
    /// Length of a bar.
    pub(crate) timeframe: Timeframe,
    /// When the market trades.
    pub(crate) calendar: Calendar,
}

/// Finds the grid, shifts close stamps to open stamps, and flags or drops bars that are off the grid.
///
/// Times rise strictly. Returns `None`, with a fault noted, where there is no grid.
pub(crate) fn lay(table: &mut Table, spec: &ImportSpec, findings: &mut Findings) -> Option<Grid> {
    let timeframe = timeframe(table, spec, findings)?;
    let step = timeframe.nanos();
    let phases = table
        .time
        .iter()
        .take(SAMPLE)
        .map(|time| time.rem_euclid(step));
    let (phase, _) = most_frequent(phases)?;
    let off: Vec<u32> = (0..table.len() as u32)
        .filter(|index| table.time[*index as usize].rem_euclid(step) != phase)
        .collect();
    if off.len() as f64 > IRREGULAR * table.len() as f64 {
        findings.file(Fault::Timeframe, || {
            let (off, all) = (off.len(), table.len());
            phrase!(
                "{off} of {all} bars are off the steps of {timeframe}; ticks and calendar months are no bars of one length",
                "봉 {all}개 가운데 {off}개가 {timeframe} 간격에서 벗어났습니다. 체결(틱)이나 달 단위는 길이가 같은 봉이 아닙니다"
            )
        });
        return None;
    }
    if !off.is_empty() {
        for index in &off {
            let index = *index as usize;
            findings.row(Fault::OffGrid, table.rows.of(index), || {
                let time = Nanos(table.time[index]);
                phrase!(
                    "{time} is between the steps of {timeframe}",
                    "{time}은(는) {timeframe} 간격 사이에 있습니다"
                )
            });
            table.flags[index] |= BarFlags::OFF_GRID;
        }
        if spec.repair.off_grid == GridPolicy::Drop {
            let mut off = off.into_iter().peekable();
            let kept: Vec<u32> = (0..table.len() as u32)
                .filter(|index| off.next_if_eq(index).is_none())
                .collect();
            table.arrange(&kept);
        }
    }
    if spec.stamp == Stamp::Close {
        let early = if step - phase <= CLOSE_SLACK {
            step - phase
        } else {
            0
        };
        for time in &mut table.time {
            *time += early - step;
        }
    }
    let calendar = match spec.calendar {
        Detect::Given(calendar) => calendar,
        Detect::Auto => calendar(table, timeframe),
    };
    Some(Grid {
        timeframe,
        calendar,
    })
}

fn timeframe(table: &Table, spec: &ImportSpec, findings: &mut Findings) -> Option<Timeframe> {
    let steps: Vec<i64> = table
        .time
        .windows(2)
        .take(SAMPLE)
        .map(|pair| pair[1] - pair[0])
        .collect();
    let given = spec.timeframe.given().copied();
    let Some((step, count)) = most_frequent(steps.iter().copied()) else {
        // Where rows were refused, their loss is the fault to report.
        if given.is_none() && !findings.stops(&spec.repair) {
            findings.file(Fault::Timeframe, || {
                phrase!(
                    "one bar has no step from which its length could be told",
                    "봉이 하나뿐이라 주기를 알 수 없습니다"
                )
            });
        }
        return given;
    };
    let share = |count: usize| count as f64 / steps.len() as f64;
    let found = Timeframe::from_nanos(step)?;
    match given {
        Some(given) => {
            let fitting = steps.iter().filter(|step| **step == given.nanos()).count();
            if found != given && share(fitting) < 0.1 {
                findings.file(Fault::Timeframe, || {
                    let percent = share(count) * 100.0;
                    phrase!(
                        "most bars are {found} apart ({percent:.0} % of them), not {given}",
                        "봉 간격이 대부분 {given}이(가) 아니라 {found}입니다({percent:.0} %)"
                    )
                });
                return None;
            }
            Some(given)
        }
        None if share(count) < 0.5 => {
            findings.file(Fault::Timeframe, || {
                let percent = share(count) * 100.0;
                phrase!(
                    "the steps are irregular: the most frequent, {found}, is only {percent:.0} % of them",
                    "간격이 고르지 않습니다. 가장 많은 {found}도 {percent:.0} %뿐입니다"
                )
            });
            None
        }
        None => Some(found),
    }
}

/// Returns the most frequent value, the smallest of equals, and how often it came.
fn most_frequent(values: impl Iterator<Item = i64>) -> Option<(i64, usize)> {
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    let mut run: Option<(i64, usize)> = None;
    for value in values {
        match &mut run {
            Some((last, count)) if *last == value => *count += 1,
            _ => {
                if let Some((last, count)) = run.replace((value, 1)) {
                    *counts.entry(last).or_default() += count;
                }
            }
        }
    }
    if let Some((last, count)) = run {
        *counts.entry(last).or_default() += count;
    }
    counts
        .into_iter()
        .max_by_key(|(value, count)| (*count, std::cmp::Reverse(*value)))
}

/// Returns the calendar that the bars show: no Saturday in two weeks or more means weekdays.
fn calendar(table: &Table, timeframe: Timeframe) -> Calendar {
    let (Some(first), Some(last)) = (table.time.first(), table.time.last()) else {
        return Calendar::Always;
    };
    let two_weeks = 14 * Timeframe::DAY.nanos();
    if timeframe > Timeframe::DAY || last - first < two_weeks {
        return Calendar::Always;
    }
    let saturday = table.time.iter().any(|time| weekday(*time) == 6);
    if saturday {
        Calendar::Always
    } else {
        Calendar::Weekdays
    }
}

/// Returns the day of the week in UTC; Sunday is 0.
fn weekday(time: i64) -> i64 {
    (time.div_euclid(Timeframe::DAY.nanos()) + 4).rem_euclid(7)
}

impl Grid {
    fn trades_at(self, time: i64) -> bool {
        self.calendar == Calendar::Always || !matches!(weekday(time), 0 | 6)
    }

    /// Returns the open times at which a bar is missing between two neighbours.
    fn missing(self, before: i64, after: i64) -> impl Iterator<Item = i64> {
        let step = self.timeframe.nanos();
        (1..(after - before) / step)
            .map(move |count| before + count * step)
            .filter(move |time| self.trades_at(*time))
    }

    fn count_missing(self, before: i64, after: i64) -> u64 {
        match self.calendar {
            Calendar::Always => ((after - before) / self.timeframe.nanos() - 1).max(0) as u64,
            Calendar::Weekdays => self.missing(before, after).count() as u64,
        }
    }

    /// Notes every gap, flags the bar after it, and fills it where `policy` says so.
    ///
    /// Returns the gaps that remain.
    pub(crate) fn gaps(
        self,
        table: &mut Table,
        policy: &RepairPolicy,
        findings: &mut Findings,
    ) -> Vec<Gap> {
        let step = self.timeframe.nanos();
        let mut gaps = Vec::new();
        let mut filled = Vec::new();
        for index in 1..table.len() {
            let (before, after) = (table.time[index - 1], table.time[index]);
            if after - before == step {
                continue;
            }
            let missing = self.count_missing(before, after);
            if missing == 0 {
                continue;
            }
            let fills = policy.gaps == GapPolicy::ForwardFill;
            let too_long = fills && missing > policy.longest_fill;
            let fault = if too_long { Fault::LongGap } else { Fault::Gap };
            findings.row(fault, table.rows.of(index), || {
                let bars = if missing == 1 { "bar is" } else { "bars are" };
                let (from, to) = (Nanos(before), Nanos(after));
                phrase!(
                    "{missing} {bars} missing between {from} and {to}",
                    "{from}과(와) {to} 사이에 봉 {missing}개가 빠져 있습니다"
                )
            });
            if fills && !too_long {
                filled.push(index);
            } else {
                table.flags[index] |= BarFlags::AFTER_GAP;
                gaps.push(Gap {
                    after: Nanos(before),
                    until: Nanos(after),
                    missing,
                });
            }
        }
        if !filled.is_empty() {
            self.fill(table, &filled);
        }
        gaps
    }

    /// Repeats the last close in front of every bar of `at`.
    fn fill(self, table: &mut Table, at: &[usize]) {
        let mut full = Table::default();
        full.reserve(table.len());
        full.rows = Rows::Explicit(Vec::new());
        let mut at = at.iter().copied().peekable();
        for index in 0..table.len() {
            if at.next_if_eq(&index).is_some() {
                let last = table.close[index - 1];
                for time in self.missing(table.time[index - 1], table.time[index]) {
                    full.push(NO_ROW as usize, time, [last, last, last, last, 0.0]);
                    full.flags.push(BarFlags::SYNTHETIC | BarFlags::ZERO_VOLUME);
                }
            }
            full.push(table.rows.of(index), table.time[index], table.candle(index));
            full.flags.push(table.flags[index]);
        }
        *table = full;
    }
}
