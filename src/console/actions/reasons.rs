//! Why an action cannot be done now, in words that say what to do about it.

use crate::{
    alerts,
    job_news::Job,
    look::Said,
    state::{Screen, State},
};
use domain::Text;
use runs::State as RunState;

/// Nothing stands in the way.
pub fn always(_: &State) -> Result<(), Text> {
    Ok(())
}

fn run_is(state: &State, fits: impl Fn(RunState) -> bool, otherwise: Text) -> Result<(), Text> {
    has_run(state)?;
    let fits = state.run().is_some_and(|run| fits(run.state));
    if fits { Ok(()) } else { Err(otherwise) }
}

/// A run is chosen.
pub fn has_run(state: &State) -> Result<(), Text> {
    state.run().map(|_| ()).ok_or(Text::new(
        "no run is chosen; F8 starts a training",
        "선택한 실행이 없습니다. F8로 학습을 시작하세요",
    ))
}

/// The chosen run's files were read.
pub fn has_data(state: &State) -> Result<(), Text> {
    has_run(state)?;
    let reason = Text::new("the run is still being read", "실행을 읽는 중입니다");
    state.data().map(|_| ()).ok_or(reason)
}

/// More than one window was evaluated.
pub fn has_windows(state: &State) -> Result<(), Text> {
    has_run(state)?;
    let reason = Text::new(
        "no other window was recorded",
        "기록된 다른 구간이 없습니다",
    );
    (state.report.sheets.len() > 1).then_some(()).ok_or(reason)
}

/// There is a report, and something to show instead of it.
pub fn has_whole_report(state: &State) -> Result<(), Text> {
    has_run(state)?;
    let there = matches!(state.report.body, Some(Ok(_))) && state.report.sheet().is_some();
    there.then_some(()).ok_or(Text::new(
        "no report yet: it is written once the run was judged",
        "아직 보고서가 없습니다. 판정이 끝나면 만들어집니다",
    ))
}

/// The chosen run has round trips.
pub fn has_trades(state: &State) -> Result<(), Text> {
    has_data(state)?;
    let reason = Text::new("the run has no trades yet", "아직 거래가 없습니다");
    (state.trades.all() > 0).then_some(()).ok_or(reason)
}

/// There is something on the charts.
pub fn has_curves(state: &State) -> Result<(), Text> {
    has_run(state)?;
    let drawn = state.data().is_some() && state.charts.domain().is_some();
    drawn.then_some(()).ok_or(Text::new(
        "this run has no curves yet",
        "이 실행에는 아직 곡선이 없습니다",
    ))
}

/// Something needs a person.
pub fn has_alerts(state: &State) -> Result<(), Text> {
    alerts::is_needed(state).then_some(()).ok_or(Text::new(
        "nothing needs you now",
        "지금은 확인할 일이 없습니다",
    ))
}

/// Something is marked in the charts of the chosen run.
pub fn has_happenings(state: &State) -> Result<(), Text> {
    has_curves(state)?;
    let marks = state.data().map_or(&[][..], |data| &data.marks);
    let shown = marks.iter().any(|mark| state.charts.marking.shows(mark));
    shown.then_some(()).ok_or(Text::new(
        "nothing is marked yet; F6 changes settings while the run trains",
        "아직 표시된 것이 없습니다. F6으로 학습 중에 설정을 바꿀 수 있습니다",
    ))
}

/// What is charted is read to its end, and as smooth as it is to be.
pub fn has_whole_curves(state: &State) -> Result<(), Text> {
    let beside = state.charts.overlays.values().map(|data| &**data);
    let mut shown = state.data().into_iter().chain(beside);
    let is_behind = shown.any(|data| data.reading.is_some());
    match is_behind || state.charts.is_smoothing() {
        false => Ok(()),
        true => Err(Text::new(
            "curves are still being read or smoothed; export them in a moment",
            "곡선을 아직 읽거나 평활화하는 중입니다. 잠시 뒤에 내보내세요",
        )),
    }
}

/// The chosen run was evaluated.
pub fn has_evaluation(state: &State) -> Result<(), Text> {
    has_run(state)?;
    let drawn = state
        .data()
        .is_some_and(|data| !data.evaluation.equity.is_empty());
    drawn.then_some(()).ok_or(Text::new(
        "this run has not been evaluated yet",
        "이 실행은 아직 평가되지 않았습니다",
    ))
}

/// The chosen run is being worked on.
pub fn is_active(state: &State) -> Result<(), Text> {
    let otherwise = Text::new("the run is not active", "실행 중이 아닙니다");
    run_is(state, RunState::is_active, otherwise)
}

/// The chosen run is at work and not held.
pub fn is_running(state: &State) -> Result<(), Text> {
    let running = |state| matches!(state, RunState::Running | RunState::Starting);
    run_is(
        state,
        running,
        Text::new("the run is not running", "실행 중이 아닙니다"),
    )
}

