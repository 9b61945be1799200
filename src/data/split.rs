//! Windows in time: what is trained on, what chooses, and what judges.
//!
//! Windows follow each other in time and never touch: the end of the earlier one is purged by at
//! least the observation window and the horizon, so that no training sample sees a later window
//! (López de Prado 2018, ch. 7). Start at [`Split::cut`].

use crate::{error::DataError, report::grouped};
use domain::{Nanos, Text, Timeframe, phrase};
use serde::{Deserialize, Serialize};
use std::{fmt, ops::Range};

/// Where a window begins.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// After this share of the usable bars, within 0 and 1.
    Share(f64),
    /// At the first bar that opens at or after this time.
    At(Nanos),
}

/// How bars are split.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SplitSpec {
    /// Bars at the start that cannot be used: the features' warm-up. Default 0.
    pub warm_up: usize,
    /// Where validation begins. Default: after 60 % of the usable bars.
    pub valid_from: Cut,
    /// Where the test begins. Default: after 80 % of the usable bars.
    pub test_from: Cut,
    /// Bars taken off the end of the earlier window at every border. Default 0.
    pub purge: usize,
    /// What the purge must be at least: observation window + horizon, in bars. Default 0.
    pub required_purge: usize,
    /// Bars taken off the start of the later window at every border. Default 0.
    pub embargo: usize,
    /// Fewest bars that a window may have. Default 50.
    pub min_bars: usize,
}

impl Default for SplitSpec {
    fn default() -> Self {
        Self {
            warm_up: 0,
            valid_from: Cut::Share(0.6),
            test_from: Cut::Share(0.8),
            purge: 0,
            required_purge: 0,
            embargo: 0,
            min_bars: 50,
        }
    }
}

/// One window: bars `bars.start..bars.end`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Indices of its bars.
    pub bars: Range<usize>,
    /// Open time of its first bar.
    pub from: Nanos,
    /// Open time of its last bar.
    pub to: Nanos,
}

/// Bars split in time: training, validation, test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// What is trained on.
    pub train: Window,
    /// What chooses the checkpoint.
    pub valid: Window,
    /// What judges, once.
    pub test: Window,
    /// Bars purged at every border.
    pub purge: usize,
    /// Bars under embargo at every border.
    pub embargo: usize,
}

impl Split {
    /// Splits bars that open at `open_time`, which rises strictly.
    ///
    /// # Errors
    /// [`DataError::Split`] when the purge is too short, the cuts are out of order or outside of
    /// the data, or a window has too few bars.
    pub fn cut(open_time: &[Nanos], spec: &SplitSpec) -> Result<Self, DataError> {
        check_purge(spec)?;
        let valid = position(
            open_time,
            spec,
            spec.valid_from,
            Text::new("validation", "검증"),
        )?;
        let test = position(open_time, spec, spec.test_from, Text::new("test", "시험"))?;
        if valid >= test {
            return Err(DataError::Split(phrase!(
                "validation would begin at bar {valid} and the test at bar {test}; the test must begin later",
                "검증이 봉 {valid}, 시험이 봉 {test}에서 시작합니다. 시험이 더 뒤여야 합니다"
            )));
        }
        let window = |name: Text, start: usize, end: usize| {
            Window::checked(open_time, name, start, end, spec)
        };
        Ok(Self {
            train: window(
                Text::new("training", "학습"),
                spec.warm_up,
                valid.saturating_sub(spec.purge),
            )?,
            valid: window(
                Text::new("validation", "검증"),
                valid + spec.embargo,
                test.saturating_sub(spec.purge),
            )?,
            test: window(
                Text::new("test", "시험"),
                test + spec.embargo,
                open_time.len(),
            )?,
            purge: spec.purge,
            embargo: spec.embargo,
        })
    }
}

/// One step of a walk forward: train on everything before, test on what follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fold {
    /// What is trained on; grows from fold to fold.
    pub train: Window,
    /// What judges this fold.
    pub test: Window,
}

