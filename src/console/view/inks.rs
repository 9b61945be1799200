//! How the colours that a log asks for are drawn, as near as terminal and theme allow.
//!
//! The sixteen basic colours stand for something (red is bad), so they become the theme's own, which
//! are measured against its backgrounds and told apart by the colour-blind. Any other is kept where
//! it can be read there, and else becomes the theme's of its hue. What is behind letters is drawn in
//! reverse: letters in the terminal's own background can be read on whatever can be read on it.
//! Start at [`Inks::style`].

use crate::{
    caps::Depth,
    colour::{contrast, nearest, of_palette, parts},
    theme::{Theme, grounds},
};
use config::keys::Theme as Choice;
use logbook::{Colour, Ink};
use ratatui::style::{Color, Modifier, Style};

/// Least contrast of text with its background (WCAG 2.2, success criterion 1.4.3).
const CONTRAST: f64 = 4.5;
/// Least distance between the strongest and the weakest part of a colour that has a hue.
const COLOURFUL: u32 = 64;

/// What there is to draw with.
#[derive(Clone, Copy, Debug)]
pub struct Inks<'a> {
    /// The theme's own colours.
    pub theme: &'a Theme,
    /// The theme.
    pub choice: Choice,
    /// How many colours the terminal has.
    pub depth: Depth,
}

impl Inks<'_> {
    /// Returns the style of a piece of text that is to look like `ink`.
    #[must_use]
    pub fn style(&self, ink: Ink) -> Style {
        let front = ink.front.and_then(|front| self.colour(front));
        let back = ink.back.and_then(|back| self.colour(back));
        // What is reversed has its front behind.
        let (behind, before) = match ink.reversed {
            true => (front, back),
            false => (back, front),
        };
        let is_reversed = ink.reversed || back.is_some();
        let colour = if is_reversed { behind } else { before };
        let mut style = match (ink.faint && !is_reversed, colour) {
            (true, None) => self.theme.faint,
            (_, Some(colour)) => Style::new().fg(colour),
            (false, None) => Style::new(),
        };
        for (has, modifier) in [
            (ink.bold, Modifier::BOLD),
            (ink.slanted, Modifier::ITALIC),
            (ink.underlined, Modifier::UNDERLINED),
            (is_reversed, Modifier::REVERSED),
        ] {
            if has {
                style = style.add_modifier(modifier);
            }
        }
        style
    }

    /// Returns the colour to draw with; `None` for that of ordinary text.
    fn colour(&self, colour: Colour) -> Option<Color> {
        let rgb = match colour {
            Colour::Indexed(index @ 0..16) => return self.basic(index),
            Colour::Indexed(index) => of_palette(index),
            Colour::True(red, green, blue) => u32::from_be_bytes([0, red, green, blue]),
        };
        let readable = self.is_readable(rgb);
        match (self.depth, colour) {
            (Depth::Mono, _) => None,
            (Depth::Indexed | Depth::True, Colour::Indexed(index)) if readable => {
                Some(Color::Indexed(index))
            }
            (Depth::True, Colour::True(red, green, blue)) if readable => {
                Some(Color::Rgb(red, green, blue))
            }
            (Depth::Indexed, Colour::True(..)) if readable => {
                let near = nearest(rgb);
                self.is_readable(of_palette(near))
                    .then_some(Color::Indexed(near))
                    .or_else(|| self.basic(hue(rgb)))
            }
            _ => self.basic(hue(rgb)),
        }
    }

    /// Returns the theme's own colour for one of the basic ones.
    fn basic(&self, index: u8) -> Option<Color> {
        let own = match index {
            1 | 9 => self.theme.bad,
            2 | 10 => self.theme.good,
            3 | 11 => self.theme.warn,
            4 | 12 => self.theme.title,
            5 | 13 => self.theme.series(3),
            6 | 14 => self.theme.series(4),
            8 => self.theme.faint,
            // Black and white are the terminal's background or its text, whichever is which.
            _ => Style::new(),
        };
        own.fg
    }

    /// Returns whether a colour can be read on each of the theme's backgrounds.
    fn is_readable(&self, rgb: u32) -> bool {
        let read = |ground| contrast(rgb, ground) >= CONTRAST;
        grounds(self.choice).into_iter().all(read)
    }
}

