//! Random streams that are named, seeded from the run's seed and saved in checkpoints.
//!
//! The generator (xoshiro256++) and every distribution on it are fixed here, so that no upgrade
//! of a dependency can change a run's bits.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

/// Derives independent streams from one seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Streams {
    seed: u64,
}

impl Streams {
    /// Returns the family of streams of `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// Returns stream `index` of the purpose `name`, e.g. `("env", 3)`.
    ///
    /// The same seed, name and index give the same stream for ever.
    #[must_use]
    pub fn stream(&self, name: &str, index: u64) -> StreamRng {
        let named = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        StreamRng::seeded(mix(mix(self.seed ^ named).wrapping_add(mix(index))))
    }
}

/// SplitMix64's finaliser (Steele et al. 2014).
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// One random stream; its whole state is serialisable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StreamRng(Xoshiro256PlusPlus);

impl StreamRng {
    /// Returns the stream that starts at `seed`.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// Returns 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Returns a uniform value in `[0, 1)` with 53 random bits.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Returns a uniform value in `[0, 1)` with 24 random bits.
    #[inline]
    pub fn uniform_f32(&mut self) -> f32 {
        (self.bits() >> 40) as f32 * (1.0 / 16_777_216.0)
    }

    /// Returns a uniform integer in `0..bound` without bias (Lemire 2019). `bound` is positive.
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        debug_assert!(bound > 0, "an empty range has no member");
        let threshold = bound.wrapping_neg() % bound;
        loop {
            let wide = u128::from(self.bits()) * u128::from(bound);
            if wide as u64 >= threshold {
                return (wide >> 64) as u64;
            }
        }
    }

    /// Returns a standard normal value (Box and Muller 1958, the cosine half).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Shuffles in place (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end as u64 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_stable_and_distinct() {
        let streams = Streams::new(7);
        let first: Vec<u64> = (0..4).map(|_| streams.stream("env", 0).bits()).collect();
        assert!(first.iter().all(|bits| *bits == first[0]));
        assert_ne!(first[0], streams.stream("env", 1).bits());
        assert_ne!(first[0], streams.stream("policy", 0).bits());
        assert_ne!(first[0], Streams::new(8).stream("env", 0).bits());
    }

    #[test]
    fn state_survives_serialisation() {
        let mut rng = StreamRng::seeded(3);
        rng.bits();
        let mut copy: StreamRng =
            serde_json::from_str(&serde_json::to_string(&rng).unwrap()).unwrap();
        assert_eq!(rng.bits(), copy.bits());
    }

    #[test]
    fn normal_has_the_moments_of_the_normal_distribution() {
        let mut rng = StreamRng::seeded(1);
        let draws: Vec<f64> = (0..200_000).map(|_| rng.normal()).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / draws.len() as f64;
        assert!(
            mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02,
            "{mean} {variance}"
        );
    }

    #[test]
    fn shuffle_keeps_every_member() {
        let mut items: Vec<u32> = (0..100).collect();
        StreamRng::seeded(5).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
