//! What happened to a training at which step: settings changed while it ran, pauses, restarts, the
//! best validation, checkpoints. Charts carry them as marks.
//!
//! Made of what the worker wrote down, at the step where it did it, never of what was asked for.
//! What a later start took back by going on from an earlier checkpoint is no mark. Never draws.
//! Start at [`Mark::all`].

use crate::series::{Axis, Series};
use domain::{Lang, Nanos, Phrase};
use runs::{Event, EventRecord};

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Happened {
    /// A setting was changed while the training ran.
    Changed {
        /// Its key, e.g. `agent.learning_rate`.
        key: String,
        /// The value before.
        from: String,
        /// The value from then on.
        to: String,
    },
    /// A worker went on from a checkpoint.
    Restarted {
        /// Which start of the run it was, from 1.
        segment: u32,
    },
    /// Computing stopped on command.
    Paused,
    /// Computing went on.
    Resumed,
    /// The best validation of the seed until then.
    Best {
        /// Its score.
        value: f64,
        /// Whether no later one was better.
        stands: bool,
    },
    /// A checkpoint was written.
    Saved,
}

impl Happened {
    fn of(event: &Event) -> Option<Self> {
        Some(match event {
            Event::SettingChanged { key, from, to } => Self::Changed {
                key: key.clone(),
                from: from.clone(),
                to: to.clone(),
            },
            Event::Paused => Self::Paused,
            Event::Resumed => Self::Resumed,
            Event::NewBest { value, .. } => Self::Best {
                value: *value,
                stands: false,
            },
            Event::CheckpointSaved { .. } => Self::Saved,
            _ => return None,
        })
    }

    /// Returns the word that files know it by.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Changed { .. } => "changed",
            Self::Restarted { .. } => "restarted",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::Best { .. } => "best",
            Self::Saved => "saved",
        }
    }

    /// Returns the sign at its foot.
    #[must_use]
    pub const fn sign(&self) -> char {
        match self {
            Self::Changed { .. } => '^',
            Self::Restarted { .. } => '+',
            Self::Paused => '=',
            Self::Resumed => '>',
            Self::Best { .. } => '*',
            Self::Saved => 'o',
        }
    }

    /// Returns its place among those in one column, of which the lowest gives the sign.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Changed { .. } => 0,
            Self::Restarted { .. } => 1,
            Self::Paused | Self::Resumed => 2,
            Self::Best { .. } => 3,
            Self::Saved => 4,
        }
    }

    /// Returns a few words for it.
    #[must_use]
    pub fn says(&self) -> Phrase {
        match self {
            Self::Changed { key, from, to } => {
                let name = short_name(key);
                let (from, to) = (short_number(from), short_number(to));
                Phrase::new(
                    format!("{} {from} -> {to}", name.en),
                    format!("{} {from} -> {to}", name.ko),
                )
            }
            Self::Restarted { segment } => {
                domain::phrase!("start {segment}", "{segment}번째 시작")
            }
            Self::Paused => Phrase::new("paused", "일시정지"),
            Self::Resumed => Phrase::new("going on", "다시 진행"),
            Self::Best { value, .. } => {
                let value = crate::number::figure(*value);
                domain::phrase!("best {value}", "최고 {value}")
            }
            Self::Saved => Phrase::new("saved", "저장"),
        }
    }
}

/// Names a setting in a word where it is one that changes while a training runs.
fn short_name(key: &str) -> Phrase {
    match key {
        "agent.learning_rate" => Phrase::new("lr", "학습률"),
        "agent.entropy_coef" => Phrase::new("entropy coef.", "엔트로피 계수"),
        "agent.clip_range" => Phrase::new("clip range", "클립 범위"),
        key => {
            let last = key.rsplit('.').next().unwrap_or(key);
            Phrase::new(last, last)
        }
    }
}

/// Writes `0.0003` as `3e-4`; what is no number stays as it is.
fn short_number(text: &str) -> String {
    let Ok(value) = text.replace('_', "").parse::<f64>() else {
        return crate::cells::clean(text);
    };
    let magnitude = value.abs();
    let plain = value.to_string();
    if magnitude > 0.0 && !(0.01..1e5).contains(&magnitude) {
        let exact = format!("{value:e}");
        return match exact.len() {
            0..=8 => exact,
            _ => format!("{value:.2e}"),
        };
    }
    match plain.len() {
        0..=8 => plain,
        _ => crate::number::figure(value),
    }
}

/// Which marks are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Marking {
    /// What a person or a scheduler did, and the best validation that stands.
    #[default]
    Usual,
    /// Every former best and every checkpoint too.
    Everything,
}

impl Marking {
    /// Both, in the order in which a key goes through them.
    pub const ALL: [Self; 2] = [Self::Usual, Self::Everything];

