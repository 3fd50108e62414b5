//! Invites that are used once, and the names that logins stored their accounts under.

use evertoken_core::entropy::SystemEntropy;
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::{LoginId, LoginState};
use evertoken_core::vault::VaultError;
use evertoken_packed_vault::PackIndex;
use time::Duration;

use super::fixture::{NOW, PackIndexFixture, name};

pub(super) fn invite() -> InviteId {
    InviteId::generate(&SystemEntropy).unwrap()
}

fn login() -> LoginId {
    LoginState::start(None, NOW, &SystemEntropy).unwrap().login_id()
}

pub async fn an_invite_is_claimed_once(fixture: &impl PackIndexFixture) {
    let index = fixture.index();
    let (one, other) = (invite(), invite());
    let until = NOW + Duration::days(1);
    assert_eq!(index.is_claimed(&one).await, Ok(false));
    index.claim(&one, NOW, until).await.unwrap();
    for now in [NOW, until] {
        assert_eq!(index.claim(&one, now, until + Duration::days(1)).await, Err(VaultError::Conflict));
    }
    assert_eq!((index.is_claimed(&one).await, index.is_claimed(&other).await), (Ok(true), Ok(false)));
    index.claim(&other, NOW, until).await.unwrap();
}

pub async fn a_withdrawn_claim_can_be_made_again(fixture: &impl PackIndexFixture) {
    let index = fixture.index();
    let (one, other) = (invite(), invite());
    let until = NOW + Duration::days(1);
    index.claim(&other, NOW, until).await.unwrap();
    for _ in 0..2 {
        index.claim(&one, NOW, until).await.unwrap();
        // Twice, because there may be nothing to withdraw.
        for _ in 0..2 {
            index.withdraw(&one).await.unwrap();
            assert_eq!((index.is_claimed(&one).await, index.is_claimed(&other).await), (Ok(false), Ok(true)));
        }
    }
}

/// The database deletes expired items late, or the model never does.
pub async fn an_expired_claim_can_be_made_again(fixture: &impl PackIndexFixture) {
    let index = fixture.index();
    let one = invite();
    let until = NOW + Duration::days(1);
    let later = until + Duration::seconds(1);
    index.claim(&one, NOW, until).await.unwrap();
    index.claim(&one, later, later + Duration::days(1)).await.unwrap();
    assert_eq!(index.claim(&one, later, later + Duration::days(1)).await, Err(VaultError::Conflict));
    assert_eq!(index.is_claimed(&one).await, Ok(true));
}

pub async fn a_login_can_be_recalled(fixture: &impl PackIndexFixture) {
    let index = fixture.index();
    let (one, other) = (login(), login());
    let until = NOW + Duration::hours(1);
    assert_eq!(index.recall(&one).await, Ok(None));
    index.remember(&one, &name("shop-de"), until).await.unwrap();
    assert_eq!(index.recall(&one).await, Ok(Some(name("shop-de"))));
    assert_eq!(index.recall(&other).await, Ok(None));
    index.remember(&other, &name("shop-fr"), until).await.unwrap();
    // The last one counts.
    index.remember(&one, &name("shop-it"), until + Duration::hours(1)).await.unwrap();
    assert_eq!(index.recall(&one).await, Ok(Some(name("shop-it"))));
    assert_eq!(index.recall(&other).await, Ok(Some(name("shop-fr"))));
}
