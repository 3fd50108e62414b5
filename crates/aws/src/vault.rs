//! The vault in Secrets Manager: one secret per account, one write per change.

mod account_index;
mod account_store;
mod copies;
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
pub use self::copies::ListedSecret;
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
    listed: Listed,
}

/// Which accounts a list contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listed {
    /// All.
    All,
    /// Those that are not labeled as copies of accounts in packs.
    WithoutCopies,
}

impl SecretsManagerVault {
    /// A vault with these settings. Sends no request.
    pub fn new(client: Client, settings: &VaultSettings) -> Self {
        Self { client, settings: settings.clone(), listed: Listed::All }
    }

    /// Leaves out secrets that are labeled as copies of accounts in packs, without reading them: the date of their last access
    /// is that of the applications.
    #[must_use]
    pub fn without_copies(self) -> Self {
        Self { listed: Listed::WithoutCopies, ..self }
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
