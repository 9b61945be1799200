//! The page in a headless Chromium.

use super::{Bench, chromium, shell};
use crate::{Event, Limits, gate::PATIENCE};
use domain::Lang;
use serde_json::json;
use std::{
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

/// Echoes lines, marked; knows its size and how wide the terminal finds a word.
const ECHO: &str = r#"
    stty -echo; echo 준비됨
    while read -r x; do case "$x" in
        size) stty size ;;
        width) printf '학습률'; IFS='[;' read -rsd R -p $'\e[6n' _ _ column; echo "=$((column - 1))" ;;
        *) echo "<$x>" ;;
    esac; done"#;

fn link(bench: &Bench) -> String {
    let token = bench.server.fresh_token().unwrap();
    format!("http://{}/?token={token}", bench.host())
}

fn bench(script: &str) -> Bench {
    Bench::of(shell(script), Limits::default(), Lang::Ko)
}

#[test]
fn it_opens_types_resizes_and_shows_korean() {
    let Some(mut browser) = chromium::open("it_opens_types_resizes_and_shows_korean") else {
        return;
    };
    let bench = bench(ECHO);
    browser.visit(&link(&bench));
    browser.wait_for_text("준비됨");
    // The token is not left in the address.
    let here = format!("http://{}/", bench.host());
    assert_eq!(browser.value("location.href"), json!(here));
    assert_eq!(browser.value("document.documentElement.lang"), json!("ko"));
    assert_eq!(
        browser.value("document.cookie"),
        json!(""),
        "a script can read the cookie"
    );

    browser.type_keys("make demo\n");
    browser.wait_for_text("<make demo>");
    // A Korean input method: each syllable is composed, then committed.
    browser.compose(&["ㅎ", "하", "학"]);
    browser.compose(&["ㅅ", "스", "습"]);
    browser.compose(&["ㄹ", "류", "률"]);
    browser.type_keys("\n");
    browser.wait_for_text("<학습률>");
    browser.type_keys("width\n");
    browser.wait_for_text("학습률=6");

    let rows = "document.querySelectorAll('.xterm-rows > div').length";
    let before = browser.value(rows);
    let size = json!({ "width": 1200, "height": 400, "deviceScaleFactor": 1, "mobile": false });
    browser.call("Emulation.setDeviceMetricsOverride", &size);
    browser.wait_for(&format!("{rows} !== {before}"));
    let after = browser.value(rows);
    browser.type_keys("size\n");
    browser.wait_for_text(&format!("{after} "));
    assert!(
        browser
            .shown()
            .lines()
            .any(|line| line.starts_with(&format!("{after} ")))
    );

    // Nothing came from elsewhere, and nothing was forbidden by the page's own policy.
    let foreign: Vec<&String> = browser
        .asked
        .iter()
        .filter(|url| !url.starts_with(&here) && !url.starts_with("data:"))
        .collect();
    assert!(foreign.is_empty() && browser.asked.len() > 5, "{foreign:?}");
    assert!(browser.complaints.is_empty(), "{:#?}", browser.complaints);
}

#[test]
fn a_reloaded_page_shows_the_same_screen() {
    let Some(mut browser) = chromium::open("a_reloaded_page_shows_the_same_screen") else {
        return;
    };
    let bench = bench(ECHO);
    browser.visit(&link(&bench));
    browser.wait_for_text("준비됨");
    browser.type_keys("before\n");
    browser.wait_for_text("<before>");
    let before = browser.shown();
    browser.value("document.body.remove()");
    browser.visit(&format!("http://{}/", bench.host()));
    browser.wait_for_text("<before>");
    assert_eq!(browser.shown(), before);
    browser.type_keys("after\n");
    browser.wait_for_text("<after>");
    assert!(matches!(bench.event(), Event::Opened));
    assert!(matches!(bench.event(), Event::Started));
    assert!(
        bench.events.try_recv().is_err(),
        "a second console was started"
    );
}

