//! Lets the worker find libtorch at run time, and both programs name the commit they are built of;
//! the console never sees libtorch.
//!
//! A worker built here finds the libtorch that it was linked against. A portable one
//! (`deploy/dist.sh`) must carry no path of the machine that built it: it looks in `lib` beside its
//! own folder, and its launcher names any other place.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

fn main() {
    println!("cargo:rerun-if-changed=src/build.rs");
    println!("cargo:rerun-if-env-changed=MAKOOK_PORTABLE");
    let revision = revision().unwrap_or_else(|| "unknown".to_owned());
    println!("cargo:rustc-env=MAKOOK_REVISION={revision}");
    link("-Wl,-rpath,$ORIGIN/../lib");
    if let Ok(parts) = env::var("MAKOOK_PORTABLE") {
        // zig's own C++ library is not the one that libtorch uses, so the host's is named. So is its
        // unwinder: with zig's in the program, an exception of libtorch's aborts. The object stands
        // in for what the headers expect of a C library newer than the target's.
        for part in ["newer_than_target.o", "libstdc++.so.6", "libgcc_s.so.1"] {
            let path = Path::new(&parts).join(part);
            println!("cargo:rerun-if-changed={}", path.display());
            link(&path.display().to_string());
        }
        // libtorch's own needs are looked up on the target.
        link("-Wl,--allow-shlib-undefined");
    } else if let Ok(lib) = env::var("DEP_TCH_LIBTORCH_LIB") {
        link(&format!("-Wl,-rpath,{lib}"));
    }
}

fn link(argument: &str) {
    println!("cargo:rustc-link-arg-bin=makook-worker={argument}");
}

/// Returns the commit that is checked out; `None` outside a git checkout.
///
/// Read from git's own files: git need not be installed, and only a new commit or another branch
/// builds the two programs again, nothing below them.
fn revision() -> Option<String> {
    let git = git_folder(Path::new(&env::var("CARGO_MANIFEST_DIR").ok()?))?;
    let head = read_watched(&git.join("HEAD"))?;
    let Some(name) = head.strip_prefix("ref: ") else {
        return commit(&head);
    };
    // A second working tree keeps its branches in the first one's folder.
    let common = fs::read_to_string(git.join("commondir"))
        .map_or_else(|_| git.clone(), |path| git.join(path.trim()));
    if let Some(loose) = read_watched(&common.join(name)) {
        return commit(&loose);
    }
    // A later commit makes the loose file; the log of the working tree tells of it.
    let _ = read_watched(&git.join("logs/HEAD"));
    let packed = read_watched(&common.join("packed-refs"))?;
    let lines = packed.lines().filter_map(|line| line.split_once(' '));
    let mut commits = lines.filter(|(_, packed)| *packed == name);
    commits.next().and_then(|(found, _)| commit(found))
}

/// Returns the project's own git folder; an unpacked archive inside another project has none.
fn git_folder(project: &Path) -> Option<PathBuf> {
    let git = project.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let text = fs::read_to_string(git).ok()?;
    Some(project.join(text.trim().strip_prefix("gitdir: ")?))
}

/// Reads a file, whose changes then run this again. A missing one is not watched: that would run
/// it every time.
fn read_watched(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    println!("cargo:rerun-if-changed={}", path.display());
    Some(text.trim().to_owned())
}

fn commit(text: &str) -> Option<String> {
    let hexadecimal = text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    hexadecimal.then(|| text.to_owned())
}
