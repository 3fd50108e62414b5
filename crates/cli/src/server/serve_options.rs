//! The options of `evertoken serve`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use evertoken_core::variables::Variables;

use super::brand_options::BrandOptions;
use super::listen_options::ListenOptions;
use crate::vault::location::LOCAL;
use crate::vault::vault_option::{VaultOption, VaultSource};

#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// Use the built-in Instagram sandbox. Anyone who can reach the service can connect a sandbox account.
    #[arg(long)]
    pub(crate) sandbox: bool,
    #[command(flatten)]
    pub(super) listen: ListenOptions,
    #[command(flatten)]
    pub(super) brand: BrandOptions,
    /// Folder of the file vault. Defaults to `EVERTOKEN_LOCAL`, then to `evertoken-data`; with `--sandbox`, to a temporary
    /// folder.
    #[arg(long, alias = "dir", value_name = "DIR")]
    pub(super) local: Option<PathBuf>,
    /// Use the vault and the secrets of this deployed stack instead of a folder.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["local", "sandbox"])]
    pub(super) stack: Option<String>,
    /// Run this shell command for each new token, after a login and after each renewal. The token is on standard input,
    /// and `EVERTOKEN_ACCOUNT`, `EVERTOKEN_ACCOUNT_ID`, `EVERTOKEN_USERNAME` and `EVERTOKEN_EXPIRES_AT` are set. The command
    /// may take a minute. If it fails, it runs twice more. Its output is discarded.
    #[arg(long, value_name = "CMD", value_parser = NonEmptyStringValueParser::new())]
    pub(super) on_renewed: Option<String>,
    #[arg(skip)]
    source: VaultSource,
}

impl ServeOptions {
    /// Selects the folder that the variable names, unless the command line selects a vault. The sandbox's accounts never end
    /// up in a folder that no option names.
    pub(crate) fn with_default_vault(&mut self, variables: &Variables) {
        let is_selected = self.sandbox || self.local.is_some() || self.stack.is_some();
        if let Some(dir) = variables.get(LOCAL).filter(|_| !is_selected) {
            self.local = Some(dir.into());
            self.source = VaultSource::Variable(LOCAL);
        }
    }

    /// The option that selects the same vault in another command.
    pub(crate) fn vault_option(&self) -> VaultOption {
        let option = match (&self.local, &self.stack) {
            (Some(dir), _) => VaultOption::local(dir),
            (None, Some(stack)) => VaultOption::stack(stack),
            (None, None) => VaultOption::default(),
        };
        option.selected_by(self.source)
    }
}
