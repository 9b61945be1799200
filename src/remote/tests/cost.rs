//! What two hundred runs cost on the line: little at first, next to nothing while idle.

use crate::{Answer, Gatherer, frame, wire::Changes};
use domain::{Clock, ManualClock, Nanos, StreamRng};
use runs::{Home, Kind, NewRun, RunDir, Segment};
use std::{path::Path, time::Duration};

const RUNS: usize = 200;

fn runs(home: &Home, clock: &ManualClock) {
    let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs");
    let mut rng = StreamRng::seeded(1);
    for run in 0..RUNS {
        let request = config::LoadRequest {
            dir: configs.clone(),
            sets: vec![format!("agent.learning_rate={}", 1e-4 + run as f64 * 1e-7)],
            ..config::LoadRequest::default()
        };
        let settings = config::load(&request).unwrap().to_run_toml();
        let new = NewRun {
            name: "tuned",
            kind: Kind::Train,
            parent: None,
            settings: &settings,
            version: "0.1.0",
        };
        clock.advance(Duration::from_secs(60));
        let run = RunDir::create(home, &new, clock, &mut rng).unwrap();
        Segment::begin(&run, None, clock).unwrap();
    }
}

fn look(gatherer: &mut Gatherer, clock: &dyn Clock) -> (Changes, Vec<u8>, usize) {
    let (changes, content) = gatherer.sync(None, &[], 1 << 20, &[], clock).unwrap();
    let mut line = Vec::new();
    frame::write(&mut line, 1, &Answer::Changes(changes.clone()), &content).unwrap();
    (changes, content, line.len())
}

#[test]
fn two_hundred_runs_cost_little_at_first_and_nothing_while_idle() {
    let dir = tempfile::tempdir().unwrap();
    let clock = ManualClock::at(Nanos::from_millis(1_800_000_000_000));
    let home = Home::at(dir.path().join("runs"));
    runs(&home, &clock);
    let mut gatherer = Gatherer::new(home.root(), dir.path());
    let (mut raw, mut sent, mut answers) = (0, 0, 0);
    loop {
        let (changes, content, bytes) = look(&mut gatherer, &clock);
        (raw, sent, answers) = (raw + content.len(), sent + bytes, answers + 1);
        if !changes.more {
            break;
        }
    }
    println!("{RUNS} runs: {raw} bytes of files in {answers} answers, {sent} bytes on the line");
    assert!(raw > RUNS * 1_000, "the runs are too small to tell: {raw}");
    assert!(sent * 5 < raw, "{sent} of {raw} bytes were sent");
    clock.advance(Duration::from_secs(600));
    let (changes, _, idle) = look(&mut gatherer, &clock);
    assert!(changes.parts.is_empty() && changes.gone.is_empty());
    assert!(idle < 160, "{idle} bytes for nothing");
}
