//! AdamW against the formula in `f64`, and continuing from a saved state.

use domain::StreamRng;

use crate::{AdamW, AdamWConfig, AdamWState, KernelError};

#[test]
fn steps_follow_the_formula() {
    let config = AdamWConfig {
        weight_decay: 0.01,
        ..AdamWConfig::default()
    };
    let mut rng = StreamRng::seeded(3);
    let n = 101;
    let mut params: Vec<f32> = (0..n).map(|_| rng.normal() as f32).collect();
    let mut exact: Vec<f64> = params.iter().map(|p| f64::from(*p)).collect();
    let (mut m, mut v) = (vec![0.0_f64; n], vec![0.0_f64; n]);
    let mut adam = AdamW::new(config, n);
    for step in 1..=60 {
        // Alternately clipped and not.
        let size = if step % 2 == 0 { 1.0 } else { 0.01 };
        let gradient: Vec<f32> = (0..n).map(|_| size * rng.normal() as f32).collect();
        let rate = 1e-2 / f64::from(step);
        let norm = adam.step(&mut params, &gradient, rate);
        let exact_norm = gradient
            .iter()
            .map(|g| f64::from(*g).powi(2))
            .sum::<f64>()
            .sqrt();
        assert!((norm - exact_norm).abs() < 1e-6 * exact_norm);
        let scale = (0.5 / (exact_norm + 1e-6)).min(1.0);
        for i in 0..n {
            let g = f64::from(gradient[i]) * scale;
            m[i] = 0.9 * m[i] + 0.1 * g;
            v[i] = 0.999 * v[i] + 0.001 * g * g;
            let corrected_m = m[i] / (1.0 - 0.9_f64.powi(step));
            let corrected_v = v[i] / (1.0 - 0.999_f64.powi(step));
            exact[i] *= 1.0 - rate * 0.01;
            exact[i] -= rate * corrected_m / (corrected_v.sqrt() + 1e-5);
        }
    }
    for (found, expected) in params.iter().zip(exact) {
        assert!(
            (f64::from(*found) - expected).abs() < 2e-6,
            "{found} {expected}"
        );
    }
}

#[test]
fn a_saved_state_continues_bit_identically() {
    let gradient = |step: u64| -> Vec<f32> {
        let mut rng = StreamRng::seeded(step);
        (0..40).map(|_| rng.normal() as f32).collect()
    };
    let mut adam = AdamW::new(AdamWConfig::default(), 40);
    let mut params = vec![0.5; 40];
    for step in 0..5 {
        adam.step(&mut params, &gradient(step), 1e-3);
    }
    let text = serde_json::to_string(adam.state()).unwrap();
    let state: AdamWState = serde_json::from_str(&text).unwrap();
    let mut resumed = AdamW::from_state(*adam.config(), state, 40).unwrap();
    let mut copy = params.clone();
    for step in 5..9 {
        adam.step(&mut params, &gradient(step), 1e-3);
        resumed.step(&mut copy, &gradient(step), 1e-3);
    }
    assert_eq!(params, copy);
    assert_eq!(adam.state(), resumed.state());
}

#[test]
fn a_gradient_that_is_not_finite_changes_nothing() {
    let mut adam = AdamW::new(AdamWConfig::default(), 3);
    let mut params = vec![1.0; 3];
    assert!(adam.step(&mut params, &[0.1, f32::NAN, 0.1], 1e-3).is_nan());
    assert_eq!(params, [1.0; 3]);
    assert_eq!(adam.state().step, 0);
}

#[test]
fn damaged_states_are_named() {
    let state = |m: Vec<f32>, v: Vec<f32>| AdamWState { m, v, step: 1 };
    let load = |state| AdamW::from_state(AdamWConfig::default(), state, 2).unwrap_err();
    assert_eq!(
        load(state(vec![0.0], vec![0.0; 2])),
        KernelError::ParamCount {
            what: "first moment",
            found: 1,
            expected: 2
        }
    );
    assert_eq!(
        load(state(vec![0.0; 2], vec![0.0, f32::INFINITY])),
        KernelError::NotFinite {
            what: "second moment",
            index: 1
        }
    );
}
