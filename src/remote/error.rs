//! What can go wrong with a host, by cause, each with its remedy.

use domain::{Exit, Phrase, durable::is_full};
use std::{io, path::PathBuf};

/// Why the host could not be used.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// A text that is no host's name.
    #[error("`{0}` is not the name of a host")]
    BadName(String),
    /// There is no ssh here.
    #[error("ssh cannot be started: {0}")]
    NoSsh(io::Error),
    /// The host wants a password, a second factor or a key that is not there.
    #[error("{host} wants a login that makook must not answer for you ({said})")]
    NoLogin {
        /// The host.
        host: String,
        /// ssh's words.
        said: String,
    },
    /// The host's key is unknown or has changed.
    #[error("{host} cannot be trusted yet: {said}")]
    UnknownKey {
        /// The host.
        host: String,
        /// ssh's words.
        said: String,
    },
    /// The host cannot be reached.
    #[error("{host} cannot be reached: {said}")]
    Unreachable {
        /// The host.
        host: String,
        /// ssh's words.
        said: String,
    },
    /// The host has no such program.
    #[error("there is no program `{program}` on {host}")]
    NoProgram {
        /// The host.
        host: String,
        /// What was to be started.
        program: String,
    },
    /// The program there is no agent that this side understands.
    #[error("makook on {host} is {theirs}, here it is {ours}: they do not understand each other")]
    OtherVersion {
        /// The host.
        host: String,
        /// Version there.
        theirs: String,
        /// Version here.
        ours: String,
    },
    /// The line ended before the agent said anything.
    #[error("{host}: no agent answered: {said}")]
    NoAgent {
        /// The host.
        host: String,
        /// What came instead.
        said: String,
    },
    /// An established line broke.
    #[error("the line to {host} is lost: {said}")]
    Lost {
        /// The host.
        host: String,
        /// Why, as far as known.
        said: String,
    },
    /// The host gave no answer in time.
    #[error("{host} gave no answer within {seconds} s")]
    Silent {
        /// The host.
        host: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The host said no, in its own words.
    #[error("{0}")]
    Refused(Phrase),
    /// The host sent what it must not.
    #[error("{host} sent something that is refused: {what}")]
    Untrusted {
        /// The host.
        host: String,
        /// What.
        what: String,
    },
    /// The operating system refused.
    #[error("{path}: cannot {doing}: {source}", path = path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// A verb phrase such as `write the mirror`.
        doing: &'static str,
        /// The operating system's error.
        source: io::Error,
    },
}

