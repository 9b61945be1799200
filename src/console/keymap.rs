//! Which key does what: the usual keys of the registry, those of the settings, and those that were
//! changed here.
//!
//! Owns what may be changed: a key is given to one action of a screen only, and some keys belong to
//! nobody. An action that was given keys shows them first and keeps those of its usual ones that no
//! other action was given, so that hints which name a usual key stay true. Start at [`Keymap::of`];
//! [`crate::action::of_chord`] looks keys up.

use crate::{
    action::{self, Action},
    actions,
    chord::{Chord, NoChord},
    look::{Choice, Said},
};
use crossterm::event::KeyCode;
use domain::{Phrase, Place, Problems, Text, phrase};
use std::collections::{BTreeMap, BTreeSet};

/// The keys in force.
#[derive(Clone, Debug)]
pub struct Keymap {
    /// The entries of the settings as they stand there.
    entries: Vec<String>,
    /// Where they stand.
    place: Place,
    /// As the settings say, in their order.
    configured: Vec<(&'static Action, Vec<Chord>)>,
    /// As changed here, by action.
    chosen: BTreeMap<&'static str, Vec<Chord>>,
    /// What was changed in an earlier use, which this start does not ask for.
    laid_by: BTreeMap<String, Choice<String>>,
    /// Of every action whose keys are not the usual ones.
    in_force: BTreeMap<&'static str, Vec<Chord>>,
    /// What the settings say that cannot be.
    problems: Problems,
}

impl Default for Keymap {
    fn default() -> Self {
        Self::of(&[], &Place::Default)
    }
}

/// What happens to a key that an action asks for.
enum Judgement {
    Given,
    /// Given, though it may never arrive.
    Doubtful(Text),
    Refused(Phrase),
}

impl Keymap {
    /// Reads the entries of `console.keys`, which were written at `place`; whatever cannot be is
    /// left out and told by [`Self::problems`].
    #[must_use]
    pub fn of(entries: &[String], place: &Place) -> Self {
        let mut keymap = Self {
            entries: entries.to_vec(),
            place: place.clone(),
            configured: Vec::new(),
            chosen: BTreeMap::new(),
            laid_by: BTreeMap::new(),
            in_force: BTreeMap::new(),
            problems: Problems::new(),
        };
        for entry in entries {
            match read(entry) {
                Ok((action, _)) if keymap.is_configured(action.id) => keymap.problems.warn(
                    place.clone(),
                    phrase!(
                        "`{entry}`: the keys of this action are given twice",
                        "`{entry}`: 이 동작의 키가 두 번 나옵니다"
                    ),
                    Phrase::new(
                        "write them into one entry with blanks between them",
                        "한 항목에 빈칸으로 나누어 쓰세요",
                    ),
                ),
                Ok(read) => keymap.configured.push(read),
                Err((message, hint)) => keymap.problems.warn(place.clone(), message, hint),
            }
        }
        for (action, chord, judgement) in keymap.settle() {
            let (id, key) = (action.id, chord);
            let Phrase { en, ko } = match judgement {
                Judgement::Given => continue,
                Judgement::Doubtful(why) => why.into(),
                Judgement::Refused(why) => why,
            };
            let message = phrase!("{id}={key}: {en}", "{id}={key}: {ko}");
            let hint = Phrase::new("choose another key", "다른 키를 고르세요");
            keymap.problems.warn(place.clone(), message, hint);
        }
        keymap
    }

    /// Returns what the settings say that cannot be; each a warning.
    #[must_use]
    pub fn problems(&self) -> &Problems {
        &self.problems
    }

    /// Words the problems in one line: the first, and how many more there are.
    #[must_use]
    pub fn remark(&self) -> Option<Phrase> {
        let Phrase { en, ko } = &self.problems.iter().next()?.message;
        Some(match self.problems.iter().count() - 1 {
            0 => phrase!(
                "console.keys: {en}; F1 shows it",
                "console.keys: {ko}. F1에 나옵니다"
            ),
            more => phrase!(
                "console.keys: {en}; and {more} more, see F1",
                "console.keys: {ko}. 외 {more}개는 F1에 나옵니다"
            ),
        })
    }

