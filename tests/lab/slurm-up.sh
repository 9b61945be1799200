#!/usr/bin/env bash
# Brings a real Slurm cluster of three virtual nodes up on this machine, in about 0.2 s. Idempotent,
# and mends what was killed.
#   slurm-up.sh            controller and three slurmd (n3001, and g3001, g3002 with 2 fake GPUs each)
#   slurm-up.sh --acct     the same with MariaDB and slurmdbd: sacct, accounts, QOS
#   slurm-up.sh --fresh    wipe the former cluster first
# Everything lives under $SLURM_LAB (default /tmp/makook-slurm-lab); /etc/slurm is not touched.
# SLURM_LAB_PORT (26800) is the first of 104 ports: labs with their own directory and ports run beside
# each other. Afterwards `. $SLURM_LAB/env.sh; sinfo`; stop it with slurm-down.sh.
# Partitions: compute, gpu-a40 (owners), ckpt and ckpt-all (preemptible, warned), ckpt-g2 (preemptible
# without a warning). An ordinary user $SLURM_LAB_USER (netid) gets $SLURM_LAB/gscratch/stf/<user>.
# Knobs: SLURM_LAB_MAXARRAY (1001) and, in seconds, _GRACE (5), _KILLWAIT (10), _CRED_EXPIRE (5; a
# requeued job waits one second longer than this), _MINJOBAGE (300), _NODE_TIMEOUT (30). A changed knob
# restarts Slurm with its jobs kept.
# SLURM_LAB_OWNER: a process; when it is gone, however it ended, the lab is purged.
# Ends with 0 (up), 1 (did not come up), 2 (usage), 77 (cannot run here, with one line why).
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/daemons.sh"
LAB=${SLURM_LAB:-/tmp/makook-slurm-lab}
BASE=${SLURM_LAB_PORT:-26800}
U=${SLURM_LAB_USER:-netid}
ACCT=0 FRESH=0
for a in "$@"; do case $a in --acct) ACCT=1 ;; --fresh) FRESH=1 ;; *) echo "lab: unknown option $a" >&2; exit 2 ;; esac; done

# --- 1. whether it can run here ------------------------------------------------------------------
[ "$(id -u)" = 0 ] || cannot "not root: slurmd and munged start jobs of another user"
need="munged munge slurmctld slurmd sinfo sbatch mknod"
[ $ACCT = 1 ] && need="$need slurmdbd sacctmgr mariadbd mariadb mariadb-install-db"
for p in $need; do command -v "$p" >/dev/null || cannot "$p is not installed (tests/lab/packages.sh installs it)"; done
if ! id "$U" >/dev/null 2>&1; then useradd -m -s /bin/bash "$U" 2>/dev/null || id "$U" >/dev/null 2>&1 || cannot "user $U is not there and cannot be made"; fi

# --- 2. directories and configuration ------------------------------------------------------------
[ $FRESH = 1 ] && SLURM_LAB=$LAB "$HERE/slurm-down.sh" --purge >/dev/null 2>&1
mkdir -p "$LAB"/{etc,log,run,state,dev/g3001,dev/g3002,mysql,gscratch}
chmod 755 "$LAB" "$LAB"/{etc,log,run,gscratch}
mkdir -p "$LAB/gscratch/stf/$U" && chown "$U:" "$LAB/gscratch/stf/$U"
# One at a time in one lab; a killed script leaves no lock behind.
exec 9>"$LAB/lock"
command -v flock >/dev/null && flock 9
if [ ! -s "$LAB/etc/munge.key" ]; then (umask 077; head -c 128 /dev/urandom >"$LAB/etc/munge.key.new"; mv "$LAB/etc/munge.key.new" "$LAB/etc/munge.key"); fi
for n in g3001 g3002; do
  for i in 0 1; do
    [ -e "$LAB/dev/$n/nvidia$i" ] || mknod "$LAB/dev/$n/nvidia$i" c 1 3 2>/dev/null || cannot "mknod is forbidden: no fake GPUs"
  done
done

if [ $ACCT = 1 ]; then accounting="AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=localhost
AccountingStoragePort=$((BASE + 19))
AccountingStoragePass=$LAB/run/munge.sock
AccountingStorageEnforce=associations,limits,qos
AccountingStoreFlags=job_comment,job_script,job_env
AccountingStorageTRES=gres/gpu
JobCompType=jobcomp/none"
else accounting="AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$LAB/log/jobcomp.txt"; fi

