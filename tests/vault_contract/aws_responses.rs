//! Responses of AWS that moto does not give.

use evertoken_aws::settings::VaultSettings;
use evertoken_aws::{RotationError, RotationEvent, SecretsManagerVault};
use evertoken_core::document::{Document, DocumentError, Health, HealthState, MovedTo, VersionId};
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::invite::InviteId;
use evertoken_core::variables::Variables;
use evertoken_core::vault::{
    AccountIndex, AccountStore, DenialCause, InviteClaims, OutageCause, Page, Removal, Unreadable, VaultError,
    store_account,
};
use evertoken_tests::fixed_clock::FixedClock;
use evertoken_tests::sample::{ACCOUNT_ID, ISSUED_AT, document, name};
use evertoken_tests::scripted_aws::{ScriptedAws, ScriptedCall, fails, succeeds};
use evertoken_tests::scripted_provider::ScriptedProvider;
use futures_util::TryStreamExt;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use time::Duration;
use time::macros::{date, datetime};

pub(crate) async fn vault(script: impl IntoIterator<Item = ScriptedCall>) -> (SecretsManagerVault, ScriptedAws) {
    let aws = ScriptedAws::start(script).await;
    let variables: Variables = [("EVERTOKEN_VAULT_PREFIX".to_owned(), "evertoken".to_owned())].into_iter().collect();
    let settings = VaultSettings::read(&variables).unwrap();
    (SecretsManagerVault::new(aws.client(), &settings), aws)
}

/// Builds a secret's value, as `GetSecretValue` and `BatchGetSecretValue` return it.
pub(crate) fn value(name: &str, version: &str) -> Value {
    json!({
        "Name": format!("evertoken/accounts/{name}"),
        "VersionId": version,
        "SecretString": document(name).encode().expose_secret(),
        "VersionStages": ["AWSCURRENT"],
    })
}

const ANOTHER_ID: &str = "17841400000000009";

/// Builds the value of `shop-de` while another account has that name.
fn value_of_another() -> Value {
    let document = document("shop-de").encode().expose_secret().replace(ACCOUNT_ID, ANOTHER_ID);
    json!({"VersionId": "v2", "SecretString": document})
}

fn failed(name: &str, code: &str) -> Value {
    json!({"SecretId": format!("evertoken/accounts/{name}"), "ErrorCode": code, "Message": "-"})
}

fn listed(names: &[&str], next: Option<&str>) -> Value {
    let secrets: Vec<_> = names.iter().map(|name| json!({"Name": name})).collect();
    json!({"SecretList": secrets, "NextToken": next})
}

#[tokio::test]
async fn a_denied_secret_does_not_hide_the_others() {
    let batch = json!({
        "SecretValues": [value("shop-de", "v1")],
        "Errors": [
            failed("shop-fr", "AccessDeniedException"),
            failed("shop-it", "ResourceNotFoundException"),
            failed("shop-es", "InvalidRequestException"),
        ],
    });
    let (vault, _aws) = vault([succeeds("BatchGetSecretValue", batch)]).await;
    let names = ["shop-de", "shop-fr", "shop-it", "shop-es"].map(name);
    let page = vault.get_many(&names).await.unwrap();
    assert_eq!(page.accounts.len(), 1);
    let denied = DocumentError::Withheld { code: "AccessDeniedException".to_owned() };
    assert_eq!(page.unreadable, [Unreadable { name: "shop-fr".to_owned(), reason: denied }]);
}

#[tokio::test]
async fn an_empty_page_does_not_end_the_list() {
    let (vault, aws) = vault([
        succeeds("ListSecrets", listed(&["evertoken/accounts/shop-de"], Some("1"))),
        succeeds("BatchGetSecretValue", json!({"SecretValues": [value("shop-de", "v1")]})),
        succeeds("ListSecrets", listed(&[], Some("2"))),
        succeeds("ListSecrets", listed(&["evertoken/accounts/shop-fr"], None)),
        succeeds("BatchGetSecretValue", json!({"SecretValues": [value("shop-fr", "v1")]})),
    ])
    .await;
    let pages: Vec<Page> = vault.list().try_collect().await.unwrap();
    assert_eq!(pages.iter().map(|page| page.accounts.len()).sum::<usize>(), 2);
    aws.assert_complete();
    assert_eq!(next_tokens(&aws, "ListSecrets"), [Value::Null, json!("1"), json!("2")]);
}

