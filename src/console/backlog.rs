//! What a picture lacks that takes long: columns of charts to be read, curves to be smoothed.
//!
//! A chart of many long curves needs thousands of places of a file, and smoothing one goes through
//! all its points: nobody who presses a key waits for that. The picture is drawn from memory first,
//! and anew as soon as a thread of its own has made good what was missing, mostly within the same
//! blink. Whoever has a picture drawn and nobody to read keeps no backlog; then all is done at once.
//! Start at [`Backlog::shown`], then [`work`].

use crate::{
    charts::CurveName,
    message::Message,
    series::{Axis, Series, Visible},
    smoothing::{Smoothed, Smoothing},
};
use std::{
    collections::VecDeque,
    mem,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender},
    },
};

/// Columns of one curve that were drawn roughly.
#[derive(Clone, Debug)]
struct Rough {
    series: Series,
    axis: Axis,
    window: (f64, f64),
    count: usize,
}

/// A curve that is to be smoothed.
#[derive(Clone, Debug)]
struct Unsmoothed {
    name: CurveName,
    raw: Series,
    strength: Smoothing,
    /// As far as it is done.
    smoothed: Smoothed,
}

/// What one picture lacks.
#[derive(Debug, Default)]
pub struct Lack {
    columns: Vec<Rough>,
    curves: Vec<Unsmoothed>,
    /// No curve of an earlier picture is to be smoothed any more.
    forgets: bool,
}

/// What the picture lacks that is drawn next.
#[derive(Clone, Debug, Default)]
pub struct Backlog(Arc<Mutex<Lack>>);

impl Lack {
    /// Returns whether nothing is missing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.curves.is_empty() && !self.forgets
    }

    /// Returns how many curves have columns that were drawn roughly.
    #[must_use]
    pub fn rough(&self) -> usize {
        self.columns.len()
    }
}

impl Backlog {
    /// Returns what `count` columns over `window` of `axis` hold. Where more than `most` would have
    /// to be looked for in a file they are rough, and go on the backlog.
    #[must_use]
    pub fn shown(
        backlog: Option<&Self>,
        series: &Series,
        axis: Axis,
        (window, count): ((f64, f64), usize),
        most: usize,
    ) -> Visible {
        let most = backlog.map_or(usize::MAX, |_| most);
        let (shown, is_exact) = series.glance(axis, window, count, most);
        if let (Some(backlog), false) = (backlog, is_exact) {
            let series = series.clone();
            backlog.lack().columns.push(Rough {
                series,
                axis,
                window,
                count,
            });
        }
        shown
    }

    /// Has `raw` smoothed, of which `smoothed` is done.
    pub fn smooth(&self, name: CurveName, raw: Series, strength: Smoothing, smoothed: Smoothed) {
        self.lack().curves.push(Unsmoothed {
            name,
            raw,
            strength,
            smoothed,
        });
    }

    /// Has no curve smoothed that was to be so far.
    pub fn forget(&self) {
        let mut lack = self.lack();
        lack.curves.clear();
        lack.forgets = true;
    }

    /// Returns what is missing, which is then another's to do.
    #[must_use]
    pub fn take(&self) -> Lack {
        mem::take(&mut *self.lack())
    }

    fn lack(&self) -> std::sync::MutexGuard<'_, Lack> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes good what one picture after another lacks, until nobody draws any more. Of several pictures
/// only the last is still to be seen, and of each curve only what it was to be smoothed to last.
pub fn work(pictures: &Receiver<Lack>, out: &Sender<Message>) {
    while let Ok(picture) = pictures.recv() {
        let (mut columns, mut curves) = (Vec::new().into_iter(), VecDeque::<Unsmoothed>::new());
        let (mut next, mut answered, mut is_read) = (Some(picture), 0, false);
        loop {
            if let Some(lack) = next.take().or_else(|| pictures.try_recv().ok()) {
                answered += 1;
                columns = lack.columns.into_iter();
                if lack.forgets {
                    curves.clear();
                }
                for newer in lack.curves {
                    curves.retain(|curve| curve.name != newer.name);
                    curves.push_back(newer);
                }
            } else if let Some(rough) = columns.next() {
                // The curve itself remembers what is visible of it.
                let _ = rough.series.visible(rough.axis, rough.window, rough.count);
                is_read = true;
            } else if mem::take(&mut is_read) {
                if out.send(Message::ColumnsRead).is_err() {
                    return;
                }
            } else if let Some(mut curve) = curves.pop_front() {
                curve.smoothed.follow(&curve.raw, curve.strength);
                let (name, smoothed) = (curve.name, Box::new(curve.smoothed));
                if out.send(Message::Smoothed { name, smoothed }).is_err() {
                    return;
                }
            } else {
                break;
            }
        }
        for _ in 0..answered {
            if out.send(Message::Settled).is_err() {
                return;
            }
        }
    }
}
