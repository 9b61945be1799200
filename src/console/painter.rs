//! Puts frames on the terminal without ever waiting for it.
//!
//! A terminal may take nothing for long, so a thread of its own writes. To wake it takes about as long
//! as to draw, and most frames are short: one for which there certainly is room is written by
//! whoever drew it. Start at [`Painter::send`].

use crate::{
    error::ConsoleError,
    message::Message,
    sources,
    terminal::{self, Brush},
};
use rustix::event::PollFlags;
use std::{
    io::{self, Write},
    sync::mpsc::{self, Receiver, Sender},
    time::Duration,
};

/// What puts frames on the terminal.
#[derive(Debug)]
pub struct Painter {
    brush: Brush,
    thread: Sender<Vec<u8>>,
}

impl Painter {
    /// Starts the thread, which ends with the painter. `out` hears [`Message::Taken`] of each part
    /// that it has written.
    ///
    /// # Errors
    /// The operating system's refusal of a thread or a descriptor.
    pub fn start(brush: Brush, out: Sender<Message>) -> Result<Self, ConsoleError> {
        let (thread, parts) = mpsc::channel();
        let drawing = ConsoleError::terminal("be drawn on");
        let another = brush.try_clone().map_err(drawing)?;
        sources::spawn("painter", out.clone(), move || paint(another, parts, &out))?;
        Ok(Self { brush, thread })
    }

    /// Has the thread write `part` after all that it was sent before.
    pub fn send(&self, part: Vec<u8>) {
        let _ = self.thread.send(part);
    }

    /// Writes `part` if the terminal takes it now; returns whether. Only for a part that fits into
    /// what lies between while all former ones are written: else it would overtake or wait.
    ///
    /// # Errors
    /// The terminal's.
    pub fn write_now(&mut self, part: &[u8]) -> io::Result<bool> {
        let ready = terminal::is_ready(&self.brush, PollFlags::OUT, Some(Duration::ZERO));
        if ready {
            self.brush.write_all(part)?;
        }
        Ok(ready)
    }
}

fn paint(mut brush: Brush, parts: Receiver<Vec<u8>>, out: &Sender<Message>) {
    for part in parts {
        let taken = brush.write_all(&part);
        if out.send(Message::Taken(taken)).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::OFlags;
    use std::{fs::File, io::Read, os::fd::OwnedFd};

    fn painter() -> (Painter, io::PipeReader, Receiver<Message>) {
        let (reader, writer) = io::pipe().unwrap();
        let brush = Brush::on(File::from(OwnedFd::from(writer)));
        let (out, inbox) = mpsc::channel();
        (Painter::start(brush, out).unwrap(), reader, inbox)
    }

    #[test]
    fn what_is_sent_is_written_and_told() {
        let (painter, mut reader, inbox) = painter();
        painter.send(b"one".to_vec());
        painter.send(b"two".to_vec());
        for _ in 0..2 {
            assert!(matches!(inbox.recv().unwrap(), Message::Taken(Ok(()))));
        }
        let mut there = [0; 6];
        reader.read_exact(&mut there).unwrap();
        assert_eq!(&there, b"onetwo");
    }

    #[test]
    fn a_part_is_written_at_once_only_where_that_takes_no_waiting() {
        let (mut painter, mut reader, inbox) = painter();
        assert!(painter.write_now(b"at once").unwrap());
        let mut there = [0; 7];
        reader.read_exact(&mut there).unwrap();
        assert_eq!(&there, b"at once");
        // Nobody reads any more: until it is full, then never.
        let part = [b'x'; 4_096];
        let written = (0..10_000).take_while(|_| painter.write_now(&part).unwrap());
        let written = written.count();
        assert!((1..10_000).contains(&written), "{written}");
        assert!(inbox.try_recv().is_err(), "the thread had nothing to do");
    }

    #[test]
    fn all_is_written_where_another_program_left_a_terminal_that_nobody_waits_for() {
        let (mut reader, writer) = io::pipe().unwrap();
        rustix::fs::fcntl_setfl(&writer, OFlags::NONBLOCK).unwrap();
        let brush = Brush::on(File::from(OwnedFd::from(writer)));
        let (out, inbox) = mpsc::channel();
        let painter = Painter::start(brush, out).unwrap();
        let frame = vec![b'x'; 1 << 20];
        painter.send(frame.clone());
        drop(painter);
        let mut there = vec![0; frame.len()];
        reader.read_exact(&mut there).unwrap();
        assert_eq!(there, frame);
        assert!(matches!(inbox.recv().unwrap(), Message::Taken(Ok(()))));
    }

    #[test]
    fn a_terminal_that_is_gone_is_an_error() {
        let (mut painter, reader, _inbox) = painter();
        drop(reader);
        assert!(painter.write_now(b"x").is_err());
    }
}
