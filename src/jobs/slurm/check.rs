//! Everything that would be refused or be a mistake, before anything is sent.

use super::{Slurm, script, submit::may_only_wait};
use crate::{JobSpec, JobsError, Site, site::Partition};
use domain::{Phrase, Place, Problems, phrase};
use std::{path::Path, time::Duration};

/// How long what the site said is good for.
const SITE_HOLDS: Duration = Duration::from_secs(60);

/// Folders that other machines do not see.
const NODE_LOCAL: &[&str] = &["/tmp", "/var/tmp", "/dev/shm", "/run", "/scr", "/src"];

/// Collects problems, each at a key of the profile.
struct Findings<'a> {
    profile: &'a str,
    problems: Problems,
}

impl Findings<'_> {
    fn place(&self, key: &str) -> Place {
        Place::Path(format!("{}: {key}", self.profile))
    }

    fn error(&mut self, key: &str, message: Phrase, hint: Phrase) {
        let place = self.place(key);
        self.problems.error(place, message, hint);
    }

    fn warn(&mut self, key: &str, message: Phrase, hint: Phrase) {
        let place = self.place(key);
        self.problems.warn(place, message, hint);
    }
}

impl Slurm {
    /// Returns every reason against `spec`.
    pub(super) fn check(&mut self, spec: &JobSpec) -> Problems {
        let site = self.known_site();
        let mut findings = Findings {
            profile: &self.profile.name,
            problems: Problems::new(),
        };
        if spec.runs.is_empty() {
            findings.error(
                "runs",
                Phrase::new("there is no run to submit", "보낼 실행이 없습니다"),
                Phrase::new("name a run", "실행을 지정하세요"),
            );
            return findings.problems;
        }
        self.check_profile(spec, &mut findings);
        if let Ok(site) = &site {
            check_site(spec, site, &mut findings);
        }
        check_places(spec, &mut findings);
        match self.script(spec, &spec.runs) {
            Err(error) => refuse("script", &error, &mut findings),
            Ok(text) => {
                if spec.script.is_some() {
                    for odd in script::look_at(&text, &spec.worker).unwrap_or_default() {
                        findings.warn("script", odd, edited_hint());
                    }
                }
                // What is known to be wrong is better said in our words than in the scheduler's.
                if !findings.problems.has_errors()
                    && let Err(error) = self.would_be_taken(spec, &spec.runs, &text)
                {
                    judge_trial(&error, &mut findings);
                }
            }
        }
        findings.problems
    }

    fn known_site(&mut self) -> Result<Site, JobsError> {
        let now = self.clock.steady();
        if let Some((asked, site)) = &self.site
            && now.saturating_sub(*asked) < SITE_HOLDS
        {
            return Ok(site.clone());
        }
        let site = super::probe::probe(&self.programs, &self.profile, &self.settings)?;
        self.site = Some((now, site.clone()));
        Ok(site)
    }

    fn check_profile(&self, spec: &JobSpec, findings: &mut Findings<'_>) {
        let (profile, wanted) = (&self.profile, &spec.resources);
        if profile.requires_gpu && wanted.gpus == 0 {
            findings.error(
                "resources.gpus",
                Phrase::new(
                    "this cluster takes only jobs with at least one GPU",
                    "이 클러스터는 GPU를 하나 이상 쓰는 작업만 받습니다",
                ),
                Phrase::new("ask for 1 GPU", "GPU를 1개 요청하세요"),
            );
        }
        let gpus = wanted.gpus.max(1);
        let cpus = profile.max_cpus_per_gpu.saturating_mul(gpus);
        if cpus > 0 && wanted.cpus > cpus {
            findings.error(
                "resources.cpus",
                Phrase::new(
                    format!("{} processors are too many for {gpus} GPUs", wanted.cpus),
                    format!("GPU {gpus}개에 CPU {}개는 너무 많습니다", wanted.cpus),
                ),
                Phrase::new(
                    format!(
                        "at most {} for each GPU, so {cpus} here",
                        profile.max_cpus_per_gpu
                    ),
                    format!(
                        "GPU당 최대 {}개이므로 {cpus}개까지 가능합니다",
                        profile.max_cpus_per_gpu
                    ),
                ),
            );
        }
        let memory = profile
            .max_memory_mib_per_gpu
            .saturating_mul(u64::from(gpus));
        if memory > 0 && wanted.memory_mib > memory {
            findings.error(
                "resources.memory_mib",
                Phrase::new(
                    format!(
                        "{} MiB of memory are too much for {gpus} GPUs",
                        wanted.memory_mib
                    ),
                    format!(
                        "GPU {gpus}개에 메모리 {} MiB는 너무 많습니다",
                        wanted.memory_mib
                    ),
                ),
                Phrase::new(
                    format!("at most {memory} MiB here"),
                    format!("{memory} MiB까지 가능합니다"),
                ),
            );
        }
        if wanted.requeue && wanted.chain > 1 {
            findings.warn(
                "resources.chain",
                Phrase::new(
                    "a job that goes back to the queue by itself needs no chain",
                    "스스로 다시 대기하는 작업에는 연쇄 제출이 필요 없습니다",
                ),
                Phrase::new(
                    "set chain = 0 or requeue = false",
                    "chain = 0 또는 requeue = false로 바꾸세요",
                ),
            );
        }
        if wanted.time_limit_seconds > 0
            && u64::from(wanted.warn_seconds) >= wanted.time_limit_seconds
        {
            findings.error(
                "resources.warn_seconds",
                Phrase::new(
                    "the warning would come before the start",
                    "경고 시점이 시작보다 빠릅니다",
                ),
                Phrase::new(
                    "it must be shorter than the time limit; 120 is usual",
                    "시간 제한보다 짧아야 합니다. 보통 120초입니다",
                ),
            );
        }
    }
}

