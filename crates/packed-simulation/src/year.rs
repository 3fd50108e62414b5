//! A year, day by day.

use std::time::Duration;

use evertoken_core::vault::Removal;
use futures_util::future::join_all;
use tokio::task::JoinSet;
use tracing::subscriber::NoSubscriber;

use crate::accounts::{Accounts, Connection, Identity, Wanted};
use crate::actions::{self, Login};
use crate::audit;
use crate::aws::Phase;
use crate::clock::DAY;
use crate::error::SimulationError;
use crate::import;
use crate::instagram::Availability;
use crate::outcome::{Outcome, RecoveryOutcome, Renewals};
use crate::plan::{Event, Plan};
use crate::runs::{self, Ran};
use crate::scanned_vault::Share;
use crate::services::{Role, Services, Vault, Worker};
use crate::settings::{Recovery, YearSettings};

/// How many processes serve logins and removals.
const CALLBACKS: u32 = 4;

/// The accounts that Instagram is asked about at the same time by one worker of a recovery.
const RECOVERY_CONCURRENCY: usize = 32;

/// Simulates a year. `observe` is called after each day, with its number counted from 1.
///
/// Time is simulated and everything runs on the current thread, so that the same settings always give the same outcome.
/// The thread must not run a tokio runtime. The service's log messages are dropped.
///
/// # Errors
/// See [`SimulationError`].
pub fn run(settings: &YearSettings, observe: impl FnMut(u32)) -> Result<Outcome, SimulationError> {
    settings.validate()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.map_err(SimulationError::Runtime)?;
    tracing::subscriber::with_default(NoSubscriber::default(), || {
        runtime.block_on(async { Year::begin(settings).await?.simulate(observe).await })
    })
}

/// What a task has done.
#[derive(Clone, Copy, Debug)]
enum Done {
    Action { account: u32, connection: Connection, failed: u32 },
    Run { phase: Phase, ran: Ran },
    Recovered { ran: Ran },
}

struct Year {
    services: Services,
    accounts: Accounts,
    plan: Plan,
    phase: Phase,
    callbacks: Vec<Vault>,
    workers: Vec<Worker>,
    tasks: JoinSet<Result<Done, SimulationError>>,
    outcome: Outcome,
}

impl Year {
    async fn begin(settings: &YearSettings) -> Result<Self, SimulationError> {
        let services = Services::new(settings);
        let mut accounts = Accounts::default();
        let (took, failed) = import::run(&services, &mut accounts).await?;
        let outcome = Outcome {
            imported: settings.accounts,
            workers: settings.workers,
            days: settings.days,
            seed: settings.seed,
            import_seconds: took.as_secs(),
            repeated_attempts: failed,
            ..Outcome::default()
        };
        Ok(Self {
            callbacks: (0..CALLBACKS).map(|number| services.vault(Role::Callback, 10 + number)).collect(),
            workers: (0..settings.workers)
                .map(|number| {
                    let share = Share { number, of: settings.workers };
                    services.worker(share, settings.concurrency, 100 + number)
                })
                .collect(),
            plan: Plan::new(settings),
            phase: Phase::Import,
            tasks: JoinSet::new(),
            services,
            accounts,
            outcome,
        })
    }

    async fn simulate(mut self, mut observe: impl FnMut(u32)) -> Result<Outcome, SimulationError> {
        let settings = self.services.settings;
        for day in 0..settings.days {
            self.services.clock.sleep_until(DAY * day).await;
            self.begin_day(day);
            for (time, event) in self.plan.events_of(day) {
                self.services.clock.sleep_until(time).await;
                self.collect_finished()?;
                self.start(event)?;
            }
            self.end_day().await?;
            observe(day + 1);
        }
        while let Some(done) = self.tasks.join_next().await {
            self.finish(done??);
        }
        let alone = self.services.alone().await?;
        let audit = audit::check(&self.services, &self.accounts, &alone).await?;
        let calls = self.services.instagram.calls();
        self.outcome.kept = audit.kept;
        self.outcome.packs = audit.packs;
        self.outcome.alone = Some(alone.len());
        self.outcome.usage = self.services.meter.usage();
        self.outcome.most_versions_in_a_day = self.services.secrets.most_versions_in_a_day();
        self.outcome.renewals = Renewals {
            renewals: calls.renewals,
            calls: calls.all,
            failed: calls.failed,
            oldest_hours: calls.oldest / 3_600,
        };
        Ok(self.outcome)
    }

    fn begin_day(&mut self, day: u32) {
        let settings = self.services.settings;
        if day == settings.outage_begins() {
            self.services.instagram.set_availability(Availability::Away);
            self.set_phase(Phase::Outage);
        } else if day == settings.outage_ends() {
            self.services.instagram.set_availability(Availability::Available);
            self.set_phase(Phase::Recovery);
            self.recover();
        } else if day == settings.busiest_day() {
            self.set_phase(Phase::BusiestDay);
        } else if matches!(self.phase, Phase::Import | Phase::BusiestDay) && day > 0 {
            self.set_phase(Phase::Steady);
        }
    }

