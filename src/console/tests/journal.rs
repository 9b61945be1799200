//! Everything that changes something leaves a line in the journal.

use super::{
    fakes::queue,
    key,
    scenes::{self, typed_for},
    shelves,
    works::Works,
};
use crate::{
    action::{self, Action, Risk},
    actions,
    calibration::{Calibration, Found},
    chord::Chord,
    message::Message,
    state::{Change, Screen},
};
use crossterm::event::KeyCode;
use domain::Lang;
use runs::State as RunState;

/// Situations in which one action or another can be done.
const SITUATIONS: [fn(&mut Works); 14] = [
    |_| {},
    |works| {
        let mark = action::named("run.mark").unwrap();
        let keys = &mut works.state.look.keys;
        keys.give(mark, Some(Chord::char('m'))).unwrap();
    },
    // The run that was judged.
    |works| works.press(&[key(KeyCode::Down)]),
    |works| works.state.runs.all[0].state = RunState::Paused,
    |works| {
        let run = &mut works.state.runs.all[0];
        (run.state, run.resumable) = (RunState::Crashed, true);
    },
    |works| list(works),
    |works| {
        list(works);
        works.press(&[Chord::char('7'), Chord::char(' '), Chord::char(' ')]);
    },
    |works| {
        let gamma = config::find("agent.gamma").unwrap();
        actions::change_setting(&mut works.state, gamma, Some("0.9".into()));
        on_setting(works, "agent.gamma");
    },
    |works| on_setting(works, "agent.normalise_rewards"),
    |works| {
        let (mark, down) = (Chord::char(' '), key(KeyCode::Down));
        works.press(&[mark, down, mark, Chord::f(9)]);
    },
    |works| {
        typed_for(&works.place, &mut works.state, "data.set", "another");
        shelves::data(&works.place, &mut works.state);
    },
    |works| shelves::models(&works.place, &mut works.state),
    |works| {
        shelves::models(&works.place, &mut works.state);
        works.press(&[Chord::f(2)]);
        works.proceed();
    },
    |works| {
        let file = works.state.project.join("configs/mine.toml");
        works.state.form.experiment = Some(file);
        typed_for(&works.place, &mut works.state, "agent.gamma", "0.9");
    },
];

fn list(works: &mut Works) {
    let run = works.state.runs.chosen.clone();
    works.place.list(&mut works.state, queue(run.as_ref()));
}

fn on_setting(works: &mut Works, path: &str) {
    works.press(&[Chord::char('2'), Chord::ctrl('f'), Chord::ctrl('u')]);
    works.press(&super::typed(path));
    works.press(&[key(KeyCode::Enter)]);
}

/// Returns a console in which `action` can be done.
fn ready_for(action: &Action) -> Works {
    for situation in SITUATIONS {
        let mut works = Works::open(scenes::place(), Lang::En, (80, 24));
        situation(&mut works);
        let screens = Screen::ALL.into_iter().filter(|one| action.is_on(*one));
        for screen in screens.collect::<Vec<_>>() {
            works.state.screen = screen;
            if (action.enabled)(&works.state).is_ok() {
                return works;
            }
        }
    }
    panic!("no situation allows {}", action.id);
}

fn measured() -> Calibration {
    let found = Found {
        sets: vec!["train.n_envs=256".into()],
        steps_per_second: Some(51_000.0),
        speedup: Some(2.5),
    };
    Calibration {
        sets: found.sets.clone(),
        steps_per_second: found.steps_per_second,
        speedup: found.speedup,
        threads_only: None,
    }
}

#[test]
fn every_action_that_changes_something_is_written_down() {
    let mut silent = Vec::new();
    let mut count = 0;
    for action in actions::all().filter(|action| action.risk >= Risk::R1) {
        let mut works = ready_for(action);
        let before = works.journal();
        works.press(&action.keys[..1]);
        if action.id == "setting.measured" {
            works.state.toast = None;
            works.tell(Message::Calibrated(Ok(measured())));
            works.press(&[key(KeyCode::Enter)]);
        }
        works.proceed();
        let after = works.journal();
        assert!(after.starts_with(&before), "the journal is only added to");
        if after.len() == before.len() {
            silent.push((
                action.id,
                works.state.toast.clone(),
                works.state.layers.len(),
            ));
        }
        count += 1;
    }
    assert!(silent.is_empty(), "not written down: {silent:?}");
    assert!(count > 25, "{count} actions are few");
}

#[test]
fn looking_is_not_written_down_and_undo_is() {
    let mut works = Works::open(scenes::place(), Lang::Ko, (80, 24));
    let looks = [
        Chord::char('3'),
        Chord::ctrl('e'),
        Chord::f(1),
        key(KeyCode::Esc),
        Chord::char('2'),
        key(KeyCode::Down),
        Chord::f(5),
    ];
    works.press(&looks);
    assert_eq!(works.journal(), [""; 0]);
    on_setting(&mut works, "agent.gamma");
    works.press(&[key(KeyCode::Right), Chord::ctrl('z'), Chord::ctrl('y')]);
    let journal = works.journal();
    assert_eq!(journal.len(), 3, "{journal:?}");
    for (line, did) in journal.iter().zip(["set", "undo set", "redo set"]) {
        let start = format!("\"did\":\"{did} agent.gamma=");
        assert!(line.contains(&start), "{line}");
    }
}

#[test]
fn every_change_has_words() {
    let file = std::path::PathBuf::from("a.toml");
    let run: runs::RunId = "20240131-235959-x-1a2b".parse().unwrap();
    let set = || vec![("agent.gamma", None, Some("0.9".to_owned()))];
    let changes = [
        Change::Found(set()),
        Change::Experiment {
            before: None,
            after: Some(file.clone()),
        },
        Change::Experiment {
            before: Some(file.clone()),
            after: None,
        },
        Change::Taken {
            before: None,
            after: Some(run.clone()),
            settings: set(),
        },
        Change::Saved {
            before: None,
            after: Some(file.clone()),
            settings: set(),
            exchange: None,
        },
        Change::Removed(run),
        Change::Exported(vec![file]),
    ];
    let words: Vec<String> = changes.iter().map(Change::words).collect();
    assert_eq!(
        words,
        [
            "set agent.gamma=0.9",
            "choose experiment a.toml",
            "choose no experiment",
            "take settings of 20240131-235959-x-1a2b: agent.gamma=0.9",
            "save to a.toml",
            "remove 20240131-235959-x-1a2b",
            "export 1 files",
        ]
    );
}
