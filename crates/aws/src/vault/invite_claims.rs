//! Records used single-use invites. A claim is a secret, because `CreateSecret` gives a name to one caller only.
//!
//! The secret is scheduled for deletion at once. Its name stays taken through the recovery window.

use evertoken_core::invite::{InviteId, LONGEST_ONCE};
use evertoken_core::vault::{InviteClaims, VaultError};

use super::SecretsManagerVault;
use super::delete::delete_if_exists;
use crate::error_code::AwsErrorCode;

impl InviteClaims for SecretsManagerVault {
    async fn claim(&self, invite: &InviteId) -> Result<(), VaultError> {
        let secret = self.settings.invite_secret(invite);
        let create = self.client.create_secret().name(&secret).description("An Evertoken invite that was used");
        let create = create.set_kms_key_id(self.settings.kms_key());
        // Without a value, AWS would not recognize the SDK's retry by its ClientRequestToken (AWS, `CreateSecret`).
        match create.secret_string("used").send().await.map_err(AwsErrorCode::from) {
            Ok(_) => {}
            // The secret exists or is scheduled for deletion.
            Err(error) if error.already_exists() || error.is_invalid_request() => return Err(VaultError::Conflict),
            Err(error) => return Err(error.into()),
        }
        self.expire(&secret, LONGEST_ONCE.whole_days()).await;
        Ok(())
    }

    /// `DescribeSecret` finds the secret through its recovery window.
    async fn is_claimed(&self, invite: &InviteId) -> Result<bool, VaultError> {
        let describe = self.client.describe_secret().secret_id(self.settings.invite_secret(invite));
        match describe.send().await.map_err(AwsErrorCode::from) {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn release(&self, invite: &InviteId) -> Result<(), VaultError> {
        let delete = self.client.delete_secret().secret_id(self.settings.invite_secret(invite));
        delete_if_exists(delete.force_delete_without_recovery(true)).await
    }
}
