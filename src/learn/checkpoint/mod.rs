//! Checkpoints: directories that are whole or absent, each file with its checksum.
//!
//! Owns their layout (`checkpoints/<step>/`, `LATEST`, `BEST`), how they are written and how they
//! are verified; never knows what the files mean (that is [`crate::state`]). A reader may list and
//! load while a trainer writes. Start at [`CheckpointStore`] to write, [`CheckpointArchive`] to read.

mod archive;
mod disk;
mod store;

pub use archive::{Best, Checkpoint, CheckpointArchive, Manifest};
pub use disk::{Disk, LocalDisk};
pub use store::CheckpointStore;

#[cfg(test)]
mod tests;