/// The chosen run is held.
pub fn is_paused(state: &State) -> Result<(), Text> {
    let paused = |state| state == RunState::Paused;
    run_is(
        state,
        paused,
        Text::new("the run is not paused", "일시정지 상태가 아닙니다"),
    )
}

/// The chosen run can be continued.
pub fn is_resumable(state: &State) -> Result<(), Text> {
    has_run(state)?;
    let resumable = state.run().is_some_and(|run| run.resumable);
    resumable.then_some(()).ok_or(Text::new(
        "only an interrupted, failed or crashed run can be continued",
        "중단, 실패, 비정상 종료된 실행만 이어서 할 수 있습니다",
    ))
}

/// No worker is on the chosen run.
pub fn is_idle(state: &State) -> Result<(), Text> {
    let idle = |state: RunState| !state.is_active();
    run_is(
        state,
        idle,
        Text::new(
            "the run is active; stop it first",
            "실행 중입니다. 먼저 멈추세요",
        ),
    )
}

/// The settings have no error.
pub fn settings_are_sound(state: &State) -> Result<(), Text> {
    if state.form.problems.has_errors() {
        return Err(Text::new(
            "the settings have errors; see screen 2",
            "설정에 오류가 있습니다. 2번 화면을 보세요",
        ));
    }
    state.form.resolved.as_ref().map(|_| ()).ok_or(Text::new(
        "the settings are still being read",
        "설정을 읽는 중입니다",
    ))
}

/// The cursor of the form is on a setting.
pub fn on_setting(state: &State) -> Result<(), Text> {
    state.key().map(|_| ()).ok_or(Text::new(
        "the cursor is on a heading",
        "제목 줄입니다. 설정을 고르세요",
    ))
}

/// The setting under the cursor is on or off.
pub fn is_switch(state: &State) -> Result<(), Text> {
    on_setting(state)?;
    let key = state.key();
    let switch = key.is_some_and(|key| key.kind == config::Kind::One(config::Scalar::Bool));
    switch.then_some(()).ok_or(Text::new(
        "this setting is more than on or off; Enter edits it",
        "켜고 끄는 설정이 아닙니다. Enter로 고치세요",
    ))
}

/// The setting under the cursor was changed here.
pub fn is_changed(state: &State) -> Result<(), Text> {
    on_setting(state)?;
    let changed = state
        .key()
        .is_some_and(|key| state.form.changes.contains_key(key.path));
    changed.then_some(()).ok_or(Text::new(
        "this setting was not changed here",
        "여기서 바꾼 설정이 아닙니다",
    ))
}

/// The form holds something that a file can take.
pub fn can_save(state: &State) -> Result<(), Text> {
    let single = |(path, typed): (&&'static str, &String)| {
        config::find(path).is_some_and(|key| !config::is_sweep(key, typed))
    };
    state
        .form
        .changes
        .iter()
        .any(single)
        .then_some(())
        .ok_or(Text::new(
            "nothing was changed here that a file could hold",
            "파일에 저장할 변경이 없습니다",
        ))
}

/// Keys were changed here that the settings can hold.
pub fn can_save_keys(state: &State) -> Result<(), Text> {
    let keys = &state.look.keys;
    if keys.said() == Said::ByStart {
        return Err(Text::new(
            "MAKOOK_CONSOLE__KEYS sets the keys and counts more than a file",
            "MAKOOK_CONSOLE__KEYS가 키를 정하고 있어 파일에 저장해도 쓰이지 않습니다",
        ));
    }
    keys.is_changed().then_some(()).ok_or(Text::new(
        "no key was changed here; F2 in the help changes one",
        "여기서 바꾼 키가 없습니다. 도움말에서 F2로 바꿉니다",
    ))
}

/// There are presets.
pub fn has_presets(state: &State) -> Result<(), Text> {
    let reason = Text::new(
        "configs/presets holds no preset that can be read",
        "configs/presets에 읽을 수 있는 프리셋이 없습니다",
    );
    (!state.form.presets.is_empty()).then_some(()).ok_or(reason)
}

/// Two runs or more are marked.
pub fn has_marks(state: &State) -> Result<(), Text> {
    (state.runs.marked.len() >= 2)
        .then_some(())
        .ok_or(Text::new(
            "mark two runs or more with Space on the dashboard",
            "대시보드에서 Space로 실행을 두 개 이상 표시하세요",
        ))
}

/// Runs stand side by side.
pub fn has_comparison(state: &State) -> Result<(), Text> {
    let reason = Text::new(
        "the runs are still being read",
        "실행들을 아직 읽는 중입니다",
    );
    let read = state.comparison.as_ref();
    let read = read.is_some_and(|read| !read.comparison.runs.is_empty());
    read.then_some(()).ok_or(reason)
}

/// Something can be taken back. While a training is being sent nothing is that was done before.
pub fn can_undo(state: &State) -> Result<(), Text> {
    if state.sending.iter().any(|done| *done >= state.done.len()) {
        return Err(Text::new(
            "the training is being sent; try again once it has been",
            "학습을 보내는 중입니다. 다 보낸 뒤에 다시 하세요",
        ));
    }
    let reason = Text::new("nothing to take back", "되돌릴 것이 없습니다");
    (!state.done.is_empty()).then_some(()).ok_or(reason)
}

