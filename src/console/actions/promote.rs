//! The actions that make a run's settings those of the next trainings.

use super::reasons;
use crate::{
    action::{Act, Action, Risk},
    better::{better, letter},
    chord::Chord,
    cursor::Cursor,
    layer::{Layer, Pick, PickFor, PickItem},
    message::{Effect, Errand},
    promotion::{Promotion, free_file},
    saving::Target,
    state::{Screen, State},
    view,
};
use crossterm::event::KeyCode;
use domain::{Lang, Phrase, Text, phrase};
use runs::{RunId, Summary};
use std::path::PathBuf;

/// The actions.
pub const ACTIONS: &[Action] = &[
    Action {
        id: "run.promote",
        title: Text::new("Promote settings", "설정 채택"),
        help: Text::new(
            "Write what the run was made with into an experiment file, from which the next trainings start.",
            "실행에 쓰인 설정을 실험 파일로 저장해 다음 학습의 바탕으로 씁니다.",
        ),
        keys: &[Chord::f(2)],
        on: &[Screen::Dashboard, Screen::Run, Screen::Performance],
        risk: Risk::R2,
        rank: 24,
        enabled: reasons::has_run,
        act: Act::Open(|state| {
            let run = state.run().map(|run| run.id.clone());
            run.map_or_else(Vec::new, |run| promote(state, run.as_str()))
        }),
    },
    Action {
        id: "compare.promote",
        title: Text::new("Promote the better", "나은 설정 채택"),
        help: Text::new(
            "Choose the run whose settings the next trainings start from; the better one on held-out time is offered first.",
            "다음 학습의 바탕이 될 실행을 고릅니다. 시험 구간 결과가 더 좋은 실행을 먼저 권합니다.",
        ),
        keys: &[Chord::key(KeyCode::Enter), Chord::f(2)],
        on: &[Screen::Compare],
        risk: Risk::R2,
        rank: 2,
        enabled: reasons::has_comparison,
        act: Act::Open(choose),
    },
];

/// Asks which of the compared runs.
fn choose(state: &mut State) -> Vec<Effect> {
    let Some(read) = state.comparison.clone() else {
        return Vec::new();
    };
    let runs = &read.comparison.runs;
    let better = better(&read.comparison);
    let items: Vec<PickItem> = runs
        .iter()
        .enumerate()
        .map(|(at, run)| PickItem {
            value: run.id.to_string(),
            label: Phrase::same(format!("{}  {}", letter(at), run.id)),
            help: match &better {
                Some(better) if better.at == at => better.says.clone(),
                _ => outcome(run),
            },
        })
        .collect();
    let mut cursor = Cursor::default();
    cursor.set(
        better.map_or(0, |better| better.at),
        items.len(),
        items.len(),
    );
    state.layers.push(Layer::Pick(Pick {
        title: Phrase::new(
            "Whose settings are promoted?",
            "어느 실행의 설정을 채택할까요?",
        ),
        items,
        cursor,
        purpose: PickFor::Promote,
    }));
    Vec::new()
}

/// Words what came of a run.
fn outcome(run: &Summary) -> Phrase {
    match &run.verdict {
        Some(verdict) => Phrase::new(
            view::verdict_word(Lang::En, &verdict.word),
            view::verdict_word(Lang::Ko, &verdict.word),
        ),
        None => Phrase::new(
            "It was not judged on held-out time.",
            "시험 구간에서 판정되지 않았습니다.",
        ),
    }
}

/// Asks for what promoting the run `id` would write: to a new file, or where one is chosen on the
/// form, to which.
pub fn promote(state: &mut State, id: &str) -> Vec<Effect> {
    let Ok(id) = id.parse::<RunId>() else {
        return Vec::new();
    };
    let Some(file) = state.form.experiment.clone() else {
        return promote_to(state, &id, "");
    };
    let fresh = state.runs.find(&id).map(|run| free(state, run));
    let shown = |file: &PathBuf| {
        let inner = file.strip_prefix(&state.project).unwrap_or(file);
        inner.display().to_string()
    };
    let items = vec![
        PickItem {
            value: String::new(),
            label: Phrase::same(fresh.as_ref().map(shown).unwrap_or_default()),
            help: Phrase::new(
                "A new file; nothing that is there changes.",
                "새 파일을 만듭니다. 있던 것은 바뀌지 않습니다.",
            ),
        },
        PickItem {
            value: file.to_string_lossy().into_owned(),
            label: Phrase::same(shown(&file)),
            help: Phrase::new(
                "The file chosen on the form: its values become those of the run, its comments stay.",
                "설정 화면에서 고른 파일입니다. 값을 실행의 값으로 바꾸고 주석은 그대로 둡니다.",
            ),
        },
    ];
    state.layers.push(Layer::Pick(Pick {
        title: phrase!("Promote {id} to", "{id} 설정을 채택할 파일"),
        items,
        cursor: Cursor::default(),
        purpose: PickFor::PromoteTo(id),
    }));
    Vec::new()
}

/// Has worked out what promoting the run `id` to the picked file, empty for a new one, would write.
pub fn promote_to(state: &State, id: &RunId, picked: &str) -> Vec<Effect> {
    let Some(run) = state.runs.find(id) else {
        return Vec::new();
    };
    let (file, target) = match picked {
        "" => (free(state, run), Target::New { from: None }),
        picked => (PathBuf::from(picked), Target::Existing),
    };
    vec![Effect::Run(Errand::PromoteSettings(Promotion {
        run: run.id.clone(),
        path: run.path.clone(),
        file,
        target,
    }))]
}

fn free(state: &State, run: &Summary) -> PathBuf {
    let configs = state.project.join("configs");
    free_file(run, &configs, &state.form.experiments)
}
