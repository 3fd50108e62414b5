//! What a duplicate callback finds.

use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::outcome;
use crate::entropy::SystemEntropy;
use crate::invite::Invite;
use crate::login_state::LoginState;
use crate::sample;
use crate::vault::{AccountStore, LoginRecords, MemoryVault};

const STARTED: OffsetDateTime = datetime!(2026-11-22 05:00 UTC);

fn state(name: Option<&str>) -> LoginState {
    let name = name.map(|name| name.parse().unwrap());
    let invite = Invite { name, ..Invite::new(STARTED + Duration::days(7)) };
    LoginState::start(Some(invite), STARTED, &SystemEntropy).unwrap()
}

#[tokio::test]
async fn only_the_document_that_a_login_stored_is_its_outcome() {
    for name in [Some("shop-de"), None] {
        let (own, other) = (state(name), state(name));
        for (stored_by, expected) in
            [(Some(&own), Some(STARTED + Duration::days(60))), (Some(&other), None), (None, None)]
        {
            let (vault, mut document) = (MemoryVault::default(), sample::document("shop-de", STARTED));
            document.last_attempt.login = stored_by.map(LoginState::login_id);
            vault.create(&document).await.unwrap();
            vault.remember(&own.login_id(), &document.name).await.unwrap();
            let outcome = outcome(&vault, &own).await.unwrap();
            assert!(outcome.as_ref().is_none_or(|connected| connected.reconnected));
            assert_eq!(outcome.and_then(|connected| connected.expires_at), expected, "{name:?}");
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
