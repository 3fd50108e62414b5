//! Secrets that stand in files of their own: systemd's credentials, a container's secrets.

use evertoken_core::variables::Variables;

use crate::error::CliError;

/// `NAME_FILE` names a file whose text counts as `NAME`'s, where that is not set itself.
const SECRETS: [(&str, &str); 3] = [
    ("EVERTOKEN_APP_SECRET", "EVERTOKEN_APP_SECRET_FILE"),
    ("EVERTOKEN_SIGNING_SECRET", "EVERTOKEN_SIGNING_SECRET_FILE"),
    ("EVERTOKEN_WEBHOOK_SECRET", "EVERTOKEN_WEBHOOK_SECRET_FILE"),
];

/// The variables, with what those files hold.
pub(crate) fn read(mut variables: Variables) -> Result<Variables, CliError> {
    for (secret, file) in SECRETS {
        let Some(path) = variables.get(file).map(str::to_owned) else { continue };
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let help = "it should name a file that this user can read, with the secret in it and nothing else";
            CliError::usage(format!("{file} is {path:?}, which cannot be read ({})", error.kind()), help)
        })?;
        variables = variables.or(secret, text.trim());
    }
    Ok(variables)
}
