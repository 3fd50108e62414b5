//! The link that starts a login again.

use evertoken_core::document::ProviderName;
use evertoken_core::invite::{Invite, start_link};
use evertoken_core::login_state::LoginState;
use evertoken_core::public_url;
use evertoken_core::signing::SigningKeys;

use url::Url;

use crate::login_cookie::Proof;
use crate::service::Ports;

/// Adds the login to a link, if there is more than one to choose from.
pub(crate) fn with_login<S: Ports>(service: &S, mut url: Url, login: ProviderName) -> Url {
    if service.logins().names().nth(1).is_some() {
        url.query_pairs_mut().append_pair("provider", login.as_str());
    }
    url
}

/// A link that starts the same login again, without the invite's landing page: for everyone if it was an open login, otherwise
/// only for the browser that holds the invite, and only while the invite is valid.
pub(crate) fn restart_url<S: Ports>(
    service: &S,
    state: &LoginState,
    proof: &Proof,
    keys: &SigningKeys,
) -> Option<String> {
    let environment = service.environment();
    let public_url = &environment.settings.public_url;
    if state.invite.is_some() {
        let invite = proof.invite()?;
        keys.verify::<Invite>(invite, environment.clock.now()).ok()?;
        return Some(with_login(service, start_link(public_url, invite), state.provider).into());
    }
    let mut url = with_login(service, public_url::join(public_url, "login"), state.provider);
    if let Some(return_to) = &state.return_to {
        url.query_pairs_mut().append_pair("return_to", return_to.as_str());
    }
    Some(url.into())
}
