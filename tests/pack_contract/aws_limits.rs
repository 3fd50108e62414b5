//! The adapters on moto behind a proxy with AWS's limits. There, every behavior of the contract holds, and reads may be stale.

use std::collections::BTreeSet;

use aws_config::retry::RetryConfig;
use evertoken_core::group::Group;
use evertoken_core::vault::{OutageCause, VaultError};
use evertoken_packed_aws::{DynamoDbIndex, SecretsManagerPacks};
use evertoken_packed_vault::{
    CreateError, Generation, PackId, PackIndex, PackSecret, PackSecrets, PackValue, PutError, RequestToken,
};
use evertoken_tests::aws_limits::AwsLimits;
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::moto::Moto;
use evertoken_tests::{index_table, wait};

use crate::emulated_aws::{self, Index, Secrets, at, without_retries};

/// Packs without stale reads, which the contract does not allow for.
async fn secrets() -> Secrets {
    Secrets(packs(AwsLimits { limits_versions: true, ..AwsLimits::default() }).await.0)
}

async fn index() -> Index {
    let proxy = AwsProxy::start().await;
    Index(emulated_aws::index(&at(proxy.endpoint(), &Moto::shared().config())).await)
}

evertoken_tests::pack_secrets_contract!(secrets().await);
evertoken_tests::pack_index_contract!(index().await);

async fn packs(limits: AwsLimits) -> (SecretsManagerPacks, AwsProxy) {
    let proxy = AwsProxy::start().await;
    proxy.set_limits(limits);
    (emulated_aws::packs(&at(proxy.endpoint(), &without_retries(&Moto::shared().config()))), proxy)
}

fn secret() -> PackSecret {
    pack().at(Generation::FIRST)
}

fn pack() -> PackId {
    PackId::new(Group::main(), 1)
}

fn value(text: impl Into<Vec<u8>>) -> PackValue {
    PackValue::new(text.into())
}

#[tokio::test]
async fn a_secret_accepts_a_hundred_versions_a_day() {
    let (packs, _proxy) = packs(AwsLimits { limits_versions: true, ..AwsLimits::default() }).await;
    let mut version = packs.create(&secret(), &value("IGAA-0")).await.unwrap();
    for number in 1..100 {
        let token = RequestToken::after(&version);
        packs.put(&secret(), &token, &value(format!("IGAA-{number}"))).await.unwrap();
        version = token.version();
    }
    let one_too_many = RequestToken::after(&version);
    let throttled =
        VaultError::Unavailable { cause: OutageCause::Throttled, code: "LimitExceededException".to_owned() };
    let put = packs.put(&secret(), &one_too_many, &value("IGAA-100")).await;
    assert_eq!(put, Err(PutError::Vault(throttled)));
    let current = packs.current(&secret()).await.unwrap().unwrap();
    assert_eq!((current.version, current.value.expose()), (version, b"IGAA-99".as_slice()));
    // Another secret has a hundred of its own.
    packs.create(&pack().at(Generation::new(2)), &value("IGAA-0")).await.unwrap();
}

#[tokio::test]
async fn a_repeated_put_is_no_further_version() {
    let (packs, _proxy) = packs(AwsLimits { limits_versions: true, ..AwsLimits::default() }).await;
    let mut version = packs.create(&secret(), &value("IGAA-0")).await.unwrap();
    for _ in 1..100 {
        let token = RequestToken::after(&version);
        for _ in 0..2 {
            packs.put(&secret(), &token, &value("IGAA-next")).await.unwrap();
        }
        version = token.version();
    }
}

#[tokio::test]
async fn a_value_of_more_than_64_kib_is_rejected() {
    let (packs, _proxy) = packs(AwsLimits::default()).await;
    let too_large = || VaultError::Unavailable { cause: OutageCause::Other, code: "ValidationException".to_owned() };
    let created = packs.create(&secret(), &value(vec![0; 65_537])).await;
    assert_eq!(created, Err(CreateError::Vault(too_large())));
    let version = packs.create(&secret(), &value(vec![0; 65_536])).await.unwrap();
    let token = RequestToken::after(&version);
    let put = packs.put(&secret(), &token, &value(vec![1; 65_537])).await;
    assert_eq!(put, Err(PutError::Vault(too_large())));
    packs.put(&secret(), &token, &value(vec![1; 65_536])).await.unwrap();
}

