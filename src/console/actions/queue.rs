//! Actions on the screen of jobs: open, mark, filter, stop, cancel, requeue, throttle, read the
//! script.
//!
//! What touches a job shows the exact command first; what touches several asks for their number.

use super::reasons;
use crate::{
    action::{Act, Action, Risk},
    cells,
    chord::Chord,
    cursor::Cursor,
    job_list::JobName,
    job_news::Job,
    layer::{Entry, EntryFor, Layer, Page, Plan},
    line_edit::LineEdit,
    message::{Assignment, Effect, Errand},
    office::verb,
    state::{Screen, State, Tone},
};
use crossterm::event::KeyCode;
use domain::{Phrase, Text};
use jobs::Signal;
use runs::RunId;

const HERE: &[Screen] = &[Screen::Jobs];

/// Stop, for one and for several.
const STOP_KEYS: &[Chord] = &[Chord::f(7)];
/// Cancel, for one and for several.
const CANCEL_KEYS: &[Chord] = &[Chord::key(KeyCode::Delete), Chord::char('x')];

const STOP: Text = Text::new("Stop", "멈추기");
/// Not "cancel": the harmless button of the question is called that.
const CANCEL: Text = Text::new("End at once", "바로 끝내기");

/// The actions.
pub const ACTIONS: &[Action] = &[
    Action {
        id: "jobs.open",
        title: Text::new("Open run", "실행 열기"),
        help: Text::new(
            "Open the run that the job works on.",
            "작업이 맡은 실행을 엽니다.",
        ),
        keys: &[Chord::key(KeyCode::Enter)],
        on: HERE,
        risk: Risk::R0,
        rank: 2,
        enabled: reasons::job_has_run,
        act: Act::Now(open),
    },
    Action {
        id: "jobs.mark",
        title: Text::new("Mark", "표시"),
        help: Text::new(
            "Mark the job to do something with several, or take the mark away.",
            "여러 작업을 함께 다루도록 표시하거나 표시를 지웁니다.",
        ),
        keys: &[Chord::char(' ')],
        on: HERE,
        risk: Risk::R0,
        rank: 5,
        enabled: reasons::has_job,
        act: Act::Now(|state| {
            let page = state.job_page();
            state.jobs.toggle_mark(page);
            Vec::new()
        }),
    },
    Action {
        id: "jobs.filter",
        title: Text::new("Filter", "거르기"),
        help: Text::new(
            "Show only jobs whose title, number, place or state fits a few letters.",
            "제목, 번호, 위치, 상태가 몇 글자에 맞는 작업만 보여 줍니다.",
        ),
        keys: &[Chord::ctrl('f'), Chord::char('/')],
        on: HERE,
        risk: Risk::R0,
        rank: 7,
        enabled: reasons::always,
        act: Act::Now(|state| {
            state.layers.push(Layer::Entry(Entry {
                title: Phrase::new("Filter", "거르기"),
                line: LineEdit::new(&state.jobs.filter),
                hint: Phrase::new("title, number, place or state", "제목, 번호, 위치, 상태"),
                refusal: None,
                purpose: EntryFor::JobFilter,
            }));
            Vec::new()
        }),
    },
    Action {
        id: "jobs.stop",
        title: STOP,
        help: Text::new(
            "Save and end the job; its run can be continued later. A waiting job is withdrawn.",
            "저장하고 작업을 끝냅니다. 실행은 나중에 이어서 할 수 있습니다. 대기 중이면 거둬들입니다.",
        ),
        keys: STOP_KEYS,
        on: HERE,
        risk: Risk::R2,
        rank: 3,
        enabled: reasons::one_is_alive,
        act: Act::Ask(|state| signal(state, Signal::Stop)),
    },
    Action {
        id: "jobs.stop_marked",
        title: Text::new("Stop marked", "표시한 작업 멈추기"),
        help: Text::new(
            "Save and end every marked job; asks for their number.",
            "표시한 작업을 모두 저장하고 끝냅니다. 개수를 입력해야 합니다.",
        ),
        keys: STOP_KEYS,
        on: HERE,
        risk: Risk::R3,
        rank: 3,
        enabled: reasons::several_are_alive,
        act: Act::Ask(|state| signal(state, Signal::Stop)),
    },
    Action {
        id: "jobs.cancel",
        title: CANCEL,
        help: Text::new(
            "End the job at once without saving; checkpoints stay.",
            "저장하지 않고 작업을 바로 끝냅니다. 체크포인트는 남습니다.",
        ),
        keys: CANCEL_KEYS,
        on: HERE,
        risk: Risk::R2,
        rank: 4,
        enabled: reasons::one_is_alive,
        act: Act::Ask(|state| signal(state, Signal::Kill)),
    },
    Action {
        id: "jobs.cancel_marked",
        title: Text::new("End marked at once", "표시한 작업 바로 끝내기"),
        help: Text::new(
            "End every marked job at once without saving; asks for their number.",
            "표시한 작업을 모두 저장하지 않고 바로 끝냅니다. 개수를 입력해야 합니다.",
        ),
        keys: CANCEL_KEYS,
        on: HERE,
        risk: Risk::R3,
        rank: 4,
        enabled: reasons::several_are_alive,
        act: Act::Ask(|state| signal(state, Signal::Kill)),
    },
    Action {
        id: "jobs.requeue",
        title: Text::new("Requeue", "다시 대기"),
        help: Text::new(
            "Save, give the place back and wait for another one; the run goes on there.",
            "저장하고 자리를 내준 뒤 다시 대기합니다. 자리가 나면 이어서 실행됩니다.",
        ),
        keys: &[Chord::ctrl('u'), Chord::char('u')],
        on: HERE,
        risk: Risk::R2,
        rank: 8,
        enabled: reasons::is_requeueable,
        act: Act::Ask(|state| signal(state, Signal::Requeue)),
    },
    Action {
        id: "jobs.throttle_raise",
        title: Text::new("More tasks at once", "동시 작업 늘리기"),
        help: Text::new(
            "Let twice as many tasks of the array run at the same time.",
            "배열에서 동시에 도는 작업 수를 두 배로 늘립니다.",
        ),
        keys: &[Chord::char('+'), Chord::char('=')],
        on: HERE,
        risk: Risk::R2,
        rank: 9,
        enabled: reasons::is_array,
        act: Act::Ask(|state| throttle(state, |now| now.saturating_mul(2))),
    },
    Action {
        id: "jobs.throttle_lower",
        title: Text::new("Fewer tasks at once", "동시 작업 줄이기"),
        help: Text::new(
            "Let half as many tasks of the array run at the same time; those that run go on.",
            "배열에서 동시에 도는 작업 수를 절반으로 줄입니다. 이미 도는 작업은 계속됩니다.",
        ),
        keys: &[Chord::char('-')],
        on: HERE,
        risk: Risk::R2,
        rank: 10,
        enabled: reasons::can_lower,
        act: Act::Ask(|state| throttle(state, |now| now / 2)),
    },
    Action {
        id: "jobs.script",
        title: Text::new("Show script", "스크립트 보기"),
        help: Text::new(
            "Show the script that was sent to the scheduler for this run.",
            "이 실행을 위해 스케줄러에 보낸 스크립트를 보여 줍니다.",
        ),
        keys: &[Chord::ctrl('o'), Chord::char('o')],
        on: HERE,
        risk: Risk::R0,
        rank: 11,
        enabled: reasons::job_has_run,
        act: Act::Now(|state| {
            let run = state.run().map(|run| (run.id.clone(), run.path.clone()));
            let asked = run.map(|(run, path)| Effect::Run(Errand::Script { run, path }));
            asked.into_iter().collect()
        }),
    },
];

