//! Which vault a command speaks to.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use evertoken_aws::SecretsManagerVault;
use evertoken_aws::settings::VaultSettings;
use evertoken_core::variables::Variables;

use evertoken_core::vault::DocumentLocator;

use crate::aws::aws_client::aws;
use crate::file_vault::FileVault;

/// Where the accounts are.
#[derive(Clone, Debug, Args)]
pub(crate) struct VaultLocation {
    /// The folder of a vault of files; without it, Secrets Manager.
    #[arg(long, value_name = "DIR")]
    pub(crate) local: Option<PathBuf>,
    /// The deployed stack whose vault it is; by default `evertoken`. `EVERTOKEN_VAULT_PREFIX` and the other variables
    /// of its Lambdas go before what the stack says.
    #[arg(long, value_name = "NAME", env = "EVERTOKEN_STACK")]
    pub(crate) stack: Option<String>,
}

impl VaultLocation {
    /// The stack's name.
    pub(crate) fn stack_name(&self) -> &str {
        self.named_stack().unwrap_or(stack::DEFAULT_NAME)
    }

    /// The stack that somebody has named. A variable that is empty counts as absent.
    pub(crate) fn named_stack(&self) -> Option<&str> {
        self.stack.as_deref().filter(|name| !name.is_empty())
    }

    /// The variables of this process; where one of `needed` is absent, what the stack's Lambdas are given.
    pub(crate) async fn variables(&self, variables: &Variables, needed: &[&str]) -> Result<Variables> {
        let absent = needed.iter().any(|name| variables.get(name).is_none());
        // Where nobody has set AWS up the error about the variable is the one that helps.
        let asks = absent && self.local.is_none() && (self.named_stack().is_some() || stack::aws_is_set_up(variables));
        if !asks {
            return Ok(variables.clone());
        }
        let advice = "a vault of files is named with --local DIR, one in Secrets Manager with --stack NAME or with \
             EVERTOKEN_VAULT_PREFIX";
        let stack = Stack::read(self.stack_name()).await.context(advice)?;
        Ok(stack.fill(variables.clone())?)
    }
}

/// One of the two.
pub(crate) enum AnyVault {
    /// A folder.
    File(FileVault),
    /// Secrets Manager.
    Aws(SecretsManagerVault),
}

impl AnyVault {
    /// Opens it; a folder that is no vault yet becomes one.
    pub(crate) async fn open_or_make(place: &VaultLocation, variables: &Variables) -> Result<Self> {
        match &place.local {
            Some(dir) => Ok(Self::File(FileVault::open(dir)?)),
            None => Self::open(place, variables).await,
        }
    }

    /// Where people find account documents.
    pub(crate) fn locator(&self) -> DocumentLocator {
        match self {
            Self::File(vault) => vault.locator(),
            Self::Aws(vault) => vault.locator(),
        }
    }

    /// Opens it. A folder that is not there is a slip of the pen, not a new vault.
    pub(crate) async fn open(place: &VaultLocation, variables: &Variables) -> Result<Self> {
        if let Some(dir) = &place.local {
            if !dir.join("accounts").is_dir() {
                let what = format!("{} is no vault: it has no folder \"accounts\"", dir.display());
                return Err(CliError::failed(what, "`evertoken serve --local DIR` makes one").into());
            }
            return Ok(Self::File(FileVault::existing(dir)?));
        }
        let variables = place.variables(variables, &["EVERTOKEN_VAULT_PREFIX"]).await?;
        let settings = VaultSettings::read(&variables)
            .context("name a vault of files with --local DIR, or the one in Secrets Manager with --stack NAME")?;
        let client = aws().await?.secrets_manager();
        Ok(Self::Aws(SecretsManagerVault::new(client, &settings)))
    }
}

/// Runs the same work over whichever vault it is.
macro_rules! with_vault {
    ($any:expr, $vault:ident => $work:expr) => {
        match $any {
            $crate::vault::location::AnyVault::File($vault) => $work,
            $crate::vault::location::AnyVault::Aws($vault) => $work,
        }
    };
}
pub(crate) use with_vault;