/// A writer that has read an old version loses. The token that it used names the version to read next, and reads by id are
/// not stale.
#[tokio::test]
async fn reads_of_the_current_version_are_stale_for_two_seconds() {
    for seed in 1..=3 {
        let (packs, _proxy) = packs(AwsLimits { stale_reads: Some(seed), ..AwsLimits::default() }).await;
        let first = packs.create(&secret(), &value("IGAA-0")).await.unwrap();
        let token = RequestToken::after(&first);
        packs.put(&secret(), &token, &value("IGAA-1")).await.unwrap();
        let mut is_stale = BTreeSet::new();
        for _ in 0..64 {
            let current = packs.current(&secret()).await.unwrap().unwrap();
            assert!(current.is_current);
            let expected: &[u8] = if current.version == first { b"IGAA-0" } else { b"IGAA-1" };
            assert_eq!(current.value.expose(), expected);
            is_stale.insert(current.version == first);
        }
        assert_eq!(is_stale, [false, true].into());
        let stale_writer = packs.put(&secret(), &RequestToken::after(&first), &value("IGAA-stale")).await;
        assert_eq!(stale_writer, Err(PutError::TokenTaken));
        let winner = packs.version(&secret(), &token.version()).await.unwrap().unwrap();
        assert_eq!((winner.value.expose(), winner.is_current), (b"IGAA-1".as_slice(), true));
        let older = packs.version(&secret(), &first).await.unwrap().unwrap();
        assert!(!older.is_current);
        // In the end, reads are fresh: ten in a row are not by chance.
        wait::until_async("reads to be fresh", async || {
            for _ in 0..10 {
                let current = packs.current(&secret()).await.unwrap().unwrap();
                if current.version != token.version() {
                    return None;
                }
            }
            Some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_throttled_index_fails_as_throttled_and_works_again() {
    let proxy = AwsProxy::start().await;
    let config = at(proxy.endpoint(), &without_retries(&Moto::shared().config()));
    let table = index_table::create(&config).await;
    let index = DynamoDbIndex::with_client(aws_sdk_dynamodb::Client::new(&config), table);
    proxy.set_limits(AwsLimits { throttle_every: 2, ..AwsLimits::default() });
    let throttled =
        || VaultError::Unavailable { cause: OutageCause::Throttled, code: "ThrottlingException".to_owned() };
    index.add_pack(&pack()).await.unwrap();
    let second = PackId::new(Group::main(), 2);
    assert_eq!(index.add_pack(&second).await, Err(throttled()));
    index.add_pack(&second).await.unwrap();
    index.close(&pack()).await.unwrap();
    assert_eq!(index.close(&second).await, Err(throttled()));
    assert!(index.pack(&pack()).await.unwrap().is_some());
    assert_eq!(index.pack(&pack()).await, Err(throttled()));
    assert_eq!(index.packs(&[pack()]).await.unwrap().len(), 1);
    assert_eq!(index.packs(&[pack()]).await, Err(throttled()));
    assert_eq!(index.packs(&[pack()]).await.unwrap().len(), 1);
}

/// The SDK retries a throttled call by itself.
#[tokio::test]
async fn a_throttled_call_is_tried_again() {
    let proxy = AwsProxy::start().await;
    let fast = RetryConfig::standard().with_initial_backoff(std::time::Duration::from_millis(1));
    let config = at(proxy.endpoint(), &Moto::shared().config()).to_builder().retry_config(fast).build();
    let index = DynamoDbIndex::with_client(aws_sdk_dynamodb::Client::new(&config), index_table::create(&config).await);
    proxy.set_limits(AwsLimits { throttle_every: 2, ..AwsLimits::default() });
    for number in 1..=3 {
        index.add_pack(&PackId::new(Group::main(), number)).await.unwrap();
    }
    assert_eq!(proxy.count("TransactWriteItems"), 5);
}
