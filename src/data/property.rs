//! Properties: the faults planted into random candles, and no others, are reported.
#![expect(clippy::float_cmp, reason = "values come back bit for bit")]

use crate::{
    DataError, Fault,
    import::{Report, read},
    manifest::Manifest,
    spec::{ImportSpec, RepairPolicy},
    store::quiet,
};
use domain::{Bars, Nanos, StreamRng};
use proptest::prelude::*;
use std::{collections::BTreeMap, fmt::Write as _};

const MINUTE: i64 = 60_000;

/// One row of the planted file.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Row {
    time: i64,
    candle: [f64; 5],
}

/// A random walk of `count` one-minute candles with small moves.
fn walk(rng: &mut StreamRng, count: usize) -> Vec<Row> {
    let mut price = 100.0;
    (0..count)
        .map(|minute| {
            let open = price;
            price *= (rng.normal() * 1e-3).exp();
            let high = open.max(price) * (1.0 + rng.uniform() * 1e-3);
            let low = open.min(price) * (1.0 - rng.uniform() * 1e-3);
            Row {
                time: 1_640_995_200_000 + minute as i64 * MINUTE,
                candle: [open, high, low, price, 1.0 + rng.uniform()],
            }
        })
        .collect()
}

fn text(rows: &[Row]) -> String {
    let mut text = "timestamp,open,high,low,close,volume\n".to_owned();
    for row in rows {
        let [open, high, low, close, volume] = row.candle;
        let _ = writeln!(text, "{},{open},{high},{low},{close},{volume}", row.time);
    }
    text
}

fn import(text: &str, repair: RepairPolicy) -> Result<(Manifest, Bars), DataError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("planted.csv");
    std::fs::write(&path, text).unwrap();
    let spec = ImportSpec {
        repair,
        ..ImportSpec::named("planted")
    };
    let read = read(&path, &spec, Nanos(0), &mut Report::new(&mut quiet));
    read.map(|(manifest, bars, _)| (manifest, bars))
}

fn repairing() -> RepairPolicy {
    let mut policy = RepairPolicy::default();
    for text in ["duplicates=keep_first", "unordered=sort", "bad_rows=drop"] {
        policy.set(text).unwrap();
    }
    policy
}

