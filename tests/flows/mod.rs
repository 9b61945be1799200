//! What a person does with the console, each as one flow in a pseudo-terminal.
//!
//! Runs are made by the real writers, so no flow needs the worker. To add one, add a row or a test
//! to the file that it fits. Start at [`stage`].

mod finding;
mod keeping;
mod leaving;
mod lines;
mod logs;
mod multiplexers;
mod screens;
mod stage;
mod terminals;
mod typing;

/// The bar of the project: as many flows through a pseudo-terminal.
const BAR: usize = 60;
/// Modules whose every test is one.
const MODULES: [&str; 4] = ["flows::", "console::", "form::", "dropped_line::"];

#[test]
fn there_are_enough_of_them() {
    let program = std::env::current_exe().unwrap();
    let listed = std::process::Command::new(program)
        .arg("--list")
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let names = listed
        .lines()
        .filter_map(|line| line.strip_suffix(": test"));
    let flows = names.filter(|name| MODULES.iter().any(|module| name.starts_with(module)));
    let count = flows.count();
    assert!(count >= BAR, "{count} flows, {BAR} wanted");
}
