//! Policies that stopped deciding: constant, idle, saturated, churning, or the market itself.

use crate::activity::Activity;
use crate::baseline::Bounds;
use crate::words::{Words, share};
use serde::{Deserialize, Serialize};
use sim::ActionSpace;

/// A kind of degenerate policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// One target nearly always.
    ConstantAction,
    /// Returns are the market's.
    BuyAndHold,
    /// Nearly never in the market.
    Idle,
    /// A continuous policy that sits at its bounds.
    Saturation,
    /// Turns over its equity so often that costs decide.
    Churn,
}

/// One alarm with its figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    /// Kind.
    pub kind: AlarmKind,
    /// What was seen, in words.
    pub words: Words,
}

/// What the alarms look at.
#[derive(Clone, Copy, Debug)]
pub struct Behaviour<'a> {
    /// One target a bar.
    pub targets: &'a [f64],
    /// Returns of the agent, one fewer than the bars.
    pub returns: &'a [f64],
    /// Returns of the market over the same bars: close to close.
    pub market: &'a [f64],
    /// Figures of the trading.
    pub activity: &'a Activity,
    /// Targets that were possible.
    pub bounds: Bounds,
    /// The policy's actions.
    pub actions: ActionSpace,
}

/// Share of bars from which on "nearly always" holds.
const NEARLY_ALWAYS: f64 = 0.98;
/// Correlation with the market from which on the policy is the market.
const THE_MARKET: f64 = 0.99;
/// Equities turned over a bar from which on the policy churns.
const CHURN_PER_BAR: f64 = 0.25;

/// Returns every alarm that `seen` raises.
#[must_use]
pub fn alarms(seen: &Behaviour<'_>) -> Vec<Alarm> {
    let mut raised = Vec::new();
    let mut raise = |kind, en: String, ko: String| {
        raised.push(Alarm {
            kind,
            words: Words::new(en, ko),
        });
    };
    let bars = seen.targets.len().max(1) as f64;
    let (level, at_level) = most_frequent(seen.targets);
    let frequent = at_level as f64 / bars;
    if frequent >= NEARLY_ALWAYS {
        let part = share(frequent);
        raise(
            AlarmKind::ConstantAction,
            format!("the policy asks for target {level:.2} on {part} of the bars"),
            format!("정책이 전체 봉의 {part}에서 같은 목표 {level:.2}만 냅니다"),
        );
    }
    if seen.activity.exposure <= 1.0 - NEARLY_ALWAYS {
        let part = share(seen.activity.exposure);
        raise(
            AlarmKind::Idle,
            format!("the policy is in the market on {part} of the bars only"),
            format!("정책이 포지션을 가진 봉이 {part}뿐입니다"),
        );
    }
    let same = correlation(seen.returns, seen.market);
    if seen.activity.exposure_long >= NEARLY_ALWAYS && same.is_some_and(|c| c >= THE_MARKET) {
        let value = same.unwrap_or(1.0);
        raise(
            AlarmKind::BuyAndHold,
            format!("the policy is buy and hold: its returns correlate {value:.3} with the market"),
            format!("정책이 사실상 매수 후 보유입니다: 시장 수익률과의 상관 {value:.3}"),
        );
    }
    if let ActionSpace::Continuous(_) = seen.actions {
        let edge = 0.01 * (seen.bounds.high - seen.bounds.low);
        let at_bounds = seen
            .targets
            .iter()
            .filter(|t| **t >= seen.bounds.high - edge || **t <= seen.bounds.low + edge)
            .count();
        let part = at_bounds as f64 / bars;
        if part >= NEARLY_ALWAYS {
            let part = share(part);
            raise(
                AlarmKind::Saturation,
                format!("the action sits at its bounds on {part} of the bars"),
                format!("행동이 전체 봉의 {part}에서 한계값에 붙어 있습니다"),
            );
        }
    }
    let turned = seen.activity.turnover / bars;
    if turned >= CHURN_PER_BAR {
        let costs = share(seen.activity.costs_of_initial);
        raise(
            AlarmKind::Churn,
            format!(
                "the policy turns over {turned:.2} of its equity a bar and paid {costs} of its initial equity"
            ),
            format!(
                "정책이 봉마다 자본의 {turned:.2}배를 거래했고 초기 자본의 {costs}를 비용으로 냈습니다"
            ),
        );
    }
    raised
}

/// Returns the most frequent target and how often it occurs; targets are compared by their bits.
fn most_frequent(targets: &[f64]) -> (f64, usize) {
    let mut sorted = targets.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut best = (0.0, 0);
    for group in sorted.chunk_by(|a, b| a.to_bits() == b.to_bits()) {
        if group.len() > best.1 {
            best = (group[0], group.len());
        }
    }
    best
}

/// Pearson's correlation; `None` where either has no dispersion.
fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len().min(b.len()) as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (x - mean_a, y - mean_b);
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    (aa > 0.0 && bb > 0.0).then(|| ab / (aa * bb).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::bars_from;
    use crate::performance::returns_of;
    use crate::replay;
    use domain::{StreamRng, Timeframe};
    use rstest::rstest;
    use sim::{AccountSpec, CostSpec};

    fn kinds(
        policy: impl Fn(usize, &mut StreamRng) -> f64,
        actions: ActionSpace,
    ) -> Vec<AlarmKind> {
        let mut rng = StreamRng::seeded(5);
        let returns: Vec<f64> = (0..1_000).map(|_| 0.01 * rng.normal()).collect();
        let bars = bars_from(&returns, Timeframe::HOUR, &mut rng);
        let targets: Vec<f64> = (0..1_000).map(|at| policy(at, &mut rng)).collect();
        let spec = AccountSpec {
            costs: CostSpec::fee_only(1.0),
            ..AccountSpec::default()
        };
        let run = replay(bars.view(), &targets, &spec).unwrap();
        alarms(&Behaviour {
            targets: &targets,
            returns: &run.returns,
            market: &returns_of(&bars.close),
            activity: &Activity::of(&run, bars.view()),
            bounds: Bounds::LONG_SHORT,
            actions,
        })
        .into_iter()
        .map(|alarm| alarm.kind)
        .collect()
    }

    #[rstest]
    #[case::idle(0.0, &[AlarmKind::ConstantAction, AlarmKind::Idle])]
    #[case::long(1.0, &[AlarmKind::ConstantAction, AlarmKind::BuyAndHold])]
    fn constant_policies_are_caught(#[case] target: f64, #[case] expected: &[AlarmKind]) {
        assert_eq!(kinds(|_, _| target, ActionSpace::Discrete(3)), expected);
    }

    #[test]
    fn saturation_counts_for_continuous_actions_only() {
        let swing = |at: usize, _: &mut StreamRng| if at % 50 < 25 { 1.0 } else { -1.0 };
        assert_eq!(
            kinds(swing, ActionSpace::Continuous(1)),
            [AlarmKind::Saturation]
        );
        assert!(kinds(swing, ActionSpace::Discrete(3)).is_empty());
    }

    #[test]
    fn churn_is_caught_and_a_sound_policy_is_not() {
        let churn = |_: usize, rng: &mut StreamRng| rng.below(3) as f64 - 1.0;
        assert_eq!(kinds(churn, ActionSpace::Discrete(3)), [AlarmKind::Churn]);
        let sound = |at: usize, _: &mut StreamRng| f64::from(u8::from(at % 60 < 20)) * 0.7;
        assert!(kinds(sound, ActionSpace::Continuous(1)).is_empty());
    }
}
