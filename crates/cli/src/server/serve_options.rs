//! The command line of `evertoken serve`.

use std::path::PathBuf;

use clap::Args;

use super::listen_options::ListenOptions;

/// What it is asked for.
#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// Use a stand-in for Instagram, in the same process; anybody on this machine may connect.
    #[arg(long)]
    pub(crate) sandbox: bool,
    #[command(flatten)]
    pub(super) listen: ListenOptions,
    /// The folder for the accounts; by default `evertoken-data` here, with `--sandbox` one that is gone at the end.
    #[arg(long, alias = "dir", value_name = "DIR")]
    pub(super) local: Option<PathBuf>,
    /// Serve over the vault and with the secrets of this deployed stack, instead of a folder.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["local", "sandbox"])]
    pub(super) stack: Option<String>,
}
