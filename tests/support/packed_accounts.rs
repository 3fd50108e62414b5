//! The vault of a deployment in the packed layout, for the owner of the accounts.

use std::sync::Arc;

use aws_config::SdkConfig;
use evertoken_aws::SecretsManagerVault;
use evertoken_aws::settings::VaultSettings;
use evertoken_core::entropy::SystemEntropy;
use evertoken_packed_aws::{DynamoDbIndex, PacksInAws, SecretsManagerPacks};
use evertoken_packed_vault::{LayeredVault, PackSettings, PackedVault};
use time::OffsetDateTime;

use crate::fixed_clock::FixedClock;

/// Opens the accounts below a prefix of secrets, with the index in this table, at this time.
pub fn open(config: &SdkConfig, prefix: &str, table: &str, now: OffsetDateTime) -> PacksInAws {
    let variables = [("EVERTOKEN_VAULT_PREFIX".to_owned(), prefix.to_owned())].into_iter().collect();
    let settings = VaultSettings::read(&variables).unwrap();
    let client = aws_sdk_secretsmanager::Client::new(config);
    let secrets = SecretsManagerPacks::new(client.clone(), &settings);
    let index = DynamoDbIndex::with_client(aws_sdk_dynamodb::Client::new(config), table);
    let packs = PackSettings { commit_window: std::time::Duration::ZERO, ..PackSettings::default() };
    let packed = PackedVault::new(secrets, index, Arc::new(FixedClock(now)), Arc::new(SystemEntropy), packs);
    LayeredVault::new(packed, SecretsManagerVault::new(client, &settings))
}
