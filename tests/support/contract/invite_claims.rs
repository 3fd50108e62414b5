//! Claiming single-use invites.

use std::sync::Arc;

use evertoken_core::entropy::SystemEntropy;
use evertoken_core::invite::InviteId;
use evertoken_core::vault::InviteClaims;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::fixture::{VaultFixture, is_conflict, list_names};

pub async fn one_of_sixteen_concurrent_claims_wins_until_it_is_released(fixture: &impl VaultFixture) {
    let vault = fixture.vault();
    let invite = InviteId::generate(&SystemEntropy).unwrap();
    for _ in 0..2 {
        let start = Arc::new(Barrier::new(16));
        let mut claims = JoinSet::new();
        for _ in 0..16 {
            let (vault, invite, start) = (vault.clone(), invite.clone(), Arc::clone(&start));
            claims.spawn(async move {
                start.wait().await;
                vault.claim(&invite).await
            });
        }
        let (won, lost): (Vec<_>, Vec<_>) = claims.join_all().await.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        assert!(lost.iter().all(is_conflict), "{lost:?}");
        assert!(vault.is_claimed(&invite).await.unwrap());
        vault.release(&invite).await.unwrap();
        assert!(!vault.is_claimed(&invite).await.unwrap());
    }
    vault.release(&invite).await.unwrap();
    vault.claim(&InviteId::generate(&SystemEntropy).unwrap()).await.unwrap();
    assert!(list_names(&vault).await.is_empty(), "a claim was listed as an account");
}
