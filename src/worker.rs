//! makook-worker: the heavy half. Links libtorch and polars; started by `makook`, on this machine
//! or by a scheduler, with a run directory as its only instruction. Start at [`job::main`].

mod job;

fn main() -> std::process::ExitCode {
    job::main()
}
