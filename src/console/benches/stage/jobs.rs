//! A cluster's jobs, for the benches that list them.

use console::job_news::JobNews;
use domain::{Nanos, Phrase};
use jobs::{Badge, JobId, JobRow, JobView, Listing, Phase, Source};
use std::time::Duration;

/// A list in which every job moved on a little since the one before.
pub fn news(count: usize, round: usize) -> JobNews {
    let jobs = (0..count).map(|n| row(n, round, n >= count / 2)).collect();
    let sources = vec![Source {
        profile: "klone".into(),
        seen_at: Nanos(1),
        problems: Vec::new(),
    }];
    JobNews::of(Listing { jobs, sources }, Nanos(2))
}

fn row(n: usize, round: usize, waits: bool) -> JobRow {
    let why = Phrase::new("your limit of jobs is reached", "작업 수 한도에 닿았습니다");
    JobRow {
        profile: "klone".into(),
        view: JobView {
            id: JobId::new(format!("259_{n}")),
            run: None,
            name: format!("비트코인 실험 {n}"),
            phase: if waits { Phase::Queued } else { Phase::Running },
            reason: waits.then_some(why),
            raw_reason: waits.then(|| "QOSMaxJobsPerUserLimit".to_owned()),
            node: (!waits).then(|| format!("g{:04}", 3_000 + n)),
            queue: "ckpt-all".into(),
            starts: None,
            elapsed: Duration::from_secs((round * 60 + n) as u64),
            limit: Some(Duration::from_secs(8 * 3_600)),
            restarts: (n % 3) as u32,
            position: None,
            gpus: 1,
            cpus: 8,
        },
        title: format!("비트코인 실험 {n}"),
        state: Some(runs::State::Running),
        progress: Some(0.5),
        eta_seconds: Some(3_600.0),
        badges: if n.is_multiple_of(7) {
            vec![Badge::Stalled]
        } else {
            Vec::new()
        },
    }
}
