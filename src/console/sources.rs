//! The threads that turn keys and signals into messages.
//!
//! Each blocks until something comes. Start at [`keys`].

use crate::{chord::Chord, error::ConsoleError, message::Message, mouse::Mouse};
use crossterm::event::{self, Event};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP},
    iterator::{Handle, Signals},
};
use std::{
    any::Any,
    io::{self, BufRead},
    panic::{self, AssertUnwindSafe},
    sync::mpsc::Sender,
    thread,
};

/// Starts the thread that reads the terminal. It ends with the program: nothing can wake it.
///
/// # Errors
/// The operating system's refusal of a thread.
pub fn keys(out: Sender<Message>) -> Result<(), ConsoleError> {
    spawn("keys", out.clone(), move || {
        loop {
            let message = match event::read() {
                Ok(Event::Key(key)) => Chord::of(&key).map(Message::Press),
                Ok(Event::Paste(text)) => Some(Message::Paste(text)),
                Ok(Event::Mouse(event)) => Mouse::of(&event).map(Message::Mouse),
                Ok(Event::Resize(columns, rows)) => Some(Message::Resize(columns, rows)),
                Ok(_) => None,
                // The terminal is gone.
                Err(_) => Some(Message::Quit),
            };
            let last = matches!(message, Some(Message::Quit));
            let told = message.is_none_or(|message| out.send(message).is_ok());
            if last || !told {
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
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP])
        .map_err(ConsoleError::terminal("be watched for signals"))?;
    let handle = signals.handle();
    spawn("signals", out.clone(), move || {
        for signal in signals.forever() {
            let message = match signal {
                SIGTSTP => Message::Suspend,
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
