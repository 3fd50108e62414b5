//! What each operation of the vault in Secrets Manager makes of AWS's errors: an answer, a conflict, or an outage.

use evertoken_aws::SecretsManagerVault;
use evertoken_core::document::VersionId;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::invite::InviteId;
use evertoken_core::login_state::LoginState;
use evertoken_core::vault::{
    AccountStore, InviteClaims, LoginRecords, OutageCause, ParkedDocuments, Removal, VaultError,
};
use evertoken_tests::sample::{document, name};
use evertoken_tests::scripted_aws::{ScriptedCall, fails, succeeds};
use serde_json::json;
use time::OffsetDateTime;

use crate::aws_responses::{value, vault};

const MISSING: &str = "ResourceNotFoundException";
const SCHEDULED_FOR_DELETION: &str = "InvalidRequestException";
const EXISTS: &str = "ResourceExistsException";
const OUTAGE: &str = "InternalServiceError";

fn outage() -> VaultError {
    VaultError::Unavailable { cause: OutageCause::Other, code: OUTAGE.to_owned() }
}

fn conflict<T>() -> Result<T, VaultError> {
    Err(VaultError::Conflict)
}

/// Runs the operation against each script. It must make all calls of the script and return the expected result.
async fn assert_results<T: std::fmt::Debug + PartialEq>(
    operation: impl AsyncFn(SecretsManagerVault) -> Result<T, VaultError>,
    cases: Vec<(Vec<ScriptedCall>, Result<T, VaultError>)>,
) {
    for (script, expected) in cases {
        let case = format!("{script:?}");
        let (vault, aws) = vault(script).await;
        assert_eq!(operation(vault).await, expected, "{case}");
        aws.assert_complete();
    }
}

fn ok(operation: &'static str) -> ScriptedCall {
    succeeds(operation, json!({}))
}

fn text(text: &str) -> ScriptedCall {
    succeeds("GetSecretValue", json!({ "SecretString": text }))
}

fn version(version: &str) -> ScriptedCall {
    succeeds("GetSecretValue", value("shop-de", version))
}

#[tokio::test]
async fn a_claim_is_won_or_lost_or_fails() {
    let invite = InviteId::generate(&SystemEntropy).unwrap();
    let taken = || fails("CreateSecret", EXISTS);
    let cases = vec![
        (vec![ok("CreateSecret"), ok("DeleteSecret")], Ok(())),
        (vec![ok("CreateSecret"), fails("DeleteSecret", OUTAGE)], Ok(())),
        (vec![fails("CreateSecret", SCHEDULED_FOR_DELETION)], conflict()),
        (vec![fails("CreateSecret", OUTAGE)], Err(outage())),
        (vec![taken(), text("used")], conflict()),
        (vec![taken(), fails("GetSecretValue", SCHEDULED_FOR_DELETION)], conflict()),
        (vec![taken(), fails("GetSecretValue", OUTAGE)], Err(outage())),
        (vec![taken(), text("released"), ok("DeleteSecret")], Ok(())),
        (vec![taken(), text("released"), fails("DeleteSecret", SCHEDULED_FOR_DELETION)], conflict()),
        (vec![taken(), text("released"), fails("DeleteSecret", OUTAGE)], Err(outage())),
    ];
    assert_results(async |vault| vault.claim(&invite).await, cases).await;
    let cases = vec![
        (vec![text("used")], Ok(true)),
        (vec![text("released")], Ok(false)),
        (vec![fails("GetSecretValue", MISSING)], Ok(false)),
        (vec![fails("GetSecretValue", SCHEDULED_FOR_DELETION)], Ok(true)),
        (vec![fails("GetSecretValue", OUTAGE)], Err(outage())),
    ];
    assert_results(async |vault| vault.is_claimed(&invite).await, cases).await;
    let cases = vec![
        (vec![ok("RestoreSecret"), ok("PutSecretValue")], Ok(())),
        (vec![ok("RestoreSecret"), fails("PutSecretValue", OUTAGE)], Err(outage())),
        (vec![fails("RestoreSecret", MISSING)], Ok(())),
        (vec![fails("RestoreSecret", OUTAGE)], Err(outage())),
    ];
    assert_results(async |vault| vault.release(&invite).await, cases).await;
}

#[tokio::test]
async fn a_login_that_was_recorded_before_is_the_same_login() {
    let login = LoginState::start(None, OffsetDateTime::UNIX_EPOCH, &SystemEntropy).unwrap().login_id();
    let cases = vec![
        (vec![ok("CreateSecret"), ok("DeleteSecret")], Ok(())),
        (vec![fails("CreateSecret", EXISTS), ok("DeleteSecret")], Ok(())),
        (vec![fails("CreateSecret", SCHEDULED_FOR_DELETION), ok("DeleteSecret")], Ok(())),
        (vec![fails("CreateSecret", OUTAGE)], Err(outage())),
    ];
    assert_results(async |vault| vault.remember(&login, &name("shop-de")).await, cases).await;
    let record = json!({ "Description": "An Evertoken login has stored the account shop-de" });
    let cases = vec![
        (vec![succeeds("DescribeSecret", record)], Ok(Some(name("shop-de")))),
        (vec![fails("DescribeSecret", MISSING)], Ok(None)),
        (vec![fails("DescribeSecret", OUTAGE)], Err(outage())),
    ];
    assert_results(async |vault| vault.recall(&login).await, cases).await;
}

