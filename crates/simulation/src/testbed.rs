//! The testbed: the real service with a sandbox, a vault in memory, and fault injection.

use std::sync::Arc;

use evertoken_callback::{Service, Settings, routes};
use evertoken_core::clock::Clock;
use evertoken_core::events::{MemoryEvents, WithReconnect};
use evertoken_core::metrics::NoMetrics;
use evertoken_core::policy::Policy;
use evertoken_core::provider::Logins;
use evertoken_core::refresh::{Limits, Refresher, Report, Request, RunError};
use evertoken_core::variables::Variables;
use evertoken_core::vault::{DocumentLocator, MemoryVault};
use evertoken_instagram::{AnyLogin, Endpoints, FacebookEndpoints, FacebookLogin, InstagramLogin};
use evertoken_sandbox::{Account, FacebookSettings, Page, Person, Sandbox, Shapes};
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
use crate::transport::{FaultyTransport, facebook_endpoint, instagram_endpoint};
use crate::vault::SimulatedVault;

/// The pages' public base URL.
const PUBLIC_URL: &str = "https://login.example.com";

/// The maximum duration of a Lambda invocation, which the template gives to the refresh.
const MAX_RUN_TIME: Duration = Duration::minutes(15);

/// Keeps events in memory, each with its reconnect link.
type Events = WithReconnect<MemoryEvents, SimulatedCredentials>;

type SimulatedLogin = AnyLogin<SimulatedCredentials, FaultyTransport>;

type SimulatedRefresher = Refresher<Logins<SimulatedLogin>, SimulatedVault, Events>;

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
    pub(crate) public_url: Url,
    refresher: Arc<SimulatedRefresher>,
}

impl Testbed {
    /// Requires a runtime whose time is paused.
    pub(crate) fn new(settings: &YearSettings, plan: &Plan) -> Result<Self, SimulationError> {
        let clock = SimulatedClock::start();
        let faults = Arc::new(FaultInjector::new(settings.seed, settings.fault_percent));
        let page_settings = page_settings(settings)?;
        let sandbox = sandbox(plan, settings, clock);
        sandbox.register_redirect_uri(page_settings.redirect_uri().as_str());
        let instagram = sandbox.router();
        let transport = FaultyTransport {
            sandbox: sandbox.clone(),
            instagram: instagram.clone(),
            faults: Arc::clone(&faults),
            endpoint_of: instagram_endpoint,
        };
        let origin = Url::parse("https://instagram.invalid").map_err(|_| SimulationError::SetUp)?;
        let provider = || {
            InstagramLogin::with_transport(transport.clone(), Endpoints::on_one_origin(&origin))
                .map_err(|_| SimulationError::SetUp)
        };
        let vault = MemoryVault::default();
        let faulty_vault = SimulatedVault { vault: vault.clone(), faults: Arc::clone(&faults) };
        let credentials = SimulatedCredentials::new(&evertoken_sandbox::Settings::default().app_id);
        let logins = || {
            let mut logins = vec![AnyLogin::Instagram(provider()?)];
            if settings.facebook_accounts > 0 {
                let transport = FaultyTransport { endpoint_of: facebook_endpoint, ..transport.clone() };
                let endpoints = FacebookEndpoints::on_one_origin(&origin);
                let login = FacebookLogin::with_transport(transport, endpoints, credentials.clone(), Arc::new(clock));
                logins.push(AnyLogin::Facebook(login.map_err(|_| SimulationError::SetUp)?));
            }
            Ok::<_, SimulationError>(Logins::new(logins))
        };
        let (memory_events, public_url) = (MemoryEvents::default(), page_settings.public_url.clone());
        let events =
            || WithReconnect { events: memory_events.clone(), pages: Some((public_url.clone(), credentials.clone())) };
        let refresher = Refresher {
            provider: logins()?,
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
            logins: logins()?,
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

    /// Replaces the app secret in Meta's dashboard, as the operator does.
    pub(crate) fn change_app_secret_at_meta(&self) {
        let [_, new] = APP_SECRETS;
        self.sandbox.set_app_secret(new);
    }
}

fn page_settings(year: &YearSettings) -> Result<Settings, SimulationError> {
    let provider = if year.facebook_accounts > 0 { "both" } else { "instagram" };
    let variables = [("EVERTOKEN_PUBLIC_URL", PUBLIC_URL), ("EVERTOKEN_PROVIDER", provider)];
    let variables: Variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
    Settings::read(&variables).map_err(|_| SimulationError::SetUp)
}

/// A sandbox that follows the simulated clock and has all of the plan's accounts.
fn sandbox(plan: &Plan, year: &YearSettings, clock: SimulatedClock) -> Sandbox {
    let [app_secret, _] = APP_SECRETS;
    let accounts = plan.accounts.iter().zip(account_ids(0));
    let accounts = accounts.map(|(account, (id, app_scoped_id))| Account::new(&account.name, id, app_scoped_id));
    let settings = evertoken_sandbox::Settings {
        app_secret: app_secret.to_owned(),
        accounts: accounts.collect(),
        shapes: Shapes { older_token: year.older_token, ..Shapes::default() },
        facebook: facebook(plan),
        ..evertoken_sandbox::Settings::default()
    };
    Sandbox::with_clock(settings, move || clock.now())
}

/// The `account_id` and the app-scoped ID of accounts, from this number on.
fn account_ids(first: u64) -> impl Iterator<Item = (u64, u64)> {
    (first..).map(|number| (17_841_405_800_000_000 + number, 27_640_875_400_000_001 + 2 * number))
}

/// The people who connect accounts through Facebook. The accounts of their second pages are never connected.
fn facebook(plan: &Plan) -> FacebookSettings {
    let mut facebook = FacebookSettings { persons: Vec::new(), accounts: Vec::new(), ..FacebookSettings::default() };
    let others = account_ids(1_000_000);
    for ((account, (id, _)), (other, app_scoped_id)) in plan.accounts.iter().zip(account_ids(0)).zip(others) {
        let Some(person) = &account.facebook else { continue };
        let mut pages = vec![Page::linked(person.page(), &account.name, id)];
        if person.has_second_page {
            let name = format!("{}-2", account.name);
            pages.push(Page::linked(person.second_page(), &name, other));
            facebook.accounts.push(Account::new(name, other, app_scoped_id));
        }
        facebook.persons.push(Person::new(&account.name, person.id(), &account.name, pages));
    }
    facebook
}
