//! What the vault makes of answers that AWS gives and moto does not.

use evertoken_aws::SecretsManagerVault;
use evertoken_aws::settings::VaultSettings;
use evertoken_core::document::{DocumentError, VersionId};
use evertoken_core::variables::Variables;
use evertoken_core::vault::AccountStore;
use evertoken_core::vault::DenialCause;
use evertoken_core::vault::OutageCause;
use evertoken_core::vault::{Page, Unreadable, VaultError};
use evertoken_tests::sample::{document, name};
use evertoken_tests::scripted_aws::{Answer, ScriptedAws, answers, refuses};
use futures_util::TryStreamExt;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

async fn vault(script: impl IntoIterator<Item = Answer>) -> (SecretsManagerVault, ScriptedAws) {
    let aws = ScriptedAws::start(script).await;
    let variables: Variables = [("EVERTOKEN_VAULT_PREFIX".to_owned(), "evertoken".to_owned())].into_iter().collect();
    let settings = VaultSettings::read(&variables).unwrap();
    (SecretsManagerVault::new(aws.client(), &settings), aws)
}

/// A secret's value, as `GetSecretValue` and `BatchGetSecretValue` give it.
fn value(name: &str, version: &str) -> Value {
    json!({
        "Name": format!("evertoken/accounts/{name}"),
        "VersionId": version,
        "SecretString": document(name).encode().expose_secret(),
        "VersionStages": ["AWSCURRENT"],
    })
}

fn failed(name: &str, code: &str) -> Value {
    json!({"SecretId": format!("evertoken/accounts/{name}"), "ErrorCode": code, "Message": "-"})
}

fn listed(names: &[&str], next: Option<&str>) -> Value {
    let secrets: Vec<_> = names.iter().map(|name| json!({"Name": name})).collect();
    json!({"SecretList": secrets, "NextToken": next})
}

#[tokio::test]
async fn one_secret_that_is_denied_does_not_hide_the_others() {
    let batch = json!({
        "SecretValues": [value("shop-de", "v1")],
        "Errors": [
            failed("shop-fr", "AccessDeniedException"),
            failed("shop-it", "ResourceNotFoundException"),
            failed("shop-es", "InvalidRequestException"),
        ],
    });
    let (vault, _aws) = vault([answers("BatchGetSecretValue", batch)]).await;
    let names = ["shop-de", "shop-fr", "shop-it", "shop-es"].map(name);
    let page = vault.get_many(&names).await.unwrap();
    assert_eq!(page.accounts.len(), 1);
    let denied = DocumentError::Withheld { code: "AccessDeniedException".to_owned() };
    assert_eq!(page.unreadable, [Unreadable { name: "shop-fr".to_owned(), reason: denied }]);
}

#[tokio::test]
async fn an_empty_page_of_names_is_not_the_end_of_the_list() {
    let (vault, aws) = vault([
        answers("ListSecrets", listed(&["evertoken/accounts/shop-de"], Some("1"))),
        answers("BatchGetSecretValue", json!({"SecretValues": [value("shop-de", "v1")]})),
        answers("ListSecrets", listed(&[], Some("2"))),
        answers("ListSecrets", listed(&["evertoken/accounts/shop-fr"], None)),
        answers("BatchGetSecretValue", json!({"SecretValues": [value("shop-fr", "v1")]})),
    ])
    .await;
    let pages: Vec<Page> = vault.list().try_collect().await.unwrap();
    assert_eq!(pages.iter().map(|page| page.accounts.len()).sum::<usize>(), 2);
    aws.assert_done();
}

#[tokio::test]
async fn a_list_that_is_refused_is_an_error_and_not_an_empty_vault() {
    let (vault, _aws) = vault([refuses("ListSecrets", "AccessDeniedException")]).await;
    let listed = vault.list().try_collect::<Vec<Page>>().await;
    assert_eq!(
        listed.unwrap_err(),
        VaultError::Denied { cause: DenialCause::PermissionMissing, code: "AccessDeniedException".to_owned() }
    );
}

#[tokio::test]
async fn an_account_that_is_marked_deleted_comes_back_for_a_new_login() {
    // moto says ResourceExistsException here; AWS says that it is scheduled for deletion.
    let (vault, aws) = vault([
        refuses("CreateSecret", "InvalidRequestException"),
        refuses("GetSecretValue", "InvalidRequestException"),
        answers("RestoreSecret", json!({})),
        answers("GetSecretValue", value("shop-de", "v1")),
        answers("PutSecretValue", json!({"VersionId": "v2"})),
    ])
    .await;
    assert_eq!(vault.create(&document("shop-de")).await, Ok(VersionId::new("v2")));
    aws.assert_done();
}

#[tokio::test]
async fn a_write_to_an_account_that_was_removed_meanwhile_is_a_conflict() {
    // moto takes the value.
    let (vault, aws) = vault([
        refuses("PutSecretValue", "InvalidRequestException"),
        refuses("GetSecretValue", "InvalidRequestException"),
    ])
    .await;
    assert_eq!(vault.replace(&VersionId::new("v1"), &document("shop-de")).await, Err(VaultError::Conflict));
    aws.assert_done();
}

#[tokio::test]
async fn throttling_is_an_error_with_awss_own_code_and_changes_nothing() {
    let (vault, _aws) = vault([refuses("PutSecretValue", "ThrottlingException")]).await;
    let throttled = VaultError::Unavailable { cause: OutageCause::Throttled, code: "ThrottlingException".to_owned() };
    assert_eq!(vault.replace(&VersionId::new("v1"), &document("shop-de")).await, Err(throttled));
}

#[tokio::test]
async fn a_conflict_that_is_seen_before_the_write_that_caused_it_is_still_a_conflict() {
    // Eventual consistency: the request token is taken, but reads do not return the new version yet.
    let (vault, aws) = vault([
        refuses("PutSecretValue", "ResourceExistsException"),
        answers("GetSecretValue", value("shop-de", "v1")),
        refuses("GetSecretValue", "ResourceNotFoundException"),
    ])
    .await;
    assert_eq!(vault.replace(&VersionId::new("v1"), &document("shop-de")).await, Err(VaultError::Conflict));
    aws.assert_done();
}
