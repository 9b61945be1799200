//! A two-link pendulum driven at its elbow, after Sutton and Barto's book (not the NIPS paper);
//! one Runge–Kutta step of 200 ms.

use super::vectorised::{Task, discrete};
use crate::env::{ActionSpace, Actions};
use domain::StreamRng;
use std::f64::consts::PI;

const DT: f64 = 0.2;
const LENGTH_1: f64 = 1.0;
const MASS_1: f64 = 1.0;
const MASS_2: f64 = 1.0;
const CENTRE_1: f64 = 0.5;
const CENTRE_2: f64 = 0.5;
const INERTIA: f64 = 1.0;
const GRAVITY: f64 = 9.8;
const MAX_SPEED_1: f64 = 4.0 * PI;
const MAX_SPEED_2: f64 = 9.0 * PI;

/// State `[θ₁, θ₂, θ̇₁, θ̇₂]`; actions 0, 1, 2 are torques −1, 0, +1 Nm.
#[derive(Debug)]
pub(super) struct Acrobot;

impl Task for Acrobot {
    type State = [f64; 4];
    type Action = u32;
    const ID: &'static str = "Acrobot-v1";
    const OBS_DIM: usize = 6;
    const SPACE: ActionSpace = ActionSpace::Discrete(3);
    const TIME_LIMIT: u32 = 500;

    fn start(rng: &mut StreamRng) -> [f64; 4] {
        // gymnasium draws in 64 bits and keeps 32 of them.
        std::array::from_fn(|_| f64::from((rng.uniform() * 0.2 - 0.1) as f32))
    }

    fn pick(actions: Actions<'_>, index: usize) -> u32 {
        discrete(actions, index)
    }

    fn step(state: &mut [f64; 4], action: u32) -> (f64, bool) {
        let [theta_1, theta_2, speed_1, speed_2] = runge_kutta(*state, f64::from(action) - 1.0);
        *state = [
            wrap(theta_1),
            wrap(theta_2),
            speed_1.clamp(-MAX_SPEED_1, MAX_SPEED_1),
            speed_2.clamp(-MAX_SPEED_2, MAX_SPEED_2),
        ];
        let up = -state[0].cos() - (state[1] + state[0]).cos() > 1.0;
        (if up { 0.0 } else { -1.0 }, up)
    }

    fn observe(state: &[f64; 4], obs: &mut [f32]) {
        let row = [
            state[0].cos(),
            state[0].sin(),
            state[1].cos(),
            state[1].sin(),
            state[2],
            state[3],
        ];
        for (value, row) in obs.iter_mut().zip(row) {
            *value = row as f32;
        }
    }
}

fn runge_kutta(state: [f64; 4], torque: f64) -> [f64; 4] {
    let moved = |by: f64, slope: [f64; 4]| std::array::from_fn(|i| state[i] + by * slope[i]);
    let k1 = slope(state, torque);
    let k2 = slope(moved(DT / 2.0, k1), torque);
    let k3 = slope(moved(DT / 2.0, k2), torque);
    let k4 = slope(moved(DT, k3), torque);
    std::array::from_fn(|i| state[i] + DT / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]))
}

fn slope([theta_1, theta_2, speed_1, speed_2]: [f64; 4], torque: f64) -> [f64; 4] {
    let d1 = MASS_1 * CENTRE_1 * CENTRE_1
        + MASS_2
            * (LENGTH_1 * LENGTH_1
                + CENTRE_2 * CENTRE_2
                + 2.0 * LENGTH_1 * CENTRE_2 * theta_2.cos())
        + INERTIA
        + INERTIA;
    let d2 = MASS_2 * (CENTRE_2 * CENTRE_2 + LENGTH_1 * CENTRE_2 * theta_2.cos()) + INERTIA;
    let phi2 = MASS_2 * CENTRE_2 * GRAVITY * (theta_1 + theta_2 - PI / 2.0).cos();
    let phi1 = -MASS_2 * LENGTH_1 * CENTRE_2 * speed_2 * speed_2 * theta_2.sin()
        - 2.0 * MASS_2 * LENGTH_1 * CENTRE_2 * speed_2 * speed_1 * theta_2.sin()
        + (MASS_1 * CENTRE_1 + MASS_2 * LENGTH_1) * GRAVITY * (theta_1 - PI / 2.0).cos()
        + phi2;
    let acceleration_2 = (torque + d2 / d1 * phi1
        - MASS_2 * LENGTH_1 * CENTRE_2 * speed_1 * speed_1 * theta_2.sin()
        - phi2)
        / (MASS_2 * CENTRE_2 * CENTRE_2 + INERTIA - d2 * d2 / d1);
    let acceleration_1 = -(d2 * acceleration_2 + phi1) / d1;
    [speed_1, speed_2, acceleration_1, acceleration_2]
}

/// Brings an angle into `[−π, π]` by whole turns.
fn wrap(mut angle: f64) -> f64 {
    while angle > PI {
        angle -= 2.0 * PI;
    }
    while angle < -PI {
        angle += 2.0 * PI;
    }
    angle
}
