//! Deletes secrets.

use aws_sdk_secretsmanager::operation::delete_secret::builders::DeleteSecretFluentBuilder;
use evertoken_core::vault::VaultError;

use super::SecretsManagerVault;
use crate::error_code::AwsErrorCode;

/// Deletes a secret. A secret that does not exist or is already scheduled for deletion counts as deleted.
pub async fn delete_if_exists(delete: DeleteSecretFluentBuilder) -> Result<(), VaultError> {
    match delete.send().await.map_err(AwsErrorCode::from) {
        Err(error) if !error.is_absent() => Err(error.into()),
        _ => Ok(()),
    }
}

impl SecretsManagerVault {
    /// Lets a secret expire after some days: it is scheduled for deletion at once and AWS deletes it at the end of its
    /// recovery window. Until then its name stays taken, and it costs nothing (AWS, "Secrets Manager pricing").
    ///
    /// A failure is only logged, because the secret has served its purpose. It then costs what any secret costs.
    pub(super) async fn expire(&self, secret: &str, days: i64) {
        let delete = self.client.delete_secret().secret_id(secret).recovery_window_in_days(days);
        if let Err(error) = delete.send().await {
            let code = AwsErrorCode::from(error).into_code();
            tracing::warn!(secret, code, "could not schedule a temporary secret for deletion; delete it manually");
        }
    }
}
