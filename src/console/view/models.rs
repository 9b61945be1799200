//! The registry of models: every run's best and last checkpoints, the passport of the chosen one,
//! and marked ones side by side.

use super::{dashboard::verdict_word, data::elsewhere_says, paint::Paint};
use crate::{
    areas, cells,
    model_list::{ModelList, sharpe},
    number,
    state::State,
    words,
};
use domain::Lang;
use ratatui::layout::Rect;
use runs::{Model, passport::Fact};
use std::collections::BTreeSet;

/// Draws the screen.
pub fn draw(paint: &mut Paint<'_>, body: Rect, state: &State) {
    if let Some(line) = &state.line {
        let says = elsewhere_says(&line.host, "models list");
        let inner = paint.panel(body, paint.say(words::MODELS));
        paint.wrapped(
            inner,
            1,
            &cells::clean(says.get(paint.lang)),
            paint.theme.text,
        );
        return;
    }
    let (upper, lower) = areas::shelf(body);
    list(paint, upper, state);
    if !lower.is_empty() {
        detail(paint, lower, state);
    }
}

/// Columns of the list: at `x`, so wide; zero where there is no room.
#[derive(Clone, Copy)]
struct Columns {
    run: (u16, u16),
    seed: (u16, u16),
    mark: (u16, u16),
    step: (u16, u16),
    score: (u16, u16),
    sharpe: (u16, u16),
    verdict: (u16, u16),
    data: (u16, u16),
    size: (u16, u16),
    name: (u16, u16),
}

impl Columns {
    fn of(width: u16) -> Self {
        let (data, size) = match width {
            0..110 => (0, 0),
            _ => (16, 9),
        };
        let gaps = 8 + 2 * u16::from(data > 0);
        let fixed = 2 + 4 + 6 + 7 + 8 + 8 + 9 + data + size + 12 + gaps;
        let run = width.saturating_sub(fixed).clamp(6, 44);
        let mut x = 2;
        let mut next = |width: u16| {
            let here = x;
            x += width + u16::from(width > 0);
            (here, width)
        };
        Self {
            run: next(run),
            seed: next(4),
            mark: next(6),
            step: next(7),
            score: next(8),
            sharpe: next(8),
            verdict: next(9),
            data: next(data),
            size: next(size),
            name: next(12),
        }
    }
}

fn title(paint: &Paint<'_>, models: &ModelList) -> String {
    let mut title = format!("{} {}", paint.say(words::MODELS), models.count());
    if let Some(by) = models.sort {
        let way = match models.reversed {
            true => '^',
            false => 'v',
        };
        title.push_str(&format!("  {} {way}", paint.say(by.label())));
    }
    if !models.filter.is_empty() {
        let filter = cells::clean(&models.filter);
        title.push_str(&format!("  {}: {filter}", paint.say(words::FILTER)));
    }
    if !models.marked.is_empty() {
        let count = models.marked.len();
        title.push_str(&format!("  {} {count}", paint.say(words::MARKED)));
    }
    title
}

fn list(paint: &mut Paint<'_>, area: Rect, state: &State) {
    let models = &state.model_list;
    let inner = paint.panel(area, &title(paint, models));
    let (notices, rest) = areas::above(inner, u16::try_from(models.notices()).unwrap_or(0));
    for (y, (name, problem)) in (0..notices.height).zip(models.doubtful()) {
        let says = format!("! {}: {}", name.name, problem.get(paint.lang));
        paint.text(notices, 0, y, &cells::clean(&says), paint.theme.bad);
    }
    if let Some(problem) = &models.problem {
        let says = format!("! {}", cells::clean(problem.get(paint.lang)));
        paint.wrapped(rest, 0, &says, paint.theme.bad);
        return;
    }
    if models.count() == 0 {
        let says = match (models.loaded, models.filter.is_empty()) {
            (false, _) => words::READING,
            (true, true) => words::NO_MODELS,
            (true, false) => words::NO_MODEL_FITS,
        };
        paint.wrapped(rest, 0, paint.say(says), paint.theme.faint);
        return;
    }
    let columns = Columns::of(area.width);
    let (heads, rows) = areas::above(rest, 1);
    let named = [
        (columns.run, words::RUN),
        (columns.seed, words::SEED),
        (columns.mark, words::WHICH),
        (columns.step, words::STEP),
        (columns.score, words::SCORE),
        (columns.sharpe, words::SHARPE),
        (columns.verdict, words::VERDICT),
        (columns.data, words::DATA_SET),
        (columns.size, words::SIZE),
        (columns.name, words::NAME),
    ];
    paint.heads(heads, named);
    let (at, window) = models.window(usize::from(rows.height));
    for (y, (model, chosen)) in (0..rows.height).zip(models.rows(window.clone())) {
        row(paint, rows, y, &columns, models, model);
        if chosen {
            paint.choose(rows, y, columns.run);
        }
        paint.row_spot(rows, y, window.start + usize::from(y), at);
    }
    paint.whereabouts(area, at, &window, models.count());
}

