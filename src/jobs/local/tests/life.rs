//! One job from submission to its end.

use super::*;
use crate::local::Close;
use crate::{JobRecord, JobsError, Signal};
use rstest::rstest;

#[rstest]
#[case(0, End::Completed)]
#[case(1, End::Completed)]
#[case(2, End::Failed)]
#[case(3, End::Failed)]
#[case(4, End::Interrupted)]
fn exit_codes_decide_how_a_job_ended(#[case] code: i32, #[case] end: End) {
    let place = Place::new();
    let run = place.run("첫 실험 a b");
    let id = place.submit(&run);
    assert_eq!(id.as_str(), "l-000001");
    let waiting = place.view(&id);
    assert_eq!((waiting.phase, waiting.position), (Phase::Queued, Some(1)));
    let _watch = place.supervisor();
    ready(&run, 1);
    let view = place.wait_for(&id, Phase::Running);
    assert_eq!(view.run.as_ref(), Some(&run.id));
    assert_eq!(view.name, "첫-실험-a-b");
    assert_eq!(view.queue, "local");
    assert_eq!(view.node.as_deref(), Some("test host"));
    assert_eq!((view.position, view.restarts), (None, 0));
    assert!(view.starts.is_some());
    finish(&run, code);
    let view = place.wait_end(&id, end);
    assert_eq!(view.reason.is_some(), end == End::Failed);
    let attempts = place.pool().history(std::slice::from_ref(&id)).unwrap();
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].exit_code, Some(code));
    assert_eq!(attempts[0].phase, Phase::Ended { end });
    assert!(attempts[0].ended >= attempts[0].started);
}

#[test]
fn a_worker_gets_its_project_its_variables_and_its_log() {
    let place = Place::new();
    let run = place.run("한글 이름");
    let id = place.submit(&run);
    let record = JobRecord::read(&run.dir).unwrap().unwrap();
    assert_eq!(
        (record.profile.as_str(), record.ids),
        ("local", vec![id.clone()])
    );
    let preview = place.pool().preview(&place.spec(&[&run])).unwrap();
    assert_eq!(record.command, preview.command);
    assert_eq!(record.command[1..], ["run", run.dir.to_str().unwrap()]);
    let _watch = place.supervisor();
    let pid = ready(&run, 1);
    // Without a set of GPUs the pool leaves the variable as it is.
    let line = lines(&run, "ready").remove(0);
    assert!(line.starts_with(&format!("{pid} {id} gpus=")), "{line}");
    assert!(line.ends_with("extra=값 a b"), "{line}");
    let said = lines(&run, "log/worker.out");
    assert_eq!(
        said,
        [format!("said on stdout, in {}", place.project.display())]
    );
}

#[test]
fn a_supervisor_leaves_when_nothing_waits_or_runs() {
    let place = Place::new();
    let run = place.run("a");
    let watch = place.supervisor();
    let id = place.submit(&run);
    ready(&run, 1);
    finish(&run, 0);
    assert_eq!(watch.join(), Close::Idle);
    assert_eq!(
        place.view(&id).phase,
        Phase::Ended {
            end: End::Completed
        }
    );
    assert!(!super::super::guard::is_supervised(&place.settings.dir));
}

#[test]
fn stop_lets_the_worker_save() {
    let place = Place::new();
    let run = place.run("a");
    let id = place.submit(&run);
    let _watch = place.supervisor();
    ready(&run, 1);
    place.pool().signal(&id, Signal::Stop).unwrap();
    place.wait_end(&id, End::Interrupted);
    assert_eq!(lines(&run, "marks"), ["term"]);
    // Asked again, it has what it wants; a job that is over cannot go back to the queue.
    place.pool().signal(&id, Signal::Stop).unwrap();
    let error = place.pool().signal(&id, Signal::Requeue).unwrap_err();
    assert!(matches!(error, JobsError::Over(_)), "{error}");
    // The run can be resumed under a new identifier.
    let next = place.submit(&run);
    assert_eq!(next.as_str(), "l-000002");
    ready(&run, 2);
}

