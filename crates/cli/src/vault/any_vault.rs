//! The vault that a command works on.

use std::sync::Arc;

use evertoken_aws::settings::VaultSettings;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::variables;
use evertoken_core::vault::{DocumentLocator, EitherVault};
use evertoken_file_vault::FileVault;
use evertoken_packed_aws::{AwsVault, PackedLayout, PacksInAws};

use crate::context::Context;
use crate::error::{CliError, Result};

/// A vault in a folder or in Secrets Manager.
pub(crate) type AnyVault = EitherVault<FileVault, AwsVault>;

/// How many accounts a command writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writes {
    /// A few. No write waits for others.
    Few,
    /// The new accounts of a file, which share writes if they go into packs.
    ManyNewAccounts,
}

/// The vault in AWS with these settings, in the layout that the variables choose. Sends no request.
pub(crate) async fn in_aws(settings: &VaultSettings, writes: Writes, context: &Context) -> Result<AnyVault> {
    let limit = variables::limits(&context.variables)?.writes_per_second;
    let layout = PackedLayout::read(&context.variables)?.map(|layout| match writes {
        Writes::Few => layout.without_waiting(),
        Writes::ManyNewAccounts => layout.for_many_new_accounts().limited_to(limit),
    });
    let (clock, entropy) = (Arc::new(context.clock), Arc::new(SystemEntropy));
    Ok(EitherVault::Second(evertoken_packed_aws::vault(context.aws().await?, settings, layout, clock, entropy)))
}

/// The packs in AWS with these settings, for a command that writes many accounts: their writes wait for each other.
pub(crate) async fn packs_in_aws(settings: &VaultSettings, context: &Context) -> Result<PacksInAws> {
    let layout = PackedLayout::read(&context.variables)?.ok_or(CliError::SingleLayout)?;
    let layout = layout.limited_to(variables::limits(&context.variables)?.writes_per_second);
    let (clock, entropy) = (Arc::new(context.clock), Arc::new(SystemEntropy));
    match evertoken_packed_aws::vault(context.aws().await?, settings, Some(layout), clock, entropy) {
        EitherVault::Second(packs) => Ok(packs),
        EitherVault::First(_) => Err(CliError::SingleLayout),
    }
}

/// Whether accounts of a vault can share a secret.
pub(crate) fn has_packs(vault: &AnyVault) -> bool {
    matches!(vault, EitherVault::Second(EitherVault::Second(_)))
}

/// Where people find account documents.
pub(crate) fn locator(vault: &AnyVault) -> DocumentLocator {
    match vault {
        EitherVault::First(files) => files.locator(),
        EitherVault::Second(aws) => evertoken_packed_aws::locator(aws),
    }
}

/// Whether a removed account can be restored for some days.
pub(crate) fn can_restore(vault: &AnyVault) -> bool {
    matches!(vault, EitherVault::Second(_))
}
