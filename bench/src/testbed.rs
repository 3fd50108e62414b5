//! The environment of all measured implementations: the Instagram sandbox, a Secrets Manager, and environment variables.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::SdkError;
use evertoken_core::invite::{self, Invite};
use evertoken_core::signing::SigningKeys;
use evertoken_sandbox::Settings;
use evertoken_tests::http::{Request, parameter};
use evertoken_tests::moto::REGION;
use evertoken_tests::sample::document_json;
use evertoken_tests::sandbox_server::SandboxServer;
use evertoken_tests::{api_gateway, http};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::implementations::Function;
use crate::runtime_api::RuntimeApi;

const PUBLIC_URL: &str = "https://login.example.test";
const SIGNING_KEY: &str = "signing-key-of-the-measurements-0123456789";
const PREFIX: &str = "bench";

/// The account of all logins and refreshes.
pub const ACCOUNT: &str = "shop-de";

/// The Instagram sandbox and a Secrets Manager with credentials.
#[derive(Debug)]
pub struct Testbed {
    /// The sandbox.
    pub instagram: SandboxServer,
    secrets: Client,
    signing: SigningKeys,
}

impl Testbed {
    /// Starts the sandbox, and stores the app's credentials and the signing key through `secrets`.
    pub async fn start(secrets: Client) -> Self {
        let settings = Settings::default();
        let app = json!({"app_id": settings.app_id, "app_secret": settings.app_secret}).to_string();
        let instagram = SandboxServer::start(settings, &format!("{PUBLIC_URL}/callback")).await;
        for (name, value) in [("app", app.as_str()), ("signing", SIGNING_KEY)] {
            secrets.create_secret().name(format!("{PREFIX}/{name}")).secret_string(value).send().await.unwrap();
        }
        Self { instagram, secrets, signing: SigningKeys::parse(SIGNING_KEY).unwrap() }
    }

    /// The environment variables: as in the template, with these origins for Instagram and AWS.
    pub fn variables(instagram: &str, aws: &str) -> BTreeMap<String, String> {
        let path = std::env::var("PATH").unwrap_or_default();
        let variables = [
            ("PATH", path.as_str()),
            ("EVERTOKEN_STACK", PREFIX),
            ("EVERTOKEN_VAULT_PREFIX", PREFIX),
            ("EVERTOKEN_PROVIDER", "instagram"),
            ("EVERTOKEN_APP_SECRET_NAME", "bench/app"),
            ("EVERTOKEN_SIGNING_SECRET_NAME", "bench/signing"),
            ("EVERTOKEN_PUBLIC_URL", PUBLIC_URL),
            ("EVERTOKEN_EVENT_BUS", "default"),
            ("EVERTOKEN_AUTHORIZE_URL", instagram),
            ("EVERTOKEN_TOKEN_URL", instagram),
            ("EVERTOKEN_GRAPH_URL", instagram),
            ("AWS_ENDPOINT_URL", aws),
            ("AWS_REGION", REGION),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_SESSION_TOKEN", "test"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_LAMBDA_FUNCTION_NAME", PREFIX),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
            ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
        ];
        variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    /// Resets the account to 30 days after its login, and returns the event that refreshes it.
    pub async fn due_account(&self) -> Value {
        let age = Duration::days(30);
        let token = self.instagram.token("blue_bottle", age).await;
        let connected_at = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap() - age;
        let text = document_json(ACCOUNT, &token, connected_at).to_string();
        let name = format!("{PREFIX}/accounts/{ACCOUNT}");
        let put = self.secrets.put_secret_value().secret_id(&name).secret_string(&text).send().await;
        if put.is_err() {
            self.secrets.create_secret().name(&name).secret_string(&text).send().await.unwrap();
        }
        json!({"version": 1, "accounts": [ACCOUNT], "force": true})
    }

    /// The event for one unit of work, after the account was reset.
    pub async fn event(&self, function: Function, callback: &RuntimeApi) -> Value {
        let refresh = self.due_account().await;
        match function {
            Function::Callback => self.callback_event(callback).await,
            Function::Refresh => refresh,
        }
    }

    /// The text of the account's secret, or an empty text if there is none.
    pub async fn stored_account(&self) -> String {
        let name = format!("{PREFIX}/accounts/{ACCOUNT}");
        let read = self.secrets.get_secret_value().secret_id(name).send().await;
        match read.map_err(SdkError::into_service_error) {
            Ok(secret) => secret.secret_string.unwrap_or_default(),
            Err(error) if error.is_resource_not_found_exception() => String::new(),
            Err(error) => panic!("the account cannot be read: {error}"),
        }
    }

