//! A document as one self-contained HTML file: no script, no font, no request to anywhere.

use crate::{
    document::{Document, Mark, Part, Table},
    svg,
};
use domain::Lang;
use std::fmt::Write;

const STYLE: &str = "\
body{margin:0 auto;padding:24px 20px 60px;max-width:1060px;background:var(--page);color:var(--ink);\
font:15px/1.5 system-ui,'Noto Sans KR',sans-serif}\
h1{font-size:22px;margin:0}h2{font-size:17px;margin:34px 0 10px;border-bottom:1px solid var(--line)}\
.verdict{display:inline-block;margin:8px 0;padding:2px 12px;border-radius:12px;background:var(--c0);color:#fff;font-weight:600}\
.headline{font-size:17px}\
.grid-2{display:grid;grid-template-columns:repeat(auto-fit,minmax(460px,1fr));gap:12px}\
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:13px;margin:10px 0;white-space:nowrap}\
td,th{padding:3px 10px;text-align:right;border-bottom:1px solid var(--line)}\
td:first-child,th:first-child{text-align:left}\
ul{list-style:none;padding:0}li{padding:3px 0 3px 26px;text-indent:-26px}\
.passed::before{content:'✓ ';color:var(--c2)}.failed::before{content:'✗ ';color:var(--c1)}\
.open::before{content:'? ';color:var(--soft)}.warning::before{content:'! ';color:var(--c4)}\
table.facts td{text-align:left}.note{color:var(--soft);font-size:13px}@media print{body{max-width:none}}";

/// Renders `document` as a page.
#[must_use]
pub fn render(document: &Document, lang: Lang) -> String {
    let code = match lang {
        Lang::En => "en",
        Lang::Ko => "ko",
    };
    let (title, verdict) = (svg::escape(&document.title), svg::escape(&document.verdict));
    let headline = svg::escape(&document.headline);
    let mut page = format!(
        "<!doctype html><html lang=\"{code}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{title}</title><style>{}{STYLE}</style></head><body>\
         <h1>{title}</h1><div class=\"verdict\">{verdict}</div><p class=\"headline\">{headline}</p>",
        svg::STYLE
    );
    let mut in_grid = false;
    for part in &document.parts {
        let is_figure = matches!(part, Part::Figure(_));
        if is_figure != in_grid {
            page.push_str(if is_figure {
                "<div class=\"grid-2\">"
            } else {
                "</div>"
            });
            in_grid = is_figure;
        }
        match part {
            Part::Heading(text) => {
                let _ = write!(page, "<h2>{}</h2>", svg::escape(text));
            }
            Part::Figure(figure) => page.push_str(&svg::draw(figure, 560.0, 250.0)),
            Part::Table(table) => push_table(&mut page, table),
            Part::Note(text) => {
                let _ = write!(page, "<p class=\"note\">{}</p>", svg::escape(text));
            }
            Part::Remarks(remarks) => {
                page.push_str("<ul>");
                for remark in remarks {
                    let class = match remark.mark {
                        Mark::Passed => "passed",
                        Mark::Failed => "failed",
                        Mark::Open => "open",
                        Mark::Warning => "warning",
                    };
                    let _ = write!(
                        page,
                        "<li class=\"{class}\">{}</li>",
                        svg::escape(&remark.text)
                    );
                }
                page.push_str("</ul>");
            }
        }
    }
    if in_grid {
        page.push_str("</div>");
    }
    page.push_str("</body></html>\n");
    page
}

fn push_table(page: &mut String, table: &Table) {
    let is_facts = table.head.iter().all(String::is_empty);
    page.push_str(match is_facts {
        true => "<div class=\"scroll\"><table class=\"facts\">",
        false => "<div class=\"scroll\"><table>",
    });
    if !is_facts {
        push_row(page, &table.head, "th");
    }
    for row in &table.rows {
        push_row(page, row, "td");
    }
    page.push_str("</table></div>");
}

fn push_row(page: &mut String, cells: &[String], tag: &str) {
    page.push_str("<tr>");
    for cell in cells {
        let _ = write!(page, "<{tag}>{}</{tag}>", svg::escape(cell));
    }
    page.push_str("</tr>");
}
