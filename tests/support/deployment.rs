//! One stack as `template.yaml` lays it out: its secrets in moto, its two functions, and an Instagram.

use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use aws_sdk_secretsmanager::types::RotationRulesType;
use evertoken_core::invite::{self, Invite};
use evertoken_core::signing::SigningKeys;
use evertoken_sandbox::Settings;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::aws_proxy::AwsProxy;
use crate::browser::Browser;
use crate::gatekeeper::{Calls, Gatekeeper};
use crate::leaks::Leaks;
use crate::moto::{Moto, REGION};
use crate::rie::Lambda;
use crate::served_sandbox::ServedSandbox;
use crate::stack::Stack;
use crate::template::Template;
use crate::{binaries, sample};

/// Where people reach the pages. Nobody resolves this name: its requests are events for the Lambda.
const PUBLIC_URL: &str = "https://login.example.test";

const SIGNING_KEY: &str = "signing-key-of-the-end-to-end-tests-0123456789";

/// A stack of one's own. At its end everything that it wrote is searched for secrets.
#[derive(Debug)]
pub struct Deployment {
    /// The first part of its secrets' names.
    pub prefix: String,
    /// Its Instagram.
    pub instagram: ServedSandbox,
    /// What it must keep secret, and what it wrote.
    pub leaks: Leaks,
    /// What its functions have called.
    pub calls: Calls,
    /// The template's parameters that are not by default.
    parameters: Vec<(String, String)>,
    /// Its own two secrets: in the template, and in moto.
    own_secrets: [(&'static str, String); 2],
    /// Variables that are otherwise than the template sets them.
    changed: Vec<(String, String)>,
    secrets: Client,
}

impl Deployment {
    /// The template's two secrets are in Secrets Manager, no account is.
    pub async fn new() -> Self {
        Self::with_instagram(Settings::default()).await
    }

    /// The same with another Instagram.
    pub async fn with_instagram(settings: Settings) -> Self {
        static STACKS: AtomicUsize = AtomicUsize::new(0);
        let prefix = format!("stack-{}", STACKS.fetch_add(1, Ordering::SeqCst));
        let leaks = Leaks::default();
        leaks.keep_secret("the app secret", &settings.app_secret);
        leaks.keep_secret("the signing key", SIGNING_KEY);
        let parameters = [
            ("InstagramAppId", settings.app_id.as_str()),
            ("InstagramAppSecret", settings.app_secret.as_str()),
            ("VaultPrefix", prefix.as_str()),
            ("PublicUrl", PUBLIC_URL),
            ("ReturnUrls", "https://shop.example.test/settings"),
        ];
        let stack = Stack::new(Template::main(), &parameters).unwrap();
        let secrets = Moto::shared().client();
        let create = async |resource: &str, value: Option<&str>| {
            let secret = stack.properties(resource);
            let value = value.or_else(|| secret["SecretString"].as_str()).unwrap();
            let create = secrets.create_secret().name(secret["Name"].as_str().unwrap()).secret_string(value);
            create.send().await.unwrap().arn.unwrap()
        };
        let own_secrets = [
            ("AppSecret", create("AppSecret", None).await),
            // The template has a random one made.
            ("SigningSecret", create("SigningSecret", Some(SIGNING_KEY)).await),
        ];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let instagram = ServedSandbox::start(settings, &format!("{PUBLIC_URL}/callback")).await;
        let (calls, changed) = (Calls::default(), Vec::new());
        Self { prefix, instagram, leaks, calls, parameters, own_secrets, changed, secrets }
    }

    /// The same with these parameters of the template otherwise, for the functions that start from now on.
    #[must_use]
    pub fn with_parameters(mut self, changed: &[(&str, &str)]) -> Self {
        self.parameters.extend(changed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self
    }

    /// The same with these variables otherwise, for the functions that start from now on.
    #[must_use]
    pub fn with_variables(mut self, changed: &[(&str, &str)]) -> Self {
        self.changed.extend(changed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self
    }

    /// What the template makes.
    pub fn stack(&self) -> Stack {
        let parameters: Vec<_> = self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let stack = Stack::new(Template::main(), &parameters).unwrap();
        self.own_secrets.iter().fold(stack, |stack, (resource, arn)| stack.with(resource, arn))
    }

    /// A function's variables: the template's, and the addresses and credentials of this machine.
    fn environment(&self, function: &Value, aws: &str) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let of_template = function["Environment"]["Variables"].as_object().unwrap();
        let of_template = of_template.iter().map(|(name, value)| (name.clone(), text(value)));
        let instagram = self.instagram.origin();
        let of_machine = [
            ("EVERTOKEN_AUTHORIZE_URL", instagram),
            ("EVERTOKEN_TOKEN_URL", instagram),
            ("EVERTOKEN_GRAPH_URL", instagram),
            ("AWS_ENDPOINT_URL", aws),
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_SESSION_TOKEN", "test"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_LAMBDA_LOG_FORMAT", function["LoggingConfig"]["LogFormat"].as_str().unwrap()),
            // All that can ever be in a log is in every test's.
            ("AWS_LAMBDA_LOG_LEVEL", "TRACE"),
        ];
        let of_machine = of_machine.map(|(name, value)| (name.to_owned(), value.to_owned()));
        // The later one wins.
        of_template.chain(of_machine).chain(self.changed.iter().cloned()).collect()
    }

    /// The variables of both functions, for a command of an operator, who may do more than they.
    pub fn variables(&self) -> Vec<(String, String)> {
        let (stack, aws) = (self.stack(), Moto::shared().endpoint());
        let of = |resource| self.environment(&stack.properties(resource), aws);
        of("RefreshFunction").into_iter().chain(of("CallbackFunction")).collect()
    }

    /// The function behind the pages.
    pub async fn callback(&self) -> Lambda {
        self.lambda("callback", "CallbackFunction", "CallbackRole").await
    }

    /// The function that the schedule invokes.
    pub async fn refresh(&self) -> Lambda {
        self.lambda("refresh", "RefreshFunction", "RefreshRole").await
    }

    /// A function as the template describes it, with the rights that the template gives it.
    async fn lambda(&self, name: &'static str, resource: &str, role: &'static str) -> Lambda {
        let stack = self.stack();
        let function = stack.properties(resource);
        assert_eq!(function["Role"], format!("{role}.Arn"));
        let aws = AwsProxy::guarded(Gatekeeper::of(&stack, role, &self.calls)).await;
        let binary = binaries::path(function["Code"]["S3Key"].as_str().unwrap());
        Lambda::start(name, binary, &self.environment(&function, aws.endpoint()), &self.leaks).await
    }

    /// Somebody's browser.
    pub fn browser<'a>(&self, callback: &'a Lambda) -> Browser<'a> {
        Browser::with_lambda(callback, &PUBLIC_URL.parse().unwrap(), &self.leaks)
    }

