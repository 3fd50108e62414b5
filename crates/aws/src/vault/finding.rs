//! Finding an account by its ids: by tags, confirmed by the document.

use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType, SecretListEntry};
use evertoken_core::account::AccountId;
use evertoken_core::document::Document;
use evertoken_core::vault::{FoundAccounts, VaultError};

use super::{CURRENT, SecretsManagerVault};
use crate::error_code::AwsErrorCode;
use crate::tags;

impl SecretsManagerVault {
    /// One `ListSecrets` whatever the number of accounts. It may lag by five minutes (AWS, `ListSecrets`): an account
    /// connected a moment ago may be missed.
    ///
    /// A secret that is marked deleted cannot be read; for it the tag must do.
    pub(super) async fn find_by_label(&self, id: &AccountId) -> Result<FoundAccounts, VaultError> {
        let filter = |key, value: &str| Filter::builder().key(key).values(value).build();
        let list = self
            .client
            .list_secrets()
            .filters(filter(FilterNameStringType::Name, &self.settings.accounts()))
            .filters(filter(FilterNameStringType::TagValue, id.as_str()))
            .include_planned_deletion(true);
        let mut found = FoundAccounts::default();
        let mut token = None;
        loop {
            let answer = list.clone().set_next_token(token).send().await.map_err(AwsErrorCode::from)?;
            // Both filters match beginnings.
            for secret in answer.secret_list().iter().filter(|secret| is_tagged(secret, id)) {
                self.confirm(secret, id, &mut found).await?;
            }
            token = answer.next_token;
            if token.is_none() {
                return Ok(found);
            }
        }
    }

    async fn confirm(
        &self,
        secret: &SecretListEntry,
        id: &AccountId,
        found: &mut FoundAccounts,
    ) -> Result<(), VaultError> {
        let Some(name) = secret.name().and_then(|secret| self.settings.account(secret)?.parse().ok()) else {
            return Ok(());
        };
        if secret.deleted_date().is_some() {
            found.removed.push(name);
        } else if let Some(account) = self.read(&name, CURRENT).await?.filter(|account| account.document.has_id(id)) {
            found.accounts.push(account);
        }
        Ok(())
    }

    /// Sets the tags again.
    pub(super) async fn tag(&self, document: &Document) -> Result<(), VaultError> {
        let secret = self.settings.secret(&document.name);
        let tags = tags::of(document, self.settings.stack());
        self.client.tag_resource().secret_id(secret).set_tags(Some(tags)).send().await.map_err(AwsErrorCode::from)?;
        Ok(())
    }
}

fn is_tagged(secret: &SecretListEntry, id: &AccountId) -> bool {
    let keys = [tags::ACCOUNT_ID, tags::APP_SCOPED_ID];
    secret.tags().iter().any(|tag| tag.value() == Some(id.as_str()) && tag.key().is_some_and(|key| keys.contains(&key)))
}
