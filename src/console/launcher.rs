//! The seam to whatever starts workers; the console itself starts none.

use std::path::Path;

/// Starts workers that outlive the console. Called off the drawing thread, one call at a time.
pub trait Launcher: Send {
    /// Creates a training of an experiment file with `sets` (`section.key=value` each) laid over
    /// it, starts its worker and returns the run's identifier.
    ///
    /// # Errors
    /// Why nothing was started, in the user's language, with what to do.
    fn train(&mut self, experiment: Option<&Path>, sets: &[String]) -> Result<String, String>;

    /// Starts a worker that continues `run`.
    ///
    /// # Errors
    /// Why nothing was started, in the user's language, with what to do.
    fn resume(&mut self, run: &str) -> Result<(), String>;
}
