//! What needs a person: each with what to do about it and where that is done.
//!
//! Worked out from what the console knows anyway; reads nothing, decides nothing. What happened once
//! (a run that failed, a sweep that ended) is left out as soon as it was gone to; what lasts stays
//! until it is mended. Start at [`alerts`].

use crate::{
    job_list::JobName,
    job_news::Job,
    state::{Screen, State},
};
use domain::{Phrase, time::SECOND};
use jobs::{Badge, slurm::reason};
use report::health::Gravity;
use runs::{RunId, State as RunState, Summary};
use std::{collections::BTreeMap, iter};

/// Where something is done about it.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal {
    /// A screen of a run.
    Run(RunId, Screen),
    /// The page of the chosen run's learning health.
    Health(RunId),
    /// A job.
    Job(JobName),
    /// The list of runs, where one of them can be moved to the trash.
    Runs,
    /// The line to the host is mended.
    Line,
}

/// Something that needs a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Name by which it is known once it was gone to; `None` for what lasts until it is mended.
    pub once: Option<String>,
    /// What is the matter.
    pub says: Phrase,
    /// What to do.
    pub helps: Phrase,
    /// Where.
    pub goal: Goal,
    /// Whether it is bad, rather than worth a look.
    pub is_bad: bool,
}

/// Failures that lie further back than this, seen from the newest run, need nobody any more.
const WEEK: i64 = 7 * 86_400 * SECOND;

/// Returns everything that needs a person, the most urgent first.
#[must_use]
pub fn alerts(state: &State) -> Vec<Alert> {
    found(state).collect()
}

/// Returns whether something needs a person.
#[must_use]
pub fn is_needed(state: &State) -> bool {
    found(state).next().is_some()
}

fn found(state: &State) -> impl Iterator<Item = Alert> {
    let urgent = lost_line(state).into_iter().chain(full_disk(state));
    let all = urgent
        .chain(failures(state))
        .chain(jobs(state))
        .chain(paused(state))
        .chain(severe_findings(state))
        .chain(iter::once_with(|| ended_sweeps(state)).flatten());
    all.filter(|alert| match &alert.once {
        Some(name) => !state.attended.contains(name),
        None => true,
    })
}

fn lost_line(state: &State) -> Option<Alert> {
    let line = state.line.as_ref()?;
    let lost = line.trouble.as_ref().filter(|trouble| trouble.lost)?;
    let (host, Phrase { en, ko }) = (&line.host, &lost.why);
    Some(Alert {
        once: None,
        says: domain::phrase!("the line to {host} is lost: {en}", "{host} 연결 끊김: {ko}"),
        helps: Phrase::new(
            "what is shown is old; the runs go on without the line. F9 reconnects",
            "보이는 내용은 예전 것이고, 실행은 연결 없이도 계속됩니다. F9로 다시 연결합니다",
        ),
        goal: Goal::Line,
        is_bad: true,
    })
}

fn full_disk(state: &State) -> Option<Alert> {
    let left = state.host.low_disk?;
    Some(Alert {
        once: None,
        says: domain::phrase!(
            "the disk of the runs is nearly full: {left} GiB left",
            "실행을 저장하는 디스크가 거의 찼습니다. 남은 공간 {left} GiB"
        ),
        helps: Phrase::new(
            "move runs that nobody needs to the trash (Del), from which they vanish after a week; or set MAKOOK_HOME to a larger disk",
            "필요 없는 실행을 휴지통으로 옮기거나(Del, 일주일 뒤 완전히 지워짐) MAKOOK_HOME을 더 큰 디스크로 정하세요",
        ),
        goal: Goal::Runs,
        is_bad: true,
    })
}

