//! Checks the keys that sign invites, state and deletion receipts.

use evertoken_core::credentials::SigningKeySource;
use std::path::Path;

use evertoken_aws::Aws;
use evertoken_aws::settings::{VaultSettings, optional_signing_secret};
use evertoken_core::clock::SystemClock;
use evertoken_core::credentials::CredentialsError;
use evertoken_core::signing::SigningKeys;
use evertoken_core::variables::Variables;
use secrecy::{ExposeSecret, SecretString};

use super::configuration;
use super::finding::Finding;
use crate::credentials::key_file;
use crate::credentials::local_credentials::{SIGNING_SECRET, signing_key_file};

const SUBJECT: &str = "signing secret";

const MALFORMED: &str = "Store at least 32 random characters there. Existing invite links then stop working.";

pub(super) async fn check_secret(aws: &Aws, variables: &Variables) -> Finding {
    let name = match optional_signing_secret(variables) {
        Ok(Some(name)) => name,
        Ok(None) => match VaultSettings::read(variables) {
            // The name in the template.
            Ok(vault) => format!("{}/signing", vault.prefix()),
            Err(error) => {
                return Finding::warning(SUBJECT, format!("not checked: {error}"), configuration::SELECT_VAULT);
            }
        },
        Err(error) => return Finding::problem(SUBJECT, error.to_string(), "Correct EVERTOKEN_SIGNING_SECRET."),
    };
    let client = aws.secrets_manager();
    let keys = evertoken_aws::SecretsManagerSigningKeys::new(client, name.clone(), SystemClock);
    match keys.signing_keys().await {
        Ok(_) => Finding::ok(SUBJECT, format!("{name} is valid")),
        Err(error @ CredentialsError::SigningKeys { .. }) => Finding::problem(SUBJECT, error.to_string(), MALFORMED),
        Err(error) => {
            let remedy = "Check the AWS credentials and the permission secretsmanager:GetSecretValue for it. The stack creates the secret.";
            Finding::problem(SUBJECT, error.to_string(), remedy)
        }
    }
}

/// Checks the key next to a file vault. Does not create one: `serve` and `invite` do that.
pub(super) fn check_local(variables: &Variables, dir: &Path) -> Finding {
    let (text, location) = if let Some(text) = variables.get(SIGNING_SECRET) {
        (SecretString::from(text), SIGNING_SECRET.to_owned())
    } else {
        let path = signing_key_file(dir);
        match key_file::read(&path) {
            Ok(Some(text)) => (text, path.display().to_string()),
            Ok(None) => return Finding::ok(SUBJECT, "not created yet: the first start or invite creates it"),
            Err(error) => return Finding::failure(SUBJECT, &error),
        }
    };
    match SigningKeys::parse(text.expose_secret()) {
        Ok(_) => Finding::ok(SUBJECT, format!("{location} is valid")),
        Err(_) => Finding::problem(SUBJECT, format!("{location} does not contain a signing key"), MALFORMED),
    }
}
