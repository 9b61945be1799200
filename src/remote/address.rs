//! Which host, which program there, and the exact `ssh` command for it.

use crate::{RemoteError, quote};
use std::{
    collections::BTreeMap,
    fs, io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Longest path of a Unix domain socket, less what ssh appends while it makes one.
const LONGEST_SOCKET: usize = 107 - 18;
/// Length of what `%C` stands for.
const HASHED: usize = 40;

/// A host as the user names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    host: String,
    ssh: PathBuf,
    program: String,
    project: Option<String>,
    /// Variables of the remote command.
    env: BTreeMap<String, String>,
    control: PathBuf,
}

/// Whether a person is there to answer ssh's questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attendance {
    /// At a terminal.
    Person,
    /// Nobody: ssh must fail rather than ask.
    Nobody,
}

impl Address {
    /// Names `host` as ssh knows it; `cache` is the folder of the user's caches for makook.
    ///
    /// # Errors
    /// `BadName` for anything that ssh or a shell could take for something else.
    pub fn new(host: &str, cache: &Path) -> Result<Self, RemoteError> {
        let odd =
            |c: char| c.is_whitespace() || c.is_control() || "'\"`$\\;&|<>(){}*?!#".contains(c);
        if host.is_empty() || host.starts_with('-') || host.contains("@-") || host.contains(odd) {
            return Err(RemoteError::BadName(host.to_owned()));
        }
        Ok(Self {
            host: host.to_owned(),
            ssh: PathBuf::from("ssh"),
            program: "makook".to_owned(),
            project: None,
            env: BTreeMap::new(),
            control: cache.to_owned(),
        })
    }

    /// Names the program there; a leading `~/` is the home folder there.
    #[must_use]
    pub fn with_program(mut self, program: &str) -> Self {
        program.clone_into(&mut self.program);
        self
    }

    /// Names the ssh program here; `ssh` on the PATH unless named.
    #[must_use]
    pub fn with_ssh(mut self, ssh: &Path) -> Self {
        ssh.clone_into(&mut self.ssh);
        self
    }

    /// Names the project folder there; a leading `~/` is the home folder there.
    #[must_use]
    pub fn with_project(mut self, project: &str) -> Self {
        self.project = Some(project.to_owned());
        self
    }

    /// Sets a variable of the program there.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Returns the host as the user named it.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the program there.
    #[must_use]
    pub fn program(&self) -> &str {
        &self.program
    }

