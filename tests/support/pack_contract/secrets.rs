//! Secrets with versions, of which one is current.

use evertoken_core::document::VersionId;
use evertoken_core::group::Group;
use evertoken_packed_vault::{
    CreateError, Generation, PackDeletion, PackId, PackSecret, PackSecrets, PutError, RequestToken, StoredPack,
};

use super::fixture::{PackSecretsFixture, pack, secret, value};

/// The largest value (AWS, "Secrets Manager quotas").
const LARGEST: usize = 65_536;

/// What a test compares of a version.
pub(super) fn parts(stored: Option<StoredPack>) -> Option<(VersionId, bool, Vec<u8>)> {
    stored.map(|stored| (stored.version, stored.is_current, stored.value.expose().to_vec()))
}

async fn assert_absent(secrets: &impl PackSecrets, secret: &PackSecret, version: &VersionId) {
    assert_eq!(parts(secrets.current(secret).await.unwrap()), None);
    assert_eq!(parts(secrets.version(secret, version).await.unwrap()), None);
}

pub async fn a_created_pack_can_be_read(fixture: &impl PackSecretsFixture) {
    let secrets = fixture.secrets();
    let version = secrets.create(&secret(1), &value("IGAA-one")).await.unwrap();
    let expected = Some((version.clone(), true, b"IGAA-one".to_vec()));
    assert_eq!(parts(secrets.current(&secret(1)).await.unwrap()), expected);
    assert_eq!(parts(secrets.version(&secret(1), &version).await.unwrap()), expected);
    // Another pack, and another generation of the pack, are other secrets.
    assert_absent(&secrets, &secret(2), &version).await;
    assert_absent(&secrets, &pack(1).at(Generation::new(2)), &version).await;
}

pub async fn a_value_is_kept_byte_for_byte(fixture: &impl PackSecretsFixture) {
    let secrets = fixture.secrets();
    let bytes: Vec<u8> = (0..=255).cycle().take(LARGEST).collect();
    let version = secrets.create(&secret(1), &value(&bytes)).await.unwrap();
    assert_eq!(parts(secrets.current(&secret(1)).await.unwrap()), Some((version.clone(), true, bytes.clone())));
    let next: Vec<u8> = bytes.into_iter().rev().collect();
    let token = RequestToken::after(&version);
    secrets.put(&secret(1), &token, &value(&next)).await.unwrap();
    assert_eq!(parts(secrets.current(&secret(1)).await.unwrap()), Some((token.version(), true, next)));
}

/// Otherwise two secrets would have the same chain of request tokens.
pub async fn each_new_secret_has_a_version_of_its_own(fixture: &impl PackSecretsFixture) {
    let secrets = fixture.secrets();
    let one = secrets.create(&secret(1), &value("IGAA-one")).await.unwrap();
    let two = secrets.create(&secret(2), &value("IGAA-one")).await.unwrap();
    assert_ne!(one, two);
    assert_absent(&secrets, &secret(3), &one).await;
    assert_eq!(parts(secrets.version(&secret(2), &one).await.unwrap()), None);
}

pub async fn an_absent_secret_has_no_versions(fixture: &impl PackSecretsFixture) {
    let secrets = fixture.secrets();
    let version = VersionId::new("0a1b2c3d-0a1b-2c3d-0a1b-2c3d0a1b2c3d");
    assert_absent(&secrets, &secret(1), &version).await;
    let put = secrets.put(&secret(1), &RequestToken::after(&version), &value("IGAA-one")).await;
    assert_eq!(put, Err(PutError::Absent));
    for deletion in [PackDeletion::Recoverable, PackDeletion::ForGood] {
        assert_eq!(secrets.delete(&secret(1), deletion).await, Ok(()));
    }
    assert_absent(&secrets, &secret(1), &version).await;
}

