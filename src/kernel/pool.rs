//! A pool of persistent threads that never holds a core hostage.
//!
//! A job is a list of parts that threads claim one by one; the caller works along. Waiting spins for
//! some microseconds and then parks, so that a busy neighbour process costs its share of the cores
//! and no more. A job is over when its parts are done, even if some thread never woke up for it.

#![expect(
    unsafe_code,
    reason = "persistent threads run a closure that borrows from the caller's stack"
)]

use std::any::Any;
use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Spin rounds before a waiting thread parks: some 50 µs, longer than the serial work between jobs.
const SPINS: usize = 1_000;

/// A fixed number of workers: the calling thread is worker 0, the others are threads of the pool.
#[derive(Debug)]
pub struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    /// Held while a job runs: one job at a time.
    turn: Mutex<()>,
}

impl Pool {
    /// Starts `workers - 1` threads; `workers` is at least 1 (0 counts as 1).
    ///
    /// # Panics
    /// When the operating system refuses to start a thread.
    #[must_use]
    pub fn new(workers: usize) -> Self {
        let helpers = workers.max(1) - 1;
        let shared = Arc::new(Shared {
            job: UnsafeCell::new(Job {
                run: idle,
                context: std::ptr::null(),
                parts: 0,
            }),
            unclaimed: AtomicUsize::new(0),
            unfinished: AtomicUsize::new(0),
            asleep: (0..helpers).map(|_| AtomicBool::new(false)).collect(),
            stop: AtomicBool::new(false),
            panic: Mutex::new(None),
            caller_waits: AtomicBool::new(false),
            caller: Mutex::new(()),
            finished: Condvar::new(),
        });
        let threads = (1..=helpers)
            .map(|worker| {
                let shared = Arc::clone(&shared);
                std::thread::Builder::new()
                    .name(format!("kernel-{worker}"))
                    .spawn(move || shared.serve(worker))
                    .expect("the operating system can start a thread")
            })
            .collect();
        Self {
            shared,
            threads,
            turn: Mutex::new(()),
        }
    }

    /// Returns the number of workers, the calling thread included.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.threads.len() + 1
    }

    /// Calls `work(worker, index, part)` once for every part, on any worker in any order.
    ///
    /// `worker < self.workers()` is the same for at most one running call. Returns when all are done.
    /// Must not be called from inside `work`. Two threads that share a pool take turns.
    ///
    /// # Panics
    /// Passes on a panic of `work`, after every other part is done.
    pub fn for_each<T, F>(&self, parts: &mut [T], work: F)
    where
        T: Send,
        F: Fn(usize, usize, &mut T) + Sync,
    {
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if self.threads.is_empty() || parts.len() <= 1 {
            for (index, part) in parts.iter_mut().enumerate() {
                work(0, index, part);
            }
            return;
        }
        let context = Context {
            parts: parts.as_mut_ptr(),
            work: &work,
        };
        // SAFETY: `context` lives until `run_job` returns, and that is after the last part is done.
        unsafe {
            self.run_job(Job {
                run: call::<T, F>,
                context: (&raw const context).cast(),
                parts: parts.len(),
            });
        }
        let panic = self
            .shared
            .panic
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(turn);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    /// Publishes the job, works along, and waits until no part is unfinished.
    ///
    /// # Safety
    /// `job.context` is valid for `job.run` until this returns.
    unsafe fn run_job(&self, job: Job) {
        let shared = &*self.shared;
        // SAFETY: no part is unclaimed or unfinished now, so no thread reads the cell.
        unsafe { *shared.job.get() = job };
        shared.unfinished.store(job.parts, Ordering::Relaxed);
        shared.unclaimed.store(job.parts, Ordering::Release);
        // Pairs with the fence in `serve`: either we see it asleep, or it sees the parts.
        fence(Ordering::SeqCst);
        let sleepers = shared.asleep.iter().zip(&self.threads).take(job.parts - 1);
        for (asleep, thread) in sleepers {
            if asleep.load(Ordering::Relaxed) {
                thread.thread().unpark();
            }
        }
        while shared.work_once(0) {}
        shared.wait_until_finished();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
            thread.thread().unpark();
            // A helper catches its job's panics, so it can only have returned.
            let _ = thread.join();
        }
    }
}

/// A job with its types erased.
#[derive(Clone, Copy, Debug)]
struct Job {
    run: unsafe fn(*const (), usize, usize),
    context: *const (),
    parts: usize,
}

/// What a job of `for_each` needs.
struct Context<'a, T, F> {
    parts: *mut T,
    work: &'a F,
}

/// Runs part `index` of a `Context<T, F>`.
///
/// # Safety
/// `context` points to a live `Context<T, F>`, `index` is one of its parts and claimed only once.
unsafe fn call<T, F: Fn(usize, usize, &mut T)>(context: *const (), worker: usize, index: usize) {
    // SAFETY: this function's contract; a part claimed once is borrowed once.
    unsafe {
        let context = &*context.cast::<Context<'_, T, F>>();
        (context.work)(worker, index, &mut *context.parts.add(index));
    }
}

