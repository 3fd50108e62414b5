//! What a duplicate callback finds, and the names of several accounts.

use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::outcome;
use super::store::name_for;
use crate::entropy::SystemEntropy;
use crate::invite::Invite;
use crate::login_state::LoginState;
use crate::provider::Profile;
use crate::sample;
use crate::vault::{AccountStore, LoginRecords, MemoryVault};

const STARTED: OffsetDateTime = datetime!(2026-11-22 05:00 UTC);

fn state(name: Option<&str>) -> LoginState {
    let name = name.map(|name| name.parse().unwrap());
    let invite = Invite { name, ..Invite::new(STARTED + Duration::days(7)) };
    LoginState::start(Some(invite), STARTED, &SystemEntropy).unwrap()
}

#[tokio::test]
async fn the_outcome_of_a_login_is_the_document_that_it_stored() {
    for name in [Some("shop-de"), None] {
        let (state, other) = (state(name), state(name));
        for (login, expected) in [(Some(state.login_id()), true), (Some(other.login_id()), false), (None, false)] {
            let (vault, mut document) = (MemoryVault::default(), sample::document("shop-de", STARTED));
            document.last_attempt.login = login;
            vault.create(&document).await.unwrap();
            vault.remember(&state.login_id(), &document.name).await.unwrap();
            let found = outcome(&vault, &state).await.unwrap();
            assert_eq!(found.is_some(), expected, "{name:?}");
            assert!(found.is_none_or(|connected| connected.reconnected && connected.expires_at == document.expires_at));
        }
    }
}

#[tokio::test]
async fn a_login_that_stored_nothing_has_no_outcome() {
    let vault = MemoryVault::default();
    assert_eq!(outcome(&vault, &state(Some("shop-de"))).await, Ok(None));
    vault.create(&sample::document("shop-de", STARTED)).await.unwrap();
    // The account exists, but no record says that this login stored it.
    assert_eq!(outcome(&vault, &state(None)).await, Ok(None));
}

#[tokio::test]
async fn one_of_several_accounts_keeps_the_name_that_the_same_invite_has_given_it() {
    let invite = Invite { many_accounts: true, ..Invite::new(STARTED + Duration::days(7)) };
    let invite = Invite { name: Some("shop".parse().unwrap()), ..invite };
    for (stored, expected) in [
        // The username has changed since.
        ("shop-green-bottle", "shop-green-bottle"),
        ("shop", "shop"),
        // Another invite has given it this name.
        ("shopping-mall", "shop-blue-bottle"),
        ("other", "shop-blue-bottle"),
    ] {
        let (vault, document) = (MemoryVault::default(), sample::document(stored, STARTED));
        vault.create(&document).await.unwrap();
        let profile = Profile {
            account_id: document.account_id,
            app_scoped_id: document.app_scoped_id,
            username: document.username,
            account_type: document.account_type,
        };
        let name = name_for(&vault, Some(&invite), &profile, &[]).await.unwrap();
        assert_eq!(name.as_str(), expected, "{stored}");
    }
}
