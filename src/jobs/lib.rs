//! Jobs: workers that outlive the console, the SSH line, preemption and the failure of a node.
//!
//! Owns one seam ([`Launcher`]) and its two backends, the local pool and Slurm; cluster profiles;
//! and what a job is called above that seam. Never touches what a run directory holds beyond its
//! `job.json` and `mailbox/`, and never decides whether a run succeeded: `done.json` does. Every
//! call may take seconds, so none belongs on a thread that draws. Start at [`Launcher`].

// What crosses the seam.
pub mod error;
pub mod launcher;
pub mod record;
pub mod site;
pub mod spec;
pub mod view;

// Sites, and what starts workers there.
pub mod local;
pub mod profile;
pub mod slurm;

// What is above the backends.
pub mod book;

pub use book::{Badge, Book, JobRow, Listing, Source};
pub use error::JobsError;
pub use launcher::{Launcher, Signal};
pub use profile::Profile;
pub use record::JobRecord;
pub use site::Site;
pub use spec::{JobSpec, Preview, Resources, RunRef};
pub use view::{Attempt, End, JobId, JobView, Phase, Poll};
