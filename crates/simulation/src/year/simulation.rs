//! Hour by hour.

use evertoken_core::vault::AccountStore;
use std::collections::HashMap;

use evertoken_core::events::{Event, EventKind};
use futures_util::{StreamExt, pin_mut};
use serde_json::json;
use time::Duration;

use super::{SimulationError, Year};
use crate::Keeping;
use crate::agenda::{Act, Agenda};
use crate::clock::{Hour, START};
use crate::day::{Day, Mark, News, What};
use crate::life::{Life, Stage, Standing};
use crate::outcome::{Outcome, Survival};
use crate::peers::{self, Attempt};
use crate::plan::{DAY, Happening, Plan};
use crate::world::World;

/// How often the schedule wakes the refresh.
const RUN_EVERY: Hour = 6;

/// When somebody whom the pages could not serve tries again.
const TRY_AGAIN_AFTER: Hour = 6;

/// So often at once, before that.
const TRIES: usize = 3;

/// A year under way.
pub(super) struct Simulation {
    world: World,
    plan: Plan,
    agenda: Agenda,
    lives: Vec<Life>,
    places: HashMap<String, usize>,
    /// Places in the order of connection.
    order: Vec<usize>,
    outcome: Outcome,
    news: Vec<News>,
}

impl Simulation {
    /// Within a runtime whose time is paused.
    pub(super) fn new(year: &Year) -> Result<Self, SimulationError> {
        let plan = Plan::new(year);
        let mut order: Vec<usize> = (0..plan.people.len()).collect();
        order.sort_by_key(|place| plan.people.get(*place).map(|person| person.connects_at));
        Ok(Self {
            world: World::new(year, &plan)?,
            agenda: Agenda::of(&plan),
            lives: plan.people.iter().map(|_| Life::default()).collect(),
            places: plan.people.iter().enumerate().map(|(place, person)| (person.name.clone(), place)).collect(),
            order,
            plan,
            outcome: Outcome {
                version: 1,
                policy: year.keeping,
                seed: year.seed,
                accounts: year.accounts,
                days: year.days,
                faults_percent: year.faults,
                connected: 0,
                left: 0,
                calls: 0,
                calls_failed: 0,
                refreshes: 0,
                failed_attempts: 0,
                failed_runs: 0,
                alerts: 0,
                recoveries: 0,
                dark_days: 0,
                dark_days_for_want_of_a_machine: 0,
                survival: Survival::default(),
            },
            news: Vec::new(),
        })
    }

