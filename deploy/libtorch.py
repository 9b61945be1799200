#!/usr/bin/env python3
"""Lays out the libtorch that makook-worker links against, in `.libtorch`.

Takes it from an installed torch 2.11.0 if there is one, else from the package registry's wheels:
found through pip's own index setting, resumed after a broken line, verified by SHA-256. Only the
CPU half is unpacked; on a GPU host the worker loads `libtorch_cuda.so` of an installed torch at
run time. Needs Python 3.8 or newer and nothing else.

    deploy/libtorch.py            lay it out if it is not there yet
    deploy/libtorch.py --runtime  only what a built worker needs: no headers, no C++ compiler
    deploy/libtorch.py --into DIR put the libraries themselves into DIR/lib, with their licences: an
                                  unpacked makook whose folder is DIR then needs nothing else
    deploy/libtorch.py --check    say what is there; exit 3 if nothing usable is

Environment: MAKOOK_CACHE (default ~/.cache/makook), MAKOOK_TORCH=wheel|installed|auto,
MAKOOK_PYTHON (the Python whose torch is looked at), PIP_INDEX_URL as for pip.
Exit codes: 0 done, 3 the environment lacks something.
"""

import contextlib
import errno
import hashlib
import html.parser
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile

VERSION = "2.11.0"
NEEDED_BYTES = 1_500_000_000
WHEELS = [
    (
        "torch",
        "torch-2.11.0-cp311-cp311-manylinux_2_28_x86_64.whl",
        "7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a",
    ),
    (
        "nvidia-cuda-runtime",
        "nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
    ),
    (
        "nvidia-cuda-cupti",
        "nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_x86_64.whl",
        "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
    ),
]
LICENCE = re.compile(r"^[^/]+\.dist-info/(.*/)?[^/]*(LICEN[CS]E|NOTICE|COPYING)[^/]*$", re.IGNORECASE)
NOT_LICENCES = shutil.ignore_patterns(
    "RECORD", "INSTALLER", "REQUESTED", "WHEEL", "entry_points.txt", "top_level.txt", "*.json"
)
FULL = (errno.ENOSPC, errno.EDQUOT)
# What a disk refuses with, as against a line that breaks.
REFUSED = (*FULL, errno.EACCES, errno.EPERM, errno.EROFS, errno.EFBIG, errno.EIO, errno.ENOTDIR)
LIBRARIES = ["libtorch_cpu.so", "libc10.so", "libgomp.so.1", "libcudart.so.13", "libcupti.so.13"]


class Missing(Exception):
    """The environment lacks something; the text says what and what to do."""


def of_the_disk(error):
    """Returns whether the disk refused rather than the network."""
    return not isinstance(error, urllib.error.URLError) and error.errno in REFUSED


@contextlib.contextmanager
def writing(place, bigger, way_out):
    """Turns what the disk refuses below `place` into one sentence."""
    try:
        yield
    except OSError as error:
        where = error.filename if isinstance(error.filename, str) else place
        if error.errno in FULL:
            raise Missing(
                f"the disk of {where} is full; free some space or {bigger}, and run this again"
            ) from error
        raise Missing(f"cannot write {where}: {error.strerror or error}; {way_out}") from error


def say(text):
    print(f"libtorch: {text}", file=sys.stderr, flush=True)


def cache_root():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.environ.get("MAKOOK_CACHE") or os.path.join(base, "makook")


def is_complete(layout, runtime=False):
    """Returns whether `layout` holds everything that building and starting the worker needs."""
    names = LIBRARIES + ([] if runtime else ["libtorch.so", "libgomp.so"])
    return os.path.isfile(os.path.join(layout, "version")) and all(
        os.path.exists(os.path.join(layout, "lib", name)) for name in names
    )


def require_compiler():
    """Returns the C++ compiler's name."""
    for name in [os.environ.get("CXX"), "c++", "g++", "clang++"]:
        if name and shutil.which(name.split()[0]):
            return name
    raise Missing(
        "no C++ compiler found (looked for $CXX, c++, g++, clang++); "
        "install one, e.g. `apt-get install g++` or `module load gcc`, and run this again"
    )


def require_space(folder, needed=NEEDED_BYTES):
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Missing(
            f"{folder} has {free / 1e9:.1f} GB free, {needed / 1e9:.1f} GB are needed; "
            "free some space or point MAKOOK_CACHE at a bigger disk"
        )