cat >"$LAB/etc/slurm.conf.new" <<CONF
ClusterName=lab
SlurmctldHost=localhost
SlurmctldPort=$((BASE + 17))
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$LAB/run/munge.sock,cred_expire=${SLURM_LAB_CRED_EXPIRE:-5}
CredType=cred/munge
StateSaveLocation=$LAB/state
SlurmdSpoolDir=$LAB/run/spool.%n
SlurmctldPidFile=$LAB/run/slurmctld.pid
SlurmdPidFile=$LAB/run/slurmd.%n.pid
SlurmctldLogFile=$LAB/log/slurmctld.log
SlurmdLogFile=$LAB/log/slurmd.%n.log
SlurmctldDebug=info
SlurmdDebug=info
# no systemd, no cgroups
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=5
MpiDefault=none
ReturnToService=2
# lets a small machine pretend to be three big nodes
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=1000
GresTypes=gpu
# scheduling fast enough for tests
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=2,sched_min_interval=0,bf_interval=2,requeue_setup_env_fail
SlurmctldParameters=preempt_send_user_signal
MinJobAge=${SLURM_LAB_MINJOBAGE:-300}
KillWait=${SLURM_LAB_KILLWAIT:-10}
InactiveLimit=0
SlurmctldTimeout=10
SlurmdTimeout=${SLURM_LAB_NODE_TIMEOUT:-30}
JobRequeue=1
MaxArraySize=${SLURM_LAB_MAXARRAY:-1001}
# preemption as on a condo cluster: owners push ckpt jobs out, which are requeued
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PreemptExemptTime=00:00:00
PriorityType=priority/multifactor
$accounting
NodeName=n3001        NodeHostname=localhost NodeAddr=127.0.0.1 Port=$((BASE + 101)) CPUs=8 RealMemory=32000 State=UNKNOWN
NodeName=g[3001-3002] NodeHostname=localhost NodeAddr=127.0.0.1 Port=[$((BASE + 102))-$((BASE + 103))] CPUs=8 RealMemory=32000 Gres=gpu:a40:2 Feature=a40 State=UNKNOWN
PartitionName=compute  Nodes=n3001        Default=YES MaxTime=INFINITE DefaultTime=60 PriorityTier=10 PreemptMode=OFF State=UP
PartitionName=gpu-a40  Nodes=g[3001-3002] MaxTime=INFINITE DefaultTime=60 PriorityTier=10 PreemptMode=OFF State=UP
PartitionName=ckpt     Nodes=ALL          MaxTime=INFINITE DefaultTime=60 PriorityTier=1  PreemptMode=REQUEUE GraceTime=${SLURM_LAB_GRACE:-5} State=UP
PartitionName=ckpt-all Nodes=ALL          MaxTime=INFINITE DefaultTime=60 PriorityTier=1  PreemptMode=REQUEUE GraceTime=${SLURM_LAB_GRACE:-5} State=UP
PartitionName=ckpt-g2  Nodes=ALL          MaxTime=INFINITE DefaultTime=60 PriorityTier=1  PreemptMode=REQUEUE GraceTime=0 State=UP
CONF
cat >"$LAB/etc/gres.conf" <<CONF
AutoDetect=off
NodeName=g3001 Name=gpu Type=a40 File=$LAB/dev/g3001/nvidia[0-1]
NodeName=g3002 Name=gpu Type=a40 File=$LAB/dev/g3002/nvidia[0-1]
CONF
cat >"$LAB/etc/cgroup.conf" <<CONF
CgroupPlugin=cgroup/v1
CgroupAutomount=no
ConstrainCores=no
ConstrainRAMSpace=no
CONF
(umask 077; cat >"$LAB/etc/slurmdbd.conf.new" <<CONF
DbdHost=localhost
DbdPort=$((BASE + 19))
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$LAB/run/munge.sock
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=$((BASE + 6))
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm_acct_db
PidFile=$LAB/run/slurmdbd.pid
LogFile=$LAB/log/slurmdbd.log
CONF
)
changed=0
cmp -s "$LAB/etc/slurm.conf.new" "$LAB/etc/slurm.conf" || changed=1
mv "$LAB/etc/slurm.conf.new" "$LAB/etc/slurm.conf"
mv "$LAB/etc/slurmdbd.conf.new" "$LAB/etc/slurmdbd.conf"
cat >"$LAB/env.sh" <<CONF
export SLURM_LAB=$LAB
export SLURM_CONF=$LAB/etc/slurm.conf
CONF
export SLURM_LAB=$LAB SLURM_CONF=$LAB/etc/slurm.conf

# --- 3. daemons ----------------------------------------------------------------------------------
# None may inherit standard output (a caller reading a pipe would wait for ever) or the lock.
if ! alive "$LAB/run/munged.pid" munged; then
  rm -f "$LAB/run/munge.sock" "$LAB/run/munge.sock.lock" "$LAB/run/munged.pid"
  munged --key-file="$LAB/etc/munge.key" --socket="$LAB/run/munge.sock" --pid-file="$LAB/run/munged.pid" \
    --log-file="$LAB/log/munged.log" --seed-file="$LAB/state/munge.seed" --num-threads=2 --force \
    </dev/null >"$LAB/log/munged.out" 2>&1 9>&- || failed "munged did not start; see $LAB/log/munged.out"
  await munged 60 munge -n --socket="$LAB/run/munge.sock"
  say "munged up"
