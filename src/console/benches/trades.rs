//! How long ten million round trips take: `cargo bench -p console --bench trades`.
//!
//! The filter runs off the drawing thread (bar: 500 ms); a key and its picture run on it, and only
//! look at the visible rows. The first argument, where it is a number, is how many rows.

mod stage;

use console::{State, chord::Chord, run_data::Trades, trade_table::Question};
use crossterm::event::KeyCode;
use domain::{Lang, Nanos, StreamRng, SystemClock};
use report::trades::{Column, Filter, Order, Query};
use runs::{Scope, Side, TradeRecord};
use stage::{SIZE, Screen, tell, timed};
use std::{io, path::Path, time::Duration};

const ROWS: usize = 10_000_000;
const ROUNDS: usize = 5;

const FILTERS: [&str; 3] = [
    "pnl<0 and side=long and bars>20",
    "not (return > 1% or exit_time < 2024-06) and qty >= 0.5",
    "pnl != 0",
];

fn main() -> io::Result<()> {
    let mut asked = std::env::args().filter_map(|argument| argument.parse().ok());
    let count = asked.next_back().unwrap_or(ROWS);
    let clock = SystemClock::new();
    let trades = table(count);
    let ask = |filter: &str, sort| Question {
        trades: trades.clone(),
        query: Query {
            filter: Filter::parse(filter).unwrap_or_default(),
            sort,
        },
    };
    for filter in FILTERS {
        let question = ask(filter, None);
        let mut found = 0;
        let mut times: Vec<Duration> = (0..ROUNDS)
            .map(|_| timed(&clock, || found = question.answer().len()))
            .collect();
        tell(&format!("{count} rows, `{filter}` ({found})"), &mut times)?;
    }
    let sorted = ask(FILTERS[0], Some((Column::Pnl, Order::Rising)));
    let mut times = vec![timed(&clock, || drop(sorted.answer()))];
    tell("the first of them, sorted by profit", &mut times)?;

    let mut state = State::new(Path::new("."), Lang::Ko, SIZE, None);
    state.screen = console::state::Screen::Trades;
    let question = state.trades.refresh(&trades);
    if let Some(question) = question {
        let picked = question.answer();
        state.trades.take(question, picked);
    }
    let mut screen = Screen::new();
    let mut scroll = Vec::new();
    for code in [
        KeyCode::Down,
        KeyCode::PageDown,
        KeyCode::End,
        KeyCode::PageUp,
        KeyCode::Home,
    ] {
        for _ in 0..40 {
            scroll.push(timed(&clock, || {
                stage::press(&mut state, Chord::key(code), &clock);
                screen.show(&state);
            }));
        }
    }
    tell(
        "a key of the table, its picture and what is sent",
        &mut scroll,
    )?;
    let mut times: Vec<Duration> = (0..200)
        .map(|round| {
            timed(&clock, || {
                let at = state.trades.len() / 200 * round;
                let shown = state.trades.len();
                state.trades.cursor.set(at, shown, 50);
                screen.show(&state);
            })
        })
        .collect();
    tell("a jump, its picture and what is sent", &mut times)
}

fn table(count: usize) -> Trades {
    let mut rng = StreamRng::seeded(7);
    let hour = 3_600_000_000_000_i64;
    let trade = |n: usize| {
        let bars = 1 + rng.below(40);
        TradeRecord {
            step: 1,
            scope: Scope::Test,
            side: if rng.below(2) == 0 {
                Side::Long
            } else {
                Side::Short
            },
            qty: rng.uniform(),
            entry_bar: n as u64,
            entry_t: Nanos(1_704_067_200_000_000_000 + n as i64 * 1_000_000_000),
            entry_price: 100.0,
            exit_bar: n as u64 + bars,
            exit_t: Nanos(
                1_704_067_200_000_000_000 + n as i64 * 1_000_000_000 + bars as i64 * hour,
            ),
            exit_price: 101.0,
            pnl: rng.normal(),
            fees: 0.1,
        }
    };
    Trades::from((0..count).map(trade).collect::<Vec<_>>())
}
