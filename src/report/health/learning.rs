//! Checks of the update: KL, clipping, entropy, value estimate, gradient, speed.
//!
//! Each looks at medians of the last updates, so that one odd update is no finding, and at nothing
//! before [`ENOUGH`] updates were done.

use super::{
    Recorded, Sight,
    record::{key, median, recent},
};
use domain::phrase;

/// Updates without which nothing is said.
const ENOUGH: usize = 20;
/// Updates that count as the latest.
const LATEST: usize = 10;

/// KL divergence that an update usually stays below where no target is set.
const USUAL_KL: f64 = 0.02;
/// How far above its target the KL divergence may lie.
const KL_EXCESS: f64 = 2.0;
/// Share of the epochs below which updates are cut short.
const EPOCHS_DONE: f64 = 0.5;
/// Largest ordinary clip fraction.
const CLIPPED: f64 = 0.3;
/// Share of the plan after which a schedule has made updates small anyway.
const SCHEDULE_TAIL: f64 = 0.8;
/// Share of the first entropy that is a collapse, and the share of the plan by which it is early.
const COLLAPSE: (f64, f64) = (0.05, 0.3);
/// A fall of differential entropy in nats that is a collapse: the spread is a twentieth.
const COLLAPSE_NATS: f64 = 3.0;
/// Share of the first entropy that is no fall, and the share of the plan by which it should fall.
const NO_FALL: (f64, f64) = (0.98, 0.3);
/// How many times its own lowest level the value loss may reach.
const EXPLOSION: f64 = 10.0;
/// Share of its own former speed below which a training has slowed.
const SLOW: f64 = 0.4;

/// Returns the curve once it has enough updates.
fn enough<'a>(track: &'a Recorded, key: &str) -> Option<&'a [(f64, f64)]> {
    let curve = track.curve(key);
    (curve.len() >= ENOUGH).then_some(curve)
}

pub(super) fn not_a_number(track: &Recorded) -> Option<Sight> {
    let keys = [
        key::POLICY,
        key::VALUE,
        key::ENTROPY,
        key::GRADIENT,
        key::KL,
    ];
    let odd = |name: &'static str| {
        let odd = |point: &&(f64, f64)| !point.1.is_finite();
        Some((name, track.curve(name).iter().rfind(odd)?))
    };
    let (name, (step, value)) = keys.into_iter().find_map(odd)?;
    Some(Sight {
        value: *value,
        threshold: f64::INFINITY,
        because: phrase!(
            "{name} is {value} at step {step}; every value has to be finite",
            "{step} 스텝에서 {name} 값이 {value}입니다. 모든 값은 유한해야 합니다"
        ),
    })
}

pub(super) fn kl_high(track: &Recorded) -> Option<Sight> {
    let value = recent(enough(track, key::KL)?, LATEST)?;
    let set = track.limits.target_kl;
    let target = if set > 0.0 { set } else { USUAL_KL };
    let threshold = KL_EXCESS * target;
    (value > threshold).then(|| Sight {
        value,
        threshold,
        because: phrase!(
            "KL {value:.3} > {threshold:.3}, which is 2 x {target}; median of the last 10 updates",
            "KL {value:.3} > {threshold:.3} ({target}의 2배), 최근 업데이트 10번의 중앙값"
        ),
    })
}

pub(super) fn epochs_cut(track: &Recorded) -> Option<Sight> {
    let asked = track.limits.epochs;
    let value = recent(enough(track, key::EPOCHS)?, LATEST)?;
    let threshold = EPOCHS_DONE * asked;
    (asked >= 2.0 && value <= threshold).then(|| Sight {
        value,
        threshold,
        because: phrase!(
            "{value:.0} of {asked:.0} epochs done, half or less; median of the last 10 updates",
            "에포크 {asked:.0}번 중 {value:.0}번만 진행(절반 이하), 최근 업데이트 10번의 중앙값"
        ),
    })
}

pub(super) fn clip_high(track: &Recorded) -> Option<Sight> {
    let value = recent(enough(track, key::CLIP)?, LATEST)?;
    (value > CLIPPED).then(|| {
        let (percent, limit) = (value * 100.0, CLIPPED * 100.0);
        Sight {
            value,
            threshold: CLIPPED,
            because: phrase!(
                "clip fraction {percent:.0}% > {limit:.0}%; median of the last 10 updates",
                "클립 비율 {percent:.0}% > {limit:.0}%, 최근 업데이트 10번의 중앙값"
            ),
        }
    })
}

pub(super) fn clip_zero(track: &Recorded) -> Option<Sight> {
    let curve = track.curve(key::CLIP);
    let planned = track.limits.planned;
    let before_tail = |point: &&(f64, f64)| planned <= 0.0 || point.0 <= SCHEDULE_TAIL * planned;
    let looked_at: Vec<f64> = curve
        .iter()
        .filter(before_tail)
        .map(|point| point.1)
        .filter(|value| value.is_finite())
        .collect();
    let count = looked_at.len();
    let most = looked_at.into_iter().fold(0.0, f64::max);
    (count >= ENOUGH && most <= 0.0).then(|| Sight {
        value: most,
        threshold: 0.0,
        because: phrase!(
            "clip fraction 0 in all {count} updates looked at",
            "살펴본 업데이트 {count}번 모두 클립 비율이 0"
        ),
    })
}

