//! The vault in memory, with injected faults.

use std::sync::Arc;

use evertoken_core::vault::{FaultyVault, MemoryVault, OutageCause, VaultError, VaultFaults};

use crate::fault_injector::{FaultInjector, VaultCallOutcome};

/// Calls fail as often as calls to Instagram do, before or after they take effect.
pub(crate) type SimulatedVault = FaultyVault<MemoryVault, Arc<FaultInjector>>;

impl VaultFaults for FaultInjector {
    async fn pass<T: Send>(&self, work: impl Future<Output = Result<T, VaultError>> + Send) -> Result<T, VaultError> {
        match self.call_vault().await {
            VaultCallOutcome::Success => work.await,
            VaultCallOutcome::FailsBefore => Err(unavailable()),
            VaultCallOutcome::FailsAfter => work.await.and_then(|_| Err(unavailable())),
        }
    }

    async fn before_list(&self) -> Result<(), VaultError> {
        match self.call_vault().await {
            VaultCallOutcome::Success => Ok(()),
            VaultCallOutcome::FailsBefore | VaultCallOutcome::FailsAfter => Err(unavailable()),
        }
    }
}

fn unavailable() -> VaultError {
    VaultError::Unavailable { cause: OutageCause::Other, code: "InternalServiceError".to_owned() }
}
