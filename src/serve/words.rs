//! What the page and the refusals say, in both languages.

use domain::{Lang, Text};

/// The page's sentences by the name under which the page's script knows them.
pub const OF_PAGE: &[(&str, Text)] = &[
    (
        "lost",
        Text::new(
            "The connection is lost. The console goes on; connecting again…",
            "연결이 끊어졌습니다. 콘솔은 계속 실행 중이며, 다시 연결하고 있습니다…",
        ),
    ),
    (
        "retry",
        Text::new("Connect now (Enter)", "지금 다시 연결(Enter)"),
    ),
    (
        "ended",
        Text::new("The console has ended.", "콘솔이 종료되었습니다."),
    ),
    (
        "failed",
        Text::new(
            "The console has ended with exit code {code}.",
            "콘솔이 종료 코드 {code}(으)로 종료되었습니다.",
        ),
    ),
    (
        "again",
        Text::new("Open it again (Enter)", "다시 열기(Enter)"),
    ),
    (
        "taken",
        Text::new(
            "The console is now shown in another tab.",
            "콘솔이 지금은 다른 탭에 표시되고 있습니다.",
        ),
    ),
    (
        "here",
        Text::new("Show it here (Enter)", "여기에 표시(Enter)"),
    ),
    (
        "closed",
        Text::new(
            "`makook serve` has ended. Start it again and open the new link.",
            "`makook serve`가 종료되었습니다. 다시 시작한 뒤 새 링크를 여세요.",
        ),
    ),
    (
        "unknown",
        Text::new(
            "The server no longer knows this browser. Press Enter where `makook serve` runs, or \
             start it again, and open the new link.",
            "서버가 이 브라우저를 더는 알지 못합니다. `makook serve`를 실행 중인 터미널에서 \
             Enter를 누르거나 다시 시작한 뒤 새 링크를 여세요.",
        ),
    ),
];

/// No cookie: the link was never opened in this browser.
pub const STRANGER: Text = Text::new(
    "This browser was not let in. Open the link that `makook serve` printed; it works once. Enter \
     in that terminal prints a new one, and so does starting it again.",
    "이 브라우저는 접속할 수 없습니다. `makook serve`가 출력한 링크를 여세요. 링크는 한 번만 쓸 수 \
     있으며, 그 터미널에서 Enter를 누르거나 다시 시작하면 새 링크가 나옵니다.",
);

/// A token that is not the one.
pub const WRONG: Text = Text::new(
    "This link is wrong or was used already. Press Enter where `makook serve` runs, or start \
     it again: it prints a new one.",
    "링크가 잘못되었거나 이미 사용되었습니다. `makook serve`를 실행 중인 터미널에서 Enter를 \
     누르거나 다시 시작하면 새 링크가 나옵니다.",
);

/// Too many wrong tokens.
pub const LOCKED: Text = Text::new(
    "There were ten wrong links, so no link is taken any more. Press Enter where `makook serve` \
     runs, or start it again: a new link opens the lock.",
    "잘못된 링크가 열 번 들어와 더는 링크를 받지 않습니다. `makook serve`를 실행 중인 터미널에서 \
     Enter를 누르거나 다시 시작하면 새 링크가 나오고 잠금이 풀립니다.",
);

/// A host name or an origin that is not the server's own.
pub const FOREIGN: Text = Text::new(
    "This address is not one that `makook serve` answers to. Use http://localhost with the port.",
    "`makook serve`가 응답하는 주소가 아닙니다. http://localhost와 포트 번호를 쓰세요.",
);

/// A request that this server has no use for.
pub const NOT_HERE: Text = Text::new("There is nothing here.", "여기에는 아무것도 없습니다.");

/// Too many at the same time.
pub const BUSY: Text = Text::new(
    "Too many connections at the same time; try again in a moment.",
    "동시 연결이 너무 많습니다. 잠시 뒤 다시 시도하세요.",
);

/// The operating system refused.
pub const NO_CONSOLE: Text = Text::new(
    "The console could not be started; `makook serve` says why in its terminal.",
    "콘솔을 시작하지 못했습니다. 이유는 `makook serve`를 실행한 터미널에 나와 있습니다.",
);

/// Returns `text` so that it stands for itself in HTML.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            letter => safe.push(letter),
        }
    }
    safe
}

/// Returns the page's sentences as attributes of its body.
#[must_use]
pub fn attributes(lang: Lang) -> String {
    let pairs = OF_PAGE.iter();
    let pairs = pairs.map(|(name, text)| format!("data-{name}=\"{}\"", escaped(text.get(lang))));
    pairs.collect::<Vec<_>>().join(" ")
}
