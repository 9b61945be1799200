#!/usr/bin/env bash
# Says which versions of the C and C++ libraries programs need, and fails where one is too new for
# the oldest hosts that makook promises to start on: Enterprise Linux 8 and Debian 10 (glibc 2.28).
#
#     deploy/glibc_gate.sh PROGRAM...
#
# Exit codes: 0 all fit, 1 one does not, 2 usage, 3 no objdump. Figures go to stdout.
set -euo pipefail
declare -A limit=([GLIBC]=2.28 [GLIBCXX]=3.4.22 [CXXABI]=1.3.11 [GCC]=7.0.0)
objdump=${OBJDUMP:-objdump}

[ $# -gt 0 ] || { echo "usage: deploy/glibc_gate.sh PROGRAM..." >&2; exit 2; }
command -v "$objdump" >/dev/null || { echo "gate: no objdump found; install binutils" >&2; exit 3; }

verdict=0
for program in "$@"; do
    if ! symbols=$("$objdump" -p -T "$program"); then
        echo "gate: $program is not a dynamic program" >&2
        exit 2
    fi
    line=$(basename "$program")
    for library in GLIBC GLIBCXX CXXABI GCC; do
        newest=$(grep -oE "\b${library}_[0-9][0-9.]*" <<<"$symbols" | cut -d_ -f2 | sort -V | tail -1 || true)
        [ -n "$newest" ] || continue
        line+="  $library $newest (at most ${limit[$library]})"
        if [ "$(printf '%s\n' "$newest" "${limit[$library]}" | sort -V | tail -1)" != "${limit[$library]}" ]; then
            line+=" TOO NEW"
            verdict=1
            echo "gate: $(basename "$program") needs ${library}_$newest for:" >&2
            grep -F "(${library}_$newest)" <<<"$symbols" | awk '{ print "gate:   " $NF }' | sort -u | head >&2 || true
        fi
    done
    # Not numbered, hence not caught above: packed relocations need glibc 2.36, private symbols the
    # very same glibc.
    if extra=$(grep -oE 'GLIBC_(ABI_[A-Z_]+|PRIVATE)' <<<"$symbols" | sort -u | paste -sd' '); [ -n "$extra" ]; then
        line+="  $extra TOO NEW"
        verdict=1
    fi
    echo "$line"
done
exit $verdict