def installed_torch():
    """Returns (version, folder) of the torch that MAKOOK_PYTHON (or python3) imports, or None."""
    python = os.environ.get("MAKOOK_PYTHON", "python3")
    code = (
        "import importlib.util, importlib.metadata as m\n"
        "s = importlib.util.find_spec('torch')\n"
        "print(m.version('torch') + '\\n' + s.submodule_search_locations[0] if s else '')"
    )
    try:
        out = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = out.stdout.split()
    return (lines[0], " ".join(lines[1:])) if out.returncode == 0 and lines else None


def index_url():
    """Returns the simple-index address that pip itself would use."""
    if os.environ.get("PIP_INDEX_URL"):
        return os.environ["PIP_INDEX_URL"].rstrip("/") + "/"
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True,
        text=True,
    )
    if asked.returncode == 0 and asked.stdout.strip():
        return asked.stdout.strip().rstrip("/") + "/"
    default = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    asked = subprocess.run([sys.executable, "-c", default], capture_output=True, text=True)
    if asked.returncode != 0 or not asked.stdout.strip():
        raise Missing(
            f"{sys.executable} has no pip, so the package index is unknown; "
            "install pip (`python3 -m ensurepip`) or set PIP_INDEX_URL"
        )
    return asked.stdout.strip().rstrip("/") + "/"


class Links(html.parser.HTMLParser):
    """Collects the href of every anchor of an index page."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href"]


def locate(index, project, filename):
    """Returns the address of `filename` on the project's index page."""
    page = urllib.parse.urljoin(index, project + "/")
    with urllib.request.urlopen(page, timeout=60) as answer:
        text = answer.read().decode("utf-8", "replace")
    links = Links()
    links.feed(text)
    for link in links.found:
        address = urllib.parse.urljoin(page, link)
        if urllib.parse.unquote(urllib.parse.urlparse(address).path).endswith("/" + filename):
            return address.split("#")[0]
    raise Missing(f"the package index does not offer {filename}; it may be a partial mirror")


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def progress(name, done, total, started, start_bytes, last):
    """Prints a line of progress: rewritten at a terminal, one each tenth elsewhere."""
    tenth = done * 10 // max(total, 1)
    now = time.monotonic()
    terminal = sys.stderr.isatty()
    if done < total and (now - last[1] < 0.2 if terminal else tenth == last[0]):
        return
    last[0], last[1] = tenth, now
    rate = (done - start_bytes) / max(now - started, 1e-6)
    left = (total - done) / max(rate, 1.0)
    text = (
        f"libtorch: {name} {done / 1e6:6.0f} of {total / 1e6:.0f} MB"
        f"  {rate / 1e6:5.1f} MB/s  {left:4.0f} s left"
    )
    print(f"\r{text}\x1b[K" if terminal else text, end="" if terminal else "\n", file=sys.stderr)
    if terminal and done >= total:
        print(file=sys.stderr)
    sys.stderr.flush()


def download(address, target, digest, name):
    """Fetches `address` into `target`, resuming what an earlier attempt left; verifies it."""
    part = target + ".part"
    for attempt in range(5):
        have = os.path.getsize(part) if os.path.exists(part) else 0
        request = urllib.request.Request(address)
        if have:
            request.add_header("Range", f"bytes={have}-")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                if have and answer.status != 206:
                    have = 0
                total = have + int(answer.headers.get("Content-Length") or 0)
                started, last, done = time.monotonic(), [-1, 0.0], have
                with open(part, "ab" if have else "wb") as file:
                    for block in iter(lambda: answer.read(1 << 20), b""):
                        file.write(block)
                        done += len(block)
                        progress(name, done, total, started, have, last)
            if done >= total:
                break
        except urllib.error.HTTPError as error:
            if error.code != 416:
                raise
            break
        except OSError as error:
            arrived = os.path.getsize(part) if os.path.exists(part) else 0
            if attempt == 4 or of_the_disk(error) or arrived == have:
                raise
            say(f"the line broke ({error}); resuming {name}")
    found = sha256(part)
    if found != digest:
        os.remove(part)
        raise Missing(
            f"{name} has SHA-256 {found[:12]}…, expected {digest[:12]}…; it was removed. "
            "Run this again; if it repeats, a proxy or mirror alters the file"
        )
    os.replace(part, target)


def stub(folder, compiler):
    """Builds `libtorch.so`, an empty library that pulls in the two that matter."""
    with tempfile.TemporaryDirectory() as scratch:
        source = os.path.join(scratch, "stub.cc")
        with open(source, "w", encoding="ascii") as file:
            file.write("// keeps -ltorch satisfied without any CUDA library\n")
        command = compiler.split() + [
            "-shared", "-fPIC", source, "-o", os.path.join(folder, "libtorch.so"), "-L", folder,
            "-Wl,--no-as-needed", "-ltorch_cpu", "-lc10", "-Wl,--unresolved-symbols=ignore-in-shared-libs",
        ]
        built = subprocess.run(command, capture_output=True, text=True)
    if built.returncode != 0:
        raise Missing(
            f"the C++ compiler `{compiler}` could not link a small library: "
            + built.stderr.strip().split("\n")[-1]
        )


