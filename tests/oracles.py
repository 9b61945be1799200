#!/usr/bin/env python3
"""Computes what independent software says, for the tests to be held against.

Two jobs, both through the ordinary package client:

    python3 tests/oracles.py [fetch]    # GOOG.csv out of backtesting's wheel, into the cache folder
    python3 tests/oracles.py fixtures   # recompute the committed numbers under src/*/fixtures

The cache folder is $XDG_CACHE_HOME/makook/oracles (or ~/.cache/makook/oracles). GOOG.csv ships
inside an AGPL package and is therefore never committed; tests that need it say SKIPPED without it.
`fixtures` builds a throw-away virtual environment in the cache folder; nothing of it is needed to
build, test or run makook.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import venv
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "src" / "backtest" / "fixtures"
BACKTESTING = "backtesting==0.6.6"
PACKAGES = [BACKTESTING, "empyrical-reloaded==0.7.1", "arch==8.0.0", "scipy"]


def cache() -> pathlib.Path:
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    folder = pathlib.Path(base) / "makook" / "oracles"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def fetch() -> None:
    """Extracts GOOG.csv from the wheel; nothing of the package is installed or run."""
    target = cache() / "GOOG.csv"
    if target.exists():
        print(f"{target} is there already", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        done = subprocess.run([*command, "--dest", scratch, BACKTESTING], check=False)
        if done.returncode != 0:
            sys.exit(f"could not download {BACKTESTING}: check the network, then run `make oracles` again")
        wheel = next(pathlib.Path(scratch).glob("*.whl"))
        data = zipfile.ZipFile(wheel).read("backtesting/test/GOOG.csv")
    partial = target.with_suffix(".tmp")
    partial.write_bytes(data)
    partial.replace(target)
    print(f"{target}: {len(data)} bytes", file=sys.stderr)


def fixtures(python: str | None) -> None:
    """Runs this file's oracle half inside an environment that has the packages."""
    if python is None:
        home = cache() / "venv"
        python = str(home / "bin" / "python")
        if not pathlib.Path(python).exists():
            venv.create(home, with_pip=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    subprocess.run([python, __file__, "compute"], check=True)


def compute() -> None:
    FIXTURES.mkdir(parents=True, exist_ok=True)
    write("goog_sma_cross.json", goog())
    write("synthetic_sma_cross.json", {"cases": [synthetic(**case) for case in SYNTHETIC]})
    write("sp20_empyrical.json", sp20())
    write("block_length_arch.json", {"cases": block_lengths()})


def write(name: str, content: dict) -> None:
    path = FIXTURES / name
    path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes", file=sys.stderr)


# --- backtesting.py -----------------------------------------------------------------------------

SYNTHETIC = [
    {"seed": 1, "bars": 400, "fast": 5, "slow": 13, "commission": 0.0, "cash": 10_000},
    {"seed": 2, "bars": 600, "fast": 10, "slow": 20, "commission": 0.002, "cash": 10_000},
    {"seed": 3, "bars": 500, "fast": 3, "slow": 8, "commission": 0.01, "cash": 25_000},
    {"seed": 4, "bars": 500, "fast": 7, "slow": 30, "commission": 0.0005, "cash": 1_000_000},
]


def sma_cross(frame, fast, slow, commission, cash):
    import warnings

    import pandas as pd
    from backtesting import Backtest, Strategy
    from backtesting.lib import crossover

    warnings.filterwarnings("ignore")

    def sma(values, window):
        return pd.Series(values).rolling(window).mean()

    class SmaCross(Strategy):
        def init(self):
            self.quick = self.I(sma, self.data.Close, fast)
            self.steady = self.I(sma, self.data.Close, slow)

        def next(self):
            if crossover(self.quick, self.steady):
                self.buy()
            elif crossover(self.steady, self.quick):
                self.sell()

    run = Backtest(frame, SmaCross, cash=cash, commission=commission, exclusive_orders=True)
    return run.run()


STATISTICS = {
    "equity_final": "Equity Final [$]", "equity_peak": "Equity Peak [$]", "commissions": "Commissions [$]",
    "return_percent": "Return [%]", "exposure_percent": "Exposure Time [%]",
    "annual_return_percent": "Return (Ann.) [%]", "annual_volatility_percent": "Volatility (Ann.) [%]",
    "sharpe": "Sharpe Ratio", "sortino": "Sortino Ratio", "calmar": "Calmar Ratio",
    "max_drawdown_percent": "Max. Drawdown [%]", "win_rate_percent": "Win Rate [%]",
    "best_trade_percent": "Best Trade [%]", "worst_trade_percent": "Worst Trade [%]",
    "profit_factor": "Profit Factor", "expectancy_percent": "Expectancy [%]",
}


def outcome(stats) -> dict:
    out = {key: float(stats.get(name, 0.0)) for key, name in STATISTICS.items()}
    out["equity"] = [float(value) for value in stats["_equity_curve"]["Equity"]]
    rows = stats["_trades"]
    out["trades"] = [
        {"size": int(t.Size), "entry_bar": int(t.EntryBar), "exit_bar": int(t.ExitBar),
         "entry_price": float(t.EntryPrice), "exit_price": float(t.ExitPrice), "pnl": float(t.PnL),
         "commission": float(t.Commission), "return": float(t.ReturnPct)}
        for t in rows.itertuples()
    ]
    return out


def goog() -> dict:
    """Numbers only: the prices stay in backtesting's wheel."""
    import pandas as pd

    fetch()
    frame = pd.read_csv(cache() / "GOOG.csv", index_col=0, parse_dates=True)
    stats = sma_cross(frame, fast=10, slow=20, commission=0.002, cash=10_000)
    out = {"source": BACKTESTING, "fast": 10, "slow": 20, "commission": 0.002, "cash": 10_000}
    result = outcome(stats)
    # Every fortieth point: enough to hold the curve, too little to be the price series.
    result["equity"] = result["equity"][::40]
    return {**out, "buy_and_hold_percent": float(stats["Buy & Hold Return [%]"]), **result}


def synthetic(seed, bars, fast, slow, commission, cash) -> dict:
    """Prices are generated here and stored with the result; cents, as a real venue has them."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0.0003, 0.02, bars)))
    opens = np.r_[100.0, close[:-1]] * np.exp(rng.normal(0, 0.004, bars))
    high = np.maximum(opens, close) * (1 + abs(rng.normal(0, 0.004, bars)))
    low = np.minimum(opens, close) * (1 - abs(rng.normal(0, 0.004, bars)))
    columns = {"Open": opens, "High": high, "Low": low, "Close": close}
    frame = pd.DataFrame({k: np.round(v, 2) for k, v in columns.items()},
                         index=pd.bdate_range("2015-01-01", periods=bars))
    frame["Volume"] = 1.0
    stats = sma_cross(frame, fast, slow, commission, cash)
    prices = {k.lower(): [float(v) for v in frame[k]] for k in columns}
    out = {"source": BACKTESTING, "seed": seed, "fast": fast, "slow": slow, "commission": commission,
           "cash": cash, **prices}
    return {**out, **outcome(stats)}


# --- empyrical, scipy ---------------------------------------------------------------------------

def sp20() -> dict:
    """The equal-weight daily mean of the shipped S&P 20 sample, 2010 to 2022."""
    import empyrical as ep
    import pandas as pd
    import scipy.stats

    sample = ROOT / "data" / "sample" / "sp500_20stocks_daily_close_1990_2022.csv.gz"
    prices = pd.read_csv(sample, index_col=0, parse_dates=True)
    returns = prices.pct_change().dropna().mean(axis=1)
    returns = returns[returns.index >= "2010-01-01"]
    functions = {
        "annual_return": ep.annual_return, "annual_volatility": ep.annual_volatility,
        "sharpe": ep.sharpe_ratio, "sortino": ep.sortino_ratio, "max_drawdown": ep.max_drawdown,
        "calmar": ep.calmar_ratio, "omega": ep.omega_ratio, "tail_ratio": ep.tail_ratio,
        "value_at_risk": ep.value_at_risk, "conditional_value_at_risk": ep.conditional_value_at_risk,
        "stability": ep.stability_of_timeseries, "downside_risk": ep.downside_risk,
        "total_return": ep.cum_returns_final,
        "skew": scipy.stats.skew, "excess_kurtosis": scipy.stats.kurtosis,
    }
    out = {name: float(function(returns)) for name, function in functions.items()}
    out["sharpe_risk_free_0.0001"] = float(ep.sharpe_ratio(returns, risk_free=0.0001))
    out["sortino_required_0.0001"] = float(ep.sortino_ratio(returns, required_return=0.0001))
    out["omega_risk_free_0.0001"] = float(ep.omega_ratio(returns, risk_free=0.0001))
    out["sharpe_bootstrap"] = sharpe_bootstrap(returns.to_numpy())
    return {"source": "empyrical-reloaded==0.7.1, arch==8.0.0", "periods": len(returns), **out}


def sharpe_bootstrap(returns) -> dict:
    """arch's stationary bootstrap; blocks as long as those of returns or of their squares."""
    import numpy as np
    from arch.bootstrap import StationaryBootstrap, optimal_block_length

    squares = (returns - returns.mean()) ** 2
    block = max(float(optimal_block_length(x)["stationary"].iloc[0]) for x in (returns, squares))

    def sharpe(sample):
        return sample.mean() / sample.std(ddof=1) * np.sqrt(252)

    bootstrap = StationaryBootstrap(block, returns, seed=np.random.default_rng(1))
    low, high = bootstrap.conf_int(sharpe, reps=5000, method="percentile", size=0.95).ravel()
    return {"block_length": block, "low": float(low), "high": float(high)}


# --- arch ---------------------------------------------------------------------------------------

def block_lengths() -> list:
    """An AR(1) of a fixed recursion that any language can repeat, without random numbers."""
    import numpy as np
    from arch.bootstrap import optimal_block_length

    cases = []
    for phi, count in [(0.0, 500), (0.3, 1000), (0.7, 1000), (0.9, 2000), (-0.4, 800)]:
        noise = [((i * 7919) % 1009) / 1009 - 0.5 for i in range(1, count + 1)]
        series, value = [], 0.0
        for shock in noise:
            value = phi * value + shock
            series.append(value)
        length = float(optimal_block_length(np.array(series))["stationary"].iloc[0])
        cases.append({"phi": phi, "count": count, "stationary": length})
    return cases


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("job", nargs="?", default="fetch", choices=["fetch", "fixtures", "compute"])
    parser.add_argument("--python", help="interpreter that has the packages already")
    arguments = parser.parse_args()
    {"fetch": fetch, "fixtures": lambda: fixtures(arguments.python), "compute": compute}[arguments.job]()


if __name__ == "__main__":
    main()
