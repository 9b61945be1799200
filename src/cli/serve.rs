//! `makook serve`: this very program's console in a browser, through a page on this machine.
//!
//! Owns the questions before others may reach it, the wording of the link and of the `ssh` line, and
//! what the console behind the page is started with; the server itself is the crate `serve`. Start
//! at [`run`].

use super::{args::ServeArgs, context::Context, failure::Failure, output};
use console::look::Said;
use domain::{Clock, Exit, Lang, Phrase, SystemClock, Text, phrase};
use serde_json::{Value, json};
use serve::{Event, Limits, Plan, Program, ServeError, Server};
use std::{
    io::{self, BufRead, IsTerminal},
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

/// What has to be typed after the address before others may reach the server.
const CONSENT: &str = "expose";

/// Serves until Ctrl-C.
///
/// # Errors
/// No consent to be reached by others, or the server cannot listen.
pub fn run(args: &ServeArgs, context: &Context) -> Result<Exit, Failure> {
    if !args.bind.is_loopback() {
        ask_twice(args.bind, context)?;
    }
    let (lang, json) = (context.lang, args.json);
    let keyboard = has_the_keyboard();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let server = Arc::new(Server::open(Plan {
        bind: SocketAddr::new(args.bind, args.port),
        machine: context.around.host(),
        program: console(args, context)?,
        lang,
        limits: Limits::default(),
        clock,
        tell: Box::new(move |event| report(&event, lang, json, keyboard)),
    })?);
    let place = Place::new(server.address(), keyboard, context);
    place.announce(&server.fresh_token()?, json)?;
    if keyboard {
        let server = Arc::downgrade(&server);
        // Reading ends with the program: nothing waits for this thread.
        std::thread::spawn(move || {
            for _ in io::stdin().lock().lines().map_while(Result::ok) {
                let Some(server) = server.upgrade() else {
                    return;
                };
                if let Ok(token) = server.fresh_token() {
                    let _ = place.announce_link(&token, json);
                }
            }
        });
    }
    while !context.stop.was_asked() {
        context.stop.wait(Duration::from_secs(3_600));
    }
    server.end();
    if !json {
        eprintln!("{}", context.say("serve has ended", "serve를 끝냈습니다"));
    }
    Ok(Exit::Done)
}

/// Returns whether keys arrive here: reading them in the background would stop the program.
fn has_the_keyboard() -> bool {
    let front = rustix::termios::tcgetpgrp(io::stdin());
    front.is_ok_and(|group| group == rustix::process::getpgrp())
}

/// Returns this program as a console of a page: a terminal that shows UTF-8 and every colour,
/// whatever terminal the server was started in.
fn console(args: &ServeArgs, context: &Context) -> Result<Program, Failure> {
    let around = &context.around;
    let mut env = around.env.clone();
    for name in [
        "TMUX",
        "TMUX_PANE",
        "STY",
        "TERM_PROGRAM",
        "LC_ALL",
        "LC_CTYPE",
    ] {
        env.remove(name);
    }
    let locale = around.locale();
    let utf8 = locale
        .to_ascii_lowercase()
        .replace('-', "")
        .contains("utf8");
    let locale = if utf8 { locale.as_str() } else { "C.UTF-8" };
    // What somebody asked for now is asked of the console too; a locale is only suggested.
    let lang = match context.lang_said {
        Said::ByStart => ("MAKOOK_LANG", context.lang.code()),
        Said::BySettings | Said::ByNobody => ("LC_MESSAGES", context.lang.code()),
    };
    let set = [
        ("TERM", "xterm-256color"),
        ("COLORTERM", "truecolor"),
        ("LANG", locale),
        lang,
    ];
    env.extend(set.map(|(name, value)| (name.to_owned(), value.to_owned())));
    if args.readonly {
        env.insert("MAKOOK_CONSOLE__READ_ONLY".to_owned(), "true".to_owned());
    }
    Ok(Program {
        path: std::env::current_exe()?,
        arguments: vec!["console".into()],
        env,
        folder: std::env::current_dir()?,
    })
}

/// Asks for the address and for a word; a slip of the finger must not open a console to a network.
fn ask_twice(bind: IpAddr, context: &Context) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(
            phrase!(
                "--bind {bind} lets other machines reach the console, which only a person at a \
                 terminal can allow",
                "--bind {bind}: 다른 컴퓨터가 콘솔에 연결할 수 있게 하는 옵션이므로, 터미널에서 \
                 사람이 직접 허락해야 합니다"
            ),
            phrase!(
                "leave --bind out and forward the port over ssh",
                "--bind를 빼고 ssh로 포트를 포워딩하세요"
            ),
        ));
    }
    let warning = phrase!(
        "Warning: with --bind {bind} every machine that reaches this address can try to open the \
         console. Nothing is encrypted: whoever reads the network sees the link and everything \
         typed and shown, and can start and stop trainings as you. `ssh -L` needs none of this.",
        "경고: --bind {bind}을(를) 쓰면 이 주소에 닿는 모든 컴퓨터가 콘솔을 열려고 시도할 수 \
         있습니다. 암호화되지 않으므로 네트워크를 엿보는 사람은 링크와 입력·화면을 모두 볼 수 있고, \
         사용자 대신 학습을 시작하거나 멈출 수 있습니다. `ssh -L`을 쓰면 필요 없는 옵션입니다."
    );
    eprintln!("{}", warning.get(context.lang));
    let first = phrase!(
        "1 of 2: type the address to go on:",
        "확인 1/2: 계속하려면 주소를 입력하세요:"
    );
    let second = phrase!(
        "2 of 2: type `{CONSENT}` if others may reach it:",
        "확인 2/2: 다른 사람이 연결해도 된다면 `{CONSENT}`라고 입력하세요:"
    );
    for (question, wanted) in [(first, bind.to_string()), (second, CONSENT.to_owned())] {
        eprintln!("{}", question.get(context.lang));
        let mut typed = String::new();
        io::stdin().lock().read_line(&mut typed)?;
        if typed.trim() != wanted {
            return Err(Failure::usage(
                phrase!(
                    "not what was asked for; nothing was started",
                    "요청한 내용과 다릅니다. 아무것도 시작하지 않았습니다"
                ),
                Phrase::default(),
            ));
        }
    }
    Ok(())
}

