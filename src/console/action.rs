//! What a user can do, declared once: keys, footer, help, palette and tests derive from it.
//!
//! Owns the vocabulary and the look-up; the actions themselves are in [`crate::actions`]. Start at
//! [`Action`].

use crate::{
    actions,
    chord::Chord,
    layer::Plan,
    message::Effect,
    state::{Screen, State},
};
use domain::Text;

/// What an action can do harm to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// Looks only.
    R0,
    /// Can be taken back.
    R1,
    /// Touches a job or a file: asks first, with the exact command.
    R2,
    /// Cannot be taken back, or touches many jobs.
    R3,
}

/// How an action is done.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// At once.
    Now(fn(&mut State) -> Vec<Effect>),
    /// After a question; `None` where there is nothing to do any more.
    Ask(fn(&State) -> Option<Plan>),
    /// In a dialog of its own, which shows what would be done before anything is.
    Open(fn(&mut State) -> Vec<Effect>),
}

/// Something that a user can do.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    /// Stable name, e.g. `run.open`.
    pub id: &'static str,
    /// A verb and its object.
    pub title: Text,
    /// What it does and when one wants it.
    pub help: Text,
    /// Its usual keys, the one to show first; those in force are told by
    /// [`Keymap::keys`](crate::keymap::Keymap::keys).
    pub keys: &'static [Chord],
    /// Screens where it exists; empty for all.
    pub on: &'static [Screen],
    /// What it can do harm to.
    pub risk: Risk,
    /// Place in the footer, the lowest first; 0 for none.
    pub rank: u8,
    /// Whether it can be done now, or why not.
    pub enabled: fn(&State) -> Result<(), Text>,
    /// How it is done.
    pub act: Act,
}

impl Action {
    /// Makes an action without risk that is always there, on every screen.
    #[must_use]
    pub const fn looks(
        id: &'static str,
        title: Text,
        help: Text,
        keys: &'static [Chord],
        act: fn(&mut State) -> Vec<Effect>,
    ) -> Self {
        Self {
            id,
            title,
            help,
            keys,
            on: &[],
            risk: Risk::R0,
            rank: 0,
            enabled: actions::always,
            act: Act::Now(act),
        }
    }

    /// Returns whether some screen has both this and `other`, which then cannot share a key.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        let together = |on: &[Screen]| on.is_empty() || on.iter().any(|one| self.is_on(*one));
        let turns = TURNS
            .iter()
            .any(|pair| pair.contains(&self.id) && pair.contains(&other.id));
        self.id != other.id && !turns && together(other.on)
    }

    /// Returns whether it exists on `screen`.
    #[must_use]
    pub fn is_on(&self, screen: Screen) -> bool {
        self.on.is_empty() || self.on.contains(&screen)
    }
}

/// Pairs that share a key, since at most one of them is ever enabled: a run is running or paused;
/// one job is meant or several are; while the line is lost its key reconnects, whatever it does
/// otherwise.
const TURNS: [[&str; 2]; 4] = [
    ["job.pause", "job.continue"],
    ["jobs.stop", "jobs.stop_marked"],
    ["jobs.cancel", "jobs.cancel_marked"],
    [RECONNECT, "run.compare"],
];

/// The action that exists only where a line does.
pub const RECONNECT: &str = "line.reconnect";

/// Iterates over every action that exists in `state`, in the order of the help.
pub fn existing(state: &State) -> impl Iterator<Item = &'static Action> {
    let (screen, read_only) = (state.screen, state.read_only);
    let elsewhere = state.line.is_some();
    actions::all()
        .filter(move |action| action.is_on(screen) && !(read_only && action.risk >= Risk::R2))
        .filter(move |action| elsewhere || action.id != RECONNECT)
}

/// Returns the action of `id`.
#[must_use]
pub fn named(id: &str) -> Option<&'static Action> {
    actions::all().find(|action| action.id == id)
}

/// Returns what `chord` does in `state`: the first enabled action with that key, else the first
/// disabled one, so that its reason can be told.
#[must_use]
pub fn of_chord(state: &State, chord: Chord) -> Option<&'static Action> {
    let with = |wanted: Chord| {
        let candidates: Vec<_> = existing(state)
            .filter(|action| state.look.keys.keys(action).contains(&wanted))
            .collect();
        let enabled = candidates
            .iter()
            .find(|action| (action.enabled)(state).is_ok());
        enabled.or(candidates.first()).copied()
    };
    with(chord).or_else(|| with(chord.on_latin_layout()))
}

/// Returns what the footer shows, most useful first.
#[must_use]
pub fn footer(state: &State) -> Vec<&'static Action> {
    let mut actions: Vec<&'static Action> = existing(state)
        .filter(|action| action.rank > 0 && (action.enabled)(state).is_ok())
        .collect();
    actions.sort_by_key(|action| action.rank);
    actions
}
