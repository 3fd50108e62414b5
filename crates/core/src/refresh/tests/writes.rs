//! Writing the result: a failing vault, and concurrent writes.

use std::sync::atomic::Ordering;

use serde_json::json;
use tokio::time::Instant;

use super::fixture::{DUE, Fixture, account, fails, shop};
use crate::provider_error::ProviderErrorKind;
use crate::refresh::FailureKind;
use crate::vault::ParkedDocuments;

#[tokio::test(start_paused = true)]
async fn retries_a_failed_write_until_the_vault_recovers() {
    for denied in [false, true] {
        let fixture = Fixture::with(shop()).await;
        *fixture.vault.rejected_writes.lock().unwrap() = 3;
        fixture.vault.denies_writes.store(denied, Ordering::SeqCst);
        let begun = Instant::now();
        let report = fixture.run().await;
        // Half a second, one and two seconds, each with equal jitter.
        let waited = begun.elapsed().as_millis();
        assert!((1_750..3_600).contains(&waited), "{waited}");
        assert_eq!((report.refreshed, fixture.document().await.access_token.expose()), (1, "renewed"));
        assert_eq!(fixture.calls().len(), 2, "renewed once");
    }
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
    for theirs in [account("shop-de", "theirs"), renewed] {
        let fixture = Fixture::with(shop()).await;
        *fixture.vault.concurrent_write.lock().unwrap() = Some(theirs.clone());
        let report = fixture.run().await;
        assert_eq!((report.refreshed, report.conflicts), (0, 1));
        assert_eq!(fixture.document().await, theirs);
    }
}
