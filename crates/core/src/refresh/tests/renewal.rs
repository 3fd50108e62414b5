//! Renewing a due token, and what is stored.

use time::Duration;

use super::fixture::{DUE, Fixture, ISSUED, fails, shop, token};
use crate::document::Outcome;
use crate::provider_error::ProviderErrorKind;
use crate::vault::ParkedDocuments;

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
async fn only_checks_a_token_that_does_not_expire() {
    let mut document = shop();
    document.expires_at = None;
    let fixture = Fixture::with(document).await;
    assert_eq!(fixture.run().await.not_due, 1);
    assert_eq!(fixture.force().await.refreshed, 1);
    assert_eq!(fixture.calls(), ["me first"]);
}
