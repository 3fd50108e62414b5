//! Sends the requests: reads, batches, changes and transactions.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use evertoken_core::account::AccountId;
use evertoken_core::backoff::{Backoff, Jitter};
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::vault::{OutageCause, VaultError};

use super::DynamoDbIndex;
use super::change::Change;
use super::error::{WriteError, of_change, of_request, of_transaction, unavailable};
use super::item::{Item, Malformed};
use super::key::Key;

/// The waits before a batch is continued. DynamoDB recommends exponential backoff (AWS, `BatchGetItem`).
const BATCH_BACKOFF: Backoff =
    Backoff { first: Duration::from_millis(50), longest: Duration::from_secs(1), jitter: Jitter::Full };

/// How many requests a batch takes at most. The waits between them take 1.55 seconds at most.
const BATCH_ATTEMPTS: u32 = 6;

impl DynamoDbIndex {
    /// Reads an item, and decodes it. An item that does not exist has no attributes.
    pub(super) async fn read<T>(
        &self,
        key: Key,
        decode: impl FnOnce(&Item) -> Result<T, Malformed>,
    ) -> Result<T, VaultError> {
        let found = self.find(key.clone()).await?.unwrap_or_default();
        decode(&found).map_err(|Malformed| self.malformed(&key))
    }

    /// Reads an item that may not exist.
    pub(super) async fn find(&self, key: Key) -> Result<Option<Item>, VaultError> {
        let (name, value) = key.attribute();
        let get = self.client.get_item().table_name(&self.table).key(name, value).consistent_read(true);
        let response = get.send().await.map_err(|error| of_request(&self.table, error))?;
        Ok(response.item.map(Item::new))
    }

    /// Reads the items of several things, and decodes those that exist.
    pub(super) async fn read_batch<T: Clone + Ord, V>(
        &self,
        things: &[T],
        key: impl Fn(&T) -> Key,
        decode: impl Fn(&Item) -> Result<Option<V>, Malformed>,
    ) -> Result<BTreeMap<T, V>, VaultError> {
        // DynamoDB rejects a key that occurs twice, and a batch without keys.
        let keys: BTreeMap<Key, &T> = things.iter().map(|thing| (key(thing), thing)).collect();
        if keys.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut decoded = BTreeMap::new();
        for (key, item) in self.find_batch(keys.keys().cloned()).await? {
            let value = decode(&item).map_err(|Malformed| self.malformed(&key))?;
            if let (Some(thing), Some(value)) = (keys.get(&key), value) {
                decoded.insert((*thing).clone(), value);
            }
        }
        Ok(decoded)
    }

    /// Reads the items with these keys that exist.
    async fn find_batch(&self, keys: impl Iterator<Item = Key>) -> Result<Vec<(Key, Item)>, VaultError> {
        let keys = keys.map(|key| HashMap::from([key.attribute()])).collect();
        let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
        let mut pending = HashMap::from([(self.table.clone(), wanted.map_err(invalid)?)]);
        let mut found = Vec::new();
        for attempt in 1..=BATCH_ATTEMPTS {
            let batch = self.client.batch_get_item().set_request_items(Some(pending));
            let response = batch.send().await.map_err(|error| of_request(&self.table, error))?;
            let items = response.responses.unwrap_or_default().into_values().flatten();
            found.extend(items.filter_map(|item| Some((Key::of(&item)?, Item::new(item)))));
            pending = response.unprocessed_keys.unwrap_or_default();
            if pending.is_empty() {
                return Ok(found);
            }
            if attempt == BATCH_ATTEMPTS {
                break;
            }
            tokio::time::sleep(BATCH_BACKOFF.delay(attempt, &SystemEntropy)).await;
        }
        Err(unavailable(OutageCause::Throttled, "UnprocessedKeys"))
    }

    /// Changes one item. For changes that may be applied twice: the SDK repeats a request whose response was lost.
    pub(super) async fn change(&self, change: Change) -> Result<(), WriteError> {
        let update = change.apply_to(self.client.update_item().table_name(&self.table));
        update.send().await.map(drop).map_err(|error| of_change(&self.table, error))
    }

    /// Makes all changes or none, once.
    ///
    /// The SDK sets a random `ClientRequestToken` before it serializes the request, so all attempts have the same one
    /// (aws-sdk-dynamodb, `client_idempotency_token.rs`). DynamoDB applies a token once in ten minutes (AWS,
    /// `TransactWriteItems`). So a change whose condition it makes false itself does not fail if a response is lost.
    pub(super) async fn transact(&self, changes: Vec<Change>) -> Result<(), WriteError> {
        let changes = changes.into_iter().map(|change| change.in_transaction(&self.table));
        let changes = changes.collect::<Result<_, _>>().map_err(|error| WriteError::Vault(invalid(error)))?;
        let transaction = self.client.transact_write_items().set_transact_items(Some(changes));
        transaction.send().await.map(drop).map_err(|error| of_transaction(&self.table, error))
    }

    /// Deletes the items of ids that no name belongs to any more, so that the table keeps no id of a deleted account. An item
    /// that a login has used again in the meantime stays.
    pub(super) async fn delete_unused(&self, ids: &BTreeSet<AccountId>) -> Result<(), VaultError> {
        for id in ids {
            let (name, value) = Key::names(id).attribute();
            let delete = self.client.delete_item().table_name(&self.table).key(name, value);
            let delete = delete.condition_expression("attribute_not_exists(#names)");
            match delete.expression_attribute_names("#names", "names").send().await {
                Ok(_) => {}
                Err(error) if error.code() == Some("ConditionalCheckFailedException") => {}
                Err(error) => return Err(of_request(&self.table, error)),
            }
        }
        Ok(())
    }

    /// Deletes an item, if it exists.
    pub(super) async fn delete(&self, key: Key) -> Result<(), VaultError> {
        let (name, value) = key.attribute();
        let delete = self.client.delete_item().table_name(&self.table).key(name, value);
        delete.send().await.map(drop).map_err(|error| of_request(&self.table, error))
    }

    /// Names the item, and not its value.
    fn malformed(&self, key: &Key) -> VaultError {
        unavailable(OutageCause::Other, format!("unexpected item {} in DynamoDB table {}", key.as_str(), self.table))
    }
}

/// The SDK checks before it sends a request that nothing required is missing.
fn invalid(_: BuildError) -> VaultError {
    unavailable(OutageCause::Other, "invalid request")
}