/// Where the server is, as a person elsewhere has to name it.
#[derive(Clone, Debug)]
struct Place {
    address: SocketAddr,
    ssh: String,
    keyboard: bool,
    lang: Lang,
}

impl Place {
    fn new(address: SocketAddr, keyboard: bool, context: &Context) -> Self {
        let around = &context.around;
        let machine = Machine {
            name: around.host(),
            user: around.user(),
            connection: around.variable("SSH_CONNECTION").map(str::to_owned),
            login_node: around.variable("SLURM_SUBMIT_HOST").map(str::to_owned),
        };
        Self {
            address,
            ssh: ssh_line(here(address), &machine),
            keyboard,
            lang: context.lang,
        }
    }

    /// Returns the link that works once; a browser at the other end of an `ssh -L` uses the same.
    fn link(&self, token: &str) -> String {
        format!("http://{}/?token={token}", here(self.address))
    }

    fn announce(&self, token: &str, json: bool) -> Result<(), Failure> {
        let link = self.link(token);
        if json {
            return output::print_json_line(&json!({
                "event": "listening",
                "url": link,
                "token": token,
                "bind": self.address.ip().to_string(),
                "port": self.address.port(),
                "ssh": self.ssh,
            }));
        }
        output::print(self.banner(&link).get(self.lang))
    }

    /// Returns what a person is told who starts it.
    fn banner(&self, link: &str) -> Phrase {
        let ssh = &self.ssh;
        let Text { en, ko } = another_link(self.keyboard);
        phrase!(
            "The console is at this link, which works once:\n\n  {link}\n\n\
             From another computer run this there first and leave it open; then open the link \
             there. Where the address cannot be reached, put the name that you log in with in its \
             place:\n\n  {ssh}\n\n\
             {en}. Ctrl-C ends the server and its consoles; trainings go on.\n",
            "아래 링크에서 콘솔을 열 수 있습니다. 링크는 한 번만 쓸 수 있습니다.\n\n  {link}\n\n\
             다른 컴퓨터에서 열려면 먼저 그 컴퓨터에서 다음 명령을 실행해 켜 둔 채로 링크를 여세요. \
             주소에 연결되지 않으면 로그인할 때 쓰는 이름으로 바꾸세요.\n\n  {ssh}\n\n\
             {ko}. Ctrl-C를 누르면 서버와 콘솔이 끝납니다. 학습은 계속됩니다.\n"
        )
    }

