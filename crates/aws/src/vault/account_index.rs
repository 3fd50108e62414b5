//! Finds accounts by id: a search by tag, confirmed by the document.

use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType, SecretListEntry};
use evertoken_core::account::{AccountId, AccountName};
use evertoken_core::document::{Document, Versioned};
use evertoken_core::vault::{AccountIndex, FoundAccounts, VaultError};

use super::parked_documents::PARKED;
use super::{CURRENT, Listed, PREVIOUS, SecretsManagerVault, tags};
use crate::error_code::AwsErrorCode;

impl AccountIndex for SecretsManagerVault {
    /// Calls `ListSecrets` with a filter, however many accounts there are. The list may be five minutes old (AWS,
    /// `ListSecrets`), so an account that was connected a moment ago can be missing.
    ///
    /// A secret that is scheduled for deletion cannot be read. For such a secret the tag alone decides.
    async fn find(&self, id: &AccountId) -> Result<FoundAccounts, VaultError> {
        let filter = |key, value: &str| Filter::builder().key(key).values(value).build();
        let list = self
            .client
            .list_secrets()
            .filters(filter(FilterNameStringType::Name, &self.settings.accounts_prefix()))
            .filters(filter(FilterNameStringType::TagValue, id.as_str()))
            .include_planned_deletion(true);
        let mut found = FoundAccounts { may_miss_recent: true, ..FoundAccounts::default() };
        let mut next_token = None;
        loop {
            let response = list.clone().set_next_token(next_token).send().await.map_err(AwsErrorCode::from)?;
            // Both filters match prefixes, so a longer id can match as well.
            for secret in response.secret_list().iter().filter(|secret| is_tagged(secret, id)) {
                self.confirm(secret, id, &mut found).await?;
            }
            next_token = response.next_token;
            if next_token.is_none() {
                return Ok(found);
            }
        }
    }

    async fn label(&self, document: &Document, former: Option<&Document>) -> Result<(), VaultError> {
        let secret = self.settings.account_secret(&document.name);
        let mut tags = tags::of(document, &self.settings);
        tags.extend(former.into_iter().flat_map(tags::of_former));
        self.client.tag_resource().secret_id(secret).set_tags(Some(tags)).send().await.map_err(AwsErrorCode::from)?;
        Ok(())
    }
}

impl SecretsManagerVault {
    async fn confirm(
        &self,
        secret: &SecretListEntry,
        id: &AccountId,
        found: &mut FoundAccounts,
    ) -> Result<(), VaultError> {
        let Some(name) = secret.name().and_then(|secret| self.settings.account_name(secret)?.parse().ok()) else {
            return Ok(());
        };
        // Its account is in a pack. A read of the copy would count as one of an application.
        if self.listed == Listed::WithoutCopies
            && secret.deleted_date().is_none()
            && tags::moved_to(secret.tags()).is_some()
        {
            found.former.push(name);
            return Ok(());
        }
        // The list may be old: a login can have restored the secret since, also that of another account.
        let current = self.read(&name, CURRENT).await?;
        if current.is_none() && secret.deleted_date().is_some() {
            found.removed.push(name);
        } else if let Some(account) = current.filter(|account| account.document.has_id(id)) {
            found.accounts.push(account);
        } else if self.read_with_id(&name, PREVIOUS, id).await?.is_some()
            || self.read_with_id(&name, PARKED, id).await?.is_some()
        {
            found.former.push(name);
        }
        Ok(())
    }

    async fn read_with_id(
        &self,
        name: &AccountName,
        stage: &str,
        id: &AccountId,
    ) -> Result<Option<Versioned>, VaultError> {
        Ok(self.read(name, stage).await?.filter(|account| account.document.has_id(id)))
    }
}

fn is_tagged(secret: &SecretListEntry, id: &AccountId) -> bool {
    let keys = [
        tags::ACCOUNT_ID,
        tags::APP_SCOPED_ID,
        tags::META_USER_ID,
        tags::FORMER_ACCOUNT_ID,
        tags::FORMER_APP_SCOPED_ID,
    ];
    secret.tags().iter().any(|tag| tag.value() == Some(id.as_str()) && tag.key().is_some_and(|key| keys.contains(&key)))
}
