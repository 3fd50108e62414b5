//! The vault in memory, behind the weather.

use std::sync::Arc;

use evertoken_core::vault::MemoryVault;
use evertoken_core::vault::{FaultyVault, VaultFaults};
use evertoken_core::vault::{OutageCause, VaultError};

use crate::weather::{VaultPassage, Weather};

/// Fails as often as Instagram does, before or after the work. A clone is the same.
pub(crate) type YearVault = FaultyVault<MemoryVault, Arc<Weather>>;

impl VaultFaults for Weather {
    async fn pass<T: Send>(&self, work: impl Future<Output = Result<T, VaultError>> + Send) -> Result<T, VaultError> {
        match self.to_vault().await {
            VaultPassage::Clear => work.await,
            VaultPassage::FailsBefore => Err(unavailable()),
            VaultPassage::FailsAfter => work.await.and_then(|_| Err(unavailable())),
        }
    }

    async fn before_list(&self) -> Result<(), VaultError> {
        match self.to_vault().await {
            VaultPassage::Clear => Ok(()),
            VaultPassage::FailsBefore | VaultPassage::FailsAfter => Err(unavailable()),
        }
    }
}

fn unavailable() -> VaultError {
    VaultError::Unavailable { cause: OutageCause::Other, code: "InternalServiceError".to_owned() }
}
