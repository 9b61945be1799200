//! Actions on the settings of the next training. Each is a change that can be taken back.

use super::reasons;
use crate::{
    action::{Act, Action, Risk},
    chord::Chord,
    cursor::Cursor,
    form,
    layer::{Confirm, Entry, EntryFor, Layer, Pick, PickFor, PickItem, Plan},
    line_edit::LineEdit,
    message::{Effect, Errand},
    state::{Change, Screen, State},
};
use config::Key;
use crossterm::event::KeyCode;
use domain::{Phrase, Text, phrase};
use runs::{Command, RunId};
use std::path::PathBuf;

/// The actions.
pub const ACTIONS: &[Action] = &[
    Action {
        id: "setting.edit",
        title: Text::new("Edit", "고치기"),
        help: Text::new(
            "Type a value, or pick one from the list of choices.",
            "값을 입력하거나 선택지에서 고릅니다.",
        ),
        keys: &[Chord::key(KeyCode::Enter)],
        on: &[Screen::Config],
        risk: Risk::R1,
        rank: 2,
        enabled: reasons::on_setting,
        act: Act::Now(edit),
    },
    Action {
        id: "setting.lower",
        title: Text::new("Lower", "낮추기"),
        help: Text::new("One step down.", "한 단계 낮춥니다."),
        keys: &[Chord::key(KeyCode::Left)],
        on: &[Screen::Config],
        risk: Risk::R1,
        rank: 3,
        enabled: reasons::on_setting,
        act: Act::Now(|state| step(state, -1)),
    },
    Action {
        id: "setting.raise",
        title: Text::new("Raise", "높이기"),
        help: Text::new("One step up.", "한 단계 높입니다."),
        keys: &[Chord::key(KeyCode::Right)],
        on: &[Screen::Config],
        risk: Risk::R1,
        rank: 4,
        enabled: reasons::on_setting,
        act: Act::Now(|state| step(state, 1)),
    },
    Action {
        id: "setting.lower_much",
        title: Text::new("Lower ten steps", "열 단계 낮추기"),
        help: Text::new("Ten steps down.", "열 단계 낮춥니다."),
        keys: &[Chord::shift(KeyCode::Left)],
        on: &[Screen::Config],
        risk: Risk::R1,
        rank: 0,
        enabled: reasons::on_setting,
        act: Act::Now(|state| step(state, -10)),
    },
    Action {
        id: "setting.raise_much",
        title: Text::new("Raise ten steps", "열 단계 높이기"),
        help: Text::new("Ten steps up.", "열 단계 높입니다."),
        keys: &[Chord::shift(KeyCode::Right)],
        on: &[Screen::Config],
        risk: Risk::R1,
        rank: 0,
        enabled: reasons::on_setting,
        act: Act::Now(|state| step(state, 10)),
    },
    Action {
        id: "setting.toggle",
        title: Text::new("Switch on or off", "켜고 끄기"),
        help: Text::new(
            "Switch a yes-or-no setting to the other value.",
            "예/아니요 설정을 반대 값으로 바꿉니다.",
        ),
        keys: &[Chord::char(' ')],
        on: &[Screen::Config],
        risk: Risk::R1,
        rank: 0,
        enabled: reasons::is_switch,
        act: Act::Now(|state| step(state, 1)),
    },
    Action {
        id: "setting.restore",
        title: Text::new("Restore", "원래 값으로"),
        help: Text::new(
            "Forget the change made here; files and defaults count again.",
            "여기서 바꾼 값을 버리고 파일과 기본값으로 돌아갑니다.",
        ),
        keys: &[Chord::key(KeyCode::Delete), Chord::key(KeyCode::Backspace)],
        on: &[Screen::Config],
        risk: Risk::R1,
        rank: 5,
        enabled: reasons::is_changed,
        act: Act::Now(|state| match state.key() {
            Some(key) => change_setting(state, key, None),
            None => Vec::new(),
        }),
    },
    Action {
        id: "setting.experiment",
        title: Text::new("Choose experiment", "실험 파일 고르기"),
        help: Text::new(
            "Choose the experiment file that the next training starts from.",
            "다음 학습의 바탕이 될 실험 파일을 고릅니다.",
        ),
        keys: &[Chord::f(3), Chord::char('e')],
        on: &[Screen::Config],
        risk: Risk::R1,
        rank: 6,
        enabled: reasons::always,
        act: Act::Now(experiments),
    },
    Action {
        id: "setting.filter",
        title: Text::new("Find setting", "설정 찾기"),
        help: Text::new(
            "Show only settings that fit a few letters, in either language.",
            "몇 글자에 맞는 설정만 보여 줍니다. 두 언어 모두 됩니다.",
        ),
        keys: &[Chord::ctrl('f'), Chord::char('/')],
        on: &[Screen::Config],
        risk: Risk::R0,
        rank: 7,
        enabled: reasons::always,
        act: Act::Now(|state| {
            state.layers.push(Layer::Entry(Entry {
                title: Phrase::new("Find setting", "설정 찾기"),
                line: LineEdit::new(&state.form.filter),
                hint: Phrase::new("e.g. lr, clip, ㅎㅅㄹ", "예: lr, clip, ㅎㅅㄹ"),
                refusal: None,
                purpose: EntryFor::SettingFilter,
            }));
            Vec::new()
        }),
    },
];

