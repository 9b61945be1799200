//! The settings of the next training: values, where they come from, what the chosen one does.

use super::paint::Paint;
use crate::{
    against::Column,
    areas, cells,
    explanation::{self, About, short},
    form::Row,
    panes::Pane,
    state::State,
    words,
};
use config::Key;
use domain::{Place, Severity};
use ratatui::layout::Rect;

/// Draws the screen.
pub fn draw(paint: &mut Paint<'_>, body: Rect, state: &State) {
    let (upper, lower) = state.look.panes.divide(Pane::Config, body);
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
    let jobs = state.form.jobs();
    if jobs > 1 {
        title.push_str(&format!("  {} {jobs}", paint.say(words::JOBS_OF_SWEEP)));
    }
    if state.form.differing {
        title.push_str(&format!("  {}", paint.say(words::ONLY_DIFFERING)));
    }
    if !state.form.filter.is_empty() {
        title.push_str(&format!(
            "  {}: {}",
            paint.say(words::FILTER),
            state.form.filter
        ));
    }
    let changes = state.form.changes.len();
    if changes > 0 {
        title.push_str(&format!("  {} {changes}", paint.say(words::CHANGES)));
    }
    let inner = paint.panel(area, &title);
    let columns = Columns::of(area.width, state.form.columns.len());
    let (heads, list) = areas::above(inner, 1);
    let faint = paint.theme.faint;
    paint.column(heads, columns.label, 0, paint.say(words::SETTING), faint);
    paint.column(heads, columns.value, 0, paint.say(words::VALUE), faint);
    for (place, column) in columns.beside.iter().zip(&state.form.columns) {
        paint.column(heads, *place, 0, &head(paint, state, column), faint);
    }
    if columns.origin.1 > 0 {
        paint.column(heads, columns.origin, 0, paint.say(words::ORIGIN), faint);
    }
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
        paint.row_spot(list, y, index, at);
    }
}

struct Columns {
    label: (u16, u16),
    value: (u16, u16),
    /// Values that the form is held against, as many as there is room for.
    beside: Vec<(u16, u16)>,
    origin: (u16, u16),
}

/// Least width of a column beside the values, and of the origin after such columns.
const BESIDE: u16 = 15;

impl Columns {
    fn of(width: u16, beside: usize) -> Self {
        let label = (width / 2).clamp(12, 44);
        let value = (width / 4).clamp(8, 30);
        let start = label + value + 4;
        let room = width.saturating_sub(start + 1);
        let fitting = (room / (BESIDE + 1)).max(u16::from(room > 4));
        let shown = u16::try_from(beside).unwrap_or(u16::MAX).min(fitting);
        let each = BESIDE.min(room);
        let end = start + shown * (each + 1);
        let left = width.saturating_sub(end + 1);
        let origin = match shown {
            0 => left,
            // Half a word is of no use beside the columns; the help names the origin too.
            _ if left >= BESIDE => left,
            _ => 0,
        };
        Self {
            label: (2, label),
            value: (label + 3, value),
            beside: (0..shown).map(|n| (start + n * (each + 1), each)).collect(),
            origin: (end, origin),
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
    let label = cells::clean(paint.say(key.label));
    let named = format!("{label} ({})", key.name());
    // Where there is no room for the name, the help has it.
    let label = match cells::width(&named) <= usize::from(columns.label.1) {
        true => named,
        false => label,
    };
    paint.column(area, columns.label, y, &label, paint.theme.text);
    let value = cells::clean(&state.form.shown(key));
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
    for (place, column) in columns.beside.iter().zip(&state.form.columns) {
        beside(paint, area, *place, y, state, key, column);
    }
    if columns.origin.1 == 0 {
        return;
    }
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

/// Names a column: the run by its name and the end of its identifier, which tells it from others.
fn head(paint: &Paint<'_>, state: &State, column: &Column) -> String {
    match column {
        Column::Defaults => paint.say(words::BUILT_IN).to_owned(),
        Column::Run { run, .. } => {
            let tail = run.as_str().rsplit('-').next().unwrap_or_default();
            let name = state.runs.find(run).map(|run| run.name.as_str());
            let name = cells::clean(name.unwrap_or_default());
            format!("{tail} {name}").trim_end().to_owned()
        }
    }
}

/// Writes what `column` has for `key`; the same value is told in a word, so that others stand out.
fn beside(
    paint: &mut Paint<'_>,
    area: Rect,
    place: (u16, u16),
    y: u16,
    state: &State,
    key: &'static Key,
    column: &Column,
) {
    let (text, style) = match column.value(key) {
        Some(value) if value.bare() == state.form.shown(key) => {
            (paint.say(words::SAME_VALUE).to_owned(), paint.theme.faint)
        }
        Some(value) => (cells::clean(&value.bare()), paint.theme.warn),
        None => ("-".to_owned(), paint.theme.faint),
    };
    paint.column(area, place, y, &text, style);
}

fn explain(paint: &mut Paint<'_>, area: Rect, state: &State) {
    let Some(key) = state.key() else {
        paint.panel(area, paint.say(words::HELP));
        return;
    };
    let inner = paint.panel(area, key.path);
    let mut y = 0;
    for (about, line) in explanation::lines(state, key, paint.lang) {
        let style = match about {
            About::Meaning => paint.theme.text,
            About::Fact => paint.theme.faint,
            About::Typed => paint.theme.good,
        };
        y = paint.wrapped(inner, y, &cells::clean(&line), style);
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
