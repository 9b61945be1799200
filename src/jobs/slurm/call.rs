//! Calls one program of the scheduler and returns what it said, always within a bounded time.
//!
//! A controller that hangs must cost the caller some seconds, never more; a variable of the user's
//! shell must not change a format that is parsed here.

use crate::JobsError;
use domain::{Clock, Phrase, phrase};
use rustix::process::{Pid, Signal as Kill, kill_process_group};
use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, mpsc},
    time::Duration,
};

/// How long a program of the scheduler may take; its own limit is 9 to 10 s.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// No answer of a scheduler is longer; a list of 10,000 jobs is 3 MB.
const LARGEST: u64 = 64 << 20;

/// Variables of the scheduler that name the site rather than a format or an enclosing job.
const KEPT: &[&str] = &["SLURM_CONF", "SLURM_CONF_SERVER", "SLURM_JWT"];

/// Prefixes of variables that change what the programs do or print, and of those that an
/// enclosing job sets: a submitted job would otherwise inherit another job's task number.
const DROPPED: &[&str] = &[
    "SLURM_",
    "SBATCH_",
    "SQUEUE_",
    "SACCT_",
    "SINFO_",
    "SCANCEL_",
    "SCONTROL_",
    "SALLOC_",
    "SLURMD_",
    "SACCTMGR_",
];

/// What a program said when it ended well or badly.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
    /// Whether it ended with code 0.
    pub well: bool,
}

/// The programs of the scheduler, with the environment they run in.
#[derive(Clone, Debug)]
pub struct Programs {
    /// For answers that are read.
    env: BTreeMap<String, String>,
    /// For what jobs inherit.
    handed_on: BTreeMap<String, String>,
    clock: Arc<dyn Clock>,
    patience: Duration,
}

impl Programs {
    /// Prepares calls in the environment `env`, cleaned of what would change their output.
    #[must_use]
    pub fn new(env: &BTreeMap<String, String>, clock: Arc<dyn Clock>) -> Self {
        let handed_on = cleaned(env);
        let mut env = handed_on.clone();
        // Seconds since the epoch: the only form that needs no time zone to be read.
        env.insert("SLURM_TIME_FORMAT".into(), "%s".into());
        env.insert("LC_ALL".into(), "C".into());
        Self {
            env,
            handed_on,
            clock,
            patience: PATIENCE,
        }
    }

    /// Waits at most `patience` for each call.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Returns the standard output of `program` with `args`.
    ///
    /// # Errors
    /// `NoScheduler`, `Silent`, or `Refused` with the program's own words.
    pub fn read(&self, program: &str, args: &[&str]) -> Result<String, JobsError> {
        let said = self.call(program, args, None)?;
        if said.well {
            Ok(said.out)
        } else {
            Err(refused(program, &said))
        }
    }

