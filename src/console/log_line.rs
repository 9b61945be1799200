//! The visible part of a line of a log: its text made safe to draw and cut, and with it the places
//! of what is pointed out and coloured in it.
//!
//! Start at [`cut`].

use crate::cells;
use logbook::Line;
use std::ops::Range;

/// Cuts `line` to `columns` cells behind the first `shift`.
pub fn cut(line: &mut Line, shift: usize, columns: usize) {
    let text = cells::clean(&line.text);
    let hidden = cells::take(&text, shift).len();
    let end = hidden + cells::take(&text[hidden..], columns).len();
    let inks = line.inks.iter().map(|(piece, _)| piece);
    let pieces = inks.chain(&line.hits);
    let mut places: Vec<usize> = pieces.flat_map(|piece| [piece.start, piece.end]).collect();
    places.sort_unstable();
    places.dedup();
    let moved = moved(&line.text, &text, &places);
    let visible = |piece: &Range<usize>| {
        let place = |at: &usize| {
            let known = places.binary_search(at).map(|index| moved[index]);
            known.unwrap_or(0).clamp(hidden, end) - hidden
        };
        let piece = place(&piece.start)..place(&piece.end);
        (!piece.is_empty()).then_some(piece)
    };
    let inks = line.inks.iter();
    let inks = inks.filter_map(|(piece, ink)| Some((visible(piece)?, *ink)));
    line.inks = inks.collect();
    line.hits = line.hits.iter().filter_map(visible).collect();
    line.text = text[hidden..end].to_owned();
}

/// Returns where in `clean` the rising `places` of `text` are, from which it was made.
fn moved(text: &str, clean: &str, places: &[usize]) -> Vec<usize> {
    if text == clean {
        return places.to_vec();
    }
    let (mut from, mut to) = (0, 0);
    let place = |at: &usize| {
        to += cells::clean(&text[from..*at]).len();
        from = *at;
        // Characters that are composed across a place are shorter than their parts.
        let within = (0..=to.min(clean.len())).rfind(|at| clean.is_char_boundary(*at));
        within.unwrap_or(0)
    };
    places.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use logbook::Ink;
    use proptest::prelude::*;
    use rstest::rstest;

    fn line(text: &str, piece: Range<usize>) -> Line {
        let bold = Ink {
            bold: true,
            ..Ink::default()
        };
        Line {
            text: text.to_owned(),
            inks: vec![(piece.clone(), bold)],
            hits: vec![piece],
            ..Line::default()
        }
    }

    #[rstest]
    #[case::whole("a needle b", 2..8, (0, 80), "needle")]
    #[case::shifted("a needle b", 2..8, (4, 80), "edle")]
    #[case::cut("a needle b", 2..8, (0, 5), "nee")]
    #[case::both("a needle b", 2..8, (3, 2), "ee")]
    #[case::out_of_sight("a needle b", 2..8, (8, 80), "")]
    #[case::behind_what_is_spelt_out("\tμ needle", 4..10, (0, 80), "needle")]
    #[case::itself_spelt_out("a → b", 2..5, (0, 80), "->")]
    #[case::behind_what_is_composed("\u{1112}\u{1161}\u{11ab} needle", 10..16, (0, 80), "needle")]
    #[case::wide("학습 needle", 0..3, (0, 80), "학")]
    fn places_follow_their_text(
        #[case] text: &str,
        #[case] piece: Range<usize>,
        #[case] (shift, columns): (usize, usize),
        #[case] seen: &str,
    ) {
        let mut line = line(text, piece);
        cut(&mut line, shift, columns);
        let hits = line.hits.iter().map(|hit| &line.text[hit.clone()]);
        assert_eq!(hits.collect::<String>(), seen);
        let inked = line.inks.iter().map(|(piece, _)| &line.text[piece.clone()]);
        assert_eq!(inked.collect::<String>(), seen);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn whatever_the_text_the_places_lie_within_what_is_seen(
            before in ".{0,12}",
            piece in ".{0,6}",
            after in ".{0,12}",
            shift in 0_usize..20,
            columns in 0_usize..20,
        ) {
            let text = format!("{before}{piece}{after}");
            let mut line = line(&text, before.len()..before.len() + piece.len());
            cut(&mut line, shift, columns);
            prop_assert!(cells::width(&line.text) <= columns);
            for hit in &line.hits {
                prop_assert!(line.text.get(hit.clone()).is_some_and(|text| !text.is_empty()));
            }
        }
    }
}
