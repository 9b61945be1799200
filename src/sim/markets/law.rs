//! A price that follows a finite Markov chain.

use domain::StreamRng;

/// Normal draws are cut here, so that a price stays positive; the cut is symmetric and leaves the
/// mean at zero.
const NOISE_CUT: f64 = 4.0;

/// One possible next state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// State led to.
    pub to: usize,
    /// Its probability; those of one state add up to 1.
    pub probability: f64,
    /// Relative change of the price on this way, before noise.
    pub growth: f64,
}

/// The law of a market: `price' = price × (1 + growth(state → state') + noise × z)`, z normal.
///
/// The noise has mean zero and says nothing about the future: it moves what is realised, not what
/// is best.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkovLaw {
    /// Ways out of each state.
    pub edges: Vec<Vec<Edge>>,
    /// Probability of each state at the first bar.
    pub start: Vec<f64>,
    /// What an agent sees of each state; equally long rows.
    pub features: Vec<Vec<f32>>,
    /// Standard deviation of the noise, as a fraction of the price.
    pub noise: f64,
}

impl MarkovLaw {
    /// Returns the number of states.
    #[must_use]
    pub fn states(&self) -> usize {
        self.edges.len()
    }

    /// Draws the first state.
    #[must_use]
    pub fn draw_start(&self, rng: &mut StreamRng) -> usize {
        pick(self.start.iter().copied(), rng)
    }

    /// Draws the next state and the relative change of the price.
    #[must_use]
    pub fn draw_step(&self, state: usize, rng: &mut StreamRng) -> (usize, f64) {
        let edges = &self.edges[state];
        let edge = edges[pick(edges.iter().map(|edge| edge.probability), rng)];
        let noise = rng.normal().clamp(-NOISE_CUT, NOISE_CUT) * self.noise;
        (edge.to, edge.growth + noise)
    }
}

fn pick(probabilities: impl ExactSizeIterator<Item = f64>, rng: &mut StreamRng) -> usize {
    let last = probabilities.len() - 1;
    let mut left = rng.uniform();
    for (index, probability) in probabilities.enumerate() {
        left -= probability;
        if left < 0.0 {
            return index;
        }
    }
    // The probabilities add up to 1 but for rounding.
    last
}
