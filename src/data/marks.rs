//! Marks bars that are unusual and stay as they are: nothing traded, or the price jumped.

use crate::{fault::Fault, findings::Findings, spec::OutlierRule, table::Table};
use domain::{BarFlags, phrase};

/// Bars over which the running mean of absolute returns forgets (time constant).
const MEMORY: f64 = 500.0;
/// Bars before the first mark is possible.
const WARM_UP: usize = 50;

/// Marks bars without volume and notes every run of them.
pub(crate) fn zero_volume(table: &mut Table, findings: &mut Findings) {
    let mut index = 0;
    while index < table.len() {
        if table.volume[index] > 0.0 {
            index += 1;
            continue;
        }
        let start = index;
        while index < table.len() && table.volume[index] <= 0.0 {
            table.flags[index] |= BarFlags::ZERO_VOLUME;
            index += 1;
        }
        findings.row(Fault::ZeroVolume, table.rows.of(start), || {
            let (from, to) = (table.rows.of(start), table.rows.of(index - 1));
            match index - start {
                1 => phrase!("nothing traded", "거래가 없습니다"),
                count => phrase!(
                    "nothing traded in {count} bars, rows {from} to {to}",
                    "봉 {count}개 동안 거래가 없습니다({from}행–{to}행)"
                ),
            }
        });
    }
}

/// Marks jumps beyond `rule`; each is judged by the bars before it alone.
pub(crate) fn outliers(table: &mut Table, rule: OutlierRule, findings: &mut Findings) {
    let mut scale = 0.0_f64;
    for index in 1..table.len() {
        let ratio = table.close[index] / table.close[index - 1];
        // The logarithm is taken only where the ratio can matter: |ln x| ≤ |x − 1| / min(x, 1).
        let size = (ratio - 1.0).abs() / ratio.min(1.0);
        let limit = (rule.multiple * scale).max(rule.floor);
        let jumps = index > WARM_UP && size > limit && ratio.ln().abs() > limit;
        if jumps {
            table.flags[index] |= BarFlags::OUTLIER;
            findings.row(Fault::Outlier, table.rows.of(index), || {
                let percent = (ratio - 1.0) * 100.0;
                let times = ratio.ln().abs() / scale.max(f64::MIN_POSITIVE);
                let (from, to) = (table.close[index - 1], table.close[index]);
                if times < 1e6 {
                    phrase!(
                        "close moves from {from} to {to} ({percent:+.1} %, {times:.0} times the usual move)",
                        "종가가 {from}에서 {to}(으)로 움직였습니다({percent:+.1} %, 평소 움직임의 {times:.0}배)"
                    )
                } else {
                    phrase!(
                        "close moves from {from} to {to} ({percent:+.1} %) after standing still",
                        "멈춰 있던 종가가 {from}에서 {to}(으)로 움직였습니다({percent:+.1} %)"
                    )
                }
            });
        }
        // A jump must not lift the scale by which the next is judged.
        let weight = 1.0 / (index as f64).min(MEMORY);
        let counted = if index > WARM_UP {
            size.min(limit)
        } else {
            size
        };
        scale += weight * (counted - scale);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(closes: &[f64]) -> Table {
        let mut table = Table::default();
        for (index, close) in closes.iter().enumerate() {
            table.push(
                index + 2,
                index as i64,
                [*close, *close, *close, *close, 1.0],
            );
        }
        table.flags = vec![BarFlags::CLEAN; closes.len()];
        table
    }

    fn marked(closes: &[f64]) -> Vec<usize> {
        let mut table = table(closes);
        outliers(&mut table, OutlierRule::default(), &mut Findings::new("x"));
        (0..closes.len())
            .filter(|index| table.flags[*index].contains(BarFlags::OUTLIER))
            .collect()
    }

    #[test]
    fn a_bad_tick_is_marked_and_an_ordinary_move_is_not() {
        let mut closes: Vec<f64> = (0..500).map(|i| 100.0 + f64::from(i % 7) * 0.1).collect();
        assert!(marked(&closes).is_empty());
        closes[300] = 1_000.0;
        assert_eq!(marked(&closes), [300, 301]);
        closes[300] = 101.0;
        assert!(marked(&closes).is_empty());
    }

    #[test]
    fn marks_do_not_depend_on_what_follows() {
        let mut closes: Vec<f64> = (0..400).map(|i| 100.0 + f64::from(i % 5) * 0.2).collect();
        closes[200] = 150.0;
        let before: Vec<usize> = marked(&closes).into_iter().filter(|i| *i < 300).collect();
        for close in &mut closes[300..] {
            *close *= 7.0;
        }
        let after: Vec<usize> = marked(&closes).into_iter().filter(|i| *i < 300).collect();
        assert_eq!(before, after);
        assert!(!before.is_empty());
    }
}
