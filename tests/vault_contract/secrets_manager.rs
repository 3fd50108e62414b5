//! The vault in Secrets Manager, on a moto server.

use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::primitives::Blob;
use evertoken_aws::SecretsManagerVault;
use evertoken_aws::settings::VaultSettings;
use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::document::{Document, DocumentError, VersionId};
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::invite::InviteId;
use evertoken_core::variables::Variables;
use evertoken_core::vault::{
    AccountIndex, AccountStore, InviteClaims, OutageCause, Removal, VaultError, store_account,
};
use evertoken_tests::contract::fixture::{StoredValueFixture, VaultFixture};
use evertoken_tests::moto::{self, Moto};
use evertoken_tests::reserved_port::ReservedPort;
use evertoken_tests::sample::{document, name, with_token};

/// The secrets with one prefix on the shared moto server.
struct SecretsManagerFixture {
    client: Client,
    settings: VaultSettings,
}

impl SecretsManagerFixture {
    fn new() -> Self {
        static PREFIXES: AtomicUsize = AtomicUsize::new(0);
        let prefix = format!("evertoken-{}", PREFIXES.fetch_add(1, Ordering::SeqCst));
        Self { client: Moto::shared().client(), settings: settings(&prefix) }
    }

    fn secret(&self, name: &str) -> String {
        format!("{}/accounts/{name}", self.settings.prefix())
    }

    async fn version_at(&self, name: &str, label: &str) -> (VersionId, String) {
        let read = self.client.get_secret_value().secret_id(self.secret(name)).version_stage(label);
        let value = read.send().await.unwrap();
        (VersionId::new(value.version_id.unwrap()), value.secret_string.unwrap())
    }
}

fn settings(prefix: &str) -> VaultSettings {
    let variables = [("EVERTOKEN_VAULT_PREFIX", prefix), ("EVERTOKEN_STACK", "test-stack")];
    let variables: Variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
    VaultSettings::read(&variables).unwrap()
}

impl VaultFixture for SecretsManagerFixture {
    type Vault = SecretsManagerVault;

    fn vault(&self) -> SecretsManagerVault {
        SecretsManagerVault::new(self.client.clone(), &self.settings)
    }
}

impl StoredValueFixture for SecretsManagerFixture {
    async fn write_value(&self, name: &str, value: &str) {
        self.client.create_secret().name(self.secret(name)).secret_string(value).send().await.unwrap();
    }

    async fn read_value(&self, name: &str) -> String {
        self.version_at(name, "AWSCURRENT").await.1
    }

    async fn read_previous_value(&self, name: &AccountName) -> String {
        self.version_at(name.as_str(), "AWSPREVIOUS").await.1
    }
}

evertoken_tests::vault_contract!(SecretsManagerFixture::new());
evertoken_tests::stored_value_contract!(SecretsManagerFixture::new());

const TAGS: [(&str, &str); 4] = [
    ("evertoken:account-id", "17841405793187218"),
    ("evertoken:app-scoped-id", "28978671838402975"),
    ("evertoken:stack", "test-stack"),
    ("evertoken:username", "blue_bottle"),
];

impl SecretsManagerFixture {
    async fn assert_tags(&self, name: &str, expected: &[(&str, &str)]) {
        let secret = self.client.describe_secret().secret_id(self.secret(name)).send().await.unwrap();
        let tags = secret.tags().iter();
        let mut tags: Vec<_> = tags.map(|tag| (tag.key().unwrap(), tag.value().unwrap())).collect();
        tags.sort_unstable();
        assert_eq!(tags, expected);
    }
}

#[tokio::test]
async fn a_secret_has_tags_and_a_generic_description() {
    let fixture = SecretsManagerFixture::new();
    fixture.vault().create(&document("shop-de")).await.unwrap();
    fixture.assert_tags("shop-de", &TAGS).await;
    let secret = fixture.client.describe_secret().secret_id(fixture.secret("shop-de")).send().await.unwrap();
    assert_eq!(secret.description(), Some("An Instagram account's access token, kept alive by Evertoken"));
}

