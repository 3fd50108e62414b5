//! Checks the keys that sign invites, state and deletion receipts.

use evertoken_core::credentials::SigningKeySource;
use std::path::Path;

use evertoken_aws::Aws;
use evertoken_aws::secret_names::{optional_signing_secret, signing_variable};
use evertoken_aws::settings::VaultSettings;
use evertoken_core::clock::SystemClock;
use evertoken_core::credentials::CredentialsError;
use evertoken_core::signing::SigningKeys;
use evertoken_core::variables::Variables;
use secrecy::ExposeSecret;

use super::finding::{Finding, Severity};
use crate::context::Context;
use crate::credentials::key_file;
use crate::credentials::local_credentials::{signing_key_file, signing_keys_from_variables};
use crate::vault::vault_option::VaultOption;

const SUBJECT: &str = "signing secret";

const MALFORMED: &str = "Store at least 32 random characters there. Existing invite links then stop working.";

pub(super) async fn check_secret(aws: &Aws, context: &Context) -> Finding {
    let variables = &context.variables;
    let name = match optional_signing_secret(variables) {
        Ok(Some(name)) => name,
        Ok(None) => match VaultSettings::read(variables) {
            // The name in the template.
            Ok(vault) => format!("{}/signing", vault.prefix()),
            Err(error) => {
                let failure = Finding::failure(SUBJECT, &error.into(), &context.vault_option);
                return Finding { state: Severity::Warning, text: format!("not checked: {}", failure.text), ..failure };
            }
        },
        Err(error) => {
            return Finding::problem(SUBJECT, error.to_string(), format!("Correct {}.", signing_variable(variables)));
        }
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
    if let Some((name, keys)) = signing_keys_from_variables(variables) {
        return match keys {
            Ok(_) => Finding::ok(SUBJECT, format!("{name} is valid")),
            Err(error) => Finding::problem(SUBJECT, error.to_string(), MALFORMED),
        };
    }
    let path = signing_key_file(dir);
    let text = match key_file::read(&path) {
        Ok(Some(text)) => text,
        Ok(None) => return Finding::ok(SUBJECT, "not created yet: the first start or invite creates it"),
        Err(error) => return Finding::failure(SUBJECT, &error, &VaultOption::local(dir)),
    };
    let location = path.display();
    match SigningKeys::parse(text.expose_secret()) {
        Ok(_) => Finding::ok(SUBJECT, format!("{location} is valid")),
        Err(_) => Finding::problem(SUBJECT, format!("{location} does not contain a signing key"), MALFORMED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signing_key_that_cannot_be_used_is_a_problem() {
        let dir = tempfile::TempDir::new().unwrap();
        let none = Variables::default();
        assert_eq!(check_local(&none, dir.path()).state, Severity::Ok, "not created yet");
        for (key, expected) in [("k".repeat(64), Severity::Ok), ("short".to_owned(), Severity::Problem)] {
            key_file::write(&signing_key_file(dir.path()), key.as_bytes()).unwrap();
            assert_eq!(check_local(&none, dir.path()).state, expected, "in a file");
            let variables: Variables = std::iter::once(("EVERTOKEN_SIGNING_KEY".to_owned(), key)).collect();
            assert_eq!(check_local(&variables, dir.path()).state, expected, "in a variable");
        }
    }
}
