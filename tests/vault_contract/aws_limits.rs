//! The vault in Secrets Manager with the delays and limits of the real service.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use evertoken_aws::SecretsManagerVault;
use evertoken_aws::settings::VaultSettings;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::invite::InviteId;
use evertoken_core::variables::Variables;
use evertoken_core::vault::{AccountIndex, AccountStore, InviteClaims, OutageCause, Removal, VaultError};
use evertoken_tests::aws_limits::AwsLimits;
use evertoken_tests::aws_proxy::AwsProxy;
use evertoken_tests::moto;
use evertoken_tests::sample::{document, with_token};

/// An AWS that frees the names of deleted secrets late.
const ASYNCHRONOUS_DELETION: AwsLimits = AwsLimits {
    creates_until_name_is_free: 1,
    lists_until_secret_appears: 0,
    throttle_every: 0,
    limits_versions: false,
    stale_reads: None,
    limits_rates: false,
    latency: None,
};

async fn vault(limits: AwsLimits) -> (SecretsManagerVault, AwsProxy) {
    static PREFIXES: AtomicUsize = AtomicUsize::new(0);
    let prefix = format!("limits-{}", PREFIXES.fetch_add(1, Ordering::SeqCst));
    let variables = [("EVERTOKEN_VAULT_PREFIX", prefix.as_str()), ("EVERTOKEN_STACK", "test-stack")];
    let variables: Variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
    let proxy = AwsProxy::start().await;
    proxy.set_limits(limits);
    (SecretsManagerVault::new(moto::client(proxy.endpoint()), &VaultSettings::read(&variables).unwrap()), proxy)
}

#[tokio::test]
async fn a_login_right_after_data_deletion_waits_for_the_name() {
    let (vault, proxy) = vault(ASYNCHRONOUS_DELETION).await;
    let first = document("shop-de");
    vault.create(&first).await.unwrap();
    vault.remove(&first.name, Removal::ForGood).await.unwrap();
    let again = with_token("IGAA-again", &first);
    let start = Instant::now();
    vault.create(&again).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(500), "{:?}", start.elapsed());
    assert_eq!(vault.get(&first.name).await.unwrap().unwrap().document, again);
    assert_eq!(proxy.count("CreateSecret"), 3);
}

#[tokio::test]
async fn a_released_invite_can_be_claimed_again_at_once_and_by_one_login_only() {
    let (vault, _proxy) = vault(ASYNCHRONOUS_DELETION).await;
    let invite = InviteId::generate(&SystemEntropy).unwrap();
    for _ in 0..2 {
        vault.claim(&invite).await.unwrap();
        assert_eq!(vault.claim(&invite).await, Err(VaultError::Conflict));
        vault.release(&invite).await.unwrap();
    }
    let (one, two) = tokio::join!(vault.claim(&invite), vault.claim(&invite));
    assert!(one.is_ok() != two.is_ok(), "{one:?}, {two:?}");
}

#[tokio::test]
async fn a_new_account_appears_in_lists_later_and_can_be_read_and_replaced_at_once() {
    let limits = AwsLimits { lists_until_secret_appears: 1, creates_until_name_is_free: 0, ..ASYNCHRONOUS_DELETION };
    let (vault, _proxy) = vault(limits).await;
    let first = document("shop-de");
    let version = vault.create(&first).await.unwrap();
    assert!(vault.find(&first.account_id).await.unwrap().accounts.is_empty());
    vault.replace(&version, &with_token("IGAA-second", &first)).await.unwrap();
    assert_eq!(vault.find(&first.account_id).await.unwrap().accounts.len(), 1);
}

#[tokio::test]
async fn too_many_versions_in_a_day_are_throttling_and_keep_the_last_document() {
    let (vault, _proxy) = vault(AwsLimits { limits_versions: true, ..AwsLimits::default() }).await;
    let mut current = document("shop-de");
    let mut version = vault.create(&current).await.unwrap();
    let error = loop {
        let next = with_token(&format!("IGAA-after-{}", version.as_str()), &current);
        match vault.replace(&version, &next).await {
            Ok(written) => (version, current) = (written, next),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, VaultError::Unavailable { cause: OutageCause::Throttled, .. }), "{error:?}");
    assert_eq!(vault.get(&current.name).await.unwrap().unwrap().document, current);
}

#[tokio::test]
async fn throttled_operations_fail_as_throttled_and_work_again() {
    let (vault, _proxy) = vault(AwsLimits { throttle_every: 2, ..AwsLimits::default() }).await;
    let first = document("shop-de");
    vault.create(&first).await.unwrap();
    vault.get(&first.name).await.unwrap();
    let error = vault.get(&first.name).await.unwrap_err();
    assert!(matches!(error, VaultError::Unavailable { cause: OutageCause::Throttled, .. }), "{error:?}");
    assert!(vault.get(&first.name).await.unwrap().is_some());
}
