//! Why a job waits or ended, in plain words, and what usually helps.
//!
//! Slurm says it in one word of its own; a word that is not in the table is shown as it is.

use domain::{Phrase, Text};

/// What a word of Slurm means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// Slurm's word. One that ends in `*` stands for all that begin so.
    pub word: &'static str,
    /// What it means.
    pub says: Text,
    /// What usually helps.
    pub helps: Text,
}

impl Meaning {
    /// Returns whether the job starts without anybody doing anything.
    #[must_use]
    pub fn passes_by_itself(&self) -> bool {
        let patient = [WAIT, OWN_JOBS, GROUP].contains(&self.helps);
        patient || self.word == "JobArrayTaskLimit" || self.word.starts_with("ReqNodeNotAvail")
    }
}

const WAIT: Text = Text::new(
    "nothing to do: it starts by itself",
    "기다리면 자동으로 시작합니다",
);
const SMALLER: Text = Text::new(
    "ask for fewer GPUs, processors or less memory, or another partition",
    "GPU, CPU, 메모리를 줄이거나 다른 파티션을 쓰세요",
);
const SHORTER: Text = Text::new(
    "ask for a shorter time; the run continues from its checkpoint in the next start",
    "시간 제한을 줄이세요. 다음에 시작할 때 체크포인트에서 이어집니다",
);
const OWN_JOBS: Text = Text::new(
    "it starts when one of your other jobs ends; or cancel one of those",
    "내 다른 작업이 끝나면 시작합니다. 급하면 그중 하나를 취소하세요",
);
const GROUP: Text = Text::new(
    "it starts when jobs of your group end; or use another account or quality of service",
    "그룹의 다른 작업이 끝나면 시작합니다. 다른 계정이나 QOS를 쓸 수도 있습니다",
);
const BUDGET: Text = Text::new(
    "the allowance renews with time; ask whoever runs the account, or use another one",
    "한도는 시간이 지나면 회복됩니다. 계정 관리자에게 문의하거나 다른 계정을 쓰세요",
);
const ADMIN: Text = Text::new(
    "ask the site's administrators",
    "클러스터 관리자에게 문의하세요",
);
const RIGHTS: Text = Text::new(
    "`makook doctor --cluster` shows which accounts and QOS you may use",
    "`makook doctor --cluster`로 쓸 수 있는 계정과 QOS를 확인하세요",
);
const LOG: Text = Text::new(
    "read its log: `makook jobs logs`; then send it again, it continues from its checkpoint",
    "`makook jobs logs`로 로그를 확인하고 다시 보내세요. 체크포인트에서 이어집니다",
);

const fn row(word: &'static str, en: &'static str, ko: &'static str, helps: Text) -> Meaning {
    Meaning {
        word,
        says: Text::new(en, ko),
        helps,
    }
}

