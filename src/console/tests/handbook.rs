//! The handbook `docs/console.md`, written from the registry so that it cannot tell of other keys.
//!
//! Why an action cannot be done is asked of the actions themselves, in every state that the scenes
//! and the walks of [`states`] come through. Start at [`handbook`].

use super::{
    Place, key,
    pictures::{LANGS, PICTURES, hold},
    queue,
    scenes::{SCENES, place, scene},
};
use crate::{
    action::{Action, Risk, named},
    actions::all,
    chord::Chord,
    keymap::Keymap,
    message::Message,
    run_data::Reading,
    state::{Screen, State},
    words,
};
use config::LoadRequest;
use crossterm::event::KeyCode;
use domain::{Lang, Text};
use report::trades::{AND, Column, Expected, Filter, NOT, OR, column::Kind, complete};
use std::{collections::BTreeMap, fmt::Write, path::Path, sync::Arc, time::Duration};

const TITLE: Text = Text::new("The console", "콘솔");
const OTHER: Text = Text::new("[한국어](console.ko.md)", "[English](console.md)");
const WRITTEN: Text = Text::new(
    "Written from the console's own registry of actions; a test fails where this page and the \
     program differ.",
    "콘솔의 동작 목록에서 만든 문서입니다. 이 문서와 프로그램이 다르면 테스트가 실패합니다.",
);
const BEGIN: Text = Text::new(
    "`makook` opens it. The last row shows the keys of the moment; `F1` lists all of them with the \
     reason why one cannot be used now. No key needs a letter, and with a Korean keyboard every \
     letter works as it stands.",
    "`makook`으로 엽니다. 맨 아랫줄에 지금 쓸 수 있는 키가 나오고, `F1`을 누르면 모든 키와 지금 쓸 수 \
     없는 까닭이 나옵니다. 글자 키 없이도 모든 동작을 할 수 있고, 한글 입력 상태에서도 글자 키가 그대로 \
     동작합니다.",
);
const RISKS: Text = Text::new("What an action can do", "동작의 위험 등급");
const READ_ONLY: Text = Text::new(
    "`makook serve --readonly` leaves out R2 and R3, and refuses exports and changes to a running \
     training.",
    "`makook serve --readonly`로 열면 R2와 R3 동작이 빠지고, 내보내기와 실행 중 조정도 거절합니다.",
);
const RISK_COLUMNS: Text = Text::new("risk | meaning", "등급 | 뜻");
const ACTION_COLUMNS: Text = Text::new(
    "keys | action | what it does | risk | what it says when it cannot be done",
    "키 | 동작 | 하는 일 | 등급 | 할 수 없을 때 나오는 말",
);
const EVERYWHERE: Text = Text::new("On every screen", "모든 화면에서");
const SCREENS: Text = Text::new("Screens", "화면");
const SCREEN_COLUMNS: Text = Text::new("key | screen | what it shows", "키 | 화면 | 보여 주는 것");
const OVER: Text = Text::new("Over a screen", "화면 위에 열리는 것");
const OVER_COLUMNS: Text = Text::new("what opens | its keys", "열리는 것 | 키");
const KEYS: Text = Text::new("Keys of your own", "내 키");
const KEYS_RULE: Text = Text::new(
    "`F2` on an action in the help, then the new key, changes it for you; `F3` gives the usual keys \
     back, and so does undo. `Shift-F9` saves what you changed for everybody who opens the project, \
     into the setting `console.keys`, which knows actions by the names in the tables above: `keys = [\"run.mark=m\", \"app.refresh=ctrl-w shift-f5\"]`. The first key is \
     shown; usual keys stay where no other action was given them. A key belongs to one action of a \
     screen: to take one over, give its owner another. Arrows, `Enter`, `Esc`, `Ctrl-C`, `F1` and \
     `F10` stay what they are. What cannot be is told at the start, in the help, by \
     `makook config validate` and by `makook doctor`.",
    "도움말에서 동작을 고르고 `F2`를 누른 뒤 새 키를 누르면 내 키가 바뀝니다. `F3`이나 되돌리기로 원래 키를 \
     되찾습니다. `Shift-F9`로 저장하면 프로젝트를 여는 모두에게 적용됩니다. 위 표의 이름으로 설정 `console.keys`에 들어갑니다: \
     `keys = [\"run.mark=m\", \"app.refresh=ctrl-w shift-f5\"]`. 첫째 키가 화면에 나오고, 다른 동작이 \
     가져가지 않은 원래 키는 그대로 쓸 수 있습니다. 한 화면에서 키 하나는 동작 하나에만 속합니다. 다른 동작의 \
     키를 쓰려면 먼저 그 동작에 다른 키를 주세요. 방향키, `Enter`, `Esc`, `Ctrl-C`, `F1`, `F10`은 바꿀 수 \
     없습니다. 잘못된 항목은 시작할 때와 도움말에서, 그리고 `makook config validate`와 `makook doctor`가 \
     알려 줍니다.",
);
const MOUSE: Text = Text::new("Mouse and clipboard", "마우스와 클립보드");
const MOUSE_RULE: Text = Text::new(
    "A click chooses, a click on what is chosen opens it, the wheel scrolls, and the border between \
     two panes can be dragged. Everything has a key as well. Hold Shift while dragging to select text \
     as usual, or turn the mouse off (`console.mouse`). What is copied goes to the terminal by OSC 52, \
     through tmux and screen too, up to 74,994 bytes, and always into `logs/console/clipboard.txt`. \
     tmux takes it with `set -g set-clipboard on` or `set -g allow-passthrough on`.",
    "클릭하면 고르고, 고른 것을 다시 클릭하면 엽니다. 휠로 이동하고, 두 영역의 경계를 끌어 크기를 바꿉니다. \
     모두 키로도 할 수 있습니다. Shift를 누르고 끌면 평소처럼 글을 선택하며, 마우스를 아예 쓰지 않게 할 수도 \
     있습니다(`console.mouse`). 복사한 것은 OSC 52로 터미널에 보내고(tmux와 screen 안에서도, 74,994바이트까지) \
     언제나 `logs/console/clipboard.txt`에도 저장합니다. tmux에서는 `set -g set-clipboard on`이나 \
     `set -g allow-passthrough on`이 필요합니다.",
);
const FILTER: Text = Text::new("Filter of the trades", "거래 조건식");
const FILTER_BEGIN: Text = Text::new(
    "A condition is a column, a comparison and a value. The same filter works in \
     `makook runs trades --filter`.",
    "조건은 열, 비교, 값의 순서로 씁니다. `makook runs trades --filter`에서도 똑같이 쓸 수 있습니다.",
);
const FILTER_COLUMNS: Text = Text::new(
    "column | also | meaning | comparisons | value",
    "열 | 다른 이름 | 뜻 | 비교 | 값",
);
const JOINT_COLUMNS: Text = Text::new("word | meaning", "낱말 | 뜻");
const ALL_FIT: Text = Text::new("both conditions fit", "두 조건이 모두 맞음");
const ONE_FITS: Text = Text::new(
    "at least one condition fits",
    "두 조건 가운데 하나라도 맞음",
);
const NONE_FITS: Text = Text::new("the condition does not fit", "조건이 맞지 않음");
const JOINT_RULE: Text = Text::new(
    "The last in this table binds first; parentheses change that.",
    "표의 아래쪽에 있는 낱말이 먼저 적용되고, 괄호로 순서를 바꿀 수 있습니다.",
);
const MOMENT_RULE: Text = Text::new(
    "Times are UTC, and a time stands for all of it: `exit_time = 2024-01` is any time in that month.",
    "시각은 UTC이며 그 기간 전체를 뜻합니다. `exit_time = 2024-01`은 그 달의 모든 시각입니다.",
);
const EXAMPLES: Text = Text::new("Examples:", "예:");

