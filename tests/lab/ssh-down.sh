#!/usr/bin/env bash
# Stops only the sshd that ssh-up.sh started, its sessions, and the client's shared connection.
#   ssh-down.sh           keep keys and configuration
#   ssh-down.sh --cut     end the sessions only, as a lost line would; sshd goes on
#   ssh-down.sh --purge   remove the lab as well
# SSH_LAB names the lab's directory. Ends with 0.
set -uo pipefail
. "$(dirname "$0")/daemons.sh"
LAB=${SSH_LAB:-/tmp/makook-ssh-lab}
MODE=${1:-}
case $MODE in "" | --cut | --purge) ;; *) echo "lab: unknown option $MODE" >&2; exit 2 ;; esac
[ -d "$LAB" ] || exit 0
if alive "$LAB/sshd.pid" sshd; then
  # The sessions are sshd's children and theirs: what the user started in them is left alone.
  for p in $(cat "/proc/$(cat "$LAB/sshd.pid")/task"/*/children 2>/dev/null); do
    for c in $(cat "/proc/$p/task"/*/children 2>/dev/null); do
      grep -qa sshd "/proc/$c/comm" 2>/dev/null && kill -KILL "$c" 2>/dev/null
    done
    kill -KILL "$p" 2>/dev/null
  done
fi
[ "$MODE" = --cut ] && exit 0
timeout 5 ssh -F "$LAB/config" -O exit klone-login >/dev/null 2>&1
stop "$LAB/sshd.pid" sshd
[ "$MODE" = --purge ] && rm -rf "$LAB"
exit 0
