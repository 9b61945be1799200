//! The filter language against a plain walk over the rows, its errors, sorting, totals.

use super::*;
use domain::{Lang, Nanos, StreamRng};
use proptest::prelude::*;
use rstest::rstest;
use runs::{Scope, Side};

const HOUR: i64 = 3_600_000_000_000;
/// 2024-01-01T00:00Z.
const START: i64 = 1_704_067_200_000_000_000;

fn trade(n: i64) -> TradeRecord {
    let pnl = match n % 5 {
        0 => -10.0,
        1 => f64::NAN,
        other => other as f64 * 4.0,
    };
    TradeRecord {
        step: 100,
        scope: if n % 2 == 0 {
            Scope::Test
        } else {
            Scope::Valid
        },
        side: if n % 3 == 0 { Side::Short } else { Side::Long },
        qty: 0.5,
        entry_bar: n as u64 * 10,
        entry_t: Nanos(START + n * 24 * HOUR),
        entry_price: 100.0 + n as f64,
        exit_bar: n as u64 * 10 + 7 + n as u64 % 4,
        exit_t: Nanos(START + n * 24 * HOUR + (7 + n % 4) * HOUR),
        exit_price: 101.0,
        pnl,
        fees: 1.5,
    }
}

fn table(count: i64) -> Vec<TradeRecord> {
    (0..count).map(trade).collect()
}

fn rows(filter: &str, trades: &[TradeRecord]) -> Vec<u32> {
    filter.parse::<Filter>().unwrap().rows(trades)
}

#[rstest]
#[case("pnl < 0", |t: &TradeRecord| t.pnl < 0.0)]
#[case("pnl<-9.5", |t: &TradeRecord| t.pnl < -9.5)]
#[case("pnl != 8", |t: &TradeRecord| t.pnl.to_bits() != 8.0_f64.to_bits())]
#[case("PNL >= 1.2e1", |t: &TradeRecord| t.pnl >= 12.0)]
#[case("profit<=8", |t: &TradeRecord| t.pnl <= 8.0)]
#[case("side=long", |t: &TradeRecord| t.side == Side::Long)]
#[case("side != LONG", |t: &TradeRecord| t.side == Side::Short)]
#[case("방향 = 매도", |t: &TradeRecord| t.side == Side::Short)]
#[case("window = test", |t: &TradeRecord| t.scope == Scope::Test)]
#[case("bars > 8", |t: &TradeRecord| t.bars_held() > 8)]
#[case("hours == 7", |t: &TradeRecord| t.exit_t.0 - t.entry_t.0 == 7 * HOUR)]
#[case("return > 10%", |t: &TradeRecord| t.return_on_entry() > 0.1)]
#[case("return > 0.1", |t: &TradeRecord| t.return_on_entry() > 0.1)]
#[case("qty=0.5", |_: &TradeRecord| true)]
#[case("fees > 1k", |_: &TradeRecord| false)]
#[case("entry >= 110", |t: &TradeRecord| t.entry_price >= 110.0)]
#[case("exit < 0.1M", |_: &TradeRecord| true)]
#[case("entry_bar = 1_00", |t: &TradeRecord| t.entry_bar == 100)]
#[case("exit_bar > 500", |t: &TradeRecord| t.exit_bar > 500)]
#[case("step = 100", |_: &TradeRecord| true)]
#[case("exit_time = 2024-01", |t: &TradeRecord| t.exit_t.date().starts_with("2024-01"))]
#[case("exit_time != 2024-02-03", |t: &TradeRecord| t.exit_t.date() != "2024-02-03")]
#[case("exit_time > 2024-01", |t: &TradeRecord| t.exit_t.date().as_str() >= "2024-02")]
#[case("exit_time <= 2024-01", |t: &TradeRecord| t.exit_t.date().as_str() < "2024-02")]
#[case("exit_time < 2023-12", |t: &TradeRecord| t.exit_t.date().as_str() < "2024")]
#[case("exit_time > 2024-12", |t: &TradeRecord| t.exit_t.date().as_str() >= "2025")]
#[case("exit_time = 2024", |t: &TradeRecord| t.exit_t.date().starts_with("2024"))]
#[case("exit_time < 2025", |t: &TradeRecord| t.exit_t.date().as_str() < "2025")]
#[case("entry_time >= 2024-02-29T00:00", |t: &TradeRecord| t.entry_t.date().as_str() >= "2024-02-29")]
#[case("entry_time = 2024-01-03T00", |t: &TradeRecord| t.entry_bar == 20)]
#[case("pnl<0 and side=long and bars>8", |t: &TradeRecord| t.pnl < 0.0 && t.side == Side::Long && t.bars_held() > 8)]
#[case("pnl<0 or side=long and bars>8", |t: &TradeRecord| t.pnl < 0.0 || (t.side == Side::Long && t.bars_held() > 8))]
#[case("(pnl<0 or side=long) and bars>8", |t: &TradeRecord| (t.pnl < 0.0 || t.side == Side::Long) && t.bars_held() > 8)]
#[case("not pnl<0", |t: &TradeRecord| t.pnl >= 0.0 || t.pnl.is_nan())]
#[case("not (pnl<0 or bars>8) and side=short", |t: &TradeRecord| !(t.pnl < 0.0 || t.bars_held() > 8) && t.side == Side::Short)]
#[case("손익<0 그리고 봉>8", |t: &TradeRecord| t.pnl < 0.0 && t.bars_held() > 8)]
#[case("not not side<>long", |t: &TradeRecord| t.side == Side::Short)]
fn a_filter_finds_what_a_walk_finds(#[case] filter: &str, #[case] fits: fn(&TradeRecord) -> bool) {
    // More rows than a block, and no multiple of it.
    let trades = table(2_500);
    let walked: Vec<u32> = (0..2_500).filter(|n| fits(&trades[*n as usize])).collect();
    assert_eq!(rows(filter, &trades), walked);
    assert_eq!(
        filter.parse::<Filter>().unwrap().fits(&trades[0]),
        fits(&trades[0])
    );
}

