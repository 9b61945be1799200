//! Orthogonal initialisation (Saxe et al. 2014), as in the reference PPO implementations.

use domain::StreamRng;

use crate::layout::Layout;

/// Gain of hidden layers.
const HIDDEN_GAIN: f64 = std::f64::consts::SQRT_2;
/// Gain of the actor's last layer: the first policy is near uniform.
const POLICY_GAIN: f64 = 0.01;
/// Gain of the critic's last layer.
const VALUE_GAIN: f64 = 1.0;

/// Returns a fresh arena: orthogonal weights, zero biases, zero log-std.
pub(crate) fn orthogonal_params(layout: &Layout, layers: usize, rng: &mut StreamRng) -> Vec<f32> {
    let mut params = vec![0.0; layout.len()];
    for view in layout.views().iter().filter(|view| view.shape.len() == 2) {
        let last = view.name.ends_with(&format!(".{}.weight", layers - 1));
        let gain = match (last, view.name.starts_with("actor")) {
            (false, _) => HIDDEN_GAIN,
            (true, true) => POLICY_GAIN,
            (true, false) => VALUE_GAIN,
        };
        let matrix = orthogonal(view.shape[0], view.shape[1], rng);
        for (param, value) in params[view.range()].iter_mut().zip(matrix) {
            *param = (gain * value) as f32;
        }
    }
    params
}

/// Returns a `[rows, columns]` matrix with orthonormal rows or columns, whichever are fewer,
/// uniformly distributed: the Q of a normal matrix's QR decomposition, with R's diagonal positive.
fn orthogonal(rows: usize, columns: usize, rng: &mut StreamRng) -> Vec<f64> {
    let (long, short) = (rows.max(columns), rows.min(columns));
    // Vectors are kept one after another, so that every inner loop is contiguous.
    let mut vectors: Vec<Vec<f64>> = (0..short)
        .map(|_| (0..long).map(|_| rng.normal()).collect())
        .collect();
    let mut signs = Vec::with_capacity(short);
    for pivot in 0..short {
        let (head, rest) = vectors.split_at_mut(pivot + 1);
        let vector = &mut head[pivot];
        vector[..pivot].fill(0.0);
        let norm = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
        let sign = if vector[pivot] < 0.0 { -1.0 } else { 1.0 };
        signs.push(-sign);
        vector[pivot] += sign * norm;
        let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
        vector.iter_mut().for_each(|x| *x /= length);
        rest.iter_mut().for_each(|other| reflect(other, vector));
    }
    let mut matrix = vec![0.0; rows * columns];
    for (index, sign) in signs.iter().enumerate() {
        let mut column = vec![0.0; long];
        column[index] = *sign;
        vectors
            .iter()
            .rev()
            .for_each(|mirror| reflect(&mut column, mirror));
        for (position, value) in column.into_iter().enumerate() {
            let at = if rows >= columns {
                position * columns + index
            } else {
                index * columns + position
            };
            matrix[at] = value;
        }
    }
    matrix
}

/// Mirrors `vector` at the plane whose unit normal is `mirror` (Householder).
fn reflect(vector: &mut [f64], mirror: &[f64]) {
    let twice = 2.0 * vector.iter().zip(mirror).map(|(x, m)| x * m).sum::<f64>();
    vector
        .iter_mut()
        .zip(mirror)
        .for_each(|(x, m)| *x -= twice * m);
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::tall(64, 47)]
    #[case::wide(47, 64)]
    #[case::square(33, 33)]
    #[case::one_row(1, 64)]
    #[case::one_column(5, 1)]
    fn fewer_side_is_orthonormal(#[case] rows: usize, #[case] columns: usize) {
        let matrix = orthogonal(rows, columns, &mut StreamRng::seeded(11));
        let at = |vector: usize, position: usize| {
            if rows >= columns {
                matrix[position * columns + vector]
            } else {
                matrix[vector * columns + position]
            }
        };
        let (long, short) = (rows.max(columns), rows.min(columns));
        for i in 0..short {
            for j in 0..short {
                let dot: f64 = (0..long).map(|k| at(i, k) * at(j, k)).sum();
                let expected = if i == j { 1.0 } else { 0.0 };
                assert!((dot - expected).abs() < 1e-12, "{i} {j} {dot}");
            }
        }
    }

    #[test]
    fn signs_are_not_biased() {
        let mut rng = StreamRng::seeded(2);
        let mean = (0..4_000)
            .map(|_| orthogonal(3, 3, &mut rng)[0])
            .sum::<f64>()
            / 4_000.0;
        assert!(mean.abs() < 0.04, "{mean}");
    }
}
