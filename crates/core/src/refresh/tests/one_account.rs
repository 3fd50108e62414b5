//! Refreshing one account.

use crate::refresh::{FailureKind, Request};
use crate::vault::{AccountStore, ParkedDocuments};
use serde_json::json;
use time::Duration;
use tokio::time::Instant;

use super::fixture::{DUE, Fixture, ISSUED, shop, token};
use crate::document::{Health, HealthState, Outcome};
use crate::events::{Event, EventError, Events};
use crate::provider_error::{ProviderError, ProviderErrorKind};

fn fails(kind: ProviderErrorKind) -> ProviderError {
    ProviderError::new(kind)
}

#[tokio::test(start_paused = true)]
async fn refreshes_proves_and_stores_a_due_token() {
    let fixture = Fixture::with(shop()).await;
    let report = fixture.run().await;
    assert_eq!((report.accounts, report.refreshed, report.failures.len()), (1, 1, 0));
    assert_eq!(report.soonest_expiry, Some(DUE + Duration::days(60)));
    let document = fixture.document().await;
    assert_eq!(fixture.calls(), ["refresh first", "me renewed"]);
    assert_eq!((document.access_token.expose(), document.username.as_str()), ("renewed", "renamed"));
    assert_eq!((document.issued_at, document.expires_at), (DUE, Some(DUE + Duration::days(60))));
    assert_eq!(document.last_attempt.outcome, Outcome::Refreshed);
    assert_eq!(fixture.published(), ["Token Refreshed"]);
    assert_eq!(fixture.run().await.too_young, 1);
}

#[tokio::test(start_paused = true)]
async fn all_times_of_a_renewal_come_from_one_reading_of_the_clock() {
    let fixture = Fixture::with(shop()).await;
    fixture.let_time_pass();
    assert_eq!(fixture.run().await.refreshed, 1);
    let document = fixture.document().await;
    let renewed_at = document.last_attempt.at;
    assert!(renewed_at > DUE);
    assert_eq!((document.issued_at, document.expires_at), (renewed_at, Some(renewed_at + Duration::days(60))));
    assert_eq!(fixture.events.take()[0].at, renewed_at);

    let fixture = Fixture::with(shop()).await;
    fixture.let_time_pass();
    fixture.refreshes([Err(fails(ProviderErrorKind::Checkpoint))]);
    let report = fixture.run().await;
    let document = fixture.document().await;
    let failed_at = document.last_attempt.at;
    assert_eq!((document.health.since, document.health.announced_at), (Some(failed_at), Some(failed_at)));
    assert_eq!(fixture.events.take()[0].at, failed_at);
    assert_eq!(report.failures[0].next_attempt_at, Some(failed_at + Duration::days(1)));
}

#[tokio::test(start_paused = true)]
async fn a_response_without_a_lifetime_keeps_the_known_expiry() {
    let fixture = Fixture::with(shop()).await;
    fixture.refreshes([Ok(token("renewed", Duration::ZERO))]);
    fixture.run().await;
    let document = fixture.document().await;
    assert_eq!((document.issued_at, document.expires_at), (DUE, Some(ISSUED + Duration::days(60))));
}

#[tokio::test(start_paused = true)]
async fn accepts_a_lifetime_of_a_year() {
    let fixture = Fixture::with(shop()).await;
    fixture.refreshes([Ok(token("renewed", Duration::days(365)))]);
    fixture.run().await;
    assert_eq!(fixture.document().await.expires_at, Some(DUE + Duration::days(365)));
}

#[tokio::test(start_paused = true)]
async fn parks_a_token_of_another_account_and_keeps_the_old_one() {
    let fixture = Fixture::with(shop()).await;
    fixture.profiles([Ok("17841400000000000")]);
    let report = fixture.run().await;
    assert_eq!((report.failed, report.failures[0].kind), (1, FailureKind::Unknown));
    assert!(report.failures[0].next_attempt_at.is_some());
    let document = fixture.document().await;
    assert_eq!((document.access_token.expose(), document.last_attempt.outcome), ("first", Outcome::Parked));
    assert_eq!(fixture.published(), ["Token Refresh Failed"]);
    // The next run does not use the parked token either and refreshes the current one.
    fixture.calls();
    fixture.profiles([Ok("17841400000000000")]);
    fixture.at(DUE + Duration::hours(6));
    assert_eq!(fixture.run().await.refreshed, 1);
    assert_eq!(fixture.calls(), ["me renewed", "refresh first", "me renewed"]);
}

