#!/usr/bin/env python3
"""Prints the third-party notices of the programs: every crate that is compiled into them, and what
else of other authors is inside.

    deploy/notices.py TARGET_TRIPLE > THIRD-PARTY.txt

One line a crate (name, version, licence, address), then each licence text once with the crates it
came with. Crates that are only used to build or to test are not in the programs and not listed.
Exit codes: 0 done, 1 a crate states no licence, 3 the environment lacks something.
"""

import hashlib
import json
import os
import re
import subprocess
import sys

# Files of other authors that are no crates: name and version, licence, address, licence file.
VENDORED = [
    ("xterm.js 6.0.0 (with addon-fit 0.11.0, addon-unicode11 0.9.0)", "MIT",
     "https://github.com/xtermjs/xterm.js", "src/serve/page/xterm/LICENSE"),
]
TEXTS = re.compile(r"^(licen[cs]e|copying|notice|copyright|unlicense)", re.IGNORECASE)


def read_metadata(triple):
    command = [os.environ.get("CARGO", "cargo"), "metadata", "--format-version", "1", "--locked"]
    command += ["--filter-platform", triple]
    try:
        asked = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"notices: cargo metadata failed: {error}", file=sys.stderr)
        sys.exit(3)
    return json.loads(asked.stdout)


def compiled_in(metadata):
    """Returns the foreign packages that the root package's programs hold, by name and version."""
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    open_ids, seen = [metadata["resolve"]["root"]], set()
    while open_ids:
        this = open_ids.pop()
        if this in seen:
            continue
        seen.add(this)
        for dependency in nodes[this]["deps"]:
            kinds = [kind["kind"] for kind in dependency["dep_kinds"]]
            macro = any("proc-macro" in t["kind"] for t in packages[dependency["pkg"]]["targets"])
            if None in kinds and not macro:
                open_ids.append(dependency["pkg"])
    foreign = [packages[this] for this in seen if packages[this]["source"]]
    return sorted(foreign, key=lambda package: (package["name"], package["version"]))


def licence_texts(package):
    """Returns the licence files that the package ships, as texts."""
    folder = os.path.dirname(package["manifest_path"])
    names = {name for name in os.listdir(folder) if TEXTS.match(name)}
    if package.get("license_file"):
        names.add(package["license_file"])
    paths = [os.path.join(folder, name) for name in sorted(names)]
    texts = []
    for path in paths:
        if os.path.isfile(path):
            texts.append(read_text(path))
    return texts


def read_text(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return "\n".join(line.rstrip() for line in file).strip()


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    packages = compiled_in(read_metadata(sys.argv[1]))
    print("makook contains the Rust standard library (MIT OR Apache-2.0) and these crates of other authors.")
    print(f"There are {len(packages)} crates; the licence texts follow the list.\n")
    texts, unlicensed = {}, []
    for package in packages:
        name = f"{package['name']} {package['version']}"
        found = licence_texts(package)
        licence = package.get("license") or ("see the text below" if found else None)
        if not licence:
            unlicensed.append(name)
        print(f"{name}  {licence}  {package.get('repository') or ''}".rstrip())
        for text in found:
            key = hashlib.sha256(" ".join(text.split()).encode()).hexdigest()
            texts.setdefault(key, (text, []))[1].append(name)
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for name, licence, address, file in VENDORED:
        print(f"{name}  {licence}  {address}")
        text = read_text(os.path.join(root, file))
        texts[file] = (text, [name])
    for text, names in sorted(texts.values(), key=lambda entry: entry[1]):
        print(f"\n{'=' * 100}\n{', '.join(names)}\n{'-' * 100}\n{text}")
    if unlicensed:
        print(f"notices: no licence stated by {', '.join(unlicensed)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