impl RemoteError {
    /// Wraps an operating-system error with what was being done to which path.
    pub(crate) fn io(
        path: impl Into<PathBuf>,
        doing: &'static str,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            path,
            doing,
            source,
        }
    }

    /// Names the cause of an ssh that ended with `code` before the agent spoke; `said` is its
    /// standard error.
    #[must_use]
    pub fn of_ssh(host: &str, program: &str, code: Option<i32>, said: &str) -> Self {
        let host = host.to_owned();
        let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
        let last = last_line(said);
        // The words are those of OpenSSH's client, which it does not translate.
        if has(&[
            "Permission denied",
            "Too many authentication failures",
            "keyboard-interactive",
            "No more authentication methods",
        ]) {
            return Self::NoLogin { host, said: last };
        }
        if has(&[
            "Host key verification failed",
            "HOST IDENTIFICATION HAS CHANGED",
        ]) {
            let said = match has(&["HOST IDENTIFICATION HAS CHANGED"]) {
                true => "its key is not the one that was seen before",
                false => "its key was never confirmed on this machine",
            };
            let said = said.to_owned();
            return Self::UnknownKey { host, said };
        }
        match code {
            Some(255) | None => Self::Unreachable { host, said: last },
            Some(126 | 127) => Self::NoProgram {
                host,
                program: program.to_owned(),
            },
            Some(code) => Self::NoAgent {
                host,
                said: format!("{last} (exit code {code})"),
            },
        }
    }

    /// Returns whether the line is gone and only a new one helps.
    #[must_use]
    pub fn is_loss(&self) -> bool {
        matches!(self, Self::Lost { .. })
    }

    /// Returns what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Phrase {
        match self {
            Self::BadName(_) => Phrase::new(
                "write a name of your ~/.ssh/config, or user@machine",
                "~/.ssh/config에 있는 이름이나 user@machine 형식으로 쓰세요",
            ),
            Self::NoSsh(_) => Phrase::new(
                "install OpenSSH's client",
                "OpenSSH 클라이언트를 설치하세요",
            ),
            Self::NoLogin { host, .. } => Phrase::new(
                format!(
                    "log in once yourself and leave it open: run `ssh {host}` in another terminal. \
                     With these four lines in ~/.ssh/config that login is shared:\n{}\n\
                     Then try again. makook never tries again by itself, because many sites block \
                     an address after a few failed logins",
                    shared_login(host)
                ),
                format!(
                    "직접 한 번 로그인해 두세요: 다른 터미널에서 `ssh {host}`을(를) 실행하고 그대로 \
                     두면 됩니다. ~/.ssh/config에 다음 네 줄이 있으면 그 로그인을 함께 씁니다.\n{}\n\
                     그런 다음 다시 시도하세요. 로그인 실패가 반복되면 주소를 차단하는 곳이 많아서 \
                     makook은 스스로 다시 시도하지 않습니다",
                    shared_login(host)
                ),
            ),
            Self::UnknownKey { host, .. } => Phrase::new(
                format!(
                    "run `ssh {host}` once in a terminal and look at what it says about the key; if the key changed, ask the administrators before you go on"
                ),
                format!(
                    "터미널에서 `ssh {host}`을(를) 한 번 실행해 키에 대한 안내를 확인하세요. 키가 바뀌었다면 먼저 관리자에게 문의하세요"
                ),
            ),
            Self::Unreachable { host, .. } => Phrase::new(
                format!(
                    "check the name and the network (VPN?); `ssh {host}` must work in a terminal"
                ),
                format!(
                    "이름과 네트워크(VPN 등)를 확인하세요. 터미널에서 `ssh {host}`이(가) 되어야 합니다"
                ),
            ),
            Self::NoProgram { .. } => Phrase::new(
                "copy the one file `makook` there; if it is not on the PATH of a plain `ssh` command, name it with --host-program or MAKOOK_HOST_PROGRAM, e.g. ~/makook/makook",
                "그곳에 `makook` 파일 하나를 복사하세요. `ssh` 명령의 PATH에 없으면 --host-program이나 MAKOOK_HOST_PROGRAM으로 경로를 지정하세요(예: ~/makook/makook)",
            ),
            Self::OtherVersion { .. } => Phrase::new(
                "put the same version on both machines",
                "두 컴퓨터에 같은 버전을 설치하세요",
            ),
            Self::NoAgent { .. } => Phrase::new(
                "the makook there may be older than this one, or the login shell ends early; try `ssh <host> makook --version`",
                "그곳의 makook이 더 오래되었거나 로그인 셸이 일찍 끝나는 것 같습니다. `ssh <호스트> makook --version`으로 확인하세요",
            ),
            Self::Lost { .. } => Phrase::new(
                "jobs there go on; reconnect when the network is back",
                "그곳의 작업은 계속됩니다. 네트워크가 돌아오면 다시 연결하세요",
            ),
            Self::Silent { .. } => Phrase::new(
                "the machine or its file system may be busy; nothing was undone",
                "컴퓨터나 파일 시스템이 바쁠 수 있습니다. 되돌려진 것은 없습니다",
            ),
            Self::Refused(_) => Phrase::new("", ""),
            Self::Untrusted { .. } => Phrase::new(
                "put the same version on both machines; if it stays, that host is not to be trusted",
                "두 컴퓨터에 같은 버전을 설치하세요. 그래도 같으면 그 호스트를 믿지 마세요",
            ),
            Self::Io { source, .. } if is_full(source) => Phrase::new(
                "free some space; XDG_CACHE_HOME moves the copies to another disk",
                "공간을 비우세요. XDG_CACHE_HOME으로 사본을 다른 디스크에 둘 수 있습니다",
            ),
            Self::Io { .. } => Phrase::new(
                "check that the directory is there and yours to write",
                "디렉터리가 있고 쓸 수 있는지 확인하세요",
            ),
        }
    }

    /// Returns the error with its remedy, in both languages.
    #[must_use]
    pub fn said(&self) -> Phrase {
        let (what, hint) = (self.what(), self.hint());
        if hint.en.is_empty() {
            return what;
        }
        Phrase::new(
            format!("{}; {}", what.en, hint.en),
            format!("{}. {}", what.ko, hint.ko),
        )
    }

    /// Returns what is wrong, in both languages.
    #[must_use]
    pub fn what(&self) -> Phrase {
        let en = self.to_string();
        let ko = match self {
            Self::BadName(name) => format!("`{name}`은(는) 호스트 이름이 아닙니다"),
            Self::NoSsh(error) => format!("ssh를 시작할 수 없습니다: {error}"),
            Self::NoLogin { host, said } => {
                format!("{host}에 로그인이 필요하지만 makook이 대신 응답할 수 없습니다({said})")
            }
            Self::UnknownKey { host, said } => {
                format!("{host}을(를) 아직 믿을 수 없습니다: {said}")
            }
            Self::Unreachable { host, said } => format!("{host}에 연결할 수 없습니다: {said}"),
            Self::NoProgram { host, program } => {
                format!("{host}에 `{program}` 프로그램이 없습니다")
            }
            Self::OtherVersion { host, theirs, ours } => {
                format!("{host}의 makook은 {theirs}, 여기는 {ours}(이)라서 서로 통신할 수 없습니다")
            }
            Self::NoAgent { host, said } => format!("{host}: 에이전트가 응답하지 않습니다: {said}"),
            Self::Lost { host, said } => format!("{host}와(과)의 연결이 끊겼습니다: {said}"),
            Self::Silent { host, seconds } => {
                format!("{host}이(가) {seconds}초 동안 응답하지 않았습니다")
            }
            Self::Refused(phrase) => return phrase.clone(),
            Self::Untrusted { host, what } => {
                format!("{host}이(가) 보낸 내용을 받아들이지 않았습니다: {what}")
            }
            Self::Io { path, source, .. } => {
                format!("{}: 읽거나 쓸 수 없습니다: {source}", path.display())
            }
        };
        Phrase::new(en, ko)
    }

    /// Returns the exit code of a command that ends with this error.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::BadName(_) => Exit::Usage,
            _ => Exit::Environment,
        }
    }
}

