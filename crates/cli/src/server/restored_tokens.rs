//! Makes a new sandbox accept the tokens of an earlier one, which are in the vault.

use evertoken_core::document::{Document, HealthState};
use evertoken_core::vault::{AccountStore, VaultError};
use evertoken_sandbox::Sandbox;
use futures_util::{StreamExt, pin_mut};

/// Restores the tokens of healthy accounts. A new sandbox does not remember why the others were rejected.
pub(super) async fn restore(sandbox: &Sandbox, vault: &impl AccountStore) -> Result<(), VaultError> {
    let pages = vault.list();
    pin_mut!(pages);
    while let Some(page) = pages.next().await {
        for account in page?.accounts {
            if account.document.health.state == HealthState::Healthy {
                restore_one(sandbox, &account.document);
            }
        }
    }
    Ok(())
}

fn restore_one(sandbox: &Sandbox, document: &Document) {
    let (Ok(id), Some(expires_at)) = (document.app_scoped_id.as_str().parse(), document.expires_at) else { return };
    let scopes = document.scopes.iter().map(str::to_owned).collect();
    sandbox.restore_token(id, document.access_token.expose(), scopes, document.issued_at, expires_at);
}
