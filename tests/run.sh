#!/usr/bin/env bash
# Runs every test of the project and ends with one line that counts them.
# A test that cannot run here prints a line `SKIPPED: <name>: <why>` and is counted as skipped.
set -u
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo} python=${PYTHON:-python3}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed_run=0

# Tests of jobs wait for other programs most of the time.
twice=$(($(nproc 2>/dev/null || echo 2) * 2))
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-$((twice < 8 ? twice : 8))}

echo "makook: building and running the Rust tests" >&2
"$cargo" test --release --workspace --no-fail-fast -- --nocapture 2>&1 | tee "$log"
[ "${PIPESTATUS[0]}" -eq 0 ] || failed_run=1

echo "makook: running the set-up tests" >&2
"$python" -m unittest discover -s tests -p '*_test.py' 2>&1 | tee -a "$log"
[ "${PIPESTATUS[0]}" -eq 0 ] || failed_run=1

sum() { awk -v key="$1" '/^test result:/ { for (i = 1; i < NF; i++) if ($(i + 1) ~ "^" key) n += $i } END { print n + 0 }' "$log"; }
passed=$(sum passed)
failed=$(sum failed)
ignored=$(sum ignored)
# With one test thread the line of a skipped test begins with `test <name> ... `.
skips=$(grep -oE '(^|\.\.\. )SKIPPED: .*' "$log" | sed 's/^\.\.\. //')
skipped=$(printf '%s' "$skips" | grep -c '')
set_up=$(awk '/^Ran [0-9]+ tests? in/ { n += $2 } END { print n + 0 }' "$log")
set_up_failed=$(awk '/^FAILED \(/ { while (match($0, /(failures|errors)=[0-9]+/)) { split(substr($0, RSTART, RLENGTH), part, "="); n += part[2]; $0 = substr($0, RSTART + RLENGTH) } } END { print n + 0 }' "$log")
passed=$((passed + set_up - set_up_failed - skipped))
failed=$((failed + set_up_failed))
if [ "$failed_run" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
[ -z "$skips" ] || printf '%s\n' "$skips"
echo "$passed passed, $failed failed, $((ignored + skipped)) skipped"
exit "$failed_run"
