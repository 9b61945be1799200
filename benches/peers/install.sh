#!/usr/bin/env bash
# Installs the peers that `make bench` runs beside makook, each in its own virtual environment
# below the cache folder. Needs Python 3.11 and the package registry; about 4 GB.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=${MAKOOK_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/makook/peers}
python=${PYTHON:-python3}
mkdir -p "$root"
cp -r "$here"/. "$root"/
chmod -R u+w "$root"
cd "$root"

[ -x venv/bin/python ] || {
  "$python" -m venv venv
  venv/bin/pip install -q torch==2.11.0 stable-baselines3==2.9.2 gymnasium==1.4.0 psutil numpy
}
[ -x venv-bt/bin/python ] || {
  "$python" -m venv venv-bt
  venv-bt/bin/pip install -q backtesting==0.6.6 TA-Lib==0.8.2 empyrical-reloaded==0.7.1 numba==0.68.1 psutil pandas
}
# PufferLib 3.0.0 fetches game assets at build time unless NO_OCEAN=1, and then trips over an
# undefined name: take its source archive and add the one line.
[ -x venv-puffer/bin/python ] || {
  "$python" -m venv venv-puffer
  venv-puffer/bin/pip install -q torch==2.11.0 setuptools wheel "numpy<2" Cython ninja psutil
  venv-puffer/bin/pip download -q --no-deps --no-binary :all: --no-build-isolation pufferlib==3.0.0 -d puffer-sdist || true
  mkdir -p puffer-src
  tar -xzf puffer-sdist/pufferlib-3.0.0.tar.gz -C puffer-src --strip-components 1
  sed -i 's/^c_extensions = \[\]/c_extensions = []\nc_extension_paths = []/' puffer-src/setup.py
  (cd puffer-src && NO_OCEAN=1 ../venv-puffer/bin/pip install -q --no-build-isolation .)
  bash puffer-ext/build.sh
}
echo "makook: the peers are in $root" >&2