    /// Returns the word that files know it by.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Usual => "usual",
            Self::Everything => "everything",
        }
    }

    /// Returns whether `mark` is shown.
    #[must_use]
    pub fn shows(self, mark: &Mark) -> bool {
        match mark.what {
            Happened::Saved | Happened::Best { stands: false, .. } => self == Self::Everything,
            _ => true,
        }
    }
}

/// Something that happened at a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Environment steps of its seed, or of the run where it belongs to none.
    pub step: u64,
    /// The seed; `None` for the run as a whole.
    pub seed: Option<u64>,
    /// What.
    pub what: Happened,
}

/// Checkpoints, and bests, of one seed that are kept; older ones are gone from the disk as well.
const MOST_OF_A_KIND: usize = 1_000;

impl Mark {
    /// Returns every mark of a run in order of steps. `tracks` are the events of the run as a whole
    /// and of each seed, as they were written.
    #[must_use]
    pub fn all(tracks: &[(Option<u64>, &[EventRecord])]) -> Vec<Self> {
        let of_run = tracks.iter().filter(|(seed, _)| seed.is_none());
        let starts: Vec<(Nanos, u32)> = of_run
            .flat_map(|(_, records)| records.iter())
            .filter_map(|record| match record.event {
                Event::SegmentStarted { segment, .. } => Some((record.t, segment)),
                _ => None,
            })
            .collect();
        let mut marks: Vec<Self> = tracks
            .iter()
            .flat_map(|(seed, records)| of_track(*seed, records, &starts))
            .collect();
        marks.sort_by_key(|mark| mark.step);
        marks
    }

    /// Returns where it lies on `axis`; `curve` is one of its seed's. `None` where the curve has no
    /// point yet.
    #[must_use]
    pub fn x(&self, axis: Axis, curve: &Series) -> Option<f64> {
        match axis {
            Axis::EnvSteps => Some(self.step as f64),
            Axis::Time | Axis::Updates => curve.x_at(axis, self.step as f64),
        }
    }

    /// Returns its few words; with the seed where `several` are shown.
    #[must_use]
    pub fn label(&self, lang: Lang, several: bool) -> String {
        let says = self.what.says();
        match self.seed.filter(|_| several) {
            Some(seed) => format!("#{seed} {}", says.get(lang)),
            None => says.get(lang).to_owned(),
        }
    }
}

/// Returns the marks of one track. A worker that goes on says so first of all, at the step of the
/// checkpoint that it goes on from: what came after that checkpoint never happened to what follows.
fn of_track(seed: Option<u64>, records: &[EventRecord], starts: &[(Nanos, u32)]) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut before: Option<(Nanos, u64)> = None;
    for record in records {
        let Some(step) = record.step else { continue };
        if let (Some((then, last)), Some(_)) = (before, seed) {
            let between = |(at, _): &&(Nanos, u32)| then < *at && *at <= record.t;
            let start = starts.iter().rev().find(between);
            if start.is_some() || step < last {
                take_back(&mut marks, step);
            }
            if let Some((_, segment)) = start {
                let segment = *segment;
                let what = Happened::Restarted { segment };
                marks.push(Mark { step, seed, what });
            }
        }
        if let Some(what) = Happened::of(&record.event) {
            marks.push(Mark { step, seed, what });
        }
        before = Some((record.t, step));
    }
    if let Some(Happened::Best { stands, .. }) = marks
        .iter_mut()
        .rev()
        .map(|mark| &mut mark.what)
        .find(|what| matches!(what, Happened::Best { .. }))
    {
        *stands = true;
    }
    keep_latest(&mut marks, |what| matches!(what, Happened::Saved));
    keep_latest(&mut marks, |what| matches!(what, Happened::Best { .. }));
    marks
}

/// Forgets what came after the checkpoint of `step` was written.
fn take_back(marks: &mut Vec<Mark>, step: u64) {
    let saved = |mark: &Mark| mark.step == step && mark.what == Happened::Saved;
    let last = marks.iter().rposition(saved);
    let mut index = 0;
    marks.retain(|mark| {
        let here = index;
        index += 1;
        let started = matches!(mark.what, Happened::Restarted { .. });
        mark.step < step || mark.step == step && (started || last.is_some_and(|last| here <= last))
    });
}

fn keep_latest(marks: &mut Vec<Mark>, of_kind: impl Fn(&Happened) -> bool) {
    let count = marks.iter().filter(|mark| of_kind(&mark.what)).count();
    let mut surplus = count.saturating_sub(MOST_OF_A_KIND);
    marks.retain(|mark| {
        let goes = surplus > 0 && of_kind(&mark.what);
        surplus -= usize::from(goes);
        !goes
    });
}

#[cfg(test)]
#[path = "tests/marks.rs"]
mod tests;
