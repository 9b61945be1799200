//! A headless Chromium, driven through its DevTools protocol.
//!
//! Waits for what the page shows by asking within the page; nothing here waits for time. The tests of
//! the whole program use this file too, so it names nothing of this crate.

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tungstenite::{Message, WebSocket, protocol::Role};

/// Far more than anything here takes: only a failure waits that long.
const PATIENCE: Duration = Duration::from_secs(60);
/// What Chromium is called, in the order in which it is looked for.
const NAMES: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// A browser with one page.
pub struct Chromium {
    child: Child,
    socket: WebSocket<TcpStream>,
    page: String,
    calls: u64,
    /// Addresses that the page asked for, and what it complained about.
    pub asked: Vec<String>,
    pub complaints: Vec<String>,
    _profile: tempfile::TempDir,
}

/// Returns a browser, or says why the test called `name` cannot run.
pub fn open(name: &str) -> Option<Chromium> {
    let Some(program) = find() else {
        println!("SKIPPED: {name}: no Chromium in PATH (or in MAKOOK_CHROMIUM)");
        return None;
    };
    Some(Chromium::start(&program))
}

fn find() -> Option<PathBuf> {
    let named = std::env::var_os("MAKOOK_CHROMIUM").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut usual = NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    named.or_else(|| usual.find(|program| program.is_file()))
}

