//! What several seeds of one set-up say together (Agarwal et al. 2021, rliable).

use super::bootstrap::Interval;
use domain::StreamRng;
use serde::{Deserialize, Serialize};

/// A figure over several seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedSummary {
    /// Number of seeds.
    pub seeds: usize,
    /// Interquartile mean.
    pub iqm: f64,
    /// Bootstrap interval of the interquartile mean; `None` for one seed.
    pub interval: Option<Interval>,
    /// Worst seed's figure.
    pub worst: f64,
    /// Best seed's figure.
    pub best: f64,
}

/// Summarises one figure over seeds; `None` of nothing.
#[must_use]
pub fn summarise_seeds(
    scores: &[f64],
    resamples: usize,
    confidence: f64,
    rng: &mut StreamRng,
) -> Option<SeedSummary> {
    Some(SeedSummary {
        seeds: scores.len(),
        iqm: iqm(scores)?,
        interval: (scores.len() > 1)
            .then(|| iqm_interval(&[scores], resamples, confidence, rng))
            .flatten(),
        worst: scores.iter().copied().reduce(f64::min)?,
        best: scores.iter().copied().reduce(f64::max)?,
    })
}

/// Returns the mean of the middle half: `⌊n/4⌋` scores are cut at each end, as
/// `scipy.stats.trim_mean(x, 0.25)`. `None` of nothing.
#[must_use]
pub fn iqm(scores: &[f64]) -> Option<f64> {
    let mut sorted = scores.to_vec();
    sorted.sort_by(f64::total_cmp);
    let cut = sorted.len() / 4;
    let middle = &sorted[cut..sorted.len() - cut];
    (!middle.is_empty()).then(|| middle.iter().sum::<f64>() / middle.len() as f64)
}

/// Returns the percentile interval of the interquartile mean of all scores together, resampling
/// the runs *within* each stratum (task, market) on its own. `None` without any score.
#[must_use]
pub fn iqm_interval(
    strata: &[&[f64]],
    resamples: usize,
    confidence: f64,
    rng: &mut StreamRng,
) -> Option<Interval> {
    let mut drawn = Vec::with_capacity(strata.iter().map(|scores| scores.len()).sum());
    let mut draws = Vec::with_capacity(resamples);
    for _ in 0..resamples {
        drawn.clear();
        for scores in strata {
            for _ in 0..scores.len() {
                drawn.push(scores[rng.below(scores.len() as u64) as usize]);
            }
        }
        draws.push(iqm(&drawn)?);
    }
    Interval::of_draws(&mut draws, confidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // scipy.stats.trim_mean(x, 0.25)
    #[rstest]
    #[case(&[3.0], 3.0)]
    #[case(&[1.0, 2.0, 9.0], 4.0)]
    #[case(&[9.0, 1.0, 2.0, 4.0, 100.0], 5.0)]
    #[case(&[8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0], 4.5)]
    fn iqm_is_the_trimmed_mean(#[case] scores: &[f64], #[case] expected: f64) {
        assert!((iqm(scores).unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn strata_are_resampled_on_their_own() {
        // Two tasks without spread inside: no resample can differ.
        let interval = iqm_interval(
            &[&[1.0, 1.0], &[5.0, 5.0]],
            50,
            0.95,
            &mut StreamRng::seeded(1),
        )
        .unwrap();
        assert!((interval.low - 3.0).abs() < 1e-12 && (interval.high - 3.0).abs() < 1e-12);
    }

    #[test]
    fn the_interval_holds_the_estimate_and_the_worst_is_shown() {
        let scores = [0.1, 0.5, 0.6, 0.7, 2.0];
        let summary = summarise_seeds(&scores, 500, 0.95, &mut StreamRng::seeded(1)).unwrap();
        let interval = summary.interval.unwrap();
        assert!(interval.low <= summary.iqm && summary.iqm <= interval.high);
        assert!((summary.worst - 0.1).abs() < 1e-15);
    }
}
