//! Figures against empyrical-reloaded 0.7.1, scipy and arch on the shipped S&P sample.

use super::{assert_close, fixture, sample};
use crate::stats::{block_length, sharpe_interval};
use crate::{Conventions, Performance};
use domain::StreamRng;
use std::io::Read;

const TOLERANCE: f64 = 1e-12;

/// The equal-weight mean of the stocks' daily returns since 2010, as the oracle forms it.
fn equal_weight_returns() -> Vec<f64> {
    let path = sample("sp500_20stocks_daily_close_1990_2022.csv.gz");
    let file =
        std::fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = String::new();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    let rows: Vec<(&str, Vec<f64>)> = text
        .lines()
        .skip(1)
        .map(|line| {
            let (date, prices) = line.split_once(',').unwrap();
            (
                date,
                prices
                    .split(',')
                    .map(|price| price.parse().unwrap())
                    .collect(),
            )
        })
        .collect();
    rows.windows(2)
        .filter(|pair| pair[1].0 >= "2010-01-01")
        .map(|pair| {
            let changes = pair[0]
                .1
                .iter()
                .zip(&pair[1].1)
                .map(|(old, new)| new / old - 1.0);
            changes.sum::<f64>() / pair[0].1.len() as f64
        })
        .collect()
}

#[test]
fn figures_are_empyricals() {
    let expected = fixture("sp20_empyrical.json");
    let returns = equal_weight_returns();
    assert_eq!(returns.len() as u64, expected["periods"].as_u64().unwrap());
    let measured = Performance::of_returns(&returns, &Conventions::empyrical(252.0));
    for (name, got) in [
        ("total_return", Some(measured.total_return)),
        ("annual_return", measured.annual_return),
        ("annual_volatility", measured.annual_volatility),
        ("downside_risk", measured.downside_risk),
        ("sharpe", measured.sharpe),
        ("sortino", measured.sortino),
        ("calmar", measured.calmar),
        ("omega", measured.omega),
        ("max_drawdown", measured.max_drawdown.map(|fall| fall.depth)),
        ("value_at_risk", measured.value_at_risk),
        (
            "conditional_value_at_risk",
            measured.conditional_value_at_risk,
        ),
        ("tail_ratio", measured.tail_ratio),
        ("stability", measured.stability),
        ("skew", measured.skew),
        ("excess_kurtosis", measured.excess_kurtosis),
    ] {
        let expected = expected[name].as_f64().unwrap();
        assert_close(name, got.unwrap(), expected, TOLERANCE);
        let relative = (got.unwrap() - expected).abs() / expected.abs();
        assert!(
            relative <= TOLERANCE,
            "{name}: off by {relative:.1e} of itself"
        );
    }
}

#[test]
fn the_risk_free_rate_enters_as_empyricals() {
    let expected = fixture("sp20_empyrical.json");
    let conventions = Conventions {
        risk_free: 0.0001 * 252.0,
        ..Conventions::empyrical(252.0)
    };
    let measured = Performance::of_returns(&equal_weight_returns(), &conventions);
    for (name, got) in [
        ("sharpe_risk_free_0.0001", measured.sharpe),
        ("sortino_required_0.0001", measured.sortino),
        ("omega_risk_free_0.0001", measured.omega),
    ] {
        assert_close(
            name,
            got.unwrap(),
            expected[name].as_f64().unwrap(),
            TOLERANCE,
        );
    }
}

#[test]
fn the_bootstrap_interval_is_archs() {
    let expected = &fixture("sp20_empyrical.json")["sharpe_bootstrap"];
    let conventions = Conventions::empyrical(252.0);
    let mut rng = StreamRng::seeded(1);
    let found =
        sharpe_interval(&equal_weight_returns(), &conventions, 5_000, 0.95, &mut rng).unwrap();
    assert_close(
        "block length",
        found.block_length,
        expected["block_length"].as_f64().unwrap(),
        1e-9,
    );
    // Two independent sets of draws: their quantiles differ by about 0.015.
    for (name, got) in [("low", found.interval.low), ("high", found.interval.high)] {
        let expected = expected[name].as_f64().unwrap();
        assert!(
            (got - expected).abs() < 0.06,
            "{name}: {got} is far from {expected}"
        );
    }
}

#[test]
fn block_lengths_are_archs() {
    for case in fixture("block_length_arch.json")["cases"]
        .as_array()
        .unwrap()
    {
        let (phi, count) = (
            case["phi"].as_f64().unwrap(),
            case["count"].as_u64().unwrap(),
        );
        let mut value = 0.0;
        let series: Vec<f64> = (1..=count)
            .map(|i| {
                value = phi * value + (((i * 7919) % 1009) as f64 / 1009.0 - 0.5);
                value
            })
            .collect();
        let expected = case["stationary"].as_f64().unwrap();
        assert_close(
            "block length",
            block_length(&series),
            expected.max(1.0),
            1e-9,
        );
    }
}
