//! The fewest bytes that put changed cells on a terminal.
//!
//! Says only what differs from the cell before: the one colour that changed, a step to the right
//! instead of a place, nothing at all where the cursor already stands. Every terminal since the
//! VT220 knows the sequences. Start at [`encode`].

use crate::cells;
use ratatui::{
    buffer::Cell,
    style::{Color, Modifier},
};
use std::{fmt, io::Write};

/// Attributes and the parameters that set them.
const ATTRIBUTES: [(Modifier, u8); 8] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

/// How the terminal writes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pen {
    front: Color,
    back: Color,
    modifier: Modifier,
}

const PLAIN: Pen = Pen {
    front: Color::Reset,
    back: Color::Reset,
    modifier: Modifier::empty(),
};

/// Appends to `out` what puts `changed` cells, row by row from the left, on a terminal that writes
/// plainly; it does so again afterwards.
pub fn encode<'a>(out: &mut Vec<u8>, changed: impl IntoIterator<Item = (u16, u16, &'a Cell)>) {
    let mut pen = PLAIN;
    let mut at: Option<(u16, u16)> = None;
    for (x, y, cell) in changed {
        go(out, at, (x, y));
        let wanted = Pen {
            front: cell.fg,
            back: cell.bg,
            modifier: cell.modifier,
        };
        change(out, pen, wanted);
        pen = wanted;
        let symbol = match cell.symbol() {
            "" => " ",
            symbol => symbol,
        };
        out.extend_from_slice(symbol.as_bytes());
        let width = u16::try_from(cells::width(symbol)).unwrap_or(1);
        at = Some((x + width, y));
    }
    if pen != PLAIN {
        out.extend_from_slice(b"\x1b[0m");
    }
}

/// Moves the cursor from `at`, `None` for anywhere, to `to`.
fn go(out: &mut Vec<u8>, at: Option<(u16, u16)>, to: (u16, u16)) {
    // Writing into a vector cannot fail.
    let _ = match at {
        Some(at) if at == to => Ok(()),
        Some((x, y)) if y == to.1 && x < to.0 => match to.0 - x {
            1 => write!(out, "\x1b[C"),
            steps => write!(out, "\x1b[{steps}C"),
        },
        _ => write!(out, "\x1b[{};{}H", to.1 + 1, to.0 + 1),
    };
}

/// Changes the pen.
fn change(out: &mut Vec<u8>, before: Pen, after: Pen) {
    if before == after {
        return;
    }
    let mut known = before;
    let mut parameters = Parameters { out, some: false };
    if !after.modifier.contains(before.modifier) {
        // What is too much can only be taken away all at once.
        parameters.add(format_args!("0"));
        known = PLAIN;
    }
    let added = after.modifier.difference(known.modifier);
    for (attribute, code) in ATTRIBUTES {
        if added.contains(attribute) {
            parameters.add(format_args!("{code}"));
        }
    }
    if after.front != known.front {
        parameters.colour(after.front, 30);
    }
    if after.back != known.back {
        parameters.colour(after.back, 40);
    }
    if parameters.some {
        out.push(b'm');
    }
}

/// The parameters of a sequence that changes the pen.
struct Parameters<'a> {
    out: &'a mut Vec<u8>,
    some: bool,
}

impl Parameters<'_> {
    fn add(&mut self, parameter: fmt::Arguments<'_>) {
        let before: &[u8] = if self.some { b";" } else { b"\x1b[" };
        self.out.extend_from_slice(before);
        // Writing into a vector cannot fail.
        let _ = self.out.write_fmt(parameter);
        self.some = true;
    }

    /// Adds `colour` for the front (`base` 30) or the back (40).
    fn colour(&mut self, colour: Color, base: u8) {
        let index = match colour {
            Color::Reset => base + 9,
            Color::Black => base,
            Color::Red => base + 1,
            Color::Green => base + 2,
            Color::Yellow => base + 3,
            Color::Blue => base + 4,
            Color::Magenta => base + 5,
            Color::Cyan => base + 6,
            Color::Gray => base + 7,
            Color::DarkGray => base + 60,
            Color::LightRed => base + 61,
            Color::LightGreen => base + 62,
            Color::LightYellow => base + 63,
            Color::LightBlue => base + 64,
            Color::LightMagenta => base + 65,
            Color::LightCyan => base + 66,
            Color::White => base + 67,
            Color::Indexed(index) => return self.add(format_args!("{};5;{index}", base + 8)),
            Color::Rgb(red, green, blue) => {
                return self.add(format_args!("{};2;{red};{green};{blue}", base + 8));
            }
        };
        self.add(format_args!("{index}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::{
        backend::{Backend, CrosstermBackend},
        buffer::Buffer,
        layout::Rect,
        style::Style,
    };

    const AREA: Rect = Rect::new(0, 0, 24, 5);

    fn style() -> impl Strategy<Value = Style> {
        let colours = [
            Color::Reset,
            Color::Red,
            Color::LightCyan,
            Color::DarkGray,
            Color::White,
            Color::Indexed(75),
            Color::Rgb(1, 2, 3),
        ];
        let colour = prop::sample::select(colours.to_vec());
        let bold = [Modifier::empty(), Modifier::BOLD, Modifier::REVERSED];
        let modifier = prop::sample::select(bold.to_vec());
        (colour.clone(), colour, modifier).prop_map(|(front, back, modifier)| {
            Style::new().fg(front).bg(back).add_modifier(modifier)
        })
    }

    fn frame() -> impl Strategy<Value = Buffer> {
        let text = prop::sample::select(vec!["a", "학습", "x y", "⣿⡇", " "]);
        prop::collection::vec((0..22_u16, 0..5_u16, text, style()), 0..30).prop_map(|written| {
            let mut buffer = Buffer::empty(AREA);
            for (x, y, text, style) in written {
                buffer.set_stringn(x, y, text, usize::from(24 - x), style);
            }
            buffer
        })
    }

    /// What a terminal shows: every cell with its colours and attributes.
    fn shown(bytes: &[u8]) -> String {
        let mut parser = vt100::Parser::new(5.try_into().unwrap(), 24.try_into().unwrap(), 0);
        parser.process(bytes);
        parser.screen().contents_formatted()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn a_terminal_shows_the_same_as_with_the_usual_encoder(frames in prop::collection::vec(frame(), 1..5)) {
            let (mut own, mut usual) = (Vec::new(), Vec::new());
            let mut before = Buffer::empty(AREA);
            for frame in frames {
                let changed = before.diff(&frame);
                CrosstermBackend::new(&mut usual).draw(changed.clone().into_iter()).unwrap();
                encode(&mut own, changed);
                before = frame;
            }
            prop_assert_eq!(shown(&own), shown(&usual));
            prop_assert!(own.len() <= usual.len(), "{} {}", own.len(), usual.len());
        }
    }

    #[test]
    fn nothing_changed_is_nothing_written() {
        let mut out = Vec::new();
        encode(&mut out, []);
        assert!(out.is_empty());
    }

    #[test]
    fn one_colour_changes_alone_and_a_gap_is_a_step() {
        let mut buffer = Buffer::empty(AREA);
        let blue = Style::new().fg(Color::Indexed(75));
        let red = Style::new().fg(Color::Indexed(210));
        buffer.set_string(2, 1, "a", blue);
        buffer.set_string(3, 1, "b", red);
        buffer.set_string(6, 1, "c", red);
        let mut out = Vec::new();
        encode(&mut out, Buffer::empty(AREA).diff(&buffer));
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "\x1b[2;3H\x1b[38;5;75ma\x1b[38;5;210mb\x1b[2Cc\x1b[0m"
        );
    }
}
