//! The parameters of `/dialog/oauth` (Meta, "Manually build a login flow" and "Facebook Login for Business").

use time::OffsetDateTime;
use url::Url;

use crate::facebook::app::{ConfiguredToken, LoginConfiguration, LoginProduct, MetaApp};
use crate::graph_version::is_supported;
use crate::params::Params;
use crate::state::SandboxState;

/// Every app has these permissions, and Facebook Login for Business requires another one besides.
const BASIC_SCOPES: [&str; 2] = ["public_profile", "email"];

/// The parameters that the page's form repeats.
const REPEATED: [&str; 9] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "config_id",
    "auth_type",
    "display",
    "state",
    "override_default_response_type",
];

/// A valid request. `display` and unknown parameters are accepted with any value.
pub(crate) struct DialogRequest {
    pub(crate) redirect_uri: String,
    /// The parsed `redirect_uri`.
    pub(crate) target: Url,
    pub(crate) state: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) token: ConfiguredToken,
    /// Whether the person chooses pages again after an earlier login: `auth_type` is `reauthorize` or `rerequest`.
    pub(crate) asks_again: bool,
    /// Whether single permissions can be declined.
    pub(crate) can_decline: bool,
    /// The parameters that the page's form repeats.
    pub(crate) repeated: Vec<(&'static str, String)>,
}

/// An error that Facebook shows on a page of its own, without a redirect to the app.
pub(crate) struct DialogError {
    /// The label in the counters.
    pub(crate) outcome: &'static str,
    pub(crate) message: String,
}

impl DialogError {
    pub(crate) fn new(outcome: &'static str, message: impl Into<String>) -> Self {
        Self { outcome, message: message.into() }
    }
}

impl DialogRequest {
    pub(crate) fn parse(
        state: &SandboxState,
        version: &str,
        params: &Params,
        now: OffsetDateTime,
    ) -> Result<Self, DialogError> {
        let app = &state.facebook.app;
        if !is_supported(version, now) {
            return Err(DialogError::new(
                "unknown_version",
                format!("Unknown path components: /{version}/dialog/oauth"),
            ));
        }
        if params.get("client_id") != Some(&app.id) {
            let message = "Invalid App ID: The provided app ID does not look like a valid app ID.";
            return Err(DialogError::new("unknown_app", message));
        }
        let registered = &state.app.redirect_uris;
        let redirect_uri = params.get("redirect_uri").filter(|sent| registered.iter().any(|uri| uri == sent));
        let target = redirect_uri.and_then(|uri| Url::parse(uri).ok());
        let (Some(redirect_uri), Some(target)) = (redirect_uri, target) else {
            let message = "URL Blocked: This redirect failed because the redirect URI is not whitelisted in the app's \
                           Client OAuth Settings. Make sure Client and Web OAuth Login are on and add all your app domains \
                           as Valid OAuth Redirect URIs.";
            return Err(DialogError::new("unknown_redirect_uri", message));
        };
        let configuration = configuration(app, params)?;
        let token = configuration.map_or(ConfiguredToken::User, |configuration| configuration.token);
        check_response_type(params, token)?;
        let scopes = match configuration {
            Some(configuration) => configuration.scopes.clone(),
            None => parse_scopes(app, params.get("scope").unwrap_or_default())?,
        };
        let repeated = REPEATED.into_iter().filter_map(|name| Some((name, params.get(name)?.to_owned())));
        Ok(Self {
            redirect_uri: redirect_uri.to_owned(),
            target,
            state: params.get("state").map(str::to_owned),
            scopes: with_public_profile(scopes),
            token,
            asks_again: asks_again(params)?,
            can_decline: app.login == LoginProduct::Consumer,
            repeated: repeated.collect(),
        })
    }
}

fn configuration<'a>(app: &'a MetaApp, params: &Params) -> Result<Option<&'a LoginConfiguration>, DialogError> {
    let Some(id) = params.get("config_id") else { return Ok(None) };
    let known = app.configurations.iter().find(|configuration| configuration.id.to_string() == id);
    let known = known.filter(|_| app.login == LoginProduct::Business);
    // Facebook's page says only that something went wrong; the text is assumed.
    let known = known.ok_or_else(|| DialogError::new("unknown_config", "Invalid config_id: no such configuration."))?;
    if known.token != ConfiguredToken::User && params.get("scope").is_some() {
        let message = "Invalid parameter: scope cannot be used with a configuration for system users.";
        return Err(DialogError::new("scope_with_config", message));
    }
    Ok(Some(known))
}

fn check_response_type(params: &Params, token: ConfiguredToken) -> Result<(), DialogError> {
    if params.get("response_type").is_some_and(|kind| kind != "code") {
        return Err(DialogError::new("wrong_response_type", "Invalid response_type: only code is supported."));
    }
    let is_overridden =
        params.get("response_type").is_some() && params.get("override_default_response_type") == Some("true");
    if token != ConfiguredToken::User && !is_overridden {
        let message = "Invalid parameter: a configuration for system users requires response_type=code and \
                       override_default_response_type=true.";
        return Err(DialogError::new("wrong_response_type", message));
    }
    Ok(())
}

/// Parses a list separated by commas or spaces.
fn parse_scopes(app: &MetaApp, text: &str) -> Result<Vec<String>, DialogError> {
    let scopes: Vec<String> = text.split([',', ' ']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    let unknown: Vec<_> = scopes.iter().filter(|scope| !app.scopes.contains(scope)).map(String::as_str).collect();
    if !unknown.is_empty() {
        let message = format!(
            "Invalid Scopes: {}. This message is only shown to developers. Users of your app will ignore these permissions \
             if present. Please read the documentation for valid permissions at: \
             https://developers.facebook.com/docs/facebook-login/permissions",
            unknown.join(", ")
        );
        return Err(DialogError::new("unknown_scope", message));
    }
    let is_basic = scopes.iter().all(|scope| BASIC_SCOPES.contains(&scope.as_str()));
    if app.login == LoginProduct::Business && is_basic {
        let message = "It looks like this app isn't available. This app needs at least one supported permission.";
        return Err(DialogError::new("no_scope", message));
    }
    Ok(scopes)
}

fn with_public_profile(mut scopes: Vec<String>) -> Vec<String> {
    if !scopes.iter().any(|scope| scope == "public_profile") {
        scopes.push("public_profile".to_owned());
    }
    scopes
}

fn asks_again(params: &Params) -> Result<bool, DialogError> {
    let mut asks_again = false;
    for word in params.get("auth_type").unwrap_or_default().split(',').filter(|word| !word.is_empty()) {
        match word {
            "rerequest" | "reauthorize" => asks_again = true,
            // Asks for the password again, which the sandbox does not have.
            "reauthenticate" => {}
            // How Facebook answers an unknown value is assumed.
            _ => return Err(DialogError::new("unknown_auth_type", format!("Invalid parameter: auth_type {word}"))),
        }
    }
    Ok(asks_again)
}
