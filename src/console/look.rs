//! How this console looks and answers to its user: theme, mouse, keys and the sizes of panes.
//!
//! What is chosen here is the user's own and goes into the console's memory, not into the project's
//! settings, which others share. It holds until the setting that it was chosen over changes: whoever
//! edits the settings later means it. What an option or a variable says at the start counts more,
//! and leaves what is remembered for later starts. Start at [`Look`].

use crate::{keymap::Keymap, panes::Panes, theme};
use config::keys::{Console, Theme};
use domain::{Lang, Place};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How it looks and answers.
#[derive(Clone, Debug)]
pub struct Look {
    /// The language.
    pub language: Preference<Lang>,
    /// The colours.
    pub theme: Preference<Theme>,
    /// Whether the mouse is taken.
    pub mouse: Preference<bool>,
    /// Which key does what.
    pub keys: Keymap,
    /// How large panes are.
    pub panes: Panes,
}

/// Who says what holds until somebody chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Nobody: it is the usual value, or what the locale suggests.
    ByNobody,
    /// A file of settings.
    BySettings,
    /// An option or an environment variable of this start, which no memory outweighs.
    ByStart,
}

impl From<&Place> for Said {
    fn from(place: &Place) -> Self {
        match place {
            Place::Default => Self::ByNobody,
            Place::Env(_) | Place::Flag(_) => Self::ByStart,
            Place::File { .. } | Place::Row { .. } | Place::Path(_) => Self::BySettings,
        }
    }
}

/// What was chosen, after what the settings said then; `None` where they said nothing.
pub type Choice<T> = (Option<T>, T);

/// What the settings say, and what was chosen instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preference<T> {
    configured: T,
    said: Said,
    chosen: Option<T>,
    /// The choice of an earlier use, which this start does not ask for.
    laid_by: Option<Choice<T>>,
}

impl<T: Copy + PartialEq> Preference<T> {
    /// Starts with what somebody says.
    #[must_use]
    pub const fn of(configured: T, said: Said) -> Self {
        Self {
            configured,
            said,
            chosen: None,
            laid_by: None,
        }
    }

    /// Returns what holds.
    #[must_use]
    pub fn get(&self) -> T {
        self.chosen.unwrap_or(self.configured)
    }

    /// Chooses `value`.
    pub fn choose(&mut self, value: T) {
        // What nobody says may be another tomorrow, such as the locale of a login.
        let counts = self.said == Said::ByNobody || value != self.configured;
        self.chosen = counts.then_some(value);
    }

    /// Returns whether a choice is remembered.
    #[must_use]
    pub fn is_remembered(&self) -> bool {
        self.said != Said::ByStart
    }

    /// Takes up a `choice` of an earlier use, if it was made over what the settings still say.
    fn recall(&mut self, choice: Option<Choice<T>>) {
        match choice {
            _ if self.said == Said::ByStart => self.laid_by = choice,
            Some((None, chosen)) if self.said == Said::ByNobody => self.chosen = Some(chosen),
            Some((Some(over), chosen)) if over == self.configured => self.chosen = Some(chosen),
            _ => {}
        }
    }

    /// Returns the choice that is to be remembered.
    fn kept(&self) -> Option<Choice<T>> {
        let over = (self.said == Said::BySettings).then_some(self.configured);
        match self.said {
            Said::ByStart => self.laid_by,
            _ => Some((over, self.chosen?)),
        }
    }
}

impl Default for Look {
    fn default() -> Self {
        let language = Preference::of(Lang::En, Said::ByNobody);
        Self::of(&Console::default(), language, &|_| Place::Default)
    }
}

/// What is remembered, in the words of the settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    language: Option<Choice<String>>,
    theme: Option<Choice<String>>,
    mouse: Option<Choice<bool>>,
    keys: BTreeMap<String, String>,
    /// What the settings said of these keys.
    keys_over: BTreeMap<String, String>,
    panes: Panes,
}

impl Look {
    /// Starts as `console` says, each of whose settings was written at its `place`, and in
    /// `language`.
    #[must_use]
    pub fn of(
        console: &Console,
        language: Preference<Lang>,
        place: &dyn Fn(&str) -> Place,
    ) -> Self {
        let said = |path: &str| Said::from(&place(path));
        Self {
            language,
            theme: Preference::of(console.theme, said("console.theme")),
            mouse: Preference::of(console.mouse, said("console.mouse")),
            keys: Keymap::of(&console.keys, &place("console.keys")),
            panes: Panes::default(),
        }
    }

    /// Returns what is to be remembered.
    #[must_use]
    pub fn kept(&self) -> Kept {
        let mut kept = Kept {
            language: in_words(self.language.kept(), Lang::code),
            theme: in_words(self.theme.kept(), Theme::name),
            mouse: self.mouse.kept(),
            panes: self.panes.clone(),
            ..Kept::default()
        };
        for (action, (over, keys)) in self.keys.kept() {
            kept.keys_over
                .extend(over.map(|over| (action.clone(), over)));
            kept.keys.insert(action, keys);
        }
        kept
    }