#[tokio::test(start_paused = true)]
async fn parks_a_rejected_new_token_and_uses_it_once_it_works() {
    let fixture = Fixture::with(shop()).await;
    fixture.refreshes([Ok(token("dud", Duration::days(60)))]);
    fixture.profiles([Err(fails(ProviderErrorKind::TokenInvalid))]);
    assert_eq!(fixture.run().await.failed, 1);
    assert_eq!(fixture.document().await.access_token.expose(), "first");
    fixture.calls();
    fixture.at(DUE + Duration::hours(6));
    assert_eq!(fixture.run().await.refreshed, 1);
    assert_eq!(fixture.calls(), ["me dud"]);
    let document = fixture.document().await;
    assert_eq!((document.access_token.expose(), document.issued_at), ("dud", DUE));
}

#[tokio::test(start_paused = true)]
async fn the_next_run_repeats_a_proof_that_had_no_answer() {
    let fixture = Fixture::with(shop()).await;
    fixture.profiles([
        Err(fails(ProviderErrorKind::Unreachable)),
        Err(fails(ProviderErrorKind::Unreachable)),
        Err(fails(ProviderErrorKind::RequestRefused)),
    ]);
    assert_eq!(fixture.run().await.refreshed, 1);
    let document = fixture.document().await;
    assert_eq!((document.access_token.expose(), document.last_attempt.outcome), ("renewed", Outcome::Unproven));
    fixture.calls();
    fixture.at(DUE + Duration::hours(6));
    fixture.run().await;
    assert_eq!(fixture.calls(), ["me renewed"]);
    assert_eq!(fixture.document().await.last_attempt.outcome, Outcome::Probed);
    assert_eq!(fixture.run().await.too_young, 1);
}

#[tokio::test(start_paused = true)]
async fn an_unproven_token_that_is_dead_is_replaced_by_the_previous_one() {
    let fixture = Fixture::with(shop()).await;
    fixture.profiles(std::iter::repeat_n(Err(fails(ProviderErrorKind::Unreachable)), 3));
    fixture.run().await;
    fixture.at(DUE + Duration::hours(6));
    // Still no answer: the outcome stays.
    fixture.profiles(std::iter::repeat_n(Err(fails(ProviderErrorKind::Unreachable)), 3));
    assert_eq!(fixture.run().await.failed, 1);
    assert_eq!(fixture.document().await.last_attempt.outcome, Outcome::Unproven);
    fixture.profiles([Err(fails(ProviderErrorKind::TokenInvalid))]);
    assert_eq!(fixture.run().await.refreshed, 1);
    let document = fixture.document().await;
    assert_eq!((document.access_token.expose(), document.health.state), ("first", HealthState::Healthy));
}

#[tokio::test(start_paused = true)]
async fn reports_a_rejected_token_once_and_makes_no_further_calls() {
    let fixture = Fixture::with(shop()).await;
    let refused = ProviderError {
        code: Some(190),
        subcode: Some(463),
        trace_id: Some("Atrace".to_owned()),
        ..fails(ProviderErrorKind::Expired)
    };
    fixture.refreshes([Err(refused)]);
    let report = fixture.run().await;
    let failure = &report.failures[0];
    assert_eq!((report.login_required, failure.kind, failure.next_attempt_at), (1, FailureKind::LoginRequired, None));
    assert_eq!((failure.code, failure.subcode, failure.trace_id.as_deref()), (Some(190), Some(463), Some("Atrace")));
    assert_eq!(report.soonest_expiry, None);
    let health = fixture.document().await.health;
    assert_eq!((health.state, health.code, health.subcode), (HealthState::LoginRequired, Some(190), Some(463)));
    assert_eq!((health.since, health.announced_at, health.presumed), (Some(DUE), Some(DUE), false));
    assert_eq!(fixture.published(), ["Login Required"]);
    fixture.calls();
    fixture.at(DUE + Duration::days(6));
    assert_eq!((fixture.run().await.login_required, fixture.published().len(), fixture.calls().len()), (1, 0, 0));
    // A week later the event repeats.
    fixture.at(DUE + Duration::days(7));
    assert_eq!(fixture.run().await.login_required, 1);
    assert_eq!((fixture.published(), fixture.calls().len()), (vec!["Login Required"], 0));
    assert_eq!(fixture.document().await.health.announced_at, Some(DUE + Duration::days(7)));
}

