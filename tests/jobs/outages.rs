//! When the site fails or refuses: a controller that hangs or is gone, a node that dies, a
//! maintenance, a limit. Clusters of their own where a whole cluster suffers.

use super::{
    driver::{
        Backend, Driver, ENDLESS, Sent, is_alive, phase_of, resumed_from, segments, worker_of,
    },
    lab::{Knobs, Lab, send},
};
use crate::{console::Screen, place::text};
use domain::{Clock, SystemClock};
use std::time::Duration;

/// Ends of a call of ours: the scheduler's own programs give up after 9 to 10 s, ours after 20 s.
const IN_TIME: Duration = Duration::from_secs(25);
/// Well below the time that a call of the hung scheduler takes, well above a busy machine's.
const AT_ONCE: Duration = Duration::from_secs(3);

fn own_lab(test: &str) -> Option<Driver> {
    Driver::on(Lab::open(Knobs::default()), test)
}

/// Lists jobs; returns the listing and how long that took.
fn timed_list(driver: &Driver) -> (serde_json::Value, Duration) {
    let clock = SystemClock::new();
    let started = clock.steady();
    let list = driver.list();
    (list, clock.steady().saturating_sub(started))
}

/// Lists jobs until the scheduler is asked again; the listing must come in time each time, and
/// hold the job and the age of what it says.
fn list_while_silent(driver: &Driver, sent: &Sent) {
    let mut said = String::new();
    driver.wait("the list says that the scheduler is silent", sent, || {
        let (list, took) = timed_list(driver);
        assert!(took < IN_TIME, "the list took {took:?}");
        let rows = list["jobs"].as_array().unwrap();
        assert!(
            rows.iter().any(|row| row["run"] == sent.id.as_str()),
            "{list}"
        );
        let source = list["sources"]
            .as_array()
            .unwrap()
            .iter()
            .find(|s| s["profile"] == "lab");
        let source = source.unwrap();
        assert!(source["seen_at"].as_i64() > Some(0), "{source}");
        said = source["problems"].to_string();
        said != "[]"
    });
    assert!(
        said.contains("no answer") || said.contains("silent"),
        "{said}"
    );
}

/// A hung controller accepts connections and never answers.
#[test]
fn a_hung_controller_leaves_the_last_list_and_its_age() {
    let test = "jobs::outages::a_hung_controller_leaves_the_last_list_and_its_age";
    let Some(driver) = own_lab(test) else { return };
    let sent = driver.send("steady", ENDLESS);
    driver.wait_checkpoints(&sent, 1);
    driver.wait_phase(&sent, &["running"]);
    driver.lab().signal("slurmctld", "-STOP");
    list_while_silent(&driver, &sent);
    // The training does not notice.
    assert!(is_alive(worker_of(&sent)));
    driver.lab().signal("slurmctld", "-CONT");
    driver.wait("the scheduler is heard again", &sent, || {
        let list = driver.list();
        let sources = list["sources"].as_array().unwrap();
        let lab = sources
            .iter()
            .find(|source| source["profile"] == "lab")
            .unwrap();
        lab["problems"].as_array().unwrap().is_empty()
    });
    assert_eq!(driver.phase(&sent), "running");
}

/// The console asks the scheduler elsewhere: its keys answer at once while the controller hangs.
#[test]
fn a_console_answers_keys_while_the_controller_hangs() {
    let test = "jobs::outages::a_console_answers_keys_while_the_controller_hangs";
    let Some(driver) = own_lab(test) else { return };
    let sent = driver.send("steady", ENDLESS);
    driver.wait_checkpoints(&sent, 1);
    driver.lab().signal("slurmctld", "-STOP");
    let mut screen = Screen::of(driver.console(), 120, 40);
    screen.wait_for("steady");
    let clock = SystemClock::new();
    // Each text is of what the key opens, and not on the screen before it.
    for (key, shown) in [
        (b"2".as_slice(), "Settings of the next training"),
        (b"1", "Space Mark"),
        (b"?", "type to find"),
        (b"\x1b", "validation"),
    ] {
        let pressed = clock.steady();
        screen.press(key);
        screen.wait_for(shown);
        let took = clock.steady().saturating_sub(pressed);
        assert!(took < AT_ONCE, "the console took {took:?} to answer a key");
    }
    screen.press(b"\x1b[21~");
    let (code, _) = screen.end();
    driver.lab().signal("slurmctld", "-CONT");
    assert_eq!(code, 0);
}