#[test]
fn a_worker_that_does_not_stop_is_killed_after_the_grace_time() {
    let mut place = Place::new();
    place.settings.kill_after = Duration::from_millis(300);
    let run = place.run("a");
    fs::write(run.dir.join("deaf"), "").unwrap();
    let id = place.submit(&run);
    let _watch = place.supervisor();
    ready(&run, 1);
    place.pool().signal(&id, Signal::Stop).unwrap();
    wait_until("it was told first", || lines(&run, "marks") == ["term"]);
    place.wait_end(&id, End::Interrupted);
    let attempt = place.pool().history(&[id]).unwrap().remove(0);
    assert_eq!(attempt.exit_code, None);
    // Told once, however often the supervisor looked in between.
    assert_eq!(lines(&run, "marks"), ["term"]);
}

#[test]
fn kill_needs_nobodys_help() {
    let place = Place::new();
    let run = place.run("a");
    fs::write(run.dir.join("deaf"), "").unwrap();
    let id = place.submit(&run);
    let _watch = place.supervisor();
    ready(&run, 1);
    place.pool().signal(&id, Signal::Stop).unwrap();
    wait_until("it was told", || lines(&run, "marks") == ["term"]);
    place.wait_for(&id, Phase::Stopping);
    place.pool().signal(&id, Signal::Kill).unwrap();
    place.wait_end(&id, End::Cancelled);
}

#[test]
fn a_waiting_job_is_withdrawn() {
    let mut place = Place::new();
    place.settings.slots = 1;
    let (first, second) = (place.run("a"), place.run("b"));
    let running = place.submit(&first);
    let waiting = place.submit(&second);
    let _watch = place.supervisor();
    ready(&first, 1);
    place.pool().signal(&waiting, Signal::Requeue).unwrap();
    place.pool().signal(&waiting, Signal::Stop).unwrap();
    let view = place.wait_end(&waiting, End::Cancelled);
    assert_eq!(view.reason.unwrap().ko, "대기 중에 취소되었습니다");
    assert_eq!(place.pool().history(&[waiting]).unwrap(), []);
    finish(&first, 0);
    place.wait_end(&running, End::Completed);
    assert_eq!(lines(&second, "ready"), [""; 0]);
}

#[test]
fn requeue_starts_it_again_under_the_same_identifier() {
    let mut place = Place::new();
    place.settings.slots = 1;
    let (first, second) = (place.run("a"), place.run("b"));
    let id = place.submit(&first);
    let _watch = place.supervisor();
    ready(&first, 1);
    let resources = Resources {
        priority: 1,
        ..Resources::default()
    };
    let other = place.submit_with(&second, resources);
    place.pool().signal(&id, Signal::Requeue).unwrap();
    // The other one goes first, so the requeued one is seen waiting.
    ready(&second, 1);
    let view = place.wait_for(&id, Phase::Requeued { until: None });
    assert_eq!((view.restarts, view.position), (1, Some(1)));
    finish(&second, 0);
    place.wait_end(&other, End::Completed);
    ready(&first, 2);
    let view = place.wait_for(&id, Phase::Running);
    assert_eq!(view.restarts, 1);
    finish(&first, 0);
    place.wait_end(&id, End::Completed);
    let attempts = place.pool().history(&[id]).unwrap();
    let phases: Vec<Phase> = attempts.iter().map(|attempt| attempt.phase).collect();
    let ended = |end| Phase::Ended { end };
    assert_eq!(phases, [ended(End::Interrupted), ended(End::Completed)]);
    assert_eq!(attempts[0].exit_code, Some(4));
}

#[rstest]
#[case::told_at_the_limit(0, "term", Some(4))]
#[case::warned_before_it(1, "usr1", None)]
fn a_time_limit_ends_the_start(
    #[case] warn_seconds: u32,
    #[case] mark: &str,
    #[case] code: Option<i32>,
) {
    let place = Place::new();
    let run = place.run("a");
    let resources = Resources {
        time_limit_seconds: 3,
        warn_seconds,
        ..Resources::default()
    };
    let id = place.submit_with(&run, resources);
    let _watch = place.supervisor();
    ready(&run, 1);
    let view = place.wait_end(&id, End::TimedOut);
    assert_eq!(view.limit, Some(Duration::from_secs(3)));
    assert_eq!(lines(&run, "marks"), [mark]);
    assert_eq!(place.pool().history(&[id]).unwrap()[0].exit_code, code);
}
