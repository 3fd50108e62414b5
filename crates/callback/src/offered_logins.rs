//! The logins that this installation offers, and the one that a request asks for.

use std::borrow::Cow;

use evertoken_core::app::App;
use evertoken_core::document::ProviderName;

use crate::error_page::ErrorPage;
use crate::service::Ports;

/// The login with this name.
pub(crate) fn login_of<S: Ports>(service: &S, name: ProviderName) -> Result<&S::Provider, ErrorPage> {
    service.logins().of(name).ok_or(ErrorPage::LoginNotOffered)
}

/// The app's credentials for a login.
pub(crate) fn app_of(app: &App, name: ProviderName) -> Result<Cow<'_, App>, ErrorPage> {
    app.of(name).map_err(|error| {
        tracing::error!(provider = name.as_str(), "cannot use the app's credentials: {error}");
        match name {
            ProviderName::Instagram => ErrorPage::AppNotSetUp,
            ProviderName::Facebook => ErrorPage::FacebookNotSetUp,
        }
    })
}

/// The login that a link asks for. If it asks for none, the only login; `None` if there are several to choose from.
pub(crate) fn wanted<S: Ports>(
    service: &S,
    of_invite: Option<ProviderName>,
    of_query: Option<&str>,
) -> Result<Option<ProviderName>, ErrorPage> {
    let of_query = of_query.map(parse).transpose()?;
    let mut names = service.logins().names();
    match of_invite.or(of_query) {
        Some(name) => login_of(service, name).map(|_| Some(name)),
        None => Ok(names.next().filter(|_| names.next().is_none())),
    }
}

fn parse(text: &str) -> Result<ProviderName, ErrorPage> {
    [ProviderName::Instagram, ProviderName::Facebook]
        .into_iter()
        .find(|name| name.as_str() == text)
        .ok_or(ErrorPage::LoginNotOffered)
}
