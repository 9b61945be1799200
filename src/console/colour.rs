//! Colours as numbers: how well one is read on another, and what the places of a palette are.
//!
//! A colour is `0xrrggbb` in sRGB. Contrast is that of WCAG 2.2 (success criteria 1.4.3 and
//! 1.4.11). Start at [`contrast`].

/// Parts of the colours from 16 to 231 of the palette.
const LEVELS: [u32; 6] = [0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff];

/// Returns red, green and blue, from 0 to 255 each.
#[must_use]
pub fn parts(rgb: u32) -> [u32; 3] {
    [16, 8, 0].map(|shift| (rgb >> shift) & 0xff)
}

/// Returns red, green and blue as light, from 0 to 1 each.
#[must_use]
pub fn linear(rgb: u32) -> [f64; 3] {
    parts(rgb).map(|part| {
        let part = f64::from(part) / 255.0;
        match part <= 0.04045 {
            true => part / 12.92,
            false => ((part + 0.055) / 1.055).powf(2.4),
        }
    })
}

/// Returns the contrast of two colours, from 1 to 21.
#[must_use]
pub fn contrast(one: u32, other: u32) -> f64 {
    let luminance = |rgb| {
        let [red, green, blue] = linear(rgb);
        0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05
    };
    let (one, other) = (luminance(one), luminance(other));
    one.max(other) / one.min(other)
}

/// Returns the colour of a place of the palette from 16 on, which users do not change.
#[must_use]
pub fn of_palette(index: u8) -> u32 {
    match index {
        232.. => (8 + 10 * u32::from(index - 232)) * 0x010101,
        index => {
            let cube = usize::from(index.saturating_sub(16));
            let levels = [cube / 36, cube / 6 % 6, cube % 6].map(|level| LEVELS[level]);
            levels.into_iter().fold(0, |rgb, level| rgb << 8 | level)
        }
    }
}

/// Returns the place of the palette, from 16 on, whose colour is nearest.
#[must_use]
pub fn nearest(rgb: u32) -> u8 {
    let distance = |index: &u8| -> u32 {
        let pairs = parts(rgb).into_iter().zip(parts(of_palette(*index)));
        pairs.map(|(one, other)| one.abs_diff(other).pow(2)).sum()
    };
    (16..=255).min_by_key(distance).unwrap_or(16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0x000000, 0xffffff, 21.0)]
    #[case(0x777777, 0xffffff, 4.48)]
    #[case(0xff0000, 0xffffff, 4.0)]
    #[case(0x123456, 0x123456, 1.0)]
    fn contrast_is_that_of_the_recommendation(
        #[case] one: u32,
        #[case] other: u32,
        #[case] expected: f64,
    ) {
        for found in [contrast(one, other), contrast(other, one)] {
            assert!((found - expected).abs() < 0.005, "{found}");
        }
    }

    #[rstest]
    #[case(16, 0x000000)]
    #[case(208, 0xff8700)]
    #[case(231, 0xffffff)]
    #[case(232, 0x080808)]
    #[case(244, 0x808080)]
    #[case(255, 0xeeeeee)]
    fn the_palette_is_that_of_every_terminal(#[case] index: u8, #[case] rgb: u32) {
        assert_eq!(of_palette(index), rgb);
        assert_eq!(of_palette(nearest(rgb)), rgb);
    }
}
