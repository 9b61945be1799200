//! What help and palette list for what was typed.
//!
//! Start at [`hits`].

use crate::{
    action::{self, Action},
    fuzzy,
    layer::Layer,
    state::State,
};
use config::Key;
use domain::{Lang, Phrase, Problem};
use runs::RunId;

/// One row of help or palette.
#[derive(Clone, Debug)]
pub enum Hit {
    /// An action.
    Action(&'static Action),
    /// A run.
    Run(RunId),
    /// A setting.
    Setting(&'static Key),
    /// What is wrong with the keys that the settings give.
    Remark(Phrase),
}

/// Runs that an empty palette offers.
const OFFERED: usize = 20;

/// Returns the rows of `layer`, best first; none for layers without a list.
#[must_use]
pub fn hits(state: &State, layer: &Layer) -> Vec<Hit> {
    match layer {
        Layer::Help(finder) => {
            let query = finder.query.text();
            let fits = |action: &&Action| fuzzy::best(query, texts(action)).is_some();
            let actions = action::existing(state).filter(fits).map(Hit::Action);
            let problems = state.look.keys.problems().iter();
            let remarks = problems.map(|problem| Hit::Remark(said(problem)));
            match query.is_empty() {
                true => remarks.chain(actions).collect(),
                false => actions.collect(),
            }
        }
        Layer::Palette(finder) => everything(state, finder.query.text()),
        _ => Vec::new(),
    }
}

fn everything(state: &State, query: &str) -> Vec<Hit> {
    let actions = action::existing(state)
        .filter_map(|action| Some((fuzzy::best(query, texts(action))?, Hit::Action(action))));
    let runs = state.runs.all.iter().take(if query.is_empty() {
        OFFERED
    } else {
        usize::MAX
    });
    let runs = runs.filter_map(|run| {
        let found = fuzzy::best(query, [run.name.as_str(), run.id.as_str()])?;
        Some((found, Hit::Run(run.id.clone())))
    });
    let keys = config::keys::keys().filter_map(|key| {
        let found = fuzzy::best(query, [key.label.en, key.label.ko, key.path])?;
        Some((found, Hit::Setting(key)))
    });
    let mut scored: Vec<(i32, Hit)> = actions.chain(runs).chain(keys).collect();
    if !query.is_empty() {
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    }
    scored.into_iter().map(|(_, hit)| hit).collect()
}

fn texts(action: &Action) -> [&'static str; 3] {
    [action.title.en, action.title.ko, action.id]
}

/// Words a problem as one line, its place first.
fn said(problem: &Problem) -> Phrase {
    let line = |lang: Lang| {
        let (place, message) = (problem.place.render(lang), problem.message.get(lang));
        format!("{place}: {message}; {}", problem.hint.get(lang))
    };
    Phrase::new(line(Lang::En), line(Lang::Ko))
}
