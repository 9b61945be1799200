//! Actions that hold the form against defaults and runs, or fill it with a run's settings.

use super::reasons;
use crate::{
    action::{Act, Action, Risk},
    against::{Column, Values, Wanted},
    chord::Chord,
    cursor::Cursor,
    layer::{Layer, Pick, PickFor, PickItem},
    message::{Effect, Errand},
    state::{Change, Screen, SettingChange, State, Tone},
};
use domain::{Phrase, Text, phrase};
use runs::RunId;

/// The actions.
pub const ACTIONS: &[Action] = &[
    Action {
        id: "setting.against",
        title: Text::new("Compare with", "비교 대상"),
        help: Text::new(
            "Show beside every value what the defaults, the parent run or a marked run have where they differ.",
            "기본값, 부모 실행, 표시한 실행의 값을 옆에 놓고 다른 곳을 보여 줍니다.",
        ),
        keys: &[Chord::ctrl('d'), Chord::char('d')],
        on: &[Screen::Config],
        risk: Risk::R0,
        rank: 8,
        enabled: reasons::always,
        act: Act::Now(choose),
    },
    Action {
        id: "setting.differing",
        title: Text::new("Only differences", "다른 것만"),
        help: Text::new(
            "Show only settings that differ from what the form is compared with, or all of them again. Compared with nothing, from the defaults.",
            "비교 대상과 다른 설정만 보거나 다시 모두 봅니다. 비교 대상이 없으면 기본값과 비교합니다.",
        ),
        keys: &[Chord::ctrl('n'), Chord::char('n')],
        on: &[Screen::Config],
        risk: Risk::R0,
        rank: 9,
        enabled: reasons::always,
        act: Act::Now(|state| {
            state.form.differing = !state.form.differing;
            let count = state.form.rows().len();
            let first = usize::from(count > 0);
            state.form.cursor.set(first, count, count);
            Vec::new()
        }),
    },
    Action {
        id: "setting.from_run",
        title: Text::new("Take run's settings", "실행 설정 가져오기"),
        help: Text::new(
            "Fill the form with everything that the chosen run was made with, as one change; the run becomes the form's parent.",
            "선택한 실행에 쓰인 모든 설정으로 양식을 채웁니다. 한 번에 되돌릴 수 있고, 그 실행이 부모 실행이 됩니다.",
        ),
        keys: &[Chord::ctrl('t'), Chord::char('a')],
        on: &[Screen::Config],
        risk: Risk::R1,
        rank: 11,
        enabled: reasons::has_run,
        act: Act::Now(|state| {
            let run = state.run().map(|run| (run.id.clone(), run.path.clone()));
            let errand = |(run, path)| {
                Effect::Run(Errand::RunSettings {
                    run,
                    path,
                    wanted: Wanted::Taken,
                })
            };
            run.map(errand).into_iter().collect()
        }),
    },
];

/// The word of the list for all marked runs at once.
const MARKED: &str = "marked";

fn choose(state: &mut State) -> Vec<Effect> {
    let mut items = vec![item(
        "defaults",
        Phrase::new("built-in defaults", "기본값"),
        Text::new(
            "What makook does when nothing is set.",
            "아무것도 정하지 않았을 때의 값입니다.",
        ),
    )];
    let chosen = state.runs.chosen();
    let parents = [
        state.form.parent.as_ref(),
        chosen.and_then(|run| run.parent.as_ref()),
    ];
    for run in parents.into_iter().flatten() {
        let label = phrase!("parent run {run}", "부모 실행 {run}");
        let help = Text::new(
            "The run that the form or the chosen run comes from.",
            "양식이나 선택한 실행의 바탕이 된 실행입니다.",
        );
        add(&mut items, run, label, help);
    }
    if let Some(run) = chosen {
        let id = &run.id;
        let label = phrase!("chosen run {id}", "선택한 실행 {id}");
        let help = Text::new(
            "The run that is chosen on the dashboard.",
            "대시보드에서 선택한 실행입니다.",
        );
        add(&mut items, id, label, help);
    }
    let help = Text::new(
        "Marked with Space on the dashboard.",
        "대시보드에서 Space로 표시한 실행입니다.",
    );
    for run in &state.runs.marked {
        add(
            &mut items,
            run,
            phrase!("marked run {run}", "표시한 실행 {run}"),
            help,
        );
    }
    if let count @ 2.. = state.runs.marked.len() {
        let label = phrase!("all {count} marked runs", "표시한 실행 {count}개 모두");
        items.push(item(MARKED, label, help));
    }
    if !state.form.columns.is_empty() {
        let help = Text::new("Show no other values.", "다른 값을 보이지 않습니다.");
        items.push(item("", Phrase::new("nothing", "비교 안 함"), help));
    }
    state.layers.push(Layer::Pick(Pick {
        title: Phrase::new("Compare with", "비교 대상"),
        items,
        cursor: Cursor::default(),
        purpose: PickFor::Against,
    }));
    Vec::new()
}

