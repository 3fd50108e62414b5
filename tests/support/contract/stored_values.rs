//! Stored values that other programs read or write.

use std::collections::BTreeMap;
use std::sync::Arc;

use evertoken_core::document::DocumentError;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::MemoryEvents;
use evertoken_core::policy::Policy;
use evertoken_core::refresh::{Limits, Refresher, Request};
use evertoken_core::vault::{AccountStore, ParkedDocuments, VaultError};
use secrecy::ExposeSecret;

use super::fixture::{StoredValueFixture, list_names, list_pages};
use crate::fixed_clock::FixedClock;
use crate::sample::{ISSUED_AT, document, name, with_token};
use crate::scripted_provider::ScriptedProvider;

/// Returns the names, the values and the errors of stored values that are not valid account documents.
fn unreadable_values() -> Vec<(&'static str, String, DocumentError)> {
    let future_schema = document("future-schema").encode().expose_secret().replace(r#""schema":1"#, r#""schema":2"#);
    let copied = document("shop-de").encode().expose_secret().to_owned();
    vec![
        ("broken", "{\"schema\":1,".to_owned(), DocumentError::NotJson),
        ("foreign", r#"{"username":"admin","password":"hunter2"}"#.to_owned(), DocumentError::Foreign),
        ("half", r#"{"schema":1}"#.to_owned(), DocumentError::Field { path: "provider".to_owned() }),
        ("future-schema", future_schema, DocumentError::UnknownSchema { found: "2".to_owned() }),
        ("copied", copied, DocumentError::OtherName { found: name("shop-de") }),
        ("Not_A_Slug", document("x").encode().expose_secret().to_owned(), DocumentError::Misnamed),
    ]
}

pub async fn the_stored_value_is_exactly_the_document(fixture: &impl StoredValueFixture) {
    let vault = fixture.vault();
    let first = document("shop-de");
    let version = vault.create(&first).await.unwrap();
    assert_eq!(fixture.read_value("shop-de").await, first.encode().expose_secret());
    let second = with_token("IGAA-second", &first);
    vault.replace(&version, &second).await.unwrap();
    assert_eq!(fixture.read_value("shop-de").await, second.encode().expose_secret());
}

pub async fn the_previous_document_is_kept(fixture: &impl StoredValueFixture) {
    let vault = fixture.vault();
    let first = document("shop-de");
    let one = vault.create(&first).await.unwrap();
    let second = with_token("IGAA-second", &first);
    let two = vault.replace(&one, &second).await.unwrap();
    assert_eq!(fixture.read_previous_value(&first.name).await, first.encode().expose_secret());
    vault.park(&two, &with_token("IGAA-refused", &first)).await.unwrap();
    vault.replace(&two, &with_token("IGAA-third", &first)).await.unwrap();
    // A repeated replace must not overwrite the previous document with the current one.
    vault.replace(&two, &with_token("IGAA-third", &first)).await.unwrap();
    assert_eq!(fixture.read_previous_value(&first.name).await, second.encode().expose_secret());
}

pub async fn unreadable_values_are_reported_and_left_unchanged(fixture: &impl StoredValueFixture) {
    let vault = fixture.vault();
    vault.create(&document("shop-de")).await.unwrap();
    let unreadable = unreadable_values();
    for (name, value, _) in &unreadable {
        fixture.write_value(name, value).await;
    }
    assert_eq!(list_names(&vault).await, ["shop-de"]);
    let reported: BTreeMap<_, _> = list_pages(&vault)
        .await
        .into_iter()
        .flat_map(|page| page.unreadable)
        .map(|found| (found.name, found.reason))
        .collect();
    let expected: BTreeMap<_, _> =
        unreadable.iter().map(|(name, _, reason)| ((*name).to_owned(), reason.clone())).collect();
    assert_eq!(reported, expected);
    for (name, value, _) in &unreadable {
        assert_eq!(&fixture.read_value(name).await, value);
    }
}

pub async fn reading_an_unreadable_account_is_an_error(fixture: &impl StoredValueFixture) {
    let vault = fixture.vault();
    for (account, value, reason) in unreadable_values() {
        let Ok(name) = account.parse() else { continue };
        fixture.write_value(account, &value).await;
        assert_eq!(vault.get(&name).await, Err(VaultError::Unreadable(reason)));
        assert_eq!(vault.create(&document(account)).await, Err(VaultError::Conflict));
        assert_eq!(fixture.read_value(account).await, value);
    }
}

pub async fn a_run_continues_past_unreadable_values(fixture: &impl StoredValueFixture) {
    let vault = fixture.vault();
    vault.create(&document("shop-de")).await.unwrap();
    vault.create(&document("shop-fr")).await.unwrap();
    let unreadable = unreadable_values();
    for (name, value, _) in &unreadable {
        fixture.write_value(name, value).await;
    }
    let refresher = Arc::new(Refresher {
        provider: ScriptedProvider::default(),
        vault,
        clock: Arc::new(FixedClock(ISSUED_AT + time::Duration::days(30))),
        entropy: Arc::new(SystemEntropy),
        events: None::<MemoryEvents>,
        policy: Policy::default(),
        limits: Limits { writes_per_second: Some(1_000), ..Limits::default() },
    });
    let report = refresher.run(&Request::default(), None).await.unwrap();
    assert_eq!((report.accounts, report.refreshed, report.failed), (8, 2, 6), "{report:?}");
    let mut failed: Vec<_> = report.failures.iter().map(|failure| failure.name.as_str()).collect();
    failed.sort_unstable();
    assert_eq!(failed, ["Not_A_Slug", "broken", "copied", "foreign", "future-schema", "half"]);
    for (name, value, _) in &unreadable {
        assert_eq!(&fixture.read_value(name).await, value);
    }
}
