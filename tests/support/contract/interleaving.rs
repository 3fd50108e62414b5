//! Refreshes and logins at the same time: the newer document is never lost. The provider's gates fix who comes when.

use evertoken_core::vault::AccountStore;
use std::sync::Arc;

use evertoken_core::app::App;
use evertoken_core::connected_account::ConnectedAccount;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::MemoryEvents;
use evertoken_core::invite::Invite;
use evertoken_core::login::{self, Login, LoginError};
use evertoken_core::policy::Policy;
use evertoken_core::refresh::{Limits, Refresher, Report, Request};
use evertoken_core::secrets::AuthorizationCode;
use evertoken_core::vault::Vault;
use serde_json::json;
use time::{Duration, OffsetDateTime};
use tokio::task::JoinHandle;
use url::Url;

use super::Place;
use crate::fixed_clock::FixedClock;
use crate::sample::{ISSUED_AT, document, name};
use crate::scripted_provider::{Call, ScriptedProvider};

const NAME: &str = "shop-de";

type Service<V> = Arc<Refresher<ScriptedProvider, V, Option<MemoryEvents>>>;

pub async fn a_login_during_a_refresh_stands(place: &impl Place) {
    let service = service(place).await;
    let mut proof = service.provider.hold(Call::Profile);
    let refresh = begin_refresh(&service);
    // The refresh has read the document and renewed the token; now it proves it.
    proof.arrived().await;
    log_in(&service).await.unwrap();
    proof.release();
    let report = refresh.await.unwrap();
    assert_eq!((report.refreshed, report.conflicts, report.failed), (0, 1, 0), "{report:?}");
    assert_eq!(token(&service).await, "IGAA-login-2");
}

pub async fn a_refresh_during_a_login_gives_way_to_the_login(place: &impl Place) {
    let service = service(place).await;
    let mut last_step = service.provider.hold(Call::Profile);
    let login = tokio::spawn({
        let service = Arc::clone(&service);
        async move { log_in(&service).await }
    });
    last_step.arrived().await;
    let report = begin_refresh(&service).await.unwrap();
    assert_eq!(report.refreshed, 1, "{report:?}");
    assert_eq!(token(&service).await, "IGAA-refreshed-2");
    last_step.release();
    assert!(login.await.unwrap().unwrap().reconnected);
    assert_eq!(token(&service).await, "IGAA-login-1");
}

pub async fn a_second_run_during_a_refresh_stands(place: &impl Place) {
    let service = service(place).await;
    let mut proof = service.provider.hold(Call::Profile);
    let slow = begin_refresh(&service);
    proof.arrived().await;
    let quick = begin_refresh(&service).await.unwrap();
    assert_eq!((quick.refreshed, quick.conflicts), (1, 0), "{quick:?}");
    proof.release();
    let slow = slow.await.unwrap();
    assert_eq!((slow.refreshed, slow.conflicts), (0, 1), "{slow:?}");
    assert_eq!(token(&service).await, "IGAA-refreshed-2");
}

pub async fn of_two_runs_that_write_at_once_one_is_counted_and_its_token_stands(place: &impl Place) {
    let service = service(place).await;
    let mut proofs = [service.provider.hold(Call::Profile), service.provider.hold(Call::Profile)];
    let runs = [begin_refresh(&service), begin_refresh(&service)];
    for proof in &mut proofs {
        proof.arrived().await;
    }
    for proof in proofs {
        proof.release();
    }
    let [one, other] = runs;
    let (one, other) = (one.await.unwrap(), other.await.unwrap());
    assert_eq!((one.refreshed + other.refreshed, one.conflicts + other.conflicts), (1, 1), "{one:?} {other:?}");
    assert!(token(&service).await.starts_with("IGAA-refreshed-"));
}

/// A vault with one account that is due, and a note of the operator's in its document.
async fn service<P: Place>(place: &P) -> Service<P::Vault> {
    let vault = place.vault();
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
        limits: Limits { writes_per_second: 1_000, ..Limits::default() },
    })
}

fn now() -> OffsetDateTime {
    ISSUED_AT + Duration::days(30)
}

fn begin_refresh<V: Vault>(service: &Service<V>) -> JoinHandle<Report> {
    let service = Arc::clone(service);
    tokio::spawn(async move { service.run(&Request::default(), None).await.unwrap() })
}

async fn log_in<V: Vault>(service: &Service<V>) -> Result<ConnectedAccount, LoginError> {
    let invite = Invite { name: Some(name(NAME)), ..Invite::new(now() + Duration::days(1)) };
    let login = Login {
        app: &App::new("990602627938098", "an-app-secret", &[]).unwrap(),
        code: &AuthorizationCode::new("AQB-code"),
        redirect_uri: &Url::parse("https://login.example.com/callback").unwrap(),
        scopes: &document(NAME).scopes,
        invite: Some(&invite),
        id: None,
        now: now(),
    };
    login::finish(&service.provider, &service.vault, login).await
}

/// The current token. Whoever wrote it kept the operator's note.
async fn token<V: Vault>(service: &Service<V>) -> String {
    let current = service.vault.get(&name(NAME)).await.unwrap().unwrap().document;
    assert_eq!(current.unknown.get("note"), Some(&json!("keep me")));
    current.access_token.expose().to_owned()
}
