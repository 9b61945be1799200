//! Taking changes back and making them again, files included.
//!
//! Start at [`undo`].

use super::{keys, reasons, withdrawing};
use crate::{
    message::{Effect, Errand},
    saving::Exchange,
    state::{Change, State, Tone},
};

/// Takes the last change back.
pub(super) fn undo(state: &mut State) -> Vec<Effect> {
    let Some(change) = next_of(state, |state| &mut state.done) else {
        return Vec::new();
    };
    let mut effects = Vec::new();
    match &change {
        Change::Setting { path, before, .. } => {
            state.form.set(path, before.clone());
        }
        Change::Found(changes) => {
            for (path, before, _) in changes {
                state.form.set(path, before.clone());
            }
        }
        Change::Taken {
            before, settings, ..
        } => {
            for (path, before, _) in settings {
                state.form.set(path, before.clone());
            }
            state.form.parent = before.clone();
        }
        Change::Saved {
            before,
            settings,
            exchange,
            ..
        } => {
            for (path, before, _) in settings {
                state.form.set(path, before.clone());
            }
            state.form.experiment = before.clone();
            let back = exchange.as_ref().map(Exchange::back);
            effects.extend(back.map(|back| Effect::Run(Errand::Exchange(back))));
        }
        Change::Experiment { before, .. } => state.form.experiment = before.clone(),
        Change::Keys { action, before, .. } => {
            state.look.keys.put(action, before.clone());
        }
        Change::KeysSaved(saved) => effects.push(keys::give_back(state, saved)),
        Change::Launched(runs) => {
            withdrawing::offer(state, runs);
            return Vec::new();
        }
        Change::Removed(run) => return vec![Effect::Run(Errand::Restore(run.clone()))],
        Change::Exported(files) => return vec![Effect::Run(Errand::TakeAway(files.clone()))],
        Change::Named { name, before } => {
            let (name, to) = (name.clone(), before.clone());
            return vec![Effect::Run(Errand::PointBack { name, to })];
        }
    }
    effects.push(state.resolve_after(format!("undo {}", change.words())));
    state.undone.push(change);
    effects
}

/// Takes the change off `stack` that is undone or made again next; none that touches a file while
/// nothing may be written.
fn next_of(state: &mut State, stack: fn(&mut State) -> &mut Vec<Change>) -> Option<Change> {
    let touches = stack(state).last()?.touches_files();
    if touches && let Err(reason) = reasons::may_write(state) {
        state.say(Tone::Bad, reason);
        return None;
    }
    stack(state).pop()
}

/// Makes the change again that was taken back last.
pub(super) fn redo(state: &mut State) -> Vec<Effect> {
    let Some(change) = next_of(state, |state| &mut state.undone) else {
        return Vec::new();
    };
    let mut effects = Vec::new();
    match &change {
        Change::Setting { path, after, .. } => {
            state.form.set(path, after.clone());
        }
        Change::Found(changes) => {
            for (path, _, after) in changes {
                state.form.set(path, after.clone());
            }
        }
        Change::Taken {
            after, settings, ..
        } => {
            for (path, _, after) in settings {
                state.form.set(path, after.clone());
            }
            state.form.parent = after.clone();
        }
        Change::Saved {
            after,
            settings,
            exchange,
            ..
        } => {
            for (path, _, after) in settings {
                state.form.set(path, after.clone());
            }
            state.form.experiment = after.clone();
            let again = exchange.clone().map(Errand::Exchange);
            effects.extend(again.map(Effect::Run));
        }
        Change::Experiment { after, .. } => state.form.experiment = after.clone(),
        Change::Keys { action, after, .. } => {
            state.look.keys.put(action, after.clone());
        }
        Change::KeysSaved(saved) => effects.push(keys::save_again(state, saved)),
        // Nothing else that touches files is repeated without a question; its own key does it again.
        Change::Removed(_) | Change::Exported(_) | Change::Named { .. } | Change::Launched(_) => {
            return Vec::new();
        }
    }
    effects.push(state.resolve_after(format!("redo {}", change.words())));
    state.done.push(change);
    effects
}