    /// All of it.
    pub(super) async fn pass(mut self, mut watch: impl FnMut(Day<'_>)) -> Result<Outcome, SimulationError> {
        for day in 0..self.outcome.days {
            for hour in day * DAY..(day + 1) * DAY {
                self.world.clock.reach(hour).await;
                for act in self.agenda.take(hour) {
                    self.act(act, hour).await;
                }
                self.work(hour).await;
                for event in self.world.events.take() {
                    self.hear(event, hour);
                }
            }
            let (working, dark) = self.look((day + 1) * DAY).await?;
            let marks: Vec<Mark> = self.lives.iter().map(|life| life.mark).collect();
            watch(Day {
                number: day + 1,
                date: START.saturating_add(Duration::days(day.into())).date(),
                marks: &marks,
                working,
                dark,
                news: &self.news,
                so_far: &self.outcome,
            });
            self.news.clear();
            for life in &mut self.lives {
                life.mark = if life.stage == Stage::Left { Mark::Left } else { Mark::Absent };
            }
        }
        Ok(self.outcome)
    }

    async fn act(&mut self, act: Act, hour: Hour) {
        match act {
            Act::Connect(place) => self.connect(place, hour).await,
            Act::Befall(place, what) => self.befall(place, what).await,
            Act::Repair(place) => self.repair(place, hour).await,
            Act::OutageBegins => {
                self.world.weather.set_outage(true);
                self.tell(None, What::OutageBegins);
            }
            Act::OutageEnds => {
                self.world.weather.set_outage(false);
                self.tell(None, What::OutageEnds);
            }
            Act::ChangeAppSecret => {
                self.world.change_app_secret_at_meta().await;
                self.tell(None, What::AppSecretChanged);
            }
            Act::ConfigureAppSecret => {
                self.world.credentials.take_new_app_secret();
                self.tell(None, What::AppSecretConfigured);
            }
        }
    }

    fn tell(&mut self, place: Option<usize>, what: What) {
        let person = place.and_then(|place| self.plan.people.get(place));
        self.news.push(News { account: person.map(|person| person.name.clone()), what });
    }

    async fn connect(&mut self, place: usize, hour: Hour) {
        if !self.log_in(place, hour).await {
            self.agenda.enter(hour + TRY_AGAIN_AFTER, Act::Connect(place));
            return;
        }
        if let Some(life) = self.lives.get_mut(place) {
            life.stage = Stage::Connected;
            life.mark(Mark::Connected);
        }
        self.outcome.connected += 1;
    }

    /// Through the real pages, by the link that came with the news or by a fresh invite.
    async fn log_in(&self, place: usize, hour: Hour) -> bool {
        let (Some(person), Some(life)) = (self.plan.people.get(place), self.lives.get(place)) else { return false };
        for _ in 0..TRIES {
            let link = match life.link_at(hour) {
                Some(link) => Some(link),
                None => self.world.invite(&person.name).await,
            };
            if let Some(link) = link
                && self.world.web.log_in(&link, &person.name).await
            {
                return true;
            }
        }
        false
    }

    async fn befall(&mut self, place: usize, what: Happening) {
        let (Some(person), Some(life)) = (self.plan.people.get(place), self.lives.get_mut(place)) else { return };
        if life.stage != Stage::Connected {
            return;
        }
        life.needed_owner |= what != Happening::Leaves;
        let news = match what {
            Happening::PasswordChanged => {
                self.world.change_account(&person.name, json!({ "password_changed": true })).await;
                What::PasswordChanged
            }
            Happening::Checkpoint => {
                self.world.change_account(&person.name, json!({ "checkpointed": true })).await;
                What::Checkpoint
            }
            Happening::Leaves => {
                life.stage = Stage::Left;
                life.mark(Mark::Left);
                self.outcome.left += 1;
                self.world.leave(&person.name).await;
                What::AppRemoved
            }
        };
        self.tell(Some(place), news);
    }

    /// The owner does what is needed: clears the checkpoint, or logs in again.
    async fn repair(&mut self, place: usize, hour: Hour) {
        let planned = self.lives.get(place).filter(|life| life.stage == Stage::Connected);
        // Only the soonest of all that were planned.
        if planned.and_then(|life| life.repair_at) != Some(hour) {
            return;
        }
        let standing = self.standing(place).await;
        if standing == Standing::Checkpointed {
            if let Some(person) = self.plan.people.get(place) {
                self.world.change_account(&person.name, json!({ "checkpointed": false })).await;
            }
        } else if standing != Standing::Works && !self.log_in(place, hour).await {
            let again = hour + TRY_AGAIN_AFTER;
            if let Some(life) = self.lives.get_mut(place) {
                life.repair_at = Some(again);
            }
            self.agenda.enter(again, Act::Repair(place));
            return;
        }
        if let Some(life) = self.lives.get_mut(place) {
            (life.repair_at, life.link) = (None, None);
        }
    }

    async fn standing(&self, place: usize) -> Standing {
        let name = self.plan.people.get(place).and_then(|person| person.name.parse().ok());
        let Some(name) = name else { return Standing::Lost };
        match self.world.vault.get(&name).await {
            Ok(Some(account)) => {
                Standing::of(self.world.sandbox.check_token(account.document.access_token.expose()))
            }
            _ => Standing::Lost,
        }
    }

    /// Who renews does so.
    async fn work(&mut self, hour: Hour) {
        let attempts = if self.outcome.policy == Keeping::Evertoken {
            if !hour.is_multiple_of(RUN_EVERY) {
                return;
            }
            let run = self.world.refresh().await;
            self.outcome.failed_runs += u64::from(run.is_err());
            let failures = run.map(|report| report.failures).unwrap_or_default();
            // What went well is told by events.
            failures.into_iter().map(|failure| Attempt { name: failure.name, renewed: false }).collect()
        } else {
            let connected = self
                .order
                .iter()
                .filter(|place| self.lives.get(**place).is_some_and(|life| life.stage == Stage::Connected));
            let people: Vec<_> = connected.filter_map(|place| self.plan.people.get(*place)).collect();
            peers::work(&self.world, self.outcome.policy, hour, &people).await
        };
        for Attempt { name, renewed } in attempts {
            self.outcome.refreshes += u64::from(renewed);
            self.outcome.failed_attempts += u64::from(!renewed);
            let life = self.places.get(&name).and_then(|place| self.lives.get_mut(*place));
            if let Some(life) = life {
                life.mark(if renewed { Mark::Refreshed } else { Mark::Failed });
            }
        }
    }

    /// What the service tells.
    fn hear(&mut self, event: Event, hour: Hour) {
        let Some(place) = self.places.get(&event.name).copied() else { return };
        let (Some(life), Some(person)) = (self.lives.get_mut(place), self.plan.people.get(place)) else { return };
        match event.kind {
            EventKind::TokenRefreshed => {
                self.outcome.refreshes += 1;
                life.mark(Mark::Refreshed);
            }
            EventKind::OwnerActionNeeded | EventKind::LoginRequired => {
                self.outcome.alerts += 1;
                life.mark(Mark::Alerted);
                life.link = event.reconnect_url.and_then(|url| url.parse().ok()).map(|url| (hour, url));
                if life.stage == Stage::Connected
                    && let Some(acts_at) = life.hears(hour, true, person)
                {
                    self.agenda.enter(acts_at, Act::Repair(place));
                }
                let login = event.kind == EventKind::LoginRequired;
                self.tell(Some(place), if login { What::LoginRequired } else { What::OwnerActionNeeded });
            }
            EventKind::AccountRecovered | EventKind::AccountReconnected => {
                self.outcome.recoveries += 1;
                life.mark(Mark::Recovered);
                let again = event.kind == EventKind::AccountReconnected;
                self.tell(Some(place), if again { What::Reconnected } else { What::Recovered });
            }
            // Connected and left are told by those who do it; a failure stands in the run's report.
            _ => {}
        }
    }

    /// How Instagram stands to what is truly stored; none where nothing is.
    async fn standings(&self) -> Result<Vec<Option<Standing>>, SimulationError> {
        let mut standings: Vec<Option<Standing>> = vec![None; self.lives.len()];
        let pages = self.world.vault.list();
        pin_mut!(pages);
        while let Some(page) = pages.next().await {
            for account in page?.accounts {
                let checked = self.world.sandbox.check_token(account.document.access_token.expose());
                let place = self.places.get(account.document.name.as_str());
                if let Some(standing) = place.and_then(|place| standings.get_mut(*place)) {
                    *standing = Some(Standing::of(checked));
                }
            }
        }
        Ok(standings)
    }

    /// Holds the vault against Instagram, at a day's end. How many tokens work, and how many do not.
    async fn look(&mut self, hour: Hour) -> Result<(u32, u32), SimulationError> {
        let standings = self.standings().await?;
        let (mut working, mut dark) = (0, 0);
        for (place, standing) in standings.into_iter().enumerate() {
            let is_ours = self.lives.get(place).is_some_and(|life| life.stage == Stage::Connected);
            match standing.unwrap_or(Standing::Lost) {
                _ if !is_ours => {}
                Standing::Works => {
                    working += 1;
                    if let Some(life) = self.lives.get_mut(place) {
                        life.dark = false;
                        life.mark(Mark::Well);
                    }
                }
                standing => {
                    dark += 1;
                    self.darken(place, standing, hour);
                }
            }
        }
        self.sum_up(working);
        Ok((working, dark))
    }

    fn darken(&mut self, place: usize, standing: Standing, hour: Hour) {
        let (Some(life), Some(person)) = (self.lives.get_mut(place), self.plan.people.get(place)) else { return };
        life.mark(Mark::Dark);
        self.outcome.dark_days += 1;
        let begins = !std::mem::replace(&mut life.dark, true);
        // A blank page is noticed some time after it went blank; who was told acts sooner.
        let acts_at = if life.repair_at.is_none() { life.hears(hour, false, person) } else { None };
        if standing == Standing::Lost {
            self.outcome.dark_days_for_want_of_a_machine += 1;
            life.lost = true;
            if begins {
                self.tell(Some(place), What::Lost);
            }
        }
        if let Some(acts_at) = acts_at {
            self.agenda.enter(acts_at, Act::Repair(place));
        }
    }

    fn sum_up(&mut self, working: u32) {
        let count = |is: fn(&&Life) -> bool| u32::try_from(self.lives.iter().filter(is).count()).unwrap_or(u32::MAX);
        let connected = self.outcome.connected;
        let lost = count(|life| life.lost);
        let kept = connected.saturating_sub(lost);
        self.outcome.survival = Survival {
            accounts: connected,
            kept,
            lost,
            percent: if connected == 0 { 100.0 } else { f64::from(kept) * 100.0 / f64::from(connected) },
            needed_owner: count(|life| life.needed_owner),
            owner_helped: count(|life| life.needed_owner && life.stage == Stage::Connected && !life.dark),
            working_at_the_end: working,
        };
        let calls = self.world.weather.calls();
        (self.outcome.calls, self.outcome.calls_failed) = (calls.made, calls.failed);
    }
}
