//! Records across segments, and what a reader makes of files that change under it.

use super::{Place, metric};
use crate::{
    EquityRecord, MetricRecord, RunDir, RunReader, Scope, Segment, Side, Track, TradeRecord,
    layout::segment_file,
    reader::{Delta, Joined, Kept, metrics},
};
use domain::Nanos;
use std::fs;

/// Lets one worker write `steps` for seed 7 and vanish.
fn work(place: &Place, run: &RunDir, resumed_from: Option<u64>, steps: &[u64], value: f64) {
    let segment = Segment::begin(run, resumed_from, &place.clock).unwrap();
    let mut journals = segment.seed(7, resumed_from).unwrap();
    for step in steps {
        journals.metric(&metric(*step, value)).unwrap();
    }
    journals.flush().unwrap();
}

fn poll(joined: &mut Joined) -> (Kept, Vec<(u64, f64)>) {
    let Delta {
        kept,
        records,
        more,
    } = joined.poll::<MetricRecord>().unwrap();
    assert!(!more);
    let points = records
        .iter()
        .map(|r| (r.step, r.k["loss/policy"]))
        .collect();
    (kept, points)
}

fn seed_steps(reader: &RunReader) -> Vec<(u64, f64)> {
    let records = reader.track(Track::Seed(7)).unwrap().metrics.records();
    records
        .iter()
        .map(|r| (r.step, r.k["loss/policy"]))
        .collect()
}

#[test]
fn a_resumed_worker_supersedes_what_the_former_wrote_beyond_its_checkpoint() {
    let mut place = Place::new();
    let run = place.run("x");
    let layout = run.track(Track::Seed(7));
    let mut following = metrics(&layout);
    let mut keeping = RunReader::new(&run);
    assert_eq!(poll(&mut following), (Kept::All, vec![]));
    work(&place, &run, None, &[10, 20, 30, 40], 1.0);
    assert_eq!(poll(&mut following).1.len(), 4);
    keeping.poll().unwrap();
    work(&place, &run, Some(20), &[25, 35], 2.0);
    assert_eq!(
        poll(&mut following),
        (Kept::Below(21), vec![(25, 2.0), (35, 2.0)])
    );
    work(&place, &run, Some(30), &[40], 3.0);
    assert_eq!(poll(&mut following), (Kept::Below(31), vec![(40, 3.0)]));
    assert_eq!(poll(&mut following), (Kept::All, vec![]));

    let expected = [(10, 1.0), (20, 1.0), (25, 2.0), (40, 3.0)];
    keeping.poll().unwrap();
    assert_eq!(seed_steps(&keeping), expected);
    let mut afresh = RunReader::new(&run);
    afresh.poll().unwrap();
    assert_eq!(seed_steps(&afresh), expected);
}

#[test]
fn without_its_note_a_segment_takes_over_at_its_first_record() {
    let mut place = Place::new();
    let run = place.run("x");
    work(&place, &run, None, &[10, 20, 30, 40], 1.0);
    work(&place, &run, Some(20), &[25, 35], 2.0);
    let layout = run.track(Track::Seed(7));
    fs::remove_dir_all(layout.root().join("meta")).unwrap();
    let (_, points) = poll(&mut metrics(&layout));
    assert_eq!(points, [(10, 1.0), (20, 1.0), (25, 2.0), (35, 2.0)]);
}

/// Several segments of more than a piece each, none of which notes where it begins.
#[test]
fn a_long_training_is_read_piece_by_piece_as_if_at_once() {
    let mut place = Place::new();
    let run = place.run("x");
    let first: Vec<u64> = (0..12_000).collect();
    let second: Vec<u64> = (9_000..20_000).collect();
    work(&place, &run, None, &first, 1.0);
    work(&place, &run, None, &second, 2.0);
    let layout = run.track(Track::Seed(7));
    let mut following = metrics(&layout);
    let (mut points, mut pieces, mut passed) = (Vec::new(), 0, 0);
    loop {
        let delta = following.poll::<MetricRecord>().unwrap();
        match delta.kept {
            Kept::All => {}
            Kept::Below(floor) => points.retain(|(step, _)| *step < floor),
            Kept::Nothing => points.clear(),
        }
        points.extend(delta.records.iter().map(|r| (r.step, r.k["loss/policy"])));
        assert!(delta.records.len() < 6_000, "{}", delta.records.len());
        let (read, there) = following.progress();
        assert!(read > passed && (read == there) != delta.more);
        passed = read;
        pieces += 1;
        if !delta.more {
            break;
        }
    }
    assert!(pieces > 4, "{pieces}");
    let expected = (0..20_000).map(|step| (step, if step < 9_000 { 1.0 } else { 2.0 }));
    assert!(points.iter().copied().eq(expected));
    let mut reader = RunReader::new(&run);
    reader.poll().unwrap();
    assert!(seed_steps(&reader) == points);
}

