//! Which events are published, and their content.

use std::sync::Arc;

use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::*;
use crate::app::App;
use crate::cohort::Cohort;
use crate::connected_account::ConnectedAccount;
use crate::credentials::{AppCredentials, CredentialsError, SigningKeySource};
use crate::document::{Document, HealthState, LastAttempt, Outcome, Placement, ProviderName, Versioned};
use crate::invite::Invite;
use crate::provider_error::{ProviderError, ProviderErrorKind};
use crate::sample::{document as sample, versioned};
use crate::signing::SigningKeys;

const NOW: OffsetDateTime = datetime!(2026-12-22 05:00 UTC);

fn healthy() -> Document {
    sample("shop-de", datetime!(2026-11-22 05:00 UTC))
}

fn worse(state: HealthState, problem: ProviderErrorKind) -> Document {
    let mut document = healthy();
    document.health = document.health.worsened(state, &ProviderError::new(problem), NOW);
    document
}

fn failed(failures: u32, outcome: Outcome) -> Document {
    let mut document = healthy();
    document.last_attempt = LastAttempt { failures, ..LastAttempt::succeeded(NOW, outcome) };
    document
}

#[test]
fn a_reminder_is_due_once_at_each_of_its_days_before_access_to_data_ends() {
    let ends_in = |left: Duration, reminded_days| Document {
        data_access_expires_at: Some(NOW + left),
        reminded_days,
        ..healthy()
    };
    for (left, reminded_days, expected) in [
        (Duration::days(30) + Duration::SECOND, None, None),
        (Duration::days(30), None, Some(30)),
        (Duration::days(29), Some(30), None),
        (Duration::days(14), Some(30), Some(14)),
        (Duration::days(7), Some(14), Some(7)),
        (Duration::days(3), Some(7), Some(3)),
        // Runs that were skipped lead to one reminder and not to several.
        (Duration::days(2), Some(30), Some(3)),
        (Duration::days(2), Some(3), None),
        (-Duration::DAY, None, Some(3)),
    ] {
        let document = ends_in(left, reminded_days);
        assert_eq!(reminder(&document, NOW), expected, "{left} {reminded_days:?}");
        assert_eq!(is_due(&document, NOW), expected.is_some(), "{left} {reminded_days:?}");
        let event = of_change(&document, &document, NOW, 28);
        assert_eq!(event, expected.map(|_| EventKind::AccessExpiring), "{left} {reminded_days:?}");
    }
    assert_eq!(reminder(&healthy(), NOW), None);
}

#[test]
fn publishes_one_event_per_change_of_health() {
    let renewed = Document { issued_at: NOW, ..healthy() };
    let attention = worse(HealthState::Attention, ProviderErrorKind::Checkpoint);
    let login = worse(HealthState::LoginRequired, ProviderErrorKind::Expired);
    let mut announced = attention.clone();
    announced.health.announced_at = Some(NOW);
    let table = [
        (healthy(), healthy(), None),
        (healthy(), renewed.clone(), Some(EventKind::TokenRefreshed)),
        (healthy(), attention.clone(), Some(EventKind::OwnerActionNeeded)),
        (healthy(), login.clone(), Some(EventKind::LoginRequired)),
        (announced.clone(), announced.clone(), None),
        (announced.clone(), login.clone(), Some(EventKind::LoginRequired)),
        (announced.clone(), healthy(), Some(EventKind::AccountRecovered)),
        (login.clone(), renewed, Some(EventKind::AccountRecovered)),
        // No event was published: it was lost, or the process was killed before.
        (login.clone(), login, Some(EventKind::LoginRequired)),
    ];
    for (before, after, kind) in table {
        assert_eq!(of_change(&before, &after, NOW, 28), kind, "{:?} -> {:?}", before.health, after.health);
    }
}

#[test]
fn repeats_the_event_weekly_while_a_state_lasts() {
    let mut document = worse(HealthState::LoginRequired, ProviderErrorKind::Expired);
    document.health.announced_at = Some(NOW);
    for (days, due) in [(0, false), (6, false), (7, true), (8, true)] {
        assert_eq!(is_due(&document, NOW + Duration::days(days)), due, "{days}");
    }
    assert!(!is_due(&document, NOW + Duration::days(7) - Duration::seconds(1)));
    document.health.state = HealthState::Healthy;
    assert!(!is_due(&document, NOW + Duration::days(70)));
}

