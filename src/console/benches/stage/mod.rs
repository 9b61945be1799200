//! What every bench of the console draws on and times with.

use config::keys::Theme as Choice;
use console::{
    State,
    canvas::Canvas,
    caps::{Caps, Depth, Glyphs},
    chord::Chord,
    message::Message,
    theme::Theme,
    update,
    view::view,
};
use domain::{Clock, SystemClock};
use ratatui::layout::Rect;
use std::{
    io::{self, Write},
    time::Duration,
};

/// Columns and rows of the terminal.
pub const SIZE: (u16, u16) = (200, 60);

/// Presses a key, and has the details follow that wait until the cursor rests.
pub fn press(state: &mut State, chord: Chord, clock: &SystemClock) {
    update(state, Message::Press(chord), clock.steady());
    while let Some(due) = state.resting.due() {
        update(state, Message::Tick, due);
    }
}

/// Returns how long `work` took.
pub fn timed(clock: &SystemClock, work: impl FnOnce()) -> Duration {
    let start = clock.steady();
    work();
    clock.steady() - start
}

/// Writes what `what` took, of which `times` are all that were measured; there is at least one.
///
/// # Errors
/// The operating system's refusal to write.
pub fn tell(what: &str, times: &mut [Duration]) -> io::Result<()> {
    times.sort_unstable();
    let millis = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e3;
    writeln!(
        io::stderr(),
        "{what}: p50 {:.2} ms, p99 {:.2} ms, worst {:.2} ms",
        millis(50),
        millis(99),
        millis(100)
    )
}

/// A terminal that takes every byte, and what it is drawn with.
#[derive(Debug)]
pub struct Screen {
    /// What it shows.
    pub canvas: Canvas,
    caps: Caps,
    theme: Theme,
    out: Vec<u8>,
}

impl Screen {
    /// Starts with nothing shown.
    pub fn new() -> Self {
        let caps = Caps {
            depth: Depth::Indexed,
            glyphs: Glyphs::Unicode,
        };
        Self {
            canvas: Canvas::default(),
            theme: Theme::new(Choice::Dark, caps.depth),
            caps,
            out: Vec::new(),
        }
    }

    /// Draws the whole screen, compares it with what is shown and encodes the difference.
    pub fn show(&mut self, state: &State) {
        let area = Rect::new(0, 0, state.size.0, state.size.1);
        let mut buffer = self.canvas.blank(area);
        let (caps, theme) = (&self.caps, &self.theme);
        let caret = view(state, caps, theme, state.lang, area, &mut buffer);
        self.out.clear();
        // Memory takes every byte.
        let _ = self.canvas.show(&mut self.out, buffer, caret);
    }
}
