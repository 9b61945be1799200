//! Rows of `[agent]`: the learning algorithm and its hyper-parameters.

use crate::declare::{Shape, choice, section, unit};

choice! {
    /// The learning algorithm.
    Algorithm {
        Ppo "ppo":
            "Proximal policy optimisation (Schulman et al. 2017)." / "근접 정책 최적화(Schulman 외 2017).",
    }
}

choice! {
    /// How a coefficient moves from its start to the end of training.
    Anneal {
        Constant "constant":
            "Stays at its start value." / "시작값을 유지합니다.",
        Linear "linear":
            "Falls in a straight line to zero at the last step." / "마지막 스텝까지 직선으로 0까지 줄어듭니다.",
        Cosine "cosine":
            "Falls along half a cosine to zero at the last step." / "반 코사인 곡선을 따라 0까지 줄어듭니다.",
    }
}

section! {
    /// The learning algorithm and its hyper-parameters.
    Agent "agent": "Agent" / "에이전트" {
        algorithm: Algorithm = Algorithm::Ppo => Shape::choice(Algorithm::CHOICES), {
            label: "Algorithm" / "알고리즘",
            help: "The learning algorithm." / "학습 알고리즘입니다.",
        }
        horizon: usize = 128
            => Shape::int().at_least(1.0).at_most(65_536.0).log(2.0).typical(32.0, 2_048.0).unit(unit::STEPS), {
            label: "Horizon" / "롤아웃 길이",
            help: "Steps of every environment in one rollout, before each update."
                / "업데이트 한 번 전에 각 환경에서 모으는 스텝 수입니다.",
            raising: "Better advantage estimates, fewer updates, more memory."
                / "어드밴티지 추정이 좋아지지만 업데이트가 줄고 메모리를 더 씁니다.",
            lowering: "More frequent updates that lean on the value estimate."
                / "업데이트가 잦아지고 가치 추정에 더 의존합니다.",
        }
        epochs: usize = 4
            => Shape::int().at_least(1.0).at_most(100.0).typical(3.0, 10.0).unit(unit::PASSES), {
            label: "Epochs" / "에포크",
            help: "Passes over each rollout." / "롤아웃 하나를 반복 학습하는 횟수입니다.",
            raising: "More learning from the same data; the KL divergence grows."
                / "같은 데이터에서 더 배우지만 KL이 커집니다.",
            lowering: "More stable, faster, needs more data." / "안정적이고 빠르지만 데이터가 더 필요합니다.",
        }
        minibatch_size: usize = 4_096
            => Shape::int().at_least(1.0).at_most(16_777_216.0).log(2.0).typical(64.0, 16_384.0).unit(unit::SAMPLES), {
            label: "Minibatch size" / "미니배치 크기",
            help: "Samples of one gradient step; best a divisor of train.n_envs × agent.horizon."
                / "기울기 한 스텝의 표본 수입니다. train.n_envs × agent.horizon의 약수가 좋습니다.",
            raising: "Smoother and faster updates, fewer of them." / "업데이트가 부드럽고 빨라지지만 횟수가 줄어듭니다.",
            lowering: "Noisier and more updates." / "업데이트가 많아지고 더 흔들립니다.",
        }
        learning_rate: f64 = 3e-4
            => Shape::float().above(0.0).at_most(1.0).log(2.0).typical(1e-5, 1e-3).live(), {
            label: "Learning rate" / "학습률",
            help: "Step size of the optimiser at the start of its schedule." / "일정의 시작점에서 최적화기의 보폭입니다.",
            raising: "Learns faster until the KL divergence explodes." / "KL이 폭주하기 전까지는 더 빨리 배웁니다.",
            lowering: "Learns more slowly and more steadily." / "더 느리고 안정적으로 배웁니다.",
        }
        learning_rate_schedule: Anneal = Anneal::Linear => Shape::choice(Anneal::CHOICES), {
            label: "Learning-rate schedule" / "학습률 일정",
            help: "How the learning rate moves over the training." / "학습이 진행되면서 학습률이 변하는 방식입니다.",
        }
        gamma: f64 = 0.99
            => Shape::float().at_least(0.0).at_most(1.0).step(0.005).typical(0.9, 0.999), {
            label: "Discount γ" / "할인율 γ",
            help: "Weight of the next step's reward; 1 / (1 − γ) steps is how far the agent looks ahead."
                / "다음 스텝 보상의 가중치입니다. 약 1 / (1 − γ) 스텝 앞을 봅니다.",
            raising: "Looks further ahead; value estimates get noisier." / "더 멀리 보지만 가치 추정이 흔들립니다.",
            lowering: "Looks at the next few bars only." / "가까운 몇 봉만 봅니다.",
        }
        gae_lambda: f64 = 0.95
            => Shape::float().at_least(0.0).at_most(1.0).step(0.01).typical(0.8, 0.99), {
            label: "GAE λ" / "GAE λ",
            help: "Balance of bias and variance in generalised advantage estimation (0 to 1)."
                / "일반화 어드밴티지 추정(GAE)에서 편향과 분산의 균형입니다(0~1).",
            raising: "Less bias, more variance." / "편향이 줄고 분산이 커집니다.",
            lowering: "Less variance; leans on the value estimate." / "분산이 줄고 가치 추정에 의존합니다.",
        }
        clip_range: f64 = 0.2
            => Shape::float().above(0.0).below(1.0).step(0.02).typical(0.1, 0.3).live(), {
            label: "Clip range" / "클립 범위",
            help: "How far an update may move the probability ratio from 1." / "업데이트가 확률 비율을 1에서 얼마나 움직일 수 있는지 정합니다.",
            raising: "Bigger policy changes per update; less stable." / "업데이트마다 정책이 크게 바뀌고 덜 안정적입니다.",
            lowering: "Smaller, safer changes; slower." / "변화가 작고 안전하지만 느립니다.",
        }
        clip_range_value: f64 = 0.0
            => Shape::float().at_least(0.0).at_most(100.0).step(0.05).typical(0.0, 0.5), {
            label: "Value clip range" / "가치 클립 범위",
            help: "How far an update may move the value estimate; 0 is off." / "업데이트가 가치 추정을 얼마나 움직일 수 있는지 정합니다. 0이면 끕니다.",
            raising: "The value estimate adapts faster." / "가치 추정이 더 빨리 적응합니다.",
            lowering: "The value estimate moves more slowly (0: freely)." / "가치 추정이 더 천천히 움직입니다(0이면 자유롭게).",
        }
        entropy_coef: f64 = 0.01
            => Shape::float().at_least(0.0).at_most(1.0).step(0.001).typical(0.0, 0.02).live(), {
            label: "Entropy coefficient" / "엔트로피 계수",
            help: "Weight of the bonus for undecided policies at the start of its schedule."
                / "일정의 시작점에서, 결정을 미루는 정책에 주는 보너스의 가중치입니다.",
            raising: "Explores more, commits later." / "더 탐색하고 늦게 결정합니다.",
            lowering: "Commits sooner; may get stuck." / "일찍 결정하지만 갇힐 수 있습니다.",
        }
        entropy_schedule: Anneal = Anneal::Linear => Shape::choice(Anneal::CHOICES), {
            label: "Entropy schedule" / "엔트로피 일정",
            help: "How the entropy coefficient moves over the training." / "학습이 진행되면서 엔트로피 계수가 변하는 방식입니다.",
        }
        value_coef: f64 = 0.5
            => Shape::float().at_least(0.0).at_most(10.0).step(0.1).typical(0.25, 1.0), {
            label: "Value coefficient" / "가치 계수",
            help: "Weight of the value loss." / "가치 손실의 가중치입니다.",
            raising: "The value estimate is fitted harder." / "가치 추정을 더 강하게 맞춥니다.",
            lowering: "The policy loss dominates." / "정책 손실이 우세해집니다.",
        }
        max_grad_norm: f64 = 0.5
            => Shape::float().at_least(0.0).at_most(1_000.0).step(0.1).typical(0.3, 1.0), {
            label: "Gradient norm limit" / "기울기 노름 한도",
            help: "Largest global norm of the gradient; 0 is off." / "기울기 전체 노름의 최댓값입니다. 0이면 끕니다.",
            raising: "Rare large gradients get through." / "드문 큰 기울기가 그대로 반영됩니다.",
            lowering: "Updates are damped (0: never)." / "업데이트가 억제됩니다(0이면 억제 없음).",
        }
        target_kl: f64 = 0.03
            => Shape::float().at_least(0.0).at_most(10.0).step(0.005).typical(0.01, 0.05), {
            label: "Target KL" / "목표 KL",
            help: "An update ends early once the approximate KL divergence passes 1.5 times this; 0 is off."
                / "근사 KL이 이 값의 1.5배를 넘으면 업데이트를 일찍 끝냅니다. 0이면 끕니다.",
            raising: "Updates run to their end." / "업데이트가 끝까지 진행됩니다.",
            lowering: "Updates stop sooner; slower and safer." / "업데이트가 일찍 멈춰 느리지만 안전합니다.",
        }
        normalise_advantage: bool = true => Shape::bool(), {
            label: "Normalise advantages" / "어드밴티지 정규화",
            help: "Centre and scale advantages within each minibatch." / "미니배치 안에서 어드밴티지를 평균 0, 표준편차 1로 맞춥니다.",
        }
        normalise_observations: bool = true => Shape::bool(), {
            label: "Normalise observations" / "관측 정규화",
            help: "Scale observations by their running mean and variance, clipped to ±10; saved with the policy."
                / "관측을 이동 평균과 분산으로 맞추고 ±10으로 자릅니다. 정책과 함께 저장됩니다.",
        }
        normalise_rewards: bool = true => Shape::bool(), {
            label: "Normalise rewards" / "보상 정규화",
            help: "Divide rewards by the running deviation of the discounted return, clipped to ±10."
                / "보상을 할인 수익의 이동 표준편차로 나누고 ±10으로 자릅니다.",
        }
        adam_eps: f64 = 1e-5
            => Shape::float().above(0.0).at_most(0.1).log(10.0).typical(1e-8, 1e-5), {
            label: "Adam ε" / "Adam ε",
            help: "Small number that keeps Adam's division finite (1e-5 is usual for PPO)."
                / "Adam의 나눗셈이 발산하지 않게 하는 작은 값입니다(PPO에서는 보통 1e-5).",
            raising: "Rarely moved parameters move less." / "드물게 움직이는 매개변수가 덜 움직입니다.",
            lowering: "Rarely moved parameters may jump." / "드물게 움직이는 매개변수가 튈 수 있습니다.",
        }
        weight_decay: f64 = 0.0
            => Shape::float().at_least(0.0).at_most(1.0).step(0.001).typical(0.0, 0.01), {
            label: "Weight decay" / "가중치 감쇠",
            help: "Decoupled weight decay of AdamW; 0 is plain Adam." / "AdamW의 분리형 가중치 감쇠입니다. 0이면 일반 Adam입니다.",
            raising: "Smaller weights, less overfitting, less capacity." / "가중치가 작아져 과적합과 표현력이 함께 줄어듭니다.",
            lowering: "Weights grow freely." / "가중치가 자유롭게 커집니다.",
        }
    }
}