/// A dead controller refuses connections; jobs run on and are found again.
#[test]
fn a_dead_controller_costs_no_job() {
    let test = "jobs::outages::a_dead_controller_costs_no_job";
    let Some(driver) = own_lab(test) else { return };
    let sent = driver.send("steady", ENDLESS);
    driver.wait_checkpoints(&sent, 1);
    driver.wait_phase(&sent, &["running"]);
    driver.lab().wait_saved();
    driver.lab().signal("slurmctld", "-KILL");
    list_while_silent(&driver, &sent);
    let refused = driver.run(&[driver.sending("refused", &[]), vec!["--detach"]].concat());
    assert_eq!(refused.status.code(), Some(3), "{}", text(&refused));
    let worker = worker_of(&sent);
    assert!(is_alive(worker));
    driver.lab().up().unwrap();
    driver.ask("stop", &sent);
    driver.wait("the worker ended", &sent, || !is_alive(worker));
    driver.wait_phase(&sent, &["interrupted", "cancelled"]);
    driver.wait("its run is interrupted", &sent, || {
        driver.state(&sent) == "interrupted"
    });
    assert_eq!(segments(&sent), 1);
}

/// A node that falls silent takes its job with it; Slurm starts it elsewhere under the same name,
/// and the new worker need not wait for the old one's heartbeat to grow stale.
#[test]
fn a_dead_node_s_job_continues_elsewhere() {
    let test = "jobs::outages::a_dead_node_s_job_continues_elsewhere";
    let knobs = Knobs {
        node_timeout: 6,
        ..Knobs::default()
    };
    let Some(driver) = Driver::on(Lab::open(knobs), test) else {
        return;
    };
    let gpu = ["jobs.partition=gpu-a40", "jobs.gpus=2", "train.device=cpu"];
    let sent = driver.send("survivor", &[ENDLESS, &gpu].concat());
    driver.wait_checkpoints(&sent, 1);
    let mut first = None;
    driver.wait("it runs somewhere", &sent, || {
        first = driver
            .rows(&sent)
            .first()
            .and_then(|row| Some(row["node"].as_str()?.to_owned()));
        first.is_some()
    });
    let first = first.unwrap();
    let worker = worker_of(&sent);
    let step = parent(worker);
    driver.lab().signal(&format!("slurmd.{first}"), "-KILL");
    send("-KILL", step);
    send("-KILL", worker);
    let mut seen = Vec::new();
    driver.wait("another worker took the run", &sent, || {
        seen.extend(driver.rows(&sent).iter().map(phase_of));
        segments(&sent) == 2
    });
    seen.dedup();
    assert!(!seen.iter().any(|phase| phase == "completed"), "{seen:?}");
    driver.wait("it continues", &sent, || resumed_from(&sent, 2) > Some(0));
    driver.wait("the list names the other node", &sent, || {
        let rows = driver.rows(&sent);
        rows.iter().any(|row| {
            row["id"] == sent.job.as_str()
                && phase_of(row) == "running"
                && row["node"].as_str().is_some_and(|node| node != first)
                && row["restarts"] == 1
        })
    });
}

/// Returns the process that started `pid`.
fn parent(pid: u32) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("PPid:"));
    line.unwrap().trim().parse().unwrap()
}

