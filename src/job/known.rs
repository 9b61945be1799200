//! Known-answer markets: drawn from a law whose best policy was computed exactly.
//!
//! Owns the one path that every run sees, and the proof that its beginning does not depend on what
//! follows. Start at [`prepare`].

use super::{
    desk::Desk,
    error::JobError,
    market::{Prepared, split},
};
use backtest::Words;
use config::Config;
use domain::Streams;
use features::LeakReport;
use runs::Phase;
use sim::{KnownMarketSpec, Market};

/// Every run sees the same path of a known-answer market; the run's own seeds vary the learning.
const MARKET_SEED: u64 = 20_240_101;

/// Draws a known-answer market and cuts its windows like those of real data.
///
/// # Errors
/// Settings that leave too little for a window.
pub fn prepare(desk: &Desk, config: &Config, spec: &KnownMarketSpec) -> Result<Prepared, JobError> {
    desk.phase(Phase::Import)?;
    let mut rng = Streams::new(MARKET_SEED).stream("known-market", 0);
    let bars = config.env.synthetic_bars;
    let known = spec.generate(bars, &mut rng)?;
    let market = known.market().clone();
    let proof = prefix_proof(spec, &market, bars / 2)?;
    if !proof.is_clean() {
        return Err(JobError::Leak(proof.says()));
    }
    let split = split(config, market.bars(), market.warmup())?;
    let hash = features::bars_hash(market.bars().view())
        .to_hex()
        .to_string();
    let remarks = vec![Words::new(
        "A market drawn from a known law; its best policy was computed exactly.",
        "알려진 법칙으로 만든 시장입니다. 최적 정책을 정확히 계산했습니다.",
    )];
    Ok(Prepared {
        market,
        split,
        source: format!("known-answer market {}", spec.name()),
        hash,
        remarks,
        known: Some(known),
        proof,
        recipe: None,
    })
}

/// Draws the same path again, but only its beginning: what an agent sees there must not depend on
/// whether anything follows.
fn prefix_proof(
    spec: &KnownMarketSpec,
    whole: &Market,
    bars: usize,
) -> Result<LeakReport, JobError> {
    let mut rng = Streams::new(MARKET_SEED).stream("known-market", 0);
    let prefix = spec.generate(bars, &mut rng)?;
    let width = whole.n_features();
    let shown = &whole.features()[..bars * width];
    let differs = shown.iter().zip(prefix.market().features());
    let leaks = differs
        .enumerate()
        .find(|(_, (a, b))| a.to_bits() != b.to_bits())
        .map(|(at, _)| features::Leak {
            column: format!("known_{}", at % width),
            t: bars - 1,
            row: at / width,
            mutation: features::Mutation::Truncation,
            trials: 1,
        });
    Ok(LeakReport {
        leaks: leaks.into_iter().collect(),
        probes: 1,
        trials: 1,
        refused: 0,
    })
}
