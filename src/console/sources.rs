//! The threads that bring what happens outside to the loop: keys, typed lines, signals.
//!
//! Each blocks until something comes. Start at [`keys`].

use crate::{
    chord::Chord,
    error::ConsoleError,
    keyboard::{Heard, Keyboard},
    message::Message,
    mouse::Mouse,
    terminal::{self, Terminal},
};
use crossterm::event::Event;
use rustix::event::PollFlags;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH},
    iterator::{Handle, Signals},
};
use std::{
    any::Any,
    fs::File,
    io::{self, BufRead, Read},
    os::fd::AsFd,
    panic::{self, AssertUnwindSafe},
    sync::mpsc::Sender,
    thread,
    time::Duration,
};

/// A lone Esc is the key when nothing followed it for as long; a sequence arrives in one piece.
const ALONE: Duration = Duration::from_millis(10);
/// Something can be read.
const IN: PollFlags = PollFlags::IN;

/// Starts the thread that reads the terminal. It ends with the program: nothing can wake it.
///
/// # Errors
/// The operating system's refusal.
pub fn keys(out: Sender<Message>) -> Result<(), ConsoleError> {
    // A descriptor of our own: standard input's buffer would hold back what was read.
    let input = io::stdin().as_fd().try_clone_to_owned();
    let input = File::from(input.map_err(ConsoleError::terminal("be read"))?);
    spawn("keys", out.clone(), move || {
        listen(input, &out);
        // The terminal is gone, or nobody hears this any more.
        let _ = out.send(Message::Quit);
    })
}

/// Tells what the terminal sends until it is gone or nobody listens.
fn listen(mut input: File, out: &Sender<Message>) {
    let mut keyboard = Keyboard::default();
    let mut part = [0; 4_096];
    loop {
        let heard = match keyboard.is_undecided() && !terminal::is_ready(&input, IN, Some(ALONE)) {
            true => keyboard.settle().into_iter().collect(),
            false => match input.read(&mut part) {
                Ok(read @ 1..) => keyboard.take(&part[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                // Another program left the terminal so that it does not wait for keys.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if !keyboard.is_undecided() {
                        terminal::is_ready(&input, IN, None);
                    }
                    continue;
                }
                Ok(_) | Err(_) => return,
            },
        };
        for message in heard.into_iter().filter_map(message_of) {
            if out.send(message).is_err() {
                return;
            }
        }
    }
}

fn message_of(heard: Heard) -> Option<Message> {
    match heard {
        Heard::Alive => Some(Message::Alive),
        Heard::Event(Event::Key(key)) => Chord::of(&key).map(Message::Press),
        Heard::Event(Event::Paste(text)) => Some(Message::Paste(text)),
        Heard::Event(Event::Mouse(event)) => Mouse::of(&event).map(Message::Mouse),
        Heard::Event(_) => None,
    }
}

/// Starts the thread that reads typed lines; the end of the input ends the console.
///
/// # Errors
/// The operating system's refusal of a thread.
pub fn lines(out: Sender<Message>) -> Result<(), ConsoleError> {
    spawn("lines", out.clone(), move || {
        let mut input = io::stdin().lock();
        let mut line = Vec::new();
        loop {
            line.clear();
            let message = match input.read_until(b'\n', &mut line) {
                Ok(1..) => Message::Typed(String::from_utf8_lossy(&line).into_owned()),
                _ => Message::Quit,
            };
            let last = matches!(message, Message::Quit);
            if out.send(message).is_err() || last {
                return;
            }
        }
    })
}

/// Starts the thread that hears signals; closing the handle ends it.
///
/// # Errors
/// The operating system's refusal.
pub fn signals(out: Sender<Message>) -> Result<Handle, ConsoleError> {
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGWINCH])
        .map_err(ConsoleError::terminal("be watched for signals"))?;
    let handle = signals.handle();
    spawn("signals", out.clone(), move || {
        for signal in signals.forever() {
            let message = match signal {
                SIGTSTP => Message::Suspend,
                SIGWINCH => {
                    let (columns, rows) = Terminal::size();
                    Message::Resize(columns, rows)
                }
                _ => Message::Quit,
            };
            if out.send(message).is_err() {
                return;
            }
        }
    })?;
    Ok(handle)
}

/// Starts a named thread; its panic ends the console with an error instead of leaving it deaf.
///
/// # Errors
/// The operating system's refusal of a thread.
pub fn spawn(
    name: &str,
    out: Sender<Message>,
    work: impl FnOnce() + Send + 'static,
) -> Result<(), ConsoleError> {
    let guarded = move || {
        if let Err(panic) = panic::catch_unwind(AssertUnwindSafe(work)) {
            let _ = out.send(Message::Broken(what_it_said(&*panic)));
        }
    };
    let spawned = thread::Builder::new().name(name.to_owned()).spawn(guarded);
    spawned.map(|_| ()).map_err(ConsoleError::Thread)
}

fn what_it_said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "a thread panicked".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyCode;
    use rustix::fs::OFlags;
    use std::{io::Write, os::fd::OwnedFd, sync::mpsc, thread::JoinHandle};

    /// A terminal that is read with `flags`: what types on it, what is told, and who listens.
    fn listened(flags: OFlags) -> (io::PipeWriter, mpsc::Receiver<Message>, JoinHandle<()>) {
        let (reader, writer) = io::pipe().unwrap();
        rustix::fs::fcntl_setfl(&reader, flags).unwrap();
        let (out, inbox) = mpsc::channel();
        let input = File::from(OwnedFd::from(reader));
        (writer, inbox, thread::spawn(move || listen(input, &out)))
    }

    #[test]
    fn keys_are_told_until_the_terminal_is_gone() {
        for flags in [OFlags::empty(), OFlags::NONBLOCK] {
            let (mut typed, told, listener) = listened(flags);
            for (bytes, key) in [
                (&b"q"[..], Chord::char('q')),
                // Nothing follows it.
                (b"\x1b", Chord::key(KeyCode::Esc)),
                (b"\x1b[A", Chord::key(KeyCode::Up)),
            ] {
                typed.write_all(bytes).unwrap();
                assert!(matches!(told.recv().unwrap(), Message::Press(chord) if chord == key));
            }
            drop(typed);
            listener.join().unwrap();
            assert!(told.recv().is_err(), "nothing else was told");
        }
    }
}
