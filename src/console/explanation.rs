//! Everything that is known of one setting, as lines of text: what it is, what moving it does,
//! what it may be, and where its value comes from.
//!
//! The pane beside the form and the page over it show the same lines. Start at [`lines`].

use crate::{form, state::State, words};
use config::{Apply, Key, Range};
use domain::{Lang, Place};

/// What a line is about; it decides the colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// What the setting is or does.
    Meaning,
    /// Limits, defaults, origins.
    Fact,
    /// What is typed in the form.
    Typed,
}

/// Returns the lines on `key`, the most useful first, not yet broken to any width.
#[must_use]
pub fn lines(state: &State, key: &'static Key, lang: Lang) -> Vec<(About, String)> {
    let mut lines = Vec::new();
    if let Some(values) = form::sweep_words(key, state.form.changes.get(key.path)) {
        lines.push((About::Typed, values.get(lang).to_owned()));
    }
    lines.push((About::Meaning, key.help.get(lang).to_owned()));
    if let Some(effect) = key.effect {
        for (word, says) in [
            (words::RAISING, effect.raising),
            (words::LOWERING, effect.lowering),
        ] {
            let line = format!("{}: {}", word.get(lang), says.get(lang));
            lines.push((About::Meaning, line));
        }
    }
    lines.push((About::Fact, facts(key, lang)));
    lines.extend(origins(state, key, lang).map(|line| (About::Fact, line)));
    lines.extend(form::choices(key).iter().map(|choice| {
        let line = format!("{}: {}", choice.name, choice.help.get(lang));
        (About::Meaning, line)
    }));
    lines
}

fn facts(key: &Key, lang: Lang) -> String {
    let mut facts = vec![format!(
        "{} {}",
        words::BUILT_IN.get(lang),
        key.default_value().bare()
    )];
    if key.range != Range::default() {
        facts.push(format!("{} {}", words::ALLOWED.get(lang), key.range));
    }
    if let Some((low, high)) = key.typical {
        facts.push(format!("{} {low} .. {high}", words::TYPICAL.get(lang)));
    }
    if key.apply == Apply::Live {
        facts.push(words::LIVE.get(lang).to_owned());
    }
    facts.join("; ")
}

/// Says where the value was written, and what weaker places say; nothing where only the default
/// speaks.
fn origins<'a>(
    state: &'a State,
    key: &'static Key,
    lang: Lang,
) -> impl Iterator<Item = String> + use<'a> {
    let setting = state.form.setting(key);
    let above = |place: &Place| short(place, &state.project, lang);
    let own = setting.and_then(|setting| match &setting.origin {
        Place::Default => None,
        place => Some(format!("{}: {}", words::ORIGIN.get(lang), above(place))),
    });
    let weaker = setting.into_iter().flat_map(move |setting| {
        let written = setting.shadowed.iter().rev();
        let written = written.filter(|(place, _)| *place != Place::Default);
        written.map(move |(place, value)| {
            let place = short(place, &state.project, lang);
            format!("{} {}: {place}", words::INSTEAD_OF.get(lang), value.bare())
        })
    });
    own.into_iter().chain(weaker)
}

/// Names a place without the folder of the project.
#[must_use]
pub fn short(place: &Place, project: &std::path::Path, lang: Lang) -> String {
    let text = place.render(lang);
    let prefix = format!("{}/", project.display());
    text.strip_prefix(&prefix).unwrap_or(&text).to_owned()
}
