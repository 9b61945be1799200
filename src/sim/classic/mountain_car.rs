//! An underpowered car in a valley, after Moore (1990) with gymnasium's continuous force.
//!
//! gymnasium keeps this state in 32 bits; so does this, or the paths part within some steps.

use super::vectorised::{Task, continuous};
use crate::env::{ActionSpace, Actions};
use domain::StreamRng;

const MIN_POSITION: f32 = -1.2;
const MAX_POSITION: f32 = 0.6;
const MAX_SPEED: f32 = 0.07;
const GOAL: f32 = 0.45;
const POWER: f32 = 0.0015;

/// State `[position, velocity]`; the action is a force, clipped to ±1.
#[derive(Debug)]
pub(super) struct MountainCar;

impl Task for MountainCar {
    type State = [f32; 2];
    type Action = f32;
    const ID: &'static str = "MountainCarContinuous-v0";
    const OBS_DIM: usize = 2;
    const SPACE: ActionSpace = ActionSpace::Continuous(1);
    const TIME_LIMIT: u32 = 999;

    fn start(rng: &mut StreamRng) -> [f32; 2] {
        [(rng.uniform() * 0.2 - 0.6) as f32, 0.0]
    }

    fn pick(actions: Actions<'_>, index: usize) -> f32 {
        continuous(actions, index)
    }

    fn step(state: &mut [f32; 2], action: f32) -> (f64, bool) {
        let [position, velocity] = *state;
        let force = action.clamp(-1.0, 1.0);
        let slope = (0.0025 * f64::from(3.0 * position).cos()) as f32;
        let velocity = (velocity + (force * POWER - slope)).clamp(-MAX_SPEED, MAX_SPEED);
        let position = (position + velocity).clamp(MIN_POSITION, MAX_POSITION);
        let at_wall = position <= MIN_POSITION && velocity < 0.0;
        *state = [position, if at_wall { 0.0 } else { velocity }];
        let arrived = position >= GOAL && state[1] >= 0.0;
        // The cost is of the action as given, not as clipped.
        let cost = f64::from(action).powi(2) * 0.1;
        (if arrived { 100.0 } else { 0.0 } - cost, arrived)
    }

    fn observe(state: &[f32; 2], obs: &mut [f32]) {
        obs.copy_from_slice(state);
    }
}
