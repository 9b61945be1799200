#!/usr/bin/env bash
# Installs what the Slurm and SSH labs and the terminal tests need, where that is possible (Debian, root).
# The only place of the tests that uses the network; without it the labs' tests say SKIPPED.
#   packages.sh           install what is missing
#   packages.sh --check   only say whether all is there
# Ends with 0 when all is there, 77 with one line why not.
set -uo pipefail
. "$(dirname "$0")/daemons.sh"
slurm="slurmctld slurmd slurm-client slurm-wlm-basic-plugins munge"
accounting="slurmdbd slurm-wlm-mysql-plugin mariadb-server"
ssh="openssh-server openssh-client"
terminals="tmux screen"

command -v dpkg-query >/dev/null || cannot "no dpkg: the labs use Debian's packages ($slurm $accounting $ssh $terminals)"
missing=""
for p in $slurm $accounting $ssh $terminals; do
  dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
[ -z "$missing" ] && { echo "lab: all packages are there"; exit 0; }
[ "${1:-}" = --check ] && cannot "missing packages:$missing (tests/lab/packages.sh installs them)"
[ "$(id -u)" = 0 ] || cannot "missing packages:$missing, and only root may install them"
command -v apt-get >/dev/null || cannot "missing packages:$missing, and there is no apt-get"

# Keeps the packages from starting daemons of their own.
policy=/usr/sbin/policy-rc.d
made=0
if [ ! -e $policy ]; then printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy && made=1; fi
log=$(mktemp)
trap '[ $made = 1 ] && rm -f $policy; rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
echo "lab: installing:$missing"
{ apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1 </dev/null ||
  { tail -5 "$log" >&2; cannot "apt-get could not install:$missing"; }
say "installed:$missing"