#[test]
fn a_file_cut_short_is_read_anew_and_nothing_counts_twice() {
    let mut place = Place::new();
    let run = place.run("x");
    work(&place, &run, None, &[10, 20, 30], 1.0);
    let layout = run.track(Track::Seed(7));
    let mut following = metrics(&layout);
    poll(&mut following);
    let path = segment_file(&layout.metrics(), 1);
    let length = fs::metadata(&path).unwrap().len();
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(length - 3)
        .unwrap();
    let cut = (Kept::Nothing, vec![(10, 1.0), (20, 1.0)]);
    assert_eq!(poll(&mut following), cut);
}

#[test]
fn an_earlier_segment_that_turns_up_late_is_put_in_its_place() {
    let mut place = Place::new();
    let run = place.run("x");
    work(&place, &run, None, &[10, 20, 30], 1.0);
    work(&place, &run, Some(20), &[30], 2.0);
    let layout = run.track(Track::Seed(7));
    let early = segment_file(&layout.metrics(), 1);
    let bytes = fs::read(&early).unwrap();
    fs::remove_file(&early).unwrap();
    let mut following = metrics(&layout);
    assert_eq!(poll(&mut following).1, [(30, 2.0)]);
    fs::write(&early, bytes).unwrap();
    let whole = (Kept::Nothing, vec![(10, 1.0), (20, 1.0), (30, 2.0)]);
    assert_eq!(poll(&mut following), whole);
}

#[test]
fn a_run_that_vanishes_while_it_is_read_leaves_what_was_read() {
    let mut place = Place::new();
    let run = place.run("x");
    work(&place, &run, None, &[10], 1.0);
    let mut reader = RunReader::new(&run);
    reader.poll().unwrap();
    fs::remove_dir_all(run.path()).unwrap();
    reader.poll().unwrap();
    assert_eq!(seed_steps(&reader), [(10, 1.0)]);
}

#[test]
fn lines_that_are_no_record_are_counted_not_shown() {
    let mut place = Place::new();
    let run = place.run("x");
    work(&place, &run, None, &[10], 1.0);
    let layout = run.track(Track::Seed(7));
    let path = segment_file(&layout.metrics(), 1);
    let mut text = fs::read(&path).unwrap();
    text.extend(b"{\"step\":-1}\n\xff\xfe\nnull\n");
    fs::write(&path, text).unwrap();
    let mut reader = RunReader::new(&run);
    reader.poll().unwrap();
    assert_eq!(seed_steps(&reader), [(10, 1.0)]);
    assert_eq!(reader.track(Track::Seed(7)).unwrap().bad_lines(), 3);
}

#[test]
fn versions_grow_only_with_change() {
    let mut place = Place::new();
    let run = place.run("x");
    work(&place, &run, None, &[10], 1.0);
    let mut reader = RunReader::new(&run);
    reader.poll().unwrap();
    let version = |reader: &RunReader| reader.track(Track::Seed(7)).unwrap().metrics.version();
    let before = version(&reader);
    reader.poll().unwrap();
    assert_eq!(version(&reader), before);
    work(&place, &run, Some(10), &[20], 1.0);
    reader.poll().unwrap();
    assert!(version(&reader) > before);
}

#[test]
fn every_kind_of_record_reads_back() {
    let mut place = Place::new();
    let run = place.run("x");
    let mut segment = place.begin(&run);
    let equity = EquityRecord {
        step: 5,
        scope: Scope::Valid,
        t: Nanos(3),
        equity: 10_000.0,
        drawdown: 0.25,
        position: -1.0,
    };
    let trade = TradeRecord {
        step: 5,
        scope: Scope::Valid,
        side: Side::Short,
        qty: 2.0,
        entry_bar: 3,
        entry_t: Nanos(3),
        entry_price: 100.0,
        exit_bar: 9,
        exit_t: Nanos(9),
        exit_price: 90.0,
        pnl: 19.0,
        fees: 1.0,
    };
    segment.journals().equity(&[equity]).unwrap();
    segment.journals().trades(&[trade]).unwrap();
    drop(segment);
    let mut reader = RunReader::new(&run);
    reader.poll().unwrap();
    let track = reader.track(Track::Run).unwrap();
    assert_eq!(track.equity.records(), [equity]);
    assert_eq!(track.trades.records(), [trade]);
    assert_eq!(trade.bars_held(), 6);
    assert!((trade.return_on_entry() - 0.095).abs() < 1e-15);
}
