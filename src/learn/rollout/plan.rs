//! How many lanes, and how wide.

use sim::Shard;

/// Rows that the fused forward pass handles in one tile; a wider lane gains nothing.
const WIDEST: usize = 96;
/// Below this a lane's arithmetic is dearer per row.
const NARROWEST: usize = 16;
/// Lanes come in multiples of this, so that 2 or 4 threads share them evenly.
const EVENLY: usize = 4;

/// Cuts `n_envs` environments into lanes of nearly equal width. Depends on nothing else: the
/// number of threads must not change what any environment sees.
pub(super) fn shards(n_envs: usize) -> Vec<Shard> {
    let wanted = n_envs.div_ceil(WIDEST).next_multiple_of(EVENLY);
    let lanes = wanted.min(n_envs / NARROWEST).max(1);
    let mut first = 0;
    (0..lanes)
        .map(|lane| {
            let n_envs = n_envs / lanes + usize::from(lane < n_envs % lanes);
            let shard = Shard { first, n_envs };
            first += n_envs;
            shard
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(1, 1)]
    #[case(8, 1)]
    #[case(31, 1)]
    #[case(64, 4)]
    #[case(1_024, 12)]
    #[case(4_096, 44)]
    fn lanes_cover_every_environment_once(#[case] n_envs: usize, #[case] lanes: usize) {
        let shards = shards(n_envs);
        assert_eq!(shards.len(), lanes);
        let mut next = 0;
        for shard in &shards {
            assert_eq!(shard.first, next);
            assert!((1..=WIDEST).contains(&shard.n_envs));
            next += shard.n_envs;
        }
        assert_eq!(next, n_envs);
    }
}
