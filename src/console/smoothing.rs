//! Exponential smoothing of a curve, kept up as points arrive.
//!
//! Smooths the raw data and never what is drawn: a zoom changes no value. Start at [`Smoothing`].

use crate::series::Series;
use domain::Text;

/// How strongly curves are smoothed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Smoothing {
    /// Not at all.
    #[default]
    Off,
    /// The last few records count.
    Light,
    /// About ten.
    Medium,
    /// About thirty.
    Strong,
    /// About a hundred.
    Strongest,
}

impl Smoothing {
    /// Every strength, in the order in which a key goes through them.
    pub const ALL: [Self; 5] = [
        Self::Off,
        Self::Light,
        Self::Medium,
        Self::Strong,
        Self::Strongest,
    ];

    /// Returns the weight of what came before, in `[0, 1)`.
    #[must_use]
    pub const fn weight(self) -> f64 {
        match self {
            Self::Off => 0.0,
            Self::Light => 0.6,
            Self::Medium => 0.9,
            Self::Strong => 0.97,
            Self::Strongest => 0.99,
        }
    }

    /// Returns the next strength; after the last comes none.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|one| *one == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }

    /// Returns the word that files know it by.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Light => "light",
            Self::Medium => "medium",
            Self::Strong => "strong",
            Self::Strongest => "strongest",
        }
    }

    /// Returns how it is shown.
    #[must_use]
    pub const fn label(self) -> Text {
        match self {
            Self::Off => Text::new("not smoothed", "평활화 없음"),
            Self::Light => Text::new("smoothed 0.60", "평활화 0.60"),
            Self::Medium => Text::new("smoothed 0.90", "평활화 0.90"),
            Self::Strong => Text::new("smoothed 0.97", "평활화 0.97"),
            Self::Strongest => Text::new("smoothed 0.99", "평활화 0.99"),
        }
    }
}

/// A curve's smoothed twin.
///
/// The mean is freed of its start from zero (Kingma and Ba 2015, section 3): `m / (1 - wⁿ)`. A gap
/// stays a gap and does not disturb what follows.
#[derive(Clone, Debug, Default)]
pub struct Smoothed {
    series: Series,
    strength: Smoothing,
    mean: f64,
    share: f64,
    epoch: u64,
}

impl Smoothed {
    /// Takes in what was added to `raw`; begins anew where points were taken back or `strength`
    /// is another.
    pub fn follow(&mut self, raw: &Series, strength: Smoothing) {
        if !self.is_of(raw, strength) {
            *self = Self {
                strength,
                epoch: raw.epoch(),
                series: raw.beside(),
                ..Self::default()
            };
        }
        let weight = strength.weight();
        for point in raw.all_from(self.series.len()) {
            let value = point.value;
            let smoothed = if value.is_finite() {
                self.mean = self.mean * weight + value * (1.0 - weight);
                self.share = self.share * weight + (1.0 - weight);
                self.mean / self.share
            } else {
                f64::NAN
            };
            self.series.push_at(point.step, point.seconds, smoothed);
        }
    }

    /// Returns how strongly it is smoothed.
    #[must_use]
    pub fn strength(&self) -> Smoothing {
        self.strength
    }

    /// Returns how many points of `raw` are still to be smoothed.
    #[must_use]
    pub fn missing(&self, raw: &Series, strength: Smoothing) -> usize {
        match self.is_of(raw, strength) {
            true => raw.len() - self.series.len(),
            false => raw.len(),
        }
    }

    /// Returns whether it is `raw`'s twin as far as it goes.
    #[must_use]
    pub fn is_of(&self, raw: &Series, strength: Smoothing) -> bool {
        let grown = self.epoch == raw.epoch() && self.series.len() <= raw.len();
        grown && self.strength == strength
    }

    /// Returns the smoothed curve, point by point the raw one's twin.
    #[must_use]
    pub fn series(&self) -> &Series {
        &self.series
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::Axis;

    fn values(series: &Series) -> Vec<f64> {
        series.points(Axis::Updates).map(|point| point.1).collect()
    }

    #[test]
    fn a_constant_stays_and_a_gap_is_kept() {
        let raw = Series::of(&[(1.0, 4.0), (2.0, f64::NAN), (3.0, 4.0), (4.0, 4.0)]);
        let mut smoothed = Smoothed::default();
        smoothed.follow(&raw, Smoothing::Strong);
        let found = values(smoothed.series());
        assert!(found[1].is_nan());
        assert!(
            [0, 2, 3].iter().all(|i| (found[*i] - 4.0).abs() < 1e-12),
            "{found:?}"
        );
    }

    #[test]
    fn what_is_kept_up_equals_what_is_computed_at_once() {
        let mut raw = Series::default();
        let mut kept = Smoothed::default();
        for step in 0..9_000 {
            raw.push_at(f64::from(step), 0.0, f64::from(step * 31 % 17));
            if step % 700 == 0 {
                kept.follow(&raw, Smoothing::Medium);
            }
        }
        kept.follow(&raw, Smoothing::Medium);
        let mut anew = Smoothed::default();
        anew.follow(&raw, Smoothing::Medium);
        assert_eq!(values(kept.series()), values(anew.series()));
    }

    #[test]
    fn points_taken_back_and_another_strength_begin_anew() {
        let mut raw = Series::of(&[(1.0, 1.0), (2.0, 100.0)]);
        let mut smoothed = Smoothed::default();
        smoothed.follow(&raw, Smoothing::Light);
        raw.keep_below(2.0);
        raw.push_at(2.0, 0.0, 1.0);
        smoothed.follow(&raw, Smoothing::Light);
        assert!((values(smoothed.series())[1] - 1.0).abs() < 1e-12);
        raw.push_at(3.0, 0.0, 9.0);
        smoothed.follow(&raw, Smoothing::Off);
        assert_eq!(values(smoothed.series()), [1.0, 1.0, 9.0]);
    }

    #[test]
    fn a_key_goes_through_every_strength() {
        let all = std::iter::successors(Some(Smoothing::Off), |one| Some(one.next()));
        assert!(all.skip(1).take(5).eq([
            Smoothing::Light,
            Smoothing::Medium,
            Smoothing::Strong,
            Smoothing::Strongest,
            Smoothing::Off
        ]));
    }
}
