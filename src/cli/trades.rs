//! `makook runs trades`: the round trips of a run's latest evaluation, filtered, sorted and summed.

use super::{args::TradesArgs, context::Context, evaluated::Evaluated, failure::Failure, output};
use domain::{Exit, Lang, phrase};
use report::trades::{Column, Filter, Order, Query, Totals, pick};
use runs::{Evaluation, RunDir, RunReader, Side, TradeRecord};
use serde_json::{Value, json};

/// Runs the verb.
///
/// # Errors
/// No such run, files that cannot be read, or a filter that is not understood.
pub fn run(args: &TradesArgs, context: &Context) -> Result<Exit, Failure> {
    let query = query(args)?;
    let run = context.around.home.open(&args.run)?;
    let (evaluation, trades) = latest(&run)?;
    let evaluated = evaluation.map(|evaluation| Evaluated::of(&run, evaluation));
    let picked = pick(&trades, &query);
    let most = args.limit.unwrap_or(usize::MAX).min(picked.len());
    let rows = || (0..most).filter_map(|place| trades.get(picked.row(place)?));
    if args.json {
        let rows: Vec<Value> = rows().map(described).collect();
        let totals = totals(&picked.totals);
        let evaluation = evaluated.map(|one| one.described());
        output::print_json(&json!({
            "run": run.id(),
            "evaluation": evaluation,
            "totals": totals,
            "trades": rows,
        }))?;
        return Ok(Exit::Done);
    }
    let titles: Vec<&str> = COLUMNS
        .iter()
        .map(|column| column.title().get(context.lang))
        .collect();
    let rows: Vec<Vec<String>> = rows().map(|trade| row(trade, context.lang)).collect();
    output::print(&output::table(&titles, &rows))?;
    let summary = summary(&picked.totals, context.lang);
    let of = evaluated.map(|one| format!("{}\n", one.words().get(context.lang)));
    output::print(&format!("\n{}{summary}\n", of.unwrap_or_default()))?;
    Ok(Exit::Done)
}

/// Columns of the printed table.
const COLUMNS: [Column; 9] = [
    Column::ExitTime,
    Column::Side,
    Column::Pnl,
    Column::Return,
    Column::Bars,
    Column::Entry,
    Column::Exit,
    Column::Quantity,
    Column::Fees,
];

fn query(args: &TradesArgs) -> Result<Query, Failure> {
    let typed = args.filter.as_deref().unwrap_or_default();
    let filter = Filter::parse(typed).map_err(|error| {
        let drawn = |lang| error.pointed_out(typed, lang);
        let (en, ko) = (drawn(Lang::En), drawn(Lang::Ko));
        Failure::usage(
            phrase!(
                "the filter is not understood\n{en}",
                "조건을 이해할 수 없습니다\n{ko}"
            ),
            phrase!(
                "for example: --filter 'pnl<0 and side=long and bars>20'",
                "예: --filter 'pnl<0 and side=long and bars>20'"
            ),
        )
    })?;
    let sort = args.sort.as_deref().map(|name| {
        let order = match args.rising {
            true => Order::Rising,
            false => Order::Falling,
        };
        match Column::named(name) {
            Some(column) => Ok((column, order)),
            None => Err(no_column(name)),
        }
    });
    Ok(Query {
        filter,
        sort: sort.transpose()?,
    })
}

fn no_column(name: &str) -> Failure {
    let names: Vec<&str> = Column::ALL.iter().map(|column| column.name()).collect();
    let names = names.join(", ");
    Failure::usage(
        phrase!("there is no column `{name}`", "`{name}` 열은 없습니다"),
        phrase!("columns: {names}", "쓸 수 있는 열: {names}"),
    )
}

/// The latest evaluation and its round trips in order of their exit.
fn latest(run: &RunDir) -> Result<(Option<Evaluation>, Vec<TradeRecord>), Failure> {
    let mut reader = RunReader::new(run);
    reader.poll()?;
    // One that traded nothing has equity alone.
    let of_trades = reader
        .tracks()
        .flat_map(|(track, found)| Evaluation::of(track, found.trades.records()));
    let newest = Evaluation::latest(Evaluation::with_equity(&reader).chain(of_trades));
    let left = newest.and_then(|newest| Some((newest, reader.track(newest.track)?)));
    let mut trades: Vec<TradeRecord> = left
        .iter()
        .flat_map(|(newest, found)| {
            let records = found.trades.records().iter();
            records.filter(|trade| newest.left(*trade))
        })
        .copied()
        .collect();
    trades.sort_by_key(|trade| trade.exit_t);
    Ok((newest, trades))
}

