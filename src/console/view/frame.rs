//! What is around every screen: header, what just happened, what can be done here.

use super::paint::Paint;
use crate::{
    action::{self, Action},
    awaiting::Posted,
    cells,
    mouse::Spot,
    number, practice,
    state::{Screen, State, Tone},
    words,
};
use domain::{Lang, Text};
use ratatui::{layout::Rect, style::Modifier};

/// Draws the name of the program and the screens; on a narrow terminal closer together, those that
/// are not shown under shorter names, and without the program's where even that is too wide.
pub fn header(paint: &mut Paint<'_>, area: Rect, state: &State) {
    const NAME: &str = " makook";
    paint.style_row(area, 0, paint.theme.bar);
    let bar = paint.theme.bar;
    let bold = bar.add_modifier(Modifier::BOLD);
    let labels_of = |others: fn(Screen) -> Text, paint: &Paint<'_>| -> Vec<(Screen, String)> {
        let label = |screen: Screen| {
            let digit = screen.digit().unwrap_or(' ');
            match screen == state.screen {
                true => format!("[{digit} {}]", paint.say(screen.title())),
                false => format!(" {digit} {} ", paint.say(others(screen))),
            }
        };
        let screens = Screen::NUMBERED.into_iter();
        screens.map(|screen| (screen, label(screen))).collect()
    };
    let width = |labels: &[(Screen, String)]| -> usize {
        labels.iter().map(|(_, label)| cells::width(label)).sum()
    };
    let room = usize::from(area.width);
    let name = cells::width(NAME);
    let mut labels = labels_of(Screen::title, paint);
    let (mut named, mut overlap) = (true, 0);
    if name + 1 + width(&labels) > room {
        labels = labels_of(Screen::short_title, paint);
        // Neighbours that stand closer share the blank between them.
        named = name + width(&labels) - labels.len() < room;
        overlap = 1;
    }
    let mut x = match named {
        true => paint.text(area, 0, 0, NAME, bold) + 1 - overlap,
        false => 0,
    };
    let mut here = None;
    for (screen, label) in &labels {
        let end = paint.text(area, x, 0, label, bar);
        match *screen == state.screen {
            true => here = Some((x, label)),
            false => paint.spot(area, (x, end), 0, Spot::Screen(*screen)),
        }
        x = end.saturating_sub(overlap);
    }
    // Its brackets lie over its neighbours' blanks.
    if let Some((x, label)) = here {
        paint.text(area, x, 0, label, bold);
    }
    let machine = machine(paint, state);
    if usize::from(x) + cells::width(&machine) + 2 < usize::from(area.width) {
        paint.text_right(area, 0, &format!("{machine} "), bar);
    }
}

/// Says how busy the machine is, or which host it is.
pub fn machine(paint: &Paint<'_>, state: &State) -> String {
    if let Some(line) = &state.line {
        let mut text = cells::clean(&line.host);
        if state.read_only {
            text.push_str(&format!("  {}", paint.say(words::READ_ONLY)));
        }
        return text;
    }
    let host = &state.host;
    if host.cpus == 0 {
        return String::new();
    }
    let (cpu, memory) = (paint.say(words::CPU), paint.say(words::MEMORY));
    let busy = host.busy.map(|busy| format!("{busy}/")).unwrap_or_default();
    let used = host
        .used_gib
        .map(|used| format!("{used}/"))
        .unwrap_or_default();
    let mut text = format!(
        "{cpu} {busy}{}  {memory} {used}{} GiB",
        host.cpus, host.memory_gib
    );
    if let Some(gpu) = host.gpus.first() {
        let count = host.gpus.len();
        text.push_str(&format!("  {count} x {}", cells::clean(gpu)));
    }
    if state.read_only {
        text.push_str(&format!("  {}", paint.say(words::READ_ONLY)));
    }
    text
}

/// Rows that a remark takes at most.
const MOST_ROWS: usize = 3;

/// Draws what just happened, or what is wrong; a remark that is longer than the row covers what is
/// above it.
pub fn status(paint: &mut Paint<'_>, area: Rect, state: &State) {
    let theme = paint.theme;
    let said = what_happened(paint, area, state);
    let free = area.width.saturating_sub(said);
    // Beside what happened only where more than a word fits.
    if let (Some(action), true) = (state.lesson, said == 0 || free > 40) {
        let x = said + if said > 0 { 3 } else { 0 };
        let room = usize::from(area.width.saturating_sub(x + 1));
        let says = practice::lesson(action, paint.lang, room);
        paint.text(area, x, 0, &says, theme.faint);
    }
}