/// Changes a setting of the next training, `None` to restore it.
pub fn change_setting(state: &mut State, key: &'static Key, after: Option<String>) -> Vec<Effect> {
    let before = state.form.set(key.path, after.clone());
    if before == after {
        return Vec::new();
    }
    state.change(Change::Setting {
        path: key.path,
        before,
        after,
    })
}

/// Chooses the experiment file of the next training.
pub fn choose_experiment(state: &mut State, after: Option<PathBuf>) -> Vec<Effect> {
    let before = std::mem::replace(&mut state.form.experiment, after.clone());
    if before == after {
        return Vec::new();
    }
    state.change(Change::Experiment { before, after })
}

/// Opens the line in which a running training's value of `key` is typed, with `typed` in it.
pub fn edit_live(state: &mut State, key: &'static Key, typed: &str, run: RunId, path: PathBuf) {
    let (range, now) = (key.range, current(state, key));
    state.layers.push(Layer::Entry(Entry {
        title: key.label.into(),
        line: LineEdit::new(typed),
        hint: phrase!(
            "{range}; now {now} in {run}; Up/Down steps",
            "{range}. {run}의 지금 값 {now}. 위/아래 키로 조정"
        ),
        refusal: None,
        purpose: EntryFor::Live(key, run, path),
    }));
}

/// Returns the value of `key` in the run in question, or the built-in one while it is not known.
pub fn current(state: &State, key: &Key) -> String {
    let known = state.data().and_then(|data| data.settings.get(key.path));
    known.cloned().unwrap_or_else(|| key.default_value().bare())
}

/// Asks whether a running training shall take `value` over.
pub fn change_live(state: &mut State, key: &Key, value: String, run: &RunId, path: PathBuf) {
    let command = Command::Set {
        key: key.path.to_owned(),
        value,
    };
    let title = Text::new("Change while running", "실행 중 조정");
    let plan = Plan {
        command: format!("{run}/mailbox < {command}"),
        consequence: Phrase::new(
            "The training takes it over before its next update and notes it in its events.",
            "다음 업데이트 전에 적용되고 이벤트에 기록됩니다.",
        ),
        effects: vec![Effect::Run(Errand::Post { path, command })],
        word: None,
    };
    state.layers.push(Layer::Confirm(Confirm::of(title, plan)));
}

fn step(state: &mut State, steps: i32) -> Vec<Effect> {
    let Some(key) = state.key() else {
        return Vec::new();
    };
    match form::stepped(key, &state.form.value(key), steps) {
        Some(typed) => change_setting(state, key, Some(typed)),
        None => Vec::new(),
    }
}

fn edit(state: &mut State) -> Vec<Effect> {
    let Some(key) = state.key() else {
        return Vec::new();
    };
    let value = state.form.value(key);
    let choices = form::choices(key);
    if !choices.is_empty() {
        let at = choices
            .iter()
            .position(|choice| Some(choice.name) == value.text())
            .unwrap_or(0);
        let mut cursor = Cursor::default();
        cursor.set(at, choices.len(), choices.len());
        state.layers.push(Layer::Pick(Pick {
            title: key.label.into(),
            items: choices
                .iter()
                .map(|choice| PickItem {
                    value: choice.name.to_owned(),
                    label: Phrase::new(choice.name, choice.name),
                    help: choice.help.into(),
                })
                .collect(),
            cursor,
            purpose: PickFor::Setting(key),
        }));
        return Vec::new();
    }
    if matches!(value, config::Value::Bool(_)) {
        return step(state, 1);
    }
    let shown = state.form.shown(key);
    state.layers.push(Layer::Entry(Entry {
        title: key.label.into(),
        hint: hint(key, &shown),
        line: LineEdit::new(&shown),
        refusal: None,
        purpose: EntryFor::Setting(key),
    }));
    Vec::new()
}

/// Says what may be typed for `key`, or which values a sweep makes.
pub fn hint(key: &Key, typed: &str) -> Phrase {
    if let Some(values) = form::sweep_words(key, Some(&typed.to_owned())) {
        return values;
    }
    let (range, Text { en, ko }) = (key.range.to_string(), key.unit);
    let one = phrase!("{en} {range}", "{ko} {range}");
    let Some(example) = form::sweep_example(key) else {
        return one;
    };
    let Phrase { en, ko } = one;
    phrase!(
        "{en}; several jobs: {example} or {{a, b, c}}",
        "{ko}. 여러 작업: {example} 또는 {{a, b, c}}"
    )
}

fn experiments(state: &mut State) -> Vec<Effect> {
    let mut items = vec![PickItem {
        value: String::new(),
        label: Phrase::new("none", "없음"),
        help: Phrase::new(
            "Defaults and changes made here only.",
            "기본값과 여기서 바꾼 값만 씁니다.",
        ),
    }];
    items.extend(state.form.experiments.iter().map(|path| {
        let shown = path
            .strip_prefix(&state.project)
            .unwrap_or(path)
            .display()
            .to_string();
        PickItem {
            value: path.to_string_lossy().into_owned(),
            label: Phrase::new(shown.clone(), shown),
            help: Phrase::default(),
        }
    }));
    state.layers.push(Layer::Pick(Pick {
        title: Phrase::new("Experiment file", "실험 파일"),
        items,
        cursor: Cursor::default(),
        purpose: PickFor::Experiment,
    }));
    Vec::new()
}