fn row(trade: &TradeRecord, lang: Lang) -> Vec<String> {
    let side = match (trade.side, lang) {
        (Side::Long, Lang::En) => "long",
        (Side::Long, Lang::Ko) => "매수",
        (Side::Short, Lang::En) => "short",
        (Side::Short, Lang::Ko) => "매도",
    };
    vec![
        output::moment(trade.exit_t),
        side.to_owned(),
        output::figure(trade.pnl),
        format!("{:+.2}%", trade.return_on_entry() * 100.0),
        trade.bars_held().to_string(),
        output::figure(trade.entry_price),
        output::figure(trade.exit_price),
        output::figure(trade.qty),
        output::figure(trade.fees),
    ]
}

fn summary(totals: &Totals, lang: Lang) -> String {
    let none = || "–".to_owned();
    let wins = totals
        .win_rate()
        .map_or_else(none, |share| format!("{:.1}%", share * 100.0));
    let factor = totals.profit_factor().map_or_else(none, output::figure);
    let (count, net) = (totals.count, output::figure(totals.net()));
    let fees = output::figure(totals.fees);
    let said = phrase!(
        "{count} trades  wins {wins}  net profit {net}  profit factor {factor}  fees {fees}",
        "거래 {count}건  승률 {wins}  순손익 {net}  손익비 {factor}  수수료 {fees}"
    );
    said.get(lang).to_owned()
}

fn described(trade: &TradeRecord) -> Value {
    let mut value = json!(trade);
    if let Value::Object(fields) = &mut value {
        fields.insert("bars".into(), json!(trade.bars_held()));
        fields.insert("return".into(), json!(trade.return_on_entry()));
    }
    value
}

fn totals(totals: &Totals) -> Value {
    json!({
        "count": totals.count,
        "wins": totals.wins,
        "win_rate": totals.win_rate(),
        "net": totals.net(),
        "profit_factor": totals.profit_factor(),
        "fees": totals.fees,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Clock, ManualClock, Nanos, StreamRng};
    use runs::{Home, Kind, NewRun, Scope, Segment};

    fn trade(step: u64, scope: Scope, exit: i64) -> TradeRecord {
        TradeRecord {
            step,
            scope,
            side: Side::Short,
            qty: 2.0,
            entry_bar: 1,
            entry_t: Nanos(exit - 1),
            entry_price: 10.0,
            exit_bar: 4,
            exit_t: Nanos(exit),
            exit_price: 9.0,
            pnl: 2.0,
            fees: 0.1,
        }
    }

    #[test]
    fn the_held_out_window_comes_before_a_later_validation() {
        let dir = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(Nanos(1));
        let new = NewRun {
            name: "one",
            kind: Kind::Train,
            parent: None,
            settings: "",
            version: "0.1.0",
        };
        let home = Home::at(dir.path().join("runs"));
        let run = RunDir::create(&home, &new, &clock, &mut StreamRng::seeded(1)).unwrap();
        let mut segment = Segment::begin(&run, None, &clock).unwrap();
        let written = [
            trade(50, Scope::Test, 9),
            trade(50, Scope::Test, 7),
            trade(40, Scope::Test, 8),
            trade(60, Scope::Valid, 6),
        ];
        segment.journals().trades(&written).unwrap();
        segment.journals().flush().unwrap();
        let (evaluation, trades) = latest(&run).unwrap();
        let exits: Vec<i64> = trades.iter().map(|one| one.exit_t.0).collect();
        let evaluation = evaluation.unwrap();
        assert_eq!((evaluation.scope, evaluation.step), (Scope::Test, 50));
        assert_eq!(exits, [7, 9]);
        assert_eq!(clock.now(), Nanos(1));
    }

    #[test]
    fn a_row_has_a_cell_for_every_column_and_totals_read_in_both_languages() {
        let one = trade(1, Scope::Test, 9);
        for lang in [Lang::En, Lang::Ko] {
            assert_eq!(row(&one, lang).len(), COLUMNS.len());
        }
        let totals = Totals::of(&[one]);
        assert!(summary(&totals, Lang::En).starts_with("1 trades  wins 100.0%"));
        assert!(summary(&totals, Lang::Ko).starts_with("거래 1건  승률 100.0%"));
        assert_eq!(described(&one)["bars"], 3);
    }
}