#[rstest]
#[case::unknown("pln < 0", 0, "there is no column `pln`; did you mean `pnl`?")]
#[case::swapped("BRAS > 3", 0, "there is no column `BRAS`; did you mean `bars`?")]
#[case::unknown_far(
    "colour = red",
    0,
    "there is no column `colour`; columns: exit_time, side,"
)]
#[case::no_comparison("pnl 5", 4, "expected one of = != < <= > >=, found `5`")]
#[case::no_value(
    "pnl <",
    5,
    "expected a number such as 20, -1.5 or 2k, but the filter ends here"
)]
#[case::bad_number(
    "bars > many",
    7,
    "expected a number such as 20, -1.5 or 2k, found `many`"
)]
#[case::endless(
    "bars > inf",
    7,
    "expected a number such as 20, -1.5 or 2k, found `inf`"
)]
#[case::too_large(
    "pnl > 1e999",
    6,
    "expected a number such as 20, -1.5 or 2k, found `1e999`"
)]
#[case::bad_share("return > x%", 9, "expected a share such as 1.5% or 0.015, found `x%`")]
#[case::bad_side("side = up", 7, "expected one of long, short, found `up`")]
#[case::order_of_words("side < long", 5, "expected = or != (`side` holds words), found `<`")]
#[case::bad_date("exit_time > 2024-02-30", 12, "expected a date such as")]
#[case::bad_month("exit_time > 2024-13", 12, "expected a date such as")]
#[case::joint_first("and pnl<0", 0, "expected a column, `not` or `(`, found `and`")]
#[case::loud_joint_first("OR pnl<0", 0, "expected a column, `not` or `(`, found `OR`")]
#[case::joint_last(
    "pnl<0 and",
    9,
    "expected a column, `not` or `(`, but the filter ends here"
)]
#[case::no_joint("pnl<0 bars>3", 6, "expected `and`, `or` or the end, found `bars`")]
#[case::unclosed("(pnl<0", 6, "expected `)`, but the filter ends here")]
#[case::unopened("pnl<0)", 5, "expected `and`, `or` or the end, found `)`")]
#[case::nothing_inside("()", 1, "expected a column, `not` or `(`, found `)`")]
#[case::odd("pnl<0 & bars>3", 6, "expected `and`, `or` or the end, found `&`")]
#[case::korean(
    "손익<0 그리고 봉>x",
    11,
    "expected a number such as 20, -1.5 or 2k, found `x`"
)]
#[case::number_first("5 < pnl", 0, "expected a column, `not` or `(`, found `5`")]
fn what_is_not_understood_is_pointed_at(
    #[case] filter: &str,
    #[case] at: usize,
    #[case] says: &str,
) {
    let error = Filter::parse(filter).unwrap_err();
    assert_eq!(error.at(), at, "{error}");
    assert!(error.says().en.starts_with(says), "{error}");
    let korean = error.says().ko;
    assert!(
        korean.chars().any(|c| ('가'..='힣').contains(&c)),
        "{korean}"
    );
}

