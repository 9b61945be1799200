//! Rows of `[policy]`: the network that maps observations to actions.

use crate::{
    declare::{Shape, choice, section},
    key::{Repeats, Scalar},
};

choice! {
    /// The network's architecture.
    Network {
        Mlp "mlp":
            "Fully connected layers, separate for policy and value." / "완전 연결층이며 정책과 가치가 따로입니다.",
    }
}

choice! {
    /// The hidden layers' non-linearity.
    Activation {
        Tanh "tanh":
            "Bounded and smooth: the usual choice for PPO." / "유한하고 매끄러워 PPO에서 널리 씁니다.",
        Relu "relu":
            "Cheaper; units may die." / "계산이 가볍지만 죽은 유닛이 생길 수 있습니다.",
    }
}

choice! {
    /// What computes the network.
    Backend {
        Auto "auto":
            "Fused kernels on the CPU where they fit, libtorch otherwise." / "CPU에서 가능하면 융합 커널을, 아니면 libtorch를 씁니다.",
        Fused "fused":
            "Our own fused CPU kernels; CPU and tanh only." / "자체 융합 CPU 커널입니다. CPU와 tanh에서만 됩니다.",
        Torch "torch":
            "libtorch on any device." / "모든 장치에서 libtorch를 씁니다.",
    }
}

section! {
    /// The network that maps observations to actions.
    Policy "policy": "Policy" / "정책" {
        network: Network = Network::Mlp => Shape::choice(Network::CHOICES), {
            label: "Network" / "신경망",
            help: "The network's architecture." / "신경망의 구조입니다.",
        }
        hidden: Vec<usize> = vec![64, 64]
            => Shape::list(Scalar::Int, 1, Repeats::Allowed).at_least(1.0).at_most(8_192.0).typical(32.0, 512.0), {
            label: "Hidden layers" / "은닉층",
            help: "Units of each hidden layer. More units fit more and overfit more; time grows with their square."
                / "각 은닉층의 유닛 수입니다. 많을수록 잘 맞추지만 과적합되기 쉽고 시간은 제곱으로 늘어납니다.",
        }
        activation: Activation = Activation::Tanh => Shape::choice(Activation::CHOICES), {
            label: "Activation" / "활성화 함수",
            help: "The hidden layers' non-linearity." / "은닉층의 비선형 함수입니다.",
        }
        initial_log_std: f64 = 0.0
            => Shape::float().at_least(-5.0).at_most(2.0).step(0.25).typical(-2.0, 0.0), {
            label: "Initial log-std" / "초기 로그 표준편차",
            help: "Logarithm of the standard deviation of continuous actions at the start."
                / "시작할 때 연속 행동 표준편차의 로그입니다.",
            raising: "Wider exploration at first." / "처음에 더 넓게 탐색합니다.",
            lowering: "Narrower exploration at first." / "처음에 더 좁게 탐색합니다.",
        }
        backend: Backend = Backend::Auto => Shape::choice(Backend::CHOICES), {
            label: "Backend" / "계산 방식",
            help: "What computes the network; the results agree to rounding." / "신경망을 계산하는 방식입니다. 결과는 반올림 오차 안에서 같습니다.",
        }
    }
}
