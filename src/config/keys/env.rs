//! Rows of `[env]`: what the agent acts in, what it may do, what that costs and earns.

use crate::{
    declare::{Shape, choice, section, unit},
    key::{Repeats, Scalar},
};

choice! {
    /// What the agent acts in.
    EnvKind {
        Trading "trading":
            "One instrument of the data set, with costs." / "데이터 세트의 한 종목을 비용까지 반영해 거래합니다.",
        Cartpole "cartpole":
            "Classic control: balance a pole (discrete actions)." / "고전 제어: 막대 세우기(이산 행동).",
        Acrobot "acrobot":
            "Classic control: swing up a two-link arm (discrete actions)."
            / "고전 제어: 두 마디 팔 들어 올리기(이산 행동).",
        Pendulum "pendulum":
            "Classic control: swing up a pendulum (continuous actions)."
            / "고전 제어: 진자 세우기(연속 행동).",
        MountainCarContinuous "mountain_car_continuous":
            "Classic control: drive up a hill (continuous actions)."
            / "고전 제어: 언덕 오르기(연속 행동).",
        Sine "sine":
            "Known-answer market: a noisy sine; its best result is computed exactly."
            / "정답이 알려진 시장: 잡음 섞인 사인파. 최적 결과를 정확히 계산합니다.",
        OrnsteinUhlenbeck "ornstein_uhlenbeck":
            "Known-answer market: a mean-reverting price." / "정답이 알려진 시장: 평균 회귀 가격.",
        Regime "regime":
            "Known-answer market: the trend switches between up and down."
            / "정답이 알려진 시장: 상승과 하락 추세가 번갈아 나타납니다.",
        Noise "noise":
            "Known-answer market: pure noise; the right answer is to stay flat."
            / "정답이 알려진 시장: 순수 잡음. 거래하지 않는 것이 정답입니다.",
    }
}

impl EnvKind {
    /// Returns whether candles, costs and positions play a part.
    #[must_use]
    pub const fn is_market(self) -> bool {
        !matches!(
            self,
            Self::Cartpole | Self::Acrobot | Self::Pendulum | Self::MountainCarContinuous
        )
    }

    /// Returns the only kind of actions that the environment takes; `None` where both are possible.
    #[must_use]
    pub const fn only_actions(self) -> Option<ActionKind> {
        match self {
            Self::Cartpole | Self::Acrobot => Some(ActionKind::Discrete),
            Self::Pendulum | Self::MountainCarContinuous => Some(ActionKind::Continuous),
            _ => None,
        }
    }
}

choice! {
    /// How the agent names the position it wants.
    ActionKind {
        Discrete "discrete":
            "One of the positions listed in env.positions." / "env.positions에 적은 포지션 가운데 하나를 고릅니다.",
        Continuous "continuous":
            "Any share of equity between minus and plus the leverage cap."
            / "레버리지 한도 안에서 자기자본의 임의 비율을 고릅니다.",
    }
}

choice! {
    /// How a target becomes a quantity.
    Sizing {
        Fraction "fraction":
            "Target times equity at the fill, in fractional units." / "체결 시점 자기자본에 목표를 곱합니다(소수 수량).",
        Units "units":
            "Target times a fixed quantity; profits do not compound." / "고정 수량에 목표를 곱합니다. 복리가 붙지 않습니다.",
        WholeUnits "whole_units":
            "As fraction, rounded down to whole units." / "비율 방식에서 정수 수량으로 내림합니다.",
    }
}

choice! {
    /// How far a fill moves against the order beyond half the spread.
    Slippage {
        None "none":
            "No slippage." / "슬리피지가 없습니다.",
        Constant "constant":
            "Always env.slippage_bps." / "항상 env.slippage_bps만큼입니다.",
        VolumeShare "volume_share":
            "env.slippage_bps times the square of the order's share of the bar's volume."
            / "env.slippage_bps에 봉 거래량 대비 주문 비중의 제곱을 곱합니다.",
        SqrtImpact "sqrt_impact":
            "env.slippage_bps times the square root of that share (Almgren et al. 2005)."
            / "env.slippage_bps에 그 비중의 제곱근을 곱합니다(Almgren 외 2005).",
    }
}