/// What lies over a screen, with the keys that its last row shows.
const LAYERS: [(Text, Text); 9] = [
    (Text::new("help", "도움말"), words::HELP_HINT),
    (
        Text::new("a key that is waited for", "새 키 받기"),
        words::NEW_KEY_HINT,
    ),
    (
        Text::new("go to anything", "무엇이든 찾기"),
        words::FINDER_HINT,
    ),
    (
        Text::new("a question before something is done", "실행하기 전의 확인"),
        words::BUTTONS_HINT,
    ),
    (
        Text::new("a list to pick from", "고르는 목록"),
        words::PICK_HINT,
    ),
    (Text::new("a line to type", "입력 줄"), words::ENTRY_HINT),
    (
        Text::new("a filter of the trades", "거래 조건식"),
        words::FILTER_HINT,
    ),
    (
        Text::new("where a training is sent", "학습을 보낼 곳"),
        words::CHOOSE_HINT,
    ),
    (Text::new("a text to read", "읽는 글"), words::PAGE_HINT),
];

/// Filters that are shown; each is read by the parser before it is.
const SHOWN: [Text; 4] = [
    Text::new(
        "pnl<0 and side=long and bars>20",
        "손익<0 그리고 방향=매수 그리고 봉>20",
    ),
    Text::new("return <= -1.5%", "수익률 <= -1.5%"),
    Text::new(
        "exit_time >= 2024-01 and not window = train",
        "청산시각 >= 2024-01 그리고 아닌 구간 = 학습",
    ),
    Text::new(
        "(fees > 10 or hours < 2) and pnl < 0",
        "(수수료 > 10 또는 시간 < 2) 그리고 손익 < 0",
    ),
];