    fn announce_link(&self, token: &str, json: bool) -> Result<(), Failure> {
        let link = self.link(token);
        match json {
            true => output::print_json_line(&json!({
                "event": "link", "url": link, "token": token,
            })),
            false => output::print(&format!("  {link}\n")),
        }
    }
}

/// Returns how a new link is had: at a keyboard by a key, elsewhere nobody listens to one.
fn another_link(keyboard: bool) -> Text {
    match keyboard {
        true => Text::new(
            "Enter prints a new link",
            "Enter를 누르면 새 링크가 나옵니다",
        ),
        false => Text::new(
            "Restart `makook serve` for a new link",
            "새 링크가 필요하면 `makook serve`를 다시 시작하세요",
        ),
    }
}

/// Returns where a server bound to `address` is reached from its own machine.
fn here(address: SocketAddr) -> SocketAddr {
    match address.ip().is_unspecified() {
        true => SocketAddr::new(IpAddr::from([127, 0, 0, 1]), address.port()),
        false => address,
    }
}

/// What is known about how this machine is reached.
#[derive(Clone, Debug, Default)]
struct Machine {
    name: String,
    user: String,
    /// `SSH_CONNECTION`: client address and port, server address and port.
    connection: Option<String>,
    /// The machine that a Slurm job was sent from.
    login_node: Option<String>,
}

/// Returns the command that forwards the port of `server` from where it is run. The address that an
/// ssh session came in by names this very node, which a cluster's common name does not.
fn ssh_line(server: SocketAddr, machine: &Machine) -> String {
    let user = &machine.user;
    let forward = format!("ssh -N -L {}:{server}", server.port());
    let words = machine.connection.iter().flat_map(|text| text.split(' '));
    let words: Vec<&str> = words.collect();
    let within_job = machine.login_node.as_ref();
    match (
        within_job.filter(|login| **login != machine.name),
        &words[..],
    ) {
        (Some(login), _) => format!("{forward} -J {user}@{login} {user}@{}", machine.name),
        (None, [_, _, address, "22"]) => format!("{forward} {user}@{address}"),
        (None, [_, _, address, port]) => format!("{forward} -p {port} {user}@{address}"),
        _ => format!("{forward} {user}@{}", machine.name),
    }
}

fn report(event: &Event, lang: Lang, json: bool, keyboard: bool) {
    if json {
        // A closed pipe must not end the consoles.
        let _ = output::print_json_line(&as_json(event));
    } else if let Some(said) = as_sentence(event, keyboard) {
        eprintln!("makook: {}", said.get(lang));
    }
}

fn as_json(event: &Event) -> Value {
    match event {
        Event::Opened => json!({ "event": "opened" }),
        Event::WrongToken { left } => json!({ "event": "wrong_token", "left": left }),
        Event::LockedOut => json!({ "event": "locked_out" }),
        Event::Started => json!({ "event": "started" }),
        Event::Ended(code) => json!({ "event": "ended", "code": code }),
        Event::NoConsole(error) => json!({
            "event": "no_console", "message": error.says().en, "message_ko": error.says().ko,
        }),
    }
}

