//! Whose process is whose: supervisors and workers that are killed, adopted, or only zombies.

use super::*;
use crate::{Signal, local::Close};
use runs::{Owner, owner::Life};
use std::ffi::OsString;

/// Not a test of its own: the supervisor's process in the tests below, which run this program
/// again with the pool's directory in a variable.
#[test]
#[ignore = "runs only as another test's process"]
fn supervisor_process() {
    let Some(dir) = std::env::var_os("TEST_POOL") else {
        return;
    };
    let _ = rustix::process::setsid();
    // A limit on file sizes, which stands for a full disk, must not end the process.
    let noticed = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, noticed).unwrap();
    let mut settings = PoolSettings::new(dir.into(), "test host");
    settings.slots = 2;
    settings.linger = Duration::from_millis(200);
    let clock = SystemClock::new();
    // `eprintln!` would panic where the log cannot be written.
    let say = |line: &str| drop(writeln!(std::io::stderr(), "{line}"));
    supervise(&settings, &clock, &|| false, &say).unwrap();
}

/// Lets the pool start real supervisor processes.
fn place_with_processes() -> Place {
    let mut place = Place::new();
    let mut variable = OsString::from("TEST_POOL=");
    variable.push(&place.settings.dir);
    let program = std::env::current_exe().unwrap();
    let test = "local::tests::identity::supervisor_process";
    place.settings.supervisor = vec!["/usr/bin/env".into(), variable, program.into()];
    let arguments = ["--ignored", "--exact", test, "--nocapture"];
    place
        .settings
        .supervisor
        .extend(arguments.map(OsString::from));
    place
}

fn supervisor_of(place: &Place) -> Option<Owner> {
    let bytes = fs::read(place.settings.dir.join("supervisor.json")).ok()?;
    let owner: Owner = serde_json::from_slice(&bytes).ok()?;
    (owner.life() == Life::Alive).then_some(owner)
}

fn wait_for_supervisor(place: &Place) -> Owner {
    wait_until("a supervisor is there", || supervisor_of(place).is_some());
    supervisor_of(place).unwrap()
}

#[test]
fn a_killed_supervisor_loses_nothing() {
    let place = place_with_processes();
    let mut pool = place.pool();
    let runs: Vec<RunRef> = ["한글 a", "b", "c"].map(|name| place.run(name)).into();
    let ids: Vec<JobId> = runs
        .iter()
        .map(|run| pool.submit(&place.spec(&[run])).unwrap().remove(0))
        .collect();
    let workers = [ready(&runs[0], 1), ready(&runs[1], 1)];
    let first = wait_for_supervisor(&place);
    wait_until("both are written down", || {
        ids[..2]
            .iter()
            .all(|id| place.view(id).phase == Phase::Running)
    });
    kill(first.pid);
    wait_until("it is gone", || first.life() == Life::Gone);
    // One worker ends while nobody watches, the other runs on.
    finish(&runs[0], 0);
    wait_until("it has ended", || {
        Owner::of_process(workers[0], first.since).is_none()
    });
    pool.poll().unwrap();
    let second = wait_for_supervisor(&place);
    assert_ne!(first.pid, second.pid);
    let view = place.wait_end(&ids[0], End::Completed);
    assert_eq!(view.restarts, 0);
    assert_eq!(pool.history(&ids[..1]).unwrap()[0].exit_code, None);
    // The place it left goes to the next; the adopted one obeys.
    ready(&runs[2], 1);
    assert_eq!(place.view(&ids[1]).phase, Phase::Running);
    assert!(Owner::of_process(workers[1], first.since).is_some());
    pool.signal(&ids[1], Signal::Stop).unwrap();
    place.wait_end(&ids[1], End::Interrupted);
    finish(&runs[2], 0);
    place.wait_end(&ids[2], End::Completed);
    wait_until("it leaves", || supervisor_of(&place).is_none());
    assert!(runs.iter().all(|run| lines(run, "ready").len() == 1));
}

#[test]
fn a_start_that_was_not_written_down_is_found_again() {
    let place = Place::new();
    let (run, never) = (place.run("a"), place.run("b"));
    let ids = [place.submit(&run), place.submit(&never)];
    let watch = place.supervisor();
    let pid = ready(&run, 1);
    let second = ready(&never, 1);
    assert_eq!(watch.stop(), Close::Stopped);
    // As left behind by a supervisor that was killed between the start and its record, and, for
    // the other run, before the start.
    for id in &ids {
        let number = crate::local::number::Number::of(id).unwrap();
        let mut job = place.store().read_begun(number).unwrap().unwrap();
        assert!(job.live().unwrap().process.is_some());
        job.live_mut().unwrap().process = None;
        place.store().save(&job).unwrap();
    }
    kill(second);
    wait_until("it is gone", || {
        Owner::of_process(second, place.clock.now()).is_none()
    });
    fs::remove_file(never.dir.join("meta/0001.claim.json")).unwrap();
    let _watch = place.supervisor();
    ready(&never, 2);
    place.wait_for(&ids[1], Phase::Running);
    place.wait_for(&ids[0], Phase::Running);
    let number = crate::local::number::Number::of(&ids[0]).unwrap();
    let job = place.store().read_begun(number).unwrap().unwrap();
    assert_eq!(job.live().unwrap().process.as_ref().unwrap().pid, pid);
    assert_eq!(lines(&run, "ready").len(), 1);
}

#[test]
fn a_worker_killed_by_another_is_not_started_again() {
    let place = Place::new();
    let run = place.run("a");
    let resources = Resources {
        requeue: true,
        ..Resources::default()
    };
    let id = place.submit_with(&run, resources);
    let watch = place.supervisor();
    kill(ready(&run, 1));
    let view = place.wait_end(&id, End::Failed);
    assert_eq!(view.reason.unwrap().en, "the worker was killed by signal 9");
    assert_eq!(watch.join(), Close::Idle);
    assert_eq!(lines(&run, "ready").len(), 1);
}

