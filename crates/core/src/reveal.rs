//! Showing a token once to the person who has just logged in (docs/decisions/0043).

use time::OffsetDateTime;

use crate::document::Versioned;
use crate::receipt::Receipt;
use crate::vault::{AccountStore, InviteClaims, VaultError};

/// A token is not shown.
#[derive(Debug, thiserror::Error)]
pub enum RevealError {
    /// The invite did not allow it, the time is over, or the vault no longer holds what the login stored.
    #[error("the token may not be shown, or no longer")]
    Refused,
    /// The token was shown before.
    #[error("the token was already shown")]
    Used,
    /// The vault failed. The person may try again.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// The account that a login stored, for the page that shows its token. Succeeds once for each login, in whichever process.
///
/// The claim comes last, so a failure does not use it up.
pub async fn reveal<V: AccountStore + InviteClaims>(
    vault: &V,
    receipt: &Receipt,
    now: OffsetDateTime,
) -> Result<Versioned, RevealError> {
    let claim = receipt.reveal_claim(now).ok_or(RevealError::Refused)?;
    let stored = vault.get(&receipt.name).await?;
    // Another login may have stored another account under this name.
    let account = stored.filter(|account| receipt.is_of(&account.document)).ok_or(RevealError::Refused)?;
    match vault.claim(&claim).await {
        Ok(()) => Ok(account),
        Err(VaultError::Conflict) => Err(RevealError::Used),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;
    use crate::connected_account::ConnectedAccount;
    use crate::entropy::SystemEntropy;
    use crate::invite::Invite;
    use crate::login_state::LoginState;
    use crate::sample;
    use crate::vault::MemoryVault;

    const NOW: OffsetDateTime = datetime!(2026-11-22 05:00 UTC);

    /// The receipt of a login with such an invite, and a vault with the account that it stored.
    async fn login(reveal: bool) -> (MemoryVault, Receipt) {
        let invite = Invite { reveal, ..Invite::new(NOW + Duration::days(7)) };
        let state = LoginState::start(Some(invite), NOW, &SystemEntropy).unwrap();
        let mut document = sample::document("shop-de", NOW);
        document.last_attempt.login = Some(state.login_id());
        let vault = MemoryVault::default();
        vault.create(&document).await.unwrap();
        let connected = ConnectedAccount {
            name: document.name,
            account_id: document.account_id,
            username: document.username,
            expires_at: document.expires_at,
            cohort: None,
            reconnected: false,
        };
        (vault, Receipt::new(&connected, &state, NOW))
    }

    #[tokio::test]
    async fn a_token_is_shown_once() {
        let (vault, receipt) = login(true).await;
        assert_eq!(reveal(&vault, &receipt, NOW).await.unwrap().document.access_token.expose(), "IGAA-sample");
        assert!(matches!(reveal(&vault, &receipt, NOW).await, Err(RevealError::Used)));
    }

    #[tokio::test]
    async fn nothing_is_shown_without_the_invites_permission_or_after_ten_minutes() {
        let (vault, receipt) = login(false).await;
        assert!(matches!(reveal(&vault, &receipt, NOW).await, Err(RevealError::Refused)));
        let (vault, receipt) = login(true).await;
        let end = NOW + Duration::minutes(10);
        assert!(matches!(reveal(&vault, &receipt, end).await, Err(RevealError::Refused)));
        assert!(reveal(&vault, &receipt, end - Duration::seconds(1)).await.is_ok());
    }

    #[tokio::test]
    async fn the_result_of_another_login_is_not_shown() {
        let (vault, receipt) = login(true).await;
        let (_, other) = login(true).await;
        assert!(matches!(reveal(&vault, &other, NOW).await, Err(RevealError::Refused)));
        assert!(reveal(&vault, &receipt, NOW).await.is_ok(), "a refusal uses nothing up");
        assert!(matches!(reveal(&MemoryVault::default(), &receipt, NOW).await, Err(RevealError::Refused)));
    }
}
