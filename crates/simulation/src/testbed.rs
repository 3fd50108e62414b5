//! The testbed: the real service with a sandbox, a vault in memory, and fault injection.

use std::sync::Arc;

use evertoken_callback::{Service, Settings, routes};
use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::credentials::SigningKeySource;
use evertoken_core::events::{MemoryEvents, WithReconnect};
use evertoken_core::invite::{self, Invite};
use evertoken_core::metrics::NoMetrics;
use evertoken_core::policy::Policy;
use evertoken_core::provider::Logins;
use evertoken_core::refresh::{Limits, Refresher, Report, Request, RunError};
use evertoken_core::variables::Variables;
use evertoken_core::vault::{DocumentLocator, MemoryVault};
use evertoken_instagram::{Endpoints, InstagramLogin};
use evertoken_sandbox::{Account, Sandbox, Shapes};
use time::Duration;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::browser::Browser;
use crate::clock::SimulatedClock;
use crate::credentials::{APP_SECRETS, SimulatedCredentials};
use crate::error::SimulationError;
use crate::fault_injector::FaultInjector;
use crate::plan::Plan;
use crate::seeded_rng::{SeededEntropy, Stream};
use crate::settings::YearSettings;
use crate::token_status::TokenStatus;
use crate::transport::FaultyTransport;
use crate::vault::SimulatedVault;

/// The pages' public base URL.
const PUBLIC_URL: &str = "https://login.example.com";

/// The maximum duration of a Lambda invocation, which the template gives to the refresh.
const MAX_RUN_TIME: Duration = Duration::minutes(15);

/// Keeps events in memory, each with its reconnect link.
type Events = WithReconnect<MemoryEvents, SimulatedCredentials>;

type SimulatedRefresher = Refresher<InstagramLogin<FaultyTransport>, SimulatedVault, Events>;

pub(crate) struct Testbed {
    pub(crate) clock: SimulatedClock,
    pub(crate) faults: Arc<FaultInjector>,
    pub(crate) sandbox: Sandbox,
    /// The vault without faults.
    pub(crate) vault: MemoryVault,
    /// The same vault with faults.
    pub(crate) faulty_vault: SimulatedVault,
    pub(crate) provider: InstagramLogin<FaultyTransport>,
    pub(crate) events: MemoryEvents,
    pub(crate) browser: Browser,
    pub(crate) credentials: SimulatedCredentials,
    public_url: Url,
    refresher: Arc<SimulatedRefresher>,
}

impl Testbed {
    /// Requires a runtime whose time is paused.
    pub(crate) fn new(settings: &YearSettings, plan: &Plan) -> Result<Self, SimulationError> {
        let clock = SimulatedClock::start();
        let faults = Arc::new(FaultInjector::new(settings.seed, settings.fault_percent));
        let page_settings = page_settings()?;
        let sandbox = sandbox(plan, settings, clock);
        sandbox.register_redirect_uri(page_settings.redirect_uri().as_str());
        let instagram = sandbox.router();
        let provider = || {
            let transport =
                FaultyTransport { sandbox: sandbox.clone(), instagram: instagram.clone(), faults: Arc::clone(&faults) };
            let origin = Url::parse("https://instagram.invalid").map_err(|_| SimulationError::SetUp)?;
            InstagramLogin::with_transport(transport, Endpoints::on_one_origin(&origin))
                .map_err(|_| SimulationError::SetUp)
        };
        let vault = MemoryVault::default();
        let faulty_vault = SimulatedVault { vault: vault.clone(), faults: Arc::clone(&faults) };
        let credentials = SimulatedCredentials::new(&evertoken_sandbox::Settings::default().app_id);
        let (memory_events, public_url) = (MemoryEvents::default(), page_settings.public_url.clone());
        let events =
            || WithReconnect { events: memory_events.clone(), pages: Some((public_url.clone(), credentials.clone())) };
        let refresher = Refresher {
            provider: provider()?,
            vault: faulty_vault.clone(),
            clock: Arc::new(clock),
            entropy: Arc::new(SeededEntropy::new(settings.seed, Stream::RefreshEntropy)),
            events: events(),
            policy: Policy { refresh_after: Duration::days(settings.refresh_after_days.into()), ..Policy::default() },
            limits: Limits::default(),
        };
        let background = TaskTracker::new();
        background.close();
        let pages = Service {
            logins: Logins::one(provider()?),
            vault: faulty_vault.clone(),
            app_credentials: credentials.clone(),
            signing_keys: credentials.clone(),
            events: events(),
            environment: evertoken_callback::Environment {
                clock: Arc::new(clock),
                entropy: Arc::new(SeededEntropy::new(settings.seed, Stream::PagesEntropy)),
                metrics: Arc::new(NoMetrics),
                locator: DocumentLocator::Memory,
                settings: page_settings,
                removals: None,
                background: background.clone(),
            },
        };
        Ok(Self {
            clock,
            browser: Browser { pages: routes(Arc::new(pages)), instagram: instagram.clone(), background },
            provider: provider()?,
            refresher: Arc::new(refresher),
            faults,
            sandbox,
            vault,
            faulty_vault,
            events: memory_events,
            credentials,
            public_url,
        })
    }