#[test]
fn an_adopted_worker_that_vanished_has_failed() {
    let place = Place::new();
    let run = place.run("a");
    let id = place.submit(&run);
    let watch = place.supervisor();
    let pid = ready(&run, 1);
    place.wait_for(&id, Phase::Running);
    assert_eq!(watch.stop(), Close::Stopped);
    // This process started it and does not wait for it: from here on it is a zombie.
    kill(pid);
    let stat = || fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    wait_until("it is a zombie", || stat().contains(") Z "));
    assert_eq!(place.view(&id).phase, Phase::Stopping);
    let _watch = place.supervisor();
    let view = place.wait_end(&id, End::Failed);
    assert_eq!(
        view.reason.unwrap().en,
        "the worker went away without leaving a result"
    );
}

#[test]
fn a_submission_after_an_unseen_end_waits_for_the_verdict() {
    let place = place_with_processes();
    let run = place.run("a");
    let id = place.submit(&run);
    let pid = ready(&run, 1);
    place.wait_for(&id, Phase::Running);
    let supervisor = wait_for_supervisor(&place);
    kill(supervisor.pid);
    wait_until("it is gone", || supervisor.life() == Life::Gone);
    kill(pid);
    wait_until("the worker is gone", || {
        Owner::of_process(pid, supervisor.since).is_none()
    });
    let next = place.submit(&run);
    assert_eq!(next.as_str(), "l-000002");
    ready(&run, 2);
    place.wait_end(&id, End::Failed);
}

#[test]
fn another_process_with_the_same_number_is_not_the_worker() {
    let place = Place::new();
    let run = place.run("a");
    let id = place.submit(&run);
    let watch = place.supervisor();
    let pid = ready(&run, 1);
    place.wait_for(&id, Phase::Running);
    assert_eq!(watch.stop(), Close::Stopped);
    let number = crate::local::number::Number::of(&id).unwrap();
    let mut job = place.store().read_begun(number).unwrap().unwrap();
    job.asked = Some(crate::local::job::Asked {
        wish: crate::local::job::Wish::Kill,
        at: place.clock.now(),
    });
    // The job's process started earlier than the one that has its number now.
    job.live_mut()
        .unwrap()
        .process
        .as_mut()
        .unwrap()
        .start_ticks -= 1;
    place.store().save(&job).unwrap();
    let watch = place.supervisor();
    place.wait_end(&id, End::Cancelled);
    assert_eq!(watch.join(), Close::Idle);
    assert!(Owner::of_process(pid, place.clock.now()).is_some());
    kill(pid);
}

#[test]
fn a_supervisor_leaves_with_its_pool() {
    let place = place_with_processes();
    let run = place.run("a");
    place.submit(&run);
    let pid = ready(&run, 1);
    let supervisor = wait_for_supervisor(&place);
    fs::remove_dir_all(&place.settings.dir).unwrap();
    wait_until("it leaves", || supervisor.life() == Life::Gone);
    assert!(Owner::of_process(pid, supervisor.since).is_some());
    kill(pid);
}

#[test]
fn a_restarted_machine_is_not_the_workers_fault() {
    let place = Place::new();
    let run = place.run("a");
    let id = place.submit(&run);
    let watch = place.supervisor();
    let pid = ready(&run, 1);
    place.wait_for(&id, Phase::Running);
    assert_eq!(watch.stop(), Close::Stopped);
    kill(pid);
    let number = crate::local::number::Number::of(&id).unwrap();
    let mut job = place.store().read_begun(number).unwrap().unwrap();
    job.live_mut().unwrap().process.as_mut().unwrap().boot = "an earlier one".into();
    place.store().save(&job).unwrap();
    let _watch = place.supervisor();
    place.wait_end(&id, End::NodeFailed);
}

#[test]
fn a_supervisor_on_a_full_disk_keeps_what_it_knows() {
    let place = place_with_processes();
    let (run, next) = (place.run("a"), place.run("b"));
    let id = place.submit(&run);
    let pid = ready(&run, 1);
    place.wait_for(&id, Phase::Running);
    let supervisor = wait_for_supervisor(&place);
    let limit_files_to = |bytes| {
        let pid = rustix::process::Pid::from_raw(i32::try_from(supervisor.pid).unwrap());
        let limit = rustix::process::Rlimit {
            current: bytes,
            maximum: None,
        };
        rustix::process::prlimit(pid, rustix::process::Resource::Fsize, limit).unwrap();
    };
    limit_files_to(Some(10));
    finish(&run, 3);
    let is_gone = || !PathBuf::from(format!("/proc/{pid}")).exists();
    wait_until("the worker was waited for", is_gone);
    let waiting = place.submit(&next);
    let log = place.settings.dir.join("supervisor.log");
    let said = || fs::read_to_string(&log).unwrap_or_default();
    // Its own log is as short as the rest, so only what it does not do can be seen.
    assert_eq!(place.view(&id).phase, Phase::Stopping, "{}", said());
    assert_eq!(place.view(&waiting).phase, Phase::Queued);
    limit_files_to(None);
    place.wait_end(&id, End::Failed);
    let attempts = place.pool().history(&[id]).unwrap();
    assert_eq!(attempts[0].exit_code, Some(3));
    ready(&next, 1);
    assert_eq!(
        fs::read_dir(place.settings.dir.join("jobs"))
            .unwrap()
            .count(),
        2
    );
    finish(&next, 0);
    place.wait_end(&waiting, End::Completed);
}