def finish(scratch, layout, compiler, origin):
    lib = os.path.join(scratch, "lib")
    if not os.path.lexists(os.path.join(lib, "libgomp.so")):
        os.symlink("libgomp.so.1", os.path.join(lib, "libgomp.so"))
    if compiler:
        stub(lib, compiler)
    with open(os.path.join(scratch, "version"), "w", encoding="utf-8") as file:
        json.dump({"torch": VERSION, "origin": origin}, file)
    shutil.rmtree(layout, ignore_errors=True)
    os.replace(scratch, layout)


def keep_licence(archive, member, folder):
    target = os.path.join(folder, *member.filename.replace(".dist-info", "").split("/"))
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with archive.open(member) as source, open(target, "wb") as out:
        shutil.copyfileobj(source, out)


def unpack(wheels, scratch):
    lib = os.path.join(scratch, "lib")
    os.makedirs(lib)
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.infolist():
                base = os.path.basename(member.filename)
                if base in LIBRARIES:
                    with archive.open(member) as source, open(os.path.join(lib, base), "wb") as out:
                        shutil.copyfileobj(source, out, 1 << 20)
                elif member.filename.startswith("torch/include/"):
                    archive.extract(member, scratch)
                elif LICENCE.search(member.filename):
                    keep_licence(archive, member, os.path.join(scratch, "licenses"))
    os.replace(os.path.join(scratch, "torch", "include"), os.path.join(scratch, "include"))
    os.rmdir(os.path.join(scratch, "torch"))


def from_wheels(root, layout, compiler):
    require_space(root)
    folder = os.path.join(root, "download")
    os.makedirs(folder, exist_ok=True)
    wheels = []
    index = None
    for project, filename, digest in WHEELS:
        target = os.path.join(folder, filename)
        wheels.append(target)
        if os.path.exists(target) and sha256(target) == digest:
            continue
        index = index or index_url()
        try:
            download(locate(index, project, filename), target, digest, project)
        except OSError as error:
            if of_the_disk(error):
                raise
            reason = getattr(error, "reason", error)
            raise Missing(
                f"could not fetch {filename}: {reason}. Connect to the network (or set "
                "PIP_INDEX_URL to a mirror, or install torch==2.11.0 yourself) and run this "
                "again; what has arrived is kept"
            ) from error
    say("unpacking")
    scratch = tempfile.mkdtemp(prefix="libtorch-", dir=root)
    try:
        unpack(wheels, os.path.join(scratch, "x"))
        finish(os.path.join(scratch, "x"), layout, compiler, "wheels")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def from_installed(root, layout, compiler, torch):
    scratch = tempfile.mkdtemp(prefix="libtorch-", dir=root)
    out = os.path.join(scratch, "x")
    os.makedirs(os.path.join(out, "lib"))
    site = os.path.dirname(torch)
    places = [os.path.join(torch, "lib"), os.path.join(site, "nvidia", "cu13", "lib")]
    try:
        os.makedirs(os.path.join(out, "licenses"))
        for name in os.listdir(site):
            if re.match(r"(torch|nvidia_cuda_(runtime|cupti))-.*\.dist-info$", name):
                kept = os.path.join(out, "licenses", name.replace(".dist-info", ""))
                os.symlink(os.path.join(site, name), kept)
        for name in LIBRARIES:
            found = [os.path.join(p, name) for p in places if os.path.exists(os.path.join(p, name))]
            if not found and name.startswith("libcu"):
                raise Missing(f"{torch} lacks {name}; reinstall torch=={VERSION}")
            if found:
                os.symlink(found[0], os.path.join(out, "lib", name))
        os.symlink(os.path.join(torch, "include"), os.path.join(out, "include"))
        finish(out, layout, compiler, torch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def link(layout):
    here = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), ".libtorch")
    if os.path.islink(here) or not os.path.exists(here):
        if os.path.islink(here) and os.path.realpath(here) == os.path.realpath(layout):
            return
        temporary = f"{here}.{os.getpid()}"
        project = os.path.dirname(here)
        remedy = "make that folder writable, or work in a copy of the project"
        with writing(project, "work in a copy of the project", remedy):
            os.symlink(layout, temporary)
            os.replace(temporary, here)
    else:
        raise Missing(f"{here} is not a link of ours; move it away and run this again")


