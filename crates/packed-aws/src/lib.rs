#![doc = include_str!("../README.md")]

mod aws_vault;
mod dynamo_db_index;
mod layout;
mod secrets_manager_packs;

pub use aws_vault::{AwsVault, PacksInAws, locator, singles, vault};
pub use dynamo_db_index::DynamoDbIndex;
pub use layout::PackedLayout;
pub use secrets_manager_packs::SecretsManagerPacks;
