//! The adapters, with the settings that all of their tests share.

use std::sync::atomic::{AtomicUsize, Ordering};

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use evertoken_aws::settings::VaultSettings;
use evertoken_core::variables::Variables;
use evertoken_packed_aws::{DynamoDbIndex, SecretsManagerPacks};
use evertoken_tests::index_table;
use evertoken_tests::pack_contract::fixture::{PackIndexFixture, PackSecretsFixture};

/// Packs whose storage needs nothing to be kept alive.
pub(crate) struct Secrets(pub(crate) SecretsManagerPacks);

impl PackSecretsFixture for Secrets {
    type Secrets = SecretsManagerPacks;

    fn secrets(&self) -> SecretsManagerPacks {
        self.0.clone()
    }
}

/// An index whose storage needs nothing to be kept alive.
pub(crate) struct Index(pub(crate) DynamoDbIndex);

impl PackIndexFixture for Index {
    type Index = DynamoDbIndex;

    fn index(&self) -> DynamoDbIndex {
        self.0.clone()
    }
}

/// Returns settings with a prefix that no other test uses.
pub(crate) fn settings() -> VaultSettings {
    settings_with(&[])
}

/// Returns such settings with further variables.
pub(crate) fn settings_with(further: &[(&str, &str)]) -> VaultSettings {
    static PREFIXES: AtomicUsize = AtomicUsize::new(0);
    let prefix = format!("packed-{}", PREFIXES.fetch_add(1, Ordering::SeqCst));
    let variables = [
        ("EVERTOKEN_VAULT_PREFIX", prefix.as_str()),
        ("EVERTOKEN_STACK", "test-stack"),
        ("EVERTOKEN_ACCOUNT_TAGS", "team=web"),
    ];
    let variables = variables.iter().chain(further).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let variables: Variables = variables.collect();
    VaultSettings::read(&variables).unwrap()
}

/// Returns packs of which none exists.
pub(crate) fn packs(config: &SdkConfig) -> SecretsManagerPacks {
    SecretsManagerPacks::new(aws_sdk_secretsmanager::Client::new(config), &settings())
}

/// Returns an index in a new table.
pub(crate) async fn index(config: &SdkConfig) -> DynamoDbIndex {
    let table = index_table::create(config).await;
    DynamoDbIndex::with_client(aws_sdk_dynamodb::Client::new(config), table)
}

/// Returns the same configuration for another endpoint.
pub(crate) fn at(endpoint: &str, config: &SdkConfig) -> SdkConfig {
    config.to_builder().endpoint_url(endpoint).build()
}

/// Returns the same configuration without retries.
pub(crate) fn without_retries(config: &SdkConfig) -> SdkConfig {
    config.to_builder().retry_config(RetryConfig::disabled()).build()
}
