//! The vault in Secrets Manager: one secret per account, one write per change.

mod account_index;
mod account_store;
mod delete;
mod former_account;
mod invite_claims;
mod login_records;
mod parked_documents;
mod read;
mod request_token;
mod tags;
mod write;

use aws_sdk_secretsmanager::Client;
use evertoken_core::vault::DocumentLocator;

pub use self::account_store::RECOVERY_WINDOW;
pub use self::delete::delete_if_exists;
use crate::settings::VaultSettings;

/// The staging label of the current document (AWS, "Staging labels").
pub const CURRENT: &str = "AWSCURRENT";

/// The staging label of the document before it.
const PREVIOUS: &str = "AWSPREVIOUS";

/// Account documents in Secrets Manager, named `<prefix>/accounts/<name>`.
///
/// The current document has the staging label AWSCURRENT, the one before it AWSPREVIOUS. An operator can restore the
/// previous document.
#[derive(Clone, Debug)]
pub struct SecretsManagerVault {
    pub(crate) client: Client,
    pub(crate) settings: VaultSettings,
}

impl SecretsManagerVault {
    /// A vault with these settings. Sends no request.
    pub fn new(client: Client, settings: &VaultSettings) -> Self {
        Self { client, settings: settings.clone() }
    }

    /// Where an operator finds account documents.
    pub fn locator(&self) -> DocumentLocator {
        self.settings.locator()
    }

    /// Where an operator finds account documents if secrets hold many accounts.
    pub fn packed_locator(&self) -> DocumentLocator {
        let (prefix, stack) = (self.settings.prefix().to_owned(), self.settings.stack().to_owned());
        DocumentLocator::Packs { prefix, stack }
    }
}
