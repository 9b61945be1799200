//! What a person has not done often yet: the first three uses of an action explain it in one line.
//!
//! Movement and looking need no explanation; whatever changes something does. Start at
//! [`Practice`].

use crate::{
    action::{Action, Risk},
    cells,
};
use domain::Lang;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Uses of an action that explain it.
const LESSONS: u8 = 3;

/// How often each action was done, up to [`LESSONS`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Practice(BTreeMap<String, u8>);

impl Practice {
    /// Counts one use of `action`; says whether that use explains it.
    pub fn explains(&mut self, action: &Action) -> bool {
        if action.risk == Risk::R0 {
            return false;
        }
        let uses = self.0.entry(action.id.to_owned()).or_default();
        let explains = *uses < LESSONS;
        *uses = uses.saturating_add(1).min(LESSONS);
        explains
    }
}

/// Returns what `action` does in at most `room` cells: as many whole clauses of its help as fit.
#[must_use]
pub fn lesson(action: &Action, lang: Lang, room: usize) -> String {
    let (title, help) = (action.title.get(lang), action.help.get(lang));
    let line = format!("{title}: {help}");
    if cells::width(&line) <= room {
        return line;
    }
    let last = |ends: &[char]| {
        let ends = line[title.len() + 1..].match_indices(ends);
        let ends = ends.map(|(at, _)| title.len() + 1 + at);
        let fits =
            |at: &usize| line[at + 1..].starts_with(' ') && cells::width(&line[..*at]) <= room;
        ends.rev().find(fits)
    };
    // A comma may stand within a thought; it ends one only where nothing else does.
    match last(&['.', ';', ':']).or_else(|| last(&[','])) {
        Some(at) => line[..at].to_owned(),
        None if cells::width(help) <= room => help.to_owned(),
        None => cells::cut(&line, room),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions;

    #[test]
    fn three_uses_explain_and_the_fourth_does_not() {
        let changing = |action: &&&Action| action.risk > Risk::R0;
        let action = actions::all().find(|action| changing(&action)).unwrap();
        let mut practice = Practice::default();
        let told: Vec<bool> = (0..300).map(|_| practice.explains(action)).collect();
        assert_eq!(told.iter().filter(|told| **told).count(), 3);
        assert!(told[..3].iter().all(|told| *told));
        let looking = |action: &&&Action| action.risk == Risk::R0;
        let other = actions::all().find(|action| looking(&action)).unwrap();
        assert!(!practice.explains(other), "looking needs no lesson");
    }

    #[test]
    fn a_lesson_fits_in_its_line_and_ends_with_a_clause() {
        for action in actions::all().filter(|action| action.risk > Risk::R0) {
            for lang in [Lang::En, Lang::Ko] {
                let line = lesson(action, lang, 78);
                assert!(cells::width(&line) <= 78, "{line}");
                let title = action.title.get(lang);
                let rest = line.strip_prefix(title).unwrap_or(&line);
                assert!(rest.len() > 4, "{}: {line}", action.id);
                let narrow = lesson(action, lang, 20);
                assert!(cells::width(&narrow) <= 20, "{narrow}");
            }
        }
    }
}
