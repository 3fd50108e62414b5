//! The app's credentials and the signing keys, without Secrets Manager: from variables and from a file in the vault's
//! folder.

use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, Result};
use evertoken_core::app::App;
use evertoken_core::entropy::Entropy;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::signing::SigningKeys;
use evertoken_core::variables::{VariableError, Variables};

use super::app_store;

const APP_ID: &str = "EVERTOKEN_APP_ID";
const APP_SECRET: &str = "EVERTOKEN_APP_SECRET";
const SIGNING_SECRET: &str = "EVERTOKEN_SIGNING_SECRET";

/// The app: `EVERTOKEN_APP_ID` and `EVERTOKEN_APP_SECRET`, or the latter alone as the JSON that the Lambdas' secret holds;
/// without both, what `evertoken setup` has left in `dir`.
pub(crate) fn app(variables: &Variables, dir: Option<&Path>) -> Result<App> {
    let file = dir.map(app_store::file_in);
    match file {
        Some(file) if variables.get(APP_SECRET).is_none() && file.exists() => {
            let context = || format!("{} cannot be used; `evertoken setup` writes it anew", file.display());
            let app = App::parse(&std::fs::read_to_string(&file).with_context(context)?).with_context(context)?;
            app.report_white_space(&file.display().to_string());
            Ok(app)
        }
        _ => Ok(of_variables(variables)?),
    }
}

fn of_variables(variables: &Variables) -> Result<App, VariableError> {
    const ID: &str = "the Instagram app ID, digits only";
    const SECRET: &str = "the Instagram app secret (with EVERTOKEN_APP_ID), or \
         {\"app_id\":\"...\",\"app_secret\":\"...\",\"previous_app_secrets\":[]}";
    let secret = variables.require(APP_SECRET, SECRET)?;
    if variables.was_trimmed(APP_SECRET) {
        tracing::warn!("white space around {APP_SECRET} was dropped");
    }
    let unusable = || VariableError::InvalidSecret { name: APP_SECRET, expected: SECRET };
    let app = match variables.get(APP_ID) {
        Some(id) => App::new(id, secret, &[]).map_err(|_| VariableError::Invalid {
            name: APP_ID,
            value: id.to_owned(),
            expected: ID,
        }),
        None if secret.starts_with('{') => App::parse(secret).map_err(|_| unusable()),
        None => Err(VariableError::Missing { name: APP_ID, expected: ID }),
    }?;
    app.report_white_space(APP_SECRET);
    Ok(app)
}

/// The signing keys: `EVERTOKEN_SIGNING_SECRET`, or those of `dir`, which are made when they are not there.
pub(crate) fn signing_keys(variables: &Variables, dir: &Path) -> Result<SigningKeys> {
    let Some(text) = variables.get(SIGNING_SECRET) else {
        return keys_of(dir);
    };
    let expected = "at least 32 characters, or {\"keys\":[\"newest\",\"older\"]} of such";
    Ok(SigningKeys::parse(text).map_err(|_| VariableError::InvalidSecret { name: SIGNING_SECRET, expected })?)
}

fn keys_of(dir: &Path) -> Result<SigningKeys> {
    let path = dir.join("signing-key");
    let context = || format!("the signing key {} cannot be used", path.display());
    // The first process to come writes it whole and gives it its name in one step; all others read it.
    if !path.exists() {
        let mut key = [0; 32];
        SystemEntropy.fill(&mut key)?;
        let mut file = tempfile::NamedTempFile::new_in(dir).with_context(context)?;
        file.write_all(hex::encode(key).as_bytes()).and_then(|()| file.as_file().sync_all()).with_context(context)?;
        match file.persist_noclobber(&path) {
            Ok(_) => {}
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.error).with_context(context),
        }
    }
    let text = std::fs::read_to_string(&path).with_context(context)?;
    SigningKeys::parse(&text).with_context(context)
}