/// The `NextToken` of each call of an operation.
fn next_tokens(aws: &ScriptedAws, operation: &str) -> Vec<Value> {
    aws.requests(operation).iter().map(|request| request["NextToken"].clone()).collect()
}

/// `BatchGetSecretValue` may return fewer values than requested, and the others with the next call.
#[tokio::test]
async fn a_page_of_values_that_aws_splits_is_read_completely() {
    let (vault, aws) = vault([
        succeeds("BatchGetSecretValue", json!({"SecretValues": [value("shop-de", "v1")], "NextToken": "1"})),
        succeeds("BatchGetSecretValue", json!({"SecretValues": [], "NextToken": "2"})),
        succeeds("BatchGetSecretValue", json!({"SecretValues": [value("shop-fr", "v1")]})),
    ])
    .await;
    let page = vault.get_many(&["shop-de", "shop-fr"].map(name)).await.unwrap();
    let names: Vec<_> = page.accounts.iter().map(|account| account.document.name.as_str()).collect();
    assert_eq!(names, ["shop-de", "shop-fr"]);
    aws.assert_complete();
    assert_eq!(next_tokens(&aws, "BatchGetSecretValue"), [Value::Null, json!("1"), json!("2")]);
}

/// AWS filters after it has paged, so a page may be empty although another one follows.
#[tokio::test]
async fn a_search_by_account_id_reads_every_page_of_the_list() {
    let found = |name: &str| {
        let tags = json!([{"Key": "evertoken:account-id", "Value": ACCOUNT_ID}]);
        json!({"Name": format!("evertoken/accounts/{name}"), "Tags": tags})
    };
    let removed = |name: &str| {
        let mut secret = found(name);
        secret["DeletedDate"] = json!(1_795_323_600);
        secret
    };
    let (vault, aws) = vault([
        succeeds("ListSecrets", json!({"SecretList": [found("shop-de")], "NextToken": "1"})),
        succeeds("GetSecretValue", value("shop-de", "v1")),
        succeeds("ListSecrets", json!({"SecretList": [], "NextToken": "2"})),
        succeeds("ListSecrets", json!({"SecretList": [found("shop-fr"), removed("shop-it")]})),
        succeeds("GetSecretValue", value("shop-fr", "v1")),
        fails("GetSecretValue", "InvalidRequestException"),
    ])
    .await;
    let found = vault.find(&ACCOUNT_ID.parse().unwrap()).await.unwrap();
    assert!(found.may_miss_recent);
    let names: Vec<_> = found.accounts.iter().map(|account| account.document.name.as_str()).collect();
    assert_eq!((names, found.removed), (vec!["shop-de", "shop-fr"], vec![name("shop-it")]));
    aws.assert_complete();
    assert_eq!(next_tokens(&aws, "ListSecrets"), [Value::Null, json!("1"), json!("2")]);
    assert!(aws.requests("ListSecrets").iter().all(|request| request["IncludePlannedDeletion"] == true));
}

/// A list can be five minutes old, and a login restores a removed secret.
#[tokio::test]
async fn a_search_believes_the_document_of_a_secret_that_is_listed_as_removed() {
    let tags = json!([{"Key": "evertoken:account-id", "Value": ACCOUNT_ID}]);
    let listed =
        |name: &str| json!({"Name": format!("evertoken/accounts/{name}"), "Tags": tags, "DeletedDate": 1_795_323_600});
    let (vault, aws) = vault([
        succeeds("ListSecrets", json!({"SecretList": [listed("shop-fr"), listed("shop-de")]})),
        succeeds("GetSecretValue", value("shop-fr", "v2")),
        // Another account has this name by now.
        succeeds("GetSecretValue", value_of_another()),
        fails("GetSecretValue", "ResourceNotFoundException"),
        fails("GetSecretValue", "ResourceNotFoundException"),
    ])
    .await;
    let found = vault.find(&ACCOUNT_ID.parse().unwrap()).await.unwrap();
    let names: Vec<_> = found.accounts.iter().map(|account| account.document.name.as_str()).collect();
    assert_eq!((names, found.removed, found.former), (vec!["shop-fr"], vec![], vec![]));
    aws.assert_complete();
}

