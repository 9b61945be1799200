//! What a screen looks like when nothing is there, something is refused, or something is asked:
//! the rarer pictures beside those of `scenes.rs`.

use super::{
    Place, key,
    scenes::{self, Scene, jobs, launch, setting, typed_for},
    touring, typed,
};
use crate::{
    awaiting::Posted,
    chord::Chord,
    hands::{LineTrouble, Order},
    message::{LineNews, Message, SettingsNews},
    run_data::RunData,
    state::{State, Tone},
};
use config::LoadRequest;
use crossterm::event::KeyCode;
use domain::Phrase;
use runs::{State as RunState, Summary};
use std::{sync::Arc, time::Duration};

const ENTER: Chord = key_of(KeyCode::Enter);

const fn key_of(code: KeyCode) -> Chord {
    Chord::key(code)
}

pub(super) const CORNERS: &[Scene] = &[
    ("first-frame", |_, state| {
        *state = State::new(&state.project.clone(), state.lang, state.size, None);
    }),
    ("no-runs", |place, state| {
        place.tell(state, Message::Roster(Ok(Vec::new())));
    }),
    ("no-run-fits", |place, state| {
        place.press(state, &[Chord::char('/')]);
        place.press(state, &typed("zzz"));
        place.press(state, &[ENTER]);
    }),
    ("home-refused", |place, state| {
        let why = Phrase::new(
            "/gscratch/stf/runs: cannot list the runs: Permission denied (os error 13)",
            "/gscratch/stf/runs: 읽거나 쓸 수 없습니다: Permission denied (os error 13)",
        );
        place.tell(state, Message::Roster(Err(why)));
    }),
    ("all-states", |place, state| {
        let one = state.runs.all[0].clone();
        let states = STATES.iter().enumerate();
        let runs = states.map(|(at, state)| Summary {
            id: format!("20240131-2359{:02}-ppo-btc-1a2b", 40 - at)
                .parse()
                .unwrap(),
            state: *state,
            ..one.clone()
        });
        place.tell(state, Message::Roster(Ok(runs.collect())));
    }),
    ("run-failed", |place, state| {
        edit_run(place, state, |run| {
            run.state = RunState::Failed;
            run.reason = Some(Phrase::new(
                "the policy became NaN at step 140,000; lower agent.learning_rate",
                "140,000스텝에서 정책이 NaN이 되었습니다. agent.learning_rate를 낮추세요",
            ));
        });
        place.press(state, &[Chord::char('3')]);
    }),
    ("run-unreadable", |place, state| {
        edit_run(place, state, |run| {
            run.state = RunState::Unknown;
            (run.progress, run.eta_seconds) = (None, None);
            run.problems = vec![Phrase::new(
                "run.toml: has no manifest: expected `=`",
                "run.toml: 실행 정보가 없습니다. `=`이 있어야 합니다",
            )];
        });
    }),
    ("run-reading", |place, state| {
        place.press(state, &[Chord::char('3')]);
        state.data = None;
    }),
    ("run-damaged", |place, state| {
        place.press(state, &[Chord::char('3')]);
        let data = RunData {
            problem: Some(Phrase::new(
                "seeds/1/metrics: cannot list the segments: Permission denied (os error 13)",
                "seeds/1/metrics: 읽거나 쓸 수 없습니다: Permission denied (os error 13)",
            )),
            bad_lines: 3,
            ..state.data().unwrap().clone()
        };
        place.tell(state, Message::Run(Arc::new(data)));
    }),
    ("line-lost", |place, state| {
        line(place, state, true);
    }),
    ("line-slow", |place, state| {
        line(place, state, false);
    }),
    ("toast", |place, state| {
        place.tell(
            state,
            Message::Launched(vec!["20240131-235959-x-1a2b".parse().unwrap()]),
        );
    }),
    ("toast-refused", |_, state| {
        let says = Phrase::new(
            "sbatch refused: invalid account; choose one of stf, stf-ckpt in the cluster's profile",
            "sbatch가 거절했습니다: 잘못된 계정. 클러스터 프로필에서 stf, stf-ckpt 가운데 고르세요",
        );
        state.say(Tone::Bad, says);
    }),
    ("awaiting", |place, state| {
        let posted = Posted {
            run: state.run().unwrap().id.clone(),
            number: 3,
            command: "set agent.learning_rate = 1e-4".into(),
        };
        place.tell(state, Message::Posted(posted));
        state.toast = None;
    }),
    ("filter-runs", |place, state| {
        place.press(state, &[Chord::ctrl('f')]);
        place.press(state, &typed("pp"));
    }),
    ("help-found", |place, state| {
        place.press(state, &[Chord::char('2'), Chord::f(1)]);
        place.press(state, &typed("ㅈㅈ"));
    }),
    ("palette-everything", |place, state| {
        place.press(state, &[Chord::ctrl('p'), key(KeyCode::PageDown)]);
    }),
    ("choices", |place, state| {
        setting(place, state, "console.theme");
        place.press(state, &[ENTER]);
    }),
    ("experiments", |place, state| {
        place.press(state, &[Chord::char('2'), Chord::f(3)]);
    }),
    ("against", |place, state| {
        state.runs.marked = state.runs.all.iter().map(|run| run.id.clone()).collect();
        place.press(state, &[Chord::char('2'), Chord::ctrl('d')]);
    }),
    ("save-to", |place, state| {
        state.form.experiment = Some(state.project.join("configs/demo.toml"));
        typed_for(place, state, "agent.gamma", "0.9");
        place.press(state, &[Chord::ctrl('o')]);
    }),
    ("save-name-refused", |place, state| {
        typed_for(place, state, "agent.gamma", "0.9");
        place.press(state, &[Chord::ctrl('o')]);
        place.press(state, &typed("../x"));
        place.press(state, &[ENTER]);
    }),
    ("setting-refused", |place, state| {
        typed_for(place, state, "agent.gamma", "7");
    }),
    ("setting-problems", |place, state| {
        let request = LoadRequest {
            sets: vec!["agent.gamma=7".into(), "train.n_envs=0".into()],
            ..LoadRequest::default()
        };
        let news = SettingsNews {
            experiments: Vec::new(),
            presets: Vec::new(),
            outcome: config::load(&request),
        };
        place.tell(state, Message::Settings(Box::new(news)));
        setting(place, state, "agent.gamma");
    }),
    ("no-setting-fits", |place, state| {
        setting(place, state, "zzzz");
    }),
    ("live-list", |place, state| {
        place.press(state, &[Chord::f(6)]);
    }),
    ("live-asked", |place, state| {
        place.press(state, &[Chord::f(6), ENTER, key(KeyCode::Up), ENTER]);
    }),
    ("pause", |place, state| {
        place.press(state, &[Chord::f(4)]);
    }),
    ("checkpoint", |place, state| {
        place.press(state, &[Chord::ctrl('k')]);
    }),
    ("resume", |place, state| {
        edit_run(place, state, |run| {
            (run.state, run.resumable) = (RunState::Crashed, true);
        });
        place.press(state, &[Chord::ctrl('r')]);
    }),
    ("remove", |place, state| {
        place.press(state, &[key(KeyCode::Down), key(KeyCode::Delete)]);
    }),
    ("no-jobs", |place, state| {
        place.list(state, Vec::new());
        place.press(state, &[Chord::char('7')]);
    }),
    ("jobs-asking", |place, state| {
        place.press(state, &[Chord::char('7')]);
    }),
    ("jobs-unlisted", |place, state| {
        let why = Phrase::new(
            "klone: squeue gave no answer within 20 s",
            "klone: squeue가 20초 안에 답하지 않았습니다",
        );
        place.tell(state, Message::Jobs(Err(why)));
        place.press(state, &[Chord::char('7')]);
    }),
    ("no-job-fits", |place, state| {
        jobs(place, state);
        place.press(state, &[Chord::char('/')]);
        place.press(state, &typed("zzz"));
        place.press(state, &[ENTER]);
    }),
    ("jobs-requeue", |place, state| {
        jobs(place, state);
        place.press(state, &[Chord::ctrl('u')]);
    }),
    ("jobs-throttle", |place, state| {
        jobs(place, state);
        place.press(state, &[Chord::char('+')]);
    }),
    ("no-log", |place, state| {
        place.press(state, &[Chord::char('0')]);
    }),
    ("log-find-expression", |place, state| {
        place.press(
            state,
            &[Chord::char('0'), Chord::ctrl('f'), key(KeyCode::Tab)],
        );
        place.press(state, &typed("loss=[0-9"));
        place.press(state, &[key(KeyCode::Enter)]);
    }),
    ("log-find", |place, state| {
        place.press(state, &[Chord::char('0'), Chord::ctrl('f')]);
    }),
    ("compare-reading", |place, state| {
        place.press(state, &[Chord::char(' '), Chord::char(' '), Chord::f(9)]);
    }),
    ("no-trades", |place, state| {
        place.press(state, &[Chord::char('4')]);
    }),
    ("no-trade-fits", |place, state| {
        place.press(state, &[key(KeyCode::Down), Chord::char('4')]);
        place.read_chosen(state);
        place.press(state, &[Chord::char('/')]);
        place.press(state, &typed("pnl>1000"));
        place.press(state, &[ENTER]);
    }),
    ("report-none", |place, state| {
        report(
            place,
            state,
            "No report yet: it is written when the run has been judged on held-out time.",
            "아직 보고서가 없습니다. 시험 구간의 판정이 끝나면 만들어집니다.",
        );
    }),
    ("report-damaged", |place, state| {
        report(
            place,
            state,
            "the report is damaged or of another version: EOF while parsing a value at line 1 column 0; `makook evaluate` writes it again",
            "보고서가 손상되었거나 다른 버전입니다: EOF while parsing a value at line 1 column 0. `makook evaluate`로 다시 만들 수 있습니다",
        );
    }),
    ("launch-asking", |place, state| {
        place.tell(state, Message::Destinations(super::destinations()));
        place.press(state, &[Chord::char('2'), Chord::f(8), ENTER]);
    }),
    ("launch-sent-refused", |place, state| {
        launch(place, state);
        place.press(state, &[ENTER]);
        let order = Order {
            on: Some("klone".into()),
            script: Some("#!/bin/bash\nexec a\n".into()),
            ..Order::default()
        };
        let why = Phrase::new(
            "klone: sbatch: error: invalid account or partition",
            "klone: sbatch: error: invalid account or partition",
        );
        place.tell(state, Message::Refused { order, why });
        place.tell(
            state,
            Message::Previewed {
                order: Order {
                    on: Some("klone".into()),
                    ..Order::default()
                },
                outcome: Ok(super::preview()),
            },
        );
    }),
    ("read-only", |place, state| {
        state.read_only = true;
        place.press(state, &[Chord::char('3')]);
    }),
    ("odd-names", |place, state| {
        edit_run(place, state, |run| {
            run.name =
                "\x1b[2Jevil \u{202e}txt.exe 👩\u{200d}🔬 \u{1112}\u{1161}\u{11ab}글 ".repeat(5);
        });
    }),
];