/// The job before the first one.
unsafe fn idle(_: *const (), _: usize, _: usize) {}

#[derive(Debug)]
struct Shared {
    job: UnsafeCell<Job>,
    /// Parts nobody has taken yet; the job cell may only be read by whoever takes one.
    unclaimed: AtomicUsize,
    /// Parts not yet done; the job cell may only be written while this is 0.
    unfinished: AtomicUsize,
    asleep: Vec<AtomicBool>,
    stop: AtomicBool,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    caller_waits: AtomicBool,
    caller: Mutex<()>,
    finished: Condvar,
}

// SAFETY: `job` is written only while no part is unfinished and read only by a thread that holds an
// unfinished part, ordered by `unclaimed` (release, acquire) and `unfinished` (release, acquire).
unsafe impl Sync for Shared {}
// SAFETY: as above; the pointer in the cell is only followed while its job's caller waits.
unsafe impl Send for Shared {}

impl Shared {
    /// Claims and runs one part; returns whether there was one.
    fn work_once(&self, worker: usize) -> bool {
        let claim = self
            .unclaimed
            .fetch_update(Ordering::Acquire, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            });
        let Ok(left) = claim else { return false };
        // SAFETY: a part was claimed and is unfinished, so the cell is not written.
        let job = unsafe { *self.job.get() };
        // SAFETY: the caller of the job waits for this part; each value of `left` is claimed once.
        let outcome = catch_unwind(AssertUnwindSafe(|| unsafe {
            (job.run)(job.context, worker, job.parts - left);
        }));
        if let Err(panic) = outcome {
            self.panic
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_or_insert(panic);
        }
        if self.unfinished.fetch_sub(1, Ordering::SeqCst) == 1
            && self.caller_waits.load(Ordering::SeqCst)
        {
            let _guard = self.caller.lock().unwrap_or_else(PoisonError::into_inner);
            self.finished.notify_one();
        }
        true
    }

    /// Spins, then sleeps, until no part is unfinished.
    fn wait_until_finished(&self) {
        let done = || self.unfinished.load(Ordering::SeqCst) == 0;
        if spin_until(done) {
            return;
        }
        let mut guard = self.caller.lock().unwrap_or_else(PoisonError::into_inner);
        self.caller_waits.store(true, Ordering::SeqCst);
        while !done() {
            guard = self
                .finished
                .wait(guard)
                .unwrap_or_else(PoisonError::into_inner);
        }
        self.caller_waits.store(false, Ordering::SeqCst);
    }

    /// The life of a helper thread.
    fn serve(&self, worker: usize) {
        let asleep = &self.asleep[worker - 1];
        let stopped = || self.stop.load(Ordering::Relaxed);
        let called = || self.unclaimed.load(Ordering::Relaxed) > 0 || stopped();
        while !stopped() {
            while self.work_once(worker) {}
            if spin_until(called) {
                continue;
            }
            asleep.store(true, Ordering::Relaxed);
            // Pairs with the fence in `run_job`.
            fence(Ordering::SeqCst);
            while !called() {
                std::thread::park();
            }
            asleep.store(false, Ordering::Relaxed);
        }
    }
}

/// Returns whether `ready` became true within some microseconds.
fn spin_until(ready: impl Fn() -> bool) -> bool {
    for _ in 0..SPINS {
        if ready() {
            return true;
        }
        std::hint::spin_loop();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::alone(1)]
    #[case::two(2)]
    #[case::more_than_cores(7)]
    fn every_part_runs_once_on_a_known_worker(#[case] workers: usize) {
        let pool = Pool::new(workers);
        for round in 0..500 {
            let mut parts = vec![0_usize; round % 40];
            pool.for_each(&mut parts, |worker, index, part| {
                assert!(worker < workers);
                *part += index + 1;
            });
            assert!(
                parts
                    .iter()
                    .enumerate()
                    .all(|(index, part)| *part == index + 1)
            );
        }
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_pool_lives_on() {
        let pool = Pool::new(2);
        let mut parts = vec![0; 16];
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            pool.for_each(&mut parts, |_, index, _| assert!(index != 5, "part five"));
        }));
        assert!(outcome.is_err());
        pool.for_each(&mut parts, |_, _, part| *part += 1);
        assert_eq!(parts, [1; 16]);
    }

    #[test]
    fn threads_that_share_a_pool_take_turns() {
        let pool = Pool::new(2);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let mut parts = [0; 9];
                        pool.for_each(&mut parts, |_, index, part| *part = index);
                        assert_eq!(parts, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
                    }
                });
            }
        });
    }
}
