#!/usr/bin/env bash
# Packs both programs, configs, sample data and licences into dist/makook-<version>-<machine>.tar.gz.
# On the target: unpack, `deploy/libtorch.py --runtime` once, then `./makook doctor`.
set -euo pipefail
cd "$(dirname "$0")/.."
built=$1/release
version=$("$built/makook" --version | awk '{ print $2 }')
name=makook-$version-$(uname -m)-linux
out=target/dist
rm -rf "${out:?}/$name"
mkdir -p "$out/$name/data" "$out/$name/deploy" "$out/$name/logs"
cp "$built/makook" "$built/makook-worker" "$out/$name/"
cp -r configs "$out/$name/"
cp -r data/sample "$out/$name/data/"
cp deploy/libtorch.py "$out/$name/deploy/"
cp README.md README.ko.md ARCHITECTURE.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE "$out/$name/"
tar -C "$out" -czf "$out/$name.tar.gz" "$name"
echo "makook: $out/$name.tar.gz, $(du -h "$out/$name.tar.gz" | cut -f1)" >&2
