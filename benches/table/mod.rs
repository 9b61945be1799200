//! The table of budgets: number, what, figure, bar, whether it holds, and what others take.

use std::time::Duration;

/// A figure beside its bar.
pub struct Figure {
    figure: String,
    bar: String,
    holds: bool,
}

/// Returns a time beside its bar in milliseconds.
pub fn milliseconds(time: Duration, bar: f64) -> Figure {
    let time = time.as_secs_f64() * 1e3;
    Figure {
        figure: format!("{time:.2} ms"),
        bar: format!("≤ {bar} ms"),
        holds: time <= bar,
    }
}

/// Returns a figure of `unit` beside its bar.
pub fn share(figure: f64, bar: f64, unit: &str) -> Figure {
    let digits = if figure < 10.0 { 2 } else { 0 };
    Figure {
        figure: format!("{figure:.digits$} {unit}"),
        bar: format!("≤ {bar} {unit}"),
        holds: figure <= bar,
    }
}

/// Returns a figure of `unit` beside the least that it has to be.
pub fn at_least(figure: f64, bar: f64, unit: &str) -> Figure {
    Figure {
        figure: format!("{figure:.2} {unit}"),
        bar: format!("≥ {bar} {unit}"),
        holds: figure >= bar,
    }
}

/// Returns a count beside what it has to be.
pub fn exactly(found: Option<u64>, wanted: u64) -> Figure {
    Figure {
        figure: found.map_or_else(|| "none".to_owned(), |found| found.to_string()),
        bar: format!("{wanted}"),
        holds: found == Some(wanted),
    }
}

/// The rows.
pub struct Table {
    rows: Vec<(u8, [String; 5])>,
}

impl Table {
    pub fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// Adds what was measured for budget `number`; `anchor` is what others take.
    pub fn row(&mut self, number: u8, what: &str, figure: &Figure, anchor: &str) {
        let holds = if figure.holds { "ok" } else { "MISSED" };
        let row = [what, &figure.figure, &figure.bar, holds, anchor];
        self.rows.push((number, row.map(str::to_owned)));
    }

    /// Adds what something else measures or holds.
    pub fn refer(&mut self, number: u8, what: &str, bar: &str, place: &str) {
        let row = [what, place, bar, "see", "–"].map(str::to_owned);
        self.rows.push((number, row));
    }

    pub fn print(mut self) {
        self.rows.sort_by_key(|(number, _)| *number);
        println!("| # | what | figure | bar | | others |");
        println!("|---|---|---|---|---|---|");
        for (number, row) in self.rows {
            println!("| {number} | {} |", row.join(" | "));
        }
    }
}