    /// Runs `program` with `args`, with `input` on its standard input, and returns what it said,
    /// also when it ended badly.
    ///
    /// # Errors
    /// `NoScheduler`; `Silent` when it took too long or found no controller to talk to.
    pub fn call(
        &self,
        program: &str,
        args: &[&str],
        input: Option<&str>,
    ) -> Result<Said, JobsError> {
        let path = self.find(program)?;
        let started = self.clock.steady();
        let mut command = Command::new(&path);
        command
            .args(args)
            .env_clear()
            .envs(self.env_of(program, args))
            .stdin(if input.is_some() {
                Stdio::piped()
            } else {
                Stdio::null()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let mut child =
            start(&mut command).map_err(JobsError::io(&path, "start the scheduler's program"))?;
        let said = converse(&mut child, input, self.patience, &*self.clock);
        let silent = |after| JobsError::Silent {
            program: program.to_owned(),
            after,
        };
        match said {
            Some(said) if !said.well && found_no_controller(&said.err) => {
                Err(silent(self.clock.steady().saturating_sub(started)))
            }
            Some(said) => Ok(said),
            None => {
                end(&mut child);
                Err(silent(self.patience))
            }
        }
    }

    /// A job inherits what its submission runs in: that gets the user's own language and formats.
    fn env_of(&self, program: &str, args: &[&str]) -> &BTreeMap<String, String> {
        let submits = program == "sbatch" && !args.contains(&"--test-only");
        if submits { &self.handed_on } else { &self.env }
    }

    /// Returns whether `program` is there.
    #[must_use]
    pub fn has(&self, program: &str) -> bool {
        self.find(program).is_ok()
    }

    fn find(&self, program: &str) -> Result<PathBuf, JobsError> {
        let path = self.env.get("PATH").map_or("", String::as_str);
        std::env::split_paths(path)
            .map(|folder| folder.join(program))
            .find(|candidate| candidate.is_file())
            .ok_or_else(|| JobsError::NoScheduler {
                program: program.to_owned(),
            })
    }
}

/// Returns the refusal that `said` is, without the program's name before every line.
pub(super) fn refused(program: &str, said: &Said) -> JobsError {
    let mut lines: Vec<&str> = Vec::new();
    for line in said.err.lines().chain(said.out.lines()) {
        let line = line.trim();
        let line = line.strip_prefix(program).unwrap_or(line);
        let line = line.trim_start_matches(": ").trim_start_matches("error: ");
        if !line.is_empty() && !lines.contains(&line) {
            lines.push(line);
        }
    }
    JobsError::Refused {
        what: if lines.is_empty() {
            phrase!(
                "{program} failed and did not say why",
                "{program}이(가) 이유를 말하지 않고 실패했습니다"
            )
        } else {
            Phrase::same(format!("{program}: {}", lines.join("; ")))
        },
    }
}

/// Returns whether the program gave up on the controller, which is silence and not a refusal.
fn found_no_controller(err: &str) -> bool {
    [
        "Unable to contact slurm controller",
        "Socket timed out",
        "Connection timed out",
        "Zero Bytes were transmitted",
        "Unable to contact slurmdbd",
    ]
    .iter()
    .any(|words| err.contains(words))
}

fn cleaned(env: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    env.iter()
        .filter(|(name, _)| {
            KEPT.contains(&name.as_str()) || !DROPPED.iter().any(|prefix| name.starts_with(prefix))
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

enum Part {
    Out(io::Result<Vec<u8>>),
    Err(io::Result<Vec<u8>>),
}

/// Starts `command`; a program that is just being replaced is tried again for a moment.
fn start(command: &mut Command) -> io::Result<Child> {
    const TRIES: u32 = 50;
    for _ in 1..TRIES {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                std::thread::park_timeout(Duration::from_millis(10));
            }
            started => return started,
        }
    }
    command.spawn()
}

/// Feeds `child` and reads both its outputs at once; `None` when it takes longer than `patience`.
fn converse(
    child: &mut Child,
    input: Option<&str>,
    patience: Duration,
    clock: &dyn Clock,
) -> Option<Said> {
    let (send, parts) = mpsc::channel();
    if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
        let input = input.to_owned();
        // A program may end without reading: then nobody minds that this fails.
        std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    }
    if let Some(stdout) = child.stdout.take() {
        let send = send.clone();
        std::thread::spawn(move || send.send(Part::Out(drain(stdout))));
    }
    if let Some(stderr) = child.stderr.take() {
        std::thread::spawn(move || send.send(Part::Err(drain(stderr))));
    }
    let started = clock.steady();
    let left = || patience.saturating_sub(clock.steady().saturating_sub(started));
    let mut said = Said::default();
    for _ in 0..2 {
        match parts.recv_timeout(left()).ok()? {
            Part::Out(bytes) => said.out = text(bytes),
            Part::Err(bytes) => said.err = text(bytes),
        }
    }
    said.well = ended(child, left())?.success();
    Some(said)
}

fn drain(pipe: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    pipe.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn text(bytes: io::Result<Vec<u8>>) -> String {
    bytes.map_or_else(
        |error| format!("cannot read the answer: {error}"),
        |bytes| String::from_utf8_lossy(&bytes).into_owned(),
    )
}

/// Waits for the end of a child whose outputs are closed; almost always it is there already.
fn ended(child: &mut Child, patience: Duration) -> Option<ExitStatus> {
    let step = Duration::from_millis(2);
    for _ in 0..=patience.as_millis() / step.as_millis() {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) => std::thread::sleep(step),
            Err(_) => return None,
        }
    }
    None
}

/// Kills the child with everything it started.
fn end(child: &mut Child) {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        let _ = kill_process_group(group, Kill::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::SystemClock;
    use rstest::rstest;

    fn programs(extra: &[(&str, &str)]) -> Programs {
        let mut env = BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())]);
        for (name, value) in extra {
            env.insert((*name).to_owned(), (*value).to_owned());
        }
        Programs::new(&env, Arc::new(SystemClock::new()))
    }

    #[test]
    fn a_program_that_hangs_is_ended_and_called_silent() {
        let clock = SystemClock::new();
        let programs = programs(&[]).with_patience(Duration::from_millis(200));
        // The grandchild holds the pipe open, as a hung plugin does.
        let error = programs
            .read("sh", &["-c", "sleep 100 & sleep 100"])
            .unwrap_err();
        assert!(matches!(error, JobsError::Silent { .. }), "{error}");
        assert!(error.is_transient());
        assert!(clock.steady() < Duration::from_secs(5));
    }

    #[test]
    fn both_outputs_are_read_at_once() {
        let script =
            "head -c 1000000 /dev/zero | tr '\\0' e >&2; head -c 1000000 /dev/zero | tr '\\0' o";
        let said = programs(&[]).call("sh", &["-c", script], None).unwrap();
        assert_eq!((said.out.len(), said.err.len()), (1_000_000, 1_000_000));
    }

    #[test]
    fn input_is_delivered_and_may_be_ignored() {
        let long = "x".repeat(500_000);
        let programs = programs(&[]);
        assert_eq!(
            programs.call("cat", &[], Some(&long)).unwrap().out.len(),
            long.len()
        );
        assert!(programs.call("true", &[], Some(&long)).unwrap().well);
    }

    #[test]
    fn what_is_not_there_is_said_by_name() {
        let error = programs(&[]).read("squeue-of-nowhere", &[]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "squeue-of-nowhere is not on this machine"
        );
    }

    #[rstest]
    #[case(
        "echo 'sh: error: invalid partition: nope' >&2; exit 1",
        "sh: invalid partition: nope"
    )]
    #[case("exit 1", "sh: failed and did not say why")]
    fn a_refusal_keeps_the_program_s_words(#[case] script: &str, #[case] expected: &str) {
        let error = programs(&[]).read("sh", &["-c", script]).unwrap_err();
        let expected = expected.replace("sh: failed", "sh failed");
        assert_eq!(error.to_string(), expected);
        assert!(matches!(error, JobsError::Refused { .. }));
    }

    #[test]
    fn an_unreachable_controller_is_silence() {
        let script = "echo 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)' >&2; exit 1";
        let error = programs(&[]).read("sh", &["-c", script]).unwrap_err();
        assert!(matches!(error, JobsError::Silent { .. }), "{error}");
    }

    #[test]
    fn the_user_s_formats_and_an_enclosing_job_stay_outside() {
        let programs = programs(&[
            ("SQUEUE_FORMAT", "%i"),
            ("SLURM_ARRAY_TASK_ID", "7"),
            ("SBATCH_WAIT", "1"),
            ("SLURM_CONF", "/etc/slurm/slurm.conf"),
            ("SLURM_TIME_FORMAT", "relative"),
            ("LC_ALL", "ko_KR.UTF-8"),
        ]);
        let env = programs.read("env", &[]).unwrap();
        let mut lines: Vec<&str> = env.lines().collect();
        lines.sort_unstable();
        assert_eq!(
            lines,
            [
                "LC_ALL=C",
                "PATH=/usr/bin:/bin",
                "SLURM_CONF=/etc/slurm/slurm.conf",
                "SLURM_TIME_FORMAT=%s"
            ]
        );
    }
}