pub async fn creating_an_existing_secret_is_rejected(fixture: &impl PackSecretsFixture) {
    let secrets = fixture.secrets();
    let version = secrets.create(&secret(1), &value("IGAA-one")).await.unwrap();
    // The same value is no exception.
    for again in ["IGAA-one", "IGAA-two"] {
        assert_eq!(secrets.create(&secret(1), &value(again)).await, Err(CreateError::Exists));
    }
    let expected = Some((version, true, b"IGAA-one".to_vec()));
    assert_eq!(parts(secrets.current(&secret(1)).await.unwrap()), expected);
}

pub async fn a_put_makes_its_token_the_current_version(fixture: &impl PackSecretsFixture) {
    let secrets = fixture.secrets();
    let first = secrets.create(&secret(1), &value("IGAA-one")).await.unwrap();
    let token = RequestToken::after(&first);
    secrets.put(&secret(1), &token, &value("IGAA-two")).await.unwrap();
    let expected = Some((token.version(), true, b"IGAA-two".to_vec()));
    assert_eq!(parts(secrets.current(&secret(1)).await.unwrap()), expected);
    assert_eq!(parts(secrets.version(&secret(1), &token.version()).await.unwrap()), expected);
    let before = Some((first.clone(), false, b"IGAA-one".to_vec()));
    assert_eq!(parts(secrets.version(&secret(1), &first).await.unwrap()), before);
    // The version that follows the current one is not there yet.
    let next = RequestToken::after(&token.version()).version();
    assert_eq!(parts(secrets.version(&secret(1), &next).await.unwrap()), None);
}

/// A reader follows the chain of request tokens from a version that is not current any more.
pub async fn earlier_versions_can_be_read_by_their_ids(fixture: &impl PackSecretsFixture) {
    let secrets = fixture.secrets();
    let mut versions = vec![secrets.create(&secret(1), &value("IGAA-0")).await.unwrap()];
    for number in 1..5 {
        let token = RequestToken::after(versions.last().unwrap());
        secrets.put(&secret(1), &token, &value(format!("IGAA-{number}"))).await.unwrap();
        versions.push(token.version());
    }
    for (number, version) in versions.into_iter().enumerate() {
        let expected = Some((version.clone(), number == 4, format!("IGAA-{number}").into_bytes()));
        assert_eq!(parts(secrets.version(&secret(1), &version).await.unwrap()), expected);
    }
}

pub async fn the_same_put_again_changes_nothing(fixture: &impl PackSecretsFixture) {
    let secrets = fixture.secrets();
    let first = secrets.create(&secret(1), &value("IGAA-one")).await.unwrap();
    let token = RequestToken::after(&first);
    let mut last = token.clone();
    for number in 0..4 {
        // At first the version is current, then the one before, and at last it has no staging label.
        assert_eq!(secrets.put(&secret(1), &token, &value("IGAA-two")).await, Ok(()));
        let current = secrets.current(&secret(1)).await.unwrap().unwrap();
        assert_eq!(current.version, last.version());
        last = RequestToken::after(&last.version());
        secrets.put(&secret(1), &last, &value(format!("IGAA-{number}"))).await.unwrap();
    }
}

pub async fn a_taken_token_rejects_another_value(fixture: &impl PackSecretsFixture) {
    let secrets = fixture.secrets();
    let first = secrets.create(&secret(1), &value("IGAA-one")).await.unwrap();
    let token = RequestToken::after(&first);
    secrets.put(&secret(1), &token, &value("IGAA-two")).await.unwrap();
    let mut last = token.clone();
    for number in 0..4 {
        let stale = secrets.put(&secret(1), &token, &value("IGAA-stale")).await;
        assert_eq!(stale, Err(PutError::TokenTaken));
        let winner = secrets.version(&secret(1), &token.version()).await.unwrap();
        assert_eq!(winner.unwrap().value.expose(), b"IGAA-two");
        let current = secrets.current(&secret(1)).await.unwrap().unwrap();
        assert_eq!(current.version, last.version());
        last = RequestToken::after(&last.version());
        secrets.put(&secret(1), &last, &value(format!("IGAA-{number}"))).await.unwrap();
    }
}

