//! Taking a launch back: its jobs leave the queue as long as they have not begun.
//!
//! A launch that cannot be taken back any more is told of and stepped over, so that it never stands
//! in the way of earlier changes. Start at [`offer`].

use crate::{
    job_list::JobName,
    job_news::Job,
    layer::{Confirm, Layer, Plan},
    message::{Assignment, Effect},
    office::verb,
    state::{Change, State, Tone},
};
use domain::{Text, phrase};
use jobs::{Phase, Signal};
use runs::{RunId, State as RunState};

/// Asks whether the jobs of `runs` that still wait shall leave the queue, or says why none can.
pub(super) fn offer(state: &mut State, runs: &[RunId]) {
    let of_them = |job: &&Job| {
        job.row
            .view
            .run
            .as_ref()
            .is_some_and(|run| runs.contains(run))
    };
    let jobs: Vec<&Job> = state.jobs.all.iter().filter(of_them).collect();
    let waits = |job: &&&Job| job.row.view.phase == Phase::Queued;
    let waiting: Vec<&Job> = jobs.iter().filter(waits).copied().collect();
    if !waiting.is_empty() {
        let begun = jobs.iter().filter(|job| job.row.view.phase.is_live());
        let plan = plan(runs, &waiting, begun.count());
        let title = Text::new("Take the training back", "학습 시작 되돌리기");
        state.layers.push(Layer::Confirm(Confirm::of(title, plan)));
        state.done.push(Change::Launched(runs.to_vec()));
        return;
    }
    let name = runs.first().map(ToString::to_string).unwrap_or_default();
    let name = jobs.first().map_or(name, |job| job.row.title.clone());
    let queued = |run: &RunId| {
        let found = state.runs.find(run);
        found.is_some_and(|run| run.state == RunState::Queued)
    };
    let is_unknown = !state.runs.loaded
        || !state.jobs.loaded
        || runs
            .iter()
            .any(|run| state.unlisted.contains(run) || queued(run));
    let says = if jobs.iter().any(|job| !job.row.view.phase.is_over()) {
        phrase!(
            "not taken back: {name} has begun; F7 stops it",
            "되돌리지 않았습니다. {name}: 이미 시작했습니다. 멈추려면 F7을 누르세요"
        )
    } else if jobs.is_empty() && is_unknown {
        state.done.push(Change::Launched(runs.to_vec()));
        phrase!(
            "not taken back yet: the job of {name} is not listed so far; try again in a moment",
            "아직 되돌리지 못했습니다. {name}: 작업 목록에 아직 없습니다. 잠시 뒤 다시 하세요"
        )
    } else {
        phrase!(
            "not taken back: {name} waits no more",
            "되돌리지 않았습니다. {name}: 더는 대기 중이 아닙니다"
        )
    };
    state.say(Tone::Bad, says);
}

/// Words what happens to the `waiting` jobs of a launch, of which others have `begun`.
fn plan(runs: &[RunId], waiting: &[&Job], begun: usize) -> Plan {
    let ids: Vec<&str> = waiting.iter().map(|job| job.row.view.id.as_str()).collect();
    let consequence = match waiting {
        [job] if begun == 0 => {
            let name = &job.row.title;
            phrase!(
                "{name} has not begun. It leaves the queue; its run can be continued later.",
                "{name}: 아직 시작하지 않았습니다. 대기열에서 빠집니다. 실행은 나중에 이어서 할 수 있습니다."
            )
        }
        _ => {
            let count = waiting.len();
            let (en, ko) = match begun {
                0 => Default::default(),
                _ => (
                    format!(" {begun} have begun and go on."),
                    format!(" 이미 시작한 {begun}개는 계속합니다."),
                ),
            };
            phrase!(
                "{count} jobs have not begun and leave the queue.{en} The runs can be continued later.",
                "작업 {count}개는 아직 시작하지 않아 대기열에서 빠집니다.{ko} 실행은 나중에 이어서 할 수 있습니다."
            )
        }
    };
    let named = |job: &&Job| job.name();
    let names: Vec<JobName> = waiting.iter().map(named).collect();
    Plan {
        command: format!("makook jobs {} {}", verb(Signal::Stop), ids.join(" ")),
        consequence,
        word: (names.len() > 1).then(|| names.len().to_string()),
        effects: vec![Effect::Assign(Assignment::Withdraw {
            runs: runs.to_vec(),
            jobs: names,
        })],
    }
}

/// Takes in that `runs` will not be trained; there is nothing left to take back.
pub fn withdrawn(state: &mut State, runs: &[RunId]) -> Vec<Effect> {
    let launch = |change: &Change| matches!(change, Change::Launched(those) if those == runs);
    if let Some(at) = state.done.iter().rposition(launch) {
        state.done.remove(at);
    }
    let says = match runs {
        [run] => phrase!(
            "{run} leaves the queue before it begins",
            "{run}: 시작하기 전에 대기열에서 뺍니다"
        ),
        all => {
            let count = all.len();
            phrase!(
                "what still waits of {count} trainings leaves the queue",
                "학습 {count}개 가운데 아직 대기 중인 것을 대기열에서 뺍니다"
            )
        }
    };
    state.say(Tone::Good, says);
    vec![Effect::Refresh]
}
