//! Runs the login service in this process, on a loopback port, with the sandbox as Instagram and an in-memory vault.

use std::sync::{Arc, Mutex};

use evertoken_callback::{Brand, Environment, Service, Settings, routes};
use evertoken_core::app::App;
use evertoken_core::clock::Clock;
use evertoken_core::credentials::{AppCredentials, CredentialsError, SigningKeySource};
use evertoken_core::document::Document;
use evertoken_core::entropy::SystemEntropy;
use evertoken_core::events::{Event, MemoryEvents};
use evertoken_core::invite::{Invite, link};
use evertoken_core::login::TimeLimits;
use evertoken_core::metrics::MemoryMetrics;
use evertoken_core::removal_queue::{DeferredRemoval, Deferring, RemovalQueue};
use evertoken_core::signing::SigningKeys;
use evertoken_core::variables::Variables;
use evertoken_core::vault::{AccountStore, DocumentLocator, MemoryVault, Vault};
use evertoken_https::Tls;
use evertoken_instagram::LoginSettings;
use evertoken_sandbox::{InjectedFault, Sandbox};
use reqwest::{Client, redirect};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::sample;

/// The key that signs invites and state, unless a test sets another one.
pub const SIGNING_KEY: &str = "planted-signing-key-0123456789-abcdef";

/// A clock that shows the sandbox's time.
#[derive(Clone, Debug)]
pub struct SandboxClock(Sandbox);

impl Clock for SandboxClock {
    fn now(&self) -> OffsetDateTime {
        let now = self.0.now();
        now.replace_nanosecond(0).unwrap_or(now)
    }
}

/// App credentials and signing keys that a test can change.
#[derive(Clone, Debug)]
pub struct TestCredentials {
    app: Arc<Mutex<Arc<App>>>,
    keys: Arc<Mutex<Result<Arc<SigningKeys>, CredentialsError>>>,
}

impl AppCredentials for TestCredentials {
    async fn app(&self) -> Result<Arc<App>, CredentialsError> {
        Ok(Arc::clone(&self.app.lock().unwrap()))
    }
}

impl SigningKeySource for TestCredentials {
    async fn signing_keys(&self) -> Result<Arc<SigningKeys>, CredentialsError> {
        self.keys.lock().unwrap().clone()
    }
}

/// Removal requests in memory.
#[derive(Clone, Debug, Default)]
pub struct DeferredRemovals(Arc<Mutex<Vec<DeferredRemoval>>>);

impl RemovalQueue for DeferredRemovals {
    fn defer(&self, removal: DeferredRemoval) -> Deferring<'_> {
        self.0.lock().unwrap().push(removal);
        Box::pin(std::future::ready(Ok(())))
    }
}

impl DeferredRemovals {
    /// Returns the requests so far, and forgets them.
    pub fn take(&self) -> Vec<DeferredRemoval> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// A running login service and the sandbox it talks to.
#[derive(Debug)]
pub struct TestApp {
    /// The configured public base URL.
    pub public_url: Url,
    /// The base URL that the service listens on.
    pub base_url: Url,
    /// The base URL of the sandbox.
    pub instagram_url: Url,
    /// The sandbox that stands in for Instagram.
    pub sandbox: Sandbox,
    /// The vault that logins write to.
    pub vault: MemoryVault,
    /// An HTTP client that follows no redirects and stores no cookies.
    pub client: Client,
    /// The target of the service's events.
    pub events: MemoryEvents,
    /// The metrics recorded so far.
    pub metrics: MemoryMetrics,
    /// The removal requests that were kept to be tried again.
    pub removals: DeferredRemovals,
    background: TaskTracker,
    credentials: TestCredentials,
}

impl TestApp {
    /// Starts a service that requires an invite for each login.
    pub async fn start() -> Self {
        Self::with_variables(&[]).await
    }

    /// Starts a service with additional environment variables.
    pub async fn with_variables(variables: &[(&str, &str)]) -> Self {
        Self::with_vault(variables, TimeLimits::default(), |vault| vault).await
    }

    /// Starts a service whose pages have this brand.
    pub async fn with_brand(brand: Brand) -> Self {
        Self::with_settings(&[], |settings| Settings { brand, ..settings }, |vault| vault).await
    }

    /// Starts a service with other time limits, whose routes use a wrapper around the vault.
    pub async fn with_vault<V: Vault>(
        variables: &[(&str, &str)],
        time_limits: TimeLimits,
        wrap: impl FnOnce(MemoryVault) -> V,
    ) -> Self {
        Self::with_settings(variables, |settings| Settings { time_limits, ..settings }, wrap).await
    }