    /// Takes up what was remembered; what this makook does not know is left out.
    pub fn recall(&mut self, kept: Kept) {
        self.language.recall(of_words(kept.language, Lang::of_code));
        self.theme.recall(of_words(kept.theme, theme_named));
        self.mouse.recall(kept.mouse);
        let mut over = kept.keys_over;
        let keys = kept.keys.into_iter();
        let keys = keys.map(|(action, keys)| {
            let over = over.remove(&action);
            (action, (over, keys))
        });
        self.keys.recall(keys.collect());
        self.panes = kept.panes;
    }
}

fn in_words<T>(choice: Option<Choice<T>>, word: fn(T) -> &'static str) -> Option<Choice<String>> {
    let (over, chosen) = choice?;
    let owned = |one| word(one).to_owned();
    Some((over.map(owned), owned(chosen)))
}

/// Returns the choice; `None` where this makook does not know one of its words.
fn of_words<T>(choice: Option<Choice<String>>, named: fn(&str) -> Option<T>) -> Option<Choice<T>> {
    let (over, chosen) = choice?;
    let over = match over {
        Some(word) => Some(named(&word)?),
        None => None,
    };
    Some((over, named(&chosen)?))
}

/// Returns the theme of a setting's word.
#[must_use]
pub fn theme_named(word: &str) -> Option<Theme> {
    theme::ALL.into_iter().find(|theme| theme.name() == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    /// A console of the usual settings, but for what `said` says of language and theme.
    fn look(said: Said, language: Lang, theme: Theme) -> Look {
        let console = Console {
            theme,
            ..Console::default()
        };
        let place = match said {
            Said::ByNobody => Place::Default,
            Said::BySettings => Place::Path("configs/default.toml".into()),
            Said::ByStart => Place::Env("MAKOOK_CONSOLE__THEME".into()),
        };
        Look::of(&console, Preference::of(language, said), &|_| place.clone())
    }

    fn shown(look: &Look) -> (Lang, Theme) {
        (look.language.get(), look.theme.get())
    }

    const CHOSEN: (Lang, Theme) = (Lang::Ko, Theme::Contrast);

    #[rstest]
    // Remembered over nothing: the usual values and the locale give way, everything said wins,
    // also where it is the same as what was usual.
    #[case(Said::ByNobody, Lang::En, Said::ByNobody, Lang::En, true)]
    #[case(Said::ByNobody, Lang::En, Said::BySettings, Lang::En, false)]
    #[case(Said::ByNobody, Lang::En, Said::ByStart, Lang::En, false)]
    // Remembered over a file: holds while the file says the same.
    #[case(Said::BySettings, Lang::En, Said::BySettings, Lang::En, true)]
    #[case(Said::BySettings, Lang::En, Said::ByStart, Lang::En, false)]
    fn what_is_said_later_outweighs_what_is_remembered(
        #[case] then: Said,
        #[case] language: Lang,
        #[case] now: Said,
        #[case] language_now: Lang,
        #[case] holds: bool,
    ) {
        let mut first = look(then, language, Theme::Dark);
        first.language.choose(CHOSEN.0);
        first.theme.choose(CHOSEN.1);
        assert_eq!(shown(&first), CHOSEN);
        let mut next = look(now, language_now, Theme::Dark);
        next.recall(first.kept());
        let expected = if holds {
            CHOSEN
        } else {
            (Lang::En, Theme::Dark)
        };
        assert_eq!(shown(&next), expected);
    }

    #[test]
    fn a_start_that_says_otherwise_leaves_the_memory_for_later_starts() {
        let mut first = look(Said::ByNobody, Lang::En, Theme::Dark);
        first.language.choose(CHOSEN.0);
        first.theme.choose(CHOSEN.1);
        let mut second = look(Said::ByStart, Lang::En, Theme::Light);
        second.recall(first.kept());
        // What is chosen in its face is for this use alone.
        second.theme.choose(Theme::RedGreen);
        assert_eq!(shown(&second), (Lang::En, Theme::RedGreen));
        assert!(!second.theme.is_remembered() && first.theme.is_remembered());
        let mut third = look(Said::ByNobody, Lang::En, Theme::Dark);
        third.recall(second.kept());
        assert_eq!(shown(&third), CHOSEN);
        // What was chosen although the locale suggests it holds under another one, too.
        let mut suggested = look(Said::ByNobody, Lang::Ko, Theme::Dark);
        suggested.language.choose(Lang::Ko);
        let mut elsewhere = look(Said::ByNobody, Lang::En, Theme::Dark);
        elsewhere.recall(suggested.kept());
        assert_eq!(elsewhere.language.get(), Lang::Ko);
        // Another locale alone forgets nothing.
        let mut fourth = look(Said::ByNobody, Lang::Ko, Theme::Dark);
        fourth.recall(third.kept());
        let mut fifth = look(Said::ByNobody, Lang::En, Theme::Dark);
        fifth.recall(fourth.kept());
        assert_eq!(shown(&fifth), CHOSEN);
    }

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
        let language = Preference::of(Lang::En, Said::ByNobody);
        let place = |path: &str| match path {
            "console.theme" => Place::Path("configs/default.toml".into()),
            _ => Place::Default,
        };
        let mut look = Look::of(&edited, language, &place);
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
