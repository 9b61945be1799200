//! Rows of `[evaluate]`: how time is cut and what a result is held against.

use crate::{
    declare::{Shape, choice, section, unit},
    key::{Repeats, Scalar},
};

choice! {
    /// A rule that trades without learning, beside every result.
    Baseline {
        BuyAndHold "buy_and_hold":
            "Buy once and hold." / "한 번 사서 보유합니다.",
        VolatilityTarget "volatility_target":
            "Hold, sized to a constant volatility." / "변동성이 일정하도록 크기를 조절해 보유합니다.",
        Momentum "momentum":
            "Time-series momentum: the sign of the past return." / "시계열 모멘텀: 과거 수익률의 부호를 따릅니다.",
        SmaCross "moving_average_cross":
            "Crossing of two moving averages." / "두 이동평균의 교차를 따릅니다.",
        MeanReversion "mean_reversion":
            "Buy far below the moving average, leave at it." / "이동평균보다 크게 낮을 때 사고 평균에서 나옵니다.",
        Random "random_timing":
            "Random positions with the same turnover." / "회전율이 같은 무작위 포지션입니다.",
        Flat "flat":
            "No position at all." / "아무 포지션도 갖지 않습니다.",
    }
}

section! {
    /// How time is cut and what a result is held against.
    Evaluate "evaluate": "Evaluation" / "평가" {
        train_fraction: f64 = 0.7
            => Shape::float().above(0.0).below(1.0).step(0.05).typical(0.5, 0.8).unit(unit::FRACTION), {
            label: "Training share" / "학습 비율",
            help: "First share of the time, for learning and for fitting scalers." / "시간의 앞부분 비율로, 학습과 스케일러 맞춤에 씁니다.",
            raising: "More to learn from, less to judge by." / "배울 것이 늘고 판단할 것이 줄어듭니다.",
            lowering: "Less to learn from, surer judgement." / "배울 것이 줄고 판단이 확실해집니다.",
        }
        valid_fraction: f64 = 0.15
            => Shape::float().above(0.0).below(1.0).step(0.05).typical(0.1, 0.25).unit(unit::FRACTION), {
            label: "Validation share" / "검증 비율",
            help: "Next share of the time, for choosing the checkpoint." / "그다음 시간 비율로, 체크포인트를 고르는 데 씁니다.",
            raising: "A surer choice of the checkpoint." / "체크포인트 선택이 확실해집니다.",
            lowering: "The choice depends more on luck." / "선택이 운에 더 좌우됩니다.",
        }
        test_fraction: f64 = 0.15
            => Shape::float().above(0.0).below(1.0).step(0.05).typical(0.1, 0.3).unit(unit::FRACTION), {
            label: "Test share" / "시험 비율",
            help: "Last share of the time, opened once for the verdict." / "마지막 시간 비율로, 판정을 위해 한 번만 엽니다.",
            raising: "A surer verdict." / "판정이 확실해집니다.",
            lowering: "A verdict over fewer market conditions." / "더 적은 시장 상황만 보고 판정합니다.",
        }
        purge: usize = 24
            => Shape::int().at_least(0.0).at_most(1_000_000.0).step(8.0).typical(1.0, 500.0).unit(unit::BARS), {
            label: "Purge" / "퍼지",
            help: "Bars left out before each cut, so that no observation spans it; at least env.window."
                / "각 경계 앞에서 버리는 봉의 수입니다. 관측이 경계를 걸치지 않도록 env.window 이상이어야 합니다.",
            raising: "Safer against leaks, less data." / "누출에 더 안전하지만 데이터가 줄어듭니다.",
            lowering: "More data, closer to a leak." / "데이터가 늘지만 누출에 가까워집니다.",
        }
        embargo: usize = 24
            => Shape::int().at_least(0.0).at_most(1_000_000.0).step(8.0).typical(0.0, 500.0).unit(unit::BARS), {
            label: "Embargo" / "엠바고",
            help: "Bars left out after each cut, until what was known before it has died down."
                / "각 경계 뒤에서 버리는 봉의 수입니다. 이전 정보의 영향이 사라지기를 기다립니다.",
            raising: "Safer against leaks, less data." / "누출에 더 안전하지만 데이터가 줄어듭니다.",
            lowering: "More data, closer to a leak." / "데이터가 늘지만 누출에 가까워집니다.",
        }
        baselines: Vec<Baseline> = vec![
            Baseline::BuyAndHold,
            Baseline::VolatilityTarget,
            Baseline::Momentum,
            Baseline::SmaCross,
            Baseline::MeanReversion,
            Baseline::Random,
        ] => Shape::list(Scalar::Choice(Baseline::CHOICES), 0, Repeats::Refused), {
            label: "Baselines" / "비교 기준",
            help: "Rules without learning that stand beside every result." / "모든 결과 옆에 놓이는 학습 없는 규칙들입니다.",
        }
        bootstrap_samples: usize = 2_000
            => Shape::int().at_least(0.0).at_most(1_000_000.0).log(2.0).typical(500.0, 10_000.0).unit(unit::SAMPLES), {
            label: "Bootstrap samples" / "부트스트랩 표본",
            help: "Resamples of the stationary bootstrap behind the Sharpe interval; 0 is off."
                / "샤프 비율 구간을 구하는 정상 부트스트랩의 재표본 수입니다. 0이면 끕니다.",
            raising: "Smoother interval, more time." / "구간이 매끄러워지지만 오래 걸립니다.",
            lowering: "Rougher interval (0: none)." / "구간이 거칠어집니다(0이면 없음).",
        }
        nulls: bool = true => Shape::bool(), {
            label: "Null tests" / "귀무 검정",
            help: "Repeat the test with the signal delayed by a bar and with shuffled features."
                / "신호를 한 봉 늦추거나 특징을 뒤섞어 시험을 되풀이합니다.",
        }
        risk_free: f64 = 0.0
            => Shape::float().above(-0.5).at_most(1.0).step(0.005).typical(0.0, 0.05).unit(unit::YEARLY), {
            label: "Risk-free rate" / "무위험 수익률",
            help: "Yearly rate subtracted in Sharpe and Sortino, as a fraction." / "샤프와 소르티노에서 빼는 연간 수익률입니다(비율).",
            raising: "Ratios fall." / "비율이 내려갑니다.",
            lowering: "Ratios rise." / "비율이 올라갑니다.",
        }
        trading_days: f64 = 365.0
            => Shape::float().at_least(1.0).at_most(366.0).step(1.0).typical(252.0, 365.0).unit(unit::DAYS), {
            label: "Trading days a year" / "연간 거래일",
            help: "Days that count as a year: 365 for markets that never close, 252 for shares."
                / "1년으로 치는 일수입니다. 쉬지 않는 시장은 365, 주식은 252입니다.",
            raising: "Yearly figures grow." / "연간 수치가 커집니다.",
            lowering: "Yearly figures shrink." / "연간 수치가 작아집니다.",
        }
        trials: u64 = 1
            => Shape::int().at_least(1.0).at_most(1e9).typical(1.0, 1_000.0).unit(unit::TRIALS), {
            label: "Earlier trials" / "이전 시도 수",
            help: "Configurations tried on this data so far, this one included; the more, the more the best one owes to luck."
                / "이 데이터에서 지금까지(이번 포함) 시도한 설정의 수입니다. 많을수록 최고 결과에 운이 섞입니다.",
            raising: "The verdict asks for more." / "판정 기준이 더 엄격해집니다.",
            lowering: "The verdict asks for less." / "판정 기준이 느슨해집니다.",
        }
    }
}
