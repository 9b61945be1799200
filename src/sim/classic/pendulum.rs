//! A pendulum to be swung up and held, after gymnasium; semi-implicit Euler steps of 50 ms.

use super::vectorised::{Task, continuous};
use crate::env::{ActionSpace, Actions};
use domain::StreamRng;
use std::f64::consts::PI;

const MAX_SPEED: f64 = 8.0;
const MAX_TORQUE: f32 = 2.0;
const DT: f64 = 0.05;
const GRAVITY: f64 = 10.0;

/// State `[θ, θ̇]`, θ = 0 upright; the action is a torque, clipped to ±2 Nm.
#[derive(Debug)]
pub(super) struct Pendulum;

impl Task for Pendulum {
    type State = [f64; 2];
    type Action = f32;
    const ID: &'static str = "Pendulum-v1";
    const OBS_DIM: usize = 3;
    const SPACE: ActionSpace = ActionSpace::Continuous(1);
    const TIME_LIMIT: u32 = 200;

    fn start(rng: &mut StreamRng) -> [f64; 2] {
        [(rng.uniform() * 2.0 - 1.0) * PI, rng.uniform() * 2.0 - 1.0]
    }

    fn pick(actions: Actions<'_>, index: usize) -> f32 {
        continuous(actions, index)
    }

    fn step(state: &mut [f64; 2], action: f32) -> (f64, bool) {
        let [theta, speed] = *state;
        // The torque terms are 32-bit in gymnasium, because its actions are.
        let torque = action.clamp(-MAX_TORQUE, MAX_TORQUE);
        let angle = (theta + PI).rem_euclid(2.0 * PI) - PI;
        let cost = angle * angle + 0.1 * (speed * speed) + f64::from(0.001_f32 * (torque * torque));
        let push = 3.0 * GRAVITY / 2.0 * theta.sin() + f64::from(3.0_f32 * torque);
        let speed = (speed + push * DT).clamp(-MAX_SPEED, MAX_SPEED);
        *state = [theta + speed * DT, speed];
        (-cost, false)
    }

    fn observe(&[theta, speed]: &[f64; 2], obs: &mut [f32]) {
        obs[0] = theta.cos() as f32;
        obs[1] = theta.sin() as f32;
        obs[2] = speed as f32;
    }
}
