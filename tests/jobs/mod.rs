//! Jobs on both backends: one conformance suite, and the traps of a real Slurm cluster.
//!
//! Everything is driven through the command line as an ordinary user, since jobs of root behave
//! differently. The cluster is real ([`lab`]); where it cannot run, a test says so and is counted
//! as skipped.

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
