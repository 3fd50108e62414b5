//! `/oauth/authorize`: the consent page and the redirect back (Meta, "Business Login for Instagram").

use axum::extract::{RawQuery, Request, State as Shared};
use axum::response::Response;
use http::header::{CACHE_CONTROL, LOCATION};
use http::{HeaderValue, StatusCode};
use time::OffsetDateTime;
use url::Url;

use crate::Sandbox;
use crate::account::{InstagramId, Role};
use crate::answer::Answer;
use crate::authorize_page::{ConsentPage, RefusedPage};
use crate::counters::Endpoint;
use crate::params::Params;
use crate::settings::BASE_SCOPE;
use crate::state::State;
use crate::visit::Visit;

/// What the app asked for, checked.
///
/// `enable_fb_login`, `force_reauth`, `force_authentication` and every unknown parameter are taken in any spelling:
/// no report of a refusal is known.
pub(crate) struct Asked {
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) state: Option<String>,
    /// Where `redirect_uri` leads.
    target: Url,
}

/// Why Instagram shows an error page of its own and sends nobody back.
pub(crate) struct Refused {
    pub(crate) outcome: &'static str,
    pub(crate) message: String,
}

impl Refused {
    fn new(outcome: &'static str, message: impl Into<String>) -> Self {
        Self { outcome, message: message.into() }
    }
}

/// Shows the consent page.
pub(crate) async fn show(Shared(sandbox): Shared<Sandbox>, RawQuery(query): RawQuery) -> Response {
    let visit = Visit::new(&sandbox, Endpoint::Authorize);
    let params = Params::from_query(query.as_deref());
    visit
        .answer(None, |state, _| match Asked::read(state, &params) {
            Ok(asked) => ConsentPage::new(state, &asked).answer(),
            Err(refused) => RefusedPage::new(&refused).answer(refused.outcome),
        })
        .await
}

/// Takes the person's decision and sends the browser back.
pub(crate) async fn decide(Shared(sandbox): Shared<Sandbox>, request: Request) -> Response {
    let visit = Visit::new(&sandbox, Endpoint::Authorize);
    let params = Params::from_body(request).await;
    let account = params.get("account").and_then(|name| Some(sandbox.state().find_account(name)?.app_scoped_id));
    visit
        .answer(account, |state, now| {
            let decided = Asked::read(state, &params).and_then(|asked| asked.decided(state, &params, account, now));
            decided.unwrap_or_else(|refused| RefusedPage::new(&refused).answer(refused.outcome))
        })
        .await
}

impl Asked {
    fn read(state: &State, params: &Params) -> Result<Self, Refused> {
        if params.get("client_id") != Some(&state.app.app_id) {
            return Err(Refused::new("unknown_app", "Invalid platform app"));
        }
        let redirect_uri = params
            .get("redirect_uri")
            .filter(|sent| state.app.redirect_uris.iter().any(|registered| registered == sent));
        let target = redirect_uri.and_then(|uri| Url::parse(uri).ok());
        let (Some(redirect_uri), Some(target)) = (redirect_uri, target) else {
            return Err(Refused::new("unknown_redirect_uri", "Invalid redirect_uri"));
        };
        if params.get("response_type") != Some("code") {
            return Err(Refused::new("wrong_response_type", "Invalid response_type"));
        }
        Ok(Self {
            redirect_uri: redirect_uri.to_owned(),
            scopes: read_scopes(state, params.get("scope").unwrap_or_default())?,
            state: params.get("state").map(str::to_owned),
            target,
        })
    }

    /// The redirect back, with a code or an error.
    fn decided(
        self,
        state: &mut State,
        params: &Params,
        account: Option<InstagramId>,
        now: OffsetDateTime,
    ) -> Result<Answer, Refused> {
        match params.get("decision") {
            Some("allow") => {}
            Some("cancel") => {
                let error = [
                    ("error", "access_denied"),
                    ("error_reason", "user_denied"),
                    ("error_description", "The user denied your request"),
                ];
                return Ok(self.back("denied", &error));
            }
            _ => return Err(Refused::new("no_decision", "Choose Allow or Cancel")),
        }
        let account = account.and_then(|id| state.accounts.get_mut(&id));
        let account = account.ok_or_else(|| Refused::new("unknown_account", "There is no such account"))?;
        if account.role == Role::None {
            // `error_reason` is not documented here.
            let error = [("error", "access_denied"), ("error_description", "Insufficient developer role")];
            return Ok(self.back("insufficient_role", &error));
        }
        // Whoever comes this far has logged in on the site and followed its instructions.
        account.revoked = false;
        account.password_changed = false;
        account.checkpointed = false;
        let account = account.app_scoped_id;
        let granted = self.scopes.iter().filter(|scope| params.all("grant").any(|granted| granted == *scope));
        let code = state.issue_code(account, &self.redirect_uri, granted.cloned().collect(), now);
        Ok(self.back("allowed", &[("code", &code)]))
    }

    /// Sends the browser back. `state` is echoed on errors too, and `#_` follows a code as at Instagram: a browser keeps
    /// it to itself.
    fn back(mut self, outcome: &'static str, pairs: &[(&str, &str)]) -> Answer {
        self.target.query_pairs_mut().extend_pairs(pairs).extend_pairs(self.state.map(|state| ("state", state)));
        if outcome == "allowed" {
            self.target.set_fragment(Some("_"));
        }
        let Ok(location) = HeaderValue::try_from(self.target.as_str()) else { return Answer::internal() };
        let headers = [(LOCATION, location), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        Answer::new(outcome, (StatusCode::FOUND, headers))
    }
}

/// A list separated by commas or spaces. The base scope must be in it: Meta calls it mandatory, and how Instagram
/// refuses a list without it is assumed.
fn read_scopes(state: &State, text: &str) -> Result<Vec<String>, Refused> {
    let scopes: Vec<String> = text.split([',', ' ']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    if let Some(foreign) = scopes.iter().find(|scope| !state.app.scopes.contains(scope)) {
        return Err(Refused::new("unknown_scope", format!("Invalid scope: {foreign}")));
    }
    if !scopes.iter().any(|scope| scope == BASE_SCOPE) {
        return Err(Refused::new("no_base_scope", format!("Invalid scope: {BASE_SCOPE} is missing")));
    }
    Ok(scopes)
}
