//! Lists the secrets of accounts with what Secrets Manager tells about them, without reading their values.

use std::borrow::Cow;

use aws_sdk_secretsmanager::primitives::DateTime;
use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType};
use evertoken_core::account::AccountName;
use evertoken_core::document::{Document, MovedTo};
use evertoken_core::vault::VaultError;
use time::{Date, OffsetDateTime};

use super::read::NAMES_PER_CALL;
use super::{Listed, SecretsManagerVault, tags};
use crate::error_code::AwsErrorCode;

/// The secret of an account, as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedSecret {
    /// The account.
    pub name: AccountName,
    /// The pack that the account has moved to, if the secret is labeled as a copy.
    pub moved_to: Option<String>,
    /// The day on which the value was read last, in UTC. Secrets Manager records no time of day (AWS, `SecretListEntry`).
    pub last_accessed: Option<Date>,
    /// When the secret was changed last.
    pub last_changed: Option<OffsetDateTime>,
}

impl SecretsManagerVault {
    /// All secrets of accounts. The list may be five minutes old (AWS, `ListSecrets`).
    pub async fn listed_secrets(&self) -> Result<Vec<ListedSecret>, VaultError> {
        let filter = Filter::builder().key(FilterNameStringType::Name).values(self.settings.accounts_prefix()).build();
        let list = self.client.list_secrets().filters(filter).max_results(NAMES_PER_CALL);
        let (mut listed, mut next_token) = (Vec::new(), None);
        loop {
            let response = list.clone().set_next_token(next_token).send().await.map_err(AwsErrorCode::from)?;
            for secret in response.secret_list() {
                let name = secret.name().and_then(|secret| self.settings.account_name(secret)?.parse().ok());
                let Some(name) = name else { continue };
                listed.push(ListedSecret {
                    name,
                    moved_to: tags::moved_to(secret.tags()).map(str::to_owned),
                    last_accessed: secret.last_accessed_date().and_then(time_of).map(OffsetDateTime::date),
                    last_changed: secret.last_changed_date().and_then(time_of),
                });
            }
            next_token = response.next_token;
            if next_token.is_none() {
                return Ok(listed);
            }
        }
    }

    /// The document that the labels of a restored secret describe. The secret may have been a copy before, and lists leave
    /// copies out.
    pub(super) fn labeled_after_restore<'a>(&self, document: &'a Document) -> Cow<'a, Document> {
        if self.listed == Listed::WithoutCopies && document.moved_to().is_none() {
            Cow::Owned(document.with_moved_to(&MovedTo::nowhere()))
        } else {
            Cow::Borrowed(document)
        }
    }
}

fn time_of(at: &DateTime) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(at.secs()).ok()
}
