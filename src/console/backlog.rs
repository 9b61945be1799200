//! Columns of charts that were drawn roughly, to be read by a thread of its own.
//!
//! A chart of many long curves needs thousands of places of a file: nobody who presses a key waits
//! for them. The picture is drawn from memory first and exactly as soon as the columns are read,
//! mostly within the same blink. Whoever has a picture drawn and nobody to read keeps no backlog;
//! then all is read at once. Start at [`Backlog::add`].

use crate::{
    message::Message,
    series::{Axis, Series, Visible},
};
use std::{
    mem,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender},
    },
};

/// Columns of one curve that were drawn roughly.
#[derive(Clone, Debug)]
pub struct Rough {
    series: Series,
    axis: Axis,
    window: (f64, f64),
    count: usize,
}

/// What is to be read for the picture drawn last.
#[derive(Clone, Debug, Default)]
pub struct Backlog(Arc<Mutex<Vec<Rough>>>);

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
            backlog.add(Rough {
                series: series.clone(),
                axis,
                window,
                count,
            });
        }
        shown
    }

    fn add(&self, rough: Rough) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        list.push(rough);
    }

    /// Returns what is to be read, which is then another's to do.
    #[must_use]
    pub fn take(&self) -> Vec<Rough> {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        mem::take(&mut *list)
    }
}

/// Reads what one picture after another left, until nobody draws any more. Of several pictures only
/// the last is still to be seen.
pub fn read(pictures: &Receiver<Vec<Rough>>, out: &Sender<Message>) {
    while let Ok(picture) = pictures.recv() {
        let (mut left, mut answered) = (picture.into_iter(), 1);
        loop {
            if let Ok(newer) = pictures.try_recv() {
                left = newer.into_iter();
                answered += 1;
                continue;
            }
            let Some(rough) = left.next() else { break };
            // What is visible is remembered by the curve that is drawn next.
            let _ = rough.series.visible(rough.axis, rough.window, rough.count);
        }
        let told = (0..answered).map(|_| Message::Settled);
        for message in [Message::ColumnsRead].into_iter().chain(told) {
            if out.send(message).is_err() {
                return;
            }
        }
    }
}