#[tokio::test]
async fn a_denied_list_is_an_error() {
    let (vault, _aws) = vault([fails("ListSecrets", "AccessDeniedException")]).await;
    let listed = vault.list().try_collect::<Vec<Page>>().await;
    assert_eq!(
        listed.unwrap_err(),
        VaultError::Denied { cause: DenialCause::PermissionMissing, code: "AccessDeniedException".to_owned() }
    );
}

/// For a secret that is scheduled for deletion, AWS returns `InvalidRequestException` and moto `ResourceExistsException`.
fn restoring() -> [ScriptedCall; 6] {
    [
        fails("CreateSecret", "InvalidRequestException"),
        fails("GetSecretValue", "InvalidRequestException"),
        succeeds("RestoreSecret", json!({})),
        succeeds("GetSecretValue", value("shop-de", "v1")),
        succeeds("PutSecretValue", json!({"VersionId": "v2"})),
        succeeds("TagResource", json!({})),
    ]
}

#[tokio::test]
async fn creating_an_account_restores_a_secret_scheduled_for_deletion() {
    let (vault, aws) = vault(restoring()).await;
    assert_eq!(vault.create(&document("shop-de")).await, Ok(VersionId::new("v2")));
    aws.assert_complete();
    let tagged = &aws.requests("TagResource")[0];
    assert_eq!(tagged["SecretId"], "evertoken/accounts/shop-de");
    assert!(tagged["Tags"].as_array().unwrap().contains(&json!({"Key": "evertoken:account-id", "Value": ACCOUNT_ID})));
}

/// Otherwise no list would contain the account, and nothing would renew its token.
#[tokio::test]
async fn a_restored_secret_is_not_labeled_as_the_copy_that_it_was() {
    for (has_packs, expected) in [(true, Some(json!(""))), (false, None)] {
        let (vault, aws) = vault(restoring()).await;
        let vault = if has_packs { vault.without_copies() } else { vault };
        vault.create(&document("shop-de")).await.unwrap();
        aws.assert_complete();
        let tags = aws.requests("TagResource")[0]["Tags"].as_array().unwrap().clone();
        let label = tags.into_iter().find(|tag| tag["Key"] == "evertoken:moved-to").map(|tag| tag["Value"].clone());
        assert_eq!(label, expected);
    }
}

fn assert_tagged_with_former_account(aws: &ScriptedAws) {
    let tagged = &aws.requests("TagResource")[0];
    let former = json!({"Key": "evertoken:former-account-id", "Value": ANOTHER_ID});
    assert!(tagged["Tags"].as_array().unwrap().contains(&former), "{tagged}");
}

/// Its earlier documents are still there, and a removal request must find them.
#[tokio::test]
async fn a_replaced_account_that_cannot_be_forgotten_stays_in_the_tags() {
    let (vault, aws) = vault([
        succeeds("GetSecretValue", value_of_another()),
        succeeds("PutSecretValue", json!({"VersionId": "v3"})),
        fails("DescribeSecret", "InternalServiceError"),
        succeeds("TagResource", json!({})),
    ])
    .await;
    let stored = store_account(&vault, &name("shop-de"), None, |_| Ok::<_, VaultError>(document("shop-de"))).await;
    assert_eq!(stored.unwrap().current, document("shop-de"));
    aws.assert_complete();
    assert_tagged_with_former_account(&aws);
}

/// As above, for a secret that was scheduled for deletion.
#[tokio::test]
async fn a_deleted_account_that_cannot_be_forgotten_stays_in_the_tags_of_its_restored_secret() {
    let (vault, aws) = vault([
        fails("CreateSecret", "InvalidRequestException"),
        fails("GetSecretValue", "InvalidRequestException"),
        succeeds("RestoreSecret", json!({})),
        succeeds("GetSecretValue", value_of_another()),
        succeeds("PutSecretValue", json!({"VersionId": "v3"})),
        fails("DescribeSecret", "InternalServiceError"),
        succeeds("GetSecretValue", value_of_another()),
        succeeds("TagResource", json!({})),
    ])
    .await;
    assert_eq!(vault.create(&document("shop-de")).await, Ok(VersionId::new("v3")));
    aws.assert_complete();
    assert_eq!(aws.requests("GetSecretValue")[2]["VersionStage"], "AWSPREVIOUS");
    assert_tagged_with_former_account(&aws);
}

