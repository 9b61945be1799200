//! The settings of the next training: values, where they come from, what the chosen one does.

use super::paint::Paint;
use crate::{areas, cells, form::Row, state::State, words};
use config::{Apply, Key};
use domain::{Lang, Place, Severity};
use ratatui::layout::Rect;

/// Draws the screen.
pub fn draw(paint: &mut Paint<'_>, body: Rect, state: &State) {
    let (upper, lower) = areas::settings(body);
    form(paint, upper, state);
    if lower.is_empty() {
        return;
    }
    // Beside the form there is room for both; below it problems come first.
    if state.form.problems.is_empty() {
        explain(paint, lower, state);
    } else if lower.y == upper.y {
        let (first, second) = areas::above(lower, lower.height / 2);
        explain(paint, first, state);
        problems(paint, second, state);
    } else {
        problems(paint, lower, state);
    }
}

fn form(paint: &mut Paint<'_>, area: Rect, state: &State) {
    let none = || paint.say(words::NONE).to_owned();
    let shown = |path: &std::path::PathBuf| {
        path.strip_prefix(&state.project)
            .unwrap_or(path)
            .display()
            .to_string()
    };
    let experiment = state.form.experiment.as_ref().map_or_else(none, shown);
    let mut title = format!(
        "{}  {}: {}",
        paint.say(words::SETTINGS),
        paint.say(words::EXPERIMENT),
        cells::clean(&experiment)
    );
    let changes = state.form.changes.len();
    if changes > 0 {
        title.push_str(&format!("  {} {changes}", paint.say(words::CHANGES)));
    }
    if !state.form.filter.is_empty() {
        title.push_str(&format!(
            "  {}: {}",
            paint.say(words::FILTER),
            state.form.filter
        ));
    }
    let inner = paint.panel(area, &title);
    let columns = Columns::of(area.width);
    let (heads, list) = areas::above(inner, 1);
    let faint = paint.theme.faint;
    paint.column(heads, columns.label, 0, paint.say(words::SETTING), faint);
    paint.column(heads, columns.value, 0, paint.say(words::VALUE), faint);
    paint.column(heads, columns.origin, 0, paint.say(words::ORIGIN), faint);
    let rows = state.form.rows();
    let at = state.form.cursor.at;
    let window = state
        .form
        .cursor
        .window(rows.len(), usize::from(list.height));
    for (y, index) in window.enumerate() {
        let y = u16::try_from(y).unwrap_or(u16::MAX);
        match rows[index] {
            Row::Heading(section) => {
                let heading = format!("[{}] {}", section.name, paint.say(section.label));
                paint.text(list, 1, y, &heading, paint.theme.title);
            }
            Row::Field(key) => field(paint, list, y, &columns, state, key),
        }
        if index == at {
            paint.choose(list, y, columns.label);
        }
    }
}

struct Columns {
    label: (u16, u16),
    value: (u16, u16),
    origin: (u16, u16),
}

impl Columns {
    fn of(width: u16) -> Self {
        let label = (width / 2).clamp(12, 44);
        let value = (width / 4).clamp(8, 30);
        let origin = width.saturating_sub(label + value + 5);
        Self {
            label: (2, label),
            value: (label + 3, value),
            origin: (label + value + 4, origin),
        }
    }
}

fn field(
    paint: &mut Paint<'_>,
    area: Rect,
    y: u16,
    columns: &Columns,
    state: &State,
    key: &'static Key,
) {
    let changed_here = state.form.changes.contains_key(key.path);
    let setting = state.form.setting(key);
    let differs = state.form.value(key) != key.default_value();
    if changed_here {
        paint.text(area, 1, y, "*", paint.theme.key);
    }
    let label = format!("{} ({})", cells::clean(paint.say(key.label)), key.name());
    paint.column(area, columns.label, y, &label, paint.theme.text);
    let value = cells::clean(&state.form.value(key).bare());
    let unit = cells::clean(paint.say(key.unit));
    let style = if differs {
        paint.theme.good
    } else {
        paint.theme.text
    };
    paint.column(
        area,
        columns.value,
        y,
        format!("{value} {unit}").trim_end(),
        style,
    );
    let origin = match setting.map(|setting| &setting.origin) {
        _ if changed_here => paint.say(words::CHANGED_HERE).to_owned(),
        None | Some(Place::Default) => paint.say(words::BUILT_IN).to_owned(),
        Some(place) => short(place, &state.project, paint.lang),
    };
    paint.column(
        area,
        columns.origin,
        y,
        &cells::clean(&origin),
        paint.theme.faint,
    );
}

/// Names a place without the folder of the project.
fn short(place: &Place, project: &std::path::Path, lang: Lang) -> String {
    let text = place.render(lang);
    let prefix = format!("{}/", project.display());
    text.strip_prefix(&prefix).unwrap_or(&text).to_owned()
}

fn explain(paint: &mut Paint<'_>, area: Rect, state: &State) {
    let Some(key) = state.form.key() else {
        paint.panel(area, paint.say(words::HELP));
        return;
    };
    let inner = paint.panel(area, key.path);
    let (text, faint) = (paint.theme.text, paint.theme.faint);
    let lang = paint.lang;
    let mut y = paint.wrapped(inner, 0, &cells::clean(key.help.get(lang)), text);
    let range = cells::clean(&key.range.to_string());
    let mut facts = vec![format!(
        "{} {}",
        paint.say(words::BUILT_IN),
        cells::clean(&key.default_value().bare())
    )];
    if key.range != config::Range::default() {
        facts.push(format!("{} {range}", paint.say(words::ALLOWED)));
    }
    if let Some((low, high)) = key.typical {
        facts.push(format!("{} {low} .. {high}", paint.say(words::TYPICAL)));
    }
    if key.apply == Apply::Live {
        facts.push(paint.say(words::LIVE).to_owned());
    }
    y = paint.wrapped(inner, y, &facts.join("; "), faint);
    if let Some(effect) = key.effect {
        for (word, says) in [
            (words::RAISING, effect.raising),
            (words::LOWERING, effect.lowering),
        ] {
            let line = format!("{}: {}", paint.say(word), cells::clean(says.get(lang)));
            y = paint.wrapped(inner, y, &line, text);
        }
    }
    for choice in crate::form::choices(key) {
        let line = format!("{}: {}", choice.name, cells::clean(choice.help.get(lang)));
        y = paint.wrapped(inner, y, &line, text);
    }
}

fn problems(paint: &mut Paint<'_>, area: Rect, state: &State) {
    let count = state.form.problems.iter().count();
    let inner = paint.panel(area, &format!("{} {count}", paint.say(words::PROBLEMS)));
    let mut y = 0;
    for problem in state.form.problems.iter() {
        let style = match problem.severity {
            Severity::Warning => paint.theme.warn,
            Severity::Error => paint.theme.bad,
        };
        let place = short(&problem.place, &state.project, paint.lang);
        let line = cells::clean(&format!("! {place}  {}", problem.message.get(paint.lang)));
        y = paint.wrapped(inner, y, &line, style);
        y = paint.wrapped(
            inner,
            y,
            &cells::clean(problem.hint.get(paint.lang)),
            paint.theme.faint,
        );
    }
}
