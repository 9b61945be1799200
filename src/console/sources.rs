//! The threads between the terminal and the loop: keys and signals in, frames out.
//!
//! Each blocks until something comes. Start at [`keys`].

use crate::{
    chord::Chord,
    error::ConsoleError,
    keyboard::{Heard, Keyboard},
    message::Message,
    mouse::Mouse,
    terminal::Terminal,
};
use crossterm::event::Event;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH},
    iterator::{Handle, Signals},
};
use std::{
    any::Any,
    fs::File,
    io::{self, BufRead, Read, Write},
    os::fd::AsFd,
    panic::{self, AssertUnwindSafe},
    sync::mpsc::{self, Receiver, RecvError, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};

/// A lone Esc is the key when nothing followed it for as long; a sequence arrives in one piece.
const ALONE: Duration = Duration::from_millis(10);

/// Starts the threads that read the terminal. They end with the program: nothing can wake them.
///
/// # Errors
/// The operating system's refusal.
pub fn keys(out: Sender<Message>) -> Result<(), ConsoleError> {
    // A descriptor of our own: standard input's buffer would hold back what was read.
    let input = io::stdin().as_fd().try_clone_to_owned();
    let input = File::from(input.map_err(ConsoleError::terminal("be read"))?);
    let (bytes, arriving) = mpsc::channel();
    spawn("terminal", out.clone(), move || read(input, &bytes))?;
    spawn("keys", out.clone(), move || {
        let mut keyboard = Keyboard::default();
        loop {
            let heard = match hear(&mut keyboard, &arriving) {
                Ok(heard) => heard,
                // The terminal is gone.
                Err(RecvError) => {
                    let _ = out.send(Message::Quit);
                    return;
                }
            };
            for message in heard.into_iter().filter_map(message_of) {
                if out.send(message).is_err() {
                    return;
                }
            }
        }
    })
}

/// Reads the terminal until it is gone or nobody listens.
fn read(mut input: File, out: &Sender<Vec<u8>>) {
    let mut part = [0; 4_096];
    loop {
        match input.read(&mut part) {
            Ok(read @ 1..) => {
                if out.send(part[..read].to_vec()).is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // Another program left the terminal so that it does not wait for keys.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::park_timeout(ALONE),
            Ok(_) | Err(_) => return,
        }
    }
}

fn hear(keyboard: &mut Keyboard, arriving: &Receiver<Vec<u8>>) -> Result<Vec<Heard>, RecvError> {
    if !keyboard.is_undecided() {
        return Ok(keyboard.take(&arriving.recv()?));
    }
    match arriving.recv_timeout(ALONE) {
        Ok(bytes) => Ok(keyboard.take(&bytes)),
        Err(RecvTimeoutError::Timeout) => Ok(keyboard.settle().into_iter().collect()),
        Err(RecvTimeoutError::Disconnected) => Err(RecvError),
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

/// Puts frames on the terminal, on a thread of its own, since a terminal may take none for long;
/// says of each that it was taken. Ends when there will be none any more.
///
/// # Errors
/// The operating system's refusal of a thread.
pub fn painter(
    mut brush: impl Write + Send + 'static,
    frames: Receiver<Vec<u8>>,
    out: Sender<Message>,
) -> Result<(), ConsoleError> {
    spawn("painter", out.clone(), move || {
        for frame in frames {
            let taken = brush.write_all(&frame);
            if out.send(Message::Taken(taken)).is_err() {
                return;
            }
        }
    })
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
