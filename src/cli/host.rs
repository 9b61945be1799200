//! `makook --host`: the console here and everything it does there, over the user's own ssh; any
//! other verb as a whole there.
//!
//! Start at [`session_parts`] for the console and at [`run_there`] for the verbs.

use super::{args::Cli, context::Context, failure::Failure};
use config::Draft;
use console::{
    hands::{Destination, Foreman, Hands, Line, LineState, LineTrouble, Order, Tell},
    importing::ImportOrder,
    saving::{Exchange, Saving, Target},
};
use domain::{Clock, Phrase, SystemClock, durable};
use jobs::{JobId, Listing, Preview, Signal};
use remote::{Address, Answer, Ask, RemoteError, Standing, address::Attendance, line::Keeper};
use runs::{Command, Home, RunId};
use std::{
    ffi::OsString,
    fs, io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The version that both sides say.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a console of another machine is made of.
pub struct Parts {
    /// The run home to read.
    pub home: Home,
    /// The project folder to read.
    pub project: PathBuf,
    /// Touches run directories there.
    pub hands: Box<dyn Hands>,
    /// Starts, lists and ends jobs there.
    pub foreman: Box<dyn Foreman>,
    /// How the line stands.
    pub line: Arc<dyn Line>,
    /// Keeps the mirror fresh until dropped.
    pub keeper: Keeper,
}

/// Returns the host that `cli` names; `None` without `--host`.
///
/// # Errors
/// A text that is no host's name; options of a host without one.
pub fn address(cli: &Cli, context: &Context) -> Result<Option<Address>, Failure> {
    let around = &context.around;
    let Some(host) = &cli.host else {
        if cli.host_program.is_some() || cli.host_project.is_some() {
            return Err(Failure::usage(
                Phrase::new(
                    "--host-program and --host-project need --host",
                    "--host-program과 --host-project는 --host와 함께 써야 합니다",
                ),
                Phrase::new(
                    "name the host as well: --host NAME",
                    "--host 이름도 함께 지정하세요",
                ),
            ));
        }
        return Ok(None);
    };
    let named = |option: &Option<String>, variable: &str| {
        let found = option.as_deref().or_else(|| around.variable(variable));
        found.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let mut address =
        Address::new(host, &around.cache())?.with_variable("MAKOOK_LANG", context.lang.code());
    let locale = around.locale();
    if !matches!(locale.as_str(), "C" | "POSIX") {
        address = address.with_variable("LANG", &locale);
    }
    if let Some(program) = named(&cli.host_program, "MAKOOK_HOST_PROGRAM") {
        address = address.with_program(&program);
    }
    if let Some(project) = named(&cli.host_project, "MAKOOK_HOST_PROJECT") {
        address = address.with_project(&project);
    }
    Ok(Some(address))
}

/// Logs in to the host and returns what a console of it is made of.
///
/// # Errors
/// Why there is no line, or no place for the mirror.
pub fn session_parts(address: &Address, context: &Context) -> Result<Parts, Failure> {
    let hosts = context.around.cache().join("hosts");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (line, keeper) = remote::Line::open(address, &hosts, VERSION, clock)?;
    Ok(Parts {
        home: line.home(),
        project: line.project().to_owned(),
        hands: Box::new(RemoteHands(Arc::clone(&line))),
        foreman: Box::new(RemoteForeman(Arc::clone(&line))),
        line: Arc::new(RemoteLine(line)),
        keeper,
    })
}

/// Becomes an ssh that runs this program's own arguments on the host; streams and exit code are
/// the remote program's. Returns only when that fails.
pub fn run_there(address: &Address, words: &[OsString]) -> Failure {
    let Some(words) = words_there(words) else {
        return Failure::usage(
            Phrase::new(
                "an argument is not UTF-8 and cannot be sent to a host",
                "인자가 UTF-8이 아니어서 호스트로 보낼 수 없습니다",
            ),
            Phrase::new(
                "rename that file, or run the command on the host",
                "파일 이름을 바꾸거나 호스트에서 직접 실행하세요",
            ),
        );
    };
    let person = rustix::termios::isatty(io::stdin()) && rustix::termios::isatty(io::stdout());
    let attendance = if person {
        Attendance::Person
    } else {
        Attendance::Nobody
    };
    match address.command(&words, attendance) {
        Ok(mut command) => RemoteError::NoSsh(command.exec()).into(),
        Err(error) => error.into(),
    }
}

/// Returns the arguments without the program and without those that name the host; `None` where
/// one is not UTF-8.
fn words_there(words: &[OsString]) -> Option<Vec<String>> {
    const OF_HOST: [&str; 3] = ["--host", "--host-program", "--host-project"];
    let mut kept = Vec::new();
    let mut words = words.iter().skip(1);
    let mut options = true;
    while let Some(word) = words.next() {
        let word = word.to_str()?;
        options &= word != "--";
        if options && OF_HOST.contains(&word) {
            words.next();
            continue;
        }
        let name = word.split_once('=').map_or(word, |(name, _)| name);
        if !(options && OF_HOST.contains(&name)) {
            kept.push(word.to_owned());
        }
    }
    Some(kept)
}

impl From<RemoteError> for Failure {
    fn from(error: RemoteError) -> Self {
        Self {
            exit: error.exit(),
            message: error.what(),
            hint: error.hint(),
        }
    }
}

/// Touches run directories of the host.
struct RemoteHands(Arc<remote::Line>);

impl Hands for RemoteHands {
    fn post(&mut self, run: &Path, command: &Command) -> Result<u64, Phrase> {
        let ask = Ask::Post {
            run: run_at(run)?,
            command: command.clone(),
        };
        match asked(&self.0, &ask)? {
            Answer::Posted(number) => Ok(number),
            _ => Err(odd_answer()),
        }
    }

    fn remove(&mut self, run: &RunId, _path: &Path) -> Result<(), Phrase> {
        done(&self.0, &Ask::Remove { run: run.clone() })
    }

    fn save(&mut self, saving: &Saving, draft: &Draft) -> Result<(), Phrase> {
        let inner = |path: &Path| name_there(path, self.0.project());
        let (fresh, from) = match &saving.target {
            Target::Existing => (false, None),
            Target::New { from } => (true, from.as_deref()),
        };
        let changes = saving.changes.iter();
        let asked = remote::wire::Saving {
            file: inner(&saving.file)?,
            fresh,
            from: from.map(inner).transpose()?,
            changes: changes
                .map(|(path, typed)| ((*path).to_owned(), typed.clone()))
                .collect(),
            before: draft.before.clone(),
            promoted: saving.promoted().cloned(),
        };
        done(&self.0, &Ask::Save { saving: asked })?;
        // The same text comes over the line before long; until then the form should not read the
        // former one. The host has saved, whether this copy can be written or not.
        let _ = durable::replace(&draft.file, draft.after.as_bytes());
        Ok(())
    }

    fn exchange(&mut self, exchange: &Exchange) -> Result<(), Phrase> {
        let ask = Ask::Exchange {
            exchange: remote::wire::Exchange {
                file: name_there(&exchange.file, self.0.project())?,
                from: exchange.from.clone(),
                to: exchange.to.clone(),
            },
        };
        done(&self.0, &ask)?;
        // As after saving: the host has done it, and this copy follows.
        let _ = match &exchange.to {
            Some(text) => durable::replace(&exchange.file, text.as_bytes()),
            None => fs::remove_file(&exchange.file),
        };
        Ok(())
    }

    fn restore(&mut self, run: &RunId) -> Result<(), Phrase> {
        done(&self.0, &Ask::Restore { run: run.clone() })
    }

    fn import(&mut self, _: &ImportOrder, _: Tell) -> Result<(), Phrase> {
        let host = self.0.host();
        Err(domain::phrase!(
            "data are imported on {host} itself: `makook --host {host} data import FILE`",
            "데이터는 {host}에서 가져와야 합니다: `makook --host {host} data import 파일`"
        ))
    }
}

/// Returns the settings file at `path` of the mirrored `project` as the host knows it.
fn name_there(path: &Path, project: &Path) -> Result<String, Phrase> {
    let inner = path.strip_prefix(project.join("configs")).ok();
    let inner = inner.and_then(Path::to_str).map(str::to_owned);
    inner.ok_or_else(|| {
        Phrase::new(
            format!("{} is not among the host's configs", path.display()),
            format!("{}: 호스트의 configs에 없는 파일입니다", path.display()),
        )
    })
}

/// Starts, lists and ends jobs of the host.
struct RemoteForeman(Arc<remote::Line>);

impl RemoteForeman {
    /// Returns `order` with its experiment named as the host knows it.
    fn sent(&self, order: &Order) -> Result<remote::Order, Phrase> {
        let inner = |path: &Path| name_there(path, self.0.project());
        let experiment = order.experiment.as_deref().map(inner);
        Ok(remote::Order {
            experiment: experiment.transpose()?,
            sets: order.sets.clone(),
            on: order.on.clone(),
            parent: order.parent.clone(),
            script: order.script.clone(),
        })
    }
}

impl Foreman for RemoteForeman {
    fn list(&mut self) -> Result<Listing, Phrase> {
        match asked(&self.0, &Ask::Jobs)? {
            Answer::Jobs(listing) => Ok(listing),
            _ => Err(odd_answer()),
        }
    }

    fn destinations(&mut self) -> Vec<Destination> {
        match asked(&self.0, &Ask::Destinations) {
            Ok(Answer::Destinations(found)) => found
                .into_iter()
                .map(|one| Destination {
                    profile: one.profile,
                    about: one.about,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    fn preview(&mut self, order: &Order) -> Result<Preview, Phrase> {
        let order = self.sent(order)?;
        match asked(&self.0, &Ask::Preview { order })? {
            Answer::Preview(preview) => Ok(preview),
            _ => Err(odd_answer()),
        }
    }

    fn train(&mut self, order: &Order) -> Result<Vec<RunId>, Phrase> {
        let order = self.sent(order)?;
        match asked(&self.0, &Ask::Train { order })? {
            Answer::Started(runs) => Ok(runs),
            _ => Err(odd_answer()),
        }
    }

    fn resume(&mut self, run: &RunId) -> Result<(), Phrase> {
        done(&self.0, &Ask::Resume { run: run.clone() })
    }

    fn signal(&mut self, profile: &str, job: &JobId, signal: Signal) -> Result<(), Phrase> {
        let ask = Ask::Signal {
            profile: profile.to_owned(),
            job: job.clone(),
            signal,
        };
        done(&self.0, &ask)
    }

    fn throttle(&mut self, profile: &str, job: &JobId, at_most: u32) -> Result<(), Phrase> {
        let ask = Ask::Throttle {
            profile: profile.to_owned(),
            job: job.clone(),
            at_most,
        };
        done(&self.0, &ask)
    }
}

/// The line as the console sees it.
struct RemoteLine(Arc<remote::Line>);

impl Line for RemoteLine {
    fn state(&self) -> LineState {
        let (standing, heard) = self.0.standing();
        let trouble = match standing {
            Standing::Up => None,
            Standing::Troubled { why } => Some(LineTrouble { lost: false, why }),
            Standing::Lost { why } => Some(LineTrouble { lost: true, why }),
        };
        LineState {
            host: self.0.host().to_owned(),
            heard,
            trouble,
        }
    }

    fn watch(&self, run: Option<&RunId>, beside: &[RunId]) {
        self.0.watch(run.cloned(), beside.to_vec());
    }

    fn reconnect(&self) -> Result<(), Phrase> {
        self.0.reconnect().map_err(|error| error.said())
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.0.attention()
    }
}

fn asked(line: &remote::Line, ask: &Ask) -> Result<Answer, Phrase> {
    line.ask(ask).map_err(|error| error.said())
}

fn done(line: &remote::Line, ask: &Ask) -> Result<(), Phrase> {
    match asked(line, ask)? {
        Answer::Done => Ok(()),
        _ => Err(odd_answer()),
    }
}

fn run_at(path: &Path) -> Result<RunId, Phrase> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.parse::<RunId>().map_err(|error| {
        Phrase::new(
            error.to_string(),
            format!("`{name}`은(는) 실행 ID가 아닙니다"),
        )
    })
}

fn odd_answer() -> Phrase {
    Phrase::new(
        "the host answered another question; put the same version on both machines",
        "호스트가 다른 질문에 답했습니다. 두 컴퓨터에 같은 버전을 설치하세요",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("makook --host hyak runs list --json", "runs list --json")]
    #[case("makook runs list --host=hyak", "runs list")]
    #[case(
        "makook --host-program ~/m --host h --host-project=p train configs/a.toml",
        "train configs/a.toml"
    )]
    #[case(
        "makook --host h --lang ko jobs -- --host x",
        "--lang ko jobs -- --host x"
    )]
    fn the_host_sees_everything_but_its_own_name(#[case] here: &str, #[case] there: &str) {
        let words: Vec<OsString> = here.split(' ').map(OsString::from).collect();
        let sent = words_there(&words).unwrap();
        assert_eq!(sent.join(" "), there);
    }
}
