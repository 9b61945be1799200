//! Rows of `[train]`: how long, how wide and on what a training runs, and when it stops.

use crate::{
    declare::{Shape, choice, section, unit},
    key::{Repeats, Scalar},
};

choice! {
    /// Where the learner's arithmetic runs.
    Device {
        Auto "auto":
            "The first GPU if one answers, else the CPU." / "GPU가 응답하면 첫 GPU를, 아니면 CPU를 씁니다.",
        Cpu "cpu":
            "The CPU." / "CPU를 씁니다.",
        Cuda "cuda":
            "The first GPU; an error where there is none." / "첫 GPU를 씁니다. 없으면 오류입니다.",
    }
}

section! {
    /// How long, how wide and on what a training runs, and when it stops.
    Train "train": "Training" / "학습" {
        total_steps: u64 = 2_000_000
            => Shape::int().at_least(1.0).at_most(1e13).log(2.0).typical(1e5, 1e8).unit(unit::STEPS), {
            label: "Total steps" / "총 스텝",
            help: "Environment steps of each seed; the last rollout may go past it."
                / "시드마다 진행할 환경 스텝 수입니다. 마지막 롤아웃은 조금 넘을 수 있습니다.",
            raising: "Longer; fits the training window better, and its noise too." / "오래 걸리고 학습 구간과 그 잡음까지 더 맞춥니다.",
            lowering: "Shorter; may stop before anything is learned." / "짧아지고 배우기 전에 끝날 수 있습니다.",
        }
        n_envs: usize = 128
            => Shape::int().at_least(1.0).at_most(1_048_576.0).log(2.0).typical(8.0, 4_096.0).unit(unit::ENVS), {
            label: "Environments" / "환경 수",
            help: "Environments that are stepped side by side." / "동시에 진행하는 환경의 수입니다.",
            raising: "More steps a second and more varied rollouts; fewer updates in the same steps."
                / "초당 스텝과 롤아웃의 다양성이 늘고, 같은 스텝에서 업데이트는 줄어듭니다.",
            lowering: "More updates in the same steps; slower." / "같은 스텝에서 업데이트가 늘고 느려집니다.",
        }
        seeds: Vec<u64> = vec![1, 2, 3]
            => Shape::list(Scalar::Int, 1, Repeats::Refused).at_least(0.0), {
            label: "Seeds" / "시드",
            help: "One training a seed; results are judged over all of them, the worst one shown."
                / "시드마다 한 번씩 학습합니다. 결과는 전체로 판단하고 최악의 시드도 보여 줍니다.",
        }
        threads: usize = 0
            => Shape::int().at_least(0.0).at_most(1_024.0).typical(0.0, 16.0).unit(unit::THREADS), {
            label: "Threads" / "스레드",
            help: "Threads of rollouts and learning; 0 takes every core. Results do not depend on it."
                / "롤아웃과 학습에 쓰는 스레드 수입니다. 0이면 모든 코어를 씁니다. 결과에는 영향이 없습니다.",
            raising: "Faster up to the number of cores." / "코어 수까지는 빨라집니다.",
            lowering: "Leaves cores to others." / "다른 작업에 코어를 남깁니다.",
        }
        device: Device = Device::Auto => Shape::choice(Device::CHOICES), {
            label: "Device" / "장치",
            help: "Where the learner's arithmetic runs; environments stay on the CPU."
                / "학습 계산을 하는 장치입니다. 환경은 CPU에서 돕니다.",
        }
        checkpoint_every_steps: u64 = 500_000
            => Shape::int().at_least(0.0).at_most(1e13).log(2.0).typical(1e5, 1e7).unit(unit::STEPS), {
            label: "Checkpoint by steps" / "스텝별 체크포인트",
            help: "Save a checkpoint after this many steps; 0 is off." / "이만큼 진행할 때마다 체크포인트를 저장합니다. 0이면 끕니다.",
            raising: "Less disk and time; more is lost in a crash." / "디스크와 시간을 아끼지만 중단 시 잃는 것이 많습니다.",
            lowering: "Less is lost in a crash (0: see the other clock)." / "중단 시 잃는 것이 적습니다(0이면 시간 기준만 씁니다).",
        }
        checkpoint_every_seconds: u64 = 300
            => Shape::int().at_least(0.0).at_most(604_800.0).step(60.0).typical(60.0, 3_600.0).unit(unit::SECONDS), {
            label: "Checkpoint by time" / "시간별 체크포인트",
            help: "Save a checkpoint after this much time; 0 is off." / "이 시간마다 체크포인트를 저장합니다. 0이면 끕니다.",
            raising: "Less disk and time; more is lost in a crash." / "디스크와 시간을 아끼지만 중단 시 잃는 것이 많습니다.",
            lowering: "Less is lost in a crash (0: see the other clock)." / "중단 시 잃는 것이 적습니다(0이면 스텝 기준만 씁니다).",
        }
        keep_checkpoints: usize = 3
            => Shape::int().at_least(1.0).at_most(10_000.0).typical(2.0, 10.0).unit(unit::CHECKPOINTS), {
            label: "Checkpoints kept" / "보관할 체크포인트",
            help: "Newest checkpoints that are kept beside the best one." / "최고 체크포인트 외에 보관할 최신 체크포인트의 수입니다.",
            raising: "More disk." / "디스크를 더 씁니다.",
            lowering: "Fewer places to go back to." / "되돌아갈 지점이 줄어듭니다.",
        }
        validate_every_steps: u64 = 250_000
            => Shape::int().at_least(1.0).at_most(1e13).log(2.0).typical(5e4, 1e7).unit(unit::STEPS), {
            label: "Validate every" / "검증 간격",
            help: "Run the policy over the validation window after this many steps; the best checkpoint is chosen by it."
                / "이만큼 진행할 때마다 검증 구간에서 정책을 돌립니다. 최고 체크포인트는 이것으로 고릅니다.",
            raising: "Fewer candidates: faster, and less selection bias." / "후보가 줄어 빠르고 선택 편향도 작습니다.",
            lowering: "More candidates; the best of many is partly luck." / "후보가 늘지만 많은 것 중 최고는 운이 섞입니다.",
        }
        patience: usize = 0
            => Shape::int().at_least(0.0).at_most(10_000.0).typical(0.0, 20.0), {
            label: "Patience" / "인내 횟수",
            help: "Stop after this many validations without improvement; 0 is off." / "이 횟수만큼 검증이 나아지지 않으면 멈춥니다. 0이면 끕니다.",
            raising: "Waits longer for a late improvement." / "늦은 개선을 더 기다립니다.",
            lowering: "Stops sooner (0: never)." / "더 일찍 멈춥니다(0이면 멈추지 않음).",
        }
        stop_kl: f64 = 0.0
            => Shape::float().at_least(0.0).at_most(1_000.0).step(0.1).typical(0.0, 2.0), {
            label: "Stop on KL" / "KL 중단 기준",
            help: "Stop the training once an update's approximate KL divergence passes this; 0 is off."
                / "업데이트의 근사 KL이 이 값을 넘으면 학습을 중단합니다. 0이면 끕니다.",
            raising: "Tolerates wilder updates." / "거친 업데이트를 더 참습니다.",
            lowering: "Stops sooner when a policy breaks (0: never)." / "정책이 무너지면 더 일찍 멈춥니다(0이면 멈추지 않음).",
        }
    }
}
