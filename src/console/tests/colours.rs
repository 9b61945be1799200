//! Colours, measured: against the background and against each other, with and without all three
//! kinds of receptors.
//!
//! Colour blindness is simulated by the matrices of Machado, Oliveira and Fernandes, "A
//! Physiologically-based Model for Simulation of Color Vision Deficiency" (IEEE TVCG 15(6), 2009),
//! at severity 1 on linear RGB; distances are CIE 1976 ΔE*ab under D65.

use crate::{
    caps::Depth,
    colour::{contrast, linear, of_palette},
    theme::{ALL, Theme, grounds},
};
use config::keys::Theme as Choice;
use ratatui::style::{Color, Style};
use rstest::rstest;

type Linear = [f64; 3];
type Matrix = [[f64; 3]; 3];

const TRICHROMAT: Matrix = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
const PROTANOPE: Matrix = [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
];
const DEUTERANOPE: Matrix = [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.011820, 0.042940, 0.968881],
];
const TRITANOPE: Matrix = [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.303900],
];

/// Least distance between good, warning and bad in a theme for that kind of colour vision.
const ROLES_APART: f64 = 30.0;
/// Least distance between any two curves there.
const SERIES_APART: f64 = 20.0;

fn times(matrix: &Matrix, colour: Linear) -> Linear {
    matrix.map(|row| row.iter().zip(colour).map(|(a, b)| a * b).sum())
}

fn lab(colour: Linear) -> [f64; 3] {
    const XYZ: Matrix = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ];
    let white = [0.95047, 1.0, 1.08883];
    let xyz = times(&XYZ, colour);
    let [x, y, z] = [0, 1, 2].map(|at| {
        let t: f64 = xyz[at] / white[at];
        match t > 216.0 / 24_389.0 {
            true => t.cbrt(),
            false => (24_389.0 / 27.0 * t + 16.0) / 116.0,
        }
    });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// Returns how far apart two colours look to whoever sees them as `sees`.