pub(super) fn entropy_collapsed(track: &Recorded) -> Option<Sight> {
    let curve = enough(track, key::ENTROPY)?;
    let planned = track.limits.planned;
    let first = median(&curve[..3])?;
    // An entropy that was negative anywhere is a density's: only its fall means something.
    let is_density = curve.iter().any(|point| point.1 < 0.0);
    let threshold = match is_density {
        true => first - COLLAPSE_NATS,
        false => COLLAPSE.0 * first,
    };
    let early = COLLAPSE.1 * planned;
    let fell = |points: &[(f64, f64)]| median(points).is_some_and(|value| value < threshold);
    let (step, _) = curve.windows(3).find(|points| fell(points))?[2];
    let value = recent(curve, LATEST)?;
    (planned > 0.0 && step <= early && value < threshold).then(|| {
        let at = step / planned * 100.0;
        Sight {
            value,
            threshold,
            because: phrase!(
                "entropy {value:.3} < {threshold:.3} (it began at {first:.3}), reached after {at:.0}% of the training; before 30% is early",
                "엔트로피 {value:.3} < {threshold:.3} (시작 {first:.3}), 학습 {at:.0}% 지점에서 도달. 30% 전이면 이릅니다"
            ),
        }
    })
}

pub(super) fn entropy_flat(track: &Recorded) -> Option<Sight> {
    let curve = enough(track, key::ENTROPY)?;
    let first = median(&curve[..3])?;
    let value = recent(curve, LATEST)?;
    let threshold = NO_FALL.0 * first;
    let done = track.progress();
    (first > 0.0 && done >= NO_FALL.1 && value > threshold).then(|| {
        let at = done * 100.0;
        Sight {
            value,
            threshold,
            because: phrase!(
                "entropy {value:.3} > {threshold:.3}, 98% of where it began, after {at:.0}% of the training",
                "학습 {at:.0}%가 지났지만 엔트로피 {value:.3} > {threshold:.3} (시작값의 98%)"
            ),
        }
    })
}

pub(super) fn value_useless(track: &Recorded) -> Option<Sight> {
    let value = recent(enough(track, key::EXPLAINED)?, LATEST)?;
    (value <= 0.0).then(|| Sight {
        value,
        threshold: 0.0,
        because: phrase!(
            "explained variance {value:.2} <= 0: no better than a constant; median of the last 10 updates",
            "설명된 분산 {value:.2} <= 0 (상수보다 나을 것 없음), 최근 업데이트 10번의 중앙값"
        ),
    })
}

pub(super) fn value_exploding(track: &Recorded) -> Option<Sight> {
    let curve = enough(track, key::VALUE)?;
    let value = recent(curve, LATEST)?;
    let former = &curve[..curve.len() - LATEST];
    let lowest = former.chunks(LATEST).filter_map(median).reduce(f64::min)?;
    let threshold = EXPLOSION * lowest;
    (lowest > 0.0 && value > threshold).then(|| Sight {
        value,
        threshold,
        because: phrase!(
            "value loss {value:.3} > {threshold:.3}, ten times its lowest level; median of the last 10 updates",
            "가치 손실 {value:.3} > {threshold:.3} (가장 낮았던 수준의 10배), 최근 업데이트 10번의 중앙값"
        ),
    })
}

pub(super) fn gradient_clipped(track: &Recorded) -> Option<Sight> {
    let curve = enough(track, key::GRADIENT)?;
    let threshold = track.limits.max_grad_norm;
    let latest = &curve[curve.len() - ENOUGH..];
    let lowest = latest
        .iter()
        .map(|point| point.1)
        .fold(f64::INFINITY, f64::min);
    (threshold > 0.0 && lowest.is_finite() && lowest >= threshold).then(|| Sight {
        value: lowest,
        threshold,
        because: phrase!(
            "gradient norm never below {lowest:.3} in the last 20 updates; the limit is {threshold}",
            "최근 업데이트 20번의 기울기 노름이 모두 {lowest:.3} 이상, 한도는 {threshold}"
        ),
    })
}

pub(super) fn slowed(track: &Recorded) -> Option<Sight> {
    let curve = enough(track, key::RATE)?;
    let value = recent(curve, LATEST)?;
    let usual = median(&curve[..curve.len() - LATEST])?;
    let threshold = SLOW * usual;
    (value < threshold).then(|| Sight {
        value,
        threshold,
        because: phrase!(
            "{value:.0} steps/s < {threshold:.0}, 40% of the usual {usual:.0}; median of the last 10 updates",
            "초당 {value:.0}스텝 < {threshold:.0} (평소 {usual:.0}의 40%), 최근 업데이트 10번의 중앙값"
        ),
    })
}
