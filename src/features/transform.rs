//! What makes a column stationary and free of scale, one named step after another.
//!
//! Owns the list of transforms (declared once: parsing and help read [`TRANSFORMS`]) and the running
//! state of each. Every transform is causal and total on finite input except `log`; where a division
//! has no answer (0/0 on a dead market) the value is 0, "nothing to see". Start at [`Transform`].

use crate::{
    catalogue::function,
    rolling::{Delay, RollingZ},
    source::{Indicator, Number, Source, VOLUME},
};
use domain::Text;
use std::fmt;

/// A transform as help and parser see it.
#[derive(Debug)]
pub struct TransformInfo {
    /// Name as written after `|`.
    pub name: &'static str,
    /// Parameters in positional order.
    pub parameters: &'static [TransformParameter],
    /// What it does.
    pub text: Text,
    build: fn(&[f64]) -> Transform,
}

/// A parameter of a transform.
#[derive(Debug)]
pub struct TransformParameter {
    /// Name as written.
    pub name: &'static str,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Value when left out.
    pub default: f64,
    /// Whole numbers only.
    pub integer: bool,
}

impl TransformInfo {
    /// Makes the transform from one checked value a parameter.
    pub(crate) fn build(&self, values: &[f64]) -> Transform {
        (self.build)(values)
    }
}

const fn whole(name: &'static str, min: f64, default: f64) -> TransformParameter {
    TransformParameter {
        name,
        min,
        max: 100_000.0,
        default,
        integer: true,
    }
}

const fn real(name: &'static str, default: f64) -> TransformParameter {
    TransformParameter {
        name,
        min: -1e12,
        max: 1e12,
        default,
        integer: false,
    }
}

/// Every transform, in the order of help.
pub const TRANSFORMS: &[TransformInfo] = &[
    TransformInfo {
        name: "relative",
        parameters: &[],
        text: Text::new(
            "x / close − 1: a price level as its distance from the close",
            "x / 종가 − 1: 가격 수준을 종가와의 거리로 바꿉니다",
        ),
        build: |_| Transform::Relative,
    },
    TransformInfo {
        name: "over_close",
        parameters: &[],
        text: Text::new(
            "x / close: a price difference as a share of the price",
            "x / 종가: 가격 차이를 가격 대비 비율로 바꿉니다",
        ),
        build: |_| Transform::OverClose,
    },
    TransformInfo {
        name: "over_atr",
        parameters: &[whole("period", 1.0, 14.0)],
        text: Text::new(
            "x / average true range: a price difference in units of the usual bar; 0 where nothing moves",
            "x / 평균 실제 범위(ATR): 가격 차이를 평소 봉 크기로 나눕니다. 움직임이 없으면 0",
        ),
        build: |v| Transform::OverAtr(v[0] as usize),
    },
    TransformInfo {
        name: "over_volume",
        parameters: &[whole("period", 1.0, 20.0)],
        text: Text::new(
            "x / average volume: an amount in units of the usual bar's volume; 0 where nothing trades",
            "x / 평균 거래량: 수량을 평소 봉 거래량으로 나눕니다. 거래가 없으면 0",
        ),
        build: |v| Transform::OverVolume(v[0] as usize),
    },
    TransformInfo {
        name: "diff",
        parameters: &[whole("lag", 1.0, 1.0)],
        text: Text::new("x[t] − x[t − lag]", "x[t] − x[t − lag] (차분)"),
        build: |v| Transform::Diff(v[0] as usize),
    },
    TransformInfo {
        name: "log",
        parameters: &[],
        text: Text::new(
            "natural logarithm; an error where x is not positive",
            "자연로그. x가 양수가 아니면 오류",
        ),
        build: |_| Transform::Log,
    },
    TransformInfo {
        name: "log1p",
        parameters: &[],
        text: Text::new(
            "sign(x) · ln(1 + |x|): tames large values of either sign",
            "sign(x) · ln(1 + |x|): 부호를 지키며 큰 값을 줄입니다",
        ),
        build: |_| Transform::Log1p,
    },
    TransformInfo {
        name: "zscore",
        parameters: &[whole("period", 2.0, 200.0)],
        text: Text::new(
            "(x − mean) / standard deviation of the last `period` values; 0 where they are constant",
            "(x − 평균) / 최근 `period`개 값의 표준편차. 값이 일정하면 0",
        ),
        build: |v| Transform::ZScore(v[0] as usize),
    },
    TransformInfo {
        name: "unit",
        parameters: &[real("low", 0.0), real("high", 100.0)],
        text: Text::new(
            "maps low..high to −1..1 and clips: for indicators with known bounds",
            "low..high를 −1..1로 옮기고 자릅니다. 범위가 정해진 지표용",
        ),
        build: |v| Transform::Unit {
            low: v[0],
            high: v[1],
        },
    },
    TransformInfo {
        name: "clip",
        parameters: &[real("low", -5.0), real("high", 5.0)],
        text: Text::new("limits x to low..high", "x를 low..high로 제한합니다"),
        build: |v| Transform::Clip {
            low: v[0],
            high: v[1],
        },
    },
    TransformInfo {
        name: "scale",
        parameters: &[real("by", 1.0)],
        text: Text::new("x · by", "x · by (상수배)"),
        build: |v| Transform::Scale(v[0]),
    },
];

