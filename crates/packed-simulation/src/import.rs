//! The import of all accounts on the first day.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::accounts::{Accounts, Connection, Identity};
use crate::actions::{Login, connect};
use crate::error::SimulationError;
use crate::services::{Role, Services};

/// Imports all accounts, several at the same time. Returns how long it took, and how many attempts failed.
pub(crate) async fn run(services: &Services, accounts: &mut Accounts) -> Result<(Duration, u64), SimulationError> {
    let begun_at = services.clock.elapsed();
    let vault = services.vault(Role::Import, 0);
    let count = services.settings.accounts;
    let import = async |number| {
        let account = Identity::of(number, count, services.settings.seed)?;
        connect(services, &vault, &account, Login::Imported).await.map(u64::from)
    };
    let numbers: Vec<_> = (0..count).map(|_| accounts.add()).collect();
    let imported = stream::iter(numbers.clone()).map(import).buffer_unordered(services.settings.imported_at_once);
    let failed = imported.try_fold(0, async |total, failed| Ok(total + failed)).await?;
    for number in numbers {
        accounts.finish(number, Connection::Connected);
    }
    Ok((services.clock.elapsed().saturating_sub(begun_at), failed))
}
