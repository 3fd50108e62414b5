//! Records used single-use invites. A claim is a secret, because `CreateSecret` gives a name to one caller only.
//!
//! The secret is scheduled for deletion at once. Its name stays taken through the recovery window.

use evertoken_core::invite::{InviteId, LONGEST_ONCE};
use evertoken_core::vault::{InviteClaims, VaultError};

use super::{CURRENT, SecretsManagerVault};
use crate::error_code::AwsErrorCode;

/// The value of a claim.
const USED: &str = "used";

/// The value of a claim that was withdrawn. The secret stays, because AWS frees the name of a deleted secret only after up to
/// two minutes (AWS, `DeleteSecret`), and the owner of the invite tries again sooner.
const RELEASED: &str = "released";

impl InviteClaims for SecretsManagerVault {
    async fn claim(&self, invite: &InviteId) -> Result<(), VaultError> {
        let secret = self.settings.invite_secret(invite);
        let create = self.client.create_secret().name(&secret).description("An Evertoken invite that was used");
        let create = create.set_kms_key_id(self.settings.kms_key()).set_tags(Some(self.settings.tags()));
        // Without a value, AWS would not recognize the SDK's retry by its ClientRequestToken (AWS, `CreateSecret`).
        match create.secret_string(USED).send().await.map_err(AwsErrorCode::from) {
            Ok(_) => {
                self.expire(&secret, LONGEST_ONCE.whole_days()).await;
                Ok(())
            }
            Err(error) if error.already_exists() => self.claim_released(&secret).await,
            // The secret is scheduled for deletion.
            Err(error) if error.is_invalid_request() => Err(VaultError::Conflict),
            Err(error) => Err(error.into()),
        }
    }

    async fn is_claimed(&self, invite: &InviteId) -> Result<bool, VaultError> {
        let read = self.client.get_secret_value().secret_id(self.settings.invite_secret(invite));
        match read.send().await.map_err(AwsErrorCode::from) {
            Ok(value) => Ok(value.secret_string() != Some(RELEASED)),
            Err(error) if error.is_not_found() => Ok(false),
            // The secret is scheduled for deletion.
            Err(error) if error.is_invalid_request() => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    async fn release(&self, invite: &InviteId) -> Result<(), VaultError> {
        let secret = self.settings.invite_secret(invite);
        match self.client.restore_secret().secret_id(&secret).send().await.map_err(AwsErrorCode::from) {
            // The invite was not claimed.
            Err(error) if error.is_absent() => return Ok(()),
            Err(error) => return Err(error.into()),
            Ok(_) => {}
        }
        let put = self.client.put_secret_value().secret_id(&secret).secret_string(RELEASED);
        put.send().await.map_err(AwsErrorCode::from)?;
        Ok(())
    }
}

impl SecretsManagerVault {
    /// Claims an invite whose earlier claim was withdrawn. Of several concurrent claims, the one that schedules the secret for
    /// deletion wins: the others are rejected, because it already is (AWS, `DeleteSecret`, "Errors").
    async fn claim_released(&self, secret: &str) -> Result<(), VaultError> {
        let read = self.client.get_secret_value().secret_id(secret).version_stage(CURRENT);
        match read.send().await.map_err(AwsErrorCode::from) {
            Ok(value) if value.secret_string() == Some(RELEASED) => {}
            Ok(_) => return Err(VaultError::Conflict),
            Err(error) if error.is_absent() => return Err(VaultError::Conflict),
            Err(error) => return Err(error.into()),
        }
        let delete = self.client.delete_secret().secret_id(secret).recovery_window_in_days(LONGEST_ONCE.whole_days());
        match delete.send().await.map_err(AwsErrorCode::from) {
            Ok(_) => Ok(()),
            Err(error) if error.is_absent() => Err(VaultError::Conflict),
            Err(error) => Err(error.into()),
        }
    }
}
