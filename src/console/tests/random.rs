//! Random actions from the registry on real run directories: nothing panics, the terminal shows
//! what was drawn, and undo gives everything back byte for byte.

use super::{scenes, works::Works};
use crate::{
    action::{self, Risk},
    actions,
    chord::Chord,
    layer::{EntryFor, Layer, PickFor},
    message::Message,
    state::Change,
};
use crossterm::event::KeyCode;
use domain::{Lang, StreamRng};
use std::{collections::BTreeSet, fs::OpenOptions, io::Write, time::Duration};

const STEPS: usize = if cfg!(debug_assertions) { 700 } else { 10_000 };
const SEED: u64 = 4;

/// Says where a failure happened, so that it can be played again.
struct Played {
    seed: u64,
    step: usize,
    keys: String,
}

impl Drop for Played {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self { seed, step, keys } = self;
            let _ = writeln!(std::io::stderr(), "seed {seed}, step {step}, keys {keys}");
        }
    }
}

/// Presses a key of an action that may be done now, or sometimes of one that may not.
fn act(works: &mut Works, rng: &mut StreamRng, done: &mut BTreeSet<&'static str>) -> Vec<Chord> {
    // A file to be saved to is where most can go wrong.
    let save = action::named("setting.save").unwrap();
    if save.is_on(works.state.screen) && (save.enabled)(&works.state).is_ok() && rng.below(6) == 0 {
        done.insert(save.id);
        return save.keys[..1].to_vec();
    }
    // Settings that contradict each other can be neither saved nor launched.
    if works.state.form.problems.has_errors() && rng.below(2) == 0 {
        return vec![Chord::ctrl('z')];
    }
    let may = |action: &&'static action::Action| action.risk <= Risk::R2;
    let existing: Vec<_> = action::existing(&works.state).filter(may).collect();
    let enabled: Vec<_> = existing
        .iter()
        .copied()
        .filter(|action| (action.enabled)(&works.state).is_ok())
        .collect();
    let from = if rng.below(8) == 0 {
        &existing
    } else {
        &enabled
    };
    // What asks first is rare among them and worth most.
    let asking: Vec<_> = enabled
        .iter()
        .copied()
        .filter(|one| one.risk == Risk::R2)
        .collect();
    // There are many by now: what was never done comes before chance has it.
    let new: Vec<_> = enabled
        .iter()
        .copied()
        .filter(|one| !done.contains(one.id))
        .collect();
    let from = match rng.below(6) {
        0 if !asking.is_empty() => &asking,
        1 | 2 if !new.is_empty() => &new,
        _ => from,
    };
    let action = from[rng.below(from.len() as u64) as usize];
    if (action.enabled)(&works.state).is_ok() {
        done.insert(action.id);
    }
    vec![action.keys[rng.below(action.keys.len() as u64) as usize]]
}

/// Answers whatever lies over the screen.
fn answer(works: &Works, rng: &mut StreamRng) -> Vec<Chord> {
    let enter = Chord::key(KeyCode::Enter);
    let word = match works.state.layers.last() {
        Some(Layer::Confirm(confirm)) => confirm.plan.word.clone().unwrap_or_default(),
        Some(Layer::Launch(launch)) => launch.count().to_string(),
        _ => {
            let texts = [
                "0.5",
                "7",
                "x",
                "한글 실험",
                "pnl<0",
                "ㅎㅅㄹ",
                "{1,2,3}",
                "-",
                "1e-4",
                "true",
            ];
            texts[rng.below(texts.len() as u64) as usize].to_owned()
        }
    };
    // Every other question is answered to the end.
    if rng.below(2) == 0 {
        match works.state.layers.last() {
            Some(Layer::Confirm(_)) => {
                let mut keys = super::typed(&word);
                keys.extend([Chord::key(KeyCode::Right), enter]);
                return keys;
            }
            Some(Layer::Entry(entry)) if matches!(entry.purpose, EntryFor::SaveAs) => {
                let mut keys = super::typed(&format!("n{}", rng.below(1_000_000)));
                keys.push(enter);
                return keys;
            }
            Some(Layer::Pick(pick)) if matches!(pick.purpose, PickFor::SaveTo) => {
                return vec![enter];
            }
            _ => {}
        }
    }
    match rng.below(20) {
        0..3 => vec![Chord::key(KeyCode::Esc)],
        3..7 => vec![Chord::key(KeyCode::Down), enter],
        7..10 => vec![Chord::key(KeyCode::Right), enter],
        10..13 => vec![enter],
        13 => vec![Chord::f(3)],
        14 => vec![Chord::key(KeyCode::Tab)],
        15 => vec![Chord::key(KeyCode::Up), enter],
        16 => vec![Chord::ctrl('u')],
        _ => {
            let mut keys = super::typed(&word);
            keys.push(enter);
            keys
        }
    }
}

/// Some key, whatever it does.
fn any_key(rng: &mut StreamRng) -> Chord {
    let codes = [
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::Delete,
        KeyCode::Backspace,
        KeyCode::Insert,
        KeyCode::Null,
    ];
    match rng.below(4) {
        0 => Chord::f(1 + rng.below(12) as u8),
        1 => Chord::char(char::from(b' ' + rng.below(95) as u8)),
        2 => Chord::ctrl(char::from(b'a' + rng.below(26) as u8)),
        _ => Chord::key(codes[rng.below(codes.len() as u64) as usize]),
    }
}

