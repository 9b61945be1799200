//! How this console looks and answers to its user: theme, mouse, keys and the sizes of panes.
//!
//! What is chosen here is the user's own and goes into the console's memory, not into the project's
//! settings, which others share. It holds until the setting that it was chosen over changes: whoever
//! edits the settings later means it. Start at [`Look`].

use crate::{keymap::Keymap, panes::Panes, theme};
use config::keys::{Console, Theme};
use domain::Place;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How it looks and answers.
#[derive(Clone, Debug)]
pub struct Look {
    /// The colours.
    pub theme: Preference<Theme>,
    /// Whether the mouse is taken.
    pub mouse: Preference<bool>,
    /// Which key does what.
    pub keys: Keymap,
    /// How large panes are.
    pub panes: Panes,
}

/// What the settings say, and what was chosen instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preference<T> {
    configured: T,
    chosen: Option<T>,
}

impl<T: Copy + PartialEq> Preference<T> {
    /// Starts with what the settings say.
    #[must_use]
    pub const fn of(configured: T) -> Self {
        Self {
            configured,
            chosen: None,
        }
    }

    /// Returns what holds.
    #[must_use]
    pub fn get(&self) -> T {
        self.chosen.unwrap_or(self.configured)
    }

    /// Chooses `value`.
    pub fn choose(&mut self, value: T) {
        self.chosen = (value != self.configured).then_some(value);
    }

    /// Takes up a `choice` of an earlier use, if it was made over what the settings still say.
    fn recall(&mut self, choice: Option<(T, T)>) {
        if let Some((over, chosen)) = choice
            && over == self.configured
        {
            self.choose(chosen);
        }
    }

    /// Returns what the settings say and what was chosen instead.
    fn kept(&self) -> Option<(T, T)> {
        Some((self.configured, self.chosen?))
    }
}

impl Default for Look {
    fn default() -> Self {
        Self::of(&Console::default(), &Place::Default)
    }
}

/// What is remembered, in the words of the settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// What the settings said, and what was chosen.
    theme: Option<(String, String)>,
    mouse: Option<(bool, bool)>,
    keys: BTreeMap<String, String>,
    panes: Panes,
}

impl Look {
    /// Starts as `console` says, whose keys were written at `place`.
    #[must_use]
    pub fn of(console: &Console, place: &Place) -> Self {
        Self {
            theme: Preference::of(console.theme),
            mouse: Preference::of(console.mouse),
            keys: Keymap::of(&console.keys, place),
            panes: Panes::default(),
        }
    }

    /// Returns what is to be remembered.
    #[must_use]
    pub fn kept(&self) -> Kept {
        let words = |(over, chosen): (Theme, Theme)| (over.to_string(), chosen.to_string());
        Kept {
            theme: self.theme.kept().map(words),
            mouse: self.mouse.kept(),
            keys: self.keys.kept(),
            panes: self.panes.clone(),
        }
    }

    /// Takes up what was remembered; what this makook does not know is left out.
    pub fn recall(&mut self, kept: Kept) {
        let themes = kept
            .theme
            .and_then(|(over, chosen)| Some((theme_named(&over)?, theme_named(&chosen)?)));
        self.theme.recall(themes);
        self.mouse.recall(kept.mouse);
        self.keys.recall(&kept.keys);
        self.panes = kept.panes;
    }
}

/// Returns the theme of a setting's word.
#[must_use]
pub fn theme_named(word: &str) -> Option<Theme> {
    theme::ALL.into_iter().find(|theme| theme.name() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_holds_until_the_setting_it_was_made_over_changes() {
        let mut look = Look::default();
        look.theme.choose(Theme::Contrast);
        look.mouse.choose(false);
        let kept = look.kept();
        let mut same = Look::default();
        same.recall(kept.clone());
        assert_eq!(
            (same.theme.get(), same.mouse.get()),
            (Theme::Contrast, false)
        );
        let edited = Console {
            theme: Theme::Light,
            ..Console::default()
        };
        let mut look = Look::of(&edited, &Place::Default);
        look.recall(kept);
        assert_eq!((look.theme.get(), look.mouse.get()), (Theme::Light, false));
    }

    #[test]
    fn what_another_makook_wrote_is_left_out() {
        let kept = r#"{"theme":["dark","neon"],"keys":{"no.such":"k","run.mark":"m"},"new":1}"#;
        let mut look = Look::default();
        look.recall(serde_json::from_str(kept).unwrap());
        assert_eq!(look.theme.get(), Theme::Dark);
        assert_eq!(
            look.kept().keys,
            BTreeMap::from([("run.mark".into(), "m".into())])
        );
    }
}
