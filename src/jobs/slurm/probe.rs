//! Reads what a site is and allows, and makes a profile of it.

use super::{SlurmSettings, call::Programs, field};
use crate::{
    JobsError, Resources, Site,
    profile::{Backend, Profile},
    site::{Association, Partition},
};
use domain::{Phrase, Text};
use std::{collections::BTreeMap, time::Duration};

const FIELD: char = '\u{1f}';

/// Asks the site. What one program does not say is noted as unknown; only a site that says nothing
/// at all is an error.
///
/// # Errors
/// The configuration cannot be asked.
pub fn probe(
    programs: &Programs,
    profile: &Profile,
    settings: &SlurmSettings,
) -> Result<Site, JobsError> {
    let config = config(&programs.read("scontrol", &["show", "config"])?);
    let mut unknown = Vec::new();
    let mut learnt = |what: Text, answer: Result<String, JobsError>| match answer {
        Ok(answer) if !answer.trim().is_empty() => answer,
        Ok(_) => {
            unknown.push(Phrase::new(
                format!("{}: the site says nothing", what.en),
                format!("{}: 클러스터가 알려 주지 않습니다", what.ko),
            ));
            String::new()
        }
        Err(error) => {
            unknown.push(Phrase::new(
                format!("{}: {error}", what.en),
                format!("{}: {error}", what.ko),
            ));
            String::new()
        }
    };
    let mut partitions = partitions(&learnt(
        Text::new("partitions", "파티션"),
        programs.read("scontrol", &["show", "partition", "-o"]),
    ));
    let format = format!(
        "NodeList:{FIELD},PartitionName:{FIELD},StateCompact:{FIELD},Gres:{FIELD},GresUsed:{FIELD}"
    );
    count_nodes(
        &learnt(
            Text::new("nodes and GPUs", "노드와 GPU"),
            programs.read("sinfo", &["-h", "-N", "-O", &format]),
        ),
        &mut partitions,
    );
    let who = format!("user={}", settings.user);
    let accounts = associations(&learnt(
        Text::new("accounts and qualities of service", "계정과 QOS"),
        programs.read(
            "sacctmgr",
            &["-nP", "show", "assoc", &who, "format=Account,Partition,QOS"],
        ),
    ));
    let get = |key: &str| config.get(key).cloned().filter(|value| value != "(null)");
    for key in ["PreemptMode", "KillWait", "ClusterName", "SLURM_VERSION"] {
        if get(key).is_none() {
            unknown.push(Phrase::new(
                format!("{key}: the configuration does not say"),
                format!("{key}: 설정에 없습니다"),
            ));
        }
    }
    let scheduler = get("SLURM_VERSION").map_or("slurm".into(), |v| format!("slurm {v}"));
    if let Some((version, oldest)) = too_old(&scheduler) {
        unknown.push(Phrase::new(
            format!("jobs: {version} is older than {oldest}, its lists cannot be read"),
            format!("작업: {version}은(는) {oldest}보다 오래되어 목록을 읽을 수 없습니다"),
        ));
    }
    Ok(Site {
        name: get("ClusterName").unwrap_or_else(|| profile.name.clone()),
        scheduler,
        partitions,
        accounts,
        preempt_mode: get("PreemptMode"),
        kill_wait_seconds: get("KillWait").and_then(|value| value.split(' ').next()?.parse().ok()),
        max_array: get("MaxArraySize").and_then(|value| value.parse().ok()),
        keeps_history: get("AccountingStorageType").is_some_and(|kind| kind.contains("slurmdbd")),
        on_login_node: crate::local::login_node(
            &settings.env,
            &settings.host,
            &profile.login_hosts,
        ),
        unknown,
        ..Site::default()
    })
}

/// The oldest version whose `squeue` ends fields by a character of our choice.
const OLDEST: (u32, u32) = (20, 2);

/// Returns the version and the oldest that would do, when `scheduler` (`slurm 19.05.3`) is older.
#[must_use]
pub fn too_old(scheduler: &str) -> Option<(String, String)> {
    let (major, rest) = scheduler.strip_prefix("slurm ")?.split_once('.')?;
    let minor = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    let version = (major.parse().ok()?, minor.parse().ok()?);
    let (major, minor) = OLDEST;
    (version < OLDEST).then(|| (scheduler.to_owned(), format!("slurm {major}.{minor:02}")))
}

/// Makes a profile of what was learnt: the default partition, the first account, and a return to
/// the queue where the site preempts by that.
#[must_use]
pub fn learn(site: &Site) -> Profile {
    let partition = site
        .partitions
        .iter()
        .find(|one| one.is_default)
        .or_else(|| site.partitions.first());
    let preempts = |one: &Partition| {
        one.preempt_mode
            .as_ref()
            .is_some_and(|mode| mode.contains("REQUEUE"))
    };
    let requeue = partition.is_some_and(preempts);
    let account = site.accounts.first();
    let longest = partition.and_then(|one| one.max_time);
    // Without a limit of the site: a day, which every scheduler finds a place for.
    let limit = longest.map_or(86_400, |limit| limit.as_secs().min(86_400));
    Profile {
        name: site.name.to_lowercase(),
        about: crate::profile::About {
            en: format!("{}, as read from the site", site.name),
            ko: format!("{}: 클러스터에서 읽은 설정", site.name),
        },
        cluster: site.name.clone(),
        resources: Resources {
            partition: partition.map(|one| one.name.clone()),
            account: account.map(|one| one.account.clone()),
            gpus: u32::from(partition.is_some_and(|one| !one.gpus.is_empty())),
            time_limit_seconds: limit,
            requeue,
            chain: 0,
            warn_seconds: 120.min(u32::try_from(limit / 4).unwrap_or(120)),
            ..Resources::default()
        },
        ..Profile::new("", Backend::Slurm)
    }
}

