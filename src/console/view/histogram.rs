//! How often returns fell into equal bins, as upright bars; what lost is told apart from what won.
//!
//! Start at [`draw`].

use super::paint::Paint;
use crate::{areas, cells, dots::Dots, number, words};
use backtest::curves::Histogram;
use ratatui::layout::Rect;

/// Draws `counts` of returns into `area`, zero marked on the axis.
pub fn draw(paint: &mut Paint<'_>, area: Rect, title: &str, counts: &Histogram) {
    paint.text(area, 0, 0, title, paint.theme.title);
    let plot = areas::below_title(area);
    let highest = counts.counts.iter().copied().max().unwrap_or(0);
    if highest == 0 || counts.high <= counts.low {
        let nothing = paint.say(words::NO_CURVE);
        paint.text(plot, 2, 0, nothing, paint.theme.faint);
        return;
    }
    let labelled = plot.height >= 3;
    let (bars, axis) = areas::above(plot, plot.height - u16::from(labelled));
    let gutter = if area.width > 24 { 8 } else { 0 };
    let (labels, canvas) = areas::beside(bars, gutter);
    if canvas.is_empty() {
        return;
    }
    let most = cells::right(&number::count(highest), usize::from(gutter.max(1) - 1));
    if gutter > 0 {
        paint.text(labels, 0, 0, &most, paint.theme.faint);
    }
    let zero = share_of_zero(counts);
    let size = (usize::from(canvas.width), usize::from(canvas.height));
    let [lost, won] = bars_of(counts, zero, size);
    paint.dots_as(canvas, &lost, paint.theme.bad);
    paint.dots_as(canvas, &won, paint.theme.good);
    if !labelled {
        return;
    }
    let axis = areas::beside(axis, gutter).1;
    let (low, high) = (
        number::signed_percent(counts.low),
        number::signed_percent(counts.high),
    );
    let left = usize::from(paint.text(axis, 0, 0, &low, paint.theme.faint));
    paint.text_right(axis, 0, &high, paint.theme.faint);
    let column = (zero * f64::from(axis.width)) as usize;
    let right = usize::from(axis.width).saturating_sub(cells::width(&high));
    if (0.0..=1.0).contains(&zero) && column > left && column + 1 < right {
        let column = u16::try_from(column).unwrap_or(0);
        paint.text(axis, column, 0, "0", paint.theme.text);
    }
}

/// Returns where zero lies between the ends, outside `[0, 1]` where it does not.
fn share_of_zero(counts: &Histogram) -> f64 {
    (0.0 - counts.low) / (counts.high - counts.low)
}

/// Returns the bars of the bins below zero and of the others, each as wide as its bin.
fn bars_of(counts: &Histogram, zero: f64, (columns, rows): (usize, usize)) -> [Dots; 2] {
    let mut bars = [Dots::new(columns, rows), Dots::new(columns, rows)];
    let (width, height) = (bars[0].width(), bars[0].height());
    let highest = counts.counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let bins = counts.counts.len();
    for column in 0..width {
        let bin = column * bins / width;
        // Several bins in one column: the highest, so that no bar is lost.
        let last = ((column + 1) * bins / width).clamp(bin + 1, bins);
        let count = counts.counts[bin..last].iter().copied().max().unwrap_or(0);
        let middle = (bin as f64 + 0.5) / bins as f64;
        let side = usize::from(middle >= zero);
        let tall = (count as f64 / highest * height as f64).ceil() as usize;
        for y in height - tall.min(height)..height {
            bars[side].set(column, y, 0);
        }
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::paint::tests::painted;

    fn counts(low: f64, high: f64, counts: &[u64]) -> Histogram {
        Histogram {
            low,
            high,
            counts: counts.to_vec(),
        }
    }

    fn dots_in(dots: &Dots) -> usize {
        let cells =
            (0..dots.height() / 4).flat_map(|row| (0..dots.width() / 2).map(move |c| (c, row)));
        cells
            .filter(|(column, row)| dots.is_set(*column, *row))
            .count()
    }

    #[test]
    fn losses_and_gains_are_apart_and_bars_are_as_high_as_their_counts() {
        let found = bars_of(&counts(-0.1, 0.1, &[1, 4, 8, 2]), 0.5, (8, 4));
        assert_eq!(dots_in(&found[0]), 2 + 2 * 2);
        assert_eq!(dots_in(&found[1]), 2 * 4 + 2);
        let all_won = bars_of(&counts(0.1, 0.2, &[3, 3]), -1.0, (4, 2));
        assert_eq!(dots_in(&all_won[0]), 0);
    }

    #[test]
    fn the_axis_has_both_ends_and_zero() {
        let seen = painted((60, 8), |paint, area| {
            draw(
                paint,
                area,
                "Returns",
                &counts(-0.02, 0.06, &[1, 40, 300, 20]),
            );
        });
        let last = seen.lines().last().unwrap();
        assert!(
            last.contains("-2.0%") && last.trim_end().ends_with("+6.0%"),
            "{seen}"
        );
        assert_eq!(
            last.find(" 0 ").map(|at| at + 1),
            Some(8 + 52 / 4),
            "{seen}"
        );
    }

    #[test]
    fn nothing_counted_says_so_and_any_size_is_drawn() {
        let none = Histogram::default();
        let some = counts(-1e300, 1e300, &[u64::MAX, 0, 1]);
        let flat = counts(1.0, 1.0, &[4]);
        for one in [&none, &some, &flat] {
            for size in [(1, 1), (2, 2), (25, 3), (200, 60)] {
                painted(size, |paint, area| draw(paint, area, "Returns", one));
            }
        }
        let seen = painted((40, 4), |paint, area| draw(paint, area, "Returns", &none));
        assert!(seen.contains("no data yet"), "{seen}");
    }
}