fn failures(state: &State) -> impl Iterator<Item = Alert> {
    let seen = |run: &Summary| run.heard.max(run.created);
    let newest = state.runs.all.iter().filter_map(seen).max();
    let recent = move |run: &&Summary| match (seen(run), newest) {
        (Some(seen), Some(newest)) => newest.0.saturating_sub(seen.0) <= WEEK,
        _ => true,
    };
    // Whoever ended a run for good knows of it.
    let failed = |run: &&Summary| {
        matches!(run.state, RunState::Failed | RunState::Crashed) && !run.cancelled
    };
    let all = state.runs.all.iter();
    all.filter(failed).filter(recent).map(failure)
}

fn failure(run: &Summary) -> Alert {
    let name = name_of(run);
    let (en, ko) = match &run.reason {
        Some(reason) => (format!(": {}", reason.en), format!(": {}", reason.ko)),
        None => Default::default(),
    };
    let says = match run.state {
        RunState::Crashed => domain::phrase!("{name} crashed{en}", "{name} 비정상 종료{ko}"),
        _ => domain::phrase!("{name} failed{en}", "{name} 실패{ko}"),
    };
    let helps = match run.resumable {
        true => Phrase::new(
            "its log says why; then Ctrl-R continues it from its last checkpoint",
            "로그에서 이유를 확인한 뒤 Ctrl-R로 마지막 체크포인트에서 이어서 진행합니다",
        ),
        false => Phrase::new(
            "its log says why; then change the settings (2) and start it again (F8)",
            "로그에서 이유를 확인한 뒤 설정(2)을 고쳐 다시 시작하세요(F8)",
        ),
    };
    Alert {
        once: Some(format!("{} {}", run.id, run.state.word())),
        says,
        helps,
        goal: Goal::Run(run.id.clone(), Screen::Logs),
        is_bad: true,
    }
}

fn jobs(state: &State) -> impl Iterator<Item = Alert> {
    state.jobs.all.iter().filter_map(|job| {
        let alert = odd(job).or_else(|| held_up(job))?;
        let run = job.row.view.run.as_ref().and_then(|id| state.runs.find(id));
        // A run that crashed says so itself.
        let told = run.is_some_and(|run| run.state == RunState::Crashed);
        (!told).then_some(alert)
    })
}

fn odd(job: &Job) -> Option<Alert> {
    let (badges, title) = (&job.row.badges, &job.row.title);
    let (says, helps) = match () {
        () if badges.contains(&Badge::Died) => (
            domain::phrase!(
                "{title} ended without an outcome",
                "{title} 결과 없이 종료됨"
            ),
            Phrase::new(
                "the end of its log (0) says why; then Ctrl-R continues it from its last checkpoint",
                "로그(0) 끝에서 이유를 확인한 뒤 Ctrl-R로 마지막 체크포인트에서 이어서 진행합니다",
            ),
        ),
        () if badges.contains(&Badge::Stalled) => (
            domain::phrase!(
                "{title} has stood still for 15 minutes",
                "{title} 15분 동안 멈춰 있음"
            ),
            Phrase::new(
                "its log (0) says what it waits for; stopping it (F7) keeps the last checkpoint",
                "로그(0)에서 무엇을 기다리는지 확인하세요. F7로 멈추면 마지막 체크포인트가 남습니다",
            ),
        ),
        () if badges.contains(&Badge::NoStep) => (
            domain::phrase!(
                "{title} runs, but no step was done in 20 minutes",
                "{title} 실행 중이지만 20분 동안 학습 스텝이 없음"
            ),
            Phrase::new(
                "its log (0) says what it is busy with",
                "로그(0)에서 무엇을 하고 있는지 확인하세요",
            ),
        ),
        () => return None,
    };
    Some(Alert {
        once: badges
            .contains(&Badge::Died)
            .then(|| format!("{} {} died", job.row.profile, job.row.view.id.as_str())),
        says,
        helps,
        goal: Goal::Job(job.name()),
        is_bad: true,
    })
}