/// Reads the lines `Key   = value` of `scontrol show config`.
fn config(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter_map(|line| {
            let (key, value) = line.split_once('=')?;
            Some((key.trim().to_owned(), value.trim().to_owned()))
        })
        .collect()
}

/// Reads the lines of `scontrol show partition -o`.
fn partitions(text: &str) -> Vec<Partition> {
    text.lines()
        .filter_map(|line| {
            let words: BTreeMap<&str, &str> = line
                .split_whitespace()
                .filter_map(|word| word.split_once('='))
                .collect();
            Some(Partition {
                name: (*words.get("PartitionName")?).to_owned(),
                is_default: words.get("Default") == Some(&"YES"),
                max_time: words.get("MaxTime").and_then(|text| minutes_or_clock(text)),
                preempt_mode: words.get("PreemptMode").map(|mode| (*mode).to_owned()),
                grace_seconds: words.get("GraceTime").and_then(|text| text.parse().ok()),
                nodes: (0, 0),
                gpus: Vec::new(),
            })
        })
        .collect()
}

fn minutes_or_clock(text: &str) -> Option<Duration> {
    match text.parse::<u64>() {
        Ok(minutes) => Some(Duration::from_secs(minutes.checked_mul(60)?)),
        Err(_) => field::duration(text),
    }
}

/// Adds the nodes and their accelerators to the partitions they are in.
fn count_nodes(text: &str, partitions: &mut [Partition]) {
    for line in text.lines() {
        let fields: Vec<&str> = line.split(FIELD).collect();
        let [_node, partition, state, gres, used, ..] = fields.as_slice() else {
            continue;
        };
        let name = partition.trim_end_matches('*');
        let Some(partition) = partitions.iter_mut().find(|one| one.name == name) else {
            continue;
        };
        partition.nodes.0 += 1;
        partition.nodes.1 += u32::from(state.starts_with("idle"));
        let used = field::gres(used);
        for (kind, count) in field::gres(gres) {
            let busy = used
                .iter()
                .find(|(one, _)| *one == kind)
                .map_or(0, |(_, busy)| *busy);
            match partition.gpus.iter_mut().find(|(one, ..)| *one == kind) {
                Some((_, all, in_use)) => {
                    *all += count;
                    *in_use += busy;
                }
                None => partition.gpus.push((kind, count, busy)),
            }
        }
    }
}

/// Reads the lines `account|partition|qos,qos` of `sacctmgr`.
fn associations(text: &str) -> Vec<Association> {
    text.lines()
        .filter_map(|line| {
            let mut fields = line.split('|');
            let (account, partition) = (fields.next()?, fields.next()?);
            let qos = fields.next().unwrap_or_default();
            Some(Association {
                account: account.to_owned(),
                partition: partition.to_owned(),
                qos: qos
                    .split(',')
                    .filter(|one| !one.is_empty())
                    .map(str::to_owned)
                    .collect(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_recorded_site() {
        let config = config(include_str!("fixtures/config.txt"));
        assert_eq!(config["SLURM_VERSION"], "22.05.8");
        assert_eq!(config["PreemptMode"], "REQUEUE");
        let mut partitions = partitions(include_str!("fixtures/partitions.txt"));
        count_nodes(include_str!("fixtures/sinfo.txt"), &mut partitions);
        let ckpt = partitions
            .iter()
            .find(|one| one.name == "ckpt-all")
            .unwrap();
        assert_eq!(ckpt.preempt_mode.as_deref(), Some("REQUEUE"));
        assert_eq!(ckpt.grace_seconds, Some(5));
        assert_eq!(ckpt.nodes.0, 3);
        assert_eq!(ckpt.gpus, [("a40".to_owned(), 4, 2)]);
        assert_eq!(ckpt.max_time, None);
        assert!(partitions[0].is_default);
        let accounts = associations(include_str!("fixtures/assoc.txt"));
        assert_eq!(accounts[0].account, "stf");
        assert!(accounts[0].qos.contains(&"debug".to_owned()));
    }

    #[test]
    fn any_truncation_is_read_without_panic() {
        for text in [
            include_str!("fixtures/config.txt"),
            include_str!("fixtures/partitions.txt"),
            include_str!("fixtures/sinfo.txt"),
            include_str!("fixtures/assoc.txt"),
        ] {
            for cut in (0..text.len())
                .step_by(13)
                .filter(|cut| text.is_char_boundary(*cut))
            {
                let _ = config(&text[..cut]);
                let _ = associations(&text[..cut]);
                count_nodes(&text[..cut], &mut partitions(&text[..cut]));
            }
        }
    }
}