#[tokio::test]
async fn replacing_a_removed_account_is_a_conflict() {
    // moto accepts the value.
    let (vault, aws) =
        vault([fails("PutSecretValue", "InvalidRequestException"), fails("GetSecretValue", "InvalidRequestException")])
            .await;
    assert_eq!(vault.replace(&VersionId::new("v1"), &document("shop-de")).await, Err(VaultError::Conflict));
    aws.assert_complete();
}

#[tokio::test]
async fn throttling_is_reported_with_its_aws_error_code() {
    let (vault, _aws) = vault([fails("PutSecretValue", "ThrottlingException")]).await;
    let throttled = VaultError::Unavailable { cause: OutageCause::Throttled, code: "ThrottlingException".to_owned() };
    assert_eq!(vault.replace(&VersionId::new("v1"), &document("shop-de")).await, Err(throttled));
}

#[tokio::test]
async fn a_conflict_is_reported_before_the_conflicting_write_is_visible() {
    // Reads are eventually consistent: the version exists, but reads do not return it yet.
    let (vault, aws) = vault([
        fails("PutSecretValue", "ResourceExistsException"),
        succeeds("GetSecretValue", value("shop-de", "v1")),
        fails("GetSecretValue", "ResourceNotFoundException"),
    ])
    .await;
    assert_eq!(vault.replace(&VersionId::new("v1"), &document("shop-de")).await, Err(VaultError::Conflict));
    aws.assert_complete();
}

/// Both filters of `ListSecrets` match prefixes. A removed secret cannot be read, so nothing but its tag tells whose it is.
#[tokio::test]
async fn a_search_ignores_a_removed_account_whose_id_only_begins_with_the_id() {
    let tagged = |name: &str, key: &str, id: &str| {
        let tags = json!([{"Key": key, "Value": id}]);
        json!({"Name": format!("evertoken/accounts/{name}"), "Tags": tags, "DeletedDate": 1_795_323_600})
    };
    let list = json!({"SecretList": [
        tagged("longer", "evertoken:account-id", &format!("{ACCOUNT_ID}9")),
        tagged("foreign", "another-tag", ACCOUNT_ID),
        tagged("ours", "evertoken:app-scoped-id", ACCOUNT_ID),
    ]});
    let script = [succeeds("ListSecrets", list), fails("GetSecretValue", "InvalidRequestException")];
    let (vault, _aws) = vault(script).await;
    assert_eq!(vault.find(&ACCOUNT_ID.parse().unwrap()).await.unwrap().removed, [name("ours")]);
}

/// Either the previous document or a parked one may be the account's.
#[tokio::test]
async fn a_search_finds_an_account_whose_name_another_one_has() {
    let list = || {
        let tags = json!([{"Key": "evertoken:former-account-id", "Value": ACCOUNT_ID}]);
        succeeds("ListSecrets", json!({"SecretList": [{"Name": "evertoken/accounts/shop-de", "Tags": tags}]}))
    };
    let ours = || succeeds("GetSecretValue", value("shop-de", "v1"));
    let another = || succeeds("GetSecretValue", value_of_another());
    let none = || fails("GetSecretValue", "ResourceNotFoundException");
    for (versions, is_former) in
        [([another(), ours(), none()], true), ([another(), none(), ours()], true), ([another(), none(), none()], false)]
    {
        let (vault, _aws) = vault([list()].into_iter().chain(versions)).await;
        let found = vault.find(&ACCOUNT_ID.parse().unwrap()).await.unwrap();
        assert_eq!(found.accounts, []);
        assert_eq!(found.former, if is_former { vec![name("shop-de")] } else { vec![] });
    }
}