#[test]
fn the_caret_stands_below_the_place_also_after_wide_letters() {
    let error = Filter::parse("손익 < x").unwrap_err();
    let drawn = error.pointed_out("손익 < x", Lang::En);
    assert!(drawn.starts_with("손익 < x\n       ^ expected"), "{drawn}");
}

#[test]
fn a_blank_filter_is_none_and_a_deep_one_is_refused() {
    assert_eq!(Filter::parse("  "), Ok(None));
    assert!("".parse::<Filter>().is_err());
    let deep = format!("{}pnl<0{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(matches!(
        Filter::parse(&deep),
        Err(FilterError::TooDeep { at: 64 })
    ));
    let denied = format!("{}pnl<0", "not ".repeat(5_000));
    assert!(matches!(
        Filter::parse(&denied),
        Err(FilterError::TooDeep { .. })
    ));
    let fine = format!("{}pnl<0{}", "(".repeat(60), ")".repeat(60));
    assert!(Filter::parse(&fine).is_ok());
}

#[rstest]
#[case("", &["exit_time", "side", "pnl"])]
#[case("b", &["bars"])]
#[case("pnl<0 and ent", &["entry", "entry_time", "entry_bar", "entry_price"])]
#[case("side", &["side"])]
#[case("side ", &["=", "!="])]
#[case("side=", &["long", "short"])]
#[case("side = s", &["short"])]
#[case("pnl < 0 ", &["and", "or"])]
#[case("pnl < ", &[])]
#[case("손", &["손익"])]
#[case("side = 매", &["매수", "매도"])]
#[case("구간=시", &["시험"])]
#[case("손익<0 그", &["그리고"])]
#[case("(pnl<0) 또", &["또는"])]
#[case("pnl<0 AN", &["and"])]
#[case("pnl<0 OR b", &["bars"])]
#[case("NOT ba", &["bars"])]
#[case("아", &["아닌"])]
#[case("x", &[])]
fn what_fits_next_is_offered(#[case] typed: &str, #[case] expected: &[&str]) {
    let offers = complete(typed).offers;
    let count = if typed.is_empty() { 3 } else { offers.len() };
    assert_eq!(&offers[..count], expected);
}

#[test]
fn an_offer_says_what_is_left_to_type() {
    assert_eq!(complete("pnl<0 and ba").rest().as_deref(), Some("rs"));
    assert_eq!(complete("bars").rest(), None);
}

