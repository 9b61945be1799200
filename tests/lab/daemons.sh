# What the lab's scripts share: which processes are ours, how one is stopped, how one is waited for.
# Sourced, not run. A process is ours when a pid file of the lab names it and it is the program that
# the file says (numbers are reused), or when its environment names the lab's own configuration.

# Says why the lab cannot run here, in one line, and ends with the code that means so.
cannot() { echo "lab: cannot run here: $*" >&2; exit 77; }
failed() { echo "lab: $*" >&2; exit 1; }
t0=$EPOCHREALTIME
say() { awk -v a="$t0" -v b="$EPOCHREALTIME" -v m="$*" 'BEGIN { printf "%6.2fs  %s\n", b - a, m }'; }

# A process that has ended but was not reaped yet (pid 1 of a container may be slow) does not run.
running() { kill -0 "$1" 2>/dev/null && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }

# alive FILE PROGRAM: whether the pid file names a running process of that program.
alive() {
  local p
  [ -s "$1" ] || return 1
  p=$(cat "$1" 2>/dev/null) && [ -n "$p" ] || return 1
  running "$p" && grep -qa "$2" "/proc/$p/comm" 2>/dev/null
}

# stop FILE PROGRAM [SIGNAL]: ends it and waits until it is gone; a hung one is woken, then killed.
stop() {
  local p n=0
  if alive "$1" "$2"; then
    p=$(cat "$1")
    kill "-${3:-TERM}" "$p" 2>/dev/null
    kill -CONT "$p" 2>/dev/null
    while running "$p"; do
      n=$((n + 1))
      [ $n = 200 ] && kill -KILL "$p" 2>/dev/null
      [ $n -gt 300 ] && break
      sleep 0.05
    done
    echo "stopped $2 (pid $p)"
  fi
  rm -f "$1"
}

# sweep CONFIGURATION: kills the steps of this lab's jobs and what runs in them. They outlive the
# daemon that started them, and nothing writes their numbers down.
sweep() {
  local f p
  for f in $(grep -lazxF -- "SLURM_CONF=$1" /proc/[0-9]*/environ 2>/dev/null); do
    p=${f#/proc/}
    p=${p%/environ}
    grep -qx slurmstepd "/proc/$p/comm" 2>/dev/null || grep -qaz '^SLURM_JOB_ID=' "$f" 2>/dev/null || continue
    kill -KILL "$p" 2>/dev/null && echo "ended left-over process $p"
  done
}

# await WHAT SECONDS COMMAND...: repeats the command until it succeeds.
await() {
  local what=$1 end=$((SECONDS + $2))
  shift 2
  until timeout 10 "$@" </dev/null >/dev/null 2>&1; do
    [ $SECONDS -gt $end ] && failed "gave up waiting for $what; see $LAB/log"
    sleep 0.05
  done
}
