//! The real service and its surroundings: the pages, the refresh, a vault, Instagram, and the weather between them.

use evertoken_core::credentials::SigningKeySource;
use evertoken_core::vault::DocumentLocator;
use std::sync::Arc;

use evertoken_callback::{Environment, Service, Settings, routes};
use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::events::{MemoryEvents, WithReconnect};
use evertoken_core::invite::{self, Invite};
use evertoken_core::metrics::NoMetrics;
use evertoken_core::policy::Policy;
use evertoken_core::refresh::{Limits, Refresher, Report, Request, RunError};
use evertoken_core::variables::Variables;
use evertoken_core::vault::MemoryVault;
use evertoken_instagram::{Endpoints, InstagramLogin};
use evertoken_sandbox::{Account, Sandbox};
use http::Method;
use serde_json::{Value, json};
use time::Duration;
use url::Url;

use crate::browser::Web;
use crate::clock::YearClock;
use crate::credentials::{APP_SECRETS, SimulatedCredentials};
use crate::dice::{Dice, SeededEntropy};
use crate::network::{Network, control};
use crate::plan::Plan;
use crate::vault::YearVault;
use crate::weather::Weather;
use crate::year::{SimulationError, Year};

/// Where the pages are said to be.
const PUBLIC_URL: &str = "https://login.example.com";

/// A Lambda's longest time, which the template gives the refresh.
const RUN_TIME: Duration = Duration::minutes(15);

/// Who hears of events: they are kept, each with the link that repairs.
type Told = WithReconnect<MemoryEvents, SimulatedCredentials>;

type OurRefresher = Refresher<InstagramLogin<Network>, YearVault, Told>;

/// All that stands there when a year begins.
pub(crate) struct World {
    pub(crate) clock: YearClock,
    pub(crate) weather: Arc<Weather>,
    pub(crate) sandbox: Sandbox,
    /// What is truly in the vault.
    pub(crate) vault: MemoryVault,
    /// The same, as jobs reach it.
    pub(crate) faulty_vault: YearVault,
    pub(crate) provider: Arc<InstagramLogin<Network>>,
    pub(crate) events: MemoryEvents,
    pub(crate) web: Web,
    pub(crate) credentials: SimulatedCredentials,
    public_url: Url,
    refresher: Arc<OurRefresher>,
}

impl World {
    /// Within a runtime whose time is paused.
    pub(crate) fn new(year: &Year, plan: &Plan) -> Result<Self, SimulationError> {
        let clock = YearClock::starting_now();
        let weather = Arc::new(Weather::new(year.seed, year.faults));
        let settings = page_settings()?;
        let sandbox = sandbox(plan, clock);
        sandbox.register_redirect_uri(settings.redirect_uri().as_str());
        let instagram = sandbox.router();
        let network = || Network { instagram: instagram.clone(), weather: Arc::clone(&weather) };
        let provider = || {
            let origin = Url::parse("https://instagram.invalid").map_err(|_| SimulationError::SetUp)?;
            InstagramLogin::with_transport(network(), Endpoints::on_one_origin(&origin)).map_err(|_| SimulationError::SetUp)
        };
        let vault = MemoryVault::default();
        let faulty_vault = YearVault { vault: vault.clone(), faults: Arc::clone(&weather) };
        let credentials = SimulatedCredentials::new(&evertoken_sandbox::Settings::default().app_id);
        let (events, public_url) = (MemoryEvents::default(), settings.public_url.clone());
        let told = || WithReconnect { events: events.clone(), pages: Some((public_url.clone(), credentials.clone())) };
        let entropy = |purpose| SeededEntropy::new(Dice::new(year.seed, purpose));
        let refresher = Refresher {
            provider: provider()?,
            vault: faulty_vault.clone(),
            clock: Arc::new(clock),
            entropy: Arc::new(entropy(4)),
            events: told(),
            policy: Policy::default(),
            limits: Limits::default(),
        };
        let pages = Service {
            provider: provider()?,
            vault: faulty_vault.clone(),
            app_credentials: credentials.clone(),
            signing_keys: credentials.clone(),
            events: told(),
            environment: Environment {
                clock: Arc::new(clock),
                entropy: Arc::new(entropy(5)),
                metrics: Arc::new(NoMetrics),
                locator: DocumentLocator::Memory,
                settings,
            },
        };
        Ok(Self {
            clock,
            web: Web { pages: routes(Arc::new(pages)), instagram: instagram.clone() },
            provider: Arc::new(provider()?),
            refresher: Arc::new(refresher),
            weather,
            sandbox,
            vault,
            faulty_vault,
            events,
            credentials,
            public_url,
        })
    }

    /// One run of the refresh, as its Lambda makes it.
    pub(crate) async fn refresh(&self) -> Result<Report, RunError> {
        self.refresher.run(&Request::default(), Some(self.clock.now() + RUN_TIME)).await
    }

    /// A fresh invite, as the operator's command makes it.
    pub(crate) async fn invite(&self, name: &str) -> Option<Url> {
        let name: AccountName = name.parse().ok()?;
        let keys = self.credentials.signing_keys().await.ok()?;
        let expires_at = self.clock.now() + invite::DEFAULT_LIFETIME;
        Some(invite::link(&self.public_url, &keys.sign(&Invite { name: Some(name), ..Invite::new(expires_at) })))
    }

    /// Lets something happen to an account at Instagram.
    pub(crate) async fn change_account(&self, name: &str, change: Value) {
        control(&self.web.instagram, Method::PATCH, &format!("/_sandbox/accounts/{name}"), &change).await;
    }

    /// The operator makes a new app secret in Meta's dashboard.
    pub(crate) async fn change_app_secret_at_meta(&self) {
        let [_, new] = APP_SECRETS;
        control(&self.web.instagram, Method::PATCH, "/_sandbox/app", &json!({ "app_secret": new })).await;
    }

    /// The owner removes the app, and Meta says so to the pages.
    pub(crate) async fn leave(&self, name: &str) {
        self.change_account(name, json!({ "revoked": true })).await;
        let wanted = json!({ "account": name });
        let signed = control(&self.web.instagram, Method::POST, "/_sandbox/signed_request", &wanted).await;
        if let Some(signed) = signed.get("signed_request").and_then(Value::as_str) {
            // Whether Meta tries again is not known. Where this was lost, the token is found dead instead.
            self.web.deauthorize(signed).await;
        }
    }
}

fn page_settings() -> Result<Settings, SimulationError> {
    let variables: Variables = std::iter::once(("EVERTOKEN_PUBLIC_URL".to_owned(), PUBLIC_URL.to_owned())).collect();
    Settings::read(&variables).map_err(|_| SimulationError::SetUp)
}

/// Instagram, with everybody in it, in the year's time.
fn sandbox(plan: &Plan, clock: YearClock) -> Sandbox {
    let [app_secret, _] = APP_SECRETS;
    let ids = (0..).map(|number: u64| (17_841_405_800_000_000 + number, 27_640_875_400_000_001 + 2 * number));
    let accounts = plan
        .people
        .iter()
        .zip(ids)
        .map(|(person, (id, app_scoped))| Account::new(person.name.as_str(), id, app_scoped));
    let settings = evertoken_sandbox::Settings {
        app_secret: app_secret.to_owned(),
        accounts: accounts.collect(),
        ..evertoken_sandbox::Settings::default()
    };
    Sandbox::with_clock(settings, move || clock.now())
}