/// Every word known, the special ones before the families they belong to; a row a line, to be read
/// as a table.
#[rustfmt::skip]
pub const MEANINGS: &[Meaning] = &[
    row("Priority", "others are ahead in the queue", "대기열에 앞선 작업이 있습니다", WAIT),
    row("Resources", "is next, and waits for free resources", "다음 차례이며, 빈 자원을 기다립니다", WAIT),
    row("None", "the scheduler has not looked at it yet", "스케줄러가 아직 확인하지 않았습니다", WAIT),
    row("Dependency", "waits for an earlier job to end", "앞선 작업이 끝나기를 기다립니다", WAIT),
    row("DependencyNeverSatisfied", "waits for a job that will never end as required", "앞선 작업이 조건대로 끝날 수 없어 시작하지 못합니다", Text::new("cancel it and send it again", "취소하고 다시 보내세요")),
    row("BeginTime", "may not start before a certain time; so it is after every interruption", "정해진 시각 이후에 시작합니다. 선점된 뒤에는 항상 잠시 기다립니다", WAIT),
    row("ReqNodeNotAvail, Reserved for maintenance", "would run into the announced maintenance", "예정된 점검 시간과 겹칩니다", Text::new("it starts after the maintenance; with a shorter time limit perhaps before", "점검 후에 시작합니다. 시간 제한을 줄이면 그 전에 시작할 수도 있습니다")),
    row("ReqNodeNotAvail*", "the machines it needs are down, reserved or about to be", "필요한 노드가 꺼져 있거나 예약되어 있습니다", Text::new("wait, ask for a shorter time, or let it run on other machines", "기다리거나 시간 제한을 줄이거나 다른 노드를 허용하세요")),
    row("NodeDown", "a machine it needs is down", "필요한 노드가 꺼져 있습니다", SMALLER),
    row("Nodes required for job are DOWN*", "the machines it needs are down, drained or reserved", "필요한 노드가 꺼져 있거나 예약되어 있습니다", SMALLER),
    row("Reservation", "waits for its reservation to begin", "예약이 시작되기를 기다립니다", WAIT),
    row("ReservationDeleted", "the reservation it asked for is gone", "요청한 예약이 삭제되었습니다", Text::new("send it again without that reservation", "예약 없이 다시 보내세요")),
    row("PartitionTimeLimit", "asks for more time than the partition allows", "파티션이 허용하는 시간보다 길게 요청했습니다", SHORTER),
    row("PartitionNodeLimit", "asks for more machines than the partition has or allows", "파티션이 허용하는 노드 수보다 많이 요청했습니다", SMALLER),
    row("PartitionDown", "the partition does not start jobs at the moment", "파티션이 지금은 작업을 시작하지 않습니다", WAIT),
    row("PartitionInactive", "the partition is switched off", "파티션이 비활성 상태입니다", Text::new("use another partition", "다른 파티션을 쓰세요")),
    row("JobHeldUser", "was put on hold by its owner", "소유자가 보류했습니다", Text::new("`scontrol release <job>` lets it go", "`scontrol release <작업>`으로 보류를 풀 수 있습니다")),
    row("JobHeldAdmin", "was put on hold by an administrator", "관리자가 보류했습니다", ADMIN),
    row("launch failed requeued held", "could not be started on its machine and is on hold", "노드에서 시작하지 못해 보류되었습니다", Text::new("`scontrol release <job>` tries again; if it fails again, ask the administrators", "`scontrol release <작업>`으로 다시 시도하세요. 또 실패하면 관리자에게 문의하세요")),
    row("job requeued in held state", "went back to the queue and is on hold", "대기열로 돌아갔고 보류 중입니다", Text::new("`scontrol release <job>` lets it go", "`scontrol release <작업>`으로 보류를 풀 수 있습니다")),
    row("job requeued in special exit state", "went back to the queue after a failure and is on hold", "실패 후 대기열로 돌아갔고 보류 중입니다", LOG),
    row("BadConstraints", "asks for something that no machine has", "조건을 만족하는 노드가 없습니다", Text::new("check the GPU type and the constraints; `makook doctor --cluster` lists what there is", "GPU 종류와 조건을 확인하세요. `makook doctor --cluster`로 목록을 볼 수 있습니다")),
    row("ReqNodeNotFound", "asks for a machine that does not exist", "없는 노드를 요청했습니다", SMALLER),
    row("Licenses", "waits for a free licence", "라이선스를 기다립니다", WAIT),
    row("JobArrayTaskLimit", "as many tasks of its array run as were allowed", "배열에서 동시에 허용된 작업 수만큼 이미 실행 중입니다", Text::new("`makook jobs throttle` raises that number", "`makook jobs throttle`로 동시 실행 수를 늘릴 수 있습니다")),
    row("MaxRequeue", "went back to the queue too often and is on hold", "너무 여러 번 다시 대기해 보류되었습니다", LOG),
    row("Cleaning", "is being cleared away after its last start", "이전 실행을 정리하는 중입니다", WAIT),
    row("Prolog", "its machine is being prepared", "노드를 준비하는 중입니다", WAIT),
    row("SystemFailure", "the cluster itself failed: disk, network or the like", "디스크나 네트워크 등 클러스터 쪽 고장입니다", ADMIN),
    row("InvalidAccount", "its account is not valid any more", "계정이 유효하지 않습니다", RIGHTS),
    row("AccountNotAllowed", "its account may not use this partition", "이 파티션을 쓸 수 없는 계정입니다", RIGHTS),
    row("AccountingPolicy", "a limit of the site is reached", "클러스터의 사용 한도에 도달했습니다", RIGHTS),
    row("InvalidQOS", "its quality of service is not valid any more", "QOS가 유효하지 않습니다", RIGHTS),
    row("QOSNotAllowed", "its account or partition may not use this quality of service", "이 계정이나 파티션에서는 쓸 수 없는 QOS입니다", RIGHTS),
    row("DeadLine", "cannot end before its deadline", "마감 시각 전에 끝날 수 없습니다", SHORTER),
    row("BurstBufferOperation", "fast storage for it could not be set up", "고속 저장 공간을 준비하지 못했습니다", ADMIN),
    row("BurstBuffer*", "waits for fast storage", "고속 저장 공간을 기다립니다", WAIT),
    row("NotDefaultQOS*", "waits for its quality of service", "QOS를 기다립니다", WAIT),
    row("QOSMaxJobsPerUserLimit", "as many of your jobs run as this quality of service allows", "이 QOS에서 동시에 실행할 수 있는 작업 수에 도달했습니다", OWN_JOBS),
    row("QOSMaxSubmitJobPerUserLimit", "you have as many jobs in the queue as this quality of service allows", "이 QOS에 넣을 수 있는 작업 수에 도달했습니다", OWN_JOBS),
    row("QOSMaxGRESPerUser", "your jobs hold as many GPUs as this quality of service allows", "이 QOS에서 한 사람이 쓸 수 있는 GPU 수에 도달했습니다", OWN_JOBS),
    row("QOSMaxCpuPerUserLimit", "your jobs hold as many processors as this quality of service allows", "이 QOS에서 한 사람이 쓸 수 있는 CPU 수에 도달했습니다", OWN_JOBS),
    row("QOSMaxMemoryPerUser", "your jobs hold as much memory as this quality of service allows", "이 QOS에서 한 사람이 쓸 수 있는 메모리에 도달했습니다", OWN_JOBS),
    row("QOSMaxNodePerUserLimit", "your jobs hold as many machines as this quality of service allows", "이 QOS에서 한 사람이 쓸 수 있는 노드 수에 도달했습니다", OWN_JOBS),
    row("QOSMaxWallDurationPerJobLimit", "asks for more time than this quality of service allows", "이 QOS가 허용하는 시간보다 길게 요청했습니다", SHORTER),
    row("QOSMaxGRESPerJob", "asks for more GPUs than this quality of service allows", "이 QOS가 작업당 허용하는 GPU 수보다 많이 요청했습니다", SMALLER),
    row("QOSMaxCpuPerJobLimit", "asks for more processors than this quality of service allows", "이 QOS가 작업당 허용하는 CPU 수보다 많이 요청했습니다", SMALLER),
    row("QOSMax*", "goes beyond a limit of its quality of service", "QOS의 한도를 넘습니다", SMALLER),
    row("QOSMin*", "asks for less than this quality of service requires", "이 QOS가 요구하는 최소량보다 적게 요청했습니다", RIGHTS),
    row("QOSUsageThreshold", "your recent use lies above what this quality of service allows", "최근 사용량이 이 QOS의 기준을 넘었습니다", BUDGET),
    row("QOSGrpCPUMinutesLimit", "the allowance of processor time of its quality of service is used up", "QOS의 CPU 시간 한도를 다 썼습니다", BUDGET),
    row("QOSGrpGRESMinutes", "the allowance of GPU time of its quality of service is used up", "QOS의 GPU 시간 한도를 다 썼습니다", BUDGET),
    row("QOSGrpGRES", "all GPUs of its quality of service are in use", "QOS에 배정된 GPU가 모두 사용 중입니다", GROUP),
    row("QOSGrpCpuLimit", "all processors of its quality of service are in use", "QOS에 배정된 CPU가 모두 사용 중입니다", GROUP),
    row("QOSGrpMemLimit", "all memory of its quality of service is in use", "QOS에 배정된 메모리가 모두 사용 중입니다", GROUP),
    row("QOSGrpJobsLimit", "as many jobs run as its quality of service allows altogether", "QOS 전체에서 실행할 수 있는 작업 수에 도달했습니다", GROUP),
    row("QOSGrp*", "a limit that all users of its quality of service share is reached", "QOS를 함께 쓰는 사람들의 공동 한도에 도달했습니다", GROUP),
    row("QOSJobLimit", "as many jobs run as its quality of service allows", "QOS에서 실행할 수 있는 작업 수에 도달했습니다", OWN_JOBS),
    row("QOSTimeLimit", "the allowance of time of its quality of service is used up", "QOS의 시간 한도를 다 썼습니다", BUDGET),
    row("QOSResourceLimit", "its quality of service has no more resources", "QOS의 자원 한도에 도달했습니다", GROUP),
    row("AssocGrpCPUMinutesLimit", "the account's allowance of processor time is used up", "계정의 CPU 시간 한도를 다 썼습니다", BUDGET),
    row("AssocGrpGRESMinutes", "the account's allowance of GPU time is used up", "계정의 GPU 시간 한도를 다 썼습니다", BUDGET),
    row("AssocGrpBillingMinutes", "the account's budget is used up", "계정의 예산을 다 썼습니다", BUDGET),
    row("AssocGrpGRES", "the account's GPUs are all in use", "계정의 GPU가 모두 사용 중입니다", GROUP),
    row("AssocGrpCpuLimit", "the account's processors are all in use", "계정의 CPU가 모두 사용 중입니다", GROUP),
    row("AssocGrpMemLimit", "the account's memory is all in use", "계정의 메모리가 모두 사용 중입니다", GROUP),
    row("AssocGrpNodeLimit", "the account's machines are all in use", "계정의 노드가 모두 사용 중입니다", GROUP),
    row("AssocGrpJobsLimit", "as many jobs of the account run as it allows", "계정에서 동시에 실행할 수 있는 작업 수에 도달했습니다", GROUP),
    row("AssocGrpWallLimit", "the account's allowance of time is used up", "계정의 시간 한도를 다 썼습니다", BUDGET),
    row("AssocGrp*", "a limit that all users of the account share is reached", "계정을 함께 쓰는 사람들의 공동 한도에 도달했습니다", GROUP),
    row("AssocMaxJobsLimit", "as many of your jobs run as the account allows", "계정에서 한 사람이 실행할 수 있는 작업 수에 도달했습니다", OWN_JOBS),
    row("AssocMaxSubmitJobLimit", "you have as many jobs in the queue as the account allows", "계정에서 한 사람이 넣을 수 있는 작업 수에 도달했습니다", OWN_JOBS),
    row("AssocMaxWallDurationPerJobLimit", "asks for more time than the account allows", "계정이 허용하는 시간보다 길게 요청했습니다", SHORTER),
    row("AssocMax*", "goes beyond a limit of the account", "계정의 한도를 넘습니다", SMALLER),
    row("Association*", "a limit of the account is reached", "계정의 한도에 도달했습니다", GROUP),
    row("TimeLimit", "ran into its time limit", "시간 제한에 도달했습니다", LOG),
    row("NonZeroExitCode", "the worker ended with an error code", "작업자가 오류 코드로 끝났습니다", LOG),
    row("RaisedSignal*", "the worker was ended by a signal", "작업자가 신호로 끝났습니다", LOG),
    row("OutOfMemory", "took more memory than it had", "메모리가 부족했습니다", Text::new("ask for more memory, or use fewer environments", "메모리를 늘리거나 환경 수를 줄이세요")),
    row("NodeFail", "its machine failed", "노드가 고장 났습니다", LOG),
    row("JobLaunchFailure", "could not be started on its machine", "노드에서 시작하지 못했습니다", Text::new("check that the run's folder can be reached and written there; then send it again", "노드에서 실행 폴더에 접근하고 쓸 수 있는지 확인한 뒤 다시 보내세요")),
    row("FAIL_*", "failed", "실패했습니다", LOG),
];

