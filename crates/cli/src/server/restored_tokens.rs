//! Makes a new sandbox accept the tokens of an earlier one, which are in the vault.

use evertoken_core::document::{Document, HealthState, ProviderName, TokenKind};
use evertoken_core::vault::{AccountStore, VaultError};
use evertoken_sandbox::{FacebookTokenKind, FacebookTokenRequest, Sandbox};
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
    if document.provider == ProviderName::Facebook {
        restore_facebook_token(sandbox, document);
        return;
    }
    let (Ok(id), Some(expires_at)) = (document.app_scoped_id.as_str().parse(), document.expires_at) else { return };
    let scopes = document.scopes.iter().map(str::to_owned).collect();
    sandbox.restore_token(id, document.access_token.expose(), scopes, document.issued_at, expires_at);
}

/// A token whose person or page the new sandbox does not have stays unknown to it.
fn restore_facebook_token(sandbox: &Sandbox, document: &Document) {
    let kind = match (document.token_kind, document.expires_at) {
        (Some(TokenKind::SystemUser), None) => FacebookTokenKind::SystemUser,
        (Some(TokenKind::SystemUser), Some(_)) => FacebookTokenKind::SystemUserFor60Days,
        _ => FacebookTokenKind::Page,
    };
    let person = document.meta_user_id.as_ref().unwrap_or(&document.app_scoped_id);
    let request = FacebookTokenRequest {
        page: document.page_id.as_ref().filter(|_| kind == FacebookTokenKind::Page).map(ToString::to_string),
        issued_at: Some(document.issued_at),
        logged_in_at: Some(document.connected_at),
        access_token: Some(document.access_token.expose().to_owned()),
        ..FacebookTokenRequest::new(person.to_string(), kind)
    };
    if let Err(error) = sandbox.create_facebook_token(request) {
        tracing::warn!(name = %document.name, "the sandbox does not accept the token of an earlier one: {error}");
    }
}
