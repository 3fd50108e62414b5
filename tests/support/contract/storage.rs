//! What others find in a vault, and what they may leave there.

use evertoken_core::vault::AccountStore;
use evertoken_core::vault::ParkedDocuments;
use std::collections::BTreeMap;
use std::sync::Arc;

use evertoken_core::document::DocumentError;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::MemoryEvents;
use evertoken_core::policy::Policy;
use evertoken_core::refresh::{Limits, Refresher, Request};
use evertoken_core::vault::VaultError;
use secrecy::ExposeSecret;

use super::{Storage, names, pages};
use crate::fixed_clock::FixedClock;
use crate::sample::{ISSUED_AT, document, name, with_token};
use crate::scripted_provider::ScriptedProvider;

/// Values that are no documents of ours: what they are called, what they hold, what is wrong.
fn strangers() -> Vec<(&'static str, String, DocumentError)> {
    let of_another_time =
        document("of-another-time").encode().expose_secret().replace(r#""schema":1"#, r#""schema":2"#);
    let of_another_name = document("shop-de").encode().expose_secret().to_owned();
    vec![
        ("broken", "{\"schema\":1,".to_owned(), DocumentError::NotJson),
        ("foreign", r#"{"username":"admin","password":"hunter2"}"#.to_owned(), DocumentError::Foreign),
        ("half", r#"{"schema":1}"#.to_owned(), DocumentError::Field { path: "provider".to_owned() }),
        ("of-another-time", of_another_time, DocumentError::UnknownSchema { found: "2".to_owned() }),
        ("copied", of_another_name, DocumentError::OtherName { found: name("shop-de") }),
        ("Not_A_Slug", document("x").encode().expose_secret().to_owned(), DocumentError::Misnamed),
    ]
}

pub async fn the_value_is_the_document_and_nothing_else(place: &impl Storage) {
    let vault = place.vault();
    let first = document("shop-de");
    let version = vault.create(&first).await.unwrap();
    assert_eq!(place.value("shop-de").await, first.encode().expose_secret());
    let second = with_token("IGAA-second", &first);
    vault.replace(&version, &second).await.unwrap();
    assert_eq!(place.value("shop-de").await, second.encode().expose_secret());
}

pub async fn the_document_before_stays_within_reach(place: &impl Storage) {
    let vault = place.vault();
    let first = document("shop-de");
    let one = vault.create(&first).await.unwrap();
    let second = with_token("IGAA-second", &first);
    let two = vault.replace(&one, &second).await.unwrap();
    assert_eq!(place.previous_value(&first.name).await, first.encode().expose_secret());
    vault.park(&two, &with_token("IGAA-refused", &first)).await.unwrap();
    vault.replace(&two, &with_token("IGAA-third", &first)).await.unwrap();
    // The same again must not make the current one its own predecessor.
    vault.replace(&two, &with_token("IGAA-third", &first)).await.unwrap();
    assert_eq!(place.previous_value(&first.name).await, second.encode().expose_secret());
}

pub async fn what_is_no_document_is_reported_by_name_and_left_alone(place: &impl Storage) {
    let vault = place.vault();
    vault.create(&document("shop-de")).await.unwrap();
    let strangers = strangers();
    for (name, value, _) in &strangers {
        place.plant(name, value).await;
    }
    assert_eq!(names(&vault).await, ["shop-de"]);
    let reported: BTreeMap<_, _> = pages(&vault)
        .await
        .into_iter()
        .flat_map(|page| page.unreadable)
        .map(|found| (found.name, found.reason))
        .collect();
    let expected: BTreeMap<_, _> =
        strangers.iter().map(|(name, _, reason)| ((*name).to_owned(), reason.clone())).collect();
    assert_eq!(reported, expected);
    for (name, value, _) in &strangers {
        assert_eq!(&place.value(name).await, value);
    }
}

pub async fn an_account_that_cannot_be_read_is_an_error_and_no_absence(place: &impl Storage) {
    let vault = place.vault();
    for (stranger, value, reason) in strangers() {
        let Ok(name) = stranger.parse() else { continue };
        place.plant(stranger, &value).await;
        assert_eq!(vault.get(&name).await, Err(VaultError::Unreadable(reason)));
        assert_eq!(vault.create(&document(stranger)).await, Err(VaultError::Conflict));
        assert_eq!(place.value(stranger).await, value);
    }
}

pub async fn a_run_goes_on_past_what_it_cannot_read(place: &impl Storage) {
    let vault = place.vault();
    vault.create(&document("shop-de")).await.unwrap();
    vault.create(&document("shop-fr")).await.unwrap();
    let strangers = strangers();
    for (name, value, _) in &strangers {
        place.plant(name, value).await;
    }
    let refresher = Arc::new(Refresher {
        provider: ScriptedProvider::default(),
        vault,
        clock: Arc::new(FixedClock(ISSUED_AT + time::Duration::days(30))),
        entropy: Arc::new(SystemEntropy),
        events: None::<MemoryEvents>,
        policy: Policy::default(),
        limits: Limits { writes_per_second: 1_000, ..Limits::default() },
    });
    let report = refresher.run(&Request::default(), None).await.unwrap();
    assert_eq!((report.accounts, report.refreshed, report.failed), (8, 2, 6), "{report:?}");
    let mut failed: Vec<_> = report.failures.iter().map(|failure| failure.name.as_str()).collect();
    failed.sort_unstable();
    assert_eq!(failed, ["Not_A_Slug", "broken", "copied", "foreign", "half", "of-another-time"]);
    for (name, value, _) in &strangers {
        assert_eq!(&place.value(name).await, value);
    }
}