    /// Returns the keys of `action`, the one to show first.
    #[must_use]
    pub fn keys(&self, action: &Action) -> &[Chord] {
        self.in_force
            .get(action.id)
            .map_or(action.keys, Vec::as_slice)
    }

    /// Returns the key of `action` to show.
    #[must_use]
    pub fn shown(&self, action: &Action) -> String {
        let first = self.keys(action).first();
        first.map(ToString::to_string).unwrap_or_default()
    }

    /// Gives `action` a key, or what the settings say; returns what it was given here before.
    ///
    /// # Errors
    /// Why it cannot have that key.
    pub fn give(
        &mut self,
        action: &'static Action,
        key: Option<Chord>,
    ) -> Result<Option<Vec<Chord>>, Phrase> {
        let mut next = self.clone();
        let former = next.put(action.id, key.map(|key| vec![key]));
        let refused = next
            .settle()
            .into_iter()
            .find_map(|(of, _, judgement)| match judgement {
                Judgement::Refused(why) if of.id == action.id => Some(why),
                _ => None,
            });
        match refused {
            Some(why) if key.is_some() => Err(why),
            _ => {
                *self = next;
                Ok(former)
            }
        }
    }

    /// Puts back what [`Self::give`] returned; returns what was there.
    pub fn put(&mut self, id: &'static str, keys: Option<Vec<Chord>>) -> Option<Vec<Chord>> {
        let former = match keys {
            Some(keys) => self.chosen.insert(id, keys),
            None => self.chosen.remove(id),
        };
        self.settle();
        former
    }

    /// Returns what was changed here, by action, in the words of the settings.
    #[must_use]
    pub fn kept(&self) -> BTreeMap<String, Choice<String>> {
        let entries = self.chosen.iter();
        let chosen = entries.map(|(id, keys)| ((*id).to_owned(), (self.told(id), written(keys))));
        chosen.chain(self.laid_by.clone()).collect()
    }

    /// Takes up what [`Self::kept`] returned in an earlier use, as far as it was changed over what
    /// the settings still say; what this makook does not know is left out.
    pub fn recall(&mut self, kept: BTreeMap<String, Choice<String>>) {
        for (id, (over, keys)) in kept {
            let Ok((action, chords)) = read(&format!("{id}={keys}")) else {
                continue;
            };
            let told = self.told(action.id);
            if self.said() == Said::ByStart && (told.is_some() || over.is_some()) {
                self.laid_by.insert(id, (over, keys));
            } else if told == over {
                self.chosen.insert(action.id, chords);
            }
        }
        self.settle();
    }

    /// Returns whether keys were changed here that the settings do not hold.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        !self.chosen.is_empty()
    }

    /// Returns where the entries of the settings stand.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Returns who says them.
    #[must_use]
    pub fn said(&self) -> Said {
        Said::from(&self.place)
    }

    /// Returns the entries of the settings.
    #[must_use]
    pub fn entries(&self) -> &[String] {
        &self.entries
    }

    /// Returns the entries with what was changed here: each in the place of its action's, new ones
    /// last. Entries that cannot be understood stay.
    #[must_use]
    pub fn merged(&self) -> Vec<String> {
        let mut written_for = BTreeSet::new();
        let mut entries = Vec::new();
        for entry in &self.entries {
            let action = read(entry).ok().map(|(action, _)| action.id);
            let chosen = action.and_then(|id| Some((id, self.chosen.get(id)?)));
            match chosen {
                None => entries.push(entry.clone()),
                Some((id, keys)) if written_for.insert(id) => {
                    entries.push(format!("{id}={}", written(keys)));
                }
                Some(_) => {}
            }
        }
        let others = self.chosen.iter();
        let others = others.filter(|(id, _)| !written_for.contains(*id));
        entries.extend(others.map(|(id, keys)| format!("{id}={}", written(keys))));
        entries
    }

