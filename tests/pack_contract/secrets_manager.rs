//! What is specific to packs in Secrets Manager: stored secrets, other secrets and errors.

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::primitives::Blob;
use evertoken_aws::settings::VaultSettings;
use evertoken_core::document::VersionId;
use evertoken_core::group::Group;
use evertoken_core::vault::{DenialCause, OutageCause, VaultError};
use evertoken_packed_aws::SecretsManagerPacks;
use evertoken_packed_vault::{
    CreateError, Generation, PackDeletion, PackId, PackSecret, PackSecrets, PackValue, PutError, RequestToken,
};
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::moto::Moto;
use evertoken_tests::reserved_port::ReservedPort;
use evertoken_tests::scripted_aws::{ScriptedAws, fails};

use crate::emulated_aws::{at, settings, settings_with, without_retries};

fn secret(number: u32) -> PackSecret {
    PackId::new(Group::main(), number).at(Generation::FIRST)
}

fn value(text: &str) -> PackValue {
    PackValue::new(text.as_bytes().to_vec())
}

fn packs(config: &SdkConfig, settings: &VaultSettings) -> SecretsManagerPacks {
    SecretsManagerPacks::new(Client::new(config), settings)
}

fn unavailable(cause: OutageCause, code: &str) -> VaultError {
    VaultError::Unavailable { cause, code: code.to_owned() }
}

#[tokio::test]
async fn a_secret_has_the_stacks_tags_and_a_generic_description() {
    let (client, settings) = (Moto::shared().client(), settings());
    packs(&Moto::shared().config(), &settings).create(&secret(42), &value("IGAA-one")).await.unwrap();
    let id = format!("{}/packs/main-00042/1", settings.prefix());
    let stored = client.describe_secret().secret_id(&id).send().await.unwrap();
    assert_eq!(stored.description(), Some("Access tokens of Instagram accounts, kept alive by Evertoken"));
    let mut tags: Vec<_> = stored.tags().iter().map(|tag| (tag.key().unwrap(), tag.value().unwrap())).collect();
    tags.sort_unstable();
    assert_eq!(tags, [("evertoken:stack", "test-stack"), ("team", "web")]);
    let stored = client.get_secret_value().secret_id(&id).send().await.unwrap();
    assert_eq!((stored.secret_binary, stored.secret_string), (Some(Blob::new("IGAA-one")), None));
}

#[tokio::test]
async fn a_secret_has_the_configured_kms_key() {
    let key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    for (settings, expected) in [(settings_with(&[("EVERTOKEN_KMS_KEY", key)]), Some(key)), (settings(), None)] {
        packs(&Moto::shared().config(), &settings).create(&secret(1), &value("IGAA-one")).await.unwrap();
        let id = format!("{}/packs/main-00001/1", settings.prefix());
        let stored = Moto::shared().client().describe_secret().secret_id(id).send().await.unwrap();
        assert_eq!(stored.kms_key_id(), expected);
    }
}

#[tokio::test]
async fn other_secrets_are_not_listed() {
    let (client, settings) = (Moto::shared().client(), settings());
    let packs = packs(&Moto::shared().config(), &settings);
    packs.create(&secret(1), &value("IGAA-one")).await.unwrap();
    for other in ["packs/main-00001", "packs/main-00001/1/x", "packs/readme", "accounts/shop-de", "app"] {
        let name = format!("{}/{other}", settings.prefix());
        client.create_secret().name(name).secret_string("{}").send().await.unwrap();
    }
    let page = packs.list(None, None).await.unwrap();
    assert_eq!((page.secrets, page.next), (vec![secret(1)], None));
}

