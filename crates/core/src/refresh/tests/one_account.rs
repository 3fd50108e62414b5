//! What comes of one account.

use crate::refresh::FailureKind;
use crate::vault::AccountStore;
use crate::vault::ParkedDocuments;
use serde_json::json;
use time::Duration;
use tokio::time::Instant;

use super::fixture::{DUE, Fixture, ISSUED, shop, token};
use crate::document::{Health, HealthState, Outcome};
use crate::provider_error::{ProviderError, ProviderErrorKind};

fn fails(problem: ProviderErrorKind) -> ProviderError {
    ProviderError::new(problem)
}

#[tokio::test(start_paused = true)]
async fn a_due_token_is_renewed_proven_and_stored() {
    let fixture = Fixture::with(shop()).await;
    let report = fixture.run().await;
    assert_eq!((report.accounts, report.refreshed, report.failures.len()), (1, 1, 0));
    assert_eq!(report.soonest_expiry, Some(DUE + Duration::days(60)));
    let document = fixture.document().await;
    assert_eq!(fixture.asked(), ["refresh first", "me renewed"]);
    assert_eq!((document.access_token.expose(), document.username.as_str()), ("renewed", "renamed"));
    assert_eq!((document.issued_at, document.expires_at), (DUE, Some(DUE + Duration::days(60))));
    assert_eq!(document.last_attempt.outcome, Outcome::Refreshed);
    assert_eq!(fixture.told(), ["Token Refreshed"]);
    assert_eq!(fixture.run().await.too_young, 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_lifetime_leaves_the_end_that_was_known() {
    let fixture = Fixture::with(shop()).await;
    fixture.refreshes([Ok(token("renewed", Duration::ZERO))]);
    fixture.run().await;
    let document = fixture.document().await;
    assert_eq!((document.issued_at, document.expires_at), (DUE, Some(ISSUED + Duration::days(60))));
}

#[tokio::test(start_paused = true)]
async fn a_year_is_believed() {
    let fixture = Fixture::with(shop()).await;
    fixture.refreshes([Ok(token("renewed", Duration::days(365)))]);
    fixture.run().await;
    assert_eq!(fixture.document().await.expires_at, Some(DUE + Duration::days(365)));
}

#[tokio::test(start_paused = true)]
async fn another_accounts_token_is_parked_and_the_old_one_kept() {
    let fixture = Fixture::with(shop()).await;
    fixture.profiles([Ok("17841400000000000")]);
    let report = fixture.run().await;
    assert_eq!((report.failed, report.failures[0].kind), (1, FailureKind::Unknown));
    assert!(report.failures[0].next_attempt_at.is_some());
    let document = fixture.document().await;
    assert_eq!((document.access_token.expose(), document.last_attempt.outcome), ("first", Outcome::Parked));
    assert_eq!(fixture.told(), ["Token Refresh Failed"]);
    // The next run does not take it either, and asks for one of ours.
    fixture.asked();
    fixture.profiles([Ok("17841400000000000")]);
    fixture.at(DUE + Duration::hours(6));
    assert_eq!(fixture.run().await.refreshed, 1);
    assert_eq!(fixture.asked(), ["me renewed", "refresh first", "me renewed"]);
}

#[tokio::test(start_paused = true)]
async fn a_new_token_that_is_refused_is_parked_and_taken_when_it_works() {
    let fixture = Fixture::with(shop()).await;
    fixture.refreshes([Ok(token("dud", Duration::days(60)))]);
    fixture.profiles([Err(fails(ProviderErrorKind::TokenInvalid))]);
    assert_eq!(fixture.run().await.failed, 1);
    assert_eq!(fixture.document().await.access_token.expose(), "first");
    fixture.asked();
    fixture.at(DUE + Duration::hours(6));
    assert_eq!(fixture.run().await.refreshed, 1);
    assert_eq!(fixture.asked(), ["me dud"]);
    let document = fixture.document().await;
    assert_eq!((document.access_token.expose(), document.issued_at), ("dud", DUE));
}

#[tokio::test(start_paused = true)]
async fn a_proof_without_an_answer_is_made_up_for_by_the_next_run() {
    let fixture = Fixture::with(shop()).await;
    fixture.profiles([
        Err(fails(ProviderErrorKind::Unreachable)),
        Err(fails(ProviderErrorKind::Unreachable)),
        Err(fails(ProviderErrorKind::RequestRefused)),
    ]);
    assert_eq!(fixture.run().await.refreshed, 1);
    let document = fixture.document().await;
    assert_eq!((document.access_token.expose(), document.last_attempt.outcome), ("renewed", Outcome::Unproven));
    fixture.asked();
    fixture.at(DUE + Duration::hours(6));
    fixture.run().await;
    assert_eq!(fixture.asked(), ["me renewed"]);
    assert_eq!(fixture.document().await.last_attempt.outcome, Outcome::Probed);
    assert_eq!(fixture.run().await.too_young, 1);
}

#[tokio::test(start_paused = true)]
async fn an_unproven_token_that_is_no_good_gives_way_to_the_one_before() {
    let fixture = Fixture::with(shop()).await;
    fixture.profiles(std::iter::repeat_n(Err(fails(ProviderErrorKind::Unreachable)), 3));
    fixture.run().await;
    fixture.at(DUE + Duration::hours(6));
    // Still no answer: the mark stays.
    fixture.profiles(std::iter::repeat_n(Err(fails(ProviderErrorKind::Unreachable)), 3));
    assert_eq!(fixture.run().await.failed, 1);
    assert_eq!(fixture.document().await.last_attempt.outcome, Outcome::Unproven);
    fixture.profiles([Err(fails(ProviderErrorKind::TokenInvalid))]);
    assert_eq!(fixture.run().await.refreshed, 1);
    let document = fixture.document().await;
    assert_eq!((document.access_token.expose(), document.health.state), ("first", HealthState::Healthy));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_once_with_its_codes_and_then_left_alone() {
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
    assert_eq!(fixture.told(), ["Login Required"]);
    fixture.asked();
    fixture.at(DUE + Duration::days(6));
    assert_eq!((fixture.run().await.login_required, fixture.told().len(), fixture.asked().len()), (1, 0, 0));
    // A week later somebody is reminded.
    fixture.at(DUE + Duration::days(7));
    assert_eq!(fixture.run().await.login_required, 1);
    assert_eq!((fixture.told(), fixture.asked().len()), (vec!["Login Required"], 0));
    assert_eq!(fixture.document().await.health.announced_at, Some(DUE + Duration::days(7)));
}

#[tokio::test(start_paused = true)]
async fn an_owner_who_acts_brings_the_account_back() {
    let fixture = Fixture::with(shop()).await;
    fixture.refreshes([Err(fails(ProviderErrorKind::Checkpoint))]);
    let report = fixture.run().await;
    assert_eq!((report.attention, fixture.told()), (1, vec!["Owner Action Needed"]));
    assert_eq!(report.failures[0].next_attempt_at, Some(DUE + Duration::days(1)));
    fixture.at(DUE + Duration::hours(6));
    fixture.asked();
    assert_eq!((fixture.run().await.attention, fixture.asked().len()), (1, 0));
    fixture.at(DUE + Duration::days(1));
    assert_eq!(fixture.run().await.refreshed, 1);
    assert_eq!(fixture.asked(), ["me first", "refresh first", "me renewed"]);
    assert_eq!(fixture.told(), ["Account Recovered"]);
    assert_eq!(fixture.document().await.health, Health::healthy());
}

#[tokio::test(start_paused = true)]
async fn a_passing_fault_changes_no_health_and_is_told_at_its_first() {
    let fixture = Fixture::with(shop()).await;
    fixture.refreshes(std::iter::repeat_n(Err(fails(ProviderErrorKind::Unclassified)), 6));
    let report = fixture.run().await;
    assert_eq!((report.failed, report.failures[0].kind), (1, FailureKind::Unknown));
    assert_eq!(report.failures[0].next_attempt_at, Some(DUE + Duration::hours(6)));
    let document = fixture.document().await;
    assert_eq!((document.health.state, document.last_attempt.failures), (HealthState::Healthy, 1));
    let event = fixture.events.take().remove(0);
    assert_eq!((event.kind.as_str(), fixture.asked().len()), ("Token Refresh Failed", 3));
    assert_eq!(event.reason.as_deref(), Some(report.failures[0].message.as_str()));
    assert_eq!((event.reference.len(), event.at), (16, DUE));
    fixture.run().await;
    assert_eq!((fixture.told().len(), fixture.document().await.last_attempt.failures), (0, 2));
    assert_eq!(fixture.run().await.refreshed, 1);
    assert_eq!(fixture.document().await.last_attempt.failures, 0);
}

#[tokio::test(start_paused = true)]
async fn an_end_during_an_outage_is_told_and_still_tried() {
    let fixture = Fixture::with(shop()).await;
    let ended = ISSUED + Duration::days(60);
    fixture.at(ended);
    fixture.refreshes(std::iter::repeat_n(Err(fails(ProviderErrorKind::Unreachable)), 3));
    let report = fixture.run().await;
    assert_eq!((report.login_required, fixture.told()), (1, vec!["Login Required"]));
    assert!(report.failures[0].message.starts_with("The token has expired."), "{}", report.failures[0].message);
    assert_eq!(report.failures[0].next_attempt_at, Some(ended + Duration::hours(6)));
    assert!(fixture.document().await.health.presumed);
    // Our clock was wrong.
    assert_eq!(fixture.run().await.refreshed, 1);
    assert_eq!((fixture.told(), fixture.document().await.health), (vec!["Account Recovered"], Health::healthy()));
}

#[tokio::test(start_paused = true)]
async fn a_long_wait_is_written_down_and_kept() {
    let fixture = Fixture::with(shop()).await;
    let wait = ProviderError { retry_after: Some(Duration::hours(10)), ..fails(ProviderErrorKind::RateLimited) };
    fixture.refreshes([Err(wait)]);
    let report = fixture.run().await;
    assert_eq!(report.failures[0].next_attempt_at, Some(DUE + Duration::hours(10)));
    fixture.asked();
    fixture.at(DUE + Duration::hours(6));
    assert_eq!((fixture.run().await.not_due, fixture.asked().len()), (1, 0));
    fixture.at(DUE + Duration::hours(10));
    assert_eq!(fixture.run().await.refreshed, 1);
    assert_eq!(fixture.document().await.last_attempt.not_before, None);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_fails_is_held_until_the_vault_is_well() {
    let fixture = Fixture::with(shop()).await;
    *fixture.vault.refused_writes.lock().unwrap() = 3;
    let begun = Instant::now();
    let report = fixture.run().await;
    // Half a second, one and two, each by half at random.
    let waited = begun.elapsed().as_millis();
    assert!((1_750..3_600).contains(&waited), "{waited}");
    assert_eq!((report.refreshed, fixture.document().await.access_token.expose()), (1, "renewed"));
    assert_eq!(fixture.asked().len(), 2, "renewed once");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_never_comes_through_is_reported_without_the_token() {
    let fixture = Fixture::with(shop()).await;
    *fixture.vault.refused_writes.lock().unwrap() = u32::MAX;
    let begun = Instant::now();
    let report = fixture.run().await;
    let (waited, left) = (begun.elapsed().as_secs(), *fixture.vault.refused_writes.lock().unwrap());
    assert!((109..=121).contains(&waited), "{waited}");
    assert!((14..=32).contains(&(u32::MAX - left)), "{}", u32::MAX - left);
    assert_eq!((report.failed, report.failures[0].kind), (1, FailureKind::Vault));
    assert!(report.failures[0].next_attempt_at.is_some());
    assert_eq!(report.failures[0].username, Some(fixture.document().await.username));
    assert!(!serde_json::to_string(&report).unwrap().contains("renewed\""));
    assert_eq!((fixture.document().await.access_token.expose(), fixture.told().len()), ("first", 0));
}

#[tokio::test(start_paused = true)]
async fn a_parked_token_is_found_when_the_old_one_has_died() {
    let fixture = Fixture::with(shop()).await;
    let held = fixture.vault.get(&"shop-de".parse().unwrap()).await.unwrap().unwrap();
    let mut parked = super::fixture::account("shop-de", "parked");
    parked.issued_at = DUE;
    fixture.vault.healthy.park(&held.version, &parked).await.unwrap();
    fixture.refreshes([Err(fails(ProviderErrorKind::TokenInvalid))]);
    assert_eq!(fixture.run().await.refreshed, 1);
    assert_eq!(fixture.document().await.access_token.expose(), "parked");
    // An older one is not what we want, nor one of the same age.
    for issued_at in [ISSUED - Duration::days(1), ISSUED] {
        let fixture = Fixture::with(shop()).await;
        let held = fixture.vault.get(&"shop-de".parse().unwrap()).await.unwrap().unwrap();
        parked.issued_at = issued_at;
        fixture.vault.healthy.park(&held.version, &parked).await.unwrap();
        fixture.refreshes([Err(fails(ProviderErrorKind::TokenInvalid))]);
        assert_eq!(fixture.run().await.login_required, 1, "{issued_at}");
    }
}

#[tokio::test(start_paused = true)]
async fn keys_that_are_not_ours_are_those_of_the_current_document() {
    let mut document = shop();
    document.unknown.insert("note".to_owned(), json!("now"));
    let fixture = Fixture::with(document).await;
    let held = fixture.vault.get(&"shop-de".parse().unwrap()).await.unwrap().unwrap();
    let mut parked = super::fixture::account("shop-de", "parked");
    parked.issued_at = DUE;
    parked.unknown.insert("note".to_owned(), json!("then"));
    fixture.vault.healthy.park(&held.version, &parked).await.unwrap();
    fixture.refreshes([Err(fails(ProviderErrorKind::TokenInvalid))]);
    assert_eq!(fixture.run().await.refreshed, 1);
    let document = fixture.document().await;
    assert_eq!((document.access_token.expose(), &document.unknown["note"]), ("parked", &json!("now")));
}

#[tokio::test(start_paused = true)]
async fn a_parked_token_is_looked_at_no_more_once_the_old_one_is_refused() {
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
async fn a_token_without_an_end_is_only_tried() {
    let mut document = shop();
    document.expires_at = None;
    let fixture = Fixture::with(document).await;
    assert_eq!(fixture.run().await.not_due, 1);
    assert_eq!(fixture.force().await.refreshed, 1);
    assert_eq!(fixture.asked(), ["me first"]);
}

#[tokio::test(start_paused = true)]
async fn a_renewed_token_that_cannot_be_stored_is_parked_where_that_goes() {
    let fixture = Fixture::with(shop()).await;
    *fixture.vault.refused_writes.lock().unwrap() = u32::MAX;
    *fixture.vault.always_parks.lock().unwrap() = true;
    assert_eq!(fixture.run().await.failed, 1);
    let document = fixture.document().await;
    assert_eq!(document.access_token.expose(), "first");
    let parked = fixture.vault.parked(&document.name).await.unwrap().unwrap();
    assert_eq!((parked.access_token.expose(), parked.issued_at), ("renewed", DUE));
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_note_is_kept_below_the_renewed_token() {
    let fixture = Fixture::with(shop()).await;
    let mut noted = shop();
    noted.unknown.insert("note".to_owned(), json!("anna's"));
    *fixture.vault.meddling.lock().unwrap() = Some(noted);
    let report = fixture.run().await;
    assert_eq!((report.refreshed, report.conflicts), (1, 0));
    let document = fixture.document().await;
    assert_eq!((document.access_token.expose(), &document.unknown["note"]), ("renewed", &json!("anna's")));
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_token_stands_and_so_does_the_same_text_renewed() {
    let mut renewed = shop();
    renewed.issued_at = DUE;
    for theirs in [super::fixture::account("shop-de", "theirs"), renewed] {
        let fixture = Fixture::with(shop()).await;
        *fixture.vault.meddling.lock().unwrap() = Some(theirs.clone());
        let report = fixture.run().await;
        assert_eq!((report.refreshed, report.conflicts), (0, 1));
        assert_eq!(fixture.document().await, theirs);
    }
}

#[tokio::test(start_paused = true)]
async fn a_note_about_a_failure_is_not_held() {
    let fixture = Fixture::with(shop()).await;
    fixture.refreshes([Err(fails(ProviderErrorKind::PolicyBlock))]);
    *fixture.vault.refused_writes.lock().unwrap() = 1;
    *fixture.vault.always_parks.lock().unwrap() = true;
    let begun = Instant::now();
    let report = fixture.run().await;
    assert_eq!((report.failed, report.failures[0].kind), (1, FailureKind::Vault));
    assert!(begun.elapsed().as_millis() < 100);
    assert_eq!(fixture.vault.parked(&"shop-de".parse().unwrap()).await, Ok(None), "there is nothing to lose");
}

#[tokio::test(start_paused = true)]
async fn the_same_text_again_without_a_proof_is_as_good_as_before() {
    let fixture = Fixture::with(shop()).await;
    fixture.refreshes([Ok(token("first", Duration::days(60)))]);
    fixture.profiles(std::iter::repeat_n(Err(fails(ProviderErrorKind::Unreachable)), 3));
    assert_eq!(fixture.run().await.refreshed, 1);
    let document = fixture.document().await;
    assert_eq!((document.last_attempt.outcome, document.issued_at), (Outcome::Refreshed, DUE));
    assert_eq!(fixture.vault.parked(&document.name).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn a_parked_document_of_another_account_or_the_same_token_is_no_way_on() {
    for (account_id, text) in [("17841400000000000", "parked"), ("17841405793187218", "first")] {
        let fixture = Fixture::with(shop()).await;
        let held = fixture.vault.get(&"shop-de".parse().unwrap()).await.unwrap().unwrap();
        let mut parked = super::fixture::account("shop-de", text);
        parked.issued_at = DUE;
        parked.account_id = account_id.parse().unwrap();
        fixture.vault.healthy.park(&held.version, &parked).await.unwrap();
        fixture.refreshes([Err(fails(ProviderErrorKind::TokenInvalid))]);
        fixture.profiles([Ok(account_id)]);
        assert_eq!(fixture.run().await.login_required, 1, "{account_id}");
        assert_eq!(fixture.asked(), ["refresh first"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_of_failures_is_told_again_after_a_week_of_runs() {
    for (failures, told) in [(27, 0), (28, 1), (29, 0)] {
        let mut document = shop();
        document.last_attempt.failures = failures;
        let fixture = Fixture::with(document).await;
        fixture.refreshes([Err(fails(ProviderErrorKind::PolicyBlock))]);
        fixture.run().await;
        assert_eq!(fixture.told().len(), told, "{failures}");
    }
}
