//! What comes of one account.

use serde_json::json;
use time::Duration;
use tokio::time::Instant;

use super::house::{DUE, House, ISSUED, shop, token};
use crate::document::{Health, HealthState, Outcome};
use crate::failure::{Failure, Problem};
use crate::ports::Vault;

fn fails(problem: Problem) -> Failure {
    Failure::new(problem)
}

#[tokio::test(start_paused = true)]
async fn a_due_token_is_renewed_proven_and_stored() {
    let house = House::with(shop()).await;
    let report = house.run().await;
    assert_eq!((report.accounts, report.refreshed, report.failures.len()), (1, 1, 0));
    assert_eq!(report.soonest_expiry, Some(DUE + Duration::days(60)));
    let document = house.document().await;
    assert_eq!(house.asked(), ["refresh first", "me renewed"]);
    assert_eq!((document.access_token.expose(), document.username.as_str()), ("renewed", "renamed"));
    assert_eq!((document.issued_at, document.expires_at), (DUE, Some(DUE + Duration::days(60))));
    assert_eq!(document.last_attempt.outcome, Outcome::Refreshed);
    assert_eq!(house.told(), ["Token Refreshed"]);
    assert_eq!(house.run().await.too_young, 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_lifetime_leaves_the_end_that_was_known() {
    let house = House::with(shop()).await;
    house.refreshes([Ok(token("renewed", Duration::ZERO))]);
    house.run().await;
    let document = house.document().await;
    assert_eq!((document.issued_at, document.expires_at), (DUE, Some(ISSUED + Duration::days(60))));
}

#[tokio::test(start_paused = true)]
async fn a_year_is_believed() {
    let house = House::with(shop()).await;
    house.refreshes([Ok(token("renewed", Duration::days(365)))]);
    house.run().await;
    assert_eq!(house.document().await.expires_at, Some(DUE + Duration::days(365)));
}

#[tokio::test(start_paused = true)]
async fn another_accounts_token_is_parked_and_the_old_one_kept() {
    let house = House::with(shop()).await;
    house.profiles([Ok("17841400000000000")]);
    let report = house.run().await;
    assert_eq!((report.failed, report.failures[0].kind), (1, "unknown"));
    assert!(report.failures[0].next_attempt_at.is_some());
    let document = house.document().await;
    assert_eq!((document.access_token.expose(), document.last_attempt.outcome), ("first", Outcome::Parked));
    assert_eq!(house.told(), ["Token Refresh Failed"]);
    // The next run does not take it either, and asks for one of ours.
    house.asked();
    house.profiles([Ok("17841400000000000")]);
    house.at(DUE + Duration::hours(6));
    assert_eq!(house.run().await.refreshed, 1);
    assert_eq!(house.asked(), ["me renewed", "refresh first", "me renewed"]);
}

#[tokio::test(start_paused = true)]
async fn a_new_token_that_is_refused_is_parked_and_taken_when_it_works() {
    let house = House::with(shop()).await;
    house.refreshes([Ok(token("dud", Duration::days(60)))]);
    house.profiles([Err(fails(Problem::TokenInvalid))]);
    assert_eq!(house.run().await.failed, 1);
    assert_eq!(house.document().await.access_token.expose(), "first");
    house.asked();
    house.at(DUE + Duration::hours(6));
    assert_eq!(house.run().await.refreshed, 1);
    assert_eq!(house.asked(), ["me dud"]);
    let document = house.document().await;
    assert_eq!((document.access_token.expose(), document.issued_at), ("dud", DUE));
}

#[tokio::test(start_paused = true)]
async fn a_proof_without_an_answer_is_made_up_for_by_the_next_run() {
    let house = House::with(shop()).await;
    house.profiles([
        Err(fails(Problem::Unreachable)),
        Err(fails(Problem::Unreachable)),
        Err(fails(Problem::RequestRefused)),
    ]);
    assert_eq!(house.run().await.refreshed, 1);
    let document = house.document().await;
    assert_eq!((document.access_token.expose(), document.last_attempt.outcome), ("renewed", Outcome::Unproven));
    house.asked();
    house.at(DUE + Duration::hours(6));
    house.run().await;
    assert_eq!(house.asked(), ["me renewed"]);
    assert_eq!(house.document().await.last_attempt.outcome, Outcome::Probed);
    assert_eq!(house.run().await.too_young, 1);
}

#[tokio::test(start_paused = true)]
async fn an_unproven_token_that_is_no_good_gives_way_to_the_one_before() {
    let house = House::with(shop()).await;
    house.profiles(std::iter::repeat_n(Err(fails(Problem::Unreachable)), 3));
    house.run().await;
    house.at(DUE + Duration::hours(6));
    // Still no answer: the mark stays.
    house.profiles(std::iter::repeat_n(Err(fails(Problem::Unreachable)), 3));
    assert_eq!(house.run().await.failed, 1);
    assert_eq!(house.document().await.last_attempt.outcome, Outcome::Unproven);
    house.profiles([Err(fails(Problem::TokenInvalid))]);
    assert_eq!(house.run().await.refreshed, 1);
    let document = house.document().await;
    assert_eq!((document.access_token.expose(), document.health.state), ("first", HealthState::Healthy));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_once_with_its_codes_and_then_left_alone() {
    let house = House::with(shop()).await;
    let refused =
        Failure { code: Some(190), subcode: Some(463), trace_id: Some("Atrace".to_owned()), ..fails(Problem::Expired) };
    house.refreshes([Err(refused)]);
    let report = house.run().await;
    let failure = &report.failures[0];
    assert_eq!((report.login_required, failure.kind, failure.next_attempt_at), (1, "login_required", None));
    assert_eq!((failure.code, failure.subcode, failure.trace_id.as_deref()), (Some(190), Some(463), Some("Atrace")));
    assert_eq!(report.soonest_expiry, None);
    let health = house.document().await.health;
    assert_eq!((health.state, health.code, health.subcode), (HealthState::LoginRequired, Some(190), Some(463)));
    assert_eq!((health.since, health.announced_at, health.presumed), (Some(DUE), Some(DUE), false));
    assert_eq!(house.told(), ["Login Required"]);
    house.asked();
    house.at(DUE + Duration::days(6));
    assert_eq!((house.run().await.login_required, house.told().len(), house.asked().len()), (1, 0, 0));
    // A week later somebody is reminded.
    house.at(DUE + Duration::days(7));
    assert_eq!(house.run().await.login_required, 1);
    assert_eq!((house.told(), house.asked().len()), (vec!["Login Required"], 0));
    assert_eq!(house.document().await.health.announced_at, Some(DUE + Duration::days(7)));
}

#[tokio::test(start_paused = true)]
async fn an_owner_who_acts_brings_the_account_back() {
    let house = House::with(shop()).await;
    house.refreshes([Err(fails(Problem::Checkpoint))]);
    let report = house.run().await;
    assert_eq!((report.attention, house.told()), (1, vec!["Owner Action Needed"]));
    assert_eq!(report.failures[0].next_attempt_at, Some(DUE + Duration::days(1)));
    house.at(DUE + Duration::hours(6));
    house.asked();
    assert_eq!((house.run().await.attention, house.asked().len()), (1, 0));
    house.at(DUE + Duration::days(1));
    assert_eq!(house.run().await.refreshed, 1);
    assert_eq!(house.asked(), ["me first", "refresh first", "me renewed"]);
    assert_eq!(house.told(), ["Account Recovered"]);
    assert_eq!(house.document().await.health, Health::healthy());
}

#[tokio::test(start_paused = true)]
async fn a_passing_fault_changes_no_health_and_is_told_at_its_first() {
    let house = House::with(shop()).await;
    house.refreshes(std::iter::repeat_n(Err(fails(Problem::Unclassified)), 6));
    let report = house.run().await;
    assert_eq!((report.failed, report.failures[0].kind), (1, "unknown"));
    assert_eq!(report.failures[0].next_attempt_at, Some(DUE + Duration::hours(6)));
    let document = house.document().await;
    assert_eq!((document.health.state, document.last_attempt.failures), (HealthState::Healthy, 1));
    let event = house.events.take().remove(0);
    assert_eq!((event.kind.as_str(), house.asked().len()), ("Token Refresh Failed", 3));
    assert_eq!(event.reason.as_deref(), Some(report.failures[0].message.as_str()));
    assert_eq!((event.reference.len(), event.at), (16, DUE));
    house.run().await;
    assert_eq!((house.told().len(), house.document().await.last_attempt.failures), (0, 2));
    assert_eq!(house.run().await.refreshed, 1);
    assert_eq!(house.document().await.last_attempt.failures, 0);
}

#[tokio::test(start_paused = true)]
async fn an_end_during_an_outage_is_told_and_still_tried() {
    let house = House::with(shop()).await;
    let ended = ISSUED + Duration::days(60);
    house.at(ended);
    house.refreshes(std::iter::repeat_n(Err(fails(Problem::Unreachable)), 3));
    let report = house.run().await;
    assert_eq!((report.login_required, house.told()), (1, vec!["Login Required"]));
    assert!(report.failures[0].message.starts_with("The token has expired."), "{}", report.failures[0].message);
    assert_eq!(report.failures[0].next_attempt_at, Some(ended + Duration::hours(6)));
    assert!(house.document().await.health.presumed);
    // Our clock was wrong.
    assert_eq!(house.run().await.refreshed, 1);
    assert_eq!((house.told(), house.document().await.health), (vec!["Account Recovered"], Health::healthy()));
}

#[tokio::test(start_paused = true)]
async fn a_long_wait_is_written_down_and_kept() {
    let house = House::with(shop()).await;
    let wait = Failure { retry_after: Some(Duration::hours(10)), ..fails(Problem::RateLimited) };
    house.refreshes([Err(wait)]);
    let report = house.run().await;
    assert_eq!(report.failures[0].next_attempt_at, Some(DUE + Duration::hours(10)));
    house.asked();
    house.at(DUE + Duration::hours(6));
    assert_eq!((house.run().await.not_due, house.asked().len()), (1, 0));
    house.at(DUE + Duration::hours(10));
    assert_eq!(house.run().await.refreshed, 1);
    assert_eq!(house.document().await.last_attempt.not_before, None);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_fails_is_held_until_the_vault_is_well() {
    let house = House::with(shop()).await;
    *house.vault.refused_writes.lock().unwrap() = 3;
    let begun = Instant::now();
    let report = house.run().await;
    // Half a second, one and two, each by half at random.
    let waited = begun.elapsed().as_millis();
    assert!((1_750..3_600).contains(&waited), "{waited}");
    assert_eq!((report.refreshed, house.document().await.access_token.expose()), (1, "renewed"));
    assert_eq!(house.asked().len(), 2, "renewed once");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_never_comes_through_is_reported_without_the_token() {
    let house = House::with(shop()).await;
    *house.vault.refused_writes.lock().unwrap() = u32::MAX;
    let begun = Instant::now();
    let report = house.run().await;
    let (waited, left) = (begun.elapsed().as_secs(), *house.vault.refused_writes.lock().unwrap());
    assert!((109..=121).contains(&waited), "{waited}");
    assert!((14..=32).contains(&(u32::MAX - left)), "{}", u32::MAX - left);
    assert_eq!((report.failed, report.failures[0].kind), (1, "vault"));
    assert!(report.failures[0].next_attempt_at.is_some());
    assert_eq!(report.failures[0].username, Some(house.document().await.username));
    assert!(!serde_json::to_string(&report).unwrap().contains("renewed\""));
    assert_eq!((house.document().await.access_token.expose(), house.told().len()), ("first", 0));
}

#[tokio::test(start_paused = true)]
async fn a_parked_token_is_found_when_the_old_one_has_died() {
    let house = House::with(shop()).await;
    let held = house.vault.get(&"shop-de".parse().unwrap()).await.unwrap().unwrap();
    let mut parked = super::house::account("shop-de", "parked");
    parked.issued_at = DUE;
    house.vault.healthy.park(&held.version, &parked).await.unwrap();
    house.refreshes([Err(fails(Problem::TokenInvalid))]);
    assert_eq!(house.run().await.refreshed, 1);
    assert_eq!(house.document().await.access_token.expose(), "parked");
    // An older one is not what we want, nor one of the same age.
    for issued_at in [ISSUED - Duration::days(1), ISSUED] {
        let house = House::with(shop()).await;
        let held = house.vault.get(&"shop-de".parse().unwrap()).await.unwrap().unwrap();
        parked.issued_at = issued_at;
        house.vault.healthy.park(&held.version, &parked).await.unwrap();
        house.refreshes([Err(fails(Problem::TokenInvalid))]);
        assert_eq!(house.run().await.login_required, 1, "{issued_at}");
    }
}

#[tokio::test(start_paused = true)]
async fn keys_that_are_not_ours_are_those_of_the_current_document() {
    let mut document = shop();
    document.unknown.insert("note".to_owned(), json!("now"));
    let house = House::with(document).await;
    let held = house.vault.get(&"shop-de".parse().unwrap()).await.unwrap().unwrap();
    let mut parked = super::house::account("shop-de", "parked");
    parked.issued_at = DUE;
    parked.unknown.insert("note".to_owned(), json!("then"));
    house.vault.healthy.park(&held.version, &parked).await.unwrap();
    house.refreshes([Err(fails(Problem::TokenInvalid))]);
    assert_eq!(house.run().await.refreshed, 1);
    let document = house.document().await;
    assert_eq!((document.access_token.expose(), &document.unknown["note"]), ("parked", &json!("now")));
}

#[tokio::test(start_paused = true)]
async fn a_parked_token_is_looked_at_no_more_once_the_old_one_is_refused() {
    let house = House::with(shop()).await;
    let other = "17841400000000000";
    house.profiles([Ok(other), Ok(other), Ok(other)]);
    house.run().await;
    assert_eq!(house.document().await.last_attempt.outcome, Outcome::Parked);
    house.at(DUE + Duration::hours(6));
    house.refreshes([Err(fails(Problem::Expired))]);
    assert_eq!(house.run().await.login_required, 1);
    assert_eq!(house.document().await.last_attempt.outcome, Outcome::Failed);
}

#[tokio::test(start_paused = true)]
async fn a_token_without_an_end_is_only_tried() {
    let mut document = shop();
    document.expires_at = None;
    let house = House::with(document).await;
    assert_eq!(house.run().await.not_due, 1);
    assert_eq!(house.force().await.refreshed, 1);
    assert_eq!(house.asked(), ["me first"]);
}

#[tokio::test(start_paused = true)]
async fn a_renewed_token_that_cannot_be_stored_is_parked_where_that_goes() {
    let house = House::with(shop()).await;
    *house.vault.refused_writes.lock().unwrap() = u32::MAX;
    *house.vault.always_parks.lock().unwrap() = true;
    assert_eq!(house.run().await.failed, 1);
    let document = house.document().await;
    assert_eq!(document.access_token.expose(), "first");
    let parked = house.vault.parked(&document.name).await.unwrap().unwrap();
    assert_eq!((parked.access_token.expose(), parked.issued_at), ("renewed", DUE));
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_note_is_kept_below_the_renewed_token() {
    let house = House::with(shop()).await;
    let mut noted = shop();
    noted.unknown.insert("note".to_owned(), json!("anna's"));
    *house.vault.meddling.lock().unwrap() = Some(noted);
    let report = house.run().await;
    assert_eq!((report.refreshed, report.conflicts), (1, 0));
    let document = house.document().await;
    assert_eq!((document.access_token.expose(), &document.unknown["note"]), ("renewed", &json!("anna's")));
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_token_stands_and_so_does_the_same_text_renewed() {
    let mut renewed = shop();
    renewed.issued_at = DUE;
    for theirs in [super::house::account("shop-de", "theirs"), renewed] {
        let house = House::with(shop()).await;
        *house.vault.meddling.lock().unwrap() = Some(theirs.clone());
        let report = house.run().await;
        assert_eq!((report.refreshed, report.conflicts), (0, 1));
        assert_eq!(house.document().await, theirs);
    }
}

#[tokio::test(start_paused = true)]
async fn a_note_about_a_failure_is_not_held() {
    let house = House::with(shop()).await;
    house.refreshes([Err(fails(Problem::PolicyBlock))]);
    *house.vault.refused_writes.lock().unwrap() = 1;
    *house.vault.always_parks.lock().unwrap() = true;
    let begun = Instant::now();
    let report = house.run().await;
    assert_eq!((report.failed, report.failures[0].kind), (1, "vault"));
    assert!(begun.elapsed().as_millis() < 100);
    assert_eq!(house.vault.parked(&"shop-de".parse().unwrap()).await, Ok(None), "there is nothing to lose");
}

#[tokio::test(start_paused = true)]
async fn the_same_text_again_without_a_proof_is_as_good_as_before() {
    let house = House::with(shop()).await;
    house.refreshes([Ok(token("first", Duration::days(60)))]);
    house.profiles(std::iter::repeat_n(Err(fails(Problem::Unreachable)), 3));
    assert_eq!(house.run().await.refreshed, 1);
    let document = house.document().await;
    assert_eq!((document.last_attempt.outcome, document.issued_at), (Outcome::Refreshed, DUE));
    assert_eq!(house.vault.parked(&document.name).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn a_parked_document_of_another_account_or_the_same_token_is_no_way_on() {
    for (account_id, text) in [("17841400000000000", "parked"), ("17841405793187218", "first")] {
        let house = House::with(shop()).await;
        let held = house.vault.get(&"shop-de".parse().unwrap()).await.unwrap().unwrap();
        let mut parked = super::house::account("shop-de", text);
        parked.issued_at = DUE;
        parked.account_id = account_id.parse().unwrap();
        house.vault.healthy.park(&held.version, &parked).await.unwrap();
        house.refreshes([Err(fails(Problem::TokenInvalid))]);
        house.profiles([Ok(account_id)]);
        assert_eq!(house.run().await.login_required, 1, "{account_id}");
        assert_eq!(house.asked(), ["refresh first"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_of_failures_is_told_again_after_a_week_of_runs() {
    for (failures, told) in [(27, 0), (28, 1), (29, 0)] {
        let mut document = shop();
        document.last_attempt.failures = failures;
        let house = House::with(document).await;
        house.refreshes([Err(fails(Problem::PolicyBlock))]);
        house.run().await;
        assert_eq!(house.told().len(), told, "{failures}");
    }
}