    /// An address of the pages.
    pub fn page(&self, path: &str) -> Url {
        Url::parse(PUBLIC_URL).unwrap().join(path).unwrap()
    }

    /// A link for one login, whose account is called `name` afterwards.
    pub fn invite(&self, name: &str) -> Url {
        let expires_at = OffsetDateTime::now_utc() + Duration::days(7);
        self.invite_of(&Invite { name: Some(sample::name(name)), ..Invite::new(expires_at) })
    }

    /// A link that carries this invite.
    pub fn invite_of(&self, invite: &Invite) -> Url {
        let signed = SigningKeys::parse(SIGNING_KEY).unwrap().sign(invite);
        self.leaks.keep_out_of_logs("an invite", &signed);
        invite::link(&PUBLIC_URL.parse().unwrap(), &signed)
    }

    /// The version and the text of an account's secret under a staging label; none if there is none.
    pub async fn staged(&self, name: &str, stage: &str) -> Option<(String, String)> {
        let read = self.secrets.get_secret_value().secret_id(self.secret(name)).version_stage(stage).send().await;
        match read {
            Ok(read) => Some((read.version_id.unwrap(), read.secret_string.unwrap())),
            Err(error) if error.code() == Some("ResourceNotFoundException") => None,
            Err(error) => panic!("{error:?}"),
        }
    }

    /// The version and the document that are current.
    pub async fn current(&self, name: &str) -> (String, Value) {
        let (version, text) = self.staged(name, "AWSCURRENT").await.unwrap_or_else(|| panic!("no secret for {name}"));
        (version, serde_json::from_str(&text).unwrap())
    }