def lay_out(root, layout, compiler):
    """Fills `layout` from an installed torch or from the wheels, which pass through `root`."""
    choice = os.environ.get("MAKOOK_TORCH", "auto")
    found = installed_torch() if choice in ("auto", "installed") else None
    if found and re.fullmatch(re.escape(VERSION) + r"(\+.*)?", found[0]):
        say(f"using the installed torch {found[0]}")
        from_installed(root, layout, compiler, found[1])
    elif choice == "installed":
        what = f"torch {found[0]}" if found else "no torch"
        raise Missing(
            f"{os.environ.get('MAKOOK_PYTHON', 'python3')} has {what}, {VERSION} is needed; "
            f"`pip install torch=={VERSION}` or unset MAKOOK_TORCH to fetch the wheels"
        )
    else:
        if found:
            say(f"the installed torch is {found[0]}, not {VERSION}: fetching wheels beside it")
        say(f"fetching torch's CPU libraries (545 MB) by way of {root}")
        from_wheels(root, layout, compiler)


def setup(runtime):
    root = cache_root()
    layout = os.path.join(root, f"libtorch-{VERSION}")
    compiler = None if runtime else require_compiler()
    if not is_complete(layout, runtime):
        bigger = "point MAKOOK_CACHE at a bigger disk"
        with writing(root, bigger, "set MAKOOK_CACHE to a folder of yours"):
            os.makedirs(root, exist_ok=True)
            lay_out(root, layout, compiler)
    link(layout)
    say(f"{VERSION} is ready")


def put_into(folder):
    """Puts the libraries themselves into `folder`/lib, whole or not at all."""
    with writing(folder, "name a folder on a bigger disk", "name a folder of yours"):
        copy_into(folder)


def copy_into(folder):
    lib = os.path.join(folder, "lib")
    told = os.path.join(lib, "version")
    if os.path.isfile(told):
        with open(told, encoding="utf-8") as file:
            if json.load(file).get("torch") == VERSION:
                say(f"{VERSION} is in {lib}")
                return
    elif os.path.exists(lib):
        raise Missing(f"{lib} is there and not ours; name another folder or move it away")
    # Beside `lib`, so that the last step is a rename; kept where the line breaks.
    work = os.path.join(folder, ".libtorch")
    os.makedirs(work, exist_ok=True)
    layout = os.path.join(cache_root(), f"libtorch-{VERSION}")
    if not is_complete(layout, runtime=True) or not os.path.isdir(os.path.join(layout, "licenses")):
        layout = os.path.join(work, "layout")
        if not is_complete(layout, runtime=True):
            lay_out(work, layout, None)
        if not is_complete(layout, runtime=True):
            raise Missing("the installed torch lacks libraries; set MAKOOK_TORCH=wheel to fetch them")
    require_space(folder, NEEDED_BYTES // 3)
    out = os.path.join(work, "lib")
    shutil.rmtree(out, ignore_errors=True)
    os.mkdir(out)
    for name in LIBRARIES:
        shutil.copyfile(os.path.join(layout, "lib", name), os.path.join(out, name))
    shutil.copytree(
        os.path.join(layout, "licenses"), os.path.join(out, "licenses"), ignore=NOT_LICENCES
    )
    shutil.copyfile(os.path.join(layout, "version"), os.path.join(out, "version"))
    shutil.rmtree(lib, ignore_errors=True)
    os.replace(out, lib)
    shutil.rmtree(work, ignore_errors=True)
    say(f"{VERSION} is in {lib}")


def main():
    try:
        if "--check" in sys.argv[1:]:
            layout = os.path.join(cache_root(), f"libtorch-{VERSION}")
            if not is_complete(layout, runtime=True):
                raise Missing("not laid out yet; run `make setup`")
            say(f"{VERSION} is ready")
        elif sys.argv[1:] == ["--runtime"]:
            setup(runtime=True)
        elif len(sys.argv) == 3 and sys.argv[1] == "--into":
            put_into(os.path.abspath(sys.argv[2]))
        elif sys.argv[1:]:
            print(__doc__, file=sys.stderr)
            return 0 if sys.argv[1] in ("-h", "--help") else 2
        else:
            setup(runtime=False)
    except Missing as missing:
        say(str(missing))
        return 3
    except OSError as error:
        say(f"the system refused: {error}; run this again once that is mended")
        return 3
    except KeyboardInterrupt:
        say("interrupted; what has arrived is kept, run this again to resume")
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
