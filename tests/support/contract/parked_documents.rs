//! Parking a document next to the current one.

use evertoken_core::vault::{AccountStore, ParkedDocuments};

use super::fixture::{VaultFixture, is_conflict, list_names};
use crate::sample::{document, with_token};

pub async fn parking_does_not_change_the_current_document(fixture: &impl VaultFixture) {
    let vault = fixture.vault();
    let first = document("shop-de");
    assert_eq!(vault.parked(&first.name).await, Ok(None));
    let version = vault.create(&first).await.unwrap();
    assert_eq!(vault.parked(&first.name).await, Ok(None));
    for token in ["IGAA-refused", "IGAA-refused-too"] {
        let refused = with_token(token, &first);
        vault.park(&version, &refused).await.unwrap();
        assert_eq!(vault.parked(&first.name).await, Ok(Some(refused)));
    }
    let read = vault.get(&first.name).await.unwrap().unwrap();
    assert_eq!((&read.version, read.document), (&version, first.clone()));
    // A parked document does not block the next replace.
    vault.replace(&version, &with_token("IGAA-second", &first)).await.unwrap();
    assert_eq!(vault.parked(&first.name).await, Ok(Some(with_token("IGAA-refused-too", &first))));
    assert_eq!(list_names(&vault).await, ["shop-de"]);
}

pub async fn parking_on_a_stale_version_is_a_conflict(fixture: &impl VaultFixture) {
    let vault = fixture.vault();
    let first = document("shop-de");
    let base = vault.create(&first).await.unwrap();
    vault.replace(&base, &with_token("IGAA-second", &first)).await.unwrap();
    assert!(is_conflict(&vault.park(&base, &with_token("IGAA-stale", &first)).await));
    assert_eq!(vault.parked(&first.name).await, Ok(None));
}