/// Returns the lines of ~/.ssh/config that let one login serve every later connection.
fn shared_login(host: &str) -> String {
    let name = host.rsplit('@').next().unwrap_or(host);
    format!(
        "    Host {name}\n      ControlMaster auto\n      ControlPath ~/.ssh/cm-%C\n      ControlPersist 4h"
    )
}

/// Returns the last line that says something.
fn last_line(said: &str) -> String {
    let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.next_back().unwrap_or("ssh said nothing").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(
        Some(255),
        "netid@klone: Permission denied (keyboard-interactive).\r\n",
        "wants a login"
    )]
    #[case(Some(255), "Host key verification failed.", "never confirmed")]
    #[case(
        Some(255),
        "ssh: Could not resolve hostname nowhere: Name or service not known",
        "cannot be reached"
    )]
    #[case(
        Some(255),
        "ssh: connect to host h port 22: Connection refused",
        "cannot be reached"
    )]
    #[case(
        Some(127),
        "bash: line 1: makook: command not found",
        "no program `makook`"
    )]
    #[case(Some(2), "error: unrecognized subcommand 'agent'", "no agent answered")]
    #[case(None, "", "ssh said nothing")]
    fn the_end_of_ssh_names_its_cause(
        #[case] code: Option<i32>,
        #[case] said: &str,
        #[case] expected: &str,
    ) {
        let error = RemoteError::of_ssh("klone", "makook", code, said);
        assert!(error.to_string().contains(expected), "{error}");
        let phrase = error.said();
        assert!(!phrase.en.is_empty() && phrase.ko.chars().any(|c| ('가'..='힣').contains(&c)));
    }

    #[test]
    fn a_login_that_needs_a_person_says_what_to_do() {
        let error = RemoteError::of_ssh("me@klone", "makook", Some(255), "Permission denied");
        let hint = error.hint().en;
        for line in [
            "ssh me@klone",
            "Host klone\n",
            "ControlMaster auto",
            "ControlPersist",
        ] {
            assert!(hint.contains(line), "{hint}");
        }
    }
}
