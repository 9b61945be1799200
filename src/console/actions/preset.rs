//! Actions that look a setting up or lay a preset over the form.

use super::reasons;
use crate::{
    action::{Act, Action, Risk},
    cells,
    chord::Chord,
    cursor::Cursor,
    explanation,
    layer::{Layer, Page, Pick, PickFor, PickItem},
    message::Effect,
    state::{Change, Screen, SettingChange, State, Tone},
};
use config::Preset;
use domain::{Phrase, Text};

/// The actions.
pub const ACTIONS: &[Action] = &[
    Action {
        id: "setting.preset",
        title: Text::new("Presets", "프리셋"),
        help: Text::new(
            "Lay a ready-made set of settings over the form: first try, fast, careful, long GPU, continuous actions. Says what each is for; one Ctrl-Z takes it back.",
            "미리 준비한 설정 묶음을 적용합니다. 첫 시도, 빠르게, 신중하게, 긴 GPU 학습, 연속 행동이 있고 각각의 쓰임을 알려 줍니다. Ctrl-Z 한 번으로 되돌립니다.",
        ),
        keys: &[Chord::f(2)],
        on: &[Screen::Config],
        risk: Risk::R1,
        rank: 5,
        enabled: reasons::has_presets,
        act: Act::Now(offer),
    },
    Action {
        id: "setting.explain",
        title: Text::new("Explain setting", "설정 설명"),
        help: Text::new(
            "Show everything about the chosen setting: what it is, what raising and lowering it does, what is usual, and where its value comes from.",
            "선택한 설정의 모든 것을 보여 줍니다. 뜻, 높이거나 낮출 때의 효과, 보통 쓰는 값, 지금 값의 출처를 알 수 있습니다.",
        ),
        keys: &[Chord::ctrl('e'), Chord::char('i')],
        on: &[Screen::Config],
        risk: Risk::R0,
        rank: 10,
        enabled: reasons::on_setting,
        act: Act::Now(explain),
    },
];

fn offer(state: &mut State) -> Vec<Effect> {
    let items = state
        .form
        .presets
        .iter()
        .map(|preset| PickItem {
            value: preset.name.clone(),
            label: preset.title.clone(),
            help: purpose(state, preset),
        })
        .collect();
    state.layers.push(Layer::Pick(Pick {
        title: Phrase::new("Presets", "프리셋"),
        items,
        cursor: Cursor::default(),
        purpose: PickFor::Preset,
    }));
    Vec::new()
}

/// Says what a preset is for and what it would change now.
fn purpose(state: &State, preset: &Preset) -> Phrase {
    let Phrase { en, ko } = &preset.purpose;
    let list: Vec<String> = changes(state, preset)
        .iter()
        .map(|(path, _, after)| {
            let name = path.split_once('.').map_or(*path, |(_, name)| name);
            format!("{name} {}", after.as_deref().unwrap_or_default())
        })
        .collect();
    let list = list.join(", ");
    if list.is_empty() {
        return domain::phrase!("{en} In use already.", "{ko} 이미 적용되어 있습니다.");
    }
    domain::phrase!("{en} Sets: {list}", "{ko} 바꾸는 값: {list}")
}

/// Returns what `preset` would change in the form.
fn changes(state: &State, preset: &Preset) -> Vec<SettingChange> {
    let form = &state.form;
    let differs = |one: &&config::PresetSetting| form.shown(one.key) != one.value.bare();
    let change = |one: &config::PresetSetting| {
        let before = form.changes.get(one.key.path).cloned();
        (one.key.path, before, Some(one.value.bare()))
    };
    preset.settings.iter().filter(differs).map(change).collect()
}

/// Lays the preset `name` over the form, as one change that can be taken back.
pub fn use_preset(state: &mut State, name: &str) -> Vec<Effect> {
    let Some(preset) = state.form.presets.iter().find(|one| one.name == name) else {
        return Vec::new();
    };
    let changes = changes(state, preset);
    let Phrase { en, ko } = preset.title.clone();
    if changes.is_empty() {
        let says = domain::phrase!("{en}: in use already", "{ko}: 이미 적용되어 있습니다");
        state.say(Tone::Good, says);
        return Vec::new();
    }
    let count = changes.len();
    for (path, _, after) in &changes {
        state.form.set(path, after.clone());
    }
    let effects = state.change(Change::Found(changes));
    let says = domain::phrase!(
        "{en}: {count} settings changed; Ctrl-Z takes them back",
        "{ko}: 설정 {count}개를 바꿨습니다. Ctrl-Z로 되돌립니다"
    );
    state.say(Tone::Good, says);
    effects
}

fn explain(state: &mut State) -> Vec<Effect> {
    let Some(key) = state.key() else {
        return Vec::new();
    };
    let width = usize::from(state.size.0.min(120).saturating_sub(3)).max(1);
    let lines = explanation::lines(state, key, state.lang)
        .iter()
        .flat_map(|(_, line)| cells::wrap(&cells::clean(line), width))
        .collect();
    let title = |label: &str| format!("{label}  {}", key.path);
    state.layers.push(Layer::Page(Page {
        title: Phrase::new(title(key.label.en), title(key.label.ko)),
        lines,
        scroll: Cursor::default(),
    }));
    Vec::new()
}
