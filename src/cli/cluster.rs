//! `makook doctor --cluster`: what the site is and allows, what could not be learnt, and a profile
//! made of that.

use super::{args::DoctorArgs, backends, context::Context, failure::Failure, output};
use domain::{Clock, Exit, Lang, SystemClock, durable, phrase};
use jobs::{
    Launcher, Site,
    profile::{Backend, Profile},
    site::Partition,
    slurm::{self, Slurm},
};
use std::sync::Arc;

/// Looks at the cluster.
///
/// # Errors
/// No scheduler here, or one that gives no answer.
pub fn run(args: &DoctorArgs, context: &Context) -> Result<Exit, Failure> {
    let around = &context.around;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let settings = backends::slurm_settings(around);
    let mut slurm = Slurm::new(
        Profile::new("generic-slurm", Backend::Slurm),
        settings,
        clock,
    );
    let site = slurm.probe()?;
    let learnt = slurm::learn(&site);
    if args.json {
        output::print_json(&site)?;
    } else {
        output::print(&render(&site, context.lang))?;
    }
    if let Some(name) = &args.write {
        let path = around
            .project
            .join("configs/clusters")
            .join(format!("{name}.toml"));
        if path.exists() {
            let shown = path.display();
            return Err(Failure::usage(
                phrase!("{shown} exists", "{shown} 파일이 이미 있습니다"),
                phrase!(
                    "choose another name, or move that file away first",
                    "다른 이름을 고르거나 그 파일을 먼저 옮기세요"
                ),
            ));
        }
        let profile = Profile {
            name: name.clone(),
            ..learnt
        };
        durable::publish_once(&path, profile.render().as_bytes())?;
        eprintln!(
            "{}: {} `makook train --on {name}`",
            path.display(),
            context.say("written; use it with", "기록했습니다. 사용법:")
        );
    }
    Ok(Exit::Done)
}

fn render(site: &Site, lang: Lang) -> String {
    let say = |en: &'static str, ko: &'static str| match lang {
        Lang::En => en,
        Lang::Ko => ko,
    };
    let mut text = format!("{}  {}\n", site.name, site.scheduler);
    let yes_no = |yes: bool| {
        if yes {
            say("yes", "예")
        } else {
            say("no", "아니요")
        }
    };
    let mut line = |word: &str, value: &str| text.push_str(&format!("  {word}: {value}\n"));
    line(
        say("this is a login node", "로그인 노드"),
        yes_no(site.on_login_node),
    );
    if let Some(mode) = &site.preempt_mode {
        line(say("preemption", "선점 방식"), mode);
    }
    if let Some(seconds) = site.kill_wait_seconds {
        line(
            say(
                "seconds from end signal to kill",
                "종료 신호에서 강제 종료까지(초)",
            ),
            &seconds.to_string(),
        );
    }
    if let Some(most) = site.max_array {
        line(
            say("tasks of an array at most", "작업 배열 하나의 최대 작업 수"),
            &most.to_string(),
        );
    }
    line(
        say("remembers ended jobs", "끝난 작업 기록"),
        yes_no(site.keeps_history),
    );
    text.push_str(&partitions(&site.partitions, lang));
    if !site.accounts.is_empty() {
        let head = [say("account", "계정"), say("partition", "파티션"), "QOS"];
        let rows: Vec<Vec<String>> = site
            .accounts
            .iter()
            .map(|one| {
                vec![
                    one.account.clone(),
                    one.partition.clone(),
                    one.qos.join(", "),
                ]
            })
            .collect();
        text.push_str(&format!("\n{}", output::table(&head, &rows)));
    }
    for unknown in &site.unknown {
        text.push_str(&format!("? {}\n", unknown.get(lang)));
    }
    text
}

fn partitions(partitions: &[Partition], lang: Lang) -> String {
    let head = match lang {
        Lang::En => [
            "partition",
            "longest",
            "preempted",
            "warning",
            "nodes idle/all",
            "GPUs used/all",
        ],
        Lang::Ko => [
            "파티션",
            "최대 시간",
            "선점",
            "경고",
            "노드 유휴/전체",
            "GPU 사용/전체",
        ],
    };
    let rows: Vec<Vec<String>> = partitions
        .iter()
        .map(|one| {
            let gpus: Vec<String> = one
                .gpus
                .iter()
                .map(|(kind, all, used)| format!("{kind} {used}/{all}"))
                .collect();
            vec![
                format!("{}{}", one.name, if one.is_default { "*" } else { "" }),
                one.max_time.map_or_else(
                    || "∞".to_owned(),
                    |time| output::duration(time.as_secs_f64()),
                ),
                one.preempt_mode.clone().unwrap_or_else(|| "–".to_owned()),
                one.grace_seconds
                    .map_or_else(|| "–".to_owned(), |seconds| format!("{seconds}s")),
                format!("{}/{}", one.nodes.1, one.nodes.0),
                gpus.join(", "),
            ]
        })
        .collect();
    format!("\n{}", output::table(&head, &rows))
}
