//! What people do: connect an account, connect it again, and remove it. Each is done as the login pages do it.

use std::time::Duration;

use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::cohort::Cohort;
use evertoken_core::document::Document;
use evertoken_core::login_state::LoginState;
use evertoken_core::vault::{AccountIndex, AccountStore, LoginRecords, Removal, VaultError, store_account};
use evertoken_packed_vault::PackIndex;

use crate::accounts::Identity;
use crate::due_times::due_at;
use crate::error::SimulationError;
use crate::seeded_rng::{SeededEntropy, Stream};
use crate::services::{Services, Vault};

/// How often an action is repeated.
const ATTEMPTS: u32 = 20;

/// How long a person waits before they try again. Meta's removal requests are repeated from a queue.
const WAIT: Duration = Duration::from_secs(30);

/// How long an import waits.
const IMPORT_WAIT: Duration = Duration::from_secs(2);

/// How an account is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Login {
    /// From an import file, which has a name for it.
    Imported,
    /// By its owner, without a name.
    Open,
}

/// Connects an account, or connects it again. Returns how many attempts failed.
pub(crate) async fn connect(
    services: &Services,
    vault: &Vault,
    account: &Identity,
    login: Login,
) -> Result<u32, SimulationError> {
    let mut attempts =
        Attempts { action: "a login", wait: if login == Login::Imported { IMPORT_WAIT } else { WAIT }, failed: 0 };
    loop {
        match connect_once(services, vault, account, login).await? {
            Ok(document) => {
                note(services, &document).await;
                return Ok(attempts.failed);
            }
            Err(error) => attempts.wait(error).await?,
        }
    }
}

/// Each attempt is a new login with a new token.
async fn connect_once(
    services: &Services,
    vault: &Vault,
    account: &Identity,
    login: Login,
) -> Result<Result<Document, VaultError>, SimulationError> {
    let name = match login {
        Login::Imported => account.name.clone(),
        Login::Open => match name_for(vault, account).await {
            Ok(name) => name,
            Err(error) => return Ok(Err(error)),
        },
    };
    let token = services.instagram.log_in(account.number);
    let document = account.document(&name, token, services.clock.now())?;
    let next = |present: Option<&Document>| {
        let unknown = present.map(|present| present.unknown.clone()).unwrap_or_default();
        Ok::<_, VaultError>(Document { unknown, ..document.clone() })
    };
    if let Err(error) = store_account(vault, &name, None, next).await {
        return Ok(Err(error));
    }
    if login == Login::Open {
        let entropy = SeededEntropy::new(services.settings.seed, Stream::Process(account.number));
        // A failure is logged, and the login is stored.
        if let Ok(state) = LoginState::start(None, services.clock.now(), &entropy) {
            let _ = vault.remember(&state.login_id(), &name).await;
        }
    }
    Ok(Ok(document))
}

/// The account's present name, otherwise its id.
async fn name_for(vault: &Vault, account: &Identity) -> Result<AccountName, VaultError> {
    let found = vault.find(&account.id).await?.accounts;
    let mut names: Vec<_> = found.into_iter().map(|account| account.document.name).collect();
    let by_id = account.id.to_name();
    names.sort();
    Ok(if names.contains(&by_id) { by_id } else { names.into_iter().next().unwrap_or(by_id) })
}

/// Removes an account as Meta requests it: by its id. Returns how many attempts failed.
pub(crate) async fn remove(vault: &Vault, account: &Identity, removal: Removal) -> Result<u32, SimulationError> {
    let mut attempts = Attempts { action: "a removal", wait: WAIT, failed: 0 };
    loop {
        match remove_once(vault, account, removal).await {
            Ok(()) => return Ok(attempts.failed),
            Err(error) => attempts.wait(error).await?,
        }
    }
}

async fn remove_once(vault: &Vault, account: &Identity, removal: Removal) -> Result<(), VaultError> {
    let found = vault.find(&account.id).await?;
    let names = found.accounts.into_iter().map(|account| account.document.name);
    // A removal that was interrupted is finished, and what could still be restored is deleted.
    for name in names.chain(found.removed) {
        vault.remove(&name, removal).await?;
    }
    Ok(())
}

/// The attempts of one action.
struct Attempts {
    action: &'static str,
    wait: Duration,
    failed: u32,
}

impl Attempts {
    /// Waits for the next attempt, if there is one.
    async fn wait(&mut self, error: VaultError) -> Result<(), SimulationError> {
        self.failed += 1;
        if self.failed == ATTEMPTS {
            return Err(SimulationError::Vault { action: self.action, error });
        }
        tokio::time::sleep(self.wait).await;
        Ok(())
    }
}

/// Records when the account is due, for the scan of due packs. Costs no request.
async fn note(services: &Services, document: &Document) {
    if let Ok(Some(place)) = services.index.place(&document.name).await {
        let cohort = Cohort::new(&place.pack.to_string());
        let due_at = due_at(document, Some(&cohort), services.clock.now(), &services.policy);
        services.due_times.note(&place.pack, due_at);
    }
}