/// Returns what `raw` means; `None` for a word that is not in the table.
#[must_use]
pub fn meaning(raw: &str) -> Option<&'static Meaning> {
    let raw = raw.trim().trim_matches(['(', ')']);
    let exact = MEANINGS.iter().find(|one| one.word == raw);
    exact.or_else(|| {
        MEANINGS.iter().find(|one| {
            one.word
                .strip_suffix('*')
                .is_some_and(|beginning| raw.starts_with(beginning))
        })
    })
}

/// Returns `raw` in plain words, or as it is where nothing is known of it.
#[must_use]
pub fn says(raw: &str) -> Phrase {
    meaning(raw).map_or_else(|| Phrase::new(raw, raw), |known| known.says.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Priority", "others are ahead in the queue")]
    #[case("(Resources)", "is next, and waits for free resources")]
    #[case(
        "QOSMaxJobsPerUserLimit",
        "as many of your jobs run as this quality of service allows"
    )]
    #[case("QOSMaxEnergyPerJob", "goes beyond a limit of its quality of service")]
    #[case(
        "AssocGrpLicense",
        "a limit that all users of the account share is reached"
    )]
    #[case(
        "ReqNodeNotAvail, Reserved for maintenance",
        "would run into the announced maintenance"
    )]
    #[case(
        "ReqNodeNotAvail, UnavailableNodes:g3001",
        "the machines it needs are down, reserved or about to be"
    )]
    #[case("RaisedSignal:9(Killed)", "the worker was ended by a signal")]
    #[case("SomethingOfNextYear", "SomethingOfNextYear")]
    fn words_become_sentences(#[case] raw: &str, #[case] expected: &str) {
        assert_eq!(says(raw).en, expected);
    }

    #[test]
    fn the_table_is_large_has_no_word_twice_and_reaches_every_row() {
        assert!(MEANINGS.len() >= 40);
        for row in MEANINGS {
            let word = row.word.trim_end_matches('*');
            assert_eq!(
                meaning(row.word).map(|found| found.word),
                Some(row.word),
                "{word}"
            );
            let hangul = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
            assert!(hangul(row.says.ko) && hangul(row.helps.ko), "{word}");
            assert!(
                !hangul(row.says.en) && !row.says.en.ends_with('.'),
                "{word}"
            );
        }
    }
}
