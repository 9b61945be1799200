//! Lets the worker find libtorch at run time; the console never sees it.
//!
//! A worker built here finds the libtorch that it was linked against. A portable one
//! (`deploy/dist.sh`) must carry no path of the machine that built it: it looks in `lib` beside its
//! own folder, and its launcher names any other place.

use std::{env, path::Path};

fn main() {
    println!("cargo:rerun-if-changed=src/build.rs");
    println!("cargo:rerun-if-env-changed=MAKOOK_PORTABLE");
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
