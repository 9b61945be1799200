#!/usr/bin/env bash
# Brings a real sshd up on 127.0.0.1 that plays a cluster's login node, with key login. Idempotent,
# and mends what was killed.
#   . $SSH_LAB/env.sh; labssh klone-login hostname
# Lives under $SSH_LAB (default /tmp/makook-ssh-lab), port SSH_LAB_PORT (26922), logs in as
# $SSH_LAB_USER (netid) with the SLURM_CONF of the Slurm lab $SLURM_LAB; stop it with ssh-down.sh.
# Ends with 0 (up), 1 (did not come up), 77 (cannot run here, with one line why).
set -euo pipefail
. "$(dirname "$0")/daemons.sh"
LAB=${SSH_LAB:-/tmp/makook-ssh-lab}
PORT=${SSH_LAB_PORT:-26922}
U=${SSH_LAB_USER:-netid}
SLAB=${SLURM_LAB:-/tmp/makook-slurm-lab}
sshd=/usr/sbin/sshd
[ "$(id -u)" = 0 ] || cannot "not root: sshd could not log another user in"
[ -x $sshd ] || cannot "sshd is not installed (tests/lab/packages.sh installs it)"
for p in ssh ssh-keygen; do command -v $p >/dev/null || cannot "$p is not installed (tests/lab/packages.sh installs it)"; done
if ! id "$U" >/dev/null 2>&1; then useradd -m -s /bin/bash "$U" 2>/dev/null || id "$U" >/dev/null 2>&1 || cannot "user $U is not there and cannot be made"; fi
# A locked password ('!') makes sshd refuse the account even for keys; '*' only means that none works.
case $(getent shadow "$U" | cut -d: -f2) in '!'*) usermod -p '*' "$U" ;; esac
mkdir -p "$LAB/keys" "$LAB/log" /run/sshd
chmod 755 "$LAB" "$LAB/keys"
[ -f "$LAB/host_key.pub" ] || { rm -f "$LAB/host_key"; ssh-keygen -q -t ed25519 -N '' -f "$LAB/host_key"; }
[ -f "$LAB/id.pub" ] || { rm -f "$LAB/id"; ssh-keygen -q -t ed25519 -N '' -C makook-lab -f "$LAB/id"; }
cp "$LAB/id.pub" "$LAB/keys/$U"
chmod 644 "$LAB/keys/$U"
cat >"$LAB/sshd_config" <<CONF
ListenAddress 127.0.0.1
Port $PORT
HostKey $LAB/host_key
PidFile $LAB/sshd.pid
AuthorizedKeysFile $LAB/keys/%u
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
AllowUsers $U
AcceptEnv LANG LC_* COLORTERM MAKOOK_*
SetEnv SLURM_CONF=$SLAB/etc/slurm.conf LANG=C.UTF-8
PrintMotd no
Subsystem sftp internal-sftp
CONF
echo "[127.0.0.1]:$PORT $(cut -d' ' -f1,2 "$LAB/host_key.pub")" >"$LAB/known_hosts"
cat >"$LAB/config" <<CONF
Host klone-login
  HostName 127.0.0.1
  Port $PORT
  User $U
  IdentityFile $LAB/id
  IdentitiesOnly yes
  UserKnownHostsFile $LAB/known_hosts
  StrictHostKeyChecking yes
  ServerAliveInterval 30
  ControlMaster auto
  ControlPersist 600
  ControlPath $LAB/cm-%C
  SendEnv COLORTERM
CONF
printf 'export SSH_LAB=%s\nlabssh() { ssh -F %s/config "$@"; }\n' "$LAB" "$LAB" >"$LAB/env.sh"
if ! alive "$LAB/sshd.pid" sshd; then
  rm -f "$LAB/sshd.pid" "$LAB"/cm-*
  $sshd -f "$LAB/sshd_config" -E "$LAB/log/sshd.log" </dev/null >"$LAB/log/sshd.out" 2>&1 || failed "sshd did not start; see $LAB/log"
fi
await sshd 30 ssh -F "$LAB/config" -o ControlMaster=no -o ControlPath=none klone-login true
say "sshd on 127.0.0.1:$PORT, user $U:  . $LAB/env.sh; labssh klone-login"
