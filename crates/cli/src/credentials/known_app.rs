//! The app's credentials for commands that also work without them.

use evertoken_core::app::App;
use secrecy::ExposeSecret;

use super::app_store::AppStore;
use super::local_credentials::{self, APP_SECRET};
use crate::context::Context;
use crate::error::{CliError, Result};
use crate::terminal::output;
use crate::vault::location::VaultLocation;

/// The app, or `None` after a note that says why it is not available.
pub(crate) async fn find(location: &VaultLocation, context: &Context) -> Option<App> {
    read(location, context).await.unwrap_or_else(|error| {
        output::note(&format!(
            "The app's credentials are not available, so short-lived tokens cannot be extended: {error}"
        ));
        None
    })
}

async fn read(location: &VaultLocation, context: &Context) -> Result<Option<App>> {
    if location.local.is_some() && context.variables.get(APP_SECRET).is_some() {
        return Ok(Some(local_credentials::app_from_variables(&context.variables)?));
    }
    let store = AppStore::at(location, context).await?;
    let Some(text) = store.read().await? else { return Ok(None) };
    let app = App::parse(text.expose_secret());
    app.map(Some).map_err(|reason| CliError::App { location: store.to_string(), reason })
}
