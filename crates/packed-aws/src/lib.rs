#![doc = include_str!("../README.md")]

mod dynamo_db_index;
mod secrets_manager_packs;
mod settings;

pub use dynamo_db_index::DynamoDbIndex;
pub use secrets_manager_packs::SecretsManagerPacks;
pub use settings::PackedSettings;