    async fn with_settings<V: Vault>(
        variables: &[(&str, &str)],
        change: impl FnOnce(Settings) -> Settings,
        wrap: impl FnOnce(MemoryVault) -> V,
    ) -> Self {
        let vault = MemoryVault::default();
        let client = Client::builder().redirect(redirect::Policy::none()).no_proxy().build().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let variables: Variables =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let variables = variables.or("EVERTOKEN_PUBLIC_URL", base_url.as_str());
        let settings = change(Settings::read(&variables).unwrap());
        let public_url = settings.public_url.clone();

        let sandbox_settings = evertoken_sandbox::Settings::default();
        let app = App::new(&sandbox_settings.app_id, &sandbox_settings.app_secret, &[]).unwrap();
        let app = app.with_meta(&sandbox_settings.meta_app_id, &sandbox_settings.meta_app_secret).unwrap();
        let credentials = TestCredentials {
            app: Arc::new(Mutex::new(Arc::new(app))),
            keys: Arc::new(Mutex::new(Ok(Arc::new(SigningKeys::parse(SIGNING_KEY).unwrap())))),
        };
        let sandbox = Sandbox::new(sandbox_settings);
        sandbox.register_redirect_uri(settings.redirect_uri().as_str());
        let sandbox_listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let instagram_url: Url = format!("http://{}", sandbox_listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(evertoken_sandbox::serve(sandbox_listener, sandbox.clone(), std::future::pending()));

        let events = MemoryEvents::default();
        let metrics = MemoryMetrics::default();
        let removals = DeferredRemovals::default();
        let background = TaskTracker::new();
        background.close();
        let clock = Arc::new(SandboxClock(sandbox.clone()));
        let logins = LoginSettings::read(&variables).unwrap().on_one_origin(&instagram_url);
        let service = Service {
            logins: logins.offered(&Tls::with_system_roots(), credentials.clone(), clock.clone()).unwrap(),
            vault: wrap(vault.clone()),
            app_credentials: credentials.clone(),
            signing_keys: credentials.clone(),
            events: events.clone(),
            environment: Environment {
                clock,
                entropy: Arc::new(SystemEntropy),
                metrics: Arc::new(metrics.clone()),
                locator: DocumentLocator::Memory,
                settings,
                removals: Some(Arc::new(removals.clone())),
                background: background.clone(),
            },
        };
        let router = routes(Arc::new(service));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            public_url,
            base_url,
            instagram_url,
            sandbox,
            vault,
            client,
            events,
            metrics,
            removals,
            background,
            credentials,
        }
    }

    /// Takes the events sent so far.
    pub async fn take_events(&self) -> Vec<Event> {
        self.background.wait().await;
        self.events.take()
    }

    /// Returns the service's clock.
    pub fn clock(&self) -> SandboxClock {
        SandboxClock(self.sandbox.clone())
    }

    /// Returns the service's credentials. Later changes to them show in the copy.
    pub fn credentials(&self) -> TestCredentials {
        self.credentials.clone()
    }

    /// Sets the current app secret and the previous ones.
    pub fn set_app_secrets(&self, secret: &str, previous: &[&str]) {
        let previous: Vec<String> = previous.iter().map(|secret| (*secret).to_owned()).collect();
        let id = evertoken_sandbox::Settings::default().app_id;
        self.set_app(App::new(&id, secret, &previous).unwrap());
    }

    /// Sets the app's credentials.
    pub fn set_app(&self, app: App) {
        *self.credentials.app.lock().unwrap() = Arc::new(app);
    }

    /// Sets the signing keys, newest first.
    pub fn set_signing_keys(&self, keys: &[&str]) {
        let keys = SigningKeys::parse(&json!({ "keys": keys }).to_string()).unwrap();
        *self.credentials.keys.lock().unwrap() = Ok(Arc::new(keys));
    }

    /// Makes the signing keys unreadable.
    pub fn withhold_signing_keys(&self) {
        let error = CredentialsError::Unavailable { secret: "signing".to_owned(), code: "injected".to_owned() };
        *self.credentials.keys.lock().unwrap() = Err(error);
    }

    /// Returns the current time.
    pub fn now(&self) -> OffsetDateTime {
        self.clock().now()
    }

    /// Builds an invite for the account `name` that expires in seven days.
    pub fn invite(&self, name: &str) -> Invite {
        Invite { name: Some(sample::name(name)), ..Invite::new(self.now() + Duration::days(7)) }
    }

    /// Returns the signed link for an invite.
    pub fn link(&self, invite: &Invite) -> Url {
        let keys = self.credentials.keys.lock().unwrap().clone().unwrap();
        link(&self.public_url, &keys.sign(invite))
    }

    /// Returns the URL of a page.
    pub fn url(&self, path: &str) -> Url {
        self.base_url.join(path).unwrap()
    }

    /// Reads the document of the account `name`.
    pub async fn document(&self, name: &str) -> Option<Document> {
        self.vault.get(&sample::name(name)).await.unwrap().map(|account| account.document)
    }

    /// Sends a request to the sandbox's control API and returns the response body.
    pub async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let url = self.instagram_url.join(&format!("/_sandbox/{path}")).unwrap();
        let response = self.client.request(method.parse().unwrap(), url).json(&body).send().await.unwrap();
        let (status, body) = (response.status(), response.json().await.unwrap());
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Injects a fault into the sandbox.
    pub async fn inject_fault(&self, fault: InjectedFault) {
        self.control("POST", "faults", fault.into()).await;
    }

    /// Removes all faults.
    pub async fn clear_faults(&self) {
        self.control("DELETE", "faults", json!({})).await;
    }

    /// Returns how many requests the sandbox has received.
    pub async fn instagram_request_count(&self) -> u64 {
        let counters = self.control("GET", "counters", json!({})).await;
        counters.as_object().unwrap().values().filter_map(|one| one["requests"].as_u64()).sum()
    }
}