#[tokio::test]
async fn a_list_has_pages_of_a_hundred() {
    let packs = packs(&Moto::shared().config(), &settings());
    for number in 1..=101 {
        packs.create(&secret(number), &value("IGAA-one")).await.unwrap();
    }
    let first = packs.list(None, None).await.unwrap();
    let second = packs.list(None, first.next.clone()).await.unwrap();
    assert_eq!((first.secrets.len(), second.secrets.len(), second.next), (100, 1, None));
    let mut all = [first.secrets, second.secrets].concat();
    all.sort();
    assert_eq!(all, (1..=101).map(secret).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_secret_without_a_value_is_absent_and_one_with_text_is_not() {
    let (client, settings) = (Moto::shared().client(), settings());
    let packs = packs(&Moto::shared().config(), &settings);
    let name = |number: u32| format!("{}/{}", settings.prefix(), secret(number));
    client.create_secret().name(name(1)).send().await.unwrap();
    assert!(packs.current(&secret(1)).await.unwrap().is_none());
    // It must not count as absent, or a new pack would take its place.
    client.create_secret().name(name(2)).secret_string("a note").send().await.unwrap();
    assert_eq!(packs.current(&secret(2)).await.unwrap().unwrap().value.expose(), b"a note");
}

#[tokio::test]
async fn a_lost_response_is_not_a_conflict() {
    let proxy = AwsProxy::start().await;
    let packs = packs(&at(proxy.endpoint(), &Moto::shared().config()), &settings());
    proxy.lose_next_response("CreateSecret");
    let version = packs.create(&secret(1), &value("IGAA-one")).await.unwrap();
    let token = RequestToken::after(&version);
    proxy.lose_next_response("PutSecretValue");
    packs.put(&secret(1), &token, &value("IGAA-two")).await.unwrap();
    proxy.lose_next_response("DeleteSecret");
    packs.delete(&secret(1), PackDeletion::ForGood).await.unwrap();
    assert_eq!(["CreateSecret", "PutSecretValue", "DeleteSecret"].map(|call| proxy.count(call)), [2; 3]);
}

#[tokio::test]
async fn an_unreachable_vault_is_an_error() {
    let nobody = ReservedPort::new();
    let config = at(&format!("http://{}", nobody.address()), &without_retries(&Moto::shared().config()));
    let packs = packs(&config, &settings());
    let unreachable = unavailable(OutageCause::Network, "connection");
    let version = VersionId::new("v");
    let token = RequestToken::after(&version);
    assert_eq!(packs.current(&secret(1)).await.unwrap_err(), unreachable);
    assert_eq!(packs.version(&secret(1), &version).await.unwrap_err(), unreachable);
    assert_eq!(packs.put(&secret(1), &token, &value("x")).await, Err(PutError::Vault(unreachable.clone())));
    assert_eq!(packs.create(&secret(1), &value("x")).await, Err(CreateError::Vault(unreachable.clone())));
    assert_eq!(packs.delete(&secret(1), PackDeletion::ForGood).await, Err(unreachable.clone()));
    assert_eq!(packs.list(None, None).await, Err(unreachable));
}

#[tokio::test]
async fn errors_of_aws_are_those_of_the_port() {
    let aws = ScriptedAws::start([
        fails("GetSecretValue", "InvalidRequestException"),
        fails("GetSecretValue", "AccessDeniedException"),
        fails("PutSecretValue", "InvalidRequestException"),
        fails("PutSecretValue", "LimitExceededException"),
        fails("PutSecretValue", "InvalidParameterException"),
        fails("CreateSecret", "InvalidRequestException"),
        fails("CreateSecret", "ThrottlingException"),
        fails("DeleteSecret", "InvalidRequestException"),
        fails("DeleteSecret", "EncryptionFailure"),
    ])
    .await;
    let config = at(aws.endpoint(), &without_retries(&Moto::shared().config()));
    let packs = packs(&config, &settings());
    let denied = |code: &str| VaultError::Denied { cause: DenialCause::PermissionMissing, code: code.to_owned() };
    let token = RequestToken::after(&VersionId::new("v"));
    let put = async || packs.put(&secret(1), &token, &value("IGAA-one")).await;
    assert!(packs.current(&secret(1)).await.unwrap().is_none());
    assert_eq!(packs.current(&secret(1)).await.unwrap_err(), denied("AccessDeniedException"));
    assert_eq!(put().await, Err(PutError::Absent));
    let too_many = unavailable(OutageCause::Throttled, "LimitExceededException");
    assert_eq!(put().await, Err(PutError::Vault(too_many)));
    let too_large = unavailable(OutageCause::Other, "InvalidParameterException");
    assert_eq!(put().await, Err(PutError::Vault(too_large)));
    assert_eq!(packs.create(&secret(1), &value("IGAA-one")).await, Err(CreateError::Exists));
    let throttled = unavailable(OutageCause::Throttled, "ThrottlingException");
    assert_eq!(packs.create(&secret(1), &value("IGAA-one")).await, Err(CreateError::Vault(throttled)));
    assert_eq!(packs.delete(&secret(1), PackDeletion::Recoverable).await, Ok(()));
    assert_eq!(packs.delete(&secret(1), PackDeletion::ForGood).await, Err(denied("EncryptionFailure")));
    let requests = aws.requests("DeleteSecret");
    assert_eq!(
        (&requests[0]["RecoveryWindowInDays"], &requests[1]["ForceDeleteWithoutRecovery"]),
        (&7.into(), &true.into())
    );
    aws.assert_complete();
}