/// Why actions cannot be done, by their identifier, in the order in which it was met.
type Reasons = BTreeMap<&'static str, Vec<Text>>;

fn of_risk(risk: Risk) -> Text {
    match risk {
        Risk::R0 => Text::new("only looks", "보기만 합니다"),
        Risk::R1 => Text::new("can be taken back", "되돌릴 수 있습니다"),
        Risk::R2 => Text::new(
            "touches a job or a file: shows the exact command and asks first",
            "작업이나 파일을 바꿉니다. 실행할 명령을 그대로 보여 주고 먼저 묻습니다",
        ),
        Risk::R3 => Text::new(
            "cannot be taken back, or touches many jobs: asks first",
            "되돌릴 수 없거나 여러 작업을 바꿉니다. 먼저 묻습니다",
        ),
    }
}

/// States of every kind: before anything was read, without runs, and of every scene.
fn states(place: &Place) -> Vec<State> {
    let size = (120, 40);
    let mut states = vec![State::new(Path::new("."), Lang::En, size, None)];
    states.push(Place::new().state(Lang::En, size));
    for one in SCENES {
        states.push(scene(place, one, Lang::En, size));
    }
    let jobs = queue(None).len();
    let at_job = |number: usize| {
        let mut state = place.state(Lang::En, size);
        let run = state.runs.chosen.clone();
        place.list(&mut state, queue(run.as_ref()));
        place.press(&mut state, &[Chord::char('7')]);
        place.press(&mut state, &vec![key(KeyCode::Down); number]);
        state
    };
    states.extend((0..jobs).map(at_job));
    // The last of the list are over.
    let mut over = at_job(jobs - 3);
    place.press(&mut over, &[Chord::char(' '); 2]);
    states.push(over);
    let mut alone = at_job(0);
    let job = alone.jobs.chosen.clone().unwrap();
    place.tell(&mut alone, Message::Throttled { job, at_most: 1 });
    states.push(alone);
    let mut looked_at = place.state(Lang::En, size);
    looked_at.read_only = true;
    place.press(&mut looked_at, &[Chord::char('3')]);
    place.read_chosen(&mut looked_at);
    states.push(looked_at);
    let mut behind = place.state(Lang::En, size);
    place.press(&mut behind, &[Chord::char('3')]);
    place.read_chosen(&mut behind);
    if let Some(data) = &mut behind.data {
        Arc::make_mut(data).reading = Some(Reading {
            share: 0.5,
            left: Duration::ZERO,
        });
    }
    states.push(behind);
    let mut wrong = place.state(Lang::En, size);
    let request = LoadRequest {
        sets: vec!["agent.gamma=7".into()],
        ..LoadRequest::default()
    };
    wrong.form.problems = config::load(&request).unwrap_err();
    states.push(wrong);
    // Keys that the start gives.
    let mut given = place.state(Lang::En, size);
    let variable = domain::Place::Env("MAKOOK_CONSOLE__KEYS".into());
    given.look.keys = Keymap::of(&["run.mark=m".into()], &variable);
    states.push(given);
    let mut sending = place.state(Lang::En, size);
    sending.sending.push(0);
    states.push(sending);
    // A run to which nothing happened yet.
    let mut calm = place.state(Lang::En, size);
    if let Some(data) = calm.data.as_mut() {
        Arc::make_mut(data).marks.clear();
    }
    states.push(calm);
    states
}

