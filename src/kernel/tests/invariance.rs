//! What must not change a result: threads, the cut into shards, and (within rounding) instructions.

use std::sync::Arc;

use rstest::rstest;

use super::{Batch, distance, policy, reference, shape};
use crate::{Activation, Head, Isa, MlpShape, Policy, Pool, PpoGradient, PpoLoss};

fn usual() -> MlpShape {
    shape(47, &[64, 64], Head::Categorical(3), Activation::Tanh)
}

#[rstest]
#[case(2)]
#[case(3)]
#[case(5)]
fn threads_do_not_change_bits(#[case] workers: usize) {
    let run = |workers: usize| {
        let policy = policy(&usual(), workers);
        let batch = Batch::new(&policy, 4_000);
        let rows: Vec<u32> = (0..4_000).rev().collect();
        let mut learner = PpoGradient::new(&policy);
        let rollout = batch.rollout(policy.shape().head);
        let stats = learner.compute(&policy, &rollout, &rows, &PpoLoss::default());
        let (mut head, mut value) = (vec![0.0; 12_000], vec![0.0; 4_000]);
        policy.forward(&batch.obs, &mut head, &mut value);
        (learner.gradient().to_vec(), stats, head, value)
    };
    let (alone, shared) = (run(1), run(workers));
    assert_eq!(bits(&alone.0), bits(&shared.0));
    assert_eq!(alone.1, shared.1);
    assert_eq!(bits(&alone.2), bits(&shared.2));
    assert_eq!(bits(&alone.3), bits(&shared.3));
}

#[test]
fn a_row_does_not_depend_on_its_neighbours() {
    let policy = policy(&usual(), 1);
    let batch = Batch::new(&policy, 230);
    let (mut head, mut value) = (vec![0.0; 690], vec![0.0; 230]);
    policy.forward(&batch.obs, &mut head, &mut value);
    for (row, obs) in batch.obs.chunks_exact(47).enumerate() {
        let (mut one_head, mut one_value) = ([0.0; 3], [0.0]);
        policy.forward(obs, &mut one_head, &mut one_value);
        assert_eq!(bits(&one_head), bits(&head[row * 3..(row + 1) * 3]));
        assert_eq!(bits(&one_value), bits(&value[row..=row]));
    }
    let mut alone = vec![0.0; 230];
    policy.values(&batch.obs, &mut alone);
    assert_eq!(bits(&alone), bits(&value));
}

#[rstest]
#[case::usual(usual())]
#[case::edges(shape(13, &[50, 9, 34], Head::Gaussian(3), Activation::Tanh))]
#[case::wide(shape(70, &[256, 256], Head::Categorical(5), Activation::Relu))]
fn instruction_sets_agree(#[case] shape: MlpShape) {
    let reference_policy = policy(&shape, 1);
    // Small weights keep the wide network's sums, and so their rounding, near one.
    let scale = if shape.hidden[0] > 100 { 0.2 } else { 1.0 };
    let params: Vec<f32> = reference_policy
        .params()
        .iter()
        .map(|p| p * scale)
        .collect();
    let n = 333;
    let run = |isa: Isa| {
        let pool = Arc::new(Pool::new(1));
        let policy = Policy::with_isa(shape.clone(), pool, params.clone(), isa).unwrap();
        let batch = Batch::new(&reference_policy, n);
        let (mut head, mut value) = (vec![0.0; n * shape.head.width()], vec![0.0; n]);
        policy.forward(&batch.obs, &mut head, &mut value);
        let rows: Vec<u32> = (0..n as u32).collect();
        let mut learner = PpoGradient::new(&policy);
        learner.compute(
            &policy,
            &batch.rollout(shape.head),
            &rows,
            &PpoLoss::default(),
        );
        (head, value, learner.gradient().to_vec(), batch)
    };
    let best = run(Isa::best());
    for isa in Isa::available() {
        let other = run(isa);
        assert!(distance(&best.0, &other.0) < 1e-5, "{}: head", isa.name());
        assert!(distance(&best.1, &other.1) < 1e-5, "{}: value", isa.name());
        let largest = best.2.iter().fold(1.0, |most: f32, g| most.max(g.abs()));
        assert!(
            distance(&best.2, &other.2) < 1e-5 * largest,
            "{}: gradient",
            isa.name()
        );
    }
    let exact: Vec<f64> = params.iter().map(|p| f64::from(*p)).collect();
    let obs: Vec<f64> = best.3.obs[..shape.obs_dim]
        .iter()
        .map(|x| f64::from(*x))
        .collect();
    let head = reference::trunk(&shape, &exact, "actor", &obs);
    for (found, expected) in best.0.iter().zip(head) {
        assert!(
            (f64::from(*found) - expected).abs() < 1e-5,
            "{found} {expected}"
        );
    }
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}
