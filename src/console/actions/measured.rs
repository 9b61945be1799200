//! The action that takes over what a measurement of this machine found.

use super::reasons;
use crate::{
    action::{Act, Action, Risk},
    calibration::{Calibration, Found},
    chord::Chord,
    cursor::Cursor,
    form::Form,
    layer::{Layer, Pick, PickFor, PickItem},
    message::{Effect, Errand},
    number,
    state::{Change, Screen, SettingChange, State, Tone},
};
use domain::{Phrase, Text};

/// The action.
pub const ACTIONS: &[Action] = &[Action {
    id: "setting.measured",
    title: Text::new("Use measured speed", "측정한 속도 쓰기"),
    help: Text::new(
        "Take over the settings that were measured to train fastest on this machine; shows first what would change.",
        "이 컴퓨터에서 가장 빠르다고 측정된 설정을 적용합니다. 무엇이 바뀌는지 먼저 보여 줍니다.",
    ),
    keys: &[Chord::ctrl('g'), Chord::char('g')],
    on: &[Screen::Config],
    risk: Risk::R1,
    rank: 8,
    enabled: reasons::always,
    act: Act::Now(|state| {
        let dir = state.project.join("data/cache/calibration");
        vec![Effect::Run(Errand::Calibration(dir))]
    }),
}];

/// Shows what a measurement found and what it would change.
pub fn offer_found(state: &mut State, measured: &Calibration) {
    let offers: Vec<(Found, Vec<SettingChange>)> = measured
        .found()
        .into_iter()
        .filter_map(|found| Some((found.clone(), changes(&state.form, &found)?)))
        .filter(|(_, changes)| !changes.is_empty())
        .collect();
    if offers.is_empty() {
        let reason = Text::new(
            "nothing to change: the measured settings are in use or belong to another version",
            "바꿀 것이 없습니다. 이미 쓰고 있거나 다른 버전에서 측정한 설정입니다",
        );
        state.say(Tone::Bad, reason);
        return;
    }
    let items = offers
        .iter()
        .map(|(found, changes)| PickItem {
            value: String::new(),
            label: label(found),
            help: help(&state.form, found, changes),
        })
        .collect();
    let found = offers.into_iter().map(|(found, _)| found).collect();
    // Whatever was begun meanwhile stays on top.
    let bottom = Layer::Pick(Pick {
        title: Phrase::new("Use measured speed", "측정한 속도 쓰기"),
        items,
        cursor: Cursor::default(),
        purpose: PickFor::Found(found),
    });
    state.layers.insert(0, bottom);
}

/// Puts what was found into the form, as one change that can be taken back.
pub fn use_found(state: &mut State, found: &Found) -> Vec<Effect> {
    let Some(changes) = changes(&state.form, found).filter(|changes| !changes.is_empty()) else {
        return Vec::new();
    };
    for (path, _, after) in &changes {
        state.form.set(path, after.clone());
    }
    let count = changes.len();
    let effects = state.change(Change::Found(changes));
    let says = Phrase::new(
        format!("{count} settings taken over; Ctrl-Z takes them back"),
        format!("설정 {count}개를 적용했습니다. Ctrl-Z로 되돌립니다"),
    );
    state.say(Tone::Good, says);
    effects
}

/// Returns what would change; `None` when a setting is not known or its value is out of range.
fn changes(form: &Form, found: &Found) -> Option<Vec<SettingChange>> {
    let mut changes = Vec::new();
    for set in &found.sets {
        let (path, value) = set.split_once('=')?;
        let key = config::find(path.trim())?;
        let value = value.trim();
        let parsed = key.parse(value).ok()?;
        if parsed != form.value(key) {
            let before = form.changes.get(key.path).cloned();
            changes.push((key.path, before, Some(value.to_owned())));
        }
    }
    Some(changes)
}

fn label(found: &Found) -> Phrase {
    let (en, ko) = match found.learning().is_empty() {
        true => (
            "Threads only: learning stays as it is",
            "스레드만: 학습 결과는 그대로입니다",
        ),
        false => (
            "Everything: changes what is learnt",
            "모두: 학습 결과가 달라집니다",
        ),
    };
    let speed = speed(found);
    Phrase::new(format!("{en}{speed}"), format!("{ko}{speed}"))
}

fn speed(found: &Found) -> String {
    let rate = found.steps_per_second.filter(|rate| rate.is_finite());
    let rate = rate.map(|rate| format!("  {}/s", number::figure(rate)));
    let times = found.speedup.filter(|times| times.is_finite());
    let times = times.map(|times| format!("  x{times:.2}"));
    rate.unwrap_or_default() + &times.unwrap_or_default()
}

fn help(form: &Form, found: &Found, changes: &[SettingChange]) -> Phrase {
    let shown = |(path, _, after): &SettingChange| {
        let before = config::find(path).map(|key| form.value(key).bare());
        let after = after.as_deref().unwrap_or_default();
        format!("{path} {} -> {after}", before.unwrap_or_default())
    };
    let list: Vec<String> = changes.iter().map(shown).collect();
    let list = list.join("; ");
    let learning = found.learning().join(", ");
    if learning.is_empty() {
        return Phrase::new(list.clone(), list);
    }
    Phrase::new(
        format!(
            "{list}. Results will differ from before, since what is learnt depends on {learning}."
        ),
        format!("{list}. {learning} 값에 따라 학습이 달라지므로 결과도 이전과 달라집니다."),
    )
}