/// One step, resolved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Transform {
    Relative,
    OverClose,
    OverAtr(usize),
    OverVolume(usize),
    Diff(usize),
    Log,
    Log1p,
    ZScore(usize),
    Unit { low: f64, high: f64 },
    Clip { low: f64, high: f64 },
    Scale(f64),
}

impl Transform {
    /// Returns the series it divides by, if any.
    pub fn operand(self) -> Option<Source> {
        match self {
            Self::OverAtr(period) => Some(over("ATR", period, Vec::new())),
            Self::OverVolume(period) => Some(over("SMA", period, vec![Source::Bar(VOLUME)])),
            _ => None,
        }
    }

    /// Returns how many values it takes in before it gives the first one out.
    pub fn delay(self) -> usize {
        match self {
            Self::Diff(lag) => lag,
            Self::ZScore(period) => period - 1,
            _ => 0,
        }
    }

    /// Returns whether what leaves is limited whatever enters.
    pub fn bounds(self) -> bool {
        matches!(self, Self::Unit { .. } | Self::Clip { .. })
    }

    /// Starts the running state.
    pub fn stage(self) -> Stage {
        match self {
            Self::Diff(lag) => Stage::Diff(Delay::new(lag)),
            Self::ZScore(period) => Stage::ZScore(RollingZ::new(period)),
            point => Stage::Point(point),
        }
    }

    #[inline(always)]
    fn point(self, x: f64, close: f64, operand: f64) -> f64 {
        match self {
            Self::Relative => x / close - 1.0,
            Self::OverClose => x / close,
            Self::OverAtr(_) | Self::OverVolume(_) => {
                if operand > 0.0 {
                    x / operand
                } else {
                    0.0
                }
            }
            Self::Log => x.ln(),
            Self::Log1p => x.abs().ln_1p().copysign(x),
            Self::Unit { low, high } => (2.0 * ((x - low) / (high - low)) - 1.0).clamp(-1.0, 1.0),
            Self::Clip { low, high } => x.clamp(low, high),
            Self::Scale(by) => x * by,
            Self::Diff(_) | Self::ZScore(_) => x,
        }
    }
}

/// A moving average of the bar that serves as a unit of measure.
fn over(name: &str, period: usize, inputs: Vec<Source>) -> Source {
    Source::Indicator(Indicator {
        function: function(name).expect("TA-Lib has had ATR and SMA for ever"),
        params: vec![Number::Integer(period as i32)],
        inputs,
        output: 0,
    })
}

impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Relative => f.write_str("relative"),
            Self::OverClose => f.write_str("over_close"),
            Self::OverAtr(period) => write!(f, "over_atr({period})"),
            Self::OverVolume(period) => write!(f, "over_volume({period})"),
            Self::Diff(lag) => write!(f, "diff({lag})"),
            Self::Log => f.write_str("log"),
            Self::Log1p => f.write_str("log1p"),
            Self::ZScore(period) => write!(f, "zscore({period})"),
            Self::Unit { low, high } => write!(f, "unit({low}, {high})"),
            Self::Clip { low, high } => write!(f, "clip({low}, {high})"),
            Self::Scale(by) => write!(f, "scale({by})"),
        }
    }
}

/// A transform with what it remembers.
#[derive(Clone, Debug)]
pub enum Stage {
    Point(Transform),
    Diff(Delay),
    ZScore(RollingZ),
}

impl Stage {
    /// Takes the value of one bar, with that bar's close and operand; returns what leaves, if yet.
    #[inline]
    pub fn push(&mut self, x: f64, close: f64, operand: f64) -> Option<f64> {
        match self {
            Self::Point(transform) => Some(transform.point(x, close, operand)),
            Self::Diff(delay) => delay.push(x).map(|old| x - old),
            Self::ZScore(window) => window.push(x),
        }
    }

    /// Takes a run of bars and replaces the values in place; what has not left yet becomes 0.
    ///
    /// The slices have equal length; `operands` is read only by transforms that have one.
    pub fn run(self, values: &mut [f64], closes: &[f64], operands: &[f64]) {
        match self {
            Self::Point(transform) => {
                for ((x, close), operand) in values.iter_mut().zip(closes).zip(operands) {
                    *x = transform.point(*x, *close, *operand);
                }
            }
            Self::Diff(mut delay) => {
                for x in values {
                    *x = delay.push(*x).map_or(0.0, |old| *x - old);
                }
            }
            Self::ZScore(mut window) => {
                for x in values {
                    *x = window.push(*x).unwrap_or(0.0);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Transform::Relative, 110.0, 0.1)]
    #[case(Transform::OverClose, 5.0, 0.05)]
    #[case(Transform::OverAtr(14), 6.0, 3.0)]
    #[case(Transform::Log1p, -(std::f64::consts::E - 1.0), -1.0)]
    #[case(Transform::Unit { low: 0.0, high: 100.0 }, 75.0, 0.5)]
    #[case(Transform::Unit { low: 0.0, high: 100.0 }, 300.0, 1.0)]
    #[case(Transform::Clip { low: -3.0, high: 3.0 }, -7.0, -3.0)]
    #[case(Transform::Scale(0.5), 4.0, 2.0)]
    fn points_follow_their_formula(#[case] transform: Transform, #[case] x: f64, #[case] y: f64) {
        let found = transform.stage().push(x, 100.0, 2.0).unwrap();
        assert!((found - y).abs() < 1e-12, "{transform}: {found} is not {y}");
    }

    #[test]
    fn dividing_by_a_dead_market_is_zero() {
        assert_eq!(
            Transform::OverAtr(14).stage().push(0.0, 1.0, 0.0),
            Some(0.0)
        );
        assert_eq!(
            Transform::OverVolume(20).stage().push(3.0, 1.0, 0.0),
            Some(0.0)
        );
    }

    #[test]
    fn the_delay_is_what_the_stage_withholds() {
        for info in TRANSFORMS {
            let values: Vec<f64> = info.parameters.iter().map(|p| p.default).collect();
            let transform = info.build(&values);
            let mut stage = transform.stage();
            let withheld = (0..500)
                .filter(|t| stage.push(f64::from(*t), 1.0, 1.0).is_none())
                .count();
            assert_eq!(withheld, transform.delay(), "{transform}");
            assert!(transform.to_string().starts_with(info.name));
        }
    }
}