#[test]
fn totals_are_those_of_the_rows_that_fit() {
    let trades = table(50);
    let filter = Filter::parse("pnl > 0 and side = long").unwrap();
    let picked = pick(&trades, &Query { filter, sort: None });
    let fitting: Vec<TradeRecord> = trades
        .iter()
        .filter(|trade| trade.pnl > 0.0 && trade.side == Side::Long)
        .copied()
        .collect();
    assert_eq!(picked.totals, Totals::of(&fitting));
    assert_eq!(picked.totals.profit_factor(), None);
    assert_eq!(picked.totals.win_rate(), Some(1.0));
    let all = Totals::of(&trades);
    assert_eq!((all.count, all.wins), (50, 30));
    assert!((all.net() - (10.0 * (8.0 + 12.0 + 16.0) - 100.0)).abs() < 1e-9);
    assert_eq!(all.profit_factor(), Some(3.6));
    assert_eq!(Totals::default().win_rate(), None);
}

#[test]
fn the_newest_comes_first_until_a_column_is_asked_for() {
    let trades = table(9);
    let listed = |query: &Query| -> Vec<usize> {
        let picked = pick(&trades, query);
        (0..picked.len()).filter_map(|at| picked.row(at)).collect()
    };
    assert_eq!(listed(&Query::default()), [8, 7, 6, 5, 4, 3, 2, 1, 0]);
    let filter = Filter::parse("side = short").unwrap();
    assert_eq!(listed(&Query { filter, sort: None }), [6, 3, 0]);
    let by = |column, order| Query {
        filter: None,
        sort: Some((column, order)),
    };
    assert_eq!(listed(&by(Column::Entry, Order::Rising))[0], 0);
    assert_eq!(listed(&by(Column::Pnl, Order::Falling))[0], 4);
    // What is no number comes last either way.
    assert_eq!(listed(&by(Column::Pnl, Order::Falling))[7..], [6, 1]);
    assert_eq!(listed(&by(Column::Pnl, Order::Rising))[7..], [1, 6]);
    assert_eq!(listed(&by(Column::ExitTime, Order::Rising))[0], 0);
    assert!(pick(&[], &Query::default()).is_empty());
    assert_eq!(pick(&[], &Query::default()).row(0), None);
}

#[test]
fn a_word_finds_the_rows_that_it_names() {
    let scopes = [
        (Scope::Train, "train", "학습"),
        (Scope::Valid, "valid", "검증"),
        (Scope::Test, "test", "시험"),
        (Scope::Paper, "paper", "모의"),
        (Scope::Live, "live", "실거래"),
    ];
    let trades = scopes.map(|(scope, ..)| TradeRecord {
        scope,
        ..table(1)[0]
    });
    for (row, (_, english, korean)) in (0..).zip(scopes) {
        for word in [english, korean] {
            assert_eq!(rows(&format!("window = {word}"), &trades), [row], "{word}");
        }
    }
}

#[test]
fn every_column_is_found_by_every_spelling_and_sorts() {
    let mut rng = StreamRng::seeded(7);
    let mut trades = table(40);
    for trade in &mut trades {
        trade.pnl = rng.uniform() - 0.5;
    }
    for column in Column::ALL {
        for spelling in column.spellings() {
            assert_eq!(Column::named(spelling), Some(column));
        }
        let sort = Some((column, Order::Rising));
        let picked = pick(&trades, &Query { filter: None, sort });
        let values: Vec<f64> = (0..picked.len())
            .map(|at| column.number(&trades[picked.row(at).unwrap()]))
            .collect();
        assert!(values.is_sorted(), "{column:?} {values:?}");
    }
    assert_eq!(Column::named("nothing"), None);
}

proptest! {
    #[test]
    fn no_text_panics_and_an_error_lies_within_the_text(text in "[a-z0-9<>=!() .%손익봉-]{0,40}") {
        let _ = complete(&text);
        if let Err(error) = Filter::parse(&text) {
            prop_assert!(error.at() <= text.chars().count());
            let _ = error.pointed_out(&text, Lang::Ko);
        }
    }
}
