//! Lets the worker find the libtorch it was linked against; the console never sees it.

fn main() {
    println!("cargo:rerun-if-changed=src/build.rs");
    // An unpacked archive has its libtorch beside the programs.
    println!("cargo:rustc-link-arg-bin=makook-worker=-Wl,-rpath,$ORIGIN/.libtorch/lib");
    if let Ok(lib) = std::env::var("DEP_TCH_LIBTORCH_LIB") {
        println!("cargo:rustc-link-arg-bin=makook-worker=-Wl,-rpath,{lib}");
    }
}