#[tokio::test(start_paused = true)]
async fn an_account_recovers_after_its_owner_acts() {
    let fixture = Fixture::with(shop()).await;
    fixture.refreshes([Err(fails(ProviderErrorKind::Checkpoint))]);
    let report = fixture.run().await;
    assert_eq!((report.attention, fixture.published()), (1, vec!["Owner Action Needed"]));
    assert_eq!(report.failures[0].next_attempt_at, Some(DUE + Duration::days(1)));
    fixture.at(DUE + Duration::hours(6));
    fixture.calls();
    assert_eq!((fixture.run().await.attention, fixture.calls().len()), (1, 0));
    fixture.at(DUE + Duration::days(1));
    assert_eq!(fixture.run().await.refreshed, 1);
    assert_eq!(fixture.calls(), ["me first", "refresh first", "me renewed"]);
    assert_eq!(fixture.published(), ["Account Recovered"]);
    assert_eq!(fixture.document().await.health, Health::healthy());
}

#[tokio::test(start_paused = true)]
async fn a_temporary_error_does_not_change_health_and_is_published_once() {
    let fixture = Fixture::with(shop()).await;
    fixture.refreshes(std::iter::repeat_n(Err(fails(ProviderErrorKind::Unclassified)), 6));
    let report = fixture.run().await;
    assert_eq!((report.failed, report.failures[0].kind), (1, FailureKind::Unknown));
    assert_eq!(report.failures[0].next_attempt_at, Some(DUE + Duration::hours(6)));
    let document = fixture.document().await;
    assert_eq!((document.health.state, document.last_attempt.failures), (HealthState::Healthy, 1));
    let event = fixture.events.take().remove(0);
    assert_eq!((event.kind.as_str(), fixture.calls().len()), ("Token Refresh Failed", 3));
    assert_eq!(event.reason.as_deref(), Some(report.failures[0].message.as_str()));
    assert_eq!((event.reference.len(), event.at), (16, DUE));
    fixture.run().await;
    assert_eq!((fixture.published().len(), fixture.document().await.last_attempt.failures), (0, 2));
    assert_eq!(fixture.run().await.refreshed, 1);
    assert_eq!(fixture.document().await.last_attempt.failures, 0);
}

#[tokio::test(start_paused = true)]
async fn an_expiry_during_an_outage_is_reported_and_still_checked() {
    let fixture = Fixture::with(shop()).await;
    let ended = ISSUED + Duration::days(60);
    fixture.at(ended);
    fixture.refreshes(std::iter::repeat_n(Err(fails(ProviderErrorKind::Unreachable)), 3));
    let report = fixture.run().await;
    assert_eq!((report.login_required, fixture.published()), (1, vec!["Login Required"]));
    assert!(report.failures[0].message.starts_with("The token has expired."), "{}", report.failures[0].message);
    assert_eq!(report.failures[0].next_attempt_at, Some(ended + Duration::hours(6)));
    assert!(fixture.document().await.health.presumed);
    // Our clock was wrong.
    assert_eq!(fixture.run().await.refreshed, 1);
    assert_eq!((fixture.published(), fixture.document().await.health), (vec!["Account Recovered"], Health::healthy()));
}

#[tokio::test(start_paused = true)]
async fn a_long_wait_is_stored_and_honored() {
    let fixture = Fixture::with(shop()).await;
    let wait = ProviderError { retry_after: Some(Duration::hours(10)), ..fails(ProviderErrorKind::RateLimited) };
    fixture.refreshes([Err(wait)]);
    let report = fixture.run().await;
    assert_eq!(report.failures[0].next_attempt_at, Some(DUE + Duration::hours(10)));
    fixture.calls();
    fixture.at(DUE + Duration::hours(6));
    assert_eq!((fixture.run().await.not_due, fixture.calls().len()), (1, 0));
    fixture.at(DUE + Duration::hours(10));
    assert_eq!(fixture.run().await.refreshed, 1);
    assert_eq!(fixture.document().await.last_attempt.not_before, None);
}

