//! Jobs on both backends: one conformance suite, and the traps of a real Slurm cluster.
//!
//! Everything is driven through the command line as an ordinary user, since jobs of root behave
//! differently. The cluster is real ([`lab`]); where it cannot run, a test says so and is counted
//! as skipped.

/// Returns whether `test` is left out, and says so: it was not seen to pass reliably yet. With
/// `MAKOOK_LAB_ALL` set it runs.
fn is_left_out(test: &str) -> bool {
    let wanted = std::env::var_os("MAKOOK_LAB_ALL").is_some();
    if !wanted {
        println!(
            "SKIPPED: jobs::{test}: was not seen to pass reliably yet; MAKOOK_LAB_ALL=1 runs it"
        );
    }
    !wanted
}

mod arrays;
mod chains;
mod conformance;
mod driver;
mod lab;
mod outages;
mod polling;
mod preemption;
mod scripts;
mod traps;