/// A forwarded port as `ssh -L` makes it, which can break.
struct Tunnel {
    port: u16,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Tunnel {
    fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let open: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
        let all = Arc::clone(&open);
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let Ok(far) = TcpStream::connect(server) else {
                    continue;
                };
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    std::thread::spawn(move || {
                        let _ = std::io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Write);
                    });
                }
                all.lock().unwrap().extend([near, far]);
            }
        });
        Self { port, open }
    }

    fn cut(&self) {
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

#[test]
fn a_broken_tunnel_is_mended_by_itself_with_the_same_screen() {
    let name = "a_broken_tunnel_is_mended_by_itself_with_the_same_screen";
    let Some(mut browser) = chromium::open(name) else {
        return;
    };
    let bench = bench(ECHO);
    let tunnel = Tunnel::to(bench.server.address());
    let token = bench.server.fresh_token().unwrap();
    browser.visit(&format!("http://localhost:{}/?token={token}", tunnel.port));
    browser.wait_for_text("준비됨");
    browser.type_keys("before\n");
    browser.wait_for_text("<before>");
    browser.value(
        "(() => { const notice = document.getElementById('notice'); window.hints = []; \
         new MutationObserver(() => window.hints.push(notice.innerText)).observe(notice, \
         { attributes: true, childList: true, subtree: true }); })()",
    );
    tunnel.cut();
    browser.wait_for("window.hints.some((hint) => hint.includes('연결이 끊어졌습니다'))");
    browser.wait_for("document.getElementById('notice').hidden");
    browser.wait_for_text("<before>");
    browser.type_keys("after\n");
    browser.wait_for_text("<after>");
    assert!(matches!(bench.event(), Event::Opened));
    assert!(matches!(bench.event(), Event::Started));
    assert!(
        bench.events.try_recv().is_err(),
        "a second console was started"
    );
}

#[test]
fn the_console_can_copy_but_not_read_the_clipboard() {
    let name = "the_console_can_copy_but_not_read_the_clipboard";
    let Some(mut browser) = chromium::open(name) else {
        return;
    };
    // At the first key: 한글 in base64, then a request for the clipboard's content.
    let bench = bench(
        "stty raw -echo; printf ready; head -c 1 >/dev/null; \
         printf '\\e]52;c;7ZWc6riA\\a\\e]52;c;?\\adone'; cat -v",
    );
    browser.visit(&link(&bench));
    browser.wait_for_text("ready");
    browser.value(
        "window.copied = []; navigator.clipboard.writeText = (text) => { \
         window.copied.push(text); return Promise.resolve(); }; 0",
    );
    browser.type_keys(" ");
    browser.wait_for_text("done");
    assert_eq!(browser.value("window.copied"), json!(["한글"]));
    browser.type_keys("x");
    browser.wait_for_text("donex");
}

#[test]
fn where_the_clipboard_is_kept_from_the_page_copying_goes_the_old_way() {
    let name = "where_the_clipboard_is_kept_from_the_page_copying_goes_the_old_way";
    let Some(mut browser) = chromium::open(name) else {
        return;
    };
    // At the first key 한글; at the second nothing that can be copied: no base64, no text, nothing;
    // at the third 한글 again.
    let bench = bench(
        "stty raw -echo; printf ready; head -c 1 >/dev/null; \
         printf '\\e]52;c;7ZWc6riA\\aone'; head -c 1 >/dev/null; \
         printf '\\e]52;c;*\\a\\e]52;c;/w==\\a\\e]52;c;\\atwo'; head -c 1 >/dev/null; \
         printf '\\e]52;c;7ZWc6riA\\athree'; cat",
    );
    browser.visit(&link(&bench));
    browser.wait_for_text("ready");
    // A page that is not secure has no clipboard.
    browser.value(
        "window.copied = []; \
         window.hide = (clipboard) => Object.defineProperty(navigator, 'clipboard', \
           { value: clipboard, configurable: true }); \
         document.execCommand = (command) => { \
           const data = new DataTransfer(); \
           document.dispatchEvent(new ClipboardEvent(command, \
             { clipboardData: data, bubbles: true, cancelable: true })); \
           window.copied.push(data.getData('text/plain')); return true; }; \
         hide(undefined); 0",
    );
    browser.type_keys(" ");
    browser.wait_for_text("one");
    assert_eq!(browser.value("window.copied"), json!(["한글"]));
    browser.type_keys(" ");
    browser.wait_for_text("two");
    assert_eq!(browser.value("window.copied"), json!(["한글"]));
    // One that refuses, as without permission.
    browser.value("hide({ writeText: () => Promise.reject(new Error('no')) }); 0");
    browser.type_keys(" ");
    browser.wait_for_text("three");
    browser.wait_for("window.copied.length === 2");
    assert_eq!(browser.value("window.copied"), json!(["한글", "한글"]));
}

#[test]
fn the_end_is_said_and_enter_opens_it_again() {
    let Some(mut browser) = chromium::open("the_end_is_said_and_enter_opens_it_again") else {
        return;
    };
    let bench = bench("stty -echo; echo 준비됨; read -r x; echo \"<$x>\"");
    browser.visit(&link(&bench));
    browser.wait_for_text("준비됨");
    browser.type_keys("one\n");
    let notice = "document.getElementById('notice').innerText";
    browser.wait_for(&format!("{notice}.includes('종료되었습니다')"));
    browser.wait_for_text("<one>");
    assert_eq!(bench.end(), 0);
    browser.type_keys("\n");
    browser.wait_for_no_text("one");
    browser.wait_for(&format!("!{notice}"));
    browser.wait_for_text("준비됨");
    bench.server.end();
    browser.wait_for(&format!("{notice}.includes('makook serve')"));
}

#[test]
fn pasted_text_is_bracketed_where_the_program_asks_for_it() {
    let name = "pasted_text_is_bracketed_where_the_program_asks_for_it";
    let Some(mut browser) = chromium::open(name) else {
        return;
    };
    let bench = bench("stty raw -echo; printf '\\e[?2004hready'; cat -v");
    browser.visit(&link(&bench));
    browser.wait_for_text("ready");
    browser.value(
        "(() => { const data = new DataTransfer(); data.setData('text/plain', 'a=1\\nb=2'); \
         document.querySelector('textarea').dispatchEvent(new ClipboardEvent('paste', \
         { clipboardData: data, bubbles: true, cancelable: true })); })()",
    );
    browser.wait_for_text("^[[200~a=1^Mb=2^[[201~");
}

#[test]
fn a_flood_of_output_arrives_whole() {
    let Some(mut browser) = chromium::open("a_flood_of_output_arrives_whole") else {
        return;
    };
    // Five windows: without confirmations it would stop at the first.
    let bench =
        bench("for i in {1..40000}; do echo \"line $i of the flood, 한글\"; done; echo 끝; cat");
    browser.visit(&link(&bench));
    browser.wait_for_text("line 40000 of the flood, 한글\n끝");
}

#[test]
fn a_wrong_token_is_refused_and_ten_lock_out() {
    let Some(mut browser) = chromium::open("a_wrong_token_is_refused_and_ten_lock_out") else {
        return;
    };
    let bench = bench(ECHO);
    let right = link(&bench);
    let body = "document.body.innerText";
    for _ in 1..PATIENCE {
        browser.visit(&format!("http://{}/?token=guess", bench.host()));
        browser.wait_for(&format!("{body}.includes('잘못되었거나')"));
    }
    browser.visit(&format!("http://{}/?token=guess", bench.host()));
    browser.wait_for(&format!("{body}.includes('더는 링크를 받지 않습니다')"));
    browser.visit(&right);
    browser.wait_for(&format!("{body}.includes('더는 링크를 받지 않습니다')"));
    assert_eq!(
        browser.value("document.querySelector('.xterm')"),
        json!(null)
    );
    let fresh = link(&bench);
    browser.visit(&fresh);
    browser.wait_for_text("준비됨");
}

#[test]
fn a_page_of_another_site_gets_no_line() {
    let Some(mut browser) = chromium::open("a_page_of_another_site_gets_no_line") else {
        return;
    };
    let bench = bench(ECHO);
    browser.visit(&link(&bench));
    browser.wait_for_text("준비됨");
    // Another origin of the same machine: the cookie goes along, the origin does not fit.
    let other = Bench::new("cat");
    browser.visit(&format!("http://{}/", other.host()));
    let line = format!("ws://{}/line?columns=80&rows=24", bench.host());
    let tried = format!(
        "new Promise((done) => {{ try {{ const line = new WebSocket({}); \
         line.onopen = () => done('open'); line.onerror = () => done('refused'); }} \
         catch {{ done('refused'); }} }})",
        json!(line)
    );
    assert_eq!(browser.value(&tried), json!("refused"));
}
