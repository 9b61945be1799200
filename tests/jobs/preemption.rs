//! A training pushed out again and again through real Slurm ends with the bits of an undisturbed
//! one, and each time loses at most what came after its last checkpoint.

use super::driver::{Backend, Driver, is_alive, segments, worker_of};
use crate::place::{metrics, weights_hash};
use domain::StreamRng;
use std::time::Duration;

/// Interruptions, of three kinds in turn.
const TIMES: usize = 20;

/// Steps between two checkpoints.
const INTERVAL: u64 = 65_536;

#[test]
fn a_training_preempted_at_random_moments_ends_with_the_same_bits() {
    let test = "jobs::preemption::a_training_preempted_at_random_moments_ends_with_the_same_bits";
    let Some(driver) = Driver::open(Backend::Slurm, test) else {
        return;
    };
    let settings = [
        "train.total_steps=24000000",
        "train.checkpoint_every_steps=65536",
        "train.validate_every_steps=1048576",
        "train.device=cpu",
        "jobs.gpus=1",
        "jobs.partition=ckpt-g2",
        "jobs.options=[\"--nodelist=g3001\"]",
    ];
    let _node = driver.lab().keep("g3001");
    let whole = driver.send("undisturbed", &settings);
    driver.wait("its outcome is there", &whole, || {
        whole.run.join("done.json").exists()
    });
    assert_eq!(segments(&whole), 1);

    let sent = driver.send("disturbed", &settings);
    let mut rng = StreamRng::seeded(20);
    for time in 1..=TIMES {
        driver.wait_segment(&sent, time);
        let worker = worker_of(&sent);
        // From before its first step to some checkpoints later.
        let moment = Duration::from_millis(rng.below(900));
        std::thread::park_timeout(moment);
        assert!(
            !sent.run.join("done.json").exists(),
            "it was faster than {TIMES} interruptions"
        );
        match time % 3 {
            // The owners of the node want it back.
            0 => drop(driver.lab().owner_takes("g3001", 1)),
            // An administrator, or the site's own policy.
            1 => drop(driver.lab().root("scontrol", &["requeue", &sent.job])),
            // The warning first, as before a time limit.
            _ => drop(
                driver
                    .lab()
                    .root("scancel", &["-b", "-s", "USR1", &sent.job]),
            ),
        }
        driver.wait("it gave way", &sent, || !is_alive(worker));
    }
    driver.wait("its outcome is there", &sent, || {
        sent.run.join("done.json").exists()
    });
    assert_eq!(weights_hash(&sent.run, 3), weights_hash(&whole.run, 3));
    assert_eq!(metrics(&sent.run, 3), metrics(&whole.run, 3));
    let starts = runs::segments::history(&runs::RunDir::open_path(&sent.run).unwrap());
    assert!(starts.len() > TIMES, "{} starts", starts.len());
    for start in &starts {
        assert!(start.lost_steps <= INTERVAL, "{start:?}");
    }
}