pub async fn a_deleted_secret_is_absent_and_its_name_is_taken(fixture: &impl PackSecretsFixture) {
    let secrets = fixture.secrets();
    let version = secrets.create(&secret(1), &value("IGAA-one")).await.unwrap();
    for _ in 0..2 {
        secrets.delete(&secret(1), PackDeletion::Recoverable).await.unwrap();
        assert_absent(&secrets, &secret(1), &version).await;
        assert_eq!(secrets.create(&secret(1), &value("IGAA-two")).await, Err(CreateError::Exists));
    }
}

pub async fn a_deleted_secret_accepts_no_value(fixture: &impl PackSecretsFixture) {
    let secrets = fixture.secrets();
    let version = secrets.create(&secret(1), &value("IGAA-one")).await.unwrap();
    secrets.delete(&secret(1), PackDeletion::Recoverable).await.unwrap();
    let token = RequestToken::after(&version);
    assert_eq!(secrets.put(&secret(1), &token, &value("IGAA-two")).await, Err(PutError::Absent));
    assert_absent(&secrets, &secret(1), &token.version()).await;
}

pub async fn a_secret_deleted_for_good_is_absent(fixture: &impl PackSecretsFixture) {
    let secrets = fixture.secrets();
    for (number, before) in [(1, None), (2, Some(PackDeletion::Recoverable)), (3, Some(PackDeletion::ForGood))] {
        let version = secrets.create(&secret(number), &value("IGAA-one")).await.unwrap();
        if let Some(before) = before {
            secrets.delete(&secret(number), before).await.unwrap();
        }
        secrets.delete(&secret(number), PackDeletion::ForGood).await.unwrap();
        assert_absent(&secrets, &secret(number), &version).await;
        let put = secrets.put(&secret(number), &RequestToken::after(&version), &value("IGAA-two")).await;
        assert_eq!(put, Err(PutError::Absent));
    }
}

pub async fn a_list_contains_each_pack_once_and_no_deleted_one(fixture: &impl PackSecretsFixture) {
    let secrets = fixture.secrets();
    let mut expected: Vec<PackSecret> = (1..=4).map(secret).collect();
    expected.push(pack(2).at(Generation::new(2)));
    expected.push(PackId::new("client-a".parse::<Group>().unwrap(), 1).at(Generation::FIRST));
    for present in &expected {
        secrets.create(present, &value("IGAA-one")).await.unwrap();
    }
    for (number, deletion) in [(5, PackDeletion::Recoverable), (6, PackDeletion::ForGood)] {
        secrets.create(&secret(number), &value("IGAA-one")).await.unwrap();
        secrets.delete(&secret(number), deletion).await.unwrap();
    }
    expected.sort();
    assert_eq!(list(&secrets, None).await, expected);
}

pub async fn a_list_can_be_limited_to_one_pack(fixture: &impl PackSecretsFixture) {
    let secrets = fixture.secrets();
    let generations = |number| [1, 2].map(|generation| pack(number).at(Generation::new(generation)));
    let others = [pack(2).at(Generation::FIRST), pack(11).at(Generation::FIRST), pack(100_001).at(Generation::FIRST)];
    for present in generations(1).into_iter().chain(generations(10)).chain(others) {
        secrets.create(&present, &value("IGAA-one")).await.unwrap();
    }
    for number in [1, 10] {
        assert_eq!(list(&secrets, Some(&pack(number))).await, generations(number));
    }
    // Their names begin like that of another pack.
    assert_eq!(list(&secrets, Some(&pack(10_000))).await, []);
    secrets.delete(&pack(10).at(Generation::FIRST), PackDeletion::ForGood).await.unwrap();
    assert_eq!(list(&secrets, Some(&pack(10))).await, [pack(10).at(Generation::new(2))]);
    assert_eq!(list(&secrets, Some(&pack(3))).await, []);
}

/// The secrets on all pages, sorted.
async fn list(secrets: &impl PackSecrets, pack: Option<&PackId>) -> Vec<PackSecret> {
    let (mut listed, mut next) = (Vec::new(), None);
    loop {
        let page = secrets.list(pack, next).await.unwrap();
        listed.extend(page.secrets);
        next = page.next;
        if next.is_none() {
            listed.sort();
            return listed;
        }
    }
}