fn reasons(place: &Place) -> Reasons {
    let mut reasons = Reasons::new();
    for mut state in states(place) {
        for screen in Screen::ALL {
            state.screen = screen;
            for action in all().filter(|action| action.is_on(screen)) {
                let met: &mut Vec<Text> = reasons.entry(action.id).or_default();
                if let Err(reason) = (action.enabled)(&state)
                    && !met.contains(&reason)
                {
                    met.push(reason);
                }
            }
        }
    }
    reasons
}

/// A text that stands in a cell of a table.
fn cell(text: &str) -> String {
    let text = text.replace('|', "\\|").replace('*', "\\*");
    text.replace('<', "&lt;")
}

fn code<T: ToString>(texts: impl IntoIterator<Item = T>) -> String {
    let mark = |text: T| format!("`{}`", text.to_string().replace('|', "\\|"));
    texts.into_iter().map(mark).collect::<Vec<_>>().join(" ")
}

fn heading(page: &mut String, columns: &str) {
    let rule = "---|".repeat(columns.split('|').count());
    write!(page, "| {columns} |\n|{rule}\n").unwrap();
}

/// Writes the actions that `has` chooses as a table.
fn table(page: &mut String, lang: Lang, reasons: &Reasons, has: impl Fn(&Action) -> bool) {
    let mut actions = all().filter(|action| has(action)).peekable();
    if actions.peek().is_none() {
        return;
    }
    heading(page, ACTION_COLUMNS.get(lang));
    for action in actions {
        let why = reasons[action.id].iter().map(|why| cell(why.get(lang)));
        let row = [
            code(action.keys),
            format!("{}<br>`{}`", cell(action.title.get(lang)), action.id),
            cell(action.help.get(lang)),
            format!("{:?}", action.risk),
            why.collect::<Vec<_>>().join("<br>"),
        ];
        writeln!(page, "| {} |", row.join(" | ")).unwrap();
    }
    page.push('\n');
}

fn picture(page: &mut String, lang: Lang, wanted: Option<Screen>) {
    let word = LANGS.iter().find(|(one, _)| *one == lang).unwrap().1;
    for (name, screen, title) in PICTURES {
        if *screen == wanted {
            let title = title.get(lang);
            writeln!(page, "![{title}](pictures/{name}-{word}.svg)\n").unwrap();
        }
    }
}

/// The action that goes to `screen`.
fn way_to(screen: Screen) -> &'static Action {
    let id = format!("screen.{}", screen.word());
    named(&id).or(named("run.compare")).unwrap()
}