fn check_site(spec: &JobSpec, site: &Site, findings: &mut Findings<'_>) {
    let wanted = &spec.resources;
    let partition = match &wanted.partition {
        None => site.partitions.iter().find(|one| one.is_default),
        Some(names) => {
            // Several may be named; the scheduler takes the first that has a place.
            let known = |name: &str| site.partitions.iter().find(|one| one.name == name);
            for name in names.split(',').filter(|name| known(name).is_none()) {
                if !site.partitions.is_empty() {
                    let all = list(site.partitions.iter().map(|one| one.name.as_str()));
                    findings.error(
                        "resources.partition",
                        Phrase::new(
                            format!("there is no partition {name}"),
                            format!("파티션 {name}이(가) 없습니다"),
                        ),
                        Phrase::new(format!("there are {all}"), format!("사용 가능: {all}")),
                    );
                }
            }
            names.split(',').find_map(known)
        }
    };
    if let Some(partition) = partition {
        check_partition(spec, partition, findings);
    }
    if let Some((version, oldest)) = super::probe::too_old(&site.scheduler) {
        findings.error(
            "slurm",
            Phrase::new(
                format!("{version} is older than {oldest}: its answers cannot be read"),
                format!("{version}은(는) {oldest}보다 오래되어 응답을 읽을 수 없습니다"),
            ),
            Phrase::new(
                "ask the site for a newer Slurm; inside an allocation of your own the pool works without it (`--on local`)",
                "클러스터에 새 Slurm을 요청하세요. 할당받은 노드 안에서는 Slurm 없이 풀을 쓸 수 있습니다(`--on local`)",
            ),
        );
    }
    check_array(spec.runs.len(), site, findings);
    check_rights(spec, site, findings);
}

fn check_array(runs: usize, site: &Site, findings: &mut Findings<'_>) {
    let Some(most) = site.max_array.filter(|most| runs > 1 && runs > *most) else {
        return;
    };
    let (message, hint) = match most {
        0 => (
            Phrase::new(
                "this cluster takes no job arrays",
                "이 클러스터는 작업 배열을 받지 않습니다",
            ),
            Phrase::new("send one training at a time", "학습을 하나씩 보내세요"),
        ),
        _ => (
            phrase!(
                "{runs} trainings are more than the {most} tasks that an array has here",
                "학습 {runs}개는 이 클러스터의 작업 배열 한도({most}개)를 넘습니다"
            ),
            phrase!(
                "send them in parts of at most {most}: fewer values in each sweep",
                "{most}개 이하로 나누어 보내세요. 스윕마다 값을 줄이면 됩니다"
            ),
        ),
    };
    findings.error("runs", message, hint);
}

fn check_partition(spec: &JobSpec, partition: &Partition, findings: &mut Findings<'_>) {
    let wanted = &spec.resources;
    if let (Some(limit), Some(longest)) = (wanted.time_limit(), partition.max_time)
        && limit > longest
    {
        let longest = super::field::time_limit(longest.as_secs());
        findings.error(
            "resources.time_limit_seconds",
            Phrase::new(
                format!(
                    "partition {} lets jobs run for {longest} at most",
                    partition.name
                ),
                format!(
                    "파티션 {}의 최대 실행 시간은 {longest}입니다",
                    partition.name
                ),
            ),
            Phrase::new(
                "ask for less; the run continues from its checkpoint in the next start",
                "시간을 줄이세요. 다음에 시작할 때 체크포인트에서 이어집니다",
            ),
        );
    }
    if wanted.gpus == 0 || partition.nodes.0 == 0 {
        return;
    }
    let kinds = list(partition.gpus.iter().map(|(kind, ..)| kind.as_str()));
    match &wanted.gpu_type {
        Some(kind) if !partition.gpus.iter().any(|(one, ..)| one == kind) => findings.error(
            "resources.gpu_type",
            Phrase::new(
                format!("partition {} has no GPU of type {kind}", partition.name),
                format!("파티션 {}에 {kind} GPU가 없습니다", partition.name),
            ),
            Phrase::new(format!("there are: {kinds}"), format!("사용 가능: {kinds}")),
        ),
        None if partition.gpus.is_empty() => findings.error(
            "resources.gpus",
            Phrase::new(
                format!("partition {} has no GPUs", partition.name),
                format!("파티션 {}에는 GPU가 없습니다", partition.name),
            ),
            Phrase::new("use another partition", "다른 파티션을 쓰세요"),
        ),
        _ => {}
    }
}