fn as_sentence(event: &Event, keyboard: bool) -> Option<Phrase> {
    Some(match event {
        Event::Opened => phrase!(
            "a browser was let in; the link is used up",
            "브라우저가 접속했습니다. 이 링크는 더 쓸 수 없습니다"
        ),
        Event::WrongToken { left } => phrase!(
            "a wrong link was opened; {left} more and no link is taken any more",
            "잘못된 링크가 들어왔습니다. {left}번 더 들어오면 더는 링크를 받지 않습니다"
        ),
        Event::LockedOut if keyboard => phrase!(
            "ten wrong links: no link is taken any more. Enter prints a new one and opens the lock; \
             browsers that were let in go on",
            "잘못된 링크가 열 번 들어와 더는 링크를 받지 않습니다. Enter를 누르면 새 링크가 나오고 \
             잠금이 풀립니다. 이미 접속한 브라우저는 그대로 쓸 수 있습니다"
        ),
        Event::LockedOut => {
            let Text { en, ko } = another_link(keyboard);
            phrase!(
                "ten wrong links: no link is taken any more; browsers that were let in go on. {en}",
                "잘못된 링크가 열 번 들어와 더는 링크를 받지 않습니다. 이미 접속한 브라우저는 그대로 \
                 쓸 수 있습니다. {ko}"
            )
        }
        Event::Ended(code @ 1..) => phrase!(
            "a console ended with exit code {code}",
            "콘솔이 종료 코드 {code}(으)로 끝났습니다"
        ),
        Event::Started | Event::Ended(0) => return None,
        Event::NoConsole(error) => error.says(),
    })
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        Self {
            exit: error.exit(),
            message: error.says(),
            hint: error.hint(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::at_the_machine(None, None, "ssh -N -L 8000:127.0.0.1:8000 jin@node7")]
    #[case::over_ssh(
        Some("10.0.0.9 50000 10.0.0.7 22"),
        None,
        "ssh -N -L 8000:127.0.0.1:8000 jin@10.0.0.7"
    )]
    #[case::over_another_port(
        Some("10.0.0.9 50000 10.0.0.7 2222"),
        None,
        "ssh -N -L 8000:127.0.0.1:8000 -p 2222 jin@10.0.0.7"
    )]
    #[case::within_a_job(
        Some("10.0.0.9 50000 10.0.0.1 22"),
        Some("login1"),
        "ssh -N -L 8000:127.0.0.1:8000 -J jin@login1 jin@node7"
    )]
    #[case::on_the_login_node(None, Some("node7"), "ssh -N -L 8000:127.0.0.1:8000 jin@node7")]
    #[case::odd_connection(Some("odd"), None, "ssh -N -L 8000:127.0.0.1:8000 jin@node7")]
    fn the_ssh_line_names_this_very_node(
        #[case] connection: Option<&str>,
        #[case] login_node: Option<&str>,
        #[case] line: &str,
    ) {
        let server = "127.0.0.1:8000".parse().unwrap();
        let machine = Machine {
            name: "node7".to_owned(),
            user: "jin".to_owned(),
            connection: connection.map(str::to_owned),
            login_node: login_node.map(str::to_owned),
        };
        assert_eq!(ssh_line(server, &machine), line);
    }

    #[rstest]
    #[case("127.0.0.1:8000", "http://127.0.0.1:8000/?token=t")]
    #[case("0.0.0.0:8000", "http://127.0.0.1:8000/?token=t")]
    #[case("[::1]:8000", "http://[::1]:8000/?token=t")]
    fn the_link_can_be_opened(#[case] address: &str, #[case] link: &str) {
        let place = Place {
            address: address.parse().unwrap(),
            ssh: String::new(),
            keyboard: true,
            lang: Lang::En,
        };
        assert_eq!(place.link("t"), link);
    }

    #[test]
    fn enter_is_named_only_where_somebody_listens_to_it() {
        let said = |keyboard| {
            let place = Place {
                address: "127.0.0.1:8000".parse().unwrap(),
                ssh: String::new(),
                keyboard,
                lang: Lang::En,
            };
            let locked = as_sentence(&Event::LockedOut, keyboard).unwrap();
            let banner = place.banner(&place.link("t"));
            [locked.en, locked.ko, banner.en, banner.ko]
        };
        for text in said(true) {
            assert!(text.contains("Enter"), "{text}");
            assert!(!text.contains("`makook serve`"), "{text}");
        }
        for text in said(false) {
            assert!(!text.contains("Enter"), "{text}");
            assert!(text.contains("`makook serve`"), "{text}");
        }
    }

    #[test]
    fn what_needs_a_person_is_said_in_both_languages() {
        let said = [
            Event::Opened,
            Event::WrongToken { left: 3 },
            Event::LockedOut,
            Event::Ended(3),
        ];
        for event in said {
            let sentence = as_sentence(&event, true).unwrap();
            assert!(
                !sentence.is_empty() && sentence.en != sentence.ko,
                "{event:?}"
            );
            assert!(as_json(&event)["event"].is_string());
        }
        assert!(as_sentence(&Event::Ended(0), true).is_none());
    }
}
