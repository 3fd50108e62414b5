//! Which vault a command works on.

use std::path::{Path, PathBuf};

use clap::Args;
use evertoken_aws::settings::VaultSettings;
use evertoken_core::variables::{VariableError, Variables};
use evertoken_packed_aws::PacksInAws;

use super::any_vault::{self, AnyVault, Writes};
use super::local_folder::{self, DEFAULT_FOLDER};
use super::vault_option::{VaultOption, VaultSource};
use crate::aws::stack::{self, Stack};
use crate::context::Context;
use crate::error::{CliError, Result};

/// Names the folder of a file vault.
pub(crate) const LOCAL: &str = "EVERTOKEN_LOCAL";
const STACK: &str = "EVERTOKEN_STACK";
const VAULT_PREFIX: &str = "EVERTOKEN_VAULT_PREFIX";

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct VaultLocation {
    /// Use the file vault in this folder. Defaults to `EVERTOKEN_LOCAL`, or to `evertoken-data` if that is a vault and no
    /// stack is selected.
    #[arg(long, value_name = "DIR")]
    pub(crate) local: Option<PathBuf>,
    /// Use the vault of this CloudFormation stack. Defaults to `EVERTOKEN_STACK`, then to `evertoken`.
    /// `EVERTOKEN_VAULT_PREFIX` and the other variables of the Lambdas take precedence over the stack's values.
    #[arg(long, value_name = "NAME")]
    pub(crate) stack: Option<String>,
    #[arg(skip)]
    source: VaultSource,
}

impl VaultLocation {
    /// Selects the vault that the variables name, or the one in the working directory, unless the command line selects one.
    pub(crate) fn with_default(&mut self, variables: &Variables) {
        self.choose(variables, || local_folder::is_vault(Path::new(DEFAULT_FOLDER)));
    }

    /// Selects the stack that the variables name, for a command line that does not work with a file vault.
    pub(crate) fn with_default_stack(&mut self, variables: &Variables) {
        if self.named_stack().is_none()
            && let Some(name) = variables.get(STACK)
        {
            self.stack = Some(name.to_owned());
            self.source = VaultSource::Variable(STACK);
        }
    }

    fn choose(&mut self, variables: &Variables, folder_exists: impl FnOnce() -> bool) {
        if self.local.is_some() || self.named_stack().is_some() {
            return;
        }
        if let Some(dir) = variables.get(LOCAL) {
            self.local = Some(dir.into());
            self.source = VaultSource::Variable(LOCAL);
        } else if variables.get(STACK).is_some() {
            self.with_default_stack(variables);
        } else if variables.get(VAULT_PREFIX).is_some() {
            self.source = VaultSource::Variable(VAULT_PREFIX);
        } else if folder_exists() {
            self.local = Some(DEFAULT_FOLDER.into());
            self.source = VaultSource::FoundFolder;
        } else {
            self.source = VaultSource::Nothing;
        }
    }

    pub(crate) fn stack_name(&self) -> &str {
        self.named_stack().unwrap_or(stack::DEFAULT_NAME)
    }

    /// The stack that was named explicitly. An empty variable counts as unset.
    pub(crate) fn named_stack(&self) -> Option<&str> {
        self.stack.as_deref().filter(|name| !name.is_empty())
    }

    /// The option that selects the same vault in another command.
    pub(crate) fn option(&self) -> VaultOption {
        let option = match (&self.local, self.named_stack()) {
            (Some(dir), _) => VaultOption::local(dir),
            (None, Some(stack)) => VaultOption::stack(stack),
            (None, None) => VaultOption::default(),
        };
        option.selected_by(self.source)
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
    pub(crate) async fn open_or_create(&self, writes: Writes, context: &Context) -> Result<AnyVault> {
        match &self.local {
            Some(dir) => local_folder::open_or_create(dir),
            None => self.open_in_aws(writes, context).await,
        }
    }

    /// Opens the vault. A folder without a vault is an error: it is probably a typo.
    pub(crate) async fn open(&self, context: &Context) -> Result<AnyVault> {
        match &self.local {
            Some(dir) => local_folder::open(dir),
            None => self.open_in_aws(Writes::Few, context).await,
        }
    }

    async fn open_in_aws(&self, writes: Writes, context: &Context) -> Result<AnyVault> {
        let context = self.resolve(context, &[VAULT_PREFIX]).await?;
        let settings = VaultSettings::read(&context.variables).map_err(|error| match error {
            VariableError::Missing { name: VAULT_PREFIX, .. } => CliError::NoVault,
            other => other.into(),
        })?;
        any_vault::in_aws(&settings, writes, &context).await
    }

    /// Opens a vault with packs, to move many accounts.
    pub(crate) async fn open_packs(&self, context: &Context) -> Result<PacksInAws> {
        if self.local.is_some() {
            return Err(CliError::NoPacksInFolder);
        }
        let context = self.resolve(context, &[VAULT_PREFIX]).await?;
        let settings = VaultSettings::read(&context.variables).map_err(|error| match error {
            VariableError::Missing { name: VAULT_PREFIX, .. } => CliError::NoVault,
            other => other.into(),
        })?;
        any_vault::packs_in_aws(&settings, &context).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each command line selects: the option that selects the same vault, and what selected it.
    fn chosen(options: [Option<&str>; 2], variables: &[(&str, &str)], folder_exists: bool) -> (String, VaultSource) {
        let [local, stack] = options;
        let mut location = VaultLocation {
            local: local.map(PathBuf::from),
            stack: stack.map(str::to_owned),
            ..VaultLocation::default()
        };
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        location.choose(&variables, || folder_exists);
        (location.option().to_string(), location.source)
    }

    #[test]
    fn the_command_line_comes_first_then_the_variables_then_the_folder_here() {
        let all = [(LOCAL, "l"), (STACK, "s"), (VAULT_PREFIX, "p")];
        let none = [None, None];
        let table = [
            (chosen([Some("x"), Some("y")], &all, true), " --local x", VaultSource::CommandLine),
            (chosen([None, Some("y")], &all, true), " --stack y", VaultSource::CommandLine),
            (chosen(none, &all, true), " --local l", VaultSource::Variable(LOCAL)),
            (chosen(none, &all[1..], true), " --stack s", VaultSource::Variable(STACK)),
            (chosen(none, &all[2..], true), "", VaultSource::Variable(VAULT_PREFIX)),
            (chosen(none, &[], true), " --local evertoken-data", VaultSource::FoundFolder),
            (chosen(none, &[], false), "", VaultSource::Nothing),
            // Empty values count as unset.
            (chosen(none, &[(LOCAL, ""), (STACK, " ")], false), "", VaultSource::Nothing),
            (chosen([None, Some("")], &[(LOCAL, "l")], false), " --local l", VaultSource::Variable(LOCAL)),
        ];
        for (chosen, option, source) in table {
            assert_eq!(chosen, (option.to_owned(), source));
        }
    }

    #[test]
    fn a_command_line_without_file_vaults_takes_the_stack_only() {
        let variables = [(LOCAL, "l"), (STACK, "s")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut location = VaultLocation::default();
        location.with_default_stack(&variables.into_iter().collect());
        assert_eq!((location.local.clone(), location.named_stack()), (None, Some("s")));
    }
}
