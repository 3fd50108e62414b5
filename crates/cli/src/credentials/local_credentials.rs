//! The app's credentials and the signing keys without Secrets Manager: from variables, or from files next to the vault.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use evertoken_aws::secret_names::is_arn;
use evertoken_core::app::App;
use evertoken_core::entropy::{Entropy, SystemEntropy};
use evertoken_core::signing::SigningKeys;
use evertoken_core::variables::{VariableError, Variables};
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use super::key_file;
use crate::error::{CliError, Result};

const APP_ID: &str = "EVERTOKEN_APP_ID";
pub(crate) const APP_SECRET: &str = "EVERTOKEN_APP_SECRET";
const SIGNING_KEY: &str = "EVERTOKEN_SIGNING_KEY";
/// The variable of earlier versions, which named a secret in AWS.
const SIGNING_SECRET: &str = "EVERTOKEN_SIGNING_SECRET";

/// The file that `evertoken setup` writes.
pub(crate) fn app_file(dir: &Path) -> PathBuf {
    dir.join("app.json")
}

/// The file that the first start or invite creates.
pub(crate) fn signing_key_file(dir: &Path) -> PathBuf {
    dir.join("signing-key")
}

/// The app from the variables, or else from the file in `dir`.
pub(crate) fn app(variables: &Variables, dir: &Path) -> Result<App> {
    let path = app_file(dir);
    if variables.get(APP_SECRET).is_some() {
        return Ok(app_from_variables(variables)?);
    }
    let Some(text) = key_file::read(&path)? else { return Ok(app_from_variables(variables)?) };
    let app = App::parse(text.expose_secret())
        .map_err(|reason| CliError::App { location: path.display().to_string(), reason })?;
    app.report_white_space(&path.display().to_string());
    Ok(app)
}

/// `EVERTOKEN_APP_ID` and `EVERTOKEN_APP_SECRET`; or the latter alone, in the JSON that the Lambdas' secret contains.
pub(crate) fn app_from_variables(variables: &Variables) -> Result<App, VariableError> {
    const ID: &str = "the Instagram app ID, digits only";
    const SECRET: &str = "the Instagram app secret (with EVERTOKEN_APP_ID), or \
         {\"app_id\":\"...\",\"app_secret\":\"...\",\"previous_app_secrets\":[]}";
    let secret = variables.require(APP_SECRET, SECRET)?;
    if variables.was_trimmed(APP_SECRET) {
        tracing::warn!("dropped whitespace around {APP_SECRET}");
    }
    let unusable = || VariableError::InvalidSecret { name: APP_SECRET, expected: SECRET };
    let app = match variables.get(APP_ID) {
        // The JSON contains all IDs.
        _ if secret.starts_with('{') => App::parse(secret).map_err(|_| unusable()),
        Some(id) => App::new(id, secret, &[]).map_err(|_| VariableError::Invalid {
            name: APP_ID,
            value: id.to_owned(),
            expected: ID,
        }),
        None => Err(VariableError::Missing { name: APP_ID, expected: ID }),
    }?;
    app.report_white_space(APP_SECRET);
    Ok(app)
}

/// The signing keys from `EVERTOKEN_SIGNING_KEY` (in earlier versions, `EVERTOKEN_SIGNING_SECRET`), or else from the file in
/// `dir`, which is created if necessary.
pub(crate) fn signing_keys(variables: &Variables, dir: &Path) -> Result<SigningKeys> {
    match signing_keys_from_variables(variables) {
        Some((_, keys)) => Ok(keys?),
        None => signing_keys_from_file(&signing_key_file(dir)),
    }
}

/// The variable that is set, and the keys in it.
pub(crate) fn signing_keys_from_variables(
    variables: &Variables,
) -> Option<(&'static str, Result<SigningKeys, VariableError>)> {
    let expected = "a signing key of at least 32 characters, or {\"keys\":[\"newest\",\"older\"]} with such keys; not the \
         name or ARN of a secret";
    let (name, text) = [SIGNING_KEY, SIGNING_SECRET].into_iter().find_map(|name| Some((name, variables.get(name)?)))?;
    let keys = SigningKeys::parse(text).ok().filter(|_| !is_arn(text));
    Some((name, keys.ok_or(VariableError::InvalidSecret { name, expected })))
}

fn signing_keys_from_file(path: &Path) -> Result<SigningKeys> {
    let mut text = key_file::read(path)?;
    if text.is_none() {
        create_signing_key(path)?;
        text = key_file::read(path)?;
    }
    let keys = text.and_then(|text| SigningKeys::parse(text.expose_secret()).ok());
    keys.ok_or_else(|| CliError::SigningKey(path.to_owned()))
}

/// The first process creates the file atomically, all others read it.
fn create_signing_key(path: &Path) -> Result<()> {
    let mut key = Zeroizing::new([0; 32]);
    SystemEntropy.fill(&mut *key)?;
    match key_file::create(path, Zeroizing::new(hex::encode(*key)).as_bytes()) {
        Err(source) if source.kind() != ErrorKind::AlreadyExists => {
            Err(CliError::WriteFile { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}
