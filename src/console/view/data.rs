//! The shelf of market data: what there is, over which time, where bars are missing or odd, and
//! what is being imported.

use super::paint::Paint;
use crate::{
    areas,
    caps::Glyphs,
    cells,
    data_list::Row,
    data_sets::{DataSet, LooseFile, SetFacts, Stretch},
    importing::Importing,
    number,
    state::State,
    words,
};
use domain::{Lang, Nanos, Phrase, phrase};
use ratatui::{layout::Rect, style::Style};

/// Gaps of a set that are listed one by one.
const LISTED_GAPS: usize = 5;
/// Runs that are listed one by one.
const LISTED_RUNS: usize = 8;

/// Draws the screen.
pub fn draw(paint: &mut Paint<'_>, body: Rect, state: &State) {
    if let Some(line) = &state.line {
        let says = elsewhere_says(&line.host, "data list");
        let inner = paint.panel(body, paint.say(words::DATA));
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

/// Says that what this screen shows lies on `host`, and which verb shows it.
#[must_use]
pub fn elsewhere_says(host: &str, verb: &str) -> Phrase {
    phrase!(
        "This lies on {host} and is not brought here. `makook --host {host} {verb}` shows it, and a console that is opened on {host} itself can do everything.",
        "이 내용은 {host}에 있어 여기로 가져오지 않습니다. `makook --host {host} {verb}` 명령으로 볼 수 있고, {host}에서 연 콘솔로는 모두 할 수 있습니다."
    )
}

/// Columns of the list: at `x`, so wide; zero where there is no room.
#[derive(Clone, Copy)]
struct Columns {
    name: (u16, u16),
    symbol: (u16, u16),
    bar: (u16, u16),
    bars: (u16, u16),
    from: (u16, u16),
    to: (u16, u16),
    gaps: (u16, u16),
    flagged: (u16, u16),
    time: (u16, u16),
}

impl Columns {
    fn of(width: u16) -> Self {
        const DATE: u16 = 10;
        let (name, time) = match width {
            0..115 => (width.saturating_sub(61).clamp(6, 19), 0),
            _ => (24, width.saturating_sub(86)),
        };
        let mut x = 2;
        let mut next = |width: u16| {
            let here = x;
            x += width + u16::from(width > 0);
            (here, width)
        };
        Self {
            name: next(name),
            symbol: next(9),
            bar: next(4),
            bars: next(7),
            from: next(DATE),
            to: next(DATE),
            gaps: next(5),
            flagged: next(6),
            time: next(time),
        }
    }
}

fn list(paint: &mut Paint<'_>, area: Rect, state: &State) {
    let data = &state.data_list;
    let (sets, files) = (data.news.sets.len(), data.news.files.len());
    let title = format!(
        "{} {sets}  {} {files}",
        paint.say(words::DATA),
        paint.say(words::FILES_TO_IMPORT)
    );
    let inner = paint.panel(area, &title);
    let (above, rest) = areas::above(inner, u16::from(data.importing.is_some()));
    if let Some(importing) = &data.importing {
        let says = importing_says(importing, paint.lang);
        paint.text(above, 0, 0, &cells::clean(&says), paint.theme.title);
    }
    if let Some(problem) = &data.problem {
        let says = format!("! {}", cells::clean(problem.get(paint.lang)));
        paint.wrapped(rest, 0, &says, paint.theme.bad);
        return;
    }
    if data.count() == 0 {
        let says = match data.loaded {
            false => words::READING,
            true => words::NO_DATA,
        };
        paint.wrapped(rest, 0, paint.say(says), paint.theme.faint);
        return;
    }
    let columns = Columns::of(area.width);
    let (heads, rows) = areas::above(rest, 1);
    let named = [
        (columns.name, words::DATA_SET),
        (columns.symbol, words::INSTRUMENT),
        (columns.bar, words::BAR),
        (columns.bars, words::BAR_COUNT),
        (columns.from, words::FROM),
        (columns.to, words::TO),
        (columns.gaps, words::GAPS),
        (columns.flagged, words::FLAGGED),
        (columns.time, words::OVER_TIME),
    ];
    paint.heads(heads, named);
    let (at, window) = data.window(usize::from(rows.height));
    for (y, place) in (0..rows.height).zip(window.clone()) {
        match data.row(place) {
            Some(Row::Set(set)) => set_row(paint, rows, y, &columns, set),
            Some(Row::File(file)) => file_row(paint, rows, y, &columns, file),
            None => break,
        }
        if place == at {
            paint.choose(rows, y, columns.name);
        }
        paint.row_spot(rows, y, place, at);
    }
    paint.whereabouts(area, at, &window, data.count());
}

fn importing_says(importing: &Importing, lang: Lang) -> String {
    let (stage, percent) = importing.at;
    let left = importing
        .left
        .map(|left| number::duration(left.as_secs_f64()));
    let left = match (left, lang) {
        (None, _) => String::new(),
        (Some(left), Lang::En) => format!(", {left} left"),
        (Some(left), Lang::Ko) => format!(", {left} 남음"),
    };
    let (name, stage) = (&importing.order.name, stage.label().get(lang));
    match lang {
        Lang::En => format!("importing {name}: {stage} {percent}%{left}"),
        Lang::Ko => format!("{name} 가져오기: {stage} {percent}%{left}"),
    }
}

fn set_row(paint: &mut Paint<'_>, area: Rect, y: u16, columns: &Columns, set: &DataSet) {
    let (text, faint) = (paint.theme.text, paint.theme.faint);
    paint.column(area, columns.name, y, &cells::clean(&set.name), text);
    let facts = match &set.facts {
        Ok(facts) => facts,
        Err(why) => {
            let says = why.get(paint.lang);
            paint.briefly(area, columns.symbol.0, y, says, words::BROKEN);
            return;
        }
    };
    let coverage = &facts.coverage;
    let odd = |count: u64| match count {
        0 => faint,
        _ => paint.theme.warn,
    };
    let flagged = facts.flagged();
    for (place, says, style) in [
        (columns.symbol, facts.symbol.clone(), text),
        (columns.bar, facts.timeframe.to_string(), text),
        (columns.bars, number::count(coverage.bars), text),
        (columns.from, coverage.from.date(), text),
        (columns.to, coverage.to.date(), text),
        (
            columns.gaps,
            number::count(coverage.gaps),
            odd(coverage.gaps),
        ),
        (columns.flagged, number::count(flagged), odd(flagged)),
    ] {
        paint.column(area, place, y, &cells::clean(&says), style);
    }
    timeline(paint, area, columns.time, y, facts);
}

fn file_row(paint: &mut Paint<'_>, area: Rect, y: u16, columns: &Columns, file: &LooseFile) {
    let faint = paint.theme.faint;
    let says = match file.shipped {
        true => words::SHIPPED_FILE,
        false => words::LOOSE_FILE,
    };
    let path = cells::clean(&file.path.display().to_string());
    // The end of a path tells files apart.
    let (x, width) = columns.name;
    let room = usize::from(width + columns.symbol.1 + columns.bar.1 + columns.bars.1 + 3);
    let hidden = cells::width(&path).saturating_sub(room);
    let name = match hidden {
        0 => path,
        _ => file
            .path
            .file_name()
            .map_or(path.clone(), |name| cells::clean(&name.to_string_lossy())),
    };
    let wide = (x, u16::try_from(room).unwrap_or(width));
    paint.column(area, wide, y, &name, paint.theme.text);
    let rest = columns.from.0;
    paint.text(area, rest, y, paint.say(says), faint);
}

/// Draws the time of a set as one row of cells.
fn timeline(paint: &mut Paint<'_>, area: Rect, (x, width): (u16, u16), y: u16, facts: &SetFacts) {
    let stretches = facts.stretches(usize::from(width));
    let mut column = x;
    // Neighbours of one kind are written together.
    for run in stretches.chunk_by(|a, b| a == b) {
        let (glyph, style) = glyph(paint, run[0]);
        let text: String = std::iter::repeat_n(glyph, run.len()).collect();
        column = paint.text(area, column, y, &text, style);
    }
}

fn glyph(paint: &Paint<'_>, stretch: Stretch) -> (char, Style) {
    let theme = paint.theme;
    let (rich, plain, style) = match stretch {
        Stretch::Full => ('\u{28ff}', '#', theme.good),
        Stretch::Part => ('\u{28e4}', ':', theme.warn),
        Stretch::Gap => ('\u{2802}', '.', theme.bad),
        Stretch::Flagged => ('!', '!', theme.warn),
        Stretch::Mended => ('+', '+', theme.title),
    };
    match paint.caps.glyphs {
        Glyphs::Unicode => (rich, style),
        Glyphs::Ascii => (plain, style),
    }
}

fn detail(paint: &mut Paint<'_>, area: Rect, state: &State) {
    let Some(row) = state.data_row() else {
        let inner = paint.panel(area, paint.say(words::WHERE_FROM));
        paint.wrapped(
            inner,
            0,
            paint.say(words::DATA_COME_FROM),
            paint.theme.faint,
        );
        return;
    };
    let title = match row {
        Row::Set(set) => cells::clean(&set.name),
        Row::File(file) => cells::clean(&file.path.display().to_string()),
    };
    let mut rest = paint.panel(area, &title);
    if let Row::Set(DataSet {
        facts: Ok(facts), ..
    }) = row
    {
        let (above, below) = areas::above(rest, 3);
        over_time(paint, above, facts);
        rest = below;
    }
    let lines = set_lines(row, paint.lang, usize::from(rest.width));
    for (y, line) in (0..rest.height).zip(lines) {
        let style = match line.starts_with('!') {
            true => paint.theme.bad,
            false => paint.theme.text,
        };
        paint.text(rest, 0, y, &line, style);
    }
}

/// Draws the time of a set over the whole width with its ends and what its cells mean.
fn over_time(paint: &mut Paint<'_>, area: Rect, facts: &SetFacts) {
    timeline(paint, area, (0, area.width), 0, facts);
    let (from, to) = (facts.coverage.from.date(), facts.coverage.to.date());
    paint.text(area, 0, 1, &from, paint.theme.faint);
    paint.text_right(area, 1, &to, paint.theme.faint);
    let mut x = 0;
    for (stretch, word) in [
        (Stretch::Full, words::FULL),
        (Stretch::Part, words::PARTLY),
        (Stretch::Gap, words::GAP),
        (Stretch::Flagged, words::FLAGGED),
        (Stretch::Mended, words::MENDED),
    ] {
        let (glyph, style) = glyph(paint, stretch);
        x = paint.text(area, x, 2, &glyph.to_string(), style) + 1;
        x = paint.text(area, x, 2, paint.say(word), paint.theme.faint) + 2;
    }
    if facts.timeline.is_none() {
        paint.text(area, x, 2, paint.say(words::IMPORT_AGAIN), paint.theme.warn);
    }
}

/// Returns everything that is known of a row, in lines of at most `room` cells.
#[must_use]
pub fn set_lines(row: Row<'_>, lang: Lang, room: usize) -> Vec<String> {
    let mut texts: Vec<Phrase> = Vec::new();
    match row {
        Row::File(file) => {
            let (path, size) = (file.path.display(), number::bytes(file.bytes));
            texts.push(phrase!("{path}, {size}", "{path}, {size}"));
            texts.push(words::NOT_IMPORTED.into());
            if file.shipped {
                texts.push(words::SHIPPED.into());
            }
        }
        Row::Set(set) => match &set.facts {
            Err(why) => {
                let (en, ko) = (&why.en, &why.ko);
                texts.push(phrase!("! {en}", "! {ko}"));
            }
            Ok(facts) => {
                texts.extend(facts_of(facts));
                texts.push(runs_of(set));
            }
        },
    }
    texts
        .iter()
        .flat_map(|text| cells::wrap(&cells::clean(text.get(lang)), room))
        .collect()
}

fn moment(at: Nanos) -> String {
    let text = at.to_string();
    let whole = text.split(['.', 'Z']).next().unwrap_or(&text);
    whole.replace('T', " ")
}

fn facts_of(facts: &SetFacts) -> Vec<Phrase> {
    let (coverage, symbol, bar) = (&facts.coverage, &facts.symbol, facts.timeframe);
    let (bars, gaps, missing) = (coverage.bars, coverage.gaps, coverage.missing_bars);
    let (from, to) = (moment(coverage.from), moment(coverage.to));
    let mut texts = vec![phrase!(
        "{symbol} {bar}, {bars} bars, {from} to {to} UTC",
        "{symbol} {bar}, 봉 {bars}개, {from}부터 {to}까지(UTC)"
    )];
    texts.push(match gaps {
        0 => phrase!("no gaps", "빠진 봉이 없습니다"),
        _ => phrase!(
            "{gaps} gaps, {missing} bars missing; the longest:",
            "공백 {gaps}곳, 빠진 봉 {missing}개. 가장 긴 곳:"
        ),
    });
    let mut longest: Vec<_> = facts.gaps.iter().collect();
    longest.sort_by_key(|gap| (std::cmp::Reverse(gap.missing), gap.after));
    for gap in longest.iter().take(LISTED_GAPS) {
        let (after, until, missing) = (moment(gap.after), moment(gap.until), gap.missing);
        texts.push(phrase!(
            "- between {after} and {until}: {missing} missing",
            "- {after}과 {until} 사이: 봉 {missing}개"
        ));
    }
    for (fault, count) in facts.findings() {
        let (title, remedy) = (fault.title(), fault.remedy());
        texts.push(Phrase::new(
            format!("{} {count}: {}", title.en, remedy.en),
            format!("{} {count}: {}", title.ko, remedy.ko),
        ));
    }
    for repair in &facts.repairs {
        let (policy, count) = (&repair.policy, repair.count);
        let title = domain::Fault::named(&repair.fault).map(domain::Fault::title);
        let name = &repair.fault;
        let (en, ko) = title.map_or((&**name, &**name), |title| (title.en, title.ko));
        texts.push(phrase!(
            "repaired: {en} {count} ({policy})",
            "고침: {ko} {count} ({policy})"
        ));
    }
    let source = &facts.source;
    let (path, size) = (&source.path, number::bytes(source.bytes));
    let hash = runs::passport::short(&source.hash);
    texts.push(phrase!(
        "from {path}, {size}, BLAKE3 {hash}",
        "출처 {path}, {size}, BLAKE3 {hash}"
    ));
    let (at, version) = (moment(facts.imported_at), &facts.importer);
    let hash = runs::passport::short(&facts.bars_hash);
    texts.push(phrase!(
        "imported {at} UTC by {version}; bars BLAKE3 {hash}",
        "가져온 시각 {at}(UTC), {version}. 봉 BLAKE3 {hash}"
    ));
    texts
}

fn runs_of(set: &DataSet) -> Phrase {
    let count = set.used_by.len();
    let runs = set.used_by.iter().take(LISTED_RUNS);
    let runs: Vec<&str> = runs.map(runs::RunId::as_str).collect();
    let more = match count > runs.len() {
        true => " ..",
        false => "",
    };
    let runs = format!("{}{more}", runs.join(", "));
    let mut says = match count {
        0 => phrase!("no run used these bars", "이 봉을 쓴 실행이 없습니다"),
        1 => phrase!("used by {runs}", "사용한 실행: {runs}"),
        _ => phrase!(
            "used by {count} runs: {runs}",
            "사용한 실행 {count}개: {runs}"
        ),
    };
    let others = set.used_otherwise;
    if others > 0 {
        says.en
            .push_str(&format!("; {others} more used other bars of this name"));
        says.ko
            .push_str(&format!(". {others}개는 같은 이름의 다른 봉을 썼습니다"));
    }
    says
}
