//! How fast frames may follow each other, so that none waits in line behind another.
//!
//! A slow line takes a frame at once and shows it seconds later: megabytes fit into what lies
//! between. Terminals answer a status request, so every frame ends with one, and the next waits
//! until the former is known to be shown. Keys may overtake while little is on its way; data come
//! less often the longer a frame travels. Knows no clock and writes nothing. Start at
//! [`Pace::due`].

use std::{collections::VecDeque, time::Duration};

/// Asks the terminal whether it is well (DSR 5); every one since the VT100 answers.
pub const ASK: &[u8] = b"\x1b[5n";
/// As much may be on its way when a key is answered.
const OVERTAKE: usize = 2_048;
/// A terminal that is silent for as long is not asked again until it speaks.
const PATIENCE: Duration = Duration::from_secs(10);
/// Least time between two frames that only bring data, by how long the last one travelled.
const LADDER: [(Duration, Duration); 3] = [
    (Duration::from_millis(33), Duration::from_millis(33)),
    (Duration::from_millis(100), Duration::from_millis(100)),
    (Duration::from_millis(350), Duration::from_millis(250)),
];
const SLOWEST: Duration = Duration::from_secs(1);

/// Whether the terminal answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Answers {
    /// It has not been asked.
    #[default]
    Unasked,
    /// It was asked once and has said nothing so far, or nothing any more.
    Silent,
    /// It answers.
    Yes,
}

/// Frames on their way to the terminal.
#[derive(Debug, Default)]
pub struct Pace {
    on_the_way: VecDeque<Frame>,
    answers: Answers,
    /// Questions that were not answered so far, also those of frames that nobody waits for any more.
    open: usize,
    /// Frames went out without a question, and the terminal has not answered one after them.
    untold: bool,
    /// How long the last frame travelled.
    travelled: Duration,
    sent_at: Option<Duration>,
}

#[derive(Debug)]
struct Frame {
    sent: Duration,
    bytes: usize,
    /// The operating system has taken it.
    taken: bool,
    /// Whether the terminal will tell when it has shown it.
    answered: bool,
}

impl Pace {
    /// Makes one that never asks the terminal.
    #[must_use]
    pub fn unasking() -> Self {
        Self {
            answers: Answers::Silent,
            ..Self::default()
        }
    }

    /// Returns when the next frame may be sent, in steady time; `None` while only the operating
    /// system's taking the former one can tell. Somebody waits for an `urgent` one.
    #[must_use]
    pub fn due(&self, urgent: bool) -> Option<Duration> {
        let Some(oldest) = self.on_the_way.front() else {
            return Some(match (urgent, self.sent_at) {
                (false, Some(at)) => at + self.interval(),
                _ => Duration::ZERO,
            });
        };
        if !self.on_the_way.iter().all(|frame| frame.taken) {
            return None;
        }
        if urgent && self.bytes() <= OVERTAKE {
            return Some(Duration::ZERO);
        }
        Some(oldest.sent + PATIENCE)
    }

