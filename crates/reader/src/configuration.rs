//! The function's configuration, read from environment variables and validated before anything else happens.

use evertoken_aws::settings::VaultSettings;
use evertoken_core::variables::{VariableError, Variables};
use evertoken_packed_aws::PackedLayout;

/// Where the accounts are.
#[derive(Debug)]
pub struct Configuration {
    /// The secrets of the accounts.
    pub vault: VaultSettings,
    /// Many accounts in one secret, if the installation asks for it.
    pub layout: Option<PackedLayout>,
}

impl Configuration {
    /// Reads the variables of the vault.
    pub fn read(variables: &Variables) -> Result<Self, VariableError> {
        let layout = PackedLayout::read(variables)?.map(PackedLayout::read_only);
        Ok(Self { vault: VaultSettings::read(variables)?, layout })
    }
}
