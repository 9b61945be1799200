//! Why there is no server, by cause, each with its remedy.

use domain::{Exit, Phrase, phrase};
use std::{io, net::SocketAddr};

/// Why the server or a console behind it could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another program has the port.
    #[error("{0} is taken by another program")]
    Taken(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The operating system's error.
        source: io::Error,
    },
    /// No pseudo-terminal, or the program in it could not be started.
    #[error("the console could not be started: {0}")]
    NoConsole(String),
    /// The operating system has no randomness to give.
    #[error("the operating system gives no random numbers: {0}")]
    NoRandomness(#[from] getrandom::Error),
    /// A thread could not be started, or the like.
    #[error("the operating system refused: {0}")]
    Refused(#[from] io::Error),
}

impl ServeError {
    /// Names the cause of a failure to listen on `address`.
    #[must_use]
    pub fn of_listening(address: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::Taken(address),
            _ => Self::Listen { address, source },
        }
    }

    /// Returns what is wrong.
    #[must_use]
    pub fn says(&self) -> Phrase {
        let en = self.to_string();
        let ko = match self {
            Self::Taken(address) => {
                format!("{address}: 다른 프로그램이 이미 쓰고 있는 포트입니다")
            }
            Self::Listen { address, source } => {
                format!("{address}에서 연결을 받을 수 없습니다: {source}")
            }
            Self::NoConsole(why) => format!("콘솔을 시작하지 못했습니다: {why}"),
            Self::NoRandomness(why) => format!("운영체제가 난수를 주지 않습니다: {why}"),
            Self::Refused(why) => format!("운영체제가 거부했습니다: {why}"),
        };
        Phrase::new(en, ko)
    }

    /// Returns what to do next; empty where nothing is known to help.
    #[must_use]
    pub fn hint(&self) -> Phrase {
        match self {
            Self::Taken(_) => phrase!(
                "leave --port out: any free port is as good",
                "--port를 빼고 실행하세요. 비어 있는 포트를 알아서 고릅니다"
            ),
            Self::Listen { .. } => phrase!(
                "--bind takes an address of this machine; leave it out for this machine alone",
                "--bind에는 이 컴퓨터의 주소를 쓰세요. 빼면 이 컴퓨터에서만 연결할 수 있습니다"
            ),
            Self::NoConsole(_) => phrase!(
                "`makook doctor` checks the terminal and the limits of this machine",
                "`makook doctor`로 터미널과 이 컴퓨터의 제한을 확인하세요"
            ),
            Self::NoRandomness(_) | Self::Refused(_) => Phrase::default(),
        }
    }

    /// Returns the exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Taken(_) | Self::Listen { .. } => Exit::Usage,
            _ => Exit::Environment,
        }
    }
}
