//! A document as plain text with braille charts, for a terminal or a pipe.

use crate::{
    braille::{self, Glyphs},
    document::{Document, Mark, Part, Table},
};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Cells that a column has at least.
const NARROWEST: usize = 8;

/// Renders `document` into lines of at most `columns` cells where tables allow it.
#[must_use]
pub fn render(document: &Document, columns: usize, glyphs: Glyphs) -> String {
    let columns = columns.clamp(40, 160);
    let rule = match glyphs {
        Glyphs::Braille => "─",
        Glyphs::Ascii => "-",
    };
    let mut text = format!("{}\n{}\n", document.title, rule.repeat(columns));
    text.push_str(&format!("{}\n", document.verdict.to_uppercase()));
    for line in wrap(&document.headline, columns) {
        text.push_str(&format!("{line}\n"));
    }
    for part in &document.parts {
        match part {
            Part::Heading(heading) => {
                text.push_str(&format!("\n{heading}\n{}\n", rule.repeat(columns)));
            }
            Part::Note(note) => {
                for line in wrap(note, columns) {
                    text.push_str(&format!("{line}\n"));
                }
            }
            Part::Remarks(remarks) => {
                for remark in remarks {
                    let mark = mark(remark.mark, glyphs);
                    for (index, line) in wrap(&remark.text, columns - 4).iter().enumerate() {
                        text.push_str(&format!(
                            "{} {line}\n",
                            if index == 0 { mark } else { "   " }
                        ));
                    }
                }
            }
            Part::Table(table) => {
                // A table right below a heading needs no distance, one below text does.
                if !text.ends_with(&format!("{rule}\n")) {
                    text.push('\n');
                }
                text.push_str(&self::table(table, columns));
            }
            Part::Figure(figure) => {
                text.push('\n');
                for line in braille::draw(figure, columns, 10, glyphs) {
                    let line: String = line.into_iter().map(|(run, _)| run).collect();
                    text.push_str(&format!("{}\n", line.trim_end()));
                }
                let legend: Vec<&str> = figure
                    .series
                    .iter()
                    .map(|one| one.name.as_str())
                    .filter(|name| !name.is_empty())
                    .collect();
                if legend.len() > 1 {
                    text.push_str(&format!("{:10}{}\n", "", legend.join(" · ")));
                }
            }
        }
    }
    if glyphs == Glyphs::Ascii {
        to_ascii(&text)
    } else {
        text
    }
}

/// Replaces the few signs beyond ASCII that our own texts use; Hangul stays.
fn to_ascii(text: &str) -> String {
    text.replace(['–', '—', '−'], "-")
        .replace('·', "|")
        .replace('…', "...")
        .replace('×', "x")
}

fn mark(mark: Mark, glyphs: Glyphs) -> &'static str {
    match (mark, glyphs) {
        (Mark::Passed, Glyphs::Braille) => " ✓ ",
        (Mark::Failed, Glyphs::Braille) => " ✗ ",
        (Mark::Passed, Glyphs::Ascii) => "[+]",
        (Mark::Failed, Glyphs::Ascii) => "[-]",
        (Mark::Open, _) => " ? ",
        (Mark::Warning, _) => " ! ",
    }
}

/// Aligns a table; columns that do not fit go into a further block below.
#[must_use]
pub fn table(table: &Table, columns: usize) -> String {
    let count = table.head.len();
    let mut widths: Vec<usize> = (0..count)
        .map(|column| {
            let cells = table.rows.iter().filter_map(|row| row.get(column));
            cells
                .chain([&table.head[column]])
                .map(|cell| cell.width())
                .max()
                .unwrap_or(0)
        })
        .collect();
    // A column wider than what is left beside the first is cut, its title first of all.
    let first = widths.first().copied().unwrap_or(0);
    let most = columns.saturating_sub(first + 2).max(NARROWEST);
    for width in widths.iter_mut().skip(1) {
        *width = (*width).min(most);
    }
    // Without a head the second column holds facts in words, which read from the left.
    let is_facts = table.head.iter().all(String::is_empty);
    let mut text = String::new();
    let mut start = 1;
    loop {
        let mut end = start;
        let mut used = widths.first().copied().unwrap_or(0);
        while end < count && (end == start || used + widths[end] + 2 <= columns) {
            used += widths[end] + 2;
            end += 1;
        }
        for row in std::iter::once(&table.head).chain(&table.rows) {
            let mut line = pad_right(
                row.first().map_or("", String::as_str),
                widths.first().copied().unwrap_or(0),
            );
            for (column, width) in widths.iter().enumerate().take(end).skip(start) {
                let cell = row.get(column).map_or("", String::as_str);
                let cell = if is_facts {
                    cell.to_owned()
                } else {
                    pad_left(&cut(cell, *width), *width)
                };
                line.push_str(&format!("  {cell}"));
            }
            if !line.trim().is_empty() {
                text.push_str(&format!("{}\n", line.trim_end()));
            }
        }
        if end >= count {
            return text;
        }
        text.push('\n');
        start = end;
    }
}

/// Cuts `text` to `width` cells, a tilde for what is left out.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if kept.width() + c.width().unwrap_or(0) + 1 > width {
            break;
        }
        kept.push(c);
    }
    kept.push('~');
    kept
}

fn pad_right(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

fn pad_left(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.width())))
}

/// Breaks `text` at spaces into lines of at most `columns` cells.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is always a line");
        if !last.is_empty() && last.width() + 1 + word.width() > columns {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_cells_not_letters() {
        let lines = wrap("학습 곡선을 확인하고 비용을 다시 보세요", 14);
        assert!(lines.iter().all(|line| line.width() <= 14), "{lines:?}");
        assert_eq!(lines.join(" "), "학습 곡선을 확인하고 비용을 다시 보세요");
    }

    #[test]
    fn a_title_wider_than_the_page_is_cut_and_its_values_are_not() {
        let table = Table {
            head: ["", "변동성 목표 20 % (480봉)"].map(str::to_owned).to_vec(),
            rows: vec![["annual return", "42.38%"].map(str::to_owned).to_vec()],
        };
        let text = super::table(&table, 30);
        assert!(text.lines().all(|line| line.width() <= 30), "{text}");
        assert!(text.contains("42.38%") && text.contains('~'), "{text}");
    }

    #[test]
    fn a_wide_table_continues_below() {
        let table = Table {
            head: ["", "aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"]
                .map(str::to_owned)
                .to_vec(),
            rows: vec![["row", "1", "2", "3"].map(str::to_owned).to_vec()],
        };
        let text = super::table(&table, 30);
        assert!(text.lines().all(|line| line.width() <= 30), "{text}");
        assert_eq!(text.matches("row").count(), 2);
        for cell in ["1", "2", "3"] {
            assert!(text.contains(cell));
        }
    }
}
