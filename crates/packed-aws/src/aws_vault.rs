//! The vault in AWS, in either layout.

use std::sync::Arc;

use evertoken_aws::settings::VaultSettings;
use evertoken_aws::{Aws, SecretsManagerVault};
use evertoken_core::clock::Clock;
use evertoken_core::entropy::Entropy;
use evertoken_core::vault::{DocumentLocator, EitherVault};
use evertoken_packed_vault::{LayeredVault, PackedVault};

use crate::dynamo_db_index::DynamoDbIndex;
use crate::layout::PackedLayout;
use crate::secrets_manager_packs::SecretsManagerPacks;

/// Accounts in packs, and those that have a secret of their own.
pub type PacksInAws = LayeredVault<SecretsManagerPacks, DynamoDbIndex, SecretsManagerVault>;

/// Account documents in Secrets Manager: one secret for each account, or packs.
pub type AwsVault = EitherVault<SecretsManagerVault, PacksInAws>;

/// The vault in the layout that was read, with one secret for each account without one. Sends no request.
pub fn vault(
    aws: &Aws,
    settings: &VaultSettings,
    layout: Option<PackedLayout>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> AwsVault {
    let client = aws.secrets_manager();
    let singles = SecretsManagerVault::new(client.clone(), settings);
    let Some(PackedLayout { table, packs }) = layout else { return EitherVault::First(singles) };
    let secrets = SecretsManagerPacks::new(client, settings);
    let packed = PackedVault::new(secrets, DynamoDbIndex::new(aws, table), clock, entropy, packs);
    EitherVault::Second(LayeredVault::new(packed, singles.without_copies()))
}

/// The accounts that have a secret of their own.
pub fn singles(vault: &AwsVault) -> &SecretsManagerVault {
    match vault {
        EitherVault::First(singles) => singles,
        EitherVault::Second(packs) => packs.singles(),
    }
}

/// Where an operator finds account documents.
pub fn locator(vault: &AwsVault) -> DocumentLocator {
    match vault {
        EitherVault::First(singles) => singles.locator(),
        EitherVault::Second(packs) => packs.singles().packed_locator(),
    }
}