fn row(
    paint: &mut Paint<'_>,
    area: Rect,
    y: u16,
    columns: &Columns,
    models: &ModelList,
    model: &Model,
) {
    let text = paint.theme.text;
    if models.marked.contains(&model.id) {
        paint.text(area, 1, y, "*", paint.theme.key);
    }
    let id = cells::clean(model.id.run.as_str());
    let narrow = cells::width(&id) > usize::from(columns.run.1);
    // The beginning of an identifier is only its time.
    let run = match narrow {
        true => id.get(16..).unwrap_or(&id),
        false => &id,
    };
    paint.column(area, columns.run, y, run, text);
    paint.column(area, columns.seed, y, &model.id.seed.to_string(), text);
    let mark = paint.say(model.id.mark.label());
    paint.column(area, columns.mark, y, mark, text);
    let passport = match (&model.problem, &model.passport) {
        (None, Some(passport)) => passport,
        (problem, _) => {
            let says = problem
                .as_ref()
                .map_or("", |problem| problem.get(paint.lang));
            paint.briefly(area, columns.step.0, y, says, words::BROKEN);
            return;
        }
    };
    let figure = |figure: Option<f64>| figure.map_or(number::NONE.to_owned(), number::figure);
    let mut names: Vec<&str> = models.names_of(model).map(|name| &*name.name).collect();
    names.sort_unstable();
    for (place, says) in [
        (columns.step, number::count(passport.step)),
        (columns.score, figure(passport.score)),
        (columns.sharpe, figure(sharpe(passport))),
        (columns.data, passport.origin.data.set.clone()),
        (columns.size, number::bytes(passport.bytes())),
    ] {
        paint.column(area, place, y, &cells::clean(&says), text);
    }
    paint.column(
        area,
        columns.name,
        y,
        &cells::clean(&names.join(" ")),
        paint.theme.key,
    );
    if let Some(verdict) = passport.verdict() {
        let style = match verdict.positive {
            true => paint.theme.good,
            false => paint.theme.warn,
        };
        let word = verdict_word(paint.lang, &verdict.word);
        paint.column(area, columns.verdict, y, &word, style);
    }
}

fn detail(paint: &mut Paint<'_>, area: Rect, state: &State) {
    let Some(model) = state.model() else {
        paint.panel(area, paint.say(words::PASSPORT));
        return;
    };
    let title = format!("{} {}", paint.say(words::PASSPORT), model.id);
    let inner = paint.panel(area, &cells::clean(&title));
    let room = usize::from(inner.width);
    let long = passport_lines(state, model, room);
    let lines = match long.len() <= usize::from(inner.height) {
        true => long,
        false => flowing(state, model, paint.lang, room),
    };
    for (y, line) in (0..inner.height).zip(lines) {
        let style = match line.starts_with('!') {
            true => paint.theme.bad,
            false => paint.theme.text,
        };
        paint.text(inner, 0, y, &line, style);
    }
}

/// Returns everything that is known of `model`: what it is, and what that is for it.
fn facts(state: &State, model: &Model, lang: Lang) -> Vec<(String, String)> {
    let worded = |fact: Fact| {
        let value = match fact.label.en == words::VERDICT.en {
            true => verdict_word(lang, &fact.value.en),
            false => fact.value.get(lang).to_owned(),
        };
        (fact.label.get(lang).to_owned(), value)
    };
    let passport = model.passport.as_ref();
    let mut facts: Vec<(String, String)> = Vec::new();
    let names = state.model_list.names_of(model);
    let names: Vec<&str> = names.map(|name| &*name.name).collect();
    facts.push((words::NAME.get(lang).to_owned(), names.join(" ")));
    if let Some(passport) = passport {
        facts.extend(passport.facts().into_iter().map(worded));
        let size = number::bytes(passport.bytes());
        facts.push((words::SIZE.get(lang).to_owned(), size));
    }
    let path = model.path.strip_prefix(&state.project);
    let path = path.unwrap_or(&model.path).display().to_string();
    facts.push((words::FILES.get(lang).to_owned(), path));
    facts.retain(|(_, value)| !value.is_empty());
    facts
}