    async fn end_day(&mut self) -> Result<(), SimulationError> {
        if self.phase == Phase::Steady {
            let secrets = self.services.secrets.len() + self.services.alone().await?.len();
            let steady = &mut self.outcome.steady;
            steady.days += 1;
            steady.secret_days += u64::try_from(secrets).unwrap_or(u64::MAX);
            steady.account_days += u64::try_from(self.accounts.connected()).unwrap_or(u64::MAX);
        }
        Ok(())
    }

    fn set_phase(&mut self, phase: Phase) {
        self.phase = phase;
        self.services.meter.set_phase(phase);
    }

    /// Starts several workers, if the settings say so. Otherwise the scheduled runs go on.
    fn recover(&mut self) {
        self.outcome.recovery.workers = self.services.settings.workers;
        let Recovery::Workers(of) = self.services.settings.recovery else { return };
        self.outcome.recovery.workers = of;
        let services = self.services.clone();
        let worker = |number| services.worker(Share { number, of }, RECOVERY_CONCURRENCY, 200 + number);
        let workers: Vec<_> = (0..of).map(worker).collect();
        self.tasks.spawn(async move {
            let runs = workers.iter().map(|worker| runs::run_until_nothing_is_due(&services, worker));
            let ran = join_all(runs).await.into_iter().fold(Ran::default(), Ran::and);
            Ok(Done::Recovered { ran })
        });
    }

    fn start(&mut self, event: Event) -> Result<(), SimulationError> {
        match event {
            // The workers of the recovery do the work of the scheduled runs.
            Event::Run if self.phase == Phase::Recovery && self.services.settings.recovery != Recovery::Scheduled => {}
            Event::Run => {
                let (services, workers, phase) = (self.services.clone(), self.workers.clone(), self.phase);
                self.tasks.spawn(async move { Ok(Done::Run { phase, ran: runs::run_all(&services, &workers).await }) });
            }
            Event::NewLogin => {
                let account = self.accounts.add();
                self.log_in(account)?;
            }
            Event::Relogin => {
                if let Some(account) = self.accounts.begin(Wanted::Connected, self.plan.rng()) {
                    self.log_in(account)?;
                }
            }
            Event::Return => {
                if let Some(account) = self.accounts.begin(Wanted::Removed, self.plan.rng()) {
                    self.log_in(account)?;
                }
            }
            Event::Removal(removal) => {
                if let Some(account) = self.accounts.begin(Wanted::Connected, self.plan.rng()) {
                    self.remove(account, removal)?;
                }
            }
        }
        Ok(())
    }

    fn log_in(&mut self, account: u32) -> Result<(), SimulationError> {
        let (services, vault, identity) = self.prepare(account)?;
        self.outcome.logins += 1;
        self.tasks.spawn(async move {
            let failed = actions::connect(&services, &vault, &identity, Login::Open).await?;
            Ok(Done::Action { account, connection: Connection::Connected, failed })
        });
        Ok(())
    }

    fn remove(&mut self, account: u32, removal: Removal) -> Result<(), SimulationError> {
        let (_, vault, identity) = self.prepare(account)?;
        self.outcome.removals += 1;
        self.tasks.spawn(async move {
            let failed = actions::remove(&vault, &identity, removal).await?;
            Ok(Done::Action { account, connection: Connection::Removed(removal), failed })
        });
        Ok(())
    }

    /// The account, and a process that serves the request.
    fn prepare(&mut self, account: u32) -> Result<(Services, Vault, Identity), SimulationError> {
        let settings = self.services.settings;
        let identity = Identity::of(account, settings.accounts, settings.seed)?;
        let vault = self.plan.rng().choice(&self.callbacks).cloned();
        let vault = vault.unwrap_or_else(|| self.services.vault(Role::Callback, 10));
        Ok((self.services.clone(), vault, identity))
    }

    fn collect_finished(&mut self) -> Result<(), SimulationError> {
        while let Some(done) = self.tasks.try_join_next() {
            self.finish(done??);
        }
        Ok(())
    }

    fn finish(&mut self, done: Done) {
        match done {
            Done::Action { account, connection, failed } => {
                self.accounts.finish(account, connection);
                self.outcome.repeated_attempts += u64::from(failed);
            }
            Done::Run { phase: Phase::Steady, ran } => {
                let milliseconds = u64::try_from(ran.took.as_millis()).unwrap_or(u64::MAX);
                let steady = &mut self.outcome.steady;
                steady.runs += 1;
                steady.milliseconds += milliseconds;
                steady.longest_milliseconds = steady.longest_milliseconds.max(milliseconds);
                steady.most_renewed = steady.most_renewed.max(ran.refreshed);
            }
            Done::Run { phase: Phase::Recovery, ran } => {
                self.outcome.recovery.renewed += ran.refreshed;
                if ran.left == 0 && self.phase == Phase::Recovery {
                    self.recovered(self.services.clock.elapsed());
                }
            }
            Done::Run { .. } => {}
            Done::Recovered { ran } => {
                self.outcome.recovery.renewed += ran.refreshed;
                self.recovered(DAY * self.services.settings.outage_ends() + ran.took);
            }
        }
    }

    /// Nothing was due any more at this time since the start.
    fn recovered(&mut self, at: Duration) {
        let took = at.saturating_sub(DAY * self.services.settings.outage_ends());
        self.outcome.recovery = RecoveryOutcome { seconds: Some(took.as_secs()), ..self.outcome.recovery };
        self.set_phase(Phase::Steady);
    }
}
