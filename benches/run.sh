#!/usr/bin/env bash
# Runs every benchmark of makook, and beside it the peers where they are installed.
#   benches/run.sh            everything
#   benches/run.sh speed      PPO end to end in turn with the peers (A B A B)
#   benches/run.sh learn      learning: control tasks and known-answer markets, 5 seeds; builds the programs first
#   benches/run.sh io         import, features, backtest, environment, list of runs
#   benches/run.sh start      the programs' start: version, first frame
#   benches/run.sh console    the console's budgets in one table, then its own benchmarks; without
#                             the heavy half, so without waiting for it
# A benchmark that fails is named, the others still run, and the exit code is 1.
# Peers are installed by benches/peers/install.sh (about 4 GB); without them their rows are left out.
set -uo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
peers=${MAKOOK_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/makook/peers}
what=${1:-all}
failed=0
fail() { echo "FAILED: $*" >&2; failed=$((failed + 1)); }
bench() {
  echo "== $1 $2"
  "$cargo" bench -q --profile release -p "$1" --bench "$2" -- "${@:3}" || fail "$1 $2"
}
peer() {
  (cd "$peers" && PEERS_CLEAN_S=${PEERS_CLEAN_S:-6} PEERS_MAX_S=30 PEERS_WAIT=5 "$@" 2>/dev/null | tail -1) || fail "peer: $*"
}

if [ "$what" = all ] || [ "$what" = io ]; then
  bench sim env
  bench features features
  bench backtest sma_cross
  bench data import
  bench runs list
  if [ -x "$peers/venv-bt/bin/python" ]; then
    echo "== peer: numba loop"; peer venv-bt/bin/python bt_numba.py
  fi
fi
if [ "$what" = all ] || [ "$what" = start ]; then
  bench makook start
fi
if [ "$what" = all ] || [ "$what" = console ]; then
  echo "== console"
  "$cargo" bench -q --profile release --no-default-features -p makook --bench console || fail "makook console"
  "$cargo" bench -q --profile release --no-default-features -p makook --bench logs || fail "makook logs"
  for file in src/console/benches/*.rs; do
    bench console@0.1.0 "$(basename "$file" .rs)"
  done
fi
if [ "$what" = all ] || [ "$what" = speed ]; then
  bench kernel learner
  for round in 1 2; do
    echo "== round $round"; bench learn ppo_speed
    if [ -x "$peers/venv/bin/python" ]; then
      echo "== peer, round $round: torch.compile"; peer venv/bin/python ppo_torch.py --env numpy --envs 1024 --mb 8192 --compile
      echo "== peer, round $round: Stable-Baselines3, 8 envs"; peer venv/bin/python sb3_ppo.py --vec dummy --envs 8
    fi
    if [ -x "$peers/venv-puffer/bin/python" ]; then
      echo "== peer, round $round: PufferLib"; peer venv-puffer/bin/python puffer_ppo.py --env native-c --envs 1024 --mb 8192
    fi
  done
fi
if [ "$what" = all ] || [ "$what" = learn ]; then
  bench learn control
  if "$cargo" build -q --release --bins; then
    for market in sine ou regime noise; do
      # Code 1 is a verdict of no edge, which is right for noise.
      "${CARGO_TARGET_DIR:-target}/release/makook" train "configs/known/$market.toml" --json | tail -1
      [ "${PIPESTATUS[0]}" -le 1 ] || fail "known market $market"
    done
  else
    fail "the programs do not build"
  fi
fi
if [ "$failed" -ne 0 ]; then
  echo "$failed failed" >&2
  exit 1
fi
