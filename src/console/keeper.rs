//! The thread that writes down what the console remembers, a while after it changed.
//!
//! Start at [`keep`].

use crate::memory::Memory;
use domain::durable;
use std::{
    fs,
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender},
    time::Duration,
};

/// Changes that follow each other within this time are written once.
pub const PAUSE: Duration = Duration::from_secs(2);

/// Writes the latest of `memories` to `path` when none has come for `pause`, and at the end, when
/// nobody sends any more; then says so through `done`. A folder that cannot be written keeps
/// nothing.
pub fn keep(path: &Path, pause: Duration, memories: &Receiver<Memory>, done: &Sender<()>) {
    let mut written = Vec::new();
    let mut latest: Option<Memory> = None;
    loop {
        let next = match latest {
            None => memories.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(_) => memories.recv_timeout(pause),
        };
        match next {
            Ok(memory) => latest = Some(memory),
            Err(ended) => {
                let bytes = latest.take().map(|memory| memory.bytes());
                if let Some(bytes) = bytes.filter(|bytes| *bytes != written)
                    && write(path, &bytes).is_ok()
                {
                    written = bytes;
                }
                if ended == RecvTimeoutError::Disconnected {
                    break;
                }
            }
        }
    }
    let _ = done.send(());
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    durable::replace(path, bytes)
}
