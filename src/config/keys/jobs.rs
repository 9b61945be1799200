//! Rows of `[jobs]`: where work is sent and what it asks for there. Empty and zero leave a choice
//! to the cluster's profile.

use crate::{
    declare::{Shape, section, unit},
    key::{Repeats, Scalar, TextRule},
};

section! {
    /// Where work is sent and what it asks for there.
    Jobs "jobs": "Jobs" / "작업" {
        on: String = "local".to_owned() => Shape::text(TextRule::Slug), {
            label: "Send to" / "보낼 곳",
            help: "Profile that work is sent through: local is this machine; others are the files of configs/clusters."
                / "작업을 보낼 프로필입니다. local은 이 컴퓨터이고, 나머지는 configs/clusters의 파일입니다.",
        }
        slots: usize = 0
            => Shape::int().at_least(0.0).at_most(256.0).typical(1.0, 8.0).unit(unit::JOBS), {
            label: "Jobs at once" / "동시 작업 수",
            help: "Jobs that this machine runs at the same time; 0 follows its load between 2 and 8."
                / "이 컴퓨터에서 동시에 돌릴 작업 수입니다. 0이면 부하에 따라 2~8개로 조절합니다.",
            raising: "More at once, each slower." / "더 많이 동시에 돌지만 각각 느려집니다.",
            lowering: "Fewer at once, each faster." / "동시에 도는 수가 줄고 각각 빨라집니다.",
        }
        priority: usize = 5 => Shape::int().at_least(0.0).at_most(9.0).typical(1.0, 9.0), {
            label: "Priority" / "우선순위",
            help: "From 0 to 9: higher ones leave this machine's queue first; clusters have priorities of their own."
                / "0에서 9까지이며, 이 컴퓨터의 대기열에서는 높은 것부터 시작합니다. 클러스터는 자체 우선순위를 따릅니다.",
            raising: "Starts before others." / "다른 작업보다 먼저 시작합니다.",
            lowering: "Lets others start first." / "다른 작업에 순서를 양보합니다.",
        }
        gpus: usize = 0 => Shape::int().at_least(0.0).at_most(64.0).typical(0.0, 1.0), {
            label: "GPUs" / "GPU 수",
            help: "GPUs that a job asks for; 0 takes the profile's number." / "작업이 요청할 GPU 수입니다. 0이면 프로필을 따릅니다.",
            raising: "More to compute with; waits longer." / "계산 자원이 늘지만 더 오래 기다립니다.",
            lowering: "Starts sooner." / "더 빨리 시작됩니다.",
        }
        gpu_type: String = String::new() => Shape::text(TextRule::Free), {
            label: "GPU type" / "GPU 종류",
            help: "Kind of GPU as the cluster names it, e.g. a40; empty takes any."
                / "클러스터에서 부르는 GPU 이름입니다(예: a40). 비우면 아무것이나 받습니다.",
        }
        cpus: usize = 0 => Shape::int().at_least(0.0).at_most(1_024.0).typical(0.0, 16.0), {
            label: "Processors" / "프로세서 수",
            help: "Processors that a job asks for; 0 takes the profile's number."
                / "작업이 요청할 프로세서 수입니다. 0이면 프로필을 따릅니다.",
            raising: "Faster rollouts; waits longer." / "롤아웃이 빨라지지만 더 오래 기다립니다.",
            lowering: "Starts sooner; slower rollouts." / "더 빨리 시작되지만 롤아웃이 느려집니다.",
        }
        memory_gib: f64 = 0.0 => Shape::float().at_least(0.0).at_most(16_384.0).step(1.0).typical(0.0, 64.0).unit(unit::GIB), {
            label: "Memory" / "메모리",
            help: "Memory that a job asks for; 0 takes the profile's amount." / "작업이 요청할 메모리입니다. 0이면 프로필을 따릅니다.",
            raising: "Room for more environments; waits longer." / "환경을 더 담을 수 있지만 더 오래 기다립니다.",
            lowering: "Starts sooner; may run out." / "더 빨리 시작되지만 부족할 수 있습니다.",
        }
        hours: f64 = 0.0 => Shape::float().at_least(0.0).at_most(2_160.0).step(1.0).typical(0.0, 48.0).unit(unit::HOURS), {
            label: "Time limit" / "시간 제한",
            help: "Longest run time of one start; 0 takes the profile's." / "한 번 시작해 돌 수 있는 최대 시간입니다. 0이면 프로필을 따릅니다.",
            raising: "Fewer restarts; may wait longer in the queue." / "재시작이 줄지만 대기가 길어질 수 있습니다.",
            lowering: "Starts sooner; more restarts." / "빨리 시작되지만 재시작이 늘어납니다.",
        }
        partition: String = String::new() => Shape::text(TextRule::Free), {
            label: "Partition" / "파티션",
            help: "Slurm partition; empty takes the profile's." / "Slurm 파티션입니다. 비우면 프로필을 따릅니다.",
        }
        account: String = String::new() => Shape::text(TextRule::Free), {
            label: "Account" / "계정",
            help: "Slurm account; empty takes the profile's, or the cluster's default for you."
                / "Slurm 계정입니다. 비우면 프로필이나 클러스터의 기본 계정을 따릅니다.",
        }
        qos: String = String::new() => Shape::text(TextRule::Free), {
            label: "Quality of service" / "서비스 등급(QOS)",
            help: "Slurm quality of service; empty takes the profile's." / "Slurm QOS입니다. 비우면 프로필을 따릅니다.",
        }
        chain: usize = 0 => Shape::int().at_least(0.0).at_most(100.0).typical(0.0, 7.0), {
            label: "Chain" / "이어달리기",
            help: "Jobs submitted one after the other, for clusters with a time limit and no requeue; 0 takes the profile's number."
                / "시간 제한이 있고 재대기가 없는 클러스터에서 차례로 이어서 실행할 작업 수입니다. 0이면 프로필을 따릅니다.",
            raising: "Goes on for longer; each link may cost money." / "더 오래 이어 가지만 하나마다 비용이 들 수 있습니다.",
            lowering: "Ends sooner." / "더 일찍 끝납니다.",
        }
        options: Vec<String> = Vec::new() => Shape::list(Scalar::Text(TextRule::Free), 0, Repeats::Refused), {
            label: "Further options" / "추가 옵션",
            help: "Further options of sbatch, one each, e.g. --constraint=a40|l40s."
                / "sbatch에 더 넘길 옵션입니다(예: --constraint=a40|l40s).",
        }
    }
}