/// Returns how many rows come after a later one.
fn late(rows: &[Row]) -> u64 {
    let mut latest = i64::MIN;
    let mut count = 0;
    for row in rows {
        count += u64::from(row.time < latest);
        latest = latest.max(row.time);
    }
    count
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn clean_candles_come_back_bit_for_bit(seed: u64, count in 2_usize..400) {
        let rows = walk(&mut StreamRng::seeded(seed), count);
        let (manifest, bars) = import(&text(&rows), RepairPolicy::default()).unwrap();
        prop_assert!(manifest.found.is_empty(), "{:?}", manifest.found);
        prop_assert!(manifest.repairs.is_empty() && manifest.gaps.is_empty());
        for (at, row) in rows.iter().enumerate() {
            let candle = [bars.open[at], bars.high[at], bars.low[at], bars.close[at], bars.volume[at]];
            prop_assert_eq!(candle, row.candle);
            prop_assert_eq!(bars.open_time[at], Nanos::from_millis(row.time));
        }
    }

    #[test]
    fn planted_faults_are_the_faults_reported(
        seed: u64, count in 60_usize..300, swaps in 0_usize..4, repeats in 0_usize..4,
        conflicts in 0_usize..4, holes in 0_usize..4, silent in 0_usize..3,
    ) {
        let mut rng = StreamRng::seeded(seed);
        let clean = walk(&mut rng, count);
        let mut expected: BTreeMap<Fault, u64> = BTreeMap::new();
        let plant = |expected: &mut BTreeMap<Fault, u64>, fault: Fault, n: u64| {
            if n > 0 {
                *expected.entry(fault).or_default() += n;
            }
        };
        // Holes, one bar each and never side by side; the first and last bar stay.
        let mut kept: Vec<Row> = Vec::new();
        let mut holes_at: Vec<usize> = (0..holes).map(|_| 1 + 3 * rng.below(count as u64 / 3 - 1) as usize).collect();
        holes_at.sort_unstable();
        holes_at.dedup();
        for (at, row) in clean.iter().enumerate() {
            if !holes_at.contains(&at) {
                kept.push(*row);
            }
        }
        plant(&mut expected, Fault::Gap, holes_at.len() as u64);
        // Bars without volume, each alone.
        let mut silent_at: Vec<usize> = (0..silent).map(|_| 2 * rng.below(kept.len() as u64 / 2) as usize).collect();
        silent_at.sort_unstable();
        silent_at.dedup();
        for at in &silent_at {
            kept[*at].candle[4] = 0.0;
        }
        plant(&mut expected, Fault::ZeroVolume, silent_at.len() as u64);
        // Repeats and conflicts, appended behind the row they belong to.
        let mut rows = kept.clone();
        for (how_many, changed) in [(repeats, false), (conflicts, true)] {
            for _ in 0..how_many {
                let original = kept[rng.below(kept.len() as u64) as usize];
                let at = rows.iter().rposition(|row| row.time == original.time).unwrap();
                let mut copy = original;
                if changed {
                    copy.candle[4] += 10.0;
                }
                rows.insert(at + 1, copy);
                let fault = if changed { Fault::DuplicateConflicting } else { Fault::DuplicateIdentical };
                plant(&mut expected, fault, 1);
            }
        }
        // Rows out of order; a row's duplicates keep their order.
        for _ in 0..swaps {
            let at = rng.below(rows.len() as u64 - 1) as usize;
            if rows[at].time != rows[at + 1].time {
                rows.swap(at, at + 1);
            }
        }
        plant(&mut expected, Fault::Unordered, late(&rows));
        let (manifest, bars) = import(&text(&rows), repairing()).unwrap();
        prop_assert_eq!(&manifest.found, &expected);
        prop_assert_eq!(bars.len(), kept.len());
        prop_assert_eq!(manifest.coverage.missing_bars, holes_at.len() as u64);
        prop_assert!(bars.open_time.windows(2).all(|pair| pair[0] < pair[1]));
        for (at, row) in kept.iter().enumerate() {
            prop_assert_eq!(bars.close[at], row.candle[3]);
            prop_assert_eq!(bars.volume[at], row.candle[4]);
        }
        // Without a policy the same file is refused, unless only flags were planted.
        let harmless = expected.keys().all(|fault| matches!(fault, Fault::Gap | Fault::ZeroVolume));
        prop_assert_eq!(import(&text(&rows), RepairPolicy::default()).is_ok(), harmless);
    }

    #[test]
    fn a_file_cut_anywhere_loses_rows_at_its_end_and_changes_no_other(seed: u64, share in 0.0_f64..1.0) {
        let rows = walk(&mut StreamRng::seeded(seed), 50);
        let whole = text(&rows);
        let cut = &whole[..(whole.len() as f64 * share) as usize];
        if let Ok((manifest, bars)) = import(cut, RepairPolicy::default()) {
            prop_assert!(bars.len() <= rows.len());
            // A cut inside the last cell cannot be seen; every other bar is as it was.
            let whole = bars.len() - 1;
            for (volume, row) in bars.volume[..whole].iter().zip(&rows) {
                prop_assert_eq!(*volume, row.candle[4]);
            }
            prop_assert!(manifest.found.is_empty());
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("noise.csv");
        std::fs::write(&path, &bytes).unwrap();
        let _ = read(&path, &ImportSpec::named("noise"), Nanos(0), &mut Report::new(&mut quiet));
    }

    #[test]
    fn no_damage_to_a_csv_makes_the_reader_panic(seed: u64, edits in 1_usize..20) {
        let mut rng = StreamRng::seeded(seed);
        let mut bytes = text(&walk(&mut rng, 30)).into_bytes();
        for _ in 0..edits {
            let at = rng.below(bytes.len() as u64) as usize;
            bytes[at] = b"0123456789,.;\n\r\"-eE# T:"[rng.below(23) as usize];
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("damaged.csv");
        std::fs::write(&path, &bytes).unwrap();
        let mut spec = ImportSpec::named("damaged");
        spec.repair = repairing();
        let _ = read(&path, &spec, Nanos(0), &mut Report::new(&mut quiet));
    }
}
