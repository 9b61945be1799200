//! Checks of what the policy does on prices: overfitting, idleness, ruin.

use super::{
    Recorded, Sight,
    record::{key, recent},
};
use domain::phrase;

/// Validations that count as the latest.
const LATEST: usize = 3;
/// Values that half a training needs for a mean with an error.
const ENOUGH: usize = 4;
/// Standard errors that make a difference.
const ERRORS: f64 = 2.0;
/// Exposure below which the policy holds nothing, and above which it always holds something.
const EXPOSURE: (f64, f64) = (0.01, 0.99);
/// Changes of position that are none: the one into it.
const CHANGES: f64 = 1.0;
/// What validation writes for a ruined account lies below this.
const RUIN: f64 = -1e300;

/// Returns how far the mean of the later half lies above that of the earlier, in standard errors
/// (Welch 1947).
fn rise(curve: &[(f64, f64)], middle: f64) -> Option<f64> {
    let half = |later: bool| {
        let values = || {
            let points = curve.iter().filter(|point| (point.0 > middle) == later);
            let values = points.map(|point| point.1);
            values.filter(|value| value.abs() < -RUIN)
        };
        let count = values().count();
        let n = count as f64;
        let mean = values().sum::<f64>() / n;
        let squares = values().map(|value| (value - mean).powi(2));
        let error = squares.sum::<f64>() / (n - 1.0) / n;
        (count >= ENOUGH).then_some((mean, error))
    };
    let ((before, a), (after, b)) = half(false).zip(half(true))?;
    let error = (a + b).sqrt();
    (error > 0.0).then(|| (after - before) / error)
}

pub(super) fn overfit(track: &Recorded) -> Option<Sight> {
    let scores = track.curve(key::SCORE);
    let middle = scores.last()?.0 / 2.0;
    let trained = rise(track.curve(key::RETURN), middle)?;
    let validated = rise(scores, middle)?;
    (trained >= ERRORS && validated <= -ERRORS).then(|| {
        let fall = -validated;
        Sight {
            value: validated,
            threshold: -ERRORS,
            because: phrase!(
                "second half against the first: rollout return {trained:.1} standard errors up, validation score {fall:.1} down; 2 of each are needed",
                "후반부를 전반부와 비교하면 롤아웃 수익은 표준오차의 {trained:.1}배 올랐고 검증 점수는 {fall:.1}배 떨어졌습니다(기준은 각각 2배)"
            ),
        }
    })
}

/// Returns the medians of exposure and changes of position over the latest validations.
fn latest(track: &Recorded) -> Option<(f64, f64)> {
    let exposure = track.curve(key::EXPOSURE);
    let enough = exposure.len() >= LATEST;
    let changes = recent(track.curve(key::CHANGES), LATEST)?;
    enough.then_some((recent(exposure, LATEST)?, changes))
}

pub(super) fn always_flat(track: &Recorded) -> Option<Sight> {
    let (exposure, _) = latest(track)?;
    (exposure <= EXPOSURE.0).then(|| {
        let share = exposure * 100.0;
        Sight {
            value: exposure,
            threshold: EXPOSURE.0,
            because: phrase!(
                "in position {share:.1}% of the validation window, 1% or less; median of the last 3 validations",
                "검증 구간 중 포지션 보유 {share:.1}% (1% 이하), 최근 검증 3번의 중앙값"
            ),
        }
    })
}

pub(super) fn always_in_position(track: &Recorded) -> Option<Sight> {
    let (exposure, changes) = latest(track)?;
    (exposure >= EXPOSURE.1 && changes <= CHANGES).then(|| {
        let share = exposure * 100.0;
        Sight {
            value: exposure,
            threshold: EXPOSURE.1,
            because: phrase!(
                "in position {share:.1}% of the validation window with {changes:.0} changes; 99% or more with at most 1; median of the last 3 validations",
                "검증 구간 중 포지션 보유 {share:.1}%, 포지션 변경 {changes:.0}번(기준: 99% 이상에 최대 1번), 최근 검증 3번의 중앙값"
            ),
        }
    })
}

pub(super) fn no_trades(track: &Recorded) -> Option<Sight> {
    let (points, trades) = track.tested?;
    (trades == 0).then(|| Sight {
        value: 0.0,
        threshold: 1.0,
        because: phrase!(
            "0 finished round trips over {points} bars of the test; 1 is the least",
            "시험 구간 {points}봉에서 끝난 거래 0건(최소 1건 필요)"
        ),
    })
}

pub(super) fn ruined(track: &Recorded) -> Option<Sight> {
    let (step, score) = track.curve(key::SCORE).last()?;
    (*score < RUIN).then(|| Sight {
        value: *score,
        threshold: RUIN,
        because: phrase!(
            "the account was ruined in the latest validation, at step {step}",
            "가장 최근 검증({step} 스텝)에서 계좌가 파산했습니다"
        ),
    })
}
