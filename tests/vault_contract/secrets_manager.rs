//! The vault in Secrets Manager, on a real moto server.

use evertoken_core::vault::AccountIndex;
use evertoken_core::vault::AccountStore;
use evertoken_core::vault::InviteClaims;
use evertoken_core::vault::OutageCause;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::primitives::Blob;
use evertoken_aws::SecretsManagerVault;
use evertoken_aws::settings::VaultSettings;
use evertoken_core::account::AccountName;
use evertoken_core::document::{DocumentError, VersionId};
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::invite::InviteId;
use evertoken_core::variables::Variables;
use evertoken_core::vault::{Removal, VaultError};
use evertoken_tests::contract::{Place, Storage};
use evertoken_tests::moto::{self, Moto};
use evertoken_tests::sample::{document, name, with_token};

/// Part of the one moto server: the secrets of one prefix.
struct Region {
    client: Client,
    settings: VaultSettings,
}

impl Region {
    fn new() -> Self {
        static PREFIXES: AtomicUsize = AtomicUsize::new(0);
        let prefix = format!("evertoken-{}", PREFIXES.fetch_add(1, Ordering::SeqCst));
        Self { client: Moto::shared().client(), settings: settings(&prefix) }
    }

    fn secret(&self, name: &str) -> String {
        format!("{}/accounts/{name}", self.settings.prefix())
    }

    async fn staged(&self, name: &str, stage: &str) -> (VersionId, String) {
        let read = self.client.get_secret_value().secret_id(self.secret(name)).version_stage(stage);
        let value = read.send().await.unwrap();
        (VersionId::new(value.version_id.unwrap()), value.secret_string.unwrap())
    }
}

fn settings(prefix: &str) -> VaultSettings {
    let variables = [("EVERTOKEN_VAULT_PREFIX", prefix), ("EVERTOKEN_STACK", "test-stack")];
    let variables: Variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
    VaultSettings::read(&variables).unwrap()
}

impl Place for Region {
    type Vault = SecretsManagerVault;

    fn vault(&self) -> SecretsManagerVault {
        SecretsManagerVault::new(self.client.clone(), &self.settings)
    }
}

impl Storage for Region {
    async fn plant(&self, name: &str, value: &str) {
        self.client.create_secret().name(self.secret(name)).secret_string(value).send().await.unwrap();
    }

    async fn value(&self, name: &str) -> String {
        self.staged(name, "AWSCURRENT").await.1
    }

    async fn previous_value(&self, name: &AccountName) -> String {
        self.staged(name.as_str(), "AWSPREVIOUS").await.1
    }
}

evertoken_tests::vault_contract!(Region::new());
evertoken_tests::storage_contract!(Region::new());

#[tokio::test]
async fn a_secret_can_be_found_by_its_tags_and_says_nothing_in_its_description() {
    let region = Region::new();
    region.vault().create(&document("shop-de")).await.unwrap();
    let secret = region.client.describe_secret().secret_id(region.secret("shop-de")).send().await.unwrap();
    let mut tags: Vec<_> =
        secret.tags().iter().map(|tag| (tag.key().unwrap_or_default(), tag.value().unwrap_or_default())).collect();
    tags.sort_unstable();
    let expected = [
        ("evertoken:account-id", "17841405793187218"),
        ("evertoken:app-scoped-id", "28978671838402975"),
        ("evertoken:stack", "test-stack"),
        ("evertoken:username", "blue_bottle"),
    ];
    assert_eq!(tags, expected);
    assert_eq!(secret.description(), Some("An Instagram account's access token, kept alive by Evertoken"));
}

#[tokio::test]
async fn an_account_that_was_rolled_back_by_its_label_can_be_written_again() {
    let region = Region::new();
    let vault = region.vault();
    let first = document("shop-de");
    let one = vault.create(&first).await.unwrap();
    let two = vault.replace(&one, &with_token("IGAA-second", &first)).await.unwrap();
    let three = vault.replace(&two, &with_token("IGAA-third", &first)).await.unwrap();
    let back = region.client.update_secret_version_stage().secret_id(region.secret("shop-de"));
    let back = back.version_stage("AWSCURRENT").remove_from_version_id(three.as_str());
    back.move_to_version_id(one.as_str()).send().await.unwrap();
    assert_eq!(vault.get(&first.name).await.unwrap().unwrap().version, one);

    // The places after `one` and `two` are taken by what was withdrawn.
    let fourth = with_token("IGAA-fourth", &first);
    let four = vault.replace(&one, &fourth).await.unwrap();
    assert!(![one.clone(), two, three].contains(&four));
    assert_eq!(vault.replace(&one, &fourth).await, Ok(four.clone()));
    assert_eq!(vault.replace(&one, &with_token("IGAA-stale", &first)).await, Err(VaultError::Conflict));
    // After such a rollback moto leaves AWSCURRENT on the old version too, so the new one is asked for by its id.
    let read = region.client.get_secret_value().secret_id(region.secret("shop-de")).version_id(four.as_str());
    assert_eq!(read.send().await.unwrap().version_stages(), ["AWSCURRENT"]);
}

