//! A slow line on this machine: a TCP port whose bytes arrive late and only so fast.

use domain::{Clock, SystemClock};
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

/// A line to a port of this machine; it stands for as long as the connections through it.
pub struct SlowLine {
    port: u16,
    most_waiting: Arc<AtomicUsize>,
}

/// Which way, how late and how fast.
#[derive(Clone)]
struct Way {
    delay: Duration,
    bytes_a_second: usize,
    waiting: Arc<AtomicUsize>,
    most_waiting: Arc<AtomicUsize>,
}

impl SlowLine {
    /// Opens a line to `port` that delays by `delay` each way and carries `bytes_a_second`.
    pub fn to(port: &str, delay: Duration, bytes_a_second: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = Self {
            port: listener.local_addr().unwrap().port(),
            most_waiting: Arc::default(),
        };
        let far = format!("127.0.0.1:{port}");
        let most_waiting = Arc::clone(&line.most_waiting);
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let Ok(far) = TcpStream::connect(&far) else {
                    return;
                };
                let way = |most_waiting| Way {
                    delay,
                    bytes_a_second,
                    waiting: Arc::default(),
                    most_waiting,
                };
                way(Arc::default()).carry(near.try_clone().unwrap(), far.try_clone().unwrap());
                way(Arc::clone(&most_waiting)).carry(far, near);
            }
        });
        line
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The most bytes that ever were on their way from the far end at one moment.
    pub fn most_waiting(&self) -> usize {
        self.most_waiting.load(Ordering::Relaxed)
    }
}

impl Way {
    /// Carries what `from` sends to `to`, on two threads: one takes it up, one hands it over in time.
    fn carry(self, mut from: TcpStream, mut to: TcpStream) {
        let (sender, parts) = mpsc::channel::<(Duration, Vec<u8>)>();
        let clock = Arc::new(SystemClock::new());
        let (way, now) = (self.clone(), Arc::clone(&clock));
        thread::spawn(move || {
            let mut free_at = Duration::ZERO;
            let mut part = [0; 512];
            while let Ok(read @ 1..) = from.read(&mut part) {
                let waiting = way.waiting.fetch_add(read, Ordering::Relaxed) + read;
                way.most_waiting.fetch_max(waiting, Ordering::Relaxed);
                let takes = read as f64 / way.bytes_a_second as f64;
                free_at = free_at.max(now.steady()) + Duration::from_secs_f64(takes);
                if sender
                    .send((free_at + way.delay, part[..read].to_vec()))
                    .is_err()
                {
                    break;
                }
            }
        });
        thread::spawn(move || {
            let (_never, pause) = mpsc::channel::<()>();
            for (due, part) in parts {
                let wait = due.saturating_sub(clock.steady());
                let _ = pause.recv_timeout(wait);
                self.waiting.fetch_sub(part.len(), Ordering::Relaxed);
                if to.write_all(&part).is_err() {
                    return;
                }
            }
            let _ = to.shutdown(Shutdown::Both);
        });
    }
}