/// Cuts the bars from `spec.valid_from` on into `folds` test windows of equal length, each with all
/// usable bars before it to train on, less purge and embargo.
///
/// # Errors
/// As [`Split::cut`].
pub fn walk_forward(
    open_time: &[Nanos],
    spec: &SplitSpec,
    folds: usize,
) -> Result<Vec<Fold>, DataError> {
    check_purge(spec)?;
    let first = position(
        open_time,
        spec,
        spec.valid_from,
        Text::new("the first fold", "첫 폴드"),
    )?;
    let length = (open_time.len() - first) / folds.max(1);
    (0..folds)
        .map(|fold| {
            let start = first + fold * length;
            let end = if fold + 1 == folds {
                open_time.len()
            } else {
                start + length
            };
            let train_end = start.saturating_sub(spec.purge);
            Ok(Fold {
                train: Window::checked(
                    open_time,
                    Text::new("training", "학습"),
                    spec.warm_up,
                    train_end,
                    spec,
                )?,
                test: Window::checked(
                    open_time,
                    Text::new("test", "시험"),
                    start + spec.embargo,
                    end,
                    spec,
                )?,
            })
        })
        .collect()
}

fn check_purge(spec: &SplitSpec) -> Result<(), DataError> {
    if spec.purge < spec.required_purge {
        let (purge, least) = (spec.purge, spec.required_purge);
        return Err(DataError::Split(phrase!(
            "a purge of {purge} bars is shorter than observation window + horizon = {least} bars, so training would see validation data; set the purge to {least} or more",
            "purge {purge}봉이 관측 창 + 예측 구간 {least}봉보다 짧아 학습이 검증 데이터를 보게 됩니다. purge를 {least} 이상으로 하세요"
        )));
    }
    Ok(())
}

/// Returns the index of the bar at a cut.
fn position(
    open_time: &[Nanos],
    spec: &SplitSpec,
    cut: Cut,
    name: Text,
) -> Result<usize, DataError> {
    let usable = open_time.len().saturating_sub(spec.warm_up);
    if usable == 0 {
        let (bars, warm_up) = (open_time.len(), spec.warm_up);
        return Err(DataError::Split(phrase!(
            "there are {bars} bars, and the features need {warm_up} of them to warm up; use more data or shorter indicators",
            "봉이 {bars}개인데 특징 계산의 준비 구간에만 {warm_up}개가 필요합니다. 데이터를 늘리거나 더 짧은 지표를 쓰세요"
        )));
    }
    let Text { en, ko } = name;
    match cut {
        Cut::Share(share) if share > 0.0 && share < 1.0 => {
            Ok(spec.warm_up + (usable as f64 * share).round() as usize)
        }
        Cut::Share(share) => Err(DataError::Split(phrase!(
            "{en} would begin after {share} of the data; give a share between 0 and 1",
            "{ko}: 데이터의 {share} 지점에서 시작할 수 없습니다. 0과 1 사이의 비율을 주세요"
        ))),
        Cut::At(time) => {
            let at = open_time.partition_point(|open| *open < time);
            if at <= spec.warm_up || at >= open_time.len() {
                let (from, to) = (open_time[spec.warm_up], open_time[open_time.len() - 1]);
                return Err(DataError::Split(phrase!(
                    "{en} would begin at {time}, but the usable data runs from {from} to {to}",
                    "{ko} 시작이 {time}이지만 쓸 수 있는 데이터는 {from}부터 {to}까지입니다"
                )));
            }
            Ok(at)
        }
    }
}

impl Window {
    fn checked(
        open_time: &[Nanos],
        name: Text,
        start: usize,
        end: usize,
        spec: &SplitSpec,
    ) -> Result<Self, DataError> {
        let count = end.saturating_sub(start);
        if count < spec.min_bars.max(1) {
            let (Text { en, ko }, bars) = (name, open_time.len());
            let SplitSpec {
                min_bars,
                warm_up,
                purge,
                embargo,
                ..
            } = spec;
            return Err(DataError::Split(phrase!(
                "the {en} window has {count} bars of at least {min_bars} (of {bars} bars, {warm_up} warm up, {purge} are purged and {embargo} under embargo at each border); use more data, a finer timeframe or other cuts",
                "{ko} 구간의 봉이 {count}개로, 필요한 {min_bars}개보다 적습니다(전체 {bars}개, 준비 {warm_up}개, 경계마다 purge {purge}개와 embargo {embargo}개). 데이터를 늘리거나, 더 짧은 주기 또는 다른 경계를 쓰세요"
            )));
        }
        Ok(Self {
            bars: start..end,
            from: open_time[start],
            to: open_time[end - 1],
        })
    }