/// Their value is in a pack.
#[tokio::test]
async fn copies_of_moved_accounts_are_listed_and_can_be_left_out() {
    let list = || {
        succeeds(
            "ListSecrets",
            json!({"SecretList": [
                {"Name": "evertoken/accounts/alone", "LastAccessedDate": 1_795_305_600, "LastChangedDate": 1_795_323_600},
                {"Name": "evertoken/accounts/copy", "Tags": [{"Key": "evertoken:moved-to", "Value": "0001"}]},
                {"Name": "evertoken/accounts/back", "Tags": [{"Key": "evertoken:moved-to", "Value": ""}]},
                {"Name": "evertoken/other"},
            ]}),
        )
    };
    let read = || succeeds("BatchGetSecretValue", json!({}));
    for (without_copies, expected) in [(false, vec!["alone", "copy", "back"]), (true, vec!["alone", "back"])] {
        let (vault, aws) = vault([list(), read()]).await;
        let vault = if without_copies { vault.without_copies() } else { vault };
        vault.list().try_collect::<Vec<Page>>().await.unwrap();
        let expected: Vec<_> = expected.iter().map(|name| format!("evertoken/accounts/{name}")).collect();
        assert_eq!(aws.requests("BatchGetSecretValue")[0]["SecretIdList"], json!(expected));
    }
    let (vault, _aws) = vault([list()]).await;
    let listed = vault.listed_secrets().await.unwrap();
    let moved_to: Vec<_> = listed.iter().map(|listed| (listed.name.as_str(), listed.moved_to.as_deref())).collect();
    assert_eq!(moved_to, [("alone", None), ("copy", Some("0001")), ("back", None)]);
    assert_eq!(listed[0].last_accessed, Some(date!(2026 - 11 - 22)));
    assert_eq!(listed[0].last_changed, Some(datetime!(2026-11-22 05:00 UTC)));
}

/// A read would count as one of an application.
#[tokio::test]
async fn a_search_among_packs_reads_no_copy() {
    let tags = json!([
        {"Key": "evertoken:account-id", "Value": ACCOUNT_ID},
        {"Key": "evertoken:moved-to", "Value": "main-00001"},
    ]);
    let copy = json!({"Name": "evertoken/accounts/shop-de", "Tags": tags});
    let (vault, aws) = vault([succeeds("ListSecrets", json!({"SecretList": [copy]}))]).await;
    let found = vault.without_copies().find(&ACCOUNT_ID.parse().unwrap()).await.unwrap();
    assert_eq!((found.accounts, found.removed, found.former), (vec![], vec![], vec![name("shop-de")]));
    aws.assert_complete();
}

#[tokio::test]
async fn the_secrets_of_every_page_are_listed() {
    let (vault, aws) = vault([
        succeeds("ListSecrets", listed(&["evertoken/accounts/shop-de"], Some("1"))),
        succeeds("ListSecrets", listed(&["evertoken/accounts/shop-fr"], None)),
    ])
    .await;
    let listed = vault.listed_secrets().await.unwrap();
    let names: Vec<_> = listed.iter().map(|listed| listed.name.as_str()).collect();
    assert_eq!(names, ["shop-de", "shop-fr"]);
    assert_eq!(next_tokens(&aws, "ListSecrets"), [Value::Null, json!("1")]);
}

/// The longest that a link to use once is valid. Its name is free afterwards.
#[tokio::test]
async fn a_used_invite_stays_used_for_thirty_days_also_after_it_was_released() {
    let (vault, aws) = vault([
        succeeds("CreateSecret", json!({})),
        succeeds("DeleteSecret", json!({})),
        fails("CreateSecret", "ResourceExistsException"),
        succeeds("GetSecretValue", json!({"SecretString": "released"})),
        succeeds("DeleteSecret", json!({})),
    ])
    .await;
    let invite = InviteId::generate(&SystemEntropy).unwrap();
    for _ in 0..2 {
        vault.claim(&invite).await.unwrap();
    }
    let secret = format!("evertoken/invites/{}", invite.as_str());
    let expected = json!({"SecretId": secret, "RecoveryWindowInDays": 30});
    assert_eq!(aws.requests("DeleteSecret"), [expected.clone(), expected]);
    aws.assert_complete();
}

