//! What a duplicate callback finds, and the names of several accounts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::store::{name_for, store};
use super::{Login, LoginError, TimeLimits, outcome};
use crate::app::App;
use crate::entropy::SystemEntropy;
use crate::invite::{Invite, InviteId};
use crate::login_state::LoginState;
use crate::provider::Profile;
use crate::sample;
use crate::vault::{AccountStore, FaultyVault, InviteClaims, LoginRecords, MemoryVault, VaultError, VaultFaults};

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

/// The second call never ends. In a login with a single-use invite, it is the first one after the claim.
#[derive(Debug, Default)]
struct SecondCallHangs(AtomicU32);

impl VaultFaults for SecondCallHangs {
    async fn pass<T: Send>(&self, work: impl Future<Output = Result<T, VaultError>> + Send) -> Result<T, VaultError> {
        if self.0.fetch_add(1, Ordering::SeqCst) == 1 { std::future::pending().await } else { work.await }
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_that_ends_by_timeout_does_not_use_up_its_invite() {
    let vault = FaultyVault { vault: MemoryVault::default(), faults: Arc::new(SecondCallHangs::default()) };
    let once = InviteId::generate(&SystemEntropy).unwrap();
    let invite = Invite { once: Some(once.clone()), ..Invite::new(STARTED + Duration::days(7)) };
    let app = App::new("1", "secret", &[]).unwrap();
    let document = sample::document("shop-de", STARTED);
    let deadlines = TimeLimits::default().deadlines(tokio::time::Instant::now());
    let login =
        Login { app: &app, scopes: &document.scopes.clone(), invite: Some(&invite), id: None, now: STARTED, deadlines };
    let stored = deadlines.login(store(&vault, &login, document, None)).await;
    assert!(matches!(stored, Err(LoginError::Vault(VaultError::Unavailable { .. }))), "{stored:?}");
    assert!(tokio::time::Instant::now() < deadlines.login);
    assert_eq!(vault.vault.is_claimed(&once).await, Ok(false));
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