/// Otherwise a removal of the app would not find the account, or would find the one that had the secret before.
#[tokio::test]
async fn a_restored_secret_gets_the_tags_of_the_new_account() {
    let fixture = SecretsManagerFixture::new();
    let vault = fixture.vault();
    let mut before = document("shop-de");
    before.account_id = "17841400000000000".parse().unwrap();
    before.username = "earlier".to_owned();
    vault.create(&before).await.unwrap();
    vault.remove(&before.name, Removal::Recoverable).await.unwrap();
    vault.create(&document("shop-de")).await.unwrap();
    fixture.assert_tags("shop-de", &TAGS).await;
    assert_eq!(vault.find(&before.account_id).await.unwrap().accounts, []);
}

/// With Facebook Login, one of the ids is the person's. Meta sends it when that person removes the app.
#[tokio::test]
async fn an_account_that_another_person_reconnects_is_found_by_that_persons_id() {
    let fixture = SecretsManagerFixture::new();
    let vault = fixture.vault();
    vault.create(&document("shop-de")).await.unwrap();
    let person: AccountId = "10229384756102932".parse().unwrap();
    let next = Document { app_scoped_id: person.clone(), meta_user_id: Some(person.clone()), ..document("shop-de") };
    store_account(&vault, &next.name, None, |_| Ok::<_, VaultError>(next.clone())).await.unwrap();
    assert_eq!(vault.find(&person).await.unwrap().accounts.len(), 1);
}

#[tokio::test]
async fn an_account_can_be_replaced_after_a_rollback_of_its_staging_label() {
    let fixture = SecretsManagerFixture::new();
    let vault = fixture.vault();
    let first = document("shop-de");
    let one = vault.create(&first).await.unwrap();
    let two = vault.replace(&one, &with_token("IGAA-second", &first)).await.unwrap();
    let three = vault.replace(&two, &with_token("IGAA-third", &first)).await.unwrap();
    let rollback = fixture.client.update_secret_version_stage().secret_id(fixture.secret("shop-de"));
    let rollback = rollback.version_stage("AWSCURRENT").remove_from_version_id(three.as_str());
    rollback.move_to_version_id(one.as_str()).send().await.unwrap();
    assert_eq!(vault.get(&first.name).await.unwrap().unwrap().version, one);

    // The version ids that follow `one` and `two` belong to the versions that were rolled back.
    let fourth = with_token("IGAA-fourth", &first);
    let four = vault.replace(&one, &fourth).await.unwrap();
    assert!(![one.clone(), two, three].contains(&four));
    assert_eq!(vault.replace(&one, &fourth).await, Ok(four.clone()));
    assert_eq!(vault.replace(&one, &with_token("IGAA-stale", &first)).await, Err(VaultError::Conflict));
    // After such a rollback, moto also leaves AWSCURRENT on the old version, so the test requests the new one by its id.
    let read = fixture.client.get_secret_value().secret_id(fixture.secret("shop-de")).version_id(four.as_str());
    assert_eq!(read.send().await.unwrap().version_stages(), ["AWSCURRENT"]);
}

#[tokio::test]
async fn the_first_login_fills_an_empty_secret() {
    let fixture = SecretsManagerFixture::new();
    fixture.client.create_secret().name(fixture.secret("shop-de")).send().await.unwrap();
    let vault = fixture.vault();
    let first = document("shop-de");
    assert_eq!(vault.get(&first.name).await, Ok(None));
    let version = vault.create(&first).await.unwrap();
    fixture.assert_tags("shop-de", &TAGS).await;
    assert_eq!(vault.create(&first).await, Err(VaultError::Conflict));
    vault.replace(&version, &with_token("IGAA-second", &first)).await.unwrap();
}