    /// Returns the number of bars.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bars.len()
    }

    /// Returns whether there is no bar; a window that was cut has some.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bars.is_empty()
    }

    /// Returns the time from the first open to the last close, in days.
    #[must_use]
    pub fn days(&self, timeframe: Timeframe) -> f64 {
        let nanos = self.to.0 - self.from.0 + timeframe.nanos();
        nanos as f64 / Timeframe::DAY.nanos() as f64
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = grouped(self.len() as u64);
        write!(f, "{} … {} ({count} bars)", self.from, self.to)
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "train  {}", self.train)?;
        writeln!(f, "valid  {}", self.valid)?;
        writeln!(f, "test   {}", self.test)?;
        write!(
            f,
            "purge {} bars, embargo {} bars at each border",
            self.purge, self.embargo
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn hours(count: usize) -> Vec<Nanos> {
        (0..count)
            .map(|hour| Nanos(hour as i64 * Timeframe::HOUR.nanos()))
            .collect()
    }

    #[test]
    fn default_is_sixty_twenty_twenty_of_the_usable_bars() {
        let spec = SplitSpec {
            warm_up: 100,
            purge: 10,
            embargo: 5,
            ..SplitSpec::default()
        };
        let split = Split::cut(&hours(1_100), &spec).unwrap();
        assert_eq!(split.train.bars, 100..690);
        assert_eq!(split.valid.bars, 705..890);
        assert_eq!(split.test.bars, 905..1_100);
        assert!(split.to_string().contains("train  1970-01-05T04:00:00Z"));
    }

    #[test]
    fn dates_cut_at_the_first_bar_not_before_them() {
        let spec = SplitSpec {
            valid_from: Cut::At(Nanos(500 * Timeframe::HOUR.nanos() - 1)),
            test_from: Cut::At(Nanos(700 * Timeframe::HOUR.nanos())),
            ..SplitSpec::default()
        };
        let split = Split::cut(&hours(1_000), &spec).unwrap();
        assert_eq!((split.valid.bars.start, split.test.bars.start), (500, 700));
    }

    #[rstest]
    #[case::short_purge(1_000, SplitSpec { purge: 10, required_purge: 64, ..SplitSpec::default() }, "shorter than observation window + horizon = 64 bars")]
    #[case::too_little(
        100,
        SplitSpec::default(),
        "the validation window has 20 bars of at least 50"
    )]
    #[case::all_warm_up(100, SplitSpec { warm_up: 100, ..SplitSpec::default() }, "need 100 of them to warm up")]
    #[case::nothing(0, SplitSpec::default(), "there are 0 bars")]
    #[case::order(1_000, SplitSpec { test_from: Cut::Share(0.5), ..SplitSpec::default() }, "the test must begin later")]
    #[case::share(1_000, SplitSpec { valid_from: Cut::Share(1.5), ..SplitSpec::default() }, "give a share between 0 and 1")]
    #[case::outside(1_000, SplitSpec { test_from: Cut::At(Nanos(i64::MAX)), ..SplitSpec::default() }, "but the usable data runs from")]
    fn what_does_not_fit_is_said(
        #[case] bars: usize,
        #[case] spec: SplitSpec,
        #[case] message: &str,
    ) {
        let error = Split::cut(&hours(bars), &spec).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }

    #[test]
    fn folds_walk_forward_without_overlap() {
        let spec = SplitSpec {
            purge: 8,
            valid_from: Cut::Share(0.5),
            ..SplitSpec::default()
        };
        let folds = walk_forward(&hours(1_003), &spec, 4).unwrap();
        assert_eq!(folds.len(), 4);
        assert_eq!(folds[3].test.bars.end, 1_003);
        for pair in folds.windows(2) {
            assert_eq!(pair[0].test.bars.end, pair[1].test.bars.start);
        }
        assert!(
            folds
                .iter()
                .all(|fold| fold.train.bars.end + 8 == fold.test.bars.start)
        );
    }

    proptest! {
        #[test]
        fn windows_never_come_closer_than_the_purge(
            bars in 0_usize..5_000, warm_up in 0_usize..300, purge in 0_usize..200,
            embargo in 0_usize..100, valid in 0.01_f64..0.99, test in 0.01_f64..0.99,
        ) {
            let spec = SplitSpec {
                warm_up, purge, embargo, required_purge: purge, min_bars: 10,
                valid_from: Cut::Share(valid), test_from: Cut::Share(test),
            };
            if let Ok(split) = Split::cut(&hours(bars), &spec) {
                prop_assert!(split.train.bars.start >= warm_up);
                prop_assert!(split.train.bars.end + purge + embargo <= split.valid.bars.start);
                prop_assert!(split.valid.bars.end + purge + embargo <= split.test.bars.start);
                prop_assert!(split.test.bars.end <= bars);
                prop_assert!(split.train.len().min(split.valid.len()).min(split.test.len()) >= 10);
            }
        }
    }
}
