//! Concurrent refreshes and logins never lose the newer document.

use std::sync::Arc;

use evertoken_core::app::App;
use evertoken_core::connected_account::ConnectedAccount;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::MemoryEvents;
use evertoken_core::invite::Invite;
use evertoken_core::login::{self, CodeGrant, Login, LoginError, Progress, TimeLimits};
use evertoken_core::policy::Policy;
use evertoken_core::refresh::{Limits, Refresher, Report, Request};
use evertoken_core::secrets::AuthorizationCode;
use evertoken_core::vault::{AccountStore, Vault};
use serde_json::json;
use time::{Duration, OffsetDateTime};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use url::Url;

use super::fixture::VaultFixture;
use crate::fixed_clock::FixedClock;
use crate::sample::{ISSUED_AT, document, name};
use crate::scripted_provider::{Call, ScriptedProvider};

const NAME: &str = "shop-de";

type Service<V> = Arc<Refresher<ScriptedProvider, V, Option<MemoryEvents>>>;

pub async fn a_login_during_a_refresh_is_kept(fixture: &impl VaultFixture) {
    let service = service(fixture).await;
    let mut check = service.provider.pause_next(Call::Profile);
    let refresh = start_refresh(&service);
    // The refresh has read the document and refreshed the token, and now checks the new token.
    check.reached().await;
    log_in(&service).await.unwrap();
    check.resume();
    let report = refresh.await.unwrap();
    assert_eq!((report.refreshed, report.conflicts, report.failed), (0, 1, 0), "{report:?}");
    assert_eq!(token(&service).await, "IGAA-login-2");
}

pub async fn a_login_replaces_a_concurrent_refresh(fixture: &impl VaultFixture) {
    let service = service(fixture).await;
    let mut check = service.provider.pause_next(Call::Profile);
    let login = tokio::spawn({
        let service = Arc::clone(&service);
        async move { log_in(&service).await }
    });
    check.reached().await;
    let report = start_refresh(&service).await.unwrap();
    assert_eq!(report.refreshed, 1, "{report:?}");
    assert_eq!(token(&service).await, "IGAA-refreshed-2");
    check.resume();
    assert!(login.await.unwrap().unwrap().reconnected);
    assert_eq!(token(&service).await, "IGAA-login-1");
}

pub async fn a_second_run_during_a_refresh_is_kept(fixture: &impl VaultFixture) {
    let service = service(fixture).await;
    let mut check = service.provider.pause_next(Call::Profile);
    let slow = start_refresh(&service);
    check.reached().await;
    let quick = start_refresh(&service).await.unwrap();
    assert_eq!((quick.refreshed, quick.conflicts), (1, 0), "{quick:?}");
    check.resume();
    let slow = slow.await.unwrap();
    assert_eq!((slow.refreshed, slow.conflicts), (0, 1), "{slow:?}");
    assert_eq!(token(&service).await, "IGAA-refreshed-2");
}

pub async fn one_of_two_concurrent_runs_refreshes_the_account(fixture: &impl VaultFixture) {
    let service = service(fixture).await;
    let mut checks = [service.provider.pause_next(Call::Profile), service.provider.pause_next(Call::Profile)];
    let runs = [start_refresh(&service), start_refresh(&service)];
    for check in &mut checks {
        check.reached().await;
    }
    for check in checks {
        check.resume();
    }
    let [one, other] = runs;
    let (one, other) = (one.await.unwrap(), other.await.unwrap());
    assert_eq!((one.refreshed + other.refreshed, one.conflicts + other.conflicts), (1, 1), "{one:?} {other:?}");
    assert!(token(&service).await.starts_with("IGAA-refreshed-"));
}

/// Creates a refresher over a vault with one due account, whose document contains a note of the operator.
async fn service<F: VaultFixture>(fixture: &F) -> Service<F::Vault> {
    let vault = fixture.vault();
    let mut first = document(NAME);
    first.unknown.insert("note".to_owned(), json!("keep me"));
    vault.create(&first).await.unwrap();
    Arc::new(Refresher {
        provider: ScriptedProvider::default(),
        vault,
        clock: Arc::new(FixedClock(now())),
        entropy: Arc::new(SystemEntropy),
        events: None::<MemoryEvents>,
        policy: Policy::default(),
        limits: Limits { writes_per_second: Some(1_000), ..Limits::default() },
    })
}

fn now() -> OffsetDateTime {
    ISSUED_AT + Duration::days(30)
}

fn start_refresh<V: Vault>(service: &Service<V>) -> JoinHandle<Report> {
    let service = Arc::clone(service);
    tokio::spawn(async move { service.run(&Request::default(), None).await.unwrap() })
}

async fn log_in<V: Vault>(service: &Service<V>) -> Result<ConnectedAccount, LoginError> {
    let invite = Invite { name: Some(name(NAME)), ..Invite::new(now() + Duration::days(1)) };
    let login = Login {
        app: &App::new("990602627938098", "an-app-secret", &[]).unwrap(),
        scopes: &document(NAME).scopes,
        invite: Some(&invite),
        id: None,
        now: now(),
        deadlines: TimeLimits::default().deadlines(Instant::now()),
    };
    let grant = CodeGrant {
        code: &AuthorizationCode::new("AQB-code"),
        redirect_uri: &Url::parse("https://login.example.com/callback").unwrap(),
    };
    match login::finish(&service.provider, &service.vault, login, grant).await? {
        Progress::Connected(connected) => Ok(connected),
        Progress::Choose(choice) => panic!("{} accounts to choose from", choice.accounts.len()),
    }
}

/// Returns the current token, and asserts that the last writer kept the operator's note.
async fn token<V: Vault>(service: &Service<V>) -> String {
    let current = service.vault.get(&name(NAME)).await.unwrap().unwrap().document;
    assert_eq!(current.unknown.get("note"), Some(&json!("keep me")));
    current.access_token.expose().to_owned()
}
