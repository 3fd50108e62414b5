//! Proving a renewed token, and parking one that is rejected.

use serde_json::json;
use time::Duration;

use super::fixture::{DUE, Fixture, ISSUED, account, fails, shop, token};
use crate::document::{HealthState, Outcome};
use crate::provider_error::ProviderErrorKind;
use crate::refresh::FailureKind;
use crate::vault::{AccountStore, ParkedDocuments};

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
async fn a_run_without_an_answer_keeps_the_parked_token_in_use() {
    let fixture = Fixture::with(shop()).await;
    fixture.refreshes([Ok(token("dud", Duration::days(60)))]);
    fixture.profiles([Err(fails(ProviderErrorKind::TokenInvalid)), Err(fails(ProviderErrorKind::TokenInvalid))]);
    fixture.run().await;
    fixture.at(DUE + Duration::hours(6));
    fixture.refreshes(std::iter::repeat_n(Err(fails(ProviderErrorKind::Unreachable)), 3));
    assert_eq!(fixture.run().await.failed, 1);
    let attempt = fixture.document().await.last_attempt;
    assert_eq!((attempt.outcome, attempt.failures), (Outcome::Parked, 2));
    fixture.calls();
    fixture.at(DUE + Duration::hours(12));
    assert_eq!(fixture.run().await.refreshed, 1);
    assert_eq!((fixture.calls(), fixture.document().await.access_token.expose()), (vec!["me dud".to_owned()], "dud"));
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
async fn an_unproven_token_is_renewed_in_time_and_its_failed_checks_are_published() {
    let fixture = Fixture::with(shop()).await;
    fixture.profiles(std::iter::repeat_n(Err(fails(ProviderErrorKind::RequestRefused)), 90));
    assert_eq!((fixture.run().await.refreshed, fixture.published()), (1, vec!["Token Refreshed"]));
    let (mut events, mut calls) = (Vec::new(), Vec::new());
    for run in 1..=84 {
        fixture.at(DUE + Duration::hours(6) * run);
        fixture.run().await;
        events.extend(fixture.published());
        calls.extend(fixture.calls());
    }
    assert!(calls.contains(&"refresh renewed".to_owned()), "{calls:?}");
    assert!(events.contains(&"Token Refresh Failed"), "{events:?}");
    assert!(fixture.document().await.expires_at.unwrap() > DUE + Duration::days(75));
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
async fn uses_the_parked_token_when_the_old_one_is_dead() {
    let fixture = Fixture::with(shop()).await;
    let held = fixture.vault.get(&"shop-de".parse().unwrap()).await.unwrap().unwrap();
    let mut parked = account("shop-de", "parked");
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
    let mut parked = account("shop-de", "parked");
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
async fn ignores_a_parked_document_of_another_account_or_with_the_same_token() {
    for (account_id, text) in [("17841400000000000", "parked"), ("17841405793187218", "first")] {
        let fixture = Fixture::with(shop()).await;
        let held = fixture.vault.get(&"shop-de".parse().unwrap()).await.unwrap().unwrap();
        let mut parked = account("shop-de", text);
        parked.issued_at = DUE;
        parked.account_id = account_id.parse().unwrap();
        fixture.vault.inner.park(&held.version, &parked).await.unwrap();
        fixture.refreshes([Err(fails(ProviderErrorKind::TokenInvalid))]);
        fixture.profiles([Ok(account_id)]);
        assert_eq!(fixture.run().await.login_required, 1, "{account_id}");
        assert_eq!(fixture.calls(), ["refresh first"]);
    }
}
