//! The other ways to keep tokens alive: small jobs over the same provider and the same vault, whose reads
//! never fail here.
//!
//! All store the token that is returned and its real end, and none gives an account up. What they lack is what their
//! names say.

use evertoken_core::account::AccountName;
use evertoken_core::clock::Clock;
use evertoken_core::document::Document;
use evertoken_core::provider::Provider;
use evertoken_core::vault::AccountStore;
use time::Duration;

use crate::Keeping;
use crate::clock::{Hour, START};
use crate::plan::{DAY, Person};
use crate::world::World;

/// One try to renew one account's token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    pub(crate) name: String,
    pub(crate) renewed: bool,
}

/// When a job runs.
const NIGHT: Hour = 3;

/// When people look at pages.
const NOON: Hour = 12;

/// What this way does in this hour. `people` come in the order in which they were connected.
pub(crate) async fn work(world: &World, keeping: Keeping, hour: Hour, people: &[&Person]) -> Vec<Attempt> {
    let (day, time) = (hour / DAY, hour % DAY);
    match keeping {
        Keeping::TwoDaysBeforeTheEnd if time == NIGHT => {
            each(world, people, |document| ends_within(world, document, Duration::days(2))).await
        }
        Keeping::MonthlyCron if time == NIGHT && is_first_of_month(day) => each(world, people, |_| true).await,
        Keeping::WeeklyUntilTheFirstError if time == NIGHT && day.is_multiple_of(7) => {
            until_the_first_error(world, people).await
        }
        Keeping::OnUseOnly if time == NOON => {
            let lookers: Vec<_> = people.iter().copied().filter(|person| looks(person, day)).collect();
            each(world, &lookers, |document| ends_within(world, document, Duration::days(10))).await
        }
        _ => Vec::new(),
    }
}

fn is_first_of_month(day: u32) -> bool {
    START.saturating_add(Duration::days(day.into())).day() == 1
}

fn looks(person: &Person, day: u32) -> bool {
    day >= person.looks_from && (day - person.looks_from).is_multiple_of(person.looks_every)
}

fn ends_within(world: &World, document: &Document, time: Duration) -> bool {
    document.expires_at.is_some_and(|end| end - world.clock.now() <= time)
}

async fn each(world: &World, people: &[&Person], is_due: impl Fn(&Document) -> bool) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for person in people {
        attempts.extend(attempt(world, person, &is_due).await);
    }
    attempts
}

async fn until_the_first_error(world: &World, people: &[&Person]) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for person in people {
        let attempt = attempt(world, person, |_| true).await;
        let failed = attempt.as_ref().is_some_and(|attempt| !attempt.renewed);
        attempts.extend(attempt);
        if failed {
            break;
        }
    }
    attempts
}

/// None: there is no such account, or it is not due.
async fn attempt(world: &World, person: &Person, is_due: impl Fn(&Document) -> bool) -> Option<Attempt> {
    let name: AccountName = person.name.parse().ok()?;
    let attempt = |renewed| Some(Attempt { name: person.name.clone(), renewed });
    // Read without a fault: one look at a database of one's own. A write goes the way that ours go.
    let account = world.vault.get(&name).await.ok()??;
    if !is_due(&account.document) {
        return None;
    }
    let Ok(token) = world.provider.refresh(&account.document.access_token).await else { return attempt(false) };
    let next = account.document.with_token(token, world.clock.now());
    attempt(world.faulty_vault.replace(&account.version, &next).await.is_ok())
}