#[tokio::test(start_paused = true)]
async fn retries_a_failed_write_until_the_vault_recovers() {
    let fixture = Fixture::with(shop()).await;
    *fixture.vault.rejected_writes.lock().unwrap() = 3;
    let begun = Instant::now();
    let report = fixture.run().await;
    // Half a second, one and two seconds, each with equal jitter.
    let waited = begun.elapsed().as_millis();
    assert!((1_750..3_600).contains(&waited), "{waited}");
    assert_eq!((report.refreshed, fixture.document().await.access_token.expose()), (1, "renewed"));
    assert_eq!(fixture.calls().len(), 2, "renewed once");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_never_succeeds_is_reported_without_the_token() {
    let fixture = Fixture::with(shop()).await;
    *fixture.vault.rejected_writes.lock().unwrap() = u32::MAX;
    let begun = Instant::now();
    let report = fixture.run().await;
    let (waited, left) = (begun.elapsed().as_secs(), *fixture.vault.rejected_writes.lock().unwrap());
    assert!((109..=121).contains(&waited), "{waited}");
    assert!((14..=32).contains(&(u32::MAX - left)), "{}", u32::MAX - left);
    assert_eq!((report.failed, report.failures[0].kind), (1, FailureKind::Vault));
    assert!(report.failures[0].next_attempt_at.is_some());
    assert_eq!(report.failures[0].username, Some(fixture.document().await.username));
    assert!(!serde_json::to_string(&report).unwrap().contains("renewed\""));
    assert_eq!((fixture.document().await.access_token.expose(), fixture.published().len()), ("first", 0));
}

#[tokio::test(start_paused = true)]
async fn uses_the_parked_token_when_the_old_one_is_dead() {
    let fixture = Fixture::with(shop()).await;
    let held = fixture.vault.get(&"shop-de".parse().unwrap()).await.unwrap().unwrap();
    let mut parked = super::fixture::account("shop-de", "parked");
    parked.issued_at = DUE;
    fixture.vault.inner.park(&held.version, &parked).await.unwrap();
    fixture.refreshes([Err(fails(ProviderErrorKind::TokenInvalid))]);
    assert_eq!(fixture.run().await.refreshed, 1);
    assert_eq!(fixture.document().await.access_token.expose(), "parked");
    // A parked token that is older or of the same age is not used.
    for issued_at in [ISSUED - Duration::days(1), ISSUED] {
        let fixture = Fixture::with(shop()).await;
        let held = fixture.vault.get(&"shop-de".parse().unwrap()).await.unwrap().unwrap();
        parked.issued_at = issued_at;
        fixture.vault.inner.park(&held.version, &parked).await.unwrap();
        fixture.refreshes([Err(fails(ProviderErrorKind::TokenInvalid))]);
        assert_eq!(fixture.run().await.login_required, 1, "{issued_at}");
    }
}

#[tokio::test(start_paused = true)]
async fn keeps_the_unknown_keys_of_the_current_document() {
    let mut document = shop();
    document.unknown.insert("note".to_owned(), json!("now"));
    let fixture = Fixture::with(document).await;
    let held = fixture.vault.get(&"shop-de".parse().unwrap()).await.unwrap().unwrap();
    let mut parked = super::fixture::account("shop-de", "parked");
    parked.issued_at = DUE;
    parked.unknown.insert("note".to_owned(), json!("then"));
    fixture.vault.inner.park(&held.version, &parked).await.unwrap();
    fixture.refreshes([Err(fails(ProviderErrorKind::TokenInvalid))]);
    assert_eq!(fixture.run().await.refreshed, 1);
    let document = fixture.document().await;
    assert_eq!((document.access_token.expose(), &document.unknown["note"]), ("parked", &json!("now")));
}

#[tokio::test(start_paused = true)]
async fn ignores_the_parked_token_after_the_old_one_was_rejected() {
    let fixture = Fixture::with(shop()).await;
    let other = "17841400000000000";
    fixture.profiles([Ok(other), Ok(other), Ok(other)]);
    fixture.run().await;
    assert_eq!(fixture.document().await.last_attempt.outcome, Outcome::Parked);
    fixture.at(DUE + Duration::hours(6));
    fixture.refreshes([Err(fails(ProviderErrorKind::Expired))]);
    assert_eq!(fixture.run().await.login_required, 1);
    assert_eq!(fixture.document().await.last_attempt.outcome, Outcome::Failed);
}

#[tokio::test(start_paused = true)]
async fn only_checks_a_token_that_does_not_expire() {
    let mut document = shop();
    document.expires_at = None;
    let fixture = Fixture::with(document).await;
    assert_eq!(fixture.run().await.not_due, 1);
    assert_eq!(fixture.force().await.refreshed, 1);
    assert_eq!(fixture.calls(), ["me first"]);
}

#[tokio::test(start_paused = true)]
async fn parks_a_renewed_token_that_cannot_be_stored() {
    let fixture = Fixture::with(shop()).await;
    *fixture.vault.rejected_writes.lock().unwrap() = u32::MAX;
    *fixture.vault.always_parks.lock().unwrap() = true;
    assert_eq!(fixture.run().await.failed, 1);
    let document = fixture.document().await;
    assert_eq!(document.access_token.expose(), "first");
    let parked = fixture.vault.parked(&document.name).await.unwrap().unwrap();
    assert_eq!((parked.access_token.expose(), parked.issued_at), ("renewed", DUE));
}

#[tokio::test(start_paused = true)]
async fn a_concurrent_note_is_kept_with_the_renewed_token() {
    let fixture = Fixture::with(shop()).await;
    let mut noted = shop();
    noted.unknown.insert("note".to_owned(), json!("anna's"));
    *fixture.vault.concurrent_write.lock().unwrap() = Some(noted);
    let report = fixture.run().await;
    assert_eq!((report.refreshed, report.conflicts), (1, 0));
    let document = fixture.document().await;
    assert_eq!((document.access_token.expose(), &document.unknown["note"]), ("renewed", &json!("anna's")));
}

#[tokio::test(start_paused = true)]
async fn a_concurrent_token_is_kept_even_if_its_text_is_the_same() {
    let mut renewed = shop();
    renewed.issued_at = DUE;
    for theirs in [super::fixture::account("shop-de", "theirs"), renewed] {
        let fixture = Fixture::with(shop()).await;
        *fixture.vault.concurrent_write.lock().unwrap() = Some(theirs.clone());
        let report = fixture.run().await;
        assert_eq!((report.refreshed, report.conflicts), (0, 1));
        assert_eq!(fixture.document().await, theirs);
    }
}

#[tokio::test(start_paused = true)]
async fn does_not_retry_writing_a_failure() {
    let fixture = Fixture::with(shop()).await;
    fixture.refreshes([Err(fails(ProviderErrorKind::PolicyBlock))]);
    *fixture.vault.rejected_writes.lock().unwrap() = 1;
    *fixture.vault.always_parks.lock().unwrap() = true;
    let begun = Instant::now();
    let report = fixture.run().await;
    assert_eq!((report.failed, report.failures[0].kind), (1, FailureKind::Vault));
    assert!(begun.elapsed().as_millis() < 100);
    assert_eq!(fixture.vault.parked(&"shop-de".parse().unwrap()).await, Ok(None), "nothing was parked");
}

#[tokio::test(start_paused = true)]
async fn the_same_token_text_needs_no_new_proof() {
    let fixture = Fixture::with(shop()).await;
    fixture.refreshes([Ok(token("first", Duration::days(60)))]);
    fixture.profiles(std::iter::repeat_n(Err(fails(ProviderErrorKind::Unreachable)), 3));
    assert_eq!(fixture.run().await.refreshed, 1);
    let document = fixture.document().await;
    assert_eq!((document.last_attempt.outcome, document.issued_at), (Outcome::Refreshed, DUE));
    assert_eq!(fixture.vault.parked(&document.name).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn ignores_a_parked_document_of_another_account_or_with_the_same_token() {
    for (account_id, text) in [("17841400000000000", "parked"), ("17841405793187218", "first")] {
        let fixture = Fixture::with(shop()).await;
        let held = fixture.vault.get(&"shop-de".parse().unwrap()).await.unwrap().unwrap();
        let mut parked = super::fixture::account("shop-de", text);
        parked.issued_at = DUE;
        parked.account_id = account_id.parse().unwrap();
        fixture.vault.inner.park(&held.version, &parked).await.unwrap();
        fixture.refreshes([Err(fails(ProviderErrorKind::TokenInvalid))]);
        fixture.profiles([Ok(account_id)]);
        assert_eq!(fixture.run().await.login_required, 1, "{account_id}");
        assert_eq!(fixture.calls(), ["refresh first"]);
    }
}

#[tokio::test(start_paused = true)]
async fn publishes_repeated_failures_again_after_a_week_of_runs() {
    for (failures, expected) in [(27, 0), (28, 1), (29, 0)] {
        let mut document = shop();
        document.last_attempt.failures = failures;
        let fixture = Fixture::with(document).await;
        fixture.refreshes([Err(fails(ProviderErrorKind::PolicyBlock))]);
        fixture.run().await;
        assert_eq!(fixture.published().len(), expected, "{failures}");
    }
}

/// A publisher that rejects every event.
struct Down;

impl Events for Down {
    fn is_enabled(&self) -> bool {
        true
    }

    async fn send(&self, _: Event) -> Result<(), EventError> {
        Err(EventError { code: "down".to_owned() })
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_was_not_published_is_not_recorded_and_the_next_run_repeats_it() {
    let fixture = Fixture::with(shop()).await;
    fixture.refreshes([Err(fails(ProviderErrorKind::PasswordChanged))]);
    let report = fixture.with_events(Down).run(&Request::default(), None).await.unwrap();
    assert_eq!(report.login_required, 1);
    assert_eq!(fixture.document().await.health.announced_at, None);
    fixture.at(DUE + Duration::hours(6));
    fixture.run().await;
    assert_eq!(fixture.published(), ["Login Required"]);
    assert_eq!(fixture.document().await.health.announced_at, Some(DUE + Duration::hours(6)));
    fixture.run().await;
    assert_eq!(fixture.published(), [""; 0]);
}