#[tokio::test]
async fn a_missing_account_is_no_error() {
    let cases = vec![
        (vec![fails("GetSecretValue", MISSING)], Ok(None)),
        (vec![fails("GetSecretValue", SCHEDULED_FOR_DELETION)], Ok(None)),
        (vec![fails("GetSecretValue", OUTAGE)], Err(outage())),
    ];
    assert_results(async |vault| vault.get(&name("shop-de")).await, cases).await;
    let cases = vec![
        (vec![ok("DeleteSecret")], Ok(())),
        (vec![fails("DeleteSecret", MISSING)], Ok(())),
        (vec![fails("DeleteSecret", SCHEDULED_FOR_DELETION)], Ok(())),
        (vec![fails("DeleteSecret", OUTAGE)], Err(outage())),
    ];
    assert_results(async |vault| vault.remove(&name("shop-de"), Removal::Recoverable).await, cases).await;
    let cases =
        vec![(vec![fails("DescribeSecret", MISSING)], Ok(())), (vec![fails("DescribeSecret", OUTAGE)], Err(outage()))];
    assert_results(async |vault| vault.forget_earlier(&name("shop-de")).await, cases).await;
}

#[tokio::test]
async fn the_first_document_goes_into_a_new_an_empty_or_a_restored_secret() {
    let created = || succeeds("CreateSecret", json!({ "VersionId": "v1" }));
    let put = || succeeds("PutSecretValue", json!({ "VersionId": "v1" }));
    let labeled = || [ok("DescribeSecret"), ok("TagResource")];
    let exists = || fails("CreateSecret", EXISTS);
    let scheduled = || [fails("CreateSecret", SCHEDULED_FOR_DELETION), fails("GetSecretValue", SCHEDULED_FOR_DELETION)];
    let restored = || scheduled().into_iter().chain([ok("RestoreSecret")]);
    let v1 = || Ok(VersionId::new("v1"));
    let cases = vec![
        (vec![created()], v1()),
        (vec![fails("CreateSecret", OUTAGE)], Err(outage())),
        ([exists(), fails("GetSecretValue", MISSING), put()].into_iter().chain(labeled()).collect(), v1()),
        (vec![exists(), version("v0")], conflict()),
        (vec![exists(), fails("GetSecretValue", OUTAGE)], Err(outage())),
        (vec![fails("CreateSecret", SCHEDULED_FOR_DELETION), version("v0")], conflict()),
        (restored().chain([version("v0"), put()]).chain(labeled()).collect(), v1()),
        (restored().chain([fails("GetSecretValue", MISSING), put()]).chain(labeled()).collect(), v1()),
        // A read that is older than the restoration.
        (
            restored()
                .chain([fails("GetSecretValue", SCHEDULED_FOR_DELETION), version("v0"), put()])
                .chain(labeled())
                .collect(),
            v1(),
        ),
        (scheduled().into_iter().chain([fails("RestoreSecret", OUTAGE)]).collect(), Err(outage())),
        // AWS has not freed the name yet.
        (scheduled().into_iter().chain([fails("RestoreSecret", MISSING), created()]).collect(), v1()),
        // A secret whose document cannot be stored is deleted again.
        (
            restored().chain([version("v0"), fails("PutSecretValue", OUTAGE), ok("DeleteSecret")]).collect(),
            Err(outage()),
        ),
    ];
    assert_results(async |vault| vault.create(&document("shop-de")).await, cases).await;
    // Another login has stored its document, which stays.
    let (vault, aws) = vault(restored().chain([version("v0"), fails("PutSecretValue", EXISTS)])).await;
    assert_eq!(vault.create(&document("shop-de")).await, Err(VaultError::Conflict));
    aws.assert_complete();
    assert!(aws.requests("DeleteSecret").is_empty());
}

#[tokio::test]
async fn a_conflict_is_neither_a_rollback_nor_an_outage() {
    let put = || succeeds("PutSecretValue", json!({ "VersionId": "v2" }));
    let taken = || fails("PutSecretValue", EXISTS);
    let rolled_back = || succeeds("GetSecretValue", json!({ "VersionId": "token", "VersionStages": ["AWSPREVIOUS"] }));
    let v2 = || Ok(VersionId::new("v2"));
    let cases = vec![
        (vec![put()], v2()),
        (vec![fails("PutSecretValue", OUTAGE)], Err(outage())),
        (vec![taken(), version("v1"), rolled_back(), put()], v2()),
        (vec![taken(), version("v1"), rolled_back(), fails("PutSecretValue", OUTAGE)], Err(outage())),
        (vec![taken(), version("v1"), version("token")], conflict()),
        (vec![taken(), version("v1"), fails("GetSecretValue", MISSING)], conflict()),
        (vec![taken(), version("v1"), fails("GetSecretValue", OUTAGE)], Err(outage())),
        (vec![taken(), version("v2")], conflict()),
        (vec![taken(), fails("GetSecretValue", MISSING)], conflict()),
        (vec![taken(), fails("GetSecretValue", SCHEDULED_FOR_DELETION)], conflict()),
        (vec![taken(), fails("GetSecretValue", OUTAGE)], Err(outage())),
        (vec![fails("PutSecretValue", MISSING), fails("GetSecretValue", MISSING)], conflict()),
    ];
    assert_results(async |vault| vault.replace(&VersionId::new("v1"), &document("shop-de")).await, cases).await;
    let cases = vec![
        (vec![version("v1"), put()], Ok(())),
        (vec![version("v1"), fails("PutSecretValue", OUTAGE)], Err(outage())),
        (vec![version("v2")], conflict()),
        (vec![fails("GetSecretValue", MISSING)], conflict()),
        (vec![fails("GetSecretValue", OUTAGE)], Err(outage())),
    ];
    assert_results(async |vault| vault.park(&VersionId::new("v1"), &document("shop-de")).await, cases).await;
}
