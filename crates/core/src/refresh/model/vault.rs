//! The in-memory vault with injected faults.

use super::instagram::Instagram;
use crate::vault::{FaultyVault, MemoryVault, OutageCause, VaultError, VaultFaults};

/// Fails as often as Instagram does, before or after the work. Clones share their state.
pub(super) type ModelVault = FaultyVault<MemoryVault, Instagram>;

impl VaultFaults for Instagram {
    async fn pass<T: Send>(&self, work: impl Future<Output = Result<T, VaultError>> + Send) -> Result<T, VaultError> {
        self.takes_time().await;
        throttled(self)?;
        let done = work.await;
        throttled(self)?;
        done
    }
}

fn throttled(world: &Instagram) -> Result<(), VaultError> {
    let mut state = world.state();
    let chance = u64::from(state.faults);
    if state.rng.u64(..200) < chance {
        return Err(VaultError::Unavailable { cause: OutageCause::Throttled, code: "ThrottlingException".to_owned() });
    }
    Ok(())
}