#[tokio::test]
async fn a_removed_secret_can_be_restored_for_seven_days() {
    let fixture = SecretsManagerFixture::new();
    let vault = fixture.vault();
    let first = document("shop-de");
    vault.create(&first).await.unwrap();
    vault.remove(&first.name, Removal::Recoverable).await.unwrap();
    fixture.client.restore_secret().secret_id(fixture.secret("shop-de")).send().await.unwrap();
    assert_eq!(vault.get(&first.name).await.unwrap().unwrap().document, first);
}

#[tokio::test]
async fn a_removed_secret_is_found_by_its_tags_and_can_be_removed_for_good() {
    let fixture = SecretsManagerFixture::new();
    let vault = fixture.vault();
    let first = document("shop-de");
    vault.create(&first).await.unwrap();
    vault.remove(&first.name, Removal::Recoverable).await.unwrap();
    for id in [&first.account_id, &first.app_scoped_id] {
        let found = vault.find(id).await.unwrap();
        assert_eq!((found.accounts.len(), found.removed), (0, vec![first.name.clone()]));
    }
    vault.remove(&first.name, Removal::ForGood).await.unwrap();
    let restored = fixture.client.restore_secret().secret_id(fixture.secret("shop-de")).send().await;
    assert!(restored.unwrap_err().into_service_error().is_resource_not_found_exception());
}

#[tokio::test]
async fn the_claim_of_an_invite_is_scheduled_for_deletion_at_once() {
    let fixture = SecretsManagerFixture::new();
    let invite = InviteId::generate(&SystemEntropy).unwrap();
    fixture.vault().claim(&invite).await.unwrap();
    let mark = format!("{}/invites/{}", fixture.settings.prefix(), invite.as_str());
    let mark = fixture.client.describe_secret().secret_id(mark).send().await.unwrap();
    assert!(mark.deleted_date().is_some(), "it would cost what a secret does");
}

#[tokio::test]
async fn binary_and_nested_secrets_are_reported_and_other_secrets_are_ignored() {
    let fixture = SecretsManagerFixture::new();
    let vault = fixture.vault();
    let bytes = fixture.client.create_secret().name(fixture.secret("bytes")).secret_binary(Blob::new("IGAA-bytes"));
    bytes.send().await.unwrap();
    fixture.write_value("nested/secret", "{}").await;
    for other in ["app", "accounts", "accountsx/shop-de"] {
        let secret = format!("{}/{other}", fixture.settings.prefix());
        fixture.client.create_secret().name(secret).secret_string("{}").send().await.unwrap();
    }
    let mut pages = std::pin::pin!(vault.list());
    let mut unreadable = Vec::new();
    while let Some(page) = futures_util::StreamExt::next(&mut pages).await {
        let page = page.unwrap();
        assert!(page.accounts.is_empty());
        unreadable.extend(page.unreadable.into_iter().map(|found| (found.name, found.reason)));
    }
    unreadable.sort_by(|one, other| one.0.cmp(&other.0));
    let expected =
        [("bytes".to_owned(), DocumentError::NotJson), ("nested/secret".to_owned(), DocumentError::Misnamed)];
    assert_eq!(unreadable, expected);
}

#[tokio::test]
async fn an_unreachable_vault_is_an_error() {
    let nobody = ReservedPort::new();
    let client = moto::client(&format!("http://{}", nobody.address()));
    let vault = SecretsManagerVault::new(client, &settings("evertoken"));
    let unreachable = VaultError::Unavailable { cause: OutageCause::Network, code: "connection".to_owned() };
    assert_eq!(vault.get(&name("shop-de")).await, Err(unreachable.clone()));
    assert_eq!(vault.create(&document("shop-de")).await, Err(unreachable.clone()));
    assert_eq!(vault.replace(&VersionId::new("v"), &document("shop-de")).await, Err(unreachable.clone()));
    assert_eq!(vault.remove(&name("shop-de"), Removal::ForGood).await, Err(unreachable));
}
