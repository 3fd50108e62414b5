//! The authorization request: the parameters of `/oauth/authorize` (Meta, "Business Login for Instagram").

use url::Url;

use crate::params::Params;
use crate::settings::BASE_SCOPE;
use crate::state::SandboxState;

/// A valid authorization request.
///
/// `enable_fb_login`, `force_reauth`, `force_authentication` and unknown parameters are accepted with any value: no
/// report of a rejection is known.
pub(crate) struct AuthorizationRequest {
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) state: Option<String>,
    /// The parsed `redirect_uri`.
    pub(crate) target: Url,
}

/// An error that Instagram shows on a page of its own, without a redirect to the app.
pub(crate) struct AuthorizationError {
    /// The label in the counters.
    pub(crate) outcome: &'static str,
    pub(crate) message: String,
}

impl AuthorizationError {
    pub(crate) fn new(outcome: &'static str, message: impl Into<String>) -> Self {
        Self { outcome, message: message.into() }
    }
}

impl AuthorizationRequest {
    pub(crate) fn parse(state: &SandboxState, params: &Params) -> Result<Self, AuthorizationError> {
        if params.get("client_id") != Some(&state.app.id) {
            return Err(AuthorizationError::new("unknown_app", "Invalid platform app"));
        }
        let redirect_uri = params
            .get("redirect_uri")
            .filter(|sent| state.app.redirect_uris.iter().any(|registered| registered == sent));
        let target = redirect_uri.and_then(|uri| Url::parse(uri).ok());
        let (Some(redirect_uri), Some(target)) = (redirect_uri, target) else {
            return Err(AuthorizationError::new("unknown_redirect_uri", "Invalid redirect_uri"));
        };
        if params.get("response_type") != Some("code") {
            return Err(AuthorizationError::new("wrong_response_type", "Invalid response_type"));
        }
        Ok(Self {
            redirect_uri: redirect_uri.to_owned(),
            scopes: parse_scopes(state, params.get("scope").unwrap_or_default())?,
            state: params.get("state").map(str::to_owned),
            target,
        })
    }
}

/// Parses a list separated by commas or spaces. Meta calls the base scope mandatory. How Instagram rejects a list
/// without it is assumed.
fn parse_scopes(state: &SandboxState, text: &str) -> Result<Vec<String>, AuthorizationError> {
    let scopes: Vec<String> = text.split([',', ' ']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    if let Some(unknown) = scopes.iter().find(|scope| !state.app.scopes.contains(scope)) {
        return Err(AuthorizationError::new("unknown_scope", format!("Invalid scope: {unknown}")));
    }
    if !scopes.iter().any(|scope| scope == BASE_SCOPE) {
        return Err(AuthorizationError::new("no_base_scope", format!("Invalid scope: {BASE_SCOPE} is missing")));
    }
    Ok(scopes)
}