#[test]
fn publishes_the_first_of_consecutive_failures_and_then_one_a_week() {
    for (failures, is_due) in [(1, true), (2, false), (28, false), (29, true), (30, false), (57, true)] {
        for outcome in [Outcome::Failed, Outcome::Parked, Outcome::Unproven] {
            let kind = is_due.then_some(EventKind::TokenRefreshFailed);
            assert_eq!(of_change(&healthy(), &failed(failures, outcome), NOW, 28), kind, "{failures}");
        }
    }
    let again = failed(1, Outcome::Failed);
    assert_eq!(of_change(&again, &again, NOW, 28), None, "no attempt was made");
    assert_eq!(of_change(&healthy(), &failed(0, Outcome::Failed), NOW, 28), None);
    assert_eq!(of_change(&healthy(), &failed(1, Outcome::Probed), NOW, 28), None);
    assert_eq!(of_change(&healthy(), &failed(1, Outcome::Failed), NOW, 0), Some(EventKind::TokenRefreshFailed));
}

#[test]
fn the_event_detail_has_the_documented_fields() {
    let document = worse(HealthState::LoginRequired, ProviderErrorKind::Expired);
    let event = Event::about(&versioned(document), EventKind::LoginRequired, NOW, "00c0ffee00c0ffee");
    assert_eq!((SOURCE, event.kind.as_str()), ("evertoken", "Login Required"));
    insta::assert_json_snapshot!(event.detail(), @r#"
    {
      "account_id": "17841405793187218",
      "expires_at": "2027-01-21T05:00:00Z",
      "health": "login_required",
      "name": "shop-de",
      "reason": "The token has expired. Ask the account's owner to connect again.",
      "reconnect_url": null,
      "reference": "00c0ffee00c0ffee",
      "username": "blue_bottle",
      "version": 1
    }
    "#);
    assert!(!event.detail().to_string().contains("IGAA"));
}

#[test]
fn the_event_of_a_removal_says_which_account_it_was() {
    let account = versioned(healthy());
    let name = account.document.name.clone();
    let event = |account| Event::removed(&name, account, EventKind::AccountDisconnected, NOW, "r");
    insta::assert_json_snapshot!(event(Some(&account)).detail(), @r#"
    {
      "account_id": "17841405793187218",
      "expires_at": null,
      "health": null,
      "name": "shop-de",
      "reason": null,
      "reconnect_url": null,
      "reference": "r",
      "username": "blue_bottle",
      "version": 1
    }
    "#);
    let unknown = event(None);
    assert_eq!(
        (unknown.name.as_str(), unknown.account_id, unknown.username),
        ("shop-de", String::new(), String::new())
    );
}

#[test]
fn only_the_detail_of_an_account_in_a_pack_names_a_pack() {
    let single = versioned(healthy());
    let packed = Versioned { cohort: Some(Cohort::new("main-00042")), ..single.clone() };
    let details = |account: &Versioned| {
        let login = ConnectedAccount::new(account.document.clone(), account.cohort.clone(), false);
        [
            Event::about(account, EventKind::TokenRefreshed, NOW, "r").detail(),
            Event::connected(&login, NOW, "r").detail(),
            Event::removed(&account.document.name, Some(account), EventKind::DataDeleted, NOW, "r").detail(),
        ]
    };
    for (single, mut packed) in details(&single).into_iter().zip(details(&packed)) {
        assert_eq!(packed.as_object_mut().unwrap().remove("pack"), Some("main-00042".into()));
        assert_eq!(packed, single, "nothing else differs");
    }
}

#[test]
fn a_login_is_published_as_connected_or_reconnected() {
    let mut login = ConnectedAccount {
        name: "shop-de".parse().unwrap(),
        account_id: "17841405793187218".parse().unwrap(),
        username: "blue_bottle".to_owned(),
        expires_at: Some(NOW),
        cohort: None,
        reconnected: false,
    };
    let event = Event::connected(&login, NOW, "r");
    assert_eq!((event.kind, event.detail()["health"].as_str()), (EventKind::AccountConnected, Some("healthy")));
    login.reconnected = true;
    assert_eq!(Event::connected(&login, NOW, "r").kind, EventKind::AccountReconnected);
}

#[test]
fn only_events_that_ask_for_a_login_carry_a_link() {
    use EventKind::{AccountDisconnected, AccountRecovered, DataDeleted, LoginRequired, OwnerActionNeeded};
    let asks = [OwnerActionNeeded, LoginRequired, AccountDisconnected].map(EventKind::asks_for_login);
    assert_eq!(asks, [true; 3]);
    assert!(!AccountRecovered.asks_for_login() && !DataDeleted.asks_for_login());
}

#[test]
fn detail_types_do_not_change() {
    let names = [
        (EventKind::AccountConnected, "Account Connected"),
        (EventKind::AccountReconnected, "Account Reconnected"),
        (EventKind::TokenRefreshed, "Token Refreshed"),
        (EventKind::TokenRefreshFailed, "Token Refresh Failed"),
        (EventKind::OwnerActionNeeded, "Owner Action Needed"),
        (EventKind::LoginRequired, "Login Required"),
        (EventKind::AccessExpiring, "Access Expiring"),
        (EventKind::AccountRecovered, "Account Recovered"),
        (EventKind::AccountDisconnected, "Account Disconnected"),
        (EventKind::TokenRevealed, "Token Revealed"),
        (EventKind::DataDeleted, "Data Deleted"),
    ];
    for (kind, name) in names {
        assert_eq!(kind.as_str(), name);
    }
}

#[derive(Debug)]
struct Keys(Result<Arc<SigningKeys>, CredentialsError>);

impl AppCredentials for Keys {
    async fn app(&self) -> Result<Arc<App>, CredentialsError> {
        panic!("a link needs no app secret")
    }
}

impl SigningKeySource for Keys {
    async fn signing_keys(&self) -> Result<Arc<SigningKeys>, CredentialsError> {
        self.0.clone()
    }
}

fn keys() -> SigningKeys {
    SigningKeys::parse("a-key-of-more-than-thirty-two-characters").unwrap()
}

fn pages() -> (url::Url, Keys) {
    ("https://login.example.com".parse().unwrap(), Keys(Ok(Arc::new(keys()))))
}

async fn sent(pages: Option<(url::Url, Keys)>, event: Event) -> Event {
    let events = MemoryEvents::default();
    let with_links = WithReconnect { events: events.clone(), pages };
    assert!(with_links.is_enabled());
    with_links.send(event).await.unwrap();
    events.take().remove(0)
}

fn event(kind: EventKind) -> Event {
    Event::about(&versioned(healthy()), kind, NOW, "r")
}

/// The signed invite of the event's link.
fn signed_invite(event: &Event) -> String {
    let link: url::Url = event.reconnect_url.as_ref().unwrap().parse().unwrap();
    assert_eq!(link.path(), "/login");
    link.query_pairs().find(|(key, _)| key == "invite").unwrap().1.into_owned()
}

#[tokio::test]
async fn a_reconnect_link_is_bound_to_the_account_for_a_week() {
    let signed = signed_invite(&sent(Some(pages()), event(EventKind::LoginRequired)).await);
    let invite: Invite = keys().verify(&signed, NOW + Duration::days(6)).unwrap();
    assert_eq!(invite.name.unwrap().as_str(), "shop-de");
    assert_eq!(invite.account.unwrap().as_str(), "17841405793187218");
    assert!(!invite.replace);
    assert!(keys().verify::<Invite>(&signed, NOW + Duration::days(8)).is_err());
    assert_eq!(sent(Some(pages()), event(EventKind::TokenRefreshed)).await.reconnect_url, None);
}

#[tokio::test]
async fn the_reconnect_link_of_a_removed_account_knows_where_it_was_stored() {
    for placement in [Placement::OwnSecret, Placement::Anywhere] {
        let account = versioned(healthy().with_placement(&placement));
        let removed = Event::removed(&account.document.name, Some(&account), EventKind::AccountDisconnected, NOW, "r");
        let signed = signed_invite(&sent(Some(pages()), removed).await);
        assert_eq!(keys().verify::<Invite>(&signed, NOW).unwrap().placement, placement);
    }
}

/// Where both logins are offered, an account that was connected through Facebook is connected there again.
#[tokio::test]
async fn a_reconnect_link_of_an_account_behind_a_page_leads_to_facebook() {
    for (provider, expected) in
        [(ProviderName::Facebook, Some(ProviderName::Facebook)), (ProviderName::Instagram, None)]
    {
        let account = versioned(Document { provider, ..healthy() });
        let name = &account.document.name;
        for event in [
            Event::about(&account, EventKind::LoginRequired, NOW, "r"),
            Event::removed(name, Some(&account), EventKind::AccountDisconnected, NOW, "r"),
        ] {
            let signed = signed_invite(&sent(Some(pages()), event).await);
            assert_eq!(keys().verify::<Invite>(&signed, NOW).unwrap().provider, expected);
        }
    }
}

#[tokio::test]
async fn without_pages_or_keys_an_event_has_no_link() {
    assert_eq!(sent(None, event(EventKind::LoginRequired)).await.reconnect_url, None);
    let locked = CredentialsError::Unavailable { secret: "signing".to_owned(), code: "timeout".to_owned() };
    let pages = Some(("https://login.example.com".parse().unwrap(), Keys(Err(locked))));
    assert_eq!(sent(pages, event(EventKind::LoginRequired)).await.reconnect_url, None);
}
