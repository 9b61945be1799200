//! The rules, one row each: what is wrong in plain words, what usually helps, where it comes from.
//!
//! To add one, add a row, its check and two recorded curves in the tests. Start at [`RULES`].

use super::{Gravity, Recorded, Sight, learning, trading};
use domain::Text;

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Stable name, e.g. `kl_high`.
    pub id: &'static str,
    /// How bad it is where it applies.
    pub gravity: Gravity,
    /// What looks wrong.
    pub says: Text,
    /// What usually helps.
    pub helps: Text,
    /// Where the threshold comes from.
    pub source: Text,
    /// Returns the numbers where it applies.
    pub sees: fn(&Recorded) -> Option<Sight>,
}

/// A rule of thumb of this project.
const HOUSE: Text = Text::new("house rule", "자체 기준");

/// Every rule; findings of one gravity keep this order.
pub static RULES: &[Rule] = &[
    Rule {
        id: "not_a_number",
        gravity: Gravity::Alert,
        says: Text::new(
            "a figure of the update is no number",
            "업데이트 지표 중에 숫자가 아닌 값이 있습니다",
        ),
        helps: Text::new(
            "go back to the checkpoint before it, halve the learning rate, keep the gradient norm limit on, and look for extreme values in the data",
            "그 전 체크포인트로 돌아가 학습률을 절반으로 낮추고, 기울기 노름 한도를 켜 두고, 데이터에 극단값이 있는지 확인해 보세요",
        ),
        source: HOUSE,
        sees: learning::not_a_number,
    },
    Rule {
        id: "ruined",
        gravity: Gravity::Alert,
        says: Text::new(
            "the policy loses the whole account on the validation window",
            "검증 구간에서 계좌를 모두 잃습니다",
        ),
        helps: Text::new(
            "train longer or with a higher learning rate if it is still early; else lower leverage and check that costs fit the bar length",
            "아직 초반이면 더 오래 또는 더 높은 학습률로 학습하고, 아니면 레버리지를 낮추고 비용이 봉 길이에 맞는지 확인해 보세요",
        ),
        source: HOUSE,
        sees: trading::ruined,
    },
    Rule {
        id: "kl_high",
        gravity: Gravity::Warning,
        says: Text::new(
            "updates move the policy too far (KL)",
            "업데이트가 정책을 너무 크게 바꿉니다(KL)",
        ),
        helps: Text::new(
            "lower the learning rate or the epochs, or set a target KL of 0.01 to 0.05",
            "학습률이나 에포크를 낮추거나, 목표 KL을 0.01~0.05로 정해 보세요",
        ),
        source: Text::new(
            "Spinning Up (targets of 0.01 to 0.05); factor 2: house rule",
            "Spinning Up(목표 0.01~0.05), 2배는 자체 기준",
        ),
        sees: learning::kl_high,
    },
    Rule {
        id: "epochs_cut",
        gravity: Gravity::Warning,
        says: Text::new(
            "the KL target ends most updates early",
            "목표 KL 때문에 대부분의 업데이트가 일찍 끝납니다",
        ),
        helps: Text::new(
            "lower the learning rate until updates run to their end, or ask for fewer epochs",
            "업데이트가 끝까지 진행될 때까지 학습률을 낮추거나 에포크를 줄여 보세요",
        ),
        source: Text::new(
            "Spinning Up; Andrychowicz et al. 2020",
            "Spinning Up, Andrychowicz 외 2020",
        ),
        sees: learning::epochs_cut,
    },
    Rule {
        id: "clip_high",
        gravity: Gravity::Warning,
        says: Text::new(
            "too many samples hit the clip range",
            "클립 범위에 걸리는 표본이 너무 많습니다",
        ),
        helps: Text::new(
            "lower the learning rate or the epochs; widen the clip range only if KL is low",
            "학습률이나 에포크를 낮추세요. KL이 낮을 때만 클립 범위를 넓히세요",
        ),
        source: Text::new(
            "Huang et al. 2022; threshold: house rule",
            "Huang 외 2022, 기준값은 자체 기준",
        ),
        sees: learning::clip_high,
    },
    Rule {
        id: "clip_zero",
        gravity: Gravity::Note,
        says: Text::new(
            "updates are so small that nothing is ever clipped",
            "업데이트가 너무 작아 클립이 전혀 일어나지 않습니다",
        ),
        helps: Text::new(
            "raise the learning rate, take smaller minibatches, or more epochs: learning may be slower than it need be",
            "학습률을 높이거나 미니배치를 줄이거나 에포크를 늘려 보세요. 필요 이상으로 느리게 배우고 있을 수 있습니다",
        ),
        source: Text::new(
            "Huang et al. 2022; threshold: house rule",
            "Huang 외 2022, 기준값은 자체 기준",
        ),
        sees: learning::clip_zero,
    },
    Rule {
        id: "entropy_collapsed",
        gravity: Gravity::Warning,
        says: Text::new(
            "the policy stopped exploring early (entropy collapsed)",
            "정책이 너무 일찍 탐색을 멈췄습니다(엔트로피 붕괴)",
        ),
        helps: Text::new(
            "raise the entropy coefficient or lower the learning rate",
            "엔트로피 계수를 올리거나 학습률을 낮춰 보세요",
        ),
        source: Text::new(
            "Schulman 2016; thresholds: house rule",
            "Schulman 2016, 기준값은 자체 기준",
        ),
        sees: learning::entropy_collapsed,
    },
    Rule {
        id: "entropy_flat",
        gravity: Gravity::Warning,
        says: Text::new(
            "the policy still acts at random (entropy never fell)",
            "정책이 아직 무작위로 움직입니다(엔트로피가 줄지 않음)",
        ),
        helps: Text::new(
            "raise the learning rate or lower the entropy coefficient; if neither helps, the features may hold nothing to learn",
            "학습률을 높이거나 엔트로피 계수를 낮춰 보세요. 그래도 같으면 특징에 배울 것이 없을 수 있습니다",
        ),
        source: Text::new(
            "Schulman 2016; thresholds: house rule",
            "Schulman 2016, 기준값은 자체 기준",
        ),
        sees: learning::entropy_flat,
    },
    Rule {
        id: "value_useless",
        gravity: Gravity::Warning,
        says: Text::new(
            "the value estimate explains nothing",
            "가치 추정이 아무것도 설명하지 못합니다",
        ),
        helps: Text::new(
            "raise the value coefficient or the learning rate, take smaller minibatches, normalise rewards, or lower γ: with noisy returns a small positive value is already good",
            "가치 계수나 학습률을 높이거나, 미니배치를 줄이거나, 보상을 정규화하거나, γ를 낮춰 보세요. 수익의 잡음이 크면 작은 양수도 충분히 좋습니다",
        ),
        source: Text::new(
            "Stable-Baselines3, logger output; Schulman 2016",
            "Stable-Baselines3 로그 설명, Schulman 2016",
        ),
        sees: learning::value_useless,
    },
    Rule {
        id: "value_exploding",
        gravity: Gravity::Alert,
        says: Text::new("the value loss is exploding", "가치 손실이 폭주합니다"),
        helps: Text::new(
            "lower the learning rate, normalise rewards, keep the gradient norm limit on",
            "학습률을 낮추고, 보상을 정규화하고, 기울기 노름 한도를 켜 두세요",
        ),
        source: HOUSE,
        sees: learning::value_exploding,
    },
    Rule {
        id: "gradient_clipped",
        gravity: Gravity::Note,
        says: Text::new(
            "every gradient is cut at the norm limit",
            "모든 기울기가 노름 한도에서 잘립니다",
        ),
        helps: Text::new(
            "nothing, if it learns well; else raise the gradient norm limit a little, or normalise rewards",
            "잘 배우고 있다면 그대로 두세요. 아니면 기울기 노름 한도를 조금 올리거나 보상을 정규화해 보세요",
        ),
        source: Text::new(
            "Andrychowicz et al. 2020; threshold: house rule",
            "Andrychowicz 외 2020, 기준값은 자체 기준",
        ),
        sees: learning::gradient_clipped,
    },
    Rule {
        id: "overfit",
        gravity: Gravity::Warning,
        says: Text::new(
            "training gets better while validation gets worse (overfitting)",
            "학습 수익은 오르는데 검증 점수는 떨어집니다(과적합)",
        ),
        helps: Text::new(
            "stop here, the best checkpoint is kept; next time use fewer epochs, a smaller network, more data or a higher entropy coefficient",
            "여기서 멈춰도 됩니다. 최고 체크포인트는 보관되어 있습니다. 다음에는 에포크나 신경망을 줄이거나, 데이터를 늘리거나, 엔트로피 계수를 높여 보세요",
        ),
        source: Text::new(
            "Zhang et al. 2018; threshold: house rule",
            "Zhang 외 2018, 기준값은 자체 기준",
        ),
        sees: trading::overfit,
    },
    Rule {
        id: "always_flat",
        gravity: Gravity::Warning,
        says: Text::new(
            "the policy never holds a position",
            "정책이 포지션을 전혀 잡지 않습니다",
        ),
        helps: Text::new(
            "this may be right: staying out is best where costs exceed any edge. Else train longer, check the costs, or use longer bars",
            "옳은 답일 수도 있습니다. 비용이 우위보다 크면 쉬는 것이 최선입니다. 아니면 더 오래 학습하거나, 비용을 확인하거나, 더 긴 봉을 써 보세요",
        ),
        source: HOUSE,
        sees: trading::always_flat,
    },
    Rule {
        id: "always_in_position",
        gravity: Gravity::Warning,
        says: Text::new(
            "the policy holds one position all the time",
            "정책이 한 포지션만 계속 들고 있습니다",
        ),
        helps: Text::new(
            "compare with buy and hold: it may have learned only the trend. Train longer, raise the entropy coefficient, or add features",
            "매수 후 보유와 비교해 보세요. 추세만 배웠을 수 있습니다. 더 오래 학습하거나, 엔트로피 계수를 높이거나, 특징을 추가해 보세요",
        ),
        source: HOUSE,
        sees: trading::always_in_position,
    },
    Rule {
        id: "no_trades",
        gravity: Gravity::Warning,
        says: Text::new(
            "the test has not a single finished trade",
            "시험 구간에 끝난 거래가 하나도 없습니다",
        ),
        helps: Text::new(
            "the result says nothing about trading skill: check minimum notional and costs, or train longer",
            "이 결과로는 트레이딩 실력을 알 수 없습니다. 최소 주문 금액과 비용을 확인하거나 더 오래 학습해 보세요",
        ),
        source: HOUSE,
        sees: trading::no_trades,
    },
    Rule {
        id: "slowed",
        gravity: Gravity::Note,
        says: Text::new(
            "training runs much slower than before",
            "학습 속도가 전보다 크게 떨어졌습니다",
        ),
        helps: Text::new(
            "look what else runs on this machine (screen 7), and whether the disk is full",
            "이 컴퓨터에서 다른 작업이 도는지(7번 화면), 디스크가 가득 찼는지 확인해 보세요",
        ),
        source: HOUSE,
        sees: learning::slowed,
    },
];
