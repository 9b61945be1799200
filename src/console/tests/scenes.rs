//! What the screens are pictured at: each with the keys that lead there.
//!
//! The same pictures are the snapshots of `screens.rs`, the drawings of `pictures.rs` and the states
//! of `handbook.rs`. A new screen, dialog or panel is a row of [`SCENES`].

use super::{
    Place, answers,
    fakes::{destinations, log_page, preview, queue, record},
    key,
    marking::{changed, happened},
    shelves,
    staging::{performance_of_its_own, prices_around_the_trades, unjudged},
    typed,
};
use crate::{
    against::{Values, Wanted},
    calibration::{Calibration, Found},
    chord::Chord,
    log_news::{LogFile, LogSearch},
    message::{Assignment, Effect, Errand, Message},
    state::{Screen, State},
};
use config::{Draft, LoadRequest};
use crossterm::event::KeyCode;
use domain::{Lang, Phrase, Problems};
use logbook::{Colour, Ink};
use runs::Event;
use std::{fs, time::Duration};

pub(super) use super::staging::{jobs, launch, performance, setting, typed_for};

/// A picture: its name, and what to do to see it.
pub(super) type Scene = (&'static str, fn(&Place, &mut State));

pub(super) const SCENES: &[Scene] = &[
    ("dashboard", |_, _| {}),
    ("dashboard-jobs", |place, state| {
        place.list(state, queue(None));
    }),
    ("dashboard-needs", |place, state| {
        place.list(state, queue(None));
        place.press(state, &[Chord::f(3), key(KeyCode::Down)]);
    }),
    ("dashboard-judged", |place, state| {
        place.press(state, &[key(KeyCode::Down)]);
        place.read_chosen(state);
    }),
    ("config", |place, state| {
        place.press(state, &[Chord::char('2')]);
        place.press(state, &[key(KeyCode::Down); 3]);
    }),
    ("run", |place, state| {
        place.press(state, &[Chord::char('3')]);
    }),
    ("run-judged", |place, state| {
        place.press(state, &[key(KeyCode::Down), Chord::char('3')]);
        place.read_chosen(state);
    }),
    ("run-zoomed", |place, state| {
        place.press(
            state,
            &[Chord::char('3'), key(KeyCode::Right), key(KeyCode::Enter)],
        );
    }),
    ("run-health", |place, state| {
        place.press(state, &[Chord::char('3'), Chord::f(3)]);
    }),
    ("run-cursor", |place, state| {
        let keys = [
            Chord::char('3'),
            Chord::ctrl('e'),
            Chord::ctrl('e'),
            Chord::char('+'),
        ];
        place.press(state, &keys);
        place.press(state, &[Chord::char(','); 20]);
    }),
    ("run-overlaid", |place, state| {
        let mark = Chord::char(' ');
        place.press(state, &[mark, mark, key(KeyCode::Home), Chord::char('3')]);
        place.read_chosen(state);
        place.read_overlaid(state);
        place.press(state, &[Chord::ctrl('x')]);
    }),
    ("run-marks", |place, state| {
        place.press(state, &[Chord::char('3'), Chord::char('*')]);
        place.press(state, &[Chord::char(']')]);
    }),
    ("run-block", |place, state| {
        place.press(state, &[Chord::char('3'), Chord::ctrl('d')]);
    }),
    ("trades", |place, state| {
        place.press(state, &[key(KeyCode::Down), Chord::char('4')]);
        place.read_chosen(state);
    }),
    ("trades-filtered", |place, state| {
        place.press(state, &[key(KeyCode::Down), Chord::char('4')]);
        place.read_chosen(state);
        place.press(state, &[Chord::ctrl('f')]);
        place.press(state, &typed("pnl<0 and side=long"));
        place.press(state, &[key(KeyCode::Enter)]);
        place.press(state, &[key(KeyCode::Right); 3]);
    }),
    ("trades-prices", |place, state| {
        place.press(state, &[key(KeyCode::Down), Chord::char('4')]);
        place.read_chosen(state);
        prices_around_the_trades(place, state);
        place.press(state, &[key(KeyCode::End), key(KeyCode::Up)]);
    }),
    ("trades-typing", |place, state| {
        place.press(state, &[key(KeyCode::Down), Chord::char('4')]);
        place.read_chosen(state);
        place.press(state, &[Chord::char('/')]);
        place.press(state, &typed("pnl<0 and s"));
    }),
    ("trades-refused", |place, state| {
        place.press(state, &[key(KeyCode::Down), Chord::char('4')]);
        place.read_chosen(state);
        place.press(state, &[Chord::char('/')]);
        place.press(state, &typed("pnl<0 and sied=long"));
        place.press(state, &[key(KeyCode::Enter)]);
    }),
    ("performance", |place, state| {
        place.press(state, &[key(KeyCode::Down), Chord::char('5')]);
        performance_of_its_own(place, state);
    }),
    ("performance-unjudged", |place, state| {
        place.press(state, &[key(KeyCode::Down), Chord::char('5')]);
        unjudged(place, state);
    }),
    ("logs", |place, state| {
        place.press(state, &[Chord::char('0')]);
        let page = log_page(state);
        place.tell(state, Message::Log(page));
    }),
    ("logs-searching", |place, state| {
        place.press(state, &[Chord::char('0')]);
        let mut news = log_page(state);
        news.window.follows = false;
        news.window.cursor = Some(2);
        let gap = news.window.lines[1].text.find("gap").unwrap();
        let gap = gap..gap + 3;
        news.window.lines[1].hits = vec![gap];
        // The first line brings colours of its own.
        let front = |colour| Ink {
            front: Some(Colour::Indexed(colour)),
            ..Ink::default()
        };
        news.window.lines[0].inks = vec![(0..20, front(8)), (22..26, front(2))];
        news.window.count = None;
        (news.window.length, news.counted) = (10 << 30, 7 << 30);
        place.tell(state, Message::Log(news));
        place.press(
            state,
            &[Chord::char(' '), Chord::ctrl('e'), Chord::ctrl('f')],
        );
        place.press(state, &typed("gap"));
        place.press(state, &[key(KeyCode::Enter)]);
        let left = Duration::from_secs(2);
        let running = LogSearch::Running { percent: 45, left };
        place.tell(state, Message::LogSearch(running));
    }),
    ("logs-goto", |place, state| {
        place.press(state, &[Chord::char('0'), Chord::ctrl('g')]);
        place.press(state, &typed("noon"));
        place.press(state, &[key(KeyCode::Enter)]);
    }),
    ("logs-files", |place, state| {
        place.press(state, &[Chord::char('0'), key(KeyCode::Enter)]);
        let run = state.run().unwrap().path.clone();
        let file = |name: &str, length| LogFile {
            name: name.into(),
            length,
        };
        let files = vec![file("0001.log", 12 << 20), file("worker.out", 312)];
        place.tell(state, Message::LogFiles { run, files });
    }),
    ("compare", |place, state| {
        place.press(state, &[Chord::char(' '), Chord::char(' '), Chord::f(9)]);
        assert_eq!(state.screen, Screen::Compare);
        let paths = state.runs.all.iter().map(|run| run.path.clone()).collect();
        for message in answers(place, vec![Errand::Compare(paths)]) {
            place.tell(state, message);
        }
    }),
    ("help", |place, state| {
        place.press(state, &[Chord::f(1)]);
    }),
    ("help-key", |place, state| {
        place.press(state, &[Chord::f(1)]);
        place.press(state, &typed("run.mark"));
        place.press(state, &[Chord::f(2), Chord::f(8)]);
    }),
    ("theme", |place, state| {
        place.press(state, &[Chord::shift(KeyCode::F(12))]);
        place.press(state, &[key(KeyCode::Down); 3]);
    }),
    ("palette", |place, state| {
        place.press(state, &[Chord::ctrl('p')]);
        place.press(state, &typed("ㅎㅅㄹ"));
    }),
    ("stop", |place, state| {
        place.press(state, &[Chord::f(7)]);
    }),
    ("jobs", |place, state| {
        jobs(place, state);
    }),
    ("jobs-waiting", |place, state| {
        jobs(place, state);
        place.press(state, &[key(KeyCode::Down); 4]);
        place.read_chosen(state);
        let why = Phrase::new(
            "klone: squeue gave no answer within 20 s",
            "klone: squeue가 20초 안에 답하지 않았습니다",
        );
        place.tell(state, Message::Jobs(Err(why)));
        place.tell(state, Message::Waiting(Some(Duration::from_secs(15))));
    }),
    ("jobs-stop", |place, state| {
        jobs(place, state);
        place.press(state, &[Chord::f(7)]);
    }),
    ("jobs-cancel", |place, state| {
        jobs(place, state);
        let mark = Chord::char(' ');
        place.press(state, &[mark, mark, key(KeyCode::Delete), Chord::char('2')]);
    }),
    ("jobs-script", |place, state| {
        jobs(place, state);
        let run = state.run().unwrap().id.clone();
        let outcome = Ok(preview().script.unwrap());
        place.tell(state, Message::Script { run, outcome });
    }),
    ("launch", |place, state| {
        place.tell(state, Message::Destinations(destinations()));
        let keys = [Chord::char('2'), Chord::f(8), key(KeyCode::Down)];
        place.press(state, &keys);
    }),
    ("launch-script", |place, state| {
        launch(place, state);
    }),
    ("launch-edit", |place, state| {
        launch(place, state);
        place.press(state, &[Chord::f(3), key(KeyCode::Down)]);
        place.press(state, &typed("#"));
    }),
    ("launch-refused", |place, state| {
        place.tell(state, Message::Destinations(destinations()));
        let keys = [Chord::char('2'), Chord::f(8), key(KeyCode::Enter)];
        let effects = place.press(state, &keys);
        let Some(Effect::Assign(Assignment::Preview(order))) = effects.last() else {
            panic!("{effects:?}");
        };
        let why = Phrase::new(
            "this is a login node: training here would be stopped by its administrators\n\
             send it to klone, or allocate a node first",
            "로그인 노드입니다. 여기서 학습하면 관리자가 멈춥니다\n\
             klone으로 보내거나 먼저 노드를 할당받으세요",
        );
        let order = order.clone();
        place.tell(
            state,
            Message::Previewed {
                order,
                outcome: Err(why),
            },
        );
    }),
    ("measured", |place, state| {
        place.press(state, &[Chord::char('2')]);
        let measured = Calibration {
            sets: vec![
                "train.n_envs=256".into(),
                "agent.horizon=64".into(),
                "agent.minibatch_size=8192".into(),
                "train.threads=4".into(),
            ],
            steps_per_second: Some(51_000.0),
            speedup: Some(2.5),
            threads_only: Some(Found {
                sets: vec!["train.threads=4".into()],
                steps_per_second: Some(24_000.0),
                speedup: Some(1.2),
            }),
        };
        place.tell(state, Message::Calibrated(Ok(measured)));
    }),
    ("config-help", |place, state| {
        setting(place, state, "agent.minibatch_size");
    }),
    ("config-edit", |place, state| {
        setting(place, state, "agent.minibatch_size");
        place.press(state, &[key(KeyCode::Enter)]);
    }),
    ("config-sweep", |place, state| {
        setting(place, state, "agent.learning_rate");
        place.press(state, &[key(KeyCode::Enter), Chord::ctrl('u')]);
        place.press(state, &typed("{1e-5..1e-3 log 7}"));
    }),
    ("config-page", |place, state| {
        setting(place, state, "agent.gamma");
        place.press(state, &[Chord::ctrl('e')]);
    }),
    ("presets", |place, state| {
        place.press(state, &[Chord::char('2'), Chord::f(2)]);
        place.press(state, &[key(KeyCode::Down); 2]);
    }),
    ("config-compared", |place, state| {
        typed_for(place, state, "agent.gamma", "{0.9..0.99 4}");
        typed_for(place, state, "agent.epochs", "7");
        let last = key(KeyCode::End);
        let keys = [Chord::ctrl('f'), Chord::ctrl('u'), key(KeyCode::Enter)];
        place.press(state, &keys);
        state.runs.marked = state.runs.all.iter().map(|run| run.id.clone()).collect();
        place.press(state, &[Chord::ctrl('d'), last, key(KeyCode::Enter)]);
        let request = LoadRequest {
            dir: "no-such-folder".into(),
            sets: vec!["agent.gamma=0.9".into(), "env.reward=pnl".into()],
            ..LoadRequest::default()
        };
        let made = config::load(&request).unwrap();
        let values = made.settings().iter();
        let values: Values = values
            .map(|one| (one.key.path, one.value.clone()))
            .collect();
        for run in state.runs.marked.clone() {
            let (wanted, outcome) = (Wanted::Beside, Ok(values.clone()));
            let told = Message::RunSettings {
                run,
                wanted,
                outcome,
            };
            place.tell(state, told);
        }
        place.press(state, &[Chord::ctrl('n'), key(KeyCode::Down)]);
    }),
    ("save", |place, state| {
        typed_for(place, state, "agent.gamma", "0.9");
        place.press(state, &[Chord::ctrl('o')]);
        place.press(state, &typed("mine"));
        let effects = place.press(state, &[key(KeyCode::Enter)]);
        let Some(Effect::Run(Errand::Draft(saving))) = effects.into_iter().next() else {
            panic!("nothing is saved");
        };
        let before = "# 내 설정\n[agent]\n";
        let draft = Draft {
            file: saving.file.clone(),
            before: format!("{before}gamma = 0.99  # usual\n"),
            after: format!("{before}gamma = 0.9  # usual\n"),
            created: false,
            remaining: Problems::new(),
        };
        let outcome = Ok(Box::new(draft));
        place.tell(state, Message::Drafted { saving, outcome });
    }),
    ("launch-sweep", |place, state| {
        place.tell(state, Message::Destinations(destinations()));
        typed_for(place, state, "agent.gamma", "{0.9..0.99 4}");
        let effects = place.press(
            state,
            &[Chord::f(8), key(KeyCode::Down), key(KeyCode::Enter)],
        );
        let Some(Effect::Assign(Assignment::Preview(order))) = effects.into_iter().last() else {
            panic!("nothing is asked");
        };
        let outcome = Ok(preview());
        place.tell(state, Message::Previewed { order, outcome });
        place.press(state, &[key(KeyCode::Enter), Chord::char('4')]);
    }),
    ("data", shelves::data),
    ("data-old", shelves::old_data),
    ("data-file", shelves::loose_file),
    ("data-import", shelves::import_asked),
    ("data-importing", shelves::importing),
    ("data-failed", shelves::import_failed),
    ("data-empty", shelves::no_data),
    ("models", shelves::models),
    ("models-broken", shelves::broken_model),
    ("models-compare", shelves::compared),
    ("models-promote", shelves::promoting),
    ("models-export", shelves::export_asked),
    ("models-export-file", shelves::exporting),
    ("models-empty", shelves::no_models),
    ("models-elsewhere", shelves::elsewhere),
    ("tune", |place, state| {
        place.press(
            state,
            &[Chord::f(6), key(KeyCode::Enter), key(KeyCode::Backspace)],
        );
        place.press(state, &typed("x"));
    }),
];

pub(super) fn place() -> Place {
    let mut place = Place::new();
    place.judged("첫 실험");
    // The worker's hold must outlive the pictures: a run that was let go of looks crashed.
    let (run, segment) = place.training("ppo btc");
    std::mem::forget(segment);
    record().write(run.path()).unwrap();
    let checkpoint = |step: u64| {
        let (name, bytes) = (step.to_string(), 412_000);
        (step, Event::CheckpointSaved { name, bytes })
    };
    let first = vec![
        checkpoint(50_000),
        (60_000, changed("learning_rate", 3e-4, 1e-4)),
        checkpoint(100_000),
    ];
    happened(&run, 1, first);
    let coefficient = changed("entropy_coef", 0.01, 0.005);
    happened(&run, 2, vec![(24_000, coefficient), checkpoint(30_000)]);
    let used = "{\"t\":1,\"cpu_percent\":381.0,\"threads\":6,\"rss_mib\":1312.0,\"load\":3.9,\
        \"available_mib\":51200.0,\"free_mib\":812000.0,\"gpus\":[{\"index\":0,\
        \"name\":\"NVIDIA A40\",\"utilisation_percent\":87.0,\"memory_used_mib\":12390.0,\
        \"memory_total_mib\":46068.0,\"power_watts\":183.0,\"celsius\":61.0}]}\n";
    let folder = run.path().join("resources");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("0001.jsonl"), used).unwrap();
    place
}

pub(super) fn scene(place: &Place, scene: &Scene, lang: Lang, size: (u16, u16)) -> State {
    let mut state = place.state(lang, size);
    scene.1(place, &mut state);
    state
}