/// A job that waits for something that does not come by itself.
fn held_up(job: &Job) -> Option<Alert> {
    let view = &job.row.view;
    if view.phase.is_live() || view.phase.is_over() {
        return None;
    }
    let known = reason::meaning(view.raw_reason.as_deref()?)?;
    if known.passes_by_itself() {
        return None;
    }
    let (title, en, ko) = (&job.row.title, known.says.en, known.says.ko);
    Some(Alert {
        once: None,
        says: domain::phrase!("{title} does not start: {en}", "{title} 시작 못 함: {ko}"),
        helps: known.helps.into(),
        goal: Goal::Job(job.name()),
        is_bad: false,
    })
}

fn paused(state: &State) -> impl Iterator<Item = Alert> {
    let all = state.runs.all.iter();
    all.filter(|run| run.state == RunState::Paused).map(|run| {
        let name = name_of(run);
        Alert {
            once: None,
            says: domain::phrase!("{name} is paused", "{name} 일시정지 상태"),
            helps: Phrase::new(
                "F4 goes on; until then it keeps its place and its GPU",
                "F4로 다시 진행합니다. 그때까지 자리와 GPU를 차지합니다",
            ),
            goal: Goal::Run(run.id.clone(), Screen::Run),
            is_bad: false,
        }
    })
}

/// What makes the training of the chosen run worth nothing while it goes on.
fn severe_findings(state: &State) -> impl Iterator<Item = Alert> {
    let run = state.run().filter(|run| run.state.is_active());
    let findings = run.and(state.data()).map_or(&[][..], |data| &data.findings);
    let severe = findings
        .iter()
        .filter(|finding| finding.gravity == Gravity::Alert);
    severe.zip(run.into_iter().cycle()).map(|(finding, run)| {
        let (name, en, ko) = (name_of(run), finding.says.en, finding.says.ko);
        Alert {
            once: None,
            says: domain::phrase!("{name}: {en}", "{name}: {ko}"),
            helps: finding.helps.into(),
            goal: Goal::Health(run.id.clone()),
            is_bad: true,
        }
    })
}

/// Arrays of which every job is over, each with its best run.
fn ended_sweeps(state: &State) -> impl Iterator<Item = Alert> {
    let mut arrays: BTreeMap<(&str, &str), Vec<&Job>> = BTreeMap::new();
    for job in &state.jobs.all {
        if let Some(array) = job.array() {
            let name = (job.row.profile.as_str(), array);
            arrays.entry(name).or_default().push(job);
        }
    }
    arrays.into_iter().filter_map(|((profile, array), jobs)| {
        let over = jobs.iter().all(|job| job.row.view.phase.is_over());
        if !over || jobs.len() < 2 {
            return None;
        }
        let ids = jobs.iter().filter_map(|job| job.row.view.run.as_ref());
        let runs = ids.filter_map(|id| state.runs.find(id));
        let scored = runs.filter_map(|run| Some((run.best.as_ref()?.value, run)));
        let finite = scored.filter(|(value, _)| value.is_finite());
        let (value, best) = finite.max_by(|a, b| a.0.total_cmp(&b.0))?;
        let (count, name) = (jobs.len(), name_of(best));
        let value = crate::number::figure(value);
        let screen = match best.state {
            RunState::Done => Screen::Performance,
            _ => Screen::Run,
        };
        Some(Alert {
            once: Some(format!("{profile} {array} ended")),
            says: domain::phrase!(
                "sweep {array} of {count} jobs ended; the best is {name} with {value}",
                "스윕 {array}(작업 {count}개) 종료, 최고는 {name} ({value})"
            ),
            helps: Phrase::new(
                "look at the best one; mark several (Space) and F9 compares them",
                "가장 좋은 실행을 확인하세요. 여러 개를 표시(Space)하고 F9로 비교할 수 있습니다",
            ),
            goal: Goal::Run(best.id.clone(), screen),
            is_bad: false,
        })
    })
}

/// Names a run by its name and the end of its identifier, which tells runs of one name apart.
fn name_of(run: &Summary) -> String {
    let id = run.id.as_str();
    let end = id.get(id.len().saturating_sub(4)..).unwrap_or(id);
    format!("{} {end}", run.name)
}