/// The worker of the second run writes on, sometimes half a line or nonsense.
fn work_on(works: &Works, rng: &mut StreamRng, step: usize) {
    let Some(run) = works
        .state
        .runs
        .all
        .iter()
        .find(|run| run.state.is_active())
    else {
        return;
    };
    let lines = [
        format!(
            "{{\"step\":{},\"t\":{step},\"k\":{{\"valid/score\":0.4}}}}\n",
            40_000 + step
        ),
        "{\"step\":1,\"t\":1,\"k\":{\"valid/score\":\"-inf\",\"loss/entropy\":1e300}}\n".to_owned(),
        "nonsense\n".to_owned(),
        "{\"step\":".to_owned(),
        "\n".to_owned(),
    ];
    let path = run.path.join("seeds/2/metrics/0001.jsonl");
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    let line = &lines[rng.below(lines.len() as u64) as usize];
    file.write_all(line.as_bytes()).unwrap();
}

fn step(
    works: &mut Works,
    rng: &mut StreamRng,
    played: &mut Played,
    done: &mut BTreeSet<&'static str>,
) {
    let keys = match rng.below(100) {
        0..8 if works.state.layers.is_empty() => {
            let mut keys = vec![Chord::char('2')];
            keys.extend(vec![Chord::key(KeyCode::Down); rng.below(30) as usize]);
            keys.push(Chord::key(KeyCode::Right));
            keys
        }
        0..76 if works.state.layers.is_empty() => act(works, rng, done),
        0..76 => answer(works, rng),
        76..88 => vec![any_key(rng)],
        88..90 => {
            let texts = ["한\u{1112}\u{1161}\u{11ab}\n글\x1b[31m", "a\tb\r\n", "0.25"];
            let text = texts[rng.below(3) as usize].to_owned();
            works.tell(Message::Paste(text));
            Vec::new()
        }
        90..93 => {
            let sizes = [
                (80, 24),
                (80, 24),
                (120, 40),
                (41, 13),
                (1, 1),
                (2, 9),
                (160, 50),
            ];
            let (columns, rows) = sizes[rng.below(sizes.len() as u64) as usize];
            works.tell(Message::Resize(columns, rows));
            Vec::new()
        }
        93..97 => {
            works
                .place
                .clock
                .advance(Duration::from_secs(rng.below(40)));
            works.tell(Message::Tick);
            vec![Chord::f(5)]
        }
        _ => {
            work_on(works, rng, played.step);
            vec![Chord::f(5)]
        }
    };
    // Quitting would end it.
    let keys = keys.into_iter().filter(|key| *key != Chord::ctrl('c'));
    for key in keys {
        played.keys.push_str(&format!(" {key}"));
        works.tell(Message::Press(key));
    }
    // As somebody sees it who types on, and then one who looks.
    works.draw();
    works.rest();
    works.draw();
}

#[test]
fn random_actions_leave_the_terminal_whole_and_are_all_taken_back() {
    let mut played = Played {
        seed: SEED,
        step: 0,
        keys: String::new(),
    };
    let mut works = Works::open(scenes::place(), Lang::Ko, (80, 24));
    works.draw();
    let before = (works.configs(), works.state.form.sets());
    let experiment = works.state.form.experiment.clone();
    let runs = runs_of(&works);
    let mut rng = StreamRng::seeded(SEED);
    let mut done = BTreeSet::new();
    while played.step < STEPS {
        played.step += 1;
        step(&mut works, &mut rng, &mut played, &mut done);
        if played.step.is_multiple_of(50) {
            played.keys.clear();
        }
    }
    works.close();
    works.press(&[Chord::ctrl('y')]);
    let saves = |change: &Change| matches!(change, Change::Saved { .. });
    let saved = works.state.done.iter().filter(|one| saves(one)).count();
    assert!(saved > STEPS / 1_000, "{saved} saves are few");
    assert!(
        works.state.done.len() > STEPS / 200,
        "{}",
        works.state.done.len()
    );
    let mut left = works.state.done.len();
    while left > 0 {
        works.press(&[Chord::ctrl('z')]);
        works.draw();
        // A training that still waits is taken out of the queue only when that is meant.
        if !works.state.layers.is_empty() {
            works.proceed();
        }
        assert_eq!(works.state.done.len(), left - 1);
        left -= 1;
    }
    assert_eq!(works.state.form.sets(), before.1);
    assert_eq!(works.state.form.experiment, experiment);
    assert_eq!(works.configs(), before.0, "files differ from before");
    let after = runs_of(&works);
    assert!(runs.is_subset(&after), "{runs:?} are not all of {after:?}");
    let missed: Vec<&str> = actions::all()
        .filter(|action| action.risk <= Risk::R2)
        .map(|action| action.id)
        .filter(|id| !done.contains(id))
        .collect();
    assert!(
        missed.len() < if cfg!(debug_assertions) { 100 } else { 40 },
        "never done: {missed:?}"
    );
}

/// The run directories that are there.
fn runs_of(works: &Works) -> BTreeSet<String> {
    let listed = works.place.home.ids().unwrap();
    listed.iter().map(ToString::to_string).collect()
}
