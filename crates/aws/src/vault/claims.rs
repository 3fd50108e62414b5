//! Invites that hold once: a secret is the mark that one was used.
//!
//! `CreateSecret` gives a name once, whoever asks at the same moment. The secret is marked deleted at once: its name stays
//! taken through the recovery window, it costs nothing meanwhile (AWS, "Secrets Manager pricing"), and AWS clears it away
//! by itself.

use evertoken_core::invite::{InviteId, LONGEST_ONCE};
use evertoken_core::vault::VaultError;

use super::SecretsManagerVault;
use crate::error_code::AwsErrorCode;

impl SecretsManagerVault {
    pub(super) async fn claim_name(&self, invite: &InviteId) -> Result<(), VaultError> {
        let secret = self.settings.claim(invite);
        let create = self.client.create_secret().name(&secret).description("An Evertoken invite that was used");
        let create = create.set_kms_key_id(self.settings.kms_key());
        // With a value the SDK's own retry is known as such by its ClientRequestToken (AWS, `CreateSecret`).
        match create.secret_string("used").send().await.map_err(AwsErrorCode::from) {
            Ok(_) => {}
            // There, or marked deleted.
            Err(error) if error.is_taken() || error.is_invalid_request() => return Err(VaultError::Conflict),
            Err(error) => return Err(error.into()),
        }
        let delete = self.client.delete_secret().secret_id(&secret);
        if let Err(error) = delete.recovery_window_in_days(LONGEST_ONCE.whole_days()).send().await {
            // The invite is used up all the same. The mark is left behind, and costs what a secret does.
            let code = AwsErrorCode::from(error).into_code();
            tracing::warn!(secret, code, "the mark of a used invite could not be marked deleted; delete it by hand");
        }
        Ok(())
    }

    pub(super) async fn release_name(&self, invite: &InviteId) -> Result<(), VaultError> {
        let delete = self.client.delete_secret().secret_id(self.settings.claim(invite));
        match delete.force_delete_without_recovery(true).send().await.map_err(AwsErrorCode::from) {
            Err(error) if !error.is_absent() => Err(error.into()),
            _ => Ok(()),
        }
    }
}
