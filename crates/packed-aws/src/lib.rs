#![doc = include_str!("../README.md")]

mod dynamo_db_index;
mod secrets_manager_packs;

pub use dynamo_db_index::DynamoDbIndex;
pub use secrets_manager_packs::SecretsManagerPacks;
