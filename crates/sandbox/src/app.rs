//! The app that is registered with the sandbox.

use serde::Serialize;

use crate::settings::Settings;

/// Serializes without the app secret.
#[derive(Serialize)]
pub(crate) struct App {
    #[serde(rename = "app_id")]
    pub(crate) id: String,
    #[serde(skip)]
    pub(crate) secret: String,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) scopes: Vec<String>,
    /// Fields of posts that the app may not read.
    pub(crate) refused_fields: Vec<String>,
}

impl From<&Settings> for App {
    fn from(settings: &Settings) -> Self {
        Self {
            id: settings.app_id.clone(),
            secret: settings.app_secret.clone(),
            redirect_uris: settings.redirect_uris.clone(),
            scopes: settings.scopes.clone(),
            refused_fields: Vec::new(),
        }
    }
}
