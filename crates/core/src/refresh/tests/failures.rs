//! Failed attempts: health, the next attempt, and events.

use time::Duration;

use super::fixture::{DUE, Fixture, ISSUED, fails, shop};
use crate::document::{Health, HealthState};
use crate::events::{Event, EventError, Events};
use crate::provider_error::{ProviderError, ProviderErrorKind};
use crate::refresh::{FailureKind, Request};

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
async fn an_account_has_recovered_even_if_its_renewal_fails_then() {
    let fixture = Fixture::with(shop()).await;
    fixture.refreshes([Err(fails(ProviderErrorKind::Checkpoint))]);
    assert_eq!((fixture.run().await.attention, fixture.published()), (1, vec!["Owner Action Needed"]));
    fixture.at(DUE + Duration::days(1));
    fixture.refreshes(std::iter::repeat_n(Err(fails(ProviderErrorKind::Unreachable)), 3));
    assert_eq!((fixture.run().await.failed, fixture.published()), (1, vec!["Account Recovered"]));
    assert_eq!(fixture.document().await.health, Health::healthy());
}

#[tokio::test(start_paused = true)]
async fn an_owner_who_must_act_is_told_once_a_week_although_the_token_works() {
    let fixture = Fixture::with(shop()).await;
    let mut published = Vec::new();
    for day in 0..=8 {
        fixture.at(DUE + Duration::days(day));
        fixture.refreshes([Err(fails(ProviderErrorKind::Checkpoint))]);
        assert_eq!(fixture.run().await.attention, 1, "day {day}");
        published.extend(fixture.published());
        assert_eq!(fixture.document().await.health.since, Some(DUE), "day {day}");
    }
    assert_eq!(published, ["Owner Action Needed"; 2]);
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
async fn an_expiry_that_instagram_confirms_is_checked_no_more() {
    let fixture = Fixture::with(shop()).await;
    fixture.at(ISSUED + Duration::days(60));
    fixture.refreshes(std::iter::repeat_n(Err(fails(ProviderErrorKind::Unreachable)), 3));
    fixture.run().await;
    assert!(fixture.document().await.health.presumed);
    fixture.refreshes([Err(fails(ProviderErrorKind::Expired))]);
    fixture.run().await;
    assert!(!fixture.document().await.health.presumed);
    fixture.calls();
    let report = fixture.run().await;
    assert_eq!((report.login_required, fixture.calls().len()), (1, 0));
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