fn check_rights(spec: &JobSpec, site: &Site, findings: &mut Findings<'_>) {
    if site.accounts.is_empty() {
        if site.keeps_history {
            findings.warn(
                "resources.account",
                Phrase::new(
                    "no account of yours is known here; the scheduler will probably refuse",
                    "이 클러스터에 등록된 계정이 없어 스케줄러가 거절할 수 있습니다",
                ),
                Phrase::new(
                    "ask whoever manages your group's account to add you",
                    "그룹 계정 관리자에게 추가를 요청하세요",
                ),
            );
        }
        return;
    }
    let wanted = &spec.resources;
    let account = wanted.account.as_deref();
    let of_account: Vec<_> = site
        .accounts
        .iter()
        .filter(|one| account.is_none_or(|account| one.account == account))
        .collect();
    if let (Some(account), true) = (account, of_account.is_empty()) {
        let all = list(site.accounts.iter().map(|one| one.account.as_str()));
        findings.error(
            "resources.account",
            Phrase::new(
                format!("you may not use the account {account}"),
                format!("계정 {account}을(를) 쓸 권한이 없습니다"),
            ),
            Phrase::new(format!("yours are: {all}"), format!("사용 가능: {all}")),
        );
        return;
    }
    let Some(qos) = wanted.qos.as_deref() else {
        return;
    };
    let mut allowed: Vec<&str> = of_account
        .iter()
        .flat_map(|one| one.qos.iter().map(String::as_str))
        .collect();
    allowed.sort_unstable();
    if !allowed.is_empty() && !allowed.contains(&qos) {
        let all = list(allowed.into_iter());
        findings.error(
            "resources.qos",
            Phrase::new(
                format!("this account may not use the quality of service {qos}"),
                format!("이 계정은 QOS {qos}을(를) 쓸 수 없습니다"),
            ),
            Phrase::new(format!("there are: {all}"), format!("사용 가능: {all}")),
        );
    }
}

fn check_places(spec: &JobSpec, findings: &mut Findings<'_>) {
    let dirs = spec.runs.iter().map(|run| run.dir.as_path());
    let places = dirs.chain([spec.worker.as_path(), spec.project.as_path()]);
    let local = |place: &&Path| NODE_LOCAL.iter().any(|folder| place.starts_with(folder));
    if let Some(place) = places.into_iter().find(local) {
        let place = place.display();
        findings.warn(
            "runs",
            Phrase::new(
                format!(
                    "{place} lies on this machine's own disk: the machine of the job may not see it"
                ),
                format!(
                    "{place}은(는) 이 컴퓨터의 디스크에 있어 작업 노드에서 보이지 않을 수 있습니다"
                ),
            ),
            Phrase::new(
                "move the project to shared storage, or point MAKOOK_HOME there",
                "프로젝트를 공유 저장소로 옮기거나 MAKOOK_HOME을 그곳으로 지정하세요",
            ),
        );
    }
}

fn refuse(key: &str, error: &JobsError, findings: &mut Findings<'_>) {
    findings.error(key, error.says(), error.hint().into());
}

/// Weighs what a trial without submission came to. Silence is no refusal, nor is a program that is
/// not there: sending then says so itself.
fn judge_trial(error: &JobsError, findings: &mut Findings<'_>) {
    match error {
        JobsError::Silent { .. } | JobsError::NoScheduler { .. } => findings.warn("sbatch", error.says(), error.hint().into()),
        error if may_only_wait(error) => findings.warn(
            "sbatch",
            error.says(),
            Phrase::new(
                "no node can take it now: a maintenance may lie ahead, or it asks for too much",
                "지금 받을 수 있는 노드가 없습니다. 예정된 점검이 있거나 요청이 너무 클 수 있습니다",
            ),
        ),
        _ => refuse("sbatch", error, findings),
    }
}

fn edited_hint() -> Phrase {
    Phrase::new(
        "the last line of a generated script is `exec <worker> run <directory>`",
        "자동으로 만든 스크립트의 마지막 줄은 `exec <작업자> run <디렉터리>`입니다",
    )
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.collect();
    names.dedup();
    names.join(", ")
}
