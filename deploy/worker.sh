#!/bin/sh
# makook-worker of an unpacked archive: finds a libtorch that fits and becomes the worker, so that a
# scheduler's signals, the process id and the exit code are the worker's own. In this order:
#   1. MAKOOK_LIBTORCH, a folder with libtorch_cpu.so in it or in its lib
#   2. lib in the unpacked archive (deploy/libtorch.py --into FOLDER puts it there)
#   3. the torch of MAKOOK_PYTHON, of the active venv or conda environment, of python3
#   4. the cache of deploy/libtorch.py
# Where an NVIDIA driver runs, one of 2 to 4 that has the CUDA half goes before those that do not.
# Needs nothing but a POSIX shell and coreutils. Exit code 3: there is none that fits.

# A warning to save that comes before the worker can hear it must not end it: there is nothing to
# save yet. The worker sets its own handler.
trap '' USR1

here=$(readlink -f -- "$0") || here=$0
root=$(dirname -- "$(dirname -- "$here")")
series=2.11
chosen='' fallback='' passed=''

# say ENGLISH KOREAN: one sentence in the user's language.
say() {
    case ${MAKOOK_LANG:-${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}} in
        ko*) printf 'makook-worker: %s\n' "$2" >&2 ;;
        *) printf 'makook-worker: %s\n' "$1" >&2 ;;
    esac
}

# version_of FOLDER: the version that lies beside the libraries, empty where nothing tells it.
version_of() {
    for told in "$1/version" "$1/../version" "$1/../version.py" "$1/../build-version"; do
        [ -f "$told" ] || continue
        sed -n -e 's/^{.*"torch": *"\([^"]*\)".*/\1/p' \
            -e "s/^__version__[^=]*= *[\"']\\([^\"']*\\).*/\\1/p" \
            -e 's/^\([0-9][0-9.]*[^ "]*\)$/\1/p' "$told" | head -n 1
        return
    done
}

fits() {
    case $1 in $series.* | '') return 0 ;; *) return 1 ;; esac
}

has_gpu() {
    [ -e /proc/driver/nvidia/version ] || [ -e /dev/nvidiactl ]
}

# consider FOLDER [VERSION]: takes it, keeps it as second best, or notes why it was passed over.
# Succeeds when the search is over.
consider() {
    [ -f "$1/libtorch_cpu.so" ] || return 1
    version=${2:-$(version_of "$1")}
    if ! fits "$version"; then
        passed="$passed; $1: torch $version"
    elif has_gpu && [ ! -f "$1/libtorch_cuda.so" ]; then
        fallback=${fallback:-$1}
    else
        chosen=$1
        return 0
    fi
    return 1
}

# of_python PROGRAM: considers the torch that it would import, without importing it.
of_python() {
    command -v "$1" >/dev/null 2>&1 || return 1
    told=$("$1" -c '
import sys
sys.path = [place for place in sys.path if place]
import importlib.metadata, importlib.util
found = importlib.util.find_spec("torch")
print(importlib.metadata.version("torch"), list(found.submodule_search_locations)[0], sys.prefix, sep="\n")
' 2>/dev/null) || return 1
    { read -r release; read -r package; read -r prefix; } <<-END
	$told
	END
    # conda keeps the libraries in its own lib.
    consider "$package/lib" "$release" || consider "$prefix/lib" "$release"
}

of_any_python() {
    if [ -n "${MAKOOK_PYTHON:-}" ]; then
        of_python "$MAKOOK_PYTHON"
        return
    fi
    for python in "${VIRTUAL_ENV:+$VIRTUAL_ENV/bin/python}" "${CONDA_PREFIX:+$CONDA_PREFIX/bin/python}" python3 python; do
        [ -n "$python" ] && of_python "$python" && return
    done
    return 1
}

of_cache() {
    cache=${MAKOOK_CACHE:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/makook}
    for layout in "$cache/libtorch-$series."*; do
        consider "$layout/lib" && return
    done
    return 1
}

if [ -n "${MAKOOK_LIBTORCH:-}" ]; then
    chosen=$MAKOOK_LIBTORCH
    [ -f "$chosen/libtorch_cpu.so" ] || chosen=$MAKOOK_LIBTORCH/lib
    version=$(version_of "$chosen")
    if [ ! -f "$chosen/libtorch_cpu.so" ]; then
        say "MAKOOK_LIBTORCH=$MAKOOK_LIBTORCH has no libtorch_cpu.so in it or in its lib; point it at the lib folder of torch $series, or unset it" \
            "MAKOOK_LIBTORCH=$MAKOOK_LIBTORCH 폴더와 그 lib에 libtorch_cpu.so가 없습니다. torch $series의 lib 폴더를 지정하거나 변수를 지우세요"
        exit 3
    elif ! fits "$version"; then
        say "MAKOOK_LIBTORCH=$MAKOOK_LIBTORCH is torch $version, $series is needed; point it at the lib folder of torch $series, or unset it" \
            "MAKOOK_LIBTORCH=$MAKOOK_LIBTORCH 폴더는 torch $version입니다. $series 버전이 필요합니다. torch $series의 lib 폴더를 지정하거나 변수를 지우세요"
        exit 3
    fi
else
    consider "$root/lib" || of_any_python || of_cache || chosen=$fallback
fi

if [ -z "$chosen" ]; then
    passed=${passed:+ (${passed#; })}
    say "no libtorch $series found$passed; where there is a network run \`$root/deploy/libtorch.py --into $root\` once (545 MB), or set MAKOOK_LIBTORCH to the lib folder of an installed torch $series" \
        "libtorch $series 버전을 찾지 못했습니다$passed. 네트워크가 되는 곳에서 \`$root/deploy/libtorch.py --into $root\`를 한 번 실행하거나(545MB), 설치된 torch $series의 lib 폴더를 MAKOOK_LIBTORCH로 지정하세요"
    exit 3
fi

LD_LIBRARY_PATH=$chosen${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH
exec "$root/libexec/makook-worker" "$@"