    /// Starts a login with an invite, consents in the sandbox, and returns the event of the redirect to `/callback`.
    /// `callback` is Evertoken's own function: it signs the state for all implementations.
    pub async fn callback_event(&self, callback: &RuntimeApi) -> Value {
        self.consented_event(&callback.invoke(&self.invite_event()).response).await
    }

    /// The event of pressing the button of an invite's landing page.
    pub fn invite_event(&self) -> Value {
        let expires_at = OffsetDateTime::now_utc() + Duration::days(7);
        let invite = Invite { name: Some(ACCOUNT.parse().unwrap()), ..Invite::new(expires_at) };
        let link = invite::start_link(&PUBLIC_URL.parse().unwrap(), &self.signing.sign(&invite));
        api_gateway::event(&Request::get(&link), &[])
    }

    /// Consents in the sandbox, to which `started`, the response to the button of an invite's landing page, redirects. Returns the event of the redirect
    /// to `/callback`.
    pub async fn consented_event(&self, started: &Value) -> Value {
        let (consent, cookies) = redirect(started);
        api_gateway::event(&Request::get(&self.consent(&consent).await), &cookies)
    }

    /// The event of the redirect in a response.
    pub fn redirect_event(response: &Value) -> Value {
        let (target, cookies) = redirect(response);
        api_gateway::event(&Request::get(&target), &cookies)
    }

    /// Submits the consent page with all scopes granted, and returns the redirect to `/callback`.
    async fn consent(&self, page: &Url) -> Url {
        let mut form: Vec<(String, String)> =
            page.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let scopes = parameter(page, "scope");
        let decided = [("account", "blue_bottle"), ("decision", "allow")];
        let granted = scopes.split(',').map(|scope| ("grant", scope));
        form.extend(decided.into_iter().chain(granted).map(|(name, value)| (name.to_owned(), value.to_owned())));
        let mut action = page.clone();
        action.set_query(None);
        let back = http::client().post(action).form(&form).send().await.unwrap();
        back.headers()["location"].to_str().unwrap().parse().unwrap()
    }
}

/// The target and the cookies of a redirect.
fn redirect(response: &Value) -> (Url, Vec<String>) {
    let request = Request::get(&PUBLIC_URL.parse().unwrap());
    let response = api_gateway::response(&request, response);
    let cookies = response.cookies.iter().filter_map(|cookie| Some(cookie.split(';').next()?.to_owned())).collect();
    let target = response.location().unwrap_or_else(|| panic!("expected a redirect: {response:?}"));
    (target, cookies)
}

/// Checks that an invocation did its work: it responded with success, and stored another token than `before`. That is empty
/// if there was no account.
///
/// # Errors
/// If it did not. Its duration then measures nothing.
pub fn check_work(function: Function, response: &Value, before: &str, after: &str) -> Result<()> {
    let succeeded = match function {
        Function::Callback => response["statusCode"] == 303,
        Function::Refresh => response["refreshed"] == 1,
    };
    if !succeeded {
        bail!("the response is not a success: {response}");
    }
    let token = |document: &str| -> Result<String> {
        let document: Value = serde_json::from_str(document).context("the stored account is not JSON")?;
        Ok(document["access_token"].as_str().context("the stored account has no token")?.to_owned())
    };
    let before = Some(before).filter(|text| !text.is_empty()).map(token).transpose()?;
    if before == Some(token(after)?) {
        bail!("the stored token has not changed");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = r#"{"access_token": "old"}"#;
    const NEW: &str = r#"{"access_token": "new"}"#;

    #[test]
    fn accepts_work_that_replaced_the_token() {
        check_work(Function::Refresh, &json!({"refreshed": 1}), OLD, NEW).unwrap();
        check_work(Function::Callback, &json!({"statusCode": 303}), OLD, NEW).unwrap();
        check_work(Function::Callback, &json!({"statusCode": 303}), "", NEW).unwrap();
    }

    #[test]
    fn refuses_a_success_without_a_new_token() {
        let error = check_work(Function::Refresh, &json!({"refreshed": 1}), OLD, OLD).unwrap_err();
        assert_eq!(error.to_string(), "the stored token has not changed");
    }

    #[test]
    fn refuses_an_error_response_and_a_document_without_a_token() {
        assert!(check_work(Function::Callback, &json!({"statusCode": 502}), OLD, NEW).is_err());
        assert!(check_work(Function::Refresh, &json!({"refreshed": 0}), OLD, NEW).is_err());
        assert!(check_work(Function::Refresh, &json!({"refreshed": 1}), OLD, "{}").is_err());
        assert!(check_work(Function::Callback, &json!({"statusCode": 303}), "", "").is_err());
    }
}