fn open(state: &mut State) -> Vec<Effect> {
    let Some((id, run)) = state.run().map(|run| (run.id.clone(), run.state)) else {
        return Vec::new();
    };
    state.runs.filter.clear();
    let page = state.run_page();
    state.runs.choose(id, page);
    state.go(match run {
        runs::State::Done => Screen::Performance,
        _ => Screen::Run,
    });
    Vec::new()
}

fn signal(state: &State, signal: Signal) -> Option<Plan> {
    let targets = state.jobs_meant();
    let alive: Vec<&Job> = targets
        .into_iter()
        .filter(|job| reasons::is_alive(job))
        .collect();
    let jobs: Vec<JobName> = alive.iter().map(|job| job.name()).collect();
    let ids: Vec<&str> = alive.iter().map(|job| job.row.view.id.as_str()).collect();
    let waits = alive.iter().all(|job| !job.row.view.phase.is_live());
    let several = state.jobs_meant().len() > 1;
    let mut consequence = consequence(signal, waits);
    if several {
        let count = jobs.len();
        consequence = Phrase::new(
            format!("{count} jobs. {}", consequence.en),
            format!("작업 {count}개. {}", consequence.ko),
        );
    }
    (!jobs.is_empty()).then(|| Plan {
        command: format!("makook jobs {} {}", verb(signal), ids.join(" ")),
        consequence,
        word: several.then(|| jobs.len().to_string()),
        effects: vec![Effect::Assign(Assignment::Signal { jobs, signal })],
    })
}

