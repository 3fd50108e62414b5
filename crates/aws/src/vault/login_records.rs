//! Remembers which account a login stored, for a duplicate callback that reaches another Lambda instance.
//!
//! The record is the description of a secret without a value. `DescribeSecret` finds it by name as soon as it is
//! written, which a search by tag does not (AWS, `ListSecrets`). The secret is scheduled for deletion at once;
//! `DescribeSecret` still returns it during the recovery window.

use evertoken_core::account::AccountName;
use evertoken_core::login_state::LoginId;
use evertoken_core::vault::{LoginRecords, VaultError};

use super::SecretsManagerVault;
use crate::error_code::AwsErrorCode;

/// The description up to the account's name. Records of an older version are read too, so this must not change.
const DESCRIPTION: &str = "An Evertoken login has stored the account ";

/// How long a record is kept, in days. Secrets Manager's minimum.
const RECOVERY_WINDOW: i64 = 7;

impl LoginRecords for SecretsManagerVault {
    async fn remember(&self, login: &LoginId, name: &AccountName) -> Result<(), VaultError> {
        let secret = self.settings.login_secret(login);
        let create = self.client.create_secret().name(&secret).description(format!("{DESCRIPTION}{name}"));
        let create = create.set_kms_key_id(self.settings.kms_key()).set_tags(Some(self.settings.tags()));
        match create.send().await.map_err(AwsErrorCode::from) {
            Ok(_) => {}
            // A login stores one account, so this is the same record from an attempt whose response was lost.
            Err(error) if error.already_exists() || error.is_invalid_request() => {}
            Err(error) => return Err(error.into()),
        }
        self.expire(&secret, RECOVERY_WINDOW).await;
        Ok(())
    }

    async fn recall(&self, login: &LoginId) -> Result<Option<AccountName>, VaultError> {
        let describe = self.client.describe_secret().secret_id(self.settings.login_secret(login));
        match describe.send().await.map_err(AwsErrorCode::from) {
            Ok(secret) => Ok(secret.description().and_then(|text| text.strip_prefix(DESCRIPTION)?.parse().ok())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
