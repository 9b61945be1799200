//! Colours by what they mean.
//!
//! Every role is also told apart without colour, by a word, a mark or bold. How far colours are from
//! the background and from each other, also for the colour-blind, is measured by `tests/colours.rs`.
//! Start at [`Theme::new`].

use crate::caps::Depth;
use config::keys::Theme as Choice;
use ratatui::style::{Color, Modifier, Style};

/// Styles by role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Ordinary text.
    pub text: Style,
    /// Labels, units, axes.
    pub faint: Style,
    /// Titles and the current place.
    pub title: Style,
    /// What the cursor is on.
    pub selected: Style,
    /// Header and footer bars.
    pub bar: Style,
    /// A key in the footer.
    pub key: Style,
    /// Good: done, profit.
    pub good: Style,
    /// To look at.
    pub warn: Style,
    /// Bad: failed, loss.
    pub bad: Style,
    /// Lines of a chart, one a seed.
    pub series: [Style; 6],
}

/// One palette: 24-bit, index of the 256, and basic colour of each role.
type Ink = (u32, u8, Color);

struct Palette {
    faint: Ink,
    title: Ink,
    good: Ink,
    warn: Ink,
    bad: Ink,
    series: [Ink; 6],
}

const DARK: Palette = Palette {
    faint: (0x949494, 246, Color::DarkGray),
    title: (0x5fafff, 75, Color::LightBlue),
    good: (0x87d787, 114, Color::Green),
    warn: (0xffd75f, 221, Color::Yellow),
    bad: (0xff8787, 210, Color::LightRed),
    series: [
        (0x5fafff, 75, Color::LightBlue),
        (0xffaf5f, 215, Color::Yellow),
        (0x87d787, 114, Color::Green),
        (0xd787d7, 176, Color::Magenta),
        (0x5fd7d7, 80, Color::Cyan),
        (0xffd7af, 223, Color::White),
    ],
};

const LIGHT: Palette = Palette {
    faint: (0x6c6c6c, 242, Color::DarkGray),
    title: (0x005faf, 25, Color::Blue),
    good: (0x005f00, 22, Color::Green),
    warn: (0x875f00, 94, Color::Yellow),
    bad: (0xaf0000, 124, Color::Red),
    series: [
        (0x005faf, 25, Color::Blue),
        (0xaf5f00, 130, Color::Yellow),
        (0x008700, 28, Color::Green),
        (0x87005f, 89, Color::Magenta),
        (0x008787, 30, Color::Cyan),
        (0x444444, 238, Color::Black),
    ],
};

const CONTRAST: Palette = Palette {
    faint: (0xbcbcbc, 250, Color::Gray),
    title: (0xffffff, 231, Color::White),
    good: (0x5fafff, 75, Color::LightBlue),
    warn: (0xffff00, 226, Color::LightYellow),
    bad: (0xff8700, 208, Color::LightRed),
    series: [
        (0x5fafff, 75, Color::LightBlue),
        (0xffaf00, 214, Color::LightYellow),
        (0x00d7af, 43, Color::LightGreen),
        (0xff87d7, 212, Color::LightMagenta),
        (0xffffff, 231, Color::White),
        (0xff5f00, 202, Color::LightRed),
    ],
};

/// Blue, orange and lightness, which stay apart without red or without green receptors.
const RED_GREEN: Palette = Palette {
    faint: (0x949494, 246, Color::DarkGray),
    title: (0xffffff, 231, Color::White),
    good: (0x5fafff, 75, Color::LightBlue),
    warn: (0xffff87, 228, Color::White),
    bad: (0xff8700, 208, Color::Yellow),
    series: [
        (0x5fafff, 75, Color::LightBlue),
        (0xff8700, 208, Color::Yellow),
        (0xffff87, 228, Color::LightYellow),
        (0x5f5fff, 63, Color::Blue),
        (0xffffff, 231, Color::White),
        (0xaf8787, 138, Color::Gray),
    ],
};

/// Teal, red and lightness, which stay apart without blue receptors.
const BLUE_YELLOW: Palette = Palette {
    faint: (0x949494, 246, Color::DarkGray),
    title: (0xffffff, 231, Color::White),
    good: (0x5fd7d7, 80, Color::LightCyan),
    warn: (0xffd7d7, 224, Color::White),
    bad: (0xff5f5f, 203, Color::LightRed),
    series: [
        (0x5fd7d7, 80, Color::LightCyan),
        (0xff5f5f, 203, Color::LightRed),
        (0xffffff, 231, Color::White),
        (0xd75fd7, 170, Color::Magenta),
        (0x5f8787, 66, Color::Cyan),
        (0xffafaf, 217, Color::Gray),
    ],
};

/// Every theme, in the order of the setting.
pub const ALL: [Choice; 5] = [
    Choice::Dark,
    Choice::Light,
    Choice::Contrast,
    Choice::RedGreen,
    Choice::BlueYellow,
];

/// Returns the backgrounds, as 24-bit colours, that `choice` is made for: no background is painted,
/// so it has to be read on anything between these two.
#[must_use]
pub const fn grounds(choice: Choice) -> [u32; 2] {
    match choice {
        Choice::Light => [0xffffff, 0xf5f5f5],
        _ => [0x000000, 0x282c34],
    }
}

impl Theme {
    /// Returns the styles of `choice` with `depth` colours.
    #[must_use]
    pub fn new(choice: Choice, depth: Depth) -> Self {
        let palette = match choice {
            Choice::Dark => DARK,
            Choice::Light => LIGHT,
            Choice::Contrast => CONTRAST,
            Choice::RedGreen => RED_GREEN,
            Choice::BlueYellow => BLUE_YELLOW,
        };
        let ink = |(rgb, index, basic): Ink| match depth {
            Depth::Mono => Style::new(),
            Depth::Basic => Style::new().fg(basic),
            Depth::Indexed => Style::new().fg(Color::Indexed(index)),
            Depth::True => Style::new().fg(Color::from_u32(rgb)),
        };
        let bold = Modifier::BOLD;
        let faint = match depth {
            Depth::Mono => Style::new().add_modifier(Modifier::DIM),
            _ => ink(palette.faint),
        };
        Self {
            text: Style::new(),
            faint,
            title: ink(palette.title).add_modifier(bold),
            selected: Style::new().add_modifier(Modifier::REVERSED),
            bar: Style::new().add_modifier(Modifier::REVERSED),
            key: ink(palette.title).add_modifier(bold),
            good: ink(palette.good),
            warn: ink(palette.warn).add_modifier(bold),
            bad: ink(palette.bad).add_modifier(bold),
            series: palette.series.map(ink),
        }
    }

    /// Returns the style of the `index`th line of a chart.
    #[must_use]
    pub fn series(&self, index: usize) -> Style {
        self.series[index % self.series.len()]
    }
}
