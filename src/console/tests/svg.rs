//! A buffer as a picture that a browser shows: the README's screens are drawn from real cells.
//!
//! Fonts differ from reader to reader, so columns are held by `textLength`, and braille, which many
//! fonts draw too wide or not at all, is drawn dot by dot. Start at [`draw`].

use crate::cells;
use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use std::{collections::BTreeMap, fmt::Write};

/// Width of a cell in pixels, two dots side by side.
const WIDTH: usize = 8;

/// Height of a cell in pixels, four dots below each other; Korean needs more than its own size.
const HEIGHT: usize = 20;

/// Pixels between the screen and the picture's edge.
const MARGIN: usize = 12;

const INK: &str = "#d4d7dd";
const PAPER: &str = "#15181e";

/// First of the 256 braille patterns.
const BRAILLE: u32 = 0x2800;

/// Column and row of a pattern's dots, by bit.
const DOTS: [(usize, usize); 8] = [
    (0, 0),
    (0, 1),
    (0, 2),
    (1, 0),
    (1, 1),
    (1, 2),
    (0, 3),
    (1, 3),
];

/// How a cell looks, with its reversal resolved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Look {
    ink: String,
    paper: String,
    bold: bool,
    dim: bool,
    underlined: bool,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let (ink, paper) = (colour(cell.fg, INK), colour(cell.bg, PAPER));
        let has = |modifier| cell.modifier.contains(modifier);
        let (ink, paper) = match has(Modifier::REVERSED) {
            true => (paper, ink),
            false => (ink, paper),
        };
        Self {
            ink,
            paper,
            bold: has(Modifier::BOLD),
            dim: has(Modifier::DIM),
            underlined: has(Modifier::UNDERLINED),
        }
    }

    /// Attributes of a text that looks so.
    fn attributes(&self) -> String {
        let mut attributes = String::new();
        if self.ink != INK {
            write!(attributes, " fill=\"{}\"", self.ink).unwrap();
        }
        for (is, attribute) in [
            (self.bold, " font-weight=\"bold\""),
            (self.dim, " fill-opacity=\".6\""),
            (self.underlined, " text-decoration=\"underline\""),
        ] {
            attributes.push_str(if is { attribute } else { "" });
        }
        attributes
    }
}

/// Pictures have all colours, so the theme names none of a terminal's own.
fn colour(colour: Color, otherwise: &str) -> String {
    match colour {
        Color::Reset => otherwise.to_owned(),
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        other => panic!("{other} is no colour of 24 bits"),
    }
}

/// Cells of one row that are written together.
struct Run {
    x: usize,
    columns: usize,
    text: String,
    wide: bool,
    look: Look,
}

/// Returns `buffer` as an SVG document called `title`; the same cells give the same bytes.
pub fn draw(buffer: &Buffer, title: &str) -> String {
    let (columns, rows) = (buffer.area.width, buffer.area.height);
    let width = usize::from(columns) * WIDTH + 2 * MARGIN;
    let height = usize::from(rows) * HEIGHT + 2 * MARGIN;
    let title = escaped(title);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{title}\">\n\
         <title>{title}</title>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{PAPER}\"/>\n\
         <g transform=\"translate({MARGIN} {MARGIN})\" fill=\"{INK}\" font-size=\"13.3\" \
         font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',\
         'D2Coding','Noto Sans Mono CJK KR','Noto Sans CJK KR','Malgun Gothic',monospace\">\n"
    );
    let mut dots = BTreeMap::new();
    for row in 0..rows {
        let cells = row_cells(buffer, row);
        papers(&mut svg, &cells, usize::from(row));
        for run in runs(&cells) {
            text(&mut svg, &run, usize::from(row));
        }
        for (x, look, symbol) in &cells {
            if let Some(bits) = braille(symbol) {
                set_dots(
                    dots.entry(look.clone()).or_default(),
                    (*x, row.into()),
                    bits,
                );
            }
        }
    }
    for (look, lines) in &dots {
        svg.push_str(&dotted(look, lines));
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// Column, look and symbol of a row's cells, without those that a wide one covers.
fn row_cells(buffer: &Buffer, row: u16) -> Vec<(usize, Look, &str)> {
    let mut cells = Vec::new();
    let mut next = 0;
    for x in 0..buffer.area.width {
        if x >= next {
            let cell = &buffer[(x, row)];
            next = x + columns(cell.symbol()) as u16;
            cells.push((usize::from(x), Look::of(cell), cell.symbol()));
        }
    }
    cells
}

fn columns(symbol: &str) -> usize {
    cells::width(symbol).max(1)
}

/// Draws what lies behind the texts, one rectangle for neighbours of one colour.
fn papers(svg: &mut String, cells: &[(usize, Look, &str)], row: usize) {
    for group in cells.chunk_by(|a, b| a.1.paper == b.1.paper) {
        let (first, last) = (&group[0], &group[group.len() - 1]);
        if first.1.paper != PAPER {
            let (x, y) = (first.0 * WIDTH, row * HEIGHT);
            let width = (last.0 + columns(last.2)) * WIDTH - x;
            let paper = &first.1.paper;
            writeln!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HEIGHT}\" fill=\"{paper}\"/>"
            )
            .unwrap();
        }
    }
}

