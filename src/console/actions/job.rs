//! Actions on trainings: start, stop, hold, continue, save, tune, remove.
//!
//! Everything here touches a job or a file, so everything asks first and shows what it would do.

use super::{
    reasons,
    setting::{current, edit_live},
};
use crate::{
    action::{Act, Action, Risk},
    chord::Chord,
    cursor::Cursor,
    hands::Order,
    launch::Launch,
    layer::{Layer, Pick, PickFor, PickItem, Plan},
    message::{Assignment, Effect, Errand},
    state::{Screen, State},
};
use config::{Apply, Key};
use crossterm::event::KeyCode;
use domain::{Phrase, Text};
use runs::Command;

/// Screens where F7 stops the chosen run; on the screen of jobs it stops the chosen job.
const RUN_SCREENS: &[Screen] = &[
    Screen::Dashboard,
    Screen::Config,
    Screen::Run,
    Screen::Trades,
    Screen::Performance,
    Screen::Logs,
    Screen::Compare,
];

/// The actions.
pub const ACTIONS: &[Action] = &[
    Action {
        id: "job.launch",
        title: Text::new("Start training", "학습 시작"),
        help: Text::new(
            "Start a training with the settings of screen 2: choose where, see what exactly is sent, then send it. It goes on when this console is closed.",
            "2번 화면의 설정으로 학습을 시작합니다. 보낼 곳을 고르고 보낼 내용을 확인한 뒤 보냅니다. 콘솔을 닫아도 계속됩니다.",
        ),
        keys: &[Chord::f(8)],
        on: &[],
        risk: Risk::R2,
        rank: 20,
        enabled: reasons::settings_are_sound,
        act: Act::Open(launch),
    },
    Action {
        id: "job.stop",
        title: Text::new("Stop", "멈추기"),
        help: Text::new(
            "Save a checkpoint and end the training; it can be continued later.",
            "체크포인트를 저장하고 학습을 끝냅니다. 나중에 이어서 할 수 있습니다.",
        ),
        keys: &[Chord::f(7)],
        on: RUN_SCREENS,
        risk: Risk::R2,
        rank: 21,
        enabled: reasons::is_active,
        act: Act::Ask(|state| {
            let says = Phrase::new(
                "It saves a checkpoint and ends; it can be continued later.",
                "체크포인트를 저장하고 끝납니다. 나중에 이어서 할 수 있습니다.",
            );
            post(state, Command::Stop, says)
        }),
    },
    Action {
        id: "job.pause",
        title: Text::new("Pause", "일시정지"),
        help: Text::new(
            "Hold the training after the current update; memory stays taken.",
            "지금 업데이트 뒤에 학습을 멈춰 둡니다. 메모리는 계속 차지합니다.",
        ),
        keys: &[Chord::f(4), Chord::char('p')],
        on: &[],
        risk: Risk::R2,
        rank: 23,
        enabled: reasons::is_running,
        act: Act::Ask(|state| {
            let says = Phrase::new(
                "It waits after the current update; F4 lets it go on.",
                "지금 업데이트 뒤에 기다립니다. F4로 다시 진행합니다.",
            );
            post(state, Command::Pause, says)
        }),
    },
    Action {
        id: "job.continue",
        title: Text::new("Go on", "다시 진행"),
        help: Text::new(
            "Let a paused training go on.",
            "일시정지한 학습을 다시 진행합니다.",
        ),
        keys: &[Chord::f(4), Chord::char('p')],
        on: &[],
        risk: Risk::R2,
        rank: 23,
        enabled: reasons::is_paused,
        act: Act::Ask(|state| {
            let says = Phrase::new("The training goes on.", "학습이 다시 진행됩니다.");
            post(state, Command::Resume, says)
        }),
    },
    Action {
        id: "job.checkpoint",
        title: Text::new("Save checkpoint", "체크포인트 저장"),
        help: Text::new(
            "Save the whole state of the training now and go on.",
            "학습 상태 전체를 지금 저장하고 계속합니다.",
        ),
        keys: &[Chord::ctrl('k'), Chord::char('c')],
        on: &[],
        risk: Risk::R2,
        rank: 41,
        enabled: reasons::is_active,
        act: Act::Ask(|state| {
            let says = Phrase::new(
                "A checkpoint is written after the current update.",
                "지금 업데이트 뒤에 체크포인트를 씁니다.",
            );
            post(state, Command::Checkpoint, says)
        }),
    },
    Action {
        id: "job.tune",
        title: Text::new("Change while running", "실행 중 조정"),
        help: Text::new(
            "Change learning rate, entropy coefficient or clip range of the running training; on the form, the chosen one.",
            "실행 중인 학습의 학습률, 엔트로피 계수, 클립 범위를 바꿉니다. 설정 화면에서는 고른 값을 바꿉니다.",
        ),
        keys: &[Chord::f(6), Chord::char('t')],
        on: &[],
        risk: Risk::R1,
        rank: 22,
        enabled: |state| {
            let refused = Text::new("the console is read-only", "읽기 전용입니다");
            if state.read_only {
                Err(refused)
            } else {
                reasons::is_active(state)
            }
        },
        act: Act::Now(tune),
    },
    Action {
        id: "job.resume",
        title: Text::new("Continue run", "이어서 학습"),
        help: Text::new(
            "Start a worker that continues the run from its last checkpoint.",
            "마지막 체크포인트부터 이어서 학습할 작업자를 시작합니다.",
        ),
        keys: &[Chord::ctrl('r'), Chord::char('r')],
        on: &[],
        risk: Risk::R2,
        rank: 22,
        enabled: reasons::is_resumable,
        act: Act::Ask(|state| {
            let run = state.run()?;
            Some(Plan {
                command: format!("makook resume {} --detach", run.id),
                consequence: Phrase::new(
                    "A worker starts and continues from the last checkpoint.",
                    "작업자가 시작되어 마지막 체크포인트부터 이어 갑니다.",
                ),
                effects: vec![Effect::Assign(Assignment::Resume(run.id.clone()))],
                word: None,
            })
        }),
    },
    Action {
        id: "run.remove",
        title: Text::new("Move to trash", "휴지통으로"),
        help: Text::new(
            "Move the run to the trash, where it can be brought back for 7 days.",
            "실행을 휴지통으로 옮깁니다. 7일 동안 되살릴 수 있습니다.",
        ),
        keys: &[Chord::key(KeyCode::Delete), Chord::char('x')],
        on: &[Screen::Dashboard],
        risk: Risk::R2,
        rank: 42,
        enabled: reasons::is_idle,
        act: Act::Ask(|state| {
            let run = state.run()?;
            Some(Plan {
                command: format!("makook runs rm {}", run.id),
                consequence: Phrase::new(
                    "It goes to the trash; Ctrl-Z brings it back for 7 days.",
                    "휴지통으로 갑니다. 7일 동안 Ctrl-Z로 되살릴 수 있습니다.",
                ),
                effects: vec![Effect::Run(Errand::Remove {
                    run: run.id.clone(),
                    path: run.path.clone(),
                })],
                word: None,
            })
        }),
    },
];