fn problem(model: &Model, lang: Lang, room: usize) -> Vec<String> {
    let problem = model.problem.iter();
    problem
        .flat_map(|problem| {
            let says = format!("! {}", cells::clean(problem.get(lang)));
            cells::wrap(&says, room)
        })
        .collect()
}

/// Returns the passport of `model`, one line a fact, in lines of at most `room` cells.
#[must_use]
pub fn passport_lines(state: &State, model: &Model, room: usize) -> Vec<String> {
    let lang = state.lang;
    let facts = facts(state, model, lang);
    let longest = facts.iter().map(|(label, _)| cells::width(label)).max();
    let width = longest.unwrap_or(0).min(room / 2);
    let mut lines = problem(model, lang, room);
    for (label, value) in facts {
        let label = cells::left(&cells::clean(&label), width);
        let value = cells::wrap(&cells::clean(&value), room.saturating_sub(width + 2));
        for (index, part) in value.iter().enumerate() {
            let label = match index {
                0 => label.clone(),
                _ => " ".repeat(width),
            };
            lines.push(format!("{label}  {part}"));
        }
    }
    lines
}

/// Returns the same in as few lines as it takes.
fn flowing(state: &State, model: &Model, lang: Lang, room: usize) -> Vec<String> {
    let mut lines = problem(model, lang, room);
    let mut line = String::new();
    for (label, value) in facts(state, model, lang) {
        let fact = format!("{}: {}", cells::clean(&label), cells::clean(&value));
        if !line.is_empty() && cells::width(&line) + cells::width(&fact) + 2 > room {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push_str("  ");
        }
        line.push_str(&fact);
    }
    lines.push(line);
    lines
}

/// Returns what differs between the passports of the marked models, then their figures, in lines
/// of at most `room` cells.
#[must_use]
pub fn comparison_lines(state: &State, room: usize) -> Vec<String> {
    let lang = state.lang;
    let marked = state.model_list.marked();
    let facts: Vec<Vec<Fact>> = marked
        .iter()
        .map(|model| {
            model
                .passport
                .as_ref()
                .map_or_else(Vec::new, |one| one.facts())
        })
        .collect();
    let mut labels: Vec<&Fact> = Vec::new();
    let mut seen = BTreeSet::new();
    for fact in facts.iter().flatten() {
        if seen.insert(&fact.label.en) {
            labels.push(fact);
        }
    }
    let values = |wanted: &Fact| -> Vec<&str> {
        let same = |fact: &&Fact| fact.label == wanted.label;
        let of_model = facts.iter().map(|facts| facts.iter().find(same));
        of_model
            .map(|fact| fact.map_or("", |fact| fact.value.get(lang)))
            .collect()
    };
    let differs = |values: &[&str]| values.windows(2).any(|pair| pair[0] != pair[1]);
    let longest = labels.iter().map(|fact| cells::width(fact.label.get(lang)));
    let first = longest.max().unwrap_or(0).min(room / 3);
    let each = room.saturating_sub(first) / marked.len().max(1);
    let each = each.saturating_sub(2).max(4);
    let line = |label: &str, values: &[&str]| {
        let mut line = cells::left(&cells::clean(label), first);
        for value in values {
            line.push_str("  ");
            line.push_str(&cells::left(&cells::clean(value), each));
        }
        line.trim_end().to_owned()
    };
    let (ingredients, figures): (Vec<&Fact>, Vec<&Fact>) =
        labels.iter().copied().partition(|fact| !fact.is_figure);
    let mut lines = vec![words::DIFFERENT_PASSPORTS.get(lang).to_owned()];
    for fact in ingredients {
        let values = values(fact);
        if differs(&values) {
            lines.push(line(fact.label.get(lang), &values));
        }
    }
    lines.push(String::new());
    lines.push(words::OUTCOMES.get(lang).to_owned());
    for fact in figures {
        let values = values(fact);
        let worded: Vec<String> = values
            .iter()
            .map(|value| match (fact.label.en == words::VERDICT.en, *value) {
                (_, "") => number::NONE.to_owned(),
                (true, word) => verdict_word(lang, word),
                (false, figure) => figure.to_owned(),
            })
            .collect();
        let worded: Vec<&str> = worded.iter().map(String::as_str).collect();
        lines.push(line(fact.label.get(lang), &worded));
    }
    for model in &marked {
        let problems = problem(model, lang, room);
        lines.extend(
            problems
                .into_iter()
                .map(|says| format!("{}: {says}", model.id)),
        );
    }
    lines
}
