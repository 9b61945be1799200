//! Brings rows into the order of time, and finds those that were out of it or came twice.

use crate::{
    fault::Fault,
    findings::Findings,
    spec::{DuplicatePolicy, RepairPolicy},
    table::Table,
};
use domain::{BarFlags, Nanos, phrase};

/// Notes and resolves a file that runs backwards, rows out of order, and duplicates.
///
/// Afterwards times rise strictly. What was done only counts if the policy allowed it.
pub(crate) fn put_in_order(table: &mut Table, policy: &RepairPolicy, findings: &mut Findings) {
    let (mut up, mut down, mut same) = (0_usize, 0_usize, 0_usize);
    for pair in table.time.windows(2) {
        up += usize::from(pair[1] > pair[0]);
        down += usize::from(pair[1] < pair[0]);
        same += usize::from(pair[1] == pair[0]);
    }
    if down > up {
        findings.file(Fault::Descending, || {
            phrase!(
                "the file runs from new to old",
                "최신 순으로 정렬된 파일입니다"
            )
        });
        table.reverse();
        std::mem::swap(&mut up, &mut down);
    }
    if down > 0 {
        note_late_rows(table, findings);
        let mut order: Vec<u32> = (0..table.len() as u32).collect();
        order.sort_by_key(|index| table.time[*index as usize]);
        table.arrange(&order);
        same = 1;
    }
    if same > 0 {
        drop_duplicates(table, policy, findings);
    }
}

fn note_late_rows(table: &Table, findings: &mut Findings) {
    let mut latest = i64::MIN;
    for (index, &time) in table.time.iter().enumerate() {
        if time < latest {
            findings.row(Fault::Unordered, table.rows.of(index), || {
                let (time, latest) = (Nanos(time), Nanos(latest));
                phrase!(
                    "{time} comes after {latest}",
                    "{latest} 다음에 {time}이(가) 나옵니다"
                )
            });
        }
        latest = latest.max(time);
    }
}

fn drop_duplicates(table: &mut Table, policy: &RepairPolicy, findings: &mut Findings) {
    let mut kept: Vec<u32> = Vec::with_capacity(table.len());
    let mut flags = std::mem::take(&mut table.flags);
    let mut start = 0;
    while start < table.len() {
        let time = table.time[start];
        let mut end = start + 1;
        while end < table.len() && table.time[end] == time {
            end += 1;
        }
        if end - start == 1 {
            kept.push(start as u32);
        } else {
            let mut group: Vec<usize> = (start..end).collect();
            group.sort_by_key(|index| table.rows.of(*index));
            let first = group[0];
            for &other in &group[1..] {
                let identical = same(table, first, other);
                let fault = if identical {
                    Fault::DuplicateIdentical
                } else {
                    Fault::DuplicateConflicting
                };
                findings.row(fault, table.rows.of(other), || {
                    let (row, time) = (table.rows.of(first), Nanos(time));
                    if identical {
                        phrase!(
                            "{time} repeats row {row}",
                            "{time}: {row}행과 같은 행이 또 있습니다"
                        )
                    } else {
                        phrase!(
                            "{time} conflicts with row {row}",
                            "{time}: {row}행과 시각은 같고 값이 다릅니다"
                        )
                    }
                });
            }
            let keep = match policy.duplicates {
                DuplicatePolicy::KeepLast => group[group.len() - 1],
                DuplicatePolicy::KeepFirst | DuplicatePolicy::Fail => first,
            };
            let conflicting = group.iter().any(|at| !same(table, first, *at));
            if conflicting {
                flags[keep] |= BarFlags::REPAIRED;
            }
            kept.push(keep as u32);
        }
        start = end;
    }
    table.flags = flags;
    if kept.len() < table.len() {
        table.arrange(&kept);
    }
}

/// Returns whether two rows have the same values, bit for bit.
fn same(table: &Table, a: usize, b: usize) -> bool {
    table.candle(a).map(f64::to_bits) == table.candle(b).map(f64::to_bits)
}