    fn is_configured(&self, id: &str) -> bool {
        self.configured.iter().any(|(action, _)| action.id == id)
    }

    /// Returns the keys that the settings give an action.
    #[must_use]
    pub fn told(&self, id: &str) -> Option<String> {
        let mut configured = self.configured.iter();
        let (_, keys) = configured.find(|(action, _)| action.id == id)?;
        Some(written(keys))
    }

    /// Works out the keys in force; returns what became of every key that was asked for. What was
    /// changed here counts more than the settings for its own action, and comes after them.
    fn settle(&mut self) -> Vec<(&'static Action, Chord, Judgement)> {
        let chosen = self.chosen.iter();
        let chosen = chosen.filter_map(|(id, keys)| Some((action::named(id)?, keys.clone())));
        let configured = self.configured.iter();
        let asked: Vec<(&'static Action, Vec<Chord>)> = configured
            .filter(|(action, _)| !self.chosen.contains_key(action.id))
            .cloned()
            .chain(chosen)
            .collect();
        let mut given: Vec<(&'static Action, Vec<Chord>)> = Vec::new();
        let mut judged = Vec::new();
        for (action, keys) in &asked {
            given.push((*action, Vec::new()));
            for key in keys {
                let judgement = judge(action, *key, &asked, &given);
                if let (false, Some((_, keys))) =
                    (matches!(judgement, Judgement::Refused(_)), given.last_mut())
                {
                    keys.push(*key);
                }
                judged.push((*action, *key, judgement));
            }
        }
        let in_force = given.iter().map(|(action, keys)| {
            let free = |key: &&Chord| {
                let mut others = given.iter().filter(|(other, _)| action.meets(other));
                !keys.contains(key) && !others.any(|(_, taken)| taken.contains(key))
            };
            let usual = action.keys.iter().filter(free);
            (action.id, keys.iter().chain(usual).copied().collect())
        });
        self.in_force = in_force.collect();
        judged
    }
}

/// Judges whether `action` can have `key` beside what was `given` before it. The usual keys of an
/// action that was `asked` about are free for others.
fn judge(
    action: &'static Action,
    key: Chord,
    asked: &[(&'static Action, Vec<Chord>)],
    given: &[(&'static Action, Vec<Chord>)],
) -> Judgement {
    if let Some(why) = reserved(key) {
        return Judgement::Refused(why.into());
    }
    let is_asked = |other: &Action| asked.iter().any(|(one, _)| one.id == other.id);
    let mut usual = actions::all()
        .filter(|other| action.meets(other) && !is_asked(other))
        .filter(|other| other.keys.contains(&key));
    let mut taken = given
        .iter()
        .filter(|(other, keys)| action.meets(other) && keys.contains(&key));
    let holder = usual.next().or(taken.next().map(|(other, _)| *other));
    if let Some(other) = holder {
        let (en, ko, id) = (other.title.en, other.title.ko, other.id);
        return Judgement::Refused(phrase!(
            "the key belongs to \"{en}\" ({id}); give that another key first",
            "\"{ko}\" ({id}) 동작의 키입니다. 먼저 그 동작에 다른 키를 주세요"
        ));
    }
    match doubtful(key) {
        Some(why) => Judgement::Doubtful(why),
        None => Judgement::Given,
    }
}

/// Says why nobody can be given `key`.
fn reserved(key: Chord) -> Option<Text> {
    let same_everywhere = Text::new(
        "the key does the same everywhere, in every list and dialog",
        "모든 목록과 대화 상자에서 같은 일을 하는 키입니다",
    );
    match key.code {
        KeyCode::Esc | KeyCode::Enter => Some(same_everywhere),
        KeyCode::Up | KeyCode::Down | KeyCode::Left | KeyCode::Right if !key.ctrl && !key.shift => {
            Some(same_everywhere)
        }
        KeyCode::F(1 | 10) if !key.ctrl && !key.shift => Some(Text::new(
            "help and the way out keep their keys",
            "도움말과 끝내기의 키는 바꿀 수 없습니다",
        )),
        KeyCode::Char('c') if key.ctrl => Some(Text::new(
            "Ctrl-C always quits",
            "Ctrl-C는 언제나 끝내기입니다",
        )),
        KeyCode::Char('h' | 'i' | 'j' | 'm' | '[') if key.ctrl => Some(Text::new(
            "terminals send another key instead: Bksp, Tab, Enter or Esc",
            "터미널이 다른 키(Bksp, Tab, Enter, Esc)로 보냅니다",
        )),
        _ => None,
    }
}

/// Says why `key` may never arrive.
fn doubtful(key: Chord) -> Option<Text> {
    match key.code {
        KeyCode::Char('a' | 'b') if key.ctrl => Some(Text::new(
            "tmux and screen take this key for themselves",
            "tmux와 screen이 먼저 가져가는 키입니다",
        )),
        KeyCode::Char('s' | 'q') if key.ctrl => Some(Text::new(
            "some terminals stop and resume their output with this key",
            "일부 터미널은 이 키로 출력을 멈추고 다시 시작합니다",
        )),
        _ => None,
    }
}

/// Reads `ACTION=KEY KEY`; else what is wrong and what to do.
fn read(entry: &str) -> Result<(&'static Action, Vec<Chord>), (Phrase, Phrase)> {
    let form = || Phrase::new("e.g. run.mark=m", "예: run.mark=m");
    let Some((id, keys)) = entry.split_once('=') else {
        return Err((
            phrase!(
                "`{entry}` is not ACTION=KEY",
                "`{entry}`: 동작=키 형식이 아닙니다"
            ),
            form(),
        ));
    };
    let id = id.trim();
    let Some(action) = action::named(id) else {
        return Err((
            phrase!("there is no action `{id}`", "`{id}` 동작은 없습니다"),
            Phrase::new(
                "the console's help (F1) names the chosen action; docs/console.md lists them all",
                "콘솔 도움말(F1)에 고른 동작의 이름이 나오고, docs/console.ko.md에 모두 있습니다",
            ),
        ));
    };
    let mut chords = Vec::new();
    for name in keys.split_whitespace() {
        let chord = name.parse().map_err(|why| {
            let why = match why {
                NoChord::Unknown => Text::new("no such key", "그런 키는 없습니다"),
                NoChord::Alt => Text::new(
                    "Alt belongs to terminals and input methods",
                    "Alt는 터미널과 입력기가 쓰는 키입니다",
                ),
                NoChord::ShiftedCharacter => Text::new(
                    "write the character itself, e.g. K for Shift and k",
                    "글자를 그대로 쓰세요. 예: Shift와 k는 K",
                ),
            };
            let (en, ko) = (why.en, why.ko);
            let message = phrase!("`{name}` in `{entry}`: {en}", "`{entry}`의 `{name}`: {ko}");
            let hint = Phrase::new(
                "keys are written k, space, f8, shift-f3, ctrl-x, pgup",
                "키는 k, space, f8, shift-f3, ctrl-x, pgup처럼 씁니다",
            );
            (message, hint)
        })?;
        if !chords.contains(&chord) {
            chords.push(chord);
        }
    }
    match chords.is_empty() {
        true => Err((
            phrase!("`{entry}` names no key", "`{entry}`에 키가 없습니다"),
            form(),
        )),
        false => Ok((action, chords)),
    }
}

/// Returns `keys` as the settings write them.
#[must_use]
pub fn written(keys: &[Chord]) -> String {
    let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
    keys.join(" ")
}

/// Reads what [`written`] returned.
#[must_use]
pub fn read_keys(text: &str) -> Option<Vec<Chord>> {
    text.split_whitespace()
        .map(|key| key.parse().ok())
        .collect()
}