/// Creates the pending version of a rotation of `current`, whose token has this age. Returns the value that is stored.
async fn pending_value(current: &Document, age: Duration) -> String {
    let stages = json!({"v1": ["AWSCURRENT"], "v2": ["AWSPENDING"]});
    let secret = json!({"Name": "evertoken/accounts/shop-de", "RotationEnabled": true, "VersionIdsToStages": stages});
    let (vault, aws) = vault([
        succeeds("DescribeSecret", secret),
        fails("GetSecretValue", "ResourceNotFoundException"),
        succeeds("GetSecretValue", json!({"VersionId": "v1", "SecretString": current.encode().expose_secret()})),
        succeeds("PutSecretValue", json!({"VersionId": "v2"})),
    ])
    .await;
    let event = json!({"SecretId": "evertoken/accounts/shop-de", "ClientRequestToken": "v2", "Step": "createSecret"});
    let event: RotationEvent = serde_json::from_value(event).unwrap();
    vault.rotate(&ScriptedProvider::default(), &FixedClock(ISSUED_AT + age), &event).await.unwrap();
    aws.assert_complete();
    aws.requests("PutSecretValue")[0]["SecretString"].as_str().unwrap().to_owned()
}

/// Meta refuses to refresh it, so the rotation completes with the same token.
#[tokio::test]
async fn the_rotation_of_a_token_that_is_less_than_a_day_old_keeps_it() {
    let current = document("shop-de");
    let pending = pending_value(&current, Duration::DAY - Duration::SECOND).await;
    assert_eq!(pending, current.encode().expose_secret());
}

#[tokio::test]
async fn the_rotation_of_a_token_that_never_expires_keeps_it() {
    let current = Document { expires_at: None, ..document("shop-de") };
    assert_eq!(pending_value(&current, Duration::days(2)).await, current.encode().expose_secret());
}

/// A new token of the copy could invalidate the one in the pack.
#[tokio::test]
async fn a_copy_of_an_account_in_a_pack_is_not_rotated() {
    let moved_to = MovedTo { pack: "main-00001".to_owned(), by: "a-move".to_owned() };
    let copy = document("shop-de").with_moved_to(&moved_to);
    let stages = json!({"v1": ["AWSCURRENT"], "v2": ["AWSPENDING"]});
    let secret = json!({"Name": "evertoken/accounts/shop-de", "RotationEnabled": true, "VersionIdsToStages": stages});
    let (vault, aws) = vault([
        succeeds("DescribeSecret", secret),
        fails("GetSecretValue", "ResourceNotFoundException"),
        succeeds("GetSecretValue", json!({"VersionId": "v1", "SecretString": copy.encode().expose_secret()})),
    ])
    .await;
    let event = json!({"SecretId": "evertoken/accounts/shop-de", "ClientRequestToken": "v2", "Step": "createSecret"});
    let event: RotationEvent = serde_json::from_value(event).unwrap();
    let provider = ScriptedProvider::default();
    let rotated = vault.rotate(&provider, &FixedClock(ISSUED_AT + Duration::days(2)), &event).await;
    assert!(matches!(rotated, Err(RotationError::Copy { .. })), "{rotated:?}");
    aws.assert_complete();
}

/// Runs do not renew the token of an account that needs a login, but a rotation does.
#[tokio::test]
async fn the_rotation_of_an_account_that_needs_a_login_makes_it_healthy() {
    let message = Some("the owner has removed the app".to_owned());
    let health = Health { state: HealthState::LoginRequired, message, ..Health::healthy() };
    let current = Document { health, ..document("shop-de") };
    let pending: Value = serde_json::from_str(&pending_value(&current, Duration::days(2)).await).unwrap();
    assert_eq!(pending["access_token"], "IGAA-refreshed-1");
    assert_eq!(pending["health"], json!({"state": "healthy"}));
}

/// The permission to delete for good is granted for this parameter only.
#[tokio::test]
async fn a_removal_keeps_the_secret_for_seven_days_and_a_deletion_for_none() {
    let (vault, aws) = vault([succeeds("DeleteSecret", json!({})), succeeds("DeleteSecret", json!({}))]).await;
    vault.remove(&name("shop-de"), Removal::Recoverable).await.unwrap();
    vault.remove(&name("shop-de"), Removal::ForGood).await.unwrap();
    let secret = "evertoken/accounts/shop-de";
    let expected = [
        json!({"SecretId": secret, "RecoveryWindowInDays": 7}),
        json!({"SecretId": secret, "ForceDeleteWithoutRecovery": true}),
    ];
    assert_eq!(aws.requests("DeleteSecret"), expected);
}
