//! Where the Meta app's ID and secret are stored: in a secret, or in a file next to the vault.

use std::fmt;
use std::path::{Path, PathBuf};

use aws_sdk_secretsmanager::Client;
use evertoken_aws::AwsErrorCode;
use evertoken_aws::secret_names::optional_app_secret;
use evertoken_aws::settings::VaultSettings;
use secrecy::{ExposeSecret, SecretString};

use super::key_file;
use super::local_credentials::app_file;
use crate::context::Context;
use crate::error::{CliError, Result};
use crate::vault::location::VaultLocation;

#[derive(Debug)]
pub(crate) enum AppStore {
    File(PathBuf),
    Secret {
        client: Client,
        /// The name or ARN.
        id: String,
        /// The key and the tags of a new secret.
        settings: Option<Box<VaultSettings>>,
    },
}

impl fmt::Display for AppStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Secret { id, .. } => write!(f, "the secret {id}"),
        }
    }
}

impl AppStore {
    /// The secret that `EVERTOKEN_APP_SECRET_NAME` names, or else `<prefix>/app`, the name in the template.
    pub(crate) async fn at(location: &VaultLocation, context: &Context) -> Result<Self> {
        if let Some(dir) = &location.local {
            return Ok(Self::in_folder(dir));
        }
        let context = location.resolve(context, &["EVERTOKEN_VAULT_PREFIX"]).await?;
        let variables = &context.variables;
        let id = match optional_app_secret(variables)? {
            Some(name) => name,
            None => format!("{}/app", VaultSettings::read(variables)?.prefix()),
        };
        let settings = VaultSettings::read(variables).ok().map(Box::new);
        Ok(Self::Secret { client: context.aws().await?.secrets_manager(), id, settings })
    }

    pub(crate) fn in_folder(dir: &Path) -> Self {
        Self::File(app_file(dir))
    }

    /// The stored text, or `None` if there is none yet.
    pub(crate) async fn read(&self) -> Result<Option<SecretString>> {
        match self {
            Self::File(path) => key_file::read(path),
            Self::Secret { client, id, .. } => {
                match client.get_secret_value().secret_id(id).send().await.map_err(AwsErrorCode::from) {
                    Ok(secret) => Ok(Some(SecretString::from(secret.secret_string.unwrap_or_default()))),
                    Err(code) if code.is_not_found() => Ok(None),
                    Err(code) => Err(CliError::ReadSecret { secret: id.clone(), code }),
                }
            }
        }
    }

    /// Replaces the stored text.
    pub(crate) async fn write(&self, text: &SecretString) -> Result<()> {
        match self {
            Self::File(path) => key_file::write(path, text.expose_secret().as_bytes()),
            Self::Secret { client, id, settings } => put(client, id, settings.as_deref(), text)
                .await
                .map_err(|code| CliError::WriteSecret { secret: id.clone(), code }),
        }
    }
}

/// Creates the secret if it does not exist.
async fn put(
    client: &Client,
    id: &str,
    settings: Option<&VaultSettings>,
    text: &SecretString,
) -> Result<(), AwsErrorCode> {
    let put = client.put_secret_value().secret_id(id).secret_string(text.expose_secret());
    match put.send().await.map_err(AwsErrorCode::from) {
        Err(code) if code.is_not_found() => {
            let create = client.create_secret().name(id).secret_string(text.expose_secret());
            let create = create.description("Credentials of the Instagram app that Evertoken uses for logins");
            let create = create.set_kms_key_id(settings.and_then(VaultSettings::kms_key));
            let create = create.set_tags(settings.map(VaultSettings::tags));
            create.send().await.map(|_| ()).map_err(AwsErrorCode::from)
        }
        done => done.map(|_| ()),
    }
}