    /// Returns whether everything that was sent is known to be shown, or nobody can tell.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.on_the_way.is_empty()
    }

    /// Returns whether a frame of `bytes` certainly fits into what lies between, behind the few that
    /// the operating system has taken and a terminal that answers has not shown so far. After a
    /// silence nobody knows what else lies there, until every question is answered.
    #[must_use]
    pub fn has_room(&self, bytes: usize) -> bool {
        let is_known = !self.untold && self.open == self.on_the_way.len();
        self.answers == Answers::Yes
            && is_known
            && self.on_the_way.iter().all(|frame| frame.taken)
            && self.bytes() + bytes <= OVERTAKE
    }

    /// Returns how many bytes are on their way.
    fn bytes(&self) -> usize {
        self.on_the_way.iter().map(|frame| frame.bytes).sum()
    }

    /// A frame of `bytes` is sent at `now`; returns whether it is to end with [`ASK`].
    pub fn send(&mut self, bytes: usize, now: Duration) -> bool {
        let overdue = |frame: &Frame| frame.answered && now >= frame.sent + PATIENCE;
        if self.on_the_way.front().is_some_and(overdue) {
            // What is not written yet still comes before this one.
            self.on_the_way.retain(|frame| !frame.taken);
            let waiting = self.on_the_way.iter_mut();
            waiting.for_each(|frame| frame.answered = false);
            self.answers = Answers::Silent;
        }
        let asks = self.answers != Answers::Silent;
        self.open += usize::from(asks);
        self.untold |= !asks;
        self.on_the_way.push_back(Frame {
            sent: now,
            bytes,
            taken: false,
            answered: self.answers == Answers::Yes,
        });
        if self.answers == Answers::Unasked {
            self.answers = Answers::Silent;
        }
        self.sent_at = Some(now);
        asks
    }

    /// The operating system took the next frame.
    pub fn taken(&mut self, now: Duration) {
        if let Some(frame) = self.on_the_way.iter_mut().find(|frame| !frame.taken) {
            frame.taken = true;
        }
        while let Some(frame) = self.on_the_way.front()
            && frame.taken
            && !frame.answered
        {
            self.travelled = now.saturating_sub(frame.sent);
            self.on_the_way.pop_front();
        }
    }

    /// The terminal answered: it has shown the oldest frame.
    pub fn answered(&mut self, now: Duration) {
        self.open = self.open.saturating_sub(1);
        // From its first answer on every frame asks, so the last question is behind all that was sent.
        if self.answers == Answers::Yes && self.open == 0 {
            self.untold = false;
        }
        self.answers = Answers::Yes;
        if self.on_the_way.front().is_some_and(|frame| frame.answered)
            && let Some(frame) = self.on_the_way.pop_front()
        {
            self.travelled = now.saturating_sub(frame.sent);
        }
    }

    fn interval(&self) -> Duration {
        let step = LADDER.iter().find(|(within, _)| self.travelled <= *within);
        step.map_or(SLOWEST, |(_, interval)| *interval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// A pace with a terminal that answers.
    fn answering() -> Pace {
        let mut pace = Pace::default();
        assert!(pace.send(100, ms(0)));
        pace.taken(ms(0));
        assert!(pace.is_clear(), "nobody waits for a first answer");
        pace.answered(ms(1));
        pace
    }

    #[test]
    fn a_terminal_that_never_answers_is_asked_once_and_never_waited_for() {
        let mut pace = Pace::default();
        assert!(pace.send(100, ms(0)));
        pace.taken(ms(1));
        for at in 1..50 {
            assert!(!pace.send(100, ms(at)));
            pace.taken(ms(at));
            assert!(pace.is_clear());
        }
    }

    #[test]
    fn a_frame_waits_until_the_former_is_shown() {
        let mut pace = answering();
        assert!(pace.send(9_000, ms(100)));
        // The operating system's buffers are full: not even a key is drawn.
        assert_eq!(pace.due(true), None);
        pace.taken(ms(101));
        assert_eq!(pace.due(true), Some(ms(10_100)));
        assert_eq!(pace.due(false), Some(ms(10_100)));
        pace.answered(ms(1_600));
        assert_eq!(pace.due(true), Some(ms(0)));
    }

    #[test]
    fn keys_overtake_while_little_is_on_its_way() {
        let mut pace = answering();
        let mut sent = 0;
        while pace.due(true) == Some(ms(0)) {
            pace.send(300, ms(100));
            pace.taken(ms(100));
            sent += 1;
        }
        assert_eq!(sent, 7);
        assert_ne!(pace.due(false), Some(ms(0)));
        for _ in 0..sent {
            pace.answered(ms(400));
        }
        assert!(pace.is_clear());
    }

    #[test]
    fn there_is_room_for_little_on_a_terminal_that_answers() {
        assert!(!Pace::default().has_room(1), "nobody knows yet");
        assert!(!Pace::unasking().has_room(1));
        let mut pace = answering();
        assert!(pace.has_room(2_048) && !pace.has_room(2_049));
        pace.send(1_000, ms(100));
        assert!(!pace.has_room(1), "the former one is not written yet");
        pace.taken(ms(100));
        assert!(pace.has_room(1_048) && !pace.has_room(1_049));
        pace.answered(ms(101));
        assert!(pace.has_room(2_048));
    }

    #[test]
    fn there_is_no_room_while_nobody_knows_what_lies_between() {
        let mut pace = Pace::default();
        pace.send(100, ms(0));
        pace.send(9_000, ms(1));
        pace.taken(ms(1));
        pace.taken(ms(1));
        // Answers the first; the second asked nothing.
        has_room_from_its_next_answer_on(&mut pace, 2);
        // Silent for long; then the line is back, and the first answer is the late one.
        pace.send(100, ms(100));
        pace.taken(ms(100));
        pace.send(9_000, ms(10_100));
        pace.taken(ms(10_100));
        has_room_from_its_next_answer_on(&mut pace, 12_000);
    }

    fn has_room_from_its_next_answer_on(pace: &mut Pace, at: u64) {
        pace.answered(ms(at));
        assert!(pace.is_clear() && !pace.has_room(1));
        pace.send(10, ms(at + 1));
        pace.taken(ms(at + 1));
        pace.answered(ms(at + 2));
        assert!(pace.has_room(2_048));
    }

    #[test]
    fn a_frame_that_is_not_written_yet_is_not_forgotten_in_a_silence() {
        let mut pace = answering();
        pace.send(100, ms(100));
        // Drawn all the same, as after the program was stopped for a while.
        pace.send(200, ms(10_100));
        pace.taken(ms(10_101));
        assert!(!pace.is_clear(), "that was the first one");
        pace.taken(ms(10_102));
        assert!(pace.is_clear());
    }

    #[rstest]
    #[case(1, 33)]
    #[case(60, 100)]
    #[case(300, 250)]
    #[case(900, 1_000)]
    fn data_come_less_often_the_longer_a_frame_travels(
        #[case] travels: u64,
        #[case] interval: u64,
    ) {
        let mut pace = answering();
        pace.send(500, ms(1_000));
        pace.taken(ms(1_000));
        pace.answered(ms(1_000 + travels));
        assert_eq!(pace.due(false), Some(ms(1_000 + interval)));
    }

    #[test]
    fn a_terminal_that_falls_silent_is_waited_for_only_so_long() {
        let mut pace = answering();
        pace.send(9_000, ms(100));
        pace.taken(ms(100));
        assert!(!pace.send(10, ms(10_100)), "asked a silent terminal again");
        pace.taken(ms(10_100));
        assert!(pace.is_clear());
        // It was the line, after all.
        pace.answered(ms(12_000));
        assert!(pace.send(10, ms(12_001)));
    }
}
