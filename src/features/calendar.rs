//! The close time of a bar as points on circles: the hour of the day and the day of the week.
//!
//! The close time is what is known when the bar is decided on; both circles are in UTC.

use domain::{Nanos, Timeframe};
use std::{f64::consts::TAU, fmt};

/// Which circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cycle {
    /// Midnight to midnight.
    Day,
    /// Monday 00:00 to Monday 00:00.
    Week,
}

/// Which coordinate of the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    Sin,
    Cos,
}

/// One coordinate of the close time on one circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub cycle: Cycle,
    pub axis: Axis,
}

impl Calendar {
    /// Returns the coordinates of every bar; the same bits as [`Self::value`] of each.
    ///
    /// Bars without gaps come round to the same angle, so most are copied from one round before.
    pub fn values(self, open_times: &[Nanos], timeframe: Timeframe) -> Vec<f64> {
        let length = self.length();
        let round = (length / timeframe.nanos()).max(1) as usize;
        let mut values: Vec<f64> = Vec::with_capacity(open_times.len());
        for (row, time) in open_times.iter().enumerate() {
            let value = match row.checked_sub(round) {
                Some(before) if time.0.wrapping_sub(open_times[before].0) == length => {
                    values[before]
                }
                _ => self.value(*time, timeframe),
            };
            values.push(value);
        }
        values
    }

    /// Returns the coordinate, in `[-1, 1]`, of the bar that opened at `open_time`.
    pub fn value(self, open_time: Nanos, timeframe: Timeframe) -> f64 {
        // The epoch was a Thursday, three days after a Monday.
        let offset = match self.cycle {
            Cycle::Day => 0,
            Cycle::Week => 3 * Timeframe::DAY.nanos(),
        };
        let length = self.length();
        let close = open_time.0.wrapping_add(timeframe.nanos());
        let into = close.wrapping_add(offset).rem_euclid(length);
        let angle = TAU * (into as f64 / length as f64);
        match self.axis {
            Axis::Sin => angle.sin(),
            Axis::Cos => angle.cos(),
        }
    }

    /// Nanoseconds of one round.
    fn length(self) -> i64 {
        match self.cycle {
            Cycle::Day => Timeframe::DAY.nanos(),
            Cycle::Week => 7 * Timeframe::DAY.nanos(),
        }
    }
}

impl fmt::Display for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.cycle, self.axis) {
            (Cycle::Day, Axis::Sin) => "time_of_day.sin",
            (Cycle::Day, Axis::Cos) => "time_of_day.cos",
            (Cycle::Week, Axis::Sin) => "day_of_week.sin",
            (Cycle::Week, Axis::Cos) => "day_of_week.cos",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // 2024-01-01 was a Monday.
    const MONDAY_MS: i64 = 1_704_067_200_000;
    const HOUR_MS: i64 = 3_600_000;

    #[rstest]
    #[case(Cycle::Day, 23, 0.0, 1.0)]
    #[case(Cycle::Day, 5, 1.0, 0.0)]
    #[case(Cycle::Day, 11, 0.0, -1.0)]
    #[case(Cycle::Week, 7 * 24 - 1, 0.0, 1.0)]
    #[case(Cycle::Week, 83, 0.0, -1.0)]
    fn an_hourly_bar_lies_at_its_close_time(
        #[case] cycle: Cycle,
        #[case] opened_hour: i64,
        #[case] sin: f64,
        #[case] cos: f64,
    ) {
        let opened = Nanos::from_millis(MONDAY_MS + opened_hour * HOUR_MS);
        for (axis, expected) in [(Axis::Sin, sin), (Axis::Cos, cos)] {
            let value = Calendar { cycle, axis }.value(opened, Timeframe::HOUR);
            assert!(
                (value - expected).abs() < 1e-12,
                "{axis:?}: {value} is not {expected}"
            );
        }
    }

    #[test]
    fn copied_rounds_have_the_same_bits_also_after_a_gap() {
        let hours = (0..400_i64).map(|row| row + if row > 250 { 5 } else { 0 });
        let times: Vec<Nanos> = hours
            .map(|hour| Nanos::from_millis(MONDAY_MS + hour * HOUR_MS))
            .collect();
        for (cycle, axis) in [(Cycle::Day, Axis::Sin), (Cycle::Week, Axis::Cos)] {
            let calendar = Calendar { cycle, axis };
            let values = calendar.values(&times, Timeframe::HOUR);
            for (time, value) in times.iter().zip(values) {
                assert_eq!(
                    value.to_bits(),
                    calendar.value(*time, Timeframe::HOUR).to_bits()
                );
            }
        }
    }
}
