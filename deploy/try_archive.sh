#!/usr/bin/env bash
# Unpacks an archive of `make dist` in an old Debian and uses it there as an ordinary user: version,
# doctor, then a short training on a known-answer market, first without a libtorch, then with one.
#
#     deploy/try_archive.sh dist/makook-<version>-x86_64-linux.tar.gz [SUITE]
#
# SUITE is buster (glibc 2.28) or bullseye (2.31); left out, the oldest that this machine's own
# package mirror still has. Needs root (chroot), debootstrap, and apt's index (`apt-get update`).
# Environment: TRY_ROOT keeps the old system in a folder for the next time.
# Exit codes: 0 it works there, 1 it does not, 2 usage, 3 it could not be tried (and why).
set -euo pipefail
cd "$(dirname "$0")/.."
archive=${1:?usage: deploy/try_archive.sh ARCHIVE [SUITE]}

say() { echo "try: $*" >&2; }
cannot() { say "could not be tried: $*"; exit 3; }

[ -f "$archive" ] || { say "$archive is not there; run \`make dist\`"; exit 2; }
[ "$(id -u)" = 0 ] || cannot "a root of another system needs root; run it with sudo"
command -v debootstrap >/dev/null || cannot "no debootstrap found; install it"

# Only the mirror that this machine's apt is set up with is asked.
# shellcheck disable=SC2016 # apt expands these
mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Component: main' 2>/dev/null |
    awk '$2 !~ /security|updates|backports/ { print $1; exit }')
[ -n "$mirror" ] || cannot "apt names no mirror here; run apt-get update on a Debian machine"
root=${TRY_ROOT:-$(mktemp -d)}
# Mounts live in a namespace of their own and are gone before this.
if [ -z "${TRY_ROOT:-}" ]; then trap 'rm -rf "$root"' EXIT; fi
if [ ! -x "$root/bin/sh" ]; then
    suite=
    for asked in ${2:-buster bullseye}; do
        if /usr/lib/apt/apt-helper download-file "${mirror%/}/dists/$asked/Release" "/tmp/try.$$" >/dev/null 2>&1; then
            suite=$asked
        else
            say "$mirror no longer has $asked"
        fi
        rm -f "/tmp/try.$$"
        [ -z "$suite" ] || break
    done
    [ -n "$suite" ] || cannot "the mirror has no Debian that old"
    say "laying out Debian $suite in $root"
    mkdir -p "$root"
    debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$root.log" 2>&1 || {
        tail -n 3 "$root.log" >&2
        rm -rf "$root"
        cannot "debootstrap failed"
    }
    rm -f "$root.log"
fi

# shellcheck disable=SC2016 # the inner shells expand these
inside() {
    unshare --mount -- sh -c '
        mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" || exit 3
        root=$1; shift
        exec chroot --userspec=1000:1000 "$root" env -i HOME=/home/tuner LANG=C.UTF-8 TERM=dumb \
            PATH=/usr/bin:/bin sh -euc "$@"' inside "$root" "$@"
}
rc=0
inside 'true' || cannot "chroot or mount is not allowed here"
say "$(inside 'ldd --version | head -n 1')"

# A folder with a space and Hangul in its name, owned by an ordinary user.
home="$root/home/tuner"
place="/home/tuner/내 작업"
rm -rf "${home:?}"
mkdir -p "$root$place"
tar -C "$root$place" --no-same-owner -xzf "$archive"
unpacked=$(ls "$root$place")
chown -R 1000:1000 "$home"

check() {
    local want=$1 name=$2
    shift 2
    local text got=0
    text=$(inside "cd '$place/$unpacked'; $*" 2>&1) || got=$?
    if [ "$got" = "$want" ]; then
        say "ok    $name (exit $got)"
    else
        say "FAIL  $name: exit $got, expected $want"
        rc=1
    fi
    # shellcheck disable=SC2001
    sed 's/^/      /' <<<"$text" | tail -n "${TRY_LINES:-15}" >&2
}

check 0 "version" 'bin/makook --version'
if [ ! -f "$root$place/$unpacked/lib/libtorch_cpu.so" ]; then
    check 3 "the worker without a libtorch says so" 'bin/makook-worker --version'
    say "putting libtorch beside it, as on the target"
    "${PYTHON:-python3}" deploy/libtorch.py --into "$root$place/$unpacked"
    chown -R 1000:1000 "$home"
fi
check 0 "the worker's version" 'bin/makook-worker --version'
check 0 "doctor" 'bin/makook doctor'
# shellcheck disable=SC2016
check 0 "a training on the fused kernels" 'bin/makook train configs/known/sine.toml --set train.seeds=[1] --set train.total_steps=20000 --set train.validate_every_steps=10000 >/tmp/out 2>&1 || rc=$?; tail -n 8 /tmp/out; [ "${rc:-0}" -le 1 ]'
# The log has to name it: both ways give the same result, to rounding.
# shellcheck disable=SC2016
check 0 "a training on libtorch" 'bin/makook train configs/known/sine.toml --set policy.backend=\"torch\" --set train.seeds=[1] --set train.total_steps=20000 --set train.validate_every_steps=10000 >/tmp/out 2>&1 || rc=$?; tail -n 8 /tmp/out; [ "${rc:-0}" -le 1 ]; grep -rhom 1 "libtorch on [A-Z][a-z]*" logs/runs'
check 0 "an import of Parquet" 'bin/makook data import data/sample/binance_spot_BTCUSDT_1h_2017-08_2024-01.parquet --name btc && bin/makook data list'
if [ $rc = 0 ]; then say "$(basename "$archive") works there"; else say "$(basename "$archive") does not work there"; fi
exit $rc
