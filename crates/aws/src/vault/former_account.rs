//! Forgets an account whose name somebody else's account has taken.

use evertoken_core::account::AccountName;
use evertoken_core::vault::VaultError;

use super::{CURRENT, SecretsManagerVault, tags};
use crate::error_code::AwsErrorCode;

impl SecretsManagerVault {
    /// Removes every staging label from all versions but the current one. A version without a label is deprecated:
    /// Secrets Manager does not list it by default and deletes it at a time of its choosing (AWS,
    /// `UpdateSecretVersionStage` and "Secrets Manager quotas").
    pub(super) async fn remove_earlier_labels(&self, name: &AccountName) -> Result<(), VaultError> {
        let secret = self.settings.account_secret(name);
        let described = match self.client.describe_secret().secret_id(&secret).send().await.map_err(AwsErrorCode::from)
        {
            Ok(described) => described,
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let versions = described.version_ids_to_stages.iter().flatten();
        for (version, stages) in versions.filter(|(_, stages)| !stages.iter().any(|stage| stage == CURRENT)) {
            for stage in stages {
                let update = self.client.update_secret_version_stage().secret_id(&secret);
                let update = update.version_stage(stage).remove_from_version_id(version);
                update.send().await.map_err(AwsErrorCode::from)?;
            }
        }
        let is_former = |key: Option<&str>| key == Some(tags::FORMER_ACCOUNT_ID);
        if described.tags().iter().any(|tag| is_former(tag.key())) {
            let tag = self.client.tag_resource().secret_id(&secret).set_tags(Some(tags::of_nobody().to_vec()));
            tag.send().await.map_err(AwsErrorCode::from)?;
        }
        Ok(())
    }
}
