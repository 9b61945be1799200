//! makook: the console and the command line.
//!
//! Never names libtorch or polars: training and data work are `makook-worker`'s, and the run
//! directory lies between the two. Start at [`cli::main`].

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
