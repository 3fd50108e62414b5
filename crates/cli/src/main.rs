//! The operator's command: everything is in the library next to this file, so that tests reach it.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    evertoken_cli::run().await
}
