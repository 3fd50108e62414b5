//! What a login has stored, for a second request of it that meets another Lambda.
//!
//! The note is a secret's description. It is found by its name, so it is there as soon as it is written, which a search by
//! tag is not (AWS, `ListSecrets`). The secret holds no value and is marked deleted at once: `DescribeSecret` still answers,
//! it costs nothing (AWS, "Secrets Manager pricing"), and AWS clears it away after a week.

use evertoken_core::account::AccountName;
use evertoken_core::login_state::LoginId;
use evertoken_core::vault::VaultError;

use super::SecretsManagerVault;
use crate::error_code::AwsErrorCode;

/// What stands before the name.
const STORED: &str = "An Evertoken login has stored the account ";

/// The shortest window that AWS takes, in days.
const WINDOW: i64 = 7;

impl SecretsManagerVault {
    pub(super) async fn note(&self, login: &LoginId, name: &AccountName) -> Result<(), VaultError> {
        let secret = self.settings.login(login);
        let create = self.client.create_secret().name(&secret).description(format!("{STORED}{name}"));
        match create.send().await.map_err(AwsErrorCode::from) {
            Ok(_) => {}
            // A login stores once: it is this very note, written by a try whose answer was lost.
            Err(error) if error.is_taken() || error.is_invalid_request() => {}
            Err(error) => return Err(error.into()),
        }
        let delete = self.client.delete_secret().secret_id(&secret).recovery_window_in_days(WINDOW);
        if let Err(error) = delete.send().await {
            let code = AwsErrorCode::from(error).into_code();
            tracing::warn!(secret, code, "the note of a login could not be marked deleted; delete it by hand");
        }
        Ok(())
    }

    pub(super) async fn noted(&self, login: &LoginId) -> Result<Option<AccountName>, VaultError> {
        let describe = self.client.describe_secret().secret_id(self.settings.login(login));
        match describe.send().await.map_err(AwsErrorCode::from) {
            Ok(secret) => Ok(secret.description().and_then(|text| text.strip_prefix(STORED)?.parse().ok())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
