//! What every bench of the console draws on and times with.

use config::keys::Theme as Choice;
use console::{
    State,
    caps::{Caps, Depth, Glyphs},
    theme::Theme,
    view::view,
};
use domain::{Clock, SystemClock};
use ratatui::{buffer::Buffer, layout::Rect};
use std::{
    io::{self, Write},
    time::Duration,
};

/// Columns and rows of the terminal.
pub const SIZE: (u16, u16) = (200, 60);

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

/// Draws the whole screen once.
pub fn draw(state: &State) {
    let caps = Caps {
        depth: Depth::Indexed,
        glyphs: Glyphs::Unicode,
    };
    let theme = Theme::new(Choice::Dark, caps.depth);
    let area = Rect::new(0, 0, SIZE.0, SIZE.1);
    let mut buffer = Buffer::empty(area);
    view(state, &caps, &theme, state.lang, area, &mut buffer);
}
