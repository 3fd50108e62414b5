//! The login service in this process, on the loopback, with the sandbox for Instagram and a vault in memory.

use evertoken_core::vault::AccountStore;
use evertoken_core::vault::DocumentLocator;
use std::sync::{Arc, Mutex};

use evertoken_callback::{Environment, Service, Settings, routes};
use evertoken_core::app::App;
use evertoken_core::clock::Clock;
use evertoken_core::credentials::{AppCredentials, CredentialsError, SigningKeySource};
use evertoken_core::document::Document;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::MemoryEvents;
use evertoken_core::invite::{Invite, link};
use evertoken_core::metrics::MemoryMetrics;
use evertoken_core::signing::SigningKeys;
use evertoken_core::variables::Variables;
use evertoken_core::vault::MemoryVault;
use evertoken_core::vault::Vault;
use evertoken_instagram::{Endpoints, InstagramLogin};
use evertoken_sandbox::Sandbox;
use reqwest::{Client, redirect};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use tokio::net::TcpListener;
use url::Url;

use crate::sample;

/// What signs invites and state unless a test says otherwise.
pub const SIGNING_KEY: &str = "planted-signing-key-0123456789-abcdef";

/// The sandbox's time.
#[derive(Clone, Debug)]
pub struct SandboxClock(Sandbox);

impl Clock for SandboxClock {
    fn now(&self) -> OffsetDateTime {
        let now = self.0.now();
        now.replace_nanosecond(0).unwrap_or(now)
    }
}

/// Credentials that a test can change.
#[derive(Clone, Debug)]
pub struct TestCredentials {
    app: Arc<Mutex<Arc<App>>>,
    keys: Arc<Mutex<Arc<SigningKeys>>>,
}

impl AppCredentials for TestCredentials {
    async fn app(&self) -> Result<Arc<App>, CredentialsError> {
        Ok(Arc::clone(&self.app.lock().unwrap()))
    }
}

impl SigningKeySource for TestCredentials {
    async fn signing_keys(&self) -> Result<Arc<SigningKeys>, CredentialsError> {
        Ok(Arc::clone(&self.keys.lock().unwrap()))
    }
}

/// A running service and its Instagram.
#[derive(Debug)]
pub struct House {
    /// Where people are told that the pages are.
    pub public_url: Url,
    /// Where they are.
    pub listening: Url,
    /// Where Instagram is.
    pub instagram: Url,
    /// Instagram.
    pub sandbox: Sandbox,
    /// The accounts.
    pub vault: MemoryVault,
    /// A client that follows no redirect and keeps no cookie.
    pub client: Client,
    /// What was told.
    pub events: MemoryEvents,
    /// What was counted.
    pub metrics: MemoryMetrics,
    credentials: TestCredentials,
}

impl House {
    /// Starts one where an invite is needed.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Starts one with these variables beside the public URL.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        Self::with_vault(variables, MemoryVault::default(), |vault| vault).await
    }

    /// Starts one whose routes see the vault through something else.
    pub async fn with_vault<V: Vault>(
        variables: &[(&str, &str)],
        vault: MemoryVault,
        through: impl FnOnce(MemoryVault) -> V,
    ) -> Self {
        let client = Client::builder().redirect(redirect::Policy::none()).no_proxy().build().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let listening: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let variables: Variables =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let variables = variables.or("EVERTOKEN_PUBLIC_URL", listening.as_str());
        let settings = Settings::read(&variables).unwrap();
        let public_url = settings.public_url.clone();

        let sandbox_settings = evertoken_sandbox::Settings::default();
        let app = App::new(&sandbox_settings.app_id, &sandbox_settings.app_secret, &[]).unwrap();
        let credentials = TestCredentials {
            app: Arc::new(Mutex::new(Arc::new(app))),
            keys: Arc::new(Mutex::new(Arc::new(SigningKeys::parse(SIGNING_KEY).unwrap()))),
        };
        let sandbox = Sandbox::new(sandbox_settings);
        sandbox.register_redirect_uri(settings.redirect_uri().as_str());
        let sandbox_listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let instagram: Url = format!("http://{}", sandbox_listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(evertoken_sandbox::serve(sandbox_listener, sandbox.clone(), std::future::pending()));

        let events = MemoryEvents::default();
        let metrics = MemoryMetrics::default();
        let service = Service {
            provider: InstagramLogin::new(Endpoints::on_one_origin(&instagram)).unwrap(),
            vault: through(vault.clone()),
            app_credentials: credentials.clone(),
            signing_keys: credentials.clone(),
            events: events.clone(),
            environment: Environment {
                clock: Arc::new(SandboxClock(sandbox.clone())),
                entropy: Arc::new(SystemEntropy),
                metrics: Arc::new(metrics.clone()),
                locator: DocumentLocator::Memory,
                settings,
            },
        };
        let router = routes(Arc::new(service));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { public_url, listening, instagram, sandbox, vault, client, events, metrics, credentials }
    }

    /// Its clock.
    pub fn clock(&self) -> SandboxClock {
        SandboxClock(self.sandbox.clone())
    }

    /// What signs and what logs in, as it is at each moment.
    pub fn credentials(&self) -> TestCredentials {
        self.credentials.clone()
    }

    /// The app's secret in force, and the earlier ones.
    pub fn set_app_secrets(&self, secret: &str, previous: &[&str]) {
        let previous: Vec<String> = previous.iter().map(|secret| (*secret).to_owned()).collect();
        let id = evertoken_sandbox::Settings::default().app_id;
        *self.credentials.app.lock().unwrap() = Arc::new(App::new(&id, secret, &previous).unwrap());
    }

    /// The signing keys, newest first.
    pub fn set_signing_keys(&self, keys: &[&str]) {
        let keys = SigningKeys::parse(&json!({ "keys": keys }).to_string()).unwrap();
        *self.credentials.keys.lock().unwrap() = Arc::new(keys);
    }

    /// What time it is.
    pub fn now(&self) -> OffsetDateTime {
        self.clock().now()
    }

    /// An invite for `name` that holds for a week.
    pub fn invite(&self, name: &str) -> Invite {
        Invite { name: Some(sample::name(name)), ..Invite::new(self.now() + Duration::days(7)) }
    }

    /// The link that carries an invite.
    pub fn link(&self, invite: &Invite) -> Url {
        let keys = self.credentials.keys.lock().unwrap();
        link(&self.public_url, &keys.sign(invite))
    }

    /// A page's address.
    pub fn url(&self, path: &str) -> Url {
        self.listening.join(path).unwrap()
    }

    /// The document under a name.
    pub async fn document(&self, name: &str) -> Option<Document> {
        self.vault.get(&sample::name(name)).await.unwrap().map(|account| account.document)
    }

    /// Asks the sandbox's control API for something.
    pub async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let url = self.instagram.join(&format!("/_sandbox/{path}")).unwrap();
        let response = self.client.request(method.parse().unwrap(), url).json(&body).send().await.unwrap();
        let (status, body) = (response.status(), response.json().await.unwrap());
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Lets an endpoint answer once as it would not.
    pub async fn fault(&self, fault: impl Into<Value>) {
        self.control("POST", "faults", fault.into()).await;
    }

    /// How many requests Instagram has had.
    pub async fn requests_at_instagram(&self) -> u64 {
        let counters = self.control("GET", "counters", json!({})).await;
        counters.as_object().unwrap().values().filter_map(|one| one["requests"].as_u64()).sum()
    }
}