choice! {
    /// What the agent is rewarded for.
    Reward {
        LogEquity "log_equity":
            "Change of the logarithm of equity, costs included." / "비용을 포함한 로그 자기자본의 변화입니다.",
        DifferentialSharpe "differential_sharpe":
            "Change of a running Sharpe ratio (Moody and Saffell 2001)."
            / "이동 샤프 비율의 변화입니다(Moody·Saffell 2001).",
        DrawdownPenalised "drawdown_penalised":
            "Log equity less env.drawdown_penalty times the growth of the drawdown."
            / "로그 자기자본 변화에서 낙폭 증가분 × env.drawdown_penalty를 뺍니다.",
        Pnl "pnl":
            "Profit and loss over initial cash; adds up, does not compound."
            / "초기 현금 대비 손익입니다. 더해질 뿐 복리가 붙지 않습니다.",
    }
}

section! {
    /// What the agent acts in, what it may do, what that costs and earns.
    Env "env": "Environment" / "환경" {
        kind: EnvKind = EnvKind::Trading => Shape::choice(EnvKind::CHOICES), {
            label: "Environment" / "환경 종류",
            help: "What the agent acts in: a market, a classic control task, or a market with a known answer."
                / "에이전트가 활동하는 곳입니다. 실제 시장, 고전 제어 과제, 정답이 알려진 시장이 있습니다.",
        }
        actions: ActionKind = ActionKind::Discrete => Shape::choice(ActionKind::CHOICES), {
            label: "Actions" / "행동",
            help: "Whether the agent picks from a list of positions or any position in between."
                / "정해진 포지션 가운데서 고를지, 그 사이의 아무 값이나 고를지 정합니다.",
        }
        positions: Vec<f64> = vec![-1.0, 0.0, 1.0]
            => Shape::list(Scalar::Float, 2, Repeats::Refused).at_least(-20.0).at_most(20.0).unit(unit::FRACTION), {
            label: "Positions" / "포지션 목록",
            help: "Target positions of discrete actions as a share of equity: −1 short, 0 flat, 1 long."
                / "이산 행동의 목표 포지션(자기자본 대비)입니다. −1 매도, 0 없음, 1 매수.",
        }
        leverage: f64 = 1.0
            => Shape::float().above(0.0).at_most(20.0).step(0.25).typical(1.0, 3.0).unit(unit::FRACTION), {
            label: "Leverage cap" / "레버리지 한도",
            help: "Largest position as a share of equity, long or short."
                / "자기자본 대비 최대 포지션입니다(매수·매도 공통).",
            raising: "Larger gains and losses; ruin comes closer." / "이익과 손실이 커지고 파산이 가까워집니다.",
            lowering: "Smaller bets; costs weigh relatively the same." / "베팅이 작아집니다. 비용의 상대적 비중은 그대로입니다.",
        }
        sizing: Sizing = Sizing::Fraction => Shape::choice(Sizing::CHOICES), {
            label: "Sizing" / "수량 결정",
            help: "How a target position becomes a quantity." / "목표 포지션을 수량으로 바꾸는 방법입니다.",
        }
        unit_size: f64 = 1.0
            => Shape::float().above(0.0).log(10.0).typical(0.001, 100.0), {
            label: "Unit size" / "단위 수량",
            help: "Base units that a target of 1 means when env.sizing = units."
                / "env.sizing = units일 때 목표 1이 뜻하는 수량입니다.",
            raising: "Larger fixed positions." / "고정 포지션이 커집니다.",
            lowering: "Smaller fixed positions." / "고정 포지션이 작아집니다.",
        }
        deadband: f64 = 0.05
            => Shape::float().at_least(0.0).below(2.0).step(0.01).typical(0.0, 0.2).unit(unit::FRACTION), {
            label: "Deadband" / "불감대",
            help: "Changes of a continuous target up to this size keep the position." / "연속 목표의 변화가 이 크기 이하면 포지션을 유지합니다.",
            raising: "Fewer, larger trades." / "거래가 줄고 한 번의 크기가 커집니다.",
            lowering: "Many small trades, each with its costs." / "작은 거래가 늘고 그때마다 비용이 듭니다.",
        }
        window: usize = 1
            => Shape::int().at_least(1.0).at_most(4_096.0).typical(1.0, 64.0).unit(unit::BARS), {
            label: "Window" / "관측 창",
            help: "Bars of features that one observation holds; the newest is the bar just closed."
                / "관측 하나에 담기는 봉의 수입니다. 가장 새 봉은 방금 마감한 봉입니다.",
            raising: "The agent sees further back; the network grows and learns more slowly."
                / "더 먼 과거를 보지만 신경망이 커지고 학습이 느려집니다.",
            lowering: "Smaller and faster; the indicators must carry the past."
                / "작고 빨라집니다. 과거 정보는 지표가 담아야 합니다.",
        }
        remaining_episode: bool = false => Shape::bool(), {
            label: "Show remaining episode" / "남은 에피소드 표시",
            help: "Add the share of the episode that is left to the observation." / "에피소드가 얼마나 남았는지를 관측에 더합니다.",
        }
        episode_length: usize = 1_024
            => Shape::int().at_least(1.0).at_most(10_000_000.0).log(2.0).typical(256.0, 8_192.0).unit(unit::BARS), {
            label: "Episode length" / "에피소드 길이",
            help: "Bars of a training episode; it is then truncated, not terminated."
                / "학습 에피소드 하나의 봉 수입니다. 끝나면 종료가 아니라 절단으로 처리합니다.",
            raising: "Fewer different starts; long holdings and drawdowns are seen whole."
                / "시작점이 덜 다양해지지만 긴 보유와 낙폭을 온전히 봅니다.",
            lowering: "More different starts; what takes longer than an episode is never seen."
                / "시작점이 다양해지지만 에피소드보다 오래 걸리는 일은 볼 수 없습니다.",
        }
        initial_cash: f64 = 10_000.0
            => Shape::float().above(0.0).log(10.0).typical(1_000.0, 1_000_000.0).unit(unit::MONEY), {
            label: "Initial cash" / "초기 현금",
            help: "Equity at the start of every episode." / "에피소드를 시작할 때의 자기자본입니다.",
            raising: "Orders grow: whole units round less, volume-dependent slippage grows."
                / "주문이 커져 정수 반올림은 줄고 거래량에 따른 슬리피지는 커집니다.",
            lowering: "Orders shrink: whole units round more." / "주문이 작아져 정수 반올림의 영향이 커집니다.",
        }
        ruin: f64 = 0.1
            => Shape::float().at_least(0.0).below(1.0).step(0.05).typical(0.0, 0.5).unit(unit::FRACTION), {
            label: "Ruin" / "파산 기준",
            help: "The episode terminates once equity falls below this share of the initial cash."
                / "자기자본이 초기 현금의 이 비율 아래로 내려가면 에피소드를 종료합니다.",
            raising: "Losing episodes end sooner; the agent fears losses more." / "손실 에피소드가 일찍 끝나 손실을 더 꺼립니다.",
            lowering: "The agent may trade on after heavy losses." / "큰 손실 뒤에도 거래를 이어 갈 수 있습니다.",
        }
        fee_bps: f64 = 10.0
            => Shape::float().at_least(0.0).at_most(1_000.0).step(0.5).typical(0.0, 25.0).unit(unit::BPS), {
            label: "Taker fee" / "테이커 수수료",
            help: "Fee on the traded amount of orders that take liquidity: all market orders."
                / "유동성을 가져가는 주문(모든 시장가 주문)의 거래 금액에 붙는 수수료입니다.",
            raising: "The agent trades less and holds longer." / "거래를 줄이고 더 오래 보유합니다.",
            lowering: "The agent trades more; results depend on fills that may not be had."
                / "거래가 늘고, 실제로는 얻기 어려운 체결에 결과가 좌우됩니다.",
        }
        maker_fee_bps: f64 = 10.0
            => Shape::float().at_least(-100.0).at_most(1_000.0).step(0.5).typical(0.0, 10.0).unit(unit::BPS), {
            label: "Maker fee" / "메이커 수수료",
            help: "Fee on orders that rest in the book; negative is a rebate."
                / "호가창에 대기하는 주문의 수수료입니다. 음수는 환급입니다.",
            raising: "Resting orders pay less." / "대기 주문의 이점이 줄어듭니다.",
            lowering: "Resting orders pay more." / "대기 주문의 이점이 커집니다.",
        }
        spread_bps: f64 = 1.0
            => Shape::float().at_least(0.0).at_most(1_000.0).step(0.5).typical(0.5, 10.0).unit(unit::BPS), {
            label: "Spread" / "스프레드",
            help: "Distance of best ask and best bid; a fill pays half of it."
                / "최우선 매도호가와 매수호가의 차이입니다. 체결마다 절반을 냅니다.",
            raising: "Each trade costs more." / "거래 한 번의 비용이 커집니다.",
            lowering: "Each trade costs less; results look better than the venue allows."
                / "거래 비용이 줄어 실제보다 결과가 좋아 보입니다.",
        }
        slippage: Slippage = Slippage::Constant => Shape::choice(Slippage::CHOICES), {
            label: "Slippage model" / "슬리피지 모형",
            help: "How far a fill moves against the order beyond half the spread."
                / "스프레드 절반에 더해 체결가가 얼마나 불리해지는지 정합니다.",
        }
        slippage_bps: f64 = 1.0
            => Shape::float().at_least(0.0).at_most(1_000.0).step(0.5).typical(0.5, 10.0).unit(unit::BPS), {
            label: "Slippage" / "슬리피지",
            help: "Slippage of an order: always, or of one as large as the bar's volume (volume_share, sqrt_impact)."
                / "주문의 슬리피지입니다. volume_share와 sqrt_impact에서는 주문이 봉 거래량만큼 클 때의 값입니다.",
            raising: "Each trade costs more." / "거래 한 번의 비용이 커집니다.",
            lowering: "Each trade costs less." / "거래 한 번의 비용이 작아집니다.",
        }
        slippage_max_share: f64 = 0.1
            => Shape::float().above(0.0).at_most(1.0).step(0.05).typical(0.01, 0.25).unit(unit::FRACTION), {
            label: "Slippage cap" / "슬리피지 비중 상한",
            help: "Largest share of the bar's volume that volume_share slippage reckons with."
                / "volume_share 슬리피지가 계산에 넣는 봉 거래량 대비 최대 비중입니다.",
            raising: "Large orders are punished in full." / "큰 주문의 불이익이 그대로 반영됩니다.",
            lowering: "Large orders look cheaper than they are." / "큰 주문이 실제보다 싸 보입니다.",
        }
        borrow_bps_per_day: f64 = 0.0
            => Shape::float().at_least(0.0).at_most(1_000.0).step(0.5).typical(0.0, 5.0).unit(unit::BPS), {
            label: "Borrow cost" / "차입 비용",
            help: "Paid by short positions on their notional, a day." / "매도 포지션이 명목 금액에 대해 하루에 내는 비용입니다.",
            raising: "Shorts are held for less time." / "매도 포지션을 더 짧게 가져갑니다.",
            lowering: "Shorts cost less to hold." / "매도 포지션의 유지 비용이 줄어듭니다.",
        }
        funding_bps_per_day: f64 = 0.0
            => Shape::float().at_least(-1_000.0).at_most(1_000.0).step(0.5).typical(0.0, 5.0).unit(unit::BPS), {
            label: "Funding" / "펀딩 비용",
            help: "Paid by longs and received by shorts on their notional, a day (perpetual swaps)."
                / "무기한 선물에서 매수가 내고 매도가 받는 하루 비용입니다(명목 금액 기준).",
            raising: "Longs cost more, shorts earn more." / "매수 비용과 매도 수입이 늘어납니다.",
            lowering: "Longs cost less; below 0 they are paid." / "매수 비용이 줄고, 음수면 매수가 받습니다.",
        }
        min_notional: f64 = 0.0
            => Shape::float().at_least(0.0).step(5.0).typical(0.0, 20.0).unit(unit::MONEY), {
            label: "Smallest order" / "최소 주문 금액",
            help: "Smaller orders are refused and counted; 0 is none." / "이보다 작은 주문은 거절하고 횟수를 셉니다. 0이면 제한이 없습니다.",
            raising: "Small changes of position fail." / "작은 포지션 변경이 실패합니다.",
            lowering: "Any order passes." / "모든 주문이 통과합니다.",
        }
        lot: f64 = 0.0
            => Shape::float().at_least(0.0).step(0.001).typical(0.0, 1.0), {
            label: "Lot" / "수량 단위",
            help: "Quantity step in base units; positions are rounded towards zero. 0 is none."
                / "수량의 최소 단위입니다. 포지션을 0 쪽으로 내림합니다. 0이면 제한이 없습니다.",
            raising: "Positions are rounded more coarsely." / "포지션이 더 거칠게 반올림됩니다.",
            lowering: "Positions follow their targets closely." / "포지션이 목표를 더 정확히 따릅니다.",
        }
        tick: f64 = 0.0
            => Shape::float().at_least(0.0).step(0.01).typical(0.0, 1.0).unit(unit::MONEY), {
            label: "Tick" / "호가 단위",
            help: "Price step; fills are rounded against us. 0 is none." / "가격의 최소 단위입니다. 체결가를 불리한 쪽으로 반올림합니다. 0이면 제한이 없습니다.",
            raising: "Each fill costs up to a tick more." / "체결마다 최대 한 호가만큼 더 냅니다.",
            lowering: "Fills are exact." / "체결가가 정확해집니다.",
        }
        randomise_costs: f64 = 0.0
            => Shape::float().at_least(0.0).below(1.0).step(0.05).typical(0.0, 0.5).unit(unit::FRACTION), {
            label: "Randomised costs" / "비용 무작위화",
            help: "Each training episode multiplies its costs by a factor from 1 − this to 1 + this; 0 is off."
                / "학습 에피소드마다 비용에 1 − 이 값부터 1 + 이 값까지의 배수를 곱합니다. 0이면 끕니다.",
            raising: "The policy depends less on one exact fee." / "정책이 특정 수수료에 덜 의존합니다.",
            lowering: "The policy fits the stated costs more closely." / "정책이 정해진 비용에 더 맞춰집니다.",
        }
        reward: Reward = Reward::LogEquity => Shape::choice(Reward::CHOICES), {
            label: "Reward" / "보상",
            help: "What the agent is rewarded for; its terms are itemised in the metrics."
                / "에이전트가 무엇으로 보상받는지 정합니다. 각 항은 지표에 따로 기록됩니다.",
        }
        reward_scale: f64 = 100.0
            => Shape::float().above(0.0).at_most(1e6).log(10.0).typical(1.0, 1_000.0), {
            label: "Reward scale" / "보상 배율",
            help: "Factor on every reward; bar returns are far below one."
                / "모든 보상에 곱하는 값입니다. 봉 수익률은 1보다 훨씬 작습니다.",
            raising: "Value targets and gradients grow." / "가치 목표와 기울기가 커집니다.",
            lowering: "Value targets shrink; the entropy bonus weighs more."
                / "가치 목표가 작아져 엔트로피 보너스의 비중이 커집니다.",
        }
        drawdown_penalty: f64 = 0.0
            => Shape::float().at_least(0.0).at_most(100.0).step(0.1).typical(0.0, 2.0), {
            label: "Drawdown penalty" / "낙폭 벌점",
            help: "Weight of the growing drawdown in the reward drawdown_penalised."
                / "보상 drawdown_penalised에서 낙폭 증가분의 가중치입니다.",
            raising: "Smoother equity, less return." / "자산 곡선이 완만해지고 수익은 줄어듭니다.",
            lowering: "More return is sought at deeper drawdowns." / "낙폭을 감수하고 수익을 더 좇습니다.",
        }
        sharpe_decay: f64 = 0.01
            => Shape::float().above(0.0).below(1.0).log(2.0).typical(0.001, 0.05), {
            label: "Sharpe adaptation" / "샤프 적응률",
            help: "Adaptation rate η of the running moments in the reward differential_sharpe."
                / "보상 differential_sharpe에서 이동 모멘트의 적응률 η입니다.",
            raising: "Only recent bars count." / "최근 봉만 반영합니다.",
            lowering: "A longer past counts." / "더 긴 과거를 반영합니다.",
        }
        stop_loss: f64 = 0.0
            => Shape::float().at_least(0.0).below(1.0).step(0.005).typical(0.0, 0.1).unit(unit::FRACTION), {
            label: "Stop loss" / "손절",
            help: "Close a position once it has lost this share of its entry price; 0 is off."
                / "진입가 대비 이만큼 잃으면 포지션을 닫습니다. 0이면 끕니다.",
            raising: "Stops are hit less often and cost more." / "손절이 드물어지고 한 번의 손실은 커집니다.",
            lowering: "Stops are hit more often by noise." / "잡음에 의한 손절이 잦아집니다.",
        }
        take_profit: f64 = 0.0
            => Shape::float().at_least(0.0).at_most(10.0).step(0.005).typical(0.0, 0.2).unit(unit::FRACTION), {
            label: "Take profit" / "익절",
            help: "Close a position once it has gained this share of its entry price; 0 is off."
                / "진입가 대비 이만큼 벌면 포지션을 닫습니다. 0이면 끕니다.",
            raising: "Winners run longer." / "이익 포지션을 더 오래 둡니다.",
            lowering: "Winners are cut sooner." / "이익을 더 일찍 실현합니다.",
        }
        trailing_stop: f64 = 0.0
            => Shape::float().at_least(0.0).below(1.0).step(0.005).typical(0.0, 0.1).unit(unit::FRACTION), {
            label: "Trailing stop" / "추적 손절",
            help: "Close a position once it has fallen back this share from its best price; 0 is off."
                / "최고 유리 가격에서 이만큼 되돌리면 포지션을 닫습니다. 0이면 끕니다.",
            raising: "More of a gain may be given back." / "이익을 더 많이 되돌려 줄 수 있습니다.",
            lowering: "Positions are closed by small pull-backs." / "작은 되돌림에도 포지션이 닫힙니다.",
        }
        synthetic_bars: usize = 20_000
            => Shape::int().at_least(500.0).at_most(10_000_000.0).log(2.0).typical(5_000.0, 100_000.0).unit(unit::BARS), {
            label: "Known-answer bars" / "합성 봉 수",
            help: "Length of a known-answer market, cut in time like real data."
                / "정답이 알려진 시장의 길이입니다. 실제 데이터처럼 시간순으로 나눕니다.",
            raising: "Sharper estimate of the share of the optimum; longer runs." / "최적 대비 비율을 더 정확히 재지만 오래 걸립니다.",
            lowering: "Faster, less certain." / "빠르지만 덜 확실합니다.",
        }
    }
}
