//! Where the Meta app's id and secret are kept: a secret in Secrets Manager, or a file in the vault's folder.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use aws_sdk_secretsmanager::Client;
use evertoken_aws::AwsErrorCode;
use evertoken_core::app::App;
use evertoken_core::variables::Variables;
use secrecy::{ExposeSecret, SecretString};
use tempfile::NamedTempFile;

use super::local_credentials;
use crate::aws::aws_client::aws;
use crate::terminal::output;
use crate::vault::location::VaultLocation;

/// The file in the vault's folder.
const FILE: &str = "app.json";

/// Where that file lies.
pub(crate) fn file_in(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

/// One of the two.
#[derive(Debug)]
pub(crate) enum AppStore {
    /// A file that its owner alone can read.
    File(PathBuf),
    /// A secret.
    Secret {
        /// A connection.
        client: Client,
        /// Its name or ARN.
        id: String,
    },
}

impl AppStore {
    /// That of a place: `EVERTOKEN_APP_SECRET`'s secret, else `<prefix>/app` as the template calls it.
    pub(crate) async fn of(place: &VaultLocation, variables: &Variables) -> Result<Self> {
        if let Some(dir) = &place.local {
            return Ok(Self::in_folder(dir));
        }
        let variables = place.variables(variables, &["EVERTOKEN_VAULT_PREFIX"]).await?;
        let id = match variables.get("EVERTOKEN_APP_SECRET") {
            Some(_) => evertoken_aws::settings::app_secret(&variables)?,
            None => format!("{}/app", evertoken_aws::settings::VaultSettings::read(&variables)?.prefix()),
        };
        Ok(Self::Secret { client: aws().await?.secrets_manager(), id })
    }

    /// That of a vault of files.
    pub(crate) fn in_folder(dir: &Path) -> Self {
        Self::File(file_in(dir))
    }

    /// What it is, for the person.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::File(path) => format!("the file {}", path.display()),
            Self::Secret { id, .. } => format!("the secret {id}"),
        }
    }

    /// Its text; none if there is none yet.
    pub(crate) async fn read(&self) -> Result<Option<SecretString>> {
        let context = || format!("{} could not be read", self.describe());
        match self {
            Self::File(path) => match std::fs::read_to_string(path) {
                Ok(text) => Ok(Some(SecretString::from(text))),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error).with_context(context),
            },
            Self::Secret { client, id } => {
                match client.get_secret_value().secret_id(id).send().await.map_err(AwsErrorCode::from) {
                    Ok(secret) => Ok(Some(SecretString::from(secret.secret_string.unwrap_or_default()))),
                    Err(error) if error.is_not_found() => Ok(None),
                    Err(error) => Err(anyhow!(error.code().to_owned())).with_context(context),
                }
            }
        }
    }

    /// Stores a text in the place of the one that is there.
    pub(crate) async fn write(&self, text: &SecretString) -> Result<()> {
        let context = || format!("{} could not be written", self.describe());
        match self {
            Self::File(path) => write_private(path, text.expose_secret().as_bytes()).with_context(context),
            Self::Secret { client, id } => {
                let put = client.put_secret_value().secret_id(id).secret_string(text.expose_secret());
                let written = match put.send().await.map_err(AwsErrorCode::from) {
                    Err(error) if error.is_not_found() => {
                        let create = client.create_secret().name(id).secret_string(text.expose_secret());
                        let create = create.description("The Instagram app that Evertoken logs people in with");
                        create.send().await.map(|_| ()).map_err(AwsErrorCode::from)
                    }
                    done => done.map(|_| ()),
                };
                written.map_err(|error| anyhow!(error.code().to_owned())).with_context(context)
            }
        }
    }
}

/// Writes a file whole or not at all, for its owner's eyes.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    private(path, bytes)?.persist(path)?;
    Ok(())
}

/// The same, and never over a file that is there.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    private(path, bytes)?.persist_noclobber(path)?;
    Ok(())
}

/// A complete file beside `path`, not yet under its name. A temporary file is its owner's alone from the start.
fn private(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut file = NamedTempFile::new_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// The app, for what can do without: none where it is not known, and then the person is told why.
pub(crate) async fn known_app(place: &VaultLocation, variables: &Variables) -> Option<App> {
    if place.local.is_some() && variables.get("EVERTOKEN_APP_SECRET").is_some() {
        return local_credentials::app(variables, None).map_err(|error| output::say(&format!("{error}"))).ok();
    }
    let read = async {
        let store = AppStore::of(place, variables).await?;
        let Some(text) = store.read().await? else { return Ok(None) };
        App::parse(text.expose_secret())
            .map(Some)
            .map_err(|error| anyhow!("{} cannot be used: {error}", store.describe()))
    };
    read.await.unwrap_or_else(|error| {
        output::say(&format!(
            "The app's credentials are not known, so no short-lived token can be extended: {error:#}"
        ));
        None
    })
}