fi
if [ $ACCT = 1 ]; then
  db() { mariadb --no-defaults --socket="$LAB/mysql/my.sock" "$@"; }
  if ! alive "$LAB/run/mariadbd.pid" mariadbd; then
    chown mysql: "$LAB/mysql"
    if [ ! -e "$LAB/mysql/made" ]; then
      rm -rf "$LAB/mysql/data"
      mariadb-install-db --no-defaults --user=mysql --datadir="$LAB/mysql/data" --auth-root-authentication-method=socket \
        --skip-test-db >"$LAB/log/mariadb-install.log" 2>&1 9>&- || failed "no database made; see $LAB/log/mariadb-install.log"
      touch "$LAB/mysql/made"
      say "mariadb data directory made"
    fi
    setsid sh -c 'echo $$ >"$0"; exec "$@"' "$LAB/run/mariadbd.pid" \
      mariadbd --no-defaults --user=mysql --datadir="$LAB/mysql/data" --socket="$LAB/mysql/my.sock" --pid-file="$LAB/mysql/mariadbd.pid" \
      --bind-address=127.0.0.1 --port=$((BASE + 6)) --innodb-buffer-pool-size=64M --innodb-log-file-size=16M --innodb-flush-log-at-trx-commit=0 \
      --innodb-lock-wait-timeout=900 --performance-schema=OFF --skip-log-bin </dev/null >"$LAB/log/mariadbd.log" 2>&1 9>&- &
    disown
    await mariadbd 60 mariadb --no-defaults --socket="$LAB/mysql/my.sock" -e 'select 1'
    db -e "create database if not exists slurm_acct_db; create user if not exists slurm@'127.0.0.1' identified by 'slurm'; create user if not exists slurm@localhost identified by 'slurm'; grant all on slurm_acct_db.* to slurm@'127.0.0.1'; grant all on slurm_acct_db.* to slurm@localhost;"
    say "mariadbd up"
  fi
  if ! alive "$LAB/run/slurmdbd.pid" slurmdbd; then
    rm -f "$LAB/run/slurmdbd.pid"
    slurmdbd </dev/null >"$LAB/log/slurmdbd.out" 2>&1 9>&- || failed "slurmdbd did not start; see $LAB/log/slurmdbd.out"
    await slurmdbd 60 sacctmgr -n list cluster
    [ -e "$LAB/state/acct.done" ] || sacctmgr -i add cluster lab >"$LAB/log/sacctmgr.out" 2>&1 || true
    say "slurmdbd up"
  fi
fi
if alive "$LAB/run/slurmctld.pid" slurmctld && [ $changed = 1 ]; then
  "$HERE/slurm-down.sh" --slurm-only >/dev/null 9>&-
  say "configuration changed: restarted"
fi
if ! alive "$LAB/run/slurmctld.pid" slurmctld; then
  rm -f "$LAB/run/slurmctld.pid"
  slurmctld </dev/null >"$LAB/log/slurmctld.out" 2>&1 9>&- || failed "slurmctld did not start; see $LAB/log/slurmctld.out"
  await slurmctld 60 scontrol ping
  say "slurmctld up"
fi
if [ $ACCT = 1 ] && [ ! -e "$LAB/state/acct.done" ]; then
  # After slurmctld has told the database of gres/gpu; one run for all of it, since each costs a second.
  sacctmgr -i >>"$LAB/log/sacctmgr.out" 2>&1 <<CMD || true
add account stf,uwit description=lab organization=uw
add qos debug set priority=50 MaxWall=01:00:00 MaxTRESPerUser=gres/gpu=1 MaxJobsPerUser=1 UsageFactor=0 Flags=DenyOnLimit
add qos ckpt,ckpt-gpu set priority=1
add user $U account=stf,uwit qos=normal,debug,ckpt,ckpt-gpu defaultqos=normal
add user root account=stf
quit
CMD
  sacctmgr -n list user "$U" | grep -q "$U" || failed "no accounts made; see $LAB/log/sacctmgr.out"
  touch "$LAB/state/acct.done"
  say "accounts and QOS made"
fi
if [ -n "${SLURM_LAB_OWNER:-}" ] && ! alive "$LAB/run/watch.pid" sh; then
  setsid bash -c '. "$2/daemons.sh"; echo $$ >"$0/run/watch.pid"; cd /; while running "$1"; do sleep 0.3; done; SLURM_LAB=$0 exec "$2/slurm-down.sh" --purge' \
    "$LAB" "$SLURM_LAB_OWNER" "$HERE" </dev/null >/dev/null 2>&1 9>&- &
  disown
fi
for n in n3001 g3001 g3002; do
  if ! alive "$LAB/run/slurmd.$n.pid" slurmd; then
    mkdir -p "$LAB/run/spool.$n"
    rm -f "$LAB/run/slurmd.$n.pid"
    # A UTS namespace of its own: inside its jobs `hostname` answers the node's name.
    unshare --uts sh -c "hostname $n && exec slurmd -N $n" </dev/null >"$LAB/log/slurmd.$n.out" 2>&1 9>&- ||
      slurmd -N "$n" </dev/null >>"$LAB/log/slurmd.$n.out" 2>&1 9>&- || failed "slurmd $n did not start; see $LAB/log/slurmd.$n.out"
  fi
done
await "3 nodes" 60 bash -c '[ "$(sinfo -h -N -t idle,mixed,allocated -o %N | sort -u | wc -l)" = 3 ]'
say "3 nodes ready:  . $LAB/env.sh"