/// A job that would run into a maintenance waits for its end; the reason is said in words.
#[test]
fn a_maintenance_is_named_as_the_reason_to_wait() {
    let test = "jobs::outages::a_maintenance_is_named_as_the_reason_to_wait";
    let Some(driver) = Driver::open(Backend::Slurm, test) else {
        return;
    };
    // Of all machines, in 12 hours: who asks for less is not touched.
    let reservation = [
        "create",
        "reservation",
        "reservationname=service",
        "starttime=now+12hours",
        "duration=02:00:00",
        "user=root",
        "nodes=ALL",
        "flags=maint,ignore_jobs",
    ];
    driver.lab().root("scontrol", &reservation);
    let settings = ["jobs.partition=gpu-a40", "jobs.gpus=1", "jobs.hours=24.0"];
    let sent = driver.send("patient", &settings);
    driver.wait("it waits for the maintenance", &sent, || {
        let rows = driver.rows(&sent);
        phase_of(&rows[0]) == "queued"
            && rows[0]["raw_reason"]
                .as_str()
                .is_some_and(|raw| raw.contains("maintenance"))
    });
    let row = &driver.rows(&sent)[0];
    let (en, ko) = (&row["reason"]["en"], &row["reason"]["ko"]);
    assert!(en.as_str().unwrap().contains("maintenance"), "{row}");
    assert!(ko.as_str().unwrap().contains("점검"), "{row}");
    let explained = driver.ok(&["jobs", "explain", &sent.id]);
    assert!(explained.contains("maintenance"), "{explained}");
    // With a machine named, a trial refuses what would only wait: it is sent all the same.
    let named = ["jobs.options=[\"--nodelist=g3002\"]"];
    let choosy = driver.send("choosy", &[&settings[..], &named].concat());
    driver.wait_phase(&choosy, &["queued"]);
    driver
        .lab()
        .root("scontrol", &["delete", "reservation=service"]);
}

/// The site's limits: two are refused at once, one makes the job wait; each is said in words.
#[test]
fn limits_of_a_quality_of_service_are_said_in_words() {
    let test = "jobs::outages::limits_of_a_quality_of_service_are_said_in_words";
    let Some(driver) = Driver::open(Backend::Accounts, test) else {
        return;
    };
    let refused = |name: &str, settings: &[&str]| {
        let gpu = [
            "jobs.partition=gpu-a40",
            "jobs.account=stf",
            "train.device=cpu",
        ];
        let settings = [&gpu, settings].concat();
        let output = driver.run(&[driver.sending(name, &settings), vec!["--detach"]].concat());
        (output.status.code(), text(&output))
    };
    let debug = "jobs.qos=debug";
    let (code, said) = refused("too long", &[debug, "jobs.gpus=1", "jobs.hours=2.0"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("QOSMaxWallDurationPerJobLimit"), "{said}");
    let (code, said) = refused("too many", &[debug, "jobs.gpus=2", "jobs.hours=0.5"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("QOSMaxGRESPerUser"), "{said}");
    let (code, said) = refused("nobody's", &["jobs.account=nobody"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("account"), "{said}");
    let (code, said) = refused("nowhere", &["jobs.partition=nowhere"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("nowhere"), "{said}");
    let one = [
        "jobs.partition=gpu-a40",
        "jobs.account=stf",
        "train.device=cpu",
        debug,
        "jobs.gpus=1",
        "jobs.hours=0.5",
    ];
    let first = driver.send("first", &[ENDLESS, &one].concat());
    driver.wait_segment(&first, 1);
    let second = driver.send("second", &one);
    driver.wait("it waits for the first", &second, || {
        driver.rows(&second)[0]["raw_reason"] == "QOSMaxJobsPerUserLimit"
    });
    let row = &driver.rows(&second)[0];
    assert!(
        row["reason"]["en"]
            .as_str()
            .is_some_and(|said| said.len() > 20),
        "{row}"
    );
    assert_ne!(row["reason"]["en"], row["reason"]["ko"]);
}
