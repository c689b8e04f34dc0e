//! The `attendant` binary.

fn main() -> std::process::ExitCode {
    attendant::cli::main()
}
