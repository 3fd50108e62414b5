//! The vault of a deployment in the packed layout, for the owner of the accounts.

use std::sync::Arc;

use aws_config::SdkConfig;
use evertoken_aws::SecretsManagerVault;
use evertoken_aws::settings::VaultSettings;
use evertoken_core::document::{Document, MovedTo};
use evertoken_core::entropy::SystemEntropy;
use evertoken_packed_aws::{DynamoDbIndex, PacksInAws, SecretsManagerPacks};
use evertoken_packed_vault::{Departure, LayeredVault, PackIndex, PackSettings, PackedVault, UseId};
use secrecy::ExposeSecret;
use time::OffsetDateTime;

use crate::deployment::Deployment;
use crate::fixed_clock::FixedClock;
use crate::moto::Moto;

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

/// Stores a login as if the pack of its account took no further version: in a secret of the account's own.
pub async fn store_outside(stack: &Deployment, login: &Document) {
    let client = aws_sdk_dynamodb::Client::new(&Moto::shared().config());
    let index = DynamoDbIndex::with_client(client, stack.index_table());
    let mut place = index.place(&login.name).await.unwrap().unwrap();
    let from = place.uses.pop_first().unwrap();
    let departure = Departure { name: login.name.clone(), from, by: UseId::new("0000000000000001") };
    let moved_to = MovedTo { pack: place.pack.to_string(), by: departure.by.as_str().to_owned() };
    let copy = login.with_moved_to(&moved_to).encode();
    stack.put_document(login.name.as_str(), copy.expose_secret()).await;
    index.add_use(&login.name, &place.pack, &departure.by).await.unwrap();
    index.depart(&place.pack, &departure).await.unwrap();
}