/// Says what follows; a job without a place has nothing to save.
fn consequence(signal: Signal, waits: bool) -> Phrase {
    match (signal, waits) {
        (Signal::Stop | Signal::Kill, true) => Phrase::new(
            "It leaves the queue; its run can be continued later.",
            "대기열에서 빠집니다. 실행은 나중에 이어서 할 수 있습니다.",
        ),
        (Signal::Stop, false) => Phrase::new(
            "It saves a checkpoint and ends, and is not started again by itself; the run can be continued later.",
            "체크포인트를 저장하고 끝나며 저절로 다시 시작되지 않습니다. 실행은 나중에 이어서 할 수 있습니다.",
        ),
        (Signal::Kill, false) => Phrase::new(
            "It ends at once. Work since the last checkpoint is lost; what was saved stays.",
            "바로 끝납니다. 마지막 체크포인트 뒤의 작업은 사라지고 저장한 것은 남습니다.",
        ),
        (Signal::Requeue, _) => Phrase::new(
            "It saves, gives its place back and waits again under the same number.",
            "저장하고 자리를 내준 뒤 같은 번호로 다시 대기합니다.",
        ),
    }
}

fn throttle(state: &State, change: fn(u32) -> u32) -> Option<Plan> {
    let job = state.jobs_meant().first()?.name();
    let array = job.array()?.to_owned();
    let now = state.jobs.throttle(&job);
    let at_most = change(now).max(1);
    Some(Plan {
        command: format!("makook jobs throttle {array} {at_most}"),
        consequence: Phrase::new(
            format!("At most {at_most} tasks of {array} run at the same time; now {now}."),
            format!("{array}: 동시에 최대 {at_most}개까지 실행됩니다. 지금은 {now}개입니다."),
        ),
        effects: vec![Effect::Assign(Assignment::Throttle { job, at_most })],
        word: None,
    })
}

/// Shows the script that was sent for `run`, or says why there is none.
pub fn show_script(state: &mut State, run: &RunId, outcome: Result<String, Phrase>) {
    match outcome {
        Ok(text) => state.layers.push(Layer::Page(Page {
            title: Phrase::new(format!("Script of {run}"), format!("{run}: 보낸 스크립트")),
            lines: text.lines().map(cells::clean).collect(),
            scroll: Cursor::default(),
        })),
        Err(why) => state.say(Tone::Bad, why),
    }
}
