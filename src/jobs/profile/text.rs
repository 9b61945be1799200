//! A profile as a file that a person can read and change: every key with what it means.

use super::{Backend, Profile};
use std::fmt::Write;

/// Returns the file's text. What is empty or 0 stands there as a comment with an example.
pub(super) fn render(profile: &Profile) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "# {} / {}",
        one_line(&profile.about.en),
        one_line(&profile.about.ko)
    );
    out.push_str("# A cluster profile of makook. Use it with: makook train --on ");
    let _ = writeln!(out, "{}\n# makook의 클러스터 프로필입니다.\n", profile.name);
    let mut key = |name: &str, value: Option<String>, example: &str, says: &str| {
        let _ = match value {
            Some(value) => writeln!(out, "# {says}\n{name} = {value}"),
            None => writeln!(out, "# {says}\n# {name} = {example}"),
        };
    };
    let backend = match profile.backend {
        Backend::Local => "local",
        Backend::Slurm => "slurm",
    };
    let of = &profile.resources;
    key(
        "name",
        Some(quoted(&profile.name)),
        "",
        "The file's name without .toml. / 파일 이름(.toml 제외)",
    );
    key("backend", Some(quoted(backend)), "", "local | slurm");
    key(
        "cluster",
        filled(&profile.cluster),
        "\"klone\"",
        "The scheduler's name of the cluster, where it differs. / 스케줄러가 쓰는 클러스터 이름",
    );
    key(
        "login_hosts",
        listed(&profile.login_hosts),
        "[\"klone-login*\"]",
        "Machines on which training is not allowed. / 학습이 금지된 로그인 노드",
    );
    key(
        "requires_gpu",
        profile.requires_gpu.then(|| "true".into()),
        "true",
        "Every job needs a GPU. / 모든 작업에 GPU가 필요",
    );
    key(
        "max_cpus_per_gpu",
        number(u64::from(profile.max_cpus_per_gpu)),
        "8",
        "Processors for each GPU at most. / GPU당 최대 CPU 수",
    );
    key(
        "max_memory_mib_per_gpu",
        number(profile.max_memory_mib_per_gpu),
        "204_800",
        "Memory for each GPU at most, MiB. / GPU당 최대 메모리(MiB)",
    );
    key(
        "price_per_gpu_hour",
        (profile.price_per_gpu_hour > 0.0).then(|| format!("{:?}", profile.price_per_gpu_hour)),
        "0.9",
        "Price of one GPU for one hour. / GPU 1개 1시간의 가격",
    );
    key(
        "currency",
        filled(&profile.currency),
        "\"USD\"",
        "Its currency. / 통화",
    );
    let _ = writeln!(
        out,
        "\n[about]\nen = {}\nko = {}\n\n# What a job asks for unless told otherwise. / 작업의 기본 요청\n[resources]",
        quoted(&profile.about.en),
        quoted(&profile.about.ko)
    );
    let mut key = |name: &str, value: Option<String>, example: &str, says: &str| {
        let line = match value {
            Some(value) => format!("{name} = {value}"),
            None => format!("# {name} = {example}"),
        };
        let _ = writeln!(out, "{line:<36} # {says}");
    };
    key("partition", some(&of.partition), "\"ckpt-all\"", "파티션");
    key("account", some(&of.account), "\"stf\"", "계정");
    key(
        "qos",
        some(&of.qos),
        "\"normal\"",
        "quality of service / QOS",
    );
    key("gpus", number(u64::from(of.gpus)), "1", "GPU 수");
    key(
        "gpu_type",
        some(&of.gpu_type),
        "\"a40\"",
        "as the site names it / GPU 종류",
    );
    key(
        "cpus",
        number(u64::from(of.cpus)),
        "8",
        "processors / CPU 수",
    );
    key(
        "memory_mib",
        number(of.memory_mib),
        "65_536",
        "memory, MiB / 메모리",
    );
    key(
        "time_limit_seconds",
        number(of.time_limit_seconds),
        "28_800",
        "of one start, seconds / 한 번의 최대 실행 시간(초)",
    );
    key(
        "priority",
        (of.priority != 0).then(|| of.priority.to_string()),
        "1",
        "higher starts first, local pool only / 높을수록 먼저(로컬)",
    );
    key(
        "requeue",
        of.requeue.then(|| "true".into()),
        "true",
        "an interrupted start goes back to the queue / 중단되면 다시 대기",
    );
    key(
        "chain",
        number(u64::from(of.chain)),
        "4",
        "links sent at once, for sites without requeue / 연속 제출 수",
    );
    key(
        "warn_seconds",
        number(u64::from(of.warn_seconds)),
        "120",
        "warned so long before the time limit / 시간 제한 전 경고(초)",
    );
    key(
        "setup",
        listed(&of.setup),
        "[\"module load cuda\"]",
        "run first / 먼저 실행할 명령",
    );
    key(
        "options",
        listed(&of.options),
        "[\"--constraint=a40|l40s\"]",
        "further options of sbatch / sbatch 추가 옵션",
    );
    out
}

fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| quoted(text))
}

fn some(text: &Option<String>) -> Option<String> {
    text.as_deref().map(quoted)
}

fn listed(texts: &[String]) -> Option<String> {
    let all: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    (!all.is_empty()).then(|| format!("[{}]", all.join(", ")))
}

fn number(value: u64) -> Option<String> {
    (value > 0).then(|| value.to_string())
}