/// Returns the page in `lang`.
fn handbook(lang: Lang, reasons: &Reasons) -> String {
    let say = |text: Text| text.get(lang);
    let mut page = format!("# {}\n\n{}\n\n", say(TITLE), say(OTHER));
    write!(page, "{}\n\n{}\n\n", say(WRITTEN), say(BEGIN)).unwrap();
    write!(page, "## {}\n\n", say(RISKS)).unwrap();
    heading(&mut page, say(RISK_COLUMNS));
    for risk in [Risk::R0, Risk::R1, Risk::R2, Risk::R3] {
        writeln!(page, "| {risk:?} | {} |", say(of_risk(risk))).unwrap();
    }
    write!(page, "\n{}\n\n## {}\n\n", say(READ_ONLY), say(SCREENS)).unwrap();
    heading(&mut page, say(SCREEN_COLUMNS));
    for screen in Screen::ALL {
        let way = way_to(screen);
        let (title, help) = (say(screen.title()), cell(say(way.help)));
        writeln!(page, "| {} | {title} | {help} |", code(way.keys)).unwrap();
    }
    write!(page, "\n## {}\n\n", say(EVERYWHERE)).unwrap();
    table(&mut page, lang, reasons, |action| action.on.is_empty());
    for screen in Screen::ALL {
        write!(page, "## {}\n\n", say(screen.title())).unwrap();
        picture(&mut page, lang, Some(screen));
        table(&mut page, lang, reasons, |one| one.on.contains(&screen));
    }
    write!(page, "## {}\n\n", say(OVER)).unwrap();
    heading(&mut page, say(OVER_COLUMNS));
    for (what, keys) in LAYERS {
        writeln!(page, "| {} | {} |", say(what), cell(say(keys))).unwrap();
    }
    page.push('\n');
    picture(&mut page, lang, None);
    for (title, rule) in [(KEYS, KEYS_RULE), (MOUSE, MOUSE_RULE)] {
        write!(page, "## {}\n\n{}\n\n", say(title), say(rule)).unwrap();
    }
    filter(&mut page, lang);
    page
}

/// Writes the language that trades are filtered with.
fn filter(page: &mut String, lang: Lang) {
    let say = |text: Text| text.get(lang);
    write!(page, "## {}\n\n{}\n\n", say(FILTER), say(FILTER_BEGIN)).unwrap();
    heading(page, say(FILTER_COLUMNS));
    for column in Column::ALL {
        let name = column.name();
        let value = match column.kind() {
            Kind::Word(words) => words_of(words),
            _ => Expected::Value(column).says().get(lang).to_owned(),
        };
        let row = [
            code([name]),
            code(&column.spellings()[1..]),
            say(column.help()).to_owned(),
            code(complete(&format!("{name} ")).offers),
            value,
        ];
        writeln!(page, "| {} |", row.join(" | ")).unwrap();
    }
    page.push('\n');
    heading(page, say(JOINT_COLUMNS));
    for (words, meaning) in [(OR, ONE_FITS), (AND, ALL_FIT), (NOT, NONE_FITS)] {
        writeln!(page, "| {} | {} |", code(words), say(meaning)).unwrap();
    }
    write!(page, "\n{} {}\n\n", say(JOINT_RULE), say(MOMENT_RULE)).unwrap();
    write!(page, "{}\n\n```\n", say(EXAMPLES)).unwrap();
    for example in SHOWN {
        Filter::parse(say(example)).unwrap();
        writeln!(page, "{}", say(example)).unwrap();
    }
    page.push_str("```\n");
}

fn words_of(words: &[&[&str]]) -> String {
    let spelled = words.iter().map(|word| code(*word));
    spelled.collect::<Vec<_>>().join(", ")
}

#[test]
fn handbooks_are_as_shipped() {
    let reasons = reasons(&place());
    let pages = [(Lang::En, "console.md"), (Lang::Ko, "console.ko.md")];
    let pages = pages.map(|(lang, name)| (name.to_owned(), handbook(lang, &reasons)));
    for action in all() {
        for (name, page) in &pages {
            assert!(page.contains(&code(action.keys)), "{name}: {}", action.id);
        }
    }
    hold(&pages);
}

#[test]
fn no_reason_is_left_out_of_the_handbook() {
    let reasons = reasons(&place());
    let met: Vec<&str> = reasons.values().flatten().map(|why| why.en).collect();
    let source = include_str!("../actions/reasons.rs");
    let texts = source.split("Text::new(").skip(1);
    let unmet: Vec<&str> = texts
        .filter_map(|rest| rest.split('"').nth(1))
        .filter(|text| !met.contains(text))
        .collect();
    assert_eq!(unmet, [""; 0]);
}