const STATES: [RunState; 11] = [
    RunState::Queued,
    RunState::Starting,
    RunState::Running,
    RunState::Paused,
    RunState::Stopping,
    RunState::Done,
    RunState::Failed,
    RunState::Interrupted,
    RunState::Preempted,
    RunState::Crashed,
    RunState::Unknown,
];

/// Every picture, the rarer ones last.
pub(super) fn all() -> impl Iterator<Item = &'static Scene> {
    scenes::SCENES.iter().chain(touring::STEPS).chain(CORNERS)
}

/// Changes what is listed of the newest run.
fn edit_run(place: &Place, state: &mut State, edit: impl FnOnce(&mut Summary)) {
    let mut runs = state.runs.all.clone();
    edit(&mut runs[0]);
    place.tell(state, Message::Roster(Ok(runs)));
}

fn line(place: &Place, state: &mut State, lost: bool) {
    let why = Phrase::new(
        "klone: no answer for 60 s (network or host down)",
        "klone: 60초 동안 답이 없습니다(네트워크나 호스트 문제)",
    );
    let news = LineNews {
        host: "klone".into(),
        trouble: Some(LineTrouble { lost, why }),
        silent: Duration::from_secs(120),
    };
    place.tell(state, Message::Line(news));
}

fn report(place: &Place, state: &mut State, en: &str, ko: &str) {
    place.press(state, &[key(KeyCode::Down), Chord::char('5')]);
    let news = Message::Report {
        run: state.run().unwrap().id.clone(),
        outcome: Err(Phrase::new(en, ko)),
        sheets: Vec::new().into(),
    };
    place.tell(state, news);
}
