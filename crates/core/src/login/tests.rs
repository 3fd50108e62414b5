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

/// The account of a vault that holds one document, connected at this time, for a login that started at [`STARTED`].
async fn outcome_with(connected_at: OffsetDateTime, name: Option<&str>) -> Option<OffsetDateTime> {
    let (vault, state, document) = (MemoryVault::default(), state(name), sample::document("shop-de", connected_at));
    vault.create(&document).await.unwrap();
    vault.remember(&state.login_id(), &document.name).await.unwrap();
    outcome(&vault, &state).await.unwrap().map(|connected| {
        assert!(connected.reconnected);
        connected.expires_at.unwrap() - Duration::days(60)
    })
}

#[tokio::test]
async fn a_document_that_is_older_than_the_login_is_not_its_outcome() {
    for name in [Some("shop-de"), None] {
        assert_eq!(outcome_with(STARTED - Duration::SECOND, name).await, None, "{name:?}");
        for stored in [STARTED, STARTED + Duration::MINUTE] {
            assert_eq!(outcome_with(stored, name).await, Some(stored), "{name:?}");
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