fn distance(sees: &Matrix, one: u32, other: u32) -> f64 {
    let seen = |rgb| lab(times(sees, linear(rgb)).map(|channel| channel.clamp(0.0, 1.0)));
    let pairs = seen(one).into_iter().zip(seen(other));
    pairs.map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

/// Returns the least distance between any two of `colours`.
fn least(sees: &Matrix, colours: &[u32]) -> f64 {
    let pairs = colours
        .iter()
        .enumerate()
        .flat_map(|(at, one)| colours[..at].iter().map(move |other| (*one, *other)));
    pairs
        .map(|(one, other)| distance(sees, one, other))
        .fold(f64::INFINITY, f64::min)
}

fn rgb(style: Style) -> u32 {
    match style.fg {
        Some(Color::Rgb(r, g, b)) => u32::from_be_bytes([0, r, g, b]),
        other => panic!("{other:?} is no 24-bit colour"),
    }
}

fn roles(theme: &Theme) -> [u32; 3] {
    [theme.good, theme.warn, theme.bad].map(rgb)
}

#[test]
fn text_and_curves_stand_out_from_every_background_that_a_theme_is_for() {
    for choice in ALL {
        let theme = Theme::new(choice, Depth::True);
        for ground in grounds(choice) {
            let texts = [
                theme.faint,
                theme.title,
                theme.key,
                theme.good,
                theme.warn,
                theme.bad,
            ];
            for text in texts {
                let ratio = contrast(rgb(text), ground);
                assert!(
                    ratio >= 4.5,
                    "{choice} {text:?} on {ground:06x}: {ratio:.2}"
                );
            }
            for line in theme.series {
                let ratio = contrast(rgb(line), ground);
                assert!(
                    ratio >= 3.0,
                    "{choice} {line:?} on {ground:06x}: {ratio:.2}"
                );
            }
        }
    }
    // The measure itself: the grey that WCAG's readers know, and one that fails.
    assert!((contrast(0x767676, 0xffffff) - 4.54).abs() < 0.01);
    assert!(contrast(0x878787, 0xffffff) < 4.5);
}

#[test]
fn strong_contrast_is_enhanced_contrast() {
    let theme = Theme::new(Choice::Contrast, Depth::True);
    for text in [theme.faint, theme.title, theme.good, theme.warn, theme.bad] {
        assert!(contrast(rgb(text), 0x000000) >= 7.0, "{text:?}");
    }
}

#[rstest]
#[case(Choice::RedGreen, &[TRICHROMAT, PROTANOPE, DEUTERANOPE])]
#[case(Choice::BlueYellow, &[TRICHROMAT, TRITANOPE])]
fn a_theme_for_the_colour_blind_keeps_its_colours_apart(
    #[case] choice: Choice,
    #[case] eyes: &[Matrix],
) {
    let theme = Theme::new(choice, Depth::True);
    for sees in eyes {
        let apart = least(sees, &roles(&theme));
        assert!(apart >= ROLES_APART, "{choice}: roles {apart:.1} apart");
        let apart = least(sees, &theme.series.map(rgb));
        assert!(apart >= SERIES_APART, "{choice}: curves {apart:.1} apart");
    }
}

/// Plain colours of one lightness are far apart for most and not for everybody; the measure must
/// tell.
#[rstest]
#[case::red_and_green(0xd62728, 0x2ca02c, DEUTERANOPE)]
#[case::dark_red_and_green(0xff0000, 0x008000, PROTANOPE)]
#[case::blue_and_green(0x1f77b4, 0x2ca02c, TRITANOPE)]
fn plain_colours_fail(#[case] one: u32, #[case] other: u32, #[case] sees: Matrix) {
    assert!(distance(&TRICHROMAT, one, other) >= 3.0 * ROLES_APART);
    assert!(distance(&sees, one, other) < ROLES_APART);
}

#[test]
fn the_ordinary_dark_theme_is_not_for_whoever_confuses_red_and_green() {
    let theme = Theme::new(Choice::Dark, Depth::True);
    assert!(least(&DEUTERANOPE, &roles(&theme)) < ROLES_APART);
}

#[test]
fn the_256_colours_are_the_same_ones() {
    let named = |style: Style| match style.fg {
        Some(Color::Indexed(index @ 16..)) => of_palette(index),
        other => panic!("{other:?} is not of the palette"),
    };
    for choice in ALL {
        let (of_256, exact) = (
            Theme::new(choice, Depth::Indexed),
            Theme::new(choice, Depth::True),
        );
        let styles = |theme: &Theme| {
            let roles = [theme.faint, theme.title, theme.good, theme.warn, theme.bad];
            roles.into_iter().chain(theme.series).collect::<Vec<_>>()
        };
        for (one, other) in styles(&of_256).into_iter().zip(styles(&exact)) {
            assert_eq!(named(one), rgb(other), "{choice}");
        }
    }
}

#[test]
fn of_16_colours_and_of_none_every_theme_tells_good_from_bad() {
    for choice in ALL {
        let theme = Theme::new(choice, Depth::Basic);
        assert_ne!(theme.good.fg, theme.bad.fg, "{choice}");
        assert_ne!(theme.good.fg, theme.warn.fg, "{choice}");
        assert_ne!(theme.bad.fg, theme.warn.fg, "{choice}");
        let ground = if choice == Choice::Light {
            Color::White
        } else {
            Color::Black
        };
        assert!(
            theme.series.iter().all(|line| line.fg != Some(ground)),
            "{choice}"
        );
        let theme = Theme::new(choice, Depth::Mono);
        let styles = [
            theme.text,
            theme.faint,
            theme.title,
            theme.selected,
            theme.bar,
            theme.key,
        ];
        let styles = styles
            .into_iter()
            .chain([theme.good, theme.warn, theme.bad]);
        for style in styles.chain(theme.series) {
            assert_eq!((style.fg, style.bg), (None, None), "{choice}");
        }
        // The words and marks say which is which; bold says that something is wrong.
        assert_ne!(theme.good, theme.bad, "{choice}");
    }
}
