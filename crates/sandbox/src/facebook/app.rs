//! The Meta app: what its dashboard configures for Facebook Login.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::facebook::id::FacebookId;
use crate::facebook::settings::FacebookSettings;

/// Which product the app logs people in with. An app of the type Business has Facebook Login for Business (Meta, "Facebook
/// Login for Business").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginProduct {
    /// Facebook Login for Business: a person grants every requested permission, or none.
    #[default]
    Business,
    /// Facebook Login for consumers: a person can decline single permissions. There are no configurations.
    Consumer,
}

/// A configuration of Facebook Login for Business. Its id replaces `scope` in the dialog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginConfiguration {
    /// `config_id` in requests.
    pub id: FacebookId,
    /// The kind of token that a code gives.
    pub token: ConfiguredToken,
    /// The permissions that the dialog asks for.
    pub scopes: Vec<String>,
}

/// The kind of token that a configuration gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfiguredToken {
    /// A user token.
    User,
    /// A token of a business integration system user, without an expiry date.
    SystemUser,
    /// The same for 60 days.
    #[serde(rename = "system_user_60_days")]
    SystemUserFor60Days,
}

/// Serializes without the app secret.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct MetaApp {
    /// The Meta app's id.
    #[serde(rename = "app_id")]
    pub id: String,
    /// The Meta app's secret.
    #[serde(skip)]
    pub secret: String,
    /// The permissions that the app may request.
    pub scopes: Vec<String>,
    /// The configurations of Facebook Login for Business.
    pub configurations: Vec<LoginConfiguration>,
    /// Whether calls without `appsecret_proof` are rejected ("Require App Secret").
    pub require_proof: bool,
    /// Facebook Login for Business, or that for consumers.
    pub login: LoginProduct,
}

impl fmt::Debug for MetaApp {
    /// Omits the app secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetaApp").field("id", &self.id).finish_non_exhaustive()
    }
}

impl MetaApp {
    pub(crate) fn new(id: &str, secret: &str, settings: &FacebookSettings) -> Self {
        Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
            scopes: settings.scopes.clone(),
            configurations: settings.configurations.clone(),
            require_proof: settings.require_proof,
            login: settings.login,
        }
    }
}
