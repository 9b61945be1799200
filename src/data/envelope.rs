//! Checks that high and low enclose open and close.

use crate::{
    fault::Fault,
    findings::Findings,
    spec::{EnvelopePolicy, RepairPolicy},
    table::Table,
};
use domain::{BarFlags, phrase};

/// Notes every bar whose high and low do not enclose its prices, and widens or drops it.
pub(crate) fn check(table: &mut Table, policy: &RepairPolicy, findings: &mut Findings) {
    let mut outside: Vec<u32> = Vec::new();
    for index in 0..table.len() {
        let (open, close) = (table.open[index], table.close[index]);
        let (high, low) = (table.high[index], table.low[index]);
        if high < open.max(close) || low > open.min(close) || high < low {
            outside.push(index as u32);
        }
    }
    if outside.is_empty() {
        return;
    }
    for &index in &outside {
        let index = index as usize;
        let [open, high, low, close, _] = table.candle(index);
        let row = table.rows.of(index);
        if high < low {
            findings.row(Fault::HighBelowLow, row, || {
                phrase!(
                    "high {high} is below low {low}",
                    "고가 {high}이(가) 저가 {low}보다 낮습니다"
                )
            });
        } else {
            findings.row(Fault::OutsideRange, row, || {
                phrase!(
                    "open {open} or close {close} is outside of low {low} to high {high}",
                    "시가 {open} 또는 종가 {close}이(가) 저가 {low}–고가 {high} 범위를 벗어났습니다"
                )
            });
        }
        if policy.high_low == EnvelopePolicy::Widen {
            table.high[index] = open.max(high).max(low).max(close);
            table.low[index] = open.min(high).min(low).min(close);
            table.flags[index] |= BarFlags::REPAIRED;
        }
    }
    if policy.high_low == EnvelopePolicy::Drop {
        let mut outside = outside.into_iter().peekable();
        let kept: Vec<u32> = (0..table.len() as u32)
            .filter(|index| outside.next_if_eq(index).is_none())
            .collect();
        table.arrange(&kept);
    }
}
