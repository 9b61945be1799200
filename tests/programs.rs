//! What the two programs are made of: the console stays free of the heavy half.

use std::process::Command;

fn needed(program: &str) -> String {
    let output = Command::new("readelf")
        .args(["-d", program])
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| line.contains("(NEEDED)"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_console_links_neither_libtorch_nor_polars() {
    let program = env!("CARGO_BIN_EXE_makook");
    let libraries = needed(program);
    assert!(
        !libraries.contains("torch") && !libraries.contains("c10"),
        "{libraries}"
    );
    let bytes = std::fs::read(program).unwrap();
    let names_polars = bytes.windows(12).any(|window| window == b"polars_core:");
    assert!(!names_polars, "polars is in the console program");
}

#[test]
fn the_worker_needs_no_cuda_library_to_start() {
    let libraries = needed(env!("CARGO_BIN_EXE_makook-worker"));
    assert!(libraries.contains("libtorch_cpu.so") && libraries.contains("libc10.so"));
    assert!(!libraries.contains("cuda"), "{libraries}");
    let output = Command::new(env!("CARGO_BIN_EXE_makook-worker"))
        .arg("--version")
        .output()
        .unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("libtorch 2.11.0"));
}
