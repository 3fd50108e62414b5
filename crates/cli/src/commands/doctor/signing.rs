//! What signs invites, state and deletion receipts.

use evertoken_core::credentials::SigningKeySource;
use std::path::Path;

use evertoken_aws::Aws;
use evertoken_aws::settings::{VaultSettings, optional_signing_secret};
use evertoken_core::clock::SystemClock;
use evertoken_core::credentials::CredentialsError;
use evertoken_core::signing::SigningKeys;
use evertoken_core::variables::Variables;

use super::finding::Finding;

const SUBJECT: &str = "signing secret";

const MALFORMED: &str = "Store one text of at least 32 random characters; invites made before no longer hold then.";

/// The secret in Secrets Manager.
pub(super) async fn check_secret(aws: &Aws, variables: &Variables) -> Finding {
    let name = match optional_signing_secret(variables) {
        Ok(Some(name)) => name,
        Ok(None) => match VaultSettings::read(variables) {
            // As the template calls it.
            Ok(vault) => format!("{}/signing", vault.prefix()),
            Err(error) => {
                return Finding::warning(SUBJECT, format!("not looked at: {error}"), super::configuration::NAME_IT);
            }
        },
        Err(error) => return Finding::problem(SUBJECT, error.to_string(), "Correct EVERTOKEN_SIGNING_SECRET."),
    };
    let client = aws.secrets_manager();
    let keys = evertoken_aws::SecretsManagerSigningKeys::new(client, name.clone(), SystemClock);
    match keys.signing_keys().await {
        Ok(_) => Finding::ok(SUBJECT, format!("{name} can be read and used")),
        Err(error @ CredentialsError::SigningKeys { .. }) => Finding::problem(SUBJECT, error.to_string(), MALFORMED),
        Err(error) => {
            let remedy =
                "Check the AWS credentials and the permission secretsmanager:GetSecretValue on it; a stack makes it.";
            Finding::problem(SUBJECT, error.to_string(), remedy)
        }
    }
}

/// The key beside a vault of files. Nothing is made here: `serve` and `invite` do that.
pub(super) fn check_local(variables: &Variables, dir: &Path) -> Finding {
    let (text, place) = if let Some(text) = variables.get("EVERTOKEN_SIGNING_SECRET") {
        (Ok(text.to_owned()), "EVERTOKEN_SIGNING_SECRET".to_owned())
    } else {
        let path = dir.join("signing-key");
        if !path.exists() {
            return Finding::ok(SUBJECT, "not there yet: the first start or invite makes it");
        }
        (std::fs::read_to_string(&path), path.display().to_string())
    };
    match text.map(|text| SigningKeys::parse(&text).is_ok()) {
        Ok(true) => Finding::ok(SUBJECT, format!("{place} can be used")),
        Ok(false) => Finding::problem(SUBJECT, format!("{place} holds no signing key"), MALFORMED),
        Err(error) => {
            Finding::problem(SUBJECT, format!("{place} cannot be read: {}", error.kind()), "Run as the folder's owner.")
        }
    }
}
