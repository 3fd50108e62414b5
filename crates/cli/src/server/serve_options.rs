//! The options of `evertoken serve`.

use std::path::PathBuf;

use clap::Args;

use super::brand_options::BrandOptions;
use super::listen_options::ListenOptions;
use crate::vault::vault_option::VaultOption;

#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// Use the built-in Instagram sandbox. Anyone who can reach the service can connect a sandbox account.
    #[arg(long)]
    pub(crate) sandbox: bool,
    #[command(flatten)]
    pub(super) listen: ListenOptions,
    #[command(flatten)]
    pub(super) brand: BrandOptions,
    /// Folder of the file vault. Defaults to `evertoken-data`; with `--sandbox`, to a temporary folder.
    #[arg(long, alias = "dir", value_name = "DIR")]
    pub(super) local: Option<PathBuf>,
    /// Use the vault and the secrets of this deployed stack instead of a folder.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["local", "sandbox"])]
    pub(super) stack: Option<String>,
}

impl ServeOptions {
    /// The option that selects the same vault in another command.
    pub(crate) fn vault_option(&self) -> VaultOption {
        match (&self.local, &self.stack) {
            (Some(dir), _) => VaultOption::local(dir),
            (None, Some(stack)) => VaultOption::stack(stack),
            (None, None) => VaultOption::default(),
        }
    }
}
