#!/usr/bin/env bash
# Stops only what slurm-up.sh started: by its pid files, and steps by their lab's configuration.
#   slurm-down.sh                cancel the jobs, stop every daemon, keep the state on disk
#   slurm-down.sh --keep-jobs    stop every daemon; running jobs go on and are found again
#   slurm-down.sh --slurm-only   as --keep-jobs, but munged, mariadbd and slurmdbd stay
#   slurm-down.sh --purge        kill everything at once and remove the lab
# SLURM_LAB names the lab's directory. Ends with 0.
set -uo pipefail
. "$(dirname "$0")/daemons.sh"
LAB=${SLURM_LAB:-/tmp/makook-slurm-lab}
MODE=${1:-}
case $MODE in "" | --keep-jobs | --slurm-only | --purge) ;; *) echo "lab: unknown option $MODE" >&2; exit 2 ;; esac
[ -d "$LAB" ] || exit 0
export SLURM_CONF=$LAB/etc/slurm.conf
signal=TERM
[ "$MODE" = --purge ] && signal=KILL
if [ "$MODE" = "" ] && alive "$LAB/run/slurmctld.pid" slurmctld; then
  timeout 15 scancel -t pending,suspended 2>/dev/null
  timeout 15 scancel --full -s KILL -t running 2>/dev/null
  timeout 15 scancel -t running 2>/dev/null
  for _ in $(seq 100); do [ -z "$(timeout 5 squeue -h -t running,completing -o %i 2>/dev/null)" ] && break; sleep 0.1; done
fi
stop "$LAB/run/slurmctld.pid" slurmctld $signal
for n in n3001 g3001 g3002; do stop "$LAB/run/slurmd.$n.pid" slurmd $signal; done
case $MODE in "" | --purge) sweep "$SLURM_CONF" ;; esac
if [ "$MODE" != --slurm-only ]; then
  stop "$LAB/run/slurmdbd.pid" slurmdbd $signal
  stop "$LAB/run/mariadbd.pid" mariadbd $signal
  stop "$LAB/run/munged.pid" munged $signal
fi
if [ "$MODE" = --purge ]; then
  [ "$(cat "$LAB/run/watch.pid" 2>/dev/null)" = $$ ] || stop "$LAB/run/watch.pid" bash KILL
  # Small disks that a test mounted in it.
  awk -v lab="$LAB/" 'index($2, lab) == 1 { print $2 }' /proc/mounts | while read -r disk; do umount -l "$(printf '%b' "$disk")"; done
  rm -rf "$LAB"
fi
exit 0
