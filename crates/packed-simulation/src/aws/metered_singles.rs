//! The accounts that have a secret of their own, behind a meter.

use evertoken_core::vault::{FaultyVault, MemoryVault, VaultError, VaultFaults};

use super::meter::{Meter, Units};
use super::operation::Operation;

/// Secrets of single accounts whose calls take time, are limited, and are counted.
pub(crate) type MeteredSingles = FaultyVault<MemoryVault, SingleCalls>;

/// Counts each operation of the vault as one call. Nearly all of them look for an account that is in a pack, and all calls to
/// Secrets Manager have the same price.
#[derive(Clone, Debug)]
pub(crate) struct SingleCalls(pub(crate) Meter);

impl VaultFaults for SingleCalls {
    async fn pass<T: Send>(&self, work: impl Future<Output = Result<T, VaultError>> + Send) -> Result<T, VaultError> {
        self.0.call(Operation::GetSecretValue, Units::default(), work).await
    }

    async fn before_list(&self) -> Result<(), VaultError> {
        self.0.call(Operation::ListSecrets, Units::default(), std::future::ready(Ok(()))).await
    }
}
