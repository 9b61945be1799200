//! Who holds a run: enough to tell a living worker from a dead one, also after its process id was
//! given to somebody else.

use domain::Nanos;
use serde::{Deserialize, Serialize};
use std::{fmt, fs};

/// A process, named so that no other process is ever mistaken for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Process id on its host.
    pub pid: u32,
    /// The kernel's start time of that process in clock ticks after boot; 0 where unknown.
    pub start_ticks: u64,
    /// Host name.
    pub host: String,
    /// Names one boot of one machine; empty where unknown.
    pub boot: String,
    /// Names the process-id namespace (containers have their own); empty where unknown.
    pub pid_namespace: String,
    /// When it took the run, by its own clock.
    pub since: Nanos,
    /// The scheduler's job that started it; empty without a scheduler.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub job: String,
    /// How often that job had been started again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub restart: u32,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde calls"
)]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Whether a process still exists, as far as can be seen from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It runs on this machine.
    Alive,
    /// It ran on this machine and does so no more.
    Gone,
    /// It runs elsewhere: only its heartbeat tells.
    Elsewhere,
}

impl Owner {
    /// Describes this very process.
    #[must_use]
    pub fn myself(now: Nanos) -> Self {
        let pid = std::process::id();
        Self {
            pid,
            start_ticks: start_ticks(pid).unwrap_or(0),
            host: host(),
            boot: boot(),
            pid_namespace: pid_namespace(),
            since: now,
            job: String::new(),
            restart: 0,
        }
    }

    /// Describes the process `pid` of this machine as it is at `now`; `None` when there is none or
    /// it is only a zombie.
    #[must_use]
    pub fn of_process(pid: u32, now: Nanos) -> Option<Self> {
        let start_ticks = start_ticks(pid)?;
        Some(Self {
            pid,
            start_ticks,
            ..Self::myself(now)
        })
    }

    /// Returns whether the process still exists.
    #[must_use]
    pub fn life(&self) -> Life {
        let here = !self.boot.is_empty()
            && self.boot == boot()
            && self.host == host()
            && self.pid_namespace == pid_namespace();
        if !here {
            return Life::Elsewhere;
        }
        match start_ticks(self.pid) {
            Some(ticks) if ticks == self.start_ticks => Life::Alive,
            _ => Life::Gone,
        }
    }
}

impl Owner {
    /// Returns process, machine and start, for a person.
    #[must_use]
    pub fn says(&self) -> domain::Phrase {
        let Self {
            pid, host, since, ..
        } = self;
        domain::phrase!(
            "process {pid} on {host} since {since}",
            "{host}의 프로세스 {pid}({since}부터)"
        )
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.says().en)
    }
}

fn host() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map(|id| id.trim().to_owned())
        .unwrap_or_default()
}

fn pid_namespace() -> String {
    fs::read_link("/proc/self/ns/pid")
        .map(|link| link.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Returns when process `pid` started; `None` when there is none or it is only a zombie.
fn start_ticks(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command name is in parentheses and may hold anything, closing parentheses too.
    let mut fields = stat.get(stat.rfind(')')? + 1..)?.split_ascii_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    // proc(5): start time is field 22 of the line; the state was field 3.
    fields.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive() {
        assert_eq!(Owner::myself(Nanos(0)).life(), Life::Alive);
    }

    #[test]
    fn a_reused_process_id_is_not_mistaken_for_the_owner() {
        let mut owner = Owner::myself(Nanos(0));
        owner.start_ticks += 1;
        assert_eq!(owner.life(), Life::Gone);
    }

    #[test]
    fn another_machine_cannot_be_judged_from_here() {
        let mut owner = Owner::myself(Nanos(0));
        owner.boot = "another".to_owned();
        assert_eq!(owner.life(), Life::Elsewhere);
    }
}