/// Joins neighbours of one look and one width; two blanks end a run.
fn runs(cells: &[(usize, Look, &str)]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut after_blank = false;
    for (x, look, symbol) in cells {
        if symbol.trim().is_empty() || braille(symbol).is_some() {
            after_blank = braille(symbol).is_none();
            continue;
        }
        let columns = columns(symbol);
        let wide = columns > 1;
        if let Some(last) = runs.last_mut() {
            let gap = x - (last.x + last.columns);
            let joins = last.look == *look && last.wide == wide;
            if joins && (gap == 0 || (gap == 1 && !wide && after_blank)) {
                last.text.push_str(if gap == 1 { " " } else { "" });
                last.text.push_str(symbol);
                last.columns = x + columns - last.x;
                continue;
            }
        }
        runs.push(Run {
            x: *x,
            columns,
            text: (*symbol).to_owned(),
            wide,
            look: look.clone(),
        });
    }
    runs
}

fn text(svg: &mut String, run: &Run, row: usize) {
    let (x, y) = (run.x * WIDTH, row * HEIGHT + 15);
    write!(svg, "<text x=\"{x}\" y=\"{y}\"").unwrap();
    if run.text.chars().count() > 1 {
        write!(svg, " textLength=\"{}\"", run.columns * WIDTH).unwrap();
    }
    if run.wide {
        svg.push_str(" font-size=\"15\"");
    }
    let attributes = run.look.attributes();
    writeln!(svg, "{attributes}>{}</text>", escaped(&run.text)).unwrap();
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('"', "&quot;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

/// Returns the dots of a braille pattern; `None` for any other symbol.
fn braille(symbol: &str) -> Option<u32> {
    let code = u32::from(symbol.chars().next()?);
    (BRAILLE..=BRAILLE + 0xff)
        .contains(&code)
        .then(|| code - BRAILLE)
}

/// Columns of dots by their row.
type Lines = BTreeMap<usize, Vec<usize>>;

fn set_dots(lines: &mut Lines, (x, y): (usize, usize), bits: u32) {
    for (bit, (dx, dy)) in DOTS.iter().enumerate() {
        if bits & (1 << bit) != 0 {
            lines.entry(y * 4 + dy).or_default().push(x * 2 + dx);
        }
    }
}

/// Draws dots as dotted lines: neighbours share one, which keeps filled areas small.
fn dotted(look: &Look, lines: &Lines) -> String {
    let (step, line, mut path) = (WIDTH / 2, HEIGHT / 4, String::new());
    for (y, columns) in lines {
        let mut columns = columns.clone();
        columns.sort_unstable();
        for group in columns.chunk_by(|a, b| a + 1 == *b) {
            let (x, y) = (group[0] * step + step / 2, y * line + line / 2);
            // One pixel more, so that rounding cannot lose the last dot.
            write!(path, "M{x} {y}h{}", (group.len() - 1) * step + 1).unwrap();
        }
    }
    let dim = if look.dim {
        " stroke-opacity=\".6\""
    } else {
        ""
    };
    format!(
        "<path fill=\"none\" stroke=\"{}\"{dim} stroke-width=\"2.4\" stroke-linecap=\"round\" \
         stroke-dasharray=\"0 {step}\" d=\"{path}\"/>\n",
        look.ink
    )
}