    /// Runs the refresh as its Lambda function does. Lambda invokes a failed function once more (`EventInvokeConfig` in
    /// template.yaml).
    pub(crate) async fn refresh(&self) -> Result<Report, RunError> {
        let (request, deadline) = (Request::default(), Some(self.clock.now() + MAX_RUN_TIME));
        match self.refresher.run(&request, deadline).await {
            Err(_) => self.refresher.run(&request, deadline).await,
            report => report,
        }
    }

    /// Creates an invite link, as the operator does.
    pub(crate) async fn invite(&self, name: &str) -> Option<Url> {
        let name: AccountName = name.parse().ok()?;
        let keys = self.credentials.signing_keys().await.ok()?;
        let expires_at = self.clock.now() + invite::DEFAULT_LIFETIME;
        Some(invite::link(&self.public_url, &keys.sign(&Invite { name: Some(name), ..Invite::new(expires_at) })))
    }

    /// Replaces the app secret in Meta's dashboard, as the operator does.
    pub(crate) fn change_app_secret_at_meta(&self) {
        let [_, new] = APP_SECRETS;
        self.sandbox.set_app_secret(new);
    }

    /// Removes the app on the owner's behalf. Meta then notifies the service.
    pub(crate) async fn remove_app(&self, name: &str) -> Result<(), SimulationError> {
        self.sandbox.update_account(name, |account| account.revoked = true)?;
        // Meta does not document whether it retries. If the request fails, the refresh detects the invalid token.
        self.browser.deauthorize(&self.sandbox.signed_request(name)?).await;
        Ok(())
    }

    /// The status of a stored token. It makes no call that could fail.
    pub(crate) fn token_status(&self, token: &str) -> TokenStatus {
        self.sandbox.check_token(token).into()
    }
}

fn page_settings() -> Result<Settings, SimulationError> {
    let variables: Variables = std::iter::once(("EVERTOKEN_PUBLIC_URL".to_owned(), PUBLIC_URL.to_owned())).collect();
    Settings::read(&variables).map_err(|_| SimulationError::SetUp)
}

/// A sandbox that follows the simulated clock and has all of the plan's accounts.
fn sandbox(plan: &Plan, year: &YearSettings, clock: SimulatedClock) -> Sandbox {
    let [app_secret, _] = APP_SECRETS;
    let ids = (0..).map(|number: u64| (17_841_405_800_000_000 + number, 27_640_875_400_000_001 + 2 * number));
    let accounts = plan.accounts.iter().zip(ids);
    let accounts = accounts.map(|(account, (id, app_scoped_id))| Account::new(&account.name, id, app_scoped_id));
    let settings = evertoken_sandbox::Settings {
        app_secret: app_secret.to_owned(),
        accounts: accounts.collect(),
        shapes: Shapes { older_token: year.older_token, ..Shapes::default() },
        ..evertoken_sandbox::Settings::default()
    };
    Sandbox::with_clock(settings, move || clock.now())
}
