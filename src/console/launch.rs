//! The dialog that starts a training: where to, what exactly would be sent, and the script to edit.
//!
//! Nothing is sent before the exact command was on screen. Start at [`Launch`]; [`press`] gives it
//! keys.

use crate::{
    chord::Chord,
    cursor::{Cursor, Step},
    form,
    hands::{Destination, Order},
    layer::Layer,
    line_edit::LineEdit,
    message::{Assignment, Effect},
    state::{State, Tone},
    text_edit::TextEdit,
};
use crossterm::event::KeyCode;
use domain::{Phrase, phrase};
use jobs::Preview;

/// How far the dialog is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// A place is chosen.
    #[default]
    Choose,
    /// The exact command and script are shown.
    Preview,
    /// The script is edited.
    Edit,
    /// The number of jobs is typed, since there are several.
    Count,
}

/// The dialog.
#[derive(Clone, Debug, Default)]
pub struct Launch {
    /// What is to be started; its place and script are settled here.
    pub order: Order,
    /// The chosen place.
    pub cursor: Cursor,
    /// How far the dialog is.
    pub stage: Stage,
    /// What would be sent, or why it would be refused; `None` while that is being asked.
    pub preview: Option<Result<Preview, Phrase>>,
    /// The script as it stands.
    pub script: TextEdit,
    /// First visible line of the preview.
    pub scroll: Cursor,
    /// How many jobs the sweeps of the order make; 0 and 1 for a single one.
    pub jobs: usize,
    /// What was typed where that number has to be.
    pub typed: LineEdit,
    /// Why the last attempt was refused.
    pub refusal: Option<Phrase>,
}

impl Launch {
    /// Starts with `order`, whose place is the configured one.
    #[must_use]
    pub fn of(order: Order) -> Self {
        Self {
            jobs: form::jobs(&order.sets),
            order,
            ..Self::default()
        }
    }

    /// Returns how many jobs would be sent.
    #[must_use]
    pub fn count(&self) -> usize {
        self.jobs.max(1)
    }

    /// Opens again after `order` was refused, with everything as it was sent.
    #[must_use]
    pub fn refused(order: Order, why: Phrase, destinations: &[Destination]) -> Self {
        let place = order.on.as_deref();
        let at = destinations
            .iter()
            .position(|one| Some(one.profile.as_str()) == place);
        let mut launch = Self {
            stage: Stage::Preview,
            script: TextEdit::new(order.script.as_deref().unwrap_or_default()),
            refusal: Some(why),
            jobs: form::jobs(&order.sets),
            order,
            ..Self::default()
        };
        let count = destinations.len();
        launch.cursor.set(at.unwrap_or(0), count, count);
        launch
    }

    /// Returns whether the script was edited here.
    #[must_use]
    pub fn is_edited(&self) -> bool {
        self.order.script.is_some()
    }

    /// Takes over what `order` would send; an answer to an earlier question is dropped.
    pub fn take(&mut self, order: &Order, outcome: Result<Preview, Phrase>) {
        if *order != self.asked() {
            return;
        }
        if let (Ok(preview), false) = (&outcome, self.is_edited()) {
            self.script = TextEdit::new(preview.script.as_deref().unwrap_or_default());
        }
        self.preview = Some(outcome);
    }

    /// Returns the question that the preview answers: the script it would generate.
    fn asked(&self) -> Order {
        Order {
            script: None,
            ..self.order.clone()
        }
    }

    /// Returns the effect that asks what would be sent.
    #[must_use]
    pub fn ask(&self) -> Effect {
        Effect::Assign(Assignment::Preview(self.asked()))
    }

    /// Returns whether a script goes with the command.
    #[must_use]
    pub fn has_script(&self) -> bool {
        let scripted = |preview: &Preview| preview.script.is_some();
        matches!(&self.preview, Some(Ok(preview)) if scripted(preview))
    }

    /// Rows of the script on a screen of `rows`.
    #[must_use]
    pub fn page(rows: u16) -> usize {
        usize::from(rows.saturating_sub(8)).max(1)
    }
}

/// Gives `chord` to the dialog on top; it stays there unless it is done.
pub fn press(state: &mut State, mut launch: Box<Launch>, chord: Chord) -> Vec<Effect> {
    let page = Launch::page(state.size.1);
    let leaves = chord == Chord::key(KeyCode::Esc) || chord == Chord::f(10);
    let mut effects = Vec::new();
    match launch.stage {
        Stage::Choose if leaves => return effects,
        Stage::Choose if chord.code == KeyCode::Enter => {
            if let Some(chosen) = state.jobs.destinations.get(launch.cursor.at) {
                effects.push(choose(&mut launch, &chosen.profile));
            }
        }
        Stage::Choose => {
            if let Some(step) = Step::of(chord) {
                let count = state.jobs.destinations.len();
                launch.cursor.go(step, count, count);
            }
        }
        Stage::Preview if leaves => launch.stage = Stage::Choose,
        Stage::Preview if chord.code == KeyCode::Enter => match launch.preview {
            Some(Ok(_)) if launch.count() > 1 => {
                launch.typed = LineEdit::default();
                launch.stage = Stage::Count;
            }
            Some(Ok(_)) => return send(state, *launch),
            _ => {}
        },
        Stage::Preview if chord == Chord::f(3) && launch.has_script() => {
            launch.stage = Stage::Edit;
        }
        Stage::Preview if chord == Chord::f(5) => {
            launch.order.script = None;
            launch.preview = None;
            launch.refusal = None;
            effects.push(launch.ask());
        }
        Stage::Preview => {
            if let Some(step) = Step::of(chord) {
                let count = launch.script.lines().len();
                launch.scroll.scroll(step, count, page);
            }
        }
        Stage::Count if leaves => launch.stage = Stage::Preview,
        Stage::Count if chord.code == KeyCode::Enter => {
            if launch.typed.text().trim() == launch.count().to_string() {
                return send(state, *launch);
            }
        }
        Stage::Count => {
            launch.typed.press(chord);
        }
        Stage::Edit if leaves => {
            launch.stage = Stage::Preview;
            let generated = match &launch.preview {
                Some(Ok(preview)) => preview.script.clone(),
                _ => None,
            };
            let text = launch.script.text();
            launch.order.script = (Some(&text) != generated.as_ref()).then_some(text);
        }
        Stage::Edit => {
            launch.script.press(chord, page);
        }
    }
    state.layers.push(Layer::Launch(launch));
    effects
}

/// Sends the order off and closes the dialog.
fn send(state: &mut State, launch: Launch) -> Vec<Effect> {
    let sending = match launch.count() {
        1 => Phrase::new("sending the training", "학습을 보내는 중입니다"),
        count => phrase!(
            "sending {count} trainings",
            "학습 {count}개를 보내는 중입니다"
        ),
    };
    state.say(Tone::Good, sending);
    state.sending.push(state.done.len());
    vec![Effect::Assign(Assignment::Train(launch.order))]
}

/// Turns to the place `profile`; a script edited for another place is of no use there.
fn choose(launch: &mut Launch, profile: &str) -> Effect {
    if launch.order.on.as_deref() != Some(profile) {
        launch.order.script = None;
        launch.order.on = Some(profile.to_owned());
        launch.preview = None;
    }
    launch.stage = Stage::Preview;
    launch.scroll = Cursor::default();
    launch.refusal = None;
    launch.ask()
}
