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

#[cfg(test)]
mod tests {
    use super::*;

    /// The function's role may write nothing, so it must leave an unfinished rollover of a pack to the other functions.
    #[test]
    fn packs_are_only_read() {
        let variables = [
            ("EVERTOKEN_VAULT_PREFIX", "evertoken"),
            ("EVERTOKEN_LAYOUT", "packed"),
            ("EVERTOKEN_INDEX_TABLE", "evertoken-index"),
        ];
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let packed = PackedLayout::read(&variables).unwrap().unwrap();
        assert_eq!(Configuration::read(&variables).unwrap().layout, Some(packed.read_only()));
    }
}
