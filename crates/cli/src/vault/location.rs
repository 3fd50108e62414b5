//! Which vault a command works on.

use std::path::PathBuf;

use clap::Args;
use evertoken_aws::SecretsManagerVault;
use evertoken_aws::settings::VaultSettings;
use evertoken_core::variables::VariableError;

use super::any_vault::AnyVault;
use super::local_folder;
use super::vault_option::VaultOption;
use crate::aws::stack::{self, Stack};
use crate::context::Context;
use crate::error::{CliError, Result};

const VAULT_PREFIX: &str = "EVERTOKEN_VAULT_PREFIX";

#[derive(Clone, Debug, Args)]
pub(crate) struct VaultLocation {
    /// Use the file vault in this folder instead of Secrets Manager.
    #[arg(long, value_name = "DIR")]
    pub(crate) local: Option<PathBuf>,
    /// Use the vault of this CloudFormation stack. Defaults to `evertoken`. `EVERTOKEN_VAULT_PREFIX` and the other
    /// variables of the Lambdas take precedence over the stack's values.
    #[arg(long, value_name = "NAME", env = "EVERTOKEN_STACK")]
    pub(crate) stack: Option<String>,
}

impl VaultLocation {
    pub(crate) fn stack_name(&self) -> &str {
        self.named_stack().unwrap_or(stack::DEFAULT_NAME)
    }

    /// The stack that was named explicitly. An empty variable counts as unset.
    pub(crate) fn named_stack(&self) -> Option<&str> {
        self.stack.as_deref().filter(|name| !name.is_empty())
    }

    /// The option that selects the same vault in another command.
    pub(crate) fn option(&self) -> VaultOption {
        match (&self.local, self.named_stack()) {
            (Some(dir), _) => VaultOption::local(dir),
            (None, Some(stack)) => VaultOption::stack(stack),
            (None, None) => VaultOption::default(),
        }
    }

    /// This context; if one of the `needed` variables is missing, with the variables of the stack's Lambdas.
    pub(crate) async fn resolve(&self, context: &Context, needed: &[&str]) -> Result<Context> {
        let variables = &context.variables;
        let is_missing = needed.iter().any(|name| variables.get(name).is_none());
        // If AWS is not configured, the error about the missing variable helps more than one about AWS.
        let asks_aws = self.local.is_none() && (self.named_stack().is_some() || stack::aws_is_configured(variables));
        if !is_missing || !asks_aws {
            return Ok(context.clone());
        }
        let stack = Stack::read(context, self.stack_name()).await?;
        Ok(context.with_variables(stack.fill(variables.clone())?))
    }

    /// Opens the vault, or creates a file vault.
    pub(crate) async fn open_or_create(&self, context: &Context) -> Result<AnyVault> {
        match &self.local {
            Some(dir) => local_folder::open_or_create(dir),
            None => self.open(context).await,
        }
    }

    /// Opens the vault. A folder without a vault is an error: it is probably a typo.
    pub(crate) async fn open(&self, context: &Context) -> Result<AnyVault> {
        if let Some(dir) = &self.local {
            return local_folder::open(dir);
        }
        let context = self.resolve(context, &[VAULT_PREFIX]).await?;
        let settings = VaultSettings::read(&context.variables).map_err(|error| match error {
            VariableError::Missing { name: VAULT_PREFIX, .. } => CliError::NoVault,
            other => other.into(),
        })?;
        let client = context.aws().await?.secrets_manager();
        Ok(AnyVault::SecretsManager(SecretsManagerVault::new(client, &settings)))
    }
}
