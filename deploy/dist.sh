#!/usr/bin/env bash
# Packs makook into one archive that starts on any x86-64 Linux with glibc 2.28 or newer:
#
#     deploy/dist.sh TARGET_FOLDER        dist/makook-<version>-x86_64-linux.tar.gz and its SHA-256
#     BUNDLE=1 deploy/dist.sh …           the same with libtorch's CPU half inside (…-libtorch.tar.gz)
#
# Needs what `make build` needs. The linker that targets an older C library is fetched through pip,
# versions pinned, into a virtual environment in the cache folder (MAKOOK_CACHE, else
# ~/.cache/makook). The build has a target folder of its own; the first one takes as long as the
# first `make build`.
# Exit codes: 0 packed, 1 a program needs too new a system, 3 the environment lacks something.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$(readlink -m "${1:?usage: deploy/dist.sh TARGET_FOLDER}")/portable
python=${PYTHON:-python3}
cargo=${CARGO:-cargo}
triple=x86_64-unknown-linux-gnu
zig=0.17.1
zigbuild=0.24.1

say() { echo "dist: $*" >&2; }
lack() { say "$*"; exit 3; }

[ "$(uname -sm)" = "Linux x86_64" ] || lack "builds on x86-64 Linux only, this is $(uname -sm)"
for tool in g++ objdump readelf tar gzip sha256sum; do
    command -v $tool >/dev/null || lack "no $tool found; install it (g++, binutils, tar, gzip, coreutils)"
done

# The linker: zig knows every glibc's symbols; cargo-zigbuild makes cargo use it.
cache=${MAKOOK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/makook}
tools=$cache/zigbuild-$zigbuild-$zig
if [ ! -x "$tools/bin/cargo-zigbuild" ] || [ ! -x "$tools/bin/python-zig" ]; then
    say "fetching the portable linker (ziglang $zig, cargo-zigbuild $zigbuild) into $tools"
    rm -rf "$tools"
    "$python" -m venv "$tools" || lack "$python cannot make a virtual environment; install python3-venv"
    if ! "$tools/bin/pip" install --quiet "ziglang==$zig" "cargo-zigbuild==$zigbuild"; then
        rm -rf "$tools"
        lack "pip could not fetch ziglang $zig and cargo-zigbuild $zigbuild; check the network or PIP_INDEX_URL"
    fi
fi

# What the worker is linked against besides libtorch; src/build.rs says why.
parts=$target/parts
mkdir -p "$parts"
g++ -O2 -fPIC -c deploy/newer_than_target.cc -o "$parts/newer_than_target.o"
for library in libstdc++.so.6 libgcc_s.so.1; do
    ln -sfn "$(g++ -print-file-name=$library)" "$parts/$library"
    [ -e "$parts/$library" ] || lack "g++ does not know where its $library is; is another g++ first in PATH?"
done

say "building for glibc 2.28 (the first time 10 to 20 minutes on two cores)"
home=${CARGO_HOME:-$HOME/.cargo}
env -u RUSTFLAGS \
    PATH="$tools/bin:$PATH" CARGO_ZIGBUILD_ZIG_PATH="$tools/bin/python-zig" \
    CARGO_ENCODED_RUSTFLAGS="--remap-path-prefix=$home=/cargo"$'\x1f'"--remap-path-prefix=$PWD=/makook" \
    CC_SHELL_ESCAPED_FLAGS=1 CXXFLAGS_x86_64_unknown_linux_gnu="'-ffile-prefix-map=$PWD=/makook'" \
    CXX_x86_64_unknown_linux_gnu=g++ CXXSTDLIB_x86_64_unknown_linux_gnu= MAKOOK_PORTABLE="$parts" \
    "$cargo" zigbuild --release --locked --bins --target "$triple.2.28" --target-dir "$target"
built=$target/$triple/release

say "checking what the programs need"
deploy/glibc_gate.sh "$built/makook" "$built/makook-worker" >&2
needs() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }
# Each answer is read whole before it is searched: a search that ends early would break the pipe.
needed=$(needs "$built/makook")
if grep -qE 'torch|c10|stdc\+\+' <<<"$needed"; then
    say "makook itself must not need libtorch: $(paste -sd' ' <<<"$needed")"
    exit 1
fi
runpath=$(readelf -d "$built/makook-worker" | sed -n 's/.*R.*PATH.*\[\(.*\)\]/\1/p')
# shellcheck disable=SC2016
if [ "$runpath" != '$ORIGIN/../lib' ]; then
    say "makook-worker looks for libraries in $runpath"
    exit 1
fi

# With zig's unwinder linked in, every exception that crosses into libstdc++'s frames aborts.
symbols=$(objdump -T "$built/makook-worker")
if ! grep -qE 'GCC_3\.0\)? +_Unwind_Resume$' <<<"$symbols"; then
    say "makook-worker does not take its unwinder from libgcc_s, as libstdc++ does"
    exit 1
fi

version=$("$built/makook" --version | awk '{ print $2 }')
name=makook-$version-x86_64-linux
[ "${BUNDLE:-0}" = 1 ] && name+=-libtorch
mkdir -p dist
scratch=$(mktemp -d "dist/.$name.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
out=$scratch/$name
mkdir -p "$out/bin" "$out/libexec" "$out/data" "$out/deploy" "$out/logs"
install -m 755 "$built/makook" "$out/bin/makook"
install -m 755 "$built/makook-worker" "$out/libexec/makook-worker"
install -m 755 deploy/worker.sh "$out/bin/makook-worker"
install -m 755 deploy/libtorch.py "$out/deploy/libtorch.py"
install -m 644 deploy/makook-pool.service "$out/deploy/makook-pool.service"
cp -r configs docs "$out/"
cp -r data/README.md data/sample "$out/data/"
cp logs/README.md "$out/logs/"
cp README.md README.ko.md ARCHITECTURE.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE "$out/"
"$python" deploy/notices.py "$triple" >"$out/THIRD-PARTY.txt"
if [ "${BUNDLE:-0}" = 1 ]; then
    "$python" deploy/libtorch.py --into "$out"
    deploy/glibc_gate.sh "$out"/lib/*.so* >&2
fi

# The same bits from the same revision: no names, times or order of the machine that packs.
made=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
tar -C "$scratch" --sort=name --owner=0 --group=0 --numeric-owner --mode=u+rwX,go+rX,go-w \
    --mtime="@$made" -cf - "$name" | gzip -9n >"$scratch/$name.tar.gz"
mv "$scratch/$name.tar.gz" "dist/$name.tar.gz"
(cd dist && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
say "dist/$name.tar.gz, $(du -h "dist/$name.tar.gz" | cut -f1)"