    /// The tags of an account's secret, in the order of their keys.
    pub async fn tags(&self, name: &str) -> Vec<(String, String)> {
        let secret = self.secrets.describe_secret().secret_id(self.secret(name)).send().await.unwrap();
        let text = |text: Option<&str>| text.unwrap().to_owned();
        let mut tags: Vec<_> = secret.tags().iter().map(|tag| (text(tag.key()), text(tag.value()))).collect();
        tags.sort();
        tags
    }

    /// The names of all secrets under the accounts' prefix.
    pub async fn accounts(&self) -> Vec<String> {
        let pages = self.secrets.list_secrets().into_paginator().send().collect::<Result<Vec<_>, _>>().await.unwrap();
        let prefix = self.secret("");
        let secrets = pages.into_iter().flat_map(|page| page.secret_list.unwrap_or_default());
        secrets.filter_map(|secret| Some(secret.name?.strip_prefix(&prefix)?.to_owned())).collect()
    }

    /// The secrets that note what logins have stored, each with whether it is marked deleted.
    pub async fn noted_logins(&self) -> Vec<(String, bool)> {
        let list = self.secrets.list_secrets().include_planned_deletion(true).into_paginator().send();
        let pages = list.collect::<Result<Vec<_>, _>>().await.unwrap();
        let secrets = pages.into_iter().flat_map(|page| page.secret_list.unwrap_or_default());
        let prefix = format!("{}/logins/", self.prefix);
        let notes = secrets.map(|secret| (secret.name.unwrap_or_default(), secret.deleted_date.is_some()));
        notes.filter(|(name, _)| name.starts_with(&prefix)).collect()
    }

    /// Writes an account's secret as an operator could, past the vault.
    pub async fn put(&self, name: &str, text: &str) {
        let id = self.secret(name);
        if self.staged(name, "AWSCURRENT").await.is_some() {
            self.secrets.put_secret_value().secret_id(id).secret_string(text).send().await.unwrap();
        } else {
            self.secrets.create_secret().name(id).secret_string(text).send().await.unwrap();
        }
    }

    /// Fills in the app's credentials otherwise.
    pub async fn put_app(&self, app: &Value) {
        let put = self.secrets.put_secret_value().secret_id(format!("{}/app", self.prefix));
        put.secret_string(app.to_string()).send().await.unwrap();
    }

    /// Puts an account that was connected `age` ago, with a token that Instagram knows.
    pub async fn plant(&self, name: &str, age: Duration) {
        let token = self.instagram.token("blue_bottle", age).await;
        let connected_at = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap() - age;
        self.put(name, &document(name, &token, connected_at).to_string()).await;
    }

    /// Sets up a rotation and begins one, as the console does; what it then invokes is for the test to invoke. moto looks
    /// for the function only once all of that is done, and finds none.
    pub async fn begin_rotation(&self, name: &str, version: &str) {
        let rules = RotationRulesType::builder().automatically_after_days(30).build();
        let rotate = self.secrets.rotate_secret().secret_id(self.secret(name)).client_request_token(version);
        let function = "arn:aws:lambda:us-east-1:123456789012:function:refresh";
        let begun = rotate.rotation_rules(rules).rotation_lambda_arn(function).send().await;
        assert_eq!(begun.unwrap_err().code(), Some("ResourceNotFoundException"));
    }

    /// The name of an account's secret.
    pub fn secret(&self, name: &str) -> String {
        format!("{}/accounts/{name}", self.prefix)
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.leaks.found(), [""; 0], "secrets stand where they must not");
            assert_eq!(self.calls.refused(), [""; 0], "the template's policies do not allow what was called");
        }
    }
}

/// The document of an account that was connected then: design's example, to the letter.
pub fn document(name: &str, token: &str, connected_at: OffsetDateTime) -> Value {
    let text = |time: OffsetDateTime| time.format(&time::format_description::well_known::Rfc3339).unwrap();
    json!({
        "schema": 1,
        "provider": "instagram",
        "name": name,
        "account_id": "17841405793187218",
        "app_scoped_id": "27640875392278831",
        "username": "blue_bottle",
        "account_type": "BUSINESS",
        "access_token": token,
        "token_type": "bearer",
        "scopes": ["instagram_business_basic"],
        "connected_at": text(connected_at),
        "issued_at": text(connected_at),
        "expires_at": text(connected_at + Duration::days(60)),
        "health": {"state": "healthy"},
        "last_attempt": {"at": text(connected_at), "outcome": "connected", "failures": 0},
    })
}