impl Chromium {
    fn start(program: &PathBuf) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new(program)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
            ])
            .args([
                "--no-first-run",
                "--disable-background-networking",
                "--disable-extensions",
            ])
            .args(["--remote-debugging-port=0", "--window-size=1000,700"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .env("HOME", profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let address = devtools(&mut child);
        let (host, path) = address.split_once('/').unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!(
            "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let mut byte = [0];
        while !answer.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
            answer.push(byte[0]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 101"));
        let mut browser = Self {
            child,
            socket: WebSocket::from_raw_socket(stream, Role::Client, None),
            page: String::new(),
            calls: 0,
            asked: Vec::new(),
            complaints: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", &attach);
        browser.page = attached["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Network", "Log", "Runtime"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser
    }

    /// Calls a method of the protocol and returns its result.
    pub fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.calls += 1;
        let mut call = json!({ "id": self.calls, "method": method, "params": parameters });
        if !self.page.is_empty() {
            call["sessionId"] = json!(self.page);
        }
        self.socket
            .send(Message::Text(call.to_string().into()))
            .unwrap();
        loop {
            let Message::Text(text) = self.socket.read().unwrap() else {
                continue;
            };
            let heard: Value = serde_json::from_str(&text).unwrap();
            if heard["id"] == json!(self.calls) {
                assert!(heard.get("error").is_none(), "{method}: {heard}");
                return heard["result"].clone();
            }
            self.note(&heard);
        }
    }

    fn note(&mut self, event: &Value) {
        let parameters = &event["params"];
        match event["method"].as_str().unwrap_or_default() {
            "Network.requestWillBeSent" => {
                let url = parameters["request"]["url"].as_str().unwrap();
                self.asked.push(url.to_owned());
            }
            "Log.entryAdded" if parameters["entry"]["level"] == "error" => {
                self.complaints.push(parameters["entry"].to_string());
            }
            "Runtime.exceptionThrown" => self.complaints.push(parameters.to_string()),
            _ => {}
        }
    }

    /// Goes to `url` and waits until it has loaded.
    pub fn visit(&mut self, url: &str) {
        self.call("Page.navigate", &json!({ "url": url }));
        self.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'");
    }

    /// Returns the value of a script's expression.
    pub fn value(&mut self, expression: &str) -> Value {
        let parameters =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let result = self.call("Runtime.evaluate", &parameters);
        assert!(
            result.get("exceptionDetails").is_none(),
            "{expression}: {result}"
        );
        result["result"]["value"].clone()
    }

    /// Waits until a script's expression is true; a page that goes on to another is asked again.
    pub fn wait_for(&mut self, expression: &str) {
        let asked = format!(
            "new Promise((done) => {{ let left = 300; const look = () => {{ \
             let seen = false; try {{ seen = Boolean({expression}); }} catch {{}} \
             if (seen || (left -= 1) === 0) done(seen); else setTimeout(look, 100); }}; look(); }})"
        );
        let parameters =
            json!({ "expression": asked, "returnByValue": true, "awaitPromise": true });
        for _ in 0..20 {
            self.calls += 1;
            let call = json!({ "id": self.calls, "method": "Runtime.evaluate",
                "params": parameters, "sessionId": self.page });
            self.socket
                .send(Message::Text(call.to_string().into()))
                .unwrap();
            let heard = loop {
                let Message::Text(text) = self.socket.read().unwrap() else {
                    continue;
                };
                let heard: Value = serde_json::from_str(&text).unwrap();
                if heard["id"] == json!(self.calls) {
                    break heard;
                }
                self.note(&heard);
            };
            match heard["result"]["result"]["value"].as_bool() {
                Some(true) => return,
                Some(false) => break,
                None => {}
            }
        }
        let shown = self.value("document.body.innerText");
        panic!("never so: {expression}\n{shown}\n{:#?}", self.complaints);
    }

    /// Waits until the terminal in the page shows `text`.
    pub fn wait_for_text(&mut self, text: &str) {
        self.wait_for(&format!("{SHOWN}.includes({})", json!(text)));
    }

    /// Waits until the terminal in the page does not show `text`.
    pub fn wait_for_no_text(&mut self, text: &str) {
        self.wait_for(&format!("!{SHOWN}.includes({})", json!(text)));
    }

    /// Returns what the terminal in the page shows.
    pub fn shown(&mut self) -> String {
        self.value(SHOWN).as_str().unwrap().to_owned()
    }

    /// Presses the keys of plain letters, and Enter for each line end.
    pub fn type_keys(&mut self, text: &str) {
        for letter in text.chars() {
            let key = match letter {
                '\n' => json!({ "key": "Enter", "code": "Enter", "text": "\r",
                    "windowsVirtualKeyCode": 13 }),
                letter => json!({ "key": letter.to_string(), "text": letter.to_string() }),
            };
            self.press(&key);
        }
    }

    /// Presses and releases one key.
    pub fn press(&mut self, key: &Value) {
        let mut down = key.clone();
        down["type"] = json!("keyDown");
        self.call("Input.dispatchKeyEvent", &down);
        let mut up = key.clone();
        up["type"] = json!("keyUp");
        up.as_object_mut().unwrap().remove("text");
        self.call("Input.dispatchKeyEvent", &up);
    }

    /// Lets the page do what it has put off: xterm.js reads composed text after the event.
    fn let_timers_run(&mut self) {
        self.value("new Promise((done) => setTimeout(() => setTimeout(done)))");
    }

    /// Composes `steps` as an input method does and commits the last one.
    pub fn compose(&mut self, steps: &[&str]) {
        for step in steps {
            let end = step.encode_utf16().count();
            let composed = json!({ "text": step, "selectionStart": end, "selectionEnd": end });
            self.call("Input.imeSetComposition", &composed);
            self.let_timers_run();
        }
        let committed = steps.last().unwrap();
        self.call("Input.insertText", &json!({ "text": committed }));
        self.let_timers_run();
    }
}

/// The terminal's rows as one text.
const SHOWN: &str = "[...document.querySelectorAll('.xterm-rows > div')]\
    .map((row) => row.textContent.replaceAll('\\u00a0', ' ').trimEnd()).join('\\n')";

impl Drop for Chromium {
    fn drop(&mut self) {
        let close = json!({ "id": 0, "method": "Browser.close" });
        let _ = self.socket.send(Message::Text(close.to_string().into()));
        while self.socket.read().is_ok() {}
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns where the browser listens, without the scheme.
fn devtools(child: &mut Child) -> String {
    let mut said = String::new();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    loop {
        let mut line = String::new();
        assert!(
            errors.read_line(&mut line).unwrap() > 0,
            "Chromium ended:\n{said}"
        );
        if let Some((_, address)) = line.split_once("DevTools listening on ws://") {
            // Nobody reads on: the pipe must not fill.
            std::thread::spawn(move || std::io::copy(&mut errors, &mut std::io::sink()));
            return address.trim().to_owned();
        }
        said += &line;
    }
}