    /// Returns a file name that stands for the host, the program and the project, and for no
    /// others.
    #[must_use]
    pub fn folder_name(&self) -> String {
        let mut name = String::new();
        let rest = self.project.as_deref().into_iter().collect::<Vec<_>>();
        let program = (self.program != "makook").then_some(self.program.as_str());
        let words = std::iter::once(self.host.as_str())
            .chain(program)
            .chain(rest);
        for (index, word) in words.enumerate() {
            if index > 0 {
                name.push('+');
            }
            for byte in word.bytes() {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'@' => {
                        name.push(char::from(byte));
                    }
                    b'.' if !name.is_empty() => name.push('.'),
                    other => name.push_str(&format!("%{other:02x}")),
                }
            }
        }
        name.truncate(200);
        name
    }

    /// Returns the command line that the shell there gets.
    #[must_use]
    pub fn remote_line(&self, arguments: &[String]) -> String {
        let mut line = String::new();
        if let Some(project) = &self.project {
            line.push_str(&format!("cd {} && ", quote::quoted_path(project)));
        }
        if !self.env.is_empty() {
            // `env` and not `NAME=value program`: csh knows no such line.
            line.push_str("env ");
            for (name, value) in &self.env {
                line.push_str(&format!("{name}={} ", quote::quoted(value)));
            }
        }
        line.push_str(&quote::quoted_path(&self.program));
        for argument in arguments {
            line.push(' ');
            line.push_str(&quote::quoted(argument));
        }
        line
    }

    /// Returns the ssh command that runs `arguments` of the program there, over a shared
    /// connection. What the user's own ssh configuration says about sharing stays as it is.
    ///
    /// # Errors
    /// `NoSsh`, or a cache folder that cannot be made.
    pub fn command(
        &self,
        arguments: &[String],
        attendance: Attendance,
    ) -> Result<Command, RemoteError> {
        let configured = self.configured()?;
        let has = |key: &str| configured.get(key).map(String::as_str);
        let mut command = Command::new(&self.ssh);
        let mut option = |text: &str| {
            command.args(["-o", text]);
        };
        if attendance == Attendance::Nobody {
            option("BatchMode=yes");
        }
        if has("connecttimeout").is_none_or(|value| value == "none" || value == "0") {
            option("ConnectTimeout=20");
        }
        if has("serveraliveinterval").is_none_or(|value| value == "0") {
            option("ServerAliveInterval=15");
        }
        if has("controlpath").is_none_or(|value| value == "none")
            && let Some(socket) = self.socket()?
        {
            option("ControlMaster=auto");
            option("ControlPersist=600");
            option(&format!("ControlPath={socket}"));
        }
        command.arg(match attendance {
            Attendance::Person => "-t",
            Attendance::Nobody => "-T",
        });
        command.args(["--", &self.host, &self.remote_line(arguments)]);
        Ok(command)
    }

    /// Returns what `ssh -G` says about the host: the user's configuration as ssh reads it.
    fn configured(&self) -> Result<BTreeMap<String, String>, RemoteError> {
        let output = Command::new(&self.ssh)
            .args(["-G", "--", &self.host])
            .stdin(Stdio::null())
            .output()
            .map_err(RemoteError::NoSsh)?;
        // A failure shows again, with its words, when the connection is made.
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let pairs = text.lines().filter_map(|line| line.split_once(' '));
        Ok(pairs
            .map(|(key, value)| (key.to_ascii_lowercase(), value.trim().to_owned()))
            .collect())
    }

    /// Returns where the shared connection's socket goes; `None` where every path is too long.
    fn socket(&self) -> Result<Option<String>, RemoteError> {
        let folder = &self.control;
        let text = folder.to_string_lossy();
        // `%` and spaces mean something within ssh's options.
        let fits = folder.as_os_str().len() + "/ssh-".len() + HASHED <= LONGEST_SOCKET;
        if !fits || text.contains(['%', ' ', '"', '\\', '$']) {
            return Ok(None);
        }
        private_folder(folder).map_err(RemoteError::io(folder, "make the cache folder"))?;
        Ok(Some(format!("{text}/ssh-%C")))
    }
}

/// Makes a folder that only its owner can look into.
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn address(host: &str) -> Result<Address, RemoteError> {
        Address::new(host, Path::new("/nowhere"))
    }

    #[rstest]
    #[case("")]
    #[case("-oProxyCommand=reboot")]
    #[case("me@-oProxyCommand=reboot")]
    #[case("two words")]
    #[case("a;reboot")]
    #[case("a\nb")]
    #[case("$(reboot)")]
    fn names_that_ssh_could_misread_are_refused(#[case] host: &str) {
        assert!(matches!(address(host), Err(RemoteError::BadName(_))));
    }

    #[rstest]
    #[case("hyak")]
    #[case("netid@klone.hyak.uw.edu")]
    #[case("ssh://me@10.0.0.1:2222")]
    #[case("클러스터")]
    fn names_of_hosts_are_taken(#[case] host: &str) {
        assert!(address(host).is_ok());
    }

    #[test]
    fn the_remote_line_quotes_everything_but_the_home_folder() {
        let there = address("h")
            .unwrap()
            .with_program("~/my tools/makook")
            .with_project("~/실험")
            .with_variable("MAKOOK_LANG", "ko");
        let words = [
            "train".to_owned(),
            "--name".to_owned(),
            "첫 실험; reboot".to_owned(),
        ];
        assert_eq!(
            there.remote_line(&words),
            "cd ~/'실험' && env MAKOOK_LANG=ko ~/'my tools/makook' train --name '첫 실험; reboot'"
        );
    }

    #[test]
    fn hosts_have_folders_of_their_own() {
        let names = ["a", "a.b", "../a", "a/b", "A@a", ".."]
            .map(|host| address(host).unwrap().folder_name());
        let distinct: std::collections::BTreeSet<&String> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
        assert!(
            names
                .iter()
                .all(|name| !name.contains('/') && !name.starts_with('.'))
        );
        let other = address("a")
            .unwrap()
            .with_program("~/old/makook")
            .folder_name();
        assert_ne!(other, names[0]);
    }
}