#[tokio::test]
async fn a_secret_that_was_made_without_a_value_is_filled_by_the_first_login() {
    let region = Region::new();
    region.client.create_secret().name(region.secret("shop-de")).send().await.unwrap();
    let vault = region.vault();
    let first = document("shop-de");
    assert_eq!(vault.get(&first.name).await, Ok(None));
    let version = vault.create(&first).await.unwrap();
    assert_eq!(vault.create(&first).await, Err(VaultError::Conflict));
    vault.replace(&version, &with_token("IGAA-second", &first)).await.unwrap();
}

#[tokio::test]
async fn a_removed_secret_can_be_restored_for_seven_days() {
    let region = Region::new();
    let vault = region.vault();
    let first = document("shop-de");
    vault.create(&first).await.unwrap();
    vault.remove(&first.name, Removal::Recoverable).await.unwrap();
    region.client.restore_secret().secret_id(region.secret("shop-de")).send().await.unwrap();
    assert_eq!(vault.get(&first.name).await.unwrap().unwrap().document, first);
}

#[tokio::test]
async fn a_removed_secret_is_found_by_its_tags_and_removed_for_good() {
    let region = Region::new();
    let vault = region.vault();
    let first = document("shop-de");
    vault.create(&first).await.unwrap();
    vault.remove(&first.name, Removal::Recoverable).await.unwrap();
    for id in [&first.account_id, &first.app_scoped_id] {
        let found = vault.find(id).await.unwrap();
        assert_eq!((found.accounts.len(), found.removed), (0, vec![first.name.clone()]));
    }
    vault.remove(&first.name, Removal::ForGood).await.unwrap();
    let restored = region.client.restore_secret().secret_id(region.secret("shop-de")).send().await;
    assert!(restored.unwrap_err().into_service_error().is_resource_not_found_exception());
}

#[tokio::test]
async fn the_mark_of_a_used_invite_is_on_its_way_out_from_the_start() {
    let region = Region::new();
    let invite = InviteId::generate(&SystemEntropy).unwrap();
    region.vault().claim(&invite).await.unwrap();
    let mark = format!("{}/invites/{}", region.settings.prefix(), invite.as_str());
    let mark = region.client.describe_secret().secret_id(mark).send().await.unwrap();
    assert!(mark.deleted_date().is_some(), "it would cost what a secret does");
}

#[tokio::test]
async fn bytes_and_secrets_deeper_down_are_reported_and_secrets_next_door_are_not() {
    let region = Region::new();
    let vault = region.vault();
    let bytes = region.client.create_secret().name(region.secret("bytes")).secret_binary(Blob::new("IGAA-bytes"));
    bytes.send().await.unwrap();
    region.plant("deeper/down", "{}").await;
    for next_door in ["app", "accounts", "accountsx/shop-de"] {
        let secret = format!("{}/{next_door}", region.settings.prefix());
        region.client.create_secret().name(secret).secret_string("{}").send().await.unwrap();
    }
    let mut pages = std::pin::pin!(vault.list());
    let mut unreadable = Vec::new();
    while let Some(page) = futures_util::StreamExt::next(&mut pages).await {
        let page = page.unwrap();
        assert!(page.accounts.is_empty());
        unreadable.extend(page.unreadable.into_iter().map(|found| (found.name, found.reason)));
    }
    unreadable.sort_by(|one, other| one.0.cmp(&other.0));
    let expected = [("bytes".to_owned(), DocumentError::NotJson), ("deeper/down".to_owned(), DocumentError::Misnamed)];
    assert_eq!(unreadable, expected);
}

#[tokio::test]
async fn a_vault_that_cannot_be_reached_is_an_error_without_any_value_in_it() {
    // A port that was free a moment ago: nobody listens.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let client = moto::client(&format!("http://127.0.0.1:{port}"));
    let vault = SecretsManagerVault::new(client, &settings("evertoken"));
    let unreachable = VaultError::Unavailable { cause: OutageCause::Network, code: "connection".to_owned() };
    assert_eq!(vault.get(&name("shop-de")).await, Err(unreachable.clone()));
    assert_eq!(vault.create(&document("shop-de")).await, Err(unreachable.clone()));
    assert_eq!(vault.replace(&VersionId::new("v"), &document("shop-de")).await, Err(unreachable.clone()));
    assert_eq!(vault.remove(&name("shop-de"), Removal::ForGood).await, Err(unreachable));
}