/// Opens the dialog that shows where a training can be sent and what exactly would be.
fn launch(state: &mut State) -> Vec<Effect> {
    let order = Order {
        experiment: state.form.experiment.clone(),
        sets: state.form.sets(),
        parent: state.form.origin().cloned(),
        on: None,
        script: None,
    };
    let launch = Launch::of(order);
    state.layers.push(Layer::Launch(Box::new(launch)));
    vec![Effect::Assign(Assignment::Destinations)]
}

fn post(state: &State, command: Command, consequence: Phrase) -> Option<Plan> {
    let run = state.run()?;
    let shown = match command {
        Command::Stop => format!("makook stop {}", run.id),
        _ => format!("{}/mailbox < {command}", run.id),
    };
    Some(Plan {
        command: shown,
        consequence,
        effects: vec![Effect::Run(Errand::Post {
            path: run.path.clone(),
            command,
        })],
        word: None,
    })
}

/// Opens the list of settings that a running training takes over.
fn tune(state: &mut State) -> Vec<Effect> {
    let Some((id, path)) = state.run().map(|run| (run.id.clone(), run.path.clone())) else {
        return Vec::new();
    };
    let is_live = |key: &&Key| key.apply == Apply::Live && key.section() == "agent";
    // On the form the chosen setting is meant, with the value that stands there.
    let chosen = state.key().filter(|_| state.screen == Screen::Config);
    if let Some(key) = chosen.filter(is_live) {
        let typed = state.form.value(key).bare();
        edit_live(state, key, &typed, id, path);
        return Vec::new();
    }
    let items = config::keys::keys()
        .filter(is_live)
        .map(|key| {
            let value = current(state, key);
            PickItem {
                value: key.path.to_owned(),
                label: Phrase::new(
                    format!("{} = {value}", key.label.en),
                    format!("{} = {value}", key.label.ko),
                ),
                help: key.help.into(),
            }
        })
        .collect();
    state.layers.push(Layer::Pick(Pick {
        title: Phrase::new("Change while running", "실행 중 조정"),
        items,
        cursor: Cursor::default(),
        purpose: PickFor::Live(id, path),
    }));
    Vec::new()
}
