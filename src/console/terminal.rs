//! The terminal as we found it and as we use it.
//!
//! Owns entering and leaving: raw mode, the other screen, bracketed paste, the cursor. Whatever
//! ends the program goes through [`leave`], a panic included. Start at [`Terminal::enter`].

use crate::error::ConsoleError;
use rustix::event::{PollFd, PollFlags, Timespec};
use std::{
    fs::File,
    io::{self, IsTerminal, Write},
    os::fd::{AsFd, BorrowedFd},
    panic,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// Whether the terminal is ours at the moment.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// Other screen, cleared; bracketed paste; cursor hidden.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[2J\x1b[?2004h\x1b[?25l";
/// Ends a frame that was cut off, leaves the mouse, then the reverse of [`ENTER`].
const LEAVE: &[u8] =
    b"\x1b[?2026l\x1b[0m\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[?25h\x1b[?1049l";

/// Buttons, the wheel and drags, in coordinates of any size; never mere motion, which would send
/// bytes for every cell the pointer crosses.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// Ends what a frame leaves behind: its synchronised update and the hidden cursor.
const AFTER_FRAME: &[u8] = b"\x1b[?2026l\x1b[0m\x1b[?25h";

/// The terminal in our hands; dropping it gives it back.
#[derive(Debug)]
pub struct Terminal {
    out: File,
    /// Whether the mouse is taken.
    mouse: bool,
    /// Whether it is only written to, line by line, and left as it was found.
    plain: bool,
}

impl Terminal {
    /// Takes the terminal over, and has a panic give it back before its message is printed.
    ///
    /// # Errors
    /// `NoTerminal`, or the operating system's refusal.
    pub fn enter() -> Result<Self, ConsoleError> {
        let stdout = io::stdout();
        if !stdout.is_terminal() || !io::stdin().is_terminal() {
            return Err(ConsoleError::NoTerminal);
        }
        // A descriptor of our own: standard output would cut a frame into a write a line.
        let out = stdout
            .as_fd()
            .try_clone_to_owned()
            .map_err(ConsoleError::terminal("be opened"))?;
        let mut terminal = Self {
            out: File::from(out),
            mouse: false,
            plain: false,
        };
        let former = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            leave();
            former(info);
        }));
        terminal.enter_again()?;
        Ok(terminal)
    }

    /// Writes lines to standard output, whatever that is, and takes nothing over.
    ///
    /// # Errors
    /// The operating system's refusal.
    pub fn plain() -> Result<Self, ConsoleError> {
        let out = io::stdout().as_fd().try_clone_to_owned();
        let out = out.map_err(ConsoleError::terminal("be opened"))?;
        Ok(Self {
            out: File::from(out),
            mouse: false,
            plain: true,
        })
    }

    /// Takes the terminal over again after [`leave`].
    ///
    /// # Errors
    /// The operating system's refusal.
    pub fn enter_again(&mut self) -> Result<(), ConsoleError> {
        if self.plain {
            return Ok(());
        }
        crossterm::terminal::enable_raw_mode()
            .map_err(ConsoleError::terminal("read single keys"))?;
        ENTERED.store(true, Ordering::SeqCst);
        let mouse = self.mouse(self.mouse);
        self.out
            .write_all(&[ENTER, mouse].concat())
            .map_err(ConsoleError::terminal("be drawn on"))
    }

    /// Takes the mouse or leaves it to the terminal, also after [`Self::enter_again`]; returns what
    /// has to be written for that. Nothing on a terminal that is only written to.
    #[must_use]
    pub fn mouse(&mut self, on: bool) -> &'static [u8] {
        let bytes: &[u8] = match (self.mouse, on) {
            _ if self.plain => b"",
            (_, true) => MOUSE_ON,
            (true, false) => MOUSE_OFF,
            (false, false) => b"",
        };
        self.mouse = on;
        bytes
    }

    /// Returns what writes on it.
    ///
    /// # Errors
    /// The operating system's refusal.
    pub fn brush(&self) -> Result<Brush, ConsoleError> {
        let out = self.out.try_clone();
        let out = out.map_err(ConsoleError::terminal("be drawn on"))?;
        let plain = self.plain;
        Ok(Brush { out, plain })
    }

    /// Returns columns and rows; 80 × 24 where the terminal does not say.
    #[must_use]
    pub fn size() -> (u16, u16) {
        match crossterm::terminal::size() {
            Ok((columns, rows)) if columns > 0 && rows > 0 => (columns, rows),
            _ => (80, 24),
        }
    }
}

/// Writes on the terminal from any thread.
#[derive(Debug)]
pub struct Brush {
    out: File,
    /// Whether the terminal is only written to and never entered.
    plain: bool,
}

impl Brush {
    /// Makes one that writes on `out` as it is.
    #[cfg(test)]
    pub fn on(out: File) -> Self {
        Self { out, plain: true }
    }

    /// Returns another one for the same terminal.
    ///
    /// # Errors
    /// The operating system's refusal.
    pub fn try_clone(&self) -> io::Result<Self> {
        let (out, plain) = (self.out.try_clone()?, self.plain);
        Ok(Self { out, plain })
    }
}

impl AsFd for Brush {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.out.as_fd()
    }
}

impl Write for Brush {
    /// What is drawn after a panic of another thread gave the terminal back is nobody's any more.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        while self.plain || ENTERED.load(Ordering::SeqCst) {
            match self.out.write(bytes) {
                // Another program left the terminal so that nobody waits for it.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    is_ready(&self.out, PollFlags::OUT, None);
                }
                written => return written,
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if self.plain {
            return;
        }
        if !ENTERED.load(Ordering::SeqCst) {
            // A frame that was under way when a panic gave the terminal back may have ended after.
            let _ = self.out.write_all(AFTER_FRAME);
        }
        leave();
    }
}

/// Returns whether `what` can be read or written, as `flags` say, without waiting, or will be within
/// `patience`; a terminal that is gone can.
pub fn is_ready(what: &impl AsFd, flags: PollFlags, patience: Option<Duration>) -> bool {
    let patience = patience.map(|patience| Timespec {
        tv_sec: i64::try_from(patience.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: patience.subsec_nanos().into(),
    });
    let mut asked = [PollFd::new(what, flags)];
    loop {
        match rustix::event::poll(&mut asked, patience.as_ref()) {
            Err(rustix::io::Errno::INTR) => {}
            // What cannot be asked is tried.
            Err(_) => return true,
            Ok(ready) => return ready > 0,
        }
    }
}

/// Gives the terminal back as it was; does nothing when it is not ours.
pub fn leave() {
    if ENTERED.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        // The terminal may be gone; then there is nothing left to restore.
        let _ = out.write_all(LEAVE);
        let _ = out.flush();
        let _ = crossterm::terminal::disable_raw_mode();
    }
}