fn item(value: &str, label: Phrase, help: Text) -> PickItem {
    PickItem {
        value: value.to_owned(),
        label,
        help: help.into(),
    }
}

/// Adds a run that is not in the list yet.
fn add(items: &mut Vec<PickItem>, run: &RunId, label: Phrase, help: Text) {
    if items.iter().all(|one| one.value != run.as_str()) {
        items.push(item(run.as_str(), label, help));
    }
}

/// Holds the form against what was picked.
pub fn hold_against(state: &mut State, picked: &str) {
    let columns = match picked {
        MARKED => {
            let marked = state.runs.marked.iter();
            marked.filter_map(|run| Column::of(run.as_str())).collect()
        }
        one => Column::of(one).into_iter().collect(),
    };
    state.form.columns = columns;
    // Other rows may be shown now.
    let count = state.form.rows().len();
    state.form.cursor.set(state.form.cursor.at, count, count);
}

/// Returns the effects that read the settings of runs that stand beside the form.
pub fn ask_columns(state: &mut State) -> Vec<Effect> {
    let mut effects = Vec::new();
    for column in &mut state.form.columns {
        // A run that the list does not know yet is asked for later.
        let path = |run: &RunId| state.runs.find(run).map(|found| found.path.clone());
        let known = match column {
            Column::Run { run, .. } => path(run).map(|path| (run.clone(), path)),
            Column::Defaults => None,
        };
        if let Some((run, path)) = known
            && column.ask().is_some()
        {
            effects.push(Effect::Run(Errand::RunSettings {
                run,
                path,
                wanted: Wanted::Beside,
            }));
        }
    }
    effects
}

/// Takes over what a run was made with.
pub fn take_settings(
    state: &mut State,
    run: &RunId,
    wanted: Wanted,
    outcome: Result<Values, Phrase>,
) -> Vec<Effect> {
    match (wanted, outcome) {
        (Wanted::Beside, outcome) => {
            for column in &mut state.form.columns {
                column.take(run, &outcome);
            }
            if let Err(why) = outcome {
                state.say(Tone::Bad, why);
            }
            Vec::new()
        }
        (Wanted::Taken, Err(why)) => {
            state.say(Tone::Bad, why);
            Vec::new()
        }
        (Wanted::Taken, Ok(values)) => fill(state, run, &values),
    }
}

/// Fills the form as one change. How the console looks is no matter of a run.
fn fill(state: &mut State, run: &RunId, values: &Values) -> Vec<Effect> {
    let form = &state.form;
    let changes: Vec<SettingChange> = values
        .iter()
        .filter_map(|(path, value)| Some((config::find(path)?, value)))
        .filter(|(key, value)| key.section() != "console" && form.shown(key) != value.bare())
        .map(|(key, value)| {
            let before = form.changes.get(key.path).cloned();
            (key.path, before, Some(value.bare()))
        })
        .collect();
    let count = changes.len();
    for (path, _, after) in &changes {
        state.form.set(path, after.clone());
    }
    let before = state.form.parent.replace(run.clone());
    let after = Some(run.clone());
    let effects = match count > 0 || before != after {
        true => state.change(Change::Taken {
            before,
            after,
            settings: changes,
        }),
        false => vec![state.resolve_settings()],
    };
    let says = phrase!(
        "{count} settings taken from {run}; Ctrl-Z takes them back",
        "{run} 설정에서 {count}개를 가져왔습니다. Ctrl-Z로 되돌립니다"
    );
    state.say(Tone::Good, says);
    effects
}
