//! Recording completed logins.

use evertoken_core::entropy::SystemEntropy;
use evertoken_core::login_state::LoginState;
use evertoken_core::vault::LoginRecords;

use super::fixture::{VaultFixture, list_names};
use crate::sample::{ISSUED_AT, name};

pub async fn a_recorded_login_can_be_recalled_at_once(fixture: &impl VaultFixture) {
    let vault = fixture.vault();
    let login = || LoginState::start(None, ISSUED_AT, &SystemEntropy).unwrap().login_id();
    let (one, two) = (login(), login());
    assert_eq!(vault.recall(&one).await, Ok(None));
    vault.remember(&one, &name("shop-de")).await.unwrap();
    vault.remember(&one, &name("shop-de")).await.unwrap();
    assert_eq!(vault.recall(&one).await, Ok(Some(name("shop-de"))));
    assert_eq!(vault.recall(&two).await, Ok(None));
    vault.remember(&two, &name("shop-de")).await.unwrap();
    assert_eq!(vault.recall(&two).await, Ok(Some(name("shop-de"))));
    assert!(list_names(&vault).await.is_empty(), "a login record was listed as an account");
}
