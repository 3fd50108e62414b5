//! Secrets in files, such as systemd credentials and container secrets.

use evertoken_core::variables::Variables;

use crate::error::{CliError, Result};

/// If the first variable is not set, its value is read from the file that the second one names.
const SECRETS: [(&str, &str); 4] = [
    ("EVERTOKEN_APP_SECRET", "EVERTOKEN_APP_SECRET_FILE"),
    ("EVERTOKEN_SIGNING_KEY", "EVERTOKEN_SIGNING_KEY_FILE"),
    ("EVERTOKEN_SIGNING_SECRET", "EVERTOKEN_SIGNING_SECRET_FILE"),
    ("EVERTOKEN_WEBHOOK_SECRET", "EVERTOKEN_WEBHOOK_SECRET_FILE"),
];

/// Adds the secrets from files to the variables.
pub(crate) fn read(mut variables: Variables) -> Result<Variables> {
    for (secret, variable) in SECRETS {
        let Some(path) = variables.get(variable).map(str::to_owned) else { continue };
        let text = std::fs::read_to_string(&path).map_err(|source| CliError::SecretFile { variable, path, source })?;
        variables = variables.or(secret, text.trim());
    }
    Ok(variables)
}
