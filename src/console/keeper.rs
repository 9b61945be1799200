//! The thread that writes down what the console remembers, a while after it changed.
//!
//! Start at [`keep`].

use crate::memory::Memory;
use domain::{Phrase, durable, phrase};
use std::{
    fs, io,
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender},
    time::Duration,
};

/// Changes that follow each other within this time are written once.
pub const PAUSE: Duration = Duration::from_secs(2);

/// Writes the latest of `memories` to `path` when none has come for `pause`, and at the end, when
/// nobody sends any more; then says so through `done`. A folder that cannot be written keeps
/// nothing, which `refused` is told once.
pub fn keep(
    path: &Path,
    pause: Duration,
    memories: &Receiver<Memory>,
    refused: impl FnOnce(Phrase),
    done: &Sender<()>,
) {
    let mut refused = Some(refused);
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
                if let Some(bytes) = bytes.filter(|bytes| *bytes != written) {
                    match write(path, &bytes) {
                        Ok(()) => written = bytes,
                        Err(error) => {
                            if let Some(refused) = refused.take() {
                                refused(said(path, &error));
                            }
                        }
                    }
                }
                if ended == RecvTimeoutError::Disconnected {
                    break;
                }
            }
        }
    }
    let _ = done.send(());
}

fn said(path: &Path, error: &io::Error) -> Phrase {
    let file = path.display();
    phrase!(
        "the view and what is chosen here are not remembered: {file}: {error}; make the folder writable or free the disk",
        "화면과 여기서 고른 것을 기억하지 못합니다: {file}: {error}. 폴더의 쓰기 권한이나 디스크의 남은 용량을 확인하세요"
    )
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    durable::replace(path, bytes)
}