/// Something taken back can be done again.
pub fn can_redo(state: &State) -> Result<(), Text> {
    let reason = Text::new("nothing to do again", "다시 할 것이 없습니다");
    (!state.undone.is_empty()).then_some(()).ok_or(reason)
}

/// The line to the host is lost.
pub fn line_is_lost(state: &State) -> Result<(), Text> {
    let trouble = state.line.as_ref().and_then(|line| line.trouble.as_ref());
    match trouble {
        Some(trouble) if trouble.lost => Ok(()),
        _ => Err(Text::new("the line stands", "연결되어 있습니다")),
    }
}

/// Files may be written and taken away.
pub fn may_write(state: &State) -> Result<(), Text> {
    let reason = Text::new("the console is read-only", "읽기 전용입니다");
    (!state.read_only).then_some(()).ok_or(reason)
}

/// Esc leads somewhere.
pub fn can_go_back(state: &State) -> Result<(), Text> {
    let filtered = match state.screen {
        Screen::Dashboard => !state.runs.filter.is_empty(),
        Screen::Jobs => !state.jobs.filter.is_empty() || !state.jobs.marked.is_empty(),
        Screen::Trades => !state.trades.filter().is_empty(),
        Screen::Models => {
            !state.model_list.filter.is_empty() || !state.model_list.marked.is_empty()
        }
        Screen::Config => !state.form.filter.is_empty() || state.form.differing,
        _ => false,
    };
    let charts = state.charts.cursor.is_some() || state.charts.window.is_some();
    let looking = state.zoomed || charts && state.screen == Screen::Run;
    let somewhere = looking || filtered || !state.former.is_empty();
    somewhere.then_some(()).ok_or(Text::new(
        "this is the first screen; F10 quits",
        "첫 화면입니다. F10으로 끝냅니다",
    ))
}

/// A job is chosen or marked.
pub fn has_job(state: &State) -> Result<(), Text> {
    let reason = Text::new("no job is chosen", "선택한 작업이 없습니다");
    state.job().map(|_| ()).ok_or(reason)
}

/// The chosen job works on a run that is here.
pub fn job_has_run(state: &State) -> Result<(), Text> {
    has_job(state)?;
    state.run().map(|_| ()).ok_or(Text::new(
        "the run of this job is not in this home",
        "이 작업의 실행이 여기에 없습니다",
    ))
}

/// One job, not several, is meant, and it is not over.
pub fn one_is_alive(state: &State) -> Result<(), Text> {
    has_job(state)?;
    match state.jobs_meant()[..] {
        [job] if is_alive(job) => Ok(()),
        [_] => Err(Text::new("the job is over", "이미 끝난 작업입니다")),
        _ => Err(Text::new(
            "several jobs are marked; Esc takes the marks away",
            "작업이 여러 개 표시되어 있습니다. Esc로 표시를 지우세요",
        )),
    }
}

/// Several jobs are marked and some are not over.
pub fn several_are_alive(state: &State) -> Result<(), Text> {
    let targets = state.jobs_meant();
    if targets.len() < 2 {
        return Err(Text::new(
            "mark two jobs or more with Space",
            "Space로 작업을 두 개 이상 표시하세요",
        ));
    }
    let alive = targets.into_iter().any(is_alive);
    let reason = Text::new("the marked jobs are over", "표시한 작업이 모두 끝났습니다");
    alive.then_some(()).ok_or(reason)
}

/// The chosen job has a place that it can give back.
pub fn is_requeueable(state: &State) -> Result<(), Text> {
    one_is_alive(state)?;
    let live = state.jobs_meant()[..]
        .iter()
        .all(|job| job.row.view.phase.is_live());
    let reason = Text::new("the job waits already", "이미 대기 중인 작업입니다");
    live.then_some(()).ok_or(reason)
}

/// The chosen job belongs to an array that is not over.
pub fn is_array(state: &State) -> Result<(), Text> {
    one_is_alive(state)?;
    let array = state.jobs_meant()[..]
        .iter()
        .all(|job| job.array().is_some());
    let reason = Text::new(
        "the job is no task of an array",
        "배열에 속한 작업이 아닙니다",
    );
    array.then_some(()).ok_or(reason)
}

/// Fewer tasks than now can be allowed.
pub fn can_lower(state: &State) -> Result<(), Text> {
    is_array(state)?;
    let one = state.jobs_meant()[..]
        .iter()
        .all(|job| state.jobs.throttle(&job.name()) <= 1);
    let reason = Text::new(
        "one task at a time is the least",
        "동시에 한 개가 최소입니다",
    );
    (!one).then_some(()).ok_or(reason)
}

/// Returns whether something can still be asked of the job.
pub fn is_alive(job: &Job) -> bool {
    !job.row.view.phase.is_over()
}
