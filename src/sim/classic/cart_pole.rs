//! A pole on a cart, after Barto, Sutton and Anderson (1983); Euler steps of 20 ms.

use super::vectorised::{Task, discrete};
use crate::env::{ActionSpace, Actions};
use domain::StreamRng;

const GRAVITY: f64 = 9.8;
const MASS_POLE: f64 = 0.1;
const TOTAL_MASS: f64 = MASS_POLE + 1.0;
const HALF_LENGTH: f64 = 0.5;
const POLE_MASS_LENGTH: f64 = MASS_POLE * HALF_LENGTH;
const FORCE: f64 = 10.0;
const TAU: f64 = 0.02;
const ANGLE_LIMIT: f64 = 12.0 * 2.0 * std::f64::consts::PI / 360.0;
const POSITION_LIMIT: f64 = 2.4;

/// State `[x, ẋ, θ, θ̇]`; action 1 pushes right, 0 left.
#[derive(Debug)]
pub(super) struct CartPole;

impl Task for CartPole {
    type State = [f64; 4];
    type Action = u32;
    const ID: &'static str = "CartPole-v1";
    const OBS_DIM: usize = 4;
    const SPACE: ActionSpace = ActionSpace::Discrete(2);
    const TIME_LIMIT: u32 = 500;

    fn start(rng: &mut StreamRng) -> [f64; 4] {
        std::array::from_fn(|_| rng.uniform() * 0.1 - 0.05)
    }

    fn pick(actions: Actions<'_>, index: usize) -> u32 {
        discrete(actions, index)
    }

    fn step(state: &mut [f64; 4], action: u32) -> (f64, bool) {
        let [x, x_dot, theta, theta_dot] = *state;
        let force = if action == 1 { FORCE } else { -FORCE };
        let (sin, cos) = theta.sin_cos();
        let temp = (force + POLE_MASS_LENGTH * (theta_dot * theta_dot) * sin) / TOTAL_MASS;
        let theta_acc = (GRAVITY * sin - cos * temp)
            / (HALF_LENGTH * (4.0 / 3.0 - MASS_POLE * (cos * cos) / TOTAL_MASS));
        let x_acc = temp - POLE_MASS_LENGTH * theta_acc * cos / TOTAL_MASS;
        let x = x + TAU * x_dot;
        let theta = theta + TAU * theta_dot;
        *state = [x, x_dot + TAU * x_acc, theta, theta_dot + TAU * theta_acc];
        let fallen = !(-POSITION_LIMIT..=POSITION_LIMIT).contains(&x)
            || !(-ANGLE_LIMIT..=ANGLE_LIMIT).contains(&theta);
        (1.0, fallen)
    }

    fn observe(state: &[f64; 4], obs: &mut [f32]) {
        for (value, state) in obs.iter_mut().zip(state) {
            *value = *state as f32;
        }
    }
}