/// Returns which of the basic colours is of the same hue; that of text for what has none.
fn hue(rgb: u32) -> u8 {
    let [red, green, blue] = parts(rgb);
    let most = red.max(green).max(blue);
    let least = red.min(green).min(blue);
    if most - least < COLOURFUL {
        return 7;
    }
    // The parts that are nearer to the strongest than to the weakest.
    let half = least + (most - least) / 2;
    u8::from(red > half) | u8::from(green > half) << 1 | u8::from(blue > half) << 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::ALL;
    use rstest::rstest;

    fn front(colour: Colour) -> Ink {
        Ink {
            front: Some(colour),
            ..Ink::default()
        }
    }

    fn style(choice: Choice, depth: Depth, ink: Ink) -> Style {
        let theme = Theme::new(choice, depth);
        let inks = Inks {
            theme: &theme,
            choice,
            depth,
        };
        inks.style(ink)
    }

    #[rstest]
    #[case::basic_red_is_bad(
        Choice::RedGreen,
        Depth::True,
        Colour::Indexed(1),
        Some(Color::Rgb(0xff, 0x87, 0))
    )]
    #[case::with_256(
        Choice::Light,
        Depth::Indexed,
        Colour::Indexed(11),
        Some(Color::Indexed(94))
    )]
    #[case::with_16(Choice::Dark, Depth::Basic, Colour::Indexed(2), Some(Color::Green))]
    #[case::white_is_text(Choice::Light, Depth::True, Colour::Indexed(15), None)]
    #[case::black_is_text(Choice::Dark, Depth::True, Colour::Indexed(0), None)]
    #[case::kept(
        Choice::Dark,
        Depth::True,
        Colour::True(255, 160, 122),
        Some(Color::Rgb(255, 160, 122))
    )]
    #[case::nearest(
        Choice::Dark,
        Depth::Indexed,
        Colour::True(254, 176, 94),
        Some(Color::Indexed(215))
    )]
    #[case::of_the_palette(
        Choice::Dark,
        Depth::True,
        Colour::Indexed(208),
        Some(Color::Indexed(208))
    )]
    #[case::hue_with_16(
        Choice::Dark,
        Depth::Basic,
        Colour::True(250, 20, 30),
        Some(Color::LightRed)
    )]
    #[case::too_pale(
        Choice::Light,
        Depth::Indexed,
        Colour::True(255, 255, 0),
        Some(Color::Indexed(94))
    )]
    #[case::too_dark(Choice::Dark, Depth::Indexed, Colour::Indexed(16), None)]
    #[case::mono(Choice::Dark, Depth::Mono, Colour::True(255, 160, 122), None)]
    fn colours_are_as_near_as_they_can_be_read(
        #[case] choice: Choice,
        #[case] depth: Depth,
        #[case] colour: Colour,
        #[case] drawn: Option<Color>,
    ) {
        assert_eq!(style(choice, depth, front(colour)).fg, drawn);
    }

    #[test]
    fn what_is_behind_is_drawn_in_reverse() {
        let red = Some(Colour::Indexed(1));
        let marked = Ink {
            front: Some(Colour::Indexed(15)),
            back: red,
            ..Ink::default()
        };
        let reversed = Ink {
            front: red,
            reversed: true,
            ..Ink::default()
        };
        for ink in [marked, reversed] {
            let style = style(Choice::Dark, Depth::Basic, ink);
            assert_eq!(style, Style::new().fg(Color::LightRed).reversed());
        }
        // White on black is what a terminal looks like anyway.
        let usual = Ink {
            front: Some(Colour::Indexed(7)),
            back: Some(Colour::Indexed(0)),
            ..Ink::default()
        };
        assert_eq!(style(Choice::Dark, Depth::True, usual), Style::new());
    }

    #[test]
    fn everything_that_is_drawn_can_be_read_in_every_theme() {
        for choice in ALL {
            for depth in [Depth::Indexed, Depth::True] {
                let theme = Theme::new(choice, depth);
                let inks = Inks {
                    theme: &theme,
                    choice,
                    depth,
                };
                let parts = || (0..=255).step_by(51);
                let all = parts().flat_map(|red| {
                    parts().flat_map(move |green| parts().map(move |blue| (red, green, blue)))
                });
                let all = all.map(|(red, green, blue)| Colour::True(red, green, blue));
                for colour in all.chain((0..=255).map(Colour::Indexed)) {
                    let drawn = inks.colour(colour);
                    let rgb = match drawn {
                        Some(Color::Rgb(red, green, blue)) => {
                            u32::from_be_bytes([0, red, green, blue])
                        }
                        Some(Color::Indexed(index @ 16..)) => of_palette(index),
                        None => continue,
                        other => panic!("{other:?}"),
                    };
                    // The theme's own, which curves have too, are held to what lines need.
                    let least = match (0..16).any(|index| inks.basic(index) == drawn) {
                        true => 3.0,
                        false => CONTRAST,
                    };
                    let seen = |ground| contrast(rgb, ground) >= least;
                    let seen = grounds(choice).into_iter().all(seen);
                    assert!(seen, "{choice:?} {colour:?} {rgb:06x}");
                }
            }
        }
    }
}