/// Draws what just happened, or what is wrong; returns the columns used of the lowest row.
fn what_happened(paint: &mut Paint<'_>, area: Rect, state: &State) -> u16 {
    let theme = paint.theme;
    let (says, style) = if let Some(toast) = &state.toast {
        let (mark, style) = match toast.tone {
            Tone::Good => ("*", theme.good),
            Tone::Bad => ("!", theme.warn),
        };
        let says = cells::clean(toast.says.get(paint.lang));
        (format!("{mark} {says}"), style)
    } else if let Some(trouble) = line_trouble(paint, state) {
        (format!("! {trouble}"), theme.bad)
    } else if let Some(posted) = unanswered(state) {
        let (word, command) = (paint.say(words::AWAITING), cells::clean(&posted.command));
        (format!("{word}: {command}"), theme.faint)
    } else if let Some(problem) = &state.runs.problem {
        let says = cells::clean(problem.get(paint.lang));
        (format!("! {says}"), theme.bad)
    } else {
        return 0;
    };
    if area.is_empty() {
        return 0;
    }
    let room = usize::from(area.width);
    let mut lines = cells::wrap(&says, room);
    if lines.len() > MOST_ROWS {
        let rest = lines.split_off(MOST_ROWS - 1).join(" ");
        lines.push(cells::cut(&rest, room));
    }
    let above = u16::try_from(lines.len().saturating_sub(1)).unwrap_or(0);
    // On a low screen the row itself has to do.
    let above = above.min(area.y.saturating_sub(4));
    let place = Rect {
        y: area.y - above,
        height: area.height + above,
        ..area
    };
    if above > 0 {
        paint.clear(place);
    }
    let mut end = 0;
    for (y, line) in (0..place.height).zip(&lines) {
        end = paint.text(place, 0, y, line, style);
    }
    end
}

/// Returns the oldest command that the run in question, which is alive, has not answered.
fn unanswered(state: &State) -> Option<&Posted> {
    let run = state.run().filter(|run| run.state.is_active())?;
    state.awaiting.of(&run.id)
}

/// Words what is wrong with the line: the age of everything shown and the key first, since the
/// reason may be longer than the row.
fn line_trouble(paint: &Paint<'_>, state: &State) -> Option<String> {
    let line = state.line.as_ref()?;
    let trouble = line.trouble.as_ref()?;
    let why = cells::clean(trouble.why.get(paint.lang));
    if !trouble.lost {
        return Some(why);
    }
    let age = number::duration(line.silent.as_secs_f64());
    let key = action::named(action::RECONNECT).map(|action| state.look.keys.shown(action));
    let key = key.unwrap_or_default();
    Some(match paint.lang {
        Lang::En => format!("line lost; everything is as of {age} ago; {key} reconnects. {why}"),
        Lang::Ko => format!("연결 끊김. {age} 전의 상태입니다. {key} 다시 연결. {why}"),
    })
}

/// Draws what can be done here now, as much as fits; help and the way out are always there.
pub fn footer(paint: &mut Paint<'_>, area: Rect, state: &State) {
    const LAST: u8 = 50;
    let (last, first): (Vec<&'static Action>, Vec<&'static Action>) = action::footer(state)
        .into_iter()
        .partition(|action| action.rank >= LAST);
    let width_of = |action: &&Action| cells::width(&label(paint, state, action)) + 2;
    let mut room = usize::from(area.width).saturating_sub(last.iter().map(width_of).sum());
    let mut shown = Vec::new();
    for action in first {
        let width = width_of(&action);
        if width <= room {
            room -= width;
            shown.push(action);
        }
    }
    let mut x = 0;
    for action in shown.into_iter().chain(last) {
        let (from, key) = (x, state.look.keys.shown(action));
        x = paint.text(area, x, 0, &key, paint.theme.key);
        x = paint.text(area, x + 1, 0, paint.say(action.title), paint.theme.text);
        paint.spot(area, (from, x), 0, Spot::Action(action));
        x += 2;
    }
}

fn label(paint: &Paint<'_>, state: &State, action: &Action) -> String {
    format!(
        "{} {}",
        state.look.keys.shown(action),
        paint.say(action.title)
    )
}
